/* tables: what is not there, checks that cannot run, combined queries that fail (tables_lab). */
#include "data/tables.h"

#include <string.h>

#include "tests/unit/tables_lab.h"

Suite *tables_faults_suite(void);

START_TEST(test_what_is_not_there)
{
	tlab_add("here");
	*tlab_add("denied") = (struct tlab_table){
		.dataset = "sales",
		.name = "denied",
		.get_status = 403,
		.get_answer = SAYS("403", "accessDenied",
				   "Access Denied: Table acme:sales.denied: Permission "
				   "bigquery.tables.get denied on table acme:sales.denied"),
	};
	*tlab_add("nowhere") = (struct tlab_table){
		.dataset = "sales",
		.name = "nowhere",
		.get_status = 404,
		.get_answer = SAYS("404", "notFound", "Not found: Dataset acme:sales"),
	};
	*tlab_add("page") = (struct tlab_table){.dataset = "sales",
						.name = "page",
						.get_status = 404,
						.get_answer = "Not found: Table acme:sales.page"};
	*tlab_add("garbage") = (struct tlab_table){.dataset = "sales",
						   .name = "garbage",
						   .get_status = 200,
						   .get_answer = "{\"type\":17}"};
	for (int i = 0; i < 2; i++) {
		enum table_method method = i ? TABLE_METHOD_COLUMN : TABLE_METHOD_METADATA;
		static const char *const names[] = {"here",    "gone", "denied",
						    "nowhere", "page", "garbage"};

		for (size_t j = 0; j < G_N_ELEMENTS(names); j++) {
			g_autofree char *name = g_strdup_printf("%s-%d", names[j], i);

			tlab_set(&tlab_watch(name, method)->table, names[j]);
		}
	}
	tlab_run(LONG_MS);
	tlab_expect_loaded("here-0");
	tlab_expect_loaded("here-1");
	for (int i = 0; i < 2; i++) {
		g_autofree char *gone = g_strdup_printf("gone-%d", i);
		g_autofree char *denied = g_strdup_printf("denied-%d", i);
		g_autofree char *nowhere = g_strdup_printf("nowhere-%d", i);
		g_autofree char *page = g_strdup_printf("page-%d", i);
		g_autofree char *garbage = g_strdup_printf("garbage-%d", i);

		ck_assert(!tlab_found(gone)->found);
		tlab_expect_fault(denied, FAULT_DENIED, "bigquery.tables.get");
		tlab_expect_fault(nowhere, FAULT_NOT_FOUND, "Dataset acme:sales");
		tlab_expect_fault(page, FAULT_HTTP_4XX, "read table acme.sales.page");
		tlab_expect_fault(garbage, FAULT_BAD_ANSWER, "read table acme.sales.garbage");
	}
}
END_TEST

/* --- L15: checks that cannot run --- */

START_TEST(L15_broken_at_once_and_alone)
{
	tlab_add("good");
	tlab_add("view")->type = "VIEW";
	tlab_add("bad");
	tlab_add("strict")->more = ",\"requirePartitionFilter\":true";
	*tlab_add("dry") =
		(struct tlab_table){.dataset = "sales",
				    .name = "dry",
				    .check_reason = "invalidQuery",
				    .reason_text = "Unrecognized name: game_dat at [2:1]"};
	*tlab_add("script") =
		(struct tlab_table){.dataset = "sales", .name = "script", .statement = "SCRIPT"};
	(void)tlab_watch("good", TABLE_METHOD_COLUMN);
	(void)tlab_watch("view", TABLE_METHOD_METADATA);
	tlab_set(&tlab_watch("bad", TABLE_METHOD_COLUMN)->loaded_at_field, "processed_at");
	(void)tlab_watch("strict", TABLE_METHOD_COLUMN);
	tlab_set(&tlab_watch("dry", TABLE_METHOD_COLUMN)->filter, "game_dat > 1");
	tlab_set(&tlab_watch("script", TABLE_METHOD_COLUMN)->filter,
		 "1=1); DROP TABLE x; SELECT (1");
	tlab_set(&tlab_watch("part", TABLE_METHOD_PARTITION)->table, "good");
	tlab_set(&tlab_watch("odd", TABLE_METHOD_COLUMN)->loaded_at_field, "a`b");
	tlab_run(LONG_MS);
	tlab_expect_loaded("good");
	tlab_expect_fault("view", FAULT_BROKEN, "method = column");
	tlab_expect_fault("bad", FAULT_BROKEN, "there is no column processed_at");
	tlab_expect_fault("strict", FAULT_BROKEN, "partition filter");
	tlab_expect_fault("dry", FAULT_BROKEN, "Unrecognized name: game_dat");
	tlab_expect_fault("script", FAULT_BROKEN, "SCRIPT");
	tlab_expect_fault("part", FAULT_BROKEN, "not partitioned");
	tlab_expect_fault("odd", FAULT_BROKEN, "a`b");
	ck_assert_int_eq(tlab_queries(), 1);
	ck_assert_ptr_null(strstr(tlab_query(0), "sales.dry"));
	ck_assert_ptr_null(strstr(tlab_query(0), "sales.script"));
}
END_TEST

START_TEST(L15_a_broken_check_is_tried_again)
{
	struct tlab_table *table = tlab_add("a");
	struct config_table *config = tlab_watch("a", TABLE_METHOD_COLUMN);

	table->check_reason = "invalidQuery";
	table->reason_text = "Unrecognized name: x";
	tlab_run(LONG_MS);
	tlab_expect_fault("a", FAULT_BROKEN, "Unrecognized name");
	table->check_reason = NULL; /* somebody added the column */
	tlab_run(LONG_MS);
	tlab_expect_loaded("a");
	ck_assert_int_eq(tlab_dry_runs(), 2);
	tlab_set(&config->filter, "id > 2"); /* a reload */
	tlab_run(LONG_MS);
	tlab_expect_loaded("a");
	ck_assert_int_eq(tlab_dry_runs(), 3);
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_dry_runs(), 3);
}
END_TEST

START_TEST(L15_checked_once_a_day)
{
	struct table_facts facts = {.rows = 1};
	struct table_memo memo = {0};

	ck_assert(!table_memo_is_fresh(&memo, 0));
	table_memo_pass(&memo, &facts, 1000);
	ck_assert(table_memo_is_fresh(&memo, 1000 + MS_PER_DAY - 1));
	ck_assert(!table_memo_is_fresh(&memo, 1000 + MS_PER_DAY));
	table_memo_doubt(&memo);
	ck_assert(!table_memo_is_fresh(&memo, 1000));
}
END_TEST

/* --- L18: combined queries that fail --- */

static const struct {
	const char *reason;
	const char *text;
	const char *row; /* or an answer that breaks the order */
	enum fault_class class;
	const char *words;
} breaks[] = {
	{"invalidQuery", "division by zero: 1 / 0", NULL, FAULT_BROKEN, "division by zero"},
	{"bytesBilledLimitExceeded", "limit exceeded", NULL, FAULT_OVER_BUDGET, "max-bytes-billed"},
	{"accessDenied", "Access Denied: Table acme:sales.t5: User does not have permission", NULL,
	 FAULT_DENIED, "look at acme.sales.t5"},
	{NULL, NULL, "\"5\",\"0\"", FAULT_BAD_ANSWER, "although n is 0"},
	{NULL, NULL, "null,\"1\"\n\"0\",null,\"1\"", FAULT_BAD_ANSWER, "rows, expected 1"},
};

START_TEST(L18_one_broken_table_is_left_alone)
{
	tlab_watch_eight();
	tlab->tables[5].query_reason = breaks[_i].reason;
	tlab->tables[5].reason_text = breaks[_i].text;
	tlab->tables[5].answer_row = breaks[_i].row;
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_queries(), 7); /* 8, 4 4, 2 2, 1 1 */
	tlab_expect_eight_but(5);
	tlab_expect_fault("t5", breaks[_i].class, breaks[_i].words);
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_queries(), 9); /* it alone, and the others */
	tlab_expect_eight_but(5);
	tlab_expect_fault("t5", breaks[_i].class, breaks[_i].words);
	tlab->tables[5].query_reason = NULL;
	tlab->tables[5].answer_row = NULL;
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_queries(), 11);
	tlab_expect_eight_but(-1);
	tlab_run(LONG_MS); /* in the company of the others again */
	ck_assert_int_eq(tlab_queries(), 12);
	tlab_expect_eight_but(-1);
}
END_TEST

START_TEST(L18_two_broken_tables_are_not_asked_together_again)
{
	tlab_watch_eight();
	tlab->tables[0].query_reason = tlab->tables[5].query_reason = "invalidQuery";
	tlab->tables[0].reason_text = tlab->tables[5].reason_text = "division by zero";
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_queries(), 1 + 2 + 4 + 4);
	tlab_expect_fault("t0", FAULT_BROKEN, "look at acme.sales.t0:");
	tlab_expect_fault("t5", FAULT_BROKEN, "look at acme.sales.t5:");
	tlab_expect_loaded("t1");
	tlab_expect_loaded("t7");
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_queries(), 11 + 3);
	tlab_expect_fault("t0", FAULT_BROKEN, "look at acme.sales.t0:");
	tlab_expect_loaded("t1");
}
END_TEST

START_TEST(L18_what_the_check_finds_costs_no_query)
{
	tlab_watch_eight();
	tlab_run(LONG_MS);
	tlab->tables[5].query_reason = "invalidQuery";
	tlab->tables[5].check_reason = "invalidQuery";
	tlab->tables[5].reason_text = "Name at not found inside t5";
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_queries(), 1 + 7);
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_queries(), 1 + 7 + 1);
	tlab_expect_eight_but(5);
	tlab_expect_fault("t5", FAULT_BROKEN, "check loaded-at-field and filter of acme.sales.t5");
}
END_TEST

static const struct {
	int status;
	const char *answer;
	enum fault_class class;
	const char *words;
} troubles[] = {
	{403, SAYS("403", "quotaExceeded", "Quota exceeded"), FAULT_QUOTA, "Quota exceeded"},
	{400, SAYS("400", "stopped", "Job cancelled"), FAULT_CANCELLED, "stopped"},
	{403,
	 SAYS("403", "accessDenied",
	      "Access Denied: Project acme: User does not have bigquery.jobs.create permission"),
	 FAULT_DENIED, "bigquery.jobs.create"},
	{200, "{\"jobComplete\":", FAULT_BAD_ANSWER, "look at acme.sales.t0 and 7 more"},
	{200, "{\"jobComplete\":true}", FAULT_BAD_ANSWER, "look at acme.sales.t0 and 7 more"},
};

START_TEST(L18_trouble_of_the_service_is_not_split)
{
	tlab_watch_eight();
	tlab->query_status = troubles[_i].status;
	tlab->query_answer = troubles[_i].answer;
	tlab_run(LONG_MS);
	for (int i = 0; i < EIGHT; i++) {
		g_autofree char *name = g_strdup_printf("t%d", i);

		tlab_expect_fault(name, troubles[_i].class, troubles[_i].words);
	}
	ck_assert_int_eq(tlab_queries(), 1);
	tlab->query_status = 0;
	tlab_run(LONG_MS); /* nobody is a suspect */
	ck_assert_int_eq(tlab_queries(), 2);
	tlab_expect_eight_but(-1);
}
END_TEST

START_TEST(L13_gone_since_the_check)
{
	tlab_watch_eight();
	tlab_run(LONG_MS);
	tlab->tables[2].query_reason = "notFound";
	tlab->tables[2].reason_text = "Not found: Table acme:sales.t2 was not found in location EU";
	tlab->tables[2].get_status = 404;
	tlab->tables[2].get_answer = SAYS("404", "notFound", "Not found: Table acme:sales.t2");
	tlab->tables[6].query_reason = "notFound"; /* what its filter names is gone */
	tlab->tables[6].reason_text =
		"Not found: Table acme:sales.days was not found in location EU";
	tlab_run(LONG_MS);
	ck_assert(!tlab_found("t2")->found);
	tlab_expect_fault("t6", FAULT_NOT_FOUND, "sales.days");
	tlab_expect_loaded("t3");
	tlab_expect_loaded("t7");
}
END_TEST

START_TEST(test_too_much_at_once_is_learned)
{
	for (int i = 0; i < 24; i++) {
		g_autofree char *name = g_strdup_printf("t%02d", i);

		(void)tlab_add(g_intern_string(name));
		(void)tlab_watch(name, TABLE_METHOD_COLUMN);
	}
	tlab->members_max = 12;
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_queries(), 3); /* 24, 12 12: nobody is to blame */
	tlab_expect_loaded("t00");
	tlab_expect_loaded("t23");
	tlab_run(LONG_MS);
	ck_assert_int_eq(tlab_queries(), 5);
	tlab_expect_loaded("t00");
	tlab_expect_loaded("t23");
}
END_TEST

Suite *tables_faults_suite(void)
{
	Suite *suite = suite_create("tables_faults");
	TCase *tcase = tcase_create("tables_faults");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, tlab_open, tlab_close);
	tcase_add_test(tcase, test_what_is_not_there);
	tcase_add_test(tcase, L15_broken_at_once_and_alone);
	tcase_add_test(tcase, L15_a_broken_check_is_tried_again);
	tcase_add_test(tcase, L15_checked_once_a_day);
	tcase_add_loop_test(tcase, L18_one_broken_table_is_left_alone, 0, G_N_ELEMENTS(breaks));
	tcase_add_test(tcase, L18_two_broken_tables_are_not_asked_together_again);
	tcase_add_test(tcase, L18_what_the_check_finds_costs_no_query);
	tcase_add_loop_test(tcase, L18_trouble_of_the_service_is_not_split, 0,
			    G_N_ELEMENTS(troubles));
	tcase_add_test(tcase, L13_gone_since_the_check);
	tcase_add_test(tcase, test_too_much_at_once_is_learned);
	suite_add_tcase(suite, tcase);
	return suite;
}
