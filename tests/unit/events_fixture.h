/* events_fixture - transitions to be told, in memory and in a database, and a reader that a test lets
 * take. */
#ifndef DRIFT_TEST_EVENTS_FIXTURE_H
#define DRIFT_TEST_EVENTS_FIXTURE_H

#include "api/events.h"

/** "2026-11-20T11:00:03Z" */
#define EVENTS_FIXTURE_WALL_MS INT64_C(1795172403000)

/** Transitions with the ids @p from .. @p to of services named after them. Caller unrefs. */
GPtrArray *events_fixture_rows(int64_t from, int64_t to);

/** Tell those. */
void events_fixture_add(struct events *events, int64_t from, int64_t to);

/** What such a transition is told as. Caller frees. */
char *events_fixture_text(int64_t from, int64_t to);

/** A reader, and what became of it. Stays where it is: callbacks have its address. */
struct tap {
	struct events_reader *reader;
	int asleep; /* suspend was called so often */
	int woken;  /* and wake */
	bool is_over;
};

/** Everything it can take now, @p size bytes at a time. Caller frees. */
char *tap_take(struct tap *tap, size_t size);

/** A reader that has taken what every stream begins with. Fails the test when it is refused. */
struct tap *tap_open(struct events *events, struct app *app, int64_t after_id);
void tap_close(struct tap *tap);

#endif
