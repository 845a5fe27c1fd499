/* router - from a request to its answer: which route, may it, are its parameters right, then the
 * handler, then what holds for every answer (entity tags, caching). Any thread. DESIGN 9. */
#ifndef DRIFT_ROUTER_H
#define DRIFT_ROUTER_H

#include "base.h"
#include "api/auth.h"
#include "api/request.h"
#include "api/response.h"

enum parameter_type {
	PARAMETER_NONE = 0,
	PARAMETER_FLAG,   /* 1, 0, true, false */
	PARAMETER_NUMBER, /* min..max */
	PARAMETER_WORD,   /* one of words */
	PARAMETER_TEXT,   /* any, not empty */
};

struct parameter {
	const char *name;
	enum parameter_type type;
	bool repeatable; /* the values are alternatives */
	int64_t min, max;
	const char *const *words; /* NULL-terminated */
};

/** Fills @p response, or says what went wrong: the router makes the problem from @p error. */
typedef bool (*route_handler)(const struct request *request, struct response *response,
			      GError **error);

#define ROUTE_GET 1u /* and HEAD */
#define ROUTE_POST 2u

struct route {
	const char *path; /* "/drift/{kind}/{name}" */
	size_t parts;     /* how many {…} */
	unsigned methods; /* ROUTE_GET, ROUTE_POST */
	enum auth_need need;
	bool any_host; /* probes come under any name */
	bool has_text; /* answers also as text/plain */
	const struct parameter *parameters;
	size_t parameter_count;
	route_handler handle;
	const char *help; /* for GET / */
};

/** All of them. */
const struct route *router_routes(size_t *ret_count);

/** Answer @p request. Where response.wait is set afterwards the answer is that of
 * router_answer_waited(), after the wait. */
void router_answer(struct request *request, struct response *response);

/** How a wait for a check ended. */
struct router_outcome {
	int64_t check_id;
	const char *summary; /* NULL: it still runs, or error */
	enum state overall;
	const char *error; /* NULL: none */
};

/** The second half of a request that waited. */
void router_answer_waited(struct request *request, const struct router_outcome *outcome,
			  struct response *response);

/** The route of @p path, and what stands for its {…}, decoded. NULL: none. */
const struct route *router_find(const char *path,
				char parts[REQUEST_PARTS_MAX][REQUEST_PART_BYTES]);

#endif
