/* storage - Cloud Storage JSON API: list, metadata and content of objects. API-FACTS E. */
#include "tests/fakecloud/handlers.h"

#include <string.h>

static void lock(struct cloud *cloud)
{
	(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: not recursive, initialised */
}

static void unlock(struct cloud *cloud)
{
	(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
}

/** Metadata as served. Caller owns. */
static json_object *object_to_json(const char *bucket, const struct entry *entry)
{
	json_object *object = json_object_get(entry->meta);
	json_object *served = NULL;
	g_autofree char *size = g_strdup_printf("%" G_GSIZE_FORMAT, g_bytes_get_size(entry->bytes));

	/* a copy: json-c's counts are not made for several threads */
	(void)json_object_deep_copy(object, &served, NULL);
	json_object_put(object);
	json_object_object_add(served, "kind", json_object_new_string("storage#object"));
	json_object_object_add(served, "name", json_object_new_string(entry->name));
	json_object_object_add(served, "bucket", json_object_new_string(bucket));
	json_object_object_add(served, "size", json_object_new_string(size));
	return served;
}

static void set_content(const struct entry *entry, struct reply *reply)
{
	gsize length = 0;
	const char *bytes = g_bytes_get_data(entry->bytes, &length);

	reply_set_text(reply, 200, "application/octet-stream", "");
	g_string_append_len(reply->body, bytes, (gssize)length); /* at most 64 MiB */
}

static void set_missing(const struct request *request, bool media, struct reply *reply)
{
	g_autofree char *message = g_strdup_printf(
		"No such object: %s/%s", request_part(request, 3), request_part(request, 5));

	if (media)
		reply_set_text(reply, 404, "text/html; charset=UTF-8", message);
	else
		reply_set_error_b(reply, 404, "notFound", message);
}

static void get_object(struct cloud *cloud, struct request *request, struct reply *reply)
{
	const char *bucket = request_part(request, 3);
	g_autofree char *collection = g_strdup_printf("objects/%s", bucket);
	const char *alt = request_query(request, "alt");
	bool media = alt && g_str_equal(alt, "media");
	const struct entry *entry = NULL;

	request->api = media ? "storage.objects.media" : "storage.objects.get";
	lock(cloud);
	entry = collection_find(cloud_collection(cloud, collection, false),
				request_part(request, 5));
	if (!entry)
		set_missing(request, media, reply);
	else if (media)
		set_content(entry, reply);
	else
		reply_set_json(reply, 200, object_to_json(bucket, entry));
	unlock(cloud);
}

/** Items with @p prefix from @p start on, at most @p limit; ret_next is where to go on. */
static json_object *list_items(const struct collection *collection, const char *bucket,
			       const struct request *request, int64_t limit, const char **ret_next)
{
	json_object *items = json_object_new_array();
	const char *prefix = request_query(request, "prefix");
	const char *start = request_query(request, "pageToken");

	for (guint i = 0; collection && i < collection->entries->len; i++) {
		const struct entry *entry = collection->entries->pdata[i];

		if (prefix && !g_str_has_prefix(entry->name, prefix))
			continue;
		if (start && strcmp(entry->name, start) < 0)
			continue;
		if ((int64_t)json_object_array_length(items) == limit) {
			*ret_next = entry->name;
			break;
		}
		json_object_array_add(items, object_to_json(bucket, entry));
	}
	return items;
}

static void list_objects(struct cloud *cloud, struct request *request, struct reply *reply)
{
	const char *bucket = request_part(request, 3), *next = NULL;
	const char *max = request_query(request, "maxResults");
	g_autofree char *collection = g_strdup_printf("objects/%s", bucket);
	json_object *body = json_object_new_object(), *items = NULL;
	gint64 limit = 1000;

	request->api = "storage.objects.list";
	if (max && !g_ascii_string_to_signed(max, 10, 1, 1000, &limit, NULL))
		limit = 1000;
	lock(cloud);
	items = list_items(cloud_collection(cloud, collection, false), bucket, request,
			   MIN(limit, cloud->options.page_cap), &next);
	if (json_object_array_length(items) > 0)
		json_object_object_add(body, "items", items);
	else
		json_object_put(items);
	if (next)
		json_object_object_add(body, "nextPageToken", json_object_new_string(next));
	unlock(cloud);
	json_object_object_add(body, "kind", json_object_new_string("storage#objects"));
	reply_set_json(reply, 200, body);
}

bool serve_storage(struct cloud *cloud, struct request *request, struct reply *reply)
{
	bool one = request_matches(request, "storage/v1/b/?/o/?");

	if (!g_str_equal(request->method, "GET") ||
	    (!one && !request_matches(request, "storage/v1/b/?/o")))
		return false;
	if (!auth_check(cloud, request, reply))
		return true;
	if (one)
		get_object(cloud, request, reply);
	else
		list_objects(cloud, request, reply);
	return true;
}
