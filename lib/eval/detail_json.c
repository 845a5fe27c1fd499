/* detail_json - see detail_json.h. The way back is in detail_decode.c. */
#include "eval/detail_json.h"

#include <string.h>

#include "text.h"

/* All rows of one list together, as JSON: a target with more shows the first ones. Stored facts must
 * stay far below STORE_FACTS_MAX_BYTES. */
#define ROWS_MAX_BYTES ((size_t)512 * 1024)

/* Valid UTF-8 and of bounded length, or made so. NULL is JSON null. */
static json_object *text_json(const char *text)
{
	g_autofree char *made = NULL;
	size_t length = text ? strnlen(text, DETAIL_TEXT_MAX_BYTES + 1) : 0;

	if (!text)
		return NULL;
	if (length > DETAIL_TEXT_MAX_BYTES || !g_utf8_validate_len(text, length, NULL))
		made = text_to_utf8(text, length, DETAIL_TEXT_MAX_BYTES);
	return json_object_new_string(made ? made : text);
}

static guint count_columns(const struct verdict_detail *detail)
{
	return MIN(detail->columns->len, DETAIL_COLUMNS_MAX);
}

/* At least as long as its JSON, quotes and comma included. */
static size_t cell_bytes(const char *cell)
{
	size_t bytes = 5;

	for (size_t i = 0; cell && cell[i] && i < DETAIL_TEXT_MAX_BYTES; i++)
		bytes += g_ascii_iscntrl(cell[i]) ? 6 : 3; /* \u0001, a byte made U+FFFD */
	return bytes;
}

/* How many of the rows are shown or stored; always the same ones first, so that an entity tag over
 * the facts stands for all that is served. */
static guint count_rows(const struct verdict_detail *detail)
{
	size_t bytes = 0;
	guint count = 0;

	for (; count < detail->rows->len && count < DETAIL_ROWS_MAX; count++) {
		char *const *cells = detail->rows->pdata[count];

		for (guint i = 0; i < count_columns(detail); i++)
			bytes += cell_bytes(cells[i]);
		if (bytes > ROWS_MAX_BYTES)
			break;
	}
	return count;
}

static json_object *columns_json(const struct verdict_detail *detail)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < count_columns(detail); i++)
		json_object_array_add(array, text_json(detail->columns->pdata[i]));
	return array;
}

/* A cell as the type of its column says; NULL is JSON null. */
static json_object *cell_json(const struct verdict_detail *detail, guint column, const char *cell)
{
	int64_t number = 0;

	if (!cell)
		return NULL;
	switch (g_array_index(detail->types, enum datum_type, column)) {
	case DATUM_TYPE_NUMBER:
		if (g_ascii_string_to_signed(cell, 10, INT64_MIN, INT64_MAX, &number, NULL))
			return json_object_new_int64(number);
		return NULL;
	case DATUM_TYPE_BOOLEAN:
		return json_object_new_boolean(strcmp(cell, DETAIL_YES) == 0);
	case DATUM_TYPE_NONE:
	case DATUM_TYPE_TEXT:
	case DATUM_TYPE_TIME:
		break;
	}
	return text_json(cell);
}

static json_object *row_array_json(const struct verdict_detail *detail, char *const *cells)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < count_columns(detail); i++)
		json_object_array_add(array, cell_json(detail, i, cells[i]));
	return array;
}

static json_object *row_object_json(const struct verdict_detail *detail, char *const *cells)
{
	json_object *object = json_object_new_object();

	for (guint i = 0; i < count_columns(detail); i++)
		json_add(object, detail->columns->pdata[i], cell_json(detail, i, cells[i]));
	return object;
}

static json_object *rows_json(const struct verdict_detail *detail, bool as_arrays, guint max)
{
	json_object *array = json_object_new_array();
	guint count = MIN(count_rows(detail), max);

	for (guint i = 0; i < count; i++) {
		char *const *cells = detail->rows->pdata[i];

		json_object_array_add(array, as_arrays ? row_array_json(detail, cells)
						       : row_object_json(detail, cells));
	}
	return array;
}

static int64_t rows_total(const struct verdict_detail *detail)
{
	return MAX(detail->rows_total, (int64_t)detail->rows->len);
}

static void add_datum(json_object *object, const struct verdict_datum *datum)
{
	switch (datum->type) {
	case DATUM_TYPE_TEXT:
		json_add(object, datum->name, text_json(datum->text));
		break;
	case DATUM_TYPE_NUMBER:
		json_add_int(object, datum->name, datum->number);
		break;
	case DATUM_TYPE_BOOLEAN:
		json_add_bool(object, datum->name, datum->number != 0);
		break;
	case DATUM_TYPE_TIME:
		json_add_time(object, datum->name, datum->number);
		break;
	case DATUM_TYPE_NONE:
		break;
	}
}

static void add_age(json_object *object, const struct verdict_detail *detail, int64_t now_wall_ms)
{
	int64_t age_ms = MAX(now_wall_ms - detail->aged_wall_ms, 0);

	json_add(object, DETAIL_AGE,
		 detail->aged_wall_ms > 0 ? json_object_new_int64(age_ms / MS_PER_S) : NULL);
}

/* Index of the datum that the age stands behind: the time it is counted from, else the first time, else
 * the last datum. */
static guint find_aged(const struct verdict_detail *detail)
{
	guint count = MIN(detail->data->len, DETAIL_DATA_MAX);
	guint found = count;

	for (guint i = 0; i < count; i++) {
		const struct verdict_datum *datum = detail->data->pdata[i];

		if (datum->type != DATUM_TYPE_TIME)
			continue;
		if (datum->number == detail->aged_wall_ms)
			return i;
		found = MIN(found, i);
	}
	return found < count || count == 0 ? found : count - 1;
}

static void add_data(json_object *object, const struct verdict_detail *detail, int64_t now_wall_ms)
{
	bool is_aged = detail->aged_wall_ms >= 0;
	guint aged = find_aged(detail);

	for (guint i = 0; i < detail->data->len && i < DETAIL_DATA_MAX; i++) {
		add_datum(object, detail->data->pdata[i]);
		if (is_aged && i == aged)
			add_age(object, detail, now_wall_ms);
	}
	if (is_aged && detail->data->len == 0)
		add_age(object, detail, now_wall_ms);
}

void detail_add_served(json_object *object, const struct verdict_detail *detail,
		       int64_t now_wall_ms, enum verdict_extent extent)
{
	guint max = extent == VERDICT_EXTENT_FULL ? G_MAXUINT : VERDICT_DETAIL_SHORT;
	json_object *member = NULL;

	if (!detail)
		return;
	member = json_object_new_object();
	add_data(member, detail, now_wall_ms);
	if (detail->list_name) {
		g_autofree char *total = g_strconcat(detail->list_name, DETAIL_TOTAL_SUFFIX, NULL);

		if (detail->list_is_table)
			json_add(member, DETAIL_COLUMNS, columns_json(detail));
		json_add(member, detail->list_name, rows_json(detail, detail->list_is_table, max));
		json_add_int(member, total, rows_total(detail));
	}
	json_add(object, detail->name, member);
}

static json_object *datum_to_facts_json(const struct verdict_datum *datum)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "name", datum->name);
	switch (datum->type) {
	case DATUM_TYPE_TEXT:
		json_add(object, "text", text_json(datum->text));
		break;
	case DATUM_TYPE_NUMBER:
		json_add_int(object, "number", datum->number);
		break;
	case DATUM_TYPE_BOOLEAN:
		json_add_bool(object, "boolean", datum->number != 0);
		break;
	case DATUM_TYPE_TIME:
		json_add_int(object, "time_ms", datum->number);
		break;
	case DATUM_TYPE_NONE:
		break;
	}
	return object;
}

json_object *detail_to_facts_json(const struct verdict_detail *detail)
{
	json_object *object = NULL;
	json_object *data = NULL;

	if (!detail)
		return NULL;
	object = json_object_new_object();
	data = json_object_new_array();
	for (guint i = 0; i < detail->data->len && i < DETAIL_DATA_MAX; i++)
		json_object_array_add(data, datum_to_facts_json(detail->data->pdata[i]));
	json_add_text(object, "name", detail->name);
	json_add(object, "data", data);
	json_add_int(object, "aged_ms", detail->aged_wall_ms);
	if (!detail->list_name)
		return object;
	json_add_text(object, "list", detail->list_name);
	json_add_bool(object, "table", detail->list_is_table);
	json_add(object, "columns", columns_json(detail));
	json_add(object, "rows", rows_json(detail, true, G_MAXUINT));
	json_add_int(object, "rows_total", rows_total(detail));
	return object;
}
