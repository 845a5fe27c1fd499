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
	const char *value, *text;
	enum condition_operator operator;
	bool want_ok, want_holds;
} values[] = {
	{"0", "value = 0", EQ, true, true},
	{"-0", "value = 0", EQ, true, true},
	{"1", "value = 0", EQ, true, false},
	{"1", "value != 0", NE, true, true},
	{"0", "value != 0", NE, true, false},
	{"0.5", "value < 0.5", LT, true, false},
	{"0.4", "value < 0.5", LT, true, true},
	{"0.5", "value <= 0.5", LE, true, true},
	{"0.6", "value <= 0.5", LE, true, false},
	{"0.5", "value > 0.5", GT, true, false},
	{"0.6", "value > 0.5", GT, true, true},
	{"0.5", "value >= 0.5", GE, true, true},
	{"0.4", "value >= 0.5", GE, true, false},
	{"1", "value between 1 and 2", BETWEEN, true, true},
	{"2", "value between 1 and 2", BETWEEN, true, true},
	{"1.5", "value between 1 and 2", BETWEEN, true, true},
	{"0.99", "value between 1 and 2", BETWEEN, true, false},
	{"2.01", "value between 1 and 2", BETWEEN, true, false},
	{"-3", "value between -4 and -2", BETWEEN, true, true},
	{"9007199254740993", "value = 9007199254740992", EQ, true, false},
	{"9007199254740993", "value > 9007199254740992", GT, true, true},
	{"9007199254740992", "value = 9007199254740992", EQ, true, true},
	{"9223372036854775807", "value < 9223372036854775808", LT, true, true},
	{"-9223372036854775808", "value = -9223372036854775808", EQ, true, true},
	{"3", "value > 2.5", GT, true, true},
	{"2", "value < 2.5", LT, true, true},
	{"-2", "value > -2.5", GT, true, true},
	{"-3", "value < -2.5", LT, true, true},
	{"1e3", "value = 1000", EQ, true, true},
	{"+.5", "value = 0.5", EQ, true, true},
	{"5.", "value = 5", EQ, true, true},
	{"123456789012345678901234567890", "value > 1e20", GT, true, true},
	{"Infinity", "value > 1e300", GT, true, true},
	{"-Infinity", "value < -1e300", LT, true, true},
	{"NaN", "value = 0", EQ, false, false},
	{"", "value = 0", EQ, false, false},
	{" 1", "value = 1", EQ, false, false},
	{"1 ", "value = 1", EQ, false, false},
	{"0x10", "value = 16", EQ, false, false},
	{"1,5", "value = 1.5", EQ, false, false},
	{"1e", "value = 1", EQ, false, false},
	{".", "value = 0", EQ, false, false},
	{"-", "value = 0", EQ, false, false},
	{"true", "value = 1", EQ, false, false},
	{NULL, "value = 0", EQ, false, false},
	/* nor these, on the side of the condition */
	{"9007199254740992", "value = 9007199254740993", EQ, true, false},
	{"9007199254740993", "value = 9007199254740993", EQ, true, true},
	{"9007199254740992", "value < 9007199254740993", LT, true, true},
	{"-9007199254740993", "value >= -9007199254740992", GE, true, false},
	{"9223372036854775806", "value between 9223372036854775807 and 9223372036854775807",
	 BETWEEN, true, false},
	{"9223372036854775807", "value between 9223372036854775807 and 9223372036854775807",
	 BETWEEN, true, true},
	{"18446744073709551616", "value = 18446744073709551617", EQ, true, false},
	{"18446744073709551617", "value = 18446744073709551617", EQ, true, true},
	{"123456789012345678901234567890", "value > 123456789012345678901234567889", GT, true,
	 true},
	{"0.1000000000000000000001", "value = 0.1", EQ, true, false},
	{"00100.0", "value = 1e2", EQ, true, true},
	{"0.00", "value = -0", EQ, true, true},
	{"-0.001", "value < -1E-4", LT, true, true},
	{"-10", "value < -9", LT, true, true},
	{"120", "value > 12", GT, true, true},
	{"12", "value > 119", GT, true, false},
	{"1e999999999999999999999", "value > 1e300", GT, true, true},
	{"1e-999999999999999999999", "value > 0", GT, true, true},
	{"Infinity", "value = 1e308", EQ, true, false},
	{"1", "value  between\t-1.5e0 and  +2", BETWEEN, true, true},
	/* the configuration lets none of these through */
	{"1", "value = ", EQ, false, false},
	{"1", "value = 1-2", EQ, false, false},
	{"1", "value between 1 and", BETWEEN, false, false},
};

START_TEST(test_value)
{
	g_autofree char *text = g_strdup(values[_i].text);
	struct config_condition condition = {
		.subject = CONDITION_SUBJECT_VALUE,
		.operator= values[_i].operator,
		.text = text,
	};
	g_autoptr(GError) error = NULL;
	bool holds = !values[_i].want_holds;
	bool untouched = holds;
	bool ok = eval_condition(&condition, 1, values[_i].value, &holds, &error);

	ck_assert_msg(ok == values[_i].want_ok, "\"%s\": %s", values[_i].value, text);
	if (ok) {
		ck_assert_msg(holds == values[_i].want_holds, "\"%s\": %s", values[_i].value, text);
		return;
	}
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
	ck_assert(holds == untouched);
}
END_TEST

START_TEST(test_rows)
{
	char text[] = "rows <= 5";
	struct config_condition condition = {
		.subject = CONDITION_SUBJECT_ROWS, .operator= LE, .text = text};
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
