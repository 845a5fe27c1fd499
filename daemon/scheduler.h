/* scheduler - the thread that owns the engine: runs cycles when they are due or asked for,
 * publishes, answers waiters. */
#ifndef DRIFT_SCHEDULER_H
#define DRIFT_SCHEDULER_H

#include "api/app.h"
#include "base.h"
#include "config/config.h"

struct scheduler;

/**
 * Start the thread (named "scheduler"); it opens the database and publishes the last verdicts before this returns.
 *
 * @param config  a reference is taken.
 * @param error   as engine_create(), or DRIFT_ERROR_IO when no thread can be had.
 */
MUST_CHECK struct scheduler *scheduler_start(struct config *config, GError **error);

/** The server listens: cycles may begin. driftd may be one of its own targets. */
void scheduler_go(struct scheduler *scheduler);

/** What handlers use. Lives as long as the scheduler. */
struct app *scheduler_app(struct scheduler *scheduler);

/** Use @p config (a reference is taken) as soon as no cycle runs. NULL with @p problem: the new
 * file was wrong, which is shown. Any thread. */
void scheduler_reload(struct scheduler *scheduler, struct config *config, const char *problem);

/** End the running cycle without a trace, answer all waiters, join. Any thread but its own. */
void scheduler_stop(struct scheduler *scheduler);

/** After the server has stopped. NULL is fine. */
void scheduler_free(struct scheduler *scheduler);

#endif
