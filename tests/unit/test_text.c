/* Tests of lib/text.c */
#include "text.h"

#include <check.h>
#include <string.h>

#include "clk.h"

Suite *text_suite(void);

static const struct {
	const char *bytes;
	size_t length, max;
	const char *want;
} utf8_cases[] = {
	{NULL, 0, 10, ""},
	{"", 0, 10, ""},
	{"abc", 3, 3, "abc"},
	{"abc", 3, 4, "abc"},
	{"abcd", 4, 3, "\xe2\x80\xa6"},
	{"abcdef", 6, 5, "ab\xe2\x80\xa6"},
	{"abc", 3, 2, ""},
	{"abc", 3, 0, ""},
	{"\xff", 1, 10, "\xef\xbf\xbd"},
	{"a\xff\xfe"
	 "b",
	 4, 10,
	 "a\xef\xbf\xbd\xef\xbf\xbd"
	 "b"},
	{"a\0b", 3, 10,
	 "a\xef\xbf\xbd"
	 "b"},
	{"\xc0\x80", 2, 10, "\xef\xbf\xbd\xef\xbf\xbd"},
	{"\xed\xa0\x80", 3, 10, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	{"\xe2\x82", 2, 10, "\xef\xbf\xbd\xef\xbf\xbd"},
	{"\xe2\x82\xac", 3, 3, "\xe2\x82\xac"},
	/* the cut falls inside of the second euro sign */
	{"a\xe2\x82\xac\xe2\x82\xac", 7, 6, "a\xe2\x80\xa6"},
	{"x\x1b[31m", 6, 10, "x\x1b[31m"},
};

START_TEST(test_to_utf8)
{
	g_autofree char *got =
		text_to_utf8(utf8_cases[_i].bytes, utf8_cases[_i].length, utf8_cases[_i].max);

	ck_assert_str_eq(got, utf8_cases[_i].want);
	ck_assert(g_utf8_validate(got, -1, NULL));
	ck_assert_uint_le(strlen(got), utf8_cases[_i].max);
}
END_TEST

START_TEST(test_to_utf8_long)
{
	/* every cut of a long text of three-byte characters is valid and bounded */
	GString *text = g_string_new(NULL);

	for (int i = 0; i < 200; i++)
		g_string_append(text, "\xe2\x82\xac");
	for (size_t max = 0; max <= text->len + 2; max++) {
		g_autofree char *got = text_to_utf8(text->str, text->len, max);

		ck_assert(g_utf8_validate(got, -1, NULL));
		ck_assert(!strstr(got, "\xef\xbf\xbd"));
		ck_assert_uint_le(strlen(got), max);
		ck_assert_uint_ge(strlen(got) + 4, MIN(max, text->len));
	}
	{
		g_autofree char *whole = text_to_utf8(text->str, text->len, SIZE_MAX);

		ck_assert_str_eq(whole, text->str);
	}
	g_string_free(text, TRUE);
}
END_TEST

#define MARKS_4 "\xcc\x81\xcc\x81\xcc\x81\xcc\x81"

static const struct {
	const char *text, *want;
} escape_cases[] = {
	{"", ""},
	{"plain \xc3\xa4", "plain \xc3\xa4"},
	{"a\tb\nc", "a b c"},
	{"a\rb", "a\\x0db"},
	{"\x1b[2J", "\\x1b[2J"},
	{"\x7f", "\\x7f"},
	{"\xc2\x9b"
	 "31m",
	 "\\x9b31m"},
	{"\xe2\x80\xae"
	 "gnp.exe",
	 "\\u202egnp.exe"},
	{"\xe2\x81\xa6x\xe2\x81\xa9", "\\u2066x\\u2069"},
	{"a\xe2\x80\xa8"
	 "b\xe2\x80\xa9",
	 "a\\u2028b\\u2029"},
	{"\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f", "\\u061c\\u200e\\u200f"},
	/* of which nothing is seen */
	{"a\xe2\x80\x8b"
	 "b\xc2\xad\xef\xbb\xbf\xf3\xa0\x81\x81",
	 "a\\u200bb\\u00ad\\ufeff\\ue0041"},
	/* joiners make words and emoji */
	{"\xd9\x85\xe2\x80\x8c\xd8\xae", "\xd9\x85\xe2\x80\x8c\xd8\xae"},
	{"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa7",
	 "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa7"},
	/* twelve marks on a letter, no more */
	{"e" MARKS_4 MARKS_4 MARKS_4, "e" MARKS_4 MARKS_4 MARKS_4},
	{"e" MARKS_4 MARKS_4 MARKS_4 "\xcc\x81x\xcc\x81",
	 "e" MARKS_4 MARKS_4 MARKS_4 "\\u0301x\xcc\x81"},
	/* no UTF-8 */
	{"a\x9b"
	 "b\xff\xe2\x82",
	 "a\xef\xbf\xbd"
	 "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
};

START_TEST(test_line)
{
	g_autofree char *line = text_to_line("a\tb\r\nc\x7f\xff\xc2\xa0"
					     "d",
					     100);
	g_autofree char *cut = text_to_line("one\ntwo", 6);

	ck_assert_str_eq(line, "a b  c \xef\xbf\xbd\xc2\xa0"
			       "d");
	ck_assert_str_eq(cut, "one\xe2\x80\xa6");
	ck_assert_ptr_null(text_to_line(NULL, 100));
}
END_TEST

START_TEST(test_escape_terminal)
{
	g_autofree char *got = text_escape_terminal(escape_cases[_i].text);

	ck_assert_str_eq(got, escape_cases[_i].want);
}
END_TEST

static const struct {
	int64_t ms;
	const char *want;
} age_cases[] = {
	{INT64_MIN, "0 s"},
	{-1, "0 s"},
	{0, "0 s"},
	{999, "0 s"},
	{12 * MS_PER_S, "12 s"},
	{MS_PER_MINUTE - 1, "59 s"},
	{MS_PER_MINUTE, "1 min"},
	{MS_PER_HOUR - 1, "59 min"},
	{MS_PER_HOUR, "1 h"},
	{2 * MS_PER_HOUR + 59 * MS_PER_MINUTE, "2 h"},
	{MS_PER_DAY - 1, "23 h"},
	{MS_PER_DAY, "1 d"},
	{400 * MS_PER_DAY, "400 d"},
};

START_TEST(test_age)
{
	g_autofree char *got = text_age(age_cases[_i].ms);

	ck_assert_str_eq(got, age_cases[_i].want);
}
END_TEST

static const struct {
	const char *word, *want;
} nearest_cases[] = {
	{"onwer", "owner"},
	{"pirority", "priority"},
	{"Paths", "paths"},
	{"path", "paths"},
	{"pat", NULL},
	{"owner", "owner"},
	{"pa", NULL},
	{"colour", NULL},
	{"", NULL},
	{"deploycommand", "deploy-command"},
	{"deploy", NULL},
	{"expect-form", "expect-from"},
	{"expected-from", "expect-from"},
};

START_TEST(test_nearest)
{
	static const char *const candidates[] = {"owner",          "priority",    "paths",
						 "deploy-command", "expect-from", NULL};
	const char *got = text_nearest(nearest_cases[_i].word, candidates);

	ck_assert_msg(g_strcmp0(got, nearest_cases[_i].want) == 0, "\"%s\": %s",
		      nearest_cases[_i].word, got ? got : "none");
}
END_TEST

START_TEST(test_nearest_of_long_words)
{
	/* at, below and above the longest word compared; memory beyond it is never touched */
	for (size_t length = 63; length <= 65; length++) {
		g_autofree char *word = g_strnfill(length, 'x');
		const char *const candidates[] = {word, NULL};
		const char *const other[] = {"y", NULL};

		ck_assert_ptr_eq(text_nearest(word, candidates), length <= 64 ? word : NULL);
		ck_assert_ptr_null(text_nearest("y", candidates));
		ck_assert_ptr_null(text_nearest(word, other));
	}
}
END_TEST

static const struct {
	const char *pattern, *text;
	bool want;
} glob_cases[] = {
	{"", "", true},
	{"", "a", false},
	{"*", "", true},
	{"**", "", true},
	{"*", "service/a", true},
	{"?", "", false},
	{"?", "a", true},
	{"?", "ab", false},
	{"?", "\xc3\xa4", true},
	{"a?c", "abc", true},
	{"service/*", "service/x", true},
	{"service/*", "table/x", false},
	{"*worker", "prediction-worker", true},
	{"*worker", "prediction-worker2", false},
	{"*-*-x", "a-b-c-x", true},
	{"a*b*c", "aXbYc", true},
	{"a*b*c", "aXcYb", false},
	{"[a]", "a", false},
	{"[a]", "[a]", true},
	{"A", "a", false},
	{"*aab", "aaaab", true},
};

START_TEST(test_glob)
{
	ck_assert_msg(text_glob(glob_cases[_i].pattern, glob_cases[_i].text) == glob_cases[_i].want,
		      "%s on %s", glob_cases[_i].pattern, glob_cases[_i].text);
}
END_TEST

START_TEST(test_glob_does_not_explode)
{
	/* backtracking into every star would take longer than the test may */
	g_autofree char *text = g_strnfill(2000, 'a');
	GString *pattern = g_string_new(NULL);

	for (int i = 0; i < 40; i++)
		g_string_append(pattern, "*a");
	g_string_append(pattern, "*b");
	ck_assert(!text_glob(pattern->str, text));
	g_string_free(pattern, TRUE);
}
END_TEST

static const struct {
	const char *given, *secret;
	bool want;
} secret_cases[] = {
	{"token", "token", true}, {"token", "tokem", false}, {"toke", "token", false},
	{"token", "toke", false}, {"", "token", false},      {"", "", false},
	{"x", "", false},         {NULL, "token", false},    {"token", NULL, false},
	{NULL, NULL, false},
};

START_TEST(test_equal_secret)
{
	ck_assert(text_equal_secret(secret_cases[_i].given, secret_cases[_i].secret) ==
		  secret_cases[_i].want);
}
END_TEST

Suite *text_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *tc = tcase_create("text");

	tcase_add_loop_test(tc, test_to_utf8, 0, G_N_ELEMENTS(utf8_cases));
	tcase_add_test(tc, test_to_utf8_long);
	tcase_add_test(tc, test_line);
	tcase_add_loop_test(tc, test_escape_terminal, 0, G_N_ELEMENTS(escape_cases));
	tcase_add_loop_test(tc, test_age, 0, G_N_ELEMENTS(age_cases));
	tcase_add_loop_test(tc, test_nearest, 0, G_N_ELEMENTS(nearest_cases));
	tcase_add_test(tc, test_nearest_of_long_words);
	tcase_add_loop_test(tc, test_glob, 0, G_N_ELEMENTS(glob_cases));
	tcase_add_test(tc, test_glob_does_not_explode);
	tcase_add_loop_test(tc, test_equal_secret, 0, G_N_ELEMENTS(secret_cases));
	suite_add_tcase(suite, tc);
	return suite;
}
