/* test_credentials - every way to a token against a server that takes down what it is sent, and
 * every wrong answer. The cache is in test_credentials_cache. API-FACTS A. */
#include "tests/unit/credentials_world.h"

#include "clk.h"
#include "google/jwt.h"
#include "google/token_flow.h"
#include "json.h"

#include <cjose/cjose.h>
#include <glib/gstdio.h>
#include <openssl/core_names.h>
#include <stdlib.h>
#include <string.h>

Suite *credentials_suite(void);

/* --- what is sent --- */

/* The body of the last form. */
static GHashTable *last_form(void)
{
	const char *body = strstr(world.web->text, "\r\n\r\n") + 4;

	return g_uri_parse_params(body, -1, "&", G_URI_PARAMS_WWW_FORM, NULL);
}

static cjose_jwk_t *public_jwk(void)
{
	cjose_jwk_rsa_keyspec spec = {0};
	cjose_err problem = {0};
	BIGNUM *modulus = NULL;
	BIGNUM *exponent = NULL;
	cjose_jwk_t *jwk = NULL;

	ck_assert_int_eq(EVP_PKEY_get_bn_param(world.key, OSSL_PKEY_PARAM_RSA_N, &modulus), 1);
	ck_assert_int_eq(EVP_PKEY_get_bn_param(world.key, OSSL_PKEY_PARAM_RSA_E, &exponent), 1);
	spec.nlen = (size_t)BN_num_bytes(modulus);
	spec.elen = (size_t)BN_num_bytes(exponent);
	spec.n = g_malloc(spec.nlen);
	spec.e = g_malloc(spec.elen);
	(void)BN_bn2bin(modulus, spec.n);
	(void)BN_bn2bin(exponent, spec.e);
	jwk = cjose_jwk_create_RSA_spec(&spec, &problem);
	g_free(spec.n);
	g_free(spec.e);
	BN_free(modulus);
	BN_free(exponent);
	return jwk;
}

/* The claims of an assertion that is signed by our key. */
static json_object *verified_claims(const char *assertion)
{
	cjose_err problem = {0};
	cjose_jws_t *jws = cjose_jws_import(assertion, strlen(assertion), &problem);
	cjose_jwk_t *jwk = public_jwk();
	cjose_header_t *header = NULL;
	uint8_t *plain = NULL;
	size_t length = 0;
	json_object *claims = NULL;

	ck_assert_ptr_nonnull(jws);
	header = cjose_jws_get_protected(jws);
	ck_assert_str_eq(cjose_header_get(header, "alg", &problem), "RS256");
	ck_assert_str_eq(cjose_header_get(header, "typ", &problem), "JWT");
	ck_assert_str_eq(cjose_header_get(header, "kid", &problem), "key-1");
	ck_assert(cjose_jws_verify(jws, jwk, &problem));
	ck_assert(cjose_jws_get_plaintext(jws, &plain, &length, &problem));
	claims = json_parse((const char *)plain, length, NULL);
	cjose_jws_release(jws);
	cjose_jwk_release(jwk);
	return claims;
}

START_TEST(a_service_account_asserts)
{
	g_autofree char *uri = g_strconcat(world.web->origin, "/token", NULL);
	g_autoptr(GHashTable) form = NULL;
	json_object *claims = NULL;
	int64_t issued_s = 0;

	write_service_account(uri);
	expect_token("tok-0");
	ck_assert_ptr_nonnull(strstr(world.web->text, "POST /token HTTP/1.1\r\n"));
	ck_assert_ptr_nonnull(
		strstr(world.web->text, "Content-Type: application/x-www-form-urlencoded\r\n"));
	form = last_form();
	ck_assert_str_eq(g_hash_table_lookup(form, "grant_type"),
			 "urn:ietf:params:oauth:grant-type:jwt-bearer");
	claims = verified_claims(g_hash_table_lookup(form, "assertion"));
	ck_assert_str_eq(json_member_text(claims, "iss", ""), ACCOUNT);
	ck_assert_str_eq(json_member_text(claims, "scope", ""), TOKEN_SCOPE);
	ck_assert_str_eq(json_member_text(claims, "aud", ""), uri);
	issued_s = json_member_int(claims, "iat", 0);
	ck_assert_int_eq(issued_s, clk_wall_ms() / 1000 - JWT_BACKDATE_S);
	ck_assert_int_eq(json_member_int(claims, "exp", 0), issued_s + 3600);
	json_object_put(claims);
}
END_TEST

START_TEST(the_token_endpoint_of_the_section_goes_first)
{
	g_autofree char *nowhere = web_nowhere();
	g_autoptr(GHashTable) form = NULL;
	json_object *claims = NULL;

	write_service_account(nowhere);
	world.gcp.token_endpoint = g_strdup(world.web->origin);
	expect_token("tok-0");
	form = last_form();
	claims = verified_claims(g_hash_table_lookup(form, "assertion"));
	ck_assert(g_str_has_suffix(json_member_text(claims, "aud", ""), "/token"));
	ck_assert(g_str_has_prefix(json_member_text(claims, "aud", ""), world.web->origin));
	json_object_put(claims);
}
END_TEST

START_TEST(a_user_refreshes)
{
	g_autoptr(GHashTable) form = NULL;

	write_user();
	expect_token("tok-0");
	form = last_form();
	ck_assert_str_eq(g_hash_table_lookup(form, "grant_type"), "refresh_token");
	ck_assert_str_eq(g_hash_table_lookup(form, "client_id"), "id");
	ck_assert_str_eq(g_hash_table_lookup(form, "client_secret"), "s&c=ret");
	ck_assert(g_str_has_prefix(g_hash_table_lookup(form, "refresh_token"), "1//re+fresh"));
	ck_assert_str_eq(credentials_quota_project(world.credentials), "quota-of-file");
}
END_TEST

START_TEST(the_quota_project_of_the_environment_goes_first)
{
	g_setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "quota-of-env", TRUE);
	write_user();
	expect_token("tok-0");
	ck_assert_str_eq(credentials_quota_project(world.credentials), "quota-of-env");
}
END_TEST

static void write_external(const char *source, const char *more)
{
	g_autofree char *text = g_strdup_printf(
		"{\"type\":\"external_account\",\"audience\":\"//iam.googleapis.com/p\","
		"\"subject_token_type\":\"urn:ietf:params:oauth:token-type:jwt\","
		"\"token_url\":\"%s/v1/token\",\"credential_source\":%s%s}",
		world.web->origin, source, more);

	write_file("key.json", text);
}

static void write_external_file(const char *more)
{
	g_autofree char *path = path_of("subject");
	g_autofree char *source = g_strdup_printf("{\"file\":\"%s\"}", path);

	write_external(source, more);
}

START_TEST(a_federated_token_from_a_file)
{
	g_autoptr(GHashTable) form = NULL;
	g_autoptr(GHashTable) second = NULL;

	write_external_file(",\"workforce_pool_user_project\":\"wp\"");
	write_file("subject", "sub.ject.file\n");
	expect_token("tok-0");
	form = last_form();
	ck_assert_str_eq(g_hash_table_lookup(form, "grant_type"),
			 "urn:ietf:params:oauth:grant-type:token-exchange");
	ck_assert_str_eq(g_hash_table_lookup(form, "audience"), "//iam.googleapis.com/p");
	ck_assert_str_eq(g_hash_table_lookup(form, "scope"), TOKEN_SCOPE);
	ck_assert_str_eq(g_hash_table_lookup(form, "requested_token_type"),
			 "urn:ietf:params:oauth:token-type:access_token");
	ck_assert_str_eq(g_hash_table_lookup(form, "subject_token"), "sub.ject.file");
	ck_assert_str_eq(g_hash_table_lookup(form, "subject_token_type"),
			 "urn:ietf:params:oauth:token-type:jwt");
	ck_assert_str_eq(g_hash_table_lookup(form, "options"), "{\"userProject\":\"wp\"}");
	/* it is read anew for each exchange */
	write_file("subject", "another.one");
	credentials_reject(world.credentials, "tok-0");
	expect_token("tok-1");
	second = last_form();
	ck_assert_str_eq(g_hash_table_lookup(second, "subject_token"), "another.one");
}
END_TEST

START_TEST(a_federated_token_from_a_url_then_impersonation)
{
	g_autofree char *source = g_strdup_printf(
		"{\"url\":\"%s/subject\",\"headers\":{\"X-Forge\":\"yes\"},\"format\":{\"type\":"
		"\"json\",\"subject_token_field_name\":\"id_token\"}}",
		world.web->origin);
	g_autofree char *more = g_strdup_printf(
		",\"client_id\":\"ci\",\"client_secret\":\"cs\",\"workforce_pool_user_project\":"
		"\"wp\",\"service_account_impersonation_url\":\"%s/v1/projects/-/serviceAccounts/"
		"a@b:generateAccessToken\",\"service_account_impersonation\":"
		"{\"token_lifetime_seconds\":1800}",
		world.web->origin);
	g_autoptr(GHashTable) form = NULL;

	write_external(source, more);
	expect_token("imp-0");
	form = last_form();
	ck_assert_str_eq(g_hash_table_lookup(form, "subject_token"), "sub.ject.url");
	ck_assert_ptr_null(g_hash_table_lookup(form, "options")); /* the client is known */
	ck_assert_ptr_nonnull(strstr(world.web->text, "Authorization: Basic Y2k6Y3M=\r\n"));
	ck_assert_ptr_nonnull(strstr(world.web->last_headers, "Authorization: Bearer tok-0\r\n"));
	ck_assert_str_eq(world.web->last_body, "{\"scope\":[\"" TOKEN_SCOPE
					       "\"],\"lifetime\":\"1800s\",\"delegates\":[]}");
}
END_TEST

START_TEST(impersonation_goes_from_the_inside_out)
{
	g_autofree char *text = g_strdup_printf(
		"{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":"
		"\"%s/v1/projects/-/serviceAccounts/outer@b:generateAccessToken\","
		"\"delegates\":[\"projects/-/serviceAccounts/m@b\"],\"source_credentials\":"
		"{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":"
		"\"%s/v1/projects/-/serviceAccounts/inner@b:generateAccessToken\","
		"\"source_credentials\":{\"type\":\"authorized_user\",\"client_id\":\"i\","
		"\"client_secret\":\"s\",\"refresh_token\":\"r\",\"token_uri\":\"%s/token\"}}}",
		world.web->origin, world.web->origin, world.web->origin);

	write_file("key.json", text);
	expect_token("imp-1");
	ck_assert_uint_eq(world.web->log->len, 3);
	ck_assert_str_eq(g_ptr_array_index(world.web->log, 0), "POST /token");
	ck_assert_ptr_nonnull(strstr(g_ptr_array_index(world.web->log, 1), "/inner@b:"));
	ck_assert_ptr_nonnull(strstr(g_ptr_array_index(world.web->log, 2), "/outer@b:"));
	ck_assert_ptr_nonnull(strstr(world.web->last_headers, "Authorization: Bearer imp-0\r\n"));
	ck_assert_ptr_nonnull(
		strstr(world.web->last_body, "\"delegates\":[\"projects/-/serviceAccounts/m@b\"]"));
}
END_TEST

START_TEST(the_metadata_server_is_asked_directly)
{
	g_autofree char *nowhere = web_nowhere();

	g_setenv("http_proxy", nowhere, TRUE);
	world.gcp.credentials = CONFIG_CREDENTIALS_METADATA;
	expect_token("tok-0");
	ck_assert_ptr_nonnull(strstr(world.web->last_headers, "Metadata-Flavor: Google\r\n"));
	ck_assert_ptr_nonnull(strstr(
		world.web->last_headers,
		"token?scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform HTTP/1.1"));
	ck_assert_ptr_null(credentials_quota_project(world.credentials));
}
END_TEST

START_TEST(a_server_without_flavor_is_no_metadata_server)
{
	atomic_store(&world.metadata_unmarked, true);
	world.gcp.credentials = CONFIG_CREDENTIALS_METADATA;
	expect_token_fault(FAULT_CREDENTIALS, "Metadata-Flavor");
}
END_TEST

START_TEST(a_machine_without_account_is_said)
{
	static const int statuses[] = {403, 404};

	world.gcp.credentials = CONFIG_CREDENTIALS_METADATA;
	world.answer_body = "<h1>no</h1>";
	world.answer_headers = "Metadata-Flavor: Google\r\n";
	atomic_store(&world.answer_status, statuses[_i]);
	expect_token_fault(FAULT_CREDENTIALS, "no service account");
}
END_TEST

START_TEST(a_fixed_token_is_used)
{
	world.gcp.credentials = CONFIG_CREDENTIALS_TOKEN;
	world.gcp.credentials_token = g_strdup("fixed");
	expect_token("fixed");
	credentials_reject(world.credentials, "fixed");
	expect_token("fixed");
	ck_assert_int_eq(token_calls(), 0);
}
END_TEST

/* --- the order of places --- */

START_TEST(a_named_file_that_is_missing_is_final)
{
	world.gcp.credentials = CONFIG_CREDENTIALS_ADC;
	write_user();
	{
		g_autofree char *from = path_of("key.json");
		g_autofree char *to = path_of("application_default_credentials.json");

		ck_assert_int_eq(g_rename(from, to), 0);
	}
	g_setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json", TRUE);
	expect_token_fault(FAULT_CREDENTIALS, "/nowhere/key.json");
	ck_assert_int_eq(token_calls(), 0);
	g_setenv("GOOGLE_APPLICATION_CREDENTIALS", "", TRUE); /* empty is unset */
	advance(20000);
	expect_token("tok-0");
	ck_assert_int_eq(web_count(world.web, "/token"), 1);
}
END_TEST

START_TEST(a_damaged_file_of_gcloud_is_final)
{
	world.gcp.credentials = CONFIG_CREDENTIALS_ADC;
	write_file("application_default_credentials.json", "{\"type\":\"odd\"}");
	expect_token_fault(FAULT_CREDENTIALS, "application_default_credentials.json: type");
	ck_assert_int_eq(token_calls(), 0);
}
END_TEST

START_TEST(the_metadata_server_comes_last)
{
	world.gcp.credentials = CONFIG_CREDENTIALS_ADC;
	expect_token("tok-0");
	ck_assert_int_eq(web_count(world.web, "/computeMetadata/"), 1);
}
END_TEST

START_TEST(nothing_anywhere_names_all_three)
{
	g_autofree char *nowhere = web_nowhere();
	struct token_got got = {0};

	g_setenv("GCE_METADATA_HOST", nowhere + strlen("http://"), TRUE);
	world.gcp.credentials = CONFIG_CREDENTIALS_ADC;
	token_get(&got);
	ck_assert_int_eq(got.fault->class, FAULT_CREDENTIALS);
	ck_assert_ptr_nonnull(
		strstr(got.fault->message, "GOOGLE_APPLICATION_CREDENTIALS is not set"));
	ck_assert_ptr_nonnull(strstr(got.fault->message, world.directory));
	ck_assert_ptr_nonnull(strstr(got.fault->message, "metadata server"));
	token_got_clear(&got);
}
END_TEST

START_TEST(a_file_may_not_send_secrets_anywhere)
{
	static const char *const uris[] = {"https://evil.example/token", "http://evil.example/t",
					   "http://oauth2.googleapis.com/token"};

	write_service_account(uris[_i]);
	expect_token_fault(FAULT_CREDENTIALS, "token_uri");
}
END_TEST

START_TEST(a_token_endpoint_in_the_open_is_refused)
{
	g_autofree char *uri = g_strconcat(world.web->origin, "/token", NULL);

	write_service_account(uri);
	world.gcp.token_endpoint = g_strdup("http://proxy.example/token");
	expect_token_fault(FAULT_CREDENTIALS, "token-endpoint");
}
END_TEST

/* --- wrong answers --- */

static const struct {
	int status;
	const char *headers;
	const char *body;
	enum fault_class class;
	const char *part;
} wrong[] = {
	{400, "", "{\"error\":\"invalid_grant\",\"error_description\":\"Account deleted\"}",
	 FAULT_CREDENTIALS, "HTTP 400 invalid_grant: Account deleted"},
	{401, "", "{\"error\":\"invalid_client\"}", FAULT_CREDENTIALS, "client_secret is wrong"},
	{400, "", "{\"error\":\"invalid_grant\",\"error_subtype\":\"invalid_rapt\"}",
	 FAULT_CREDENTIALS, "gcloud auth application-default login"},
	{403, "Content-Type: text/html\r\n", "<html>no</html>", FAULT_CREDENTIALS, "HTTP 403"},
	{404, "", "", FAULT_CREDENTIALS, "HTTP 404"},
	{429, "Retry-After: 99\r\n", "", FAULT_QUOTA, "HTTP 429"},
	{503, "Retry-After: 99\r\n", "<html>", FAULT_HTTP_5XX, "HTTP 503"},
	{302, "Location: http://localhost:1/\r\n", "", FAULT_REDIRECT, "HTTP 302"},
	{200, "", "<html>", FAULT_BAD_ANSWER, "JSON"},
	{200, "", "", FAULT_BAD_ANSWER, "JSON"},
	{200, "", "{\"expires_in\":3600}", FAULT_BAD_ANSWER, "no token"},
	{200, "", "{\"access_token\":\"a\\nb\"}", FAULT_BAD_ANSWER, "odd characters"},
	{204, "", "", FAULT_BAD_ANSWER, "HTTP 204"},
	{400, "",
	 "{\"error\":\"x\",\"error_description\":\"got 1//re+fresh-012345678901234567890123"
	 "4567890123456789 there\"}",
	 FAULT_CREDENTIALS, "got (left out) there"},
};

START_TEST(wrong_answers_are_told_apart)
{
	struct token_got got = {0};

	world.answer_body = wrong[_i].body;
	world.answer_headers = wrong[_i].headers;
	atomic_store(&world.answer_status, wrong[_i].status);
	write_user();
	token_get(&got);
	ck_assert_msg(got.fault, "a token came");
	ck_assert_msg(got.fault->class == wrong[_i].class, "%s: %s",
		      fault_class_text(got.fault->class), got.fault->message);
	ck_assert_msg(strstr(got.fault->message, wrong[_i].part), "%s", got.fault->message);
	ck_assert_ptr_nonnull(strstr(got.fault->message, "127.0.0.1"));
	ck_assert_ptr_null(strstr(got.fault->message, "re+fresh"));
	ck_assert_int_eq(token_calls(), 1);
	token_got_clear(&got);
}
END_TEST

START_TEST(a_token_endpoint_that_is_away_is_no_wrong_credential)
{
	struct token_got got = {0};

	write_user();
	web_stop(world.web);
	world.web = NULL;
	world.credentials = credentials_create(world.client, &world.gcp);
	credentials_get(world.credentials, clk_mono_ms() + 100000, token_take, &got);
	for (int i = 0; i < 1000 && got.calls == 0; i++) { /* through the backoff */
		http_client_poll(world.client, 5, -1);
		advance(100);
	}
	ck_assert_int_eq(got.calls, 1);
	ck_assert_int_eq(got.fault->class, FAULT_RESET);
	ck_assert_ptr_nonnull(strstr(got.fault->message, "access token of the user"));
	token_got_clear(&got);
}
END_TEST

START_TEST(a_missing_subject_is_said)
{
	write_external_file("");
	expect_token_fault(FAULT_CREDENTIALS, "subject");
	write_file("subject", "\n");
	advance(20000);
	expect_token_fault(FAULT_CREDENTIALS, "no subject token");
	ck_assert_int_eq(token_calls(), 0);
}
END_TEST

static void add_ways(TCase *tcase)
{
	tcase_add_test(tcase, a_service_account_asserts);
	tcase_add_test(tcase, the_token_endpoint_of_the_section_goes_first);
	tcase_add_test(tcase, a_user_refreshes);
	tcase_add_test(tcase, the_quota_project_of_the_environment_goes_first);
	tcase_add_test(tcase, a_federated_token_from_a_file);
	tcase_add_test(tcase, a_federated_token_from_a_url_then_impersonation);
	tcase_add_test(tcase, impersonation_goes_from_the_inside_out);
	tcase_add_test(tcase, the_metadata_server_is_asked_directly);
	tcase_add_test(tcase, a_server_without_flavor_is_no_metadata_server);
	tcase_add_loop_test(tcase, a_machine_without_account_is_said, 0, 2);
	tcase_add_test(tcase, a_fixed_token_is_used);
	tcase_add_test(tcase, a_named_file_that_is_missing_is_final);
	tcase_add_test(tcase, a_damaged_file_of_gcloud_is_final);
	tcase_add_test(tcase, the_metadata_server_comes_last);
	tcase_add_test(tcase, nothing_anywhere_names_all_three);
}

static void add_wrongs(TCase *tcase)
{
	tcase_add_loop_test(tcase, a_file_may_not_send_secrets_anywhere, 0, 3);
	tcase_add_test(tcase, a_token_endpoint_in_the_open_is_refused);
	tcase_add_loop_test(tcase, wrong_answers_are_told_apart, 0, G_N_ELEMENTS(wrong));
	tcase_add_test(tcase, a_token_endpoint_that_is_away_is_no_wrong_credential);
	tcase_add_test(tcase, a_missing_subject_is_said);
}

Suite *credentials_suite(void)
{
	Suite *suite = suite_create("credentials");

	add_ways(credentials_world_case(suite, "ways"));
	add_wrongs(credentials_world_case(suite, "wrongs"));
	return suite;
}
