/* test_eval_properties - what holds for every verdict, over many combinations */
#include <check.h>
#include <string.h>

#include "eval_arrange.h"

Suite *eval_properties_suite(void);

/* --- properties, over many combinations --- */

static void (*const anything[])(struct world *w) = {
	arrange_behind_late,
	arrange_behind_in_grace,
	arrange_ahead,
	arrange_ahead_old_head,
	arrange_diverged,
	arrange_absent,
	arrange_unasked,
	arrange_ambiguous,
	arrange_no_commit,
	arrange_not_asked,
	arrange_label_unknown,
	arrange_dirty,
	arrange_no_head,
	arrange_answer_missing,
	arrange_answer_failed,
	arrange_paths_missing,
	arrange_split_old,
	arrange_no_traffic,
	arrange_deploying,
	arrange_rollout_failed,
	arrange_rollout_error,
	arrange_deploying_too_long,
	arrange_expect_differs,
	arrange_expect_env_differs,
	arrange_expect_env_secret,
	arrange_env_missing,
	arrange_manifest_differs,
	arrange_manifest_fault,
	arrange_probe_wrong,
	arrange_probe_fault,
	arrange_image_reused,
	arrange_pinned,
	arrange_pin_ended_in_sync,
	arrange_source_timeout,
	arrange_source_denied,
	arrange_missing,
	arrange_never_observed,
	arrange_as_is,
	arrange_as_is,
	arrange_as_is,
	arrange_by_time_ok,
	arrange_by_time_late,
	arrange_by_time_no_creation,
	arrange_service_label_only,
	arrange_disagree_late,
};

/* The same said without looking at how verdicts are made: everything there was to know is known. */
static bool may_be_ok(const struct world *w)
{
	const struct service_obs *seen = w->input.observation ? w->seen : NULL;

	if (!seen || !seen->found || seen->revisions->len == 0 || !w->head.head ||
	    !w->input.answer || w->answer.error || w->answer.missing_paths->len > 0 ||
	    seen->probe_fault)
		return false;
	if (!w->service.pin.commit && (seen->reconciling || seen->rollout_error))
		return false; /* a pin silences what became of the rollout */
	for (size_t i = 0; i < seen->expect_from_count; i++) {
		if (seen->expects_from[i].fault || !seen->expects_from[i].equal)
			return false;
	}
	return true;
}

static bool is_good(const struct world *w, const struct verdict_deployed *deployed)
{
	if (deployed->relation == RELATION_BY_TIME)
		return deployed->deployed_wall_ms >= w->answer.last_change->committed_wall_ms;
	return deployed->relation == RELATION_IN_SYNC || deployed->relation == RELATION_PINNED;
}

static void check_ok(const struct world *w, const struct verdict *verdict)
{
	ck_assert(may_be_ok(w));
	ck_assert_int_gt(verdict->deployed->len, 0);
	ck_assert_ptr_nonnull(verdict->head);
	ck_assert_ptr_null(verdict->behind);
	for (guint i = 0; i < verdict->deployed->len; i++)
		ck_assert(is_good(w, verdict->deployed->pdata[i]));
	for (guint i = 0; i < verdict->settings->len; i++)
		ck_assert(((const struct verdict_setting *)verdict->settings->pdata[i])->ok);
}

/* Arrangements need a revision to work on; without one the rest of them is skipped. */
static void arrange_some(struct world *w, GRand *random, void (*const from[])(struct world *w),
			 gint32 count)
{
	bool used[64] = {false};
	int wanted = g_rand_int_range(random, 1, 5);

	for (int i = 0; i < wanted && w->revision; i++) {
		gint32 pick = g_rand_int_range(random, 0, count);

		if (!used[pick])
			from[pick](w);
		used[pick] = true;
	}
}

START_TEST(L04_ok_only_when_everything_is_known)
{
	GRand *random = g_rand_new_with_seed(4711);
	int oks = 0;

	for (int i = 0; i < 20000; i++) {
		struct world w;
		struct verdict *verdict;

		world_init(&w);
		arrange_some(&w, random, anything, G_N_ELEMENTS(anything));
		verdict = world_judge(&w);
		ck_assert_int_ne(verdict->state, STATE_NONE);
		oks += verdict->state == STATE_OK;
		if (verdict->state == STATE_OK)
			check_ok(&w, verdict);
		for (guint j = 0; j < verdict->reasons->len; j++) {
			const struct reason *reason = verdict->reasons->pdata[j];

			ck_assert_int_le(reason->state, verdict->state);
			ck_assert(g_utf8_validate(reason->message, -1, NULL));
		}
		verdict_unref(verdict);
		world_done(&w);
	}
	ck_assert_int_gt(oks, 100); /* or nothing was shown */
	g_rand_free(random);
}
END_TEST

static void (*const faults[])(struct world *w) = {
	arrange_unasked,
	arrange_not_asked,
	arrange_no_head,
	arrange_answer_missing,
	arrange_answer_error,
	arrange_answer_failed,
	arrange_answer_shallow,
	arrange_manifest_fault,
	arrange_manifest_denied,
	arrange_probe_fault,
	arrange_source_timeout,
	arrange_source_denied,
	arrange_source_no_token,
	arrange_never_observed,
	arrange_ahead_old_head,
	arrange_absent_old_head,
	arrange_diverged_old_head,
	arrange_fetch_fails_old_head,
	arrange_no_comparison,
	arrange_shallow_topology,
	arrange_unreadable_topology,
	arrange_soft_unasked,
	arrange_manifest_not_looked_at,
	arrange_probe_not_looked_at,
	arrange_expect_env_unchecked,
	arrange_not_resolved_unreadable,
	arrange_disagree_untold,
	arrange_answer_of_older_head,
	arrange_no_traffic,
	arrange_paths_missing,
	arrange_by_time_shallow,
};

START_TEST(L04_a_fault_alone_is_never_drift)
{
	GRand *random = g_rand_new_with_seed(815);
	int unknown = 0;

	for (int i = 0; i < 20000; i++) {
		struct world w;
		struct verdict *verdict;

		world_init(&w);
		arrange_some(&w, random, faults, G_N_ELEMENTS(faults));
		/* a fault that overrules another must not let an old head conclude */
		if (w.head.fetched_mono_ms == WORLD_MONO_MS)
			w.head.fetched_mono_ms--;
		verdict = world_judge(&w);
		ck_assert_int_ne(verdict->state, STATE_DRIFT);
		unknown += verdict->state == STATE_UNKNOWN;
		verdict_unref(verdict);
		world_done(&w);
	}
	ck_assert_int_gt(unknown, 10000);
	g_rand_free(random);
}
END_TEST

Suite *eval_properties_suite(void)
{
	Suite *suite = suite_create("eval_properties");
	TCase *tests = tcase_create("properties");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, L04_ok_only_when_everything_is_known);
	tcase_add_test(tests, L04_a_fault_alone_is_never_drift);
	suite_add_tcase(suite, tests);
	return suite;
}
