#include <check.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#include "api/app.h"
#include "clk.h"
#include "drift_error.h"
#include "events_fixture.h"
#include "store_fixture.h"

Suite *events_suite(void);

#define NOW_MONO_MS INT64_C(5000000)
#define ROOM 4096

static struct app *app;
static struct events *events;

static void no_wake(void *data)
{
	(void)data;
}

/* What is in the database has the ids 1.. */
static void create(const char *path)
{
	clk_set_fake(NOW_MONO_MS, EVENTS_FIXTURE_WALL_MS);
	app = app_create(path, no_wake, NULL);
	events = app_events(app);
}

static void setup(void)
{
	create("/nonexistent/driftd.db");
}

static void teardown(void)
{
	app_free(app);
}

static void setup_stored(void)
{
	store_fixture_setup();
	create(fixture.path);
}

static void teardown_stored(void)
{
	teardown();
	store_fixture_teardown();
}

/* Rows as events_fixture_rows() has them, committed; ids are given out in this order. */
static void store_rows(int64_t from, int64_t to)
{
	struct store_batch *batch = store_fixture_batch(EVENTS_FIXTURE_WALL_MS);
	GPtrArray *rows = events_fixture_rows(from, to);

	g_ptr_array_extend_and_steal(batch->transitions, rows);
	store_fixture_commit(batch);
}

static void check_taken(struct tap *tap, const char *want)
{
	g_autofree char *got = tap_take(tap, ROOM);

	ck_assert_str_eq(got, want);
}

/* It gets the transitions @p from .. @p to and nothing else. */
static void check_rows(struct tap *tap, int64_t from, int64_t to)
{
	g_autofree char *want = events_fixture_text(from, to);

	check_taken(tap, want);
}

/* Opened, with the start of the stream taken. */
static struct tap *begin(int64_t after_id, int64_t want_id)
{
	struct tap *tap = tap_open(events, app, after_id);
	g_autofree char *got = tap_take(tap, ROOM);
	g_autofree char *want = g_strdup_printf("retry: 3000\nid: %" PRId64 "\n\n", want_id);

	ck_assert_msg(g_str_has_prefix(got, want), "%s, not %s", got, want);
	return tap;
}

static void end(struct tap *tap)
{
	if (tap->asleep > tap->woken)
		events_end_readers(events);
	tap_close(tap);
}

START_TEST(test_start)
{
	struct tap *tap = begin(-1, 0);

	end(tap);
	events_set_last_id(events, 41);
	events_set_snapshot(events, "f1", "{\"fact\":\"f1\"}");
	events_set_check(events, 7, "schedule", true, 3, 31);
	tap = tap_open(events, app, -1);
	check_taken(tap, "retry: 3000\nid: 41\n\n"
			 "event: snapshot\ndata: {\"fact\":\"f1\"}\n\n"
			 "event: check\ndata: {\"id\":7,\"trigger\":\"schedule\","
			 "\"state\":\"running\",\"done\":3,\"total\":31}\n\n");
	ck_assert(!tap->is_over);
	ck_assert_int_eq(events_get_stats(events).readers, 1);
	end(tap);
	ck_assert_int_eq(events_get_stats(events).readers, 0);
}
END_TEST

START_TEST(test_transitions)
{
	struct tap *tap = begin(-1, 0);

	events_fixture_add(events, 1, 1);
	check_rows(tap, 1, 1);
	events_fixture_add(events, 2, 5);
	check_rows(tap, 2, 5);
	ck_assert_int_eq(tap->woken, 2); /* once for all of a cycle */
	end(tap);
}
END_TEST

/* Whatever is in it, it stays one line of JSON. */
START_TEST(test_hostile_transition)
{
	struct tap *tap = begin(-1, 0);
	g_autoptr(GPtrArray) rows = events_fixture_rows(1, 1);
	struct store_transition *row = rows->pdata[0];

	g_free(row->target);
	row->target = g_strdup("table/\n\ndata: \"x\"\r</script>");
	g_clear_pointer(&row->from, g_free);
	g_clear_pointer(&row->relation, g_free);
	g_free(row->reasons);
	row->reasons = g_strdup("null");
	events_add_transitions(events, rows);
	check_taken(tap, "id: 1\nevent: transition\ndata: {\"id\":1,\"target\":"
			 "\"table/\\n\\ndata: \\\"x\\\"\\r</script>\","
			 "\"at\":\"2026-11-20T11:00:03Z\",\"from\":null,\"to\":\"drift\","
			 "\"relation\":null,\"reasons\":[]}\n\n");
	end(tap);
}
END_TEST

/* However little there is room for at a time. */
START_TEST(test_small_buffers)
{
	static const size_t sizes[] = {1, 2, 7, 300, 100000};
	struct tap *tap = begin(-1, 0);
	g_autofree char *got = NULL;
	g_autofree char *want = events_fixture_text(1, 20);

	events_fixture_add(events, 1, 20);
	got = tap_take(tap, sizes[_i]);
	ck_assert_str_eq(got, want);
	end(tap);
}
END_TEST

START_TEST(test_snapshots)
{
	struct tap *tap = begin(-1, 0);

	events_set_snapshot(events, "f1", "{\"fact\":\"f1\"}");
	check_taken(tap, "event: snapshot\ndata: {\"fact\":\"f1\"}\n\n");
	events_set_snapshot(events, "f1", "{\"fact\":\"f1\",\"later\":true}");
	ck_assert_int_eq(tap->woken, 1); /* nothing new */
	events_set_snapshot(events, "f2", "{\"fact\":\"f2\"}");
	events_fixture_add(events, 1, 1);
	events_set_snapshot(events, "f3", "{\"fact\":\"f3\"}");
	{
		g_autofree char *row = events_fixture_text(1, 1);
		g_autofree char *want =
			g_strconcat(row, "event: snapshot\ndata: {\"fact\":\"f3\"}\n\n", NULL);

		check_taken(tap, want); /* f2 is of no interest any more */
	}
	end(tap);
}
END_TEST

#define CHECK_EVENT(ID, STATE, DONE)                                                               \
	"event: check\ndata: {\"id\":" #ID ",\"trigger\":\"check\",\"state\":\"" STATE             \
	"\",\"done\":" #DONE ",\"total\":9}\n\n"

/* Of progress the last counts; that a check is over is never left out. */
START_TEST(test_checks)
{
	struct tap *tap = begin(-1, 0), *late = NULL;

	events_set_check(events, 7, "check", true, 0, 9);
	check_taken(tap, CHECK_EVENT(7, "running", 0));
	events_set_check(events, 7, "check", true, 4, 9);
	events_set_check(events, 7, "check", true, 8, 9);
	check_taken(tap, CHECK_EVENT(7, "running", 8));
	events_set_check(events, 7, "check", true, 9, 9);
	events_set_check(events, 7, "check", false, 9, 9);
	events_set_check(events, 8, "check", true, 0, 9);
	check_taken(tap, CHECK_EVENT(7, "finished", 9) CHECK_EVENT(8, "running", 0));
	late = tap_open(events, app, -1);
	check_taken(late, "retry: 3000\nid: 0\n\n" CHECK_EVENT(8, "running", 0));
	end(late);
	end(tap);
}
END_TEST

START_TEST(test_beats)
{
	struct tap *tap = NULL;

	ck_assert_int_eq(events_due_mono_ms(events), INT64_MAX);
	events_beat(events, NOW_MONO_MS + MS_PER_DAY);
	tap = begin(-1, 0);
	ck_assert_int_eq(events_due_mono_ms(events), NOW_MONO_MS + 15 * MS_PER_S);
	events_beat(events, NOW_MONO_MS + 15 * MS_PER_S - 1);
	ck_assert_int_eq(tap->woken, 0);
	events_beat(events, NOW_MONO_MS + 15 * MS_PER_S);
	check_taken(tap, ": beat\n\n");
	ck_assert_int_eq(events_due_mono_ms(events), NOW_MONO_MS + 30 * MS_PER_S);
	events_beat(events, NOW_MONO_MS + 30 * MS_PER_S);
	events_beat(events, NOW_MONO_MS + 45 * MS_PER_S);
	check_taken(tap, ": beat\n\n"); /* one says as much as two */
	end(tap);
	ck_assert_int_eq(events_due_mono_ms(events), INT64_MAX);
	clk_set_fake(NOW_MONO_MS + MS_PER_DAY, EVENTS_FIXTURE_WALL_MS);
	tap = begin(-1, 0);
	ck_assert_int_eq(events_due_mono_ms(events), NOW_MONO_MS + MS_PER_DAY + 15 * MS_PER_S);
	end(tap);
}
END_TEST

/* What was missed is told as it was told then. */
START_TEST(test_resume_from_memory)
{
	struct tap *tap = NULL;

	events_fixture_add(events, 1, 10);
	events_set_snapshot(events, "f1", "{}");
	events_set_check(events, 7, "check", true, 0, 9);
	tap = tap_open(events, app, 4);
	{
		g_autofree char *rows = events_fixture_text(5, 10);
		g_autofree char *want =
			g_strconcat("retry: 3000\nid: 4\n\nevent: snapshot\ndata: {}\n\n",
				    CHECK_EVENT(7, "running", 0), rows, NULL);

		check_taken(tap, want); /* neither snapshot nor check a second time */
	}
	events_fixture_add(events, 11, 11);
	check_rows(tap, 11, 11);
	end(tap);
}
END_TEST

static const struct {
	int64_t after_id; /* of 10 */
	const char *want;
} foreign_cases[] = {
	{9, NULL},
	{10, ""},
	{11, "id: 10\n\nevent: reset\ndata: {\"last_id\":10}\n\n"},
	{INT64_MAX, "id: 10\n\nevent: reset\ndata: {\"last_id\":10}\n\n"},
};

START_TEST(test_foreign_id)
{
	int64_t id = MIN(foreign_cases[_i].after_id, 10);
	struct tap *tap = NULL;
	g_autofree char *last = events_fixture_text(10, 10);
	g_autofree char *want = NULL;

	events_fixture_add(events, 1, 10);
	tap = tap_open(events, app, foreign_cases[_i].after_id);
	want = g_strdup_printf("retry: 3000\nid: %" PRId64 "\n\n%s", id,
			       foreign_cases[_i].want ? foreign_cases[_i].want : last);
	check_taken(tap, want);
	events_fixture_add(events, 11, 12);
	check_rows(tap, 11, 12);
	end(tap);
}
END_TEST

/* One that is further behind than what is kept. The newest that does not fit makes room. */
START_TEST(test_overtaken)
{
	int64_t count = EVENTS_KEPT_MAX - 1 + _i;
	bool is_dropped = _i == 2;
	struct tap *tap = begin(-1, 0), *fast = begin(-1, 0);

	events_fixture_add(events, 1, count / 2);
	check_rows(fast, 1, count / 2);
	events_fixture_add(events, count / 2 + 1, count);
	if (is_dropped)
		check_taken(tap, "");
	else
		check_rows(tap, 1, count);
	ck_assert_int_eq(tap->is_over, is_dropped);
	ck_assert_int_eq(events_get_stats(events).dropped_total, is_dropped ? 1 : 0);
	check_rows(fast, count / 2 + 1, count);
	ck_assert(!fast->is_over);
	end(fast);
	end(tap);
	ck_assert_int_eq(events_get_stats(events).dropped_total, is_dropped ? 1 : 0);
}
END_TEST

/* Large ones: bytes are bounded as well. */
START_TEST(test_overtaken_by_bytes)
{
	struct tap *tap = begin(-1, 0);
	g_autofree char *long_name = g_strnfill((gsize)1023 * 1024, 'x');
	int64_t fit = (int64_t)EVENTS_KEPT_MAX_BYTES / (1024 * 1024);

	for (int64_t id = 1; id <= fit + _i; id++) {
		g_autoptr(GPtrArray) rows = events_fixture_rows(id, id);
		struct store_transition *row = rows->pdata[0];

		g_free(row->target);
		row->target = g_strdup(long_name);
		events_add_transitions(events, rows);
	}
	{
		g_autofree char *got = tap_take(tap, ROOM);

		ck_assert_int_eq(tap->is_over, _i > 0);
		ck_assert_int_eq(got[0] == '\0', _i > 0);
	}
	end(tap);
}
END_TEST

/* What all have taken is not kept, but for a little: without a database the rest cannot be had. */
START_TEST(test_spare)
{
	struct tap *tap = begin(-1, 0), *back = NULL;

	events_fixture_add(events, 1, 2000);
	check_rows(tap, 1, 2000);
	events_fixture_add(events, 2001, 2001);
	back = begin(2001 - EVENTS_SPARE, 2001 - EVENTS_SPARE);
	ck_assert(!back->is_over);
	end(back);
	back = begin(2001 - EVENTS_SPARE - 1, 2001 - EVENTS_SPARE - 1);
	ck_assert(back->is_over);
	end(back);
	end(tap);
}
END_TEST

START_TEST(test_stuck)
{
	int64_t waited_ms = EVENTS_STUCK_MS - 1 + _i;
	struct tap *tap = begin(-1, 0);

	events_fixture_add(events, 1, 1);
	clk_set_fake(NOW_MONO_MS + waited_ms, EVENTS_FIXTURE_WALL_MS);
	tap_close(tap); /* the server closed it */
	ck_assert_int_eq(events_get_stats(events).dropped_total, _i > 0 ? 1 : 0);
}
END_TEST

static struct events_reader *try_create(GError **error)
{
	return events_reader_create(events, app, -1, error);
}

START_TEST(test_too_many)
{
	g_autoptr(GPtrArray) readers =
		g_ptr_array_new_with_free_func((GDestroyNotify)events_reader_free);
	g_autoptr(GError) error = NULL;

	for (int i = 0; i < EVENTS_READERS_MAX; i++) {
		g_ptr_array_add(readers, try_create(NULL));
		ck_assert_ptr_nonnull(readers->pdata[i]);
	}
	ck_assert_ptr_null(try_create(&error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_BUSY));
	ck_assert_int_eq(events_get_stats(events).readers, EVENTS_READERS_MAX);
	g_ptr_array_set_size(readers, EVENTS_READERS_MAX - 1);
	g_ptr_array_add(readers, try_create(NULL));
	ck_assert_ptr_nonnull(readers->pdata[EVENTS_READERS_MAX - 1]);
}
END_TEST

static void ignore(void *data, int64_t check_id, const char *summary, enum state overall,
		   const char *error)
{
	(void)data;
	(void)check_id;
	(void)summary;
	(void)overall;
	(void)error;
}

/* Those who wait for something count as well. */
START_TEST(test_too_many_wait)
{
	int waiters = APP_WAITERS_MAX - 2 + _i;
	struct events_reader *reader = NULL, *second = NULL;

	for (int i = 0; i < waiters; i++) {
		struct waiter *waiter = g_new0(struct waiter, 1);

		waiter->complete = ignore;
		ck_assert(app_wait_check(app, waiter, NULL));
	}
	reader = try_create(NULL);
	second = try_create(NULL);
	ck_assert_int_eq(reader != NULL, _i < 2);
	ck_assert_int_eq(second != NULL, _i < 1);
	events_reader_free(reader);
	events_reader_free(second);
	app_stop(app, "over");
}
END_TEST

/* What is there is read to its end. Nothing is added, and nobody comes, after it. */
START_TEST(test_stop)
{
	struct tap *asleep = begin(-1, 0), *awake = begin(-1, 0);
	g_autoptr(GError) error = NULL;

	events_fixture_add(events, 1, 2);
	check_rows(asleep, 1, 2);
	events_stop(events);
	events_fixture_add(events, 3, 3);
	events_set_snapshot(events, "f", "{}");
	events_set_check(events, 7, "check", false, 1, 1);
	ck_assert_int_eq(asleep->woken, 2);
	check_taken(asleep, "");
	ck_assert(asleep->is_over);
	check_rows(awake, 1, 2);
	ck_assert(awake->is_over);
	ck_assert_ptr_null(try_create(&error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_BUSY));
	ck_assert_int_eq(events_due_mono_ms(events), INT64_MAX);
	tap_close(asleep);
	tap_close(awake);
	ck_assert_int_eq(events_get_stats(events).dropped_total, 0);
}
END_TEST

START_TEST(test_end_readers)
{
	struct tap *tap = begin(-1, 0), *next = NULL;

	events_end_readers(events);
	ck_assert_int_eq(tap->woken, 1);
	events_fixture_add(events, 1, 1);
	check_taken(tap, ""); /* not for it any more */
	ck_assert(tap->is_over);
	tap_close(tap);
	next = begin(0, 0);
	ck_assert(!next->is_over);
	end(next);
}
END_TEST

/* With a database. */

static const struct {
	int64_t stored; /* rows that an earlier process wrote */
	int64_t added;  /* and that this one told */
	int64_t after_id;
} resume_cases[] = {
	{1, 0, 0},      {1, 0, 1},      {99, 0, 0},     {100, 0, 0},    {101, 0, 0},
	{250, 0, 0},    {250, 0, 49},   {250, 10, 150}, {250, 10, 0},   {250, 10, 249},
	{250, 10, 250}, {250, 10, 255}, {250, 10, 259}, {250, 10, 260}, {0, 3, 0},
};

START_TEST(test_resume)
{
	int64_t stored = resume_cases[_i].stored, all = stored + resume_cases[_i].added;
	struct tap *tap = NULL;
	g_autofree char *rows = events_fixture_text(resume_cases[_i].after_id + 1, all);
	g_autofree char *got = NULL;
	g_autofree char *want = g_strdup_printf("retry: 3000\nid: %" PRId64 "\n\n%s",
						resume_cases[_i].after_id, rows);

	store_rows(1, all);
	events_set_last_id(events, stored);
	events_fixture_add(events, stored + 1, all);
	tap = tap_open(events, app, resume_cases[_i].after_id);
	got = tap_take(tap, 1000);
	ck_assert_str_eq(got, want);
	ck_assert(!tap->is_over);
	store_rows(all + 1, all + 1);
	events_fixture_add(events, all + 1, all + 1);
	check_rows(tap, all + 1, all + 1);
	end(tap);
}
END_TEST

/* While it reads what it missed, more is told than is kept: it goes on in the database. */
START_TEST(test_resume_while_more_comes)
{
	struct tap *tap = NULL;
	g_autofree char *want = events_fixture_text(1, EVENTS_KEPT_MAX + 400);
	g_autofree char *rest = NULL;
	char first[300];
	ssize_t got;

	store_rows(1, EVENTS_KEPT_MAX + 400);
	events_set_last_id(events, 200);
	events_fixture_add(events, 201, 300);
	tap = tap_open(events, app, 0);
	got = events_reader_take(tap->reader, first, sizeof(first), NULL, NULL, NULL);
	ck_assert_int_gt(got, 0);
	events_fixture_add(events, 301, EVENTS_KEPT_MAX + 400);
	rest = tap_take(tap, ROOM);
	ck_assert(!tap->is_over);
	ck_assert(g_str_has_suffix(want, rest));
	ck_assert_uint_eq(strlen(rest) + (size_t)got,
			  strlen(want) + strlen("retry: 3000\nid: 0\n\n"));
	end(tap);
}
END_TEST

/* The database has what was not told yet: that comes when it is told, and once. */
START_TEST(test_resume_before_it_is_told)
{
	struct tap *tap = NULL;
	g_autofree char *rows = events_fixture_text(1, 10);
	g_autofree char *want = g_strconcat("retry: 3000\nid: 0\n\n", rows, NULL);

	store_rows(1, 12);
	events_set_last_id(events, 10);
	tap = tap_open(events, app, 0);
	check_taken(tap, want);
	events_fixture_add(events, 11, 12);
	check_rows(tap, 11, 12);
	end(tap);
}
END_TEST

static const struct {
	const char *sql; /* what was pruned of 1..250 */
	int64_t after_id;
	int64_t told_to; /* from after_id on; then the reset */
} gap_cases[] = {
	{"DELETE FROM transitions WHERE id <= 20", 19, 19},
	{"DELETE FROM transitions WHERE id <= 20", 0, 0},
	{"DELETE FROM transitions", 0, 0},
	{"DELETE FROM transitions", 249, 249},
	/* times go backwards with a clock that was set back, and so does what is old */
	{"DELETE FROM transitions WHERE id = 31", 0, 30},
	{"DELETE FROM transitions WHERE id = 101", 0, 100},
	{"DELETE FROM transitions WHERE id = 250", 0, 249},
};

START_TEST(test_gap)
{
	struct tap *tap = NULL;
	g_autofree char *rows =
		events_fixture_text(gap_cases[_i].after_id + 1, gap_cases[_i].told_to);
	g_autofree char *want =
		g_strdup_printf("retry: 3000\nid: %" PRId64 "\n\n%sid: 255\n\nevent: reset\ndata: "
				"{\"last_id\":255}\n\n",
				gap_cases[_i].after_id, rows);

	store_rows(1, 255);
	store_fixture_exec(gap_cases[_i].sql);
	events_set_last_id(events, 250);
	events_fixture_add(events, 251, 255);
	tap = tap_open(events, app, gap_cases[_i].after_id);
	check_taken(tap, want);
	events_fixture_add(events, 256, 256);
	check_rows(tap, 256, 256);
	end(tap);
}
END_TEST

/* Up to where nothing is missing nothing is reset. */
START_TEST(test_no_gap)
{
	struct tap *tap = NULL;
	g_autofree char *rows = events_fixture_text(21, 250);
	g_autofree char *want = g_strconcat("retry: 3000\nid: 20\n\n", rows, NULL);

	store_rows(1, 250);
	store_fixture_exec("DELETE FROM transitions WHERE id <= 20");
	events_set_last_id(events, 250);
	tap = tap_open(events, app, 20);
	check_taken(tap, want);
	end(tap);
}
END_TEST

/* A snapshot that came while it read, or before the reset, is not lost. */
START_TEST(test_snapshot_while_behind)
{
	struct tap *tap = NULL;
	g_autofree char *rows = events_fixture_text(1, 10);
	g_autofree char *want =
		_i == 0 ? g_strconcat("retry: 3000\nid: 0\n\n", rows,
				      "event: snapshot\ndata: {}\n\n", NULL)
			: g_strdup("retry: 3000\nid: 0\n\nid: 10\n\nevent: reset\ndata: "
				   "{\"last_id\":10}\n\nevent: snapshot\ndata: {}\n\n");

	store_rows(1, 10);
	if (_i > 0)
		store_fixture_exec("DELETE FROM transitions");
	events_set_last_id(events, 10);
	tap = tap_open(events, app, 0);
	events_set_snapshot(events, "f", "{}");
	check_taken(tap, want);
	end(tap);
}
END_TEST

/* Threads: each reader has one of its own that sleeps and is woken. */

#define READERS 8
#define ROUNDS 400

struct follower {
	pthread_t thread;
	struct events_reader *reader;
	sem_t awake;
	bool is_suspended; /* its own thread's */
	GString *text;
};

static void follower_suspend(void *data)
{
	((struct follower *)data)->is_suspended = true;
}

static void follower_wake(void *data)
{
	if (sem_post(&((struct follower *)data)->awake) != 0)
		abort();
}

static void *follow(void *data)
{
	struct follower *follower = data;
	char buffer[200];
	ssize_t got;

	while ((got = events_reader_take(follower->reader, buffer, sizeof(buffer), follower_suspend,
					 follower_wake, follower)) >= 0) {
		g_string_append_len(follower->text, buffer, got);
		if ((got == 0) != follower->is_suspended)
			abort();
		while (follower->is_suspended && sem_wait(&follower->awake) != 0)
			continue;
		follower->is_suspended = false;
	}
	events_reader_free(follower->reader);
	return NULL;
}

/* No wake is lost, and nobody is woken who is gone: for ThreadSanitizer. */
START_TEST(test_threads)
{
	struct follower followers[READERS] = {0};
	g_autofree char *want = events_fixture_text(1, ROUNDS);

	for (int i = 0; i < READERS; i++) {
		followers[i].reader = try_create(NULL);
		followers[i].text = g_string_new(NULL);
		ck_assert_int_eq(sem_init(&followers[i].awake, 0, 0), 0);
		ck_assert_int_eq(pthread_create(&followers[i].thread, NULL, follow, &followers[i]),
				 0);
	}
	for (int id = 1; id <= ROUNDS; id++) {
		events_fixture_add(events, id, id);
		if (id % 7 == 0)
			sched_yield();
	}
	events_stop(events);
	for (int i = 0; i < READERS; i++) {
		ck_assert_int_eq(pthread_join(followers[i].thread, NULL), 0);
		ck_assert_str_eq(followers[i].text->str + strlen("retry: 3000\nid: 0\n\n"), want);
		g_string_free(followers[i].text, TRUE);
		ck_assert_int_eq(sem_destroy(&followers[i].awake), 0);
	}
	ck_assert_int_eq(events_get_stats(events).readers, 0);
}
END_TEST

static TCase *in_memory(void)
{
	TCase *tcase = tcase_create("memory");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_start);
	tcase_add_test(tcase, test_transitions);
	tcase_add_test(tcase, test_hostile_transition);
	tcase_add_loop_test(tcase, test_small_buffers, 0, 5);
	tcase_add_test(tcase, test_snapshots);
	tcase_add_test(tcase, test_checks);
	tcase_add_test(tcase, test_beats);
	tcase_add_test(tcase, test_resume_from_memory);
	tcase_add_loop_test(tcase, test_foreign_id, 0, G_N_ELEMENTS(foreign_cases));
	tcase_add_loop_test(tcase, test_overtaken, 0, 3);
	tcase_add_loop_test(tcase, test_overtaken_by_bytes, 0, 2);
	tcase_add_test(tcase, test_spare);
	tcase_add_loop_test(tcase, test_stuck, 0, 2);
	tcase_add_test(tcase, test_too_many);
	tcase_add_loop_test(tcase, test_too_many_wait, 0, 3);
	tcase_add_test(tcase, test_stop);
	tcase_add_test(tcase, test_end_readers);
	tcase_add_test(tcase, test_threads);
	return tcase;
}

static TCase *stored(void)
{
	TCase *tcase = tcase_create("stored");

	tcase_add_checked_fixture(tcase, setup_stored, teardown_stored);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_resume, 0, G_N_ELEMENTS(resume_cases));
	tcase_add_test(tcase, test_resume_while_more_comes);
	tcase_add_test(tcase, test_resume_before_it_is_told);
	tcase_add_loop_test(tcase, test_gap, 0, G_N_ELEMENTS(gap_cases));
	tcase_add_test(tcase, test_no_gap);
	tcase_add_loop_test(tcase, test_snapshot_while_behind, 0, 2);
	return tcase;
}

Suite *events_suite(void)
{
	Suite *suite = suite_create("events");

	suite_add_tcase(suite, in_memory());
	suite_add_tcase(suite, stored());
	return suite;
}
