/* folder_format - names of backup folders as instants: "%Y-%m-%d_%H%M%S". Strict: the whole name,
 * every field with all its digits, a date that exists. Pure: any thread. */
#ifndef DRIFT_FOLDER_FORMAT_H
#define DRIFT_FOLDER_FORMAT_H

#include "base.h"

/** Longest format. */
#define FOLDER_FORMAT_MAX_BYTES 200

/** Fields are %Y (4 digits), %m %d %H %M %S (2 digits), %j (day of the year, 3 digits), %s (seconds
 * since 1970, 10 digits) and %%; %Y-%m-%d at least, or %Y%j, or %s, each once and without
 * contradiction; '/' is allowed between fields, other text stands for itself. DRIFT_ERROR_INVALID.
 */
MUST_CHECK bool folder_format_check(const char *format, GError **error);

/** The instant that @p name (as long as @p length) names, UTC, after 1970-01-01T00:00:00Z. False:
 * it does not follow @p format, which was checked; ret_x is then untouched. */
bool folder_format_match(const char *format, const char *name, size_t length, int64_t *ret_wall_ms);

/** Number of '/' in names of this format. */
size_t folder_format_depth(const char *format);

#endif
