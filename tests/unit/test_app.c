#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/refusal.h"
#include "api_fixture.h"
#include "clk.h"
#include "drift_error.h"
#include "events_fixture.h"

Suite *app_suite(void);

static atomic_int woken;

static void wake(void *data)
{
	(void)data;
	(void)atomic_fetch_add(&woken, 1);
}

static struct app *create(void)
{
	clk_set_fake(FIXTURE_NOW_MONO_MS, FIXTURE_NOW_WALL_MS);
	return app_create("/nonexistent/driftd.db", wake, NULL);
}

START_TEST(test_publish)
{
	struct app *app = create();
	struct snapshot *first = snapshot_create(fixture_world());
	struct snapshot *got = NULL;

	ck_assert_ptr_null(app_snapshot(app));
	app_publish(app, first);
	got = app_snapshot(app);
	ck_assert_ptr_eq(got, first);
	app_publish(app, snapshot_create(fixture_world()));
	ck_assert_uint_eq(strlen(got->status_json.bytes),
			  got->status_json.length); /* still whole */
	snapshot_unref(got);
	app_free(app);
}
END_TEST

/* The fixture's verdicts expire 14 minutes after FIXTURE_NOW. */
static const struct {
	int64_t mono_ms, wall_ms; /* after FIXTURE_NOW */
	bool is_anew;
} late_cases[] = {
	{0, 0, false},
	{14 * MS_PER_MINUTE + SNAPSHOT_LATE_MS, 0, false},
	{14 * MS_PER_MINUTE + SNAPSHOT_LATE_MS + 1, 0, true},
	{0, MS_PER_DAY, false}, /* the wall clock jumped: verdicts of this process do not care */
	{MS_PER_DAY, -MS_PER_DAY, true},
};

START_TEST(L09_outdated_snapshot_is_rendered_anew)
{
	struct app *app = create();
	struct snapshot *old = snapshot_create(fixture_world());
	struct snapshot *got = NULL, *again = NULL;

	app_publish(app, old);
	clk_set_fake(FIXTURE_NOW_MONO_MS + late_cases[_i].mono_ms,
		     FIXTURE_NOW_WALL_MS + late_cases[_i].wall_ms);
	got = app_snapshot(app);
	ck_assert_int_eq(got != old, late_cases[_i].is_anew);
	ck_assert_int_eq(snapshot_find(got, "service/web")->state,
			 late_cases[_i].is_anew ? STATE_UNKNOWN : STATE_OK);
	again = app_snapshot(app);
	ck_assert_ptr_eq(again, got); /* once */
	snapshot_unref(again);
	snapshot_unref(got);
	app_free(app);
}
END_TEST

/* Who follows the events, and who comes later, hears what is true without the scheduler. */
START_TEST(L09_outdated_snapshot_is_told_anew)
{
	struct app *app = create();
	struct tap *early = NULL, *late = NULL;
	g_autofree char *before = NULL, *told = NULL, *greeting = NULL;

	app_publish(app, snapshot_create(fixture_world()));
	early = tap_open(app_events(app), app, -1);
	before = tap_take(early, 4096);
	clk_set_fake(FIXTURE_NOW_MONO_MS + MS_PER_DAY, FIXTURE_NOW_WALL_MS);
	snapshot_unref(app_snapshot(app));
	snapshot_unref(app_snapshot(app)); /* is told once */
	ck_assert_int_eq(early->woken, 1);
	told = tap_take(early, 4096);
	ck_assert_msg(strstr(told, "\"evaluated\":0"), "%s", told);
	late = tap_open(app_events(app), app, -1);
	greeting = tap_take(late, 4096);
	ck_assert_msg(strstr(greeting, "\"evaluated\":0"), "%s", greeting);
	ck_assert_ptr_null(strstr(before, "\"evaluated\":0"));
	events_stop(app_events(app)); /* wakes them */
	tap_close(early);
	tap_close(late);
	app_free(app);
}
END_TEST

/* Verdicts of before a restart are judged by the wall clock. */
START_TEST(L09_restored_verdicts_expire_by_wall_clock)
{
	struct app *app = create();
	struct verdict *web = fixture_verdict("web", STATE_OK, RELATION_IN_SYNC, PRIORITY_P1);
	struct snapshot *got = NULL;

	web->expires_mono_ms = 0;
	app_publish(app, snapshot_create(fixture_input(web, NULL)));
	clk_set_fake(FIXTURE_NOW_MONO_MS, FIXTURE_NOW_WALL_MS + MS_PER_HOUR);
	got = app_snapshot(app);
	ck_assert_int_eq(got->tally.overall, STATE_UNKNOWN);
	snapshot_unref(got);
	app_free(app);
}
END_TEST

struct result {
	int calls;
	int64_t check_id;
	char *summary, *error;
	enum state overall;
};

static void complete(void *data, int64_t check_id, const char *summary, enum state overall,
		     const char *error)
{
	struct result *result = data;

	result->calls++;
	result->check_id = check_id;
	g_free(result->summary);
	result->summary = g_strdup(summary);
	g_free(result->error);
	result->error = g_strdup(error);
	result->overall = overall;
}

static struct waiter *make_waiter(struct result *result, bool force)
{
	struct waiter *waiter = g_new0(struct waiter, 1);

	waiter->force = force;
	waiter->complete = complete;
	waiter->data = result;
	return waiter;
}

START_TEST(test_requests)
{
	struct app *app = create();
	struct result result = {0};
	struct app_requests requests = {0};
	int64_t id = -1;

	app_take_requests(app, &requests);
	ck_assert(!requests.check && !requests.force);
	g_ptr_array_unref(requests.waiters);
	g_ptr_array_unref(requests.commands);
	app_set_cycle(app, 7, 0, 0, NULL);
	ck_assert(app_request_check(app, false, &id, NULL));
	ck_assert_int_eq(id, 7);
	ck_assert(app_wait_check(app, make_waiter(&result, true), NULL));
	ck_assert_int_eq(atomic_load(&woken), 2);
	ck_assert_int_eq(app_waiters(app), 1);
	app_take_requests(app, &requests);
	ck_assert(requests.check && requests.force);
	ck_assert_uint_eq(requests.waiters->len, 1);
	ck_assert_int_eq(app_waiters(app), 1); /* taken, not answered */
	app_waiter_done(app);
	ck_assert_int_eq(app_waiters(app), 0);
	ck_assert_int_eq(result.calls, 0);
	g_free(requests.waiters->pdata[0]);
	g_ptr_array_unref(requests.waiters);
	g_ptr_array_unref(requests.commands);
	app_take_requests(app, &requests);
	ck_assert(!requests.check && !requests.force);
	g_ptr_array_unref(requests.waiters);
	g_ptr_array_unref(requests.commands);
	app_free(app);
}
END_TEST

START_TEST(test_waiters_are_bounded)
{
	struct app *app = create();
	struct result result = {0};
	struct waiter *one_more = make_waiter(&result, false);
	g_autoptr(GError) error = NULL;

	for (int i = 0; i < APP_WAITERS_MAX; i++)
		ck_assert(app_wait_check(app, make_waiter(&result, false), NULL));
	ck_assert(!app_wait_check(app, one_more, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_BUSY));
	app_waiter_done(app);
	ck_assert(app_wait_check(app, one_more, NULL));
	app_stop(app, "stopping");
	ck_assert_int_eq(result.calls, APP_WAITERS_MAX + 1);
	g_free(result.error);
	app_free(app);
}
END_TEST

START_TEST(test_stop)
{
	struct app *app = create();
	struct result result = {0};
	struct waiter *late = make_waiter(&result, false);
	int64_t id = -1;
	g_autoptr(GError) asked = NULL;
	g_autoptr(GError) waited = NULL;

	ck_assert(app_wait_check(app, make_waiter(&result, false), NULL));
	app_stop(app, "driftd is stopping");
	ck_assert_int_eq(result.calls, 1);
	ck_assert_str_eq(result.error, "driftd is stopping");
	ck_assert_ptr_null(result.summary);
	ck_assert_int_eq(app_waiters(app), 0);
	ck_assert(!app_request_check(app, false, &id, &asked));
	ck_assert_int_eq(id, -1);
	ck_assert(g_error_matches(asked, DRIFT_ERROR, DRIFT_ERROR_BUSY));
	ck_assert(!app_wait_check(app, late, &waited));
	ck_assert(g_error_matches(waited, DRIFT_ERROR, DRIFT_ERROR_BUSY));
	app_stop(app, "again"); /* nothing left to complete */
	ck_assert_int_eq(result.calls, 1);
	g_free(late);
	g_free(result.error);
	app_free(app);
}
END_TEST

static const struct {
	int64_t id;
	bool known;
	const char *trigger;
} running_cases[] = {
	{11, true, "schedule"}, /* runs */
	{12, true, NULL},       /* promised to somebody */
	{10, false, NULL},      {13, false, NULL}, {0, false, NULL}, {-1, false, NULL},
};

START_TEST(test_running)
{
	struct app *app = create();
	struct check_status status = {.id = -7};
	int64_t id = 0;

	app_set_cycle(app, 11, 0, 0, NULL);
	app_set_cycle(app, 12, 11, FIXTURE_NOW_WALL_MS, "schedule");
	ck_assert(app_request_check(app, false, &id, NULL));
	ck_assert_int_eq(app_get_running(app, running_cases[_i].id, &status),
			 running_cases[_i].known);
	ck_assert_int_eq(status.id, running_cases[_i].known ? running_cases[_i].id : -7);
	ck_assert(g_strcmp0(status.trigger, running_cases[_i].trigger) == 0);
	g_free(status.trigger);
	app_free(app);
}
END_TEST

/* The next check is not called queued because it has a number: somebody must have asked. */
START_TEST(test_next_is_not_queued_unasked)
{
	struct app *app = create();
	struct check_status status = {0};

	app_set_cycle(app, 12, 0, 0, NULL);
	ck_assert(!app_get_running(app, 12, &status));
	app_free(app);
}
END_TEST

START_TEST(test_uncommitted_check_is_remembered)
{
	struct app *app = create();
	g_autofree char *other = NULL;
	g_autofree char *error = NULL;

	ck_assert_ptr_null(app_get_uncommitted(app, 0));
	app_note_uncommitted(app, 7, "the disk is full");
	other = app_get_uncommitted(app, 8);
	error = app_get_uncommitted(app, 7);
	ck_assert_ptr_null(other);
	ck_assert_str_eq(error, "the disk is full");
	app_free(app);
}
END_TEST

static char *make_database(void)
{
	char *directory = g_dir_make_tmp("driftd-test-XXXXXX", NULL);
	char *path = g_build_filename(directory, "driftd.db", NULL);
	g_autoptr(GError) error = NULL;
	struct store *store = store_open(path, &error);

	ck_assert_msg(store, "%s", error ? error->message : "");
	store_close(store);
	g_free(directory);
	return path;
}

static void remove_database(char *path)
{
	g_autofree char *directory = g_path_get_dirname(path);
	GDir *listing = g_dir_open(directory, 0, NULL);
	const char *name = NULL;

	while ((name = g_dir_read_name(listing))) {
		g_autofree char *file = g_build_filename(directory, name, NULL);

		ck_assert_int_eq(unlink(file), 0);
	}
	g_dir_close(listing);
	ck_assert_int_eq(rmdir(directory), 0);
	g_free(path);
}

static void *give_later(void *data)
{
	struct app *app = ((void **)data)[0];

	app_reader_give(app, ((void **)data)[1]);
	return NULL;
}

START_TEST(test_two_readers)
{
	char *path = make_database();
	struct app *app = app_create(path, wake, NULL);
	struct store_reader *first = app_reader_take(app, NULL);
	struct store_reader *second = app_reader_take(app, NULL);
	struct store_reader *third = NULL;
	g_autoptr(GError) error = NULL;
	void *gift[2] = {app, second};
	pthread_t thread;

	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_nonnull(second);
	ck_assert_ptr_null(app_reader_take(app, &error)); /* after two seconds */
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_BUSY));
	ck_assert_int_eq(pthread_create(&thread, NULL, give_later, gift), 0);
	third = app_reader_take(app, NULL);
	ck_assert_ptr_eq(third, second);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	app_reader_give(app, third);
	app_reader_give(app, first);
	app_free(app);
	remove_database(path);
}
END_TEST

START_TEST(test_reader_without_database)
{
	struct app *app = create();
	g_autoptr(GError) error = NULL;

	clk_clear_fake();
	for (int i = 0; i < 5; i++) { /* a failure keeps no place */
		g_clear_error(&error);
		ck_assert_ptr_null(app_reader_take(app, &error));
		ck_assert(!g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_BUSY));
		ck_assert(!g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND));
	}
	app_free(app);
}
END_TEST

/* Readers read and render while the scheduler publishes: for ThreadSanitizer. */
#define READS 300
#define PUBLISHES 30

static void *read_often(void *data)
{
	struct app *app = data;

	for (int i = 0; i < READS; i++) {
		struct snapshot *snapshot = app_snapshot(app);

		if (strlen(snapshot->status_json.bytes) != snapshot->status_json.length)
			abort();
		snapshot_unref(snapshot);
	}
	return NULL;
}

START_TEST(test_threads)
{
	struct app *app = create();
	pthread_t threads[3];

	app_publish(app, snapshot_create(fixture_world()));
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, read_often, app), 0);
	for (int i = 0; i < PUBLISHES; i++) {
		struct app_requests requests = {0};

		if (i == PUBLISHES / 2) /* from here on readers have to render */
			clk_set_fake(FIXTURE_NOW_MONO_MS + MS_PER_HOUR, FIXTURE_NOW_WALL_MS);
		app_publish(app, snapshot_create(fixture_world()));
		app_take_requests(app, &requests);
		g_ptr_array_unref(requests.waiters);
		g_ptr_array_unref(requests.commands);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	app_free(app);
}
END_TEST

struct told {
	int calls;
	int64_t id;
	int code; /* 0: done */
};

static void take_told(void *data, int64_t id, const GError *error)
{
	struct told *told = data;

	told->calls++;
	told->id = id;
	told->code = error ? error->code : 0;
}

static struct app_command *make_command(struct told *told, int64_t id)
{
	struct app_command *command = app_command_create(APP_COMMAND_ACKNOWLEDGE);

	command->id = id;
	command->who = g_strdup("ann");
	command->complete = take_told;
	command->data = told;
	return command;
}

/* In order, each once, and counted among those that wait until it is done. */
START_TEST(test_commands)
{
	struct app *app = create();
	struct app_requests requests = {0};
	struct told told[2] = {{0}};
	int before = atomic_load(&woken);

	ck_assert(app_send_command(app, make_command(&told[0], 7), NULL));
	ck_assert(app_send_command(app, make_command(&told[1], 8), NULL));
	ck_assert_int_eq(atomic_load(&woken) - before, 2);
	ck_assert_int_eq(app_waiters(app), 2);
	app_take_requests(app, &requests);
	ck_assert(!requests.check);
	ck_assert_uint_eq(requests.commands->len, 2);
	for (guint i = 0; i < 2; i++) {
		struct app_command *command = requests.commands->pdata[i];

		ck_assert_int_eq(command->id, 7 + i);
		app_waiter_done(app);
		command->complete(command->data, command->id, NULL);
		app_command_free(command);
	}
	g_ptr_array_unref(requests.waiters);
	g_ptr_array_unref(requests.commands);
	ck_assert_int_eq(told[1].calls, 1);
	ck_assert_int_eq(app_waiters(app), 0);
	app_take_requests(app, &requests);
	ck_assert_uint_eq(requests.commands->len, 0);
	g_ptr_array_unref(requests.waiters);
	g_ptr_array_unref(requests.commands);
	app_free(app);
}
END_TEST

START_TEST(test_commands_when_it_stops)
{
	struct app *app = create();
	struct told told[2] = {{0}};
	struct app_command *late = make_command(&told[1], 8);
	g_autoptr(GError) error = NULL;

	ck_assert(app_send_command(app, make_command(&told[0], 7), NULL));
	app_stop(app, "driftd is stopping");
	ck_assert_int_eq(told[0].calls, 1);
	ck_assert_int_eq(told[0].code, DRIFT_ERROR_CANCELLED);
	ck_assert_int_eq(app_waiters(app), 0);
	ck_assert(!app_send_command(app, late, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_BUSY));
	ck_assert_int_eq(told[1].calls, 0); /* it stays its sender's */
	app_command_free(late);
	app_free(app);
}
END_TEST

START_TEST(test_too_many_commands)
{
	struct app *app = create();
	struct told told = {0};
	struct app_command *last = make_command(&told, 0);
	g_autoptr(GError) error = NULL;
	int64_t check_id = -7;

	for (int i = 0; i < APP_WAITERS_MAX; i++)
		ck_assert(app_send_command(app, make_command(&told, i), NULL));
	ck_assert(!app_send_command(app, last, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_BUSY));
	ck_assert(!app_send_push(app, last, &check_id, NULL));
	ck_assert_int_eq(check_id, -7);
	app_command_free(last);
	app_stop(app, "driftd is stopping");
	ck_assert_int_eq(told.calls, APP_WAITERS_MAX);
	app_free(app);
}
END_TEST

START_TEST(test_pushes)
{
	struct app *app = create();
	g_autoptr(GPtrArray) done = g_ptr_array_new();

	g_ptr_array_add(done, (gpointer)(uintptr_t) "old");
	g_ptr_array_add(done, (gpointer)(uintptr_t) "old");
	app_load_pushes(app, done);
	ck_assert(!app_begin_push(app, "old"));
	ck_assert(app_begin_push(app, "new"));
	ck_assert(!app_begin_push(app, "new"));
	app_forget_push(app, "new");
	app_forget_push(app, "never seen");
	ck_assert(app_begin_push(app, "new"));
	for (int i = 0; i < APP_PUSHES_MAX - 1; i++) {
		g_autofree char *id = g_strdup_printf("%d", i);

		ck_assert(app_begin_push(app, id));
	}
	ck_assert(!app_begin_push(app, "new")); /* the oldest that is remembered */
	ck_assert(app_begin_push(app, "one more"));
	ck_assert(app_begin_push(app, "new")); /* forgotten */
	app_free(app);
}
END_TEST

START_TEST(test_counts)
{
	struct app *app = create();

	for (int i = 0; i < 3; i++)
		app_count(app, APP_COUNT_AUTH_HOOK);
	app_count(app, APP_COUNT_PUSH_ACCEPTED);
	ck_assert_int_eq(app_get_count(app, APP_COUNT_AUTH_HOOK), 3);
	ck_assert_int_eq(app_get_count(app, APP_COUNT_PUSH_ACCEPTED), 1);
	ck_assert_int_eq(app_get_count(app, APP_COUNT_AUTH_OIDC), 0);
	app_free(app);
}
END_TEST

/* The queue of the log: a few a second, and how many were left out is said. */
START_TEST(test_refusals_are_logged_a_few_a_second)
{
	int64_t left_out = -1;

	for (int i = 0; i < REFUSAL_LINES_PER_S; i++)
		ck_assert(refusal_may_log(FIXTURE_NOW_MONO_MS, &left_out));
	ck_assert_int_eq(left_out, 0);
	for (int i = 0; i < 10; i++)
		ck_assert(!refusal_may_log(FIXTURE_NOW_MONO_MS + 999, &left_out));
	ck_assert(refusal_may_log(FIXTURE_NOW_MONO_MS + 1000, &left_out));
	ck_assert_int_eq(left_out, 10);
	ck_assert(refusal_may_log(FIXTURE_NOW_MONO_MS + 1000, &left_out));
	ck_assert_int_eq(left_out, 0);
}
END_TEST

Suite *app_suite(void)
{
	Suite *suite = suite_create("app");
	TCase *tcase = tcase_create("app");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, test_publish);
	tcase_add_loop_test(tcase, L09_outdated_snapshot_is_rendered_anew, 0,
			    G_N_ELEMENTS(late_cases));
	tcase_add_test(tcase, L09_outdated_snapshot_is_told_anew);
	tcase_add_test(tcase, L09_restored_verdicts_expire_by_wall_clock);
	tcase_add_test(tcase, test_requests);
	tcase_add_test(tcase, test_waiters_are_bounded);
	tcase_add_test(tcase, test_stop);
	tcase_add_loop_test(tcase, test_running, 0, G_N_ELEMENTS(running_cases));
	tcase_add_test(tcase, test_next_is_not_queued_unasked);
	tcase_add_test(tcase, test_uncommitted_check_is_remembered);
	tcase_add_test(tcase, test_two_readers);
	tcase_add_test(tcase, test_reader_without_database);
	tcase_add_test(tcase, test_threads);
	tcase_add_test(tcase, test_commands);
	tcase_add_test(tcase, test_commands_when_it_stops);
	tcase_add_test(tcase, test_too_many_commands);
	tcase_add_test(tcase, test_pushes);
	tcase_add_test(tcase, test_counts);
	tcase_add_test(tcase, test_refusals_are_logged_a_few_a_second);
	suite_add_tcase(suite, tcase);
	return suite;
}
