/* oidc_private - for lib/oidc and its tests: the parts of a token, the use of keys, the judging of
 * claims. Pure: any thread. */
#ifndef DRIFT_OIDC_PRIVATE_H
#define DRIFT_OIDC_PRIVATE_H

#include "json.h"
#include "oidc/oidc.h"

/* --- base64url.c --- */

/** Is it base64url as RFC 7515 2 wants it: that alphabet, no padding, no stray bits at the end? So
 * that each text stands for bytes of its own. @p ret_bytes: how many; may be NULL. */
bool base64url_check(const char *text, size_t length, size_t *ret_bytes);

/** NULL when it is not. NUL-terminated for convenience. Caller frees. */
uint8_t *base64url_decode(const char *text, size_t length, size_t *ret_bytes);

/* --- token.c --- */

enum oidc_alg {
	OIDC_ALG_NONE = 0, /* none that is known */
	OIDC_ALG_RS256,
	OIDC_ALG_ES256,
};

/** A token whose form and header are as they should be. */
struct token {
	const char *text; /* borrowed */
	size_t length;
	size_t signature_bytes; /* decoded */
	enum oidc_alg alg;      /* never NONE */
	char *key_id;           /* owned, not empty */
};

/** @return NULL: @p ret_token is filled (done with token_done()); or why it is refused: constant,
 * without any part of it. */
MUST_CHECK const char *token_read(const char *text, struct token *ret_token);
void token_done(struct token *token);

/** One object whose own members stand once each (else two readers could see two values). NULL: it
 * is not. Caller owns. */
json_object *token_object(const char *bytes, size_t length);

/* --- keys.c --- */

enum keys_answer {
	KEYS_ANSWER_NONE = 0,
	KEYS_ANSWER_GOOD,
	KEYS_ANSWER_UNKNOWN,    /* no key of that id */
	KEYS_ANSWER_OTHER_TYPE, /* of that id, and none of the type that alg takes */
	KEYS_ANSWER_BAD,        /* the signature is not right */
};

/** @p ret_payload: the bytes that were signed, NUL-terminated, on GOOD only; caller wipes and
 * frees. */
enum keys_answer keys_verify(const struct oidc_keys *keys, const struct token *token,
			     char **ret_payload, size_t *ret_length);

/* --- claims.c --- */

/** Why @p claims of a token whose signature is good are refused (constant, without any part of
 * them); NULL: they are fine, and the identity is verified, but not yet held against the list. */
const char *claims_refuse(json_object *claims, const struct oidc_rules *rules, int64_t now_wall_ms);

/** Is it in the list? Case of ASCII letters does not count. */
bool claims_know_email(const char *email, const struct oidc_rules *rules);

#endif
