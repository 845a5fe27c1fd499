/* Repositories of every form: checkouts, worktrees, shallow, partial, damaged, of another user. */
#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drift_error.h"
#include "git/repo.h"
#include "tests/unit/git_ask.h"
#include "tests/unit/git_fixture.h"

Suite *repo_forms_suite(void);

static struct git_fixture fixture;
static char *place; /* for clones */

static void run(const char *dir, const char *command, const char *a, const char *b)
{
	git_fixture_do(dir, command, a, b, NULL);
}

static void setup(void)
{
	repo_init_library();
	git_fixture_init(&fixture);
	place = git_fixture_make_dir();
	run(fixture.dir, "config", "uploadpack.allowFilter", "true");
	git_fixture_add(&fixture, "a x=1 s/y=1\nb:a x=2\nk:b s/y=2\nc:b x=3\nm:c,k s/y=2\ne:m x=4");
	git_fixture_set_main(&fixture, "e");
}

static void teardown(void)
{
	git_fixture_remove_dir(place);
	git_fixture_done(&fixture);
	repo_done_library();
}

static const char *id_of(const char *name)
{
	return git_fixture_id(&fixture, name);
}

static char *make_clone(const char *name, const char *option)
{
	g_autofree char *url = g_strconcat("file://", fixture.dir, NULL);
	char *path = g_build_filename(place, name, NULL);
	git_fixture_do(place, "clone", "-q", option ? option : "-q", url, path, NULL);

	return path;
}

/* What is behind c in x, told by the repository at @p path. */
static void check_answer(const char *path, const char *branch, const char *want_branch,
			 const char *head_name)
{
	struct repo *repo = git_ask_open_local(path, branch);
	struct git_head *head = git_ask_fetch(repo, "");
	struct git_answer *answer = git_ask(repo, git_ask_question("x", id_of("a")), NULL);
	const struct git_comparison *comparison;

	ck_assert_str_eq(head->branch, want_branch);
	ck_assert_str_eq(head->sha, id_of(head_name));
	ck_assert_msg(!answer->error, "%s", answer->error);
	comparison = g_ptr_array_index(answer->comparisons, 0);
	ck_assert_int_eq(comparison->topology, GIT_TOPOLOGY_BEHIND);
	ck_assert_str_eq(comparison->newest->sha, id_of(head_name));
	git_head_free(head);
	git_answer_free(answer);
	repo_free(repo);
}

START_TEST(test_checkout_and_git_folder)
{
	g_autofree char *path = make_clone("checkout", NULL);
	g_autofree char *inside = g_build_filename(path, ".git", NULL);

	check_answer(path, NULL, "main", "e");
	check_answer(inside, NULL, "main", "e");
	check_answer(fixture.dir, "c", "c", "c");
}
END_TEST

/* What happens to it between two looks: commits, packing, another repository in its place. */
START_TEST(test_local_repository_changes)
{
	g_autofree char *path = make_clone("checkout", NULL);
	g_autofree char *away = g_strconcat(path, ".away", NULL);
	struct repo *repo = git_ask_open_local(path, NULL);
	struct repo_fetch fetch = {0};
	g_autoptr(GError) error = NULL;
	struct git_fixture other;
	struct git_head *head;

	git_head_free(git_ask_fetch(repo, ""));
	run(path, "reset", "--hard", id_of("c"));
	head = git_ask_fetch(repo, id_of("e"));
	ck_assert_str_eq(head->sha, id_of("c"));
	ck_assert(head->forced);
	git_head_free(head);
	run(path, "reset", "--hard", id_of("e"));
	run(path, "gc", "-q", "--prune=now");
	git_head_free(git_ask_fetch(repo, ""));
	git_fixture_init(&other);
	git_fixture_add(&other, "z y=1");
	git_fixture_set_main(&other, "z");
	ck_assert_int_eq(g_rename(path, away), 0);
	ck_assert(!repo_fetch(repo, "", -1, &fetch, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_NOT_FOUND);
	head = repo_head(repo, "");
	ck_assert_str_eq(head->sha, id_of("e")); /* the one there was */
	git_head_free(head);
	git_fixture_do(place, "clone", "-q", other.dir, path, NULL);
	head = git_ask_fetch(repo, "");
	ck_assert_str_eq(head->sha, git_fixture_id(&other, "z"));
	git_head_free(head);
	repo_free(repo);
	git_fixture_done(&other);
}
END_TEST

START_TEST(test_detached)
{
	g_autofree char *path = make_clone("checkout", NULL);

	run(path, "checkout", "-q", id_of("c"));
	check_answer(path, NULL, "HEAD", "c");
	check_answer(path, "main", "main", "e");
}
END_TEST

START_TEST(test_linked_worktree)
{
	g_autofree char *path = make_clone("checkout", NULL);
	g_autofree char *linked = g_build_filename(place, "linked", NULL);
	git_fixture_do(path, "worktree", "add", "-q", "-b", "side", linked, id_of("c"), NULL);

	check_answer(linked, NULL, "side", "c");
	check_answer(linked, "main", "main", "e");
	check_answer(path, NULL, "main", "e");
}
END_TEST

/* In a process of its own, whose leaks are not looked at: see local_identify(). */
static void check_answer_apart(const char *path, const char *branch, const char *head_name)
{
	pid_t child = fork();
	int status = -1;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		check_answer(path, NULL, branch, head_name);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}

/* What newer gits write into the configuration of a clone. */
START_TEST(test_extensions)
{
	g_autofree char *path = make_clone("checkout", "--filter=blob:none");
	g_autofree char *blob = git_fixture_run(fixture.dir, "rev-parse", "a:x", NULL);
	g_autofree char *held = NULL;

	run(path, "sparse-checkout", "set", "s");
	ck_assert_int_eq(git_fixture_status(path, "config", "extensions.worktreeConfig", NULL), 0);
	run(path, "config", "core.repositoryformatversion", "1");
	run(path, "config", "extensions.partialClone", "origin");
	run(path, "config", "extensions.preciousObjects", "true");
	check_answer_apart(path, "main", "e");
	/* and nothing was fetched to answer that */
	held = git_fixture_run(path, "cat-file", "--batch-all-objects", "--batch-check", NULL);
	ck_assert_ptr_nonnull(strstr(held, id_of("a")));
	ck_assert_ptr_null(strstr(held, blob));
}
END_TEST

START_TEST(test_alternates)
{
	g_autofree char *path = make_clone("shared", "--shared");

	check_answer(path, NULL, "main", "e");
}
END_TEST

/* Owned by somebody else, which git itself refuses. */
START_TEST(test_other_owner)
{
	if (geteuid() != 0)
		return; /* only root can give files away */
	ck_assert_int_eq(chown(fixture.dir, 12345, 12345), 0);
	check_answer(fixture.dir, NULL, "main", "e");
}
END_TEST

/* Replaced and grafted, history looks different to git; what was committed did not change. */
START_TEST(test_replacements_change_nothing)
{
	g_autofree char *path = make_clone("checkout", NULL);
	g_autofree char *grafts = g_build_filename(path, ".git", "info", "grafts", NULL);
	g_autofree char *text = g_strdup_printf("%s %s\n", id_of("e"), id_of("a"));

	run(path, "replace", id_of("c"), id_of("a"));
	run(path, "replace", id_of("m"), id_of("k"));
	ck_assert(g_file_set_contents(grafts, text, -1, NULL));
	check_answer(path, NULL, "main", "e");
}
END_TEST

/* ---- refused ---- */

static void check_refused(const char *path, const char *branch, int code, const char *words)
{
	struct repo *repo = git_ask_open_local(path, branch);
	struct repo_fetch fetch = {.remade = true};
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	struct git_answer *answer;

	ck_assert(!repo_fetch(repo, "", -1, &fetch, &error));
	ck_assert(fetch.remade); /* untouched */
	ck_assert_msg(error->code == code, "%d: %s", error->code, error->message);
	ck_assert_msg(strstr(error->message, words) != NULL, "%s", error->message);
	ck_assert_ptr_null(repo_head(repo, ""));
	answer = git_ask(repo, git_ask_question("x", NULL), none);
	ck_assert_ptr_nonnull(answer->error);
	git_answer_free(answer);
	repo_free(repo);
}

START_TEST(test_no_repository)
{
	g_autofree char *path = g_build_filename(place, "none", NULL);
	g_autofree char *checkout = make_clone("checkout", NULL);
	g_autofree char *inside = g_build_filename(checkout, "s", NULL);

	check_refused(path, NULL, DRIFT_ERROR_NOT_FOUND, path);
	check_refused(place, NULL, DRIFT_ERROR_NOT_FOUND, "there is none");
	/* a folder inside a checkout is a mistake, not that checkout */
	check_refused(inside, NULL, DRIFT_ERROR_NOT_FOUND, "there is none");
	check_refused(fixture.dir, "nowhere", DRIFT_ERROR_NOT_FOUND, "nowhere");
}
END_TEST

START_TEST(test_no_commit_yet)
{
	run(place, "init", "-q", "fresh");
	g_autofree char *path = g_build_filename(place, "fresh", NULL);

	check_refused(path, NULL, DRIFT_ERROR_NOT_FOUND, "no commit");
}
END_TEST

START_TEST(test_sha256_is_refused)
{
	run(place, "init", "--object-format=sha256", "long");
	g_autofree char *path = g_build_filename(place, "long", NULL);

	check_refused(path, NULL, DRIFT_ERROR_UNSUPPORTED, "SHA-256");
}
END_TEST

/* ---- shallow ---- */

static struct git_answer *ask(struct repo *repo, const char *paths, const char *id)
{
	struct git_answer *answer = git_ask(repo, git_ask_question(paths, id), NULL);

	ck_assert_msg(!answer->error, "%s", answer->error);
	return answer;
}

static void check_shallow(const char *path)
{
	struct repo *repo = git_ask_open_local(path, NULL);
	struct git_head *head = git_ask_fetch(repo, "");
	struct git_answer *answer;
	const struct git_comparison *comparison;
	g_autofree char *brief = g_strndup(id_of("a"), 10);

	ck_assert(head->shallow);
	git_head_free(head);
	answer = ask(repo, "x", id_of("c")); /* visible and on the line */
	comparison = g_ptr_array_index(answer->comparisons, 0);
	ck_assert_int_eq(comparison->topology, GIT_TOPOLOGY_BEHIND);
	ck_assert_int_eq(comparison->behind_commits, 1);
	git_answer_free(answer);
	answer = ask(repo, "x", id_of("k")); /* visible, but where it left the line is not */
	comparison = g_ptr_array_index(answer->comparisons, 0);
	ck_assert_int_eq(comparison->topology, GIT_TOPOLOGY_SHALLOW);
	ck_assert_ptr_nonnull(comparison->why);
	ck_assert(!comparison->content_equal);
	git_answer_free(answer);
	answer = ask(repo, "s", id_of("k")); /* its content still says so */
	comparison = g_ptr_array_index(answer->comparisons, 0);
	ck_assert(comparison->content_equal);
	git_answer_free(answer);
	answer = ask(repo, "x", id_of("a"));
	ck_assert_int_eq(git_answer_resolution(answer, id_of("a"))->status, GIT_RESOLUTION_SHALLOW);
	git_answer_free(answer);
	answer = ask(repo, "x", brief);
	ck_assert_int_eq(git_answer_resolution(answer, brief)->status, GIT_RESOLUTION_SHALLOW);
	git_answer_free(answer);
	repo_free(repo);
}

START_TEST(L09_shallow_says_so_only_where_history_is_needed)
{
	g_autofree char *path = make_clone("cut", "--depth=3");
	g_autofree char *linked = g_build_filename(place, "linked", NULL);
	struct repo *repo;

	ck_assert_int_eq(git_fixture_status(path, "cat-file", "-e", id_of("k"), NULL), 0);
	ck_assert_int_ne(git_fixture_status(path, "cat-file", "-e", id_of("b"), NULL), 0);
	check_shallow(path);
	run(path, "worktree", "add", linked);
	check_shallow(linked);
	/* completed, the same handle answers */
	repo = git_ask_open_local(path, NULL);
	git_head_free(git_ask_fetch(repo, ""));
	git_answer_free(ask(repo, "x", id_of("k")));
	run(path, "fetch", "-q", "--unshallow");
	git_head_free(git_ask_fetch(repo, ""));
	{
		struct git_answer *answer = ask(repo, "x", id_of("k"));
		const struct git_comparison *comparison = g_ptr_array_index(answer->comparisons, 0);

		ck_assert_int_eq(comparison->topology, GIT_TOPOLOGY_BEHIND);
		ck_assert_int_eq(comparison->behind_commits, 2);
		git_answer_free(answer);
	}
	repo_free(repo);
}
END_TEST

/* d descends from b, and through what was cut away perhaps from something newer. */
START_TEST(L09_newer_ancestor_may_be_hidden)
{
	g_autofree char *shallow = g_build_filename(fixture.dir, "shallow", NULL);
	g_autofree char *text = NULL;
	g_autofree char *folder = NULL;
	g_autofree char *hidden = NULL;
	const struct git_comparison *comparison;
	struct git_answer *answer;
	struct repo *repo;

	git_fixture_add(&fixture, "g:c w=1\nh:g w=2\nd:b,h x=3");
	text = g_strdup_printf("%s\n", id_of("h"));
	ck_assert(g_file_set_contents(shallow, text, -1, NULL));
	folder = g_strndup(id_of("g"), 2);
	hidden = g_build_filename(fixture.dir, "objects", folder, id_of("g") + 2, NULL);
	ck_assert_int_eq(unlink(hidden), 0);
	repo = git_ask_open_local(fixture.dir, NULL);
	git_head_free(git_ask_fetch(repo, ""));
	answer = ask(repo, "x", id_of("d"));
	comparison = g_ptr_array_index(answer->comparisons, 0);
	ck_assert_int_eq(comparison->topology, GIT_TOPOLOGY_SHALLOW);
	git_answer_free(answer);
	repo_free(repo);
}
END_TEST

/* ---- damaged ---- */

enum damage {
	DAMAGE_NONE = 0,
	DAMAGE_REMOVED,
	DAMAGE_NONSENSE,
	DAMAGE_SWAPPED, /* another tree, whole, under its id */
};

static void damage_object(const char *id, enum damage kind)
{
	g_autofree char *folder = g_strndup(id, 2);
	g_autofree char *path = g_build_filename(fixture.dir, "objects", folder, id + 2, NULL);

	ck_assert_int_eq(unlink(path), 0);
	if (kind == DAMAGE_NONSENSE)
		ck_assert(g_file_set_contents(path, "x\x9c nonsense", -1, NULL));
	if (kind == DAMAGE_SWAPPED) {
		g_autofree char *tree = git_fixture_run(fixture.dir, "rev-parse", "a^{tree}", NULL);
		g_autofree char *other_folder = g_strndup(tree, 2);
		g_autofree char *other =
			g_build_filename(fixture.dir, "objects", other_folder, tree + 2, NULL);

		ck_assert_int_eq(link(other, path), 0);
	}
}

static const struct {
	const char *object; /* for rev-parse */
	enum damage kind;
	bool head_fails;
} damages[] = {
	{"e", DAMAGE_REMOVED, true},          {"e", DAMAGE_NONSENSE, true},
	{"c", DAMAGE_REMOVED, false},         {"c", DAMAGE_NONSENSE, false},
	{"e^{tree}", DAMAGE_REMOVED, false},  {"e^{tree}", DAMAGE_NONSENSE, false},
	{"c^{tree}", DAMAGE_REMOVED, false},  {"c^{tree}", DAMAGE_NONSENSE, false},
	{"c^{tree}", DAMAGE_SWAPPED, false},  {"e^{tree}", DAMAGE_SWAPPED, false},
	{"a^{tree}", DAMAGE_NONSENSE, false}, {"a", DAMAGE_REMOVED, false},
};

START_TEST(test_damage_is_an_error)
{
	g_autofree char *id = NULL;
	struct repo_fetch fetch = {0};
	g_autoptr(GError) error = NULL;
	struct git_answer *answer;
	struct repo *repo;
	git_fixture_do(fixture.dir, "pack-refs", "--all", NULL);
	g_autoptr(GDir) packs = NULL;
	g_autofree char *pack_dir = g_build_filename(fixture.dir, "objects", "pack", NULL);
	const char *name;

	/* fast-import leaves packs or loose objects: here they are loose */
	packs = g_dir_open(pack_dir, 0, NULL);
	while ((name = g_dir_read_name(packs)))
		ck_assert_msg(!g_str_has_suffix(name, ".pack"), "%s", name);
	id = git_fixture_run(fixture.dir, "rev-parse", damages[_i].object, NULL);
	damage_object(id, damages[_i].kind);
	repo = git_ask_open_local(fixture.dir, NULL);
	if (damages[_i].head_fails) {
		ck_assert(!repo_fetch(repo, "", -1, &fetch, &error));
		ck_assert_msg(error->code == DRIFT_ERROR_CORRUPT ||
				      error->code == DRIFT_ERROR_NOT_FOUND,
			      "%s", error->message);
		repo_free(repo);
		return;
	}
	git_head_free(git_ask_fetch(repo, ""));
	answer = git_ask(repo, git_ask_question("x", id_of("a")), NULL);
	/* the whole answer, the resolution, or the comparison: never a relation */
	if (!answer->error && answer->comparisons->len > 0) {
		const struct git_comparison *comparison = g_ptr_array_index(answer->comparisons, 0);

		ck_assert_int_eq(comparison->topology, GIT_TOPOLOGY_UNREADABLE);
		ck_assert(!comparison->content_equal);
		ck_assert_ptr_nonnull(comparison->why);
	} else if (!answer->error) {
		ck_assert_int_ne(git_answer_resolution(answer, id_of("a"))->status,
				 GIT_RESOLUTION_FOUND);
	}
	git_answer_free(answer);
	repo_free(repo);
}
END_TEST

/* A tree whose entries are out of order would be compared wrongly: it is refused. */
START_TEST(test_unsorted_tree_is_refused)
{
	static const char entry[] = "100644 b\0eeeeeeeeeeeeeeeeeeee100644 a\0eeeeeeeeeeeeeeeeeeee";
	g_autofree char *tree =
		git_fixture_feed(fixture.dir, entry, sizeof(entry) - 1, "hash-object",
				 "--literally", "-t", "tree", "-w", "--stdin", NULL);
	g_autofree char *commit =
		git_fixture_feed(fixture.dir, "m", 1, "commit-tree", tree, "-p", id_of("e"), NULL);
	git_fixture_do(fixture.dir, "update-ref", "refs/heads/main", commit, NULL);
	struct repo *repo = git_ask_open_local(fixture.dir, NULL);
	struct git_answer *answer;

	git_head_free(git_ask_fetch(repo, ""));
	answer = git_ask(repo, git_ask_question("a", id_of("a")), NULL);
	ck_assert_ptr_nonnull(answer->error);
	ck_assert_ptr_nonnull(strstr(answer->error, "not sorted"));
	git_answer_free(answer);
	repo_free(repo);
}
END_TEST

/* Folders inside folders that hold one another ten times over: more paths than there are atoms. */
START_TEST(test_tree_bomb_is_bounded)
{
	g_autofree char *blob =
		git_fixture_feed(fixture.dir, "x", 1, "hash-object", "-w", "--stdin", NULL);
	g_autofree char *tree = NULL;
	g_autofree char *commit = NULL;
	struct git_answer *answer;
	struct repo *repo;

	for (int level = 0; level < 8; level++) {
		g_autoptr(GString) list = g_string_new(NULL);

		for (int i = 0; i < 10; i++)
			g_string_append_printf(list, "%s %s %s\tf%d\n", tree ? "040000" : "100644",
					       tree ? "tree" : "blob", tree ? tree : blob, i);
		g_free(tree);
		tree = git_fixture_feed(fixture.dir, list->str, list->len, "mktree", NULL);
	}
	commit = git_fixture_feed(fixture.dir, "m", 1, "commit-tree", tree, "-p", id_of("e"), NULL);
	git_fixture_do(fixture.dir, "update-ref", "refs/heads/main", commit, NULL);
	repo = git_ask_open_local(fixture.dir, NULL);
	git_head_free(git_ask_fetch(repo, ""));
	answer = git_ask(repo, git_ask_question("f1", id_of("a")), NULL);
	ck_assert_ptr_nonnull(answer->error);
	ck_assert_ptr_nonnull(strstr(answer->error, "different paths"));
	git_answer_free(answer);
	repo_free(repo);
}
END_TEST

Suite *repo_forms_suite(void)
{
	Suite *suite = suite_create("repo_forms");
	TCase *tcase = tcase_create("forms");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_checkout_and_git_folder);
	tcase_add_test(tcase, test_local_repository_changes);
	tcase_add_test(tcase, test_detached);
	tcase_add_test(tcase, test_linked_worktree);
	tcase_add_test(tcase, test_extensions);
	tcase_add_test(tcase, test_alternates);
	tcase_add_test(tcase, test_other_owner);
	tcase_add_test(tcase, test_replacements_change_nothing);
	tcase_add_test(tcase, test_no_repository);
	tcase_add_test(tcase, test_no_commit_yet);
	tcase_add_test(tcase, test_sha256_is_refused);
	tcase_add_test(tcase, L09_shallow_says_so_only_where_history_is_needed);
	tcase_add_test(tcase, L09_newer_ancestor_may_be_hidden);
	tcase_add_loop_test(tcase, test_damage_is_an_error, 0, G_N_ELEMENTS(damages));
	tcase_add_test(tcase, test_unsorted_tree_is_refused);
	tcase_add_test(tcase, test_tree_bomb_is_bounded);
	suite_add_tcase(suite, tcase);
	return suite;
}
