/* setting - whether a setting is what was expected, although the same value can be spelled in
 * several ways ("300s", "5m"; "1Gi", "1024Mi"). Pure: any thread. */
#ifndef DRIFT_EVAL_SETTING_H
#define DRIFT_EVAL_SETTING_H

#include "base.h"

/**
 * @param name      as in config_expect: min-instances, memory, timeout, cpu-idle …
 * @param expected  never NULL.
 * @param actual    NULL: the setting is absent, which equals 0 or false where that is what absence
 *                  means (min-instances, cpu-idle).
 */
bool setting_equal(const char *name, const char *expected, const char *actual);

#endif
