/* manifest - a JSON document in a bucket that says what a service should run with (expect-from,
 * L29): values at pointers that may hold pointers. Pure: any thread. */
#ifndef DRIFT_SOURCE_MANIFEST_H
#define DRIFT_SOURCE_MANIFEST_H

#include "base.h"

#define MANIFEST_MAX_BYTES ((size_t)4 * 1024 * 1024)

/** Longer values are refused: a path or a name is meant. */
#define MANIFEST_VALUE_MAX_BYTES 4096

struct manifest;

/** DRIFT_ERROR_INVALID: no JSON document. Caller frees. */
MUST_CHECK struct manifest *manifest_parse(const char *bytes, size_t length, GError **error);
void manifest_free(struct manifest *manifest);

/**
 * The scalar at @p pointer as text. {POINTER} inside it is looked up first, in the same document,
 * and its scalar put there as (part of) one reference token; they may nest.
 *
 * @param ret_value  caller frees.
 * @param error      DRIFT_ERROR_NOT_FOUND (nothing there, or no scalar) or DRIFT_ERROR_INVALID.
 */
MUST_CHECK bool manifest_value(const struct manifest *manifest, const char *pointer,
			       char **ret_value, GError **error);

#endif
