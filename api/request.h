/* request - one HTTP request as handlers see it: plain data, borrowed from the server for the time
 * of the call. Belongs to the thread that serves it. */
#ifndef DRIFT_REQUEST_H
#define DRIFT_REQUEST_H

#include "base.h"
#include "api/app.h"
#include "api/auth.h"
#include "api/body.h"
#include "api/query.h"

struct hook_guard;
struct sockaddr;

enum request_method {
	REQUEST_METHOD_NONE = 0, /* one that no route knows */
	REQUEST_METHOD_GET,
	REQUEST_METHOD_HEAD,
	REQUEST_METHOD_POST,
	REQUEST_METHOD_DELETE,
};

/** "GET"; "?" for one that no route knows. */
const char *request_method_text(enum request_method method);

/** Does this method ask only, as far as HTTP goes? */
bool request_is_read(enum request_method method);

/** The header fields that mean something here. NULL: absent. */
struct request_headers {
	const char *host;
	const char *accept;
	const char *authorization;
	const char *accept_encoding;
	const char *if_none_match;
	const char *last_event_id;
	const char *origin;
	const char *sec_fetch_site;
	const char *content_type;
	const char *github_event, *github_delivery, *hub_signature;
	const char *gitlab_event, *gitlab_token, *gitlab_delivery, *idempotency_key;
	bool forwarded;       /* came through a proxy: Forwarded, X-Forwarded-For, X-Real-IP, Via */
	const char *repeated; /* a field that may stand only once and stands more often */
	const char *content_length;
	bool has_transfer_encoding;
	bool is_ambiguous; /* where its body ends can be read in two ways (RFC 9112 6.3) */
};

/** Longest target name plus kind, decoded; a longer part is no name of ours. */
#define REQUEST_PART_BYTES 128
#define REQUEST_PARTS_MAX 2

struct request {
	struct app *app;
	const struct auth_rules *rules;
	struct config *config; /* that the rules were made of; borrowed */
	enum request_method method;
	const char *path;    /* as sent, without query */
	struct query *query; /* never NULL; may be empty */
	struct request_headers headers;
	bool peer_loopback;          /* the other end is on this machine */
	int socket_fd;               /* for the Host rule; -1: none */
	const struct sockaddr *peer; /* for the log; NULL: not known */
	bool keys_awaited;           /* AUTH_ANSWER_KEYS has been followed already */
	const char *body;  /* of a route that takes one, NUL-terminated; NULL: none, or not kept */
	size_t body_bytes; /* of body */
	bool body_dropped; /* there was one, and it was not kept: too long, or no memory */
	struct hook_guard *hook; /* of a route for hooks: has seen the whole body; else NULL */

	/* set by the router: what stands for {…} in the route, decoded */
	char parts[REQUEST_PARTS_MAX][REQUEST_PART_BYTES];
	bool wants_text; /* of the forms that the route has, by format= or Accept */
	bool wants_html;
	struct body_values values; /* of the route's fields; the router frees them */
};

#endif
