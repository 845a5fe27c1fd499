/* link - see link.h */
#include "alert/link.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST_BYTES 32
#define DIGEST_DIGITS ((size_t)2 * DIGEST_BYTES)

/* Seconds since 1970 have ten digits until the year 2286. */
#define EXPIRY_DIGITS_MAX 12

char *link_hmac_hex(const char *secret, const char *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	size_t secret_length = strlen(secret);
	unsigned char digest[EVP_MAX_MD_SIZE] = {0};
	unsigned int digest_length = 0;
	char *hex = g_malloc0(DIGEST_DIGITS + 1);

	/* it fails without memory only; an empty signature must not pass for one */
	if (secret_length > INT_MAX ||
	    !HMAC(EVP_sha256(), secret, (int)secret_length, (const unsigned char *)bytes, length,
		  digest, &digest_length) ||
	    digest_length != DIGEST_BYTES)
		abort();
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		hex[2 * i] = digits[digest[i] >> 4U];
		hex[2 * i + 1] = digits[digest[i] & 15U];
	}
	return hex;
}

/* The purpose comes first: a signature for one is none for another. */
static char *sign_ack(const char *secret, int64_t incident, const char *expiry)
{
	g_autofree char *signed_text =
		g_strdup_printf("driftd:ack:%" PRId64 ":%s", incident, expiry);

	return link_hmac_hex(secret, signed_text, strlen(signed_text));
}

char *link_ack_url(const char *public_url, const char *secret, int64_t incident,
		   int64_t now_wall_ms)
{
	g_autofree char *expiry =
		g_strdup_printf("%" PRId64, (now_wall_ms + LINK_LIFETIME_MS) / MS_PER_S);
	g_autofree char *signature = NULL;

	if (!secret || !*secret)
		return g_strdup_printf("%s/ack/%" PRId64, public_url, incident);
	signature = sign_ack(secret, incident, expiry);
	return g_strdup_printf("%s/ack/%" PRId64 "?e=%s&s=%s", public_url, incident, expiry,
			       signature);
}

enum link_check link_check_ack(const char *secret, int64_t incident, const char *expiry,
			       const char *signature, int64_t now_wall_ms)
{
	g_autofree char *want = NULL;
	gint64 expiry_s = 0;

	if (!secret || !*secret || !expiry || !signature || strlen(signature) != DIGEST_DIGITS ||
	    strlen(expiry) > EXPIRY_DIGITS_MAX)
		return LINK_CHECK_BAD;
	want = sign_ack(secret, incident, expiry);
	if (CRYPTO_memcmp(want, signature, DIGEST_DIGITS) != 0)
		return LINK_CHECK_BAD;
	if (!g_ascii_string_to_signed(expiry, 10, 0, G_MAXINT64 / MS_PER_S, &expiry_s, NULL))
		return LINK_CHECK_BAD; /* signed by us, so it is a number: never */
	return now_wall_ms < expiry_s * MS_PER_S ? LINK_CHECK_GOOD : LINK_CHECK_EXPIRED;
}
