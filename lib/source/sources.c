/* sources - see sources.h */
#include "source/sources.h"

#include <assert.h>
#include <openssl/crypto.h>

#include "clk.h"
#include "data/run.h"
#include "postgres/pg.h"
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
	struct pg_pool *postgres;
	struct budget *budget;
	struct data_memory memory;
	struct gather *gather; /* services under way; NULL: none */
	struct data_run *run;  /* data under way; NULL: none */
	struct collection
		*collection;  /* what has come of the collection under way; NULL: none is */
	sources_done_fn done; /* of it */
	void *done_data;
};

struct sources *sources_create(struct http_client *client, const char *hash_key,
			       size_t hash_key_bytes, void (*wake)(void *data), void *wake_data)
{
	struct sources *sources = g_new0(struct sources, 1);

	sources->client = client;
	sources->hash_key = g_memdup2(hash_key, hash_key_bytes);
	sources->hash_key_bytes = hash_key_bytes;
	sources->cache = revision_cache_create();
	sources->postgres = pg_pool_create(wake, wake_data);
	sources->budget = budget_create();
	return sources;
}

void sources_free(struct sources *sources)
{
	if (!sources)
		return;
	sources_cancel(sources);
	pg_pool_free(sources->postgres);
	budget_free(sources->budget);
	tables_memory_free(sources->memory.tables);
	backups_memory_free(sources->memory.backups);
	dry_run_memory_free(sources->memory.dry_runs);
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

static void add_dsn(GPtrArray *dsns, const char *dsn)
{
	if (dsn)
		g_ptr_array_add(dsns, (gpointer)(uintptr_t)dsn); /* only read */
}

/* Connections that no target needs any more are closed. */
static void keep_connections(struct sources *sources)
{
	g_autoptr(GPtrArray) dsns = g_ptr_array_new();
	const struct config *config = sources->config;

	for (guint i = 0; i < config->inventories->len; i++)
		add_dsn(dsns, ((struct config_inventory *)config->inventories->pdata[i])->dsn);
	for (guint i = 0; i < config->asserts->len; i++)
		add_dsn(dsns, ((struct config_assert *)config->asserts->pdata[i])->dsn);
	g_ptr_array_add(dsns, NULL);
	pg_pool_keep(sources->postgres, (const char *const *)dsns->pdata);
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
	budget_set_config(sources->budget, sources->config);
	keep_connections(sources);
}

void sources_set_config(struct sources *sources, struct config *config)
{
	config_unref(sources->next);
	sources->next = config_ref(config);
	if (!sources->collection)
		use_next_config(sources);
}

/* The last part has come. */
static void end(struct sources *sources)
{
	struct collection *collection;

	if (sources->gather || sources->run)
		return;
	collection = g_steal_pointer(&sources->collection);
	revision_cache_sweep(sources->cache, clk_mono_ms());
	use_next_config(sources);
	sources->done(sources->done_data, collection);
}

/* Everything in @p from, which is freed. */
static void move_all(GPtrArray *to, GPtrArray *from)
{
	for (guint i = 0; i < from->len; i++)
		g_ptr_array_add(to, from->pdata[i]);
	g_ptr_array_set_free_func(from, NULL);
	g_ptr_array_unref(from);
}

static void on_services(void *data, struct collection *collection)
{
	struct sources *sources = data;

	sources->gather = NULL;
	move_all(sources->collection->observations, collection->observations);
	move_all(sources->collection->unwatched, collection->unwatched);
	move_all(sources->collection->listed, collection->listed);
	g_free(collection);
	end(sources);
}

static void on_data(void *data, GPtrArray *observations)
{
	struct sources *sources = data;

	sources->run = NULL;
	move_all(sources->collection->observations, observations);
	end(sources);
}

static void unref_observation(void *data)
{
	observation_unref(data);
}

static void free_unwatched(void *data)
{
	unwatched_free(data);
}

static struct collection *collection_create(void)
{
	struct collection *collection = g_new0(struct collection, 1);

	collection->observations = g_ptr_array_new_with_free_func(unref_observation);
	collection->unwatched = g_ptr_array_new_with_free_func(free_unwatched);
	collection->listed = g_ptr_array_new_with_free_func(free_unwatched);
	return collection;
}

static struct gather *make_gather(struct sources *sources, int64_t deadline_mono_ms)
{
	struct gather *gather = gather_create(sources->client, sources->access);

	gather->config = sources->config;
	gather->wants = sources->wants;
	gather->cache = sources->cache;
	gather->timeout_ms = sources->config->driftd.request_timeout_ms;
	gather->deadline_mono_ms = deadline_mono_ms;
	gather->end = on_services;
	gather->end_data = sources;
	return gather;
}

static struct data_run *make_run(struct sources *sources, const GPtrArray *targets,
				 int64_t deadline_mono_ms)
{
	const struct data_run_input input = {
		.client = sources->client,
		.postgres = sources->postgres,
		.config = sources->config,
		.access = sources->access,
		.budget = sources->budget,
		.memory = &sources->memory,
		.timeout_ms = sources->config->driftd.request_timeout_ms,
		.deadline_mono_ms = deadline_mono_ms,
	};

	return data_run_create(&input, targets);
}

void sources_collect(struct sources *sources, const GPtrArray *targets, int64_t deadline_mono_ms,
		     sources_done_fn done, void *data)
{
	g_autoptr(GPtrArray) services = g_ptr_array_new();

	assert(!sources->collection && sources->config);
	for (guint i = 0; i < targets->len; i++) {
		const struct config_service *service = config_to_service(targets->pdata[i]);

		if (service)
			g_ptr_array_add(services, (gpointer)(uintptr_t)service); /* only read */
	}
	sources->done = done;
	sources->done_data = data;
	sources->collection = collection_create();
	/* both before either starts: neither must seem to be the last */
	if (services->len > 0)
		sources->gather = make_gather(sources, deadline_mono_ms);
	if (services->len < targets->len || targets->len == 0)
		sources->run = make_run(sources, targets, deadline_mono_ms);
	if (sources->gather)
		gather_start(sources->gather, services);
	if (sources->run)
		data_run_start(sources->run, on_data, sources);
}

guint sources_settled(const struct sources *sources)
{
	return (sources->collection ? sources->collection->observations->len : 0) +
	       (sources->gather ? gather_settled(sources->gather) : 0) +
	       (sources->run ? data_run_settled(sources->run) : 0);
}

void sources_poll(struct sources *sources)
{
	pg_pool_poll(sources->postgres);
}

void sources_cancel(struct sources *sources)
{
	if (sources->gather)
		gather_abandon(g_steal_pointer(&sources->gather));
	if (sources->run)
		data_run_abandon(g_steal_pointer(&sources->run));
	collection_free(g_steal_pointer(&sources->collection));
}

struct budget *sources_budget(struct sources *sources)
{
	return sources->budget;
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
