/* bq_rest - between the files that serve BigQuery's REST API. */
#ifndef FAKECLOUD_BQ_REST_H
#define FAKECLOUD_BQ_REST_H

#include "tests/fakecloud/bq_job.h"
#include "tests/fakecloud/handlers.h"

/** An error of BigQuery: shape B with its status word and, for queries, where it is. */
void bq_set_error(struct reply *reply, int status, const char *reason, const char *message);

/* bq_query.c: jobs. Without the lock. */
void bq_query(struct cloud *cloud, struct request *request, struct reply *reply);
void bq_query_results(struct cloud *cloud, struct request *request, struct reply *reply);
void bq_insert_job(struct cloud *cloud, struct request *request, struct reply *reply);
void bq_get_job(struct cloud *cloud, struct request *request, struct reply *reply);
void bq_cancel_job(struct cloud *cloud, struct request *request, struct reply *reply);

/* bq_answer.c: under the lock. Caller owns. */

/** Which part of a job's rows, and how they are written. */
struct bq_page {
	int64_t offset, limit;
	bool int64_timestamps;
};

/** Members that jobs.query and getQueryResults share. */
json_object *bq_answer(const struct bq_job *job, const struct bq_page *page, bool done);
/** What a dry run by jobs.query answers. */
json_object *bq_dry_answer(const struct bq_job *job);
/** The Job resource. */
json_object *bq_job_to_json(struct bq_job *job, bool dry_run);

/** false: the token is none that bq_answer() gave out. */
bool bq_page_parse(const char *token, int64_t *ret_offset);

#endif
