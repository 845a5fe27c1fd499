/* test_delivery - order, rate, what the owner is told, when it is due. Faults are in
 * test_delivery_faults, storms in test_delivery_storm, reloads and live alerts in
 * test_delivery_reload. */
#include "tests/unit/delivery_lab.h"

#include "clk.h"

#include <string.h>

Suite *delivery_suite(void);

START_TEST(states_have_words)
{
	static const char *const words[] = {"", "waiting", "sent", "failed", "folded"};

	ck_assert_str_eq(delivery_state_text((enum delivery_state)_i), words[_i]);
	ck_assert_int_eq(delivery_state_from_text(words[_i]), _i);
	ck_assert_int_eq(delivery_state_from_text("Sent"), DELIVERY_STATE_NONE);
	ck_assert_int_eq(delivery_state_from_text(NULL), DELIVERY_STATE_NONE);
}
END_TEST

START_TEST(messages_go_one_by_one_in_the_order_of_ids)
{
	dlab_use(dlab_config("webhook/a"));
	dlab_add("webhook/a", 2, 2);
	dlab_add("webhook/a", 5, 5);
	dlab_add("webhook/a", 1, 1);
	dlab_add("webhook/a", 4, 2);
	dlab_add("webhook/a", 3, 1);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 5);
	dlab_settle();
	dlab_expect_seen("/webhook/a", "1 2 3 4 5");
	ck_assert_int_eq(dlab.web->max_in_flight, 1);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 0);
	ck_assert(dlab_due_ms() == INT64_MAX);
}
END_TEST

START_TEST(the_owner_is_told_before_the_next_starts)
{
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "200 500 200");
	dlab_add_many("webhook/a", 1, 3);
	ck_assert_int_gt(dlab_drain(MS_PER_MINUTE), 0);
	ck_assert_uint_eq(dlab.attempts->len, 4);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(dlab_attempt_at(i)->requests, (guint)i + 1);
	ck_assert_int_eq(dlab_attempt_at(0)->state, DELIVERY_STATE_SENT);
	ck_assert_int_eq(dlab_attempt_at(0)->attempts, 1);
	ck_assert_int_eq(dlab_attempt_at(0)->status, 200);
	ck_assert_int_eq(dlab_attempt_at(0)->at_wall_ms, LAB_WALL_MS);
	ck_assert_int_eq(dlab_attempt_at(1)->id, 2);
	ck_assert_int_eq(dlab_attempt_at(1)->state, DELIVERY_STATE_WAITING);
	ck_assert_int_eq(dlab_attempt_at(1)->status, 500);
	ck_assert_int_gt(dlab_attempt_at(1)->next_wall_ms, LAB_WALL_MS);
	ck_assert_int_eq(dlab_attempt_at(2)->id, 2);
	ck_assert_int_eq(dlab_attempt_at(2)->attempts, 2);
	ck_assert_int_eq(dlab_attempt_at(2)->next_wall_ms, 0);
}
END_TEST

/* Nothing of what is done is done again by this process. */
START_TEST(what_the_owner_cannot_write_is_not_sent_twice)
{
	dlab_use(dlab_config("webhook/a"));
	dlab.refuse = 2;
	dlab_add_many("webhook/a", 1, 3);
	(void)dlab_drain(MS_PER_DAY);
	dlab_expect_seen("/webhook/a", "1 2 3");
	ck_assert_uint_eq(dlab.attempts->len, 3);
}
END_TEST

START_TEST(starts_keep_the_rate)
{
	struct config *config = dlab_config("webhook/a");

	dlab_channel(config, "webhook/a")->rate_interval_ms = 1000;
	dlab_use(config);
	dlab_add_many("webhook/a", 1, 4);
	dlab_settle();
	dlab_expect_seen("/webhook/a", "1");
	ck_assert_int_eq(dlab_due_ms(), 1000);
	dlab_advance(999);
	dlab_settle();
	dlab_expect_seen("/webhook/a", "1");
	dlab_advance(1);
	dlab_settle();
	dlab_expect_seen("/webhook/a", "1 2");
	ck_assert_int_eq(dlab_drain(MS_PER_MINUTE), 2000);
	dlab_expect_seen("/webhook/a", "1 2 3 4");
}
END_TEST

START_TEST(a_retry_keeps_the_rate_too)
{
	struct config *config = dlab_config("webhook/a");

	dlab_channel(config, "webhook/a")->rate_interval_ms = 30000;
	dlab_use(config);
	dlab_script("/webhook/a", "500 200");
	dlab_add("webhook/a", 1, 1);
	ck_assert_int_eq(dlab_drain(MS_PER_MINUTE), 30000);
}
END_TEST

/* One that hangs delays no other. */
START_TEST(L10_a_channel_that_hangs_delays_no_other)
{
	dlab_use(dlab_config("webhook/a slack/b"));
	dlab_script("/webhook/a", "hang");
	dlab_add_many("webhook/a", 1, 3);
	dlab_add_many("slack/b", 11, 15);
	dlab_await("/slack/b", 5);
	dlab_idle(5);
	dlab_expect_seen("/slack/b", "11 12 13 14 15");
	dlab_expect_seen("/webhook/a", "1");
	ck_assert_uint_eq(dlab.attempts->len, 5);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 3);
	ck_assert(dlab_due_ms() == INT64_MAX); /* only after an answer */
}
END_TEST

START_TEST(freed_with_one_under_way)
{
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "hang");
	dlab_add_many("webhook/a", 1, 2);
	dlab_await("/webhook/a", 1);
	delivery_free(dlab.delivery);
	dlab.delivery = NULL;
	http_client_free(dlab.http); /* ends what was under way */
	dlab.http = NULL;
	ck_assert_uint_eq(dlab.attempts->len, 0);
}
END_TEST

START_TEST(what_is_cancelled_was_no_attempt)
{
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "hang 200");
	dlab_add("webhook/a", 1, 1);
	dlab_await("/webhook/a", 1);
	http_client_cancel_all(dlab.http);
	ck_assert_uint_eq(dlab.attempts->len, 0);
	ck_assert_int_eq(dlab_drain(MS_PER_MINUTE), DELIVERY_BACKOFF_FIRST_MS);
	dlab_expect_seen("/webhook/a", "1 1");
	ck_assert_int_eq(dlab_attempt_at(0)->attempts, 1);
	ck_assert_int_eq(dlab_attempt_at(0)->state, DELIVERY_STATE_SENT);
}
END_TEST

START_TEST(without_channels_messages_wait)
{
	dlab_add("webhook/a", 1, 1);
	dlab_use(dlab_config(""));
	dlab_add("webhook/a", 2, 2);
	dlab_settle();
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 2);
	ck_assert(dlab_due_ms() == INT64_MAX);
	dlab_use(dlab_config("webhook/a"));
	dlab_settle();
	dlab_expect_seen("/webhook/a", "1 2");
	ck_assert_uint_eq(dlab.moves->len, 0); /* it is its own channel */
}
END_TEST

/* What a process before has stored; believed for an hour at most, whatever the wall clock says. */
static const struct {
	int64_t next_ms; /* from now */
	int64_t due_ms;
} stored[] = {
	{0, 0},
	{-5000, 0},
	{5000, 5000},
	{MS_PER_HOUR, MS_PER_HOUR},
	{MS_PER_HOUR + 1, MS_PER_HOUR},
	{1000 * MS_PER_DAY, MS_PER_HOUR},
};

START_TEST(a_stored_moment_is_kept)
{
	struct outgoing *outgoing = dlab_message("webhook/a", 1, 1);

	dlab_use(dlab_config("webhook/a"));
	outgoing->next_wall_ms = clk_wall_ms() + stored[_i].next_ms;
	outgoing->attempts = 3;
	delivery_add(dlab.delivery, outgoing);
	dlab_add("webhook/a", 2, 2); /* waits behind it: the channel was in trouble */
	ck_assert_int_eq(dlab_drain(MS_PER_DAY), stored[_i].due_ms);
	dlab_expect_seen("/webhook/a", "1 2");
	ck_assert_int_eq(dlab_attempt_at(0)->attempts, 4);
}
END_TEST

START_TEST(the_wall_clock_may_jump)
{
	static const int64_t jumps_ms[] = {-10 * MS_PER_DAY, 10 * MS_PER_DAY};
	int64_t due_ms = 0;

	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "500 200");
	dlab_add("webhook/a", 1, 1);
	dlab_settle();
	due_ms = dlab_due_ms();
	clk_set_fake(clk_mono_ms(), clk_wall_ms() + jumps_ms[_i]);
	dlab_settle();
	ck_assert_int_eq(dlab_due_ms(), due_ms);
	dlab_expect_seen("/webhook/a", "1");
	ck_assert_int_eq(dlab_drain(MS_PER_MINUTE), due_ms);
	ck_assert_int_eq(dlab_attempt_at(-1)->state, DELIVERY_STATE_SENT);
}
END_TEST

START_TEST(channels_are_shown)
{
	g_autoptr(GPtrArray) all = NULL;
	struct channel_status *status = NULL;

	dlab_use(dlab_config("webhook/b slack/default github/a"));
	dlab_script("/slack/default", "500 200");
	all = delivery_channels(dlab.delivery);
	ck_assert_uint_eq(all->len, 3);
	ck_assert_str_eq(((struct channel_status *)all->pdata[0])->id, "webhook/b");
	ck_assert_str_eq(((struct channel_status *)all->pdata[2])->name, "a");
	dlab_add_many("slack/default", 1, 2);
	dlab_settle();
	status = dlab_status("slack/default");
	ck_assert_str_eq(status->kind, "slack");
	ck_assert(status->failing);
	ck_assert_int_eq(status->waiting, 2);
	ck_assert_int_eq(status->sent, 0);
	ck_assert_ptr_nonnull(status->last_error);
	ck_assert_ptr_null(strchr(status->last_error, '\n'));
	ck_assert_int_eq(status->last_error_wall_ms, LAB_WALL_MS);
	ck_assert_int_eq(status->last_sent_wall_ms, 0);
	channel_status_free(status);
	(void)dlab_drain(MS_PER_MINUTE);
	status = dlab_status("slack/default");
	ck_assert(!status->failing);
	ck_assert_int_eq(status->waiting, 0);
	ck_assert_int_eq(status->sent, 2);
	ck_assert_int_gt(status->last_sent_wall_ms, LAB_WALL_MS);
	channel_status_free(status);
}
END_TEST

/* --- never "now" for ever --- */

static void arrange_nothing(void)
{
	dlab_use(dlab_config("webhook/a slack/b github/c alertmanager/d"));
}

static void arrange_backoff(void)
{
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "503");
	dlab_add_many("webhook/a", 1, 3);
}

static void arrange_aside(void)
{
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "400");
	dlab_add("webhook/a", 1, 1);
	dlab_add("webhook/a", 2, 1);
}

static void arrange_old(void)
{
	struct outgoing *outgoing = dlab_message("webhook/a", 1, 1);

	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "404");
	outgoing->created_wall_ms -= 3 * MS_PER_DAY;
	delivery_add(dlab.delivery, outgoing);
}

static void arrange_lost(void)
{
	dlab.refuse = G_MAXINT;
	dlab_use(dlab_config("webhook/a"));
	dlab_add_many("slack/gone", 1, 30);
}

static void arrange_storm(void)
{
	dlab.refuse = G_MAXINT;
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "503");
	dlab_add_many("webhook/a", 1, 30);
}

static void arrange_live(void)
{
	g_ptr_array_add(dlab.live, GINT_TO_POINTER(7));
	dlab_use(dlab_config("alertmanager/a"));
	dlab_script("/alertmanager/a", "503");
}

static void (*const situations[])(void) = {
	arrange_nothing, arrange_backoff, arrange_aside, arrange_old,
	arrange_lost,    arrange_storm,   arrange_live,
};

/* One run is enough to be done with a moment; the time to the next grows. */
START_TEST(due_is_never_now_for_ever)
{
	int64_t due_mono_ms = 0;

	situations[_i]();
	for (int i = 0; i < 200; i++) {
		dlab_settle();
		delivery_run(dlab.delivery);
		due_mono_ms = delivery_due_mono_ms(dlab.delivery);
		ck_assert_int_gt(due_mono_ms, clk_mono_ms());
		if (due_mono_ms == INT64_MAX)
			return;
		clk_set_fake(due_mono_ms - 1, clk_wall_ms());
		delivery_run(dlab.delivery); /* too early changes nothing */
		ck_assert_int_eq(delivery_due_mono_ms(dlab.delivery), due_mono_ms);
		clk_set_fake(due_mono_ms, clk_wall_ms() + 1);
	}
	ck_assert_int_gt(clk_mono_ms(), LAB_MONO_MS + 199 * DELIVERY_BACKOFF_FIRST_MS / 2);
}
END_TEST

Suite *delivery_suite(void)
{
	Suite *suite = suite_create("delivery");
	TCase *tcase = dlab_case(suite, "way");

	tcase_add_loop_test(tcase, states_have_words, DELIVERY_STATE_WAITING,
			    DELIVERY_STATE_FOLDED + 1);
	tcase_add_test(tcase, messages_go_one_by_one_in_the_order_of_ids);
	tcase_add_test(tcase, the_owner_is_told_before_the_next_starts);
	tcase_add_test(tcase, what_the_owner_cannot_write_is_not_sent_twice);
	tcase_add_test(tcase, starts_keep_the_rate);
	tcase_add_test(tcase, a_retry_keeps_the_rate_too);
	tcase_add_test(tcase, L10_a_channel_that_hangs_delays_no_other);
	tcase_add_test(tcase, freed_with_one_under_way);
	tcase_add_test(tcase, what_is_cancelled_was_no_attempt);
	tcase_add_test(tcase, without_channels_messages_wait);
	tcase_add_loop_test(tcase, a_stored_moment_is_kept, 0, G_N_ELEMENTS(stored));
	tcase_add_loop_test(tcase, the_wall_clock_may_jump, 0, 2);
	tcase_add_test(tcase, channels_are_shown);
	tcase_add_loop_test(tcase, due_is_never_now_for_ever, 0, G_N_ELEMENTS(situations));
	return suite;
}
