/* test_data_kinds - completions, inventories, assertions and backups, and how all kinds look together: every answer, text, metric
 * and command has the same verdicts (DESIGN 9 and 10, LESSONS L11). The kinds themselves are in the files kinds_*.c. */
#include "tests/integration/kinds.h"

#include <signal.h>
#include <string.h>

Suite *data_kinds_suite(void);

static struct kinds *kinds;

/** What is there, in the order of this table, and its state. */
static const struct {
	const char *id, *kind, *state, *code, *member; /* code NULL: none */
} targets[] = {
	{"service/app", "service", "ok", NULL, "deployed"},
	{"table/orders", "table", "ok", NULL, "freshness"},
	{"completion/nightly", "completion", "pending", "tracking_gap", "completion"},
	{"inventory/shop", "inventory", "drift", "object_missing", "inventory"},
	{"assert/prices", "assert", "drift", "assertion_failed", "assertion"},
	{"assert/broken", "assert", "unknown", "broken_check", NULL},
	{"backup/captions", "backup", "drift", "backup_stale", "backup"},
};

static void put_sections(void)
{
	config_add_service(kinds->config, "app", "source = cloud-run\npaths = services/app");
	kinds_add(kinds, "[table \"orders\"]\ntable = shop.orders\nerror-after = 24h");
	kinds_add(kinds, "[completion \"nightly\"]\ndocument = nightly/latest\nexpect = orders\n"
			 "evidence = orders table/orders\npriority = P2\nowner = data");
	kinds_add(kinds, "[inventory \"shop\"]\nsource = bigquery\ndataset = shop\n"
			 "expect-file = shop.objects\nevery = 1h");
	kinds_add(kinds, "[assert \"prices\"]\nsource = bigquery\nsql-file = prices.sql\n"
			 "expect = rows = 0\nevery = 1h\npriority = P0\nowner = data");
	kinds_add(kinds, "[assert \"broken\"]\nsource = bigquery\nsql-file = broken.sql\n"
			 "expect = rows = 0\nevery = 1h");
	kinds_add(kinds, "[backup \"captions\"]\nbucket = acme-backups\nfolder-format = %%Y%%m%%d\n"
			 "files = dump.gz\nmax-age = 2d");
}

static void put_data(void)
{
	cloud_deploy(kinds->world, "app", kinds->sha);
	cloud_table(kinds->world, "acme-prod.shop.orders",
		    "{\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\"}],\"rows\":[[1],[2]],"
		    "\"lastModifiedTime\":\"now-1h\"}");
	cloud_document(kinds->world, "nightly/latest", "{\"_completed\":1}");
	cloud_object(kinds->world, "acme-backups", "20200101/dump.gz", NULL, "x");
	kinds_write(kinds, "prices.sql", "SELECT id FROM `acme-prod.shop.orders` ORDER BY id");
	kinds_write(kinds, "broken.sql", "SELECT price FROM `acme-prod.shop.orders`");
	kinds_write(kinds, "shop.objects",
		    "dataset shop\ntable shop.orders\nrows shop.orders: > 0\n"
		    "column shop.orders.id: INT64\ntable shop.stock\n");
}

static void setup(void)
{
	kinds = kinds_open();
	put_sections();
	put_data();
	kinds_begin(kinds);
}

static void teardown(void)
{
	kinds_close(kinds);
}

static struct answer *get(const char *path)
{
	return world_get(kinds->world, path);
}

/** POST or GET that may be refused: only its status counts. */
static int status_of(const char *path)
{
	g_autoptr(struct_answer) answer = world_call(kinds->world, "GET", path, NULL, NULL);

	return answer->status;
}

/* --- answers --- */

START_TEST(status_has_all_kinds)
{
	g_autoptr(struct_answer) status = get("/status");
	json_object *list = json_at(status->json, "targets");

	ck_assert_str_eq(json_text_at(status->json, "overall"), "drift");
	ck_assert_int_eq(json_int_at(status->json, "targets_total"), G_N_ELEMENTS(targets));
	ck_assert_int_eq(json_int_at(status->json, "evaluated"), G_N_ELEMENTS(targets) - 1);
	ck_assert_int_eq(json_int_at(status->json, "counts.drift"), 3);
	ck_assert_int_eq(json_int_at(status->json, "counts.pending"), 1);
	ck_assert_int_eq(json_int_at(status->json, "counts.unknown"), 1);
	ck_assert_int_eq(json_int_at(status->json, "counts.ok"), 2);
	/* weights: P1 2, P0 4, P2 1; ok 2 + 2, pending half of 1, of 2+2+1+2+4+2+2 */
	ck_assert_int_eq(json_int_at(status->json, "score"), 30);
	for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
		json_object *one = kinds_find(list, "id", targets[i].id);

		ck_assert_msg(one != NULL, "%s: %s", targets[i].id, status->body);
		ck_assert_str_eq(json_text_at(one, "state"), targets[i].state);
		ck_assert_str_eq(json_text_at(one, "kind"), targets[i].kind);
		ck_assert_str_ne(json_text_at(one, "summary"), "");
		if (!g_str_equal(targets[i].state, "unknown"))
			ck_assert_str_ne(json_text_at(one, "expires_at"), "");
	}
	/* worst first, and among equals the more important */
	ck_assert_str_eq(json_text_at(list, "0.id"), "assert/prices");
}
END_TEST

START_TEST(drift_has_their_reasons_and_details)
{
	g_autoptr(struct_answer) all = get("/drift?all=1"), bad = get("/drift");
	json_object *items = json_at(all->json, "items");

	ck_assert_uint_eq(json_object_array_length(items), G_N_ELEMENTS(targets));
	ck_assert_uint_eq(json_object_array_length(json_at(bad->json, "items")),
			  G_N_ELEMENTS(targets) - 2);
	for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
		json_object *one = kinds_find(items, "id", targets[i].id);

		ck_assert_ptr_nonnull(one);
		kinds_expect(kinds, targets[i].id, targets[i].state, targets[i].code);
		if (targets[i].code)
			ck_assert_ptr_nonnull(
				kinds_find(json_at(one, "reasons"), "code", targets[i].code));
		if (targets[i].member)
			ck_assert_msg(json_at(one, targets[i].member) != NULL, "%s has no %s: %s",
				      targets[i].id, targets[i].member, all->body);
	}
}
END_TEST

START_TEST(drift_is_filtered_by_kind_and_owner)
{
	g_autoptr(struct_answer) asserts = get("/drift?all=1&kind=assert");
	g_autoptr(struct_answer) owned = get("/drift?all=1&owner=data");
	g_autoptr(struct_answer) both = get("/drift?kind=backup&kind=inventory&state=drift");
	g_autoptr(struct_answer) short_name = get("/drift/captions");

	ck_assert_uint_eq(json_object_array_length(json_at(asserts->json, "items")), 2);
	ck_assert_uint_eq(json_object_array_length(json_at(owned->json, "items")), 2);
	ck_assert_uint_eq(json_object_array_length(json_at(both->json, "items")), 2);
	ck_assert_str_eq(json_text_at(short_name->json, "id"), "backup/captions");
	ck_assert_int_eq(status_of("/drift?kind=asserts"), 400);
	ck_assert_int_eq(status_of("/drift/assert/captions"), 404);
}
END_TEST

/* Code and data together. */
static const struct {
	const char *query;
	int status;
	int64_t selected;
} gates[] = {
	{"target=service/app&target=table/orders", 200, 2},
	{"target=service/app&target=table/orders&target=completion/nightly", 200, 3},
	{"target=service/app&target=completion/nightly&strict=1", 409, 2},
	{"target=service/app&target=assert/prices", 409, 2},
	{"target=service/app&target=assert/broken", 409, 2},
	{"target=service/app&target=assert/broken&allow-unknown=1", 200, 2},
	{"target=service/app&target=backup/captions&allow-unknown=1", 409, 2},
	{"target=inventory/shop", 409, 1},
	{"kind=service&kind=table", 200, 2},
	{"kind=assert&priority=P0", 409, 1},
	{"target=service/app&target=table/nobody", 400, -1},
};

START_TEST(gate_answers_for_code_and_data)
{
	g_autofree char *path = g_strconcat("/gate?", gates[_i].query, NULL);
	g_autoptr(struct_answer) gate = world_call(kinds->world, "GET", path, NULL, NULL);

	ck_assert_msg(gate->status == gates[_i].status, "%s: %d %s", path, gate->status,
		      gate->body);
	ck_assert_int_eq(json_int_at(gate->json, "selected"), gates[_i].selected);
	if (gate->status == 409)
		ck_assert_str_ne(json_text_at(gate->json, "failing.0.summary"), "");
}
END_TEST

START_TEST(gate_follows_the_data)
{
	cloud_table(kinds->world, "acme-prod.shop.orders",
		    "{\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\"}],\"rows\":[[1]],"
		    "\"lastModifiedTime\":\"now-2d\"}");
	world_cycle(kinds->world);
	ck_assert_int_eq(status_of("/gate?target=service/app"), 200);
	ck_assert_int_eq(status_of("/gate?target=service/app&target=table/orders"), 409);
	cloud_fault(kinds->world, "{\"api\":\"bigquery\",\"kind\":\"denied\"}");
	world_cycle(kinds->world);
	ck_assert_int_eq(status_of("/gate?target=service/app&target=table/orders"), 409);
	ck_assert_int_eq(status_of("/gate?target=service/app&target=table/orders&allow-unknown=1"),
			 200);
}
END_TEST

START_TEST(history_has_their_transitions)
{
	for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
		g_autofree char *path = g_strconcat("/history/", targets[i].id, NULL);
		g_autoptr(struct_answer) history = get(path);

		ck_assert_msg(g_str_equal(json_text_at(history->json, "transitions.0.to"),
					  targets[i].state),
			      "%s: %s", path, history->body);
		if (targets[i].code)
			ck_assert_ptr_nonnull(strstr(history->body, targets[i].code));
	}
	kinds_write(kinds, "prices.sql", "SELECT id FROM `acme-prod.shop.orders` WHERE id > 9");
	kinds_reload(kinds);
	{
		g_autoptr(struct_answer) history = get("/history/assert/prices");

		ck_assert_str_eq(json_text_at(history->json, "transitions.0.from"), "drift");
		ck_assert_str_eq(json_text_at(history->json, "transitions.0.to"), "ok");
	}
}
END_TEST

/* --- L11: one evaluation, many renderings --- */

static int number_of_state(const char *state)
{
	static const char *const states[] = {"ok", "pending", "unknown", "drift"};

	for (int i = 0; i < (int)G_N_ELEMENTS(states); i++) {
		if (g_str_equal(states[i], state))
			return i;
	}
	ck_abort_msg("no state %s", state);
	return -1;
}

/** Has @p text a line that begins with @p first and holds @p second? */
static bool has_line(const char *text, const char *first, const char *second)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (size_t i = 0; lines[i]; i++) {
		if (g_str_has_prefix(lines[i], first) && strstr(lines[i], second))
			return true;
	}
	return false;
}

START_TEST(L11_json_text_and_metrics_agree)
{
	g_autoptr(struct_answer) text = get("/status?format=text"), metrics = get("/metrics");
	g_autoptr(struct_answer) drift = get("/drift?all=1&format=text");

	for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
		g_autofree char *metric =
			g_strdup_printf("driftd_target_state{target=\"%s\"", targets[i].id);
		g_autofree char *value = g_strdup_printf("} %d", number_of_state(targets[i].state));

		ck_assert_msg(has_line(text->body, targets[i].state, targets[i].id), "%s: %s",
			      targets[i].id, text->body);
		ck_assert_msg(strstr(drift->body, targets[i].id) != NULL, "%s", drift->body);
		ck_assert_msg(has_line(metrics->body, metric, value), "%s %s: %s", metric, value,
			      metrics->body);
	}
	ck_assert(has_line(metrics->body, "driftd_assertion_rows{target=\"assert/prices\"", "} 2"));
	ck_assert(has_line(metrics->body, "driftd_inventory_differences{target=\"inventory/shop\"",
			   "change=\"missing\"} 1"));
	ck_assert(has_line(metrics->body, "driftd_backup_age_seconds{target=\"backup/captions\"",
			   "} "));
	ck_assert(has_line(metrics->body, "driftd_table_rows{target=\"table/orders\"", "} 2"));
	ck_assert_ptr_null(strstr(metrics->body, kinds->sha));
}
END_TEST

/* --- commands --- */

static const struct {
	const char *arguments[6];
	int status;
	const char *said;
} commands[] = {
	{{"status"}, 1, "assert/prices"},
	{{"drift"}, 1, "inventory/shop"},
	{{"drift", "inventory/shop"}, 1, "shop.stock"},
	{{"drift", "assert/prices"}, 1, "there are 2 rows"},
	{{"drift", "backup/captions"}, 1, "20200101"},
	{{"drift", "completion/nightly"}, 0, "tracking_gap"},
	{{"drift", "assert/broken"}, 2, "price"},
	{{"drift", "table/orders"}, 0, "freshness"},
	{{"gate", "--target", "service/app", "--target", "table/orders"}, 0, "pass"},
	{{"gate", "--target", "service/app", "--target", "backup/captions"}, 1, "backup/captions"},
	{{"gate", "--kind", "assert", "--allow-unknown"}, 1, "assert/prices"},
};

START_TEST(commands_know_all_kinds)
{
	for (size_t form = 0; form < 2; form++) {
		const char *arguments[10] = {NULL};
		size_t count = 0;
		g_autofree char *printed = NULL;

		while (commands[_i].arguments[count]) {
			arguments[count] = commands[_i].arguments[count];
			count++;
		}
		arguments[count++] = "--url";
		arguments[count++] = kinds->world->origin;
		if (form > 0)
			arguments[count++] = "--json";
		printed = kinds_run(kinds, commands[_i].status, arguments);
		ck_assert_msg(strstr(printed, commands[_i].said) != NULL, "%s", printed);
		if (form > 0)
			ck_assert_int_eq(*printed, '{');
	}
}
END_TEST

START_TEST(check_works_with_and_without_a_daemon)
{
	static const char *const check[] = {"check", "-c", "driftd.ini", "--json", NULL};
	static const char *const config[] = {"config", "-c", "driftd.ini", NULL};
	g_autofree char *printed = kinds_run(kinds, 1, check), *shown = NULL;
	json_object *json = json_tokener_parse(printed);

	ck_assert_int_eq(json_int_at(json, "counts.drift"), 3);
	json_object_put(json);
	ck_assert_int_eq(world_stop(kinds->world), 0);
	g_free(printed);
	printed = kinds_run(kinds, 1, check);
	json = json_tokener_parse(printed);
	ck_assert_int_eq(json_int_at(json, "counts.drift"), 3);
	ck_assert_int_eq(json_int_at(json, "targets_total"), G_N_ELEMENTS(targets));
	json_object_put(json);
	shown = kinds_run(kinds, 0, config);
	for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
		g_auto(GStrv) parts = g_strsplit(targets[i].id, "/", 2);
		g_autofree char *header = g_strdup_printf("[%s \"%s\"]", parts[0], parts[1]);

		ck_assert_msg(strstr(shown, header) != NULL, "no %s in %s", header, shown);
	}
	world_start(kinds->world);
}
END_TEST

/* --- reload and restart --- */

START_TEST(reload_keeps_what_did_not_change)
{
	g_autofree char *since = kinds_text(kinds, "inventory/shop", "since"), *after = NULL;
	int64_t queries = cloud_bigquery(kinds->world, "queries");

	kinds_write(kinds, "broken.sql", "SELECT id FROM `acme-prod.shop.orders` WHERE id < 0");
	kinds_reload(kinds);
	kinds_expect(kinds, "assert/broken", "ok", NULL);
	kinds_expect(kinds, "assert/prices", "drift", "assertion_failed");
	after = kinds_text(kinds, "inventory/shop", "since");
	ck_assert_str_eq(since, after);
	/* only the one whose file changed was asked again */
	ck_assert_int_eq(cloud_bigquery(kinds->world, "queries"), queries + 1);
	kinds_write(kinds, "shop.objects",
		    "dataset shop\ntable shop.orders\n"
		    "column shop.orders.id: INT64\n");
	kinds_look(kinds); /* without a reload */
	kinds_expect(kinds, "inventory/shop", "ok", NULL);
}
END_TEST

START_TEST(file_that_is_wrong_at_reload_changes_nothing)
{
	g_autoptr(struct_answer) status = NULL;
	g_autofree char *said = NULL;

	kinds_write(kinds, "prices.sql", "SELECT 1; SELECT 2");
	world_configure(kinds->world, kinds->config->str);
	ck_assert(kill(kinds->world->driftd.pid, SIGHUP) == 0);
	said = process_wait_for(&kinds->world->driftd, "reload.refused config=");
	ck_assert_msg(said, "driftd does not say so");
	kinds_look(kinds);
	kinds_expect(kinds, "assert/prices", "drift", "assertion_failed");
	kinds_expect_said(kinds, "assert/prices", "there are 2 rows");
	status = get("/status");
	ck_assert_ptr_nonnull(strstr(json_text_at(status->json, "config_error"), "prices.sql"));
}
END_TEST

START_TEST(restart_serves_what_was_known)
{
	int64_t queries = cloud_bigquery(kinds->world, "queries");

	cloud_fault(kinds->world, "{\"path\":\"*\",\"kind\":\"hang\"}");
	kinds_restart(kinds);
	for (size_t i = 0; i < G_N_ELEMENTS(targets); i++)
		kinds_expect(kinds, targets[i].id, targets[i].state, targets[i].code);
	kinds_expect_said(kinds, "inventory/shop", "shop.stock");
	cloud_heal(kinds->world);
	world_cycle(kinds->world);
	for (size_t i = 0; i < G_N_ELEMENTS(targets); i++)
		kinds_expect(kinds, targets[i].id, targets[i].state, targets[i].code);
	ck_assert_int_eq(cloud_bigquery(kinds->world, "queries"), queries);
}
END_TEST

/* --- secrets --- */

/** The private key of the service account, a line of it. Caller frees. */
static char *key_line(void)
{
	g_autofree char *text = kinds_read(kinds, "key.json");
	const char *at = strstr(text, "BEGIN PRIVATE KEY-----\\n");

	ck_assert_ptr_nonnull(at);
	return g_strndup(at + strlen("BEGIN PRIVATE KEY-----\\n"), 60);
}

START_TEST(tokens_and_keys_are_nowhere)
{
	static const char *const ids[] = {"table/orders", "completion/nightly", "assert/prices",
					  "backup/captions", NULL};
	g_autofree char *key = key_line();

	config_replace(kinds->config, "credentials = file:key.json",
		       "credentials = token:env:TOKEN");
	config_replace(kinds->config, "[driftd]\n", "[driftd]\nlog-level = debug\n");
	kinds_expect_nowhere(kinds, ids, key);
	kinds_expect_nowhere(kinds, ids, "Bearer ");
	ck_assert_int_eq(world_stop(kinds->world), 0);
	kinds->world->environment = (const char *const[]){"TOKEN=ya29.open-sesame", NULL};
	kinds_begin(kinds); /* the cloud does not know this token */
	kinds_expect(kinds, "completion/nightly", "unknown", "");
	kinds_expect_nowhere(kinds, ids, "ya29.open-sesame");
	kinds->world->environment = NULL;
}
END_TEST

static TCase *together_case(void)
{
	TCase *tcase = tcase_create("together");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, status_has_all_kinds);
	tcase_add_test(tcase, drift_has_their_reasons_and_details);
	tcase_add_test(tcase, drift_is_filtered_by_kind_and_owner);
	tcase_add_loop_test(tcase, gate_answers_for_code_and_data, 0, (int)G_N_ELEMENTS(gates));
	tcase_add_test(tcase, gate_follows_the_data);
	tcase_add_test(tcase, history_has_their_transitions);
	tcase_add_test(tcase, L11_json_text_and_metrics_agree);
	tcase_add_loop_test(tcase, commands_know_all_kinds, 0, (int)G_N_ELEMENTS(commands));
	tcase_add_test(tcase, check_works_with_and_without_a_daemon);
	tcase_add_test(tcase, reload_keeps_what_did_not_change);
	tcase_add_test(tcase, file_that_is_wrong_at_reload_changes_nothing);
	tcase_add_test(tcase, restart_serves_what_was_known);
	tcase_add_test(tcase, tokens_and_keys_are_nowhere);
	return tcase;
}

Suite *data_kinds_suite(void)
{
	Suite *suite = suite_create("data_kinds");

	suite_add_tcase(suite, together_case());
	suite_add_tcase(suite, kinds_completion_case());
	suite_add_tcase(suite, kinds_evidence_case());
	suite_add_tcase(suite, kinds_inventory_case());
	suite_add_tcase(suite, kinds_catalogue_case());
	suite_add_tcase(suite, kinds_assert_case());
	suite_add_tcase(suite, kinds_sql_case());
	suite_add_tcase(suite, kinds_server_case());
	suite_add_tcase(suite, kinds_backup_case());
	return suite;
}
