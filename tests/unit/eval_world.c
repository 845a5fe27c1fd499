/* eval_world - see eval_world.h */
#include "eval_world.h"

#include <string.h>

static void free_resolution(gpointer data)
{
	struct git_resolution *resolution = data;

	g_free(resolution->text);
	g_free(resolution->why);
	g_free(resolution);
}

static void free_comparison(gpointer data)
{
	struct git_comparison *comparison = data;

	g_ptr_array_unref(comparison->list);
	g_ptr_array_unref(comparison->authors);
	git_commit_free(comparison->oldest);
	git_commit_free(comparison->newest);
	g_free(comparison->why);
	g_free(comparison);
}

static void free_missing(gpointer data)
{
	struct git_missing_path *missing = data;

	g_free(missing->pattern);
	g_free(missing);
}

static void free_past(gpointer data)
{
	struct past_deployment *past = data;

	g_free(past->sha);
	g_free(past->digest);
	g_free(past->revision);
	g_free(past);
}

static char *own(struct world *world, const char *text)
{
	char *copy = g_strdup(text);

	g_ptr_array_add(world->strings, copy);
	return copy;
}

static void init_service(struct world *world)
{
	static char *nothing[] = {NULL};
	struct config_service *service = &world->service;

	world->repo.name = own(world, "main");
	service->repo = &world->repo;
	service->target = (struct config_target){
		.id = own(world, "service/api"),
		.kind = TARGET_KIND_SERVICE,
		.name = own(world, "api"),
		.priority = PRIORITY_P1,
		.every_ms = 5 * MS_PER_MINUTE,
		.expire_after_ms = 15 * MS_PER_MINUTE,
		.confirm = 1,
		.deploy_command = own(world, "./deploy.sh api"),
	};
	service->source = CONFIG_SOURCE_CLOUD_RUN;
	service->paths = nothing;
	service->commit_from = nothing;
	service->require_env = nothing;
	service->forbid_env = nothing;
	service->grace_ms = 30 * MS_PER_MINUTE;
	service->deploy_timeout_ms = 15 * MS_PER_MINUTE;
	service->traffic_latest = true;
	service->project = own(world, "acme");
	service->region = own(world, "us-west2");
	service->service = own(world, "api");
}

static void init_git(struct world *world)
{
	struct git_commit *head = &world->git_head.commit;

	g_strlcpy(world->git_head.sha, WORLD_HEAD, GIT_SHA_BYTES);
	world->git_head.branch = own(world, "main");
	g_strlcpy(head->sha, WORLD_HEAD, GIT_SHA_BYTES);
	head->subject = own(world, "head subject");
	head->author = own(world, "Ada");
	head->committed_wall_ms = WORLD_NOW_MS - 2 * MS_PER_HOUR;
	world->head = (struct head_state){
		.head = &world->git_head,
		.fetched_wall_ms = WORLD_NOW_MS,
		.fetched_mono_ms = WORLD_MONO_MS,
		.web_url = "https://github.com/example/pipeline",
	};
	g_strlcpy(world->answer.head, WORLD_HEAD, GIT_SHA_BYTES);
	world->answer.target_id = world->service.target.id;
	world->answer.resolutions = g_ptr_array_new_with_free_func(free_resolution);
	world->answer.comparisons = g_ptr_array_new_with_free_func(free_comparison);
	world->answer.missing_paths = g_ptr_array_new_with_free_func(free_missing);
	world->answer.pairs = g_ptr_array_new_with_free_func(g_free);
	(void)world_resolve(world, WORLD_DEPLOYED, GIT_RESOLUTION_FOUND, WORLD_DEPLOYED);
	(void)world_compare(world, WORLD_DEPLOYED);
}

static void init_observation(struct world *world)
{
	struct observation *observation =
		observation_create("service/api", WORLD_NOW_MS, WORLD_MONO_MS);
	struct service_obs *seen = service_obs_create();

	observation->service = seen;
	world->observation = observation;
	world->seen = seen;
	seen->found = true;
	seen->is_cloud = true;
	seen->latest_serves_all = true;
	seen->follows_latest = true;
	seen->latest_created = g_strdup("api-00042");
	seen->latest_ready = g_strdup("api-00042");
	seen->latest_created_wall_ms = WORLD_NOW_MS - MS_PER_HOUR;
	world->revision = revision_obs_create("api-00042", 100);
	world->revision->created_wall_ms = WORLD_NOW_MS - MS_PER_HOUR;
	(void)world_mark(world->revision, "label:commit-sha", WORLD_DEPLOYED);
	g_ptr_array_add(seen->revisions, world->revision);
}

void world_init(struct world *world)
{
	*world = (struct world){.strings = g_ptr_array_new_with_free_func(g_free)};
	init_service(world);
	init_git(world);
	init_observation(world);
	world->past = g_ptr_array_new_with_free_func(free_past);
	world->input = (struct eval_input){
		.target = &world->service.target,
		.service = &world->service,
		.observation = world->observation,
		.answer = &world->answer,
		.head = &world->head,
		.past = world->past,
		.timezone = "America/New_York",
		.now_wall_ms = WORLD_NOW_MS,
		.now_mono_ms = WORLD_MONO_MS,
	};
}

void world_done(struct world *world)
{
	verdict_unref(world->before);
	if (world->observation)
		observation_unref(world->observation);
	g_ptr_array_unref(world->answer.resolutions);
	g_ptr_array_unref(world->answer.comparisons);
	g_ptr_array_unref(world->answer.missing_paths);
	g_ptr_array_unref(world->answer.pairs);
	git_commit_free(world->answer.last_change);
	g_ptr_array_unref(world->past);
	g_ptr_array_unref(world->strings);
}

void world_fail(struct world *world, enum fault_class class, int status, const char *permission)
{
	struct observation *observation =
		observation_create("service/api", world->observation->observed_wall_ms,
				   world->observation->observed_mono_ms);

	observation->fault = fault_create(class, status, permission, "GET it: it failed");
	observation_unref(world->observation);
	world->observation = observation;
	world->input.observation = observation;
	world->seen = NULL;
	world->revision = NULL;
}

/* By hand: what a hit is belongs to another module's tests. */
struct marker *world_mark(struct revision_obs *revision, const char *source, const char *value)
{
	struct marker *marker = g_new0(struct marker, 1);
	size_t digits = strspn(value, "0123456789abcdef");

	marker->source = g_strdup(source);
	marker->value = g_strdup(value);
	marker->dirty = strcmp(value + digits, "-dirty") == 0;
	if (digits >= 7 && (!value[digits] || marker->dirty))
		marker->commit = g_strndup(value, digits);
	marker->soft = strcmp(source, "image-tag") == 0 || strcmp(source, "label:revision") == 0;
	marker->service_level = g_str_has_prefix(source, "service-label:");
	g_ptr_array_add(revision->markers, marker);
	return marker;
}

void world_unmark(struct world *world)
{
	g_ptr_array_set_size(world->revision->markers, 0);
}

struct git_resolution *world_resolve(struct world *world, const char *text,
				     enum git_resolution_status status, const char *sha)
{
	struct git_resolution *resolution = NULL;

	for (guint i = 0; i < world->answer.resolutions->len; i++) {
		struct git_resolution *known = world->answer.resolutions->pdata[i];

		if (strcmp(known->text, text) == 0)
			resolution = known;
	}
	if (!resolution) {
		resolution = g_new0(struct git_resolution, 1);
		resolution->text = g_strdup(text);
		g_ptr_array_add(world->answer.resolutions, resolution);
	}
	resolution->status = status;
	g_strlcpy(resolution->sha, sha ? sha : "", GIT_SHA_BYTES);
	return resolution;
}

struct git_comparison *world_compare(struct world *world, const char *sha)
{
	struct git_comparison *comparison = g_new0(struct git_comparison, 1);

	g_strlcpy(comparison->sha, sha, GIT_SHA_BYTES);
	comparison->topology = GIT_TOPOLOGY_BEHIND;
	comparison->content_equal = true;
	comparison->list = g_ptr_array_new_with_free_func((GDestroyNotify)git_commit_free);
	comparison->authors = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(world->answer.comparisons, comparison);
	return comparison;
}

struct git_commit *world_commit(const char *sha, int64_t committed_ms, int64_t first_seen_ms)
{
	struct git_commit *commit = g_new0(struct git_commit, 1);

	g_strlcpy(commit->sha, sha, GIT_SHA_BYTES);
	commit->subject = g_strdup("a subject");
	commit->author = g_strdup("Ada");
	commit->committed_wall_ms = committed_ms;
	commit->first_seen_wall_ms = first_seen_ms;
	commit->first_seen_is_stored = first_seen_ms > 0;
	return commit;
}

void world_move(struct world *world, enum git_topology topology, int64_t commits,
		int64_t first_seen_ms)
{
	struct git_comparison *comparison;

	if (world->answer.comparisons->len == 0)
		return;
	comparison = world->answer.comparisons->pdata[0];
	comparison->topology = topology;
	comparison->content_equal = false;
	comparison->files = 9;
	if (topology == GIT_TOPOLOGY_AHEAD || topology == GIT_TOPOLOGY_DIVERGED)
		comparison->ahead_commits = 2;
	if (topology == GIT_TOPOLOGY_AHEAD)
		return;
	comparison->behind_commits = commits;
	if (commits == 0)
		return;
	git_commit_free(comparison->oldest); /* moved before */
	git_commit_free(comparison->newest);
	comparison->oldest = world_commit(WORLD_OLDEST, first_seen_ms, first_seen_ms);
	comparison->newest = world_commit(WORLD_HEAD, first_seen_ms, first_seen_ms);
	g_ptr_array_add(comparison->authors, g_strdup("Ada"));
	g_ptr_array_add(comparison->list, git_commit_copy(comparison->newest));
	g_ptr_array_add(comparison->list, git_commit_copy(comparison->oldest));
}

struct revision_obs *world_split(struct world *world, const char *name, int percent,
				 const char *sha)
{
	struct revision_obs *revision = revision_obs_create(name, percent);

	world->revision->percent -= percent;
	revision->created_wall_ms = WORLD_NOW_MS - MS_PER_DAY;
	(void)world_mark(revision, "label:commit-sha", sha);
	g_ptr_array_add(world->seen->revisions, revision);
	return revision;
}

void world_add_past(struct world *world, const char *sha, const char *digest, const char *revision,
		    int64_t seen_wall_ms)
{
	struct past_deployment *past = g_new0(struct past_deployment, 1);

	past->sha = g_strdup(sha);
	past->digest = g_strdup(digest);
	past->revision = g_strdup(revision);
	past->seen_wall_ms = seen_wall_ms;
	g_ptr_array_insert(world->past, 0, past);
}

void world_miss_path(struct world *world, const char *pattern, bool existed, bool known)
{
	struct git_missing_path *missing = g_new0(struct git_missing_path, 1);

	missing->pattern = g_strdup(pattern);
	missing->existed_at_deployed = existed;
	missing->deployed_known = known;
	g_ptr_array_add(world->answer.missing_paths, missing);
}

struct verdict *world_judge(struct world *world)
{
	return eval_service(&world->input);
}

void world_pass(struct world *world, int64_t ms)
{
	struct verdict *verdict = world_judge(world);

	verdict_unref(world->before);
	world->before = verdict;
	world->input.before = verdict;
	world->input.now_wall_ms += ms;
	world->input.now_mono_ms += ms;
}

void world_observe_again(struct world *world, int64_t ms)
{
	world_pass(world, ms);
	world->observation->observed_wall_ms = world->input.now_wall_ms;
	world->observation->observed_mono_ms = world->input.now_mono_ms;
	world->head.fetched_wall_ms = world->input.now_wall_ms;
	world->head.fetched_mono_ms = world->input.now_mono_ms;
}

const struct reason *world_reason(const struct verdict *verdict, enum reason_code code)
{
	for (guint i = 0; i < verdict->reasons->len; i++) {
		const struct reason *reason = verdict->reasons->pdata[i];

		if (reason->code == code)
			return reason;
	}
	return NULL;
}

const char *world_datum(const struct reason *reason, const char *name)
{
	for (guint i = 0; reason && i < reason->data->len; i++) {
		const struct reason_datum *datum = reason->data->pdata[i];

		if (strcmp(datum->name, name) == 0)
			return datum->text;
	}
	return NULL;
}
