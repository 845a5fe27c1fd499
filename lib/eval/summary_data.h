/* summary_data - the one line of verdicts about data; see verdict_summary() in verdict.h. Ages are as of the moment it
 * is shown. Pure: any thread. */
#ifndef DRIFT_EVAL_SUMMARY_DATA_H
#define DRIFT_EVAL_SUMMARY_DATA_H

#include "eval/verdict.h"

/** Is @p verdict about data? */
bool summary_data_is_kind(const struct verdict *verdict);

/** Of an ok verdict about data. Caller frees. */
char *summary_data_ok(const struct verdict *verdict, int64_t now_wall_ms);

/** Where @p reason is said in other words than its message; else NULL. Caller frees. */
char *summary_data_reason(const struct verdict *verdict, const struct reason *reason,
			  int64_t now_wall_ms);

#endif
