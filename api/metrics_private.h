/* metrics_private - how families and samples of /metrics are written. Within metrics*.c only. */
#ifndef DRIFT_METRICS_PRIVATE_H
#define DRIFT_METRICS_PRIVATE_H

#include "base.h"

/** HELP and TYPE: once for each family, before its samples. @p type: "gauge" or "counter" (whose name
 * ends with _total). */
void metrics_family(GString *to, const char *name, const char *type, const char *help);

/** A label with its value, escaped, behind @p before ("{" or ","). */
void metrics_label(GString *to, const char *before, const char *name, const char *value);

/** The value of a sample, and the end of its line. */
void metrics_number(GString *to, int64_t value);
/** Milliseconds as seconds, exactly, whatever the locale. */
void metrics_seconds(GString *to, int64_t ms);

/** A whole family of one sample without labels. */
void metrics_single(GString *to, const char *name, const char *type, const char *help,
		    int64_t value);
void metrics_single_ms(GString *to, const char *name, const char *type, const char *help,
		       int64_t ms);

#endif
