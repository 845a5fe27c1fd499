/* verdict_text - verdicts as aligned plain text: one rendering for curl, the command line and
 * pipes. Everything from outside is escaped for terminals. Pure: any thread. */
#ifndef DRIFT_VERDICT_TEXT_H
#define DRIFT_VERDICT_TEXT_H

#include "eval/verdict.h"

/** First line of every list: "drift  score 81  evaluated 15 of 15: 12 ok, 1 pending, 0 unknown, 2
 * drift, 0 paused". Caller frees. */
char *verdict_text_headline(const struct tally *tally, bool colour);

/**
 * STATE PRIORITY TARGET DEPLOYED HEAD SUMMARY SINCE, a line each, columns aligned by display width;
 * with @p reasons each verdict that is not ok is followed by indented lines: its reasons, undeployed
 * commits or rows of its detail (first 5) and the command that mends it.
 *
 * @param verdicts  const struct verdict *, shown in the given order.
 */
char *verdict_text_table(const GPtrArray *verdicts, int64_t now_wall_ms, bool reasons, bool colour);

/** One target in full: reasons, evidence, settings, undeployed commits and detail (all listed), last
 * known, command. Caller frees. */
char *verdict_text_detail(const struct verdict *verdict, int64_t now_wall_ms, bool colour);

#endif
