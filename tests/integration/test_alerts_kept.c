/* test_alerts_kept - messages survive restarts, reloads, kills and outages of where they go;
 * channels other than Slack; digests and pushes. DESIGN 11; L10. */
#include "tests/integration/alerts_lab.h"

#include <string.h>

Suite *alerts_kept_suite(void);

static struct lab *lab;

static void setup(void)
{
	lab = lab_create("unknown-after = 2s\nreopen-within = 1s\n");
}

static void teardown(void)
{
	lab_free(lab);
}

/* --- nothing is lost --- */

START_TEST(L10_an_end_is_told_after_a_restart)
{
	g_autoptr(struct_answer) told = NULL;

	lab_begin_with(lab, "billing", "");
	lab_drift(lab, "billing");
	answer_free(slack_wait(lab->world, "team", 0, 1));
	ck_assert_int_eq(world_stop(lab->world), 0);
	lab_deploy(lab, "billing");
	world_start(lab->world);
	world_cycle(lab->world);
	told = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(told, 1), "Resolved");
	slack_expect_count(lab->world, NULL, 0, 2); /* nor is it told again that it fires */
}
END_TEST

START_TEST(what_waits_is_told_after_a_kill)
{
	g_autoptr(struct_answer) told = NULL;

	lab_begin_with(lab, "billing", "");
	cloud_fault(lab->world, "{\"api\":\"slack\",\"kind\":\"reset\"}");
	lab_drift(lab, "billing");
	answer_free(sink_attempts_wait(lab->world, "slack", 0, 1));
	world_kill(lab->world);
	cloud_heal(lab->world);
	world_start(lab->world);
	told = slack_wait(lab->world, "team", 0, 1); /* without a cycle */
	expect_says(slack_item(told, 0), "service/billing");
	world_cycle(lab->world);
	slack_expect_count(lab->world, NULL, 0, 1);
}
END_TEST

START_TEST(an_end_is_told_to_the_channel_that_a_reload_left)
{
	g_autoptr(struct_answer) told = NULL;
	g_autofree char *old = world_slack_url(lab->world, "team");
	g_autofree char *new = world_slack_url(lab->world, "crew");

	lab_begin_with(lab, "billing", "");
	lab_drift(lab, "billing");
	answer_free(slack_wait(lab->world, "team", 0, 1));
	config_replace(lab->config, "[slack \"team\"]", "[slack \"crew\"]");
	config_replace(lab->config, old, new);
	lab_reload_config(lab);
	lab_mend(lab, "billing");
	told = slack_wait(lab->world, "crew", 0, 1);
	{
		json_object *last = slack_item(
			told, json_object_array_length(json_at(told->json, "items")) - 1);

		expect_says(last, "service/billing");
		expect_says(last, "Resolved");
	}
	slack_expect_count(lab->world, "team", 0, 1);
}
END_TEST

START_TEST(who_gets_a_moved_beginning_gets_the_end)
{
	g_autoptr(struct_answer) moved = NULL, told = NULL;

	config_add_slack(lab->config, lab->world, "first", "route = owner=nobody");
	lab_begin_with(lab, "billing", "");
	cloud_fault(lab->world, "{\"api\":\"slack\",\"path\":\"*/team_*\",\"kind\":\"status\","
				"\"status\":500}");
	lab_drift(lab, "billing");
	lab_wait_channel(lab, "team", "failing");
	cloud_heal(lab->world);
	/* nobody is routed now: "first" is the first of them, "crew" the new one */
	config_replace(lab->config, "[slack \"team\"]", "[slack \"crew\"]");
	config_replace(lab->config, LAB_TEAM, "route = owner=nobody");
	lab_reload_config(lab);
	moved = slack_wait(lab->world, "team", 0, 1);
	expect_says(slack_item(moved, 0), "Firing");
	lab_mend(lab, "billing");
	told = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(told, 1), "Resolved");
	slack_expect_count(lab->world, "first", 0, 0);
}
END_TEST

START_TEST(an_end_waits_for_a_channel)
{
	g_autoptr(struct_answer) told = NULL;
	g_autofree char *with = NULL;
	const char *at = NULL;

	lab_begin_with(lab, "billing", "");
	lab_drift(lab, "billing");
	answer_free(slack_wait(lab->world, "team", 0, 1));
	with = g_strdup(lab->config->str);
	at = strstr(lab->config->str, "[slack");
	g_string_erase(lab->config, at - lab->config->str, strstr(at, "\n\n") - at);
	lab_reload_config(lab);
	lab_mend(lab, "billing");
	lab_expect_incident(lab, "service/billing", "status", "resolved");
	lab_restart(lab);
	g_string_assign(lab->config, with);
	lab_reload_config(lab);
	told = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(told, 1), "Resolved");
	slack_expect_count(lab->world, NULL, 0, 2);
}
END_TEST

START_TEST(what_is_under_way_at_a_stop_is_not_told_twice)
{
	lab_begin_with(lab, "billing", "");
	cloud_fault(lab->world, "{\"api\":\"slack\",\"kind\":\"drip\",\"latency_ms\":300}");
	lab_drift(lab, "billing");
	answer_free(slack_wait(lab->world, "team", 0, 1));
	lab_restart(lab);
	world_cycle(lab->world);
	world_cycle(lab->world);
	slack_expect_count(lab->world, NULL, 0, 1);
}
END_TEST

START_TEST(a_removed_target_is_told_as_withdrawn)
{
	g_autoptr(struct_answer) told = NULL;

	lab_begin_with_two(lab, "", "");
	lab_drift(lab, "alpha");
	answer_free(slack_wait(lab->world, "team", 0, 1));
	config_replace(lab->config, "[service \"alpha\"]",
		       "[service \"alpha\"]\npaused = moves away");
	lab_reload_config(lab);
	told = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(told, 1), "service/alpha");
	expect_says(slack_item(told, 1), "Withdrawn");
	lab_expect_incident(lab, "service/alpha", "status", "withdrawn");
}
END_TEST

static const char *const outages[] = {
	"{\"api\":\"slack\",\"kind\":\"status\",\"status\":500}",
	"{\"api\":\"slack\",\"kind\":\"rate\",\"headers\":{\"Retry-After\":\"1\"}}",
	"{\"api\":\"slack\",\"kind\":\"reset\"}",
	"{\"api\":\"slack\",\"kind\":\"hang\"}",
	"{\"api\":\"slack\",\"kind\":\"reason\",\"reason\":\"no_service\"}",
};

START_TEST(an_outage_of_slack_loses_nothing_and_keeps_the_order)
{
	g_autoptr(struct_answer) told = NULL, none = NULL;
	json_object *items = NULL;
	bool fired = false, over = false;

	config_add_slack(lab->config, lab->world, "other", LAB_TEAM);
	lab_begin_with_two(lab, "", "");
	{
		g_autofree char *rule = g_strndup(outages[_i], strlen(outages[_i]) - 1);
		g_autofree char *team = g_strconcat(rule, ",\"path\":\"*/team_*\"}", NULL);

		cloud_fault(lab->world, team);
	}
	lab_drift(lab, "alpha");
	lab_mend(lab, "alpha");
	lab_drift(lab, "beta");
	answer_free(slack_wait(lab->world, "other", 0, 3)); /* it delays nobody else */
	lab_wait_channel(lab, "team", "failing");
	none = slack_messages(lab->world, "team", 0);
	ck_assert_int_eq(json_int_at(none->json, "count"), 0);
	cloud_heal(lab->world);
	told = slack_wait(lab->world, "team", 0, 3);
	items = json_at(told->json, "items");
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		g_autofree char *text = slack_text(json_object_array_get_idx(items, i));

		if (strstr(text, "service/alpha") && strstr(text, "Firing"))
			fired = true;
		if (strstr(text, "service/alpha") && strstr(text, "Resolved")) {
			ck_assert_msg(fired, "it ends before it begins: %.2000s", told->body);
			over = true;
		}
	}
	ck_assert(fired && over);
	slack_expect_count(lab->world, "team", 0, 3);
	lab_wait_channel(lab, "team", "ok");
}
END_TEST

START_TEST(blocks_that_slack_refuses_are_sent_as_text)
{
	g_autoptr(struct_answer) told = NULL;

	lab_begin_with(lab, "billing", "");
	cloud_fault(lab->world, "{\"api\":\"slack\",\"sends\":\"\\\"blocks\\\"\",\"kind\":"
				"\"reason\",\"reason\":\"invalid_blocks\"}");
	lab_drift(lab, "billing");
	told = slack_wait(lab->world, "team", 0, 1);
	ck_assert_ptr_null(json_at(slack_item(told, 0), "message.blocks"));
	expect_says(slack_item(told, 0), "service/billing");
}
END_TEST

START_TEST(secrets_of_channels_are_nowhere)
{
	static const char *const paths[] = {"/status", "/notifications", "/incidents", "/metrics"};
	const char *const print[] = {"config", "-c", "driftd.ini", NULL};
	g_autofree char *log = NULL;
	struct run run = {0};

	lab_begin_with(lab, "billing", "");
	cloud_fault(lab->world,
		    "{\"api\":\"slack\",\"kind\":\"reason\",\"reason\":\"invalid_token\"}");
	lab_drift(lab, "billing");
	lab_wait_channel(lab, "team", "failing");
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autoptr(struct_answer) answer = world_get(lab->world, paths[i]);

		ck_assert_msg(!strstr(answer->body, SLACK_SECRET), "%s: %s", paths[i],
			      answer->body);
	}
	run = world_run(lab->world, print);
	ck_assert_msg(!strstr(run.output, SLACK_SECRET), "%s", run.output);
	run_clear(&run);
	log = process_log(&lab->world->driftd);
	ck_assert_msg(!strstr(log, SLACK_SECRET), "the log: %s", log);
	ck_assert_ptr_nonnull(strstr(log, "team"));
}
END_TEST

/* --- other channels --- */

START_TEST(a_webhook_is_signed)
{
	g_autoptr(struct_answer) records = NULL;
	g_autofree char *url = world_webhook_url(lab->world, "ops");

	webhook_set_secret(lab->world, "ops", "a-shared-secret");
	g_string_append_printf(lab->config,
			       "[webhook \"ops\"]\nurl = %s\nsecret = a-shared-secret\n\n", url);
	lab_add_service(lab, "billing", "");
	alab_begin(lab);
	lab_drift(lab, "billing");
	lab_mend(lab, "billing");
	records = webhook_wait(lab->world, "ops", 0, 2);
	ck_assert_str_eq(json_text_at(records->json, "items.0.signature"), "good");
	ck_assert_str_eq(json_text_at(records->json, "items.0.json.kind"), "firing");
	ck_assert_str_eq(json_text_at(records->json, "items.0.json.items.0.target"),
			 "service/billing");
	ck_assert_str_eq(json_text_at(records->json, "items.1.signature"), "good");
	ck_assert_str_eq(json_text_at(records->json, "items.1.json.kind"), "closing");
}
END_TEST

START_TEST(a_github_issue_is_opened_commented_and_closed)
{
	g_autoptr(struct_answer) opened = NULL, commented = NULL, closed = NULL, again = NULL;

	github_make(lab->world, "acme/ops", "gh-token");
	/* what others wrote is not touched */
	answer_free(cloud_control(lab->world, "POST", "github/acme/ops/issues",
				  "{\"title\":\"service/billing\",\"labels\":[\"drift\"]}"));
	g_string_append_printf(lab->config,
			       "[github \"ops\"]\nrepository = acme/ops\ntoken = gh-token\n"
			       "api-url = %s/github\nrate = 100/s\n\n",
			       lab->world->cloud);
	lab_add_service(lab, "billing", "escalate-commits = 1\n");
	alab_begin(lab);
	lab_drift(lab, "billing");
	opened = github_wait(lab->world, "acme/ops", 2, "open", 0);
	ck_assert_ptr_nonnull(
		strstr(json_text_at(opened->json, "issues.1.title"), "service/billing"));
	ck_assert_str_eq(json_text_at(opened->json, "issues.1.labels.0.name"), "drift");
	lab_drift(lab, "billing");
	commented = github_wait(lab->world, "acme/ops", 2, "open", 1);
	ck_assert_ptr_nonnull(
		strstr(json_text_at(commented->json, "issues.1.comment_bodies.0"), "Worse"));
	lab_mend(lab, "billing");
	closed = github_wait(lab->world, "acme/ops", 2, "closed", 2);
	ck_assert_str_eq(json_text_at(closed->json, "issues.1.state_reason"), "completed");
	ck_assert_str_eq(json_text_at(closed->json, "issues.0.state"), "open");
	lab_restart(lab);
	lab_drift(lab, "billing");
	again = github_wait(lab->world, "acme/ops", 2, "open", 3); /* the same issue */
	ck_assert_uint_eq(json_object_array_length(json_at(again->json, "issues")), 2);
}
END_TEST

START_TEST(a_test_message_is_sent_when_asked_for)
{
	const char *const arguments[] = {"test-alert", "-c", "driftd.ini", "slack/team", NULL};
	const char *const wrong[] = {"test-alert", "-c", "driftd.ini", "slack/nobody", NULL};
	g_autoptr(struct_answer) told = NULL;
	struct run run = {0};

	lab_begin_with(lab, "billing", "");
	run = world_run(lab->world, arguments);
	ck_assert_msg(run.status == 0, "%d %s", run.status, run.output);
	run_clear(&run);
	told = slack_wait(lab->world, "team", 0, 1);
	expect_says(slack_item(told, 0), "Test message");
	expect_silent(
		slack_item(told, 0),
		"message 1"); /* it has no number: the first incident's message has that one */
	run = world_run(lab->world, wrong);
	ck_assert_msg(run.status != 0, "%s", run.output);
	run_clear(&run);
}
END_TEST

/* --- time --- */

START_TEST(the_digest_comes_by_its_clock)
{
	g_autoptr(struct_answer) told = NULL, well = NULL;
	int64_t since = 0, before_s = lab_seconds_until("05:30:00");

	if (!alab_take_clock(lab))
		return;
	lab_set_clock(lab, before_s);
	config_add_slack(lab->config, lab->world, "team",
			 LAB_TEAM "\ndigest = 0 6 * * * UTC\ndigest-when-ok = true");
	config_add_slack(lab->config, lab->world, "busy", "route = P0\ndigest = 0 6 * * * UTC");
	lab_add_service(lab, "billing", "");
	alab_begin(lab);
	slack_expect_count(lab->world, NULL, 0, 0);
	lab_set_clock(lab, before_s + AN_HOUR);
	well = lab_cycle_until(lab, "team", 0, 1);
	expect_says(slack_item(well, 0), "Digest: ok, score 100");
	slack_expect_count(lab->world, "busy", 0, 0); /* nothing to say */
	world_cycle(lab->world);
	slack_expect_count(lab->world, NULL, 0, 1); /* once */
	lab_drift(lab, "billing");
	answer_free(slack_wait(lab->world, "team", 0, 2));
	since = slack_last(lab->world);
	lab_set_clock(lab, before_s + AN_HOUR + A_DAY);
	told = lab_cycle_until(lab, "busy", since, 1);
	expect_says(slack_item(told, 0), "Digest: drift");
	expect_says(slack_item(told, 0), "service/billing");
}
END_TEST

START_TEST(a_push_leads_to_a_message_without_a_cycle_that_was_asked_for)
{
	const struct push push = {.secret = "hook-secret-hook-secret"};
	g_autoptr(struct_answer) answer = NULL, told = NULL;

	config_replace(lab->config, "branch = main\n",
		       "branch = main\nwebhook-secret = hook-secret-hook-secret\n");
	lab_begin_with(lab, "billing", "");
	g_free(lab_change(lab, "billing", "pushed"));
	answer = push_github(lab->world, &push);
	ck_assert_msg(answer->status / 100 == 2, "%d %s", answer->status, answer->body);
	told = slack_wait(lab->world, "team", 0, 1);
	expect_says(slack_item(told, 0), "pushed");
}
END_TEST

static void add_kept(TCase *tcase)
{
	tcase_add_test(tcase, L10_an_end_is_told_after_a_restart);
	tcase_add_test(tcase, what_waits_is_told_after_a_kill);
	tcase_add_test(tcase, an_end_is_told_to_the_channel_that_a_reload_left);
	tcase_add_test(tcase, who_gets_a_moved_beginning_gets_the_end);
	tcase_add_test(tcase, an_end_waits_for_a_channel);
	tcase_add_test(tcase, what_is_under_way_at_a_stop_is_not_told_twice);
	tcase_add_test(tcase, a_removed_target_is_told_as_withdrawn);
	tcase_add_loop_test(tcase, an_outage_of_slack_loses_nothing_and_keeps_the_order, 0,
			    G_N_ELEMENTS(outages));
	tcase_add_test(tcase, blocks_that_slack_refuses_are_sent_as_text);
	tcase_add_test(tcase, secrets_of_channels_are_nowhere);
}

static void add_channels(TCase *tcase)
{
	tcase_add_test(tcase, a_webhook_is_signed);
	tcase_add_test(tcase, a_github_issue_is_opened_commented_and_closed);
	tcase_add_test(tcase, a_test_message_is_sent_when_asked_for);
	tcase_add_test(tcase, the_digest_comes_by_its_clock);
	tcase_add_test(tcase, a_push_leads_to_a_message_without_a_cycle_that_was_asked_for);
}

Suite *alerts_kept_suite(void)
{
	Suite *suite = suite_create("alerts_kept");

	add_kept(harness_case(suite, "kept", setup, teardown, 120));
	add_channels(harness_case(suite, "channels", setup, teardown, 120));
	return suite;
}
