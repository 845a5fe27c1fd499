/* Inventories: objects of any name, the expect-file they are written to and read from. */
#include <check.h>
#include <glib.h>
#include <string.h>

#include "data/inventory.h"
#include "drift_error.h"

Suite *inventory_suite(void);

static char *const no_ignores[] = {NULL};

static struct inventory *make(void)
{
	return inventory_create();
}

static void add(struct inventory *inventory, const char *type, const char *name,
		const char *definition)
{
	g_autoptr(GError) error = NULL;

	ck_assert_msg(inventory_add(inventory, type, name, definition, &error), "%s",
		      error ? error->message : "");
}

static void add_rows(struct inventory *inventory, const char *name, int64_t rows)
{
	g_autoptr(GError) error = NULL;

	ck_assert(inventory_add_rows(inventory, name, rows, false, &error));
}

static struct inventory *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct inventory *inventory = inventory_parse(text, strlen(text), &error);

	ck_assert_msg(inventory != NULL, "%s", error ? error->message : "");
	return inventory;
}

/* Without the comment lines at its head. */
static char *body_of(const struct inventory *inventory, char *const *ignores)
{
	g_autofree char *text = inventory_write(inventory, "inventory/x", ignores);
	const char *at = text;

	while (*at == '#')
		at = strchr(at, '\n') + 1;
	return g_strdup(at);
}

static void check_body(const struct inventory *inventory, const char *want)
{
	g_autofree char *body = body_of(inventory, no_ignores);

	ck_assert_str_eq(body, want);
}

/* --- writing --- */

START_TEST(test_sorted_by_object)
{
	g_autoptr(struct_inventory) inventory = make();

	add_rows(inventory, "analytics.orders", 12);
	add(inventory, "column", "analytics.orders.id", "INT64 NOT NULL");
	add(inventory, "table", "analytics.empty", NULL);
	add_rows(inventory, "analytics.empty", 0);
	add_rows(inventory, "analytics.odd", INVENTORY_ROWS_UNKNOWN);
	add(inventory, "partitioning", "analytics.orders", "DAY(created_at)");
	add(inventory, "owner", "analytics", "ann");
	add(inventory, "table", "analytics.orders", "");
	add(inventory, "schema", "analytics", NULL);
	add(inventory, "column", "analytics.orders.amount", "NUMERIC");
	check_body(inventory, "schema analytics\n"
			      "owner analytics: ann\n"
			      "table analytics.empty\n"
			      "table analytics.orders\n"
			      "partitioning analytics.orders: DAY(created_at)\n"
			      "rows analytics.orders: > 0\n"
			      "column analytics.orders.amount: NUMERIC\n"
			      "column analytics.orders.id: INT64 NOT NULL\n");
	ck_assert_uint_eq(inventory_size(inventory), 10);
}
END_TEST

START_TEST(test_head_says_how_to_renew)
{
	g_autoptr(struct_inventory) inventory = make();
	g_autofree char *text = inventory_write(inventory, "inventory/warehouse", no_ignores);

	ck_assert_ptr_nonnull(strstr(text, "driftd snapshot inventory/warehouse\n"));
	for (const char *at = text; *at; at = strchr(at, '\n') + 1)
		ck_assert_int_eq(*at, '#');
}
END_TEST

START_TEST(test_ignored_is_not_written)
{
	char *const ignores[] = {(char[]){"*.tmp_?"}, (char[]){"old"}, NULL};
	g_autoptr(struct_inventory) inventory = make();
	g_autofree char *body = NULL;

	add(inventory, "table", "a.tmp_1", NULL);
	add(inventory, "column", "a.tmp_1.id", "INT64");
	add(inventory, "grant", "a.tmp_1 to bob", "SELECT");
	add(inventory, "table", "a.tmp_12", NULL);
	add(inventory, "schema", "old", NULL);
	add(inventory, "table", "old.x", NULL);
	add(inventory, "table", "older.x", NULL);
	add(inventory, "table", "\"old.x\"", NULL); /* one name, with a dot in it */
	body = body_of(inventory, ignores);
	ck_assert_str_eq(body, "table \"old.x\"\ntable a.tmp_12\ntable older.x\n");
}
END_TEST

START_TEST(test_definitions_are_joined)
{
	g_autoptr(struct_inventory) inventory = make();

	add(inventory, "grant", "a to bob", "SELECT");
	add(inventory, "grant", "a to bob", "INSERT");
	add(inventory, "grant", "a to bob", "SELECT");
	add(inventory, "grant", "a to bob", "UPDATE");
	check_body(inventory, "grant a to bob: INSERT; SELECT; UPDATE\n");
	ck_assert_uint_eq(inventory_size(inventory), 1);
}
END_TEST

static const struct {
	const char *name, *definition, *line;
} escapes[] = {
	{"a\nb", "c\nd", "table a\\nb: c\\nd"},
	{"a\\b", "\\d+", "table a\\\\b: \\\\d+"},
	{"a: b", "c: d", "table a\\x3a b: c: d"},
	{"a:", "c:", "table a\\x3a: c:"},
	{"a:b", NULL, "table a:b"},
	{" a ", " c ", "table \\x20a\\x20: \\x20c\\x20"},
	{"a\tb\rc", "\x1b[31m", "table a\\tb\\rc: \\x1b[31m"},
	{"\xe2\x80\xae", "\xc2\x85", "table \\u202e: \\x85"},
	{"#x", "# y", "table #x: # y"},
	{"ä", "\xf0\x9f\x90\x98", "table ä: \xf0\x9f\x90\x98"},
	{"a\xff", "\xc3", "table a\xef\xbf\xbd: \xef\xbf\xbd"},
};

START_TEST(test_hostile_names_stay_one_line)
{
	g_autoptr(struct_inventory) inventory = make();
	g_autofree char *line = g_strconcat(escapes[_i].line, "\n", NULL);
	g_autoptr(struct_inventory) again = NULL;

	add(inventory, "table", escapes[_i].name, escapes[_i].definition);
	check_body(inventory, line);
	again = parse(line);
	check_body(again, line);
}
END_TEST

static const size_t lengths[] = {1,
				 INVENTORY_NAME_MAX_BYTES - 1,
				 INVENTORY_NAME_MAX_BYTES,
				 INVENTORY_NAME_MAX_BYTES + 1,
				 5000,
				 100000};

START_TEST(test_long_texts_are_cut_and_still_differ)
{
	g_autofree char *long_text = g_strnfill(lengths[_i], 'x');
	g_autofree char *other = g_strconcat(long_text, "y", NULL);
	g_autoptr(struct_inventory) inventory = make();
	g_autoptr(struct_inventory) again = NULL;
	g_autofree char *body = NULL;

	add(inventory, "table", long_text, other);
	add(inventory, "table", other, long_text);
	ck_assert_uint_eq(inventory_size(inventory), 2);
	body = body_of(inventory, no_ignores);
	ck_assert_uint_le(strlen(body), 2 * (size_t)(INVENTORY_NAME_MAX_BYTES +
						     INVENTORY_DEFINITION_MAX_BYTES + 20));
	ck_assert((strstr(body, "sha256:") != NULL) == (lengths[_i] >= INVENTORY_NAME_MAX_BYTES));
	again = parse(body);
	check_body(again, body);
}
END_TEST

/* Wherever the cut falls: what follows a colon decides how it is written. */
START_TEST(test_cut_among_escapes)
{
	g_autofree char *prefix = g_strnfill((gsize)_i, 'x');
	g_autoptr(GString) text = g_string_new(prefix);
	g_autoptr(struct_inventory) inventory = make();
	g_autoptr(struct_inventory) again = NULL;
	g_autofree char *body = NULL;

	while (text->len < 3000)
		g_string_append(text, ": \n \xc3\xa4\x7f");
	add(inventory, "table", text->str, text->str);
	body = body_of(inventory, no_ignores);
	again = parse(body);
	check_body(again, body);
}
END_TEST

/* --- reading --- */

START_TEST(test_reads_what_people_write)
{
	g_autoptr(struct_inventory) inventory =
		parse("\xef\xbb\xbf# head\r\n\r\n  \ntable a.b  \r\nrows a.b:   >=10\n"
		      "column a.b.c:  INT64 \ntable a.b\ntable d:\nview e");

	check_body(inventory, "table a.b\nrows a.b: >=10\ncolumn a.b.c: INT64\ntable d\nview e\n");
}
END_TEST

static const struct {
	const char *text;
	int length; /* -1: of the text */
	const char *message;
} wrong[] = {
	{"tabel a", -1, "line 1: begins with no type"},
	{"# x\n\ntable a\n<<<<<<< HEAD\n", -1, "line 4: begins with no type"},
	{"table", -1, "line 1: no name"},
	{"table : x", -1, "line 1: no name"},
	{" table a", -1, "line 1: begins with no type"},
	{"table a\\q", -1, "line 1: an escape"},
	{"table a\\", -1, "line 1: an escape"},
	{"table a\\x4", -1, "line 1: an escape"},
	{"table a\\x00", -1, "line 1: an escape"},
	{"table a\\ud800", -1, "line 1: an escape"},
	{"table a: \\xzz", -1, "line 1: an escape"},
	{"column a: INT64\ncolumn a: STRING", -1, "line 2: this is there twice"},
	{"rows a", -1, "line 1: rows need"},
	{"rows a: many", -1, "line 1: rows need"},
	{"rows a: > -1", -1, "line 1: rows need"},
	{"rows a: > 1 0", -1, "line 1: rows need"},
	{"rows a: > 9223372036854775807", -1, "line 1: rows need"},
	{"rows a: ~ 1", -1, "line 1: rows need"},
	{"table a\xff", -1, "line 1: not UTF-8"},
	{"table a\0b", 9, "line 1: not UTF-8"},
};

START_TEST(test_wrong_lines_are_named)
{
	g_autoptr(GError) error = NULL;
	size_t length = wrong[_i].length < 0 ? strlen(wrong[_i].text) : (size_t)wrong[_i].length;

	ck_assert_ptr_null(inventory_parse(wrong[_i].text, length, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	ck_assert_msg(g_str_has_prefix(error->message, wrong[_i].message), "%s", error->message);
}
END_TEST

START_TEST(test_bounds)
{
	g_autofree char *line = g_strnfill(20000, 'x');
	g_autofree char *bytes = g_strnfill(INVENTORY_FILE_MAX_BYTES + 1, '\n');
	g_autofree char *text = g_strconcat("table ", line, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) second = NULL;
	g_autoptr(struct_inventory) blank = inventory_parse(bytes, INVENTORY_FILE_MAX_BYTES, NULL);

	ck_assert_ptr_nonnull(blank);
	ck_assert_ptr_null(inventory_parse(bytes, INVENTORY_FILE_MAX_BYTES + 1, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_TOO_LARGE);
	ck_assert_ptr_null(inventory_parse(text, strlen(text), &second));
	ck_assert_int_eq(second->code, DRIFT_ERROR_INVALID);
}
END_TEST

START_TEST(test_objects_are_bounded)
{
	g_autoptr(struct_inventory) inventory = make();
	g_autoptr(GError) error = NULL;
	char name[32];

	for (int i = 0; i < INVENTORY_OBJECTS_MAX; i++) {
		(void)g_snprintf(name, sizeof(name), "t%d", i);
		ck_assert(inventory_add(inventory, "table", name, NULL, NULL));
	}
	ck_assert(!inventory_add(inventory, "table", "more", NULL, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_TOO_LARGE);
	ck_assert(inventory_add(inventory, "table", "t0", NULL, NULL)); /* it is there */
}
END_TEST

static const struct {
	const char *condition;
	int64_t needed;
} needs[] = {{"> 0", 1}, {">= 100", 101}, {"= 0", 1}, {"< 9", 10}};

START_TEST(test_rows_needed)
{
	g_autofree char *line = g_strdup_printf("table a\nrows a\\x3a b: %s", needs[_i].condition);
	g_autoptr(struct_inventory) inventory = parse(line);

	ck_assert_int_eq(inventory_rows_needed(inventory, "a: b"), needs[_i].needed);
	ck_assert_int_eq(inventory_rows_needed(inventory, "a"), 0);
}
END_TEST

START_TEST(test_has_named)
{
	g_autoptr(struct_inventory) inventory = parse("schema a\nschema \"b\"\"c\"");

	ck_assert(inventory_has_named(inventory, "schema", "a"));
	ck_assert(inventory_has_named(inventory, "schema", "b\"c"));
	ck_assert(!inventory_has_named(inventory, "schema", "b"));
	ck_assert(!inventory_has_named(inventory, "table", "a"));
	ck_assert(inventory_knows_type("index"));
	ck_assert(!inventory_knows_type("indexes"));
}
END_TEST

#define ADD_LOOP(tcase, test, cases) tcase_add_loop_test(tcase, test, 0, (int)G_N_ELEMENTS(cases))

Suite *inventory_suite(void)
{
	Suite *suite = suite_create("inventory");
	TCase *tcase = tcase_create("inventory");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_sorted_by_object);
	tcase_add_test(tcase, test_head_says_how_to_renew);
	tcase_add_test(tcase, test_ignored_is_not_written);
	tcase_add_test(tcase, test_definitions_are_joined);
	ADD_LOOP(tcase, test_hostile_names_stay_one_line, escapes);
	ADD_LOOP(tcase, test_long_texts_are_cut_and_still_differ, lengths);
	tcase_add_loop_test(tcase, test_cut_among_escapes, 0, 24);
	tcase_add_test(tcase, test_reads_what_people_write);
	ADD_LOOP(tcase, test_wrong_lines_are_named, wrong);
	tcase_add_test(tcase, test_bounds);
	tcase_add_test(tcase, test_objects_are_bounded);
	ADD_LOOP(tcase, test_rows_needed, needs);
	tcase_add_test(tcase, test_has_named);
	suite_add_tcase(suite, tcase);
	return suite;
}
