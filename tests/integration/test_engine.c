/* test_engine - what a cycle concluded is kept until it expires, and nothing longer: over stops, reloads, slow remotes,
 * ended pauses and bursts of requests. DESIGN 3. */
#include "tests/integration/harness.h"

#include "clk.h"
#include "timefmt.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

Suite *engine_suite(void);

#define HANG_TARGETS "{\"path\":\"/target/*\",\"kind\":\"hang\"}"
#define HANG_GIT "{\"path\":\"/git/*\",\"kind\":\"hang\"}"
#define NOWHERE "00000000000000000000000000000000deadbeef"

static struct world *world;
static char *checkout;
static GString *config;
static char *head;
static char *owned[4];
static const char *environment[5];

static void setup(void)
{
	world = world_create();
	checkout = repo_make(world, "app");
	g_free(repo_commit(checkout, "b.txt", "zero", 2 * A_DAY));
	head = repo_publish(checkout, "a.txt", "one", A_DAY);
	config = world_base_config(world, "");
}

static void teardown(void)
{
	world_free(world);
	g_free(checkout);
	g_free(head);
	g_string_free(config, TRUE);
	for (size_t i = 0; i < G_N_ELEMENTS(owned); i++)
		g_clear_pointer(&owned[i], g_free);
}

/* --- arranging --- */

static void set_timeouts(const char *request, const char *cycle, const char *fetch)
{
	g_autofree char *driftd =
		g_strdup_printf("request-timeout = %s\ncycle-timeout = %s\n", request, cycle);
	g_autofree char *repo = g_strdup_printf("fetch-timeout = %s\n", fetch);

	config_replace(config, "request-timeout = 1s\ncycle-timeout = 3s\n", driftd);
	config_replace(config, "fetch-timeout = 2s\n", repo);
}

/** @p lines: more lines of its section, or "". */
static void add_target(const char *name, const char *lines)
{
	g_autofree char *all = g_strdup_printf(
		"source = http\nurl = %s/target/%s/version\ncommit-pointer = /commit\n%s",
		world->cloud, name, lines);

	config_add_service(config, name, all);
	cloud_target(world, name, head);
}

static void begin(void)
{
	world_configure(world, config->str);
	world_start(world);
	world_cycle(world);
}

static void restart(void)
{
	ck_assert_int_eq(world_stop(world), 0);
	world_configure(world, config->str);
	world_start(world);
}

/** Tell driftd of the configuration, and wait until its main thread has @p said ("reload.done"). */
static void reload(const char *said)
{
	g_autofree char *mark = g_strdup_printf("%s config=", said);
	g_autofree char *done = NULL;

	world_configure(world, config->str);
	ck_assert(kill(world->driftd.pid, SIGHUP) == 0);
	done = process_wait_for(&world->driftd, mark);
	ck_assert_msg(done, "driftd never said %s", said);
}

static void start_check(void)
{
	g_autoptr(struct_answer) answer = world_call(world, "POST", "/check?wait=0", NULL, NULL);

	ck_assert_int_eq(answer->status, 202);
}

/* --- looking --- */

static char *target_text(const char *name, const char *path)
{
	g_autoptr(struct_answer) target = world_target(world, name);

	return g_strdup(json_text_at(target->json, path));
}

static char *status_text(const char *path)
{
	g_autoptr(struct_answer) status = world_get(world, "/status");

	return g_strdup(json_text_at(status->json, path));
}

/** The target's transitions, oldest first, as "none>ok ok>unknown". */
static void expect_transitions(const char *name, const char *want)
{
	g_autofree char *path = g_strdup_printf("/history/service/%s", name);
	g_autoptr(struct_answer) history = world_get(world, path);
	json_object *rows = json_at(history->json, "transitions");
	GString *got = g_string_new(NULL);

	for (size_t i = json_object_array_length(rows); i > 0; i--) {
		json_object *row = json_object_array_get_idx(rows, i - 1);
		json_object *from = json_at(row, "from");

		g_string_append_printf(got, "%s%s>%s", got->len > 0 ? " " : "",
				       from ? json_object_get_string(from) : "none",
				       json_text_at(row, "to"));
	}
	ck_assert_str_eq(got->str, want);
	g_string_free(got, TRUE);
}

static void expect_deployments(const char *name, size_t want)
{
	g_autofree char *path = g_strdup_printf("/history/service/%s", name);
	g_autoptr(struct_answer) history = world_get(world, path);

	ck_assert_msg(json_object_array_length(json_at(history->json, "deployments")) == want, "%s",
		      history->body);
}

/** Is the second that @p data (RFC 3339) names over? */
static bool is_over(void *data)
{
	g_autoptr(GDateTime) at = g_date_time_new_from_iso8601(data, NULL);

	return (g_date_time_to_unix(at) + 1) * MS_PER_S <= clk_wall_ms();
}

static void wait_past(char *time)
{
	ck_assert(wait_until(is_over, time, SOON_MS));
}

/* --- a stop --- */

/** A second repository, whose remote can hang by itself, and a target of it. */
static void add_slow_repo(void)
{
	g_autofree char *slow = repo_make(world, "slow");

	g_free(repo_publish(slow, "a.txt", "one", A_DAY));
	config_replace(config, "[gcp]\n",
		       "[repo \"slow\"]\nurl = CLOUD/git/slow.git\nbranch = main\n"
		       "every = 1h\nfetch-timeout = 60s\n\n[gcp]\n");
	config_replace(config, "CLOUD", world->cloud);
	add_target("slow", "repo = slow");
}

START_TEST(a_stop_in_mid_cycle_makes_no_old_verdict_younger)
{
	g_autofree char *before = NULL, *after = NULL, *judged = NULL;

	set_timeouts("9s", "60s", "60s");
	add_target("app", "repo = app");
	add_slow_repo();
	begin();
	expect_state(world, "app", "ok", NULL);
	before = target_text("app", "observed_at");
	wait_past(before);
	cloud_target(world, "app", NOWHERE);
	cloud_fault(world, "{\"path\":\"/git/slow.git/*\",\"kind\":\"hang\"}");
	start_check();
	judged = process_wait_for(&world->driftd, "target=service/app from=ok ");
	ck_assert_str_eq(judged, "to=drift"); /* and not written: the cycle waits for "slow" */
	restart();
	after = target_text("app", "observed_at");
	ck_assert_str_eq(after, before);
}
END_TEST

/* --- slow remotes --- */

START_TEST(a_fetch_that_began_before_a_check_does_not_count_for_it)
{
	g_autofree char *next = NULL, *last = NULL;

	set_timeouts("9s", "2s", "60s");
	add_target("app", "");
	begin();
	next = repo_publish(checkout, "a.txt", "two", 60);
	cloud_target(world, "app", next);
	/* git lists the branches, once for ls-remote and once for fetch, then gets the commits */
	cloud_fault(world, "{\"path\":\"/git/*\",\"method\":\"POST\",\"kind\":\"latency\","
			   "\"latency_ms\":3000,\"skip\":2,\"count\":1}");
	world_cycle(world); /* ends by cycle-timeout; the fetch goes on */
	last = repo_publish(checkout, "a.txt", "three", 60);
	world_cycle(world);
	ck_assert_msg(!target_is(world, "app", "ok"), "%s was pushed before the check", last);
	cycle_until_state(world, "app", "pending");
	expect_relation(world, "app", "behind");
}
END_TEST

START_TEST(a_remote_slower_than_a_cycle_changes_nothing_until_it_expires)
{
	g_autofree char *error = NULL;

	config_replace(config, "[driftd]\n", "[driftd]\nexpire-after = 4s\n");
	set_timeouts("9s", "1s", "60s");
	add_target("app", "");
	begin();
	cloud_fault(world, HANG_GIT);
	for (int i = 0; i < 2; i++) {
		world_cycle(world);
		expect_state(world, "app", "ok", NULL);
	}
	expect_transitions("app", "none>ok");
	error = status_text("repos.0.error");
	ck_assert_str_ne(error, "");
	wait_for_state(world, "app", "unknown");
}
END_TEST

START_TEST(an_expiry_is_a_transition)
{
	g_autofree char *before = NULL, *after = NULL;

	config_replace(config, "[driftd]\n", "[driftd]\nexpire-after = 2s\n");
	set_timeouts("9s", "1s", "60s");
	add_target("app", "");
	begin();
	before = target_text("app", "since");
	cloud_fault(world, HANG_GIT);
	cycle_until_state(world, "app", "unknown");
	expect_transitions("app", "none>ok ok>unknown");
	cloud_heal(world);
	cycle_until_state(world, "app", "ok");
	expect_transitions("app", "none>ok ok>unknown unknown>ok");
	after = target_text("app", "since");
	ck_assert_str_ne(after, before);
}
END_TEST

START_TEST(an_expiry_between_two_cycles_is_a_transition)
{
	g_autofree char *before = NULL, *after = NULL;

	config_replace(config, "[driftd]\n", "[driftd]\nexpire-after = 1s\n");
	add_target("app", "");
	begin();
	before = target_text("app", "since");
	wait_for_state(world, "app", "unknown"); /* nothing is due for an hour */
	cycle_until_state(world, "app", "ok");
	expect_transitions("app", "none>ok ok>unknown unknown>ok");
	after = target_text("app", "since");
	ck_assert_str_ne(after, before);
}
END_TEST

static void deploy_short(void)
{
	g_autofree char *cut = g_strndup(head, 8);

	cloud_target(world, "app", cut);
}

START_TEST(an_id_unresolved_for_one_cycle_is_no_other_deployment)
{
	set_timeouts("9s", "1s", "60s");
	add_target("app", "");
	deploy_short();
	begin();
	expect_state(world, "app", "ok", NULL);
	expect_deployments("app", 1);
	cloud_fault(world, HANG_GIT);
	restart(); /* knows no commits until a fetch ends */
	world_cycle(world);
	expect_state(world, "app", "unknown", NULL);
	cloud_heal(world);
	cycle_until_state(world, "app", "ok");
	expect_deployments("app", 1);
}
END_TEST

START_TEST(an_id_unresolved_in_the_first_cycle_is_the_deployment)
{
	set_timeouts("9s", "1s", "60s");
	add_target("app", "");
	deploy_short();
	cloud_fault(world, HANG_GIT);
	begin();
	expect_state(world, "app", "unknown", NULL);
	cloud_heal(world);
	cycle_until_state(world, "app", "ok");
	expect_deployments("app", 1);
}
END_TEST

/* --- another configuration --- */

static const struct {
	const char *old, *new;
	bool restarts;
} redefinitions[] = {
	{"/target/app/version", "/target/other/version", false},
	{"/target/app/version", "/target/other/version", true},
	{"paths = a.txt", "paths = b.txt", false},
	{"paths = a.txt", "paths = b.txt", true},
};

START_TEST(a_section_defined_anew_is_unknown_until_observed_anew)
{
	g_autofree char *known = NULL;

	set_timeouts("9s", "9s", "9s");
	add_target("app", "paths = a.txt");
	cloud_target(world, "other", head);
	begin();
	expect_state(world, "app", "ok", NULL);
	config_replace(config, redefinitions[_i].old, redefinitions[_i].new);
	cloud_fault(world, HANG_TARGETS);
	if (redefinitions[_i].restarts)
		restart();
	else
		reload("reload.done");
	if (!redefinitions[_i].restarts)
		wait_for_state(world, "app", "unknown");
	expect_state(world, "app", "unknown", "not_evaluated"); /* said before the source is late */
	known = target_text("app", "last_known.state");
	ck_assert_str_eq(known, "ok");
	cloud_heal(world);
	cycle_until_state(world, "app", "ok");
}
END_TEST

static bool is_known(void *data)
{
	g_autoptr(struct_answer) answer =
		world_call(world, "GET", "/drift/service/app", NULL, NULL);

	return (answer->status == 200) == *(const bool *)data;
}

START_TEST(a_target_that_comes_back_has_its_history)
{
	bool yes = true, no = false;
	g_autofree char *without = NULL, *with = NULL;

	add_target("other", "");
	without = g_strdup(config->str);
	add_target("app", "");
	with = g_strdup(config->str);
	begin();
	g_string_assign(config, without);
	reload("reload.done");
	ck_assert(wait_until(is_known, &no, SOON_MS));
	world_cycle(world); /* it is gone from the database, too */
	g_string_assign(config, with);
	reload("reload.done");
	ck_assert(wait_until(is_known, &yes, SOON_MS));
	cycle_until_state(world, "app", "ok");
	expect_deployments("app", 1);
	cloud_fault(world, HANG_TARGETS);
	restart();
	expect_state(world, "app", "ok", NULL);
	expect_transitions("app", "none>ok");
}
END_TEST

static bool says_problem(void *data)
{
	g_autofree char *error = status_text("config_error");

	(void)data;
	return strstr(error, "sourcce") != NULL;
}

START_TEST(a_wrong_file_right_behind_a_good_one_does_not_undo_it)
{
	set_timeouts("9s", "9s", "9s");
	add_target("app", "");
	begin();
	cloud_fault(world, HANG_TARGETS);
	start_check(); /* reloads wait for the end of a cycle */
	add_target("second", "");
	reload("reload.done");
	g_string_append(config, "[service \"third\"]\nsourcce = http\n");
	reload("reload.refused");
	cloud_heal(world);
	ck_assert(wait_until(says_problem, NULL, SOON_MS));
	cycle_until_state(world, "second", "ok");
	ck_assert(says_problem(NULL));
}
END_TEST

/* --- clocks --- */

/** Give driftd a clock of its own, @p all: the monotonic ones, too; false when this machine cannot. */
static bool take_clock(bool all)
{
	const char *library = faketime_library();

	if (!library || HARNESS_SANITIZED) {
		(void)printf("skipped: libfaketime is not installed, or excluded by a sanitizer\n");
		return false;
	}
	world_set_clock(world, "+0");
	owned[0] = g_strdup_printf("LD_PRELOAD=%s", library);
	owned[1] = g_strdup_printf("FAKETIME_TIMESTAMP_FILE=%s/clock", world->directory);
	owned[2] = g_strdup_printf("DONT_FAKE_MONOTONIC=%d", all ? 0 : 1);
	owned[3] = g_strdup("FAKETIME_NO_CACHE=1");
	for (size_t i = 0; i < G_N_ELEMENTS(owned); i++)
		environment[i] = owned[i];
	world->environment = environment;
	return true;
}

static bool gate_fails(void *data)
{
	g_autoptr(struct_answer) gate =
		world_call(world, "GET", "/gate?target=service/app", NULL, NULL);

	(void)data;
	return gate->status == 409;
}

/** A clock that reaches the end of @p date (UTC) in @p left_ms. */
static void set_clock_before_end_of(const char *date, int64_t left_ms)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *offset = NULL;
	int64_t end_ms = 0;

	ck_assert_msg(timefmt_end_of_day(date, "UTC", &end_ms, &error), "%s", date);
	offset = g_strdup_printf("+%" PRId64, (end_ms - left_ms - clk_wall_ms()) / MS_PER_S);
	world_set_clock(world, offset);
}

START_TEST(a_pause_that_ended_is_looked_at_at_once)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) later = g_date_time_add_days(now, 2);
	g_autofree char *date = g_date_time_format(later, "%Y-%m-%d");
	g_autofree char *line = g_strdup_printf("paused = moving until %s", date);

	if (!take_clock(false))
		return;
	set_clock_before_end_of(date, 3000);
	set_timeouts("30s", "30s", "30s");
	add_target("app", line);
	begin();
	expect_state(world, "app", "paused", NULL);
	ck_assert(!gate_fails(NULL));
	cloud_fault(world, "{\"path\":\"/target/*\",\"kind\":\"latency\",\"latency_ms\":1000}");
	ck_assert_msg(wait_until(gate_fails, NULL, SOON_MS / 2),
		      "it passes on a pause that has ended, while its source is asked");
	wait_for_state(world, "app", "ok"); /* without being asked to look */
}
END_TEST

/* --- many at once --- */

/** Sanitizers make "at once" long: fewer fit into it. */
#define MANY (HARNESS_SANITIZED ? 100 : 1000)

static int connect_driftd(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	guint64 port = 0;

	ck_assert_msg(fd >= 0, "socket: %s", strerror(errno));
	ck_assert(g_ascii_string_to_unsigned(strrchr(world->origin, ':') + 1, 10, 1, 65535, &port,
					     NULL));
	address.sin_port = htons((uint16_t)port); /* checked */
	ck_assert_msg(connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0,
		      "connect: %s", strerror(errno));
	return fd;
}

/** The id of the cycle that the answer on @p fd tells of. Closes it. */
static int64_t read_check_id(int fd)
{
	static const char mark[] = "\"check\":{\"id\":";
	GString *answer = g_string_new(NULL);
	g_autofree char *digits = NULL;
	char buffer[4096];
	const char *at = NULL;
	guint64 id = 0;
	ssize_t got;

	while ((got = read(fd, buffer, sizeof(buffer))) > 0)
		g_string_append_len(answer, buffer, got);
	(void)close(fd); /* read to its end */
	at = strstr(answer->str, mark);
	ck_assert_msg(at, "%s", answer->str);
	at += strlen(mark);
	digits = g_strndup(at, strspn(at, "0123456789"));
	ck_assert(g_ascii_string_to_unsigned(digits, 10, 1, G_MAXINT, &id, NULL));
	g_string_free(answer, TRUE);
	return (int64_t)id; /* checked */
}

static void raise_file_limit(void)
{
	struct rlimit limit = {0};

	ck_assert(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = limit.rlim_max;
	ck_assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

/** Did all of them share two cycles? A machine busy elsewhere may spread them over more. */
static bool send_burst(int64_t before)
{
	static const char request[] = "POST /check HTTP/1.1\r\nHost: localhost\r\n"
				      "Content-Length: 0\r\nConnection: close\r\n\r\n";
	static int fds[MANY];
	bool together = true;

	for (int i = 0; i < MANY; i++) {
		fds[i] = connect_driftd();
		ck_assert(write(fds[i], request, sizeof(request) - 1) == sizeof(request) - 1);
	}
	for (int i = 0; i < MANY; i++) {
		int64_t id = read_check_id(fds[i]);

		ck_assert_msg(id > before, "cycle %d after cycle %d", (int)id, (int)before);
		together = together && id <= before + 2;
	}
	return together;
}

START_TEST(a_burst_on_a_fast_source_is_two_cycles)
{
	g_autofree char *url = g_strdup_printf("url = %s/git/app.git", world->cloud);
	int together = 0;

	config_replace(config, url, "url = work/app"); /* read in place: no cycle takes long */
	add_target("app", "");
	begin();
	raise_file_limit();
	for (int i = 0; i < 8; i++) {
		g_autoptr(struct_answer) before = world_get(world, "/status");

		together += send_burst(json_int_at(before->json, "check.id"));
	}
	ck_assert_int_ge(together, 3);
}
END_TEST

/** Asks for another check, so that one always waits, and looks whether the first is gone. */
static bool is_pruned(void *data)
{
	g_autoptr(struct_answer) first = NULL;

	(void)data;
	start_check();
	first = world_call(world, "GET", "/checks/1", NULL, NULL);
	return first->status == 404;
}

START_TEST(checks_without_a_pause_keep_no_old_rows)
{
	if (!take_clock(true))
		return;
	world_set_clock(world, "+0 x40"); /* old rows are looked for a minute after the start */
	config_replace(config, "[driftd]\n", "[driftd]\nretention = 1s\n");
	set_timeouts("60s", "60s", "60s");
	add_target("app", "");
	begin();
	cloud_fault(world, "{\"path\":\"/target/*\",\"kind\":\"latency\",\"latency_ms\":100}");
	ck_assert(!is_pruned(NULL));
	ck_assert_msg(wait_until(is_pruned, NULL, SOON_MS / 2), "upkeep waits for a pause");
}
END_TEST

Suite *engine_suite(void)
{
	Suite *suite = suite_create("engine");
	TCase *stop = harness_case(suite, "a stop", setup, teardown, 120);
	TCase *remotes = harness_case(suite, "slow remotes", setup, teardown, 120);
	TCase *definitions = harness_case(suite, "another configuration", setup, teardown, 120);
	TCase *clocks = harness_case(suite, "clocks", setup, teardown, 120);
	TCase *bursts = harness_case(suite, "many at once", setup, teardown, 120);

	tcase_add_test(stop, a_stop_in_mid_cycle_makes_no_old_verdict_younger);
	tcase_add_test(remotes, a_fetch_that_began_before_a_check_does_not_count_for_it);
	tcase_add_test(remotes, a_remote_slower_than_a_cycle_changes_nothing_until_it_expires);
	tcase_add_test(remotes, an_expiry_is_a_transition);
	tcase_add_test(remotes, an_expiry_between_two_cycles_is_a_transition);
	tcase_add_test(remotes, an_id_unresolved_for_one_cycle_is_no_other_deployment);
	tcase_add_test(remotes, an_id_unresolved_in_the_first_cycle_is_the_deployment);
	tcase_add_loop_test(definitions, a_section_defined_anew_is_unknown_until_observed_anew, 0,
			    G_N_ELEMENTS(redefinitions));
	tcase_add_test(definitions, a_target_that_comes_back_has_its_history);
	tcase_add_test(definitions, a_wrong_file_right_behind_a_good_one_does_not_undo_it);
	tcase_add_test(clocks, a_pause_that_ended_is_looked_at_at_once);
	tcase_add_test(clocks, checks_without_a_pause_keep_no_old_rows);
	tcase_add_test(bursts, a_burst_on_a_fast_source_is_two_cycles);
	return suite;
}
