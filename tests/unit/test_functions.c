/* functions and storage: pages of the Cloud Functions API v2; names and lists of Cloud Storage. */
#include "google/functions.h"

#include <check.h>
#include <string.h>

#include "drift_error.h"
#include "google/storage.h"

Suite *functions_suite(void);

static struct run_wants *make_wants(void)
{
	struct run_wants *wants = run_wants_create(env_hash_create("0123456789abcdef", 16));

	g_hash_table_add(wants->labels, g_strdup("commit-sha"));
	g_hash_table_add(wants->envs, g_strdup("GIT_SHA"));
	return wants;
}

static bool want_r1(void *data, const char *region, const char *name)
{
	(void)data;
	(void)name;
	return strcmp(region, "r1") == 0;
}

static struct functions_page *decode(const char *text, const struct run_wants *wants,
				     GError **error)
{
	return functions_page_decode(text, strlen(text), wants, want_r1, NULL, error);
}

#define NAME "\"name\":\"projects/p/locations/r1/functions/My_F\""

static const struct {
	const char *members;
	const char *want_damage; /* NULL: none */
	enum function_state want_state;
	const char *want_service; /* NULL: none */
	const char *want_failure; /* NULL: none */
} function_cases[] = {
	{NAME, NULL, FUNCTION_STATE_NONE, NULL, NULL},
	{NAME ",\"environment\":\"GEN_2\",\"state\":\"ACTIVE\",\"serviceConfig\":{\"service\":"
	      "\"projects/p/locations/r1/services/my-f\",\"revision\":\"my-f-2\"}",
	 NULL, FUNCTION_STATE_ACTIVE, "my-f", NULL},
	{NAME ",\"state\":\"NEW_WORD\"", NULL, FUNCTION_STATE_NONE, NULL, NULL},
	{NAME ",\"state\":\"DEPLOYING\"", NULL, FUNCTION_STATE_DEPLOYING, NULL, NULL},
	{NAME ",\"state\":\"DELETING\"", NULL, FUNCTION_STATE_DELETING, NULL, NULL},
	{NAME ",\"state\":\"FAILED\",\"stateMessages\":[{\"severity\":\"WARNING\",\"message\":"
	      "\"old runtime\"},{\"severity\":\"ERROR\",\"message\":\"build failed\"}]",
	 NULL, FUNCTION_STATE_FAILED, NULL, "build failed"},
	{NAME ",\"state\":\"FAILED\"", NULL, FUNCTION_STATE_FAILED, NULL,
	 "the function's state is FAILED"},
	{NAME ",\"state\":1", "state is int", FUNCTION_STATE_NONE, NULL, NULL},
	{NAME ",\"labels\":[]", "labels is array", FUNCTION_STATE_NONE, NULL, NULL},
	{NAME ",\"serviceConfig\":{\"service\":1}", "service is int", FUNCTION_STATE_NONE, NULL,
	 NULL},
	{NAME ",\"updateTime\":\"x\"", "updateTime", FUNCTION_STATE_NONE, NULL, NULL},
	{NAME ",\"environment\":\"GEN_1\",\"serviceConfig\":{\"environmentVariables\":{\"A\":1}}",
	 "environmentVariables has a value", FUNCTION_STATE_NONE, NULL, NULL},
};

START_TEST(test_function)
{
	struct run_wants *wants = make_wants();
	g_autofree char *text = g_strdup_printf(
		"{\"functions\":[{%s},{\"name\":\"projects/p/locations/r2/functions/f\"}]}",
		function_cases[_i].members);
	g_autoptr(GError) error = NULL;
	struct functions_page *page = decode(text, wants, &error);
	const struct function *function = NULL;

	ck_assert_msg(page != NULL, "%s", error ? error->message : "");
	ck_assert_uint_eq(page->functions->len, 1);
	ck_assert_int_eq(page->count, 2);
	function = page->functions->pdata[0];
	ck_assert_str_eq(function->name, "My_F");
	ck_assert_str_eq(function->region, "r1");
	ck_assert_int_eq(function->state, function_cases[_i].want_state);
	ck_assert_pstr_eq(function->run_service, function_cases[_i].want_service);
	ck_assert_pstr_eq(function->failure, function_cases[_i].want_failure);
	if (function_cases[_i].want_damage)
		ck_assert_ptr_nonnull(strstr(function->damage, function_cases[_i].want_damage));
	else
		ck_assert_msg(!function->damage, "%s", function->damage);
	functions_page_free(page);
	run_wants_free(wants);
}
END_TEST

START_TEST(test_first_generation)
{
	static const char text[] =
		"{\"functions\":[{" NAME ",\"environment\":\"GEN_1\",\"state\":\"ACTIVE\","
		"\"updateTime\":\"1970-01-01T00:00:03Z\",\"labels\":{\"commit-sha\":\"abcdef0\"},"
		"\"serviceConfig\":{\"minInstanceCount\":1,\"maxInstanceCount\":7,"
		"\"availableMemory\":\"256M\",\"timeoutSeconds\":60,\"serviceAccountEmail\":\"a@"
		"b\","
		"\"environmentVariables\":{\"MODE\":\"live\",\"GIT_SHA\":\"1234567\"},"
		"\"secretEnvironmentVariables\":[{\"key\":\"PW\",\"secret\":\"s\",\"version\":"
		"\"3\"}]}}]}";
	struct run_wants *wants = make_wants();
	g_autoptr(GError) error = NULL;
	struct functions_page *page = decode(text, wants, &error);
	const struct function *function = NULL;
	const struct run_env *password = NULL;

	ck_assert_ptr_nonnull(page);
	function = page->functions->pdata[0];
	ck_assert_ptr_null(function->damage);
	ck_assert_ptr_nonnull(function->own);
	ck_assert_int_eq(function->updated_wall_ms, 3000);
	ck_assert_str_eq(g_hash_table_lookup(function->labels, "commit-sha"), "abcdef0");
	ck_assert_int_eq(function->own->min_instances, 1);
	ck_assert_int_eq(function->own->max_instances, 7);
	ck_assert_str_eq(function->own->memory, "256M");
	ck_assert_str_eq(function->own->timeout, "60s");
	ck_assert_str_eq(function->own->service_account, "a@b");
	ck_assert_str_eq(run_template_find_env(function->own, "GIT_SHA")->value, "1234567");
	ck_assert_ptr_null(run_template_find_env(function->own, "MODE")->value);
	password = run_template_find_env(function->own, "PW");
	ck_assert(env_hash_is_reference(password->hash));
	functions_page_free(page);
	run_wants_free(wants);
}
END_TEST

static const struct {
	const char *text;
	bool want_ok;
	bool want_incomplete;
	guint want_unreachable;
} page_cases[] = {
	{"{}", true, false, 0},
	{"{\"functions\":null}", true, false, 0},
	{"{\"unreachable\":[\"projects/p/locations/r1\",\"r2\"]}", true, false, 2},
	{"{\"functions\":[{\"name\":\"f\"}]}", true, true, 0},
	{"{\"functions\":[7]}", true, true, 0},
	{"{\"functions\":[{\"name\":\"projects/p/locations//functions/f\"}]}", true, true, 0},
	{"{\"functions\":7}", false, false, 0},
	{"{\"unreachable\":[7]}", false, false, 0},
	{"{\"nextPageToken\":{}}", false, false, 0},
	{"7", false, false, 0},
	{"", false, false, 0},
};

START_TEST(test_page)
{
	struct run_wants *wants = make_wants();
	g_autoptr(GError) error = NULL;
	struct functions_page *page = decode(page_cases[_i].text, wants, &error);

	ck_assert_msg((page != NULL) == page_cases[_i].want_ok, "%s", page_cases[_i].text);
	if (page) {
		ck_assert_int_eq(page->incomplete != NULL, page_cases[_i].want_incomplete);
		ck_assert_uint_eq(page->unreachable->len, page_cases[_i].want_unreachable);
	} else {
		ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	}
	if (page && page->unreachable->len > 0)
		ck_assert_str_eq(page->unreachable->pdata[0], "r1");
	functions_page_free(page);
	run_wants_free(wants);
}
END_TEST

START_TEST(test_names)
{
	g_autofree char *url = functions_list_url("http://h", "p", NULL);
	g_autofree char *next = functions_list_url("http://h", "p", "a/b");
	g_autofree char *usual = functions_usual_service("My_Function-2");

	ck_assert_str_eq(url, "http://h/v2/projects/p/locations/-/functions?pageSize=500");
	ck_assert_str_eq(
		next, "http://h/v2/projects/p/locations/-/functions?pageSize=500&pageToken=a%2Fb");
	ck_assert_str_eq(usual, "my-function-2");
}
END_TEST

static const struct {
	const char *text;
	const char *want_bucket; /* NULL: no object's name */
	const char *want_object;
} gs_cases[] = {
	{"gs://models/a.bin", "models", "a.bin"},
	{"gs://models/deep/er/a.bin", "models", "deep/er/a.bin"},
	{"gs://models/folder/", "models", "folder/"},
	{"gs://my.bucket_1-x/a b", "my.bucket_1-x", "a b"},
	{"gs://models/", NULL, NULL},
	{"gs://models", NULL, NULL},
	{"gs://ab/x", NULL, NULL},
	{"gs://Models/x", NULL, NULL},
	{"gs:///x", NULL, NULL},
	{"gs://models/.", NULL, NULL},
	{"gs://models/..", NULL, NULL},
	{"gs://models/...", "models", "..."},
	{"s3://models/x", NULL, NULL},
	{"models/x", NULL, NULL},
	{"", NULL, NULL},
};

START_TEST(test_storage_name)
{
	char *bucket = NULL;
	char *object = NULL;
	bool ok = storage_split_name(gs_cases[_i].text, &bucket, &object);

	ck_assert_int_eq(ok, gs_cases[_i].want_bucket != NULL);
	ck_assert_pstr_eq(bucket, gs_cases[_i].want_bucket);
	ck_assert_pstr_eq(object, gs_cases[_i].want_object);
	g_free(bucket);
	g_free(object);
}
END_TEST

START_TEST(test_storage_urls)
{
	g_autofree char *object = storage_object_url("http://h", "b", "a/b c+d?e#f%g");
	g_autofree char *media = storage_media_url("http://h", "b", "m.json");
	g_autofree char *list = storage_list_url("http://h", "b", "x/", NULL);
	g_autofree char *next = storage_list_url("http://h", "b", "x/", "t=");

	ck_assert_str_eq(object, "http://h/storage/v1/b/b/o/a%2Fb%20c%2Bd%3Fe%23f%25g");
	ck_assert_str_eq(media, "http://h/storage/v1/b/b/o/m.json?alt=media");
	ck_assert_str_eq(list, "http://h/storage/v1/b/b/o?prefix=x%2F&maxResults=1");
	ck_assert_str_eq(next, "http://h/storage/v1/b/b/o?prefix=x%2F&maxResults=1&pageToken=t%3D");
}
END_TEST

static const struct {
	const char *text;
	bool want_ok;
	bool want_any;
	const char *want_token;
} list_cases[] = {
	{"{\"items\":[{\"name\":\"x/1\"}]}", true, true, NULL},
	{"{\"kind\":\"storage#objects\"}", true, false, NULL},
	{"{\"items\":[],\"nextPageToken\":\"t\"}", true, false, "t"},
	{"{\"items\":{}}", false, false, NULL},
	{"[]", false, false, NULL},
	{"", false, false, NULL},
};

START_TEST(test_storage_list)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *token = NULL;
	bool any = false;
	const char *text = list_cases[_i].text;
	bool ok = storage_list_decode(text, strlen(text), &any, &token, &error);

	ck_assert_int_eq(ok, list_cases[_i].want_ok);
	ck_assert_int_eq(any, list_cases[_i].want_any);
	ck_assert_pstr_eq(token, list_cases[_i].want_token);
	ck_assert_int_eq(error != NULL, !ok);
}
END_TEST

Suite *functions_suite(void)
{
	Suite *suite = suite_create("functions");
	TCase *tc = tcase_create("functions");

	tcase_add_loop_test(tc, test_function, 0, G_N_ELEMENTS(function_cases));
	tcase_add_test(tc, test_first_generation);
	tcase_add_loop_test(tc, test_page, 0, G_N_ELEMENTS(page_cases));
	tcase_add_test(tc, test_names);
	tcase_add_loop_test(tc, test_storage_name, 0, G_N_ELEMENTS(gs_cases));
	tcase_add_test(tc, test_storage_urls);
	tcase_add_loop_test(tc, test_storage_list, 0, G_N_ELEMENTS(list_cases));
	suite_add_tcase(suite, tc);
	return suite;
}
