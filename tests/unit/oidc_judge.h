/* oidc_judge - tokens held against what is wanted of them: the answer, why, and that no part of the
 * token comes back. */
#ifndef TESTS_OIDC_JUDGE_H
#define TESTS_OIDC_JUDGE_H

#include "tests/unit/oidc_world.h"

#define RS256 "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"JWT\"}"
#define ES256 "{\"alg\":\"ES256\",\"kid\":\"ec\"}"

/** OIDC_ISSUER, OIDC_AUDIENCE or "another", OIDC_EMAIL or "second@example.com". */
extern const struct oidc_rules oidc_rules;

/** @p because: what the reason has in it; NULL: anything. */
void oidc_judge_with(const char *token, const struct oidc_rules *by, const struct oidc_keys *keys,
		     int64_t now_wall_ms, enum oidc_result want, const char *because);

/** By oidc_rules and oidc_world_keys(). */
void oidc_judge_at(const char *token, int64_t now_wall_ms, enum oidc_result want,
		   const char *because);
/** The same, at OIDC_NOW_WALL_MS. */
void oidc_judge(const char *token, enum oidc_result want, const char *because);
/** It is OIDC_RESULT_REFUSED. */
void oidc_refused(const char *token, const char *because);
/** A header over good claims. */
void oidc_judge_header(const char *header, enum oidc_signer signer, enum oidc_result want,
		       const char *because);

/** A token that is accepted. Caller frees. */
char *oidc_good(void);

#endif
