/* demo_data - the demo's data: tables, completion documents, assertions, backups and an inventory,
 * each in a state of its own. */
#ifndef FAKECLOUD_DEMO_DATA_H
#define FAKECLOUD_DEMO_DATA_H

#include "tests/fakecloud/cloud.h"

/** Tables, documents and objects. Under the cloud's lock. */
void demo_data_put(struct cloud *cloud);

/** Sections of the configuration. @p now_s decides when the late table was due. */
void demo_data_config(GString *text, int64_t now_s);

/** Files that the sections name, below @p directory. */
bool demo_data_write(const char *directory, GError **error);

#endif
