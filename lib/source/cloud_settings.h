/* cloud_settings - settings and variables of the serving template as expect, require-env and
 * forbid-env name them (DESIGN 5). Pure: scheduler thread only because of the shared hash. */
#ifndef DRIFT_SOURCE_CLOUD_SETTINGS_H
#define DRIFT_SOURCE_CLOUD_SETTINGS_H

#include "base.h"
#include "config/config.h"
#include "google/run.h"
#include "source/observation.h"

/**
 * Fill settings, env_names and env_hashes of @p service.
 *
 * Absent in an answer means Google's default: min-instances 0, max-instances 100, memory 512Mi,
 * timeout 300s, concurrency 80 (1 with less than one CPU), cpu-idle true without resources and
 * false with them. The service's own min-instances goes before the template's; of two
 * max-instances the smaller holds; manual scaling is both. A service-account that is not said is
 * left out: its name is not known.
 *
 * @param run  NULL for a function of the first generation: it has what it says, no defaults.
 */
void cloud_settings_observe(const struct run_service *run, const struct run_template *template,
			    struct service_obs *service);

/** Fill env_checks from what is configured. After cloud_settings_observe(). */
void cloud_settings_check_env(const struct config_service *config, struct env_hash *hash,
			      struct service_obs *service);

/** Value of a setting, or NULL. Borrowed. */
const char *cloud_settings_find(const struct service_obs *service, const char *name);

/** "NAME" of "env.NAME"; NULL for a setting. */
const char *cloud_settings_env_name(const char *expect_name);

#endif
