#include <check.h>
#include <string.h>

#include "alerts_world.h"
#include "api/problem.h"
#include "clk.h"
#include "drift_error.h"

Suite *incidents_api_suite(void);

static struct alerts_world world;

static void setup(void)
{
	alerts_world_start(&world, NULL);
}

static void teardown(void)
{
	alerts_world_stop(&world);
}

static struct response get(const char *target)
{
	return alerts_world_get(&world, target);
}

static struct response post(const char *target, const char *body)
{
	struct fixture_request request = {.app = world.app,
					  .rules = world.rules,
					  .config = world.config,
					  .method = "POST",
					  .target = target,
					  .body = body};

	return fixture_answer(&request);
}

/* "5 4 3": the ids of a page. */
static char *ids_of(const struct response *response)
{
	json_object *page = fixture_json(response);
	json_object *items = json_member_array(page, "items");
	GString *to = g_string_new(NULL);

	ck_assert_ptr_nonnull(items);
	for (size_t i = 0; i < json_object_array_length(items); i++)
		g_string_append_printf(
			to, "%s%d", i > 0 ? " " : "",
			(int)json_member_int(json_object_array_get_idx(items, i), "id", 0));
	json_object_put(page);
	return g_string_free(to, FALSE);
}

static const struct {
	const char *target, *ids;
} list_cases[] = {
	{"/incidents", "5 4 3 2 1"},
	{"/incidents?limit=5", "5 4 3 2 1"},
	{"/incidents?status=open", "5"}, /* acknowledged ones are not meant by it */
	{"/incidents?status=acknowledged", "2"},
	{"/incidents?status=open&status=acknowledged", "5 2"},
	{"/incidents?status=withdrawn&status=open&status=open", "5 3"},
	{"/incidents?status=open&status=acknowledged&status=resolved&status=withdrawn",
	 "5 4 3 2 1"},
	{"/incidents?target=service/web&status=resolved&status=withdrawn", "4 1"},
	{"/incidents?status=resolved", "4 1"},
	{"/incidents?status=withdrawn", "3"},
	{"/incidents?target=service/web", "4 2 1"},
	{"/incidents?target=service/web&status=resolved", "4 1"},
	{"/incidents?target=service/old&status=open", ""},
	{"/incidents?target=repo/main", ""},
	{"/notifications", "3 2 1"},
	{"/notifications?state=failed", "2"},
	{"/notifications?channel=slack/default", "2 1"},
	{"/notifications?channel=slack/default&state=sent", "1"},
	{"/notifications?channel=slack/gone", ""},
};

START_TEST(test_list)
{
	struct response response = get(list_cases[_i].target);
	g_autofree char *ids = NULL;

	ck_assert_msg(response.status == 200, "%s", fixture_body(&response));
	ids = ids_of(&response);
	ck_assert_msg(strcmp(ids, list_cases[_i].ids) == 0, "%s: %s", list_cases[_i].target, ids);
	response_done(&response);
}
END_TEST

START_TEST(test_unknown_target_is_no_empty_list)
{
	struct response response = get("/incidents?target=service/wep");

	ck_assert_int_eq(response.status, 400);
	ck_assert_ptr_nonnull(strstr(response.bytes, "service/wep"));
	response_done(&response);
}
END_TEST

/* Page by page nothing is left out and nothing comes twice. */
static const char *const paged[] = {"/incidents", "/incidents?status=resolved", "/notifications",
				    "/silences?all=1"};

START_TEST(test_pages)
{
	struct response whole = get(paged[_i]);
	g_autofree char *want = ids_of(&whole);
	g_autoptr(GString) got = g_string_new(NULL);
	g_autofree char *cursor = NULL;

	for (int page = 0; page < 10; page++) {
		g_autofree char *target = g_strdup_printf(
			"%s%climit=1%s%s", paged[_i], strchr(paged[_i], '?') ? '&' : '?',
			cursor ? "&cursor=" : "", cursor ? cursor : "");
		struct response response = get(target);
		json_object *object = fixture_json(&response);
		g_autofree char *ids = ids_of(&response);

		g_string_append_printf(got, "%s%s", got->len > 0 ? " " : "", ids);
		g_free(cursor);
		cursor = g_strdup(json_member_text(object, "next_cursor", NULL));
		json_object_put(object);
		response_done(&response);
		if (!cursor)
			break;
	}
	ck_assert_str_eq(got->str, want);
	response_done(&whole);
}
END_TEST

START_TEST(test_cursor_of_another_list)
{
	struct response first = get("/incidents?limit=1");
	json_object *object = fixture_json(&first);
	g_autofree char *target = g_strconcat(
		"/notifications?cursor=", json_member_text(object, "next_cursor", "-"), NULL);
	struct response second = get(target);

	ck_assert_int_eq(second.status, 400);
	json_object_put(object);
	response_done(&first);
	response_done(&second);
}
END_TEST

START_TEST(test_incident)
{
	struct response response = get("/incidents/2");
	json_object *incident = fixture_json(&response);

	ck_assert_int_eq(response.status, 200);
	ck_assert_int_eq(json_member_int(incident, "id", 0), 2);
	ck_assert_str_eq(json_member_text(incident, "target", ""), "service/web");
	ck_assert_str_eq(json_member_text(incident, "priority", ""), "P0");
	ck_assert_str_eq(json_member_text(incident, "cause", ""), "drift");
	ck_assert_str_eq(json_member_text(incident, "status", ""), "acknowledged");
	ck_assert_str_eq(json_member_text(incident, "summary", ""), alerts_world_hostile);
	ck_assert_str_eq(json_member_text(incident, "opened_at", ""), "2026-11-20T03:00:03Z");
	ck_assert_str_eq(json_member_text(incident, "detected_at", ""), "2026-11-20T03:10:03Z");
	ck_assert_str_eq(json_member_text(incident, "acknowledged_at", ""), "2026-11-20T03:11:03Z");
	ck_assert_str_eq(json_member_text(incident, "acknowledged_by", ""), "ann");
	ck_assert_str_eq(json_member_text(incident, "why", ""), "deploying after lunch");
	ck_assert_str_eq(json_member_text(incident, "ack_expires_at", ""), "2026-11-20T12:00:03Z");
	ck_assert_str_eq(json_member_text(incident, "resolved_at", "-"), "-");
	ck_assert_str_eq(json_member_text(incident, "held_by", "-"), "silence 3");
	ck_assert(!json_member_bool(incident, "false_alarm", true));
	json_object_put(incident);
	response_done(&response);
}
END_TEST

START_TEST(test_told)
{
	struct response response = get("/incidents/1");
	json_object *incident = fixture_json(&response);
	json_object *told = json_member_array(incident, "told");

	ck_assert_uint_eq(json_object_array_length(told), 1);
	ck_assert_str_eq(json_object_get_string(json_object_array_get_idx(told, 0)),
			 "slack/default");
	ck_assert_str_eq(json_member_text(incident, "resolved_at", "-"), "2026-11-20T03:00:03Z");
	json_object_put(incident);
	response_done(&response);
}
END_TEST

static const struct {
	const char *target;
	int status;
} missing_cases[] = {
	{"/incidents/6", 404},  {"/incidents/0", 404},
	{"/incidents/-1", 404}, {"/incidents/99999999999999999999", 404},
	{"/incidents/1x", 404}, {"/incidents/+1", 404},
};

START_TEST(test_missing)
{
	struct response response = get(missing_cases[_i].target);

	ck_assert_msg(response.status == missing_cases[_i].status, "%s", response.bytes);
	response_done(&response);
}
END_TEST

/* The same in text, without what could move a terminal's cursor. */
static const struct {
	const char *target, *expect;
} text_cases[] = {
	{"/incidents?format=text", "acknowledged  P0  drift"},
	{"/incidents?format=text&limit=1", "more: the same with cursor="},
	{"/incidents/2?format=text", "by: ann"},
	{"/incidents/2?format=text", "held by: silence 3"},
	{"/incidents/4?format=text", "false alarm"},
	{"/incidents/1?format=text", "told: slack/default"},
	{"/incidents/summary?format=text", "30 DAYS"},
	{"/notifications?format=text", "no answer"},
	{"/silences?format=text", "by ann: load test"},
};

START_TEST(test_text)
{
	struct response response = get(text_cases[_i].target);

	ck_assert_int_eq(response.status, 200);
	ck_assert_ptr_eq(response.content_type, response_text);
	ck_assert_msg(strstr(response.bytes, text_cases[_i].expect), "%s", response.bytes);
	ck_assert_ptr_null(strchr(response.bytes, '\x1b'));
	response_done(&response);
}
END_TEST

START_TEST(test_notifications_show_attempts_and_no_content)
{
	struct response response = get("/notifications?state=failed");
	json_object *page = fixture_json(&response);
	json_object *item = json_object_array_get_idx(json_member_array(page, "items"), 0);
	json_object *attempt = json_object_array_get_idx(json_member_array(item, "attempts"), 0);

	ck_assert_str_eq(json_member_text(attempt, "error", ""), "no answer");
	ck_assert_int_eq(json_member_int(attempt, "status", -1), -1);
	ck_assert_uint_eq(json_object_array_length(json_member_array(item, "incidents")), 2);
	ck_assert_str_eq(json_member_text(item, "next_at", "-"), "-");
	ck_assert_ptr_null(strstr(response.bytes, "content is not shown"));
	json_object_put(page);
	response_done(&response);
}
END_TEST

START_TEST(test_ack)
{
	struct response response =
		post("/incidents/5/ack", "{\"who\":\" ann \",\"why\":\"on it\"}");
	struct app_command *command = response.wait.command;

	ck_assert(response.wait.wanted);
	ck_assert_int_eq(command->kind, APP_COMMAND_ACKNOWLEDGE);
	ck_assert_int_eq(command->id, 5);
	ck_assert_str_eq(command->who, "ann");
	ck_assert_str_eq(command->why, "on it");
	ck_assert_int_gt(response.wait.wait_ms, 0);
	response_done(&response);
	response = post("/incidents/5/ack", "{\"who\":\"ann\"}");
	ck_assert_ptr_null(response.wait.command->why);
	response_done(&response);
}
END_TEST

static const struct {
	const char *body;
	bool on;
} alarm_cases[] = {{NULL, true},
		   {"{}", true},
		   {"{\"false_alarm\":true}", true},
		   {"{\"false_alarm\":false}", false}};

START_TEST(test_false_alarm)
{
	struct response response = post("/incidents/1/false-alarm", alarm_cases[_i].body);

	ck_assert_ptr_nonnull(response.wait.command);
	ck_assert_int_eq(response.wait.command->kind, APP_COMMAND_FALSE_ALARM);
	ck_assert_int_eq(response.wait.command->id, 1);
	ck_assert_int_eq(response.wait.command->on, alarm_cases[_i].on);
	response_done(&response);
}
END_TEST

static const struct {
	const char *target, *body;
	int status;
	const char *expect;
} refused_cases[] = {
	{"/incidents/5/ack", "{}", 400, "the field who is missing"},
	{"/incidents/5/ack", "{\"who\":\"\"}", 400, "the field who"},
	{"/incidents/5/ack", "{\"who\":\"  \"}", 400, "the field who"},
	{"/incidents/5/ack", "{\"who\":null}", 400, "the field who"},
	{"/incidents/5/ack", "{\"who\":5}", 400, "the field who"},
	{"/incidents/5/ack", "{\"who\":\"a\\nb\"}", 400, "the field who"},
	{"/incidents/5/ack", "{\"who\":\"a\\u0000b\"}", 400, "the field who"},
	{"/incidents/5/ack", "{\"who\":\"a\",\"until\":\"x\"}", 400, "/problems/unknown-field"},
	{"/incidents/5/ack", "{\"who\":\"a\",\"until\":\"x\"}", 400, "\"until\\\""},
	{"/incidents/5/ack", "{\"who\":\"a\",\"until\":\"x\"}", 400, "[\"who\",\"why\"]"},
	{"/incidents/5/ack", "[]", 400, "no JSON object"},
	{"/incidents/5/ack", "null", 400, "/problems/invalid-body"},
	{"/incidents/5/ack", "{\"who\":", 400, "/problems/invalid-body"},
	{"/incidents/x/ack", "{\"who\":\"a\"}", 404, "/problems/not-found"},
	{"/incidents/5/false-alarm", "{\"false_alarm\":\"no\"}", 400, "true or false"},
	{"/incidents/5/false-alarm", "{\"false_alarm\":0}", 400, "true or false"},
};

START_TEST(test_refused)
{
	struct response response = post(refused_cases[_i].target, refused_cases[_i].body);

	ck_assert_msg(response.status == refused_cases[_i].status, "%s: %d %s",
		      refused_cases[_i].body, response.status, response.bytes);
	ck_assert_msg(strstr(response.bytes, refused_cases[_i].expect), "%s", response.bytes);
	ck_assert(!response.wait.wanted);
	response_done(&response);
}
END_TEST

START_TEST(test_content_type)
{
	struct fixture_request request = {.app = world.app,
					  .rules = world.rules,
					  .config = world.config,
					  .method = "POST",
					  .target = "/incidents/5/ack",
					  .body = "{\"who\":\"ann\"}"};
	static const struct {
		const char *type;
		bool ok;
	} types[] = {
		{"application/json", true},
		{"Application/JSON; charset=utf-8", true},
		{"application/json;charset=\"UTF-8\"", true},
		{"application/json; charset=latin1", false},
		{"application/jsonx", false},
		{"text/plain", false},
		{"application/x-www-form-urlencoded", false},
		{"", false},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		struct response response = {0};

		request.headers.content_type = types[i].type;
		response = fixture_answer(&request);
		ck_assert_msg(response.wait.wanted == types[i].ok, "%s", types[i].type);
		ck_assert_msg(types[i].ok || response.status == 415, "%s", types[i].type);
		response_done(&response);
	}
}
END_TEST

/* How a command ended, as its sender is told. */
static const struct {
	enum drift_error code; /* NONE: done */
	int status;
	const char *expect;
} outcome_cases[] = {
	{DRIFT_ERROR_NONE, 200, "\"acknowledged_by\":\"ann\""},
	{DRIFT_ERROR_NOT_FOUND, 404, "/problems/not-found"},
	{DRIFT_ERROR_INVALID, 409, "/problems/conflict"},
	{DRIFT_ERROR_TIMEOUT, 503, "it may still be done"},
	{DRIFT_ERROR_CANCELLED, 503, "/problems/busy"},
	{DRIFT_ERROR_IO, 503, "/problems/store-unavailable"},
};

START_TEST(test_outcome)
{
	struct fixture_request request = {.app = world.app,
					  .rules = world.rules,
					  .config = world.config,
					  .method = "POST",
					  .target = "/incidents/2/ack",
					  .body = "{\"who\":\"ann\"}"};
	g_autoptr(GError) error =
		outcome_cases[_i].code == DRIFT_ERROR_NONE
			? NULL
			: g_error_new(DRIFT_ERROR, (gint)outcome_cases[_i].code, "because");
	struct response response = fixture_finish(&request, 2, error);

	ck_assert_msg(response.status == outcome_cases[_i].status, "%s", response.bytes);
	ck_assert_msg(strstr(response.bytes, outcome_cases[_i].expect), "%s", response.bytes);
	ck_assert(response.no_store);
	response_done(&response);
}
END_TEST

/* Of what was before the first check nothing is made believe. */
START_TEST(test_summary)
{
	static const int64_t days[] = {7, 30, 90};
	struct response response = {0};
	json_object *summary = NULL;
	json_object *periods = NULL;

	alerts_world_add_check(&world, FIXTURE_NOW_WALL_MS - 30 * MS_PER_DAY);
	response = get("/incidents/summary");
	summary = fixture_json(&response);
	periods = json_member_array(summary, "periods");

	ck_assert_uint_eq(json_object_array_length(periods), 3);
	for (size_t i = 0; i < 3; i++) {
		json_object *period = json_object_array_get_idx(periods, i);
		json_object *resolve = json_member_object(period, "time_to_resolve");
		json_object *lead =
			json_member_object(json_member_object(period, "deployments"), "lead_time");

		ck_assert_int_eq(json_member_int(period, "days", 0), days[i]);
		ck_assert_int_eq(json_member_bool(period, "complete", i == 2), i < 2);
		ck_assert_int_eq(json_member_int(period, "incidents", 0), 5);
		ck_assert_int_eq(json_member_int(period, "open", 0), 2);
		ck_assert_int_eq(json_member_int(period, "withdrawn", 0), 1);
		ck_assert_int_eq(json_member_int(period, "false_alarms", 0), 1);
		ck_assert_int_eq(json_member_int(resolve, "count", 0), 1);
		ck_assert_int_eq(json_member_int(resolve, "mean_s", 0), 50 * 60);
		ck_assert_int_eq(json_member_int(lead, "count", -1), 0);
		ck_assert_int_eq(json_member_int(lead, "mean_s", -7), -7); /* null */
	}
	ck_assert(!json_member_bool(summary, "complete", true));
	json_object_put(summary);
	response_done(&response);
}
END_TEST

Suite *incidents_api_suite(void)
{
	Suite *suite = suite_create("incidents_api");
	TCase *tcase = tcase_create("incidents_api");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_list, 0, G_N_ELEMENTS(list_cases));
	tcase_add_test(tcase, test_unknown_target_is_no_empty_list);
	tcase_add_loop_test(tcase, test_pages, 0, G_N_ELEMENTS(paged));
	tcase_add_test(tcase, test_cursor_of_another_list);
	tcase_add_test(tcase, test_incident);
	tcase_add_test(tcase, test_told);
	tcase_add_loop_test(tcase, test_missing, 0, G_N_ELEMENTS(missing_cases));
	tcase_add_loop_test(tcase, test_text, 0, G_N_ELEMENTS(text_cases));
	tcase_add_test(tcase, test_notifications_show_attempts_and_no_content);
	tcase_add_test(tcase, test_ack);
	tcase_add_loop_test(tcase, test_false_alarm, 0, G_N_ELEMENTS(alarm_cases));
	tcase_add_loop_test(tcase, test_refused, 0, G_N_ELEMENTS(refused_cases));
	tcase_add_test(tcase, test_content_type);
	tcase_add_loop_test(tcase, test_outcome, 0, G_N_ELEMENTS(outcome_cases));
	tcase_add_test(tcase, test_summary);
	suite_add_tcase(suite, tcase);
	return suite;
}
