/* Tests of lib/log.c: what arrives on stderr, read through a pipe. */
#include "log.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clk.h"

Suite *log_suite(void);

#define WALL_MS INT64_C(1795172403000)
#define PREFIX "time=2026-11-20T11:00:03Z level="

static int from_log = -1;

static void redirect(void)
{
	int ends[2] = {-1, -1};

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	ck_assert_int_eq(close(ends[1]), 0);
	from_log = ends[0];
	g_unsetenv("JOURNAL_STREAM");
	clk_set_fake(0, WALL_MS);
}

/* All that was written; the pipe holds more than one line, and nobody writes any more. */
static char *take(void)
{
	GString *all = g_string_new(NULL);
	char part[1024];
	ssize_t got = 0;

	/* not just closed: the next file opened would become stderr */
	ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
	while ((got = read(from_log, part, sizeof(part))) > 0)
		g_string_append_len(all, part, got);
	ck_assert_int_eq(close(from_log), 0);
	return g_string_free(all, FALSE);
}

START_TEST(test_line)
{
	g_autofree char *got = NULL;

	log_info("start.ready", "address=%s targets=%d", "127.0.0.1:8080", 20);
	log_error("stop", "%s", "");
	got = take();
	ck_assert_str_eq(got,
			 PREFIX "info event=start.ready address=127.0.0.1:8080 targets=20\n" PREFIX
				"error event=stop\n");
}
END_TEST

static const struct {
	const char *name;
	enum log_level level;
	const char *want; /* the levels that get through */
} level_cases[] = {
	{"error", LOG_LEVEL_ERROR, "error "},
	{"warn", LOG_LEVEL_WARN, "error warn "},
	{"info", LOG_LEVEL_INFO, "error warn info "},
	{"debug", LOG_LEVEL_DEBUG, "error warn info debug "},
};

START_TEST(test_level)
{
	g_autofree char *got = NULL;
	g_auto(GStrv) lines = NULL;
	GString *seen = g_string_new(NULL);

	ck_assert_int_eq((int)log_level_from_text(level_cases[_i].name),
			 (int)level_cases[_i].level);
	log_set_level(level_cases[_i].level);
	log_error("e", "%s", "");
	log_warn("e", "%s", "");
	log_info("e", "%s", "");
	log_debug("e", "%s", "");
	log_write(LOG_LEVEL_NONE, "e", "%s", "");
	got = take();
	lines = g_strsplit(got, "\n", -1);
	for (char **line = lines; **line; line++) {
		ck_assert(g_str_has_prefix(*line, PREFIX) && g_str_has_suffix(*line, " event=e"));
		g_string_append_len(seen, *line + strlen(PREFIX),
				    (gssize)strcspn(*line + strlen(PREFIX), " "));
		g_string_append_c(seen, ' ');
	}
	ck_assert_str_eq(seen->str, level_cases[_i].want);
	g_string_free(seen, TRUE);
}
END_TEST

START_TEST(test_level_words)
{
	ck_assert_int_eq((int)log_level_from_text("Info"), LOG_LEVEL_NONE);
	ck_assert_int_eq((int)log_level_from_text(""), LOG_LEVEL_NONE);
	ck_assert_int_eq((int)log_level_from_text("warning"), LOG_LEVEL_NONE);
	ck_assert_int_eq((int)log_level_from_text(NULL), LOG_LEVEL_NONE);
}
END_TEST

START_TEST(test_one_event_is_one_line)
{
	g_autofree char *got = NULL;

	log_info("e", "x=%s", "a\nlevel=error event=forged\r\x1b[2J \xe2\x80\xae \xff");
	got = take();
	ck_assert_str_eq(got, PREFIX "info event=e x=a level=error event=forged\\x0d\\x1b[2J "
				     "\\u202e \xef\xbf\xbd\n");
}
END_TEST

START_TEST(test_long_line_is_cut)
{
	/* control characters grow when they are escaped: the limit holds afterwards */
	static const char fills[] = {'x', '\x1b', '"'};

	for (size_t i = 0; i < sizeof(fills); i++) {
		g_autofree char *fill = g_strnfill((size_t)3 * LOG_LINE_MAX_BYTES, fills[i]);
		g_autofree char *quoted = log_quote(fill);
		g_autofree char *got = NULL;

		if (i > 0)
			redirect();
		log_info("e", "x=%s", i == 2 ? quoted : fill);
		got = take();
		ck_assert_uint_le(strlen(got), LOG_LINE_MAX_BYTES);
		ck_assert_uint_ge(strlen(got), LOG_LINE_MAX_BYTES - 4);
		ck_assert(g_str_has_suffix(got, "\xe2\x80\xa6\n"));
		ck_assert_ptr_eq(strchr(got, '\n'), got + strlen(got) - 1);
	}
}
END_TEST

START_TEST(test_stderr_closed)
{
	/* a log that cannot be written is no reason to fail, nor to lose what is being handled */
	ck_assert_int_eq(close(STDERR_FILENO), 0);
	errno = ENOSPC;
	log_error("e", "%s", "");
	ck_assert_int_eq(errno, ENOSPC);
}
END_TEST

START_TEST(test_other_journal_stream)
{
	/* inherited from a parent whose stderr it was: ours is another stream */
	struct stat st = {0};
	g_autofree char *other = NULL;
	g_autofree char *got = NULL;

	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	other = g_strdup_printf("%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino + 1);
	g_setenv("JOURNAL_STREAM", other, TRUE);
	log_info("e", "%s", "");
	got = take();
	ck_assert_str_eq(got, PREFIX "info event=e\n");
}
END_TEST

static const struct {
	const char *text, *want;
} quote_cases[] = {
	{"plain", "plain"},
	{"service/a-b_c.d", "service/a-b_c.d"},
	{"\xc3\xa4", "\xc3\xa4"},
	{"", "\"\""},
	{NULL, "\"\""},
	{"two words", "\"two words\""},
	{"a=b", "\"a=b\""},
	{"say \"hi\"", "\"say \\\"hi\\\"\""},
	{"back\\slash", "\"back\\\\slash\""},
	{"a\nb\tc\rd", "\"a\\nb\\tc\\rd\""},
	{"\x1b\x7f", "\"\\x1b\\x7f\""},
	{"\xff", "\xef\xbf\xbd"},
	{"\" event=forged x=\"", "\"\\\" event=forged x=\\\"\""},
};

START_TEST(test_quote)
{
	g_autofree char *got = log_quote(quote_cases[_i].text);

	ck_assert_str_eq(got, quote_cases[_i].want);
}
END_TEST

Suite *log_suite(void)
{
	Suite *suite = suite_create("log");
	TCase *tc = tcase_create("stderr");
	TCase *pure = tcase_create("pure");

	tcase_add_checked_fixture(tc, redirect, NULL);
	tcase_add_test(tc, test_line);
	tcase_add_loop_test(tc, test_level, 0, G_N_ELEMENTS(level_cases));
	tcase_add_test(tc, test_one_event_is_one_line);
	tcase_add_test(tc, test_long_line_is_cut);
	tcase_add_test(tc, test_stderr_closed);
	tcase_add_test(tc, test_other_journal_stream);
	tcase_add_test(pure, test_level_words);
	tcase_add_loop_test(pure, test_quote, 0, G_N_ELEMENTS(quote_cases));
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, pure);
	return suite;
}
