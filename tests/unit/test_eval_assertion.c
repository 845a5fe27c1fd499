/* test_eval_assertion - does what a query answers hold? DESIGN 7 and 8. */
#include <check.h>
#include <string.h>

#include "data_world.h"

Suite *eval_assertion_suite(void);

static void set_condition(struct config_condition *condition, enum condition_subject subject,
			  enum condition_operator operator, double bound, const char *text)
{
	g_free(condition->text);
	*condition = (struct config_condition){
		.subject = subject, .operator= operator, .bound = bound, .text = g_strdup(text)};
}

static void answer_value(struct data_world *w, const char *value)
{
	g_free(w->seen_assertion->value);
	w->seen_assertion->rows = 1;
	w->seen_assertion->columns_total = 1;
	w->seen_assertion->value = g_strdup(value);
}

static void init_value(struct data_world *w)
{
	data_world_init(w, TARGET_KIND_ASSERT);
	set_condition(&w->assertion.expect, CONDITION_SUBJECT_VALUE, CONDITION_OPERATOR_GE, 0.5,
		      "value >= 0.5");
	set_condition(&w->assertion.warn, CONDITION_SUBJECT_VALUE, CONDITION_OPERATOR_GE, 0.7,
		      "value >= 0.7");
	answer_value(w, "0.8");
}

static void add_row(struct data_world *w, const char *a, const char *b)
{
	char **cells = g_new0(char *, 2);

	if (w->seen_assertion->columns->len == 0) {
		g_ptr_array_add(w->seen_assertion->columns, g_strdup("id"));
		g_ptr_array_add(w->seen_assertion->columns, g_strdup("name"));
	}
	cells[0] = g_strdup(a);
	cells[1] = g_strdup(b);
	g_ptr_array_add(w->seen_assertion->cells, cells);
}

START_TEST(test_rows)
{
	struct data_world w;
	const struct reason *reason;
	g_autofree char *summary = NULL;

	data_world_init(&w, TARGET_KIND_ASSERT);
	EXPECT(&w, STATE_OK, REASON_NONE);
	summary = verdict_summary(w.before, DATA_NOW_MS);
	ck_assert_str_eq(summary, "holds: rows = 0");
	w.seen_assertion->rows = 3;
	EXPECT(&w, STATE_DRIFT, REASON_ASSERTION_FAILED);
	reason = data_reason(w.before, REASON_ASSERTION_FAILED);
	ck_assert_str_eq(reason->message, "expected rows = 0, but there are 3 rows");
	ck_assert_int_eq(data_reason_number(reason, "rows"), 3);
	ck_assert_str_eq(data_reason_text(reason, "expect"), "rows = 0");
	w.seen_assertion->rows = -1;
	EXPECT(&w, STATE_UNKNOWN, REASON_BROKEN_CHECK);
	ck_assert_int_eq(data_detail_number(w.before, "row_count"), -7);
	data_world_done(&w);
}
END_TEST

static const struct {
	const char *value;
	enum state state;
	enum reason_code code;
} values[] = {
	{"0.8", STATE_OK, REASON_NONE},
	{"0.7", STATE_OK, REASON_NONE},
	{"0.69", STATE_PENDING, REASON_ASSERTION_WARNING},
	{"0.5", STATE_PENDING, REASON_ASSERTION_WARNING},
	{"0.49", STATE_DRIFT, REASON_ASSERTION_FAILED},
	{"-1", STATE_DRIFT, REASON_ASSERTION_FAILED},
	{NULL, STATE_UNKNOWN, REASON_BROKEN_CHECK},
	{"NaN", STATE_UNKNOWN, REASON_BROKEN_CHECK},
	{"high", STATE_UNKNOWN, REASON_BROKEN_CHECK},
};

START_TEST(test_value)
{
	struct data_world w;

	init_value(&w);
	answer_value(&w, values[_i].value);
	EXPECT(&w, values[_i].state, values[_i].code);
	ck_assert_uint_le(w.before->reasons->len, 1);
	data_world_done(&w);
}
END_TEST

static const struct {
	int64_t rows, columns;
} shapes[] = {{0, 1}, {2, 1}, {1, 2}, {1, 0}, {-1, 1}};

START_TEST(test_value_of_another_shape)
{
	struct data_world w;

	init_value(&w);
	w.seen_assertion->rows = shapes[_i].rows;
	w.seen_assertion->columns_total = shapes[_i].columns;
	EXPECT(&w, STATE_UNKNOWN, REASON_BROKEN_CHECK);
	data_world_done(&w);
}
END_TEST

/* expect holds, and what warn needs is not there: that is not well. */
START_TEST(test_warn_that_cannot_be_told)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_ASSERT);
	set_condition(&w.assertion.warn, CONDITION_SUBJECT_VALUE, CONDITION_OPERATOR_EQ, 0,
		      "value = 0");
	EXPECT(&w, STATE_UNKNOWN, REASON_BROKEN_CHECK);
	data_world_done(&w);
}
END_TEST

START_TEST(test_detail)
{
	struct data_world w;
	char *const *cells;

	data_world_init(&w, TARGET_KIND_ASSERT);
	w.seen_assertion->rows = 22;
	w.seen_assertion->value = g_strdup("17");
	w.seen_assertion->cost.bytes_billed = 10485760;
	add_row(&w, "17", "Ada");
	add_row(&w, "18", NULL);
	EXPECT(&w, STATE_DRIFT, REASON_ASSERTION_FAILED);
	ck_assert_str_eq(w.before->detail->name, "assertion");
	ck_assert_int_eq(data_detail_number(w.before, "row_count"), 22);
	ck_assert_int_eq(data_detail_number(w.before, "bytes_billed"), 10485760);
	ck_assert_str_eq(data_detail_text(w.before, "expect"), "rows = 0");
	ck_assert_ptr_null(data_detail_text(w.before, "warn"));
	ck_assert(w.before->detail->list_is_table);
	ck_assert_int_eq(w.before->detail->rows_total, 22);
	cells = w.before->detail->rows->pdata[1];
	ck_assert_str_eq(cells[0], "18");
	ck_assert_ptr_null(cells[1]);
	data_world_done(&w);
}
END_TEST

/* Rows may hold what is nobody's business: only those that are a finding are kept. */
START_TEST(test_no_rows_of_an_answer_that_holds)
{
	struct data_world w;

	init_value(&w);
	add_row(&w, "0.8", "Ada");
	EXPECT(&w, STATE_OK, REASON_NONE);
	ck_assert_ptr_null(w.before->detail->list_name);
	answer_value(&w, "0.6");
	EXPECT(&w, STATE_PENDING, REASON_ASSERTION_WARNING);
	ck_assert_uint_eq(w.before->detail->rows->len, 1);
	data_world_done(&w);
}
END_TEST

static void check_nowhere(const struct verdict *verdict, const char *secret)
{
	for (guint i = 0; i < verdict->reasons->len; i++) {
		const struct reason *reason = verdict->reasons->pdata[i];

		ck_assert_ptr_null(strstr(reason->message, secret));
		ck_assert_ptr_null(data_reason_text(reason, "value"));
	}
	ck_assert_ptr_null(verdict->detail->list_name);
	ck_assert_ptr_null(data_detail_text(verdict, "value"));
}

/* The first cell is a row's too. */
START_TEST(test_rows_that_may_not_be_shown)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_ASSERT);
	w.assertion.show_rows = false;
	w.seen_assertion->rows = 1;
	w.seen_assertion->value = g_strdup("4711-secret");
	add_row(&w, "4711-secret", "x"); /* should a collector hand it over all the same */
	EXPECT(&w, STATE_DRIFT, REASON_ASSERTION_FAILED);
	check_nowhere(w.before, "4711");
	data_world_done(&w);
}
END_TEST

START_TEST(L22_assertion_not_active)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_ASSERT);
	w.seen_assertion->not_active = true;
	w.seen_assertion->rows = 5;
	EXPECT(&w, STATE_OK, REASON_NOT_DUE);
	data_world_done(&w);
}
END_TEST

START_TEST(L15_a_statement_that_cannot_run)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_ASSERT);
	data_fail(&w, FAULT_BROKEN, "range.sql is a DELETE, and only SELECT may run");
	EXPECT(&w, STATE_UNKNOWN, REASON_BROKEN_CHECK);
	data_world_done(&w);
}
END_TEST

Suite *eval_assertion_suite(void)
{
	Suite *suite = suite_create("eval_assertion");
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, test_rows);
	tcase_add_loop_test(tcase, test_value, 0, (int)G_N_ELEMENTS(values));
	tcase_add_loop_test(tcase, test_value_of_another_shape, 0, (int)G_N_ELEMENTS(shapes));
	tcase_add_test(tcase, test_warn_that_cannot_be_told);
	tcase_add_test(tcase, test_detail);
	tcase_add_test(tcase, test_no_rows_of_an_answer_that_holds);
	tcase_add_test(tcase, test_rows_that_may_not_be_shown);
	tcase_add_test(tcase, L22_assertion_not_active);
	tcase_add_test(tcase, L15_a_statement_that_cannot_run);
	suite_add_tcase(suite, tcase);
	return suite;
}
