/* test_verdict_text - tables and details for people. */
#include <check.h>
#include <string.h>

#include "eval/columns.h"
#include "eval/verdict_json.h"
#include "eval/verdict_text.h"
#include "eval_arrange.h"

Suite *verdict_text_suite(void);

static struct verdict *judge_named(void (*arrange)(struct world *w), const char *id)
{
	struct world w;
	struct verdict *verdict;

	world_init(&w);
	arrange(&w);
	w.service.target.id = g_strdup(id);
	g_ptr_array_add(w.strings, w.service.target.id); /* freed there */
	verdict = world_judge(&w);
	world_done(&w);
	return verdict;
}

static void unref(gpointer verdict)
{
	verdict_unref(verdict);
}

static GPtrArray *some(void)
{
	GPtrArray *verdicts = g_ptr_array_new_with_free_func(unref);

	g_ptr_array_add(verdicts, judge_named(arrange_rolled_back, "service/worker"));
	g_ptr_array_add(verdicts,
			judge_named(arrange_source_timeout, "service/\xe6\x97\xa5\xe6\x9c\xac"));
	g_ptr_array_add(verdicts, judge_named(arrange_as_is, "service/e\xcc\x81"));
	return verdicts;
}

static const struct {
	const char *text;
	size_t max;
	const char *fit;
	size_t width;
} fits[] = {
	{"abc", 3, "abc", 3},
	{"abcd", 3, "ab…", 3},
	{"", 3, "", 0},
	{NULL, 3, "-", 1},
	{"\xe6\x97\xa5\xe6\x9c\xac", 4, "\xe6\x97\xa5\xe6\x9c\xac", 4},
	{"\xe6\x97\xa5\xe6\x9c\xac", 3, "\xe6\x97\xa5…", 3},
	{"\xe6\x97\xa5\xe6\x9c\xac", 2, "…", 1},
	{"e\xcc\x81", 1, "e\xcc\x81", 1},
	{"a\x1b[31m", 20, "a\\x1b[31m", 9},
	{"a\nb\tc", 20, "a b c", 5},
	{"\xe2\x80\xae", 20, "\\u202e", 6},
	{"a\xff", 20, "a\xef\xbf\xbd", 2},
};

START_TEST(test_fit)
{
	g_autofree char *got = columns_fit(fits[_i].text, fits[_i].max);

	ck_assert_str_eq(got, fits[_i].fit);
	ck_assert_uint_eq(columns_width(got), fits[_i].width);
}
END_TEST

/* Accents without end take no column, and must still be cut. */
START_TEST(test_fit_is_bounded_in_bytes)
{
	GString *text = g_string_new("e");
	g_autofree char *got = NULL;

	for (int i = 0; i < 100000; i++)
		g_string_append(text, "\xcc\x81");
	got = columns_fit(text->str, 10);
	ck_assert_uint_le(strlen(got), 100);
	ck_assert(g_utf8_validate(got, -1, NULL));
	(void)g_string_free(text, TRUE);
}
END_TEST

START_TEST(test_headline)
{
	struct tally tally = {
		.count = {[STATE_OK] = 12, [STATE_PENDING] = 1, [STATE_DRIFT] = 2},
		.evaluated = 15,
		.targets_total = 15,
		.score = 81,
		.overall = STATE_DRIFT,
	};
	g_autofree char *plain = verdict_text_headline(&tally, false);
	g_autofree char *coloured = verdict_text_headline(&tally, true);
	g_autofree char *none = NULL;

	ck_assert_str_eq(plain, "drift  score 81  evaluated 15 of 15: 12 ok, 1 pending, 0 unknown, "
				"2 drift, 0 paused");
	ck_assert(g_str_has_prefix(coloured, "\033[31mdrift\033[0m  score 81"));
	tally = (struct tally){.score = -1, .overall = STATE_UNKNOWN};
	none = verdict_text_headline(&tally, false);
	ck_assert_str_eq(none, "unknown  no score  evaluated 0 of 0: 0 ok, 0 pending, 0 unknown, 0 "
			       "drift, 0 paused");
}
END_TEST

/* Display column at which @p part begins in @p line; -1: not there. */
static int column_of(const char *line, const char *part)
{
	const char *at = strstr(line, part);
	g_autofree char *before = at ? g_strndup(line, (gsize)(at - line)) : NULL;

	return at ? (int)columns_width(before) : -1;
}

START_TEST(test_table_is_aligned)
{
	g_autoptr(GPtrArray) verdicts = some();
	g_autofree char *table = verdict_text_table(verdicts, WORLD_NOW_MS, false, false);
	g_auto(GStrv) lines = g_strsplit(table, "\n", -1);

	ck_assert_int_eq(g_strv_length(lines), 5); /* the last is empty */
	ck_assert(g_str_has_prefix(lines[0], "STATE"));
	ck_assert_int_eq(column_of(lines[1], "P1"), column_of(lines[0], "PRIORITY"));
	ck_assert_int_eq(column_of(lines[1], "1a2b3c4d"), column_of(lines[0], "DEPLOYED"));
	ck_assert_int_eq(column_of(lines[3], "1a2b3c4d"), column_of(lines[0], "DEPLOYED"));
	ck_assert_int_eq(column_of(lines[2], "18f6ecfe"), column_of(lines[0], "HEAD"));
	ck_assert_int_eq(column_of(lines[2], "could not"), column_of(lines[0], "SUMMARY"));
	ck_assert_int_eq(column_of(lines[3], "in sync"), column_of(lines[0], "SUMMARY"));
	ck_assert_ptr_nonnull(strstr(lines[1], "4 commits behind, oldest 2 h, rolled back"));
}
END_TEST

START_TEST(test_reasons_follow)
{
	g_autoptr(GPtrArray) verdicts = some();
	g_autofree char *table = verdict_text_table(verdicts, WORLD_NOW_MS, true, false);

	ck_assert_ptr_nonnull(strstr(table, "\n    behind (drift): revision api-00042 runs"));
	ck_assert_ptr_nonnull(strstr(table, "\n      18f6ecfe  2 h     a subject (Ada)\n"));
	ck_assert_ptr_nonnull(strstr(table, "\n      … and 2 more\n"));
	ck_assert_ptr_nonnull(strstr(table, "\n    to mend: ./deploy.sh api\n"));
	ck_assert_ptr_nonnull(strstr(table, "\n    fetch_failed (unknown): GET it"));
	ck_assert_ptr_null(strstr(strstr(table, "\nunknown"), "to mend")); /* it would not */
	ck_assert_ptr_null(strstr(table, "\033"));
}
END_TEST

START_TEST(test_hostile_names_do_no_harm)
{
	g_autoptr(GPtrArray) verdicts = g_ptr_array_new_with_free_func(unref);
	g_autofree char *huge = g_strnfill(10000, 'n');
	g_autofree char *table = NULL;
	g_auto(GStrv) lines = NULL;

	g_ptr_array_add(verdicts, judge_named(arrange_as_is, huge));
	g_ptr_array_add(verdicts, judge_named(arrange_as_is, "service/\x1b[2J\nFAKE"));
	table = verdict_text_table(verdicts, WORLD_NOW_MS, true, true);
	lines = g_strsplit(table, "\n", -1);
	ck_assert_int_eq(g_strv_length(lines), 4);
	ck_assert_uint_le(columns_width(lines[1]), 260);
	ck_assert_ptr_nonnull(strstr(lines[1], "nnn…"));
	ck_assert_ptr_null(strstr(table, "\033[2J"));
	ck_assert_ptr_nonnull(strstr(lines[2], "\\x1b[2J FAKE"));
}
END_TEST

START_TEST(test_detail_has_all)
{
	static const char *const parts[] = {
		"service/api  drift  behind  P1\n",
		"  summary: 4 commits behind, oldest 2 h, rolled back (and 2 more)\n",
		"  behind (drift): ",
		"  env_missing (drift): variable BDL_API_KEY",
		", api-00042, 100 %, behind\n",
		"    evidence: label:commit-sha = 1a2b3c4d",
		" -> 1a2b3c4d\n",
		"  head: 18f6ecfe",
		"  undeployed: 4 commits, 9 files\n",
		"    0abc1234  2 h",
		"  compare: https://github.com/",
		"  setting: min-instances is 2, expected 0: differs\n",
		"  to mend: ./deploy.sh api\n",
	};
	struct world w;
	struct verdict *verdict;
	g_autofree char *text = NULL;

	world_init(&w);
	arrange_rolled_back(&w);
	arrange_env_missing(&w);
	arrange_expect_differs(&w);
	verdict = world_judge(&w);
	text = verdict_text_detail(verdict, WORLD_NOW_MS, false);
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		ck_assert_msg(strstr(text, parts[i]) != NULL, "%s is not in\n%s", parts[i], text);
	verdict_unref(verdict);
	world_done(&w);
}
END_TEST

START_TEST(test_detail_of_last_known)
{
	struct world w;
	g_autofree char *text = NULL;

	world_init(&w);
	arrange_behind_late(&w);
	world_pass(&w, 5 * MS_PER_MINUTE);
	arrange_source_timeout(&w);
	world_pass(&w, 0);
	text = verdict_text_detail(w.before, w.input.now_wall_ms, true);
	ck_assert_ptr_nonnull(strstr(text, "  last known: drift, 4 commits behind, oldest 2 h\n"));
	ck_assert_ptr_nonnull(strstr(text, "\033[35munknown\033[0m"));
	world_done(&w);
}
END_TEST

/* The words of table and JSON come from the same verdict. */
START_TEST(L11_text_and_json_say_the_same)
{
	g_autoptr(GPtrArray) verdicts = some();
	g_autofree char *table = verdict_text_table(verdicts, WORLD_NOW_MS, true, false);

	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = verdicts->pdata[i];
		json_object *line = verdict_to_status_json(verdict, WORLD_NOW_MS);

		ck_assert_ptr_nonnull(strstr(table, json_member_text(line, "summary", "?")));
		ck_assert_ptr_nonnull(strstr(table, json_member_text(line, "state", "?")));
		json_object_put(line);
	}
}
END_TEST

Suite *verdict_text_suite(void)
{
	Suite *suite = suite_create("verdict_text");
	TCase *tests = tcase_create("text");

	tcase_add_loop_test(tests, test_fit, 0, (int)G_N_ELEMENTS(fits));
	tcase_add_test(tests, test_fit_is_bounded_in_bytes);
	tcase_add_test(tests, test_headline);
	tcase_add_test(tests, test_table_is_aligned);
	tcase_add_test(tests, test_reasons_follow);
	tcase_add_test(tests, test_hostile_names_do_no_harm);
	tcase_add_test(tests, test_detail_has_all);
	tcase_add_test(tests, test_detail_of_last_known);
	tcase_add_test(tests, L11_text_and_json_say_the_same);
	suite_add_tcase(suite, tests);
	return suite;
}
