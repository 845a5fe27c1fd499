/* control_run - control of Cloud Run, Cloud Functions, /version targets and of many at once. See
 * control.c. */
#include "tests/fakecloud/bq.h"
#include "tests/fakecloud/control.h"
#include "tests/fakecloud/shape.h"

#include <string.h>

/** A project has at most this many services in a region (API-FACTS B). */
#define SERVICES_PER_PROJECT 1000

static struct collection *place_collection(const struct control *control, const char *kind)
{
	g_autofree char *name = g_strdup_printf("%s/%s/%s", kind, control_part(control, 2),
						control_part(control, 3));

	return cloud_collection(control->cloud, name, true);
}

/* --- services, revisions, functions --- */

static void remove_revisions(const struct control *control)
{
	struct collection *revisions = place_collection(control, "revisions");
	g_autofree char *prefix = g_strdup_printf("%s/", control_part(control, 4));

	for (guint i = revisions->entries->len; i > 0; i--) {
		const struct entry *entry = revisions->entries->pdata[i - 1];

		if (g_str_has_prefix(entry->name, prefix))
			g_ptr_array_remove_index(revisions->entries, i - 1);
	}
}

static void put_revisions(const struct control *control, const struct place *place,
			  json_object *spec)
{
	struct collection *revisions = place_collection(control, "revisions");

	for (size_t i = 0;; i++) {
		g_autofree char *short_name = NULL, *name = NULL;
		json_object *revision = shape_revision(place, spec, i, &short_name);

		if (!revision)
			return;
		name = g_strdup_printf("%s/%s", place->name, short_name);
		collection_put(revisions, name, control_bytes(revision), NULL);
	}
}

static void put_service(const struct control *control)
{
	const struct place place = {control_part(control, 2), control_part(control, 3),
				    control_part(control, 4)};
	struct collection *services = place_collection(control, "run");
	json_object *spec = control_body(control);

	if (!json_object_is_type(spec, json_type_object)) {
		control_refuse(control, "the body is no JSON object");
	} else if (request_query(control->request, "verbatim")) {
		collection_put(services, place.name, control_bytes(json_object_get(spec)), NULL);
	} else {
		remove_revisions(control);
		put_revisions(control, &place, spec);
		collection_put(services, place.name, control_bytes(shape_service(&place, spec)),
			       NULL);
	}
	json_object_put(spec);
}

void control_run(const struct control *control)
{
	if (control_is_method(control, "PUT")) {
		put_service(control);
	} else {
		remove_revisions(control);
		if (!collection_remove(place_collection(control, "run"), control_part(control, 4)))
			control_refuse(control, "no such service");
	}
}

void control_revisions(const struct control *control)
{
	struct collection *revisions = place_collection(control, "revisions");
	g_autofree char *name =
		g_strdup_printf("%s/%s", control_part(control, 4), control_part(control, 5));
	const GString *body = control->request->body;

	if (control_is_method(control, "PUT"))
		collection_put(revisions, name, g_bytes_new(body->str, body->len), NULL);
	else if (!collection_remove(revisions, name))
		control_refuse(control, "no such revision");
}

void control_functions(const struct control *control)
{
	const struct place place = {control_part(control, 2), control_part(control, 3),
				    control_part(control, 4)};
	struct collection *functions = place_collection(control, "functions");
	json_object *spec = control_body(control);

	if (!control_is_method(control, "PUT")) {
		if (!collection_remove(functions, place.name))
			control_refuse(control, "no such function");
	} else if (!json_object_is_type(spec, json_type_object)) {
		control_refuse(control, "the body is no JSON object");
	} else {
		collection_put(functions, place.name, control_bytes(shape_function(&place, spec)),
			       NULL);
	}
	json_object_put(spec);
}

void control_unreachable(const struct control *control)
{
	g_autofree char *place =
		g_strdup_printf("%s/%s", control_part(control, 2), control_part(control, 3));
	const GString *body = control->request->body;

	collection_put(cloud_collection(control->cloud, "unreachable", true), place,
		       g_bytes_new(body->str, body->len), NULL);
}

/* --- targets --- */

static void add_parameter(json_object *meta, const struct request *request, const char *name)
{
	const char *value = request_query(request, name);

	if (value)
		json_object_object_add(meta, name, json_object_new_string(value));
}

void control_targets(const struct control *control)
{
	struct collection *targets = cloud_collection(control->cloud, "targets", true);
	const GString *body = control->request->body;
	json_object *meta = NULL;

	if (!control_is_method(control, "PUT")) {
		if (!collection_remove(targets, control_part(control, 2)))
			control_refuse(control, "no such target");
		return;
	}
	meta = json_object_new_object();
	add_parameter(meta, control->request, "status");
	add_parameter(meta, control->request, "content_type");
	add_parameter(meta, control->request, "location");
	collection_put(targets, control_part(control, 2), g_bytes_new(body->str, body->len), meta);
}

/* --- bulk --- */

static json_object *bulk_spec(const char *commit)
{
	json_object *spec = json_object_new_object(), *revisions = json_object_new_array();
	json_object *revision = json_object_new_object(), *labels = json_object_new_object();

	json_object_object_add(labels, "commit-sha", json_object_new_string(commit));
	json_object_object_add(revision, "labels", labels);
	json_object_array_add(revisions, revision);
	json_object_object_add(spec, "revisions", revisions);
	return spec;
}

static void bulk_services(const struct control *control, json_object *body, int64_t count)
{
	json_object *region = json_object_object_get(body, "region");
	json_object *commit = json_object_object_get(body, "commit");
	json_object *spec = bulk_spec(commit ? json_object_get_string(commit) : "unknown");
	const char *where = region ? json_object_get_string(region) : "us-west2";
	struct collection *services = NULL;

	for (int64_t i = 0; i < count; i++) {
		g_autofree char *project =
			g_strdup_printf("bulk-%" G_GINT64_FORMAT, i / SERVICES_PER_PROJECT + 1);
		g_autofree char *name = g_strdup_printf("svc-%06" G_GINT64_FORMAT, i);
		g_autofree char *key = g_strdup_printf("run/%s/%s", project, where);
		const struct place place = {project, where, name};

		services = cloud_collection(control->cloud, key, true);
		collection_append(services, name, control_bytes(shape_service(&place, spec)));
	}
	json_object_put(spec);
}

static void bulk_targets(const struct control *control, json_object *body, int64_t count)
{
	struct collection *targets = cloud_collection(control->cloud, "targets", true);
	json_object *commit = json_object_object_get(body, "commit");
	g_autofree char *text = g_strdup_printf("{\"commit\":\"%s\"}",
						commit ? json_object_get_string(commit) : "");

	for (int64_t i = 0; i < count; i++) {
		g_autofree char *name = g_strdup_printf("t-%06" G_GINT64_FORMAT, i);

		collection_append(targets, name, g_bytes_new(text, strlen(text)));
	}
	collection_sort(targets);
}

static int64_t bulk_count(json_object *body, const char *name)
{
	json_object *value = json_object_object_get(body, name);

	return value ? CLAMP(json_object_get_int64(value), 0, 1000000) : 0;
}

void control_bulk(const struct control *control)
{
	json_object *body = control_body(control);

	if (json_object_is_type(body, json_type_object)) {
		bulk_services(control, body, bulk_count(body, "services"));
		bulk_targets(control, body, bulk_count(body, "targets"));
		bq_bulk(control->cloud->bq, body);
	} else {
		control_refuse(control, "the body is no JSON object");
	}
	json_object_put(body);
}
