/* kinds_assert - assertions on BigQuery: conditions, what is shown of failing rows, and what is never run (DESIGN 7, LESSONS
 * L15). */
#include "tests/integration/kinds.h"

#include <string.h>

static struct kinds *kinds;

#define ID "assert/prices"

static void setup(void)
{
	kinds = kinds_open();
	cloud_table(kinds->world, "acme-prod.shop.orders",
		    "{\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\"},{\"name\":\"price\","
		    "\"type\":\"FLOAT\"},{\"name\":\"note\",\"type\":\"STRING\"}],"
		    "\"rows\":[[1,10,\"a\"],[2,-1,\"b\"],[3,-2,null]],\"numBytes\":1000}");
}

static void teardown(void)
{
	kinds_close(kinds);
}

static void add(const char *sql, const char *conditions)
{
	kinds_write(kinds, "checks/prices.sql", sql);
	kinds_add(kinds,
		  "[assert \"prices\"]\nsource = bigquery\nsql-file = checks/prices.sql\n"
		  "every = 1h\n%s",
		  conditions);
}

#define NEGATIVE "SELECT id, price FROM `acme-prod.shop.orders` WHERE price < 0 ORDER BY id"
#define COUNT "SELECT COUNT(*) FROM `acme-prod.shop.orders`"
#define AVERAGE "SELECT AVG(price) FROM `acme-prod.shop.orders`" /* 7 / 3 */

static const struct {
	const char *sql, *conditions;
	const char *state, *code; /* code NULL: no reason */
	const char *said;
} conditions[] = {
	{NEGATIVE, "expect = rows = 0", "drift", "assertion_failed",
	 "rows = 0, but there are 2 rows"},
	{NEGATIVE, "expect = rows = 2", "ok", NULL, "holds: rows = 2"},
	{NEGATIVE, "expect = rows != 2", "drift", "assertion_failed", "rows != 2"},
	{NEGATIVE, "expect = rows < 3\nwarn = rows < 2", "pending", "assertion_warning", "(warn)"},
	{NEGATIVE, "expect = rows <= 2\nwarn = rows >= 2", "ok", NULL, "holds"},
	{NEGATIVE, "expect = rows > 2\nwarn = rows > 5", "drift", "assertion_failed", "rows > 2"},
	{NEGATIVE, "expect = rows between 1 and 2", NULL, NULL, "between"}, /* not in the grammar */
	{COUNT, "expect = value = 3", "ok", NULL, "(value 3)"},
	{COUNT, "expect = value > 3", "drift", "assertion_failed", "the value is 3"},
	{COUNT, "expect = value >= 3\nwarn = value = 4", "pending", "assertion_warning",
	 "value = 4"},
	{AVERAGE, "expect = value between 2.3 and 2.4", "ok", NULL, "between 2.3 and 2.4"},
	{AVERAGE, "expect = value between 2.4 and 3", "drift", "assertion_failed", "2.33"},
	{COUNT, "expect = value between 3 and 3", "ok", NULL, "(value 3)"}, /* both ends belong */
	/* what has no one value cannot be held against one: a broken check, no failed one (L15) */
	{NEGATIVE, "expect = value = 0", "unknown", "broken_check", "2 rows and 2 columns"},
	{"SELECT price FROM `acme-prod.shop.orders`", "expect = value = 0", "unknown",
	 "broken_check", "3 rows"},
	{"SELECT note FROM `acme-prod.shop.orders` WHERE id = 3", "expect = value = 0", "unknown",
	 "broken_check", "NULL"},
	{"SELECT note FROM `acme-prod.shop.orders` WHERE id = 1", "expect = value = 0", "unknown",
	 "broken_check", "number"},
	{"SELECT MAX(price) FROM `acme-prod.shop.orders` WHERE id > 9", "expect = value = 0",
	 "unknown", "broken_check", "NULL"},
	{"SELECT id FROM `acme-prod.shop.orders` WHERE id > 9", "expect = value = 0", "unknown",
	 "broken_check", "0 rows"},
	{"SELECT prize FROM `acme-prod.shop.orders`", "expect = rows = 0", "unknown",
	 "broken_check", "prize"},
	{"SELECT id FROM `acme-prod.shop.order`", "expect = rows = 0", "unknown", "broken_check",
	 "order"},
	{"SELEC id", "expect = rows = 0", "unknown", "broken_check", "prices"},
	{"-- why\n" NEGATIVE ";\n-- the end\n", "expect = rows = 2", "ok", NULL, "holds"},
};

START_TEST(condition_decides)
{
	g_autofree char *log = NULL;

	add(conditions[_i].sql, conditions[_i].conditions);
	if (!conditions[_i].state) {
		world_configure(kinds->world, kinds->config->str);
		ck_assert_int_eq(world_start_failing(kinds->world, &log), 78);
		ck_assert_msg(strstr(log, conditions[_i].said), "%s", log);
		return;
	}
	kinds_begin(kinds);
	kinds_expect(kinds, ID, conditions[_i].state, conditions[_i].code);
	kinds_expect_said(kinds, ID, conditions[_i].said);
	ck_assert_int_eq(cloud_bigquery(kinds->world, "legacy"), 0);
	ck_assert_int_eq(cloud_bigquery(kinds->world, "unlabelled"), 0);
	ck_assert_int_eq(cloud_bigquery(kinds->world, "uncapped"), 0);
}
END_TEST

/* --- never run --- */

static const char *const writing[] = {
	"INSERT INTO `acme-prod.shop.orders` (id) VALUES (9)",
	"DELETE FROM `acme-prod.shop.orders` WHERE TRUE",
	"UPDATE `acme-prod.shop.orders` SET id = 1 WHERE TRUE",
	"CREATE TABLE `acme-prod.shop.more` (id INT64)",
	"CREATE OR REPLACE TABLE `acme-prod.shop.orders` AS SELECT 1 AS id",
	"DROP TABLE `acme-prod.shop.orders`",
	"TRUNCATE TABLE `acme-prod.shop.orders`",
	"MERGE shop.orders USING shop.orders ON FALSE WHEN MATCHED THEN DELETE",
	"/* harmless */ DROP TABLE `acme-prod.shop.orders`",
	"EXECUTE IMMEDIATE 'DROP TABLE `acme-prod.shop.orders`'",
	"EXPORT DATA OPTIONS (uri = 'gs://b/*', format = 'CSV') AS SELECT 1 AS x",
	"CALL `acme-prod.shop.cleanup`()",
};

/* Refused when the configuration is read. */
static const char *const several[] = {
	"SELECT 1; DELETE FROM `acme-prod.shop.orders` WHERE TRUE",
	"SELECT 1;\nSELECT 2",
	"BEGIN DELETE FROM `acme-prod.shop.orders` WHERE TRUE; END",
	"SELECT ';' AS a; -- ;\nDROP TABLE `acme-prod.shop.orders`",
};

START_TEST(what_writes_is_refused_before_it_runs)
{
	struct world *world = kinds->world;

	add(writing[_i], "expect = rows = 0");
	world_configure(world, kinds->config->str);
	world_start(world);
	kinds_look(kinds);
	kinds_look(kinds);
	kinds_expect(kinds, ID, "unknown", "broken_check");
	ck_assert_int_eq(cloud_bigquery(world, "writes"), 0);
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 0);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), 0);
}
END_TEST

START_TEST(several_statements_are_refused_at_start)
{
	g_autofree char *log = NULL;

	add(several[_i], "expect = rows = 0");
	world_configure(kinds->world, kinds->config->str);
	ck_assert_int_eq(world_start_failing(kinds->world, &log), 78);
	ck_assert_msg(strstr(log, "more than one statement"), "%s", log);
}
END_TEST

/* A file that changes under a running driftd is a new statement: it is dry run before it is run. */
START_TEST(changed_file_is_looked_at_before_it_is_run)
{
	add(NEGATIVE, "expect = rows = 2");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
	cloud_clear_log(kinds->world);
	kinds_write(kinds, "checks/prices.sql",
		    "DELETE FROM `acme-prod.shop.orders` WHERE price < 0");
	kinds_reload(kinds);
	kinds_look(kinds);
	kinds_expect(kinds, ID, "unknown", "broken_check");
	kinds_expect_said(kinds, ID, "DELETE");
	ck_assert_int_eq(cloud_bigquery(kinds->world, "queries"), 0);
	ck_assert_int_eq(cloud_bigquery(kinds->world, "writes"), 0);
	kinds_write(kinds, "checks/prices.sql",
		    "SELECT id FROM `acme-prod.shop.orders` WHERE price < -1");
	kinds_reload(kinds); /* a new definition is not held back by its every */
	kinds_expect(kinds, ID, "drift", "assertion_failed");
	kinds_expect_said(kinds, ID, "there is 1 row");
}
END_TEST

/* --- what is shown --- */

START_TEST(first_twenty_failing_rows_are_shown)
{
	g_autoptr(GString) rows = g_string_new(NULL);
	g_autofree char *wide = g_strnfill(5000, 'w');
	g_autoptr(struct_answer) target = NULL, plain = NULL;
	json_object *list = NULL;

	for (int i = 0; i < 30; i++)
		g_string_append_printf(rows, "%s[%d,1,\"%s\"]", i ? "," : "", i,
				       i == 3 ? wide : "n");
	cloud_table(kinds->world, "acme-prod.shop.orders",
		    "{\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\"},{\"name\":\"price\","
		    "\"type\":\"FLOAT\"},{\"name\":\"note\",\"type\":\"STRING\"}],\"rows\":[%s]}",
		    rows->str);
	add("SELECT id, note FROM `acme-prod.shop.orders` ORDER BY id", "expect = rows = 0");
	kinds_begin(kinds);
	target = world_any_target(kinds->world, ID);
	list = json_at(target->json, "assertion.rows");
	ck_assert_uint_eq(json_object_array_length(list), 20);
	ck_assert_int_eq(json_int_at(target->json, "assertion.rows_total"), 30);
	ck_assert_int_eq(json_int_at(target->json, "assertion.row_count"), 30);
	ck_assert_str_eq(json_text_at(target->json, "assertion.columns.1"), "note");
	ck_assert_str_eq(json_text_at(list, "19.0"), "19");
	ck_assert_uint_lt(strlen(json_text_at(list, "3.1")), 500);
	ck_assert_int_eq(*json_text_at(list, "3.1"), 'w');
	plain = world_get(kinds->world, "/drift/" ID "?format=text");
	ck_assert_ptr_nonnull(strstr(plain->body, "… and 10 more"));
	ck_assert_uint_lt(strlen(plain->body), 5000);
}
END_TEST

/* Escapes of terminals, markup, line ends, bidirectional marks: in JSON as they are, in text harmless. */
START_TEST(hostile_cells_are_shown_escaped)
{
	g_autoptr(struct_answer) target = NULL, plain = NULL;
	g_autofree char *log = NULL, *printed = NULL;
	static const char *const drift[] = {"drift", ID, NULL, NULL, NULL};
	const char *arguments[5];

	memcpy(arguments, drift, sizeof(drift));
	cloud_table(
		kinds->world, "acme-prod.shop.orders",
		"{\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\"},{\"name\":\"price\","
		"\"type\":\"FLOAT\"},{\"name\":\"note\",\"type\":\"STRING\"}],\"rows\":[[1,1,"
		"\"\\u001b]0;owned\\u0007<script>alert(1)</script>\\nfake  ok\\r\\t\\u202e\"]]}");
	add("SELECT note FROM `acme-prod.shop.orders`", "expect = rows = 0");
	kinds_begin(kinds);
	target = world_any_target(kinds->world, ID);
	ck_assert_str_eq(json_text_at(target->json, "assertion.rows.0.0"),
			 "\x1b]0;owned\a<script>alert(1)</script>\nfake  ok\r\t\xe2\x80\xae");
	ck_assert_ptr_null(strchr(target->body, '\x1b'));
	ck_assert_ptr_eq(strchr(target->body, '\n'), target->body + strlen(target->body) - 1);
	plain = world_get(kinds->world, "/drift/" ID "?format=text");
	ck_assert_ptr_null(strpbrk(plain->body, "\x1b\a\r\t"));
	ck_assert_ptr_null(strstr(plain->body, "\xe2\x80\xae"));
	ck_assert_ptr_null(strstr(plain->body, "\nfake"));
	ck_assert_str_eq(answer_header(plain, "content-type"), "text/plain; charset=utf-8");
	arguments[2] = "--url";
	arguments[3] = kinds->world->origin;
	printed = kinds_run(kinds, 1, arguments);
	ck_assert_ptr_null(strpbrk(printed, "\x1b\a\r\t"));
	ck_assert_ptr_nonnull(strstr(printed, "<script>"));
	log = process_log(&kinds->world->driftd);
	ck_assert_ptr_null(strpbrk(log, "\x1b\a\r"));
}
END_TEST

#define SECRET "hunter2-correct-horse"

/** Rows with something nobody may see. */
static void put_secret(void)
{
	cloud_table(kinds->world, "acme-prod.shop.orders",
		    "{\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\"},{\"name\":\"price\","
		    "\"type\":\"FLOAT\"},{\"name\":\"note\",\"type\":\"STRING\"}],\"rows\":[[1,1,"
		    "\"" SECRET "\"]]}");
}

static const char *const ids[] = {ID, NULL};

START_TEST(rows_that_may_not_be_shown_are_nowhere)
{
	put_secret();
	add("SELECT note FROM `acme-prod.shop.orders`",
	    "expect = rows = 0\nshow-rows = false\nwarn = rows < 5");
	config_replace(kinds->config, "[driftd]\n", "[driftd]\nlog-level = debug\n");
	kinds_begin(kinds);
	kinds_look(kinds);
	kinds_expect(kinds, ID, "drift", "assertion_failed");
	kinds_expect_said(kinds, ID, "there is 1 row");
	kinds_expect_nowhere(kinds, ids, SECRET);
	kinds_restart(kinds); /* what was in memory only is on disk now */
	kinds_expect_nowhere(kinds, ids, SECRET);
}
END_TEST

/* They are there when they may: what the test above looks for can be found. */
START_TEST(rows_that_may_be_shown_are_there)
{
	put_secret();
	add("SELECT note FROM `acme-prod.shop.orders`", "expect = rows = 0");
	kinds_begin(kinds);
	kinds_expect_said(kinds, ID, SECRET);
}
END_TEST

/* Also what was seen while they still could be: nothing of it is served any more, after a reload or a restart. */
START_TEST(rows_are_hidden_as_soon_as_that_is_said)
{
	static const char *const paths[] = {"/drift/" ID, "/drift/" ID "?format=text",
					    "/drift?all=1", "/status", "/history/" ID};

	put_secret();
	add("SELECT note FROM `acme-prod.shop.orders`", "expect = rows = 0");
	kinds_begin(kinds);
	kinds_expect_said(kinds, ID, SECRET);
	g_string_append(kinds->config, "show-rows = false\n");
	if (_i == 0) {
		kinds_reload(kinds);
	} else {
		world_configure(kinds->world, kinds->config->str);
		kinds_restart(kinds);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autoptr(struct_answer) answer = world_get(kinds->world, paths[i]);

		ck_assert_msg(!strstr(answer->body, SECRET), "%s: %s", paths[i], answer->body);
	}
}
END_TEST

/* The server quotes the value in its error. */
START_TEST(value_in_an_error_is_not_shown_either)
{
	put_secret();
	add("SELECT CAST(note AS INT64) FROM `acme-prod.shop.orders`",
	    "expect = rows = 0\nshow-rows = false");
	cloud_jobrule(kinds->world, "{\"query\":\"CAST(note\",\"dry_run\":false,\"reason\":"
				    "\"invalidQuery\",\"status\":400,"
				    "\"message\":\"Bad int64 value: " SECRET "\"}");
	config_replace(kinds->config, "[driftd]\n", "[driftd]\nlog-level = debug\n");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "unknown", "broken_check");
	kinds_expect_nowhere(kinds, ids, SECRET);
}
END_TEST

/* --- cost --- */

START_TEST(billed_only_when_due_and_within_its_cap)
{
	add(COUNT, "expect = value > 0");
	kinds_add(kinds, "[assert \"dear\"]\nsource = bigquery\nsql-file = checks/prices.sql\n"
			 "expect = value > 0\nmax-bytes-billed = 1MB");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
	kinds_expect(kinds, "assert/dear", "unknown", "over_budget");
	kinds_expect_said(kinds, "assert/dear", "max-bytes-billed");
	ck_assert_int_eq(cloud_bigquery(kinds->world, "queries"), 1);
	ck_assert_int_eq(kinds_number(kinds, ID, "assertion.bytes_billed"),
			 INT64_C(10) * 1024 * 1024);
	world_cycle(kinds->world);
	world_cycle(kinds->world);
	ck_assert_int_eq(cloud_bigquery(kinds->world, "queries"), 1);
	kinds_restart(kinds);
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "ok", NULL);
	ck_assert_int_eq(cloud_bigquery(kinds->world, "queries"), 1);
	kinds_look(kinds);
	ck_assert_int_eq(cloud_bigquery(kinds->world, "queries"), 2);
}
END_TEST

START_TEST(not_active_is_not_asked)
{
	add(NEGATIVE, "expect = rows = 0\n"
		      "active-when = SELECT COUNT(*) > 9 FROM `acme-prod.shop.orders`");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "ok", "not_due");
	ck_assert_int_eq(cloud_bigquery(kinds->world, "queries"), 1); /* of active-when */
}
END_TEST

START_TEST(L04_query_that_fails_has_not_failed)
{
	g_autofree char *known = NULL;

	add(NEGATIVE, "expect = rows = 0");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "drift", "assertion_failed");
	cloud_fault(kinds->world, "{\"api\":\"bigquery\",\"kind\":\"quota\"}");
	kinds_look(kinds);
	kinds_expect(kinds, ID, "unknown", "fetch_failed");
	known = kinds_text(kinds, ID, "last_known.state");
	ck_assert_str_eq(known, "drift");
	cloud_heal(kinds->world);
	cloud_table(kinds->world, "acme-prod.shop.orders",
		    "{\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\"},{\"name\":\"price\","
		    "\"type\":\"FLOAT\"}],\"rows\":[[1,10]]}");
	kinds_look(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
}
END_TEST

TCase *kinds_assert_case(void)
{
	TCase *tcase = tcase_create("assert");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, condition_decides, 0, (int)G_N_ELEMENTS(conditions));
	tcase_add_loop_test(tcase, what_writes_is_refused_before_it_runs, 0,
			    (int)G_N_ELEMENTS(writing));
	tcase_add_loop_test(tcase, several_statements_are_refused_at_start, 0,
			    (int)G_N_ELEMENTS(several));
	tcase_add_test(tcase, changed_file_is_looked_at_before_it_is_run);
	tcase_add_test(tcase, first_twenty_failing_rows_are_shown);
	tcase_add_test(tcase, hostile_cells_are_shown_escaped);
	tcase_add_test(tcase, rows_that_may_not_be_shown_are_nowhere);
	tcase_add_test(tcase, rows_that_may_be_shown_are_there);
	tcase_add_loop_test(tcase, rows_are_hidden_as_soon_as_that_is_said, 0, 2);
	tcase_add_test(tcase, value_in_an_error_is_not_shown_either);
	tcase_add_test(tcase, billed_only_when_due_and_within_its_cap);
	tcase_add_test(tcase, not_active_is_not_asked);
	tcase_add_test(tcase, L04_query_that_fails_has_not_failed);
	return tcase;
}
