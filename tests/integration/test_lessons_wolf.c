/* test_lessons_wolf - checks that cried wolf, settings and paths: LESSONS L17 to L32, end to end.
 */
#include "tests/integration/harness.h"

#include <string.h>

Suite *lessons_wolf_suite(void);

static struct world *world;
static char *checkout;
static GString *config;
static char *old_sha; /* touches services/app, two days ago */
static char *new_sha; /* touches services/app, one day ago: the head */

static void setup(void)
{
	world = world_create();
	checkout = repo_make(world, "app");
	old_sha = repo_commit(checkout, "services/app/main.py", "one", 2 * A_DAY);
	new_sha = repo_publish(checkout, "services/app/main.py", "two", A_DAY);
	config = world_base_config(world, "");
}

static void teardown(void)
{
	world_free(world);
	g_free(checkout);
	g_free(old_sha);
	g_free(new_sha);
	g_string_free(config, TRUE);
}

static void begin(void)
{
	world_configure(world, config->str);
	world_start(world);
	world_cycle(world);
}

static void add_service(const char *name, const char *more)
{
	g_autofree char *lines =
		g_strdup_printf("source = cloud-run\npaths = services/app\n%s", more);

	config_add_service(config, name, lines);
}

/** Seconds ago as Google writes times. Caller frees. */
static char *ago(int64_t age_s)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) then = g_date_time_add_seconds(now, (gdouble)-age_s);

	return g_date_time_format(then, "%Y-%m-%dT%H:%M:%SZ");
}

START_TEST(L17_documents_and_reverts_deploy_nothing)
{
	g_autofree char *change = NULL;

	g_free(repo_commit(checkout, "services/app/README.md", "read me", 5 * AN_HOUR));
	change = repo_commit(checkout, "services/app/main.py", "three", 4 * AN_HOUR);
	g_free(repo_commit(checkout, "services/app/main.py", "two", 3 * AN_HOUR));
	g_free(repo_publish(checkout, "elsewhere/x.py", "x", 2 * AN_HOUR));
	add_service("app", "paths = !**/*.md\n");
	add_service("reverted", "paths = !**/*.md\n");
	cloud_deploy(world, "app", new_sha);
	cloud_deploy(world, "reverted", change);
	begin();
	expect_relation(world, "app", "in_sync");
	expect_state(world, "app", "ok", NULL);
	expect_relation(world, "reverted", "behind");
}
END_TEST

START_TEST(L17_only_what_is_left_after_a_revert_is_listed)
{
	g_autofree char *again = NULL;
	g_autoptr(struct_answer) target = NULL;

	g_free(repo_commit(checkout, "services/app/main.py", "three", 4 * AN_HOUR));
	g_free(repo_commit(checkout, "services/app/main.py", "two", 3 * AN_HOUR));
	again = repo_commit(checkout, "services/app/main.py", "four", 2 * AN_HOUR);
	g_free(repo_publish(checkout, "docs/x.md", "x", AN_HOUR));
	add_service("app", "");
	cloud_deploy(world, "app", new_sha);
	begin();
	target = world_target(world, "app");
	ck_assert_int_eq(json_int_at(target->json, "behind.commits"), 1);
	ck_assert_str_eq(json_text_at(target->json, "behind.list.0.sha"), again);
	ck_assert_str_eq(json_text_at(target->json, "behind.oldest.sha"), again);
}
END_TEST

/** An author date says when somebody typed, not when it arrived. */
static void commit_typed_long_ago(const char *content)
{
	g_autofree char *path = g_build_filename(checkout, "services/app/main.py", NULL);

	ck_assert(g_file_set_contents(path, content, -1, NULL));
	g_free(git(checkout, "commit", "-q", "-a", "-m", content, "--date=2020-01-01T00:00:00Z",
		   NULL));
	repo_push(checkout);
}

START_TEST(L20_by_time_is_committer_time_and_says_that_it_is_weak)
{
	g_autofree char *created = ago(AN_HOUR), *later = NULL;
	g_autoptr(struct_answer) target = NULL;

	commit_typed_long_ago("three");
	later = ago(-60);
	add_service("stale", "grace = 1s\n");
	add_service("fresh", "grace = 1s\n");
	cloud_put(world, "run/acme-prod/us-west2/stale", "{\"revisions\":[{\"created\":\"%s\"}]}",
		  created);
	cloud_put(world, "run/acme-prod/us-west2/fresh", "{\"revisions\":[{\"created\":\"%s\"}]}",
		  later);
	begin();
	expect_relation(world, "stale", "by_time");
	expect_relation(world, "fresh", "by_time");
	expect_state(world, "fresh", "ok", NULL);
	cycle_until_state(world, "stale", "drift");
	target = world_target(world, "stale");
	ck_assert_ptr_nonnull(find_reason(target, "by_time"));
}
END_TEST

START_TEST(L21_ids_are_strings)
{
	g_autofree char *eight = g_strndup(new_sha, 8), *upper = g_ascii_strup(new_sha, -1);
	g_autofree char *six = g_strndup(new_sha, 6), *dirty = g_strdup_printf("%s-dirty", new_sha);
	const struct {
		const char *name, *value, *state, *code;
	} rows[] = {
		{"full", new_sha, "ok", NULL},
		{"eight", eight, "ok", NULL},
		{"upper", upper, "ok", NULL},
		{"six", six, "unknown", "commit_unreadable"},
		{"literal", "unknown", "unknown", "commit_unreadable"},
		{"dirty", dirty, "drift", "dirty_build"},
		{"nowhere", "60e9910", "unknown", NULL},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		add_service(rows[i].name, "");
		cloud_deploy(world, rows[i].name, rows[i].value);
	}
	begin();
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		expect_state(world, rows[i].name, rows[i].state, rows[i].code);
}
END_TEST

START_TEST(L24_drift_is_no_server_error)
{
	g_autoptr(struct_answer) check = NULL, strict = NULL;

	add_service("app", "");
	cloud_deploy(world, "app", old_sha);
	begin();
	check = world_check(world);
	ck_assert_str_eq(json_text_at(check->json, "overall"), "drift");
	strict = world_call(world, "POST", "/check?strict=1", NULL, NULL);
	ck_assert_int_eq(strict->status, 409);
}
END_TEST

static void put_rollout(const char *name, const char *created, const char *failed)
{
	g_autofree char *path = g_strdup_printf("run/acme-prod/us-west2/%s", name);

	cloud_put(world, path,
		  "{\"reconciling\":%s,\"traffic\":\"revisions\",\"revisions\":["
		  "{\"percent\":100,\"created\":\"2026-01-01T00:00:00Z\",\"labels\":"
		  "{\"commit-sha\":\"%s\"}},{\"created\":\"%s\",%s,\"labels\":"
		  "{\"commit-sha\":\"%s\"}}]}",
		  *failed ? "false" : "true", old_sha, created,
		  *failed ? failed : "\"pending\":true", new_sha);
}

START_TEST(L25_a_rollout_is_no_drift_while_it_is_young)
{
	g_autofree char *young = ago(30), *old = ago(2 * AN_HOUR);

	add_service("young", "");
	add_service("stuck", "");
	add_service("failed", "");
	put_rollout("young", young, "");
	put_rollout("stuck", old, "");
	put_rollout("failed", old, "\"failed\":\"container did not start\"");
	begin();
	expect_state(world, "young", "pending", "deploying");
	expect_state(world, "stuck", "drift", "rollout_failed");
	expect_state(world, "failed", "drift", "rollout_failed");
}
END_TEST

START_TEST(L25_grace_counts_from_when_a_commit_was_seen)
{
	g_autoptr(struct_answer) target = NULL;

	add_service("app", "");
	cloud_deploy(world, "app", new_sha);
	begin();
	expect_state(world, "app", "ok", NULL);
	/* typed and committed two days ago, pushed now */
	g_free(repo_publish(checkout, "services/app/main.py", "three", 2 * A_DAY));
	world_cycle(world);
	expect_state(world, "app", "pending", "behind");
	target = world_target(world, "app");
	ck_assert_str_eq(json_text_at(target->json, "behind.basis"), "seen");
	ck_assert_int_lt(json_int_at(target->json, "behind.behind_for_s"), 600);
}
END_TEST

START_TEST(L27_settings_count_in_both_directions_and_absent_is_zero)
{
	add_service("equal", "expect = min-instances=2\nexpect = memory=1Gi\n");
	add_service("low", "expect = min-instances=2\n");
	add_service("high", "expect = min-instances=0\n");
	add_service("zero", "expect = min-instances=0\nexpect = concurrency=80\n");
	cloud_put(world, "run/acme-prod/us-west2/equal",
		  "{\"min_instances\":2,\"revisions\":[{\"labels\":{\"commit-sha\":\"%s\"},"
		  "\"memory\":\"1Gi\"}]}",
		  new_sha);
	cloud_deploy(world, "low", new_sha);
	cloud_put(world, "run/acme-prod/us-west2/high",
		  "{\"revisions\":[{\"labels\":{\"commit-sha\":\"%s\"},\"min_instances\":3}]}",
		  new_sha);
	cloud_deploy(world, "zero", new_sha);
	begin();
	expect_state(world, "equal", "ok", NULL);
	expect_state(world, "low", "drift", "setting_changed");
	expect_state(world, "high", "drift", "setting_changed");
	expect_state(world, "zero", "ok", NULL);
}
END_TEST

START_TEST(L27_one_list_not_one_call_per_service)
{
	for (int i = 0; i < 12; i++) {
		g_autofree char *name = g_strdup_printf("s%02d", i);

		add_service(name, "");
		cloud_deploy(world, name, new_sha);
	}
	cloud_put(world, "options", "{\"page_cap\":5}");
	begin();
	cloud_clear_log(world);
	world_cycle(world);
	ck_assert_int_eq(cloud_calls(world, "run.services.list"), 3);
	ck_assert_int_eq(cloud_calls(world, "run.services.get"), 0);
	ck_assert_int_eq(cloud_calls(world, "run.revisions.get"), 0);
	ck_assert_int_eq(cloud_calls(world, "run.revisions.list"), 0);
	expect_state(world, "s11", "ok", NULL);
}
END_TEST

/** Is @p needle in the database, its log or what driftd said? */
static bool leaks(const char *needle)
{
	g_autofree char *state = world_path(world, "state"), *log = world_path(world, "driftd.log");
	const char *const grep[] = {"grep", "-raqF", needle, state, log, NULL};
	struct run run = run_program(grep, NULL);
	bool found = run.status == 0;

	run_clear(&run);
	return found;
}

START_TEST(L28_variables_that_are_gone_or_should_be_gone)
{
	g_autoptr(struct_answer) target = NULL, all = NULL;

	add_service("good", "require-env = API_KEY\nrequire-env = DB_PASS\nforbid-env = DEBUG\n"
			    "expect = env.MODE=live-mode-value\n");
	add_service(
		"bad",
		"require-env = API_KEY\nforbid-env = DEBUG\nexpect = env.MODE=live-mode-value\n");
	cloud_put(world, "run/acme-prod/us-west2/good",
		  "{\"revisions\":[{\"labels\":{\"commit-sha\":\"%s\"},\"env\":{\"API_KEY\":"
		  "\"s3cr3t-value\",\"MODE\":\"live-mode-value\"},\"secret_env\":{\"DB_PASS\":"
		  "\"db-pass\"}}]}",
		  new_sha);
	cloud_put(world, "run/acme-prod/us-west2/bad",
		  "{\"revisions\":[{\"labels\":{\"commit-sha\":\"%s\"},\"env\":{\"DEBUG\":"
		  "\"s3cr3t-debug\",\"MODE\":\"s3cr3t-mode\"}}]}",
		  new_sha);
	begin();
	expect_state(world, "good", "ok", NULL);
	expect_state(world, "bad", "drift", "env_missing");
	expect_state(world, "bad", "drift", "env_forbidden");
	expect_state(world, "bad", "drift", "setting_changed");
	target = world_target(world, "bad");
	all = world_get(world, "/drift?all=1");
	ck_assert_msg(!strstr(target->body, "s3cr3t"), "%s", target->body);
	ck_assert_ptr_null(strstr(all->body, "s3cr3t"));
	ck_assert(!leaks("s3cr3t"));
	ck_assert(leaks("API_KEY")); /* the looking itself works */
}
END_TEST

START_TEST(L29_a_value_must_equal_what_the_manifest_says)
{
	static const char *const lines =
		"expect-from = env.MODEL gs://models/manifest.json#/models/{/current}/path\n";
	static const char *const spec =
		"{\"revisions\":[{\"labels\":{\"commit-sha\":\"%s\"},\"env\":{\"MODEL\":\"%s\"}}]}";

	add_service("equal", lines);
	add_service("other", lines);
	cloud_put(world, "objects/models/manifest.json",
		  "{\"current\":\"v7\",\"models\":{\"v7\":{\"path\":\"gs://models/v7.bin\"}}}");
	cloud_put(world, "objects/models/v7.bin", "weights");
	cloud_put(world, "run/acme-prod/us-west2/equal", spec, new_sha, "gs://models/v7.bin");
	cloud_put(world, "run/acme-prod/us-west2/other", spec, new_sha, "gs://models/v6.bin");
	begin();
	expect_state(world, "equal", "ok", NULL);
	expect_state(world, "other", "drift", "value_differs");
	answer_free(cloud_control(world, "DELETE", "objects/models/v7.bin", NULL));
	world_cycle(world);
	ck_assert(!target_is(world, "equal", "ok")); /* it names an object that is not there */
	answer_free(cloud_control(world, "DELETE", "objects/models/manifest.json", NULL));
	world_cycle(world);
	ck_assert(!target_is(world, "equal", "ok"));
}
END_TEST

START_TEST(L32_the_remote_is_asked_first)
{
	g_autoptr(struct_answer) before = NULL, after = NULL;
	g_autofree char *sha = NULL;

	add_service("app", "");
	cloud_deploy(world, "app", new_sha);
	begin();
	before = world_get(world, "/status");
	ck_assert_str_eq(json_text_at(before->json, "repos.0.head.sha"), new_sha);
	ck_assert_ptr_nonnull(json_at(before->json, "repos.0.fetched_at"));
	sha = repo_publish(checkout, "services/app/main.py", "three", 60);
	cloud_deploy(world, "app", sha);
	world_cycle(world);
	after = world_get(world, "/status");
	ck_assert_str_eq(json_text_at(after->json, "repos.0.head.sha"), sha);
	expect_state(world, "app", "ok", NULL);
}
END_TEST

START_TEST(L32_an_unknown_commit_is_asked_of_the_remote_by_id)
{
	static const char *const nowhere = "c0ffee254729296a45a3885639ac7e10f9d54979";
	g_autofree char *side = NULL;

	g_free(git(checkout, "checkout", "-q", "-b", "side", NULL));
	side = repo_commit(checkout, "services/app/main.py", "side", AN_HOUR);
	g_free(git(checkout, "push", "-q", "origin", "side", NULL));
	g_free(git(checkout, "push", "-q", "origin", "--delete", "side", NULL));
	add_service("side", "");
	add_service("nowhere", "");
	cloud_deploy(world, "side", side);
	cloud_deploy(world, "nowhere", nowhere);
	begin();
	expect_state(world, "side", "drift", "ahead");
	expect_state(world, "nowhere", "drift", "commit_not_in_repo");
	expect_relation(world, "nowhere", "unknown");
}
END_TEST

Suite *lessons_wolf_suite(void)
{
	Suite *suite = suite_create("lessons-wolf");
	TCase *tcase = tcase_create("cried wolf");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 90);
	tcase_add_test(tcase, L17_documents_and_reverts_deploy_nothing);
	tcase_add_test(tcase, L17_only_what_is_left_after_a_revert_is_listed);
	tcase_add_test(tcase, L20_by_time_is_committer_time_and_says_that_it_is_weak);
	tcase_add_test(tcase, L21_ids_are_strings);
	tcase_add_test(tcase, L24_drift_is_no_server_error);
	tcase_add_test(tcase, L25_a_rollout_is_no_drift_while_it_is_young);
	tcase_add_test(tcase, L25_grace_counts_from_when_a_commit_was_seen);
	tcase_add_test(tcase, L27_settings_count_in_both_directions_and_absent_is_zero);
	tcase_add_test(tcase, L27_one_list_not_one_call_per_service);
	tcase_add_test(tcase, L28_variables_that_are_gone_or_should_be_gone);
	tcase_add_test(tcase, L29_a_value_must_equal_what_the_manifest_says);
	tcase_add_test(tcase, L32_the_remote_is_asked_first);
	tcase_add_test(tcase, L32_an_unknown_commit_is_asked_of_the_remote_by_id);
	suite_add_tcase(suite, tcase);
	return suite;
}
