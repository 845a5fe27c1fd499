/* decode - see decode.h */
#include "google/decode.h"

#include <string.h>

#include "drift_error.h"
#include "text.h"
#include "timefmt.h"

static bool refuse(GError **error, const char *name, const char *why)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "%s %s", name, why);
	return false;
}

bool decode_text(json_object *object, const char *name, size_t max_bytes, char **ret_text,
		 GError **error)
{
	json_object *value = NULL;
	const char *text = NULL;

	if (!json_check_member(object, name, json_type_string, error))
		return false;
	if (json_object_object_get_ex(object, name, &value) && value) {
		text = json_object_get_string(value);
		if (strlen(text) != (size_t)json_object_get_string_len(value))
			return refuse(error, name, "holds a NUL character");
		if (strlen(text) > max_bytes)
			return refuse(error, name, "is too long");
	}
	*ret_text = text && text[0] ? g_strdup(text) : NULL;
	return true;
}

const char *decode_tail(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool decode_last_part(json_object *object, const char *name, char **ret_text, GError **error)
{
	g_autofree char *text = NULL;
	const char *tail = NULL;

	if (!decode_text(object, name, 4 * (size_t)DECODE_NAME_MAX_BYTES, &text, error))
		return false;
	tail = text ? decode_tail(text) : NULL;
	if (tail && (tail[0] == '\0' || strlen(tail) > DECODE_NAME_MAX_BYTES))
		return refuse(error, name, "is not the name of a resource");
	*ret_text = g_strdup(tail);
	return true;
}

bool decode_int(json_object *object, const char *name, int64_t min, int64_t max,
		int64_t *ret_number, GError **error)
{
	json_object *value = NULL;
	int64_t number = 0;

	if (json_object_object_get_ex(object, name, &value) && value) {
		number = json_member_int(object, name, INT64_MIN);
		if (number == INT64_MIN)
			return refuse(error, name, "is not a whole number");
	}
	if (value && (number < min || number > max))
		return refuse(error, name, "is out of range");
	*ret_number = number;
	return true;
}

bool decode_bool(json_object *object, const char *name, bool *ret_answer, GError **error)
{
	if (!json_check_member(object, name, json_type_boolean, error))
		return false;
	*ret_answer = json_member_bool(object, name, false);
	return true;
}

bool decode_time(json_object *object, const char *name, int64_t *ret_wall_ms, GError **error)
{
	g_autofree char *text = NULL;
	int64_t wall_ms = 0;

	if (!decode_text(object, name, 2 * (size_t)TIMEFMT_BYTES, &text, error))
		return false;
	if (text && !timefmt_parse(text, &wall_ms, error)) {
		g_prefix_error(error, "%s: ", name);
		return false;
	}
	*ret_wall_ms = wall_ms;
	return true;
}

bool decode_object(json_object *object, const char *name, json_object **ret_object, GError **error)
{
	if (!json_check_member(object, name, json_type_object, error))
		return false;
	*ret_object = json_member_object(object, name);
	return true;
}

bool decode_array(json_object *object, const char *name, size_t max_items, json_object **ret_array,
		  GError **error)
{
	json_object *array = NULL;

	if (!json_check_member(object, name, json_type_array, error))
		return false;
	array = json_member_array(object, name);
	if (array && json_object_array_length(array) > max_items)
		return refuse(error, name, "has too many elements");
	*ret_array = array;
	return true;
}

bool decode_element(json_object *array, const char *name, size_t index, json_object **ret_object,
		    GError **error)
{
	json_object *element = json_object_array_get_idx(array, index);

	if (!json_object_is_type(element, json_type_object))
		return refuse(error, name, "has an element that is no object");
	*ret_object = element;
	return true;
}

static bool add_wanted(GHashTable *map, const char *key, json_object *value)
{
	const char *text = NULL;

	if (!value)
		text = ""; /* null is the default */
	else if (json_object_is_type(value, json_type_string))
		text = json_object_get_string(value);
	else
		return false;
	g_hash_table_replace(map, g_strdup(key),
			     text_to_utf8(text, strlen(text), DECODE_VALUE_MAX_BYTES));
	return true;
}

bool decode_map(json_object *object, const char *name, GHashTable *wanted, GHashTable **ret_map,
		GError **error)
{
	json_object *members = NULL;
	GHashTable *map = NULL;

	if (!decode_object(object, name, &members, error))
		return false;
	map = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (members) {
		json_object_object_foreach(members, key, value)
		{
			if (!g_hash_table_contains(wanted, key) || add_wanted(map, key, value))
				continue;
			g_hash_table_unref(map);
			return refuse(error, name, "has a value that is no text");
		}
	}
	*ret_map = map;
	return true;
}
