#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "api/dashboard/assets.h"
#include "api/dashboard/frame.h"
#include "api/server.h"
#include "api_fixture.h"
#include "clk.h"
#include "raw_http.h"

Suite *server_forms_suite(void);

#define BROWSER "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
#define GZIP "Accept-Encoding: gzip\r\n"

/** More than any body here, expanded. */
#define EXPANDED_MAX_BYTES ((size_t)4 * 1024 * 1024)

static struct app *app;
static struct server *server;
static struct config *config;

static void wake(void *data)
{
	(void)data; /* no scheduler here */
}

static void setup(void)
{
	struct server_options options = {.listen = "127.0.0.1:0", .listen_fd = -1, .threads = 2};
	g_autoptr(GError) error = NULL;

	clk_set_fake(FIXTURE_NOW_MONO_MS, FIXTURE_NOW_WALL_MS);
	app = app_create("/nonexistent/driftd.db", wake, NULL);
	app_publish(app, snapshot_create(fixture_world()));
	config = fixture_config(NULL, NULL);
	server = server_start(&options, app, config, &error);
	ck_assert_msg(server, "%s", error ? error->message : "");
}

static void teardown(void)
{
	app_stop(app, "driftd is stopping");
	server_stop(server);
	config_unref(config);
	app_free(app);
}

/* One request on a connection of its own; @p headers: lines. */
static char *ask(const char *method, const char *target, const char *headers)
{
	g_autofree char *request =
		g_strdup_printf("%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n",
				method, target, headers);

	return raw_ask(server_address(server), request);
}

static void check_header(const char *answer, const char *name, const char *want)
{
	g_autofree char *value = raw_header(answer, name);

	ck_assert_msg(g_strcmp0(value, want) == 0, "%s: %s, not %s, in\n%.2000s", name, value, want,
		      answer);
}

static size_t content_length(const char *answer)
{
	g_autofree char *text = raw_header(answer, "Content-Length");
	guint64 length = 0;

	ck_assert_ptr_nonnull(text);
	ck_assert(g_ascii_string_to_unsigned(text, 10, 0, EXPANDED_MAX_BYTES, &length, NULL));
	return (size_t)length;
}

/* The body of a compressed answer. */
static char *expand(const char *answer)
{
	z_stream stream = {0};
	g_autofree char *to = g_malloc(EXPANDED_MAX_BYTES);

	check_header(answer, "Content-Encoding", "gzip");
	ck_assert_int_eq(inflateInit2(&stream, 15 + 16), Z_OK);
	stream.next_in = (Bytef *)(uintptr_t)raw_body(answer); /* it does not write there */
	stream.avail_in = (uInt)content_length(answer);
	stream.next_out = (Bytef *)to;
	stream.avail_out = (uInt)EXPANDED_MAX_BYTES;
	ck_assert_int_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
	ck_assert_uint_eq(stream.avail_in, 0);
	ck_assert_int_eq(inflateEnd(&stream), Z_OK);
	return g_strndup(to, stream.total_out);
}

static void check_vary(const char *answer, const char *name)
{
	g_autofree char *vary = raw_header(answer, "Vary");

	ck_assert_msg(vary && strstr(vary, name), "%.2000s", answer);
}

/* A body of the snapshot, one made for the request, a page, a file: the same bytes, fewer of them. */
static const char *const compressed[] = {"/status",
					 "/drift",
					 "/drift?all=1&format=text",
					 "/drift?all=1",
					 "/openapi.json",
					 "/?format=html",
					 "/?format=text",
					 NULL};

static char *target_of(int i)
{
	return compressed[i] ? g_strdup(compressed[i]) : assets_path("dashboard.css");
}

START_TEST(test_compressed)
{
	g_autofree char *target = target_of(_i);
	g_autofree char *plain = ask("GET", target, "");
	g_autofree char *first = ask("GET", target, GZIP);
	g_autofree char *second = ask("GET", target, GZIP);
	g_autofree char *expanded = expand(first);
	g_autofree char *again = expand(second);
	g_autofree char *etag = raw_header(first, "ETag");

	ck_assert_int_eq(raw_status(plain), 200);
	check_header(plain, "Content-Encoding", NULL);
	ck_assert_uint_eq(content_length(plain), strlen(raw_body(plain)));
	ck_assert_str_eq(expanded, raw_body(plain));
	ck_assert_str_eq(again, raw_body(plain));
	ck_assert_uint_lt(content_length(first), content_length(plain));
	check_vary(plain, "Accept-Encoding");
	check_vary(first, "Accept-Encoding");
	ck_assert(g_str_has_prefix(etag, "W/\"")); /* not byte for byte that of the plain one */
}
END_TEST

START_TEST(test_compressed_head)
{
	g_autofree char *target = target_of(_i);
	g_autofree char *get = ask("GET", target, GZIP);
	g_autofree char *head = ask("HEAD", target, GZIP);
	static const char *const same[] = {"Content-Length", "Content-Encoding",
					   "Content-Type",   "ETag",
					   "Vary",           "Cache-Control"};

	ck_assert_int_eq(raw_status(head), 200);
	ck_assert_str_eq(raw_body(head), "");
	for (size_t i = 0; i < G_N_ELEMENTS(same); i++) {
		g_autofree char *value = raw_header(get, same[i]);

		check_header(head, same[i], value);
	}
}
END_TEST

/* Each form knows the tag of each: weak comparison. */
START_TEST(test_compressed_not_modified)
{
	static const char *const forms[] = {"", GZIP};
	g_autofree char *target = target_of(_i / 4);
	const char *first_form = forms[_i % 2], *second_form = forms[_i / 2 % 2];
	g_autofree char *first = ask("GET", target, first_form);
	g_autofree char *second = ask("GET", target, second_form);
	g_autofree char *tag = raw_header(first, "ETag");
	g_autofree char *tag_of_second = raw_header(second, "ETag");
	g_autofree char *headers = g_strdup_printf("%sIf-None-Match: %s\r\n", second_form, tag);
	g_autofree char *seen = ask("GET", target, headers);

	ck_assert_int_eq(raw_status(seen), 304);
	ck_assert_str_eq(raw_body(seen), "");
	check_header(seen, "ETag", tag_of_second);
	ck_assert_uint_eq(content_length(seen), content_length(second));
	check_vary(seen, "Accept-Encoding");
}
END_TEST

static const struct {
	const char *target, *headers;
	bool is_gzip;
} choice_cases[] = {
	{"/status", "", false},
	{"/status", "Accept-Encoding: br, zstd\r\n", false},
	{"/status", "Accept-Encoding: gzip;q=0\r\n", false},
	{"/status", "Accept-Encoding: identity, gzip;q=0.5\r\n", false},
	{"/status", "Accept-Encoding: br;q=1, gzip;q=0.1\r\n", true},
	{"/status", "accept-encoding: GZIP\r\n", true},
	{"/version", GZIP, false}, /* too short */
	{"/version", "Accept-Encoding: gzip, identity;q=0\r\n", true},
	{"/status", "Accept-Encoding: gzip, *;q=0\r\n", true},
	{"/nothing", GZIP, false},
	{"/nothing", GZIP BROWSER, true},
};

START_TEST(test_choice)
{
	g_autofree char *answer = ask("GET", choice_cases[_i].target, choice_cases[_i].headers);

	check_header(answer, "Content-Encoding", choice_cases[_i].is_gzip ? "gzip" : NULL);
	g_free(choice_cases[_i].is_gzip ? expand(answer) : NULL);
}
END_TEST

/* The private form of a body is not what everybody gets, nor the other way round. */
START_TEST(test_private_forms)
{
	static const char *const forms[] = {"", GZIP};
	struct config *strict = fixture_config(NULL, "token = s3cret\nprotect = all\n");

	for (int i = 0; i < 2; i++) {
		g_autofree char *open = ask("GET", "/status", forms[i]);

		check_header(open, "Cache-Control", "no-cache");
		check_header(open, "Vary", "Accept, Accept-Encoding");
	}
	server_set_config(server, strict);
	config_unref(strict);
	for (int i = 0; i < 2; i++) {
		g_autofree char *headers =
			g_strconcat(forms[i], "Authorization: Bearer s3cret\r\n", NULL);
		g_autofree char *answer = ask("GET", "/status", headers);
		g_autofree char *refused = ask("GET", "/status", forms[i]);

		ck_assert_int_eq(raw_status(refused), 401);
		check_header(answer, "Cache-Control", "private, no-cache");
		check_header(answer, "Vary", "Authorization, Accept, Accept-Encoding");
		check_header(answer, "Content-Encoding", i == 1 ? "gzip" : NULL);
	}
}
END_TEST

START_TEST(test_asset)
{
	g_autofree char *target = assets_path("dashboard.css");
	g_autofree char *plain = ask("GET", target, "");
	g_autofree char *packed = ask("GET", target, GZIP);
	const struct asset *asset = assets_find("dashboard.css");

	for (int i = 0; i < 2; i++) {
		const char *answer = i == 0 ? plain : packed;

		ck_assert_int_eq(raw_status(answer), 200);
		check_header(answer, "Content-Type", "text/css; charset=utf-8");
		check_header(answer, "Cache-Control", "public, max-age=31536000, immutable");
		check_header(answer, "Vary", "Accept-Encoding");
		check_header(answer, "X-Content-Type-Options", "nosniff");
	}
	ck_assert_uint_eq(content_length(packed), asset->gzip_length);
	ck_assert_mem_eq(raw_body(packed), asset->gzip_bytes, asset->gzip_length);
	ck_assert_mem_eq(raw_body(plain), asset->bytes, asset->length);
}
END_TEST

/* An address that a build does not have must not be kept. */
START_TEST(test_asset_of_another_build)
{
	g_autofree char *answer = ask("GET", "/assets/0123456789abcdef/dashboard.css", GZIP);

	ck_assert_int_eq(raw_status(answer), 404);
	check_header(answer, "Cache-Control", "no-store");
	check_header(answer, "Content-Type", "application/problem+json");
}
END_TEST

START_TEST(test_page)
{
	g_autofree char *page = ask("GET", "/", BROWSER);
	g_autofree char *list = ask("GET", "/", "");

	ck_assert_int_eq(raw_status(page), 200);
	check_header(page, "Content-Type", "text/html; charset=utf-8");
	check_header(page, "Content-Security-Policy", frame_policy);
	check_header(page, "X-Frame-Options", "DENY");
	check_header(page, "Referrer-Policy", "same-origin");
	check_header(page, "Cross-Origin-Resource-Policy", "same-origin");
	check_header(page, "Cache-Control", "no-cache");
	check_header(page, "Vary", "Accept, Accept-Encoding");
	ck_assert_ptr_nonnull(strstr(raw_body(page), "<!DOCTYPE html>"));
	check_header(list, "Content-Type", "text/plain; charset=utf-8");
	check_header(list, "Content-Security-Policy",
		     "default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
	ck_assert_ptr_null(strstr(frame_policy, "unsafe"));
	ck_assert_ptr_nonnull(strstr(frame_policy, "default-src 'none'"));
}
END_TEST

/* All that @p pattern finds in @p text is served, as what it is. */
static size_t check_loads(const char *text, const char *pattern)
{
	g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_RAW, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	size_t count = 0;

	(void)g_regex_match(regex, text, 0, &match); /* none: the count says so */
	for (; g_match_info_matches(match); (void)g_match_info_next(match, NULL)) {
		g_autofree char *name = g_match_info_fetch(match, 1);
		g_autofree char *target = assets_path(name);
		g_autofree char *answer = ask("GET", target, "Accept: */*\r\n");

		ck_assert_msg(raw_status(answer) == 200, "%s: %.2000s", target, answer);
		check_header(answer, "Cache-Control", "public, max-age=31536000, immutable");
		count++;
	}
	return count;
}

/* Whatever a page names, and what that names, can be had. */
START_TEST(test_page_loads)
{
	g_autofree char *page = ask("GET", "/", BROWSER);
	g_autofree char *pattern = g_strdup_printf("\"/assets/%s/([^\"]+)\"", assets_hash);
	size_t named = 0;

	for (const char *at = strstr(page, "\"/assets/"); at; at = strstr(at + 1, "\"/assets/"))
		named++;
	ck_assert_uint_gt(named, 2);
	ck_assert_uint_eq(check_loads(page, pattern), named);
	for (const struct asset *asset = assets; asset->name; asset++) {
		g_autofree char *text = g_strndup((const char *)asset->bytes, asset->length);
		size_t imports = check_loads(text, "(?m)^(?:import|export)[^;]*\"\\./([^\"]+)\"");

		ck_assert(imports == 0 || g_str_has_suffix(asset->name, ".js"));
	}
}
END_TEST

/* There is no database here: a page that comes back by itself. */
START_TEST(test_problem_page)
{
	g_autofree char *page = ask("GET", "/incidents", BROWSER);
	g_autofree char *json = ask("GET", "/incidents", "");
	g_autofree char *missing = ask("GET", "/nothing", BROWSER);

	ck_assert_int_eq(raw_status(page), 503);
	check_header(page, "Content-Type", "text/html; charset=utf-8");
	check_header(page, "Content-Security-Policy", frame_policy);
	check_header(page, "Cache-Control", "no-store");
	check_header(page, "Retry-After", "5");
	check_header(page, "Refresh", "5");
	ck_assert_int_eq(raw_status(json), 503);
	check_header(json, "Content-Type", "application/problem+json");
	check_header(json, "Retry-After", "5");
	check_header(json, "Refresh", NULL);
	ck_assert_int_eq(raw_status(missing), 404);
	check_header(missing, "Refresh", NULL);
}
END_TEST

START_TEST(test_other_sites)
{
	g_autofree char *badge = ask("GET", "/badge.svg", "");
	g_autofree char *target = ask("GET", "/badge/service/web.svg", "");
	g_autofree char *missing = ask("GET", "/badge/service/nobody.svg", "");

	check_header(badge, "Cross-Origin-Resource-Policy", "cross-origin");
	check_header(badge, "Content-Type", "image/svg+xml; charset=utf-8");
	check_header(badge, "Cache-Control", "no-cache");
	check_header(target, "Cross-Origin-Resource-Policy", "cross-origin");
	ck_assert_int_eq(raw_status(missing), 404);
	check_header(missing, "Cross-Origin-Resource-Policy", "same-origin");
}
END_TEST

/* A browser sends its credential for an image on another site's page, which would see its width. */
START_TEST(test_other_sites_see_nothing_private)
{
	struct config *strict = fixture_config(NULL, "token = s3cret\nprotect = all\n");
	g_autofree char *badge = NULL;

	server_set_config(server, strict);
	config_unref(strict);
	badge = ask("GET", "/badge.svg", "Authorization: Bearer s3cret\r\n");
	ck_assert_int_eq(raw_status(badge), 200);
	check_header(badge, "Cross-Origin-Resource-Policy", "same-origin");
	check_header(badge, "Cache-Control", "private, no-cache");
}
END_TEST

/* Nothing is known of how things are, nor is it said that nothing is. */
START_TEST(test_refused_page_has_no_state)
{
	static const char *const told[] = {"no check",   "headline", "data-generated-at",
					   "data-check", "fixture",  "service/"};
	struct config *strict = fixture_config(NULL, "token = s3cret\nprotect = all\n");
	g_autofree char *page = NULL;

	server_set_config(server, strict);
	config_unref(strict);
	page = ask("GET", "/", BROWSER);
	ck_assert_int_eq(raw_status(page), 401);
	ck_assert_ptr_nonnull(strstr(page, "<title>A valid credential is needed"));
	for (size_t i = 0; i < G_N_ELEMENTS(told); i++)
		ck_assert_msg(!strstr(page, told[i]), "%s: %s", told[i], page);
}
END_TEST

/* What is wrong before a request has an address is said to programs and browsers alike. */
static const struct {
	size_t uri_bytes, header_bytes;
	const char *request; /* instead of the sizes */
	int status;
} early_cases[] = {
	{9000, 0, NULL, 414},
	{20, 15360, NULL, 431},
	{0, 0,
	 "GET /status?x=%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" BROWSER "\r\n",
	 400},
	{0, 0,
	 "GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" BROWSER
	 "\r\n",
	 400},
	{0, 0,
	 "POST /check HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" BROWSER
	 "Content-Length: 9000000\r\n\r\n",
	 413},
	{0, 0,
	 "POST /check HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" BROWSER
	 "Content-Length: 1\r\nContent-Length: 2\r\n\r\n12",
	 400},
};

START_TEST(test_early_problems)
{
	g_autofree char *query = g_strnfill(early_cases[_i].uri_bytes, 'x');
	g_autofree char *header = g_strnfill(early_cases[_i].header_bytes, 'h');
	g_autofree char *sized =
		g_strdup_printf("GET /?x=%s HTTP/1.1\r\nHost: localhost\r\n"
				"Connection: close\r\n" BROWSER GZIP "X-Long: %s\r\n\r\n",
				query, header);
	g_autofree char *answer = raw_ask(
		server_address(server), early_cases[_i].request ? early_cases[_i].request : sized);

	ck_assert_msg(raw_status(answer) == early_cases[_i].status, "%.2000s", answer);
	check_header(answer, "Content-Type", "application/problem+json");
	check_header(answer, "Content-Encoding", NULL);
	ck_assert_ptr_nonnull(strstr(raw_body(answer), "\"type\":\"/problems/"));
}
END_TEST

#define CLIENTS 4
#define ROUNDS 20

static void *ask_often(void *data)
{
	(void)data;
	for (int i = 0; i < ROUNDS; i++) {
		g_autofree char *packed = ask("GET", "/status", GZIP);
		g_autofree char *plain = ask("GET", "/status", "");

		if (raw_status(packed) != 200 || raw_status(plain) != 200)
			abort();
	}
	return NULL;
}

/* Forms are made by whoever comes first, while snapshots come and go. */
START_TEST(test_threads)
{
	pthread_t clients[CLIENTS];

	for (size_t i = 0; i < CLIENTS; i++)
		ck_assert_int_eq(pthread_create(&clients[i], NULL, ask_often, NULL), 0);
	for (int i = 0; i < ROUNDS; i++)
		app_publish(app, snapshot_create(fixture_world()));
	for (size_t i = 0; i < CLIENTS; i++)
		ck_assert_int_eq(pthread_join(clients[i], NULL), 0);
}
END_TEST

Suite *server_forms_suite(void)
{
	Suite *suite = suite_create("server_forms");
	TCase *tcase = tcase_create("all");
	const int targets = (int)G_N_ELEMENTS(compressed); /* a few */

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_compressed, 0, targets);
	tcase_add_loop_test(tcase, test_compressed_head, 0, targets);
	tcase_add_loop_test(tcase, test_compressed_not_modified, 0, targets * 4);
	tcase_add_loop_test(tcase, test_choice, 0, G_N_ELEMENTS(choice_cases));
	tcase_add_test(tcase, test_private_forms);
	tcase_add_test(tcase, test_asset);
	tcase_add_test(tcase, test_asset_of_another_build);
	tcase_add_test(tcase, test_page);
	tcase_add_test(tcase, test_page_loads);
	tcase_add_test(tcase, test_problem_page);
	tcase_add_test(tcase, test_other_sites);
	tcase_add_test(tcase, test_other_sites_see_nothing_private);
	tcase_add_test(tcase, test_refused_page_has_no_state);
	tcase_add_loop_test(tcase, test_early_problems, 0, G_N_ELEMENTS(early_cases));
	tcase_add_test(tcase, test_threads);
	suite_add_tcase(suite, tcase);
	return suite;
}
