/* relation - see relation.h */
#include "git/relation.h"

#include "drift_error.h"
#include "git/replay.h"

/** Changes of commits off the line kept between questions; beyond, they are computed anew. */
#define CACHED_CHANGES_MAX 1000000

/* All that is known of one D, whatever the paths. Belongs to one head. */
struct deployed {
	enum git_topology topology;
	int32_t start;     /* oldest position of D..H; one past the head: none */
	GArray *differing; /* struct change: D against the commit before start; NULL: none differ */
	GArray *ahead_differing; /* H against the commit before those of H..D */
	GArray *ahead_changes;   /* of the commits of H..D, oldest first */
	char *why;
};

/* Where the search for the newest change of a set stands. */
struct last_change {
	int32_t found;   /* newest change at scanned or older; GRAPH_NO_POSITION: none */
	int32_t scanned; /* newest position looked at */
	bool cut;
};

struct relation {
	struct graph *graph;
	struct history *history;
	struct treediff *diff;
	struct select *select;
	struct replay *replay;
	GHashTable *deployed; /* commit -> struct deployed *, against the head of now */
	GHashTable *pairs;    /* two commits -> GArray of struct change */
	GHashTable *last;     /* struct select_set * -> struct last_change * */
	size_t cached;        /* changes in deployed and pairs */
};

static void free_array(gpointer data)
{
	if (data)
		g_array_unref(data);
}

static void free_deployed(gpointer data)
{
	struct deployed *deployed = data;

	free_array(deployed->differing);
	free_array(deployed->ahead_differing);
	free_array(deployed->ahead_changes);
	g_free(deployed->why);
	g_free(deployed);
}

struct relation *relation_create(struct graph *graph, struct history *history,
				 struct treediff *diff, struct select *select)
{
	struct relation *relation = g_new0(struct relation, 1);

	relation->graph = graph;
	relation->history = history;
	relation->diff = diff;
	relation->select = select;
	relation->replay = replay_create();
	relation->deployed =
		g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_deployed);
	relation->pairs = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_array);
	relation->last = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
	return relation;
}

void relation_free(struct relation *relation)
{
	if (!relation)
		return;
	replay_free(relation->replay);
	g_hash_table_unref(relation->deployed);
	g_hash_table_unref(relation->pairs);
	g_hash_table_unref(relation->last);
	g_free(relation);
}

static void forget_cached(struct relation *relation)
{
	g_hash_table_remove_all(relation->deployed);
	g_hash_table_remove_all(relation->pairs);
	relation->cached = 0;
}

void relation_forget(struct relation *relation, int32_t kept)
{
	GHashTableIter iter;
	gpointer value;

	forget_cached(relation);
	g_hash_table_iter_init(&iter, relation->last);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct last_change *last = value;

		if (kept == GRAPH_NO_POSITION || last->found > kept || last->cut)
			g_hash_table_iter_remove(&iter);
		else
			last->scanned = MIN(last->scanned, kept);
	}
}

void relation_forget_sets(struct relation *relation)
{
	g_hash_table_remove_all(relation->last);
}

struct relation_job *relation_job_create(struct select_set *set, uint32_t commit)
{
	struct relation_job *job = g_new0(struct relation_job, 1);

	job->set = set;
	job->commit = commit;
	job->first = GRAPH_NO_POSITION;
	job->oldest = GRAPH_NO_POSITION;
	return job;
}

void relation_job_free(struct relation_job *job)
{
	if (!job)
		return;
	free_array(job->differing);
	free_array(job->undeployed);
	g_free(job->why);
	g_free(job);
}

/* ---- what is known of a D ---- */

static GArray *new_changes(void)
{
	return g_array_new(FALSE, FALSE, sizeof(struct change));
}

/* What differs between the trees of two commits; 0 stands for the empty tree. NULL on failure. */
static GArray *compare_commits(struct relation *relation, uint32_t from, uint32_t to,
			       GError **error)
{
	g_autoptr(GArray) changes = new_changes();
	git_oid from_tree = {0};
	git_oid to_tree = {0};

	if ((from != 0 && !graph_tree(relation->graph, from, &from_tree, error)) ||
	    (to != 0 && !graph_tree(relation->graph, to, &to_tree, error)) ||
	    !treediff_run(relation->diff, from != 0 ? &from_tree : NULL, to != 0 ? &to_tree : NULL,
			  0, changes, error))
		return NULL;
	relation->cached += changes->len;
	return g_steal_pointer(&changes);
}

static bool set_shallow(struct deployed *deployed)
{
	deployed->topology = GIT_TOPOLOGY_SHALLOW;
	deployed->why =
		g_strdup("the history of this shallow clone ends before the two meet; fetch "
			 "all of it (git fetch --unshallow)");
	return true;
}

/* The first-parent commits of H..D, newest first, and the one before them (0: none). */
static bool collect_ahead(struct relation *relation, uint32_t commit, GArray *chain,
			  uint32_t *ret_base, bool *ret_cut, GError **error)
{
	uint32_t head = graph_head(relation->graph);

	for (*ret_cut = false; commit != 0;) {
		struct graph_answer reached = {0};

		if (graph_is_cut(relation->graph, commit)) {
			*ret_cut = true;
			return true;
		}
		if (!graph_is_ancestor(relation->graph, commit, head, &reached, error))
			return false;
		*ret_cut = reached.cut;
		if (reached.yes || reached.cut)
			break;
		if (chain->len == RELATION_AHEAD_MAX) {
			g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
				    "more than %d commits from the head to it", RELATION_AHEAD_MAX);
			return false;
		}
		g_array_append_val(chain, commit);
		if (!graph_first_parent(relation->graph, commit, &commit, error))
			return false;
	}
	*ret_base = commit;
	return true;
}

/* The changes of each commit of @p chain (newest first), oldest first. */
static bool compute_ahead(struct relation *relation, const GArray *chain, uint32_t base,
			  GArray *changes, GError **error)
{
	uint32_t before = base;

	for (guint i = chain->len; i > 0; i--) {
		uint32_t commit = g_array_index(chain, uint32_t, i - 1);
		git_oid from = {0};
		git_oid to = {0};

		if ((before != 0 && !graph_tree(relation->graph, before, &from, error)) ||
		    !graph_tree(relation->graph, commit, &to, error) ||
		    !treediff_run(relation->diff, before != 0 ? &from : NULL, &to,
				  (int32_t)(chain->len - i), changes, error))
			return false;
		before = commit;
	}
	relation->cached += changes->len;
	return true;
}

/* The other side of the rule: what D has that H lacks. */
static bool learn_ahead(struct relation *relation, uint32_t commit, struct deployed *deployed,
			bool *ret_cut, GError **error)
{
	g_autoptr(GArray) chain = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	uint32_t base = 0;

	if (!collect_ahead(relation, commit, chain, &base, ret_cut, error))
		return false;
	if (*ret_cut)
		return true;
	deployed->ahead_changes = new_changes();
	deployed->ahead_differing =
		compare_commits(relation, graph_head(relation->graph), base, error);
	return deployed->ahead_differing &&
	       compute_ahead(relation, chain, base, deployed->ahead_changes, error);
}

/* D is not on the line: everything starts at B, the newest commit of the line D descends from. */
static bool learn_side(struct relation *relation, uint32_t commit, struct deployed *deployed,
		       GError **error)
{
	struct graph *graph = relation->graph;
	struct graph_answer behind = {0};
	int32_t reach = GRAPH_NO_POSITION;
	bool cut = false;

	if (!graph_reach(graph, commit, &reach, &cut, error) ||
	    !graph_is_ancestor(graph, commit, graph_head(graph), &behind, error))
		return false;
	cut = cut || behind.cut || (reach == GRAPH_NO_POSITION && graph_line_is_cut(graph));
	deployed->topology = behind.yes                            ? GIT_TOPOLOGY_BEHIND
			     : reach == graph_head_position(graph) ? GIT_TOPOLOGY_AHEAD
								   : GIT_TOPOLOGY_DIVERGED;
	cut = cut && deployed->topology != GIT_TOPOLOGY_AHEAD;
	if (!cut && deployed->topology != GIT_TOPOLOGY_BEHIND &&
	    !learn_ahead(relation, commit, deployed, &cut, error))
		return false;
	if (cut) { /* the content still tells whether they are in sync */
		deployed->start = graph_head_position(graph) + 1;
		deployed->differing = compare_commits(relation, commit, graph_head(graph), error);
		return deployed->differing && set_shallow(deployed);
	}
	deployed->start = reach == GRAPH_NO_POSITION ? graph_line_bottom(graph) : reach + 1;
	deployed->differing = compare_commits(
		relation, commit, reach == GRAPH_NO_POSITION ? 0 : graph_at(graph, reach), error);
	return deployed->differing != NULL;
}

static bool learn_deployed(struct relation *relation, uint32_t commit, struct deployed *deployed,
			   GError **error)
{
	int32_t position = GRAPH_NO_POSITION;

	if (!graph_find(relation->graph, commit, &position, error))
		return false;
	if (position == GRAPH_NO_POSITION)
		return learn_side(relation, commit, deployed, error);
	deployed->start = position + 1;
	deployed->topology =
		commit == graph_head(relation->graph) ? GIT_TOPOLOGY_SAME : GIT_TOPOLOGY_BEHIND;
	return true;
}

static const struct deployed *need_deployed(struct relation *relation, uint32_t commit)
{
	gpointer key = GUINT_TO_POINTER(commit);
	struct deployed *deployed = g_hash_table_lookup(relation->deployed, key);
	g_autoptr(GError) error = NULL;

	if (deployed)
		return deployed;
	if (relation->cached > CACHED_CHANGES_MAX)
		forget_cached(relation);
	deployed = g_new0(struct deployed, 1);
	if (!learn_deployed(relation, commit, deployed, &error)) {
		deployed->topology = GIT_TOPOLOGY_UNREADABLE;
		g_free(deployed->why);
		deployed->why = g_strdup(error->message);
	}
	g_hash_table_insert(relation->deployed, key, deployed);
	return deployed;
}

/* ---- comparing ---- */

static void start_replay(struct relation *relation, struct relation_job *job)
{
	const struct bits *paths = select_paths(relation->select, job->set);

	replay_start(relation->replay, intern_count(relation->diff->paths), paths, job->differing,
		     job->undeployed);
}

static void fail_job(struct relation_job *job, const GError *error)
{
	job->topology = GIT_TOPOLOGY_UNREADABLE;
	g_free(job->why);
	job->why = g_strdup(error->message);
}

static bool is_failed(const struct relation_job *job)
{
	return job->topology == GIT_TOPOLOGY_UNREADABLE;
}

static void keep_authors(const struct relation *relation, struct relation_job *job)
{
	for (guint i = job->undeployed->len; i > 0 && job->author_count < RELATION_AUTHORS_MAX;
	     i--) {
		int32_t position = g_array_index(job->undeployed, int32_t, i - 1);
		const char *author =
			graph_author(relation->graph, graph_at(relation->graph, position));
		bool known = false;

		for (guint k = 0; k < job->author_count; k++)
			known = known || job->authors[k] == author;
		if (!known && author[0])
			job->authors[job->author_count++] = author;
	}
}

/* What of the undeployed commits is told. */
static void keep_undeployed(const struct relation *relation, struct relation_job *job)
{
	guint count = job->undeployed->len;

	job->behind_commits = count;
	job->newest_count = MIN(count, GIT_LIST_MAX);
	for (guint i = 0; i < job->newest_count; i++)
		job->newest[i] = g_array_index(job->undeployed, int32_t, count - 1 - i);
	if (count > 0)
		job->oldest = g_array_index(job->undeployed, int32_t, 0);
	keep_authors(relation, job);
	g_clear_pointer(&job->undeployed, g_array_unref);
	g_clear_pointer(&job->differing, g_array_unref);
}

/* Follow what is kept from job->next to the head, and finish the job. */
static void finish_job(struct relation *relation, struct relation_job *job)
{
	size_t count = 0;
	const struct change *changes = history_kept(relation->history, job->next, &count);

	start_replay(relation, job);
	replay_follow(relation->replay, changes, count);
	job->files = (int64_t)replay_differing(relation->replay);
	job->content_equal = job->files == 0;
	keep_undeployed(relation, job);
}

static void count_ahead(struct relation *relation, const struct deployed *deployed,
			struct relation_job *job)
{
	g_autoptr(GArray) undeployed = g_array_new(FALSE, FALSE, sizeof(int32_t));

	if (!deployed->ahead_differing || !deployed->ahead_changes)
		return;
	replay_start(relation->replay, intern_count(relation->diff->paths),
		     select_paths(relation->select, job->set), deployed->ahead_differing,
		     undeployed);
	replay_follow(relation->replay, (const struct change *)deployed->ahead_changes->data,
		      deployed->ahead_changes->len);
	job->ahead_commits = undeployed->len;
}

/* Copied, because what is cached of one D may be dropped for the next. */
static void copy_differing(struct relation *relation, const struct deployed *deployed,
			   struct relation_job *job)
{
	const struct bits *paths = select_paths(relation->select, job->set);

	job->differing = new_changes();
	for (guint i = 0; deployed->differing && i < deployed->differing->len; i++) {
		struct change change = g_array_index(deployed->differing, struct change, i);

		if (bits_has(paths, change.path))
			g_array_append_val(job->differing, change);
	}
}

static void begin_job(struct relation *relation, struct relation_job *job)
{
	const struct deployed *deployed = need_deployed(relation, job->commit);

	job->topology = deployed->topology;
	job->why = g_strdup(deployed->why);
	if (is_failed(job))
		return;
	job->next = deployed->start;
	if (deployed->topology != GIT_TOPOLOGY_SHALLOW &&
	    deployed->start <= graph_head_position(relation->graph))
		job->first = deployed->start;
	job->undeployed = g_array_new(FALSE, FALSE, sizeof(int32_t));
	copy_differing(relation, deployed, job);
	count_ahead(relation, deployed, job);
}

static void advance_job(struct relation *relation, struct relation_job *job, const GArray *changes,
			int32_t last)
{
	guint first = 0;

	while (first < changes->len &&
	       g_array_index(changes, struct change, first).position < job->next)
		first++;
	start_replay(relation, job);
	replay_follow(relation->replay, (const struct change *)changes->data + first,
		      changes->len - first);
	replay_suspend(relation->replay, job->differing);
	job->next = last + 1;
}

/* Older than what is kept: the changes are computed in chunks, each used for all jobs at once. */
static bool advance_jobs(struct relation *relation, GPtrArray *jobs, int32_t from, GError **error)
{
	int32_t kept = history_first_kept(relation->history);

	while (from < kept) {
		g_autoptr(GArray) changes =
			g_array_sized_new(FALSE, FALSE, sizeof(struct change), 64);
		int32_t last = MIN(from + history_chunk(relation->history), kept) - 1;

		if (!history_compute(relation->history, from, last, changes, error))
			return false;
		for (guint i = 0; i < jobs->len; i++) {
			struct relation_job *job = g_ptr_array_index(jobs, i);

			if (!is_failed(job) && job->next <= last)
				advance_job(relation, job, changes, last);
		}
		from = last + 1;
	}
	return true;
}

/* Bring all jobs to where the kept changes begin. */
static bool prepare_jobs(struct relation *relation, GPtrArray *jobs, GError **error)
{
	int32_t oldest = graph_head_position(relation->graph) + 1;

	for (guint i = 0; i < jobs->len; i++) {
		const struct relation_job *job = g_ptr_array_index(jobs, i);

		if (!is_failed(job))
			oldest = MIN(oldest, job->next);
	}
	return history_need(relation->history, oldest, error) &&
	       advance_jobs(relation, jobs, oldest, error);
}

void relation_compare(struct relation *relation, GPtrArray *jobs)
{
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < jobs->len; i++)
		begin_job(relation, g_ptr_array_index(jobs, i));
	if (!prepare_jobs(relation, jobs, &error))
		g_prefix_error(&error, "read the history: ");
	for (guint i = 0; i < jobs->len; i++) {
		struct relation_job *job = g_ptr_array_index(jobs, i);

		if (is_failed(job))
			continue;
		/* a chunk that failed leaves those that do not need it untouched */
		if (job->next >= history_first_kept(relation->history))
			finish_job(relation, job);
		else
			fail_job(job, error);
	}
}

/* ---- other questions ---- */

static const GArray *need_pair(struct relation *relation, uint32_t a, uint32_t b, GError **error)
{
	gint64 key = (gint64)(((uint64_t)a << 32) | b);
	GArray *changes = g_hash_table_lookup(relation->pairs, &key);

	if (changes)
		return changes;
	if (relation->cached > CACHED_CHANGES_MAX)
		forget_cached(relation);
	changes = compare_commits(relation, a, b, error);
	if (changes)
		g_hash_table_insert(relation->pairs, g_memdup2(&key, sizeof(key)), changes);
	return changes;
}

bool relation_differs(struct relation *relation, struct select_set *set, uint32_t a, uint32_t b,
		      bool *ret_differs, GError **error)
{
	const GArray *changes = need_pair(relation, a, b, error);
	const struct bits *paths;
	bool differs = false;

	if (!changes)
		return false;
	paths = select_paths(relation->select, set);
	for (guint i = 0; i < changes->len && !differs; i++)
		differs = bits_has(paths, g_array_index(changes, struct change, i).path);
	*ret_differs = differs;
	return true;
}

bool relation_had_pattern(struct relation *relation, const struct select_set *set, size_t index,
			  uint32_t commit, bool *ret_had, GError **error)
{
	const GArray *changes = need_pair(relation, graph_head(relation->graph), commit, error);
	const struct bits *paths;
	bool had = false;

	if (!changes)
		return false;
	paths = select_pattern_paths(relation->select, set, index);
	for (guint i = 0; i < changes->len && !had; i++) {
		const struct change *change = &g_array_index(changes, struct change, i);

		had = change->from == 0 && bits_has(paths, change->path);
	}
	*ret_had = had;
	return true;
}

bool relation_count_ahead(struct relation *relation, uint32_t commit, int64_t *ret_count,
			  GError **error)
{
	g_autoptr(GArray) chain = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	uint32_t base = 0;
	bool cut = false;

	if (!collect_ahead(relation, commit, chain, &base, &cut, error))
		return false;
	*ret_count = chain->len;
	return true;
}

/* Newest of @p changes (sorted by position) that is of the set; GRAPH_NO_POSITION: none. */
static int32_t find_newest(struct relation *relation, struct select_set *set,
			   const struct change *changes, size_t count)
{
	const struct bits *paths = select_paths(relation->select, set);

	for (size_t i = count; i > 0; i--) {
		if (bits_has(paths, changes[i - 1].path))
			return changes[i - 1].position;
	}
	return GRAPH_NO_POSITION;
}

/* Search positions @p first..@p last, which may be kept or not. */
static bool search_range(struct relation *relation, struct select_set *set, int32_t first,
			 int32_t last, int32_t *ret_found, GError **error)
{
	g_autoptr(GArray) changes = g_array_sized_new(FALSE, FALSE, sizeof(struct change), 64);

	if (!history_need(relation->history, first, error))
		return false;
	if (first >= history_first_kept(relation->history)) {
		size_t all = 0;
		size_t newer = 0;
		const struct change *kept = history_kept(relation->history, first, &all);

		(void)history_kept(relation->history, last + 1, &newer); /* only the number */
		*ret_found = find_newest(relation, set, kept, all - newer);
		return true;
	}
	if (!history_compute(relation->history, first, last, changes, error))
		return false;
	*ret_found = find_newest(relation, set, (const struct change *)changes->data, changes->len);
	return true;
}

/* Go back from @p last down to @p stop, or to the end of the line. */
static bool search_back(struct relation *relation, struct select_set *set, int32_t last,
			int32_t stop, int32_t *ret_found, GError **error)
{
	*ret_found = GRAPH_NO_POSITION;
	while (last > stop) {
		int32_t first = MAX(stop + 1, last - history_chunk(relation->history) + 1);

		if (!graph_load_line(relation->graph, first, error))
			return false;
		first = MAX(first, graph_line_bottom(relation->graph));
		/* what the commit at a cut changed is not known */
		if (first == graph_line_bottom(relation->graph) &&
		    graph_line_is_cut(relation->graph))
			first++;
		if (first > last)
			break;
		if (!search_range(relation, set, first, last, ret_found, error))
			return false;
		if (*ret_found != GRAPH_NO_POSITION)
			break;
		last = first - 1;
	}
	return true;
}

bool relation_last_change(struct relation *relation, struct select_set *set, int32_t *ret_position,
			  bool *ret_cut, GError **error)
{
	struct last_change *last = g_hash_table_lookup(relation->last, set);
	int32_t head = graph_head_position(relation->graph);
	int32_t found = GRAPH_NO_POSITION;
	bool cut;

	if (!search_back(relation, set, head, last ? last->scanned : GRAPH_NO_POSITION, &found,
			 error))
		return false;
	cut = !last && found == GRAPH_NO_POSITION && graph_line_is_cut(relation->graph);
	if (!last) {
		last = g_new0(struct last_change, 1);
		last->found = GRAPH_NO_POSITION;
		last->cut = cut;
		g_hash_table_insert(relation->last, set, last);
	}
	if (found != GRAPH_NO_POSITION)
		last->found = found;
	last->scanned = head;
	*ret_position = last->found;
	*ret_cut = last->cut && last->found == GRAPH_NO_POSITION;
	return true;
}
