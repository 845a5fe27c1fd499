/* test_verdict_detail_text - what verdicts about data rest on, as people read it. */
#include <check.h>
#include <string.h>

#include "eval/columns.h"
#include "eval/verdict_text.h"
#include "detail_fixture.h"

Suite *verdict_detail_text_suite(void);

#define NOW DETAIL_FIXTURE_NOW

START_TEST(test_text_has_all)
{
	static const char *const parts[] = {
		"table/x  drift  P1\n",
		"\n  freshness:\n    method: partition\n",
		"\n    last_loaded_at: 2026-11-20T09:00:02Z (2 h ago)\n",
		"\n    warn_after_s: 43200 (12 h)\n",
		"\n    rows: 12\n",
		"\n    streaming: false\n",
		"\n    next_expected_at: 2026-11-20T12:00:03Z (in 1 h)\n",
		"\n    partitions:\n      id        rows  modified_at\n",
		"\n      20261119  12    2026-11-20T05:00:00Z\n",
		"\n      20261118  0     -\n",
		"\n      … and 62 more\n",
	};
	struct verdict *verdict = detail_fixture_freshness();
	g_autofree char *text = verdict_text_detail(verdict, NOW, false);

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		ck_assert_msg(strstr(text, parts[i]), "%s is not in\n%s", parts[i], text);
	verdict_unref(verdict);
}
END_TEST

/* What was seen before it could not be told any more is no news. */
START_TEST(test_text_says_of_when)
{
	struct verdict *verdict = detail_fixture_freshness();
	g_autoptr(GPtrArray) verdicts = g_ptr_array_new();
	g_autofree char *text = NULL;
	g_autofree char *table = NULL;
	g_autofree char *drift = NULL;

	g_ptr_array_add(verdicts, verdict);
	verdict->observed_wall_ms = NOW - 2 * MS_PER_HOUR;
	drift = verdict_text_table(verdicts, NOW, true, false);
	ck_assert_ptr_null(strstr(drift, "of the last look"));
	verdict->state = STATE_UNKNOWN;
	text = verdict_text_detail(verdict, NOW, false);
	table = verdict_text_table(verdicts, NOW, true, false);
	ck_assert_ptr_nonnull(
		strstr(text, "\n  freshness of the last look, 2026-11-20T09:00:03Z (2 h ago):\n"));
	ck_assert_ptr_nonnull(strstr(
		table, "\n    of the last look, 2026-11-20T09:00:03Z (2 h ago):\n      id "));
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_text_of_nothing)
{
	struct verdict *never = detail_fixture_never_loaded();
	struct verdict *inventory = detail_fixture_inventory();
	g_autofree char *text = verdict_text_detail(never, NOW, false);
	g_autofree char *empty = verdict_text_detail(inventory, NOW, false);

	ck_assert_ptr_nonnull(strstr(text, "\n    last_loaded_at: -\n    partition: -\n"));
	ck_assert_ptr_nonnull(strstr(empty, "\n    missing: 0\n    objects: none\n"));
	verdict_unref(inventory);
	verdict_unref(never);
}
END_TEST

static void check_harmless(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i]; i++) {
		ck_assert_uint_le(columns_width(lines[i]), 480);
		for (const char *p = lines[i]; *p; p++)
			ck_assert_msg(!g_ascii_iscntrl(*p), "%s", lines[i]);
		ck_assert_ptr_null(strstr(lines[i], "\xe2\x80\xae"));
	}
	ck_assert(g_utf8_validate(text, -1, NULL));
}

START_TEST(test_hostile_text_does_no_harm)
{
	struct verdict *verdict = detail_fixture_makers[_i]();
	g_autoptr(GPtrArray) verdicts = g_ptr_array_new();
	g_autofree char *table = NULL;
	g_autofree char *detail = verdict_text_detail(verdict, NOW, false);

	g_ptr_array_add(verdicts, verdict);
	table = verdict_text_table(verdicts, NOW, true, false);
	check_harmless(detail);
	check_harmless(table);
	verdict_unref(verdict);
}
END_TEST

/* Fifty columns of two hundred characters: some are shown, and that there are more is said. */
START_TEST(test_wide_rows_are_cut)
{
	const char *columns[51] = {NULL};
	const char *cells[50] = {NULL};
	g_autofree char *wide = g_strnfill(200, 'w');
	struct verdict *verdict = detail_fixture_make("assert", "assertion");
	g_autofree char *text = NULL;

	for (size_t i = 0; i < 50; i++) {
		columns[i] = "column";
		cells[i] = wide;
	}
	verdict_detail_list(verdict->detail, "rows", columns);
	verdict->detail->list_is_table = true;
	verdict_detail_row(verdict->detail, cells);
	text = verdict_text_detail(verdict, NOW, false);
	check_harmless(text);
	ck_assert_ptr_nonnull(strstr(text, "www…  www"));
	ck_assert_ptr_nonnull(strstr(text, "\n      … and 44 more columns\n"));
	verdict_unref(verdict);
}
END_TEST

/* The table: nothing is deployed, there is no head, and the first rows follow as commits do. */
START_TEST(test_table_shows_first_rows)
{
	struct verdict *verdict = detail_fixture_completion();
	g_autoptr(GPtrArray) verdicts = g_ptr_array_new();
	g_autofree char *table = NULL;
	g_autofree char *short_table = NULL;
	g_autofree char *ok_table = NULL;

	g_ptr_array_add(verdicts, verdict);
	table = verdict_text_table(verdicts, NOW, true, false);
	ck_assert_msg(strstr(table, "\ndrift  P1        completion/x  -         -     1 of 7 done  "
				    "1 h\n    incomplete (drift): 1 of 7 done\n"
				    "      key  present  why\n      a    yes      -\n"),
		      "%s", table);
	ck_assert_ptr_nonnull(strstr(table, "\n      e    no       x\n      … and 2 more\n"));
	ck_assert_ptr_null(strstr(table, "\n      f "));
	short_table = verdict_text_table(verdicts, NOW, false, false);
	ck_assert_ptr_null(strstr(short_table, "present"));
	verdict->state = STATE_OK;
	ok_table = verdict_text_table(verdicts, NOW, true, false);
	ck_assert_ptr_null(strstr(ok_table, "present"));
	verdict_unref(verdict);
}
END_TEST

Suite *verdict_detail_text_suite(void)
{
	Suite *suite = suite_create("verdict_detail_text");
	TCase *tests = tcase_create("text");

	tcase_add_test(tests, test_text_has_all);
	tcase_add_test(tests, test_text_says_of_when);
	tcase_add_test(tests, test_text_of_nothing);
	tcase_add_loop_test(tests, test_hostile_text_does_no_harm, 0, DETAIL_FIXTURES);
	tcase_add_test(tests, test_wide_rows_are_cut);
	tcase_add_test(tests, test_table_shows_first_rows);
	suite_add_tcase(suite, tests);
	return suite;
}
