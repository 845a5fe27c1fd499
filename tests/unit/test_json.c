/* Tests of lib/json.c */
#include "json.h"

#include <check.h>
#include <string.h>

#include "drift_error.h"

Suite *json_suite(void);

static json_object *must_parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	json_object *value = json_parse(text, strlen(text), &error);

	ck_assert_msg(value != NULL, "%s: %s", text, error ? error->message : "no message");
	return value;
}

static const char *const accepted[] = {
	"{}",
	"[]",
	" \t\r\n{} \n",
	"\xef\xbb\xbf{}",
	"1",
	"-0",
	"-1.5e+10",
	"1E5",
	"0.5",
	"true",
	"\"\"",
	"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00\"",
	"\"\\ud800\"",
	"[1,2,[3],{\"a\":null}]",
	"{\"a\":1,\"a\":2}",
	"\"\x7f\"",
};

START_TEST(test_parse_accepts)
{
	json_object_put(must_parse(accepted[_i]));
}
END_TEST

#define BYTES(literal)                                                                             \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

static const struct {
	const char *bytes;
	size_t length;
} refused[] = {
	BYTES(""),
	BYTES("  "),
	BYTES("null"),
	BYTES("{"),
	BYTES("[1"),
	BYTES("\"abc"),
	BYTES("\"abc\\"),
	BYTES("tru"),
	BYTES("True"),
	BYTES("TRUE"),
	BYTES("nul"),
	BYTES("{}x"),
	BYTES("{}{}"),
	BYTES("{},"),
	BYTES("1 2"),
	BYTES("[1 2]"),
	BYTES("[1,]"),
	BYTES("[,1]"),
	BYTES("{\"a\":1,}"),
	BYTES("{\"a\" 1}"),
	BYTES("{a:1}"),
	BYTES("{'a':1}"),
	BYTES("['a']"),
	BYTES("01"),
	BYTES("-01"),
	BYTES("-"),
	BYTES("1."),
	BYTES("1.e5"),
	BYTES(".5"),
	BYTES("+1"),
	BYTES("1e"),
	BYTES("1e+"),
	BYTES("0x10"),
	BYTES("1-2"),
	BYTES("[1.5.5]"),
	BYTES("NaN"),
	BYTES("nan"),
	BYTES("Infinity"),
	BYTES("-Infinity"),
	BYTES("/* c */ 1"),
	BYTES("// c\n1"),
	BYTES("\"a\nb\""),
	BYTES("\"a\tb\""),
	BYTES("\"\x01\""),
	BYTES("\"\\x\""),
	BYTES("\"\\u12g4\""),
	BYTES("\"\xff\""),
	BYTES("\"\xc0\x80\""),
	BYTES("\"\xed\xa0\x80\""),
	BYTES("{\"a\":\0}"),
	BYTES("{}\0"),
	BYTES("\"a\0b\""),
	BYTES("<html></html>"),
	BYTES("\v1"),
	BYTES("\xef\xbb\xbf"),
};

START_TEST(test_parse_refuses)
{
	g_autoptr(GError) error = NULL;
	/* exactly as long as it is: reading past the end is seen by the sanitizer */
	g_autofree char *copy = g_memdup2(refused[_i].bytes, refused[_i].length);
	json_object *value = json_parse(copy ? copy : "", refused[_i].length, &error);

	ck_assert_msg(value == NULL, "accepted: %s", refused[_i].bytes);
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
}
END_TEST

START_TEST(test_parse_bounds_depth)
{
	for (size_t depth = JSON_DEPTH_MAX - 1; depth <= JSON_DEPTH_MAX + 1; depth++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *open = g_strnfill(depth, '[');
		g_autofree char *close = g_strnfill(depth, ']');
		g_autofree char *text = g_strconcat(open, close, NULL);
		json_object *value = json_parse(text, strlen(text), &error);

		ck_assert_msg((value != NULL) == (depth <= JSON_DEPTH_MAX), "%zu: %s", depth,
			      error ? error->message : "accepted");
		json_object_put(value);
	}
}
END_TEST

START_TEST(test_members)
{
	json_object *o = must_parse("{\"t\":\"x\",\"z\":\"a\\u0000b\",\"n\":null,\"o\":{\"i\":1},"
				    "\"a\":[1],\"b\":true,\"f\":false,\"i\":7,\"d\":1.5}");

	ck_assert_str_eq(json_member_text(o, "t", "f"), "x");
	ck_assert_str_eq(json_member_text(o, "none", "f"), "f");
	ck_assert_str_eq(json_member_text(o, "n", "f"), "f");
	ck_assert_str_eq(json_member_text(o, "i", "f"), "f");
	/* a text with a NUL inside would be cut there: it is no text */
	ck_assert_str_eq(json_member_text(o, "z", "f"), "f");
	ck_assert_ptr_null(json_member_text(o, "none", NULL));
	ck_assert_ptr_nonnull(json_member_object(o, "o"));
	ck_assert_ptr_null(json_member_object(o, "a"));
	ck_assert_ptr_null(json_member_object(o, "none"));
	ck_assert_ptr_nonnull(json_member_array(o, "a"));
	ck_assert_ptr_null(json_member_array(o, "o"));
	ck_assert_ptr_null(json_member_array(o, "n"));
	ck_assert(json_member_bool(o, "b", false));
	ck_assert(!json_member_bool(o, "f", true));
	ck_assert(json_member_bool(o, "none", true));
	ck_assert(json_member_bool(o, "i", true));
	ck_assert(!json_member_bool(o, "i", false));
	/* not an object, or nothing at all: every member is absent */
	ck_assert_ptr_null(json_member_object(NULL, "o"));
	ck_assert_ptr_null(json_member_text(json_member_array(o, "a"), "o", NULL));
	json_object_put(o);
}
END_TEST

static const struct {
	const char *text;
	int64_t want; /* -7 is the fallback */
} int_cases[] = {
	{"{\"i\":0}", 0},
	{"{\"i\":-5}", -5},
	{"{\"i\":9223372036854775807}", INT64_MAX},
	{"{\"i\":9223372036854775808}", -7},
	{"{\"i\":18446744073709551615}", -7},
	{"{\"i\":99999999999999999999999}", -7},
	{"{\"i\":-9223372036854775807}", -INT64_MAX},
	{"{\"i\":-99999999999999999999999}", -7},
	{"{\"i\":\"12\"}", 12},
	{"{\"i\":\"-12\"}", -12},
	{"{\"i\":\"9223372036854775807\"}", INT64_MAX},
	{"{\"i\":\"9223372036854775808\"}", -7},
	{"{\"i\":\"12x\"}", -7},
	{"{\"i\":\" 12\"}", -7},
	{"{\"i\":\"\"}", -7},
	{"{\"i\":\"1\\u00002\"}", -7},
	{"{\"i\":1.0}", -7},
	{"{\"i\":1e3}", -7},
	{"{\"i\":true}", -7},
	{"{\"i\":null}", -7},
	{"{}", -7},
	{"[]", -7},
};

START_TEST(test_member_int)
{
	json_object *o = must_parse(int_cases[_i].text);

	ck_assert_int_eq(json_member_int(o, "i", -7), int_cases[_i].want);
	json_object_put(o);
}
END_TEST

START_TEST(test_check_member)
{
	g_autoptr(GError) error = NULL;
	json_object *o = must_parse("{\"t\":\"x\",\"n\":null,\"a\":[]}");

	ck_assert(json_check_member(o, "t", json_type_string, &error));
	ck_assert(json_check_member(o, "n", json_type_string, &error));
	ck_assert(json_check_member(o, "none", json_type_string, &error));
	ck_assert_ptr_null(error);
	ck_assert(!json_check_member(o, "a", json_type_object, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
	ck_assert_str_eq(error->message, "a is array, expected object");
	json_object_put(o);
}
END_TEST

/* The document of RFC 6901 5, and an array with a nested one. */
static const char pointer_document[] =
	"{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
	"\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,\"null\":null,\"~1\":9,"
	"\"nest\":[{\"x\":10},[11,12]],\"-\":13,\"01\":14}";

static const struct {
	const char *pointer;
	const char *want; /* as compact JSON; NULL: refused with code */
	enum drift_error code;
} pointer_cases[] = {
	{"/foo", "[\"bar\",\"baz\"]", DRIFT_ERROR_NONE},
	{"/foo/0", "\"bar\"", DRIFT_ERROR_NONE},
	{"/foo/1", "\"baz\"", DRIFT_ERROR_NONE},
	{"/", "0", DRIFT_ERROR_NONE},
	{"/a~1b", "1", DRIFT_ERROR_NONE},
	{"/c%d", "2", DRIFT_ERROR_NONE},
	{"/e^f", "3", DRIFT_ERROR_NONE},
	{"/g|h", "4", DRIFT_ERROR_NONE},
	{"/i\\j", "5", DRIFT_ERROR_NONE},
	{"/k\"l", "6", DRIFT_ERROR_NONE},
	{"/ ", "7", DRIFT_ERROR_NONE},
	{"/m~0n", "8", DRIFT_ERROR_NONE},
	{"/null", "null", DRIFT_ERROR_NONE},
	{"/~01", "9", DRIFT_ERROR_NONE},
	{"/nest/0/x", "10", DRIFT_ERROR_NONE},
	{"/nest/1/1", "12", DRIFT_ERROR_NONE},
	{"/-", "13", DRIFT_ERROR_NONE},
	{"/01", "14", DRIFT_ERROR_NONE},
	{"/foo/2", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/foo/-", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/foo/00", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/foo/01", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/foo/+1", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/foo/1x", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/foo/", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/foo/4294967296", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/foo/18446744073709551616", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/foo/0/x", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/null/x", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/nothing", NULL, DRIFT_ERROR_NOT_FOUND},
	{"/foo/0/", NULL, DRIFT_ERROR_NOT_FOUND},
	{"foo", NULL, DRIFT_ERROR_INVALID},
	{"#/foo", NULL, DRIFT_ERROR_INVALID},
	{" /foo", NULL, DRIFT_ERROR_INVALID},
	{"/m~n", NULL, DRIFT_ERROR_INVALID},
	{"/nothing/m~2", NULL, DRIFT_ERROR_INVALID},
	{"/m~", NULL, DRIFT_ERROR_INVALID},
};

START_TEST(test_pointer)
{
	g_autoptr(GError) error = NULL;
	json_object *o = must_parse(pointer_document);
	json_object *value = o;
	bool ok = json_pointer(o, pointer_cases[_i].pointer, &value, &error);

	ck_assert_msg(ok == (pointer_cases[_i].want != NULL), "%s: %s", pointer_cases[_i].pointer,
		      error ? error->message : "found");
	if (ok) {
		g_autofree char *text = json_to_text(value, NULL);

		ck_assert_str_eq(text, pointer_cases[_i].want);
	} else {
		ck_assert(g_error_matches(error, DRIFT_ERROR, (gint)pointer_cases[_i].code));
		ck_assert_ptr_eq(value, o); /* untouched */
	}
	json_object_put(o);
}
END_TEST

START_TEST(test_pointer_to_all)
{
	g_autoptr(GError) error = NULL;
	json_object *o = must_parse("\"18f6ecfe\"");
	json_object *value = NULL;

	ck_assert(json_pointer(o, "", &value, &error));
	ck_assert_ptr_eq(value, o);
	json_object_put(o);
}
END_TEST

static const struct {
	const char *text;
	const char *want; /* NULL: no scalar */
} scalar_cases[] = {
	{"[true]", "true"},
	{"[false]", "false"},
	{"[12]", "12"},
	{"[-12]", "-12"},
	{"[18446744073709551615]", NULL},
	/* forty digits are a commit only when they are text: as a number they are lost */
	{"[1234567890123456789012345678901234567890]", NULL},
	{"[\"1234567890123456789012345678901234567890\"]",
	 "1234567890123456789012345678901234567890"},
	/* the spelling stays: 60e9910 is a commit that looks like a number */
	{"[60e9910]", "60e9910"},
	{"[1.50]", "1.50"},
	{"[\"a \\\"b\\\"\"]", "a \"b\""},
	{"[\"\"]", ""},
	{"[\"a\\u0000b\"]", NULL},
	{"[null]", NULL},
	{"[{}]", NULL},
	{"[[]]", NULL},
};

START_TEST(L21_scalar_text_keeps_the_spelling)
{
	json_object *o = must_parse(scalar_cases[_i].text);
	g_autofree char *got = json_scalar_text(json_object_array_get_idx(o, 0));

	ck_assert_msg(g_strcmp0(got, scalar_cases[_i].want) == 0, "%s: %s", scalar_cases[_i].text,
		      got ? got : "NULL");
	json_object_put(o);
}
END_TEST

START_TEST(test_add_and_write)
{
	json_object *o = json_object_new_object();
	g_autofree char *text = NULL;
	size_t length = 0;

	json_add_text(o, "url", "https://x/\"\n");
	json_add_text(o, "none", NULL);
	json_add_int(o, "big", INT64_MAX);
	json_add_bool(o, "yes", true);
	json_add_time(o, "at", INT64_C(1795172403999));
	json_add_time(o, "never", 0);
	json_add_time(o, "before", -1);
	json_add(o, "list", json_object_new_array());
	json_add(o, "nothing", NULL);
	text = json_to_text(o, &length);
	ck_assert_str_eq(text, "{\"url\":\"https://x/\\\"\\n\",\"none\":null,"
			       "\"big\":9223372036854775807,\"yes\":true,"
			       "\"at\":\"2026-11-20T11:00:03Z\",\"never\":null,\"before\":null,"
			       "\"list\":[],\"nothing\":null}");
	ck_assert_uint_eq(length, strlen(text));
	json_object_put(o);
}
END_TEST

/* What a terminal shows is what is there, also of what a data format would let through (RFC 8259 7). */
START_TEST(test_write_is_fit_for_a_terminal)
{
	json_object *o = json_object_new_object();
	json_object *back = NULL;
	g_autofree char *text = NULL;
	size_t length = 0;
	const char *said = "\xc2\x9b\x7f\x1b\xe2\x80\xae\xf3\xa0\x81\x81\xc3\xa4\xf0\x9f\x91\xa8";

	json_add_text(o, "a", said);
	text = json_to_text(o, &length);
	ck_assert_str_eq(text, "{\"a\":\"\\u009b\\u007f\\u001b\\u202e\\udb40\\udc41"
			       "\xc3\xa4\xf0\x9f\x91\xa8\"}");
	ck_assert_uint_eq(length, strlen(text));
	back = json_parse(text, length, NULL);
	ck_assert_str_eq(json_member_text(back, "a", ""), said);
	json_object_put(back);
	json_object_put(o);
}
END_TEST

Suite *json_suite(void)
{
	Suite *suite = suite_create("json");
	TCase *tc = tcase_create("json");

	tcase_add_loop_test(tc, test_parse_accepts, 0, G_N_ELEMENTS(accepted));
	tcase_add_loop_test(tc, test_parse_refuses, 0, G_N_ELEMENTS(refused));
	tcase_add_test(tc, test_parse_bounds_depth);
	tcase_add_test(tc, test_members);
	tcase_add_loop_test(tc, test_member_int, 0, G_N_ELEMENTS(int_cases));
	tcase_add_test(tc, test_check_member);
	tcase_add_loop_test(tc, test_pointer, 0, G_N_ELEMENTS(pointer_cases));
	tcase_add_test(tc, test_pointer_to_all);
	tcase_add_loop_test(tc, L21_scalar_text_keeps_the_spelling, 0, G_N_ELEMENTS(scalar_cases));
	tcase_add_test(tc, test_add_and_write);
	tcase_add_test(tc, test_write_is_fit_for_a_terminal);
	suite_add_tcase(suite, tc);
	return suite;
}
