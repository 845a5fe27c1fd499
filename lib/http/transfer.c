/* transfer - see transfer.h */
#include "http/transfer.h"

#include "clk.h"
#include "text.h"
#include "version.h"

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

/** Curl's words about a failure are cut here: they may quote the other side. */
#define ERROR_TEXT_MAX_BYTES 200

/** A peer that acknowledges nothing for this long is gone: without it a dead HTTP/2 connection
 * would be used again for every request to that host (tcp(7), TCP_USER_TIMEOUT). */
#define UNACKNOWLEDGED_MAX_MS 20000

/** Space is asked for from a Content-Length up to here; beyond, the body grows as it comes. */
#define BODY_RESERVE_MAX_BYTES ((curl_off_t)1024 * 1024)

/** Whatever the caller asks for: a GByteArray counts in 32 bits. */
#define BODY_HARD_MAX_BYTES ((size_t)1024 * 1024 * 1024)

/** The first error of a row of options stays. */
struct setup {
	CURL *easy;
	CURLcode code;
};

static void set_number(struct setup *setup, CURLoption option, long value)
{
	if (setup->code == CURLE_OK)
		setup->code = curl_easy_setopt(setup->easy, option, value);
}

static void set_size(struct setup *setup, CURLoption option, curl_off_t value)
{
	if (setup->code == CURLE_OK)
		setup->code = curl_easy_setopt(setup->easy, option, value);
}

static void set_text(struct setup *setup, CURLoption option, const char *value)
{
	if (setup->code == CURLE_OK)
		setup->code = curl_easy_setopt(setup->easy, option, value);
}

static void set_data(struct setup *setup, CURLoption option, void *value)
{
	if (setup->code == CURLE_OK)
		setup->code = curl_easy_setopt(setup->easy, option, value);
}

/* CURLOPT_OPENSOCKETFUNCTION: close-on-exec from birth, git is started beside us. */
static curl_socket_t open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	int limit_ms = UNACKNOWLEDGED_MAX_MS;

	(void)data;
	(void)purpose;
	if (fd >= 0) /* without it the connection works all the same */
		(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms, sizeof(limit_ms));
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static void reserve_body(struct transfer *transfer)
{
	curl_off_t announced = 0;

	if (curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced) !=
		    CURLE_OK ||
	    announced <= 0 || announced > BODY_RESERVE_MAX_BYTES)
		return;
	g_byte_array_set_size(transfer->body, (guint)announced + 1);
	g_byte_array_set_size(transfer->body, 0);
}

/* CURLOPT_WRITEFUNCTION: what comes is decompressed already. */
static size_t take_body(char *bytes, size_t size, size_t count, void *data)
{
	struct transfer *transfer = data;
	size_t length = size * count;

	if (length > transfer->max_body_bytes - transfer->body->len) {
		transfer->refusal = TRANSFER_REFUSAL_BODY;
		return 0;
	}
	if (transfer->body->len == 0)
		reserve_body(transfer);
	g_byte_array_append(transfer->body, (const guint8 *)bytes, (guint)length);
	return length;
}

static void take_field(struct transfer *transfer, const char *line, size_t length)
{
	const char *colon = memchr(line, ':', length);
	char *name = NULL;
	char *value = NULL;

	if (!colon)
		return;
	name = g_ascii_strdown(line, colon - line);
	value = g_strndup(colon + 1, length - (size_t)(colon + 1 - line));
	g_hash_table_replace(transfer->headers, g_strstrip(name), g_strstrip(value));
}

/* CURLOPT_HEADERFUNCTION: status lines, fields, the empty line, trailers; 1xx answers as well. */
static size_t take_header(char *bytes, size_t size, size_t count, void *data)
{
	struct transfer *transfer = data;
	size_t length = size * count;

	transfer->header_count++;
	transfer->header_bytes += length;
	if (transfer->header_count > HTTP_HEADERS_MAX ||
	    transfer->header_bytes > HTTP_HEADER_BYTES_MAX) {
		transfer->refusal = TRANSFER_REFUSAL_HEADERS;
		return 0;
	}
	if (length >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
		g_hash_table_remove_all(transfer->headers);
		transfer->headers_open = true;
	} else if (length <= 2) {
		transfer->headers_open = false;
	} else if (transfer->headers_open) {
		take_field(transfer, bytes, length);
	}
	return length;
}

/* What is the same for every request. */
static bool set_constants(struct transfer *transfer)
{
	struct setup setup = {.easy = transfer->easy, .code = CURLE_OK};
	g_autofree char *agent = g_strdup_printf("driftd/%s", version_number);

	set_text(&setup, CURLOPT_PROTOCOLS_STR, "http,https");
	set_text(&setup, CURLOPT_ACCEPT_ENCODING, "gzip");
	set_text(&setup, CURLOPT_USERAGENT, agent);
	set_number(&setup, CURLOPT_NOSIGNAL, 1);
	set_number(&setup, CURLOPT_FOLLOWLOCATION, 0);
	set_number(&setup, CURLOPT_TCP_KEEPALIVE, 1);
	set_number(&setup, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
	/* a resolver that hangs must not hold up all others when its request ends */
	set_number(&setup, CURLOPT_QUICK_EXIT, 1);
	set_data(&setup, CURLOPT_ERRORBUFFER, transfer->error);
	set_data(&setup, CURLOPT_WRITEDATA, transfer);
	set_data(&setup, CURLOPT_HEADERDATA, transfer);
	if (setup.code != CURLE_OK)
		return false;
	return curl_easy_setopt(transfer->easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
	       curl_easy_setopt(transfer->easy, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
	       curl_easy_setopt(transfer->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) ==
		       CURLE_OK;
}

struct transfer *transfer_create(void)
{
	struct transfer *transfer = g_new0(struct transfer, 1);

	transfer->body = g_byte_array_new();
	transfer->headers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	transfer->easy = curl_easy_init();
	if (transfer->easy && set_constants(transfer))
		return transfer;
	transfer_free(transfer);
	return NULL;
}

void transfer_free(struct transfer *transfer)
{
	if (!transfer)
		return;
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->lines);
	g_byte_array_unref(transfer->body);
	g_hash_table_unref(transfer->headers);
	g_free(transfer->url);
	g_free(transfer);
}

static bool add_line(struct transfer *transfer, const char *line)
{
	struct curl_slist *grown = curl_slist_append(transfer->lines, line);

	if (!grown)
		return false;
	transfer->lines = grown;
	return true;
}

static bool make_lines(struct transfer *transfer, const struct http_request *request)
{
	assert(!transfer->lines);
	for (guint i = 0; i < request->headers->len; i++)
		if (!add_line(transfer, g_ptr_array_index(request->headers, i)))
			return false;
	return !request->body || add_line(transfer, "Expect:"); /* no round trip for a 100 */
}

static void set_method(struct setup *setup, const struct http_request *request)
{
	bool is_get = strcmp(request->method, "GET") == 0;

	/* clears what the request before has set; in this order, because POSTFIELDS makes it a
	 * POST */
	set_data(setup, CURLOPT_POSTFIELDS, NULL);
	set_text(setup, CURLOPT_CUSTOMREQUEST, NULL);
	set_number(setup, CURLOPT_HTTPGET, 1);
	if (strcmp(request->method, "HEAD") == 0) {
		set_number(setup, CURLOPT_NOBODY, 1);
	} else if (!is_get || request->body) {
		set_size(setup, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_bytes);
		set_text(setup, CURLOPT_POSTFIELDS, request->body ? request->body : "");
		set_text(setup, CURLOPT_CUSTOMREQUEST, request->method);
	}
}

/* What curl is told about where to and how. */
static void set_url(struct setup *setup, const struct transfer *transfer,
		    const struct http_request *request)
{
	bool tls = g_ascii_strncasecmp(transfer->url, "https:", 6) == 0;

	set_text(setup, CURLOPT_URL, transfer->url);
	set_number(setup, CURLOPT_HTTP_VERSION,
		   tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
	/* with TLS rather share a connection than open one more */
	set_number(setup, CURLOPT_PIPEWAIT, tls ? 1 : 0);
	set_text(setup, CURLOPT_NOPROXY, request->no_proxy ? "*" : NULL);
}

static void set_bearer(struct setup *setup, const char *bearer)
{
	set_number(setup, CURLOPT_HTTPAUTH, (long)(bearer ? CURLAUTH_BEARER : CURLAUTH_BASIC));
	set_text(setup, CURLOPT_XOAUTH2_BEARER, bearer);
}

static void forget_answer(struct transfer *transfer)
{
	g_byte_array_set_size(transfer->body, 0);
	g_hash_table_remove_all(transfer->headers);
	transfer->header_count = 0;
	transfer->header_bytes = 0;
	transfer->headers_open = false;
	transfer->refusal = TRANSFER_REFUSAL_NONE;
	transfer->error[0] = '\0';
}

bool transfer_prepare(struct transfer *transfer, const struct http_request *request,
		      int64_t end_mono_ms)
{
	struct setup setup = {.easy = transfer->easy, .code = CURLE_OK};
	int64_t left_ms = end_mono_ms - clk_mono_ms();

	forget_answer(transfer);
	transfer->redirects = 0;
	transfer->end_mono_ms = end_mono_ms;
	transfer->max_body_bytes =
		request->max_body_bytes > 0 ? request->max_body_bytes : HTTP_BODY_MAX_BYTES;
	transfer->max_body_bytes = MIN(transfer->max_body_bytes, BODY_HARD_MAX_BYTES);
	transfer->url = g_strdup(request->url);
	if (!make_lines(transfer, request))
		return false;
	set_method(&setup, request);
	set_url(&setup, transfer, request);
	set_bearer(&setup, request->bearer);
	set_data(&setup, CURLOPT_HTTPHEADER, transfer->lines);
	set_number(&setup, CURLOPT_TIMEOUT_MS, (long)MAX(left_ms, 1));
	set_size(&setup, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)transfer->max_body_bytes);
	return setup.code == CURLE_OK;
}

static enum http_failure failure_from_code(CURLcode code)
{
	switch ((int)code) { /* as int: libcurl adds codes, the rest is one class */
	case CURLE_OK:
		return HTTP_FAILURE_NONE;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return HTTP_FAILURE_RESOLVE;
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_FAILURE_TIMEOUT;
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return HTTP_FAILURE_RESET;
	case CURLE_FILESIZE_EXCEEDED:
		return HTTP_FAILURE_TOO_LARGE;
	case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9; other schemes never get here */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_WRITE_ERROR:
		return HTTP_FAILURE_BAD_ANSWER;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return HTTP_FAILURE_TLS;
	default:
		return HTTP_FAILURE_CONNECT;
	}
}

static char *url_part(CURLU *handle, CURLUPart part, unsigned flags)
{
	char *text = NULL;
	char *copy = NULL;

	if (curl_url_get(handle, part, &text, flags) != CURLUE_OK)
		return NULL;
	copy = g_strdup(text);
	curl_free(text);
	return copy;
}

/* "scheme://host" and ":port" when @p port_flags say so; NULL for what is no URL. */
static char *url_origin(const char *url, unsigned port_flags)
{
	CURLU *handle = curl_url();
	g_autofree char *scheme = NULL;
	g_autofree char *host = NULL;
	g_autofree char *port = NULL;

	if (handle && curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK) {
		scheme = url_part(handle, CURLUPART_SCHEME, 0);
		host = url_part(handle, CURLUPART_HOST, 0);
		port = url_part(handle, CURLUPART_PORT, port_flags);
	}
	curl_url_cleanup(handle);
	if (!scheme || !host)
		return NULL;
	return g_strconcat(scheme, "://", host, port ? ":" : "", port ? port : "", NULL);
}

char *transfer_subject(const char *method, const char *url)
{
	g_autofree char *origin = url_origin(url, 0);

	return g_strconcat(method, " ", origin ? origin : "(no valid URL)", NULL);
}

/* Why, in curl's words, fit to be shown. */
static char *reason_text(const struct transfer *transfer, CURLcode code)
{
	const char *words = transfer->error[0] ? transfer->error : curl_easy_strerror(code);

	return g_strchomp(text_to_line(words, ERROR_TEXT_MAX_BYTES));
}

static void describe_failure(const struct transfer *transfer, const struct http_request *request,
			     CURLcode code, struct http_response *response)
{
	g_autofree char *subject = transfer_subject(request->method, transfer->url);
	g_autofree char *reason = reason_text(transfer, code);

	if (transfer->refusal != TRANSFER_REFUSAL_NONE)
		response->failure = HTTP_FAILURE_TOO_LARGE;
	if (transfer->refusal == TRANSFER_REFUSAL_HEADERS)
		response->message =
			g_strdup_printf("%s: answer has more than %d headers or %zu bytes of them",
					subject, HTTP_HEADERS_MAX, HTTP_HEADER_BYTES_MAX);
	else if (response->failure == HTTP_FAILURE_TOO_LARGE)
		response->message = g_strdup_printf("%s: answer is larger than %zu bytes", subject,
						    transfer->max_body_bytes);
	else
		response->message = g_strdup_printf("%s: %s", subject, reason);
}

/* RFC 9110 10.2.3: seconds, or a date. */
static int64_t retry_after_ms(const struct transfer *transfer)
{
	const char *text = g_hash_table_lookup(transfer->headers, "retry-after");
	guint64 seconds = 0;
	time_t date = 0;

	if (!text)
		return -1;
	if (g_ascii_string_to_unsigned(text, 10, 0, MS_PER_DAY, &seconds, NULL))
		return (int64_t)seconds * MS_PER_S;
	date = curl_getdate(text, NULL);
	return date < 0 ? -1 : MAX((int64_t)date * MS_PER_S - clk_wall_ms(), 0);
}

void transfer_finish(struct transfer *transfer, const struct http_request *request, CURLcode code,
		     struct http_response *response)
{
	long status = 0;
	guint8 nul = 0;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status); /* 0 if not */
	response->status = (int)status;
	response->retry_after_ms = retry_after_ms(transfer);
	response->headers = transfer->headers;
	response->content_type = g_hash_table_lookup(transfer->headers, "content-type");
	response->failure = failure_from_code(code);
	if (response->failure != HTTP_FAILURE_NONE) {
		describe_failure(transfer, request, code, response);
		return;
	}
	response->body_bytes = transfer->body->len;
	g_byte_array_append(transfer->body, &nul, 1);
	response->body = (const char *)transfer->body->data;
}

bool transfer_is_redirect(const struct transfer *transfer, const struct http_request *request,
			  const struct http_response *response)
{
	int status = response->status;

	if (!request->follow_redirects || response->failure != HTTP_FAILURE_NONE)
		return false;
	return (status == 301 || status == 302 || status == 303 || status == 307 ||
		status == 308) &&
	       g_hash_table_contains(transfer->headers, "location");
}

/* NULL, or why the redirect to @p target is refused. */
static const char *judge_hop(const struct transfer *transfer, const struct http_request *request,
			     const char *target)
{
	g_autofree char *from = url_origin(transfer->url, CURLU_DEFAULT_PORT);
	g_autofree char *to = target ? url_origin(target, CURLU_DEFAULT_PORT) : NULL;

	if (!from || !to)
		return "to something that is no URL";
	if (g_ascii_strcasecmp(from, to) != 0)
		return "to another scheme, host or port";
	if (strcmp(request->method, "GET") != 0)
		return "of a request that is not GET";
	if (transfer->redirects >= HTTP_REDIRECTS_MAX)
		return "after too many others";
	return NULL;
}

static void refuse_hop(const struct transfer *transfer, const struct http_request *request,
		       const char *target, const char *why, struct http_response *response)
{
	g_autofree char *subject = transfer_subject(request->method, transfer->url);
	g_autofree char *origin = target ? url_origin(target, 0) : NULL;

	response->failure = HTTP_FAILURE_REDIRECT;
	response->body = NULL;
	response->body_bytes = 0;
	response->message =
		g_strdup_printf("%s: HTTP %d redirect %s%s%s%s refused", subject, response->status,
				why, origin ? " (" : "", origin ? origin : "", origin ? ")" : "");
}

bool transfer_follow(struct transfer *transfer, const struct http_request *request,
		     struct http_response *response)
{
	struct setup setup = {.easy = transfer->easy, .code = CURLE_OK};
	const char *target = NULL;
	const char *why = NULL;
	int64_t left_ms = transfer->end_mono_ms - clk_mono_ms();

	/* libcurl has made it absolute (CURLINFO_REDIRECT_URL) */
	if (curl_easy_getinfo(transfer->easy, CURLINFO_REDIRECT_URL, &target) != CURLE_OK)
		target = NULL;
	why = judge_hop(transfer, request, target);
	if (why) {
		refuse_hop(transfer, request, target, why, response);
		return false;
	}
	g_free(transfer->url);
	transfer->url = g_strdup(target);
	transfer->redirects++;
	forget_answer(transfer);
	set_url(&setup, transfer, request);
	set_number(&setup, CURLOPT_TIMEOUT_MS, (long)MAX(left_ms, 1));
	if (setup.code == CURLE_OK)
		return true;
	refuse_hop(transfer, request, target, "that libcurl cannot follow", response);
	return false;
}

void transfer_clear(struct transfer *transfer, const struct http_request *request)
{
	struct setup setup = {.easy = transfer->easy, .code = CURLE_OK};

	set_bearer(&setup, NULL);
	set_data(&setup, CURLOPT_HTTPHEADER, NULL);
	set_data(&setup, CURLOPT_POSTFIELDS, NULL);
	if (request->secret_answer && transfer->body->data)
		explicit_bzero(transfer->body->data, transfer->body->len);
	g_byte_array_unref(transfer->body); /* a large one is not kept for the next request */
	transfer->body = g_byte_array_new();
	forget_answer(transfer);
	curl_slist_free_all(transfer->lines);
	transfer->lines = NULL;
	g_free(transfer->url);
	transfer->url = NULL;
}
