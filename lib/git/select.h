/* select - which paths of a repository belong to which services. A path is held against a pattern
 * once, however many services use it and however often they ask. One thread. */
#ifndef DRIFT_GIT_SELECT_H
#define DRIFT_GIT_SELECT_H

#include "base.h"
#include "git/bits.h"
#include "git/intern.h"

struct select;
struct select_set;

/** Sets kept; beyond, all are dropped and made anew when asked for. */
#define SELECT_SETS_MAX 20000

/** Nothing is selected yet. @p paths is borrowed for its life. */
struct select *select_create(const struct intern *paths);
void select_free(struct select *select);

/** Are there too many sets? Then select_trim() drops them all, while none is in use. */
bool select_is_full(const struct select *select);
void select_trim(struct select *select);

/**
 * The set of these patterns (NULL-terminated).
 *
 * @param error  INVALID, TOO_LARGE.
 * @return borrowed until select_trim().
 */
MUST_CHECK struct select_set *select_get(struct select *select, char *const *patterns,
					 GError **error);

/** Its paths (numbers), of all that have a number now. Borrowed until the next call. */
const struct bits *select_paths(struct select *select, struct select_set *set);

/** How many patterns it has, the given ones only. */
size_t select_pattern_count(const struct select_set *set);

/** Pattern @p index as given, and whether it is a "!" one. Borrowed. */
const char *select_pattern(const struct select_set *set, size_t index);
bool select_is_negative(const struct select_set *set, size_t index);

/** The paths pattern @p index matches by itself. Borrowed until the next call. */
const struct bits *select_pattern_paths(struct select *select, const struct select_set *set,
					size_t index);

/** Does pattern @p index by itself match @p path, and the bytes all it matches begin with. */
bool select_pattern_matches(const struct select_set *set, size_t index, const char *path);
const char *select_pattern_prefix(const struct select_set *set, size_t index);

#endif
