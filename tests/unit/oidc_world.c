/* oidc_world - see oidc_world.h */
#include "tests/unit/oidc_world.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <string.h>

static EVP_PKEY *keys[OIDC_SIGNER_EC_OTHER + 1];

void oidc_world_setup(void)
{
	keys[OIDC_SIGNER_RSA] = EVP_RSA_gen(2048);
	keys[OIDC_SIGNER_RSA_OTHER] = EVP_RSA_gen(2048);
	keys[OIDC_SIGNER_EC] = EVP_EC_gen("P-256");
	keys[OIDC_SIGNER_EC_OTHER] = EVP_EC_gen("P-256");
	for (int i = OIDC_SIGNER_RSA; i <= OIDC_SIGNER_EC_OTHER; i++)
		ck_assert_ptr_nonnull(keys[i]);
}

void oidc_world_teardown(void)
{
	for (int i = OIDC_SIGNER_RSA; i <= OIDC_SIGNER_EC_OTHER; i++) {
		EVP_PKEY_free(keys[i]);
		keys[i] = NULL;
	}
}

TCase *oidc_world_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_unchecked_fixture(tcase, oidc_world_setup, oidc_world_teardown);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return tcase;
}

char *oidc_encode(const void *bytes, size_t length)
{
	char *text = g_base64_encode(bytes, length);

	g_strdelimit(text, "+", '-');
	g_strdelimit(text, "/", '_');
	text[strcspn(text, "=")] = '\0';
	return text;
}

char *oidc_number(size_t bits, size_t zeros)
{
	size_t length = zeros + (bits + 7) / 8;
	g_autofree uint8_t *bytes = g_malloc0(length);

	bytes[zeros] = (uint8_t)(1U << ((bits - 1) % 8));
	bytes[length - 1] |= 1;
	return oidc_encode(bytes, length);
}

static char *number_of(EVP_PKEY *key, const char *name, int length)
{
	BIGNUM *number = NULL;
	g_autofree uint8_t *bytes = NULL;

	ck_assert_int_eq(EVP_PKEY_get_bn_param(key, name, &number), 1);
	if (length == 0)
		length = BN_num_bytes(number);
	bytes = g_malloc0((size_t)length);
	ck_assert_int_eq(BN_bn2binpad(number, bytes, length), length);
	BN_free(number);
	return oidc_encode(bytes, (size_t)length);
}

char *oidc_jwk(enum oidc_signer signer, const char *key_id, const char *extra)
{
	bool rsa = signer == OIDC_SIGNER_RSA || signer == OIDC_SIGNER_RSA_OTHER;
	EVP_PKEY *key = keys[signer];
	g_autofree char *first = number_of(
		key, rsa ? OSSL_PKEY_PARAM_RSA_N : OSSL_PKEY_PARAM_EC_PUB_X, rsa ? 0 : 32);
	g_autofree char *second = number_of(
		key, rsa ? OSSL_PKEY_PARAM_RSA_E : OSSL_PKEY_PARAM_EC_PUB_Y, rsa ? 0 : 32);

	if (rsa)
		return g_strdup_printf("{%s\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\","
				       "\"e\":\"%s\"}",
				       extra, key_id, first, second);
	return g_strdup_printf("{%s\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"%s\",\"x\":\"%s\","
			       "\"y\":\"%s\"}",
			       extra, key_id, first, second);
}

char *oidc_jwks(void)
{
	g_autofree char *rsa =
		oidc_jwk(OIDC_SIGNER_RSA, "rsa", "\"use\":\"sig\",\"alg\":\"RS256\",");
	g_autofree char *ec = oidc_jwk(OIDC_SIGNER_EC, "ec", "\"use\":\"sig\",");

	return g_strdup_printf("{\"keys\":[%s,%s]}", rsa, ec);
}

struct oidc_keys *oidc_world_keys(void)
{
	g_autofree char *text = oidc_jwks();
	g_autoptr(GError) error = NULL;
	struct oidc_keys *parsed =
		oidc_keys_parse(text, strlen(text), OIDC_NOW_WALL_MS + MS_PER_HOUR, &error);

	ck_assert_msg(parsed, "%s", error ? error->message : "");
	return parsed;
}

char *oidc_claims(const char *name, const char *value)
{
	json_object *claims = json_object_new_object();
	char *text = NULL;

	json_add_text(claims, "iss", OIDC_ISSUER);
	json_add_text(claims, "aud", OIDC_AUDIENCE);
	json_add_text(claims, "sub", "1234567890");
	json_add_text(claims, "email", OIDC_EMAIL);
	json_add_bool(claims, "email_verified", true);
	json_add_int(claims, "iat", OIDC_NOW_S - 10);
	json_add_int(claims, "exp", OIDC_NOW_S - 10 + 3600);
	if (name)
		json_object_object_del(claims, name);
	text = json_to_text(claims, NULL);
	json_object_put(claims);
	if (name && value) { /* as text: what json-c would change stays as it is */
		char *longer = NULL;

		text[strlen(text) - 1] = '\0';
		longer = g_strdup_printf("%s,\"%s\":%s}", text, name, value);
		g_free(text);
		text = longer;
	}
	return text;
}

static char *sign_hmac(const char *input, enum oidc_signer signer)
{
	unsigned char sum[EVP_MAX_MD_SIZE] = {0};
	unsigned length = 0;
	BIO *bio = BIO_new(BIO_s_mem());
	char *secret = NULL;
	long secret_length = 0;
	BIGNUM *modulus = NULL;
	uint8_t bytes[256] = {0};

	if (signer == OIDC_SIGNER_HMAC_PEM) {
		ck_assert_int_eq(PEM_write_bio_PUBKEY(bio, keys[OIDC_SIGNER_RSA]), 1);
		secret_length = BIO_get_mem_data(bio, &secret);
	} else {
		ck_assert_int_eq(EVP_PKEY_get_bn_param(keys[OIDC_SIGNER_RSA], OSSL_PKEY_PARAM_RSA_N,
						       &modulus),
				 1);
		secret_length = BN_bn2binpad(modulus, bytes, sizeof(bytes));
		BN_free(modulus);
	}
	ck_assert_ptr_nonnull(HMAC(EVP_sha256(), secret ? secret : (const void *)bytes,
				   (int)secret_length, (const unsigned char *)input, strlen(input),
				   sum, &length));
	ck_assert_int_eq(BIO_free(bio), 1);
	return oidc_encode(sum, length);
}

/* r and s, 32 bytes each, instead of DER. */
static char *raw_signature(const unsigned char *der, size_t length)
{
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)length);
	uint8_t raw[64] = {0};

	ck_assert_ptr_nonnull(pair);
	ck_assert_int_eq(BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, 32), 32);
	ck_assert_int_eq(BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + 32, 32), 32);
	ECDSA_SIG_free(pair);
	return oidc_encode(raw, sizeof(raw));
}

static char *sign(const char *input, enum oidc_signer signer)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char bytes[1024] = {0};
	size_t length = sizeof(bytes);
	bool rsa = signer == OIDC_SIGNER_RSA || signer == OIDC_SIGNER_RSA_OTHER;

	ck_assert_int_eq(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, keys[signer]), 1);
	ck_assert_int_eq(EVP_DigestSign(context, bytes, &length, (const unsigned char *)input,
					strlen(input)),
			 1);
	EVP_MD_CTX_free(context);
	return rsa ? oidc_encode(bytes, length) : raw_signature(bytes, length);
}

char *oidc_token_of(const char *header, const char *payload_part, enum oidc_signer signer)
{
	g_autofree char *first = oidc_encode(header, strlen(header));
	g_autofree char *input = g_strdup_printf("%s.%s", first, payload_part);
	g_autofree char *signature = NULL;

	if (signer == OIDC_SIGNER_NONE)
		signature = g_strdup("");
	else if (signer >= OIDC_SIGNER_HMAC_PEM)
		signature = sign_hmac(input, signer);
	else
		signature = sign(input, signer);
	return g_strdup_printf("%s.%s", input, signature);
}

char *oidc_token(const char *header, const char *claims, enum oidc_signer signer)
{
	g_autofree char *part = oidc_encode(claims, strlen(claims));

	return oidc_token_of(header, part, signer);
}

char *oidc_good_token(const char *claims)
{
	return oidc_token("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"JWT\"}", claims,
			  OIDC_SIGNER_RSA);
}

char **oidc_parts(const char *token)
{
	char **parts = g_strsplit(token, ".", -1);

	ck_assert_uint_eq(g_strv_length(parts), 3);
	return parts;
}

char *oidc_replace(const char *token, int index, const char *part)
{
	char **parts = oidc_parts(token);
	char *joined = NULL;

	g_free(parts[index]);
	parts[index] = g_strdup(part);
	joined = g_strjoinv(".", parts);
	g_strfreev(parts);
	return joined;
}
