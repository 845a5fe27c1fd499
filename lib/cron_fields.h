/* cron_fields - the five fields of a cron line as sets of bits. Private to lib/cron.c. Pure: any
 * thread. */
#ifndef DRIFT_CRON_FIELDS_H
#define DRIFT_CRON_FIELDS_H

#include "base.h"

struct cron_fields {
	uint64_t minutes;  /* bits 0..59; at least one, as of all */
	uint64_t hours;    /* bits 0..23 */
	uint64_t days;     /* bits 1..31 */
	uint64_t months;   /* bits 1..12 */
	uint64_t weekdays; /* bits 0..6, Sunday first */
	bool any_day;      /* day of month begins with '*' */
	bool any_weekday;  /* day of week begins with '*' */
	bool every_real; /* minute or hour begins with '*': real minutes count, not nominal ones */
};

/** @p words: five texts in crontab's order. DRIFT_ERROR_INVALID, naming the field. */
MUST_CHECK bool cron_fields_parse(char *const *words, struct cron_fields *ret_fields,
				  GError **error);

#endif
