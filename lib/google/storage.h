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

/** Objects asked for per page of a whole list, the most Google gives; and pages followed. */
#define STORAGE_PAGE_OBJECTS 1000
#define STORAGE_PAGES_MAX 50

/** One object of a list. */
struct storage_object {
	char *name; /* whole, as in the bucket */
	int64_t size_bytes;
	/* timeCreated: when this generation's data was written; 0: not said */
	int64_t created_wall_ms;
	int64_t generation; /* > 0; changes whenever the content does */
};

/** Metadata of an object. Caller frees. */
char *storage_object_url(const char *endpoint, const char *bucket, const char *object);
/** Content of an object. Caller frees. */
char *storage_media_url(const char *endpoint, const char *bucket, const char *object);
/** The same, of that generation only: 404 once it was replaced. Caller frees. */
char *storage_generation_url(const char *endpoint, const char *bucket, const char *object,
			     int64_t generation);
/** At most one object whose name begins with @p prefix; @p page_token may be NULL. Caller frees. */
char *storage_list_url(const char *endpoint, const char *bucket, const char *prefix,
		       const char *page_token);

/** A page of all objects whose name begins with @p prefix ("": all of the bucket), with what
 * storage_page_decode() reads and nothing else; @p page_token may be NULL. Caller frees. */
char *storage_page_url(const char *endpoint, const char *bucket, const char *prefix,
		       const char *page_token);

/**
 * Decode an answer to storage_page_url().
 *
 * @param objects         struct storage_object *, with storage_object_free(): those of the page are
 * added, none on
 *                        failure.
 * @param ret_next_token  NULL: this was the last page. Caller frees.
 * @param error           DRIFT_ERROR_INVALID; also when an object lacks name, size or generation,
 * or lies outside
 *                        @p prefix. */
MUST_CHECK bool storage_page_decode(const char *bytes, size_t length, const char *prefix,
				    GPtrArray *objects, char **ret_next_token, GError **error);

/** A GDestroyNotify of struct storage_object. NULL is fine. */
void storage_object_free(void *object);

/**
 * Does an answer of objects.list hold an object?
 *
 * @param ret_next_token  NULL: this was the last page. Caller frees.
 * @param error           DRIFT_ERROR_INVALID.
 */
MUST_CHECK bool storage_list_decode(const char *bytes, size_t length, bool *ret_any,
				    char **ret_next_token, GError **error);

#endif
