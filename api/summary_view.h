/* summary_view - figures of a period as the API shows them, as JSON and as text. Pure: any thread.
 * DESIGN 11. */
#ifndef DRIFT_SUMMARY_VIEW_H
#define DRIFT_SUMMARY_VIEW_H

#include "base.h"
#include "api/summary.h"
#include "json.h"

/** Add the members of @p summary, of a period of @p span_ms, to @p object. */
void summary_view_add(json_object *object, const struct summary *summary, int64_t span_ms);

/** So many in @p span_ms, a day: with two digits behind the point; JSON null for none. Caller owns. */
json_object *summary_view_per_day(int64_t count, int64_t span_ms);

/** Lines for people. */
void summary_view_append(GString *to, const struct summary *summary);

#endif
