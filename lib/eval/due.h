/* due - which instants of a schedule are owed, and which have been met. DESIGN 7; LESSONS L22 and L23. Pure: any
 * thread.
 *
 * What meets an instant is carried from verdict to verdict, in the detail: which load was for which instant cannot be
 * told from the newest load alone. */
#ifndef DRIFT_EVAL_DUE_H
#define DRIFT_EVAL_DUE_H

#include "eval/verdict.h"

struct due {
	const struct schedule
		*schedule; /* NULL: nothing is ever due at an instant; the rest is 0 then */
	int64_t grace_ms;
	int64_t newest_wall_ms; /* newest due instant; 0: none yet */
	int64_t judged_wall_ms; /* newest one whose grace is over; 0: none yet */
	int64_t next_wall_ms;   /* first one after now; 0: none */
	bool carried;           /* met and met_by come from an earlier look */
	int64_t looked_wall_ms; /* that look; 0: none */
	int64_t met_wall_ms;    /* newest instant met; 0: none */
	int64_t met_by_wall_ms; /* the load that met it, or came since; 0: none */
	int64_t waived_wall_ms; /* newest instant that was not due after all: active-when was false; 0: none */
};

/** @p before is the verdict before this one; NULL: none. */
struct due due_make(const struct schedule *schedule, int64_t grace_ms, const struct verdict *before,
		    int64_t now_wall_ms);

/**
 * Count the load at @p load_wall_ms (0: none).
 *
 * @param by_other_means  it was told by another method than usual: what it meets then counts for now and is not
 *                        carried.
 */
void due_count_load(struct due *due, int64_t load_wall_ms, bool by_other_means);

/** active-when was false at @p looked_wall_ms: instants whose grace had ended by then were not due. */
void due_waive(struct due *due, int64_t looked_wall_ms);

/** Newest instant that is met, or was not due. 0: none. */
int64_t due_settled(const struct due *due);

/** The oldest instant that is owed and late beyond its grace; 0: none. */
int64_t due_overdue(const struct due *due);

/** "2026-11-20 06:00 America/New_York". Caller frees. */
char *due_text(int64_t wall_ms, const char *zone);

/** A time that the detail of @p before has under @p name; 0: none. @p ret_there: it is there, maybe as null; may be
 * NULL. */
int64_t due_carried_time(const struct verdict *before, const char *name, bool *ret_there);

#endif
