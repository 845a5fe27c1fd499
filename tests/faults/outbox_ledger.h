/* outbox_ledger - what a script of transitions must have led to: the messages that arrived, and the
 * database after every kill. Fails the test when something is lost, out of order, told twice
 * without a reason, or an id is used twice. */
#ifndef TESTS_OUTBOX_LEDGER_H
#define TESTS_OUTBOX_LEDGER_H

#include "tests/faults/wal_steps.h"
#include "tests/integration/harness.h"

/** The webhook receiver that is told everything beside Slack's "team": its messages carry ids. */
#define LEDGER_RECEIVER "ops"

struct ledger {
	const struct world *world; /* borrowed */
	GPtrArray *script; /* char *: "firing service/a", in the order in which they happened */
	GArray *kills;     /* int64_t: when, wall */
	GHashTable *rows;  /* char * "incidents 7" -> char *: what the database said of it once */
	int64_t incidents, notifications; /* the largest ids that were given so far */
	/* how often the last transition was not in the database, was there with its messages
	 * waiting, had all of them sent */
	guint unwritten, untold, told;
	struct wal_place place; /* of the transactions that were looked at */
	int steps;              /* so many */
};

struct ledger *ledger_create(const struct world *world);
void ledger_free(struct ledger *ledger);

/** A transition that happens next; @p kind: "firing" or "closing". */
void ledger_add_transition(struct ledger *ledger, const char *kind, const char *target);
/** driftd was killed at @p at_ms. */
void ledger_add_kill(struct ledger *ledger, int64_t at_ms);

/** Look into a copy of the database, while no driftd runs: it is whole, nothing that it once held
 * has changed or gone, and each of its transactions had written transitions and their messages
 * together. */
void ledger_check_database(struct ledger *ledger);

/** Everything is delivered: compare both channels and the database with the script. Returns how
 * many messages came twice. */
int64_t ledger_check_messages(struct ledger *ledger);

#endif
