/* server_send - from struct response to libmicrohttpd's. Bodies of a snapshot become one
 * MHD_Response for each form they are asked for in, shared by all requests: a hot GET costs queueing
 * it, compressed or not. */
#include "api/server_private.h"

#include "api/dashboard/assets.h"
#include "api/gzip.h"
#include "api/response.h"

/** Shorter bodies are not compressed: they fit into one packet either way. */
#define GZIP_MIN_BYTES ((size_t)1024)

/** Where in body.cache a form is. */
#define CACHE_PRIVATE 1U
#define CACHE_GZIP 2U
G_STATIC_ASSERT((CACHE_PRIVATE | CACHE_GZIP) < BODY_CACHES);

static void add(struct MHD_Response *to, const char *name, const char *value)
{
	if (value && MHD_add_response_header(to, name, value) != MHD_YES)
		g_error("HTTP header %s could not be added: out of memory or a control "
			"character in it",
			name);
}

/* An entity tag says "byte for byte" where it is not weak, and one of the bytes as they are is not
 * one of their compressed form (RFC 9110 8.8.3.3). */
static void add_etag(struct MHD_Response *to, const char *etag, bool is_gzip)
{
	g_autofree char *weak = NULL;

	if (etag && is_gzip && !g_str_has_prefix(etag, "W/"))
		weak = g_strconcat("W/", etag, NULL);
	add(to, "ETag", weak ? weak : etag);
}

/* Nothing of an answer may be loaded, run, framed or sniffed. A page (with a policy of its own) has
 * forms, and browsers that are told to send no referrer send "Origin: null" with them, which cannot
 * be told from another site's. */
static void add_protection(struct MHD_Response *to, const struct response *response)
{
	const char *policy = response->policy;

	add(to, "X-Content-Type-Options", "nosniff");
	add(to, "X-Frame-Options", "DENY");
	add(to, "Content-Security-Policy",
	    policy ? policy : "default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
	add(to, "Referrer-Policy", policy ? "same-origin" : "no-referrer");
	add(to, "Cross-Origin-Resource-Policy",
	    response->cross_origin ? "cross-origin" : "same-origin");
}

static void add_caching(struct MHD_Response *to, const struct response *response)
{
	if (response->no_store)
		add(to, "Cache-Control", "no-store");
	else
		add(to, "Cache-Control", response->is_private ? "private, no-cache" : "no-cache");
	add(to, "Vary",
	    response->is_private ? "Authorization, Accept, Accept-Encoding"
				 : "Accept, Accept-Encoding");
}

static void add_type(struct MHD_Response *to, const char *content_type, bool is_gzip)
{
	add(to, "Content-Type", content_type);
	if (is_gzip)
		add(to, "Content-Encoding", "gzip");
}

/* Is it to be compressed, as far as can be said without having done it? */
static bool is_worth_gzip(enum accept_coding coding, size_t length)
{
	switch (coding) {
	case ACCEPT_CODING_IDENTITY:
		break;
	case ACCEPT_CODING_GZIP:
		return length >= GZIP_MIN_BYTES && length <= GZIP_MAX_BYTES;
	case ACCEPT_CODING_GZIP_ONLY:
		return length <= GZIP_MAX_BYTES;
	}
	return false;
}

/* The cached form of a body. */
struct server_body {
	struct body_cache base;
	struct MHD_Response *response;
};

static void server_body_free(struct body_cache *cache)
{
	struct server_body *body = (struct server_body *)cache; /* base is its first member */

	MHD_destroy_response(body->response); /* lives on while it is being sent */
	g_free(body);
}

static void release_bytes(void *data)
{
	shared_bytes_unref(data);
}

static struct MHD_Response *gzip_body(const struct body *body)
{
	size_t length = 0;
	char *bytes = gzip_compress(body->bytes, body->length, &length);

	return MHD_create_response_from_buffer(length, bytes, MHD_RESPMEM_MUST_FREE);
}

static struct MHD_Response *plain_body(const struct body *body)
{
	return MHD_create_response_from_buffer_with_free_callback_cls(
		body->length, body->shared->bytes, release_bytes, shared_bytes_ref(body->shared));
}

static struct body_cache *server_body_create(const struct response *response, bool is_gzip)
{
	struct server_body *made = g_new0(struct server_body, 1);
	const struct body *body = response->body;

	made->base.free = server_body_free;
	made->response = is_gzip ? gzip_body(body) : plain_body(body);
	if (!made->response)
		g_error("out of memory");
	add_type(made->response, body->content_type, is_gzip);
	add_etag(made->response, body->etag, is_gzip);
	add_protection(made->response, response);
	add_caching(made->response, response);
	return &made->base;
}

static struct MHD_Response *cached_response(const struct response *response)
{
	bool is_gzip = is_worth_gzip(response->coding, response->body->length);
	unsigned form = (response->is_private ? CACHE_PRIVATE : 0) | (is_gzip ? CACHE_GZIP : 0);
	struct body_cache **place = &response->body->cache[form];
	struct body_cache *cache = __atomic_load_n(place, __ATOMIC_ACQUIRE);
	struct body_cache *made = NULL;

	if (!cache) {
		made = server_body_create(response, is_gzip);
		if (__atomic_compare_exchange_n(place, &cache, made, false, __ATOMIC_ACQ_REL,
						__ATOMIC_ACQUIRE))
			cache = made;
		else
			server_body_free(made); /* another thread was faster */
	}
	return ((struct server_body *)cache)->response; /* only this file makes them */
}

/* A file of the dashboard: its address changes with its bytes, so that it may be kept for ever. It
 * is the same for everybody. */
static struct MHD_Response *asset_response(const struct response *response)
{
	const struct asset *asset = response->asset;
	bool is_gzip = is_worth_gzip(response->coding, asset->length);
	/* libmicrohttpd does not write to them */
	void *bytes = (void *)(uintptr_t)(is_gzip ? asset->gzip_bytes : asset->bytes);
	struct MHD_Response *made = MHD_create_response_from_buffer(
		is_gzip ? asset->gzip_length : asset->length, bytes, MHD_RESPMEM_PERSISTENT);

	if (!made)
		g_error("out of memory");
	add_type(made, asset->content_type, is_gzip);
	add_etag(made, response->etag, is_gzip);
	add_protection(made, response);
	add(made, "Cache-Control", "public, max-age=31536000, immutable");
	add(made, "Vary", "Accept-Encoding");
	return made;
}

/* Also where only the headers go out (304): they are those of the body (RFC 9110 15.4.5). */
static bool compress_own(struct response *response)
{
	size_t length = 0;
	char *bytes = NULL;

	if (!is_worth_gzip(response->coding, response->length))
		return false;
	bytes = gzip_compress(response->bytes, response->length, &length);
	g_free(response->bytes);
	response->bytes = bytes;
	response->length = length;
	return true;
}

static void add_retry(struct MHD_Response *to, const struct response *response)
{
	g_autofree char *retry = NULL;

	if (response->retry_after_s <= 0)
		return;
	retry = g_strdup_printf("%d", response->retry_after_s);
	add(to, "Retry-After", retry);
	if (response->content_type == response_html)
		add(to, "Refresh", retry); /* browsers know that one only */
}

static struct MHD_Response *own_response(struct response *response, bool close_after)
{
	bool is_gzip = compress_own(response);
	struct MHD_Response *made = MHD_create_response_from_buffer(
		response->length, response->bytes, MHD_RESPMEM_MUST_FREE);

	if (!made)
		g_error("out of memory");
	response->bytes = NULL; /* it frees them */
	add_type(made, response->content_type, is_gzip);
	add_etag(made, response->etag, is_gzip);
	add_protection(made, response);
	add_caching(made, response);
	add(made, "Allow", response->allow);
	add(made, "Location", response->location);
	add_retry(made, response);
	if (response->challenge) {
		add(made, "WWW-Authenticate", "Bearer realm=\"driftd\"");
		add(made, "WWW-Authenticate", "Basic realm=\"driftd\", charset=\"UTF-8\"");
	}
	if (close_after)
		add(made, "Connection", "close");
	return made;
}

/* Proxies that gather answers before they pass them on would gather this one for ever. */
static struct MHD_Response *stream_response(struct MHD_Connection *connection,
					    struct response *response)
{
	struct MHD_Response *made =
		server_stream_create(connection, g_steal_pointer(&response->events));

	add_type(made, response->content_type, false);
	add_protection(made, response);
	add_caching(made, response);
	add(made, "X-Accel-Buffering", "no");
	return made;
}

enum MHD_Result server_send(struct MHD_Connection *connection, struct response *response,
			    bool close_after)
{
	unsigned status = (unsigned)response->status; /* 200..503 */
	enum MHD_Result queued = MHD_NO;
	struct MHD_Response *made = NULL;

	if (response->body)
		return MHD_queue_response(connection, status, cached_response(response));
	if (response->content_type == response_events)
		made = stream_response(connection, response);
	else
		made = response->asset ? asset_response(response)
				       : own_response(response, close_after);
	queued = MHD_queue_response(connection, status, made);
	MHD_destroy_response(made);
	return queued;
}
