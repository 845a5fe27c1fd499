/* data - verdicts about data: tables, completion documents, inventories, assertions, backups. Pure functions of the
 * input; DESIGN 7 and 8. */
#ifndef DRIFT_EVAL_DATA_H
#define DRIFT_EVAL_DATA_H

#include "eval/input.h"

/** The verdict of @p input->target, of any kind. Never NULL; one reference. */
struct verdict *eval_target(const struct eval_input *input);

struct verdict *eval_table(const struct eval_input *input);
struct verdict *eval_completion(const struct eval_input *input);
struct verdict *eval_inventory(const struct eval_input *input);
struct verdict *eval_assert(const struct eval_input *input);
struct verdict *eval_backup(const struct eval_input *input);

/** What a table says about a key of a completion document: before confirm, and without the verdict before. */
enum table_health {
	TABLE_HEALTH_NONE = 0,
	TABLE_HEALTH_FRESH, /* also when only warn-after has passed, or nothing is due */
	TABLE_HEALTH_BAD,   /* stale, late, empty, too few rows, missing */
	TABLE_HEALTH_UNKNOWN,
};

/** @p ret_why says it in a few words ("stale: last load 26 h ago"). Caller frees. */
enum table_health eval_table_health(const struct config_table *table,
				    const struct observation *observation, int64_t now_wall_ms,
				    char **ret_why);

/** Does @p condition hold? @p value is text of a number (CONDITION_SUBJECT_VALUE); integers are compared exactly. DRIFT_ERROR_INVALID when it is
 * no number. */
MUST_CHECK bool eval_condition(const struct config_condition *condition, int64_t rows,
			       const char *value, bool *ret_holds, GError **error);

#endif
