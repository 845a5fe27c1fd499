/* Tests of lib/clk.c */
#include "clk.h"

#include <check.h>
#include <time.h>

Suite *clk_suite(void);

START_TEST(test_clocks_run)
{
	int64_t mono_ms = clk_mono_ms();
	int64_t wall_ms = clk_wall_ms();
	int64_t cpu_ms = clk_cpu_ms();

	/* time(2) is the judge; one second of room for its rounding and for a slow machine */
	ck_assert_int_le(llabs((long long)(wall_ms - (int64_t)time(NULL) * 1000)), 60000);
	ck_assert_int_ge(mono_ms, 0);
	ck_assert_int_ge(cpu_ms, 0);
	while (clk_mono_ms() == mono_ms) /* ends only if the clock moves */
		;
	ck_assert_int_gt(clk_mono_ms(), mono_ms);
	while (clk_cpu_ms() == cpu_ms) /* this loop burns it */
		;
	ck_assert_int_gt(clk_cpu_ms(), cpu_ms);
}
END_TEST

START_TEST(test_fake_stands_still)
{
	clk_set_fake(5, INT64_C(1795172403000));
	ck_assert_int_eq(clk_mono_ms(), 5);
	ck_assert_int_eq(clk_wall_ms(), INT64_C(1795172403000));
	clk_set_fake(6, -1);
	ck_assert_int_eq(clk_mono_ms(), 6);
	ck_assert_int_eq(clk_wall_ms(), -1);
	clk_clear_fake();
	ck_assert_int_gt(clk_wall_ms(), INT64_C(1600000000000));
}
END_TEST

Suite *clk_suite(void)
{
	Suite *suite = suite_create("clk");
	TCase *tc = tcase_create("clk");

	tcase_add_test(tc, test_clocks_run);
	tcase_add_test(tc, test_fake_stands_still);
	suite_add_tcase(suite, tc);
	return suite;
}
