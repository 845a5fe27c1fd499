/* google_call - one authenticated call of a Google JSON API: token, one refresh on 401,
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

/** Makes the fault (one reference) of an answer that is no 2xx, or of the lack of one. */
typedef struct fault *(*google_call_judge_fn)(void *data, const struct http_response *response);

struct google_call {
	const char *api;        /* "run", "functions", "storage", "bigquery" … */
	const char *what;       /* for messages: "list services of acme-prod/us-west2" */
	const char *permission; /* needed for it, for messages: "run.services.list" */
	const char *url;
	int64_t timeout_ms;
	int64_t deadline_mono_ms;
	size_t max_body_bytes; /* 0: HTTP_BODY_MAX_BYTES */
	google_call_judge_fn
		judge; /* NULL: errors_api_fault(); called with the data of done, just before it */
};

/** Start it; strings in @p call are copied. @p done is called exactly once, maybe before this
 * returns. */
void google_call_get(struct http_client *client, struct credentials *credentials,
		     const struct google_call *call, google_call_done_fn done, void *data);

/** The same as a POST of @p body (JSON, copied); retried like a GET, so it must be one that does no
 * harm twice. */
void google_call_post(struct http_client *client, struct credentials *credentials,
		      const struct google_call *call, const char *body, google_call_done_fn done,
		      void *data);

#endif
