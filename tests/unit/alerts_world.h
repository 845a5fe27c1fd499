/* alerts_world - a database with incidents, silences and messages, and an app that reads it: for
 * tests of the routes about them. */
#ifndef DRIFT_TEST_ALERTS_WORLD_H
#define DRIFT_TEST_ALERTS_WORLD_H

#include "api_fixture.h"

/** Incidents are 1..ALERTS_INCIDENTS: 1 resolved, 2 acknowledged, 3 withdrawn, 4 a false alarm that
 * is over, 5 open; of service/web, the open one of service/worker. */
#define ALERTS_INCIDENTS 5
#define ALERTS_SILENCES 3      /* 1 ended by hand, 2 past, 3 in force */
#define ALERTS_NOTIFICATIONS 3 /* 1 sent, 2 failed, 3 waiting */

struct alerts_world {
	char *directory;
	struct app *app;
	struct auth_rules *rules;
	struct config *config;
};

/** @p auth: lines of [auth]; NULL: none. The clock stands at FIXTURE_NOW. */
void alerts_world_start(struct alerts_world *world, const char *auth);
void alerts_world_stop(struct alerts_world *world);

/** A check that began then. */
void alerts_world_add_check(const struct alerts_world *world, int64_t started_wall_ms);

/** Free with response_done(). */
struct response alerts_world_get(const struct alerts_world *world, const char *target);

/** The one command that the queue has; caller frees. Counts as done. */
struct app_command *alerts_world_take_command(const struct alerts_world *world);

/** A hostile text: HTML, a control sequence, quotes. */
extern const char alerts_world_hostile[];

#endif
