/* storage - names, addresses and lists of the Cloud Storage JSON API. API-FACTS E;
 * https://cloud.google.com/storage/docs/json_api/v1. Pure: any thread. */
#ifndef DRIFT_GOOGLE_STORAGE_H
#define DRIFT_GOOGLE_STORAGE_H

#include "base.h"

/** Does @p text mean to name something in Cloud Storage? It begins with gs://, and may still be no
 * object's name. */
bool storage_is_name(const char *text);

/**
 * Split "gs://BUCKET/OBJECT". An object that ends in '/' is a folder.
 *
 * @return false when @p text is not the name of an object; ret_x are then untouched. Caller frees
 * them.
 */
MUST_CHECK bool storage_split_name(const char *text, char **ret_bucket, char **ret_object);

/** Metadata of an object. Caller frees. */
char *storage_object_url(const char *endpoint, const char *bucket, const char *object);
/** Content of an object. Caller frees. */
char *storage_media_url(const char *endpoint, const char *bucket, const char *object);
/** At most one object whose name begins with @p prefix; @p page_token may be NULL. Caller frees. */
char *storage_list_url(const char *endpoint, const char *bucket, const char *prefix,
		       const char *page_token);

/**
 * Does an answer of objects.list hold an object?
 *
 * @param ret_next_token  NULL: this was the last page. Caller frees.
 * @param error           DRIFT_ERROR_INVALID.
 */
MUST_CHECK bool storage_list_decode(const char *bytes, size_t length, bool *ret_any,
				    char **ret_next_token, GError **error);

#endif
