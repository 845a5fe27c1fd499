/* Tests of lib/dur.c */
#include "dur.h"

#include <check.h>

#include "drift_error.h"

Suite *dur_suite(void);

static const struct {
	const char *text;
	int64_t want; /* -1: refused with code */
	enum drift_error code;
} parse_cases[] = {
	{"0s", 0, DRIFT_ERROR_NONE},
	{"1s", 1000, DRIFT_ERROR_NONE},
	{"90s", 90000, DRIFT_ERROR_NONE},
	{"5m", 5 * MS_PER_MINUTE, DRIFT_ERROR_NONE},
	{"24h", MS_PER_DAY, DRIFT_ERROR_NONE},
	{"7d", 7 * MS_PER_DAY, DRIFT_ERROR_NONE},
	{"007d", 7 * MS_PER_DAY, DRIFT_ERROR_NONE},
	{"365d", DUR_MAX_MS, DRIFT_ERROR_NONE},
	{"31535999s", DUR_MAX_MS - 1000, DRIFT_ERROR_NONE},
	{"31536000s", DUR_MAX_MS, DRIFT_ERROR_NONE},
	{"31536001s", -1, DRIFT_ERROR_TOO_LARGE},
	{"366d", -1, DRIFT_ERROR_TOO_LARGE},
	{"18446744073709551616s", -1, DRIFT_ERROR_TOO_LARGE},
	{"99999999999999999999999999999999999999d", -1, DRIFT_ERROR_TOO_LARGE},
	{"000000000000000000000000000000000000001d", -1, DRIFT_ERROR_TOO_LARGE},
	{"", -1, DRIFT_ERROR_INVALID},
	{"s", -1, DRIFT_ERROR_INVALID},
	{"5", -1, DRIFT_ERROR_INVALID},
	{"5 m", -1, DRIFT_ERROR_INVALID},
	{" 5m", -1, DRIFT_ERROR_INVALID},
	{"5m ", -1, DRIFT_ERROR_INVALID},
	{"-5m", -1, DRIFT_ERROR_INVALID},
	{"+5m", -1, DRIFT_ERROR_INVALID},
	{"1.5h", -1, DRIFT_ERROR_INVALID},
	{"5M", -1, DRIFT_ERROR_INVALID},
	{"5min", -1, DRIFT_ERROR_INVALID},
	{"1h30m", -1, DRIFT_ERROR_INVALID},
	{"0x10s", -1, DRIFT_ERROR_INVALID},
};

START_TEST(test_parse)
{
	g_autoptr(GError) error = NULL;
	int64_t got_ms = -7; /* must stay so on failure */
	bool ok = dur_parse(parse_cases[_i].text, &got_ms, &error);
	bool want_ok = parse_cases[_i].want >= 0;

	ck_assert_msg(ok == want_ok, "\"%s\": %s", parse_cases[_i].text,
		      error ? error->message : "accepted");
	if (!ok)
		ck_assert(g_error_matches(error, DRIFT_ERROR, (gint)parse_cases[_i].code));
	ck_assert_int_eq(got_ms, ok ? parse_cases[_i].want : -7);
}
END_TEST

static const struct {
	const char *text;
	int64_t want;
	enum drift_error code;
} size_cases[] = {
	{"0", 0, DRIFT_ERROR_NONE},
	{"12", 12, DRIFT_ERROR_NONE},
	{"12B", 12, DRIFT_ERROR_NONE},
	{"3kB", 3000, DRIFT_ERROR_NONE},
	{"10MB", 10000000, DRIFT_ERROR_NONE},
	{"2GB", 2000000000, DRIFT_ERROR_NONE},
	{"1TB", 1000000000000, DRIFT_ERROR_NONE},
	{"1KiB", 1024, DRIFT_ERROR_NONE},
	{"1MiB", 1048576, DRIFT_ERROR_NONE},
	{"1GiB", 1073741824, DRIFT_ERROR_NONE},
	{"1024TiB", DUR_SIZE_MAX_BYTES, DRIFT_ERROR_NONE},
	{"1125899906842623", DUR_SIZE_MAX_BYTES - 1, DRIFT_ERROR_NONE},
	{"1125899906842625", -1, DRIFT_ERROR_TOO_LARGE},
	{"1025TiB", -1, DRIFT_ERROR_TOO_LARGE},
	{"", -1, DRIFT_ERROR_INVALID},
	{"MB", -1, DRIFT_ERROR_INVALID},
	{"10 MB", -1, DRIFT_ERROR_INVALID},
	{"10mb", -1, DRIFT_ERROR_INVALID},
	{"10KB", -1, DRIFT_ERROR_INVALID},
	{"-1", -1, DRIFT_ERROR_INVALID},
	{"1.5GB", -1, DRIFT_ERROR_INVALID},
	{"5m", -1, DRIFT_ERROR_INVALID},
};

START_TEST(test_parse_size)
{
	g_autoptr(GError) error = NULL;
	int64_t got = -7;
	bool ok = dur_parse_size(size_cases[_i].text, &got, &error);

	ck_assert_msg(ok == (size_cases[_i].want >= 0), "\"%s\": %s", size_cases[_i].text,
		      error ? error->message : "accepted");
	if (!ok)
		ck_assert(g_error_matches(error, DRIFT_ERROR, (gint)size_cases[_i].code));
	ck_assert_int_eq(got, ok ? size_cases[_i].want : -7);
}
END_TEST

static const struct {
	int64_t ms;
	const char *want;
} format_cases[] = {
	{0, "0s"},
	{1000, "1s"},
	{90 * MS_PER_S, "90s"},
	{5 * MS_PER_MINUTE, "5m"},
	{90 * MS_PER_MINUTE, "90m"},
	{24 * MS_PER_HOUR, "1d"},
	{25 * MS_PER_HOUR, "25h"},
	{DUR_MAX_MS, "365d"},
	{DUR_MAX_MS - 1000, "31535999s"},
};

START_TEST(test_format_reads_back)
{
	g_autofree char *text = dur_format(format_cases[_i].ms);
	g_autoptr(GError) error = NULL;
	int64_t back = -1;

	ck_assert_str_eq(text, format_cases[_i].want);
	ck_assert(dur_parse(text, &back, &error));
	ck_assert_int_eq(back, format_cases[_i].ms);
}
END_TEST

Suite *dur_suite(void)
{
	Suite *suite = suite_create("dur");
	TCase *tc = tcase_create("dur");

	tcase_add_loop_test(tc, test_parse, 0, G_N_ELEMENTS(parse_cases));
	tcase_add_loop_test(tc, test_parse_size, 0, G_N_ELEMENTS(size_cases));
	tcase_add_loop_test(tc, test_format_reads_back, 0, G_N_ELEMENTS(format_cases));
	suite_add_tcase(suite, tc);
	return suite;
}
