/* graph - the commits of a repository as far as they were needed, each read once ever; the
 * first-parent line of the head, and how other commits relate to it. Nothing relies on commit
 * times: clocks lie. One thread. DESIGN 6.
 *
 * Commits on the line have positions, one apart, larger is newer. They do not change when the line
 * grows at either end. */
#ifndef DRIFT_GIT_GRAPH_H
#define DRIFT_GIT_GRAPH_H

#include <git2.h>

#include "base.h"
#include "git/object.h"

struct graph;

/** Most commits held of one repository; each costs about 150 bytes. */
#define GRAPH_COMMITS_MAX 3000000

/** No place on the line. */
#define GRAPH_NO_POSITION INT32_MIN

/** A question of ancestry answered. */
struct graph_answer {
	bool yes;
	bool cut; /* not yes, but history is cut (shallow) where a yes could hide */
};

/** An empty graph. @p objects is borrowed for its life; what it reads from may change. */
struct graph *graph_create(struct objects *objects);
void graph_free(struct graph *graph);

/** The graph's number of a commit (1..); it need not exist. 0 with error TOO_LARGE. */
MUST_CHECK uint32_t graph_number(struct graph *graph, const git_oid *id, GError **error);

/** The id of a commit. */
git_oid graph_id(const struct graph *graph, uint32_t commit);

/** Its tree. @p error as graph_set_head(). */
MUST_CHECK bool graph_tree(struct graph *graph, uint32_t commit, git_oid *ret_tree, GError **error);

/** First parent, 0 when there is none. */
MUST_CHECK bool graph_first_parent(struct graph *graph, uint32_t commit, uint32_t *ret_parent,
				   GError **error);

/** Author name (UTF-8, bounded; equal pointers are equal names) and committer time of a commit that
 * was read. Borrowed. */
const char *graph_author(const struct graph *graph, uint32_t commit);
int64_t graph_committed_ms(const struct graph *graph, uint32_t commit);

/** Is the commit here? Looks at what is known already. */
bool graph_is_here(const struct graph *graph, uint32_t commit);

/** Was the commit left out of a shallow clone? (It is not here, and that is expected.) */
bool graph_is_cut(const struct graph *graph, uint32_t commit);

/**
 * Make @p id the head and follow its first parents back to the line there was.
 *
 * @param ret_kept  newest position of the old line that is still on it; GRAPH_NO_POSITION: none,
 * positions begin anew.
 * @param error     NOT_FOUND, CORRUPT, TOO_LARGE, CANCELLED. The old head then stays.
 */
MUST_CHECK bool graph_set_head(struct graph *graph, const git_oid *id, int32_t *ret_kept,
			       GError **error);

/** Objects may have arrived: what was concluded from missing ones is forgotten. */
void graph_forget_missing(struct graph *graph);

/** The head's number and position. 0 and GRAPH_NO_POSITION before graph_set_head(). */
uint32_t graph_head(const struct graph *graph);
int32_t graph_head_position(const struct graph *graph);

/** Load the line down to @p position, or to its end. @p error as graph_set_head(). */
MUST_CHECK bool graph_load_line(struct graph *graph, int32_t position, GError **error);

/** The oldest position loaded, and whether it is the line's oldest, or a cut. */
int32_t graph_line_bottom(const struct graph *graph);
bool graph_line_is_whole(const struct graph *graph);
bool graph_line_is_cut(const struct graph *graph);

/** The commit at a loaded position. */
uint32_t graph_at(const struct graph *graph, int32_t position);

/** Position of @p commit on the line; GRAPH_NO_POSITION when it is not on it. Loads what it
 * needs. */
MUST_CHECK bool graph_find(struct graph *graph, uint32_t commit, int32_t *ret_position,
			   GError **error);

/**
 * The newest commit of the line that is @p commit or an ancestor of it.
 *
 * @param ret_position  GRAPH_NO_POSITION: none.
 * @param ret_cut       history is cut on the way: a newer one may be hidden.
 */
MUST_CHECK bool graph_reach(struct graph *graph, uint32_t commit, int32_t *ret_position,
			    bool *ret_cut, GError **error);

/** Is @p ancestor an ancestor of @p commit, or that itself? */
MUST_CHECK bool graph_is_ancestor(struct graph *graph, uint32_t ancestor, uint32_t commit,
				  struct graph_answer *ret_answer, GError **error);

#endif
