/* reader - see reader.h */
#include "git/reader.h"

#include <string.h>
#include <sys/stat.h>

#include "drift_error.h"
#include "git/describe.h"
#include "git/graph.h"
#include "git/history.h"
#include "git/object.h"
#include "git/relation.h"
#include "git/resolve.h"
#include "git/seen.h"
#include "git/select.h"
#include "git/treediff.h"

struct reader {
	git_repository *repository;
	struct objects objects;
	struct treediff diff;
	struct graph *graph;
	struct history *history;
	struct select *select;
	struct relation *relation;
	struct describe *describe;
	GHashTable *resolutions;  /* text -> struct git_resolution *, which owns its key */
	struct git_seen_head now; /* the head; sha "" when there is none */
};

/* A question on its way. */
struct pending {
	const struct git_question *question;
	struct git_answer *answer;
	struct select_set *set; /* NULL: the answer is an error */
	GPtrArray *jobs;        /* struct relation_job *, one per comparison, same order */
};

static void make_caches(struct reader *reader)
{
	treediff_init(&reader->diff, &reader->objects);
	reader->graph = graph_create(&reader->objects);
	reader->history = history_create(reader->graph, &reader->diff);
	reader->select = select_create(reader->diff.paths);
	reader->relation =
		relation_create(reader->graph, reader->history, &reader->diff, reader->select);
	reader->describe = describe_create(&reader->objects);
	reader->resolutions =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)resolve_free);
	reader->now = (struct git_seen_head){0};
}

static void drop_caches(struct reader *reader)
{
	g_hash_table_unref(reader->resolutions);
	describe_free(reader->describe);
	relation_free(reader->relation);
	select_free(reader->select);
	history_free(reader->history);
	graph_free(reader->graph);
	treediff_done(&reader->diff);
}

struct reader *reader_create(void)
{
	struct reader *reader = g_new0(struct reader, 1);

	objects_init(&reader->objects);
	make_caches(reader);
	return reader;
}

/* Not git_repository_is_shallow(): that looks in the wrong folder from a linked worktree. */
static bool is_shallow(git_repository *repository)
{
	g_autofree char *path =
		g_build_filename(git_repository_commondir(repository), "shallow", NULL);
	struct stat status;

	return stat(path, &status) == 0 && status.st_size > 0;
}

static void close_repository(struct reader *reader)
{
	git_odb_free(reader->objects.odb);
	git_repository_free(reader->repository);
	reader->repository = NULL;
	reader->objects.odb = NULL;
	reader->objects.shallow = false;
	reader->objects.damaged = false;
}

void reader_free(struct reader *reader)
{
	if (!reader)
		return;
	close_repository(reader);
	drop_caches(reader);
	objects_done(&reader->objects);
	g_free(reader);
}

void reader_set_cancel(struct reader *reader, const atomic_bool *cancel)
{
	reader->objects.cancel = cancel;
}

void reader_set_history_limit(struct reader *reader, guint changes, int32_t chunk_commits)
{
	history_set_limit(reader->history, changes, chunk_commits);
}

/* What was concluded from what was not here. */
static void forget_missing(struct reader *reader)
{
	graph_forget_missing(reader->graph);
	relation_forget(reader->relation, graph_head_position(reader->graph));
	g_hash_table_remove_all(reader->resolutions);
}

bool reader_open(struct reader *reader, git_repository *repository, GError **error)
{
	git_odb *odb = NULL;

	/* first: libgit2 shares packs of one path between repositories, and these may be others */
	close_repository(reader);
	if (git_repository_odb(&odb, repository) != 0) {
		object_set_git_error(error, DRIFT_ERROR_IO, "open the object database");
		git_repository_free(repository);
		return false;
	}
	reader->repository = repository;
	reader->objects.odb = odb;
	reader->objects.shallow = is_shallow(repository);
	forget_missing(reader);
	return true;
}

git_repository *reader_repository(const struct reader *reader)
{
	return reader->repository;
}

bool reader_refresh(struct reader *reader, GError **error)
{
	if (git_odb_refresh(reader->objects.odb) != 0) {
		object_set_git_error(error, DRIFT_ERROR_IO, "look for new objects");
		return false;
	}
	reader->objects.shallow = is_shallow(reader->repository);
	forget_missing(reader);
	return true;
}

bool reader_set_head(struct reader *reader, const git_oid *id, int64_t seen_wall_ms, GError **error)
{
	g_autoptr(GError) ignored = NULL;
	int32_t kept = GRAPH_NO_POSITION;
	char sha[GIT_SHA_BYTES];

	git_oid_tostr(sha, sizeof(sha), id);
	if (strcmp(sha, reader->now.sha) == 0)
		return true;
	if (!graph_set_head(reader->graph, id, &kept, error))
		return false;
	/* what cannot be computed now is tried again, and said, where it is needed */
	if (!history_follow_head(reader->history, kept, &ignored))
		g_clear_error(&ignored);
	relation_forget(reader->relation, kept);
	(void)g_strlcpy(reader->now.sha, sha, sizeof(reader->now.sha)); /* same size */
	reader->now.seen_wall_ms = seen_wall_ms;
	return true;
}

bool reader_has_head(const struct reader *reader)
{
	return reader->now.sha[0] != '\0' && reader->objects.odb;
}

const char *reader_head(const struct reader *reader)
{
	return reader->now.sha;
}

bool reader_is_shallow(const struct reader *reader)
{
	return reader->objects.shallow;
}

bool reader_has(const struct reader *reader, const char *sha)
{
	git_oid id;

	return reader->objects.odb && git_oid_fromstr(&id, sha) == 0 &&
	       objects_has(&reader->objects, &id);
}

bool reader_is_damaged(const struct reader *reader)
{
	return reader->objects.damaged;
}

/* ---- the head ---- */

static bool compare_previous(struct reader *reader, const char *previous, struct git_head *head,
			     GError **error)
{
	struct graph_answer kept = {0};
	git_oid id;
	uint32_t commit;

	if (strcmp(previous, head->sha) == 0 || git_oid_fromstr(&id, previous) != 0)
		return true;
	commit = graph_number(reader->graph, &id, error);
	if (commit == 0)
		return false;
	if (!graph_is_here(reader->graph, commit)) { /* all ancestors of a head are here */
		head->forced = !head->shallow;
		return true;
	}
	if (!graph_is_ancestor(reader->graph, commit, graph_head(reader->graph), &kept, error))
		return false;
	head->forced = !kept.yes && !kept.cut;
	return !head->forced ||
	       relation_count_ahead(reader->relation, commit, &head->rewound, error);
}

struct git_head *reader_describe_head(struct reader *reader, const char *branch,
				      const char *previous, GError **error)
{
	g_autoptr(GError) unknown = NULL;
	git_oid id = graph_id(reader->graph, graph_head(reader->graph));
	struct git_commit *commit = describe_commit(reader->describe, &id, error);
	struct git_head *head;

	if (!commit)
		return NULL;
	head = g_new0(struct git_head, 1);
	head->commit = *commit;
	g_free(commit); /* what it held is the head's */
	head->branch = g_strdup(branch);
	(void)g_strlcpy(head->sha, reader->now.sha, sizeof(head->sha)); /* same size */
	(void)g_strlcpy(head->previous, previous, sizeof(head->previous));
	head->shallow = reader->objects.shallow;
	/* a head whose past cannot be read is still the head */
	(void)compare_previous(reader, previous, head, &unknown);
	return head;
}

/* ---- answers ---- */

static const struct git_resolution *resolve(struct reader *reader, const char *text)
{
	struct git_resolution *resolution = g_hash_table_lookup(reader->resolutions, text);

	if (resolution)
		return resolution;
	resolution = resolve_text(&reader->objects, text);
	g_hash_table_insert(reader->resolutions, resolution->text, resolution);
	return resolution;
}

static void free_comparison(gpointer data)
{
	struct git_comparison *comparison = data;

	g_ptr_array_unref(comparison->list);
	g_ptr_array_unref(comparison->authors);
	git_commit_free(comparison->oldest);
	git_commit_free(comparison->newest);
	g_free(comparison->commit.subject);
	g_free(comparison->commit.author);
	g_free(comparison->why);
	g_free(comparison);
}

static void free_missing_path(gpointer data)
{
	struct git_missing_path *missing = data;

	g_free(missing->pattern);
	g_free(missing);
}

static struct git_answer *create_answer(const struct git_question *question)
{
	struct git_answer *answer = g_new0(struct git_answer, 1);

	answer->target_id = g_strdup(question->target_id);
	answer->resolutions = g_ptr_array_new_with_free_func((GDestroyNotify)resolve_free);
	answer->comparisons = g_ptr_array_new_with_free_func(free_comparison);
	answer->missing_paths = g_ptr_array_new_with_free_func(free_missing_path);
	answer->pairs = g_ptr_array_new_with_free_func(g_free);
	return answer;
}

/* The answer is this error, unless it is one already. */
static void fail_answer(struct reader *reader, struct git_answer *answer, const GError *error)
{
	if (answer->error)
		return;
	answer->error = g_strdup(error->message);
	answer->shallow = reader->objects.shallow && error->code == DRIFT_ERROR_NOT_FOUND;
}

static struct git_comparison *create_comparison(const char *sha)
{
	struct git_comparison *comparison = g_new0(struct git_comparison, 1);

	(void)g_strlcpy(comparison->sha, sha, sizeof(comparison->sha)); /* same size */
	(void)g_strlcpy(comparison->commit.sha, sha, sizeof(comparison->commit.sha));
	comparison->list = g_ptr_array_new_with_free_func((GDestroyNotify)git_commit_free);
	comparison->authors = g_ptr_array_new_with_free_func(g_free);
	return comparison;
}

static uint32_t number_sha(struct reader *reader, const char *sha, GError **error)
{
	git_oid id = {0};

	(void)git_oid_fromstr(&id, sha); /* made by git_oid_tostr */
	return graph_number(reader->graph, &id, error);
}

static void add_comparison(struct reader *reader, struct pending *pending, const char *text)
{
	const struct git_resolution *resolution = resolve(reader, text);
	g_autoptr(GError) error = NULL;
	uint32_t commit;

	if (resolution->status != GIT_RESOLUTION_FOUND ||
	    git_answer_comparison(pending->answer, resolution->sha))
		return;
	commit = number_sha(reader, resolution->sha, &error);
	if (commit == 0) {
		fail_answer(reader, pending->answer, error);
		return;
	}
	g_ptr_array_add(pending->answer->comparisons, create_comparison(resolution->sha));
	g_ptr_array_add(pending->jobs, relation_job_create(pending->set, commit));
}

static struct pending *begin_question(struct reader *reader, const struct git_question *question)
{
	struct pending *pending = g_new0(struct pending, 1);
	g_autoptr(GError) error = NULL;

	pending->question = question;
	pending->answer = create_answer(question);
	pending->jobs = g_ptr_array_new_with_free_func((GDestroyNotify)relation_job_free);
	if (!reader_has_head(reader)) {
		pending->answer->error = g_strdup("the repository has no head yet");
		return pending;
	}
	(void)g_strlcpy(pending->answer->head, reader->now.sha, sizeof(pending->answer->head));
	for (guint i = 0; i < question->texts->len; i++)
		g_ptr_array_add(
			pending->answer->resolutions,
			resolve_copy(resolve(reader, g_ptr_array_index(question->texts, i))));
	pending->set = select_get(reader->select, question->paths, &error);
	if (!pending->set)
		fail_answer(reader, pending->answer, error);
	for (guint i = 0; pending->set && i < question->compare->len; i++)
		add_comparison(reader, pending, g_ptr_array_index(question->compare, i));
	return pending;
}

static void free_pending(gpointer data)
{
	struct pending *pending = data;

	g_ptr_array_unref(pending->jobs);
	g_free(pending);
}

/* The commit at a position of the line, with the time it was first seen. */
static struct git_commit *describe_at(struct reader *reader, const struct seen *seen,
				      int32_t position, GError **error)
{
	git_oid id = graph_id(reader->graph, graph_at(reader->graph, position));
	struct git_commit *commit = describe_commit(reader->describe, &id, error);

	if (commit)
		commit->first_seen_wall_ms =
			seen_first(seen, position, &commit->first_seen_is_stored);
	return commit;
}

static bool fill_list(struct reader *reader, const struct seen *seen,
		      const struct relation_job *job, struct git_comparison *comparison,
		      GError **error)
{
	int32_t oldest = job->oldest;

	for (guint i = 0; i < job->newest_count; i++) {
		struct git_commit *commit = describe_at(reader, seen, job->newest[i], error);

		if (!commit)
			return false;
		g_ptr_array_add(comparison->list, commit);
	}
	if (job->newest_count > 0)
		comparison->newest = git_commit_copy(g_ptr_array_index(comparison->list, 0));
	/* content differs although no commit since D changed it (it came in with D's own branch):
	   as long as there is any commit since D */
	if (oldest == GRAPH_NO_POSITION && !job->content_equal)
		oldest = job->first;
	if (oldest != GRAPH_NO_POSITION)
		comparison->oldest = describe_at(reader, seen, oldest, error);
	return oldest == GRAPH_NO_POSITION || comparison->oldest;
}

static bool fill_own(struct reader *reader, const struct seen *seen, uint32_t number,
		     struct git_comparison *comparison, GError **error)
{
	git_oid id = graph_id(reader->graph, number);
	struct git_commit *commit = describe_commit(reader->describe, &id, error);
	int32_t position = GRAPH_NO_POSITION;

	if (!commit || !graph_find(reader->graph, number, &position, error)) {
		git_commit_free(commit);
		return false;
	}
	if (position != GRAPH_NO_POSITION)
		commit->first_seen_wall_ms =
			seen_first(seen, position, &commit->first_seen_is_stored);
	comparison->commit = *commit;
	g_free(commit); /* what it held is the comparison's */
	return true;
}

static bool is_later(struct reader *reader, uint32_t deployed, const char *sha, bool *ret_later,
		     GError **error)
{
	struct graph_answer answer = {0};
	git_oid id;
	uint32_t commit;

	*ret_later = false;
	if (git_oid_fromstr(&id, sha) != 0 || !objects_has(&reader->objects, &id))
		return true;
	commit = graph_number(reader->graph, &id, error);
	if (commit == 0)
		return false;
	if (commit == deployed)
		return true;
	if (!graph_is_ancestor(reader->graph, deployed, commit, &answer, error))
		return false;
	*ret_later = answer.yes;
	return true;
}

static bool fill_later(struct reader *reader, const struct git_question *question,
		       uint32_t deployed, struct git_comparison *comparison, GError **error)
{
	for (guint i = 0; i < question->seen_before->len && !comparison->later_seen; i++) {
		if (!is_later(reader, deployed, g_ptr_array_index(question->seen_before, i),
			      &comparison->later_seen, error))
			return false;
	}
	return true;
}

static void fill_comparison(struct reader *reader, const struct seen *seen,
			    const struct git_question *question, const struct relation_job *job,
			    struct git_comparison *comparison)
{
	g_autoptr(GError) error = NULL;

	comparison->topology = job->topology;
	comparison->why = g_strdup(job->why);
	if (job->topology == GIT_TOPOLOGY_UNREADABLE)
		return;
	comparison->content_equal = job->content_equal;
	comparison->behind_commits = job->behind_commits;
	comparison->ahead_commits = job->ahead_commits;
	comparison->files = job->files;
	for (guint i = 0; i < job->author_count; i++)
		g_ptr_array_add(comparison->authors, g_strdup(job->authors[i]));
	if (fill_list(reader, seen, job, comparison, &error) &&
	    fill_own(reader, seen, job->commit, comparison, &error) &&
	    fill_later(reader, question, job->commit, comparison, &error))
		return;
	comparison->topology = GIT_TOPOLOGY_UNREADABLE;
	comparison->content_equal = false;
	g_free(comparison->why);
	comparison->why = g_strdup(error->message);
}

static bool add_missing(struct reader *reader, const struct pending *pending, size_t index,
			GError **error)
{
	struct git_missing_path *missing = g_new0(struct git_missing_path, 1);

	missing->pattern = g_strdup(select_pattern(pending->set, index));
	g_ptr_array_add(pending->answer->missing_paths, missing);
	for (guint i = 0; i < pending->jobs->len && !missing->existed_at_deployed; i++) {
		const struct relation_job *job = g_ptr_array_index(pending->jobs, i);

		if (job->topology == GIT_TOPOLOGY_UNREADABLE)
			continue;
		if (!relation_had_pattern(reader->relation, pending->set, index, job->commit,
					  &missing->existed_at_deployed, error))
			return false;
		missing->deployed_known = true;
	}
	return true;
}

static bool fill_missing(struct reader *reader, const struct pending *pending, GError **error)
{
	const struct bits *present = history_present(reader->history, error);

	if (!present)
		return false;
	for (size_t i = 0; i < select_pattern_count(pending->set); i++) {
		if (select_is_negative(pending->set, i) ||
		    bits_intersect(present, select_pattern_paths(reader->select, pending->set, i)))
			continue;
		if (!add_missing(reader, pending, i, error))
			return false;
	}
	return true;
}

static bool fill_pair(struct reader *reader, struct select_set *set, struct git_pair *pair,
		      GError **error)
{
	const struct git_resolution *a = resolve(reader, pair->a);
	const struct git_resolution *b = resolve(reader, pair->b);
	uint32_t commit_a;
	uint32_t commit_b;

	if (a->status != GIT_RESOLUTION_FOUND || b->status != GIT_RESOLUTION_FOUND)
		return true;
	commit_a = number_sha(reader, a->sha, error);
	commit_b = commit_a ? number_sha(reader, b->sha, error) : 0;
	if (!commit_b ||
	    !relation_differs(reader->relation, set, commit_a, commit_b, &pair->differs, error))
		return false;
	pair->known = true;
	return true;
}

static void fill_pairs(struct reader *reader, const struct pending *pending)
{
	for (guint i = 0; i < pending->question->pairs->len; i++) {
		const struct git_pair *asked = g_ptr_array_index(pending->question->pairs, i);
		struct git_pair *pair = g_memdup2(asked, sizeof(*asked));
		g_autoptr(GError) error = NULL;

		pair->known = false;
		pair->differs = false;
		(void)fill_pair(reader, pending->set, pair, &error); /* then it is not known */
		g_ptr_array_add(pending->answer->pairs, pair);
	}
}

static bool fill_last_change(struct reader *reader, const struct seen *seen,
			     const struct pending *pending, GError **error)
{
	int32_t position = GRAPH_NO_POSITION;
	bool cut = false;

	if (!relation_last_change(reader->relation, pending->set, &position, &cut, error))
		return false;
	if (position == GRAPH_NO_POSITION)
		return true;
	pending->answer->last_change = describe_at(reader, seen, position, error);
	return pending->answer->last_change != NULL;
}

static void finish_question(struct reader *reader, const struct seen *seen,
			    const struct pending *pending)
{
	struct git_answer *answer = pending->answer;
	g_autoptr(GError) error = NULL;

	if (!pending->set)
		return;
	for (guint i = 0; i < pending->jobs->len; i++)
		fill_comparison(reader, seen, pending->question,
				g_ptr_array_index(pending->jobs, i),
				g_ptr_array_index(answer->comparisons, i));
	fill_pairs(reader, pending);
	if (!fill_missing(reader, pending, &error) ||
	    (pending->question->want_last_change &&
	     !fill_last_change(reader, seen, pending, &error)))
		fail_answer(reader, answer, error);
}

static void compare_all(struct reader *reader, const GPtrArray *all)
{
	g_autoptr(GPtrArray) jobs = g_ptr_array_new();

	for (guint i = 0; i < all->len; i++) {
		const struct pending *pending = g_ptr_array_index(all, i);

		for (guint k = 0; k < pending->jobs->len; k++)
			g_ptr_array_add(jobs, g_ptr_array_index(pending->jobs, k));
	}
	if (jobs->len > 0)
		relation_compare(reader->relation, jobs);
}

GPtrArray *reader_answer(struct reader *reader, const GPtrArray *questions, const GPtrArray *seen)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_pending);
	GPtrArray *answers = g_ptr_array_new_with_free_func((GDestroyNotify)git_answer_free);
	struct seen *index = NULL;

	if (select_is_full(reader->select)) {
		relation_forget_sets(reader->relation);
		select_trim(reader->select);
	}
	for (guint i = 0; i < questions->len; i++) {
		struct pending *pending = begin_question(reader, g_ptr_array_index(questions, i));

		g_ptr_array_add(all, pending);
		g_ptr_array_add(answers, pending->answer);
	}
	if (!reader_has_head(reader))
		return answers;
	compare_all(reader, all);
	index = seen_create(reader->graph, seen, &reader->now);
	for (guint i = 0; i < all->len; i++)
		finish_question(reader, index, g_ptr_array_index(all, i));
	seen_free(index);
	return answers;
}
