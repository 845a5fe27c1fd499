/* test_eval_table_due - verdicts about tables that are expected at times: what is late, and what nobody owes. DESIGN 7. */
#include <check.h>
#include <string.h>

#include "data_world.h"
#include "eval/verdict_json.h"

Suite *eval_table_due_suite(void);

#define WEEKDAYS "0 6 * * 1-5 America/New_York"
#define HOUR MS_PER_HOUR

struct step {
	const char *now;
	const char *loaded; /* NULL: not looked at again */
	enum state state;
	enum reason_code code;
};

static void walk(struct data_world *w, const struct step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (steps[i].loaded)
			data_load(w, steps[i].now, steps[i].loaded);
		else
			data_at(w, steps[i].now);
		EXPECT(w, steps[i].state, steps[i].code);
	}
}
#define WALK(world, steps) walk(world, steps, G_N_ELEMENTS(steps))

static void init_weekdays(struct data_world *w)
{
	data_world_init(w, TARGET_KIND_TABLE);
	w->table.warn_after_ms = 12 * HOUR;
	w->table.error_after_ms = 24 * HOUR;
	data_expect(w, WEEKDAYS, NULL, 45 * MS_PER_MINUTE);
}

/* The example of DESIGN 5, from a Friday to a Tuesday, in winter time. */
START_TEST(L22_nobody_owes_anything_at_the_weekend)
{
	static const struct step steps[] = {
		{"2026-11-20T12:00", "2026-11-20T10:30", STATE_OK, REASON_NONE},
		{"2026-11-21T00:00", "2026-11-20T10:30", STATE_OK, REASON_NOT_DUE},
		{"2026-11-21T12:00", "2026-11-20T10:30", STATE_OK, REASON_NOT_DUE},
		{"2026-11-22T12:00", "2026-11-20T10:30", STATE_OK, REASON_NOT_DUE},
		{"2026-11-23T10:59", "2026-11-20T10:30", STATE_OK, REASON_NOT_DUE},
		{"2026-11-23T11:00", "2026-11-20T10:30", STATE_PENDING, REASON_LATE},
		{"2026-11-23T11:44", "2026-11-20T10:30", STATE_PENDING, REASON_LATE},
		{"2026-11-23T11:45", "2026-11-20T10:30", STATE_DRIFT, REASON_LATE},
		{"2026-11-23T20:00", "2026-11-20T10:30", STATE_DRIFT, REASON_LATE},
		/* the next instant does not make it better */
		{"2026-11-24T11:10", "2026-11-20T10:30", STATE_DRIFT, REASON_LATE},
		{"2026-11-24T11:50", "2026-11-20T10:30", STATE_DRIFT, REASON_LATE},
	};
	static const struct step mended[] = {
		/* what comes now is near enough to Tuesday's time to be Tuesday's */
		{"2026-11-24T12:20", "2026-11-24T11:55", STATE_OK, REASON_NONE},
	};
	struct data_world w;

	init_weekdays(&w);
	WALK(&w, steps);
	ck_assert_str_eq(data_reason_text(data_reason(w.before, REASON_LATE), "expected_at"),
			 "2026-11-23T11:00:00Z"); /* since when */
	WALK(&w, mended);
	data_world_done(&w);
}
END_TEST

START_TEST(L22_monday_comes_as_it_should)
{
	static const struct step steps[] = {
		{"2026-11-20T12:00", "2026-11-20T10:30", STATE_OK, REASON_NONE},
		{"2026-11-23T10:50", "2026-11-23T10:30", STATE_OK, REASON_NONE},
		{"2026-11-23T11:00", "2026-11-23T10:30", STATE_OK, REASON_NONE},
		{"2026-11-23T12:00", "2026-11-23T10:30", STATE_OK, REASON_NONE},
	};
	struct data_world w;

	init_weekdays(&w);
	WALK(&w, steps);
	ck_assert_int_eq(data_detail_number(w.before, "met_at"), data_time("2026-11-23T11:00"));
	ck_assert_int_eq(data_detail_number(w.before, "met_by"), data_time("2026-11-23T10:30"));
	ck_assert_int_eq(data_detail_number(w.before, "next_expected_at"),
			 data_time("2026-11-24T11:00"));
	ck_assert_int_eq(w.before->next_change_wall_ms, data_time("2026-11-23T22:30"));
	data_world_done(&w);
}
END_TEST

/* 06:00 in New York is 10:00 UTC in summer, 11:00 in winter. */
static const struct {
	const char *before, *due, *end, *friday;
} mondays[] = {
	{"2026-07-13T09:59", "2026-07-13T10:00", "2026-07-13T10:45", "2026-07-10T09:30"},
	{"2026-11-23T10:59", "2026-11-23T11:00", "2026-11-23T11:45", "2026-11-20T10:30"},
	/* over both changes: 2026-03-08 and 2026-11-01 */
	{"2026-03-09T09:59", "2026-03-09T10:00", "2026-03-09T10:45", "2026-03-06T10:30"},
	{"2026-11-02T10:59", "2026-11-02T11:00", "2026-11-02T11:45", "2026-10-30T09:30"},
};

START_TEST(L23_six_in_new_york_is_six_in_summer_and_winter)
{
	const struct step steps[] = {
		{mondays[_i].before, mondays[_i].friday, STATE_OK, REASON_NOT_DUE},
		{mondays[_i].due, mondays[_i].friday, STATE_PENDING, REASON_LATE},
		{mondays[_i].end, mondays[_i].friday, STATE_DRIFT, REASON_LATE},
	};
	struct data_world w;
	g_autofree char *summary = NULL;

	init_weekdays(&w);
	WALK(&w, steps);
	summary = verdict_summary(w.before, w.input.now_wall_ms);
	ck_assert_str_eq(summary, "late: due 06:00 America/New_York, last load 3 d ago");
	data_world_done(&w);
}
END_TEST

START_TEST(L22_holidays_are_not_due)
{
	static const struct step steps[] = {
		{"2026-11-25T12:00", "2026-11-25T10:30", STATE_OK, REASON_NONE},
		{"2026-11-26T20:00", "2026-11-25T10:30", STATE_OK, REASON_NOT_DUE},
		{"2026-11-27T10:59", "2026-11-25T10:30", STATE_OK, REASON_NOT_DUE},
		{"2026-11-27T11:45", "2026-11-25T10:30", STATE_DRIFT, REASON_LATE},
	};
	struct data_world w;

	init_weekdays(&w);
	data_expect(&w, WEEKDAYS, "2026-11-26 # Thanksgiving\n", 45 * MS_PER_MINUTE);
	WALK(&w, steps);
	data_world_done(&w);
}
END_TEST

/* An instant at which active-when was false was not due, also when it is true again before the next one. */
START_TEST(L22_off_season_is_not_due)
{
	struct data_world w;

	init_weekdays(&w);
	data_load(&w, "2026-11-18T12:00", "2026-11-18T10:30");
	EXPECT(&w, STATE_OK, REASON_NONE);
	data_look(&w, "2026-11-19T12:00");
	w.seen_table->not_active = true;
	EXPECT(&w, STATE_OK, REASON_NOT_DUE);
	ck_assert_int_eq(data_detail_number(w.before, "next_expected_at"),
			 data_time("2026-11-20T11:00"));
	w.seen_table->not_active = false;
	data_load(&w, "2026-11-20T00:30", "2026-11-18T10:30");
	EXPECT(&w, STATE_OK, REASON_NOT_DUE);
	data_load(&w, "2026-11-20T11:00", "2026-11-18T10:30");
	EXPECT(&w, STATE_PENDING, REASON_LATE);
	data_load(&w, "2026-11-20T11:45", "2026-11-18T10:30");
	EXPECT(&w, STATE_DRIFT, REASON_LATE);
	data_world_done(&w);
}
END_TEST

/* False only before the grace was over: what came too late for its schedule is late all the same. */
START_TEST(test_active_again_inside_grace)
{
	struct data_world w;

	init_weekdays(&w);
	data_load(&w, "2026-11-19T12:00", "2026-11-19T10:30");
	EXPECT(&w, STATE_OK, REASON_NONE);
	data_look(&w, "2026-11-20T11:30");
	w.seen_table->not_active = true;
	EXPECT(&w, STATE_OK, REASON_NOT_DUE);
	w.seen_table->not_active = false;
	data_load(&w, "2026-11-20T11:50", "2026-11-19T10:30");
	EXPECT(&w, STATE_DRIFT, REASON_LATE);
	data_world_done(&w);
}
END_TEST

static void init_daily(struct data_world *w, int64_t grace_ms)
{
	data_world_init(w, TARGET_KIND_TABLE);
	data_expect(w, "0 6 * * *", NULL, grace_ms);
}

/* A load that comes late meets what it is late for, not the next. */
START_TEST(test_a_late_load_is_not_the_next_one)
{
	static const struct step steps[] = {
		{"2026-11-16T07:00", "2026-11-16T05:30", STATE_OK, REASON_NONE},
		{"2026-11-17T06:20", "2026-11-16T05:30", STATE_PENDING, REASON_LATE},
		{"2026-11-17T09:00", "2026-11-16T05:30", STATE_DRIFT, REASON_LATE},
		{"2026-11-17T14:00", "2026-11-17T13:00", STATE_OK, REASON_NONE},
		{"2026-11-18T06:00", "2026-11-17T13:00", STATE_PENDING, REASON_LATE},
		{"2026-11-18T07:00", "2026-11-17T13:00", STATE_DRIFT, REASON_LATE},
	};
	struct data_world w;

	init_daily(&w, HOUR);
	WALK(&w, steps);
	data_world_done(&w);
}
END_TEST

/* A day was missed for good: the load of the next day is the next day's, and the one after it too. */
START_TEST(test_a_missed_day_does_not_shift_all_that_follow)
{
	static const struct step steps[] = {
		{"2026-11-16T07:00", "2026-11-16T05:30", STATE_OK, REASON_NONE},
		{"2026-11-17T07:00", "2026-11-16T05:30", STATE_DRIFT, REASON_LATE},
		{"2026-11-18T05:40", "2026-11-18T05:30", STATE_OK, REASON_NONE},
		{"2026-11-18T07:00", "2026-11-18T05:30", STATE_OK, REASON_NONE},
		{"2026-11-19T05:40", "2026-11-19T05:30", STATE_OK, REASON_NONE},
		{"2026-11-19T07:00", "2026-11-19T05:30", STATE_OK, REASON_NONE},
	};
	struct data_world w;

	init_daily(&w, HOUR);
	WALK(&w, steps);
	data_world_done(&w);
}
END_TEST

/* Nobody looked for two days: loads that were not seen are not held against the table. */
START_TEST(test_a_gap_without_looks)
{
	static const struct step steps[] = {
		{"2026-11-16T07:00", "2026-11-16T05:30", STATE_OK, REASON_NONE},
		{"2026-11-18T07:30", "2026-11-18T05:30", STATE_OK, REASON_NONE},
		{"2026-11-19T07:30", "2026-11-18T05:30", STATE_DRIFT, REASON_LATE},
	};
	struct data_world w;

	init_daily(&w, HOUR);
	WALK(&w, steps);
	data_world_done(&w);
}
END_TEST

/* It was seen to be late, and what came then was for that time, also when it is only seen later. */
START_TEST(test_a_late_load_that_is_seen_late)
{
	static const struct step steps[] = {
		{"2026-11-16T07:00", "2026-11-16T05:30", STATE_OK, REASON_NONE},
		{"2026-11-17T09:00", "2026-11-16T05:30", STATE_DRIFT, REASON_LATE},
		{"2026-11-18T07:30", "2026-11-17T13:00", STATE_DRIFT, REASON_LATE},
	};
	struct data_world w;

	init_daily(&w, HOUR);
	WALK(&w, steps);
	data_world_done(&w);
}
END_TEST

/* Loads long ahead: seen day by day each is for the coming time. */
START_TEST(test_loads_well_ahead)
{
	static const struct step steps[] = {
		{"2026-11-16T05:00", "2026-11-15T20:00", STATE_OK, REASON_NONE},
		{"2026-11-16T07:30", "2026-11-15T20:00", STATE_OK, REASON_NONE},
		{"2026-11-16T11:00", "2026-11-16T10:00", STATE_OK, REASON_NONE},
		{"2026-11-17T07:30", "2026-11-16T10:00", STATE_OK, REASON_NONE},
		{"2026-11-18T07:30", "2026-11-16T10:00", STATE_DRIFT, REASON_LATE},
	};
	struct data_world w;

	init_daily(&w, HOUR);
	WALK(&w, steps);
	data_world_done(&w);
}
END_TEST

static const struct {
	const char *now, *loaded;
	enum state state;
} first_looks[] = {
	{"2026-11-18T07:30", "2026-11-18T05:30", STATE_OK},
	{"2026-11-18T07:30", "2026-11-18T06:30", STATE_OK},
	{"2026-11-18T07:30", "2026-11-17T07:01", STATE_OK}, /* after the grace of the day before */
	{"2026-11-18T07:30", "2026-11-17T07:00", STATE_DRIFT}, /* that day's, late */
	{"2026-11-18T07:30", "2026-11-17T05:30", STATE_DRIFT},
	{"2026-11-18T06:30", "2026-11-17T05:30", STATE_PENDING},
	{"2026-11-18T05:30", "2026-11-17T05:30", STATE_OK},
	{"2026-11-18T06:30", "2026-11-16T05:30", STATE_DRIFT},
	{"2026-11-18T06:30", "2019-01-01T05:30", STATE_DRIFT},
};

START_TEST(test_first_look)
{
	struct data_world w;

	init_daily(&w, HOUR);
	data_load(&w, first_looks[_i].now, first_looks[_i].loaded);
	EXPECT(&w, first_looks[_i].state,
	       first_looks[_i].state == STATE_OK ? REASON_NONE : REASON_LATE);
	data_world_done(&w);
}
END_TEST

/* The rows that met what was due are gone: it is not met any more. */
START_TEST(test_the_load_that_met_it_is_taken_away)
{
	static const struct step steps[] = {
		{"2026-11-18T07:30", "2026-11-18T05:30", STATE_OK, REASON_NONE},
		{"2026-11-18T08:30", "2026-11-17T05:30", STATE_DRIFT, REASON_LATE},
	};
	struct data_world w;

	init_daily(&w, HOUR);
	WALK(&w, steps);
	data_world_done(&w);
}
END_TEST

/* What was before comes back from the store. */
static void restart(struct data_world *w)
{
	g_autofree char *facts = verdict_facts_json(w->before);
	g_autoptr(GError) error = NULL;
	struct verdict *restored = verdict_from_facts_json(facts, &error);

	ck_assert_msg(restored != NULL, "%s", error ? error->message : "");
	restored->observed_wall_ms = w->before->observed_wall_ms;
	verdict_unref(w->before);
	w->before = restored;
	w->input.before = restored;
}

/* The same load must not look like a newer one, which would meet tomorrow. */
START_TEST(test_after_a_restart)
{
	struct data_world w;

	init_daily(&w, HOUR);
	data_load(&w, "2026-11-17T05:45", "2026-11-16T05:30");
	EXPECT(&w, STATE_OK, REASON_NONE);
	data_load(&w, "2026-11-17T06:40", "2026-11-17T06:30");
	w.seen_table->loaded_wall_ms += 999;
	EXPECT(&w, STATE_OK, REASON_NONE);
	restart(&w);
	data_look(&w, "2026-11-17T06:50");
	EXPECT(&w, STATE_OK, REASON_NONE);
	restart(&w);
	data_look(&w, "2026-11-18T07:30");
	EXPECT(&w, STATE_DRIFT, REASON_LATE);
	data_world_done(&w);
}
END_TEST

/* Faults and over_budget in between do not lose what was met. */
START_TEST(test_met_is_carried_through_faults)
{
	struct data_world w;
	struct fault *fault = fault_create(FAULT_TIMEOUT, 0, NULL, "it timed out");

	init_daily(&w, HOUR);
	data_load(&w, "2026-11-17T05:45", "2026-11-17T05:30");
	EXPECT(&w, STATE_OK, REASON_NONE);
	data_load(&w, "2026-11-17T13:45", "2026-11-17T13:00"); /* the second: for tomorrow */
	EXPECT(&w, STATE_OK, REASON_NONE);
	w.observation->fault = fault;
	data_look(&w, "2026-11-18T06:10");
	EXPECT(&w, STATE_UNKNOWN, REASON_FETCH_FAILED);
	EXPECT(&w, STATE_UNKNOWN, REASON_FETCH_FAILED);
	w.observation->fault = NULL;
	fault_unref(fault);
	data_load(&w, "2026-11-18T07:10", "2026-11-17T13:00");
	EXPECT(&w, STATE_OK, REASON_NONE);
	data_world_done(&w);
}
END_TEST

/* While metadata stands in, what it says counts for now only. */
START_TEST(test_fallback_is_not_carried)
{
	struct data_world w;

	init_daily(&w, HOUR);
	data_load(&w, "2026-11-17T07:30", "2026-11-17T05:30");
	EXPECT(&w, STATE_OK, REASON_NONE);
	w.seen_table->over_budget = true;
	w.seen_table->method = TABLE_METHOD_METADATA;
	data_load(&w, "2026-11-17T09:30", "2026-11-17T09:00"); /* perhaps a description */
	EXPECT(&w, STATE_OK, REASON_NONE);
	data_load(&w, "2026-11-18T07:40", "2026-11-17T09:00"); /* that was no load for today */
	EXPECT(&w, STATE_DRIFT, REASON_LATE);
	data_load(&w, "2026-11-18T07:45", "2026-11-18T05:31");
	EXPECT(&w, STATE_OK, REASON_NONE);
	w.seen_table->over_budget = false;
	w.seen_table->method = TABLE_METHOD_COLUMN;
	data_load(&w, "2026-11-18T08:30", "2026-11-17T05:30"); /* nothing was written into it */
	EXPECT(&w, STATE_DRIFT, REASON_LATE);
	data_world_done(&w);
}
END_TEST

/* Met, but by a load that was old already when it was due. */
START_TEST(test_stale_when_it_was_due)
{
	static const struct step steps[] = {
		{"2026-11-17T07:30", "2026-11-17T05:30", STATE_OK, REASON_NONE},
		{"2026-11-17T11:00", "2026-11-17T10:00", STATE_OK, REASON_NONE},
		{"2026-11-18T06:00", "2026-11-17T10:00", STATE_OK, REASON_NOT_DUE},
		{"2026-11-18T07:00", "2026-11-17T10:00", STATE_DRIFT, REASON_STALE},
	};
	struct data_world w;

	init_daily(&w, HOUR);
	w.table.error_after_ms = 20 * HOUR;
	WALK(&w, steps);
	data_world_done(&w);
}
END_TEST

/* Old when it would have been due, and it was not due. */
START_TEST(test_age_does_not_count_off_season)
{
	static const struct step steps[] = {
		{"2026-11-17T07:30", "2026-11-17T05:30", STATE_OK, REASON_NONE},
		{"2026-11-17T11:00", "2026-11-17T10:00", STATE_OK, REASON_NONE},
	};
	struct data_world w;

	init_daily(&w, HOUR);
	w.table.error_after_ms = 20 * HOUR;
	WALK(&w, steps);
	data_look(&w, "2026-11-18T08:00");
	w.seen_table->not_active = true;
	EXPECT(&w, STATE_OK, REASON_NOT_DUE);
	w.seen_table->not_active = false;
	data_look(&w, "2026-11-18T19:00");
	EXPECT(&w, STATE_OK, REASON_NOT_DUE);
	data_world_done(&w);
}
END_TEST

START_TEST(test_changes_are_told_beforehand)
{
	struct data_world w;

	init_daily(&w, HOUR);
	data_load(&w, "2026-11-18T05:40", "2026-11-17T05:30");
	EXPECT(&w, STATE_OK, REASON_NONE);
	ck_assert_int_eq(w.before->next_change_wall_ms, data_time("2026-11-18T06:00"));
	data_look(&w, "2026-11-18T06:30");
	EXPECT(&w, STATE_PENDING, REASON_LATE);
	ck_assert_int_eq(w.before->next_change_wall_ms, data_time("2026-11-18T07:00"));
	data_at(&w, "2026-11-18T07:00");
	EXPECT(&w, STATE_DRIFT, REASON_LATE);
	data_world_done(&w);
}
END_TEST

/* A filter that moves with the date loses its rows before the next ones are due. */
START_TEST(L22_rows_that_left_the_filter_are_not_missing_yet)
{
	struct data_world w;

	init_daily(&w, HOUR);
	w.table.filter = g_strdup("day >= CURRENT_DATE() - 1");
	data_load(&w, "2026-11-17T07:30", "2026-11-17T05:30");
	EXPECT(&w, STATE_OK, REASON_NONE);
	data_look(&w, "2026-11-18T00:10");
	w.seen_table->rows = 0;
	w.seen_table->loaded_wall_ms = 0;
	EXPECT(&w, STATE_PENDING, REASON_EMPTY);
	ck_assert_uint_eq(w.before->reasons->len, 1);
	data_look(&w, "2026-11-18T06:30");
	EXPECT(&w, STATE_PENDING, REASON_EMPTY);
	EXPECT(&w, STATE_PENDING, REASON_LATE);
	data_look(&w, "2026-11-18T07:00");
	EXPECT(&w, STATE_DRIFT, REASON_EMPTY);
	EXPECT(&w, STATE_DRIFT, REASON_LATE);
	ck_assert_int_eq(data_reason(w.before, REASON_EMPTY)->state, STATE_DRIFT);
	data_world_done(&w);
}
END_TEST

/* Without such a filter rows do not go away by themselves; nor is the first look lenient. */
START_TEST(test_rows_that_are_taken_away)
{
	struct data_world w;

	init_daily(&w, HOUR);
	data_load(&w, "2026-11-17T07:30", "2026-11-17T05:30");
	EXPECT(&w, STATE_OK, REASON_NONE);
	w.seen_table->rows = 0;
	EXPECT(&w, STATE_DRIFT, REASON_EMPTY);
	verdict_unref(w.before);
	w.before = NULL;
	w.input.before = NULL;
	w.table.filter = g_strdup("day >= CURRENT_DATE() - 1");
	EXPECT(&w, STATE_DRIFT, REASON_EMPTY);
	data_world_done(&w);
}
END_TEST

Suite *eval_table_due_suite(void)
{
	Suite *suite = suite_create("eval_table_due");
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, L22_nobody_owes_anything_at_the_weekend);
	tcase_add_test(tcase, L22_monday_comes_as_it_should);
	tcase_add_loop_test(tcase, L23_six_in_new_york_is_six_in_summer_and_winter, 0,
			    (int)G_N_ELEMENTS(mondays));
	tcase_add_test(tcase, L22_holidays_are_not_due);
	tcase_add_test(tcase, L22_off_season_is_not_due);
	tcase_add_test(tcase, test_active_again_inside_grace);
	tcase_add_test(tcase, test_a_late_load_is_not_the_next_one);
	tcase_add_test(tcase, test_a_missed_day_does_not_shift_all_that_follow);
	tcase_add_test(tcase, test_a_gap_without_looks);
	tcase_add_test(tcase, test_a_late_load_that_is_seen_late);
	tcase_add_test(tcase, test_loads_well_ahead);
	tcase_add_test(tcase, test_age_does_not_count_off_season);
	tcase_add_loop_test(tcase, test_first_look, 0, (int)G_N_ELEMENTS(first_looks));
	tcase_add_test(tcase, test_the_load_that_met_it_is_taken_away);
	tcase_add_test(tcase, test_after_a_restart);
	tcase_add_test(tcase, test_met_is_carried_through_faults);
	tcase_add_test(tcase, test_fallback_is_not_carried);
	tcase_add_test(tcase, test_stale_when_it_was_due);
	tcase_add_test(tcase, test_changes_are_told_beforehand);
	tcase_add_test(tcase, L22_rows_that_left_the_filter_are_not_missing_yet);
	tcase_add_test(tcase, test_rows_that_are_taken_away);
	suite_add_tcase(suite, tcase);
	return suite;
}
