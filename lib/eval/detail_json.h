/* detail_json - what a verdict about data rests on as JSON: as it is served, as it is stored, and both
 * ways back. Part of verdict_json; nobody else includes this. Pure: any thread.
 *
 * Stored: {"name","data":[{"name","text"|"number"|"boolean"|"time_ms"} …],"aged_ms","list","table",
 * "columns":[…],"rows":[[…] …],"rows_total"}: types are told, times are whole. Served: see struct
 * verdict_detail. What a column holds is told by its cells, in both: numbers, booleans, or texts; those of a "table" are
 * texts. */
#ifndef DRIFT_EVAL_DETAIL_JSON_H
#define DRIFT_EVAL_DETAIL_JSON_H

#include "eval/verdict.h"
#include "eval/verdict_json.h"

/** Member of stored facts. */
#define DETAIL_MEMBER "detail"

/** Members of a served detail that are not its data. */
#define DETAIL_AGE "age_s"
#define DETAIL_COLUMNS "columns"
#define DETAIL_TOTAL_SUFFIX "_total"

/** Cells of booleans. */
#define DETAIL_YES "yes"
#define DETAIL_NO "no"

/** What is written stays within these, and what is read is refused beyond them. */
#define DETAIL_DATA_MAX 64u
#define DETAIL_COLUMNS_MAX 100u
#define DETAIL_ROWS_MAX 1000u

/** Longest text of a datum or a cell: the rest is cut off. */
#define DETAIL_TEXT_MAX_BYTES 4096

/** Add the member as it is served, named after the detail; a NULL @p detail adds nothing. */
void detail_add_served(json_object *object, const struct verdict_detail *detail,
		       int64_t now_wall_ms, enum verdict_extent extent);

/** As it is stored; NULL for NULL. Caller owns. */
json_object *detail_to_facts_json(const struct verdict_detail *detail);

/** Back into @p verdict from the member DETAIL_MEMBER of stored facts, or where there is none from
 * the one a /drift item has; neither: no detail. DRIFT_ERROR_INVALID. */
MUST_CHECK bool detail_read(json_object *object, struct verdict *verdict, GError **error);

#endif
