/* env_hash - see env_hash.h */
#include "source/env_hash.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#define KEY_MIN_BYTES 16
#define HASH_BYTES 32

struct env_hash {
	EVP_MAC *mac;
	EVP_MAC_CTX *keyed; /* initialised with the key, never updated: duplicated for each value */
};

struct env_hash *env_hash_create(const char *key, size_t key_bytes)
{
	struct env_hash *hash = g_new0(struct env_hash, 1);
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};

	assert(key_bytes >= KEY_MIN_BYTES);
	hash->mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
	hash->keyed = hash->mac ? EVP_MAC_CTX_new(hash->mac) : NULL;
	if (!hash->keyed ||
	    EVP_MAC_init(hash->keyed, (const unsigned char *)key, key_bytes, params) != 1)
		g_error("OpenSSL offers no HMAC-SHA-256");
	return hash;
}

void env_hash_free(struct env_hash *hash)
{
	if (!hash)
		return;
	EVP_MAC_CTX_free(hash->keyed); /* wipes the key */
	EVP_MAC_free(hash->mac);
	g_free(hash);
}

static void append_hex(GString *out, const unsigned char *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < count; i++) {
		g_string_append_c(out, digits[bytes[i] >> 4U]);
		g_string_append_c(out, digits[bytes[i] & 15U]);
	}
}

static char *hash_bytes(struct env_hash *hash, const char *prefix, const char *bytes, size_t count)
{
	unsigned char mac[HASH_BYTES] = {0};
	GString *out = g_string_sized_new(strlen(prefix) + ENV_HASH_DIGITS);
	EVP_MAC_CTX *context = EVP_MAC_CTX_dup(hash->keyed);
	size_t got = 0;

	if (!context || EVP_MAC_update(context, (const unsigned char *)bytes, count) != 1 ||
	    EVP_MAC_final(context, mac, &got, sizeof(mac)) != 1 || got != sizeof(mac))
		g_error("out of memory"); /* HMAC over bytes in memory fails for nothing else */
	EVP_MAC_CTX_free(context);
	g_string_append(out, prefix);
	append_hex(out, mac, ENV_HASH_DIGITS / 2);
	return g_string_free(out, FALSE);
}

char *env_hash_value(struct env_hash *hash, const char *value)
{
	return hash_bytes(hash, "", value, strlen(value));
}

char *env_hash_reference(struct env_hash *hash, const char *secret, const char *version)
{
	g_autofree char *text = g_strdup_printf("%s\n%s", secret, version);

	return hash_bytes(hash, ENV_HASH_REFERENCE_PREFIX, text, strlen(text));
}

bool env_hash_is_reference(const char *text)
{
	return g_str_has_prefix(text, ENV_HASH_REFERENCE_PREFIX);
}
