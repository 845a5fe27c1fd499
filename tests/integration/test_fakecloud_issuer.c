/* test_fakecloud_issuer - the stand-in of an OIDC issuer keeps to API-FACTS F: its tokens are what was
 * asked for, good and bad. */
#include "tests/integration/harness.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

Suite *fakecloud_issuer_suite(void);

static struct world *world;

static void setup(void)
{
	world = world_create();
}

static void teardown(void)
{
	world_free(world);
}

static GBytes *decode(const char *text)
{
	g_autoptr(GString) padded = g_string_new(text);
	gsize length = 0;
	guchar *bytes = NULL;

	while (padded->len % 4 != 0)
		g_string_append_c(padded, '=');
	g_strdelimit(padded->str, "-", '+');
	g_strdelimit(padded->str, "_", '/');
	bytes = g_base64_decode(padded->str, &length);
	return g_bytes_new_take(bytes, length);
}

/** JSON of part @p index of a token. Caller owns. */
static json_object *token_part(const char *token, int index)
{
	g_auto(GStrv) parts = g_strsplit(token, ".", -1);
	g_autoptr(GBytes) bytes = NULL;
	g_autofree char *text = NULL;

	ck_assert_uint_eq(g_strv_length(parts), 3);
	bytes = decode(parts[index]);
	text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	return json_tokener_parse(text);
}

static json_object *find_key(json_object *jwks, const char *kid)
{
	json_object *keys = json_at(jwks, "keys");

	for (size_t i = 0; i < json_object_array_length(keys); i++) {
		json_object *key = json_object_array_get_idx(keys, i);

		if (g_str_equal(json_text_at(key, "kid"), kid))
			return key;
	}
	return NULL;
}

static EVP_PKEY *make_key(const char *type, OSSL_PARAM_BLD *builder)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY *key = NULL;

	ck_assert_int_eq(EVP_PKEY_fromdata_init(context), 1);
	ck_assert_int_eq(EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters), 1);
	OSSL_PARAM_free(parameters);
	EVP_PKEY_CTX_free(context);
	return key;
}

static EVP_PKEY *rsa_key(json_object *jwk)
{
	g_autoptr(GBytes) n = decode(json_text_at(jwk, "n")), e = decode(json_text_at(jwk, "e"));
	BIGNUM *modulus = BN_bin2bn(g_bytes_get_data(n, NULL), (int)g_bytes_get_size(n), NULL);
	BIGNUM *exponent = BN_bin2bn(g_bytes_get_data(e, NULL), (int)g_bytes_get_size(e), NULL);
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = NULL;

	ck_assert(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1);
	ck_assert(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1);
	key = make_key("RSA", builder);
	OSSL_PARAM_BLD_free(builder);
	BN_free(modulus);
	BN_free(exponent);
	return key;
}

static EVP_PKEY *ec_key(json_object *jwk)
{
	g_autoptr(GBytes) x = decode(json_text_at(jwk, "x")), y = decode(json_text_at(jwk, "y"));
	unsigned char point[65] = {0x04};
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = NULL;

	ck_assert_uint_eq(g_bytes_get_size(x), 32);
	ck_assert_uint_eq(g_bytes_get_size(y), 32);
	memcpy(point + 1, g_bytes_get_data(x, NULL), 32);
	memcpy(point + 33, g_bytes_get_data(y, NULL), 32);
	ck_assert(OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256",
						  0) == 1);
	ck_assert(OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point,
						   sizeof(point)) == 1);
	key = make_key("EC", builder);
	OSSL_PARAM_BLD_free(builder);
	return key;
}

/** DER of a signature that is R and S side by side. */
static GBytes *to_der(GBytes *raw)
{
	const unsigned char *bytes = g_bytes_get_data(raw, NULL);
	ECDSA_SIG *signature = ECDSA_SIG_new();
	unsigned char *der = NULL;
	int length = 0;
	GBytes *result = NULL;

	ck_assert_uint_eq(g_bytes_get_size(raw), 64);
	ck_assert(ECDSA_SIG_set0(signature, BN_bin2bn(bytes, 32, NULL),
				 BN_bin2bn(bytes + 32, 32, NULL)) == 1);
	length = i2d_ECDSA_SIG(signature, &der);
	result = g_bytes_new(der, (gsize)length); /* positive: made just now */
	OPENSSL_free(der);
	ECDSA_SIG_free(signature);
	return result;
}

/** Is @p token signed by the key that @p jwks has under its id? */
static bool verifies(const char *token, json_object *jwks)
{
	json_object *header = token_part(token, 0);
	json_object *jwk = find_key(jwks, json_text_at(header, "kid"));
	bool ec = g_str_equal(json_text_at(header, "alg"), "ES256"), ok = false;
	EVP_PKEY *key = jwk ? (ec ? ec_key(jwk) : rsa_key(jwk)) : NULL;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	const char *dot = strrchr(token, '.');
	g_autoptr(GBytes) raw = decode(dot + 1);
	g_autoptr(GBytes) signature = ec ? to_der(raw) : g_bytes_ref(raw);

	if (key) {
		ck_assert_int_eq(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key), 1);
		ok = EVP_DigestVerify(context, g_bytes_get_data(signature, NULL),
				      g_bytes_get_size(signature), (const unsigned char *)token,
				      (size_t)(dot - token)) == 1;
	}
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	json_object_put(header);
	return ok;
}

static struct answer *get_keys(void)
{
	return cloud_call(world, "GET", "/oidc/certs", NULL);
}

static const struct {
	const char *spec;
	bool verifies;
} minted[] = {
	{"{\"alg\":\"RS256\"}", true},
	{"{\"alg\":\"ES256\"}", true},
	{"{\"alg\":\"RS256\",\"stranger\":true}", false},
	{"{\"alg\":\"ES256\",\"stranger\":true}", false},
	{"{\"alg\":\"RS256\",\"kid\":\"unknown\"}", false},
};

START_TEST(minted_tokens_verify)
{
	g_autofree char *token = oidc_mint(world, minted[_i].spec);
	g_autoptr(struct_answer) keys = get_keys();

	ck_assert_int_eq(keys->status, 200);
	ck_assert(verifies(token, keys->json) == minted[_i].verifies);
}
END_TEST

START_TEST(claims_are_as_asked_for)
{
	g_autofree char *token = oidc_token(
		world, "{\"aud\":\"https://d\",\"email\":\"a@b.c\",\"exp\":\"now-120\",\"nbf\":"
		       "\"now+60\",\"email_verified\":false,\"sub\":null}");
	g_autofree char *issuer = g_strconcat(world->cloud, "/oidc", NULL);
	json_object *claims = token_part(token, 1);
	int64_t now_s = g_get_real_time() / G_USEC_PER_SEC;

	ck_assert_str_eq(json_text_at(claims, "iss"), issuer);
	ck_assert_str_eq(json_text_at(claims, "aud"), "https://d");
	ck_assert_str_eq(json_text_at(claims, "email"), "a@b.c");
	ck_assert_str_eq(json_text_at(claims, "email_verified"), "false");
	ck_assert_ptr_null(json_at(claims, "sub"));
	ck_assert_int_le(json_int_at(claims, "iat"), now_s);
	ck_assert_int_lt(json_int_at(claims, "exp"), now_s - 100);
	ck_assert_int_gt(json_int_at(claims, "nbf"), now_s + 20);
	json_object_put(claims);
}
END_TEST

START_TEST(bad_tokens_are_bad_in_the_way_that_was_asked_for)
{
	g_autofree char *none = oidc_mint(world, "{\"alg\":\"none\"}");
	g_autofree char *hmac = oidc_mint(world, "{\"alg\":\"HS256\"}");
	g_autofree char *no_kid = oidc_mint(world, "{\"kid\":null}");
	g_autofree char *cut = oidc_mint(world, "{\"cut\":true,\"bare\":true}");
	json_object *header = token_part(none, 0), *second = token_part(hmac, 0);
	json_object *third = token_part(no_kid, 0), *claims = token_part(cut, 1);

	ck_assert(g_str_has_suffix(none, "."));
	ck_assert(g_str_has_suffix(cut, "."));
	ck_assert_str_eq(json_text_at(header, "alg"), "none");
	ck_assert_str_eq(json_text_at(second, "alg"), "HS256");
	ck_assert(g_str_has_prefix(json_text_at(second, "kid"), "rsa-"));
	ck_assert_ptr_null(json_at(third, "kid"));
	ck_assert_int_eq(json_object_object_length(claims), 0);
	json_object_put(header);
	json_object_put(second);
	json_object_put(third);
	json_object_put(claims);
}
END_TEST

START_TEST(keys_rotate)
{
	g_autofree char *old = oidc_token(world, "{}"), *new = NULL, *newest = NULL;
	g_autoptr(struct_answer) both = NULL, one = NULL;

	oidc_rotate(world, true);
	new = oidc_token(world, "{}");
	both = get_keys();
	ck_assert(verifies(old, both->json));
	ck_assert(verifies(new, both->json));
	oidc_rotate(world, false);
	newest = oidc_token(world, "{}");
	oidc_set_max_age(world, 7);
	one = get_keys();
	ck_assert(!verifies(old, one->json));
	ck_assert(!verifies(new, one->json));
	ck_assert(verifies(newest, one->json));
	ck_assert(g_str_has_prefix(answer_header(one, "cache-control"), "public, max-age=7,"));
	oidc_set_max_age(world, -1);
	answer_free(g_steal_pointer(&one));
	one = get_keys();
	ck_assert_ptr_null(answer_header(one, "cache-control"));
	ck_assert_int_eq(cloud_calls(world, "oidc"), 3);
}
END_TEST

START_TEST(the_issuer_fails)
{
	g_autoptr(struct_answer) down = NULL;

	cloud_fault(world, "{\"api\":\"oidc\",\"kind\":\"status\",\"status\":503}");
	down = get_keys();
	ck_assert_int_eq(down->status, 503);
}
END_TEST

Suite *fakecloud_issuer_suite(void)
{
	Suite *suite = suite_create("fakecloud_issuer");
	TCase *tcase = harness_case(suite, "issuer", setup, teardown, 60);

	tcase_add_loop_test(tcase, minted_tokens_verify, 0, G_N_ELEMENTS(minted));
	tcase_add_test(tcase, claims_are_as_asked_for);
	tcase_add_test(tcase, bad_tokens_are_bad_in_the_way_that_was_asked_for);
	tcase_add_test(tcase, keys_rotate);
	tcase_add_test(tcase, the_issuer_fails);
	return suite;
}
