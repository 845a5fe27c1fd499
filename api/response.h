/* response - an answer as handlers make it, without anything of the server in it. Belongs to the
 * thread that serves the request. */
#ifndef DRIFT_RESPONSE_H
#define DRIFT_RESPONSE_H

#include "base.h"
#include "api/accept.h"
#include "api/snapshot.h"

/** Media types of our answers. */
extern const char response_json[];    /* "application/json" */
extern const char response_text[];    /* "text/plain; charset=utf-8" */
extern const char response_problem[]; /* "application/problem+json" */
extern const char response_metrics[]; /* "text/plain; version=0.0.4; charset=utf-8" */
extern const char response_html[];    /* "text/html; charset=utf-8" */
extern const char response_svg[];     /* "image/svg+xml; charset=utf-8" */
extern const char response_events[];  /* "text/event-stream" */

struct app_command;
struct asset;
struct events_reader;

/** The handler wants something of the scheduler; the server suspends the connection until it is done. */
struct response_wait {
	bool wanted;
	int64_t wait_ms;
	bool force;                  /* of a cycle: billed queries too */
	struct app_command *command; /* owned; NULL: a cycle is wanted */
};

/** Start with {0}; end with response_done(). */
struct response {
	int status;
	const char *content_type; /* static */
	char *bytes;              /* owned; NULL with body */
	size_t length;
	struct body *body;         /* instead of bytes: one of a snapshot's */
	struct snapshot *snapshot; /* owned: keeps body alive; NULL without */
	char *etag;                /* owned; NULL: none, or body's */
	char *allow;               /* owned; of 405 */
	char *location;            /* owned; of 201 and 202 */
	/* Content-Security-Policy of a page, static; NULL: nothing may be loaded or run */
	const char *policy;
	int retry_after_s;         /* 0: none */
	bool challenge;            /* 401: say which credentials are taken */
	bool no_store;             /* nobody may keep it */
	bool is_private;           /* needed a credential */
	bool cross_origin;         /* pages of other sites may show it: badges, unless private */
	enum accept_coding coding; /* that the other end takes; the router sets it */
	/* instead of bytes: a file of the dashboard, which may be kept for ever; NULL: none */
	const struct asset *asset;
	/* instead of bytes: sent as it comes, until it is over; owned; NULL: none */
	struct events_reader *events;
	struct response_wait wait;
};

void response_done(struct response *response);

/** Set status and body; @p bytes is taken, NUL-terminated. */
void response_set(struct response *response, int status, const char *content_type, char *bytes);

/** Serve @p body of @p snapshot, whose reference is taken. */
void response_set_body(struct response *response, struct snapshot *snapshot, struct body *body);

/** A strong entity tag over @p length bytes: a quoted part of their SHA-256. Caller frees. */
char *response_etag(const char *bytes, size_t length);

/** Does this If-None-Match name @p etag? Weak comparison, list, "*" (RFC 9110 13.1.2). */
bool response_etag_matches(const char *if_none_match, const char *etag);

#endif
