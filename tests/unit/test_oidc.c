/* test_oidc - tokens: one test for each way to be refused, and the ways that are fine. */
#include "tests/unit/oidc_judge.h"

#include "oidc/oidc_private.h"

#include <string.h>

Suite *oidc_suite(void);

/* A good token but for one claim. */
static void judge_claim(const char *name, const char *value, enum oidc_result want,
			const char *because)
{
	g_autofree char *claims = oidc_claims(name, value);
	g_autofree char *token = oidc_good_token(claims);

	oidc_judge(token, want, because);
}

/* --- what is fine --- */

START_TEST(accepts_rs256)
{
	struct oidc_keys *keys = oidc_world_keys();
	g_autofree char *token = oidc_good();
	g_autofree char *who = NULL;
	char *why = NULL;

	ck_assert_int_eq(oidc_verify(token, &oidc_rules, keys, OIDC_NOW_WALL_MS, &who, &why),
			 OIDC_RESULT_ACCEPTED);
	ck_assert_str_eq(who, OIDC_EMAIL);
	ck_assert_ptr_null(why);
	oidc_keys_unref(keys);
}
END_TEST

START_TEST(accepts_es256)
{
	oidc_judge_header(ES256, OIDC_SIGNER_EC, OIDC_RESULT_ACCEPTED, NULL);
}
END_TEST

static const struct {
	const char *name, *value;
	bool ok;
} claim_cases[] = {
	{"aud", "[\"x\",\"" OIDC_AUDIENCE "\"]", true},
	{"aud", "[\"" OIDC_AUDIENCE "\"]", true},
	{"aud", "\"another\"", true},
	{"aud", "[\"" OIDC_AUDIENCE "\",\"x\"]", true},
	{"aud", "[]", false},
	{"aud", "[\"x\"]", false},
	{"aud", "[\"" OIDC_AUDIENCE "\",1]", false},
	{"aud", "[1,\"" OIDC_AUDIENCE "\"]", false},
	{"aud", "[[\"" OIDC_AUDIENCE "\"]]", false},
	{"aud", "[null,\"" OIDC_AUDIENCE "\"]", false},
	{"aud", "[\"" OIDC_AUDIENCE "\\u0000x\"]", false},
	{"aud", "\"" OIDC_AUDIENCE "\\u0000\"", false},
	{"aud", "{\"" OIDC_AUDIENCE "\":true}", false},
	{"aud", "\"" OIDC_AUDIENCE "/\"", false}, /* the slash counts */
	{"aud", "\"HTTPS://drift.example.com/check\"", false},
	{"aud", "\"\"", false},
	{"aud", "null", false},
	{"aud", NULL, false},
	{"iss", NULL, false},
	{"iss", "null", false},
	{"iss", "[\"" OIDC_ISSUER "\"]", false},
	{"iss", "\"" OIDC_ISSUER "/\"", false},
	{"iss", "\"" OIDC_ISSUER "\\u0000\"", false},
	{"iss", "\"issuer.example\"", false}, /* only Google writes its own so */
	{"iss", "\"accounts.google.com\"", false},
	{"iss", "\"https://accounts.google.com\"", false},
	{"exp", NULL, false},
	{"exp", "null", false},
	{"exp", "\"1795175993\"", false},
	{"exp", "1795175993.5", false},
	{"exp", "1.795175993e9", false},
	{"exp", "true", false},
	{"exp", "-1", false},
	{"exp", "0", false},
	{"exp", "99999999999999999999999999", false},
	{"exp", "-99999999999999999999999999", false},
	{"exp", "18446744073709551615", false},
	{"exp", "9223372036854775807", false},
	{"exp", "-9223372036854775808", false},
	{"exp", "1e400", false},
	{"nbf", "1795172403", true},
	{"nbf", "0", true},
	{"nbf", "-9223372036854775808", true},
	{"nbf", "9223372036854775807", false},
	{"nbf", "99999999999999999999999999", false},
	{"nbf", "\"0\"", false},
	{"nbf", "0.5", false},
	{"nbf", "null", false},
	{"iat", NULL, true},
	{"iat", "0", true},
	{"iat", "9223372036854775807", false},
	{"iat", "\"0\"", false},
	{"iat", "false", false},
	{"email", "\"Caller@Project.IAM.gserviceaccount.com\"", true},
	{"email", "\"second@example.com\"", true},
	{"email", NULL, false},
	{"email", "\"\"", false},
	{"email", "null", false},
	{"email", "[\"" OIDC_EMAIL "\"]", false},
	{"email", "\"" OIDC_EMAIL "\\u0000\"", false},
	{"email_verified", NULL, false},
	{"email_verified", "false", false},
	{"email_verified", "null", false},
	{"email_verified", "\"true\"", false},
	{"email_verified", "1", false},
	{"email_verified", "[true]", false},
	{"azp", "\"somebody\"", true},
	{"odd", "\"a\\\":b, \\\\\"", true},
	{"nested", "{\"exp\":1,\"exp\":2,\"a\":[{\"x:y\":1}]}", true}, /* not ours to judge */
};

START_TEST(claims_are_judged)
{
	judge_claim(claim_cases[_i].name, claim_cases[_i].value,
		    claim_cases[_i].ok ? OIDC_RESULT_ACCEPTED : OIDC_RESULT_REFUSED, NULL);
}
END_TEST

/* --- each refusal of its own --- */

START_TEST(refuses_alg_none)
{
	static const char *const names[] = {"none", "None", "NONE", "nOnE", ""};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *header =
			g_strdup_printf("{\"alg\":\"%s\",\"kid\":\"rsa\"}", names[i]);

		oidc_judge_header(header, OIDC_SIGNER_NONE, OIDC_RESULT_REFUSED, "neither RS256");
		oidc_judge_header(header, OIDC_SIGNER_RSA, OIDC_RESULT_REFUSED, "neither RS256");
	}
}
END_TEST

START_TEST(refuses_an_empty_signature)
{
	oidc_judge_header(RS256, OIDC_SIGNER_NONE, OIDC_RESULT_REFUSED, "signature");
	oidc_judge_header(ES256, OIDC_SIGNER_NONE, OIDC_RESULT_REFUSED, "signature");
}
END_TEST

START_TEST(refuses_hs256_signed_with_the_public_key)
{
	static const char hs256[] = "{\"alg\":\"HS256\",\"kid\":\"rsa\",\"typ\":\"JWT\"}";

	oidc_judge_header(hs256, OIDC_SIGNER_HMAC_PEM, OIDC_RESULT_REFUSED, "neither RS256");
	oidc_judge_header(hs256, OIDC_SIGNER_HMAC_MODULUS, OIDC_RESULT_REFUSED, "neither RS256");
	oidc_judge_header(RS256, OIDC_SIGNER_HMAC_PEM, OIDC_RESULT_REFUSED, "signature");
}
END_TEST

START_TEST(refuses_other_algs)
{
	static const char *const values[] = {
		"\"RS384\"", "\"RS512\"", "\"PS256\"",    "\"ES384\"",        "\"ES256K\"",
		"\"EdDSA\"", "\"rs256\"", "\"RS256 \"",   "\"RS256\\u0000\"", "[\"RS256\"]",
		"null",      "256",       "{\"RS256\":1}"};

	for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
		g_autofree char *header =
			g_strdup_printf("{\"alg\":%s,\"kid\":\"rsa\"}", values[i]);

		oidc_judge_header(header, OIDC_SIGNER_RSA, OIDC_RESULT_REFUSED, "neither RS256");
	}
	oidc_judge_header("{\"kid\":\"rsa\"}", OIDC_SIGNER_RSA, OIDC_RESULT_REFUSED,
			  "neither RS256");
}
END_TEST

START_TEST(refuses_an_alg_that_does_not_fit_its_key)
{
	oidc_judge_header("{\"alg\":\"RS256\",\"kid\":\"ec\"}", OIDC_SIGNER_EC, OIDC_RESULT_REFUSED,
			  "fit");
	oidc_judge_header("{\"alg\":\"RS256\",\"kid\":\"ec\"}", OIDC_SIGNER_RSA,
			  OIDC_RESULT_REFUSED, "fit");
	oidc_judge_header("{\"alg\":\"ES256\",\"kid\":\"rsa\"}", OIDC_SIGNER_RSA,
			  OIDC_RESULT_REFUSED, "fit");
	oidc_judge_header("{\"alg\":\"ES256\",\"kid\":\"rsa\"}", OIDC_SIGNER_EC,
			  OIDC_RESULT_REFUSED, "fit");
}
END_TEST

START_TEST(refuses_crit)
{
	oidc_judge_header("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"crit\":[\"exp\"],\"exp\":1}",
			  OIDC_SIGNER_RSA, OIDC_RESULT_REFUSED, "crit");
	oidc_judge_header("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"crit\":[]}", OIDC_SIGNER_RSA,
			  OIDC_RESULT_REFUSED, "crit");
	oidc_judge_header("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"crit\":null}", OIDC_SIGNER_RSA,
			  OIDC_RESULT_REFUSED, "crit");
}
END_TEST

START_TEST(refuses_other_types_of_token)
{
	oidc_judge_header("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"at+jwt\"}", OIDC_SIGNER_RSA,
			  OIDC_RESULT_REFUSED, "typ");
	oidc_judge_header("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":null}", OIDC_SIGNER_RSA,
			  OIDC_RESULT_REFUSED, "typ");
	oidc_judge_header("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"jwt\"}", OIDC_SIGNER_RSA,
			  OIDC_RESULT_ACCEPTED, NULL);
	oidc_judge_header("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", OIDC_SIGNER_RSA,
			  OIDC_RESULT_ACCEPTED, NULL);
}
END_TEST

/* A key that the token brings itself is never used: not instead of ours, not when ours is missing.
 */
START_TEST(never_uses_keys_of_the_header)
{
	g_autofree char *jwk = oidc_jwk(OIDC_SIGNER_RSA_OTHER, "rsa", "");
	g_autofree char *here = g_strdup_printf("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"jwk\":%s,"
						"\"jku\":\"https://evil.example/\","
						"\"x5u\":\"https://evil.example/\","
						"\"x5c\":[\"MIIB\"]}",
						jwk);
	g_autofree char *missing =
		g_strdup_printf("{\"alg\":\"RS256\",\"kid\":\"new\",\"jwk\":%s}", jwk);

	oidc_judge_header(here, OIDC_SIGNER_RSA_OTHER, OIDC_RESULT_REFUSED, "signature");
	oidc_judge_header(here, OIDC_SIGNER_RSA, OIDC_RESULT_ACCEPTED, NULL);
	oidc_judge_header(missing, OIDC_SIGNER_RSA_OTHER, OIDC_RESULT_UNKNOWN_KEY, NULL);
}
END_TEST

START_TEST(refuses_duplicate_members)
{
	static const char *const headers[] = {
		"{\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"rsa\"}",
		"{\"alg\":\"RS256\",\"kid\":\"x\",\"kid\":\"rsa\"}",
		"{\"alg\":\"RS256\",\"\\u0061lg\":\"RS256\",\"kid\":\"rsa\"}",
		"{\"alg\":\"RS256\",\"kid\":\"rsa\",\"a\":1,\"a\":1}"};
	g_autofree char *claims = g_strdup_printf(
		"{\"exp\":1,\"iss\":\"" OIDC_ISSUER "\",\"aud\":\"" OIDC_AUDIENCE "\","
		"\"email\":\"" OIDC_EMAIL "\",\"email_verified\":true,\"exp\":%" PRId64 "}",
		OIDC_NOW_S + 10);
	g_autofree char *token = oidc_good_token(claims);

	for (size_t i = 0; i < G_N_ELEMENTS(headers); i++)
		oidc_judge_header(headers[i], OIDC_SIGNER_RSA, OIDC_RESULT_REFUSED, "twice");
	oidc_refused(token, "twice");
}
END_TEST

START_TEST(refuses_what_is_no_object)
{
	static const char *const texts[] = {"[]",  "\"x\"",   "1",  "",     "{",       "nonsense",
					    "{}x", "{\"a\"}", "{}", "null", "\xff\xfe"};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *token = oidc_good_token(texts[i]);

		oidc_refused(token, NULL);
		oidc_judge_header(texts[i], OIDC_SIGNER_RSA, OIDC_RESULT_REFUSED, NULL);
	}
}
END_TEST

START_TEST(refuses_deep_nesting)
{
	g_autofree char *open = g_strnfill(1000, '[');
	g_autofree char *close = g_strnfill(1000, ']');
	g_autofree char *deep = g_strconcat(open, close, NULL);

	judge_claim("deep", deep, OIDC_RESULT_REFUSED, "JSON");
}
END_TEST

START_TEST(refuses_a_token_without_kid)
{
	g_autofree char *longest = g_strnfill(OIDC_KEY_ID_MAX_BYTES, 'k');
	g_autofree char *longer = g_strnfill(OIDC_KEY_ID_MAX_BYTES + 1, 'k');
	g_autofree char *fine = g_strdup_printf("{\"alg\":\"RS256\",\"kid\":\"%s\"}", longest);
	g_autofree char *wrong = g_strdup_printf("{\"alg\":\"RS256\",\"kid\":\"%s\"}", longer);

	oidc_judge_header("{\"alg\":\"RS256\"}", OIDC_SIGNER_RSA, OIDC_RESULT_REFUSED, "kid");
	oidc_judge_header("{\"alg\":\"RS256\",\"kid\":\"\"}", OIDC_SIGNER_RSA, OIDC_RESULT_REFUSED,
			  "kid");
	oidc_judge_header("{\"alg\":\"RS256\",\"kid\":7}", OIDC_SIGNER_RSA, OIDC_RESULT_REFUSED,
			  "kid");
	oidc_judge_header("{\"alg\":\"RS256\",\"kid\":\"rsa\\u0000\"}", OIDC_SIGNER_RSA,
			  OIDC_RESULT_REFUSED, "kid");
	oidc_judge_header(wrong, OIDC_SIGNER_RSA, OIDC_RESULT_REFUSED, "kid");
	oidc_judge_header(fine, OIDC_SIGNER_RSA, OIDC_RESULT_UNKNOWN_KEY, NULL);
}
END_TEST

START_TEST(an_unknown_key_id_is_told_apart)
{
	oidc_judge_header("{\"alg\":\"RS256\",\"kid\":\"new\"}", OIDC_SIGNER_RSA,
			  OIDC_RESULT_UNKNOWN_KEY, "not among");
	oidc_judge_header("{\"alg\":\"RS256\",\"kid\":\"RSA\"}", OIDC_SIGNER_RSA,
			  OIDC_RESULT_UNKNOWN_KEY, "not among");
}
END_TEST

START_TEST(no_keys_and_expired_keys_are_unknown_keys)
{
	struct oidc_keys *keys = oidc_world_keys();
	int64_t end_wall_ms = oidc_keys_expires_wall_ms(keys);
	g_autofree char *expires = g_strdup_printf("%" PRId64, end_wall_ms / 1000 + 100);
	g_autofree char *claims = oidc_claims("exp", expires);
	g_autofree char *token = oidc_good_token(claims);

	ck_assert_int_eq(end_wall_ms, OIDC_NOW_WALL_MS + MS_PER_HOUR);
	oidc_judge_with(token, &oidc_rules, NULL, OIDC_NOW_WALL_MS, OIDC_RESULT_UNKNOWN_KEY,
			"in force");
	oidc_judge_with(token, &oidc_rules, keys, end_wall_ms - 1, OIDC_RESULT_ACCEPTED, NULL);
	oidc_judge_with(token, &oidc_rules, keys, end_wall_ms, OIDC_RESULT_UNKNOWN_KEY, "in force");
	/* what no key could mend is no reason to fetch any */
	oidc_judge_with("a.b.c", &oidc_rules, NULL, OIDC_NOW_WALL_MS, OIDC_RESULT_REFUSED, NULL);
	oidc_keys_unref(keys);
}
END_TEST

/* At @p seconds from now, with @p name so far ahead. */
static const struct {
	const char *name;
	int64_t seconds;
	bool ok;
} time_cases[] = {
	{"exp", -OIDC_LEEWAY_S - 1, false},
	{"exp", -OIDC_LEEWAY_S, false}, /* "before" it, RFC 7519 4.1.4 */
	{"exp", -OIDC_LEEWAY_S + 1, true},
	{"exp", 0, true},
	{"exp", OIDC_LIFE_MAX_S + OIDC_LEEWAY_S - 1, true},
	{"exp", OIDC_LIFE_MAX_S + OIDC_LEEWAY_S, true},
	{"exp", OIDC_LIFE_MAX_S + OIDC_LEEWAY_S + 1, false},
	{"nbf", OIDC_LEEWAY_S - 1, true},
	{"nbf", OIDC_LEEWAY_S, true}, /* "on or after" it, RFC 7519 4.1.5 */
	{"nbf", OIDC_LEEWAY_S + 1, false},
	{"iat", OIDC_LEEWAY_S - 1, true},
	{"iat", OIDC_LEEWAY_S, true},
	{"iat", OIDC_LEEWAY_S + 1, false},
};

START_TEST(leeway)
{
	g_autofree char *value = g_strdup_printf("%" PRId64, OIDC_NOW_S + time_cases[_i].seconds);

	ck_assert_int_eq(OIDC_LEEWAY_S, 60);
	ck_assert_int_eq(OIDC_LIFE_MAX_S, 86400);
	judge_claim(time_cases[_i].name, value,
		    time_cases[_i].ok ? OIDC_RESULT_ACCEPTED : OIDC_RESULT_REFUSED, NULL);
}
END_TEST

START_TEST(leeway_in_milliseconds)
{
	g_autofree char *value = g_strdup_printf("%" PRId64, OIDC_NOW_S - OIDC_LEEWAY_S + 1);
	g_autofree char *claims = oidc_claims("exp", value);
	g_autofree char *token = oidc_good_token(claims);

	oidc_judge_at(token, OIDC_NOW_WALL_MS + 999, OIDC_RESULT_ACCEPTED, NULL);
	oidc_judge_at(token, OIDC_NOW_WALL_MS + 1000, OIDC_RESULT_REFUSED, "expired");
}
END_TEST

START_TEST(refuses_an_expired_token)
{
	judge_claim("exp", "1795168803", OIDC_RESULT_REFUSED, "expired"); /* an hour ago */
	judge_claim("exp", NULL, OIDC_RESULT_REFUSED, "no exp");
}
END_TEST

START_TEST(refuses_a_token_that_lives_too_long)
{
	judge_claim("exp", "1826708403", OIDC_RESULT_REFUSED, "24 h"); /* a year */
}
END_TEST

START_TEST(refuses_a_token_that_is_not_yet_valid)
{
	judge_claim("nbf", "1795176003", OIDC_RESULT_REFUSED, "nbf"); /* in an hour */
	judge_claim("iat", "1795176003", OIDC_RESULT_REFUSED, "iat");
}
END_TEST

START_TEST(refuses_a_wrong_issuer)
{
	judge_claim("iss", "\"https://evil.example\"", OIDC_RESULT_REFUSED, "issuer");
}
END_TEST

START_TEST(refuses_a_wrong_audience)
{
	judge_claim("aud", "\"https://other.example.com/\"", OIDC_RESULT_REFUSED, "audience");
}
END_TEST

START_TEST(refuses_a_wrong_email)
{
	judge_claim("email", "\"stranger@example.com\"", OIDC_RESULT_WRONG_IDENTITY, "oidc-email");
	judge_claim("email", "\"" OIDC_EMAIL ".evil.example\"", OIDC_RESULT_WRONG_IDENTITY, NULL);
	judge_claim("email", "\"caller@project.iam.gserviceaccount.co\"",
		    OIDC_RESULT_WRONG_IDENTITY, NULL);
}
END_TEST

START_TEST(refuses_an_unverified_email)
{
	judge_claim("email_verified", "false", OIDC_RESULT_REFUSED, "verified");
}
END_TEST

/* Who it is counts only when the rest is well: else a stranger would learn something. */
START_TEST(a_wrong_email_is_the_last_to_be_told)
{
	static const char *const claims[] = {
		"{\"iss\":\"x\",\"aud\":\"" OIDC_AUDIENCE "\",\"exp\":1795172500,"
		"\"email\":\"stranger@example.com\",\"email_verified\":true}",
		"{\"iss\":\"" OIDC_ISSUER "\",\"aud\":\"x\",\"exp\":1795172500,"
		"\"email\":\"stranger@example.com\",\"email_verified\":true}",
		"{\"iss\":\"" OIDC_ISSUER "\",\"aud\":\"" OIDC_AUDIENCE "\",\"exp\":1795172300,"
		"\"email\":\"stranger@example.com\",\"email_verified\":true}",
		"{\"iss\":\"" OIDC_ISSUER "\",\"aud\":\"" OIDC_AUDIENCE "\",\"exp\":1795172500,"
		"\"email\":\"stranger@example.com\",\"email_verified\":false}"};

	for (size_t i = 0; i < G_N_ELEMENTS(claims); i++) {
		g_autofree char *token = oidc_good_token(claims[i]);

		oidc_refused(token, NULL);
	}
}
END_TEST

/* Google writes its issuer in two ways (https://developers.google.com/identity/openid-connect). */
START_TEST(google_has_two_names)
{
	struct oidc_keys *keys = oidc_world_keys();
	struct oidc_rules google = oidc_rules;
	static const struct {
		const char *issuer, *value;
		bool ok;
	} cases[] = {
		{OIDC_ISSUER_GOOGLE, "\"https://accounts.google.com\"", true},
		{OIDC_ISSUER_GOOGLE, "\"accounts.google.com\"", true},
		{OIDC_ISSUER_GOOGLE, "\"http://accounts.google.com\"", false},
		{OIDC_ISSUER_GOOGLE, "\"https://accounts.google.com/\"", false},
		{OIDC_ISSUER_GOOGLE, "\"accounts.google.com.evil.example\"", false},
		{OIDC_ISSUER_GOOGLE, "\"\"", false},
		{"https://accounts.google.com/", "\"accounts.google.com\"", false},
		{"accounts.google.com", "\"https://accounts.google.com\"", false},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *claims = oidc_claims("iss", cases[i].value);
		g_autofree char *token = oidc_good_token(claims);

		google.issuer = cases[i].issuer;
		oidc_judge_with(token, &google, keys, OIDC_NOW_WALL_MS,
				cases[i].ok ? OIDC_RESULT_ACCEPTED : OIDC_RESULT_REFUSED, NULL);
	}
	oidc_keys_unref(keys);
}
END_TEST

static char *padded(size_t padding)
{
	g_autofree char *fill = g_strnfill(padding, 'x');
	g_autofree char *value = g_strdup_printf("\"%s\"", fill);
	g_autofree char *claims = oidc_claims("pad", value);

	return oidc_good_token(claims);
}

/* Good tokens but for their length: of 8190 to 8194 bytes, as far as base64url comes in them. */
START_TEST(refuses_an_oversized_token)
{
	g_autofree char *shorter = padded(5000);
	size_t start = 5000 + (OIDC_TOKEN_MAX_BYTES - strlen(shorter)) / 4 * 3 - 4;
	size_t longest = 0;
	size_t too_long = SIZE_MAX;

	for (size_t i = start; i < start + 12; i++) {
		g_autofree char *token = padded(i);
		bool fits = strlen(token) <= OIDC_TOKEN_MAX_BYTES;

		if (fits)
			oidc_judge(token, OIDC_RESULT_ACCEPTED, NULL);
		else
			oidc_refused(token, "longer");
		longest = fits ? MAX(longest, strlen(token)) : longest;
		too_long = fits ? too_long : MIN(too_long, strlen(token));
	}
	ck_assert_uint_ge(longest, OIDC_TOKEN_MAX_BYTES - 1); /* no text has 4 k + 1 digits */
	ck_assert_uint_le(too_long, OIDC_TOKEN_MAX_BYTES + 2);
}
END_TEST

START_TEST(refuses_a_huge_token_at_once)
{
	g_autofree char *huge = g_strnfill((size_t)16 * 1024 * 1024, 'x');

	oidc_refused(huge, "longer");
}
END_TEST

/* --- form --- */

START_TEST(refuses_broken_base64)
{
	static const char *const bad[] = {"=",  "==",  "+",        "/", " ",
					  "\n", "%3d", "\xc3\xa4", "~", "A"};
	g_autofree char *token = oidc_good();
	char **parts = oidc_parts(token);

	for (int part = 0; part < 3; part++) {
		for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
			g_autofree char *behind = g_strconcat(parts[part], bad[i], NULL);
			g_autofree char *before = g_strconcat(bad[i], parts[part], NULL);
			g_autofree char *one = oidc_replace(token, part, behind);
			g_autofree char *other = oidc_replace(token, part, before);

			oidc_refused(one, NULL);
			oidc_refused(other, NULL);
		}
	}
	g_strfreev(parts);
}
END_TEST

/* Signed as it stands: only its form is wrong. */
START_TEST(refuses_padding_even_when_it_is_signed)
{
	g_autofree char *claims = oidc_claims(NULL, NULL);
	g_autofree char *plain = oidc_encode(claims, strlen(claims));
	g_autofree char *padded_part = g_strconcat(plain, "=", NULL);
	g_autofree char *good_token = oidc_token_of(RS256, plain, OIDC_SIGNER_RSA);
	g_autofree char *token = oidc_token_of(RS256, padded_part, OIDC_SIGNER_RSA);

	oidc_judge(good_token, OIDC_RESULT_ACCEPTED, NULL);
	oidc_refused(token, "payload is not base64url");
}
END_TEST

/* The last digit of a part has bits to spare: only zeros, or one signature had several texts. */
START_TEST(refuses_stray_bits)
{
	g_autofree char *token = oidc_good();
	size_t end = strlen(token) - 1;
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t value = (size_t)(strchr(digits, token[end]) - digits);

	ck_assert_uint_eq(value % 16, 0); /* 256 bytes: four bits to spare */
	for (size_t i = 1; i < 16; i++) {
		token[end] = digits[value + i];
		oidc_refused(token, "base64url");
	}
}
END_TEST

static const struct {
	const char *text;
	size_t bytes;
	bool ok;
} base64url_cases[] = {{"", 0, true},       {"AA", 1, true},     {"AAA", 2, true},
		       {"AAAA", 3, true},   {"AAAAAA", 4, true}, {"A", 0, false},
		       {"AAAAA", 0, false}, {"AB", 0, false},    {"AQ", 1, true},
		       {"Aw", 1, true},     {"AI", 0, false},    {"AAE", 2, true},
		       {"AAB", 0, false},   {"AAC", 0, false},   {"-_-_", 3, true},
		       {"+/+/", 0, false},  {"AA==", 0, false},  {"A A=", 0, false}};

START_TEST(base64url)
{
	const char *text = base64url_cases[_i].text;
	size_t bytes = 77;
	g_autofree uint8_t *decoded = base64url_decode(text, strlen(text), &bytes);
	g_autofree char *again = decoded ? oidc_encode(decoded, bytes) : NULL;

	ck_assert_msg((decoded != NULL) == base64url_cases[_i].ok, "\"%s\"", text);
	ck_assert_uint_eq(bytes, decoded ? base64url_cases[_i].bytes : 77);
	if (decoded)
		ck_assert_str_eq(again, text);
}
END_TEST

START_TEST(base64url_of_all_bytes)
{
	uint8_t bytes[256];
	g_autofree char *text = NULL;
	g_autofree uint8_t *decoded = NULL;
	size_t length = 0;

	for (int i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	text = oidc_encode(bytes, sizeof(bytes));
	decoded = base64url_decode(text, strlen(text), &length);
	ck_assert_uint_eq(length, sizeof(bytes));
	ck_assert_mem_eq(decoded, bytes, sizeof(bytes));
}
END_TEST

START_TEST(refuses_extra_and_missing_parts)
{
	g_autofree char *token = oidc_good();
	g_autofree char *four = g_strconcat(token, ".", NULL);
	g_autofree char *five = g_strconcat(token, ".AAAA.AAAA", NULL);
	g_autofree char *front = g_strconcat(".", token, NULL);
	g_autofree char *headless = oidc_replace(token, 0, "");
	g_autofree char *empty = oidc_replace(token, 1, "");
	g_autofree char *two = g_strdup(token);

	*strrchr(two, '.') = '\0';
	oidc_refused(four, "three parts");
	oidc_refused(five, "three parts");
	oidc_refused(front, "three parts");
	oidc_refused(headless, "three parts");
	oidc_refused(empty, "three parts");
	oidc_refused(two, "three parts");
	oidc_refused("", "three parts");
	oidc_refused("..", "three parts");
	oidc_refused("s3cret", "three parts");
}
END_TEST

static const struct {
	const char *text;
	bool is;
} form_cases[] = {{"a.b.c", true}, {"a.b.", true},     {"a..c", false}, {".b.c", false},
		  {"a.b", false},  {"a.b.c.d", false}, {"", false},     {"..", false},
		  {"abc", false},  {"a.b.c.", false},  {"...", false}};

START_TEST(form)
{
	ck_assert_msg(oidc_is_token(form_cases[_i].text) == form_cases[_i].is, "\"%s\"",
		      form_cases[_i].text);
}
END_TEST

static void add_claims(TCase *tcase)
{
	tcase_add_loop_test(tcase, claims_are_judged, 0, G_N_ELEMENTS(claim_cases));
	tcase_add_loop_test(tcase, leeway, 0, G_N_ELEMENTS(time_cases));
	tcase_add_test(tcase, leeway_in_milliseconds);
	tcase_add_test(tcase, refuses_an_expired_token);
	tcase_add_test(tcase, refuses_a_token_that_lives_too_long);
	tcase_add_test(tcase, refuses_a_token_that_is_not_yet_valid);
	tcase_add_test(tcase, refuses_a_wrong_issuer);
	tcase_add_test(tcase, refuses_a_wrong_audience);
	tcase_add_test(tcase, refuses_a_wrong_email);
	tcase_add_test(tcase, refuses_an_unverified_email);
	tcase_add_test(tcase, a_wrong_email_is_the_last_to_be_told);
	tcase_add_test(tcase, google_has_two_names);
}

static void add_header(TCase *tcase)
{
	tcase_add_test(tcase, accepts_rs256);
	tcase_add_test(tcase, accepts_es256);
	tcase_add_test(tcase, refuses_alg_none);
	tcase_add_test(tcase, refuses_an_empty_signature);
	tcase_add_test(tcase, refuses_hs256_signed_with_the_public_key);
	tcase_add_test(tcase, refuses_other_algs);
	tcase_add_test(tcase, refuses_an_alg_that_does_not_fit_its_key);
	tcase_add_test(tcase, refuses_crit);
	tcase_add_test(tcase, refuses_other_types_of_token);
	tcase_add_test(tcase, never_uses_keys_of_the_header);
	tcase_add_test(tcase, refuses_duplicate_members);
	tcase_add_test(tcase, refuses_what_is_no_object);
	tcase_add_test(tcase, refuses_deep_nesting);
	tcase_add_test(tcase, refuses_a_token_without_kid);
	tcase_add_test(tcase, an_unknown_key_id_is_told_apart);
	tcase_add_test(tcase, no_keys_and_expired_keys_are_unknown_keys);
}

static void add_form(TCase *tcase)
{
	tcase_add_test(tcase, refuses_an_oversized_token);
	tcase_add_test(tcase, refuses_a_huge_token_at_once);
	tcase_add_test(tcase, refuses_broken_base64);
	tcase_add_test(tcase, refuses_padding_even_when_it_is_signed);
	tcase_add_test(tcase, refuses_stray_bits);
	tcase_add_loop_test(tcase, base64url, 0, G_N_ELEMENTS(base64url_cases));
	tcase_add_test(tcase, base64url_of_all_bytes);
	tcase_add_test(tcase, refuses_extra_and_missing_parts);
	tcase_add_loop_test(tcase, form, 0, G_N_ELEMENTS(form_cases));
}

Suite *oidc_suite(void)
{
	Suite *suite = suite_create("oidc");

	add_header(oidc_world_case(suite, "header"));
	add_form(oidc_world_case(suite, "form"));
	add_claims(oidc_world_case(suite, "claims"));
	return suite;
}
