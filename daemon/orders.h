/* orders - what requests want changed: acknowledgements, silences, pushes, and the keys of OIDC
 * tokens. Taken from the queue of the app, done on the scheduler's thread, answered when it is
 * written. DESIGN 3, 9, 11. */
#ifndef DRIFT_ORDERS_H
#define DRIFT_ORDERS_H

#include "api/app.h"
#include "base.h"
#include "daemon/engine.h"

struct orders;

/** Both are borrowed. What earlier processes did with pushes is told to @p app. */
struct orders *orders_create(struct engine *engine, struct app *app);
/** Answers who still waits. NULL is fine. */
void orders_free(struct orders *orders);

/** The engine has another configuration. */
void orders_take_config(struct orders *orders);

/** Do @p commands (struct app_command *, taken; NULL: none). */
void orders_take(struct orders *orders, GPtrArray *commands);

/** Has a push been accepted since the last call? Then a cycle is wanted. */
bool orders_take_push(struct orders *orders);

/** What the clock brings: keys to fetch, waits that end. */
void orders_run(struct orders *orders);
int64_t orders_due_mono_ms(const struct orders *orders);

#endif
