/* bigquery_private - for bigquery*.c and their tests: requests as text, answers as structs. Pure:
 * any thread. */
#ifndef DRIFT_GOOGLE_BIGQUERY_PRIVATE_H
#define DRIFT_GOOGLE_BIGQUERY_PRIVATE_H

#include "google/bigquery.h"
#include "json.h"

/** What is kept of one answer: text and pointers together. */
#define BIGQUERY_ANSWER_MAX_BYTES ((size_t)128 * 1024 * 1024)
/** A page is at most 10 MB of values (jobs.query, maxResults), and then wrapped in JSON. */
#define BIGQUERY_PAGE_MAX_BYTES ((size_t)48 * 1024 * 1024)
/** Columns of one answer, those inside STRUCT too: BigQuery's own limit. */
#define BIGQUERY_COLUMNS_MAX 10000

/* --- bigquery_request.c --- */

/** Where jobs.query and, for dry runs, jobs.insert are. Caller frees. */
char *bigquery_query_url(const struct bigquery_query *query);
/** Their body. @p request_id is the same for all attempts of one job. Caller frees. */
char *bigquery_query_body(const struct bigquery_query *query, const char *request_id,
			  int64_t wait_ms, int64_t job_timeout_ms);

/** A job on Google's side. */
struct bigquery_reference {
	char *project;  /* NULL: not said */
	char *job;      /* NULL: there is none */
	char *location; /* NULL: not said */
};

void bigquery_reference_clear(struct bigquery_reference *reference);

/** Where its results are, with all that was asked for. Caller frees. */
char *bigquery_results_url(const struct bigquery_query *query,
			   const struct bigquery_reference *reference, int64_t wait_ms,
			   const char *page_token);
/** Where it is cancelled, and where it says what it cost. Caller frees. */
char *bigquery_cancel_url(const struct bigquery_query *query,
			  const struct bigquery_reference *reference);
char *bigquery_job_url(const struct bigquery_query *query,
		       const struct bigquery_reference *reference);
/** Rows asked for per page. */
int64_t bigquery_page_rows(const struct bigquery_query *query);

/* --- bigquery_cell.c --- */

/** A column with those inside it. */
struct bigquery_column *bigquery_column_create(const char *name, const char *type, bool repeated);
void bigquery_column_free(struct bigquery_column *column);
/** For GPtrArray. */
void bigquery_column_free_data(void *data);

/** The "v" of a cell as text; NULL for SQL NULL. DRIFT_ERROR_INVALID when it is not of the column's
 * type. */
MUST_CHECK bool bigquery_cell_decode(const struct bigquery_column *column, json_object *value,
				     char **ret_text, GError **error);
/** A "f" with one cell per column: NULL-terminated is nothing of it, it is as long as @p columns.
 * Caller frees with bigquery_row_free(). */
MUST_CHECK bool bigquery_row_decode(const GPtrArray *columns, json_object *row, char ***ret_cells,
				    GError **error);
void bigquery_row_free(char **cells, guint columns);

/* --- bigquery_decode.c --- */

/** An answer of jobs.query or getQueryResults. */
struct bigquery_page {
	bool complete;
	struct bigquery_reference reference;
	GPtrArray *columns; /* struct bigquery_column *; NULL: no schema */
	GPtrArray *rows;    /* char **; at most as many as were wanted */
	int64_t row_count;  /* rows that came */
	int64_t total_rows; /* -1: not said */
	int64_t bytes_processed;
	int64_t bytes_billed; /* -1: not said */
	bool cache_hit;
	size_t kept_bytes;  /* of rows */
	char *token;        /* of the next page; NULL: the last one */
	char *error_reason; /* errors[0]: also warnings of a job that succeeded; NULL: none */
	char *error_text;   /* with error_reason; may be NULL */
};

/** Decode; @p columns are those of the pages before, NULL on the first. Fails with
 * DRIFT_ERROR_INVALID. @p ret_page is to be cleared. */
MUST_CHECK bool bigquery_page_decode(const char *bytes, size_t length, GPtrArray *columns,
				     int64_t rows_wanted, struct bigquery_page *ret_page,
				     GError **error);
void bigquery_page_clear(struct bigquery_page *page);

/** Decode the answer of a dry run's jobs.insert into @p result. @p ret_reason, @p ret_text: why the
 * job failed; caller frees; NULL: it did not. DRIFT_ERROR_INVALID. */
MUST_CHECK bool bigquery_dry_run_decode(const char *bytes, size_t length,
					struct bigquery_result *result, char **ret_reason,
					char **ret_text, GError **error);
/** statistics.query.totalBytesBilled of jobs.get; -1 when it cannot be told. */
int64_t bigquery_billed_decode(const char *bytes, size_t length);

/** struct bigquery_column * of schema.fields. NULL with DRIFT_ERROR_INVALID. */
MUST_CHECK GPtrArray *bigquery_schema_decode(json_object *schema, GError **error);

struct bigquery_result *bigquery_result_create(void);
void bigquery_result_free(struct bigquery_result *result);

/** What a query is billed for when that is not said: the minimum per table at least, 0 when nothing
 * was read. */
int64_t bigquery_guess_billed(int64_t bytes_processed, bool cache_hit);

#endif
