#include <check.h>
#include <string.h>

#include "alerts_world.h"
#include "api/figures.h"
#include "api/summary_view.h"
#include "drift_error.h"

Suite *figures_suite(void);

#define NOW FIXTURE_NOW_WALL_MS
#define PERIOD (30 * MS_PER_DAY)

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

static void add(int64_t ago_ms)
{
	struct store_incident_times times = {.opened_wall_ms = NOW - ago_ms,
					     .detected_wall_ms = NOW - ago_ms};
	struct store_lead lead = {.at_wall_ms = NOW - ago_ms};

	g_array_append_val(incidents, times);
	g_array_append_val(leads, lead);
}

/* What begins a slice is of the one before; what ends it is its own. */
static const struct {
	int64_t ago_ms;
	int64_t count;
} slice_cases[] = {
	{20 * MS_PER_DAY + 1, 0},
	{20 * MS_PER_DAY, 0},
	{20 * MS_PER_DAY - 1, 1},
	{10 * MS_PER_DAY + 1, 1},
	{10 * MS_PER_DAY, 1},
	{10 * MS_PER_DAY - 1, 0},
	{0, 0},
};

START_TEST(test_slice)
{
	struct summary summary = {0};

	add(slice_cases[_i].ago_ms);
	summary =
		summary_slice(incidents, leads, NOW - 20 * MS_PER_DAY, NOW - 10 * MS_PER_DAY, NOW);
	ck_assert_int_eq(summary.incidents, slice_cases[_i].count);
	ck_assert_int_eq(summary.deployments, slice_cases[_i].count);
}
END_TEST

/* What is not over lasts until now, not until the slice ends. */
START_TEST(test_slice_lasts)
{
	struct summary summary = {0};

	add(10 * MS_PER_DAY);
	summary =
		summary_slice(incidents, leads, NOW - 11 * MS_PER_DAY, NOW - 10 * MS_PER_DAY, NOW);
	ck_assert_int_eq(summary.ages[SUMMARY_BUCKETS - 1], 1);
	ck_assert_int_eq(summary.open, 1);
}
END_TEST

static const struct {
	int64_t period_ms;
	size_t parts;
} parts_cases[] = {
	{MS_PER_DAY, 12},       {36 * MS_PER_HOUR, 12}, {6 * MS_PER_DAY, 12},
	{7 * MS_PER_DAY, 7},    {13 * MS_PER_DAY, 13},  {14 * MS_PER_DAY, 7},
	{30 * MS_PER_DAY, 10},  {31 * MS_PER_DAY, 12},  {60 * MS_PER_DAY, 12},
	{91 * MS_PER_DAY, 13},  {365 * MS_PER_DAY, 12}, {7 * MS_PER_DAY + MS_PER_S, 12},
	{182 * MS_PER_DAY, 13}, {90 * MS_PER_DAY, 10},
};

/* Equal parts, one behind the other, which are the period and nothing else. */
START_TEST(test_parts)
{
	int64_t period_ms = parts_cases[_i].period_ms;
	struct figures figures = figures_make(incidents, leads, period_ms, 0, NOW);
	int64_t part_ms = period_ms / (int64_t)figures.parts;

	ck_assert_uint_eq(figures.parts, parts_cases[_i].parts);
	ck_assert_int_eq(figures.trend[0].from_wall_ms, NOW - period_ms);
	ck_assert_int_eq(figures.trend[figures.parts - 1].to_wall_ms, NOW);
	for (size_t i = 0; i < figures.parts; i++) {
		const struct figures_span *span = &figures.trend[i];

		if (i > 0)
			ck_assert_int_eq(span->from_wall_ms, figures.trend[i - 1].to_wall_ms);
		ck_assert_int_ge(span->to_wall_ms - span->from_wall_ms, part_ms);
		ck_assert_int_le(span->to_wall_ms - span->from_wall_ms, part_ms + 1);
	}
}
END_TEST

/* Whatever happens when: it is in the period or in the one before, once, and in one part. */
START_TEST(test_nothing_twice)
{
	struct figures figures;
	int64_t in_parts = 0, incomplete = 0;

	for (int64_t ago_ms = -MS_PER_DAY; ago_ms <= 61 * MS_PER_DAY; ago_ms += MS_PER_DAY)
		add(ago_ms);
	figures = figures_make(incidents, leads, PERIOD, 0, NOW);
	for (size_t i = 0; i < figures.parts; i++) {
		in_parts += figures.trend[i].summary.incidents;
		incomplete += figures.trend[i].summary.deployments != 3;
	}
	ck_assert_int_eq(figures.current.summary.incidents, 30);
	ck_assert_int_eq(figures.previous.summary.incidents, 30);
	ck_assert_int_eq(in_parts, 30);
	ck_assert_int_eq(incomplete, 0);
	ck_assert_int_eq(figures.previous.to_wall_ms, figures.current.from_wall_ms);
	ck_assert_int_eq(figures.previous.from_wall_ms, NOW - 2 * PERIOD);
}
END_TEST

static const struct {
	int64_t known_ago_ms;
	bool complete, previous_complete;
} known_cases[] = {
	{PERIOD - 1, false, false},    {PERIOD, true, false},    {PERIOD + 1, true, false},
	{2 * PERIOD - 1, true, false}, {2 * PERIOD, true, true},
};

START_TEST(test_known_since)
{
	struct figures figures =
		figures_make(incidents, leads, PERIOD, NOW - known_cases[_i].known_ago_ms, NOW);

	ck_assert_int_eq(figures.complete, known_cases[_i].complete);
	ck_assert_int_eq(figures.previous_complete, known_cases[_i].previous_complete);
}
END_TEST

static const struct {
	const char *text;
	int64_t period_ms; /* -1: refused */
} period_cases[] = {
	{NULL, PERIOD},
	{"1d", MS_PER_DAY},
	{"24h", MS_PER_DAY},
	{"365d", 365 * MS_PER_DAY},
	{"8760h", 365 * MS_PER_DAY},
	{"36h", 36 * MS_PER_HOUR},
	{"86399s", -1},
	{"23h", -1},
	{"366d", -1},
	{"0d", -1},
	{"", -1},
	{"30", -1},
	{"d", -1},
	{"-1d", -1},
	{"+1d", -1},
	{"1.5d", -1},
	{" 1d", -1},
	{"7x", -1},
	{"99999999999999999999d", -1},
};

START_TEST(test_period)
{
	g_autoptr(GError) error = NULL;
	int64_t period_ms = -1;
	bool ok = figures_parse_period(period_cases[_i].text, &period_ms, &error);

	ck_assert_int_eq(ok, period_cases[_i].period_ms >= 0);
	ck_assert_int_eq(period_ms, period_cases[_i].period_ms);
	if (!ok) {
		ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
		ck_assert_ptr_nonnull(strstr(error->message, "parameter period"));
		ck_assert_ptr_nonnull(strstr(error->message, "1d to 365d"));
	}
}
END_TEST

static const struct {
	int64_t count, span_ms;
	const char *text; /* NULL: null */
} per_day_cases[] = {
	{0, MS_PER_DAY, NULL},         {1, MS_PER_DAY, "1.00"},
	{1, 30 * MS_PER_DAY, "0.03"},  {10, 3 * MS_PER_DAY, "3.33"},
	{5, 2 * MS_PER_HOUR, "60.00"}, {1, 365 * MS_PER_DAY, "0.00"},
	{2, 3 * MS_PER_DAY, "0.67"},   {STORE_STATISTICS_MAX, MS_PER_DAY, "100000.00"},
};

START_TEST(test_per_day)
{
	json_object *value =
		summary_view_per_day(per_day_cases[_i].count, per_day_cases[_i].span_ms);

	if (per_day_cases[_i].text)
		ck_assert_str_eq(json_object_to_json_string(value), per_day_cases[_i].text);
	else
		ck_assert_ptr_null(value);
	json_object_put(value);
}
END_TEST

/* --- of a database --- */

static struct alerts_world world;

static void world_setup(void)
{
	alerts_world_start(&world, NULL);
}

static void old_setup(void)
{
	world_setup();
	alerts_world_add_check(&world, FIXTURE_NOW_WALL_MS - 365 * MS_PER_DAY);
}

static void world_teardown(void)
{
	alerts_world_stop(&world);
}

START_TEST(test_summary)
{
	struct response response = alerts_world_get(&world, "/summary");
	json_object *summary = fixture_json(&response);
	json_object *current = json_member_object(summary, "current");
	json_object *previous = json_member_object(summary, "previous");
	json_object *trend = json_member_array(summary, "trend");
	json_object *last = json_object_array_get_idx(trend, 9);

	ck_assert_int_eq(response.status, 200);
	ck_assert_str_eq(json_member_text(summary, "generated_at", ""), "2026-11-20T11:00:03Z");
	ck_assert_int_eq(json_member_int(summary, "period_s", 0), 30 * 86400);
	ck_assert_str_eq(json_member_text(summary, "from", ""), "2026-10-21T11:00:03Z");
	ck_assert_str_eq(json_member_text(summary, "to", ""), "2026-11-20T11:00:03Z");
	ck_assert(json_member_bool(summary, "complete", false));
	ck_assert(json_member_bool(summary, "previous_complete", false));
	ck_assert_int_eq(json_member_int(current, "incidents", -1), ALERTS_INCIDENTS);
	ck_assert_int_eq(json_member_int(current, "open", -1), 2);
	ck_assert_int_eq(json_member_int(previous, "incidents", -1), 0);
	ck_assert_str_eq(json_member_text(previous, "from", ""), "2026-09-21T11:00:03Z");
	ck_assert_int_eq(
		json_member_int(json_member_object(current, "time_to_resolve"), "mean_s", 0),
		50 * 60);
	ck_assert(json_object_object_get_ex(current, "deployments_per_day", NULL));
	ck_assert_uint_eq(json_object_array_length(trend), 10);
	ck_assert_int_eq(json_member_int(last, "incidents", -1), ALERTS_INCIDENTS);
	ck_assert_str_eq(json_member_text(last, "from", ""), "2026-11-17T11:00:03Z");
	json_object_put(summary);
	response_done(&response);
}
END_TEST

/* Of what retention has taken away nothing is made believe. */
static const struct {
	const char *target;
	bool complete, previous_complete;
} retention_cases[] = {
	{"/summary?period=45d", true, true},
	{"/summary?period=46d", true, false},
	{"/summary?period=90d", true, false},
	{"/summary?period=91d", false, false},
};

START_TEST(test_retention)
{
	struct response response = alerts_world_get(&world, retention_cases[_i].target);
	json_object *summary = fixture_json(&response);

	ck_assert_int_eq(json_member_bool(summary, "complete", false),
			 retention_cases[_i].complete);
	ck_assert_int_eq(json_member_bool(summary, "previous_complete", false),
			 retention_cases[_i].previous_complete);
	json_object_put(summary);
	response_done(&response);
}
END_TEST

/* Before its first check driftd saw nothing: that is not "nothing happened". */
static const struct {
	int first_days; /* ago; -1: there was none */
	const char *target;
	bool complete, previous_complete;
} first_cases[] = {
	{-1, "/summary?period=1d", false, false},  {10, "/summary?period=5d", true, true},
	{10, "/summary?period=6d", true, false},   {10, "/summary?period=10d", true, false},
	{10, "/summary?period=11d", false, false},
};

START_TEST(test_first_check)
{
	struct response response = {0};
	json_object *summary = NULL;

	if (first_cases[_i].first_days >= 0) {
		alerts_world_add_check(&world, FIXTURE_NOW_WALL_MS -
						       first_cases[_i].first_days * MS_PER_DAY);
		alerts_world_add_check(&world, FIXTURE_NOW_WALL_MS);
	}
	response = alerts_world_get(&world, first_cases[_i].target);
	summary = fixture_json(&response);
	ck_assert_int_eq(json_member_bool(summary, "complete", true), first_cases[_i].complete);
	ck_assert_int_eq(json_member_bool(summary, "previous_complete", true),
			 first_cases[_i].previous_complete);
	json_object_put(summary);
	response_done(&response);
}
END_TEST

START_TEST(test_bad_period)
{
	struct response response = alerts_world_get(&world, "/summary?period=7%3Cx");

	ck_assert_int_eq(response.status, 400);
	ck_assert_ptr_eq(response.content_type, response_problem);
	ck_assert_ptr_nonnull(strstr(response.bytes, "/problems/invalid-parameter"));
	ck_assert_ptr_nonnull(strstr(response.bytes, "parameter period"));
	response_done(&response);
}
END_TEST

START_TEST(test_text)
{
	struct response response = alerts_world_get(&world, "/summary?period=60d&format=text");

	ck_assert_int_eq(response.status, 200);
	ck_assert_ptr_nonnull(strstr(response.bytes, "THE LAST 60d  (2026-09-21T11:00:03Z to "));
	ck_assert_ptr_nonnull(
		strstr(response.bytes, "\n  incidents            5, 2 open, 2 resolved"));
	ck_assert_ptr_nonnull(strstr(response.bytes, "THE 60d BEFORE  ("));
	ck_assert_ptr_nonnull(strstr(response.bytes, "not all of this is known"));
	response_done(&response);
}
END_TEST

/* The same figures wherever they are told. */
START_TEST(L11_summary_agrees_with_that_of_incidents)
{
	struct response one = alerts_world_get(&world, "/summary?period=7d");
	struct response other = alerts_world_get(&world, "/incidents/summary");
	json_object *summary = fixture_json(&one);
	json_object *recent = fixture_json(&other);
	json_object *current = json_member_object(summary, "current");
	json_object *period = json_object_array_get_idx(json_member_array(recent, "periods"), 0);
	size_t shared = 0;

	json_object_object_foreach(period, name, value)
	{
		json_object *twin = NULL;

		if (strcmp(name, "days") == 0 || strcmp(name, "since") == 0 ||
		    strcmp(name, "complete") == 0)
			continue;
		ck_assert_msg(json_object_object_get_ex(current, name, &twin), "%s", name);
		ck_assert_msg(json_object_equal(value, twin), "%s", name);
		shared++;
	}
	ck_assert_uint_eq(shared, 12);
	ck_assert_int_eq(json_member_bool(period, "complete", false),
			 json_member_bool(summary, "complete", false));
	json_object_put(summary);
	json_object_put(recent);
	response_done(&one);
	response_done(&other);
}
END_TEST

Suite *figures_suite(void)
{
	Suite *suite = suite_create("figures");
	TCase *pure = tcase_create("pure");
	TCase *fresh = tcase_create("fresh");
	TCase *database = tcase_create("database");

	tcase_add_checked_fixture(pure, setup, teardown);
	tcase_add_loop_test(pure, test_slice, 0, G_N_ELEMENTS(slice_cases));
	tcase_add_test(pure, test_slice_lasts);
	tcase_add_loop_test(pure, test_parts, 0, G_N_ELEMENTS(parts_cases));
	tcase_add_test(pure, test_nothing_twice);
	tcase_add_loop_test(pure, test_known_since, 0, G_N_ELEMENTS(known_cases));
	tcase_add_loop_test(pure, test_period, 0, G_N_ELEMENTS(period_cases));
	tcase_add_loop_test(pure, test_per_day, 0, G_N_ELEMENTS(per_day_cases));
	tcase_add_checked_fixture(fresh, world_setup, world_teardown);
	tcase_add_loop_test(fresh, test_first_check, 0, G_N_ELEMENTS(first_cases));
	tcase_add_checked_fixture(database, old_setup, world_teardown);
	tcase_add_test(database, test_summary);
	tcase_add_loop_test(database, test_retention, 0, G_N_ELEMENTS(retention_cases));
	tcase_add_test(database, test_bad_period);
	tcase_add_test(database, test_text);
	tcase_add_test(database, L11_summary_agrees_with_that_of_incidents);
	suite_add_tcase(suite, pure);
	suite_add_tcase(suite, fresh);
	suite_add_tcase(suite, database);
	return suite;
}
