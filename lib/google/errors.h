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

/** A http_retry_fn: RetryInfo.retryDelay, and 403 that is about the rate of calls. */
int64_t errors_retry(const struct http_response *response);

#endif
