/* resolve - see resolve.h */
#include "git/resolve.h"

#include <string.h>

/** Shortest id that is looked up; DESIGN 6. */
#define DIGITS_MIN 7

/** Tags of tags are followed this far. */
#define TAGS_FOLLOWED_MAX 10

/** Objects of one prefix looked at; more cannot happen by chance. */
#define CANDIDATES_MAX 64

struct git_resolution *resolve_copy(const struct git_resolution *resolution)
{
	struct git_resolution *copy = g_memdup2(resolution, sizeof(*resolution));

	copy->text = g_strdup(resolution->text);
	copy->why = g_strdup(resolution->why);
	return copy;
}

void resolve_free(struct git_resolution *resolution)
{
	if (!resolution)
		return;
	g_free(resolution->text);
	g_free(resolution->why);
	g_free(resolution);
}

static void conclude(struct git_resolution *resolution, enum git_resolution_status status,
		     const char *why)
{
	resolution->status = status;
	resolution->why = g_strdup(why);
}

static void conclude_found(struct git_resolution *resolution, const git_oid *id)
{
	resolution->status = GIT_RESOLUTION_FOUND;
	git_oid_tostr(resolution->sha, sizeof(resolution->sha), id);
}

static bool read_type(const struct objects *objects, const git_oid *id, git_object_t *ret_type)
{
	size_t length = 0;

	return git_odb_read_header(&length, ret_type, objects->odb, id) == 0;
}

/* "object ID\n" begins every annotated tag. */
static bool step_tag(struct objects *objects, git_oid *id)
{
	static const char key[] = "object ";
	git_odb_object *tag = objects_read(objects, id, GIT_OBJECT_TAG, NULL);
	bool ok = false;

	if (!tag)
		return false;
	if (git_odb_object_size(tag) > sizeof(key) - 1 + GIT_OID_HEXSZ) {
		const char *data = git_odb_object_data(tag);

		ok = memcmp(data, key, sizeof(key) - 1) == 0 &&
		     git_oid_fromstrn(id, data + sizeof(key) - 1, GIT_OID_HEXSZ) == 0;
	}
	git_odb_object_free(tag);
	return ok;
}

/* The commit that an annotated tag stands for. */
static bool peel_tag(struct objects *objects, const git_oid *tag, git_oid *ret_commit)
{
	git_oid id = *tag;
	git_object_t type = GIT_OBJECT_TAG;

	for (int i = 0; i < TAGS_FOLLOWED_MAX && type == GIT_OBJECT_TAG; i++) {
		if (!step_tag(objects, &id) || !objects_has(objects, &id) ||
		    !read_type(objects, &id, &type))
			return false;
	}
	*ret_commit = id;
	return type == GIT_OBJECT_COMMIT;
}

static void resolve_full(struct objects *objects, struct git_resolution *resolution)
{
	git_oid id = {0};
	git_oid commit = {0};
	git_object_t type = GIT_OBJECT_INVALID;

	if (git_oid_fromstr(&id, resolution->text) != 0) {
		conclude(resolution, GIT_RESOLUTION_NO_COMMIT, "it is not an id");
		return;
	}
	if (!objects_has(objects, &id))
		return;
	if (!read_type(objects, &id, &type))
		conclude(resolution, GIT_RESOLUTION_UNREADABLE, "the object could not be read");
	else if (type == GIT_OBJECT_COMMIT)
		conclude_found(resolution, &id);
	else if (type == GIT_OBJECT_TAG && peel_tag(objects, &id, &commit))
		conclude_found(resolution, &commit);
	else
		conclude(resolution, GIT_RESOLUTION_NO_COMMIT,
			 type == GIT_OBJECT_TAG
				 ? "it is a tag that stands for no commit here"
				 : "it is the id of a folder or file, not of a commit");
}

/* All objects that begin with the first @p length digits of @p hex, which is written to. libgit2
 * says only whether there is one or more, so an ambiguous prefix is tried with every next digit. */
static bool collect(const struct objects *objects, char *hex, size_t length, GArray *found)
{
	static const char digits[] = "0123456789abcdef";
	git_oid prefix = {0};
	git_oid id = {0};
	int status;

	if (found->len == CANDIDATES_MAX || git_oid_fromstrn(&prefix, hex, length) != 0)
		return false;
	status = git_odb_exists_prefix(&id, objects->odb, &prefix, length);
	if (status == 0)
		g_array_append_val(found, id);
	if (status == 0 || status == GIT_ENOTFOUND)
		return true;
	if (status != GIT_EAMBIGUOUS || length == GIT_OID_HEXSZ)
		return false;
	for (size_t i = 0; i < 16; i++) {
		hex[length] = digits[i];
		if (!collect(objects, hex, length + 1, found))
			return false;
	}
	return true;
}

static void add_distinct(GArray *ids, const git_oid *id)
{
	for (guint i = 0; i < ids->len; i++) {
		if (git_oid_equal(&g_array_index(ids, git_oid, i), id))
			return;
	}
	g_array_append_vals(ids, id, 1);
}

static bool sort_out(struct objects *objects, const GArray *found, GArray *commits, GArray *tagged)
{
	for (guint i = 0; i < found->len; i++) {
		const git_oid *id = &g_array_index(found, git_oid, i);
		git_object_t type = GIT_OBJECT_INVALID;
		git_oid commit = {0};

		if (!read_type(objects, id, &type))
			return false;
		if (type == GIT_OBJECT_COMMIT)
			add_distinct(commits, id);
		else if (type == GIT_OBJECT_TAG && peel_tag(objects, id, &commit))
			add_distinct(tagged, &commit);
	}
	return true;
}

static void conclude_prefix(const struct objects *objects, struct git_resolution *resolution,
			    const GArray *commits, guint found)
{
	g_autofree char *why = NULL;

	if (commits->len == 1) {
		conclude_found(resolution, &g_array_index(commits, git_oid, 0));
	} else if (commits->len > 1) {
		why = g_strdup_printf("%u commits begin with it", commits->len);
		conclude(resolution, GIT_RESOLUTION_AMBIGUOUS, why);
	} else if (objects->shallow) {
		conclude(resolution, GIT_RESOLUTION_SHALLOW,
			 "it is not in this shallow clone; fetch all of its history "
			 "(git fetch --unshallow)");
	} else {
		conclude(resolution, GIT_RESOLUTION_NO_COMMIT,
			 found > 0 ? "only a folder or file begins with it, no commit"
				   : "no commit begins with it");
	}
}

static void resolve_prefix(struct objects *objects, struct git_resolution *resolution)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(git_oid));
	g_autoptr(GArray) commits = g_array_new(FALSE, FALSE, sizeof(git_oid));
	g_autoptr(GArray) tagged = g_array_new(FALSE, FALSE, sizeof(git_oid));
	char hex[GIT_SHA_BYTES] = {0};

	(void)g_strlcpy(hex, resolution->text, sizeof(hex)); /* shorter, as the caller checked */
	if (!collect(objects, hex, strlen(hex), found) ||
	    !sort_out(objects, found, commits, tagged)) {
		conclude(resolution, GIT_RESOLUTION_UNREADABLE,
			 "the objects could not be looked up");
		return;
	}
	/* a tag stands for a commit only where no commit has the prefix itself */
	conclude_prefix(objects, resolution, commits->len > 0 ? commits : tagged, found->len);
}

struct git_resolution *resolve_text(struct objects *objects, const char *text)
{
	struct git_resolution *resolution = g_new0(struct git_resolution, 1);
	size_t length = strlen(text);

	resolution->text = g_strdup(text);
	if (length < DIGITS_MIN || length > GIT_OID_HEXSZ ||
	    strspn(text, "0123456789abcdef") != length)
		conclude(resolution, GIT_RESOLUTION_NO_COMMIT, "it is not 7 to 40 hex digits");
	else if (length == GIT_OID_HEXSZ)
		resolve_full(objects, resolution);
	else
		resolve_prefix(objects, resolution);
	return resolution;
}
