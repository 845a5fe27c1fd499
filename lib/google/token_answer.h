/* token_answer - what token endpoints answer with 200, decoded and bounded. Pure: any thread. */
#ifndef DRIFT_GOOGLE_TOKEN_ANSWER_H
#define DRIFT_GOOGLE_TOKEN_ANSWER_H

#include "base.h"

/** Longest token accepted: federated ones have up to 12 kB. */
#define TOKEN_MAX_BYTES ((size_t)16 * 1024)

/** Nothing is believed to live longer: the most an organisation policy allows. */
#define TOKEN_LIFE_MAX_MS (12 * MS_PER_HOUR)

/** When the answer does not say how long (STS may leave it out). */
#define TOKEN_LIFE_UNSAID_MS (10 * MS_PER_MINUTE)

/** An access token. */
struct token {
	char *text;      /* secret; visible ASCII only */
	int64_t life_ms; /* from the answer on; positive, at most TOKEN_LIFE_MAX_MS */
};

/** {"access_token","expires_in","token_type"}: OAuth, STS, metadata server. DRIFT_ERROR_INVALID,
 * which quotes nothing. */
MUST_CHECK bool token_answer_parse(const char *bytes, size_t length, struct token *ret_token,
				   GError **error);

/** {"accessToken","expireTime"}: IAM Credentials. @p now_wall_ms turns the instant into a life. */
MUST_CHECK bool token_answer_parse_impersonated(const char *bytes, size_t length,
						int64_t now_wall_ms, struct token *ret_token,
						GError **error);

/** The subject token of an external account: the whole text, trimmed, or, with @p field, a member
 * of a JSON object. Caller wipes and frees. DRIFT_ERROR_INVALID. */
MUST_CHECK char *token_answer_subject(const char *bytes, size_t length, const char *field,
				      GError **error);

/** Wipe. */
void token_clear(struct token *token);

#endif
