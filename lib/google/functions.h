/* functions - pages of functions.list of the Cloud Functions API v2 as plain structs. API-FACTS
 * B.3; https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions.
 * Pure: any thread, one at a time for one struct run_wants. */
#ifndef DRIFT_GOOGLE_FUNCTIONS_H
#define DRIFT_GOOGLE_FUNCTIONS_H

#include "base.h"
#include "google/run.h"

/** Functions on one page: five times what is asked for. */
#define FUNCTIONS_PAGE_MAX 5000

enum function_state {
	FUNCTION_STATE_NONE = 0, /* not said, unknown, or a word that is not known */
	FUNCTION_STATE_ACTIVE,
	FUNCTION_STATE_FAILED,
	FUNCTION_STATE_DEPLOYING,
	FUNCTION_STATE_DELETING,
};

struct function {
	char *name; /* short */
	char *region;
	char *damage; /* why the rest could not be decoded; NULL: it could */
	enum function_state state;
	char *failure;            /* why its last deployment failed; NULL unless it did */
	int64_t updated_wall_ms;  /* 0: not said */
	GHashTable *labels;       /* char * to char *, the wanted ones */
	char *run_service;        /* short name of the Run service beneath; NULL: there is none */
	char *run_revision;       /* short name of the revision it made last; NULL: not said */
	struct run_template *own; /* first generation: made from serviceConfig; else NULL */
};

struct function *function_ref(struct function *function);
void function_unref(struct function *function);

/** True when the function @p name in @p region is to be decoded. */
typedef bool (*functions_filter_fn)(void *data, const char *region, const char *name);

struct functions_page {
	GPtrArray *functions;   /* struct function *, those the filter let pass; may be emptied */
	int64_t count;          /* of all functions on it */
	char *next_token;       /* NULL: the last page */
	char *incomplete;       /* an entry cannot be read, so anything may be missing; NULL */
	GPtrArray *unreachable; /* char *: regions that are missing */
};

/** Decode one answer of functions.list. DRIFT_ERROR_INVALID when the page as a whole cannot be
 * believed; damage inside one function concerns that one only. Caller frees. */
MUST_CHECK struct functions_page *functions_page_decode(const char *bytes, size_t length,
							const struct run_wants *wants,
							functions_filter_fn filter, void *data,
							GError **error);
void functions_page_free(struct functions_page *page);

/** All regions: "…/v2/projects/P/locations/-/functions?pageSize=…"; @p page_token may be NULL.
 * Caller frees. */
char *functions_list_url(const char *endpoint, const char *project, const char *page_token);

/** The Run service that a function of this name has as a rule: lower case, '-' for '_'. Caller
 * frees. */
char *functions_usual_service(const char *name);

#endif
