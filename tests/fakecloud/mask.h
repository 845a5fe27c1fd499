/* mask - the query parameter "fields" of Google's APIs: "items(name,size),nextPageToken",
 * "schema/fields/name". */
#ifndef FAKECLOUD_MASK_H
#define FAKECLOUD_MASK_H

#include "tests/fakecloud/request.h"

#include <json-c/json.h>

/** What the request's mask names of @p taken, which it takes; all of it without a mask. Caller
 * owns. */
json_object *mask_apply(json_object *taken, const struct request *request);

#endif
