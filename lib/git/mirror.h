/* mirror - a bare, blobless copy of one branch of a remote, in a folder of ours. Transport is the
 * git command's, reading is libgit2's. One thread. DESIGN 6.
 *
 * refs/driftd/heads/BRANCH ('/' escaped) is the branch as last fetched; refs/driftd/asked/ID keep
 * commits that were asked for by id. */
#ifndef DRIFT_GIT_MIRROR_H
#define DRIFT_GIT_MIRROR_H

#include <git2.h>

#include "base.h"

/** Beyond so many packs all are repacked into one: each fetch that brings something leaves one. */
#define MIRROR_PACKS_MAX 50

/** Most ids asked of the remote in one call of git. */
#define MIRROR_ASK_MAX 64

/** Name of the remote in the mirror's configuration. */
#define MIRROR_REMOTE "driftd"

/** Where to, with what, and how long. Everything is borrowed. */
struct mirror_transport {
	const char *dir; /* of the mirror */
	const char *url;
	const char *token; /* NULL: none */
	int64_t deadline_mono_ms;
	int cancel; /* readable: give up; -1: never */
};

/** Where the remote's branch stands. */
struct mirror_tip {
	char *branch;     /* its name; "HEAD" when the remote's HEAD is detached */
	char *remote_ref; /* what to fetch */
	git_oid id;
};

/** What became of asking for ids. */
struct mirror_ask {
	GPtrArray *absent; /* char *, the remote says it has none */
	GPtrArray *failed; /* char *, not known */
	char *why;         /* with failed; NULL otherwise */
};

/**
 * Make an empty mirror of @p url at @p dir, where nothing is yet.
 * @p error: IO, FULL, DENIED.
 */
MUST_CHECK bool mirror_create(const char *dir, const char *url, GError **error);

/**
 * Open the mirror at @p dir.
 *
 * @param error  NOT_FOUND (none there), INVALID (of another URL), CORRUPT.
 * @return caller frees; NULL on failure.
 */
MUST_CHECK git_repository *mirror_open(const char *dir, const char *url, GError **error);

/** Remove what a git that was killed left behind: lock files and half packs. */
void mirror_clean(const char *dir);

/** Remove a mirror and all in it. Nothing there is fine. */
MUST_CHECK bool mirror_remove(const char *dir, GError **error);

/** The branch that was last fetched where none is configured; NULL when there was none. Caller
 * frees. */
char *mirror_known_branch(git_repository *repository);
MUST_CHECK bool mirror_set_known_branch(git_repository *repository, const char *branch,
					GError **error);

/** Where @p branch stood when it was last fetched. NOT_FOUND: it was not. */
MUST_CHECK bool mirror_read_head(git_repository *repository, const char *branch, git_oid *ret_id,
				 GError **error);

/**
 * Ask the remote where @p branch (NULL: its HEAD) stands.
 *
 * @param ret    caller frees with mirror_tip_done().
 * @param error  as gitcmd_run(); NOT_FOUND: no such branch, or an empty repository.
 */
MUST_CHECK bool mirror_look(const struct mirror_transport *transport, const char *branch,
			    struct mirror_tip *ret, GError **error);
void mirror_tip_done(struct mirror_tip *tip);

/** Fetch what mirror_look() found. @p error: as gitcmd_run(). */
MUST_CHECK bool mirror_fetch(const struct mirror_transport *transport, const struct mirror_tip *tip,
			     GError **error);

/** Ask for commits by full id (char *). Caller frees @p ret with mirror_ask_done(). */
void mirror_ask_ids(const struct mirror_transport *transport, const GPtrArray *ids,
		    struct mirror_ask *ret);
void mirror_ask_done(struct mirror_ask *ask);

/** Repack when there are too many packs. False with error when that failed: the mirror stays
 * usable. ret_done: the packs are others now, reopen. */
MUST_CHECK bool mirror_repack(const struct mirror_transport *transport, bool *ret_done,
			      GError **error);

#endif
