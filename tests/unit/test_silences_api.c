#include <check.h>
#include <string.h>

#include "alerts_world.h"
#include "drift_error.h"

Suite *silences_api_suite(void);

static struct alerts_world world;

static void setup(void)
{
	alerts_world_start(&world, NULL);
}

static void teardown(void)
{
	alerts_world_stop(&world);
}

static struct fixture_request request_of(const char *method, const char *target, const char *body)
{
	return (struct fixture_request){.app = world.app,
					.rules = world.rules,
					.config = world.config,
					.method = method,
					.target = target,
					.body = body};
}

static struct response ask(const char *method, const char *target, const char *body)
{
	struct fixture_request request = request_of(method, target, body);

	return fixture_answer(&request);
}

static struct snapshot_window *make_window(void)
{
	struct snapshot_window *window = g_new0(struct snapshot_window, 1);

	window->name = g_strdup("nightly");
	window->matchers = g_strsplit("kind=table,P2", ",", -1);
	window->state.active = true;
	window->state.since_wall_ms = FIXTURE_NOW_WALL_MS - MS_PER_HOUR;
	window->state.until_wall_ms = FIXTURE_NOW_WALL_MS + MS_PER_HOUR;
	window->state.next_wall_ms = FIXTURE_NOW_WALL_MS + MS_PER_DAY;
	return window;
}

static const struct {
	const char *target;
	size_t count;
} list_cases[] = {{"/silences", 1}, {"/silences?all=1", 3}, {"/silences?all=0", 1}};

START_TEST(test_list)
{
	struct response response = ask(NULL, list_cases[_i].target, NULL);
	json_object *page = fixture_json(&response);
	json_object *items = json_member_array(page, "items");
	json_object *newest = json_object_array_get_idx(items, 0);

	ck_assert_uint_eq(json_object_array_length(items), list_cases[_i].count);
	ck_assert_int_eq(json_member_int(newest, "id", 0), 3);
	ck_assert_str_eq(json_member_text(newest, "matcher", ""), "service/*");
	ck_assert_str_eq(json_member_text(newest, "until", ""), "2026-11-20T12:00:03Z");
	ck_assert_str_eq(json_member_text(newest, "who", ""), "ann");
	ck_assert_str_eq(json_member_text(newest, "why", ""), "load test");
	ck_assert(json_member_bool(newest, "active", false));
	for (size_t i = 1; i < json_object_array_length(items); i++)
		ck_assert(!json_member_bool(json_object_array_get_idx(items, i), "active", true));
	json_object_put(page);
	response_done(&response);
}
END_TEST

START_TEST(test_windows)
{
	struct snapshot_input *input = fixture_world();
	struct snapshot *later = NULL;
	struct response json = {0}, text = {0};
	json_object *page = NULL, *window = NULL;

	g_ptr_array_add(input->windows, make_window());
	later = snapshot_create(input);
	/* also one that was rendered anew has them */
	app_publish(world.app, snapshot_at(later, FIXTURE_NOW_WALL_MS, FIXTURE_NOW_MONO_MS));
	snapshot_unref(later);
	json = ask(NULL, "/silences", NULL);
	text = ask(NULL, "/silences?format=text", NULL);
	page = fixture_json(&json);
	window = json_object_array_get_idx(json_member_array(page, "windows"), 0);
	ck_assert_str_eq(json_member_text(window, "name", ""), "nightly");
	ck_assert(json_member_bool(window, "active", false));
	ck_assert_uint_eq(json_object_array_length(json_member_array(window, "matchers")), 2);
	ck_assert_str_eq(json_member_text(window, "next_at", ""), "2026-11-21T11:00:03Z");
	ck_assert_ptr_nonnull(strstr(text.bytes, "window nightly  kind=table, P2"));
	ck_assert_ptr_nonnull(strstr(text.bytes, "next at 2026-11-21T11:00:03Z"));
	json_object_put(page);
	response_done(&json);
	response_done(&text);
}
END_TEST

#define GOOD                                                                                       \
	"{\"matcher\":\"service/*\",\"until\":\"2026-11-20T13:00:00+01:00\",\"who\":\"ann\","      \
	"\"why\":\"load test\"}"

START_TEST(test_add)
{
	struct response response = ask("POST", "/silences", GOOD);
	const struct app_command *command = response.wait.command;

	ck_assert_msg(command, "%s", response.bytes);
	ck_assert_int_eq(command->kind, APP_COMMAND_SILENCE);
	ck_assert_str_eq(command->matcher, "service/*");
	ck_assert_int_eq(command->until_wall_ms, FIXTURE_NOW_WALL_MS - 3 * MS_PER_S + MS_PER_HOUR);
	ck_assert_str_eq(command->who, "ann");
	ck_assert_str_eq(command->why, "load test");
	response_done(&response);
}
END_TEST

static const struct {
	const char *body, *expect;
} refused_cases[] = {
	{NULL, "the field matcher is missing"},
	{"{\"matcher\":\"*\",\"until\":\"2026-11-20T12:00:00Z\",\"who\":\"a\"}",
	 "the field why is missing"},
	{"{\"matcher\":\"kind=nothing\",\"until\":\"2026-11-20T12:00:00Z\",\"who\":\"a\","
	 "\"why\":\"b\"}",
	 "the field matcher"},
	{"{\"matcher\":\"*\",\"until\":\"tomorrow\",\"who\":\"a\",\"why\":\"b\"}",
	 "the field until"},
	{"{\"matcher\":\"*\",\"until\":5,\"who\":\"a\",\"why\":\"b\"}", "the field until"},
	{"{\"matcher\":\"*\",\"until\":\"2026-11-20T11:00:03Z\",\"who\":\"a\",\"why\":\"b\"}",
	 "that time has passed"},
	{"{\"matcher\":\"*\",\"until\":\"2026-11-20T12:00:00Z\",\"who\":\"a\",\"why\":\"b\","
	 "\"id\":7}",
	 "/problems/unknown-field"},
};

START_TEST(test_refused)
{
	struct response response = ask("POST", "/silences", refused_cases[_i].body);

	ck_assert_msg(response.status == 400, "%s", refused_cases[_i].body);
	ck_assert_msg(strstr(response.bytes, refused_cases[_i].expect), "%s", response.bytes);
	response_done(&response);
}
END_TEST

START_TEST(test_added)
{
	struct fixture_request request = request_of("POST", "/silences", GOOD);
	struct response response = fixture_finish(&request, 3, NULL);
	json_object *silence = fixture_json(&response);
	g_autoptr(GError) error =
		g_error_new_literal(DRIFT_ERROR, DRIFT_ERROR_INVALID, "until is too far");
	struct response refused = fixture_finish(&request, 0, error);

	ck_assert_int_eq(response.status, 201);
	ck_assert_str_eq(response.location, "/silences/3");
	ck_assert_int_eq(json_member_int(silence, "id", 0), 3);
	ck_assert_int_eq(refused.status, 400);
	ck_assert_ptr_nonnull(strstr(refused.bytes, "until is too far"));
	json_object_put(silence);
	response_done(&response);
	response_done(&refused);
}
END_TEST

START_TEST(test_end)
{
	struct fixture_request request = request_of("DELETE", "/silences/3", NULL);
	struct response response = fixture_answer(&request);
	struct response done = fixture_finish(&request, 3, NULL);
	g_autoptr(GError) error =
		g_error_new_literal(DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND, "there is no silence 3");
	struct response missing = fixture_finish(&request, 0, error);
	struct response wrong = ask("DELETE", "/silences/x", NULL);

	ck_assert_int_eq(response.wait.command->kind, APP_COMMAND_END_SILENCE);
	ck_assert_int_eq(response.wait.command->id, 3);
	ck_assert_int_eq(done.status, 200);
	ck_assert_ptr_null(done.location);
	ck_assert(done.no_store);
	ck_assert_int_eq(missing.status, 404);
	ck_assert_int_eq(wrong.status, 404);
	response_done(&response);
	response_done(&done);
	response_done(&missing);
	response_done(&wrong);
}
END_TEST

START_TEST(test_methods)
{
	struct response collection = ask("DELETE", "/silences", NULL);
	struct response one = ask("GET", "/silences/3", NULL);

	ck_assert_int_eq(collection.status, 405);
	ck_assert_str_eq(collection.allow, "GET, HEAD, POST");
	ck_assert_int_eq(one.status, 405);
	ck_assert_str_eq(one.allow, "DELETE");
	response_done(&collection);
	response_done(&one);
}
END_TEST

/* Other sites' pages change nothing, whatever the method. */
START_TEST(test_other_sites)
{
	static const struct {
		const char *method, *target;
	} cases[] = {{"POST", "/silences"}, {"DELETE", "/silences/3"}};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct fixture_request request =
			request_of(cases[i].method, cases[i].target, i == 0 ? GOOD : NULL);
		struct response response = {0};

		request.headers.origin = "http://evil.example";
		response = fixture_answer(&request);
		ck_assert_int_eq(response.status, 403);
		response_done(&response);
	}
}
END_TEST

Suite *silences_api_suite(void)
{
	Suite *suite = suite_create("silences_api");
	TCase *tcase = tcase_create("silences_api");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_list, 0, G_N_ELEMENTS(list_cases));
	tcase_add_test(tcase, test_windows);
	tcase_add_test(tcase, test_add);
	tcase_add_loop_test(tcase, test_refused, 0, G_N_ELEMENTS(refused_cases));
	tcase_add_test(tcase, test_added);
	tcase_add_test(tcase, test_end);
	tcase_add_test(tcase, test_methods);
	tcase_add_test(tcase, test_other_sites);
	suite_add_tcase(suite, tcase);
	return suite;
}
