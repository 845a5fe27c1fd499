/* test_bigquery_decode - cells, metadata of tables, and names inside SQL. API-FACTS C.3, C.4. */
#include "google/bigquery_private.h"

#include "drift_error.h"

#include <check.h>
#include <string.h>

Suite *bigquery_decode_suite(void);

/* --- cells --- */

static const struct {
	const char *type;
	const char *v;    /* as JSON */
	const char *want; /* NULL: refused; "NULL": SQL NULL */
} cells[] = {
	{"INTEGER", "\"123\"", "123"},
	{"INT64", "\"-9223372036854775808\"", "-9223372036854775808"},
	{"INT64", "\"9223372036854775808\"", NULL},
	{"INT64", "\"1.0\"", NULL},
	{"INT64", "\"\"", NULL},
	{"INT64", "123", NULL},
	{"INT64", "true", NULL},
	{"INT64", "[]", NULL},
	{"INT64", "{}", NULL},
	{"INT64", "null", "NULL"},
	{"FLOAT", "\"1.5\"", "1.5"},
	{"FLOAT64", "\"-1.5E-7\"", "-1.5E-7"},
	{"FLOAT64", "\"1e+30\"", "1e+30"},
	{"FLOAT64", "\"NaN\"", "NaN"},
	{"FLOAT64", "\"-Infinity\"", "-Infinity"},
	{"FLOAT64", "\"Inf\"", "Inf"},
	{"FLOAT64", "\"0x1p3\"", NULL},
	{"FLOAT64", "\"1e\"", NULL},
	{"FLOAT64", "\".\"", NULL},
	{"FLOAT64", "1.5", NULL},
	{"BOOLEAN", "\"true\"", "true"},
	{"BOOL", "\"false\"", "false"},
	{"BOOL", "\"TRUE\"", NULL},
	{"BOOL", "\"\"", NULL},
	{"BOOL", "true", NULL},
	{"BOOL", "false", NULL},
	{"BOOL", "null", "NULL"},
	{"TIMESTAMP", "\"1763600000123456\"", "1763600000123456"},
	{"TIMESTAMP", "\"-1\"", "-1"},
	{"TIMESTAMP", "\"1.7636E9\"", NULL},
	{"TIMESTAMP", "\"2026-11-20 03:00:00\"", NULL},
	{"DATE", "\"2026-11-20\"", "2026-11-20"},
	{"DATE", "\"2026-11-2\"", NULL},
	{"DATE", "\"2026-11-20T\"", NULL},
	{"TIME", "\"03:04:05\"", "03:04:05"},
	{"TIME", "\"03:04:05.123456\"", "03:04:05.123456"},
	{"TIME", "\"03:04:05.\"", NULL},
	{"TIME", "\"3:04\"", NULL},
	{"DATETIME", "\"2026-11-20T03:04:05.5\"", "2026-11-20T03:04:05.5"},
	{"DATETIME", "\"2026-11-20 03:04:05\"", NULL},
	{"NUMERIC", "\"-12.50\"", "-12.50"},
	{"NUMERIC", "\"12,5\"", NULL},
	{"BIGNUMERIC", "\"1\"", "1"},
	{"BYTES", "\"aGk=\"", "aGk="},
	{"BYTES", "\"a b\"", NULL},
	{"BYTES", "\"aGk=x\"", NULL},
	{"STRING", "\"\"", ""},
	{"STRING", "\"null\"", "null"},
	{"STRING", "\"a\\nb\"", "a\nb"},
	{"STRING", "\"a\\u0000b\"",
	 "a\xef\xbf\xbd"
	 "b"},
	{"STRING", "7", NULL},
	{"JSON", "\"{}\"", "{}"},
	{"JSON", "\"\\u0000\"", NULL},
	{"GEOGRAPHY", "\"POINT(1 2)\"", "POINT(1 2)"},
	{"A_TYPE_OF_TOMORROW", "\"x\"", "x"},
	{"A_TYPE_OF_TOMORROW", "7", NULL},
};

START_TEST(every_type_of_cell)
{
	struct bigquery_column *column = bigquery_column_create("c", cells[_i].type, false);
	g_autofree char *document = g_strdup_printf("{\"v\":%s}", cells[_i].v);
	json_object *object = json_parse(document, strlen(document), NULL);
	json_object *value = NULL;
	g_autoptr(GError) error = NULL;
	char untouched[] = "untouched";
	char *text = untouched;
	bool ok = false;

	ck_assert(json_object_object_get_ex(object, "v", &value));
	ok = bigquery_cell_decode(column, value, &text, &error);
	ck_assert_msg(ok == (cells[_i].want != NULL), "%s %s: %s", cells[_i].type, cells[_i].v,
		      error ? error->message : "accepted");
	if (!ok) {
		ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
		ck_assert_ptr_nonnull(strstr(error->message, "column c of type"));
		ck_assert_ptr_eq(text, untouched);
	} else {
		ck_assert_str_eq(text ? text : "NULL", cells[_i].want);
		g_free(text);
	}
	json_object_put(object);
	bigquery_column_free(column);
}
END_TEST

/* One column of @p field with one cell. */
#define ONE(field, v)                                                                              \
	"{\"jobComplete\":true,\"schema\":{\"fields\":[" field "]},\"totalRows\":\"1\",\"rows\":"  \
	"[{\"f\":[{\"v\":" v "}]}]}"
#define INT_ARRAY "{\"name\":\"a\",\"type\":\"INTEGER\",\"mode\":\"REPEATED\"}"
#define PAIR                                                                                       \
	"{\"name\":\"p\",\"type\":\"RECORD\",\"fields\":[{\"name\":\"x\",\"type\":\"INTEGER\"},"   \
	"{\"name\":\"y\",\"type\":\"STRING\"}]}"
#define PAIRS                                                                                      \
	"{\"name\":\"p\",\"type\":\"STRUCT\",\"mode\":\"REPEATED\",\"fields\":[{\"name\":\"x\","   \
	"\"type\":\"INTEGER\",\"mode\":\"REPEATED\"}]}"

static const struct {
	const char *page;
	const char *want; /* NULL: refused; "NULL": SQL NULL */
} nested[] = {
	{ONE(INT_ARRAY, "[{\"v\":\"1\"},{\"v\":\"2\"}]"), "[\"1\",\"2\"]"},
	{ONE(INT_ARRAY, "[]"), "[]"},
	{ONE(INT_ARRAY, "null"), NULL},
	{ONE(INT_ARRAY, "\"1\""), NULL},
	{ONE(INT_ARRAY, "[\"1\"]"), NULL},
	{ONE(INT_ARRAY, "[{}]"), NULL},
	{ONE(INT_ARRAY, "[{\"v\":\"x\"}]"), NULL},
	{ONE(PAIR, "{\"f\":[{\"v\":\"1\"},{\"v\":null}]}"), "{\"x\":\"1\",\"y\":null}"},
	{ONE(PAIR, "null"), "NULL"},
	{ONE(PAIR, "{\"f\":[{\"v\":\"1\"}]}"), NULL},
	{ONE(PAIR, "{\"f\":[{\"v\":\"a\"},{\"v\":\"b\"}]}"), NULL},
	{ONE(PAIR, "{\"f\":[7,8]}"), NULL},
	{ONE(PAIR, "{}"), NULL},
	{ONE(PAIR, "\"text\""), NULL},
	{ONE(PAIRS, "[{\"v\":{\"f\":[{\"v\":[{\"v\":\"1\"}]}]}},{\"v\":{\"f\":[{\"v\":[]}]}}]"),
	 "[{\"x\":[\"1\"]},{\"x\":[]}]"},
	{ONE("{\"name\":\"p\",\"type\":\"RECORD\"}", "{\"f\":[]}"), NULL},
	{ONE("7", "\"x\""), NULL},
	{ONE("{\"name\":7,\"type\":\"STRING\"}", "\"x\""), NULL},
};

START_TEST(arrays_and_structs_become_json)
{
	struct bigquery_page page = {0};
	g_autoptr(GError) error = NULL;
	bool ok = bigquery_page_decode(nested[_i].page, strlen(nested[_i].page), NULL, 10, &page,
				       &error);

	ck_assert_msg(ok == (nested[_i].want != NULL), "%s: %s", nested[_i].page,
		      error ? error->message : "accepted");
	if (ok) {
		char *const *row = page.rows->pdata[0];

		ck_assert_str_eq(row[0] ? row[0] : "NULL", nested[_i].want);
	} else {
		ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
		ck_assert_ptr_null(page.rows);
	}
	bigquery_page_clear(&page);
}
END_TEST

START_TEST(a_page_keeps_no_more_than_was_wanted)
{
	static const char text[] = "{\"jobComplete\":true,\"schema\":{\"fields\":[{\"name\":\"n\","
				   "\"type\":\"INT64\"}]},"
				   "\"totalRows\":3,\"rows\":[{\"f\":[{\"v\":\"1\"}]},{\"f\":[{"
				   "\"v\":\"2\"}]},{\"f\":[{"
				   "\"v\":\"3\"}]}]}";
	struct bigquery_page page = {0};
	g_autoptr(GError) error = NULL;

	ck_assert(bigquery_page_decode(text, strlen(text), NULL, 2, &page, &error));
	ck_assert_uint_eq(page.rows->len, 2);
	ck_assert_int_eq(page.row_count, 3);
	ck_assert_int_eq(page.total_rows, 3);
	ck_assert_int_eq(page.bytes_billed, -1);
	ck_assert_uint_gt(page.kept_bytes, 2);
	bigquery_page_clear(&page);
}
END_TEST

START_TEST(too_many_columns_are_refused)
{
	GString *text = g_string_new("{\"jobComplete\":true,\"totalRows\":\"0\",\"schema\":{"
				     "\"fields\":[");
	struct bigquery_page page = {0};
	g_autoptr(GError) error = NULL;
	int count = BIGQUERY_COLUMNS_MAX + _i;

	for (int i = 0; i < count; i++)
		g_string_append(text, i ? ",{\"name\":\"n\",\"type\":\"INT64\"}"
					: "{\"name\":\"n\",\"type\":\"INT64\"}");
	g_string_append(text, "]}}");
	ck_assert_int_eq(bigquery_page_decode(text->str, text->len, NULL, 2, &page, &error),
			 _i == 0);
	bigquery_page_clear(&page);
	(void)g_string_free(text, TRUE);
}
END_TEST

static const struct {
	int64_t processed;
	bool cached;
	int64_t want;
} bills[] = {
	{0, false, 0},
	{1, false, BIGQUERY_BYTES_MIN},
	{BIGQUERY_BYTES_MIN + 1, false, BIGQUERY_BYTES_MIN + 1},
	{1 << 30, true, 0},
};

START_TEST(what_is_billed_when_nobody_says)
{
	ck_assert_int_eq(bigquery_guess_billed(bills[_i].processed, bills[_i].cached),
			 bills[_i].want);
}
END_TEST

/* --- tables --- */

#define TABLE                                                                                      \
	"{\"type\":\"TABLE\",\"location\":\"EU\",\"lastModifiedTime\":\"1795147200123\","          \
	"\"numRows\":\"42\",\"streamingBuffer\":{\"estimatedRows\":\"7\",\"oldestEntryTime\":"     \
	"\"1795147100000\"},\"timePartitioning\":{\"type\":\"DAY\",\"field\":\"day\"},"            \
	"\"requirePartitionFilter\":true,\"schema\":{\"fields\":[{\"name\":\"day\",\"type\":"      \
	"\"DATE\",\"mode\":\"REQUIRED\"},{\"name\":\"customer\",\"type\":\"RECORD\",\"mode\":"     \
	"\"REPEATED\",\"fields\":[{\"name\":\"id\",\"type\":\"INTEGER\"}]},{\"name\":\"ok\","      \
	"\"type\":\"BOOLEAN\",\"mode\":\"NULLABLE\"}]}}"

static struct bigquery_table *decode(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct bigquery_table *table = bigquery_table_decode(text, strlen(text), &error);

	ck_assert_msg(table, "%s", error ? error->message : "");
	return table;
}

START_TEST(a_table_is_decoded)
{
	struct bigquery_table *table = decode(TABLE);
	struct bigquery_field *const *fields =
		(struct bigquery_field *const *)(void *)table->fields->pdata;

	ck_assert_str_eq(table->type, "TABLE");
	ck_assert_str_eq(table->location, "EU");
	ck_assert_int_eq(table->modified_wall_ms, 1795147200123);
	ck_assert_int_eq(table->rows, 42);
	ck_assert(table->streaming);
	ck_assert_int_eq(table->streaming_oldest_wall_ms, 1795147100000);
	ck_assert_str_eq(table->partition_type, "DAY");
	ck_assert_str_eq(table->partition_field, "day");
	ck_assert(table->partition_filter_required);
	ck_assert_uint_eq(table->fields->len, 4);
	ck_assert_str_eq(fields[0]->name, "day");
	ck_assert(fields[0]->required && !fields[0]->repeated);
	ck_assert_str_eq(fields[1]->type, "STRUCT");
	ck_assert_str_eq(fields[2]->name, "customer.id");
	ck_assert_str_eq(fields[2]->type, "INT64");
	ck_assert(fields[2]->repeated); /* by what it is inside of */
	ck_assert_str_eq(fields[3]->type, "BOOL");
	ck_assert(!fields[3]->repeated && !fields[3]->required);
	bigquery_table_free(table);
}
END_TEST

START_TEST(what_a_table_does_not_say_is_not_made_up)
{
	struct bigquery_table *table = decode("{\"type\":\"VIEW\"}");

	ck_assert_int_eq(table->rows, -1);
	ck_assert_int_eq(table->modified_wall_ms, 0);
	ck_assert(!table->streaming && !table->partition_filter_required);
	ck_assert_ptr_null(table->partition_type);
	ck_assert_ptr_null(table->location);
	ck_assert_uint_eq(table->fields->len, 0);
	bigquery_table_free(table);
}
END_TEST

START_TEST(other_ways_to_partition)
{
	struct bigquery_table *table = decode(
		"{\"type\":\"TABLE\",\"rangePartitioning\":{\"field\":\"id\",\"range\":{}}}");

	ck_assert_str_eq(table->partition_type, "RANGE");
	ck_assert_str_eq(table->partition_field, "id");
	bigquery_table_free(table);
	table = decode(
		"{\"type\":\"TABLE\",\"timePartitioning\":{\"requirePartitionFilter\":true}}");
	ck_assert_str_eq(table->partition_type, "DAY");
	ck_assert_ptr_null(table->partition_field);
	ck_assert(table->partition_filter_required);
	bigquery_table_free(table);
}
END_TEST

static const char *const bad_tables[] = {
	"",
	"[]",
	"{}",
	"{\"type\":7}",
	"{\"type\":\"TABLE\",\"numRows\":\"x\"}",
	"{\"type\":\"TABLE\",\"numRows\":\"-1\"}",
	"{\"type\":\"TABLE\",\"lastModifiedTime\":\"yesterday\"}",
	"{\"type\":\"TABLE\",\"lastModifiedTime\":\"9223372036854775807\"}",
	"{\"type\":\"TABLE\",\"streamingBuffer\":[]}",
	"{\"type\":\"TABLE\",\"streamingBuffer\":{\"oldestEntryTime\":true}}",
	"{\"type\":\"TABLE\",\"timePartitioning\":\"DAY\"}",
	"{\"type\":\"TABLE\",\"requirePartitionFilter\":\"true\"}",
	"{\"type\":\"TABLE\",\"schema\":[]}",
	"{\"type\":\"TABLE\",\"schema\":{\"fields\":{}}}",
	"{\"type\":\"TABLE\",\"schema\":{\"fields\":[7]}}",
	"{\"type\":\"TABLE\",\"schema\":{\"fields\":[{\"name\":\"a\"}]}}",
};

START_TEST(what_is_no_table_is_refused)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(bigquery_table_decode(bad_tables[_i], strlen(bad_tables[_i]), &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
}
END_TEST

START_TEST(the_address_of_a_table)
{
	g_autofree char *url =
		bigquery_table_url("https://bigquery.googleapis.com", "acme", "sales", "a/b c?");

	ck_assert(g_str_has_prefix(url, "https://bigquery.googleapis.com/bigquery/v2/projects/acme/"
					"datasets/sales/tables/a%2Fb%20c%3F?fields=type,"));
	ck_assert_ptr_nonnull(strstr(url, "requirePartitionFilter"));
}
END_TEST

/* --- SQL --- */

static const struct {
	const char *project, *dataset, *table;
	const char *want;
} names[] = {
	{"acme-prod", "sales", "orders", "`acme-prod.sales.orders`"},
	{"example.com:acme", "sales", "my table", "`example.com:acme.sales.my table`"},
	{"acme", "sales", "INFORMATION_SCHEMA.PARTITIONS",
	 "`acme.sales.INFORMATION_SCHEMA.PARTITIONS`"},
	{"acme", "sales", "größe", "`acme.sales.größe`"},
	{"acme", "sales", "a`b", NULL},
	{"acme", "sales", "a\\b", NULL},
	{"acme", "sales", "a\nb", NULL},
	{"acme", "sales", "a.b", NULL},
	{"acme", "sales", "a$20261120", NULL},
	{"acme", "sales", "events_*", NULL},
	{"acme", "sales", "", NULL},
	{"acme", "", "a", NULL},
	{"", "sales", "a", NULL},
	{"acme", "sa.les", "a", NULL},
	{"ac`me", "sales", "a", NULL},
	{"acme", "sales", "\xff", NULL},
	{"acme", "sales", "INFORMATION_SCHEMA.", NULL},
};

START_TEST(tables_are_quoted)
{
	g_autofree char *quoted =
		bigquery_quote_table(names[_i].project, names[_i].dataset, names[_i].table);

	ck_assert_pstr_eq(quoted, names[_i].want);
}
END_TEST

static const struct {
	const char *name;
	const char *want;
} columns[] = {
	{"processed_at", "`processed_at`"},
	{"customer.id", "`customer`.`id`"},
	{"", NULL},
	{"a.", NULL},
	{".a", NULL},
	{"a`; DROP TABLE x", NULL},
	{"a\\`", NULL},
	{"a\x01", NULL},
};

START_TEST(columns_are_quoted)
{
	g_autofree char *quoted = bigquery_quote_column(columns[_i].name);

	ck_assert_pstr_eq(quoted, columns[_i].want);
}
END_TEST

static const struct {
	const char *text;
	const char *want;
} literals[] = {
	{"", "''"},
	{"plain", "'plain'"},
	{"it's", "'it\\'s'"},
	{"a\\'b", "'a\\\\\\'b'"},
	{"a\nb\rc\x01", "'a\\nb\\x0dc\\x01'"},
	{"größe", "'größe'"},
	{"\xff", "'\xef\xbf\xbd'"},
};

START_TEST(texts_are_quoted)
{
	g_autofree char *quoted = bigquery_quote_text(literals[_i].text);

	ck_assert_str_eq(quoted, literals[_i].want);
}
END_TEST

static const char *const types[][2] = {
	{"INTEGER", "INT64"}, {"INT64", "INT64"},         {"FLOAT", "FLOAT64"},
	{"BOOLEAN", "BOOL"},  {"RECORD", "STRUCT"},       {"DECIMAL", "NUMERIC"},
	{"STRING", "STRING"}, {"TIMESTAMP", "TIMESTAMP"}, {"NEW", "NEW"},
};

START_TEST(types_have_one_name)
{
	ck_assert_str_eq(bigquery_type_text(types[_i][0]), types[_i][1]);
}
END_TEST

Suite *bigquery_decode_suite(void)
{
	Suite *suite = suite_create("bigquery_decode");
	TCase *tcase = tcase_create("decode");

	tcase_add_loop_test(tcase, every_type_of_cell, 0, G_N_ELEMENTS(cells));
	tcase_add_loop_test(tcase, arrays_and_structs_become_json, 0, G_N_ELEMENTS(nested));
	tcase_add_test(tcase, a_page_keeps_no_more_than_was_wanted);
	tcase_add_loop_test(tcase, too_many_columns_are_refused, 0, 2);
	tcase_add_loop_test(tcase, what_is_billed_when_nobody_says, 0, G_N_ELEMENTS(bills));
	tcase_add_test(tcase, a_table_is_decoded);
	tcase_add_test(tcase, what_a_table_does_not_say_is_not_made_up);
	tcase_add_test(tcase, other_ways_to_partition);
	tcase_add_loop_test(tcase, what_is_no_table_is_refused, 0, G_N_ELEMENTS(bad_tables));
	tcase_add_test(tcase, the_address_of_a_table);
	tcase_add_loop_test(tcase, tables_are_quoted, 0, G_N_ELEMENTS(names));
	tcase_add_loop_test(tcase, columns_are_quoted, 0, G_N_ELEMENTS(columns));
	tcase_add_loop_test(tcase, texts_are_quoted, 0, G_N_ELEMENTS(literals));
	tcase_add_loop_test(tcase, types_have_one_name, 0, G_N_ELEMENTS(types));
	suite_add_tcase(suite, tcase);
	return suite;
}
