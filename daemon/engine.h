/* engine - everything a cycle needs: configuration, store, HTTP client, sources, git workers, and
 * what is known of each target. Runs one cycle at a time without ever blocking: whoever owns it
 * polls. One thread, which is the scheduler's, or the command line's for a single check. DESIGN 3.
 */
#ifndef DRIFT_ENGINE_H
#define DRIFT_ENGINE_H

#include "api/snapshot.h"
#include "base.h"
#include "config/config.h"

struct alerting;
struct engine;
struct http_client;

/** A cycle that ended. */
struct cycle_end {
	int64_t id;
	const char *trigger;       /* borrowed */
	struct snapshot *snapshot; /* what it found; borrowed, published already */
	const char *summary;       /* JSON of POST /check; borrowed */
	bool committed;            /* its transaction is in the database */
	const char *commit_error;  /* why not; NULL */
	bool cancelled; /* engine_cancel(): nothing was written, snapshot and summary are NULL */
	const GPtrArray
		*transitions; /* struct store_transition *: committed; borrowed; NULL: none */
	const GPtrArray *failed_pushes; /* char *: hook deliveries that came to nothing; borrowed */
};

typedef void (*engine_end_fn)(void *data, const struct cycle_end *end);
typedef void (*engine_publish_fn)(void *data, struct snapshot *snapshot);

/** What the engine tells its owner; called from engine_poll(), engine_cancel() and
 * engine_publish(). */
struct engine_hooks {
	void (*begin)(void *data, int64_t id, const char *trigger); /* before anything of a cycle */
	/* now and then while a cycle runs: so much of it is done. NULL: not wanted */
	void (*progress)(void *data, int64_t done, int64_t total);
	engine_publish_fn publish; /* takes the reference */
	engine_end_fn end;         /* after publish */
	bool muted;                /* no incidents, no messages: for a check by itself */
	void *data;
};

/**
 * Open the database in the (locked) state directory of @p config, start the git workers, take up
 * the last verdicts.
 *
 * @param config  a reference is taken.
 * @param error   as store_open(), or DRIFT_ERROR_IO, UNAVAILABLE.
 */
MUST_CHECK struct engine *engine_create(struct config *config, const struct engine_hooks *hooks,
					GError **error);

/** Incidents and the outbox; NULL when muted. Borrowed. */
struct alerting *engine_alerting(struct engine *engine);

/** Borrowed. */
struct http_client *engine_http(struct engine *engine);

/** The next cycle fetches @p repo for this push. @p delivery may be NULL. */
void engine_add_push(struct engine *engine, const char *repo, const char *delivery);

/** Hook deliveries that earlier processes took: char *. NULL: they could not be read, which is
 * logged. Caller unrefs. */
GPtrArray *engine_load_pushes(struct engine *engine);

/** Do cycles begin when they are due, and end? */
bool engine_is_well(const struct engine *engine);

/** Flushes times, stops workers, closes the store. No cycle may run (engine_cancel() first).
 * Messages under way get a moment to arrive. NULL is fine. */
void engine_free(struct engine *engine);

/** Wakes engine_poll(). Any thread. */
void engine_wake(struct engine *engine);

/** Make a snapshot of what is known now and publish it. */
void engine_publish(struct engine *engine);

/** What takes part in a cycle. */
enum cycle_scope {
	CYCLE_SCOPE_DUE = 0, /* what is due by its own every */
	CYCLE_SCOPE_EVERYTHING, /* all repositories and targets, but billed looks only where they are due */
	CYCLE_SCOPE_FORCED, /* those too */
};

/** Begin a cycle. None may be running. */
void engine_start_cycle(struct engine *engine, const char *trigger, enum cycle_scope scope);

bool engine_is_running(const struct engine *engine);

/** Id, start and trigger of the running cycle, or of the next one when none runs. @p ret_trigger is
 * borrowed. */
int64_t engine_cycle_id(const struct engine *engine, int64_t *ret_started_wall_ms,
			const char **ret_trigger);

/** Id of the newest transition that was told, or was there at the start; 0: none. */
int64_t engine_last_event_id(const struct engine *engine);

/** Id the next cycle to start will have. */
int64_t engine_next_cycle_id(const struct engine *engine);

/** Wait at most @p timeout_ms for transfers, git workers or a wake-up, and carry the cycle on. */
void engine_poll(struct engine *engine, int64_t timeout_ms);

/** When something is due (a cycle, an expiry to publish, upkeep): monotonic milliseconds. */
int64_t engine_due_mono_ms(const struct engine *engine);

/** Flush times, prune, checkpoint: what is due of it. No cycle may run. */
void engine_run_upkeep(struct engine *engine);

/** Do what is due: start a cycle, publish expiries. */
void engine_run_due(struct engine *engine);

/** Give up the running cycle: nothing of it is written. */
void engine_cancel(struct engine *engine);

/** Use @p config (a reference is taken) from now on; targets that stay keep verdict and history. No
 * cycle may run. On failure the old one stays in use. */
MUST_CHECK bool engine_set_config(struct engine *engine, struct config *config, GError **error);

/** Shown in /status until the next good reload; NULL clears it. */
void engine_set_config_error(struct engine *engine, const char *message);

/** The configuration in use. Borrowed. */
struct config *engine_config(const struct engine *engine);

/** How many requests wait, for the snapshot's metrics. */
void engine_set_waiters(struct engine *engine, int64_t waiters);

#endif
