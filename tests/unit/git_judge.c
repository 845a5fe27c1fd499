/* git_judge - see git_judge.h */
#include "tests/unit/git_judge.h"

#include <check.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/unit/git_fixture.h"

#define EMPTY_TREE "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

/* "git diff OPTION A B -- PATHSPECS" */
static int diff(const char *dir, const char *option, const char *a, const char *b,
		char *const *pathspecs, char **ret_out)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	const char *const words[] = {"git",           "-C", dir, "diff", option, "--no-renames",
				     "--no-ext-diff", a,    b,   "--"};
	g_autofree char *out = NULL;
	g_autofree char *err = NULL;
	int status = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		g_ptr_array_add(argv, (gpointer)(uintptr_t)words[i]);
	for (size_t i = 0; pathspecs[i]; i++)
		g_ptr_array_add(argv, pathspecs[i]);
	g_ptr_array_add(argv, NULL);
	ck_assert(g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
			       &out, &err, &status, NULL));
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) <= 1, "git diff: %s", err);
	if (ret_out)
		*ret_out = g_steal_pointer(&out);
	return WEXITSTATUS(status);
}

static bool is_equal(const char *dir, const char *a, const char *b, char *const *pathspecs)
{
	return diff(dir, "--quiet", a, b, pathspecs, NULL) == 0;
}

static char **list_first_parents(const char *dir, const char *from, const char *to)
{
	g_autofree char *range = g_strdup_printf("%s..%s", from, to);
	g_autofree char *out =
		git_fixture_run(dir, "rev-list", "--first-parent", "--reverse", range, NULL);

	return out[0] ? g_strsplit(out, "\n", -1) : g_new0(char *, 1);
}

static bool is_touched(const char *dir, const char *commit, char *const *pathspecs)
{
	g_autofree char *parent = g_strconcat(commit, "^1", NULL);
	bool has_parent = git_fixture_status(dir, "rev-parse", "-q", "--verify", parent, NULL) == 0;

	return !is_equal(dir, has_parent ? parent : EMPTY_TREE, commit, pathspecs);
}

/* The first-parent commits of from..to that change a path, after the last one equal to from. */
static GPtrArray *replay(const char *dir, const char *from, const char *to, char *const *pathspecs)
{
	g_auto(GStrv) commits = list_first_parents(dir, from, to);
	GPtrArray *undeployed = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; commits[i]; i++) {
		if (is_equal(dir, from, commits[i], pathspecs))
			g_ptr_array_set_size(undeployed, 0);
		else if (is_touched(dir, commits[i], pathspecs))
			g_ptr_array_insert(undeployed, 0, g_strdup(commits[i]));
	}
	return undeployed;
}

static bool is_ancestor(const char *dir, const char *a, const char *b)
{
	return git_fixture_status(dir, "merge-base", "--is-ancestor", a, b, NULL) == 0;
}

static gint64 count_files(const char *dir, const char *a, const char *b, char *const *pathspecs)
{
	g_autofree char *out = NULL;
	g_auto(GStrv) lines = NULL;
	gint64 count = 0;

	(void)diff(dir, "--name-only", a, b, pathspecs, &out);
	lines = g_strsplit(out, "\n", -1);
	for (guint i = 0; lines[i]; i++)
		count += lines[i][0] != '\0';
	return count;
}

void git_judge(const char *dir, const char *deployed, const char *head, char *const *pathspecs,
	       struct git_verdict *ret)
{
	g_autoptr(GPtrArray) ahead = replay(dir, head, deployed, pathspecs);

	ret->topology = strcmp(deployed, head) == 0        ? GIT_TOPOLOGY_SAME
			: is_ancestor(dir, deployed, head) ? GIT_TOPOLOGY_BEHIND
			: is_ancestor(dir, head, deployed) ? GIT_TOPOLOGY_AHEAD
							   : GIT_TOPOLOGY_DIVERGED;
	ret->content_equal = is_equal(dir, deployed, head, pathspecs);
	ret->undeployed = replay(dir, deployed, head, pathspecs);
	ret->ahead = ahead->len;
	ret->files = count_files(dir, deployed, head, pathspecs);
}

void git_verdict_done(struct git_verdict *verdict)
{
	g_ptr_array_unref(verdict->undeployed);
}

char **git_judge_pathspecs(const char *patterns)
{
	g_auto(GStrv) words = patterns[0] ? g_strsplit(patterns, " ", -1) : g_new0(char *, 1);
	GPtrArray *pathspecs = g_ptr_array_new();

	for (guint i = 0; words[i]; i++)
		g_ptr_array_add(pathspecs,
				words[i][0] == '!'
					? g_strdup_printf(":(exclude,glob)%s", words[i] + 1)
					: g_strdup_printf(":(glob)%s", words[i]));
	g_ptr_array_add(pathspecs, NULL);
	return (char **)g_ptr_array_free(pathspecs, FALSE);
}

void git_judge_check(const struct git_verdict *verdict, const struct git_comparison *comparison,
		     const char *about)
{
	ck_assert_msg(comparison->topology == verdict->topology, "%s: topology %d, git %d (%s)",
		      about, (int)comparison->topology, (int)verdict->topology,
		      comparison->why ? comparison->why : "");
	ck_assert_msg(comparison->content_equal == verdict->content_equal, "%s: content", about);
	ck_assert_msg(comparison->behind_commits == verdict->undeployed->len,
		      "%s: %d undeployed, git %u", about, (int)comparison->behind_commits,
		      verdict->undeployed->len);
	ck_assert_msg(comparison->ahead_commits == verdict->ahead, "%s: %d ahead, git %d", about,
		      (int)comparison->ahead_commits, (int)verdict->ahead);
	ck_assert_msg(comparison->files == verdict->files, "%s: %d files, git %d", about,
		      (int)comparison->files, (int)verdict->files);
	for (guint i = 0; i < comparison->list->len; i++) {
		const struct git_commit *commit = g_ptr_array_index(comparison->list, i);

		ck_assert_msg(strcmp(commit->sha, g_ptr_array_index(verdict->undeployed, i)) == 0,
			      "%s: undeployed commit %u", about, i);
	}
}
