/* inventory_compare - how what should exist and what does differ: one walk along both, sorted. See
 * inventory.h */
#include "data/inventory.h"

#include <string.h>

#include "data/inventory_private.h"

/* A comparison under way. */
struct comparison {
	char *const *ignores;
	bool report_unexpected;
	struct inventory_obs *obs;
	GArray *pairs;          /* struct pair, in order of object */
	GHashTable *missing;    /* names of what is missing and has parts; borrowed */
	GHashTable *unexpected; /* the same */
};

/* What differs; one of both may be NULL. */
struct pair {
	const struct inventory_object *expected;
	const struct inventory_object *actual;
	enum inventory_change change;
};

static bool is_same(const struct inventory_object *expected, const struct inventory_object *actual)
{
	bool meets = false;

	if (!actual->counted || expected->counted)
		return g_strcmp0(expected->definition, actual->definition) == 0 &&
		       expected->rows == actual->rows;
	if (!expected->definition ||
	    !inventory_meets(expected->definition, actual->rows, &meets, NULL))
		return false;
	return meets && actual->rows != INVENTORY_ROWS_UNKNOWN;
}

/* One object: of one side, or of both; the other may be NULL. */
static void note(struct comparison *comparison, const struct inventory_object *object,
		 const struct inventory_object *expected, const struct inventory_object *actual)
{
	struct pair pair = {.expected = expected, .actual = actual};

	if (inventory_ignores(comparison->ignores, object->name))
		return;
	comparison->obs->expected += expected ? 1 : 0;
	comparison->obs->found += actual && (expected || !actual->counted) ? 1 : 0;
	if (expected && actual)
		pair.change = is_same(expected, actual) ? INVENTORY_CHANGE_NONE
							: INVENTORY_CHANGE_CHANGED;
	else if (expected)
		pair.change = INVENTORY_CHANGE_MISSING;
	else if (comparison->report_unexpected && !actual->counted)
		pair.change = INVENTORY_CHANGE_UNEXPECTED;
	if (pair.change == INVENTORY_CHANGE_NONE)
		return;
	g_array_append_val(comparison->pairs, pair);
	if (pair.change == INVENTORY_CHANGE_CHANGED || !inventory_type_at(object->type)->has_parts)
		return;
	(void)g_hash_table_add(expected ? comparison->missing : comparison->unexpected,
			       object->name); /* two of one name: both stand for the parts */
}

static int order_of(const struct inventory_object *first, const struct inventory_object *second)
{
	int order = strcmp(first->name, second->name);

	return order != 0 ? order : first->type - second->type;
}

static void walk(struct comparison *comparison, const GPtrArray *expected, const GPtrArray *actual)
{
	guint i = 0;
	guint j = 0;

	while (i < expected->len || j < actual->len) {
		int order = i == expected->len ? 1
			    : j == actual->len ? -1
					       : order_of(expected->pdata[i], actual->pdata[j]);

		note(comparison, order <= 0 ? expected->pdata[i] : actual->pdata[j],
		     order <= 0 ? expected->pdata[i] : NULL, order >= 0 ? actual->pdata[j] : NULL);
		i += order <= 0 ? 1 : 0;
		j += order >= 0 ? 1 : 0;
	}
}

/* Does something that is missing (or unexpected) as a whole stand for it already? */
static bool is_stood_for(const struct comparison *comparison, const struct pair *pair)
{
	const struct inventory_object *object = pair->expected ? pair->expected : pair->actual;
	GHashTable *wholes = pair->expected ? comparison->missing : comparison->unexpected;
	g_autofree char *part = NULL;
	size_t length = strlen(object->name);

	if (pair->change == INVENTORY_CHANGE_CHANGED || inventory_type_at(object->type)->has_parts)
		return false;
	part = g_strdup(object->name);
	do {
		part[length] = '\0';
		if (g_hash_table_contains(wholes, part))
			return true;
	} while ((length = inventory_parent_length(part, length)) > 0);
	return false;
}

static char *definition_of(const struct inventory_object *object)
{
	if (!object)
		return NULL;
	if (object->counted && object->rows == INVENTORY_ROWS_UNKNOWN)
		return g_strdup("not known");
	if (object->counted)
		return g_strdup_printf("%s%" PRId64, object->is_least ? "at least " : "",
				       object->rows);
	return g_strdup(object->definition);
}

static void keep(struct inventory_obs *obs, const struct pair *pair)
{
	const struct inventory_object *object = pair->expected ? pair->expected : pair->actual;
	struct inventory_difference *difference = NULL;

	obs->missing += pair->change == INVENTORY_CHANGE_MISSING ? 1 : 0;
	obs->unexpected += pair->change == INVENTORY_CHANGE_UNEXPECTED ? 1 : 0;
	obs->changed += pair->change == INVENTORY_CHANGE_CHANGED ? 1 : 0;
	if (obs->differences->len >= INVENTORY_DIFFERENCES_MAX)
		return;
	difference = g_new0(struct inventory_difference, 1);
	difference->change = pair->change;
	difference->type = g_strdup(inventory_type_at(object->type)->name);
	difference->object = g_strdup(object->name);
	difference->expected = definition_of(pair->expected);
	difference->actual = definition_of(pair->actual);
	g_ptr_array_add(obs->differences, difference);
}

void inventory_compare(const struct inventory *expected, const struct inventory *actual,
		       char *const *ignores, bool report_unexpected, struct inventory_obs *ret_obs)
{
	g_autoptr(GPtrArray) wanted = inventory_sorted(expected);
	g_autoptr(GPtrArray) there = inventory_sorted(actual);
	g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(struct pair));
	g_autoptr(GHashTable) missing = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) unexpected = g_hash_table_new(g_str_hash, g_str_equal);
	struct comparison comparison = {
		.ignores = ignores,
		.report_unexpected = report_unexpected,
		.obs = ret_obs,
		.pairs = pairs,
		.missing = missing,
		.unexpected = unexpected,
	};

	walk(&comparison, wanted, there);
	for (guint i = 0; i < pairs->len; i++) {
		const struct pair *pair = &g_array_index(pairs, struct pair, i);

		if (!is_stood_for(&comparison, pair))
			keep(ret_obs, pair);
	}
}

const char *inventory_find_uncounted(const struct inventory *expected,
				     const struct inventory *actual, char *const *ignores)
{
	g_autoptr(GPtrArray) wanted = inventory_sorted(expected);
	int rows = inventory_type_rows();

	for (guint i = 0; i < wanted->len; i++) {
		const struct inventory_object *object = wanted->pdata[i];
		const struct inventory_object *other = NULL;

		if (object->type != rows || inventory_ignores(ignores, object->name))
			continue;
		other = inventory_find(actual, rows, object->name);
		if (other && other->counted && other->rows == INVENTORY_ROWS_UNKNOWN)
			return object->name;
	}
	return NULL;
}
