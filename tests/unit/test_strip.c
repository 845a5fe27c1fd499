/* Tests of the strip of days. */
#include "api/dashboard/strip.h"

#include <check.h>
#include <string.h>

#include "page_check.h"

Suite *strip_suite(void);

/* One letter per day: o ok, d drift, u unknown, p pending, P paused, - not known, O ok with a change. */
static GArray *days_of(const char *letters)
{
	GArray *days = g_array_new(FALSE, TRUE, sizeof(struct day));

	for (size_t i = 0; letters[i]; i++) {
		struct day day = {.from_wall_ms = (int64_t)i * MS_PER_DAY,
				  .to_wall_ms = (int64_t)(i + 1) * MS_PER_DAY};

		(void)g_snprintf(day.date, sizeof(day.date), "2026-10-%02zu", i + 1);
		day.worst = letters[i] == 'o' || letters[i] == 'O' ? STATE_OK
			    : letters[i] == 'd'                    ? STATE_DRIFT
			    : letters[i] == 'u'                    ? STATE_UNKNOWN
			    : letters[i] == 'p'                    ? STATE_PENDING
			    : letters[i] == 'P'                    ? STATE_PAUSED
								   : STATE_NONE;
		if (day.worst == STATE_DRIFT) {
			day.ms[STATE_DRIFT] = 3 * MS_PER_HOUR;
			day.ms[STATE_OK] = 21 * MS_PER_HOUR;
			day.transitions = 2;
		} else if (day.worst != STATE_NONE) {
			day.ms[day.worst] = MS_PER_DAY;
			day.transitions = letters[i] == 'O';
		}
		g_array_append_val(days, day);
	}
	return days;
}

static const struct {
	const char *days;
	int rects;
} merges[] = {
	{"", 0},    {"o", 1},     {"ooooo", 1}, {"oodoo", 3},  {"oddo", 4}, {"ouuuo", 3},
	{"ooO", 2}, {"---oo", 2}, {"PP", 1},    {"oouupp", 3}, {"o-o-", 4},
};

START_TEST(test_runs_are_one)
{
	g_autoptr(GArray) days = days_of(merges[_i].days);
	GString *to = g_string_new(NULL);

	strip_add(to, days);
	page_check(to->str);
	ck_assert_int_eq(page_count(to->str, "<rect"), merges[_i].rects);
	ck_assert_int_eq(page_count(to->str, "<title>"), merges[_i].rects);
	g_string_free(to, TRUE);
}
END_TEST

START_TEST(test_words)
{
	g_autoptr(GArray) days = days_of("--oooodup");
	GString *to = g_string_new(NULL);

	strip_add(to, days);
	ck_assert_ptr_nonnull(strstr(to->str,
				     "aria-label=\"9 days: 1 drift, 1 unknown, 1 pending, 4 "
				     "ok, 2 not known\""));
	ck_assert_ptr_nonnull(strstr(to->str, "viewBox=\"0 0 9 16\""));
	ck_assert_ptr_nonnull(strstr(
		to->str, "class=\"day-none\" x=\"0\" y=\"6\" width=\"2\" height=\"4\"><title>"
			 "2026-10-01 to 2026-10-02: not known</title>"));
	ck_assert_ptr_nonnull(
		strstr(to->str, "class=\"day-ok\" x=\"2\" y=\"4\" width=\"4\" height=\"8\"><title>"
				"2026-10-03 to 2026-10-06: ok</title>"));
	ck_assert_ptr_nonnull(strstr(to->str,
				     "class=\"day-drift\" x=\"6\" y=\"0\" width=\"1\" "
				     "height=\"16\"><title>2026-10-07: drift 3 h, ok 21 h; "
				     "2 changes</title>"));
	g_string_free(to, TRUE);
}
END_TEST

Suite *strip_suite(void)
{
	Suite *suite = suite_create("strip");
	TCase *tc = tcase_create("days");

	tcase_add_loop_test(tc, test_runs_are_one, 0, (int)G_N_ELEMENTS(merges));
	tcase_add_test(tc, test_words);
	suite_add_tcase(suite, tc);
	return suite;
}
