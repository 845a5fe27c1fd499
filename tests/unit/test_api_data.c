/* test_api_data - tables, completion documents, inventories, assertions and backups in every answer
 * that knows services. */
#include <check.h>
#include <string.h>

#include "api/problem.h"
#include "api_fixture.h"
#include "data_fixture.h"

Suite *api_data_suite(void);

static struct app *app;
static struct auth_rules *rules;

static void setup(void)
{
	struct config *config = fixture_config(NULL, NULL);

	app = fixture_app(data_fixture_world());
	rules = auth_rules_create(config, "127.0.0.1:8080");
	config_unref(config);
}

static void teardown(void)
{
	auth_rules_unref(rules);
	app_free(app);
}

static struct response get(const char *target)
{
	struct fixture_request request = {.app = app, .rules = rules, .target = target};

	return fixture_answer(&request);
}

static json_object *get_json(const char *target, int status)
{
	struct response response = get(target);
	json_object *answer = fixture_json(&response);

	ck_assert_msg(response.status == status, "%s: %d: %s", target, response.status,
		      fixture_body(&response));
	response_done(&response);
	return answer;
}

/* "a b c": the ids of an array of objects, in its order. */
static char *ids_of(json_object *array)
{
	GString *ids = g_string_new(NULL);

	for (size_t i = 0; i < json_object_array_length(array); i++)
		g_string_append_printf(
			ids, "%s%s", i > 0 ? " " : "",
			json_member_text(json_object_array_get_idx(array, i), "id", "?"));
	return g_string_free(ids, FALSE);
}

static const struct {
	const char *target, *ids;
} list_cases[] = {
	{"/drift?kind=table", "table/scores"},
	{"/drift?kind=table&all=1", "table/scores table/events table/quiet"},
	{"/drift?kind=completion", "completion/phase3"},
	{"/drift?kind=inventory", "inventory/warehouse"},
	{"/drift?kind=assert", "assert/range"},
	{"/drift?kind=backup", "backup/captions"},
	{"/drift?kind=assert&kind=backup", "assert/range backup/captions"},
	{"/drift?owner=data&state=drift&limit=2", "assert/range backup/captions"},
	/* what has no repository is built from none */
	{"/drift?repo=main&all=1",
	 "service/worker service/api service/billing service/web service/old"},
	{"/drift?repo=main&kind=table&all=1", ""},
};

START_TEST(test_list)
{
	json_object *answer = get_json(list_cases[_i].target, 200);
	g_autofree char *ids = ids_of(json_member_array(answer, "items"));

	ck_assert_str_eq(ids, list_cases[_i].ids);
	json_object_put(answer);
}
END_TEST

/* Every kind is a kind; another one is refused with the list of them. */
START_TEST(test_unknown_kind)
{
	static const char *const targets[] = {"/drift?kind=tables", "/gate?kind=tables"};
	json_object *answer = get_json(targets[_i], 400);
	g_autofree char *text = json_to_text(json_member_array(answer, "allowed"), NULL);

	ck_assert_str_eq(text, "[\"service\",\"table\",\"completion\",\"inventory\",\"assert\","
			       "\"backup\"]");
	json_object_put(answer);
}
END_TEST

START_TEST(test_status_line)
{
	json_object *answer = get_json("/status", 200);
	json_object *lines = json_member_array(answer, "targets");
	int found = 0;

	for (size_t i = 0; i < json_object_array_length(lines); i++) {
		json_object *line = json_object_array_get_idx(lines, i);
		json_object *relation = NULL;

		if (strcmp(json_member_text(line, "kind", ""), "service") == 0)
			continue;
		found++;
		ck_assert(json_object_object_get_ex(line, "relation", &relation));
		ck_assert_msg(!relation, "%s", json_object_to_json_string(line));
		ck_assert_str_eq(json_member_text(line, "owner", ""), "data");
		ck_assert_ptr_nonnull(json_member_text(line, "summary", NULL));
		ck_assert_ptr_nonnull(json_member_text(line, "expires_at", NULL));
	}
	ck_assert_int_eq(found, 7);
	json_object_put(answer);
}
END_TEST

/* Code and data together. */
static const struct {
	const char *target;
	int status;
	const char *failing;
} gate_cases[] = {
	{"/gate?target=service/web&target=table/events", 200, ""},
	{"/gate?target=service/web&target=table/scores", 409, "table/scores"},
	{"/gate?target=service/worker&target=table/scores", 409, "service/worker table/scores"},
	{"/gate?target=scores", 409, "table/scores"},
	{"/gate?kind=assert&kind=backup", 409, "assert/range backup/captions"},
	{"/gate?kind=table&target=table/quiet", 200, ""},
	{"/gate?target=inventory/warehouse", 409, "inventory/warehouse"},
	{"/gate?target=completion/phase3", 409, "completion/phase3"},
};

START_TEST(test_gate)
{
	json_object *answer = get_json(gate_cases[_i].target, gate_cases[_i].status);
	g_autofree char *failing = ids_of(json_member_array(answer, "failing"));

	ck_assert_str_eq(failing, gate_cases[_i].failing);
	ck_assert(json_member_bool(answer, "pass", true) == (gate_cases[_i].status == 200));
	json_object_put(answer);
}
END_TEST

static size_t count_rows(json_object *item, const char *detail, const char *list)
{
	return json_object_array_length(json_member_array(json_member_object(item, detail), list));
}

START_TEST(test_lists_are_short_and_targets_whole)
{
	json_object *list = get_json("/drift?kind=assert", 200);
	json_object *item = json_object_array_get_idx(json_member_array(list, "items"), 0);
	json_object *whole = get_json("/drift/assert/range", 200);

	ck_assert_uint_eq(count_rows(item, "assertion", "rows"), VERDICT_DETAIL_SHORT);
	ck_assert_uint_eq(count_rows(whole, "assertion", "rows"), ASSERT_ROWS_MAX);
	ck_assert_int_eq(json_member_int(json_member_object(item, "assertion"), "rows_total", 0),
			 21);
	json_object_put(whole);
	json_object_put(list);
}
END_TEST

START_TEST(test_freshness)
{
	json_object *answer = get_json("/drift/table/scores", 200);
	json_object *freshness = json_member_object(answer, "freshness");

	ck_assert_str_eq(json_member_text(freshness, "method", ""), "column");
	ck_assert_str_eq(json_member_text(freshness, "last_loaded_at", ""), "2026-11-19T09:00:03Z");
	ck_assert_int_eq(json_member_int(freshness, "age_s", 0), 93600);
	ck_assert_int_eq(json_member_int(freshness, "warn_after_s", 0), 43200);
	ck_assert_int_eq(json_member_int(freshness, "error_after_s", 0), 86400);
	ck_assert_int_eq(json_member_int(freshness, "rows", 0), 51233);
	ck_assert_int_eq(json_member_int(freshness, "bytes_billed", 0), 10485760);
	ck_assert_str_eq(
		json_member_text(json_object_array_get_idx(json_member_array(answer, "reasons"), 0),
				 "code", ""),
		"stale");
	ck_assert_ptr_null(json_member_object(answer, "head"));
	ck_assert_ptr_null(json_member_object(answer, "behind"));
	ck_assert_ptr_null(json_member_text(answer, "repo", NULL));
	ck_assert_uint_eq(json_object_array_length(json_member_array(answer, "deployed")), 0);
	json_object_put(answer);
}
END_TEST

static const struct {
	const char *target, *has;
} text_cases[] = {
	{"/drift/table/scores?format=text",
	 "\n    last_loaded_at: 2026-11-19T09:00:03Z (1 d ago)\n"},
	{"/drift/table/events?format=text", "\n    partitions:\n      partition"},
	{"/drift/table/quiet?format=text", "\n  not_due (ok): "},
	{"/drift/completion/phase3?format=text", "\n      key     present  done"},
	{"/drift/inventory/warehouse?format=text",
	 "\n      missing     column  nba.a   STRING    -"},
	{"/drift/assert/range?format=text", "\n      1   <b>\\x1b[31m\n"},
	{"/drift/backup/captions?format=text", "\n    restorable:\n      folder      at"},
	{"/drift?format=text", "\n      id  comment\n      0   -\n"},
	{"/drift?format=text", "\n      … and 16 more\n"},
	{"/status?format=text", "table/events"},
	{"/gate?format=text&target=table/scores", "drift    table/scores: "},
};

START_TEST(test_text)
{
	struct response response = get(text_cases[_i].target);
	const char *body = fixture_body(&response);

	ck_assert_msg(strstr(body, text_cases[_i].has), "%s is not in\n%s", text_cases[_i].has,
		      body);
	for (const char *p = body; *p; p++)
		ck_assert(*p == '\n' || !g_ascii_iscntrl(*p));
	response_done(&response);
}
END_TEST

/* One evaluation, many renderings: they say the same of every target. */
START_TEST(L11_json_text_and_metrics_say_the_same)
{
	static const struct {
		const char *state;
		int value;
	} values[] = {{"ok", 0}, {"pending", 1}, {"unknown", 2}, {"drift", 3}, {"paused", -1}};
	json_object *status = get_json("/status", 200);
	json_object *lines = json_member_array(status, "targets");
	struct response text = get("/status?format=text"), metrics = get("/metrics");

	for (size_t i = 0; i < json_object_array_length(lines); i++) {
		json_object *line = json_object_array_get_idx(lines, i);
		const char *id = json_member_text(line, "id", "");
		const char *state = json_member_text(line, "state", "");

		for (size_t j = 0; j < G_N_ELEMENTS(values); j++) {
			g_autofree char *sample = g_strdup_printf(
				"\ndriftd_target_state{target=\"%s\",priority=\"%s\"} %d\n", id,
				json_member_text(line, "priority", ""), values[j].value);
			g_autofree char *cell =
				g_strdup_printf("\n%-7s  %-8s  %s", values[j].state,
						json_member_text(line, "priority", ""), id);
			bool is_it = strcmp(state, values[j].state) == 0;

			ck_assert_msg((strstr(fixture_body(&metrics), sample) != NULL) == is_it,
				      "%s%s", id, sample);
			ck_assert_msg((strstr(fixture_body(&text), cell) != NULL) == is_it,
				      "%s%s\n%s", id, cell, fixture_body(&text));
		}
		ck_assert_ptr_nonnull(
			strstr(fixture_body(&text), json_member_text(line, "summary", "?")));
	}
	response_done(&metrics);
	response_done(&text);
	json_object_put(status);
}
END_TEST

static char *etag_of(const char *target)
{
	struct response response = get(target);
	char *etag = g_strdup(response.body ? response.body->etag : response.etag);

	ck_assert_ptr_nonnull(etag);
	response_done(&response);
	return etag;
}

static void publish(int64_t now_wall_ms, int64_t loaded_wall_ms)
{
	struct snapshot_input *input = data_fixture_world();

	input->generated_wall_ms = now_wall_ms;
	for (guint i = 0; i < input->verdicts->len; i++) {
		struct verdict *verdict = input->verdicts->pdata[i];

		if (strcmp(verdict->id, "table/scores") == 0 && loaded_wall_ms > 0)
			verdict->detail->aged_wall_ms = loaded_wall_ms;
	}
	app_publish(app, snapshot_create(input));
}

/* Ages move with the clock and are no facts; a load is one. */
START_TEST(test_entity_tag)
{
	static const char *const targets[] = {"/status", "/drift", "/drift/table/scores",
					      "/drift?kind=table"};
	g_autofree char *first = etag_of(targets[_i]);
	g_autofree char *later = NULL;
	g_autofree char *loaded = NULL;

	publish(FIXTURE_NOW_WALL_MS + MS_PER_MINUTE, 0);
	later = etag_of(targets[_i]);
	publish(FIXTURE_NOW_WALL_MS, FIXTURE_NOW_WALL_MS - 25 * MS_PER_HOUR);
	loaded = etag_of(targets[_i]);
	ck_assert_str_eq(later, first);
	ck_assert_str_ne(loaded, first);
}
END_TEST

/* What the line of a table says is a fact of /status, though nothing but a number of its detail
 * changed. */
START_TEST(test_entity_tag_of_a_summary)
{
	struct snapshot_input *input = data_fixture_world();
	g_autofree char *first = etag_of("/status");
	g_autofree char *changed = NULL;

	for (guint i = 0; i < input->verdicts->len; i++) {
		struct verdict *verdict = input->verdicts->pdata[i];
		struct verdict_detail *detail = verdict->detail;

		for (guint j = 0; detail && j < detail->data->len; j++) {
			struct verdict_datum *datum = detail->data->pdata[j];

			if (strcmp(datum->name, "due_partition_rows") == 0)
				datum->number = 987654;
		}
	}
	app_publish(app, snapshot_create(input));
	changed = etag_of("/status");
	ck_assert_str_ne(changed, first);
}
END_TEST

Suite *api_data_suite(void)
{
	Suite *suite = suite_create("api_data");
	TCase *tcase = tcase_create("api_data");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_list, 0, G_N_ELEMENTS(list_cases));
	tcase_add_loop_test(tcase, test_unknown_kind, 0, 2);
	tcase_add_test(tcase, test_status_line);
	tcase_add_loop_test(tcase, test_gate, 0, G_N_ELEMENTS(gate_cases));
	tcase_add_test(tcase, test_lists_are_short_and_targets_whole);
	tcase_add_test(tcase, test_freshness);
	tcase_add_loop_test(tcase, test_text, 0, G_N_ELEMENTS(text_cases));
	tcase_add_test(tcase, L11_json_text_and_metrics_say_the_same);
	tcase_add_loop_test(tcase, test_entity_tag, 0, 4);
	tcase_add_test(tcase, test_entity_tag_of_a_summary);
	suite_add_tcase(suite, tcase);
	return suite;
}
