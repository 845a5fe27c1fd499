/* gather - one collection under way: what is asked, who waits for it, what has come. Shared by the
 * files gather*.c and sources.c only. Scheduler thread only.
 *
 * Everything is owned by the gather. It ends when no call is under way any more, or at the
 * deadline; then the collection is handed over. It is freed when the last call has returned:
 * answers that come after the end are dropped unread. */
#ifndef DRIFT_SOURCE_GATHER_H
#define DRIFT_SOURCE_GATHER_H

#include "base.h"
#include "google/call.h"
#include "google/functions.h"
#include "google/run.h"
#include "source/revision_cache.h"
#include "source/sources.h"

/** What comes of one expect-from while it is gathered. Same index as in the configuration. */
struct wish {
	struct fault *fault; /* NULL: none yet */
	char *wanted;        /* NULL: not yet */
	struct object_check
		*check; /* the object that wanted names, borrowed; NULL: it names none */
};

/** One service asked for. */
struct target {
	struct gather *gather;
	const struct config_service *config; /* borrowed until the end */
	struct fault *fault;                 /* it could not be observed */
	struct service_obs *service;         /* or what was observed; NULL both: not yet */
	int64_t wall_ms, mono_ms;            /* when that was so; 0: not yet */
	const char *waits_for;   /* the call it waits for, for people; borrowed from the gather */
	char *what;              /* source http: its GET, without secrets; else NULL */
	struct run_service *run; /* while revisions are waited for, and for functions */
	struct function *function;
	struct listing *run_listing; /* where a function's Run service will be; borrowed */
	GHashTable *revisions;       /* short name to struct run_revision *; NULL: none yet */
	int waiting;                 /* revisions that have not come */
	struct wish *wishes;         /* as many as configured */
	size_t wish_count;
	struct fault *probe_fault;
	struct probe_obs *probes; /* as many as configured; NULL: not yet */
	size_t probe_count;
};

enum listing_kind {
	LISTING_NONE = 0,
	LISTING_RUN,
	LISTING_FUNCTIONS,
};

/** One list call with its pages. */
struct listing {
	struct gather *gather;
	enum listing_kind kind;
	const struct config_gcp *gcp;    /* borrowed until the end */
	struct credentials *credentials; /* borrowed, the gather holds the list they are in */
	char *project;
	char *region;       /* NULL for functions: all regions at once */
	char *what;         /* "list Cloud Run services of P/R" */
	GHashTable *wanted; /* name, for functions "REGION/NAME", to GPtrArray of struct target * */
	GPtrArray *functions;  /* RUN: struct target * of functions whose service should be here */
	GHashTable *usual;     /* RUN: set of the names that those services usually have */
	GHashTable *kept;      /* RUN: name to struct run_service *, of functions */
	GHashTable *strangers; /* see gather_unwatched.c: key to struct unwatched *; NULL: not
				    wanted */
	GHashTable *unreachable; /* FUNCTIONS: set of regions that are missing */
	GHashTable *tokens;      /* page tokens seen */
	int64_t count;
	bool ended;
	struct fault
		*fault; /* why what was not found may exist all the same; NULL: list complete */
};

/** Read of one revision, for all targets that need it. */
struct revision_read {
	struct gather *gather;
	char *name; /* short */
	char *url;
	char *what;
	struct run_service *service;
	GPtrArray *waiting; /* struct target * */
	struct run_revision *revision;
	struct fault *fault;
	bool ended;
};

/** Read of one manifest, for all who wish something from it. */
struct manifest_read {
	struct gather *gather;
	const struct config_gcp *gcp;
	char *name; /* "gs://BUCKET/OBJECT" */
	char *what;
	GPtrArray *users; /* struct manifest_use * */
};

/** Look for one object. */
struct object_check {
	struct gather *gather;
	const struct config_gcp *gcp;
	char *bucket;
	char *object;
	char *name; /* "gs://BUCKET/OBJECT" */
	char *what;
	int pages;
	bool ended;
	bool missing;
	struct fault *fault; /* it could not be told */
};

/** @p collection is taken. */
typedef void (*gather_end_fn)(void *data, struct collection *collection);

struct gather {
	struct http_client *client;
	const struct config *config;   /* borrowed until the end */
	const struct run_wants *wants; /* the same */
	struct revision_cache *cache;  /* the same */
	GPtrArray *access;             /* struct gcp_access *; a reference */
	GPtrArray *targets;            /* struct target * */
	GHashTable *listings;          /* key to struct listing * */
	GHashTable *reads;             /* url to struct revision_read * */
	GHashTable *manifests;         /* key to struct manifest_read * */
	GHashTable *checks;            /* key to struct object_check * */
	GHashTable *watched;           /* see gather_unwatched.c; NULL: not needed */
	int64_t timeout_ms;
	int64_t deadline_mono_ms;
	struct http_timer *timer; /* the deadline; NULL: fired or stopped */
	int pending;              /* calls under way, and one while they are being started */
	bool ended;               /* the collection was handed over, or is not wanted any more */
	bool starting;            /* calls are being started: the end must wait */
	gather_end_fn end;
	void *end_data;
};

/** As google_call_done_fn; not called after the end. */
typedef google_call_done_fn gather_done_fn;

/* gather.c */

/** @p services as for sources_collect(). The caller fills what is borrowed, then starts it. */
struct gather *gather_create(struct http_client *client, GPtrArray *access);
/** Start everything. The end comes from http_client_poll(), also when there is nothing to ask. */
void gather_start(struct gather *gather, const GPtrArray *services);
/** The collection is not wanted any more; end() is not called. May free @p gather. */
void gather_abandon(struct gather *gather);

/** Start an authenticated GET. */
void gather_call(struct gather *gather, struct credentials *credentials,
		 const struct google_call *call, gather_done_fn done, void *data);
/** The fields of a call that are the same for all. */
struct google_call gather_call_of(const struct gather *gather, const char *api, const char *what,
				  const char *permission, const char *url);
/** Start a GET of somebody else's server. @p setting as in answer_fault_create(). */
void gather_get(struct gather *gather, struct http_request *request, const char *setting,
		gather_done_fn done, void *data);
/** Credentials of a section, or NULL with the fault in @p ret_fault. */
struct credentials *gather_credentials(const struct gather *gather, const struct config_gcp *gcp,
				       struct fault **ret_fault);
bool target_is_settled(const struct target *target);
/** How many of its targets are. */
guint gather_settled(const struct gather *gather);
/** Takes a reference of @p fault. Without effect when settled. */
void target_fail(struct target *target, struct fault *fault);
/** Takes @p service. Without effect (but freeing) when settled. */
void target_settle(struct target *target, struct service_obs *service);
/** Remember now as the time of the observation, unless there is one already. */
void target_stamp(struct target *target);

/* gather_list.c */
void gather_add_run(struct target *target);
void gather_add_function(struct target *target);
/** Key in gather.listings; region NULL for functions. Caller frees. */
char *gather_listing_key(enum listing_kind kind, const struct config_gcp *gcp, const char *project,
			 const char *region);
/** Found or made. */
struct listing *gather_listing(struct gather *gather, enum listing_kind kind,
			       const struct config_gcp *gcp, const char *project,
			       const char *region);
void gather_start_lists(struct gather *gather);
void listing_free(struct listing *listing);

/* gather_revision.c */

/** Observe @p target from its Run service, reading revisions where needed. */
void target_observe_run(struct target *target, struct run_service *run);
void revision_read_free(struct revision_read *read);

/* gather_expect.c */
void gather_add_expects(struct target *target);
void gather_start_manifests(struct gather *gather);
/** Put what came of the wishes into @p service, which is taken from the target. */
void target_finish_expects(struct target *target, struct service_obs *service);
void manifest_read_free(struct manifest_read *read);
void object_check_free(struct object_check *check);

/* gather_http.c */
void gather_start_http(struct target *target);
void gather_start_probe(struct target *target);
void target_finish_probes(struct target *target, struct service_obs *service);

/* gather_unwatched.c */
void gather_prepare_unwatched(struct gather *gather);
void listing_meet_service(struct listing *listing, const struct run_heading *heading);
void listing_meet_function(struct listing *listing, const char *region, const char *name);
/** Fill unwatched and listed. */
void gather_finish_unwatched(struct gather *gather, struct collection *collection);

#endif
