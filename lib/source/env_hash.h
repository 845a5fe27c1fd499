/* env_hash - values of environment variables as keyed hashes: HMAC-SHA-256 under a key that only
 * the database holds, so that a change shows and the value does not. One thread at a time. */
#ifndef DRIFT_ENV_HASH_H
#define DRIFT_ENV_HASH_H

#include "base.h"

struct env_hash;

#define ENV_HASH_DIGITS 32

/** Before the hash of a reference to a secret, so that it never equals the hash of a value. */
#define ENV_HASH_REFERENCE_PREFIX "ref:"

/** @p key is copied; at least 16 bytes. Never NULL. */
struct env_hash *env_hash_create(const char *key, size_t key_bytes);
void env_hash_free(struct env_hash *hash);

/** ENV_HASH_DIGITS lower-case hex digits. Caller frees. */
char *env_hash_value(struct env_hash *hash, const char *value);

/** "ref:" and as many digits for version @p version of secret @p secret. Caller frees. */
char *env_hash_reference(struct env_hash *hash, const char *secret, const char *version);

/** True for what env_hash_reference() made. */
bool env_hash_is_reference(const char *text);

#endif
