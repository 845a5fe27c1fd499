/* bq_job - jobs of the stand-in BigQuery, and rules for what becomes of them. Under the cloud's
 * lock, unless it says otherwise.
 *
 * A rule (POST /_control/jobrules), the first that fits counts:
 *   {"query":"part of the SQL","dry_run":false,"skip":0,"count":-1,
 *    "wait_ms":500 (not done before), "polls":3 (so many answers say jobComplete false),
 *    "never":true, "reason":"quotaExceeded","message":"…","status":403 (fails so, in the end),
 *    "cache_hit":true, "warning":"…" (errors[] of a good job)} */
#ifndef FAKECLOUD_BQ_JOB_H
#define FAKECLOUD_BQ_JOB_H

#include "tests/fakecloud/bq.h"
#include "tests/fakecloud/cloud.h"
#include "tests/fakecloud/reply.h"
#include "tests/fakecloud/sql.h"

struct bq_rule {
	unsigned id;
	char *query;
	int dry_run;         /* -1: either */
	int64_t skip, count; /* count -1: for ever */
	int64_t wait_ms, polls;
	bool never, cache_hit;
	int status;
	char *reason, *message, *warning;
};

/** A query that was asked for. */
struct bq_job {
	char *project, *id, *location, *request_id;
	char *query;
	json_object *labels; /* NULL: none */
	GPtrArray *columns;  /* struct bq_field *; NULL: no rows */
	json_object *rows;   /* array of arrays; NULL: none */
	char *statement_type;
	json_object *referenced; /* [{projectId,datasetId,tableId}] */
	int64_t processed, billed;
	bool cache_hit, cancelled, counted;
	char *warning;
	int status; /* 0: good; else of its error */
	char *reason, *message;
	bool never;
	int64_t ready_mono_ms, polls_left;
	int64_t created_ms;
};

void bq_job_free(void *job);
void bq_rule_free(void *rule);

/** Read a rule; NULL with a message when it is none. */
struct bq_rule *bq_rule_parse(json_object *object, const char **ret_problem);

/** What somebody wants to run: jobs.query and jobs.insert say it in different words. Borrowed. */
struct bq_request {
	const char *project, *query, *location, *default_dataset, *request_id, *job_id;
	json_object *labels, *parameters;
	int64_t max_bytes; /* -1: no cap */
	bool dry_run, legacy;
};

/** Plan and run it; errors are the job's. A dry run is not kept: the caller frees it. */
struct bq_job *bq_job_run(struct bq *bq, const struct bq_request *request);

/** By its id and place, as the API finds it; NULL: it does not. Borrowed. */
struct bq_job *bq_job_find(struct bq *bq, const char *project, const char *id,
			   const char *location);

/** Is it done? Counts one look when @p look. */
bool bq_job_is_done(struct bq_job *job, bool look);

void bq_job_cancel(struct bq *bq, struct bq_job *job);

/** Jobs that are not done. */
int64_t bq_running(const struct bq *bq);

/** {"projectId","jobId","location"} Caller owns. */
json_object *bq_job_reference(const struct bq_job *job, bool dry_run);

#endif
