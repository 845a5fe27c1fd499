/* test_bad_days - the machine around driftd misbehaves: ports, folders, disks, databases, tools.
 * Each ends in a message that says what to do. */
#include "tests/integration/harness.h"

#include "clk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *bad_days_suite(void);

static struct world *world;
static char *checkout;
static GString *config;
static char *head;

static void setup(void)
{
	g_autofree char *lines = NULL;

	world = world_create();
	checkout = repo_make(world, "app");
	head = repo_publish(checkout, "a.txt", "one", A_DAY);
	config = world_base_config(world, "");
	lines = g_strdup_printf(
		"source = http\nurl = %s/target/app/version\ncommit-pointer = /commit",
		world->cloud);
	config_add_service(config, "app", lines);
	cloud_target(world, "app", head);
	world_configure(world, config->str);
}

static void teardown(void)
{
	world_free(world);
	g_free(checkout);
	g_free(head);
	g_string_free(config, TRUE);
}

static void change_config(const char *old, const char *new)
{
	config_replace(config, old, new);
	world_configure(world, config->str);
}

/** driftd gives up with @p status and says all of @p words. */
static void expect_giving_up(int status, const char *const *words)
{
	g_autofree char *log = NULL;
	int got = world_start_failing(world, &log);

	ck_assert_msg(got == status, "exit %d: %s", got, log);
	for (size_t i = 0; words[i]; i++)
		ck_assert_msg(strstr(log, words[i]), "\"%s\" is not said: %s", words[i], log);
}

START_TEST(the_port_is_taken)
{
	const char *const words[] = {world->cloud + 7, "in use", NULL};
	g_autofree char *listen = g_strdup_printf("listen = %s", world->cloud + 7);

	change_config("listen = 127.0.0.1:0", listen);
	expect_giving_up(2, words);
}
END_TEST

START_TEST(the_state_directory_is_no_directory)
{
	static const char *const words[] = {"/state", NULL};
	g_autofree char *state = world_path(world, "state");

	ck_assert(g_file_set_contents(state, "a file", -1, NULL));
	expect_giving_up(2, words);
}
END_TEST

START_TEST(the_state_directory_cannot_be_written)
{
	static const char *const words[] = {"/state", "ermission denied", NULL};
	g_autofree char *state = world_path(world, "state"), *log = world_path(world, "log");
	g_autofree char *text = NULL;
	const char *const arguments[] = {program_path("driftd"), "serve", "-c", "driftd.ini", NULL};
	const struct process_setup nobody = {.directory = world->directory,
					     .uid = geteuid() == 0 ? 65534 : 0};
	struct process process = {0};
	int status = 0;

	ck_assert(mkdir(state, 0555) == 0);
	ck_assert(chmod(world->directory, 0755) == 0);
	ck_assert(chmod(test_directory(), 0755) == 0);
	if (geteuid() == 0) { /* nobody may read what driftd needs, and nothing more */
		g_autofree char *key = world_path(world, "key.json");

		ck_assert(chmod(key, 0644) == 0);
	}
	process = process_start(arguments, log, &nobody);
	status = process_wait(&process, SOON_MS);
	text = process_log(&process);
	process_end(&process);
	ck_assert_msg(status == 2, "exit %d: %s", status, text);
	for (size_t i = 0; words[i]; i++)
		ck_assert_msg(strstr(text, words[i]), "%s: %s", words[i], text);
}
END_TEST

START_TEST(another_driftd_holds_the_state_directory)
{
	static const char *const words[] = {"/state", "another", NULL};
	struct process first = {0};

	world_start(world);
	world_cycle(world);
	first = world->driftd;
	g_free(g_steal_pointer(&first.log_path)); /* the second writes to the same file */
	world->driftd = (struct process){0};
	expect_giving_up(2, words);
	world->driftd = first;
	world->driftd.log_path = world_path(world, "driftd.log");
	expect_state(world, "app", "ok", NULL); /* the first is untouched */
}
END_TEST

START_TEST(the_database_is_garbage)
{
	static const char *const words[] = {"driftd.db", NULL};
	g_autofree char *state = world_path(world, "state");
	g_autofree char *path = world_path(world, "state/driftd.db"), *after = NULL;
	g_autofree char *garbage = g_strnfill(20000, 'x');

	ck_assert(g_mkdir(state, 0755) == 0);
	ck_assert(g_file_set_contents(path, garbage, -1, NULL));
	expect_giving_up(2, words);
	ck_assert(g_file_get_contents(path, &after, NULL, NULL));
	ck_assert_str_eq(after, garbage); /* it is somebody's: never overwritten */
}
END_TEST

START_TEST(the_database_is_newer)
{
	static const char *const words[] = {"driftd.db", "newer", NULL};
	g_autofree char *path = world_path(world, "state/driftd.db"), *bytes = NULL;
	gsize length = 0;

	world_start(world);
	world_cycle(world);
	ck_assert_int_eq(world_stop(world), 0);
	ck_assert(g_file_get_contents(path, &bytes, &length, NULL));
	ck_assert_uint_gt(length, 100);
	bytes[60] = 0x7f; /* user_version, SQLite file format 1.3.13 */
	ck_assert(g_file_set_contents(path, bytes, (gssize)length, NULL));
	expect_giving_up(2, words);
}
END_TEST

START_TEST(git_is_missing)
{
	static const char *const environment[] = {"PATH=/nowhere", NULL};
	g_autoptr(struct_answer) status = NULL;

	world->environment = environment;
	world_start(world);
	world_cycle(world);
	expect_state(world, "app", "unknown", NULL);
	status = world_get(world, "/status");
	ck_assert_msg(strstr(json_text_at(status->json, "repos.0.error"), "git"), "%s",
		      status->body);
}
END_TEST

START_TEST(git_is_missing_and_the_repository_is_local)
{
	static const char *const environment[] = {"PATH=/nowhere", NULL};
	g_autofree char *url = g_strdup_printf("url = %s/git/app.git", world->cloud);

	change_config(url, "url = work/app");
	world->environment = environment;
	world_start(world);
	world_cycle(world);
	expect_state(world, "app", "ok", NULL); /* read in place: no command is needed */
}
END_TEST

START_TEST(the_configuration_is_missing)
{
	static const char *const words[] = {"driftd.ini", "o such file", NULL};
	g_autofree char *path = world_path(world, "driftd.ini");

	ck_assert(unlink(path) == 0);
	expect_giving_up(78, words);
}
END_TEST

/* --- disk full --- */

/** A cycle whose result may be that it could not be written: then 503. */
static int ask_for_cycle(void)
{
	g_autoptr(struct_answer) answer = world_call(world, "POST", "/check", NULL, NULL);

	return answer->status;
}

static bool says_store_error(void *data)
{
	g_autoptr(struct_answer) status = NULL;
	const char *error = NULL;

	(void)ask_for_cycle(); /* may fail: that is looked for */
	status = world_get(world, "/status");
	error = json_text_at(status->json, "store_error");
	return *(const bool *)data ? *error != '\0' : *error == '\0';
}

/** Every cycle has something to write: the commit flips. */
static void flip(const char *a, const char *b)
{
	for (int i = 0; i < 4; i++) {
		cloud_target(world, "app", i % 2 ? a : b);
		(void)ask_for_cycle(); /* the disk fills at some of them */
	}
}

/** A state directory of one MiB, for this process and its children only, so that nothing stays
 * mounted; false when this machine does not allow that. */
static bool mount_small(void)
{
	g_autofree char *state = world_path(world, "state");

	ck_assert(g_mkdir(state, 0755) == 0);
	if (unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("tmpfs", state, "tmpfs", 0, "size=1m") == 0)
		return true;
	(void)printf("skipped: a small file system cannot be mounted: %s\n", strerror(errno));
	return false;
}

static void fill(const char *path)
{
	g_autofree char *block = g_strnfill(4096, 'x');
	FILE *file = fopen(path, "w");

	ck_assert(file);
	while (fwrite(block, 4096, 1, file) == 1 && fflush(file) == 0)
		continue;
	(void)fclose(file); /* full: that is the point */
}

/** Takes the space away, or gives it back. */
typedef void (*space_fn)(bool full);

static void expect_unready_but_right(const char *sha)
{
	g_autoptr(struct_answer) ready = world_call(world, "GET", "/readyz", NULL, NULL);

	ck_assert_int_eq(ready->status, 503);
	cloud_target(world, "app", sha);
	ck_assert_int_eq(ask_for_cycle(), 503); /* driftd's own fault: it says so */
	expect_state(world, "app", "ok", NULL); /* verdicts are right all the same */
}

static void full_disk_and_back(space_fn make)
{
	g_autofree char *other = repo_commit(checkout, "a.txt", "two", AN_HOUR);
	bool yes = true, no = false;
	g_autoptr(struct_answer) healed = NULL;

	repo_push(checkout);
	world_start(world);
	world_cycle(world);
	make(true);
	flip(head, other);
	ck_assert_msg(wait_until(says_store_error, &yes, SOON_MS), "no store_error");
	expect_unready_but_right(other);
	make(false);
	ck_assert(wait_until(says_store_error, &no, SOON_MS));
	healed = world_call(world, "GET", "/readyz", NULL, NULL);
	ck_assert_int_eq(healed->status, 200);
	ck_assert_int_eq(world_stop(world), 0);
}

/** The repository read in place: no mirror beside the database. */
static void use_local_repository(void)
{
	g_autofree char *url = g_strdup_printf("url = %s/git/app.git", world->cloud);

	change_config(url, "url = work/app");
}

static void fill_file_system(bool full)
{
	g_autofree char *filler = world_path(world, "state/filler");

	if (full)
		fill(filler);
	else
		ck_assert(unlink(filler) == 0);
}

static void limit_files(bool full)
{
	const struct rlimit limit = {full ? 4096 : RLIM_INFINITY, RLIM_INFINITY};

	ck_assert_msg(prlimit(world->driftd.pid, RLIMIT_FSIZE, &limit, NULL) == 0, "prlimit: %s",
		      strerror(errno));
}

START_TEST(no_file_may_grow)
{
	world->file_max_bytes = (int64_t)1 << 30; /* for now; limit_files() lowers it */
	use_local_repository();
	full_disk_and_back(limit_files);
}
END_TEST

START_TEST(the_disk_is_full)
{
	g_autofree char *state = world_path(world, "state");

	if (!mount_small())
		return;
	use_local_repository();
	full_disk_and_back(fill_file_system);
	(void)umount2(state, MNT_DETACH); /* the folder goes with it */
}
END_TEST

/* --- ending --- */

START_TEST(sigterm_in_the_middle_of_a_cycle)
{
	g_autoptr(struct_answer) accepted = NULL;
	int64_t start_ms = 0;

	world_start(world);
	world_cycle(world);
	cloud_fault(world, "{\"path\":\"*\",\"kind\":\"hang\"}"); /* sources, git, all */
	accepted = world_call(world, "POST", "/check?wait=0", NULL, NULL);
	ck_assert_int_eq(accepted->status, 202);
	start_ms = clk_mono_ms();
	ck_assert_int_eq(world_stop(world), 0);
	ck_assert_int_lt(clk_mono_ms() - start_ms, 5000);
}
END_TEST

static int connect_to(const char *origin)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	guint64 port = 0;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert(g_ascii_string_to_unsigned(strrchr(origin, ':') + 1, 10, 1, 65535, &port, NULL));
	address.sin_port = htons((uint16_t)port); /* checked */
	ck_assert(connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

#define WAITERS 50

START_TEST(sigterm_with_waiters_suspended)
{
	static const char request[] =
		"POST /check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
	int fds[WAITERS] = {0};
	int64_t start_ms = 0;
	int answered = 0;

	world_start(world);
	world_cycle(world);
	cloud_fault(world, "{\"path\":\"*\",\"kind\":\"hang\"}");
	for (int i = 0; i < WAITERS; i++) {
		fds[i] = connect_to(world->origin);
		ck_assert(write(fds[i], request, sizeof(request) - 1) > 0);
	}
	answer_free(world_get(world, "/status")); /* all have been read by then, or nearly */
	start_ms = clk_mono_ms();
	ck_assert_int_eq(world_stop(world), 0);
	ck_assert_int_lt(clk_mono_ms() - start_ms, 5000);
	for (int i = 0; i < WAITERS; i++) {
		char line[16] = {0};

		answered += read(fds[i], line, sizeof(line) - 1) > 0;
		(void)close(fds[i]); /* the other side is gone */
	}
	ck_assert_int_ge(answered, WAITERS / 2); /* told, not just dropped */
}
END_TEST

START_TEST(stopping_while_requests_come_in)
{
	const char *urls[100];
	int statuses[100] = {0};
	g_autofree char *url = NULL;
	pid_t child = 0;

	world_start(world);
	world_cycle(world);
	url = g_strconcat(world->origin, "/status", NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(urls); i++)
		urls[i] = url;
	child = fork();
	if (child == 0) {
		for (int i = 0; i < 20; i++)
			http_call_many("GET", urls, G_N_ELEMENTS(urls), statuses);
		_exit(0);
	}
	answer_free(world_get(world, "/status"));
	ck_assert_int_eq(world_stop(world), 0);
	(void)kill(child, SIGKILL);
	{
		struct process process = {.pid = child};

		process_end(&process);
	}
}
END_TEST

/* --- kill -9 --- */

/** What has been answered as committed must be there after the next start. */
static void kill_and_compare(int round)
{
	g_autofree char *sha = NULL, *content = g_strdup_printf("round %d", round);
	g_autofree char *path = NULL;
	g_autoptr(struct_answer) summary = NULL, again = NULL;

	sha = repo_publish(checkout, "a.txt", content, AN_HOUR);
	cloud_target(world, "app", sha);
	summary = world_check(world);
	answer_free(world_call(world, "POST", "/check?wait=0", NULL, NULL));
	(void)poll(NULL, 0, g_random_int_range(0, 30)); /* a random moment of the next cycle */
	world_kill(world);
	world_start(world);
	path = g_strdup_printf("/checks/%" G_GINT64_FORMAT, json_int_at(summary->json, "check.id"));
	again = world_get(world, path);
	ck_assert_int_eq(json_int_at(again->json, "check.id"),
			 json_int_at(summary->json, "check.id"));
	expect_state(world, "app", "ok", NULL);
}

START_TEST(kill_at_random_moments_loses_nothing_committed)
{
	world_start(world);
	for (int round = 0; round < 8; round++)
		kill_and_compare(round);
	ck_assert_int_eq(world_stop(world), 0);
}
END_TEST

Suite *bad_days_suite(void)
{
	Suite *suite = suite_create("faults-bad-days");
	TCase *tcase = tcase_create("around driftd"), *ends = tcase_create("ends");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 90);
	tcase_add_test(tcase, the_port_is_taken);
	tcase_add_test(tcase, the_state_directory_is_no_directory);
	tcase_add_test(tcase, the_state_directory_cannot_be_written);
	tcase_add_test(tcase, another_driftd_holds_the_state_directory);
	tcase_add_test(tcase, the_database_is_garbage);
	tcase_add_test(tcase, the_database_is_newer);
	tcase_add_test(tcase, git_is_missing);
	tcase_add_test(tcase, git_is_missing_and_the_repository_is_local);
	tcase_add_test(tcase, the_configuration_is_missing);
	tcase_add_test(tcase, the_disk_is_full);
	tcase_add_test(tcase, no_file_may_grow);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(ends, setup, teardown);
	tcase_set_timeout(ends, 90);
	tcase_add_test(ends, sigterm_in_the_middle_of_a_cycle);
	tcase_add_test(ends, sigterm_with_waiters_suspended);
	tcase_add_test(ends, stopping_while_requests_come_in);
	tcase_add_test(ends, kill_at_random_moments_loses_nothing_committed);
	suite_add_tcase(suite, ends);
	return suite;
}
