/* Which files a change touches, in checkouts of several kinds. */
#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "drift_error.h"
#include "git/affected.h"
#include "tests/unit/git_fixture.h"

Suite *affected_suite(void);

static char *place;
static char *checkout;

static void run(const char *a, const char *b, const char *c)
{
	git_fixture_do(checkout, a, b, c, NULL);
}

static void write_file(const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(checkout, name, NULL);
	g_autofree char *folder = g_path_get_dirname(path);

	ck_assert_int_eq(g_mkdir_with_parents(folder, 0700), 0);
	ck_assert(g_file_set_contents(path, text, -1, NULL));
}

static void setup(void)
{
	static const char *const drop[] = {"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"};

	for (size_t i = 0; i < G_N_ELEMENTS(drop); i++)
		g_unsetenv(drop[i]);
	ck_assert(g_setenv("GIT_CONFIG_GLOBAL", "/dev/null", TRUE));
	place = git_fixture_make_dir();
	checkout = g_build_filename(place, "co", NULL);
	{
		git_fixture_do(place, "init", "-q", "-b", "main", "co", NULL);
	}
	write_file("s/x", "1");
	write_file("s/y", "1");
	write_file("t", "1");
}

static void teardown(void)
{
	g_free(checkout);
	git_fixture_remove_dir(place);
}

static void commit_first(void)
{
	run("add", ".", "--");
	run("commit", "-q", "-mfirst");
}

static void check_paths(const char *directory, const char *range, const char *want)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) paths = affected_paths(directory, range, &error);
	g_autofree char *joined = NULL;

	ck_assert_msg(paths != NULL, "%s", error ? error->message : "");
	g_ptr_array_add(paths, NULL);
	joined = g_strjoinv(" ", (char **)paths->pdata);
	ck_assert_str_eq(joined, want);
}

START_TEST(test_staged)
{
	g_autofree char *inside = g_build_filename(checkout, "s", NULL);

	run("add", "s", "--");
	check_paths(checkout, NULL, "s/x s/y"); /* before the first commit */
	commit_first();
	check_paths(checkout, NULL, "");
	write_file("s/x", "2");
	write_file("new \xc3\xa9", "1");
	check_paths(checkout, NULL, ""); /* changed, not staged */
	run("add", "-A", "--");
	run("mv", "t", "s/t");
	check_paths(checkout, NULL, "new \xc3\xa9 s/t s/x t");
	check_paths(inside, NULL, "new \xc3\xa9 s/t s/x t");
}
END_TEST

START_TEST(test_index_of_a_hook)
{
	g_autofree char *index = g_build_filename(place, "other-index", NULL);

	commit_first();
	write_file("t", "2");
	ck_assert(g_setenv("GIT_INDEX_FILE", index, TRUE));
	{
		/* the fixture's git does not see GIT_INDEX_FILE: it is given by its own option */
		g_autofree char *script = g_strdup_printf(
			"cd '%s' && GIT_INDEX_FILE='%s' git read-tree HEAD && GIT_INDEX_FILE='%s' "
			"git add t",
			checkout, index, index);
		ck_assert_int_eq(system(script), 0);
	}
	check_paths(checkout, NULL, "t");
	g_unsetenv("GIT_INDEX_FILE");
	check_paths(checkout, NULL, "");
}
END_TEST

static const struct {
	const char *range;
	const char *want;
	int code; /* 0: want holds */
} ranges[] = {
	{"HEAD~1..HEAD", "s/x", 0},
	{"HEAD~2..", "s/x t", 0},
	{"HEAD..HEAD~1", "s/x", 0},
	{"main..main", "", 0},
	{"..", "", 0},
	{"HEAD", NULL, DRIFT_ERROR_INVALID},
	{"a...b", NULL, DRIFT_ERROR_INVALID},
	{"a..b..c", NULL, DRIFT_ERROR_INVALID},
	{"nowhere..HEAD", NULL, DRIFT_ERROR_NOT_FOUND},
	{"HEAD..nowhere", NULL, DRIFT_ERROR_NOT_FOUND},
	{"--output=/tmp/x..HEAD", NULL, DRIFT_ERROR_NOT_FOUND},
};

START_TEST(test_range)
{
	g_autoptr(GError) error = NULL;

	commit_first();
	write_file("t", "2");
	run("commit", "-q", "-am2");
	write_file("s/x", "2");
	run("commit", "-q", "-am3");
	if (ranges[_i].code == 0) {
		check_paths(checkout, ranges[_i].range, ranges[_i].want);
		return;
	}
	ck_assert_ptr_null(affected_paths(checkout, ranges[_i].range, &error));
	ck_assert_msg(error->code == ranges[_i].code, "%s", error->message);
}
END_TEST

START_TEST(test_sparse_index)
{
	commit_first();
	run("sparse-checkout", "set", "s");
	run("config", "index.sparse", "true");
	run("read-tree", "-mu", "HEAD");
	write_file("s/x", "2");
	run("add", "s/x", "--");
	check_paths(checkout, NULL, "s/x");
}
END_TEST

START_TEST(test_no_repository)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(affected_paths(place, NULL, &error));
	ck_assert_msg(error->code == DRIFT_ERROR_NOT_FOUND, "%d: %s", error->code, error->message);
	g_clear_error(&error);
	ck_assert_ptr_null(affected_paths(place, "a..b", &error));
	ck_assert_msg(error->code == DRIFT_ERROR_NOT_FOUND, "%d: %s", error->code, error->message);
	g_clear_error(&error);
	ck_assert_ptr_null(affected_hooks_dir(place, &error));
	ck_assert_msg(error->code == DRIFT_ERROR_NOT_FOUND, "%d: %s", error->code, error->message);
}
END_TEST

START_TEST(test_hooks_dir)
{
	g_autofree char *inside = g_build_filename(checkout, "s", NULL);
	g_autofree char *want = g_build_filename(checkout, ".git", "hooks", NULL);
	g_autofree char *moved = g_build_filename(checkout, "my hooks", NULL);
	g_autofree char *linked = g_build_filename(place, "linked", NULL);
	g_autofree char *plain = affected_hooks_dir(inside, NULL);
	g_autofree char *other = NULL;
	g_autofree char *shared = NULL;

	ck_assert_str_eq(plain, want);
	commit_first();
	run("worktree", "add", linked);
	shared = affected_hooks_dir(linked, NULL);
	ck_assert_str_eq(shared, want);
	run("config", "core.hooksPath", "my hooks");
	other = affected_hooks_dir(checkout, NULL);
	ck_assert_str_eq(other, moved);
}
END_TEST

static const struct {
	const char *remote, *url;
	bool want;
} addresses[] = {
	{"https://github.com/acme/app.git", "https://github.com/acme/app", true},
	{"git@github.com:acme/app.git", "https://github.com/acme/app.git", true},
	{"ssh://git@github.com/acme/app", "git@github.com:acme/app.git", true},
	{"https://user@github.com/acme/app/", "https://github.com/acme/app.git", true},
	{"https://github.com/acme/app2.git", "https://github.com/acme/app.git", false},
	{"https://gitlab.com/acme/app.git", "https://github.com/acme/app.git", false},
	{NULL, "https://github.com/acme/app.git", false}, /* no remote at all */
};

START_TEST(test_is_of_remote)
{
	g_autoptr(GError) error = NULL;
	bool is_of = !addresses[_i].want;

	if (addresses[_i].remote)
		git_fixture_do(checkout, "remote", "add", "origin", addresses[_i].remote, NULL);
	ck_assert_msg(affected_is_of(checkout, addresses[_i].url, NULL, &is_of, &error), "%s",
		      error ? error->message : "");
	ck_assert_int_eq(is_of, addresses[_i].want);
}
END_TEST

START_TEST(test_is_of_local)
{
	g_autofree char *inside = g_build_filename(checkout, "s", NULL);
	g_autoptr(GError) error = NULL;
	bool is_of = false;

	ck_assert(affected_is_of(inside, checkout, checkout, &is_of, &error));
	ck_assert(is_of);
	ck_assert(affected_is_of(inside, place, place, &is_of, &error));
	ck_assert(!is_of);
	ck_assert(!affected_is_of(place, place, NULL, &is_of, &error)); /* no checkout at all */
	ck_assert_ptr_nonnull(error);
}
END_TEST

Suite *affected_suite(void)
{
	Suite *suite = suite_create("affected");
	TCase *tcase = tcase_create("affected");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_staged);
	tcase_add_test(tcase, test_index_of_a_hook);
	tcase_add_loop_test(tcase, test_range, 0, G_N_ELEMENTS(ranges));
	tcase_add_test(tcase, test_sparse_index);
	tcase_add_test(tcase, test_no_repository);
	tcase_add_test(tcase, test_hooks_dir);
	tcase_add_loop_test(tcase, test_is_of_remote, 0, G_N_ELEMENTS(addresses));
	tcase_add_test(tcase, test_is_of_local);
	suite_add_tcase(suite, tcase);
	return suite;
}
