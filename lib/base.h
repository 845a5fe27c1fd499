/* base - the few compiler helpers that every module uses. Pure: any thread. */
#ifndef DRIFT_BASE_H
#define DRIFT_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <inttypes.h>
#include <stdint.h>
#include <glib.h>

/** The result tells whether the call worked: it must be looked at. */
#define MUST_CHECK __attribute__((warn_unused_result))

/** Arguments from number @p first_index on are formatted by the printf format at @p format_index.
 */
#define PRINTF_LIKE(format_index, first_index)                                                     \
	__attribute__((format(printf, format_index, first_index)))

/** Milliseconds in a second, a minute, an hour and a day. */
#define MS_PER_S ((int64_t)1000)
#define MS_PER_MINUTE (60 * MS_PER_S)
#define MS_PER_HOUR (60 * MS_PER_MINUTE)
#define MS_PER_DAY (24 * MS_PER_HOUR)

#endif
