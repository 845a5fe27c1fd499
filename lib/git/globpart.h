/* globpart - one part of a path pattern, between two '/': literal bytes, or a glob that PCRE2
 * matches. Immutable after compilation: any thread. */
#ifndef DRIFT_GIT_GLOBPART_H
#define DRIFT_GIT_GLOBPART_H

#include "base.h"

struct globpart;

/** Does @p text (@p length bytes) hold an unescaped '*', '?' or '['? */
bool globpart_is_wild(const char *text, size_t length);

/**
 * Compile @p text, which holds no '/'. "**" inside a longer part is a plain '*'.
 *
 * @param error  DRIFT_ERROR_INVALID: unclosed or reversed class, trailing backslash.
 * @return caller frees with globpart_free(); NULL on failure.
 */
MUST_CHECK struct globpart *globpart_compile(const char *text, size_t length, GError **error);
void globpart_free(struct globpart *part);

/** Does it match all of @p text? A '/' in it is not expected. */
bool globpart_match(const struct globpart *part, const char *text, size_t length);

/** Literal bytes all that match begin with; all of it when the part is literal. Borrowed. */
const char *globpart_prefix(const struct globpart *part);

/** Is the part literal, so that only globpart_prefix() itself matches? */
bool globpart_is_literal(const struct globpart *part);

#endif
