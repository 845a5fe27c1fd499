/* verdict_json - the one rendering of verdicts as JSON (DESIGN 9) and the way back for what was
 * stored. Pure: any thread. */
#ifndef DRIFT_VERDICT_JSON_H
#define DRIFT_VERDICT_JSON_H

#include "eval/verdict.h"
#include "json.h"

/** One line of /status targets. Caller owns. */
json_object *verdict_to_status_json(const struct verdict *verdict, int64_t now_wall_ms);

/** How much is shown of the lists of a verdict. */
enum verdict_extent {
	VERDICT_EXTENT_NONE = 0,
	VERDICT_EXTENT_SHORT, /* in lists of targets: VERDICT_COMMITS_SHORT undeployed commits,
				 VERDICT_DETAIL_SHORT rows of its detail */
	VERDICT_EXTENT_FULL,  /* one target by itself: all that it has */
};

/** Undeployed commits that lists of targets show. */
#define VERDICT_COMMITS_SHORT 5

/** One item of /drift: the line of /status plus the rest. Caller owns. */
json_object *verdict_to_drift_json(const struct verdict *verdict, int64_t now_wall_ms,
				   enum verdict_extent extent);

/** The facts for the store and for ETags: all of it except what moves with the clock (observed,
 * expires, ages). Caller frees. */
char *verdict_facts_json(const struct verdict *verdict);

/** Back from verdict_facts_json(); times come separately. DRIFT_ERROR_CORRUPT names what is wrong.
 */
MUST_CHECK struct verdict *verdict_from_facts_json(const char *text, GError **error);

/** Back from a /drift item (what another driftd answered), for the command line's tables.
 * DRIFT_ERROR_INVALID. */
MUST_CHECK struct verdict *verdict_from_drift_json(json_object *item, GError **error);

/** {"sha","short","subject","author","committed_at"}. Caller owns. */
json_object *git_commit_to_json(const struct git_commit *commit);

#endif
