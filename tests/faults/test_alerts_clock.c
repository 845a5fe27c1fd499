/* test_alerts_clock - alerts whose time has come, by a clock that the test sets: acknowledgements
 * that expire, reminders, digests over a change of the clocks, messages that are given up; and the
 * rate of a channel. DESIGN 11; L23, L26. */
#include "tests/integration/alerts_lab.h"

#include <string.h>

Suite *alerts_clock_suite(void);

#define A_MINUTE 60

static struct lab *lab;

static void setup(void)
{
	lab = lab_create("reopen-within = 1s\n");
}

static void teardown(void)
{
	lab_free(lab);
}

static void begin(const char *team)
{
	config_add_slack(lab->config, lab->world, "team", team);
	lab_add_service(lab, "billing", "");
	alab_begin(lab);
}

/** driftd's clock, and a cycle by it. */
static void cycle_at(int64_t ahead_s)
{
	lab_set_clock(lab, ahead_s);
	world_cycle(lab->world);
}

START_TEST(an_acknowledgement_expires_and_is_told)
{
	g_autoptr(struct_answer) told = NULL;

	if (!alab_take_clock(lab))
		return;
	begin("remind-every = 300d");
	lab_drift(lab, "billing");
	slack_expect_count(lab->world, NULL, 0, 1);
	answer_free(lab_post(lab, "/incidents/1/ack", "{\"who\":\"ana\",\"why\":\"rolling out\"}"));
	lab_wait_incident(lab, "service/billing", "status", "acknowledged");
	cycle_at(23 * AN_HOUR);
	slack_expect_count(lab->world, NULL, 0, 1);
	lab_expect_incident(lab, "service/billing", "status", "acknowledged");
	cycle_at(24 * AN_HOUR + A_MINUTE);
	told = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(told, 1), "acknowledged by ana 1 d ago, still there");
	lab_expect_incident(lab, "service/billing", "status", "open");
	cycle_at(24 * AN_HOUR + 2 * A_MINUTE);
	slack_expect_count(lab->world, NULL, 0, 2);
}
END_TEST

START_TEST(L26_a_reminder_comes_when_it_is_due_and_not_before)
{
	g_autoptr(struct_answer) told = NULL;

	if (!alab_take_clock(lab))
		return;
	begin("remind-every = 4h");
	lab_drift(lab, "billing");
	slack_expect_count(lab->world, NULL, 0, 1);
	cycle_at(4 * AN_HOUR - 2 * A_MINUTE);
	slack_expect_count(lab->world, NULL, 0, 1);
	cycle_at(4 * AN_HOUR + A_MINUTE);
	told = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(told, 1), "Still, for 4 h");
	cycle_at(8 * AN_HOUR - 2 * A_MINUTE);
	slack_expect_count(lab->world, NULL, 0, 2);
	lab_set_clock(lab, 8 * AN_HOUR + 2 * A_MINUTE);
	lab_restart(lab); /* no cause for another */
	world_cycle(lab->world);
	slack_expect_count(lab->world, NULL, 0, 3);
}
END_TEST

/* --- digests --- */

/** Seven o'clock of the day that is @p days from today in @p zone. */
static GDateTime *seven_o_clock(GTimeZone *zone, int days)
{
	g_autoptr(GDateTime) now = g_date_time_new_now(zone);
	g_autoptr(GDateTime) day = g_date_time_add_days(now, days);

	return g_date_time_new(zone, g_date_time_get_year(day), g_date_time_get_month(day),
			       g_date_time_get_day_of_month(day), 7, 0, 0);
}

/** Days until the first day of which seven o'clock is @p hours behind that of the day before. */
static int find_change(GTimeZone *zone, int hours)
{
	for (int days = 3; days < 400; days++) {
		g_autoptr(GDateTime) before = seven_o_clock(zone, days - 1);
		g_autoptr(GDateTime) after = seven_o_clock(zone, days);

		if (g_date_time_difference(after, before) == hours * G_TIME_SPAN_HOUR)
			return days;
	}
	ck_abort_msg("the clocks do not change within a year");
}

static int64_t seconds_until_seven(GTimeZone *zone, int days)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) then = seven_o_clock(zone, days);

	return g_date_time_difference(then, now) / G_TIME_SPAN_SECOND;
}

/** Nothing comes before that time, one message behind it. */
static void expect_digest_at(int64_t ahead_s, int64_t count)
{
	g_autoptr(struct_answer) told = NULL;

	cycle_at(ahead_s - 2 * A_MINUTE);
	slack_expect_count(lab->world, NULL, 0, count - 1);
	cycle_at(ahead_s + A_MINUTE);
	told = slack_wait(lab->world, "team", 0, count);
	expect_says(slack_item(told, (size_t)count - 1), "Digest: ok, score 100"); /* a few */
	slack_expect_count(lab->world, NULL, 0, count);
}

/* 23 hours to summer time, 25 to winter time. */
static const int changes[] = {23, 25};

START_TEST(L23_a_digest_comes_by_the_clock_on_the_wall)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");
	int days = find_change(zone, changes[_i]);

	if (!alab_take_clock(lab))
		return;
	lab_set_clock(lab, seconds_until_seven(zone, days - 1) - AN_HOUR);
	begin("digest = 0 7 * * * Europe/Berlin\ndigest-when-ok = true");
	slack_expect_count(lab->world, NULL, 0, 0);
	expect_digest_at(seconds_until_seven(zone, days - 1), 1);
	expect_digest_at(seconds_until_seven(zone, days), 2);
	expect_digest_at(seconds_until_seven(zone, days + 1), 3);
}
END_TEST

/* --- given up --- */

/** driftd's monotonic clock jumps with the other one. */
static void jump_both_clocks(void)
{
	static const char *both[8];
	size_t count = 0;

	for (size_t i = 0; lab->world->environment[i]; i++) {
		if (!g_str_has_prefix(lab->world->environment[i], "DONT_FAKE_MONOTONIC"))
			both[count++] = lab->world->environment[i]; /* as long as the test */
	}
	lab->world->environment = both;
}

static bool has_given_up(void *data)
{
	g_autoptr(struct_answer) status = world_get(lab->world, "/status");

	(void)data;
	return json_int_at(status->json, "channels.0.failed") == 1;
}

static void expect_given_up(void)
{
	g_autoptr(struct_answer) metrics = NULL, list = NULL;

	ck_assert_msg(wait_until(has_given_up, NULL, SOON_MS), "/status does not say \"failed\"");
	metrics = world_get(lab->world, "/metrics");
	ck_assert_ptr_nonnull(strstr(
		metrics->body, "driftd_notifications_failed_total{channel=\"slack/team\"} 1\n"));
	list = world_get(lab->world, "/notifications?state=failed");
	ck_assert_uint_eq(json_object_array_length(json_at(list->json, "items")), 1);
	ck_assert_int_eq(json_int_at(list->json, "items.0.incidents.0"), 1);
	ck_assert_ptr_nonnull(strstr(list->body, "given up after 24 h"));
}

START_TEST(L10_what_cannot_be_sent_for_a_day_is_given_up_and_shown)
{
	if (!alab_take_clock(lab))
		return;
	jump_both_clocks();
	begin("remind-every = 300d");
	cloud_fault(lab->world, "{\"api\":\"slack\",\"kind\":\"status\",\"status\":500}");
	lab_drift(lab, "billing");
	lab_wait_channel(lab, "team", "failing");
	lab_set_clock(lab, 23 * AN_HOUR);
	answer_free(sink_attempts_wait(lab->world, "slack", 0, 4)); /* it is tried on and on */
	{
		g_autoptr(struct_answer) status = world_get(lab->world, "/status");

		ck_assert_int_eq(json_int_at(status->json, "channels.0.failed"), 0);
		ck_assert_int_eq(json_int_at(status->json, "channels.0.waiting"), 1);
	}
	lab_set_clock(lab, 24 * AN_HOUR + A_MINUTE);
	expect_given_up();
	lab_restart(lab);
	expect_given_up(); /* by the process before */
	cloud_heal(lab->world);
	world_cycle(lab->world);
	slack_expect_count(lab->world, NULL, 0, 0);
}
END_TEST

/* --- no clock is needed for this one --- */

START_TEST(a_channel_is_not_asked_more_often_than_its_rate)
{
	g_autoptr(struct_answer) attempts = NULL;
	json_object *items = NULL;
	int64_t last_ms = 0;

	begin("rate = 1/s");
	for (int i = 0; i < 2; i++) {
		lab_drift(lab, "billing");
		lab_mend(lab, "billing");
	}
	attempts = sink_attempts_wait(lab->world, "slack", 0, 4);
	items = json_at(attempts->json, "items");
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		int64_t at_ms = json_int_at(json_object_array_get_idx(items, i), "at_ms");

		/* they arrive a little sooner or later than they were sent */
		ck_assert_msg(at_ms - last_ms > 900, "after %d ms",
			      (int)(at_ms - last_ms)); /* seconds */
		last_ms = at_ms;
	}
}
END_TEST

Suite *alerts_clock_suite(void)
{
	Suite *suite = suite_create("faults-alerts-clock");
	TCase *tcase = tcase_create("time");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, an_acknowledgement_expires_and_is_told);
	tcase_add_test(tcase, L26_a_reminder_comes_when_it_is_due_and_not_before);
	tcase_add_loop_test(tcase, L23_a_digest_comes_by_the_clock_on_the_wall, 0,
			    G_N_ELEMENTS(changes));
	tcase_add_test(tcase, L10_what_cannot_be_sent_for_a_day_is_given_up_and_shown);
	tcase_add_test(tcase, a_channel_is_not_asked_more_often_than_its_rate);
	suite_add_tcase(suite, tcase);
	return suite;
}
