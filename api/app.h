/* app - what HTTP handlers may touch of the running daemon: the current snapshot, history readers,
 * and the scheduler's queue. Any thread unless said otherwise. The daemon creates it; the scheduler
 * publishes into it; the server reads from it. */
#ifndef DRIFT_APP_H
#define DRIFT_APP_H

#include "base.h"
#include "api/snapshot.h"
#include "oidc/oidc.h"
#include "store/store.h"

struct app;
struct events;

/** A request that waits for a cycle. Made by a handler; completed exactly once by the scheduler or
 * by app_stop_waiters(). */
struct waiter {
	int64_t arrived_mono_ms;
	int64_t deadline_mono_ms; /* answered with 202 and Location at this time, the cycle goes on
				   */
	bool force;               /* billed queries too */
	/** Called once: the cycle's id, its summary JSON (borrowed), or when @p summary is NULL the
	 * cycle still runs (deadline), or with @p error (borrowed) driftd failed. Called on the
	 * scheduler's thread (or the one that stops it). Must resume the connection. */
	void (*complete)(void *data, int64_t check_id, const char *summary, enum state overall,
			 const char *error);
	void *data;
};

/** What a request wants changed: done by the scheduler, in the order of arrival, between cycles and
 * while one runs. */
enum app_command_kind {
	APP_COMMAND_NONE = 0,
	APP_COMMAND_ACKNOWLEDGE, /* id, who, why */
	APP_COMMAND_FALSE_ALARM, /* id, on */
	APP_COMMAND_SILENCE,     /* matcher, until_wall_ms, who, why */
	APP_COMMAND_END_SILENCE, /* id */
	APP_COMMAND_PUSH, /* repo, delivery: answered when it is queued, not when the cycle is over */
	/* an OIDC key id is not known: answered when keys were fetched, or cannot be now */
	APP_COMMAND_KEYS,
};

struct app_command {
	enum app_command_kind kind;
	int64_t id;
	bool on;
	int64_t until_wall_ms;
	char *who, *why, *matcher; /* owned; who and why may be NULL where not named above */
	char *repo, *delivery;     /* owned; delivery NULL: the sender gave none */
	/* answered with DRIFT_ERROR_TIMEOUT at this time when it could not be done */
	int64_t deadline_mono_ms;
	/** Never NULL. Called once, on the scheduler's thread (or the one that stops it), before
	 * the command is freed by whoever called it. @p id: of what was made or changed; @p error
	 * borrowed, NULL: done. Must resume the connection, where one waits. */
	void (*complete)(void *data, int64_t id, const GError *error);
	void *data;
};
struct app_command *app_command_create(enum app_command_kind kind);
/** NULL is fine. */
void app_command_free(struct app_command *command);

/** Handler: hand @p command over; taken on success. BUSY: too many wait, or driftd stops. Counts
 * among APP_WAITERS_MAX. */
MUST_CHECK bool app_send_command(struct app *app, struct app_command *command, GError **error);

/** Handler: the same for APP_COMMAND_PUSH. @p ret_check_id: the id of the cycle it leads to, which
 * /checks knows from now on. */
MUST_CHECK bool app_send_push(struct app *app, struct app_command *command, int64_t *ret_check_id,
			      GError **error);

/** Most requests that wait at once (DESIGN 3): more are refused with 503. */
#define APP_WAITERS_MAX 2048

/** @p database_path: for the two history readers, opened on first use. @p wake makes the scheduler
 * look at its queue. */
struct app *app_create(const char *database_path, void (*wake)(void *data), void *data);
void app_free(struct app *app);

/** Scheduler: replace the current snapshot (takes the reference). */
void app_publish(struct app *app, struct snapshot *snapshot);

/** When app_create() was called: the start of this process, for metrics. */
int64_t app_started_wall_ms(const struct app *app);

/** The current snapshot, rendered anew when it is more than SNAPSHOT_LATE_MS past its validity.
 * NULL before the first. Caller unrefs. */
struct snapshot *app_snapshot(struct app *app);

/** Handler: ask for a cycle without waiting. @p ret_check_id: the id that cycle will have. BUSY
 * when driftd stops. */
MUST_CHECK bool app_request_check(struct app *app, bool force, int64_t *ret_check_id,
				  GError **error);

/** Handler: wait for a cycle that starts after now. Takes @p waiter on success. BUSY: too many
 * wait, or driftd stops. */
MUST_CHECK bool app_wait_check(struct app *app, struct waiter *waiter, GError **error);

/** Scheduler: take all that was asked since the last call. Waiters (struct waiter *) are the
 * caller's to complete and free. */
struct app_requests {
	GPtrArray *waiters;  /* struct waiter * */
	GPtrArray *commands; /* struct app_command *, in order; NULL: none */
	bool check;          /* at least one asked for a cycle */
	bool force;
};
void app_take_requests(struct app *app, struct app_requests *ret_requests);

/** Scheduler: the id a cycle asked for now will get; and the one that runs (0: none). Kept for
 * app_request_check() and /checks. */
void app_set_cycle(struct app *app, int64_t next_id, int64_t running_id,
		   int64_t running_started_wall_ms, const char *running_trigger);
/** Handler: is @p id running or queued (then @p ret_status has neither trigger nor start)? Fills @p
 * ret_status (trigger is a copy, caller frees). */
bool app_get_running(struct app *app, int64_t id, struct check_status *ret_status);

/** Scheduler: how far the running check is; part of check_status, and told to readers of events. */
void app_set_progress(struct app *app, int64_t done, int64_t total);

/** What /events tells. Borrowed; any thread. */
struct events *app_events(struct app *app);

/** Scheduler: the check @p id ran, and could not be written to the database. */
void app_note_uncommitted(struct app *app, int64_t id, const char *error);
/** Handler: why the check @p id, which is in no database, is not; NULL: nothing is known of it. Caller frees. */
char *app_get_uncommitted(struct app *app, int64_t id);

/** From now on nothing is accepted; waiters and commands still in the queue are completed with
 * @p error (commands: DRIFT_ERROR_CANCELLED). */
void app_stop(struct app *app, const char *error);

/** OIDC keys in force; NULL: none. Caller unrefs. */
struct oidc_keys *app_oidc_keys(struct app *app);
/** Scheduler: replace them; a reference is taken; NULL: none. */
void app_set_oidc_keys(struct app *app, struct oidc_keys *keys);

/** Hook deliveries that led, or are about to lead, to a cycle: at most APP_PUSHES_MAX are remembered. */
#define APP_PUSHES_MAX 10000
/** Handler: is this delivery new? Then it is remembered from now on. */
bool app_begin_push(struct app *app, const char *delivery);
/** Scheduler: it came to nothing (the fetch failed): the sender may send it again. */
void app_forget_push(struct app *app, const char *delivery);
/** Scheduler, at start: @p deliveries (char *) were done by an earlier process. */
void app_load_pushes(struct app *app, const GPtrArray *deliveries);

/** Things that are counted as they are answered, for /metrics. */
enum app_count {
	APP_COUNT_NONE = 0,
	APP_COUNT_AUTH_MISSING, /* a credential was needed and none came */
	APP_COUNT_AUTH_TOKEN,   /* wrong static token */
	APP_COUNT_AUTH_OIDC,    /* an OIDC token was refused */
	APP_COUNT_AUTH_HOOK,    /* a hook's signature or token was wrong */
	APP_COUNT_AUTH_LINK,    /* an acknowledge link was wrong or expired */
	APP_COUNT_PUSH_ACCEPTED,
	APP_COUNT_PUSH_IGNORED,
	APP_COUNT_COUNT,
};
void app_count(struct app *app, enum app_count what);
int64_t app_get_count(struct app *app, enum app_count what);

/** How many wait (queue and scheduler together). The scheduler reports completed ones. */
int64_t app_waiters(struct app *app);
void app_waiter_done(struct app *app);

/** A history reader, at most two in use at once: waits up to 2 s for one. Give it back. BUSY, IO.
 */
MUST_CHECK struct store_reader *app_reader_take(struct app *app, GError **error);
void app_reader_give(struct app *app, struct store_reader *reader);

#endif
