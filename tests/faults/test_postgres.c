/* test_postgres - everything that can go wrong between driftd and a PostgreSQL server, at assertions and inventories: unknown with the
 * right reason, never ok and never drift, nobody else is touched, and the next cycle after the fault is right again. */
#include "tests/faults/data_lanes.h"
#include "tests/faults/data_proxy.h"
#include "tests/faults/data_usage.h"

#include "clk.h"

#include <stdarg.h>
#include <string.h>

#ifdef HAVE_LIBPQ

#include <sys/stat.h>

Suite *postgres_faults_suite(void);

#define FORBIDDEN "permission_denied"
#define FETCH "fetch_failed"
#define BROKEN "broken_check"

/** What a target must say. */
struct expected {
	const char *code, *class;
	const char *word; /* in the message, or in the permission that is named */
};

/** A server that answers wrongly, or not at all: each has an assertion and an inventory behind a proxy of its own. */
static const struct {
	const char *name;
	enum proxy_mode mode;
	int64_t cut_bytes; /* what comes before CUT and STALL */
	struct expected expected;
	bool inventory_only; /* the answer to the assertion is shorter than that */
} paths[] = {
	{"refuse", PROXY_MODE_REFUSE, 0, {FETCH, "reset", "connect"}, false},
	{"silent", PROXY_MODE_SILENT, 0, {FETCH, "timeout", "cycle-timeout"}, false},
	{"garbage", PROXY_MODE_GARBAGE, 0, {FETCH, NULL, "PostgreSQL"}, false},
	{"html", PROXY_MODE_HTML, 0, {FETCH, NULL, "PostgreSQL"}, false},
	{"cut", PROXY_MODE_CUT, 40, {FETCH, "reset", ""}, false},
	{"stall", PROXY_MODE_STALL, 40, {FETCH, "timeout", "cycle-timeout"}, false},
	{"late", PROXY_MODE_CUT, 1500, {FETCH, "reset", ""}, true},
};
#define PATHS ((int)G_N_ELEMENTS(paths))

/** A server that does not let driftd in: each has a role, an assertion and an inventory. %ROLE% stands for the role. */
static const struct {
	const char *name;
	const char *harm,
		*heal; /* statements of the superuser; the role's connections are ended by both */
	struct expected expected;
} doors[] = {
	{"password",
	 "ALTER ROLE %ROLE% PASSWORD 'changed'",
	 "ALTER ROLE %ROLE% PASSWORD 'opensesame'",
	 {FORBIDDEN, "credentials", "correct the password in dsn"}},
	{"nologin",
	 "ALTER ROLE %ROLE% NOLOGIN",
	 "ALTER ROLE %ROLE% LOGIN",
	 {FORBIDDEN, "credentials", "not permitted to log in"}},
	{"limited",
	 "ALTER ROLE %ROLE% CONNECTION LIMIT 0",
	 "ALTER ROLE %ROLE% CONNECTION LIMIT -1",
	 {FETCH, "quota", "too many connections"}},
	{"gone",
	 "ALTER DATABASE %ROLE% RENAME TO elsewhere",
	 "ALTER DATABASE elsewhere RENAME TO %ROLE%",
	 {FETCH, "not_found", "correct the database in dsn"}},
	{"revoked",
	 "REVOKE CONNECT ON DATABASE %ROLE% FROM PUBLIC",
	 "GRANT CONNECT ON DATABASE %ROLE% TO PUBLIC",
	 {FORBIDDEN, "denied", "CONNECT on database"}},
};
#define DOORS ((int)G_N_ELEMENTS(doors))

/** A statement that goes wrong: what the function does that an assertion calls. */
static const struct {
	const char *name;
	const char *body;
	struct expected expected;
} statements[] = {
	{"sleep", "PERFORM pg_sleep(60)", {FETCH, "timeout", "cycle-timeout"}},
	{"denied", "PERFORM 1 FROM stock.secret", {FORBIDDEN, "denied", "SELECT on table secret"}},
	{"writes", "INSERT INTO stock.t VALUES (9)", {BROKEN, NULL, "only reads"}},
	{"absent", "PERFORM 1 FROM stock.nowhere", {BROKEN, NULL, "stock.nowhere"}},
	{"divides", "PERFORM 1 / (SELECT count(*) - 2 FROM stock.t)", {BROKEN, NULL, "by zero"}},
	{"raises", "RAISE EXCEPTION 'made up'", {BROKEN, NULL, "made up"}},
	{"ended",
	 "PERFORM pg_terminate_backend(pg_backend_pid())",
	 {FETCH, "reset", "administrator"}},
	{"deadlock", "RAISE SQLSTATE '40P01'", {FETCH, "reset", "40P01"}},
	{"full", "RAISE SQLSTATE '53100'", {FETCH, "quota", "53100"}},
	{"damaged", "RAISE SQLSTATE 'XX001'", {FETCH, "bad_answer", "XX001"}},
};
#define STATEMENTS ((int)G_N_ELEMENTS(statements))

static struct postgres *server;
static struct lanes lanes;
static struct proxy proxies[PATHS];

/* --- the server --- */

static const char objects[] =
	"CREATE SCHEMA stock; CREATE SCHEMA looks; GRANT USAGE ON SCHEMA stock, looks TO PUBLIC;"
	"CREATE TABLE stock.t (id int PRIMARY KEY); INSERT INTO stock.t VALUES (1), (2);"
	"GRANT SELECT, INSERT ON stock.t TO PUBLIC; CREATE TABLE stock.secret (id int);";

static char *with_role(const char *format, const char *role)
{
	g_autoptr(GString) text = g_string_new(format);

	(void)g_string_replace(text, "%ROLE%", role, 0); /* how many does not matter */
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/** So that a password is asked for. The server reads its file as another user. */
static void ask_for_password(const char *role)
{
	g_autofree char *path = g_build_filename(server->directory, "data", "pg_hba.conf", NULL);
	g_autofree char *line = g_strdup_printf("host all %s 127.0.0.1/32 scram-sha-256\n", role);
	g_autofree char *text = NULL, *whole = NULL;

	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	whole = g_strconcat(line, text, NULL);
	ck_assert(g_file_set_contents(path, whole, -1, NULL));
	ck_assert(chmod(path, 0644) == 0);
	postgres_run(server, "postgres", "SELECT pg_reload_conf()");
}

static void make_door(const char *name)
{
	g_autofree char *role = g_strdup_printf(
		"CREATE ROLE %s LOGIN PASSWORD 'opensesame' IN ROLE pg_signal_backend", name);
	g_autofree char *database = g_strdup_printf("CREATE DATABASE %s", name);

	postgres_run(server, "postgres", role);
	postgres_run(server, "postgres", database);
	postgres_run(server, name, objects);
}

static void set_statement(int index, const char *body)
{
	g_autofree char *sql = g_strdup_printf(
		"CREATE OR REPLACE FUNCTION looks.%s() RETURNS int LANGUAGE plpgsql AS "
		"$$BEGIN %s; RETURN 0; END$$",
		statements[index].name, body);

	postgres_run(server, "driftd", sql);
}

/** Statements, and the role's connections, which may be those of before. */
static void change_door(int index, const char *sql)
{
	g_autofree char *change = with_role(sql, doors[index].name);
	g_autofree char *end = with_role("SELECT pg_terminate_backend(pid, 5000) FROM "
					 "pg_stat_activity WHERE usename = '%ROLE%'",
					 doors[index].name);

	postgres_run(server, "postgres", end);
	postgres_run(server, "postgres", change);
}

/* --- the configuration --- */

static char *door_dsn(const char *name)
{
	return g_strdup_printf("host=127.0.0.1 port=%d dbname=%s user=%s password=opensesame "
			       "sslmode=disable",
			       server->port, name, name);
}

static void add_assert(GString *text, const char *name, const char *dsn, const char *sql)
{
	g_autofree char *file = g_strdup_printf("%s.sql", name);
	g_autofree char *path = world_path(lanes.world, file);

	ck_assert(g_file_set_contents(path, sql, -1, NULL));
	g_string_append_printf(text,
			       "[assert \"%s\"]\nsource = postgresql\ndsn = %s\nsql-file = %s\n"
			       "expect = rows = 0\n\n",
			       name, dsn, file);
}

/** An assertion and an inventory of the same name. */
static void add_both(GString *text, const char *name, const char *dsn)
{
	add_assert(text, name, dsn, "SELECT id FROM stock.t WHERE id < 0\n");
	g_string_append_printf(text,
			       "[inventory \"%s\"]\nsource = postgresql\ndsn = %s\n"
			       "schema = stock\nexpect-file = stock.postgres\n\n",
			       name, dsn);
}

static void add_statements(GString *text, const char *dsn)
{
	for (int i = 0; i < STATEMENTS; i++) {
		g_autofree char *sql =
			g_strdup_printf("SELECT 1 WHERE looks.%s() > 0\n", statements[i].name);

		set_statement(i, "NULL");
		add_assert(text, statements[i].name, dsn, sql);
	}
}

static void add_doors(GString *text)
{
	for (int i = 0; i < DOORS; i++) {
		g_autofree char *dsn = door_dsn(doors[i].name);

		make_door(doors[i].name);
		add_both(text, doors[i].name, dsn);
	}
	ask_for_password("password");
}

static void add_paths(GString *text)
{
	for (int i = 0; i < PATHS; i++) {
		g_autofree char *dsn = NULL;

		proxies[i] = proxy_start(server->port, paths[i].cut_bytes);
		dsn = g_strdup_printf("host=127.0.0.1 port=%d dbname=driftd user=driftd "
				      "sslmode=disable",
				      proxies[i].port);
		add_both(text, paths[i].name, dsn);
	}
}

/** What should be there is what is there. */
static void write_expectation(void)
{
	static const char *const arguments[] = {"snapshot", "inventory/calm", "-c", "driftd.ini",
						NULL};
	struct run run = world_run(lanes.world, arguments);

	ck_assert_msg(run.status == 0, "snapshot: %s", run.output);
	run_clear(&run);
}

static void heal(void)
{
	for (int i = 0; i < PATHS && proxies[i].pid > 0; i++)
		proxy_set(&proxies[i], PROXY_MODE_PASS);
	for (int i = 0; i < STATEMENTS; i++)
		set_statement(i, "NULL");
}

/** What every world has. */
static void begin(GString *text)
{
	g_autofree char *dsn = NULL;

	server = postgres_start();
	dsn = door_dsn("driftd");
	make_door("driftd");
	lanes_create(&lanes, 0, 0);
	add_both(text, "calm", dsn);
	add_statements(text, dsn);
}

static void start(const GString *text)
{
	lanes_configure_more(&lanes, text->str);
	write_expectation();
	world_start(lanes.world);
	lanes_cycle(&lanes);
}

static void setup(void)
{
	g_autoptr(GString) text = g_string_new(NULL);

	begin(text);
	add_doors(text);
	add_paths(text);
	start(text);
	lanes_expect_all_ok(&lanes, "at the start");
}

/** Where the server itself comes and goes: it must be this process's own. */
static void setup_small(void)
{
	g_autoptr(GString) text = g_string_new(NULL);

	begin(text);
	start(text);
	lanes_expect_all_ok(&lanes, "at the start");
}

static void teardown(void)
{
	lanes_free(&lanes);
	for (int i = 0; i < PATHS; i++)
		proxy_stop(&proxies[i]);
	if (server)
		postgres_stop(g_steal_pointer(&server));
}

static void expect_recovery(void)
{
	heal();
	lanes_cycle(&lanes);
	lanes_expect_all_ok(&lanes, "after the fault");
}

/* --- what is expected, told all at once --- */

/** Check refuses messages that are long. */
#define TOLD_MAX_BYTES 3000

static GString *wrong;

static void PRINTF_LIKE(2, 3) complain(const struct answer *target, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list list;

	va_start(list, format);
	what = g_strdup_vprintf(format, list);
	va_end(list);
	g_string_append_printf(wrong, "\n%s: %s: %s %s", json_text_at(target->json, "id"), what,
			       json_text_at(target->json, "state"),
			       json_object_to_json_string(json_at(target->json, "reasons")));
}

static void expect_no_complaints(void)
{
	ck_assert_msg(wrong->len == 0, "%.*s", TOLD_MAX_BYTES, wrong->str);
	g_string_free(g_steal_pointer(&wrong), TRUE);
}

/** A password must be in no answer. */
static void expect_reason(const struct answer *target, const struct expected *expected)
{
	json_object *reason = find_reason(target, expected->code);
	const char *message = json_text_at(reason, "message");
	const char *permission = json_text_at(reason, "permission");

	if (!reason)
		complain(target, "not %s", expected->code);
	else if (expected->class && !g_str_equal(json_text_at(reason, "class"), expected->class))
		complain(target, "not %s", expected->class);
	else if (!strstr(message, json_text_at(target->json, "id")))
		complain(target, "its name is not in the message");
	else if (!strstr(message, expected->word) && !strstr(permission, expected->word))
		complain(target, "\"%s\" is not said", expected->word);
	if (strstr(target->body, "opensesame"))
		complain(target, "the password is told");
}

static void expect_unknown(const char *kind, const char *name, const struct expected *expected)
{
	g_autofree char *id = g_strdup_printf("%s/%s", kind, name);
	g_autoptr(struct_answer) target = world_any_target(lanes.world, id);

	if (!g_str_equal(json_text_at(target->json, "state"), "unknown"))
		complain(target, "not unknown");
	else
		expect_reason(target, expected);
	if (!g_str_equal(json_text_at(target->json, "last_known.state"), "ok"))
		complain(target, "no last_known");
}

static void expect_both_unknown(const char *name, const struct expected *expected)
{
	expect_unknown("assert", name, expected);
	expect_unknown("inventory", name, expected);
}

/** Those that share the server, and those that do not. */
static void expect_bystanders(const char *when)
{
	lanes_expect_bystanders(&lanes, when);
	expect_any_state(lanes.world, "assert/calm", "ok", NULL);
	expect_any_state(lanes.world, "inventory/calm", "ok", NULL);
}

static void expect_others_ok(const char *const *names, int count)
{
	for (int i = 0; i < count; i++) {
		g_autofree char *id = g_strdup_printf("assert/%s", names[i]);

		expect_any_state(lanes.world, id, "ok", NULL);
	}
}

/* --- the server's side --- */

START_TEST(a_server_that_answers_wrongly_or_not_at_all)
{
	static const char *const others[] = {"password", "gone", "sleep", "denied"};

	for (int i = 0; i < PATHS; i++)
		proxy_set(&proxies[i], paths[i].mode);
	lanes_cycle(&lanes);
	expect_bystanders("a proxy");
	expect_others_ok(others, G_N_ELEMENTS(others));
	wrong = g_string_new(NULL);
	for (int i = 0; i < PATHS; i++) {
		expect_unknown("inventory", paths[i].name, &paths[i].expected);
		if (!paths[i].inventory_only)
			expect_unknown("assert", paths[i].name, &paths[i].expected);
	}
	expect_no_complaints();
	expect_recovery();
}
END_TEST

START_TEST(a_server_that_does_not_let_in)
{
	static const char *const others[] = {"refuse", "silent", "sleep", "denied"};

	for (int i = 0; i < DOORS; i++)
		change_door(i, doors[i].harm);
	lanes_cycle(&lanes);
	for (int i = 0; i < DOORS; i++)
		change_door(i, doors[i].heal);
	expect_bystanders("a door");
	expect_others_ok(others, G_N_ELEMENTS(others));
	wrong = g_string_new(NULL);
	for (int i = 0; i < DOORS; i++)
		expect_both_unknown(doors[i].name, &doors[i].expected);
	expect_no_complaints();
	expect_recovery();
}
END_TEST

static int64_t ask_number(const char *sql)
{
	g_autofree char *text = postgres_ask(server, "driftd", sql);

	return g_ascii_strtoll(text, NULL, 10);
}

static bool nothing_sleeps(void *data)
{
	(void)data;
	return ask_number("SELECT count(*) FROM pg_stat_activity WHERE usename = 'driftd' AND "
			  "state = 'active'") == 0;
}

START_TEST(a_statement_that_goes_wrong)
{
	static const char *const others[] = {"refuse", "silent", "password", "gone"};

	for (int i = 0; i < STATEMENTS; i++)
		set_statement(i, statements[i].body);
	lanes_cycle(&lanes);
	expect_bystanders("a statement");
	expect_others_ok(others, G_N_ELEMENTS(others));
	wrong = g_string_new(NULL);
	for (int i = 0; i < STATEMENTS; i++)
		expect_unknown("assert", statements[i].name, &statements[i].expected);
	expect_no_complaints();
	ck_assert_int_eq(ask_number("SELECT count(*) FROM stock.t"), 2); /* nothing was written */
	ck_assert_msg(wait_until(nothing_sleeps, NULL, SOON_MS), "it sleeps on at the server");
	expect_recovery();
}
END_TEST

/* --- the server comes and goes --- */

static void expect_all_of_postgres_unknown(void)
{
	const struct expected away = {FETCH, "reset", "PostgreSQL"};

	wrong = g_string_new(NULL);
	expect_both_unknown("calm", &away);
	for (int i = 0; i < STATEMENTS; i++)
		expect_unknown("assert", statements[i].name, &away);
	expect_no_complaints();
}

/** Connections of before a restart are dead: that is noticed, and nobody hears of it. */
START_TEST(the_server_is_restarted_and_down_and_comes_back)
{
	postgres_restart(server);
	lanes_cycle(&lanes);
	lanes_expect_all_ok(&lanes, "after a restart between cycles");
	postgres_kill(server);
	for (int i = 0; i < 3; i++) {
		lanes_cycle(&lanes);
		lanes_expect_bystanders(&lanes, "a server that is down");
		expect_all_of_postgres_unknown();
	}
	postgres_restart(server);
	expect_recovery();
}
END_TEST

/** Is the cycle over that was asked for? */
static bool is_over(void *data)
{
	const struct answer *accepted = data;
	g_autoptr(struct_answer) check =
		world_get(lanes.world, answer_header(accepted, "location"));

	return json_at(check->json, "overall") != NULL;
}

/** The pool may want more connections than that: what it has must do. */
START_TEST(a_role_that_may_connect_once)
{
	for (int i = 0; i < STATEMENTS; i++)
		set_statement(i, "PERFORM pg_sleep(0.05)");
	postgres_run(server, "postgres",
		     "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = "
		     "'driftd'");
	postgres_run(server, "postgres", "ALTER ROLE driftd CONNECTION LIMIT 1");
	for (int i = 0; i < 3; i++) {
		lanes_cycle(&lanes);
		lanes_expect_all_ok(&lanes, "with one connection");
	}
}
END_TEST

static bool something_sleeps(void *data)
{
	return !nothing_sleeps(data);
}

START_TEST(the_server_dies_in_the_middle_of_a_query)
{
	struct expected died = {FETCH, "reset", "assert/sleep"};
	g_autoptr(struct_answer) accepted = NULL;
	int64_t start_ms = 0;

	set_statement(0, statements[0].body);
	accepted = world_call(lanes.world, "POST", "/check?force=1&wait=0", NULL, NULL);
	ck_assert_int_eq(accepted->status, 202);
	ck_assert(wait_until(something_sleeps, NULL, SOON_MS));
	postgres_kill(server);
	start_ms = clk_mono_ms();
	ck_assert(wait_until(is_over, accepted, SOON_MS));
	ck_assert_int_lt(clk_mono_ms() - start_ms, LANES_CYCLE_TIMEOUT_MS + LANES_SLACK_MS);
	lanes_expect_bystanders(&lanes, "a server that dies");
	wrong = g_string_new(NULL);
	expect_unknown("assert", "sleep", &died);
	expect_no_complaints();
	postgres_restart(server);
	expect_recovery();
}
END_TEST

/** Nothing of it is left running at the server. */
START_TEST(sigterm_in_the_middle_of_a_query)
{
	int64_t start_ms = 0;

	set_statement(0, statements[0].body);
	answer_free(world_call(lanes.world, "POST", "/check?force=1&wait=0", NULL, NULL));
	ck_assert(wait_until(something_sleeps, NULL, SOON_MS));
	start_ms = clk_mono_ms();
	ck_assert_int_eq(world_stop(lanes.world), 0);
	ck_assert_int_lt(clk_mono_ms() - start_ms, 5000);
	ck_assert_msg(wait_until(nothing_sleeps, NULL, SOON_MS), "it sleeps on at the server");
}
END_TEST

/* --- SQL that is none, or too much --- */

START_TEST(sql_that_must_not_run)
{
	static const char *const texts[] = {
		"SELEC 1",
		"DELETE FROM stock.t",
		"COMMIT",
		"WITH a AS (INSERT INTO stock.t VALUES (8) RETURNING id) SELECT id FROM a",
		"SET TRANSACTION READ WRITE",
		"COPY stock.t TO STDOUT",
		"LISTEN a",
	};
	const struct expected broken = {BROKEN, NULL, ""};
	g_autofree char *dsn = NULL;
	g_autoptr(GString) text = g_string_new(NULL);

	begin(text);
	dsn = door_dsn("driftd");
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *name = g_strdup_printf("bad-%zu", i);

		add_assert(text, name, dsn, texts[i]);
	}
	start(text);
	expect_bystanders("bad SQL");
	wrong = g_string_new(NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *id = g_strdup_printf("assert/bad-%zu", i);
		g_autoptr(struct_answer) target = world_any_target(lanes.world, id);

		if (!g_str_equal(json_text_at(target->json, "state"), "unknown"))
			complain(target, "%s ran", texts[i]);
		else
			expect_reason(target, &broken);
	}
	expect_no_complaints();
	ck_assert_int_eq(ask_number("SELECT count(*) FROM stock.t"), 2);
}
END_TEST

/* --- over and over --- */

#define ROUNDS 3

static void harm_all(void)
{
	for (int i = 0; i < PATHS; i++)
		proxy_set(&proxies[i], paths[i].mode);
	for (int i = 0; i < STATEMENTS; i++)
		set_statement(i, statements[i].body);
}

START_TEST(faults_leave_nothing_behind)
{
	struct usage before = {0}, now = {0};

	for (int round = 0; round <= ROUNDS; round++) {
		harm_all();
		lanes_cycle(&lanes);
		expect_bystanders("everything at once");
		expect_recovery();
		now = usage_of(lanes.world->driftd.pid);
		if (round == 0)
			before = now;
	}
	/* how many connections there are, and threads for them, is a matter of chance, up to four each */
	usage_expect_no_growth(before, now,
			       (struct usage){.files = 8, .threads = 8, .bytes = USAGE_MB(16)});
	ck_assert_int_le(ask_number("SELECT count(*) FROM pg_stat_activity WHERE usename = "
				    "'driftd'"),
			 4 * (1 + PATHS));
}
END_TEST

Suite *postgres_faults_suite(void)
{
	Suite *suite = suite_create("faults-postgres");
	TCase *shared = tcase_create("one server");
	TCase *own = tcase_create("a server that comes and goes");
	TCase *first = tcase_create("a first look");

	tcase_add_unchecked_fixture(shared, setup, teardown);
	tcase_add_checked_fixture(shared, heal,
				  NULL); /* what one test leaves must not touch the next */
	tcase_set_timeout(shared, 120);
	tcase_add_test(shared, a_server_that_answers_wrongly_or_not_at_all);
	tcase_add_test(shared, a_server_that_does_not_let_in);
	tcase_add_test(shared, a_statement_that_goes_wrong);
	tcase_add_test(shared, faults_leave_nothing_behind);
	suite_add_tcase(suite, shared);
	tcase_add_checked_fixture(own, setup_small, teardown);
	tcase_set_timeout(own, 90);
	tcase_add_test(own, the_server_is_restarted_and_down_and_comes_back);
	tcase_add_test(own, a_role_that_may_connect_once);
	tcase_add_test(own, the_server_dies_in_the_middle_of_a_query);
	tcase_add_test(own, sigterm_in_the_middle_of_a_query);
	suite_add_tcase(suite, own);
	tcase_add_checked_fixture(first, NULL, teardown);
	tcase_set_timeout(first, 90);
	tcase_add_test(first, sql_that_must_not_run);
	suite_add_tcase(suite, first);
	return suite;
}

#else

Suite *postgres_faults_suite(void);

Suite *postgres_faults_suite(void)
{
	return suite_create("faults-postgres");
}

#endif
