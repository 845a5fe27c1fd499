/* test_verdict_json - the shapes of DESIGN 9, and facts that come back as they went. */
#include <check.h>
#include <string.h>

#include "drift_error.h"
#include "eval/verdict_json.h"
#include "eval_arrange.h"

Suite *verdict_json_suite(void);

#define DRIFT_NOW (WORLD_NOW_MS + 1 * MS_PER_S)

static struct verdict *judge_arranged(void (*arrange)(struct world *w))
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	if (w.revision)
		arrange(&w);
	verdict = world_judge(&w);
	world_done(&w);
	return verdict;
}

static void rich(struct world *w)
{
	arrange_split_two_commits(w);
	arrange_env_missing(w);
	arrange_expect_differs(w);
	arrange_rolled_back(w);
	arrange_paths_missing(w);
	w->service.target.owner = g_strdup("ml \"quoted\" \xe2\x80\xae<b>");
	g_ptr_array_add(w->strings, w->service.target.owner); /* freed there */
}

static json_object *member(json_object *object, const char *name)
{
	json_object *value = NULL;

	ck_assert_msg(json_object_object_get_ex(object, name, &value), "%s is missing", name);
	return value;
}

static const char *text_of(json_object *object, const char *name)
{
	return json_object_get_string(member(object, name));
}

START_TEST(test_status_line)
{
	static const char *const names[] = {"id",    "kind",        "name",      "priority",
					    "owner", "state",       "relation",  "summary",
					    "since", "observed_at", "expires_at"};
	struct verdict *verdict = judge_arranged(arrange_behind_late);
	json_object *line = verdict_to_status_json(verdict, DRIFT_NOW);

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		(void)member(line, names[i]);
	ck_assert_str_eq(text_of(line, "id"), "service/api");
	ck_assert_str_eq(text_of(line, "priority"), "P1");
	ck_assert_str_eq(text_of(line, "state"), "drift");
	ck_assert_str_eq(text_of(line, "relation"), "behind");
	ck_assert_str_eq(text_of(line, "summary"), "4 commits behind, oldest 2 h");
	ck_assert_str_eq(text_of(line, "since"), "2026-11-20T11:00:03Z");
	ck_assert_str_eq(text_of(line, "expires_at"), "2026-11-20T11:15:03Z");
	ck_assert_ptr_null(member(line, "owner"));
	json_object_put(line);
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_drift_item_of_behind)
{
	struct verdict *verdict = judge_arranged(arrange_rolled_back);
	json_object *item = verdict_to_drift_json(verdict, DRIFT_NOW, VERDICT_EXTENT_SHORT);
	json_object *behind = member(item, "behind");
	json_object *reason = json_object_array_get_idx(member(item, "reasons"), 0);
	json_object *deployed = json_object_array_get_idx(member(item, "deployed"), 0);
	json_object *evidence = json_object_array_get_idx(member(deployed, "evidence"), 0);
	json_object *first = json_object_array_get_idx(member(behind, "list"), 0);

	ck_assert_int_eq(json_object_get_int64(member(behind, "commits")), 4);
	ck_assert_int_eq(json_object_get_int64(member(behind, "files")), 9);
	ck_assert_int_eq(json_object_get_int64(member(behind, "behind_for_s")), 7201);
	ck_assert_str_eq(text_of(behind, "basis"), "seen");
	ck_assert(json_object_get_boolean(member(behind, "rolled_back")));
	ck_assert_uint_eq(json_object_array_length(member(behind, "list")), 2);
	ck_assert_str_eq(text_of(first, "short"), "18f6ecfe");
	ck_assert_str_eq(text_of(first, "url"),
			 "https://github.com/example/pipeline/commit/" WORLD_HEAD);
	ck_assert_str_eq(text_of(first, "first_seen"), "2026-11-20T09:00:03Z");
	ck_assert_str_eq(text_of(member(behind, "oldest"), "sha"), WORLD_OLDEST);
	ck_assert_str_eq(text_of(reason, "code"), "behind");
	ck_assert_str_eq(text_of(reason, "state"), "drift");
	ck_assert_ptr_nonnull(text_of(reason, "message"));
	ck_assert_int_eq(json_object_get_int64(member(reason, "commits")), 4);
	ck_assert_str_eq(text_of(deployed, "revision"), "api-00042");
	ck_assert_str_eq(text_of(deployed, "short"), "1a2b3c4d");
	ck_assert_str_eq(text_of(deployed, "deployed_at"), "2026-11-20T10:00:03Z");
	ck_assert_str_eq(text_of(evidence, "source"), "label:commit-sha");
	ck_assert_str_eq(text_of(evidence, "sha"), WORLD_DEPLOYED);
	ck_assert_str_eq(text_of(member(item, "head"), "sha"), WORLD_HEAD);
	ck_assert_str_eq(text_of(item, "deploy_command"), "./deploy.sh api");
	ck_assert_ptr_null(member(item, "ahead"));
	ck_assert_ptr_null(member(item, "last_known"));
	json_object_put(item);
	verdict_unref(verdict);
}
END_TEST

/* Lists of targets show five commits of each, one target by itself shows all fifty. */
START_TEST(test_extent_of_commits)
{
	static const struct {
		enum verdict_extent extent;
		size_t want;
	} extents[] = {
		{VERDICT_EXTENT_SHORT, VERDICT_COMMITS_SHORT},
		{VERDICT_EXTENT_FULL, GIT_LIST_MAX},
	};
	struct verdict *verdict = judge_arranged(arrange_rolled_back);
	GPtrArray *list = verdict->behind->list;

	while (list->len < GIT_LIST_MAX)
		g_ptr_array_add(list, git_commit_copy(list->pdata[0]));
	for (size_t i = 0; i < G_N_ELEMENTS(extents); i++) {
		json_object *item = verdict_to_drift_json(verdict, DRIFT_NOW, extents[i].extent);

		ck_assert_uint_eq(json_object_array_length(member(member(item, "behind"), "list")),
				  extents[i].want);
		json_object_put(item);
	}
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_drift_item_of_diverged)
{
	struct verdict *verdict = judge_arranged(arrange_diverged);
	json_object *item = verdict_to_drift_json(verdict, DRIFT_NOW, VERDICT_EXTENT_SHORT);

	ck_assert_int_eq(json_object_get_int64(member(member(item, "ahead"), "commits")), 2);
	ck_assert_int_eq(json_object_get_int64(member(member(item, "behind"), "commits")), 3);
	json_object_put(item);
	verdict_unref(verdict);
}
END_TEST

/* --- facts --- */

static void (*const shapes[])(struct world *w) = {
	rich,
	arrange_as_is,
	arrange_behind_in_grace,
	arrange_rolled_back,
	arrange_ahead,
	arrange_diverged,
	arrange_absent,
	arrange_by_time_late,
	arrange_by_time_ok,
	arrange_pinned,
	arrange_pin_ended,
	arrange_paused_until_tomorrow,
	arrange_image_reused,
	arrange_split_old,
	arrange_deploying,
	arrange_source_denied,
	arrange_no_head,
	arrange_never_observed,
	arrange_manifest_object_missing,
	arrange_probe_wrong,
	arrange_expect_env_differs,
	arrange_disagree_late,
	arrange_missing,
};

static void check_round_trip(const struct verdict *verdict)
{
	g_autofree char *facts = verdict_facts_json(verdict);
	g_autofree char *again = NULL;
	g_autofree char *summary = verdict_summary(verdict, DRIFT_NOW);
	g_autofree char *summary_again = NULL;
	g_autoptr(GError) error = NULL;
	struct verdict *back = verdict_from_facts_json(facts, &error);

	ck_assert_msg(back != NULL, "%s: %s", facts, error ? error->message : "");
	again = verdict_facts_json(back);
	ck_assert_str_eq(again, facts);
	summary_again = verdict_summary(back, DRIFT_NOW);
	ck_assert_str_eq(summary_again, summary);
	ck_assert_int_eq(back->observed_wall_ms, 0); /* times come separately */
	ck_assert_int_eq(back->expires_mono_ms, 0);
	verdict_unref(back);
}

START_TEST(test_facts_round_trip)
{
	struct verdict *verdict = judge_arranged(shapes[_i]);

	check_round_trip(verdict);
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_facts_of_unknown_with_last_known)
{
	struct verdict *verdict = judge_arranged(rich);
	struct verdict *later = verdict_at(verdict, 0, INT64_MAX);

	check_round_trip(later);
	verdict_unref(later);
	verdict_unref(verdict);
}
END_TEST

/* What moves with the clock is not in them: an unchanged world has unchanged facts. */
START_TEST(test_facts_stand_still)
{
	struct world w;
	g_autofree char *before = NULL;
	g_autofree char *after = NULL;

	world_init(&w);
	arrange_rolled_back(&w);
	arrange_env_missing(&w);
	world_observe_again(&w, 5 * MS_PER_MINUTE);
	before = verdict_facts_json(w.before);
	world_observe_again(&w, 5 * MS_PER_MINUTE);
	world_observe_again(&w, 5 * MS_PER_MINUTE);
	after = verdict_facts_json(w.before);
	ck_assert_str_eq(before, after);
	world_done(&w);
}
END_TEST

START_TEST(test_other_facts_differ)
{
	struct verdict *one = judge_arranged(arrange_behind_late);
	struct verdict *other = judge_arranged(arrange_rolled_back);
	g_autofree char *first = verdict_facts_json(one);
	g_autofree char *second = verdict_facts_json(other);

	ck_assert_str_ne(first, second);
	verdict_unref(one);
	verdict_unref(other);
}
END_TEST

START_TEST(test_drift_item_comes_back)
{
	struct verdict *verdict = judge_arranged(shapes[_i]);
	json_object *item = verdict_to_drift_json(verdict, DRIFT_NOW, VERDICT_EXTENT_FULL);
	g_autoptr(GError) error = NULL;
	struct verdict *back = verdict_from_drift_json(item, &error);
	json_object *again;

	ck_assert_msg(back != NULL, "%s", error ? error->message : "");
	again = verdict_to_drift_json(back, DRIFT_NOW, VERDICT_EXTENT_FULL);
	ck_assert_str_eq(json_object_to_json_string(again), json_object_to_json_string(item));
	json_object_put(again);
	json_object_put(item);
	verdict_unref(back);
	verdict_unref(verdict);
}
END_TEST

static const struct {
	const char *text, *says;
} corrupt[] = {
	{"", "empty"},
	{"null", "null"},
	{"[]", "object"},
	{"{}", "id is missing"},
	{"{\"id\":7}", "id is"},
	{"{\"id\":\"x\"}", "state"},
	{"{\"id\":\"x\",\"state\":\"fine\"}", "state"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"relation\":\"near\"}", "relation"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"priority\":\"P9\"}", "priority"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"since\":\"yesterday\"}", "since"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"since\":5}", "since"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"reasons\":{}}", "reasons"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"reasons\":[5]}", "reasons[0]"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"reasons\":[{\"state\":\"ok\",\"message\":\"m\","
	 "\"code\":\"nope\"}]}",
	 "code"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"reasons\":[{\"state\":\"ok\",\"message\":\"m\","
	 "\"code\":\"behind\",\"more\":[]}]}",
	 "more"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"reasons\":[{\"state\":\"ok\",\"code\":\"behind\"}]}",
	 "message"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"deployed\":[{\"percent\":101}]}", "percent"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"deployed\":[{\"percent\":-1}]}", "percent"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"head\":{\"sha\":\"xyz\"}}", "sha"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"head\":[]}", "head"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"deployed\":[{\"sha\":\"1a2b3c\xef\xbb\xbf\"}]}", "sha"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"behind\":{\"commits\":-4}}", "commits"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"behind\":{\"commits\":\"4\"}}", "commits"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"behind\":{\"authors\":[1]}}", "authors[0]"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"last_known\":{}}", "state"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"settings\":[{}]}", "name"},
	{"{\"id\":\"x\",\"state\":\"ok\",\"confirmations\":999999}", "confirmations"},
	{"{\"id\":\"x\",\"state\":\"ok\"", "stored verdict"},
};

START_TEST(test_corrupt)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(verdict_from_facts_json(corrupt[_i].text, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_CORRUPT));
	ck_assert_msg(strstr(error->message, corrupt[_i].says) != NULL, "%s", error->message);
}
END_TEST

START_TEST(test_every_cut_is_refused_or_whole)
{
	struct verdict *verdict = judge_arranged(rich);
	g_autofree char *facts = verdict_facts_json(verdict);

	for (size_t length = 0; length < strlen(facts); length++) {
		g_autofree char *cut = g_strndup(facts, length);
		g_autoptr(GError) error = NULL;

		ck_assert_ptr_null(verdict_from_facts_json(cut, &error));
		ck_assert_int_eq(error->code, DRIFT_ERROR_CORRUPT);
	}
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_too_long)
{
	GString *text = g_string_new("{\"id\":\"");
	g_autoptr(GError) error = NULL;
	g_autofree char *filler = g_strnfill((gsize)5 * 1024 * 1024, 'x');

	g_string_append_printf(text, "%s\",\"state\":\"ok\"}", filler);
	ck_assert_ptr_null(verdict_from_facts_json(text->str, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_CORRUPT);
	(void)g_string_free(text, TRUE);
}
END_TEST

START_TEST(test_wrong_drift_item)
{
	json_object *item = json_object_new_object();
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(verdict_from_drift_json(item, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
	json_object_put(item);
}
END_TEST

Suite *verdict_json_suite(void)
{
	Suite *suite = suite_create("verdict_json");
	TCase *tests = tcase_create("json");

	tcase_add_test(tests, test_status_line);
	tcase_add_test(tests, test_drift_item_of_behind);
	tcase_add_test(tests, test_extent_of_commits);
	tcase_add_test(tests, test_drift_item_of_diverged);
	tcase_add_loop_test(tests, test_facts_round_trip, 0, (int)G_N_ELEMENTS(shapes));
	tcase_add_test(tests, test_facts_of_unknown_with_last_known);
	tcase_add_test(tests, test_facts_stand_still);
	tcase_add_test(tests, test_other_facts_differ);
	tcase_add_loop_test(tests, test_drift_item_comes_back, 0, (int)G_N_ELEMENTS(shapes));
	tcase_add_loop_test(tests, test_corrupt, 0, (int)G_N_ELEMENTS(corrupt));
	tcase_add_test(tests, test_every_cut_is_refused_or_whole);
	tcase_add_test(tests, test_too_long);
	tcase_add_test(tests, test_wrong_drift_item);
	suite_add_tcase(suite, tests);
	return suite;
}
