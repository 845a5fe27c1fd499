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

/* No object may be called so (https://cloud.google.com/storage/docs/objects#naming), and in a URL it
 * would lead elsewhere. */
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

char *storage_list_url(const char *endpoint, const char *bucket, const char *prefix,
		       const char *page_token)
{
	GString *url = objects_url(endpoint, bucket, NULL);

	g_string_append(url, "?prefix=");
	g_string_append_uri_escaped(url, prefix, NULL, FALSE);
	g_string_append(url, "&maxResults=1");
	if (page_token) {
		g_string_append(url, "&pageToken=");
		g_string_append_uri_escaped(url, page_token, NULL, FALSE);
	}
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
