/* response_times - figures of a period beside the one before it, with their course, as a table. Pure:
 * any thread. */
#ifndef DRIFT_DASHBOARD_RESPONSE_TIMES_H
#define DRIFT_DASHBOARD_RESPONSE_TIMES_H

#include "api/figures.h"
#include "base.h"

void response_times_add(GString *to, const struct figures *figures);

#endif
