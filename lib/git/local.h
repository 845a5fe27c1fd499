/* local - a repository on this machine, read in place and never written: checkout, bare, or linked
 * worktree, whoever owns it. One thread. DESIGN 6. */
#ifndef DRIFT_GIT_LOCAL_H
#define DRIFT_GIT_LOCAL_H

#include <git2.h>

#include "base.h"

/**
 * Open the repository at @p path itself; folders above are not searched.
 *
 * @param error  NOT_FOUND, DENIED, UNSUPPORTED (SHA-256, reftable), CORRUPT.
 * @return caller frees; NULL on failure.
 */
MUST_CHECK git_repository *local_open(const char *path, GError **error);

/** What tells one repository from another that took its place. */
struct local_identity {
	uint64_t device;
	uint64_t numbers[3];   /* inodes of the path, its git folder and its configuration */
	int64_t configured_ns; /* when the configuration was written */
};

/**
 * Who is at @p path, where @p repository was opened? All zero when that cannot be told.
 *
 * Opening anew at every look would be simpler, but libgit2 1.5 leaks 20 KiB for each setting of a
 * configuration with repositoryformatversion 1 (git_regexp_match() of its PCRE2 backend).
 */
struct local_identity local_identify(const char *path, git_repository *repository);

/** Are they the same, and known? */
bool local_is_same(const struct local_identity *a, const struct local_identity *b);

/**
 * Where @p branch stands; NULL: what is checked out.
 *
 * @param ret_branch  its name, "HEAD" when that is detached; caller frees.
 * @param error       NOT_FOUND (no such branch, no commit yet), CORRUPT.
 */
MUST_CHECK bool local_read_head(git_repository *repository, const char *branch, char **ret_branch,
				git_oid *ret_id, GError **error);

#endif
