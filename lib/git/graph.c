/* graph - see graph.h */
#include "git/graph.h"

#include <string.h>

#include "drift_error.h"
#include "git/intern.h"
#include "text.h"

/** Commits are kept in blocks, so that a pointer to one stays good while others are read. */
#define BLOCK_COMMITS 1024

/** The line is loaded in steps that double, from this many commits. */
#define LINE_STEP_MIN 256

/** Longest author name kept, in bytes. */
#define AUTHOR_MAX_BYTES 100

struct commit {
	git_oid tree;
	int64_t committed_ms;
	uint32_t author;     /* number in authors */
	uint32_t parents_at; /* index into parents */
	uint32_t parent_count;
	int32_t position; /* on the line, or GRAPH_NO_POSITION */
	int32_t reach;    /* graph_reach(), when reach_known */
	int32_t intro;    /* off the line: oldest position whose ancestor it is; see intros */
	uint32_t visit;   /* of the latest search that came here */
	bool read;
	bool reach_known;
	bool reach_cut;
};

enum line_end {
	LINE_END_NONE = 0,
	LINE_END_OPEN, /* older commits were not loaded yet */
	LINE_END_ROOT,
	LINE_END_CUT,
};

struct graph {
	struct objects *objects;
	struct intern *ids;
	struct intern *authors;
	GPtrArray *blocks; /* struct commit[BLOCK_COMMITS] */
	GArray *parents;   /* uint32_t, of all commits */
	GArray *line;      /* uint32_t, oldest first; index 0 is at bottom */
	int32_t bottom;
	enum line_end line_end;
	uint32_t visit;
	/* intros: for positions after intro_from the commits each brings in from its other parents
	   are marked with it. Exact for every commit whose reach is intro_from or newer. */
	bool intros_known;
	bool intros_cut;
	int32_t intro_from;
};

struct graph *graph_create(struct objects *objects)
{
	struct graph *graph = g_new0(struct graph, 1);

	graph->objects = objects;
	graph->ids = intern_create(GRAPH_COMMITS_MAX);
	graph->authors = intern_create(GRAPH_COMMITS_MAX);
	graph->blocks = g_ptr_array_new_with_free_func(g_free);
	graph->parents = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	graph->line = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	return graph;
}

void graph_free(struct graph *graph)
{
	if (!graph)
		return;
	intern_free(graph->ids);
	intern_free(graph->authors);
	g_ptr_array_unref(graph->blocks);
	g_array_unref(graph->parents);
	g_array_unref(graph->line);
	g_free(graph);
}

static struct commit *commit_at(const struct graph *graph, uint32_t number)
{
	struct commit *block = g_ptr_array_index(graph->blocks, (number - 1) / BLOCK_COMMITS);

	return &block[(number - 1) % BLOCK_COMMITS];
}

static void add_block(struct graph *graph)
{
	struct commit *block = g_new0(struct commit, BLOCK_COMMITS);

	for (size_t i = 0; i < BLOCK_COMMITS; i++) {
		block[i].position = GRAPH_NO_POSITION;
		block[i].intro = GRAPH_NO_POSITION;
	}
	g_ptr_array_add(graph->blocks, block);
}

uint32_t graph_number(struct graph *graph, const git_oid *id, GError **error)
{
	uint32_t number = intern_put(graph->ids, id->id, GIT_OID_RAWSZ);

	if (number == 0)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "the repository has more than %d commits", GRAPH_COMMITS_MAX);
	else if ((number - 1) / BLOCK_COMMITS == graph->blocks->len)
		add_block(graph);
	return number;
}

git_oid graph_id(const struct graph *graph, uint32_t commit)
{
	git_oid id = {0};

	memcpy(id.id, intern_bytes(graph->ids, commit), GIT_OID_RAWSZ);
	return id;
}

static bool take_parents(struct graph *graph, const struct object_commit *decoded,
			 struct commit *commit, GError **error)
{
	guint at = graph->parents->len;

	for (uint32_t i = 0; i < decoded->parent_count; i++) {
		git_oid id = {0};
		uint32_t number;

		object_commit_parent(decoded, i, &id);
		number = graph_number(graph, &id, error);
		if (number == 0) {
			g_array_set_size(graph->parents, at);
			return false;
		}
		g_array_append_val(graph->parents, number);
	}
	commit->parents_at = at;
	commit->parent_count = decoded->parent_count;
	return true;
}

static bool decode_commit(struct graph *graph, git_odb_object *object, struct commit *commit,
			  GError **error)
{
	struct object_commit decoded = {0};
	g_autofree char *author = NULL;

	if (!object_parse_commit(git_odb_object_data(object), git_odb_object_size(object), &decoded,
				 error)) {
		graph->objects->damaged = true;
		g_prefix_error(error,
			       "read commit %s: ", git_oid_tostr_s(git_odb_object_id(object)));
		return false;
	}
	if (!take_parents(graph, &decoded, commit, error))
		return false;
	author = object_commit_text(&decoded, decoded.author, decoded.author_length,
				    AUTHOR_MAX_BYTES);
	commit->author = intern_put(graph->authors, author, strlen(author));
	commit->tree = decoded.tree;
	commit->committed_ms = decoded.committed_s * MS_PER_S;
	commit->read = true;
	return true;
}

/* The commit, read if it was not yet. NULL with error. */
static struct commit *read_commit(struct graph *graph, uint32_t number, GError **error)
{
	struct commit *commit = commit_at(graph, number);
	git_oid id = graph_id(graph, number);
	git_odb_object *object;

	if (commit->read)
		return commit;
	object = objects_read(graph->objects, &id, GIT_OBJECT_COMMIT, error);
	if (!object)
		return NULL;
	if (!decode_commit(graph, object, commit, error))
		commit = NULL;
	git_odb_object_free(object);
	return commit;
}

static uint32_t parent_at(const struct graph *graph, const struct commit *commit, uint32_t index)
{
	return g_array_index(graph->parents, uint32_t, commit->parents_at + index);
}

bool graph_is_here(const struct graph *graph, uint32_t commit)
{
	git_oid id = graph_id(graph, commit);

	return commit_at(graph, commit)->read || objects_has(graph->objects, &id);
}

bool graph_is_cut(const struct graph *graph, uint32_t commit)
{
	return graph->objects->shallow && !graph_is_here(graph, commit);
}

bool graph_tree(struct graph *graph, uint32_t commit, git_oid *ret_tree, GError **error)
{
	const struct commit *read = read_commit(graph, commit, error);

	if (read)
		*ret_tree = read->tree;
	return read != NULL;
}

bool graph_first_parent(struct graph *graph, uint32_t commit, uint32_t *ret_parent, GError **error)
{
	const struct commit *read = read_commit(graph, commit, error);

	if (read)
		*ret_parent = read->parent_count > 0 ? parent_at(graph, read, 0) : 0;
	return read != NULL;
}

const char *graph_author(const struct graph *graph, uint32_t commit)
{
	uint32_t author = commit_at(graph, commit)->author;

	return author > 0 ? intern_bytes(graph->authors, author) : "";
}

int64_t graph_committed_ms(const struct graph *graph, uint32_t commit)
{
	return commit_at(graph, commit)->committed_ms;
}

/* ---- the line ---- */

/*
 * Follow first parents from @p commit (not on the line) until the line, the root, a cut, or
 * @p limit commits. Appends what was passed to @p chain, newest first.
 *
 * ret_next: the commit that comes next: on the line, beyond the limit or the cut; 0 at the root.
 */
static bool follow_first_parents(struct graph *graph, uint32_t commit, guint limit, GArray *chain,
				 uint32_t *ret_next, GError **error)
{
	while (commit != 0 && chain->len < limit && !graph_is_cut(graph, commit)) {
		const struct commit *read;

		if (commit_at(graph, commit)->position != GRAPH_NO_POSITION)
			break;
		read = read_commit(graph, commit, error);
		if (!read)
			return false;
		g_array_append_val(chain, commit);
		commit = read->parent_count > 0 ? parent_at(graph, read, 0) : 0;
	}
	*ret_next = commit;
	return true;
}

static enum line_end end_of(const struct graph *graph, uint32_t next)
{
	if (next == 0)
		return LINE_END_ROOT;
	return graph_is_cut(graph, next) ? LINE_END_CUT : LINE_END_OPEN;
}

static void reverse(GArray *numbers)
{
	for (guint i = 0; i < numbers->len / 2; i++) {
		uint32_t *low = &g_array_index(numbers, uint32_t, i);
		uint32_t *high = &g_array_index(numbers, uint32_t, numbers->len - 1 - i);
		uint32_t kept = *low;

		*low = *high;
		*high = kept;
	}
}

static void truncate_line(struct graph *graph, guint length)
{
	for (guint i = length; i < graph->line->len; i++)
		commit_at(graph, g_array_index(graph->line, uint32_t, i))->position =
			GRAPH_NO_POSITION;
	g_array_set_size(graph->line, length);
}

static void set_positions(struct graph *graph, guint first, guint count)
{
	for (guint i = first; i < first + count; i++)
		commit_at(graph, g_array_index(graph->line, uint32_t, i))->position =
			graph->bottom + (int32_t)i;
}

static void forget_relations(struct graph *graph)
{
	for (uint32_t number = 1; number <= intern_count(graph->ids); number++) {
		struct commit *commit = commit_at(graph, number);

		commit->reach_known = false;
		commit->intro = GRAPH_NO_POSITION;
	}
	graph->intros_known = false;
}

void graph_forget_missing(struct graph *graph)
{
	forget_relations(graph);
	if (graph->line_end == LINE_END_CUT)
		graph->line_end = LINE_END_OPEN; /* tried again when it is needed */
}

bool graph_set_head(struct graph *graph, const git_oid *id, int32_t *ret_kept, GError **error)
{
	g_autoptr(GArray) chain = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	uint32_t head = graph_number(graph, id, error);
	/* the first head's line is loaded when it is needed, later ones down to the line known */
	guint limit = graph->line->len > 0 ? G_MAXUINT : 1;
	int32_t kept = GRAPH_NO_POSITION;
	uint32_t next = 0;

	if (head == 0 || !read_commit(graph, head, error) ||
	    !follow_first_parents(graph, head, limit, chain, &next, error))
		return false;
	if (next != 0)
		kept = commit_at(graph, next)->position;
	if (kept == GRAPH_NO_POSITION) {
		truncate_line(graph, 0);
		graph->bottom = 0;
		graph->line_end = end_of(graph, next);
	} else {
		truncate_line(graph, (guint)(kept - graph->bottom + 1));
	}
	reverse(chain);
	if (chain->len > 0)
		g_array_append_vals(graph->line, chain->data, chain->len);
	set_positions(graph, graph->line->len - chain->len, chain->len);
	forget_relations(graph);
	*ret_kept = kept;
	return true;
}

uint32_t graph_head(const struct graph *graph)
{
	return graph->line->len ? g_array_index(graph->line, uint32_t, graph->line->len - 1) : 0;
}

int32_t graph_head_position(const struct graph *graph)
{
	return graph->line->len ? graph->bottom + (int32_t)graph->line->len - 1 : GRAPH_NO_POSITION;
}

/* Load as many commits as the line has, so that moving it costs no more than loading. */
static bool extend_line(struct graph *graph, GError **error)
{
	g_autoptr(GArray) chain = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	uint32_t oldest = g_array_index(graph->line, uint32_t, 0);
	uint32_t next = 0;

	if (!graph_first_parent(graph, oldest, &next, error))
		return false;
	if (next != 0 && !follow_first_parents(graph, next, MAX(LINE_STEP_MIN, graph->line->len),
					       chain, &next, error))
		return false;
	reverse(chain);
	if (chain->len > 0)
		g_array_prepend_vals(graph->line, chain->data, chain->len);
	graph->bottom -= (int32_t)chain->len;
	set_positions(graph, 0, chain->len);
	graph->line_end = end_of(graph, next);
	return true;
}

bool graph_load_line(struct graph *graph, int32_t position, GError **error)
{
	while (graph->line_end == LINE_END_OPEN && graph->bottom > position) {
		if (!extend_line(graph, error))
			return false;
	}
	return true;
}

int32_t graph_line_bottom(const struct graph *graph)
{
	return graph->bottom;
}

bool graph_line_is_whole(const struct graph *graph)
{
	return graph->line_end != LINE_END_OPEN;
}

bool graph_line_is_cut(const struct graph *graph)
{
	return graph->line_end == LINE_END_CUT;
}

uint32_t graph_at(const struct graph *graph, int32_t position)
{
	g_assert(position >= graph->bottom && position <= graph_head_position(graph));
	return g_array_index(graph->line, uint32_t, (guint)(position - graph->bottom));
}

bool graph_find(struct graph *graph, uint32_t commit, int32_t *ret_position, GError **error)
{
	const struct commit *known = commit_at(graph, commit);

	while (known->position == GRAPH_NO_POSITION && graph->line_end == LINE_END_OPEN) {
		if (!extend_line(graph, error))
			return false;
	}
	*ret_position = known->position;
	return true;
}

/* ---- reach ---- */

/* A commit on the way, and which of its parents comes next. */
struct frame {
	uint32_t commit;
	uint32_t next;
};

static bool is_reach_known(const struct commit *commit)
{
	return commit->reach_known || commit->position != GRAPH_NO_POSITION;
}

static void join_reach(struct commit *commit, const struct commit *parent)
{
	commit->reach = MAX(commit->reach, parent->position != GRAPH_NO_POSITION ? parent->position
										 : parent->reach);
	if (parent->position == GRAPH_NO_POSITION)
		commit->reach_cut = commit->reach_cut || parent->reach_cut;
}

static bool push_frame(struct graph *graph, GArray *stack, uint32_t number, GError **error)
{
	struct frame frame = {.commit = number};
	struct commit *commit = commit_at(graph, number);

	commit->reach = GRAPH_NO_POSITION;
	commit->reach_cut = graph_is_cut(graph, number);
	if (commit->reach_cut)
		commit->reach_known = true;
	else if (read_commit(graph, number, error))
		g_array_append_val(stack, frame);
	else
		return false;
	return true;
}

/* One step of a walk over all ancestors off the line, parents before children. */
static bool step_reach(struct graph *graph, GArray *stack, GError **error)
{
	struct frame *top = &g_array_index(stack, struct frame, stack->len - 1);
	struct commit *commit = commit_at(graph, top->commit);
	uint32_t parent;

	if (top->next == commit->parent_count) {
		commit->reach_known = true;
		g_array_set_size(stack, stack->len - 1);
		return true;
	}
	parent = parent_at(graph, commit, top->next);
	if (!is_reach_known(commit_at(graph, parent)))
		return push_frame(graph, stack, parent, error);
	join_reach(commit, commit_at(graph, parent));
	top->next++;
	return true;
}

bool graph_reach(struct graph *graph, uint32_t commit, int32_t *ret_position, bool *ret_cut,
		 GError **error)
{
	g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(struct frame));
	const struct commit *known = commit_at(graph, commit);
	int32_t position = GRAPH_NO_POSITION;

	if (!graph_find(graph, commit, &position, error))
		return false;
	if (!is_reach_known(known) && !push_frame(graph, stack, commit, error))
		return false;
	while (stack->len > 0) {
		if (!step_reach(graph, stack, error))
			return false;
	}
	*ret_position = position != GRAPH_NO_POSITION ? position : known->reach;
	/* what is newest cannot be hidden behind anything */
	*ret_cut = position == GRAPH_NO_POSITION && known->reach_cut &&
		   known->reach != graph_head_position(graph);
	return true;
}

/* ---- ancestry ---- */

/* Mark the unmarked ancestors of @p commit that are off the line with @p position. */
static bool mark_intro(struct graph *graph, uint32_t commit, int32_t position, GError **error)
{
	g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(uint32_t));

	g_array_append_val(stack, commit);
	while (stack->len > 0) {
		uint32_t number = g_array_index(stack, uint32_t, stack->len - 1);
		struct commit *at = commit_at(graph, number);

		g_array_set_size(stack, stack->len - 1);
		if (at->position != GRAPH_NO_POSITION || at->intro != GRAPH_NO_POSITION)
			continue;
		if (graph_is_cut(graph, number)) {
			graph->intros_cut = true;
			continue;
		}
		if (!read_commit(graph, number, error))
			return false;
		at->intro = position;
		if (at->parent_count > 0)
			g_array_append_vals(
				stack, &g_array_index(graph->parents, uint32_t, at->parents_at),
				at->parent_count);
	}
	return true;
}

static bool mark_merged(struct graph *graph, int32_t position, GError **error)
{
	const struct commit *merge = commit_at(graph, graph_at(graph, position));

	for (uint32_t i = 1; i < merge->parent_count; i++) {
		if (!mark_intro(graph, parent_at(graph, merge, i), position, error))
			return false;
	}
	return true;
}

/* Make intros exact for commits whose reach is @p from or newer. */
static bool need_intros(struct graph *graph, int32_t from, GError **error)
{
	int32_t head = graph_head_position(graph);
	/* one lower than any position: below the oldest */
	int64_t lowest = (int64_t)graph->bottom - 1;
	int64_t wanted = from == GRAPH_NO_POSITION ? lowest : from;

	if (graph->intros_known && graph->intro_from <= wanted)
		return true;
	if (graph->intros_known) /* twice as far, so that going back step by step stays cheap */
		wanted = head - 2 * (head - wanted);
	for (uint32_t number = 1; number <= intern_count(graph->ids); number++)
		commit_at(graph, number)->intro = GRAPH_NO_POSITION;
	graph->intros_known = false;
	graph->intros_cut = false;
	graph->intro_from = (int32_t)MAX(wanted, lowest);
	for (int32_t position = graph->intro_from + 1; position <= head; position++) {
		if (!mark_merged(graph, position, error))
			return false;
	}
	graph->intros_known = true;
	return true;
}

/* Is @p ancestor among the commits off the line that @p commit descends from? */
static bool search_side(struct graph *graph, uint32_t ancestor, uint32_t commit,
			struct graph_answer *ret_answer, GError **error)
{
	g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(uint32_t));

	graph->visit++;
	g_array_append_val(stack, commit);
	while (stack->len > 0 && !ret_answer->yes) {
		uint32_t number = g_array_index(stack, uint32_t, stack->len - 1);
		struct commit *at = commit_at(graph, number);

		g_array_set_size(stack, stack->len - 1);
		if (at->position != GRAPH_NO_POSITION || at->visit == graph->visit)
			continue;
		at->visit = graph->visit;
		if (graph_is_cut(graph, number)) {
			ret_answer->cut = true;
			continue;
		}
		if (!read_commit(graph, number, error))
			return false;
		ret_answer->yes = number == ancestor;
		if (at->parent_count > 0)
			g_array_append_vals(
				stack, &g_array_index(graph->parents, uint32_t, at->parents_at),
				at->parent_count);
	}
	return true;
}

/* @p ancestor is off the line. */
static bool is_side_ancestor(struct graph *graph, uint32_t ancestor, uint32_t commit,
			     struct graph_answer *ret_answer, GError **error)
{
	int32_t own = GRAPH_NO_POSITION;
	int32_t reach = GRAPH_NO_POSITION;
	int32_t intro;
	bool own_cut = false;
	bool cut = false;

	if (!graph_reach(graph, ancestor, &own, &own_cut, error) ||
	    !graph_reach(graph, commit, &reach, &cut, error) || !need_intros(graph, own, error))
		return false;
	intro = commit_at(graph, ancestor)->intro;
	if (intro != GRAPH_NO_POSITION && reach != GRAPH_NO_POSITION && intro <= reach) {
		ret_answer->yes = true;
		return true;
	}
	ret_answer->cut = cut || graph->intros_cut ||
			  (own == GRAPH_NO_POSITION && graph->line_end == LINE_END_CUT);
	return search_side(graph, ancestor, commit, ret_answer, error);
}

bool graph_is_ancestor(struct graph *graph, uint32_t ancestor, uint32_t commit,
		       struct graph_answer *ret_answer, GError **error)
{
	struct graph_answer answer = {.yes = ancestor == commit};
	int32_t position = GRAPH_NO_POSITION;
	int32_t reach = GRAPH_NO_POSITION;

	if (!answer.yes && !graph_find(graph, ancestor, &position, error))
		return false;
	if (!answer.yes && position == GRAPH_NO_POSITION &&
	    !is_side_ancestor(graph, ancestor, commit, &answer, error))
		return false;
	if (!answer.yes && position != GRAPH_NO_POSITION) {
		if (!graph_reach(graph, commit, &reach, &answer.cut, error))
			return false;
		answer.yes = reach >= position;
	}
	if (answer.yes)
		answer.cut = false;
	*ret_answer = answer;
	return true;
}
