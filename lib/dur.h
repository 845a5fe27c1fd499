/* dur - durations ("90s", "5m") and sizes ("10MB", "1GiB") as the configuration writes them. Pure:
 * any thread. */
#ifndef DRIFT_DUR_H
#define DRIFT_DUR_H

#include "base.h"

/** Longest accepted duration: one year; keeps the sum of any two far inside int64_t. */
#define DUR_MAX_MS ((int64_t)365 * MS_PER_DAY)

/** Largest accepted size: 1 PiB. */
#define DUR_SIZE_MAX_BYTES ((int64_t)1 << 50)

/**
 * Parse a decimal number followed by s, m, h or d. No spaces, no sign, no fraction.
 *
 * @param text    NUL-terminated, borrowed for the call.
 * @param ret_ms  milliseconds, 0..DUR_MAX_MS.
 * @param error   DRIFT_ERROR_INVALID (syntax) or DRIFT_ERROR_TOO_LARGE.
 * @return true, or false with error set.
 */
MUST_CHECK bool dur_parse(const char *text, int64_t *ret_ms, GError **error);

/** The shortest exact spelling dur_parse() reads back ("90s", "5m"); "0s" for 0. Caller frees. */
char *dur_format(int64_t ms);

/** Parse a decimal number followed by nothing, B, kB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB,
 * TiB (of 1024). */
MUST_CHECK bool dur_parse_size(const char *text, int64_t *ret_bytes, GError **error);

#endif
