/* control - changes state and reads counters, for tests and people. JSON bodies.
 *
 *   PUT|DELETE /_control/run/P/R/S          a service (shape.h); ?verbatim=1 serves the body as it
 * is PUT|DELETE /_control/revisions/P/R/S/V  one revision, verbatim PUT|DELETE
 * /_control/functions/P/R/F    a function (shape.h); its Run service is put apart PUT
 * /_control/unreachable/P/R    ["projects/P/locations/R"] for lists of P and R PUT|DELETE
 * /_control/objects/B/NAME     an object; the body is its content PUT|DELETE /_control/targets/NAME
 * a /version target; the body is served; ?status= ?content_type= ?location= PUT
 * /_control/accounts/EMAIL     a PEM public key POST       /_control/accounts/EMAIL     makes a key
 * pair, answers with the key file PATCH      /_control/options            members of struct
 * options, by their names DELETE     /_control/tokens             all issued tokens are refused
 * from now on POST       /_control/bulk {"services":N,"projects":M,"region":R,"commit":SHA} or
 *                                           {"targets":N,"commit":SHA}
 *   POST|GET|DELETE /_control/faults[/N]    faults.h
 *   GET|DELETE /_control/log                counters
 *   POST       /_control/reset              everything as at the start
 */
#include "tests/fakecloud/faults.h"
#include "tests/fakecloud/handlers.h"
#include "tests/fakecloud/shape.h"

#include <string.h>

/** A project has at most this many services in a region (API-FACTS B). */
#define SERVICES_PER_PROJECT 1000

struct control {
	struct cloud *cloud;
	const struct request *request;
	struct reply *reply;
};

static const char *part(const struct control *control, size_t index)
{
	return request_part(control->request, index);
}

static bool is_method(const struct control *control, const char *method)
{
	return g_str_equal(control->request->method, method);
}

static void refuse(const struct control *control, const char *why)
{
	json_object *object = json_object_new_object();

	json_object_object_add(object, "problem", json_object_new_string(why));
	reply_set_json(control->reply, 400, object);
}

static json_object *body_json(const struct control *control)
{
	return json_tokener_parse(control->request->body->str);
}

static GBytes *json_bytes(json_object *taken)
{
	size_t length = 0;
	const char *text =
		json_object_to_json_string_length(taken, JSON_C_TO_STRING_NOSLASHESCAPE, &length);
	GBytes *bytes = g_bytes_new(text, length);

	json_object_put(taken);
	return bytes;
}

static struct collection *place_collection(const struct control *control, const char *kind)
{
	g_autofree char *name =
		g_strdup_printf("%s/%s/%s", kind, part(control, 2), part(control, 3));

	return cloud_collection(control->cloud, name, true);
}

/* --- services, revisions, functions --- */

static void remove_revisions(const struct control *control)
{
	struct collection *revisions = place_collection(control, "revisions");
	g_autofree char *prefix = g_strdup_printf("%s/", part(control, 4));

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
		collection_put(revisions, name, json_bytes(revision), NULL);
	}
}

static void put_service(const struct control *control)
{
	const struct place place = {part(control, 2), part(control, 3), part(control, 4)};
	struct collection *services = place_collection(control, "run");
	json_object *spec = body_json(control);

	if (!json_object_is_type(spec, json_type_object)) {
		refuse(control, "the body is no JSON object");
	} else if (request_query(control->request, "verbatim")) {
		collection_put(services, place.name, json_bytes(json_object_get(spec)), NULL);
	} else {
		remove_revisions(control);
		put_revisions(control, &place, spec);
		collection_put(services, place.name, json_bytes(shape_service(&place, spec)), NULL);
	}
	json_object_put(spec);
}

static void control_run(const struct control *control)
{
	if (is_method(control, "PUT")) {
		put_service(control);
	} else {
		remove_revisions(control);
		if (!collection_remove(place_collection(control, "run"), part(control, 4)))
			refuse(control, "no such service");
	}
}

static void control_revisions(const struct control *control)
{
	struct collection *revisions = place_collection(control, "revisions");
	g_autofree char *name = g_strdup_printf("%s/%s", part(control, 4), part(control, 5));
	const GString *body = control->request->body;

	if (is_method(control, "PUT"))
		collection_put(revisions, name, g_bytes_new(body->str, body->len), NULL);
	else if (!collection_remove(revisions, name))
		refuse(control, "no such revision");
}

static void control_functions(const struct control *control)
{
	const struct place place = {part(control, 2), part(control, 3), part(control, 4)};
	struct collection *functions = place_collection(control, "functions");
	json_object *spec = body_json(control);

	if (!is_method(control, "PUT")) {
		if (!collection_remove(functions, place.name))
			refuse(control, "no such function");
	} else if (!json_object_is_type(spec, json_type_object)) {
		refuse(control, "the body is no JSON object");
	} else {
		collection_put(functions, place.name, json_bytes(shape_function(&place, spec)),
			       NULL);
	}
	json_object_put(spec);
}

static void control_unreachable(const struct control *control)
{
	g_autofree char *place = g_strdup_printf("%s/%s", part(control, 2), part(control, 3));
	const GString *body = control->request->body;

	collection_put(cloud_collection(control->cloud, "unreachable", true), place,
		       g_bytes_new(body->str, body->len), NULL);
}

/* --- objects and targets --- */

static json_object *object_meta(unsigned generation)
{
	json_object *meta = json_object_new_object();
	g_autofree char *text = g_strdup_printf("17636000%08u", generation);

	json_object_object_add(meta, "generation", json_object_new_string(text));
	json_object_object_add(meta, "metageneration", json_object_new_string("1"));
	json_object_object_add(meta, "contentType",
			       json_object_new_string("application/octet-stream"));
	json_object_object_add(meta, "timeCreated",
			       json_object_new_string("2026-11-19T21:14:03.551Z"));
	json_object_object_add(meta, "updated", json_object_new_string("2026-11-19T21:14:03.551Z"));
	return meta;
}

static void control_objects(const struct control *control)
{
	g_autofree char *name = g_strdup_printf("objects/%s", part(control, 2));
	struct collection *objects = cloud_collection(control->cloud, name, true);
	const GString *body = control->request->body;

	if (is_method(control, "PUT"))
		collection_put(objects, part(control, 3), g_bytes_new(body->str, body->len),
			       object_meta(control->cloud->next_token++));
	else if (!collection_remove(objects, part(control, 3)))
		refuse(control, "no such object");
}

static void add_parameter(json_object *meta, const struct request *request, const char *name)
{
	const char *value = request_query(request, name);

	if (value)
		json_object_object_add(meta, name, json_object_new_string(value));
}

static void control_targets(const struct control *control)
{
	struct collection *targets = cloud_collection(control->cloud, "targets", true);
	const GString *body = control->request->body;
	json_object *meta = NULL;

	if (!is_method(control, "PUT")) {
		if (!collection_remove(targets, part(control, 2)))
			refuse(control, "no such target");
		return;
	}
	meta = json_object_new_object();
	add_parameter(meta, control->request, "status");
	add_parameter(meta, control->request, "content_type");
	add_parameter(meta, control->request, "location");
	collection_put(targets, part(control, 2), g_bytes_new(body->str, body->len), meta);
}

/* --- options --- */

static void set_text_option(char **option, json_object *value)
{
	g_free(*option);
	*option = value ? g_strdup(json_object_get_string(value)) : NULL;
}

static bool set_option(struct options *options, const char *name, json_object *value)
{
	const struct {
		const char *name;
		char **text;
		int64_t *number;
		bool *flag;
	} table[] = {
		{"auth_required", NULL, NULL, &options->auth_required},
		{"metadata_enabled", NULL, NULL, &options->metadata_enabled},
		{"metadata_unflavoured", NULL, NULL, &options->metadata_unflavoured},
		{"expires_in_s", NULL, &options->expires_in_s, NULL},
		{"lives_ms", NULL, &options->lives_ms, NULL},
		{"page_cap", NULL, &options->page_cap, NULL},
		{"client_id", &options->client_id, NULL, NULL},
		{"client_secret", &options->client_secret, NULL, NULL},
		{"refresh_token", &options->refresh_token, NULL, NULL},
		{"subject_token", &options->subject_token, NULL, NULL},
		{"git_root", &options->git_root, NULL, NULL},
		{"git_token", &options->git_token, NULL, NULL},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if (!g_str_equal(table[i].name, name))
			continue;
		if (table[i].text)
			set_text_option(table[i].text, value);
		else if (table[i].number)
			*table[i].number = json_object_get_int64(value);
		else if (table[i].flag)
			*table[i].flag = json_object_get_boolean(value);
		return true;
	}
	return false;
}

static void control_options(const struct control *control)
{
	json_object *body = body_json(control);

	if (json_object_is_type(body, json_type_object)) {
		json_object_object_foreach(body, name, value)
		{
			if (!set_option(&control->cloud->options, name, value))
				refuse(control, "no such option");
		}
	} else {
		refuse(control, "the body is no JSON object");
	}
	json_object_put(body);
}

static void control_tokens(const struct control *control)
{
	g_hash_table_remove_all(control->cloud->tokens);
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
		collection_append(services, name, json_bytes(shape_service(&place, spec)));
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

static void control_bulk(const struct control *control)
{
	json_object *body = body_json(control);

	if (json_object_is_type(body, json_type_object)) {
		bulk_services(control, body, bulk_count(body, "services"));
		bulk_targets(control, body, bulk_count(body, "targets"));
	} else {
		refuse(control, "the body is no JSON object");
	}
	json_object_put(body);
}

/* --- faults --- */

static void add_fault(const struct control *control)
{
	json_object *body = body_json(control);
	const char *problem = NULL;
	struct fault_rule *rule = fault_rule_parse(body, &problem);

	json_object_put(body);
	if (!rule) {
		refuse(control, problem);
		return;
	}
	rule->id = ++control->cloud->next_fault;
	g_ptr_array_add(control->cloud->faults, rule);
	reply_set_json(control->reply, 200, fault_rule_to_json(rule));
}

static void remove_faults(const struct control *control)
{
	GPtrArray *faults = control->cloud->faults;
	guint64 id = 0;
	bool all = !g_ascii_string_to_unsigned(part(control, 2), 10, 1, G_MAXUINT, &id, NULL);

	for (guint i = faults->len; i > 0; i--) {
		const struct fault_rule *rule = faults->pdata[i - 1];

		if (all || rule->id == id)
			g_ptr_array_remove_index(faults, i - 1);
	}
}

static void control_faults(const struct control *control)
{
	json_object *list = NULL;

	if (is_method(control, "POST")) {
		add_fault(control);
	} else if (is_method(control, "DELETE")) {
		remove_faults(control);
	} else {
		list = json_object_new_array();
		for (guint i = 0; i < control->cloud->faults->len; i++)
			json_object_array_add(list,
					      fault_rule_to_json(control->cloud->faults->pdata[i]));
		reply_set_json(control->reply, 200, list);
	}
}

/* --- counters --- */

static json_object *counts_json(GHashTable *counts)
{
	json_object *object = json_object_new_object();
	GHashTableIter iter = {0};
	gpointer name = NULL, value = NULL;

	g_hash_table_iter_init(&iter, counts);
	while (g_hash_table_iter_next(&iter, &name, &value))
		json_object_object_add(object, name,
				       json_object_new_int64(GPOINTER_TO_UINT(value)));
	return object;
}

static void control_log(const struct control *control)
{
	struct cloud *cloud = control->cloud;
	json_object *object = NULL;

	if (is_method(control, "DELETE")) {
		g_hash_table_remove_all(cloud->api_counts);
		g_hash_table_remove_all(cloud->path_counts);
		g_hash_table_remove_all(cloud->authorized);
		cloud->max_in_flight = cloud->in_flight;
		return;
	}
	object = json_object_new_object();
	json_object_object_add(object, "apis", counts_json(cloud->api_counts));
	json_object_object_add(object, "paths", counts_json(cloud->path_counts));
	json_object_object_add(object, "authorized", counts_json(cloud->authorized));
	json_object_object_add(object, "in_flight", json_object_new_int(cloud->in_flight));
	json_object_object_add(object, "max_in_flight", json_object_new_int(cloud->max_in_flight));
	reply_set_json(control->reply, 200, object);
}

static void control_reset(const struct control *control)
{
	cloud_reset(control->cloud);
}

/** Registers accounts: these take the lock themselves. */
static void control_accounts(const struct control *control)
{
	g_autofree char *file = NULL;

	if (is_method(control, "PUT")) {
		if (!auth_register(control->cloud, part(control, 2), control->request->body->str))
			refuse(control, "the body is no RSA public key in PEM");
		return;
	}
	file = auth_make_key_file(control->cloud, part(control, 2));
	if (file)
		reply_set_text(control->reply, 200, "application/json", file);
	else
		refuse(control, "no key could be made");
}

bool serve_control(struct cloud *cloud, const struct request *request, struct reply *reply)
{
	static const struct {
		const char *name;
		void (*serve)(const struct control *);
	} table[] = {
		{"run", control_run},
		{"revisions", control_revisions},
		{"functions", control_functions},
		{"unreachable", control_unreachable},
		{"objects", control_objects},
		{"targets", control_targets},
		{"options", control_options},
		{"tokens", control_tokens},
		{"bulk", control_bulk},
		{"faults", control_faults},
		{"log", control_log},
		{"reset", control_reset},
	};
	const struct control control = {cloud, request, reply};

	if (!g_str_equal(request_part(request, 0), "_control"))
		return false;
	reply_set_text(reply, 200, "application/json", "{}");
	if (g_str_equal(request_part(request, 1), "accounts")) {
		control_accounts(&control);
		return true;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if (!g_str_equal(table[i].name, request_part(request, 1)))
			continue;
		(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: initialised, ours alone */
		table[i].serve(&control);
		(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
		return true;
	}
	refuse(&control, "no such thing to control: see control.c");
	return true;
}
