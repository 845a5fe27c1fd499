/* pg_pool - see pg_pool.h */
#include "postgres/pg_pool.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clk.h"
#include "postgres/pg_session.h"

/* A connection that nobody used for so long is closed, and its thread ends. */
#define IDLE_MS (5 * MS_PER_MINUTE)

struct pg_core {
	atomic_int refs;
	void (*wake)(void *data);
	void *data;
	int watch; /* eventfd: due_mono_ms changed, or closed */
	int gone;  /* eventfd: a thread has ended */
	pthread_mutex_t
		mutex; /* guards what follows, servers' queues and counts, and what jobs came to */
	GPtrArray *threads; /* struct thread *: of all servers, and the one that watches */
	bool watched;       /* that one runs */
	bool closed;
	int64_t due_mono_ms; /* wake then; INT64_MAX: never */
};

/* A thread, until it was joined. */
struct thread {
	pthread_t id;
	bool gone;   /* it is about to end: joining does not block */
	bool let_go; /* nobody will join it: it frees this */
	struct pg_core *core;
	struct pg_server *server; /* a reference; NULL: it watches */
};

struct pg_server {
	atomic_int refs;
	struct pg_core *core; /* a reference */
	char *dsn;            /* secret; never changes */
	int bell;             /* eventfd, a semaphore: one ring per question */
	int stop;             /* eventfd: readable for good when it stops */
	GQueue waiting;       /* struct pg_job *, a reference each */
	int threads;
	int busy;     /* threads with a question, and questions that wait */
	bool stopped; /* nothing may wait any more */
};

/* --- jobs --- */

struct pg_job *pg_job_create(const struct pg_question *question)
{
	struct pg_job *job = g_new0(struct pg_job, 1);

	job->what = g_strdup(question->what);
	job->statements = g_strdupv((char **)(uintptr_t)question->statements); /* only reads them */
	job->rows_max = question->rows_max;
	job->caller_sql = question->caller_sql;
	job->hide_values = question->hide_values;
	job->deadline_mono_ms = question->deadline_mono_ms;
	atomic_init(&job->refs, 1);
	return job;
}

void pg_job_unref(struct pg_job *job)
{
	if (atomic_fetch_sub(&job->refs, 1) > 1)
		return;
	if (job->results)
		g_ptr_array_unref(job->results);
	fault_unref(job->fault);
	if (job->server)
		pg_server_unref(job->server);
	g_strfreev(job->statements);
	g_free(job->what);
	g_free(job);
}

/* --- the core --- */

struct pg_core *pg_core_create(void (*wake)(void *data), void *data)
{
	struct pg_core *core = g_new0(struct pg_core, 1);

	atomic_init(&core->refs, 1);
	core->wake = wake;
	core->data = data;
	core->due_mono_ms = INT64_MAX;
	core->threads = g_ptr_array_new();
	core->watch = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	core->gone = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&core->mutex, NULL);
	return core;
}

static struct pg_core *core_ref(struct pg_core *core)
{
	(void)atomic_fetch_add(&core->refs, 1); /* the old count is of no use */
	return core;
}

void pg_core_unref(struct pg_core *core)
{
	if (atomic_fetch_sub(&core->refs, 1) > 1)
		return;
	(void)close(core->watch); /* eventfds */
	(void)close(core->gone);
	g_ptr_array_unref(core->threads);
	pthread_mutex_destroy(&core->mutex);
	g_free(core);
}

static void ring(int fd)
{
	(void)eventfd_write(fd, 1); /* fails when it is full: it rings already */
}

/* With the mutex held: after pg_core_close() nobody is woken. It only writes to an eventfd, or the
 * like. */
static void wake_locked(struct pg_core *core)
{
	if (!core->closed)
		core->wake(core->data);
}

static void settle_locked(struct pg_core *core, struct pg_job *job, GPtrArray *results,
			  struct fault *fault)
{
	job->settled = true;
	job->results = results;
	job->fault = fault;
	wake_locked(core);
}

bool pg_core_settle(struct pg_core *core, struct pg_job *job, struct fault *fault)
{
	bool settled = false;

	pthread_mutex_lock(&core->mutex);
	if (!job->settled && fault)
		settle_locked(core, job, NULL, g_steal_pointer(&fault));
	settled = job->settled;
	pthread_mutex_unlock(&core->mutex);
	fault_unref(fault);
	return settled;
}

void pg_core_watch(struct pg_core *core, int64_t due_mono_ms)
{
	bool earlier = false;

	pthread_mutex_lock(&core->mutex);
	earlier = due_mono_ms < core->due_mono_ms;
	core->due_mono_ms = due_mono_ms;
	pthread_mutex_unlock(&core->mutex);
	if (earlier)
		ring(core->watch);
}

/* The last that a thread does. */
static void leave(struct thread *thread)
{
	struct pg_core *core = thread->core;
	bool let_go = false;

	pthread_mutex_lock(&core->mutex);
	let_go = thread->let_go;
	thread->gone = true; /* unless it was let go it is not the thread's any more */
	pthread_mutex_unlock(&core->mutex);
	if (let_go)
		g_free(thread);
	ring(core->gone);
	pg_core_unref(core);
}

/* How long to wait for what is due next, having woken for what is due now. -1: closed. */
static int64_t next_wait_ms(struct pg_core *core)
{
	int64_t left_ms = MS_PER_HOUR;

	pthread_mutex_lock(&core->mutex);
	if (core->due_mono_ms < INT64_MAX)
		left_ms = CLAMP(core->due_mono_ms - clk_mono_ms(), 0, MS_PER_HOUR);
	if (left_ms == 0) {
		wake_locked(core);
		core->due_mono_ms = INT64_MAX; /* the scheduler says what is next */
		left_ms = MS_PER_HOUR;
	}
	left_ms = core->closed ? -1 : left_ms;
	pthread_mutex_unlock(&core->mutex);
	return left_ms;
}

/* The thread that wakes the scheduler when a deadline has passed although a thread says nothing. */
static void *watch(void *data)
{
	struct thread *thread = data;
	struct pg_core *core = thread->core;
	struct pollfd fd = {.fd = core->watch, .events = POLLIN};
	int64_t wait_ms = 0;
	eventfd_t rings = 0;

	while ((wait_ms = next_wait_ms(core)) >= 0)
		if (poll(&fd, 1, (int)wait_ms) > 0)
			(void)eventfd_read(core->watch, &rings); /* how often does not matter */
	leave(thread);
	return NULL;
}

static struct pg_server *server_ref(struct pg_server *server)
{
	(void)atomic_fetch_add(&server->refs, 1); /* the old count is of no use */
	return server;
}

/* Join those that are gone; how many are not. */
static guint reap(struct pg_core *core)
{
	g_autoptr(GPtrArray) gone = g_ptr_array_new_with_free_func(g_free);
	guint left = 0;

	pthread_mutex_lock(&core->mutex);
	for (guint i = core->threads->len; i > 0; i--) {
		struct thread *thread = core->threads->pdata[i - 1];

		if (thread->gone)
			g_ptr_array_add(gone, g_ptr_array_remove_index_fast(core->threads, i - 1));
	}
	left = core->threads->len;
	pthread_mutex_unlock(&core->mutex);
	for (guint i = 0; i < gone->len; i++)
		(void)pthread_join(((struct thread *)gone->pdata[i])->id, NULL); /* it is one */
	return left;
}

/* What is left is kept by a lookup: nobody waits for it. */
static void let_go(struct pg_core *core)
{
	pthread_mutex_lock(&core->mutex);
	for (guint i = 0; i < core->threads->len; i++) {
		struct thread *thread = core->threads->pdata[i];

		thread->let_go = true;
		(void)pthread_detach(thread->id); /* it is one, and not joined */
		if (thread->gone)                 /* just now */
			g_free(thread);
	}
	g_ptr_array_set_size(core->threads, 0);
	pthread_mutex_unlock(&core->mutex);
}

void pg_core_close(struct pg_core *core, int64_t wait_ms)
{
	int64_t end_mono_ms = clk_mono_ms() + wait_ms;
	struct pollfd fd = {.fd = core->gone, .events = POLLIN};
	eventfd_t rings = 0;

	pthread_mutex_lock(&core->mutex);
	core->closed = true;
	pthread_mutex_unlock(&core->mutex);
	ring(core->watch);
	while (reap(core) > 0 && clk_mono_ms() < end_mono_ms) {
		if (poll(&fd, 1, (int)MAX(end_mono_ms - clk_mono_ms(), 1)) == 0)
			break;                          /* also where the clock stands still */
		(void)eventfd_read(core->gone, &rings); /* how often does not matter */
	}
	let_go(core);
}

/* A thread of the core's, for a server when it is not NULL (a reference is taken). */
static bool start_thread(struct pg_core *core, struct pg_server *server, void *(*run)(void *))
{
	struct thread *thread = g_new0(struct thread, 1);

	thread->core = core_ref(core);
	thread->server = server ? server_ref(server) : NULL;
	pthread_mutex_lock(&core->mutex); /* so that it is in the list before it can be gone */
	if (pthread_create(&thread->id, NULL, run, thread) == 0) {
		g_ptr_array_add(core->threads, thread);
		thread = NULL;
	}
	pthread_mutex_unlock(&core->mutex);
	if (!thread)
		return true;
	/* never the last ones: whoever called has one of each */
	(void)atomic_fetch_sub(&core->refs, 1);
	if (server)
		(void)atomic_fetch_sub(&server->refs, 1);
	g_free(thread);
	return false;
}

/* --- servers --- */

struct pg_server *pg_server_create(struct pg_core *core, const char *dsn)
{
	struct pg_server *server = g_new0(struct pg_server, 1);

	atomic_init(&server->refs, 1);
	server->core = core_ref(core);
	server->dsn = g_strdup(dsn);
	server->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
	server->stop = eventfd(0, EFD_CLOEXEC);
	g_queue_init(&server->waiting);
	return server;
}

void pg_server_unref(struct pg_server *server)
{
	if (atomic_fetch_sub(&server->refs, 1) > 1)
		return;
	assert(g_queue_is_empty(&server->waiting)); /* each has a reference */
	OPENSSL_cleanse(server->dsn, strlen(server->dsn));
	g_free(server->dsn);
	(void)close(server->bell); /* eventfds */
	(void)close(server->stop);
	pg_core_unref(server->core);
	g_free(server);
}

bool pg_server_is(const struct pg_server *server, const char *dsn)
{
	return strcmp(server->dsn, dsn) == 0;
}

void pg_server_stop(struct pg_server *server)
{
	struct pg_job *job = NULL;
	GQueue dropped = G_QUEUE_INIT;

	pthread_mutex_lock(&server->core->mutex);
	server->stopped = true;
	while ((job = g_queue_pop_head(&server->waiting)))
		g_queue_push_tail(&dropped, job);
	pthread_mutex_unlock(&server->core->mutex);
	ring(server->stop);
	while ((job = g_queue_pop_head(&dropped)))
		pg_job_unref(job);
}

/* The next question; NULL: somebody else was faster. */
static struct pg_job *take_job(struct pg_server *server)
{
	struct pg_job *job = NULL;

	pthread_mutex_lock(&server->core->mutex);
	job = g_queue_pop_head(&server->waiting);
	pthread_mutex_unlock(&server->core->mutex);
	return job;
}

/* Wait for a question. False: stop, or there was none for long. */
static bool await_job(struct pg_server *server)
{
	struct pollfd fds[2] = {{.fd = server->stop, .events = POLLIN},
				{.fd = server->bell, .events = POLLIN}};
	eventfd_t one = 0;
	int ready = poll(fds, G_N_ELEMENTS(fds), (int)IDLE_MS);

	if (ready < 0)
		return errno == EINTR;
	if (ready == 0 || fds[0].revents)
		return false;
	(void)eventfd_read(server->bell, &one); /* another thread may have been faster */
	return true;
}

/* May this thread end? Not when a question came just now. */
static bool leave_server(struct pg_server *server, bool stopping)
{
	bool leaves = false;

	pthread_mutex_lock(&server->core->mutex);
	leaves = stopping || g_queue_is_empty(&server->waiting);
	server->threads -= leaves ? 1 : 0;
	pthread_mutex_unlock(&server->core->mutex);
	return leaves;
}

static bool is_stopping(const struct pg_server *server)
{
	struct pollfd fd = {.fd = server->stop, .events = POLLIN};

	return poll(&fd, 1, 0) > 0;
}

/* The server lets no more connections in, and others are there, or try: the question waits for one
 * of them, and this thread ends. The last one tells. */
static bool give_back(struct pg_server *server, const struct pg_session *session,
		      struct pg_job *job, const struct fault *fault)
{
	bool given = false;

	if (!fault || fault->class != FAULT_QUOTA || pg_session_is_connected(session))
		return false;
	pthread_mutex_lock(&server->core->mutex);
	given = server->threads > 1 && !server->stopped && !job->settled;
	if (given) {
		server->threads--;
		g_queue_push_head(&server->waiting, job);
	}
	pthread_mutex_unlock(&server->core->mutex);
	if (given)
		ring(server->bell);
	return given;
}

/* False: it was given back. */
static bool answer(struct pg_server *server, struct pg_session *session, struct pg_job *job)
{
	struct pg_work work = {
		.what = job->what,
		.statements = job->statements,
		.rows_max = job->rows_max,
		.caller_sql = job->caller_sql,
		.hide_values = job->hide_values,
		.deadline_mono_ms = job->deadline_mono_ms,
	};
	GPtrArray *results = NULL;
	struct fault *fault = pg_session_ask(session, &work, &results);

	if (give_back(server, session, job, fault)) {
		fault_unref(fault);
		return false;
	}
	pthread_mutex_lock(&server->core->mutex);
	if (!job->settled) {
		settle_locked(server->core, job, results, fault);
		results = NULL;
		fault = NULL;
	}
	pthread_mutex_unlock(&server->core->mutex);
	if (results)
		g_ptr_array_unref(results);
	fault_unref(fault);
	pg_job_unref(job);
	pg_session_tidy(session); /* after the answer: nobody waits for it */
	pthread_mutex_lock(&server->core->mutex);
	server->busy--;
	pthread_mutex_unlock(&server->core->mutex);
	return true;
}

static void *serve(void *data)
{
	struct thread *thread = data;
	struct pg_server *server = thread->server;
	struct pg_session *session = pg_session_create(server->dsn, server->stop);
	bool rung = true;

	for (;;) {
		struct pg_job *job = NULL;

		rung = await_job(server);
		job = rung ? take_job(server) : NULL;
		if (job && !answer(server, session, job))
			break;
		if (!job && !rung && leave_server(server, is_stopping(server)))
			break;
	}
	pg_session_free(session);
	pg_server_unref(server);
	leave(thread);
	return NULL;
}

/* Without it, deadlines are told by the threads themselves, when nothing keeps them. */
static void need_watch(struct pg_core *core)
{
	bool watched = false;

	pthread_mutex_lock(&core->mutex);
	watched = core->watched;
	core->watched = true;
	pthread_mutex_unlock(&core->mutex);
	if (!watched)
		(void)start_thread(core, NULL, watch); /* see above */
}

bool pg_server_staff(struct pg_server *server, int threads_max)
{
	struct pg_core *core = server->core;
	bool wants = false;
	bool has_any = false;

	need_watch(core);
	(void)reap(core); /* those that ended because they were idle */
	pthread_mutex_lock(&core->mutex);
	wants = server->threads == 0 ||
		(server->busy >= server->threads && server->threads < PG_CONNECTIONS_MAX &&
		 core->threads->len < (guint)threads_max);
	server->threads += wants ? 1 : 0;
	pthread_mutex_unlock(&core->mutex);
	if (wants && !start_thread(core, server, serve))
		(void)leave_server(server, true); /* as asked */
	pthread_mutex_lock(&core->mutex);
	has_any = server->threads > 0;
	pthread_mutex_unlock(&core->mutex);
	return has_any;
}

void pg_server_submit(struct pg_server *server, struct pg_job *job)
{
	struct pg_core *core = server->core;
	bool earlier = false;

	job->server = server_ref(server);
	(void)atomic_fetch_add(&job->refs, 1); /* the old count is of no use */
	pthread_mutex_lock(&core->mutex);
	g_queue_push_tail(&server->waiting, job);
	server->busy++;
	earlier = job->deadline_mono_ms < core->due_mono_ms;
	if (earlier)
		core->due_mono_ms = job->deadline_mono_ms;
	pthread_mutex_unlock(&core->mutex);
	ring(server->bell);
	if (earlier)
		ring(core->watch);
}
