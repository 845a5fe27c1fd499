/* test_delivery_faults - channels that fail in every way they can, and what becomes of the messages. */
#include "tests/unit/delivery_lab.h"

#include "alert/delivery_private.h"
#include "clk.h"

#include <string.h>

Suite *delivery_faults_suite(void);

/* --- backoff --- */

static const struct {
	int tries;
	int64_t span_ms;
} spans[] = {
	{1, 1000}, {2, 2000}, {3, 4000}, {9, 256000}, {10, 300000}, {11, 300000}, {1000000, 300000},
};

START_TEST(backoff_doubles_and_jitters)
{
	int64_t half_ms = spans[_i].span_ms / 2;
	int64_t sum_ms = 0;

	ck_assert_int_eq(delivery_backoff_ms(spans[_i].tries, 0), half_ms);
	ck_assert_int_eq(delivery_backoff_ms(spans[_i].tries, (uint32_t)half_ms),
			 spans[_i].span_ms);
	for (uint32_t random = 0; random < 100000; random++) {
		int64_t wait_ms = delivery_backoff_ms(spans[_i].tries, random * 2654435761U);

		ck_assert_int_ge(wait_ms, half_ms);
		ck_assert_int_le(wait_ms, spans[_i].span_ms);
		sum_ms += wait_ms;
	}
	ck_assert_int_ge(sum_ms / 100000, half_ms * 14 / 10); /* spread over all of it */
	ck_assert_int_le(sum_ms / 100000, half_ms * 16 / 10);
}
END_TEST

static uint32_t draw_nothing(void)
{
	return 0;
}

START_TEST(a_channel_that_stays_broken_is_tried_less_and_less)
{
	int64_t want_ms = DELIVERY_BACKOFF_FIRST_MS / 2;

	dlab.delivery->draw = draw_nothing;
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "500");
	dlab_add("webhook/a", 1, 1);
	for (int i = 0; i < 15; i++) {
		dlab_settle();
		ck_assert_int_eq(dlab_due_ms(), want_ms);
		ck_assert_int_eq(dlab_attempt_at(-1)->next_wall_ms, clk_wall_ms() + want_ms);
		dlab_advance(want_ms);
		want_ms = MIN(want_ms * 2, DELIVERY_BACKOFF_LAST_MS / 2);
	}
}
END_TEST

START_TEST(a_channel_that_recovered_begins_anew)
{
	dlab.delivery->draw = draw_nothing;
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "500 500 500 200 500 200");
	dlab_add_many("webhook/a", 1, 2);
	ck_assert_int_eq(dlab_drain(MS_PER_HOUR), 500 + 1000 + 2000 + 500);
}
END_TEST

/* --- one fault, then all is well --- */

static const struct {
	const char *channel, *script;
	int status;
	int64_t least_ms, most_ms; /* until the next attempt */
	const char *says;
} faults[] = {
	{"slack/a", "429/7 200", 429, 7000, 7000, "429"},
	{"slack/a", "429/0 200", 429, 500, 1000, "429"},
	{"slack/a", "429/86400 200", 429, MS_PER_HOUR, MS_PER_HOUR, "429"},
	{"slack/a", "500 200", 500, 500, 1000, "500"},
	{"slack/a", "hang 200", 0, 500, 1000, "no answer"},
	{"slack/a", "reset 200", 0, 500, 1000, "no answer"},
	{"slack/a", "404=no_service 200", 404, 500, 1000, "no_service"},
	{"slack/a", "403=invalid_token 200", 403, 500, 1000, "invalid_token"},
	{"slack/a", "410=channel_is_archived 200", 410, 500, 1000, "channel_is_archived"},
	{"webhook/a", "502 200", 502, 500, 1000, "502"},
	{"webhook/a", "401 200", 401, 500, 1000, "401"},
	{"webhook/a", "302 200", 302, 500, 1000, "302"},
	{"alertmanager/a", "500 200", 500, 500, 1000, "500"},
};

START_TEST(L10_nothing_is_lost_when_a_channel_fails)
{
	struct config *config = dlab_config(faults[_i].channel);
	g_autofree char *path = g_strconcat("/", faults[_i].channel, NULL);
	g_autofree char *seen = NULL;
	int64_t start_us = g_get_monotonic_time();
	int64_t gone_ms = 0;

	config->driftd.request_timeout_ms = strstr(faults[_i].script, "hang") ? 200 : 10000;
	dlab_use(config);
	dlab_script(path, faults[_i].script);
	dlab_add(faults[_i].channel, 1, 1);
	dlab_add(faults[_i].channel, 2, 2);
	dlab_settle();
	ck_assert_uint_eq(dlab.attempts->len, 1); /* all that is for it waits */
	ck_assert_int_eq(dlab_attempt_at(0)->state, DELIVERY_STATE_WAITING);
	ck_assert_int_eq(dlab_attempt_at(0)->status, faults[_i].status);
	ck_assert_msg(strstr(dlab_attempt_at(0)->error, faults[_i].says), "%s",
		      dlab_attempt_at(0)->error);
	ck_assert_int_eq(dlab_attempt_at(0)->next_wall_ms, clk_wall_ms() + dlab_due_ms());
	if (config->driftd.request_timeout_ms < 1000) /* and not the HTTP client's own */
		ck_assert_int_lt(g_get_monotonic_time() - start_us, 8000000);
	gone_ms = dlab_drain(MS_PER_HOUR);
	ck_assert_int_ge(gone_ms, faults[_i].least_ms);
	ck_assert_int_le(gone_ms, faults[_i].most_ms);
	seen = dlab_seen(path);
	ck_assert_str_eq(seen, "1 1 2");
	ck_assert_int_eq(dlab_attempt_at(-1)->state, DELIVERY_STATE_SENT);
}
END_TEST

START_TEST(retry_after_may_be_a_date)
{
	/* LAB_WALL_MS is 2026-11-18T11:06:40Z */
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "429/Wed,_18_Nov_2026_11:08:40_GMT 200");
	dlab_add("webhook/a", 1, 1);
	ck_assert_int_eq(dlab_drain(MS_PER_HOUR), 2 * MS_PER_MINUTE);
}
END_TEST

/* Backoff that has grown is kept when the other side asks for less. */
START_TEST(retry_after_is_no_invitation_to_hurry)
{
	dlab.delivery->draw = draw_nothing;
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "429/1");
	dlab_add("webhook/a", 1, 1);
	(void)dlab_drain(MS_PER_HOUR);
	ck_assert_uint_lt(dlab.attempts->len, 40);
	ck_assert_uint_gt(dlab.attempts->len, 20);
}
END_TEST

START_TEST(github_says_when)
{
	struct http_response response = {.status = 401, .retry_after_ms = -1};

	response.headers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	ck_assert_int_eq(delivery_asked_ms(CHANNEL_KIND_GITHUB, &response), -1);
	response.status = 429;
	ck_assert_int_eq(delivery_asked_ms(CHANNEL_KIND_SLACK, &response), -1);
	ck_assert_int_eq(delivery_asked_ms(CHANNEL_KIND_GITHUB, &response), MS_PER_MINUTE);
	g_hash_table_insert(response.headers, g_strdup("x-ratelimit-remaining"), g_strdup("0"));
	g_hash_table_insert(response.headers, g_strdup("x-ratelimit-reset"),
			    g_strdup("1795000600"));
	response.status = 403;
	ck_assert_int_eq(delivery_asked_ms(CHANNEL_KIND_GITHUB, &response), 10 * MS_PER_MINUTE);
	g_hash_table_insert(response.headers, g_strdup("x-ratelimit-reset"),
			    g_strdup("2095000600"));
	ck_assert_int_eq(delivery_asked_ms(CHANNEL_KIND_GITHUB, &response), MS_PER_HOUR);
	response.retry_after_ms = 5000;
	ck_assert_int_eq(delivery_asked_ms(CHANNEL_KIND_GITHUB, &response), 5000);
	response.status = 500;
	response.retry_after_ms = -1;
	ck_assert_int_eq(delivery_asked_ms(CHANNEL_KIND_GITHUB, &response), -1);
	g_hash_table_unref(response.headers);
}
END_TEST

/* --- what slack does not take --- */

START_TEST(refused_blocks_are_sent_as_text_at_once)
{
	dlab_use(dlab_config("slack/a"));
	dlab_script("/slack/a", "400=invalid_blocks 200");
	dlab_add("slack/a", 1, 1);
	dlab_add("slack/a", 2, 2);
	dlab_settle();
	dlab_expect_seen("/slack/a", "1 1! 2");
	ck_assert_uint_eq(dlab.attempts->len, 3);
	ck_assert_int_eq(dlab_attempt_at(0)->state, DELIVERY_STATE_WAITING);
	ck_assert(dlab_attempt_at(0)->plain); /* for the next process too */
	ck_assert_int_eq(dlab_attempt_at(0)->next_wall_ms, 0);
	ck_assert_int_eq(dlab_attempt_at(1)->attempts, 2);
	ck_assert(!dlab_attempt_at(2)->plain);
}
END_TEST

START_TEST(a_plain_message_of_before_stays_plain)
{
	struct outgoing *outgoing = dlab_message("slack/a", 1, 1);

	dlab_use(dlab_config("slack/a"));
	outgoing->plain = true;
	delivery_add(dlab.delivery, outgoing);
	dlab_settle();
	dlab_expect_seen("/slack/a", "1!");
}
END_TEST

/* 1 is refused twice; 2 and 4 share no incident with it, 3 does. */
START_TEST(others_pass_a_refused_one_but_not_its_incident)
{
	dlab_use(dlab_config("slack/a"));
	dlab_script("/slack/a", "400=invalid_blocks 400=invalid_blocks 200");
	dlab_add("slack/a", 1, 10);
	dlab_add("slack/a", 2, 20);
	dlab_add("slack/a", 3, 10);
	dlab_add("slack/a", 4, 40);
	dlab_settle();
	dlab_expect_seen("/slack/a", "1 1! 2 4");
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 2);
	ck_assert_int_gt(dlab_attempt_at(1)->next_wall_ms, LAB_WALL_MS);
	ck_assert_int_le(dlab_drain(MS_PER_MINUTE), DELIVERY_BACKOFF_FIRST_MS);
	dlab_expect_seen("/slack/a", "1 1! 2 4 1! 3");
}
END_TEST

/* 3 is about 1's incident and another one, 4 about that other one: it waits for 3. */
START_TEST(order_is_kept_through_messages_of_several_incidents)
{
	struct outgoing *both = dlab_message("webhook/a", 3, 10);
	struct notice_item *item = notice_item_create();

	item->kind = NOTICE_KIND_WORSE;
	item->target = g_strdup("service/other");
	item->summary = g_strdup("x");
	item->incident = 40;
	notice_add(both->notice, item);
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "422 200");
	dlab_add("webhook/a", 1, 10);
	delivery_add(dlab.delivery, both);
	dlab_add("webhook/a", 4, 40);
	dlab_add("webhook/a", 5, 50);
	dlab_settle();
	dlab_expect_seen("/webhook/a", "1 5");
	(void)dlab_drain(MS_PER_MINUTE);
	dlab_expect_seen("/webhook/a", "1 5 1 3 4");
}
END_TEST

/* The rate is for those that may arrive. */
START_TEST(new_messages_go_before_refused_ones)
{
	struct config *config = dlab_config("webhook/a");

	dlab_channel(config, "webhook/a")->rate_interval_ms = 10000;
	dlab_use(config);
	dlab_script("/webhook/a", "400 400 200");
	dlab_add_many("webhook/a", 1, 4);
	(void)dlab_drain(MS_PER_HOUR);
	dlab_expect_seen("/webhook/a", "1 2 3 4 1 2");
}
END_TEST

/* A message of before the start that has to wait keeps back what comes behind it, not what is
 * before it. */
START_TEST(a_refused_one_does_not_wait_for_a_later_one)
{
	struct outgoing *later = dlab_message("webhook/a", 2, 2);

	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "400 200");
	dlab_add("webhook/a", 1, 1);
	dlab_settle();
	later->next_wall_ms = clk_wall_ms() + MS_PER_HOUR;
	delivery_add(dlab.delivery, later);
	(void)dlab_drain(MS_PER_MINUTE);
	dlab_expect_seen("/webhook/a", "1 1");
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 1);
}
END_TEST

START_TEST(a_refusal_does_not_stop_the_channel)
{
	struct channel_status *status = NULL;

	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "400");
	dlab_add("webhook/a", 1, 1);
	dlab_settle();
	status = dlab_status("webhook/a");
	ck_assert(status->failing);
	channel_status_free(status);
	dlab_script("/webhook/a", "200");
	dlab_add("webhook/a", 2, 2);
	dlab_settle();
	dlab_expect_seen("/webhook/a", "1 2");
	status = dlab_status("webhook/a");
	ck_assert(!status->failing);
	channel_status_free(status);
}
END_TEST

/* --- giving up --- */

START_TEST(given_up_after_a_day)
{
	struct channel_status *status = NULL;

	dlab_use(dlab_config("slack/a"));
	dlab_script("/slack/a", "404=no_service");
	dlab_add("slack/a", 1, 1);
	dlab_settle();
	dlab_advance(MS_PER_HOUR);
	dlab_add("slack/a", 2, 2);
	ck_assert_int_le(dlab_drain(23 * MS_PER_HOUR - 1), 23 * MS_PER_HOUR - 1);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 2);
	(void)dlab_drain(MS_PER_HOUR - 1);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 1);
	(void)dlab_drain(MS_PER_HOUR);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 0);
	ck_assert_int_eq(dlab_attempt_at(-1)->id, 2);
	ck_assert_int_eq(dlab_attempt_at(-1)->state, DELIVERY_STATE_FAILED);
	ck_assert_int_eq(dlab_attempt_at(-1)->next_wall_ms, 0);
	ck_assert_int_eq(dlab_attempt_at(-1)->at_wall_ms, LAB_WALL_MS + 25 * MS_PER_HOUR);
	ck_assert_ptr_nonnull(strstr(dlab_attempt_at(-1)->error, "given up"));
	ck_assert_ptr_nonnull(strstr(dlab_attempt_at(-1)->error, "no_service"));
	status = dlab_status("slack/a");
	ck_assert_int_eq(status->failed, 2);
	ck_assert(status->failing);
	channel_status_free(status);
	/* the newest state gets through when the channel is back */
	dlab_script("/slack/a", "200");
	dlab_add("slack/a", 3, 1);
	(void)dlab_drain(DELIVERY_BACKOFF_LAST_MS);
	ck_assert_int_eq(dlab_attempt_at(-1)->state, DELIVERY_STATE_SENT);
}
END_TEST

START_TEST(a_refused_one_that_is_given_up_frees_its_incident)
{
	int64_t gone_ms = 0;

	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "400");
	dlab_add("webhook/a", 1, 1);
	dlab_add("webhook/a", 2, 1);
	gone_ms = dlab_drain(MS_PER_DAY - MS_PER_MINUTE);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 2);
	dlab_script("/webhook/a", "200");
	dlab_advance(MS_PER_DAY - gone_ms);
	(void)dlab_drain(MS_PER_HOUR);
	ck_assert_int_eq(dlab_attempt_at(-1)->id, 2);
	ck_assert_int_eq(dlab_attempt_at(-1)->state, DELIVERY_STATE_SENT);
	ck_assert_int_eq(dlab_attempt_at(-2)->id, 1);
	ck_assert_int_eq(dlab_attempt_at(-2)->state, DELIVERY_STATE_FAILED);
}
END_TEST

/* driftd was down for two days. */
START_TEST(old_messages_are_delivered_first)
{
	dlab_use(dlab_config("webhook/a"));
	for (int id = 1; id <= 3; id++) {
		struct outgoing *outgoing = dlab_message("webhook/a", id, id);

		outgoing->created_wall_ms -= 2 * MS_PER_DAY;
		delivery_add(dlab.delivery, outgoing);
	}
	dlab_settle();
	dlab_expect_seen("/webhook/a", "1 2 3");
}
END_TEST

START_TEST(old_messages_have_a_last_chance)
{
	int64_t gone_ms = 0;

	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "503");
	for (int id = 1; id <= 2; id++) {
		struct outgoing *outgoing = dlab_message("webhook/a", id, id);

		outgoing->created_wall_ms -= 2 * MS_PER_DAY;
		delivery_add(dlab.delivery, outgoing);
	}
	gone_ms = dlab_drain(MS_PER_HOUR);
	ck_assert_int_eq(gone_ms, DELIVERY_LAST_CHANCE_MS);
	ck_assert_int_eq(dlab_attempt_at(-1)->state, DELIVERY_STATE_FAILED);
	ck_assert_int_eq(dlab_attempt_at(-2)->state, DELIVERY_STATE_FAILED);
	ck_assert_uint_gt(dlab.attempts->len, 8); /* it was tried */
}
END_TEST

START_TEST(what_was_never_tried_is_not_given_up)
{
	struct config *config = dlab_config("webhook/a");

	dlab_channel(config, "webhook/a")->rate_interval_ms = 30 * MS_PER_HOUR;
	dlab_use(config);
	dlab_add_many("webhook/a", 1, 3);
	(void)dlab_drain(3 * MS_PER_DAY);
	dlab_expect_seen("/webhook/a", "1 2 3");
}
END_TEST

/* --- what is shown of it --- */

START_TEST(errors_hold_no_secrets)
{
	struct config *config = dlab_config("webhook/a");
	const char *error = NULL;

	dlab_use(config);
	dlab_script("/webhook/a", "404=Cannot_POST_/webhook/a");
	dlab_add("webhook/a", 1, 1);
	dlab_settle();
	error = dlab_attempt_at(0)->error;
	ck_assert_ptr_null(strstr(error, "/webhook/a"));
	ck_assert_ptr_nonnull(strstr(error, "Cannot_POST_(secret)"));
}
END_TEST

START_TEST(errors_hold_no_path_without_its_query)
{
	struct config *config = dlab_config("webhook/a");
	g_autofree char *clean = NULL;

	dlab_set_path(config, "webhook/a", "/hooks/abc123?key=1");
	clean = delivery_clean_error(dlab_channel(config, "webhook/a"), "no /hooks/abc123 here");
	ck_assert_str_eq(clean, "no (secret) here");
}
END_TEST

START_TEST(errors_are_one_line_and_bounded)
{
	struct config *config = dlab_config("github/a slack/b");
	g_autofree char *lines =
		delivery_clean_error(dlab_channel(config, "slack/b"), "a\nb\tc\x1b[");
	g_autofree char *token = delivery_clean_error(dlab_channel(config, "github/a"),
						      "Bad credentials ghp_0123456789 here");
	g_autofree char *much = g_strnfill(5000, 'x');
	g_autofree char *cut = delivery_clean_error(dlab_channel(config, "slack/b"), much);

	ck_assert_str_eq(lines, "a b c [");
	ck_assert_str_eq(token, "Bad credentials (secret) here");
	ck_assert_uint_le(strlen(cut), DELIVERY_ERROR_MAX_BYTES);
}
END_TEST

/* The status says it was taken, whatever else came: else it would be told again and again. */
START_TEST(a_long_answer_is_an_answer)
{
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "huge");
	dlab_add("webhook/a", 1, 1);
	dlab_settle();
	ck_assert_int_eq(dlab_attempt_at(0)->state, DELIVERY_STATE_SENT);
	ck_assert_int_eq(dlab_attempt_at(0)->status, 200);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 0);
}
END_TEST

static void add_faults(TCase *tcase)
{
	tcase_add_loop_test(tcase, backoff_doubles_and_jitters, 0, G_N_ELEMENTS(spans));
	tcase_add_test(tcase, a_channel_that_stays_broken_is_tried_less_and_less);
	tcase_add_test(tcase, a_channel_that_recovered_begins_anew);
	tcase_add_loop_test(tcase, L10_nothing_is_lost_when_a_channel_fails, 0,
			    G_N_ELEMENTS(faults));
	tcase_add_test(tcase, retry_after_may_be_a_date);
	tcase_add_test(tcase, retry_after_is_no_invitation_to_hurry);
	tcase_add_test(tcase, github_says_when);
	tcase_add_test(tcase, errors_hold_no_secrets);
	tcase_add_test(tcase, errors_hold_no_path_without_its_query);
	tcase_add_test(tcase, errors_are_one_line_and_bounded);
	tcase_add_test(tcase, a_long_answer_is_an_answer);
}

static void add_refusals(TCase *tcase)
{
	tcase_add_test(tcase, refused_blocks_are_sent_as_text_at_once);
	tcase_add_test(tcase, a_plain_message_of_before_stays_plain);
	tcase_add_test(tcase, others_pass_a_refused_one_but_not_its_incident);
	tcase_add_test(tcase, order_is_kept_through_messages_of_several_incidents);
	tcase_add_test(tcase, new_messages_go_before_refused_ones);
	tcase_add_test(tcase, a_refused_one_does_not_wait_for_a_later_one);
	tcase_add_test(tcase, a_refusal_does_not_stop_the_channel);
	tcase_add_test(tcase, given_up_after_a_day);
	tcase_add_test(tcase, a_refused_one_that_is_given_up_frees_its_incident);
	tcase_add_test(tcase, old_messages_are_delivered_first);
	tcase_add_test(tcase, old_messages_have_a_last_chance);
	tcase_add_test(tcase, what_was_never_tried_is_not_given_up);
}

Suite *delivery_faults_suite(void)
{
	Suite *suite = suite_create("delivery_faults");

	add_faults(dlab_case(suite, "faults"));
	add_refusals(dlab_case(suite, "refusals"));
	return suite;
}
