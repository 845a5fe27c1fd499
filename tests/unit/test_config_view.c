#include <check.h>
#include <string.h>

#include "api_fixture.h"
#include "clk.h"

Suite *config_view_suite(void);

#define SECRET "hunter2-hunter2-hunter2"

static struct app *app;
static struct auth_rules *rules;
static struct config *config;

/* With secrets of all kinds, and a warning. */
static const char text[] =
	"[driftd]\ncheck-interval = 7m\nheartbeat-url = https://hc.example.com/" SECRET "\n"
	"[auth]\ntoken = " SECRET "\nlink-secret = " SECRET "\n"
	"[repo \"main\"]\nurl = https://github.com/example/pipeline.git\nbranch = main\n"
	"token = " SECRET "\n"
	"[service \"web\"]\nsource = http\nurl = https://web.example.com/version\n"
	"description = <script>alert(1)</script>\"'\npaths = a\npaths = b\n"
	"[service \"worker\"]\nsource = http\nurl = https://worker.example.com/version\n"
	"[slack \"data-team\"]\nwebhook = https://hooks.slack.com/services/" SECRET "\n"
	"[webhook \"ops\"]\nurl = https://ops.example.com/" SECRET "\nsecret = " SECRET "\n";

static void publish(const char *config_error)
{
	struct snapshot_input *input = fixture_world();

	config_unref(input->config);
	input->config = config_ref(config);
	input->config_error = g_strdup(config_error);
	app_publish(app, snapshot_create(input));
}

static void setup(void)
{
	clk_set_fake(FIXTURE_NOW_MONO_MS, FIXTURE_NOW_WALL_MS);
	config = fixture_config_text(text);
	g_ptr_array_add(config->warnings, g_strdup("a <b>doubt</b>"));
	rules = auth_rules_create(config, "127.0.0.1:8080");
	app = fixture_app(NULL);
	publish(NULL);
}

static void teardown(void)
{
	app_free(app);
	auth_rules_unref(rules);
	config_unref(config);
}

static struct response get(const char *target)
{
	struct fixture_request request = {
		.app = app, .rules = rules, .config = config, .target = target};

	return fixture_answer(&request);
}

/* Caller frees. */
static char *body_of(const char *target)
{
	struct response response = get(target);
	char *body = g_strdup(fixture_body(&response));

	ck_assert_msg(response.status == 200, "%s", body);
	response_done(&response);
	return body;
}

static json_object *find_section(json_object *object, const char *kind)
{
	json_object *sections = json_member_array(object, "sections");

	for (size_t i = 0; i < json_object_array_length(sections); i++) {
		json_object *section = json_object_array_get_idx(sections, i);

		if (strcmp(json_member_text(section, "section", ""), kind) == 0)
			return section;
	}
	ck_abort_msg("no [%s]", kind);
}

static json_object *find_key(json_object *section, const char *name)
{
	json_object *keys = json_member_array(section, "keys");

	for (size_t i = 0; i < json_object_array_length(keys); i++) {
		json_object *key = json_object_array_get_idx(keys, i);

		if (strcmp(json_member_text(key, "key", ""), name) == 0)
			return key;
	}
	ck_abort_msg("no %s", name);
}

START_TEST(test_json)
{
	struct response response = get("/config");
	json_object *object = fixture_json(&response);
	json_object *files = json_member_array(object, "files");
	json_object *driftd = find_section(object, "driftd");

	ck_assert_uint_eq(json_object_array_length(files), 1);
	ck_assert_str_eq(json_object_get_string(json_object_array_get_idx(files, 0)), config->path);
	ck_assert_str_eq(json_member_text(object, "loaded_at", ""), "2026-11-20T11:00:03Z");
	ck_assert_str_eq(json_member_text(object, "error", "-"), "-");
	ck_assert_str_eq(json_member_text(find_key(driftd, "check-interval"), "value", ""), "7m");
	ck_assert(!json_member_bool(find_key(driftd, "check-interval"), "default", true));
	ck_assert(json_member_bool(find_key(driftd, "retention"), "default", false));
	ck_assert_str_eq(
		json_member_text(find_key(find_section(object, "auth"), "token"), "value", ""),
		"(secret)");
	json_object_put(object);
	response_done(&response);
}
END_TEST

static const char *const forms[] = {"/config", "/config?format=text", "/config?format=html",
				    "/config?q=auth", "/config?q=hunter2&format=html"};

START_TEST(test_no_secrets)
{
	struct response response = get(forms[_i]);
	const char *body = fixture_body(&response);

	ck_assert_int_eq(response.status, 200);
	if (!strstr(forms[_i], "hunter2"))
		ck_assert_ptr_null(strstr(body, "hunter2"));
	ck_assert_ptr_null(strstr(body, SECRET));
	response_done(&response);
}
END_TEST

static const char *const page_parts[] = {
	"<h2><bdi>service</bdi> <bdi>web</bdi></h2>",
	"<bdi>token</bdi></th><td><span class=\"chip\">secret, not shown</span>",
	"https://hc.example.com/(secret)",
	("<tr class=\"is-default\"><th scope=\"row\" class=\"mono\"><bdi>retention</bdi></th><td>"
	 "<div class=\"value mono\"><bdi>90d</bdi></div></td><td "
	 "class=\"muted\">default</td></tr>"),
	"<tr><th scope=\"row\" class=\"mono\"><bdi>check-interval</bdi></th>",
	"<bdi>a</bdi></div><div class=\"value mono\"><bdi>b</bdi></div>",
	"<strong>Warning:</strong> <bdi>a &lt;b&gt;doubt&lt;/b&gt;</bdi>",
	"&lt;script&gt;alert(1)&lt;/script&gt;",
	"id=\"config-service-web\"",
};

START_TEST(test_page)
{
	g_autofree char *page = body_of("/config?format=html");

	ck_assert_msg(strstr(page, page_parts[_i]), "%s is not there", page_parts[_i]);
	ck_assert_ptr_null(strstr(page, "<script>alert"));
	ck_assert_ptr_nonnull(strstr(page, config->path));
}
END_TEST

/* What is wrong with the files comes before anything else, in every form. */
START_TEST(test_error)
{
	g_autofree char *page = NULL;
	g_autofree char *lines = NULL;
	struct response response = {0};
	json_object *object = NULL;

	publish("driftd.ini:3: <b>no</b> \x1b[31m such key");
	page = body_of("/config?format=html");
	ck_assert_ptr_nonnull(strstr(page, "as they are now:</strong> <bdi>driftd.ini:3: "
					   "&lt;b&gt;no&lt;/b&gt; \\x1b[31m such key</bdi>"));
	ck_assert(strstr(page, "as they are now:") < strstr(page, "Warning:"));
	ck_assert(strstr(page, "Warning:") < strstr(page, "id=\"config-driftd-"));
	lines = body_of("/config?format=text");
	ck_assert(g_str_has_prefix(lines, "# the files are not in force as they are now: "
					  "driftd.ini:3: <b>no</b> \\x1b[31m such key\n"
					  "# warning: "));
	ck_assert_ptr_nonnull(strstr(lines, "\n# warning: a <b>doubt</b>\n"));
	response = get("/config");
	object = fixture_json(&response);
	ck_assert_ptr_nonnull(strstr(json_member_text(object, "error", ""), "such key"));
	json_object_put(object);
	response_done(&response);
}
END_TEST

static const struct {
	const char *part;
	size_t count;
} search_cases[] = {
	{"", 7},     {"SERVICE/", 2},       {"web", 2}, {"slack/data-team", 1}, {"driftd", 1},
	{"gone", 0}, {"check-interval", 0},
};

/* The same is found in every form. */
START_TEST(test_search)
{
	g_autofree char *json = g_strdup_printf("/config?q=%s", search_cases[_i].part);
	g_autofree char *as_text = g_strconcat(json, "&format=text", NULL);
	g_autofree char *as_page = g_strconcat(json, "&format=html", NULL);
	struct response response = get(json);
	json_object *object = fixture_json(&response);
	g_autofree char *lines = body_of(as_text);
	g_autofree char *page = body_of(as_page);
	size_t in_text = 0, in_page = 0;

	for (const char *at = strstr(lines, "\n["); at; at = strstr(at + 1, "\n["))
		in_text++;
	for (const char *at = strstr(page, "<details class=\"card"); at;
	     at = strstr(at + 1, "<details class=\"card"))
		in_page++;
	ck_assert_uint_eq(json_object_array_length(json_member_array(object, "sections")),
			  search_cases[_i].count);
	ck_assert_uint_eq(in_text, search_cases[_i].count);
	ck_assert_uint_eq(in_page, search_cases[_i].count);
	json_object_put(object);
	response_done(&response);
}
END_TEST

/* As many services as there is room for beside [driftd] and [repo], one less, one more. */
static const struct {
	int services;
	const char *left_out; /* NULL: none */
} many_cases[] = {
	{197, NULL}, {198, NULL}, {199, "And 1 more section:"}, {400, "And 202 more sections:"}};

START_TEST(test_many)
{
	g_autoptr(GString) many =
		g_string_new("[repo \"main\"]\nurl = https://github.com/a/b.git\n");
	g_autofree char *page = NULL;
	struct response response = {0};
	json_object *object = NULL;

	for (int i = 0; i < many_cases[_i].services; i++)
		g_string_append_printf(
			many, "[service \"s%d\"]\nsource = http\nurl = https://a.example.com/\n",
			i);
	config_unref(config);
	config = fixture_config_text(many->str);
	publish(NULL);
	page = body_of("/config?format=html");
	if (many_cases[_i].left_out)
		ck_assert_ptr_nonnull(strstr(page, many_cases[_i].left_out));
	else
		ck_assert_ptr_null(strstr(page, "more section"));
	response = get("/config");
	object = fixture_json(&response);
	ck_assert_uint_eq(json_object_array_length(json_member_array(object, "sections")),
			  (size_t)many_cases[_i].services + 2);
	json_object_put(object);
	response_done(&response);
}
END_TEST

/* Before the first check: that which was read. */
START_TEST(test_before_first_check)
{
	g_autofree char *lines = NULL;

	app_free(app);
	app = fixture_app(NULL);
	lines = body_of("/config?format=text");
	ck_assert_ptr_nonnull(strstr(lines, "check-interval = 7m\n"));
}
END_TEST

Suite *config_view_suite(void)
{
	Suite *suite = suite_create("config_view");
	TCase *tcase = tcase_create("config_view");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_json);
	tcase_add_loop_test(tcase, test_no_secrets, 0, G_N_ELEMENTS(forms));
	tcase_add_loop_test(tcase, test_page, 0, G_N_ELEMENTS(page_parts));
	tcase_add_test(tcase, test_error);
	tcase_add_loop_test(tcase, test_search, 0, G_N_ELEMENTS(search_cases));
	tcase_add_loop_test(tcase, test_many, 0, G_N_ELEMENTS(many_cases));
	tcase_add_test(tcase, test_before_first_check);
	suite_add_tcase(suite, tcase);
	return suite;
}
