/* relation - a deployed commit D held against the head H under a set of paths: the content rule of
 * DESIGN 6. What several services share (the trees of D and H, the changes between them) is
 * computed once. One thread. */
#ifndef DRIFT_GIT_RELATION_H
#define DRIFT_GIT_RELATION_H

#include "base.h"
#include "git/answer.h"
#include "git/graph.h"
#include "git/history.h"
#include "git/select.h"
#include "git/treediff.h"

struct relation;

/** Most first-parent commits from H to D that are counted, when D is not on H's line. */
#define RELATION_AHEAD_MAX 50000

/** Distinct authors given. */
#define RELATION_AUTHORS_MAX 20

/** One comparison to make, and what came of it. */
struct relation_job {
	struct select_set *set; /* borrowed */
	uint32_t commit;        /* D */
	/* the answer */
	enum git_topology topology;
	bool content_equal;
	int64_t files;
	int64_t behind_commits;
	int64_t ahead_commits;
	int32_t first;  /* oldest position of D..H; GRAPH_NO_POSITION: there is none */
	int32_t oldest; /* oldest undeployed; GRAPH_NO_POSITION: none */
	int32_t newest[GIT_LIST_MAX]; /* of the undeployed, newest first */
	guint newest_count;
	const char *authors[RELATION_AUTHORS_MAX]; /* distinct, newest first; the graph's */
	guint author_count;
	char *why; /* SHALLOW, UNREADABLE; NULL otherwise. Caller frees */
	/* private */
	GArray *differing; /* struct change: where D and the commit reached differ */
	GArray *undeployed;
	int32_t next; /* position to go on from */
};

/** @p graph, @p history, @p diff and @p select are borrowed for its life. */
struct relation *relation_create(struct graph *graph, struct history *history,
				 struct treediff *diff, struct select *select);
void relation_free(struct relation *relation);

/** The head changed, keeping positions up to @p kept (graph_set_head()), or commits arrived. */
void relation_forget(struct relation *relation, int32_t kept);

/** Forget what belongs to sets; before select_trim() and graph renumbering. */
void relation_forget_sets(struct relation *relation);

/** Make all comparisons. Failures are in the jobs. @p jobs: struct relation_job *. */
void relation_compare(struct relation *relation, GPtrArray *jobs);

/** A job for @p set and @p commit. Caller frees. */
struct relation_job *relation_job_create(struct select_set *set, uint32_t commit);
void relation_job_free(struct relation_job *job);

/** Does a path of @p set differ between the trees of two commits? */
MUST_CHECK bool relation_differs(struct relation *relation, struct select_set *set, uint32_t a,
				 uint32_t b, bool *ret_differs, GError **error);

/** Does pattern @p index of @p set, which matches nothing at the head, match a path of @p
 * commit? */
MUST_CHECK bool relation_had_pattern(struct relation *relation, const struct select_set *set,
				     size_t index, uint32_t commit, bool *ret_had, GError **error);

/** How many first-parent commits of @p commit the head lacks, as far as they can be seen. */
MUST_CHECK bool relation_count_ahead(struct relation *relation, uint32_t commit, int64_t *ret_count,
				     GError **error);

/**
 * Position of the newest commit of the line that changes a path of @p set.
 *
 * @param ret_position  GRAPH_NO_POSITION: there is none.
 * @param ret_cut       and history is cut where one may hide.
 */
MUST_CHECK bool relation_last_change(struct relation *relation, struct select_set *set,
				     int32_t *ret_position, bool *ret_cut, GError **error);

#endif
