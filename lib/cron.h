/* cron - five cron fields and a time zone: when something is due. Pure (reads tzdata): any thread.
 *
 * Fields as Vixie cron has them (crontab(5)): minute, hour, day of month, month, day of week;
 * lists, ranges, steps, names (jan-dec, sun-sat, also in lists and ranges), 0 and 7 both Sunday,
 * @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually. When day of month and day of
 * week are both restricted (do not begin with '*') a day that fits either will do. The zone's wall
 * clock counts. Changes of it are followed as API-FACTS K.4 proposes: an instant of fixed hour and
 * minute that falls into a gap is at the end of the gap, however long the gap is (a skipped day
 * too); one that comes twice counts the first time; with '*' in minute or hour every real minute
 * that fits counts. */
#ifndef DRIFT_CRON_H
#define DRIFT_CRON_H

#include "base.h"

struct cron;

/** Fields further in the future or past than this are not looked for: "0 0 29 2 *" needs 8 years.
 */
#define CRON_HORIZON_YEARS 9

/** Longest text: every minute and hour written out is half of it. */
#define CRON_TEXT_MAX_BYTES 512

/**
 * Parse "MINUTE HOUR DAY MONTH WEEKDAY [ZONE]" or "@daily [ZONE]".
 *
 * @param default_zone  IANA zone where @p text has none; known.
 * @param error         DRIFT_ERROR_INVALID: names the field and what is wrong with it, or the
 * unknown zone; also when no instant within the horizon fits ("0 0 30 2 *").
 * @return caller frees.
 */
MUST_CHECK struct cron *cron_parse(const char *text, const char *default_zone, GError **error);

/** NULL is fine. */
void cron_free(struct cron *cron);

/** As it was written, without default zone. Borrowed. */
const char *cron_text(const struct cron *cron);
/** IANA name. Borrowed. */
const char *cron_zone(const struct cron *cron);

/** The first instant after @p wall_ms; 0: none within the horizon. */
int64_t cron_next(const struct cron *cron, int64_t wall_ms);
/** The last instant at or before @p wall_ms; 0: none within the horizon. */
int64_t cron_previous(const struct cron *cron, int64_t wall_ms);

/** The date of @p wall_ms in the zone, as days since 1970-01-01. */
int64_t cron_day(const struct cron *cron, int64_t wall_ms);

/** The first instant after @p wall_ms on a later date than that of @p wall_ms / the last one before
 * it on an earlier date; 0: none within the horizon. A day of many instants is stepped over at
 * once. */
int64_t cron_next_day(const struct cron *cron, int64_t wall_ms);
int64_t cron_previous_day(const struct cron *cron, int64_t wall_ms);

/** For g_autoptr(struct_cron); the plain name would be shadowed by every parameter called so. */
typedef struct cron struct_cron;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(struct_cron, cron_free)

#endif
