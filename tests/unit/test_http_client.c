/* test_http_client - answers, failures, redirects: the client against a server that misbehaves in
 * every way it can. Queue, time and accounts are in test_http_queue. */
#include "tests/unit/http_world.h"

#include "version.h"

#include <stdlib.h>
#include <string.h>

Suite *http_client_suite(void);

/* --- every failure --- */

static const struct {
	const char *path;
	enum http_failure failure;
	int status;      /* with HTTP_FAILURE_NONE, or that of the answer that was refused */
	const char *why; /* in the message */
} failures[] = {
	{"/ok", HTTP_FAILURE_NONE, 200, NULL},
	{"/1000", HTTP_FAILURE_NONE, 200, NULL},
	{"/gzip", HTTP_FAILURE_NONE, 200, NULL},
	{"/status/404", HTTP_FAILURE_NONE, 404, NULL},
	{"/status/500", HTTP_FAILURE_NONE, 500, NULL},
	{"/redirect/host", HTTP_FAILURE_NONE, 302, NULL},
	{"/reset", HTTP_FAILURE_RESET, 0, "GET http://127.0.0.1:"},
	{"/silent", HTTP_FAILURE_RESET, 0, "Empty reply"},
	{"/truncated", HTTP_FAILURE_RESET, 200, "GET http://127.0.0.1:"},
	{"/truncated-chunk", HTTP_FAILURE_RESET, 200, "GET http://127.0.0.1:"},
	{"/garbage", HTTP_FAILURE_BAD_ANSWER, 0, "GET http://127.0.0.1:"},
	{"/bad-gzip", HTTP_FAILURE_BAD_ANSWER, 200, "GET http://127.0.0.1:"},
	{"/hang", HTTP_FAILURE_TIMEOUT, 0, "timed out"},
	{"/trickle", HTTP_FAILURE_TIMEOUT, 200, "timed out"},
	{"/huge", HTTP_FAILURE_TOO_LARGE, 200, "larger than 1000 bytes"},
	{"/chunked-huge", HTTP_FAILURE_TOO_LARGE, 200, "larger than 1000 bytes"},
	{"/bomb", HTTP_FAILURE_TOO_LARGE, 200, "larger than 1000 bytes"},
	{"/many-headers", HTTP_FAILURE_TOO_LARGE, 200, "headers"},
	{"/long-headers", HTTP_FAILURE_TOO_LARGE, 200, "headers"},
};

START_TEST(every_failure_has_its_class)
{
	struct got got = {0};
	struct http_request *request = request_for(failures[_i].path);

	request->max_body_bytes = SMALL_MAX_BYTES;
	request->timeout_ms = failures[_i].failure == HTTP_FAILURE_TIMEOUT ? 200 : 5000;
	fetch(request, &got);
	ck_assert_msg(got.failure == failures[_i].failure, "%s: %s: %s", failures[_i].path,
		      http_failure_text(got.failure), got.message ? got.message : "no message");
	ck_assert_int_eq(got.status, failures[_i].status);
	ck_assert_int_eq(got.attempts, 1);
	if (failures[_i].why)
		ck_assert_msg(strstr(got.message, failures[_i].why), "%s", got.message);
	/* the client is as good as before */
	fetch(request_for("/ok"), &got);
	ck_assert_str_eq(got.body, "hello");
	got_clear(&got);
}
END_TEST

START_TEST(an_answer_arrives_whole)
{
	struct got got = {0};

	fetch(request_for("/ok"), &got);
	ck_assert_int_eq(got.status, 200);
	ck_assert_str_eq(got.body, "hello");
	ck_assert_uint_eq(got.body_bytes, 5);
	ck_assert_str_eq(got.content_type, "text/plain");
	ck_assert_str_eq(got.header, "b"); /* the last one, trimmed */
	ck_assert_int_eq(got.retry_after_ms, -1);
	fetch(request_for("/gzip"), &got);
	ck_assert_uint_eq(got.body_bytes, 1 + 2 * 258);
	ck_assert_ptr_null(got.content_type);
	got_clear(&got);
}
END_TEST

START_TEST(nobody_there_is_connect_and_no_name_is_resolve)
{
	g_autofree char *nowhere = web_nowhere();
	struct got got = {0};

	fetch(http_request_create("http", "GET", nowhere), &got);
	ck_assert_int_eq(got.failure, HTTP_FAILURE_CONNECT);
	ck_assert_int_eq(got.status, 0);
	fetch(http_request_create("http", "GET", "http://no-such-host.invalid/"), &got);
	ck_assert_int_eq(got.failure, HTTP_FAILURE_RESOLVE);
	ck_assert_ptr_nonnull(strstr(got.message, "GET http://no-such-host.invalid: "));
	got_clear(&got);
}
END_TEST

START_TEST(tls_with_a_server_that_has_none)
{
	g_autofree char *url = g_strdup_printf("https://127.0.0.1:%d/ok", http_web->port);
	struct http_request *request = http_request_create("http", "GET", url);
	struct got got = {0};

	request->timeout_ms = 2000;
	fetch(request, &got);
	ck_assert_int_ne(got.failure, HTTP_FAILURE_NONE);
	ck_assert_int_eq(got.status, 0);
	got_clear(&got);
}
END_TEST

static const char *const unsendable[] = {
	"ftp://127.0.0.1/x",
	"file:///etc/passwd",
	"gopher://127.0.0.1/",
	"127.0.0.1",
	"",
	"http://127.0.0.1/a\r\nX: y",
	"http://",
	"http://[::1",
};

START_TEST(only_http_and_https_are_spoken)
{
	struct got got = {0};

	fetch(http_request_create("http", "GET", unsendable[_i]), &got);
	ck_assert_int_ne(got.failure, HTTP_FAILURE_NONE);
	ck_assert_int_eq(got.status, 0);
	got_clear(&got);
}
END_TEST

START_TEST(control_characters_do_not_reach_the_wire)
{
	struct got got = {0};
	struct http_request *request = request_for("/headers");

	request->bearer = g_strdup("abc\r\nX-Evil: 1");
	fetch(request, &got);
	ck_assert_int_eq(got.failure, HTTP_FAILURE_CONNECT);
	ck_assert_ptr_null(strstr(got.message, "Evil"));
	request = request_for("/headers");
	g_ptr_array_add(request->headers, g_strdup("X-A: b\nX-Evil: 1"));
	fetch(request, &got);
	ck_assert_int_eq(got.failure, HTTP_FAILURE_CONNECT);
	ck_assert_int_eq(web_count(http_web, "/"), 0);
	got_clear(&got);
}
END_TEST

START_TEST(messages_hold_no_secrets)
{
	g_autofree char *url = g_strdup_printf("http://user:hush@127.0.0.1:%d/hang/p4th?key=qu3ry",
					       http_web->port);
	struct http_request *request = http_request_create("http", "GET", url);
	struct got got = {0};

	request->bearer = g_strdup("b34rer");
	request->timeout_ms = 100;
	web_stop(http_web); /* so that it fails */
	fetch(request, &got);
	ck_assert_int_eq(got.failure, HTTP_FAILURE_CONNECT);
	ck_assert_ptr_null(strstr(got.message, "hush"));
	ck_assert_ptr_null(strstr(got.message, "p4th"));
	ck_assert_ptr_null(strstr(got.message, "qu3ry"));
	ck_assert_ptr_null(strstr(got.message, "b34rer"));
	ck_assert_ptr_nonnull(strstr(got.message, "GET http://127.0.0.1:"));
	http_web = NULL;
	got_clear(&got);
}
END_TEST

/* --- what is sent --- */

START_TEST(requests_carry_what_they_should)
{
	struct got got = {0};
	struct http_request *request = request_for("/headers");
	g_autofree char *agent = g_strdup_printf("User-Agent: driftd/%s\r\n", version_number);

	request->bearer = g_strdup("tok-en");
	g_ptr_array_add(request->headers, g_strdup("X-Mine: 1"));
	fetch(request, &got);
	ck_assert_ptr_nonnull(strstr(got.body, "GET /headers HTTP/1.1\r\n"));
	ck_assert_ptr_nonnull(strstr(got.body, "Authorization: Bearer tok-en\r\n"));
	ck_assert_ptr_nonnull(strstr(got.body, "Accept-Encoding: gzip\r\n"));
	ck_assert_ptr_nonnull(strstr(got.body, "X-Mine: 1\r\n"));
	ck_assert_ptr_nonnull(strstr(got.body, agent));
	fetch(request_for("/headers"), &got); /* on the same handle: nothing is left */
	ck_assert_ptr_null(strstr(got.body, "Authorization"));
	ck_assert_ptr_null(strstr(got.body, "X-Mine"));
	got_clear(&got);
}
END_TEST

START_TEST(a_post_carries_its_body_and_the_next_get_none)
{
	struct got got = {0};
	struct http_request *request = request_for("/body");

	g_free(request->method);
	request->method = g_strdup("POST");
	request->body = g_strdup("a=1&b=2");
	request->body_bytes = 7;
	fetch(request, &got);
	ck_assert_str_eq(got.body, "a=1&b=2");
	fetch(request_for("/headers"), &got);
	ck_assert_ptr_nonnull(strstr(got.body, "GET /headers"));
	ck_assert_ptr_null(strstr(got.body, "Content-"));
	got_clear(&got);
}
END_TEST

START_TEST(a_proxy_is_used_unless_it_must_not)
{
	g_autofree char *nowhere = web_nowhere();
	struct got got = {0};
	struct http_request *request = NULL;

	g_setenv("http_proxy", nowhere, TRUE);
	fetch(request_for("/ok"), &got);
	ck_assert_int_eq(got.failure, HTTP_FAILURE_CONNECT);
	request = request_for("/ok");
	request->no_proxy = true;
	fetch(request, &got);
	ck_assert_int_eq(got.status, 200);
	got_clear(&got);
}
END_TEST

/* --- redirects --- */

static const struct {
	const char *path;
	enum http_failure failure;
	int status;
} redirects[] = {
	{"/redirect/absolute", HTTP_FAILURE_NONE, 200},
	{"/redirect/relative", HTTP_FAILURE_NONE, 200},
	{"/redirect/nowhere", HTTP_FAILURE_NONE, 302},
	{"/redirect/loop", HTTP_FAILURE_REDIRECT, 302},
	{"/redirect/host", HTTP_FAILURE_REDIRECT, 302},
	{"/redirect/tls", HTTP_FAILURE_REDIRECT, 302},
	{"/redirect/file", HTTP_FAILURE_REDIRECT, 302},
};

START_TEST(redirects_stay_where_they_are)
{
	struct got got = {0};
	struct http_request *request = request_for(redirects[_i].path);

	request->follow_redirects = true;
	request->bearer = g_strdup("tok-en");
	request->max_attempts = 3; /* a refused redirect is final */
	fetch(request, &got);
	ck_assert_msg(got.failure == redirects[_i].failure, "%s: %s", redirects[_i].path,
		      got.message ? got.message : "followed");
	ck_assert_int_eq(got.status, redirects[_i].status);
	ck_assert_int_eq(got.attempts, 1);
	if (got.status == 200)
		ck_assert_ptr_nonnull(strstr(got.body, "Authorization: Bearer tok-en\r\n"));
	else
		ck_assert_int_eq(web_count(http_web, "/headers"), 0);
	if (strcmp(redirects[_i].path, "/redirect/loop") == 0)
		ck_assert_int_eq(web_count(http_web, "/redirect/loop"), 1 + HTTP_REDIRECTS_MAX);
	got_clear(&got);
}
END_TEST

START_TEST(the_bearer_stays_at_home)
{
	struct web *other = web_start(http_world_handle);
	struct got got = {0};
	struct http_request *request = request_for("/redirect/host");

	request->follow_redirects = true;
	request->bearer = g_strdup("tok-en");
	fetch(request, &got);
	ck_assert_int_eq(got.failure, HTTP_FAILURE_REDIRECT);
	ck_assert_int_eq(web_count(other, "/"), 0);
	ck_assert_ptr_nonnull(strstr(got.message, "http://localhost:"));
	web_stop(other);
	got_clear(&got);
}
END_TEST

static void add_answers(TCase *tcase)
{
	tcase_add_loop_test(tcase, every_failure_has_its_class, 0, G_N_ELEMENTS(failures));
	tcase_add_test(tcase, an_answer_arrives_whole);
	tcase_add_test(tcase, nobody_there_is_connect_and_no_name_is_resolve);
	tcase_add_test(tcase, tls_with_a_server_that_has_none);
	tcase_add_loop_test(tcase, only_http_and_https_are_spoken, 0, G_N_ELEMENTS(unsendable));
	tcase_add_test(tcase, control_characters_do_not_reach_the_wire);
	tcase_add_test(tcase, messages_hold_no_secrets);
	tcase_add_test(tcase, requests_carry_what_they_should);
	tcase_add_test(tcase, a_post_carries_its_body_and_the_next_get_none);
	tcase_add_test(tcase, a_proxy_is_used_unless_it_must_not);
	tcase_add_loop_test(tcase, redirects_stay_where_they_are, 0, G_N_ELEMENTS(redirects));
	tcase_add_test(tcase, the_bearer_stays_at_home);
}

Suite *http_client_suite(void)
{
	Suite *suite = suite_create("http_client");

	add_answers(http_world_case(suite, "answers"));
	return suite;
}
