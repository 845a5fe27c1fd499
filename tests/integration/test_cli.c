/* test_cli - the commands and their exit statuses. DESIGN 10. */
#include "tests/integration/harness.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

Suite *cli_suite(void);

static struct world *world;
static char *checkout;
static GString *config;
static char *old_sha, *new_sha;
static const char *environment[3];
static char *url_variable;

static void setup(void)
{
	world = world_create();
	checkout = repo_make(world, "app");
	old_sha = repo_commit(checkout, "app/main.py", "one", 2 * A_DAY);
	new_sha = repo_publish(checkout, "app/main.py", "two", A_DAY);
	config = world_base_config(world, "");
	config_add_service(config, "app",
			   "source = cloud-run\npaths = app\npriority = P0\n"
			   "deploy-command = ./deploy app");
	config_add_service(config, "other", "source = cloud-run\npaths = app");
	cloud_deploy(world, "app", new_sha);
	cloud_deploy(world, "other", new_sha);
	world_configure(world, config->str);
}

static void teardown(void)
{
	world_free(world);
	g_free(checkout);
	g_free(old_sha);
	g_free(new_sha);
	g_string_free(config, TRUE);
	g_clear_pointer(&url_variable, g_free);
}

/** Run driftd with up to six arguments. */
static struct run driftd(const char *a, const char *b, const char *c, const char *d)
{
	const char *const arguments[] = {a, b, c, d, NULL};

	return world_run(world, arguments);
}

static void expect_exit(struct run run, int status, const char *said)
{
	ck_assert_msg(run.status == status, "exit %d, not %d: %s", run.status, status, run.output);
	ck_assert_msg(!said || strstr(run.output, said), "\"%s\" is not said: %s", said,
		      run.output);
	run_clear(&run);
}

static void start_daemon(void)
{
	world_start(world);
	world_cycle(world);
	g_free(url_variable);
	url_variable = g_strdup_printf("DRIFTD_URL=%s", world->origin);
	environment[0] = url_variable;
	world->environment = environment;
}

START_TEST(check_alone_tells_by_its_exit_status)
{
	expect_exit(driftd("check", "-c", "driftd.ini", NULL), 0, "evaluated 2 of 2");
	cloud_deploy(world, "app", old_sha);
	expect_exit(driftd("check", "-c", "driftd.ini", NULL), 1, "./deploy app");
	cloud_fault(world, "{\"path\":\"/v2/*\",\"kind\":\"denied\"}");
	expect_exit(driftd("check", "-c", "driftd.ini", NULL), 2, "unknown");
}
END_TEST

START_TEST(drift_weighs_more_than_not_knowing)
{
	config_add_service(config, "lost", "source = cloud-run\nregion = mars");
	world_configure(world, config->str);
	cloud_deploy(world, "app", old_sha);
	cloud_fault(world, "{\"path\":\"*/mars/*\",\"kind\":\"denied\"}");
	expect_exit(driftd("check", "-c", "driftd.ini", NULL), 1, NULL);
}
END_TEST

START_TEST(check_asks_the_daemon_that_runs)
{
	struct run run = {0};
	int64_t before = 0;
	g_autoptr(struct_answer) first = NULL, second = NULL;
	json_object *json = NULL;

	start_daemon();
	first = world_get(world, "/status");
	before = json_int_at(first->json, "check.id");
	run = driftd("check", "-c", "driftd.ini", "--json");
	ck_assert_msg(run.status == 0, "%s", run.output);
	json = json_tokener_parse(run.output);
	ck_assert_str_eq(json_text_at(json, "overall"), "ok");
	json_object_put(json);
	run_clear(&run);
	second = world_get(world, "/status");
	ck_assert_int_gt(json_int_at(second->json, "check.id"), before);
}
END_TEST

START_TEST(check_alone_leaves_what_a_daemon_serves_later)
{
	expect_exit(driftd("check", "-c", "driftd.ini", NULL), 0, NULL);
	cloud_fault(world, "{\"path\":\"/v2/*\",\"kind\":\"hang\"}");
	world_start(world);
	expect_state(world, "app", "ok", NULL);
}
END_TEST

START_TEST(config_prints_what_is_in_force_without_secrets)
{
	struct run run = {0};

	g_string_append(config, "[auth]\ntoken = hush-hush-token\n");
	world_configure(world, config->str);
	run = driftd("config", "-c", "driftd.ini", NULL);
	ck_assert_msg(run.status == 0, "%s", run.output);
	ck_assert_ptr_nonnull(strstr(run.output, "grace = 30m"));
	ck_assert_ptr_nonnull(strstr(run.output, "(secret)"));
	ck_assert_ptr_null(strstr(run.output, "hush-hush"));
	run_clear(&run);
	expect_exit(driftd("config", "-c", "driftd.ini", "--against-repo"), 0, NULL);
}
END_TEST

START_TEST(config_says_all_errors_at_once)
{
	struct run run = {0};

	g_string_append(config, "[service \"third\"]\nsourcce = http\ngrace = soon\n");
	world_configure(world, config->str);
	run = driftd("config", "-c", "driftd.ini", NULL);
	ck_assert_int_eq(run.status, 78);
	ck_assert_msg(strstr(run.output, "sourcce") && strstr(run.output, "did you mean source") &&
			      strstr(run.output, "soon"),
		      "%s", run.output);
	run_clear(&run);
	expect_exit(driftd("serve", "-c", "driftd.ini", NULL), 78, "sourcce");
	expect_exit(driftd("check", "-c", "driftd.ini", NULL), 78, "sourcce");
}
END_TEST

START_TEST(patterns_are_matched_against_the_repository)
{
	config_add_service(config, "third", "source = cloud-run\npaths = nowhere/**");
	world_configure(world, config->str);
	expect_exit(driftd("config", "-c", "driftd.ini", "--against-repo"), 78, "nowhere/**");
}
END_TEST

START_TEST(status_drift_and_gate_ask_the_daemon)
{
	start_daemon();
	expect_exit(driftd("status", NULL, NULL, NULL), 0, "evaluated 2 of 2");
	expect_exit(driftd("drift", NULL, NULL, NULL), 0, NULL);
	expect_exit(driftd("gate", "--kind", "service", NULL), 0, "pass");
	cloud_deploy(world, "app", old_sha);
	world_cycle(world);
	expect_exit(driftd("status", NULL, NULL, NULL), 1, "service/app");
	expect_exit(driftd("drift", NULL, NULL, NULL), 1, "./deploy app");
	expect_exit(driftd("drift", "app", NULL, NULL), 1, "behind");
	expect_exit(driftd("drift", "service/other", NULL, NULL), 0, NULL);
	expect_exit(driftd("gate", "--target", "service/app", NULL), 1, "service/app");
	expect_exit(driftd("gate", "--target", "service/other", NULL), 0, NULL);
	expect_exit(driftd("gate", "--target", "service/nobody", NULL), 2, "nobody");
	expect_exit(driftd("drift", "nobody", NULL, NULL), 2, "nobody");
	cloud_fault(world, "{\"path\":\"/v2/*\",\"kind\":\"denied\"}");
	world_cycle(world);
	expect_exit(driftd("status", NULL, NULL, NULL), 2, "unknown");
	expect_exit(driftd("gate", "--target", "service/other", NULL), 2, NULL);
}
END_TEST

START_TEST(incidents_are_listed_taken_up_and_silenced)
{
	start_daemon();
	expect_exit(driftd("incidents", NULL, NULL, NULL), 0, "no incidents");
	expect_exit(driftd("notifications", NULL, NULL, NULL), 0, "no messages");
	expect_exit(driftd("ack", "service/app", NULL, NULL), 2, "no open incident");
	cloud_deploy(world, "app", old_sha);
	world_cycle(world);
	expect_exit(driftd("incidents", NULL, NULL, NULL), 0, "service/app");
	expect_exit(driftd("ack", "service/app", "--who", "ann"), 0, "incident 1 acknowledged");
	expect_exit(driftd("incidents", NULL, NULL, NULL), 0, "acknowledged");
	expect_exit(driftd("incidents", "1", NULL, NULL), 0, "ann");
	expect_exit(driftd("false-alarm", "1", NULL, NULL), 0, "counted as a false alarm");
	cloud_deploy(world, "app", new_sha);
	world_cycle(world);
	expect_exit(driftd("incidents", NULL, NULL, NULL), 0, "no incidents");
	expect_exit(driftd("incidents", "--all", NULL, NULL), 0, "resolved");
	expect_exit(driftd("silence", "service/*", "--for=2h", NULL), 64, "--why");
	expect_exit(driftd("silence", "service/*", "--for=2h", "--why=move"), 0,
		    "silence 1: service/* until");
	expect_exit(driftd("silences", NULL, NULL, NULL), 0, "move");
	expect_exit(driftd("unsilence", "1", NULL, NULL), 0, "silence 1 ended");
	expect_exit(driftd("silences", NULL, NULL, NULL), 0, "no silences");
}
END_TEST

START_TEST(nobody_answering_is_said)
{
	expect_exit(driftd("status", "--url", "http://127.0.0.1:1", NULL), 2, "127.0.0.1:1");
}
END_TEST

START_TEST(json_is_json_everywhere)
{
	static const char *const commands[][3] = {
		{"status", "--json", NULL},  {"drift", "--json", NULL},
		{"drift", "app", "--json"},  {"gate", "--kind=service", "--json"},
		{"version", "--json", NULL},
	};

	start_daemon();
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
		struct run run = driftd(commands[i][0], commands[i][1], commands[i][2], NULL);
		json_object *json = json_tokener_parse(run.output);

		ck_assert_msg(json_object_is_type(json, json_type_object), "%s: %s", commands[i][0],
			      run.output);
		json_object_put(json);
		run_clear(&run);
	}
}
END_TEST

START_TEST(wrong_usage_is_64)
{
	static const char *const commands[][3] = {
		{"nonsense", NULL, NULL},       {"check", NULL, NULL},
		{"status", "--nonsense", NULL}, {"serve", "-c", NULL},
		{"drift", "one", "two"},        {"check", "-c", NULL},
		{"version", "-c", "x.ini"},     {"gate", "--target", NULL},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		expect_exit(driftd(commands[i][0], commands[i][1], commands[i][2], NULL), 64, NULL);
	expect_exit(driftd("chek", "-c", "driftd.ini", NULL), 64, "check");
}
END_TEST

START_TEST(version_and_help)
{
	expect_exit(driftd("version", NULL, NULL, NULL), 0, "driftd ");
	expect_exit(driftd("help", NULL, NULL, NULL), 0, "usage:");
	expect_exit(driftd("--help", NULL, NULL, NULL), 0, "usage:");
}
END_TEST

/* --- affected --- */

/** driftd affected in the checkout, with the world's configuration. */
static struct run affected(const char *a, const char *b)
{
	g_autofree char *ini = world_path(world, "driftd.ini");
	const char *arguments[] = {program_path("driftd"), "affected", "-c", ini, a, b, NULL};
	const struct process_setup in_checkout = {.directory = checkout};

	return run_program(arguments, &in_checkout);
}

static void write_in_checkout(const char *path, const char *content)
{
	g_autofree char *full = g_build_filename(checkout, path, NULL);

	ck_assert(g_file_set_contents(full, content, -1, NULL));
}

START_TEST(affected_names_what_a_change_makes_stale)
{
	struct run run = {0};

	write_in_checkout("app/new.py", "x");
	run = affected("--staged", NULL);
	ck_assert_int_eq(run.status, 0);
	ck_assert_msg(!strstr(run.output, "service/app"), "%s", run.output); /* not staged */
	run_clear(&run);
	g_free(git(checkout, "add", "-A", NULL));
	expect_exit(affected("--staged", NULL), 0, "service/app");
	write_in_checkout("README.md", "x");
	g_free(git(checkout, "reset", "-q", NULL));
	g_free(git(checkout, "add", "README.md", NULL));
	run = affected("--staged", NULL);
	ck_assert_msg(!strstr(run.output, "service/"), "%s", run.output);
	run_clear(&run);
	expect_exit(affected("HEAD~1..HEAD", NULL), 0, "service/other");
	expect_exit(affected("nowhere..HEAD", NULL), 2, "nowhere");
	expect_exit(affected("--repo", "typo"), 64, "typo"); /* L01: never a silent nothing */
	expect_exit(affected("--repo", "app"), 0, NULL);
}
END_TEST

START_TEST(the_hook_informs_and_never_blocks)
{
	g_autofree char *hook = g_build_filename(checkout, ".git/hooks/pre-commit", NULL);
	g_autofree char *ini = world_path(world, "driftd.ini");
	struct stat info = {0};

	expect_exit(affected("--install-hook", NULL), 0, "pre-commit");
	ck_assert(stat(hook, &info) == 0 && (info.st_mode & S_IXUSR));
	expect_exit(affected("--install-hook", NULL), 0, NULL); /* its own is replaced */
	g_free(repo_commit(checkout, "app/main.py", "three", 10));
	ck_assert(g_file_set_contents(hook, "#!/bin/sh\n# ours\n", -1, NULL));
	expect_exit(affected("--install-hook", NULL), 2, "pre-commit");
	ck_assert(g_unlink(hook) == 0);
	expect_exit(affected("--install-hook", NULL), 0, "pre-commit");
	ck_assert(g_file_set_contents(ini, "[nonsense\n", -1, NULL));
	expect_exit(affected("--install-hook", NULL), 78, "unclosed");
	g_free(repo_commit(checkout, "app/main.py", "four", 10)); /* fails when blocked */
}
END_TEST

Suite *cli_suite(void)
{
	Suite *suite = suite_create("cli");
	TCase *tcase = tcase_create("commands");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 90);
	tcase_add_test(tcase, check_alone_tells_by_its_exit_status);
	tcase_add_test(tcase, drift_weighs_more_than_not_knowing);
	tcase_add_test(tcase, check_asks_the_daemon_that_runs);
	tcase_add_test(tcase, check_alone_leaves_what_a_daemon_serves_later);
	tcase_add_test(tcase, config_prints_what_is_in_force_without_secrets);
	tcase_add_test(tcase, config_says_all_errors_at_once);
	tcase_add_test(tcase, patterns_are_matched_against_the_repository);
	tcase_add_test(tcase, status_drift_and_gate_ask_the_daemon);
	tcase_add_test(tcase, incidents_are_listed_taken_up_and_silenced);
	tcase_add_test(tcase, nobody_answering_is_said);
	tcase_add_test(tcase, json_is_json_everywhere);
	tcase_add_test(tcase, wrong_usage_is_64);
	tcase_add_test(tcase, version_and_help);
	tcase_add_test(tcase, affected_names_what_a_change_makes_stale);
	tcase_add_test(tcase, the_hook_informs_and_never_blocks);
	suite_add_tcase(suite, tcase);
	return suite;
}
