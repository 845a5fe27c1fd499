/* sources - observes targets. Services: one list call (with pages) per project and region, one call
 * per http service, revisions read only where the template does not stand for what serves (DESIGN
 * 6). Data: see data/run.h. Scheduler thread only. */
#ifndef DRIFT_SOURCES_H
#define DRIFT_SOURCES_H

#include "base.h"
#include "config/config.h"
#include "data/budget.h"
#include "http/client.h"
#include "source/observation.h"

struct sources;

/** What one collection brought. Every target asked for has exactly one observation, also when its
 * source failed. */
struct collection {
	GPtrArray *observations; /* struct observation *, unref'd with the array */
	GPtrArray *unwatched;    /* struct unwatched *, sorted; of the projects and regions listed
				 completely, report-unwatched only */
	GPtrArray *listed; /* struct unwatched * without service: the projects and regions that
				 unwatched speaks for; of others nothing new is known */
};

/** Called once per collection, from http_client_poll(). @p collection is taken by the callee. */
typedef void (*sources_done_fn)(void *data, struct collection *collection);

/**
 * @param client    outlives the sources.
 * @param hash_key  key for env hashes, copied; at least 16 bytes, from the database.
 * @param wake      called, from another thread, when sources_poll() has something to do.
 */
struct sources *sources_create(struct http_client *client, const char *hash_key,
			       size_t hash_key_bytes, void (*wake)(void *data), void *wake_data);
void sources_free(struct sources *sources);

/** Use another configuration from the next collection on (takes a reference). Tokens of unchanged
 * [gcp] sections stay cached. */
void sources_set_config(struct sources *sources, struct config *config);

/**
 * Observe @p targets. A collection that is under way must have ended.
 *
 * @param targets           const struct config_target *, not paused; borrowed until done.
 * @param deadline_mono_ms  what has not answered by then is a FAULT_TIMEOUT observation; done is
 * called by then.
 */
void sources_collect(struct sources *sources, const GPtrArray *targets, int64_t deadline_mono_ms,
		     sources_done_fn done, void *data);

/** How many targets of the collection under way have been observed, or given up; 0: there is none. */
guint sources_settled(const struct sources *sources);

/** Take what other threads have brought; may call done. Cheap when there is nothing. */
void sources_poll(struct sources *sources);

/** Give up the collection under way, if any: done is not called. */
void sources_cancel(struct sources *sources);

/** What was spent today. Borrowed. */
struct budget *sources_budget(struct sources *sources);

void collection_free(struct collection *collection);

#endif
