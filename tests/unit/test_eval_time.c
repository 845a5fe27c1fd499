/* test_eval_time - what the clock and earlier verdicts do to a verdict */
#include <check.h>
#include <string.h>

#include "eval_arrange.h"

Suite *eval_time_suite(void);

#define H MS_PER_HOUR
#define MIN_ MS_PER_MINUTE

START_TEST(test_grace_ends_by_the_clock_alone)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	arrange_behind_in_grace(&w);
	world_pass(&w, 25 * MIN_ - 1);
	ck_assert_int_eq(w.before->next_change_wall_ms, WORLD_NOW_MS + 25 * MIN_);
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->state, STATE_PENDING);
	ck_assert_int_eq(verdict->since_wall_ms, WORLD_NOW_MS);
	verdict_unref(verdict);
	w.input.now_wall_ms++;
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->state, STATE_DRIFT);
	ck_assert_int_eq(verdict->since_wall_ms, WORLD_NOW_MS + 25 * MIN_);
	ck_assert_int_eq(verdict->next_change_wall_ms, 0);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(test_commit_from_the_future_gets_its_grace)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	arrange_behind_from_future(&w);
	world_observe_again(&w, 20 * MIN_);
	world_observe_again(&w, 10 * MIN_);
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->state, STATE_DRIFT);
	ck_assert_int_eq(verdict->behind->since_wall_ms, WORLD_NOW_MS);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(test_pin_and_pause_end_by_the_clock)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	arrange_pinned(&w);
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->next_change_wall_ms, WORLD_NOW_MS + H);
	verdict_unref(verdict);
	arrange_paused_until_tomorrow(&w);
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->next_change_wall_ms, WORLD_NOW_MS + MS_PER_DAY);
	ck_assert_int_eq(verdict->expires_wall_ms, 0);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(L25_rollout_is_pending_until_deploy_timeout)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	arrange_deploying_behind(&w);
	world_observe_again(&w, 10 * MIN_ - 1);
	ck_assert_int_eq(w.before->state, STATE_PENDING);
	ck_assert_ptr_nonnull(world_reason(w.before, REASON_TRAFFIC_NOT_LATEST));
	ck_assert_int_eq(world_reason(w.before, REASON_TRAFFIC_NOT_LATEST)->state, STATE_PENDING);
	ck_assert_int_eq(w.before->next_change_wall_ms, WORLD_NOW_MS + 10 * MIN_);
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->state, STATE_PENDING);
	verdict_unref(verdict);
	w.input.now_wall_ms++;
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->state, STATE_DRIFT);
	ck_assert_ptr_nonnull(world_reason(verdict, REASON_ROLLOUT_FAILED));
	ck_assert_ptr_null(world_reason(verdict, REASON_DEPLOYING));
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

/* A change of traffic reconciles too, long after the revision was made. */
START_TEST(test_reconciling_without_new_revision_is_bounded)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	arrange_reconciling_nothing_new(&w);
	world_observe_again(&w, 14 * MIN_);
	ck_assert_int_eq(w.before->state, STATE_PENDING);
	world_observe_again(&w, 2 * MIN_);
	ck_assert_int_eq(w.before->state, STATE_PENDING);
	world_observe_again(&w, 2 * MIN_);
	ck_assert_int_eq(w.before->state, STATE_DRIFT);
	verdict = world_judge(&w); /* and does not begin anew */
	ck_assert_int_eq(verdict->state, STATE_DRIFT);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(test_markers_disagree_grace_without_creation_time)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	arrange_disagree_late(&w);
	w.revision->created_wall_ms = 0;
	world_observe_again(&w, 20 * MIN_);
	ck_assert_int_eq(w.before->state, STATE_PENDING);
	world_observe_again(&w, 10 * MIN_);
	ck_assert_int_eq(w.before->state, STATE_PENDING);
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->state, STATE_DRIFT);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

/* --- confirm --- */

START_TEST(test_confirm_counts_observations_apart)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	arrange_behind_late(&w);
	w.service.target.confirm = 3;
	world_pass(&w, 0); /* the same observation again is the same observation */
	ck_assert_int_eq(w.before->state, STATE_PENDING);
	ck_assert_int_eq(w.before->confirmations, 1);
	ck_assert_int_eq(world_reason(w.before, REASON_BEHIND)->state, STATE_PENDING);
	world_observe_again(&w, 2 * MIN_); /* less than half of 5 min: does not count */
	world_observe_again(&w, 1 * MIN_);
	ck_assert_int_eq(w.before->confirmations, 1);
	world_observe_again(&w, 5 * MIN_);
	ck_assert_int_eq(w.before->confirmations, 2);
	ck_assert_int_eq(w.before->state, STATE_PENDING);
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->confirmations, 3);
	ck_assert_int_eq(verdict->state, STATE_DRIFT);
	ck_assert_int_eq(world_reason(verdict, REASON_BEHIND)->state, STATE_DRIFT);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

/* Somebody asks for a check every two minutes: each look is near the one before, and not near the
 * one that counted. */
START_TEST(test_confirm_counts_on_after_a_restart)
{
	struct world w;

	world_init(&w);
	arrange_behind_late(&w);
	w.service.target.confirm = 2;
	world_observe_again(&w, 2 * MIN_);
	ck_assert_int_eq(w.before->confirmations, 1);
	w.before->confirmed_mono_ms = 0;
	world_observe_again(&w, 2 * MIN_);
	ck_assert_int_eq(w.before->state, STATE_PENDING);
	world_observe_again(&w, 2 * MIN_);
	world_observe_again(&w, 2 * MIN_);
	ck_assert_int_eq(w.before->confirmations, 2);
	ck_assert_int_eq(w.before->state, STATE_DRIFT);
	world_done(&w);
}
END_TEST

START_TEST(test_confirm_survives_blindness_not_recovery)
{
	struct world w;
	struct git_comparison *comparison;

	world_init(&w);
	arrange_behind_late(&w);
	w.service.target.confirm = 2;
	world_observe_again(&w, 5 * MIN_);
	w.input.answer = NULL;
	world_observe_again(&w, 5 * MIN_);
	ck_assert_int_eq(w.before->state, STATE_UNKNOWN);
	ck_assert_int_eq(w.before->confirmations, 1);
	w.input.answer = &w.answer;
	world_observe_again(&w, 5 * MIN_);
	ck_assert_int_eq(w.before->state, STATE_DRIFT);
	comparison = w.answer.comparisons->pdata[0];
	comparison->content_equal = true;
	world_observe_again(&w, 5 * MIN_);
	ck_assert_int_eq(w.before->state, STATE_OK);
	ck_assert_int_eq(w.before->confirmations, 0);
	comparison->content_equal = false;
	world_observe_again(&w, 5 * MIN_);
	ck_assert_int_eq(w.before->state, STATE_PENDING);
	world_done(&w);
}
END_TEST

START_TEST(test_confirmed_drift_stays_when_confirm_is_raised)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	arrange_behind_late(&w);
	world_pass(&w, 0);
	w.service.target.confirm = 5;
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->state, STATE_DRIFT);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

/* --- expiry, since, last known --- */

START_TEST(test_expiry_rests_on_the_older_of_both)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->expires_wall_ms, WORLD_NOW_MS + 15 * MIN_);
	ck_assert_int_eq(verdict->expires_mono_ms, WORLD_MONO_MS + 15 * MIN_);
	verdict_unref(verdict);
	arrange_fetch_fails_old_head(&w);
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->expires_wall_ms, WORLD_NOW_MS + 10 * MIN_);
	ck_assert_int_eq(verdict->expires_mono_ms, WORLD_MONO_MS + 10 * MIN_);
	verdict_unref(verdict);
	w.head.fetched_mono_ms = 0; /* by a process before this one */
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->expires_mono_ms, 0);
	verdict_unref(verdict);
	w.head.fetched_wall_ms = 0;
	verdict = world_judge(&w);
	ck_assert(verdict_is_expired(verdict, WORLD_NOW_MS, WORLD_MONO_MS));
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(L09_failed_source_keeps_last_success_and_last_known)
{
	struct world w;
	const struct verdict *verdict;

	world_init(&w);
	arrange_behind_late(&w);
	world_observe_again(&w, 5 * MIN_);
	arrange_source_timeout(&w);
	world_pass(&w, 5 * MIN_);
	verdict = w.before;
	ck_assert_int_eq(verdict->state, STATE_UNKNOWN);
	ck_assert_int_eq(verdict->observed_wall_ms, WORLD_NOW_MS);
	ck_assert_ptr_nonnull(verdict->last_known);
	ck_assert_int_eq(verdict->last_known->state, STATE_DRIFT);
	ck_assert_int_eq(verdict->last_known->relation, RELATION_BEHIND);
	ck_assert_str_eq(verdict->last_known->summary, "4 commits behind, oldest 2 h");
	ck_assert_int_eq(verdict->last_known->observed_wall_ms, WORLD_NOW_MS);
	ck_assert(!verdict_is_expired(verdict, w.input.now_wall_ms, w.input.now_mono_ms));
	world_pass(&w, 5 * MIN_); /* and again, carried over */
	ck_assert_int_eq(w.before->last_known->state, STATE_DRIFT);
	ck_assert_int_eq(w.before->since_wall_ms, WORLD_NOW_MS + 5 * MIN_);
	ck_assert_int_eq(w.before->observed_wall_ms, WORLD_NOW_MS);
	world_done(&w);
}
END_TEST

START_TEST(test_paused_keeps_what_was_seen)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	world_pass(&w, 5 * MIN_);
	w.service.target.paused = true;
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->state, STATE_PAUSED);
	ck_assert_int_eq(verdict->relation, RELATION_IN_SYNC);
	ck_assert_int_eq(verdict->deployed->len, 1);
	ck_assert_int_eq(verdict->since_wall_ms, WORLD_NOW_MS + 5 * MIN_);
	ck_assert(!verdict_is_expired(verdict, INT64_MAX, INT64_MAX));
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

Suite *eval_time_suite(void)
{
	Suite *suite = suite_create("eval_time");
	TCase *tests = tcase_create("time");

	tcase_add_test(tests, test_grace_ends_by_the_clock_alone);
	tcase_add_test(tests, test_commit_from_the_future_gets_its_grace);
	tcase_add_test(tests, test_pin_and_pause_end_by_the_clock);
	tcase_add_test(tests, L25_rollout_is_pending_until_deploy_timeout);
	tcase_add_test(tests, test_reconciling_without_new_revision_is_bounded);
	tcase_add_test(tests, test_markers_disagree_grace_without_creation_time);
	tcase_add_test(tests, test_confirm_counts_observations_apart);
	tcase_add_test(tests, test_confirm_counts_on_after_a_restart);
	tcase_add_test(tests, test_confirm_survives_blindness_not_recovery);
	tcase_add_test(tests, test_confirmed_drift_stays_when_confirm_is_raised);
	tcase_add_test(tests, test_expiry_rests_on_the_older_of_both);
	tcase_add_test(tests, L09_failed_source_keeps_last_success_and_last_known);
	tcase_add_test(tests, test_paused_keeps_what_was_seen);
	suite_add_tcase(suite, tests);
	return suite;
}
