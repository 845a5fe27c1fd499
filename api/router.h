/* router - from a request to its answer: which route, may it, are its parameters right, then the
 * handler, then what holds for every answer (entity tags, caching). Any thread. DESIGN 9. */
#ifndef DRIFT_ROUTER_H
#define DRIFT_ROUTER_H

#include "base.h"
#include "api/auth.h"
#include "api/hook_guard.h"
#include "api/request.h"
#include "api/response.h"

enum parameter_type {
	PARAMETER_NONE = 0,
	PARAMETER_FLAG,   /* 1, 0, true, false */
	PARAMETER_NUMBER, /* min..max */
	PARAMETER_WORD,   /* one of words */
	PARAMETER_TEXT,   /* any, not empty */
};

/** What a route takes as the request's body. */
enum route_body {
	ROUTE_BODY_NONE = 0, /* none: what comes is read and dropped */
	ROUTE_BODY_JSON,     /* an object with the route's fields */
	ROUTE_BODY_FORM,     /* a form with the route's fields */
	ROUTE_BODY_HOOK,     /* signed: goes through request.hook */
};

/** Largest body with fields; largest of a hook (GitHub sends no more), and what of it is kept to be
 * read. */
#define ROUTE_FIELDS_MAX_BYTES INT64_C(65536)
#define ROUTE_HOOK_MAX_BYTES (INT64_C(25) * 1024 * 1024)
#define ROUTE_HOOK_KEPT_BYTES INT64_C(1048576)

struct router_outcome;

struct parameter {
	const char *name;
	enum parameter_type type;
	bool repeatable; /* the values are alternatives */
	int64_t min, max;
	const char *const *words; /* NULL-terminated */
	bool may_be_empty;        /* TEXT: an empty one, as forms send it, is as good as none */
};

/** Fills @p response, or says what went wrong: the router makes the problem from @p error. */
typedef bool (*route_handler)(const struct request *request, struct response *response,
			      GError **error);

/** The second half of a handler that waited: what came of it is @p outcome. */
typedef bool (*route_finisher)(const struct request *request, const struct router_outcome *outcome,
			       struct response *response, GError **error);

#define ROUTE_GET 1u /* and HEAD */
#define ROUTE_POST 2u
#define ROUTE_DELETE 4u

struct route {
	const char *path; /* "/drift/{kind}/{name}" */
	size_t parts;     /* how many {…} */
	unsigned
		methods; /* ROUTE_GET, ROUTE_POST, ROUTE_DELETE; a path may have a route for each */
	enum auth_need need;
	enum route_body body;  /* of POST */
	enum hook_sender hook; /* who signs, of ROUTE_BODY_HOOK */
	const struct parameter *parameters;
	size_t parameter_count;
	const struct body_field *fields; /* of the body */
	size_t field_count;
	route_handler handle;
	route_handler page;    /* the same as text/html, where a browser asks; else NULL */
	route_finisher finish; /* of those that wait; else NULL */
	const char *help;      /* for GET / */
	bool any_host;         /* probes come under any name */
	bool has_text;         /* answers also as text/plain */
};

/** All of them. */
const struct route *router_routes(size_t *ret_count);

/** Answer @p request. Where response.wait is set afterwards the answer is that of
 * router_answer_waited(), after the wait. */
void router_answer(struct request *request, struct response *response);

/** How a wait ended: that for a check, or that for a command. */
struct router_outcome {
	int64_t check_id;
	const char *summary; /* NULL: it still runs, or error */
	enum state overall;
	const char *error; /* NULL: none */

	int64_t id;                  /* of what a command made or changed */
	const GError *command_error; /* NULL: it was done */
};

/** The second half of a request that waited. */
void router_answer_waited(struct request *request, const struct router_outcome *outcome,
			  struct response *response);

/** The route of @p path that takes @p method, else the first of @p path, and what stands for its
 * {…}, decoded. NULL: none. */
const struct route *router_find(const char *path, enum request_method method,
				char parts[REQUEST_PARTS_MAX][REQUEST_PART_BYTES]);

/** Does @p route take @p method? */
bool router_takes(const struct route *route, enum request_method method);

#endif
