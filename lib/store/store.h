/* store - the SQLite database: heads, observations that changed, verdicts and their transitions,
 * deployments, cycles; incidents, silences and the outbox. struct store: scheduler thread only, the
 * one writer (main may open it before that thread starts and close it after it has ended: two calls
 * at once are asserted against). struct store_reader: any one thread at a time. Rows become the
 * structs below; bodies are JSON text made elsewhere. DESIGN 3. */
#ifndef DRIFT_STORE_H
#define DRIFT_STORE_H

#include "base.h"

struct store;
struct store_reader;

/** Bytes of the key that env values are hashed with: made once per database. */
#define STORE_HASH_KEY_BYTES 32

/** Longest JSON text kept (facts, reasons, summary): what is longer is stored as JSON null, so that
 * one monstrous target does not keep all others from being committed. */
#define STORE_FACTS_MAX_BYTES ((size_t)1024 * 1024)

/** Longest other text kept (subjects, authors, urls …): the rest is cut off. */
#define STORE_TEXT_MAX_BYTES 4096

/** Most rows of one page: the 1,000 that are served, and one that tells whether there are more. Most
 * heads store_load_heads() returns (the newest). */
#define STORE_PAGE_MAX_ROWS 1001
#define STORE_HEADS_MAX 50000

/** Deployments of a configured target that store_prune() always leaves, and that a new one is
 * compared with to tell whether it came back. */
#define STORE_DEPLOYMENTS_KEPT 16

/** A head of a watched branch. */
struct store_head {
	char *repo;
	char *url; /* of which remote */
	char *branch;
	char *sha;
	char *subject;
	char *author;
	int64_t committed_wall_ms;
	int64_t seen_wall_ms;    /* first seen as head */
	int64_t fetched_wall_ms; /* last confirmed by a fetch */
	bool forced;
};

/** The current verdict of a target. */
struct store_verdict {
	char *target;           /* id */
	char *state, *relation; /* words; relation may be NULL */
	char *facts;            /* verdict_facts_json() */
	int64_t since_wall_ms;
	int64_t observed_wall_ms;
	int64_t expires_wall_ms;
	int confirmations;
};

struct store_transition {
	int64_t id; /* row; set when read */
	char *target;
	int64_t at_wall_ms;
	char *from, *to; /* states; from is NULL for the first */
	char *relation;  /* NULL */
	char *reasons;   /* JSON array of codes */
};

struct store_observation {
	char *target;
	int64_t at_wall_ms;
	char *facts; /* observation_facts_json() */
};

struct store_deployment {
	int64_t id;
	char *target;
	int64_t at_wall_ms; /* first seen so */
	char *sha;          /* NULL when it could not be resolved */
	char *revision;     /* NULL for source http */
	int percent;
	char *digest;              /* NULL */
	int64_t committed_wall_ms; /* of the oldest commit that came with it, committer time; 0: not known */
};

/** Freshness of a table at one look. */
struct store_sample {
	int64_t id; /* row; set when read */
	char *target;
	int64_t at_wall_ms;
	int64_t loaded_wall_ms; /* last load; 0: none */
	int64_t rows;           /* -1: not known */
	int64_t bytes_billed;
};

/** What was spent for a target on a day. */
struct store_usage {
	char *day; /* "2026-11-20", UTC */
	char *gcp; /* name of the section */
	char *target;
	int64_t queries, bytes_processed, bytes_billed;
};

struct store_cycle {
	int64_t id;    /* store_next_cycle_id(), or 0: it is put there */
	char *trigger; /* "start", "schedule", "check", "reload", "head" … */
	int64_t started_wall_ms;
	int64_t duration_ms;
	char *summary; /* JSON of /checks/{id} */
};

/** An incident, as lib/alert/incident.h has it; words and JSON as text. */
struct store_incident {
	int64_t id;   /* given by the writer: store_next_ids() and on */
	char *target; /* id, or "repo/NAME"; stays what it was written first */
	char *priority, *cause, *status;
	char *summary;
	char *codes, *told; /* JSON */
	int64_t opened_wall_ms, detected_wall_ms;
	int64_t acknowledged_wall_ms; /* 0: not */
	char *acknowledged_by, *why;  /* NULL */
	int64_t ack_expires_wall_ms;  /* 0: not acknowledged */
	int64_t first_ack_wall_ms;    /* 0: nobody has ever */
	int64_t ended_wall_ms;        /* 0: it is not over, whatever the status */
	bool false_alarm;
	int64_t reopened, version;
	char *worse, *held_by; /* NULL */
};

struct store_silence {
	int64_t id; /* given by the writer */
	char *matcher;
	int64_t until_wall_ms;
	char *who, *why;
	int64_t created_wall_ms, ended_wall_ms; /* ended 0: not */
};

/** A message of the outbox. */
struct store_notification {
	int64_t id; /* given by the writer */
	char *channel, *kind;
	char *incidents; /* JSON array of ids */
	char *content;   /* notice_to_json(); up to STORE_CONTENT_MAX_BYTES; NULL in pages */
	int64_t created_wall_ms; /* stays what it was written first */
	/* "waiting", "sent", "failed"; one that was folded has, when it is read, that of the one it
	 * went into, whatever was written */
	char *state;
	/* 0: none. Of one that went into one that was folded later: that which is told in the end */
	int64_t folded_into;
	int64_t attempts_total, next_wall_ms;
	bool plain;
	GPtrArray *attempts; /* struct store_attempt *, oldest first; NULL: not of a page */
};

struct store_attempt {
	int64_t notification;
	int64_t at_wall_ms;
	int64_t status; /* 0: no answer */
	char *error;    /* NULL: sent */
};

/** A small fact that alerts rest on: "digest slack/default" -> wall ms, "issue github/ops
 * service/a" -> number. */
struct store_memo {
	char *name;
	int64_t value;
};

/** Longest content of a notification: what is longer is stored as JSON null. */
#define STORE_CONTENT_MAX_BYTES ((size_t)32 * 1024 * 1024)

/** Newest attempts kept, and shown, of one notification. */
#define STORE_ATTEMPTS_KEPT 20

/** Hook deliveries kept by store_prune(): so many, no longer than this or retention, whichever is
 * less. */
#define STORE_PUSHES_KEPT 10000
#define STORE_PUSHES_MAX_AGE_MS (30 * MS_PER_DAY)

/** What alerts write: rows with their ids are new or replace what is there. Arrays may be empty,
 * never NULL; NULL within a row is the empty text where the row does not say what it means. */
struct store_alerts {
	GPtrArray *incidents; /* struct store_incident * */
	GPtrArray *silences;  /* struct store_silence * */
	/* struct store_notification *; content NULL: that in the database stays */
	GPtrArray *notifications;
	/* struct store_attempt *: added, to notifications that are there or come with them */
	GPtrArray *attempts;
	GPtrArray *memos; /* struct store_memo * */
	/* char *: ids of hook deliveries that led to a cycle, added with pushed_wall_ms */
	GPtrArray *pushes;
	int64_t pushed_wall_ms;
};
struct store_alerts *store_alerts_create(void);
/** NULL is fine. */
void store_alerts_free(struct store_alerts *alerts);

/** Everything one cycle writes, in one transaction. Arrays may be empty, never NULL. */
struct store_batch {
	struct store_cycle cycle;
	GPtrArray *heads;        /* struct store_head *: new ones */
	GPtrArray *verdicts;     /* struct store_verdict *: those whose facts changed */
	GPtrArray *transitions;  /* struct store_transition * */
	GPtrArray *observations; /* struct store_observation *: those whose facts changed */
	GPtrArray *deployments;  /* struct store_deployment *: revisions or shares not recorded so
				    before */
	GPtrArray *samples;      /* struct store_sample *: those whose load or rows changed */
	GPtrArray *usages;       /* struct store_usage *: added to what is there */
	struct store_alerts *alerts; /* never NULL */
};

/** Last times of everything, flushed now and then (DESIGN 3.3). Arrays and rows are the caller's.
 */
struct store_times {
	GPtrArray *verdicts; /* struct store_verdict *: target, observed, expires only */
	GPtrArray *heads;    /* struct store_head *: repo, url (NULL: whichever) and fetched only;
				the newest head of the repository gets it if it is of that url */
	GPtrArray *usages;   /* struct store_usage *: added to what is there */
};

/**
 * Open or make STATE/driftd.db (mode 0600): WAL, FULL, foreign keys, migrations. A database of up
 * to 16 MiB is checked whole; in a larger one damage is found by the first statement that meets it.
 * DRIFT_ERROR_NEWER (schema), CORRUPT (names the file and what to do; also a file that is not
 * driftd's), BUSY, DENIED, NOT_FOUND (the folder), FULL, IO.
 */
MUST_CHECK struct store *store_open(const char *path, GError **error);
/** Checkpoints and closes. NULL is fine. */
void store_close(struct store *store);

/** The database's own key for env hashes. Borrowed; STORE_HASH_KEY_BYTES. */
const char *store_hash_key(const struct store *store);

struct store_batch *store_batch_create(void);
void store_batch_free(struct store_batch *batch);

/** Write all of @p batch or none of it. DRIFT_ERROR_FULL, BUSY, CORRUPT, IO. */
MUST_CHECK bool store_commit_batch(struct store *store, const struct store_batch *batch,
				   GError **error);
/** Between cycles: an acknowledgement, an attempt that ended. All or nothing; of empty @p alerts not
 * even a transaction. Errors as store_commit_batch(). */
MUST_CHECK bool store_commit_alerts(struct store *store, const struct store_alerts *alerts,
				    GError **error);
MUST_CHECK bool store_flush_times(struct store *store, const struct store_times *times,
				  GError **error);

/** Is the database writable? Writes one row, down to the file, and rolls it back. Errors as
 * store_commit_batch(). */
MUST_CHECK bool store_check_writable(struct store *store, GError **error);

/** Id the next cycle gets. Moves on with every store_commit_batch(), also a failed one: an id that
 * was told to somebody is not given to another cycle. */
int64_t store_next_cycle_id(const struct store *store);

/** All stored heads of @p repo with @p url, of all branches, oldest first: struct store_head *.
 * Caller unrefs. */
MUST_CHECK GPtrArray *store_load_heads(struct store *store, const char *repo, const char *url,
				       GError **error);
/** All current verdicts: struct store_verdict *. Caller unrefs. */
MUST_CHECK GPtrArray *store_load_verdicts(struct store *store, GError **error);
/** Newest deployments per target, at most @p per_target each, newest first: struct store_deployment
 * *. Caller unrefs. */
MUST_CHECK GPtrArray *store_load_deployments(struct store *store, int per_target, GError **error);
/** The last transition of every target that has one, also of those configured no longer: struct
 * store_transition *. Caller unrefs. */
MUST_CHECK GPtrArray *store_load_transitions(struct store *store, GError **error);
/** Those behind @p after_id, of all targets, oldest first: struct store_transition *. Caller unrefs. */
MUST_CHECK GPtrArray *store_load_events(struct store *store, int64_t after_id, int limit,
					GError **error);
/** Id of the newest transition ever written, also of one that was pruned; 0: none. */
MUST_CHECK bool store_load_last_event(struct store *store, int64_t *ret_id, GError **error);
/** What was spent on @p day: struct store_usage *. Caller unrefs. */
MUST_CHECK GPtrArray *store_load_usages(struct store *store, const char *day, GError **error);
/** The newest sample of every target that has one: struct store_sample *. Caller unrefs. */
MUST_CHECK GPtrArray *store_load_samples(struct store *store, GError **error);
/** Ids the next rows get: never one that was given out before, also not after pruning. Read once, at
 * start. */
MUST_CHECK bool store_next_ids(struct store *store, int64_t *ret_incident, int64_t *ret_silence,
			       int64_t *ret_notification, GError **error);
/** Incidents that are not over, and of each target the last that ended, by id: struct
 * store_incident *. Caller unrefs. */
MUST_CHECK GPtrArray *store_load_incidents(struct store *store, GError **error);
/** Silences not taken back that end after @p now_wall_ms, by id: struct store_silence *. Caller
 * unrefs. */
MUST_CHECK GPtrArray *store_load_silences(struct store *store, int64_t now_wall_ms, GError **error);
/** Notifications that wait and were not folded, with content, oldest first: struct
 * store_notification *. Caller unrefs. */
MUST_CHECK GPtrArray *store_load_waiting(struct store *store, GError **error);
/** struct store_memo *, by name. Caller unrefs. */
MUST_CHECK GPtrArray *store_load_memos(struct store *store, GError **error);
/** The newest hook deliveries, at most @p max, oldest of them first: char *. Caller unrefs. */
MUST_CHECK GPtrArray *store_load_pushes(struct store *store, int max, GError **error);
/** Notifications given up, per channel, those that were folded into one as one: channel id ->
 * int64_t *; channels without any are not in it. Caller unrefs. */
MUST_CHECK GHashTable *store_load_failed(struct store *store, GError **error);
/** Fingerprints: latest observation facts per target: struct store_observation *. Caller unrefs. */
MUST_CHECK GPtrArray *store_load_observations(struct store *store, GError **error);

/** Forget targets that are configured no longer (their verdict row; history stays until retention).
 */
MUST_CHECK bool store_remove_verdict(struct store *store, const char *target, GError **error);

/**
 * Delete what is older than @p before_wall_ms, at most @p max_rows rows, in one short transaction.
 * Current verdicts, of each target that has one the newest observation and deployments, the newest
 * head of each repository and the newest cycle always stay; so do incidents that are not over, and
 * notifications that wait, with what was folded into them. What notifications say goes as soon as
 * they wait no longer.
 *
 * @param ret_more  there is more to delete: call again later.
 */
MUST_CHECK bool store_prune(struct store *store, int64_t before_wall_ms, int max_rows,
			    bool *ret_more, GError **error);

/** Samples kept: all of the last two days, of each hour the last for 30 days, of each day (UTC) the
 * last after that, and of no target more than this. */
#define STORE_SAMPLES_ALL_MS (2 * MS_PER_DAY)
#define STORE_SAMPLES_HOURLY_MS (30 * MS_PER_DAY)
#define STORE_SAMPLES_MAX 5000

/** Thin out samples, at most @p max_rows rows deleted, in one short transaction. The newest of a
 * target always stays. */
MUST_CHECK bool store_thin_samples(struct store *store, int64_t now_wall_ms, int max_rows,
				   bool *ret_more, GError **error);

/** Checkpoint when idle. Cheap when there is nothing to do. */
void store_checkpoint(struct store *store);

/** File size and bytes written since open (pages of WAL), for metrics and the bench. */
struct store_stats {
	int64_t file_bytes;
	int64_t wal_bytes;
	int64_t written_bytes; /* estimate: pages written x page size */
};
struct store_stats store_get_stats(struct store *store);

/** Read-only connection; statements end after 2 s (DRIFT_ERROR_TIMEOUT). */
MUST_CHECK struct store_reader *store_reader_open(const char *path, GError **error);
void store_reader_close(struct store_reader *reader);

/**
 * One page of a target's history, newest first, starting below @p before_id (0: the newest). Ids
 * are those of the rows, so a cursor stays valid while data changes. Caller unrefs.
 */
MUST_CHECK GPtrArray *store_read_transitions(struct store_reader *reader, const char *target,
					     int64_t before_id, int limit, GError **error);
/** Transitions of all targets behind @p after_id, oldest first: struct store_transition *. Their ids
 * have no gaps, but where some were pruned. Caller unrefs. */
MUST_CHECK GPtrArray *store_read_events(struct store_reader *reader, int64_t after_id, int limit,
					GError **error);
/** Most transitions of one target that are looked at together. */
#define STORE_DAYS_MAX_ROWS 10000
/** Transitions of a target since @p since_wall_ms and the last one before, newest first, at most
 * @p limit (no more than STORE_DAYS_MAX_ROWS); @p ret_cut: there are more. Caller unrefs. */
MUST_CHECK GPtrArray *store_read_days(struct store_reader *reader, const char *target,
				      int64_t since_wall_ms, int limit, bool *ret_cut,
				      GError **error);
MUST_CHECK GPtrArray *store_read_deployments(struct store_reader *reader, const char *target,
					     int64_t before_id, int limit, GError **error);
MUST_CHECK GPtrArray *store_read_samples(struct store_reader *reader, const char *target,
					 int64_t before_id, int limit, GError **error);
/** What was spent for a target since @p since_day ("2026-11-20", UTC), one for each day there is,
 * whatever the section, newest first: struct store_usage *. Caller unrefs. */
MUST_CHECK GPtrArray *store_read_usages(struct store_reader *reader, const char *target,
					const char *since_day, int limit, GError **error);
/** A finished and committed cycle. DRIFT_ERROR_NOT_FOUND. Caller frees with store_cycle_free(). */
MUST_CHECK struct store_cycle *store_read_cycle(struct store_reader *reader, int64_t id,
						GError **error);
/** When the oldest cycle there is began; 0: there is none. */
MUST_CHECK bool store_read_first_cycle(struct store_reader *reader, int64_t *ret_started_wall_ms,
				       GError **error);
/** Has this target any history? */
MUST_CHECK bool store_read_known(struct store_reader *reader, const char *target, bool *ret_known,
				 GError **error);

/** How many statuses there are. */
#define STORE_STATUSES_MAX 4
/** Which incidents a page shows; NULL: all. */
struct store_incident_filter {
	const char *target;                       /* NULL: all */
	const char *statuses[STORE_STATUSES_MAX]; /* alternatives, from the first on; none: all */
};
/** Pages, newest first, below @p before_id (0: the newest). Caller unrefs. */
MUST_CHECK GPtrArray *store_read_incidents(struct store_reader *reader,
					   const struct store_incident_filter *filter,
					   int64_t before_id, int limit, GError **error);
/** One. DRIFT_ERROR_NOT_FOUND. Caller frees with store_incident_free(). */
MUST_CHECK struct store_incident *store_read_incident(struct store_reader *reader, int64_t id,
						      GError **error);
/** @p all: also those that ended or were taken back. Caller unrefs. */
MUST_CHECK GPtrArray *store_read_silences(struct store_reader *reader, bool all,
					  int64_t now_wall_ms, int64_t before_id, int limit,
					  GError **error);
/** With attempts, without content. @p channel and @p state NULL: all. Caller unrefs. */
MUST_CHECK GPtrArray *store_read_notifications(struct store_reader *reader, const char *channel,
					       const char *state, int64_t before_id, int limit,
					       GError **error);
/** The same of those about @p incident that were made from @p from_wall_ms to @p to_wall_ms: the newest
 * @p limit. Caller unrefs. */
MUST_CHECK GPtrArray *store_read_notifications_of_incident(struct store_reader *reader,
							   int64_t incident, int64_t from_wall_ms,
							   int64_t to_wall_ms, int limit,
							   GError **error);
/** @p ret_content: what the notification @p id says; NULL: it is no longer kept, or has more than
 * @p max_bytes. Caller frees. */
MUST_CHECK bool store_read_content(struct store_reader *reader, int64_t id, size_t max_bytes,
				   char **ret_content, GError **error);

/** One finished or running incident, for statistics. */
struct store_incident_times {
	int64_t opened_wall_ms, detected_wall_ms;
	int64_t first_ack_wall_ms, ended_wall_ms; /* 0: not */
	bool false_alarm, blind, withdrawn;
};
/** One deployment that was seen to begin (not what ran when driftd first looked). */
struct store_lead {
	int64_t at_wall_ms;
	int64_t committed_wall_ms; /* the newest of its revisions; 0: not known */
};
/** Most rows of each that statistics look at: the newest. */
#define STORE_STATISTICS_MAX 100000
/** Incidents detected, deployments seen, since @p since_wall_ms, newest first: GArray of the structs
 * above. A revision (without revisions: a commit) that had run before, and got more or less of the
 * traffic, or came back, is no new deployment; the revisions of one target that appeared in one
 * cycle are one. Caller unrefs. */
MUST_CHECK bool store_read_statistics(struct store_reader *reader, int64_t since_wall_ms,
				      GArray **ret_incidents, GArray **ret_deployments,
				      GError **error);

void store_cycle_free(struct store_cycle *cycle);

/** Rows made by hand, all fields zero. Arrays of a batch and arrays that were read free theirs. */
struct store_head *store_head_create(void);
struct store_verdict *store_verdict_create(void);
struct store_transition *store_transition_create(void);
struct store_observation *store_observation_create(void);
struct store_deployment *store_deployment_create(void);
struct store_sample *store_sample_create(void);
struct store_usage *store_usage_create(void);
struct store_incident *store_incident_create(void);
struct store_silence *store_silence_create(void);
struct store_notification *store_notification_create(void);
struct store_attempt *store_attempt_create(void);
struct store_memo *store_memo_create(void);

/** Each frees what it holds. NULL is fine. */
void store_head_free(struct store_head *head);
void store_verdict_free(struct store_verdict *verdict);
void store_transition_free(struct store_transition *transition);
void store_observation_free(struct store_observation *observation);
void store_deployment_free(struct store_deployment *deployment);
void store_sample_free(struct store_sample *sample);
void store_usage_free(struct store_usage *usage);
void store_incident_free(struct store_incident *incident);
void store_silence_free(struct store_silence *silence);
void store_notification_free(struct store_notification *notification);
void store_attempt_free(struct store_attempt *attempt);
void store_memo_free(struct store_memo *memo);

#endif
