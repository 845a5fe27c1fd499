/* bigquery_cell - cells {"v": …} as text, held against the type of their column (API-FACTS C.3);
 * see bigquery_private.h */
#include "google/bigquery_private.h"

#include <string.h>

#include "drift_error.h"
#include "text.h"

struct bigquery_column *bigquery_column_create(const char *name, const char *type, bool repeated)
{
	struct bigquery_column *column = g_new0(struct bigquery_column, 1);

	column->name = g_strdup(name);
	column->type = g_strdup(bigquery_type_text(type));
	column->repeated = repeated;
	column->fields = g_ptr_array_new_with_free_func(bigquery_column_free_data);
	return column;
}

void bigquery_column_free(struct bigquery_column *column)
{
	if (!column)
		return;
	g_free(column->name);
	g_free(column->type);
	g_ptr_array_unref(column->fields);
	g_free(column);
}

void bigquery_column_free_data(void *data)
{
	bigquery_column_free(data);
}

static bool refuse(const struct bigquery_column *column, const char *why, GError **error)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "column %.100s of type %.60s: %s",
		    column->name, column->type, why);
	return false;
}

/* --- how scalars look --- */

static bool is_int64(const char *text)
{
	return g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, NULL, NULL);
}

/* Digits with a point and an exponent, as NUMERIC, BIGNUMERIC and FLOAT64 have them. */
static bool is_decimal(const char *text)
{
	const char *p = text + (*text == '-' || *text == '+');
	size_t whole = strspn(p, "0123456789");
	size_t part = 0;

	p += whole;
	if (*p == '.') {
		part = strspn(p + 1, "0123456789");
		p += 1 + part;
	}
	if (whole + part == 0)
		return false;
	if (*p == 'e' || *p == 'E') {
		p++;
		p += *p == '-' || *p == '+';
		if (strspn(p, "0123456789") == 0)
			return false;
		p += strspn(p, "0123456789");
	}
	return *p == '\0';
}

static bool is_float(const char *text)
{
	static const char *const words[] = {"NaN", "Infinity", "-Infinity", "+Infinity",
					    "Inf", "-Inf",     "+Inf"};

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (strcmp(text, words[i]) == 0)
			return true;
	return is_decimal(text);
}

static bool is_bool(const char *text)
{
	return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
}

/* Behind what has the form of @p form, where 0 stands for a digit; NULL when it does not. */
static const char *skip_form(const char *text, const char *form)
{
	for (; *form; form++, text++)
		if (*form == '0' ? !g_ascii_isdigit(*text) : *text != *form)
			return NULL;
	return text;
}

static bool is_date(const char *text)
{
	const char *end = skip_form(text, "0000-00-00");

	return end && !*end;
}

static bool is_time(const char *text)
{
	const char *end = skip_form(text, "00:00:00");

	if (end && *end == '.')
		end = strspn(end + 1, "0123456789") > 0 ? end + 1 + strspn(end + 1, "0123456789")
							: NULL;
	return end && !*end;
}

static bool is_datetime(const char *text)
{
	const char *end = skip_form(text, "0000-00-00T");

	return end && is_time(end);
}

static bool is_base64(const char *text)
{
	size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/-_");

	return length + strspn(text + length, "=") == strlen(text);
}

static const struct {
	const char *type;
	bool (*fits)(const char *text);
} scalars[] = {
	{"INT64", is_int64},     {"FLOAT64", is_float},      {"BOOL", is_bool},
	{"TIMESTAMP", is_int64}, /* formatOptions.useInt64Timestamp: microseconds */
	{"DATE", is_date},       {"TIME", is_time},          {"DATETIME", is_datetime},
	{"NUMERIC", is_decimal}, {"BIGNUMERIC", is_decimal}, {"BYTES", is_base64},
};

/* Types that are not listed are text to us: STRING, JSON, GEOGRAPHY, INTERVAL, RANGE and what
 * comes. */
static bool fits_type(const struct bigquery_column *column, const char *text)
{
	for (size_t i = 0; i < G_N_ELEMENTS(scalars); i++)
		if (strcmp(column->type, scalars[i].type) == 0)
			return scalars[i].fits(text);
	return true;
}

/* Text of a scalar, which is always a string: json-c would take the string "false" for a true
 * boolean. */
static bool decode_scalar(const struct bigquery_column *column, json_object *value, char **ret_text,
			  GError **error)
{
	const char *text = NULL;
	size_t length = 0;

	if (!json_object_is_type(value, json_type_string))
		return refuse(column, "a value that is no text", error);
	text = json_object_get_string(value);
	length = (size_t)json_object_get_string_len(value); /* never negative */
	if (!fits_type(column, text))
		return refuse(column, "a value that is not of that type", error);
	if (strlen(text) == length)
		*ret_text = g_strdup(text);
	else if (strcmp(column->type, "STRING") == 0) /* NUL inside: becomes U+FFFD */
		*ret_text = text_to_utf8(text, length, length * 3 + 1);
	else
		return refuse(column, "a value with a NUL character", error);
	return true;
}

/* --- STRUCT and ARRAY, as JSON --- */

static bool nest(const struct bigquery_column *column, json_object *value, json_object **ret_json,
		 GError **error);

/* The "v" of the cell at @p index of @p cells. */
static bool get_cell(const struct bigquery_column *column, json_object *cells, size_t index,
		     json_object **ret_value, GError **error)
{
	json_object *cell = json_object_array_get_idx(cells, index);

	return (json_object_is_type(cell, json_type_object) &&
		json_object_object_get_ex(cell, "v", ret_value)) ||
	       refuse(column, "no {\"v\": …}", error);
}

static json_object *cells_of(json_object *row, guint columns)
{
	json_object *cells = json_member_array(row, "f");

	return cells && json_object_array_length(cells) == columns ? cells : NULL;
}

static bool nest_struct(const struct bigquery_column *column, json_object *value,
			json_object **ret_json, GError **error)
{
	json_object *cells = cells_of(value, column->fields->len);
	json_object *object = NULL;

	if (!cells)
		return refuse(column, "a STRUCT without a value for each of its fields", error);
	object = json_object_new_object();
	for (guint i = 0; i < column->fields->len; i++) {
		const struct bigquery_column *field = column->fields->pdata[i];
		json_object *inner = NULL;
		json_object *cell = NULL;

		if (!get_cell(field, cells, i, &cell, error) || !nest(field, cell, &inner, error)) {
			json_object_put(object);
			return false;
		}
		json_add(object, field->name, inner);
	}
	*ret_json = object;
	return true;
}

static bool nest_one(const struct bigquery_column *column, json_object *value,
		     json_object **ret_json, GError **error)
{
	g_autofree char *text = NULL;

	if (!value)
		return true; /* JSON null */
	if (strcmp(column->type, "STRUCT") == 0)
		return nest_struct(column, value, ret_json, error);
	if (!decode_scalar(column, value, &text, error))
		return false;
	*ret_json = json_object_new_string(text);
	return true;
}

static bool nest_array(const struct bigquery_column *column, json_object *value,
		       json_object **ret_json, GError **error)
{
	json_object *array = NULL;

	if (!json_object_is_type(value, json_type_array))
		return refuse(column, "a repeated value that is no list", error);
	array = json_object_new_array();
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		json_object *inner = NULL;
		json_object *cell = NULL;

		if (!get_cell(column, value, i, &cell, error) ||
		    !nest_one(column, cell, &inner, error)) {
			json_object_put(array);
			return false;
		}
		json_object_array_add(array, inner);
	}
	*ret_json = array;
	return true;
}

static bool nest(const struct bigquery_column *column, json_object *value, json_object **ret_json,
		 GError **error)
{
	return column->repeated ? nest_array(column, value, ret_json, error)
				: nest_one(column, value, ret_json, error);
}

bool bigquery_cell_decode(const struct bigquery_column *column, json_object *value, char **ret_text,
			  GError **error)
{
	json_object *json = NULL;

	if (!column->repeated && !value) {
		*ret_text = NULL;
		return true;
	}
	if (!column->repeated && strcmp(column->type, "STRUCT") != 0)
		return decode_scalar(column, value, ret_text, error);
	if (!nest(column, value, &json, error))
		return false;
	*ret_text = json_to_text(json, NULL);
	json_object_put(json);
	return true;
}

void bigquery_row_free(char **cells, guint columns)
{
	for (guint i = 0; cells && i < columns; i++)
		g_free(cells[i]);
	g_free(cells);
}

bool bigquery_row_decode(const GPtrArray *columns, json_object *row, char ***ret_cells,
			 GError **error)
{
	json_object *f = cells_of(row, columns->len);
	char **cells = NULL;

	if (!f) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "a row that is no {\"f\": […]} of %u cells", columns->len);
		return false;
	}
	cells = g_new0(char *, columns->len + 1);
	for (guint i = 0; i < columns->len; i++) {
		const struct bigquery_column *column = columns->pdata[i];
		json_object *value = NULL;

		if (!get_cell(column, f, i, &value, error) ||
		    !bigquery_cell_decode(column, value, &cells[i], error)) {
			bigquery_row_free(cells, columns->len);
			return false;
		}
	}
	*ret_cells = cells;
	return true;
}
