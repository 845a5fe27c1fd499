/* memory - gives back to the system what start-up and cycles have left behind. Any thread. */
#ifndef DRIFT_MEMORY_H
#define DRIFT_MEMORY_H

/**
 * One heap for all threads: what one frees another can use. Workers and the server allocate little, so the lock is hardly
 * contended; a heap for each kept a tenth more resident at 5,000 services. Before the first thread starts.
 */
void memory_share_heap(void);

/**
 * Let go of the pages of program code that only start-up needed: about a third of what an idle driftd would otherwise keep
 * resident, most of it of libraries that driftd's libraries bring along. What is needed again comes back from the page cache.
 */
void memory_drop_startup_code(void);

/** Let go of free heap pages. After a cycle, when its answers, questions and old verdicts are gone. */
void memory_trim_heap(void);

#endif
