/* affected - which files a change touches, in any checkout: the index against HEAD, or a range.
 * Blocks; command line only. */
#ifndef DRIFT_GIT_AFFECTED_H
#define DRIFT_GIT_AFFECTED_H

#include "base.h"

/**
 * Paths changed by what is staged (the index, GIT_INDEX_FILE honoured, against HEAD) or by
 * BASE..HEAD.
 *
 * @param directory  any folder of a checkout.
 * @param range      "BASE..TIP", or NULL for the staged change.
 * @return char *, repository-relative, sorted, distinct; caller unrefs. NOT_FOUND (no repository,
 * no such revision), INVALID.
 */
MUST_CHECK GPtrArray *affected_paths(const char *directory, const char *range, GError **error);

/** Path of the hooks folder of that checkout (core.hooksPath honoured). Caller frees. */
MUST_CHECK char *affected_hooks_dir(const char *directory, GError **error);

/**
 * Is the checkout one of the repository at @p url? Held against the URLs of all its remotes,
 * whatever the scheme, user or ".git"; a local repository against its top folder and where its
 * objects are.
 *
 * @param local_path  of a repository that is read in place; NULL for others.
 * @param ret_is_of   set on success only.
 * @param error       as gitcmd_run(); without a checkout too. */
MUST_CHECK bool affected_is_of(const char *directory, const char *url, const char *local_path,
			       bool *ret_is_of, GError **error);

#endif
