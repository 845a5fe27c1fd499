/* test_tables - tables of BigQuery, as the whole daemon answers for them: the three methods, how few queries they take, what
 * becomes of one that breaks, of long jobs, of places and caps, and the configuration held against the real schema. What they
 * cost is in tables_billing.c, when they are due in tables_time.c, how they are shown in tables_shown.c. */
#include "tests/integration/tables_suite.h"

#include <string.h>

Suite *tables_suite(void);

static struct world *world;
static GString *config;

static void setup(void)
{
	world = world_create();
	config = lab_config(world, "");
}

static void teardown(void)
{
	world_free(world);
	g_string_free(config, TRUE);
}

/** @p count tables acme-prod.DATASET.t0 … with their sections DATASET-0 …. */
static void put_many(const char *dataset, int count, const char *lines)
{
	for (int i = 0; i < count; i++) {
		g_autofree char *name = g_strdup_printf("acme-prod.%s.t%d", dataset, i);
		g_autofree char *section = g_strdup_printf("%s-%d", dataset, i);
		g_autofree char *text = g_strdup_printf("table = %s\n%s", name, lines);

		lab_put(world, name, "now-1h");
		lab_add(config, section, text);
	}
}

static void expect_many(const char *dataset, int count, const char *state, const char *code)
{
	for (int i = 0; i < count; i++) {
		g_autofree char *id = g_strdup_printf("table/%s-%d", dataset, i);

		expect_any_state(world, id, state, code);
	}
}

/* --- methods --- */

START_TEST(metadata_is_free_and_asked_by_every_check)
{
	g_autofree char *method = NULL, *loaded = NULL;

	cloud_table(world, "acme-prod.sales.orders",
		    "{\"numRows\":42,\"lastModifiedTime\":\"2026-01-02T03:04:05Z\"}");
	lab_add(config, "orders", "table = sales.orders");
	lab_begin(world, config);
	cloud_clear_log(world);
	for (int i = 0; i < 3; i++)
		world_cycle(world);
	ck_assert_int_eq(cloud_calls(world, "bigquery.tables.get"), 3);
	ck_assert_int_eq(cloud_bigquery(world, "queries") + cloud_bigquery(world, "dry_runs"), 0);
	expect_any_state(world, "table/orders", "ok", NULL);
	method = lab_fresh_text(world, "table/orders", "method");
	loaded = lab_fresh_text(world, "table/orders", "last_loaded_at");
	ck_assert_str_eq(method, "metadata");
	ck_assert_msg(g_str_has_prefix(loaded, "2026-01-02T03:04:05"), "%s", loaded);
	ck_assert_int_eq(lab_fresh_number(world, "table/orders", "rows"), 42);
	ck_assert_int_eq(lab_fresh_number(world, "table/orders", "bytes_billed"), 0);
	lab_expect_said(world, "table/orders", "schema, labels or description"); /* where it lies */
}
END_TEST

START_TEST(a_column_is_asked_under_its_filter)
{
	g_autofree char *method = NULL, *loaded = NULL;

	cloud_table(world, "acme-prod.sales.orders",
		    "{\"schema\":[{\"name\":\"kind\",\"type\":\"STRING\"},{\"name\":\"loaded_at\","
		    "\"type\":\"TIMESTAMP\"}],\"rows\":[[\"a\",\"2026-01-02T03:04:05Z\"],[\"a\","
		    "\"2026-01-02T03:04:06Z\"],[\"b\",\"2026-02-02T00:00:00Z\"]]}");
	lab_add(config, "orders",
		"table = sales.orders\n" BY_COLUMN "filter = kind = 'a' OR kind = '; # z'");
	lab_begin(world, config);
	expect_any_state(world, "table/orders", "ok", NULL);
	method = lab_fresh_text(world, "table/orders", "method");
	loaded = lab_fresh_text(world, "table/orders", "last_loaded_at");
	ck_assert_str_eq(method, "column");
	ck_assert_msg(g_str_has_prefix(loaded, "2026-01-02T03:04:06"), "%s", loaded);
	ck_assert_int_eq(lab_fresh_number(world, "table/orders", "rows"), 2);
	ck_assert_int_eq(lab_fresh_number(world, "table/orders", "bytes_billed"), TEN_MIB);
	lab_expect_good_manners(world);
}
END_TEST

START_TEST(partitions_are_listed_without_a_scan)
{
	g_autofree char *method = NULL, *newest = NULL;
	g_autoptr(struct_answer) log = NULL;

	cloud_table(world, "acme-prod.sales.days",
		    "{\"schema\":[{\"name\":\"day\",\"type\":\"DATE\"}],\"rows\":[[\"today-1\"],"
		    "[\"today-1\"],[\"today-2\"]],\"numBytes\":900000000000,"
		    "\"partitioning\":{\"type\":\"DAY\",\"field\":\"day\"}}");
	lab_add(config, "days", "table = sales.days\nmethod = partition\nmin-rows = 2");
	lab_begin(world, config);
	expect_any_state(world, "table/days", "ok", NULL);
	method = lab_fresh_text(world, "table/days", "method");
	newest = lab_fresh_text(world, "table/days", "newest_partition");
	ck_assert_str_eq(method, "partition");
	ck_assert_uint_eq(strlen(newest), strlen("20261119"));
	ck_assert_int_eq(lab_fresh_number(world, "table/days", "due_partition_rows"), 2);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), TEN_MIB); /* not 900 GB */
	log = cloud_control(world, "GET", "log", NULL);
	ck_assert_ptr_nonnull(strstr(json_text_at(log->json, "bigquery.recent.0"),
				     "INFORMATION_SCHEMA.PARTITIONS"));
	lab_expect_good_manners(world);
}
END_TEST

/* --- how many queries --- */

#define DATASETS 3
#define TABLES 12
#define ALL_TABLES ((intmax_t)36)

START_TEST(one_query_asks_a_whole_dataset)
{
	static const char *const datasets[DATASETS] = {"sales", "stock", "web"};

	for (int i = 0; i < DATASETS; i++)
		put_many(datasets[i], TABLES, BY_COLUMN "error-after = 2h");
	lab_begin(world, config);
	ck_assert_int_eq(cloud_bigquery(world, "queries"), DATASETS);
	ck_assert_int_eq(cloud_bigquery(world, "dry_runs"), ALL_TABLES);
	ck_assert_int_eq(cloud_calls(world, "bigquery.tables.get"), ALL_TABLES);
	for (int i = 0; i < DATASETS; i++)
		expect_many(datasets[i], TABLES, "ok", NULL);
	cloud_clear_log(world);
	lab_force(world); /* what was checked is not checked again */
	ck_assert_int_eq(cloud_bigquery(world, "queries"), DATASETS);
	ck_assert_int_eq(cloud_bigquery(world, "dry_runs"), 0);
	ck_assert_int_eq(cloud_calls(world, "bigquery.tables.get"), 0);
	lab_expect_good_manners(world);
}
END_TEST

START_TEST(one_query_lists_the_partitions_of_a_dataset)
{
	for (int i = 0; i < TABLES; i++) {
		g_autofree char *name = g_strdup_printf("acme-prod.sales.days%d", i);
		g_autofree char *lines =
			g_strdup_printf("table = %s\nmethod = partition\nerror-after = 3d", name);

		cloud_table(world, name,
			    "{\"schema\":[{\"name\":\"day\",\"type\":\"DATE\"}],\"rows\":[[\"today-"
			    "1\"]],\"partitioning\":{\"type\":\"DAY\",\"field\":\"day\"}}");
		lab_add(config, strrchr(name, '.') + 1, lines);
	}
	lab_begin(world, config);
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 1);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), TEN_MIB);
	for (int i = 0; i < TABLES; i++) {
		g_autofree char *id = g_strdup_printf("table/days%d", i);

		expect_any_state(world, id, "ok", NULL);
	}
}
END_TEST

/* --- one that breaks --- */

/** What BigQuery says of a query with a broken table in it, and what is made of it. */
static const struct {
	const char *reason;
	int status;
	const char *message;
	const char *code;
} breaks[] = {
	{"invalidQuery", 400, "Unrecognized name: loaded_at at [1:1]", "broken_check"},
	{"accessDenied", 403, "Access Denied: Table acme-prod:sales.t2: denied",
	 "permission_denied"},
	{"notFound", 404, "Not found: Table acme-prod:sales.other was not found in location US",
	 NULL},
};

START_TEST(a_broken_table_is_split_off_in_the_same_cycle)
{
	g_autofree char *rule = g_strdup_printf(
		"{\"query\":\"`acme-prod.sales.t2`\",\"dry_run\":false,\"status\":%d,\"reason\":"
		"\"%s\",\"message\":\"%s\"}",
		breaks[_i].status, breaks[_i].reason, breaks[_i].message);

	put_many("sales", 8, BY_COLUMN "error-after = 2h");
	lab_begin(world, config);
	cloud_jobrule(world, rule);
	lab_put(world, "acme-prod.sales.t5", "now-5h"); /* news that must come through */
	cloud_clear_log(world);
	lab_force(world);
	for (int i = 0; i < 8; i++) {
		g_autofree char *id = g_strdup_printf("table/sales-%d", i);

		if (i == 2)
			expect_any_state(world, id, "unknown", breaks[_i].code);
		else if (i == 5)
			expect_any_state(world, id, "drift", "stale");
		else
			expect_any_state(world, id, "ok", NULL);
	}
	/* 8, 4+4, 2+2, 1+1 */
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 7);
	cloud_clear_log(world);
	lab_force(world); /* who broke it is asked alone */
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 2);
	expect_any_state(world, "table/sales-2", "unknown", breaks[_i].code);
	expect_any_state(world, "table/sales-1", "ok", NULL);
	cloud_clear_jobrules(world);
	lab_force(world);
	expect_any_state(world, "table/sales-2", "ok", NULL);
	cloud_clear_log(world);
	lab_force(world);
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 1); /* and is in company again */
	lab_expect_good_manners(world);
}
END_TEST

START_TEST(those_who_broke_it_are_asked_alone)
{
	static const char *const broken[] = {"sales.t2", "sales.t6"};

	put_many("sales", 8, BY_COLUMN "error-after = 2h");
	lab_begin(world, config);
	for (size_t i = 0; i < G_N_ELEMENTS(broken); i++) {
		g_autofree char *rule = g_strdup_printf(
			"{\"query\":\"%s\",\"dry_run\":false,\"status\":400,\"reason\":"
			"\"invalidQuery\",\"message\":\"Bad row\"}",
			broken[i]);

		cloud_jobrule(world, rule);
	}
	lab_force(world);
	cloud_clear_log(world);
	lab_force(world);
	/* the six good ones together, and each of the others */
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 3);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), 6 * TEN_MIB);
	for (int i = 0; i < 8; i++) {
		g_autofree char *id = g_strdup_printf("table/sales-%d", i);
		bool bad = i == 2 || i == 6;

		expect_any_state(world, id, bad ? "unknown" : "ok", bad ? "broken_check" : NULL);
	}
}
END_TEST

START_TEST(a_table_that_is_gone_is_missing_and_nobody_else)
{
	put_many("sales", 8, BY_COLUMN "error-after = 2h");
	lab_begin(world, config);
	cloud_drop_table(world, "acme-prod.sales.t1");
	cloud_drop_table(world, "acme-prod.sales.t6");
	lab_force(world);
	for (int i = 0; i < 8; i++) {
		g_autofree char *id = g_strdup_printf("table/sales-%d", i);
		bool gone = i == 1 || i == 6;

		expect_any_state(world, id, gone ? "drift" : "ok", gone ? "table_missing" : NULL);
	}
	lab_put(world, "acme-prod.sales.t1", "now-1h");
	lab_put(world, "acme-prod.sales.t6", "now-5h");
	lab_force(world);
	expect_any_state(world, "table/sales-1", "ok", NULL);
	expect_any_state(world, "table/sales-6", "drift", "stale");
	lab_expect_good_manners(world);
}
END_TEST

START_TEST(trouble_of_the_service_splits_nothing)
{
	put_many("sales", 8, BY_COLUMN);
	put_many("stock", 2, BY_COLUMN);
	lab_begin(world, config);
	cloud_jobrule(world, "{\"query\":\"acme-prod.sales\",\"dry_run\":false,\"status\":403,"
			     "\"reason\":\"quotaExceeded\",\"message\":\"Quota exceeded\"}");
	cloud_clear_log(world);
	lab_force(world);
	expect_many("sales", 8, "unknown", "fetch_failed");
	expect_many("stock", 2, "ok", NULL);
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 2);
	lab_expect_said(world, "table/sales-0", "\"last_known\":{");
}
END_TEST

/* --- jobs --- */

START_TEST(a_long_job_is_polled_and_its_rows_are_paged)
{
	put_many("sales", 9, BY_COLUMN "error-after = 2h");
	cloud_put(world, "options", "{\"bigquery_page_rows\":2}");
	cloud_jobrule(world, "{\"query\":\"UNION ALL\",\"polls\":3}");
	lab_begin(world, config);
	expect_many("sales", 9, "ok", NULL);
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 1);
	/* two more looks at the job, five pages of which the first came with the end of it */
	ck_assert_int_ge(cloud_calls(world, "bigquery.jobs.getQueryResults"), 6);
	ck_assert_int_eq(cloud_bigquery(world, "cancels"), 0);
	lab_expect_good_manners(world);
}
END_TEST

static bool nothing_runs(void *data)
{
	(void)data;
	return cloud_bigquery(world, "running") == 0;
}

START_TEST(a_job_over_its_time_is_cancelled_at_google)
{
	config_replace(config, "cycle-timeout = 15s", "cycle-timeout = 2s");
	put_many("sales", 3, BY_COLUMN);
	put_many("stock", 2, BY_COLUMN);
	cloud_jobrule(world, "{\"query\":\"acme-prod.sales\",\"dry_run\":false,\"never\":true}");
	lab_begin(world, config);
	expect_many("sales", 3, "unknown", "fetch_failed");
	expect_many("stock", 2, "ok", NULL);
	lab_expect_said(world, "table/sales-0", "\"timeout\"");
	ck_assert_msg(wait_until(nothing_runs, NULL, SOON_MS), "a job runs on");
	ck_assert_int_eq(cloud_bigquery(world, "cancels"), 1);
	for (int i = 0; i < 3; i++)
		world_cycle(world); /* what it did until then may have been billed */
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 2);
	lab_expect_good_manners(world);
}
END_TEST

/* --- places, caps --- */

START_TEST(data_is_asked_where_it_is)
{
	g_autofree char *eu =
		g_strdup("{\"location\":\"EU\"," LOADED_SCHEMA ",\"rows\":[[\"now-1h\"]]}");

	cloud_table(world, "acme-prod.europe.a", "%s", eu);
	cloud_table(world, "acme-prod.asia.a",
		    "{\"location\":\"asia-east1\"," LOADED_SCHEMA ",\"rows\":[[\"now-1h\"]]}");
	cloud_table(world, "acme-prod.lost.a", "%s", eu);
	lab_put(world, "acme-prod.home.a", "now-1h");
	lab_add(config, "home", "table = home.a\n" BY_COLUMN);
	lab_add(config, "europe", "table = europe.a\nlocation = EU\n" BY_COLUMN);
	lab_add(config, "asia", "table = asia.a\n" BY_COLUMN);
	lab_add(config, "lost", "table = lost.a\nlocation = US\n" BY_COLUMN);
	cloud_jobrule(world, "{\"query\":\"asia\",\"dry_run\":false,\"polls\":2}");
	lab_begin(world, config);
	expect_any_state(world, "table/home", "ok", NULL);
	expect_any_state(world, "table/europe", "ok", NULL);
	expect_any_state(world, "table/asia", "ok", NULL); /* its job is only found by its place */
	expect_any_state(world, "table/lost", "unknown", "broken_check");
	lab_expect_said(world, "table/lost", "location = US is wrong: it is in EU");
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 3);
	lab_expect_good_manners(world);
}
END_TEST

START_TEST(a_look_above_its_cap_is_not_begun)
{
	cloud_table(world, "acme-prod.sales.huge",
		    "{" LOADED_SCHEMA ",\"rows\":[[\"now-1h\"]],\"numBytes\":2000000000}");
	lab_put(world, "acme-prod.sales.small", "now-1h");
	lab_add(config, "huge", "table = sales.huge\nmax-bytes-billed = 1GB\n" BY_COLUMN);
	lab_add(config, "wide", "table = sales.huge\nmax-bytes-billed = 3GB\n" BY_COLUMN);
	lab_add(config, "small", "table = sales.small\n" BY_COLUMN);
	lab_begin(world, config);
	expect_any_state(world, "table/huge", "unknown", "over_budget");
	lab_expect_said(world, "table/huge", "max-bytes-billed is 1 GB");
	expect_any_state(world, "table/wide", "ok", NULL);
	expect_any_state(world, "table/small", "ok", NULL);
	lab_expect_good_manners(world);
}
END_TEST

START_TEST(a_table_that_grew_above_its_cap_costs_nothing_more)
{
	lab_put(world, "acme-prod.sales.a", "now-1h");
	lab_put(world, "acme-prod.sales.b", "now-1h");
	lab_add(config, "a", "table = sales.a\nmax-bytes-billed = 20MB\n" BY_COLUMN);
	lab_add(config, "b", "table = sales.b\nmax-bytes-billed = 20MB\n" BY_COLUMN);
	lab_begin(world, config);
	cloud_table(world, "acme-prod.sales.a",
		    "{" LOADED_SCHEMA ",\"rows\":[[\"now-1h\"]],\"numBytes\":2000000000}");
	cloud_clear_log(world);
	lab_force(world);
	expect_any_state(world, "table/a", "unknown", "over_budget");
	expect_any_state(world, "table/b", "ok", NULL);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), TEN_MIB); /* of b, alone */
}
END_TEST

/* --- the configuration against the real schema --- */

#define FIELDS                                                                                     \
	"\"schema\":[{\"name\":\"loaded_at\",\"type\":\"TIMESTAMP\"},{\"name\":\"word\",\"type\":" \
	"\"STRING\"},{\"name\":\"times\",\"type\":\"TIMESTAMP\",\"mode\":\"REPEATED\"},"           \
	"{\"name\":\"day\",\"type\":\"DATE\"}],\"rows\":[]"

static const struct {
	const char *table; /* as the cloud has it */
	const char *lines;
	const char *said;
} wrong[] = {
	{"{" FIELDS "}", "method = column\nloaded-at-field = loadd_at", "no column loadd_at"},
	{"{" FIELDS "}", "method = column\nloaded-at-field = word", "column word is STRING"},
	{"{" FIELDS "}", "method = column\nloaded-at-field = times", "times is repeated"},
	{"{" FIELDS ",\"partitioning\":{\"type\":\"DAY\",\"field\":\"day\"},"
	 "\"requirePartitionFilter\":true}",
	 BY_COLUMN, "without a partition filter"},
	{"{" FIELDS ",\"partitioning\":{\"type\":\"DAY\",\"field\":\"day\"},"
	 "\"requirePartitionFilter\":true}",
	 BY_COLUMN "filter = word = 'x'", "partition"}, /* only the dry run can tell */
	{"{" FIELDS "}", BY_COLUMN "filter = wrod = 'x'", "wrod"},
	{"{" FIELDS "}", BY_COLUMN "filter = word = 5", "No matching signature"},
	{"{" FIELDS "}", BY_COLUMN "filter = day >= >= DATE '2026-01-01'", "Syntax error"},
	{"{" FIELDS ",\"type\":\"VIEW\",\"view\":\"SELECT 1 AS x\"}", "", "its type is VIEW"},
	{"{" FIELDS ",\"type\":\"EXTERNAL\"}", "", "its type is EXTERNAL"},
	{"{" FIELDS "}", "method = partition", "not partitioned"},
};

START_TEST(a_check_that_cannot_run_is_found_at_once)
{
	g_autofree char *lines = g_strdup_printf("table = sales.bad\n%s", wrong[_i].lines);
	g_autoptr(struct_answer) first = NULL;

	cloud_table(world, "acme-prod.sales.bad", "%s", wrong[_i].table);
	lab_put(world, "acme-prod.sales.good", "now-1h");
	lab_add(config, "bad", lines);
	lab_add(config, "good", "table = sales.good\n" BY_COLUMN);
	lab_begin(world, config);
	first = world_get(world, "/checks/1");
	ck_assert_msg(strstr(first->body, "table/bad"), "%s", first->body);
	expect_any_state(world, "table/bad", "unknown", "broken_check");
	lab_expect_said(world, "table/bad", wrong[_i].said);
	expect_any_state(world, "table/good", "ok", NULL);
	/* and nobody paid for finding out */
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 1);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), TEN_MIB);
	lab_expect_good_manners(world);
}
END_TEST

START_TEST(a_repaired_table_is_seen_by_the_next_check)
{
	cloud_table(world, "acme-prod.sales.t",
		    "{\"schema\":[{\"name\":\"loaded\",\"type\":\"TIMESTAMP\"}],\"rows\":[]}");
	lab_put(world, "acme-prod.sales.good", "now-1h");
	lab_add(config, "t", "table = sales.t\n" BY_COLUMN);
	lab_add(config, "good", "table = sales.good\n" BY_COLUMN);
	lab_begin(world, config);
	expect_any_state(world, "table/t", "unknown", "broken_check");
	cloud_clear_log(world);
	lab_put(world, "acme-prod.sales.t", "now-1h");
	world_cycle(world); /* without force: nothing was billed for it so far */
	expect_any_state(world, "table/t", "ok", NULL);
	world_cycle(world);
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 1);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), TEN_MIB);
}
END_TEST

START_TEST(a_table_that_is_not_there_is_drift_at_once)
{
	static const char *const methods[] = {"", BY_COLUMN, "method = partition\n"};
	g_autofree char *lines = g_strdup_printf("table = sales.nothing\n%s", methods[_i]);

	lab_put(world, "acme-prod.sales.other", "now-1h");
	lab_add(config, "nothing", lines);
	lab_begin(world, config);
	expect_any_state(world, "table/nothing", "drift", "table_missing");
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 0);
}
END_TEST

START_TEST(a_dataset_that_is_not_there_is_no_missing_table)
{
	/* whether the dataset is gone or never was the one meant, nothing can be said of its tables */
	lab_add(config, "nothing", "table = nowhere.nothing");
	lab_begin(world, config);
	expect_any_state(world, "table/nothing", "unknown", NULL);
}
END_TEST

TCase *tables_make_case(Suite *suite, const char *name, SFun setup_one, SFun teardown_one)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup_one, teardown_one);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return tcase;
}

Suite *tables_suite(void)
{
	Suite *suite = suite_create("tables-real");
	TCase *methods = tables_make_case(suite, "methods", setup, teardown);
	TCase *queries = tables_make_case(suite, "queries", setup, teardown);
	TCase *jobs = tables_make_case(suite, "jobs", setup, teardown);
	TCase *checks = tables_make_case(suite, "configuration", setup, teardown);

	tcase_add_test(methods, metadata_is_free_and_asked_by_every_check);
	tcase_add_test(methods, a_column_is_asked_under_its_filter);
	tcase_add_test(methods, partitions_are_listed_without_a_scan);
	tcase_add_test(queries, one_query_asks_a_whole_dataset);
	tcase_add_test(queries, one_query_lists_the_partitions_of_a_dataset);
	tcase_add_loop_test(queries, a_broken_table_is_split_off_in_the_same_cycle, 0,
			    G_N_ELEMENTS(breaks));
	tcase_add_test(queries, those_who_broke_it_are_asked_alone);
	tcase_add_test(queries, a_table_that_is_gone_is_missing_and_nobody_else);
	tcase_add_test(queries, trouble_of_the_service_splits_nothing);
	tcase_add_test(jobs, a_long_job_is_polled_and_its_rows_are_paged);
	tcase_add_test(jobs, a_job_over_its_time_is_cancelled_at_google);
	tcase_add_test(jobs, data_is_asked_where_it_is);
	tcase_add_test(jobs, a_look_above_its_cap_is_not_begun);
	tcase_add_test(jobs, a_table_that_grew_above_its_cap_costs_nothing_more);
	tcase_add_loop_test(checks, a_check_that_cannot_run_is_found_at_once, 0,
			    G_N_ELEMENTS(wrong));
	tcase_add_test(checks, a_repaired_table_is_seen_by_the_next_check);
	tcase_add_loop_test(checks, a_table_that_is_not_there_is_drift_at_once, 0, 3);
	tcase_add_test(checks, a_dataset_that_is_not_there_is_no_missing_table);
	tables_add_billing(suite);
	tables_add_time(suite);
	tables_add_shown(suite);
	return suite;
}
