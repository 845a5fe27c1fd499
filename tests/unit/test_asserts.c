/* test_asserts - assertions on BigQuery and PostgreSQL: what is asked, what is refused, what is
 * kept. */
#include "data/dry_run.h"

#include "clk.h"
#include "tests/unit/asserts_lab.h"

#ifdef HAVE_LIBPQ
#include "tests/unit/pg_world.h"
#endif

#include <string.h>

Suite *asserts_suite(void);

#define N BQ_FIELD("n", "INTEGER")
#define TWO BQ_FIELD("n", "INTEGER") "," BQ_FIELD("word", "STRING")
#define NO_ROWS BQ_ANSWER(N, "0", "")

static struct config_assert *first(void)
{
	return &asserts_lab.asserts[0];
}

static void want_value(struct config_condition *condition)
{
	*condition = (struct config_condition){.subject = CONDITION_SUBJECT_VALUE,
					       .operator= CONDITION_OPERATOR_GT };
}

/* --- BigQuery --- */

START_TEST(rows_are_counted_and_shown)
{
	const struct assert_obs *seen = NULL;

	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(
		BQ_QUERY, 200,
		BQ_ANSWER(
			TWO, "2",
			"{\"f\":[{\"v\":\"-1\"},{\"v\":\"a\"}]},{\"f\":[{\"v\":\"-2\"},{\"v\":null}"
			"]}"));
	asserts_lab_run(1);
	seen = asserts_lab_seen(0);
	ck_assert(!seen->not_active);
	ck_assert_int_eq(seen->rows, 2);
	ck_assert_int_eq(seen->columns_total, 2);
	ck_assert_ptr_null(seen->value);
	ck_assert_str_eq(seen->columns->pdata[1], "word");
	ck_assert_uint_eq(seen->cells->len, 2);
	ck_assert_str_eq(((char **)seen->cells->pdata[0])[1], "a");
	ck_assert_str_eq(((char **)seen->cells->pdata[1])[0], "-2");
	ck_assert_ptr_null(((char **)seen->cells->pdata[1])[1]);
	ck_assert_int_eq(seen->cost.queries, 1);
	ck_assert_int_eq(seen->cost.bytes_processed, 2048);
	ck_assert_int_eq(seen->cost.bytes_billed, 10485760);
	ck_assert_int_eq(asserts_lab_spent(), 10485760);
	ck_assert_ptr_nonnull(
		strstr(bq_body(BQ_QUERY, 0), "\"maximumBytesBilled\":\"1000000000\""));
	ck_assert_ptr_nonnull(strstr(bq_body(BQ_QUERY, 0), "\"location\":\"EU\""));
}
END_TEST

/* BigQuery tells microseconds; people read dates. Texts and numbers that look like them stay what
 * they are. */
START_TEST(times_are_shown_as_times)
{
	static const struct {
		const char *cell, *want;
	} rows[] = {
		{"1795174200000000", "2026-11-20T11:30:00Z"},
		{"1795174200000001", "2026-11-20T11:30:00.000001Z"},
		{"1795174200250000", "2026-11-20T11:30:00.250000Z"},
		{"0", "1970-01-01T00:00:00Z"},
		{"-1", "1969-12-31T23:59:59.999999Z"},
		{"-62135596800000000", "0001-01-01T00:00:00Z"},
		{"253402300799999999", "9999-12-31T23:59:59.999999Z"},
		{"9223372036854775807", "9223372036854775807"}, /* no such year */
		{"-9223372036854775808", "-9223372036854775808"},
	};
	g_autofree char *answer = g_strdup_printf(
		BQ_ANSWER(BQ_FIELD("at", "TIMESTAMP") "," BQ_FIELD("n", "INTEGER") "," BQ_FIELD(
				  "none", "TIMESTAMP"),
			  "1",
			  "{\"f\":[{\"v\":\"%s\"},{\"v\":\"1795174200000000\"},{\"v\":null}]}"),
		rows[_i].cell);
	char *const *cells = NULL;

	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(BQ_QUERY, 200, answer);
	asserts_lab_run(1);
	cells = asserts_lab_seen(0)->cells->pdata[0];
	ck_assert_str_eq(cells[0], rows[_i].want);
	ck_assert_str_eq(cells[1], "1795174200000000");
	ck_assert_ptr_null(cells[2]);
}
END_TEST

START_TEST(only_the_first_rows_are_read)
{
	GString *rows = g_string_new(NULL);
	g_autofree char *answer = NULL;

	for (int i = 0; i < ASSERT_ROWS_MAX + 5; i++)
		g_string_append_printf(rows, "%s{\"f\":[{\"v\":\"%d\"}]}", i > 0 ? "," : "", i);
	answer = g_strdup_printf("{\"jobComplete\":true," BQ_JOB_EU ",\"schema\":{\"fields\":[" N
				 "]},\"totalRows\":\"100000\",\"rows\":[%s],\"pageToken\":\"t\"}",
				 rows->str);
	(void)g_string_free(rows, TRUE);
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(BQ_QUERY, 200, answer);
	asserts_lab_run(1);
	ck_assert_int_eq(asserts_lab_seen(0)->rows, 100000);
	ck_assert_uint_eq(asserts_lab_seen(0)->cells->len, ASSERT_ROWS_MAX);
	ck_assert_int_eq(bq_count(BQ_RESULTS), 0);
	ck_assert_ptr_nonnull(strstr(bq_body(BQ_QUERY, 0), "\"maxResults\":20"));
}
END_TEST

START_TEST(cells_and_columns_are_cut)
{
	GString *fields = g_string_new(NULL);
	GString *cells = g_string_new(NULL);
	g_autofree char *flood = g_strnfill(1000, 'x');
	g_autofree char *answer = NULL;
	const struct assert_obs *seen = NULL;

	for (int i = 0; i < ASSERT_COLUMNS_MAX + 3; i++) {
		g_string_append_printf(fields, "%s{\"name\":\"c%d\",\"type\":\"STRING\"}",
				       i > 0 ? "," : "", i);
		g_string_append_printf(cells, "%s{\"v\":\"\xc3\xa9%s\"}", i > 0 ? "," : "", flood);
	}
	answer = g_strdup_printf("{\"jobComplete\":true," BQ_JOB_EU ",\"schema\":{\"fields\":[%s]},"
				 "\"totalRows\":\"1\",\"rows\":[{\"f\":[%s]}]}",
				 fields->str, cells->str);
	(void)g_string_free(fields, TRUE);
	(void)g_string_free(cells, TRUE);
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(BQ_QUERY, 200, answer);
	asserts_lab_run(1);
	seen = asserts_lab_seen(0);
	ck_assert_int_eq(seen->columns_total, ASSERT_COLUMNS_MAX + 3);
	ck_assert_uint_eq(seen->columns->len, ASSERT_COLUMNS_MAX);
	for (int i = 0; i < ASSERT_COLUMNS_MAX; i++) {
		const char *cell = ((char **)seen->cells->pdata[0])[i];

		ck_assert_uint_le(strlen(cell), ASSERT_CELL_MAX_BYTES);
		ck_assert(g_utf8_validate(cell, -1, NULL));
	}
}
END_TEST

START_TEST(rows_that_are_not_to_be_shown_are_not_kept)
{
	const struct assert_obs *seen = NULL;

	first()->show_rows = false;
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(BQ_QUERY, 200, BQ_ANSWER(N, "1", BQ_ROW("\"4711\"")));
	asserts_lab_run(1);
	seen = asserts_lab_seen(0);
	ck_assert_int_eq(seen->rows, 1);
	ck_assert_ptr_null(seen->value);
	ck_assert_uint_eq(seen->columns->len + seen->cells->len, 0);
	ck_assert_ptr_nonnull(strstr(bq_body(BQ_QUERY, 0), "\"maxResults\":1,"));
}
END_TEST

START_TEST(a_value_is_the_only_cell)
{
	first()->show_rows = false;
	want_value(_i == 0 ? &first()->expect : &first()->warn);
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(BQ_QUERY, 200, BQ_ANSWER(N, "1", BQ_ROW("\"4711\"")));
	asserts_lab_run(1);
	ck_assert_str_eq(asserts_lab_seen(0)->value, "4711");
	ck_assert_uint_eq(asserts_lab_seen(0)->cells->len, 0);
}
END_TEST

START_TEST(a_value_that_is_null_is_none)
{
	want_value(&first()->expect);
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(BQ_QUERY, 200, BQ_ANSWER(N, "1", BQ_ROW("null")));
	asserts_lab_run(1);
	ck_assert_ptr_null(asserts_lab_seen(0)->value);
	ck_assert_int_eq(asserts_lab_seen(0)->rows, 1);
}
END_TEST

START_TEST(L15_a_value_of_many_cells_is_a_broken_check)
{
	static const char *const answers[] = {
		BQ_ANSWER(TWO, "1", "{\"f\":[{\"v\":\"1\"},{\"v\":\"a\"}]}"),
		BQ_ANSWER(N, "2", BQ_ROW("\"1\"") "," BQ_ROW("\"2\"")),
		NO_ROWS,
	};

	want_value(_i == 0 ? &first()->expect : &first()->warn);
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(BQ_QUERY, 200, answers[_i]);
	asserts_lab_run(1);
	asserts_lab_fault(0, FAULT_BROKEN, "select one row with one column");
}
END_TEST

START_TEST(L15_a_new_definition_is_run_dry_once)
{
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(BQ_QUERY, 200, NO_ROWS);
	asserts_lab_run(1);
	asserts_lab_run(1);
	ck_assert_int_eq(bq_count(BQ_DRY_RUN), 1);
	ck_assert_int_eq(bq_count(BQ_QUERY), 2);
	first()->sql = asserts_lab.asserts[1].project; /* another text */
	asserts_lab_run(1);
	ck_assert_int_eq(bq_count(BQ_DRY_RUN), 2);
}
END_TEST

START_TEST(after_a_failure_it_is_run_dry_again)
{
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(BQ_QUERY, 400, BQ_ERROR(400, "invalidQuery", "Unrecognized name: n"));
	asserts_lab_run(1);
	asserts_lab_fault(0, FAULT_BROKEN, "no such column");
	asserts_lab_run(1);
	ck_assert_int_eq(bq_count(BQ_DRY_RUN), 2);
	ck_assert_int_eq(asserts_lab_spent(), 0);
}
END_TEST

static const struct {
	int status;
	const char *body;
	enum fault_class class;
	const char *part;
} refusals[] = {
	{200, BQ_DRY("DELETE", "2048"), FAULT_BROKEN, "assert/a0: a DELETE statement is not run"},
	{200, BQ_DRY("SCRIPT", "0"), FAULT_BROKEN, "a SCRIPT statement is not run"},
	{200, BQ_DRY("CREATE_TABLE_AS_SELECT", "0"), FAULT_BROKEN, "is not run"},
	{200, BQ_DRY("", "0"), FAULT_BAD_ANSWER, "does not say what kind of statement"},
	{200, BQ_DRY("SELECT", "2000000000"), FAULT_OVER_BUDGET,
	 "about 2 GB, and max-bytes-billed is 1 GB unless set; narrow its SQL, or raise it"},
	{400, BQ_ERROR(400, "invalidQuery", "Syntax error: x"), FAULT_BROKEN, "SQL syntax error"},
	{404, BQ_ERROR(404, "notFound", "Not found: Table acme:sales.orders"), FAULT_BROKEN,
	 "no such table"},
	{403, BQ_ERROR(403, "accessDenied", "Access Denied: Project acme: no"), FAULT_DENIED,
	 "bigquery.jobs.create"},
	{200, "{}", FAULT_BAD_ANSWER, "statistics"},
};

START_TEST(what_a_dry_run_refuses_is_never_run)
{
	bq_answer(BQ_DRY_RUN, refusals[_i].status, refusals[_i].body);
	bq_answer(BQ_QUERY, 200, NO_ROWS);
	asserts_lab_run(1);
	asserts_lab_fault(0, refusals[_i].class, refusals[_i].part);
	ck_assert_int_eq(bq_count(BQ_QUERY), 0);
	ck_assert_int_eq(asserts_lab_spent(), 0);
}
END_TEST

START_TEST(a_cap_below_the_minimum_of_a_table_is_told)
{
	first()->max_bytes_billed = 5000000;
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "10"));
	asserts_lab_run(1);
	asserts_lab_fault(0, FAULT_OVER_BUDGET,
			  "would bill about 10.5 MB, and max-bytes-billed is 5 MB; narrow its SQL, "
			  "or raise it");
}
END_TEST

START_TEST(a_spent_budget_stops_it_before_it_costs)
{
	bq_gcp.daily_bytes = 25 * 1000 * 1000;
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(BQ_QUERY, 200, NO_ROWS);
	asserts_lab_run(1);
	asserts_lab_run(1);
	asserts_lab_seen(0);
	asserts_lab_run(1); /* 10.5 MB each: this would be the third */
	asserts_lab_fault(0, FAULT_OVER_BUDGET, "; raise daily-bytes, or its every");
	ck_assert_int_eq(bq_count(BQ_QUERY), 2);
	ck_assert_int_eq(asserts_lab_spent(), 20971520);
}
END_TEST

START_TEST(what_starts_together_does_not_spend_the_same_rest)
{
	int refused = 0;

	bq_gcp.daily_bytes = 25 * 1000 * 1000;
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(BQ_QUERY, 200, NO_ROWS);
	asserts_lab_run(4);
	for (guint i = 0; i < 4; i++)
		refused +=
			((const struct observation *)asserts_lab.observations->pdata[i])->fault !=
			NULL;
	ck_assert_int_eq(refused, 2);
	ck_assert_int_le(asserts_lab_spent(), bq_gcp.daily_bytes);
}
END_TEST

START_TEST(one_that_is_broken_touches_no_other)
{
	static char bad_sql[] = "SELECT bad";

	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(BQ_QUERY, 200, NO_ROWS);
	asserts_lab_run(2); /* both are known now */
	bq_answer(BQ_DRY_RUN, 400, BQ_ERROR(400, "invalidQuery", "Syntax error: bad"));
	bq_answer(BQ_DRY_RUN, 400, BQ_ERROR(400, "invalidQuery", "Syntax error: bad"));
	first()->sql = bad_sql;
	asserts_lab_run(2);
	asserts_lab_fault(0, FAULT_BROKEN, "assert/a0: SQL syntax error");
	ck_assert_int_eq(asserts_lab_seen(1)->rows, 0);
}
END_TEST

START_TEST(what_hangs_is_a_timeout_and_is_cancelled)
{
	asserts_lab.deadline_ms = 3000;
	asserts_lab.step_ms = 100;
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(BQ_QUERY, 200, BQ_RUNNING);
	bq_answer(BQ_RESULTS, 200, BQ_RUNNING);
	bq_answer(BQ_CANCEL, 200, "{}");
	asserts_lab_run(1);
	asserts_lab_fault(0, FAULT_TIMEOUT,
			  "assert/a0: the query was still running at the end of cycle-timeout, and "
			  "was cancelled: narrow what it reads, or raise cycle-timeout");
	bq_wait_count(BQ_CANCEL, 1);
}
END_TEST

START_TEST(what_was_cancelled_may_be_billed_and_counts_all_day)
{
	bq_gcp.daily_bytes = 15 * 1000 * 1000;
	asserts_lab.deadline_ms = 3000;
	asserts_lab.step_ms = 100;
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(BQ_QUERY, 200, BQ_RUNNING);
	bq_answer(BQ_RESULTS, 200, BQ_RUNNING);
	bq_answer(BQ_CANCEL, 200, "{}");
	asserts_lab_run(1);
	asserts_lab_fault(0, FAULT_TIMEOUT, "was cancelled");
	ck_assert_int_eq(asserts_lab_spent(), 0); /* nobody said so */
	asserts_lab_run(1);
	asserts_lab_fault(0, FAULT_OVER_BUDGET,
			  "10.5 MB are spent today, or held for queries under way or cancelled");
	ck_assert_int_eq(bq_count(BQ_QUERY), 1);
	clk_set_fake(clk_mono_ms(), clk_wall_ms() + MS_PER_DAY);
	asserts_lab_run(1);
	asserts_lab_fault(0, FAULT_TIMEOUT, "was cancelled");
	ck_assert_int_eq(bq_count(BQ_QUERY), 2);
}
END_TEST

/* The network is no reason to be out of money. */
START_TEST(what_never_began_is_not_billed)
{
	bq_gcp.daily_bytes = 15 * 1000 * 1000;
	asserts_lab.deadline_ms = 3000;
	asserts_lab.step_ms = 100;
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	bq_answer(BQ_QUERY, 0, NULL);
	for (int i = 0; i < 2; i++) {
		asserts_lab_run(1);
		asserts_lab_fault(0, FAULT_TIMEOUT,
				  "assert/a0: BigQuery did not answer within cycle-timeout; raise "
				  "it, or look at the network");
	}
}
END_TEST

START_TEST(a_cap_has_a_remedy)
{
	struct config_completion completion = {.target = {.kind = TARGET_KIND_COMPLETION}};
	struct config_table table = {.target = {.kind = TARGET_KIND_TABLE},
				     .max_bytes_billed = 500000000};
	static char select[] = "SELECT";
	struct bigquery_result dry_run = {.statement_type = select,
					  .bytes_processed = 2000000000,
					  .tables = g_ptr_array_new()};
	const struct {
		const struct config_target *target;
		const char *want;
	} caps[] = {
		{&first()->target, "a: its query would bill about 2 GB, and max-bytes-billed is 1 "
				   "GB unless set; narrow its SQL, or raise it"},
		{&table.target,
		 "a: its query would bill about 2 GB, and max-bytes-billed is 500 MB; "
		 "narrow its SQL, or raise it"},
		{&completion.target,
		 "a: its query would bill about 2 GB, and an active-when without "
		 "max-bytes-billed may bill 1 GB; narrow its SQL"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(caps); i++) {
		struct fault *fault =
			dry_run_judge(NULL, &bq_gcp, "a", &dry_run, dry_run_cap_of(caps[i].target));

		ck_assert_int_eq(fault->class, FAULT_OVER_BUDGET);
		ck_assert_str_eq(fault->message, caps[i].want);
		fault_unref(fault);
	}
	g_ptr_array_unref(dry_run.tables);
}
END_TEST

/* --- PostgreSQL --- */

#ifdef HAVE_LIBPQ
static char *dsn;

static void ignore_wake(void *data)
{
	(void)data;
}

static void pg_begin(void)
{
	pg_world_start();
	pg_world_run("postgres",
		     "CREATE TABLE users (id int, name text);"
		     "INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 30) i;"
		     "GRANT SELECT ON users TO reader");
}

static void pg_setup(void)
{
	asserts_lab_open();
	clk_clear_fake(); /* its deadlines are the server's, too */
	asserts_lab.step_ms = 0;
	asserts_lab.postgres = pg_pool_create(ignore_wake, NULL);
	dsn = pg_world_dsn("postgres", PG_WORLD_READER);
	first()->source = CONFIG_DATA_SOURCE_POSTGRESQL;
	first()->gcp = NULL;
	first()->project = NULL;
	first()->dsn = dsn;
}

static void pg_teardown(void)
{
	pg_pool_free(asserts_lab.postgres);
	g_free(dsn);
	asserts_lab_close();
}

static void pg_look(const char *sql)
{
	g_autofree char *copy = g_strdup(sql);

	first()->sql = copy;
	asserts_lab_run(1);
}

START_TEST(rows_of_postgresql_are_counted_and_shown)
{
	const struct assert_obs *seen = NULL;

	pg_look("SELECT id, name FROM users ORDER BY id");
	seen = asserts_lab_seen(0);
	ck_assert_int_eq(seen->rows, 30);
	ck_assert_uint_eq(seen->cells->len, ASSERT_ROWS_MAX);
	ck_assert_str_eq(seen->columns->pdata[1], "name");
	ck_assert_str_eq(((char **)seen->cells->pdata[19])[1], "user 20");
	ck_assert_int_eq(seen->cost.queries, 0);
	ck_assert_int_eq(asserts_lab_spent(), 0);
}
END_TEST

START_TEST(a_value_of_postgresql)
{
	want_value(&first()->expect);
	first()->show_rows = false;
	pg_look("SELECT count(*) FROM users");
	ck_assert_str_eq(asserts_lab_seen(0)->value, "30");
	pg_look("SELECT id, name FROM users LIMIT 1");
	asserts_lab_fault(0, FAULT_BROKEN, "one column");
}
END_TEST

START_TEST(sql_that_postgresql_refuses_is_a_broken_check)
{
	static const char *const texts[] = {"SELECT nothing FROM users", "SELEC 1",
					    "SELECT * FROM nowhere"};

	pg_look(texts[_i]);
	asserts_lab_fault(0, FAULT_BROKEN, "assert/a0");
}
END_TEST

START_TEST(what_runs_on_is_told_from_a_network_that_hangs)
{
	asserts_lab.deadline_ms = 1500;
	pg_look("SELECT pg_sleep(100)"); /* the server may be the first to say so */
	asserts_lab_fault(0, FAULT_TIMEOUT, "was still running at the end of cycle-timeout, ");
	asserts_lab_fault(0, FAULT_TIMEOUT,
			  "cancelled: narrow what it reads, or raise cycle-timeout");
}
END_TEST

START_TEST(postgresql_is_never_written)
{
	g_autofree char *left = NULL;

	pg_look("DELETE FROM users");
	asserts_lab_fault(0, FAULT_BROKEN, "assert/a0");
	left = pg_world_ask("postgres", "SELECT count(*) FROM users");
	ck_assert_str_eq(left, "30");
}
END_TEST

static const struct {
	const char *condition;
	bool active;
	const char *broken; /* NULL: it is not */
} seasons[] = {
	{"SELECT true", true, NULL},
	{"SELECT count(*) > 100 FROM users", false, NULL},
	{"SELECT NULL::boolean", false, "NULL"},
	{"SELECT 1", false, "no boolean"},
	{"SELECT true, true", false, "one column"},
	{"SELECT true FROM users", false, "one row"},
	{"SELECT true WHERE false", false, "one row"},
	{"SELECT nothing", false, "active-when"},
};

START_TEST(L22_active_when_of_postgresql)
{
	g_autofree char *condition = g_strdup(seasons[_i].condition);

	first()->active_when = condition;
	pg_look("SELECT id FROM users");
	if (seasons[_i].broken)
		asserts_lab_fault(0, FAULT_BROKEN, seasons[_i].broken);
	else
		ck_assert_int_eq(asserts_lab_seen(0)->not_active, !seasons[_i].active);
}
END_TEST

static void add_postgresql(Suite *suite)
{
	TCase *tcase = tcase_create("postgresql");

	tcase_add_unchecked_fixture(tcase, pg_begin, pg_world_stop);
	tcase_add_checked_fixture(tcase, pg_setup, pg_teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, rows_of_postgresql_are_counted_and_shown);
	tcase_add_test(tcase, a_value_of_postgresql);
	tcase_add_loop_test(tcase, sql_that_postgresql_refuses_is_a_broken_check, 0, 3);
	tcase_add_test(tcase, what_runs_on_is_told_from_a_network_that_hangs);
	tcase_add_test(tcase, postgresql_is_never_written);
	tcase_add_loop_test(tcase, L22_active_when_of_postgresql, 0, G_N_ELEMENTS(seasons));
	suite_add_tcase(suite, tcase);
}
#else
static void add_postgresql(Suite *suite)
{
	(void)suite;
}
#endif

Suite *asserts_suite(void)
{
	Suite *suite = suite_create("asserts");
	TCase *tcase = tcase_create("bigquery");

	tcase_add_checked_fixture(tcase, asserts_lab_open, asserts_lab_close);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, rows_are_counted_and_shown);
	tcase_add_loop_test(tcase, times_are_shown_as_times, 0, 9);
	tcase_add_test(tcase, only_the_first_rows_are_read);
	tcase_add_test(tcase, cells_and_columns_are_cut);
	tcase_add_test(tcase, rows_that_are_not_to_be_shown_are_not_kept);
	tcase_add_loop_test(tcase, a_value_is_the_only_cell, 0, 2);
	tcase_add_test(tcase, a_value_that_is_null_is_none);
	tcase_add_loop_test(tcase, L15_a_value_of_many_cells_is_a_broken_check, 0, 3);
	tcase_add_test(tcase, L15_a_new_definition_is_run_dry_once);
	tcase_add_test(tcase, after_a_failure_it_is_run_dry_again);
	tcase_add_loop_test(tcase, what_a_dry_run_refuses_is_never_run, 0, G_N_ELEMENTS(refusals));
	tcase_add_test(tcase, a_cap_below_the_minimum_of_a_table_is_told);
	tcase_add_test(tcase, a_spent_budget_stops_it_before_it_costs);
	tcase_add_test(tcase, what_starts_together_does_not_spend_the_same_rest);
	tcase_add_test(tcase, one_that_is_broken_touches_no_other);
	tcase_add_test(tcase, what_hangs_is_a_timeout_and_is_cancelled);
	tcase_add_test(tcase, what_was_cancelled_may_be_billed_and_counts_all_day);
	tcase_add_test(tcase, what_never_began_is_not_billed);
	tcase_add_test(tcase, a_cap_has_a_remedy);
	suite_add_tcase(suite, tcase);
	add_postgresql(suite);
	return suite;
}
