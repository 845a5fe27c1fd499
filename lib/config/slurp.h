/* slurp - a whole small file in memory, within a bound. Blocks as reading a file does: any thread.
 */
#ifndef DRIFT_CONFIG_SLURP_H
#define DRIFT_CONFIG_SLURP_H

#include "base.h"

/** Bytes of a file that may hold secrets. */
struct slurp {
	char *bytes;     /* NUL behind them; NULL until read */
	size_t length;   /* without that NUL */
	size_t capacity; /* of bytes: all of it is wiped */
};

/**
 * Read all of @p path. Pipes work; directories do not; a FIFO without a writer is empty.
 *
 * @param max_bytes  a longer file is refused.
 * @param ret_slurp  filled; caller calls slurp_done().
 * @param error      DRIFT_ERROR_NOT_FOUND, DENIED, TOO_LARGE, INVALID (a directory) or IO.
 */
MUST_CHECK bool slurp_file(const char *path, size_t max_bytes, struct slurp *ret_slurp,
			   GError **error);

/** Wipe and free the bytes. */
void slurp_done(struct slurp *slurp);

#endif
