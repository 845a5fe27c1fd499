/* book_world - a small configuration, its targets and a clock under the test's control, driven by a
 * script, and what the book makes of it as a line of text. */
#ifndef DRIFT_TEST_BOOK_WORLD_H
#define DRIFT_TEST_BOOK_WORLD_H

#include "alert/book.h"

/** 2026-11-20T11:00:00Z, a Friday: when every script begins. */
#define BOOK_WORLD_NOW_MS INT64_C(1795172400000)

struct book_world {
	struct config config;
	GPtrArray *targets;   /* struct config_service *; in config too */
	GHashTable *subjects; /* id -> struct book_subject * */
	GPtrArray *order;     /* the same, in order */
	struct book *book;
	int64_t now_wall_ms;
	GString *said;           /* the transcript */
	GPtrArray *messages;     /* struct book_message * of the last round */
	GHashTable *stored;      /* id -> struct incident *: as a database would have them */
	GPtrArray *silences;     /* struct silence *: the same */
	GHashTable *digests;     /* the same */
	bool own_channels;       /* slack/x was replaced */
	guint incidents_written; /* of the last round */
	bool lose;               /* the next round is planned and lost: the disk is full */
};

struct book_world *book_world_create(void);
void book_world_free(struct book_world *world);

/**
 * Runs @p script: steps separated by ';'. Targets are services by one word ("a" is service/a), "@"
 * is the repository repo/main.
 *
 * channel KIND/NAME [ROUTE ...]   the first replaces slack/x, which takes everything
 * target NAME [PRIORITY [OWNER]]  before the first round, or a reload: also changes one that is there
 * depends NAME ID ...             ID as in a configuration
 * escalate NAME COMMITS AGE       0 and 0s: never
 * window NAME DURATION MATCHER CRON ...
 * remind CHANNEL DURATION         digest CHANNEL CRON ...      when-ok CHANNEL
 * drop CHANNEL                    it is configured no longer
 * NAME STATE [CODE ...]           ok pending unknown drift paused gone unseen; blind: unknown for an hour; blind DURATION
 * commits NAME COUNT AGE          undeployed
 * + DURATION, - DURATION          the clock      at TIME: RFC 3339
 * !                               a round with a look   ?: what the clock brings
 * ack ID WHO [DURATION]           expires; 24h      silence MATCHER DURATION      unsilence ID    restart      lose
 * due                             says after how many seconds something is due, or never
 * held ID                         says who holds it       status ID        version ID     written
 */
void book_world_run(struct book_world *world, const char *script);

/** The same in a new world; what was said: rounds as "CHANNEL:KIND(target),… CHANNEL:…" or "-",
 * separated by " | ". Kinds: F firing, F* again, W worse, R reminder, C closing, D digest. Caller
 * frees. */
char *book_world_said(const char *script);

/** The newest incident of @p target in the database. */
const struct incident *book_world_incident(const struct book_world *world, const char *target);

/** A verdict as the script makes them. Caller unrefs. */
struct verdict *book_world_verdict(const char *id, enum state state, const char *const *codes,
				   int64_t since_wall_ms);

/** Rows of a table of scripts. */
struct book_row {
	const char *name, *script, *want;
};
/** Fails with name and both texts when they differ. */
void book_row_check(const struct book_row *row);

#endif
