/* data_world - everything a verdict about data follows from, made by hand for the tests of
 * evaluation: a target of each kind that is well, until a test changes it. */
#ifndef DRIFT_TEST_DATA_WORLD_H
#define DRIFT_TEST_DATA_WORLD_H

#include "config/config.h"
#include "eval/data.h"

/** 2026-11-20T11:30:00Z, a Friday: 06:30 in New York. */
#define DATA_NOW_MS INT64_C(1795174200000)
#define DATA_MONO_MS INT64_C(5000000)

struct data_world {
	enum target_kind kind;
	struct config_table table;
	struct config_completion completion;
	struct config_inventory inventory;
	struct config_assert assertion;
	struct config_backup backup;
	struct observation *observation;
	struct table_obs
		*seen_table; /* the observation's; NULL for other kinds, and when it failed */
	struct completion_obs *seen_completion;
	struct inventory_obs *seen_inventory;
	struct assert_obs *seen_assertion;
	struct backup_obs *seen_backup;
	struct config_table evidence_table[4]; /* what a completion is held against */
	struct observation *evidence_observation[4];
	struct eval_evidence evidence[4];
	struct verdict *before; /* owned; input.before */
	struct eval_input input;
};

/** A target of @p kind, looked at now. The table: column method, loaded an hour ago, 1204 rows, no
 * limit. The completion: 2 keys, both done. The inventory: 10 objects, all there. The assertion:
 * rows = 0, none. The backup: of 05:00 today and yesterday, complete, with metadata. */
void data_world_init(struct data_world *world, enum target_kind kind);
void data_world_done(struct data_world *world);

/** "2026-11-20T11:30" as UTC. */
int64_t data_time(const char *text);

/** The table, or the completion, is expected so. */
void data_expect(struct data_world *world, const char *cron, const char *holidays,
		 int64_t grace_ms);
/** Replace the observation by one that failed. */
void data_fail(struct data_world *world, enum fault_class class, const char *message);
/** It is @p text (data_time()); what was seen stays seen when it was. */
void data_at(struct data_world *world, const char *text);
/** It is @p text, and everything is seen anew. */
void data_look(struct data_world *world, const char *text);
/** As data_look(), and the newest load of the table is of @p loaded. */
void data_load(struct data_world *world, const char *text, const char *loaded);

/** A partition at the end. */
void data_partition(struct data_world *world, const char *id, const char *start, int64_t rows);
/** The partition method, without any partition. */
void data_by_partition(struct data_world *world);

void data_key(struct data_world *world, const char *name, bool present, bool done);
/** Evidence of @p key: a table that is as @p state says: OK (fresh), PENDING (late, inside its
 * grace), UNKNOWN (fault), DRIFT (stale). */
void data_evidence(struct data_world *world, const char *key, enum state state);

struct backup_folder *data_folder(struct data_world *world, const char *name, const char *at);
void data_backup_table(struct backup_folder *folder, const char *name, int64_t rows);

void data_difference(struct data_world *world, enum inventory_change change, const char *type,
		     const char *object);

struct verdict *data_judge(struct data_world *world);
/** Judge; it must be @p state with @p code (NONE: no reason); what came is what was before from now
 * on. */
void data_expect_state(struct data_world *world, enum state state, enum reason_code code,
		       const char *file, int line);
#define EXPECT(world, state, code) data_expect_state(world, state, code, __FILE__, __LINE__)

const struct reason *data_reason(const struct verdict *verdict, enum reason_code code);
/** Text of a reason's datum; NULL. */
const char *data_reason_text(const struct reason *reason, const char *name);
int64_t data_reason_number(const struct reason *reason, const char *name);
/** Number (or time) of the detail; -7: it is not there. */
int64_t data_detail_number(const struct verdict *verdict, const char *name);
const char *data_detail_text(const struct verdict *verdict, const char *name);

#endif
