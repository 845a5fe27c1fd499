/* scheduler - see scheduler.h */
#include "daemon/scheduler.h"

#include "api/events.h"
#include "clk.h"
#include "daemon/engine.h"
#include "daemon/manager.h"
#include "daemon/orders.h"
#include "drift_error.h"
#include "log.h"

#include <pthread.h>

/** The loop looks around at least this often: the wall clock may have jumped. */
#define SCHEDULER_LOOK_MS (5 * MS_PER_S)

/** Requests for a check this close behind one another are one burst … */
#define SCHEDULER_BURST_MS 250
/** … and it is over when nobody has asked for so long. */
#define SCHEDULER_QUIET_MS 20

struct scheduler {
	struct engine *engine; /* the thread's own, from begin to end of it */
	struct app *app;
	pthread_t thread;
	bool started;           /* the thread runs, or must be joined */
	struct config *first;   /* what the thread begins with */
	GError *failed;         /* why it could not begin; NULL */
	GPtrArray *waiting;     /* struct waiter *: for the next cycle to start */
	GPtrArray *riding;      /* struct waiter *: for the one that runs */
	int64_t progress_total; /* of the running cycle, as told last */
	struct orders *orders;  /* made and used with the engine */
	bool check_asked, force, push_asked;
	int64_t asked_started_mono_ms; /* when the last cycle that was asked for began; 0: none yet */
	int64_t asked_last_mono_ms;    /* when somebody asked last */
	int64_t watchdog_ms;           /* 0: there is none */
	int64_t alive_mono_ms;         /* when it is to be fed again */
	pthread_mutex_t lock;          /* guards the fields below */
	pthread_cond_t changed;
	bool begun;          /* the thread has its engine, or could not get it */
	bool go;             /* the server listens: cycles may begin */
	bool awake;          /* the engine may be woken */
	struct config *next; /* reload; NULL: none */
	char *problem;       /* reload failed; NULL */
	bool stop;
};

static void wake(void *data)
{
	struct scheduler *scheduler = data;

	(void)pthread_mutex_lock(&scheduler->lock);
	if (scheduler->awake)
		engine_wake(scheduler->engine);
	(void)pthread_mutex_unlock(&scheduler->lock);
}

static void answer(struct scheduler *scheduler, struct waiter *waiter, int64_t id,
		   const struct cycle_end *end, const char *error)
{
	enum state overall = end && end->snapshot ? end->snapshot->tally.overall : STATE_NONE;

	waiter->complete(waiter->data, id, end ? end->summary : NULL, overall, error);
	app_waiter_done(scheduler->app);
	g_free(waiter);
}

static void answer_all(struct scheduler *scheduler, GPtrArray *waiters, int64_t id,
		       const struct cycle_end *end, const char *error)
{
	for (guint i = 0; i < waiters->len; i++)
		answer(scheduler, waiters->pdata[i], id, end, error);
	g_ptr_array_set_size(waiters, 0);
}

/* Before its clocks are read: who asks from now on is promised the one after it. */
static void on_begin(void *data, int64_t id, const char *trigger)
{
	app_set_cycle(((struct scheduler *)data)->app, id + 1, id, clk_wall_ms(), trigger);
}

static void on_progress(void *data, int64_t done, int64_t total)
{
	struct scheduler *scheduler = data;

	scheduler->progress_total = total;
	app_set_progress(scheduler->app, done, total);
}

static void on_publish(void *data, struct snapshot *snapshot)
{
	app_publish(((struct scheduler *)data)->app, snapshot);
}

static void show_cycle(struct scheduler *scheduler)
{
	int64_t started_wall_ms;
	const char *trigger;
	int64_t id = engine_cycle_id(scheduler->engine, &started_wall_ms, &trigger);

	app_set_cycle(scheduler->app, engine_next_cycle_id(scheduler->engine), trigger ? id : 0,
		      started_wall_ms, trigger);
}

static void on_end(void *data, const struct cycle_end *end)
{
	struct scheduler *scheduler = data;
	g_autofree char *error = NULL;

	show_cycle(scheduler); /* who asks for it by its id now finds it ended */
	if (end->transitions)
		events_add_transitions(app_events(scheduler->app), end->transitions);
	events_set_check(app_events(scheduler->app), end->id, end->trigger, false,
			 scheduler->progress_total, scheduler->progress_total);
	if (end->cancelled)
		error = g_strdup("driftd stopped before the check was over; ask again");
	else if (!end->committed)
		error = g_strdup_printf(
			"the check ran, but could not be written to the database: %s",
			end->commit_error);
	if (!end->cancelled && !end->committed)
		app_note_uncommitted(scheduler->app, end->id, error);
	for (guint i = 0; i < end->failed_pushes->len; i++)
		app_forget_push(scheduler->app, end->failed_pushes->pdata[i]);
	answer_all(scheduler, scheduler->riding, end->id, end, error);
}

/* Those whose patience ends before the cycle does get its id instead. */
static void answer_impatient(struct scheduler *scheduler, GPtrArray *waiters, int64_t id)
{
	int64_t now = clk_mono_ms();

	for (guint i = waiters->len; i > 0; i--) {
		struct waiter *waiter = waiters->pdata[i - 1];

		if (waiter->deadline_mono_ms > now)
			continue;
		(void)g_ptr_array_remove_index(waiters, i - 1);
		answer(scheduler, waiter, id, NULL, NULL);
	}
}

static int64_t earliest_deadline(const GPtrArray *waiters)
{
	int64_t earliest = INT64_MAX;

	for (guint i = 0; i < waiters->len; i++)
		earliest =
			MIN(earliest, ((const struct waiter *)waiters->pdata[i])->deadline_mono_ms);
	return earliest;
}

static void take_requests(struct scheduler *scheduler)
{
	struct app_requests requests = {0};

	app_take_requests(scheduler->app, &requests);
	for (guint i = 0; requests.waiters && i < requests.waiters->len; i++)
		g_ptr_array_add(scheduler->waiting, requests.waiters->pdata[i]);
	scheduler->check_asked |= requests.check || (requests.waiters && requests.waiters->len > 0);
	if (requests.check || (requests.waiters && requests.waiters->len > 0))
		scheduler->asked_last_mono_ms = clk_mono_ms();
	scheduler->force |= requests.force;
	orders_take(scheduler->orders, requests.commands);
	if (orders_take_push(scheduler->orders)) {
		scheduler->push_asked = true;
		scheduler->asked_last_mono_ms = clk_mono_ms();
	}
	g_clear_pointer(&requests.waiters, g_ptr_array_unref);
}

static void use_config(struct scheduler *scheduler, struct config *next)
{
	g_autoptr(GError) error = NULL;

	if (engine_set_config(scheduler->engine, next, &error)) {
		orders_take_config(scheduler->orders);
		engine_set_config_error(scheduler->engine, NULL);
		engine_publish(scheduler->engine);
		engine_start_cycle(scheduler->engine, "reload", CYCLE_SCOPE_EVERYTHING);
		return;
	}
	log_error("reload.failed", "err=\"%s\"", error->message);
	engine_set_config_error(scheduler->engine, error->message);
	engine_publish(scheduler->engine);
}

static void reload_if_asked(struct scheduler *scheduler)
{
	struct config *next;
	g_autofree char *problem = NULL;

	(void)pthread_mutex_lock(&scheduler->lock);
	next = g_steal_pointer(&scheduler->next);
	problem = g_steal_pointer(&scheduler->problem);
	(void)pthread_mutex_unlock(&scheduler->lock);
	if (next) {
		use_config(scheduler, next);
		config_unref(next);
	}
	if (problem) {
		engine_set_config_error(scheduler->engine, problem);
		engine_publish(scheduler->engine);
	}
}

/* Many ask at one moment: the first gets its cycle at once, the others share the next, which waits until they are all in. */
static int64_t asked_due_mono_ms(const struct scheduler *scheduler)
{
	int64_t quiet = scheduler->asked_last_mono_ms + SCHEDULER_QUIET_MS;
	int64_t burst_end = scheduler->asked_started_mono_ms + SCHEDULER_BURST_MS;

	if (!scheduler->check_asked && !scheduler->push_asked)
		return INT64_MAX;
	return scheduler->asked_started_mono_ms == 0 ? 0 : MIN(quiet, burst_end);
}

static void start_asked(struct scheduler *scheduler)
{
	const char *trigger = scheduler->check_asked ? "check" : "push";
	enum cycle_scope scope;

	scheduler->asked_started_mono_ms = clk_mono_ms();
	g_ptr_array_extend_and_steal(scheduler->riding, g_steal_pointer(&scheduler->waiting));
	scheduler->waiting = g_ptr_array_new();
	scheduler->check_asked = false;
	scheduler->push_asked = false;
	scope = scheduler->force ? CYCLE_SCOPE_FORCED : CYCLE_SCOPE_EVERYTHING;
	scheduler->force = false;
	engine_start_cycle(scheduler->engine, trigger, scope);
}

static bool stop_asked(struct scheduler *scheduler)
{
	bool stop;

	(void)pthread_mutex_lock(&scheduler->lock);
	stop = scheduler->stop;
	(void)pthread_mutex_unlock(&scheduler->lock);
	return stop;
}

static int64_t time_to_next(const struct scheduler *scheduler)
{
	int64_t due = engine_due_mono_ms(scheduler->engine);

	if (!engine_is_running(scheduler->engine))
		due = MIN(due, asked_due_mono_ms(scheduler));
	if (scheduler->watchdog_ms > 0)
		due = MIN(due, MAX(scheduler->alive_mono_ms, clk_mono_ms() + MS_PER_S));
	due = MIN(due, orders_due_mono_ms(scheduler->orders));
	due = MIN(due, events_due_mono_ms(app_events(scheduler->app)));
	due = MIN(due, earliest_deadline(scheduler->waiting));
	due = MIN(due, earliest_deadline(scheduler->riding));
	return CLAMP(due - clk_mono_ms(), 0, SCHEDULER_LOOK_MS);
}

/* A scheduler whose cycles do not begin or end is as good as dead: systemd is to start driftd anew. */
static void feed_watchdog(struct scheduler *scheduler)
{
	int64_t now = clk_mono_ms();

	if (scheduler->watchdog_ms == 0 || now < scheduler->alive_mono_ms ||
	    !engine_is_well(scheduler->engine))
		return;
	manager_alive();
	scheduler->alive_mono_ms = now + scheduler->watchdog_ms / 2;
}

static void run_once(struct scheduler *scheduler)
{
	int64_t started;
	const char *trigger;

	engine_poll(scheduler->engine, time_to_next(scheduler));
	take_requests(scheduler);
	orders_run(scheduler->orders);
	engine_set_waiters(scheduler->engine, app_waiters(scheduler->app));
	if (!engine_is_running(scheduler->engine)) {
		engine_run_upkeep(scheduler->engine);
		reload_if_asked(scheduler);
	}
	if (!engine_is_running(scheduler->engine) && asked_due_mono_ms(scheduler) <= clk_mono_ms())
		start_asked(scheduler);
	engine_run_due(scheduler->engine);
	answer_impatient(scheduler, scheduler->riding,
			 engine_cycle_id(scheduler->engine, &started, &trigger));
	answer_impatient(scheduler, scheduler->waiting, engine_next_cycle_id(scheduler->engine));
	show_cycle(scheduler);
	events_beat(app_events(scheduler->app), clk_mono_ms());
	feed_watchdog(scheduler);
}

/* Curl and SQLite belong to one thread: the engine is made, used and freed on this one. */
static bool begin(struct scheduler *scheduler)
{
	struct engine_hooks hooks = {
		.begin = on_begin,
		.progress = on_progress,
		.publish = on_publish,
		.end = on_end,
		.data = scheduler,
	};

	scheduler->engine = engine_create(scheduler->first, &hooks, &scheduler->failed);
	if (scheduler->engine) {
		events_set_last_id(app_events(scheduler->app),
				   engine_last_event_id(scheduler->engine));
		scheduler->orders = orders_create(scheduler->engine, scheduler->app);
		show_cycle(scheduler);
		engine_publish(scheduler->engine);
	}
	(void)pthread_mutex_lock(&scheduler->lock);
	scheduler->begun = true;
	scheduler->awake = scheduler->engine != NULL;
	(void)pthread_cond_broadcast(&scheduler->changed);
	(void)pthread_mutex_unlock(&scheduler->lock);
	return scheduler->engine != NULL;
}

static void await_go(struct scheduler *scheduler)
{
	(void)pthread_mutex_lock(&scheduler->lock);
	while (!scheduler->go && !scheduler->stop)
		(void)pthread_cond_wait(&scheduler->changed, &scheduler->lock);
	(void)pthread_mutex_unlock(&scheduler->lock);
}

static void end(struct scheduler *scheduler)
{
	engine_cancel(scheduler->engine);
	take_requests(scheduler);
	answer_all(scheduler, scheduler->waiting, engine_next_cycle_id(scheduler->engine), NULL,
		   "driftd stopped before the check began; ask again");
	(void)pthread_mutex_lock(&scheduler->lock);
	scheduler->awake = false;
	(void)pthread_mutex_unlock(&scheduler->lock);
	orders_free(scheduler->orders);
	engine_free(scheduler->engine);
}

static void *run(void *data)
{
	struct scheduler *scheduler = data;

	(void)pthread_setname_np(pthread_self(), "scheduler"); /* for people with a debugger only */
	if (!begin(scheduler))
		return NULL;
	await_go(scheduler);
	scheduler->watchdog_ms = manager_watchdog_ms();
	while (!stop_asked(scheduler))
		run_once(scheduler);
	end(scheduler);
	return NULL;
}

/* Until the thread has published the last verdicts, or failed to begin. */
static bool await_begin(struct scheduler *scheduler, GError **error)
{
	(void)pthread_mutex_lock(&scheduler->lock);
	while (!scheduler->begun)
		(void)pthread_cond_wait(&scheduler->changed, &scheduler->lock);
	(void)pthread_mutex_unlock(&scheduler->lock);
	if (!scheduler->failed)
		return true;
	(void)pthread_join(scheduler->thread,
			   NULL); /* a joinable thread of ours cannot fail to join */
	g_propagate_error(error, g_steal_pointer(&scheduler->failed));
	return false;
}

struct scheduler *scheduler_start(struct config *config, GError **error)
{
	struct scheduler *scheduler = g_new0(struct scheduler, 1);
	g_autofree char *database = g_build_filename(config->driftd.state_dir, "driftd.db", NULL);
	int failed;

	(void)pthread_mutex_init(&scheduler->lock, NULL); /* default attributes: cannot fail */
	(void)pthread_cond_init(&scheduler->changed, NULL);
	scheduler->first = config_ref(config);
	scheduler->waiting = g_ptr_array_new();
	scheduler->riding = g_ptr_array_new();
	scheduler->app = app_create(database, wake, scheduler);
	failed = pthread_create(&scheduler->thread, NULL, run, scheduler);
	if (failed) {
		drift_error_set_errno(error, failed, "start", "scheduler thread");
	} else if (await_begin(scheduler, error)) {
		scheduler->started = true;
		return scheduler;
	}
	scheduler_free(scheduler);
	return NULL;
}

struct app *scheduler_app(struct scheduler *scheduler)
{
	return scheduler->app;
}

void scheduler_go(struct scheduler *scheduler)
{
	(void)pthread_mutex_lock(&scheduler->lock);
	scheduler->go = true;
	(void)pthread_cond_broadcast(&scheduler->changed);
	(void)pthread_mutex_unlock(&scheduler->lock);
}

void scheduler_reload(struct scheduler *scheduler, struct config *config, const char *problem)
{
	(void)pthread_mutex_lock(&scheduler->lock);
	if (config) { /* a wrong file that follows a good one does not undo it */
		config_unref(scheduler->next);
		scheduler->next = config_ref(config);
	}
	g_free(scheduler->problem);
	scheduler->problem = g_strdup(problem);
	(void)pthread_mutex_unlock(&scheduler->lock);
	wake(scheduler);
}

void scheduler_stop(struct scheduler *scheduler)
{
	app_stop(scheduler->app, "driftd is stopping; ask again when it is back");
	(void)pthread_mutex_lock(&scheduler->lock);
	scheduler->stop = true;
	(void)pthread_cond_broadcast(&scheduler->changed);
	(void)pthread_mutex_unlock(&scheduler->lock);
	wake(scheduler);
	if (scheduler->started)
		(void)pthread_join(scheduler->thread, NULL);
	scheduler->started = false;
}

void scheduler_free(struct scheduler *scheduler)
{
	if (!scheduler)
		return;
	app_free(scheduler->app);
	g_ptr_array_unref(scheduler->waiting);
	g_ptr_array_unref(scheduler->riding);
	config_unref(scheduler->first);
	config_unref(scheduler->next);
	g_free(scheduler->problem);
	(void)pthread_cond_destroy(&scheduler->changed);
	(void)pthread_mutex_destroy(&scheduler->lock);
	g_free(scheduler);
}
