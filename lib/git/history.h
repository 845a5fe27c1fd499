/* history - what each commit of the head's first-parent line changed, computed once by comparing
 * trees and kept as long as it fits; and what the head's tree holds. One thread. DESIGN 6. */
#ifndef DRIFT_GIT_HISTORY_H
#define DRIFT_GIT_HISTORY_H

#include <git2.h>

#include "base.h"
#include "git/bits.h"
#include "git/graph.h"
#include "git/treediff.h"

/** Changes kept (16 bytes each). Older ones are computed anew when they are asked for. */
#define HISTORY_CHANGES_MAX 2000000

/** Commits whose changes are computed at a time. */
#define HISTORY_CHUNK_COMMITS 512

struct history;

/** An empty history over @p graph and @p diff, both borrowed for its life. */
struct history *history_create(struct graph *graph, struct treediff *diff);
void history_free(struct history *history);

/** Tests only: keep fewer changes, and compute fewer commits at a time. */
void history_set_limit(struct history *history, guint changes, int32_t chunk_commits);

/** How many commits to compute at a time beyond what is kept. */
int32_t history_chunk(const struct history *history);

/** Call after graph_set_head() with what it gave: drops what left the line, adds what came. */
MUST_CHECK bool history_follow_head(struct history *history, int32_t kept, GError **error);

/** Compute and keep the changes from @p position on, as far back as the bound allows. */
MUST_CHECK bool history_need(struct history *history, int32_t position, GError **error);

/** Oldest position whose changes are kept; one past the head when none are. */
int32_t history_first_kept(const struct history *history);

/** Changes of positions @p first.. up to the head, which are kept. Sorted by position. */
const struct change *history_kept(const struct history *history, int32_t first, size_t *ret_count);

/** Append the changes of positions @p first..@p last to @p out, kept or not. */
MUST_CHECK bool history_compute(struct history *history, int32_t first, int32_t last, GArray *out,
				GError **error);

/** The paths (numbers) in the head's tree. NULL on failure. Borrowed until the head changes. */
MUST_CHECK const struct bits *history_present(struct history *history, GError **error);

#endif
