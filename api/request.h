/* request - one HTTP request as handlers see it: plain data, borrowed from the server for the time
 * of the call. Belongs to the thread that serves it. */
#ifndef DRIFT_REQUEST_H
#define DRIFT_REQUEST_H

#include "base.h"
#include "api/app.h"
#include "api/auth.h"
#include "api/query.h"

enum request_method {
	REQUEST_METHOD_NONE = 0, /* one that no route knows */
	REQUEST_METHOD_GET,
	REQUEST_METHOD_HEAD,
	REQUEST_METHOD_POST,
};

/** The header fields that mean something here. NULL: absent. */
struct request_headers {
	const char *host;
	const char *accept;
	const char *authorization;
	const char *if_none_match;
	const char *origin;
	const char *sec_fetch_site;
	bool forwarded;       /* came through a proxy: Forwarded, X-Forwarded-For, X-Real-IP, Via */
	const char *repeated; /* a field that may stand only once and stands more often */
};

/** Longest target name plus kind, decoded; a longer part is no name of ours. */
#define REQUEST_PART_BYTES 128
#define REQUEST_PARTS_MAX 2

struct request {
	struct app *app;
	const struct auth_rules *rules;
	enum request_method method;
	const char *path;    /* as sent, without query */
	struct query *query; /* never NULL; may be empty */
	struct request_headers headers;
	bool peer_loopback; /* the other end is on this machine */
	int socket_fd;      /* for the Host rule; -1: none */

	/* set by the router: what stands for {…} in the route, decoded */
	char parts[REQUEST_PARTS_MAX][REQUEST_PART_BYTES];
	bool wants_text; /* of the two forms, by format= or Accept */
};

#endif
