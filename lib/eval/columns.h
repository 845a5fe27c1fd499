/* columns - text in columns as a terminal shows it: aligned by display width, made harmless, cut
 * with an ellipsis. Pure: any thread. */
#ifndef DRIFT_EVAL_COLUMNS_H
#define DRIFT_EVAL_COLUMNS_H

#include "base.h"

/** Columns that @p text takes on a terminal: 2 for wide characters, 0 for combining ones. */
size_t columns_width(const char *text);

/**
 * @p text fit for one cell: bad UTF-8 replaced, control characters escaped, at most @p max columns
 * (the last an ellipsis when cut). NULL gives "-". Caller frees.
 */
char *columns_fit(const char *text, size_t max);

/** Append @p cell and as many spaces as it is narrower than @p width. */
void columns_append(GString *to, const char *cell, size_t width);

#endif
