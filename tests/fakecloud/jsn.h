/* jsn - members of JSON objects, without ceremony. One thread at a time, or under the cloud's
 * lock. */
#ifndef FAKECLOUD_JSN_H
#define FAKECLOUD_JSN_H

#include "base.h"

#include <json-c/json.h>

/** Member, or NULL. Borrowed. */
static inline json_object *jsn_at(json_object *object, const char *name)
{
	json_object *value = NULL;

	return json_object_object_get_ex(object, name, &value) ? value : NULL;
}

/** As text, or @p fallback. Borrowed. */
static inline const char *jsn_text(json_object *object, const char *name, const char *fallback)
{
	json_object *value = jsn_at(object, name);

	return value ? json_object_get_string(value) : fallback;
}

static inline int64_t jsn_int(json_object *object, const char *name, int64_t fallback)
{
	json_object *value = jsn_at(object, name);

	return value ? json_object_get_int64(value) : fallback;
}

/** true, or the text "true". */
static inline bool jsn_flag(json_object *object, const char *name)
{
	const char *text = jsn_text(object, name, "false");

	return g_str_equal(text, "true");
}

static inline size_t jsn_length(json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

static inline void jsn_add(json_object *object, const char *name, json_object *taken)
{
	json_object_object_add(object, name, taken);
}

/** NULL is left out. */
static inline void jsn_add_text(json_object *object, const char *name, const char *text)
{
	if (text)
		jsn_add(object, name, json_object_new_string(text));
}

/** An int64 is text in Google's JSON (API-FACTS 0). */
static inline void jsn_add_int64(json_object *object, const char *name, int64_t value)
{
	char text[24];

	(void)g_snprintf(text, sizeof(text), "%" G_GINT64_FORMAT, value); /* 20 digits at most */
	jsn_add_text(object, name, text);
}

/** A copy of its own: json-c's counts are not made for several threads. NULL is left out. */
static inline void jsn_add_copy(json_object *object, const char *name, json_object *value)
{
	json_object *copy = NULL;

	if (value && json_object_deep_copy(value, &copy, NULL) == 0)
		jsn_add(object, name, copy);
}

#endif
