/* hook_guard - see hook_guard.h */
#include "api/hook_guard.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "text.h"

/** SHA-256. */
#define DIGEST_BYTES 32

#define SIGNATURE_PREFIX "sha256="

/* One secret that the body may be signed with. */
struct candidate {
	const char *secret; /* of the configuration */
	EVP_MAC_CTX *mac;   /* GitHub */
	bool matches;       /* GitLab: known at once */
};

struct hook_guard {
	struct config *config;
	enum hook_sender sender;
	struct candidate *candidates; /* at most CONFIG_REPOS_MAX */
	size_t count;
	unsigned char wanted[DIGEST_BYTES];
	bool finished;
};

bool hook_guard_is_configured(const struct config *config)
{
	for (guint i = 0; i < config->repos->len; i++)
		if (((const struct config_repo *)config->repos->pdata[i])->webhook_secret)
			return true;
	return false;
}

/* "sha256=" and 64 hexadecimal digits. */
static bool parse_signature(const char *text, unsigned char ret_digest[DIGEST_BYTES])
{
	if (!text || !g_str_has_prefix(text, SIGNATURE_PREFIX))
		return false;
	text += strlen(SIGNATURE_PREFIX);
	if (strlen(text) != (size_t)2 * DIGEST_BYTES)
		return false;
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		int high = g_ascii_xdigit_value(text[2 * i]);
		int low = g_ascii_xdigit_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret_digest[i] = (unsigned char)(high * 16 + low); /* 0..255 */
	}
	return true;
}

static EVP_MAC_CTX *start_mac(EVP_MAC *mac, const char *secret)
{
	char digest[] = "SHA256";
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);

	if (!context ||
	    EVP_MAC_init(context, (const unsigned char *)secret, strlen(secret), parameters) != 1)
		g_error("HMAC with SHA-256 is not available in this OpenSSL");
	return context;
}

static bool is_known(const struct hook_guard *guard, const char *secret)
{
	for (size_t i = 0; i < guard->count; i++)
		if (strcmp(guard->candidates[i].secret, secret) == 0)
			return true; /* both are ours: nothing to be told by the time it takes */
	return false;
}

static void add_candidate(struct hook_guard *guard, EVP_MAC *mac, const char *secret,
			  const char *token)
{
	struct candidate *candidate = &guard->candidates[guard->count++];

	candidate->secret = secret;
	if (mac)
		candidate->mac = start_mac(mac, secret);
	else
		candidate->matches = text_equal_secret(token, secret);
}

struct hook_guard *hook_guard_create(struct config *config, enum hook_sender sender,
				     const char *credential)
{
	struct hook_guard *guard = g_new0(struct hook_guard, 1);
	bool github = sender == HOOK_SENDER_GITHUB;
	EVP_MAC *mac = NULL;

	guard->config = config_ref(config);
	guard->sender = sender;
	guard->candidates = g_new0(struct candidate, MAX(config->repos->len, 1));
	if (!credential || (github && !parse_signature(credential, guard->wanted)))
		return guard; /* without candidates: nobody's */
	if (github)
		mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	for (guint i = 0; i < config->repos->len; i++) {
		const struct config_repo *repo = config->repos->pdata[i];

		if (repo->webhook_secret && !is_known(guard, repo->webhook_secret))
			add_candidate(guard, mac, repo->webhook_secret, credential);
	}
	EVP_MAC_free(mac);
	return guard;
}

void hook_guard_free(struct hook_guard *guard)
{
	if (!guard)
		return;
	for (size_t i = 0; i < guard->count; i++)
		EVP_MAC_CTX_free(guard->candidates[i].mac);
	g_free(guard->candidates);
	config_unref(guard->config);
	g_free(guard);
}

bool hook_guard_has_hope(const struct hook_guard *guard)
{
	if (guard->sender == HOOK_SENDER_GITHUB)
		return guard->count > 0;
	for (size_t i = 0; i < guard->count; i++)
		if (guard->candidates[i].matches)
			return true;
	return false;
}

void hook_guard_update(struct hook_guard *guard, const void *bytes, size_t length)
{
	for (size_t i = 0; i < guard->count; i++)
		if (guard->candidates[i].mac &&
		    EVP_MAC_update(guard->candidates[i].mac, bytes, length) != 1)
			g_error("HMAC failed: out of memory");
}

/* Ends all HMACs, whichever of them fits. */
static void finish(struct hook_guard *guard)
{
	for (size_t i = 0; i < guard->count; i++) {
		struct candidate *candidate = &guard->candidates[i];
		unsigned char digest[DIGEST_BYTES] = {0};
		size_t length = 0;

		if (!candidate->mac)
			continue;
		if (EVP_MAC_final(candidate->mac, digest, &length, sizeof(digest)) != 1)
			g_error("HMAC failed: out of memory");
		candidate->matches = CRYPTO_memcmp(digest, guard->wanted, sizeof(digest)) == 0;
	}
	guard->finished = true;
}

const char *hook_guard_secret(struct hook_guard *guard)
{
	const char *secret = NULL;

	if (!guard->finished)
		finish(guard);
	for (size_t i = 0; i < guard->count; i++)
		if (guard->candidates[i].matches)
			secret = guard->candidates[i].secret;
	return secret;
}
