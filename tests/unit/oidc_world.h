/* oidc_world - an issuer inside a test: keys made by OpenSSL, JWKS of them, tokens signed with them
 * or with anything else. */
#ifndef TESTS_OIDC_WORLD_H
#define TESTS_OIDC_WORLD_H

#include "json.h"
#include "oidc/oidc.h"

#include <check.h>

/** 2026-11-20T11:00:03Z, that of api_fixture. */
#define OIDC_NOW_WALL_MS INT64_C(1795172403000)
#define OIDC_NOW_S (OIDC_NOW_WALL_MS / 1000)

#define OIDC_ISSUER "https://issuer.example"
#define OIDC_AUDIENCE "https://drift.example.com/check"
#define OIDC_EMAIL "caller@project.iam.gserviceaccount.com"

/** Who signs. The other ones are in no JWKS but by name. */
enum oidc_signer {
	OIDC_SIGNER_NONE = 0, /* an empty signature */
	OIDC_SIGNER_RSA,
	OIDC_SIGNER_RSA_OTHER,
	OIDC_SIGNER_EC,
	OIDC_SIGNER_EC_OTHER,
	OIDC_SIGNER_HMAC_PEM, /* HS256 with the PEM of the RSA key's public half as the secret */
	OIDC_SIGNER_HMAC_MODULUS, /* HS256 with its modulus */
};

/** Make the keys, once per process: unchecked fixtures, so that it is done before the fork. */
void oidc_world_setup(void);
void oidc_world_teardown(void);

/** A case with these keys. */
TCase *oidc_world_case(Suite *suite, const char *name);

/** Base64url without padding. Caller frees. */
char *oidc_encode(const void *bytes, size_t length);

/** A number of @p bits bits, the highest and the lowest set, with @p zeros zero bytes before it.
 * Caller frees. */
char *oidc_number(size_t bits, size_t zeros);

/** The public half of a signer as JWK; @p extra: more members ("\"use\":\"sig\",") or "". Caller
 * frees. */
char *oidc_jwk(enum oidc_signer signer, const char *key_id, const char *extra);

/** Keys "rsa" and "ec" of the two signers, as Google writes them. Caller frees. */
char *oidc_jwks(void);

/** The same as keys, in force for another hour. */
struct oidc_keys *oidc_world_keys(void);

/** Claims that are accepted, with member @p name set to the JSON @p value, or without it when that
 * is NULL; @p name NULL: as they are. Caller frees. */
char *oidc_claims(const char *name, const char *value);

/** Header and claims as they are, signed. Caller frees. */
char *oidc_token(const char *header, const char *claims, enum oidc_signer signer);

/** The same with the second part as it is. Caller frees. */
char *oidc_token_of(const char *header, const char *payload_part, enum oidc_signer signer);

/** Signed with "rsa" by RS256. Caller frees. */
char *oidc_good_token(const char *claims);

/** HEAD.PAYLOAD.SIGNATURE with part @p index (0..2) replaced. Caller frees. */
char *oidc_replace(const char *token, int index, const char *part);

/** The parts of a token. Caller frees with g_strfreev(). */
char **oidc_parts(const char *token);

#endif
