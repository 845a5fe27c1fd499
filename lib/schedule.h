/* schedule - when data is due: cron instants without those on holidays. Immutable once made; pure:
 * any thread. */
#ifndef DRIFT_SCHEDULE_H
#define DRIFT_SCHEDULE_H

#include "base.h"

struct schedule;

/** Most dates in a file of holidays, and its size. */
#define SCHEDULE_HOLIDAYS_MAX 10000
#define SCHEDULE_HOLIDAYS_MAX_BYTES ((size_t)256 * 1024)

/**
 * @param text          see cron_parse().
 * @param default_zone  the same.
 * @param holidays      content of a file: one YYYY-MM-DD a line, '#' begins a comment; NULL: none.
 * @param error         DRIFT_ERROR_INVALID: of the fields, or "line N: …" of the holidays; also
 * when holidays leave no instant.
 */
MUST_CHECK struct schedule *schedule_create(const char *text, const char *default_zone,
					    const char *holidays, GError **error);
/** NULL is fine. */
void schedule_free(struct schedule *schedule);

/** The cron part as written, and its zone. Borrowed. */
const char *schedule_text(const struct schedule *schedule);
const char *schedule_zone(const struct schedule *schedule);

/** All that tells one schedule from another: fields, zone, holidays. Caller frees. */
char *schedule_describe(const struct schedule *schedule);

/** The first due instant after @p wall_ms / the last at or before it; 0: none within reach
 * (CRON_HORIZON_YEARS). An instant whose date in the schedule's zone is a holiday is none. */
int64_t schedule_next(const struct schedule *schedule, int64_t wall_ms);
int64_t schedule_previous(const struct schedule *schedule, int64_t wall_ms);

/** Date "YYYY-MM-DD" of @p wall_ms in @p zone, @p offset_days later. NULL when the zone database
 * does not have @p zone (it does while a schedule or a configuration with that zone lives). Caller
 * frees. */
char *schedule_date(int64_t wall_ms, const char *zone, int offset_days);

#endif
