/* Tests of lib/timefmt.c */
#include "timefmt.h"

#include <check.h>

#include "drift_error.h"

Suite *timefmt_suite(void);

static const struct {
	int64_t ms;
	const char *want;
} utc_cases[] = {
	{0, "1970-01-01T00:00:00Z"},
	{999, "1970-01-01T00:00:00Z"},
	{-1, "1969-12-31T23:59:59Z"},
	{-1000, "1969-12-31T23:59:59Z"},
	{-1001, "1969-12-31T23:59:58Z"},
	{1795172403000, "2026-11-20T11:00:03Z"},
	{951782400000, "2000-02-29T00:00:00Z"},
	{INT64_MAX, "9999-12-31T23:59:59Z"},
	{INT64_MIN, "0001-01-01T00:00:00Z"},
};

START_TEST(test_utc)
{
	char buffer[TIMEFMT_BYTES];

	ck_assert_str_eq(timefmt_utc(utc_cases[_i].ms, buffer), utc_cases[_i].want);
}
END_TEST

#define REFUSED INT64_MIN

static const struct {
	const char *text;
	int64_t want;
} parse_cases[] = {
	{"1970-01-01T00:00:00Z", 0},
	{"2026-11-20T11:00:03Z", 1795172403000},
	{"2026-11-20t11:00:03z", 1795172403000},
	{"2026-11-20T11:00:03.5Z", 1795172403500},
	{"2026-11-20T11:00:03.123456789Z", 1795172403123},
	{"2026-11-20T11:00:03.9999Z", 1795172403999},
	{"2026-11-20T12:00:03+01:00", 1795172403000},
	{"2026-11-20T05:30:03-05:30", 1795172403000},
	{"2026-11-20T11:00:03-00:00", 1795172403000},
	{"2024-02-29T00:00:00Z", 1709164800000},
	{"1969-12-31T23:59:59Z", -1000},
	{"1969-12-31T23:59:59.250Z", -750},
	{"0001-01-01T00:00:00Z", -62135596800000},
	{"9999-12-31T23:59:59Z", 253402300799000},
	/* RFC 3339 5.8: leap seconds, the second seen from Pacific time */
	{"1990-12-31T23:59:60Z", 662688000000},
	{"1990-12-31T15:59:60-08:00", 662688000000},
	{"1990-12-31T22:59:60Z", REFUSED},
	{"1990-12-31T23:59:60-08:00", REFUSED},
	{"1990-12-31T23:59:61Z", REFUSED},
	{"", REFUSED},
	{"2026-11-20", REFUSED},
	{"2026-11-20T11:00:03", REFUSED},
	{"2026-11-20 11:00:03Z", REFUSED},
	{"2026-11-20T11:00Z", REFUSED},
	{"2026-11-20T110003Z", REFUSED},
	{"20261120T110003Z", REFUSED},
	{"2026-W47-5T11:00:03Z", REFUSED},
	{"2026-11-20T11:00:03.Z", REFUSED},
	{"2026-11-20T11:00:03,5Z", REFUSED},
	{"2026-11-20T11:00:03.1234567890Z", REFUSED},
	{"2026-11-20T11:00:03Z ", REFUSED},
	{" 2026-11-20T11:00:03Z", REFUSED},
	{"2026-11-20T11:00:03+01", REFUSED},
	{"2026-11-20T11:00:03+0100", REFUSED},
	{"2026-11-20T11:00:03+24:00", REFUSED},
	{"2026-11-20T11:00:03+01:60", REFUSED},
	{"2026-13-20T11:00:03Z", REFUSED},
	{"2026-00-20T11:00:03Z", REFUSED},
	{"2026-11-31T11:00:03Z", REFUSED},
	{"2026-11-00T11:00:03Z", REFUSED},
	{"2026-02-29T11:00:03Z", REFUSED},
	{"2026-11-20T24:00:00Z", REFUSED},
	{"2026-11-20T11:60:00Z", REFUSED},
	{"0000-11-20T11:00:00Z", REFUSED},
	{"-026-11-20T11:00:00Z", REFUSED},
	{"1795172403", REFUSED},
};

START_TEST(test_parse)
{
	g_autoptr(GError) error = NULL;
	int64_t got = -7;
	bool ok = timefmt_parse(parse_cases[_i].text, &got, &error);
	bool want_ok = parse_cases[_i].want != REFUSED;

	ck_assert_msg(ok == want_ok, "\"%s\": %s", parse_cases[_i].text,
		      error ? error->message : "accepted");
	if (!ok)
		ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
	ck_assert_int_eq(got, ok ? parse_cases[_i].want : -7);
}
END_TEST

static const struct {
	const char *date, *zone;
	const char *want; /* NULL: refused */
} day_cases[] = {
	{"2026-11-20", "UTC", "2026-11-21T00:00:00Z"},
	{"2026-12-31", "UTC", "2027-01-01T00:00:00Z"},
	{"2024-02-28", "UTC", "2024-02-29T00:00:00Z"},
	{"2026-11-20", "America/New_York", "2026-11-21T05:00:00Z"},
	{"2026-07-20", "America/New_York", "2026-07-21T04:00:00Z"},
	/* the day the clocks change is 23 or 25 hours long */
	{"2026-03-29", "Europe/Berlin", "2026-03-29T22:00:00Z"},
	{"2026-10-25", "Europe/Berlin", "2026-10-25T23:00:00Z"},
	{"2026-11-20", "Pacific/Kiritimati", "2026-11-20T10:00:00Z"},
	{"2026-11-20", "Etc/GMT+12", "2026-11-21T12:00:00Z"},
	/* midnight does not exist: 2018-11-03 24:00 was 01:00 */
	{"2018-11-03", "America/Sao_Paulo", "2018-11-04T03:00:00Z"},
	/* midnight comes twice: the first one ends the day before */
	{"2022-11-05", "America/Havana", "2022-11-06T04:00:00Z"},
	/* 2011-12-30 never was */
	{"2011-12-29", "Pacific/Apia", "2011-12-30T10:00:00Z"},
	{"2026-11-31", "UTC", NULL},
	{"2026-11-2", "UTC", NULL},
	{"2026-11-20T", "UTC", NULL},
	{"20261120", "UTC", NULL},
	{"", "UTC", NULL},
	{"0001-01-01", "UTC", NULL},
	{"9999-12-31", "UTC", NULL},
	{"2026-11-20", "Mars/Olympus", NULL},
	{"2026-11-20", "", NULL},
};

START_TEST(test_end_of_day)
{
	g_autoptr(GError) error = NULL;
	char buffer[TIMEFMT_BYTES];
	int64_t got = -7;
	bool ok = timefmt_end_of_day(day_cases[_i].date, day_cases[_i].zone, &got, &error);

	ck_assert_msg(ok == (day_cases[_i].want != NULL), "%s %s: %s", day_cases[_i].date,
		      day_cases[_i].zone, error ? error->message : "accepted");
	if (ok) {
		ck_assert_str_eq(timefmt_utc(got, buffer), day_cases[_i].want);
	} else {
		ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
		ck_assert_int_eq(got, -7);
	}
}
END_TEST

static const struct {
	const char *zone;
	bool want;
} zone_cases[] = {
	{"UTC", true},
	{"Europe/Berlin", true},
	{"America/Argentina/Buenos_Aires", true},
	{"Etc/GMT-14", true},
	{"", false},
	{"America", false},
	{"Europe/Berln", false},
	{"europe/berlin", false},
	{"+01:00", false},
	{"tzdata.zi", false},
	{"leapseconds", false},
	{"zone.tab", false},
	{"../zoneinfo/UTC", false},
	{"/usr/share/zoneinfo/UTC", false},
	{"Europe/../UTC", false},
	{"EST3EDT,M3.2.0,M11.1.0", false},
};

START_TEST(test_zone_exists)
{
	ck_assert_msg(timefmt_zone_exists(zone_cases[_i].zone) == zone_cases[_i].want, "\"%s\"",
		      zone_cases[_i].zone);
}
END_TEST

Suite *timefmt_suite(void)
{
	Suite *suite = suite_create("timefmt");
	TCase *tc = tcase_create("timefmt");

	tcase_add_loop_test(tc, test_utc, 0, G_N_ELEMENTS(utc_cases));
	tcase_add_loop_test(tc, test_parse, 0, G_N_ELEMENTS(parse_cases));
	tcase_add_loop_test(tc, test_end_of_day, 0, G_N_ELEMENTS(day_cases));
	tcase_add_loop_test(tc, test_zone_exists, 0, G_N_ELEMENTS(zone_cases));
	suite_add_tcase(suite, tc);
	return suite;
}
