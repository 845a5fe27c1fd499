/* What should exist against what does: every kind of difference, and what stands for what. */
#include <check.h>
#include <glib.h>
#include <string.h>

#include "clk.h"
#include "data/inventory.h"
#include "drift_error.h"

Suite *inventory_compare_suite(void);

static char *const no_ignores[] = {NULL};

static struct inventory *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct inventory *inventory = inventory_parse(text, strlen(text), &error);

	ck_assert_msg(inventory != NULL, "%s", error ? error->message : "");
	return inventory;
}

/* As parse(), where "rows NAME: = N" is a count. */
static struct inventory *parse_actual(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	struct inventory *inventory = inventory_create();

	for (char **line = lines; *line; line++) {
		g_auto(GStrv) words = g_strsplit(*line, " ", 2);
		g_auto(GStrv) parts = words[0] ? g_strsplit(words[1], ": ", 2) : NULL;
		gint64 rows = 0;

		if (!words[0])
			continue;
		if (strcmp(words[0], "rows") != 0) {
			ck_assert(inventory_add(inventory, words[0], parts[0], parts[1], NULL));
			continue;
		}
		ck_assert(g_ascii_string_to_signed(parts[1], 10, -1, G_MAXINT64, &rows, NULL));
		ck_assert(inventory_add_rows(inventory, parts[0], rows, false, NULL));
	}
	return inventory;
}

/* "+table a", "-table a", "~column a.b: INT64 -> STRING", a line each. */
static char *differences_of(const struct inventory_obs *obs)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < obs->differences->len; i++) {
		const struct inventory_difference *difference = obs->differences->pdata[i];

		g_string_append_printf(text, "%s%c%s %s", i > 0 ? "\n" : "",
				       " -+~"[difference->change], difference -> type,
				       difference -> object);
		if (difference->change == INVENTORY_CHANGE_CHANGED)
			g_string_append_printf(text, ": %s -> %s",
					       difference->expected ? difference->expected : "NULL",
					       difference->actual ? difference->actual : "NULL");
		else
			ck_assert_ptr_null(difference->change == INVENTORY_CHANGE_MISSING
						   ? difference->actual
						   : difference->expected);
	}
	return g_string_free(text, FALSE);
}

static const struct {
	const char *expected, *actual;
	const char *ignore;
	bool quiet; /* report-unexpected = false */
	const char *differences;
	int64_t expected_count, found;
} cases[] = {
	{"", "", NULL, false, "", 0, 0},
	{"table a", "table a", NULL, false, "", 1, 1},
	{"table a\ntable c", "table a\ntable b", NULL, false, "+table b\n-table c", 2, 2},
	{"table a\ntable c", "table a\ntable b", NULL, true, "-table c", 2, 2},
	{"column a.x: INT64", "column a.x: STRING", NULL, false, "~column a.x: INT64 -> STRING", 1,
	 1},
	{"column a.x: INT64", "column a.x: STRING", NULL, true, "~column a.x: INT64 -> STRING", 1,
	 1},
	{"table a", "table a: unlogged", NULL, false, "~table a: NULL -> unlogged", 1, 1},
	{"table a: unlogged", "table a", NULL, false, "~table a: unlogged -> NULL", 1, 1},
	/* the whole stands for its parts */
	{"table a.t\ncolumn a.t.x: I\nrows a.t: > 0\nindex a.t.i: d\ngrant a.t to bob: S", "", NULL,
	 false, "-table a.t", 5, 0},
	{"", "view a.t\ncolumn a.t.x: I\ngrant a.t to bob: S\nowner a.t: ann", NULL, false,
	 "+view a.t", 0, 4},
	{"routine f(a int)\ngrant f(a int) to bob: EXECUTE", "", NULL, false, "-routine f(a int)",
	 2, 0},
	/* the parts of what is there do not */
	{"table a.t\ncolumn a.t.x: I\ncolumn a.t.y: I", "table a.t\ncolumn a.t.y: I", NULL, false,
	 "-column a.t.x", 3, 2},
	{"table a.t\ncolumn a.t.x: I", "view a.t\ncolumn a.t.x: S", NULL, false,
	 "-table a.t\n+view a.t\n~column a.t.x: I -> S", 2, 2},
	/* nor does a schema or a dataset for its tables */
	{"dataset a\ntable a.t\ncolumn a.t.x: I", "", NULL, false, "-dataset a\n-table a.t", 3, 0},
	/* neighbours whose name begins the same are others */
	{"table a.t\ntable a.t2\ncolumn a.t2.x: I", "table a.t2", NULL, false,
	 "-table a.t\n-column a.t2.x", 3, 1},
	{"table \"a.t\"\ncolumn \"a.t\".x: I\ntable a", "column \"a.t\".x: I\ntable \"a.t\"", NULL,
	 false, "-table a", 3, 2},
	/* rows */
	{"rows a: > 0", "rows a: 3", NULL, false, "", 1, 1},
	{"rows a: > 0", "rows a: 0", NULL, false, "~rows a: > 0 -> 0", 1, 1},
	{"rows a: >= 3", "rows a: 3", NULL, false, "", 1, 1},
	{"rows a: >= 3", "rows a: 2", NULL, false, "~rows a: >= 3 -> 2", 1, 1},
	{"rows a: <= 3", "rows a: 4", NULL, false, "~rows a: <= 3 -> 4", 1, 1},
	{"rows a: < 3", "rows a: 3", NULL, false, "~rows a: < 3 -> 3", 1, 1},
	{"rows a: = 3", "rows a: 3", NULL, false, "", 1, 1},
	{"rows a: != 3", "rows a: 3", NULL, false, "~rows a: != 3 -> 3", 1, 1},
	{"rows a: > 0", "rows a: -1", NULL, false, "~rows a: > 0 -> not known", 1, 1},
	{"rows a: < 3", "rows a: -1", NULL, false, "~rows a: < 3 -> not known", 1, 1},
	{"table a\nrows a: > 0", "table a", NULL, false, "-rows a", 2, 1},
	{"table a", "table a\nrows a: 0", NULL, false, "", 1, 1},
	{"table a", "table a\nrows a: 7", NULL, false, "", 1, 1},
	/* what is ignored is ignored on both sides, with all that is part of it */
	{"table a.tmp_1\ncolumn a.tmp_1.x: I\ntable b",
	 "table a.tmp_2\ncolumn a.tmp_2.y: I\ntable b", "a.tmp_*", false, "", 1, 1},
	{"table a.t\ncolumn a.t.x: I", "table a.t\ncolumn a.t.x: S", "a.t.x", false, "", 1, 1},
	{"dataset a\ntable a.t\ncolumn a.t.x: I", "", "a", false, "", 0, 0},
	{"grant a.t to bob: SELECT", "grant a.t to eve: SELECT", "* to ???", false, "", 0, 0},
	{"rows a.t: > 0", "rows a.t: 0", "a.?", false, "", 0, 0},
	/* dots in quotes and parentheses part nothing */
	{"table \"a.t\"", "", "?a", false, "-table \"a.t\"", 1, 0},
	{"table `a.t`", "", "?a", false, "-table `a.t`", 1, 0},
	{"function f(a pg.t)", "", "f(a pg", false, "-function f(a pg.t)", 1, 0},
};

START_TEST(test_compare)
{
	g_autoptr(struct_inventory) expected = parse(cases[_i].expected);
	g_autoptr(struct_inventory) actual = parse_actual(cases[_i].actual);
	g_autofree char *ignore = g_strdup(cases[_i].ignore);
	char *const ignores[] = {ignore, NULL};
	struct inventory_obs *obs = inventory_obs_create();
	g_autofree char *text = NULL;

	inventory_compare(expected, actual, ignores, !cases[_i].quiet, obs);
	text = differences_of(obs);
	ck_assert_str_eq(text, cases[_i].differences);
	ck_assert_int_eq(obs->expected, cases[_i].expected_count);
	ck_assert_int_eq(obs->found, cases[_i].found);
	ck_assert_int_eq(obs->missing + obs->unexpected + obs->changed, obs->differences->len);
	inventory_obs_free(obs);
}
END_TEST

START_TEST(test_all_are_counted_and_few_are_kept)
{
	g_autoptr(struct_inventory) expected = inventory_create();
	g_autoptr(struct_inventory) actual = inventory_create();
	struct inventory_obs *obs = inventory_obs_create();
	char name[32];

	for (int i = 0; i < INVENTORY_DIFFERENCES_MAX + 100; i++) {
		(void)g_snprintf(name, sizeof(name), "t%05d", i);
		ck_assert(inventory_add(i % 2 ? expected : actual, "table", name, NULL, NULL));
	}
	inventory_compare(expected, actual, no_ignores, true, obs);
	ck_assert_int_eq(obs->missing, (INVENTORY_DIFFERENCES_MAX + 100) / 2);
	ck_assert_int_eq(obs->unexpected, (INVENTORY_DIFFERENCES_MAX + 100) / 2);
	ck_assert_int_eq(obs->changed, 0);
	ck_assert_uint_eq(obs->differences->len, INVENTORY_DIFFERENCES_MAX);
	inventory_obs_free(obs);
}
END_TEST

START_TEST(test_counts_that_ended_early_say_so)
{
	g_autoptr(struct_inventory) expected = parse("rows a: = 5");
	g_autoptr(struct_inventory) actual = inventory_create();
	struct inventory_obs *obs = inventory_obs_create();
	g_autofree char *text = NULL;

	ck_assert(inventory_add_rows(actual, "a", 6, true, NULL));
	inventory_compare(expected, actual, no_ignores, true, obs);
	text = differences_of(obs);
	ck_assert_str_eq(text, "~rows a: = 5 -> at least 6");
	inventory_obs_free(obs);
}
END_TEST

START_TEST(test_uncounted_rows_are_found)
{
	char *const ignores[] = {(char[]){"b"}, NULL};
	g_autoptr(struct_inventory) expected = parse("rows a: > 0\nrows b: > 0\nrows c: > 0");
	g_autoptr(struct_inventory) actual = parse_actual("rows a: 1\nrows b: -1");
	g_autoptr(struct_inventory) worse = parse_actual("rows a: -1\nrows d: -1");

	ck_assert_str_eq(inventory_find_uncounted(expected, actual, no_ignores), "b");
	ck_assert_ptr_null(inventory_find_uncounted(expected, actual, ignores));
	ck_assert_str_eq(inventory_find_uncounted(expected, worse, ignores), "a");
}
END_TEST

/* Any bytes: what was written and read again is what was there. */
START_TEST(test_round_trip_of_hostile_names)
{
	static const char *const types[] = {"table", "column", "index", "grant", "routine"};
	g_autoptr(GRand) rand = g_rand_new_with_seed(4711 + (guint32)_i);
	g_autoptr(struct_inventory) actual = inventory_create();
	g_autoptr(struct_inventory) again = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	struct inventory_obs *obs = inventory_obs_create();

	for (int i = 0; i < 500; i++) {
		static const char palette[] =
			"ab.: \\#\"`()\n\r\t\x01\x7f\xc3\xa4\xe2\x80\xae\xff to";
		char name[24] = "";
		char definition[24] = "";

		for (int j = 0; j < g_rand_int_range(rand, 1, 23); j++) {
			name[j] = palette[g_rand_int_range(rand, 0, sizeof(palette) - 1)];
			definition[j] = palette[g_rand_int_range(rand, 0, sizeof(palette) - 1)];
		}
		if (*name && i % 5 == 0)
			ck_assert(inventory_add_rows(actual, name, i, false, NULL));
		if (*name)
			ck_assert(inventory_add(actual, types[i % 5], name, definition, NULL));
	}
	text = inventory_write(actual, "inventory/x", no_ignores);
	again = inventory_parse(text, strlen(text), &error);
	ck_assert_msg(again != NULL, "%s", error ? error->message : "");
	inventory_compare(again, actual, no_ignores, true, obs);
	ck_assert_int_eq(obs->missing + obs->unexpected + obs->changed, 0);
	ck_assert_int_gt(obs->expected, 300);
	ck_assert_int_eq(obs->expected, obs->found);
	inventory_obs_free(obs);
}
END_TEST

START_TEST(test_hundred_thousand_objects)
{
	g_autoptr(struct_inventory) actual = inventory_create();
	g_autoptr(struct_inventory) expected = NULL;
	g_autofree char *text = NULL;
	char *const ignores[] = {(char[]){"x.*"}, (char[]){"*_tmp"}, NULL};
	struct inventory_obs *obs = inventory_obs_create();
	int64_t begun_ms = clk_cpu_ms();
	char name[64];

	for (int i = 0; i < 100000; i++) {
		(void)g_snprintf(name, sizeof(name), "analytics.table_%d.column_%d", i / 20,
				 i % 20);
		ck_assert(inventory_add(actual, "column", name, "INT64 NOT NULL", NULL));
	}
	text = inventory_write(actual, "inventory/x", ignores);
	expected = inventory_parse(text, strlen(text), NULL);
	inventory_compare(expected, actual, ignores, true, obs);
	ck_assert_int_eq(obs->expected, 100000);
	ck_assert_int_eq(obs->missing + obs->unexpected + obs->changed, 0);
	ck_assert_int_lt(clk_cpu_ms() - begun_ms, 20000); /* some 0.3 s; with sanitizers 3 s */
	inventory_obs_free(obs);
}
END_TEST

Suite *inventory_compare_suite(void)
{
	Suite *suite = suite_create("inventory_compare");
	TCase *tcase = tcase_create("compare");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_compare, 0, (int)G_N_ELEMENTS(cases));
	tcase_add_test(tcase, test_all_are_counted_and_few_are_kept);
	tcase_add_test(tcase, test_counts_that_ended_early_say_so);
	tcase_add_test(tcase, test_uncounted_rows_are_found);
	tcase_add_loop_test(tcase, test_round_trip_of_hostile_names, 0, 20);
	tcase_add_test(tcase, test_hundred_thousand_objects);
	suite_add_tcase(suite, tcase);
	return suite;
}
