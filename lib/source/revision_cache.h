/* revision_cache - revisions never change once they are ready or have failed: what was read of them
 * is kept, bounded. Scheduler thread only. */
#ifndef DRIFT_SOURCE_REVISION_CACHE_H
#define DRIFT_SOURCE_REVISION_CACHE_H

#include "base.h"
#include "google/run.h"

/** At some 2 KiB each. */
#define REVISION_CACHE_MAX 20000

/** What nobody asked for this long is dropped; targets that are checked hourly keep theirs. */
#define REVISION_CACHE_KEEP_MS (3 * MS_PER_HOUR)

struct revision_cache;

struct revision_cache *revision_cache_create(void);
void revision_cache_free(struct revision_cache *cache);
void revision_cache_clear(struct revision_cache *cache);
size_t revision_cache_size(const struct revision_cache *cache);

/**
 * @param url      of the revision.
 * @param service  it belongs to: a revision of the same name can only come to be by another change
 * of the service, so that its uid and generation are part of the key.
 * @return borrowed, or NULL.
 */
struct run_revision *revision_cache_find(struct revision_cache *cache, const char *url,
					 const struct run_service *service, int64_t now_mono_ms);

/** Keeps a reference, unless the revision may still change or the cache is full. */
void revision_cache_add(struct revision_cache *cache, const char *url,
			const struct run_service *service, struct run_revision *revision,
			int64_t now_mono_ms);

/** Drop what was not asked for since REVISION_CACHE_KEEP_MS. */
void revision_cache_sweep(struct revision_cache *cache, int64_t now_mono_ms);

#endif
