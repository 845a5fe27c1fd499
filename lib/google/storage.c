/* storage - see storage.h */
#include "google/storage.h"

#include <string.h>

#include "drift_error.h"
#include "google/decode.h"

#define SCHEME "gs://"
#define BUCKET_MIN_BYTES 3
#define BUCKET_MAX_BYTES 222
#define OBJECT_MAX_BYTES 1024
#define TOKEN_MAX_BYTES 4096
#define LIST_MAX 1000

/* No object may be called so (https://cloud.google.com/storage/docs/objects#naming), and in a URL
 * it would lead elsewhere. */
static bool is_dots(const char *object)
{
	return strcmp(object, ".") == 0 || strcmp(object, "..") == 0;
}

bool storage_is_name(const char *text)
{
	return g_str_has_prefix(text, SCHEME);
}

bool storage_split_name(const char *text, char **ret_bucket, char **ret_object)
{
	const char *bucket = text + strlen(SCHEME);
	size_t length = 0;
	size_t object_bytes = 0;

	if (!storage_is_name(text))
		return false;
	length = strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-_.");
	if (length < BUCKET_MIN_BYTES || length > BUCKET_MAX_BYTES || bucket[length] != '/')
		return false;
	object_bytes = strlen(bucket + length + 1);
	if (object_bytes == 0 || object_bytes > OBJECT_MAX_BYTES || is_dots(bucket + length + 1))
		return false;
	*ret_bucket = g_strndup(bucket, length);
	*ret_object = g_strdup(bucket + length + 1);
	return true;
}

/* The whole name of an object is one part of the path: its slashes are escaped too. */
static GString *objects_url(const char *endpoint, const char *bucket, const char *object)
{
	GString *url = g_string_new(endpoint);

	g_string_append(url, "/storage/v1/b/");
	g_string_append_uri_escaped(url, bucket, NULL, FALSE);
	g_string_append(url, "/o");
	if (object) {
		g_string_append_c(url, '/');
		g_string_append_uri_escaped(url, object, NULL, FALSE);
	}
	return url;
}

char *storage_object_url(const char *endpoint, const char *bucket, const char *object)
{
	return g_string_free(objects_url(endpoint, bucket, object), FALSE);
}

char *storage_media_url(const char *endpoint, const char *bucket, const char *object)
{
	GString *url = objects_url(endpoint, bucket, object);

	g_string_append(url, "?alt=media");
	return g_string_free(url, FALSE);
}

char *storage_generation_url(const char *endpoint, const char *bucket, const char *object,
			     int64_t generation)
{
	GString *url = objects_url(endpoint, bucket, object);

	g_string_append_printf(url, "?alt=media&generation=%" PRId64, generation);
	return g_string_free(url, FALSE);
}

static void append_token(GString *url, const char *page_token)
{
	if (!page_token)
		return;
	g_string_append(url, "&pageToken=");
	g_string_append_uri_escaped(url, page_token, NULL, FALSE);
}

char *storage_page_url(const char *endpoint, const char *bucket, const char *prefix,
		       const char *page_token)
{
	GString *url = objects_url(endpoint, bucket, NULL);

	g_string_append_printf(url, "?maxResults=%d", STORAGE_PAGE_OBJECTS);
	g_string_append(url,
			"&fields=items(name%2Csize%2CtimeCreated%2Cgeneration)%2CnextPageToken");
	if (*prefix) {
		g_string_append(url, "&prefix=");
		g_string_append_uri_escaped(url, prefix, NULL, FALSE);
	}
	append_token(url, page_token);
	return g_string_free(url, FALSE);
}

char *storage_list_url(const char *endpoint, const char *bucket, const char *prefix,
		       const char *page_token)
{
	GString *url = objects_url(endpoint, bucket, NULL);

	g_string_append(url, "?prefix=");
	g_string_append_uri_escaped(url, prefix, NULL, FALSE);
	g_string_append(url, "&maxResults=1");
	append_token(url, page_token);
	return g_string_free(url, FALSE);
}

bool storage_list_decode(const char *bytes, size_t length, bool *ret_any, char **ret_next_token,
			 GError **error)
{
	json_object *object = json_parse(bytes, length, error);
	json_object *items = NULL;
	char *token = NULL;
	bool ok = false;

	if (!object)
		return false;
	if (!json_object_is_type(object, json_type_object))
		g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "not a JSON object");
	else
		ok = decode_array(object, "items", LIST_MAX, &items, error) &&
		     decode_text(object, "nextPageToken", TOKEN_MAX_BYTES, &token, error);
	if (ok) {
		*ret_any = items && json_object_array_length(items) > 0;
		*ret_next_token = token;
	}
	json_object_put(object);
	return ok;
}

/* --- whole lists --- */

void storage_object_free(void *object)
{
	struct storage_object *it = object;

	if (!it)
		return;
	g_free(it->name);
	g_free(it);
}

/* A count that must be there: absent is no 0 here, the mask asked for it. */
static bool take_count(json_object *item, const char *name, int64_t min, int64_t *ret_count,
		       GError **error)
{
	if (json_object_object_get(item, name))
		return decode_int(item, name, min, INT64_MAX, ret_count, error);
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "%s is missing", name);
	return false;
}

static bool fill_object(json_object *item, const char *prefix, struct storage_object *object,
			GError **error)
{
	if (!decode_text(item, "name", OBJECT_MAX_BYTES, &object->name, error) ||
	    !take_count(item, "size", 0, &object->size_bytes, error) ||
	    !take_count(item, "generation", 1, &object->generation, error) ||
	    !decode_time(item, "timeCreated", &object->created_wall_ms, error))
		return false;
	if (object->name && g_str_has_prefix(object->name, prefix))
		return true;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "%s",
		    object->name ? "its name does not begin with the prefix asked for"
				 : "name is missing");
	return false;
}

static bool take_items(json_object *items, const char *prefix, GPtrArray *objects, GError **error)
{
	size_t count = items ? json_object_array_length(items) : 0;

	for (size_t i = 0; i < count; i++) {
		json_object *item = NULL;
		struct storage_object *object = NULL;

		if (!decode_element(items, "items", i, &item, error))
			return false;
		object = g_new0(struct storage_object, 1);
		g_ptr_array_add(objects, object);
		if (fill_object(item, prefix, object, error))
			continue;
		g_prefix_error(error, "object %zu of the list: ", i);
		return false;
	}
	return true;
}

bool storage_page_decode(const char *bytes, size_t length, const char *prefix, GPtrArray *objects,
			 char **ret_next_token, GError **error)
{
	json_object *page = json_parse(bytes, length, error);
	json_object *items = NULL;
	g_autofree char *token = NULL;
	guint before = objects->len;
	bool ok = false;

	if (!page)
		return false;
	if (!json_object_is_type(page, json_type_object))
		g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "not a JSON object");
	else
		ok = decode_array(page, "items", STORAGE_PAGE_OBJECTS, &items, error) &&
		     decode_text(page, "nextPageToken", TOKEN_MAX_BYTES, &token, error) &&
		     take_items(items, prefix, objects, error);
	if (ok)
		*ret_next_token = g_steal_pointer(&token);
	else
		g_ptr_array_set_size(objects, (gint)before); /* a page's worth: far below INT_MAX */
	json_object_put(page);
	return ok;
}
