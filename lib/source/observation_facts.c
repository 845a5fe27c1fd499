/* observation_facts - the JSON of observation_facts_json(): what can be compared between two
 * observations of one target. Times, and what came from which call, are left out. */
#include "source/observation.h"

#include "json.h"

static json_object *marker_json(const struct marker *marker)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "source", marker->source);
	json_add_text(object, "value", marker->value);
	json_add_text(object, "commit", marker->commit);
	if (marker->dirty)
		json_add_bool(object, "dirty", true);
	if (marker->service_level)
		json_add_bool(object, "service_level", true);
	return object;
}

static json_object *revision_json(const struct revision_obs *revision)
{
	json_object *object = json_object_new_object();
	json_object *markers = json_object_new_array();

	for (guint i = 0; i < revision->markers->len; i++)
		json_append(markers, marker_json(revision->markers->pdata[i]));
	json_add_text(object, "name", revision->name);
	json_add_int(object, "percent", revision->percent);
	json_add_text(object, "image", revision->image);
	json_add_text(object, "digest", revision->digest);
	json_add(object, "markers", markers);
	return object;
}

static int compare_settings(gconstpointer a, gconstpointer b)
{
	const struct setting_obs *const *left = a;
	const struct setting_obs *const *right = b;

	return g_strcmp0((*left)->name, (*right)->name);
}

static json_object *settings_json(const struct service_obs *service)
{
	json_object *object = json_object_new_object();
	g_autoptr(GPtrArray) sorted = g_ptr_array_copy(service->settings, NULL, NULL);

	g_ptr_array_set_free_func(sorted, NULL); /* the copy borrows */
	g_ptr_array_sort(sorted, compare_settings);
	for (guint i = 0; i < sorted->len; i++) {
		const struct setting_obs *setting = sorted->pdata[i];

		json_add_text(object, setting->name, setting->value);
	}
	return object;
}

static json_object *env_json(const struct service_obs *service)
{
	json_object *object = json_object_new_object();

	for (guint i = 0; i < service->env_names->len; i++) {
		const char *name = service->env_names->pdata[i];

		json_add_text(object, name, service_obs_env_hash(service, name));
	}
	return object;
}

/* The message is left out: it may name times, ports and attempts, which differ from call to call.
 */
static json_object *fault_json(const struct fault *fault)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "class", fault_class_text(fault->class));
	json_add_int(object, "status", fault->status);
	return object;
}

static json_object *expects_from_json(const struct service_obs *service)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < service->expect_from_count; i++) {
		const struct expect_from_obs *from = &service->expects_from[i];
		json_object *object = json_object_new_object();

		if (from->fault)
			json_add(object, "fault", fault_json(from->fault));
		if (!from->equal) /* else it is the variable's value, and its hash is there */
			json_add_text(object, "wanted", from->wanted);
		json_add_bool(object, "object_missing", from->object_missing);
		json_add_bool(object, "actual_present", from->actual_present);
		json_add_bool(object, "equal", from->equal);
		json_append(array, object);
	}
	return array;
}

static json_object *env_checks_json(const struct service_obs *service)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < service->env_check_count; i++) {
		const struct env_check *check = &service->env_checks[i];
		json_object *object = json_object_new_object();

		json_add_text(object, "name", check->name);
		json_add_bool(object, "present", check->present);
		json_add_bool(object, "equal", check->equal);
		json_append(array, object);
	}
	return array;
}

static json_object *probes_json(const struct service_obs *service)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < service->probe_count; i++) {
		const struct probe_obs *probe = &service->probes[i];
		json_object *object = json_object_new_object();

		json_add_text(object, "actual", probe->found ? probe->actual : NULL);
		json_add_bool(object, "equal", probe->equal);
		json_append(array, object);
	}
	return array;
}

static void add_cloud(json_object *object, const struct service_obs *service)
{
	json_add_bool(object, "latest_serves_all", service->latest_serves_all);
	json_add_bool(object, "follows_latest", service->follows_latest);
	json_add_text(object, "latest_created", service->latest_created);
	json_add_text(object, "latest_ready", service->latest_ready);
	json_add_bool(object, "reconciling", service->reconciling);
	json_add_text(object, "rollout_error", service->rollout_error);
	json_add(object, "settings", settings_json(service));
	json_add(object, "env", env_json(service));
}

static void add_service(json_object *object, const struct service_obs *service)
{
	json_object *revisions = json_object_new_array();

	for (guint i = 0; i < service->revisions->len; i++)
		json_append(revisions, revision_json(service->revisions->pdata[i]));
	json_add_bool(object, "found", service->found);
	json_add(object, "revisions", revisions);
	if (service->is_cloud && service->found)
		add_cloud(object, service);
	if (service->env_check_count > 0)
		json_add(object, "env_checks", env_checks_json(service));
	if (service->expect_from_count > 0)
		json_add(object, "expect_from", expects_from_json(service));
	if (service->probe_fault)
		json_add(object, "probe_fault", fault_json(service->probe_fault));
	if (service->probe_count > 0)
		json_add(object, "probes", probes_json(service));
}

char *observation_facts_json(const struct observation *observation)
{
	json_object *object = json_object_new_object();
	char *text = NULL;

	if (observation->fault)
		json_add(object, "fault", fault_json(observation->fault));
	if (observation->service)
		add_service(object, observation->service);
	text = json_to_text(object, NULL);
	json_object_put(object);
	return text;
}
