/* test_eval_setting - equal values in other spellings, and values that only look alike. */
#include <check.h>

#include "eval/setting.h"

Suite *eval_setting_suite(void);

static const struct {
	const char *name, *expected, *actual;
	bool equal;
} rows[] = {
	{"min-instances", "0", NULL, true},
	{"min-instances", "1", NULL, false},
	{"min-instances", "1", "1", true},
	{"min-instances", "1", "01", true},
	{"min-instances", "1", "10", false},
	{"min-instances", "0", "2", false}, /* too much is drift as too little is */
	{"max-instances", "0", NULL, false},
	{"max-instances", "20", "20", true},
	{"cpu-idle", "false", NULL, true},
	{"cpu-idle", "true", NULL, false},
	{"cpu-idle", "TRUE", "true", true},
	{"cpu-idle", "true", "false", false},
	{"memory", "1Gi", "1024Mi", true},
	{"memory", "0.5Gi", "512Mi", true},
	{"memory", "1G", "1Gi", false},
	{"memory", "512Mi", "512M", false},
	{"memory", "512Mi", "", false},
	{"memory", "1x", "1y", false},
	{"memory", "512Mi", NULL, false},
	{"timeout", "300s", "5m", true},
	{"timeout", "300", "300s", true},
	{"timeout", "300s", "301s", false},
	{"timeout", "300s", "soon", false},
	{"concurrency", "80", "80", true},
	{"concurrency", "80", "8", false},
	{"image", "a/b:c", "a/b:c", true},
	{"image", "a/b:1", "a/b:01", false},
	{"service-account", "a@x", "A@x", false},
	{"service-account", "a@x", NULL, false},
};

START_TEST(L27_both_directions_and_absent_means_0)
{
	ck_assert_int_eq(setting_equal(rows[_i].name, rows[_i].expected, rows[_i].actual),
			 rows[_i].equal);
}
END_TEST

Suite *eval_setting_suite(void)
{
	Suite *suite = suite_create("eval_setting");
	TCase *tests = tcase_create("setting");

	tcase_add_loop_test(tests, L27_both_directions_and_absent_means_0, 0,
			    (int)G_N_ELEMENTS(rows));
	suite_add_tcase(suite, tests);
	return suite;
}
