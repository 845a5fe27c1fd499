/* test_demo - `make demo` shows what it promises: fifteen services and seventeen targets of data, each in
 * its state. */
#include "tests/integration/harness.h"

#include <string.h>

Suite *demo_suite(void);

static struct world *base; /* folder */
static struct world demo;  /* the demo's own folder and cloud */
static char *demo_directory;

static const struct {
	const char *name, *state, *relation;
	const char *codes[5];
} services[] = {
	{"checkout", "ok", "in_sync", {NULL}},
	{"pricing", "drift", "behind", {"behind"}},
	{"search", "pending", "behind", {"behind"}},
	{"recommendations", "drift", "ahead", {"ahead"}},
	{"inventory", "drift", "diverged", {"diverged"}},
	{"payments", "ok", "pinned", {NULL}},
	{"exporter", "drift", "by_time", {"by_time"}},
	{"notifications", "pending", "behind", {"deploying"}},
	{"gateway", "drift", "behind", {"traffic_not_latest", "rollout_failed"}},
	{"fraud", "drift", "unknown", {"commit_not_in_repo"}},
	{"worker",
	 "drift",
	 NULL,
	 {"markers_disagree", "setting_changed", "env_missing", "env_forbidden", "value_differs"}},
	{"billing", "drift", "in_sync", {"dirty_build", "wrong_identity"}},
	{"analytics", "unknown", "unknown", {"permission_denied"}},
	{"crm", "drift", NULL, {"service_missing"}},
	{"loyalty", "paused", NULL, {NULL}},
};

static const struct {
	const char *id, *state;
	const char *code; /* NULL: any */
} data[] = {
	{"table/orders", "ok", NULL},
	{"table/clicks", "drift", "stale"},
	{"table/stock", "pending", "stale"},
	{"table/shipments", "drift", "too_few_rows"},
	{"table/revenue", "drift", "late"},
	{"table/match-stats", "ok", "not_due"},
	{"table/returns", "drift", "empty"},
	{"table/points", "unknown", "broken_check"},
	{"table/suppliers", "drift", "table_missing"},
	{"completion/nightly", "ok", NULL},
	{"completion/phase3", "pending", "tracking_gap"},
	{"completion/exports", "drift", "silent_write_failure"},
	{"assert/negative-prices", "drift", "assertion_failed"},
	{"assert/orders-today", "ok", NULL},
	{"backup/customers", "ok", NULL},
	{"backup/catalog", "drift", "backup_incomplete"},
	{"inventory/catalog", "drift", "object_missing"},
	{"inventory/catalog", "drift", "object_unexpected"},
	{"inventory/catalog", "drift", "object_changed"},
};

/** The demo's configuration names a port of its own: take any. */
static void free_the_port(void)
{
	g_autofree char *path = world_path(&demo, "driftd.ini"), *text = NULL;
	GString *config = NULL;

	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	config = g_string_new(text);
	config_replace(config, "127.0.0.1:8080", "127.0.0.1:0");
	world_configure(&demo, config->str);
	g_string_free(config, TRUE);
}

static void setup(void)
{
	g_autofree char *log = NULL, *address = NULL;

	base = world_create();
	demo_directory = world_path(base, "demo");
	log = world_path(base, "demo.log");
	demo.directory = demo_directory;
	{
		const char *const arguments[] = {program_path("fakecloud"), "--demo",
						 demo_directory, NULL};

		demo.fakecloud = process_start(arguments, log, NULL);
	}
	address = process_wait_for(&demo.fakecloud, "listening ");
	ck_assert_msg(address, "the demo does not start");
	demo.cloud = g_strdup_printf("http://%s", address);
	free_the_port();
	world_start(&demo);
	world_cycle(&demo);
}

static void teardown(void)
{
	world_stop_all(&demo);
	g_clear_pointer(&demo.cloud, g_free);
	g_clear_pointer(&demo.origin, g_free);
	g_clear_pointer(&demo_directory, g_free);
	world_free(base);
}

START_TEST(a_service_of_the_demo_is_in_its_state)
{
	const char *name = services[_i].name;

	expect_state(&demo, name, services[_i].state, NULL);
	if (services[_i].relation)
		expect_relation(&demo, name, services[_i].relation);
	for (size_t i = 0; i < G_N_ELEMENTS(services[_i].codes) && services[_i].codes[i]; i++)
		expect_state(&demo, name, services[_i].state, services[_i].codes[i]);
}
END_TEST

START_TEST(data_of_the_demo_is_in_its_state)
{
	expect_any_state(&demo, data[_i].id, data[_i].state, data[_i].code);
}
END_TEST

START_TEST(the_demo_is_fifteen_services_and_a_stray_one)
{
	g_autoptr(struct_answer) status = world_get(&demo, "/status");

	/* and all of data, of which the inventory stands there three times */
	ck_assert_uint_eq(json_object_array_length(json_at(status->json, "targets")),
			  15 + G_N_ELEMENTS(data) - 2);
	ck_assert_uint_eq(json_object_array_length(json_at(status->json, "unwatched")), 1);
	ck_assert_uint_eq(G_N_ELEMENTS(services), 15);
}
END_TEST

START_TEST(the_deploy_command_mends_a_service)
{
	g_autoptr(struct_answer) target = world_target(&demo, "fraud");
	const char *const arguments[] = {"sh", "-c", json_text_at(target->json, "deploy_command"),
					 NULL};
	struct run run = run_program(arguments, NULL);

	ck_assert_msg(run.status == 0, "%s", run.output);
	run_clear(&run);
	world_cycle(&demo);
	expect_state(&demo, "fraud", "ok", NULL);
}
END_TEST

START_TEST(slack_is_told_of_the_demo)
{
	g_autoptr(struct_answer) team = slack_wait(&demo, "team", 0, 1);
	g_autoptr(struct_answer) loads = slack_wait(&demo, "data", 0, 1);

	expect_says(slack_item(team, 0), "service/pricing");
	expect_silent(slack_item(team, 0), "table/");
	expect_says(slack_item(loads, 0), "table/clicks");
	expect_silent(slack_item(loads, 0), "service/");
}
END_TEST

START_TEST(an_incident_of_the_demo_is_held_by_another)
{
	g_autoptr(struct_answer) incidents = world_get(&demo, "/incidents?target=service/worker");

	ck_assert_str_eq(json_text_at(incidents->json, "items.0.status"), "open");
	ck_assert_str_eq(json_text_at(incidents->json, "items.0.held_by"),
			 "depends-on service/gateway");
}
END_TEST

Suite *demo_suite(void)
{
	Suite *suite = suite_create("demo");
	TCase *tcase = tcase_create("states");

	tcase_add_unchecked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_service_of_the_demo_is_in_its_state, 0,
			    G_N_ELEMENTS(services));
	tcase_add_loop_test(tcase, data_of_the_demo_is_in_its_state, 0, G_N_ELEMENTS(data));
	tcase_add_test(tcase, the_demo_is_fifteen_services_and_a_stray_one);
	tcase_add_test(tcase, slack_is_told_of_the_demo);
	tcase_add_test(tcase, an_incident_of_the_demo_is_held_by_another);
	tcase_add_test(tcase, the_deploy_command_mends_a_service);
	suite_add_tcase(suite, tcase);
	return suite;
}
