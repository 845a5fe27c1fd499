/* run - answers of the Cloud Run Admin API v2 as plain structs: pages of services.list, and
 * revisions. Only what driftd looks at is kept; values of environment variables leave this module
 * as keyed hashes only, except those that were asked for as commit markers. API-FACTS B;
 * https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services. Pure: any
 * thread, one at a time for one struct run_wants. */
#ifndef DRIFT_GOOGLE_RUN_H
#define DRIFT_GOOGLE_RUN_H

#include "base.h"
#include "source/env_hash.h"

/** Services on one page: five times what a project may have in a region. */
#define RUN_PAGE_SERVICES_MAX 5000
/** Google allows far fewer of each. */
#define RUN_ENV_MAX 1000
#define RUN_CONTAINERS_MAX 100
#define RUN_TRAFFIC_MAX 2000
#define RUN_CONDITIONS_MAX 100

/** What is kept beside the fixed members: sets of names. */
struct run_wants {
	GHashTable *labels;      /* char * */
	GHashTable *annotations; /* char * */
	GHashTable *envs;        /* char *: variables whose value is kept */
	struct env_hash *hash;   /* owned */
};

/** @p hash is taken. The sets are empty. */
struct run_wants *run_wants_create(struct env_hash *hash);
void run_wants_free(struct run_wants *wants);
/** True when both keep the same names. */
bool run_wants_equal(const struct run_wants *a, const struct run_wants *b);

/** One environment variable. */
struct run_env {
	char *name;
	char *hash;  /* env_hash_value() or env_hash_reference() */
	char *value; /* NULL unless run_wants.envs has the name; NULL for references */
};

/** What a revision is made from: a service's template, or the revision itself. */
struct run_template {
	GHashTable *labels;      /* char * to char *, the wanted ones */
	GHashTable *annotations; /* the same */
	GPtrArray *envs;         /* struct run_env *, of the main container, sorted by name */
	char *revision;          /* name the deployer chose, short; NULL */
	char *image;             /* of the main container; NULL */
	char *memory;            /* "512Mi"; NULL: not said */
	char *cpu;               /* "1", "500m"; NULL: not said */
	bool cpu_idle;
	char *timeout;         /* "300s"; NULL: not said */
	char *service_account; /* NULL: not said */
	int64_t concurrency;   /* 0: not said */
	int64_t min_instances; /* 0: not said, or none */
	int64_t max_instances; /* 0: not said */
};

/** A template without anything. For decoders of other APIs. */
struct run_template *run_template_create(void);
void run_template_free(struct run_template *template);
/** @p value NULL counts as "". */
void run_template_add_env(struct run_template *template, const struct run_wants *wants,
			  const char *name, const char *value);
void run_template_add_reference(struct run_template *template, const struct run_wants *wants,
				const char *name, const char *secret, const char *version);
/** After the last addition. Of a name given twice the last counts. */
void run_template_sort(struct run_template *template);
/** Borrowed, NULL when it is not there. */
const struct run_env *run_template_find_env(const struct run_template *template, const char *name);

/** How far a revision is. */
enum run_ready {
	RUN_READY_NONE = 0, /* not said, or a word that is not known */
	RUN_READY_WAITING,  /* pending or reconciling */
	RUN_READY_FAILED,
	RUN_READY_YES,
};

/** One revision, reference counted (not atomic: one thread). Immutable. */
struct run_revision {
	char *name;              /* short */
	int64_t created_wall_ms; /* 0: not said */
	enum run_ready ready;
	char *failure; /* why it is not ready; NULL unless it failed */
	struct run_template *template;
};

struct run_revision *run_revision_ref(struct run_revision *revision);
void run_revision_unref(struct run_revision *revision);

/** Decode the answer of revisions.get. DRIFT_ERROR_INVALID. One reference. */
MUST_CHECK struct run_revision *run_revision_decode(const char *bytes, size_t length,
						    const struct run_wants *wants, GError **error);

/** A revision's part of the traffic. */
struct run_share {
	char *revision; /* short name */
	int percent;    /* 1..100 */
};

/** One service, reference counted (not atomic: one thread). Immutable once decoded. */
struct run_service {
	char *name;   /* short */
	char *damage; /* why the rest could not be decoded, which is then unset; NULL: it could */
	char *uid;    /* NULL: not said */
	int64_t generation, observed_generation;
	bool reconciling; /* says so, or generations differ, or its Ready condition is not final */
	char *failure;    /* why the last rollout failed; NULL: it did not */
	char *latest_ready, *latest_created; /* short names; NULL: none */
	bool follows_latest;                 /* wish: the latest ready one gets all */
	GPtrArray *shares;  /* struct run_share *, one per revision, largest first, then by name */
	GHashTable *labels; /* of the service itself: char * to char *, the wanted ones */
	int64_t min_instances, max_instances; /* of the service as a whole; 0: not said */
	int64_t manual_instances;             /* -1: scaling is not manual */
	struct run_template *template;
};

struct run_service *run_service_ref(struct run_service *service);
void run_service_unref(struct run_service *service);

/** Enough of a service to decide whether it is wanted. */
struct run_heading {
	const char *name;        /* short */
	bool is_function;        /* belongs to a Cloud Function */
	const char *function_id; /* short name of that function; NULL when not said */
};

/** True when the service is to be decoded. */
typedef bool (*run_filter_fn)(void *data, const struct run_heading *heading);

struct run_page {
	GPtrArray *services; /* struct run_service *, those the filter let pass; may be emptied */
	int64_t count;       /* of all services on it */
	char *next_token;    /* NULL: the last page */
	char *incomplete;    /* an entry cannot be read, so anything may be missing; NULL */
	char *unreachable; /* Google could not read everything, so anything may be missing; NULL */
};

/** Decode one answer of services.list. DRIFT_ERROR_INVALID when the page as a whole cannot be
 * believed; damage inside one service concerns that service only. Caller frees. */
MUST_CHECK struct run_page *run_page_decode(const char *bytes, size_t length,
					    const struct run_wants *wants, run_filter_fn filter,
					    void *data, GError **error);
void run_page_free(struct run_page *page);

/** "…/v2/projects/P/locations/R/services?pageSize=…"; @p page_token may be NULL. Caller frees. */
char *run_list_url(const char *endpoint, const char *project, const char *region,
		   const char *page_token);
/** "…/services/S/revisions/REV". Caller frees. */
char *run_revision_url(const char *endpoint, const char *project, const char *region,
		       const char *service, const char *revision);

#endif
