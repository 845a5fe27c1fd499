/* retry - whether an attempt is worth another, and when (API-FACTS 0; RFC 9110 10.2.3). Pure but
 * for the jitter: any thread. */
#ifndef DRIFT_HTTP_RETRY_H
#define DRIFT_HTTP_RETRY_H

#include "base.h"
#include "http/client.h"

/** First backoff, doubled for every attempt, never above the cap; the wait is drawn between 0 and
 * that (full jitter). */
#define RETRY_BASE_MS MS_PER_S
#define RETRY_CAP_MS (32 * MS_PER_S)

/** An attempt with less time than this is none: its timeout would hide what the one before was told. */
#define RETRY_TIME_MIN_MS 200

/** Milliseconds to wait before the attempt after number @p response->attempts; -1: do not. */
int64_t retry_wait_ms(const struct http_request *request, const struct http_response *response);

/** Upper end of the backoff after @p attempts attempts (1..). */
int64_t retry_backoff_max_ms(int attempts);

#endif
