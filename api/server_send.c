/* server_send - from struct response to libmicrohttpd's. Bodies of a snapshot become one
 * MHD_Response each, shared by all requests: a hot GET costs queueing it. */
#include "api/server_private.h"

#include "api/response.h"

static void add(struct MHD_Response *to, const char *name, const char *value)
{
	if (value && MHD_add_response_header(to, name, value) != MHD_YES)
		g_error("HTTP header %s could not be added: out of memory or a control "
			"character in it",
			name);
}

/* Nothing of an answer may be loaded, run, framed or sniffed. A page (with a @p policy of its own)
 * has a form, and browsers that are told to send no referrer send "Origin: null" with it, which
 * cannot be told from another site's. */
static void add_common(struct MHD_Response *to, const char *content_type, const char *etag,
		       const char *policy)
{
	add(to, "Content-Type", content_type);
	add(to, "ETag", etag);
	add(to, "X-Content-Type-Options", "nosniff");
	add(to, "X-Frame-Options", "DENY");
	add(to, "Content-Security-Policy",
	    policy ? policy : "default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
	add(to, "Referrer-Policy", policy ? "same-origin" : "no-referrer");
	add(to, "Cross-Origin-Resource-Policy", "same-origin");
}

static void add_caching(struct MHD_Response *to, bool is_private, bool no_store)
{
	if (no_store)
		add(to, "Cache-Control", "no-store");
	else
		add(to, "Cache-Control", is_private ? "private, no-cache" : "no-cache");
	add(to, "Vary", is_private ? "Authorization, Accept" : "Accept");
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

static struct body_cache *server_body_create(const struct body *body, bool is_private)
{
	struct server_body *made = g_new0(struct server_body, 1);

	made->base.free = server_body_free;
	made->response = MHD_create_response_from_buffer_with_free_callback_cls(
		body->length, body->shared->bytes, release_bytes, shared_bytes_ref(body->shared));
	if (!made->response)
		g_error("out of memory");
	add_common(made->response, body->content_type, body->etag, NULL);
	add_caching(made->response, is_private, false);
	return &made->base;
}

static struct MHD_Response *cached_response(struct body *body, bool is_private)
{
	struct body_cache **place = &body->cache[is_private ? 1 : 0];
	struct body_cache *cache = __atomic_load_n(place, __ATOMIC_ACQUIRE);
	struct body_cache *made = NULL;

	if (!cache) {
		made = server_body_create(body, is_private);
		if (__atomic_compare_exchange_n(place, &cache, made, false, __ATOMIC_ACQ_REL,
						__ATOMIC_ACQUIRE))
			cache = made;
		else
			server_body_free(made); /* another thread was faster */
	}
	return ((struct server_body *)cache)->response; /* only this file makes them */
}

static struct MHD_Response *own_response(struct response *response, bool close_after)
{
	g_autofree char *retry = NULL;
	struct MHD_Response *made = MHD_create_response_from_buffer(
		response->length, response->bytes, MHD_RESPMEM_MUST_FREE);

	if (!made)
		g_error("out of memory");
	response->bytes = NULL; /* it frees them */
	add_common(made, response->content_type, response->etag, response->policy);
	add_caching(made, response->is_private, response->no_store);
	add(made, "Allow", response->allow);
	add(made, "Location", response->location);
	if (response->retry_after_s > 0) {
		retry = g_strdup_printf("%d", response->retry_after_s);
		add(made, "Retry-After", retry);
	}
	if (response->challenge) {
		add(made, "WWW-Authenticate", "Bearer realm=\"driftd\"");
		add(made, "WWW-Authenticate", "Basic realm=\"driftd\", charset=\"UTF-8\"");
	}
	if (close_after)
		add(made, "Connection", "close");
	return made;
}

enum MHD_Result server_send(struct MHD_Connection *connection, struct response *response,
			    bool close_after)
{
	unsigned status = (unsigned)response->status; /* 200..503 */
	enum MHD_Result queued = MHD_NO;

	if (response->body)
		return MHD_queue_response(connection, status,
					  cached_response(response->body, response->is_private));
	struct MHD_Response *made = own_response(response, close_after);

	queued = MHD_queue_response(connection, status, made);
	MHD_destroy_response(made);
	return queued;
}
