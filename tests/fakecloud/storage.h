/* storage - putting objects. Under the cloud's lock. */
#ifndef FAKECLOUD_STORAGE_H
#define FAKECLOUD_STORAGE_H

#include "tests/fakecloud/cloud.h"

/** Put an object; @p bytes is taken. @p created and @p updated (bq_value.h) may be NULL:
 * 2026-11-19T21:14:03.551Z, and created. False when one of them is no time. */
bool storage_put(struct cloud *cloud, const char *bucket, const char *name, GBytes *bytes,
		 const char *created, const char *updated);

#endif
