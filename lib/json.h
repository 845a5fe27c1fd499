/* json - json-c with every value checked for presence, type and range, and every document bounded.
 * Pure: any thread. Only files that decode or encode bytes include this. */
#ifndef DRIFT_JSON_H
#define DRIFT_JSON_H

#include "base.h"
#include <json-c/json.h>

/** Deeper documents are refused: nothing driftd reads nests half as deep. */
#define JSON_DEPTH_MAX 64

/** Parse one whole document (RFC 8259), nothing but white space behind it. DRIFT_ERROR_INVALID.
 * Caller owns the result. */
MUST_CHECK json_object *json_parse(const char *bytes, size_t length, GError **error);

/** The array in @p text; an empty one when it is NULL or no array. Caller owns the result. */
json_object *json_parse_array(const char *text);

/** Member @p name of @p object when it is there and an object / array; NULL otherwise. Borrowed. */
json_object *json_member_object(json_object *object, const char *name);
json_object *json_member_array(json_object *object, const char *name);

/** Member as text; @p fallback when absent or null. A member of another type counts as absent.
 * Borrowed. */
const char *json_member_text(json_object *object, const char *name, const char *fallback);

/** Member as integer, also from a decimal string (Google's int64); @p fallback when absent or
 * anything else. */
int64_t json_member_int(json_object *object, const char *name, int64_t fallback);

/** Member as boolean; only JSON true and false count; @p fallback when absent or anything else. */
bool json_member_bool(json_object *object, const char *name, bool fallback);

/**
 * True when member @p name is absent, null or of @p type. Else false with "NAME is TYPE, expected
 * TYPE" as DRIFT_ERROR_INVALID: a wrong type in an answer is a bad answer, never a default.
 */
MUST_CHECK bool json_check_member(json_object *object, const char *name, enum json_type type,
				  GError **error);

/**
 * The value at an RFC 6901 pointer. "" is the document itself.
 *
 * @param ret_value  borrowed from @p document; NULL when the value there is JSON null.
 * @param error      DRIFT_ERROR_NOT_FOUND (nothing there) or DRIFT_ERROR_INVALID (no pointer).
 */
MUST_CHECK bool json_pointer(json_object *document, const char *pointer, json_object **ret_value,
			     GError **error);

/** A scalar as text, the way a person would write it (true, 12, text); NULL for objects, arrays and
 * null. Caller frees. */
char *json_scalar_text(json_object *value);

/** Add a member; @p value is taken. NULL values add JSON null. */
void json_add(json_object *object, const char *name, json_object *value);
void json_add_text(json_object *object, const char *name, const char *text_or_null);
void json_add_int(json_object *object, const char *name, int64_t value);
void json_add_bool(json_object *object, const char *name, bool value);
/** One more element; @p value is taken. */
void json_append(json_object *array, json_object *value);
/** RFC 3339 UTC; JSON null when @p wall_ms is negative or 0. */
void json_add_time(json_object *object, const char *name, int64_t wall_ms);

/** Compact text, "/" not escaped; what must not reach a terminal as it is (text_disturbs()) is (RFC 8259 7). Caller frees. @p ret_length may be NULL. */
char *json_to_text(json_object *value, size_t *ret_length);

#endif
