/* test_lessons - checks that could not fail: LESSONS L01 to L11, each against the real daemon, a
 * real repository and the stand-in cloud. */
#include "tests/integration/harness.h"

#include <string.h>

Suite *lessons_suite(void);

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

/** Start with @p config and wait for a whole cycle. */
static void begin(void)
{
	world_configure(world, config->str);
	world_start(world);
	world_cycle(world);
}

static void add_run_service(const char *name, const char *more)
{
	g_autofree char *lines =
		g_strdup_printf("source = cloud-run\npaths = services/app\n%s", more);

	config_add_service(config, name, lines);
}

static void add_http_service(const char *name, const char *more)
{
	g_autofree char *lines = g_strdup_printf("source = http\nurl = %s/target/%s/version\n"
						 "commit-pointer = /commit\npaths = services/app\n"
						 "%s",
						 world->cloud, name, more);

	config_add_service(config, name, lines);
}

START_TEST(L01_nothing_evaluated_is_no_success)
{
	static const char *const check[] = {"check", "-c", "driftd.ini", NULL};
	g_autoptr(struct_answer) summary = NULL, status = NULL;
	struct run run = {0};

	add_run_service("app", "");
	cloud_deploy(world, "app", new_sha);
	cloud_fault(world, "{\"path\":\"/v2/*\",\"kind\":\"denied\"}");
	begin();
	summary = world_check(world);
	ck_assert_str_eq(json_text_at(summary->json, "overall"), "unknown");
	ck_assert_int_eq(json_int_at(summary->json, "evaluated"), 0);
	ck_assert_int_eq(json_int_at(summary->json, "targets_total"), 1);
	status = world_get(world, "/status");
	ck_assert(json_object_object_get_ex(status->json, "score", NULL));
	ck_assert_ptr_null(json_at(status->json, "score")); /* null, not 100 */
	run = world_run(world, check);
	ck_assert_msg(run.status == 2, "exit %d: %s", run.status, run.output);
	run_clear(&run);
}
END_TEST

START_TEST(L02_a_path_without_a_match_is_unknown)
{
	g_autoptr(struct_answer) gone = NULL, never = NULL;
	g_autofree char *sha = NULL;

	g_free(repo_commit(checkout, "services/app/main.py", "", AN_HOUR));
	sha = repo_publish(checkout, "services/new/main.py", "three", AN_HOUR);
	add_http_service("gone", "");
	config_add_service(config, "never",
			   "source = cloud-run\nservice = app\npaths = services/new\n"
			   "paths = servcies/app");
	cloud_target(world, "gone", old_sha);
	cloud_deploy(world, "app", sha);
	begin();
	expect_state(world, "gone", "drift", "paths_missing"); /* it is behind beside that */
	expect_state(world, "never", "unknown", "paths_missing");
	gone = world_target(world, "gone");
	never = world_target(world, "never");
	ck_assert_str_ne(json_text_at(find_reason(gone, "paths_missing"), "message"),
			 json_text_at(find_reason(never, "paths_missing"), "message"));
	ck_assert_msg(strstr(never->body, "servcies/app"), "%s", never->body);
}
END_TEST

START_TEST(L03_a_commit_beside_the_branch_is_not_current)
{
	g_autofree char *side = NULL, *further = NULL;
	g_autoptr(struct_answer) diverged = NULL;

	g_free(git(checkout, "checkout", "-q", "-b", "side", old_sha, NULL));
	side = repo_commit(checkout, "services/app/main.py", "hotfix", AN_HOUR);
	g_free(git(checkout, "push", "-q", "origin", "side", NULL));
	g_free(git(checkout, "checkout", "-q", "-B", "ahead", new_sha, NULL));
	further = repo_commit(checkout, "services/app/main.py", "three", AN_HOUR);
	g_free(git(checkout, "push", "-q", "origin", "ahead", NULL));
	add_run_service("diverged", "");
	add_run_service("ahead", "");
	add_run_service("current", "");
	add_run_service("behind", "");
	cloud_deploy(world, "diverged", side);
	cloud_deploy(world, "ahead", further);
	cloud_deploy(world, "current", new_sha);
	cloud_deploy(world, "behind", old_sha);
	begin();
	expect_relation(world, "diverged", "diverged");
	expect_state(world, "diverged", "drift", "diverged");
	expect_relation(world, "ahead", "ahead");
	expect_state(world, "ahead", "drift", "ahead");
	expect_relation(world, "current", "in_sync");
	expect_state(world, "current", "ok", NULL);
	expect_relation(world, "behind", "behind");
	expect_state(world, "behind", "drift", "behind");
	diverged = world_target(world, "diverged");
	ck_assert_int_eq(json_int_at(diverged->json, "behind.commits"), 1);
	ck_assert_int_eq(json_int_at(diverged->json, "ahead.commits"), 1);
}
END_TEST

START_TEST(L04_error_is_not_healthy)
{
	g_autoptr(struct_answer) status = NULL, gate = NULL, open = NULL, lenient = NULL;

	add_http_service("well", "");
	add_http_service("broken", "");
	cloud_target(world, "well", new_sha);
	cloud_target(world, "broken", new_sha);
	cloud_fault(world, "{\"path\":\"/target/broken/*\",\"kind\":\"status\",\"status\":404}");
	begin();
	expect_state(world, "broken", "unknown", "fetch_failed");
	expect_state(world, "well", "ok", NULL);
	status = world_get(world, "/status");
	ck_assert_str_eq(json_text_at(status->json, "overall"), "unknown");
	ck_assert_int_eq(json_int_at(status->json, "counts.unknown"), 1);
	ck_assert_int_eq(json_int_at(status->json, "evaluated"), 1);
	ck_assert_int_eq(json_int_at(status->json, "targets_total"), 2);
	gate = world_call(world, "GET", "/gate?target=service/broken", NULL, NULL);
	ck_assert_int_eq(gate->status, 409);
	open = world_call(world, "GET", "/gate?target=service/well", NULL, NULL);
	ck_assert_int_eq(open->status, 200);
	lenient =
		world_call(world, "GET", "/gate?target=service/broken&allow-unknown=1", NULL, NULL);
	ck_assert_int_eq(lenient->status, 200);
}
END_TEST

START_TEST(L04_why_nothing_was_heard_is_said)
{
	g_autofree char *secure =
		g_strdup_printf("source = http\nurl = https%s/target/x", strchr(world->cloud, ':'));
	const struct {
		const char *name, *lines, *classes;
	} rows[] = {
		{"closed", "source = http\nurl = http://127.0.0.1:1/version", "reset"},
		{"nameless", "source = http\nurl = http://nowhere.invalid/version",
		 "resolve timeout"}, /* name servers may be slow */
		{"secure", secure, "tls"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		config_add_service(config, rows[i].name, rows[i].lines);
	begin();
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(struct_answer) target = world_target(world, rows[i].name);

		const char *class = json_text_at(find_reason(target, "fetch_failed"), "class");

		ck_assert_str_eq(json_text_at(target->json, "state"), "unknown");
		ck_assert_msg(*class && strstr(rows[i].classes, class), "%s: %s", rows[i].name,
			      target->body);
	}
}
END_TEST

START_TEST(L05_markers_that_disagree_are_a_finding)
{
	g_autoptr(struct_answer) target = NULL;

	add_run_service("app", "grace = 1s\n");
	cloud_put(world, "run/acme-prod/us-west2/app",
		  "{\"revisions\":[{\"created\":\"2026-01-01T00:00:00Z\",\"labels\":"
		  "{\"commit-sha\":\"%s\"},\"env\":{\"GIT_COMMIT\":\"%s\"}}]}",
		  new_sha, old_sha);
	begin();
	cycle_until_state(world, "app", "drift"); /* past its grace */
	expect_state(world, "app", "drift", "markers_disagree");
	target = world_target(world, "app");
	ck_assert_uint_ge(json_object_array_length(json_at(target->json, "deployed.0.evidence")),
			  2);
}
END_TEST

START_TEST(L05_the_old_image_under_a_new_commit_is_a_finding)
{
	static const char *const spec =
		"{\"revisions\":[{\"name\":\"app-%s\",\"labels\":{\"commit-sha\":\"%s\"},"
		"\"image\":\"us-docker.pkg.dev/acme-prod/apps/app@sha256:"
		"7d00000000000000000000000000000000000000000000000000000000000001\"}]}";

	add_run_service("app", "");
	cloud_put(world, "run/acme-prod/us-west2/app", spec, "1", old_sha);
	begin();
	expect_state(world, "app", "drift", "behind");
	cloud_put(world, "run/acme-prod/us-west2/app", spec, "2", new_sha);
	world_cycle(world);
	expect_state(world, "app", "drift", "image_reused");
}
END_TEST

START_TEST(L06_what_serves_traffic_counts)
{
	g_autoptr(struct_answer) target = NULL;

	add_run_service("app", "");
	cloud_put(world, "run/acme-prod/us-west2/app",
		  "{\"labels\":{\"commit-sha\":\"%s\"},\"revisions\":[{\"percent\":100,\"labels\":"
		  "{\"commit-sha\":\"%s\"}},{\"labels\":{\"commit-sha\":\"%s\"}}]}",
		  new_sha, old_sha, new_sha);
	begin();
	expect_relation(world, "app", "behind");
	expect_state(world, "app", "drift", "traffic_not_latest");
	target = world_target(world, "app");
	ck_assert_str_eq(json_text_at(target->json, "deployed.0.sha"), old_sha);
	ck_assert_str_eq(json_text_at(target->json, "deployed.0.revision"), "app-00001-abc");
	ck_assert_int_eq(json_int_at(target->json, "deployed.0.percent"), 100);
}
END_TEST

START_TEST(L06_a_split_is_judged_by_its_worst_share)
{
	g_autoptr(struct_answer) target = NULL;

	add_run_service("app", "traffic = any\n");
	cloud_put(world, "run/acme-prod/us-west2/app",
		  "{\"revisions\":[{\"percent\":10,\"labels\":{\"commit-sha\":\"%s\"}},"
		  "{\"percent\":90,\"labels\":{\"commit-sha\":\"%s\"}}]}",
		  old_sha, new_sha);
	begin();
	expect_relation(world, "app", "behind");
	target = world_target(world, "app");
	ck_assert_uint_eq(json_object_array_length(json_at(target->json, "deployed")), 2);
	ck_assert_int_eq(json_int_at(target->json, "deployed.0.percent"), 90);
	ck_assert_str_eq(json_text_at(target->json, "deployed.0.relation"), "in_sync");
	ck_assert_str_eq(json_text_at(target->json, "deployed.1.relation"), "behind");
	ck_assert_ptr_null(find_reason(target, "traffic_not_latest"));
}
END_TEST

START_TEST(L07_the_wrong_program_under_the_right_name)
{
	g_autofree char *probe = g_strdup_printf("probe-url = %s/target/identity/health\n"
						 "probe-expect = /service=app\n",
						 world->cloud);

	add_http_service("app", probe);
	cloud_target(world, "app", new_sha);
	cloud_put(world, "targets/identity", "{\"service\":\"app\"}");
	begin();
	expect_state(world, "app", "ok", NULL);
	cloud_put(world, "targets/identity", "{\"service\":\"other\"}");
	world_cycle(world);
	expect_state(world, "app", "drift", "wrong_identity");
	cloud_put(world, "targets/identity", "{}");
	world_cycle(world);
	ck_assert(!target_is(world, "app", "ok"));
}
END_TEST

START_TEST(L08_missing_and_unwatched_services)
{
	g_autoptr(struct_answer) status = NULL;

	config_replace(config, "[gcp]\n", "[gcp]\nreport-unwatched = true\n");
	add_run_service("gone", "");
	add_run_service("there", "");
	cloud_deploy(world, "there", new_sha);
	cloud_deploy(world, "stray", new_sha);
	begin();
	expect_state(world, "gone", "drift", "service_missing");
	expect_state(world, "there", "ok", NULL);
	status = world_get(world, "/status");
	ck_assert_uint_eq(json_object_array_length(json_at(status->json, "unwatched")), 1);
	ck_assert(strstr(json_text_at(status->json, "unwatched"), "stray"));
	ck_assert_int_eq(json_int_at(status->json, "targets_total"), 2);
}
END_TEST

START_TEST(L08_an_incomplete_list_proves_nothing_missing)
{
	add_run_service("gone", "");
	add_run_service("there", "");
	cloud_deploy(world, "there", new_sha);
	cloud_put(world, "unreachable/acme-prod/us-west2",
		  "[\"projects/acme-prod/locations/us-west2\"]");
	begin();
	expect_state(world, "gone", "unknown", NULL);
	expect_state(world, "there", "ok", NULL);
}
END_TEST

START_TEST(L09_a_shallow_repository_is_said)
{
	g_autofree char *shallow = world_path(world, "shallow");
	g_autofree char *bare = g_strdup_printf("file://%s/git/app.git", world->directory);
	g_autofree char *url = g_strdup_printf("url = %s/git/app.git", world->cloud);

	g_free(git("/", "clone", "-q", "--depth", "1", bare, shallow, NULL));
	config_replace(config, url, "url = shallow");
	add_http_service("app", "");
	add_http_service("newest", "");
	cloud_target(world, "app", old_sha);
	cloud_target(world, "newest", new_sha);
	begin();
	expect_state(world, "app", "unknown", "shallow_repo");
	expect_state(world, "newest", "ok", NULL); /* no history is needed for it */
}
END_TEST

START_TEST(L11_all_renderings_say_the_same)
{
	static const char *const text[] = {"Accept: text/plain", NULL};
	g_autoptr(struct_answer) status = NULL, drift = NULL, metrics = NULL, summary = NULL;
	g_autofree char *evaluated = NULL;
	int64_t drifted = 0;

	add_http_service("behind", "");
	add_http_service("well", "");
	add_http_service("broken", "");
	cloud_target(world, "behind", old_sha);
	cloud_target(world, "well", new_sha);
	begin();
	status = world_get(world, "/status");
	drifted = json_int_at(status->json, "counts.drift");
	ck_assert_int_eq(drifted, 1);
	ck_assert_int_eq(json_int_at(status->json, "counts.unknown"), 1);
	summary = world_check(world);
	ck_assert_int_eq(json_int_at(summary->json, "counts.drift"), drifted);
	ck_assert_str_eq(json_text_at(summary->json, "overall"),
			 json_text_at(status->json, "overall"));
	ck_assert_uint_eq(json_object_array_length(json_at(summary->json, "not_ok")), 2);
	drift = world_call(world, "GET", "/drift", text, NULL);
	evaluated = g_strdup_printf("evaluated %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT,
				    json_int_at(status->json, "evaluated"),
				    json_int_at(status->json, "targets_total"));
	ck_assert_msg(strstr(drift->body, evaluated), "%s: %s", evaluated, drift->body);
	ck_assert_msg(strstr(drift->body, "1 drift"), "%s", drift->body);
	metrics = world_get(world, "/metrics");
	ck_assert_msg(strstr(metrics->body, "service/behind") ||
			      strstr(metrics->body, "name=\"behind\""),
		      "%s", metrics->body);
}
END_TEST

Suite *lessons_suite(void)
{
	Suite *suite = suite_create("lessons");
	TCase *tcase = tcase_create("could not fail");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 90);
	tcase_add_test(tcase, L01_nothing_evaluated_is_no_success);
	tcase_add_test(tcase, L02_a_path_without_a_match_is_unknown);
	tcase_add_test(tcase, L03_a_commit_beside_the_branch_is_not_current);
	tcase_add_test(tcase, L04_error_is_not_healthy);
	tcase_add_test(tcase, L04_why_nothing_was_heard_is_said);
	tcase_add_test(tcase, L05_markers_that_disagree_are_a_finding);
	tcase_add_test(tcase, L05_the_old_image_under_a_new_commit_is_a_finding);
	tcase_add_test(tcase, L06_what_serves_traffic_counts);
	tcase_add_test(tcase, L06_a_split_is_judged_by_its_worst_share);
	tcase_add_test(tcase, L07_the_wrong_program_under_the_right_name);
	tcase_add_test(tcase, L08_missing_and_unwatched_services);
	tcase_add_test(tcase, L08_an_incomplete_list_proves_nothing_missing);
	tcase_add_test(tcase, L09_a_shallow_repository_is_said);
	tcase_add_test(tcase, L11_all_renderings_say_the_same);
	suite_add_tcase(suite, tcase);
	return suite;
}
