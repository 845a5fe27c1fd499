/* select - which targets a request is about: filters, and one page of what they leave. Pure: any
 * thread. */
#ifndef DRIFT_SELECT_H
#define DRIFT_SELECT_H

#include "base.h"
#include "api/query.h"
#include "api/snapshot.h"

/** A page of targets. Free with select_page_done(). */
struct select_page {
	GPtrArray *items;  /* const struct verdict *, borrowed from the snapshot, in its order */
	int64_t selected;  /* on all pages together */
	char *next_cursor; /* NULL: nothing follows */
};

/** Filters that a target may not pass, as bits. */
enum select_filter {
	SELECT_FILTER_STATE = 1,
	SELECT_FILTER_KIND = 2,
	SELECT_FILTER_PRIORITY = 4,
	SELECT_FILTER_OWNER = 8,
	SELECT_FILTER_REPO = 16,
	SELECT_FILTER_SEARCH = 32,
};

/** Which of the filters in @p query (kind, priority, state, owner, repo, q) @p verdict does not pass;
 * 0: none. q is part of its id, owner, description or repo, whatever the case. */
unsigned select_misses(const struct verdict *verdict, const struct query *query);

/** DRIFT_ERROR_INVALID: @p query has an owner that no target has, or a repo that is not in the
 * configuration: the caller's mistake, never "nothing has drifted". */
MUST_CHECK bool select_check_names(const struct snapshot *snapshot, const struct query *query,
				   GError **error);

/**
 * The targets that @p query asks /drift for: all, kind, priority, state, owner, repo, q, limit,
 * cursor. Without all and state: those that are pending, unknown or drift.
 *
 * @param error  DRIFT_ERROR_INVALID: an owner that no target has, a repo that is not in the
 *               configuration, a cursor that is none.
 */
MUST_CHECK bool select_drift(const struct snapshot *snapshot, const struct query *query,
			     struct select_page *ret_page, GError **error);
void select_page_done(struct select_page *page);

/**
 * The targets that @p query asks /gate for: target (id or name), kind, priority.
 *
 * @param error  DRIFT_ERROR_INVALID: an unknown target, or nothing is selected;
 *               DRIFT_ERROR_AMBIGUOUS: a name that several have.
 * @return const struct verdict *, borrowed from the snapshot, in its order; caller unrefs.
 */
MUST_CHECK GPtrArray *select_gate(const struct snapshot *snapshot, const struct query *query,
				  GError **error);

/** Is it one of those that /drift shows unasked? */
bool select_is_not_ok(const struct verdict *verdict);

#endif
