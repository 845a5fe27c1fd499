/* firestore - documents of Firestore in native mode: get and batchGet. API-FACTS D;
 * https://firebase.google.com/docs/firestore/reference/rest/v1/projects.databases.documents .
 * Errors of batchGet, a streamed call, come as an array of one. */
#include "tests/fakecloud/firestore.h"

#include "tests/fakecloud/bq_value.h"
#include "tests/fakecloud/handlers.h"
#include "tests/fakecloud/jsn.h"

#include <string.h>

static void lock(struct cloud *cloud)
{
	(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: not recursive, initialised */
}

static void unlock(struct cloud *cloud)
{
	(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
}

/* --- masks --- */

/** First segment of a field path, without its backticks; ret_rest is what follows its point, or "".
 * Caller frees. */
static char *path_segment(const char *path, const char **ret_rest)
{
	GString *segment = g_string_new(NULL);
	bool quoted = *path == '`';

	path += quoted ? 1 : 0;
	for (; *path && (quoted ? *path != '`' : *path != '.'); path++) {
		if (quoted && *path == '\\' && path[1])
			path++;
		g_string_append_c(segment, *path);
	}
	path += quoted && *path ? 1 : 0;
	*ret_rest = *path == '.' ? path + 1 : path;
	return g_string_free(segment, FALSE);
}

/** Copy what @p path names from @p fields to @p kept. */
static void keep_path(json_object *fields, const char *path, json_object *kept)
{
	const char *rest = NULL;
	g_autofree char *segment = path_segment(path, &rest);
	json_object *value = jsn_at(fields, segment), *inner = NULL, *map = NULL, *target = NULL;

	if (!value)
		return;
	if (!*rest) {
		json_object_object_del(kept, segment);
		jsn_add_copy(kept, segment, value);
		return;
	}
	inner = jsn_at(jsn_at(value, "mapValue"), "fields");
	if (!inner)
		return;
	target = jsn_at(jsn_at(jsn_at(kept, segment), "mapValue"), "fields");
	if (!target) {
		target = json_object_new_object();
		map = json_object_new_object();
		jsn_add(map, "fields", target);
		value = json_object_new_object();
		jsn_add(value, "mapValue", map);
		jsn_add(kept, segment, value);
	}
	keep_path(inner, rest, target);
}

/** mask.fieldPaths may come many times. Caller unrefs. */
static GPtrArray *query_paths(const struct request *request)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	const char *mark = strchr(request->uri, '?');
	g_auto(GStrv) pairs = g_strsplit(mark ? mark + 1 : "", "&", -1);

	for (size_t i = 0; pairs[i]; i++) {
		char *value = NULL;

		if (!g_str_has_prefix(pairs[i], "mask.fieldPaths="))
			continue;
		value = g_uri_unescape_string(pairs[i] + strlen("mask.fieldPaths="), NULL);
		if (value)
			g_ptr_array_add(paths, value);
	}
	return paths;
}

static GPtrArray *body_paths(json_object *body)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	json_object *list = jsn_at(jsn_at(body, "mask"), "fieldPaths");

	for (size_t i = 0; i < jsn_length(list); i++)
		g_ptr_array_add(paths, g_strdup(json_object_get_string(
					       json_object_array_get_idx(list, i))));
	return paths;
}

/* --- documents --- */

/** Under lock. Caller owns. */
static json_object *document_json(const struct entry *entry, const char *name,
				  const GPtrArray *paths)
{
	json_object *object = json_object_new_object(), *fields = NULL, *kept = NULL;

	fields = json_tokener_parse(
		g_bytes_get_data(entry->bytes, NULL)); /* ends with a zero: firestore_put() */
	jsn_add_text(object, "name", name);
	if (paths->len > 0) {
		kept = json_object_new_object();
		for (guint i = 0; i < paths->len; i++)
			keep_path(fields, paths->pdata[i], kept);
		json_object_put(fields);
		fields = kept;
	}
	if (fields && json_object_object_length(fields) > 0)
		jsn_add(object, "fields", fields);
	else
		json_object_put(fields); /* an empty map is left out */
	jsn_add_text(object, "createTime", jsn_text(entry->meta, "createTime", NULL));
	jsn_add_text(object, "updateTime", jsn_text(entry->meta, "updateTime", NULL));
	return object;
}

static char *now_text(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();

	return g_date_time_format(now, "%Y-%m-%dT%H:%M:%S.%fZ");
}

/** The documents of a database; NULL with an error set when there is no such database, or none for
 * us. Under lock. */
static struct collection *database(struct cloud *cloud, const char *project, const char *name,
				   struct reply *reply)
{
	g_autofree char *key = g_strdup_printf("firestore/%s/%s", project, name);
	bool is_default = g_str_equal(name, "(default)");
	struct collection *documents = cloud_collection(cloud, key, is_default);
	g_autofree char *message = NULL;

	if (cloud->options.datastore_mode) {
		message =
			g_strdup_printf("The Cloud Firestore API is not available for Firestore in "
					"Datastore Mode database projects/%s/databases/%s.",
					project, name);
		reply_set_error_a(reply, "FAILED_PRECONDITION", NULL, message);
		return NULL;
	}
	if (documents)
		return documents;
	message = g_strdup_printf("The database %s does not exist for project %s Please visit "
				  "https://console.cloud.google.com/datastore/setup?project=%s to "
				  "add a Cloud Datastore or "
				  "Cloud Firestore database. ",
				  name, project, project);
	reply_set_error_a(reply, "NOT_FOUND", NULL, message);
	return NULL;
}

/** "COL/DOC[/COL/DOC…]" of the path from part 6 on, decoded. Caller frees. */
static char *path_document(const struct request *request)
{
	GString *name = g_string_new(NULL);

	for (size_t i = 6; i < request->parts->len; i++)
		g_string_append_printf(name, "%s%s", i > 6 ? "/" : "", request_part(request, i));
	return g_string_free(name, FALSE);
}

static void get_document(struct cloud *cloud, struct request *request, struct reply *reply)
{
	g_autofree char *document = path_document(request);
	g_autofree char *name =
		g_strdup_printf("projects/%s/databases/%s/documents/%s", request_part(request, 2),
				request_part(request, 4), document);
	g_autofree char *message = g_strdup_printf("Document \"%s\" not found.", name);
	g_autoptr(GPtrArray) paths = query_paths(request);
	const struct collection *documents = NULL;
	const struct entry *entry = NULL;

	request->api = "firestore.documents.get";
	lock(cloud);
	documents = database(cloud, request_part(request, 2), request_part(request, 4), reply);
	entry = documents ? collection_find(documents, document) : NULL;
	if (entry)
		reply_set_json(reply, 200, document_json(entry, name, paths));
	else if (documents)
		reply_set_error_a(reply, "NOT_FOUND", NULL, message);
	unlock(cloud);
}

/* --- batchGet --- */

/** Names are all below @p prefix. */
static bool names_are_good(json_object *names, const char *prefix)
{
	for (size_t i = 0; i < jsn_length(names); i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(names, i));

		if (!name || !g_str_has_prefix(name, prefix) || !strchr(name + strlen(prefix), '/'))
			return false;
	}
	return jsn_length(names) > 0;
}

static json_object *batch_element(const struct collection *documents, const char *name,
				  const char *prefix, const GPtrArray *paths)
{
	const struct entry *entry = collection_find(documents, name + strlen(prefix));
	json_object *element = json_object_new_object();
	g_autofree char *now = now_text();

	if (entry)
		jsn_add(element, "found", document_json(entry, name, paths));
	else
		jsn_add_text(element, "missing", name);
	jsn_add_text(element, "readTime", now);
	return element;
}

/** Every document once, the last first: the order is nobody's business. */
static json_object *batch_json(const struct collection *documents, json_object *names,
			       const char *prefix, const GPtrArray *paths)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	json_object *array = json_object_new_array();

	for (size_t i = jsn_length(names); i > 0; i--) {
		const char *name = json_object_get_string(json_object_array_get_idx(names, i - 1));

		if (g_hash_table_add(seen, (char *)(uintptr_t)name))
			json_object_array_add(array, batch_element(documents, name, prefix, paths));
	}
	return array;
}

static void batch_get(struct cloud *cloud, struct request *request, struct reply *reply)
{
	g_autofree char *prefix =
		g_strdup_printf("projects/%s/databases/%s/documents/", request_part(request, 2),
				request_part(request, 4));
	json_object *body = json_tokener_parse(request->body->str),
		    *names = jsn_at(body, "documents");
	g_autoptr(GPtrArray) paths = body_paths(body);
	const struct collection *documents = NULL;

	request->api = "firestore.documents.batchGet";
	lock(cloud);
	documents = database(cloud, request_part(request, 2), request_part(request, 4), reply);
	if (documents && !names_are_good(names, prefix))
		reply_set_error_a(reply, "INVALID_ARGUMENT", NULL,
				  "Document name does not match the database of the request.");
	else if (documents)
		reply_set_json(reply, 200, batch_json(documents, names, prefix, paths));
	unlock(cloud);
	json_object_put(body);
}

void firestore_wrap_error(struct reply *reply)
{
	if (reply->status < 400 || reply->body->len == 0 || reply->body->str[0] != '{')
		return;
	g_string_prepend_c(reply->body, '[');
	g_string_append_c(reply->body, ']');
}

bool serve_firestore(struct cloud *cloud, struct request *request, struct reply *reply)
{
	bool batch = request_matches(request, "v1/projects/?/databases/?/documents:batchGet");

	if (!g_str_has_prefix(request->path, "/v1/projects/") ||
	    !g_str_equal(request_part(request, 3), "databases"))
		return false;
	if (batch && g_str_equal(request->method, "POST")) {
		if (auth_check(cloud, request, reply))
			batch_get(cloud, request, reply);
		firestore_wrap_error(reply);
		return true;
	}
	if (!g_str_equal(request->method, "GET") || request->parts->len < 8 ||
	    !g_str_equal(request_part(request, 5), "documents"))
		return false;
	if (auth_check(cloud, request, reply))
		get_document(cloud, request, reply);
	return true;
}

/* --- putting --- */

static json_object *to_value(json_object *plain);

static json_object *wrap(const char *name, json_object *taken)
{
	json_object *object = json_object_new_object();

	jsn_add(object, name, taken);
	return object;
}

static json_object *map_fields(json_object *plain)
{
	json_object *fields = json_object_new_object();

	json_object_object_foreach(plain, name, value) jsn_add(fields, name, to_value(value));
	return fields;
}

/** {"$timestamp":T} and {"$value":VALUE} are no maps. */
static json_object *map_value(json_object *plain)
{
	json_object *special = jsn_at(plain, "$value"), *copy = NULL, *map = NULL;
	const char *time = jsn_text(plain, "$timestamp", NULL);
	int64_t us = 0;

	if (special && json_object_deep_copy(special, &copy, NULL) == 0)
		return copy;
	if (time && bq_time_parse(time, g_get_real_time(), &us)) {
		g_autofree char *text = bq_datetime_text(us, 'T');
		g_autofree char *stamp = g_strconcat(text, "Z", NULL);

		return wrap("timestampValue", json_object_new_string(stamp));
	}
	map = json_object_new_object();
	if (json_object_object_length(plain) > 0)
		jsn_add(map, "fields", map_fields(plain));
	return wrap("mapValue", map);
}

static json_object *array_value(json_object *plain)
{
	json_object *array = json_object_new_object(), *values = NULL;

	if (json_object_array_length(plain) > 0) {
		values = json_object_new_array();
		for (size_t i = 0; i < json_object_array_length(plain); i++)
			json_object_array_add(values,
					      to_value(json_object_array_get_idx(plain, i)));
		jsn_add(array, "values", values);
	}
	return wrap("arrayValue", array);
}

static json_object *to_value(json_object *plain)
{
	switch (json_object_get_type(plain)) {
	case json_type_null:
		return wrap("nullValue", NULL);
	case json_type_boolean:
		return wrap("booleanValue",
			    json_object_new_boolean(json_object_get_boolean(plain)));
	case json_type_int:
		return wrap("integerValue", json_object_new_string(json_object_get_string(plain)));
	case json_type_double:
		return wrap("doubleValue", json_object_new_double(json_object_get_double(plain)));
	case json_type_object:
		return map_value(plain);
	case json_type_array:
		return array_value(plain);
	case json_type_string:
		break;
	}
	return wrap("stringValue", json_object_new_string(json_object_get_string(plain)));
}

void firestore_put(struct cloud *cloud, const char *database_key, const char *document,
		   json_object *plain, bool verbatim)
{
	json_object *fields = verbatim ? json_object_get(plain) : map_fields(plain);
	json_object *meta = json_object_new_object();
	g_autofree char *now = now_text();
	const char *text = json_object_to_json_string_ext(fields, JSON_C_TO_STRING_NOSLASHESCAPE);

	jsn_add_text(meta, "createTime", "2026-10-01T06:00:00.123456Z");
	jsn_add_text(meta, "updateTime", now);
	collection_put(cloud_collection(cloud, database_key, true), document,
		       g_bytes_new(text, strlen(text) + 1), meta);
	json_object_put(fields);
}
