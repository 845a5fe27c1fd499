/* treediff - see treediff.h */
#include "git/treediff.h"

#include <string.h>

#include "drift_error.h"

/* One run. */
struct run {
	struct treediff *diff;
	GString *path;
	int32_t position;
	GArray *out;
	int depth;
};

/* One side of a comparison: a tree and the place in it. */
struct side {
	git_odb_object *object; /* NULL: the empty tree */
	struct object_cursor cursor;
};

void treediff_init(struct treediff *diff, struct objects *objects)
{
	*diff = (struct treediff){.objects = objects};
	diff->paths = intern_create(TREEDIFF_PATHS_MAX);
	diff->contents = intern_create(INTERN_MAX_ENTRIES);
}

void treediff_done(struct treediff *diff)
{
	intern_free(diff->paths);
	intern_free(diff->contents);
	*diff = (struct treediff){0};
}

static bool open_side(struct run *run, const git_oid *tree, struct side *side, GError **error)
{
	*side = (struct side){0};
	if (!tree)
		return true;
	side->object = objects_read(run->diff->objects, tree, GIT_OBJECT_TREE, error);
	if (!side->object)
		return false;
	if (object_cursor_init(&side->cursor, git_odb_object_data(side->object),
			       git_odb_object_size(side->object), error))
		return true;
	run->diff->objects->damaged = true;
	g_prefix_error(error, "read tree %s: ", git_oid_tostr_s(tree));
	return false;
}

static bool next_entry(struct run *run, struct side *side, GError **error)
{
	if (object_cursor_next(&side->cursor, error))
		return true;
	run->diff->objects->damaged = true;
	g_prefix_error(error, "read tree %s: ", git_oid_tostr_s(git_odb_object_id(side->object)));
	return false;
}

static uint32_t number_content(struct run *run, const struct object_entry *entry)
{
	char key[sizeof(entry->mode) + GIT_OID_RAWSZ];

	if (!entry)
		return 0;
	memcpy(key, &entry->mode, sizeof(entry->mode));
	memcpy(key + sizeof(entry->mode), entry->id, GIT_OID_RAWSZ);
	return intern_put(run->diff->contents, key, sizeof(key));
}

static bool add_change(struct run *run, const struct object_entry *from,
		       const struct object_entry *to, GError **error)
{
	struct change change = {
		.path = intern_put(run->diff->paths, run->path->str, run->path->len),
		.from = number_content(run, from),
		.to = number_content(run, to),
		.position = run->position,
	};

	if (change.path == 0 || (from && change.from == 0) || (to && change.to == 0)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "the repository has more than %d different paths in its history",
			    TREEDIFF_PATHS_MAX);
		return false;
	}
	g_array_append_val(run->out, change);
	return true;
}

static bool compare_trees(struct run *run, const git_oid *from, const git_oid *to, GError **error);

static bool compare_folders(struct run *run, const struct object_entry *from,
			    const struct object_entry *to, GError **error)
{
	git_oid from_id = {0};
	git_oid to_id = {0};
	bool ok;

	if (from)
		memcpy(from_id.id, from->id, GIT_OID_RAWSZ);
	if (to)
		memcpy(to_id.id, to->id, GIT_OID_RAWSZ);
	if (run->depth == TREEDIFF_DEPTH_MAX) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "more than %d folders inside each other", TREEDIFF_DEPTH_MAX);
		return false;
	}
	g_string_append_c(run->path, '/');
	run->depth++;
	ok = compare_trees(run, from ? &from_id : NULL, to ? &to_id : NULL, error);
	run->depth--;
	return ok;
}

static bool is_same_entry(const struct object_entry *a, const struct object_entry *b)
{
	return a->mode == b->mode && memcmp(a->id, b->id, GIT_OID_RAWSZ) == 0;
}

/* One name, on one side or on both; a folder and a file of one name are two names to git. */
static bool compare_entry(struct run *run, const struct object_entry *from,
			  const struct object_entry *to, GError **error)
{
	const struct object_entry *any = from ? from : to;
	size_t length = run->path->len;
	bool ok;

	if (from && to && is_same_entry(from, to))
		return true;
	if (length + any->name_length > TREEDIFF_PATH_MAX_BYTES) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "a path is longer than %d bytes", TREEDIFF_PATH_MAX_BYTES);
		return false;
	}
	g_string_append_len(run->path, any->name, (gssize)any->name_length);
	if (any->mode == OBJECT_MODE_TREE)
		ok = compare_folders(run, from, to, error);
	else
		ok = add_change(run, from, to, error);
	g_string_truncate(run->path, length);
	return ok;
}

static bool is_sorted(const struct run *run, const struct side *side)
{
	return side->object &&
	       object_marks_has(&run->diff->sorted, git_odb_object_id(side->object));
}

/* Two trees of one folder are the same for the most part: that is not taken apart entry by
 * entry. */
static void skip_equal(const struct run *run, struct side *from, struct side *to)
{
	if (from->cursor.has_entry && to->cursor.has_entry &&
	    (is_sorted(run, from) || is_sorted(run, to)))
		object_cursors_skip_equal(&from->cursor, &to->cursor);
}

static int compare_sides(const struct side *from, const struct side *to)
{
	if (!from->cursor.has_entry)
		return 1;
	if (!to->cursor.has_entry)
		return -1;
	return object_compare_entries(&from->cursor.entry, &to->cursor.entry);
}

static bool compare_sides_through(struct run *run, struct side *from, struct side *to,
				  GError **error)
{
	skip_equal(run, from, to);
	while (from->cursor.has_entry || to->cursor.has_entry) {
		int order = compare_sides(from, to);
		bool same = order == 0 && is_same_entry(&from->cursor.entry, &to->cursor.entry);

		if (!compare_entry(run, order <= 0 ? &from->cursor.entry : NULL,
				   order >= 0 ? &to->cursor.entry : NULL, error))
			return false;
		if (order <= 0 && !next_entry(run, from, error))
			return false;
		if (order >= 0 && !next_entry(run, to, error))
			return false;
		if (!same)
			skip_equal(run, from, to);
	}
	if (from->object)
		object_marks_add(&run->diff->sorted, git_odb_object_id(from->object));
	if (to->object)
		object_marks_add(&run->diff->sorted, git_odb_object_id(to->object));
	return true;
}

static bool compare_trees(struct run *run, const git_oid *from, const git_oid *to, GError **error)
{
	struct side from_side = {0};
	struct side to_side = {0};
	bool ok = open_side(run, from, &from_side, error) && open_side(run, to, &to_side, error) &&
		  compare_sides_through(run, &from_side, &to_side, error);

	git_odb_object_free(from_side.object);
	git_odb_object_free(to_side.object);
	return ok;
}

bool treediff_run(struct treediff *diff, const git_oid *from, const git_oid *to, int32_t position,
		  GArray *out, GError **error)
{
	g_autoptr(GString) path = g_string_new(NULL);
	struct run run = {.diff = diff, .path = path, .position = position, .out = out};
	guint before = out->len;

	if (from && to && git_oid_equal(from, to))
		return true;
	if (compare_trees(&run, from, to, error))
		return true;
	g_array_set_size(out, before);
	return false;
}
