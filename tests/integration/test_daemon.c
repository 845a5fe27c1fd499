/* test_daemon - the daemon as a whole: many at once, slow ones, reloading, restarting. */
#include "tests/integration/harness.h"

#include "clk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

Suite *daemon_suite(void);

static struct world *world;
static char *checkout;
static GString *config;
static char *head;

static void setup(void)
{
	world = world_create();
	checkout = repo_make(world, "app");
	head = repo_publish(checkout, "a.txt", "one", A_DAY);
	config = world_base_config(world, "");
}

static void teardown(void)
{
	world_free(world);
	g_free(checkout);
	g_free(head);
	g_string_free(config, TRUE);
}

static void add_target(const char *name)
{
	g_autofree char *lines = g_strdup_printf(
		"source = http\nurl = %s/target/%s/version\ncommit-pointer = /commit", world->cloud,
		name);

	config_add_service(config, name, lines);
	cloud_target(world, name, head);
}

static void begin(void)
{
	world_configure(world, config->str);
	world_start(world);
	world_cycle(world);
}

static int64_t last_check_id(void)
{
	g_autoptr(struct_answer) status = world_get(world, "/status");

	return json_int_at(status->json, "check.id");
}

/* --- many at once --- */

/** A connection that sends @p bytes and then nothing. */
static int open_idle(uint16_t port, const char *bytes)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_msg(fd >= 0, "socket: %s", strerror(errno));
	ck_assert_msg(connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0,
		      "connect: %s", strerror(errno));
	if (*bytes)
		ck_assert(write(fd, bytes, strlen(bytes)) == (ssize_t)strlen(bytes));
	return fd;
}

static uint16_t driftd_port(void)
{
	guint64 port = 0;

	ck_assert(g_ascii_string_to_unsigned(strrchr(world->origin, ':') + 1, 10, 1, 65535, &port,
					     NULL));
	return (uint16_t)port; /* checked */
}

static void raise_file_limit(void)
{
	struct rlimit limit = {0};

	ck_assert(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = limit.rlim_max;
	ck_assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

#define MANY 1000

/** Read until the status line is there; the status, or 0. */
static int read_status(int fd)
{
	char buffer[64] = {0};
	size_t have = 0;
	guint64 status = 0;

	while (have < 12) {
		ssize_t got = read(fd, buffer + have, sizeof(buffer) - 1 - have);

		if (got <= 0)
			return 0;
		have += (size_t)got; /* positive: checked above */
	}
	buffer[12] = '\0';
	if (!g_ascii_string_to_unsigned(buffer + 9, 10, 100, 599, &status, NULL))
		return 0;
	return (int)status; /* three digits */
}

/** Cycles long enough for all requests to arrive during the first. */
static void make_cycles_long(void)
{
	config_replace(config, "request-timeout = 1s\ncycle-timeout = 3s\n",
		       "request-timeout = 9s\ncycle-timeout = 9s\n");
}

START_TEST(a_thousand_checks_at_once_are_two_cycles)
{
	static int fds[MANY];
	int64_t before = 0, start_ms = 0;
	int answered = 0;

	make_cycles_long();
	add_target("one");
	begin();
	raise_file_limit();
	cloud_fault(world, "{\"path\":\"/target/*\",\"kind\":\"latency\",\"latency_ms\":1500}");
	before = last_check_id();
	for (int i = 0; i < MANY; i++)
		fds[i] = open_idle(driftd_port(), "POST /check HTTP/1.1\r\nHost: localhost\r\n"
						  "Content-Length: 0\r\n\r\n");
	start_ms = clk_mono_ms();
	for (int i = 0; i < 10; i++)
		answer_free(world_get(world, "/status")); /* read meanwhile */
	ck_assert_int_lt(clk_mono_ms() - start_ms, 1000);
	for (int i = 0; i < MANY; i++) {
		answered += read_status(fds[i]) == 200;
		(void)close(fds[i]); /* nothing more is wanted of it */
	}
	ck_assert_int_eq(answered, MANY);
	ck_assert_int_ge(last_check_id() - before, 1);
	ck_assert_int_le(last_check_id() - before, 2);
}
END_TEST

#define IDLE 2000

START_TEST(idle_and_slow_connections_keep_nobody_out)
{
	static int fds[IDLE];
	int64_t start_ms = 0;

	add_target("one");
	begin();
	raise_file_limit(); /* ours: driftd has to raise its own */
	for (int i = 0; i < IDLE; i++)
		fds[i] = open_idle(driftd_port(), i % 2 ? "" : "GET /status HTTP/1.1\r\nHost: lo");
	start_ms = clk_mono_ms();
	for (int i = 0; i < 20; i++)
		answer_free(world_get(world, "/status"));
	ck_assert_int_lt(clk_mono_ms() - start_ms, 2000);
	world_cycle(world);
	for (int i = 0; i < IDLE; i++)
		(void)close(fds[i]); /* nothing was written that matters */
}
END_TEST

START_TEST(reads_are_served_while_a_cycle_waits)
{
	g_autoptr(struct_answer) accepted = NULL;
	int64_t start_ms = 0;

	add_target("one");
	begin();
	cloud_fault(world, "{\"path\":\"/target/*\",\"kind\":\"hang\"}");
	accepted = world_call(world, "POST", "/check?wait=0", NULL, NULL);
	ck_assert_int_eq(accepted->status, 202);
	start_ms = clk_mono_ms();
	for (int i = 0; i < 50; i++)
		answer_free(world_get(world, "/status"));
	ck_assert_int_lt(clk_mono_ms() - start_ms, 1000);
}
END_TEST

START_TEST(requests_in_flight_are_bounded)
{
	g_autoptr(struct_answer) log = NULL;

	config_replace(config, "[driftd]\n", "[driftd]\nmax-parallel-requests = 4\n");
	for (int i = 0; i < 24; i++) {
		g_autofree char *name = g_strdup_printf("t%02d", i);

		add_target(name);
	}
	begin();
	cloud_fault(world, "{\"path\":\"/target/*\",\"kind\":\"latency\",\"latency_ms\":30}");
	cloud_clear_log(world);
	world_cycle(world);
	log = cloud_control(world, "GET", "log", NULL);
	ck_assert_int_ge(json_int_at(log->json, "max_in_flight"), 2);
	ck_assert_int_le(json_int_at(log->json, "max_in_flight"), 5); /* and one of git's */
	expect_state(world, "t23", "ok", NULL);
}
END_TEST

/* --- reloading --- */

static bool knows_second(void *data)
{
	g_autoptr(struct_answer) answer =
		world_call(world, "GET", "/drift/service/second", NULL, NULL);

	(void)data;
	return answer->status == 200 && g_str_equal(json_text_at(answer->json, "state"), "ok");
}

static bool forgot_first(void *data)
{
	g_autoptr(struct_answer) answer =
		world_call(world, "GET", "/drift/service/first", NULL, NULL);

	(void)data;
	return answer->status == 404;
}

static bool says_config_error(void *data)
{
	g_autoptr(struct_answer) status = world_get(world, "/status");
	const char *error = json_text_at(status->json, "config_error");

	return *(const bool *)data ? *error != '\0' : *error == '\0';
}

static void reload(void)
{
	world_configure(world, config->str);
	ck_assert(kill(world->driftd.pid, SIGHUP) == 0);
}

START_TEST(a_reload_adds_and_removes_targets)
{
	GString *first = g_string_new(config->str);

	add_target("first");
	begin();
	expect_state(world, "first", "ok", NULL);
	g_string_assign(config, first->str);
	g_string_free(first, TRUE);
	add_target("second");
	reload();
	ck_assert(wait_until(knows_second, NULL, SOON_MS)); /* a reload starts a cycle */
	ck_assert(wait_until(forgot_first, NULL, SOON_MS));
}
END_TEST

START_TEST(an_invalid_file_changes_nothing_and_is_said)
{
	bool yes = true, no = false;
	g_autoptr(struct_answer) status = NULL;
	gsize length = 0;

	add_target("first");
	begin();
	length = config->len;
	g_string_append(config, "[service \"second\"]\nsourcce = http\n");
	reload();
	ck_assert(wait_until(says_config_error, &yes, SOON_MS));
	status = world_get(world, "/status");
	ck_assert_ptr_nonnull(strstr(json_text_at(status->json, "config_error"), "sourcce"));
	expect_state(world, "first", "ok", NULL);
	g_string_truncate(config, length);
	reload();
	ck_assert(wait_until(says_config_error, &no, SOON_MS));
}
END_TEST

/* --- restarting --- */

START_TEST(a_restart_serves_the_last_verdicts_at_once)
{
	g_autoptr(struct_answer) before = NULL, after = NULL;

	add_target("one");
	begin();
	before = world_target(world, "one");
	ck_assert_int_eq(world_stop(world), 0);
	cloud_fault(world, "{\"path\":\"/target/*\",\"kind\":\"hang\"}");
	world_start(world);
	after = world_target(world, "one"); /* before its first cycle can have ended */
	ck_assert_str_eq(json_text_at(after->json, "state"), "ok");
	ck_assert_str_eq(json_text_at(after->json, "since"), json_text_at(before->json, "since"));
	ck_assert_str_eq(json_text_at(after->json, "observed_at"),
			 json_text_at(before->json, "observed_at"));
}
END_TEST

/** Is @p data (an RFC 3339 time) over? */
static bool is_over(void *data)
{
	g_autoptr(GDateTime) end = g_date_time_new_from_iso8601(data, NULL);

	return g_date_time_to_unix(end) * MS_PER_S + MS_PER_S < clk_wall_ms();
}

START_TEST(what_expired_while_nobody_ran_is_unknown)
{
	g_autoptr(struct_answer) before = NULL;
	g_autofree char *expires_at = NULL;

	config_replace(config, "[driftd]\n", "[driftd]\nexpire-after = 1s\n");
	add_target("one");
	begin();
	before = world_target(world, "one");
	expires_at = g_strdup(json_text_at(before->json, "expires_at"));
	ck_assert_int_eq(world_stop(world), 0);
	cloud_fault(world, "{\"path\":\"/target/*\",\"kind\":\"hang\"}");
	ck_assert(wait_until(is_over, expires_at, SOON_MS));
	world_start(world);
	expect_state(world, "one", "unknown", NULL);
}
END_TEST

static bool is_ready(void *data)
{
	g_autoptr(struct_answer) answer = world_call(world, "GET", "/readyz", NULL, NULL);

	return answer->status == *(const int *)data;
}

START_TEST(readiness_follows_the_first_cycle)
{
	int ready = 200;
	g_autoptr(struct_answer) alive = NULL, early = NULL;

	add_target("one");
	cloud_fault(world, "{\"path\":\"/target/*\",\"kind\":\"hang\"}");
	world_configure(world, config->str);
	world_start(world);
	early = world_call(world, "GET", "/readyz", NULL, NULL);
	ck_assert_int_eq(early->status, 503);
	alive = world_call(world, "GET", "/healthz", NULL, NULL);
	ck_assert_int_eq(alive->status, 200);
	cloud_heal(world);
	ck_assert(wait_until(is_ready, &ready, SOON_MS));
}
END_TEST

Suite *daemon_suite(void)
{
	Suite *suite = suite_create("daemon");
	TCase *tcase = tcase_create("as a whole");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_thousand_checks_at_once_are_two_cycles);
	tcase_add_test(tcase, idle_and_slow_connections_keep_nobody_out);
	tcase_add_test(tcase, reads_are_served_while_a_cycle_waits);
	tcase_add_test(tcase, requests_in_flight_are_bounded);
	tcase_add_test(tcase, a_reload_adds_and_removes_targets);
	tcase_add_test(tcase, an_invalid_file_changes_nothing_and_is_said);
	tcase_add_test(tcase, a_restart_serves_the_last_verdicts_at_once);
	tcase_add_test(tcase, what_expired_while_nobody_ran_is_unknown);
	tcase_add_test(tcase, readiness_follows_the_first_cycle);
	suite_add_tcase(suite, tcase);
	return suite;
}
