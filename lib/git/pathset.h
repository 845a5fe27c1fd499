/* pathset - path patterns of DESIGN 5: anchored, on bytes, last match wins. Immutable after
 * compilation: any thread may match, each with its own scratch (none is shared). */
#ifndef DRIFT_PATHSET_H
#define DRIFT_PATHSET_H

#include "base.h"

struct pathset;

/** Longest pattern accepted, and most patterns of one set. */
#define PATHSET_PATTERN_MAX_BYTES 1024
#define PATHSET_PATTERNS_MAX 256

/**
 * Compile @p patterns (NULL-terminated; empty: the whole tree). DRIFT_ERROR_INVALID names the
 * pattern (empty, leading '/', unclosed class, trailing backslash, and what could never match: an
 * empty part, "." or "..", a wildcard part with '/' at its end). DRIFT_ERROR_TOO_LARGE: a bound
 * above. Caller frees with pathset_free().
 */
MUST_CHECK struct pathset *pathset_compile(const char *const *patterns, GError **error);
void pathset_free(struct pathset *pathset);

/** Does @p path (relative, no leading '/') belong? The last pattern that matches decides. */
bool pathset_match(const struct pathset *pathset, const char *path);

/** Number of patterns, the given ones only. */
size_t pathset_count(const struct pathset *pathset);

/** Pattern @p index as given. Borrowed. */
const char *pathset_pattern(const struct pathset *pathset, size_t index);

/** Is pattern @p index a "!" one? */
bool pathset_is_negative(const struct pathset *pathset, size_t index);

/** The bytes every path that pattern @p index matches begins with, "" when there are none: for
 * looking in sorted paths. Borrowed. */
const char *pathset_prefix(const struct pathset *pathset, size_t index);

/** Does pattern @p index by itself (without "!") match @p path? */
bool pathset_match_one(const struct pathset *pathset, size_t index, const char *path);

#endif
