/* bigquery - queries and table metadata of BigQuery (REST v2; API-FACTS C;
 * https://cloud.google.com/bigquery/docs/reference/rest/v2). Standard SQL only, labelled
 * app=driftd. A job that is not done by its deadline, or is abandoned, is cancelled at Google's
 * side. Scheduler thread only. */
#ifndef DRIFT_GOOGLE_BIGQUERY_H
#define DRIFT_GOOGLE_BIGQUERY_H

#include "base.h"
#include "google/credentials.h"
#include "http/client.h"
#include "source/fault.h"

/** Longest SQL text BigQuery takes (1 MB, unresolved). */
#define BIGQUERY_SQL_MAX_BYTES ((size_t)1000 * 1000)
/** Rows asked for per page, and rows kept at most. */
#define BIGQUERY_PAGE_ROWS 10000
#define BIGQUERY_ROWS_MAX 200000
/** Pages of one answer: more never end. */
#define BIGQUERY_PAGES_MAX 200
/** Smallest bytes a query is billed for per table it names. */
#define BIGQUERY_BYTES_MIN ((int64_t)10 * 1024 * 1024)

/** One query. Everything is borrowed for the call and copied. */
struct bigquery_query {
	const char *endpoint; /* config_gcp.bigquery_endpoint */
	const char *project;  /* where it runs and is billed */
	const char *location; /* NULL: Google finds it */
	const char *sql;
	const char *what;         /* for messages: "look at acme.sales.orders and 11 more" */
	int64_t max_bytes_billed; /* > 0 */
	bool dry_run;             /* validates, costs nothing */
	int64_t rows_max;         /* more rows are counted, not read */
	int64_t timeout_ms;       /* of one HTTP call */
	int64_t deadline_mono_ms; /* of all of it */
};

struct bigquery_column {
	char *name;
	/* as standard SQL names it: INT64, FLOAT64, BOOL, STRUCT …, whichever spelling came */
	char *type;
	bool repeated;
	GPtrArray *fields; /* struct bigquery_column * of a STRUCT; empty for others */
};

/** An answer. Cells are text, NULL for SQL NULL: numbers in decimal, BOOL "true" and "false",
 * TIMESTAMP microseconds since 1970 in decimal, the rest as BigQuery writes it; STRUCT and repeated
 * ones as JSON text. */
struct bigquery_result {
	GPtrArray *columns; /* struct bigquery_column * */
	GPtrArray *rows;    /* char **, as long as columns */
	int64_t total_rows;
	int64_t bytes_processed;
	/* 0 for dry runs and cached answers; when Google does not say, what was processed, at least
	 * the minimum of one table */
	int64_t bytes_billed;
	bool cache_hit;
	char *statement_type; /* "SELECT"; NULL: not said */
	char *location;       /* NULL: not said */
	/* char * "PROJECT.DATASET.TABLE" that a dry run says are read; may be empty */
	GPtrArray *tables;
};

/** @p result is borrowed; NULL with @p fault (borrowed) set. Classes beside those of google/call:
 * FAULT_BROKEN (invalidQuery, invalid, wrong location, answer too large …: advice in the message),
 * FAULT_NOT_FOUND (a table or dataset), FAULT_OVER_BUDGET (bytesBilledLimitExceeded), FAULT_QUOTA,
 * FAULT_TIMEOUT (the job was cancelled). */
typedef void (*bigquery_done_fn)(void *data, const struct bigquery_result *result,
				 struct fault *fault);

struct bigquery_job;

/** Start @p query. @p done is called exactly once, by the deadline, never before this returns, and
 * not after bigquery_job_abandon(). The job frees itself when @p done has returned; it must have
 * ended, or be abandoned, before the client's end. */
struct bigquery_job *bigquery_start(struct http_client *client, struct credentials *credentials,
				    const struct bigquery_query *query, bigquery_done_fn done,
				    void *data);

/** Nobody waits any more: cancel it at Google's side, free it. Only before done. */
void bigquery_job_abandon(struct bigquery_job *job);

/** It runs at Google's side, or was cancelled there, or its answer was not read to the end: it may
 * be billed, and nobody says how much. Before bigquery_job_abandon(), or in done with a fault. */
bool bigquery_job_is_cut_short(const struct bigquery_job *job);

struct bigquery_field {
	char *name;    /* dotted inside STRUCT */
	char *type;    /* standard SQL name */
	bool repeated; /* it, or a STRUCT it is inside of */
	bool required;
};

/** Metadata of a table. */
struct bigquery_table {
	char *type; /* TABLE, VIEW, MATERIALIZED_VIEW, EXTERNAL, SNAPSHOT … */
	char *location;
	int64_t modified_wall_ms;         /* 0: not said */
	int64_t rows;                     /* -1: not said (views) */
	bool streaming;                   /* a streaming buffer is there */
	int64_t streaming_oldest_wall_ms; /* oldestEntryTime; 0: none */
	char *partition_type;             /* DAY, HOUR, MONTH, YEAR, RANGE; NULL: not partitioned */
	char *partition_field;            /* NULL: by ingestion time */
	bool partition_filter_required;
	GPtrArray *fields; /* struct bigquery_field * */
};

/** Decode an answer of tables.get. DRIFT_ERROR_INVALID. Caller frees. */
MUST_CHECK struct bigquery_table *bigquery_table_decode(const char *bytes, size_t length,
							GError **error);
void bigquery_table_free(struct bigquery_table *table);

/** Address of tables.get with all that bigquery_table_decode() reads, and nothing else. Caller
 * frees. */
char *bigquery_table_url(const char *endpoint, const char *project, const char *dataset,
			 const char *table);

/** "`PROJECT.DATASET.TABLE`", quoted for SQL; NULL when a part cannot be quoted. Caller frees. */
char *bigquery_quote_table(const char *project, const char *dataset, const char *table);
/** "`NAME`" of a column, dotted ones part by part; NULL when it cannot be one. Caller frees. */
char *bigquery_quote_column(const char *name);
/** 'TEXT' as a string literal. Caller frees. */
char *bigquery_quote_text(const char *text);

/** Standard SQL name of a type by its legacy or standard name ("INTEGER" gives "INT64"). Borrowed;
 * @p name itself when there is no other. */
const char *bigquery_type_text(const char *name);

#endif
