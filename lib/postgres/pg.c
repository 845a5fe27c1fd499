/* pg - see pg.h. The pool's side: questions wait in their server's queue, threads take them from
 * there, answers come back through one queue. Threads share nothing with the scheduler but what the
 * mutex guards, and outlive the pool when the lookup of a name keeps them: nobody waits for
 * that. */
#include "postgres/pg.h"

#include <assert.h>
#include <pthread.h>

#include "clk.h"
#include "postgres/pg_pool.h"

/* Threads of all servers together. */
#define THREADS_MAX 96

/* A thread says itself when a deadline passes; this much later it is said for it. */
#define LATE_MS ((int64_t)300)

/* How long the end of the pool waits for threads that close their connections. */
#define STOP_MS MS_PER_S

struct pg_pool {
	struct pg_core *core;
	GPtrArray *servers; /* struct pg_server *, a reference each */
	GPtrArray *jobs;    /* struct pg_job *, a reference each: not called back yet */
	pthread_t owner;
};

/* --- life --- */

struct pg_pool *pg_pool_create(void (*wake)(void *data), void *data)
{
	struct pg_pool *pool = g_new0(struct pg_pool, 1);

	pool->core = pg_core_create(wake, data);
	pool->servers = g_ptr_array_new();
	pool->jobs = g_ptr_array_new();
	pool->owner = pthread_self();
	return pool;
}

static struct fault *cancelled(const struct pg_job *job)
{
	return fault_create(FAULT_CANCELLED, 0, NULL, "%s: ask PostgreSQL: driftd stops",
			    job->what);
}

static struct fault *too_late(const struct pg_job *job)
{
	return fault_create(
		FAULT_TIMEOUT, 0, NULL,
		"%s: ask PostgreSQL: no connection was free, or the lookup of its host's "
		"name did not end, in time",
		job->what);
}

static void call_back(struct pg_job *job)
{
	job->done(job->data, job->results, job->fault);
	pg_job_unref(job);
}

void pg_pool_free(struct pg_pool *pool)
{
	if (!pool)
		return;
	for (guint i = 0; i < pool->servers->len; i++)
		pg_server_stop(pool->servers->pdata[i]);
	pg_core_close(pool->core, STOP_MS);
	for (guint i = 0; i < pool->jobs->len; i++) {
		struct pg_job *job = pool->jobs->pdata[i];

		(void)pg_core_settle(pool->core, job, cancelled(job)); /* it is now */
		call_back(job);
	}
	for (guint i = 0; i < pool->servers->len; i++)
		pg_server_unref(pool->servers->pdata[i]);
	g_ptr_array_unref(pool->jobs);
	g_ptr_array_unref(pool->servers);
	pg_core_unref(pool->core);
	g_free(pool);
}

/* --- asking --- */

static struct pg_server *find_server(const struct pg_pool *pool, const char *dsn)
{
	for (guint i = 0; i < pool->servers->len; i++)
		if (pg_server_is(pool->servers->pdata[i], dsn))
			return pool->servers->pdata[i];
	return NULL;
}

static void drop_server(struct pg_pool *pool, guint index)
{
	struct pg_server *server = g_ptr_array_remove_index_fast(pool->servers, index);

	pg_server_stop(server);
	pg_server_unref(server);
}

static bool is_asked(const struct pg_pool *pool, const struct pg_server *server)
{
	for (guint i = 0; i < pool->jobs->len; i++) {
		const struct pg_job *job = pool->jobs->pdata[i];

		if (job->server == server)
			return true;
	}
	return false;
}

/* Room for one more server: one that nobody waits for goes. */
static bool make_room(struct pg_pool *pool)
{
	for (guint i = 0; i < pool->servers->len && pool->servers->len >= PG_WORKERS_MAX; i++)
		if (!is_asked(pool, pool->servers->pdata[i]))
			drop_server(pool, i);
	return pool->servers->len < PG_WORKERS_MAX;
}

static struct fault *need_server(struct pg_pool *pool, const struct pg_question *question,
				 struct pg_server **ret_server)
{
	struct pg_server *server = find_server(pool, question->dsn);

	if (!server && !make_room(pool))
		return fault_create(
			FAULT_QUOTA, 0, NULL,
			"%s: more than %d PostgreSQL servers are asked at once: use fewer "
			"different dsn",
			question->what, PG_WORKERS_MAX);
	if (!server) {
		server = pg_server_create(pool->core, question->dsn);
		g_ptr_array_add(pool->servers, server);
	}
	if (!pg_server_staff(server, THREADS_MAX))
		return fault_create(FAULT_QUOTA, 0, NULL,
				    "%s: no thread can be had for a connection to PostgreSQL",
				    question->what);
	*ret_server = server;
	return NULL;
}

void pg_pool_ask(struct pg_pool *pool, const struct pg_question *question, pg_done_fn done,
		 void *data)
{
	struct pg_job *job = pg_job_create(question);
	struct pg_server *server = NULL;
	struct fault *fault = NULL;

	assert(pthread_equal(pool->owner, pthread_self()));
	job->done = done;
	job->data = data;
	g_ptr_array_add(pool->jobs, job);
	fault = need_server(pool, question, &server);
	if (fault)
		(void)pg_core_settle(pool->core, job, fault); /* it is now */
	else
		pg_server_submit(server, job);
}

/* --- answering --- */

/* What is answered, or too late, moves from jobs to ready. */
static GPtrArray *take_ready(struct pg_pool *pool)
{
	GPtrArray *ready = g_ptr_array_new();
	int64_t next_mono_ms = INT64_MAX;
	int64_t now_mono_ms = clk_mono_ms();

	for (guint i = 0; i < pool->jobs->len;) {
		struct pg_job *job = pool->jobs->pdata[i];
		int64_t end_mono_ms = job->deadline_mono_ms + LATE_MS;

		if (pg_core_settle(pool->core, job,
				   now_mono_ms >= end_mono_ms ? too_late(job) : NULL)) {
			g_ptr_array_add(ready, g_ptr_array_remove_index(pool->jobs, i));
			continue;
		}
		next_mono_ms = MIN(next_mono_ms, end_mono_ms);
		i++;
	}
	pg_core_watch(pool->core, next_mono_ms);
	return ready;
}

void pg_pool_poll(struct pg_pool *pool)
{
	g_autoptr(GPtrArray) ready = NULL;

	assert(pthread_equal(pool->owner, pthread_self()));
	if (pool->jobs->len == 0)
		return;
	ready = take_ready(pool);
	for (guint i = 0; i < ready->len; i++)
		call_back(ready->pdata[i]);
}

void pg_pool_keep(struct pg_pool *pool, const char *const *dsns)
{
	assert(pthread_equal(pool->owner, pthread_self()));
	for (guint i = 0; i < pool->servers->len;) {
		struct pg_server *server = pool->servers->pdata[i];
		bool wanted = is_asked(pool, server);

		for (const char *const *dsn = dsns; *dsn && !wanted; dsn++)
			wanted = pg_server_is(server, *dsn);
		if (wanted)
			i++;
		else
			drop_server(pool, i);
	}
}
