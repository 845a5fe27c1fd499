/* http_source - what a /version endpoint says: a JSON document with the commit at a pointer, or the
 * commit as plain text. Pure: any thread. */
#ifndef DRIFT_SOURCE_HTTP_SOURCE_H
#define DRIFT_SOURCE_HTTP_SOURCE_H

#include "base.h"
#include "source/observation.h"

/** Answers are read this far: a document, and a text of 40 digits with room for mistakes. */
#define HTTP_SOURCE_JSON_MAX_BYTES ((size_t)1024 * 1024)
#define HTTP_SOURCE_TEXT_MAX_BYTES ((size_t)64 * 1024)

/**
 * Decode the body of a 200. A text that is no commit id ("unknown") is a marker without a hit; what
 * cannot be meant as one is an error.
 *
 * @param pointer  RFC 6901, to a string; "dirty": true beside it counts. NULL: the body is the
 * commit.
 * @param error    DRIFT_ERROR_INVALID.
 * @return one revision without a name, with one marker. Caller frees.
 */
MUST_CHECK struct revision_obs *http_source_decode(const char *body, size_t length,
						   const char *pointer, GError **error);

#endif
