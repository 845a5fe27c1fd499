/* kinds_catalogue - inventories of a real PostgreSQL database: what a snapshot writes, what each change looks like (DESIGN 5 and 10). */
#include "tests/integration/kinds.h"

#ifdef HAVE_LIBPQ

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct postgres *postgres; /* for all tests of the case */
static struct kinds *kinds;
static char *database; /* of one test */

#define ID "inventory/app"
#define FILE_NAME "app.objects"

static const char *const snapshot[] = {"snapshot", ID, "-c", "driftd.ini", NULL};
static const char *const snapshot_stdout[] = {"snapshot", ID, "--stdout", "-c", "driftd.ini", NULL};

static const char schema[] =
	"CREATE SCHEMA app;"
	"CREATE TABLE app.orders (id bigint PRIMARY KEY, price numeric(10,2) NOT NULL, note text);"
	"INSERT INTO app.orders VALUES (1, 10, 'a'), (2, 20, 'b');"
	"CREATE TABLE app.empty (id int);"
	"CREATE TABLE app.old (id int);"
	"CREATE INDEX by_note ON app.orders (note);"
	"CREATE VIEW app.cheap AS SELECT id FROM app.orders WHERE price < 1;"
	"CREATE FUNCTION app.f(a int) RETURNS int LANGUAGE sql AS 'SELECT a + 1';"
	"GRANT USAGE ON SCHEMA app TO reader;"
	"GRANT SELECT ON ALL TABLES IN SCHEMA app TO reader;";

static void start(void)
{
	postgres = postgres_start();
	postgres_run(postgres, "postgres", "CREATE ROLE reader LOGIN; CREATE ROLE other NOLOGIN;");
}

static void stop(void)
{
	postgres_stop(postgres);
}

static void setup(void)
{
	database = postgres_database(postgres, schema);
	kinds = kinds_open();
}

static void teardown(void)
{
	kinds_close(kinds);
	postgres_drop_database(postgres, database);
	g_free(database);
}

static void add_as(const char *user, const char *more)
{
	g_autofree char *dsn = postgres_dsn(postgres, database, user);

	kinds_add(kinds,
		  "[inventory \"app\"]\nsource = postgresql\ndsn = %s\nexpect-file = " FILE_NAME
		  "\n%s",
		  dsn, more);
	world_configure(kinds->world, kinds->config->str);
}

static void add(const char *more)
{
	add_as("postgres", more);
}

static void take_snapshot(void)
{
	g_autofree char *said = kinds_run(kinds, 0, snapshot);

	ck_assert_msg(strstr(said, "objects of " ID " written"), "%s", said);
}

/** Snapshot, driftd, and all is as it should be. */
static void begin_agreed(const char *more)
{
	add(more);
	take_snapshot();
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
}

static void run_sql(const char *sql)
{
	postgres_run(postgres, database, sql);
}

/* --- changes --- */

static const struct {
	const char *ddl;
	const char *change, *type, *object;
	const char *expected, *actual; /* "": null; NULL: whatever, but not the same */
	int64_t differences;
} changes[] = {
	{"DROP TABLE app.old", "missing", "table", "app.old", "", "", 1},
	{"DROP TABLE app.orders CASCADE", "missing", "view", "app.cheap", NULL, "", 2},
	{"CREATE TABLE app.new (id int)", "unexpected", "table", "app.new", "", "", 1},
	{"ALTER TABLE app.orders ADD COLUMN extra text", "unexpected", "column", "app.orders.extra",
	 "", "text", 1},
	{"ALTER TABLE app.orders DROP COLUMN note", "missing", "column", "app.orders.note", "text",
	 "", 2}, /* and its index */
	{"ALTER TABLE app.orders RENAME COLUMN note TO remark", "missing", "column",
	 "app.orders.note", "text", "", 3},
	{"DROP VIEW app.cheap; ALTER TABLE app.orders ALTER COLUMN price TYPE numeric(12,2);"
	 "CREATE VIEW app.cheap AS SELECT id FROM app.orders WHERE price < 1;"
	 "GRANT SELECT ON app.cheap TO reader",
	 "changed", "column", "app.orders.price", "numeric(10,2) NOT NULL",
	 "numeric(12,2) NOT NULL", 1},
	{"ALTER TABLE app.orders ALTER COLUMN note SET NOT NULL", "changed", "column",
	 "app.orders.note", "text", "text NOT NULL", 1},
	{"ALTER TABLE app.orders ALTER COLUMN note SET DEFAULT 'x'", "changed", "column",
	 "app.orders.note", "text", "text DEFAULT 'x'::text", 1},
	{"CREATE INDEX by_price ON app.orders (price DESC)", "unexpected", "index",
	 "app.orders.by_price", "", "CREATE INDEX by_price ON app.orders USING btree (price DESC)",
	 1},
	{"DROP INDEX app.by_note; CREATE UNIQUE INDEX by_note ON app.orders (note)", "changed",
	 "index", "app.orders.by_note", "CREATE INDEX by_note ON app.orders USING btree (note)",
	 "CREATE UNIQUE INDEX by_note ON app.orders USING btree (note)", 1},
	{"ALTER TABLE app.orders ADD CONSTRAINT positive CHECK (price > 0)", "unexpected",
	 "constraint", "app.orders.positive", "", NULL, 1},
	{"GRANT INSERT ON app.orders TO reader", "changed", "grant", "app.orders to reader",
	 "SELECT", "INSERT, SELECT", 1},
	{"GRANT SELECT ON app.orders TO PUBLIC", "unexpected", "grant", "app.orders to PUBLIC", "",
	 "SELECT", 1},
	{"REVOKE SELECT ON app.orders FROM reader", "missing", "grant", "app.orders to reader",
	 "SELECT", "", 1},
	{"ALTER TABLE app.orders OWNER TO other", "changed", "owner", "app.orders", "postgres",
	 "other", 1},
	{"ALTER SCHEMA app OWNER TO other", "changed", "owner", "app", "postgres", "other", 1},
	{"CREATE OR REPLACE FUNCTION app.f(a int) RETURNS int LANGUAGE sql AS 'SELECT a + 2'",
	 "changed", "function", "app.f(a integer)", NULL, NULL, 1},
	{"DROP FUNCTION app.f(int)", "missing", "function", "app.f(a integer)", NULL, "", 1},
	{"CREATE FUNCTION app.f(a text) RETURNS int LANGUAGE sql AS 'SELECT 1'", "unexpected",
	 "function", "app.f(a text)", "", NULL, 1},
	{"CREATE EXTENSION pg_trgm SCHEMA app", "unexpected", "extension", "pg_trgm", "", NULL, 1},
	{"DROP EXTENSION plpgsql", "missing", "extension", "plpgsql", NULL, "", 1},
	{"CREATE OR REPLACE VIEW app.cheap AS SELECT id FROM app.orders WHERE price < 2", "changed",
	 "view", "app.cheap", NULL, NULL, 1},
	{"CREATE VIEW app.dear AS SELECT 1 AS one", "unexpected", "view", "app.dear", "", NULL, 1},
	{"CREATE SCHEMA more", "unexpected", "schema", "more", "", "", 2}, /* and its owner */
	{"DELETE FROM app.orders", "changed", "rows", "app.orders", "> 0", "0", 1},
};

START_TEST(every_change_is_listed_with_what_changed)
{
	g_autoptr(struct_answer) target = NULL;
	g_autofree char *code = g_strconcat("object_", changes[_i].change, NULL);
	json_object *row = NULL;

	begin_agreed("");
	run_sql(changes[_i].ddl);
	world_cycle(kinds->world); /* not billed: looked at whenever somebody asks */
	kinds_expect(kinds, ID, "drift", code);
	target = world_any_target(kinds->world, ID);
	row = kinds_find(json_at(target->json, "inventory.objects"), "object", changes[_i].object);
	while (row && !g_str_equal(json_text_at(row, "type"), changes[_i].type))
		row = NULL;
	ck_assert_msg(row != NULL, "%s: %s", changes[_i].object, target->body);
	ck_assert_str_eq(json_text_at(row, "change"), changes[_i].change);
	if (changes[_i].expected)
		ck_assert_str_eq(json_text_at(row, "expected"), changes[_i].expected);
	if (changes[_i].actual)
		ck_assert_str_eq(json_text_at(row, "actual"), changes[_i].actual);
	ck_assert_str_eq(changes[_i].change,
			 g_str_equal(json_text_at(row, "expected"), json_text_at(row, "actual")) &&
					 *json_text_at(row, "actual")
				 ? "the same"
				 : changes[_i].change);
	ck_assert_msg(json_int_at(target->json, "inventory.objects_total") ==
			      changes[_i].differences,
		      "%s", target->body);
	kinds_expect_said(kinds, ID, changes[_i].object);
	take_snapshot(); /* agreed: the file is read at every look */
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "ok", NULL);
}
END_TEST

START_TEST(rows_that_come_are_no_change)
{
	begin_agreed("");
	run_sql("INSERT INTO app.empty VALUES (1); INSERT INTO app.orders VALUES (3, 30, 'c')");
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "ok", NULL);
}
END_TEST

START_TEST(server_of_another_version_is_a_change)
{
	g_autofree char *text = NULL;
	g_autofree char *version = postgres_ask(
		postgres, database, "SELECT current_setting('server_version_num')::int / 10000");
	g_autofree char *line = g_strdup_printf("\nserver postgresql: %s\n", version);
	char *at = NULL;

	begin_agreed("");
	text = kinds_read(kinds, FILE_NAME);
	at = strstr(text, line);
	ck_assert_msg(at, "no %s in %s", line, text);
	at[strlen("\nserver postgresql: ")] = '9';
	kinds_write(kinds, FILE_NAME, text);
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "drift", "object_changed");
	kinds_expect_said(kinds, ID, "server postgresql is ");
}
END_TEST

START_TEST(ignored_names_do_not_count)
{
	begin_agreed("ignore = app.tmp_*\nignore = *.scratch");
	run_sql("CREATE TABLE app.tmp_1 (id int PRIMARY KEY); CREATE TABLE app.scratch (id int)");
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "ok", NULL);
	run_sql("CREATE TABLE app.tmpx (id int)");
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "drift", "object_unexpected");
	ck_assert_int_eq(kinds_number(kinds, ID, "inventory.unexpected"), 1);
}
END_TEST

START_TEST(unexpected_may_be_told_not_to_matter)
{
	begin_agreed("report-unexpected = false");
	run_sql("CREATE TABLE app.new (id int); CREATE SCHEMA more");
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "ok", NULL);
	run_sql("DROP TABLE app.old");
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "drift", "object_missing");
	ck_assert_int_eq(kinds_number(kinds, ID, "inventory.objects_total"), 1);
}
END_TEST

START_TEST(only_named_schemas_are_looked_at)
{
	run_sql("CREATE SCHEMA second; CREATE SCHEMA third");
	begin_agreed("schema = app\nschema = second");
	run_sql("CREATE TABLE third.t (id int)");
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "ok", NULL);
	run_sql("CREATE TABLE second.t (id int)");
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "drift", "object_unexpected");
}
END_TEST

/* --- the expect-file --- */

START_TEST(missing_file_names_the_command_that_writes_it)
{
	add("");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "unknown", "broken_check");
	kinds_expect_said(kinds, ID, "driftd snapshot " ID);
	take_snapshot();
	world_cycle(kinds->world); /* without a reload */
	kinds_expect(kinds, ID, "ok", NULL);
	kinds_write(kinds, FILE_NAME, "tabel app.orders\n");
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "unknown", "broken_check");
	kinds_expect_said(kinds, ID, "line 1");
	kinds_write(kinds, FILE_NAME, "# nothing\n");
	config_replace(kinds->config, "expect-file", "report-unexpected = false\nexpect-file");
	kinds_reload(kinds);
	kinds_expect(kinds, ID, "unknown", "broken_check"); /* L01: nothing held against anything */
}
END_TEST

/** Lines of @p after that are not in @p before. Caller frees. */
static char *added_lines(const char *before, const char *after)
{
	g_auto(GStrv) old = g_strsplit(before, "\n", -1), new = g_strsplit(after, "\n", -1);
	GString *added = g_string_new(NULL);

	for (size_t i = 0; new[i]; i++) {
		if (!g_strv_contains((const char *const *)old, new[i]))
			g_string_append_printf(added, "%s\n", new[i]);
	}
	return g_string_free(added, FALSE);
}

START_TEST(snapshot_is_stable_readable_and_diffable)
{
	g_autofree char *first = NULL, *second = NULL, *printed = NULL, *third = NULL;
	g_autofree char *added = NULL, *removed = NULL;

	add("ignore = app.old");
	take_snapshot();
	first = kinds_read(kinds, FILE_NAME);
	take_snapshot();
	second = kinds_read(kinds, FILE_NAME);
	ck_assert_str_eq(first, second);
	printed = kinds_run(kinds, 0, snapshot_stdout);
	ck_assert_str_eq(printed, first);
	ck_assert_ptr_nonnull(strstr(first, "\ntable app.orders\n"));
	ck_assert_ptr_nonnull(strstr(first, "\nrows app.orders: > 0\n"));
	ck_assert_ptr_nonnull(strstr(first, "\ncolumn app.orders.price: numeric(10,2) NOT NULL\n"));
	ck_assert_ptr_nonnull(strstr(first, "\nowner app.orders: postgres\n"));
	ck_assert_ptr_nonnull(strstr(first, "\ngrant app.orders to reader: SELECT\n"));
	ck_assert_ptr_null(strstr(first, "rows app.empty"));
	ck_assert_ptr_null(strstr(first, "app.old"));
	ck_assert_ptr_null(strstr(first, "host="));
	/* made anew in another order, with other ids inside: the same file */
	run_sql("DROP SCHEMA app CASCADE");
	run_sql(schema);
	third = kinds_run(kinds, 0, snapshot_stdout);
	ck_assert_str_eq(third, first);
	run_sql("ALTER TABLE app.orders ADD COLUMN extra int");
	take_snapshot();
	g_free(third);
	third = kinds_read(kinds, FILE_NAME);
	added = added_lines(first, third);
	removed = added_lines(third, first);
	ck_assert_str_eq(added, "column app.orders.extra: integer\n");
	ck_assert_str_eq(removed, "");
}
END_TEST

START_TEST(snapshot_by_whoever_sees_it_is_the_same)
{
	g_autofree char *first = NULL, *second = NULL, *path = NULL;
	struct stat before, after;

	run_sql("ALTER DATABASE postgres SET search_path = app"); /* of no meaning here */
	add("");
	take_snapshot();
	first = kinds_read(kinds, FILE_NAME);
	path = world_path(kinds->world, FILE_NAME);
	ck_assert_int_eq(chmod(path, 0640), 0);
	ck_assert_int_eq(stat(path, &before), 0);
	run_sql("ALTER ROLE reader SET search_path = app, public;"
		"ALTER ROLE reader SET DateStyle = 'German';"
		"ALTER ROLE reader SET quote_all_identifiers = on");
	g_string_truncate(kinds->config, 0);
	{
		GString *config = world_base_config(kinds->world, "");

		g_string_assign(kinds->config, config->str);
		g_string_free(config, TRUE);
	}
	add_as("reader", "");
	take_snapshot();
	second = kinds_read(kinds, FILE_NAME);
	ck_assert_str_eq(first, second);
	ck_assert_int_eq(stat(path, &after), 0);
	ck_assert_uint_eq(before.st_mode, after.st_mode);
	run_sql("ALTER ROLE reader RESET ALL");
}
END_TEST

START_TEST(snapshot_that_fails_writes_nothing)
{
	static const char *const unknown[] = {"snapshot", "inventory/ap", "-c", "driftd.ini", NULL};
	static const char *const other_kind[] = {"snapshot", "service/app", "-c", "driftd.ini",
						 NULL};
	g_autofree char *said = NULL, *path = world_path(kinds->world, FILE_NAME);
	g_autofree char *port = g_strdup_printf("port=%d", postgres->port);

	add("schema = nowhere");
	said = kinds_run(kinds, 2, snapshot);
	ck_assert_msg(strstr(said, "schema nowhere does not exist"), "%s", said);
	ck_assert(!g_file_test(path, G_FILE_TEST_EXISTS));
	g_free(said);
	said = kinds_run(kinds, 64, unknown);
	ck_assert_msg(strstr(said, ID), "%s", said); /* what there is */
	g_free(said);
	said = kinds_run(kinds, 64, other_kind);
	kinds_write(kinds, FILE_NAME, "# mine\n");
	config_replace(kinds->config, port, "port=1"); /* nobody listens there */
	world_configure(kinds->world, kinds->config->str);
	g_free(said);
	said = kinds_run(kinds, 2, snapshot);
	g_free(said);
	said = kinds_read(kinds, FILE_NAME);
	ck_assert_str_eq(said, "# mine\n");
}
END_TEST

/* --- cost --- */

/** Statements that the server ran for driftd since it was told to log them. */
static int count_statements(void)
{
	g_autofree char *path = g_build_filename(test_directory(), "postgres.log", NULL);
	g_autofree char *log = NULL, *mark = g_strdup_printf("[%s] ", database);
	int count = 0;

	ck_assert(g_file_get_contents(path, &log, NULL, NULL));
	for (const char *at = log; (at = strstr(at, mark)); at++)
		count++;
	return count;
}

/* 420 objects more are no statement each. */
START_TEST(one_query_per_catalogue)
{
	g_autofree char *sql = g_strdup_printf(
		"ALTER DATABASE %s SET log_statement = 'all';"
		"ALTER SYSTEM SET log_line_prefix = '[%%d] '; SELECT pg_reload_conf()",
		database);
	int before = 0, few = 0;
	g_auto(GStrv) parts = g_strsplit(sql, ";", -1);

	begin_agreed("");
	for (size_t i = 0; parts[i]; i++)
		run_sql(parts[i]);
	kinds_restart(kinds); /* with a new connection */
	world_cycle(kinds->world);
	before = count_statements();
	world_cycle(kinds->world);
	few = count_statements() - before;
	ck_assert_int_gt(few, 5);
	run_sql("DO $$ BEGIN FOR i IN 1..70 LOOP EXECUTE format('CREATE TABLE app.t%s (id int "
		"PRIMARY KEY); CREATE INDEX ON app.t%s (id)', i, i); END LOOP; END $$");
	before = count_statements();
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "drift", "object_unexpected");
	ck_assert_int_eq(kinds_number(kinds, ID, "inventory.unexpected"), 70);
	/* a catalogue that is longer than a first FETCH takes one more: there are ten */
	ck_assert_int_le(count_statements() - before, few + 10);
}
END_TEST

TCase *kinds_catalogue_case(void)
{
	TCase *tcase = tcase_create("catalogue");

	tcase_add_unchecked_fixture(tcase, start, stop);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, every_change_is_listed_with_what_changed, 0,
			    (int)G_N_ELEMENTS(changes));
	tcase_add_test(tcase, rows_that_come_are_no_change);
	tcase_add_test(tcase, server_of_another_version_is_a_change);
	tcase_add_test(tcase, ignored_names_do_not_count);
	tcase_add_test(tcase, unexpected_may_be_told_not_to_matter);
	tcase_add_test(tcase, only_named_schemas_are_looked_at);
	tcase_add_test(tcase, missing_file_names_the_command_that_writes_it);
	tcase_add_test(tcase, snapshot_is_stable_readable_and_diffable);
	tcase_add_test(tcase, snapshot_by_whoever_sees_it_is_the_same);
	tcase_add_test(tcase, snapshot_that_fails_writes_nothing);
	tcase_add_test(tcase, one_query_per_catalogue);
	return tcase;
}

#else

TCase *kinds_catalogue_case(void)
{
	return tcase_create("catalogue"); /* built without libpq: nothing to test */
}

#endif
