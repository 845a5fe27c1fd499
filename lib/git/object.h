/* object - commits and trees as they lie in a repository's object database, decoded where they are
 * read. Nothing here follows grafts, replace refs, commit-graph files or a promisor remote: what an
 * id names is what its bytes say. One thread. gitformat: Documentation/technical of git. */
#ifndef DRIFT_GIT_OBJECT_H
#define DRIFT_GIT_OBJECT_H

#include <git2.h>
#include <stdatomic.h>

#include "base.h"

/** Largest commit and tree read: real ones stay far below, and both are held in memory. */
#define OBJECT_COMMIT_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define OBJECT_TREE_MAX_BYTES ((size_t)64 * 1024 * 1024)

/** Most parents of a commit. */
#define OBJECT_PARENTS_MAX 1024

/** Ids remembered in a struct object_marks: a power of two. */
#define OBJECT_MARKS 1024

/** Ids about which something was found out lately; a newer one may push out an older. */
struct object_marks {
	git_oid ids[OBJECT_MARKS];
};

/** An opened repository to read from. */
struct objects {
	git_odb *odb;               /* borrowed; NULL: none is open */
	struct evp_md_st *sha1;     /* EVP_MD of OpenSSL; NULL: libgit2 checks ids by itself */
	struct object_marks intact; /* those whose bytes were held against their id */
	bool shallow;               /* missing commits are expected */
	bool damaged;               /* set here: something that must be there was not, or was bad */
	const atomic_bool *cancel;  /* give up when it turns true; NULL: never */
};

/** A commit decoded; the spans point into the object it was decoded from. */
struct object_commit {
	git_oid tree;
	const char *parents; /* parent_count lines "parent ID\n" */
	uint32_t parent_count;
	const char *author; /* name */
	size_t author_length;
	int64_t committed_s;  /* committer time, clamped to the years 1970..9999 */
	const char *encoding; /* of the text; NULL: UTF-8 */
	size_t encoding_length;
	const char *message;
	size_t message_length;
};

/** One entry of a tree. */
struct object_entry {
	const char *name; /* not NUL-terminated */
	size_t name_length;
	uint16_t mode;  /* canonical: 0100644, 0100755, 0120000, 040000 or 0160000 */
	const char *id; /* GIT_OID_RAWSZ bytes */
};

/** Place in a tree. */
struct object_cursor {
	const char *start; /* of entry */
	const char *at;    /* behind it */
	const char *end;
	struct object_entry entry; /* valid when has_entry */
	bool has_entry;
};

/** Mode of a folder. */
#define OBJECT_MODE_TREE 0040000

/** Before libgit2 reads anything, main thread: let ids be checked by OpenSSL, which is several
 * times faster than libgit2's own SHA-1. */
void objects_init_library(void);

/** Make ready, with nothing open, and free. */
void objects_init(struct objects *objects);
void objects_done(struct objects *objects);

/** Remember an id, and is it remembered? */
void object_marks_add(struct object_marks *marks, const git_oid *id);
bool object_marks_has(const struct object_marks *marks, const git_oid *id);

/**
 * Read an object of @p type.
 *
 * @param error  NOT_FOUND, CORRUPT (damaged, or of another type), TOO_LARGE, CANCELLED, IO.
 * @return caller frees with git_odb_object_free(); NULL on failure.
 */
MUST_CHECK git_odb_object *objects_read(struct objects *objects, const git_oid *id,
					git_object_t type, GError **error);

/** Is the object here? Looks at what is known already, without searching for new packs. */
bool objects_has(const struct objects *objects, const git_oid *id);

/** CANCELLED when whoever asked wants no answer any more. */
MUST_CHECK bool objects_check_cancel(const struct objects *objects, GError **error);

/** Decode a commit. CORRUPT. */
MUST_CHECK bool object_parse_commit(const char *data, size_t length, struct object_commit *ret,
				    GError **error);

/** Parent @p index (0..parent_count-1). */
void object_commit_parent(const struct object_commit *commit, uint32_t index, git_oid *ret_id);

/** UTF-8 of a part of the commit's text, at most @p max_bytes. Caller frees. */
char *object_commit_text(const struct object_commit *commit, const char *start, size_t length,
			 size_t max_bytes);

/** The first entry of a tree. CORRUPT. */
MUST_CHECK bool object_cursor_init(struct object_cursor *cursor, const char *data, size_t length,
				   GError **error);

/** The next entry. CORRUPT: malformed, or not in git's order. */
MUST_CHECK bool object_cursor_next(struct object_cursor *cursor, GError **error);

/**
 * Both stand at entries. Step over the entries that follow in both with the same bytes: the last of
 * them, if any, or what they stand at is what they stand at then. Its order was not looked at: one
 * of the trees must be known to be sorted.
 */
void object_cursors_skip_equal(struct object_cursor *a, struct object_cursor *b);

/** Order of two entries as git sorts them (folders as if their name ended in '/'). */
int object_compare_entries(const struct object_entry *a, const struct object_entry *b);

/** Set @p error from libgit2's latest error on this thread: "WHAT: message". */
void object_set_git_error(GError **error, gint code, const char *what);

#endif
