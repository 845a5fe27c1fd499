/* jwt - the signed assertion of a service account (RFC 7523; API-FACTS A.2). Pure: any thread. */
#ifndef DRIFT_GOOGLE_JWT_H
#define DRIFT_GOOGLE_JWT_H

#include "base.h"

/** An assertion lives one hour, the longest Google accepts. */
#define JWT_LIFETIME_S 3600

/** It is issued this long ago, so that a clock that is a little ahead does no harm. */
#define JWT_BACKDATE_S 10

/** Larger RSA keys are refused: signing would take seconds. */
#define JWT_KEY_BITS_MIN 1024
#define JWT_KEY_BITS_MAX 8192

/** What is asserted; borrowed. */
struct jwt_claims {
	const char *issuer;   /* client_email */
	const char *scope;    /* space separated */
	const char *audience; /* token endpoint */
	int64_t now_wall_ms;
};

/**
 * Sign with RS256.
 *
 * @param key_pem  PKCS#8 or PKCS#1 PEM, not encrypted.
 * @param key_id   becomes "kid"; NULL: none.
 * @param error    DRIFT_ERROR_INVALID: no usable RSA key.
 * @return compact serialisation, caller frees; it is a secret while it lives.
 */
MUST_CHECK char *jwt_sign(const char *key_pem, const char *key_id, const struct jwt_claims *claims,
			  GError **error);

#endif
