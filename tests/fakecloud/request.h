/* request - one HTTP request as handlers see it: path in decoded parts, query, headers, body. One
 * thread at a time: the connection's. */
#ifndef FAKECLOUD_REQUEST_H
#define FAKECLOUD_REQUEST_H

#include "base.h"

struct MHD_Connection;

/** Bodies above this are refused, except for git, whose bodies go to a file without a name. */
#define REQUEST_BODY_MAX_BYTES ((size_t)64 * 1024 * 1024)

struct request {
	struct MHD_Connection *connection; /* borrowed */
	bool started;                      /* the header was seen */
	bool too_large;                    /* the body passed REQUEST_BODY_MAX_BYTES */
	char *method;                      /* "GET" */
	char *uri;                         /* as it came */
	char *path;                        /* as it came, without the query */
	GPtrArray *parts;                  /* char *, decoded path parts */
	GHashTable *query;                 /* name -> value, decoded */
	GString *body;                     /* unless spooled */
	int spool_fd;                      /* git: the body as a file; -1: none */
	int64_t spool_bytes;
	const char *api; /* set by the handler, for the counters; static */
};

/** @p uri is copied and split. */
struct request *request_create(const char *uri);
void request_free(struct request *request);

/** Take a piece of the body. */
void request_take_body(struct request *request, const char *bytes, size_t length);

/** Path part @p index, or "" when there are fewer. Borrowed. */
const char *request_part(const struct request *request, size_t index);

/** Is the path exactly @p pattern ("v2/projects/?/locations/?/services", "?" is any one part)? */
bool request_matches(const struct request *request, const char *pattern);

/** Query parameter, or NULL. Borrowed. */
const char *request_query(const struct request *request, const char *name);

/** Header, or NULL. Borrowed. */
const char *request_header(const struct request *request, const char *name);

/** Call @p take with each header as it came. */
void request_each_header(const struct request *request,
			 void (*take)(void *data, const char *name, const char *value), void *data);

/** "TOKEN" of "Authorization: Bearer TOKEN", or NULL. Borrowed. */
const char *request_bearer(const struct request *request);

/** Members of an application/x-www-form-urlencoded text. Caller unrefs. */
GHashTable *request_parse_form(const char *text);

/** Wait up to @p wait_ms (-1: for ever). Returns true when the peer went away meanwhile. */
bool request_wait(const struct request *request, int wait_ms);

#endif
