/* eval_world - everything a verdict follows from, made by hand for the tests of evaluation: a Cloud
 * Run service whose one revision runs a commit in sync with the head, until a test changes it. */
#ifndef DRIFT_TEST_EVAL_WORLD_H
#define DRIFT_TEST_EVAL_WORLD_H

#include "config/config.h"
#include "eval/service.h"

#define WORLD_HEAD "18f6ecfe00000000000000000000000000000000"
#define WORLD_DEPLOYED "1a2b3c4d00000000000000000000000000000000"
#define WORLD_OTHER "9f8e7d6c00000000000000000000000000000000"
#define WORLD_OLDEST "0abc1234000000000000000000000000000000aa"
#define WORLD_DIGEST "sha256:7d00"

/** 2026-11-20T11:00:03Z: now, and when everything was observed and fetched. */
#define WORLD_NOW_MS INT64_C(1795172403000)
#define WORLD_MONO_MS INT64_C(5000000)

struct world {
	struct config_repo repo;
	struct config_service service;
	struct git_head git_head;
	struct head_state head;
	struct git_answer answer;
	struct observation *observation;
	struct service_obs *seen;      /* the observation's */
	struct revision_obs *revision; /* the first */
	GPtrArray *past;
	GPtrArray *strings;     /* what the configuration's arrays borrow */
	struct verdict *before; /* owned; input.before */
	struct eval_input input;
};

void world_init(struct world *world);
void world_done(struct world *world);

/** Replace the observation by one that failed. */
void world_fail(struct world *world, enum fault_class class, int status, const char *permission);

/** A marker at the end of @p revision's. */
struct marker *world_mark(struct revision_obs *revision, const char *source, const char *value);
/** Drop the markers the revision has. */
void world_unmark(struct world *world);
/** What git says about @p text. @p sha NULL: not FOUND. */
struct git_resolution *world_resolve(struct world *world, const char *text,
				     enum git_resolution_status status, const char *sha);
/** The comparison of the deployed commit; made as in sync. */
struct git_comparison *world_compare(struct world *world, const char *sha);
/** The deployed commit is @p topology with @p commits undeployed and other content. */
void world_move(struct world *world, enum git_topology topology, int64_t commits,
		int64_t first_seen_ms);
/** Another serving revision with its commit as label. */
struct revision_obs *world_split(struct world *world, const char *name, int percent,
				 const char *sha);
void world_add_past(struct world *world, const char *sha, const char *digest, const char *revision,
		    int64_t seen_wall_ms);
void world_miss_path(struct world *world, const char *pattern, bool existed, bool known);
struct git_commit *world_commit(const char *sha, int64_t committed_ms, int64_t first_seen_ms);

struct verdict *world_judge(struct world *world);
/** Judge, let the clocks go on by @p ms, and let the result be what was before. */
void world_pass(struct world *world, int64_t ms);
/** As world_pass(), and everything is observed and fetched anew then. */
void world_observe_again(struct world *world, int64_t ms);

const struct reason *world_reason(const struct verdict *verdict, enum reason_code code);
/** Text of a reason's datum; NULL. */
const char *world_datum(const struct reason *reason, const char *name);

#endif
