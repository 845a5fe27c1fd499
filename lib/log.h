/* log - logfmt on stderr, journal fields under systemd. Any thread. Never given a secret or a body.
 */
#ifndef DRIFT_LOG_H
#define DRIFT_LOG_H

#include "base.h"

enum log_level {
	LOG_LEVEL_NONE = 0,
	LOG_LEVEL_ERROR, /* someone must act */
	LOG_LEVEL_WARN,  /* degraded, carrying on */
	LOG_LEVEL_INFO,  /* start, stop, state changes */
	LOG_LEVEL_DEBUG,
};

/** Parse "error", "warn", "info" or "debug". LOG_LEVEL_NONE when it is none of them. */
enum log_level log_level_from_text(const char *text);

/** Messages above @p level are dropped from now on. Default info. */
void log_set_level(enum log_level level);

/**
 * Write one event: time, level, event name, then what @p format makes ("key=value key2=\"…\"").
 * Values from outside are passed through log_quote() or as "%s" inside quotes made by it.
 * Control characters in the result are escaped, the line is cut at LOG_LINE_MAX_BYTES.
 */
void log_write(enum log_level level, const char *event, const char *format, ...) PRINTF_LIKE(3, 4);

/** @p text as a logfmt value: quoted when needed, quotes and control bytes escaped. Caller frees.
 */
char *log_quote(const char *text);

/** One line is never longer: journald and people both cut there. */
#define LOG_LINE_MAX_BYTES 4096

#define log_error(event, ...) log_write(LOG_LEVEL_ERROR, event, __VA_ARGS__)
#define log_warn(event, ...) log_write(LOG_LEVEL_WARN, event, __VA_ARGS__)
#define log_info(event, ...) log_write(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) log_write(LOG_LEVEL_DEBUG, event, __VA_ARGS__)

#endif
