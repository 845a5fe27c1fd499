/* describe - see describe.h */
#include "git/describe.h"

#include <string.h>

/** A branch whose newest commits are all merges that say nothing is not followed further. */
#define MERGES_FOLLOWED_MAX 10

struct describe {
	struct objects *objects;
	GHashTable *kept; /* sha -> struct git_commit *, which owns its key */
};

struct describe *describe_create(struct objects *objects)
{
	struct describe *describe = g_new0(struct describe, 1);

	describe->objects = objects;
	describe->kept = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
					       (GDestroyNotify)git_commit_free);
	return describe;
}

void describe_free(struct describe *describe)
{
	if (!describe)
		return;
	g_hash_table_unref(describe->kept);
	g_free(describe);
}

/* End of the paragraph that begins at @p start: an empty line, or the end. */
static const char *find_paragraph_end(const char *start, const char *end)
{
	const char *at = start;

	while (at < end) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));

		if (!line_end)
			return end;
		if (line_end + 1 == end || line_end[1] == '\n' || line_end[1] == '\r')
			return line_end;
		at = line_end + 1;
	}
	return end;
}

static const char *skip_blank(const char *at, const char *end)
{
	while (at < end && (*at == '\n' || *at == '\r' || *at == ' ' || *at == '\t'))
		at++;
	return at;
}

/* The first paragraph, on one line, as git's %s. */
static char *make_subject(const struct object_commit *commit)
{
	const char *end = commit->message + commit->message_length;
	const char *start = skip_blank(commit->message, end);
	const char *stop = find_paragraph_end(start, end);
	char *subject = object_commit_text(commit, start, (size_t)(stop - start),
					   DESCRIBE_SUBJECT_MAX_BYTES);

	return g_strstrip(g_strdelimit(subject, "\r\n", ' '));
}

/* The first line of the body that is not empty; NULL when there is none. */
static char *make_body_line(const struct object_commit *commit)
{
	const char *end = commit->message + commit->message_length;
	const char *start = skip_blank(commit->message, end);
	const char *stop;

	start = skip_blank(find_paragraph_end(start, end), end);
	if (start == end)
		return NULL;
	stop = memchr(start, '\n', (size_t)(end - start));
	return g_strstrip(object_commit_text(commit, start, (size_t)((stop ? stop : end) - start),
					     DESCRIBE_SUBJECT_MAX_BYTES));
}

static bool says_nothing(const struct object_commit *commit, const char *subject)
{
	static const char *const begins[] = {"Merge branch", "Merge pull request", "Merge tag",
					     "Merge remote-tracking branch", "Merge commit"};

	if (commit->parent_count < 2)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(begins); i++) {
		if (g_str_has_prefix(subject, begins[i]))
			return true;
	}
	return false;
}

/* GitHub puts the title into the body, and so does GitLab, before its "See merge request". */
static char *find_title(const struct object_commit *commit, const char *subject)
{
	bool is_gitlab = memmem(commit->message, commit->message_length, "See merge request ",
				strlen("See merge request ")) != NULL;
	char *line = NULL;

	if (g_str_has_prefix(subject, "Merge pull request") || is_gitlab)
		line = make_body_line(commit);
	if (line && line[0] && !g_str_has_prefix(line, "See merge request "))
		return line;
	g_free(line);
	return NULL;
}

/* One step towards what was merged: the subject, or *id moved on and NULL. */
static char *step_merged(struct describe *describe, git_oid *id, uint32_t parent, bool *ret_more)
{
	git_odb_object *object =
		objects_has(describe->objects, id)
			? objects_read(describe->objects, id, GIT_OBJECT_COMMIT, NULL)
			: NULL;
	struct object_commit commit = {0};
	char *subject = NULL;

	*ret_more = false;
	if (object && object_parse_commit(git_odb_object_data(object), git_odb_object_size(object),
					  &commit, NULL)) {
		subject = make_subject(&commit);
		if (says_nothing(&commit, subject)) {
			char *title = find_title(&commit, subject);

			g_free(subject);
			subject = title;
			*ret_more = !title;
			object_commit_parent(&commit, parent, id);
		}
	}
	git_odb_object_free(object);
	return subject;
}

/* Subject of what a merge brought in; NULL when that says nothing either. */
static char *find_merged_subject(struct describe *describe, const struct object_commit *merge)
{
	git_oid id = {0};
	char *subject = NULL;
	bool more = true;

	object_commit_parent(merge, 1, &id);
	/* a merge on the branch brought the main line into it: its own line is the first
	 * parent's */
	for (int i = 0; i < MERGES_FOLLOWED_MAX && more && !subject; i++)
		subject = step_merged(describe, &id, 0, &more);
	if (subject && subject[0])
		return subject;
	g_free(subject);
	return NULL;
}

static char *choose_subject(struct describe *describe, const struct object_commit *commit)
{
	char *subject = make_subject(commit);
	char *better = NULL;

	if (says_nothing(commit, subject)) {
		better = find_title(commit, subject);
		if (!better)
			better = find_merged_subject(describe, commit);
	}
	if (!better)
		return subject;
	g_free(subject);
	return better;
}

static struct git_commit *decode(struct describe *describe, const git_oid *id,
				 git_odb_object *object, GError **error)
{
	struct object_commit decoded = {0};
	struct git_commit *commit;

	if (!object_parse_commit(git_odb_object_data(object), git_odb_object_size(object), &decoded,
				 error))
		return NULL;
	commit = g_new0(struct git_commit, 1);
	git_oid_tostr(commit->sha, sizeof(commit->sha), id);
	commit->subject = choose_subject(describe, &decoded);
	commit->author = object_commit_text(&decoded, decoded.author, decoded.author_length,
					    DESCRIBE_AUTHOR_MAX_BYTES);
	commit->committed_wall_ms = decoded.committed_s * MS_PER_S;
	return commit;
}

struct git_commit *describe_commit(struct describe *describe, const git_oid *id, GError **error)
{
	char sha[GIT_SHA_BYTES];
	const struct git_commit *kept;
	struct git_commit *commit;
	git_odb_object *object;

	git_oid_tostr(sha, sizeof(sha), id);
	kept = g_hash_table_lookup(describe->kept, sha);
	if (kept)
		return git_commit_copy(kept);
	object = objects_read(describe->objects, id, GIT_OBJECT_COMMIT, error);
	if (!object)
		return NULL;
	commit = decode(describe, id, object, error);
	git_odb_object_free(object);
	if (!commit)
		return NULL;
	if (g_hash_table_size(describe->kept) >= DESCRIBE_KEPT_MAX)
		g_hash_table_remove_all(describe->kept);
	g_hash_table_insert(describe->kept, commit->sha, commit);
	return git_commit_copy(commit);
}
