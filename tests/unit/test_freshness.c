/* Tests of the bar that shows how old data is. */
#include "api/dashboard/freshness.h"

#include <check.h>
#include <string.h>

#include "page_check.h"

Suite *freshness_suite(void);

#define NOW_MS INT64_C(1795172403000)

/* What a table says of itself; 0: not said. */
struct said {
	int64_t age_h, warn_h, error_h, next_h;
	const char *level; /* NULL: no bar */
	bool next;
};

static const struct said cases[] = {
	{6, 12, 24, 3, "ok", true},
	{12, 12, 24, 3, "ok", true},
	{13, 12, 24, 3, "warn", true},
	{24, 12, 24, 0, "warn", false},
	{25, 12, 24, 0, "error", false},
	{25, 0, 24, 0, "error", false},
	{25, 12, 0, 0, "warn", false},
	{5, 0, 0, 3, NULL, true},   /* against nothing there is no bar */
	{0, 12, 24, 3, NULL, true}, /* never loaded */
	{5, 0, 0, 0, NULL, false},
	{100000, 1, 2, 0, "error", false},
};

static struct verdict *verdict_of(const struct said *said)
{
	struct verdict *verdict = verdict_create("table/t");
	struct verdict_detail *detail = verdict_detail_add(verdict, "freshness");

	verdict->kind = g_strdup("table");
	detail->aged_wall_ms = said->age_h > 0 ? NOW_MS - said->age_h * MS_PER_HOUR : 0;
	if (said->warn_h > 0)
		verdict_detail_number(detail, "warn_after_s", said->warn_h * 3600);
	else
		verdict_detail_text(detail, "warn_after_s", NULL);
	if (said->error_h > 0)
		verdict_detail_number(detail, "error_after_s", said->error_h * 3600);
	verdict_detail_time(detail, "next_expected_at",
			    said->next_h > 0 ? NOW_MS + said->next_h * MS_PER_HOUR : 0);
	return verdict;
}

START_TEST(test_bar)
{
	const struct said *said = &cases[_i];
	struct verdict *verdict = verdict_of(said);
	g_autofree char *class = g_strdup_printf("fresh-%s\"", said->level);
	GString *to = g_string_new(NULL);

	freshness_add(to, verdict, NOW_MS);
	page_check(to->str);
	ck_assert_int_eq(page_count(to->str, "<svg"), said->level ? 1 : 0);
	if (said->level)
		ck_assert_msg(strstr(to->str, class), "%s: %s", class, to->str);
	ck_assert_int_eq(page_count(to->str, "limit-warn"), said->level && said->warn_h > 0);
	ck_assert_int_eq(page_count(to->str, "limit-error"), said->level && said->error_h > 0);
	ck_assert_int_eq(page_count(to->str, ">in 3 h</time>"), said->next);
	ck_assert_int_eq(to->len == 0, !said->level && !said->next);
	g_string_free(to, TRUE);
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_places)
{
	static const struct said said = {12, 6, 24, 0, "warn", false};
	struct verdict *verdict = verdict_of(&said);
	GString *to = g_string_new(NULL);

	freshness_add(to, verdict, NOW_MS); /* 30 h wide, of 200 units */
	ck_assert_ptr_nonnull(strstr(to->str, "class=\"fresh-age\" x=\"0\" y=\"3\" width=\"80\""));
	ck_assert_ptr_nonnull(strstr(to->str, "class=\"limit-warn\" x=\"40\""));
	ck_assert_ptr_nonnull(strstr(to->str, "class=\"limit-error\" x=\"160\""));
	ck_assert_int_eq(page_count(to->str, "12 h old, warning after 6 h, error after 1 d"), 2);
	g_string_free(to, TRUE);
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_backup)
{
	struct verdict *verdict = verdict_create("backup/b");
	struct verdict_detail *detail = verdict_detail_add(verdict, "backup");
	GString *to = g_string_new(NULL);

	detail->aged_wall_ms = -1;
	verdict_detail_time(detail, "latest_complete_at", NOW_MS - 30 * MS_PER_HOUR);
	verdict_detail_number(detail, "max_age_s", 86400);
	freshness_add(to, verdict, NOW_MS);
	ck_assert_ptr_nonnull(strstr(to->str, "fresh-error"));
	g_string_free(to, TRUE);
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_others_have_none)
{
	struct verdict *verdict = verdict_create("service/s");
	GString *to = g_string_new(NULL);

	freshness_add(to, verdict, NOW_MS);
	(void)verdict_detail_add(verdict, "assertion");
	freshness_add(to, verdict, NOW_MS);
	ck_assert_uint_eq(to->len, 0);
	g_string_free(to, TRUE);
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_limits_that_overflow)
{
	struct verdict *verdict = verdict_create("table/t");
	struct verdict_detail *detail = verdict_detail_add(verdict, "freshness");
	GString *to = g_string_new(NULL);

	detail->aged_wall_ms = 1;
	verdict_detail_number(detail, "warn_after_s", INT64_MAX);
	verdict_detail_number(detail, "error_after_s", INT64_MAX);
	freshness_add(to, verdict, NOW_MS);
	page_check(to->str);
	ck_assert_ptr_null(strstr(to->str, "=\"-"));
	g_string_free(to, TRUE);
	verdict_unref(verdict);
}
END_TEST

Suite *freshness_suite(void)
{
	Suite *suite = suite_create("freshness");
	TCase *tc = tcase_create("bar");

	tcase_add_loop_test(tc, test_bar, 0, (int)G_N_ELEMENTS(cases));
	tcase_add_test(tc, test_places);
	tcase_add_test(tc, test_backup);
	tcase_add_test(tc, test_others_have_none);
	tcase_add_test(tc, test_limits_that_overflow);
	suite_add_tcase(suite, tc);
	return suite;
}
