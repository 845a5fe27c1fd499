/* pushes - ids of hook deliveries that were taken, the newest few thousand: a delivery that comes
 * again is known. Belongs to whoever locks it. */
#ifndef DRIFT_PUSHES_H
#define DRIFT_PUSHES_H

#include "base.h"

struct pushes;

/** The oldest are forgotten beyond @p max. */
struct pushes *pushes_create(size_t max);
/** NULL is fine. */
void pushes_free(struct pushes *pushes);

/** False: it is there already. */
bool pushes_add(struct pushes *pushes, const char *id);

/** As if it had never come. */
void pushes_remove(struct pushes *pushes, const char *id);

size_t pushes_count(const struct pushes *pushes);

#endif
