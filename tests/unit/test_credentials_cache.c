/* test_credentials_cache - refresh, single flight, failures, deadlines of access tokens. */
#include "tests/unit/credentials_world.h"

#include "clk.h"

#include <stdlib.h>
#include <string.h>

Suite *credentials_cache_suite(void);

/* --- cache --- */

START_TEST(fifty_wait_for_one)
{
	struct token_got got[50] = {0};

	write_user();
	world.credentials = credentials_create(world.client, &world.gcp);
	for (int i = 0; i < 50; i++)
		credentials_get(world.credentials, clk_mono_ms() + 10000, token_take, &got[i]);
	for (int i = 0; i < 50; i++) {
		token_wait(&got[i]);
		ck_assert_str_eq(got[i].token, "tok-0");
		token_got_clear(&got[i]);
	}
	ck_assert_int_eq(token_calls(), 1);
	expect_token("tok-0");
	ck_assert_int_eq(token_calls(), 1);
}
END_TEST

START_TEST(a_token_is_refreshed_before_its_end)
{
	write_user();
	expect_token("tok-0");
	advance(3600000 - CREDENTIALS_MARGIN_MS - 1);
	expect_token("tok-0");
	advance(1);
	expect_token("tok-1");
	ck_assert_int_eq(token_calls(), 2);
}
END_TEST

START_TEST(wall_clocks_do_not_matter)
{
	write_user();
	expect_token("tok-0");
	clk_set_fake(clk_mono_ms() + 1000, clk_wall_ms() + 365 * MS_PER_DAY);
	expect_token("tok-0");
	clk_set_fake(clk_mono_ms() + 1000, 0);
	expect_token("tok-0");
	ck_assert_int_eq(token_calls(), 1);
}
END_TEST

START_TEST(a_failed_refresh_keeps_the_token_to_its_end)
{
	write_user();
	expect_token("tok-0");
	atomic_store(&world.answer_status, 400);
	advance(3400000);
	expect_token("tok-0");
	ck_assert_int_eq(token_calls(), 2);
	expect_token("tok-0"); /* the failure is remembered */
	ck_assert_int_eq(token_calls(), 2);
	advance(199999);
	expect_token("tok-0");
	advance(1);
	expect_token_fault(FAULT_CREDENTIALS, "invalid_grant");
	atomic_store(&world.answer_status, 200);
	advance(CREDENTIALS_FAILURE_MEMORY_MS);
	expect_token("tok-4");
}
END_TEST

START_TEST(a_hanging_refresh_does_not_hold_up_who_has_a_token)
{
	struct token_got got = {0};

	write_user();
	expect_token("tok-0");
	atomic_store(&world.answer_hangs, true);
	advance(3400000);
	credentials_get(world.credentials, clk_mono_ms() + 60000, token_take, &got);
	http_client_poll(world.client, 10, -1);
	ck_assert_int_eq(got.calls, 0);
	advance(CREDENTIALS_PATIENCE_MS);
	token_wait(&got);
	ck_assert_str_eq(got.token, "tok-0");
	token_got_clear(&got);
	credentials_get(world.credentials, clk_mono_ms() + 60000, token_take, &got);
	ck_assert_int_eq(got.calls, 1); /* who comes later does not wait at all */
	ck_assert_str_eq(got.token, "tok-0");
	token_got_clear(&got);
}
END_TEST

START_TEST(a_failure_counts_for_one_cycle)
{
	struct token_got got = {0};
	int64_t deadline_ms = clk_mono_ms() + 60000;

	write_user();
	atomic_store(&world.answer_status, 400);
	for (int i = 0; i < 20; i++) {
		token_get_until(&got, deadline_ms);
		ck_assert_ptr_nonnull(got.fault);
	}
	ck_assert_int_eq(token_calls(), 1);
	token_get_until(&got, deadline_ms + 1); /* the next cycle */
	ck_assert_int_eq(token_calls(), 2);
	advance(CREDENTIALS_FAILURE_MEMORY_MS);
	token_get_until(&got, deadline_ms);
	ck_assert_int_eq(token_calls(), 3);
	token_got_clear(&got);
}
END_TEST

START_TEST(the_file_is_read_again_after_a_failure)
{
	struct token_got got = {0};

	write_file("key.json", "{\"type\":\"authorized_user\"}");
	token_get_until(&got, clk_mono_ms() + 1000);
	ck_assert_ptr_nonnull(got.fault);
	write_user();
	token_get_until(&got, clk_mono_ms() + 2000);
	ck_assert_str_eq(got.token, "tok-0");
	token_got_clear(&got);
}
END_TEST

START_TEST(everyone_has_a_deadline_of_his_own)
{
	struct token_got first = {0};
	struct token_got second = {0};
	struct token_got third = {0};

	clk_clear_fake();
	atomic_store(&world.answer_hangs, true);
	write_user();
	world.credentials = credentials_create(world.client, &world.gcp);
	credentials_get(world.credentials, clk_mono_ms() + 150, token_take, &first);
	credentials_get(world.credentials, clk_mono_ms() + 50, token_take, &second);
	credentials_get(world.credentials, clk_mono_ms() + 10000, token_take, &third);
	token_wait(&second);
	ck_assert_int_eq(second.fault->class, FAULT_TIMEOUT);
	ck_assert_int_eq(first.calls, 0);
	atomic_store(&world.answer_hangs, false);
	token_wait(&first);
	ck_assert_int_eq(first.fault->class, FAULT_TIMEOUT);
	token_wait(&third); /* has time for another exchange */
	ck_assert_str_eq(third.token, "tok-1");
	ck_assert_int_eq(first.calls, 1);
	ck_assert_int_eq(second.calls, 1);
	token_got_clear(&first);
	token_got_clear(&second);
	token_got_clear(&third);
}
END_TEST

START_TEST(a_rejected_token_is_replaced_once)
{
	write_user();
	expect_token("tok-0");
	credentials_reject(world.credentials, "another");
	expect_token("tok-0");
	credentials_reject(world.credentials, "tok-0");
	expect_token("tok-1");
	credentials_reject(world.credentials, "tok-0"); /* a late answer to an old call */
	expect_token("tok-1");
	credentials_reject(world.credentials, "tok-1"); /* a new token will not help */
	expect_token("tok-1");
	advance(10000);
	credentials_reject(world.credentials, "tok-1");
	expect_token("tok-2");
}
END_TEST

START_TEST(the_metadata_server_may_repeat_itself)
{
	world.gcp.credentials = CONFIG_CREDENTIALS_METADATA;
	atomic_store(&world.answer_same, true);
	atomic_store(&world.answer_expires_in, 200);
	for (int i = 0; i < 10; i++)
		expect_token("tok-0");
	ck_assert_int_eq(token_calls(), 1);
	advance(30000);
	expect_token("tok-0");
	expect_token("tok-0");
	ck_assert_int_eq(token_calls(), 2);
	atomic_store(&world.answer_expires_in, 3600);
	advance(30000);
	expect_token("tok-0");
	advance(3600000 - CREDENTIALS_METADATA_MARGIN_MS - 1);
	expect_token("tok-0");
	ck_assert_int_eq(token_calls(), 3);
	advance(1);
	expect_token("tok-0");
	ck_assert_int_eq(token_calls(), 4);
}
END_TEST

START_TEST(freeing_answers_who_waits)
{
	struct token_got got[3] = {0};

	atomic_store(&world.answer_hangs, true);
	write_user();
	world.credentials = credentials_create(world.client, &world.gcp);
	for (int i = 0; i < 3; i++)
		credentials_get(world.credentials, clk_mono_ms() + 10000, token_take, &got[i]);
	if (_i == 1) /* with the call under way, or not yet */
		http_client_poll(world.client, 50, -1);
	credentials_free(world.credentials);
	world.credentials = NULL;
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(got[i].calls, 1);
		ck_assert_int_eq(got[i].fault->class, FAULT_CANCELLED);
		token_got_clear(&got[i]);
	}
}
END_TEST

START_TEST(cancelled_calls_answer_who_waits)
{
	struct token_got got = {0};

	atomic_store(&world.answer_hangs, true);
	write_user();
	world.credentials = credentials_create(world.client, &world.gcp);
	credentials_get(world.credentials, clk_mono_ms() + 10000, token_take, &got);
	while (token_calls() == 0)
		http_client_poll(world.client, 50, -1);
	http_client_cancel_all(world.client);
	ck_assert_int_eq(got.calls, 1);
	ck_assert_int_eq(got.fault->class, FAULT_CANCELLED);
	token_got_clear(&got);
	atomic_store(&world.answer_hangs, false);
	token_get(&got); /* and it is not held against the next one */
	ck_assert_ptr_nonnull(got.token);
	token_got_clear(&got);
}
END_TEST

static void add_cache(TCase *tcase)
{
	tcase_add_test(tcase, fifty_wait_for_one);
	tcase_add_test(tcase, a_token_is_refreshed_before_its_end);
	tcase_add_test(tcase, wall_clocks_do_not_matter);
	tcase_add_test(tcase, a_failed_refresh_keeps_the_token_to_its_end);
	tcase_add_test(tcase, a_hanging_refresh_does_not_hold_up_who_has_a_token);
	tcase_add_test(tcase, a_failure_counts_for_one_cycle);
	tcase_add_test(tcase, the_file_is_read_again_after_a_failure);
	tcase_add_test(tcase, everyone_has_a_deadline_of_his_own);
	tcase_add_test(tcase, a_rejected_token_is_replaced_once);
	tcase_add_test(tcase, the_metadata_server_may_repeat_itself);
	tcase_add_loop_test(tcase, freeing_answers_who_waits, 0, 2);
	tcase_add_test(tcase, cancelled_calls_answer_who_waits);
}

Suite *credentials_cache_suite(void)
{
	Suite *suite = suite_create("credentials_cache");

	add_cache(credentials_world_case(suite, "cache"));
	return suite;
}
