/* retry - see retry.h */
#include "http/retry.h"

#include <stdlib.h>

int64_t retry_backoff_max_ms(int attempts)
{
	int64_t max_ms = RETRY_BASE_MS;

	for (int i = 1; i < attempts && max_ms < RETRY_CAP_MS; i++)
		max_ms *= 2;
	return MIN(max_ms, RETRY_CAP_MS);
}

static int64_t draw_backoff_ms(int attempts)
{
	return (int64_t)arc4random_uniform((uint32_t)retry_backoff_max_ms(attempts) + 1);
}

static bool status_may_heal(int status)
{
	return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
}

static bool failure_may_heal(enum http_failure failure)
{
	return failure == HTTP_FAILURE_RESOLVE || failure == HTTP_FAILURE_CONNECT ||
	       failure == HTTP_FAILURE_TLS || failure == HTTP_FAILURE_TIMEOUT ||
	       failure == HTTP_FAILURE_RESET;
}

int64_t retry_wait_ms(const struct http_request *request, const struct http_response *response)
{
	int64_t asked_ms = HTTP_RETRY_BY_STATUS;
	bool answered = response->failure == HTTP_FAILURE_NONE;

	if (response->attempts >= request->max_attempts)
		return -1;
	if (answered && response->status >= 200 && response->status < 300)
		return -1;
	if (answered && request->retry)
		asked_ms = request->retry(response);
	if (asked_ms >= 0)
		return asked_ms;
	if (asked_ms != HTTP_RETRY_BACKOFF &&
	    !(answered ? status_may_heal(response->status) : failure_may_heal(response->failure)))
		return -1;
	if (answered && response->retry_after_ms >= 0)
		return response->retry_after_ms;
	return draw_backoff_ms(response->attempts);
}
