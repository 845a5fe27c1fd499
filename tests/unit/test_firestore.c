/* test_firestore - Firestore's values in all their types, answers of documents:batchGet, paths.
 * API-FACTS D. */
#include "google/firestore.h"

#include "drift_error.h"
#include "google/firestore_decode.h"

#include <check.h>
#include <string.h>

Suite *firestore_suite(void);

#define NAME(path) "projects/acme-prod/databases/(default)/documents/" path
#define FOUND(path, rest)                                                                          \
	"{\"found\":{\"name\":\"" NAME(path) "\"" rest                                             \
					     "},\"readTime\":\"2026-11-20T11:00:00.123456Z\"}"
#define MISSING(path) "{\"missing\":\"" NAME(path) "\",\"readTime\":\"2026-11-20T11:00:00Z\"}"

/* --- values --- */

static const struct {
	const char *json;
	enum firestore_type type; /* NONE: refused */
	const char *text;         /* NULL: none; of the message when refused */
} values[] = {
	{"{\"nullValue\":null}", FIRESTORE_TYPE_NULL, NULL},
	{"{\"nullValue\":\"NULL_VALUE\"}", FIRESTORE_TYPE_NULL, NULL},
	{"{\"nullValue\":\"x\"}", FIRESTORE_TYPE_NONE, "nullValue is not null"},
	{"{\"nullValue\":0}", FIRESTORE_TYPE_NONE, "nullValue is not null"},
	{"{\"booleanValue\":true}", FIRESTORE_TYPE_BOOLEAN, "true"},
	{"{\"booleanValue\":false}", FIRESTORE_TYPE_BOOLEAN, "false"},
	{"{\"booleanValue\":\"true\"}", FIRESTORE_TYPE_NONE, "booleanValue is not true or false"},
	{"{\"booleanValue\":null}", FIRESTORE_TYPE_NONE, "booleanValue is not true or false"},
	{"{\"booleanValue\":1}", FIRESTORE_TYPE_NONE, "booleanValue is not true or false"},
	{"{\"integerValue\":\"42\"}", FIRESTORE_TYPE_INTEGER, "42"},
	{"{\"integerValue\":42}", FIRESTORE_TYPE_INTEGER, "42"},
	{"{\"integerValue\":\"-9223372036854775808\"}", FIRESTORE_TYPE_INTEGER,
	 "-9223372036854775808"},
	{"{\"integerValue\":\"9223372036854775807\"}", FIRESTORE_TYPE_INTEGER,
	 "9223372036854775807"},
	{"{\"integerValue\":\"9223372036854775808\"}", FIRESTORE_TYPE_NONE, "whole number"},
	{"{\"integerValue\":\"1.5\"}", FIRESTORE_TYPE_NONE, "whole number"},
	{"{\"integerValue\":\"\"}", FIRESTORE_TYPE_NONE, "whole number"},
	{"{\"integerValue\":1.0}", FIRESTORE_TYPE_NONE, "whole number"},
	{"{\"integerValue\":true}", FIRESTORE_TYPE_NONE, "whole number"},
	{"{\"integerValue\":null}", FIRESTORE_TYPE_NONE, "whole number"},
	{"{\"doubleValue\":1.5}", FIRESTORE_TYPE_DOUBLE, "1.5"},
	{"{\"doubleValue\":0.1}", FIRESTORE_TYPE_DOUBLE, "0.1"},
	{"{\"doubleValue\":0.30000000000000004}", FIRESTORE_TYPE_DOUBLE, "0.30000000000000004"},
	{"{\"doubleValue\":3}", FIRESTORE_TYPE_DOUBLE, "3"},
	{"{\"doubleValue\":3.0}", FIRESTORE_TYPE_DOUBLE, "3"},
	{"{\"doubleValue\":-0.0}", FIRESTORE_TYPE_DOUBLE, "0"},
	{"{\"doubleValue\":1e300}", FIRESTORE_TYPE_DOUBLE, "1e+300"},
	{"{\"doubleValue\":\"NaN\"}", FIRESTORE_TYPE_DOUBLE, "NaN"},
	{"{\"doubleValue\":\"Infinity\"}", FIRESTORE_TYPE_DOUBLE, "Infinity"},
	{"{\"doubleValue\":\"-Infinity\"}", FIRESTORE_TYPE_DOUBLE, "-Infinity"},
	{"{\"doubleValue\":\"1.5\"}", FIRESTORE_TYPE_NONE, "doubleValue is not a number"},
	{"{\"doubleValue\":null}", FIRESTORE_TYPE_NONE, "doubleValue is not a number"},
	{"{\"timestampValue\":\"2026-11-20T11:00:03.123456Z\"}", FIRESTORE_TYPE_TIMESTAMP,
	 "2026-11-20T11:00:03.123456Z"},
	{"{\"timestampValue\":\"0001-01-01T00:00:00Z\"}", FIRESTORE_TYPE_TIMESTAMP,
	 "0001-01-01T00:00:00Z"},
	{"{\"timestampValue\":\"yesterday\"}", FIRESTORE_TYPE_NONE, "timestampValue: "},
	{"{\"timestampValue\":1795147200}", FIRESTORE_TYPE_NONE, "timestampValue is no text"},
	{"{\"stringValue\":\"success\"}", FIRESTORE_TYPE_STRING, "success"},
	{"{\"stringValue\":\"\"}", FIRESTORE_TYPE_STRING, ""},
	{"{\"stringValue\":\"succ\\u0000ess\"}", FIRESTORE_TYPE_STRING,
	 "succ\xef\xbf\xbd"
	 "ess"},
	{"{\"stringValue\":null}", FIRESTORE_TYPE_NONE, "stringValue is no text"},
	{"{\"stringValue\":5}", FIRESTORE_TYPE_NONE, "stringValue is no text"},
	{"{\"bytesValue\":\"aGVsbG8=\"}", FIRESTORE_TYPE_BYTES, "aGVsbG8="},
	{"{\"bytesValue\":\"\"}", FIRESTORE_TYPE_BYTES, ""},
	{"{\"bytesValue\":\"not base64\"}", FIRESTORE_TYPE_NONE, "bytesValue is not base64"},
	{"{\"bytesValue\":[1]}", FIRESTORE_TYPE_NONE, "bytesValue is not base64"},
	{"{\"referenceValue\":\"" NAME("a/b") "\"}", FIRESTORE_TYPE_REFERENCE, NAME("a/b")},
	{"{\"referenceValue\":{}}", FIRESTORE_TYPE_NONE, "referenceValue is no text"},
	{"{\"geoPointValue\":{\"latitude\":48.1,\"longitude\":-11}}", FIRESTORE_TYPE_GEO_POINT,
	 NULL},
	{"{\"geoPointValue\":{}}", FIRESTORE_TYPE_GEO_POINT, NULL},
	{"{\"geoPointValue\":{\"latitude\":91}}", FIRESTORE_TYPE_NONE, "geoPointValue"},
	{"{\"geoPointValue\":{\"longitude\":\"1\"}}", FIRESTORE_TYPE_NONE, "geoPointValue"},
	{"{\"geoPointValue\":null}", FIRESTORE_TYPE_NONE, "geoPointValue"},
	{"{\"arrayValue\":{}}", FIRESTORE_TYPE_ARRAY, NULL},
	{"{\"arrayValue\":{\"values\":[{\"integerValue\":\"1\"},{\"nullValue\":null}]}}",
	 FIRESTORE_TYPE_ARRAY, NULL},
	{"{\"arrayValue\":{\"values\":{}}}", FIRESTORE_TYPE_NONE, "values is object"},
	{"{\"arrayValue\":{\"values\":[1]}}", FIRESTORE_TYPE_NONE, "element 0: "},
	{"{\"arrayValue\":[]}", FIRESTORE_TYPE_NONE, "arrayValue is no object"},
	{"{\"arrayValue\":null}", FIRESTORE_TYPE_NONE, "arrayValue is no object"},
	{"{\"mapValue\":{}}", FIRESTORE_TYPE_MAP, NULL},
	{"{\"mapValue\":{\"fields\":{\"a\":{\"stringValue\":\"x\"}}}}", FIRESTORE_TYPE_MAP, NULL},
	{"{\"mapValue\":{\"fields\":[]}}", FIRESTORE_TYPE_NONE, "fields is array"},
	{"{\"mapValue\":{\"fields\":{\"a\":{}}}}", FIRESTORE_TYPE_NONE, "field v: field a: "},
	{"{\"mapValue\":7}", FIRESTORE_TYPE_NONE, "mapValue is no object"},
	{"{}", FIRESTORE_TYPE_NONE, "exactly one member"},
	{"{\"stringValue\":\"a\",\"nullValue\":null}", FIRESTORE_TYPE_NONE, "exactly one member"},
	{"{\"shadeValue\":\"a\"}", FIRESTORE_TYPE_NONE, "\"shadeValue\" is no type of value"},
	{"null", FIRESTORE_TYPE_NONE, "exactly one member"},
	{"[]", FIRESTORE_TYPE_NONE, "exactly one member"},
	{"\"a\"", FIRESTORE_TYPE_NONE, "exactly one member"},
};

static GHashTable *decode_fields(const char *json, GError **error)
{
	g_autofree char *text = g_strdup_printf("{\"fields\":{\"v\":%s}}", json);
	json_object *holder = json_parse(text, strlen(text), NULL);
	GHashTable *fields = NULL;

	ck_assert_ptr_nonnull(holder);
	fields = firestore_decode_fields(holder, 1, error);
	json_object_put(holder);
	return fields;
}

START_TEST(every_type_of_value)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) fields = decode_fields(values[_i].json, &error);
	const struct firestore_value *value = NULL;

	if (values[_i].type == FIRESTORE_TYPE_NONE) {
		ck_assert_msg(!fields, "accepted: %s", values[_i].json);
		ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
		ck_assert_msg(strstr(error->message, values[_i].text), "%s", error->message);
		ck_assert_msg(g_str_has_prefix(error->message, "field v: "), "%s", error->message);
		return;
	}
	ck_assert_msg(fields, "%s", error ? error->message : "");
	value = g_hash_table_lookup(fields, "v");
	ck_assert_int_eq(value->type, values[_i].type);
	ck_assert_pstr_eq(value->text, values[_i].text);
	ck_assert_int_eq(value->items != NULL, value->type == FIRESTORE_TYPE_ARRAY);
	ck_assert_int_eq(value->fields != NULL, value->type == FIRESTORE_TYPE_MAP);
}
END_TEST

START_TEST(what_holds_others_holds_them)
{
	g_autoptr(GHashTable) fields =
		decode_fields("{\"arrayValue\":{\"values\":[{\"integerValue\":\"1\"},{\"mapValue\":"
			      "{\"fields\":{\"a\":{\"stringValue\":\"x\"},\"b\":{\"nullValue\":"
			      "null}}}}]}}",
			      NULL);
	const struct firestore_value *value = g_hash_table_lookup(fields, "v");
	const struct firestore_value *map = NULL;

	ck_assert_int_eq(value->items->len, 2);
	ck_assert_str_eq(((const struct firestore_value *)value->items->pdata[0])->text, "1");
	map = value->items->pdata[1];
	ck_assert_int_eq(g_hash_table_size(map->fields), 2);
	value = g_hash_table_lookup(map->fields, "a");
	ck_assert_str_eq(value->text, "x");
}
END_TEST

/* A value inside so many maps that it is on level @p levels. */
static char *nested(int levels)
{
	GString *json = g_string_new("{\"integerValue\":\"1\"}");

	for (int i = 1; i < levels; i++) {
		g_string_prepend(json, i % 2 ? "{\"mapValue\":{\"fields\":{\"a\":"
					     : "{\"arrayValue\":{\"values\":[");
		g_string_append(json, i % 2 ? "}}}" : "]}}");
	}
	return g_string_free(json, FALSE);
}

START_TEST(depth_is_bounded)
{
	g_autofree char *deepest = nested(FIRESTORE_DEPTH_MAX);
	g_autofree char *deeper = nested(FIRESTORE_DEPTH_MAX + 1);
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) fields = decode_fields(deepest, NULL);

	ck_assert_ptr_nonnull(fields);
	ck_assert_ptr_null(decode_fields(deeper, &error));
	ck_assert_msg(strstr(error->message, "nested deeper"), "%s", error->message);
}
END_TEST

START_TEST(the_deepest_document_fits_into_an_answer)
{
	g_autofree char *deepest = nested(FIRESTORE_DEPTH_MAX);
	g_autofree char *text =
		g_strdup_printf("[" FOUND("c/d", ",\"fields\":{\"v\":%s}") "]", deepest);
	g_autoptr(GError) error = NULL;
	struct firestore_batch *batch = firestore_batch_decode(text, strlen(text), &error);
	const struct firestore_answer *answer = NULL;

	ck_assert_msg(batch, "%s", error ? error->message : "");
	answer = g_hash_table_lookup(batch->answers, "c/d");
	ck_assert_pstr_eq(answer->damage, NULL);
	firestore_batch_free(batch);
}
END_TEST

START_TEST(types_have_names)
{
	ck_assert_str_eq(firestore_type_text(FIRESTORE_TYPE_GEO_POINT), "geo point");
	ck_assert_str_eq(firestore_type_text(FIRESTORE_TYPE_MAP), "map");
	ck_assert_str_eq(firestore_type_text(FIRESTORE_TYPE_NULL), "null");
}
END_TEST

/* --- answers --- */

enum want { NOTHING = 0, IS_FOUND, IS_MISSING, IS_DAMAGED };

static const struct {
	const char *json;
	const char *refusal; /* of the message; NULL: it is decoded */
	enum want a, b;      /* of documents c/a and c/b */
	bool stopped;
} answers[] = {
	{"[]", NULL, NOTHING, NOTHING, false},
	{"[{\"transaction\":\"dHg=\"}," FOUND("c/a",
					      ",\"fields\":{\"v\":{\"booleanValue\":true}}") "]",
	 NULL, IS_FOUND, NOTHING, false},
	{"[{\"readTime\":\"2026-11-20T11:00:00Z\"}," MISSING("c/a") "]", NULL, IS_MISSING, NOTHING,
	 false},
	{"[" FOUND("c/b", "") "," MISSING("c/a") "]", NULL, IS_MISSING, IS_FOUND, false},
	{"[" MISSING("c/b") "," FOUND("c/a", ",\"fields\":{}") "]", NULL, IS_FOUND, IS_MISSING,
	 false},
	/* duplicates */
	{"[" FOUND("c/a", "") "," FOUND("c/a", "") "," MISSING("c/b") "," MISSING("c/b") "]", NULL,
	 IS_FOUND, IS_MISSING, false},
	{"[" FOUND("c/a", "") "," MISSING("c/a") "," MISSING("c/b") "]", NULL, IS_DAMAGED,
	 IS_MISSING, false},
	{"[" MISSING("c/a") "," FOUND("c/a", "") "]", NULL, IS_DAMAGED, NOTHING, false},
	{"[" FOUND("c/a", ",\"updateTime\":\"2026-11-20T11:00:00Z\"") "," FOUND(
		 "c/a", ",\"updateTime\":\"2026-11-20T11:00:01Z\"") "]",
	 NULL, IS_DAMAGED, NOTHING, false},
	/* damage of one is no damage of others */
	{"[" FOUND("c/a", ",\"fields\":{\"v\":{\"integerValue\":\"x\"}}") "," FOUND("c/b", "") "]",
	 NULL, IS_DAMAGED, IS_FOUND, false},
	{"[" FOUND("c/a", ",\"fields\":[]") "," FOUND("c/b", "") "]", NULL, IS_DAMAGED, IS_FOUND,
	 false},
	{"[" FOUND("c/a", ",\"updateTime\":\"now\"") "," MISSING("c/b") "]", NULL, IS_DAMAGED,
	 IS_MISSING, false},
	{"[" FOUND("c/a", ",\"fields\":{\"v\":{\"integerValue\":\"x\"}}") "," FOUND("c/a", "") "]",
	 NULL, IS_DAMAGED, NOTHING, false},
	/* the stream stops */
	{"[" FOUND("c/a", "") ",{\"error\":{\"code\":503,\"status\":\"UNAVAILABLE\"}}]", NULL,
	 IS_FOUND, NOTHING, true},
	/* nothing to believe */
	{"", "empty", NOTHING, NOTHING, false},
	{"{}", "not a JSON array", NOTHING, NOTHING, false},
	{FOUND("c/a", ""), "not a JSON array", NOTHING, NOTHING, false},
	{"[1]", "element 0 is no object", NOTHING, NOTHING, false},
	{"[" MISSING("c/b") ",null]", "element 1 is no object", NOTHING, NOTHING, false},
	{"[{\"found\":[]}]", "found is array", NOTHING, NOTHING, false},
	{"[{\"found\":{}}]", "without a name", NOTHING, NOTHING, false},
	{"[{\"found\":{\"name\":\"c/a\"}}]", "without a name", NOTHING, NOTHING, false},
	{"[{\"found\":{\"name\":\"projects/p/documents/c/a\"}}]", "without a name", NOTHING,
	 NOTHING, false},
	{"[{\"missing\":\"\"}]", "without a name", NOTHING, NOTHING, false},
	{"[{\"missing\":\"" NAME("") "\"}]", "without a name", NOTHING, NOTHING, false},
	{"[{\"missing\":{}}]", "missing is object", NOTHING, NOTHING, false},
	{"[{\"error\":\"x\"}]", "error is string", NOTHING, NOTHING, false},
	{"[{\"found\":{\"name\":\"" NAME("c/a") "\"},\"missing\":\"" NAME("c/a") "\"}]",
	 "both found and missing", NOTHING, NOTHING, false},
};

static enum want state_of(const struct firestore_batch *batch, const char *path)
{
	const struct firestore_answer *answer = g_hash_table_lookup(batch->answers, path);

	if (!answer)
		return NOTHING;
	if (answer->damage) {
		ck_assert(!answer->found && !answer->fields);
		return IS_DAMAGED;
	}
	ck_assert_int_eq(answer->found, answer->fields != NULL);
	return answer->found ? IS_FOUND : IS_MISSING;
}

START_TEST(answers_in_any_order)
{
	g_autoptr(GError) error = NULL;
	struct firestore_batch *batch =
		firestore_batch_decode(answers[_i].json, strlen(answers[_i].json), &error);

	if (answers[_i].refusal) {
		ck_assert_msg(!batch, "accepted: %s", answers[_i].json);
		ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
		ck_assert_msg(strstr(error->message, answers[_i].refusal), "%s", error->message);
		return;
	}
	ck_assert_msg(batch, "%s", error ? error->message : "");
	ck_assert_int_eq(state_of(batch, "c/a"), answers[_i].a);
	ck_assert_int_eq(state_of(batch, "c/b"), answers[_i].b);
	ck_assert_int_eq(batch->error != NULL, answers[_i].stopped);
	firestore_batch_free(batch);
}
END_TEST

START_TEST(a_document_is_taken_as_it_is)
{
	static const char text[] =
		"[" FOUND("c/a b/\\u00e4", ",\"fields\":{\"x\":{\"stringValue\":\"y\"}},"
					   "\"createTime\":\"2026-11-20T10:00:00Z\","
					   "\"updateTime\":\"2026-11-20T11:00:00.5Z\"") "]";
	struct firestore_batch *batch = firestore_batch_decode(text, strlen(text), NULL);
	const struct firestore_answer *answer = NULL;
	const struct firestore_value *value = NULL;

	ck_assert_ptr_nonnull(batch);
	answer = g_hash_table_lookup(batch->answers, "c/a b/\xc3\xa4");
	ck_assert_int_eq(answer->updated_wall_ms, 1795172400500);
	value = g_hash_table_lookup(answer->fields, "x");
	ck_assert_str_eq(value->text, "y");
	firestore_batch_free(batch);
}
END_TEST

START_TEST(elements_are_bounded)
{
	for (int extra = 0; extra < 2; extra++) {
		GString *text = g_string_new("[{}");
		struct firestore_batch *batch = NULL;

		for (int i = 1; i < 10 * FIRESTORE_BATCH_MAX + extra; i++)
			g_string_append(text, ",{}");
		g_string_append_c(text, ']');
		batch = firestore_batch_decode(text->str, text->len, NULL);
		ck_assert_int_eq(batch != NULL, extra == 0);
		firestore_batch_free(batch);
		(void)g_string_free(text, TRUE);
	}
}
END_TEST

/* --- asking --- */

static const struct {
	const char *path;
	const char *refusal; /* NULL: fine */
} paths[] = {
	{"phase3_completion/2026-11-19", NULL},
	{"a/b/c/d", NULL},
	{"a/b c#?%\xc3\xa4", NULL},
	{"a/__x", NULL},
	{"a/___", NULL},
	{"a/.b", NULL},
	{"a", "even number of parts"},
	{"a/b/c", "even number of parts"},
	{"", "even number of parts"},
	{"a/", "a part is empty"},
	{"/a", "a part is empty"},
	{"a//b/c", "a part is empty"},
	{"a/.", "a part is . or .."},
	{"../b", "a part is . or .."},
	{"a/__id7__", "reserved"},
	{"a/____", "reserved"},
	{"a/\xff", "UTF-8"},
};

START_TEST(paths_are_checked)
{
	g_autoptr(GError) error = NULL;
	bool ok = firestore_check_path(paths[_i].path, &error);

	ck_assert_msg(ok == !paths[_i].refusal, "\"%s\"", paths[_i].path);
	if (ok)
		return;
	ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	ck_assert_msg(strstr(error->message, paths[_i].refusal), "%s", error->message);
}
END_TEST

START_TEST(paths_are_bounded)
{
	g_autofree char *id = g_strnfill(FIRESTORE_ID_MAX_BYTES, 'x');
	g_autofree char *fits = g_strconcat("a/", id, NULL);
	g_autofree char *too_long = g_strconcat("a/", id, "x", NULL);
	g_autofree char *many = g_strconcat(id, "/", id, "/", id, "/", id, NULL);
	g_autofree char *too_many = g_strconcat(many, "/a/", id, NULL);

	ck_assert(firestore_check_path(fits, NULL));
	ck_assert(!firestore_check_path(too_long, NULL));
	ck_assert(firestore_check_path(many, NULL));
	ck_assert(!firestore_check_path(too_many, NULL));
}
END_TEST

START_TEST(a_batch_is_asked_for)
{
	g_autoptr(GPtrArray) asked = g_ptr_array_new();
	g_autofree char *url = firestore_batch_url("http://h", "acme corp:prod/x");
	g_autofree char *body = NULL;

	g_ptr_array_add(asked, (char[]){"c/a \"b\""});
	g_ptr_array_add(asked, (char[]){"c/d"});
	g_ptr_array_add(asked, (char[]){"c/d"});
	body = firestore_batch_body("acme", asked);
	ck_assert_str_eq(url, "http://h/v1/projects/acme%20corp%3Aprod%2Fx/databases/(default)/"
			      "documents:batchGet");
	ck_assert_str_eq(body, "{\"documents\":["
			       "\"projects/acme/databases/(default)/documents/c/a \\\"b\\\"\","
			       "\"projects/acme/databases/(default)/documents/c/d\"]}");
}
END_TEST

/* --- faults --- */

START_TEST(a_stopped_stream_is_a_fault)
{
	static const struct {
		const char *json;
		enum fault_class class;
		int status;
	} cases[] = {
		{"{\"error\":{\"code\":503,\"message\":\"away\",\"status\":\"UNAVAILABLE\"}}",
		 FAULT_HTTP_5XX, 503},
		{"{\"error\":{\"code\":403,\"message\":\"no\",\"status\":\"PERMISSION_DENIED\"}}",
		 FAULT_DENIED, 403},
		{"{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\"}}", FAULT_QUOTA, 429},
		{"{\"error\":{\"code\":200}}", FAULT_HTTP_5XX, 500},
		{"{\"error\":{}}", FAULT_HTTP_5XX, 500},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct fault *fault = firestore_stream_fault("read c/a", cases[i].json);

		ck_assert_int_eq(fault->class, cases[i].class);
		ck_assert_int_eq(fault->status, cases[i].status);
		ck_assert(g_str_has_prefix(fault->message, "read c/a: HTTP "));
		if (fault->class == FAULT_DENIED)
			ck_assert_str_eq(fault->permission, "datastore.entities.get");
		fault_unref(fault);
	}
}
END_TEST

START_TEST(datastore_mode_is_said_so)
{
	struct fault *mode = fault_create(
		FAULT_HTTP_4XX, 400, NULL,
		"x: HTTP 400 FAILED_PRECONDITION: The Cloud Firestore API is not available for "
		"Firestore in Datastore Mode database projects/acme/databases/(default).: check");
	struct fault *other =
		fault_create(FAULT_HTTP_4XX, 400, NULL, "x: HTTP 400 INVALID_ARGUMENT");
	struct fault *told = firestore_explain_fault("read c/a", mode);
	struct fault *same = firestore_explain_fault("read c/a", other);

	ck_assert_int_eq(told->class, FAULT_DISABLED);
	ck_assert_msg(strstr(told->message, "native mode"), "%s", told->message);
	ck_assert_ptr_eq(same, other);
	fault_unref(mode);
	fault_unref(other);
	fault_unref(told);
	fault_unref(same);
}
END_TEST

Suite *firestore_suite(void)
{
	Suite *suite = suite_create("firestore");
	TCase *tc = tcase_create("firestore");

	tcase_add_loop_test(tc, every_type_of_value, 0, G_N_ELEMENTS(values));
	tcase_add_test(tc, what_holds_others_holds_them);
	tcase_add_test(tc, depth_is_bounded);
	tcase_add_test(tc, the_deepest_document_fits_into_an_answer);
	tcase_add_test(tc, types_have_names);
	tcase_add_loop_test(tc, answers_in_any_order, 0, G_N_ELEMENTS(answers));
	tcase_add_test(tc, a_document_is_taken_as_it_is);
	tcase_add_test(tc, elements_are_bounded);
	tcase_add_loop_test(tc, paths_are_checked, 0, G_N_ELEMENTS(paths));
	tcase_add_test(tc, paths_are_bounded);
	tcase_add_test(tc, a_batch_is_asked_for);
	tcase_add_test(tc, a_stopped_stream_is_a_fault);
	tcase_add_test(tc, datastore_mode_is_said_so);
	suite_add_tcase(suite, tc);
	return suite;
}
