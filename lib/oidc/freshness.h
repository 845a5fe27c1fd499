/* freshness - how long an answer may be kept (RFC 9111 4.2, 5.1, 5.2). Pure: any thread. */
#ifndef DRIFT_OIDC_FRESHNESS_H
#define DRIFT_OIDC_FRESHNESS_H

#include "base.h"

/**
 * max-age less Age. Directives of other names are passed over; no-cache and no-store say 0 whatever
 * max-age says; of several max-age the first counts; a number too large to be held is the largest.
 * Age without a number counts as none.
 *
 * @param cache_control  NULL: absent.
 * @param age            NULL: absent.
 * @return -1: nothing usable is said.
 */
int64_t freshness_ms(const char *cache_control, const char *age);

#endif
