/* test_eval_condition - does a condition hold? */
#include <check.h>

#include "drift_error.h"
#include "eval/data.h"

Suite *eval_condition_suite(void);

#define EQ CONDITION_OPERATOR_EQ
#define NE CONDITION_OPERATOR_NE
#define LT CONDITION_OPERATOR_LT
#define LE CONDITION_OPERATOR_LE
#define GT CONDITION_OPERATOR_GT
#define GE CONDITION_OPERATOR_GE
#define BETWEEN CONDITION_OPERATOR_BETWEEN

static const struct {
	const char *value;
	double bound, upper;
	enum condition_operator operator;
	bool want_ok, want_holds;
} values[] = {
	{"0", 0, 0, EQ, true, true},
	{"-0", 0, 0, EQ, true, true},
	{"1", 0, 0, EQ, true, false},
	{"1", 0, 0, NE, true, true},
	{"0", 0, 0, NE, true, false},
	{"0.5", 0.5, 0, LT, true, false},
	{"0.4", 0.5, 0, LT, true, true},
	{"0.5", 0.5, 0, LE, true, true},
	{"0.6", 0.5, 0, LE, true, false},
	{"0.5", 0.5, 0, GT, true, false},
	{"0.6", 0.5, 0, GT, true, true},
	{"0.5", 0.5, 0, GE, true, true},
	{"0.4", 0.5, 0, GE, true, false},
	{"1", 1, 2, BETWEEN, true, true},
	{"2", 1, 2, BETWEEN, true, true},
	{"1.5", 1, 2, BETWEEN, true, true},
	{"0.99", 1, 2, BETWEEN, true, false},
	{"2.01", 1, 2, BETWEEN, true, false},
	{"-3", -4, -2, BETWEEN, true, true},
	/* a double cannot tell these from their neighbours */
	{"9007199254740993", 9007199254740992.0, 0, EQ, true, false},
	{"9007199254740993", 9007199254740992.0, 0, GT, true, true},
	{"9007199254740992", 9007199254740992.0, 0, EQ, true, true},
	{"9223372036854775807", 9223372036854775808.0, 0, LT, true, true},
	{"-9223372036854775808", -9223372036854775808.0, 0, EQ, true, true},
	{"3", 2.5, 0, GT, true, true},
	{"2", 2.5, 0, LT, true, true},
	{"-2", -2.5, 0, GT, true, true},
	{"-3", -2.5, 0, LT, true, true},
	{"1e3", 1000, 0, EQ, true, true},
	{"+.5", 0.5, 0, EQ, true, true},
	{"5.", 5, 0, EQ, true, true},
	{"123456789012345678901234567890", 1e20, 0, GT, true, true},
	{"Infinity", 1e300, 0, GT, true, true},
	{"-Infinity", -1e300, 0, LT, true, true},
	{"NaN", 0, 0, EQ, false, false},
	{"", 0, 0, EQ, false, false},
	{" 1", 1, 0, EQ, false, false},
	{"1 ", 1, 0, EQ, false, false},
	{"0x10", 16, 0, EQ, false, false},
	{"1,5", 1.5, 0, EQ, false, false},
	{"1e", 1, 0, EQ, false, false},
	{".", 0, 0, EQ, false, false},
	{"-", 0, 0, EQ, false, false},
	{"true", 1, 0, EQ, false, false},
	{NULL, 0, 0, EQ, false, false},
};

START_TEST(test_value)
{
	struct config_condition condition = {
		.subject = CONDITION_SUBJECT_VALUE,
		.operator= values[_i].operator,
		.bound = values[_i].bound,
		.upper = values[_i].upper,
	};
	g_autoptr(GError) error = NULL;
	bool holds = !values[_i].want_holds;
	bool untouched = holds;
	bool ok = eval_condition(&condition, 1, values[_i].value, &holds, &error);

	ck_assert_msg(ok == values[_i].want_ok, "\"%s\"", values[_i].value);
	if (ok) {
		ck_assert_msg(holds == values[_i].want_holds, "\"%s\"", values[_i].value);
		return;
	}
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
	ck_assert(holds == untouched);
}
END_TEST

START_TEST(test_rows)
{
	struct config_condition condition = {
		.subject = CONDITION_SUBJECT_ROWS, .operator= LE, .bound = 5};
	g_autoptr(GError) error = NULL;
	bool holds = false;

	ck_assert(eval_condition(&condition, 5, "no number", &holds, NULL) && holds);
	ck_assert(eval_condition(&condition, 6, NULL, &holds, NULL) && !holds);
	ck_assert(!eval_condition(&condition, -1, "0", &holds, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
}
END_TEST

Suite *eval_condition_suite(void)
{
	Suite *suite = suite_create("eval_condition");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, test_value, 0, (int)G_N_ELEMENTS(values));
	tcase_add_test(tcase, test_rows);
	suite_add_tcase(suite, tcase);
	return suite;
}
