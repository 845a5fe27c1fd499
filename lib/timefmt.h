/* timefmt - instants as text and back (RFC 3339). Pure: any thread. */
#ifndef DRIFT_TIMEFMT_H
#define DRIFT_TIMEFMT_H

#include "base.h"

/** Room for "2026-11-20T11:00:03.123Z" and its NUL. */
#define TIMEFMT_BYTES 32

/** RFC 3339 in UTC with whole seconds and "Z" ("2026-11-20T11:00:03Z"), into @p buffer, which is
 * returned. */
const char *timefmt_utc(int64_t wall_ms, char buffer[TIMEFMT_BYTES]);

/**
 * Parse RFC 3339 with "Z" or an offset and 0 to 9 fractional digits (Google's timestamps, RFC
 * 3339 5.6).
 *
 * @param ret_wall_ms  milliseconds since 1970, fraction cut.
 * @param error        DRIFT_ERROR_INVALID.
 */
MUST_CHECK bool timefmt_parse(const char *text, int64_t *ret_wall_ms, GError **error);

/** Wall time at which the day YYYY-MM-DD ends in @p zone (the first instant of the next day).
 * DRIFT_ERROR_INVALID. */
MUST_CHECK bool timefmt_end_of_day(const char *date, const char *zone, int64_t *ret_wall_ms,
				   GError **error);

/** True when the IANA time zone database knows @p zone. Reads tzdata. */
bool timefmt_zone_exists(const char *zone);

#endif
