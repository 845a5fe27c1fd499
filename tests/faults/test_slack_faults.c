/* test_slack_faults - Slack in every bad mood, through the real daemon: nothing is lost, nothing is
 * repeated without need, nobody else waits. DESIGN 11; L10. */
#include "tests/integration/alerts_lab.h"

#include "clk.h"

#include <string.h>

Suite *slack_faults_suite(void);

/** Far longer than a cycle takes, so that one that waits for a channel is seen. */
#define LONG_TIMEOUT_S 15

/** Check refuses long messages. */
#define SHOWN_MAX_BYTES 3000

static struct lab *lab;

static void drop_json(void *object)
{
	(void)json_object_put(object); /* says whether it was the last reference */
}

static void setup(void)
{
	lab = lab_create("reopen-within = 1s\n");
}

static void teardown(void)
{
	lab_free(lab);
}

/** Channels "team", which is in trouble, and "other", which is not; services alpha and beta. */
static void begin(void)
{
	config_add_slack(lab->config, lab->world, "team", "rate = 100/s");
	config_add_slack(lab->config, lab->world, "other", "rate = 100/s");
	lab_add_service(lab, "alpha", "");
	lab_add_service(lab, "beta", "");
	alab_begin(lab);
}

/** A rule for the requests of "team" alone; @p members of it. */
static void fault_team(const char *members)
{
	g_autofree char *rule =
		g_strdup_printf("{\"api\":\"slack\",\"path\":\"*/team_*\",%s}", members);

	cloud_fault(lab->world, rule);
}

/** Every request to a channel, taken or not. Caller unrefs; of json_object *, owned. */
static GPtrArray *attempts_of(const char *channel)
{
	g_autoptr(struct_answer) all = sink_attempts(lab->world, "slack", 0);
	g_autofree char *part = g_strdup_printf("/%s_", channel);
	GPtrArray *attempts = g_ptr_array_new_with_free_func(drop_json);
	json_object *items = json_at(all->json, "items");

	for (size_t i = 0; i < json_object_array_length(items); i++) {
		json_object *item = json_object_array_get_idx(items, i);

		if (strstr(json_text_at(item, "uri"), part))
			g_ptr_array_add(attempts, json_object_get(item));
	}
	return attempts;
}

struct attempts_wait {
	const char *channel;
	guint count;
};

static bool has_attempts(void *data)
{
	const struct attempts_wait *wait = data;
	g_autoptr(GPtrArray) attempts = attempts_of(wait->channel);

	return attempts->len >= wait->count;
}

/** Waits for so many. */
static GPtrArray *wait_attempts(const char *channel, guint count)
{
	struct attempts_wait wait = {channel, count};

	ck_assert_msg(wait_until(has_attempts, &wait, SOON_MS), "%s is not asked %u times", channel,
		      count);
	return attempts_of(channel);
}

static size_t count_in_log(const char *words)
{
	g_autofree char *log = process_log(&lab->world->driftd);
	size_t count = 0;

	for (const char *at = strstr(log, words); at; at = strstr(at + 1, words))
		count++;
	return count;
}

static void expect_metric(const char *line)
{
	g_autoptr(struct_answer) metrics = world_get(lab->world, "/metrics");

	ck_assert_msg(strstr(metrics->body, line), "no %s in %.*s", line, SHOWN_MAX_BYTES,
		      metrics->body);
}

/* --- one bad answer --- */

static bool is_other_written(void *data)
{
	g_autoptr(struct_answer) sent =
		world_get(lab->world, "/notifications?channel=slack/other&state=sent");

	(void)data;
	return json_object_array_length(json_at(sent->json, "items")) == 2;
}

START_TEST(L10_a_retry_after_is_waited_for_and_delays_nobody_else)
{
	g_autoptr(struct_answer) told = NULL;
	g_autoptr(GPtrArray) attempts = NULL;
	bool killed = _i == 1;
	int64_t waited_ms = 0;

	begin();
	fault_team("\"kind\":\"rate\",\"count\":1,\"headers\":{\"Retry-After\":\"3\"}");
	lab_drift(lab, "alpha");
	g_ptr_array_unref(wait_attempts("team", 1));
	lab_drift(lab, "beta"); /* cycles go on */
	if (killed) {
		lab_wait_channel(lab, "team", "failing"); /* it is written */
		/* and so is the other: what is under way at a kill may come twice */
		ck_assert(wait_until(is_other_written, NULL, SOON_MS));
		world_kill(lab->world);
		world_start(lab->world);
	}
	answer_free(slack_wait(lab->world, "other", 0, 2));
	attempts = attempts_of("team");
	ck_assert_uint_eq(attempts->len, 1);
	told = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(told, 0), "service/alpha");
	expect_says(slack_item(told, 1), "service/beta");
	g_ptr_array_unref(attempts);
	attempts = attempts_of("team");
	ck_assert_uint_eq(attempts->len, 3);
	waited_ms =
		json_int_at(attempts->pdata[1], "at_ms") - json_int_at(attempts->pdata[0], "at_ms");
	ck_assert_msg(waited_ms >= 3000, "waited %d ms", (int)waited_ms); /* shown only */
	slack_expect_count(lab->world, NULL, 0, 4);
}
END_TEST

static const struct {
	const char *rule;
	int64_t copies; /* what Slack had taken when it failed comes again */
} answers[] = {
	{"\"kind\":\"status\",\"status\":500", 1},
	{"\"kind\":\"html503\"", 1},
	{"\"kind\":\"hang\"", 1},
	{"\"kind\":\"reset\"", 1},
	{"\"kind\":\"not_http\"", 1},
	{"\"kind\":\"status_after\",\"status\":500", 2},
	{"\"kind\":\"hang_after\"", 2},
	{"\"kind\":\"reset_after\"", 2},
};

START_TEST(a_bad_answer_is_asked_again_once)
{
	g_autoptr(struct_answer) told = NULL;
	g_autoptr(GPtrArray) attempts = NULL;
	g_autofree char *rule = g_strconcat(answers[_i].rule, ",\"count\":1", NULL);

	begin();
	fault_team(rule);
	lab_drift(lab, "alpha");
	answer_free(slack_wait(lab->world, "other", 0, 1));
	told = slack_wait(lab->world, "team", 0, answers[_i].copies);
	for (int64_t i = 0; i < answers[_i].copies; i++)
		expect_says(slack_item(told, (size_t)i), "service/alpha"); /* at most 2 */
	for (int i = 0; i < 3; i++)
		world_cycle(lab->world);
	slack_expect_count(lab->world, "team", 0, answers[_i].copies);
	slack_expect_count(lab->world, "other", 0, 1);
	attempts = attempts_of("team");
	ck_assert_uint_eq(attempts->len, 2);
	lab_wait_channel(lab, "team", "ok");
}
END_TEST

/** Only a crash repeats what is under way. */
START_TEST(a_stop_waits_for_what_is_under_way)
{
	bool in_cycle = _i == 1;

	begin();
	fault_team("\"kind\":\"latency\",\"latency_ms\":900");
	lab_drift(lab, "alpha");
	answer_free(slack_wait(lab->world, "other", 0, 1)); /* sent at the same time */
	if (in_cycle) {
		cloud_fault(lab->world, "{\"path\":\"/target/*\",\"kind\":\"hang\"}");
		answer_free(world_call(lab->world, "POST", "/check?wait=0", NULL, NULL));
	}
	ck_assert_int_eq(world_stop(lab->world), 0);
	cloud_heal(lab->world);
	answer_free(slack_wait(lab->world, "team", 0, 1));
	world_start(lab->world);
	world_cycle(lab->world);
	slack_expect_count(lab->world, NULL, 0, 2);
}
END_TEST

/* --- a channel that needs a person --- */

START_TEST(L10_a_hook_that_is_gone_is_said_once_and_told_at_once_when_it_is_mended)
{
	g_autofree char *old = world_slack_url(lab->world, "team");
	g_autofree char *new = world_slack_url(lab->world, "crew");
	g_autoptr(struct_answer) status = NULL, told = NULL;

	begin();
	fault_team("\"kind\":\"reason\",\"reason\":\"no_service\",\"count\":2");
	fault_team("\"kind\":\"reason\",\"reason\":\"no_service\",\"headers\":{\"Retry-After\":"
		   "\"600\"}");
	lab_drift(lab, "alpha");
	lab_wait_channel(lab, "team", "failing");
	g_ptr_array_unref(wait_attempts("team", 3));
	status = world_get(lab->world, "/status");
	ck_assert_str_eq(json_text_at(status->json, "channels.0.name"), "team");
	ck_assert_int_eq(json_int_at(status->json, "channels.0.waiting"), 1);
	ck_assert_msg(strstr(json_text_at(status->json, "channels.0.last_error"), "no_service"),
		      "%s", json_text_at(status->json, "channels.0.last_error"));
	expect_metric("driftd_channel_up{channel=\"slack/team\"} 0\n");
	ck_assert_uint_eq(count_in_log("channel.dead"), 1);
	config_replace(lab->config, old, new);
	world_reload(lab->world, lab->config->str);
	told = slack_wait(lab->world, "crew", 0, 1); /* or in ten minutes */
	expect_says(slack_item(told, 0), "service/alpha");
	slack_expect_count(lab->world, NULL, 0, 2);
	lab_wait_channel(lab, "team", "ok");
	expect_metric("driftd_channel_up{channel=\"slack/team\"} 1\n");
}
END_TEST

/* --- a message that Slack does not like --- */

START_TEST(refused_blocks_come_as_text_and_are_not_tried_again)
{
	g_autoptr(struct_answer) told = NULL;
	g_autoptr(GPtrArray) attempts = NULL;

	begin();
	fault_team(
		"\"sends\":\"\\\"blocks\\\"\",\"kind\":\"reason\",\"reason\":\"invalid_blocks\"");
	lab_drift(lab, "alpha");
	told = slack_wait(lab->world, "team", 0, 1);
	expect_says(slack_item(told, 0), "service/alpha");
	ck_assert_ptr_null(json_at(slack_item(told, 0), "message.blocks"));
	attempts = attempts_of("team");
	ck_assert_uint_eq(attempts->len, 2);
	ck_assert_int_eq(json_int_at(attempts->pdata[0], "status"), 400);
	ck_assert_int_eq(json_int_at(attempts->pdata[1], "status"), 200);
}
END_TEST

START_TEST(a_refused_message_lets_others_pass_and_keeps_its_own_order)
{
	g_autoptr(struct_answer) beta = NULL, told = NULL;

	begin();
	fault_team(
		"\"sends\":\"service/alpha\",\"kind\":\"reason\",\"reason\":\"invalid_payload\"");
	lab_drift(lab, "alpha");
	g_ptr_array_unref(wait_attempts("team", 2)); /* with blocks, and without */
	lab_mend(lab, "alpha");
	lab_drift(lab, "beta");
	beta = slack_wait(lab->world, "team", 0, 1);
	expect_says(slack_item(beta, 0), "service/beta");
	expect_silent(slack_item(beta, 0), "service/alpha");
	cloud_heal(lab->world);
	told = slack_wait(lab->world, "team", 0, 3);
	expect_says(slack_item(told, 1), "Firing");
	expect_says(slack_item(told, 2), "Resolved after ");
	for (size_t i = 1; i < 3; i++)
		expect_says(slack_item(told, i), "service/alpha");
	slack_expect_count(lab->world, "team", 0, 3);
}
END_TEST

/* --- nobody waits --- */

/** More channels hang than requests may be under way; none of them takes the place of a look, or of
 * the channel that is well. */
START_TEST(channels_that_hang_delay_no_cycle_and_no_channel)
{
	g_autoptr(struct_answer) check = NULL;
	int64_t begin_ms = 0;

	config_replace(lab->config, "request-timeout = 1s",
		       "request-timeout = 15s\nmax-parallel-requests = 1");
	for (int i = 0; i < 4; i++) {
		g_autofree char *name = g_strdup_printf("team_%d", i);

		config_add_slack(lab->config, lab->world, name, "");
	}
	config_add_slack(lab->config, lab->world, "other", "rate = 100/s");
	lab_add_service(lab, "alpha", "");
	alab_begin(lab);
	fault_team("\"kind\":\"hang\"");
	begin_ms = clk_mono_ms();
	lab_drift(lab, "alpha");
	answer_free(slack_wait(lab->world, "other", 0, 1));
	check = world_check(lab->world);
	ck_assert_int_eq(json_int_at(check->json, "counts.unknown"), 0);
	lab_mend(lab, "alpha");
	answer_free(slack_wait(lab->world, "other", 0, 2));
	ck_assert_int_lt(clk_mono_ms() - begin_ms, LONG_TIMEOUT_S * MS_PER_S);
	cloud_heal(lab->world); /* or the stop would wait */
}
END_TEST

/* --- very many --- */

#define STORM 24

START_TEST(what_waits_too_long_is_folded_into_one_message)
{
	g_autoptr(struct_answer) told = NULL, sent = NULL, waiting = NULL;
	size_t last = 0;

	begin();
	fault_team("\"kind\":\"status\",\"status\":500");
	for (int i = 0; i < STORM / 2; i++) {
		lab_drift(lab, "alpha");
		lab_mend(lab, "alpha");
	}
	answer_free(slack_wait(lab->world, "other", 0, STORM));
	cloud_heal(lab->world);
	slack_expect_count(lab->world, "other", 0,
			   STORM); /* each for itself, and waits for "team" */
	told = slack_messages(lab->world, "team", 0);
	last = json_object_array_length(json_at(told->json, "items"));
	ck_assert_msg(last >= 1 && last < STORM / 2, "%zu messages", last);
	expect_says(slack_item(told, last - 1), "service/alpha");
	expect_says(slack_item(told, last - 1), "Resolved");
	waiting = world_get(lab->world, "/notifications?state=waiting");
	ck_assert_uint_eq(json_object_array_length(json_at(waiting->json, "items")), 0);
	sent = world_get(lab->world, "/notifications?channel=slack/team&state=sent&limit=100");
	ck_assert_uint_eq(json_object_array_length(json_at(sent->json, "items")), STORM);
}
END_TEST

#define MANY (HARNESS_SANITIZED ? 1000 : 10000)
#define PER_PROJECT 1000

/** driftd's memory at its worst, in KiB. */
static int64_t peak_kib(void)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)lab->world->driftd.pid);
	g_autofree char *text = NULL, *number = NULL;
	const char *at = NULL;
	gint64 kib = 0;

	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	at = strstr(text, "VmHWM:");
	ck_assert_ptr_nonnull(at);
	at += strcspn(at, "0123456789");
	number = g_strndup(at, strspn(at, "0123456789"));
	ck_assert(g_ascii_string_to_signed(number, 10, 0, G_MAXINT64, &kib, NULL));
	return kib;
}

/** The services of one project, in a file of their own: one file may not hold all. */
static void write_project(int project)
{
	g_autofree char *name = g_strdup_printf("bulk-%d.ini", project);
	g_autofree char *line = g_strdup_printf("[driftd]\ninclude = %s\n", name);
	g_autofree char *path = world_path(lab->world, name);
	g_autoptr(GString) text = g_string_new(NULL);

	for (int i = 0; i < PER_PROJECT; i++)
		g_string_append_printf(
			text,
			"[service \"svc-%06d\"]\nsource = cloud-run\nproject = bulk-%d\n"
			"paths = shared\ngrace = 0s\n\n",
			project * PER_PROJECT + i, project + 1);
	ck_assert(g_file_set_contents(path, text->str, -1, NULL));
	config_replace(lab->config, "[driftd]\n", line);
}

static void begin_with_many(void)
{
	g_autofree char *bulk = NULL;

	g_free(lab->base);
	lab->base = repo_publish(lab->checkout, "shared/base.txt", "all of it", A_DAY);
	bulk = g_strdup_printf("{\"services\":%d,\"commit\":\"%s\"}", MANY, lab->base);
	answer_free(cloud_control(lab->world, "POST", "bulk", bulk));
	config_replace(lab->config, "cycle-timeout = 3s", "cycle-timeout = 60s");
	config_replace(lab->config, "request-timeout = 1s", "request-timeout = 5s");
	config_add_slack(lab->config, lab->world, "team", "rate = 100/s");
	config_add_slack(lab->config, lab->world, "other", "rate = 100/s");
	for (int i = 0; i < MANY / PER_PROJECT; i++)
		write_project(i);
	world_configure(lab->world, lab->config->str);
	world_start(lab->world);
	world_cycle(lab->world);
}

static void expect_all(const char *state)
{
	g_autoptr(struct_answer) check = world_check(lab->world);
	g_autofree char *count = g_strconcat("counts.", state, NULL);

	ck_assert_msg(json_int_at(check->json, count) == MANY, "not all are %s: %.*s", state,
		      SHOWN_MAX_BYTES, check->body);
}

static void expect_waiting(int64_t team)
{
	g_autoptr(struct_answer) status = world_get(lab->world, "/status");

	ck_assert_int_eq(json_int_at(status->json, "channels.0.waiting"), team);
}

START_TEST(ten_thousand_transitions_at_once_are_one_message_each_way)
{
	g_autoptr(struct_answer) told = NULL, sent = NULL;
	g_autofree char *head = NULL, *firing = NULL, *resolved = NULL;
	g_autoptr(GPtrArray) attempts = NULL;
	int64_t before_kib = 0, grown_kib = 0;

	begin_with_many();
	expect_all("ok");
	before_kib = peak_kib();
	fault_team("\"kind\":\"hang\"");
	head = lab_change(lab, "shared", "new");
	expect_all("drift");
	expect_waiting(1); /* the cycle has ended, and the channel hangs */
	g_free(git(lab->checkout, "reset", "-q", "--hard", lab->base, NULL));
	repo_push(lab->checkout);
	expect_all("ok");
	expect_waiting(2);
	cloud_heal(lab->world);
	told = slack_wait(lab->world, "team", 0, 2);
	firing = g_strdup_printf("%d firing", MANY);
	resolved = g_strdup_printf("%d resolved", MANY);
	expect_says(slack_item(told, 0), firing);
	expect_says(slack_item(told, 1), resolved);
	slack_expect_count(lab->world, NULL, 0, 4);
	attempts = attempts_of("other");
	ck_assert_uint_eq(attempts->len, 2);
	sent = world_get(lab->world, "/notifications?channel=slack/team&state=sent");
	for (size_t i = 0; i < 2; i++) {
		g_autofree char *path = g_strdup_printf("items.%zu.incidents", i);

		ck_assert_uint_eq(json_object_array_length(json_at(sent->json, path)), MANY);
	}
	grown_kib = peak_kib() - before_kib;
	ck_assert_msg(HARNESS_SANITIZED || grown_kib < 192 * 1024, "%d KiB more",
		      (int)grown_kib); /* shown only */
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 180);
	suite_add_tcase(suite, tcase);
	return tcase;
}

Suite *slack_faults_suite(void)
{
	Suite *suite = suite_create("faults-slack");
	TCase *answer = add_case(suite, "answers"), *channel = add_case(suite, "channel");
	TCase *many = add_case(suite, "many");

	tcase_add_loop_test(answer, L10_a_retry_after_is_waited_for_and_delays_nobody_else, 0, 2);
	tcase_add_loop_test(answer, a_bad_answer_is_asked_again_once, 0, G_N_ELEMENTS(answers));
	tcase_add_loop_test(answer, a_stop_waits_for_what_is_under_way, 0, 2);
	tcase_add_test(channel,
		       L10_a_hook_that_is_gone_is_said_once_and_told_at_once_when_it_is_mended);
	tcase_add_test(channel, refused_blocks_come_as_text_and_are_not_tried_again);
	tcase_add_test(channel, a_refused_message_lets_others_pass_and_keeps_its_own_order);
	tcase_add_test(channel, channels_that_hang_delay_no_cycle_and_no_channel);
	tcase_add_test(many, what_waits_too_long_is_folded_into_one_message);
	tcase_add_test(many, ten_thousand_transitions_at_once_are_one_message_each_way);
	return suite;
}
