/* app - see app.h */
#include "api/app.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "api/events.h"
#include "api/pushes.h"
#include "clk.h"
#include "drift_error.h"

/** History readers: two pages are read at once at most (DESIGN 3). */
#define READERS_MAX 2

/** How long a request waits for a reader: as long as one statement may take. */
#define READER_WAIT_MS 2000

struct app {
	char *database_path;
	void (*wake)(void *data);
	void *data;
	int64_t started_wall_ms;
	_Atomic int64_t counts[APP_COUNT_COUNT];
	struct events *events;

	pthread_mutex_t lock; /* guards what follows up to render_lock; never held over I/O */
	struct snapshot *current;
	GPtrArray *waiters;  /* struct waiter *, not yet taken by the scheduler */
	GPtrArray *commands; /* struct app_command *, likewise */
	bool check, force;   /* asked for since the last app_take_requests() */
	bool stopped;
	int64_t waiting;        /* waiters and commands, taken or not */
	struct oidc_keys *keys; /* NULL: none */
	struct pushes *pushes;
	int64_t next_id;     /* of the cycle that would start now */
	int64_t promised_id; /* the newest next_id that somebody was told */
	int64_t running_id;  /* 0: none */
	int64_t running_started_wall_ms;
	char *running_trigger;
	int64_t running_done, running_total; /* 0 of 0: not known yet */
	int64_t uncommitted_id; /* the newest check that could not be written; 0: none */
	char *uncommitted_error;
	struct store_reader *idle[READERS_MAX]; /* open and unused */
	size_t idle_count;

	pthread_mutex_t render_lock; /* one thread renders an outdated snapshot, the others wait */
	/* around replacing the snapshot and telling of it: both have one order */
	pthread_mutex_t tell_lock;
	int free_readers; /* eventfd as a semaphore: readers that may be taken */
};

struct app *app_create(const char *database_path, void (*wake)(void *data), void *data)
{
	struct app *app = g_new0(struct app, 1);

	app->database_path = g_strdup(database_path);
	app->wake = wake;
	app->data = data;
	app->started_wall_ms = clk_wall_ms();
	app->waiters = g_ptr_array_new();
	app->commands = g_ptr_array_new();
	app->pushes = pushes_create(APP_PUSHES_MAX);
	app->events = events_create(0);
	app->next_id = 1;
	app->free_readers = eventfd(READERS_MAX, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
	if (app->free_readers < 0)
		g_error("eventfd: %s", g_strerror(errno)); /* at start: no descriptor left */
	if (pthread_mutex_init(&app->lock, NULL) != 0 ||
	    pthread_mutex_init(&app->render_lock, NULL) != 0 ||
	    pthread_mutex_init(&app->tell_lock, NULL) != 0)
		g_error("pthread_mutex_init: out of resources");
	return app;
}

void app_free(struct app *app)
{
	if (!app)
		return;
	for (size_t i = 0; i < app->idle_count; i++)
		store_reader_close(app->idle[i]);
	(void)close(app->free_readers); /* nothing was written that could be lost */
	snapshot_unref(app->current);
	g_ptr_array_unref(app->waiters);
	g_ptr_array_unref(app->commands);
	pushes_free(app->pushes);
	events_free(app->events);
	if (app->keys)
		oidc_keys_unref(app->keys);
	g_free(app->running_trigger);
	g_free(app->uncommitted_error);
	g_free(app->database_path);
	(void)pthread_mutex_destroy(&app->lock); /* fails only when held: a bug */
	(void)pthread_mutex_destroy(&app->render_lock);
	(void)pthread_mutex_destroy(&app->tell_lock);
	g_free(app);
}

static void lock(struct app *app)
{
	if (pthread_mutex_lock(&app->lock) != 0)
		g_error("app: lock"); /* fails on misuse only */
}

static void unlock(struct app *app)
{
	if (pthread_mutex_unlock(&app->lock) != 0)
		g_error("app: unlock");
}

int64_t app_started_wall_ms(const struct app *app)
{
	return app->started_wall_ms;
}

/* Makes @p fresh current, and tells of it, unless something was published since @p old was; NULL: in
 * any case. */
static void replace(struct app *app, const struct snapshot *old, struct snapshot *fresh)
{
	struct snapshot *dropped = NULL;
	bool is_wanted = false;

	if (pthread_mutex_lock(&app->tell_lock) != 0)
		g_error("app: tell lock");
	lock(app);
	is_wanted = !old || app->current == old;
	if (is_wanted) {
		dropped = app->current;
		app->current = snapshot_ref(fresh);
	}
	unlock(app);
	if (is_wanted)
		events_set_snapshot(app->events, fresh->fact, fresh->event_json);
	if (pthread_mutex_unlock(&app->tell_lock) != 0)
		g_error("app: tell unlock");
	snapshot_unref(dropped);
}

void app_publish(struct app *app, struct snapshot *snapshot)
{
	replace(app, NULL, snapshot);
	snapshot_unref(snapshot);
}

struct events *app_events(struct app *app)
{
	return app->events;
}

static struct snapshot *ref_current(struct app *app)
{
	struct snapshot *snapshot = NULL;

	lock(app);
	if (app->current)
		snapshot = snapshot_ref(app->current);
	unlock(app);
	return snapshot;
}

static bool is_late(const struct snapshot *snapshot)
{
	return (snapshot->valid_until_mono_ms != INT64_MAX &&
		clk_mono_ms() > snapshot->valid_until_mono_ms + SNAPSHOT_LATE_MS) ||
	       (snapshot->valid_until_wall_ms != INT64_MAX &&
		clk_wall_ms() > snapshot->valid_until_wall_ms + SNAPSHOT_LATE_MS);
}

/* The scheduler has not published in time: say what is true without it. */
static struct snapshot *render_anew(struct app *app)
{
	struct snapshot *snapshot = NULL;

	if (pthread_mutex_lock(&app->render_lock) != 0)
		g_error("app: render lock");
	snapshot = ref_current(app); /* perhaps somebody else has just rendered it */
	if (is_late(snapshot)) {
		struct snapshot *fresh = snapshot_at(snapshot, clk_wall_ms(), clk_mono_ms());

		replace(app, snapshot, fresh);
		snapshot_unref(snapshot);
		snapshot = fresh;
	}
	if (pthread_mutex_unlock(&app->render_lock) != 0)
		g_error("app: render unlock");
	return snapshot;
}

struct snapshot *app_snapshot(struct app *app)
{
	struct snapshot *snapshot = ref_current(app);

	if (!snapshot || !is_late(snapshot))
		return snapshot;
	snapshot_unref(snapshot);
	return render_anew(app);
}

static bool refuse_stopped(GError **error)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_BUSY,
		    "driftd is stopping and takes nothing more: ask again when it is back");
	return false;
}

bool app_request_check(struct app *app, bool force, int64_t *ret_check_id, GError **error)
{
	bool stopped = false;

	lock(app);
	stopped = app->stopped;
	if (!stopped) {
		app->check = true;
		app->force = app->force || force;
		app->promised_id = app->next_id;
		*ret_check_id = app->next_id;
	}
	unlock(app);
	if (stopped)
		return refuse_stopped(error);
	app->wake(app->data);
	return true;
}

/* Who follows the events waits as well. */
static int64_t readers(struct app *app)
{
	return events_get_stats(app->events).readers;
}

bool app_wait_check(struct app *app, struct waiter *waiter, GError **error)
{
	int64_t others = readers(app);
	bool stopped = false, full = false;

	lock(app);
	stopped = app->stopped;
	full = app->waiting + others >= APP_WAITERS_MAX;
	if (!stopped && !full) {
		g_ptr_array_add(app->waiters, waiter);
		app->waiting++;
		app->check = true;
		app->force = app->force || waiter->force;
		app->promised_id = app->next_id;
	}
	unlock(app);
	if (stopped)
		return refuse_stopped(error);
	if (full) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_BUSY,
			    "%d requests wait already: ask again in a moment, or with wait=0",
			    APP_WAITERS_MAX);
		return false;
	}
	app->wake(app->data);
	return true;
}

struct app_command *app_command_create(enum app_command_kind kind)
{
	struct app_command *command = g_new0(struct app_command, 1);

	command->kind = kind;
	return command;
}

void app_command_free(struct app_command *command)
{
	if (!command)
		return;
	g_free(command->who);
	g_free(command->why);
	g_free(command->matcher);
	g_free(command->repo);
	g_free(command->delivery);
	g_free(command);
}

/* Under the lock: is there room, and is the queue open? */
static bool take_command(struct app *app, struct app_command *command, int64_t others)
{
	if (app->stopped || app->waiting + others >= APP_WAITERS_MAX)
		return false;
	g_ptr_array_add(app->commands, command);
	app->waiting++;
	return true;
}

static bool refuse_command(bool stopped, GError **error)
{
	if (stopped)
		return refuse_stopped(error);
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_BUSY,
		    "%d requests wait already: ask again in a moment", APP_WAITERS_MAX);
	return false;
}

bool app_send_command(struct app *app, struct app_command *command, GError **error)
{
	int64_t others = readers(app);
	bool stopped = false, taken = false;

	lock(app);
	stopped = app->stopped;
	taken = take_command(app, command, others);
	unlock(app);
	if (!taken)
		return refuse_command(stopped, error);
	app->wake(app->data);
	return true;
}

bool app_send_push(struct app *app, struct app_command *command, int64_t *ret_check_id,
		   GError **error)
{
	int64_t others = readers(app);
	bool stopped = false, taken = false;

	lock(app);
	stopped = app->stopped;
	taken = take_command(app, command, others);
	if (taken) {
		app->promised_id = app->next_id;
		*ret_check_id = app->next_id;
	}
	unlock(app);
	if (!taken)
		return refuse_command(stopped, error);
	app->wake(app->data);
	return true;
}

void app_take_requests(struct app *app, struct app_requests *ret_requests)
{
	GPtrArray *empty = g_ptr_array_new();
	GPtrArray *no_commands = g_ptr_array_new();

	lock(app);
	*ret_requests = (struct app_requests){
		.waiters = app->waiters,
		.commands = app->commands,
		.check = app->check,
		.force = app->force,
	};
	app->waiters = empty;
	app->commands = no_commands;
	app->check = false;
	app->force = false;
	unlock(app);
}

void app_set_cycle(struct app *app, int64_t next_id, int64_t running_id,
		   int64_t running_started_wall_ms, const char *running_trigger)
{
	char *trigger = g_strdup(running_trigger);
	char *old = NULL;

	lock(app);
	app->next_id = next_id;
	app->running_id = running_id;
	app->running_started_wall_ms = running_started_wall_ms;
	old = app->running_trigger;
	app->running_trigger = trigger;
	if (running_id == 0)
		app->running_done = app->running_total = 0;
	unlock(app);
	g_free(old);
}

void app_set_progress(struct app *app, int64_t done, int64_t total)
{
	g_autofree char *trigger = NULL;
	int64_t id;

	lock(app);
	id = app->running_id;
	app->running_done = done;
	app->running_total = total;
	trigger = g_strdup(app->running_trigger);
	unlock(app);
	if (id > 0)
		events_set_check(app->events, id, trigger, true, done, total);
}

bool app_get_running(struct app *app, int64_t id, struct check_status *ret_status)
{
	struct check_status status = {.id = id, .duration_ms = -1};
	bool known = false;

	lock(app);
	if (id > 0 && id == app->running_id) {
		status.started_wall_ms = app->running_started_wall_ms;
		status.trigger = g_strdup(app->running_trigger);
		status.done = app->running_done;
		status.total = app->running_total;
		known = true;
	} else {
		known = id > 0 && id == app->next_id && id == app->promised_id;
	}
	unlock(app);
	if (known)
		*ret_status = status;
	return known;
}

void app_note_uncommitted(struct app *app, int64_t id, const char *error)
{
	char *copy = g_strdup(error);

	lock(app);
	app->uncommitted_id = id;
	g_free(app->uncommitted_error);
	app->uncommitted_error = copy;
	unlock(app);
}

char *app_get_uncommitted(struct app *app, int64_t id)
{
	char *error;

	lock(app);
	error = id == app->uncommitted_id ? g_strdup(app->uncommitted_error) : NULL;
	unlock(app);
	return error;
}

static void complete_waiters(GPtrArray *waiters, const char *error)
{
	for (guint i = 0; i < waiters->len; i++) {
		struct waiter *waiter = waiters->pdata[i];

		waiter->complete(waiter->data, 0, NULL, STATE_NONE, error);
		g_free(waiter);
	}
	g_ptr_array_unref(waiters);
}

static void complete_commands(GPtrArray *commands, const char *message)
{
	g_autoptr(GError) error = g_error_new_literal(DRIFT_ERROR, DRIFT_ERROR_CANCELLED, message);

	for (guint i = 0; i < commands->len; i++) {
		struct app_command *command = commands->pdata[i];

		command->complete(command->data, 0, error);
		app_command_free(command);
	}
	g_ptr_array_unref(commands);
}

void app_stop(struct app *app, const char *error)
{
	GPtrArray *waiters = NULL;
	GPtrArray *commands = NULL;

	lock(app);
	app->stopped = true;
	waiters = app->waiters;
	commands = app->commands;
	app->waiters = g_ptr_array_new();
	app->commands = g_ptr_array_new();
	app->waiting -= waiters->len + commands->len;
	unlock(app);
	complete_waiters(waiters, error);
	complete_commands(commands, error);
	events_stop(app->events);
}

struct oidc_keys *app_oidc_keys(struct app *app)
{
	struct oidc_keys *keys = NULL;

	lock(app);
	if (app->keys)
		keys = oidc_keys_ref(app->keys);
	unlock(app);
	return keys;
}

void app_set_oidc_keys(struct app *app, struct oidc_keys *keys)
{
	struct oidc_keys *fresh = keys ? oidc_keys_ref(keys) : NULL;
	struct oidc_keys *old = NULL;

	lock(app);
	old = app->keys;
	app->keys = fresh;
	unlock(app);
	if (old)
		oidc_keys_unref(old);
}

bool app_begin_push(struct app *app, const char *delivery)
{
	bool is_new = false;

	lock(app);
	is_new = pushes_add(app->pushes, delivery);
	unlock(app);
	return is_new;
}

void app_forget_push(struct app *app, const char *delivery)
{
	lock(app);
	pushes_remove(app->pushes, delivery);
	unlock(app);
}

void app_load_pushes(struct app *app, const GPtrArray *deliveries)
{
	lock(app);
	for (guint i = 0; i < deliveries->len; i++)
		(void)pushes_add(app->pushes, deliveries->pdata[i]); /* twice the same is fine */
	unlock(app);
}

void app_count(struct app *app, enum app_count what)
{
	(void)atomic_fetch_add(&app->counts[what], 1); /* the sum is read by app_get_count() */
}

int64_t app_get_count(struct app *app, enum app_count what)
{
	return atomic_load(&app->counts[what]);
}

int64_t app_waiters(struct app *app)
{
	int64_t waiting = 0;

	lock(app);
	waiting = app->waiting;
	unlock(app);
	return waiting;
}

void app_waiter_done(struct app *app)
{
	lock(app);
	app->waiting--;
	unlock(app);
}

/* Waits until a reader may be taken. */
static bool wait_reader(struct app *app)
{
	int64_t deadline_ms = clk_mono_ms() + READER_WAIT_MS;

	for (;;) {
		struct pollfd wanted = {.fd = app->free_readers, .events = POLLIN};
		eventfd_t one = 0;
		int64_t left_ms = deadline_ms - clk_mono_ms();

		if (eventfd_read(app->free_readers, &one) == 0)
			return true;
		if (left_ms <= 0)
			return false;
		if (poll(&wanted, 1, (int)left_ms) == 0) /* at most READER_WAIT_MS */
			return false;
		/* somebody else may have been faster, or a signal came: look again */
	}
}

static void give_place(struct app *app)
{
	if (eventfd_write(app->free_readers, 1) != 0)
		g_error("eventfd: %s", g_strerror(errno)); /* it cannot overflow */
}

/* A database that is not there is a fault of ours; NOT_FOUND is for what a request asks for. */
static struct store_reader *open_reader(struct app *app, GError **error)
{
	GError *local = NULL;
	struct store_reader *reader = store_reader_open(app->database_path, &local);

	if (reader)
		return reader;
	if (g_error_matches(local, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND))
		local->code = DRIFT_ERROR_IO;
	g_propagate_error(error, local);
	return NULL;
}

struct store_reader *app_reader_take(struct app *app, GError **error)
{
	struct store_reader *reader = NULL;

	if (!wait_reader(app)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_BUSY,
			    "all %d history readers are busy: ask again in a moment", READERS_MAX);
		return NULL;
	}
	lock(app);
	if (app->idle_count > 0)
		reader = app->idle[--app->idle_count];
	unlock(app);
	if (!reader)
		reader = open_reader(app, error);
	if (!reader)
		give_place(app);
	return reader;
}

void app_reader_give(struct app *app, struct store_reader *reader)
{
	lock(app);
	app->idle[app->idle_count++] = reader;
	unlock(app);
	give_place(app);
}
