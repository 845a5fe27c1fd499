/* Relations in generated histories: every pair of commits, several sets of paths, the head moving
 * back and forth. Git lists trees and ancestors; the rule of DESIGN 6 is replayed over its
 * lists. */
#include <check.h>
#include <glib.h>
#include <string.h>

#include "git/repo.h"
#include "tests/unit/git_ask.h"
#include "tests/unit/git_fixture.h"

Suite *repo_random_suite(void);

#define COMMITS 22
#define FILES 6

static const char *const files[FILES] = {"a/x", "a/y", "b/x", "b/z/w", "c", "d.md"};

/* Patterns, and which files they select. */
static const struct {
	const char *patterns;
	bool selects[FILES];
} sets[] = {
	{"", {true, true, true, true, true, true}},
	{"a", {true, true, false, false, false, false}},
	{"**/x c", {true, false, true, false, true, false}},
	{"!*.md !a/*", {false, false, true, true, true, false}},
	{"b/z", {false, false, false, true, false, false}},
};

/* A history as git tells it. */
struct history {
	struct git_fixture fixture;
	char ids[COMMITS][41];
	int contents[COMMITS][FILES];     /* 0: absent */
	bool ancestors[COMMITS][COMMITS]; /* [i][j]: j is i or an ancestor of it */
	int first_parent[COMMITS];        /* -1: none */
};

static int find_commit(const struct history *history, const char *id)
{
	for (int i = 0; i < COMMITS; i++) {
		if (strncmp(history->ids[i], id, 40) == 0)
			return i;
	}
	ck_abort_msg("no commit %s", id);
	return -1;
}

static void add_parents(GRand *random, int commit, GString *stream)
{
	int count = g_rand_int_range(random, 0, 10);
	int parents = count == 0 ? 0 : count < 6 ? 1 : count < 9 ? 2 : 3;
	int used[3] = {-1, -1, -1};

	for (int i = 0; i < MIN(parents, commit); i++) {
		int parent = g_rand_int_range(random, MAX(0, commit - 6), commit);
		bool twice = parent == used[0] || parent == used[1];

		if (twice)
			continue;
		g_string_append_printf(stream, "%s :%d\n", i == 0 ? "from" : "merge", parent + 1);
		used[i] = parent;
	}
}

static void add_commit(GRand *random, int commit, GString *stream)
{
	int operations = g_rand_int_range(random, 0, 4);

	/* times that go back now and then: nothing may rely on them */
	g_string_append_printf(stream,
			       "commit refs/heads/r%d\nmark :%d\ncommitter C <c@x> %d +0000\n"
			       "data 1\nm\n",
			       commit, commit + 1, g_rand_int_range(random, 1000, 2000));
	add_parents(random, commit, stream);
	for (int i = 0; i < operations; i++) {
		const char *file = files[g_rand_int_range(random, 0, FILES)];
		int content = g_rand_int_range(random, 0, 4);

		if (content == 0)
			g_string_append_printf(stream, "D %s\n", file);
		else
			g_string_append_printf(stream, "M 100%s inline %s\ndata 1\n%d\n",
					       content == 3 ? "755" : "644", file, MIN(content, 2));
	}
}

static void read_tree(struct history *history, int commit)
{
	g_autofree char *out =
		git_fixture_run(history->fixture.dir, "ls-tree", "-r", history->ids[commit], NULL);
	g_auto(GStrv) lines = g_strsplit(out, "\n", -1);

	for (guint i = 0; lines[i] && lines[i][0]; i++) {
		const char *name = strchr(lines[i], '\t') + 1;
		g_autofree char *entry = g_strndup(lines[i], 52); /* "100644 blob 0cfbf08…" */

		for (int file = 0; file < FILES; file++) {
			if (strcmp(files[file], name) ==
			    0) /* mode and id: "100644 blob 0cfbf08…" */
				history->contents[commit][file] =
					(int)(g_str_hash(entry) & 0x7fffffff) | 1;
		}
	}
}

static void read_ancestors(struct history *history, int commit)
{
	g_autofree char *out =
		git_fixture_run(history->fixture.dir, "rev-list", history->ids[commit], NULL);
	g_autofree char *parent = g_strconcat(history->ids[commit], "^1", NULL);
	g_auto(GStrv) lines = g_strsplit(out, "\n", -1);

	for (guint i = 0; lines[i]; i++)
		history->ancestors[commit][find_commit(history, lines[i])] = true;
	history->first_parent[commit] = -1;
	if (lines[1] && git_fixture_status(history->fixture.dir, "rev-parse", "-q", "--verify",
					   parent, NULL) == 0) {
		g_autofree char *id =
			git_fixture_run(history->fixture.dir, "rev-parse", parent, NULL);

		history->first_parent[commit] = find_commit(history, id);
	}
}

static void make_history(struct history *history, guint32 seed)
{
	g_autoptr(GString) stream = g_string_new(NULL);
	g_autofree char *imported = NULL;
	GRand *random = g_rand_new_with_seed(seed);

	*history = (struct history){0};
	git_fixture_init(&history->fixture);
	for (int i = 0; i < COMMITS; i++)
		add_commit(random, i, stream);
	g_rand_free(random);
	imported = git_fixture_feed(history->fixture.dir, stream->str, stream->len, "fast-import",
				    "--quiet", NULL);
	for (int i = 0; i < COMMITS; i++) {
		g_autofree char *ref = g_strdup_printf("refs/heads/r%d", i);
		g_autofree char *id = git_fixture_run(history->fixture.dir, "rev-parse", ref, NULL);

		ck_assert_uint_eq(g_strlcpy(history->ids[i], id, 41), 40);
	}
	for (int i = 0; i < COMMITS; i++) {
		read_tree(history, i);
		read_ancestors(history, i);
	}
}

static bool differs(const struct history *history, int a, int b, const bool *selects)
{
	for (int file = 0; file < FILES; file++) {
		int content_a = a < 0 ? 0 : history->contents[a][file];

		if (selects[file] && content_a != history->contents[b][file])
			return true;
	}
	return false;
}

/* Undeployed commits from @p from to @p to, oldest first; how many. */
static int replay(const struct history *history, int from, int to, const bool *selects, int *list)
{
	int line[COMMITS];
	int length = 0;
	int count = 0;

	for (int at = to; at >= 0 && !history->ancestors[from][at]; at = history->first_parent[at])
		line[length++] = at;
	for (int i = length - 1; i >= 0; i--) {
		if (!differs(history, from, line[i], selects))
			count = 0;
		else if (differs(history, history->first_parent[line[i]], line[i], selects))
			list[count++] = line[i];
	}
	return count;
}

static void check(const struct history *history, int deployed, int head, size_t set,
		  const struct git_comparison *comparison)
{
	const bool *selects = sets[set].selects;
	int undeployed[COMMITS];
	int ahead[COMMITS];
	int behind_count = replay(history, deployed, head, selects, undeployed);
	enum git_topology want = deployed == head                     ? GIT_TOPOLOGY_SAME
				 : history->ancestors[head][deployed] ? GIT_TOPOLOGY_BEHIND
				 : history->ancestors[deployed][head] ? GIT_TOPOLOGY_AHEAD
								      : GIT_TOPOLOGY_DIVERGED;
	bool equal = !differs(history, deployed, head, selects);

	ck_assert_msg(comparison->topology == want, "%d..%d: topology %d, not %d (%s)", deployed,
		      head, (int)comparison->topology, (int)want,
		      comparison->why ? comparison->why : "");
	ck_assert_msg(comparison->content_equal == equal, "%d..%d set %zu: content", deployed, head,
		      set);
	ck_assert_msg(comparison->behind_commits == behind_count, "%d..%d set %zu: %d, not %d",
		      deployed, head, set, (int)comparison->behind_commits, behind_count);
	ck_assert_int_eq(comparison->ahead_commits,
			 replay(history, head, deployed, selects, ahead));
	for (int i = 0; i < behind_count; i++) {
		const struct git_commit *commit = g_ptr_array_index(comparison->list, (guint)i);

		ck_assert_str_eq(commit->sha, history->ids[undeployed[behind_count - 1 - i]]);
	}
	/* a difference has a beginning, unless the head has nothing D lacks */
	ck_assert(equal || comparison->oldest || want == GIT_TOPOLOGY_AHEAD);
}

/* Now oldest first, now newest first: what is learned of one must not spoil the others. */
static GPtrArray *make_questions(const struct history *history, size_t set, bool reversed)
{
	GPtrArray *questions = g_ptr_array_new_with_free_func((GDestroyNotify)git_question_free);

	for (int deployed = 0; deployed < COMMITS; deployed++)
		g_ptr_array_add(
			questions,
			git_ask_question(
				sets[set].patterns,
				history->ids[reversed ? COMMITS - 1 - deployed : deployed]));
	return questions;
}

static void check_head(const struct history *history, struct repo *repo, int head)
{
	git_fixture_do(history->fixture.dir, "update-ref", "refs/heads/main", history->ids[head],
		       NULL);

	git_head_free(git_ask_fetch(repo, ""));
	for (size_t set = 0; set < G_N_ELEMENTS(sets); set++) {
		bool reversed = head % 2 == 1;
		g_autoptr(GPtrArray) questions = make_questions(history, set, reversed);
		g_autoptr(GPtrArray) answers = repo_answer(repo, questions, NULL);

		for (int deployed = 0; deployed < COMMITS; deployed++) {
			const struct git_answer *answer = g_ptr_array_index(
				answers, (guint)(reversed ? COMMITS - 1 - deployed : deployed));

			ck_assert_msg(!answer->error, "%s", answer->error);
			check(history, deployed, head, set,
			      g_ptr_array_index(answer->comparisons, 0));
		}
	}
}

/* How much of the history is kept: everything, hardly anything, nothing. */
static const struct {
	guint changes;
	int32_t chunk;
} limits[] = {{1000, 512}, {1000, 1}, {7, 2}, {0, 3}};

START_TEST(test_every_pair)
{
	guint32 seed = (guint32)_i / G_N_ELEMENTS(limits) + 1;
	size_t limit = (size_t)_i % G_N_ELEMENTS(limits);
	GRand *random = g_rand_new_with_seed(seed);
	struct history history;
	struct repo *repo;

	make_history(&history, seed);
	repo = git_ask_open_local(history.fixture.dir, NULL);
	repo_set_history_limit(repo, limits[limit].changes, limits[limit].chunk);
	for (int i = 0; i < COMMITS; i++)
		check_head(&history, repo, g_rand_int_range(random, 0, COMMITS));
	for (int head = 0; head < COMMITS; head++)
		check_head(&history, repo, head);
	repo_free(repo);
	g_rand_free(random);
	git_fixture_done(&history.fixture);
}
END_TEST

static void start_library(void)
{
	repo_init_library();
}

static void stop_library(void)
{
	repo_done_library();
}

Suite *repo_random_suite(void)
{
	Suite *suite = suite_create("repo_random");
	TCase *tcase = tcase_create("generated");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, start_library, stop_library);
	tcase_add_loop_test(tcase, test_every_pair, 0, 5 * (int)G_N_ELEMENTS(limits));
	suite_add_tcase(suite, tcase);
	return suite;
}
