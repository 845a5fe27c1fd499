/* tables_sql, tables_answer and tables_facts: what is asked about tables, what is made of the
 * answer, and what is wrong with a configuration by its table's metadata. */
#include "data/tables_sql.h"

#include <check.h>
#include <string.h>

#include "data/tables_answer.h"
#include "data/tables_facts.h"
#include "drift_error.h"

Suite *tables_sql_suite(void);

/* 2026-11-20T11:00:00Z */
#define NOW_MS ((int64_t)1795172400000)

/* --- SQL of the column method --- */

/* @p members are borrowed. */
static GPtrArray *list_of(struct tables_member *members, size_t count)
{
	GPtrArray *list = g_ptr_array_new();

	for (size_t i = 0; i < count; i++)
		g_ptr_array_add(list, &members[i]);
	return list;
}

START_TEST(test_columns_of_one)
{
	struct tables_member member = {
		.table = "`acme.sales.orders`", .column = "`loaded_at`", .tables = 1};
	g_autoptr(GPtrArray) list = list_of(&member, 1);
	g_autofree char *sql = tables_sql_columns(list);

	ck_assert_str_eq(sql, "SELECT 0 AS i, UNIX_MICROS(TIMESTAMP(MAX(`loaded_at`))) AS loaded, "
			      "COUNT(*) AS n FROM `acme.sales.orders`");
}
END_TEST

START_TEST(test_columns_of_two)
{
	struct tables_member members[] = {
		{.table = "`p.d.a`", .column = "`x`", .filter = "day > 1 -- recent", .tables = 1},
		{.table = "`p.d.b`", .column = "`s`.`y`", .tables = 1},
	};
	g_autoptr(GPtrArray) list = list_of(members, 2);
	g_autofree char *sql = tables_sql_columns(list);

	ck_assert_str_eq(sql,
			 "SELECT 0 AS i, UNIX_MICROS(TIMESTAMP(MAX(`x`))) AS loaded, COUNT(*) AS n "
			 "FROM `p.d.a` WHERE (\nday > 1 -- recent\n)\nUNION ALL\n"
			 "SELECT 1 AS i, UNIX_MICROS(TIMESTAMP(MAX(`s`.`y`))) AS loaded, COUNT(*) "
			 "AS n FROM `p.d.b`");
}
END_TEST

static const struct {
	size_t count;
	guint members_max;
	int64_t tables;      /* of each */
	size_t filter_bytes; /* of each */
	guint fit;
} fits[] = {
	{1, 1000, 1, 0, 1},        {999, 1000, 1, 0, 999},
	{1000, 1000, 1, 0, 1000},  {1001, 1001, 1, 0, 1000}, /* tables */
	{1001, 500, 1, 0, 500},                              /* what was learned */
	{1000, 1000, 3, 0, 333},                             /* filters name tables too */
	{2, 1000, 5000, 0, 1},     /* too much already alone: it is asked, and BigQuery says so */
	{100, 1000, 1, 99000, 10}, /* bytes */
	{1, 1000, 1, 2000000, 1},
};

START_TEST(test_fit)
{
	g_autofree char *filter = g_strnfill(fits[_i].filter_bytes, 'x');
	struct tables_member member = {.table = "`acme.sales.orders`",
				       .column = "`loaded_at`",
				       .filter = *filter ? filter : NULL,
				       .tables = fits[_i].tables};
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	guint fit = 0;

	for (size_t i = 0; i < fits[_i].count + 1; i++)
		g_ptr_array_add(list, &member);
	fit = tables_sql_fit(list, 1, fits[_i].members_max); /* the first one has gone */
	ck_assert_uint_eq(fit, fits[_i].fit);
	if (fit > 1) {
		g_autofree char *sql = NULL;

		g_ptr_array_set_size(list, (int)fit);
		sql = tables_sql_columns(list);
		ck_assert_uint_le(strlen(sql), BIGQUERY_SQL_MAX_BYTES);
	}
}
END_TEST

/* --- shares --- */

static const struct {
	int64_t total;
	int64_t weights[4];
	int64_t shares[4];
} splits[] = {
	{100, {1, 1, 1, 1}, {25, 25, 25, 25}},
	{100, {0, 0, 0, 0}, {25, 25, 25, 25}},
	{10, {1, 1, 2, 1}, {2, 2, 4, 2}},
	{11, {1, 1, 1, 1}, {2, 3, 3, 3}},
	{3, {0, 0, 0, 0}, {0, 1, 1, 1}},
	{41943040, {10485760, 10485760, 73400320, 10485760}, {4194304, 4194304, 29360128, 4194304}},
	{0, {5, 6, 7, 8}, {0, 0, 0, 0}},
	{-1, {5, 6, 7, 8}, {0, 0, 0, 0}},
	{10, {-7, 1, 0, 1}, {2, 3, 2, 3}},
	{G_MAXINT64,
	 {G_MAXINT64, G_MAXINT64, G_MAXINT64, G_MAXINT64},
	 {2305843009213693951, 2305843009213693952, 2305843009213693952, 2305843009213693952}},
};

START_TEST(test_share)
{
	struct tables_sharing sharing;
	int64_t weights = 0;
	int64_t sum = 0;

	for (size_t i = 0; i < 4; i++)
		weights += tables_weight(splits[_i].weights[i]);
	sharing = tables_share(splits[_i].total, weights);
	for (size_t i = 0; i < 4; i++) {
		int64_t share = tables_share_next(&sharing, tables_weight(splits[_i].weights[i]));

		ck_assert_int_eq(share, splits[_i].shares[i]);
		sum += share;
	}
	ck_assert_int_eq(sum, MAX(splits[_i].total, 0));
}
END_TEST

static int64_t odd_weight(int64_t i)
{
	return tables_weight(i * i * 7919 % 1000003 * 1000000);
}

START_TEST(test_shares_add_up)
{
	struct tables_sharing sharing;
	int64_t weights = 0;
	int64_t sum = 0;

	for (int64_t i = 0; i < TABLES_SQL_TABLES_MAX; i++)
		weights += odd_weight(i);
	sharing = tables_share(12345678901, weights);
	for (int64_t i = 0; i < TABLES_SQL_TABLES_MAX; i++) {
		int64_t share = tables_share_next(&sharing, odd_weight(i));

		ck_assert_int_ge(share, 0);
		sum += share;
	}
	ck_assert_int_eq(sum, 12345678901);
}
END_TEST

/* --- answers --- */

/* @p text is lines of cells: "0|17|3"; "-" is NULL. */
static struct bigquery_result *make_result(const char *text, guint columns)
{
	struct bigquery_result *result = g_new0(struct bigquery_result, 1);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	result->columns = g_ptr_array_new();
	result->rows = g_ptr_array_new();
	for (guint i = 0; i < columns; i++)
		g_ptr_array_add(result->columns, result);
	for (guint i = 0; lines[i] && *lines[i]; i++) {
		g_auto(GStrv) words = g_strsplit(lines[i], "|", -1);
		char **cells = g_new0(char *, columns + 1);

		for (guint j = 0; j < columns && words[j]; j++)
			cells[j] = strcmp(words[j], "-") == 0 ? NULL : g_strdup(words[j]);
		g_ptr_array_add(result->rows, cells);
	}
	result->total_rows = result->rows->len;
	return result;
}

static void result_free(struct bigquery_result *result)
{
	for (guint i = 0; i < result->rows->len; i++) {
		char **cells = result->rows->pdata[i];

		for (guint j = 0; j < result->columns->len; j++)
			g_free(cells[j]);
		g_free(cells);
	}
	g_ptr_array_unref(result->columns);
	g_ptr_array_unref(result->rows);
	g_free(result);
}

START_TEST(test_column_answers)
{
	struct bigquery_result *result =
		make_result("2|1795172400123999|7\n0|-|0\n1|-|5\n3|-62135596800000000|1", 3);
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) array = tables_answer_columns(result, 4, &error);
	const struct column_answer *answers = NULL;

	ck_assert_msg(array, "%s", error ? error->message : "");
	ck_assert_uint_eq(array->len, 4);
	answers = &g_array_index(array, struct column_answer, 0);
	ck_assert_int_eq(answers[0].loaded_wall_ms, 0);
	ck_assert_int_eq(answers[0].rows, 0);
	ck_assert_int_eq(answers[1].loaded_wall_ms, 0); /* rows, and none with a value */
	ck_assert_int_eq(answers[1].rows, 5);
	ck_assert_int_eq(answers[2].loaded_wall_ms, NOW_MS + 123);
	ck_assert_int_eq(answers[2].rows, 7);
	ck_assert_int_eq(answers[3].loaded_wall_ms, 1); /* ancient, and not "none" */
	result_free(result);
}
END_TEST

static const struct {
	const char *rows;
	guint columns;
	int64_t uncounted; /* rows that were not read */
	const char *why;
} wrong_columns[] = {
	{"0|1|1", 3, 0, "1 of 1 rows, expected 2"},
	{"0|1|1\n1|1|1\n2|1|1", 3, 0, "3 of 3 rows, expected 2"},
	{"0|1|1", 3, 1, "1 of 2 rows, expected 2"},
	{"0|1|1\n1|1|1", 3, 1, "2 of 3 rows, expected 2"},
	{"", 3, 0, "0 of 0 rows"},
	{"0|1|1\n0|1|1", 3, 0, "twice"},
	{"0|1|1\n2|1|1", 3, 0, "not asked for"},
	{"0|1|1\n-1|1|1", 3, 0, "i is -1"},
	{"0|1|1\n-|1|1", 3, 0, "i is NULL"},
	{"0|1|1\n1|1|-", 3, 0, "n is NULL"},
	{"0|1|1\n1|1|-3", 3, 0, "n is -3"},
	{"0|1|1\n1|1|1.0", 3, 0, "n is 1.0"},
	{"0|1|1\n1|1e9|1", 3, 0, "loaded is 1e9"},
	{"0|1|1\n1||1", 3, 0, "loaded is "},
	{"0|1|1\n1|253402300800000000|1", 3, 0, "loaded is 253402300800000000"},
	{"0|1|1\n1|1|0", 3, 0, "although n is 0"},
	{"0|1|1\n1|1|99999999999999999999", 3, 0, "n is 99999999999999999999"},
	{"0|1\n1|1", 2, 0, "2 columns, expected 3"},
	{"0|1|1|1\n1|1|1|1", 4, 0, "4 columns"},
};

START_TEST(test_wrong_column_answers)
{
	struct bigquery_result *result =
		make_result(wrong_columns[_i].rows, wrong_columns[_i].columns);
	g_autoptr(GError) error = NULL;

	result->total_rows += wrong_columns[_i].uncounted;
	ck_assert_ptr_null(tables_answer_columns(result, 2, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
	ck_assert_msg(strstr(error->message, wrong_columns[_i].why), "%s", error->message);
	result_free(result);
}
END_TEST

/* --- SQL of the partition method --- */

static const struct {
	enum partition_unit unit;
	int64_t now_wall_ms;
	const char *id;
} lasts[] = {
	{PARTITION_UNIT_HOUR, NOW_MS, "2026112111"},
	{PARTITION_UNIT_DAY, NOW_MS, "20261121"},
	{PARTITION_UNIT_MONTH, NOW_MS, "202611"},
	{PARTITION_UNIT_YEAR, NOW_MS, "2026"},
	{PARTITION_UNIT_MONTH, 1798675200000 /* 2026-12-31 */, "202701"},
	{PARTITION_UNIT_YEAR, 1798675200000, "2027"},
};

START_TEST(test_last_partition)
{
	g_autofree char *id = tables_sql_last_partition(lasts[_i].unit, lasts[_i].now_wall_ms);

	ck_assert_str_eq(id, lasts[_i].id);
}
END_TEST

START_TEST(test_partitions_sql)
{
	struct tables_partitioned tables[] = {
		{"'a'", PARTITION_UNIT_DAY},
		{"'h'", PARTITION_UNIT_HOUR},
		{"'b'", PARTITION_UNIT_DAY},
	};
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	g_autofree char *sql = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
		g_ptr_array_add(list, &tables[i]);
	sql = tables_sql_partitions("`p.d`", list, NOW_MS);
	ck_assert_str_eq(
		sql,
		"SELECT table_name, partition_id, total_rows, modified FROM (\n"
		"SELECT table_name, partition_id, total_rows, UNIX_MICROS(last_modified_time) AS "
		"modified, ROW_NUMBER() OVER (PARTITION BY table_name ORDER BY partition_id DESC) "
		"AS place\n"
		"FROM `p.d`.INFORMATION_SCHEMA.PARTITIONS\n"
		"WHERE (table_name IN ('h') AND (partition_id <= '2026112111' OR partition_id = "
		"'__UNPARTITIONED__')) OR (table_name IN ('a', 'b') AND (partition_id <= "
		"'20261121' OR partition_id = '__UNPARTITIONED__'))\n"
		") WHERE place <= 70");
}
END_TEST

static const struct {
	const char *id;
	enum partition_unit unit;
	int64_t start_s; /* -1: no id */
} ids[] = {
	{"2026112011", PARTITION_UNIT_HOUR, NOW_MS / 1000},
	{"20261120", PARTITION_UNIT_DAY, 1795132800},
	{"202611", PARTITION_UNIT_MONTH, 1793491200},
	{"2026", PARTITION_UNIT_YEAR, 1767225600},
	{"20240229", PARTITION_UNIT_DAY, 1709164800},
	{"20260229", PARTITION_UNIT_DAY, -1},
	{"20261301", PARTITION_UNIT_DAY, -1},
	{"00000101", PARTITION_UNIT_DAY, -1},
	{"2026112024", PARTITION_UNIT_HOUR, -1},
	{"20261120", PARTITION_UNIT_HOUR, -1},
	{"2026112011", PARTITION_UNIT_DAY, -1},
	{"2026-1-1", PARTITION_UNIT_DAY, -1},
	{"+2026112", PARTITION_UNIT_DAY, -1},
	{" 2026112", PARTITION_UNIT_DAY, -1},
	{"", PARTITION_UNIT_YEAR, -1},
	{"", PARTITION_UNIT_NONE, -1},
	{"__NULL__", PARTITION_UNIT_DAY, -1},
};

START_TEST(test_partition_ids)
{
	int64_t start_wall_ms = -7;
	bool ok = tables_partition_start(ids[_i].id, ids[_i].unit, &start_wall_ms);

	ck_assert_int_eq(ok, ids[_i].start_s >= 0);
	ck_assert_int_eq(start_wall_ms, ok ? ids[_i].start_s * 1000 : -7);
}
END_TEST

static void free_sheet(gpointer data)
{
	partition_sheet_free(data);
}

/* Sheets of a (daily), h (hourly) and n (daily). */
static GHashTable *make_sheets(void)
{
	GHashTable *sheets = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_sheet);

	g_hash_table_insert(sheets, (gpointer)(uintptr_t) "a",
			    partition_sheet_create(PARTITION_UNIT_DAY));
	g_hash_table_insert(sheets, (gpointer)(uintptr_t) "h",
			    partition_sheet_create(PARTITION_UNIT_HOUR));
	g_hash_table_insert(sheets, (gpointer)(uintptr_t) "n",
			    partition_sheet_create(PARTITION_UNIT_DAY));
	return sheets;
}

START_TEST(test_partition_answers)
{
	struct bigquery_result *result = make_result("a|20261118|5|1795172400000000\n"
						     "h|2026112010|1|-\n"
						     "a|__NULL__|9|1795172400000000\n"
						     "a|20261120|0|1795172400000000\n"
						     "a|-|3|-\n"
						     "h|__UNPARTITIONED__|4|-\n"
						     "h|__UNPARTITIONED__|0|-\n"
						     "a|20261119|7|1795172401000000",
						     4);
	g_autoptr(GHashTable) sheets = make_sheets();
	g_autoptr(GError) error = NULL;
	const struct partition_sheet *a = NULL;
	const struct partition_sheet *h = NULL;
	const struct partition_obs *second = NULL;

	ck_assert_msg(tables_answer_partitions(result, sheets, &error), "%s",
		      error ? error->message : "");
	a = g_hash_table_lookup(sheets, "a");
	h = g_hash_table_lookup(sheets, "h");
	ck_assert_uint_eq(a->partitions->len, 3);
	ck_assert(a->seen && !a->problem && !a->streaming);
	ck_assert_str_eq(((struct partition_obs *)a->partitions->pdata[0])->id, "20261120");
	second = a->partitions->pdata[1];
	ck_assert_str_eq(second->id, "20261119");
	ck_assert_int_eq(second->rows, 7);
	ck_assert_int_eq(second->modified_wall_ms, NOW_MS + 1000);
	ck_assert_int_eq(second->start_wall_ms, (int64_t)1795046400000);
	ck_assert_uint_eq(h->partitions->len, 1);
	ck_assert(h->streaming);
	ck_assert_int_eq(((struct partition_obs *)h->partitions->pdata[0])->modified_wall_ms, 0);
	ck_assert(!((struct partition_sheet *)g_hash_table_lookup(sheets, "n"))->seen);
	result_free(result);
}
END_TEST

START_TEST(test_an_empty_streaming_buffer_is_none)
{
	struct bigquery_result *result = make_result("a|__UNPARTITIONED__|0|-", 4);
	g_autoptr(GHashTable) sheets = make_sheets();

	ck_assert(tables_answer_partitions(result, sheets, NULL));
	ck_assert(!((struct partition_sheet *)g_hash_table_lookup(sheets, "a"))->streaming);
	result_free(result);
}
END_TEST

START_TEST(test_newest_partitions_are_kept)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GHashTable) sheets = make_sheets();
	struct bigquery_result *result = NULL;
	const struct partition_sheet *a = NULL;

	for (int i = 0; i < TABLE_PARTITIONS_MAX + 1; i++)
		g_string_append_printf(text, "a|2026%02d%02d|1|-\n", 1 + i / 28, 1 + i % 28);
	result = make_result(text->str, 4);
	ck_assert(tables_answer_partitions(result, sheets, NULL));
	a = g_hash_table_lookup(sheets, "a");
	ck_assert_uint_eq(a->partitions->len, TABLE_PARTITIONS_MAX);
	ck_assert_str_eq(((struct partition_obs *)a->partitions->pdata[0])->id, "20260309");
	ck_assert_str_eq(
		((struct partition_obs *)a->partitions->pdata[TABLE_PARTITIONS_MAX - 1])->id,
		"20260102");
	result_free(result);
}
END_TEST

static const struct {
	const char *row;
	const char *problem; /* of table a only */
} bad_sheets[] = {
	{"a|2026112010|1|-", "partition 2026112010: no id"},
	{"a|20261120|-|-", "total_rows is NULL"},
	{"a|20261120|-1|-", "total_rows is -1"},
	{"a|20261120|1|x", "modified is x"},
	{"a|20261120|1|-\na|20261119|1|-\na|20261120|2|-", "partition 20261120: listed twice"},
	{"a||1|-", "partition : no id"},
};

START_TEST(test_one_bad_table_concerns_itself)
{
	g_autofree char *text = g_strconcat(bad_sheets[_i].row, "\nn|20261120|1|-", NULL);
	struct bigquery_result *result = make_result(text, 4);
	g_autoptr(GHashTable) sheets = make_sheets();
	const struct partition_sheet *a = NULL;
	const struct partition_sheet *n = NULL;

	ck_assert(tables_answer_partitions(result, sheets, NULL));
	a = g_hash_table_lookup(sheets, "a");
	n = g_hash_table_lookup(sheets, "n");
	ck_assert_ptr_nonnull(a->problem);
	ck_assert_msg(strstr(a->problem, bad_sheets[_i].problem), "%s", a->problem);
	ck_assert_ptr_null(n->problem);
	ck_assert_uint_eq(n->partitions->len, 1);
	result_free(result);
}
END_TEST

static const struct {
	const char *rows;
	guint columns;
	int64_t uncounted;
} wrong_partitions[] = {
	{"z|20261120|1|-", 4, 0},
	{"-|20261120|1|-", 4, 0},
	{"a|20261120|1", 3, 0},
	{"a|20261120|1|-", 4, 1},
};

START_TEST(test_wrong_partition_answers)
{
	struct bigquery_result *result =
		make_result(wrong_partitions[_i].rows, wrong_partitions[_i].columns);
	g_autoptr(GHashTable) sheets = make_sheets();
	g_autoptr(GError) error = NULL;

	result->total_rows += wrong_partitions[_i].uncounted;
	ck_assert(!tables_answer_partitions(result, sheets, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
	result_free(result);
}
END_TEST

/* --- metadata against the configuration --- */

static const struct {
	const char *name;
	enum table_method method;
	const char *field;
	const char *filter;
	const char *location;
	const char *type;
	const char *partition_type;
	const char *partition_field;
	bool filter_required;
	const char *why; /* NULL: nothing is wrong */
} checks[] = {
	{"metadata", TABLE_METHOD_METADATA, NULL, NULL, NULL, "TABLE", NULL, NULL, false, NULL},
	{"snapshot", TABLE_METHOD_METADATA, NULL, NULL, NULL, "SNAPSHOT", NULL, NULL, false, NULL},
	{"view", TABLE_METHOD_METADATA, NULL, NULL, NULL, "VIEW", NULL, NULL, false,
	 "its type is VIEW, whose metadata does not say when its data changed; use method = "
	 "column"},
	{"external", TABLE_METHOD_METADATA, NULL, NULL, NULL, "EXTERNAL", NULL, NULL, false,
	 "use method = column"},
	{"materialized", TABLE_METHOD_METADATA, NULL, NULL, NULL, "MATERIALIZED_VIEW", NULL, NULL,
	 false, "use method = column"},
	{"timestamp", TABLE_METHOD_COLUMN, "ts", NULL, NULL, "VIEW", NULL, NULL, false, NULL},
	{"datetime", TABLE_METHOD_COLUMN, "dt", NULL, NULL, "TABLE", NULL, NULL, false, NULL},
	{"date", TABLE_METHOD_COLUMN, "day", NULL, NULL, "TABLE", NULL, NULL, false, NULL},
	{"case", TABLE_METHOD_COLUMN, "Day", NULL, NULL, "TABLE", NULL, NULL, false, NULL},
	{"struct", TABLE_METHOD_COLUMN, "meta.at", NULL, NULL, "TABLE", NULL, NULL, false, NULL},
	{"no column", TABLE_METHOD_COLUMN, "tsx", NULL, NULL, "TABLE", NULL, NULL, false,
	 "check acme.sales.orders: there is no column tsx; check loaded-at-field"},
	{"prefix", TABLE_METHOD_COLUMN, "t", NULL, NULL, "TABLE", NULL, NULL, false,
	 "there is no column t;"},
	{"no field", TABLE_METHOD_COLUMN, NULL, NULL, NULL, "TABLE", NULL, NULL, false,
	 "needs loaded-at-field"},
	{"integer", TABLE_METHOD_COLUMN, "id", NULL, NULL, "TABLE", NULL, NULL, false,
	 "column id is INT64; loaded-at-field must be TIMESTAMP, DATETIME or DATE"},
	{"repeated", TABLE_METHOD_COLUMN, "many", NULL, NULL, "TABLE", NULL, NULL, false,
	 "column many is repeated"},
	{"in repeated", TABLE_METHOD_COLUMN, "list.at", NULL, NULL, "TABLE", NULL, NULL, false,
	 "column list.at is repeated"},
	{"partition filter", TABLE_METHOD_COLUMN, "ts", NULL, NULL, "TABLE", "DAY", "day", true,
	 "it takes no query without a partition filter; set filter"},
	{"filter given", TABLE_METHOD_COLUMN, "ts", "day > 1", NULL, "TABLE", "DAY", "day", true,
	 NULL},
	{"pseudo", TABLE_METHOD_COLUMN, "_PARTITIONTIME", NULL, NULL, "TABLE", "DAY", NULL, false,
	 NULL},
	{"pseudo, by a column", TABLE_METHOD_COLUMN, "_PARTITIONTIME", NULL, NULL, "TABLE", "DAY",
	 "day", false, "there is no column _PARTITIONTIME"},
	{"daily", TABLE_METHOD_PARTITION, NULL, NULL, NULL, "TABLE", "DAY", "day", true, NULL},
	{"hourly", TABLE_METHOD_PARTITION, NULL, NULL, NULL, "TABLE", "HOUR", NULL, false, NULL},
	{"not partitioned", TABLE_METHOD_PARTITION, NULL, NULL, NULL, "TABLE", NULL, NULL, false,
	 "it is not partitioned, and method = partition needs partitions by hour"},
	{"range", TABLE_METHOD_PARTITION, NULL, NULL, NULL, "TABLE", "RANGE", "id", false,
	 "it is partitioned by RANGE, and"},
	{"location", TABLE_METHOD_METADATA, NULL, NULL, "eu", "TABLE", NULL, NULL, false, NULL},
	{"wrong location", TABLE_METHOD_COLUMN, "ts", NULL, "US", "TABLE", NULL, NULL, false,
	 "location = US is wrong: it is in EU; leave location out"},
};

static void add_field(struct bigquery_table *table, const char *name, const char *type,
		      bool repeated)
{
	struct bigquery_field *field = g_new0(struct bigquery_field, 1);

	field->name = g_strdup(name);
	field->type = g_strdup(type);
	field->repeated = repeated;
	g_ptr_array_add(table->fields, field);
}

static void free_field(gpointer data)
{
	struct bigquery_field *field = data;

	g_free(field->name);
	g_free(field->type);
	g_free(field);
}

/* Its texts are borrowed. */
static struct bigquery_table table_of(const char *type, const char *partition_type,
				      const char *partition_field)
{
	struct bigquery_table table = {
		.type = (char *)(uintptr_t)type, /* only read */
		.location = (char *)(uintptr_t) "EU",
		.modified_wall_ms = NOW_MS,
		.rows = 12,
		.partition_type = (char *)(uintptr_t)partition_type,
		.partition_field = (char *)(uintptr_t)partition_field,
		.fields = g_ptr_array_new_with_free_func(free_field),
	};

	add_field(&table, "id", "INT64", false);
	add_field(&table, "ts", "TIMESTAMP", false);
	add_field(&table, "dt", "DATETIME", false);
	add_field(&table, "day", "DATE", false);
	add_field(&table, "many", "TIMESTAMP", true);
	add_field(&table, "meta", "STRUCT", false);
	add_field(&table, "meta.at", "TIMESTAMP", false);
	add_field(&table, "list", "STRUCT", true);
	add_field(&table, "list.at", "TIMESTAMP", false);
	return table;
}

static struct config_table config_of(void)
{
	return (struct config_table){
		.table_project = (char *)(uintptr_t) "acme", /* only read */
		.dataset = (char *)(uintptr_t) "sales",
		.table = (char *)(uintptr_t) "orders",
	};
}

START_TEST(L15_a_check_that_cannot_run_is_found_in_metadata)
{
	struct bigquery_table table =
		table_of(checks[_i].type, checks[_i].partition_type, checks[_i].partition_field);
	struct config_table config = config_of();
	struct fault *fault = NULL;

	table.partition_filter_required = checks[_i].filter_required;
	config.method = checks[_i].method;
	config.loaded_at_field = (char *)(uintptr_t)checks[_i].field;
	config.filter = (char *)(uintptr_t)checks[_i].filter;
	config.location = (char *)(uintptr_t)checks[_i].location;
	fault = table_facts_check(&config, &table);
	ck_assert_msg(!fault == !checks[_i].why, "%s: %s", checks[_i].name,
		      fault ? fault->message : "nothing is wrong");
	if (fault) {
		ck_assert_int_eq(fault->class, FAULT_BROKEN);
		ck_assert_msg(strstr(fault->message, checks[_i].why), "%s", fault->message);
	}
	fault_unref(fault);
	g_ptr_array_unref(table.fields);
}
END_TEST

START_TEST(test_no_modification_time_is_no_freshness)
{
	struct bigquery_table table = table_of("TABLE", NULL, NULL);
	struct config_table config = config_of();
	struct fault *fault = NULL;

	config.method = TABLE_METHOD_METADATA;
	table.modified_wall_ms = 0;
	fault = table_facts_check(&config, &table);
	ck_assert_ptr_nonnull(fault);
	fault_unref(fault);
	table.streaming_oldest_wall_ms = NOW_MS;
	ck_assert_ptr_null(table_facts_check(&config, &table));
	g_ptr_array_unref(table.fields);
}
END_TEST

static const struct {
	int64_t modified_ms, oldest_ms, loaded_ms;
} loads[] = {
	{NOW_MS, 0, NOW_MS},
	{NOW_MS, NOW_MS - 1, NOW_MS},
	{NOW_MS, NOW_MS + 1, NOW_MS + 1},
};

START_TEST(test_streamed_rows_are_loads)
{
	struct bigquery_table table = table_of("TABLE", "HOUR", NULL);
	struct table_facts *facts = NULL;

	table.modified_wall_ms = loads[_i].modified_ms;
	table.streaming_oldest_wall_ms = loads[_i].oldest_ms;
	table.streaming = loads[_i].oldest_ms != 0;
	facts = table_facts_create(&table);
	ck_assert_int_eq(facts->loaded_wall_ms, loads[_i].loaded_ms);
	ck_assert_int_eq(facts->streaming, table.streaming);
	ck_assert_int_eq(facts->rows, 12);
	ck_assert_int_eq(facts->unit, PARTITION_UNIT_HOUR);
	ck_assert_str_eq(facts->location, "EU");
	table_facts_free(facts);
	g_ptr_array_unref(table.fields);
}
END_TEST

#define HEAD "read table acme.sales.orders: HTTP 404 NOT_FOUND: "
#define TAIL ": check project, region and name"

static const struct {
	const char *message;
	bool is_missing;
} messages[] = {
	{HEAD "Not found: Table acme:sales.orders" TAIL, true},
	{HEAD "Not found: Table 1234567:sales.orders" TAIL, true},
	{HEAD "Not found: Table example.com:acme:sales.orders" TAIL, true},
	{HEAD "Not found: Table acme:sales.orders was not found in location EU" TAIL, true},
	{"Not found: Table acme:sales.orders", true},
	{HEAD "Not found: Table acme:sales.orders_2026" TAIL, false},
	{HEAD "Not found: Table acme:sales.old_orders" TAIL, false},
	{HEAD "Not found: Table acme:resales.orders" TAIL, false},
	{HEAD "Not found: Table x in view acme:sales.orders" TAIL, false},
	{HEAD "Not found: Dataset acme:sales" TAIL, false},
	{HEAD "Not found: Project acme" TAIL, false},
	{HEAD "Not found" TAIL, false},
	{"", false},
};

START_TEST(L13_only_a_missing_table_is_missing)
{
	struct config_table config = config_of();

	ck_assert_int_eq(table_facts_say_missing(&config, messages[_i].message),
			 messages[_i].is_missing);
}
END_TEST

Suite *tables_sql_suite(void)
{
	Suite *suite = suite_create("tables_sql");
	TCase *tcase = tcase_create("tables_sql");

	tcase_add_test(tcase, test_columns_of_one);
	tcase_add_test(tcase, test_columns_of_two);
	tcase_add_loop_test(tcase, test_fit, 0, G_N_ELEMENTS(fits));
	tcase_add_loop_test(tcase, test_share, 0, G_N_ELEMENTS(splits));
	tcase_add_test(tcase, test_shares_add_up);
	tcase_add_test(tcase, test_column_answers);
	tcase_add_loop_test(tcase, test_wrong_column_answers, 0, G_N_ELEMENTS(wrong_columns));
	tcase_add_loop_test(tcase, test_last_partition, 0, G_N_ELEMENTS(lasts));
	tcase_add_test(tcase, test_partitions_sql);
	tcase_add_loop_test(tcase, test_partition_ids, 0, G_N_ELEMENTS(ids));
	tcase_add_test(tcase, test_partition_answers);
	tcase_add_test(tcase, test_an_empty_streaming_buffer_is_none);
	tcase_add_test(tcase, test_newest_partitions_are_kept);
	tcase_add_loop_test(tcase, test_one_bad_table_concerns_itself, 0, G_N_ELEMENTS(bad_sheets));
	tcase_add_loop_test(tcase, test_wrong_partition_answers, 0, G_N_ELEMENTS(wrong_partitions));
	tcase_add_loop_test(tcase, L15_a_check_that_cannot_run_is_found_in_metadata, 0,
			    G_N_ELEMENTS(checks));
	tcase_add_test(tcase, test_no_modification_time_is_no_freshness);
	tcase_add_loop_test(tcase, test_streamed_rows_are_loads, 0, G_N_ELEMENTS(loads));
	tcase_add_loop_test(tcase, L13_only_a_missing_table_is_missing, 0, G_N_ELEMENTS(messages));
	suite_add_tcase(suite, tcase);
	return suite;
}
