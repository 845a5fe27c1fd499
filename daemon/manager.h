/* manager - what driftd tells its service manager, and the socket it may get from it (sd_notify(3),
 * sd_listen_fds(3)). Without libsystemd nothing is told and no socket comes. Main thread. */
#ifndef DRIFT_MANAGER_H
#define DRIFT_MANAGER_H

#include "base.h"

/** READY=1 with a status line. */
void manager_ready(const char *status);
/** RELOADING=1; manager_ready() ends it. */
void manager_reloading(void);
/** STOPPING=1. */
void manager_stopping(void);

/** How often the service manager wants to hear manager_alive(), at least; 0: never
 * (sd_watchdog_enabled(3)). */
int64_t manager_watchdog_ms(void);
/** WATCHDOG=1. Any thread. */
void manager_alive(void);

/** The listening stream socket handed over, or -1. DRIFT_ERROR_INVALID when what came is none, or
 * more than one. */
MUST_CHECK bool manager_take_socket(int *ret_fd, GError **error);

#endif
