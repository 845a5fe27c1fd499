/* Unit tests of lib/cron: known instants in many zones, both changes of the clock, and what is
 * refused. */
#include "cron.h"
#include "clk.h"
#include "drift_error.h"
#include "timefmt.h"

#include <check.h>
#include <string.h>

Suite *cron_suite(void);

/* Computed with another implementation of the zones (Python's zoneinfo); behind each row the local
 * times. */
static const struct {
	const char *text;
	const char *now;
	const char *next;
	const char *previous;
} instants[] = {
	{"0 6 * * 1-5 America/New_York", "2026-11-20T10:59:59Z", "2026-11-20T11:00:00Z",
	 "2026-11-19T11:00:00Z"}, /* Fri 11-20 06:00 -0500 ; Thu 11-19 06:00 -0500 */
	{"0 6 * * 1-5 America/New_York", "2026-11-20T11:00:00Z", "2026-11-23T11:00:00Z",
	 "2026-11-20T11:00:00Z"}, /* Mon 11-23 06:00 -0500 ; Fri 11-20 06:00 -0500 */
	{"0 6 * * 1-5 America/New_York", "2026-11-22T00:00:00Z", "2026-11-23T11:00:00Z",
	 "2026-11-20T11:00:00Z"}, /* Mon 11-23 06:00 -0500 ; Fri 11-20 06:00 -0500 */
	{"0 6 * * * America/New_York", "2026-03-08T00:00:00Z", "2026-03-08T10:00:00Z",
	 "2026-03-07T11:00:00Z"}, /* Sun 03-08 06:00 -0400 ; Sat 03-07 06:00 -0500 */
	{"0 6 * * * America/New_York", "2026-11-01T00:00:00Z", "2026-11-01T11:00:00Z",
	 "2026-10-31T10:00:00Z"}, /* Sun 11-01 06:00 -0500 ; Sat 10-31 06:00 -0400 */
	{"30 2 * * * America/New_York", "2026-03-08T06:59:59Z", "2026-03-08T07:00:00Z",
	 "2026-03-07T07:30:00Z"}, /* Sun 03-08 03:00 -0400 ; Sat 03-07 02:30 -0500 */
	{"30 2 * * * America/New_York", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z",
	 "2026-03-08T07:00:00Z"}, /* Mon 03-09 02:30 -0400 ; Sun 03-08 03:00 -0400 */
	{"15,45 2 * * * America/New_York", "2026-03-08T06:00:00Z", "2026-03-08T07:00:00Z",
	 "2026-03-07T07:45:00Z"}, /* Sun 03-08 03:00 -0400 ; Sat 03-07 02:45 -0500 */
	{"30 1 * * * America/New_York", "2026-11-01T05:00:00Z", "2026-11-01T05:30:00Z",
	 "2026-10-31T05:30:00Z"}, /* Sun 11-01 01:30 -0400 ; Sat 10-31 01:30 -0400 */
	{"30 1 * * * America/New_York", "2026-11-01T05:45:00Z", "2026-11-02T06:30:00Z",
	 "2026-11-01T05:30:00Z"}, /* Mon 11-02 01:30 -0500 ; Sun 11-01 01:30 -0400 */
	{"30 1 * * * America/New_York", "2026-11-01T06:45:00Z", "2026-11-02T06:30:00Z",
	 "2026-11-01T05:30:00Z"}, /* Mon 11-02 01:30 -0500 ; Sun 11-01 01:30 -0400 */
	{"30 * * * * America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z",
	 "2026-11-01T05:30:00Z"}, /* Sun 11-01 01:30 -0500 ; Sun 11-01 01:30 -0400 */
	{"30 * * * * America/New_York", "2026-11-01T06:30:00Z", "2026-11-01T07:30:00Z",
	 "2026-11-01T06:30:00Z"}, /* Sun 11-01 02:30 -0500 ; Sun 11-01 01:30 -0500 */
	{"*/30 2 * * * America/New_York", "2026-03-08T06:00:00Z", "2026-03-09T06:00:00Z",
	 "2026-03-07T07:30:00Z"}, /* Mon 03-09 02:00 -0400 ; Sat 03-07 02:30 -0500 */
	{"30 * * * * America/New_York", "2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z",
	 "2026-03-08T06:30:00Z"}, /* Sun 03-08 03:30 -0400 ; Sun 03-08 01:30 -0500 */
	{"0 7 * * * America/New_York", "2065-07-01T00:00:00Z", "2065-07-01T11:00:00Z",
	 "2065-06-30T11:00:00Z"}, /* Wed 07-01 07:00 -0400 ; Tue 06-30 07:00 -0400 */
	/* the only other ones are a year away: the second pass must not be stepped over */
	{"*/30 1 1 11 * America/New_York", "2026-11-01T05:45:00Z", "2026-11-01T06:00:00Z",
	 "2026-11-01T05:30:00Z"}, /* Sun 11-01 01:00 -0500 ; Sun 11-01 01:30 -0400 */
	{"30 */23 1 11 * America/Havana", "2026-11-01T05:10:00Z", "2026-11-01T05:30:00Z",
	 "2026-11-01T04:30:00Z"}, /* Sun 11-01 00:30 -0500 ; Sun 11-01 00:30 -0400 */
	{"30 2 * * * Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z",
	 "2026-03-28T01:30:00Z"}, /* Sun 03-29 03:00 +0200 ; Sat 03-28 02:30 +0100 */
	{"30 2 * * * Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z",
	 "2026-03-29T01:00:00Z"}, /* Mon 03-30 02:30 +0200 ; Sun 03-29 03:00 +0200 */
	{"30 2 * * * Europe/Berlin", "2026-10-25T00:15:00Z", "2026-10-25T00:30:00Z",
	 "2026-10-24T00:30:00Z"}, /* Sun 10-25 02:30 +0200 ; Sat 10-24 02:30 +0200 */
	{"30 2 * * * Europe/Berlin", "2026-10-25T00:45:00Z", "2026-10-26T01:30:00Z",
	 "2026-10-25T00:30:00Z"}, /* Mon 10-26 02:30 +0100 ; Sun 10-25 02:30 +0200 */
	{"*/20 * * * * Europe/Berlin", "2026-10-25T00:50:00Z", "2026-10-25T01:00:00Z",
	 "2026-10-25T00:40:00Z"}, /* Sun 10-25 02:00 +0100 ; Sun 10-25 02:40 +0200 */
	{"0 3 * * * Europe/Berlin", "2026-03-29T00:59:00Z", "2026-03-29T01:00:00Z",
	 "2026-03-28T02:00:00Z"}, /* Sun 03-29 03:00 +0200 ; Sat 03-28 03:00 +0100 */
	{"15 2 * * * Australia/Lord_Howe", "2026-10-03T15:00:00Z", "2026-10-03T15:30:00Z",
	 "2026-10-02T15:45:00Z"}, /* Sun 10-04 02:30 +1100 ; Sat 10-03 02:15 +1030 */
	{"0 2 * * * Australia/Lord_Howe", "2026-10-03T15:00:00Z", "2026-10-03T15:30:00Z",
	 "2026-10-02T15:30:00Z"}, /* Sun 10-04 02:30 +1100 ; Sat 10-03 02:00 +1030 */
	{"45 1 * * * Australia/Lord_Howe", "2026-04-04T14:30:00Z", "2026-04-04T14:45:00Z",
	 "2026-04-03T14:45:00Z"}, /* Sun 04-05 01:45 +1100 ; Sat 04-04 01:45 +1100 */
	{"45 1 * * * Australia/Lord_Howe", "2026-04-04T15:00:00Z", "2026-04-05T15:15:00Z",
	 "2026-04-04T14:45:00Z"}, /* Mon 04-06 01:45 +1030 ; Sun 04-05 01:45 +1100 */
	{"*/15 * * * * Australia/Lord_Howe", "2026-04-04T14:50:00Z", "2026-04-04T15:00:00Z",
	 "2026-04-04T14:45:00Z"}, /* Sun 04-05 01:30 +1030 ; Sun 04-05 01:45 +1100 */
	{"*/15 * * * * Australia/Lord_Howe", "2026-10-03T15:20:00Z", "2026-10-03T15:30:00Z",
	 "2026-10-03T15:15:00Z"}, /* Sun 10-04 02:30 +1100 ; Sun 10-04 01:45 +1030 */
	{"0 6 * * * Asia/Kolkata", "2026-01-01T00:29:59Z", "2026-01-01T00:30:00Z",
	 "2025-12-31T00:30:00Z"}, /* Thu 01-01 06:00 +0530 ; Wed 12-31 06:00 +0530 */
	{"0 6 * * * Asia/Kolkata", "2026-01-01T00:30:00Z", "2026-01-02T00:30:00Z",
	 "2026-01-01T00:30:00Z"}, /* Fri 01-02 06:00 +0530 ; Thu 01-01 06:00 +0530 */
	{"0 0 * * * America/St_Johns", "2026-03-08T05:00:00Z", "2026-03-09T02:30:00Z",
	 "2026-03-08T03:30:00Z"}, /* Mon 03-09 00:00 -0230 ; Sun 03-08 00:00 -0330 */
	{"30 2 * * * America/St_Johns", "2026-03-08T05:15:00Z", "2026-03-08T05:30:00Z",
	 "2026-03-07T06:00:00Z"}, /* Sun 03-08 03:00 -0230 ; Sat 03-07 02:30 -0330 */
	{"30 1 * * * America/St_Johns", "2026-11-01T04:30:00Z", "2026-11-02T05:00:00Z",
	 "2026-11-01T04:00:00Z"}, /* Mon 11-02 01:30 -0330 ; Sun 11-01 01:30 -0230 */
	{"0 6 * * * Pacific/Apia", "2011-12-30T00:00:00Z", "2011-12-30T10:00:00Z",
	 "2011-12-29T16:00:00Z"}, /* Sat 12-31 00:00 +1400 ; Thu 12-29 06:00 -1000 */
	{"0 6 * * * Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T16:00:00Z",
	 "2011-12-30T10:00:00Z"}, /* Sat 12-31 06:00 +1400 ; Sat 12-31 00:00 +1400 */
	{"0 * * * * Pacific/Apia", "2011-12-30T09:30:00Z", "2011-12-30T10:00:00Z",
	 "2011-12-30T09:00:00Z"}, /* Sat 12-31 00:00 +1400 ; Thu 12-29 23:00 -1000 */
	{"0 0 * * * Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z",
	 "2011-12-29T10:00:00Z"}, /* Sat 12-31 00:00 +1400 ; Thu 12-29 00:00 -1000 */
	{"0 6 * * * UTC", "2026-03-08T10:00:00Z", "2026-03-09T06:00:00Z",
	 "2026-03-08T06:00:00Z"}, /* Mon 03-09 06:00 +0000 ; Sun 03-08 06:00 +0000 */
	{"0 0 29 2 * UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z",
	 "2024-02-29T00:00:00Z"}, /* Tue 02-29 00:00 +0000 ; Thu 02-29 00:00 +0000 */
	{"0 0 29 2 * UTC", "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z",
	 "2096-02-29T00:00:00Z"}, /* Fri 02-29 00:00 +0000 ; Wed 02-29 00:00 +0000 */
	{"0 0 31 * * UTC", "2026-02-01T00:00:00Z", "2026-03-31T00:00:00Z",
	 "2026-01-31T00:00:00Z"}, /* Tue 03-31 00:00 +0000 ; Sat 01-31 00:00 +0000 */
	{"0 0 13 * 5 UTC", "2026-11-08T00:00:00Z", "2026-11-13T00:00:00Z",
	 "2026-11-06T00:00:00Z"}, /* Fri 11-13 00:00 +0000 ; Fri 11-06 00:00 +0000 */
	{"0 0 13 * fri UTC", "2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z",
	 "2026-11-13T00:00:00Z"}, /* Fri 11-20 00:00 +0000 ; Fri 11-13 00:00 +0000 */
	{"0 0 */2 * 1 UTC", "2026-11-10T00:00:00Z", "2026-11-23T00:00:00Z",
	 "2026-11-09T00:00:00Z"}, /* Mon 11-23 00:00 +0000 ; Mon 11-09 00:00 +0000 */
	{"0 0 13 * * UTC", "2026-11-08T00:00:00Z", "2026-11-13T00:00:00Z",
	 "2026-10-13T00:00:00Z"}, /* Fri 11-13 00:00 +0000 ; Tue 10-13 00:00 +0000 */
	{"0 0 * * 7 UTC", "2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z",
	 "2026-11-15T00:00:00Z"}, /* Sun 11-22 00:00 +0000 ; Sun 11-15 00:00 +0000 */
	{"0 0 * * fri-sun UTC", "2026-11-22T12:00:00Z", "2026-11-27T00:00:00Z",
	 "2026-11-22T00:00:00Z"}, /* Fri 11-27 00:00 +0000 ; Sun 11-22 00:00 +0000 */
	{"0 0 1 jan,Mar-MAY * UTC", "2026-03-02T00:00:00Z", "2026-04-01T00:00:00Z",
	 "2026-03-01T00:00:00Z"}, /* Wed 04-01 00:00 +0000 ; Sun 03-01 00:00 +0000 */
	{"10-50/20,5 8-18/5 * * * UTC", "2026-11-20T08:10:00Z", "2026-11-20T08:30:00Z",
	 "2026-11-20T08:10:00Z"}, /* Fri 11-20 08:30 +0000 ; Fri 11-20 08:10 +0000 */
	{"59 23 31 12 * UTC", "2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z",
	 "2026-12-31T23:59:00Z"}, /* Fri 12-31 23:59 +0000 ; Thu 12-31 23:59 +0000 */
	{"@daily", "2026-11-20T12:00:00Z", "2026-11-21T00:00:00Z",
	 "2026-11-20T00:00:00Z"}, /* Sat 11-21 00:00 +0000 ; Fri 11-20 00:00 +0000 */
	{"@hourly Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z",
	 "2026-10-25T00:00:00Z"}, /* Sun 10-25 02:00 +0100 ; Sun 10-25 02:00 +0200 */
	{"@weekly America/New_York", "2026-11-20T00:00:00Z", "2026-11-22T05:00:00Z",
	 "2026-11-15T05:00:00Z"}, /* Sun 11-22 00:00 -0500 ; Sun 11-15 00:00 -0500 */
	{"@monthly Asia/Kolkata", "2026-11-20T00:00:00Z", "2026-11-30T18:30:00Z",
	 "2026-10-31T18:30:00Z"}, /* Tue 12-01 00:00 +0530 ; Sun 11-01 00:00 +0530 */
	{"@yearly Pacific/Apia", "2026-11-20T00:00:00Z", "2026-12-31T11:00:00Z",
	 "2025-12-31T11:00:00Z"}, /* Fri 01-01 00:00 +1300 ; Thu 01-01 00:00 +1300 */
	{"@annually", "2026-11-20T00:00:00Z", "2027-01-01T00:00:00Z",
	 "2026-01-01T00:00:00Z"}, /* Fri 01-01 00:00 +0000 ; Thu 01-01 00:00 +0000 */
	{"@midnight UTC", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z",
	 "2026-11-20T00:00:00Z"}, /* Sat 11-21 00:00 +0000 ; Fri 11-20 00:00 +0000 */
	{"0 0 15 * 5 UTC", "2026-11-08T00:00:00Z", "2026-11-13T00:00:00Z",
	 "2026-11-06T00:00:00Z"}, /* Fri 11-13 00:00 +0000 ; Fri 11-06 00:00 +0000 */
	{"0 0 15 * 5 UTC", "2026-11-13T00:00:00Z", "2026-11-15T00:00:00Z",
	 "2026-11-13T00:00:00Z"}, /* Sun 11-15 00:00 +0000 ; Fri 11-13 00:00 +0000 */
	{"0 0 15 * 5 UTC", "2026-11-15T00:00:00Z", "2026-11-20T00:00:00Z",
	 "2026-11-15T00:00:00Z"}, /* Fri 11-20 00:00 +0000 ; Sun 11-15 00:00 +0000 */
};

static int64_t ms_of(const char *text)
{
	int64_t ms = 0;

	ck_assert_msg(timefmt_parse(text, &ms, NULL), "%s", text);
	return ms;
}

static struct cron *must_parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct cron *cron = cron_parse(text, "UTC", &error);

	ck_assert_msg(cron != NULL, "%s: %s", text, error ? error->message : "");
	return cron;
}

START_TEST(test_instant)
{
	g_autoptr(struct_cron) cron = must_parse(instants[_i].text);
	int64_t now_ms = ms_of(instants[_i].now);
	char next[TIMEFMT_BYTES];
	char previous[TIMEFMT_BYTES];

	ck_assert_str_eq(timefmt_utc(cron_next(cron, now_ms), next), instants[_i].next);
	ck_assert_str_eq(timefmt_utc(cron_previous(cron, now_ms), previous), instants[_i].previous);
	/* parts of a second: the next one is after now, the last one at or before it */
	ck_assert_int_eq(cron_next(cron, ms_of(instants[_i].next) - 1), ms_of(instants[_i].next));
	ck_assert_int_gt(cron_next(cron, ms_of(instants[_i].next)), ms_of(instants[_i].next));
	ck_assert_int_eq(cron_previous(cron, ms_of(instants[_i].previous)),
			 ms_of(instants[_i].previous));
	ck_assert_int_lt(cron_previous(cron, ms_of(instants[_i].previous) - 1),
			 ms_of(instants[_i].previous));
}
END_TEST

/* A UTC cron meant 6 AM only in winter; a zone means it all year. */
START_TEST(L23_schedules_have_a_zone)
{
	g_autoptr(struct_cron) utc = must_parse("0 11 * * * UTC");
	g_autoptr(struct_cron) zoned = must_parse("0 6 * * * America/New_York");
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("America/New_York");
	int64_t start_ms = ms_of("2026-01-01T00:00:00Z");
	int64_t utc_ms = start_ms;
	int64_t zoned_ms = start_ms;
	int differ = 0;

	for (int day = 0; day < 365; day++) {
		g_autoptr(GDateTime) instant = NULL;
		g_autoptr(GDateTime) local = NULL;

		utc_ms = cron_next(utc, utc_ms);
		zoned_ms = cron_next(zoned, zoned_ms);
		instant = g_date_time_new_from_unix_utc(zoned_ms / MS_PER_S);
		local = g_date_time_to_timezone(instant, zone);
		ck_assert_int_eq(g_date_time_get_hour(local), 6);
		ck_assert_int_eq(g_date_time_get_minute(local), 0);
		differ += utc_ms != zoned_ms;
	}
	ck_assert_int_eq(differ, 238); /* 8 March to 31 October 2026 */
}
END_TEST

static const char *const zones[] = {"America/New_York",  "Europe/Berlin",    "Australia/Lord_Howe",
				    "Asia/Kolkata",      "America/St_Johns", "Pacific/Apia",
				    "America/Havana",    "Asia/Beirut",      "Africa/Casablanca",
				    "America/Sao_Paulo", "Pacific/Chatham",  "UTC"};

/* Every minute of two years, with '*': what fits on the wall counts, nothing else does. */
START_TEST(test_real_minutes_against_the_wall)
{
	g_autofree char *text = g_strdup_printf("*/20 0-2,23 * * * %s", zones[_i]);
	g_autoptr(struct_cron) cron = must_parse(text);
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(zones[_i]);
	int64_t start_s = ms_of("2010-06-01T00:00:00Z") / MS_PER_S;
	int64_t end_s = ms_of("2012-06-01T00:00:00Z") / MS_PER_S;
	int64_t last_ms = cron_previous(cron, start_s * MS_PER_S - 1);

	for (int64_t s = start_s; s < end_s; s += 600) { /* all offsets are multiples of 10 min */
		int interval = g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, s);
		int64_t local = s + g_time_zone_get_offset(zone, interval);
		int64_t hour = local / 3600 % 24;
		bool fits = local / 60 % 20 == 0 && (hour <= 2 || hour == 23);

		if (!fits)
			continue;
		ck_assert_int_eq(cron_next(cron, last_ms), s * MS_PER_S);
		ck_assert_int_eq(cron_previous(cron, s * MS_PER_S - 1), last_ms);
		last_ms = s * MS_PER_S;
	}
}
END_TEST

/* Fixed times: as many instants as there are days, each once, in order, whatever the clock does. */
START_TEST(test_fixed_times_come_once_a_day)
{
	static const char *const hours[] = {"0", "1", "2", "3", "23"};

	for (size_t i = 0; i < G_N_ELEMENTS(hours); i++) {
		g_autofree char *text = g_strdup_printf("30 %s * * * %s", hours[i], zones[_i]);
		g_autoptr(struct_cron) cron = must_parse(text);
		int64_t start_ms = ms_of("2010-06-15T12:00:00Z");
		int64_t ms = start_ms;
		int days = 0;

		while (ms < ms_of("2011-11-15T12:00:00Z")) {
			int64_t next_ms = cron_next(cron, ms);

			ck_assert_int_gt(next_ms - ms, days ? 22 * MS_PER_HOUR : 0);
			ck_assert_int_lt(next_ms - ms, 26 * MS_PER_HOUR);
			ck_assert_int_eq(cron_previous(cron, next_ms), next_ms);
			ck_assert_int_eq(cron_previous(cron, next_ms - 1),
					 days ? ms : cron_previous(cron, ms));
			ms = next_ms;
			days++;
		}
		ck_assert(days == 519 || days == 520); /* the last may be just behind the end */
	}
}
END_TEST

/* Texts that cannot be meant, and what is said. */
static const struct {
	const char *text;
	const char *want;
} refused[] = {
	{"", "five fields are needed"},
	{"0 6 * *", "five fields are needed"},
	{"0 6 * * 1 Europe/Berlin x", "there is too much"},
	{"0 6 * * 1 Europe/Berln", "unknown time zone \"Europe/Berln\""},
	{"0 6 * * 1 ../../../etc/passwd", "unknown time zone"},
	{"0 6 * * 1 2026", "unknown time zone"},
	{"@daily Europe/Berln", "unknown time zone \"Europe/Berln\""},
	{"@reboot", "known words are @hourly"},
	{"@dailyx", "known words are @hourly"},
	{"60 * * * *", "minute: 60 is not from 0 to 59"},
	{"-1 * * * *", "minute: \"\" is no number"},
	{"0 24 * * *", "hour: 24 is not from 0 to 23"},
	{"0 0 0 * *", "day of month: 0 is not from 1 to 31"},
	{"0 0 32 * *", "day of month: 32 is not from 1 to 31"},
	{"0 0 1 0 *", "month: 0 is not from 1 to 12"},
	{"0 0 1 13 *", "month: 13 is not from 1 to 12"},
	{"0 0 * * 8", "day of week: 8 is not from 0 to 7"},
	{"0 0 * * monday", "day of week: \"monday\" is no number and no name"},
	{"0 0 1 may,foo *", "month: \"foo\" is no number and no name"},
	{"5-1 * * * *", "minute: 5-1 runs backwards"},
	{"0 0 1 mar-jan *", "month: mar-jan runs backwards"},
	{"*/0 * * * *", "minute: the step in \"*/0\" is not from 1 to 59"},
	{"*/60 * * * *", "minute: the step in \"*/60\" is not from 1 to 59"},
	{"* */24 * * *", "hour: the step in \"*/24\" is not from 1 to 23"},
	{"*/x * * * *", "minute: the step in \"*/x\""},
	{"*/ * * * *", "minute: the step in \"*/\""},
	{"5/15 * * * *", "minute: in \"5/15\" a step follows a range or *: 5-59/N"},
	{"1,,2 * * * *", "minute: \"\" is no number"},
	{"1, * * * *", "minute: \"\" is no number"},
	{"1- * * * *", "minute: \"\" is no number"},
	{"+5 * * * *", "minute: \"+5\" is no number"},
	{"0x5 * * * *", "minute: \"0x5\" is no number"},
	{"99999999999999999999 * * * *", "minute: 99999999999999999999 is not from 0 to 59"},
	{"0 0 30 2 *", "no day fits"},
	{"0 0 31 2,4,6,9,11 *", "no day fits"},
	{"* * 30 feb *", "no day fits"},
};

START_TEST(test_refused)
{
	g_autoptr(GError) error = NULL;
	struct cron *cron = cron_parse(refused[_i].text, "UTC", &error);

	ck_assert_msg(cron == NULL, "%s", refused[_i].text);
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
	ck_assert_msg(strstr(error->message, refused[_i].want) != NULL, "%s: %s", refused[_i].text,
		      error->message);
}
END_TEST

START_TEST(test_text_limit)
{
	static const int offsets[] = {-1, 0, 1};
	g_autoptr(GString) text = g_string_new("0 0 * * 1");
	struct cron *cron;

	while ((int)text->len < CRON_TEXT_MAX_BYTES + offsets[_i])
		g_string_append(
			text, (int)text->len + 2 <= CRON_TEXT_MAX_BYTES + offsets[_i] ? ",1" : " ");
	cron = cron_parse(text->str, "UTC", NULL);
	ck_assert_int_eq(cron != NULL, offsets[_i] <= 0);
	cron_free(cron);
}
END_TEST

START_TEST(test_text_and_zone)
{
	g_autoptr(struct_cron) plain = cron_parse("0 6\t* *  1", "Asia/Kolkata", NULL);
	g_autoptr(struct_cron) zoned = cron_parse("0 6 * * 1 Europe/Berlin", "Asia/Kolkata", NULL);
	g_autoptr(struct_cron) word = cron_parse("@daily Europe/Berlin", "Asia/Kolkata", NULL);

	ck_assert_str_eq(cron_text(plain), "0 6\t* *  1");
	ck_assert_str_eq(cron_zone(plain), "Asia/Kolkata");
	ck_assert_str_eq(cron_text(zoned), "0 6 * * 1 Europe/Berlin");
	ck_assert_str_eq(cron_zone(zoned), "Europe/Berlin");
	ck_assert_str_eq(cron_text(word), "@daily Europe/Berlin");
	ck_assert_str_eq(cron_zone(word), "Europe/Berlin");
	ck_assert_ptr_null(cron_parse("0 6 * * 1", "Nowhere/Land", NULL));
	cron_free(NULL);
}
END_TEST

/* Days in the zone, and stepping over them. */
START_TEST(test_days)
{
	static const struct {
		const char *text;
		const char *now;
		const char *next;
		const char *previous;
	} rows[] = {
		{"* * * * * America/New_York", "2026-11-20T12:00:00Z", "2026-11-21T05:00:00Z",
		 "2026-11-20T04:59:00Z"},
		/* a day of 23 hours, and one of 25 */
		{"* * * * * America/New_York", "2026-03-08T06:00:00Z", "2026-03-09T04:00:00Z",
		 "2026-03-08T04:59:00Z"},
		{"* * * * * America/New_York", "2026-03-09T03:00:00Z", "2026-03-09T04:00:00Z",
		 "2026-03-08T04:59:00Z"},
		{"* * * * * America/New_York", "2026-11-01T04:30:00Z", "2026-11-02T05:00:00Z",
		 "2026-11-01T03:59:00Z"},
		{"* * * * * America/New_York", "2026-11-02T04:30:00Z", "2026-11-02T05:00:00Z",
		 "2026-11-01T03:59:00Z"},
		/* the clock goes forward at midnight, and back at midnight */
		{"* * * * * Asia/Beirut", "2026-03-28T12:00:00Z", "2026-03-28T22:00:00Z",
		 "2026-03-27T21:59:00Z"},
		{"* * * * * Asia/Beirut", "2026-10-24T12:00:00Z", "2026-10-24T22:00:00Z",
		 "2026-10-23T20:59:00Z"},
		{"* * * * * Asia/Beirut", "2026-10-24T21:30:00Z", "2026-10-24T22:00:00Z",
		 "2026-10-23T20:59:00Z"},
		/* no 30 December */
		{"* * * * * Pacific/Apia", "2011-12-29T12:00:00Z", "2011-12-30T10:00:00Z",
		 "2011-12-29T09:59:00Z"},
		{"0 6 * * * Pacific/Apia", "2011-12-30T11:00:00Z", "2011-12-31T16:00:00Z",
		 "2011-12-29T16:00:00Z"},
		{"0 6 * * 1 UTC", "2026-11-20T12:00:00Z", "2026-11-23T06:00:00Z",
		 "2026-11-16T06:00:00Z"},
	};
	g_autoptr(struct_cron) zone = must_parse("@daily Pacific/Apia");
	char text[TIMEFMT_BYTES];

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(struct_cron) cron = must_parse(rows[i].text);
		int64_t now_ms = ms_of(rows[i].now);

		ck_assert_str_eq(timefmt_utc(cron_next_day(cron, now_ms), text), rows[i].next);
		ck_assert_str_eq(timefmt_utc(cron_previous_day(cron, now_ms), text),
				 rows[i].previous);
	}
	ck_assert_int_eq(cron_day(zone, ms_of("2011-12-30T09:59:59Z")), 15337); /* the 29th */
	ck_assert_int_eq(cron_day(zone, ms_of("2011-12-30T10:00:00Z")), 15339); /* the 31st */
	ck_assert_int_eq(cron_day(zone, ms_of("1969-12-31T00:00:00Z")), -2);
}
END_TEST

/* Beyond the horizon there is nothing, and nothing goes wrong at the ends of time. */
START_TEST(test_horizon)
{
	g_autoptr(struct_cron) leap = must_parse("0 0 29 2 * UTC");
	/* a 29 February that is a Monday too: every 28 years */
	g_autoptr(struct_cron) rare = must_parse("0 0 */28 2 4 UTC");

	ck_assert_int_eq(cron_next(leap, ms_of("2096-02-29T00:00:00Z")),
			 ms_of("2104-02-29T00:00:00Z"));
	ck_assert_int_ne(cron_next(rare, ms_of("2026-01-01T00:00:00Z")), 0);
	(void)cron_next(leap, INT64_MAX);
	(void)cron_next(leap, INT64_MIN);
	(void)cron_previous(rare, INT64_MAX);
	(void)cron_previous(rare, INT64_MIN);
	(void)cron_next_day(leap, INT64_MAX);
	(void)cron_previous_day(leap, INT64_MIN);
}
END_TEST

/* Asked for every table in every cycle. */
START_TEST(test_is_cheap)
{
	static const char *const texts[] = {"0 6 * * 1-5 America/New_York",
					    "*/5 * * * * Europe/Berlin", "0 0 29 2 * Europe/Berlin",
					    "* * 29 2 * Australia/Lord_Howe"};
	g_autoptr(struct_cron) cron = must_parse(texts[_i]);
	int64_t now_ms = ms_of("2026-11-20T12:00:00Z");
	int64_t start_ms = clk_cpu_ms();

	for (int i = 0; i < 20000; i++) {
		ck_assert(cron_next(cron, now_ms + i * MS_PER_HOUR) > now_ms);
		ck_assert(cron_previous(cron, now_ms + i * MS_PER_HOUR) != 0);
	}
	ck_assert_int_lt(clk_cpu_ms() - start_ms, 1500); /* 37 us each; measured are 1 to 3 */
}
END_TEST

Suite *cron_suite(void)
{
	Suite *suite = suite_create("cron");
	TCase *instant = tcase_create("instants");
	TCase *text = tcase_create("texts");

	tcase_add_loop_test(instant, test_instant, 0, G_N_ELEMENTS(instants));
	tcase_add_test(instant, L23_schedules_have_a_zone);
	tcase_add_loop_test(instant, test_real_minutes_against_the_wall, 0, G_N_ELEMENTS(zones));
	tcase_add_loop_test(instant, test_fixed_times_come_once_a_day, 0, G_N_ELEMENTS(zones));
	tcase_add_test(instant, test_days);
	tcase_add_test(instant, test_horizon);
	tcase_add_loop_test(instant, test_is_cheap, 0, 4);
	suite_add_tcase(suite, instant);
	tcase_add_loop_test(text, test_refused, 0, G_N_ELEMENTS(refused));
	tcase_add_loop_test(text, test_text_limit, 0, 3);
	tcase_add_test(text, test_text_and_zone);
	suite_add_tcase(suite, text);
	return suite;
}
