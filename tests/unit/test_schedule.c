/* Unit tests of lib/schedule: due instants without holidays, and dates. */
#include "drift_error.h"
#include "schedule.h"
#include "timefmt.h"

#include <check.h>
#include <string.h>

Suite *schedule_suite(void);

static int64_t ms_of(const char *text)
{
	int64_t ms = 0;

	ck_assert_msg(timefmt_parse(text, &ms, NULL), "%s", text);
	return ms;
}

/* Thanksgiving, and the day before Christmas to the day after. */
#define HOLIDAYS                                                                                   \
	"# our holidays\n2026-12-26\r\n\n  2026-11-26\t# Thanksgiving\n2026-12-24\n2026-12-25\n"   \
	"2026-11-26\n"

static const struct {
	const char *text;
	const char *holidays;
	const char *now;
	const char *next;
	const char *previous;
} cases[] = {
	{"0 6 * * 1-5 America/New_York", NULL, "2026-11-25T12:00:00Z", "2026-11-26T11:00:00Z",
	 "2026-11-25T11:00:00Z"},
	{"0 6 * * 1-5 America/New_York", "", "2026-11-25T12:00:00Z", "2026-11-26T11:00:00Z",
	 "2026-11-25T11:00:00Z"},
	{"0 6 * * 1-5 America/New_York", HOLIDAYS, "2026-11-25T12:00:00Z", "2026-11-27T11:00:00Z",
	 "2026-11-25T11:00:00Z"},
	{"0 6 * * 1-5 America/New_York", HOLIDAYS, "2026-11-26T12:00:00Z", "2026-11-27T11:00:00Z",
	 "2026-11-25T11:00:00Z"},
	/* a weekend right behind holidays */
	{"0 6 * * 1-5 America/New_York", HOLIDAYS, "2026-12-24T12:00:00Z", "2026-12-28T11:00:00Z",
	 "2026-12-23T11:00:00Z"},
	{"0 6 * * 1-5 America/New_York", HOLIDAYS, "2026-12-28T10:59:59Z", "2026-12-28T11:00:00Z",
	 "2026-12-23T11:00:00Z"},
	/* the date counts in the schedule's zone: 22:00 in New York is the next day in UTC */
	{"0 22 * * * America/New_York", HOLIDAYS, "2026-11-26T00:00:00Z", "2026-11-26T03:00:00Z",
	 "2026-11-25T03:00:00Z"},
	{"0 22 * * * America/New_York", HOLIDAYS, "2026-11-26T03:00:00Z", "2026-11-28T03:00:00Z",
	 "2026-11-26T03:00:00Z"},
	/* many instants a day */
	{"*/5 * * * * UTC", HOLIDAYS, "2026-12-23T23:57:00Z", "2026-12-27T00:00:00Z",
	 "2026-12-23T23:55:00Z"},
	{"*/5 * * * * UTC", HOLIDAYS, "2026-12-25T13:00:00Z", "2026-12-27T00:00:00Z",
	 "2026-12-23T23:55:00Z"},
	/* holidays on which the clock changes */
	{"*/5 * * * * America/New_York", "2026-11-01\n", "2026-11-01T05:00:00Z",
	 "2026-11-02T05:00:00Z", "2026-11-01T03:55:00Z"},
	{"*/5 * * * * America/New_York", "2026-03-08\n", "2026-03-08T08:00:00Z",
	 "2026-03-09T04:00:00Z", "2026-03-08T04:55:00Z"},
};

START_TEST(L22_holidays_are_not_due)
{
	g_autoptr(GError) error = NULL;
	struct schedule *schedule =
		schedule_create(cases[_i].text, "UTC", cases[_i].holidays, &error);
	char text[TIMEFMT_BYTES];

	ck_assert_msg(schedule != NULL, "%s", error ? error->message : "");
	ck_assert_str_eq(timefmt_utc(schedule_next(schedule, ms_of(cases[_i].now)), text),
			 cases[_i].next);
	ck_assert_str_eq(timefmt_utc(schedule_previous(schedule, ms_of(cases[_i].now)), text),
			 cases[_i].previous);
	schedule_free(schedule);
}
END_TEST

/* Days of a year, all of them holidays, as many years as there are. */
static char *all_days(int years)
{
	GString *text = g_string_new(NULL);
	g_autoptr(GDateTime) day = g_date_time_new_utc(2026, 1, 1, 0, 0, 0.0);

	for (int i = 0; i < years * 366; i++) {
		g_autofree char *line = g_date_time_format(day, "%Y-%m-%d\n");
		GDateTime *next = g_date_time_add_days(day, 1);

		g_string_append(text, line);
		g_date_time_unref(day);
		day = next;
	}
	return g_string_free(text, FALSE);
}

static const struct {
	const char *text;
	const char *holidays;
	const char *want;
} refused[] = {
	{"0 6 * *", NULL, "five fields"},
	{"0 6 * *", "2026-01-01", "five fields"},
	{"0 6 * * 1 Nowhere", NULL, "unknown time zone"},
	{"0 6 * * *", "2026-02-30", "line 1: \"2026-02-30\" is not a date (YYYY-MM-DD)"},
	{"0 6 * * *", "\n#\n2026-1-1\n", "line 3: \"2026-1-1\""},
	{"0 6 * * *", "01.05.2026", "line 1"},
	{"0 6 * * *", "2026-05-01 Labour Day", "line 1"},
	{"0 6 * * *", "2026-05-0\xff", "line 1: \"2026-05-0\xef\xbf\xbd\""},
	{"0 6 * * *", "2026-05-01\x1b[2J", "line 1: \"2026-05-01\\x1b[2J\""},
	{"0 6 * * *", "0000-01-01", "line 1"},
};

START_TEST(test_refused)
{
	g_autoptr(GError) error = NULL;
	struct schedule *schedule =
		schedule_create(refused[_i].text, "UTC", refused[_i].holidays, &error);

	ck_assert_ptr_null(schedule);
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
	ck_assert_msg(strstr(error->message, refused[_i].want) != NULL, "%s", error->message);
}
END_TEST

START_TEST(test_no_instant_is_left)
{
	g_autofree char *eight = all_days(8);
	g_autofree char *ten = all_days(10);
	g_autoptr(GError) error = NULL;
	struct schedule *schedule = schedule_create("0 6 * * *", "UTC", eight, &error);
	char text[TIMEFMT_BYTES];

	ck_assert_ptr_nonnull(schedule);
	ck_assert_str_eq(timefmt_utc(schedule_next(schedule, ms_of("2026-01-01T00:00:00Z")), text),
			 "2034-01-07T06:00:00Z");
	schedule_free(schedule);
	ck_assert_ptr_null(schedule_create("0 6 * * *", "UTC", ten, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "the holidays leave no day"));
	g_clear_error(&error);
	ck_assert_ptr_null(schedule_create("* * * * *", "UTC", ten, &error));
}
END_TEST

/* The bounds of a file of holidays, at and beyond. */
START_TEST(test_limits)
{
	g_autoptr(GString) dates = g_string_new(NULL);
	g_autofree char *spaces = g_strnfill(SCHEDULE_HOLIDAYS_MAX_BYTES, ' ');
	g_autofree char *more = g_strconcat(spaces, " ", NULL);
	g_autoptr(GError) error = NULL;
	struct schedule *schedule;

	for (int i = 0; i < SCHEDULE_HOLIDAYS_MAX; i++)
		g_string_append(dates, "2026-05-01\n");
	schedule = schedule_create("0 6 * * *", "UTC", dates->str, &error);
	ck_assert_ptr_nonnull(schedule);
	schedule_free(schedule);
	g_string_append(dates, "2026-05-02\n");
	ck_assert_ptr_null(schedule_create("0 6 * * *", "UTC", dates->str, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "line 10001: more than 10000 dates"));
	g_clear_error(&error);
	schedule = schedule_create("0 6 * * *", "UTC", spaces, &error);
	ck_assert_ptr_nonnull(schedule);
	schedule_free(schedule);
	ck_assert_ptr_null(schedule_create("0 6 * * *", "UTC", more, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "more than 262144 bytes"));
}
END_TEST

static const struct {
	const char *now;
	const char *zone;
	int offset;
	const char *want;
} dates[] = {
	{"2026-11-20T04:59:59Z", "America/New_York", 0, "2026-11-19"},
	{"2026-11-20T05:00:00Z", "America/New_York", 0, "2026-11-20"},
	{"2026-11-20T05:00:00Z", "America/New_York", -1, "2026-11-19"},
	{"2026-11-20T18:29:59Z", "Asia/Kolkata", 0, "2026-11-20"},
	{"2026-11-20T18:30:00Z", "Asia/Kolkata", 0, "2026-11-21"},
	{"2026-03-01T12:00:00Z", "UTC", -1, "2026-02-28"},
	{"2028-03-01T12:00:00Z", "UTC", -1, "2028-02-29"},
	{"2026-12-31T12:00:00Z", "UTC", 366, "2028-01-01"},
	/* days of 23 and 25 hours are days */
	{"2026-03-09T04:30:00Z", "America/New_York", -1, "2026-03-08"},
	{"2026-11-02T05:30:00Z", "America/New_York", -1, "2026-11-01"},
	{"2011-12-30T10:00:00Z", "Pacific/Apia", 0, "2011-12-31"},
	{"2011-12-30T10:00:00Z", "Pacific/Apia", -1, "2011-12-30"},
	{"2026-11-20T12:00:00Z", "Nowhere/Land", 0, NULL},
};

START_TEST(test_date)
{
	g_autofree char *date =
		schedule_date(ms_of(dates[_i].now), dates[_i].zone, dates[_i].offset);

	ck_assert_pstr_eq(date, dates[_i].want);
}
END_TEST

START_TEST(test_texts)
{
	struct schedule *schedule = schedule_create("@daily", "Asia/Kolkata", HOLIDAYS, NULL);

	ck_assert_str_eq(schedule_text(schedule), "@daily");
	ck_assert_str_eq(schedule_zone(schedule), "Asia/Kolkata");
	schedule_free(schedule);
	schedule_free(NULL);
}
END_TEST

Suite *schedule_suite(void)
{
	Suite *suite = suite_create("schedule");
	TCase *all = tcase_create("schedule");

	tcase_set_timeout(all, 60); /* for sanitizers on a busy machine */
	tcase_add_loop_test(all, L22_holidays_are_not_due, 0, G_N_ELEMENTS(cases));
	tcase_add_loop_test(all, test_refused, 0, G_N_ELEMENTS(refused));
	tcase_add_test(all, test_no_instant_is_left);
	tcase_add_test(all, test_limits);
	tcase_add_loop_test(all, test_date, 0, G_N_ELEMENTS(dates));
	tcase_add_test(all, test_texts);
	suite_add_tcase(suite, all);
	return suite;
}
