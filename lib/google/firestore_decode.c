/* firestore_decode - see firestore_decode.h */
#include "google/firestore_decode.h"

#include <math.h>
#include <string.h>

#include "drift_error.h"
#include "timefmt.h"

/** Names in messages are cut here. */
#define NAME_SHOWN_MAX 100

/** Every whole number up to here is a double of its own. */
#define DOUBLE_WHOLE_MAX 9007199254740992.0

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

struct member {
	const char *name;
	enum firestore_type type;
	bool (*decode)(json_object *content, int depth, struct firestore_value *value,
		       GError **error);
};

static bool refuse(GError **error, const char *why)
{
	g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, why);
	return false;
}

static void value_free(gpointer data)
{
	struct firestore_value *value = data;

	g_free(value->text);
	g_clear_pointer(&value->items, g_ptr_array_unref);
	g_clear_pointer(&value->fields, g_hash_table_unref);
	g_free(value);
}

/* --- scalars --- */

/* Text of a JSON string, a NUL in it replaced: the text before it alone would be another value. */
static char *string_of(json_object *content)
{
	const char *text = json_object_get_string(content);
	size_t length = (size_t)json_object_get_string_len(content); /* never negative */
	GString *out = g_string_sized_new(length);

	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\0')
			g_string_append(out, REPLACEMENT);
		else
			g_string_append_c(out, text[i]);
	}
	return g_string_free(out, FALSE);
}

static bool decode_null(json_object *content, int depth, struct firestore_value *value,
			GError **error)
{
	(void)depth;
	(void)value;
	if (content && (!json_object_is_type(content, json_type_string) ||
			strcmp(json_object_get_string(content), "NULL_VALUE") != 0))
		return refuse(error, "nullValue is not null");
	return true;
}

static bool decode_boolean(json_object *content, int depth, struct firestore_value *value,
			   GError **error)
{
	(void)depth;
	if (!json_object_is_type(content, json_type_boolean))
		return refuse(error, "booleanValue is not true or false");
	value->text = json_scalar_text(content);
	return true;
}

/* int64 comes as a decimal string; numbers are legal, too (proto3 JSON). */
static bool decode_integer(json_object *content, int depth, struct firestore_value *value,
			   GError **error)
{
	gint64 number = 0;
	g_autofree char *text = NULL;

	(void)depth;
	if (json_object_is_type(content, json_type_string) ||
	    json_object_is_type(content, json_type_int))
		text = json_scalar_text(content);
	if (!text || !g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &number, NULL))
		return refuse(error, "integerValue is not a whole number of 64 bits");
	value->text = g_strdup_printf("%" PRId64, (int64_t)number);
	return true;
}

/* The shortest text that is the same double; whole numbers without a point. */
static char *double_text(double number)
{
	char buffer[G_ASCII_DTOSTR_BUF_SIZE];

	if (isinf(number)) /* 1e999 */
		return g_strdup(number > 0 ? "Infinity" : "-Infinity");
	if (fabs(number) <= DOUBLE_WHOLE_MAX && (double)(int64_t)number == number)
		return g_strdup_printf("%" PRId64, (int64_t)number); /* in range and whole */
	(void)g_ascii_formatd(buffer, sizeof(buffer), "%.15g", number);
	if (g_ascii_strtod(buffer, NULL) != number)
		(void)g_ascii_dtostr(buffer, sizeof(buffer), number);
	return g_strdup(buffer);
}

/* What JSON has no number for. */
static bool is_named_double(const char *text)
{
	return strcmp(text, "NaN") == 0 || strcmp(text, "Infinity") == 0 ||
	       strcmp(text, "-Infinity") == 0;
}

static bool is_number(json_object *content)
{
	return json_object_is_type(content, json_type_int) ||
	       json_object_is_type(content, json_type_double);
}

static bool decode_double(json_object *content, int depth, struct firestore_value *value,
			  GError **error)
{
	(void)depth;
	if (is_number(content))
		value->text = double_text(json_object_get_double(content));
	else if (json_object_is_type(content, json_type_string) &&
		 is_named_double(json_object_get_string(content)))
		value->text = string_of(content);
	else
		return refuse(error, "doubleValue is not a number");
	return true;
}

static bool decode_timestamp(json_object *content, int depth, struct firestore_value *value,
			     GError **error)
{
	int64_t wall_ms = 0;

	(void)depth;
	if (!json_object_is_type(content, json_type_string))
		return refuse(error, "timestampValue is no text");
	value->text = string_of(content);
	if (timefmt_parse(value->text, &wall_ms, error))
		return true;
	g_prefix_error(error, "timestampValue: ");
	return false;
}

static bool decode_string(json_object *content, int depth, struct firestore_value *value,
			  GError **error)
{
	(void)depth;
	if (!json_object_is_type(content, json_type_string))
		return refuse(error, "stringValue is no text");
	value->text = string_of(content);
	return true;
}

static bool decode_bytes(json_object *content, int depth, struct firestore_value *value,
			 GError **error)
{
	(void)depth;
	if (json_object_is_type(content, json_type_string))
		value->text = string_of(content);
	if (!value->text || value->text[strspn(value->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
							    "abcdefghijklmnopqrstuvwxyz"
							    "0123456789+/-_=")])
		return refuse(error, "bytesValue is not base64");
	return true;
}

static bool decode_reference(json_object *content, int depth, struct firestore_value *value,
			     GError **error)
{
	(void)depth;
	if (!json_object_is_type(content, json_type_string))
		return refuse(error, "referenceValue is no text");
	value->text = string_of(content);
	return true;
}

/* --- what holds others --- */

/* A coordinate; absent: 0, as proto3 JSON leaves it out. */
static bool is_coordinate(json_object *content, const char *name, double limit)
{
	json_object *number = NULL;

	if (!json_object_object_get_ex(content, name, &number))
		return true;
	return is_number(number) && fabs(json_object_get_double(number)) <= limit;
}

static bool decode_geo_point(json_object *content, int depth, struct firestore_value *value,
			     GError **error)
{
	(void)depth;
	(void)value;
	if (!json_object_is_type(content, json_type_object) ||
	    !is_coordinate(content, "latitude", 90) || !is_coordinate(content, "longitude", 180))
		return refuse(error, "geoPointValue is not a latitude and a longitude");
	return true;
}

static struct firestore_value *decode_value(json_object *object, int depth, GError **error);

static bool decode_array(json_object *content, int depth, struct firestore_value *value,
			 GError **error)
{
	json_object *values = NULL;
	size_t count = 0;

	if (!json_object_is_type(content, json_type_object))
		return refuse(error, "arrayValue is no object");
	if (!json_check_member(content, "values", json_type_array, error))
		return false;
	values = json_member_array(content, "values");
	count = values ? json_object_array_length(values) : 0;
	value->items = g_ptr_array_new_with_free_func(value_free);
	for (size_t i = 0; i < count; i++) {
		struct firestore_value *item =
			decode_value(json_object_array_get_idx(values, i), depth + 1, error);

		if (!item) {
			g_prefix_error(error, "element %zu: ", i);
			return false;
		}
		g_ptr_array_add(value->items, item);
	}
	return true;
}

static bool decode_map(json_object *content, int depth, struct firestore_value *value,
		       GError **error)
{
	if (!json_object_is_type(content, json_type_object))
		return refuse(error, "mapValue is no object");
	value->fields = firestore_decode_fields(content, depth + 1, error);
	return value->fields != NULL;
}

static const struct member members[] = {
	{"nullValue", FIRESTORE_TYPE_NULL, decode_null},
	{"booleanValue", FIRESTORE_TYPE_BOOLEAN, decode_boolean},
	{"integerValue", FIRESTORE_TYPE_INTEGER, decode_integer},
	{"doubleValue", FIRESTORE_TYPE_DOUBLE, decode_double},
	{"timestampValue", FIRESTORE_TYPE_TIMESTAMP, decode_timestamp},
	{"stringValue", FIRESTORE_TYPE_STRING, decode_string},
	{"bytesValue", FIRESTORE_TYPE_BYTES, decode_bytes},
	{"referenceValue", FIRESTORE_TYPE_REFERENCE, decode_reference},
	{"geoPointValue", FIRESTORE_TYPE_GEO_POINT, decode_geo_point},
	{"arrayValue", FIRESTORE_TYPE_ARRAY, decode_array},
	{"mapValue", FIRESTORE_TYPE_MAP, decode_map},
};

static const struct member *find_member(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
		if (strcmp(members[i].name, name) == 0)
			return &members[i];
	return NULL;
}

/* The one member that says type and content; NULL with error when there is another number of
 * them. */
static const struct member *the_member(json_object *object, json_object **ret_content,
				       GError **error)
{
	const struct member *found = NULL;

	if (!json_object_is_type(object, json_type_object) ||
	    json_object_object_length(object) != 1) {
		refuse(error, "a value is not an object with exactly one member");
		return NULL;
	}
	json_object_object_foreach(object, name, content)
	{
		found = find_member(name);
		*ret_content = content;
		if (!found)
			g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
				    "\"%.*s\" is no type of value", NAME_SHOWN_MAX, name);
	}
	return found;
}

static struct firestore_value *decode_value(json_object *object, int depth, GError **error)
{
	json_object *content = NULL;
	const struct member *member = NULL;
	struct firestore_value *value = NULL;

	if (depth > FIRESTORE_DEPTH_MAX) {
		refuse(error, "nested deeper than Firestore allows");
		return NULL;
	}
	member = the_member(object, &content, error);
	if (!member)
		return NULL;
	value = g_new0(struct firestore_value, 1);
	value->type = member->type;
	if (member->decode(content, depth, value, error))
		return value;
	value_free(value);
	return NULL;
}

static bool add_field(GHashTable *fields, const char *name, json_object *object, int depth,
		      GError **error)
{
	struct firestore_value *value = decode_value(object, depth, error);

	if (!value) {
		g_autofree char *shown = g_utf8_substring(
			name, 0, MIN(g_utf8_strlen(name, -1), (glong)NAME_SHOWN_MAX));

		g_prefix_error(error, "field %s: ", shown);
		return false;
	}
	g_hash_table_replace(fields, g_strdup(name), value);
	return true;
}

GHashTable *firestore_decode_fields(json_object *holder, int depth, GError **error)
{
	json_object *object = NULL;
	GHashTable *fields = NULL;

	if (!json_check_member(holder, "fields", json_type_object, error))
		return NULL;
	object = json_member_object(holder, "fields");
	fields = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, value_free);
	if (!object)
		return fields;
	json_object_object_foreach(object, name, content)
	{
		if (add_field(fields, name, content, depth, error))
			continue;
		g_hash_table_unref(fields);
		return NULL;
	}
	return fields;
}
