/* serve - the daemon: start order, signals, reload, stop order. Main thread. */
#ifndef DRIFT_SERVE_H
#define DRIFT_SERVE_H

#include "base.h"

/** Exit statuses of DESIGN 10. */
#define EXIT_OK 0
#define EXIT_DRIFT 1
#define EXIT_FAILED 2
#define EXIT_USAGE 64
#define EXIT_CONFIG 78

/** Run until SIGTERM or SIGINT. Returns the exit status. */
int serve_run(const char *config_path);

#endif
