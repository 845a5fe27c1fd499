/* test_mirror - the way of a head: fetched over git http-backend, forced pushes, remotes that go
 * away, damaged mirrors, other URLs, tokens. */
#include "tests/integration/harness.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

Suite *mirror_suite(void);

static struct world *world;
static char *checkout;
static GString *config;
static char *head;

static void setup(void)
{
	world = world_create();
	checkout = repo_make(world, "app");
	g_free(repo_commit(checkout, "app/main.py", "zero", 3 * A_DAY));
	head = repo_publish(checkout, "app/main.py", "one", 2 * A_DAY);
	cloud_target(world, "app", head);
}

static void teardown(void)
{
	world_free(world);
	g_free(checkout);
	g_free(head);
	if (config)
		g_string_free(g_steal_pointer(&config), TRUE);
}

/** @p driftd_extra: more lines of [driftd]. */
static void begin(const char *driftd_extra)
{
	g_autofree char *lines = g_strdup_printf(
		"source = http\nurl = %s/target/app/version\ncommit-pointer = /commit\n"
		"paths = app",
		world->cloud);

	config = world_base_config(world, driftd_extra);
	config_add_service(config, "app", lines);
	world_configure(world, config->str);
	world_start(world);
	world_cycle(world);
}

static void change_config(const char *old, const char *new)
{
	config_replace(config, old, new);
	world_configure(world, config->str);
}

static char *status_text(const char *path)
{
	g_autoptr(struct_answer) status = world_get(world, "/status");

	return g_strdup(json_text_at(status->json, path));
}

static void expect_head(const char *sha)
{
	g_autofree char *seen = status_text("repos.0.head.sha");

	ck_assert_str_eq(seen, sha);
}

START_TEST(a_push_becomes_the_head)
{
	g_autofree char *pushed = NULL;
	g_autoptr(struct_answer) status = NULL;

	begin("");
	expect_head(head);
	expect_state(world, "app", "ok", NULL);
	pushed = repo_publish(checkout, "app/main.py", "two", 60);
	world_cycle(world);
	expect_head(pushed);
	expect_relation(world, "app", "behind");
	status = world_get(world, "/status");
	ck_assert_str_eq(json_text_at(status->json, "repos.0.branch"), "main");
	ck_assert_ptr_null(json_at(status->json, "repos.0.error"));
}
END_TEST

START_TEST(the_mirror_holds_no_file_content)
{
	g_autofree char *mirror = NULL, *blobs = NULL;

	begin("");
	mirror = world_path(world, "state/mirrors/app.git");
	ck_assert_msg(g_file_test(mirror, G_FILE_TEST_IS_DIR), "no mirror at %s", mirror);
	blobs = git(mirror, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)", NULL);
	ck_assert_ptr_nonnull(strstr(blobs, "commit"));
	ck_assert_ptr_null(strstr(blobs, "blob"));
}
END_TEST

START_TEST(a_forced_push_is_a_head_and_is_said)
{
	g_autofree char *forced = NULL;
	g_autoptr(struct_answer) status = NULL;

	begin("");
	g_free(git(checkout, "reset", "-q", "--hard", "HEAD~1", NULL));
	forced = repo_publish(checkout, "app/main.py", "other", 60);
	world_cycle(world);
	expect_head(forced);
	expect_relation(world, "app", "diverged");
	status = world_get(world, "/status");
	ck_assert_msg(strstr(json_text_at(status->json, "repos"), "forced"), "%s", status->body);
}
END_TEST

START_TEST(a_remote_that_is_away_leaves_the_head_in_place)
{
	g_autofree char *before = NULL, *after = NULL, *error = NULL, *healed = NULL;

	begin("");
	before = status_text("repos.0.fetched_at");
	cloud_fault(world, "{\"path\":\"/git/*\",\"kind\":\"reset\"}");
	world_cycle(world);
	expect_head(head);
	expect_state(world, "app", "ok", NULL);
	error = status_text("repos.0.error");
	ck_assert_str_ne(error, "");
	after = status_text("repos.0.fetched_at");
	ck_assert_str_eq(after, before); /* its age is shown, not made younger */
	cloud_heal(world);
	world_cycle(world);
	healed = status_text("repos.0.error");
	ck_assert_str_eq(healed, "");
}
END_TEST

START_TEST(L09_what_rests_on_an_old_head_expires)
{
	begin("expire-after = 2s");
	cloud_fault(world, "{\"path\":\"/git/*\",\"kind\":\"reset\"}");
	cycle_until_state(world, "app", "unknown"); /* the service answers all the time */
	expect_head(head);
	cloud_heal(world);
	world_cycle(world);
	expect_state(world, "app", "ok", NULL);
}
END_TEST

START_TEST(nothing_is_concluded_against_a_head_that_may_be_old)
{
	g_autofree char *next = repo_commit(checkout, "app/main.py", "two", 60);

	begin("");
	repo_push(checkout);
	cloud_target(world, "app", next); /* pushed and deployed between two calls */
	cloud_fault(world, "{\"path\":\"/git/*\",\"kind\":\"reset\"}");
	world_cycle(world);
	expect_state(world, "app", "unknown", NULL);
	cloud_heal(world);
	world_cycle(world);
	expect_state(world, "app", "ok", NULL);
}
END_TEST

START_TEST(a_damaged_mirror_is_made_anew_and_said)
{
	g_autofree char *mirror = NULL, *pushed = NULL;
	const char *destroy[] = {"sh", "-c", NULL, NULL};
	g_autofree char *command = NULL;
	struct run run = {0};

	begin("");
	mirror = world_path(world, "state/mirrors/app.git");
	ck_assert_int_eq(world_stop(world), 0);
	command = g_strdup_printf("find %s -type f -name '*.pack' -exec sh -c 'echo x >\"$1\"' _ "
				  "{} \\; ; echo garbage >%s/HEAD",
				  mirror, mirror);
	destroy[2] = command;
	run = run_program(destroy, NULL);
	ck_assert_msg(run.status == 0, "%s", run.output);
	run_clear(&run);
	pushed = repo_publish(checkout, "app/main.py", "two", 60);
	world_start(world);
	world_cycle(world);
	expect_head(pushed);
	expect_relation(world, "app", "behind");
}
END_TEST

START_TEST(another_url_means_another_mirror)
{
	g_autofree char *other = repo_make(world, "other");
	g_autofree char *sha = repo_publish(other, "app/main.py", "elsewhere", A_DAY);

	begin("");
	ck_assert_int_eq(world_stop(world), 0);
	change_config("/git/app.git", "/git/other.git");
	cloud_target(world, "app", sha);
	world_start(world);
	world_cycle(world);
	expect_head(sha);
	expect_state(world, "app", "ok", NULL);
}
END_TEST

START_TEST(a_token_opens_the_repository_and_is_never_shown)
{
	g_autofree char *error = NULL, *state = NULL;
	const char *grep[] = {"grep", "-raqF", "sesame-open", NULL, NULL, NULL};
	g_autofree char *log = NULL;
	struct run run = {0};

	cloud_put(world, "options", "{\"git_token\":\"sesame-open\"}");
	begin("");
	expect_state(world, "app", "unknown", NULL); /* never had a head */
	error = status_text("repos.0.error");
	ck_assert_str_ne(error, "");
	ck_assert_int_eq(world_stop(world), 0);
	change_config("branch = main\n", "branch = main\ntoken = sesame-open\n");
	world_start(world);
	world_cycle(world);
	expect_state(world, "app", "ok", NULL);
	state = world_path(world, "state");
	log = world_path(world, "driftd.log");
	grep[3] = state;
	grep[4] = log;
	run = run_program(grep, NULL);
	ck_assert_msg(run.status == 1, "the token is in %s or %s", state, log);
	run_clear(&run);
}
END_TEST

START_TEST(the_branch_of_the_remotes_head_is_found)
{
	g_autofree char *branch = NULL;

	begin("");
	ck_assert_int_eq(world_stop(world), 0);
	change_config("branch = main\n", "");
	world_start(world);
	world_cycle(world);
	branch = status_text("repos.0.branch");
	ck_assert_str_eq(branch, "main");
	expect_state(world, "app", "ok", NULL);
}
END_TEST

START_TEST(a_local_repository_is_read_in_place)
{
	g_autofree char *next = NULL, *url = NULL;

	begin("");
	ck_assert_int_eq(world_stop(world), 0);
	url = g_strdup_printf("url = %s/git/app.git", world->cloud);
	change_config(url, "url = work/app");
	world_start(world);
	world_cycle(world);
	expect_state(world, "app", "ok", NULL);
	next = repo_commit(checkout, "app/main.py", "two", A_DAY); /* not pushed */
	world_cycle(world);
	expect_head(next);
	expect_relation(world, "app", "behind");
}
END_TEST

START_TEST(a_hanging_remote_delays_no_other_target)
{
	begin("");
	cloud_fault(world, "{\"path\":\"/git/*\",\"kind\":\"hang\"}");
	world_cycle(world); /* ends by cycle-timeout */
	expect_state(world, "app", "ok", NULL);
	expect_head(head);
	cloud_heal(world);
	world_cycle(world);
	expect_state(world, "app", "ok", NULL);
}
END_TEST

START_TEST(a_hanging_remote_leaves_the_head_in_place)
{
	begin("");
	ck_assert_int_eq(world_stop(world), 0);
	change_config("fetch-timeout = 2s", "fetch-timeout = 60s");
	cloud_fault(world, "{\"path\":\"/git/*\",\"kind\":\"hang\"}");
	world_start(world);
	world_cycle(world); /* asking where the branch stands gives up long before fetch-timeout */
	expect_head(head);
	ck_assert(target_is(world, "app", "ok"));
	{
		g_autoptr(struct_answer) status = world_get(world, "/status");

		ck_assert_str_ne(json_text_at(status->json, "repos.0.error"), "");
	}
	cloud_heal(world);
	cycle_until_state(world, "app", "ok");
}
END_TEST

Suite *mirror_suite(void)
{
	Suite *suite = suite_create("mirror");
	TCase *tcase = tcase_create("git");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 90);
	tcase_add_test(tcase, a_push_becomes_the_head);
	tcase_add_test(tcase, the_mirror_holds_no_file_content);
	tcase_add_test(tcase, a_forced_push_is_a_head_and_is_said);
	tcase_add_test(tcase, a_remote_that_is_away_leaves_the_head_in_place);
	tcase_add_test(tcase, L09_what_rests_on_an_old_head_expires);
	tcase_add_test(tcase, nothing_is_concluded_against_a_head_that_may_be_old);
	tcase_add_test(tcase, a_damaged_mirror_is_made_anew_and_said);
	tcase_add_test(tcase, another_url_means_another_mirror);
	tcase_add_test(tcase, a_token_opens_the_repository_and_is_never_shown);
	tcase_add_test(tcase, the_branch_of_the_remotes_head_is_found);
	tcase_add_test(tcase, a_local_repository_is_read_in_place);
	tcase_add_test(tcase, a_hanging_remote_delays_no_other_target);
	tcase_add_test(tcase, a_hanging_remote_leaves_the_head_in_place);
	suite_add_tcase(suite, tcase);
	return suite;
}
