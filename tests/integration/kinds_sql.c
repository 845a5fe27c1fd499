/* kinds_sql - assertions on a real PostgreSQL server: conditions, what is shown, what is never written, and servers that hang or go
 * (DESIGN 7, LESSONS L04 and L15). */
#include "tests/integration/kinds.h"

#ifdef HAVE_LIBPQ

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct postgres *postgres; /* for all tests of the case, or for one */
static struct kinds *kinds;
static char *database; /* of one test */

#define ID "assert/users"
#define SECRET "hunter2-correct-horse"
#define PASSWORD "sesame-opens-it"

static const char *const ids[] = {ID, NULL};

static const char schema[] =
	"CREATE TABLE users (id int, name text, score numeric);"
	"INSERT INTO users VALUES (1, 'ann', 0.5), (2, 'bob', 2), (3, NULL, NULL);"
	"CREATE SEQUENCE counter;"
	"CREATE FUNCTION add_user() RETURNS int LANGUAGE sql VOLATILE AS "
	"'INSERT INTO users VALUES (9, ''x'', 1) RETURNING id';"
	"CREATE FUNCTION reveal() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'it is "
	"%', (SELECT name FROM users WHERE id = 4) USING HINT = (SELECT name FROM users WHERE id = "
	"4); END $$;"
	"CREATE FUNCTION build() RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT \"' || "
	"(SELECT name FROM users WHERE id = 4) || '\"'; RETURN 1; END $$;";

static void start(void)
{
	postgres = postgres_start();
}

static void stop(void)
{
	postgres_stop(postgres);
}

static void setup(void)
{
	database = postgres_database(postgres, schema);
	kinds = kinds_open();
}

static void teardown(void)
{
	kinds_close(kinds);
	postgres_drop_database(postgres, database);
	g_free(database);
}

/** With a server of its own, which may be stopped. */
static void setup_alone(void)
{
	start();
	setup();
}

static void teardown_alone(void)
{
	kinds_close(kinds);
	g_free(database);
	stop();
}

static void add_named(const char *name, const char *sql, const char *lines)
{
	g_autofree char *dsn = postgres_dsn(postgres, database, "postgres");
	g_autofree char *file = g_strdup_printf("checks/%s.sql", name);

	kinds_write(kinds, file, sql);
	kinds_add(kinds,
		  "[assert \"%s\"]\nsource = postgresql\ndsn = %s password=" PASSWORD
		  "\nsql-file = %s\n%s",
		  name, dsn, file, lines);
}

static void add(const char *sql, const char *lines)
{
	add_named("users", sql, lines);
}

/** The same driftd with another statement. */
static void ask(const char *sql)
{
	kinds_write(kinds, "checks/users.sql", sql);
	kinds_reload(kinds);
}

static const struct {
	const char *sql, *lines;
	const char *state, *code, *said;
} conditions[] = {
	{"SELECT * FROM users WHERE score > 1", "expect = rows = 0", "drift", "assertion_failed",
	 "there is 1 row"},
	{"SELECT * FROM users WHERE score > 1;\n-- end", "expect = rows = 1", "ok", NULL, "holds"},
	{"SELECT count(*) FROM users", "expect = value = 3", "ok", NULL, "(value 3)"},
	{"SELECT count(*) FROM users", "expect = value <= 3\nwarn = value < 3", "pending",
	 "assertion_warning", "the value is 3"},
	{"SELECT avg(score) FROM users", "expect = value between 1 and 1.5", "ok", NULL, "1.25"},
	{"SELECT avg(score) FROM users", "expect = value between 0 and 1", "drift",
	 "assertion_failed", "1.25"},
	{"SELECT score FROM users WHERE id = 3", "expect = value = 0", "unknown", "broken_check",
	 "NULL"},
	{"SELECT name FROM users WHERE id = 1", "expect = value = 0", "unknown", "broken_check",
	 "number"},
	{"SELECT score FROM users", "expect = value = 0", "unknown", "broken_check", "3 rows"},
	{"SELECT id, score FROM users WHERE id = 1", "expect = value = 1", "unknown",
	 "broken_check", "2 columns"},
	{"SELECT nam FROM users", "expect = rows = 0", "unknown", "broken_check", "at character 8"},
	{"SELECT * FROM userz", "expect = rows = 0", "unknown", "broken_check", "userz"},
	{"VALUES (1), (2)", "expect = rows = 2", "ok", NULL, "holds"},
	{"WITH a AS (SELECT 1) SELECT * FROM a", "expect = rows = 1", "ok", NULL, "holds"},
	{"SELECT 1", "expect = rows = 0\nactive-when = SELECT count(*) > 9 FROM users", "ok",
	 "not_due", "active-when is false"},
	{"SELECT 1", "expect = rows = 1\nactive-when = SELECT count(*) > 1 FROM users", "ok", NULL,
	 "holds"},
};

START_TEST(condition_decides_on_a_real_server)
{
	add(conditions[_i].sql, conditions[_i].lines);
	kinds_begin(kinds);
	kinds_expect(kinds, ID, conditions[_i].state, conditions[_i].code);
	kinds_expect_said(kinds, ID, conditions[_i].said);
}
END_TEST

/* --- never written --- */

static const char *const writing[] = {
	"INSERT INTO users VALUES (7, 'x', 1)",
	"INSERT INTO users VALUES (7, 'x', 1) RETURNING id",
	"UPDATE users SET id = 0",
	"DELETE FROM users",
	"TRUNCATE users",
	"DROP TABLE users",
	"CREATE TABLE more (id int)",
	"SELECT * INTO more FROM users",
	"CREATE TABLE more AS SELECT * FROM users",
	"WITH gone AS (DELETE FROM users RETURNING id) SELECT * FROM gone",
	"SELECT add_user()",
	"SELECT nextval('counter')",
	"SELECT set_config('transaction_read_only', 'off', false), add_user()",
	"COPY users TO '/tmp/driftd-users'",
	"COPY (SELECT 1) TO PROGRAM 'true'",
	"CALL nothing()",
	"DO $$ BEGIN DELETE FROM users; END $$",
	"SET default_transaction_read_only = off",
	"COMMIT",
	"EXPLAIN ANALYZE DELETE FROM users",
	"VACUUM",
	"PREPARE p AS DELETE FROM users",
	"SELECT id FROM users FOR UPDATE",
};

static char *fingerprint(void)
{
	return postgres_ask(
		postgres, database,
		"SELECT (SELECT string_agg(users::text, ';' ORDER BY id) FROM users) || "
		"(SELECT last_value::text || is_called FROM counter) || (SELECT count(*) FROM "
		"pg_class) || (SELECT count(*) FROM pg_largeobject_metadata)");
}

START_TEST(what_writes_is_refused_and_nothing_changes)
{
	g_autofree char *before = fingerprint(), *after = NULL;

	add(writing[0], "expect = rows = 0");
	kinds_begin(kinds);
	for (size_t i = 0; i < G_N_ELEMENTS(writing); i++) {
		g_autofree char *state = NULL, *text = NULL;

		ask(writing[i]);
		text = kinds_text(kinds, ID, "reasons.0.code");
		ck_assert_msg(g_str_equal(text, "broken_check"), "%s: %s", writing[i], text);
		state = kinds_text(kinds, ID, "state");
		ck_assert_msg(g_str_equal(state, "unknown"), "%s: %s", writing[i], state);
		after = fingerprint();
		ck_assert_msg(g_str_equal(before, after), "%s: %s became %s", writing[i], before,
			      after);
		g_clear_pointer(&after, g_free);
	}
	/* older servers let large objects be made: the transaction is rolled back in any case */
	ask("SELECT lo_create(4711)");
	after = fingerprint();
	ck_assert_str_eq(before, after);
	ask("SELECT id FROM users"); /* and none of them spoilt the connection */
	kinds_expect(kinds, ID, "drift", "assertion_failed");
	kinds_expect_said(kinds, ID, "there are 3 rows");
}
END_TEST

START_TEST(several_statements_are_no_configuration)
{
	g_autofree char *log = NULL;

	add("SELECT 1; DELETE FROM users", "expect = rows = 0");
	world_configure(kinds->world, kinds->config->str);
	ck_assert_int_eq(world_start_failing(kinds->world, &log), 78);
	ck_assert_msg(strstr(log, "more than one statement"), "%s", log);
	ck_assert_ptr_null(strstr(log, PASSWORD));
}
END_TEST

/* --- time --- */

START_TEST(statement_that_hangs_is_ended_at_the_server)
{
	g_autofree char *active = NULL;

	add("SELECT pg_sleep(600)", "expect = rows = 0");
	add_named("other", "SELECT 1", "expect = rows = 1");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "unknown", "fetch_failed");
	kinds_expect(kinds, "assert/other", "ok", NULL);
	active = postgres_ask(postgres, database,
			      "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND "
			      "query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()");
	ck_assert_str_eq(active, "0");
	ask("SELECT 1 WHERE false");
	kinds_expect(kinds, ID, "ok", NULL);
}
END_TEST

START_TEST(L04_server_that_goes_is_no_failure)
{
	g_autofree char *known = NULL;

	add("SELECT * FROM users WHERE id > 5", "expect = rows = 0");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
	postgres_kill(postgres);
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "unknown", "fetch_failed");
	known = kinds_text(kinds, ID, "last_known.state");
	ck_assert_str_eq(known, "ok");
	postgres_restart(postgres);
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "ok", NULL);
}
END_TEST

/* --- what is shown --- */

START_TEST(failing_rows_are_shown_cut_and_escaped)
{
	g_autoptr(struct_answer) target = NULL, plain = NULL;
	json_object *rows = NULL;

	add("SELECT i AS id, CASE i WHEN 1 THEN E'\\x1b[31m<b>red</b>\\nfake  ok' WHEN 2 THEN "
	    "repeat('w', 100000) END AS \"na\nme\" FROM generate_series(1, 5000) i ORDER BY i",
	    "expect = rows = 0");
	kinds_begin(kinds);
	target = world_any_target(kinds->world, ID);
	rows = json_at(target->json, "assertion.rows");
	ck_assert_uint_eq(json_object_array_length(rows), 20);
	ck_assert_int_eq(json_int_at(target->json, "assertion.rows_total"), 5000);
	ck_assert_str_eq(json_text_at(rows, "0.1"), "\x1b[31m<b>red</b>\nfake  ok");
	ck_assert_uint_lt(strlen(json_text_at(rows, "1.1")), 500);
	ck_assert_ptr_null(json_at(rows, "2.1"));
	ck_assert_ptr_null(strchr(target->body, '\x1b'));
	plain = world_get(kinds->world, "/drift/" ID "?format=text");
	ck_assert_ptr_null(strchr(plain->body, '\x1b'));
	ck_assert_ptr_null(strstr(plain->body, "\nfake"));
	ck_assert_ptr_null(strstr(plain->body, "na\nme"));
	ck_assert_ptr_nonnull(strstr(plain->body, "<b>red</b>"));
	ck_assert_ptr_nonnull(strstr(plain->body, "… and 4980 more"));
}
END_TEST

static const struct {
	const char *sql;
	const char *state, *code;
} hidden[] = {
	{"SELECT id, name FROM users WHERE id = 4", "drift", "assertion_failed"},
	/* servers quote values in their errors */
	{"SELECT name::int FROM users WHERE id = 4", "unknown", "broken_check"},
	{"SELECT name::regtype FROM users WHERE id = 4", "unknown", "broken_check"},
	{"SELECT name::json FROM users WHERE id = 4", "unknown", "broken_check"},
	{"SELECT reveal()", "unknown", "broken_check"},
	{"SELECT build()", "unknown", "broken_check"},
	{"SELECT name::date FROM users WHERE id = 4", "unknown", "broken_check"},
};

START_TEST(rows_that_may_not_be_shown_are_nowhere)
{
	add(hidden[_i].sql, "expect = rows = 0\nshow-rows = false");
	config_replace(kinds->config, "[driftd]\n", "[driftd]\nlog-level = debug\n");
	postgres_run(postgres, database, "INSERT INTO users VALUES (4, '" SECRET "', 1)");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, hidden[_i].state, hidden[_i].code);
	kinds_expect_nowhere(kinds, ids, SECRET);
	kinds_restart(kinds);
	kinds_expect_nowhere(kinds, ids, SECRET);
	if (_i > 0)
		kinds_expect_said(kinds, ID, "SQLSTATE"); /* and something to go by */
}
END_TEST

/* What is wrong with the SQL itself is told all the same, and so is all of it when rows may be shown. */
START_TEST(errors_of_the_statement_are_told)
{
	add("SELECT nam FROM users", "expect = rows = 0\nshow-rows = false");
	postgres_run(postgres, database, "INSERT INTO users VALUES (4, '" SECRET "', 1)");
	kinds_begin(kinds);
	kinds_expect_said(kinds, ID, "nam");
	ask("DELETE FROM users");
	kinds_expect(kinds, ID, "unknown", "broken_check");
	config_replace(kinds->config, "show-rows = false", "show-rows = true");
	ask("SELECT name::int FROM users WHERE id = 4");
	kinds_expect_said(kinds, ID, SECRET);
}
END_TEST

/* --- secrets --- */

/** From now on the server asks for passwords. */
static void ask_for_passwords(void)
{
	g_autofree char *path = g_build_filename(postgres->directory, "data/pg_hba.conf", NULL);
	g_autofree char *old = NULL, *text = NULL;

	postgres_run(postgres, "postgres", "CREATE ROLE watcher LOGIN PASSWORD 'the-right-one'");
	postgres_run(postgres, database, "GRANT SELECT ON users TO watcher");
	ck_assert(g_file_get_contents(path, &old, NULL, NULL));
	text = g_strconcat("host all watcher 127.0.0.1/32 scram-sha-256\n", old, NULL);
	ck_assert(g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_ONLY_EXISTING, 0644,
					   NULL));
	postgres_run(postgres, "postgres", "SELECT pg_reload_conf()");
}

START_TEST(password_is_nowhere)
{
	ask_for_passwords();
	add("SELECT * FROM users WHERE id > 5", "expect = rows = 0");
	config_replace(kinds->config, "user=postgres", "user=watcher");
	config_replace(kinds->config, "[driftd]\n", "[driftd]\nlog-level = debug\n");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "unknown", "");
	kinds_expect_said(kinds, ID, "password");
	kinds_expect_nowhere(kinds, ids, PASSWORD);
	config_replace(kinds->config, PASSWORD, "the-right-one");
	kinds_reload(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
	kinds_expect_nowhere(kinds, ids, PASSWORD);
	kinds_expect_nowhere(kinds, ids, "the-right-one");
}
END_TEST

START_TEST(dsn_of_the_environment_is_nowhere)
{
	g_autofree char *variable =
		g_strdup_printf("PG_DSN=postgresql://postgres:" PASSWORD "@127.0.0.1:%d/%s",
				postgres->port, database);
	const char *const environment[] = {variable, NULL};

	kinds_write(kinds, "checks/users.sql", "SELECT 1");
	kinds_write(kinds, "all.objects", "");
	kinds_add(kinds, "[assert \"users\"]\nsource = postgresql\ndsn = env:PG_DSN\n"
			 "sql-file = checks/users.sql\nexpect = rows = 1");
	kinds_add(kinds, "[inventory \"all\"]\nsource = postgresql\ndsn = env:PG_DSN\n"
			 "expect-file = all.objects");
	config_replace(kinds->config, "[driftd]\n", "[driftd]\nlog-level = debug\n");
	kinds->world->environment = environment;
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
	kinds_expect(kinds, "inventory/all", "drift", "object_unexpected");
	kinds_expect_nowhere(kinds, (const char *const[]){ID, "inventory/all", NULL}, PASSWORD);
	postgres_kill(postgres);
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "unknown", "fetch_failed");
	kinds_expect_nowhere(kinds, (const char *const[]){ID, "inventory/all", NULL}, PASSWORD);
	kinds->world->environment = NULL;
}
END_TEST

START_TEST(dsn_that_is_none_is_not_repeated)
{
	g_autofree char *log = NULL;

	add("SELECT 1", "expect = rows = 1");
	config_replace(kinds->config, "sslmode=disable", "sslmode=disable pass word");
	world_configure(kinds->world, kinds->config->str);
	ck_assert_int_eq(world_start_failing(kinds->world, &log), 78);
	ck_assert_msg(strstr(log, "dsn"), "%s", log);
	ck_assert_ptr_null(strstr(log, PASSWORD));
}
END_TEST

TCase *kinds_sql_case(void)
{
	TCase *tcase = tcase_create("sql");

	tcase_add_unchecked_fixture(tcase, start, stop);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, condition_decides_on_a_real_server, 0,
			    (int)G_N_ELEMENTS(conditions));
	tcase_add_test(tcase, what_writes_is_refused_and_nothing_changes);
	tcase_add_test(tcase, several_statements_are_no_configuration);
	tcase_add_test(tcase, statement_that_hangs_is_ended_at_the_server);
	tcase_add_test(tcase, failing_rows_are_shown_cut_and_escaped);
	tcase_add_loop_test(tcase, rows_that_may_not_be_shown_are_nowhere, 0,
			    (int)G_N_ELEMENTS(hidden));
	tcase_add_test(tcase, errors_of_the_statement_are_told);
	tcase_add_test(tcase, dsn_that_is_none_is_not_repeated);
	return tcase;
}

TCase *kinds_server_case(void)
{
	TCase *tcase = tcase_create("server");

	tcase_add_checked_fixture(tcase, setup_alone, teardown_alone);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, L04_server_that_goes_is_no_failure);
	tcase_add_test(tcase, password_is_nowhere);
	tcase_add_test(tcase, dsn_of_the_environment_is_nowhere);
	return tcase;
}

#else

TCase *kinds_sql_case(void)
{
	return tcase_create("sql"); /* built without libpq: nothing to test */
}

TCase *kinds_server_case(void)
{
	return tcase_create("server");
}

#endif
