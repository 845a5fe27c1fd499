/* data_fixture - a target of each kind that is about data, judged as the scheduler would, for the
 * tests of api/: their details have the members that evaluation gives them. */
#ifndef DRIFT_TEST_DATA_FIXTURE_H
#define DRIFT_TEST_DATA_FIXTURE_H

#include "api/snapshot.h"

/** Each at FIXTURE_NOW, caller owns.
 * table/scores: last load 26 h ago, stale (drift), P0, owner "data". */
struct verdict *data_fixture_table(void);
/** A table that is not there, without limits of age: all that may be null is. */
struct verdict *data_fixture_missing_table(void);
/** table/events: by partition, with a schedule and volume; ok. */
struct verdict *data_fixture_partitions(void);
/** table/quiet: active-when says that nothing is due; ok. */
struct verdict *data_fixture_not_active(void);
/** completion/phase3: one of two keys, its table stale; drift. */
struct verdict *data_fixture_completion(void);
/** inventory/warehouse: one object missing, one unexpected, one changed; drift. */
struct verdict *data_fixture_inventory(void);
/** assert/range: @p rows rows, at most 20 of them kept, expected none; drift. */
struct verdict *data_fixture_assert(int rows);
/** backup/captions: two folders, the newest incomplete; drift. */
struct verdict *data_fixture_backup(void);

/** One of each, beside fixture_world()'s services. */
struct snapshot_input *data_fixture_world(void);

#endif
