/* test_delivery_reload - configurations that change, messages that move, alerts that are told
 * again, issues. */
#include "tests/unit/delivery_lab.h"

#include "alert/delivery_private.h"
#include "clk.h"

#include <string.h>

Suite *delivery_reload_suite(void);

static void check_moves(const char *want)
{
	g_autofree char *moves = NULL;

	g_ptr_array_add(dlab.moves, NULL);
	moves = g_strjoinv(", ", (char **)dlab.moves->pdata);
	g_ptr_array_set_size(dlab.moves, (gint)dlab.moves->len - 1);
	ck_assert_str_eq(moves, want);
}

/* --- settings --- */

/* slack/a with another address. */
static struct config *make_mended(void)
{
	struct config *mended = dlab_config("slack/a");

	dlab_set_path(mended, "slack/a", "/slack/mended");
	return mended;
}

/* slack/a as it was, which does not answer. */
static void use_hanging(void)
{
	struct config *old = dlab_config("slack/a");

	old->driftd.request_timeout_ms = 500;
	dlab_use(old);
	dlab_script("/slack/a", "hang");
}

START_TEST(a_reload_that_mends_a_channel_is_tried_at_once)
{
	struct config *mended = make_mended();

	dlab_use(dlab_config("slack/a"));
	dlab_script("/slack/a", "404=no_service");
	dlab_add_many("slack/a", 1, 2);
	(void)dlab_drain(MS_PER_HOUR);
	ck_assert_int_gt(dlab_due_ms(), 0);
	dlab_use(mended);
	dlab_settle();
	dlab_expect_seen("/slack/mended", "1 2");
}
END_TEST

START_TEST(a_reload_that_changes_nothing_keeps_the_backoff)
{
	int64_t due_ms = 0;

	dlab_use(dlab_config("slack/a"));
	dlab_script("/slack/a", "404=no_service");
	dlab_add("slack/a", 1, 1);
	(void)dlab_drain(MS_PER_HOUR);
	due_ms = dlab_due_ms();
	for (int i = 0; i < 5; i++) {
		struct config *config = dlab_config("slack/a webhook/b");

		dlab_channel(config, "slack/a")->remind_every_ms = i;
		dlab_use(config);
		dlab_settle();
	}
	ck_assert_int_eq(dlab_due_ms(), due_ms);
}
END_TEST

START_TEST(a_mended_channel_gets_its_blocks_and_its_refused_ones_again)
{
	struct config *mended = make_mended();

	dlab_use(dlab_config("slack/a"));
	dlab_script("/slack/a", "400=invalid_blocks");
	dlab_add_many("slack/a", 1, 1);
	dlab_settle();
	dlab_expect_seen("/slack/a", "1 1!");
	dlab_use(mended);
	dlab_settle();
	dlab_expect_seen("/slack/mended", "1");
}
END_TEST

/* Its answer is about settings that are no more. */
START_TEST(an_answer_to_old_settings_costs_no_backoff)
{
	struct config *mended = make_mended();

	use_hanging();
	dlab_add_many("slack/a", 1, 2);
	dlab_await("/slack/a", 1);
	dlab_use(mended);
	dlab_settle(); /* until it times out */
	dlab_expect_seen("/slack/a", "1");
	dlab_expect_seen("/slack/mended", "1 2");
	ck_assert_int_eq(dlab_attempt_at(0)->state, DELIVERY_STATE_WAITING);
	ck_assert_int_eq(dlab_attempt_at(0)->next_wall_ms, 0);
}
END_TEST

/* What is too old for the channel as it was gets its chance on the mended one. */
START_TEST(an_answer_to_old_settings_gives_nothing_up)
{
	struct config *mended = make_mended();

	use_hanging();
	dlab_add("slack/a", 1, 1);
	dlab_await("/slack/a", 1);
	dlab_advance(MS_PER_DAY + MS_PER_HOUR);
	dlab_use(mended);
	dlab_settle();
	dlab_expect_seen("/slack/mended", "1");
	ck_assert_int_eq(dlab_attempt_at(0)->state, DELIVERY_STATE_WAITING);
	ck_assert_int_eq(dlab_attempt_at(1)->state, DELIVERY_STATE_SENT);
}
END_TEST

START_TEST(a_new_rate_counts_from_now)
{
	struct config *slow = dlab_config("webhook/a");
	struct config *fast = dlab_config("webhook/a");

	dlab_channel(slow, "webhook/a")->rate_interval_ms = MS_PER_HOUR;
	dlab_channel(fast, "webhook/a")->rate_interval_ms = 1000;
	dlab_use(slow);
	dlab_add_many("webhook/a", 1, 2);
	dlab_settle();
	dlab_use(fast);
	ck_assert_int_eq(dlab_drain(MS_PER_MINUTE), 1000);
}
END_TEST

/* --- moves --- */

START_TEST(messages_of_a_renamed_channel_move)
{
	dlab_use(dlab_config("webhook/x slack/a slack/c"));
	dlab_script("/slack/a", "500");
	dlab_add_many("slack/a", 1, 3);
	dlab_settle();
	dlab_use(dlab_config("webhook/x slack/c slack/b"));
	check_moves("1 slack/b, 2 slack/b, 3 slack/b");
	dlab_settle();
	dlab_expect_seen("/slack/b", "1 2 3");
	dlab_expect_seen("/webhook/x", "");
	ck_assert_str_eq(dlab_attempt_at(-1)->channel, "slack/b");
	ck_assert_int_eq(dlab_attempt_at(1)->attempts, 2);
}
END_TEST

static const struct {
	const char *routed; /* channel that has route = owner=ml */
	const char *barred; /* and that has route = owner=web */
	const char *want;
} routes[] = {
	{NULL, NULL, "1 slack/b"},
	{"webhook/x", NULL, "1 slack/b"},
	{"webhook/x", "slack/b", "1 webhook/x"},
	{"slack/b", "webhook/x", "1 slack/b"},
	{NULL, "slack/b", "1 webhook/x"},
};

static void set_route(struct config *config, const char *id, struct matcher *matcher)
{
	if (id)
		dlab_channel(config, id)->routes[0] = matcher;
}

START_TEST(moves_follow_the_routes)
{
	struct config *config = dlab_config("webhook/x slack/b");
	struct matcher *ml = matcher_parse("owner=ml", NULL);
	struct matcher *web = matcher_parse("owner=web", NULL);

	ck_assert(ml && web);
	set_route(config, routes[_i].routed, ml);
	set_route(config, routes[_i].barred, web);
	dlab_add("slack/gone", 1, 1);
	dlab_use(config);
	check_moves(routes[_i].want);
	matcher_free(ml);
	matcher_free(web);
}
END_TEST

START_TEST(what_nobody_is_routed_goes_to_the_first)
{
	struct config *config = dlab_config("webhook/x webhook/y");
	struct matcher *web = matcher_parse("owner=web", NULL);
	struct outgoing *digest = dlab_message("github/gone", 2, 0);

	g_ptr_array_set_size(digest->notice->items, 0);
	set_route(config, "webhook/x", web);
	set_route(config, "webhook/y", web);
	dlab_add("github/gone", 1, 1);
	delivery_add(dlab.delivery, digest);
	dlab_use(config);
	check_moves("1 webhook/x, 2 webhook/x");
	matcher_free(web);
}
END_TEST

START_TEST(an_issue_takes_no_message_of_many_targets)
{
	struct outgoing *many = dlab_message("github/gone", 1, 1);
	struct notice_item *item = notice_item_create();

	item->kind = NOTICE_KIND_FIRING;
	item->target = g_strdup("service/other");
	item->summary = g_strdup("x");
	notice_add(many->notice, item);
	delivery_add(dlab.delivery, many);
	dlab_add("github/gone", 2, 2);
	dlab_use(dlab_config("github/new webhook/x"));
	check_moves("1 webhook/x, 2 github/new");
}
END_TEST

START_TEST(a_move_that_cannot_be_written_is_made_later)
{
	dlab_use(dlab_config("slack/a"));
	dlab_script("/slack/a", "500");
	dlab_add_many("slack/a", 1, 2);
	dlab_settle();
	dlab.refuse = 1;
	dlab_use(dlab_config("slack/b"));
	dlab_settle();
	ck_assert_uint_eq(dlab.moves->len, 1);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 2);
	dlab_expect_seen("/slack/b", "");
	ck_assert_int_eq(dlab_drain(MS_PER_MINUTE), DELIVERY_OFFER_AGAIN_MS);
	check_moves("1 slack/b, 1 slack/b, 2 slack/b");
	dlab_expect_seen("/slack/b", "1 2");
}
END_TEST

/* The one under way may arrive yet: nothing overtakes it. */
START_TEST(moves_wait_for_the_one_under_way)
{
	struct config *old = dlab_config("slack/a");

	old->driftd.request_timeout_ms = 500;
	dlab_use(old);
	dlab_script("/slack/a", "hang");
	dlab_add_many("slack/a", 1, 3);
	dlab_await("/slack/a", 1);
	dlab_use(dlab_config("slack/b"));
	dlab_add("slack/a", 4, 4);
	dlab_idle(3);
	ck_assert_uint_eq(dlab.moves->len, 0);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 4);
	dlab_settle();
	check_moves("1 slack/b, 2 slack/b, 3 slack/b, 4 slack/b");
	dlab_expect_seen("/slack/b", "1 2 3 4");
	ck_assert_int_eq(dlab_attempt_at(0)->id, 1);
	ck_assert_int_eq(dlab_attempt_at(0)->state, DELIVERY_STATE_WAITING);
}
END_TEST

START_TEST(what_arrives_on_a_channel_that_left_has_arrived)
{
	dlab_use(dlab_config("slack/a"));
	dlab_add_many("slack/a", 1, 2);
	delivery_run(dlab.delivery);
	dlab_use(dlab_config("slack/b"));
	dlab_settle();
	dlab_expect_seen("/slack/a", "1");
	check_moves("2 slack/b");
	ck_assert_int_eq(dlab_attempt_at(0)->state, DELIVERY_STATE_SENT);
}
END_TEST

START_TEST(a_channel_that_comes_back_takes_up_its_own)
{
	dlab_use(dlab_config("slack/a"));
	dlab_script("/slack/a", "hang 200");
	dlab_add_many("slack/a", 1, 2);
	dlab_await("/slack/a", 1);
	dlab_use(dlab_config(""));
	dlab_use(dlab_config("slack/a"));
	http_client_cancel_all(dlab.http);
	(void)dlab_drain(MS_PER_MINUTE);
	dlab_expect_seen("/slack/a", "1 1 2");
	ck_assert_uint_eq(dlab.moves->len, 0);
}
END_TEST

/* --- alerts told again --- */

START_TEST(live_alerts_are_told_each_minute)
{
	g_ptr_array_add(dlab.live, GINT_TO_POINTER(7));
	g_ptr_array_add(dlab.live, GINT_TO_POINTER(8));
	dlab_use(dlab_config("alertmanager/a webhook/b"));
	dlab_settle();
	dlab_expect_seen("/alertmanager/a", "7+8"); /* at once: it may have been restarted too */
	ck_assert_int_eq(dlab_due_ms(), SINK_ALERT_RESEND_MS);
	dlab_advance(SINK_ALERT_RESEND_MS - 1);
	dlab_settle();
	ck_assert_uint_eq(dlab_count("/alertmanager/a"), 1);
	g_ptr_array_set_size(dlab.live, 1);
	dlab_advance(1);
	dlab_settle();
	dlab_expect_seen("/alertmanager/a", "7+8 7");
	ck_assert_uint_eq(dlab.attempts->len, 0); /* not of the outbox */
	ck_assert_uint_eq(dlab_count("/webhook/b"), 0);
}
END_TEST

START_TEST(nothing_live_is_no_request)
{
	dlab_use(dlab_config("alertmanager/a"));
	for (int i = 0; i < 10; i++) {
		dlab_settle();
		ck_assert_int_eq(dlab_due_ms(), SINK_ALERT_RESEND_MS);
		dlab_advance(SINK_ALERT_RESEND_MS);
	}
	ck_assert_uint_eq(dlab_count("/"), 0);
}
END_TEST

START_TEST(live_alerts_that_fail_are_shown_and_rest)
{
	struct channel_status *status = NULL;

	g_ptr_array_add(dlab.live, GINT_TO_POINTER(7));
	dlab_use(dlab_config("alertmanager/a"));
	dlab_script("/alertmanager/a", "503 200");
	dlab_settle();
	status = dlab_status("alertmanager/a");
	ck_assert(status->failing);
	ck_assert_ptr_nonnull(strstr(status->last_error, "503"));
	channel_status_free(status);
	ck_assert_int_ge(dlab_due_ms(), DELIVERY_BACKOFF_FIRST_MS / 2);
	ck_assert_int_le(dlab_due_ms(), DELIVERY_BACKOFF_FIRST_MS);
	dlab_advance(dlab_due_ms());
	dlab_settle();
	status = dlab_status("alertmanager/a");
	ck_assert(!status->failing);
	ck_assert_int_eq(status->sent, 0);
	channel_status_free(status);
	ck_assert_int_eq(dlab_due_ms(), SINK_ALERT_RESEND_MS);
}
END_TEST

START_TEST(live_alerts_that_are_refused_hold_up_no_message)
{
	g_ptr_array_add(dlab.live, GINT_TO_POINTER(7));
	dlab_use(dlab_config("alertmanager/a"));
	dlab_script("/alertmanager/a", "400 200");
	dlab_add("alertmanager/a", 1, 1);
	dlab_settle();
	dlab_expect_seen("/alertmanager/a", "7 1");
	ck_assert_int_eq(dlab_due_ms(), SINK_ALERT_RESEND_MS);
}
END_TEST

/* Alerts, like issues, are one per target: an end that was refused goes before the next begin. */
START_TEST(alerts_keep_the_order_of_their_target)
{
	struct outgoing *later = dlab_message("alertmanager/a", 2, 2);
	struct notice_item *item = later->notice->items->pdata[0];

	g_free(item->target);
	item->target = g_strdup("service/m1");
	dlab_use(dlab_config("alertmanager/a"));
	dlab_script("/alertmanager/a", "400 200");
	dlab_add("alertmanager/a", 1, 1);
	delivery_add(dlab.delivery, later);
	dlab_add("alertmanager/a", 3, 3);
	(void)dlab_drain(10 * MS_PER_S);
	ck_assert_int_eq(dlab_attempt_at(1)->id, 3);
	ck_assert_int_eq(dlab_attempt_at(2)->id, 1);
	ck_assert_int_eq(dlab_attempt_at(3)->id, 2);
}
END_TEST

/* Reminders are none of Alertmanager's: the message is done without a request. */
START_TEST(what_needs_no_request_is_sent)
{
	dlab_use(dlab_config("alertmanager/a"));
	for (int64_t id = 1; id <= DELIVERY_QUIET_MAX; id++) {
		struct outgoing *outgoing = dlab_message("alertmanager/a", id, id);
		struct notice_item *item = outgoing->notice->items->pdata[0];

		item->kind = NOTICE_KIND_REMINDER;
		delivery_add(dlab.delivery, outgoing);
	}
	dlab_settle();
	ck_assert_uint_eq(dlab_count("/"), 0);
	ck_assert_uint_eq(dlab.attempts->len, DELIVERY_QUIET_MAX);
	ck_assert_int_eq(dlab_attempt_at(-1)->state, DELIVERY_STATE_SENT);
	ck_assert_int_eq(dlab_attempt_at(-1)->status, 0);
}
END_TEST

/* --- issues: several requests for one message --- */

START_TEST(what_github_says_is_handed_on)
{
	dlab_use(dlab_config("github/a"));
	dlab_script("/github/a", "200=[] 201={\"number\":17,\"state\":\"open\"}");
	dlab_add("github/a", 1, 1);
	dlab_settle();
	ck_assert_uint_eq(dlab_count("/github/a"), 2); /* looked for, made */
	ck_assert_uint_eq(dlab.attempts->len, 1);
	ck_assert_int_eq(dlab_attempt_at(0)->state, DELIVERY_STATE_SENT);
	ck_assert_int_eq(dlab_attempt_at(0)->issue, 17);
}
END_TEST

START_TEST(each_request_of_a_message_keeps_the_rate)
{
	struct config *config = dlab_config("github/a");

	dlab_channel(config, "github/a")->rate_interval_ms = 1000;
	dlab_use(config);
	dlab_script("/github/a", "200=[] 201={\"number\":17,\"state\":\"open\"}");
	dlab_add("github/a", 1, 1);
	ck_assert_int_eq(dlab_drain(MS_PER_MINUTE), 1000);
}
END_TEST

START_TEST(a_list_of_issues_may_be_long)
{
	g_autofree char *spaces = g_strnfill((gsize)200 * 1024, '\n');
	g_autofree char *words =
		g_strdup_printf("200=[%s] 201={\"number\":17,\"state\":\"open\"}", spaces);

	dlab_use(dlab_config("github/a"));
	dlab_script("/github/a", words);
	dlab_add("github/a", 1, 1);
	dlab_settle();
	ck_assert_int_eq(dlab_attempt_at(0)->issue, 17);
}
END_TEST

static void add_reload(TCase *tcase)
{
	tcase_add_test(tcase, a_reload_that_mends_a_channel_is_tried_at_once);
	tcase_add_test(tcase, a_reload_that_changes_nothing_keeps_the_backoff);
	tcase_add_test(tcase, a_mended_channel_gets_its_blocks_and_its_refused_ones_again);
	tcase_add_test(tcase, an_answer_to_old_settings_costs_no_backoff);
	tcase_add_test(tcase, an_answer_to_old_settings_gives_nothing_up);
	tcase_add_test(tcase, a_new_rate_counts_from_now);
	tcase_add_test(tcase, messages_of_a_renamed_channel_move);
	tcase_add_loop_test(tcase, moves_follow_the_routes, 0, G_N_ELEMENTS(routes));
	tcase_add_test(tcase, what_nobody_is_routed_goes_to_the_first);
	tcase_add_test(tcase, an_issue_takes_no_message_of_many_targets);
	tcase_add_test(tcase, a_move_that_cannot_be_written_is_made_later);
	tcase_add_test(tcase, moves_wait_for_the_one_under_way);
	tcase_add_test(tcase, what_arrives_on_a_channel_that_left_has_arrived);
	tcase_add_test(tcase, a_channel_that_comes_back_takes_up_its_own);
}

static void add_live(TCase *tcase)
{
	tcase_add_test(tcase, live_alerts_are_told_each_minute);
	tcase_add_test(tcase, nothing_live_is_no_request);
	tcase_add_test(tcase, live_alerts_that_fail_are_shown_and_rest);
	tcase_add_test(tcase, live_alerts_that_are_refused_hold_up_no_message);
	tcase_add_test(tcase, alerts_keep_the_order_of_their_target);
	tcase_add_test(tcase, what_needs_no_request_is_sent);
	tcase_add_test(tcase, what_github_says_is_handed_on);
	tcase_add_test(tcase, each_request_of_a_message_keeps_the_rate);
	tcase_add_test(tcase, a_list_of_issues_may_be_long);
}

Suite *delivery_reload_suite(void)
{
	Suite *suite = suite_create("delivery_reload");

	add_reload(dlab_case(suite, "reload"));
	add_live(dlab_case(suite, "live"));
	return suite;
}
