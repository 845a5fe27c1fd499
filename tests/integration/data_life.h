/* data_life - what the parts of the suite about the life of data verdicts share: a table with evidence to give, and a document
 * that it speaks for. See test_data_life.c. */
#ifndef TESTS_DATA_LIFE_H
#define TESTS_DATA_LIFE_H

#include "tests/integration/tables_lab.h"

/** The world of the running test. */
struct life {
	struct world *world;
	GString *config;
};

void life_open(struct life *life);
void life_close(struct life *life);

/** Table "orders" of acme-prod.shop, with these lines; it was loaded at @p loaded. */
void life_add_orders(struct life *life, const char *loaded, const char *lines);

/** Completion @p name of document n/NAME: keys orders, for which the table speaks, and stock, for which none does. */
void life_add_completion(struct life *life, const char *name, const char *lines);
/** Write that document: what its keys are. */
void life_put_document(const struct life *life, const char *name, const char *orders,
		       const char *stock);

/** Wait until the target is in @p state by itself; fails when it does not happen soon. */
void life_wait_for(const struct life *life, const char *id, const char *state);

/** How many cycles begin in @p ms. */
int64_t life_count_cycles(const struct life *life, int ms);

/** Fails unless the member of the target has that text. */
void life_expect_text(const struct life *life, const char *id, const char *member,
		      const char *text);

/** Set the clock so: "+0" is now, and @p ahead_s seconds later. */
void life_set_ahead(const struct life *life, int64_t ahead_s);

/* data_life_changes.c: reloads, pauses, seasons, definitions */
void life_add_changes(Suite *suite);

#endif
