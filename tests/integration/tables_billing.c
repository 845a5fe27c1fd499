/* tables_billing - what looks at tables cost: when billed queries are asked again and when not, bytes served and stored, and
 * the budget of a day. A part of test_tables.c. */
#include "tests/integration/tables_suite.h"

#include "clk.h"
#include "timefmt.h"

#include <poll.h>
#include <signal.h>
#include <string.h>

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

/** A table of sales by its column, with more lines. */
static void add_column(const char *name, const char *lines)
{
	g_autofree char *table = g_strdup_printf("acme-prod.sales.%s", name);
	g_autofree char *text = g_strdup_printf("table = %s\n" BY_COLUMN "%s", table, lines);

	lab_put(world, table, "now-1h");
	lab_add(config, name, text);
}

/** A column, a partition, an active-when, and one that is free, each in a dataset of its own. */
static void add_all_methods(void)
{
	add_column("orders", "");
	cloud_table(world, "acme-prod.days.d",
		    "{\"schema\":[{\"name\":\"day\",\"type\":\"DATE\"}],\"rows\":[[\"today-1\"]],"
		    "\"partitioning\":{\"type\":\"DAY\",\"field\":\"day\"}}");
	lab_add(config, "days", "table = days.d\nmethod = partition");
	lab_put(world, "acme-prod.season.s", "now-1h");
	lab_add(config, "season",
		"table = season.s\nactive-when = SELECT COUNT(*) > 0 FROM season.s");
	lab_put(world, "acme-prod.free.f", "now-1h");
	lab_add(config, "free", "table = free.f");
}

/** Queries that one look at all of those takes. */
#define METHOD_QUERIES ((int64_t)3)

static void expect_all_ok(void)
{
	static const char *const ids[] = {"table/orders", "table/days", "table/season",
					  "table/free"};

	for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
		expect_any_state(world, ids[i], "ok", NULL);
}

/* --- when it is asked again --- */

#define BURST 20

START_TEST(checks_do_not_repeat_what_is_billed)
{
	g_autofree char *url = NULL;
	const char *urls[BURST];
	int statuses[BURST];

	add_all_methods();
	lab_begin(world, config);
	expect_all_ok();
	ck_assert_int_eq(cloud_bigquery(world, "queries"), METHOD_QUERIES);
	cloud_clear_log(world);
	url = g_strconcat(world->origin, "/check", NULL);
	for (size_t i = 0; i < BURST; i++)
		urls[i] = url;
	http_call_many("POST", urls, BURST, statuses);
	for (size_t i = 0; i < BURST; i++)
		ck_assert_int_eq(statuses[i], 200);
	for (size_t i = 0; i < BURST; i++)
		world_cycle(world);
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 0);
	ck_assert_int_eq(cloud_bigquery(world, "dry_runs"), 0);
	/* what is free is looked at by each */
	ck_assert_int_ge(cloud_calls(world, "bigquery.tables.get"), BURST + 1);
	expect_all_ok();
}
END_TEST

START_TEST(force_asks_all_of_it)
{
	add_all_methods();
	lab_begin(world, config);
	for (int i = 1; i <= 3; i++) {
		lab_force(world);
		ck_assert_int_eq(cloud_bigquery(world, "queries"), METHOD_QUERIES * (1 + i));
	}
	expect_all_ok();
	lab_expect_good_manners(world);
}
END_TEST

START_TEST(reloads_and_restarts_do_not_repeat_what_is_billed)
{
	add_all_methods();
	lab_begin(world, config);
	cloud_clear_log(world);
	lab_reload(world, config);
	world_cycle(world);
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 0);
	ck_assert_int_eq(world_stop(world), 0);
	world_start(world);
	world_cycle(world);
	world_kill(world);
	world_start(world);
	world_cycle(world);
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 0);
	expect_all_ok(); /* what was found before stands */
	ck_assert_int_eq(lab_fresh_number(world, "table/orders", "bytes_billed"), TEN_MIB);
}
END_TEST

START_TEST(a_push_does_not_repeat_what_is_billed)
{
	g_autofree char *checkout = repo_make(world, "app");
	g_autofree char *sha = repo_publish(checkout, "app/main.py", "one", A_DAY);

	g_string_free(config, TRUE);
	config = world_base_config(world, "");
	config_replace(config, "branch = main\nevery = 1h", "branch = main\nevery = 1s");
	config_add_service(config, "app", "source = cloud-run\npaths = app\ngrace = 1s");
	cloud_deploy(world, "app", sha);
	add_all_methods();
	lab_begin(world, config);
	expect_state(world, "app", "ok", NULL);
	cloud_clear_log(world);
	g_free(g_steal_pointer(&sha));
	sha = repo_publish(checkout, "app/main.py", "two", AN_HOUR);
	wait_for_state(world, "app", "drift"); /* by the fetch alone */
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 0);
	expect_all_ok();
}
END_TEST

START_TEST(another_configuration_is_another_question)
{
	add_column("orders", "error-after = 12h");
	add_column("items", "error-after = 12h");
	lab_begin(world, config);
	expect_any_state(world, "table/orders", "ok", NULL);
	cloud_clear_log(world);
	config_replace(config, "error-after = 12h", "error-after = 30m");
	lab_reload(world, config);
	world_cycle(world);
	expect_any_state(world, "table/orders", "drift", "stale");
	expect_any_state(world, "table/items", "ok", NULL);
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 1); /* and only about that one */
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), TEN_MIB);
	config_replace(config, "error-after = 30m", "filter = loaded_at IS NULL");
	lab_reload(world, config);
	world_cycle(world);
	expect_any_state(world, "table/orders", "drift", "empty");
	config_replace(config, "filter = loaded_at IS NULL", "filter = loadd_at IS NULL");
	lab_reload(world, config);
	world_cycle(world);
	expect_any_state(world, "table/orders", "unknown", "broken_check");
}
END_TEST

START_TEST(what_is_billed_is_asked_every_half_hour)
{
	g_autoptr(struct_answer) target = NULL;
	int64_t seen_ms = 0, ends_ms = 0;

	config_replace(config, "check-interval = 1h", "check-interval = 1s");
	add_column("orders", "");
	add_column("often", "every = 1s");
	lab_begin(world, config);
	target = world_any_target(world, "table/orders");
	ck_assert(timefmt_parse(json_text_at(target->json, "observed_at"), &seen_ms, NULL));
	ck_assert(timefmt_parse(json_text_at(target->json, "expires_at"), &ends_ms, NULL));
	ck_assert_int_eq((ends_ms - seen_ms + MS_PER_S / 2) / MS_PER_S, 3 * AN_HOUR / 2);
	cloud_clear_log(world);
	for (int64_t end = clk_mono_ms() + 2500; clk_mono_ms() < end;)
		world_cycle(world);
	/* one table, once a second; the other not at all */
	ck_assert_int_ge(cloud_bigquery(world, "queries"), 2);
	ck_assert_int_le(cloud_bigquery(world, "queries"), 4);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"),
			 cloud_bigquery(world, "queries") * TEN_MIB);
	ck_assert_int_eq(lab_metric(world, "driftd_target_bytes_billed{target=\"table/orders\""),
			 TEN_MIB);
}
END_TEST

/* --- bytes --- */

START_TEST(bytes_are_served_and_stored_for_each)
{
	g_autoptr(struct_answer) history = NULL, text = NULL;
	int64_t billed = 0, processed = 0, sum_billed = 0, sum_processed = 0;
	static const char *const ids[] = {"table/a", "table/b", "table/c"};

	add_column("a", "");
	add_column("b", "");
	add_column("c", "");
	cloud_table(world, "acme-prod.sales.c",
		    "{" LOADED_SCHEMA ",\"rows\":[[\"now-1h\"]],\"numBytes\":500000001}");
	lab_begin(world, config);
	billed = cloud_bigquery(world, "bytes_billed");
	processed = cloud_bigquery(world, "bytes_processed");
	for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
		sum_billed += lab_fresh_number(world, ids[i], "bytes_billed");
		sum_processed += lab_fresh_number(world, ids[i], "bytes_processed");
	}
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 1);
	ck_assert_int_eq(sum_billed, billed); /* nothing lost, nothing doubled */
	ck_assert_int_eq(sum_processed, processed);
	/* equal ones pay the same, but for the rest of a division */
	ck_assert_int_le(ABS(lab_fresh_number(world, "table/a", "bytes_billed") -
			     lab_fresh_number(world, "table/b", "bytes_billed")),
			 1);
	ck_assert_int_gt(lab_fresh_number(world, "table/c", "bytes_billed"),
			 20 * lab_fresh_number(world, "table/a", "bytes_billed"));
	ck_assert_int_eq(lab_metric(world, "driftd_bytes_billed_today{gcp=\"default\""), billed);
	history = world_get(world, "/history/table/c");
	ck_assert_int_eq(json_int_at(history->json, "samples.0.bytes_billed"),
			 lab_fresh_number(world, "table/c", "bytes_billed"));
	text = world_get(world, "/drift/table/c?format=text");
	ck_assert_msg(strstr(text->body, "bytes_billed"), "%s", text->body);
}
END_TEST

START_TEST(active_when_is_paid_for_too)
{
	lab_put(world, "acme-prod.sales.a", "now-1h");
	lab_add(config, "a", "table = sales.a\nactive-when = SELECT COUNT(*) > 0 FROM sales.a");
	lab_begin(world, config);
	expect_any_state(world, "table/a", "ok", NULL);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), TEN_MIB);
	ck_assert_int_eq(lab_fresh_number(world, "table/a", "bytes_billed"), TEN_MIB);
	ck_assert_int_eq(lab_metric(world, "driftd_bytes_billed_today{gcp=\"default\""), TEN_MIB);
}
END_TEST

/* --- the budget --- */

/** Room for two small tables, not for three. */
#define BUDGET "daily-bytes = 25MB"

static void set_budget(void)
{
	config_replace(config, "[gcp]\n", "[gcp]\n" BUDGET "\n");
}

static void expect_fallback(const char *id, bool fallback)
{
	g_autofree char *is = lab_fresh_text(world, id, "fallback");
	g_autofree char *method = lab_fresh_text(world, id, "method");

	ck_assert_msg(g_str_equal(is, fallback ? "true" : "false"), "%s: %s", id, is);
	ck_assert_msg(g_str_equal(method, fallback ? "metadata" : "column"), "%s: %s", id, method);
	if (fallback)
		lab_expect_said(world, id, "daily-bytes is spent");
}

START_TEST(past_the_budget_metadata_stands_in_and_says_so)
{
	g_autoptr(struct_answer) text = NULL;

	set_budget();
	add_column("a", "priority = P2\nfilter = loaded_at > '2020-01-01'\nmin-rows = 100");
	add_column("b", "priority = P0");
	add_column("c", "");
	add_column("old", "priority = P2\nerror-after = 2h");
	cloud_table(world, "acme-prod.sales.a",
		    "{" LOADED_SCHEMA ",\"numRows\":500,\"lastModifiedTime\":\"now-1h\"}");
	lab_put(world, "acme-prod.sales.old", "now-5h");
	lab_begin(world, config);
	/* the more important ones are asked */
	expect_fallback("table/b", false);
	expect_fallback("table/c", false);
	expect_fallback("table/a", true);
	expect_fallback("table/old", true);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), 2 * TEN_MIB);
	/* cannot be told under the filter now, and are not judged */
	expect_any_state(world, "table/a", "ok", NULL);
	lab_expect_said(world, "table/a", "cannot be told under the filter");
	expect_any_state(world, "table/old", "drift", "stale");
	lab_expect_said(world, "table/old", "by metadata, the budget of bytes is spent");
	text = world_get(world, "/drift?format=text&all=1");
	ck_assert_msg(strstr(text->body, "budget"), "%s", text->body);
	for (int i = 0; i < 5; i++)
		lab_force(world);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), 2 * TEN_MIB);
	expect_fallback("table/b", true);
}
END_TEST

START_TEST(where_nothing_can_stand_in_it_is_over_budget)
{
	set_budget();
	add_column("a", "priority = P0");
	add_column("b", "priority = P0");
	cloud_table(world, "acme-prod.days.d",
		    "{\"schema\":[{\"name\":\"day\",\"type\":\"DATE\"}],\"rows\":[[\"today-1\"]],"
		    "\"partitioning\":{\"type\":\"DAY\",\"field\":\"day\"}}");
	cloud_table(world, "acme-prod.sales.view",
		    "{\"type\":\"VIEW\",\"view\":\"SELECT loaded_at FROM "
		    "`acme-prod.sales.a`\"," LOADED_SCHEMA "}");
	lab_begin(world, config);
	lab_add(config, "days", "table = days.d\nmethod = partition");
	lab_add(config, "view", "table = sales.view\n" BY_COLUMN);
	lab_reload(world, config);
	world_cycle(world);
	expect_any_state(world, "table/a", "ok", NULL);
	expect_any_state(world, "table/days", "unknown", "over_budget");
	expect_any_state(world, "table/view", "unknown", "over_budget");
	lab_expect_said(world, "table/view", "its type is VIEW, whose metadata cannot stand in");
	lab_expect_said(world, "table/days", "raise daily-bytes");
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), 2 * TEN_MIB);
}
END_TEST

START_TEST(the_budget_outlives_a_restart)
{
	/* of one section, and of all together */
	config_replace(config, _i ? "[driftd]\n" : "[gcp]\n",
		       _i ? "[driftd]\n" BUDGET "\n" : "[gcp]\n" BUDGET "\n");
	add_column("a", "");
	add_column("b", "");
	lab_begin(world, config);
	expect_fallback("table/a", false);
	ck_assert_int_eq(world_stop(world), 0);
	world_start(world);
	ck_assert_int_eq(lab_metric(world, "driftd_bytes_billed_today{gcp=\"default\""),
			 2 * TEN_MIB);
	lab_force(world);
	expect_fallback("table/a", true);
	world_kill(world);
	world_start(world);
	lab_force(world);
	expect_fallback("table/b", true);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), 2 * TEN_MIB);
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 1);
}
END_TEST

START_TEST(a_new_day_has_a_new_budget)
{
	if (!lab_take_clock(world, config))
		return;
	lab_set_time(world, "2026-11-20T23:00:00Z");
	set_budget();
	add_column("a", "");
	add_column("b", "");
	lab_begin(world, config);
	lab_force(world);
	expect_fallback("table/a", true);
	lab_set_time(world, "2026-11-21T00:00:10Z");
	lab_force(world);
	expect_fallback("table/a", false);
	expect_fallback("table/b", false);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), 4 * TEN_MIB);
}
END_TEST

START_TEST(a_raised_budget_counts_at_once)
{
	set_budget();
	add_column("a", "");
	add_column("b", "");
	add_column("c", "priority = P2");
	lab_begin(world, config);
	expect_fallback("table/c", true);
	config_replace(config, BUDGET, "daily-bytes = 1GB");
	lab_reload(world, config);
	lab_force(world);
	expect_fallback("table/c", false);
}
END_TEST

/* --- a crash --- */

#define ROUNDS 8

static bool query_runs(void *data)
{
	(void)data;
	return cloud_bigquery(world, "queries") > 0;
}

static int64_t spent_today(void)
{
	return lab_metric(world, "driftd_bytes_billed_today{gcp=\"default\"");
}

/** A cycle is either there with all it cost, its samples and its states, or not at all. */
static void check_after_crash(int64_t before)
{
	static const char *const ids[] = {"table/a", "table/b"};
	int64_t spent = spent_today();

	ck_assert_msg(spent == before || spent == before + 3 * TEN_MIB, "%d became %d", (int)before,
		      (int)spent);
	for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
		g_autofree char *path = g_strconcat("/history/", ids[i], NULL);
		g_autoptr(struct_answer) history = world_get(world, path);

		ck_assert_uint_eq(json_object_array_length(json_at(history->json, "transitions")),
				  1);
		ck_assert_uint_eq(json_object_array_length(json_at(history->json, "samples")), 1);
	}
}

START_TEST(a_crash_in_mid_cycle_loses_and_doubles_nothing)
{
	int64_t before = 0;

	add_column("a", "");
	add_column("b", "");
	lab_put(world, "acme-prod.other.o", "now-1h");
	lab_add(config, "o", "table = other.o\n" BY_COLUMN);
	lab_begin(world, config);
	before = spent_today();
	ck_assert_int_eq(before, 3 * TEN_MIB);
	for (int i = 0; i < ROUNDS; i++) {
		/* one of both queries answers late, so that it dies in between, or about when it commits */
		g_autofree char *rule = g_strdup_printf(
			"{\"query\":\"other\",\"dry_run\":false,\"wait_ms\":%d}", i * 15);

		cloud_clear_jobrules(world);
		cloud_jobrule(world, rule);
		cloud_clear_log(world);
		answer_free(world_call(world, "POST", "/check?force=1&wait=0", NULL, NULL));
		ck_assert(wait_until(query_runs, NULL, SOON_MS));
		(void)poll(NULL, 0, i * 7); /* another moment in every round */
		world_kill(world);
		world_start(world);
		check_after_crash(before);
		before = spent_today();
	}
	cloud_clear_jobrules(world);
	lab_force(world);
	ck_assert_int_eq(spent_today(), before + 3 * TEN_MIB);
	check_after_crash(before);
}
END_TEST

void tables_add_billing(Suite *suite)
{
	TCase *again = tables_make_case(suite, "asked again", setup, teardown);
	TCase *bytes = tables_make_case(suite, "bytes", setup, teardown);
	TCase *budget = tables_make_case(suite, "budget", setup, teardown);
	TCase *crash = tables_make_case(suite, "crash", setup, teardown);

	tcase_add_test(again, checks_do_not_repeat_what_is_billed);
	tcase_add_test(again, force_asks_all_of_it);
	tcase_add_test(again, reloads_and_restarts_do_not_repeat_what_is_billed);
	tcase_add_test(again, a_push_does_not_repeat_what_is_billed);
	tcase_add_test(again, another_configuration_is_another_question);
	tcase_add_test(again, what_is_billed_is_asked_every_half_hour);
	tcase_add_test(bytes, bytes_are_served_and_stored_for_each);
	tcase_add_test(bytes, active_when_is_paid_for_too);
	tcase_add_test(budget, past_the_budget_metadata_stands_in_and_says_so);
	tcase_add_test(budget, where_nothing_can_stand_in_it_is_over_budget);
	tcase_add_loop_test(budget, the_budget_outlives_a_restart, 0, 2);
	tcase_add_test(budget, a_new_day_has_a_new_budget);
	tcase_add_test(budget, a_raised_budget_counts_at_once);
	tcase_add_test(crash, a_crash_in_mid_cycle_loses_and_doubles_nothing);
}
