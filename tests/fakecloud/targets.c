/* targets - plain web services of which driftd asks the commit: GET /target/NAME/version. */
#include "tests/fakecloud/handlers.h"

static const char *member_text(json_object *object, const char *name, const char *fallback)
{
	json_object *value = NULL;

	if (!json_object_object_get_ex(object, name, &value))
		return fallback;
	return json_object_get_string(value);
}

static void set_target(const struct entry *entry, struct reply *reply)
{
	json_object *status = NULL;
	gsize length = 0;
	const char *bytes = g_bytes_get_data(entry->bytes, &length);

	reply_set_text(reply, 200, member_text(entry->meta, "content_type", "application/json"),
		       "");
	g_string_append_len(reply->body, bytes, (gssize)length); /* at most 64 MiB */
	if (json_object_object_get_ex(entry->meta, "status", &status))
		reply->status = json_object_get_int(status);
	if (member_text(entry->meta, "location", NULL))
		reply_add_header(reply, "Location", member_text(entry->meta, "location", ""));
}

bool serve_targets(struct cloud *cloud, struct request *request, struct reply *reply)
{
	const struct entry *entry = NULL;

	if (!g_str_equal(request_part(request, 0), "target") ||
	    !g_str_equal(request->method, "GET"))
		return false;
	request->api = "target";
	(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: not recursive, initialised */
	entry = collection_find(cloud_collection(cloud, "targets", false),
				request_part(request, 1));
	if (entry)
		set_target(entry, reply);
	else
		reply_set_text(reply, 404, "application/json", "{\"error\":\"not found\"}");
	(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
	return true;
}
