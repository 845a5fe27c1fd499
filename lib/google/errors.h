/* errors - what an answer of a Google API means when it is not what was hoped for (error shapes A
 * to D of API-FACTS 0), as a fault with advice. Pure: any thread. */
#ifndef DRIFT_GOOGLE_ERRORS_H
#define DRIFT_GOOGLE_ERRORS_H

#include "base.h"
#include "http/client.h"
#include "source/fault.h"

/** What Google says is cut here in our messages. */
#define ERRORS_TEXT_MAX_BYTES 300

/** Larger bodies of failed calls are not looked into. */
#define ERRORS_BODY_MAX_BYTES ((size_t)256 * 1024)

/** The class of a transport failure. */
enum fault_class errors_class_of_failure(enum http_failure failure);

/**
 * An API call that did not end with 2xx.
 *
 * @param what        "list services of acme-prod/us-west2".
 * @param permission  needed for it; NULL: not known. What the answer names goes before it.
 * @return one reference, caller unrefs.
 */
struct fault *errors_api_fault(const char *what, const char *permission,
			       const struct http_response *response);

/** A call to a token endpoint or metadata server that did not bring a token: 4xx is
 * FAULT_CREDENTIALS. Long words in the answer are left out: they may be what we sent. */
struct fault *errors_token_fault(const char *what, const struct http_response *response);

/** A http_retry_fn: RetryInfo.retryDelay, 403 that is about the rate of calls, and reasons of
 * BigQuery with which another attempt is in vain. */
int64_t errors_retry(const struct http_response *response);

/** A query of BigQuery, for the message. */
struct errors_query {
	const char *what;         /* "query acme.sales.orders" */
	const char *location;     /* NULL: not given */
	int64_t max_bytes_billed; /* 0: none */
};

/**
 * An answer to a query that is no 2xx: errors[0].reason decides, whatever the status
 * (https://cloud.google.com/bigquery/docs/error-messages). What is wrong with SQL is FAULT_BROKEN
 * and named: column, type, partition filter, syntax. FAULT_NOT_FOUND means a table or dataset,
 * never a job or project.
 *
 * @return one reference, caller unrefs. */
struct fault *errors_query_fault(const struct errors_query *query,
				 const struct http_response *response);
/** The same of an ErrorProto that came inside a 2xx. */
struct fault *errors_query_fault_said(const struct errors_query *query, const char *reason,
				      const char *text);

/** The job failed on Google's side, or was one too many just then: only a new job can help. */
bool errors_wants_new_job(const struct http_response *response);
bool errors_wants_new_job_said(const char *reason);

/** What to do about a 401 or 403; @p permission may be NULL. For errors*.c. Caller frees. */
char *errors_advice_denied(int status, const char *permission);

#endif
