/* cloud - see cloud.h */
#include "source/cloud.h"

#include <assert.h>
#include <string.h>

#include "source/cloud_settings.h"
#include "source/markers.h"

#define ALL_PERCENT 100

static const struct run_revision *find_revision(const struct cloud_facts *facts, const char *name)
{
	return name ? g_hash_table_lookup(facts->revisions, name) : NULL;
}

static bool latest_serves_all(const struct run_service *service)
{
	const struct run_share *share =
		service->shares->len == 1 ? service->shares->pdata[0] : NULL;

	return share && share->percent == ALL_PERCENT &&
	       g_strcmp0(share->revision, service->latest_ready) == 0;
}

/* DESIGN 6. A service whose last rollout failed, or whose template asks for a revision by another
 * name, has not become its template either. */
static bool template_stands(const struct run_service *service)
{
	const char *named = service->template->revision;

	return service->generation > 0 && !service->reconciling && !service->failure &&
	       service->latest_created &&
	       g_strcmp0(service->latest_created, service->latest_ready) == 0 &&
	       (!named || strcmp(named, service->latest_ready) == 0) && latest_serves_all(service);
}

/* Labels of a function are written when its deployment begins: they speak for the revision only
 * when that is over, and when the two lists were not made before and after it. */
static bool labels_settled(const struct cloud_facts *facts)
{
	const struct function *function = facts->function;

	return function && function->state == FUNCTION_STATE_ACTIVE &&
	       template_stands(facts->service) &&
	       (!function->run_revision ||
		strcmp(function->run_revision, facts->service->latest_ready) == 0);
}

static void collect_markers(const struct cloud_facts *facts, const struct run_template *template,
			    GPtrArray *markers)
{
	GHashTable *labels = facts->function ? facts->function->labels : NULL;
	bool settled = labels_settled(facts);
	struct marker_places places = {
		.template = template,
		.commit_from = facts->config->commit_from,
		.function_labels = settled ? labels : NULL,
		.service_labels = facts->service->labels,
		.other_labels = settled ? NULL : labels,
	};

	markers_collect(&places, markers);
}

/* Without a commit the creation time is all there is to judge by, and the template has none. */
static bool needs_serving_revisions(const struct cloud_facts *facts)
{
	struct revision_obs *scratch = NULL;
	bool found = false;

	if (!template_stands(facts->service))
		return true;
	scratch = revision_obs_create(NULL, ALL_PERCENT);
	collect_markers(facts, facts->service->template, scratch->markers);
	found = markers_have_hit(scratch->markers);
	revision_obs_free(scratch);
	return !found;
}

static bool rollout_is_open(const struct run_service *service)
{
	return service->latest_created &&
	       (service->reconciling || service->failure ||
		g_strcmp0(service->latest_created, service->latest_ready) != 0);
}

bool cloud_serves(const struct run_service *service, const char *name)
{
	for (guint i = 0; i < service->shares->len; i++) {
		const struct run_share *share = service->shares->pdata[i];

		if (strcmp(share->revision, name) == 0)
			return true;
	}
	return false;
}

GPtrArray *cloud_revisions_needed(const struct cloud_facts *facts)
{
	const struct run_service *service = facts->service;
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	bool serving = needs_serving_revisions(facts);

	for (guint i = 0; serving && i < service->shares->len; i++) {
		const struct run_share *share = service->shares->pdata[i];

		g_ptr_array_add(names, g_strdup(share->revision));
	}
	if (rollout_is_open(service) &&
	    !(serving && cloud_serves(service, service->latest_created)))
		g_ptr_array_add(names, g_strdup(service->latest_created));
	return names;
}

static void set_image(struct revision_obs *revision, const char *image)
{
	revision->image = g_strdup(image);
	revision->digest = image ? markers_image_digest(image) : NULL;
}

static const struct run_template *serving_template(const struct cloud_facts *facts,
						   const char *revision, bool from_revisions)
{
	const struct run_revision *read = find_revision(facts, revision);

	assert(read || !from_revisions); /* see cloud_observe() */
	return read && from_revisions ? read->template : facts->service->template;
}

static void add_revision(const struct cloud_facts *facts, const struct run_share *share,
			 bool from_revisions, struct service_obs *service)
{
	const struct run_template *template =
		serving_template(facts, share->revision, from_revisions);
	const struct run_revision *read = find_revision(facts, share->revision);
	struct revision_obs *revision = revision_obs_create(share->revision, share->percent);

	revision->created_wall_ms = read ? read->created_wall_ms : 0;
	revision->from_template = !from_revisions;
	set_image(revision, template->image);
	collect_markers(facts, template, revision->markers);
	g_ptr_array_add(service->revisions, revision);
}

/* The latest created revision is not the latest ready one, and nothing is said to be under way.
 * What it says of itself decides: the list may have been made in the moment between. */
static void judge_unready(const struct cloud_facts *facts, struct service_obs *service)
{
	const struct run_revision *read = find_revision(facts, service->latest_created);

	if (read && read->ready != RUN_READY_FAILED)
		service->reconciling = true;
	else
		service->rollout_error = g_strdup_printf("revision %s did not become ready%s%s",
							 service->latest_created, read ? ": " : "",
							 read ? read->failure : "");
}

static void observe_rollout(const struct cloud_facts *facts, struct service_obs *service)
{
	const struct run_service *run = facts->service;
	const struct run_revision *created = find_revision(facts, run->latest_created);

	service->latest_serves_all = latest_serves_all(run);
	service->follows_latest = run->follows_latest;
	service->latest_created = g_strdup(run->latest_created);
	service->latest_ready = g_strdup(run->latest_ready);
	service->latest_created_wall_ms = created ? created->created_wall_ms : 0;
	service->reconciling = run->reconciling;
	service->rollout_error = g_strdup(run->failure);
	if (run->latest_created && !run->reconciling && !run->failure &&
	    g_strcmp0(run->latest_created, run->latest_ready) != 0)
		judge_unready(facts, service);
}

/* A function is built before there is a new revision: its deployment began with its update. */
static void observe_deployment(const struct function *function, struct service_obs *service)
{
	if (function->state == FUNCTION_STATE_DEPLOYING) {
		service->reconciling = true;
		service->latest_created_wall_ms =
			MAX(service->latest_created_wall_ms, function->updated_wall_ms);
	}
	if (function->failure && !service->rollout_error)
		service->rollout_error = g_strdup(function->failure);
}

struct service_obs *cloud_observe(const struct cloud_facts *facts)
{
	const struct run_service *run = facts->service;
	struct service_obs *service = service_obs_create();
	const struct run_template *template = run->template;
	bool from_revisions = needs_serving_revisions(facts);

	service->found = true;
	service->is_cloud = true;
	for (guint i = 0; i < run->shares->len; i++)
		add_revision(facts, run->shares->pdata[i], from_revisions, service);
	if (run->shares->len > 0) {
		const struct run_share *largest = run->shares->pdata[0];

		template = serving_template(facts, largest->revision, from_revisions);
	}
	observe_rollout(facts, service);
	if (facts->function)
		observe_deployment(facts->function, service);
	cloud_settings_observe(run, template, service);
	cloud_settings_check_env(facts->config, facts->hash, service);
	return service;
}

struct service_obs *cloud_observe_first_generation(const struct config_service *config,
						   const struct function *function,
						   struct env_hash *hash)
{
	struct service_obs *service = service_obs_create();
	struct revision_obs *revision = revision_obs_create(function->name, ALL_PERCENT);
	struct marker_places places = {
		.template = function->own,
		.commit_from = config->commit_from,
		.function_labels = function->labels,
	};

	service->found = true;
	service->is_cloud = true;
	service->latest_serves_all = true;
	service->follows_latest = true;
	service->latest_created = g_strdup(function->name);
	service->latest_ready = g_strdup(function->name);
	service->latest_created_wall_ms = function->updated_wall_ms;
	revision->created_wall_ms = function->updated_wall_ms;
	revision->from_template = true;
	markers_collect(&places, revision->markers);
	g_ptr_array_add(service->revisions, revision);
	observe_deployment(function, service);
	cloud_settings_observe(NULL, function->own, service);
	cloud_settings_check_env(config, hash, service);
	return service;
}
