/* sources - see sources.h */
#include "source/sources.h"

#include <assert.h>
#include <openssl/crypto.h>

#include "clk.h"
#include "source/env_hash.h"
#include "source/gather.h"
#include "source/gcp_access.h"
#include "source/markers.h"
#include "source/revision_cache.h"

struct sources {
	struct http_client *client;
	char *hash_key;
	size_t hash_key_bytes;
	struct config *config; /* in use; NULL: none yet */
	struct config *next;   /* to be used from the next collection on; NULL: the same */
	GPtrArray *access;     /* struct gcp_access *; NULL until there is a config */
	struct run_wants *wants;
	struct revision_cache *cache;
	struct gather *gather; /* under way; NULL: none */
	sources_done_fn done;  /* of it */
	void *done_data;
};

struct sources *sources_create(struct http_client *client, const char *hash_key,
			       size_t hash_key_bytes)
{
	struct sources *sources = g_new0(struct sources, 1);

	sources->client = client;
	sources->hash_key = g_memdup2(hash_key, hash_key_bytes);
	sources->hash_key_bytes = hash_key_bytes;
	sources->cache = revision_cache_create();
	return sources;
}

void sources_free(struct sources *sources)
{
	if (!sources)
		return;
	if (sources->gather)
		gather_abandon(sources->gather);
	revision_cache_free(sources->cache);
	run_wants_free(sources->wants);
	g_clear_pointer(&sources->access, g_ptr_array_unref);
	config_unref(sources->next);
	config_unref(sources->config);
	OPENSSL_cleanse(sources->hash_key, sources->hash_key_bytes);
	g_free(sources->hash_key);
	g_free(sources);
}

/* What was decoded with other wants lacks what is wanted now. */
static void renew_wants(struct sources *sources)
{
	struct run_wants *wants =
		run_wants_create(env_hash_create(sources->hash_key, sources->hash_key_bytes));

	markers_add_wants(wants, sources->config);
	if (sources->wants && run_wants_equal(wants, sources->wants)) {
		run_wants_free(wants);
		return;
	}
	run_wants_free(sources->wants);
	sources->wants = wants;
	revision_cache_clear(sources->cache);
}

static void use_next_config(struct sources *sources)
{
	GPtrArray *before = sources->access;

	if (!sources->next)
		return;
	config_unref(sources->config);
	sources->config = g_steal_pointer(&sources->next);
	sources->access = gcp_access_list(sources->client, sources->config, before);
	if (before)
		g_ptr_array_unref(before);
	renew_wants(sources);
}

void sources_set_config(struct sources *sources, struct config *config)
{
	config_unref(sources->next);
	sources->next = config_ref(config);
	if (!sources->gather)
		use_next_config(sources);
}

static void on_end(void *data, struct collection *collection)
{
	struct sources *sources = data;

	sources->gather = NULL;
	revision_cache_sweep(sources->cache, clk_mono_ms());
	use_next_config(sources);
	sources->done(sources->done_data, collection);
}

void sources_collect(struct sources *sources, const GPtrArray *services, int64_t deadline_mono_ms,
		     sources_done_fn done, void *data)
{
	struct gather *gather = NULL;

	assert(!sources->gather && sources->config);
	gather = gather_create(sources->client, sources->access);
	gather->config = sources->config;
	gather->wants = sources->wants;
	gather->cache = sources->cache;
	gather->timeout_ms = sources->config->driftd.request_timeout_ms;
	gather->deadline_mono_ms = deadline_mono_ms;
	gather->end = on_end;
	gather->end_data = sources;
	sources->gather = gather;
	sources->done = done;
	sources->done_data = data;
	gather_start(gather, services);
}

void collection_free(struct collection *collection)
{
	if (!collection)
		return;
	g_ptr_array_unref(collection->observations);
	g_ptr_array_unref(collection->unwatched);
	g_ptr_array_unref(collection->listed);
	g_free(collection);
}
