/* test_eval_inventory - what should exist against what does. DESIGN 7 and 8. */
#include <check.h>
#include <string.h>

#include "data_world.h"

Suite *eval_inventory_suite(void);

static const struct {
	enum inventory_change change;
	enum reason_code code;
	const char *message;
} changes[] = {
	{INVENTORY_CHANGE_MISSING, REASON_OBJECT_MISSING, "1 object missing: column nba.orders.id"},
	{INVENTORY_CHANGE_UNEXPECTED, REASON_OBJECT_UNEXPECTED,
	 "1 object unexpected: column nba.orders.id"},
	{INVENTORY_CHANGE_CHANGED, REASON_OBJECT_CHANGED,
	 "1 object changed: column nba.orders.id is STRING, expected INT64"},
};

START_TEST(test_each_change)
{
	struct data_world w;
	g_autofree char *summary = NULL;

	data_world_init(&w, TARGET_KIND_INVENTORY);
	data_difference(&w, changes[_i].change, "column", "nba.orders.id");
	EXPECT(&w, STATE_DRIFT, changes[_i].code);
	ck_assert_uint_eq(w.before->reasons->len, 1);
	ck_assert_str_eq(data_reason(w.before, changes[_i].code)->message, changes[_i].message);
	summary = verdict_summary(w.before, DATA_NOW_MS);
	ck_assert_str_eq(summary, changes[_i].message);
	data_world_done(&w);
}
END_TEST

START_TEST(test_as_expected)
{
	struct data_world w;
	g_autofree char *summary = NULL;

	data_world_init(&w, TARGET_KIND_INVENTORY);
	EXPECT(&w, STATE_OK, REASON_NONE);
	summary = verdict_summary(w.before, DATA_NOW_MS);
	ck_assert_str_eq(summary, "as expected, 10 objects");
	ck_assert_int_eq(data_detail_number(w.before, "expected"), 10);
	ck_assert_int_eq(data_detail_number(w.before, "missing"), 0);
	data_world_done(&w);
}
END_TEST

START_TEST(test_many)
{
	struct data_world w;
	char *const *cells;

	data_world_init(&w, TARGET_KIND_INVENTORY);
	for (int i = 0; i < 30; i++) {
		g_autofree char *name = g_strdup_printf("nba.t%02d", i);

		data_difference(&w, changes[i % 3].change, "table", name);
	}
	w.seen_inventory->missing = 700; /* more than are kept */
	EXPECT(&w, STATE_DRIFT, REASON_OBJECT_MISSING);
	ck_assert_uint_eq(w.before->reasons->len, 3);
	ck_assert_str_eq(data_reason(w.before, REASON_OBJECT_MISSING)->message,
			 "700 objects missing: table nba.t00, table nba.t03, table nba.t06, table "
			 "nba.t09, table nba.t12, …");
	ck_assert_int_eq(
		data_reason_number(data_reason(w.before, REASON_OBJECT_CHANGED), "objects"), 10);
	ck_assert_uint_eq(w.before->detail->rows->len, 30);
	ck_assert_int_eq(w.before->detail->rows_total, 720);
	cells = w.before->detail->rows->pdata[1];
	ck_assert_str_eq(cells[0], "unexpected");
	ck_assert_str_eq(cells[2], "nba.t01");
	ck_assert_ptr_null(cells[3]);
	data_world_done(&w);
}
END_TEST

START_TEST(test_unexpected_not_reported)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_INVENTORY);
	w.inventory.report_unexpected = false;
	data_difference(&w, INVENTORY_CHANGE_UNEXPECTED, "table", "nba.x");
	EXPECT(&w, STATE_OK, REASON_NONE);
	data_world_done(&w);
}
END_TEST

START_TEST(L01_an_empty_expectation_compares_nothing)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_INVENTORY);
	w.seen_inventory->expected = 0;
	w.seen_inventory->found = 0;
	EXPECT(&w, STATE_UNKNOWN, REASON_BROKEN_CHECK);
	data_difference(&w, INVENTORY_CHANGE_UNEXPECTED, "table", "nba.x");
	EXPECT(&w, STATE_DRIFT, REASON_OBJECT_UNEXPECTED);
	w.inventory.report_unexpected = false;
	EXPECT(&w, STATE_UNKNOWN, REASON_BROKEN_CHECK);
	data_world_done(&w);
}
END_TEST

/* The file is not there: that is said, and nothing is missing. */
START_TEST(L15_without_its_file)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_INVENTORY);
	data_fail(&w, FAULT_BROKEN, "write it with: driftd snapshot inventory/warehouse");
	EXPECT(&w, STATE_UNKNOWN, REASON_BROKEN_CHECK);
	data_world_done(&w);
}
END_TEST

Suite *eval_inventory_suite(void)
{
	Suite *suite = suite_create("eval_inventory");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, test_each_change, 0, (int)G_N_ELEMENTS(changes));
	tcase_add_test(tcase, test_as_expected);
	tcase_add_test(tcase, test_many);
	tcase_add_test(tcase, test_unexpected_not_reported);
	tcase_add_test(tcase, L01_an_empty_expectation_compares_nothing);
	tcase_add_test(tcase, L15_without_its_file);
	suite_add_tcase(suite, tcase);
	return suite;
}
