/* http_source, probe, manifest: what is taken from other people's documents, and what is
 * refused. */
#include "source/http_source.h"

#include <check.h>
#include <string.h>

#include "drift_error.h"
#include "source/manifest.h"
#include "source/probe.h"

Suite *http_source_suite(void);

static const struct {
	const char *pointer; /* NULL: plain body */
	const char *body;
	const char *want_value; /* NULL: refused */
	const char *want_commit;
	bool want_dirty;
	const char *want_error; /* part of the message; NULL with want_value */
} cases[] = {
	{"/commit", "{\"commit\":\"abcdef0\"}", "abcdef0", "abcdef0", false, NULL},
	{"/build/commit", "{\"build\":{\"commit\":\"ABCDEF0\",\"dirty\":true}}", "ABCDEF0",
	 "abcdef0", true, NULL},
	{"/build/commit", "{\"build\":{\"commit\":\"abcdef0\"},\"dirty\":true}", "abcdef0",
	 "abcdef0", false, NULL},
	{"/commit", "{\"commit\":\"abcdef0\",\"dirty\":\"true\"}", "abcdef0", "abcdef0", false,
	 NULL},
	{"/commit", "{\"commit\":\"abcdef0-dirty\",\"dirty\":false}", "abcdef0-dirty", "abcdef0",
	 true, NULL},
	{"/0/c", "[{\"c\":\"1234567\"}]", "1234567", "1234567", false, NULL},
	{"/commit", "{\"commit\":\"unknown\"}", "unknown", NULL, false, NULL},
	{"/commit", "{\"commit\":\"\"}", "", NULL, false, NULL},
	{"/commit", "{\"commit\":null}", "null", NULL, false, NULL},
	{"", "\"abcdef0\"", "abcdef0", "abcdef0", false, NULL},
	/* L21: 60e9910 as a number is 6 followed by many zeros */
	{"/commit", "{\"commit\":60e99}", NULL, NULL, false, "is double; a commit id is a string"},
	{"/commit", "{\"commit\":1234567}", NULL, NULL, false, "is int; a commit id is a string"},
	{"/commit", "{\"commit\":true}", NULL, NULL, false, "is boolean"},
	{"/commit", "{\"commit\":{\"sha\":\"abcdef0\"}}", NULL, NULL, false, "is object"},
	{"/commit", "{\"version\":\"1\"}", NULL, NULL, false, "/commit"},
	{"/commit", "{\"commit\":\"a\\u0000b\"}", NULL, NULL, false, "NUL"},
	{"/commit", "{\"commit\":\"abcdef0\"", NULL, NULL, false, "JSON"},
	{"/commit", "<!doctype html><title>Login</title>", NULL, NULL, false, "JSON"},
	{"/commit", "abcdef0", NULL, NULL, false, "JSON"},
	{"/commit", "", NULL, NULL, false, "JSON"},
	{NULL, "abcdef0", "abcdef0", "abcdef0", false, NULL},
	{NULL, "  abcdef0-dirty \r\n", "abcdef0-dirty", "abcdef0", true, NULL},
	{NULL, "unknown\n", "unknown", NULL, false, NULL},
	{NULL, "0123456789abcdef0123456789abcdef01234567",
	 "0123456789abcdef0123456789abcdef01234567", "0123456789abcdef0123456789abcdef01234567",
	 false, NULL},
	{NULL, "", NULL, NULL, false, "empty"},
	{NULL, " \n", NULL, NULL, false, "empty"},
	{NULL, "{\"commit\":\"abcdef0\"}", NULL, NULL, false, "set commit-pointer"},
	{NULL, "<html>abcdef0</html>", NULL, NULL, false, "no commit id"},
	{NULL, "abcdef0\nabcdef1", NULL, NULL, false, "no commit id"},
	{NULL, "\xff\xfe", NULL, NULL, false, "not text"},
};

START_TEST(L21_commit_is_a_string)
{
	g_autoptr(GError) error = NULL;
	struct revision_obs *revision = http_source_decode(cases[_i].body, strlen(cases[_i].body),
							   cases[_i].pointer, &error);
	const struct marker *marker = NULL;

	ck_assert_msg((revision != NULL) == (cases[_i].want_value != NULL), "%s: %s",
		      cases[_i].body, error ? error->message : "accepted");
	if (!revision) {
		ck_assert_msg(strstr(error->message, cases[_i].want_error) != NULL, "%s",
			      error->message);
		return;
	}
	ck_assert_ptr_null(revision->name);
	ck_assert_int_eq(revision->percent, 100);
	ck_assert_uint_eq(revision->markers->len, 1);
	marker = revision->markers->pdata[0];
	ck_assert_str_eq(marker->value, cases[_i].want_value);
	ck_assert_pstr_eq(marker->commit, cases[_i].want_commit);
	ck_assert_int_eq(marker->dirty, cases[_i].want_dirty);
	ck_assert_int_eq(g_str_has_prefix(marker->source, "pointer:"), cases[_i].pointer != NULL);
	revision_obs_free(revision);
}
END_TEST

/* N, N + 1 of the longest text, and a NUL inside. */
START_TEST(test_text_bounds)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = g_strnfill(MARKER_VALUE_MAX_BYTES + 1, 'x');
	struct revision_obs *revision =
		http_source_decode(text, MARKER_VALUE_MAX_BYTES, NULL, &error);

	ck_assert_ptr_nonnull(revision);
	revision_obs_free(revision);
	ck_assert_ptr_null(http_source_decode(text, MARKER_VALUE_MAX_BYTES + 1, NULL, &error));
	g_clear_error(&error);
	ck_assert_ptr_null(http_source_decode("abcdef0\0x", 9, NULL, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
}
END_TEST

static const struct {
	const char *pointer;
	const char *value;
	bool want_found;
	const char *want_actual; /* NULL unless found */
	bool want_equal;
} probe_cases[] = {
	{"/service", "worker", true, "worker", true}, {"/service", "other", true, "worker", false},
	{"/ready", "true", true, "true", true},       {"/replicas", "3", true, "3", true},
	{"/deep/0/x", "y", true, "y", true},          {"/deep", "y", false, NULL, false},
	{"/absent", "y", false, NULL, false},         {"/none", "null", false, NULL, false},
	{"not-a-pointer", "y", false, NULL, false},
};

START_TEST(L07_probe_tells_who_answers)
{
	static const char body[] = "{\"service\":\"worker\",\"ready\":true,\"replicas\":3,"
				   "\"deep\":[{\"x\":\"y\"}],\"none\":null}";
	struct config_probe_expect expect = {.pointer = g_strdup(probe_cases[_i].pointer),
					     .value = g_strdup(probe_cases[_i].value)};
	struct config_service service = {.probe_expects = &expect, .probe_expect_count = 1};
	struct probe_obs *probes = NULL;
	g_autoptr(GError) error = NULL;

	ck_assert(probe_decode(body, strlen(body), &service, &probes, &error));
	ck_assert_int_eq(probes[0].found, probe_cases[_i].want_found);
	ck_assert_pstr_eq(probes[0].actual, probe_cases[_i].want_actual);
	ck_assert_int_eq(probes[0].equal, probe_cases[_i].want_equal);
	g_free(probes[0].actual);
	g_free(probes);
	probes = NULL;
	ck_assert(!probe_decode("<html>", 6, &service, &probes, &error));
	ck_assert_ptr_null(probes);
	g_free(expect.pointer);
	g_free(expect.value);
}
END_TEST

static const struct {
	const char *pointer;
	const char *want; /* NULL: refused */
	int want_code;
} manifest_cases[] = {
	{"/production_model", "v/2~x", 0},
	{"/models/{/production_model}/gcs_path", "gs://models/v2", 0},
	{"/models/{/names/{/which}}/gcs_path", "gs://models/v2", 0},
	{"/list/{/index}", "b", 0},
	{"/flags/x{/index}y", "1.5", 0},
	{"/index", "1", 0},
	{"/on", "true", 0},
	{"/models", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/none", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/absent", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/models/{/absent}/gcs_path", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/models/{/models}/gcs_path", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/models/{/which", NULL, DRIFT_ERROR_INVALID},
	{"/models/{which}", NULL, DRIFT_ERROR_INVALID},
	{"models", NULL, DRIFT_ERROR_INVALID},
	{"/{/{/{/{/{/a}}}}}", NULL, DRIFT_ERROR_INVALID},
};

START_TEST(L29_manifest_value)
{
	static const char text[] =
		"{\"production_model\":\"v/2~x\",\"which\":\"main\",\"names\":{\"main\":\"v/2~x\"},"
		"\"models\":{\"v/2~x\":{\"gcs_path\":\"gs://models/v2\"}},\"list\":[\"a\",\"b\"],"
		"\"index\":1,\"flags\":{\"x1y\":1.5},\"on\":true,\"none\":null}";
	g_autoptr(GError) error = NULL;
	struct manifest *manifest = manifest_parse(text, strlen(text), &error);
	g_autofree char *value = NULL;
	bool ok = false;

	ck_assert_ptr_nonnull(manifest);
	ok = manifest_value(manifest, manifest_cases[_i].pointer, &value, &error);
	ck_assert_msg(ok == (manifest_cases[_i].want != NULL), "%s: %s", manifest_cases[_i].pointer,
		      error ? error->message : value);
	ck_assert_pstr_eq(value, manifest_cases[_i].want);
	if (!ok)
		ck_assert_int_eq(error->code, manifest_cases[_i].want_code);
	manifest_free(manifest);
}
END_TEST

START_TEST(test_manifest_must_be_json)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(manifest_parse("model: v2\n", 10, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	manifest_free(NULL);
}
END_TEST

Suite *http_source_suite(void)
{
	Suite *suite = suite_create("http_source");
	TCase *tc = tcase_create("http_source");

	tcase_add_loop_test(tc, L21_commit_is_a_string, 0, G_N_ELEMENTS(cases));
	tcase_add_test(tc, test_text_bounds);
	tcase_add_loop_test(tc, L07_probe_tells_who_answers, 0, G_N_ELEMENTS(probe_cases));
	tcase_add_loop_test(tc, L29_manifest_value, 0, G_N_ELEMENTS(manifest_cases));
	tcase_add_test(tc, test_manifest_must_be_json);
	suite_add_tcase(suite, tc);
	return suite;
}
