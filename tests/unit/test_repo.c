/* Relations of deployed commits to the head, on real repositories, with git as the judge. */
#include <check.h>
#include <glib.h>
#include <string.h>

#include "git/repo.h"
#include "tests/unit/git_ask.h"
#include "tests/unit/git_fixture.h"
#include "tests/unit/git_judge.h"

Suite *repo_suite(void);

struct relation_case {
	const char *name;
	const char *commits; /* git_fixture_add() */
	const char *head;
	const char *deployed;
	const char *paths;
	enum git_topology topology;
	const char *undeployed; /* names, newest first */
	int ahead;
};

#define SUBMODULE_1 "1111111111111111111111111111111111111111"
#define SUBMODULE_2 "2222222222222222222222222222222222222222"

static const struct relation_case relations[] = {
	{"same", "a x=1", "a", "a", "x", GIT_TOPOLOGY_SAME, "", 0},
	{"one behind", "a x=1\nb:a x=2", "b", "a", "x", GIT_TOPOLOGY_BEHIND, "b", 0},
	{"L17: only documents", "a x=1 doc=1\nb:a doc=2\nc:b doc=3", "c", "a", "x",
	 GIT_TOPOLOGY_BEHIND, "", 0},
	{"L17: excluded", "a s/x=1\nb:a s/r.md=2\nc:b s/x=2", "c", "a", "s !**/*.md",
	 GIT_TOPOLOGY_BEHIND, "c", 0},
	{"the example of DESIGN 6",
	 "d shared/x=1 docs/r=1\na:d shared/x=2\nr:a shared/x=1\nb:r shared/x=2\nc:b docs/r=2", "c",
	 "d", "shared", GIT_TOPOLOGY_BEHIND, "b", 0},
	{"the example without B",
	 "d shared/x=1 docs/r=1\na:d shared/x=2\nr:a shared/x=1\nc:r docs/r=2", "c", "d", "shared",
	 GIT_TOPOLOGY_BEHIND, "", 0},
	{"revert of a part", "d x=1 y=1\na:d x=2 y=2\nr:a x=1", "r", "d", "x y",
	 GIT_TOPOLOGY_BEHIND, "r a", 0},
	{"change back through a third", "d x=1\na:d x=2\nb:a x=3\nc:b x=1\ne:c x=2", "e", "d", "x",
	 GIT_TOPOLOGY_BEHIND, "e", 0},
	{"two paths never equal together", "d x=1 y=1\na:d x=2\nb:a y=2\nc:b x=1\ne:c y=1 x=5", "e",
	 "d", "x y", GIT_TOPOLOGY_BEHIND, "e c b a", 0},
	{"L03: rolled back head", "a x=1\nb:a x=2\nc:b x=3", "a", "c", "x", GIT_TOPOLOGY_AHEAD, "",
	 2},
	{"ahead in documents only", "a x=1\nb:a doc=2", "a", "b", "x", GIT_TOPOLOGY_AHEAD, "", 0},
	{"ahead and back", "a x=1\nb:a x=2\nc:b x=1\ne:c x=4", "a", "e", "x", GIT_TOPOLOGY_AHEAD,
	 "", 1},
	{"L03: diverged", "a x=1\nb:a x=2\nc:a x=3", "b", "c", "x", GIT_TOPOLOGY_DIVERGED, "b", 1},
	{"diverged with equal content", "a x=1\nb:a x=2\nc:a x=2 doc=1", "b", "c", "x",
	 GIT_TOPOLOGY_DIVERGED, "", 0},
	{"diverged, other side elsewhere", "a x=1\nb:a doc=2\nc:a x=3", "b", "c", "x",
	 GIT_TOPOLOGY_DIVERGED, "", 1},
	{"merge counts once", "a x=1\nb:a x=2\nc:b x=3\nm:a,c x=3\nn:m doc=1", "n", "a", "x",
	 GIT_TOPOLOGY_BEHIND, "m", 0},
	{"deployed from a merged branch", "a x=1\nb:a x=2\nc:b x=3\nm:a,c x=3", "m", "c", "x",
	 GIT_TOPOLOGY_BEHIND, "", 0},
	{"deployed from the middle of a merged branch", "a x=1\nb:a x=2\nc:b x=3\nm:a,c x=3", "m",
	 "b", "x", GIT_TOPOLOGY_BEHIND, "m", 0},
	{"branch commit, main went on before the merge",
	 "a x=1 y=1\nb:a x=2\nz:a y=2\nm:z,b x=2\nn:m y=3", "n", "b", "x y", GIT_TOPOLOGY_BEHIND,
	 "n m z", 0},
	{"branch commit, only x counts", "a x=1 y=1\nb:a x=2\nz:a y=2\nm:z,b x=2\nn:m y=3", "n",
	 "b", "x", GIT_TOPOLOGY_BEHIND, "", 0},
	{"evil merge that keeps ours", "a x=1\nb:a x=2\nz:a doc=1\nm:z,b\nn:m doc=2", "n", "b", "x",
	 GIT_TOPOLOGY_BEHIND, "", 0},
	{"evil merge that makes its own", "a x=1\nb:a x=2\nz:a x=3\nm:z,b x=4", "m", "b", "x",
	 GIT_TOPOLOGY_BEHIND, "m z", 0},
	{"octopus", "a x=1 y=1 z=1\nb:a x=2\nc:a y=2\ne:a z=2\nm:a,b,c,e x=2 y=2 z=2", "m", "c",
	 "x y z", GIT_TOPOLOGY_BEHIND, "m", 0},
	{"octopus, its own path", "a x=1 y=1 z=1\nb:a x=2\nc:a y=2\ne:a z=2\nm:a,b,c,e x=2 y=2 z=2",
	 "m", "c", "y", GIT_TOPOLOGY_BEHIND, "", 0},
	{"criss-cross", "a x=1 y=1\nb:a x=2\nc:a y=2\nm:b,c y=2\nn:c,b x=2\nh:m x=3\nd:n y=3", "h",
	 "d", "x y", GIT_TOPOLOGY_DIVERGED, "h m", 2},
	{"criss-cross, behind the other line",
	 "a x=1 y=1\nb:a x=2\nc:a y=2\nm:b,c y=2\nn:c,b x=2\n"
	 "h:m,n x=3",
	 "h", "n", "x y", GIT_TOPOLOGY_BEHIND, "h", 0},
	{"main merged into the branch", "a x=1\nb:a y=1\nz:a x=2\nk:b,z x=2\nm:z,k y=1", "m", "k",
	 "x y", GIT_TOPOLOGY_BEHIND, "", 0},
	{"fast-forward by the wrong parent", "a x=1\nb:a x=2\nz:a doc=1\nm:b,z doc=1\nn:m x=3", "n",
	 "z", "x", GIT_TOPOLOGY_BEHIND, "n b", 0},
	{"not related", "a x=1\nb x=2 y=1\nc:b x=1", "c", "a", "x y", GIT_TOPOLOGY_DIVERGED, "c b",
	 1},
	{"not related, equal", "a x=1\nb x=2\nc:b x=1", "c", "a", "x", GIT_TOPOLOGY_DIVERGED, "",
	 0},
	{"joined from another root", "a x=1\nb y=1\nm:a,b y=1\nn:m y=2", "n", "b", "x y",
	 GIT_TOPOLOGY_BEHIND, "n m a", 0},
	{"empty commits", "a x=1\nb:a\nc:b\ne:c x=2\nf:e", "f", "b", "x", GIT_TOPOLOGY_BEHIND, "e",
	 0},
	{"rename within", "a s/x=1\nb:a -s/x s/y=1", "b", "a", "s", GIT_TOPOLOGY_BEHIND, "b", 0},
	{"rename out", "a s/x=1 s/z=1\nb:a -s/x t/x=1", "b", "a", "s", GIT_TOPOLOGY_BEHIND, "b", 0},
	{"file becomes folder", "a s=1\nb:a -s s/x=1", "b", "a", "s", GIT_TOPOLOGY_BEHIND, "b", 0},
	{"folder becomes file", "a s/x=1 s/y=1\nb:a -s s=1", "b", "a", "s", GIT_TOPOLOGY_BEHIND,
	 "b", 0},
	{"folder to file and back", "a s/x=1\nb:a -s s=1\nc:b -s s/x=1", "c", "a", "s",
	 GIT_TOPOLOGY_BEHIND, "", 0},
	{"names around a folder", "a s/x=1 s.c=1 s-a=1 s0=1\nb:a s.c=2 s-a=2 s0=2", "b", "a", "s",
	 GIT_TOPOLOGY_BEHIND, "", 0},
	{"mode", "a x=1\nb:a +x=1", "b", "a", "x", GIT_TOPOLOGY_BEHIND, "b", 0},
	{"mode and back", "a x=1\nb:a +x=1\nc:b x=1", "c", "a", "x", GIT_TOPOLOGY_BEHIND, "", 0},
	{"file becomes link", "a x=t\nb:a @x=t", "b", "a", "x", GIT_TOPOLOGY_BEHIND, "b", 0},
	{"submodule", "a %s/m=" SUBMODULE_1 "\nb:a %s/m=" SUBMODULE_2, "b", "a", "s",
	 GIT_TOPOLOGY_BEHIND, "b", 0},
	{"submodule elsewhere", "a %s/m=" SUBMODULE_1 " x=1\nb:a %s/m=" SUBMODULE_2, "b", "a", "x",
	 GIT_TOPOLOGY_BEHIND, "", 0},
	{"submodule becomes folder", "a %s/m=" SUBMODULE_1 "\nb:a -s/m s/m/x=1", "b", "a", "s/m",
	 GIT_TOPOLOGY_BEHIND, "b", 0},
	{"not ASCII", "a caf\xc3\xa9/\xe6\x97\xa5=1 x=1\nb:a caf\xc3\xa9/\xe6\x97\xa5=2", "b", "a",
	 "caf\xc3\xa9", GIT_TOPOLOGY_BEHIND, "b", 0},
	{"not UTF-8", "a caf\xe9=1 x=1\nb:a caf\xe9=2\nc:b x=2", "c", "a", "caf\xe9",
	 GIT_TOPOLOGY_BEHIND, "b", 0},
	{"whole tree", "a x=1\nb:a y=2\nc:b z=1", "c", "a", "", GIT_TOPOLOGY_BEHIND, "c b", 0},
	{"file deleted", "a x=1 s/y=1\nb:a -x", "b", "a", "x s", GIT_TOPOLOGY_BEHIND, "b", 0},
	{"merge brings a branch that cancels out", "a x=1\nb:a x=2\nc:b x=1\nm:a,c\nn:m doc=1", "n",
	 "a", "x", GIT_TOPOLOGY_BEHIND, "", 0},
	{"branch that was reverted before its merge, deployed in the middle",
	 "a x=1\nb:a x=2\nc:b x=1\nm:a,c doc=1\nn:m doc=2", "n", "b", "x", GIT_TOPOLOGY_BEHIND, "",
	 0},
	{"equal for a while, from a branch", "a x=1\nb:a x=2\nz:a x=3\ny:z x=2\nw:y x=5", "w", "b",
	 "x", GIT_TOPOLOGY_DIVERGED, "w", 1},
};

static char *join_names(const struct git_fixture *fixture, const struct git_comparison *comparison)
{
	g_autoptr(GString) names = g_string_new(NULL);

	for (guint i = 0; i < comparison->list->len; i++) {
		const struct git_commit *commit = g_ptr_array_index(comparison->list, i);
		GHashTableIter iter;
		gpointer name;
		gpointer id;

		g_hash_table_iter_init(&iter, fixture->ids);
		while (g_hash_table_iter_next(&iter, &name, &id)) {
			if (strcmp(id, commit->sha) == 0)
				g_string_append_printf(names, "%s%s", i > 0 ? " " : "",
						       (const char *)name);
		}
	}
	return g_string_free(g_steal_pointer(&names), FALSE);
}

static void check_ends(const struct git_comparison *comparison)
{
	const GPtrArray *list = comparison->list;

	if (list->len == 0) {
		ck_assert_ptr_null(comparison->newest);
		return;
	}
	ck_assert_str_eq(comparison->newest->sha,
			 ((const struct git_commit *)g_ptr_array_index(list, 0))->sha);
	ck_assert_str_eq(comparison->oldest->sha,
			 ((const struct git_commit *)g_ptr_array_index(list, list->len - 1))->sha);
	ck_assert_uint_eq(comparison->authors->len, 1);
	ck_assert_str_eq(g_ptr_array_index(comparison->authors, 0), "Ann Author");
}

START_TEST(L03_relations_as_git_sees_them)
{
	const struct relation_case *row = &relations[_i];
	struct git_fixture fixture;
	struct git_verdict verdict;
	g_auto(GStrv) pathspecs = git_judge_pathspecs(row->paths);
	g_autofree char *names = NULL;
	const struct git_comparison *comparison;
	struct git_answer *answer;
	struct repo *repo;

	git_fixture_init(&fixture);
	git_fixture_add(&fixture, row->commits);
	git_fixture_set_main(&fixture, row->head);
	repo = git_ask_open_local(fixture.dir, NULL);
	git_head_free(git_ask_fetch(repo, ""));
	answer = git_ask(
		repo, git_ask_question(row->paths, git_fixture_id(&fixture, row->deployed)), NULL);
	ck_assert_msg(!answer->error, "%s: %s", row->name, answer->error);
	ck_assert_uint_eq(answer->comparisons->len, 1);
	comparison = g_ptr_array_index(answer->comparisons, 0);
	git_judge(fixture.dir, git_fixture_id(&fixture, row->deployed),
		  git_fixture_id(&fixture, row->head), pathspecs, &verdict);
	git_judge_check(&verdict, comparison, row->name);
	names = join_names(&fixture, comparison);
	ck_assert_msg(strcmp(names, row->undeployed) == 0, "%s: \"%s\", wanted \"%s\"", row->name,
		      names, row->undeployed);
	ck_assert_int_eq(comparison->topology, row->topology);
	ck_assert_int_eq(comparison->ahead_commits, row->ahead);
	check_ends(comparison);
	git_verdict_done(&verdict);
	git_answer_free(answer);
	repo_free(repo);
	git_fixture_done(&fixture);
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

Suite *repo_suite(void)
{
	Suite *suite = suite_create("repo");
	TCase *tcase = tcase_create("relations");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, start_library, stop_library);
	tcase_add_loop_test(tcase, L03_relations_as_git_sees_them, 0, G_N_ELEMENTS(relations));
	suite_add_tcase(suite, tcase);
	return suite;
}
