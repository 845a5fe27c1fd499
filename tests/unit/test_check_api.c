/* Unit tests of POST /check and /checks/{id}: asking for a cycle, waiting for it, what came of it. */
#include <check.h>
#include <string.h>

#include "api/router.h"
#include "api_fixture.h"

Suite *check_api_suite(void);

static struct app *app;
static struct auth_rules *rules;

static void setup(void)
{
	struct config *config = fixture_config(NULL, NULL);

	app = fixture_app(fixture_world());
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

START_TEST(test_check_without_wait)
{
	struct fixture_request request = {
		.app = app, .rules = rules, .method = "POST", .target = "/check?wait=0&force=1"};
	struct response response = {0};
	struct app_requests asked = {0};

	app_set_cycle(app, 813, 0, 0, NULL);
	response = fixture_answer(&request);
	ck_assert_int_eq(response.status, 202);
	ck_assert_str_eq(response.location, "/checks/813");
	response_done(&response);
	app_take_requests(app, &asked);
	ck_assert(asked.check && asked.force);
	ck_assert_uint_eq(asked.waiters->len, 0);
	g_ptr_array_unref(asked.waiters);
	g_ptr_array_unref(asked.commands);
	response = get("/checks/813"); /* asked for, not begun */
	ck_assert_int_eq(response.status, 200);
	ck_assert_ptr_nonnull(strstr(response.bytes, "\"running\":true"));
	response_done(&response);
	app_set_cycle(app, 814, 813, FIXTURE_NOW_WALL_MS, "check");
	response = get("/checks/813?format=text");
	ck_assert_str_eq(response.bytes, "check 813 (check) runs since 2026-11-20T11:00:03Z\n");
	response_done(&response);
}
END_TEST

START_TEST(test_check_asks_to_wait)
{
	struct fixture_request request = {
		.app = app, .rules = rules, .method = "POST", .target = "/check"};
	struct response response = fixture_answer(&request);

	ck_assert(response.wait.wanted);
	ck_assert_int_eq(response.wait.wait_ms, 60000);
	ck_assert(!response.wait.force);
	request.target = "/check?wait=300&force=1";
	response = fixture_answer(&request);
	ck_assert_int_eq(response.wait.wait_ms, 300000);
	ck_assert(response.wait.force);
}
END_TEST

/* How POST /check ends, by what came of the wait. L24: drift is no error. */
static const struct {
	const char *query; /* format */
	bool strict;
	enum state overall;
	bool has_summary;
	const char *error;
	int status;
} outcome_cases[] = {
	{"", false, STATE_DRIFT, true, NULL, 200},
	{"", true, STATE_DRIFT, true, NULL, 409},
	{"", true, STATE_PENDING, true, NULL, 200},
	{"", true, STATE_UNKNOWN, true, NULL, 200},
	{"", false, STATE_UNKNOWN, true, NULL, 200},
	{"", false, STATE_OK, true, NULL, 200},
	{"", true, STATE_NONE, false, NULL, 202},
	{"", true, STATE_NONE, false, "disk full", 503},
	{"text", false, STATE_DRIFT, true, NULL, 200},
	{"text", true, STATE_DRIFT, true, NULL, 409},
	{"text", false, STATE_NONE, false, NULL, 202},
};

START_TEST(L24_drift_is_answered_with_200)
{
	struct snapshot *snapshot = app_snapshot(app);
	bool text = strcmp(outcome_cases[_i].query, "text") == 0;
	struct query query = {0};
	struct request request = {.app = app,
				  .rules = rules,
				  .method = REQUEST_METHOD_POST,
				  .path = "/check",
				  .query = &query,
				  .headers = {.host = "localhost"},
				  .peer_loopback = true,
				  .socket_fd = -1};
	struct router_outcome outcome = {
		.check_id = 812,
		.summary = outcome_cases[_i].has_summary ? snapshot->summary_json : NULL,
		.overall = outcome_cases[_i].overall,
		.error = outcome_cases[_i].error};
	struct response response = {0};

	ck_assert(query_parse(
		text ? (outcome_cases[_i].strict ? "strict=1&format=text" : "format=text")
		     : (outcome_cases[_i].strict ? "strict=1" : ""),
		&query, NULL));
	router_answer_waited(&request, &outcome, &response);
	ck_assert_int_eq(response.status, outcome_cases[_i].status);
	ck_assert(response.no_store);
	if (response.status == 202)
		ck_assert_str_eq(response.location, "/checks/812");
	if (text && outcome_cases[_i].has_summary) {
		ck_assert_ptr_nonnull(strstr(response.bytes, "evaluated 3 of 4"));
		ck_assert_ptr_nonnull(strstr(response.bytes, "not ok: service/worker"));
	} else if (outcome_cases[_i].has_summary) {
		json_object *summary = fixture_json(&response);

		ck_assert_uint_eq(json_object_array_length(json_member_array(summary, "not_ok")),
				  3);
		json_object_put(summary);
	}
	response_done(&response);
	query_done(&query);
	snapshot_unref(snapshot);
}
END_TEST

Suite *check_api_suite(void)
{
	Suite *suite = suite_create("check_api");
	TCase *tcase = tcase_create("check");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_check_without_wait);
	tcase_add_test(tcase, test_check_asks_to_wait);
	tcase_add_loop_test(tcase, L24_drift_is_answered_with_200, 0, G_N_ELEMENTS(outcome_cases));
	suite_add_tcase(suite, tcase);
	return suite;
}
