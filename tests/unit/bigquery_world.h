/* bigquery_world - a server that answers as BigQuery does, as a test tells it to; for the tests of
 * lib/google/bigquery and lib/data. */
#ifndef TESTS_BIGQUERY_WORLD_H
#define TESTS_BIGQUERY_WORLD_H

#include "config/config.h"
#include "google/bigquery.h"
#include "tests/unit/web_fixture.h"

/** The methods that are asked. */
enum bq_method {
	BQ_QUERY,   /* jobs.query */
	BQ_DRY_RUN, /* jobs.insert */
	BQ_RESULTS, /* jobs.getQueryResults */
	BQ_JOB,     /* jobs.get */
	BQ_CANCEL,
	BQ_TABLE, /* tables.get */
	BQ_METHODS,
};

/** Everything of the test that runs; bq_open() and bq_close() around it. */
extern struct web *bq_web;
extern struct http_client *bq_client;
extern struct config_gcp bq_gcp; /* "default", project "acme", a fixed token */

void bq_open(void);
void bq_close(void);

/** Answer @p method so, after those given before; the last one repeats. @p status 0: hang. @p body
 * is copied. */
void bq_answer(enum bq_method method, int status, const char *body);

/** How often it was asked, and what came: path with query, and body; NULL when it was not asked so
 * often. Borrowed until bq_close(). */
int bq_count(enum bq_method method);
const char *bq_path(enum bq_method method, int index);
const char *bq_body(enum bq_method method, int index);

/** Poll until @p calls is not 0, time going on by @p step_ms at each round. */
void bq_wait(const int *calls, int64_t step_ms);
/** Poll until @p method was asked @p count times. */
void bq_wait_count(enum bq_method method, int count);

/* --- answers --- */

#define BQ_ERROR(code, reason, message)                                                            \
	"{\"error\":{\"code\":" #code ",\"message\":\"" message                                    \
	"\",\"errors\":[{\"message\":\"" message "\",\"domain\":\"global\",\"reason\":\"" reason   \
	"\"}],\"status\":\"X\"}}"
#define BQ_JOB_EU                                                                                  \
	"\"jobReference\":{\"projectId\":\"acme\",\"jobId\":\"job_1\",\"location\":\"EU\"}"
#define BQ_RUNNING "{\"jobComplete\":false," BQ_JOB_EU "}"
/** A complete answer; fields and rows as JSON without the brackets around them. */
#define BQ_ANSWER(fields, total, rows)                                                             \
	"{\"jobComplete\":true," BQ_JOB_EU ",\"schema\":{\"fields\":[" fields "]},\"totalRows\":"  \
	"\"" total "\",\"rows\":[" rows "],\"totalBytesProcessed\":\"2048\","                      \
	"\"totalBytesBilled\":\"10485760\",\"cacheHit\":false}"
#define BQ_FIELD(name, type) "{\"name\":\"" name "\",\"type\":\"" type "\",\"mode\":\"NULLABLE\"}"
#define BQ_ROW(value) "{\"f\":[{\"v\":" value "}]}"
#define BQ_DRY(type, bytes)                                                                        \
	"{\"kind\":\"bigquery#job\",\"jobReference\":{\"projectId\":\"acme\",\"location\":\"EU\"}" \
	","                                                                                        \
	"\"configuration\":{\"dryRun\":true},\"statistics\":{\"query\":{\"statementType\":\"" type \
	"\",\"totalBytesProcessed\":\"" bytes "\",\"totalBytesBilled\":\"0\",\"schema\":{"         \
	"\"fields\":[" BQ_FIELD("n",                                                               \
				"INTEGER") "]},\"referencedTables\":[{\"projectId\":\"acme\","     \
					   "\"datasetId\":\"sales\",\"tableId\":\"orders\"}]}},"   \
					   "\"status\":{\"state\":\"DONE\"}}"

#endif
