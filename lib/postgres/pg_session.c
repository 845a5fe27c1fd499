/* pg_session - see pg_session.h */
#include "postgres/pg_session.h"

#include <poll.h>
#include <string.h>

#include "clk.h"
#include "drift_error.h"
#include "postgres/pg_answer.h"
#include "postgres/pg_fault.h"

#ifdef HAVE_LIBPQ

#include <libpq-fe.h>

/* The first version with all that the catalogues read (generated columns, prokind). */
#define SERVER_VERSION_MIN 120000

/* A connection whose time is over has this long to be tidied up. */
#define TIDY_MS (2 * MS_PER_S)

/* A FETCH asks for rows of about so many bytes together, and at first for so many rows. */
#define CHUNK_BYTES ((size_t)4 * 1024 * 1024)
#define CHUNK_ROWS_MAX 50000
#define FIRST_ROWS 20

/* Sent before the user's statement: nothing but a query can follow, and nothing after it, as only
 * one statement is taken. Positions in messages are counted from its end. */
#define DECLARE "DECLARE driftd_answer NO SCROLL CURSOR FOR "

struct pg_session {
	const char *dsn; /* borrowed */
	int stop;
	PGconn *connection;  /* NULL: none */
	bool in_transaction; /* what was begun is to be ended */
	bool is_dirty;       /* the user's SQL may have set something */
	bool is_lost;        /* nothing more can be said over it */
};

/* A question under way. */
struct asking {
	struct pg_session *session;
	const struct pg_work *work;
	size_t bytes; /* of the answer so far */
};

enum waited {
	WAITED_READY,
	WAITED_TIMEOUT,
	WAITED_STOPPED,
};

bool pg_is_available(void)
{
	return true;
}

static bool has_strange_host(const PQconninfoOption *options)
{
	for (; options->keyword; options++)
		if (strcmp(options->keyword, "host") == 0 && options->val && *options->val != '/' &&
		    *options->val != '@' && strchr(options->val, '@'))
			return true;
	return false;
}

bool pg_check_dsn(const char *dsn, GError **error)
{
	char *message = NULL;
	PQconninfoOption *options = PQconninfoParse(dsn, &message);
	bool ok = options && !has_strange_host(options);

	/* the message repeats pieces of the string, which may be the password's */
	PQfreemem(message);
	if (!options)
		g_set_error_literal(
			error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			"not a connection string: write \"host=… dbname=… user=… password=…\", or "
			"postgresql://USER:PASSWORD@HOST/DATABASE with / @ : % in a "
			"password as %2F %40 %3A %25");
	else if (!ok)
		g_set_error_literal(
			error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			"the host of the connection string holds an @: in a password it is "
			"written %40");
	PQconninfoFree(options);
	return ok;
}

struct pg_session *pg_session_create(const char *dsn, int stop)
{
	struct pg_session *session = g_new0(struct pg_session, 1);

	session->dsn = dsn;
	session->stop = stop;
	return session;
}

bool pg_session_is_connected(const struct pg_session *session)
{
	return session->connection != NULL;
}

void pg_session_close(struct pg_session *session)
{
	PQfinish(session->connection); /* NULL is fine */
	session->connection = NULL;
	session->in_transaction = false;
	session->is_dirty = false;
	session->is_lost = false;
}

void pg_session_free(struct pg_session *session)
{
	if (!session)
		return;
	pg_session_close(session);
	g_free(session);
}

/* --- waiting --- */

static enum waited wait_for(const struct pg_session *session, short events,
			    int64_t deadline_mono_ms)
{
	struct pollfd fds[2] = {{.fd = session->stop, .events = POLLIN},
				{.fd = PQsocket(session->connection), .events = events}};

	for (;;) {
		int64_t left_ms = deadline_mono_ms - clk_mono_ms();
		int ready = 0;

		if (left_ms <= 0)
			return WAITED_TIMEOUT;
		/* bounded above: a fake clock, or one that jumps, is looked at again */
		ready = poll(fds, G_N_ELEMENTS(fds), (int)MIN(left_ms, MS_PER_MINUTE));
		if (fds[0].revents)
			return WAITED_STOPPED;
		if (ready > 0)
			return WAITED_READY;
	}
}

static struct fault *fault_of_wait(const struct pg_work *work, const char *doing,
				   enum waited waited)
{
	if (waited == WAITED_STOPPED)
		return fault_create(FAULT_CANCELLED, 0, NULL, "%s: %s: driftd stops", work->what,
				    doing);
	return fault_create(FAULT_TIMEOUT, 0, NULL,
			    "%s: %s: no answer in time: look at the server and the network, or "
			    "raise cycle-timeout",
			    work->what, doing);
}

/* A query was sent. Whether it runs or the network hangs cannot be told from here. */
static struct fault *fault_of_silence(const struct pg_work *work, enum waited waited)
{
	if (waited == WAITED_STOPPED)
		return fault_of_wait(work, "ask PostgreSQL", waited);
	return fault_create(FAULT_TIMEOUT, 0, NULL,
			    "%s: the query was still running at the end of cycle-timeout, and was "
			    "cancelled: narrow what it reads, or raise cycle-timeout",
			    work->what);
}

static struct fault *fault_of_loss(struct pg_session *session, const struct pg_work *work)
{
	g_autofree char *message = g_strdup(PQerrorMessage(session->connection));

	session->is_lost = true;
	return fault_create(FAULT_RESET, 0, NULL,
			    "%s: ask PostgreSQL: %s: it was not repeated; the next "
			    "look connects anew",
			    work->what, *g_strchomp(message) ? message : "the connection broke");
}

/* --- connecting --- */

static struct fault *check_server(struct pg_session *session, const struct pg_work *work)
{
	int version = PQserverVersion(session->connection);

	if (version >= SERVER_VERSION_MIN)
		return NULL;
	return fault_create(
		FAULT_BROKEN, 0, NULL,
		"%s: connect to PostgreSQL: the server is version %d.%d, driftd needs 12 or "
		"newer",
		work->what, version / 10000, version % 10000);
}

static struct fault *fault_of_connection(const struct pg_session *session,
					 const struct pg_work *work, bool tried)
{
	g_autofree char *message = g_strdup(PQerrorMessage(session->connection));

	return pg_fault_from_connection(work->what, g_strchomp(message), tried);
}

static struct fault *await_connection(struct pg_session *session, const struct pg_work *work)
{
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;
	bool tried = false;

	while (status != PGRES_POLLING_OK) {
		enum waited waited = WAITED_READY;

		if (status == PGRES_POLLING_FAILED)
			return fault_of_connection(session, work, tried);
		if (PQsocket(session->connection) >= 0) {
			tried = true;
			waited = wait_for(session,
					  status == PGRES_POLLING_READING ? POLLIN : POLLOUT,
					  work->deadline_mono_ms);
		}
		if (waited != WAITED_READY)
			return fault_of_wait(work, "connect to PostgreSQL", waited);
		status = PQconnectPoll(session->connection);
		tried = tried || PQsocket(session->connection) >= 0;
	}
	return check_server(session, work);
}

/* Notices are for people at a prompt; libpq would print them. */
static void drop_notice(void *data, const PGresult *result)
{
	(void)data;
	(void)result;
}

static struct fault *connect_to(struct pg_session *session, const struct pg_work *work)
{
	/* what comes later goes before what dsn says */
	const char *const keywords[] = {"dbname", "application_name", "client_encoding", NULL};
	const char *const values[] = {session->dsn, "driftd", "UTF8", NULL};
	struct fault *fault = NULL;

	session->connection = PQconnectStartParams(keywords, values, 1);
	if (!session->connection)
		return fault_create(FAULT_RESET, 0, NULL,
				    "%s: connect to PostgreSQL: out of memory", work->what);
	(void)PQsetErrorVerbosity(session->connection,
				  PQERRORS_VERBOSE); /* the old one is no news */
	(void)PQsetNoticeReceiver(session->connection, drop_notice, NULL);
	fault = PQstatus(session->connection) == CONNECTION_BAD
			? fault_of_connection(session, work, false)
			: await_connection(session, work);
	if (!fault && PQsetnonblocking(session->connection, 1) != 0)
		fault = fault_of_loss(session, work);
	if (fault)
		pg_session_close(session);
	return fault;
}

/* --- one statement --- */

static struct fault *fault_of_result(const struct asking *asking, const PGresult *result)
{
	const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
	g_autofree char *doing = g_strdup_printf(
		"%s: %s", asking->work->what,
		asking->work->caller_sql ? "run its SQL on PostgreSQL" : "ask PostgreSQL");
	struct pg_said said = {
		.sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE),
		.primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY),
		.detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL),
		.hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT),
	};
	gint64 number = 0;

	if (!said.sqlstate)
		return fault_of_loss(asking->session, asking->work);
	if (position && g_ascii_string_to_signed(position, 10, 1, G_MAXINT32, &number, NULL))
		said.position = MAX(number - (gint64)strlen(DECLARE), 0);
	if (asking->work->hide_values)
		pg_fault_hide_values(&said);
	return pg_fault_from_server(doing, &said);
}

/* Wait until PQgetResult() does not block. */
static struct fault *await_result(const struct asking *asking)
{
	PGconn *connection = asking->session->connection;

	for (;;) {
		int unsent = PQflush(connection);
		enum waited waited = WAITED_READY;

		if (unsent < 0)
			return fault_of_loss(asking->session, asking->work);
		if (unsent == 0 && !PQisBusy(connection))
			return NULL;
		waited = wait_for(asking->session, (short)(POLLIN | (unsent > 0 ? POLLOUT : 0)),
				  asking->work->deadline_mono_ms);
		if (waited != WAITED_READY) {
			asking->session->is_lost = true;
			return fault_of_silence(asking->work, waited);
		}
		if (!PQconsumeInput(connection))
			return fault_of_loss(asking->session, asking->work);
	}
}

static struct fault *take_rows(struct asking *asking, struct pg_result *answer,
			       const PGresult *result)
{
	pg_answer_take_columns(answer, result);
	for (int row = 0; row < PQntuples(result); row++) {
		if (PQresultMemorySize(result) > PG_ANSWER_MAX_BYTES - asking->bytes) {
			asking->session->is_lost = true; /* the rest is not waited for */
			return fault_create(
				FAULT_TOO_LARGE, 0, NULL,
				"%s: ask PostgreSQL: the answer has more than %zu MiB: select less",
				asking->work->what, PG_ANSWER_MAX_BYTES / 1024 / 1024);
		}
		asking->bytes += pg_answer_take_row(answer, result, row);
	}
	return NULL;
}

static struct fault *take_result(struct asking *asking, const PGresult *result,
				 struct pg_result *answer, int64_t *ret_count)
{
	switch (PQresultStatus(result)) {
	case PGRES_COMMAND_OK:
		*ret_count = pg_answer_count(result);
		return NULL;
	case PGRES_SINGLE_TUPLE:
	case PGRES_TUPLES_OK:
		return answer ? take_rows(asking, answer, result) : NULL;
	case PGRES_FATAL_ERROR:
	case PGRES_BAD_RESPONSE:
	case PGRES_NONFATAL_ERROR:
		return fault_of_result(asking, result);
	case PGRES_EMPTY_QUERY:
		return fault_create(FAULT_BROKEN, 0, NULL, "%s: the SQL is empty",
				    asking->work->what);
	case PGRES_COPY_OUT:
	case PGRES_COPY_IN:
	case PGRES_COPY_BOTH:
	case PGRES_PIPELINE_SYNC:
	case PGRES_PIPELINE_ABORTED:
		break;
	}
	asking->session->is_lost = true;
	return fault_create(FAULT_BAD_ANSWER, 0, NULL,
			    "%s: ask PostgreSQL: an answer of no known kind", asking->work->what);
}

/* Everything that comes of what was sent. The first fault counts; what follows is read past, unless
 * the connection is lost. @p answer NULL: no rows are expected. @p ret_count: rows that a command
 * says it touched; may be NULL. */
static struct fault *finish(struct asking *asking, struct pg_result *answer, int64_t *ret_count)
{
	struct fault *first = NULL;
	int64_t count = 0;

	while (!asking->session->is_lost) {
		struct fault *fault = await_result(asking);
		PGresult *result = fault ? NULL : PQgetResult(asking->session->connection);

		if (result)
			fault = take_result(asking, result, answer, &count);
		else if (!fault)
			break;
		PQclear(result);
		if (first)
			fault_unref(fault);
		else
			first = fault;
		if (PQstatus(asking->session->connection) == CONNECTION_BAD)
			asking->session->is_lost = true;
	}
	if (ret_count)
		*ret_count = count;
	return first;
}

/* One of ours, or several: nothing of the user's is in it. */
static struct fault *command(struct asking *asking, const char *sql, int64_t *ret_count)
{
	if (!PQsendQuery(asking->session->connection, sql))
		return fault_of_loss(asking->session, asking->work);
	return finish(asking, NULL, ret_count);
}

static int64_t left_ms(const struct asking *asking)
{
	return CLAMP(asking->work->deadline_mono_ms - clk_mono_ms(), 1, MS_PER_DAY);
}

static struct fault *begin(struct asking *asking)
{
	g_autofree char *sql = g_strdup_printf(
		"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
		"SET LOCAL statement_timeout = %" PRId64 ";"
		"SET LOCAL idle_in_transaction_session_timeout = %" PRId64 ";"
		"SET LOCAL cursor_tuple_fraction = 1", /* all rows will be fetched: plan for that */
		left_ms(asking), left_ms(asking) + TIDY_MS);

	asking->session->in_transaction = true;
	return command(asking, sql, NULL);
}

static struct fault *declare(struct asking *asking, const char *statement)
{
	g_autofree char *sql = g_strconcat(DECLARE, statement, NULL);

	asking->session->is_dirty = asking->work->caller_sql;
	/* the extended protocol takes one statement only */
	if (!PQsendQueryParams(asking->session->connection, sql, 0, NULL, NULL, NULL, NULL, 0))
		return fault_of_loss(asking->session, asking->work);
	return finish(asking, NULL, NULL);
}

static struct fault *fetch_some(struct asking *asking, struct pg_result *answer, int64_t rows)
{
	g_autofree char *sql =
		g_strdup_printf("FETCH FORWARD %" PRId64 " FROM driftd_answer", rows);

	if (!PQsendQuery(asking->session->connection, sql))
		return fault_of_loss(asking->session, asking->work);
	(void)PQsetSingleRowMode(asking->session->connection); /* else they come all at once */
	return finish(asking, answer, NULL);
}

/* How many rows to ask for next: the server stores all that one FETCH brings before it sends the
 * first of them. */
static int64_t chunk_rows(const struct pg_result *answer, size_t bytes)
{
	size_t row_bytes = answer->rows->len > 0 ? bytes / answer->rows->len : 0;

	if (answer->rows->len == 0)
		return FIRST_ROWS;
	return CLAMP((int64_t)(CHUNK_BYTES / MAX(row_bytes, 1)), 1, CHUNK_ROWS_MAX);
}

static struct fault *fetch(struct asking *asking, struct pg_result *answer)
{
	int64_t rows_max = MIN(asking->work->rows_max, (int64_t)PG_ROWS_MAX);
	size_t before = asking->bytes;
	struct fault *fault = NULL;

	while (!fault && answer->rows->len < rows_max) {
		guint had = answer->rows->len;
		int64_t rows = MIN(chunk_rows(answer, asking->bytes - before), rows_max - had);

		fault = fetch_some(asking, answer, rows);
		if (answer->rows->len - had < rows)
			break; /* that was all */
	}
	return fault;
}

static struct fault *count_rest(struct asking *asking, struct pg_result *answer)
{
	struct fault *fault = NULL;
	int64_t more = 0;

	answer->total_rows = answer->rows->len;
	if (answer->total_rows < MIN(asking->work->rows_max, (int64_t)PG_ROWS_MAX))
		return NULL;
	fault = command(asking, "MOVE FORWARD ALL FROM driftd_answer", &more);
	answer->total_rows += more;
	return fault;
}

static struct fault *run_statement(struct asking *asking, const char *statement, GPtrArray *results)
{
	struct pg_result *answer = pg_answer_create();
	g_autofree char *close = g_strdup_printf(
		"CLOSE driftd_answer; SET LOCAL statement_timeout = %" PRId64, left_ms(asking));
	bool is_first = results->len == 0;
	struct fault *fault = is_first ? NULL : command(asking, close, NULL);

	g_ptr_array_add(results, answer);
	if (!fault)
		fault = declare(asking, statement);
	if (!fault)
		fault = fetch(asking, answer);
	if (!fault)
		fault = count_rest(asking, answer);
	return fault;
}

/* --- the question --- */

/* Connected, and in a transaction. A connection that was kept may have died meanwhile: nothing was
 * asked yet. */
static struct fault *open_transaction(struct asking *asking)
{
	struct pg_session *session = asking->session;
	bool was_kept = session->connection != NULL;
	struct fault *fault = was_kept ? NULL : connect_to(session, asking->work);

	if (!fault)
		fault = begin(asking);
	if (!fault || !was_kept || !session->is_lost || fault->class != FAULT_RESET)
		return fault;
	fault_unref(fault);
	pg_session_close(session);
	fault = connect_to(session, asking->work);
	return fault ? fault : begin(asking);
}

struct fault *pg_session_ask(struct pg_session *session, const struct pg_work *work,
			     GPtrArray **ret_results)
{
	struct asking asking = {.session = session, .work = work};
	g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(pg_answer_free);
	struct fault *fault = NULL;

	if (work->deadline_mono_ms <= clk_mono_ms())
		return fault_of_wait(work, "wait for a connection to PostgreSQL", WAITED_TIMEOUT);
	fault = open_transaction(&asking);
	for (char *const *statement = work->statements; !fault && *statement; statement++)
		fault = run_statement(&asking, *statement, results);
	if (!fault)
		*ret_results = g_steal_pointer(&results);
	return fault;
}

/* A statement that nobody waits for any more would run on until statement_timeout. */
static void cancel(PGconn *connection)
{
	PGcancel *handle = PQgetCancel(connection);
	char error[256] = "";

	if (handle)
		(void)PQcancel(handle, error,
			       sizeof(error)); /* statement_timeout ends it as well */
	PQfreeCancel(handle);
}

void pg_session_tidy(struct pg_session *session)
{
	struct pg_work work = {.what = "tidy up", .deadline_mono_ms = clk_mono_ms() + TIDY_MS};
	struct asking asking = {.session = session, .work = &work};
	struct fault *fault = NULL;

	if (!session->connection)
		return;
	if (!session->is_lost && session->in_transaction)
		fault = command(&asking, "ROLLBACK", NULL);
	if (!fault && !session->is_lost && session->is_dirty)
		fault = command(&asking, "DISCARD ALL", NULL);
	if (session->is_lost && PQtransactionStatus(session->connection) == PQTRANS_ACTIVE)
		cancel(session->connection);
	if (session->is_lost || fault)
		pg_session_close(session);
	fault_unref(fault);
	session->in_transaction = false;
	session->is_dirty = false;
}

#endif
