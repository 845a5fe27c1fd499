/* decode - members of Google's answers as bounded values. proto3 JSON leaves defaults out: absent,
 * null and "" are all "nothing"; a wrong type or a value beyond its bound is DRIFT_ERROR_INVALID
 * with the member's name, never a default (API-FACTS 0). ret_x are untouched on failure. Pure: any
 * thread. */
#ifndef DRIFT_GOOGLE_DECODE_H
#define DRIFT_GOOGLE_DECODE_H

#include "base.h"
#include "json.h"

/** Longest name of a resource's part that is believed (Google's own limits are 63 and 256). */
#define DECODE_NAME_MAX_BYTES 256

/** Copy of a string member, NULL when there is nothing. @p ret_text is replaced, not freed. */
MUST_CHECK bool decode_text(json_object *object, const char *name, size_t max_bytes,
			    char **ret_text, GError **error);

/** Last part of a resource name ("projects/p/…/services/s" gives "s"). */
MUST_CHECK bool decode_last_part(json_object *object, const char *name, char **ret_text,
				 GError **error);

/** A number, also as decimal string; 0 when there is nothing. */
MUST_CHECK bool decode_int(json_object *object, const char *name, int64_t min, int64_t max,
			   int64_t *ret_number, GError **error);

MUST_CHECK bool decode_bool(json_object *object, const char *name, bool *ret_answer,
			    GError **error);

/** RFC 3339; 0 when there is nothing. */
MUST_CHECK bool decode_time(json_object *object, const char *name, int64_t *ret_wall_ms,
			    GError **error);

/** An object or array, borrowed; NULL when there is nothing. */
MUST_CHECK bool decode_object(json_object *object, const char *name, json_object **ret_object,
			      GError **error);
MUST_CHECK bool decode_array(json_object *object, const char *name, size_t max_items,
			     json_object **ret_array, GError **error);

/** Element @p index of @p array, which must be an object. @p name is for the message. */
MUST_CHECK bool decode_element(json_object *array, const char *name, size_t index,
			       json_object **ret_object, GError **error);

/**
 * A map of strings: only the keys that are in the set @p wanted are kept, values cut at
 * DECODE_VALUE_MAX_BYTES.
 *
 * @param ret_map  char * to char *, new, caller unrefs.
 */
MUST_CHECK bool decode_map(json_object *object, const char *name, GHashTable *wanted,
			   GHashTable **ret_map, GError **error);

/** Longer label and annotation values are cut: no commit id is half as long. */
#define DECODE_VALUE_MAX_BYTES 1024

/** What is behind the last '/' of @p path, borrowed. */
const char *decode_tail(const char *path);

#endif
