/* google_call - one authenticated GET against a Google JSON API: token, one refresh on 401,
 * retries, error shapes A to D decoded into a fault. Scheduler thread only. API-FACTS 0. */
#ifndef DRIFT_GOOGLE_CALL_H
#define DRIFT_GOOGLE_CALL_H

#include "base.h"
#include "google/credentials.h"
#include "http/client.h"
#include "source/fault.h"

/** @p body and @p length are the answer of a 2xx; NULL with @p fault (borrowed) set. */
typedef void (*google_call_done_fn)(void *data, const char *body, size_t length,
				    struct fault *fault);

struct google_call {
	const char *api;        /* "run", "functions", "storage" */
	const char *what;       /* for messages: "list services of acme-prod/us-west2" */
	const char *permission; /* needed for it, for messages: "run.services.list" */
	const char *url;
	int64_t timeout_ms;
	int64_t deadline_mono_ms;
	size_t max_body_bytes; /* 0: HTTP_BODY_MAX_BYTES */
};

/** Start it; strings in @p call are copied. @p done is called exactly once, maybe before this
 * returns. */
void google_call_get(struct http_client *client, struct credentials *credentials,
		     const struct google_call *call, google_call_done_fn done, void *data);

#endif
