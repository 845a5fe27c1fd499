/* test_eval_table_partition - verdicts about tables by their partitions: arrival, rows, volume. DESIGN 7. */
#include <check.h>
#include <string.h>

#include "data_world.h"

Suite *eval_table_partition_suite(void);

#define HOUR MS_PER_HOUR

/* Friday 11:30 UTC; yesterday is Thursday the 19th. */
static void init_partitions(struct data_world *w)
{
	data_world_init(w, TARGET_KIND_TABLE);
	data_by_partition(w);
	data_expect(w, "0 6 * * *", NULL, 6 * HOUR);
}

static void expect_partition(int64_t rows_due, const char *now, enum state state,
			     enum reason_code code)
{
	struct data_world w;

	init_partitions(&w);
	w.table.min_rows = 10;
	data_partition(&w, "20261120", "2026-11-20T00:00", 3); /* today's is not due */
	if (rows_due >= 0)
		data_partition(&w, "20261119", "2026-11-19T00:00", rows_due);
	data_partition(&w, "20261118", "2026-11-18T00:00", 500);
	data_look(&w, now);
	EXPECT(&w, state, code);
	if (state != STATE_OK) {
		ck_assert_uint_eq(w.before->reasons->len, 1);
		ck_assert_str_eq(data_reason_text(data_reason(w.before, code), "partition"),
				 "20261119");
	}
	ck_assert_str_eq(data_detail_text(w.before, "due_partition"), "20261119");
	ck_assert_int_eq(data_detail_number(w.before, "due_partition_rows"),
			 rows_due >= 0 ? rows_due : -7);
	ck_assert_str_eq(data_detail_text(w.before, "newest_partition"), "20261120");
	/* what is served as rows is what min-rows is about; as the age, what warn-after is about */
	ck_assert_int_eq(data_detail_number(w.before, "rows"), MAX(rows_due, 0));
	ck_assert_int_eq(w.before->detail->aged_wall_ms, data_time("2026-11-21T00:00"));
	ck_assert_int_eq(data_detail_number(w.before, "newest_partition_end_at"),
			 w.before->detail->aged_wall_ms);
	ck_assert_int_eq(data_detail_number(w.before, "last_loaded_at"), DATA_NOW_MS - HOUR);
	ck_assert_str_eq(w.before->detail->list_name, "partitions");
	ck_assert_int_eq(g_array_index(w.before->detail->types, enum datum_type, 1),
			 DATUM_TYPE_NUMBER);
	data_world_done(&w);
}

START_TEST(test_partition_that_is_due)
{
	expect_partition(10, "2026-11-20T12:00", STATE_OK, REASON_NONE);
	expect_partition(9, "2026-11-20T11:59", STATE_PENDING, REASON_TOO_FEW_ROWS);
	expect_partition(9, "2026-11-20T12:00", STATE_DRIFT, REASON_TOO_FEW_ROWS);
	expect_partition(0, "2026-11-20T11:59", STATE_PENDING, REASON_LATE);
	expect_partition(0, "2026-11-20T12:00", STATE_DRIFT, REASON_LATE);
	expect_partition(-1, "2026-11-20T11:59", STATE_PENDING, REASON_LATE);
	expect_partition(-1, "2026-11-20T12:00", STATE_DRIFT, REASON_LATE);
}
END_TEST

/* Of what is not known, or lies in the streaming buffer, no number is served. */
START_TEST(test_rows_that_cannot_be_told)
{
	struct data_world w;

	init_partitions(&w);
	data_partition(&w, "20261118", "2026-11-18T00:00", 500);
	w.seen_table->streaming = true;
	EXPECT(&w, STATE_PENDING, REASON_LATE);
	ck_assert_int_eq(data_detail_number(w.before, "rows"), -7);
	ck_assert_ptr_nonnull(verdict_detail_find(w.before->detail, "rows"));
	w.seen_table->streaming = false;
	w.seen_table->rows = 0;
	g_ptr_array_set_size(w.seen_table->partitions, 0);
	EXPECT(&w, STATE_DRIFT, REASON_EMPTY);
	ck_assert_int_eq(data_detail_number(w.before, "rows"), 0);
	ck_assert_int_eq(w.before->detail->aged_wall_ms, 0);
	data_world_done(&w);
}
END_TEST

/* The one before stays missing while the next one may still come. */
START_TEST(test_partition_before_the_due_one)
{
	struct data_world w;

	init_partitions(&w);
	data_partition(&w, "20261117", "2026-11-17T00:00", 500);
	data_look(&w, "2026-11-20T07:00");
	EXPECT(&w, STATE_DRIFT, REASON_LATE);
	data_partition(&w, "20261119", "2026-11-19T00:00", 500);
	EXPECT(&w, STATE_OK, REASON_NONE);
	ck_assert_int_eq(data_detail_number(w.before, "met_at"), data_time("2026-11-20T06:00"));
	data_world_done(&w);
}
END_TEST

/* The date is that of the schedule's zone: 21:00 in New York is the next day in UTC. */
START_TEST(L23_partition_of_the_day_before_in_the_zone)
{
	struct data_world w;

	init_partitions(&w);
	data_expect(&w, "0 21 * * * America/New_York", NULL, 0);
	data_partition(&w, "20261118", "2026-11-18T00:00", 5);
	data_look(&w, "2026-11-20T11:30"); /* due: Thursday 21:00 */
	EXPECT(&w, STATE_OK, REASON_NONE);
	ck_assert_str_eq(data_detail_text(w.before, "due_partition"), "20261118");
	data_world_done(&w);
}
END_TEST

static const struct {
	enum partition_unit unit;
	const char *id, *start;
} units[] = {
	{PARTITION_UNIT_HOUR, "2026112010", "2026-11-20T10:00"},
	{PARTITION_UNIT_DAY, "20261119", "2026-11-19T00:00"},
	{PARTITION_UNIT_MONTH, "202610", "2026-10-01T00:00"},
	{PARTITION_UNIT_YEAR, "2025", "2025-01-01T00:00"},
};

START_TEST(test_partition_units)
{
	struct data_world w;

	init_partitions(&w);
	data_expect(&w, "15 11 * * *", NULL, 0);
	w.seen_table->unit = units[_i].unit;
	data_partition(&w, units[_i].id, units[_i].start, 5);
	EXPECT(&w, STATE_OK, REASON_NONE);
	ck_assert_str_eq(data_detail_text(w.before, "due_partition"), units[_i].id);
	((struct partition_obs *)w.seen_table->partitions->pdata[0])->rows = 0;
	w.seen_table->rows = 77;
	data_partition(&w, "x", "2020-01-01T00:00", 5);
	EXPECT(&w, STATE_DRIFT, REASON_LATE);
	data_world_done(&w);
}
END_TEST

START_TEST(test_partition_ages)
{
	struct data_world w;
	g_autofree char *summary = NULL;

	data_world_init(&w, TARGET_KIND_TABLE);
	data_by_partition(&w);
	w.table.warn_after_ms = 12 * HOUR;
	w.table.error_after_ms = 36 * HOUR;
	data_partition(&w, "20270101", "2027-01-01T00:00", 9); /* of the future: says nothing */
	data_partition(&w, "20261119", "2026-11-19T00:00", 5);
	EXPECT(&w, STATE_OK, REASON_NONE); /* ended 11:30 ago */
	ck_assert_str_eq(data_detail_text(w.before, "newest_partition"), "20261119");
	data_look(&w, "2026-11-20T12:00");
	EXPECT(&w, STATE_PENDING, REASON_STALE);
	data_look(&w, "2026-11-21T12:00");
	EXPECT(&w, STATE_DRIFT, REASON_STALE);
	summary = verdict_summary(w.before, w.input.now_wall_ms);
	ck_assert_str_eq(summary, "stale: newest partition 20261119 ended 36 h ago");
	data_world_done(&w);
}
END_TEST

/* Nothing is said of age or schedule: yesterday's is due today. */
START_TEST(test_partition_without_limits)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_TABLE);
	data_by_partition(&w);
	w.table.grace_ms = 12 * HOUR;
	data_partition(&w, "20261118", "2026-11-18T00:00", 5);
	EXPECT(&w, STATE_PENDING, REASON_LATE);
	data_look(&w, "2026-11-20T12:00");
	EXPECT(&w, STATE_DRIFT, REASON_LATE);
	data_look(&w, "2026-11-21T00:10"); /* the day before yesterday's is not there either */
	EXPECT(&w, STATE_DRIFT, REASON_LATE);
	data_partition(&w, "20261120", "2026-11-20T00:00", 5);
	EXPECT(&w, STATE_OK, REASON_NONE);
	data_world_done(&w);
}
END_TEST

START_TEST(test_partitions_none)
{
	struct data_world w;

	init_partitions(&w);
	w.seen_table->rows = 0;
	EXPECT(&w, STATE_DRIFT, REASON_EMPTY);
	data_partition(&w, "20261119", "2026-11-19T00:00", 0);
	EXPECT(&w, STATE_DRIFT, REASON_EMPTY);
	w.seen_table->streaming = true;
	EXPECT(&w, STATE_UNKNOWN, REASON_BROKEN_CHECK);
	w.seen_table->streaming = false;
	w.seen_table->rows = 7; /* in no partition of a time */
	EXPECT(&w, STATE_UNKNOWN, REASON_BROKEN_CHECK);
	data_world_done(&w);
}
END_TEST

START_TEST(test_partitions_beyond_sight)
{
	struct data_world w;

	init_partitions(&w);
	for (int i = 0; i < TABLE_PARTITIONS_MAX; i++)
		data_partition(&w, "20261120", "2026-11-20T00:00", 1);
	data_look(&w, "2026-11-20T13:00");
	EXPECT(&w, STATE_UNKNOWN, REASON_BROKEN_CHECK);
	data_world_done(&w);
}
END_TEST

/* Thursdays before the 19th: 12, 5, October 29, 22. */
static const struct {
	int64_t due;
	int64_t weeks[4]; /* -1: not there */
	enum state state;
	int64_t median; /* -7: not judged */
} volumes[] = {
	{70, {100, 100, 100, 100}, STATE_OK, 100},   {69, {100, 100, 100, 100}, STATE_DRIFT, 100},
	{69, {100, 10, 100, 100}, STATE_DRIFT, 100}, {69, {90, 110, 10, 1000}, STATE_DRIFT, 100},
	{7, {10, 10, -1, -1}, STATE_OK, 10},         {6, {10, 10, -1, -1}, STATE_DRIFT, 10},
	{6, {10, 0, 10, 10}, STATE_DRIFT, 10}, /* without rows: no measure */
	{6, {10, -1, -1, -1}, STATE_OK, -7},         {6, {10, 0, 0, 0}, STATE_OK, -7},
	{6, {-1, -1, -1, -1}, STATE_OK, -7},         {5000, {10, 10, 10, 10}, STATE_OK, 10},
};

START_TEST(test_volume)
{
	static const char *const starts[] = {"2026-11-12T00:00", "2026-11-05T00:00",
					     "2026-10-29T00:00", "2026-10-22T00:00"};
	enum reason_code code = volumes[_i].state == STATE_OK ? REASON_NONE : REASON_TOO_FEW_ROWS;
	struct data_world w;

	init_partitions(&w);
	w.table.volume_pct = 30;
	data_partition(&w, "20261119", "2026-11-19T00:00", volumes[_i].due);
	data_partition(&w, "20261118", "2026-11-18T00:00", 100000); /* another weekday */
	for (int i = 0; i < 4; i++) {
		if (volumes[_i].weeks[i] >= 0)
			data_partition(&w, "week", starts[i], volumes[_i].weeks[i]);
	}
	data_look(&w, "2026-11-20T12:00");
	EXPECT(&w, volumes[_i].state, code);
	ck_assert_int_eq(data_detail_number(w.before, "median_rows"), volumes[_i].median);
	ck_assert((data_detail_text(w.before, "volume_note") != NULL) ==
		  (volumes[_i].median == -7));
	if (code != REASON_NONE)
		ck_assert_int_eq(data_reason_number(data_reason(w.before, code), "median_rows"),
				 volumes[_i].median);
	data_world_done(&w);
}
END_TEST

Suite *eval_table_partition_suite(void)
{
	Suite *suite = suite_create("eval_table_partition");
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, test_partition_that_is_due);
	tcase_add_test(tcase, test_rows_that_cannot_be_told);
	tcase_add_test(tcase, test_partition_before_the_due_one);
	tcase_add_test(tcase, L23_partition_of_the_day_before_in_the_zone);
	tcase_add_loop_test(tcase, test_partition_units, 0, (int)G_N_ELEMENTS(units));
	tcase_add_test(tcase, test_partition_ages);
	tcase_add_test(tcase, test_partition_without_limits);
	tcase_add_test(tcase, test_partitions_none);
	tcase_add_test(tcase, test_partitions_beyond_sight);
	tcase_add_loop_test(tcase, test_volume, 0, (int)G_N_ELEMENTS(volumes));
	suite_add_tcase(suite, tcase);
	return suite;
}
