/* gzip - bodies made smaller on their way (RFC 1952). Pure: any thread. The only file that knows
 * zlib. */
#ifndef DRIFT_GZIP_H
#define DRIFT_GZIP_H

#include "base.h"

/** Largest body that is compressed: nobody waits for more. */
#define GZIP_MAX_BYTES ((size_t)64 * 1024 * 1024)

/**
 * @p length bytes, at most GZIP_MAX_BYTES, compressed: quickly rather than well (level 1). Caller frees.
 */
char *gzip_compress(const char *bytes, size_t length, size_t *ret_length);

#endif
