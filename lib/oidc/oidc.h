/* oidc - is this ID token from one of those who may call? (OpenID Connect Core 3.1.3.7, RFC 7515,
 * RFC 7519, RFC 8725; API-FACTS F.1.) Signatures by libcjose; only RS256 and ES256, and only with a
 * key of that type. Pure: any thread. */
#ifndef DRIFT_OIDC_H
#define DRIFT_OIDC_H

#include "base.h"

/** Tokens are about 1 KiB; headers of a request about 14 KiB at most. */
#define OIDC_TOKEN_MAX_BYTES ((size_t)8192)
/** Of a document of keys. */
#define OIDC_KEYS_MAX 100
#define OIDC_KEYS_MAX_BYTES ((size_t)256 * 1024)
/** Of one kid and type that are tried; further ones are left out (RFC 7517 4.5: there should be
 * just one). */
#define OIDC_KEYS_SAME_MAX 4
/** Longest key id, of a key and in a token. */
#define OIDC_KEY_ID_MAX_BYTES 256
/** Below: can be broken (RFC 7518 3.3). Above: takes too long. */
#define OIDC_RSA_BITS_MIN 2048
#define OIDC_RSA_BITS_MAX 8192
/** Clocks may differ by so much: of exp, nbf and iat, and of OIDC_LIFE_MAX_S. */
#define OIDC_LEEWAY_S 60
/** Tokens live an hour; one that is good for longer than this from now is refused. */
#define OIDC_LIFE_MAX_S (INT64_C(24) * 60 * 60)

/** With this issuer its tokens may say accounts.google.com, too: Google documents both. For no
 * other issuer is anything but the exact text good. */
#define OIDC_ISSUER_GOOGLE "https://accounts.google.com"
#define OIDC_ISSUER_GOOGLE_SHORT "accounts.google.com"

/** The keys of an issuer (JWKS, RFC 7517). Immutable, shared by reference (atomic). */
struct oidc_keys;

/**
 * Keys that are no use are left out: other types and curves, no kid, a use other than sig, key_ops
 * without verify, an alg other than that of their type, RSA moduli out of bounds, points that are
 * not on the curve. Private parts are never read.
 *
 * @param error  DRIFT_ERROR_INVALID (no JWKS, or no key of use in it), DRIFT_ERROR_TOO_LARGE.
 * @return one reference.
 */
MUST_CHECK struct oidc_keys *oidc_keys_parse(const char *bytes, size_t length,
					     int64_t expires_wall_ms, GError **error);
struct oidc_keys *oidc_keys_ref(struct oidc_keys *keys);
/** NULL is fine. */
void oidc_keys_unref(struct oidc_keys *keys);
/** From this time on they count as none. */
int64_t oidc_keys_expires_wall_ms(const struct oidc_keys *keys);
/** How many are of use; at least one. */
size_t oidc_keys_count(const struct oidc_keys *keys);

/** Whom to let in; borrowed. */
struct oidc_rules {
	const char *issuer;
	char *const *audiences; /* NULL-terminated, at least one: equal to aud, or among it */
	char *const *emails;    /* NULL-terminated, at least one */
};

enum oidc_result {
	OIDC_RESULT_NONE = 0,
	OIDC_RESULT_ACCEPTED,
	OIDC_RESULT_REFUSED,
	OIDC_RESULT_WRONG_IDENTITY, /* all is well with it, but its e-mail is not in the list */
	OIDC_RESULT_UNKNOWN_KEY, /* its header is well-formed, and its key id is not among @p keys,
				    or there are none, or they have expired */
};

/** Is @p token of the form of a JWT at all (three parts, the last may be empty)? Then it is no
 * static token. */
bool oidc_is_token(const char *token);

/**
 * First form and header (alg before any key is touched; crit is refused; jwk, jku, x5c and x5u are
 * never used), then the signature, and only then what the token claims.
 *
 * @param keys       NULL: none.
 * @param ret_email  who it is, as the token writes it; caller frees; on ACCEPTED only.
 * @param ret_why    one line for the log, without any part of the token; set unless ACCEPTED;
 * caller frees.
 */
enum oidc_result oidc_verify(const char *token, const struct oidc_rules *rules,
			     const struct oidc_keys *keys, int64_t now_wall_ms, char **ret_email,
			     char **ret_why);

#endif
