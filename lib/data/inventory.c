/* inventory - see inventory.h */
#include "data/inventory.h"

#include <assert.h>
#include <string.h>

#include "data/inventory_private.h"
#include "drift_error.h"
#include "text.h"

struct inventory {
	GHashTable *objects; /* struct inventory_object *, each by type and name */
};

static const struct inventory_type types[] = {
	{"server", false},        {"extension", false},    {"dataset", false},
	{"schema", false},        {"table", true},         {"snapshot", true},
	{"clone", true},          {"view", true},          {"materialized_view", true},
	{"external_table", true}, {"foreign_table", true}, {"routine", true},
	{"function", true},       {"procedure", true},     {"aggregate", true},
	{"owner", false},         {"grant", false},        {"partitioning", false},
	{"clustering", false},    {"rows", false},         {"column", false},
	{"constraint", false},    {"index", false},
};

int inventory_type_find(const char *name, size_t length)
{
	for (int i = 0; i < (int)G_N_ELEMENTS(types); i++)
		if (strlen(types[i].name) == length && memcmp(types[i].name, name, length) == 0)
			return i;
	return INVENTORY_TYPE_NONE;
}

const struct inventory_type *inventory_type_at(int type)
{
	return &types[type];
}

int inventory_type_rows(void)
{
	return inventory_type_find("rows", strlen("rows"));
}

bool inventory_knows_type(const char *type)
{
	return inventory_type_find(type, strlen(type)) != INVENTORY_TYPE_NONE;
}

static guint object_hash(gconstpointer data)
{
	const struct inventory_object *object = data;

	return g_str_hash(object->name) * 31 + (guint)object->type; /* never negative */
}

static gboolean object_equal(gconstpointer a, gconstpointer b)
{
	const struct inventory_object *first = a;
	const struct inventory_object *second = b;

	return first->type == second->type && strcmp(first->name, second->name) == 0;
}

static void object_free(gpointer data)
{
	struct inventory_object *object = data;

	g_free(object->name);
	g_free(object->definition);
	if (object->joined)
		g_ptr_array_unref(object->joined);
	g_free(object);
}

struct inventory *inventory_create(void)
{
	struct inventory *inventory = g_new0(struct inventory, 1);

	inventory->objects = g_hash_table_new_full(object_hash, object_equal, object_free, NULL);
	return inventory;
}

void inventory_free(struct inventory *inventory)
{
	if (!inventory)
		return;
	g_hash_table_unref(inventory->objects);
	g_free(inventory);
}

size_t inventory_size(const struct inventory *inventory)
{
	return g_hash_table_size(inventory->objects);
}

struct inventory_object *inventory_find(const struct inventory *inventory, int type,
					const char *name)
{
	char *borrowed = (char *)(uintptr_t)name; /* a key to look for: never written to */
	struct inventory_object key = {.type = type, .name = borrowed};

	return g_hash_table_lookup(inventory->objects, &key);
}

/* The object of that type and (raw) name, made when it is not there. */
static struct inventory_object *intern(struct inventory *inventory, int type, const char *raw,
				       bool *ret_is_new, GError **error)
{
	g_autofree char *name = inventory_escape(raw, true, INVENTORY_NAME_MAX_BYTES);
	struct inventory_object *object = inventory_find(inventory, type, name);

	*ret_is_new = !object;
	if (object)
		return object;
	if (inventory_size(inventory) >= INVENTORY_OBJECTS_MAX) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "more than %d objects: name fewer schemas or datasets",
			    INVENTORY_OBJECTS_MAX);
		return NULL;
	}
	object = g_new0(struct inventory_object, 1);
	object->type = type;
	object->name = g_steal_pointer(&name);
	(void)g_hash_table_add(inventory->objects, object); /* it was not there */
	return object;
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Another definition of what is there already. Takes definition. */
static void join(struct inventory_object *object, char *definition)
{
	GString *text = NULL;
	g_autofree char *whole = NULL;
	g_autofree char *raw = NULL;

	if (!object->joined) {
		object->joined = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(object->joined,
				g_strdup(object->definition ? object->definition : ""));
	}
	if (g_ptr_array_find_with_equal_func(object->joined, definition, g_str_equal, NULL)) {
		g_free(definition);
		return;
	}
	g_ptr_array_add(object->joined, definition);
	g_ptr_array_sort(object->joined, compare_texts);
	text = g_string_new(NULL);
	for (guint i = 0; i < object->joined->len; i++) {
		g_string_append(text, i > 0 && text->len > 0 ? "; " : "");
		g_string_append(text, object->joined->pdata[i]);
	}
	/* anew as a whole: what begins or ends a part does not begin or end it */
	whole = g_string_free(text, FALSE);
	raw = inventory_unescape(whole, strlen(whole));
	assert(raw); /* made of escaped parts */
	g_free(object->definition);
	object->definition = inventory_escape(raw, false, INVENTORY_DEFINITION_MAX_BYTES);
}

bool inventory_add(struct inventory *inventory, const char *type, const char *name,
		   const char *definition, GError **error)
{
	int number = inventory_type_find(type, strlen(type));
	g_autofree char *text = inventory_escape(definition ? definition : "", false,
						 INVENTORY_DEFINITION_MAX_BYTES);
	struct inventory_object *object = NULL;
	bool is_new = false;

	assert(number != INVENTORY_TYPE_NONE);
	object = intern(inventory, number, name, &is_new, error);
	if (!object)
		return false;
	if (is_new)
		object->definition = *text ? g_steal_pointer(&text) : NULL;
	else
		join(object, g_steal_pointer(&text));
	return true;
}

bool inventory_add_rows(struct inventory *inventory, const char *name, int64_t rows, bool is_least,
			GError **error)
{
	bool is_new = false;
	struct inventory_object *object =
		intern(inventory, inventory_type_rows(), name, &is_new, error);

	if (!object)
		return false;
	object->counted = true;
	object->rows = rows;
	object->is_least = is_least;
	return true;
}

static const struct inventory_object *find_raw(const struct inventory *inventory, int type,
					       const char *name)
{
	g_autofree char *canonical = inventory_escape(name, true, INVENTORY_NAME_MAX_BYTES);

	return inventory_find(inventory, type, canonical);
}

int64_t inventory_rows_needed(const struct inventory *expected, const char *name)
{
	const struct inventory_object *object = find_raw(expected, inventory_type_rows(), name);

	/* one more than the bound tells all the operators apart */
	return object && object->definition ? inventory_bound(object->definition) + 1 : 0;
}

bool inventory_has_named(const struct inventory *inventory, const char *type, const char *name)
{
	int number = inventory_type_find(type, strlen(type));
	g_auto(GStrv) parts = g_strsplit(name, "\"", -1);
	g_autofree char *doubled = g_strjoinv("\"\"", parts);
	g_autofree char *quoted = g_strdup_printf("\"%s\"", doubled);

	return find_raw(inventory, number, name) || find_raw(inventory, number, quoted);
}

static gint compare_objects(gconstpointer a, gconstpointer b)
{
	const struct inventory_object *first = *(const struct inventory_object *const *)a;
	const struct inventory_object *second = *(const struct inventory_object *const *)b;
	int order = strcmp(first->name, second->name);

	return order != 0 ? order : first->type - second->type;
}

GPtrArray *inventory_sorted(const struct inventory *inventory)
{
	GPtrArray *sorted = g_ptr_array_sized_new(g_hash_table_size(inventory->objects));
	GHashTableIter iter;
	gpointer object = NULL;

	g_hash_table_iter_init(&iter, inventory->objects);
	while (g_hash_table_iter_next(&iter, &object, NULL))
		g_ptr_array_add(sorted, object);
	g_ptr_array_sort(sorted, compare_objects);
	return sorted;
}

size_t inventory_parent_length(const char *name, size_t length)
{
	size_t parent = 0;
	int depth = 0;
	char quote = '\0';

	for (size_t i = 0; i < length; i++) {
		if (quote) {
			if (name[i] == quote)
				quote = '\0';
			continue;
		}
		if (name[i] == '"' || name[i] == '`')
			quote = name[i];
		else if (name[i] == '(')
			depth++;
		else if (name[i] == ')')
			depth--;
		else if (depth == 0 && (name[i] == '.' || g_str_has_prefix(name + i, " to ")))
			parent = i;
	}
	return parent;
}

static bool matches_any(char *const *ignores, const char *name)
{
	for (; *ignores; ignores++)
		if (text_glob(*ignores, name))
			return true;
	return false;
}

bool inventory_ignores(char *const *ignores, const char *name)
{
	g_autofree char *part = NULL;
	size_t length = strlen(name);

	if (!ignores || !*ignores)
		return false;
	if (matches_any(ignores, name))
		return true;
	part = g_strdup(name);
	while ((length = inventory_parent_length(part, length)) > 0) {
		part[length] = '\0';
		if (matches_any(ignores, part))
			return true;
	}
	return false;
}
