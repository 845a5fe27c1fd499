/* cloud - from decoded answers of Cloud Run and Cloud Functions to what is observed of one service:
 * which revisions must be read, which template counts, settings and variables. DESIGN 6 "Finding
 * D", API-FACTS B. Pure: scheduler thread only because of the shared hash. */
#ifndef DRIFT_SOURCE_CLOUD_H
#define DRIFT_SOURCE_CLOUD_H

#include "base.h"
#include "config/config.h"
#include "google/functions.h"
#include "google/run.h"
#include "source/observation.h"

/** More serving revisions of one service are not followed. */
#define CLOUD_REVISIONS_MAX 20

/** What an observation is made from. All borrowed. */
struct cloud_facts {
	const struct config_service *config;
	const struct run_service *service; /* without damage */
	const struct function *function;   /* NULL: none, or no damage */
	GHashTable *revisions;             /* short name to struct run_revision *, those read */
	struct env_hash *hash;
};

/**
 * Short names of the revisions that cloud_observe() needs: those that serve, when the template does
 * not stand for them or names no commit, and the latest created one while a rollout is open. Caller
 * unrefs.
 */
GPtrArray *cloud_revisions_needed(const struct cloud_facts *facts);

/** True when revision @p name serves traffic. */
bool cloud_serves(const struct run_service *service, const char *name);

/** Every serving revision that is needed must be there. A latest created one may be missing: it was
 * deleted. Never NULL, caller frees. */
struct service_obs *cloud_observe(const struct cloud_facts *facts);

/** The same for a function of the first generation, which is its own revision. */
struct service_obs *cloud_observe_first_generation(const struct config_service *config,
						   const struct function *function,
						   struct env_hash *hash);

#endif
