/* snapshot - one immutable picture of everything, pre-serialised once, shared by reference
 * (atomic). Made by the scheduler thread (or on demand by an HTTP thread from an outdated one);
 * read by any thread. DESIGN 3.4, 9. */
#ifndef DRIFT_SNAPSHOT_H
#define DRIFT_SNAPSHOT_H

#include "base.h"
#include "alert/book.h"
#include "alert/delivery.h"
#include "config/config.h"
#include "eval/verdict.h"
#include "http/client.h"
#include "source/observation.h"

/** A repository as /status shows it. */
struct repo_status {
	char *name;
	char *branch;            /* NULL: not known yet */
	struct git_commit *head; /* NULL: none yet */
	int64_t head_seen_wall_ms;
	int64_t fetched_wall_ms; /* 0: never */
	char *error;             /* of the latest fetch; NULL */
	char *note;              /* "forced push …", "mirror made anew: …"; NULL */
};

/** A cycle as /status and /checks/{id} show it. */
struct check_status {
	int64_t id; /* 0: none yet */
	char *trigger;
	int64_t started_wall_ms;
	int64_t duration_ms;  /* -1: still running */
	int64_t next_wall_ms; /* when the next one is due; 0: not known */
	int64_t done,
		total; /* while it runs: targets looked at, of how many; 0 of 0: not known yet */
};

/** Bytes billed today (UTC) by what one [gcp] section asked. */
struct snapshot_spent {
	char *gcp; /* name of the section */
	int64_t bytes;
};

/** A maintenance window as GET /silences shows it. */
struct snapshot_window {
	char *name;
	char **matchers; /* texts; NULL-terminated */
	struct window_state state;
};

/** Everything a snapshot is made of; taken by snapshot_create(). */
struct snapshot_input {
	struct config *config; /* reference */
	GPtrArray *verdicts;   /* struct verdict * (references), any order */
	GPtrArray *repos;      /* struct repo_status * */
	struct check_status check;
	GPtrArray *unwatched; /* struct unwatched * */
	GPtrArray *incidents; /* struct incident *: copies of those that are not over, by id */
	GPtrArray *channels;  /* struct channel_status * */
	GPtrArray *windows;   /* struct snapshot_window * */
	int64_t silences_active;
	char *config_error;    /* NULL */
	char *store_error;     /* NULL */
	bool first_cycle_done; /* of this process: until then verdicts are those of the one before */
	bool ready; /* the first cycle of this process is done and the database is writable */
	GPtrArray *accounts;          /* struct http_account * */
	GPtrArray *spent;             /* struct snapshot_spent *: sections that can be billed */
	int64_t cycles_total;         /* since start */
	int64_t cycle_failures_total; /* not committed */
	int64_t waiters;              /* suspended requests */
	int64_t database_bytes;
	int64_t generated_wall_ms;
	int64_t generated_mono_ms;
};

/** Bytes that outlive the snapshot they were made for, while a slow reader still gets them. */
struct shared_bytes {
	int references; /* atomic */
	char *bytes;
	size_t length;
};

/** Whoever serves a body may keep its own form of it there: freed with the body. */
struct body_cache {
	void (*free)(struct body_cache *cache);
};

/** Forms of a body: open to everybody or private, as it is or compressed. */
#define BODY_CACHES 4

/** A body as it goes out, with its ETag. */
struct body {
	const char *bytes; /* those of shared */
	size_t length;
	const char *content_type; /* static */
	char *etag;               /* quoted, W/ where it is over the facts only */
	struct shared_bytes *shared;
	/* atomic, set once each, NULL until then; which is which is for whoever serves it to say */
	struct body_cache *cache[BODY_CACHES];
};

struct snapshot {
	int references;              /* atomic */
	struct snapshot_input input; /* verdicts already passed through verdict_at(), sorted by
					verdict_compare() */
	struct tally tally;
	int64_t valid_until_wall_ms; /* earliest expiry by this clock; INT64_MAX: none */
	int64_t valid_until_mono_ms;
	GHashTable *by_id; /* id -> struct verdict * */
	GHashTable
		*incident_by_target; /* target id -> const struct incident * of input.incidents */
	struct body status_json, status_text;
	struct body drift_json, drift_text; /* default parameters, first page */
	struct body metrics;                /* without what is measured when asked */
	char fact[17];      /* digest of all that pages show of it, but for ages and the check */
	char *event_json;   /* what /events tells of it */
	char *summary_json; /* body of POST /check and /checks/{id} for this check */
};

struct snapshot_input *snapshot_input_create(void);
void snapshot_input_free(struct snapshot_input *input);

/** Pass the verdicts through verdict_at() and sort them, as snapshot_create() does: for who needs them before. */
void snapshot_input_settle(struct snapshot_input *input);

/** Takes @p input. One reference. Clocks are those in @p input. */
struct snapshot *snapshot_create(struct snapshot_input *input);
struct snapshot *snapshot_ref(struct snapshot *snapshot);
void snapshot_unref(struct snapshot *snapshot);

/** The same facts at another time: expired verdicts become unknown. One reference to a new
 * snapshot. */
struct snapshot *snapshot_at(const struct snapshot *snapshot, int64_t now_wall_ms,
			     int64_t now_mono_ms);

/** A snapshot this much past valid_until is rendered anew by whoever reads it: 5 s. */
#define SNAPSHOT_LATE_MS 5000

/** The incident of target @p id that is not over, or NULL. Borrowed. */
const struct incident *snapshot_find_incident(const struct snapshot *snapshot, const char *id);

/** When a target is looked at next: a check comes, and it is due then. 0: not known, or never. */
int64_t snapshot_next_look(const struct snapshot *snapshot, const struct verdict *verdict);

/** NULL is fine. */
void snapshot_window_free(struct snapshot_window *window);
void repo_status_free(struct repo_status *status);
struct repo_status *repo_status_copy(const struct repo_status *status);

/** Any thread. */
struct shared_bytes *shared_bytes_ref(struct shared_bytes *shared);
void shared_bytes_unref(struct shared_bytes *shared);

/** Targets on the first page of /drift, and on every page where no limit is given. */
#define SNAPSHOT_DRIFT_PAGE 500

/** The target of that id, or NULL. Borrowed. */
const struct verdict *snapshot_find(const struct snapshot *snapshot, const char *id);

/** The one target of that name, whatever its kind. DRIFT_ERROR_NOT_FOUND or DRIFT_ERROR_AMBIGUOUS
 * (names the candidates). Borrowed. */
MUST_CHECK const struct verdict *snapshot_find_name(const struct snapshot *snapshot,
						    const char *name, GError **error);

/** {"check":{…},"overall","score","evaluated","targets_total","counts","not_ok":[ids]} as text.
 * Caller frees. */
char *snapshot_check_summary(const struct snapshot_input *input, const struct tally *tally,
			     const GPtrArray *sorted_verdicts);

#endif
