/* tables_time - tables and the clock: ages, schedules with zones, grace and holidays, seasons, the arrival of partitions, their
 * rows and volume. A part of test_tables.c. */
#include "tests/integration/tables_suite.h"

#include <string.h>

static struct world *world;
static GString *config;

static void setup(void)
{
	world = world_create();
	config = lab_config(world, "");
}

static void teardown(void)
{
	world_free(world);
	g_string_free(config, TRUE);
}

/* --- ages and rows --- */

static const struct {
	const char *loaded, *state, *code;
} ages[] = {
	{"now-1h", "ok", NULL},
	{"now-11h", "ok", NULL},
	{"now-13h", "pending", "stale"},
	{"now-23h", "pending", "stale"},
	{"now-25h", "drift", "stale"},
	{"now+3h", "unknown", "broken_check"}, /* a clock that is wrong proves nothing */
};

START_TEST(an_age_is_held_against_both_limits)
{
	static const char *const methods[] = {"metadata", "column"};
	g_autofree char *promise = g_strdup("warn-after = 12h\nerror-after = 24h\n");

	lab_put(world, "acme-prod.sales.t", ages[_i].loaded);
	for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
		g_autofree char *lines =
			g_strdup_printf("table = sales.t\n%s%s", i == 1 ? BY_COLUMN : "", promise);

		lab_add(config, methods[i], lines);
	}
	lab_begin(world, config);
	for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
		g_autofree char *id = g_strconcat("table/", methods[i], NULL);

		expect_any_state(world, id, ages[_i].state, ages[_i].code);
		ck_assert_int_eq(lab_fresh_number(world, id, "warn_after_s"), 12 * AN_HOUR);
		ck_assert_int_eq(lab_fresh_number(world, id, "error_after_s"), 24 * AN_HOUR);
	}
}
END_TEST

static bool is_pending(void *data)
{
	g_autoptr(struct_answer) target = world_any_target(world, data);

	return g_str_equal(json_text_at(target->json, "state"), "pending");
}

START_TEST(an_age_grows_between_two_looks)
{
	char id[] = "table/t";

	lab_put(world, "acme-prod.sales.t", "now-50s");
	lab_add(config, "t", "table = sales.t\nwarn-after = 60s\nerror-after = 1h\nevery = 1h\n");
	lab_begin(world, config);
	expect_any_state(world, id, "ok", NULL);
	cloud_clear_log(world);
	/* nobody asks for a check: the daemon knows when that changes */
	ck_assert_msg(wait_until(is_pending, id, SOON_MS), "it stays as it was seen");
	ck_assert_int_eq(cloud_calls(world, "bigquery.tables.get"), 0);
}
END_TEST

static const struct {
	const char *table, *lines, *state, *code;
} amounts[] = {
	{"\"numRows\":0", "", "drift", "empty"},
	{"\"numRows\":99", "min-rows = 100", "drift", "too_few_rows"},
	{"\"numRows\":100", "min-rows = 100", "ok", NULL},
	{"\"rows\":[]", BY_COLUMN, "drift", "empty"},
	{"\"rows\":[[\"now-1h\"]]", BY_COLUMN "min-rows = 2", "drift", "too_few_rows"},
	{"\"rows\":[[\"now-1h\"],[\"now-1h\"]]", BY_COLUMN "min-rows = 2", "ok", NULL},
	{"\"rows\":[[\"now-9d\"],[\"now-1h\"]]",
	 BY_COLUMN "min-rows = 2\nfilter = loaded_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL "
		   "1 DAY)",
	 "drift", "too_few_rows"},
	{"\"rows\":[[null]]", BY_COLUMN, "unknown", "broken_check"},
	{"\"numRows\":0,\"streamingBuffer\":{\"estimatedRows\":7,\"oldestEntryTime\":\"now-1h\"}",
	 "", "ok", NULL},
};

START_TEST(rows_are_a_question_of_their_own)
{
	g_autofree char *lines = g_strdup_printf("table = sales.t\n%s", amounts[_i].lines);

	cloud_table(world, "acme-prod.sales.t",
		    "{" LOADED_SCHEMA ",\"lastModifiedTime\":\"now-1h\",%s}", amounts[_i].table);
	lab_add(config, "t", lines);
	lab_begin(world, config);
	expect_any_state(world, "table/t", amounts[_i].state, amounts[_i].code);
}
END_TEST

/* --- seasons --- */

#define SEASON                                                                                     \
	"active-when = SELECT COUNT(*) > 0 FROM `acme-prod.sport.games` WHERE day = "              \
	"CURRENT_DATE() - 1"

static void put_games(const char *day)
{
	cloud_table(world, "acme-prod.sport.games",
		    "{\"schema\":[{\"name\":\"day\",\"type\":\"DATE\"}],\"rows\":[[\"%s\"]]}", day);
}

START_TEST(off_season_nothing_is_due)
{
	static const char *const methods[] = {"", BY_COLUMN, "method = partition\n"};
	g_autofree char *lines =
		g_strdup_printf("table = sport.stats\n%serror-after = 1d\n" SEASON, methods[_i]);

	put_games("today-90");
	cloud_table(world, "acme-prod.sport.stats",
		    "{" LOADED_SCHEMA ",\"rows\":[[\"today-90\"]],\"lastModifiedTime\":\"now-90d\","
		    "\"partitioning\":{\"type\":\"DAY\",\"field\":\"loaded_at\"}}");
	lab_add(config, "stats", lines);
	lab_begin(world, config);
	expect_any_state(world, "table/stats", "ok", "not_due");
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 1); /* only whether it is due */
	put_games("today-1");
	lab_force(world);
	expect_any_state(world, "table/stats", "drift", NULL);
	put_games("today-90");
	lab_force(world);
	expect_any_state(world, "table/stats", "ok", "not_due");
	lab_expect_good_manners(world);
}
END_TEST

static const struct {
	const char *sql, *code;
} seasons[] = {
	{"SELECT 1 FROM sport.nothing", NULL},
	{"SELECT 'yes'", "broken_check"},
	{"SELECT NULL = 1", "broken_check"},
	{"SELECT nothing FROM sport.games", "broken_check"},
};

START_TEST(a_season_that_cannot_be_told_is_unknown)
{
	g_autofree char *lines =
		g_strdup_printf("table = sport.stats\nactive-when = %s", seasons[_i].sql);

	put_games("today");
	lab_put(world, "acme-prod.sport.stats", "now-1h");
	lab_add(config, "stats", lines);
	lab_begin(world, config);
	expect_any_state(world, "table/stats", "unknown", seasons[_i].code);
}
END_TEST

/* --- schedules --- */

static void put_loaded(const char *loaded)
{
	cloud_table(world, "acme-prod.sales.daily", "{\"numRows\":10,\"lastModifiedTime\":\"%s\"}",
		    loaded);
}

/** One after the other: what is there at a time, and what is said of it. 11:00 UTC is 6 AM in New York in winter. */
static const struct {
	const char *now, *loaded, *state, *code;
} days[] = {
	{"2026-11-18T12:00:00Z", "2026-11-18T10:30:00Z", "ok", NULL},
	{"2026-11-19T10:59:00Z", "2026-11-18T10:30:00Z", "ok", NULL},
	{"2026-11-19T11:01:00Z", "2026-11-18T10:30:00Z", "pending", "late"},
	{"2026-11-19T11:44:00Z", "2026-11-18T10:30:00Z", "pending", "late"},
	{"2026-11-19T11:46:00Z", "2026-11-18T10:30:00Z", "drift", "late"},
	{"2026-11-19T11:56:00Z", "2026-11-19T11:55:00Z", "ok", NULL}, /* late, but there */
	{"2026-11-20T11:46:00Z", "2026-11-19T11:55:00Z", "drift", "late"},
	{"2026-11-20T12:30:00Z", "2026-11-20T12:00:00Z", "ok", NULL},
	{"2026-11-21T18:00:00Z", "2026-11-20T12:00:00Z", "ok", NULL}, /* Saturday */
	{"2026-11-22T18:00:00Z", "2026-11-20T12:00:00Z", "ok", NULL}, /* Sunday */
	{"2026-11-23T11:30:00Z", "2026-11-20T12:00:00Z", "pending", "late"},
	{"2026-11-23T11:46:00Z", "2026-11-20T12:00:00Z", "drift", "late"},
	{"2026-11-25T11:30:00Z", "2026-11-25T10:50:00Z", "ok", NULL},
	{"2026-11-26T18:00:00Z", "2026-11-25T10:50:00Z", "ok", NULL}, /* Thanksgiving */
	{"2026-11-27T11:46:00Z", "2026-11-25T10:50:00Z", "drift", "late"},
};

START_TEST(what_is_expected_is_late_after_its_grace)
{
	g_autofree char *holidays = world_path(world, "holidays.txt");

	if (!lab_take_clock(world, config))
		return;
	ck_assert(g_file_set_contents(holidays, "# off\n2026-11-26\n", -1, NULL));
	lab_add(config, "daily",
		"table = sales.daily\nexpected = 0 6 * * 1-5 America/New_York\ngrace = 45m\n"
		"holidays = file:holidays.txt\nerror-after = 2d");
	for (size_t i = 0; i < G_N_ELEMENTS(days); i++) {
		lab_set_time(world, days[i].now);
		put_loaded(days[i].loaded);
		if (i == 0)
			lab_begin(world, config);
		else if (i % 5 == 0) { /* what was met is not forgotten */
			ck_assert_int_eq(world_stop(world), 0);
			world_start(world);
		}
		world_cycle(world);
		{
			g_autoptr(struct_answer) target = world_any_target(world, "table/daily");

			ck_assert_msg(
				g_str_equal(json_text_at(target->json, "state"), days[i].state) &&
					(!days[i].code || find_reason(target, days[i].code)),
				"at %s, loaded %s: %s", days[i].now, days[i].loaded, target->body);
		}
	}
}
END_TEST

/** When it is due next; both changes of the clock in several zones. */
static const struct {
	const char *expected, *now, *next;
} instants[] = {
	{"0 6 * * * America/New_York", "2026-07-01T00:00:00Z", "2026-07-01T10:00:00"},
	{"0 6 * * * America/New_York", "2026-12-01T00:00:00Z", "2026-12-01T11:00:00"},
	{"0 6 * * * America/New_York", "2026-03-07T12:00:00Z", "2026-03-08T10:00:00"},
	{"0 6 * * * America/New_York", "2026-10-31T12:00:00Z", "2026-11-01T11:00:00"},
	{"30 2 * * * America/New_York", "2026-03-08T00:00:00Z", "2026-03-08T07:00:00"}, /* gap */
	{"30 1 * * * America/New_York", "2026-11-01T00:00:00Z", "2026-11-01T05:30:00"},
	{"30 1 * * * America/New_York", "2026-11-01T05:40:00Z", "2026-11-02T06:30:00"}, /* once */
	{"30 2 * * * Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00"},
	{"30 2 * * * Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00"},
	{"0 6 * * * Australia/Sydney", "2026-10-03T12:00:00Z", "2026-10-03T19:00:00"},
	{"0 6 * * * Asia/Kathmandu", "2026-06-01T12:00:00Z", "2026-06-02T00:15:00"},
	{"@daily Asia/Tokyo", "2026-06-01T12:00:00Z", "2026-06-01T15:00:00"},
	{"0 6 * * mon-fri UTC", "2026-11-20T06:00:01Z", "2026-11-23T06:00:00"},
};

START_TEST(a_schedule_follows_the_clock_of_its_zone)
{
	g_autofree char *lines =
		g_strdup_printf("table = sales.daily\nexpected = %s", instants[_i].expected);
	g_autofree char *next = NULL;

	if (!lab_take_clock(world, config))
		return;
	lab_set_time(world, instants[_i].now);
	put_loaded(instants[_i].now);
	lab_add(config, "daily", lines);
	lab_begin(world, config);
	next = lab_fresh_text(world, "table/daily", "next_expected_at");
	ck_assert_msg(g_str_has_prefix(next, instants[_i].next), "%s at %s: %s",
		      instants[_i].expected, instants[_i].now, next);
}
END_TEST

START_TEST(an_unknown_zone_is_refused)
{
	g_autofree char *log = NULL;

	lab_add(config, "daily", "table = sales.daily\nexpected = 0 6 * * * America/New_Yrok");
	world_configure(world, config->str);
	ck_assert_int_eq(world_start_failing(world, &log), 78);
	ck_assert_msg(strstr(log, "America/New_Yrok"), "%s", log);
}
END_TEST

/* --- partitions --- */

/** @p rows of yesterday's partition as seen on 2026-11-DAY, -1: there is none; @p before of those before. */
static void put_partitions(int day, int rows, int before)
{
	GString *list = g_string_new(NULL);

	for (int i = 2; i < 40; i++) {
		g_autoptr(GDateTime) today = g_date_time_new_utc(2026, 11, day, 0, 0, 0);
		g_autoptr(GDateTime) then = g_date_time_add_days(today, -i);
		g_autofree char *id = g_date_time_format(then, "%Y%m%d");
		int weekday = g_date_time_get_day_of_week(then);

		/* a tenth on Saturdays and Sundays */
		g_string_append_printf(list, "%s{\"id\":\"%s\",\"rows\":%d}", i > 2 ? "," : "", id,
				       weekday > 5 ? before / 10 : before);
	}
	if (rows >= 0)
		g_string_append_printf(list, ",{\"id\":\"202611%02d\",\"rows\":%d}", day - 1, rows);
	cloud_table(world, "acme-prod.sales.days",
		    "{\"schema\":[{\"name\":\"day\",\"type\":\"DATE\"}],\"partitioning\":{\"type\":"
		    "\"DAY\",\"field\":\"day\"},\"numRows\":40000,\"lastModifiedTime\":\"2026-11-%"
		    "02dT03:"
		    "00:00Z\",\"partitions\":[%s]}",
		    day - 1, list->str);
	g_string_free(list, TRUE);
}

static const struct {
	const char *now;
	int day, rows;
	const char *state, *code;
} arrivals[] = {
	{"2026-11-19T05:59:00Z", 19, -1, "ok", NULL}, /* not due yet */
	{"2026-11-19T06:30:00Z", 19, -1, "pending", "late"},
	{"2026-11-19T07:01:00Z", 19, -1, "drift", "late"},
	{"2026-11-19T07:01:00Z", 19, 0, "drift", "late"},
	{"2026-11-19T07:01:00Z", 19, 499, "drift", "too_few_rows"},
	{"2026-11-19T07:01:00Z", 19, 500, "drift", "too_few_rows"}, /* volume: half of it */
	{"2026-11-19T07:01:00Z", 19, 699, "drift", "too_few_rows"},
	{"2026-11-19T07:01:00Z", 19, 700, "ok", NULL},
	{"2026-11-19T07:01:00Z", 19, 5000, "ok", NULL},
};

START_TEST(yesterdays_partition_must_come_and_be_full)
{
	if (!lab_take_clock(world, config))
		return;
	lab_set_time(world, arrivals[_i].now);
	put_partitions(arrivals[_i].day, arrivals[_i].rows, 1000);
	lab_add(config, "days",
		"table = sales.days\nmethod = partition\nexpected = 0 6 * * * UTC\ngrace = 1h\n"
		"min-rows = 500\nvolume = 30%");
	lab_begin(world, config);
	expect_any_state(world, "table/days", arrivals[_i].state, arrivals[_i].code);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), TEN_MIB);
}
END_TEST

START_TEST(volume_knows_the_days_of_the_week)
{
	if (!lab_take_clock(world, config))
		return;
	lab_add(config, "days", "table = sales.days\nmethod = partition\nvolume = 30%");
	lab_set_time(world, "2026-11-16T08:00:00Z"); /* of Sunday */
	put_partitions(16, 100, 1000);
	lab_begin(world, config);
	expect_any_state(world, "table/days", "ok", NULL);
	ck_assert_int_eq(lab_fresh_number(world, "table/days", "median_rows"), 100);
	lab_set_time(world, "2026-11-17T08:00:00Z"); /* of Monday */
	put_partitions(17, 100, 1000);
	lab_force(world);
	expect_any_state(world, "table/days", "drift", "too_few_rows");
	ck_assert_int_eq(lab_fresh_number(world, "table/days", "median_rows"), 1000);
	lab_expect_said(world, "table/days", "median");
}
END_TEST

START_TEST(volume_without_a_past_says_nothing)
{
	if (!lab_take_clock(world, config))
		return;
	lab_add(config, "days", "table = sales.days\nmethod = partition\nvolume = 30%");
	lab_set_time(world, "2026-11-19T08:00:00Z");
	cloud_table(
		world, "acme-prod.sales.days",
		"{\"schema\":[{\"name\":\"day\",\"type\":\"DATE\"}],\"partitioning\":{\"type\":"
		"\"DAY\",\"field\":\"day\"},\"numRows\":1000,\"partitions\":[{\"id\":\"20261118\","
		"\"rows\":1},{\"id\":\"20261111\",\"rows\":1000}]}");
	lab_begin(world, config);
	expect_any_state(world, "table/days", "ok", NULL);
	lab_expect_said(world, "table/days", "not judged");
}
END_TEST

void tables_add_time(Suite *suite)
{
	TCase *plain = tables_make_case(suite, "ages and rows", setup, teardown);
	TCase *season = tables_make_case(suite, "seasons", setup, teardown);
	TCase *schedule = tables_make_case(suite, "schedules", setup, teardown);
	TCase *partitions = tables_make_case(suite, "partitions", setup, teardown);

	tcase_add_loop_test(plain, an_age_is_held_against_both_limits, 0, G_N_ELEMENTS(ages));
	tcase_add_test(plain, an_age_grows_between_two_looks);
	tcase_add_loop_test(plain, rows_are_a_question_of_their_own, 0, G_N_ELEMENTS(amounts));
	tcase_add_loop_test(season, off_season_nothing_is_due, 0, 3);
	tcase_add_loop_test(season, a_season_that_cannot_be_told_is_unknown, 0,
			    G_N_ELEMENTS(seasons));
	tcase_add_test(schedule, what_is_expected_is_late_after_its_grace);
	tcase_add_loop_test(schedule, a_schedule_follows_the_clock_of_its_zone, 0,
			    G_N_ELEMENTS(instants));
	tcase_add_test(schedule, an_unknown_zone_is_refused);
	tcase_add_loop_test(partitions, yesterdays_partition_must_come_and_be_full, 0,
			    G_N_ELEMENTS(arrivals));
	tcase_add_test(partitions, volume_knows_the_days_of_the_week);
	tcase_add_test(partitions, volume_without_a_past_says_nothing);
}
