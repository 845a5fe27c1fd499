/* pg_world - a real PostgreSQL server for tests, of Debian's package postgresql-15: initialised in
 * a temporary folder, on a free port of 127.0.0.1 and a Unix socket, run by an unprivileged user
 * when the tests run as root. It ends with pg_world_stop(), and at the latest with the process that
 * started it. For an unchecked fixture: one per suite. */
#ifndef DRIFT_TESTS_PG_WORLD_H
#define DRIFT_TESTS_PG_WORLD_H

#include "base.h"

/** Asks nothing of whoever comes by the socket; a password of whoever comes by TCP. Users: postgres
 * (superuser), and reader, a plain one. */
#define PG_WORLD_READER "reader"
#define PG_WORLD_PASSWORD "s3cret/@:% wörd"

/** Aborts, saying why, when there can be no server. Only one at a time. */
void pg_world_start(void);
void pg_world_stop(void);

int pg_world_port(void);

/** By the socket, as @p user. Caller frees. */
char *pg_world_dsn(const char *database, const char *user);
/** By TCP, with that password; NULL: without. Caller frees. */
char *pg_world_tcp_dsn(const char *database, const char *user, const char *password);

/** As the superuser, in a database; several statements. Aborts when it fails. */
void pg_world_run(const char *database, const char *sql);
/** First cell of the answer, "" when there is none or SQL NULL. Caller frees. */
char *pg_world_ask(const char *database, const char *sql);
/** Wait until pg_world_ask() says so; aborts after 20 s. Survives a server that restarts. */
void pg_world_await(const char *database, const char *sql, const char *wanted);

#endif
