/* pg_session - one connection to a PostgreSQL server and the questions asked over it, by one
 * thread: everything waits with poll(), never longer than a deadline, and ends at once when it is
 * told to stop. The one thing that can block is the lookup of a host's name, inside libpq. Private
 * to lib/postgres/. */
#ifndef DRIFT_POSTGRES_PG_SESSION_H
#define DRIFT_POSTGRES_PG_SESSION_H

#include "postgres/pg.h"

struct pg_session;

/** Nothing is connected yet. @p dsn is borrowed until the session is freed. @p stop: a descriptor
 * that becomes readable when all is to end at once. */
struct pg_session *pg_session_create(const char *dsn, int stop);

/** Closes. NULL is fine. */
void pg_session_free(struct pg_session *session);

/** A question, as pg_question has it. All is borrowed. */
struct pg_work {
	const char *what;
	char *const *statements;
	int64_t rows_max;
	bool caller_sql;
	bool hide_values;
	int64_t deadline_mono_ms;
};

/**
 * Ask. Connects first when there is no connection, or when the one there is turns out to have died.
 *
 * @param ret_results  struct pg_result *, one per statement; caller unrefs.
 * @return NULL, or why there is no answer: one reference.
 */
struct fault *pg_session_ask(struct pg_session *session, const struct pg_work *work,
			     GPtrArray **ret_results);

/** After each question, when its answer was handed over: end the transaction and forget what it
 * set, or, when that does not work, cancel what still runs at the server and close. */
void pg_session_tidy(struct pg_session *session);

bool pg_session_is_connected(const struct pg_session *session);

/** Close; the next question connects anew. */
void pg_session_close(struct pg_session *session);

#endif
