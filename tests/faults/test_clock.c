/* test_clock - time misbehaves: the wall clock jumps, the scheduler thread stands still. Nothing
 * stays green for want of looking (L09). */
#include "tests/integration/harness.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

Suite *clock_suite(void);

static struct world *world;
static char *checkout;
static char *head;
static char *owned[4];
static const char *environment[5];

static void setup(void)
{
	world = world_create();
	checkout = repo_make(world, "app");
	head = repo_publish(checkout, "a.txt", "one", A_DAY);
}

static void teardown(void)
{
	world_free(world);
	g_free(checkout);
	g_free(head);
	for (size_t i = 0; i < G_N_ELEMENTS(owned); i++)
		g_clear_pointer(&owned[i], g_free);
}

static void begin(const char *driftd_extra)
{
	GString *config = world_base_config(world, driftd_extra);
	g_autofree char *lines = g_strdup_printf(
		"source = http\nurl = %s/target/app/version\ncommit-pointer = /commit",
		world->cloud);

	config_add_service(config, "app", lines);
	cloud_target(world, "app", head);
	world_configure(world, config->str);
	g_string_free(config, TRUE);
	world_start(world);
	world_cycle(world);
	expect_state(world, "app", "ok", NULL);
}

/* --- a stopped scheduler --- */

/** The thread of @p pid that is called @p name; 0: there is none. */
static pid_t find_thread(pid_t pid, const char *name)
{
	g_autofree char *tasks = g_strdup_printf("/proc/%d/task", (int)pid);
	DIR *dir = opendir(tasks);
	struct dirent *entry = NULL;
	pid_t found = 0;

	while (dir && (entry = readdir(dir))) {
		g_autofree char *path = g_strdup_printf("%s/%s/comm", tasks, entry->d_name);
		g_autofree char *comm = NULL;
		guint64 id = 0;

		if (g_file_get_contents(path, &comm, NULL, NULL) &&
		    g_str_equal(g_strchomp(comm), name) &&
		    g_ascii_string_to_unsigned(entry->d_name, 10, 1, G_MAXINT, &id, NULL))
			found = (pid_t)id; /* checked */
	}
	if (dir)
		(void)closedir(dir); /* only read */
	return found;
}

/** Stop one thread as a debugger does; false when that is not allowed here. */
static bool stop_thread(pid_t thread)
{
	int status = 0;

	if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) != 0 ||
	    ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) != 0) {
		(void)printf("skipped: a thread cannot be stopped here: %s\n", strerror(errno));
		return false;
	}
	ck_assert(waitpid(thread, &status, __WALL) == thread);
	return true;
}

static bool all_is_unknown(void *data)
{
	g_autoptr(struct_answer) status = world_get(world, "/status");

	(void)data;
	return g_str_equal(json_text_at(status->json, "overall"), "unknown");
}

START_TEST(L09_nothing_stays_green_when_the_scheduler_stands_still)
{
	g_autoptr(struct_answer) gate = NULL, drift = NULL;
	pid_t thread = 0;

	begin("expire-after = 1s");
	thread = find_thread(world->driftd.pid, "scheduler");
	ck_assert_msg(thread > 0, "driftd has no thread \"scheduler\"");
	world_cycle(world);
	if (!stop_thread(thread))
		return;
	ck_assert_msg(wait_until(all_is_unknown, NULL, SOON_MS), "still green");
	gate = world_call(world, "GET", "/gate?kind=service", NULL, NULL);
	ck_assert_int_ne(gate->status, 200);
	drift = world_get(world, "/drift");
	ck_assert_str_eq(json_text_at(drift->json, "items.0.state"), "unknown");
	ck_assert_str_eq(json_text_at(drift->json, "items.0.last_known.state"), "ok");
	ck_assert(ptrace(PTRACE_DETACH, thread, NULL, NULL) == 0);
	cycle_until_state(world, "app", "ok");
}
END_TEST

/* --- a jumping clock --- */

/** Give driftd a clock of its own; false when this machine cannot. */
static bool take_clock(void)
{
	const char *library = faketime_library();

	if (!library || HARNESS_SANITIZED) {
		(void)printf("skipped: %s\n", HARNESS_SANITIZED
						      ? "libfaketime and sanitizers exclude each "
							"other"
						      : "libfaketime is not installed");
		return false;
	}
	world_set_clock(world, "+0");
	owned[0] = g_strdup_printf("LD_PRELOAD=%s", library);
	owned[1] = g_strdup_printf("FAKETIME_TIMESTAMP_FILE=%s/clock", world->directory);
	owned[2] = g_strdup("DONT_FAKE_MONOTONIC=1");
	owned[3] = g_strdup("FAKETIME_NO_CACHE=1");
	for (size_t i = 0; i < G_N_ELEMENTS(owned); i++)
		environment[i] = owned[i];
	world->environment = environment;
	return true;
}

static const char *const jumps[] = {"+3h", "-3h", "+400d", "-400d"};

START_TEST(a_jump_of_the_wall_clock_changes_no_verdict)
{
	if (!take_clock())
		return;
	begin("");
	world_set_clock(world, jumps[_i]);
	/* inside a process expiry uses the monotonic clock */
	expect_state(world, "app", "ok", NULL);
	world_cycle(world);
	expect_state(world, "app", "ok", NULL);
	world_set_clock(world, "+0");
	world_cycle(world);
	expect_state(world, "app", "ok", NULL);
}
END_TEST

START_TEST(an_observation_of_the_future_is_expired_after_a_restart)
{
	if (!take_clock())
		return;
	begin("");
	world_set_clock(world, "-2h");
	ck_assert_int_eq(world_stop(world), 0);
	cloud_fault(world, "{\"path\":\"/target/*\",\"kind\":\"hang\"}");
	world_start(world);
	expect_state(world, "app", "unknown", NULL);
	cloud_heal(world);
	cycle_until_state(world, "app", "ok");
}
END_TEST

START_TEST(an_old_observation_is_expired_after_a_restart)
{
	if (!take_clock())
		return;
	begin("");
	ck_assert_int_eq(world_stop(world), 0);
	world_set_clock(world, "+30d");
	cloud_fault(world, "{\"path\":\"/target/*\",\"kind\":\"hang\"}");
	world_start(world);
	expect_state(world, "app", "unknown", NULL);
}
END_TEST

START_TEST(L09_a_source_that_is_silent_expires)
{
	begin("expire-after = 2s");
	wait_for_state(world, "app", "unknown"); /* no cycle is due for an hour */
	world_cycle(world);
	expect_state(world, "app", "ok", NULL);
}
END_TEST

Suite *clock_suite(void)
{
	Suite *suite = suite_create("faults-clock");
	TCase *tcase = tcase_create("time");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 90);
	tcase_add_test(tcase, L09_nothing_stays_green_when_the_scheduler_stands_still);
	tcase_add_loop_test(tcase, a_jump_of_the_wall_clock_changes_no_verdict, 0,
			    G_N_ELEMENTS(jumps));
	tcase_add_test(tcase, an_observation_of_the_future_is_expired_after_a_restart);
	tcase_add_test(tcase, an_old_observation_is_expired_after_a_restart);
	tcase_add_test(tcase, L09_a_source_that_is_silent_expires);
	suite_add_tcase(suite, tcase);
	return suite;
}
