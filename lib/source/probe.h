/* probe - is it the right program that answers? Values at JSON pointers of a functional route,
 * compared with what is expected (L07). Pure: any thread. */
#ifndef DRIFT_SOURCE_PROBE_H
#define DRIFT_SOURCE_PROBE_H

#include "base.h"
#include "config/config.h"
#include "source/observation.h"

#define PROBE_BODY_MAX_BYTES ((size_t)1024 * 1024)

/**
 * Look up every probe-expect of @p config.
 *
 * @param ret_probes  config->probe_expect_count of them, caller frees each actual and the array.
 * @param error       DRIFT_ERROR_INVALID: the body is no JSON document.
 */
MUST_CHECK bool probe_decode(const char *body, size_t length, const struct config_service *config,
			     struct probe_obs **ret_probes, GError **error);

#endif
