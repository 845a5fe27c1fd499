/* cursor - opaque marks of a place in a list, that stay right while the list changes: they hold the
 * keys of the last thing shown, not its number. Pure: any thread. */
#ifndef DRIFT_CURSOR_H
#define DRIFT_CURSOR_H

#include "base.h"
#include "eval/verdict.h"

/** Longest cursor accepted: a target's id is at most 112 bytes. */
#define CURSOR_MAX_BYTES 400

/** Behind @p verdict in the order of verdict_compare(). Caller frees. */
char *cursor_of_verdict(const struct verdict *verdict);

/** Row ids below which a page of history starts; 0: at the newest, 1: nothing is left. */
struct cursor_history {
	int64_t transition;
	int64_t deployment;
	int64_t sample;
};

/** Caller frees. */
char *cursor_of_history(const struct cursor_history *place);

/** The keys of a cursor made by cursor_of_verdict(): id, state, priority and since are set; free
 * with verdict_unref(). DRIFT_ERROR_INVALID. */
MUST_CHECK struct verdict *cursor_parse_verdict(const char *cursor, GError **error);

/** DRIFT_ERROR_INVALID. */
MUST_CHECK bool cursor_parse_history(const char *cursor, struct cursor_history *ret_place,
				     GError **error);

/** Lists whose places are the ids of their rows. */
enum cursor_list {
	CURSOR_LIST_NONE = 0,
	CURSOR_LIST_INCIDENTS,
	CURSOR_LIST_SILENCES,
	CURSOR_LIST_NOTIFICATIONS,
};

/** Below @p id, which was the last shown. Caller frees. */
char *cursor_of_id(enum cursor_list list, int64_t id);

/** DRIFT_ERROR_INVALID: also a cursor of another list. */
MUST_CHECK bool cursor_parse_id(const char *cursor, enum cursor_list list, int64_t *ret_id,
				GError **error);

#endif
