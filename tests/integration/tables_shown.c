/* tables_shown - tables where people and programs look: /status, /drift, /gate, /metrics, /history, text, commands. All tell
 * the same. A part of test_tables.c. */
#include "tests/integration/tables_suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct world *world;
static GString *config;
static char *sha;

/** A service that is in sync, and tables in every state: P0 stale, P1 ok, P2 almost stale, one broken. */
static void setup(void)
{
	g_autofree char *checkout = NULL;

	world = world_create();
	checkout = repo_make(world, "app");
	sha = repo_publish(checkout, "app/main.py", "one", A_DAY);
	config = world_base_config(world, "");
	config_add_service(config, "app", "source = cloud-run\npaths = app");
	cloud_deploy(world, "app", sha);
	lab_put(world, "acme-prod.sales.stale", "now-30h");
	lab_put(world, "acme-prod.sales.fresh", "now-1h");
	lab_put(world, "acme-prod.sales.older", "now-3h");
	lab_add(config, "stale",
		"table = sales.stale\npriority = P0\nowner = shop\n" BY_COLUMN
		"warn-after = 12h\nerror-after = 24h");
	lab_add(config, "fresh", "table = sales.fresh\nerror-after = 24h");
	lab_add(config, "older", "table = sales.older\npriority = P2\nwarn-after = 2h");
	lab_add(config, "broken", "table = sales.fresh\nmethod = column\nloaded-at-field = nope");
	lab_begin(world, config);
}

static void teardown(void)
{
	world_free(world);
	g_string_free(config, TRUE);
	g_free(sha);
}

static json_object *find_item(json_object *list, const char *id)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *one = json_object_array_get_idx(list, i);

		if (g_str_equal(json_text_at(one, "id"), id))
			return one;
	}
	ck_abort_msg("there is no %s", id);
	return NULL;
}

static const struct {
	const char *id, *state;
} expected[] = {
	{"table/stale", "drift"},    {"table/fresh", "ok"}, {"table/older", "pending"},
	{"table/broken", "unknown"}, {"service/app", "ok"},
};

START_TEST(the_status_counts_tables_like_services)
{
	g_autoptr(struct_answer) status = world_get(world, "/status");
	json_object *list = json_at(status->json, "targets");

	ck_assert_str_eq(json_text_at(status->json, "overall"), "drift");
	ck_assert_int_eq(json_int_at(status->json, "targets_total"), 5);
	ck_assert_int_eq(json_int_at(status->json, "evaluated"), 4);
	ck_assert_int_eq(json_int_at(status->json, "counts.ok"), 2);
	ck_assert_int_eq(json_int_at(status->json, "counts.pending"), 1);
	ck_assert_int_eq(json_int_at(status->json, "counts.unknown"), 1);
	ck_assert_int_eq(json_int_at(status->json, "counts.drift"), 1);
	/* 2 and 2 that are ok, half of P2's 1, of 4 + 2 + 1 + 2 + 2: 40.9 */
	ck_assert_int_eq(json_int_at(status->json, "score"), 41);
	for (size_t i = 0; i < G_N_ELEMENTS(expected); i++)
		ck_assert_str_eq(json_text_at(find_item(list, expected[i].id), "state"),
				 expected[i].state);
	ck_assert_str_eq(json_text_at(find_item(list, "table/stale"), "kind"), "table");
	ck_assert_str_eq(json_text_at(find_item(list, "table/stale"), "owner"), "shop");
	ck_assert_ptr_nonnull(
		strstr(json_text_at(find_item(list, "table/stale"), "summary"), "30 h"));
}
END_TEST

START_TEST(the_drift_list_has_the_members_of_the_contract)
{
	static const char *const members[] = {"method",       "last_loaded_at",  "age_s",
					      "warn_after_s", "error_after_s",   "rows",
					      "bytes_billed", "next_expected_at"};
	g_autoptr(struct_answer) drift = world_get(world, "/drift?kind=table");
	json_object *items = json_at(drift->json, "items"), *stale = NULL, *fresh = NULL;

	ck_assert_uint_eq(json_object_array_length(items), 3); /* not the one that is ok */
	ck_assert_str_eq(json_text_at(json_object_array_get_idx(items, 0), "id"), "table/stale");
	stale = find_item(items, "table/stale");
	fresh = json_at(stale, "freshness");
	for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
		ck_assert_msg(json_object_object_get_ex(fresh, members[i], NULL), "no %s: %s",
			      members[i], drift->body);
	ck_assert_int_ge(json_int_at(fresh, "age_s"), 30 * AN_HOUR);
	ck_assert_int_le(json_int_at(fresh, "age_s"), 30 * AN_HOUR + 60);
	ck_assert_str_eq(json_text_at(stale, "reasons.0.code"), "stale");
	ck_assert_ptr_nonnull(strstr(json_text_at(stale, "reasons.0.message"), "error-after"));
}
END_TEST

START_TEST(code_and_data_pass_one_gate)
{
	static const struct {
		const char *query;
		int status;
		const char *says;
	} gates[] = {
		{"target=service/app&target=table/fresh", 200, "\"selected\":2"},
		{"target=service/app&target=table/stale", 409, "table/stale"},
		{"target=service/app&target=table/broken", 409, "table/broken"},
		{"target=service/app&target=table/broken&allow-unknown=1", 200, "true"},
		{"target=service/app&target=table/older", 200, "table/older"},
		{"target=service/app&target=table/older&strict=1", 409, "table/older"},
		{"kind=table&priority=P1&allow-unknown=1", 200, "\"selected\":2"},
		{"kind=table", 409, "table/stale"},
		{"kind=service", 200, "\"selected\":1"},
		{"target=service/app&target=table/nothing", 400, "table/nothing"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(gates); i++) {
		g_autofree char *path = g_strconcat("/gate?", gates[i].query, NULL);
		g_autoptr(struct_answer) gate = world_call(world, "GET", path, NULL, NULL);

		ck_assert_msg(gate->status == gates[i].status && strstr(gate->body, gates[i].says),
			      "%s: %d %s", gates[i].query, gate->status, gate->body);
	}
}
END_TEST

START_TEST(text_says_the_same_as_json)
{
	g_autoptr(struct_answer) drift = world_get(world, "/drift?format=text");
	g_autoptr(struct_answer) one = world_get(world, "/drift/table/stale?format=text");
	g_autoptr(struct_answer) status = world_get(world, "/status?format=text");
	static const char *const lines[] = {"table/stale", "table/older", "table/broken"};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		ck_assert_msg(strstr(drift->body, lines[i]), "%s", drift->body);
		ck_assert_msg(strstr(status->body, lines[i]), "%s", status->body);
	}
	ck_assert_msg(!strstr(drift->body, "table/fresh"), "%s", drift->body);
	ck_assert_msg(strstr(one->body, "stale") && strstr(one->body, "error-after") &&
			      strstr(one->body, "method: column"),
		      "%s", one->body);
}
END_TEST

START_TEST(a_table_is_found_by_its_name_alone)
{
	g_autoptr(struct_answer) target = world_get(world, "/drift/stale");

	ck_assert_str_eq(json_text_at(target->json, "id"), "table/stale");
}
END_TEST

START_TEST(metrics_tell_age_rows_and_bytes)
{
	int64_t age = lab_metric(world, "driftd_table_age_seconds{target=\"table/stale\"");

	ck_assert_int_ge(age, 30 * AN_HOUR);
	ck_assert_int_le(age, 30 * AN_HOUR + 60);
	ck_assert_int_eq(lab_metric(world, "driftd_table_rows{target=\"table/stale\""), 1);
	ck_assert_int_eq(lab_metric(world, "driftd_target_bytes_billed{target=\"table/stale\""),
			 TEN_MIB);
	ck_assert_int_eq(lab_metric(world, "driftd_target_bytes_billed{target=\"table/fresh\""), 0);
	/* what cannot be told has no number */
	ck_assert_int_eq(lab_metric(world, "driftd_table_age_seconds{target=\"table/broken\""), -1);
	ck_assert_int_eq(lab_metric(world, "driftd_targets{state=\"drift\"}"), 1);
}
END_TEST

/* promtool is unpacked by `make deps`; where it is not, this says so. */
START_TEST(metrics_of_tables_pass_promtool)
{
	g_autofree char *file = world_path(world, "metrics");
	g_autofree char *line = NULL;
	const char *tool = program_path("../tools/usr/bin/promtool");
	const char *arguments[] = {"sh", "-c", NULL, NULL};
	g_autoptr(struct_answer) metrics = world_get(world, "/metrics");
	struct run run;

	if (access(tool, X_OK) != 0) {
		(void)printf("skipped: no promtool; run make deps\n");
		return;
	}
	ck_assert(g_file_set_contents(file, metrics->body, -1, NULL));
	line = g_strdup_printf("exec '%s' check metrics < '%s'", tool, file);
	arguments[2] = line;
	run = run_program(arguments, NULL);
	ck_assert_msg(run.status == 0 && *run.output == '\0', "%d: %s", run.status, run.output);
	run_clear(&run);
}
END_TEST

static size_t count_samples(const char *id)
{
	g_autofree char *path = g_strconcat("/history/", id, NULL);
	g_autoptr(struct_answer) history = world_get(world, path);

	return json_object_array_length(json_at(history->json, "samples"));
}

START_TEST(samples_are_kept_when_something_changed)
{
	g_autoptr(struct_answer) history = NULL;

	for (int i = 0; i < 5; i++)
		lab_force(world);
	ck_assert_uint_eq(count_samples("table/stale"), 1);
	ck_assert_uint_eq(count_samples("table/fresh"), 1);
	ck_assert_uint_eq(count_samples("table/broken"), 0);
	lab_put(world, "acme-prod.sales.stale", "now-10m"); /* another load */
	lab_force(world);
	lab_force(world);
	ck_assert_uint_eq(count_samples("table/stale"), 2);
	cloud_table(world, "acme-prod.sales.stale",
		    "{" LOADED_SCHEMA ",\"rows\":[[\"now-10m\"],[\"now-9h\"],[\"now-9h\"]]}");
	lab_force(world); /* other rows, and by then another time of the load */
	ck_assert_uint_eq(count_samples("table/stale"), 3);
	ck_assert_int_eq(world_stop(world), 0);
	world_start(world);
	lab_force(world);
	ck_assert_uint_eq(count_samples("table/stale"), 3); /* a restart is no change */
	history = world_get(world, "/history/table/stale");
	/* newest first */
	ck_assert_int_eq(json_int_at(history->json, "samples.0.rows"), 3);
	ck_assert_int_eq(json_int_at(history->json, "samples.2.rows"), 1);
	ck_assert_int_ge(json_int_at(history->json, "samples.2.age_s"), 30 * AN_HOUR);
	ck_assert_int_le(json_int_at(history->json, "samples.0.age_s"), 700);
	ck_assert_int_eq(json_int_at(history->json, "samples.2.bytes_billed"), TEN_MIB);
	ck_assert_uint_eq(json_object_array_length(json_at(history->json, "transitions")), 2);
	ck_assert_str_eq(json_text_at(history->json, "transitions.0.to"), "ok");
	ck_assert_str_eq(json_text_at(history->json, "transitions.1.to"), "drift");
	ck_assert_str_eq(json_text_at(history->json, "transitions.1.reasons.0"), "stale");
	ck_assert_uint_eq(json_object_array_length(json_at(history->json, "deployments")), 0);
}
END_TEST

START_TEST(other_rows_of_the_same_load_are_a_sample)
{
	g_autoptr(struct_answer) history = NULL;

	for (int rows = 5; rows <= 6; rows++) {
		cloud_table(world, "acme-prod.sales.fresh",
			    "{\"numRows\":%d,\"lastModifiedTime\":\"2026-01-02T03:04:05Z\"}", rows);
		world_cycle(world);
		world_cycle(world);
	}
	ck_assert_uint_eq(count_samples("table/fresh"), 3);
	history = world_get(world, "/history/table/fresh");
	ck_assert_int_eq(json_int_at(history->json, "samples.0.rows"), 6);
	ck_assert_int_eq(json_int_at(history->json, "samples.1.rows"), 5);
}
END_TEST

START_TEST(samples_come_in_pages)
{
	g_autoptr(struct_answer) first = NULL, second = NULL;
	g_autofree char *path = NULL, *escaped = NULL;

	for (int i = 1; i <= 4; i++) {
		g_autofree char *loaded = g_strdup_printf("now-%dm", i);

		lab_put(world, "acme-prod.sales.fresh", loaded);
		world_cycle(world);
	}
	first = world_get(world, "/history/table/fresh?limit=3");
	ck_assert_uint_eq(json_object_array_length(json_at(first->json, "samples")), 3);
	escaped = g_uri_escape_string(json_text_at(first->json, "next_cursor"), NULL, FALSE);
	path = g_strdup_printf("/history/table/fresh?limit=3&cursor=%s", escaped);
	second = world_get(world, path);
	ck_assert_uint_eq(json_object_array_length(json_at(second->json, "samples")), 2);
	ck_assert_ptr_null(json_at(second->json, "next_cursor"));
}
END_TEST

START_TEST(commands_know_tables)
{
	const struct {
		const char *arguments[6];
		int status;
		const char *says;
	} commands[] = {
		{{"drift", "table/stale", "--url", world->origin}, 1, "error-after"},
		{{"status", "--url", world->origin}, 1, "table/stale"},
		{{"gate", "--url", world->origin, "--target", "table/fresh"}, 0, ""},
		{{"gate", "--url", world->origin, "--target", "table/stale"}, 1, "table/stale"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
		struct run run = world_run(world, commands[i].arguments);

		ck_assert_msg(run.status == commands[i].status &&
				      strstr(run.output, commands[i].says),
			      "%s: %d %s", commands[i].arguments[0], run.status, run.output);
		run_clear(&run);
	}
}
END_TEST

START_TEST(a_check_without_a_daemon_looks_at_tables)
{
	static const char *const check[] = {"check", "-c", "driftd.ini", "--json", NULL};
	struct run run = {0};
	g_autofree char *first = NULL;

	ck_assert_int_eq(world_stop(world), 0);
	run = world_run(world, check);
	ck_assert_msg(run.status == 1 && strstr(run.output, "table/stale"), "%d %s", run.status,
		      run.output);
	run_clear(&run);
	world_start(world);
	world_cycle(world);
	expect_any_state(world, "table/stale", "drift", "stale");
}
END_TEST

START_TEST(an_unchanged_world_has_an_unchanged_tag)
{
	g_autoptr(struct_answer) before = world_get(world, "/drift"), after = NULL;

	for (int i = 0; i < 3; i++)
		world_cycle(world);
	lab_force(world);
	after = world_get(world, "/drift");
	ck_assert_str_eq(answer_header(before, "etag"), answer_header(after, "etag"));
}
END_TEST

void tables_add_shown(Suite *suite)
{
	TCase *shown = tables_make_case(suite, "shown", setup, teardown);

	tcase_add_test(shown, the_status_counts_tables_like_services);
	tcase_add_test(shown, the_drift_list_has_the_members_of_the_contract);
	tcase_add_test(shown, code_and_data_pass_one_gate);
	tcase_add_test(shown, text_says_the_same_as_json);
	tcase_add_test(shown, a_table_is_found_by_its_name_alone);
	tcase_add_test(shown, metrics_tell_age_rows_and_bytes);
	tcase_add_test(shown, metrics_of_tables_pass_promtool);
	tcase_add_test(shown, samples_are_kept_when_something_changed);
	tcase_add_test(shown, other_rows_of_the_same_load_are_a_sample);
	tcase_add_test(shown, samples_come_in_pages);
	tcase_add_test(shown, commands_know_tables);
	tcase_add_test(shown, a_check_without_a_daemon_looks_at_tables);
	tcase_add_test(shown, an_unchanged_world_has_an_unchanged_tag);
}
