/* engine - life of the engine and change of its configuration; see engine.h */
#include "daemon/engine_private.h"

#include "api/app.h"
#include "clk.h"
#include "daemon/alerting.h"
#include "drift_error.h"
#include "log.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void repo_state_free(struct repo_state *repo)
{
	git_worker_stop(repo->worker);
	g_free(repo->identity);
	git_head_free(repo->head);
	git_commit_free(repo->stored_head);
	g_free(repo->branch);
	g_clear_pointer(&repo->seen, g_ptr_array_unref);
	g_free(repo->fetch_error);
	g_free(repo->note);
	g_free(repo->commit_url);
	g_free(repo);
}

static void target_state_free(struct target_state *target)
{
	g_free(target->definition);
	if (target->observation)
		observation_unref(target->observation);
	if (target->committed)
		verdict_unref(target->committed);
	if (target->verdict)
		verdict_unref(target->verdict);
	g_ptr_array_unref(target->past);
	store_sample_free(target->sample);
	g_free(target);
}

void engine_wake(struct engine *engine)
{
	uint64_t one = 1;

	(void)!write(engine->wake_fd, &one, sizeof(one)); /* a full counter wakes just as well */
}

static void wake_from_worker(void *data)
{
	engine_wake(data);
}

struct repo_state *engine_find_repo(const struct engine *engine, const char *name)
{
	for (guint i = 0; i < engine->repos->len; i++) {
		struct repo_state *repo = engine->repos->pdata[i];

		if (strcmp(repo->config->name, name) == 0)
			return repo;
	}
	return NULL;
}

/* What a worker depends on: another value needs another worker. The token takes part by its digest.
 */
static char *repo_identity(const struct engine *engine, const struct config_repo *config)
{
	g_autofree char *token = g_compute_checksum_for_string(
		G_CHECKSUM_SHA256, config->token ? config->token : "", -1);

	return g_strdup_printf("%s\n%s\n%s\n%s\n%" PRId64 "\n%" PRId64, config->name, config->url,
			       config->branch ? config->branch : "", token,
			       config->fetch_timeout_ms, engine->config->driftd.request_timeout_ms);
}

/* A repository new to the engine: its stored heads are taken up, its worker starts. */
static struct repo_state *repo_state_create(struct engine *engine, const struct config_repo *config,
					    GError **error)
{
	struct repo_state *repo = g_new0(struct repo_state, 1);

	repo->config = config;
	repo->identity = repo_identity(engine, config);
	repo->seen = g_ptr_array_new_with_free_func(g_free);
	if (!record_load_repo(engine, repo, error))
		goto fail;
	repo->worker =
		git_worker_start(repo_options_create(config, engine->state_dir,
						     engine->config->driftd.request_timeout_ms),
				 wake_from_worker, engine, error);
	if (!repo->worker)
		goto fail;
	return repo;
fail:
	repo_state_free(repo);
	return NULL;
}

static struct target_state *target_state_create(void)
{
	struct target_state *target = g_new0(struct target_state, 1);

	target->past = g_ptr_array_new_with_free_func((GDestroyNotify)past_deployment_free);
	target->fresh = true;
	return target;
}

static struct repo_state *find_same_repo(const struct engine *engine,
					 const struct config_repo *config)
{
	g_autofree char *identity = repo_identity(engine, config);

	for (guint i = 0; i < engine->repos->len; i++) {
		struct repo_state *repo = engine->repos->pdata[i];

		if (strcmp(repo->identity, identity) == 0)
			return repo;
	}
	return NULL;
}

/* Repositories of the new configuration; those that did not change keep their worker and head. All
 * or nothing. */
static bool adopt_repos(struct engine *engine, GError **error)
{
	g_autoptr(GPtrArray) made = g_ptr_array_new_with_free_func((GDestroyNotify)repo_state_free);
	GPtrArray *now = g_ptr_array_new();

	for (guint i = 0; i < engine->config->repos->len; i++) {
		const struct config_repo *config = engine->config->repos->pdata[i];
		struct repo_state *repo = find_same_repo(engine, config);

		if (!repo) {
			repo = repo_state_create(engine, config, error);
			if (!repo) {
				g_ptr_array_unref(now);
				return false;
			}
			g_ptr_array_add(made, repo);
		}
		g_ptr_array_add(now, repo);
	}
	g_ptr_array_set_free_func(made, NULL);
	for (guint i = 0; i < now->len; i++) {
		struct repo_state *repo = now->pdata[i];
		guint index;

		if (g_ptr_array_find(engine->repos, repo, &index))
			(void)g_ptr_array_steal_index_fast(engine->repos, index);
		repo->config = engine->config->repos->pdata[i];
		g_free(repo->commit_url);
		repo->commit_url = repo->config->web_url
					   ? g_strconcat(repo->config->web_url, "/commit/", NULL)
					   : NULL;
		repo->due_mono_ms = 0;
	}
	g_ptr_array_unref(engine->repos);
	g_ptr_array_set_free_func(now, (GDestroyNotify)repo_state_free);
	engine->repos = now;
	return true;
}

/* The state of a target under the new configuration; what it had under the old one stays where the definition did. */
static struct target_state *adopt_target(struct engine *engine, const struct config_target *config)
{
	struct target_state *target = g_hash_table_lookup(engine->by_id, config->id);
	g_autofree char *definition = definition_of(config, store_hash_key(engine->store));
	bool redefined;

	if (target)
		(void)g_hash_table_remove(engine->by_id, config->id);
	else
		target = target_state_create();
	redefined = target->definition && strcmp(target->definition, definition) != 0;
	g_free(target->definition);
	target->definition = g_steal_pointer(&definition);
	target->config = config;
	target->service = config_to_service(config);
	target->repo =
		target->service ? engine_find_repo(engine, target->service->repo->name) : NULL;
	if (!config->billed || redefined)
		target->due_mono_ms = 0;
	else /* every may be shorter now */
		target->due_mono_ms = MIN(target->due_mono_ms, clk_mono_ms() + config->every_ms);
	if (redefined) {
		g_clear_pointer(&target->observation, observation_unref);
		judge_redefined(engine, target);
	}
	return target;
}

/* Targets of the new configuration; those that stay keep verdict and history. */
static void adopt_targets(struct engine *engine)
{
	GPtrArray *old = engine->targets;

	engine->targets = g_ptr_array_new_full(engine->config->targets->len,
					       (GDestroyNotify)target_state_free);
	for (guint i = 0; i < engine->config->targets->len; i++)
		g_ptr_array_add(engine->targets,
				adopt_target(engine, engine->config->targets->pdata[i]));
	for (guint i = 0; i < old->len; i++) {
		struct target_state *target = old->pdata[i];

		if (g_hash_table_lookup(engine->by_id, target->config->id) == target) {
			g_ptr_array_add(engine->removed, g_strdup(target->config->id));
			target_state_free(target);
		}
	}
	g_ptr_array_set_free_func(old, NULL);
	g_ptr_array_unref(old);
	g_hash_table_remove_all(engine->by_id);
	for (guint i = 0; i < engine->targets->len; i++) {
		struct target_state *target = engine->targets->pdata[i];

		(void)g_hash_table_insert(engine->by_id, target->config->id, target);
	}
}

static bool adopt_config(struct engine *engine, struct config *config, GError **error)
{
	struct config *old = engine->config;
	g_autoptr(GError) unloaded = NULL;

	engine->config = config_ref(config);
	if (!adopt_repos(engine, error)) {
		config_unref(config);
		engine->config = old;
		return false;
	}
	adopt_targets(engine);
	config_unref(old); /* its structs were borrowed until here */
	if (!record_load(engine, &unloaded))
		log_warn("store.history_not_loaded", "err=\"%s\"", unloaded->message);
	http_client_set_max_parallel(engine->http, config->driftd.max_parallel_requests);
	sources_set_config(engine->sources, config);
	if (engine->alerting)
		alerting_set_config(engine->alerting, config);
	return true;
}

bool engine_set_config(struct engine *engine, struct config *config, GError **error)
{
	assert(!engine->cycle.running);
	if (!adopt_config(engine, config, error))
		return false;
	g_ptr_array_set_size(engine->unwatched, 0);
	return true;
}

struct config *engine_config(const struct engine *engine)
{
	return engine->config;
}

void engine_set_config_error(struct engine *engine, const char *message)
{
	g_free(engine->config_error);
	engine->config_error = g_strdup(message);
}

void engine_set_waiters(struct engine *engine, int64_t waiters)
{
	engine->waiters = waiters;
}

static bool open_parts(struct engine *engine, struct config *config, GError **error)
{
	g_autofree char *path = g_build_filename(config->driftd.state_dir, "driftd.db", NULL);

	engine->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (engine->wake_fd < 0) {
		drift_error_set_errno(error, errno, "create", "eventfd");
		return false;
	}
	engine->store = store_open(path, error);
	if (!engine->store)
		return false;
	engine->http = http_client_create(config->driftd.max_parallel_requests, error);
	if (!engine->http)
		return false;
	engine->sources = sources_create(engine->http, store_hash_key(engine->store),
					 STORE_HASH_KEY_BYTES, wake_from_worker, engine);
	if (!engine->hooks.muted)
		engine->alerting = alerting_create(engine->store, path, engine->http, error);
	return (engine->hooks.muted || engine->alerting) &&
	       store_load_last_event(engine->store, &engine->last_event_id, error) &&
	       record_load_usages(engine, error);
}

struct engine *engine_create(struct config *config, const struct engine_hooks *hooks,
			     GError **error)
{
	struct engine *engine = g_new0(struct engine, 1);

	engine->wake_fd = -1;
	engine->hooks = *hooks;
	engine->state_dir = g_strdup(config->driftd.state_dir);
	engine->repos = g_ptr_array_new_with_free_func((GDestroyNotify)repo_state_free);
	engine->targets = g_ptr_array_new_with_free_func((GDestroyNotify)target_state_free);
	engine->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	engine->unwatched = g_ptr_array_new_with_free_func((GDestroyNotify)unwatched_free);
	engine->new_heads = g_ptr_array_new_with_free_func((GDestroyNotify)store_head_free);
	engine->removed = g_ptr_array_new_with_free_func(g_free);
	engine->pushes = g_ptr_array_new_with_free_func((GDestroyNotify)push_free);
	engine->valid_until_mono_ms = INT64_MAX;
	engine->valid_until_wall_ms = INT64_MAX;
	if (!open_parts(engine, config, error))
		goto fail;
	engine->next_id = store_next_cycle_id(engine->store);
	engine->flush_mono_ms = clk_mono_ms() + ENGINE_FLUSH_INTERVAL_MS;
	engine->prune_mono_ms = clk_mono_ms() + MS_PER_MINUTE;
	engine->clocks_apart_ms = clk_wall_ms() - clk_mono_ms();
	if (!adopt_config(engine, config, error))
		goto fail;
	return engine;
fail:
	engine_free(engine);
	return NULL;
}

void engine_settle_messages(struct engine *engine)
{
	int64_t end_mono_ms = clk_mono_ms() + ENGINE_SETTLE_PATIENCE_MS;

	while (engine->alerting && alerting_is_sending(engine->alerting) &&
	       clk_mono_ms() < end_mono_ms)
		http_client_poll(engine->http, end_mono_ms - clk_mono_ms(), -1);
}

void engine_free(struct engine *engine)
{
	g_autoptr(GError) error = NULL;

	if (!engine)
		return;
	assert(!engine->cycle.running);
	if (engine->store && engine->sources && !record_times(engine, &error))
		log_warn("store.flush_failed", "err=\"%s\"", error->message);
	engine_settle_messages(engine);
	alerting_free(engine->alerting);
	sources_free(engine->sources);
	http_client_free(engine->http);
	g_ptr_array_unref(engine->targets);
	g_ptr_array_unref(engine->repos);
	g_hash_table_unref(engine->by_id);
	g_ptr_array_unref(engine->unwatched);
	g_ptr_array_unref(engine->new_heads);
	g_ptr_array_unref(engine->removed);
	g_ptr_array_unref(engine->pushes);
	store_close(engine->store);
	g_free(engine->cycle.trigger);
	g_free(engine->last_check.trigger);
	g_free(engine->store_error);
	g_free(engine->config_error);
	config_unref(engine->config);
	g_free(engine->state_dir);
	if (engine->wake_fd >= 0)
		(void)close(engine->wake_fd); /* an eventfd has nothing to flush */
	g_free(engine);
}

void engine_publish_snapshot(struct engine *engine, struct snapshot *snapshot)
{
	engine->news = false;
	engine->publish_mono_ms = clk_mono_ms();
	engine->valid_until_mono_ms = snapshot->valid_until_mono_ms;
	engine->valid_until_wall_ms = snapshot->valid_until_wall_ms;
	engine->hooks.publish(engine->hooks.data, snapshot);
}

void engine_publish(struct engine *engine)
{
	int64_t began_mono_ms = clk_mono_ms();
	struct snapshot_input *input = present_input(engine);

	present_alerts(engine, input);
	engine_publish_snapshot(engine, snapshot_create(input));
	engine->publish_took_ms = clk_mono_ms() - began_mono_ms;
}

struct alerting *engine_alerting(struct engine *engine)
{
	return engine->alerting;
}

struct http_client *engine_http(struct engine *engine)
{
	return engine->http;
}

void push_free(struct push *push)
{
	g_free(push->repo);
	g_free(push->delivery);
	g_free(push);
}

bool push_is_served(const struct engine *engine, const struct push *push)
{
	const struct repo_state *repo = engine_find_repo(engine, push->repo);

	return repo && !repo->fetch_error && !repo->fetch_in_flight;
}

GPtrArray *engine_load_pushes(struct engine *engine)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *pushes = store_load_pushes(engine->store, APP_PUSHES_MAX, &error);

	if (!pushes)
		log_warn("store.pushes_not_loaded", "err=\"%s\"", error->message);
	return pushes;
}

void engine_add_push(struct engine *engine, const char *repo, const char *delivery)
{
	struct push *push = g_new0(struct push, 1);

	push->repo = g_strdup(repo);
	push->delivery = g_strdup(delivery);
	g_ptr_array_add(engine->pushes, push);
}

bool engine_is_running(const struct engine *engine)
{
	return engine->cycle.running;
}

int64_t engine_last_event_id(const struct engine *engine)
{
	return engine->last_event_id;
}

int64_t engine_next_cycle_id(const struct engine *engine)
{
	return engine->next_id;
}

int64_t engine_cycle_id(const struct engine *engine, int64_t *ret_started_wall_ms,
			const char **ret_trigger)
{
	*ret_started_wall_ms = engine->cycle.running ? engine->cycle.started_wall_ms : 0;
	*ret_trigger = engine->cycle.running ? engine->cycle.trigger : NULL;
	return engine->cycle.running ? engine->cycle.id : engine->next_id;
}

static void drain_wake(const struct engine *engine)
{
	uint64_t count;

	(void)!read(engine->wake_fd, &count, sizeof(count)); /* empty is fine: non-blocking */
}

void engine_poll(struct engine *engine, int64_t timeout_ms)
{
	http_client_poll(engine->http, timeout_ms, engine->wake_fd);
	drain_wake(engine);
	sources_poll(engine->sources);
	cycle_take_git_results(engine);
	cycle_advance(engine);
	progress_tell(engine);
	if (!engine->alerting)
		return;
	alerting_run(engine->alerting);
	engine->news |= alerting_take_news(engine->alerting);
}
