/* detail_decode - JSON back into what a verdict about data rests on: from stored facts, and from a /drift
 * item of another driftd. See detail_json.h. */
#include "eval/detail_json.h"

#include <string.h>

#include "drift_error.h"
#include "timefmt.h"

/* Served times end so. */
#define TIME_SUFFIX "_at"

static const char *const names[] = {"freshness", "completion", "inventory", "assertion", "backup"};

static bool refuse(GError **error, const char *name, const char *what)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "%s %s", name, what);
	return false;
}

static bool is_name(const char *text)
{
	for (size_t i = 0; text && i < G_N_ELEMENTS(names); i++)
		if (strcmp(text, names[i]) == 0)
			return true;
	return false;
}

/* A text without NUL, or null. */
static bool read_text_or_null(json_object *value, char **ret_text, GError **error)
{
	if (!value) {
		*ret_text = NULL;
		return true;
	}
	*ret_text = json_object_is_type(value, json_type_string) ? json_scalar_text(value) : NULL;
	return *ret_text || refuse(error, "it", "is no text, or holds a NUL");
}

static struct verdict_datum *last_datum(const struct verdict_detail *detail)
{
	return detail->data->len > 0 ? detail->data->pdata[detail->data->len - 1] : NULL;
}

static bool add_text(struct verdict_detail *detail, const char *name, json_object *value,
		     GError **error)
{
	g_autofree char *text = NULL;

	if (!read_text_or_null(value, &text, error)) {
		g_prefix_error(error, "%s: ", name);
		return false;
	}
	verdict_detail_text(detail, name, text);
	return true;
}

static bool check_room(const struct verdict_detail *detail, GError **error)
{
	return detail->data->len < DETAIL_DATA_MAX || refuse(error, "it", "has too many members");
}

/* --- lists --- */

static bool read_column(struct verdict_detail *detail, json_object *value, GError **error)
{
	g_autofree char *text = NULL;

	if (!read_text_or_null(value, &text, error)) {
		g_prefix_error(error, DETAIL_COLUMNS ": ");
		return false;
	}
	if (!text)
		return refuse(error, DETAIL_COLUMNS, "hold a null");
	if (detail->columns->len >= DETAIL_COLUMNS_MAX)
		return refuse(error, DETAIL_COLUMNS, "are too many");
	verdict_detail_column(detail, text, DATUM_TYPE_TEXT);
	return true;
}

static bool read_columns(struct verdict_detail *detail, json_object *array, GError **error)
{
	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (!read_column(detail, json_object_array_get_idx(array, i), error))
			return false;
	return true;
}

/* The value of a column in a row of either form; false: it has none. */
static bool find_cell(json_object *row, const struct verdict_detail *detail, guint column,
		      json_object **ret_value)
{
	if (!json_object_is_type(row, json_type_array))
		return json_object_object_get_ex(row, detail->columns->pdata[column], ret_value);
	*ret_value = json_object_array_get_idx(row, column);
	return true;
}

static enum datum_type type_of(json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_int:
		return DATUM_TYPE_NUMBER;
	case json_type_boolean:
		return DATUM_TYPE_BOOLEAN;
	case json_type_null:
	case json_type_string:
	case json_type_double:
	case json_type_array:
	case json_type_object:
		break;
	}
	return DATUM_TYPE_TEXT;
}

/* The first cell that is not null says what its column holds. */
static void learn_type(struct verdict_detail *detail, json_object *rows, guint column)
{
	enum datum_type *type = &g_array_index(detail->types, enum datum_type, column);

	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		json_object *row = json_object_array_get_idx(rows, i);
		json_object *value = NULL;

		if (!json_object_is_type(row, json_type_array) &&
		    !json_object_is_type(row, json_type_object))
			return; /* refused when it is read */
		if (find_cell(row, detail, column, &value) && value) {
			*type = type_of(value);
			return;
		}
	}
}

/* A cell as text; null is NULL. */
static bool read_cell(enum datum_type type, json_object *value, char **ret_text, GError **error)
{
	if (!value || type == DATUM_TYPE_TEXT)
		return read_text_or_null(value, ret_text, error);
	if (type_of(value) != type)
		return refuse(error, "it", "is not of the type of the column");
	*ret_text = type == DATUM_TYPE_NUMBER
			    ? g_strdup_printf("%" PRId64, json_object_get_int64(value))
			    : g_strdup(json_object_get_boolean(value) ? DETAIL_YES : DETAIL_NO);
	return true;
}

static bool is_row(json_object *row, const struct verdict_detail *detail, bool as_array)
{
	if (as_array)
		return json_object_is_type(row, json_type_array) &&
		       json_object_array_length(row) == detail->columns->len;
	return json_object_is_type(row, json_type_object) &&
	       (guint)json_object_object_length(row) == detail->columns->len;
}

static bool read_row(struct verdict_detail *detail, json_object *row, bool as_array, GError **error)
{
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

	if (!is_row(row, detail, as_array))
		return refuse(error, "a row", "does not have the columns of the others");
	for (guint i = 0; i < detail->columns->len; i++) {
		json_object *value = NULL;
		char *cell = NULL;

		if (!find_cell(row, detail, i, &value))
			return refuse(error, "a row", "does not have the columns of the others");
		if (!read_cell(g_array_index(detail->types, enum datum_type, i), value, &cell,
			       error))
			return false;
		g_ptr_array_add(cells, cell);
	}
	g_ptr_array_add(cells, NULL); /* so that it is never without an array */
	verdict_detail_row(detail, (const char *const *)cells->pdata);
	return true;
}

/* Rows that are objects tell the columns: all have those of the first. */
static bool read_columns_of_row(struct verdict_detail *detail, json_object *row, GError **error)
{
	if (!json_object_is_type(row, json_type_object))
		return refuse(error, "a row", "is no object");
	json_object_object_foreach(row, name, value)
	{
		(void)value; /* read with the row */
		if (detail->columns->len >= DETAIL_COLUMNS_MAX)
			return refuse(error, "a row", "has too many members");
		verdict_detail_column(detail, name, DATUM_TYPE_TEXT);
	}
	return true;
}

static bool read_rows(struct verdict_detail *detail, json_object *array, bool as_arrays,
		      GError **error)
{
	size_t count = json_object_array_length(array);

	if (count > DETAIL_ROWS_MAX)
		return refuse(error, detail->list_name, "is too long");
	if (!as_arrays && count > 0 &&
	    !read_columns_of_row(detail, json_object_array_get_idx(array, 0), error))
		return false;
	for (guint i = 0; !detail->list_is_table && i < detail->columns->len; i++)
		learn_type(detail, array, i);
	for (size_t i = 0; i < count; i++) {
		if (!read_row(detail, json_object_array_get_idx(array, i), as_arrays, error)) {
			g_prefix_error(error, "%s[%zu]: ", detail->list_name, i);
			return false;
		}
	}
	detail->rows_total = (int64_t)count;
	return true;
}

static bool set_rows_total(struct verdict_detail *detail, json_object *value, GError **error)
{
	int64_t total = 0;

	if (!json_object_is_type(value, json_type_int) ||
	    (total = json_object_get_int64(value)) < (int64_t)detail->rows->len)
		return refuse(error, detail->list_name, "has a total that is less than its rows");
	detail->rows_total = total;
	return true;
}

/* --- as it is stored --- */

/* The one member of @p object that is not its name says type and value. */
static bool read_typed(struct verdict_detail *detail, const char *name, const char *type,
		       json_object *value, GError **error)
{
	bool is_int = json_object_is_type(value, json_type_int);

	if (strcmp(type, "text") == 0)
		return add_text(detail, name, value, error);
	if (strcmp(type, "number") == 0 && is_int)
		verdict_detail_number(detail, name, json_object_get_int64(value));
	else if (strcmp(type, "time_ms") == 0 && is_int)
		verdict_detail_time(detail, name, json_object_get_int64(value));
	else if (strcmp(type, "boolean") == 0 && json_object_is_type(value, json_type_boolean))
		verdict_detail_boolean(detail, name, json_object_get_boolean(value));
	else
		return refuse(error, name, "has no value of a known type");
	return true;
}

static bool read_stored_datum(struct verdict_detail *detail, json_object *item, GError **error)
{
	const char *name = json_member_text(item, "name", NULL);

	if (!name || json_object_object_length(item) != 2)
		return refuse(error, "it", "is no object with a name and one value");
	json_object_object_foreach(item, type, value)
	{
		if (strcmp(type, "name") != 0 && !read_typed(detail, name, type, value, error))
			return false;
	}
	return true;
}

static bool read_stored_data(struct verdict_detail *detail, json_object *array, GError **error)
{
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		if (!check_room(detail, error))
			return false;
		if (!read_stored_datum(detail, json_object_array_get_idx(array, i), error)) {
			g_prefix_error(error, "data[%zu]: ", i);
			return false;
		}
	}
	return true;
}

static bool read_stored_list(struct verdict_detail *detail, json_object *object, GError **error)
{
	const char *list = json_member_text(object, "list", NULL);
	json_object *columns = json_member_array(object, "columns");
	json_object *rows = json_member_array(object, "rows");
	json_object *total = NULL;

	if (!list)
		return true;
	if (!columns || !rows)
		return refuse(error, "list", "has no columns or no rows");
	detail->list_name = g_strdup(list);
	detail->list_is_table = json_member_bool(object, "table", false);
	(void)json_object_object_get_ex(object, "rows_total", &total); /* NULL is refused below */
	return read_columns(detail, columns, error) && read_rows(detail, rows, true, error) &&
	       set_rows_total(detail, total, error);
}

static bool read_stored(json_object *object, struct verdict *verdict, GError **error)
{
	const char *name = json_member_text(object, "name", NULL);
	json_object *data = json_member_array(object, "data");
	struct verdict_detail *detail = NULL;

	if (!is_name(name))
		return refuse(error, "name", "is not a known word");
	if (!data)
		return refuse(error, "data", "is missing");
	if (!json_check_member(object, "aged_ms", json_type_int, error) ||
	    !json_check_member(object, "list", json_type_string, error) ||
	    !json_check_member(object, "table", json_type_boolean, error))
		return false;
	detail = verdict_detail_add(verdict, name);
	detail->aged_wall_ms = MAX(json_member_int(object, "aged_ms", -1), -1);
	return read_stored_data(detail, data, error) && read_stored_list(detail, object, error);
}

/* --- as it is served --- */

static bool is_time(const char *name, const char *text, int64_t *ret_wall_ms)
{
	return g_str_has_suffix(name, TIME_SUFFIX) &&
	       (!text || timefmt_parse(text, ret_wall_ms, NULL));
}

static bool read_served_text(struct verdict_detail *detail, const char *name, json_object *value,
			     GError **error)
{
	int64_t wall_ms = 0;

	if (!is_time(name, value ? json_object_get_string(value) : NULL, &wall_ms))
		return add_text(detail, name, value, error);
	verdict_detail_time(detail, name, wall_ms);
	return true;
}

/* It is counted from the time before it; from what else cannot be told without knowing when it was
 * served. */
static void read_age(struct verdict_detail *detail, json_object *age)
{
	const struct verdict_datum *before = last_datum(detail);

	if (!age)
		detail->aged_wall_ms = 0;
	else if (before && before->type == DATUM_TYPE_TIME && before->number > 0)
		detail->aged_wall_ms = before->number;
}

static bool read_served_list(struct verdict_detail *detail, const char *name, json_object *array,
			     GError **error)
{
	if (strcmp(name, DETAIL_COLUMNS) == 0 && !detail->list_name && !detail->list_is_table) {
		detail->list_is_table = true;
		return read_columns(detail, array, error);
	}
	if (detail->list_name)
		return refuse(error, name, "is a second list");
	detail->list_name = g_strdup(name);
	return read_rows(detail, array, detail->list_is_table, error);
}

static bool is_total(const struct verdict_detail *detail, const char *name)
{
	size_t length = detail->list_name ? strlen(detail->list_name) : 0;

	return length > 0 && strncmp(name, detail->list_name, length) == 0 &&
	       strcmp(name + length, DETAIL_TOTAL_SUFFIX) == 0;
}

static bool read_served_member(struct verdict_detail *detail, const char *name, json_object *value,
			       GError **error)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
	case json_type_string:
		return read_served_text(detail, name, value, error);
	case json_type_int:
		verdict_detail_number(detail, name, json_object_get_int64(value));
		return true;
	case json_type_boolean:
		verdict_detail_boolean(detail, name, json_object_get_boolean(value));
		return true;
	case json_type_array:
		return read_served_list(detail, name, value, error);
	case json_type_double:
	case json_type_object:
		break;
	}
	return refuse(error, name, "is of a type that has no place here");
}

static bool read_served(json_object *object, struct verdict_detail *detail, GError **error)
{
	json_object_object_foreach(object, name, value)
	{
		if (!check_room(detail, error))
			return false;
		if (strcmp(name, DETAIL_AGE) == 0 &&
		    (!value || json_object_is_type(value, json_type_int))) {
			read_age(detail, value);
		} else if (is_total(detail, name)) {
			if (!set_rows_total(detail, value, error))
				return false;
		} else if (!read_served_member(detail, name, value, error)) {
			return false;
		}
	}
	return !detail->list_is_table || detail->list_name ||
	       refuse(error, DETAIL_COLUMNS, "have no rows");
}

bool detail_read(json_object *object, struct verdict *verdict, GError **error)
{
	json_object *stored = json_member_object(object, DETAIL_MEMBER);
	const char *name = DETAIL_MEMBER;
	bool ok = json_check_member(object, name, json_type_object, error);

	if (ok && stored)
		ok = read_stored(stored, verdict, error);
	for (size_t i = 0; ok && !verdict->detail && i < G_N_ELEMENTS(names); i++) {
		json_object *served = json_member_object(object, names[i]);

		name = names[i];
		ok = json_check_member(object, name, json_type_object, error) &&
		     (!served || read_served(served, verdict_detail_add(verdict, name), error));
	}
	if (!ok)
		g_prefix_error(error, "%s: ", name);
	return ok;
}
