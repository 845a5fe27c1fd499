/* client - asks a running daemon over HTTP. Command line only; blocks. */
#ifndef DRIFT_CLIENT_H
#define DRIFT_CLIENT_H

#include "base.h"

/** Where a daemon is when nobody says. */
#define CLIENT_DEFAULT_URL "http://127.0.0.1:8080"

/** An answer. */
struct client_answer {
	int status;
	char *body; /* caller frees */
};

/** Where to ask, and as whom. */
struct client_place {
	const char *url;   /* NULL: CLIENT_DEFAULT_URL */
	const char *token; /* secret; NULL: $DRIFTD_TOKEN, or none */
};

/** What is asked. */
struct client_question {
	const char *method, *path;
	const char *body; /* JSON; NULL: none */
};

/**
 * One request.
 *
 * @param timeout_ms  of the whole call.
 * @param ret_answer  any HTTP status counts as an answer.
 * @param error       DRIFT_ERROR_UNAVAILABLE: nobody answered, says where and what to do.
 */
MUST_CHECK bool client_ask(const struct client_place *place, const struct client_question *question,
			   int64_t timeout_ms, struct client_answer *ret_answer, GError **error);

#endif
