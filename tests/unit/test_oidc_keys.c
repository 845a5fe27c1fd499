/* test_oidc_keys - which keys are used, and which signatures are good. */
#include "tests/unit/oidc_judge.h"

#include "drift_error.h"
#include "oidc/oidc_private.h"

#include <pthread.h>
#include <string.h>

Suite *oidc_keys_suite(void);

/* --- signatures --- */

START_TEST(accepts_signatures_of_any_numbers)
{
	/* r and s begin with a zero byte now and then */
	for (int i = 0; i < 300; i++)
		oidc_judge_header(ES256, OIDC_SIGNER_EC, OIDC_RESULT_ACCEPTED, NULL);
}
END_TEST

START_TEST(refuses_a_tampered_payload)
{
	g_autofree char *token = oidc_good();
	g_autofree char *claims = oidc_claims("email", "\"second@example.com\"");
	g_autofree char *encoded = oidc_encode(claims, strlen(claims));
	g_autofree char *tampered = oidc_replace(token, 1, encoded);

	oidc_refused(tampered, "signature");
}
END_TEST

START_TEST(refuses_a_tampered_header)
{
	g_autofree char *token = oidc_good();
	static const char header[] = "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"JWT\" }";
	g_autofree char *encoded = oidc_encode(header, strlen(header));
	g_autofree char *tampered = oidc_replace(token, 0, encoded);

	oidc_refused(tampered, "signature");
}
END_TEST

/* Each byte of it counts. */
static void tamper_all(const char *token, const char *because)
{
	char **parts = oidc_parts(token);
	size_t length = 0;
	g_autofree uint8_t *signature = base64url_decode(parts[2], strlen(parts[2]), &length);

	ck_assert_uint_ge(length, 64);
	for (size_t i = 0; i < length; i++) {
		g_autofree char *encoded = NULL;
		g_autofree char *tampered = NULL;

		signature[i] ^= 1;
		encoded = oidc_encode(signature, length);
		tampered = oidc_replace(token, 2, encoded);
		oidc_refused(tampered, because);
		signature[i] ^= 1;
	}
	g_strfreev(parts);
}

START_TEST(refuses_a_tampered_signature)
{
	g_autofree char *claims = oidc_claims(NULL, NULL);
	g_autofree char *rsa = oidc_good_token(claims);
	g_autofree char *ec = oidc_token(ES256, claims, OIDC_SIGNER_EC);

	tamper_all(rsa, "signature");
	tamper_all(ec, "signature");
}
END_TEST

static void resize_all(const char *token)
{
	char **parts = oidc_parts(token);
	size_t length = 0;
	g_autofree uint8_t *signature = base64url_decode(parts[2], strlen(parts[2]), &length);
	g_autofree uint8_t *longer = g_malloc0(length + 2);

	memcpy(longer, signature, length);
	for (size_t i = 0; i <= length + 2; i++) {
		g_autofree char *encoded = oidc_encode(longer, i);
		g_autofree char *resized = oidc_replace(token, 2, encoded);

		if (i != length)
			oidc_refused(resized, "signature");
	}
	g_strfreev(parts);
}

START_TEST(refuses_a_truncated_or_longer_signature)
{
	g_autofree char *claims = oidc_claims(NULL, NULL);
	g_autofree char *rsa = oidc_good_token(claims);
	g_autofree char *ec = oidc_token(ES256, claims, OIDC_SIGNER_EC);

	resize_all(rsa);
	resize_all(ec);
}
END_TEST

/* libcjose cuts whatever it gets in two halves: r and s with zeros before them would pass. */
START_TEST(refuses_a_widened_ec_signature)
{
	g_autofree char *claims = oidc_claims(NULL, NULL);
	g_autofree char *token = oidc_token(ES256, claims, OIDC_SIGNER_EC);
	char **parts = oidc_parts(token);
	size_t length = 0;
	g_autofree uint8_t *signature = base64url_decode(parts[2], strlen(parts[2]), &length);
	uint8_t wide[66] = {0};
	g_autofree char *encoded = NULL;
	g_autofree char *widened = NULL;

	memcpy(wide + 1, signature, 32);
	memcpy(wide + 34, signature + 32, 32);
	encoded = oidc_encode(wide, sizeof(wide));
	widened = oidc_replace(token, 2, encoded);
	oidc_refused(widened, "signature");
	g_strfreev(parts);
}
END_TEST

START_TEST(refuses_der_and_zero_ec_signatures)
{
	static const uint8_t zero[64] = {0};
	g_autofree char *claims = oidc_claims(NULL, NULL);
	g_autofree char *token = oidc_token(ES256, claims, OIDC_SIGNER_EC);
	g_autofree char *encoded = oidc_encode(zero, sizeof(zero));
	g_autofree char *nothing = oidc_replace(token, 2, encoded);

	oidc_refused(nothing, "signature");
}
END_TEST

START_TEST(refuses_a_signature_of_somebody_else)
{
	oidc_judge_header(RS256, OIDC_SIGNER_RSA_OTHER, OIDC_RESULT_REFUSED, "signature");
	oidc_judge_header(ES256, OIDC_SIGNER_EC_OTHER, OIDC_RESULT_REFUSED, "signature");
}
END_TEST

/* --- keys --- */

static struct oidc_keys *parse(const char *text, GError **error)
{
	return oidc_keys_parse(text, strlen(text), OIDC_NOW_WALL_MS + MS_PER_HOUR, error);
}

/* The key of SIGNER with EXTRA members, or the JWK as it is. */
static const struct {
	enum oidc_signer signer;
	const char *extra;
	bool ok;
} key_cases[] = {
	{OIDC_SIGNER_RSA, "", true},
	{OIDC_SIGNER_EC, "", true},
	{OIDC_SIGNER_RSA, "\"use\":\"sig\",", true},
	{OIDC_SIGNER_RSA, "\"use\":\"enc\",", false},
	{OIDC_SIGNER_RSA, "\"use\":\"\",", false},
	{OIDC_SIGNER_RSA, "\"use\":null,", false},
	{OIDC_SIGNER_RSA, "\"use\":[\"sig\"],", false},
	{OIDC_SIGNER_EC, "\"use\":\"enc\",", false},
	{OIDC_SIGNER_RSA, "\"alg\":\"RS256\",", true},
	{OIDC_SIGNER_RSA, "\"alg\":\"RS384\",", false},
	{OIDC_SIGNER_RSA, "\"alg\":\"PS256\",", false},
	{OIDC_SIGNER_RSA, "\"alg\":\"ES256\",", false},
	{OIDC_SIGNER_RSA, "\"alg\":\"HS256\",", false},
	{OIDC_SIGNER_RSA, "\"alg\":\"none\",", false},
	{OIDC_SIGNER_RSA, "\"alg\":null,", false},
	{OIDC_SIGNER_EC, "\"alg\":\"ES256\",", true},
	{OIDC_SIGNER_EC, "\"alg\":\"ES384\",", false},
	{OIDC_SIGNER_EC, "\"alg\":\"RS256\",", false},
	{OIDC_SIGNER_EC, "\"alg\":\"ECDH-ES\",", false},
	{OIDC_SIGNER_RSA, "\"key_ops\":[\"verify\"],", true},
	{OIDC_SIGNER_RSA, "\"key_ops\":[\"encrypt\",\"verify\"],", true},
	{OIDC_SIGNER_RSA, "\"key_ops\":[\"encrypt\"],", false},
	{OIDC_SIGNER_RSA, "\"key_ops\":[],", false},
	{OIDC_SIGNER_RSA, "\"key_ops\":[1],", false},
	{OIDC_SIGNER_RSA, "\"key_ops\":\"verify\",", false},
	{OIDC_SIGNER_RSA, "\"key_ops\":null,", false},
	{OIDC_SIGNER_RSA, "\"x5c\":[\"MIIB\"],\"d\":\"AQAB\",", true}, /* not looked at */
	{OIDC_SIGNER_EC, "\"d\":\"AQAB\",", true},
};

START_TEST(keys_of_no_use_are_left_out)
{
	g_autofree char *jwk = oidc_jwk(key_cases[_i].signer, "k", key_cases[_i].extra);
	g_autofree char *text = g_strdup_printf("{\"keys\":[%s]}", jwk);
	g_autoptr(GError) error = NULL;
	struct oidc_keys *keys = parse(text, &error);

	ck_assert_msg((keys != NULL) == key_cases[_i].ok, "%s", key_cases[_i].extra);
	if (keys)
		ck_assert_uint_eq(oidc_keys_count(keys), 1);
	else
		ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	oidc_keys_unref(keys);
}
END_TEST

static const char *const no_keys[] = {
	"{\"kty\":\"oct\",\"kid\":\"k\",\"alg\":\"HS256\",\"k\":\"AAAA\"}",
	"{\"kty\":\"OKP\",\"kid\":\"k\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}",
	"{\"kty\":\"rsa\",\"kid\":\"k\"}",
	"{\"kty\":\"RSA\",\"kid\":\"k\"}",
	"{\"kty\":\"EC\",\"kid\":\"k\"}",
	"{\"kty\":\"EC\",\"kid\":\"k\",\"crv\":\"P-256\"}",
	"{\"kty\":7,\"kid\":\"k\"}",
	"{}",
	"[]",
	"null",
	"\"RSA\"",
	"1",
	/* P-256, and not on it */
	"{\"kty\":\"EC\",\"kid\":\"k\",\"crv\":\"P-256\","
	"\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\","
	"\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\"}",
	"{\"kty\":\"EC\",\"kid\":\"k\",\"crv\":\"P-256\","
	"\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
	"\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
	/* a good point of P-256 (RFC 7515 A.3): another name of the curve */
	"{\"kty\":\"EC\",\"kid\":\"k\",\"crv\":\"P-384\",\"x\":"
	"\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
	"{\"kty\":\"EC\",\"kid\":\"k\",\"crv\":\"p-256\",\"x\":"
	"\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
	/* a good point of P-256 (RFC 7515 A.3): a byte too many */
	"{\"kty\":\"EC\",\"kid\":\"k\",\"crv\":\"P-256\",\"x\":\"AH_Nzidw9sRdQYPL7m_bS3tYBzM1e-"
	"nvE7rPbjx70VRF\","
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
	"{\"kty\":\"EC\",\"kid\":\"k\",\"crv\":\"P-256\",\"x\":"
	"\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	"\"y\":\"AMfxRM0bvZt-hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt\"}",
	/* another curve: the generator of P-384 */
	"{\"kty\":\"EC\",\"kid\":\"k\",\"crv\":\"P-384\","
	"\"x\":\"qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3\","
	"\"y\":\"NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f\"}",
};

START_TEST(other_keys_are_left_out)
{
	g_autofree char *text = g_strdup_printf("{\"keys\":[%s]}", no_keys[_i]);
	g_autofree char *rsa = oidc_jwk(OIDC_SIGNER_RSA, "rsa", "");
	g_autofree char *both = g_strdup_printf("{\"keys\":[%s,%s]}", no_keys[_i], rsa);
	g_autoptr(GError) error = NULL;
	struct oidc_keys *keys = parse(text, &error);

	ck_assert_msg(!keys, "%s", text);
	ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	keys = parse(both, NULL);
	ck_assert_ptr_nonnull(keys);
	ck_assert_uint_eq(oidc_keys_count(keys), 1);
	oidc_keys_unref(keys);
}
END_TEST

static const struct {
	size_t bits, zeros;
	const char *exponent;
	bool ok;
} rsa_cases[] = {
	{2047, 0, "AQAB", false},       {2048, 0, "AQAB", true},
	{2049, 0, "AQAB", true},        {8191, 0, "AQAB", true},
	{8192, 0, "AQAB", true},        {8193, 0, "AQAB", false},
	{1024, 0, "AQAB", false},       {1024, 200, "AQAB", false}, /* zeros are no bits */
	{2048, 1, "AQAB", true},        {2048, 0, "Aw", true},
	{2048, 0, "AQ", false}, /* 3, 1 */
	{2048, 0, "AA", false},         {2048, 0, "", false},
	{2048, 0, "AAAB", false},                                 /* 1 */
	{2048, 0, "BA", false},         {2048, 0, "AQAA", false}, /* even */
	{2048, 0, "AQAB=", false},      {2048, 0, "AQAC", false},
	{2048, 0, "gAAAAAAAAAE", true}, {2048, 0, "AYAAAAAAAAAB", false}, /* 64 bits, 72 */
};

START_TEST(rsa_numbers_have_bounds)
{
	g_autofree char *modulus = oidc_number(rsa_cases[_i].bits, rsa_cases[_i].zeros);
	g_autofree char *text = g_strdup_printf(
		"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k\",\"n\":\"%s\",\"e\":\"%s\"}]}", modulus,
		rsa_cases[_i].exponent);
	struct oidc_keys *keys = parse(text, NULL);

	ck_assert_msg((keys != NULL) == rsa_cases[_i].ok, "case %d", _i);
	oidc_keys_unref(keys);
}
END_TEST

START_TEST(keys_need_an_id)
{
	g_autofree char *longest = g_strnfill(OIDC_KEY_ID_MAX_BYTES, 'k');
	g_autofree char *longer = g_strnfill(OIDC_KEY_ID_MAX_BYTES + 1, 'k');
	const char *const ids[] = {"", longer, longest};

	for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
		g_autofree char *jwk = oidc_jwk(OIDC_SIGNER_RSA, ids[i], "");
		g_autofree char *text = g_strdup_printf("{\"keys\":[%s]}", jwk);
		struct oidc_keys *keys = parse(text, NULL);

		ck_assert((keys != NULL) == (ids[i] == longest));
		oidc_keys_unref(keys);
	}
}
END_TEST

/* Two keys of one id: RFC 7517 4.5 advises against it, and does not forbid it. Each is tried. */
START_TEST(each_key_of_an_id_is_tried)
{
	g_autofree char *other = oidc_jwk(OIDC_SIGNER_RSA_OTHER, "rsa", "");
	g_autofree char *rsa = oidc_jwk(OIDC_SIGNER_RSA, "rsa", "");
	g_autofree char *ec = oidc_jwk(OIDC_SIGNER_EC, "rsa", "");
	g_autofree char *text = g_strdup_printf("{\"keys\":[%s,%s,%s]}", other, ec, rsa);
	g_autofree char *flipped = g_strdup_printf("{\"keys\":[%s,%s]}", other, ec);
	g_autofree char *token = oidc_good();
	struct oidc_keys *keys = parse(text, NULL);

	ck_assert_uint_eq(oidc_keys_count(keys), 3);
	oidc_judge_with(token, &oidc_rules, keys, OIDC_NOW_WALL_MS, OIDC_RESULT_ACCEPTED, NULL);
	oidc_keys_unref(keys);
	keys = parse(flipped, NULL);
	oidc_judge_with(token, &oidc_rules, keys, OIDC_NOW_WALL_MS, OIDC_RESULT_REFUSED,
			"signature");
	oidc_keys_unref(keys);
}
END_TEST

START_TEST(keys_of_one_id_are_bounded)
{
	g_autofree char *other = oidc_jwk(OIDC_SIGNER_RSA_OTHER, "rsa", "");
	g_autofree char *rsa = oidc_jwk(OIDC_SIGNER_RSA, "rsa", "");
	GString *text = g_string_new("{\"keys\":[");
	g_autofree char *token = oidc_good();
	struct oidc_keys *keys = NULL;

	for (int i = 0; i < OIDC_KEYS_SAME_MAX; i++)
		g_string_append_printf(text, "%s,", other);
	g_string_append_printf(text, "%s]}", rsa);
	keys = parse(text->str, NULL);
	ck_assert_uint_eq(oidc_keys_count(keys), OIDC_KEYS_SAME_MAX);
	oidc_judge_with(token, &oidc_rules, keys, OIDC_NOW_WALL_MS, OIDC_RESULT_REFUSED,
			"signature");
	oidc_keys_unref(keys);
	g_string_free(text, TRUE);
}
END_TEST

START_TEST(documents_of_keys_are_bounded)
{
	for (int count = OIDC_KEYS_MAX - 1; count <= OIDC_KEYS_MAX + 1; count++) {
		GString *text = g_string_new("{\"keys\":[");
		g_autofree char *rsa = oidc_jwk(OIDC_SIGNER_RSA, "rsa", "");
		g_autoptr(GError) error = NULL;
		struct oidc_keys *keys = NULL;

		for (int i = 1; i < count; i++)
			g_string_append(text, "{},");
		g_string_append_printf(text, "%s]}", rsa);
		keys = parse(text->str, &error);
		ck_assert((keys != NULL) == (count <= OIDC_KEYS_MAX));
		if (!keys)
			ck_assert_int_eq(error->code, DRIFT_ERROR_TOO_LARGE);
		oidc_keys_unref(keys);
		g_string_free(text, TRUE);
	}
}
END_TEST

START_TEST(documents_of_keys_have_a_size)
{
	g_autofree char *text = oidc_jwks();
	size_t length = strlen(text);
	g_autofree char *padded = g_strnfill(OIDC_KEYS_MAX_BYTES + 1, ' ');
	g_autoptr(GError) error = NULL;
	struct oidc_keys *keys = NULL;

	memcpy(padded, text, length);
	keys = oidc_keys_parse(padded, OIDC_KEYS_MAX_BYTES, 1, &error);
	ck_assert_ptr_nonnull(keys);
	oidc_keys_unref(keys);
	keys = oidc_keys_parse(padded, OIDC_KEYS_MAX_BYTES + 1, 1, &error);
	ck_assert_ptr_null(keys);
	ck_assert_int_eq(error->code, DRIFT_ERROR_TOO_LARGE);
}
END_TEST

static const char *const no_documents[] = {"",
					   "x",
					   "{}",
					   "[]",
					   "null",
					   "{\"keys\":null}",
					   "{\"keys\":{}}",
					   "{\"keys\":\"x\"}",
					   "{\"keys\":[]}",
					   "{\"keys\":[",
					   "<html>not found</html>",
					   "{\"rsa\":\"-----BEGIN CERTIFICATE-----\"}"};

START_TEST(what_is_no_jwks_is_refused)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(parse(no_documents[_i], &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
}
END_TEST

/* --- several threads at once: what the HTTP threads do --- */

static void *judge_often(void *data)
{
	struct oidc_keys *keys = data;
	g_autofree char *claims = oidc_claims(NULL, NULL);
	g_autofree char *rsa = oidc_good_token(claims);
	g_autofree char *ec = oidc_token(ES256, claims, OIDC_SIGNER_EC);
	g_autofree char *wrong = oidc_token(ES256, claims, OIDC_SIGNER_EC_OTHER);

	for (int i = 0; i < 50; i++) {
		oidc_judge_with(rsa, &oidc_rules, keys, OIDC_NOW_WALL_MS, OIDC_RESULT_ACCEPTED,
				NULL);
		oidc_judge_with(ec, &oidc_rules, keys, OIDC_NOW_WALL_MS, OIDC_RESULT_ACCEPTED,
				NULL);
		oidc_judge_with(wrong, &oidc_rules, keys, OIDC_NOW_WALL_MS, OIDC_RESULT_REFUSED,
				NULL);
	}
	oidc_keys_unref(keys);
	return NULL;
}

START_TEST(keys_are_shared_by_threads)
{
	struct oidc_keys *keys = oidc_world_keys();
	pthread_t threads[4];

	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, judge_often, oidc_keys_ref(keys)), 0);
	oidc_keys_unref(keys);
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}
END_TEST

static void add_signatures(TCase *tcase)
{
	tcase_add_test(tcase, accepts_signatures_of_any_numbers);
	tcase_add_test(tcase, refuses_a_tampered_payload);
	tcase_add_test(tcase, refuses_a_tampered_header);
	tcase_add_test(tcase, refuses_a_tampered_signature);
	tcase_add_test(tcase, refuses_a_truncated_or_longer_signature);
	tcase_add_test(tcase, refuses_a_widened_ec_signature);
	tcase_add_test(tcase, refuses_der_and_zero_ec_signatures);
	tcase_add_test(tcase, refuses_a_signature_of_somebody_else);
	tcase_add_test(tcase, keys_are_shared_by_threads);
}

static void add_keys(TCase *tcase)
{
	tcase_add_loop_test(tcase, keys_of_no_use_are_left_out, 0, G_N_ELEMENTS(key_cases));
	tcase_add_loop_test(tcase, other_keys_are_left_out, 0, G_N_ELEMENTS(no_keys));
	tcase_add_loop_test(tcase, rsa_numbers_have_bounds, 0, G_N_ELEMENTS(rsa_cases));
	tcase_add_test(tcase, keys_need_an_id);
	tcase_add_test(tcase, each_key_of_an_id_is_tried);
	tcase_add_test(tcase, keys_of_one_id_are_bounded);
	tcase_add_test(tcase, documents_of_keys_are_bounded);
	tcase_add_test(tcase, documents_of_keys_have_a_size);
	tcase_add_loop_test(tcase, what_is_no_jwks_is_refused, 0, G_N_ELEMENTS(no_documents));
}

Suite *oidc_keys_suite(void)
{
	Suite *suite = suite_create("oidc_keys");

	add_signatures(oidc_world_case(suite, "signatures"));
	add_keys(oidc_world_case(suite, "keys"));
	return suite;
}
