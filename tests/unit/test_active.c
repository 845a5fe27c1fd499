/* test_active - active-when: asked once, answered as one boolean, paid by the first who asks.
 * Assertions are who asks here. */
#include "data/active.h"

#include "tests/unit/asserts_lab.h"

#include <string.h>

Suite *active_suite(void);

#define B BQ_FIELD("b", "BOOLEAN")
#define YES BQ_ANSWER(B, "1", BQ_ROW("\"true\""))
#define NO BQ_ANSWER(B, "1", BQ_ROW("\"false\""))

static char season[] = "SELECT COUNT(*) > 0 FROM `acme.sales.schedule`";
static char other_season[] = "SELECT COUNT(*) > 1 FROM `acme.sales.schedule`";

static void setup(void)
{
	asserts_lab_open();
	for (int i = 0; i < ASSERTS_LAB_MAX; i++)
		asserts_lab.asserts[i].active_when = season;
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
}

START_TEST(L22_out_of_season_nothing_else_is_asked)
{
	const struct assert_obs *seen = NULL;

	bq_answer(BQ_QUERY, 200, NO);
	asserts_lab_run(1);
	seen = asserts_lab_seen(0);
	ck_assert(seen->not_active);
	ck_assert_int_eq(seen->rows, -1);
	ck_assert_int_eq(seen->cost.queries, 1);
	ck_assert_int_eq(seen->cost.bytes_billed, 10485760);
	ck_assert_int_eq(asserts_lab_spent(), 10485760);
	ck_assert_int_eq(bq_count(BQ_QUERY), 1);
	ck_assert_ptr_nonnull(strstr(bq_body(BQ_QUERY, 0), "COUNT(*) > 0"));
	ck_assert_ptr_nonnull(
		strstr(bq_body(BQ_QUERY, 0), "\"maximumBytesBilled\":\"1000000000\""));
}
END_TEST

START_TEST(in_season_the_look_goes_on)
{
	bq_answer(BQ_QUERY, 200, YES);
	bq_answer(BQ_QUERY, 200, BQ_ANSWER(BQ_FIELD("n", "INTEGER"), "0", ""));
	asserts_lab_run(1);
	ck_assert(!asserts_lab_seen(0)->not_active);
	ck_assert_int_eq(asserts_lab_seen(0)->rows, 0);
	/* the question and the look */
	ck_assert_int_eq(asserts_lab_seen(0)->cost.queries, 2);
	ck_assert_int_eq(asserts_lab_seen(0)->cost.bytes_billed, 2 * 10485760);
}
END_TEST

START_TEST(equal_questions_are_asked_once_and_paid_once)
{
	bq_answer(BQ_QUERY, 200, NO);
	asserts_lab_run(4);
	ck_assert_int_eq(bq_count(BQ_QUERY), 1);
	for (guint i = 0; i < 4; i++) {
		ck_assert(asserts_lab_seen(i)->not_active);
		ck_assert_int_eq(asserts_lab_seen(i)->cost.queries, i == 0);
		ck_assert_int_eq(asserts_lab_seen(i)->cost.bytes_billed, i == 0 ? 10485760 : 0);
	}
	ck_assert_int_eq(asserts_lab_spent(), 10485760);
}
END_TEST

/* What a late asker was told. */
struct told {
	int calls;
	bool active;
	struct data_cost cost;
};

static void take(void *data, bool active, struct fault *fault, struct data_cost cost)
{
	struct told *told = data;

	ck_assert_ptr_null(fault);
	told->calls++;
	told->active = active;
	told->cost = cost;
}

START_TEST(who_asks_late_is_told_what_is_known)
{
	struct told told = {0};
	struct errand errand = {.target = &asserts_lab.asserts[1].target};

	bq_answer(BQ_QUERY, 200, YES);
	bq_answer(BQ_QUERY, 0, NULL); /* the look itself hangs: the run goes on */
	asserts_lab_start(1);
	bq_wait_count(BQ_QUERY, 2);
	errand.run = asserts_lab.run;
	active_ask_bigquery(&errand, &bq_gcp, "acme", "EU", season, take, &told);
	ck_assert_int_eq(told.calls, 1);
	ck_assert(told.active);
	ck_assert_int_eq(told.cost.queries, 0);
	data_run_abandon(asserts_lab.run);
	asserts_lab.run = NULL;
	ck_assert_int_eq(bq_count(BQ_QUERY), 2);
}
END_TEST

START_TEST(other_questions_are_asked_by_themselves)
{
	static char us[] = "US";
	static char project[] = "other";

	asserts_lab.asserts[1].active_when = other_season;
	asserts_lab.asserts[2].location = us;
	asserts_lab.asserts[3].project = project;
	bq_answer(BQ_QUERY, 200, NO);
	asserts_lab_run(4);
	ck_assert_int_eq(bq_count(BQ_QUERY), 4);
}
END_TEST

START_TEST(each_run_asks_anew_and_runs_dry_once)
{
	bq_answer(BQ_QUERY, 200, NO);
	asserts_lab_run(2);
	asserts_lab_run(2);
	ck_assert_int_eq(bq_count(BQ_QUERY), 2);
	ck_assert_int_eq(bq_count(BQ_DRY_RUN), 1);
}
END_TEST

static const struct {
	const char *answer;
	enum fault_class class;
	const char *part;
} odd[] = {
	{BQ_ANSWER(B, "1", BQ_ROW("null")), FAULT_BROKEN, "NULL"},
	{BQ_ANSWER(B, "0", ""), FAULT_BROKEN, "one row"},
	{BQ_ANSWER(B, "2", BQ_ROW("\"true\"") "," BQ_ROW("\"true\"")), FAULT_BROKEN, "one row"},
	{BQ_ANSWER(BQ_FIELD("n", "INTEGER"), "1", BQ_ROW("\"1\"")), FAULT_BROKEN,
	 "one BOOL column"},
	{BQ_ANSWER(B "," B, "1", "{\"f\":[{\"v\":\"true\"},{\"v\":\"true\"}]}"), FAULT_BROKEN,
	 "one BOOL column"},
	{BQ_ANSWER("{\"name\":\"b\",\"type\":\"BOOL\",\"mode\":\"REPEATED\"}", "1",
		   BQ_ROW("[{\"v\":\"true\"}]")),
	 FAULT_BROKEN, "one BOOL column"},
	{BQ_ANSWER(B, "1", BQ_ROW("true")), FAULT_BAD_ANSWER, "no text"},
	{BQ_ANSWER(B, "1", BQ_ROW("\"yes\"")), FAULT_BAD_ANSWER, "not of that type"},
};

START_TEST(what_is_no_boolean_is_never_a_season)
{
	bq_answer(BQ_QUERY, 200, odd[_i].answer);
	asserts_lab_run(2);
	for (guint i = 0; i < 2; i++)
		asserts_lab_fault(i, odd[_i].class, odd[_i].part);
	asserts_lab_fault(0, odd[_i].class, "active-when \"SELECT COUNT(*) > 0 FROM");
	ck_assert_int_eq(bq_count(BQ_QUERY), 1);
}
END_TEST

START_TEST(a_failed_question_is_everybodys_and_asked_dry_again)
{
	bq_answer(BQ_QUERY, 403, BQ_ERROR(403, "accessDenied", "Access Denied: Table x: no"));
	asserts_lab_run(2);
	asserts_lab_fault(0, FAULT_DENIED, "bigquery.tables.getData");
	asserts_lab_fault(1, FAULT_DENIED, "bigquery.tables.getData");
	ck_assert_int_eq(asserts_lab_spent(), 0);
	asserts_lab_run(1);
	ck_assert_int_eq(bq_count(BQ_DRY_RUN), 2);
}
END_TEST

START_TEST(L18_a_missing_table_of_the_season_is_a_broken_check)
{
	bq_answer(BQ_QUERY, 404, BQ_ERROR(404, "notFound", "Not found: Table acme:sales.schedule"));
	asserts_lab_run(1);
	asserts_lab_fault(0, FAULT_BROKEN, "no such table");
}
END_TEST

static void reopen(const char *dry_run)
{
	asserts_lab_close();
	asserts_lab_open();
	for (int i = 0; i < ASSERTS_LAB_MAX; i++)
		asserts_lab.asserts[i].active_when = season;
	bq_answer(BQ_DRY_RUN, 200, dry_run);
	bq_answer(BQ_QUERY, 200, YES);
}

START_TEST(only_a_select_is_asked)
{
	reopen(BQ_DRY("UPDATE", "2048"));
	asserts_lab_run(1);
	asserts_lab_fault(0, FAULT_BROKEN, "a UPDATE statement is not run");
	ck_assert_int_eq(bq_count(BQ_QUERY), 0);
}
END_TEST

START_TEST(a_costly_question_is_not_asked)
{
	reopen(BQ_DRY("SELECT", "2000000000"));
	asserts_lab_run(1);
	asserts_lab_fault(0, FAULT_OVER_BUDGET, "2 GB");
	ck_assert_int_eq(bq_count(BQ_QUERY), 0);
}
END_TEST

START_TEST(its_targets_cap_is_its_own)
{
	reopen(BQ_DRY("SELECT", "2000000000"));
	asserts_lab.asserts[1].max_bytes_billed = 3000000000;
	asserts_lab_run(2);
	asserts_lab_fault(0, FAULT_OVER_BUDGET,
			  "max-bytes-billed is 1 GB unless set; narrow its SQL, or raise it");
	ck_assert_ptr_nonnull(
		strstr(bq_body(BQ_QUERY, 0), "\"maximumBytesBilled\":\"3000000000\""));
}
END_TEST

START_TEST(a_spent_budget_asks_nothing)
{
	bq_gcp.daily_bytes = 15 * 1000 * 1000;
	bq_answer(BQ_QUERY, 200, NO);
	asserts_lab_run(2);
	ck_assert(asserts_lab_seen(1)->not_active);
	asserts_lab_run(2);
	asserts_lab_fault(0, FAULT_OVER_BUDGET, "daily-bytes");
	asserts_lab_fault(1, FAULT_OVER_BUDGET, "daily-bytes");
	ck_assert_int_eq(bq_count(BQ_QUERY), 1);
}
END_TEST

START_TEST(no_answer_by_the_end_is_a_timeout)
{
	asserts_lab.deadline_ms = 2000;
	asserts_lab.step_ms = 100;
	bq_answer(BQ_QUERY, 0, NULL);
	asserts_lab_run(2);
	asserts_lab_fault(0, FAULT_TIMEOUT, "active-when \"SELECT COUNT(*) > 0 FROM");
	asserts_lab_fault(1, FAULT_TIMEOUT, "active-when \"SELECT COUNT(*) > 0 FROM");
}
END_TEST

Suite *active_suite(void)
{
	Suite *suite = suite_create("active");
	TCase *tcase = tcase_create("seasons");

	tcase_add_checked_fixture(tcase, setup, asserts_lab_close);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, L22_out_of_season_nothing_else_is_asked);
	tcase_add_test(tcase, in_season_the_look_goes_on);
	tcase_add_test(tcase, equal_questions_are_asked_once_and_paid_once);
	tcase_add_test(tcase, who_asks_late_is_told_what_is_known);
	tcase_add_test(tcase, other_questions_are_asked_by_themselves);
	tcase_add_test(tcase, each_run_asks_anew_and_runs_dry_once);
	tcase_add_loop_test(tcase, what_is_no_boolean_is_never_a_season, 0, G_N_ELEMENTS(odd));
	tcase_add_test(tcase, a_failed_question_is_everybodys_and_asked_dry_again);
	tcase_add_test(tcase, L18_a_missing_table_of_the_season_is_a_broken_check);
	tcase_add_test(tcase, only_a_select_is_asked);
	tcase_add_test(tcase, a_costly_question_is_not_asked);
	tcase_add_test(tcase, its_targets_cap_is_its_own);
	tcase_add_test(tcase, a_spent_budget_asks_nothing);
	tcase_add_test(tcase, no_answer_by_the_end_is_a_timeout);
	suite_add_tcase(suite, tcase);
	return suite;
}
