#include <check.h>

#include "api/summary.h"
#include "api_fixture.h"

Suite *summary_suite(void);

#define NOW FIXTURE_NOW_WALL_MS

static GArray *incidents, *leads;

static void setup(void)
{
	incidents = g_array_new(FALSE, TRUE, sizeof(struct store_incident_times));
	leads = g_array_new(FALSE, TRUE, sizeof(struct store_lead));
}

static void teardown(void)
{
	g_array_unref(incidents);
	g_array_unref(leads);
}

/* Detected @p ago_ms ago, having begun @p before_ms before that; ended so long after that, 0: it
 * lasts. */
static struct store_incident_times *add(int64_t ago_ms, int64_t before_ms, int64_t ended_ms)
{
	struct store_incident_times times = {
		.detected_wall_ms = NOW - ago_ms,
		.opened_wall_ms = NOW - ago_ms - before_ms,
		.ended_wall_ms = ended_ms > 0 ? NOW - ago_ms + ended_ms : 0,
	};

	g_array_append_val(incidents, times);
	return &g_array_index(incidents, struct store_incident_times, incidents->len - 1);
}

START_TEST(test_nothing)
{
	struct summary summary = summary_make(incidents, leads, 7, NOW);

	ck_assert_int_eq(summary.incidents, 0);
	ck_assert_int_eq(summary.detect.count, 0);
	ck_assert_int_eq(summary.lead.count, 0);
}
END_TEST

/* Means and medians of even and odd numbers. */
START_TEST(test_times)
{
	static const int64_t minutes[] = {10, 20, 60, 1000};
	struct summary summary = {0};

	for (size_t i = 0; i < G_N_ELEMENTS(minutes); i++)
		add(MS_PER_DAY, minutes[i] * MS_PER_MINUTE, MS_PER_HOUR)->first_ack_wall_ms =
			NOW - MS_PER_DAY + MS_PER_MINUTE;
	summary = summary_make(incidents, leads, 7, NOW);
	ck_assert_int_eq(summary.detect.count, 4);
	ck_assert_int_eq(summary.detect.mean_ms, 1090 * MS_PER_MINUTE / 4);
	ck_assert_int_eq(summary.detect.median_ms, 40 * MS_PER_MINUTE);
	ck_assert_int_eq(summary.acknowledge.mean_ms, MS_PER_MINUTE);
	ck_assert_int_eq(summary.resolve.median_ms, MS_PER_HOUR);
	g_array_set_size(incidents, 3);
	summary = summary_make(incidents, leads, 7, NOW);
	ck_assert_int_eq(summary.detect.median_ms, 20 * MS_PER_MINUTE);
}
END_TEST

START_TEST(test_kinds)
{
	struct summary summary = {0};

	add(MS_PER_HOUR, 0, 0); /* lasts */
	add(MS_PER_HOUR, 0, MS_PER_MINUTE);
	add(MS_PER_HOUR, 0, MS_PER_MINUTE)->withdrawn = true;
	add(MS_PER_HOUR, 0, MS_PER_MINUTE)->false_alarm = true;
	add(MS_PER_HOUR, 0, MS_PER_MINUTE)->blind = true;
	summary = summary_make(incidents, leads, 7, NOW);
	ck_assert_int_eq(summary.incidents, 5);
	ck_assert_int_eq(summary.open, 1);
	ck_assert_int_eq(summary.resolved, 3);
	ck_assert_int_eq(summary.withdrawn, 1);
	ck_assert_int_eq(summary.false_alarms, 1);
	ck_assert_int_eq(summary.blind, 1);
	ck_assert_int_eq(summary.acknowledged, 0);
	ck_assert_int_eq(summary.detect.count, 4);  /* without the false alarm */
	ck_assert_int_eq(summary.resolve.count, 2); /* and without the withdrawn one */
	ck_assert_int_eq(summary.ages[0], 1);       /* nor is blindness drift */
	ck_assert_int_eq(summary.ages[1], 1);       /* an hour so far */
}
END_TEST

static const struct {
	int64_t age_ms;
	size_t bucket;
} age_cases[] = {
	{0, 0},
	{MS_PER_HOUR - 1, 0},
	{MS_PER_HOUR, 1},
	{4 * MS_PER_HOUR - 1, 1},
	{4 * MS_PER_HOUR, 2},
	{MS_PER_DAY - 1, 2},
	{MS_PER_DAY, 3},
	{7 * MS_PER_DAY - 1, 3},
	{7 * MS_PER_DAY, 4},
	{365 * MS_PER_DAY, 4},
};

/* Resolved ones by how long they lasted, open ones by how long they last. */
START_TEST(test_ages)
{
	struct summary summary = {0};

	add(0, age_cases[_i].age_ms, 0);
	add(MS_PER_MINUTE, age_cases[_i].age_ms - MS_PER_MINUTE, MS_PER_MINUTE);
	summary = summary_make(incidents, leads, 7, NOW);
	for (size_t i = 0; i < SUMMARY_BUCKETS; i++)
		ck_assert_int_eq(summary.ages[i], i == age_cases[_i].bucket ? 2 : 0);
}
END_TEST

static const struct {
	int64_t ago_ms;
	int days;
	int64_t count;
} period_cases[] = {
	{0, 7, 1},
	{7 * MS_PER_DAY - 1, 7, 1},
	{7 * MS_PER_DAY, 7, 0},
	{7 * MS_PER_DAY, 30, 1},
	{30 * MS_PER_DAY, 30, 0},
	{90 * MS_PER_DAY - 1, 90, 1},
	{-1, 90, 0}, /* the clock was set back */
};

START_TEST(test_periods)
{
	struct summary summary = {0};
	struct store_lead lead = {.at_wall_ms = NOW - period_cases[_i].ago_ms};

	add(period_cases[_i].ago_ms, 0, 0);
	g_array_append_val(leads, lead);
	summary = summary_make(incidents, leads, period_cases[_i].days, NOW);
	ck_assert_int_eq(summary.incidents, period_cases[_i].count);
	ck_assert_int_eq(summary.deployments, period_cases[_i].count);
}
END_TEST

START_TEST(test_lead_time)
{
	const struct store_lead rows[] = {
		{NOW - MS_PER_HOUR, NOW - 3 * MS_PER_HOUR},
		{NOW - MS_PER_HOUR, NOW - 5 * MS_PER_HOUR},
		{NOW - MS_PER_HOUR, 0},                 /* of an unknown commit */
		{NOW - MS_PER_HOUR, NOW + MS_PER_HOUR}, /* committed ahead of us: at once */
	};
	struct summary summary = {0};

	g_array_append_vals(leads, rows, G_N_ELEMENTS(rows));
	summary = summary_make(incidents, leads, 7, NOW);
	ck_assert_int_eq(summary.deployments, 4);
	ck_assert_int_eq(summary.lead.count, 3);
	ck_assert_int_eq(summary.lead.mean_ms, 2 * MS_PER_HOUR);
	ck_assert_int_eq(summary.lead.median_ms, 2 * MS_PER_HOUR);
}
END_TEST

Suite *summary_suite(void)
{
	Suite *suite = suite_create("summary");
	TCase *tcase = tcase_create("summary");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_nothing);
	tcase_add_test(tcase, test_times);
	tcase_add_test(tcase, test_kinds);
	tcase_add_loop_test(tcase, test_ages, 0, G_N_ELEMENTS(age_cases));
	tcase_add_loop_test(tcase, test_periods, 0, G_N_ELEMENTS(period_cases));
	tcase_add_test(tcase, test_lead_time);
	suite_add_tcase(suite, tcase);
	return suite;
}
