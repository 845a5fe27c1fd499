/* select - see select.h */
#include "git/select.h"

#include <string.h>

#include "git/pathset.h"

/** From this many unmatched paths on a pattern looks for its prefix in sorted paths. */
#define SORT_MIN 64

/* One pattern, shared by all sets that have it. */
struct pattern {
	struct pathset *pathset; /* of this pattern alone */
	struct bits paths;
	uint32_t done; /* paths 1..done were held against it */
};

struct member {
	struct pattern *pattern; /* borrowed from select */
	bool negative;
};

struct select_set {
	GArray *members; /* struct member */
	struct bits paths;
	uint32_t done;
	bool whole; /* begins with every path: no positive pattern */
};

struct select {
	const struct intern *paths;
	GHashTable *patterns; /* as given -> struct pattern * */
	GHashTable *sets;     /* patterns, a newline behind each -> struct select_set * */
	uint32_t *sorted;     /* the first sorted_count paths, sorted by their bytes */
	uint32_t sorted_count;
};

static void free_pattern(gpointer data)
{
	struct pattern *pattern = data;

	pathset_free(pattern->pathset);
	bits_clear(&pattern->paths);
	g_free(pattern);
}

static void free_set(gpointer data)
{
	struct select_set *set = data;

	g_array_unref(set->members);
	bits_clear(&set->paths);
	g_free(set);
}

struct select *select_create(const struct intern *paths)
{
	struct select *select = g_new0(struct select, 1);

	select->paths = paths;
	select->patterns = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_pattern);
	select->sets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_set);
	return select;
}

void select_free(struct select *select)
{
	if (!select)
		return;
	g_hash_table_unref(select->sets);
	g_hash_table_unref(select->patterns);
	g_free(select->sorted);
	g_free(select);
}

bool select_is_full(const struct select *select)
{
	return g_hash_table_size(select->sets) > SELECT_SETS_MAX;
}

void select_trim(struct select *select)
{
	g_hash_table_remove_all(select->sets);
	g_hash_table_remove_all(select->patterns);
}

static struct pattern *get_pattern(struct select *select, const char *text, GError **error)
{
	const char *const one[] = {text, NULL};
	struct pattern *pattern = g_hash_table_lookup(select->patterns, text);
	struct pathset *pathset;

	if (pattern)
		return pattern;
	pathset = pathset_compile(one, error);
	if (!pathset)
		return NULL;
	pattern = g_new0(struct pattern, 1);
	pattern->pathset = pathset;
	g_hash_table_insert(select->patterns, g_strdup(text), pattern);
	return pattern;
}

static struct select_set *make_set(struct select *select, char *const *patterns, GError **error)
{
	struct select_set *set = g_new0(struct select_set, 1);

	set->members = g_array_new(FALSE, FALSE, sizeof(struct member));
	set->whole = true;
	for (size_t i = 0; patterns && patterns[i]; i++) {
		struct member member = {.negative = patterns[i][0] == '!'};

		member.pattern = get_pattern(select, patterns[i], error);
		if (!member.pattern) {
			free_set(set);
			return NULL;
		}
		set->whole = set->whole && member.negative;
		g_array_append_val(set->members, member);
	}
	return set;
}

struct select_set *select_get(struct select *select, char *const *patterns, GError **error)
{
	g_autoptr(GString) key = g_string_new(NULL);
	struct select_set *set;

	/* no pattern holds a newline: the configuration is read by lines */
	for (size_t i = 0; patterns && patterns[i]; i++)
		g_string_append_printf(key, "%s\n", patterns[i]);
	set = g_hash_table_lookup(select->sets, key->str);
	if (set)
		return set;
	set = make_set(select, patterns, error);
	if (set)
		g_hash_table_insert(select->sets, g_strdup(key->str), set);
	return set;
}

static gint compare_paths(gconstpointer a, gconstpointer b, gpointer data)
{
	const struct select *select = data;

	return strcmp(intern_bytes(select->paths, *(const uint32_t *)a),
		      intern_bytes(select->paths, *(const uint32_t *)b));
}

static void sort_paths(struct select *select)
{
	uint32_t count = intern_count(select->paths);

	g_free(select->sorted);
	select->sorted = g_new(uint32_t, count);
	for (uint32_t i = 0; i < count; i++)
		select->sorted[i] = i + 1;
	g_qsort_with_data(select->sorted, (gint)count, sizeof(uint32_t), compare_paths, select);
	select->sorted_count = count;
}

/* Index of the first sorted path that does not come before @p prefix. */
static uint32_t find_sorted(const struct select *select, const char *prefix)
{
	uint32_t low = 0;
	uint32_t high = select->sorted_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (strcmp(intern_bytes(select->paths, select->sorted[middle]), prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* All paths at once: only those that share the prefix are matched. */
static void match_sorted(struct select *select, struct pattern *pattern)
{
	const char *prefix = pathset_prefix(pattern->pathset, 0);
	size_t length = strlen(prefix);

	if (select->sorted_count < intern_count(select->paths))
		sort_paths(select);
	for (uint32_t i = find_sorted(select, prefix); i < select->sorted_count; i++) {
		const char *path = intern_bytes(select->paths, select->sorted[i]);

		if (strncmp(path, prefix, length) != 0)
			break;
		if (pathset_match_one(pattern->pathset, 0, path))
			bits_add(&pattern->paths, select->sorted[i]);
	}
	pattern->done = select->sorted_count;
}

static void update_pattern(struct select *select, struct pattern *pattern)
{
	uint32_t count = intern_count(select->paths);

	if (pattern->done == 0 && count >= SORT_MIN)
		match_sorted(select, pattern);
	for (uint32_t path = pattern->done + 1; path <= count; path++) {
		if (pathset_match_one(pattern->pathset, 0, intern_bytes(select->paths, path)))
			bits_add(&pattern->paths, path);
	}
	pattern->done = count;
}

const struct bits *select_paths(struct select *select, struct select_set *set)
{
	uint32_t count = intern_count(select->paths);

	if (set->done == count)
		return &set->paths;
	bits_clear(&set->paths);
	if (set->whole && count > 0)
		bits_add_range(&set->paths, 1, count);
	for (guint i = 0; i < set->members->len; i++) {
		const struct member *member = &g_array_index(set->members, struct member, i);

		update_pattern(select, member->pattern);
		if (member->negative)
			bits_remove_all(&set->paths, &member->pattern->paths);
		else
			bits_add_all(&set->paths, &member->pattern->paths);
	}
	set->done = count;
	return &set->paths;
}

static const struct member *member_at(const struct select_set *set, size_t index)
{
	g_assert(index < set->members->len);
	return &g_array_index(set->members, struct member, index);
}

size_t select_pattern_count(const struct select_set *set)
{
	return set->members->len;
}

const char *select_pattern(const struct select_set *set, size_t index)
{
	return pathset_pattern(member_at(set, index)->pattern->pathset, 0);
}

bool select_is_negative(const struct select_set *set, size_t index)
{
	return member_at(set, index)->negative;
}

const struct bits *select_pattern_paths(struct select *select, const struct select_set *set,
					size_t index)
{
	struct pattern *pattern = member_at(set, index)->pattern;

	update_pattern(select, pattern);
	return &pattern->paths;
}

bool select_pattern_matches(const struct select_set *set, size_t index, const char *path)
{
	return pathset_match_one(member_at(set, index)->pattern->pathset, 0, path);
}

const char *select_pattern_prefix(const struct select_set *set, size_t index)
{
	return pathset_prefix(member_at(set, index)->pattern->pathset, 0);
}
