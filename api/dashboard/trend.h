/* trend - a small figure of a few values in a row, for a line of a table. Pure: any thread. Colours are
 * those of lists.css. */
#ifndef DRIFT_DASHBOARD_TREND_H
#define DRIFT_DASHBOARD_TREND_H

#include "base.h"

struct trend_value {
	int64_t value; /* -1: there is none */
	char *label;   /* "2026-11-18 to 2026-11-20: 3 h": plain text, of whoever owns the array */
};

/**
 * @param label   what it is of, for who does not see it.
 * @param values  struct trend_value, oldest first.
 */
void trend_add(GString *to, const char *label, const GArray *values);

#endif
