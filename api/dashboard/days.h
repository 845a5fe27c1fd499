/* days - how a target fared, day by day, from its transitions. Any thread; pure but for days_read(). */
#ifndef DRIFT_DAYS_H
#define DRIFT_DAYS_H

#include "base.h"
#include "api/snapshot.h"
#include "eval/verdict.h"
#include "store/store.h"

/** Days of the strip on the overview, and what /history/…/days shows unasked. */
#define DAYS_DEFAULT 90
#define DAYS_MAX 365

/** Most transitions that are read of one target for this; days before the oldest of them are not known. */
#define DAYS_TRANSITIONS_MAX 2000

struct day {
	char date[11];                    /* "2026-11-20" */
	int64_t from_wall_ms, to_wall_ms; /* the day; the last one ends now */
	enum state
		worst; /* STATE_NONE: not known. Paused counts only where there is nothing else */
	int64_t ms[STATE_COUNT]; /* in each state, by enum state; what is not known is in none */
	int64_t transitions;
};

/** What is known of a target: borrowed. */
struct days_facts {
	/* struct store_transition *, newest first; those from before the first day are taken into
	 * account as far as they say what it began with */
	GPtrArray *transitions;
	bool is_cut;           /* there are older ones than these */
	int64_t known_wall_ms; /* older transitions than this may have been pruned; 0: none was */
	enum state state;      /* what holds now; STATE_NONE: not known (configured no longer) */
	int64_t since_wall_ms; /* since when */
};

/** A time through which a target was in one state. */
struct days_span {
	int64_t from_wall_ms, to_wall_ms;
	enum state state; /* STATE_NONE: not known */
	const char
		*reasons; /* JSON array of codes it began with; borrowed of the transition; NULL */
};

/** What was when: struct days_span, without gaps, oldest first, from @p from_wall_ms to
 * @p now_wall_ms. Caller unrefs. */
GArray *days_spans(const struct days_facts *facts, int64_t from_wall_ms, int64_t now_wall_ms);

/**
 * The days themselves, with nothing in them: the same for all targets.
 *
 * @param zone   IANA name that exists: days begin at its midnights, and have 23 or 25 hours when
 *               its clocks change.
 * @param count  1..DAYS_MAX, the last one is that of @p now_wall_ms.
 * @return struct day, oldest first. Caller unrefs.
 */
GArray *days_calendar(const char *zone, int count, int64_t now_wall_ms);

/** The days of a target: @p calendar with what is known of them. Caller unrefs. */
GArray *days_make(const GArray *calendar, const struct days_facts *facts);

/** The same with what the database and @p snapshot (NULL: nothing yet) have of @p target.
 * @p ret_cut (NULL: not wanted): it had too many transitions for all to be looked at. Errors as
 * store_read_days(). Caller unrefs. */
MUST_CHECK GArray *days_read(struct store_reader *reader, const struct snapshot *snapshot,
			     const char *target, const GArray *calendar, bool *ret_cut,
			     GError **error);

/** What days_read() rests on; transitions are to be unreffed by the caller. */
MUST_CHECK bool days_read_facts(struct store_reader *reader, const struct snapshot *snapshot,
				const char *target, int64_t since_wall_ms,
				struct days_facts *ret_facts, GError **error);

#endif
