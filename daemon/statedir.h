/* statedir - the state directory: made when missing, locked against a second driftd, and where the
 * running one is reached. */
#ifndef DRIFT_STATEDIR_H
#define DRIFT_STATEDIR_H

#include "base.h"

/**
 * Make @p path (mode 0700) if needed, check that it can be written, take its lock.
 *
 * @param ret_lock_fd  close it to let go.
 * @param error        DRIFT_ERROR_BUSY: another driftd holds it; DENIED, FULL, IO.
 */
MUST_CHECK bool statedir_lock(const char *path, int *ret_lock_fd, GError **error);

/** Note the address the server listens on, for `driftd check` beside a running daemon. */
MUST_CHECK bool statedir_write_address(const char *path, const char *address, GError **error);

/** The noted address, or NULL. Caller frees. */
char *statedir_read_address(const char *path);

#endif
