/* revision_cache - see revision_cache.h */
#include "source/revision_cache.h"

struct entry {
	struct run_revision *revision;
	char *uid;          /* of the service; NULL: not said */
	int64_t generation; /* of the service */
	int64_t used_mono_ms;
};

struct revision_cache {
	GHashTable *entries; /* url -> struct entry * */
};

static void entry_free(void *data)
{
	struct entry *entry = data;

	run_revision_unref(entry->revision);
	g_free(entry->uid);
	g_free(entry);
}

struct revision_cache *revision_cache_create(void)
{
	struct revision_cache *cache = g_new0(struct revision_cache, 1);

	cache->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, entry_free);
	return cache;
}

void revision_cache_free(struct revision_cache *cache)
{
	if (!cache)
		return;
	g_hash_table_unref(cache->entries);
	g_free(cache);
}

void revision_cache_clear(struct revision_cache *cache)
{
	g_hash_table_remove_all(cache->entries);
}

size_t revision_cache_size(const struct revision_cache *cache)
{
	return g_hash_table_size(cache->entries);
}

struct run_revision *revision_cache_find(struct revision_cache *cache, const char *url,
					 const struct run_service *service, int64_t now_mono_ms)
{
	struct entry *entry = g_hash_table_lookup(cache->entries, url);

	if (!entry)
		return NULL;
	if (g_strcmp0(entry->uid, service->uid) != 0 || entry->generation != service->generation) {
		(void)g_hash_table_remove(cache->entries, url); /* it was there */
		return NULL;
	}
	entry->used_mono_ms = now_mono_ms;
	return entry->revision;
}

void revision_cache_add(struct revision_cache *cache, const char *url,
			const struct run_service *service, struct run_revision *revision,
			int64_t now_mono_ms)
{
	struct entry *entry = NULL;

	if (revision->ready != RUN_READY_YES && revision->ready != RUN_READY_FAILED)
		return;
	if (g_hash_table_size(cache->entries) >= REVISION_CACHE_MAX)
		return;
	entry = g_new0(struct entry, 1);
	entry->revision = run_revision_ref(revision);
	entry->uid = g_strdup(service->uid);
	entry->generation = service->generation;
	entry->used_mono_ms = now_mono_ms;
	(void)g_hash_table_replace(cache->entries, g_strdup(url), entry); /* new or not */
}

struct age {
	int64_t oldest_mono_ms;
};

static gboolean is_old(void *key, void *value, void *data)
{
	const struct entry *entry = value;
	const struct age *age = data;

	(void)key;
	return entry->used_mono_ms < age->oldest_mono_ms;
}

void revision_cache_sweep(struct revision_cache *cache, int64_t now_mono_ms)
{
	struct age age = {.oldest_mono_ms = now_mono_ms - REVISION_CACHE_KEEP_MS};

	(void)g_hash_table_foreach_remove(cache->entries, is_old, &age); /* how many: no matter */
}
