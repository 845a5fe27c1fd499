/* errors_said - for errors*.c only: what an answer that is no success says, whatever its shape (A
 * to D of API-FACTS 0). Pure: any thread. */
#ifndef DRIFT_GOOGLE_ERRORS_SAID_H
#define DRIFT_GOOGLE_ERRORS_SAID_H

#include "base.h"
#include "http/client.h"

/** What is left of an answer when it was decoded. */
struct said {
	bool is_google; /* an error object of shape A or B was there */
	char *status;   /* "PERMISSION_DENIED", "invalid_grant", "rateLimitExceeded"; "" if none */
	char *reason;   /* ErrorInfo.reason or errors[0].reason; "" if none */
	char *first;    /* errors[0].reason of shape B; "" if none */
	char *text;     /* message for people, bounded, one line; "" if none */
	char *permission; /* NULL if none was named */
	int64_t retry_ms; /* RetryInfo.retryDelay; -1: none */
};

/** Fill @p said; end with said_done(). */
void said_decode(struct said *said, const struct http_response *response);
/** The same from an ErrorProto of BigQuery inside an answer that is none. */
void said_fill(struct said *said, const char *reason, const char *text);
void said_done(struct said *said);

#endif
