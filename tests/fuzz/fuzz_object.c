/* fuzz_object - commits and trees of lib/git/object under libFuzzer. Input: 'c' and a commit, or 't' and two trees with
 * two bytes before them that say how long the first is. */
#include "git/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What object.h promises; not assert(), which says less. */
static void must(bool holds, const char *what)
{
	if (!holds) {
		(void)fprintf(stderr, "fuzz_object: does not hold: %s\n", what);
		abort();
	}
}

static bool lies_within(const char *part, size_t length, const char *data, size_t size)
{
	return part >= data && part + length <= data + size;
}

static void check_commit(const char *data, size_t size)
{
	struct object_commit commit = {0};
	g_autofree char *author = NULL;
	g_autofree char *message = NULL;

	if (!object_parse_commit(data, size, &commit, NULL))
		return;
	must(lies_within(commit.author, commit.author_length, data, size), "the author lies in it");
	must(lies_within(commit.message, commit.message_length, data, size), "and the message");
	must(commit.committed_s >= 0 && commit.committed_s <= INT64_C(253402300799), "clamped");
	must(commit.parent_count <= OBJECT_PARENTS_MAX, "parents are bounded");
	for (uint32_t i = 0; i < commit.parent_count; i++) {
		git_oid id;

		object_commit_parent(&commit, i, &id);
	}
	author = object_commit_text(&commit, commit.author, commit.author_length, 100);
	message = object_commit_text(&commit, commit.message, commit.message_length, 200);
	must(strlen(author) <= 100 && strlen(message) <= 200, "text is bounded");
	must(g_utf8_validate(author, -1, NULL) && g_utf8_validate(message, -1, NULL), "and UTF-8");
}

/* Walks a tree to its end; true when all of it is well-formed. */
static bool walk(const char *data, size_t size)
{
	struct object_cursor cursor;
	bool ok = object_cursor_init(&cursor, data, size, NULL);

	while (ok && cursor.has_entry) {
		must(lies_within(cursor.entry.name, cursor.entry.name_length, data, size), "names");
		must(lies_within(cursor.entry.id, GIT_OID_RAWSZ, data, size), "ids lie in it");
		must(!memchr(cursor.entry.name, '/', cursor.entry.name_length), "no slash");
		ok = object_cursor_next(&cursor, NULL);
	}
	return ok;
}

static void check_trees(const char *data, size_t size, size_t first)
{
	struct object_cursor a;
	struct object_cursor b;

	if (!walk(data + first, size - first) || !walk(data, first) ||
	    !object_cursor_init(&a, data, first, NULL) ||
	    !object_cursor_init(&b, data + first, size - first, NULL) || !a.has_entry ||
	    !b.has_entry)
		return;
	object_cursors_skip_equal(&a, &b);
	must(a.has_entry || !b.has_entry || a.at == a.end, "both stand at entries, or at the end");
	while (a.has_entry)
		must(object_cursor_next(&a, NULL), "what is left is well-formed");
	while (b.has_entry)
		must(object_cursor_next(&b, NULL), "here, too");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)(const void *)data;

	if (size > 0 && text[0] == 'c')
		check_commit(text + 1, size - 1);
	if (size > 3 && text[0] == 't')
		check_trees(text + 3, size - 3, ((size_t)data[1] << 8 | data[2]) % (size - 2));
	return 0;
}
