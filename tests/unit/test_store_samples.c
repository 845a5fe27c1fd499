/* Tests of lib/store: samples and what thins them, sums of bytes, and a database of the first
 * schema that is brought up to date. */
#include "store/store.h"

#include <check.h>
#include <sqlite3.h>
#include <string.h>

#include "drift_error.h"
#include "store/schema.h"
#include "tests/unit/store_fixture_alerts.h"

Suite *store_samples_suite(void);

/* 2026-11-20T11:30:00Z */
#define NOW (INT64_C(1795174200000))
#define MINUTES(count) ((count)*MS_PER_MINUTE)
#define HOURS(count) ((count)*MS_PER_HOUR)
#define DAYS(count) ((count)*MS_PER_DAY)

static int64_t count_samples(void)
{
	return store_fixture_number("SELECT count(*) FROM samples");
}

/* @p count samples of @p target, one every @p step_ms up to and with @p last_wall_ms. */
static void add_samples(const char *target, int count, int64_t step_ms, int64_t last_wall_ms)
{
	struct store_batch *batch = store_fixture_batch(last_wall_ms);

	for (int i = count - 1; i >= 0; i--)
		store_fixture_sample(batch, target, last_wall_ms - i * step_ms);
	store_fixture_commit(batch);
}

/* Calls of at most @p max_rows until nothing is left to do; their number. */
static int thin(int64_t now_wall_ms, int max_rows)
{
	g_autoptr(GError) error = NULL;
	bool more = true;
	int calls = 0;

	for (; more; calls++) {
		int64_t before = count_samples();

		ck_assert_msg(
			store_thin_samples(fixture.store, now_wall_ms, max_rows, &more, &error),
			"%s", error ? error->message : "");
		ck_assert_int_ge(count_samples(), before - max_rows);
	}
	return calls;
}

START_TEST(test_samples_come_back)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = NULL;
	struct store_batch *batch = store_fixture_batch(1);
	struct store_sample *sample = NULL;

	store_fixture_sample(batch, "table/b", 9);
	store_fixture_sample(batch, "table/a", 5);
	sample = store_fixture_sample(batch, "table/a",
				      3); /* the clock went back: still the newest */
	sample->loaded_wall_ms = 0;
	sample->rows = -1;
	sample->bytes_billed = -7; /* makes no sense: counts as nothing */
	store_fixture_commit(batch);
	store_fixture_reopen();
	rows = store_load_samples(fixture.store, &error);
	ck_assert_msg(rows, "%s", error ? error->message : "");
	ck_assert_uint_eq(rows->len, 2);
	sample = rows->pdata[0];
	ck_assert_str_eq(sample->target, "table/a");
	ck_assert_int_eq(sample->at_wall_ms, 3);
	ck_assert_int_eq(sample->loaded_wall_ms, 0);
	ck_assert_int_eq(sample->rows, -1);
	ck_assert_int_eq(sample->bytes_billed, 0);
	sample = rows->pdata[1];
	ck_assert_str_eq(sample->target, "table/b");
	ck_assert_int_eq(sample->at_wall_ms, 9);
	ck_assert_int_eq(sample->loaded_wall_ms, 8);
	ck_assert_int_eq(sample->rows, 12);
	ck_assert_int_eq(sample->bytes_billed, 10485760);
	ck_assert_int_gt(sample->id, 0);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM samples WHERE rows IS NULL AND "
					      "loaded_wall_ms IS NULL"),
			 1);
}
END_TEST

START_TEST(test_page_of_samples)
{
	g_autoptr(GError) error = NULL;
	struct store_reader *reader = NULL;
	int64_t cursor = 0;
	int64_t want = 25;

	add_samples("table/b", 30, 1, 30);
	add_samples("table/a", 25, 1, 25);
	reader = store_reader_open(fixture.path, &error);
	ck_assert_msg(reader, "%s", error ? error->message : "");
	for (bool more = true; more;) {
		g_autoptr(GPtrArray) rows =
			store_read_samples(reader, "table/a", cursor, _i, &error);

		ck_assert_ptr_nonnull(rows);
		for (guint i = 0; i < rows->len; i++) {
			const struct store_sample *row = rows->pdata[i];

			ck_assert_str_eq(row->target, "table/a");
			ck_assert_int_eq(row->at_wall_ms, want--);
			cursor = row->id;
		}
		more = (int)rows->len == _i;
	}
	ck_assert_int_eq(want, 0);
	store_reader_close(reader);
}
END_TEST

static void add_usage(const char *day, const char *gcp, const char *target, int64_t number)
{
	struct store_batch *batch = store_fixture_batch(1);
	struct store_usage *usage = store_fixture_usage(batch, target);

	g_free(usage->day);
	g_free(usage->gcp);
	usage->day = g_strdup(day);
	usage->gcp = g_strdup(gcp);
	usage->queries = number;
	usage->bytes_processed = number * 10;
	usage->bytes_billed = number * 100;
	store_fixture_commit(batch);
}

START_TEST(test_usages_add_up)
{
	static const struct {
		const char *gcp, *target;
		int64_t queries;
	} want[] = {
		{"default", "assert/x", 1},
		{"default", "table/a", 5},
		{"other", "table/a", 7},
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = NULL;

	add_usage("2026-11-20", "default", "table/a", 2);
	add_usage("2026-11-20", "default", "table/a", 3);
	add_usage("2026-11-20", "default", "table/a", -3); /* nothing is ever given back */
	add_usage("2026-11-20", "other", "table/a", 7);
	add_usage("2026-11-20", "default", "assert/x", 1);
	add_usage("2026-11-19", "default", "table/a", 99);
	store_fixture_reopen();
	rows = store_load_usages(fixture.store, "2026-11-20", &error);
	ck_assert_msg(rows, "%s", error ? error->message : "");
	ck_assert_uint_eq(rows->len, G_N_ELEMENTS(want));
	for (size_t i = 0; i < G_N_ELEMENTS(want); i++) {
		const struct store_usage *got = rows->pdata[i];

		ck_assert_str_eq(got->day, "2026-11-20");
		ck_assert_str_eq(got->gcp, want[i].gcp);
		ck_assert_str_eq(got->target, want[i].target);
		ck_assert_int_eq(got->queries, want[i].queries);
		ck_assert_int_eq(got->bytes_processed, want[i].queries * 10);
		ck_assert_int_eq(got->bytes_billed, want[i].queries * 100);
	}
}
END_TEST

/* A sum that runs over is no reason not to commit a cycle. */
START_TEST(test_usage_runs_over)
{
	g_autoptr(GPtrArray) rows = NULL;
	const struct store_usage *got = NULL;

	for (int i = 0; i < 3; i++) {
		struct store_batch *batch = store_fixture_batch(1);
		struct store_usage *usage = store_fixture_usage(batch, "table/a");

		usage->queries = 1;
		usage->bytes_processed = INT64_MAX;
		usage->bytes_billed = INT64_MAX - 1;
		store_fixture_commit(batch);
	}
	rows = store_load_usages(fixture.store, "2026-11-20", NULL);
	ck_assert_ptr_nonnull(rows);
	got = rows->pdata[0];
	ck_assert_int_eq(got->queries, 3);
	ck_assert_int_eq(got->bytes_processed, INT64_MAX);
	ck_assert_int_eq(got->bytes_billed, INT64_MAX);
}
END_TEST

/* Ages of samples, oldest first, and which of them stay. */
static const struct {
	const char *what;
	int64_t ages_ms[6]; /* ends with -1 */
	const char *stays;  /* a character for each: '+' stays, '-' goes */
} thin_cases[] = {
	/* now is half past eleven, so that two days ago is in the middle of an hour */
	{"all of two days",
	 {HOURS(48), HOURS(48) - MINUTES(1), HOURS(48) - MINUTES(2), 0, -1},
	 "++++"},
	{"older by a millisecond", {HOURS(48) + 1, HOURS(48), 0, -1}, "-++"},
	{"the last of an hour",
	 {HOURS(49) - MINUTES(1), HOURS(49) - MINUTES(2), HOURS(48) - 1, -1},
	 "-++"},
	{"each hour has its own", {HOURS(60), HOURS(59), HOURS(58), 0, -1}, "++++"},
	{"the hour's last millisecond",
	 {HOURS(72) - MINUTES(30), HOURS(72) - MINUTES(30) - 1, 0, -1},
	 "-++"},
	{"the next hour's first",
	 {HOURS(72) - MINUTES(30) + 1, HOURS(72) - MINUTES(30), 0, -1},
	 "+++"},
	{"hourly for thirty days",
	 {DAYS(30), DAYS(30) - HOURS(1), DAYS(30) - HOURS(2), 0, -1},
	 "++++"},
	{"older by a millisecond than thirty",
	 {DAYS(30) + 1, DAYS(30) - HOURS(1), DAYS(30) - HOURS(2), 0, -1},
	 "-+++"},
	{"the last of a day", {DAYS(41), DAYS(41) - HOURS(1), DAYS(41) - HOURS(12), 0, -1}, "--++"},
	{"each day has its own", {DAYS(43), DAYS(42), DAYS(41), 0, -1}, "++++"},
	{"a day ends at midnight, UTC",
	 {DAYS(40) - HOURS(12) - MINUTES(29), DAYS(40) - HOURS(12) - MINUTES(30), 0, -1},
	 "+++"},
	{"the newest stays, however old", {DAYS(400), DAYS(400), -1}, "-+"},
	{"of the future", {-DAYS(1), -DAYS(1) - 1, -DAYS(1) - 2, -1}, "+++"},
	{"a clock that went back",
	 {DAYS(3), DAYS(3) + HOURS(2), DAYS(3), DAYS(3) - 1, 0, -1},
	 "++-++"},
};

START_TEST(test_thin)
{
	struct store_batch *batch = store_fixture_batch(1);
	size_t count = strlen(thin_cases[_i].stays);

	for (size_t i = 0; i < count; i++) {
		store_fixture_sample(batch, "table/a", NOW - thin_cases[_i].ages_ms[i]);
		/* others in between change nothing */
		store_fixture_sample(batch, "table/other", NOW);
	}
	store_fixture_commit(batch);
	(void)thin(NOW, 1000);
	for (size_t i = 0; i < count; i++) {
		g_autofree char *sql =
			g_strdup_printf("SELECT count(*) FROM samples WHERE id = %zu", 2 * i + 1);

		ck_assert_msg(store_fixture_number(sql) == (thin_cases[_i].stays[i] == '+'),
			      "%s: number %zu", thin_cases[_i].what, i);
	}
}
END_TEST

/* As time passes the same samples are looked at again, once for each grain. */
START_TEST(test_thin_as_time_passes)
{
	add_samples("table/a", 24 * 12, MINUTES(5), NOW); /* a day, back to half past eleven */
	(void)thin(NOW + DAYS(1), 100);
	ck_assert_int_eq(count_samples(), 288);
	(void)thin(NOW + DAYS(4), 100);
	ck_assert_int_eq(count_samples(), 25);
	(void)thin(NOW + DAYS(20), 100);
	ck_assert_int_eq(count_samples(), 25);
	(void)thin(NOW + DAYS(40), 100);
	ck_assert_int_eq(count_samples(), 2);
	ck_assert_int_eq(store_fixture_number("SELECT max(at_wall_ms) FROM samples"), NOW);
}
END_TEST

START_TEST(test_thin_in_steps)
{
	g_autoptr(GError) error = NULL;
	bool more = true;
	int64_t written = 0;

	for (int i = 0; i < 10; i++) {
		g_autofree char *target = g_strdup_printf("table/t%d", i);

		add_samples(target, 30, MINUTES(1), NOW - DAYS(3)); /* of one hour */
	}
	ck_assert_int_ge(thin(NOW, 7), 300 / 7); /* each is looked at once */
	ck_assert_int_eq(count_samples(), 10);
	/* and what is done is done: nothing is written, nothing looked at again */
	written = store_get_stats(fixture.store).written_bytes;
	ck_assert(store_thin_samples(fixture.store, NOW, 1, &more, &error));
	ck_assert(!more);
	ck_assert_int_eq(store_get_stats(fixture.store).written_bytes, written);
}
END_TEST

START_TEST(test_thin_fails_whole)
{
	g_autoptr(GError) error = NULL;
	bool more = false;

	add_samples("table/a", 30, MINUTES(1), NOW - DAYS(3));
	store_fixture_exec("CREATE TRIGGER no BEFORE UPDATE ON samples BEGIN SELECT RAISE(ABORT, "
			   "'no'); END");
	ck_assert(!store_thin_samples(fixture.store, NOW, 1000, &more, &error));
	ck_assert_ptr_nonnull(strstr(error->message, fixture.path));
	ck_assert(!more);
	ck_assert_int_eq(count_samples(), 30);
	store_fixture_exec("DROP TRIGGER no");
	(void)thin(NOW, 1000);
	ck_assert_int_eq(count_samples(), 1);
}
END_TEST

static const struct {
	int count;
	int more; /* afterwards */
} cut_cases[] = {
	{STORE_SAMPLES_MAX - 1, 0},
	{STORE_SAMPLES_MAX, 1},
	{STORE_SAMPLES_MAX + 1, 7},
	{STORE_SAMPLES_MAX * 2, 3000},
};

/* However many come between two calls of store_thin_samples(), or without any. */
START_TEST(test_no_target_has_more_than_the_limit)
{
	int64_t total = cut_cases[_i].count + cut_cases[_i].more;
	int64_t kept = 0;

	add_samples("table/b", 3, 1, 3);
	add_samples("table/a", cut_cases[_i].count, 1, NOW);
	add_samples("table/a", cut_cases[_i].more, 1, NOW + cut_cases[_i].more);
	kept = count_samples() - 3; /* another's stay as they are */
	ck_assert_int_le(kept, STORE_SAMPLES_MAX);
	ck_assert_int_ge(kept, MIN(total, STORE_SAMPLES_MAX - 300));
	ck_assert_int_eq(store_fixture_number("SELECT max(at_wall_ms) FROM samples"),
			 NOW + cut_cases[_i].more);
	/* the newest ones */
	ck_assert_int_eq(
		store_fixture_number("SELECT max(at_wall_ms) - min(at_wall_ms) FROM samples WHERE "
				     "at_wall_ms > 3") +
			1,
		kept);
}
END_TEST

static void prune(int64_t before_wall_ms, int max_rows)
{
	g_autoptr(GError) error = NULL;
	bool more = true;

	while (more) {
		int64_t before = count_samples();

		ck_assert_msg(store_prune(fixture.store, before_wall_ms, max_rows, &more, &error),
			      "%s", error ? error->message : "");
		ck_assert_int_ge(count_samples(), before - max_rows);
	}
}

START_TEST(test_prune_deletes_old_samples)
{
	struct store_batch *batch = store_fixture_batch(NOW);

	store_fixture_verdict(batch, "table/quiet");
	store_fixture_verdict(batch, "table/a");
	store_fixture_commit(batch);
	add_samples("table/quiet", 3, MINUTES(1), NOW - DAYS(100));
	add_samples("table/removed", 3, MINUTES(1), NOW - DAYS(100));
	add_samples("table/a", 200, DAYS(1), NOW);
	(void)thin(NOW, 1000); /* so that there are some of every grain */
	ck_assert_int_eq(store_fixture_number("SELECT count(DISTINCT grain) FROM samples"), 3);
	prune(NOW - DAYS(90), 7);
	ck_assert_int_eq(count_samples(), 91 + 1);
	ck_assert_int_eq(
		store_fixture_number("SELECT min(at_wall_ms) FROM samples WHERE target_id ="
				     " (SELECT id FROM targets WHERE target = 'table/a')"),
		NOW - DAYS(90));
	/* what a configured table was like last stays, as its verdict does */
	ck_assert_int_eq(
		store_fixture_number("SELECT count(*) FROM samples WHERE target_id = (SELECT "
				     "id FROM targets WHERE target = 'table/quiet')"),
		1);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM targets"), 2);
}
END_TEST

START_TEST(test_prune_deletes_old_usages)
{
	add_usage("2026-11-18", "default", "table/a", 1);
	add_usage("2026-11-19", "default", "table/a", 1);
	add_usage("2026-11-20", "default", "table/b", 1);
	prune(NOW - DAYS(1), 1); /* in the middle of the 19th */
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM usages"), 2);
	ck_assert_int_eq(
		store_fixture_number("SELECT count(*) FROM usages WHERE day < '2026-11-19'"), 0);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM targets"), 2);
	prune(NOW, 1); /* the 19th goes, and the name with its last row */
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM usages"), 1);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM targets"), 1);
}
END_TEST

/* None of these may look at a whole table: with ten million samples that would be a second of every
 * cycle. */
static const char *const bounded_queries[] = {
	"insert_sample", "cut_samples",  "add_usage",       "read_samples",  "read_known",
	"prune_samples", "prune_usages", "thin_candidates", "delete_sample", "coarsen_sample",
	"load_samples",  "load_usages",  "prune_targets",
};

START_TEST(test_queries_go_by_an_index)
{
	store_fixture_check_plan(bounded_queries[_i]);
}
END_TEST

/* --- a database of the first schema --- */

static const char first_rows[] =
	"INSERT INTO meta (name, value) VALUES ('hash_key', x'"
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');"
	"INSERT INTO targets (id, target) VALUES (4, 'service/a'), (5, 'service/b');"
	"INSERT INTO heads (repo, url, branch, sha, subject, author, committed_wall_ms, "
	"seen_wall_ms,"
	" fetched_wall_ms, forced) VALUES ('main', 'u', 'main', 'abc', 's', 'a', 1, 2, 3, 0);"
	"INSERT INTO verdicts VALUES (4, 'drift', 'behind', 1, 2, 3, 4, '{\"id\":\"service/a\"}');"
	"INSERT INTO transitions (id, target_id, at_wall_ms, from_state, to_state, relation, "
	"reasons)"
	" VALUES (41, 4, 7, 'ok', 'drift', 'behind', '[]');"
	"INSERT INTO observations (id, target_id, at_wall_ms, facts) VALUES (42, 5, 8, '{}');"
	"INSERT INTO deployments (id, target_id, at_wall_ms, sha, revision, percent, digest)"
	" VALUES (43, 4, 9, 'abc', 'r', 100, NULL);"
	"INSERT INTO cycles VALUES (812, 'schedule', 10, 11, '{}');";

START_TEST(test_first_schema_is_brought_up_to_date)
{
	g_autoptr(GPtrArray) verdicts = NULL;
	struct store_batch *batch = NULL;

	store_fixture_make_old(1, first_rows);
	store_fixture_reopen();
	ck_assert_int_eq(store_fixture_number("PRAGMA user_version"),
			 schema_migrations[schema_migration_count - 1].version);
	ck_assert_int_eq(store_hash_key(fixture.store)[31], 31); /* no new one */
	verdicts = store_load_verdicts(fixture.store, NULL);
	ck_assert_ptr_nonnull(verdicts);
	ck_assert_uint_eq(verdicts->len, 1);
	ck_assert_str_eq(((const struct store_verdict *)verdicts->pdata[0])->facts,
			 "{\"id\":\"service/a\"}");
	ck_assert_uint_eq(store_fixture_count(store_load_heads(fixture.store, "main", "u", NULL)),
			  1);
	ck_assert_uint_eq(store_fixture_count(store_load_transitions(fixture.store, NULL)), 1);
	ck_assert_uint_eq(store_fixture_count(store_load_observations(fixture.store, NULL)), 1);
	ck_assert_uint_eq(store_fixture_count(store_load_deployments(fixture.store, 5, NULL)), 1);
	ck_assert_uint_eq(store_fixture_count(store_load_samples(fixture.store, NULL)), 0);
	ck_assert_int_eq(store_next_cycle_id(fixture.store), 813);
	batch = store_fixture_batch(20);
	store_fixture_transition(batch, "service/a", 20);
	store_fixture_sample(batch, "table/a", 20);
	store_fixture_usage(batch, "table/a");
	store_fixture_commit(batch);
	ck_assert_int_eq(store_fixture_number("SELECT max(id) FROM transitions"), 42);
	ck_assert_int_eq(count_samples(), 1);
}
END_TEST

/* What cannot be brought up to date stays what it was, for the driftd that wrote it. */
START_TEST(test_failed_migration_is_undone)
{
	g_autoptr(GError) error = NULL;

	store_fixture_make_old(1, first_rows);
	store_fixture_exec("CREATE TABLE usages (nobody TEXT)"); /* in the way, behind samples */
	ck_assert_ptr_null(store_open(fixture.path, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "002_"));
	ck_assert_ptr_nonnull(strstr(error->message, fixture.path));
	ck_assert_int_eq(store_fixture_number("PRAGMA user_version"), 1);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM sqlite_schema WHERE name LIKE "
					      "'samples%'"),
			 0);
	store_fixture_exec("DROP TABLE usages");
	store_fixture_reopen();
	ck_assert_uint_eq(store_fixture_count(store_load_verdicts(fixture.store, NULL)), 1);
}
END_TEST

static TCase *make_migration_case(void)
{
	TCase *tc = tcase_create("migration");

	tcase_add_checked_fixture(tc, store_fixture_setup_empty, store_fixture_teardown);
	tcase_add_test(tc, test_first_schema_is_brought_up_to_date);
	tcase_add_test(tc, test_failed_migration_is_undone);
	return tc;
}

Suite *store_samples_suite(void)
{
	Suite *suite = suite_create("store_samples");
	TCase *tc = tcase_create("store_samples");

	tcase_set_timeout(tc, 60); /* for sanitizers on a busy machine */
	tcase_add_checked_fixture(tc, store_fixture_setup, store_fixture_teardown);
	tcase_add_test(tc, test_samples_come_back);
	tcase_add_loop_test(tc, test_page_of_samples, 1, 27);
	tcase_add_test(tc, test_usages_add_up);
	tcase_add_test(tc, test_usage_runs_over);
	tcase_add_loop_test(tc, test_thin, 0, G_N_ELEMENTS(thin_cases));
	tcase_add_test(tc, test_thin_as_time_passes);
	tcase_add_test(tc, test_thin_in_steps);
	tcase_add_test(tc, test_thin_fails_whole);
	tcase_add_loop_test(tc, test_no_target_has_more_than_the_limit, 0, G_N_ELEMENTS(cut_cases));
	tcase_add_test(tc, test_prune_deletes_old_samples);
	tcase_add_test(tc, test_prune_deletes_old_usages);
	tcase_add_loop_test(tc, test_queries_go_by_an_index, 0, G_N_ELEMENTS(bounded_queries));
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, make_migration_case());
	return suite;
}
