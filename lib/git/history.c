/* history - see history.h */
#include "git/history.h"

#include "drift_error.h"

struct history {
	struct graph *graph;
	struct treediff *diff;
	guint limit;
	int32_t chunk;
	GArray *changes; /* struct change, of positions first..head */
	int32_t first;   /* oldest position kept; one past the head: none */
	bool full;       /* older ones do not fit */
	struct bits present;
	git_oid present_tree; /* what present describes */
	bool present_known;
};

struct history *history_create(struct graph *graph, struct treediff *diff)
{
	struct history *history = g_new0(struct history, 1);

	history->graph = graph;
	history->diff = diff;
	history->limit = HISTORY_CHANGES_MAX;
	history->chunk = HISTORY_CHUNK_COMMITS;
	history->changes = g_array_sized_new(FALSE, FALSE, sizeof(struct change), 256);
	return history;
}

void history_free(struct history *history)
{
	if (!history)
		return;
	g_array_unref(history->changes);
	bits_clear(&history->present);
	g_free(history);
}

void history_set_limit(struct history *history, guint changes, int32_t chunk_commits)
{
	history->limit = changes;
	history->chunk = chunk_commits;
}

int32_t history_chunk(const struct history *history)
{
	return history->chunk;
}

/* Trees of a position and of its first parent; the parent's is absent at the root. */
static bool find_trees(struct history *history, int32_t position, git_oid *ret_from, bool *ret_root,
		       git_oid *ret_to, GError **error)
{
	uint32_t commit = graph_at(history->graph, position);
	uint32_t parent = 0;

	if (!graph_tree(history->graph, commit, ret_to, error) ||
	    !graph_first_parent(history->graph, commit, &parent, error))
		return false;
	*ret_root = parent == 0;
	return parent == 0 || graph_tree(history->graph, parent, ret_from, error);
}

bool history_compute(struct history *history, int32_t first, int32_t last, GArray *out,
		     GError **error)
{
	guint before = out->len;

	for (int32_t position = first; position <= last; position++) {
		git_oid from = {0};
		git_oid to = {0};
		bool root = false;

		if (!find_trees(history, position, &from, &root, &to, error) ||
		    !treediff_run(history->diff, root ? NULL : &from, &to, position, out, error)) {
			g_array_set_size(out, before);
			return false;
		}
	}
	return true;
}

/* Index of the first change of @p position or later. */
static guint find_change(const struct history *history, int32_t position)
{
	guint low = 0;
	guint high = history->changes->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(history->changes, struct change, middle).position < position)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Beyond the bound the older half goes, so that this is rare. */
static void drop_oldest(struct history *history)
{
	guint cut;

	if (history->changes->len <= history->limit)
		return;
	cut = history->changes->len - history->limit / 2;
	history->first = g_array_index(history->changes, struct change, cut - 1).position + 1;
	g_array_remove_range(history->changes, 0, find_change(history, history->first));
}

/* Nothing is kept: what comes is. */
static void restart(struct history *history)
{
	g_array_set_size(history->changes, 0);
	history->first = graph_head_position(history->graph) + 1;
	history->full = false;
}

bool history_follow_head(struct history *history, int32_t kept, GError **error)
{
	int32_t head = graph_head_position(history->graph);

	if (kept == GRAPH_NO_POSITION || kept + 1 < history->first || history->changes->len == 0) {
		restart(history);
		return true;
	}
	g_array_set_size(history->changes, find_change(history, kept + 1));
	if (!history_compute(history, kept + 1, head, history->changes, error)) {
		restart(history);
		return false;
	}
	drop_oldest(history);
	return true;
}

int32_t history_first_kept(const struct history *history)
{
	return history->first;
}

/* One step back: the changes of at most one chunk of commits before those kept. */
static bool keep_older(struct history *history, int32_t position, GError **error)
{
	g_autoptr(GArray) older = g_array_new(FALSE, FALSE, sizeof(struct change));
	int32_t from = MAX(position, history->first - history->chunk);

	if (!history_compute(history, from, history->first - 1, older, error))
		return false;
	history->full = (size_t)history->changes->len + older->len > history->limit;
	if (history->full)
		return true;
	if (older->len > 0)
		g_array_prepend_vals(history->changes, older->data, older->len);
	history->first = from;
	return true;
}

bool history_need(struct history *history, int32_t position, GError **error)
{
	if (!graph_load_line(history->graph, position, error))
		return false;
	position = MAX(position, graph_line_bottom(history->graph));
	while (!history->full && history->first > position) {
		if (!keep_older(history, position, error))
			return false;
	}
	return true;
}

const struct change *history_kept(const struct history *history, int32_t first, size_t *ret_count)
{
	guint from = find_change(history, first);

	g_assert(first >= history->first);
	*ret_count = history->changes->len - from;
	return &g_array_index(history->changes, struct change, 0) + from;
}

static void apply_present(struct history *history, const GArray *changes)
{
	for (guint i = 0; i < changes->len; i++) {
		const struct change *change = &g_array_index(changes, struct change, i);

		if (change->to != 0)
			bits_add(&history->present, change->path);
		else
			bits_remove(&history->present, change->path);
	}
}

const struct bits *history_present(struct history *history, GError **error)
{
	g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(struct change));
	git_oid tree = {0};

	if (!graph_tree(history->graph, graph_head(history->graph), &tree, error) ||
	    !treediff_run(history->diff, history->present_known ? &history->present_tree : NULL,
			  &tree, 0, changes, error))
		return NULL;
	apply_present(history, changes);
	history->present_tree = tree;
	history->present_known = true;
	return &history->present;
}
