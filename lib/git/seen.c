/* seen - see seen.h. A head contains a commit of the line when it reaches its position or a newer
 * one, so of each head only that position matters; forced pushes are no special case. */
#include "git/seen.h"

/* Up to which position everything had been seen, and when. */
struct step {
	int32_t position;
	int64_t wall_ms;
};

struct seen {
	struct graph *graph;
	GArray *steps;         /* struct step, by time; positions grow */
	int32_t first;         /* what the very first stored head contains */
	int64_t first_wall_ms; /* when that was seen */
};

/* GRAPH_NO_POSITION when it is not here, or not related. */
static int32_t find_reach(struct graph *graph, const char *sha)
{
	g_autoptr(GError) error = NULL; /* such a head says nothing: dropped */
	int32_t position = GRAPH_NO_POSITION;
	bool cut = false;
	git_oid id;
	uint32_t commit;

	if (git_oid_fromstr(&id, sha) != 0)
		return GRAPH_NO_POSITION;
	commit = graph_number(graph, &id, &error);
	if (commit == 0 || !graph_is_here(graph, commit) ||
	    !graph_reach(graph, commit, &position, &cut, &error))
		return GRAPH_NO_POSITION;
	return position;
}

static void add_head(struct seen *seen, const struct git_seen_head *head)
{
	int32_t position = find_reach(seen->graph, head->sha);
	const struct step *latest =
		seen->steps->len ? &g_array_index(seen->steps, struct step, seen->steps->len - 1)
				 : NULL;
	struct step step = {.position = position, .wall_ms = head->seen_wall_ms};

	if (position != GRAPH_NO_POSITION && (!latest || position > latest->position))
		g_array_append_val(seen->steps, step);
}

struct seen *seen_create(struct graph *graph, const GPtrArray *heads,
			 const struct git_seen_head *now)
{
	struct seen *seen = g_new0(struct seen, 1);
	const struct git_seen_head *first = heads && heads->len ? g_ptr_array_index(heads, 0) : now;

	seen->graph = graph;
	seen->steps = g_array_new(FALSE, FALSE, sizeof(struct step));
	seen->first = find_reach(graph, first->sha);
	seen->first_wall_ms = first->seen_wall_ms;
	for (guint i = 0; heads && i < heads->len; i++)
		add_head(seen, g_ptr_array_index(heads, i));
	add_head(seen, now);
	return seen;
}

void seen_free(struct seen *seen)
{
	if (!seen)
		return;
	g_array_unref(seen->steps);
	g_free(seen);
}

static int64_t find_step(const struct seen *seen, int32_t position)
{
	guint low = 0;
	guint high = seen->steps->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(seen->steps, struct step, middle).position < position)
			low = middle + 1;
		else
			high = middle;
	}
	/* the head of now contains them all */
	g_assert(low < seen->steps->len);
	return g_array_index(seen->steps, struct step, low).wall_ms;
}

int64_t seen_first(const struct seen *seen, int32_t position, bool *ret_is_stored)
{
	int64_t committed_ms;

	*ret_is_stored = seen->first == GRAPH_NO_POSITION || position > seen->first;
	if (*ret_is_stored)
		return find_step(seen, position);
	committed_ms = graph_committed_ms(seen->graph, graph_at(seen->graph, position));
	return MIN(committed_ms, seen->first_wall_ms);
}
