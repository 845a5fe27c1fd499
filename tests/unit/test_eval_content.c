/* test_eval_content - what a verdict carries, and what git is asked for it */
#include <check.h>
#include <string.h>

#include "eval_arrange.h"

Suite *eval_content_suite(void);

#define H MS_PER_HOUR
#define MIN_ MS_PER_MINUTE

/* --- what a verdict carries --- */

START_TEST(test_behind_carries_everything)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	arrange_rolled_back(&w);
	verdict = world_judge(&w);
	ck_assert_ptr_nonnull(verdict->behind);
	ck_assert_int_eq(verdict->behind->commits, 4);
	ck_assert_int_eq(verdict->behind->files, 9);
	ck_assert(verdict->behind->basis_seen);
	ck_assert(verdict->behind->rolled_back);
	ck_assert_str_eq(verdict->behind->oldest->sha, WORLD_OLDEST);
	ck_assert_str_eq(verdict->behind->newest->sha, WORLD_HEAD);
	ck_assert_int_eq(verdict->behind->list->len, 2);
	ck_assert_str_eq(verdict->behind->authors->pdata[0], "Ada");
	ck_assert_str_eq(verdict->behind->compare_url,
			 "https://github.com/example/pipeline/compare/" WORLD_DEPLOYED
			 "..." WORLD_HEAD);
	ck_assert_str_eq(verdict->behind->commit_url_prefix,
			 "https://github.com/example/pipeline/commit/");
	ck_assert_int_eq(verdict->ahead_commits, -1);
	ck_assert_str_eq(verdict->head->sha, WORLD_HEAD);
	ck_assert_str_eq(verdict->deploy_command, "./deploy.sh api");
	verdict_unref(verdict);
	w.head.web_url = "https://GitLab.example.com/a/b";
	verdict = world_judge(&w);
	ck_assert_str_eq(verdict->behind->compare_url,
			 "https://GitLab.example.com/a/b/-/compare/" WORLD_DEPLOYED
			 "..." WORLD_HEAD);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(L06_each_serving_revision_is_judged)
{
	struct world w;
	struct verdict *verdict;
	const struct verdict_deployed *deployed;

	world_init(&w);
	arrange_split_two_commits(&w);
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->deployed->len, 3);
	deployed = verdict->deployed->pdata[0];
	ck_assert_int_eq(deployed->relation, RELATION_IN_SYNC);
	ck_assert_int_eq(deployed->percent, 30);
	deployed = verdict->deployed->pdata[2];
	ck_assert_int_eq(deployed->relation, RELATION_DIVERGED);
	ck_assert_str_eq(deployed->sha, WORLD_OTHER);
	ck_assert_int_eq(verdict->relation, RELATION_DIVERGED);
	ck_assert_int_eq(verdict->ahead_commits, 1);
	verdict_unref(verdict);
	arrange_split_old(&w);
	w.service.traffic_latest = true;
	verdict = world_judge(&w);
	ck_assert_str_eq(
		world_datum(world_reason(verdict, REASON_TRAFFIC_NOT_LATEST), "latest_ready"),
		"api-00042");
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(L05_all_markers_are_evidence)
{
	struct world w;
	struct verdict *verdict;
	const struct verdict_deployed *deployed;
	const struct verdict_evidence *evidence;

	world_init(&w);
	arrange_service_label_differs(&w);
	(void)world_mark(w.revision, "image-tag", "latest");
	w.revision->digest = g_strdup(WORLD_DIGEST);
	verdict = world_judge(&w);
	deployed = verdict->deployed->pdata[0];
	ck_assert_int_eq(deployed->evidence->len, 3);
	ck_assert_str_eq(deployed->digest, WORLD_DIGEST);
	evidence = deployed->evidence->pdata[1];
	ck_assert_str_eq(evidence->source, "service-label:commit-sha");
	ck_assert_str_eq(evidence->sha, WORLD_OTHER);
	evidence = deployed->evidence->pdata[2];
	ck_assert_str_eq(evidence->value, "latest");
	ck_assert_ptr_null(evidence->sha);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(L29_wanted_is_shown_actual_never)
{
	struct world w;
	struct verdict *verdict;
	const struct reason *reason;

	world_init(&w);
	arrange_manifest_differs(&w);
	verdict = world_judge(&w);
	reason = world_reason(verdict, REASON_VALUE_DIFFERS);
	ck_assert_str_eq(world_datum(reason, "wanted"), "gs://models/v2");
	ck_assert_ptr_null(world_datum(reason, "actual"));
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(L28_env_values_are_never_shown)
{
	struct world w;
	struct verdict *verdict;
	const struct verdict_setting *setting;

	world_init(&w);
	arrange_expect_env_differs(&w);
	verdict = world_judge(&w);
	setting = verdict->settings->pdata[0];
	ck_assert_str_eq(setting->name, "env.MODE");
	ck_assert_ptr_null(setting->expected);
	ck_assert_ptr_null(setting->actual);
	ck_assert(!setting->ok);
	ck_assert_ptr_null(strstr(world_reason(verdict, REASON_SETTING_CHANGED)->message, "live"));
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(L18_class_and_permission_are_data)
{
	struct world w;
	struct verdict *verdict;
	const struct reason *reason;

	world_init(&w);
	arrange_source_denied(&w);
	verdict = world_judge(&w);
	reason = world_reason(verdict, REASON_PERMISSION_DENIED);
	ck_assert_str_eq(world_datum(reason, "permission"), "run.services.list");
	ck_assert_str_eq(world_datum(reason, "class"), "denied");
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(test_http_is_deployed_when_first_seen)
{
	struct world w;
	struct verdict *verdict;
	const struct verdict_deployed *deployed;

	world_init(&w);
	w.revision->created_wall_ms = 0;
	world_add_past(&w, WORLD_DEPLOYED, NULL, NULL, WORLD_NOW_MS - 9 * H);
	world_add_past(&w, WORLD_OTHER, NULL, NULL, WORLD_NOW_MS - 8 * H);
	world_add_past(&w, WORLD_DEPLOYED, NULL, NULL, WORLD_NOW_MS - 3 * H);
	verdict = world_judge(&w);
	deployed = verdict->deployed->pdata[0];
	ck_assert_int_eq(deployed->deployed_wall_ms, WORLD_NOW_MS - 3 * H);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

/* What had run before anybody looked was deployed nobody knows when. */
START_TEST(test_first_look_is_no_deployment)
{
	struct world w;
	struct verdict *verdict;
	const struct verdict_deployed *deployed;

	world_init(&w);
	w.revision->created_wall_ms = 0;
	world_add_past(&w, WORLD_DEPLOYED, NULL, NULL, WORLD_NOW_MS - 3 * H);
	verdict = world_judge(&w);
	deployed = verdict->deployed->pdata[0];
	ck_assert_int_eq(deployed->deployed_wall_ms, 0);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

/* Of a head that is too old the repository is named, not the service that was seen just now. */
START_TEST(test_expired_by_its_head_names_the_repository)
{
	struct world w;
	struct verdict *verdict, *expired;
	const struct reason *reason;

	world_init(&w);
	w.head.fetched_wall_ms = WORLD_NOW_MS - 60 * 1000;
	w.head.seen_wall_ms = WORLD_NOW_MS - H;
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->head->first_seen_wall_ms, WORLD_NOW_MS - H);
	verdict->expires_mono_ms = 0;
	expired = verdict_at(verdict, verdict->expires_wall_ms, 0);
	reason = world_reason(expired, REASON_EXPIRED);
	ck_assert_ptr_nonnull(strstr(reason->message, "repository"));
	ck_assert_ptr_nonnull(world_datum(reason, "fetched_at"));
	verdict_unref(expired);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(test_same_commit_twice_is_said_once)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	arrange_split_any(&w);
	arrange_behind_late(&w);
	verdict = world_judge(&w);
	ck_assert_int_eq(verdict->reasons->len, 1);
	ck_assert_int_eq(verdict->deployed->len, 2);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

/* --- questions --- */

START_TEST(test_question)
{
	struct world w;
	struct git_question *question;
	const struct git_pair *pair;

	world_init(&w);
	arrange_pinned(&w);
	(void)world_mark(w.revision, "env:GIT_COMMIT", WORLD_OTHER);
	w.revision->digest = g_strdup(WORLD_DIGEST);
	world_add_past(&w, WORLD_OLDEST, WORLD_DIGEST, "api-00040", 1);
	world_add_past(&w, WORLD_OLDEST, WORLD_DIGEST, "api-00041", 2);
	question = eval_service_question(&w.service, w.observation, w.past);
	ck_assert_int_eq(question->texts->len, 3);
	ck_assert_str_eq(question->texts->pdata[2], "1a2b3c4d");
	ck_assert_int_eq(question->compare->len, 1);
	ck_assert_str_eq(question->compare->pdata[0], WORLD_DEPLOYED);
	ck_assert_int_eq(question->seen_before->len, 1);
	ck_assert(!question->want_last_change);
	ck_assert_int_eq(question->pairs->len, 2); /* with each marker's commit */
	pair = question->pairs->pdata[0];
	ck_assert_str_eq(pair->a, WORLD_OLDEST);
	ck_assert_str_eq(pair->b, WORLD_DEPLOYED);
	git_question_free(question);
	world_done(&w);
}
END_TEST

/* In a split the newer revision runs as well: the older one was not rolled back to. */
START_TEST(test_question_leaves_out_what_runs)
{
	struct world w;
	struct git_question *question;

	world_init(&w);
	world_add_past(&w, WORLD_OLDEST, WORLD_DIGEST, "api-00040", 1);
	world_add_past(&w, WORLD_DEPLOYED, WORLD_DIGEST, "api-00041", 2);
	question = eval_service_question(&w.service, w.observation, w.past);
	ck_assert_int_eq(question->seen_before->len, 1);
	ck_assert_str_eq(question->seen_before->pdata[0], WORLD_OLDEST);
	git_question_free(question);
	world_done(&w);
}
END_TEST

START_TEST(test_question_wants_last_change)
{
	struct world w;
	struct git_question *question;

	world_init(&w);
	world_unmark(&w);
	(void)world_mark(w.revision, "image-tag", "abcdef1");
	question = eval_service_question(&w.service, w.observation, w.past);
	ck_assert(question->want_last_change); /* a soft one may turn out to be none */
	ck_assert_int_eq(question->compare->len, 1);
	git_question_free(question);
	world_done(&w);
}
END_TEST

START_TEST(test_question_of_short_id_finds_its_pair)
{
	struct world w;
	struct git_question *question;
	const struct git_pair *pair;

	world_init(&w);
	world_unmark(&w);
	(void)world_mark(w.revision, "label:commit-sha", "1a2b3c4d");
	w.revision->digest = g_strdup(WORLD_DIGEST);
	world_add_past(&w, WORLD_OTHER, WORLD_DIGEST, "api-00041", 1);
	world_add_past(&w, WORLD_DEPLOYED, WORLD_DIGEST, "api-00042", 2);
	question = eval_service_question(&w.service, w.observation, w.past);
	ck_assert_int_eq(question->pairs->len, 1);
	pair = question->pairs->pdata[0];
	ck_assert_str_eq(pair->b, WORLD_DEPLOYED);
	git_question_free(question);
	world_done(&w);
}
END_TEST

START_TEST(test_nothing_to_ask)
{
	struct world w;
	GPtrArray *past = g_ptr_array_new();

	world_init(&w);
	ck_assert_ptr_null(eval_service_question(&w.service, NULL, past));
	w.service.target.paused = true;
	ck_assert_ptr_null(eval_service_question(&w.service, w.observation, past));
	w.service.target.paused = false;
	arrange_source_timeout(&w);
	ck_assert_ptr_null(eval_service_question(&w.service, w.observation, past));
	g_ptr_array_unref(past);
	world_done(&w);
}
END_TEST

Suite *eval_content_suite(void)
{
	Suite *suite = suite_create("eval_content");
	TCase *tests = tcase_create("content");

	tcase_add_test(tests, test_behind_carries_everything);
	tcase_add_test(tests, L06_each_serving_revision_is_judged);
	tcase_add_test(tests, L05_all_markers_are_evidence);
	tcase_add_test(tests, L29_wanted_is_shown_actual_never);
	tcase_add_test(tests, L28_env_values_are_never_shown);
	tcase_add_test(tests, L18_class_and_permission_are_data);
	tcase_add_test(tests, test_http_is_deployed_when_first_seen);
	tcase_add_test(tests, test_first_look_is_no_deployment);
	tcase_add_test(tests, test_expired_by_its_head_names_the_repository);
	tcase_add_test(tests, test_same_commit_twice_is_said_once);
	tcase_add_test(tests, test_question);
	tcase_add_test(tests, test_question_leaves_out_what_runs);
	tcase_add_test(tests, test_question_wants_last_change);
	tcase_add_test(tests, test_question_of_short_id_finds_its_pair);
	tcase_add_test(tests, test_nothing_to_ask);
	suite_add_tcase(suite, tests);
	return suite;
}
