/* test_keyfile - hostile key files, URLs and token answers; signing. */
#include "google/adc.h"
#include "google/endpoint.h"
#include "google/jwt.h"
#include "google/keyfile.h"
#include "google/secret.h"
#include "google/token_answer.h"

#include "drift_error.h"

#include <check.h>
#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *keyfile_suite(void);

#define SERVICE                                                                                    \
	"{\"type\":\"service_account\",\"client_email\":\"d@acme.iam.gserviceaccount.com\","       \
	"\"private_key\":\"-----BEGIN\\nKEY\",\"private_key_id\":\"k1\","                          \
	"\"token_uri\":\"https://oauth2.googleapis.com/token\",\"project_id\":\"acme\"}"
#define USER                                                                                       \
	"{\"type\":\"authorized_user\",\"client_id\":\"id\",\"client_secret\":\"cs\","             \
	"\"refresh_token\":\"rt\",\"quota_project_id\":\"qp\"}"
#define EXTERNAL_WITH(source)                                                                      \
	"{\"type\":\"external_account\",\"audience\":\"//iam/x\",\"subject_token_type\":\"jwt\","  \
	"\"credential_source\":" source "}"
#define EXTERNAL EXTERNAL_WITH("{\"file\":\"/run/t\"}")
#define IMPERSONATED_OF(source)                                                                    \
	"{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":"        \
	"\"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b:"               \
	"generateAccessToken\",\"delegates\":[\"projects/-/serviceAccounts/m@b\"],"                \
	"\"source_credentials\":" source "}"

static struct keyfile *parse(const char *text, GError **error)
{
	return keyfile_parse(text, strlen(text), error);
}

START_TEST(a_service_account_is_read)
{
	struct keyfile *keyfile = parse(SERVICE, NULL);

	ck_assert_ptr_nonnull(keyfile);
	ck_assert_int_eq(keyfile->type, KEYFILE_TYPE_SERVICE_ACCOUNT);
	ck_assert_str_eq(keyfile->client_email, "d@acme.iam.gserviceaccount.com");
	ck_assert_str_eq(keyfile->private_key, "-----BEGIN\nKEY");
	ck_assert_str_eq(keyfile->private_key_id, "k1");
	ck_assert_str_eq(keyfile->universe, "googleapis.com");
	ck_assert_ptr_null(keyfile->quota_project);
	keyfile_free(keyfile);
}
END_TEST

START_TEST(defaults_follow_the_universe)
{
	struct keyfile *keyfile =
		parse("{\"type\":\"service_account\",\"client_email\":\"e\",\"private_key\":\"k\","
		      "\"universe_domain\":\"cloud.example\"}",
		      NULL);

	ck_assert_str_eq(keyfile->token_uri, "https://oauth2.cloud.example/token");
	ck_assert(keyfile_check_urls(keyfile, NULL, NULL));
	keyfile_free(keyfile);
	keyfile = parse(EXTERNAL, NULL);
	ck_assert_str_eq(keyfile->token_url, "https://sts.googleapis.com/v1/token");
	ck_assert_str_eq(keyfile->source.file, "/run/t");
	ck_assert_ptr_null(keyfile->source.field);
	ck_assert_ptr_null(keyfile->impersonation_url);
	ck_assert_int_eq(keyfile->lifetime_s, 3600);
	keyfile_free(keyfile);
	keyfile = parse(USER, NULL);
	ck_assert_str_eq(keyfile->token_uri, "https://oauth2.googleapis.com/token");
	ck_assert_str_eq(keyfile->quota_project, "qp");
	keyfile_free(keyfile);
}
END_TEST

START_TEST(an_external_account_is_read)
{
	struct keyfile *keyfile = parse(
		"{\"type\":\"external_account\",\"audience\":\"a\",\"subject_token_type\":\"t\","
		"\"client_id\":\"ci\",\"client_secret\":\"cs\",\"workforce_pool_user_project\":"
		"\"up\",\"service_account_impersonation_url\":\"https://x/\","
		"\"service_account_impersonation\":{\"token_lifetime_seconds\":1200},"
		"\"credential_source\":{\"url\":\"http://127.0.0.1/t\",\"headers\":{\"X-A\":\"b\","
		"\"C\":\"d\"},\"format\":{\"type\":\"json\",\"subject_token_field_name\":\"f\"}}}",
		NULL);

	ck_assert_ptr_nonnull(keyfile);
	ck_assert_str_eq(keyfile->source.url, "http://127.0.0.1/t");
	ck_assert_uint_eq(keyfile->source.headers->len, 2);
	ck_assert_str_eq(g_ptr_array_index(keyfile->source.headers, 0), "X-A: b");
	ck_assert_str_eq(keyfile->source.field, "f");
	ck_assert_int_eq(keyfile->lifetime_s, 1200);
	ck_assert_str_eq(keyfile->user_project, "up");
	keyfile_free(keyfile);
}
END_TEST

START_TEST(impersonation_nests)
{
	struct keyfile *keyfile = parse(IMPERSONATED_OF(IMPERSONATED_OF(USER)), NULL);

	ck_assert_ptr_nonnull(keyfile);
	ck_assert_str_eq(g_ptr_array_index(keyfile->delegates, 0),
			 "projects/-/serviceAccounts/m@b");
	ck_assert_int_eq(keyfile->nested->type, KEYFILE_TYPE_IMPERSONATED);
	ck_assert_int_eq(keyfile->nested->nested->type, KEYFILE_TYPE_AUTHORIZED_USER);
	keyfile_free(keyfile);
	ck_assert_ptr_null(parse(IMPERSONATED_OF(IMPERSONATED_OF(IMPERSONATED_OF(USER))), NULL));
}
END_TEST

static const struct {
	const char *text;
	enum drift_error code;
	const char *why; /* in the message */
} refused[] = {
	{"", DRIFT_ERROR_INVALID, ""},
	{"not json", DRIFT_ERROR_INVALID, ""},
	{"[]", DRIFT_ERROR_INVALID, "object"},
	{"\"service_account\"", DRIFT_ERROR_INVALID, "object"},
	{"{}", DRIFT_ERROR_INVALID, "type"},
	{"{\"type\":null}", DRIFT_ERROR_INVALID, "type"},
	{"{\"type\":7}", DRIFT_ERROR_INVALID, "type"},
	{"{\"type\":\"\"}", DRIFT_ERROR_INVALID, "type"},
	{"{\"type\":\"service_account\\u0000\"}", DRIFT_ERROR_INVALID, "type"},
	{"{\"type\":\"Service_Account\"}", DRIFT_ERROR_INVALID, "type"},
	{"{\"client_email\":\"a\",\"private_key\":\"b\"}", DRIFT_ERROR_INVALID, "type is missing"},
	{"{\"type\":\"gdch_service_account\"}", DRIFT_ERROR_UNSUPPORTED, "gdch_service_account"},
	{"{\"type\":\"external_account_authorized_user\"}", DRIFT_ERROR_UNSUPPORTED,
	 "external_account_authorized_user"},
	{"{\"type\":\"service_account\"}", DRIFT_ERROR_INVALID, "client_email"},
	{"{\"type\":\"service_account\",\"client_email\":\"a\"}", DRIFT_ERROR_INVALID,
	 "private_key"},
	{"{\"type\":\"service_account\",\"client_email\":\"a\\nb\",\"private_key\":\"k\"}",
	 DRIFT_ERROR_INVALID, "client_email"},
	{"{\"type\":\"service_account\",\"client_email\":\"a\",\"private_key\":\"k\","
	 "\"universe_domain\":\"evil.com/x\"}",
	 DRIFT_ERROR_INVALID, "universe_domain"},
	{"{\"type\":\"service_account\",\"client_email\":\"a\",\"private_key\":\"k\","
	 "\"universe_domain\":\"com\"}",
	 DRIFT_ERROR_INVALID, "universe_domain"},
	{"{\"type\":\"authorized_user\",\"client_id\":\"a\",\"client_secret\":\"b\"}",
	 DRIFT_ERROR_INVALID, "refresh_token"},
	{"{\"type\":\"external_account\",\"audience\":\"a\",\"subject_token_type\":\"t\"}",
	 DRIFT_ERROR_INVALID, "credential_source"},
	{EXTERNAL_WITH("{}"), DRIFT_ERROR_INVALID, "exactly one"},
	{EXTERNAL_WITH("{\"file\":\"a\",\"url\":\"b\"}"), DRIFT_ERROR_INVALID, "exactly one"},
	{EXTERNAL_WITH("{\"executable\":{\"command\":\"/bin/true\"}}"), DRIFT_ERROR_UNSUPPORTED,
	 "executable"},
	{EXTERNAL_WITH("{\"environment_id\":\"aws1\",\"url\":\"b\"}"), DRIFT_ERROR_UNSUPPORTED,
	 "AWS"},
	{EXTERNAL_WITH("{\"certificate\":{}}"), DRIFT_ERROR_UNSUPPORTED, "certificate"},
	{EXTERNAL_WITH("{\"file\":\"a\",\"format\":{\"type\":\"xml\"}}"), DRIFT_ERROR_INVALID,
	 "format"},
	{EXTERNAL_WITH("{\"file\":\"a\",\"format\":{\"type\":\"json\"}}"), DRIFT_ERROR_INVALID,
	 "subject_token_field_name"},
	{EXTERNAL_WITH("{\"url\":\"a\",\"headers\":{\"A\\r\\nB\":\"x\"}}"), DRIFT_ERROR_INVALID,
	 "headers"},
	{EXTERNAL_WITH("{\"url\":\"a\",\"headers\":{\"A\":\"x\\r\\nB: c\"}}"), DRIFT_ERROR_INVALID,
	 "headers"},
	{EXTERNAL_WITH("{\"url\":\"a\",\"headers\":{\"A\":7}}"), DRIFT_ERROR_INVALID, "headers"},
	{IMPERSONATED_OF("{}"), DRIFT_ERROR_INVALID, "source_credentials: type"},
	{IMPERSONATED_OF("null"), DRIFT_ERROR_INVALID, "source_credentials"},
	{IMPERSONATED_OF("{\"type\":\"gdch_service_account\"}"), DRIFT_ERROR_UNSUPPORTED, "gdch"},
};

START_TEST(hostile_files_are_refused)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(parse(refused[_i].text, &error));
	ck_assert_msg(error->code == (int)refused[_i].code, "%s: %s", refused[_i].text,
		      error->message);
	ck_assert_msg(strstr(error->message, refused[_i].why), "%s: %s", refused[_i].text,
		      error->message);
}
END_TEST

/* Every member of good files, one after the other, with every wrong type. */
static const struct {
	const char *format; /* %s: the value */
	const char *good;
} members[] = {
	{"{\"type\":%s,\"client_email\":\"e\",\"private_key\":\"k\"}", "\"service_account\""},
	{"{\"type\":\"service_account\",\"client_email\":%s,\"private_key\":\"k\"}", "\"e\""},
	{"{\"type\":\"service_account\",\"client_email\":\"e\",\"private_key\":%s}", "\"k\""},
	{"{\"type\":\"service_account\",\"client_email\":\"e\",\"private_key\":\"k\","
	 "\"private_key_id\":%s}",
	 "\"i\""},
	{"{\"type\":\"service_account\",\"client_email\":\"e\",\"private_key\":\"k\","
	 "\"token_uri\":%s}",
	 "\"u\""},
	{"{\"type\":\"service_account\",\"client_email\":\"e\",\"private_key\":\"k\","
	 "\"universe_domain\":%s}",
	 "\"x.y\""},
	{"{\"type\":\"service_account\",\"client_email\":\"e\",\"private_key\":\"k\","
	 "\"quota_project_id\":%s}",
	 "\"q\""},
	{"{\"type\":\"authorized_user\",\"client_id\":%s,\"client_secret\":\"s\","
	 "\"refresh_token\":\"r\"}",
	 "\"i\""},
	{"{\"type\":\"authorized_user\",\"client_id\":\"i\",\"client_secret\":%s,"
	 "\"refresh_token\":\"r\"}",
	 "\"s\""},
	{"{\"type\":\"authorized_user\",\"client_id\":\"i\",\"client_secret\":\"s\","
	 "\"refresh_token\":%s}",
	 "\"r\""},
	{"{\"type\":\"external_account\",\"audience\":%s,\"subject_token_type\":\"t\","
	 "\"credential_source\":{\"file\":\"f\"}}",
	 "\"a\""},
	{"{\"type\":\"external_account\",\"audience\":\"a\",\"subject_token_type\":%s,"
	 "\"credential_source\":{\"file\":\"f\"}}",
	 "\"t\""},
	{"{\"type\":\"external_account\",\"audience\":\"a\",\"subject_token_type\":\"t\","
	 "\"token_url\":%s,\"credential_source\":{\"file\":\"f\"}}",
	 "\"u\""},
	{EXTERNAL_WITH("%s"), "{\"url\":\"u\"}"},
	{EXTERNAL_WITH("{\"file\":%s}"), "\"f\""},
	{EXTERNAL_WITH("{\"url\":%s}"), "\"u\""},
	{EXTERNAL_WITH("{\"file\":\"f\",\"format\":%s}"), "{\"type\":\"text\"}"},
	{EXTERNAL_WITH("{\"url\":\"u\",\"headers\":%s}"), "{\"a\":\"b\"}"},
	{IMPERSONATED_OF("%s"), USER},
	{"{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":%s,"
	 "\"source_credentials\":" USER "}",
	 "\"u\""},
	{"{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":\"u\","
	 "\"delegates\":%s,\"source_credentials\":" USER "}",
	 "[\"d\"]"},
	{"{\"type\":\"external_account\",\"audience\":\"a\",\"subject_token_type\":\"t\","
	 "\"service_account_impersonation\":{\"token_lifetime_seconds\":%s},"
	 "\"credential_source\":{\"file\":\"f\"}}",
	 "600"},
};

static struct keyfile *parse_with(const char *format, const char *value)
{
	g_auto(GStrv) parts = g_strsplit(format, "%s", 2);
	g_autofree char *text = g_strconcat(parts[0], value, parts[1], NULL);

	return parse(text, NULL);
}

START_TEST(every_member_has_its_type)
{
	static const char *const wrong[] = {"true", "1.5",          "-3",
					    "[7]",  "{\"type\":7}", "\"\\u0007\""};
	struct keyfile *keyfile = parse_with(members[_i].format, members[_i].good);

	ck_assert_msg(keyfile, "%s with %s", members[_i].format, members[_i].good);
	keyfile_free(keyfile);
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
		ck_assert_msg(!parse_with(members[_i].format, wrong[i]), "%s with %s",
			      members[_i].format, wrong[i]);
}
END_TEST

START_TEST(lifetimes_have_bounds)
{
	static const struct {
		const char *value;
		bool ok;
	} cases[] = {{"599", false}, {"600", true}, {"43200", true}, {"43201", false}};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct keyfile *keyfile =
			parse_with(members[G_N_ELEMENTS(members) - 1].format, cases[i].value);

		ck_assert((keyfile != NULL) == cases[i].ok);
		keyfile_free(keyfile);
	}
}
END_TEST

START_TEST(files_have_a_largest_size)
{
	for (int more = -1; more <= 1; more++) {
		g_autoptr(GError) error = NULL;
		GString *text = g_string_new(USER);
		struct keyfile *keyfile = NULL;

		while (text->len < KEYFILE_MAX_BYTES + (size_t)(more + 1) - 1)
			g_string_append_c(text, ' ');
		keyfile = keyfile_parse(text->str, text->len, &error);
		ck_assert_msg((keyfile != NULL) == (more < 1), "%zu bytes", text->len);
		if (more == 1)
			ck_assert_int_eq(error->code, DRIFT_ERROR_TOO_LARGE);
		keyfile_free(keyfile);
		(void)g_string_free(text, TRUE);
	}
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
	GString *text = g_string_new("{\"type\":\"service_account\",\"x\":");

	for (int i = 0; i < 20000; i++)
		g_string_append_c(text, '[');
	ck_assert_ptr_null(keyfile_parse(text->str, text->len, NULL));
	for (int i = 0; i < 20000; i++)
		g_string_append_c(text, ']');
	g_string_append_c(text, '}');
	ck_assert_ptr_null(keyfile_parse(text->str, text->len, NULL));
	(void)g_string_free(text, TRUE);
}
END_TEST

START_TEST(messages_quote_no_values)
{
	static const char *const texts[] = {
		"{\"type\":\"hush-hush\"}",
		"{\"type\":\"authorized_user\",\"client_secret\":\"hush-hush\"}",
		"{\"type\":\"authorized_user\",\"client_secret\":[\"hush-hush\"]}",
		"{\"type\":\"service_account\",\"private_key\":\"hush-hush\" hush-hush",
		"hush-hush",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		ck_assert_ptr_null(parse(texts[i], &error));
		ck_assert_msg(!strstr(error->message, "hush"), "%s", error->message);
	}
}
END_TEST

/* --- where secrets may go --- */

static const struct {
	const char *url;
	const char *universe;
	const char *token_endpoint;
	bool ok;
} urls[] = {
	{"https://oauth2.googleapis.com/token", NULL, NULL, true},
	{"https://googleapis.com/", NULL, NULL, true},
	{"https://OAUTH2.GoogleAPIs.com/token", NULL, NULL, true},
	{"https://oauth2.googleapis.com:443/token", NULL, NULL, true},
	{"https://sts.cloud.example/v1/token", "cloud.example", NULL, true},
	{"https://sts.cloud.example/v1/token", NULL, NULL, false},
	{"https://evil.example/token", "googleapis.com", NULL, false},
	{"https://googleapis.com.evil.example/", NULL, NULL, false},
	{"https://evilgoogleapis.com/", NULL, NULL, false},
	{"https://oauth2.googleapis.com@evil.example/", NULL, NULL, false},
	{"https://user:pw@oauth2.googleapis.com/", NULL, NULL, false},
	{"https://oauth2.googleapis.com/#x", NULL, NULL, false},
	{"https://evil.example/?x=.googleapis.com", NULL, NULL, false},
	{"https://evil.example\\.googleapis.com/", NULL, NULL, false},
	{"https://proxy.corp.example/token", NULL, "https://proxy.corp.example/token", true},
	{"https://other.corp.example/token", NULL, "https://proxy.corp.example/token", false},
	{"http://oauth2.googleapis.com/token", NULL, NULL, false},
	{"http://proxy.corp.example/token", NULL, "http://proxy.corp.example/token", false},
	{"http://127.0.0.1:9/token", NULL, NULL, true},
	{"http://127.9.8.7/token", NULL, NULL, true},
	{"http://localhost:1/token", NULL, NULL, true},
	{"http://[::1]:1/token", NULL, NULL, true},
	{"http://128.0.0.1/token", NULL, NULL, false},
	{"http://127.0.0.1.evil.example/", NULL, NULL, false},
	{"http://localhost.evil.example/", NULL, NULL, false},
	{"http://169.254.169.254/", NULL, NULL, false},
	{"http://2130706433/", NULL, NULL, false},
	{"ftp://oauth2.googleapis.com/", NULL, NULL, false},
	{"file:///etc/passwd", NULL, NULL, false},
	{"oauth2.googleapis.com/token", NULL, NULL, false},
	{"//oauth2.googleapis.com/token", NULL, NULL, false},
	{"https:///token", NULL, NULL, false},
	{"https://", NULL, NULL, false},
	{"", NULL, NULL, false},
};

START_TEST(secrets_go_to_known_places_only)
{
	g_autoptr(GError) error = NULL;
	bool ok = endpoint_check("token_uri", urls[_i].url, urls[_i].universe,
				 urls[_i].token_endpoint, &error);

	ck_assert_msg(ok == urls[_i].ok, "%s: %s", urls[_i].url,
		      error ? error->message : "accepted");
	ck_assert(ok == (error == NULL));
}
END_TEST

START_TEST(all_urls_of_a_file_are_checked)
{
	static const char *const texts[] = {
		"{\"type\":\"service_account\",\"client_email\":\"e\",\"private_key\":\"k\","
		"\"token_uri\":\"https://evil.example/\"}",
		"{\"type\":\"external_account\",\"audience\":\"a\",\"subject_token_type\":\"t\","
		"\"token_url\":\"https://evil.example/\",\"credential_source\":{\"file\":\"f\"}}",
		"{\"type\":\"external_account\",\"audience\":\"a\",\"subject_token_type\":\"t\","
		"\"service_account_impersonation_url\":\"https://evil.example/\","
		"\"credential_source\":{\"file\":\"f\"}}",
		EXTERNAL_WITH("{\"url\":\"http://evil.example/\"}"),
		EXTERNAL_WITH("{\"url\":\"file:///etc/passwd\"}"),
		IMPERSONATED_OF("{\"type\":\"authorized_user\",\"client_id\":\"i\","
				"\"client_secret\":\"s\",\"refresh_token\":\"r\","
				"\"token_uri\":\"https://evil.example/\"}"),
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct keyfile *keyfile = parse(texts[i], NULL);
		g_autoptr(GError) error = NULL;

		ck_assert_ptr_nonnull(keyfile);
		ck_assert_msg(!keyfile_check_urls(keyfile, NULL, &error), "%s", texts[i]);
		keyfile_free(keyfile);
	}
}
END_TEST

START_TEST(sources_may_be_anywhere_but_not_in_the_open)
{
	ck_assert(endpoint_check_source("u", "https://forge.example/token", NULL));
	ck_assert(endpoint_check_source("u", "http://169.254.169.254/metadata", NULL));
	ck_assert(endpoint_check_source("u", "http://localhost:8/x", NULL));
	ck_assert(!endpoint_check_source("u", "http://forge.example/token", NULL));
	ck_assert(endpoint_is_near("http://169.254.169.254/x"));
	ck_assert(endpoint_is_near("http://127.0.0.1:1/x"));
	ck_assert(!endpoint_is_near("https://forge.example/"));
}
END_TEST

START_TEST(a_token_endpoint_without_a_path_gets_one)
{
	static const struct {
		const char *given;
		const char *used;
	} cases[] = {
		{"https://h.example", "https://h.example/token"},
		{"http://127.0.0.1:80/token", "http://127.0.0.1:80/token"},
		{"https://h.example/other", "https://h.example/other"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *used = endpoint_complete(cases[i].given);

		ck_assert_str_eq(used, cases[i].used);
	}
}
END_TEST

/* --- answers --- */

static const struct {
	const char *text;
	int64_t life_ms; /* 0: refused */
} answers[] = {
	{"{\"access_token\":\"t\",\"expires_in\":3599,\"token_type\":\"Bearer\"}", 3599000},
	{"{\"access_token\":\"t\",\"expires_in\":\"3599\"}", 3599000},
	{"{\"access_token\":\"t\",\"token_type\":\"bearer\",\"more\":{}}", TOKEN_LIFE_UNSAID_MS},
	{"{\"access_token\":\"t\",\"expires_in\":1}", 1000},
	{"{\"access_token\":\"t\",\"expires_in\":43201}", TOKEN_LIFE_MAX_MS},
	{"{\"access_token\":\"t\",\"expires_in\":9223372036854775807}", TOKEN_LIFE_MAX_MS},
	{"{\"access_token\":\"t\",\"expires_in\":0}", 0},
	{"{\"access_token\":\"t\",\"expires_in\":-1}", 0},
	{"{\"access_token\":\"t\",\"expires_in\":null}", 0},
	{"{\"access_token\":\"t\",\"expires_in\":[]}", 0},
	{"{\"access_token\":\"t\",\"expires_in\":\"soon\"}", 0},
	{"{\"access_token\":\"t\",\"token_type\":\"mac\"}", 0},
	{"{\"access_token\":\"t\",\"token_type\":7}", 0},
	{"{\"access_token\":\"\",\"expires_in\":1}", 0},
	{"{\"access_token\":\"a b\",\"expires_in\":1}", 0},
	{"{\"access_token\":\"a\\r\\nX: y\",\"expires_in\":1}", 0},
	{"{\"access_token\":\"a\\u0000b\",\"expires_in\":1}", 0},
	{"{\"access_token\":\"t\\u00e9\",\"expires_in\":1}", 0},
	{"{\"access_token\":7,\"expires_in\":1}", 0},
	{"{\"access_token\":null}", 0},
	{"{\"expires_in\":1}", 0},
	{"{\"accessToken\":\"t\",\"expires_in\":1}", 0},
	{"[]", 0},
	{"", 0},
	{"<html>", 0},
};

START_TEST(token_answers_are_checked)
{
	struct token token = {0};
	g_autoptr(GError) error = NULL;
	bool ok = token_answer_parse(answers[_i].text, strlen(answers[_i].text), &token, &error);

	ck_assert_msg(ok == (answers[_i].life_ms > 0), "%s: %s", answers[_i].text,
		      error ? error->message : "accepted");
	ck_assert_int_eq(token.life_ms, answers[_i].life_ms);
	if (ok)
		ck_assert_str_eq(token.text, "t");
	else
		ck_assert_ptr_null(token.text);
	token_clear(&token);
}
END_TEST

START_TEST(tokens_have_a_largest_size)
{
	for (size_t length = TOKEN_MAX_BYTES - 1; length <= TOKEN_MAX_BYTES + 1; length++) {
		g_autofree char *text = g_strnfill(length, 't');
		g_autofree char *answer = g_strdup_printf("{\"access_token\":\"%s\"}", text);
		struct token token = {0};

		ck_assert(token_answer_parse(answer, strlen(answer), &token, NULL) ==
			  (length <= TOKEN_MAX_BYTES));
		token_clear(&token);
	}
}
END_TEST

static const struct {
	const char *text;
	int64_t life_ms;
} impersonated[] = {
	{"{\"accessToken\":\"t\",\"expireTime\":\"2026-11-20T05:00:00Z\"}", 3600000},
	{"{\"accessToken\":\"t\",\"expireTime\":\"2026-11-20T05:00:00.5Z\"}", 3600500},
	{"{\"accessToken\":\"t\",\"expireTime\":\"2036-11-20T05:00:00Z\"}", TOKEN_LIFE_MAX_MS},
	{"{\"accessToken\":\"t\"}", TOKEN_LIFE_UNSAID_MS},
	{"{\"accessToken\":\"t\",\"expireTime\":\"2026-11-20T04:00:00Z\"}", 0},
	{"{\"accessToken\":\"t\",\"expireTime\":\"tomorrow\"}", 0},
	{"{\"accessToken\":\"t\",\"expireTime\":7}", 0},
	{"{\"access_token\":\"t\",\"expireTime\":\"2026-11-20T05:00:00Z\"}", 0},
	{"7", 0},
};

START_TEST(impersonated_answers_are_checked)
{
	static const int64_t now_ms = 1795147200000; /* 2026-11-20T04:00:00Z */
	struct token token = {0};
	bool ok = token_answer_parse_impersonated(
		impersonated[_i].text, strlen(impersonated[_i].text), now_ms, &token, NULL);

	ck_assert_msg(ok == (impersonated[_i].life_ms > 0), "%s", impersonated[_i].text);
	ck_assert_int_eq(token.life_ms, impersonated[_i].life_ms);
	token_clear(&token);
}
END_TEST

static const struct {
	const char *text;
	const char *field;
	const char *want; /* NULL: refused */
} subjects[] = {
	{"a.b.c", NULL, "a.b.c"},
	{" \n a.b.c\r\n\n", NULL, "a.b.c"},
	{"", NULL, NULL},
	{" \n", NULL, NULL},
	{"a\x01", NULL, NULL},
	{"{\"t\":\"a.b\",\"u\":7}", "t", "a.b"},
	{"{\"t\":\"a.b\"}", "u", NULL},
	{"{\"t\":7}", "t", NULL},
	{"{\"t\":\"\"}", "t", NULL},
	{"[\"t\"]", "t", NULL},
	{"a.b.c", "t", NULL},
};

START_TEST(subject_tokens_are_found)
{
	AUTO_SECRET char *got = token_answer_subject(subjects[_i].text, strlen(subjects[_i].text),
						     subjects[_i].field, NULL);

	ck_assert_pstr_eq(got, subjects[_i].want);
}
END_TEST

/* --- keys that cannot sign; what good ones sign is in test_credentials --- */

static char *pem_of(EVP_PKEY *key, const EVP_CIPHER *cipher)
{
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned char password[] = "x";
	char *bytes = NULL;
	char *text = NULL;
	long length = 0;

	ck_assert_int_eq(PEM_write_bio_PKCS8PrivateKey(bio, key, cipher,
						       cipher ? (char *)password : NULL,
						       cipher ? 1 : 0, NULL, NULL),
			 1);
	length = BIO_get_mem_data(bio, &bytes);
	text = g_strndup(bytes, (gsize)length);
	BIO_free(bio);
	EVP_PKEY_free(key);
	return text;
}

START_TEST(keys_that_cannot_sign_are_refused)
{
	const struct jwt_claims claims = {
		.issuer = "i", .scope = "s", .audience = "a", .now_wall_ms = 1};
	g_autofree char *encrypted = pem_of(EVP_RSA_gen(2048), EVP_aes_256_cbc());
	g_autofree char *elliptic = pem_of(EVP_EC_gen("P-256"), NULL);
	g_autofree char *tiny = pem_of(EVP_RSA_gen(512), NULL);
	g_autofree char *good = pem_of(EVP_RSA_gen(1024), NULL);
	g_autofree char *cut = g_strndup(good, strlen(good) / 2);
	const char *const keys[] = {encrypted, elliptic, tiny, cut, "", "no PEM"};
	g_autofree char *signed_text = jwt_sign(good, NULL, &claims, NULL);

	ck_assert_ptr_nonnull(signed_text);
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		g_autoptr(GError) error = NULL;

		ck_assert_msg(!jwt_sign(keys[i], NULL, &claims, &error), "key %zu", i);
		ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
		ck_assert_ptr_nonnull(strstr(error->message, "private_key"));
	}
}
END_TEST

/* --- files --- */

static char *directory;

static void make_directory(void)
{
	directory = g_dir_make_tmp("driftd-adc-XXXXXX", NULL);
	ck_assert_ptr_nonnull(directory);
}

static void remove_directory(void)
{
	static const char *const names[] = {"file", "fifo", "application_default_credentials.json"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(directory, names[i], NULL);

		(void)g_unlink(path);
	}
	(void)g_rmdir(directory);
	g_free(directory);
}

START_TEST(files_are_read_up_to_their_bound)
{
	g_autofree char *path = g_build_filename(directory, "file", NULL);

	for (gssize length = 9; length <= 11; length++) {
		g_autofree char *content = g_strnfill((gsize)length, 'c');
		g_autoptr(GError) error = NULL;
		char *bytes = NULL;
		size_t got = 0;
		bool ok = false;

		ck_assert(g_file_set_contents(path, content, length, NULL));
		ok = adc_read_file(path, 10, &bytes, &got, &error);
		ck_assert(ok == (length <= 10));
		if (ok)
			ck_assert_str_eq(bytes, content);
		else
			ck_assert_int_eq(error->code, DRIFT_ERROR_TOO_LARGE);
		ck_assert_uint_eq(got, ok ? (size_t)length : 0);
		g_free(bytes);
	}
}
END_TEST

START_TEST(only_regular_files_are_read)
{
	g_autofree char *fifo = g_build_filename(directory, "fifo", NULL);
	g_autofree char *none = g_build_filename(directory, "none", NULL);
	const char *const paths[] = {fifo, none, directory, "/dev/zero"};

	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autoptr(GError) error = NULL;
		char *bytes = NULL;
		size_t length = 0;

		ck_assert(!adc_read_file(paths[i], 10, &bytes, &length, &error));
		ck_assert_ptr_nonnull(strstr(error->message, paths[i]));
		ck_assert_ptr_null(bytes);
	}
}
END_TEST

START_TEST(the_order_of_places)
{
	g_autofree char *well_known =
		g_build_filename(directory, "application_default_credentials.json", NULL);
	struct adc_place place = {0};

	g_setenv("CLOUDSDK_CONFIG", directory, TRUE);
	g_setenv("GOOGLE_APPLICATION_CREDENTIALS", "", TRUE); /* empty is unset */
	adc_find(&place);
	ck_assert_ptr_null(place.path);
	ck_assert_ptr_nonnull(strstr(place.tried, well_known));
	adc_place_done(&place);
	ck_assert(g_file_set_contents(well_known, "{}", -1, NULL));
	adc_find(&place);
	ck_assert_str_eq(place.path, well_known);
	adc_place_done(&place);
	g_setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json", TRUE);
	adc_find(&place);
	ck_assert_str_eq(place.path, "/nowhere/key.json");
	adc_place_done(&place);
	g_unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
	g_unsetenv("CLOUDSDK_CONFIG");
	g_unsetenv("HOME");
	adc_find(&place);
	ck_assert_ptr_null(place.path);
	adc_place_done(&place);
}
END_TEST

START_TEST(the_metadata_server_has_an_address)
{
	static const struct {
		const char *host; /* GCE_METADATA_HOST */
		const char *ip;   /* GCE_METADATA_IP */
		const char *want; /* NULL: refused */
	} cases[] = {
		{"", "", "http://169.254.169.254/computeMetadata/v1"},
		{"metadata.example:8080", "", "http://metadata.example:8080/computeMetadata/v1"},
		{"", "10.0.0.1", "http://10.0.0.1/computeMetadata/v1"},
		{"a", "b", "http://a/computeMetadata/v1"},
		{"evil/path?", "", NULL},
		{"user@host", "", NULL},
		{"a b", "", NULL},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *url = NULL;

		g_setenv("GCE_METADATA_HOST", cases[i].host, TRUE);
		g_setenv("GCE_METADATA_IP", cases[i].ip, TRUE);
		url = adc_metadata_url(NULL);
		ck_assert_pstr_eq(url, cases[i].want);
	}
}
END_TEST

static void add_parsing(Suite *suite)
{
	TCase *tcase = tcase_create("files");

	tcase_add_test(tcase, a_service_account_is_read);
	tcase_add_test(tcase, defaults_follow_the_universe);
	tcase_add_test(tcase, an_external_account_is_read);
	tcase_add_test(tcase, impersonation_nests);
	tcase_add_loop_test(tcase, hostile_files_are_refused, 0, G_N_ELEMENTS(refused));
	tcase_add_loop_test(tcase, every_member_has_its_type, 0, G_N_ELEMENTS(members));
	tcase_add_test(tcase, lifetimes_have_bounds);
	tcase_add_test(tcase, files_have_a_largest_size);
	tcase_add_test(tcase, deep_nesting_is_refused);
	tcase_add_test(tcase, messages_quote_no_values);
	tcase_add_test(tcase, keys_that_cannot_sign_are_refused);
	suite_add_tcase(suite, tcase);
}

static void add_places(Suite *suite)
{
	TCase *urls_case = tcase_create("places");
	TCase *tcase = tcase_create("disk");

	tcase_add_loop_test(urls_case, secrets_go_to_known_places_only, 0, G_N_ELEMENTS(urls));
	tcase_add_test(urls_case, all_urls_of_a_file_are_checked);
	tcase_add_test(urls_case, sources_may_be_anywhere_but_not_in_the_open);
	tcase_add_test(urls_case, a_token_endpoint_without_a_path_gets_one);
	tcase_add_test(urls_case, the_metadata_server_has_an_address);
	suite_add_tcase(suite, urls_case);
	tcase_add_checked_fixture(tcase, make_directory, remove_directory);
	tcase_add_test(tcase, files_are_read_up_to_their_bound);
	tcase_add_test(tcase, only_regular_files_are_read);
	tcase_add_test(tcase, the_order_of_places);
	suite_add_tcase(suite, tcase);
}

static void add_answers(Suite *suite)
{
	TCase *tcase = tcase_create("answers");

	tcase_add_loop_test(tcase, token_answers_are_checked, 0, G_N_ELEMENTS(answers));
	tcase_add_test(tcase, tokens_have_a_largest_size);
	tcase_add_loop_test(tcase, impersonated_answers_are_checked, 0, G_N_ELEMENTS(impersonated));
	tcase_add_loop_test(tcase, subject_tokens_are_found, 0, G_N_ELEMENTS(subjects));
	suite_add_tcase(suite, tcase);
}

Suite *keyfile_suite(void)
{
	Suite *suite = suite_create("keyfile");

	add_parsing(suite);
	add_places(suite);
	add_answers(suite);
	return suite;
}
