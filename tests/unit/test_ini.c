/* Unit tests of lib/config/ini: each row is a text, what it means and what is wrong with it. */
#include "config/ini.h"
#include "drift_error.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>

Suite *ini_suite(void);

/* One line per section, key and problem. */
static char *dump(const struct ini *ini)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < ini->section_count; i++) {
		const struct ini_section *section = &ini->sections[i];

		g_string_append_printf(text, "%d [%s|%s]\n", section->line, section->kind,
				       section->name ? section->name : "-");
		for (size_t j = 0; j < section->entry_count; j++)
			g_string_append_printf(text, "%d %s=<%s>\n", section->entries[j].line,
					       section->entries[j].key, section->entries[j].value);
	}
	for (size_t i = 0; i < ini->problem_count; i++)
		g_string_append_printf(text, "%d !%s\n", ini->problems[i].line,
				       ini->problems[i].message);
	return g_string_free(text, FALSE);
}

#define NO_KIND "the kind of a section is lower-case letters, digits and '-'"
#define NO_HEADER "a header is [kind] or [kind \"name\"], the name in double quotes"
#define NO_KEY "a key is a lower-case letter, then lower-case letters, digits and '-', at most 64"
#define NO_LINE "neither a [section], nor key = value, nor a comment (# or ;)"

static const struct {
	const char *text;
	size_t length; /* 0: strlen(text) */
	const char *want;
} cases[] = {
	{"", 0, ""},
	{"\n\n \t\n", 0, ""},
	{"# a\n; b\n  # c\n", 0, ""},
	{"[a]\nk = v\n", 0, "1 [a|-]\n2 k=<v>\n"},
	{"[a]\nk=v", 0, "1 [a|-]\n2 k=<v>\n"},
	{"  [a]  \n\tk\t=\tv w\t\n", 0, "1 [a|-]\n2 k=<v w>\n"},
	{"[ a ]\n[ a \"b\" ]\n", 0, "1 [a|-]\n2 [a|b]\n"},
	{"[a \"b c\"]\nk=\n", 0, "1 [a|b c]\n2 k=<>\n"},
	{"[a\"b\"]\n", 0, "1 [a|b]\n"},
	{"[a \"\"]\n", 0, "1 [a|]\n"},
	{"[a]\n[a]\n", 0, "1 [a|-]\n2 [a|-]\n"},
	{"[a]\nk=1\nk=2\n[b]\nk=3\n", 0, "1 [a|-]\n2 k=<1>\n3 k=<2>\n4 [b|-]\n5 k=<3>\n"},
	/* values are literal */
	{"[a]\nk = \"q\" # no comment ; neither\n", 0,
	 "1 [a|-]\n2 k=<\"q\" # no comment ; neither>\n"},
	{"[a]\nk = a = b [c]\n", 0, "1 [a|-]\n2 k=<a = b [c]>\n"},
	{"[a]\nk=\xc3\xa9\xe2\x82\xac\n", 0, "1 [a|-]\n2 k=<\xc3\xa9\xe2\x82\xac>\n"},
	{"[a]\nk=a\tb\n", 0, "1 [a|-]\n2 k=<a\tb>\n"},
	/* continuation */
	{"[a]\nk = a \\\n   b\nl = c\n", 0, "1 [a|-]\n2 k=<a  b>\n4 l=<c>\n"},
	{"[a]\nk = a\\\n# comment\n  ; another\nb\n", 0, "1 [a|-]\n2 k=<a b>\n"},
	{"[a]\nk = a\\\n\nl = b\n", 0, "1 [a|-]\n2 k=<a>\n4 l=<b>\n"},
	{"[a]\nk = a\\\\\nl = b\n", 0, "1 [a|-]\n2 k=<a\\\\>\n3 l=<b>\n"},
	{"[a]\nk = a\\\\\\\nb\n", 0, "1 [a|-]\n2 k=<a\\\\ b>\n"},
	{"[a]\nk = a\\\r\nb\r\n", 0, "1 [a|-]\n2 k=<a b>\n"},
	{"# c \\\n[a]\nk=v\n", 0, "2 [a|-]\n3 k=<v>\n"},
	{"[a]\nk = a\\\n[b]\n", 0, "1 [a|-]\n2 k=<a [b]>\n"},
	{"[a]\nk\\\n = v\n", 0, "1 [a|-]\n2 k=<v>\n"},
	{"[a]\nk = v\\", 0, "1 [a|-]\n2 !\\ at the end of the file: nothing follows it\n"},
	{"[a]\nk = v\\\n# c\n", 0, "1 [a|-]\n3 !\\ at the end of the file: nothing follows it\n"},
	{"[a]\nk = v\\ \nl = w\n", 0,
	 "1 [a|-]\n3 l=<w>\n2 !white space behind the \\ at the end of the line; remove it\n"},
	/* line ends */
	{"[a]\r\nk = v\r\n\r\n", 0, "1 [a|-]\n2 k=<v>\n"},
	{"[a]\nk = v\rl = w\n", 0,
	 "1 [a|-]\n2 !a carriage return inside the line; lines end in LF or CR LF\n"},
	/* bytes that are no text */
	{"[a]\nk = v\0w\nl = x\n", 18, "1 [a|-]\n3 l=<x>\n2 !a NUL byte; this is no text file\n"},
	{"[a]\nk = \x1b[31m\nl = x\n", 0, "1 [a|-]\n3 l=<x>\n2 !a control character; remove it\n"},
	{"[a]\nk = \x7f\n", 0, "1 [a|-]\n2 !a control character; remove it\n"},
	{"[a]\nk = \xc2\x9b"
	 "31m\n",
	 0, "1 [a|-]\n2 !a control character; remove it\n"},
	{"[a]\nk = \xff\nl = x\n", 0, "1 [a|-]\n3 l=<x>\n2 !not UTF-8; save the file as UTF-8\n"},
	{"[a]\nk = \xc3\n", 0, "1 [a|-]\n2 !not UTF-8; save the file as UTF-8\n"},
	{"[a]\nk = \xed\xa0\x80\n", 0, "1 [a|-]\n2 !not UTF-8; save the file as UTF-8\n"},
	{"\xef\xbb\xbf[a]\nk=v\n", 0,
	 "1 [a|-]\n2 k=<v>\n1 !a byte order mark; save the file as UTF-8 without one\n"},
	{"[a]\nk=\xef\xbb\xbfv\n", 0,
	 "1 [a|-]\n2 !a byte order mark; save the file as UTF-8 without one\n"},
	{"\xff\xfe[\0a\0]\0", 8, "1 !UTF-16; save the file as UTF-8\n"},
	{"[a]\nk = \xff \\\nmore \xff\nl = x\n", 0,
	 "1 [a|-]\n4 l=<x>\n2 !not UTF-8; save the file as UTF-8\n"},
	/* headers */
	{"[a\nk=v\n[b]\nk=w\n", 0, "3 [b|-]\n4 k=<w>\n1 !unclosed header: the ] is missing\n"},
	{"[a] # c\nk=v\n", 0,
	 "1 !text behind the ] of a header; a comment needs a line of its own\n"},
	{"[A]\n", 0, "1 !" NO_KIND "\n"},
	{"[]\n", 0, "1 !" NO_KIND "\n"},
	{"[1a]\n", 0, "1 !" NO_KIND "\n"},
	{"[\"b\"]\n", 0, "1 !" NO_KIND "\n"},
	{"[a b]\n", 0, "1 !" NO_HEADER "\n"},
	{"[a \"b]\n", 0, "1 !" NO_HEADER "\n"},
	{"[a \"]\n", 0, "1 !" NO_HEADER "\n"},
	{"[a b\"]\n", 0, "1 !" NO_HEADER "\n"},
	{"[a \"b\" c]\n", 0, "1 !" NO_HEADER "\n"},
	{"[a \"b\"c\"]\n", 0, "1 !a name holds no double quotes\n"},
	/* keys */
	{"k = v\n[a]\n", 0, "2 [a|-]\n1 !a key before the first [section]\n"},
	{"[a]\nK = v\n", 0, "1 [a|-]\n2 !" NO_KEY "\n"},
	{"[a]\n= v\n", 0, "1 [a|-]\n2 !" NO_KEY "\n"},
	{"[a]\nk l = v\n", 0, "1 [a|-]\n2 !" NO_KEY "\n"},
	{"[a]\n-k = v\n", 0, "1 [a|-]\n2 !" NO_KEY "\n"},
	{"[a]\nk-1 = v\n", 0, "1 [a|-]\n2 k-1=<v>\n"},
	{"[a]\nwhat is this\n", 0, "1 [a|-]\n2 !" NO_LINE "\n"},
	/* all of it at once */
	{"x\n[a\n[b]\nQ = 1\nk = v\n", 0,
	 "3 [b|-]\n5 k=<v>\n1 !" NO_LINE "\n2 !unclosed header: the ] is missing\n4 !" NO_KEY "\n"},
};

START_TEST(test_reads)
{
	size_t length = cases[_i].length ? cases[_i].length : strlen(cases[_i].text);
	struct ini *ini = ini_parse("f.ini", cases[_i].text, length);
	g_autofree char *got = dump(ini);

	ck_assert_str_eq(got, cases[_i].want);
	ck_assert_str_eq(ini->file, "f.ini");
	ini_free(ini);
}
END_TEST

/* A value of just so many bytes: limits at N-1, N, N+1. */
START_TEST(test_line_limit)
{
	static const int offsets[] = {-1, 0, 1};
	int length = (int)INI_LINE_MAX_BYTES + offsets[_i];
	g_autofree char *value = g_strnfill((gsize)length - strlen("k="), 'x');
	/* the limit is on the line after continuation: in two halves it is the same */
	g_autofree char *text = g_strdup_printf("[a]\nk=%.1000s\\\n%s\n", value, value + 1000 + 1);
	struct ini *ini = ini_parse("f", text, strlen(text));

	ck_assert_int_eq((int)ini->problem_count, offsets[_i] > 0 ? 1 : 0);
	ck_assert_int_eq((int)ini->sections[0].entry_count, offsets[_i] > 0 ? 0 : 1);
	if (offsets[_i] > 0)
		ck_assert_str_eq(ini->problems[0].message, "longer than 65536 bytes");
	else
		ck_assert_int_eq((int)strlen(ini->entries[0].value), length - 2);
	ini_free(ini);
}
END_TEST

START_TEST(test_entry_limit)
{
	static const int offsets[] = {-1, 0, 1, 500};
	g_autoptr(GString) text = g_string_new("[a]\n");
	struct ini *ini;

	for (int i = 0; i < INI_ENTRIES_MAX + offsets[_i]; i++)
		g_string_append(text, "k=v\n");
	ini = ini_parse("f", text->str, text->len);
	ck_assert_int_eq((int)ini->problem_count, offsets[_i] > 0 ? 1 : 0);
	ck_assert_int_eq((int)ini->sections[0].entry_count,
			 MIN(INI_ENTRIES_MAX, INI_ENTRIES_MAX + offsets[_i]));
	if (offsets[_i] > 0)
		ck_assert_int_eq(ini->problems[0].line, INI_ENTRIES_MAX + 2);
	ini_free(ini);
}
END_TEST

START_TEST(test_section_limit)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct ini *ini;

	for (int i = 0; i <= INI_ENTRIES_MAX; i++)
		g_string_append(text, "[a]\nk=v\n");
	ini = ini_parse("f", text->str, text->len);
	ck_assert_int_eq((int)ini->section_count, INI_ENTRIES_MAX);
	ck_assert_int_eq((int)ini->problem_count, 1);
	/* the section that is too many does not lend its keys to the one before */
	ck_assert_int_eq((int)ini->sections[INI_ENTRIES_MAX - 1].entry_count, 1);
	ini_free(ini);
}
END_TEST

START_TEST(test_problem_limit)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct ini *ini;

	for (int i = 0; i < INI_PROBLEMS_MAX + 7; i++)
		g_string_append(text, "nonsense\n");
	ini = ini_parse("f", text->str, text->len);
	ck_assert_int_eq((int)ini->problem_count, INI_PROBLEMS_MAX + 1);
	ck_assert_str_eq(ini->problems[INI_PROBLEMS_MAX].message,
			 "7 further problems are not shown");
	ini_free(ini);
}
END_TEST

START_TEST(test_key_limit)
{
	g_autofree char *key = g_strnfill(INI_KEY_MAX_BYTES + 1, 'k');
	g_autofree char *text = g_strdup_printf("[a]\n%s=1\n%s=2\n", key, key + 1);
	struct ini *ini = ini_parse("f", text, strlen(text));

	ck_assert_int_eq((int)ini->problem_count, 1);
	ck_assert_int_eq(ini->problems[0].line, 2);
	ck_assert_str_eq(ini->entries[0].value, "2");
	ini_free(ini);
}
END_TEST

/* The file may hold secrets: problems never quote it. */
START_TEST(test_problems_quote_nothing)
{
	static const char text[] = "hunter2\n[hunter2\n[a \"hunter2]\n[b]\nHUNTER2 = hunter2\n"
				   "k = hunter2\x01\nhunter2\\";
	struct ini *ini = ini_parse("f", text, strlen(text));

	ck_assert_int_eq((int)ini->problem_count, 6);
	for (size_t i = 0; i < ini->problem_count; i++)
		ck_assert_ptr_null(strstr(ini->problems[i].message, "hunter2"));
	ini_free(ini);
}
END_TEST

START_TEST(test_file_limit)
{
	static const int offsets[] = {-1, 0, 1};
	size_t length = (size_t)((int)INI_FILE_MAX_BYTES + offsets[_i]);
	g_autofree char *text = g_strnfill(length, '\n');
	g_autofree char *directory = g_dir_make_tmp("driftd-ini-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "f.ini", NULL);
	g_autoptr(GError) error = NULL;
	struct ini *ini;

	ck_assert(g_file_set_contents(path, text, (gssize)length, NULL));
	ini = ini_load(path, "f.ini", &error);
	if (offsets[_i] > 0) {
		ck_assert_ptr_null(ini);
		ck_assert_int_eq(error->code, DRIFT_ERROR_TOO_LARGE);
	} else {
		ck_assert_ptr_nonnull(ini);
		ck_assert_int_eq((int)ini->problem_count, 0);
	}
	ini_free(ini);
	ini = ini_parse("f.ini", text, length);
	ck_assert_int_eq((int)ini->problem_count, offsets[_i] > 0 ? 1 : 0);
	ini_free(ini);
	(void)g_unlink(path);
	(void)g_rmdir(directory);
}
END_TEST

START_TEST(test_unreadable_files)
{
	static const struct {
		const char *path;
		int code;
	} files[] = {{"/nonexistent/f.ini", DRIFT_ERROR_NOT_FOUND},
		     {"/", DRIFT_ERROR_INVALID},
		     {"/dev/zero", DRIFT_ERROR_TOO_LARGE}};
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(ini_load(files[_i].path, "f", &error));
	ck_assert_int_eq(error->code, files[_i].code);
	ck_assert_ptr_nonnull(strstr(error->message, files[_i].path));
}
END_TEST

START_TEST(test_free_of_null)
{
	ini_free(NULL);
}
END_TEST

Suite *ini_suite(void)
{
	Suite *suite = suite_create("ini");
	TCase *reading = tcase_create("reading");
	TCase *limits = tcase_create("limits");

	tcase_add_loop_test(reading, test_reads, 0, G_N_ELEMENTS(cases));
	tcase_add_test(reading, test_problems_quote_nothing);
	tcase_add_loop_test(reading, test_unreadable_files, 0, 3);
	tcase_add_test(reading, test_free_of_null);
	suite_add_tcase(suite, reading);
	tcase_add_loop_test(limits, test_line_limit, 0, 3);
	tcase_add_loop_test(limits, test_entry_limit, 0, 4);
	tcase_add_test(limits, test_section_limit);
	tcase_add_test(limits, test_problem_limit);
	tcase_add_test(limits, test_key_limit);
	tcase_add_loop_test(limits, test_file_limit, 0, 3);
	suite_add_tcase(suite, limits);
	return suite;
}
