/* pg_none - what stands in for the questions when driftd is built without libpq: they are told so.
 * See pg_session.h */
#include "postgres/pg_session.h"

#include "drift_error.h"

#ifndef HAVE_LIBPQ

struct pg_session {
	char unused; /* there are none */
};

bool pg_is_available(void)
{
	return false;
}

bool pg_check_dsn(const char *dsn, GError **error)
{
	(void)dsn;
	g_set_error_literal(
		error, DRIFT_ERROR, DRIFT_ERROR_UNSUPPORTED,
		"this driftd was built without libpq: build it where libpq-dev is installed");
	return false;
}

struct pg_session *pg_session_create(const char *dsn, int stop)
{
	(void)dsn;
	(void)stop;
	return g_new0(struct pg_session, 1);
}

void pg_session_free(struct pg_session *session)
{
	g_free(session);
}

struct fault *pg_session_ask(struct pg_session *session, const struct pg_work *work,
			     GPtrArray **ret_results)
{
	(void)session;
	(void)ret_results;
	return fault_create(
		FAULT_BROKEN, 0, NULL,
		"%s: this driftd was built without libpq: build it where libpq-dev is installed",
		work->what);
}

void pg_session_tidy(struct pg_session *session)
{
	(void)session;
}

bool pg_session_is_connected(const struct pg_session *session)
{
	(void)session;
	return false;
}

void pg_session_close(struct pg_session *session)
{
	(void)session;
}

#endif
