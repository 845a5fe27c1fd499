/* http_world - see http_world.h */
#include "tests/unit/http_world.h"

#include "clk.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct web *http_web;
struct http_client *http_web_client;

/* --- what came back --- */

void got_clear(struct got *got)
{
	g_free(got->message);
	g_free(got->body);
	g_free(got->content_type);
	g_free(got->header);
	*got = (struct got){0};
}

void got_take(void *data, const struct http_response *response)
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

struct http_request *request_for(const char *path)
{
	g_autofree char *url = g_strconcat(http_web->origin, path, NULL);

	return http_request_create("http", "GET", url);
}

void wait_for(const struct got *got)
{
	int64_t end_ms = g_get_monotonic_time() / 1000 + PATIENCE_MS;

	while (got->calls == 0 && g_get_monotonic_time() / 1000 < end_ms)
		http_client_poll(http_web_client, 100, -1);
	ck_assert_int_eq(got->calls, 1);
}

void fetch(struct http_request *request, struct got *got)
{
	got_clear(got);
	http_client_send(http_web_client, request, got_take, got);
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

bool http_world_handle(const struct web_request *request)
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
	http_web = web_start(http_world_handle);
	http_web_client = http_client_create(4, &error);
	ck_assert_msg(http_web_client, "%s", error ? error->message : "");
}

static void teardown(void)
{
	clk_clear_fake();
	http_client_free(http_web_client);
	web_stop(http_web);
}

TCase *http_world_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return tcase;
}
