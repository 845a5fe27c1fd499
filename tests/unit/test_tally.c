/* test_tally - counts, score, overall, and the order of lists. DESIGN 1. */
#include <check.h>
#include <string.h>

#include "eval/verdict.h"

Suite *tally_suite(void);

static void unref(gpointer verdict)
{
	verdict_unref(verdict);
}

/* "o0 p1 u2 d1 -1": states ok, pending, unknown, drift, paused with their priorities. */
static GPtrArray *verdicts_of(const char *text)
{
	GPtrArray *verdicts = g_ptr_array_new_with_free_func(unref);
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	for (char **word = words; *word && **word; word++) {
		struct verdict *verdict = verdict_create(*word);

		verdict->state = (enum state)(strchr("opud-", (*word)[0]) - "opud-" + STATE_OK);
		verdict->priority = (enum priority)((*word)[1] - '0' + PRIORITY_P0);
		g_ptr_array_add(verdicts, verdict);
	}
	return verdicts;
}

static const struct {
	const char *verdicts;
	int64_t evaluated, total;
	int score;
	enum state overall;
} rows[] = {
	{"", 0, 0, -1, STATE_UNKNOWN},         {"-1 -0", 0, 0, -1, STATE_UNKNOWN},
	{"u1", 0, 1, -1, STATE_UNKNOWN},       {"u0 u1 u2 -1", 0, 3, -1, STATE_UNKNOWN},
	{"o1", 1, 1, 100, STATE_OK},           {"o0 o1 o2 -0", 3, 3, 100, STATE_OK},
	{"p1", 1, 1, 50, STATE_PENDING},       {"d1", 1, 1, 0, STATE_DRIFT},
	{"d0 d1 d2 u0", 3, 4, 0, STATE_DRIFT}, {"o1 u1", 1, 2, 50, STATE_UNKNOWN},
	{"o1 d1", 2, 2, 50, STATE_DRIFT},      {"d0 o1 o1", 3, 3, 50, STATE_DRIFT},
	{"d0 o2", 2, 2, 20, STATE_DRIFT},      {"d2 o0", 2, 2, 80, STATE_DRIFT},
	{"p0 o0", 2, 2, 75, STATE_PENDING},    {"p2 o1 -1", 2, 2, 83, STATE_PENDING},
	{"u1 d1 o1", 2, 3, 33, STATE_DRIFT},
};

START_TEST(test_rows)
{
	g_autoptr(GPtrArray) verdicts = verdicts_of(rows[_i].verdicts);
	struct tally tally = tally_make(verdicts);
	int64_t sum = 0;

	ck_assert_int_eq(tally.evaluated, rows[_i].evaluated);
	ck_assert_int_eq(tally.targets_total, rows[_i].total);
	ck_assert_msg(tally.score == rows[_i].score, "%s: %d", rows[_i].verdicts, tally.score);
	ck_assert_int_eq(tally.overall, rows[_i].overall);
	for (int i = 0; i < STATE_COUNT; i++)
		sum += tally.count[i];
	ck_assert_int_eq(sum, verdicts->len);
	ck_assert_int_eq(sum - tally.count[STATE_PAUSED], tally.targets_total);
}
END_TEST

START_TEST(L01_zero_evaluated_is_unknown_never_ok)
{
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_autoptr(GPtrArray) paused = verdicts_of("-0 -1 -2");

	ck_assert_int_eq(tally_make(none).overall, STATE_UNKNOWN);
	ck_assert_int_eq(tally_make(paused).overall, STATE_UNKNOWN);
	ck_assert_int_eq(tally_make(paused).score, -1);
}
END_TEST

/* One of many in drift must not round up to all well, nor may the score stop short of 0. */
START_TEST(L12_score_reaches_0_and_100_means_all)
{
	g_autoptr(GPtrArray) verdicts = g_ptr_array_new_with_free_func(unref);
	struct verdict *verdict = NULL;

	for (int i = 0; i < 1000; i++) {
		verdict = verdict_create("service/x");
		verdict->state = STATE_OK;
		verdict->priority = PRIORITY_P0;
		g_ptr_array_add(verdicts, verdict);
	}
	ck_assert_int_eq(tally_make(verdicts).score, 100);
	verdict->priority = PRIORITY_P2;
	verdict->state = STATE_PENDING;
	ck_assert_int_eq(tally_make(verdicts).score, 99);
	for (guint i = 0; i < verdicts->len; i++)
		((struct verdict *)verdicts->pdata[i])->state = STATE_DRIFT;
	ck_assert_int_eq(tally_make(verdicts).score, 0);
}
END_TEST

START_TEST(test_no_state_does_not_look_healthy)
{
	g_autoptr(GPtrArray) verdicts = g_ptr_array_new_with_free_func(unref);

	g_ptr_array_add(verdicts, verdict_create("service/x"));
	ck_assert_int_eq(tally_make(verdicts).overall, STATE_UNKNOWN);
	ck_assert_int_eq(tally_make(verdicts).count[STATE_UNKNOWN], 1);
}
END_TEST

START_TEST(test_order_of_lists)
{
	g_autoptr(GPtrArray) verdicts = verdicts_of("-0 o0 d1 p2 u0 d0 d0a d0b p0");
	static const char *const order[] = {"d0b", "d0", "d0a", "d1", "u0", "p0", "p2", "o0", "-0"};

	for (guint i = 0; i < verdicts->len; i++) {
		struct verdict *verdict = verdicts->pdata[i];

		verdict->since_wall_ms = strcmp(verdict->id, "d0b") == 0 ? 1 : 2;
	}
	g_ptr_array_sort(verdicts, verdict_compare);
	for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
		ck_assert_str_eq(((struct verdict *)verdicts->pdata[i])->id, order[i]);
}
END_TEST

Suite *tally_suite(void)
{
	Suite *suite = suite_create("tally");
	TCase *tests = tcase_create("tally");

	tcase_add_loop_test(tests, test_rows, 0, (int)G_N_ELEMENTS(rows));
	tcase_add_test(tests, L01_zero_evaluated_is_unknown_never_ok);
	tcase_add_test(tests, L12_score_reaches_0_and_100_means_all);
	tcase_add_test(tests, test_no_state_does_not_look_healthy);
	tcase_add_test(tests, test_order_of_lists);
	suite_add_tcase(suite, tests);
	return suite;
}
