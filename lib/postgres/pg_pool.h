/* pg_pool - the threads behind pg.h, and what they share with the scheduler. Private to
 * lib/postgres/. A job, a server and the core are reference counted: a thread that the lookup of a
 * name keeps may outlive the pool. Any thread, unless told otherwise. */
#ifndef DRIFT_POSTGRES_PG_POOL_H
#define DRIFT_POSTGRES_PG_POOL_H

#include <stdatomic.h>

#include "postgres/pg.h"

/** What all share: a mutex, and how to wake the scheduler. */
struct pg_core;
/** One connection string: its queue of questions, and up to PG_CONNECTIONS_MAX threads that take
 * from it. */
struct pg_server;

/** One question under way. */
struct pg_job {
	char *what;
	char **statements;
	int64_t rows_max;
	bool caller_sql;
	bool hide_values;
	int64_t deadline_mono_ms;
	struct pg_server *server; /* a reference; NULL: none could be had */
	pg_done_fn done;          /* the scheduler's, as data */
	void *data;
	atomic_int refs;
	/* guarded by the core's mutex, until the scheduler has seen it: what follows is final */
	bool settled;
	GPtrArray *results; /* struct pg_result *; NULL with fault */
	struct fault *fault;
};

/** One reference. */
struct pg_job *pg_job_create(const struct pg_question *question);
void pg_job_unref(struct pg_job *job);

struct pg_core *pg_core_create(void (*wake)(void *data), void *data);
void pg_core_unref(struct pg_core *core);
/** Nobody is woken any more; waits for the threads to end, at most @p wait_ms. Their servers were
 * stopped. */
void pg_core_close(struct pg_core *core, int64_t wait_ms);
/** Is @p job settled? With @p fault (taken; NULL: only ask) it is, from now on. Scheduler
 * thread. */
bool pg_core_settle(struct pg_core *core, struct pg_job *job, struct fault *fault);
/** Wake at that time, whatever the threads do; INT64_MAX: never. Scheduler thread. */
void pg_core_watch(struct pg_core *core, int64_t due_mono_ms);

/** One reference. */
struct pg_server *pg_server_create(struct pg_core *core, const char *dsn);
void pg_server_unref(struct pg_server *server);
bool pg_server_is(const struct pg_server *server, const char *dsn);
/** Its threads end as soon as they can. */
void pg_server_stop(struct pg_server *server);
/** Start another thread when all are busy and there may be more. False: there is none at all.
 * Scheduler thread. */
MUST_CHECK bool pg_server_staff(struct pg_server *server, int threads_max);
/** Queue @p job (a reference is taken). Scheduler thread. */
void pg_server_submit(struct pg_server *server, struct pg_job *job);

#endif
