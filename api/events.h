/* events - what GET /events tells: a bounded memory of the newest events, and the readers that
 * follow it. The scheduler adds; any thread reads. A reader holds a place, never a queue: one that is
 * overtaken by the memory's end is dropped, comes back with Last-Event-ID and reads what it missed
 * from the database. DESIGN 9; WHATWG HTML 9.2 (server-sent events). */
#ifndef DRIFT_EVENTS_H
#define DRIFT_EVENTS_H

#include "base.h"
#include "store/store.h"

struct app;
struct events;
struct events_reader;
struct tally;

/** Most readers at once: more are refused with 503. Below APP_WAITERS_MAX, among which they count,
 * so that they never keep a check from being asked for. */
#define EVENTS_READERS_MAX 1536

/** What is kept for readers that have not taken it yet: one that is further behind is dropped. Room
 * for every target of a large configuration changing at once. */
#define EVENTS_KEPT_MAX 16384
#define EVENTS_KEPT_MAX_BYTES ((size_t)8 * 1024 * 1024)

/** Of what all have taken the newest are kept, for those who come back a moment later. */
#define EVENTS_SPARE 512

/** A comment is sent to all this often, by the scheduler: where none comes, it does not run. */
#define EVENTS_BEAT_MS (15 * MS_PER_S)

/** Browsers come back after so long. */
#define EVENTS_RETRY_MS (3 * MS_PER_S)

/** A reader that has taken nothing for so long, although there was something, and goes, was too
 * slow: the server closed it. */
#define EVENTS_STUCK_MS (10 * MS_PER_S)

/** @p last_id: of the newest transition in the database; 0: none. */
struct events *events_create(int64_t last_id);
/** No reader may be left. NULL is fine. */
void events_free(struct events *events);

/** Scheduler: the newest transition in the database at start. */
void events_set_last_id(struct events *events, int64_t last_id);

/** Scheduler: @p transitions (struct store_transition *, with ids, ascending) were committed. */
void events_add_transitions(struct events *events, const GPtrArray *transitions);

/** Scheduler: another snapshot. Told when @p fact differs from the one before; remembered for readers
 * that come later. @p data: JSON of one line, as /events tells it. */
void events_set_snapshot(struct events *events, const char *fact, const char *data);

/** Scheduler: where the running check is, or that it is over. Of progress only the newest is told to
 * a reader that has not taken it yet; who comes later hears the newest of all. */
void events_set_check(struct events *events, int64_t id, const char *trigger, bool is_running,
		      int64_t done, int64_t total);

/** Scheduler: send a comment, if it is time for one. */
void events_beat(struct events *events, int64_t now_mono_ms);
/** When the next comment is due; INT64_MAX: nobody reads. */
int64_t events_due_mono_ms(struct events *events);

/** Who may read has changed: all that read now end, and are judged anew when they come back. Any
 * thread. */
void events_end_readers(struct events *events);

/** Nothing is added any more; readers end when they have read what is there. */
void events_stop(struct events *events);

struct events_stats {
	int64_t readers;       /* now */
	int64_t dropped_total; /* were overtaken, or took nothing for too long */
};
struct events_stats events_get_stats(struct events *events);

/**
 * Follow, from behind the transition @p after_id; -1: from now on. What is older than the memory is
 * read from @p app's database, a page at a time.
 *
 * @param error  DRIFT_ERROR_BUSY: too many read, or driftd stops.
 */
MUST_CHECK struct events_reader *events_reader_create(struct events *events, struct app *app,
						      int64_t after_id, GError **error);
/** NULL is fine. */
void events_reader_free(struct events_reader *reader);

typedef void (*events_callback)(void *data);
/**
 * Up to @p size (at least 1) bytes for the reader into @p buffer. One thread at a time, and none
 * between suspend and wake.
 *
 * @param suspend  called, under the memory's lock, when there is nothing: before anything is added, so
 *                 that no wake is lost. @p wake is then called once, by the thread that adds or stops,
 *                 when there is; until then the reader must not be freed.
 * @return bytes; 0: nothing now (suspend was called); -1: it is over (dropped, or driftd stops).
 */
ssize_t events_reader_take(struct events_reader *reader, char *buffer, size_t size,
			   events_callback suspend, events_callback wake, void *data);

#endif
