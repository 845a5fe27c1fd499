/* test_eval_lessons - what went wrong in checks like these, and what a verdict is instead
 * (LESSONS). */
#include <check.h>
#include <string.h>

#include "eval_arrange.h"

Suite *eval_lessons_suite(void);

typedef void (*arrange_fn)(struct world *w);

static void expect(arrange_fn arrange, enum state state, enum reason_code code)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	arrange(&w);
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->state, state);
	if (code != REASON_NONE)
		ck_assert_ptr_nonnull(world_reason(verdict, code));
	else
		ck_assert_int_eq(verdict->reasons->len, 0);
	verdict_unref(verdict);
	world_done(&w);
}

static void expect_datum(arrange_fn arrange, enum reason_code code, const char *name,
			 const char *wanted)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	arrange(&w);
	verdict = world_judge(&w);
	ck_assert_str_eq(world_datum(world_reason(verdict, code), name), wanted);
	verdict_unref(verdict);
	world_done(&w);
}

START_TEST(L02_a_path_that_matches_nothing_is_unknown)
{
	expect(arrange_paths_missing, STATE_UNKNOWN, REASON_PATHS_MISSING);
	expect(arrange_by_time_paths_missing, STATE_UNKNOWN, REASON_PATHS_MISSING);
	expect_datum(arrange_paths_missing, REASON_PATHS_MISSING, "before", "never");
	expect_datum(arrange_paths_removed, REASON_PATHS_MISSING, "before", "removed_or_renamed");
	expect_datum(arrange_by_time_paths_missing, REASON_PATHS_MISSING, "before", "unknown");
}
END_TEST

static const struct {
	arrange_fn arrange;
	enum relation relation;
} relations[] = {
	{arrange_as_is, RELATION_IN_SYNC},     {arrange_behind_late, RELATION_BEHIND},
	{arrange_ahead, RELATION_AHEAD},       {arrange_diverged, RELATION_DIVERGED},
	{arrange_ambiguous, RELATION_UNKNOWN},
};

START_TEST(L03_five_different_answers)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	relations[_i].arrange(&w);
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->relation, relations[_i].relation);
	ck_assert_int_eq(verdict->state == STATE_OK, relations[_i].relation == RELATION_IN_SYNC);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(L05_an_old_image_under_a_new_commit)
{
	expect(arrange_image_reused, STATE_DRIFT, REASON_IMAGE_REUSED);
	expect(arrange_image_reused_no_matter, STATE_OK, REASON_NONE);
	expect(arrange_disagree_late, STATE_DRIFT, REASON_MARKERS_DISAGREE);
	expect_datum(arrange_image_reused, REASON_IMAGE_REUSED, "built_from", WORLD_OTHER);
}
END_TEST

START_TEST(L06_old_revisions_that_serve_are_drift)
{
	expect(arrange_split_old, STATE_DRIFT, REASON_TRAFFIC_NOT_LATEST);
	expect(arrange_service_label_only, STATE_UNKNOWN, REASON_COMMIT_UNREADABLE);
}
END_TEST

START_TEST(L07_the_wrong_program_under_the_right_name)
{
	expect(arrange_probe_wrong, STATE_DRIFT, REASON_WRONG_IDENTITY);
	expect(arrange_probe_nothing_there, STATE_DRIFT, REASON_WRONG_IDENTITY);
	expect(arrange_probe_fault, STATE_UNKNOWN, REASON_FETCH_FAILED);
	expect(arrange_probe_good, STATE_OK, REASON_NONE);
}
END_TEST

START_TEST(L08_a_service_that_is_gone)
{
	expect(arrange_missing, STATE_DRIFT, REASON_SERVICE_MISSING);
	expect_datum(arrange_missing, REASON_SERVICE_MISSING, "region", "us-west2");
}
END_TEST

START_TEST(L20_time_is_a_weak_basis_and_says_so)
{
	expect(arrange_by_time_ok, STATE_OK, REASON_BY_TIME);
	expect(arrange_by_time_late, STATE_DRIFT, REASON_BY_TIME);
	expect_datum(arrange_by_time_ok, REASON_BY_TIME, "basis", "committer_time");
}
END_TEST

START_TEST(L21_ids_are_texts)
{
	expect(arrange_all_digit_id, STATE_OK, REASON_NONE);
	expect(arrange_same_commit_in_short, STATE_OK, REASON_NONE);
	expect(arrange_label_unknown, STATE_UNKNOWN, REASON_COMMIT_UNREADABLE);
	expect(arrange_ambiguous, STATE_UNKNOWN, REASON_AMBIGUOUS_COMMIT);
}
END_TEST

START_TEST(L27_settings_drift)
{
	expect(arrange_expect_differs, STATE_DRIFT, REASON_SETTING_CHANGED);
	expect(arrange_expect_absent_is_zero, STATE_OK, REASON_NONE);
	expect_datum(arrange_expect_differs, REASON_SETTING_CHANGED, "actual", "2");
}
END_TEST

START_TEST(L28_variables)
{
	expect(arrange_env_missing, STATE_DRIFT, REASON_ENV_MISSING);
	expect(arrange_env_forbidden, STATE_DRIFT, REASON_ENV_FORBIDDEN);
	expect(arrange_env_there, STATE_OK, REASON_NONE);
	expect(arrange_expect_env_differs, STATE_DRIFT, REASON_SETTING_CHANGED);
}
END_TEST

START_TEST(L29_manifest_and_its_object)
{
	expect(arrange_manifest_differs, STATE_DRIFT, REASON_VALUE_DIFFERS);
	expect(arrange_manifest_object_missing, STATE_DRIFT, REASON_VALUE_DIFFERS);
	expect(arrange_manifest_fault, STATE_UNKNOWN, REASON_FETCH_FAILED);
}
END_TEST

START_TEST(L32_a_stale_head_concludes_nothing_new)
{
	expect(arrange_ahead_old_head, STATE_UNKNOWN, REASON_FETCH_FAILED);
	expect(arrange_diverged_old_head, STATE_UNKNOWN, REASON_FETCH_FAILED);
	expect(arrange_absent_old_head, STATE_UNKNOWN, REASON_FETCH_FAILED);
	expect(arrange_absent, STATE_DRIFT, REASON_COMMIT_NOT_IN_REPO);
}
END_TEST

Suite *eval_lessons_suite(void)
{
	Suite *suite = suite_create("eval_lessons");
	TCase *tests = tcase_create("lessons");

	tcase_add_test(tests, L02_a_path_that_matches_nothing_is_unknown);
	tcase_add_loop_test(tests, L03_five_different_answers, 0, (int)G_N_ELEMENTS(relations));
	tcase_add_test(tests, L05_an_old_image_under_a_new_commit);
	tcase_add_test(tests, L06_old_revisions_that_serve_are_drift);
	tcase_add_test(tests, L07_the_wrong_program_under_the_right_name);
	tcase_add_test(tests, L08_a_service_that_is_gone);
	tcase_add_test(tests, L20_time_is_a_weak_basis_and_says_so);
	tcase_add_test(tests, L21_ids_are_texts);
	tcase_add_test(tests, L27_settings_drift);
	tcase_add_test(tests, L28_variables);
	tcase_add_test(tests, L29_manifest_and_its_object);
	tcase_add_test(tests, L32_a_stale_head_concludes_nothing_new);
	suite_add_tcase(suite, tests);
	return suite;
}
