/* Tests of lib/store: pages of history while it grows, readers beside the writer, and pruning. */
#include "store/store.h"

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "clk.h"
#include "drift_error.h"
#include "tests/unit/store_fixture.h"

Suite *store_read_suite(void);

static struct store_reader *must_open_reader(void)
{
	g_autoptr(GError) error = NULL;
	struct store_reader *reader = store_reader_open(fixture.path, &error);

	ck_assert_msg(reader != NULL, "%s", error ? error->message : "");
	return reader;
}

static GPtrArray *must_read(struct store_reader *reader, int64_t before_id, int limit)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *rows = store_read_transitions(reader, "service/a", before_id, limit, &error);

	ck_assert_msg(rows != NULL, "%s", error ? error->message : "");
	return rows;
}

static void add_transitions(int64_t first, int64_t last)
{
	struct store_batch *batch = store_fixture_batch(first);

	for (int64_t i = first; i <= last; i++) {
		store_fixture_transition(batch, "service/a", i);
		store_fixture_transition(batch, "service/b", i);
	}
	store_fixture_commit(batch);
}

START_TEST(test_transition_comes_back)
{
	struct store_reader *reader = must_open_reader();
	struct store_batch *batch = store_fixture_batch(1);
	struct store_transition *first = store_fixture_transition(batch, "service/a", 10);
	g_autoptr(GPtrArray) rows = NULL;
	const struct store_transition *got = NULL;

	g_clear_pointer(&first->from, g_free);
	g_clear_pointer(&first->relation, g_free);
	store_fixture_transition(batch, "service/a", 11);
	store_fixture_commit(batch);
	rows = must_read(reader, 0, 10);
	ck_assert_uint_eq(rows->len, 2);
	got = rows->pdata[0];
	ck_assert_str_eq(got->target, "service/a");
	ck_assert_int_eq(got->at_wall_ms, 11);
	ck_assert_str_eq(got->from, "ok");
	ck_assert_str_eq(got->to, "drift");
	ck_assert_str_eq(got->relation, "behind");
	ck_assert_str_eq(got->reasons, "[\"behind\"]");
	got = rows->pdata[1];
	ck_assert_int_eq(got->at_wall_ms, 10);
	ck_assert_ptr_null(got->from);
	ck_assert_ptr_null(got->relation);
	store_reader_close(reader);
}
END_TEST

START_TEST(test_pages_stay_valid_while_rows_come)
{
	/* 25 rows in pages of _i; before every page but the first, new ones arrive */
	struct store_reader *reader = must_open_reader();
	int64_t cursor = 0;
	int64_t next = 26;
	int64_t want = 25;

	add_transitions(1, 25);
	for (;;) {
		g_autoptr(GPtrArray) rows = must_read(reader, cursor, _i);

		for (guint i = 0; i < rows->len; i++) {
			const struct store_transition *row = rows->pdata[i];

			ck_assert_int_eq(row->at_wall_ms, want--);
			ck_assert(cursor == 0 || row->id < cursor);
			cursor = row->id;
		}
		if ((int)rows->len < _i)
			break;
		add_transitions(next, next + 2);
		next += 3;
	}
	ck_assert_int_eq(want, 0);
	store_reader_close(reader);
}
END_TEST

START_TEST(test_page_of_deployments)
{
	g_autoptr(GError) error = NULL;
	struct store_reader *reader = must_open_reader();
	struct store_batch *batch = store_fixture_batch(1);
	g_autoptr(GPtrArray) first = NULL;
	g_autoptr(GPtrArray) second = NULL;

	for (int i = 1; i <= 3; i++) {
		store_fixture_deployment(batch, "service/a", i);
		store_fixture_deployment(batch, "service/b", i)->committed_wall_ms = 9;
	}
	((struct store_deployment *)batch->deployments->pdata[4])->committed_wall_ms = 812;
	store_fixture_commit(batch);
	first = store_read_deployments(reader, "service/a", 0, 2, &error);
	ck_assert_ptr_nonnull(first);
	ck_assert_uint_eq(first->len, 2);
	ck_assert_int_eq(((const struct store_deployment *)first->pdata[0])->at_wall_ms, 3);
	ck_assert_int_eq(((const struct store_deployment *)first->pdata[0])->committed_wall_ms,
			 812);
	ck_assert_int_eq(((const struct store_deployment *)first->pdata[1])->committed_wall_ms, 0);
	second = store_read_deployments(reader, "service/a",
					((const struct store_deployment *)first->pdata[1])->id, 2,
					&error);
	ck_assert_ptr_nonnull(second);
	ck_assert_uint_eq(second->len, 1);
	ck_assert_int_eq(((const struct store_deployment *)second->pdata[0])->at_wall_ms, 1);
	ck_assert_str_eq(((const struct store_deployment *)second->pdata[0])->target, "service/a");
	store_reader_close(reader);
}
END_TEST

static const struct {
	int limit;
	guint want;
} limit_cases[] = {
	{-1, 0},
	{0, 0},
	{1, 1},
	{STORE_PAGE_MAX_ROWS, STORE_PAGE_MAX_ROWS},
	{STORE_PAGE_MAX_ROWS + 1, STORE_PAGE_MAX_ROWS},
	{INT32_MAX, STORE_PAGE_MAX_ROWS},
};

START_TEST(test_page_is_bounded)
{
	struct store_reader *reader = must_open_reader();
	g_autoptr(GPtrArray) rows = NULL;

	add_transitions(1, STORE_PAGE_MAX_ROWS + 1);
	rows = must_read(reader, 0, limit_cases[_i].limit);
	ck_assert_uint_eq(rows->len, limit_cases[_i].want);
	store_reader_close(reader);
}
END_TEST

START_TEST(test_cycle_comes_back)
{
	g_autoptr(GError) error = NULL;
	struct store_reader *reader = must_open_reader();
	struct store_cycle *cycle = NULL;

	store_fixture_commit(store_fixture_batch(77));
	cycle = store_read_cycle(reader, 1, &error);
	ck_assert_ptr_nonnull(cycle);
	ck_assert_int_eq(cycle->id, 1);
	ck_assert_str_eq(cycle->trigger, "schedule");
	ck_assert_int_eq(cycle->started_wall_ms, 77);
	ck_assert_int_eq(cycle->duration_ms, 12);
	ck_assert_str_eq(cycle->summary, "{\"evaluated\":1}");
	store_cycle_free(cycle);
	ck_assert_ptr_null(store_read_cycle(reader, 2, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND));
	store_reader_close(reader);
}
END_TEST

START_TEST(test_known)
{
	static const struct {
		const char *target;
		bool want;
	} rows[] = {
		{"service/v", true},     {"service/t", true},  {"service/d", true},
		{"table/s", true},       {"service/o", false}, {"table/u", false},
		{"service/none", false}, {"", false},
	};
	g_autoptr(GError) error = NULL;
	struct store_reader *reader = must_open_reader();
	struct store_batch *batch = store_fixture_batch(1);

	store_fixture_verdict(batch, "service/v");
	store_fixture_transition(batch, "service/t", 1);
	store_fixture_deployment(batch, "service/d", 1);
	store_fixture_sample(batch, "table/s", 1);
	store_fixture_observation(batch, "service/o", 1); /* shown nowhere */
	store_fixture_usage(batch, "table/u");            /* likewise */
	store_fixture_commit(batch);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		bool known = !rows[i].want;

		ck_assert(store_read_known(reader, rows[i].target, &known, &error));
		ck_assert_msg(known == rows[i].want, "%s", rows[i].target);
	}
	store_reader_close(reader);
}
END_TEST

START_TEST(test_reader_makes_no_file)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_build_filename(fixture.dir, "none.db", NULL);

	ck_assert_ptr_null(store_reader_open(path, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND));
	ck_assert_ptr_nonnull(strstr(error->message, path));
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

/* What the threads of the next two tests share. */
struct beside {
	atomic_bool stop;
	atomic_int pages;
	atomic_int torn; /* pages that showed part of a batch */
	atomic_int failures;
};

static void *read_on(void *data)
{
	struct beside *beside = data;
	struct store_reader *reader = store_reader_open(fixture.path, NULL);

	while (reader && !atomic_load(&beside->stop)) {
		GPtrArray *rows = store_read_transitions(reader, "service/a", 0, 50, NULL);

		if (!rows)
			atomic_fetch_add(&beside->failures, 1);
		else if (rows->len % 5 != 0)
			atomic_fetch_add(&beside->torn, 1);
		if (rows)
			g_ptr_array_unref(rows);
		atomic_fetch_add(&beside->pages, 1);
	}
	atomic_fetch_add(&beside->failures, reader ? 0 : 1);
	store_reader_close(reader);
	return NULL;
}

START_TEST(test_readers_beside_the_writer)
{
	struct beside beside = {0};
	pthread_t threads[2];
	int commits = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, read_on, &beside), 0);
	/* on, until all have read for a while; fifty rows in pages of fifty are always whole */
	while (commits < 100 || (atomic_load(&beside.pages) < 200 && commits < 20000)) {
		add_transitions(commits * 5 + 1, commits * 5 + 5);
		if (++commits % 10 == 0)
			store_checkpoint(fixture.store);
	}
	atomic_store(&beside.stop, true);
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_int_ge(atomic_load(&beside.pages), 200);
	ck_assert_int_eq(atomic_load(&beside.torn), 0);
	ck_assert_int_eq(atomic_load(&beside.failures), 0);
}
END_TEST

/* A clock on which two seconds pass all the time. */
static void *run_clock(void *data)
{
	struct beside *beside = data;

	for (int64_t now_ms = 1; !atomic_load(&beside->stop); now_ms += 3000)
		clk_set_fake(now_ms, now_ms);
	return NULL;
}

START_TEST(test_slow_statement_is_ended)
{
	g_autoptr(GError) error = NULL;
	struct beside beside = {0};
	struct store_reader *reader = must_open_reader();
	pthread_t thread;
	bool timed_out = false;

	add_transitions(1, 500);
	clk_set_fake(1, 1);
	/* a clock that stands still: it takes no time, whatever it takes */
	g_ptr_array_unref(must_read(reader, 0, 500));
	ck_assert_int_eq(pthread_create(&thread, NULL, run_clock, &beside), 0);
	while (!timed_out) { /* the test's own timeout ends this */
		GPtrArray *rows = store_read_transitions(reader, "service/a", 0, 500, &error);

		if (rows)
			g_ptr_array_unref(rows);
		timed_out = !rows;
	}
	atomic_store(&beside.stop, true);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_TIMEOUT));
	/* and the reader is as good as before */
	g_ptr_array_unref(must_read(reader, 0, 500));
	store_reader_close(reader);
	clk_clear_fake();
}
END_TEST

/* Steps of at most max_rows until nothing is left; their number. */
static int prune_all(int64_t before_wall_ms, int max_rows)
{
	g_autoptr(GError) error = NULL;
	bool more = true;
	int steps = 0;

	while (more) {
		int64_t before = store_fixture_number("SELECT count(*) FROM transitions");
		bool ok = store_prune(fixture.store, before_wall_ms, max_rows, &more, &error);

		ck_assert_msg(ok, "%s", error ? error->message : "");
		ck_assert_int_ge(store_fixture_number("SELECT count(*) FROM transitions"),
				 before - max_rows);
		steps++;
	}
	return steps;
}

START_TEST(test_prune_in_steps)
{
	add_transitions(1, 50); /* 100 rows and a cycle of time 1 */
	add_transitions(100, 104);
	ck_assert_int_eq(prune_all(100, 7), 15); /* 101 rows in steps of seven */
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM transitions"), 10);
	ck_assert_int_eq(store_fixture_number("SELECT min(at_wall_ms) FROM transitions"), 100);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM cycles"), 1);
	ck_assert_int_eq(prune_all(100, 7), 1);
}
END_TEST

START_TEST(test_prune_keeps_what_holds)
{
	struct store_batch *batch = store_fixture_batch(1);

	store_fixture_verdict(batch, "service/a");
	for (int i = 1; i <= 20; i++) {
		store_fixture_transition(batch, "service/a", i);
		store_fixture_observation(batch, "service/a", i);
		store_fixture_deployment(batch, "service/a", i);
		store_fixture_head(batch, "main", i);
		store_fixture_head(batch, "other", i);
	}
	store_fixture_commit(batch);
	(void)prune_all(1000000, 1000);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM verdicts"), 1);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM transitions"), 0);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM observations"), 1);
	ck_assert_int_eq(store_fixture_number("SELECT max(at_wall_ms) FROM observations"), 20);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM deployments"),
			 STORE_DEPLOYMENTS_KEPT);
	ck_assert_int_eq(store_fixture_number("SELECT max(at_wall_ms) FROM deployments"), 20);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM heads"), 2);
	ck_assert_int_eq(store_fixture_number("SELECT min(seen_wall_ms) FROM heads"), 20);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM cycles"), 1);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM targets"), 1);
}
END_TEST

START_TEST(test_prune_forgets_removed_targets)
{
	g_autoptr(GError) error = NULL;
	struct store_batch *batch = store_fixture_batch(1);

	store_fixture_verdict(batch, "service/a");
	store_fixture_verdict(batch, "service/b");
	store_fixture_observation(batch, "service/a", 1);
	store_fixture_deployment(batch, "service/a", 1);
	store_fixture_transition(batch, "service/a", 1);
	store_fixture_observation(batch, "service/b", 1);
	store_fixture_commit(batch);
	ck_assert(store_remove_verdict(fixture.store, "service/a", &error));
	(void)prune_all(1, 1000); /* nothing is older: its history stays */
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM targets"), 2);
	(void)prune_all(2, 1000);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM targets"), 1);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM observations"), 1);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM deployments"), 0);
}
END_TEST

START_TEST(test_prune_passes_by_rows_of_a_wrong_clock)
{
	/* the clock was in the future for two cycles: they wait, those behind them do not */
	store_fixture_commit(store_fixture_batch(900000));
	store_fixture_commit(store_fixture_batch(900001));
	for (int i = 1; i <= 5; i++)
		store_fixture_commit(store_fixture_batch(i));
	(void)prune_all(100, 1);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM cycles"), 3);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM cycles WHERE id = 7"), 1);
}
END_TEST

START_TEST(test_ids_are_not_given_out_again)
{
	struct store_reader *reader = must_open_reader();
	g_autoptr(GPtrArray) before = NULL;
	g_autoptr(GPtrArray) after = NULL;

	add_transitions(1, 3);
	before = must_read(reader, 0, 1);
	(void)prune_all(100, 1000);
	store_fixture_reopen();
	add_transitions(200, 200);
	after = must_read(reader, 0, 10);
	ck_assert_uint_eq(after->len, 1);
	ck_assert_int_gt(((const struct store_transition *)after->pdata[0])->id,
			 ((const struct store_transition *)before->pdata[0])->id);
	ck_assert_int_eq(store_next_cycle_id(fixture.store), 3);
	store_reader_close(reader);
}
END_TEST

Suite *store_read_suite(void)
{
	Suite *suite = suite_create("store_read");
	TCase *tc = tcase_create("store_read");

	tcase_set_timeout(tc, 60); /* for sanitizers on a busy machine */
	tcase_add_checked_fixture(tc, store_fixture_setup, store_fixture_teardown);
	tcase_add_test(tc, test_transition_comes_back);
	tcase_add_loop_test(tc, test_pages_stay_valid_while_rows_come, 1, 27);
	tcase_add_test(tc, test_page_of_deployments);
	tcase_add_loop_test(tc, test_page_is_bounded, 0, G_N_ELEMENTS(limit_cases));
	tcase_add_test(tc, test_cycle_comes_back);
	tcase_add_test(tc, test_known);
	tcase_add_test(tc, test_reader_makes_no_file);
	tcase_add_test(tc, test_readers_beside_the_writer);
	tcase_add_test(tc, test_slow_statement_is_ended);
	tcase_add_test(tc, test_prune_in_steps);
	tcase_add_test(tc, test_prune_keeps_what_holds);
	tcase_add_test(tc, test_prune_forgets_removed_targets);
	tcase_add_test(tc, test_prune_passes_by_rows_of_a_wrong_clock);
	tcase_add_test(tc, test_ids_are_not_given_out_again);
	suite_add_tcase(suite, tc);
	return suite;
}
