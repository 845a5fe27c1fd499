/* test_http_client - the client against a server that misbehaves in every way it can. */
#include "http/client.h"

#include "clk.h"
#include "http/retry.h"
#include "http/timers.h"
#include "tests/unit/web_fixture.h"
#include "version.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

Suite *http_client_suite(void);

/** A test that takes longer than this hangs. */
#define PATIENCE_MS 20000

/** The bound of bodies in the table of faults. */
#define SMALL_MAX_BYTES 1000

static struct web *web;
static struct http_client *client;

/* --- what came back --- */

struct got {
	int calls;
	enum http_failure failure;
	char *message;
	int status;
	char *body;
	size_t body_bytes;
	char *content_type;
	char *header; /* X-Test */
	int64_t retry_after_ms;
	int attempts;
};

static void got_clear(struct got *got)
{
	g_free(got->message);
	g_free(got->body);
	g_free(got->content_type);
	g_free(got->header);
	*got = (struct got){0};
}

static void take(void *data, const struct http_response *response)
{
	struct got *got = data;
	int calls = got->calls + 1;

	got_clear(got);
	got->calls = calls;
	got->failure = response->failure;
	got->message = g_strdup(response->message);
	got->status = response->status;
	got->body = g_strdup(response->body);
	got->body_bytes = response->body_bytes;
	got->content_type = g_strdup(response->content_type);
	got->header = g_strdup(g_hash_table_lookup(response->headers, "x-test"));
	got->retry_after_ms = response->retry_after_ms;
	got->attempts = response->attempts;
	ck_assert((response->failure == HTTP_FAILURE_NONE) == (response->message == NULL));
	if (response->body)
		ck_assert_int_eq(response->body[response->body_bytes], '\0');
}

static struct http_request *request_for(const char *path)
{
	g_autofree char *url = g_strconcat(web->origin, path, NULL);

	return http_request_create("http", "GET", url);
}

static void wait_for(const struct got *got)
{
	int64_t end_ms = g_get_monotonic_time() / 1000 + PATIENCE_MS;

	while (got->calls == 0 && g_get_monotonic_time() / 1000 < end_ms)
		http_client_poll(client, 100, -1);
	ck_assert_int_eq(got->calls, 1);
}

static void fetch(struct http_request *request, struct got *got)
{
	got_clear(got);
	http_client_send(client, request, take, got);
	ck_assert_int_eq(got->calls, 0); /* never from send */
	wait_for(got);
}

/* --- the server --- */

static bool reset_connection(const struct web_request *request)
{
	struct linger hard = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(request->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	(void)dup2(request->web->stop_fd, request->fd); /* closes the socket, keeps its number */
	return false;
}

static bool trickle(const struct web_request *request)
{
	web_send_text(request, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n");
	while (!web_wait(request, 10))
		web_send_text(request, "x");
	return false;
}

static bool send_huge(const struct web_request *request)
{
	static const char block[4096] = {'x'};

	web_send_text(request, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 1000 && !web_wait(request, 0); i++) {
		web_send_text(request, "1000\r\n");
		web_send(request, block, sizeof(block));
		web_send_text(request, "\r\n");
	}
	web_send_text(request, "0\r\n\r\n");
	return true;
}

/* Bits of a deflate stream, least significant first (RFC 1951). */
struct bits {
	GByteArray *bytes;
	unsigned buffer;
	unsigned count;
};

static void put_bit(struct bits *bits, unsigned bit)
{
	guint8 byte = 0;

	bits->buffer |= bit << bits->count++;
	if (bits->count < 8)
		return;
	byte = (guint8)bits->buffer;
	g_byte_array_append(bits->bytes, &byte, 1);
	bits->buffer = 0;
	bits->count = 0;
}

/* Huffman codes come most significant bit first. */
static void put_code(struct bits *bits, unsigned code, unsigned length)
{
	while (length-- > 0)
		put_bit(bits, (code >> length) & 1);
}

static guint32 crc32_of_zeros(size_t length)
{
	guint32 crc = 0xffffffffU;

	for (size_t i = 0; i < length * 8; i++)
		crc = (crc >> 1) ^ ((crc & 1) ? 0xedb88320U : 0);
	return ~crc;
}

/* A gzip file of 1 + 258 * @p runs zero bytes: one literal and runs of the longest match. */
static GByteArray *gzip_of_zeros(size_t runs)
{
	static const guint8 header[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
	struct bits bits = {.bytes = g_byte_array_new()};
	guint32 trailer[2] = {0};

	g_byte_array_append(bits.bytes, header, sizeof(header));
	put_code(&bits, 0x6, 3);  /* last block, fixed codes: bits 1, 1, 0 */
	put_code(&bits, 0x30, 8); /* literal 0 */
	for (size_t i = 0; i < runs; i++) {
		put_code(&bits, 0xc5, 8); /* length 258 */
		put_code(&bits, 0, 5);    /* distance 1 */
	}
	put_code(&bits, 0, 7); /* end */
	while (bits.count > 0)
		put_bit(&bits, 0);
	trailer[0] = GUINT32_TO_LE(crc32_of_zeros(runs <= 10 ? 1 + 258 * runs : 0));
	trailer[1] = GUINT32_TO_LE((guint32)(1 + 258 * runs));
	g_byte_array_append(bits.bytes, (const guint8 *)trailer, sizeof(trailer));
	return bits.bytes;
}

static bool send_gzip(const struct web_request *request, size_t runs)
{
	GByteArray *file = gzip_of_zeros(runs);

	web_send_text(request,
		      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %u\r\n\r\n",
		      file->len);
	web_send(request, file->data, file->len);
	g_byte_array_unref(file);
	return true;
}

static bool send_many_headers(const struct web_request *request)
{
	web_send_text(request, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
	for (int i = 0; i < HTTP_HEADERS_MAX + 1; i++)
		web_send_text(request, "X-%d: y\r\n", i);
	web_send_text(request, "\r\n");
	return true;
}

static bool send_long_headers(const struct web_request *request)
{
	g_autofree char *value = g_strnfill(HTTP_HEADER_BYTES_MAX / 4, 'v');

	web_send_text(request, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
	for (int i = 0; i < 5; i++)
		web_send_text(request, "X-%d: %s\r\n", i, value);
	web_send_text(request, "\r\n");
	return true;
}

static bool redirect(const struct web_request *request, int status, const char *target)
{
	g_autofree char *headers = g_strdup_printf("Location: %s\r\n", target);

	return web_reply(request, status, headers, "moved");
}

static bool redirect_from(const struct web_request *request, const char *what)
{
	g_autofree char *absolute = g_strconcat(request->web->origin, "/headers", NULL);
	g_autofree char *tls = g_strdup_printf("https://127.0.0.1:%d/headers", request->web->port);
	g_autofree char *host = g_strdup_printf("http://localhost:%d/headers", request->web->port);

	if (strcmp(what, "absolute") == 0)
		return redirect(request, 301, absolute);
	if (strcmp(what, "relative") == 0)
		return redirect(request, 307, "/headers");
	if (strcmp(what, "loop") == 0)
		return redirect(request, 302, "/redirect/loop");
	if (strcmp(what, "tls") == 0)
		return redirect(request, 302, tls);
	if (strcmp(what, "host") == 0)
		return redirect(request, 302, host);
	if (strcmp(what, "file") == 0)
		return redirect(request, 302, "file:///etc/hostname");
	return web_reply(request, 302, "", "no location");
}

static bool busy(const struct web_request *request, const char *what)
{
	if (strcmp(what, "seconds") == 0)
		return web_reply(request, 429, "Retry-After: 7\r\n", "slow down");
	if (strcmp(what, "date") == 0) /* the fake clock's 0 plus 9 s */
		return web_reply(request, 429, "Retry-After: Thu, 01 Jan 1970 00:00:09 GMT\r\n",
				 "slow down");
	if (strcmp(what, "now") == 0)
		return web_reply(request, 503, "Retry-After: 0\r\n", "soon");
	if (strcmp(what, "once") == 0 && web_next(request, 0) > 0)
		return web_reply(request, 200, "", "back again");
	return web_reply(request, 503, "", "busy");
}

static bool status_of(const struct web_request *request, const char *digits)
{
	gint64 status = 0;

	if (!g_ascii_string_to_signed(digits, 10, 100, 999, &status, NULL))
		status = 500;
	return web_reply(request, (int)status, "", "said");
}

static bool serve_fault(const struct web_request *request, const char *path)
{
	if (strcmp(path, "/reset") == 0)
		return reset_connection(request);
	if (strcmp(path, "/trickle") == 0)
		return trickle(request);
	if (strcmp(path, "/hang") == 0)
		return !web_wait(request, -1);
	if (strcmp(path, "/chunked-huge") == 0)
		return send_huge(request);
	if (strcmp(path, "/bomb") == 0)
		return send_gzip(request, 200000);
	if (strcmp(path, "/gzip") == 0)
		return send_gzip(request, 2);
	if (strcmp(path, "/many-headers") == 0)
		return send_many_headers(request);
	if (strcmp(path, "/long-headers") == 0)
		return send_long_headers(request);
	if (strcmp(path, "/silent") == 0)
		return false;
	if (strcmp(path, "/truncated") == 0)
		web_send_text(request, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
	else if (strcmp(path, "/truncated-chunk") == 0)
		web_send_text(request,
			      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nshort");
	else if (strcmp(path, "/garbage") == 0)
		web_send_text(request, "\x01\x02 this is no HTTP at all\r\n\r\n");
	else if (strcmp(path, "/bad-gzip") == 0)
		web_send_text(request, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
				       "Content-Length: 10\r\n\r\nnot gzip!!");
	else if (strcmp(path, "/huge") == 0)
		web_send_text(request, "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n");
	else
		return web_reply(request, 404, "", "not here");
	return web_wait(request, strcmp(path, "/huge") == 0 ? -1 : 0) && false;
}

static bool handle(const struct web_request *request)
{
	const char *path = request->path;

	if (g_str_has_prefix(path, "/ok"))
		return web_reply(request, 200,
				 "Content-Type: text/plain\r\nX-Test: a\r\nX-TEST:  b \r\n",
				 "hello");
	if (strcmp(path, "/headers") == 0)
		return web_reply(request, 200, "", request->headers);
	if (strcmp(path, "/body") == 0)
		return web_reply(request, 200, "", request->body);
	if (strcmp(path, "/slow") == 0)
		return !web_wait(request, 30) && web_reply(request, 200, "", "slow");
	if (strcmp(path, "/1000") == 0) {
		g_autofree char *body = g_strnfill(SMALL_MAX_BYTES, 'x');

		return web_reply(request, 200, "", body);
	}
	if (g_str_has_prefix(path, "/redirect/"))
		return redirect_from(request, path + strlen("/redirect/"));
	if (g_str_has_prefix(path, "/busy/"))
		return busy(request, path + strlen("/busy/"));
	if (g_str_has_prefix(path, "/status/"))
		return status_of(request, path + strlen("/status/"));
	return serve_fault(request, path);
}

static void setup(void)
{
	g_autoptr(GError) error = NULL;

	g_unsetenv("http_proxy");
	g_unsetenv("https_proxy");
	g_unsetenv("all_proxy");
	g_unsetenv("ALL_PROXY");
	web = web_start(handle);
	client = http_client_create(4, &error);
	ck_assert_msg(client, "%s", error ? error->message : "");
}

static void teardown(void)
{
	clk_clear_fake();
	http_client_free(client);
	web_stop(web);
}

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
	g_autofree char *url = g_strdup_printf("https://127.0.0.1:%d/ok", web->port);
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
	ck_assert_int_eq(web_count(web, "/"), 0);
	got_clear(&got);
}
END_TEST

START_TEST(messages_hold_no_secrets)
{
	g_autofree char *url =
		g_strdup_printf("http://user:hush@127.0.0.1:%d/hang/p4th?key=qu3ry", web->port);
	struct http_request *request = http_request_create("http", "GET", url);
	struct got got = {0};

	request->bearer = g_strdup("b34rer");
	request->timeout_ms = 100;
	web_stop(web); /* so that it fails */
	fetch(request, &got);
	ck_assert_int_eq(got.failure, HTTP_FAILURE_CONNECT);
	ck_assert_ptr_null(strstr(got.message, "hush"));
	ck_assert_ptr_null(strstr(got.message, "p4th"));
	ck_assert_ptr_null(strstr(got.message, "qu3ry"));
	ck_assert_ptr_null(strstr(got.message, "b34rer"));
	ck_assert_ptr_nonnull(strstr(got.message, "GET http://127.0.0.1:"));
	web = NULL;
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
		ck_assert_int_eq(web_count(web, "/headers"), 0);
	if (strcmp(redirects[_i].path, "/redirect/loop") == 0)
		ck_assert_int_eq(web_count(web, "/redirect/loop"), 1 + HTTP_REDIRECTS_MAX);
	got_clear(&got);
}
END_TEST

START_TEST(the_bearer_stays_at_home)
{
	struct web *other = web_start(handle);
	g_autofree char *target = NULL;
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

/* --- retries --- */

/* Poll while the fake clock runs fast; returns how far it ran. */
static int64_t wait_fast(const struct got *got, int64_t step_ms)
{
	int64_t end_ms = g_get_monotonic_time() / 1000 + PATIENCE_MS;
	int64_t start_ms = clk_mono_ms();
	int64_t now_ms = start_ms;

	while (got->calls == 0 && g_get_monotonic_time() / 1000 < end_ms) {
		http_client_poll(client, 2, -1);
		now_ms += step_ms;
		if (got->calls == 0)
			clk_set_fake(now_ms, 0);
	}
	ck_assert_int_eq(got->calls, 1);
	return now_ms - start_ms;
}

static const struct {
	const char *path;
	int attempts;
	int status;
} retried[] = {
	{"/busy/once", 2, 200},  {"/busy/now", 4, 503},   {"/busy/always", 4, 503},
	{"/status/500", 4, 500}, {"/status/502", 4, 502}, {"/status/504", 4, 504},
	{"/status/429", 4, 429}, {"/status/408", 4, 408}, {"/reset", 4, 0},
	{"/status/404", 1, 404}, {"/status/400", 1, 400}, {"/status/401", 1, 401},
	{"/status/403", 1, 403}, {"/status/501", 1, 501}, {"/status/505", 1, 505},
	{"/garbage", 1, 0},      {"/bad-gzip", 1, 200},   {"/ok", 1, 200},
	{"/status/204", 1, 204},
};

START_TEST(what_may_heal_is_tried_again)
{
	struct got got = {0};
	struct http_request *request = request_for(retried[_i].path);

	clk_set_fake(1000, 0);
	request->max_attempts = 4;
	request->timeout_ms = 5000;
	request->deadline_mono_ms = 1000 + 3600 * MS_PER_S;
	http_client_send(client, request, take, &got);
	(void)wait_fast(&got, 10);
	ck_assert_int_eq(got.attempts, retried[_i].attempts);
	ck_assert_int_eq(got.status, retried[_i].status);
	ck_assert_int_eq(web_count(web, retried[_i].path), retried[_i].attempts);
	got_clear(&got);
}
END_TEST

START_TEST(retry_after_decides)
{
	static const struct {
		const char *path;
		int64_t wait_ms;
	} cases[] = {{"/busy/seconds", 7000}, {"/busy/date", 9000}};
	struct got got = {0};
	struct http_request *request = request_for(cases[_i].path);
	int64_t took_ms = 0;

	clk_set_fake(1000, 0);
	request->max_attempts = 2;
	request->deadline_mono_ms = 1000 + 3600 * MS_PER_S;
	http_client_send(client, request, take, &got);
	while (web_count(web, cases[_i].path) == 0)
		http_client_poll(client, 10, -1);
	for (int i = 0; i < 20; i++) /* let the answer come in before time goes on */
		http_client_poll(client, 5, -1);
	took_ms = wait_fast(&got, 100);
	ck_assert_int_eq(got.attempts, 2);
	ck_assert_int_eq(got.retry_after_ms, cases[_i].wait_ms);
	ck_assert_msg(took_ms >= cases[_i].wait_ms, "after %d ms", (int)took_ms);
	got_clear(&got);
}
END_TEST

START_TEST(a_wait_past_the_deadline_is_not_waited)
{
	struct got got = {0};
	struct http_request *request = request_for("/busy/seconds");
	int64_t start_ms = clk_mono_ms();

	request->max_attempts = 4;
	request->deadline_mono_ms = start_ms + 6999;
	fetch(request, &got);
	ck_assert_int_eq(got.failure, HTTP_FAILURE_NONE); /* what was seen last */
	ck_assert_int_eq(got.status, 429);
	ck_assert_int_eq(got.attempts, 1);
	ck_assert_int_eq(got.retry_after_ms, 7000);
	ck_assert_int_lt(clk_mono_ms() - start_ms, 6000);
	got_clear(&got);
}
END_TEST

START_TEST(attempts_end_at_the_deadline)
{
	struct got got = {0};
	struct http_request *request = request_for("/hang");
	int64_t start_ms = clk_mono_ms();

	request->max_attempts = 4;
	request->timeout_ms = 10000;
	request->deadline_mono_ms = start_ms + 200;
	fetch(request, &got);
	ck_assert_int_eq(got.failure, HTTP_FAILURE_TIMEOUT);
	ck_assert_int_eq(got.attempts, 1);
	ck_assert_int_ge(clk_mono_ms() - start_ms, 199);
	ck_assert_int_lt(clk_mono_ms() - start_ms, 5000);
	got_clear(&got);
}
END_TEST

static int64_t judge_says;

static int64_t judge(const struct http_response *response)
{
	ck_assert_str_eq(response->body, "said");
	return judge_says;
}

START_TEST(the_caller_may_judge)
{
	static const struct {
		int64_t says;
		int attempts;
	} cases[] = {{HTTP_RETRY_BY_STATUS, 1}, {HTTP_RETRY_BACKOFF, 3}, {0, 3}, {500, 3}};
	struct got got = {0};
	struct http_request *request = request_for("/status/403");

	clk_set_fake(1000, 0);
	judge_says = cases[_i].says;
	request->retry = judge;
	request->max_attempts = 3;
	request->deadline_mono_ms = 1000 + 3600 * MS_PER_S;
	http_client_send(client, request, take, &got);
	(void)wait_fast(&got, 10);
	ck_assert_int_eq(got.attempts, cases[_i].attempts);
	ck_assert_int_eq(got.status, 403);
	got_clear(&got);
}
END_TEST

START_TEST(backoff_doubles_up_to_its_cap)
{
	static const int64_t want_ms[] = {1000, 2000, 4000, 8000, 16000, 32000, 32000, 32000};
	struct http_response response = {.status = 503, .retry_after_ms = -1};
	struct http_request request = {.max_attempts = 100};
	int64_t most_ms = 0;

	for (int i = 0; i < (int)G_N_ELEMENTS(want_ms); i++)
		ck_assert_int_eq(retry_backoff_max_ms(i + 1), want_ms[i]);
	response.attempts = 3;
	for (int i = 0; i < 2000; i++) {
		int64_t wait_ms = retry_wait_ms(&request, &response);

		ck_assert_int_ge(wait_ms, 0);
		ck_assert_int_le(wait_ms, 4000);
		most_ms = MAX(most_ms, wait_ms);
	}
	ck_assert_int_gt(most_ms, 3000); /* jitter over the full width */
}
END_TEST

/* --- queue --- */

START_TEST(no_more_run_than_allowed)
{
	struct got got[20] = {0};

	http_client_set_max_parallel(client, 3);
	for (int i = 0; i < 20; i++)
		http_client_send(client, request_for("/slow"), take, &got[i]);
	ck_assert_uint_eq(http_client_pending(client), 20);
	for (int i = 0; i < 20; i++) {
		wait_for(&got[i]);
		ck_assert_int_eq(got[i].status, 200);
	}
	ck_assert_uint_eq(http_client_pending(client), 0);
	ck_assert_int_eq(web->max_in_flight, 3);
	for (int i = 0; i < 20; i++)
		got_clear(&got[i]);
}
END_TEST

START_TEST(first_come_first_served)
{
	struct got got[10] = {0};

	http_client_set_max_parallel(client, 1);
	for (int i = 0; i < 10; i++) {
		g_autofree char *path = g_strdup_printf("/ok/%d", i);

		http_client_send(client, request_for(path), take, &got[i]);
	}
	wait_for(&got[9]);
	for (guint i = 0; i < 10; i++) {
		g_autofree char *want = g_strdup_printf("GET /ok/%u", i);

		ck_assert_str_eq(g_ptr_array_index(web->log, i), want);
		ck_assert_int_eq(got[i].calls, 1);
		got_clear(&got[i]);
	}
}
END_TEST

START_TEST(a_deadline_also_counts_in_the_queue)
{
	struct got running = {0};
	struct got queued = {0};
	struct http_request *request = request_for("/ok");

	http_client_set_max_parallel(client, 1);
	http_client_send(client, request_for("/hang"), take, &running);
	request->deadline_mono_ms = clk_mono_ms() + 50;
	http_client_send(client, request, take, &queued);
	wait_for(&queued);
	ck_assert_int_eq(queued.failure, HTTP_FAILURE_TIMEOUT);
	ck_assert_int_eq(queued.attempts, 0);
	ck_assert_int_eq(running.calls, 0);
	ck_assert_int_eq(web_count(web, "/ok"), 0);
	got_clear(&queued);
	http_client_cancel_all(client);
	got_clear(&running);
}
END_TEST

START_TEST(a_deadline_that_has_passed_sends_nothing)
{
	struct got got = {0};
	struct http_request *request = request_for("/ok");

	request->deadline_mono_ms = clk_mono_ms() - 1;
	fetch(request, &got);
	ck_assert_int_eq(got.failure, HTTP_FAILURE_TIMEOUT);
	ck_assert_int_eq(web_count(web, "/"), 0);
	got_clear(&got);
}
END_TEST

struct chain {
	int left;
	int good;
};

static void send_next(void *data, const struct http_response *response)
{
	struct chain *chain = data;

	chain->good += response->status == 200;
	if (--chain->left > 0)
		http_client_send(client, request_for("/ok"), send_next, chain);
}

START_TEST(callbacks_may_send)
{
	struct chain chain = {.left = 50};

	http_client_send(client, request_for("/ok"), send_next, &chain);
	while (http_client_pending(client) > 0)
		http_client_poll(client, 100, -1);
	ck_assert_int_eq(chain.left, 0);
	ck_assert_int_eq(chain.good, 50);
}
END_TEST

START_TEST(cancelled_once_each)
{
	static const char *const paths[] = {"/hang", "/ok", "/busy/seconds", "/slow", "/trickle"};
	struct got got[50] = {0};

	for (int i = 0; i < 50; i++) {
		struct http_request *request = request_for(paths[i % 5]);

		request->max_attempts = 2;
		request->deadline_mono_ms = clk_mono_ms() + 60000;
		http_client_send(client, request, take, &got[i]);
	}
	for (int i = 0; i < 5; i++)
		http_client_poll(client, 10, -1);
	http_client_cancel_all(client);
	ck_assert_uint_eq(http_client_pending(client), 0);
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(got[i].calls, 1);
		if (i % 5 == 0)
			ck_assert_int_eq(got[i].failure, HTTP_FAILURE_CANCELLED);
		got_clear(&got[i]);
	}
	fetch(request_for("/ok"), &got[0]);
	ck_assert_int_eq(got[0].status, 200);
	got_clear(&got[0]);
}
END_TEST

START_TEST(freeing_ends_what_is_left)
{
	struct got got[8] = {0};
	struct chain chain = {.left = 3};

	for (int i = 0; i < 8; i++)
		http_client_send(client, request_for("/hang"), take, &got[i]);
	http_client_send(client, request_for("/hang"), send_next, &chain);
	http_client_poll(client, 10, -1);
	http_client_free(client);
	client = NULL;
	for (int i = 0; i < 8; i++) {
		ck_assert_int_eq(got[i].calls, 1);
		ck_assert_int_eq(got[i].failure, HTTP_FAILURE_CANCELLED);
		got_clear(&got[i]);
	}
	ck_assert_int_eq(chain.left, 0);
}
END_TEST

/* --- waiting --- */

static void count_fire(void *data)
{
	int *fired = data;

	(*fired)++;
}

START_TEST(poll_waits_without_spinning)
{
	int64_t start_ms = clk_mono_ms();
	int64_t cpu_ms = clk_cpu_ms();
	struct got got = {0};
	int polls = 0;

	http_client_send(client, request_for("/hang"), take, &got);
	for (; clk_mono_ms() - start_ms < 400; polls++)
		http_client_poll(client, 100, -1);
	ck_assert_int_lt(polls, 20); /* libcurl comes back early for timers of its own */
	ck_assert_int_lt(clk_cpu_ms() - cpu_ms, 150);
	http_client_cancel_all(client);
	got_clear(&got);
}
END_TEST

START_TEST(a_descriptor_wakes_poll)
{
	int fd = eventfd(1, EFD_CLOEXEC);
	int64_t start_ms = clk_mono_ms();

	http_client_poll(client, 10000, fd);
	ck_assert_int_lt(clk_mono_ms() - start_ms, 5000);
	(void)close(fd);
}
END_TEST

START_TEST(timers_fire_once_in_order)
{
	int fired[3] = {0};
	struct http_timer *stopped = NULL;

	clk_set_fake(1000, 0);
	(void)http_timer_start(client, 3000, count_fire, &fired[1]);
	(void)http_timer_start(client, 2000, count_fire, &fired[0]);
	stopped = http_timer_start(client, 2500, count_fire, &fired[2]);
	http_client_poll(client, 0, -1);
	ck_assert_int_eq(fired[0] + fired[1] + fired[2], 0);
	clk_set_fake(2000, 0);
	http_client_poll(client, 10000, -1); /* does not wait after a callback */
	ck_assert_int_eq(fired[0], 1);
	ck_assert_int_eq(fired[1], 0);
	http_timer_stop(stopped);
	clk_set_fake(9000, 0);
	http_client_poll(client, 0, -1);
	http_client_poll(client, 0, -1);
	ck_assert_int_eq(fired[0], 1);
	ck_assert_int_eq(fired[1], 1);
	ck_assert_int_eq(fired[2], 0);
	(void)http_timer_start(client, 99999, count_fire, &fired[2]); /* freed with the client */
}
END_TEST

START_TEST(the_heap_is_a_heap)
{
	struct timers timers = {0};
	struct timer all[300] = {0};
	int64_t last_ms = -1;
	int taken = 0;
	struct timer *timer = NULL;

	timers_init(&timers);
	for (int i = 0; i < 300; i++)
		timers_set(&timers, &all[i], (i * 7919) % 1009);
	for (int i = 0; i < 300; i += 3)
		timers_clear(&timers, &all[i]);
	for (int i = 1; i < 300; i += 3)
		timers_set(&timers, &all[i], (i * 104729) % 997); /* moved */
	ck_assert_ptr_null(timers_take_due(&timers, -1));
	while ((timer = timers_take_due(&timers, INT64_MAX))) {
		ck_assert_int_ge(timer->due_mono_ms, last_ms);
		ck_assert_uint_eq(timer->place, 0);
		last_ms = timer->due_mono_ms;
		taken++;
	}
	ck_assert_int_eq(taken, 200);
	ck_assert(timers_next_mono_ms(&timers) == INT64_MAX);
	timers_done(&timers);
}
END_TEST

/* --- accounts --- */

static const struct http_account *find_account(const GPtrArray *accounts, const char *api,
					       const char *outcome)
{
	for (guint i = 0; i < accounts->len; i++) {
		const struct http_account *account = g_ptr_array_index(accounts, i);

		if (strcmp(account->api, api) == 0 && strcmp(account->outcome, outcome) == 0)
			return account;
	}
	ck_abort_msg("no account %s %s", api, outcome);
}

START_TEST(every_attempt_is_accounted)
{
	struct got got = {0};
	struct http_request *request = NULL;
	g_autoptr(GPtrArray) accounts = NULL;

	for (int i = 0; i < 3; i++)
		fetch(request_for("/ok"), &got);
	fetch(request_for("/status/404"), &got);
	request = request_for("/busy/now");
	request->max_attempts = 3;
	request->deadline_mono_ms = clk_mono_ms() + 60000;
	fetch(request, &got);
	request = request_for("/hang");
	request->timeout_ms = 100;
	fetch(request, &got);
	request = request_for("/redirect/relative");
	request->follow_redirects = true;
	g_free(request->api);
	request->api = g_strdup("run");
	fetch(request, &got);
	accounts = http_client_accounts(client);
	ck_assert_uint_eq(accounts->len, 6);
	ck_assert_int_eq(find_account(accounts, "http", "200")->calls, 3);
	ck_assert_int_eq(find_account(accounts, "http", "200")->bytes, 15);
	ck_assert_int_eq(find_account(accounts, "http", "404")->calls, 1);
	ck_assert_int_eq(find_account(accounts, "http", "503")->calls, 3);
	ck_assert_int_eq(find_account(accounts, "http", "timeout")->calls, 1);
	ck_assert_int_ge(find_account(accounts, "http", "timeout")->time_ms, 99);
	ck_assert_int_eq(find_account(accounts, "run", "307")->calls, 1);
	ck_assert_int_eq(find_account(accounts, "run", "200")->calls, 1);
	for (guint i = 0; i < accounts->len; i++) {
		struct http_account *account = g_ptr_array_index(accounts, i);

		g_free(account->api);
		g_free(account->outcome);
		account->api = NULL;
		account->outcome = NULL;
	}
	got_clear(&got);
}
END_TEST

START_TEST(failures_have_words)
{
	static const char *const words[] = {"none",       "resolve",  "connect",   "tls",
					    "timeout",    "reset",    "too_large", "redirect",
					    "bad_answer", "cancelled"};

	for (int i = 0; i < (int)G_N_ELEMENTS(words); i++)
		ck_assert_str_eq(http_failure_text((enum http_failure)i), words[i]);
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return tcase;
}

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

static void add_times(TCase *tcase)
{
	tcase_add_loop_test(tcase, what_may_heal_is_tried_again, 0, G_N_ELEMENTS(retried));
	tcase_add_loop_test(tcase, retry_after_decides, 0, 2);
	tcase_add_test(tcase, a_wait_past_the_deadline_is_not_waited);
	tcase_add_test(tcase, attempts_end_at_the_deadline);
	tcase_add_loop_test(tcase, the_caller_may_judge, 0, 4);
	tcase_add_test(tcase, backoff_doubles_up_to_its_cap);
	tcase_add_test(tcase, poll_waits_without_spinning);
	tcase_add_test(tcase, a_descriptor_wakes_poll);
	tcase_add_test(tcase, timers_fire_once_in_order);
	tcase_add_test(tcase, the_heap_is_a_heap);
}

static void add_queue(TCase *tcase)
{
	tcase_add_test(tcase, no_more_run_than_allowed);
	tcase_add_test(tcase, first_come_first_served);
	tcase_add_test(tcase, a_deadline_also_counts_in_the_queue);
	tcase_add_test(tcase, a_deadline_that_has_passed_sends_nothing);
	tcase_add_test(tcase, callbacks_may_send);
	tcase_add_test(tcase, cancelled_once_each);
	tcase_add_test(tcase, freeing_ends_what_is_left);
	tcase_add_test(tcase, every_attempt_is_accounted);
	tcase_add_test(tcase, failures_have_words);
}

Suite *http_client_suite(void)
{
	Suite *suite = suite_create("http_client");

	add_answers(add_case(suite, "answers"));
	add_times(add_case(suite, "times"));
	add_queue(add_case(suite, "queue"));
	return suite;
}
