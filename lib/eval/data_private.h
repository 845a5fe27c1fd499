/* data_private - what the verdicts of data kinds share. Pure: any thread. */
#ifndef DRIFT_EVAL_DATA_PRIVATE_H
#define DRIFT_EVAL_DATA_PRIVATE_H

#include "eval/data.h"
#include "eval/due.h"
#include "eval/frame.h"

/** What is dated further ahead than this was not written by a clock that is merely a little fast. */
#define DATA_FUTURE_MS (5 * MS_PER_MINUTE)

/** Was the target looked at? Otherwise the reason is added, and what was seen last stays in the detail. */
bool data_is_seen(struct finding_sink *sink);

/** Keep the detail of the verdict before, if it has that name, else begin one. Borrowed. */
struct verdict_detail *data_keep_detail(struct finding_sink *sink, const char *name);

/**
 * The state of what the clock alone makes drift at @p drift_wall_ms. Pending until then; and as long as the newest
 * look is from before, until the next one is overdue: what was owed may have come since.
 */
enum state data_clock_state(struct finding_sink *sink, int64_t drift_wall_ms);

/** not_due: active-when said so. Waives, and tells in the detail, which is there; so is @p cost, that of asking. */
void data_add_not_active(struct finding_sink *sink, struct due *due, struct data_cost cost);

/** Does @p verdict say so? */
bool data_is_not_active(const struct verdict *verdict);

/** not_due, in the words of @p why. */
void data_add_not_due(struct finding_sink *sink, const struct due *due, const char *why);

/** expected_at, next_expected_at and waived_at, where there is a schedule; replaces what is there. */
void data_add_due(struct verdict_detail *detail, const struct due *due);

/** Replace, or add, a time of @p detail. */
void data_set_time(struct verdict_detail *detail, const char *name, int64_t wall_ms);

/** A number that is not known (negative) is left out. */
void data_add_number(struct verdict_detail *detail, const char *name, int64_t number);

/** Nothing for 0. */
void data_add_time(struct reason *reason, const char *name, int64_t wall_ms);

/** bytes_processed and bytes_billed; replaces what is there. */
void data_add_cost(struct verdict_detail *detail, struct data_cost cost);

/** "s" unless @p count is 1. */
const char *data_plural(int64_t count);

/** Append @p name after a comma to a list that is shown; from the @p max th on only an ellipsis, once. */
void data_append_name(GString *list, guint index, guint max, const char *name);

#endif
