/* data - verdicts about data: tables, completion documents, inventories, assertions, backups. Pure functions of the
 * input; DESIGN 7 and 8. */
#ifndef DRIFT_EVAL_DATA_H
#define DRIFT_EVAL_DATA_H

#include "eval/input.h"

/** The verdict of @p input->target, of any kind. Never NULL; one reference. */
struct verdict *eval_target(const struct eval_input *input);

/**
 * Where the budget of bytes is spent, metadata stands in for the query of method = column. It adds findings (stale, late,
 * empty; too_few_rows when the whole table has too few, whatever the filter) and clears none: as long as the newest look by
 * query found anything at all, what metadata finds well is unknown, over_budget.
 */
struct verdict *eval_table(const struct eval_input *input);
struct verdict *eval_completion(const struct eval_input *input);
struct verdict *eval_inventory(const struct eval_input *input);
struct verdict *eval_assert(const struct eval_input *input);
struct verdict *eval_backup(const struct eval_input *input);

/** Does @p condition hold? @p value is text of a number (CONDITION_SUBJECT_VALUE). Numbers are compared as they are written,
 * in condition.text too: exactly, whatever their size. DRIFT_ERROR_INVALID when it is no number. */
MUST_CHECK bool eval_condition(const struct config_condition *condition, int64_t rows,
			       const char *value, bool *ret_holds, GError **error);

#endif
