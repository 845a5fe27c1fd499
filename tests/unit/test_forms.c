#include <check.h>
#include <string.h>

#include "api/dashboard/assets.h"
#include "api/dashboard/frame.h"
#include "api/router.h"
#include "api_fixture.h"

Suite *forms_suite(void);

#define BROWSER "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

static struct app *app;
static struct auth_rules *rules;

static void use_auth(const char *auth)
{
	struct config *config = fixture_config(NULL, auth);

	auth_rules_unref(rules);
	rules = auth_rules_create(config, "127.0.0.1:8080");
	config_unref(config);
}

static void setup(void)
{
	app = fixture_app(fixture_world());
	use_auth(NULL);
}

static void teardown(void)
{
	auth_rules_unref(rules);
	rules = NULL;
	app_free(app);
}

static struct response ask(const char *method, const char *target, const char *accept)
{
	struct fixture_request request = {.app = app,
					  .rules = rules,
					  .method = method,
					  .target = target,
					  .headers = {.accept = accept}};

	return fixture_answer(&request);
}

static const char *type_of(const struct response *response)
{
	return response->body ? response->body->content_type : response->content_type;
}

static const struct {
	const char *path;
	const char *route; /* NULL: none */
	const char *first, *second;
} path_cases[] = {
	{"/badge.svg", "/badge.svg", "", ""},
	{"/badge/service/web.svg", "/badge/{kind}/{name}.svg", "service", "web"},
	{"/badge/service/a.svg.svg", "/badge/{kind}/{name}.svg", "service", "a.svg"},
	{"/badge/service/w%65b.svg", "/badge/{kind}/{name}.svg", "service", "web"},
	{"/badge/table/a.b.svg", "/badge/{kind}/{name}.svg", "table", "a.b"},
	{"/badge/service/.svg", NULL, NULL, NULL},
	{"/badge/service/web", NULL, NULL, NULL},
	{"/badge/service/web.svgx", NULL, NULL, NULL},
	{"/badge/service/web%2Esvg", NULL, NULL, NULL},
	{"/badge/service/svg", NULL, NULL, NULL},
	{"/badge/service/web.svg/", NULL, NULL, NULL},
	{"/badge/web.svg", NULL, NULL, NULL},
	{"/history/service/web", "/history/{kind}/{name}", "service", "web"},
	{"/history/service/web/days", "/history/{kind}/{name}/days", "service", "web"},
	{"/history/service/web/dayss", NULL, NULL, NULL},
	{"/drift/service/web.svg", "/drift/{kind}/{name}", "service", "web.svg"},
	{"/incidents/summary", "/incidents/summary", "", ""},
	{"/incidents/7", "/incidents/{n}", "7", ""},
};

START_TEST(test_path)
{
	char parts[REQUEST_PARTS_MAX][REQUEST_PART_BYTES] = {{0}};
	const struct route *route = router_find(path_cases[_i].path, REQUEST_METHOD_GET, parts);

	if (!path_cases[_i].route) {
		ck_assert_msg(!route, "%s is %s", path_cases[_i].path, route ? route->path : "");
		return;
	}
	ck_assert_ptr_nonnull(route);
	ck_assert_str_eq(route->path, path_cases[_i].route);
	if (route->parts > 0)
		ck_assert_str_eq(parts[0], path_cases[_i].first);
	if (route->parts > 1)
		ck_assert_str_eq(parts[1], path_cases[_i].second);
}
END_TEST

START_TEST(test_long_part)
{
	char parts[REQUEST_PARTS_MAX][REQUEST_PART_BYTES] = {{0}};
	g_autofree char *name = g_strnfill(REQUEST_PART_BYTES - 1, 'n');
	g_autofree char *longest = g_strconcat("/badge/service/", name, ".svg", NULL);
	g_autofree char *longer = g_strconcat("/badge/service/n", name, ".svg", NULL);

	ck_assert_ptr_nonnull(router_find(longest, REQUEST_METHOD_GET, parts));
	ck_assert_str_eq(parts[1], name);
	ck_assert_ptr_null(router_find(longer, REQUEST_METHOD_GET, parts));
}
END_TEST

static const struct {
	const char *target, *accept;
	const char *type;
} form_cases[] = {
	{"/", BROWSER, response_html},
	{"/", NULL, response_text},
	{"/", "*/*", response_text},
	{"/", "application/json", response_text},
	{"/?format=html", NULL, response_html},
	{"/?format=html", "application/json", response_html},
	{"/?format=text", BROWSER, response_text},
	{"/docs", BROWSER, response_html},
	{"/drift/service/web", BROWSER, response_html},
	{"/drift/service/web", NULL, response_json},
	{"/drift/service/web", "*/*", response_json},
	{"/drift/service/web", "text/plain", response_text},
	{"/drift/service/web?format=html", "text/plain", response_html},
	{"/drift/service/web?format=json", BROWSER, response_json},
	{"/drift/service/web?format=text", BROWSER, response_text},
	{"/drift/web", BROWSER, response_html},
	{"/config", BROWSER, response_html},
	{"/config", NULL, response_json},
	/* without a page a browser gets what everybody gets */
	{"/status", BROWSER, response_json},
	{"/drift", BROWSER, response_json},
	{"/version", BROWSER, response_json},
	{"/metrics", BROWSER, response_metrics},
	{"/badge.svg", BROWSER, response_svg},
};

START_TEST(test_form)
{
	struct response response = ask("GET", form_cases[_i].target, form_cases[_i].accept);

	ck_assert_msg(response.status == 200, "%s: %d", form_cases[_i].target, response.status);
	ck_assert_msg(type_of(&response) == form_cases[_i].type, "%s with \"%s\": %s",
		      form_cases[_i].target, form_cases[_i].accept, type_of(&response));
	ck_assert_ptr_eq(response.policy,
			 form_cases[_i].type == response_html ? frame_policy : NULL);
	ck_assert(response.body || response.etag);
	response_done(&response);
}
END_TEST

/* Each form of an address has an entity tag of its own. */
START_TEST(test_forms_have_tags_of_their_own)
{
	static const char *const forms[] = {BROWSER, "application/json", "text/plain"};
	char *tags[G_N_ELEMENTS(forms)] = {NULL};

	for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
		struct response response = ask("GET", "/drift/service/web", forms[i]);

		tags[i] = g_strdup(response.etag);
		response_done(&response);
	}
	ck_assert_str_ne(tags[0], tags[1]);
	ck_assert_str_ne(tags[0], tags[2]);
	ck_assert_str_ne(tags[1], tags[2]);
	for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
		struct fixture_request request = {
			.app = app,
			.rules = rules,
			.target = "/drift/service/web",
			.headers = {.accept = forms[i], .if_none_match = tags[0]}};
		struct response response = fixture_answer(&request);

		ck_assert_int_eq(response.status, i == 0 ? 304 : 200);
		response_done(&response);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(forms); i++)
		g_free(tags[i]);
}
END_TEST

static const struct {
	const char *method, *target, *accept;
	int status;
	bool page;
} problem_cases[] = {
	{"GET", "/nothing", BROWSER, 404, true},
	{"GET", "/nothing", NULL, 404, false},
	{"GET", "/nothing", "*/*", 404, false},
	{"GET", "/nothing", "application/json, text/html", 404, false},
	{"GET", "/nothing?format=json", BROWSER, 404, false},
	{"GET", "/nothing?format=html", NULL, 404, true},
	{"GET", "/drift/service/nobody", BROWSER, 404, true},
	{"GET", "/drift/service/nobody?format=json", BROWSER, 404, false},
	{"GET", "/drift/service/nobody?format=text", BROWSER, 404, false},
	{"GET", "/drift/service/nobody", "text/plain", 404, false},
	{"GET", "/?owners=ml", BROWSER, 400, true},
	{"GET", "/?owners=ml", NULL, 400, false},
	{"GET", "/status?all=1", BROWSER, 400, true},
	{"GET", "/drift?format=html", NULL, 400, true},
	{"GET", "/drift?format=xml", BROWSER, 400, true},
	{"GET", "/drift?format=xml", NULL, 400, false},
	{"POST", "/status", BROWSER, 405, true},
	{"POST", "/status", "application/json", 405, false},
	{"GET", "/incidents", BROWSER, 503, true},
	{"GET", "/incidents", NULL, 503, false},
	{"HEAD", "/nothing", BROWSER, 404, true},
	{"GET", "/assets/x/dashboard.css", "text/css,*/*;q=0.1", 404, false},
};

START_TEST(test_problem)
{
	struct response response =
		ask(problem_cases[_i].method, problem_cases[_i].target, problem_cases[_i].accept);

	ck_assert_msg(response.status == problem_cases[_i].status, "%s: %d",
		      problem_cases[_i].target, response.status);
	ck_assert_msg(type_of(&response) ==
			      (problem_cases[_i].page ? response_html : response_problem),
		      "%s with \"%s\": %s", problem_cases[_i].target, problem_cases[_i].accept,
		      type_of(&response));
	ck_assert(response.no_store);
	ck_assert_ptr_eq(response.policy, problem_cases[_i].page ? frame_policy : NULL);
	ck_assert_int_eq(response.retry_after_s > 0, response.status == 503);
	ck_assert_int_eq(response.allow != NULL, response.status == 405);
	response_done(&response);
}
END_TEST

/* What the problem says, for people. */
START_TEST(test_problem_says_the_same)
{
	struct response json = ask("GET", "/drift?state=bad", NULL);
	struct response page = ask("GET", "/drift?state=bad", BROWSER);
	json_object *problem = fixture_json(&json);

	ck_assert_ptr_nonnull(strstr(page.bytes, json_member_text(problem, "title", "?")));
	ck_assert_ptr_nonnull(strstr(page.bytes, json_member_text(problem, "detail", "?")));
	ck_assert_ptr_nonnull(strstr(page.bytes, "<li><bdi>pending</bdi></li>"));
	ck_assert_ptr_nonnull(strstr(page.bytes, "<h1>"));
	ck_assert_uint_eq(page.length, strlen(page.bytes));
	json_object_put(problem);
	response_done(&json);
	response_done(&page);
}
END_TEST

START_TEST(test_problem_is_escaped)
{
	struct response page =
		ask("GET", "/drift/service/%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27%26", BROWSER);

	ck_assert_int_eq(page.status, 404);
	ck_assert_ptr_null(strstr(page.bytes, "<script>alert"));
	ck_assert_ptr_nonnull(strstr(page.bytes, "&lt;script&gt;alert(1)"));
	response_done(&page);
	page = ask("GET", "/nothing/<script>alert(1)</script>", BROWSER);
	ck_assert_int_eq(page.status, 404);
	ck_assert_ptr_null(strstr(page.bytes, "<script>alert"));
	response_done(&page);
}
END_TEST

/* The state of everything is in the frame of every page: not for those who may not see it. */
static const struct {
	const char *auth, *authorization, *host, *target;
	bool is_remote;
	int status;
	bool sees; /* what is known */
} secret_cases[] = {
	{NULL, NULL, NULL, "/nothing", false, 404, true},
	{NULL, NULL, NULL, "/drift/nobody", false, 404, true},
	{NULL, NULL, "evil.example", "/", false, 421, false},
	{NULL, NULL, "evil.example", "/nothing", false, 421, false},
	{"token = s3cret\nprotect = all\n", NULL, NULL, "/", false, 401, false},
	{"token = s3cret\nprotect = all\n", NULL, NULL, "/nothing", false, 404, false},
	{"token = s3cret\nprotect = all\n", "Bearer wrong", NULL, "/nothing", false, 404, false},
	{"token = s3cret\nprotect = all\n", "Bearer wrong", NULL, "/status", false, 401, false},
	{"token = s3cret\nprotect = all\n", "Bearer s3cret", NULL, "/nothing", false, 404, true},
	{"token = s3cret\nprotect = all\n", "Basic OnMzY3JldA==", NULL, "/drift/nobody", false, 404,
	 true},
};

START_TEST(test_problem_shows_no_state_to_strangers)
{
	struct fixture_request request = {
		.app = app,
		.target = secret_cases[_i].target,
		.is_remote = secret_cases[_i].is_remote,
		.headers = {.accept = BROWSER,
			    .host = secret_cases[_i].host,
			    .authorization = secret_cases[_i].authorization}};
	struct response response = {0};

	use_auth(secret_cases[_i].auth);
	request.rules = rules;
	response = fixture_answer(&request);
	ck_assert_int_eq(response.status, secret_cases[_i].status);
	ck_assert_ptr_eq(response.content_type, response_html);
	ck_assert_int_eq(response.challenge, response.status == 401);
	ck_assert_msg((strstr(response.bytes, "data-state=\"drift\"") != NULL) ==
			      secret_cases[_i].sees,
		      "case %d", _i);
	ck_assert_int_eq(strstr(response.bytes, "evaluated 3 of 4") != NULL, secret_cases[_i].sees);
	response_done(&response);
}
END_TEST

/* Nothing has been checked yet: a page that says so, and comes back. */
START_TEST(test_before_the_first_snapshot)
{
	struct app *empty = fixture_app(NULL);
	struct fixture_request request = {
		.app = empty, .rules = rules, .target = "/", .headers = {.accept = BROWSER}};
	struct response response = fixture_answer(&request);

	ck_assert_int_eq(response.status, 503);
	ck_assert_ptr_eq(response.content_type, response_html);
	ck_assert_ptr_nonnull(strstr(response.bytes, "nothing has been checked yet"));
	ck_assert_int_gt(response.retry_after_s, 0);
	response_done(&response);
	app_free(empty);
}
END_TEST

static const struct {
	const char *accept_encoding, *target;
	enum accept_coding coding;
} coding_cases[] = {
	{NULL, "/status", ACCEPT_CODING_IDENTITY},
	{"gzip, br", "/status", ACCEPT_CODING_GZIP},
	{"gzip, br", "/nothing", ACCEPT_CODING_GZIP},
	{"gzip;q=0", "/status", ACCEPT_CODING_IDENTITY},
	{"gzip, identity;q=0", "/version", ACCEPT_CODING_GZIP_ONLY},
};

START_TEST(test_coding)
{
	struct fixture_request request = {
		.app = app,
		.rules = rules,
		.target = coding_cases[_i].target,
		.headers = {.accept_encoding = coding_cases[_i].accept_encoding}};
	struct response response = fixture_answer(&request);

	ck_assert_int_eq(response.coding, coding_cases[_i].coding);
	response_done(&response);
}
END_TEST

Suite *forms_suite(void)
{
	Suite *suite = suite_create("forms");
	TCase *tcase = tcase_create("all");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_path, 0, G_N_ELEMENTS(path_cases));
	tcase_add_test(tcase, test_long_part);
	tcase_add_loop_test(tcase, test_form, 0, G_N_ELEMENTS(form_cases));
	tcase_add_test(tcase, test_forms_have_tags_of_their_own);
	tcase_add_loop_test(tcase, test_problem, 0, G_N_ELEMENTS(problem_cases));
	tcase_add_test(tcase, test_problem_says_the_same);
	tcase_add_test(tcase, test_problem_is_escaped);
	tcase_add_loop_test(tcase, test_problem_shows_no_state_to_strangers, 0,
			    G_N_ELEMENTS(secret_cases));
	tcase_add_test(tcase, test_before_the_first_snapshot);
	tcase_add_loop_test(tcase, test_coding, 0, G_N_ELEMENTS(coding_cases));
	suite_add_tcase(suite, tcase);
	return suite;
}
