/* firestore - putting documents, and errors of streamed calls. */
#ifndef FAKECLOUD_FIRESTORE_H
#define FAKECLOUD_FIRESTORE_H

#include "tests/fakecloud/cloud.h"
#include "tests/fakecloud/reply.h"

/**
 * Put a document. Under the cloud's lock.
 *
 * @param database_key  "firestore/P/(default)".
 * @param document      "COL/DOC".
 * @param plain         an object of plain JSON, which becomes Values ({"$timestamp":"now-1h"} and
 * {"$value":{…}} are told
 *                      apart); @p verbatim: of Values already. */
void firestore_put(struct cloud *cloud, const char *database_key, const char *document,
		   json_object *plain, bool verbatim);

/** An error of a streamed call: an array of one. */
void firestore_wrap_error(struct reply *reply);

#endif
