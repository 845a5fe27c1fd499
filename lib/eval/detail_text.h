/* detail_text - what a verdict about data rests on as text. Part of verdict_text; nobody else includes
 * this. Pure: any thread. */
#ifndef DRIFT_EVAL_DETAIL_TEXT_H
#define DRIFT_EVAL_DETAIL_TEXT_H

#include "eval/verdict.h"

/** All of it: a line each for the data, then the list. A NULL @p detail adds nothing. @p last_wall_ms: the last look, of
 * which it is, where that must be said; 0: it need not. */
void detail_text_append(GString *to, const struct verdict_detail *detail, int64_t last_wall_ms,
			int64_t now_wall_ms);

/** The first @p max rows of its list, aligned, below the names of the columns, and how many more there
 * are; nothing without rows. */
void detail_text_append_rows(GString *to, const char *indent, const struct verdict_detail *detail,
			     guint max);

/** "2026-11-20T11:00:03Z (2 h ago)"; "-" for 0. */
void detail_text_append_time(GString *to, int64_t wall_ms, int64_t now_wall_ms);

#endif
