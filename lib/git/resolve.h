/* resolve - what an id in a marker stands for: commits only, by full id or by prefix; no names, no
 * revision syntax. One thread. DESIGN 6, L21. */
#ifndef DRIFT_GIT_RESOLVE_H
#define DRIFT_GIT_RESOLVE_H

#include "base.h"
#include "git/answer.h"
#include "git/object.h"

/**
 * Resolve @p text: 7..40 lower-case hex digits.
 *
 * @return caller frees with resolve_free(). A full id that is not here has status NONE: whoever can
 * ask the remote decides.
 */
struct git_resolution *resolve_text(struct objects *objects, const char *text);

struct git_resolution *resolve_copy(const struct git_resolution *resolution);
void resolve_free(struct git_resolution *resolution);

#endif
