/* test_eval_service - the verdict of one service, case by case */
#include <check.h>
#include <string.h>

#include "eval_arrange.h"

Suite *eval_service_suite(void);

static const struct {
	const char *name;
	void (*arrange)(struct world *w);
	enum state state;
	enum relation relation;
	enum reason_code code; /* of the first reason; REASON_NONE: there is none */
	const char *says;      /* part of the summary */
} cases[] = {
#define CASE(arrange, state, relation, code, says)                                                 \
	{                                                                                          \
#arrange, arrange_##arrange, STATE_##state, RELATION_##relation, REASON_##code,    \
			says                                                                       \
	}
	CASE(as_is, OK, IN_SYNC, NONE, "in sync with 18f6ecfe"),
	CASE(behind_late, DRIFT, BEHIND, BEHIND, "4 commits behind, oldest 2 h"),
	CASE(behind_in_grace, PENDING, BEHIND, BEHIND, "1 commit behind, oldest 5 min"),
	CASE(behind_at_grace_end, DRIFT, BEHIND, BEHIND, "1 commit behind"),
	CASE(behind_just_before, PENDING, BEHIND, BEHIND, "1 commit behind"),
	CASE(behind_from_future, PENDING, BEHIND, BEHIND, "1 commit behind"),
	CASE(rolled_back, DRIFT, BEHIND, BEHIND, "rolled back"),
	CASE(ahead, DRIFT, AHEAD, AHEAD, "2 commits ahead of 18f6ecfe"),
	CASE(ahead_equal, OK, IN_SYNC, NONE, "in sync"),
	CASE(ahead_old_head, UNKNOWN, UNKNOWN, FETCH_FAILED, "newer than the last fetch"),
	CASE(ahead_old_process, UNKNOWN, UNKNOWN, FETCH_FAILED, "newer than the last fetch"),
	CASE(diverged, DRIFT, DIVERGED, DIVERGED, "diverged: 3 behind, 2 ahead"),
	CASE(diverged_old_head, UNKNOWN, UNKNOWN, FETCH_FAILED, "newer than the last fetch"),
	CASE(shallow_topology, UNKNOWN, UNKNOWN, SHALLOW_REPO, "shallow"),
	CASE(shallow_but_equal, OK, IN_SYNC, NONE, "in sync"),
	CASE(unreadable_topology, UNKNOWN, UNKNOWN, FETCH_FAILED, "looked up"),
	CASE(unreadable_but_equal, UNKNOWN, UNKNOWN, FETCH_FAILED, "looked up"),
	CASE(same_commit, OK, IN_SYNC, NONE, "in sync"),
	CASE(no_comparison, UNKNOWN, UNKNOWN, NOT_EVALUATED, "not asked"),
	CASE(absent, DRIFT, UNKNOWN, COMMIT_NOT_IN_REPO, "has no such commit"),
	CASE(absent_old_head, UNKNOWN, UNKNOWN, FETCH_FAILED, "newer than the last fetch"),
	CASE(nobody_to_ask, UNKNOWN, UNKNOWN, COMMIT_UNREADABLE, "does not have"),
	CASE(unasked, UNKNOWN, UNKNOWN, FETCH_FAILED, "looked up"),
	CASE(ambiguous, UNKNOWN, UNKNOWN, AMBIGUOUS_COMMIT, "several commits"),
	CASE(no_commit, UNKNOWN, UNKNOWN, COMMIT_UNREADABLE, "does not have"),
	CASE(not_resolved_shallow, UNKNOWN, UNKNOWN, SHALLOW_REPO, "shallow"),
	CASE(not_resolved_unreadable, UNKNOWN, UNKNOWN, FETCH_FAILED, "looked up"),
	CASE(not_asked, UNKNOWN, UNKNOWN, NOT_EVALUATED, "not asked"),
	CASE(label_unknown, UNKNOWN, UNKNOWN, COMMIT_UNREADABLE, "\"unknown\""),
	CASE(label_unknown_env_good, OK, IN_SYNC, NONE, "in sync"),
	CASE(soft_absent_then_env, OK, IN_SYNC, NONE, "in sync"),
	CASE(soft_hit_first, OK, IN_SYNC, NONE, "in sync"),
	CASE(soft_unasked, UNKNOWN, UNKNOWN, FETCH_FAILED, "looked up"),
	CASE(all_digit_id, OK, IN_SYNC, NONE, "in sync"),
	CASE(service_label_only, UNKNOWN, UNKNOWN, COMMIT_UNREADABLE, "no commit marker"),
	CASE(service_label_differs, OK, IN_SYNC, NONE, "in sync"),
	CASE(commit_from_missing, UNKNOWN, UNKNOWN, COMMIT_UNREADABLE, "env:APP_COMMIT"),
	CASE(commit_from_bad, UNKNOWN, UNKNOWN, COMMIT_UNREADABLE, "\"v1.2\""),
	CASE(commit_from_first_bad, UNKNOWN, UNKNOWN, COMMIT_UNREADABLE, "\"v1.2\""),
	CASE(commit_from_good, OK, IN_SYNC, NONE, "in sync"),
	CASE(commit_from_soft_absent, UNKNOWN, UNKNOWN, COMMIT_UNREADABLE, "abcdef1"),
	CASE(disagree_late, DRIFT, IN_SYNC, MARKERS_DISAGREE, "9f8e7d6c"),
	CASE(disagree_in_grace, PENDING, IN_SYNC, MARKERS_DISAGREE, "9f8e7d6c"),
	CASE(same_commit_in_short, OK, IN_SYNC, NONE, "in sync"),
	CASE(disagree_soft_no_hit, OK, IN_SYNC, NONE, "in sync"),
	CASE(disagree_untold, OK, IN_SYNC, NONE, "in sync"),
	CASE(disagree_absent, DRIFT, IN_SYNC, MARKERS_DISAGREE, "9f8e7d6c"),
	CASE(dirty, DRIFT, IN_SYNC, DIRTY_BUILD, "uncommitted"),
	CASE(service_label_dirty, OK, IN_SYNC, NONE, "in sync"),
	CASE(behind_without_commits, DRIFT, BEHIND, BEHIND, "behind for 2 h, 9 files differ"),
	CASE(by_time_ok, OK, BY_TIME, BY_TIME, "newer than its last change"),
	CASE(by_time_equal, OK, BY_TIME, BY_TIME, "newer than its last change"),
	CASE(by_time_late, DRIFT, BY_TIME, BY_TIME, "older than its last change"),
	CASE(by_time_in_grace, PENDING, BY_TIME, BY_TIME, "older than its last change"),
	CASE(by_time_no_creation, UNKNOWN, UNKNOWN, COMMIT_UNREADABLE, "no creation time"),
	CASE(by_time_no_change, UNKNOWN, UNKNOWN, COMMIT_UNREADABLE, "no commit marker"),
	CASE(by_time_shallow, UNKNOWN, UNKNOWN, SHALLOW_REPO, "shallow"),
	CASE(by_time_date_tag, OK, BY_TIME, BY_TIME, "newer than its last change"),
	CASE(tag_of_elsewhere, UNKNOWN, UNKNOWN, COMMIT_UNREADABLE, "deadbee"),
	CASE(by_time_paths_missing, UNKNOWN, UNKNOWN, PATHS_MISSING, "gone/**"),
	CASE(no_head, UNKNOWN, UNKNOWN, FETCH_FAILED, "could not connect"),
	CASE(answer_missing, UNKNOWN, UNKNOWN, NOT_EVALUATED, "not been asked"),
	CASE(answer_error, UNKNOWN, UNKNOWN, FETCH_FAILED, "busy"),
	CASE(answer_failed, UNKNOWN, UNKNOWN, FETCH_FAILED, "corrupt"),
	CASE(answer_shallow, UNKNOWN, UNKNOWN, SHALLOW_REPO, "corrupt"),
	CASE(answer_of_older_head, UNKNOWN, UNKNOWN, NOT_EVALUATED, "head has moved"),
	CASE(fetch_fails_old_head, OK, IN_SYNC, NONE, "in sync"),
	CASE(paths_missing, UNKNOWN, UNKNOWN, PATHS_MISSING, "it never did"),
	CASE(paths_removed, UNKNOWN, UNKNOWN, PATHS_MISSING, "removed or renamed"),
	CASE(paths_missing_behind, DRIFT, BEHIND, BEHIND, "(and 1 more)"),
	CASE(split_old, DRIFT, IN_SYNC, TRAFFIC_NOT_LATEST, "60 % on old revision api-00041"),
	CASE(split_any, OK, IN_SYNC, NONE, "in sync"),
	CASE(split_two_commits, DRIFT, DIVERGED, DIVERGED, "1 behind, 1 ahead"),
	CASE(no_traffic, UNKNOWN, UNKNOWN, NO_TRAFFIC, "gets traffic"),
	CASE(deploying, PENDING, IN_SYNC, DEPLOYING, "api-00043"),
	CASE(deploying_behind, PENDING, BEHIND, BEHIND, "4 commits behind"),
	CASE(deploying_unreadable, PENDING, UNKNOWN, COMMIT_UNREADABLE, "unknown"),
	CASE(deploying_too_long, DRIFT, IN_SYNC, ROLLOUT_FAILED, "deploy-timeout"),
	CASE(reconciling_nothing_new, PENDING, IN_SYNC, DEPLOYING, "api-00042"),
	CASE(rollout_failed, DRIFT, IN_SYNC, ROLLOUT_FAILED, "did not become ready"),
	CASE(rollout_error, DRIFT, IN_SYNC, ROLLOUT_FAILED, "HealthCheckContainerError"),
	CASE(expect_absent_is_zero, OK, IN_SYNC, NONE, "in sync"),
	CASE(expect_differs, DRIFT, IN_SYNC, SETTING_CHANGED, "min-instances is 2, expected 0"),
	CASE(expect_env_equal, OK, IN_SYNC, NONE, "in sync"),
	CASE(expect_env_differs, DRIFT, IN_SYNC, SETTING_CHANGED, "env.MODE has another value"),
	CASE(expect_env_secret, UNKNOWN, IN_SYNC, BROKEN_CHECK, "env.MODE"),
	CASE(expect_env_unchecked, UNKNOWN, IN_SYNC, NOT_EVALUATED, "env.MODE"),
	CASE(env_missing, DRIFT, IN_SYNC, ENV_MISSING, "BDL_API_KEY"),
	CASE(env_there, OK, IN_SYNC, NONE, "in sync"),
	CASE(env_forbidden, DRIFT, IN_SYNC, ENV_FORBIDDEN, "BDL_API_KEY"),
	CASE(env_of_http, UNKNOWN, IN_SYNC, BROKEN_CHECK, "require-env"),
	CASE(manifest_equal, OK, IN_SYNC, NONE, "in sync"),
	CASE(manifest_differs, DRIFT, IN_SYNC, VALUE_DIFFERS, "another value"),
	CASE(manifest_object_missing, DRIFT, IN_SYNC, VALUE_DIFFERS, "does not exist"),
	CASE(manifest_fault, UNKNOWN, IN_SYNC, FETCH_FAILED, "503"),
	CASE(manifest_denied, UNKNOWN, IN_SYNC, PERMISSION_DENIED, "403"),
	CASE(manifest_not_looked_at, UNKNOWN, IN_SYNC, NOT_EVALUATED, "expect-from"),
	CASE(probe_good, OK, IN_SYNC, NONE, "in sync"),
	CASE(probe_wrong, DRIFT, IN_SYNC, WRONG_IDENTITY, "\"other\""),
	CASE(probe_nothing_there, DRIFT, IN_SYNC, WRONG_IDENTITY, "nothing is at /service"),
	CASE(probe_fault, UNKNOWN, IN_SYNC, FETCH_FAILED, "10 s"),
	CASE(probe_not_looked_at, UNKNOWN, IN_SYNC, NOT_EVALUATED, "probe-expect"),
	CASE(image_reused, DRIFT, IN_SYNC, IMAGE_REUSED, "image of 9f8e7d6c"),
	CASE(image_reused_no_matter, OK, IN_SYNC, NONE, "in sync"),
	CASE(image_went_back, OK, IN_SYNC, NONE, "in sync"),
	CASE(pinned, OK, PINNED, NONE, "pinned to 1a2b3c4d until 2026-11-20"),
	CASE(pinned_for_ever, OK, PINNED, NONE, "pinned to 1a2b3c4d"),
	CASE(pinned_split, OK, PINNED, NONE, "pinned"),
	CASE(pinned_partly, DRIFT, IN_SYNC, TRAFFIC_NOT_LATEST,
	     "70 % on old revisions api-00041 and others"),
	CASE(pinned_env_missing, DRIFT, PINNED, ENV_MISSING, "BDL_API_KEY"),
	CASE(pin_ended, DRIFT, BEHIND, BEHIND, "(and 1 more)"),
	CASE(pin_ends_now, DRIFT, BEHIND, BEHIND, "(and 1 more)"),
	CASE(pin_ended_in_sync, PENDING, IN_SYNC, PIN_EXPIRED, "has ended"),
	CASE(pin_ended_moved_on, OK, IN_SYNC, NONE, "in sync"),
	CASE(pin_of_other, DRIFT, BEHIND, BEHIND, "4 commits behind"),
	CASE(pin_ambiguous, UNKNOWN, IN_SYNC, AMBIGUOUS_COMMIT, "pin = 1a2b3c4d"),
	CASE(never_observed, UNKNOWN, UNKNOWN, NOT_EVALUATED, "not observed yet"),
	CASE(source_timeout, UNKNOWN, UNKNOWN, FETCH_FAILED, "could not be read"),
	CASE(source_denied, UNKNOWN, UNKNOWN, PERMISSION_DENIED, "could not be read"),
	CASE(source_no_token, UNKNOWN, UNKNOWN, PERMISSION_DENIED, "could not be read"),
	CASE(missing, DRIFT, UNKNOWN, SERVICE_MISSING, "acme has no Cloud Run service named api"),
	CASE(paused, PAUSED, NONE, NONE, "paused"),
	CASE(paused_until_tomorrow, PAUSED, NONE, NONE, "paused"),
	CASE(paused_until_now, DRIFT, BEHIND, BEHIND, "4 commits behind"),
#undef CASE
};

START_TEST(test_cases)
{
	struct world w;
	struct verdict *verdict;
	g_autofree char *summary = NULL;
	enum reason_code code = REASON_NONE;

	world_init(&w);
	cases[_i].arrange(&w);
	verdict = world_judge(&w);
	summary = verdict_summary(verdict, w.input.now_wall_ms);
	if (verdict->reasons->len > 0)
		code = ((const struct reason *)verdict->reasons->pdata[0])->code;
	ck_assert_msg(verdict->state == cases[_i].state, "%s: state %s (%s)", cases[_i].name,
		      state_text(verdict->state), summary);
	ck_assert_msg(verdict->relation == cases[_i].relation, "%s: relation %s", cases[_i].name,
		      relation_text(verdict->relation));
	ck_assert_msg(code == cases[_i].code, "%s: code %s", cases[_i].name,
		      reason_code_text(code));
	ck_assert_msg(strstr(summary, cases[_i].says) != NULL, "%s: %s", cases[_i].name, summary);
	ck_assert_str_eq(verdict->id, "service/api");
	/* "could not be read" is said of the service, not of git */
	ck_assert_msg(!world_datum(world_reason(verdict, REASON_FETCH_FAILED), "repo") ||
			      !g_str_has_prefix(summary, "could not be read"),
		      "%s", summary);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

/* --- a head that must be newer --- */

static const struct {
	void (*arrange)(struct world *w);
	bool needs;
} newer[] = {
	{arrange_as_is, false},          {arrange_ahead, false},
	{arrange_ahead_old_head, true},  {arrange_ahead_old_process, true},
	{arrange_ahead_equal, false},    {arrange_diverged_old_head, true},
	{arrange_absent_old_head, true}, {arrange_absent, false},
	{arrange_behind_late, false},    {arrange_fetch_fails_old_head, false},
	{arrange_no_head, false},        {arrange_source_timeout, false},
	{arrange_never_observed, false}, {arrange_paused, false},
	{arrange_missing, false},
};

START_TEST(test_needs_newer_head)
{
	struct world w;

	world_init(&w);
	newer[_i].arrange(&w);
	ck_assert_int_eq(eval_service_needs_newer_head(&w.input), newer[_i].needs);
	world_done(&w);
}
END_TEST

START_TEST(test_newer_head_by_wall_clock)
{
	struct world w;

	world_init(&w);
	arrange_ahead(&w);
	w.observation->observed_mono_ms = 0; /* neither clock of this process is known */
	w.head.fetched_mono_ms = 0;
	ck_assert(!eval_service_needs_newer_head(&w.input));
	w.head.fetched_wall_ms = WORLD_NOW_MS - 1;
	ck_assert(eval_service_needs_newer_head(&w.input));
	world_done(&w);
}
END_TEST

Suite *eval_service_suite(void)
{
	Suite *suite = suite_create("eval_service");
	TCase *tests = tcase_create("cases");

	tcase_add_loop_test(tests, test_cases, 0, (int)G_N_ELEMENTS(cases));
	tcase_add_loop_test(tests, test_needs_newer_head, 0, (int)G_N_ELEMENTS(newer));
	tcase_add_test(tests, test_newer_head_by_wall_clock);
	suite_add_tcase(suite, tests);
	return suite;
}
