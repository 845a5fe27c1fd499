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

/**
 * Where @p branch stands; NULL: what is checked out.
 *
 * @param ret_branch  its name, "HEAD" when that is detached; caller frees.
 * @param error       NOT_FOUND (no such branch, no commit yet), CORRUPT.
 */
MUST_CHECK bool local_read_head(git_repository *repository, const char *branch, char **ret_branch,
				git_oid *ret_id, GError **error);

#endif
