/* pg - questions to PostgreSQL servers: worker threads, each with a connection; one per connection
 * string, and more, up to PG_CONNECTIONS_MAX, only while questions would wait for one that takes
 * long: a statement that hangs holds up no other. Everything in a READ ONLY transaction with
 * statement_timeout, ended at its deadline. The only user of libpq, which is optional at build time
 * (HAVE_LIBPQ). Scheduler thread only; the threads are its own affair. Nothing blocks but the
 * lookup of a host's name, which keeps its thread: who asked is told at the deadline all the same,
 * and pg_pool_free() does not wait for it. https://www.postgresql.org/docs/15/libpq.html */
#ifndef DRIFT_POSTGRES_PG_H
#define DRIFT_POSTGRES_PG_H

#include "base.h"
#include "source/fault.h"

/** Most connection strings at once. */
#define PG_WORKERS_MAX 32
/** Connections, and threads, of one connection string. */
#define PG_CONNECTIONS_MAX 4
/** Bounds of one answer. A single row takes what PostgreSQL allows (1 GB) before it is refused. */
#define PG_ROWS_MAX 500000
#define PG_ANSWER_MAX_BYTES ((size_t)128 * 1024 * 1024)

/** Was driftd built with libpq? */
bool pg_is_available(void);

/** Is @p dsn a connection string (keywords or URI)? DRIFT_ERROR_INVALID without the string in its
 * message; UNSUPPORTED without libpq. */
MUST_CHECK bool pg_check_dsn(const char *dsn, GError **error);

struct pg_pool;

/** @p wake is called, from another thread, when pg_pool_poll() has something to do. */
struct pg_pool *pg_pool_create(void (*wake)(void *data), void *data);

/** Ends all connections and threads; whoever still waits is called back with FAULT_CANCELLED (he
 * must not ask anew), and what runs is cancelled at the server. Not from a callback. NULL is
 * fine. */
void pg_pool_free(struct pg_pool *pool);

/** An answer to one statement. */
struct pg_result {
	GPtrArray *columns; /* char * */
	GPtrArray *rows;    /* char **, as long as columns, NULL for SQL NULL; at most rows_max */
	int64_t total_rows;
};

/** Statements asked in one transaction (REPEATABLE READ, READ ONLY), so that their answers fit
 * together. */
struct pg_question {
	const char *dsn;               /* secret; copied, wiped */
	const char *what;              /* for messages: "assert/users-valid" */
	const char *const *statements; /* NULL-terminated; one SQL statement each */
	int64_t rows_max;              /* per statement; more are counted, not kept */
	/* they are the user's: a failing one is his (FAULT_BROKEN with the position) */
	bool caller_sql;
	/* errors must not repeat what is in rows: such texts of the server's are kept back */
	bool hide_values;
	int64_t deadline_mono_ms;
};

/** @p results: struct pg_result *, one per statement, borrowed; NULL with @p fault (borrowed):
 * FAULT_CREDENTIALS (refused), FAULT_DENIED (names the missing privilege), FAULT_BROKEN (SQL error,
 * not read-only, no such table or column), FAULT_NOT_FOUND (database), FAULT_RESOLVE, FAULT_RESET
 * (refused, died half way), FAULT_TLS, FAULT_TIMEOUT (cancelled at the server too),
 * FAULT_TOO_LARGE, FAULT_CANCELLED, FAULT_QUOTA (the server is out of connections),
 * FAULT_BAD_ANSWER (no PostgreSQL, an internal error). */
typedef void (*pg_done_fn)(void *data, const GPtrArray *results, struct fault *fault);

/** Ask. @p done is called exactly once, from pg_pool_poll() or pg_pool_free(). */
void pg_pool_ask(struct pg_pool *pool, const struct pg_question *question, pg_done_fn done,
		 void *data);

/** Call back for what was answered. Cheap when there is nothing. */
void pg_pool_poll(struct pg_pool *pool);

/** End connections to servers that no configuration names any more; @p dsns is NULL-terminated. */
void pg_pool_keep(struct pg_pool *pool, const char *const *dsns);

#endif
