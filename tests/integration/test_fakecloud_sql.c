/* test_fakecloud_sql - the stand-in BigQuery runs SQL as GoogleSQL means it, and refuses what
 * BigQuery would refuse: a query that passes here by a mistake of the stand-in would fail in the
 * field. */
#include "tests/integration/harness.h"

#include <string.h>

Suite *fakecloud_sql_suite(void);

#define QUERIES "/bigquery/v2/projects/acme-prod/queries"
#define ORDERS "`acme-prod.sales.orders`"

static struct world *world;

static void setup(void)
{
	world = world_create();
	cloud_put(world, "options", "{\"auth_required\":false}");
	cloud_table(
		world, "acme-prod.sales.orders",
		"{\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\",\"mode\":\"REQUIRED\"},"
		"{\"name\":\"day\",\"type\":\"DATE\"},{\"name\":\"loaded_at\",\"type\":"
		"\"TIMESTAMP\"},"
		"{\"name\":\"price\",\"type\":\"FLOAT\"},{\"name\":\"paid\",\"type\":\"BOOLEAN\"},"
		"{\"name\":\"customer\",\"type\":\"STRING\"},"
		"{\"name\":\"meta\",\"type\":\"RECORD\",\"fields\":[{\"name\":\"source\",\"type\":"
		"\"STRING\"}]},"
		"{\"name\":\"tags\",\"type\":\"STRING\",\"mode\":\"REPEATED\"}],"
		"\"rows\":[{\"id\":1,\"day\":\"2026-11-20\",\"loaded_at\":\"2026-11-20T03:00:00."
		"5Z\",\"price\":1.5,"
		"\"paid\":true,\"customer\":\"ann\",\"meta\":{\"source\":\"web\"},\"tags\":[\"p\","
		"\"q\"]},"
		"{\"id\":2,\"day\":\"2026-11-19\",\"loaded_at\":\"2026-11-19T23:30:00Z\",\"price\":"
		"2,"
		"\"paid\":false,\"customer\":\"bob\"},"
		"{\"id\":3,\"day\":null,\"loaded_at\":null,\"customer\":\"ann\"}]}");
	cloud_table(world, "acme-prod.sales.daily",
		    "{\"schema\":[{\"name\":\"day\",\"type\":\"DATE\"},{\"name\":\"n\",\"type\":"
		    "\"INTEGER\"}],"
		    "\"rows\":[[\"today\",1],[\"today-1\",2],[\"today-1\",3]],"
		    "\"partitioning\":{\"type\":\"DAY\",\"field\":\"day\"},"
		    "\"requirePartitionFilter\":true,"
		    "\"clustering\":[\"n\"]}");
	cloud_table(world, "acme-prod.sales.paid_orders",
		    "{\"view\":\"SELECT id, customer FROM " ORDERS " WHERE paid\"}");
	cloud_table(world, "acme-prod.sales.secret",
		    "{\"schema\":[{\"name\":\"x\",\"type\":\"STRING\"}],\"denied\":\"bigquery."
		    "tables.getData\"}");
}

static void teardown(void)
{
	world_free(world);
}

static struct answer *query(const char *sql)
{
	json_object *body = json_object_new_object(), *format = json_object_new_object();
	g_autofree char *url = g_strconcat(world->cloud, QUERIES, NULL);
	struct answer *answer = NULL;

	json_object_object_add(body, "query", json_object_new_string(sql));
	json_object_object_add(body, "useLegacySql", json_object_new_boolean(false));
	json_object_object_add(format, "useInt64Timestamp", json_object_new_boolean(true));
	json_object_object_add(body, "formatOptions", format);
	answer = http_call("POST", url, NULL, json_object_to_json_string(body));
	json_object_put(body);
	return answer;
}

/** "a INTEGER, b STRING" of the answer's schema. Caller frees. */
static char *columns_text(const struct answer *answer)
{
	json_object *fields = json_at(answer->json, "schema.fields");
	GString *text = g_string_new(NULL);

	for (size_t i = 0; fields && i < json_object_array_length(fields); i++) {
		json_object *field = json_object_array_get_idx(fields, i);
		bool repeated = g_str_equal(json_text_at(field, "mode"), "REPEATED");

		g_string_append_printf(text, "%s%s %s%s", i > 0 ? ", " : "",
				       json_text_at(field, "name"), json_text_at(field, "type"),
				       repeated ? "[]" : "");
	}
	return g_string_free(text, FALSE);
}

/** "1|x;2|NULL" of the answer's rows. Caller frees. */
static char *rows_text(const struct answer *answer)
{
	json_object *rows = json_at(answer->json, "rows");
	GString *text = g_string_new(NULL);

	for (size_t i = 0; rows && i < json_object_array_length(rows); i++) {
		json_object *cells = json_at(json_object_array_get_idx(rows, i), "f");

		for (size_t c = 0; c < json_object_array_length(cells); c++) {
			json_object *value = json_at(json_object_array_get_idx(cells, c), "v");

			g_string_append_printf(text, "%s%s",
					       c > 0   ? "|"
					       : i > 0 ? ";"
						       : "",
					       value ? json_object_get_string(value) : "NULL");
		}
	}
	return g_string_free(text, FALSE);
}

static const struct {
	const char *sql, *columns, *rows;
} good[] = {
	/* literals and types, as the REST schema names them */
	{"SELECT 1", "f0_ INTEGER", "1"},
	{"SELECT 1 AS a, 'x', TRUE b, 2.5, NULL",
	 "a INTEGER, f0_ STRING, b BOOLEAN, f1_ FLOAT, f2_ INTEGER", "1|x|true|2.5|NULL"},
	{"SELECT DATE '2026-11-20' AS d, TIMESTAMP '2026-11-20 03:00:00+00' AS t, DATETIME "
	 "'2026-11-20 03:04:05' x",
	 "d DATE, t TIMESTAMP, x DATETIME", "2026-11-20|1795143600000000|2026-11-20T03:04:05"},
	{"SELECT \"a\" || 'b' AS c, r'\\d' AS r, 'it\\'s' -- comment\n, /* more */ 1 # end",
	 "c STRING, r STRING, f0_ STRING, f1_ INTEGER", "ab|\\d|it's|1"},
	{"SELECT STRUCT(1 AS a, 'x' AS b) AS s", "s RECORD",
	 "{ \"f\": [ { \"v\": \"1\" }, { \"v\": \"x\" } ] }"},
	{"SELECT [1, 2] AS l", "l INTEGER[]", "[ { \"v\": \"1\" }, { \"v\": \"2\" } ]"},
	/* tables */
	{"SELECT id, meta.source, tags FROM " ORDERS " WHERE paid",
	 "id INTEGER, source STRING, tags STRING[]",
	 "1|web|[ { \"v\": \"p\" }, { \"v\": \"q\" } ]"},
	{"SELECT * EXCEPT (meta, tags, loaded_at) FROM sales.orders WHERE id < 3 ORDER BY id DESC",
	 "id INTEGER, day DATE, price FLOAT, paid BOOLEAN, customer STRING",
	 "2|2026-11-19|2.0|false|bob;1|2026-11-20|1.5|true|ann"},
	{"SELECT o.id, t FROM `acme-prod`.sales.orders AS o, UNNEST(o.tags) AS t",
	 "id INTEGER, t STRING", "1|p;1|q"},
	{"SELECT * FROM sales.paid_orders", "id INTEGER, customer STRING", "1|ann"},
	{"WITH c AS (SELECT customer FROM sales.orders) SELECT COUNT(DISTINCT customer) AS n FROM "
	 "c",
	 "n INTEGER", "2"},
	{"SELECT a.id, b.id AS other FROM sales.orders a LEFT JOIN sales.paid_orders b USING (id) "
	 "ORDER BY 1",
	 "id INTEGER, other INTEGER", "1|1;2|NULL;3|NULL"},
	/* what driftd's own queries are made of */
	{"SELECT 0 AS i, UNIX_MICROS(TIMESTAMP(MAX(loaded_at))) AS loaded, COUNT(*) AS n "
	 "FROM " ORDERS " WHERE (\nday >= '2026-11-20' -- only today\n)\nUNION ALL\nSELECT 1 AS i, "
	 "UNIX_MICROS(TIMESTAMP(MAX(day))) AS loaded, COUNT(*) AS n FROM sales.orders",
	 "i INTEGER, loaded INTEGER, n INTEGER", "0|1795143600500000|1;1|1795132800000000|3"},
	{"SELECT COUNT(*) > 0 FROM sales.daily WHERE day = CURRENT_DATE() - 1", "f0_ BOOLEAN",
	 "true"},
	{"SELECT COUNT(*) FROM sales.daily WHERE day >= DATE_SUB(CURRENT_DATE(), INTERVAL 2 DAY)",
	 "f0_ INTEGER", "3"},
	{"SELECT place, id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY customer ORDER BY id "
	 "DESC) AS place "
	 "FROM sales.orders) WHERE place <= 1 ORDER BY id",
	 "place INTEGER, id INTEGER", "1|2;1|3"},
	/* groups */
	{"SELECT customer, COUNT(*) n FROM sales.orders GROUP BY customer HAVING n > 1",
	 "customer STRING, n INTEGER", "ann|2"},
	{"SELECT UPPER(customer), SUM(price) FROM sales.orders GROUP BY 1 ORDER BY 1 DESC",
	 "f0_ STRING, f1_ FLOAT", "BOB|2.0;ANN|1.5"},
	{"SELECT STRING_AGG(customer, '+' ORDER BY id DESC), COUNTIF(paid), MAX(day), AVG(id) FROM "
	 "sales.orders",
	 "f0_ STRING, f1_ INTEGER, f2_ DATE, f3_ FLOAT", "ann+bob+ann|1|2026-11-20|2.0"},
	{"SELECT MAX(loaded_at) FROM sales.orders WHERE FALSE", "f0_ TIMESTAMP", "NULL"},
	{"SELECT id FROM sales.orders WHERE FALSE", "id INTEGER", ""},
	{"SELECT 'b' AS k UNION ALL SELECT 'a' ORDER BY k LIMIT 1", "k STRING", "a"},
	{"SELECT (SELECT MAX(id) FROM sales.orders) - 1, EXISTS(SELECT 1 FROM sales.orders WHERE "
	 "id = 9)",
	 "f0_ INTEGER, f1_ BOOLEAN", "2|false"},
	{"SELECT n FROM UNNEST(GENERATE_ARRAY(1, 5)) AS n WHERE MOD(n, 2) = 1", "n INTEGER",
	 "1;3;5"},
	/* functions */
	{"SELECT SAFE_DIVIDE(1, 0), IF(TRUE, 1, 2.5), COALESCE(NULL, 'x'), CAST('12' AS INT64), "
	 "CONCAT('a', 'b'), 7 / 2",
	 "f0_ FLOAT, f1_ FLOAT, f2_ STRING, f3_ INTEGER, f4_ STRING, f5_ FLOAT",
	 "NULL|1.0|x|12|ab|3.5"},
	{"SELECT CAST(TRUE AS STRING), CAST(1.6 AS INT64), CAST(DATE '2026-11-20' AS TIMESTAMP), "
	 "SAFE_CAST('x' AS INT64)",
	 "f0_ STRING, f1_ INTEGER, f2_ TIMESTAMP, f3_ INTEGER", "true|2|1795132800000000|NULL"},
	{"SELECT DATE_ADD(DATE '2026-01-31', INTERVAL 1 MONTH), DATE_DIFF(DATE '2026-03-01', "
	 "'2026-02-01', DAY), "
	 "DATE_TRUNC(DATE '2026-11-20', WEEK), EXTRACT(DAYOFWEEK FROM DATE '2026-11-20')",
	 "f0_ DATE, f1_ INTEGER, f2_ DATE, f3_ INTEGER", "2026-02-28|28|2026-11-15|6"},
	{"SELECT TIMESTAMP_SUB(TIMESTAMP '2026-11-20', INTERVAL 90 MINUTE), DATE(TIMESTAMP "
	 "'2026-11-20 03:00:00Z', "
	 "'America/New_York'), TIMESTAMP(DATE '2026-07-01', 'Europe/Berlin'), "
	 "TIMESTAMP_TRUNC(TIMESTAMP "
	 "'2026-11-20 03:59:59+00', HOUR)",
	 "f0_ TIMESTAMP, f1_ DATE, f2_ TIMESTAMP, f3_ TIMESTAMP",
	 "1795127400000000|2026-11-19|1782856800000000|1795143600000000"},
	{"SELECT 'abc' LIKE 'A%', 'aéc' LIKE 'a_c', STARTS_WITH('abc', 'ab'), "
	 "REGEXP_CONTAINS('abc', r'^a.c$'), "
	 "'b' IN ('a', 'b'), 2 BETWEEN 1 AND 3, NOT TRUE",
	 "f0_ BOOLEAN, f1_ BOOLEAN, f2_ BOOLEAN, f3_ BOOLEAN, f4_ BOOLEAN, f5_ BOOLEAN, f6_ "
	 "BOOLEAN",
	 "false|true|true|true|true|true|false"},
	{"SELECT CASE WHEN id = 1 THEN 'one' ELSE 'more' END AS w, CASE customer WHEN 'ann' THEN 1 "
	 "END FROM "
	 "sales.orders WHERE id < 3 ORDER BY id",
	 "w STRING, f0_ INTEGER", "one|1;more|NULL"},
	/* metadata */
	{"SELECT table_name, table_type FROM `acme-prod.sales.INFORMATION_SCHEMA.TABLES` ORDER BY "
	 "table_name",
	 "table_name STRING, table_type STRING",
	 "daily|BASE TABLE;orders|BASE TABLE;paid_orders|VIEW;secret|BASE TABLE"},
	{"SELECT column_name, data_type, is_nullable, is_partitioning_column, "
	 "clustering_ordinal_position FROM "
	 "`acme-prod`.sales.INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'daily'",
	 "column_name STRING, data_type STRING, is_nullable STRING, is_partitioning_column STRING, "
	 "clustering_ordinal_position INTEGER",
	 "day|DATE|YES|YES|NULL;n|INT64|YES|NO|1"},
	{"SELECT partition_id = FORMAT_DATE('%Y%m%d', CURRENT_DATE()), total_rows FROM "
	 "`acme-prod.sales`.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = 'daily' ORDER BY "
	 "partition_id",
	 "f0_ BOOLEAN, total_rows INTEGER", "false|2;true|1"},
	{"SELECT partition_id FROM sales.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = 'orders'",
	 "partition_id STRING", "NULL"},
	{"SELECT table_id, row_count, type FROM `acme-prod.sales.__TABLES__` WHERE type < 3 ORDER "
	 "BY 1",
	 "table_id STRING, row_count INTEGER, type INTEGER",
	 "daily|3|1;orders|3|1;paid_orders|0|2;secret|0|1"},
	{"SELECT schema_name, location FROM `region-us`.INFORMATION_SCHEMA.SCHEMATA",
	 "schema_name STRING, location STRING", "sales|US"},
	{"SELECT table_name, total_rows, deleted FROM "
	 "`acme-prod`.`region-us`.INFORMATION_SCHEMA.TABLE_STORAGE WHERE "
	 "table_schema = 'sales' AND table_name = 'orders'",
	 "table_name STRING, total_rows INTEGER, deleted BOOLEAN", "orders|3|false"},
	{"SELECT ddl FROM sales.INFORMATION_SCHEMA.TABLES WHERE table_name = 'daily'", "ddl STRING",
	 "CREATE TABLE `acme-prod.sales.daily`\n(\n  day DATE,\n  n INT64\n)\nPARTITION BY "
	 "day\nCLUSTER BY n;"},
	{"SELECT view_definition FROM sales.INFORMATION_SCHEMA.VIEWS", "view_definition STRING",
	 "SELECT id, customer FROM " ORDERS " WHERE paid"},
};

START_TEST(a_query_gives_what_bigquery_gives)
{
	g_autoptr(struct_answer) answer = query(good[_i].sql);
	g_autofree char *columns = NULL, *rows = NULL;

	ck_assert_msg(answer->status == 200, "%s: %d %s", good[_i].sql, answer->status,
		      answer->body);
	columns = columns_text(answer);
	rows = rows_text(answer);
	ck_assert_msg(g_str_equal(columns, good[_i].columns), "%s: columns %s", good[_i].sql,
		      columns);
	ck_assert_msg(g_str_equal(rows, good[_i].rows), "%s: rows %s", good[_i].sql, rows);
}
END_TEST

static const struct {
	const char *sql;
	int status;
	const char *reason, *message;
} bad[] = {
	{"SELEC 1", 400, "invalidQuery", "Syntax error: Unexpected identifier \"SELEC\" at [1:1]"},
	{"SELECT 1 FROM", 400, "invalidQuery", "Syntax error: Unexpected end of script at [1:14]"},
	{"SELECT (1", 400, "invalidQuery",
	 "Syntax error: Expected \")\" but got end of script at [1:10]"},
	{"SELECT 'x", 400, "invalidQuery", "Syntax error: Unclosed string literal at [1:8]"},
	{"SELECT 1 AS a\nFROM sales.orders\nWHERE id = 1 GROUP customer", 400, "invalidQuery",
	 "Syntax error: Expected keyword BY but got identifier \"customer\" at [3:20]"},
	{"SELECT id FROM sales.orders WHERE id = 1 id = 2", 400, "invalidQuery",
	 "Syntax error: Expected end of input but got id at [1:42]"},
	{"", 400, "invalidQuery", "Syntax error: Unexpected end of script at [1:1]"},
	{"SELECT foo FROM sales.orders", 400, "invalidQuery", "Unrecognized name: foo at [1:8]"},
	{"SELECT lodaed_at FROM sales.orders", 400, "invalidQuery",
	 "Unrecognized name: lodaed_at; Did you mean loaded_at? at [1:8]"},
	{"SELECT o.foo FROM sales.orders o", 400, "invalidQuery",
	 "Name foo not found inside o at [1:8]"},
	{"SELECT id FROM sales.orders a, sales.orders b", 400, "invalidQuery",
	 "Column name id is ambiguous at [1:8]"},
	{"SELECT NOSUCH(1)", 400, "invalidQuery", "Function not found: NOSUCH at [1:8]"},
	{"SELECT UNIX_MICROS(day) FROM sales.orders", 400, "invalidQuery",
	 "No matching signature for function UNIX_MICROS for argument types: DATE at [1:8]"},
	{"SELECT id FROM sales.orders WHERE day > 5", 400, "invalidQuery",
	 "No matching signature for operator > for argument types: DATE, INT64. Supported "
	 "signature: ANY > ANY at "
	 "[1:35]"},
	{"SELECT id FROM sales.orders WHERE loaded_at >= CURRENT_DATE()", 400, "invalidQuery",
	 "No matching signature for operator >= for argument types: TIMESTAMP, DATE. Supported "
	 "signature: ANY >= ANY "
	 "at [1:35]"},
	{"SELECT id FROM sales.orders WHERE day = 'soon'", 400, "invalidQuery",
	 "Could not cast literal \"soon\" to type DATE at [1:41]"},
	{"SELECT id FROM sales.orders WHERE id", 400, "invalidQuery",
	 "WHERE clause should return type BOOL, but returns INT64 at [1:35]"},
	{"SELECT TIMESTAMP_SUB(loaded_at, INTERVAL 1 MONTH) FROM sales.orders", 400, "invalidQuery",
	 "TIMESTAMP_SUB does not support the MONTH date part at [1:22]"},
	{"SELECT id, COUNT(*) FROM sales.orders", 400, "invalidQuery",
	 "SELECT list expression references column id which is neither grouped nor aggregated at "
	 "[1:8]"},
	{"SELECT customer, price FROM sales.orders GROUP BY customer", 400, "invalidQuery",
	 "SELECT list expression references column price which is neither grouped nor aggregated "
	 "at [1:18]"},
	{"SELECT id FROM sales.orders WHERE COUNT(*) > 1", 400, "invalidQuery",
	 "Aggregate function COUNT not allowed in WHERE clause at [1:35]"},
	{"SELECT MAX(COUNT(*)) FROM sales.orders", 400, "invalidQuery",
	 "Aggregations of aggregations are not allowed at [1:12]"},
	{"SELECT id, id FROM sales.orders", 400, "invalidQuery",
	 "Duplicate column names in the result are not supported. Found duplicate(s): id at [1:1]"},
	{"SELECT 1 UNION ALL SELECT 'x'", 400, "invalidQuery",
	 "Column 1 in UNION ALL has incompatible types: INT64, STRING at [1:10]"},
	{"SELECT 1 UNION ALL SELECT 1, 2", 400, "invalidQuery",
	 "Queries in UNION ALL have mismatched column count; query 1 has 1 column, query 2 has 2 "
	 "columns at [1:10]"},
	{"SELECT n FROM sales.daily", 400, "invalidQuery",
	 "Cannot query over table 'acme-prod.sales.daily' without a filter over column(s) 'day' "
	 "that can be used for "
	 "partition elimination"},
	{"SELECT n FROM sales.daily WHERE n = 1", 400, "invalidQuery",
	 "Cannot query over table 'acme-prod.sales.daily' without a filter over column(s) 'day' "
	 "that can be used for "
	 "partition elimination"},
	{"SELECT 1 FROM orders", 400, "invalidQuery",
	 "Table \"orders\" must be qualified with a dataset (e.g. dataset.table)"},
	{"SELECT 1 FROM sales.nothing", 404, "notFound",
	 "Not found: Table acme-prod:sales.nothing was not found in location US"},
	{"SELECT 1 FROM nothing.at_all", 404, "notFound",
	 "Not found: Dataset acme-prod:nothing was not found in location US"},
	{"SELECT 1 FROM `region-us`.INFORMATION_SCHEMA.PARTITIONS", 404, "notFound",
	 "Not found: Table acme-prod:region-us.INFORMATION_SCHEMA.PARTITIONS was not found in "
	 "location US"},
	{"SELECT 1 FROM sales.INFORMATION_SCHEMA.TABLE_STORAGE", 404, "notFound",
	 "Not found: Table acme-prod:sales.INFORMATION_SCHEMA.TABLE_STORAGE was not found in "
	 "location US"},
	{"SELECT 1 FROM sales.INFORMATION_SCHEMA.tables", 404, "notFound",
	 "Not found: Table acme-prod:sales.INFORMATION_SCHEMA.tables was not found in location US"},
	{"SELECT 1 FROM `region-eu`.INFORMATION_SCHEMA.TABLE_STORAGE, sales.orders", 404,
	 "notFound", "Not found: Dataset acme-prod:sales was not found in location EU"},
	{"SELECT x FROM sales.secret", 403, "accessDenied",
	 "Access Denied: Table acme-prod:sales.secret: User does not have permission to query "
	 "table "
	 "acme-prod:sales.secret, or perhaps it does not exist."},
	{"SELECT CAST(customer AS INT64) FROM sales.orders", 400, "invalidQuery",
	 "Bad int64 value: ann"},
	{"SELECT id / 0 FROM sales.orders", 400, "invalidQuery", "division by zero: 1.0"},
	{"SELECT ERROR('stop')", 400, "invalidQuery", "stop"},
};

START_TEST(what_bigquery_refuses_is_refused)
{
	g_autoptr(struct_answer) answer = query(bad[_i].sql);

	ck_assert_msg(answer->status == bad[_i].status, "%s: %d %s", bad[_i].sql, answer->status,
		      answer->body);
	ck_assert_str_eq(json_text_at(answer->json, "error.message"), bad[_i].message);
	ck_assert_str_eq(json_text_at(answer->json, "error.errors.0.message"), bad[_i].message);
	ck_assert_str_eq(json_text_at(answer->json, "error.errors.0.reason"), bad[_i].reason);
	ck_assert_int_eq(json_int_at(answer->json, "error.code"), bad[_i].status);
}
END_TEST

/** More than SQLite joins at once; BigQuery takes them, up to its 1,000 tables. */
START_TEST(nine_hundred_queries_are_joined)
{
	g_autoptr(GString) sql = g_string_new(NULL);
	g_autoptr(struct_answer) answer = NULL;

	for (int i = 0; i < 900; i++)
		g_string_append_printf(sql,
				       "%sSELECT %d AS i, MAX(loaded_at) AS t FROM sales.orders",
				       i > 0 ? " UNION ALL " : "", i);
	answer = query(sql->str);
	ck_assert_msg(answer->status == 200, "%s", answer->body);
	ck_assert_int_eq(json_int_at(answer->json, "totalRows"), 900);
	ck_assert_str_eq(json_text_at(answer->json, "rows.899.f.0.v"), "899");
	ck_assert_str_eq(json_text_at(answer->json, "rows.899.f.1.v"), "1795143600500000");
}
END_TEST

Suite *fakecloud_sql_suite(void)
{
	Suite *suite = suite_create("fakecloud_sql");
	TCase *tcase = tcase_create("queries");

	tcase_add_unchecked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_query_gives_what_bigquery_gives, 0, G_N_ELEMENTS(good));
	tcase_add_loop_test(tcase, what_bigquery_refuses_is_refused, 0, G_N_ELEMENTS(bad));
	tcase_add_test(tcase, nine_hundred_queries_are_joined);
	suite_add_tcase(suite, tcase);
	return suite;
}
