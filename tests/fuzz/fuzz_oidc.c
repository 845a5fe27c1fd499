/* fuzz_oidc - tokens, claims, documents of keys and Cache-Control under libFuzzer: whatever comes is
 * refused or read, and no token is accepted that the fuzzer made. The first byte picks the parser.
 */
#include "oidc/freshness.h"
#include "oidc/oidc_private.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 2026-11-20T11:00:03Z. */
#define NOW_WALL_MS INT64_C(1795172403000)

/* The keys of RFC 7515 A.2 and A.3: their private halves are public, and no fuzzer signs. */
static const char jwks_text[] =
	"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"rsa\",\"n\":"
	"\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
	"4qPCJrcS2mJPMEzP1Pt0"
	"Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
	"bSf63kpaSHSXndS5"
	"z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_"
	"I5IhlJH7a"
	"GhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\"},"
	"{\"kty\":\"EC\",\"kid\":\"ec\",\"crv\":\"P-256\","
	"\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";

static char issuer[] = "https://accounts.google.com";
static char audience[] = "a";
static char email[] = "a@example.com";
static char *const audiences[] = {audience, NULL};
static char *const emails[] = {email, NULL};
static const struct oidc_rules rules = {issuer, audiences, emails};

static void fuzz_keys(const char *bytes, size_t length)
{
	g_autoptr(GError) error = NULL;
	struct oidc_keys *keys = oidc_keys_parse(bytes, length, NOW_WALL_MS, &error);

	if ((keys == NULL) != (error != NULL))
		abort();
	if (keys && (oidc_keys_count(keys) == 0 || oidc_keys_count(keys) > OIDC_KEYS_MAX))
		abort();
	oidc_keys_unref(keys);
}

static void fuzz_token(const char *bytes, size_t length)
{
	g_autofree char *text = g_strndup(bytes, length);
	struct oidc_keys *keys =
		oidc_keys_parse(jwks_text, strlen(jwks_text), NOW_WALL_MS + 1, NULL);
	char *who = NULL;
	char *why = NULL;
	enum oidc_result result = oidc_verify(text, &rules, keys, NOW_WALL_MS, &who, &why);

	if (!keys || oidc_keys_count(keys) != 2)
		abort();
	if ((result != OIDC_RESULT_REFUSED && result != OIDC_RESULT_UNKNOWN_KEY) || who || !why)
		abort();
	g_free(why);
	oidc_keys_unref(keys);
}

static void fuzz_claims(const char *bytes, size_t length)
{
	json_object *claims = token_object(bytes, length);
	const char *why = claims ? claims_refuse(claims, &rules, NOW_WALL_MS) : "";

	if (!why && (json_member_int(claims, "exp", 0) < NOW_WALL_MS / 1000 - OIDC_LEEWAY_S ||
		     !json_member_bool(claims, "email_verified", false)))
		abort();
	json_object_put(claims);
}

static void fuzz_text(const char *bytes, size_t length)
{
	g_autofree char *text = g_strndup(bytes, length);
	const char *second = strchr(text, '\n');
	int64_t fresh_ms = freshness_ms(text, second);
	size_t count = 0;
	g_autofree uint8_t *decoded = base64url_decode(bytes, length, &count);

	if (fresh_ms < -1 || fresh_ms > INT64_C(2147483648000))
		abort();
	if (decoded && count > length)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data + 1;

	if (size == 0)
		return 0;
	if (data[0] % 4 == 0)
		fuzz_keys(bytes, size - 1);
	else if (data[0] % 4 == 1)
		fuzz_token(bytes, size - 1);
	else if (data[0] % 4 == 2)
		fuzz_claims(bytes, size - 1);
	else
		fuzz_text(bytes, size - 1);
	return 0;
}
