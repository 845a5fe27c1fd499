/* pg_fault - what PostgreSQL and libpq say, as faults. Private to lib/postgres/. Pure: any
 * thread. */
#ifndef DRIFT_POSTGRES_PG_FAULT_H
#define DRIFT_POSTGRES_PG_FAULT_H

#include "postgres/pg.h"

/** Length of a SQLSTATE. https://www.postgresql.org/docs/15/errcodes-appendix.html */
#define PG_SQLSTATE_BYTES 5

/** What a server said about a statement. Texts are borrowed, as they came; NULL: not said. */
struct pg_said {
	const char *sqlstate;
	const char *primary;
	const char *detail;
	const char *hint;
	int64_t position; /* in the statement, in characters, from 1; 0: not said */
};

/** Keep back what may repeat values of rows ("invalid input syntax for type integer: \"…\""): all
 * texts but those about the statement's grammar and names, about rights, and about the server
 * itself. */
void pg_fault_hide_values(struct pg_said *said);

/** @p doing: "assert/users-valid: run the statement". One reference. */
struct fault *pg_fault_from_server(const char *doing, const struct pg_said *said);

/**
 * Why there is no connection. @p message is libpq's, written with PQERRORS_VERBOSE so that a
 * server's refusal names its SQLSTATE; it is quoted only where it cannot hold a piece of the
 * connection string. One reference.
 *
 * @param tried  a socket was opened; false: it failed before, in the connection string itself or in
 * the lookup of a name. */
struct fault *pg_fault_from_connection(const char *what, const char *message, bool tried);

/** Class of a SQLSTATE. */
enum fault_class pg_fault_class(const char *sqlstate);

#endif
