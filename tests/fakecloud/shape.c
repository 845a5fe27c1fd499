/* shape - see shape.h */
#include "tests/fakecloud/shape.h"

#include <string.h>

static void add(json_object *object, const char *name, json_object *value)
{
	json_object_object_add(object, name, value);
}

static void add_text(json_object *object, const char *name, const char *text)
{
	if (text && *text)
		add(object, name, json_object_new_string(text));
}

static json_object *member(json_object *object, const char *name)
{
	json_object *value = NULL;

	(void)json_object_object_get_ex(object, name, &value); /* NULL when it is not there */
	return value;
}

static const char *text_of(json_object *object, const char *name, const char *fallback)
{
	json_object *value = member(object, name);

	return value ? json_object_get_string(value) : fallback;
}

static int64_t int_of(json_object *object, const char *name, int64_t fallback)
{
	json_object *value = member(object, name);

	return value ? json_object_get_int64(value) : fallback;
}

/** Default values are left out, as proto3 JSON does. */
static void add_int(json_object *object, const char *name, int64_t value)
{
	if (value != 0)
		add(object, name, json_object_new_int64(value));
}

static void add_copy(json_object *object, const char *name, json_object *value)
{
	json_object *copy = NULL;

	if (value && json_object_deep_copy(value, &copy, NULL) == 0)
		add(object, name, copy);
}

static json_object *revision_spec(json_object *spec, size_t index)
{
	json_object *revisions = member(spec, "revisions");

	if (!revisions || index >= json_object_array_length(revisions))
		return NULL;
	return json_object_array_get_idx(revisions, index);
}

static size_t revision_count(json_object *spec)
{
	json_object *revisions = member(spec, "revisions");

	return revisions ? json_object_array_length(revisions) : 0;
}

static char *revision_name(const struct place *place, json_object *spec, size_t index)
{
	const char *name = text_of(revision_spec(spec, index), "name", NULL);

	return name ? g_strdup(name) : g_strdup_printf("%s-%05zu-abc", place->name, index + 1);
}

static char *service_path(const struct place *place)
{
	return g_strdup_printf("projects/%s/locations/%s/services/%s", place->project,
			       place->region, place->name);
}

static char *revision_path(const struct place *place, json_object *spec, size_t index)
{
	g_autofree char *name = revision_name(place, spec, index);
	g_autofree char *service = service_path(place);

	return g_strdup_printf("%s/revisions/%s", service, name);
}

static bool is_ready(json_object *revision)
{
	return !member(revision, "failed") && int_of(revision, "pending", 0) == 0;
}

/** Index of the newest ready revision; the count when there is none. */
static size_t latest_ready(json_object *spec)
{
	size_t count = revision_count(spec);

	for (size_t i = count; i > 0; i--) {
		if (is_ready(revision_spec(spec, i - 1)))
			return i - 1;
	}
	return count;
}

/* --- containers --- */

static json_object *env_list(json_object *revision)
{
	json_object *list = json_object_new_array(), *plain = member(revision, "env");
	json_object *secret = member(revision, "secret_env");

	if (plain) {
		json_object_object_foreach(plain, name, value)
		{
			json_object *one = json_object_new_object();

			add_text(one, "name", name);
			add_text(one, "value", json_object_get_string(value));
			json_object_array_add(list, one);
		}
	}
	if (secret) {
		json_object_object_foreach(secret, key, reference)
		{
			json_object *one = json_object_new_object();
			json_object *source = json_object_new_object();
			json_object *key_ref = json_object_new_object();

			add_text(one, "name", key);
			add_text(key_ref, "secret", json_object_get_string(reference));
			add_text(key_ref, "version", "latest");
			add(source, "secretKeyRef", key_ref);
			add(one, "valueSource", source);
			json_object_array_add(list, one);
		}
	}
	return list;
}

static json_object *resources(json_object *revision)
{
	json_object *object = json_object_new_object(), *limits = json_object_new_object();

	add_text(limits, "cpu", text_of(revision, "cpu", "1"));
	add_text(limits, "memory", text_of(revision, "memory", "512Mi"));
	add(object, "limits", limits);
	if (!member(revision, "cpu_idle") || json_object_get_boolean(member(revision, "cpu_idle")))
		add(object, "cpuIdle", json_object_new_boolean(true));
	return object;
}

static json_object *containers(json_object *revision)
{
	json_object *list = json_object_new_array(), *one = json_object_new_object();
	json_object *env = env_list(revision);

	add_text(one, "name", "app");
	add_text(one, "image",
		 text_of(revision, "image", "us-docker.pkg.dev/acme-prod/apps/app:v1"));
	if (json_object_array_length(env) > 0)
		add(one, "env", env);
	else
		json_object_put(env);
	add(one, "resources", resources(revision));
	json_object_array_add(list, one);
	return list;
}

/** What template and revision have in common. */
static void add_template(json_object *object, json_object *revision)
{
	json_object *scaling = json_object_new_object();

	add_copy(object, "labels", member(revision, "labels"));
	add_copy(object, "annotations", member(revision, "annotations"));
	add_int(scaling, "minInstanceCount", int_of(revision, "min_instances", 0));
	add_int(scaling, "maxInstanceCount", int_of(revision, "max_instances", 100));
	add(object, "scaling", scaling);
	add_text(object, "timeout", text_of(revision, "timeout", "300s"));
	add_text(object, "serviceAccount",
		 text_of(revision, "service_account", "app@acme-prod.iam.gserviceaccount.com"));
	add_int(object, "maxInstanceRequestConcurrency", int_of(revision, "concurrency", 80));
	add(object, "containers", containers(revision));
}

/* --- traffic --- */

static json_object *traffic_entry(const char *type, const char *revision, int64_t percent)
{
	json_object *entry = json_object_new_object();

	add_text(entry, "type", type);
	add_text(entry, "revision", revision);
	add_int(entry, "percent", percent);
	return entry;
}

static bool has_shares(json_object *spec)
{
	for (size_t i = 0; i < revision_count(spec); i++) {
		if (member(revision_spec(spec, i), "percent"))
			return true;
	}
	return false;
}

static json_object *traffic(const struct place *place, json_object *spec)
{
	const char *kind = text_of(spec, "traffic", has_shares(spec) ? "revisions" : "latest");
	json_object *list = json_object_new_array();

	if (g_str_equal(kind, "latest")) {
		json_object_array_add(
			list, traffic_entry("TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", NULL, 100));
		return list;
	}
	for (size_t i = 0; i < revision_count(spec); i++) {
		json_object *revision = revision_spec(spec, i), *entry = NULL;
		g_autofree char *name = revision_name(place, spec, i);

		if (!member(revision, "percent") && !member(revision, "tag"))
			continue;
		entry = traffic_entry("TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", name,
				      int_of(revision, "percent", 0));
		add_text(entry, "tag", text_of(revision, "tag", NULL));
		json_object_array_add(list, entry);
	}
	return list;
}

/* --- conditions --- */

static json_object *condition(const char *type, const char *failed, bool reconciling)
{
	json_object *object = json_object_new_object();
	const char *state = reconciling ? "CONDITION_RECONCILING" : "CONDITION_SUCCEEDED";

	add_text(object, "type", type);
	add_text(object, "state", failed ? "CONDITION_FAILED" : state);
	add_text(object, "message", failed);
	add_text(object, "lastTransitionTime", "2026-11-19T21:14:05.123456Z");
	if (failed) {
		add_text(object, "severity", "ERROR");
		add_text(object, "reason", "REVISION_FAILED");
	}
	return object;
}

static void add_conditions(json_object *service, json_object *spec, bool reconciling)
{
	size_t count = revision_count(spec);
	json_object *newest = count > 0 ? revision_spec(spec, count - 1) : NULL;
	const char *failed = text_of(newest, "failed", NULL);
	json_object *list = json_object_new_array();

	json_object_array_add(list, condition("RoutesReady", NULL, reconciling));
	json_object_array_add(list, condition("ConfigurationsReady", failed, reconciling));
	add(service, "terminalCondition", condition("Ready", failed, reconciling));
	add(service, "conditions", list);
}

/* --- whole documents --- */

static void merge_raw(json_object *object, json_object *raw)
{
	if (!raw)
		return;
	json_object_object_foreach(raw, name, value)
	{
		if (value)
			add_copy(object, name, value);
		else
			json_object_object_del(object, name);
	}
}

static void add_generation(json_object *service, json_object *spec)
{
	g_autofree char *count = g_strdup_printf("%zu", MAX(revision_count(spec), (size_t)1));
	const char *generation = text_of(spec, "generation", count);

	add_text(service, "generation", generation);
	add_text(service, "observedGeneration", text_of(spec, "observed_generation", generation));
}

static void add_template_of_newest(const struct place *place, json_object *service,
				   json_object *spec)
{
	size_t count = revision_count(spec), ready = latest_ready(spec);
	json_object *template = json_object_new_object();
	g_autofree char *created = NULL, *serving = NULL;

	if (count == 0) {
		add_template(template, NULL);
		add(service, "template", template);
		return;
	}
	if (member(revision_spec(spec, count - 1), "name"))
		add_text(template, "revision",
			 text_of(revision_spec(spec, count - 1), "name", NULL));
	add_template(template, revision_spec(spec, count - 1));
	add(service, "template", template);
	created = revision_path(place, spec, count - 1);
	serving = ready < count ? revision_path(place, spec, ready) : NULL;
	add_text(service, "latestReadyRevision", serving);
	add_text(service, "latestCreatedRevision", created);
}

json_object *shape_service(const struct place *place, json_object *spec)
{
	json_object *service = json_object_new_object();
	g_autofree char *name = service_path(place);
	g_autofree char *uri = g_strdup_printf("https://%s-x.a.run.app", place->name);
	bool reconciling = json_object_get_boolean(member(spec, "reconciling"));

	add_text(service, "name", name);
	add_text(service, "uid", "5b0cd0e1-7b1c-4c1e-9a5e-0d8a1f0a9c11");
	add_generation(service, spec);
	add_copy(service, "labels", member(spec, "labels"));
	add_copy(service, "annotations", member(spec, "annotations"));
	add_text(service, "createTime", "2025-02-01T08:00:00.100Z");
	add_text(service, "updateTime",
		 text_of(revision_spec(spec, MAX(revision_count(spec), (size_t)1) - 1), "created",
			 "2026-11-19T21:14:03.551234Z"));
	add_text(service, "launchStage", "GA");
	add_text(service, "ingress", "INGRESS_TRAFFIC_ALL");
	add_template_of_newest(place, service, spec);
	if (member(spec, "min_instances")) {
		json_object *scaling = json_object_new_object();

		add_int(scaling, "minInstanceCount", int_of(spec, "min_instances", 0));
		add(service, "scaling", scaling);
	}
	add(service, "traffic", traffic(place, spec));
	add(service, "trafficStatuses", traffic(place, spec));
	add_conditions(service, spec, reconciling);
	add_text(service, "uri", uri);
	add_text(service, "etag", "\"CJ1234567890\"");
	if (reconciling)
		add(service, "reconciling", json_object_new_boolean(true));
	merge_raw(service, member(spec, "raw"));
	return service;
}

json_object *shape_revision(const struct place *place, json_object *spec, size_t index,
			    char **ret_name)
{
	json_object *from = revision_spec(spec, index), *revision = NULL, *list = NULL;
	g_autofree char *path = NULL;

	if (!from)
		return NULL;
	path = revision_path(place, spec, index);
	revision = json_object_new_object();
	list = json_object_new_array();
	*ret_name = revision_name(place, spec, index);
	add_text(revision, "name", path);
	add_text(revision, "service", place->name);
	add_text(revision, "generation", "1");
	add_text(revision, "observedGeneration", "1");
	add_text(revision, "createTime", text_of(from, "created", "2026-11-01T08:00:00.123456Z"));
	add_template(revision, from);
	json_object_array_add(list, condition("Ready", text_of(from, "failed", NULL),
					      int_of(from, "pending", 0) != 0));
	add(revision, "conditions", list);
	merge_raw(revision, member(from, "raw"));
	return revision;
}

/** "name lower-cased, _ becomes -" (API-FACTS B.3). */
static char *run_name(const char *function)
{
	char *name = g_ascii_strdown(function, -1);

	return g_strdelimit(name, "_", '-');
}

json_object *shape_function(const struct place *place, json_object *spec)
{
	json_object *function = json_object_new_object(), *config = json_object_new_object();
	g_autofree char *name = g_strdup_printf("projects/%s/locations/%s/functions/%s",
						place->project, place->region, place->name);
	g_autofree char *derived = run_name(place->name);
	const char *run = text_of(spec, "service", derived);
	const struct place run_place = {place->project, place->region, run};
	g_autofree char *service = service_path(&run_place);
	g_autofree char *revision = g_strdup_printf("%s-00001-abc", run);

	add_text(function, "name", name);
	add_text(function, "environment", text_of(spec, "environment", "GEN_2"));
	add_text(function, "state", text_of(spec, "state", "ACTIVE"));
	add_text(function, "updateTime", "2026-11-19T21:14:03.551234567Z");
	add_copy(function, "labels", member(spec, "labels"));
	add_text(config, "service", service);
	add_text(config, "revision", text_of(spec, "revision", revision));
	add_copy(config, "environmentVariables", member(spec, "env"));
	add_int(config, "maxInstanceCount", 100);
	add(config, "allTrafficOnLatestRevision", json_object_new_boolean(true));
	add(function, "serviceConfig", config);
	merge_raw(function, member(spec, "raw"));
	return function;
}
