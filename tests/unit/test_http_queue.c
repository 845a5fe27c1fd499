/* test_http_queue - retries, deadlines, the queue, timers, accounts of the HTTP client. */
#include "tests/unit/http_world.h"

#include "clk.h"
#include "http/retry.h"
#include "http/timers.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

Suite *http_queue_suite(void);

/* --- retries --- */

/* Poll while the fake clock runs fast; returns how far it ran. */
static int64_t wait_fast(const struct got *got, int64_t step_ms)
{
	int64_t end_ms = g_get_monotonic_time() / 1000 + PATIENCE_MS;
	int64_t start_ms = clk_mono_ms();
	int64_t now_ms = start_ms;

	while (got->calls == 0 && g_get_monotonic_time() / 1000 < end_ms) {
		http_client_poll(http_web_client, 2, -1);
		now_ms += step_ms;
		if (got->calls == 0)
			clk_set_fake(now_ms, 0);
	}
	ck_assert_int_eq(got->calls, 1);
	return now_ms - start_ms;
}

static const struct {
	const char *path;
	int attempts;
	int status;
} retried[] = {
	{"/busy/once", 2, 200},  {"/busy/now", 4, 503},   {"/busy/always", 4, 503},
	{"/status/500", 4, 500}, {"/status/502", 4, 502}, {"/status/504", 4, 504},
	{"/status/429", 4, 429}, {"/status/408", 4, 408}, {"/reset", 4, 0},
	{"/status/404", 1, 404}, {"/status/400", 1, 400}, {"/status/401", 1, 401},
	{"/status/403", 1, 403}, {"/status/501", 1, 501}, {"/status/505", 1, 505},
	{"/garbage", 1, 0},      {"/bad-gzip", 1, 200},   {"/ok", 1, 200},
	{"/status/204", 1, 204},
};

START_TEST(what_may_heal_is_tried_again)
{
	struct got got = {0};
	struct http_request *request = request_for(retried[_i].path);

	clk_set_fake(1000, 0);
	request->max_attempts = 4;
	request->timeout_ms = 5000;
	request->deadline_mono_ms = 1000 + 3600 * MS_PER_S;
	http_client_send(http_web_client, request, got_take, &got);
	(void)wait_fast(&got, 10);
	ck_assert_int_eq(got.attempts, retried[_i].attempts);
	ck_assert_int_eq(got.status, retried[_i].status);
	ck_assert_int_eq(web_count(http_web, retried[_i].path), retried[_i].attempts);
	got_clear(&got);
}
END_TEST

START_TEST(retry_after_decides)
{
	static const struct {
		const char *path;
		int64_t wait_ms;
	} cases[] = {{"/busy/seconds", 7000}, {"/busy/date", 9000}};
	struct got got = {0};
	struct http_request *request = request_for(cases[_i].path);
	int64_t took_ms = 0;

	clk_set_fake(1000, 0);
	request->max_attempts = 2;
	request->deadline_mono_ms = 1000 + 3600 * MS_PER_S;
	http_client_send(http_web_client, request, got_take, &got);
	while (web_count(http_web, cases[_i].path) == 0)
		http_client_poll(http_web_client, 10, -1);
	for (int i = 0; i < 20; i++) /* let the answer come in before time goes on */
		http_client_poll(http_web_client, 5, -1);
	took_ms = wait_fast(&got, 100);
	ck_assert_int_eq(got.attempts, 2);
	ck_assert_int_eq(got.retry_after_ms, cases[_i].wait_ms);
	ck_assert_msg(took_ms >= cases[_i].wait_ms, "after %d ms", (int)took_ms);
	got_clear(&got);
}
END_TEST

START_TEST(a_wait_past_the_deadline_is_not_waited)
{
	struct got got = {0};
	struct http_request *request = request_for("/busy/seconds");
	int64_t start_ms = clk_mono_ms();

	request->max_attempts = 4;
	request->deadline_mono_ms = start_ms + 6999;
	fetch(request, &got);
	ck_assert_int_eq(got.failure, HTTP_FAILURE_NONE); /* what was seen last */
	ck_assert_int_eq(got.status, 429);
	ck_assert_int_eq(got.attempts, 1);
	ck_assert_int_eq(got.retry_after_ms, 7000);
	ck_assert_int_lt(clk_mono_ms() - start_ms, 6000);
	got_clear(&got);
}
END_TEST

/* Its timeout would be told instead of what the server said. */
START_TEST(an_attempt_without_time_is_not_made)
{
	struct got got = {0};
	struct http_request *request = request_for("/busy/seconds");
	int64_t start_ms = clk_mono_ms();

	request->max_attempts = 4;
	request->deadline_mono_ms = start_ms + 7000 + RETRY_TIME_MIN_MS - 1;
	fetch(request, &got);
	ck_assert_int_eq(got.failure, HTTP_FAILURE_NONE);
	ck_assert_int_eq(got.status, 429);
	ck_assert_int_eq(got.attempts, 1);
	ck_assert_int_lt(clk_mono_ms() - start_ms, 6000);
	got_clear(&got);
}
END_TEST

START_TEST(attempts_end_at_the_deadline)
{
	struct got got = {0};
	struct http_request *request = request_for("/hang");
	int64_t start_ms = clk_mono_ms();

	request->max_attempts = 4;
	request->timeout_ms = 10000;
	request->deadline_mono_ms = start_ms + 200;
	fetch(request, &got);
	ck_assert_int_eq(got.failure, HTTP_FAILURE_TIMEOUT);
	ck_assert_int_eq(got.attempts, 1);
	ck_assert_int_ge(clk_mono_ms() - start_ms, 199);
	ck_assert_int_lt(clk_mono_ms() - start_ms, 5000);
	got_clear(&got);
}
END_TEST

static int64_t judge_says;

static int64_t judge(const struct http_response *response)
{
	ck_assert_str_eq(response->body, "said");
	return judge_says;
}

START_TEST(the_caller_may_judge)
{
	static const struct {
		int64_t says;
		int attempts;
	} cases[] = {{HTTP_RETRY_BY_STATUS, 1}, {HTTP_RETRY_BACKOFF, 3}, {0, 3}, {500, 3}};
	struct got got = {0};
	struct http_request *request = request_for("/status/403");

	clk_set_fake(1000, 0);
	judge_says = cases[_i].says;
	request->retry = judge;
	request->max_attempts = 3;
	request->deadline_mono_ms = 1000 + 3600 * MS_PER_S;
	http_client_send(http_web_client, request, got_take, &got);
	(void)wait_fast(&got, 10);
	ck_assert_int_eq(got.attempts, cases[_i].attempts);
	ck_assert_int_eq(got.status, 403);
	got_clear(&got);
}
END_TEST

START_TEST(backoff_doubles_up_to_its_cap)
{
	static const int64_t want_ms[] = {1000, 2000, 4000, 8000, 16000, 32000, 32000, 32000};
	struct http_response response = {.status = 503, .retry_after_ms = -1};
	struct http_request request = {.max_attempts = 100};
	int64_t most_ms = 0;

	for (int i = 0; i < (int)G_N_ELEMENTS(want_ms); i++)
		ck_assert_int_eq(retry_backoff_max_ms(i + 1), want_ms[i]);
	response.attempts = 3;
	for (int i = 0; i < 2000; i++) {
		int64_t wait_ms = retry_wait_ms(&request, &response);

		ck_assert_int_ge(wait_ms, 0);
		ck_assert_int_le(wait_ms, 4000);
		most_ms = MAX(most_ms, wait_ms);
	}
	ck_assert_int_gt(most_ms, 3000); /* jitter over the full width */
}
END_TEST

/* --- queue --- */

START_TEST(no_more_run_than_allowed)
{
	struct got got[20] = {0};

	http_client_set_max_parallel(http_web_client, 3);
	for (int i = 0; i < 20; i++)
		http_client_send(http_web_client, request_for("/slow"), got_take, &got[i]);
	ck_assert_uint_eq(http_client_pending(http_web_client), 20);
	for (int i = 0; i < 20; i++) {
		wait_for(&got[i]);
		ck_assert_int_eq(got[i].status, 200);
	}
	ck_assert_uint_eq(http_client_pending(http_web_client), 0);
	ck_assert_int_eq(http_web->max_in_flight, 3);
	for (int i = 0; i < 20; i++)
		got_clear(&got[i]);
}
END_TEST

START_TEST(first_come_first_served)
{
	struct got got[10] = {0};

	http_client_set_max_parallel(http_web_client, 1);
	for (int i = 0; i < 10; i++) {
		g_autofree char *path = g_strdup_printf("/ok/%d", i);

		http_client_send(http_web_client, request_for(path), got_take, &got[i]);
	}
	wait_for(&got[9]);
	for (guint i = 0; i < 10; i++) {
		g_autofree char *want = g_strdup_printf("GET /ok/%u", i);

		ck_assert_str_eq(g_ptr_array_index(http_web->log, i), want);
		ck_assert_int_eq(got[i].calls, 1);
		got_clear(&got[i]);
	}
}
END_TEST

static struct http_request *apart_request(const char *path)
{
	struct http_request *request = request_for(path);

	request->apart = true;
	return request;
}

START_TEST(what_is_apart_takes_no_turn)
{
	struct got hanging[4] = {0}, usual = {0};

	http_client_set_max_parallel(http_web_client, 2);
	for (int i = 0; i < 4; i++)
		http_client_send(http_web_client, apart_request("/hang"), got_take, &hanging[i]);
	http_client_send(http_web_client, request_for("/ok"), got_take, &usual);
	wait_for(&usual);
	ck_assert_int_eq(usual.status, 200);
	ck_assert_uint_eq(http_client_pending(http_web_client), 4);
	http_client_cancel_all(http_web_client);
	ck_assert_uint_eq(http_client_pending(http_web_client), 0);
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(hanging[i].calls, 1);
		ck_assert_int_eq(hanging[i].failure, HTTP_FAILURE_CANCELLED);
		got_clear(&hanging[i]);
	}
	got_clear(&usual);
}
END_TEST

START_TEST(what_is_apart_waits_for_no_turn)
{
	struct got hanging[3] = {0}, apart = {0}, again = {0};
	struct http_request *busy = apart_request("/busy/once");

	http_client_set_max_parallel(http_web_client, 1);
	for (int i = 0; i < 3; i++)
		http_client_send(http_web_client, request_for("/hang"), got_take, &hanging[i]);
	http_client_poll(http_web_client, 0, -1);
	http_client_send(http_web_client, apart_request("/ok"), got_take, &apart);
	busy->max_attempts = 2;
	busy->deadline_mono_ms = clk_mono_ms() + 60000;
	http_client_send(http_web_client, busy, got_take, &again);
	wait_for(&apart);
	ck_assert_int_eq(apart.status, 200);
	wait_for(&again); /* nor for its second attempt */
	ck_assert_int_eq(again.status, 200);
	ck_assert_int_eq(again.attempts, 2);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(hanging[i].calls, 0);
	http_client_cancel_all(http_web_client);
	for (int i = 0; i < 3; i++)
		got_clear(&hanging[i]);
	got_clear(&apart);
	got_clear(&again);
}
END_TEST

START_TEST(a_deadline_also_counts_in_the_queue)
{
	struct got running = {0};
	struct got queued = {0};
	struct http_request *request = request_for("/ok");

	http_client_set_max_parallel(http_web_client, 1);
	http_client_send(http_web_client, request_for("/hang"), got_take, &running);
	request->deadline_mono_ms = clk_mono_ms() + 50;
	http_client_send(http_web_client, request, got_take, &queued);
	wait_for(&queued);
	ck_assert_int_eq(queued.failure, HTTP_FAILURE_TIMEOUT);
	ck_assert_int_eq(queued.attempts, 0);
	ck_assert_int_eq(running.calls, 0);
	ck_assert_int_eq(web_count(http_web, "/ok"), 0);
	got_clear(&queued);
	http_client_cancel_all(http_web_client);
	got_clear(&running);
}
END_TEST

START_TEST(a_deadline_that_has_passed_sends_nothing)
{
	struct got got = {0};
	struct http_request *request = request_for("/ok");

	request->deadline_mono_ms = clk_mono_ms() - 1;
	fetch(request, &got);
	ck_assert_int_eq(got.failure, HTTP_FAILURE_TIMEOUT);
	ck_assert_int_eq(web_count(http_web, "/"), 0);
	got_clear(&got);
}
END_TEST

struct chain {
	int left;
	int good;
};

static void send_next(void *data, const struct http_response *response)
{
	struct chain *chain = data;

	chain->good += response->status == 200;
	if (--chain->left > 0)
		http_client_send(http_web_client, request_for("/ok"), send_next, chain);
}

START_TEST(callbacks_may_send)
{
	struct chain chain = {.left = 50};

	http_client_send(http_web_client, request_for("/ok"), send_next, &chain);
	while (http_client_pending(http_web_client) > 0)
		http_client_poll(http_web_client, 100, -1);
	ck_assert_int_eq(chain.left, 0);
	ck_assert_int_eq(chain.good, 50);
}
END_TEST

START_TEST(cancelled_once_each)
{
	static const char *const paths[] = {"/hang", "/ok", "/busy/seconds", "/slow", "/trickle"};
	struct got got[50] = {0};

	for (int i = 0; i < 50; i++) {
		struct http_request *request = request_for(paths[i % 5]);

		request->max_attempts = 2;
		request->deadline_mono_ms = clk_mono_ms() + 60000;
		http_client_send(http_web_client, request, got_take, &got[i]);
	}
	for (int i = 0; i < 5; i++)
		http_client_poll(http_web_client, 10, -1);
	http_client_cancel_all(http_web_client);
	ck_assert_uint_eq(http_client_pending(http_web_client), 0);
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(got[i].calls, 1);
		if (i % 5 == 0)
			ck_assert_int_eq(got[i].failure, HTTP_FAILURE_CANCELLED);
		got_clear(&got[i]);
	}
	fetch(request_for("/ok"), &got[0]);
	ck_assert_int_eq(got[0].status, 200);
	got_clear(&got[0]);
}
END_TEST

START_TEST(freeing_ends_what_is_left)
{
	struct got got[8] = {0};
	struct chain chain = {.left = 3};

	for (int i = 0; i < 8; i++)
		http_client_send(http_web_client, request_for("/hang"), got_take, &got[i]);
	http_client_send(http_web_client, request_for("/hang"), send_next, &chain);
	http_client_poll(http_web_client, 10, -1);
	http_client_free(http_web_client);
	http_web_client = NULL;
	for (int i = 0; i < 8; i++) {
		ck_assert_int_eq(got[i].calls, 1);
		ck_assert_int_eq(got[i].failure, HTTP_FAILURE_CANCELLED);
		got_clear(&got[i]);
	}
	ck_assert_int_eq(chain.left, 0);
}
END_TEST

/* --- waiting --- */

static void count_fire(void *data)
{
	int *fired = data;

	(*fired)++;
}

START_TEST(poll_waits_without_spinning)
{
	int64_t start_ms = clk_mono_ms();
	int64_t cpu_ms = clk_cpu_ms();
	struct got got = {0};
	int polls = 0;

	http_client_send(http_web_client, request_for("/hang"), got_take, &got);
	for (; clk_mono_ms() - start_ms < 400; polls++)
		http_client_poll(http_web_client, 100, -1);
	ck_assert_int_lt(polls, 20); /* libcurl comes back early for timers of its own */
	ck_assert_int_lt(clk_cpu_ms() - cpu_ms, 150);
	http_client_cancel_all(http_web_client);
	got_clear(&got);
}
END_TEST

START_TEST(a_descriptor_wakes_poll)
{
	int fd = eventfd(1, EFD_CLOEXEC);
	int64_t start_ms = clk_mono_ms();

	http_client_poll(http_web_client, 10000, fd);
	ck_assert_int_lt(clk_mono_ms() - start_ms, 5000);
	(void)close(fd);
}
END_TEST

START_TEST(timers_fire_once_in_order)
{
	int fired[3] = {0};
	struct http_timer *stopped = NULL;

	clk_set_fake(1000, 0);
	(void)http_timer_start(http_web_client, 3000, count_fire, &fired[1]);
	(void)http_timer_start(http_web_client, 2000, count_fire, &fired[0]);
	stopped = http_timer_start(http_web_client, 2500, count_fire, &fired[2]);
	http_client_poll(http_web_client, 0, -1);
	ck_assert_int_eq(fired[0] + fired[1] + fired[2], 0);
	clk_set_fake(2000, 0);
	http_client_poll(http_web_client, 10000, -1);
	ck_assert_int_eq(fired[0], 1);
	ck_assert_int_eq(fired[1], 0);
	http_timer_stop(stopped);
	clk_set_fake(9000, 0);
	http_client_poll(http_web_client, 0, -1);
	http_client_poll(http_web_client, 0, -1);
	ck_assert_int_eq(fired[0], 1);
	ck_assert_int_eq(fired[1], 1);
	ck_assert_int_eq(fired[2], 0);
	(void)http_timer_start(http_web_client, 99999, count_fire,
			       &fired[2]); /* freed with the client */
}
END_TEST

START_TEST(poll_comes_back_after_a_callback)
{
	int fired = 0;
	int64_t start_us = g_get_monotonic_time();

	(void)http_timer_start(http_web_client, clk_mono_ms(), count_fire, &fired);
	http_client_poll(http_web_client, 10000, -1);
	ck_assert_int_eq(fired, 1);
	ck_assert_int_lt(g_get_monotonic_time() - start_us, 5000000);
}
END_TEST

START_TEST(the_heap_is_a_heap)
{
	struct timers timers = {0};
	struct timer all[300] = {0};
	int64_t last_ms = -1;
	int taken = 0;
	struct timer *timer = NULL;

	timers_init(&timers);
	for (int i = 0; i < 300; i++)
		timers_set(&timers, &all[i], (i * 7919) % 1009);
	for (int i = 0; i < 300; i += 3)
		timers_clear(&timers, &all[i]);
	for (int i = 1; i < 300; i += 3)
		timers_set(&timers, &all[i], (i * 104729) % 997); /* moved */
	ck_assert_ptr_null(timers_take_due(&timers, -1));
	while ((timer = timers_take_due(&timers, INT64_MAX))) {
		ck_assert_int_ge(timer->due_mono_ms, last_ms);
		ck_assert_uint_eq(timer->place, 0);
		last_ms = timer->due_mono_ms;
		taken++;
	}
	ck_assert_int_eq(taken, 200);
	ck_assert(timers_next_mono_ms(&timers) == INT64_MAX);
	timers_done(&timers);
}
END_TEST

/* --- accounts --- */

static const struct http_account *find_account(const GPtrArray *accounts, const char *api,
					       const char *outcome)
{
	for (guint i = 0; i < accounts->len; i++) {
		const struct http_account *account = g_ptr_array_index(accounts, i);

		if (strcmp(account->api, api) == 0 && strcmp(account->outcome, outcome) == 0)
			return account;
	}
	ck_abort_msg("no account %s %s", api, outcome);
}

START_TEST(every_attempt_is_accounted)
{
	struct got got = {0};
	struct http_request *request = NULL;
	g_autoptr(GPtrArray) accounts = NULL;

	for (int i = 0; i < 3; i++)
		fetch(request_for("/ok"), &got);
	fetch(request_for("/status/404"), &got);
	request = request_for("/busy/now");
	request->max_attempts = 3;
	request->deadline_mono_ms = clk_mono_ms() + 60000;
	fetch(request, &got);
	request = request_for("/hang");
	request->timeout_ms = 100;
	fetch(request, &got);
	request = request_for("/redirect/relative");
	request->follow_redirects = true;
	g_free(request->api);
	request->api = g_strdup("run");
	fetch(request, &got);
	accounts = http_client_accounts(http_web_client);
	ck_assert_uint_eq(accounts->len, 6);
	ck_assert_int_eq(find_account(accounts, "http", "200")->calls, 3);
	ck_assert_int_eq(find_account(accounts, "http", "200")->bytes, 15);
	ck_assert_int_eq(find_account(accounts, "http", "404")->calls, 1);
	ck_assert_int_eq(find_account(accounts, "http", "503")->calls, 3);
	ck_assert_int_eq(find_account(accounts, "http", "timeout")->calls, 1);
	ck_assert_int_ge(find_account(accounts, "http", "timeout")->time_ms, 99);
	ck_assert_int_eq(find_account(accounts, "run", "307")->calls, 1);
	ck_assert_int_eq(find_account(accounts, "run", "200")->calls, 1);
	for (guint i = 0; i < accounts->len; i++) {
		struct http_account *account = g_ptr_array_index(accounts, i);

		g_free(account->api);
		g_free(account->outcome);
		account->api = NULL;
		account->outcome = NULL;
	}
	got_clear(&got);
}
END_TEST

START_TEST(failures_have_words)
{
	static const char *const words[] = {"none",       "resolve",  "connect",   "tls",
					    "timeout",    "reset",    "too_large", "redirect",
					    "bad_answer", "cancelled"};

	for (int i = 0; i < (int)G_N_ELEMENTS(words); i++)
		ck_assert_str_eq(http_failure_text((enum http_failure)i), words[i]);
}
END_TEST

static void add_times(TCase *tcase)
{
	tcase_add_loop_test(tcase, what_may_heal_is_tried_again, 0, G_N_ELEMENTS(retried));
	tcase_add_loop_test(tcase, retry_after_decides, 0, 2);
	tcase_add_test(tcase, a_wait_past_the_deadline_is_not_waited);
	tcase_add_test(tcase, an_attempt_without_time_is_not_made);
	tcase_add_test(tcase, attempts_end_at_the_deadline);
	tcase_add_loop_test(tcase, the_caller_may_judge, 0, 4);
	tcase_add_test(tcase, backoff_doubles_up_to_its_cap);
	tcase_add_test(tcase, poll_waits_without_spinning);
	tcase_add_test(tcase, a_descriptor_wakes_poll);
	tcase_add_test(tcase, timers_fire_once_in_order);
	tcase_add_test(tcase, poll_comes_back_after_a_callback);
	tcase_add_test(tcase, the_heap_is_a_heap);
}

static void add_queue(TCase *tcase)
{
	tcase_add_test(tcase, no_more_run_than_allowed);
	tcase_add_test(tcase, first_come_first_served);
	tcase_add_test(tcase, what_is_apart_takes_no_turn);
	tcase_add_test(tcase, what_is_apart_waits_for_no_turn);
	tcase_add_test(tcase, a_deadline_also_counts_in_the_queue);
	tcase_add_test(tcase, a_deadline_that_has_passed_sends_nothing);
	tcase_add_test(tcase, callbacks_may_send);
	tcase_add_test(tcase, cancelled_once_each);
	tcase_add_test(tcase, freeing_ends_what_is_left);
	tcase_add_test(tcase, every_attempt_is_accounted);
	tcase_add_test(tcase, failures_have_words);
}

Suite *http_queue_suite(void)
{
	Suite *suite = suite_create("http_queue");

	add_times(http_world_case(suite, "times"));
	add_queue(http_world_case(suite, "queue"));
	return suite;
}
