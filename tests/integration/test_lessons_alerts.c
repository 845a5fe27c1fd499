/* test_lessons_alerts - what LESSONS says of messages: L10, L11, L26, L31, each through the whole
 * daemon. */
#include "tests/integration/alerts_lab.h"

#include <signal.h>
#include <string.h>

Suite *lessons_alerts_suite(void);

/** Check refuses long messages. */
#define SHOWN_MAX_BYTES 3000

/** sysexits.h: EX_CONFIG. */
#define EXIT_WRONG_CONFIG 78

static struct lab *lab;

static void setup(void)
{
	lab = lab_create("unknown-after = 1s\nreopen-within = 1s\n");
}

static void teardown(void)
{
	lab_free(lab);
}

/* --- L10: the alert module could not be imported; a secret had no version; only a log line said so
 * --- */

static const struct {
	const char *channel, *said;
} wrong_channels[] = {
	{"[slack \"team\"]\nwebhook = file:no-such-secret\n", "no-such-secret"},
	{"[slack \"team\"]\nwebhook = env:NO_SUCH_SECRET_HERE\n", "NO_SUCH_SECRET_HERE"},
	{"[slack \"team\"]\nwebhook = hooks.slack.com/services/T0/B0/x\n", "webhook"},
	{"[slack \"team\"]\nrate = 1/s\n", "webhook"},
	{"[webhook \"team\"]\nurl = ftp://ops.example/x\n", "url"},
	{"[alertmanager \"team\"]\nurl = nowhere\n", "url"},
	{"[github \"team\"]\nrepository = acme\ntoken = t0ken\n", "repository"},
};

static bool has_config_error(void *data)
{
	g_autoptr(struct_answer) status = world_get(lab->world, "/status");

	(void)data;
	return json_at(status->json, "config_error") != NULL;
}

START_TEST(L10_a_wrong_channel_is_said_before_it_is_needed)
{
	const char *const config[] = {"config", "-c", "driftd.ini", NULL};
	g_autofree char *good = NULL, *log = NULL;
	g_autoptr(struct_answer) status = NULL;
	struct run run = {0};

	lab_begin_with(lab, "billing", "");
	good = g_strdup(lab->config->str);
	g_string_append(lab->config, wrong_channels[_i].channel);
	if (g_str_has_prefix(wrong_channels[_i].channel, "[slack \"team\"]"))
		config_replace(lab->config, "[slack \"team\"]", "[slack \"first\"]");
	world_configure(lab->world, lab->config->str);
	run = world_run(lab->world, config);
	ck_assert_msg(run.status == EXIT_WRONG_CONFIG &&
			      strstr(run.output, wrong_channels[_i].said) &&
			      strstr(run.output, "team"),
		      "%d: %.*s", run.status, SHOWN_MAX_BYTES, run.output);
	run_clear(&run);
	ck_assert(kill(lab->world->driftd.pid, SIGHUP) == 0);
	ck_assert(wait_until(has_config_error, NULL, SOON_MS));
	status = world_get(lab->world, "/status");
	ck_assert_msg(strstr(json_text_at(status->json, "config_error"), wrong_channels[_i].said),
		      "%.*s", SHOWN_MAX_BYTES, status->body);
	lab_drift(lab, "billing"); /* by the configuration of before */
	answer_free(slack_wait(lab->world, "team", 0, 1));
	ck_assert_int_eq(world_stop(lab->world), 0);
	ck_assert_int_eq(world_start_failing(lab->world, &log), EXIT_WRONG_CONFIG);
	ck_assert_msg(strstr(log, wrong_channels[_i].said), "%.*s", SHOWN_MAX_BYTES, log);
	world_configure(lab->world, good);
	world_start(lab->world); /* so that it can be stopped */
}
END_TEST

START_TEST(L10_messages_wait_for_a_channel_that_was_dead_from_the_start)
{
	g_autofree char *good = world_slack_url(lab->world, "team");
	g_autofree char *dead = g_strconcat(lab->world->cloud, "/slack/nothing/here", NULL);
	g_autoptr(struct_answer) status = NULL, waiting = NULL, told = NULL;

	lab_add_team(lab);
	config_replace(lab->config, good, dead);
	lab_add_service(lab, "billing", "");
	alab_begin(lab);
	lab_drift(lab, "billing");
	lab_wait_channel(lab, "team", "failing");
	status = world_get(lab->world, "/status");
	ck_assert_msg(strstr(json_text_at(status->json, "channels.0.last_error"), "no_service"),
		      "%.*s", SHOWN_MAX_BYTES, status->body);
	ck_assert_int_eq(json_int_at(status->json, "channels.0.waiting"), 1);
	lab_mend(lab, "billing"); /* its end waits too */
	lab_restart(lab);
	lab_wait_channel(lab, "team", "failing");
	waiting = world_get(lab->world, "/notifications?state=waiting");
	ck_assert_uint_eq(json_object_array_length(json_at(waiting->json, "items")), 2);
	config_replace(lab->config, dead, good);
	world_reload(lab->world, lab->config->str);
	told = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(told, 0), "Firing");
	expect_says(slack_item(told, 1), "Resolved after ");
	slack_expect_count(lab->world, NULL, 0, 2);
}
END_TEST

/* --- L11: the JSON mode returned before counting and always said healthy --- */

static const struct {
	const char *name, *state;
	bool told;
} services[] = {
	{"behind-1", "drift", true}, {"behind-2", "drift", true}, {"blind", "unknown", true},
	{"well-1", "ok", false},     {"well-2", "ok", false},     {"away", "paused", false},
};

static int64_t silence_all(void)
{
	g_autofree char *until = lab_time(AN_HOUR);
	g_autofree char *body = g_strdup_printf(
		"{\"matcher\":\"service/*\",\"until\":\"%s\",\"who\":\"ana\",\"why\":\"test\"}",
		until);
	g_autoptr(struct_answer) answer = lab_post(lab, "/silences", body);

	return json_int_at(answer->json, "id");
}

static bool three_are_open(void *data)
{
	g_autoptr(struct_answer) status = NULL;

	(void)data;
	world_cycle(lab->world);
	status = world_get(lab->world, "/status");
	return json_int_at(status->json, "incidents_open") == 3;
}

/** Two are behind, one is blind for long enough; they are told together, when the silence is taken
 * back. */
static void tell_all_at_once(void)
{
	int64_t silence = 0;
	g_autofree char *path = NULL;

	lab_add_team(lab);
	for (size_t i = 0; i < G_N_ELEMENTS(services); i++)
		lab_add_service(lab, services[i].name,
				g_str_equal(services[i].state, "paused") ? "paused = moves\n" : "");
	alab_begin(lab);
	silence = silence_all();
	cloud_fault(lab->world,
		    "{\"path\":\"/target/blind/*\",\"kind\":\"status\",\"status\":500}");
	g_free(lab_change(lab, "behind-1", "new"));
	lab_drift(lab, "behind-2");
	ck_assert(wait_until(three_are_open, NULL, SOON_MS));
	lab_expect_incident(lab, "service/blind", "held_by", "silence 1");
	path = g_strdup_printf("/silences/%" G_GINT64_FORMAT, silence);
	answer_free(world_call(lab->world, "DELETE", path, NULL, NULL));
}

static void expect_in(const char *text, const char *format, ...) PRINTF_LIKE(2, 3);

static void expect_in(const char *text, const char *format, ...)
{
	g_autofree char *words = NULL;
	va_list args;

	va_start(args, format);
	words = g_strdup_vprintf(format, args);
	va_end(args);
	ck_assert_msg(strstr(text, words), "no \"%s\" in %.*s", words, SHOWN_MAX_BYTES, text);
}

/** One line of the table that a person reads: the target and its state. */
static void expect_line(const char *text, const char *name, const char *state)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	bool found = false;

	for (size_t i = 0; lines[i]; i++)
		found |= strstr(lines[i], name) && strstr(lines[i], state);
	ck_assert_msg(found, "%s is not %s: %.*s", name, state, SHOWN_MAX_BYTES, text);
}

START_TEST(L11_json_text_metrics_and_slack_say_the_same)
{
	static const char *const plain[] = {"Accept: text/plain", NULL};
	static const char *const states[] = {"ok", "pending", "unknown", "drift", "paused"};
	g_autoptr(struct_answer) told = NULL, status = NULL, text = NULL, metrics = NULL;
	int64_t firing = 0;

	tell_all_at_once();
	told = slack_wait(lab->world, "team", 0, 1);
	status = world_get(lab->world, "/status");
	text = world_call(lab->world, "GET", "/status", plain, NULL);
	metrics = world_get(lab->world, "/metrics");
	for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
		g_autofree char *path = g_strconcat("counts.", states[i], NULL);
		int64_t count = 0;

		for (size_t k = 0; k < G_N_ELEMENTS(services); k++)
			count += g_str_equal(services[k].state, states[i]) ? 1 : 0;
		ck_assert_int_eq(json_int_at(status->json, path), count);
		expect_in(metrics->body, "driftd_targets{state=\"%s\"} %d\n", states[i],
			  (int)count); /* few */
		if (count > 0)
			expect_in(text->body, "%d %s", (int)count, states[i]);
	}
	for (size_t k = 0; k < G_N_ELEMENTS(services); k++) {
		g_autofree char *id = g_strconcat("service/", services[k].name, NULL);

		expect_state(lab->world, services[k].name, services[k].state, NULL);
		expect_line(text->body, services[k].name, services[k].state);
		firing += services[k].told ? 1 : 0;
		if (services[k].told)
			expect_says(slack_item(told, 0), id);
		else
			expect_silent(slack_item(told, 0), id);
	}
	ck_assert_int_eq(json_int_at(status->json, "incidents_open"), firing);
	expect_says(slack_item(told, 0), "3 firing");
	slack_expect_count(lab->world, NULL, 0, 1);
}
END_TEST

/* --- L26: the same list every two hours until people muted the channel --- */

START_TEST(L26_one_message_per_change_over_many_cycles)
{
	g_autoptr(struct_answer) told = NULL;

	lab_begin_with_two(lab, "", "");
	lab_drift(lab, "alpha");
	for (int i = 0; i < 12; i++)
		world_cycle(lab->world);
	slack_expect_count(lab->world, NULL, 0, 1);
	lab_restart(lab);
	world_cycle(lab->world);
	lab_reload_config(lab);
	slack_expect_count(lab->world, NULL, 0, 1);
	lab_drift(lab, "beta");
	for (int i = 0; i < 6; i++)
		world_cycle(lab->world);
	told = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(told, 1), "service/beta");
	expect_silent(slack_item(told, 1), "service/alpha"); /* no list of what is known */
	slack_expect_count(lab->world, NULL, 0, 2);
	lab_deploy(lab, "alpha");
	lab_mend(lab, "beta");
	for (int i = 0; i < 6; i++)
		world_cycle(lab->world);
	slack_expect_count(lab->world, NULL, 0, 3);
}
END_TEST

/* --- L31: five severity tables contradicted each other --- */

/** What a message, /incidents and the route say of one target. */
static void expect_priority(const char *channel, size_t index, const char *priority)
{
	g_autoptr(struct_answer) told =
		slack_wait(lab->world, channel, 0, (int64_t)index + 1); /* few */

	expect_says(slack_item(told, index), priority);
	lab_expect_incident(lab, "service/billing", "priority", priority);
}

START_TEST(L31_severity_is_priority_commits_and_age_of_the_configuration)
{
	g_autoptr(struct_answer) worse = NULL;
	bool by_age = _i == 1;

	config_add_slack(lab->config, lab->world, "calm", "route = P2");
	config_add_slack(lab->config, lab->world, "loud", "route = P1");
	config_add_slack(lab->config, lab->world, "pager", "route = P0");
	lab_add_service(lab, "billing",
			by_age ? "priority = P2\nescalate-after = 6s\n"
			       : "priority = P2\nescalate-commits = 2\n");
	alab_begin(lab);
	lab_drift(lab, "billing");
	expect_priority("calm", 0, "P2");
	if (!by_age) {
		lab_drift(lab, "billing");
		lab_expect_incident(lab, "service/billing", "priority",
				    "P2"); /* two are not more than two */
		lab_drift(lab, "billing");
	}
	worse = lab_cycle_until(lab, "loud", 0, 1);
	expect_says(slack_item(worse, 0), "P1");
	lab_expect_incident(lab, "service/billing", "priority", "P1");
	for (int i = 0; i < 3; i++)
		world_cycle(lab->world);
	slack_expect_count(lab->world, "loud", 0, 1);
	slack_expect_count(lab->world, "pager", 0, 0); /* one step, not more */
	lab_mend(lab, "billing");
	slack_expect_count(lab->world, "loud", 0, 2); /* the end goes where it was told */
	slack_expect_count(lab->world, "calm", 0, 2);
}
END_TEST

Suite *lessons_alerts_suite(void)
{
	Suite *suite = suite_create("lessons-alerts");
	TCase *tcase = tcase_create("messages");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, L10_a_wrong_channel_is_said_before_it_is_needed, 0,
			    G_N_ELEMENTS(wrong_channels));
	tcase_add_test(tcase, L10_messages_wait_for_a_channel_that_was_dead_from_the_start);
	tcase_add_test(tcase, L11_json_text_metrics_and_slack_say_the_same);
	tcase_add_test(tcase, L26_one_message_per_change_over_many_cycles);
	tcase_add_loop_test(tcase, L31_severity_is_priority_commits_and_age_of_the_configuration, 0,
			    2);
	suite_add_tcase(suite, tcase);
	return suite;
}
