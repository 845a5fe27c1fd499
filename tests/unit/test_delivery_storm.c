/* test_delivery_storm - too many messages become one. */
#include "tests/unit/delivery_lab.h"

#include "clk.h"

#include <string.h>

Suite *delivery_storm_suite(void);

/* A channel that has one under way, which no one answers. */
static void occupy(const char *id)
{
	g_autofree char *path = g_strconcat("/", id, NULL);

	dlab_use(dlab_config(id));
	dlab_script(path, "hang 200");
	dlab_add(id, 1, 1);
	dlab_await(path, 1);
}

static const struct {
	int64_t last; /* ids from 2 on wait */
	guint folds;
	size_t waiting; /* with the one under way */
} counts[] = {
	{DELIVERY_WAITING_MAX, 0, DELIVERY_WAITING_MAX},
	{DELIVERY_WAITING_MAX + 1, 0, DELIVERY_WAITING_MAX + 1},
	{DELIVERY_WAITING_MAX + 2, 1, 2},
};

START_TEST(past_so_many_they_become_one)
{
	occupy("webhook/a");
	dlab_add_many("webhook/a", 2, counts[_i].last);
	delivery_run(dlab.delivery);
	ck_assert_uint_eq(dlab.folds->len, counts[_i].folds);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), counts[_i].waiting);
	if (counts[_i].folds > 0)
		ck_assert_str_eq(dlab.folds->pdata[0],
				 "22 <- 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21");
}
END_TEST

START_TEST(a_folded_message_tells_all)
{
	occupy("webhook/a");
	dlab_add_many("webhook/a", 2, 22);
	delivery_run(dlab.delivery);
	http_client_cancel_all(dlab.http);
	(void)dlab_drain(MS_PER_MINUTE);
	dlab_expect_seen("/webhook/a",
			 "1 1 2+3+4+5+6+7+8+9+10+11+12+13+14+15+16+17+18+19+20+21+22");
	ck_assert_int_eq(dlab_attempt_at(-1)->id, 22);
}
END_TEST

START_TEST(ten_thousand_at_once_are_a_handful_of_requests)
{
	int64_t start_ms = clk_cpu_ms(); /* whatever else the machine does */

	dlab_use(dlab_config("slack/a slack/b"));
	dlab_script("/slack/a", "429/3 500 200");
	for (int64_t id = 1; id <= 10000; id++) {
		dlab_add("slack/a", id, id);
		dlab_add("slack/b", 20000 + id, id);
	}
	(void)dlab_drain(MS_PER_HOUR);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 0);
	ck_assert_uint_eq(dlab_count("/slack/a"), 3);
	ck_assert_uint_eq(dlab_count("/slack/b"), 1);
	ck_assert_uint_eq(dlab.folds->len, 2);
	ck_assert_int_lt(clk_cpu_ms() - start_ms, 5000);
}
END_TEST

/* One after the other, while the channel hangs. */
START_TEST(ten_thousand_one_by_one_stay_few)
{
	int64_t start_ms = clk_cpu_ms();

	occupy("slack/a");
	for (int64_t id = 2; id <= 10001; id++) {
		dlab_add("slack/a", id, id);
		delivery_run(dlab.delivery);
		ck_assert_uint_le(delivery_waiting(dlab.delivery), 1 + DELIVERY_WAITING_MAX);
	}
	http_client_cancel_all(dlab.http);
	(void)dlab_drain(MS_PER_MINUTE);
	ck_assert_uint_le(dlab_count("/slack/a"), 2 + DELIVERY_WAITING_MAX);
	ck_assert_int_lt(clk_cpu_ms() - start_ms, 20000);
}
END_TEST

/* An issue is about one target. */
START_TEST(github_folds_only_what_is_of_one_target)
{
	dlab_use(dlab_config("github/a"));
	dlab_script("/github/a", "hang");
	dlab_add("github/a", 1, 1);
	dlab_await("/github/a", 1);
	for (int64_t id = 2; id <= 31; id++) {
		struct outgoing *outgoing = dlab_message("github/a", id, id);
		struct notice_item *item = outgoing->notice->items->pdata[0];

		if (id % 3 == 0) {
			g_free(item->target);
			item->target = g_strdup_printf("service/m%d", id % 2 == 0 ? 900 : 901);
		}
		delivery_add(dlab.delivery, outgoing);
	}
	delivery_run(dlab.delivery);
	ck_assert_uint_eq(dlab.folds->len, 2);
	ck_assert_str_eq(dlab.folds->pdata[0], "27 <- 3 9 15 21");
	ck_assert_str_eq(dlab.folds->pdata[1], "30 <- 6 12 18 24");
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 1 + 20 + 2);
}
END_TEST

START_TEST(alertmanager_folds_all)
{
	occupy("alertmanager/a");
	dlab_add_many("alertmanager/a", 2, 40);
	delivery_run(dlab.delivery);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 2);
}
END_TEST

/* What nobody takes must not take the others with it. */
START_TEST(a_refused_one_stays_out_of_it)
{
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "400 hang 200");
	dlab_add("webhook/a", 1, 1);
	dlab_settle();
	dlab_add("webhook/a", 2, 2);
	dlab_await("/webhook/a", 2);
	dlab_add("webhook/a", 3, 1); /* waits for 1 */
	dlab_add_many("webhook/a", 4, 30);
	delivery_run(dlab.delivery);
	ck_assert_uint_eq(dlab.folds->len, 1);
	ck_assert(g_str_has_prefix(dlab.folds->pdata[0], "30 <- 4 5 6"));
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 4);
	http_client_cancel_all(dlab.http);
	(void)dlab_drain(MS_PER_HOUR);
	ck_assert_int_eq(dlab_attempt_at(-1)->id, 3);
	ck_assert_int_eq(dlab_attempt_at(-2)->id, 1);
	ck_assert_int_eq(dlab_attempt_at(-3)->id, 30);
}
END_TEST

/* If they are too many themselves they become one, and that is a message that nobody refused yet. */
START_TEST(those_that_wait_for_a_refused_one_fold_among_themselves)
{
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "400 200");
	dlab_add("webhook/a", 1, 1);
	dlab_settle();
	for (int64_t id = 2; id <= 30; id++)
		dlab_add("webhook/a", id, 1);
	dlab_settle();
	ck_assert_uint_eq(dlab.folds->len, 1);
	ck_assert(g_str_has_prefix(dlab.folds->pdata[0], "30 <- 1 2 3"));
	ck_assert_int_eq(dlab_attempt_at(-1)->state, DELIVERY_STATE_SENT);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 0);
}
END_TEST

START_TEST(what_cannot_be_written_is_not_folded)
{
	occupy("webhook/a");
	dlab.refuse = 1;
	dlab_add_many("webhook/a", 2, 23);
	delivery_run(dlab.delivery);
	ck_assert_uint_eq(dlab.folds->len, 1);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 23);
	ck_assert_int_gt(dlab_due_ms(), 0);
	delivery_run(dlab.delivery); /* not at once again */
	ck_assert_uint_eq(dlab.folds->len, 1);
	dlab_advance(dlab_due_ms());
	delivery_run(dlab.delivery);
	ck_assert_uint_eq(dlab.folds->len, 2);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 2);
}
END_TEST

START_TEST(messages_that_could_not_be_folded_go_as_they_are)
{
	occupy("webhook/a");
	dlab.refuse = 1;
	dlab_add_many("webhook/a", 2, 25);
	delivery_run(dlab.delivery);
	http_client_cancel_all(dlab.http);
	(void)dlab_drain(DELIVERY_BACKOFF_FIRST_MS);
	dlab_expect_seen("/webhook/a",
			 "1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25");
}
END_TEST

/* Of a channel that is dead for days the newest is there when it comes back. */
START_TEST(the_newest_lives)
{
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "503");
	for (int64_t id = 1; id <= 30; id++) { /* one an hour */
		dlab_add("webhook/a", id, id);
		dlab_advance(MS_PER_HOUR - dlab_drain(MS_PER_HOUR));
	}
	dlab_script("/webhook/a", "200");
	(void)dlab_drain(MS_PER_HOUR);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 0);
	ck_assert_int_eq(dlab_attempt_at(-1)->id, 30);
	ck_assert_int_eq(dlab_attempt_at(-1)->state, DELIVERY_STATE_SENT);
	for (guint i = 0; i < dlab.attempts->len; i++) /* the oldest live in the newest of theirs */
		ck_assert_int_ne(dlab_attempt_at((int)i)->state, DELIVERY_STATE_FAILED);
}
END_TEST

START_TEST(many_refused_ones_become_one_that_is_tried)
{
	dlab_use(dlab_config("webhook/a"));
	dlab_script("/webhook/a", "400");
	dlab_add_many("webhook/a", 1, DELIVERY_WAITING_MAX);
	dlab_settle();
	dlab_script("/webhook/a", "200");
	dlab_add("webhook/a", 50, 50);
	dlab_settle();
	ck_assert_uint_eq(dlab.folds->len, 1);
	ck_assert_uint_eq(delivery_waiting(dlab.delivery), 0);
}
END_TEST

/* A Retry-After of before the start holds for what it became. */
START_TEST(a_stored_moment_survives_folding)
{
	dlab_use(dlab_config("webhook/a"));
	for (int64_t id = 1; id <= 30; id++) {
		struct outgoing *outgoing = dlab_message("webhook/a", id, id);

		if (id == 1)
			outgoing->next_wall_ms = clk_wall_ms() + MS_PER_MINUTE;
		delivery_add(dlab.delivery, outgoing);
	}
	ck_assert_int_eq(dlab_drain(MS_PER_HOUR), MS_PER_MINUTE);
	ck_assert_uint_eq(dlab_count("/webhook/a"), 1);
}
END_TEST

Suite *delivery_storm_suite(void)
{
	Suite *suite = suite_create("delivery_storm");
	TCase *tcase = dlab_case(suite, "storm");

	tcase_add_loop_test(tcase, past_so_many_they_become_one, 0, G_N_ELEMENTS(counts));
	tcase_add_test(tcase, a_folded_message_tells_all);
	tcase_add_test(tcase, ten_thousand_at_once_are_a_handful_of_requests);
	tcase_add_test(tcase, ten_thousand_one_by_one_stay_few);
	tcase_add_test(tcase, github_folds_only_what_is_of_one_target);
	tcase_add_test(tcase, alertmanager_folds_all);
	tcase_add_test(tcase, a_refused_one_stays_out_of_it);
	tcase_add_test(tcase, those_that_wait_for_a_refused_one_fold_among_themselves);
	tcase_add_test(tcase, what_cannot_be_written_is_not_folded);
	tcase_add_test(tcase, messages_that_could_not_be_folded_go_as_they_are);
	tcase_add_test(tcase, the_newest_lives);
	tcase_add_test(tcase, many_refused_ones_become_one_that_is_tried);
	tcase_add_test(tcase, a_stored_moment_survives_folding);
	return suite;
}
