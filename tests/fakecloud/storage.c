/* storage - Cloud Storage JSON API: list, metadata and content of objects. API-FACTS E;
 * https://cloud.google.com/storage/docs/json_api/v1/objects/list . */
#include "tests/fakecloud/storage.h"

#include "tests/fakecloud/bq_value.h"
#include "tests/fakecloud/handlers.h"
#include "tests/fakecloud/jsn.h"
#include "tests/fakecloud/mask.h"

#include <string.h>

/** When objects were made of which nobody says it. */
#define CREATED_DEFAULT "2026-11-19T21:14:03.551Z"

static void lock(struct cloud *cloud)
{
	(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: not recursive, initialised */
}

static void unlock(struct cloud *cloud)
{
	(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
}

/** RFC 3339 with milliseconds; NULL when @p text is no time. Caller frees. */
static char *stamp(const char *text)
{
	int64_t us = 0;
	g_autoptr(GDateTime) then = NULL;
	g_autofree char *seconds = NULL;

	if (!bq_time_parse(text, g_get_real_time(), &us))
		return NULL;
	then = g_date_time_new_from_unix_utc(bq_floor_div(us, BQ_US_PER_S));
	seconds = then ? g_date_time_format(then, "%Y-%m-%dT%H:%M:%S") : NULL;
	if (!seconds)
		return NULL;
	us -= bq_floor_div(us, BQ_US_PER_S) * BQ_US_PER_S;
	return g_strdup_printf("%s.%03dZ", seconds, (int)(us / 1000)); /* below 1000 */
}

bool storage_put(struct cloud *cloud, const char *bucket, const char *name, GBytes *bytes,
		 const char *created, const char *updated)
{
	g_autofree char *key = g_strdup_printf("objects/%s", bucket);
	g_autofree char *created_stamp = stamp(created ? created : CREATED_DEFAULT);
	g_autofree char *updated_stamp = updated ? stamp(updated) : g_strdup(created_stamp);
	g_autofree char *generation = g_strdup_printf("17636000%08u", cloud->next_token++);
	json_object *meta = NULL;

	if (!created_stamp || !updated_stamp) {
		g_bytes_unref(bytes);
		return false;
	}
	meta = json_object_new_object();
	jsn_add_text(meta, "generation", generation);
	jsn_add_text(meta, "metageneration", "1");
	jsn_add_text(meta, "contentType", "application/octet-stream");
	jsn_add_text(meta, "timeCreated", created_stamp);
	jsn_add_text(meta, "updated", updated_stamp);
	collection_put(cloud_collection(cloud, key, true), name, bytes, meta);
	return true;
}

/** Metadata as served. Caller owns. */
static json_object *object_to_json(const char *bucket, const struct entry *entry)
{
	json_object *served = NULL;

	/* a copy: json-c's counts are not made for several threads */
	(void)json_object_deep_copy(entry->meta, &served, NULL); /* an object of ours */
	jsn_add_text(served, "kind", "storage#object");
	jsn_add_text(served, "name", entry->name);
	jsn_add_text(served, "bucket", bucket);
	jsn_add_int64(served, "size", (int64_t)g_bytes_get_size(entry->bytes));
	return served;
}

/** Is the bucket there, and may we? Sets an error when not. Under lock. */
static struct collection *open_bucket(struct cloud *cloud, const char *bucket,
				      const char *permission, struct reply *reply)
{
	g_autofree char *key = g_strdup_printf("objects/%s", bucket);
	struct collection *objects = cloud_collection(cloud, key, false);
	const struct entry *entry =
		collection_find(cloud_collection(cloud, "buckets", false), bucket);
	const char *denied = entry ? jsn_text(entry->meta, "denied", NULL) : NULL;
	g_autofree char *message = NULL;

	if (g_strcmp0(denied, permission) == 0) {
		message = g_strdup_printf(
			"fake@acme.iam.gserviceaccount.com does not have %s access to the "
			"Google Cloud Storage bucket. Permission '%s' denied on resource (or "
			"it may not exist).",
			permission, permission);
		reply_set_error_b(reply, 403, "forbidden", message);
		return NULL;
	}
	if (!objects)
		reply_set_error_b(reply, 404, "notFound", "The specified bucket does not exist.");
	return objects;
}

/* --- one object --- */

static void set_content(const struct entry *entry, struct reply *reply)
{
	gsize length = 0;
	const char *bytes = g_bytes_get_data(entry->bytes, &length);

	reply_set_text(reply, 200, "application/octet-stream", "");
	g_string_append_len(reply->body, bytes, (gssize)length); /* at most 64 MiB */
	reply_add_header(reply, "x-goog-generation", jsn_text(entry->meta, "generation", ""));
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

static bool is_generation(const struct entry *entry, const char *generation)
{
	return g_str_equal(generation, jsn_text(entry->meta, "generation", ""));
}

/** Conditions on the generation; true when they settle the answer. */
static bool check_generation(const struct entry *entry, const struct request *request,
			     struct reply *reply)
{
	const char *not = request_query(request, "ifGenerationNotMatch");
	const char *match = request_query(request, "ifGenerationMatch");

	if (not &&is_generation(entry, not )) {
		reply_set_text(reply, 304, NULL, "");
		return true;
	}
	if (match && !is_generation(entry, match)) {
		reply_set_error_b(reply, 412, "conditionNotMet",
				  "At least one of the pre-conditions you specified did not hold.");
		return true;
	}
	return false;
}

static void get_object(struct cloud *cloud, struct request *request, struct reply *reply)
{
	const char *bucket = request_part(request, 3), *alt = request_query(request, "alt");
	const char *generation = request_query(request, "generation");
	bool media = alt && g_str_equal(alt, "media");
	const struct collection *objects = NULL;
	const struct entry *entry = NULL;

	request->api = media ? "storage.objects.media" : "storage.objects.get";
	lock(cloud);
	objects = open_bucket(cloud, bucket, "storage.objects.get", reply);
	entry = objects ? collection_find(objects, request_part(request, 5)) : NULL;
	if (entry && generation && !is_generation(entry, generation))
		entry = NULL;
	if (objects ? !entry : media && reply->status == 404)
		set_missing(request, media, reply);
	else if (entry && !check_generation(entry, request, reply)) {
		if (media)
			set_content(entry, reply);
		else
			reply_set_json(reply, 200,
				       mask_apply(object_to_json(bucket, entry), request));
	}
	unlock(cloud);
}

/* --- lists --- */

/** A list on its way. */
struct listing {
	const char *prefix, *delimiter, *start, *end; /* "" or NULL: none */
	int64_t limit;
	json_object *items, *prefixes;
	const char *last_prefix; /* NULL: none yet; borrowed from prefixes */
	const char *next;        /* NULL: that was all; borrowed from the entry */
};

static bool is_wanted(const struct listing *listing, const char *name)
{
	return g_str_has_prefix(name, listing->prefix) &&
	       (!listing->start || strcmp(name, listing->start) >= 0) &&
	       (!listing->end || strcmp(name, listing->end) < 0);
}

/** "folder/" that stands for the name, or NULL. Caller frees. */
static char *common_prefix(const struct listing *listing, const char *name)
{
	const char *rest = name + strlen(listing->prefix), *at = NULL;

	if (!*listing->delimiter)
		return NULL;
	at = strstr(rest, listing->delimiter);
	return at ? g_strndup(name, (gsize)(at - name) + strlen(listing->delimiter)) : NULL;
}

/** False: the page is full. */
static bool list_entry(struct listing *listing, const char *bucket, const struct entry *entry)
{
	g_autofree char *folder = common_prefix(listing, entry->name);
	json_object *name = NULL;

	if (folder && g_strcmp0(folder, listing->last_prefix) == 0)
		return true;
	if ((int64_t)(jsn_length(listing->items) + jsn_length(listing->prefixes)) ==
	    listing->limit) {
		listing->next = entry->name;
		return false;
	}
	if (!folder) {
		json_object_array_add(listing->items, object_to_json(bucket, entry));
		return true;
	}
	name = json_object_new_string(folder);
	json_object_array_add(listing->prefixes, name);
	listing->last_prefix = json_object_get_string(name);
	return true;
}

/** Page tokens are opaque: base64 of the name to go on with. */
static bool read_token(const char *token, char **ret_start)
{
	gsize length = 0;
	guchar *bytes = NULL;

	*ret_start = NULL;
	if (!token || g_str_has_prefix(token, "endless-")) /* of FAULT_KIND_ENDLESS_PAGES */
		return true;
	bytes = g_base64_decode(token, &length);
	if (length > 0)
		*ret_start = g_strndup((const char *)bytes, length);
	g_free(bytes);
	return *ret_start != NULL;
}

static json_object *listing_json(const struct listing *listing)
{
	json_object *body = json_object_new_object();
	g_autofree char *token = listing->next ? g_base64_encode((const guchar *)listing->next,
								 strlen(listing->next))
					       : NULL;

	jsn_add_text(body, "kind", "storage#objects");
	jsn_add_text(body, "nextPageToken", token);
	/* empty lists are left out */
	if (jsn_length(listing->prefixes) > 0)
		jsn_add(body, "prefixes", json_object_get(listing->prefixes));
	if (jsn_length(listing->items) > 0)
		jsn_add(body, "items", json_object_get(listing->items));
	return body;
}

static const char *text_query(const struct request *request, const char *name)
{
	const char *text = request_query(request, name);

	return text ? text : "";
}

/** The page that begins at listing->start. Under lock. */
static void set_list(const struct collection *objects, const struct request *request,
		     struct listing *listing, struct reply *reply)
{
	listing->items = json_object_new_array();
	listing->prefixes = json_object_new_array();
	for (guint i = 0; i < objects->entries->len; i++) {
		const struct entry *entry = objects->entries->pdata[i];

		if (is_wanted(listing, entry->name) &&
		    !list_entry(listing, request_part(request, 3), entry))
			break;
	}
	reply_set_json(reply, 200, mask_apply(listing_json(listing), request));
	json_object_put(listing->items);
	json_object_put(listing->prefixes);
}

static void list_objects(struct cloud *cloud, struct request *request, struct reply *reply)
{
	const char *max = request_query(request, "maxResults"),
		   *from = request_query(request, "startOffset");
	g_autofree char *token_start = NULL;
	struct listing listing = {.prefix = text_query(request, "prefix"),
				  .delimiter = text_query(request, "delimiter"),
				  .end = request_query(request, "endOffset"),
				  .limit = 1000};
	const struct collection *objects = NULL;
	gint64 wanted = 0;

	request->api = "storage.objects.list";
	if (!read_token(request_query(request, "pageToken"), &token_start)) {
		reply_set_error_b(reply, 400, "invalid", "Invalid argument: pageToken");
		return;
	}
	if (max && g_ascii_string_to_signed(max, 10, 1, 1000, &wanted, NULL))
		listing.limit = wanted;
	listing.start =
		token_start && (!from || strcmp(token_start, from) > 0) ? token_start : from;
	lock(cloud);
	listing.limit = MIN(listing.limit, cloud->options.page_cap);
	objects = open_bucket(cloud, request_part(request, 3), "storage.objects.list", reply);
	if (objects)
		set_list(objects, request, &listing, reply);
	unlock(cloud);
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
