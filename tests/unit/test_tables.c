/* tables: the collector, against a BigQuery of a few tables (tables_lab). What goes wrong is in
 * test_tables_faults.c. */
#include "data/tables.h"

#include <string.h>

#include "clk.h"
#include "tests/unit/tables_lab.h"

Suite *tables_suite(void);

/* --- column --- */

START_TEST(test_one_query_per_dataset)
{
	tlab_add("a")->loaded_us = -1;
	tlab_add("b");
	tlab_add("c")->dataset = "other";
	(void)tlab_watch("a", TABLE_METHOD_COLUMN);
	tlab_set(&tlab_watch("b", TABLE_METHOD_COLUMN)->filter, "id > 1 -- new");
	tlab_set(&tlab_watch("c", TABLE_METHOD_COLUMN)->dataset, "other");
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_gets(), 3);
	ck_assert_int_eq(tlab_dry_runs(), 3);
	ck_assert_int_eq(tlab_queries(), 2);
	tlab_expect_loaded("b");
	tlab_expect_loaded("c");
	ck_assert_int_eq(tlab_found("a")->loaded_wall_ms, 0);
	ck_assert_int_eq(tlab_found("a")->rows, 5);
	ck_assert_int_eq(tlab_found("b")->method, TABLE_METHOD_COLUMN);
	ck_assert_str_eq(tlab_found("b")->type, "TABLE");
	tlab_run(LONG_MS); /* now they are checked */
	ck_assert_int_eq(tlab_gets(), 3);
	ck_assert_int_eq(tlab_dry_runs(), 3);
	ck_assert_int_eq(tlab_queries(), 4);
	tlab_expect_loaded("b");
	ck_assert_str_eq(tlab_found("b")->type, "TABLE");
}
END_TEST

START_TEST(test_what_a_query_carries)
{
	tlab_add("a");
	tlab_add("b");
	tlab_watch("a", TABLE_METHOD_COLUMN)->max_bytes_billed = 50 * MB;
	tlab_set(&tlab_watch("b", TABLE_METHOD_COLUMN)->filter, "id > 1");
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_queries(), 1);
	ck_assert_ptr_nonnull(strstr(tlab_query(0), "\"maximumBytesBilled\":\"1050000000\""));
	ck_assert_ptr_nonnull(
		strstr(tlab_query(0), "\"location\":\"EU\"")); /* as tables.get says */
	ck_assert_ptr_nonnull(strstr(tlab_query(0), "WHERE (\\nid > 1\\n)"));
}
END_TEST

START_TEST(test_one_table_under_two_filters)
{
	tlab_add("a");
	tlab_set(&tlab_watch("a", TABLE_METHOD_COLUMN)->filter, "id > 1");
	tlab_set(&tlab_watch("again", TABLE_METHOD_COLUMN)->table, "a");
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_gets(), 1);
	ck_assert_int_eq(tlab_dry_runs(), 2);
	ck_assert_int_eq(tlab_queries(), 1);
	tlab_expect_loaded("a");
	tlab_expect_loaded("again");
}
END_TEST

START_TEST(test_bytes_are_shared_and_charged)
{
	g_autoptr(GPtrArray) spendings = NULL;
	int64_t sum = 0;

	tlab_add("a")->bytes = 70 * MB;
	tlab_add("b")->bytes = 1;
	tlab_add("c")->bytes = 30 * MB;
	(void)tlab_watch("a", TABLE_METHOD_COLUMN);
	(void)tlab_watch("b", TABLE_METHOD_COLUMN);
	(void)tlab_watch("c", TABLE_METHOD_COLUMN);
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_found("a")->cost.bytes_billed, 70 * MB);
	ck_assert_int_eq(tlab_found("b")->cost.bytes_billed, BIGQUERY_BYTES_MIN);
	ck_assert_int_eq(tlab_found("c")->cost.bytes_billed, 30 * MB);
	ck_assert_int_eq(tlab_found("c")->cost.bytes_processed, 30 * MB);
	ck_assert_int_eq(tlab_found("c")->cost.queries, 1);
	ck_assert_int_eq(budget_spent(tlab->budget, "default", clk_wall_ms()), tlab->billed);
	spendings = budget_take(tlab->budget);
	ck_assert_uint_eq(spendings->len, 3);
	for (guint i = 0; i < spendings->len; i++)
		sum += ((struct budget_spending *)spendings->pdata[i])->cost.bytes_billed;
	ck_assert_int_eq(sum, tlab->billed);
}
END_TEST

/* --- metadata --- */

START_TEST(test_metadata_is_free)
{
	tlab_add("a");
	tlab_add("s")->more = ",\"streamingBuffer\":{\"oldestEntryTime\":\"1795172401000\"}";
	(void)tlab_watch("a", TABLE_METHOD_METADATA);
	tlab_set(&tlab_watch("again", TABLE_METHOD_METADATA)->table, "a");
	(void)tlab_watch("s", TABLE_METHOD_METADATA);
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_gets(), 2);
	tlab_expect_loaded("a");
	tlab_expect_loaded("again");
	ck_assert_int_eq(tlab_found("s")->loaded_wall_ms, TLAB_LOADED_MS + 1000);
	ck_assert(tlab_found("s")->streaming && !tlab_found("a")->streaming);
	ck_assert_int_eq(tlab_found("a")->method, TABLE_METHOD_METADATA);
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_gets(), 4); /* in every cycle, and once */
	tlab_expect_loaded("a");
	ck_assert_int_eq(tlab_queries() + tlab_dry_runs(), 0);
	ck_assert_int_eq(tlab_found("a")->cost.queries, 0);
}
END_TEST

/* --- budget --- */

START_TEST(test_a_spent_budget_falls_back_to_metadata)
{
	tlab_add("a");
	tlab_add("v")->type = "VIEW";
	tlab_add("p")->more = ",\"timePartitioning\":{\"type\":\"DAY\"}";
	(void)tlab_watch("a", TABLE_METHOD_COLUMN);
	(void)tlab_watch("v", TABLE_METHOD_COLUMN);
	(void)tlab_watch("p", TABLE_METHOD_PARTITION);
	tlab->gcp.daily_bytes = 5 * MB;
	for (int i = 0; i < 2; i++) {
		tlab_run(LONG_MS);
		ck_assert_int_eq(tlab_queries(), 0);
		ck_assert(tlab_found("a")->found && tlab_found("a")->over_budget);
		ck_assert_int_eq(tlab_found("a")->method, TABLE_METHOD_METADATA);
		ck_assert_int_eq(tlab_found("a")->loaded_wall_ms, TLAB_LOADED_MS);
		ck_assert_int_eq(tlab_found("a")->cost.queries, 0);
		tlab_expect_fault("v", FAULT_OVER_BUDGET, "daily-bytes = 5 MB");
		tlab_expect_fault("v", FAULT_OVER_BUDGET, "its type is VIEW");
		tlab_expect_fault("p", FAULT_OVER_BUDGET, "this is about 10.5 MB more");
	}
	ck_assert_int_eq(tlab_gets(), 3 + 1); /* in the first cycle the check has told it */
}
END_TEST

START_TEST(test_the_rest_of_a_budget_goes_by_priority)
{
	tlab_add("a");
	tlab_add("b");
	tlab_add("c")->bytes = 30 * MB;
	tlab_add("d")->dataset = "other";
	(void)tlab_watch("a", TABLE_METHOD_COLUMN);
	(void)tlab_watch("b", TABLE_METHOD_COLUMN);
	tlab_watch("c", TABLE_METHOD_COLUMN)->target.priority = PRIORITY_P0;
	tlab_set(&tlab_watch("d", TABLE_METHOD_COLUMN)->dataset, "other");
	tlab->gcp.daily_bytes = 45 * MB; /* c and one more, in whichever dataset */
	tlab_run(LONG_MS);
	ck_assert(!tlab_found("c")->over_budget);
	ck_assert_int_eq(tlab_found("a")->over_budget + tlab_found("b")->over_budget +
				 tlab_found("d")->over_budget,
			 2);
	ck_assert_int_le(budget_spent(tlab->budget, NULL, clk_wall_ms()), 45 * MB);
	tlab_run(LONG_MS);
	ck_assert(tlab_found("c")->over_budget && tlab_found("a")->over_budget);
	ck_assert_int_le(budget_spent(tlab->budget, NULL, clk_wall_ms()), 45 * MB);
}
END_TEST

START_TEST(test_who_is_not_allowed_is_told_of_itself)
{
	tlab_add("a")->bytes = 30 * MB;
	tlab_add("v")->bytes = 20 * MB;
	tlab->tables[1].type = "VIEW";
	(void)tlab_watch("a", TABLE_METHOD_COLUMN);
	(void)tlab_watch("v", TABLE_METHOD_COLUMN);
	tlab->gcp.daily_bytes = 45 * MB;
	tlab_run(LONG_MS);
	tlab_expect_loaded("a");
	tlab_expect_fault("v", FAULT_OVER_BUDGET, "30 MB are spent today, or held");
	tlab_expect_fault("v", FAULT_OVER_BUDGET, "this is about 20 MB more");
}
END_TEST

START_TEST(test_what_is_held_is_given_back)
{
	tlab_watch_eight();
	tlab->gcp.daily_bytes = 90 * MB; /* eight of 10.5 MB, once */
	tlab->query_status = 403;
	tlab->query_answer = SAYS("403", "quotaExceeded", "Quota exceeded");
	tlab_run(LONG_MS);
	tlab->query_status = 0;
	tlab->tables[5].query_reason = "invalidQuery";
	tlab->tables[5].reason_text = "division by zero";
	tlab_run(LONG_MS);
	tlab_expect_eight_but(5);
	ck_assert_int_eq(tlab->billed, 7 * BIGQUERY_BYTES_MIN);
	ck_assert_int_eq(budget_spent(tlab->budget, NULL, clk_wall_ms()), tlab->billed);
}
END_TEST

START_TEST(test_a_look_beyond_its_cap_is_not_asked)
{
	struct config_table *config = NULL;

	tlab_add("a")->bytes = 3200 * MB;
	tlab_add("b")->bytes = 30 * MB;
	tlab_add("c");
	(void)tlab_watch("a", TABLE_METHOD_COLUMN);
	config = tlab_watch("b", TABLE_METHOD_COLUMN);
	config->max_bytes_billed = 30 * MB - 1;
	(void)tlab_watch("c", TABLE_METHOD_COLUMN);
	tlab_run(LONG_MS);
	tlab_expect_fault("a", FAULT_OVER_BUDGET,
			  "would bill about 3.2 GB, and max-bytes-billed is 1 GB");
	tlab_expect_fault("b", FAULT_OVER_BUDGET, "max-bytes-billed is 30 MB;");
	tlab_expect_loaded("c");
	ck_assert_int_eq(tlab->billed, BIGQUERY_BYTES_MIN);
	config->max_bytes_billed = 30 * MB; /* not part of the check: it has not passed yet */
	tlab_run(LONG_MS);
	tlab_expect_loaded("b");
}
END_TEST

/* --- partition --- */

#define DAILY ",\"timePartitioning\":{\"type\":\"DAY\",\"field\":\"day\"}"

START_TEST(test_partitions)
{
	struct tlab_table *table = tlab_add("a");
	const struct table_obs *obs = NULL;

	table->more = DAILY;
	table->partitions = "20261118|5|1795000000000000\n20261120|0|1795172400000000\n"
			    "20261119|7|1795090000000000\n__UNPARTITIONED__|2|1795000000000000";
	table = tlab_add("h");
	table->more = ",\"timePartitioning\":{\"type\":\"HOUR\"}";
	table->partitions = "2026112010|3|1795172400000000";
	(void)tlab_watch("a", TABLE_METHOD_PARTITION);
	tlab_set(&tlab_watch("again", TABLE_METHOD_PARTITION)->table, "a");
	(void)tlab_watch("h", TABLE_METHOD_PARTITION);
	tlab->gcp.daily_bytes = 2 * BIGQUERY_BYTES_MIN; /* both runs, when nothing stays held */
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_queries(), 1);
	ck_assert_int_eq(tlab_gets(), 2);
	ck_assert_ptr_nonnull(strstr(tlab_query(0), "table_name IN ('a')"));
	obs = tlab_found("a");
	ck_assert(obs->found && obs->streaming);
	ck_assert_int_eq(obs->method, TABLE_METHOD_PARTITION);
	ck_assert_int_eq(obs->unit, PARTITION_UNIT_DAY);
	ck_assert_uint_eq(obs->partitions->len, 3);
	ck_assert_str_eq(((struct partition_obs *)obs->partitions->pdata[1])->id, "20261119");
	ck_assert_int_eq(obs->loaded_wall_ms, 1795090000000); /* of those that have rows */
	ck_assert_int_eq(obs->rows, -1);
	ck_assert_int_eq(tlab_found("h")->unit, PARTITION_UNIT_HOUR);
	ck_assert_uint_eq(tlab_found("again")->partitions->len, 3);
	ck_assert_int_eq(obs->cost.bytes_billed + tlab_found("again")->cost.bytes_billed +
				 tlab_found("h")->cost.bytes_billed,
			 BIGQUERY_BYTES_MIN);
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_queries(), 2);
	ck_assert_int_eq(tlab_gets(), 2);
}
END_TEST

START_TEST(test_partitions_of_one_bad_table)
{
	struct tlab_table *good = tlab_add("good");
	struct tlab_table *bad = tlab_add("bad");
	struct tlab_table *none = tlab_add("none");
	struct tlab_table *gone = tlab_add("gone");

	good->more = bad->more = none->more = gone->more = DAILY;
	good->partitions = bad->partitions = gone->partitions = "20261119|7|1795090000000000";
	none->rows = 0;
	(void)tlab_watch("good", TABLE_METHOD_PARTITION);
	(void)tlab_watch("bad", TABLE_METHOD_PARTITION);
	(void)tlab_watch("none", TABLE_METHOD_PARTITION);
	(void)tlab_watch("gone", TABLE_METHOD_PARTITION);
	tlab_run(LONG_MS);
	bad->partitions = "2026111911|7|1795090000000000"; /* it was made anew, by hour */
	gone->partitions = NULL;
	gone->get_status = 404;
	gone->get_answer = SAYS("404", "notFound", "Not found: Table acme:sales.gone");
	tlab_run(LONG_MS);
	ck_assert_uint_eq(tlab_found("good")->partitions->len, 1);
	tlab_expect_fault("bad", FAULT_BAD_ANSWER, "partition 2026111911");
	ck_assert(!tlab_found("gone")->found);
	ck_assert(tlab_found("none")->found);
	ck_assert_uint_eq(tlab_found("none")->partitions->len, 0);
	ck_assert_int_eq(tlab_found("none")->rows, 0);
	ck_assert_int_eq(tlab_found("none")->unit, PARTITION_UNIT_DAY);
	bad->more = ",\"timePartitioning\":{\"type\":\"HOUR\"}";
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_found("bad")->unit, PARTITION_UNIT_HOUR);
	ck_assert_uint_eq(tlab_found("bad")->partitions->len, 1);
}
END_TEST

START_TEST(test_partitions_of_a_dataset_that_fails)
{
	tlab_add("a")->more = DAILY;
	tlab_add("b")->more = DAILY;
	(void)tlab_watch("a", TABLE_METHOD_PARTITION);
	(void)tlab_watch("b", TABLE_METHOD_PARTITION);
	tlab->query_status = 403;
	tlab->query_answer = SAYS("403", "accessDenied", "Access Denied: Dataset acme:sales");
	tlab_run(LONG_MS);
	tlab_expect_fault("a", FAULT_DENIED, "list partitions of acme.sales.a and 1 more");
	tlab_expect_fault("b", FAULT_DENIED, "Dataset acme:sales");
	tlab->query_status = 200;
	tlab->query_answer =
		"{\"jobComplete\":true,\"jobReference\":{\"projectId\":\"acme\","
		"\"jobId\":\"j\"},\"schema\":{\"fields\":[{\"name\":\"x\",\"type\":"
		"\"STRING\"}]},\"rows\":[{\"f\":[{\"v\":\"1\"}]}],\"totalRows\":\"1\"}";
	tlab_run(LONG_MS);
	tlab_expect_fault("a", FAULT_BAD_ANSWER, "1 columns, expected 4");
	ck_assert_int_eq(tlab_queries(), 2);
}
END_TEST

/* --- L22: in season, and out of it --- */

START_TEST(L22_not_active_is_not_asked)
{
	tlab_add("a");
	tlab_add("b");
	tlab_add("bad");
	tlab_set(&tlab_watch("a", TABLE_METHOD_COLUMN)->active_when, "SELECT 'off season'");
	tlab_set(&tlab_watch("b", TABLE_METHOD_COLUMN)->active_when, "SELECT 'in season'");
	tlab_set(&tlab_watch("gone", TABLE_METHOD_COLUMN)->active_when, "SELECT 'off season'");
	tlab_set(&tlab_watch("lost", TABLE_METHOD_COLUMN)->active_when, "SELECT 'in season'");
	tlab_set(&tlab_watch("bad", TABLE_METHOD_COLUMN)->active_when, "SELECT 'off season'");
	tlab_set(&((struct config_table *)tlab->config->tables->pdata[4])->loaded_at_field, "no");
	for (int i = 0; i < 2; i++) {
		tlab_run(LONG_MS);
		ck_assert(tlab_found("a")->not_active);
		tlab_expect_loaded("b");
		ck_assert(tlab_found("gone")->not_active);
		ck_assert(!tlab_found("lost")->found && !tlab_found("lost")->not_active);
		/* what is wrong with the configuration is said in every season */
		tlab_expect_fault("bad", FAULT_BROKEN, "there is no column no");
	}
	ck_assert_ptr_null(strstr(tlab_query(tlab->queries->len - 1), "sales.a`"));
	ck_assert_int_eq(tlab_found("b")->cost.queries, 2); /* its season's, and its own */
	ck_assert_int_eq(budget_spent(tlab->budget, NULL, clk_wall_ms()), tlab->billed);
}
END_TEST

/* --- time --- */

START_TEST(test_a_hanging_table_costs_the_others_nothing)
{
	tlab_add("a");
	tlab_add("b")->get_hangs = true;
	(void)tlab_watch("a", TABLE_METHOD_COLUMN);
	(void)tlab_watch("b", TABLE_METHOD_COLUMN);
	tlab_run(1600);
	tlab_expect_loaded("a");
	tlab_expect_fault("b", FAULT_TIMEOUT, "read table acme.sales.b");
	tlab_run(1600); /* the one is checked, the other is not */
	tlab_expect_loaded("a");
	tlab_expect_fault("b", FAULT_TIMEOUT, "read table acme.sales.b");
}
END_TEST

START_TEST(test_checked_tables_do_not_wait_for_a_hanging_check)
{
	int64_t start_mono_ms = 0;

	tlab_add("a");
	(void)tlab_watch("a", TABLE_METHOD_COLUMN);
	tlab_run(LONG_MS);
	tlab_add("b")->get_hangs = true;
	(void)tlab_watch("b", TABLE_METHOD_COLUMN);
	start_mono_ms = clk_mono_ms();
	tlab_start(60 * MS_PER_S); /* patience is 10 s */
	while (tlab_queries() < 2 && clk_mono_ms() < start_mono_ms + 5 * MS_PER_S)
		http_client_poll(tlab->client, 10, -1);
	ck_assert_int_eq(tlab_queries(), 2);
}
END_TEST

START_TEST(test_a_hanging_query_ends_with_the_run)
{
	tlab_add("a");
	tlab_add("m");
	(void)tlab_watch("a", TABLE_METHOD_COLUMN);
	(void)tlab_watch("m", TABLE_METHOD_METADATA);
	tlab->gcp.daily_bytes = 15 * MB;
	tlab->query_status = 200;
	tlab_run(1000);
	tlab_expect_fault("a", FAULT_TIMEOUT, "look at acme.sales.a");
	tlab_expect_loaded("m");
	tlab->query_status = 0;
	tlab_run(LONG_MS); /* what was held for it is free again */
	tlab_expect_loaded("a");
}
END_TEST

START_TEST(test_abandoned)
{
	tlab_add("a");
	tlab_add("b")->get_hangs = true;
	(void)tlab_watch("a", TABLE_METHOD_COLUMN);
	(void)tlab_watch("b", TABLE_METHOD_COLUMN);
	tlab_start(LONG_MS);
	while (tlab_dry_runs() == 0)
		http_client_poll(tlab->client, 10, -1);
	data_run_abandon(g_steal_pointer(&tlab->run));
	ck_assert_int_eq(tlab_queries(), 0);
}
END_TEST

START_TEST(test_no_credentials)
{
	struct config_gcp other = tlab->gcp;
	char name[] = "other";

	other.name = name;
	tlab_add("a");
	tlab_watch("a", TABLE_METHOD_COLUMN)->gcp = &other;
	tlab_watch("b", TABLE_METHOD_METADATA)->gcp = &other;
	tlab_watch("c", TABLE_METHOD_PARTITION)->gcp = &other;
	tlab_run(LONG_MS);
	tlab_expect_fault("a", FAULT_CREDENTIALS, "other");
	tlab_expect_fault("b", FAULT_CREDENTIALS, "other");
	tlab_expect_fault("c", FAULT_CREDENTIALS, "other");
}
END_TEST

START_TEST(test_tables_that_are_gone_are_forgotten)
{
	struct tables_memory *memory = tables_memory_create();
	struct config_table *kept = tlab_watch("kept", TABLE_METHOD_METADATA);
	char id[32] = "";
	struct config_table other = *kept;

	tables_memory_find(memory, kept)->is_suspect = true;
	other.target.id = id;
	for (int i = 0; i < 101; i++) {
		(void)g_snprintf(id, sizeof(id), "table/other-%d", i);
		(void)tables_memory_find(memory, &other);
	}
	tables_memory_sweep(memory, tlab->config);
	ck_assert_uint_eq(g_hash_table_size(memory->memos), 1);
	ck_assert(tables_memory_find(memory, kept)->is_suspect);
	tlab_set(&kept->location, "EU");
	ck_assert(!tables_memory_find(memory, kept)->is_suspect);
	tables_memory_free(memory);
}
END_TEST

Suite *tables_suite(void)
{
	Suite *suite = suite_create("tables");
	TCase *tcase = tcase_create("tables");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, tlab_open, tlab_close);
	tcase_add_test(tcase, test_one_query_per_dataset);
	tcase_add_test(tcase, test_what_a_query_carries);
	tcase_add_test(tcase, test_one_table_under_two_filters);
	tcase_add_test(tcase, test_bytes_are_shared_and_charged);
	tcase_add_test(tcase, test_metadata_is_free);
	tcase_add_test(tcase, test_a_spent_budget_falls_back_to_metadata);
	tcase_add_test(tcase, test_the_rest_of_a_budget_goes_by_priority);
	tcase_add_test(tcase, test_who_is_not_allowed_is_told_of_itself);
	tcase_add_test(tcase, test_what_is_held_is_given_back);
	tcase_add_test(tcase, test_a_look_beyond_its_cap_is_not_asked);
	tcase_add_test(tcase, test_partitions);
	tcase_add_test(tcase, test_partitions_of_one_bad_table);
	tcase_add_test(tcase, test_partitions_of_a_dataset_that_fails);
	tcase_add_test(tcase, L22_not_active_is_not_asked);
	tcase_add_test(tcase, test_a_hanging_table_costs_the_others_nothing);
	tcase_add_test(tcase, test_checked_tables_do_not_wait_for_a_hanging_check);
	tcase_add_test(tcase, test_a_hanging_query_ends_with_the_run);
	tcase_add_test(tcase, test_abandoned);
	tcase_add_test(tcase, test_no_credentials);
	tcase_add_test(tcase, test_tables_that_are_gone_are_forgotten);
	suite_add_tcase(suite, tcase);
	return suite;
}
