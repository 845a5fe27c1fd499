/* tables_answer - see tables_answer.h */
#include "data/tables_answer.h"

#include <string.h>

#include "drift_error.h"

/* 0001-01-01 and the last microsecond of 9999: TIMESTAMP has no more. */
#define MICROS_MIN ((int64_t)-62135596800000000)
#define MICROS_MAX ((int64_t)253402300799999999)

#define MICROS_PER_MS 1000

/* What is shown of a cell that is wrong. */
#define SHOWN_MAX_BYTES 60

/* Rows of a member that there is no answer about yet. */
#define NOT_SEEN (-1)

static bool decode_number(const char *cell, const char *name, int64_t min, int64_t max,
			  int64_t *ret_number, GError **error)
{
	if (cell && g_ascii_string_to_signed(cell, 10, min, max, ret_number, NULL))
		return true;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "%s is %.*s, expected a number of %s",
		    name, SHOWN_MAX_BYTES, cell ? cell : "NULL",
		    min >= 0 ? "0 or more" : "microseconds");
	return false;
}

/* Microseconds to milliseconds; 0 is left for "none". */
static int64_t ms_of(int64_t micros)
{
	return MAX(micros / MICROS_PER_MS, 1);
}

static bool check_columns(const struct bigquery_result *result, guint wanted, GError **error)
{
	if (result->columns->len == wanted)
		return true;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "%u columns, expected %u",
		    result->columns->len, wanted);
	return false;
}

/* --- column --- */

static bool decode_answer(char *const *cells, struct column_answer *ret_answer, GError **error)
{
	int64_t micros = 0;
	int64_t rows = 0;

	if (!decode_number(cells[2], "n", 0, G_MAXINT64, &rows, error))
		return false;
	if (cells[1] && !decode_number(cells[1], "loaded", MICROS_MIN, MICROS_MAX, &micros, error))
		return false;
	if (cells[1] && rows == 0) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "loaded has a value although n is 0");
		return false;
	}
	*ret_answer = (struct column_answer){
		.loaded_wall_ms = cells[1] ? ms_of(micros) : 0,
		.rows = rows,
	};
	return true;
}

static bool decode_row(char *const *cells, GArray *answers, GError **error)
{
	struct column_answer *answer = NULL;
	int64_t i = 0;

	if (!decode_number(cells[0], "i", 0, G_MAXINT64, &i, error))
		return false;
	if (i < (int64_t)answers->len)
		answer = &g_array_index(answers, struct column_answer, i);
	if (answer && answer->rows == NOT_SEEN)
		return decode_answer(cells, answer, error);
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
		    "row %" PRId64 " was not asked for, or is there twice", i);
	return false;
}

GArray *tables_answer_columns(const struct bigquery_result *result, guint count, GError **error)
{
	const struct column_answer not_seen = {.rows = NOT_SEEN};
	g_autoptr(GArray) answers = g_array_new(FALSE, FALSE, sizeof(not_seen));

	if (!check_columns(result, 3, error))
		return NULL;
	if (result->rows->len != count || result->total_rows != (int64_t)count) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "%u of %" PRId64 " rows, expected %u", result->rows->len,
			    result->total_rows, count);
		return NULL;
	}
	for (guint i = 0; i < count; i++)
		g_array_append_val(answers, not_seen);
	for (guint row = 0; row < count; row++)
		if (!decode_row(result->rows->pdata[row], answers, error))
			return NULL;
	return g_steal_pointer(&answers); /* as many rows as members, none twice: all are there */
}

/* --- partition --- */

static void free_partition(gpointer data)
{
	struct partition_obs *partition = data;

	g_free(partition->id);
	g_free(partition);
}

struct partition_sheet *partition_sheet_create(enum partition_unit unit)
{
	struct partition_sheet *sheet = g_new0(struct partition_sheet, 1);

	sheet->unit = unit;
	sheet->partitions = g_ptr_array_new_with_free_func(free_partition);
	return sheet;
}

void partition_sheet_free(struct partition_sheet *sheet)
{
	if (!sheet)
		return;
	g_ptr_array_unref(sheet->partitions);
	g_free(sheet->problem);
	g_free(sheet);
}

/* Digits @p from to @p from + @p length of an id; @p otherwise beyond its end. */
static int part_of(const char *id, size_t from, size_t length, int otherwise)
{
	int number = 0;

	if (strlen(id) <= from)
		return otherwise;
	for (size_t i = from; i < from + length; i++)
		number = number * 10 + (id[i] - '0');
	return number;
}

bool tables_partition_start(const char *id, enum partition_unit unit, int64_t *ret_wall_ms)
{
	static const size_t lengths[] = {
		[PARTITION_UNIT_NONE] = 0,  [PARTITION_UNIT_HOUR] = 10, [PARTITION_UNIT_DAY] = 8,
		[PARTITION_UNIT_MONTH] = 6, [PARTITION_UNIT_YEAR] = 4,
	};
	g_autoptr(GDateTime) start = NULL;

	if (unit == PARTITION_UNIT_NONE || strlen(id) != lengths[unit] ||
	    strspn(id, "0123456789") != lengths[unit])
		return false;
	/* NULL when there is no such date */
	start = g_date_time_new_utc(part_of(id, 0, 4, 0), part_of(id, 4, 2, 1),
				    part_of(id, 6, 2, 1), part_of(id, 8, 2, 0), 0, 0);
	if (!start)
		return false;
	*ret_wall_ms = g_date_time_to_unix(start) * MS_PER_S;
	return true;
}

static void set_problem(struct partition_sheet *sheet, const char *id, const char *why)
{
	if (!sheet->problem)
		sheet->problem = g_strdup_printf("partition %.*s: %s", SHOWN_MAX_BYTES, id, why);
}

static void add_partition(struct partition_sheet *sheet, char *const *cells)
{
	const char *id = cells[1];
	g_autoptr(GError) error = NULL;
	int64_t start_wall_ms = 0;
	int64_t rows = 0;
	int64_t micros = 0;
	struct partition_obs *partition = NULL;

	if (!tables_partition_start(id, sheet->unit, &start_wall_ms)) {
		set_problem(sheet, id,
			    "no id of the unit it was partitioned by when it was checked");
		return;
	}
	if (!decode_number(cells[2], "total_rows", 0, G_MAXINT64, &rows, &error) ||
	    (cells[3] &&
	     !decode_number(cells[3], "modified", MICROS_MIN, MICROS_MAX, &micros, &error))) {
		set_problem(sheet, id, error->message);
		return;
	}
	partition = g_new0(struct partition_obs, 1);
	partition->id = g_strdup(id);
	partition->start_wall_ms = start_wall_ms;
	partition->rows = rows;
	partition->modified_wall_ms = cells[3] ? ms_of(micros) : 0;
	g_ptr_array_add(sheet->partitions, partition);
}

/* The streaming buffer is listed with what is in it, or with nothing known about it. */
static bool has_rows(const char *cell)
{
	return cell && strcmp(cell, "0") != 0;
}

static bool add_row(GHashTable *sheets, char *const *cells, GError **error)
{
	struct partition_sheet *sheet = cells[0] ? g_hash_table_lookup(sheets, cells[0]) : NULL;

	if (!sheet) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "a row about table %.*s, which was not asked for", SHOWN_MAX_BYTES,
			    cells[0] ? cells[0] : "NULL");
		return false;
	}
	sheet->seen = true;
	if (!cells[1] || strcmp(cells[1], "__NULL__") == 0)
		return true; /* rows without a date belong to no time */
	if (strcmp(cells[1], "__UNPARTITIONED__") == 0)
		sheet->streaming |= has_rows(cells[2]);
	else
		add_partition(sheet, cells);
	return true;
}

static gint compare_newest_first(gconstpointer a, gconstpointer b)
{
	const struct partition_obs *const *first = a;
	const struct partition_obs *const *second = b;

	return strcmp((*second)->id, (*first)->id);
}

static void finish_sheet(struct partition_sheet *sheet)
{
	g_ptr_array_sort(sheet->partitions, compare_newest_first);
	for (guint i = 1; i < sheet->partitions->len; i++) {
		const struct partition_obs *before = sheet->partitions->pdata[i - 1];
		const struct partition_obs *partition = sheet->partitions->pdata[i];

		if (strcmp(before->id, partition->id) == 0)
			set_problem(sheet, partition->id, "listed twice");
	}
	if (sheet->partitions->len > TABLE_PARTITIONS_MAX)
		g_ptr_array_set_size(sheet->partitions, TABLE_PARTITIONS_MAX);
}

bool tables_answer_partitions(const struct bigquery_result *result, GHashTable *sheets,
			      GError **error)
{
	GHashTableIter iter;
	gpointer sheet = NULL;

	if (!check_columns(result, 4, error))
		return false;
	if (result->total_rows != (int64_t)result->rows->len) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "%u rows of %" PRId64 ": more than can be", result->rows->len,
			    result->total_rows);
		return false;
	}
	for (guint row = 0; row < result->rows->len; row++)
		if (!add_row(sheets, result->rows->pdata[row], error))
			return false;
	g_hash_table_iter_init(&iter, sheets);
	while (g_hash_table_iter_next(&iter, NULL, &sheet))
		finish_sheet(sheet);
	return true;
}
