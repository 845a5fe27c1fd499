/* query - the query part of a URI (after "?") as names and values, bounded and strict. Pure: any
 * thread. application/x-www-form-urlencoded as the URL standard parses it, but what is malformed is
 * refused instead of repaired. */
#ifndef DRIFT_QUERY_H
#define DRIFT_QUERY_H

#include "base.h"

/** Most parameters in one request: enough to gate a few hundred targets by name. */
#define QUERY_PAIRS_MAX 512

/** Both are decoded, valid UTF-8 without control characters. */
struct query_pair {
	const char *name;
	const char *value; /* "" for "?name" and "?name=" */
};

struct query {
	char *text; /* what the pairs point into */
	struct query_pair *pairs;
	size_t count;
};

/**
 * @param text       what stands behind "?"; NULL: nothing. Copied.
 * @param ret_query  caller frees what it holds with query_done(); set on success only.
 * @param error      DRIFT_ERROR_INVALID (broken escape, not UTF-8, control characters) or
 *                   DRIFT_ERROR_TOO_LARGE (too many).
 */
MUST_CHECK bool query_parse(const char *text, struct query *ret_query, GError **error);
void query_done(struct query *query);

/** First value of @p name, or NULL. Borrowed. */
const char *query_text(const struct query *query, const char *name);

/** "1" and "true" are true, absent and anything else false (the router has refused anything else).
 */
bool query_flag(const struct query *query, const char *name);

/** A number the router has checked; @p fallback when absent. */
int64_t query_number(const struct query *query, const char *name, int64_t fallback);

/** Is there no @p name at all, or one with this @p value? What filters ask. */
bool query_allows(const struct query *query, const char *name, const char *value);

/**
 * Decode percent escapes in place; with @p plus "+" becomes a space. False when an escape is broken
 * or the result holds control characters (NUL too) or is not UTF-8; @p text is then undefined.
 */
MUST_CHECK bool query_unescape(char *text, bool plus);

#endif
