/* The worker's thread: jobs in, results out, and a stop that waits for nothing. */
#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clk.h"
#include "drift_error.h"
#include "git/worker.h"
#include "tests/unit/git_ask.h"
#include "tests/unit/git_fixture.h"

Suite *git_worker_suite(void);

static struct git_fixture fixture;
static char *place;
static int woken;

static void wake(void *data)
{
	ck_assert_int_eq(eventfd_write(*(int *)data, 1), 0);
}

static void setup(void)
{
	repo_init_library();
	git_fixture_init(&fixture);
	git_fixture_add(&fixture, "a x=1\nb:a x=2\nk:a x=3");
	git_fixture_set_main(&fixture, "b");
	place = git_fixture_make_dir();
	woken = eventfd(0, EFD_CLOEXEC);
}

static void teardown(void)
{
	ck_assert_int_eq(close(woken), 0);
	git_fixture_remove_dir(place);
	git_fixture_done(&fixture);
	repo_done_library();
}

static const char *id_of(const char *name)
{
	return git_fixture_id(&fixture, name);
}

static struct git_worker *start(bool is_local)
{
	struct repo_options *options = g_new0(struct repo_options, 1);
	g_autoptr(GError) error = NULL;
	struct git_worker *worker;

	options->name = g_strdup("main");
	options->is_local = is_local;
	options->local_path = g_strdup(fixture.dir);
	options->url = g_strconcat("file://", fixture.dir, NULL);
	options->mirror_dir = g_build_filename(place, "main.git", NULL);
	options->fetch_timeout_ms = 60000;
	worker = git_worker_start(options, wake, &woken, &error);
	ck_assert_ptr_nonnull(worker);
	return worker;
}

static struct git_job *new_job(bool fetch, int64_t tag, const char *paths, const char *id)
{
	struct git_job *job = g_new0(struct git_job, 1);

	job->fetch = fetch;
	job->tag = tag;
	if (paths) {
		job->questions = g_ptr_array_new_with_free_func((GDestroyNotify)git_question_free);
		g_ptr_array_add(job->questions, git_ask_question(paths, id));
	}
	return job;
}

static struct git_result *await(struct git_worker *worker)
{
	struct git_result *result;
	struct pollfd fd = {.fd = woken, .events = POLLIN};
	eventfd_t count;

	while (!(result = git_worker_take(worker))) {
		ck_assert_int_eq(poll(&fd, 1, 60000), 1);
		ck_assert_int_eq(eventfd_read(woken, &count), 0);
	}
	return result;
}

START_TEST(test_jobs_and_results)
{
	struct git_worker *worker = start(_i == 0);
	struct git_result *result;
	const struct git_answer *answer;
	int64_t before_ms = clk_wall_ms();

	ck_assert_uint_eq(git_worker_pending(worker), 0);
	ck_assert_ptr_null(git_worker_take(worker));
	git_worker_submit(worker, new_job(true, 7, "x", id_of("a")));
	git_worker_submit(worker, new_job(false, 8, NULL, NULL));
	git_worker_submit(worker, new_job(false, 9, "x", id_of("k")));
	result = await(worker);
	ck_assert_int_eq(result->tag, 7);
	ck_assert_str_eq(result->repo, "main");
	ck_assert_msg(result->fetched, "%s", result->fetch_error);
	ck_assert_int_ge(result->fetched_wall_ms, before_ms);
	ck_assert_int_gt(result->fetched_mono_ms, 0);
	ck_assert_str_eq(result->head->sha, id_of("b"));
	ck_assert_uint_eq(result->answers->len, 1);
	answer = g_ptr_array_index(result->answers, 0);
	ck_assert_int_eq(git_answer_comparison(answer, id_of("a"))->behind_commits, 1);
	git_result_free(result);
	result = await(worker);
	ck_assert_int_eq(result->tag, 8);
	ck_assert(!result->fetched);
	ck_assert_ptr_null(result->fetch_error);
	ck_assert_int_eq(result->fetched_wall_ms, 0);
	ck_assert_str_eq(result->head->sha, id_of("b"));
	ck_assert_uint_eq(result->answers->len, 0);
	git_result_free(result);
	result = await(worker); /* only there by asking for it */
	answer = g_ptr_array_index(result->answers, 0);
	ck_assert_int_eq(git_answer_comparison(answer, id_of("k"))->topology,
			 GIT_TOPOLOGY_DIVERGED);
	git_result_free(result);
	ck_assert_uint_eq(git_worker_pending(worker), 0);
	git_worker_stop(worker);
}
END_TEST

START_TEST(test_failed_fetch_is_told)
{
	struct git_worker *worker = start(false);
	g_autofree char *away = g_strconcat(fixture.dir, ".away", NULL);
	struct git_result *result;
	const struct git_answer *answer;

	git_worker_submit(worker, new_job(true, 1, NULL, NULL));
	git_result_free(await(worker));
	ck_assert_int_eq(g_rename(fixture.dir, away), 0);
	git_worker_submit(worker, new_job(true, 2, "x", id_of("k")));
	result = await(worker);
	ck_assert_int_eq(g_rename(away, fixture.dir), 0);
	ck_assert(!result->fetched);
	ck_assert_int_eq(result->fetch_error_code, DRIFT_ERROR_NOT_FOUND);
	ck_assert_ptr_nonnull(result->fetch_error);
	ck_assert_str_eq(result->head->sha, id_of("b")); /* the one there was */
	answer = g_ptr_array_index(result->answers, 0);
	ck_assert_int_eq(git_answer_resolution(answer, id_of("k"))->status, GIT_RESOLUTION_UNASKED);
	git_result_free(result);
	git_worker_stop(worker);
}
END_TEST

/* Waits until the script has begun, then stops the worker in the middle of it. */
START_TEST(test_stop_ends_a_running_git)
{
	g_autofree char *bin = g_build_filename(place, "git", NULL);
	g_autofree char *begun = g_build_filename(place, "begun", NULL);
	g_autofree char *search = g_strdup_printf("%s:%s", place, g_getenv("PATH"));
	g_autofree char *script = g_strdup_printf("#!/bin/sh\nsleep 1000 &\n: >%s\nwait\n", begun);
	struct git_worker *worker = start(false);
	int64_t until_ms = clk_mono_ms() + 30000;
	int64_t stopped_ms;

	ck_assert(g_file_set_contents(bin, script, -1, NULL));
	ck_assert_int_eq(g_chmod(bin, 0700), 0);
	ck_assert(g_setenv("PATH", search, TRUE));
	for (int i = 0; i < 3; i++)
		git_worker_submit(worker, new_job(true, i, "x", id_of("a")));
	while (g_access(begun, F_OK) != 0) {
		ck_assert_int_lt(clk_mono_ms(), until_ms);
		g_usleep(1000);
	}
	stopped_ms = clk_mono_ms();
	git_worker_stop(worker);
	ck_assert_int_lt(clk_mono_ms() - stopped_ms, 5000);
}
END_TEST

START_TEST(test_stop_drops_results)
{
	struct git_worker *worker = start(true);
	struct pollfd fd = {.fd = woken, .events = POLLIN};

	git_worker_submit(worker, new_job(true, 1, "x", id_of("a")));
	ck_assert_int_eq(poll(&fd, 1, 60000), 1);
	ck_assert_uint_eq(git_worker_pending(worker), 1);
	git_worker_stop(worker);
	git_worker_stop(NULL);
}
END_TEST

Suite *git_worker_suite(void)
{
	Suite *suite = suite_create("git_worker");
	TCase *tcase = tcase_create("worker");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_jobs_and_results, 0, 2);
	tcase_add_test(tcase, test_failed_fetch_is_told);
	tcase_add_test(tcase, test_stop_ends_a_running_git);
	tcase_add_test(tcase, test_stop_drops_results);
	suite_add_tcase(suite, tcase);
	return suite;
}
