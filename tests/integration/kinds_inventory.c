/* kinds_inventory - inventories of BigQuery datasets: the snapshot, each sort of change, and what it costs (DESIGN 5 and 10). */
#include "tests/integration/kinds.h"

#include <string.h>

static struct kinds *kinds;

#define ID "inventory/warehouse"
#define FILE_NAME "warehouse.objects"

static const char *const snapshot[] = {"snapshot", "warehouse", "-c", "driftd.ini", NULL};
static const char *const snapshot_stdout[] = {"snapshot", ID, "--stdout", "-c", "driftd.ini", NULL};

#define COLUMNS                                                                                    \
	"{\"name\":\"id\",\"type\":\"INTEGER\",\"mode\":\"REQUIRED\"},"                            \
	"{\"name\":\"day\",\"type\":\"DATE\"},{\"name\":\"price\",\"type\":\"FLOAT\"}"
#define ORDERS                                                                                     \
	"{\"schema\":[" COLUMNS "],\"rows\":[[1,\"2026-11-01\",5]],\"partitioning\":"              \
	"{\"type\":\"DAY\",\"field\":\"day\"},\"clustering\":[\"id\"]}"

static void put_routine(const char *name, const char *definition)
{
	g_autofree char *path = g_strdup_printf("routines/acme-prod/shop/%s", name);

	cloud_put(kinds->world, path,
		  "{\"type\":\"FUNCTION\",\"data_type\":\"INT64\",\"definition\":\"%s\"}",
		  definition);
}

static void setup(void)
{
	kinds = kinds_open();
	cloud_table(kinds->world, "acme-prod.shop.orders", ORDERS);
	cloud_table(kinds->world, "acme-prod.shop.empty",
		    "{\"schema\":[{\"name\":\"x\",\"type\":\"STRING\"}],\"rows\":[]}");
	cloud_table(
		kinds->world, "acme-prod.shop.cheap",
		"{\"type\":\"VIEW\",\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\"}],\"view\":"
		"\"SELECT id FROM `acme-prod.shop.orders` WHERE price < 1\"}");
	put_routine("plus", "x + 1");
	cloud_table(kinds->world, "acme-prod.raw.lines",
		    "{\"schema\":[{\"name\":\"line\",\"type\":\"STRING\"}],\"rows\":[[\"a\"]]}");
}

static void teardown(void)
{
	kinds_close(kinds);
}

static void add(const char *more)
{
	kinds_add(kinds,
		  "[inventory \"warehouse\"]\nsource = bigquery\ndataset = shop\ndataset = raw\n"
		  "expect-file = " FILE_NAME "\nevery = 1h\n%s",
		  more);
	world_configure(kinds->world, kinds->config->str);
}

static void take_snapshot(void)
{
	g_autofree char *said = kinds_run(kinds, 0, snapshot);

	ck_assert_msg(strstr(said, "objects of " ID " written"), "%s", said);
}

static void begin_agreed(const char *more)
{
	add(more);
	take_snapshot();
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
}

/* --- changes --- */

static const struct {
	const char *table; /* NULL: routine plus */
	const char *spec;  /* NULL: it goes */
	const char *change, *type, *object;
	const char *expected, *actual; /* "": null; NULL: whatever */
	int64_t differences;
} changes[] = {
	{"shop.orders", NULL, "missing", "table", "shop.orders", "", "", 1},
	{"raw.lines", NULL, "missing", "table", "raw.lines", "", "", 1},
	{"shop.new", "{\"schema\":[{\"name\":\"x\",\"type\":\"STRING\"}]}", "unexpected", "table",
	 "shop.new", "", "", 1},
	{"shop.orders",
	 "{\"schema\":[" COLUMNS ",{\"name\":\"extra\",\"type\":\"STRING\"}],\"rows\":[[1,"
	 "\"2026-11-01\",5,null]],\"partitioning\":{\"type\":\"DAY\",\"field\":\"day\"},"
	 "\"clustering\":[\"id\"]}",
	 "unexpected", "column", "shop.orders.extra", "", "STRING", 1},
	{"shop.empty", "{\"schema\":[{\"name\":\"x\",\"type\":\"INTEGER\"}],\"rows\":[]}",
	 "changed", "column", "shop.empty.x", "STRING", "INT64", 1},
	{"shop.empty",
	 "{\"schema\":[{\"name\":\"x\",\"type\":\"STRING\",\"mode\":\"REQUIRED\"}],\"rows\":[]}",
	 "changed", "column", "shop.empty.x", "STRING", "STRING NOT NULL", 1},
	{"shop.orders",
	 "{\"schema\":[" COLUMNS "],\"rows\":[[1,\"2026-11-01\",5]],\"clustering\":"
	 "[\"id\"]}",
	 "missing", "partitioning", "shop.orders", NULL, "", 1},
	{"shop.orders",
	 "{\"schema\":[" COLUMNS "],\"rows\":[[1,\"2026-11-01\",5]],\"partitioning\":{\"type\":"
	 "\"DAY\",\"field\":\"day\"},\"clustering\":[\"id\",\"price\"]}",
	 "changed", "clustering", "shop.orders", "id", "id, price", 1},
	{"shop.orders",
	 "{\"schema\":[" COLUMNS "],\"rows\":[],\"partitioning\":{\"type\":\"DAY\",\"field\":"
	 "\"day\"},\"clustering\":[\"id\"]}",
	 "changed", "rows", "shop.orders", "> 0", "0", 1},
	{"shop.cheap",
	 "{\"type\":\"VIEW\",\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\"}],\"view\":\"SELECT "
	 "id FROM `acme-prod.shop.orders` WHERE price < 2\"}",
	 "changed", "view", "shop.cheap", NULL, NULL, 1},
	{"shop.cheap", NULL, "missing", "view", "shop.cheap", NULL, "", 1},
	{NULL, "x + 2", "changed", "routine", "shop.plus", NULL, NULL, 1},
};

static void change(const char *table, const char *spec)
{
	g_autofree char *name = table ? g_strconcat("acme-prod.", table, NULL) : NULL;

	if (!table)
		put_routine("plus", spec);
	else if (spec)
		cloud_table(kinds->world, name, "%s", spec);
	else
		cloud_drop_table(kinds->world, name);
}

/** The difference of that type and name, or NULL. */
static json_object *find_difference(json_object *target, const char *type, const char *object)
{
	json_object *list = json_at(target, "inventory.objects");

	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		json_object *row = json_object_array_get_idx(list, i);

		if (g_str_equal(json_text_at(row, "type"), type) &&
		    g_str_equal(json_text_at(row, "object"), object))
			return row;
	}
	return NULL;
}

START_TEST(every_change_is_listed_with_what_changed)
{
	g_autoptr(struct_answer) target = NULL;
	g_autofree char *code = g_strconcat("object_", changes[_i].change, NULL);
	json_object *row = NULL;

	begin_agreed("");
	change(changes[_i].table, changes[_i].spec);
	kinds_look(kinds);
	kinds_expect(kinds, ID, "drift", code);
	target = world_any_target(kinds->world, ID);
	row = find_difference(target->json, changes[_i].type, changes[_i].object);
	ck_assert_msg(row != NULL, "%s", target->body);
	ck_assert_str_eq(json_text_at(row, "change"), changes[_i].change);
	if (changes[_i].expected)
		ck_assert_str_eq(json_text_at(row, "expected"), changes[_i].expected);
	if (changes[_i].actual)
		ck_assert_str_eq(json_text_at(row, "actual"), changes[_i].actual);
	if (g_str_equal(changes[_i].change, "changed"))
		ck_assert_str_ne(json_text_at(row, "expected"), json_text_at(row, "actual"));
	ck_assert_msg(json_int_at(target->json, "inventory.objects_total") ==
			      changes[_i].differences,
		      "%s", target->body);
	kinds_expect_said(kinds, ID, changes[_i].object);
	take_snapshot();
	kinds_look(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
}
END_TEST

START_TEST(missing_dataset_is_missing_objects)
{
	begin_agreed("");
	answer_free(cloud_control(kinds->world, "DELETE", "bigquery/acme-prod/raw", NULL));
	kinds_look(kinds);
	kinds_expect(kinds, ID, "drift", "object_missing");
	kinds_expect_said(kinds, ID, "dataset raw");
	ck_assert_int_eq(kinds_number(kinds, ID, "inventory.missing"), 2);
}
END_TEST

START_TEST(ignored_and_unexpected)
{
	begin_agreed("ignore = shop.tmp_*");
	change("shop.tmp_load", "{\"schema\":[{\"name\":\"x\",\"type\":\"STRING\"}]}");
	kinds_look(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
	change("shop.new", "{\"schema\":[{\"name\":\"x\",\"type\":\"STRING\"}]}");
	kinds_look(kinds);
	kinds_expect(kinds, ID, "drift", "object_unexpected");
	config_replace(kinds->config, "expect-file", "report-unexpected = false\nexpect-file");
	kinds_reload(kinds);
	kinds_look(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
	ck_assert_int_eq(kinds_number(kinds, ID, "inventory.objects_total"), 0);
}
END_TEST

START_TEST(missing_file_names_the_command_and_costs_nothing)
{
	add("");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "unknown", "broken_check");
	kinds_expect_said(kinds, ID, "driftd snapshot " ID);
	ck_assert_int_eq(cloud_bigquery(kinds->world, "queries"), 0);
	take_snapshot();
	kinds_look(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
}
END_TEST

START_TEST(snapshot_is_stable_and_readable)
{
	g_autofree char *first = NULL, *second = NULL, *printed = NULL;

	add("");
	take_snapshot();
	first = kinds_read(kinds, FILE_NAME);
	take_snapshot();
	second = kinds_read(kinds, FILE_NAME);
	printed = kinds_run(kinds, 0, snapshot_stdout);
	ck_assert_str_eq(first, second);
	ck_assert_str_eq(first, printed);
	ck_assert_ptr_nonnull(strstr(first, "\ncolumn shop.orders.id: INT64 NOT NULL\n"));
	ck_assert_ptr_nonnull(strstr(first, "\nclustering shop.orders: id\n"));
	ck_assert_ptr_nonnull(strstr(first, "\npartitioning shop.orders: "));
	ck_assert_ptr_nonnull(strstr(first, "\nrows shop.orders: > 0\n"));
	ck_assert_ptr_null(strstr(first, "rows shop.empty"));
	ck_assert_ptr_nonnull(strstr(first, "\nview shop.cheap: definition sha256:"));
	ck_assert_ptr_nonnull(strstr(first, "\nroutine shop.plus: FUNCTION returns INT64, "));
	ck_assert_ptr_nonnull(strstr(first, "\ndataset raw\n"));
}
END_TEST

START_TEST(snapshot_that_fails_writes_nothing)
{
	static const char *const unknown[] = {"snapshot", "warehous", "-c", "driftd.ini", NULL};
	g_autofree char *said = NULL, *path = world_path(kinds->world, FILE_NAME);

	add("");
	cloud_fault(kinds->world, "{\"api\":\"bigquery\",\"kind\":\"denied\",\"permission\":"
				  "\"bigquery.jobs.create\"}");
	said = kinds_run(kinds, 2, snapshot);
	ck_assert_msg(strstr(said, "bigquery.jobs.create"), "%s", said);
	ck_assert(!g_file_test(path, G_FILE_TEST_EXISTS));
	kinds_write(kinds, FILE_NAME, "# mine\n");
	g_free(said);
	said = kinds_run(kinds, 2, snapshot);
	g_free(said);
	said = kinds_read(kinds, FILE_NAME);
	ck_assert_str_eq(said, "# mine\n");
	g_free(said);
	said = kinds_run(kinds, 64, unknown);
	ck_assert_msg(strstr(said, ID), "%s", said);
	cloud_heal(kinds->world);
	answer_free(cloud_control(kinds->world, "DELETE", "bigquery/acme-prod/raw", NULL));
	g_free(said);
	said = kinds_run(kinds, 2, snapshot);
	ck_assert_msg(strstr(said, "dataset raw does not exist"), "%s", said);
	g_free(said);
	said = kinds_read(kinds, FILE_NAME);
	ck_assert_str_eq(said, "# mine\n");
}
END_TEST

/* However many tables there are. */
START_TEST(one_query_per_dataset)
{
	for (int i = 0; i < 40; i++) {
		g_autofree char *name = g_strdup_printf("shop.t%d", i);

		change(name,
		       "{\"schema\":[{\"name\":\"x\",\"type\":\"STRING\"}],\"rows\":[[\"a\"]]}");
	}
	begin_agreed("");
	cloud_clear_log(kinds->world);
	kinds_look(kinds);
	ck_assert_int_eq(cloud_bigquery(kinds->world, "queries"), 2);
	ck_assert_int_eq(cloud_bigquery(kinds->world, "writes"), 0);
	ck_assert_int_eq(cloud_bigquery(kinds->world, "uncapped"), 0);
	ck_assert_int_eq(cloud_bigquery(kinds->world, "unlabelled"), 0);
	ck_assert_int_eq(cloud_calls(kinds->world, "bigquery.tables.get"), 0);
	ck_assert_int_gt(kinds_number(kinds, ID, "inventory.bytes_billed"), 0);
	world_cycle(kinds->world); /* billed: not just because somebody asks */
	ck_assert_int_eq(cloud_bigquery(kinds->world, "queries"), 2);
}
END_TEST

START_TEST(L04_dataset_that_cannot_be_read_is_no_difference)
{
	g_autofree char *known = NULL;

	begin_agreed("");
	cloud_fault(kinds->world, "{\"api\":\"bigquery\",\"sends\":\"acme-prod.raw.\",\"kind\":"
				  "\"denied\",\"permission\":\"bigquery.tables.list\"}");
	kinds_look(kinds);
	kinds_expect(kinds, ID, "unknown", "permission_denied");
	known = kinds_text(kinds, ID, "last_known.state");
	ck_assert_str_eq(known, "ok");
	cloud_heal(kinds->world);
	kinds_look(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
}
END_TEST

TCase *kinds_inventory_case(void)
{
	TCase *tcase = tcase_create("inventory");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, every_change_is_listed_with_what_changed, 0,
			    (int)G_N_ELEMENTS(changes));
	tcase_add_test(tcase, missing_dataset_is_missing_objects);
	tcase_add_test(tcase, ignored_and_unexpected);
	tcase_add_test(tcase, missing_file_names_the_command_and_costs_nothing);
	tcase_add_test(tcase, snapshot_is_stable_and_readable);
	tcase_add_test(tcase, snapshot_that_fails_writes_nothing);
	tcase_add_test(tcase, one_query_per_dataset);
	tcase_add_test(tcase, L04_dataset_that_cannot_be_read_is_no_difference);
	return tcase;
}
