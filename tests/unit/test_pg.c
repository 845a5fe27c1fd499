/* Questions to a real PostgreSQL server: answers, refusals, hangs, deaths. */
#include <check.h>
#include <glib.h>
#include <string.h>

#include "drift_error.h"
#include "postgres/pg.h"

Suite *pg_suite(void);

#ifdef HAVE_LIBPQ

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clk.h"
#include "tests/unit/pg_world.h"

/* Longer than anything here takes. */
#define LONG_MS (20 * MS_PER_S)

/* What came of a question. */
struct told {
	int count;
	GPtrArray *tables; /* struct table *; NULL with fault */
	enum fault_class class;
	char *message;
	char *permission;
};

/* A copy of a pg_result, as text. */
struct table {
	char *columns; /* "a|b" */
	char *rows;    /* "1|2\n3|NULL\n" */
	guint kept;
	int64_t total;
};

static int woken = -1;
static struct pg_pool *pool;

static void wake(void *data)
{
	(void)data;
	(void)eventfd_write(woken, 1);
}

static void setup(void)
{
	woken = eventfd(0, EFD_CLOEXEC);
	pool = pg_pool_create(wake, NULL);
}

static void teardown(void)
{
	pg_pool_free(pool);
	ck_assert_int_eq(close(woken), 0);
}

static void free_table(gpointer data)
{
	struct table *table = data;

	g_free(table->columns);
	g_free(table->rows);
	g_free(table);
}

static void told_clear(struct told *told)
{
	if (told->tables)
		g_ptr_array_unref(told->tables);
	g_free(told->message);
	g_free(told->permission);
	*told = (struct told){0};
}

static char *join_cells(char *const *cells, guint count)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < count; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? "|" : "",
				       cells[i] ? cells[i] : "NULL");
	return g_string_free(text, FALSE);
}

static void on_done(void *data, const GPtrArray *results, struct fault *fault)
{
	struct told *told = data;

	told->count++;
	if (fault) {
		ck_assert_ptr_null(results);
		told->class = fault->class;
		told->message = g_strdup(fault->message);
		told->permission = g_strdup(fault->permission);
		return;
	}
	told->tables = g_ptr_array_new_with_free_func(free_table);
	for (guint i = 0; i < results->len; i++) {
		const struct pg_result *result = results->pdata[i];
		struct table *table = g_new0(struct table, 1);
		GString *rows = g_string_new(NULL);

		table->columns =
			join_cells((char *const *)result->columns->pdata, result->columns->len);
		for (guint j = 0; j < result->rows->len; j++) {
			g_autofree char *row =
				join_cells(result->rows->pdata[j], result->columns->len);

			g_string_append_printf(rows, "%s\n", row);
		}
		table->rows = g_string_free(rows, FALSE);
		table->kept = result->rows->len;
		table->total = result->total_rows;
		g_ptr_array_add(told->tables, table);
	}
}

static void ask_many(const char *dsn, const char *const *statements, int64_t rows_max,
		     int64_t within_ms, struct told *told)
{
	struct pg_question question = {
		.dsn = dsn,
		.what = "assert/x",
		.statements = statements,
		.rows_max = rows_max,
		.caller_sql = true,
		.deadline_mono_ms = clk_mono_ms() + within_ms,
	};

	pg_pool_ask(pool, &question, on_done, told);
}

static void ask(const char *dsn, const char *sql, int64_t within_ms, struct told *told)
{
	ask_many(dsn, (const char *const[]){sql, NULL}, 20, within_ms, told);
}

static void await(const struct told *told)
{
	struct pollfd fd = {.fd = woken, .events = POLLIN};
	int64_t end_mono_ms = clk_mono_ms() + 2 * LONG_MS;
	eventfd_t rings = 0;

	while (told->count == 0) {
		ck_assert_msg(clk_mono_ms() < end_mono_ms, "never told");
		ck_assert_int_eq(poll(&fd, 1, (int)LONG_MS), 1);
		ck_assert_int_eq(eventfd_read(woken, &rings), 0);
		pg_pool_poll(pool);
	}
	ck_assert_int_eq(told->count, 1);
}

static const struct table *table_of(const struct told *told)
{
	ck_assert_msg(told->tables != NULL, "%s", told->message);
	return told->tables->pdata[0];
}

static void check_works(const char *dsn)
{
	struct told told = {0};

	ask(dsn, "SELECT 1", LONG_MS, &told);
	await(&told);
	ck_assert_str_eq(table_of(&told)->rows, "1\n");
	told_clear(&told);
}

/* --- one question --- */

static const struct {
	const char *sql;
	const char *columns;
	const char *rows;
	int64_t total;
} answers[] = {
	{"SELECT 1 AS a, 'x' AS b", "a|b", "1|x\n", 1},
	{"SELECT NULL AS a, '' AS b", "a|b", "NULL|\n", 1},
	{"SELECT 1 AS a WHERE false", "a", "", 0},
	{"VALUES (1, 'ä'), (2, '|')", "column1|column2", "1|ä\n2||\n", 2},
	{"TABLE things", "id|name", "1|one\n2|two\n3|NULL\n", 3},
	{"WITH t AS (SELECT 2 AS n) SELECT n FROM t;", "n", "2\n", 1},
	{"SELECT 1 AS a; -- that was all", "a", "1\n", 1},
	{"-- first\n/* then */ SELECT 1 AS a", "a", "1\n", 1},
	{"SELECT n FROM generate_series(1, 3) AS n ORDER BY n DESC", "n", "3\n2\n1\n", 3},
	{"SELECT current_setting('application_name') AS who", "who", "driftd\n", 1},
	{"SELECT current_setting('transaction_read_only') AS r, "
	 "current_setting('transaction_isolation') AS i",
	 "r|i", "on|repeatable read\n", 1},
	{"SELECT (current_setting('statement_timeout') <> '0') AS t", "t", "t\n", 1},
};

START_TEST(test_answer)
{
	g_autofree char *dsn = pg_world_dsn("postgres", PG_WORLD_READER);
	struct told told = {0};

	ask(dsn, answers[_i].sql, LONG_MS, &told);
	await(&told);
	ck_assert_str_eq(table_of(&told)->columns, answers[_i].columns);
	ck_assert_str_eq(table_of(&told)->rows, answers[_i].rows);
	ck_assert_int_eq(table_of(&told)->total, answers[_i].total);
	told_clear(&told);
}
END_TEST

static const struct {
	int64_t rows, max;
	guint kept;
} counts[] = {{19, 20, 19}, {20, 20, 20}, {21, 20, 20}, {100000, 20, 20}, {3, 1, 1}};

START_TEST(test_rows_beyond_the_most_are_counted)
{
	g_autofree char *dsn = pg_world_dsn("postgres", PG_WORLD_READER);
	g_autofree char *sql =
		g_strdup_printf("SELECT * FROM generate_series(1, %" PRId64 ")", counts[_i].rows);
	struct told told = {0};

	ask_many(dsn, (const char *const[]){sql, NULL}, counts[_i].max, LONG_MS, &told);
	await(&told);
	ck_assert_uint_eq(table_of(&told)->kept, counts[_i].kept);
	ck_assert_int_eq(table_of(&told)->total, counts[_i].rows);
	told_clear(&told);
}
END_TEST

START_TEST(test_statements_of_one_question_see_one_state)
{
	g_autofree char *dsn = pg_world_dsn("postgres", PG_WORLD_READER);
	static const char snapshot[] = "SELECT pg_current_snapshot()";
	struct told told = {0};

	ask_many(dsn, (const char *const[]){snapshot, "SELECT 2", snapshot, NULL}, 20, LONG_MS,
		 &told);
	await(&told);
	ck_assert_ptr_nonnull(told.tables);
	ck_assert_uint_eq(told.tables->len, 3);
	ck_assert_str_eq(((struct table *)told.tables->pdata[1])->rows, "2\n");
	ck_assert_str_eq(((struct table *)told.tables->pdata[0])->rows,
			 ((struct table *)told.tables->pdata[2])->rows);
	told_clear(&told);
}
END_TEST

/* --- what cannot be answered --- */

static const struct {
	const char *sql;
	enum fault_class class;
	const char *part;
	const char *permission;
} refusals[] = {
	{"SELECT * FROM nowhere", FAULT_BROKEN, "\"nowhere\" does not exist at character 15", NULL},
	{"SELECT nothing FROM things", FAULT_BROKEN, "\"nothing\" does not exist at character 8",
	 NULL},
	{"SELEC 1", FAULT_BROKEN, "syntax error at or near \"SELEC\" at character 1", NULL},
	{"SELECT 1 +", FAULT_BROKEN, "syntax error at end of input", NULL},
	{"", FAULT_BROKEN, "syntax error", NULL},
	{"SELECT 1/0", FAULT_BROKEN, "division by zero", NULL},
	{"SELECT 'x'::int", FAULT_BROKEN, "invalid input syntax", NULL},
	{"SELECT * FROM secrets", FAULT_DENIED, "permission denied for table secrets",
	 "SELECT on table secrets"},
	{"SELECT * FROM hidden.x", FAULT_DENIED, "hidden", "USAGE on schema hidden"},
	{"INSERT INTO things VALUES (9)", FAULT_BROKEN, "one SELECT", NULL},
	{"CREATE TABLE t (i int)", FAULT_BROKEN, "one SELECT", NULL},
	{"DROP TABLE things", FAULT_BROKEN, "one SELECT", NULL},
	{"COMMIT", FAULT_BROKEN, "one SELECT", NULL},
	{"COMMIT; DROP TABLE things", FAULT_BROKEN, "syntax error", NULL},
	{"SELECT 1; COMMIT; DROP TABLE things", FAULT_BROKEN, "multiple commands", NULL},
	{"SELECT 1; SELECT 2", FAULT_BROKEN, "multiple commands", NULL},
	{"WITH gone AS (DELETE FROM things RETURNING *) SELECT * FROM gone", FAULT_BROKEN,
	 "data-modifying", NULL},
	{"SELECT write_something()", FAULT_BROKEN, "read-only transaction", NULL},
	{"SELECT nextval('counter')", FAULT_BROKEN, "read-only transaction", NULL},
	{"SELECT * FROM things FOR UPDATE", FAULT_BROKEN, "read-only transaction", NULL},
	{"SELECT * INTO copy FROM things", FAULT_BROKEN, "", NULL},
	{"SELECT set_config('transaction_read_only', 'off', false), write_something()",
	 FAULT_BROKEN, "transaction", NULL},
	{"COPY things TO PROGRAM 'true'", FAULT_BROKEN, "one SELECT", NULL},
	{"SHOW ALL", FAULT_BROKEN, "one SELECT", NULL},
};

START_TEST(L15_what_the_server_refuses_is_told_apart)
{
	g_autofree char *dsn = pg_world_dsn("postgres", "writer");
	struct told told = {0};

	if (refusals[_i].permission) {
		g_free(dsn);
		dsn = pg_world_dsn("postgres", PG_WORLD_READER);
	}
	ask(dsn, refusals[_i].sql, LONG_MS, &told);
	await(&told);
	ck_assert_msg(told.tables == NULL, "answered");
	ck_assert_msg(told.class == refusals[_i].class, "%s: %s", fault_class_text(told.class),
		      told.message);
	ck_assert_msg(strstr(told.message, refusals[_i].part) != NULL, "%s", told.message);
	ck_assert_msg(g_str_has_prefix(told.message, "assert/x: "), "%s", told.message);
	ck_assert_msg(g_strcmp0(told.permission, refusals[_i].permission) == 0, "%s",
		      told.permission);
	told_clear(&told);
	check_works(dsn); /* the connection is none the worse */
	pg_world_await("postgres", "SELECT count(*) FROM things", "3");
}
END_TEST

START_TEST(test_what_user_sql_sets_is_forgotten)
{
	g_autofree char *dsn = pg_world_dsn("postgres", PG_WORLD_READER);
	struct told told = {0};

	ask(dsn, "SELECT set_config('search_path', 'hidden', false), pg_advisory_lock(7)", LONG_MS,
	    &told);
	await(&told);
	ck_assert_ptr_nonnull(told.tables);
	told_clear(&told);
	ask(dsn, "SELECT current_setting('search_path')", LONG_MS, &told);
	await(&told);
	ck_assert_str_eq(table_of(&told)->rows, "\"$user\", public\n");
	told_clear(&told);
	pg_world_await("postgres", "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'",
		       "0");
}
END_TEST

static const struct {
	const char *dsn; /* PORT stands for the server's, DEAD for one where nobody listens */
	enum fault_class class;
	const char *part;
} strangers[] = {
	{"host=127.0.0.1 port=PORT dbname=postgres user=reader password=hunter2", FAULT_CREDENTIALS,
	 "password authentication failed"},
	{"host=127.0.0.1 port=PORT dbname=postgres user=reader passfile=/nowhere/pgpass",
	 FAULT_CREDENTIALS, "no password supplied"},
	{"host=127.0.0.1 port=PORT dbname=postgres user=nobody password=hunter2", FAULT_CREDENTIALS,
	 "28P01"},
	{"host=SOCKET port=PORT dbname=postgres user=hunter", FAULT_CREDENTIALS, "28000"},
	{"host=SOCKET port=PORT dbname=elsewhere user=reader", FAULT_NOT_FOUND, "\"elsewhere\""},
	{"host=SOCKET port=PORT dbname=postgres user=sleeper", FAULT_CREDENTIALS, "log in"},
	{"host=127.0.0.1 port=DEAD dbname=postgres user=reader password=hunter2", FAULT_RESET,
	 "refused"},
	{"host=/nowhere port=PORT dbname=postgres user=reader password=hunter2", FAULT_RESET,
	 "No such file"},
	{"host=127.0.0.1 port=PORT dbname=postgres user=reader password=hunter2 sslmode=require",
	 FAULT_TLS, "SSL"},
	{"host=hunter2.invalid port=PORT dbname=postgres user=reader", FAULT_RESOLVE, "no address"},
	{"postgresql://reader:x/hunter2@127.0.0.1/postgres", FAULT_BROKEN, "connection string"},
	{"postgresql://reader:hunter2@127.0.0.1/postgres?sslmode=hunter2", FAULT_BROKEN,
	 "connection string"},
};

static char *fill_in(const char *text)
{
	g_autofree char *port = g_strdup_printf("%d", pg_world_port());
	g_autofree char *whole = pg_world_dsn("x", "x");
	GString *out = g_string_new(text);

	*strchr(whole, ' ') = '\0';
	(void)g_string_replace(out, "PORT", port, 0);
	(void)g_string_replace(out, "DEAD", "1", 0);
	(void)g_string_replace(out, "SOCKET", whole + strlen("host="), 0);
	return g_string_free(out, FALSE);
}

START_TEST(test_no_connection)
{
	g_autofree char *dsn = fill_in(strangers[_i].dsn);
	struct told told = {0};

	ask(dsn, "SELECT 1", LONG_MS, &told);
	await(&told);
	ck_assert_msg(told.class == strangers[_i].class, "%s: %s", fault_class_text(told.class),
		      told.message);
	ck_assert_msg(strstr(told.message, strangers[_i].part) != NULL, "%s", told.message);
	ck_assert_msg(!strstr(told.message, "hunter2"), "the password is told: %s", told.message);
	ck_assert_msg(g_str_has_prefix(told.message, "assert/x: "), "%s", told.message);
	told_clear(&told);
}
END_TEST

START_TEST(test_password)
{
	g_autofree char *dsn = pg_world_tcp_dsn("postgres", PG_WORLD_READER, PG_WORLD_PASSWORD);

	check_works(dsn);
}
END_TEST

/* --- time --- */

static const char running[] = "SELECT count(*) FROM pg_stat_activity WHERE application_name = "
			      "'driftd' AND state = 'active' AND query LIKE '%FETCH%'";
static const char connected[] =
	"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'driftd'";

START_TEST(test_deadline_cancels_at_the_server)
{
	g_autofree char *dsn = pg_world_dsn("postgres", PG_WORLD_READER);
	struct told told = {0};
	int64_t begun_mono_ms = clk_mono_ms();

	ask(dsn, "SELECT pg_sleep(600)", 400, &told);
	await(&told);
	ck_assert_msg(told.class == FAULT_TIMEOUT, "%s", told.message);
	ck_assert_int_ge(clk_mono_ms() - begun_mono_ms, 350);
	ck_assert_int_lt(clk_mono_ms() - begun_mono_ms, LONG_MS);
	told_clear(&told);
	pg_world_await("postgres", running, "0");
	check_works(dsn);
}
END_TEST

START_TEST(test_hanging_statement_holds_up_no_other)
{
	g_autofree char *dsn = pg_world_dsn("postgres", PG_WORLD_READER);
	struct told hanging = {0};
	struct told others[10] = {{0}};

	ask(dsn, "SELECT pg_sleep(600)", 15 * LONG_MS, &hanging);
	pg_world_await("postgres", running, "1");
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		ask(dsn, "SELECT 1", LONG_MS, &others[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		await(&others[i]);
		ck_assert_str_eq(table_of(&others[i])->rows, "1\n");
		told_clear(&others[i]);
	}
	ck_assert_int_eq(hanging.count, 0);
	/* the pool's end tells who still waits, and cancels */
	pg_pool_free(pool);
	ck_assert_int_eq(hanging.count, 1);
	ck_assert_int_eq(hanging.class, FAULT_CANCELLED);
	told_clear(&hanging);
	pg_world_await("postgres", connected, "0");
	pool = pg_pool_create(wake, NULL);
}
END_TEST

START_TEST(test_one_connection_serves_one_after_the_other)
{
	g_autofree char *dsn = pg_world_dsn("postgres", PG_WORLD_READER);
	const char *const none[] = {NULL};
	const char *const same[] = {dsn, NULL};
	g_autofree char *first = NULL;
	struct told told = {0};

	for (int i = 0; i < 3; i++) {
		ask(dsn, "SELECT pg_backend_pid()", LONG_MS, &told);
		await(&told);
		if (i > 0)
			pg_pool_keep(pool, same); /* closes nothing */
		else
			first = g_strdup(table_of(&told)->rows);
		told_clear(&told);
		pg_world_await("postgres",
			       "SELECT count(*) FROM pg_stat_activity WHERE application_name = "
			       "'driftd' AND state = 'idle'",
			       "1");
	}
	pg_pool_keep(pool, none);
	pg_world_await("postgres", connected, "0");
	check_works(dsn);
}
END_TEST

START_TEST(test_many_questions_share_few_connections)
{
	g_autofree char *dsn = pg_world_dsn("postgres", PG_WORLD_READER);
	struct told told[100] = {{0}};

	for (size_t i = 0; i < G_N_ELEMENTS(told); i++)
		ask(dsn, "SELECT 1 FROM pg_sleep(0.001)", LONG_MS, &told[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(told); i++) {
		await(&told[i]);
		ck_assert_str_eq(table_of(&told[i])->rows, "1\n");
		told_clear(&told[i]);
	}
	{
		g_autofree char *count = pg_world_ask("postgres", connected);
		gint64 number = 0;

		ck_assert(
			g_ascii_string_to_signed(count, 10, 1, PG_CONNECTIONS_MAX, &number, NULL));
	}
}
END_TEST

/* --- death --- */

static const struct {
	const char *how; /* SQL for every backend of driftd's; NULL: kill -9 */
} deaths[] = {{NULL}, {"SELECT pg_terminate_backend(pid)"}};

#define CHECKPOINTER "FROM pg_stat_activity WHERE backend_type = 'checkpointer'"

/* Ends the connections of driftd's, and waits until the server is well again: a kill -9 of a
 * backend restarts all of it. */
static void kill_backends(const char *how)
{
	static const char from[] = "FROM pg_stat_activity WHERE application_name = 'driftd'";
	g_autofree char *sql = g_strdup_printf("%s %s", how ? how : "SELECT pid", from);
	g_autofree char *checkpointer = pg_world_ask("postgres", "SELECT pid " CHECKPOINTER);
	g_autofree char *pid = pg_world_ask("postgres", sql);
	g_autofree char *restarted =
		g_strdup_printf("SELECT count(*) " CHECKPOINTER " AND pid <> %s", checkpointer);
	gint64 number = 0;

	if (how)
		return;
	ck_assert(g_ascii_string_to_signed(pid, 10, 2, G_MAXINT32, &number, NULL));
	ck_assert_int_eq(kill((pid_t)number, SIGKILL), 0);
	pg_world_await("postgres", restarted, "1");
}

START_TEST(test_connection_that_dies_half_way)
{
	g_autofree char *dsn = pg_world_dsn("postgres", PG_WORLD_READER);
	struct told told = {0};

	ask(dsn, "SELECT pg_sleep(600)", LONG_MS, &told);
	pg_world_await("postgres", running, "1");
	kill_backends(deaths[_i].how);
	await(&told);
	ck_assert_msg(told.class == FAULT_RESET, "%s: %s", fault_class_text(told.class),
		      told.message);
	told_clear(&told);
	check_works(dsn);
}
END_TEST

START_TEST(test_connection_that_died_idle_is_made_anew)
{
	g_autofree char *dsn = pg_world_dsn("postgres", PG_WORLD_READER);

	check_works(dsn);
	kill_backends(deaths[_i].how);
	pg_world_await("postgres", connected, "0");
	check_works(dsn);
}
END_TEST

/* A listener of 127.0.0.1 that never accepts. */
static int listen_silently(int *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, length), 0);
	ck_assert_int_eq(listen(fd, 5), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static const struct {
	const char *greeting; /* sent to who connects; NULL: nothing */
	enum fault_class class;
} listeners[] = {
	{NULL, FAULT_TIMEOUT},
	{"HTTP/1.1 400 Bad Request\r\n\r\n", FAULT_BAD_ANSWER},
	{"", FAULT_RESET}, /* hangs up */
};

START_TEST(test_listener_that_is_no_postgresql)
{
	int port = 0;
	int fd = listen_silently(&port);
	g_autofree char *dsn = g_strdup_printf("host=127.0.0.1 port=%d user=reader sslmode=disable "
					       "gssencmode=disable",
					       port);
	struct told told = {0};
	int peer = -1;

	ask(dsn, "SELECT 1", listeners[_i].greeting ? LONG_MS : 300, &told);
	if (listeners[_i].greeting) {
		char request[512];
		const char *greeting = listeners[_i].greeting;

		peer = accept(fd, NULL, NULL);
		ck_assert_int_ge(peer, 0);
		ck_assert_int_gt(read(peer, request, sizeof(request)), 0);
		ck_assert_int_eq(write(peer, greeting, strlen(greeting)),
				 (ssize_t)strlen(greeting));
		(void)close(peer);
	}
	await(&told);
	ck_assert_msg(told.class == listeners[_i].class, "%s: %s", fault_class_text(told.class),
		      told.message);
	told_clear(&told);
	(void)close(fd);
}
END_TEST

/* --- size --- */

START_TEST(test_huge_answer)
{
	g_autofree char *dsn = pg_world_dsn("postgres", PG_WORLD_READER);
	struct told told = {0};

	ask_many(dsn,
		 (const char *const[]){
			 "SELECT repeat('x', 1000000) FROM generate_series(1, 100000)", NULL},
		 PG_ROWS_MAX, 2 * LONG_MS, &told);
	await(&told);
	ck_assert_msg(told.class == FAULT_TOO_LARGE, "%s: %s", fault_class_text(told.class),
		      told.message);
	told_clear(&told);
	pg_world_await("postgres", running, "0");
	check_works(dsn);
}
END_TEST

START_TEST(test_many_rows)
{
	g_autofree char *dsn = pg_world_dsn("postgres", PG_WORLD_READER);
	struct told told = {0};
	const char *last = NULL;

	ask_many(dsn, (const char *const[]){"SELECT n FROM generate_series(1, 250000) AS n", NULL},
		 200000, LONG_MS, &told);
	await(&told);
	ck_assert_uint_eq(table_of(&told)->kept, 200000);
	ck_assert_int_eq(table_of(&told)->total, 250000);
	last = table_of(&told)->rows + strlen(table_of(&told)->rows) - strlen("\n200000\n");
	ck_assert_str_eq(last, "\n200000\n");
	told_clear(&told);
}
END_TEST

START_TEST(test_rows_that_are_counted_take_no_memory)
{
	g_autofree char *dsn = pg_world_dsn("postgres", PG_WORLD_READER);
	struct told told = {0};

	/* 1 GB, were it fetched */
	ask(dsn, "SELECT repeat('x', 100000) FROM generate_series(1, 10000)", LONG_MS, &told);
	await(&told);
	ck_assert_int_eq(table_of(&told)->total, 10000);
	told_clear(&told);
}
END_TEST

START_TEST(test_bytes_that_are_no_utf8)
{
	g_autofree char *dsn = pg_world_dsn("bytes", PG_WORLD_READER);
	struct told told = {0};

	ask(dsn, "SELECT name, 7, NULL FROM odd", LONG_MS, &told);
	await(&told);
	ck_assert_int_eq(told.class, FAULT_BROKEN);
	ck_assert_ptr_nonnull(strstr(told.message, "invalid byte sequence"));
	told_clear(&told);
}
END_TEST

START_TEST(test_too_many_connections_is_quota)
{
	g_autofree char *dsn = pg_world_dsn("few", PG_WORLD_READER);
	struct told told = {0};

	ask(dsn, "SELECT 1", LONG_MS, &told);
	await(&told);
	ck_assert_msg(told.class == FAULT_QUOTA, "%s: %s", fault_class_text(told.class),
		      told.message);
	told_clear(&told);
}
END_TEST

START_TEST(test_more_servers_than_threads_may_be)
{
	struct told told[PG_WORKERS_MAX + 3] = {{0}};
	int port = 0;
	int fd = listen_silently(&port);
	int refused = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(told); i++) {
		g_autofree char *dsn = g_strdup_printf(
			"host=127.0.0.1 port=%d user=u%zu sslmode=disable", port, i);

		ask(dsn, "SELECT 1", 500, &told[i]);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(told); i++) {
		await(&told[i]);
		refused += told[i].class == FAULT_QUOTA ? 1 : 0;
		told_clear(&told[i]);
	}
	ck_assert_int_eq(refused, 3);
	{
		g_autofree char *dsn = pg_world_dsn("postgres", PG_WORLD_READER);

		check_works(dsn); /* they made room */
	}
	(void)close(fd);
}
END_TEST

START_TEST(test_late_question_is_not_asked)
{
	g_autofree char *dsn = pg_world_dsn("postgres", PG_WORLD_READER);
	struct told told = {0};

	ask(dsn, "SELECT 1", -1, &told);
	await(&told);
	ck_assert_int_eq(told.class, FAULT_TIMEOUT);
	told_clear(&told);
}
END_TEST

static void setup_world(void)
{
	pg_world_start();
	pg_world_run("postgres", "CREATE ROLE writer SUPERUSER LOGIN;"
				 "CREATE ROLE sleeper NOLOGIN;"
				 "CREATE TABLE things (id int, name text);"
				 "INSERT INTO things VALUES (1, 'one'), (2, 'two'), (3, NULL);"
				 "GRANT SELECT ON things TO reader;"
				 "CREATE TABLE secrets (id int);"
				 "CREATE SCHEMA hidden;"
				 "CREATE TABLE hidden.x (id int);"
				 "CREATE SEQUENCE counter;"
				 "CREATE FUNCTION write_something() RETURNS int LANGUAGE sql AS "
				 "'INSERT INTO public.things VALUES (9) RETURNING id';");
	pg_world_run("postgres", "CREATE DATABASE bytes TEMPLATE template0 ENCODING SQL_ASCII");
	pg_world_run("postgres", "CREATE DATABASE few CONNECTION LIMIT 0");
	pg_world_run("bytes", "CREATE TABLE odd (name text);"
			      "INSERT INTO odd VALUES (E'a\\xe4 z');"
			      "GRANT SELECT ON odd TO reader");
}

#define ADD_LOOP(tcase, test, cases) tcase_add_loop_test(tcase, test, 0, (int)G_N_ELEMENTS(cases))

static void add_server_cases(TCase *tcase)
{
	tcase_add_unchecked_fixture(tcase, setup_world, pg_world_stop);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	ADD_LOOP(tcase, test_answer, answers);
	ADD_LOOP(tcase, test_rows_beyond_the_most_are_counted, counts);
	tcase_add_test(tcase, test_statements_of_one_question_see_one_state);
	ADD_LOOP(tcase, L15_what_the_server_refuses_is_told_apart, refusals);
	tcase_add_test(tcase, test_what_user_sql_sets_is_forgotten);
	ADD_LOOP(tcase, test_no_connection, strangers);
	tcase_add_test(tcase, test_password);
	tcase_add_test(tcase, test_deadline_cancels_at_the_server);
	tcase_add_test(tcase, test_hanging_statement_holds_up_no_other);
	tcase_add_test(tcase, test_one_connection_serves_one_after_the_other);
	tcase_add_test(tcase, test_many_questions_share_few_connections);
	ADD_LOOP(tcase, test_connection_that_dies_half_way, deaths);
	ADD_LOOP(tcase, test_connection_that_died_idle_is_made_anew, deaths);
	ADD_LOOP(tcase, test_listener_that_is_no_postgresql, listeners);
	tcase_add_test(tcase, test_huge_answer);
	tcase_add_test(tcase, test_many_rows);
	tcase_add_test(tcase, test_rows_that_are_counted_take_no_memory);
	tcase_add_test(tcase, test_bytes_that_are_no_utf8);
	tcase_add_test(tcase, test_too_many_connections_is_quota);
	tcase_add_test(tcase, test_more_servers_than_threads_may_be);
	tcase_add_test(tcase, test_late_question_is_not_asked);
}

Suite *pg_suite(void)
{
	Suite *suite = suite_create("pg");
	TCase *server = tcase_create("server");

	add_server_cases(server);
	suite_add_tcase(suite, server);
	return suite;
}

#else

Suite *pg_suite(void)
{
	return suite_create("pg"); /* see test_pg_fault.c */
}

#endif
