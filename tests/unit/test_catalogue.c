/* The catalogue of a real PostgreSQL database: what is read, what a change of each kind looks like,
 * what may not be read. */
#include <check.h>
#include <glib.h>
#include <string.h>

#include "data/catalogue_private.h"
#include "drift_error.h"
#include "tests/unit/inventory_lab.h"

Suite *catalogue_suite(void);

/* --- BigQuery's rows --- */

struct canned {
	const char *cells[8]; /* NULL from the first missing one on: SQL NULL */
};

static struct bigquery_result *make_result(const struct canned *rows, size_t count)
{
	struct bigquery_result *result = g_new0(struct bigquery_result, 1);

	result->columns = g_ptr_array_new();
	result->rows = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_set_size(result->columns, 8);
	for (size_t i = 0; i < count; i++)
		g_ptr_array_add(result->rows, g_memdup2(rows[i].cells, sizeof(rows[i].cells)));
	result->total_rows = result->rows->len;
	return result;
}

static void free_result(struct bigquery_result *result)
{
	g_ptr_array_unref(result->columns);
	g_ptr_array_unref(result->rows);
	g_free(result);
}

/* Without the lines of its head. */
static char *body_of(const struct inventory *inventory)
{
	char *const ignores[] = {NULL};
	g_autofree char *text = inventory_write(inventory, "inventory/x", ignores);
	const char *at = text;

	while (*at == '#')
		at = strchr(at, '\n') + 1;
	return g_strdup(at);
}

static const struct canned dataset[] = {
	{{"rows", "orders", "1204", "1", "", "", "", ""}},
	{{"rows", "empty", "0", "1", "", "", "", ""}},
	{{"rows", "v", "0", "2", "", "", "", ""}},
	{{"column", "orders", "id", "INT64", "NO", "NO", "2", "1"}},
	{{"column", "orders", "shop", "STRING", "YES", "NO", "1", "2"}},
	{{"column", "orders", "created", "TIMESTAMP", "YES", "YES", "", "3"}},
	{{"column", "by_load", "x", "STRUCT<a INT64, b STRING>", "YES", "NO", "", "1"}},
	{{"column", "by_load", "_PARTITIONTIME", "TIMESTAMP", "YES", "YES", "", ""}},
	{{"table", "orders", "BASE TABLE",
	  "CREATE TABLE `acme.a.orders`\n(\n  id INT64\n)\nPARTITION BY DATE(created)\nCLUSTER BY "
	  "shop, "
	  "id;",
	  "", "", "", ""}},
	{{"table", "by_load", "BASE TABLE", "CREATE TABLE …", "", "", "", ""}},
	{{"table", "empty", "BASE TABLE", "", "", "", "", ""}},
	{{"table", "odd name", "EXTERNAL", "CREATE EXTERNAL TABLE …", "", "", "", ""}},
	{{"table", "v", "VIEW", "CREATE VIEW …", "", "", "", ""}},
	{{"table", "mv", "MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW …", "", "", "", ""}},
	{{"table", "snap", "SNAPSHOT", "", "", "", "", ""}},
	{{"view", "v", "SELECT 1", "", "", "", "", ""}},
	{{"routine", "f", "FUNCTION", "INT64", "1", "CREATE FUNCTION f() AS (1)", "", ""}},
	{{"routine", "p", "PROCEDURE", "", "BEGIN END", "", "", ""}},
};

START_TEST(test_bigquery_rows)
{
	struct bigquery_result *result = make_result(dataset, G_N_ELEMENTS(dataset));
	g_autoptr(struct_inventory) inventory = inventory_create();
	g_autoptr(GError) error = NULL;
	g_autofree char *body = NULL;

	ck_assert(catalogue_bigquery_decode(inventory, "a", result, &error));
	body = body_of(inventory);
	ck_assert_str_eq(body,
			 "dataset a\n"
			 "external_table a.`odd name`: definition sha256:9bec6bfebbf50dfa\n"
			 "table a.by_load\n"
			 "partitioning a.by_load: _PARTITIONTIME\n"
			 "column a.by_load.x: STRUCT<a INT64, b STRING>\n"
			 "table a.empty\n"
			 "routine a.f: FUNCTION returns INT64, definition sha256:889dd3078e1a2209\n"
			 "materialized_view a.mv: definition sha256:143196f1fbc84d00\n"
			 "table a.orders\n"
			 "partitioning a.orders: DATE(created)\n"
			 "clustering a.orders: shop, id\n"
			 "rows a.orders: > 0\n"
			 "column a.orders.created: TIMESTAMP\n"
			 "column a.orders.id: INT64 NOT NULL\n"
			 "column a.orders.shop: STRING\n"
			 "routine a.p: PROCEDURE, definition sha256:63ae322a81b00766\n"
			 "snapshot a.snap\n"
			 "view a.v: definition sha256:e004ebd5b5532a4b\n");
	free_result(result);
}
END_TEST

static const struct {
	struct canned row;
	guint columns;
	int64_t more;
	enum drift_error code;
} wrong_rows[] = {
	{{{"table", "x", "BASE TABLE"}}, 7, 0, DRIFT_ERROR_INVALID},
	{{{"table", NULL, "BASE TABLE"}}, 8, 0, DRIFT_ERROR_INVALID},
	{{{"view"}}, 8, 0, DRIFT_ERROR_INVALID},
	{{{"table", "x", "BASE TABLE"}}, 8, 1, DRIFT_ERROR_TOO_LARGE},
};

START_TEST(test_wrong_bigquery_rows)
{
	struct bigquery_result *result = make_result(&wrong_rows[_i].row, 1);
	g_autoptr(struct_inventory) inventory = inventory_create();
	g_autoptr(GError) error = NULL;

	g_ptr_array_set_size(result->columns, (gint)wrong_rows[_i].columns);
	result->total_rows += wrong_rows[_i].more;
	ck_assert(!catalogue_bigquery_decode(inventory, "a", result, &error));
	ck_assert_int_eq(error->code, wrong_rows[_i].code);
	free_result(result);
}
END_TEST

START_TEST(test_bigquery_nulls_are_nothing)
{
	static const struct canned nulls[] = {
		{{NULL, "x"}}, {{"table", "t"}}, {{"column", "t"}}, {{"rows", "t", NULL, "1"}}};
	struct bigquery_result *result = make_result(nulls, G_N_ELEMENTS(nulls));
	g_autoptr(struct_inventory) inventory = inventory_create();
	g_autofree char *body = NULL;

	ck_assert(catalogue_bigquery_decode(inventory, "a", result, NULL));
	body = body_of(inventory);
	ck_assert_str_eq(body, "dataset a\ntable a.t\n");
	free_result(result);
}
END_TEST

START_TEST(test_bigquery_sql)
{
	static const char *const views[] = {
		"`acme.sales.INFORMATION_SCHEMA.TABLES`",
		"`acme.sales.INFORMATION_SCHEMA.COLUMNS`",
		"`acme.sales.INFORMATION_SCHEMA.ROUTINES`",
		"`acme.sales.INFORMATION_SCHEMA.VIEWS`",
		"`acme.sales.__TABLES__`",
	};
	g_autofree char *sql = catalogue_bigquery_sql("acme", "sales");

	ck_assert_uint_eq(G_N_ELEMENTS(views), CATALOGUE_BIGQUERY_VIEWS);
	for (size_t i = 0; i < G_N_ELEMENTS(views); i++) {
		const char *at = strstr(sql, views[i]);

		ck_assert_msg(at != NULL, "%s", views[i]);
		ck_assert_ptr_null(strstr(at + 1, views[i]));
	}
	ck_assert_ptr_null(strstr(sql, "*"));
	ck_assert_ptr_null(catalogue_bigquery_sql("acme", "sales`; DROP"));
	ck_assert_ptr_null(catalogue_bigquery_sql("ac`me", "sales"));
}
END_TEST

#ifdef HAVE_LIBPQ

#include "tests/unit/pg_world.h"

static struct inventory_lab lab;

/* Everything there is one of. */
static const char everything[] =
	"CREATE ROLE ann NOLOGIN; CREATE ROLE \"b ob\" NOLOGIN;"
	"CREATE SCHEMA shop AUTHORIZATION ann;"
	"CREATE TABLE shop.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
	" note text COLLATE \"C\" DEFAULT 'a: b\\c', amount numeric(10,2) NOT NULL,"
	" twice numeric GENERATED ALWAYS AS (amount * 2) STORED, CONSTRAINT plus CHECK (amount > "
	"0));"
	"ALTER TABLE shop.orders OWNER TO ann;"
	"INSERT INTO shop.orders (amount) VALUES (1), (2);"
	"CREATE TABLE shop.empty (id int);"
	"CREATE UNLOGGED TABLE shop.fast (id int);"
	"CREATE INDEX by_amount ON shop.orders (amount DESC);"
	"CREATE VIEW shop.big AS SELECT id FROM shop.orders WHERE amount > 100;"
	"CREATE MATERIALIZED VIEW shop.stale AS SELECT 1 AS one WITH NO DATA;"
	"CREATE TABLE shop.events (at date NOT NULL) PARTITION BY RANGE (at);"
	"CREATE TABLE shop.events_2026 PARTITION OF shop.events FOR VALUES FROM ('2026-01-01') TO "
	"('2027-01-01');"
	"INSERT INTO shop.events VALUES ('2026-05-05');"
	"CREATE FUNCTION shop.f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql AS 'SELECT 1';"
	"CREATE PROCEDURE shop.p() LANGUAGE sql AS 'SELECT 1';"
	"CREATE AGGREGATE shop.total(int) (sfunc = int4pl, stype = int);"
	"REVOKE EXECUTE ON PROCEDURE shop.p() FROM PUBLIC;"
	"GRANT USAGE ON SCHEMA shop TO reader;"
	"GRANT SELECT, INSERT ON shop.orders TO \"b ob\";"
	"GRANT SELECT ON shop.orders TO reader WITH GRANT OPTION;"
	"GRANT SELECT (note) ON shop.orders TO PUBLIC;"
	"CREATE EXTENSION pg_trgm SCHEMA shop;"
	"CREATE SCHEMA \"odd.schema\";"
	"CREATE TABLE \"odd.schema\".\"a: b\nc\" (\"x y\" int);";

static void setup_world(void)
{
	pg_world_start();
	pg_world_run("postgres", "CREATE DATABASE full_one");
	pg_world_run("full_one", everything);
}

static void setup(void)
{
	inventory_lab_init(&lab, CONFIG_DATA_SOURCE_POSTGRESQL);
	lab.inventory.dsn = pg_world_dsn("full_one", "postgres");
	g_strfreev(lab.inventory.schemas);
	lab.inventory.schemas = g_strsplit("shop|odd.schema", "|", -1);
}

static void teardown(void)
{
	inventory_lab_done(&lab);
}

static char *take_snapshot(void)
{
	g_autoptr(GError) error = NULL;
	char *text = inventory_lab_snapshot(&lab, &error);

	ck_assert_msg(text != NULL, "%s", error ? error->message : "");
	return text;
}

static const char *const lines[] = {
	"server postgresql: 15",
	"extension pg_trgm: 1.6",
	"schema shop",
	"owner shop: ann",
	"grant shop to reader: USAGE",
	"table shop.orders",
	"owner shop.orders: ann",
	"rows shop.orders: > 0",
	"column shop.orders.id: bigint NOT NULL GENERATED ALWAYS AS IDENTITY",
	"column shop.orders.note: text COLLATE pg_catalog.\"C\" DEFAULT 'a: b\\\\c'::text",
	"column shop.orders.amount: numeric(10,2) NOT NULL",
	"column shop.orders.twice: numeric GENERATED ALWAYS AS ((amount * (2)::numeric)) STORED",
	"constraint shop.orders.plus: CHECK ((amount > (0)::numeric))",
	"constraint shop.orders.orders_pkey: PRIMARY KEY (id)",
	"index shop.orders.by_amount: CREATE INDEX by_amount ON shop.orders USING btree (amount "
	"DESC)",
	"grant shop.orders to \"b ob\": INSERT, SELECT",
	"grant shop.orders to reader: SELECT WITH GRANT OPTION",
	"grant shop.orders.note to PUBLIC: SELECT",
	"table shop.empty",
	"table shop.fast: unlogged",
	"column shop.big.id: bigint",
	"table shop.events",
	"partitioning shop.events: RANGE (at)",
	"rows shop.events: > 0",
	"table shop.events_2026: partition of shop.events FOR VALUES FROM ('2026-01-01') TO "
	"('2027-01-01')",
	"grant shop.f(a integer, b text) to PUBLIC: EXECUTE",
	"owner shop.p(): postgres",
	"schema \"odd.schema\"",
	"table \"odd.schema\".\"a\\x3a b\\nc\"",
	"column \"odd.schema\".\"a\\x3a b\\nc\".\"x y\": integer",
};

static const char *const absent[] = {
	"rows shop.empty",    "rows shop.stale",         "rows shop.big",  "rows shop.events_2026",
	"similarity",         "column shop.events_2026", "pg_catalog.pg_", "information_schema",
	"shop.orders to ann", "shop.p() to PUBLIC",
};

START_TEST(test_postgres_lines)
{
	g_autofree char *text = take_snapshot();
	g_autofree char *again = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autofree char *line = g_strconcat("\n", lines[i], "\n", NULL);

		ck_assert_msg(strstr(text, line) != NULL, "\"%s\" is not in\n%s", lines[i], text);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(absent); i++)
		ck_assert_msg(!strstr(text, absent[i]), "\"%s\" is in\n%s", absent[i], text);
	ck_assert_ptr_nonnull(strstr(text, "\nview shop.big: definition md5:"));
	ck_assert_ptr_nonnull(strstr(text, "\nmaterialized_view shop.stale: definition md5:"));
	ck_assert_ptr_nonnull(strstr(text, "\nfunction shop.f(a integer, b text): returns integer, "
					   "language sql, definition md5:"));
	ck_assert_ptr_nonnull(strstr(text, "\naggregate shop.total(integer): returns integer, "));
	again = take_snapshot();
	ck_assert_str_eq(again, text);
}
END_TEST

/* A change, what it looks like, and back. */
static const struct {
	const char *change, *back, *differences;
} changes[] = {
	{"SELECT 1", "SELECT 1", ""},
	{"CREATE TABLE shop.new (id int, b int)", "DROP TABLE shop.new", "+table shop.new"},
	{"ALTER TABLE shop.empty RENAME TO renamed", "ALTER TABLE shop.renamed RENAME TO empty",
	 "-table shop.empty\n+table shop.renamed"},
	{"ALTER TABLE shop.empty ALTER id TYPE bigint", "ALTER TABLE shop.empty ALTER id TYPE int",
	 "~column shop.empty.id: integer -> bigint"},
	{"ALTER TABLE shop.empty ALTER id SET NOT NULL",
	 "ALTER TABLE shop.empty ALTER id DROP NOT NULL",
	 "~column shop.empty.id: integer -> integer NOT NULL"},
	{"ALTER TABLE shop.empty ADD more text", "ALTER TABLE shop.empty DROP more",
	 "+column shop.empty.more"},
	{"ALTER INDEX shop.by_amount RENAME TO by_what",
	 "ALTER INDEX shop.by_what RENAME TO by_amount",
	 "-index shop.orders.by_amount\n+index shop.orders.by_what"},
	{"ALTER TABLE shop.empty OWNER TO ann", "ALTER TABLE shop.empty OWNER TO postgres",
	 "~owner shop.empty: postgres -> ann"},
	{"GRANT DELETE ON shop.orders TO reader", "REVOKE DELETE ON shop.orders FROM reader",
	 "~grant shop.orders to reader: SELECT WITH GRANT OPTION -> DELETE, SELECT WITH GRANT "
	 "OPTION"},
	{"GRANT EXECUTE ON PROCEDURE shop.p() TO PUBLIC",
	 "REVOKE EXECUTE ON PROCEDURE shop.p() FROM PUBLIC", "+grant shop.p() to PUBLIC"},
	{"ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY",
	 "ALTER TABLE shop.orders DISABLE ROW LEVEL SECURITY",
	 "~table shop.orders: NULL -> row security"},
	{"ALTER EXTENSION pg_trgm SET SCHEMA public; DROP EXTENSION pg_trgm",
	 "CREATE EXTENSION pg_trgm SCHEMA shop", "-extension pg_trgm"},
	{"DELETE FROM shop.orders", "INSERT INTO shop.orders (amount) VALUES (3)",
	 "~rows shop.orders: > 0 -> 0"},
	{"DELETE FROM shop.events", "INSERT INTO shop.events VALUES ('2026-05-05')",
	 "~rows shop.events: > 0 -> 0"},
	{"ALTER TABLE shop.orders DROP CONSTRAINT plus",
	 "ALTER TABLE shop.orders ADD CONSTRAINT plus CHECK (amount > 0)",
	 "-constraint shop.orders.plus"},
	{"ALTER TABLE shop.orders DROP CONSTRAINT plus; ALTER TABLE shop.orders ADD CONSTRAINT "
	 "plus "
	 "CHECK (amount > 1)",
	 "ALTER TABLE shop.orders DROP CONSTRAINT plus; ALTER TABLE shop.orders ADD CONSTRAINT "
	 "plus "
	 "CHECK (amount > 0)",
	 "~constraint shop.orders.plus: CHECK ((amount > (0)::numeric)) -> CHECK ((amount > "
	 "(1)::numeric))"},
	{"ALTER SCHEMA \"odd.schema\" RENAME TO even", "ALTER SCHEMA even RENAME TO \"odd.schema\"",
	 "-schema \"odd.schema\"\n-owner \"odd.schema\"\n-table \"odd.schema\".\"a\\x3a b\\nc\""},
};

START_TEST(test_postgres_changes)
{
	g_autofree char *differences = NULL;

	g_free(take_snapshot());
	pg_world_run("full_one", changes[_i].change);
	differences = inventory_lab_look_differs(&lab);
	pg_world_run("full_one", changes[_i].back);
	ck_assert_str_eq(differences, changes[_i].differences);
	g_free(differences);
	differences = inventory_lab_look_differs(&lab);
	ck_assert_str_eq(differences, "");
	ck_assert_int_eq(lab.observation->inventory->cost.bytes_billed, 0);
}
END_TEST

START_TEST(test_function_bodies_count)
{
	g_autofree char *differences = NULL;

	g_free(take_snapshot());
	pg_world_run("full_one",
		     "CREATE OR REPLACE FUNCTION shop.f(a int, b text DEFAULT 'x') RETURNS "
		     "int LANGUAGE sql AS 'SELECT 2'");
	differences = inventory_lab_look_differs(&lab);
	pg_world_run("full_one",
		     "CREATE OR REPLACE FUNCTION shop.f(a int, b text DEFAULT 'x') RETURNS "
		     "int LANGUAGE sql AS 'SELECT 1'");
	ck_assert(g_str_has_prefix(differences, "~function shop.f(a integer, b text): returns"));
}
END_TEST

/* What a session's settings change in how definitions are written is no difference. */
START_TEST(test_settings_of_the_role_do_not_matter)
{
	g_autofree char *differences = NULL;

	g_free(take_snapshot());
	pg_world_run("full_one",
		     "ALTER ROLE postgres SET search_path = shop; ALTER ROLE postgres SET "
		     "quote_all_identifiers = on; ALTER ROLE postgres SET DateStyle = 'German'; "
		     "ALTER ROLE "
		     "postgres SET standard_conforming_strings = off");
	differences = inventory_lab_look_differs(&lab);
	pg_world_run("full_one", "ALTER ROLE postgres RESET ALL");
	ck_assert_str_eq(differences, "");
}
END_TEST

/* A role that may not read a table sees that it is there; only what needs its rows cannot be
 * told. */
START_TEST(test_rows_that_may_not_be_read)
{
	g_autofree char *text = NULL;
	g_autofree char *differences = NULL;
	g_autofree char *reduced = NULL;

	g_free(lab.inventory.dsn);
	lab.inventory.dsn = pg_world_dsn("full_one", "reader");
	text = take_snapshot();
	ck_assert_ptr_nonnull(strstr(text, "\ntable shop.events\n"));
	ck_assert_ptr_null(strstr(text, "\nrows shop.events"));
	ck_assert_ptr_nonnull(strstr(text, "\nrows shop.orders: > 0\n"));
	differences = inventory_lab_look_differs(&lab);
	ck_assert_str_eq(differences, "");
	reduced = g_strconcat(text, "rows shop.events: > 0\n", NULL);
	inventory_lab_expect(&lab, reduced);
	inventory_lab_look_fails(&lab, FAULT_DENIED, "count the rows of shop.events");
	ck_assert_str_eq(lab.observation->fault->permission, "SELECT on shop.events");
	/* policies would hide rows from a count */
	inventory_lab_expect(&lab, text);
	pg_world_run("full_one", "ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY");
	inventory_lab_look(&lab, 20 * MS_PER_S);
	pg_world_run("full_one", "ALTER TABLE shop.orders DISABLE ROW LEVEL SECURITY");
	ck_assert_ptr_nonnull(lab.observation->fault);
	ck_assert_int_eq(lab.observation->fault->class, FAULT_DENIED);
}
END_TEST

static const struct {
	const char *condition, *differences;
} conditions[] = {
	{"rows shop.orders: = 2", ""},
	{"rows shop.orders: >= 2", ""},
	{"rows shop.orders: <= 1", "~rows shop.orders: <= 1 -> at least 2"},
	{"rows shop.orders: = 5", "~rows shop.orders: = 5 -> 2"},
	{"rows shop.big: = 0", ""},
	{"rows shop.gone: > 0", "-rows shop.gone"},
};

START_TEST(test_rows_conditions)
{
	g_autofree char *differences = NULL;

	pg_world_run("full_one",
		     "TRUNCATE shop.orders; INSERT INTO shop.orders (amount) VALUES (1), (2)");
	lab.inventory.report_unexpected = false;
	inventory_lab_expect(&lab, conditions[_i].condition);
	differences = inventory_lab_look_differs(&lab);
	ck_assert_str_eq(differences, conditions[_i].differences);
}
END_TEST

START_TEST(test_more_tables_than_one_statement_counts)
{
	g_autofree char *text = NULL;
	g_autofree char *differences = NULL;
	int count = 0;

	pg_world_run("full_one", "DO $$ BEGIN EXECUTE 'CREATE SCHEMA many'; FOR i IN 1..350 LOOP "
				 "EXECUTE format('CREATE "
				 "TABLE many.t%s AS SELECT 1 AS id', i); END LOOP; END $$");
	g_strfreev(lab.inventory.schemas);
	lab.inventory.schemas = g_strsplit("many", "|", -1);
	text = take_snapshot();
	for (const char *at = text; (at = strstr(at, "\nrows many.t")); at++)
		count++;
	ck_assert_int_eq(count, 350);
	pg_world_run("full_one", "TRUNCATE many.t1, many.t350");
	differences = inventory_lab_look_differs(&lab);
	pg_world_run("full_one", "DROP SCHEMA many CASCADE");
	ck_assert_str_eq(differences, "~rows many.t1: > 0 -> 0\n~rows many.t350: > 0 -> 0");
}
END_TEST

START_TEST(test_all_schemas)
{
	g_autofree char *text = NULL;

	g_strfreev(lab.inventory.schemas);
	lab.inventory.schemas = g_new0(char *, 1);
	text = take_snapshot();
	ck_assert_ptr_nonnull(strstr(text, "\nschema public\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nschema shop\n"));
	ck_assert_ptr_null(strstr(text, "schema pg_"));
	ck_assert_ptr_null(strstr(text, "information_schema"));
}
END_TEST

START_TEST(test_snapshot_of_a_schema_that_is_not_there)
{
	g_autoptr(GError) error = NULL;

	g_strfreev(lab.inventory.schemas);
	lab.inventory.schemas = g_strsplit("shop|it's \\ nowhere", "|", -1);
	ck_assert_ptr_null(inventory_lab_snapshot(&lab, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(error->message, "it's \\ nowhere"));
}
END_TEST

START_TEST(test_snapshot_of_a_server_that_is_not_there)
{
	g_autoptr(GError) error = NULL;

	g_free(lab.inventory.dsn);
	lab.inventory.dsn = g_strdup("host=/nowhere user=x password=hunter2");
	ck_assert_ptr_null(inventory_lab_snapshot(&lab, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_UNAVAILABLE);
	ck_assert_ptr_null(strstr(error->message, "hunter2"));
}
END_TEST

START_TEST(test_deadline)
{
	g_free(take_snapshot());
	inventory_lab_look(&lab, -1);
	ck_assert_ptr_nonnull(lab.observation->fault);
	ck_assert_int_eq(lab.observation->fault->class, FAULT_TIMEOUT);
}
END_TEST

#define ADD_LOOP(tcase, test, cases) tcase_add_loop_test(tcase, test, 0, (int)G_N_ELEMENTS(cases))

static void add_server_cases(Suite *suite)
{
	TCase *tcase = tcase_create("postgresql");

	tcase_add_unchecked_fixture(tcase, setup_world, pg_world_stop);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_postgres_lines);
	ADD_LOOP(tcase, test_postgres_changes, changes);
	tcase_add_test(tcase, test_function_bodies_count);
	tcase_add_test(tcase, test_settings_of_the_role_do_not_matter);
	tcase_add_test(tcase, test_rows_that_may_not_be_read);
	ADD_LOOP(tcase, test_rows_conditions, conditions);
	tcase_add_test(tcase, test_more_tables_than_one_statement_counts);
	tcase_add_test(tcase, test_all_schemas);
	tcase_add_test(tcase, test_snapshot_of_a_schema_that_is_not_there);
	tcase_add_test(tcase, test_snapshot_of_a_server_that_is_not_there);
	tcase_add_test(tcase, test_deadline);
	suite_add_tcase(suite, tcase);
}

#else

static void add_server_cases(Suite *suite)
{
	(void)suite;
}

#endif

Suite *catalogue_suite(void)
{
	Suite *suite = suite_create("catalogue");
	TCase *tcase = tcase_create("bigquery");

	tcase_add_test(tcase, test_bigquery_rows);
	tcase_add_loop_test(tcase, test_wrong_bigquery_rows, 0, (int)G_N_ELEMENTS(wrong_rows));
	tcase_add_test(tcase, test_bigquery_nulls_are_nothing);
	tcase_add_test(tcase, test_bigquery_sql);
	suite_add_tcase(suite, tcase);
	add_server_cases(suite);
	return suite;
}
