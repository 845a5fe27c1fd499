/* test_completions - completion documents: which one is due, and what it says. DESIGN 5, 7. */
#include "data/completions.h"

#include "drift_error.h"
#include "google/firestore_decode.h"
#include "schedule.h"
#include "tests/unit/docs_lab.h"
#include "timefmt.h"

#include <string.h>

Suite *completions_suite(void);

static int64_t at(const char *text)
{
	int64_t wall_ms = 0;

	ck_assert(timefmt_parse(text, &wall_ms, NULL));
	return wall_ms;
}

/* --- which document --- */

static const struct {
	const char *document;
	const char *zone;
	int offset;
	const char *expected; /* NULL: none */
	const char *now;
	const char *want_document;
	const char *want_date; /* NULL: none */
	const char *want_due;  /* NULL: none */
} dates[] = {
	{"c/{date}", "America/New_York", 0, NULL, "2026-11-20T04:59:59Z", "c/2026-11-19",
	 "2026-11-19", NULL},
	{"c/{date}", "America/New_York", 0, NULL, "2026-11-20T05:00:00Z", "c/2026-11-20",
	 "2026-11-20", NULL},
	{"c/{date}", "UTC", 0, NULL, "2026-11-20T04:59:59Z", "c/2026-11-20", "2026-11-20", NULL},
	{"c/{date}", "UTC", -1, NULL, "2026-03-01T00:00:00Z", "c/2026-02-28", "2026-02-28", NULL},
	{"c/{date}", "UTC", 1, NULL, "2026-12-31T23:59:59Z", "c/2027-01-01", "2027-01-01", NULL},
	/* the newest due instant has its own document until the next one is due */
	{"c/{date}", "America/New_York", -1, "0 7 * * * America/New_York", "2026-11-20T11:59:59Z",
	 "c/2026-11-18", "2026-11-18", "2026-11-19T12:00:00Z"},
	{"c/{date}", "America/New_York", -1, "0 7 * * * America/New_York", "2026-11-20T12:00:00Z",
	 "c/2026-11-19", "2026-11-19", "2026-11-20T12:00:00Z"},
	{"c/{date}", "America/New_York", -1, "0 7 * * 1-5 America/New_York", "2026-11-22T20:00:00Z",
	 "c/2026-11-19", "2026-11-19", "2026-11-20T12:00:00Z"},
	/* the date is that of its zone, not of the schedule's */
	{"c/{date}", "Asia/Tokyo", 0, "0 20 * * * America/New_York", "2026-11-20T03:00:00Z",
	 "c/2026-11-20", "2026-11-20", "2026-11-20T01:00:00Z"},
	{"c/{date}/runs/{date}", "UTC", 0, NULL, "2026-11-20T00:00:00Z",
	 "c/2026-11-20/runs/2026-11-20", "2026-11-20", NULL},
	{"status/phase3", "UTC", 0, "0 7 * * * UTC", "2026-11-20T11:00:00Z", "status/phase3", NULL,
	 "2026-11-20T07:00:00Z"},
};

START_TEST(L19_the_document_is_that_of_the_date_in_its_zone)
{
	struct config_completion *config = docs_lab_completion("phase3", "a", NULL, NULL);
	struct completion_obs *seen = NULL;

	docs_lab_set(&config->document, dates[_i].document);
	docs_lab_set(&config->date_zone, dates[_i].zone);
	config->date_offset_days = dates[_i].offset;
	if (dates[_i].expected)
		config->expected = schedule_create(dates[_i].expected, "UTC", NULL, NULL);
	seen = completions_begin(config, at(dates[_i].now));
	ck_assert_str_eq(seen->document, dates[_i].want_document);
	ck_assert_pstr_eq(seen->date, dates[_i].want_date);
	ck_assert_int_eq(seen->due_wall_ms, dates[_i].want_due ? at(dates[_i].want_due) : 0);
	ck_assert(!seen->found && seen->keys->len == 0);
	completion_obs_free(seen);
	docs_lab_completion_free(config);
}
END_TEST

START_TEST(L22_holidays_have_no_document_of_their_own)
{
	struct config_completion *config = docs_lab_completion("phase3", "a", NULL, NULL);
	struct completion_obs *seen = NULL;

	config->expected =
		schedule_create("0 7 * * * America/New_York", "UTC", "2026-11-26\n", NULL);
	seen = completions_begin(config, at("2026-11-26T20:00:00Z"));
	ck_assert_str_eq(seen->date, "2026-11-25");
	ck_assert_int_eq(seen->due_wall_ms, at("2026-11-25T12:00:00Z"));
	completion_obs_free(seen);
	docs_lab_completion_free(config);
}
END_TEST

/* --- what it says --- */

static GHashTable *fields_of(const char *json)
{
	g_autofree char *text = g_strdup_printf("{\"fields\":{%s}}", json);
	json_object *holder = json_parse(text, strlen(text), NULL);
	GHashTable *fields = firestore_decode_fields(holder, 1, NULL);

	ck_assert_msg(fields, "%s", json);
	json_object_put(holder);
	return fields;
}

#define TRUE_VALUE "{\"booleanValue\":true}"
#define TEXT(value) "{\"stringValue\":\"" value "\"}"
#define MAP(fields) "{\"mapValue\":{\"fields\":{" fields "}}}"
#define STATUS(value) MAP("\"status\":" TEXT(value))

static const struct {
	const char *expects, *mode_field, *done;
	const char *fields;
	const char *want; /* render(); of the message when refused */
	bool refused;
} judgements[] = {
	/* presence is enough */
	{"a b", NULL, NULL, "\"a\":" TRUE_VALUE, "a+ b-", false},
	{"a b", NULL, NULL, "", "a- b-", false},
	{"a b", NULL, NULL, "\"a\":{\"nullValue\":null},\"b\":{\"booleanValue\":false}", "a- b!",
	 false},
	{"a b c d", NULL, NULL,
	 "\"a\":{\"integerValue\":\"0\"},\"b\":" TEXT("false") ",\"c\":{\"mapValue\":{}},"
							       "\"d\":{\"arrayValue\":{}}",
	 "a+ b+ c+ d+", false},
	{"b a", NULL, NULL, "\"a\":" TRUE_VALUE ",\"b\":" TRUE_VALUE, "b+ a+", false},
	{"a a", NULL, NULL, "\"a\":" TRUE_VALUE, "a+", false},
	{"A", NULL, NULL, "\"a\":" TRUE_VALUE, "A- | a", false},
	/* done = FIELD=VALUE|VALUE */
	{"a b c", NULL, "status=success|partial",
	 "\"a\":" STATUS("success") ",\"b\":" STATUS("partial") ",\"c\":" STATUS("failed"),
	 "a+(success) b+(partial) c!(failed)", false},
	{"a b c d", NULL, "status=success",
	 "\"a\":" TEXT("success") ",\"b\":" TRUE_VALUE ",\"c\":" MAP(
		 "\"state\":" TEXT("success")) ",\"d\":" MAP("\"status\":{\"nullValue\":null}"),
	 "a! b! c! d!", false},
	{"a b", NULL, "status=success", "\"a\":" STATUS("Success") ",\"b\":" STATUS("success "),
	 "a!(Success) b!(success )", false},
	{"a b", NULL, "ok=true",
	 "\"a\":" MAP("\"ok\":" TRUE_VALUE) ",\"b\":" MAP("\"ok\":{\"booleanValue\":false}"),
	 "a+(true) b!(false)", false},
	{"a b", NULL, "n=42|NaN",
	 "\"a\":" MAP("\"n\":{\"integerValue\":\"42\"}") ",\"b\":" MAP(
		 "\"n\":{\"doubleValue\":\"NaN\"}"),
	 "a+(42) b+(NaN)", false},
	{"a", NULL, "status=success", "\"a\":" MAP("\"status\":" STATUS("success")), "a!", false},
	{"a", NULL, "status=success", "\"a\":" STATUS("succ\\u0000ess"),
	 "a!(succ\xef\xbf\xbd"
	 "ess)",
	 false},
	{"a", NULL, "status=success", "\"a\":{\"nullValue\":null}", "a-", false},
	/* keys that begin with _ never count, and stored counters say nothing */
	{"a b", NULL, NULL,
	 "\"_completed_count\":{\"integerValue\":\"2\"},\"_triggered\":" TRUE_VALUE
	 ",\"a\":" TRUE_VALUE,
	 "a+ b-", false},
	{"_a", NULL, NULL, "\"_a\":" TRUE_VALUE, "_a-", false},
	{"_a", NULL, "status=success", "\"_a\":" STATUS("success"), "_a-", false},
	/* modes */
	{"a same_day:b", "_mode", NULL, "\"_mode\":" TEXT("same_day") ",\"b\":" TRUE_VALUE,
	 "[same_day] b+", false},
	{"a same_day:b", "_mode", NULL,
	 "\"_mode\":" TEXT("overnight") ",\"a\":" TRUE_VALUE ",\"b\":" TRUE_VALUE, "[overnight] a+",
	 false},
	{"a same_day:b", "_mode", NULL, "\"a\":" TRUE_VALUE, "a+", false},
	{"a same_day:b", "_mode", NULL, "\"_mode\":{\"nullValue\":null}", "a-", false},
	{"a same_day:b", "_mode", NULL, "\"_mode\":" TEXT(""), "[] a-", false},
	{"1:a 2:b", "mode", NULL, "\"mode\":{\"integerValue\":\"2\"}", "[2] b-", false},
	{"x:a x:b y:a", "mode", NULL,
	 "\"mode\":" TEXT("y") ",\"b\":" TRUE_VALUE ",\"c\":" TRUE_VALUE, "[y] a- | c", false},
	{"x:a y:b", "mode", NULL, "\"mode\":" TEXT("z") ",\"a\":" TRUE_VALUE,
	 "mode is \"z\", and keys are expected in mode x, y only", true},
	{"x:a y:b x:c", "mode", NULL, "\"a\":" TRUE_VALUE,
	 "mode is absent, and keys are expected in mode x, y only", true},
	{"x:a", "mode", NULL, "\"mode\":" MAP("\"x\":" TRUE_VALUE),
	 "mode is a value of type map, and keys are expected in mode x only", true},
	{"x:a", NULL, NULL, "\"a\":" TRUE_VALUE, "(no mode-field) is absent", true},
	/* others */
	{"a", NULL, NULL,
	 "\"z\":" TRUE_VALUE ",\"y\":{\"nullValue\":null},\"_x\":" TRUE_VALUE ",\"a\":" TRUE_VALUE,
	 "a+ | y z", false},
};

START_TEST(L19_real_keys_are_counted_per_mode)
{
	struct config_completion *config = docs_lab_completion(
		"phase3", judgements[_i].expects, judgements[_i].mode_field, judgements[_i].done);
	g_autoptr(GHashTable) fields = fields_of(judgements[_i].fields);
	struct firestore_answer answer = {.found = true, .fields = fields, .updated_wall_ms = 77};
	struct completion_obs *seen = completion_obs_create();
	g_autoptr(GError) error = NULL;
	g_autofree char *got = NULL;
	bool ok = completions_judge(config, &answer, seen, &error);

	ck_assert_msg(ok == !judgements[_i].refused, "%s", error ? error->message : "accepted");
	if (ok) {
		got = docs_lab_completion_text(seen);
		ck_assert_str_eq(got, judgements[_i].want);
		ck_assert(seen->found);
		ck_assert_int_eq(seen->updated_wall_ms, 77);
	} else {
		ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
		ck_assert_msg(strstr(error->message, judgements[_i].want), "%s", error->message);
		ck_assert(!seen->found);
	}
	completion_obs_free(seen);
	docs_lab_completion_free(config);
}
END_TEST

START_TEST(without_a_document_nothing_is_there)
{
	static const struct {
		const char *expects;
		const char *want;
	} cases[] = {{"a x:b", "a-"}, {"x:a y:a x:b", "a- b-"}};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct config_completion *config =
			docs_lab_completion("phase3", cases[i].expects, "mode", NULL);
		struct firestore_answer answer = {0};
		struct completion_obs *seen = completion_obs_create();
		g_autofree char *got = NULL;

		ck_assert(completions_judge(config, &answer, seen, NULL));
		got = docs_lab_completion_text(seen);
		ck_assert_str_eq(got, cases[i].want);
		ck_assert(!seen->found);
		completion_obs_free(seen);
		docs_lab_completion_free(config);
	}
}
END_TEST

START_TEST(what_is_kept_is_bounded)
{
	struct config_completion *config =
		docs_lab_completion("phase3", "a", NULL, "status=success");
	g_autofree char *long_text = g_strnfill(5000, 'x');
	g_autofree char *map =
		g_strdup_printf("\"a\":" MAP("\"status\":{\"stringValue\":\"%s\"}"), long_text);
	GString *text = g_string_new(map);
	g_autoptr(GHashTable) fields = NULL;
	struct firestore_answer answer = {.found = true};
	struct completion_obs *seen = completion_obs_create();
	const struct completion_key *key = NULL;

	for (int i = 0; i < COMPLETIONS_OTHERS_MAX + 5; i++)
		g_string_append_printf(text, ",\"%04d%s\":" TRUE_VALUE, i, long_text);
	fields = fields_of(text->str);
	answer.fields = fields;
	ck_assert(completions_judge(config, &answer, seen, NULL));
	key = seen->keys->pdata[0];
	ck_assert_uint_eq(strlen(key->actual), COMPLETIONS_TEXT_MAX_BYTES);
	ck_assert_int_eq(seen->others->len, COMPLETIONS_OTHERS_MAX);
	ck_assert_uint_eq(strlen(seen->others->pdata[0]), COMPLETIONS_TEXT_MAX_BYTES);
	ck_assert(g_str_has_prefix(seen->others->pdata[0], "0000x"));
	(void)g_string_free(text, TRUE);
	completion_obs_free(seen);
	docs_lab_completion_free(config);
}
END_TEST

Suite *completions_suite(void)
{
	Suite *suite = suite_create("completions");
	TCase *tc = tcase_create("completions");

	tcase_add_loop_test(tc, L19_the_document_is_that_of_the_date_in_its_zone, 0,
			    G_N_ELEMENTS(dates));
	tcase_add_test(tc, L22_holidays_have_no_document_of_their_own);
	tcase_add_loop_test(tc, L19_real_keys_are_counted_per_mode, 0, G_N_ELEMENTS(judgements));
	tcase_add_test(tc, without_a_document_nothing_is_there);
	tcase_add_test(tc, what_is_kept_is_bounded);
	suite_add_tcase(suite, tc);
	return suite;
}
