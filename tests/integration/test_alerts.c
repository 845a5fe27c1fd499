/* test_alerts - from drift to the message and back, through the real daemon: told once, to the
 * right channel, with what a person needs, and never lost. DESIGN 11; L10, L22, L26. */
#include "tests/integration/alerts_lab.h"

#include <string.h>

Suite *alerts_suite(void);

static struct lab *lab;

static void setup(void)
{
	lab = lab_create("unknown-after = 2s\nreopen-within = 1s\n");
}

static void teardown(void)
{
	lab_free(lab);
}

/* --- what is told --- */

START_TEST(L26_drift_is_told_once_and_its_end)
{
	g_autoptr(struct_answer) fired = NULL, closed = NULL;

	lab_begin_with(lab, "billing", "");
	slack_expect_count(lab->world, NULL, 0, 0); /* all is well, and nobody asked */
	lab_drift(lab, "billing");
	fired = slack_wait(lab->world, "team", 0, 1);
	expect_says(slack_item(fired, 0), "Firing");
	for (int i = 0; i < 3; i++)
		world_cycle(lab->world);
	slack_expect_count(lab->world, NULL, 0, 1);
	lab_mend(lab, "billing");
	closed = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(closed, 1), "service/billing");
	expect_says(slack_item(closed, 1), "Resolved after ");
	for (int i = 0; i < 3; i++)
		world_cycle(lab->world);
	slack_expect_count(lab->world, NULL, 0, 2);
	lab_expect_incident(lab, "service/billing", "status", "resolved");
}
END_TEST

START_TEST(a_message_says_all_that_a_person_needs)
{
	g_autofree char *first = NULL, *second = NULL, *short_base = NULL, *short_head = NULL;
	g_autofree char *dashboard = NULL, *commit = NULL;
	g_autoptr(struct_answer) fired = NULL;
	json_object *item = NULL;

	lab_begin_with(lab, "billing",
		       "priority = P0\nowner = finance\n"
		       "deploy-command = ./bin/deploy billing && echo <done>\n");
	first = lab_change(lab, "billing", "<!channel> & <@U1> *now*");
	second = lab_change(lab, "billing", "second thoughts");
	world_cycle(lab->world);
	fired = slack_wait(lab->world, "team", 0, 1);
	item = slack_item(fired, 0);
	short_base = g_strndup(lab->base, 7);
	short_head = g_strndup(second, 7);
	expect_says(item, "service/billing");
	expect_says(item, "P0");
	expect_says(item, "finance");
	expect_says(item, "2 undeployed commits");
	expect_says(item, "Ana Ruiz");
	expect_says(item, "second thoughts");
	expect_says(item, short_base);
	expect_says(item, short_head);
	expect_says(item, "./bin/deploy billing &amp;&amp; echo &lt;done&gt;");
	expect_says(item, "&lt;!channel&gt; &amp; &lt;@U1&gt;");
	expect_silent(item, "<!channel>");
	expect_silent(item, "<@U1>");
	dashboard = slack_link(item, LAB_PUBLIC_URL "/drift/service/billing");
	ck_assert_ptr_nonnull(dashboard);
	commit = slack_link(item, first);
	ck_assert_ptr_nonnull(commit);
	ck_assert(g_str_has_prefix(commit, "https://github.com/acme/app/"));
}
END_TEST

START_TEST(one_commit_that_makes_nine_services_stale_is_one_message)
{
	g_autoptr(struct_answer) fired = NULL, closed = NULL;

	lab_add_team(lab);
	lab_add_services(lab, "svc", 9);
	alab_begin(lab);
	lab_drift(lab, "shared");
	fired = slack_wait(lab->world, "team", 0, 1);
	for (int i = 1; i <= 9; i++) {
		g_autofree char *id = g_strdup_printf("service/svc-%d", i);
		g_autofree char *name = g_strdup_printf("svc-%d", i);

		expect_says(slack_item(fired, 0), id);
		lab_deploy(lab, name);
	}
	expect_says(slack_item(fired, 0), "9 firing");
	world_cycle(lab->world);
	closed = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(closed, 1), "9 resolved");
	slack_expect_count(lab->world, NULL, 0, 2);
}
END_TEST

START_TEST(messages_go_where_routes_say)
{
	g_autoptr(struct_answer) urgent = NULL, ml = NULL, rest = NULL;

	config_add_slack(lab->config, lab->world, "urgent", "route = P0");
	config_add_slack(lab->config, lab->world, "ml", "route = owner=ml\nroute = kind=table");
	config_add_slack(lab->config, lab->world, "rest", "route = service/b*");
	lab_add_service(lab, "alpha", "priority = P0\nowner = ml\n");
	lab_add_service(lab, "beta", "priority = P2\n");
	alab_begin(lab);
	g_free(lab_change(lab, "alpha", "x"));
	lab_drift(lab, "beta");
	urgent = slack_wait(lab->world, "urgent", 0, 1);
	ml = slack_wait(lab->world, "ml", 0, 1);
	rest = slack_wait(lab->world, "rest", 0, 1);
	expect_says(slack_item(urgent, 0), "service/alpha");
	expect_silent(slack_item(urgent, 0), "service/beta");
	expect_says(slack_item(ml, 0), "service/alpha");
	expect_silent(slack_item(ml, 0), "service/beta");
	expect_says(slack_item(rest, 0), "service/beta");
	expect_silent(slack_item(rest, 0), "service/alpha");
	slack_expect_count(lab->world, NULL, 0, 3);
}
END_TEST

START_TEST(L04_blindness_is_told_when_it_lasts)
{
	g_autoptr(struct_answer) fired = NULL, closed = NULL;

	lab_begin_with(lab, "billing", "");
	cloud_fault(lab->world, "{\"path\":\"/target/*\",\"kind\":\"status\",\"status\":500}");
	world_cycle(lab->world);
	expect_state(lab->world, "billing", "unknown", "fetch_failed");
	slack_expect_count(lab->world, NULL, 0, 0);
	fired = lab_cycle_until(lab, "team", 0, 1);
	expect_says(slack_item(fired, 0), "service/billing");
	expect_says(slack_item(fired, 0), "unknown");
	lab_expect_incident(lab, "service/billing", "cause", "blind");
	cloud_heal(lab->world);
	closed = lab_cycle_until(lab, "team", 0, 2);
	expect_says(slack_item(closed, 1), "Resolved");
	slack_expect_count(lab->world, NULL, 0, 2);
}
END_TEST

START_TEST(a_repository_that_cannot_be_fetched_is_told_for_all_of_its_services)
{
	g_autoptr(struct_answer) fired = NULL, closed = NULL;

	lab_add_team(lab);
	lab_add_service(lab, "alpha", "depends-on = repo/app\n");
	lab_add_service(lab, "beta", "depends-on = repo/app\n");
	alab_begin(lab);
	cloud_fault(lab->world, "{\"path\":\"/git/*\",\"kind\":\"status\",\"status\":500}");
	fired = lab_cycle_until(lab, "team", 0, 1);
	expect_says(slack_item(fired, 0), "repo/app");
	world_cycle(lab->world);
	slack_expect_count(lab->world, NULL, 0, 1);
	cloud_heal(lab->world);
	closed = lab_cycle_until(lab, "team", 0, 2);
	expect_says(slack_item(closed, 1), "repo/app");
	expect_says(slack_item(closed, 1), "Resolved");
}
END_TEST

START_TEST(what_gets_worse_is_told_again)
{
	g_autoptr(struct_answer) worse = NULL;

	lab_begin_with(lab, "billing", "escalate-commits = 1\n");
	lab_drift(lab, "billing");
	answer_free(slack_wait(lab->world, "team", 0, 1));
	lab_drift(lab, "billing");
	worse = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(worse, 1), "Worse");
	expect_says(slack_item(worse, 1), "P0");
	lab_expect_incident(lab, "service/billing", "priority", "P0");
	lab_drift(lab, "billing"); /* one more of the same */
	slack_expect_count(lab->world, NULL, 0, 2);
}
END_TEST

START_TEST(what_comes_back_at_once_is_the_same_incident)
{
	g_autoptr(struct_answer) again = NULL;
	json_object *first = NULL, *second = NULL;

	config_replace(lab->config, "reopen-within = 1s", "reopen-within = 1h");
	lab_begin_with(lab, "billing", "");
	lab_drift(lab, "billing");
	first = lab_incident(lab, "service/billing");
	lab_mend(lab, "billing");
	lab_drift(lab, "billing");
	second = lab_incident(lab, "service/billing");
	ck_assert_int_eq(json_int_at(first, "id"), json_int_at(second, "id"));
	ck_assert_str_eq(json_text_at(second, "status"), "open");
	again = slack_wait(lab->world, "team", 0, 3);
	expect_says(slack_item(again, 2), "Firing again");
	json_object_put(first);
	json_object_put(second);
}
END_TEST

/* --- quiet --- */

/** Whose reminders come all the time shows that time passes. */
static void begin_with_reminders(void)
{
	config_add_slack(lab->config, lab->world, "team", "remind-every = 1s\nrate = 100/s");
	lab_add_service(lab, "alpha", "");
	lab_add_service(lab, "beta", "");
	alab_begin(lab);
	g_free(lab_change(lab, "alpha", "x"));
	lab_drift(lab, "beta");
}

START_TEST(an_acknowledged_incident_is_told_no_more_until_its_end)
{
	g_autoptr(struct_answer) reminded = NULL, later = NULL, closed = NULL, answer = NULL;
	json_object *incident = NULL;
	g_autofree char *path = NULL;
	int64_t since = 0;

	begin_with_reminders();
	reminded = slack_wait(lab->world, "team", 0, 2); /* they come without a cycle */
	expect_says(slack_item(reminded, 1), "Still, for ");
	incident = lab_incident(lab, "service/alpha");
	path = g_strdup_printf("/incidents/%" G_GINT64_FORMAT "/ack", json_int_at(incident, "id"));
	answer = lab_post(lab, path, "{\"who\":\"ana\",\"why\":\"rolling out now\"}");
	lab_wait_incident(lab, "service/alpha", "status", "acknowledged");
	lab_expect_incident(lab, "service/alpha", "acknowledged_by", "ana");
	/* one may have been under way */
	since = slack_last(lab->world) + 1;
	later = slack_wait(lab->world, "team", since, 2);
	for (size_t i = 0; i < 2; i++) {
		expect_says(slack_item(later, i), "service/beta");
		expect_silent(slack_item(later, i), "service/alpha");
	}
	since = slack_last(lab->world);
	lab_deploy(lab, "beta");
	lab_mend(lab, "alpha");
	closed = slack_wait(lab->world, "team", since, 1);
	lab_expect_incident(lab, "service/alpha", "status", "resolved");
	{
		json_object *last = slack_item(
			closed, json_object_array_length(json_at(closed->json, "items")) - 1);

		expect_says(last, "service/alpha");
		expect_says(last, "2 resolved");
	}
	json_object_put(incident);
}
END_TEST

#define TOKEN "correct-horse-battery-staple"

/** Press the button of the page that @p link opens, as a browser without a credential does. Status. */
static int press_button(const char *link)
{
	const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded", NULL};
	g_autofree char *url = g_strconcat(lab->world->origin, link + strlen(LAB_PUBLIC_URL), NULL);
	g_autoptr(struct_answer) answer =
		http_call("POST", url, headers, "who=ana&why=rolling+out+now");

	return answer->status;
}

/** As link previews do. Status. */
static int open_page(const char *link)
{
	g_autofree char *url = g_strconcat(lab->world->origin, link + strlen(LAB_PUBLIC_URL), NULL);
	g_autoptr(struct_answer) answer = http_call("GET", url, NULL, NULL);

	return answer->status;
}

START_TEST(the_link_of_a_message_acknowledges_by_its_button_only)
{
	g_autoptr(struct_answer) fired = NULL;
	g_autofree char *link = NULL, *forged = NULL;

	g_string_append(lab->config, "[auth]\ntoken = " TOKEN "\n"
				     "link-secret = 0123456789abcdef0123456789abcdef\n\n");
	lab->world->token = TOKEN;
	lab_begin_with(lab, "billing", "");
	lab_drift(lab, "billing");
	fired = slack_wait(lab->world, "team", 0, 1);
	link = slack_link(slack_item(fired, 0), LAB_PUBLIC_URL "/ack/");
	ck_assert_msg(link, "the message has no link to acknowledge: %.2000s", fired->body);
	ck_assert_int_eq(open_page(link), 200);
	ck_assert_int_eq(open_page(link), 200); /* previews do nothing */
	lab_expect_incident(lab, "service/billing", "status", "open");
	forged = g_strdup(link);
	forged[strlen(forged) - 1] = forged[strlen(forged) - 1] == '0' ? '1' : '0';
	ck_assert_int_eq(press_button(forged) / 100, 4);
	lab_expect_incident(lab, "service/billing", "status", "open");
	ck_assert_int_lt(press_button(link), 400);
	lab_wait_incident(lab, "service/billing", "status", "acknowledged");
	lab_expect_incident(lab, "service/billing", "acknowledged_by", "ana");
}
END_TEST

/** Silence @p matcher for so long. Its id. */
static int64_t silence(const char *matcher, int64_t seconds)
{
	g_autofree char *until = lab_time(seconds);
	g_autofree char *body =
		g_strdup_printf("{\"matcher\":\"%s\",\"until\":\"%s\",\"who\":\"ana\",\"why\":"
				"\"known\"}",
				matcher, until);
	g_autoptr(struct_answer) answer = lab_post(lab, "/silences", body);

	return json_int_at(answer->json, "id");
}

/** alpha and beta drift, of which nothing may be said of alpha. */
static void drift_both_and_hear_of_beta(void)
{
	g_autoptr(struct_answer) fired = NULL;

	g_free(lab_change(lab, "alpha", "x"));
	lab_drift(lab, "beta");
	fired = slack_wait(lab->world, "team", 0, 1);
	expect_says(slack_item(fired, 0), "service/beta");
	expect_silent(slack_item(fired, 0), "service/alpha");
	expect_state(lab->world, "alpha", "drift", "behind"); /* never hidden */
}

START_TEST(a_plain_link_to_no_incident_leads_nowhere)
{
	g_autoptr(struct_answer) none = NULL;

	lab_begin_with(lab, "alpha", "");
	none = world_call(lab->world, "GET", "/ack/99", NULL, NULL);
	ck_assert_int_eq(none->status, 404);
}
END_TEST

/* A deployment at a commit of somebody else's folder brings what has waited under its own. */
START_TEST(lead_time_is_that_of_the_commit_that_waited_longest)
{
	g_autoptr(struct_answer) summary = NULL;

	lab_begin_with(lab, "alpha", "");
	g_free(repo_publish(lab->checkout, "alpha/file.txt", "new", 2 * A_DAY));
	g_free(repo_publish(lab->checkout, "docs/file.txt", "new", 0));
	world_cycle(lab->world);
	lab_mend(lab, "alpha");
	summary = world_get(lab->world, "/incidents/summary");
	ck_assert_int_eq(json_int_at(summary->json, "periods.0.deployments.count"), 1);
	ck_assert_msg(json_int_at(summary->json, "periods.0.deployments.lead_time.median_s") >=
			      2 * A_DAY,
		      "%s", summary->body);
}
END_TEST

START_TEST(a_silence_holds_messages_back_and_tells_at_its_end)
{
	g_autoptr(struct_answer) told = NULL;

	lab_begin_with_two(lab, "", "");
	(void)silence("service/alpha", 3); /* its id is of no interest: it ends by itself */
	drift_both_and_hear_of_beta();
	told = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(told, 1), "service/alpha");
	expect_says(slack_item(told, 1), "Firing");
	slack_expect_count(lab->world, NULL, 0, 2);
}
END_TEST

START_TEST(a_silence_that_is_taken_back_tells_at_once)
{
	g_autoptr(struct_answer) told = NULL, gone = NULL, list = NULL;
	g_autofree char *path = NULL;
	int64_t id = 0;

	lab_begin_with_two(lab, "", "");
	id = silence("service/al*", 3600);
	drift_both_and_hear_of_beta();
	list = world_get(lab->world, "/silences");
	ck_assert_int_eq(json_int_at(list->json, "items.0.id"), id);
	ck_assert_str_eq(json_text_at(list->json, "items.0.matcher"), "service/al*");
	path = g_strdup_printf("/silences/%" G_GINT64_FORMAT, id);
	gone = world_call(lab->world, "DELETE", path, NULL, NULL);
	ck_assert_int_eq(gone->status / 100, 2);
	told = lab_cycle_until(lab, "team", 0, 2);
	expect_says(slack_item(told, 1), "service/alpha");
}
END_TEST

START_TEST(what_is_over_before_a_silence_ends_is_never_told)
{
	lab_begin_with_two(lab, "", "");
	(void)silence("service/alpha", 3600); /* as above */
	drift_both_and_hear_of_beta();
	lab_mend(lab, "alpha");
	lab_expect_incident(lab, "service/alpha", "status", "resolved");
	slack_expect_count(lab->world, NULL, 0, 1);
}
END_TEST

START_TEST(a_maintenance_window_holds_messages_back)
{
	g_autoptr(struct_answer) told = NULL, list = NULL;
	static const char window[] = "[window \"always\"]\nstart = * * * * * UTC\nduration = "
				     "1h\nmatcher = service/alpha\n\n";

	g_string_append(lab->config, window);
	lab_begin_with_two(lab, "", "");
	drift_both_and_hear_of_beta();
	list = world_get(lab->world, "/silences");
	ck_assert_str_eq(json_text_at(list->json, "windows.0.name"), "always");
	config_replace(lab->config, window, "");
	lab_reload_config(lab);
	told = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(told, 1), "service/alpha");
}
END_TEST

START_TEST(a_maintenance_window_tells_at_its_end)
{
	g_autoptr(struct_answer) told = NULL;

	if (!alab_take_clock(lab))
		return;
	lab_set_clock(lab, lab_seconds_until("06:30:00"));
	g_string_append(lab->config, "[window \"loads\"]\nstart = 0 6 * * * UTC\nduration = "
				     "1h\nmatcher = service/alpha\n\n");
	lab_begin_with_two(lab, "", "");
	drift_both_and_hear_of_beta();
	lab_expect_incident(lab, "service/alpha", "held_by", "window loads");
	lab_set_clock(lab, lab_seconds_until("06:59:58"));
	world_cycle(lab->world); /* sees the new time; the end comes by itself */
	told = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(told, 1), "service/alpha");
}
END_TEST

START_TEST(what_depends_on_something_in_trouble_is_recorded_and_not_told)
{
	g_autoptr(struct_answer) told = NULL;

	lab_begin_with_two(lab, "depends-on = service/beta\n", "");
	drift_both_and_hear_of_beta();
	lab_expect_incident(lab, "service/alpha", "status", "open");
	lab_expect_incident(lab, "service/alpha", "held_by", "depends-on service/beta");
	lab_mend(lab, "beta");
	told = slack_wait(lab->world, "team", 0, 2);
	expect_says(slack_item(told, 1), "service/alpha");
	expect_says(slack_item(told, 1), "service/beta");
	expect_says(slack_item(told, 1), "1 firing, 1 resolved");
}
END_TEST

static void add_told(TCase *tcase)
{
	tcase_add_test(tcase, L26_drift_is_told_once_and_its_end);
	tcase_add_test(tcase, a_message_says_all_that_a_person_needs);
	tcase_add_test(tcase, one_commit_that_makes_nine_services_stale_is_one_message);
	tcase_add_test(tcase, messages_go_where_routes_say);
	tcase_add_test(tcase, L04_blindness_is_told_when_it_lasts);
	tcase_add_test(tcase, a_repository_that_cannot_be_fetched_is_told_for_all_of_its_services);
	tcase_add_test(tcase, what_gets_worse_is_told_again);
	tcase_add_test(tcase, what_comes_back_at_once_is_the_same_incident);
}

static void add_quiet(TCase *tcase)
{
	tcase_add_test(tcase, an_acknowledged_incident_is_told_no_more_until_its_end);
	tcase_add_test(tcase, the_link_of_a_message_acknowledges_by_its_button_only);
	tcase_add_test(tcase, a_plain_link_to_no_incident_leads_nowhere);
	tcase_add_test(tcase, lead_time_is_that_of_the_commit_that_waited_longest);
	tcase_add_test(tcase, a_silence_holds_messages_back_and_tells_at_its_end);
	tcase_add_test(tcase, a_silence_that_is_taken_back_tells_at_once);
	tcase_add_test(tcase, what_is_over_before_a_silence_ends_is_never_told);
	tcase_add_test(tcase, a_maintenance_window_holds_messages_back);
	tcase_add_test(tcase, a_maintenance_window_tells_at_its_end);
	tcase_add_test(tcase, what_depends_on_something_in_trouble_is_recorded_and_not_told);
}

Suite *alerts_suite(void)
{
	Suite *suite = suite_create("alerts");

	add_told(harness_case(suite, "told", setup, teardown, 120));
	add_quiet(harness_case(suite, "quiet", setup, teardown, 120));
	return suite;
}
