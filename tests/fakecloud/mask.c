/* mask - see mask.h */
#include "tests/fakecloud/mask.h"

#include "tests/fakecloud/jsn.h"

#include <string.h>

static json_object *select_members(json_object *value, const char *mask);

/** Length of the first of several names, parentheses and all. */
static size_t name_length(const char *mask)
{
	size_t length = 0;
	int depth = 0;

	for (; mask[length]; length++) {
		if (mask[length] == '(')
			depth++;
		else if (mask[length] == ')')
			depth--;
		else if (mask[length] == ',' && depth == 0)
			break;
	}
	return length;
}

/** What follows a name: "(a,b)", "/a", or nothing. Caller frees; NULL: nothing. */
static char *inner_mask(const char *rest, size_t length)
{
	if (length > 1 && *rest == '(')
		return g_strndup(rest + 1, length - 2);
	if (length > 0 && *rest == '/')
		return g_strndup(rest + 1, length - 1);
	return NULL;
}

static void select_one(json_object *object, const char *mask, size_t length, json_object *kept)
{
	size_t name_bytes = MIN(strcspn(mask, "(/,"), length);
	g_autofree char *name = g_strndup(mask, name_bytes);
	g_autofree char *inner = inner_mask(mask + name_bytes, length - name_bytes);
	json_object *value = jsn_at(object, name);

	if (value && inner)
		jsn_add(kept, name, select_members(value, inner));
	else
		jsn_add_copy(kept, name, value);
}

static json_object *select_members(json_object *value, const char *mask)
{
	json_object *kept = NULL;

	if (json_object_is_type(value, json_type_array)) {
		kept = json_object_new_array();
		for (size_t i = 0; i < json_object_array_length(value); i++)
			json_object_array_add(
				kept, select_members(json_object_array_get_idx(value, i), mask));
		return kept;
	}
	kept = json_object_new_object();
	while (*mask) {
		size_t length = name_length(mask);

		select_one(value, mask, length, kept);
		mask += length;
		mask += *mask == ',' ? 1 : 0;
	}
	return kept;
}

json_object *mask_apply(json_object *taken, const struct request *request)
{
	const char *fields = request_query(request, "fields");
	json_object *kept = NULL;

	if (!fields)
		return taken;
	kept = select_members(taken, fields);
	json_object_put(taken);
	return kept;
}
