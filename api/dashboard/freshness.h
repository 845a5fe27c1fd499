/* freshness - how old data is against what was promised of it, as a bar. Pure: any thread. */
#ifndef DRIFT_FRESHNESS_H
#define DRIFT_FRESHNESS_H

#include "base.h"
#include "eval/verdict.h"

/** The age of what @p verdict is about, its limits, and when more is expected; nothing where none of
 * that is known. */
void freshness_add(GString *to, const struct verdict *verdict, int64_t now_wall_ms);

#endif
