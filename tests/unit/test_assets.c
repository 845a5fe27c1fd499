#include <check.h>
#include <string.h>
#include <zlib.h>

#include "api/dashboard/assets.h"
#include "api/router.h"
#include "api_fixture.h"

Suite *assets_suite(void);

/** All that the dashboard loads, compressed. */
#define BUDGET_BYTES ((size_t)100 * 1024)

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
	use_auth("token = s3cret\nprotect = all\n");
}

static void teardown(void)
{
	auth_rules_unref(rules);
	rules = NULL;
	app_free(app);
}

static const struct {
	const char *ending, *type;
} types[] = {
	{".css", "text/css; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".svg", "image/svg+xml; charset=utf-8"},
};

static const char *type_of(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
		if (g_str_has_suffix(name, types[i].ending))
			return types[i].type;
	return NULL;
}

static void check_packed(const struct asset *asset)
{
	z_stream stream = {0};
	g_autofree unsigned char *plain = g_malloc(asset->length + 1);

	ck_assert_int_eq(inflateInit2(&stream, 15 + 16), Z_OK);
	stream.next_in = (Bytef *)(uintptr_t)asset->gzip_bytes; /* it does not write there */
	stream.avail_in = (uInt)asset->gzip_length;
	stream.next_out = plain;
	stream.avail_out = (uInt)asset->length + 1;
	ck_assert_int_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
	ck_assert_uint_eq(stream.total_out, asset->length);
	ck_assert_mem_eq(plain, asset->bytes, asset->length);
	ck_assert_int_eq(inflateEnd(&stream), Z_OK);
}

START_TEST(test_table)
{
	size_t count = 0;

	for (const struct asset *asset = assets; asset->name; asset++, count++) {
		ck_assert_ptr_eq(assets_find(asset->name), asset);
		ck_assert_str_eq(asset->content_type, type_of(asset->name));
		ck_assert_uint_gt(asset->length, 0);
		check_packed(asset);
	}
	ck_assert_uint_gt(count, 1);
	ck_assert_ptr_nonnull(assets_find("dashboard.css"));
	ck_assert_ptr_null(assets_find("dashboard"));
	ck_assert_ptr_null(assets_find("../dashboard.css"));
	ck_assert_ptr_null(assets_find(""));
}
END_TEST

START_TEST(test_budget)
{
	size_t bytes = 0;

	for (const struct asset *asset = assets; asset->name; asset++)
		bytes += asset->gzip_length;
	ck_assert_uint_lt(bytes, BUDGET_BYTES);
}
END_TEST

START_TEST(test_hash)
{
	g_autofree char *path = assets_path("dashboard.css");

	ck_assert_uint_eq(strlen(assets_hash), 16);
	ck_assert_uint_eq(strspn(assets_hash, "0123456789abcdef"), 16);
	ck_assert(g_str_has_prefix(path, "/assets/"));
	ck_assert_ptr_nonnull(strstr(path, assets_hash));
	ck_assert(g_str_has_suffix(path, "/dashboard.css"));
}
END_TEST

/* Nothing is loaded from elsewhere: only our own addresses, and names of vocabularies. */
START_TEST(test_nothing_from_elsewhere)
{
	for (const struct asset *asset = assets; asset->name; asset++) {
		g_autofree char *text = g_strndup((const char *)asset->bytes, asset->length);

		ck_assert_msg(!strstr(text, "@import"), "%s", asset->name);
		for (const char *at = strstr(text, "://"); at; at = strstr(at + 1, "://"))
			ck_assert_msg(g_str_has_prefix(at, "://www.w3.org/") ||
					      !g_str_has_suffix(asset->name, ".css"),
				      "%s: %.40s", asset->name, at);
	}
	ck_assert_ptr_null(strstr(assets_frame, "://"));
	ck_assert_ptr_null(strstr(assets_frame, "style="));
}
END_TEST

static struct response get(const char *hash, const char *name, const char *if_none_match)
{
	g_autofree char *target = g_strconcat("/assets/", hash, "/", name, NULL);
	struct fixture_request request = {.app = app,
					  .rules = rules,
					  .target = target,
					  .is_remote = true,
					  .headers = {.if_none_match = if_none_match}};

	return fixture_answer(&request);
}

/* Without a credential, as they are the same for everybody. */
START_TEST(test_served)
{
	struct response response = get(assets_hash, "dashboard.css", NULL);
	g_autofree char *etag = g_strdup(response.etag);

	ck_assert_int_eq(response.status, 200);
	ck_assert_ptr_eq(response.asset, assets_find("dashboard.css"));
	ck_assert_ptr_nonnull(etag);
	ck_assert(!response.is_private);
	response_done(&response);
	response = get(assets_hash, "dashboard.css", etag);
	ck_assert_int_eq(response.status, 304);
	response_done(&response);
	response = get(assets_hash, "dashboard.css", "\"another\"");
	ck_assert_int_eq(response.status, 200);
	response_done(&response);
}
END_TEST

static const struct {
	const char *hash, *name; /* hash NULL: the right one */
} absent_cases[] = {
	{"0000000000000000", "dashboard.css"},
	{"", "dashboard.css"},
	{NULL, "nothing.css"},
	{NULL, "frame.html"},
	{NULL, "..%2fframe.html"},
	{NULL, "dashboard.css/"},
};

START_TEST(test_absent)
{
	struct response response = get(absent_cases[_i].hash ? absent_cases[_i].hash : assets_hash,
				       absent_cases[_i].name, NULL);

	ck_assert_int_eq(response.status, 404);
	ck_assert_ptr_null(response.asset);
	response_done(&response);
}
END_TEST

Suite *assets_suite(void)
{
	Suite *suite = suite_create("assets");
	TCase *tcase = tcase_create("all");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_table);
	tcase_add_test(tcase, test_budget);
	tcase_add_test(tcase, test_hash);
	tcase_add_test(tcase, test_nothing_from_elsewhere);
	tcase_add_test(tcase, test_served);
	tcase_add_loop_test(tcase, test_absent, 0, G_N_ELEMENTS(absent_cases));
	suite_add_tcase(suite, tcase);
	return suite;
}
