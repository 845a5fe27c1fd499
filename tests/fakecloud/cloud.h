/* cloud - everything the stand-in cloud holds: named entries in collections, options, tokens,
 * faults, counters. Every field is guarded by lock, unless it says otherwise. */
#ifndef FAKECLOUD_CLOUD_H
#define FAKECLOUD_CLOUD_H

#include "base.h"
#include "tests/fakecloud/request.h"

#include <json-c/json.h>
#include <pthread.h>
#include <stdatomic.h>

struct bq;
struct sinks;

/** Something served: bytes under a name. */
struct entry {
	char *name;
	GBytes *bytes;
	json_object *meta; /* what else is known of it; NULL: nothing */
};

/** Entries sorted by name. */
struct collection {
	GPtrArray *entries; /* struct entry * */
};

/** How the API side behaves; the control API replaces members one by one. */
struct options {
	bool auth_required;        /* Google APIs want a token */
	int64_t expires_in_s;      /* what new tokens say */
	int64_t lives_ms;          /* what they live really; -1: as they say */
	int64_t page_cap;          /* most items of a page, whatever pageSize asks for */
	bool metadata_enabled;     /* there is a metadata server */
	bool metadata_unflavoured; /* it forgets its Metadata-Flavor header */
	char *client_id, *client_secret, *refresh_token; /* NULL: no refresh grant */
	char *subject_token;                             /* of the STS exchange; NULL: none */
	char *git_root;                                  /* NULL: no repositories */
	char *git_token;                                 /* password that git wants; NULL: none */
	int64_t bigquery_page_rows;                      /* most rows of a page; 0: many */
	bool datastore_mode;                             /* Firestore is in Datastore mode */
	char *slack_log; /* every message Slack took is appended here, a line each; NULL: none */
};

struct cloud {
	pthread_mutex_t lock;
	char *origin;         /* "http://127.0.0.1:PORT"; set once before serving */
	atomic_bool stopping; /* without lock */
	struct options options;
	GHashTable *collections; /* name ("run/P/R") -> struct collection * */
	struct bq *bq;           /* BigQuery (bq.h) */
	struct sinks *sinks;     /* Slack, webhooks, GitHub, OIDC (sinks.h) */
	GHashTable *tokens;      /* access token -> struct token * */
	GHashTable *api_counts;  /* "run.services.list" -> GUINT of calls */
	GHashTable *path_counts; /* "GET /path" -> GUINT */
	GHashTable *authorized;  /* "GET /path" -> GUINT of those with Authorization */
	GPtrArray *faults;       /* struct fault_rule *, the first that matches counts */
	unsigned next_fault;
	unsigned next_token;
	int in_flight, max_in_flight;
};

struct token {
	char *principal;
	char *scope;
	int64_t ends_mono_ms;
};

struct cloud *cloud_create(void);
void cloud_free(struct cloud *cloud);

/** Forget all but origin, git_root and slack_log. Under lock. */
void cloud_reset(struct cloud *cloud);

/** Collection by name; made when @p make, else NULL when there is none. Under lock. Borrowed. */
struct collection *cloud_collection(struct cloud *cloud, const char *name, bool make);

/** Entry by name, or NULL. Under lock. Borrowed. */
struct entry *collection_find(const struct collection *collection, const char *name);

/** Add or replace. @p bytes and @p meta are taken. Under lock. */
void collection_put(struct collection *collection, const char *name, GBytes *bytes,
		    json_object *meta);

/** Add at the end; collection_sort() must follow. For many at once. Under lock. */
void collection_append(struct collection *collection, const char *name, GBytes *bytes);
void collection_sort(struct collection *collection);

/** Returns false when it was not there. Under lock. */
bool collection_remove(struct collection *collection, const char *name);

/** A new access token. Under lock. Borrowed. */
const char *cloud_issue_token(struct cloud *cloud, const char *principal, const char *scope);

/** What @p token (may be NULL) stands for, or NULL when it is none or has expired. Under lock. */
const struct token *cloud_find_token(struct cloud *cloud, const char *token);

/** Count a request that arrived, by its path, and one that was handled, by its API. Under lock. */
void cloud_count_path(struct cloud *cloud, const struct request *request);
void cloud_count_api(struct cloud *cloud, const struct request *request);

#endif
