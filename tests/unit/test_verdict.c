/* test_verdict - words, sharing, expiry, summaries. */
#include <check.h>
#include <pthread.h>
#include <string.h>

#include "eval_arrange.h"

Suite *verdict_suite(void);

static const struct {
	enum state a, b, worse;
} orders[] = {
	{STATE_OK, STATE_PENDING, STATE_PENDING},  {STATE_PENDING, STATE_UNKNOWN, STATE_UNKNOWN},
	{STATE_UNKNOWN, STATE_DRIFT, STATE_DRIFT}, {STATE_DRIFT, STATE_OK, STATE_DRIFT},
	{STATE_PAUSED, STATE_OK, STATE_OK},        {STATE_OK, STATE_PAUSED, STATE_OK},
	{STATE_DRIFT, STATE_PAUSED, STATE_DRIFT},  {STATE_NONE, STATE_OK, STATE_OK},
};

START_TEST(test_order)
{
	ck_assert_int_eq(state_worse(orders[_i].a, orders[_i].b), orders[_i].worse);
}
END_TEST

START_TEST(test_words)
{
	static const char *const states[] = {"ok", "pending", "unknown", "drift", "paused"};
	static const char *const relations[] = {"unknown", "pinned",   "in_sync", "behind",
						"ahead",   "diverged", "by_time"};

	for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
		ck_assert_str_eq(state_text((enum state)(i + 1)), states[i]);
		ck_assert_int_eq(state_from_text(states[i]), (int)i + 1);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(relations); i++) {
		ck_assert_str_eq(relation_text((enum relation)(i + 1)), relations[i]);
		ck_assert_int_eq(relation_from_text(relations[i]), (int)i + 1);
	}
	for (int i = REASON_BEHIND; i <= REASON_NOT_EVALUATED; i++)
		ck_assert_int_eq(reason_code_from_text(reason_code_text((enum reason_code)i)), i);
	ck_assert_ptr_null(relation_text(RELATION_NONE));
	ck_assert_int_eq(state_from_text("OK"), STATE_NONE);
	ck_assert_int_eq(state_from_text(NULL), STATE_NONE);
	ck_assert_int_eq(reason_code_from_text(""), REASON_NONE);
}
END_TEST

static void *share(void *data)
{
	for (int i = 0; i < 20000; i++)
		verdict_unref(verdict_ref(data));
	return NULL;
}

START_TEST(test_shared_by_threads)
{
	struct verdict *verdict = verdict_create("service/api");
	pthread_t threads[4];

	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, share, verdict), 0);
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_str_eq(verdict->id, "service/api");
	verdict_unref(verdict);
	verdict_unref(NULL);
}
END_TEST

START_TEST(test_reason_is_bounded)
{
	g_autofree char *longer = g_strnfill(10000, 'x');
	struct reason *reason = reason_create(REASON_BEHIND, STATE_DRIFT, "%s\xff bad", longer);

	ck_assert_uint_le(strlen(reason->message), REASON_MESSAGE_MAX_BYTES);
	ck_assert(g_utf8_validate(reason->message, -1, NULL));
	reason_add_text(reason, "nothing", NULL);
	ck_assert_int_eq(reason->data->len, 0);
	reason_free(reason);
	reason = reason_create(REASON_BEHIND, STATE_DRIFT,
			       "a\xff"
			       "b");
	ck_assert_str_eq(reason->message, "a\xef\xbf\xbd"
					  "b");
	reason_free(reason);
	reason_free(NULL);
}
END_TEST

/* observed at 1000, expires at 2000 (wall) */
static const struct {
	int64_t expires_mono, now_wall, now_mono;
	bool expired;
} expiries[] = {
	{5000, 1500, 4999, false},   {5000, 1500, 5000, true},
	{5000, 999999, 4999, false}, /* the wall clock jumped: the other one counts */
	{5000, 1, 4999, false},      {0, 1999, 1, false},
	{0, 2000, 1, true},          {0, 999, 1, true}, /* observed in the future */
	{0, 1000, 1, false},
};

START_TEST(test_expiry)
{
	struct verdict *verdict = verdict_create("service/api");

	verdict->state = STATE_OK;
	verdict->observed_wall_ms = 1000;
	verdict->expires_wall_ms = 2000;
	verdict->expires_mono_ms = expiries[_i].expires_mono;
	ck_assert_int_eq(verdict_is_expired(verdict, expiries[_i].now_wall, expiries[_i].now_mono),
			 expiries[_i].expired);
	verdict->state = STATE_PAUSED;
	ck_assert(!verdict_is_expired(verdict, expiries[_i].now_wall, expiries[_i].now_mono));
	verdict_unref(verdict);
}
END_TEST

/* Also when nobody is there to look at it: what a hung scheduler leaves behind must not pass a gate
 * as paused. */
START_TEST(L09_a_pause_that_ended_is_unknown)
{
	struct verdict *verdict = verdict_create("service/api");
	struct verdict *before, *after;

	verdict->state = STATE_PAUSED;
	verdict->next_change_wall_ms = 5000;
	before = verdict_at(verdict, 4999, 1);
	after = verdict_at(verdict, 5000, 1);
	ck_assert_int_eq((int)before->state, (int)STATE_PAUSED);
	ck_assert_int_eq((int)after->state, (int)STATE_UNKNOWN);
	ck_assert_int_eq(after->since_wall_ms, 5000);
	ck_assert_int_eq(after->reasons->len, 1);
	verdict_unref(before);
	verdict_unref(after);
	verdict_unref(verdict);
}
END_TEST

START_TEST(L09_expired_is_unknown_with_last_known)
{
	struct world w;
	struct verdict *verdict, *same, *later, *again;

	world_init(&w);
	arrange_split_any(&w);
	arrange_expect_absent_is_zero(&w);
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->state, STATE_OK);
	same = verdict_at(verdict, WORLD_NOW_MS, WORLD_MONO_MS + 15 * MS_PER_MINUTE - 1);
	ck_assert_ptr_eq(same, verdict);
	later = verdict_at(verdict, WORLD_NOW_MS + MS_PER_HOUR, WORLD_MONO_MS + MS_PER_HOUR);
	ck_assert_int_eq(later->state, STATE_UNKNOWN);
	ck_assert_int_eq(later->relation, RELATION_UNKNOWN);
	ck_assert_ptr_nonnull(world_reason(later, REASON_EXPIRED));
	ck_assert_int_eq(later->last_known->state, STATE_OK);
	ck_assert_str_eq(later->last_known->summary, "in sync with 18f6ecfe");
	ck_assert_int_eq(later->since_wall_ms, WORLD_NOW_MS + 15 * MS_PER_MINUTE);
	ck_assert_int_eq(later->deployed->len, 2);
	ck_assert_int_eq(later->settings->len, 1);
	ck_assert_str_eq(later->name, "api");
	again = verdict_at(later, WORLD_NOW_MS + MS_PER_DAY, WORLD_MONO_MS + MS_PER_DAY);
	ck_assert_int_eq(again->last_known->state, STATE_OK);
	ck_assert_int_eq(again->reasons->len, 1);
	ck_assert_int_eq(again->since_wall_ms, later->since_wall_ms);
	verdict_unref(again);
	verdict_unref(later);
	verdict_unref(same);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(test_expired_unknown_keeps_its_reasons)
{
	struct world w;
	struct verdict *verdict, *later;

	world_init(&w);
	arrange_probe_fault(&w);
	verdict = world_judge(&w);
	later = verdict_at(verdict, 0, WORLD_MONO_MS + MS_PER_HOUR);
	ck_assert_int_eq(later->state, STATE_UNKNOWN);
	ck_assert_ptr_nonnull(world_reason(later, REASON_FETCH_FAILED));
	ck_assert_str_eq(world_datum(world_reason(later, REASON_FETCH_FAILED), "class"), "timeout");
	ck_assert_ptr_nonnull(world_reason(later, REASON_EXPIRED));
	ck_assert_int_eq(later->since_wall_ms, verdict->since_wall_ms);
	verdict_unref(later);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(test_summary_is_one_bounded_line_worth)
{
	struct verdict *verdict = verdict_create("service/api");
	g_autofree char *longer = g_strnfill(500, 'x');
	g_autofree char *none = NULL;
	g_autofree char *text = NULL;

	verdict->state = STATE_UNKNOWN;
	none = verdict_summary(verdict, 0);
	ck_assert_str_eq(none, "not evaluated yet");
	for (int i = 0; i < 3; i++)
		g_ptr_array_add(verdict->reasons,
				reason_create(REASON_FETCH_FAILED, STATE_UNKNOWN, "%s", longer));
	text = verdict_summary(verdict, 0);
	ck_assert_uint_le(strlen(text), VERDICT_SUMMARY_MAX_BYTES);
	ck_assert(g_str_has_prefix(text, "could not be read: xxx"));
	ck_assert(g_str_has_suffix(text, " (and 2 more)"));
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_paused_summary_says_why)
{
	struct verdict *verdict = verdict_create("service/api");
	g_autofree char *text = NULL;

	verdict->state = STATE_PAUSED;
	verdict->paused_reason = g_strdup("migration");
	text = verdict_summary(verdict, 0);
	ck_assert_str_eq(text, "paused: migration");
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_reasons_keep_their_order_among_equals)
{
	static const enum state states[] = {STATE_PENDING, STATE_DRIFT, STATE_UNKNOWN,
					    STATE_DRIFT,   STATE_OK,    STATE_UNKNOWN};
	static const int order[] = {1, 3, 2, 5, 0, 4};
	struct verdict *verdict = verdict_create("service/api");

	for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
		g_ptr_array_add(verdict->reasons,
				reason_create(REASON_BEHIND, states[i], "%zu", i));
	verdict_sort_reasons(verdict);
	for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
		const struct reason *reason = verdict->reasons->pdata[i];

		ck_assert_int_eq(reason->message[0] - '0', order[i]);
	}
	verdict_unref(verdict);
}
END_TEST

Suite *verdict_suite(void)
{
	Suite *suite = suite_create("verdict");
	TCase *tests = tcase_create("verdict");

	tcase_add_loop_test(tests, test_order, 0, (int)G_N_ELEMENTS(orders));
	tcase_add_test(tests, test_words);
	tcase_add_test(tests, test_shared_by_threads);
	tcase_add_test(tests, test_reason_is_bounded);
	tcase_add_loop_test(tests, test_expiry, 0, (int)G_N_ELEMENTS(expiries));
	tcase_add_test(tests, L09_a_pause_that_ended_is_unknown);
	tcase_add_test(tests, L09_expired_is_unknown_with_last_known);
	tcase_add_test(tests, test_expired_unknown_keeps_its_reasons);
	tcase_add_test(tests, test_summary_is_one_bounded_line_worth);
	tcase_add_test(tests, test_paused_summary_says_why);
	tcase_add_test(tests, test_reasons_keep_their_order_among_equals);
	suite_add_tcase(suite, tests);
	return suite;
}
