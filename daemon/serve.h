/* serve - the daemon: start order, signals, reload, stop order. Main thread. */
#ifndef DRIFT_SERVE_H
#define DRIFT_SERVE_H

#include "base.h"
#include "config/config.h"

/** Exit statuses of DESIGN 10. */
#define EXIT_OK 0
#define EXIT_DRIFT 1
#define EXIT_FAILED 2
#define EXIT_USAGE 64
#define EXIT_CONFIG 78

/** Run until SIGTERM or SIGINT. Returns the exit status. */
int serve_run(const char *config_path);

/** Warn, in a configuration that nobody else sees yet, of what only a restart puts in force; the
 * others are as in force now. */
void serve_note_fixed_settings(struct config *next, const char *listen, const char *state_dir);

#endif
