/* Unit tests of lib/folder_format: strict names of backup folders. */
#include "drift_error.h"
#include "folder_format.h"
#include "timefmt.h"

#include <check.h>
#include <string.h>

Suite *folder_format_suite(void);

static const struct {
	const char *format;
	const char *want; /* part of what is wrong; NULL: it is right */
	size_t depth;
} formats[] = {
	{"%Y-%m-%d_%H%M%S", NULL, 0},
	{"%Y-%m-%d", NULL, 0},
	{"%Y%m%d", NULL, 0},
	{"%Y%j", NULL, 0},
	{"%s", NULL, 0},
	{"backup-%s-full", NULL, 0},
	{"%d.%m.%Y", NULL, 0},
	{"%Y/%m/%d", NULL, 2},
	{"daily/%Y/%m%d/%H", NULL, 3},
	{"100%%_%Y%m%d", NULL, 0},
	{"", "1 to 200 bytes", 0},
	{"latest", "a day is needed", 0},
	{"%Y", "a day is needed", 0},
	{"%Y-%m", "a day is needed", 0},
	{"%Y-%d", "a day is needed", 0},
	{"%m-%d", "a day is needed", 0},
	{"%j", "a day is needed", 0},
	{"%Y-%m-%d_%M", "%M needs %H", 0},
	{"%Y-%m-%d_%H%S", "%S needs %M", 0},
	{"%Y%m%d%Y", "%Y is there twice", 0},
	{"%Y%j%d", "say the same twice", 0},
	{"%s%Y%m%d", "no other field", 0},
	{"%s_%H", "no other field", 0},
	{"%Y-%m-%d %p", "behind % comes one of", 0},
	{"%y%m%d", "behind % comes one of", 0},
	{"%Y%m%d%", "behind % comes one of", 0},
	{"/%Y%m%d", "'/' can be", 0},
	{"%Y%m%d/", "'/' can be", 0},
	{"%Y//%m%d", "'/' can be", 0},
	{"%Y%m%d\t", "control character", 0},
	{"%Y%m%d\xff", "not UTF-8", 0},
};

START_TEST(test_format)
{
	g_autoptr(GError) error = NULL;
	bool ok = folder_format_check(formats[_i].format, &error);

	if (!formats[_i].want) {
		ck_assert_msg(ok, "%s: %s", formats[_i].format, error ? error->message : "");
		ck_assert_uint_eq(folder_format_depth(formats[_i].format), formats[_i].depth);
		return;
	}
	ck_assert_msg(!ok, "%s", formats[_i].format);
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
	ck_assert_msg(strstr(error->message, formats[_i].want) != NULL, "%s", error->message);
}
END_TEST

START_TEST(test_format_limit)
{
	g_autofree char *fill = g_strnfill((gsize)(FOLDER_FORMAT_MAX_BYTES - 2 + _i - 1), 'x');
	g_autofree char *format = g_strconcat("%s", fill, NULL);

	ck_assert_int_eq(folder_format_check(format, NULL), _i <= 1);
}
END_TEST

static const struct {
	const char *format;
	const char *name;
	const char *want; /* NULL: does not follow */
} names[] = {
	{"%Y-%m-%d_%H%M%S", "2026-11-20_063015", "2026-11-20T06:30:15Z"},
	{"%Y-%m-%d_%H%M%S", "pre_rollback_2026-11-20_063015", NULL},
	{"%Y-%m-%d_%H%M%S", "2026-11-20_063015_old", NULL},
	{"%Y-%m-%d_%H%M%S", "2026-11-20_06301", NULL},
	{"%Y-%m-%d_%H%M%S", "2026-11-20_0630150", NULL},
	{"%Y-%m-%d_%H%M%S", "2026-11-20_06:30", NULL},
	{"%Y-%m-%d_%H%M%S", "2026-11-20-063015", NULL},
	{"%Y-%m-%d_%H%M%S", " 2026-11-20_063015", NULL},
	{"%Y-%m-%d_%H%M%S", "2026-11-2_063015", NULL},
	{"%Y-%m-%d_%H%M%S", "2026-11- 2_063015", NULL},
	{"%Y-%m-%d_%H%M%S", "+026-11-20_063015", NULL},
	{"%Y-%m-%d_%H%M%S", "2026-11-20_240000", NULL},
	{"%Y-%m-%d_%H%M%S", "2026-11-20_236000", NULL},
	{"%Y-%m-%d_%H%M%S", "2026-11-20_235960", NULL},
	{"%Y-%m-%d_%H%M%S", "2026-11-20_235959", "2026-11-20T23:59:59Z"},
	{"%Y-%m-%d_%H%M%S", "2026-11-20_000000", "2026-11-20T00:00:00Z"},
	{"%Y-%m-%d_%H%M%S", "", NULL},
	{"%Y-%m-%d", "2026-02-29", NULL},
	{"%Y-%m-%d", "2028-02-29", "2028-02-29T00:00:00Z"},
	{"%Y-%m-%d", "2026-13-01", NULL},
	{"%Y-%m-%d", "2026-00-01", NULL},
	{"%Y-%m-%d", "2026-01-00", NULL},
	{"%Y-%m-%d", "0000-01-01", NULL},
	{"%Y-%m-%d", "1970-01-01", NULL},
	{"%Y-%m-%d", "1970-01-02", "1970-01-02T00:00:00Z"},
	{"%Y-%m-%d", "9999-12-31", "9999-12-31T00:00:00Z"},
	{"%Y%j", "2026001", "2026-01-01T00:00:00Z"},
	{"%Y%j", "2026365", "2026-12-31T00:00:00Z"},
	{"%Y%j", "2026366", NULL},
	{"%Y%j", "2028366", "2028-12-31T00:00:00Z"},
	{"%Y%j", "2026000", NULL},
	{"%Y%j", "202601", NULL},
	{"%s", "1795156215", "2026-11-20T06:30:15Z"},
	{"%s", "179515621", NULL},
	{"%s", "17951562150", NULL},
	{"%s", "0000000000", NULL},
	{"%s", "-795156215", NULL},
	{"daily/%Y/%m%d", "daily/2026/1120", "2026-11-20T00:00:00Z"},
	{"daily/%Y/%m%d", "daily/2026-1120", NULL},
	{"daily/%Y/%m%d", "weekly/2026/1120", NULL},
	{"100%%_%Y%m%d", "100%_20261120", "2026-11-20T00:00:00Z"},
	{"100%%_%Y%m%d", "100%%_20261120", NULL},
	{"%d.%m.%Y", "20.11.2026", "2026-11-20T00:00:00Z"},
};

START_TEST(L16_folder_names_are_strict)
{
	int64_t wall_ms = -7;
	char text[TIMEFMT_BYTES];
	bool ok;

	ck_assert(folder_format_check(names[_i].format, NULL));
	ok = folder_format_match(names[_i].format, names[_i].name, strlen(names[_i].name),
				 &wall_ms);
	ck_assert_msg(ok == (names[_i].want != NULL), "%s %s", names[_i].format, names[_i].name);
	if (ok)
		ck_assert_str_eq(timefmt_utc(wall_ms, text), names[_i].want);
	else
		ck_assert_int_eq(wall_ms, -7);
}
END_TEST

/* The length counts, not what lies behind. */
START_TEST(test_length_counts)
{
	int64_t wall_ms = -7;

	ck_assert(folder_format_match("%Y%m%d", "20261120/file", 8, &wall_ms));
	ck_assert(!folder_format_match("%Y%m%d", "20261120", 7, &wall_ms));
	ck_assert(!folder_format_match("%Y%m%d", "20261120/", 9, &wall_ms));
	ck_assert(!folder_format_match("%Y%m%d", "20261120\0", 9, &wall_ms));
}
END_TEST

Suite *folder_format_suite(void)
{
	Suite *suite = suite_create("folder_format");
	TCase *all = tcase_create("folder_format");

	tcase_add_loop_test(all, test_format, 0, G_N_ELEMENTS(formats));
	tcase_add_loop_test(all, test_format_limit, 0, 3);
	tcase_add_loop_test(all, L16_folder_names_are_strict, 0, G_N_ELEMENTS(names));
	tcase_add_test(all, test_length_counts);
	suite_add_tcase(suite, all);
	return suite;
}
