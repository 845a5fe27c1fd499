/* bq_value - see bq_value.h */
#include "tests/fakecloud/bq_value.h"

#include <math.h>
#include <string.h>

static const struct {
	const char *sql, *rest;
} names[] = {
	[BQ_TYPE_NONE] = {"NULL", "INTEGER"}, /* a NULL without a type is an INT64 in the end */
	[BQ_TYPE_INT64] = {"INT64", "INTEGER"},
	[BQ_TYPE_FLOAT64] = {"FLOAT64", "FLOAT"},
	[BQ_TYPE_NUMERIC] = {"NUMERIC", "NUMERIC"},
	[BQ_TYPE_BIGNUMERIC] = {"BIGNUMERIC", "BIGNUMERIC"},
	[BQ_TYPE_BOOL] = {"BOOL", "BOOLEAN"},
	[BQ_TYPE_STRING] = {"STRING", "STRING"},
	[BQ_TYPE_BYTES] = {"BYTES", "BYTES"},
	[BQ_TYPE_DATE] = {"DATE", "DATE"},
	[BQ_TYPE_TIME] = {"TIME", "TIME"},
	[BQ_TYPE_DATETIME] = {"DATETIME", "DATETIME"},
	[BQ_TYPE_TIMESTAMP] = {"TIMESTAMP", "TIMESTAMP"},
	[BQ_TYPE_INTERVAL] = {"INTERVAL", "INTERVAL"},
	[BQ_TYPE_JSON] = {"JSON", "JSON"},
	[BQ_TYPE_GEOGRAPHY] = {"GEOGRAPHY", "GEOGRAPHY"},
	[BQ_TYPE_STRUCT] = {"STRUCT", "RECORD"},
};

const char *bq_type_sql(enum bq_type type)
{
	return names[type].sql;
}

const char *bq_type_rest(enum bq_type type)
{
	return names[type].rest;
}

enum bq_type bq_type_from_text(const char *text)
{
	for (size_t i = BQ_TYPE_INT64; text && i < G_N_ELEMENTS(names); i++) {
		if (g_ascii_strcasecmp(names[i].sql, text) == 0 ||
		    g_ascii_strcasecmp(names[i].rest, text) == 0)
			return (enum bq_type)i; /* an index of the table */
	}
	return BQ_TYPE_NONE;
}

/* --- fields --- */

struct bq_field *bq_field_create(const char *name, enum bq_type type)
{
	struct bq_field *field = g_new0(struct bq_field, 1);

	field->name = g_strdup(name);
	field->type = type;
	return field;
}

static gpointer copy_one(gconstpointer field, gpointer data)
{
	(void)data;
	return bq_field_copy(field);
}

/* the depth of schemas is BigQuery's: 15 */
struct bq_field *bq_field_copy(const struct bq_field *field)
{
	struct bq_field *copy = bq_field_create(field->name, field->type);

	copy->repeated = field->repeated;
	copy->required = field->required;
	if (field->fields) {
		copy->fields = g_ptr_array_copy(field->fields, copy_one, NULL);
		g_ptr_array_set_free_func(copy->fields, bq_field_free);
	}
	return copy;
}

void bq_field_free(void *data)
{
	struct bq_field *field = data;

	if (!field)
		return;
	g_free(field->name);
	if (field->fields)
		g_ptr_array_unref(field->fields);
	g_free(field);
}

static const char *member_text(json_object *object, const char *name)
{
	json_object *value = NULL;

	if (!json_object_object_get_ex(object, name, &value) || !value)
		return NULL;
	return json_object_get_string(value);
}

static struct bq_field *field_parse(json_object *object)
{
	const char *name = member_text(object, "name"), *mode = member_text(object, "mode");
	enum bq_type type = bq_type_from_text(member_text(object, "type"));
	struct bq_field *field = NULL;
	json_object *inner = NULL;

	if (!name || type == BQ_TYPE_NONE)
		return NULL;
	field = bq_field_create(name, type);
	field->repeated = mode && g_ascii_strcasecmp(mode, "REPEATED") == 0;
	field->required = mode && g_ascii_strcasecmp(mode, "REQUIRED") == 0;
	if (type != BQ_TYPE_STRUCT)
		return field;
	if (json_object_object_get_ex(object, "fields", &inner))
		field->fields = bq_fields_parse(inner);
	if (field->fields)
		return field;
	bq_field_free(field);
	return NULL;
}

GPtrArray *bq_fields_parse(json_object *array)
{
	GPtrArray *fields = g_ptr_array_new_with_free_func(bq_field_free);

	if (!json_object_is_type(array, json_type_array))
		return fields;
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct bq_field *field = field_parse(json_object_array_get_idx(array, i));

		if (!field) {
			g_ptr_array_unref(fields);
			return NULL;
		}
		g_ptr_array_add(fields, field);
	}
	return fields;
}

static json_object *field_to_json(const struct bq_field *field)
{
	json_object *object = json_object_new_object();
	const char *mode = field->repeated ? "REPEATED" : field->required ? "REQUIRED" : "NULLABLE";

	json_object_object_add(object, "name", json_object_new_string(field->name));
	json_object_object_add(object, "type", json_object_new_string(bq_type_rest(field->type)));
	json_object_object_add(object, "mode", json_object_new_string(mode));
	if (field->fields)
		json_object_object_add(object, "fields", bq_fields_to_json(field->fields));
	return object;
}

json_object *bq_fields_to_json(const GPtrArray *fields)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < fields->len; i++)
		json_object_array_add(array, field_to_json(fields->pdata[i]));
	return array;
}

const struct bq_field *bq_fields_find(const GPtrArray *fields, const char *name)
{
	for (guint i = 0; fields && i < fields->len; i++) {
		const struct bq_field *field = fields->pdata[i];

		if (g_ascii_strcasecmp(field->name, name) == 0)
			return field;
	}
	return NULL;
}

static void add_type(GString *text, const struct bq_field *field)
{
	if (field->repeated)
		g_string_append(text, "ARRAY<");
	g_string_append(text, bq_type_sql(field->type));
	for (guint i = 0; field->fields && i < field->fields->len; i++) {
		const struct bq_field *inner = field->fields->pdata[i];

		g_string_append_printf(text, "%s%s ", i == 0 ? "<" : ", ", inner->name);
		add_type(text, inner);
	}
	if (field->fields)
		g_string_append_c(text, '>');
	if (field->repeated)
		g_string_append_c(text, '>');
}

char *bq_field_type_text(const struct bq_field *field)
{
	GString *text = g_string_new(NULL);

	add_type(text, field);
	return g_string_free(text, FALSE);
}

/* --- normal form --- */

static bool normalise_float(json_object *value, json_object **ret_value)
{
	const char *text = json_object_get_string(value);

	if (json_object_is_type(value, json_type_string) && !g_str_equal(text, "NaN") &&
	    !g_str_equal(text, "Infinity") && !g_str_equal(text, "-Infinity"))
		return false;
	*ret_value = json_object_is_type(value, json_type_string)
			     ? json_object_get(value)
			     : json_object_new_double(json_object_get_double(value));
	return true;
}

static bool normalise_int(json_object *value, json_object **ret_value)
{
	gint64 number = 0;

	if (json_object_is_type(value, json_type_int))
		number = json_object_get_int64(value);
	else if (!json_object_is_type(value, json_type_string) ||
		 !g_ascii_string_to_signed(json_object_get_string(value), 10, G_MININT64,
					   G_MAXINT64, &number, NULL))
		return false;
	*ret_value = json_object_new_int64(number);
	return true;
}

static json_object *text_json(char *taken)
{
	json_object *value = json_object_new_string(taken);

	g_free(taken);
	return value;
}

static bool normalise_time(const struct bq_field *field, json_object *value, int64_t now_us,
			   json_object **ret_value)
{
	const char *text = json_object_get_string(value);
	int64_t number = 0;

	if (field->type == BQ_TYPE_TIMESTAMP && json_object_is_type(value, json_type_int)) {
		*ret_value = json_object_get(value); /* normal already */
		return true;
	}
	if (field->type == BQ_TYPE_DATE) {
		if (!bq_date_parse(text, now_us, &number))
			return false;
		*ret_value = text_json(bq_date_text(number));
		return true;
	}
	if (!bq_time_parse(text, now_us, &number))
		return false;
	*ret_value = field->type == BQ_TYPE_TIMESTAMP ? json_object_new_int64(number)
						      : text_json(bq_datetime_text(number, 'T'));
	return true;
}

static bool normalise_struct(const struct bq_field *field, json_object *value, int64_t now_us,
			     json_object **ret_value)
{
	json_object *object = json_object_new_object();

	for (guint i = 0; i < field->fields->len; i++) {
		const struct bq_field *inner = field->fields->pdata[i];
		json_object *member = NULL, *normal = NULL;

		(void)json_object_object_get_ex(value, inner->name,
						&member); /* NULL when it is not there */
		if (!bq_value_normalise(inner, member, now_us, &normal)) {
			json_object_put(object);
			return false;
		}
		json_object_object_add(object, inner->name, normal);
	}
	*ret_value = object;
	return true;
}

static bool normalise_array(const struct bq_field *field, json_object *value, int64_t now_us,
			    json_object **ret_value)
{
	struct bq_field element = *field;
	json_object *array = json_object_new_array();
	size_t count =
		json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;

	element.repeated = false;
	for (size_t i = 0; i < count; i++) {
		json_object *normal = NULL;

		if (!bq_value_normalise(&element, json_object_array_get_idx(value, i), now_us,
					&normal)) {
			json_object_put(array);
			return false;
		}
		json_object_array_add(array, normal);
	}
	*ret_value = array;
	return true;
}

bool bq_value_normalise(const struct bq_field *field, json_object *value, int64_t now_us,
			json_object **ret_value)
{
	*ret_value = NULL;
	if (field->repeated)
		return normalise_array(field, value, now_us, ret_value);
	if (!value)
		return true;
	switch (field->type) {
	case BQ_TYPE_INT64:
		return normalise_int(value, ret_value);
	case BQ_TYPE_FLOAT64:
		return normalise_float(value, ret_value);
	case BQ_TYPE_BOOL:
		*ret_value = json_object_get(value);
		return json_object_is_type(value, json_type_boolean);
	case BQ_TYPE_DATE:
	case BQ_TYPE_DATETIME:
	case BQ_TYPE_TIMESTAMP:
		return normalise_time(field, value, now_us, ret_value);
	case BQ_TYPE_STRUCT:
		return normalise_struct(field, value, now_us, ret_value);
	case BQ_TYPE_NONE:
	case BQ_TYPE_NUMERIC:
	case BQ_TYPE_BIGNUMERIC:
	case BQ_TYPE_STRING:
	case BQ_TYPE_BYTES:
	case BQ_TYPE_TIME:
	case BQ_TYPE_INTERVAL:
	case BQ_TYPE_JSON:
	case BQ_TYPE_GEOGRAPHY:
		break;
	}
	*ret_value = json_object_new_string(json_object_get_string(value));
	return true;
}

/* --- cells --- */

static json_object *struct_cell(const struct bq_field *field, json_object *value,
				bool int64_timestamps)
{
	json_object *object = json_object_new_object(), *cells = json_object_new_array();

	for (guint i = 0; i < field->fields->len; i++) {
		const struct bq_field *inner = field->fields->pdata[i];
		json_object *cell = json_object_new_object(), *member = NULL;

		(void)json_object_object_get_ex(value, inner->name,
						&member); /* NULL when it is not there */
		json_object_object_add(cell, "v",
				       bq_value_to_cell(inner, member, int64_timestamps));
		json_object_array_add(cells, cell);
	}
	json_object_object_add(object, "f", cells);
	return object;
}

static json_object *array_cell(const struct bq_field *field, json_object *value,
			       bool int64_timestamps)
{
	struct bq_field element = *field;
	json_object *cells = json_object_new_array();
	size_t count =
		json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;

	element.repeated = false;
	for (size_t i = 0; i < count; i++) {
		json_object *cell = json_object_new_object();

		json_object_object_add(cell, "v",
				       bq_value_to_cell(&element,
							json_object_array_get_idx(value, i),
							int64_timestamps));
		json_object_array_add(cells, cell);
	}
	return cells;
}

/** Seconds with an exponent, as the API writes them by default: "1.7636E9". */
static json_object *seconds_cell(int64_t us)
{
	g_autofree char *text = g_strdup_printf("%.15E", (double)us / (double)BQ_US_PER_S);
	char *mark = strchr(text, 'E'), *end = mark;
	gint64 power = 0;
	const char *digits = mark[1] == '+' ? mark + 2 : mark + 1;

	while (end[-1] == '0' && end[-2] != '.')
		end--;
	(void)g_ascii_string_to_signed(digits, 10, -99, 99, &power, NULL); /* printf wrote it */
	return text_json(g_strdup_printf("%.*sE%" G_GINT64_FORMAT, (int)(end - text), text, power));
}

static json_object *float_cell(json_object *value)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];
	double number = json_object_get_double(value);

	if (json_object_is_type(value, json_type_string) || !isfinite(number))
		return json_object_new_string(json_object_get_string(value));
	(void)g_ascii_dtostr(text, sizeof(text), number); /* returns text */
	if (!strpbrk(text, ".eE"))
		return text_json(g_strdup_printf("%s.0", text));
	return json_object_new_string(text);
}

json_object *bq_value_to_cell(const struct bq_field *field, json_object *value,
			      bool int64_timestamps)
{
	if (field->repeated)
		return array_cell(field, value, int64_timestamps);
	if (!value)
		return NULL;
	if (field->type == BQ_TYPE_STRUCT)
		return struct_cell(field, value, int64_timestamps);
	if (field->type == BQ_TYPE_TIMESTAMP && !int64_timestamps)
		return seconds_cell(json_object_get_int64(value));
	if (field->type == BQ_TYPE_FLOAT64)
		return float_cell(value);
	if (field->type == BQ_TYPE_BOOL)
		return json_object_new_string(json_object_get_boolean(value) ? "true" : "false");
	return json_object_new_string(json_object_get_string(value));
}
