/* strip - the days of a target as one line of colours. Pure: any thread. */
#ifndef DRIFT_STRIP_H
#define DRIFT_STRIP_H

#include "base.h"
#include "api/dashboard/days.h"

/** @p days: struct day, oldest first. As SVG: each day on which something happened is told by itself, what was
 * the same for days on end as one. */
void strip_add(GString *to, const GArray *days);

#endif
