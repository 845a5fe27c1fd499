/* token_flow - one exchange of credentials for an access token, through as many calls as the kind
 * of credentials needs (API-FACTS A.2 to A.6). Scheduler thread only. */
#ifndef DRIFT_GOOGLE_TOKEN_FLOW_H
#define DRIFT_GOOGLE_TOKEN_FLOW_H

#include "base.h"
#include "google/keyfile.h"
#include "google/token_answer.h"
#include "http/client.h"
#include "source/fault.h"

/** What driftd asks for; what it may do is decided by roles. */
#define TOKEN_SCOPE "https://www.googleapis.com/auth/cloud-platform"

struct token_flow;

/** @p token is borrowed; NULL with @p fault (borrowed) set. Called from http_client_poll(). */
typedef void (*token_flow_done_fn)(void *data, const struct token *token, struct fault *fault);

/** What to exchange. */
struct token_order {
	struct keyfile *keyfile;    /* taken; URLs checked; NULL: ask the metadata server */
	const char *token_endpoint; /* goes before token_uri; complete; copied; NULL: none */
	int metadata_attempts;      /* how often the metadata server is asked at most */
	int64_t deadline_mono_ms;
};

/** Start. The flow frees itself after @p done, which is called exactly once unless detached. */
struct token_flow *token_flow_start(struct http_client *client, const struct token_order *order,
				    token_flow_done_fn done, void *data);

/** The callback is not wanted any more; the flow ends with the call that is under way. */
void token_flow_detach(struct token_flow *flow);

#endif
