/* firestore_decode - Firestore's Value type (API-FACTS D;
 * https://cloud.google.com/firestore/docs/reference/rest/v1/Value). For firestore.c and its tests.
 * Pure: any thread. */
#ifndef DRIFT_GOOGLE_FIRESTORE_DECODE_H
#define DRIFT_GOOGLE_FIRESTORE_DECODE_H

#include "google/firestore.h"
#include "json.h"

/**
 * The member "fields" of @p holder, a document or a map; absent: no field.
 *
 * @param depth  1 for a document's own fields; deeper than FIRESTORE_DEPTH_MAX is refused.
 * @param error  DRIFT_ERROR_INVALID: names the field and what is wrong with it.
 * @return char * to struct firestore_value *. Caller unrefs.
 */
MUST_CHECK GHashTable *firestore_decode_fields(json_object *holder, int depth, GError **error);

#endif
