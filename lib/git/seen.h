/* seen - when commits of the head's line arrived: the seen_at of the first stored head that
 * contains them. DESIGN 6. One thread. */
#ifndef DRIFT_GIT_SEEN_H
#define DRIFT_GIT_SEEN_H

#include "base.h"
#include "git/answer.h"
#include "git/graph.h"

struct seen;

/**
 * Look up the stored heads.
 *
 * @param heads  struct git_seen_head *, oldest first; NULL: none. Those that are not here (forced
 * away) say nothing.
 * @param now    the head of now, stored or not, and when it was seen.
 * @return caller frees.
 */
struct seen *seen_create(struct graph *graph, const GPtrArray *heads,
			 const struct git_seen_head *now);
void seen_free(struct seen *seen);

/**
 * When the commit at @p position was seen first.
 *
 * @param ret_is_stored  false: it is the committer time, because the very first stored head has it
 * already (then at most that head's time).
 */
int64_t seen_first(const struct seen *seen, int32_t position, bool *ret_is_stored);

#endif
