/* issuer - an OIDC issuer: its keys (JWKS, RFC 7517) and ID tokens, good and bad. Signed by OpenSSL
 * alone: not by what driftd verifies with. Under the cloud's lock. API-FACTS F. */
#ifndef FAKECLOUD_ISSUER_H
#define FAKECLOUD_ISSUER_H

#include "base.h"

#include <json-c/json.h>

struct issuer;

struct issuer *issuer_create(void);
void issuer_free(struct issuer *issuer);
void issuer_reset(struct issuer *issuer);

/** Seconds for which the keys may be kept; -1: the answer does not say. */
void issuer_set_max_age(struct issuer *issuer, int64_t max_age_s);
int64_t issuer_max_age(const struct issuer *issuer);

/** New keys under new ids from now on; @p keep: the old ones are published still. */
void issuer_rotate(struct issuer *issuer, bool keep);

/** The key set. Caller owns. */
json_object *issuer_jwks(struct issuer *issuer);

/** {"RS256": KID, "ES256": KID} of now. Caller owns. */
json_object *issuer_kids(struct issuer *issuer);

/**
 * A token.
 *
 * @param spec  {"claims":{…},"alg","kid","header":{…},"bare","stranger","cut"}: claims are laid
 *              over the usual ones (iss, iat, exp, sub, azp, email_verified), null takes one away,
 *              "now-60" is a time; "bare": nothing usual. alg RS256 (default), ES256, none, or
 *              HS256 signed with the PEM of the published RSA key. kid null: no kid; "header" are
 *              more members. "stranger": signed by a key that is not published, under the id of one
 *              that is. "cut": the signature is left out.
 * @param ret_problem  static.
 * @return NULL with a problem; caller frees.
 */
char *issuer_mint(struct issuer *issuer, const char *origin, json_object *spec,
		  const char **ret_problem);

#endif
