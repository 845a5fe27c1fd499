/* Mirrors over file:// with the real git: fetching, asking by id, mending themselves, deadlines. */
#include <check.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clk.h"
#include "drift_error.h"
#include "git/mirror.h"
#include "git/repo.h"
#include "tests/unit/git_ask.h"
#include "tests/unit/git_fixture.h"

Suite *mirror_suite(void);

static struct git_fixture fixture;
static char *place;
static char *mirror;
static char *url;

static void run(const char *dir, const char *command, const char *a, const char *b)
{
	git_fixture_do(dir, command, a, b, NULL);
}

static void setup(void)
{
	repo_init_library();
	git_fixture_init(&fixture);
	place = git_fixture_make_dir();
	mirror = g_build_filename(place, "mirrors", "test.git", NULL);
	url = g_strconcat("file://", fixture.dir, NULL);
	run(fixture.dir, "config", "uploadpack.allowFilter", "true");
	run(fixture.dir, "config", "uploadpack.allowAnySHA1InWant", "true");
	git_fixture_add(&fixture, "a x=1\nb:a x=2\nk:a x=7\nc:b x=3\nd:c x=4");
	git_fixture_set_main(&fixture, "b");
}

static void teardown(void)
{
	g_free(url);
	g_free(mirror);
	git_fixture_remove_dir(place);
	git_fixture_done(&fixture);
	repo_done_library();
}

static const char *id_of(const char *name)
{
	return git_fixture_id(&fixture, name);
}

static struct repo *open_mirror(const char *branch, int64_t timeout_ms)
{
	struct repo_options *options = g_new0(struct repo_options, 1);

	options->name = g_strdup("test");
	options->url = g_strdup(url);
	options->branch = g_strdup(branch);
	options->mirror_dir = g_strdup(mirror);
	options->fetch_timeout_ms = timeout_ms;
	return repo_create(options);
}

/* Fetch and say whether the mirror was made anew; the head must be @p name. */
static bool fetch(struct repo *repo, const char *name)
{
	struct repo_fetch result = {0};
	g_autoptr(GError) error = NULL;
	bool remade;

	ck_assert_msg(repo_fetch(repo, "", -1, &result, &error), "%s", error ? error->message : "");
	ck_assert_str_eq(result.head->sha, id_of(name));
	ck_assert((result.remade_why != NULL) == result.remade);
	remade = result.remade;
	repo_fetch_done(&result);
	return remade;
}

static void fail_fetch(struct repo *repo, int code, const char *words)
{
	struct repo_fetch result = {0};
	g_autoptr(GError) error = NULL;

	ck_assert(!repo_fetch(repo, "", -1, &result, &error));
	ck_assert_msg(error->code == code, "%d: %s", error->code, error->message);
	ck_assert_msg(strstr(error->message, words) != NULL, "%s", error->message);
	ck_assert_ptr_null(result.head);
}

static char *list_objects(void)
{
	return git_fixture_run(mirror, "cat-file", "--batch-all-objects", "--batch-check", NULL);
}

static int64_t behind(struct repo *repo, const char *name)
{
	struct git_answer *answer = git_ask(repo, git_ask_question("x", id_of(name)), NULL);
	int64_t commits;

	ck_assert_msg(!answer->error, "%s", answer->error);
	ck_assert_uint_eq(answer->comparisons->len, 1);
	commits = ((const struct git_comparison *)g_ptr_array_index(answer->comparisons, 0))
			  ->behind_commits;
	git_answer_free(answer);
	return commits;
}

/* ---- fetching ---- */

START_TEST(L32_fetch_follows_the_branch)
{
	struct repo *repo = open_mirror("main", 60000);
	g_autofree char *objects = NULL;

	ck_assert(!fetch(repo, "b"));
	ck_assert_int_eq(behind(repo, "a"), 1);
	git_fixture_set_main(&fixture, "d");
	ck_assert_int_eq(behind(repo, "a"), 1); /* not fetched yet */
	ck_assert(!fetch(repo, "d"));
	ck_assert_int_eq(behind(repo, "a"), 3);
	git_fixture_set_main(&fixture, "k"); /* forced */
	ck_assert(!fetch(repo, "k"));
	ck_assert(!fetch(repo, "k")); /* nothing new */
	objects = list_objects();
	ck_assert_ptr_null(strstr(objects, " blob ")); /* none was fetched, none is read */
	repo_free(repo);
}
END_TEST

START_TEST(test_default_branch_is_followed)
{
	struct repo *repo = open_mirror(NULL, 60000);
	struct git_head *head;

	ck_assert(!fetch(repo, "b"));
	head = repo_head(repo, "");
	ck_assert_str_eq(head->branch, "main");
	git_head_free(head);
	run(fixture.dir, "symbolic-ref", "HEAD", "refs/heads/c");
	ck_assert(!fetch(repo, "c"));
	run(fixture.dir, "update-ref", "refs/heads/deep/er", id_of("d"));
	run(fixture.dir, "symbolic-ref", "HEAD", "refs/heads/deep/er");
	ck_assert(!fetch(repo, "d"));
	head = repo_head(repo, "");
	ck_assert_str_eq(head->branch, "deep/er");
	git_head_free(head);
	repo_free(repo);
	/* after a restart the branch is known without asking */
	repo = open_mirror(NULL, 60000);
	head = repo_head(repo, "");
	ck_assert_str_eq(head->branch, "deep/er");
	ck_assert_str_eq(head->sha, id_of("d"));
	git_head_free(head);
	repo_free(repo);
}
END_TEST

START_TEST(test_detached_remote_head)
{
	struct repo *repo = open_mirror(NULL, 60000);
	git_fixture_do(fixture.dir, "update-ref", "--no-deref", "HEAD", id_of("c"), NULL);

	ck_assert(!fetch(repo, "c"));
	repo_free(repo);
}
END_TEST

START_TEST(L32_old_head_stays_while_the_remote_is_away)
{
	struct repo *repo = open_mirror("main", 60000);
	g_autofree char *away = g_strconcat(fixture.dir, ".away", NULL);
	struct git_head *head;

	fetch(repo, "b");
	ck_assert_int_eq(g_rename(fixture.dir, away), 0);
	fail_fetch(repo, DRIFT_ERROR_NOT_FOUND, "check the url");
	head = repo_head(repo, "");
	ck_assert_str_eq(head->sha, id_of("b"));
	git_head_free(head);
	ck_assert_int_eq(behind(repo, "a"), 1);
	repo_free(repo);
	repo = open_mirror("main", 60000); /* restarted meanwhile */
	fail_fetch(repo, DRIFT_ERROR_NOT_FOUND, "check the url");
	ck_assert_int_eq(behind(repo, "a"), 1);
	ck_assert_int_eq(g_rename(away, fixture.dir), 0);
	git_fixture_set_main(&fixture, "d");
	fetch(repo, "d");
	repo_free(repo);
}
END_TEST

static const struct {
	const char *branch;
	const char *remote; /* folder beside the mirror; NULL: the fixture */
	int code;
	const char *words;
} refused[] = {
	{"nowhere", NULL, DRIFT_ERROR_NOT_FOUND, "no branch nowhere"},
	{NULL, "empty", DRIFT_ERROR_NOT_FOUND, "no commit yet"},
	{"main", "empty", DRIFT_ERROR_NOT_FOUND, "no branch main"},
	{"main", "none", DRIFT_ERROR_NOT_FOUND, "check the url"},
	{"main", "long", DRIFT_ERROR_UNSUPPORTED, "SHA-256"},
	{NULL, "long", DRIFT_ERROR_UNSUPPORTED, "SHA-256"},
};

START_TEST(test_refused)
{
	struct repo *repo;

	run(place, "init", "-q", "empty");
	run(place, "init", "--object-format=sha256", "long");
	if (refused[_i].remote && strcmp(refused[_i].remote, "long") == 0) {
		g_autofree char *dir = g_build_filename(place, "long", NULL);

		run(dir, "commit", "--allow-empty", "-mx");
		run(dir, "branch", "-M", "main");
	}
	if (refused[_i].remote) {
		g_free(url);
		url = g_strdup_printf("file://%s/%s", place, refused[_i].remote);
	}
	repo = open_mirror(refused[_i].branch, 60000);
	fail_fetch(repo, refused[_i].code, refused[_i].words);
	ck_assert_ptr_null(repo_head(repo, ""));
	repo_free(repo);
}
END_TEST

/* ---- mending ---- */

START_TEST(test_other_url_makes_it_anew)
{
	struct git_fixture other;
	struct repo *repo = open_mirror("main", 60000);
	g_autofree char *before = NULL;
	struct repo_fetch result = {0};
	g_autoptr(GError) error = NULL;

	ck_assert(!fetch(repo, "b"));
	repo_free(repo);
	git_fixture_init(&other);
	git_fixture_add(&other, "z y=1");
	git_fixture_set_main(&other, "z");
	before = g_steal_pointer(&url);
	url = g_strconcat("file://", other.dir, NULL);
	repo = open_mirror("main", 60000);
	/* the old one's head is not the new one's */
	ck_assert_ptr_null(repo_head(repo, ""));
	ck_assert_msg(repo_fetch(repo, "", -1, &result, &error), "%s", error ? error->message : "");
	ck_assert_str_eq(result.head->sha, git_fixture_id(&other, "z"));
	ck_assert(result.remade);
	ck_assert_ptr_nonnull(strstr(result.remade_why, "url changed"));
	repo_fetch_done(&result);
	repo_free(repo);
	git_fixture_done(&other);
}
END_TEST

static void write_text(const char *file, const char *text)
{
	g_autofree char *path = g_build_filename(mirror, file, NULL);

	ck_assert_int_eq(g_chmod(path, 0600), 0);
	ck_assert(g_file_set_contents(path, text, -1, NULL));
}

/* Every pack half as long as it was. */
static void cut_packs(void)
{
	g_autofree char *dir = g_build_filename(mirror, "objects", "pack", NULL);
	g_autoptr(GDir) packs = g_dir_open(dir, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(packs))) {
		g_autofree char *path = g_build_filename(dir, name, NULL);
		GStatBuf status;

		ck_assert_int_eq(g_stat(path, &status), 0);
		if (g_str_has_suffix(name, ".pack"))
			ck_assert_int_eq(truncate(path, status.st_size / 2), 0);
	}
}

static void remove_packs(void)
{
	g_autofree char *dir = g_build_filename(mirror, "objects", "pack", NULL);
	g_autoptr(GDir) packs = g_dir_open(dir, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(packs))) {
		g_autofree char *path = g_build_filename(dir, name, NULL);

		ck_assert_int_eq(unlink(path), 0);
	}
}

#define DAMAGES 6

static void damage(int kind)
{
	g_autofree char *head = g_build_filename(mirror, "HEAD", NULL);

	switch (kind) {
	case 0:
		write_text("config", "[core\nnonsense");
		break;
	case 1:
		ck_assert_int_eq(unlink(head), 0);
		break;
	case 2:
		cut_packs();
		break;
	case 3:
		remove_packs();
		break;
	case 4:
		write_text("refs/driftd/heads/main", "nonsense\n");
		break;
	default:
		write_text("config", "");
	}
}

/* With the same head on the remote, and with a new one. Where git itself fetched again what was
 * lost nothing need be made anew; the answer is right in every case. */
START_TEST(test_damage_makes_it_anew)
{
	const char *head = _i < DAMAGES ? "b" : "d";
	struct repo *repo = open_mirror("main", 60000);
	bool remade;

	ck_assert(!fetch(repo, "b"));
	repo_free(repo);
	damage(_i % DAMAGES);
	repo = open_mirror("main", 60000);
	git_fixture_set_main(&fixture, head);
	remade = fetch(repo, head);
	if (!remade) { /* the head could be read: what is behind it is found out when it is asked */
		git_answer_free(git_ask(repo, git_ask_question("x", id_of("a")), NULL));
		remade = fetch(repo, head);
	}
	ck_assert(remade || _i >= DAMAGES);
	ck_assert_int_eq(behind(repo, "a"), _i < DAMAGES ? 1 : 3);
	repo_free(repo);
}
END_TEST

START_TEST(test_leftovers_of_a_killed_git)
{
	struct repo *repo = open_mirror("main", 60000);
	static const char *const left[] = {"HEAD.lock",    "packed-refs.lock",
					   "config.lock",  "refs/driftd/heads/main.lock",
					   "shallow.lock", "objects/pack/tmp_pack_x"};

	ck_assert(!fetch(repo, "b"));
	for (size_t i = 0; i < G_N_ELEMENTS(left); i++) {
		g_autofree char *path = g_build_filename(mirror, left[i], NULL);

		ck_assert(g_file_set_contents(path, "", 0, NULL));
	}
	git_fixture_set_main(&fixture, "d");
	ck_assert(!fetch(repo, "d"));
	for (size_t i = 0; i < G_N_ELEMENTS(left); i++) {
		g_autofree char *path = g_build_filename(mirror, left[i], NULL);

		ck_assert_msg(g_access(path, F_OK) != 0, "%s", left[i]);
	}
	repo_free(repo);
}
END_TEST

static guint count_packs(void)
{
	g_autofree char *dir = g_build_filename(mirror, "objects", "pack", NULL);
	g_autoptr(GDir) packs = g_dir_open(dir, 0, NULL);
	const char *name;
	guint count = 0;

	while ((name = g_dir_read_name(packs)))
		count += g_str_has_suffix(name, ".pack") ? 1 : 0;
	return count;
}

/* So many fetches that the packs are repacked; what was asked for by id is kept. */
START_TEST(test_packs_are_repacked)
{
	struct repo *repo = open_mirror("main", 60000);
	g_autoptr(GPtrArray) ids = g_ptr_array_new();
	g_autofree char *objects = NULL;
	guint most = 0;

	fetch(repo, "b");
	g_ptr_array_add(ids, (gpointer)(uintptr_t)id_of("k"));
	repo_ask_remote(repo, ids, -1);
	for (int i = 0; i < MIRROR_PACKS_MAX; i++) {
		g_autofree char *line = g_strdup_printf("p%d:b x=p%d", i, i);
		g_autofree char *name = g_strdup_printf("p%d", i);

		git_fixture_add(&fixture, line);
		git_fixture_set_main(&fixture, name);
		fetch(repo, name);
		most = MAX(most, count_packs());
	}
	ck_assert_uint_ge(most, MIRROR_PACKS_MAX / 2);
	ck_assert_uint_lt(count_packs(), 10);
	ck_assert_int_eq(behind(repo, "a"), 2);
	ck_assert_int_eq(behind(repo, "k"), 2);
	objects = list_objects();
	ck_assert_ptr_nonnull(strstr(objects, id_of("k")));
	ck_assert_ptr_null(strstr(objects, " blob "));
	repo_free(repo);
}
END_TEST

/* ---- asking by id ---- */

static enum git_resolution_status ask_status(struct repo *repo, const char *id)
{
	struct git_answer *answer = git_ask(repo, git_ask_question("x", id), NULL);
	enum git_resolution_status status = git_answer_resolution(answer, id)->status;

	git_answer_free(answer);
	return status;
}

static guint ask_unknown(struct repo *repo, const char *const *ids)
{
	g_autoptr(GPtrArray) questions =
		g_ptr_array_new_with_free_func((GDestroyNotify)git_question_free);
	g_autoptr(GPtrArray) unknown = NULL;

	for (size_t i = 0; ids[i]; i++)
		g_ptr_array_add(questions, git_ask_question("x", ids[i]));
	unknown = repo_unknown_ids(repo, questions);
	repo_ask_remote(repo, unknown, -1);
	return unknown->len;
}

#define ABSENT "0123456789012345678901234567890123456789"
#define ABSENT_2 "1123456789012345678901234567890123456789"

START_TEST(L32_unknown_ids_are_asked_of_the_remote)
{
	struct repo *repo = open_mirror("main", 60000);
	const char *const ids[] = {ABSENT,   id_of("k"), id_of("a"), id_of("d"),
				   ABSENT_2, id_of("k"), "0123456",  NULL};

	clk_set_fake(1000000, 1000000);
	fetch(repo, "b");
	ck_assert_int_eq(ask_status(repo, ABSENT), GIT_RESOLUTION_UNASKED);
	ck_assert_uint_eq(ask_unknown(repo, ids), 4);
	ck_assert_int_eq(ask_status(repo, ABSENT), GIT_RESOLUTION_ABSENT);
	ck_assert_int_eq(ask_status(repo, ABSENT_2), GIT_RESOLUTION_ABSENT);
	ck_assert_int_eq(ask_status(repo, id_of("k")), GIT_RESOLUTION_FOUND);
	ck_assert_int_eq(ask_status(repo, id_of("d")), GIT_RESOLUTION_FOUND);
	ck_assert_int_eq(behind(repo, "k"), 1);
	/* not again before its time, but at a new head */
	clk_set_fake(1000000 + 10 * MS_PER_MINUTE - 1, 1000000);
	ck_assert_uint_eq(ask_unknown(repo, ids), 0);
	clk_set_fake(1000000 + 10 * MS_PER_MINUTE, 1000000);
	ck_assert_uint_eq(ask_unknown(repo, ids), 2);
	ck_assert_uint_eq(ask_unknown(repo, ids), 0);
	git_fixture_set_main(&fixture, "c");
	fetch(repo, "c");
	ck_assert_uint_eq(ask_unknown(repo, ids), 2);
	repo_free(repo);
	clk_clear_fake();
}
END_TEST

START_TEST(test_remote_that_is_away_knows_nothing)
{
	struct repo *repo = open_mirror("main", 60000);
	const char *const ids[] = {id_of("k"), NULL};
	g_autofree char *away = g_strconcat(fixture.dir, ".away", NULL);
	struct git_answer *answer;

	fetch(repo, "b");
	ck_assert_int_eq(g_rename(fixture.dir, away), 0);
	ck_assert_uint_eq(ask_unknown(repo, ids), 1);
	answer = git_ask(repo, git_ask_question("x", id_of("k")), NULL);
	ck_assert_int_eq(git_answer_resolution(answer, id_of("k"))->status, GIT_RESOLUTION_UNASKED);
	ck_assert_ptr_nonnull(strstr(git_answer_resolution(answer, id_of("k"))->why, "git fetch"));
	git_answer_free(answer);
	fail_fetch(repo, DRIFT_ERROR_NOT_FOUND, "check the url");
	ck_assert_uint_eq(ask_unknown(repo, ids), 0);
	ck_assert_int_eq(g_rename(away, fixture.dir), 0);
	repo_free(repo);
}
END_TEST

/* An id of something else than a commit. */
START_TEST(test_tree_is_no_commit)
{
	struct repo *repo = open_mirror("main", 60000);
	g_autofree char *tree = git_fixture_run(fixture.dir, "rev-parse", "k^{tree}", NULL);
	const char *const ids[] = {tree, NULL};

	fetch(repo, "b");
	ask_unknown(repo, ids);
	ck_assert_int_eq(ask_status(repo, tree), GIT_RESOLUTION_NO_COMMIT);
	repo_free(repo);
}
END_TEST

/* ---- a git that hangs, or is not there ---- */

static void write_script(const char *text)
{
	g_autofree char *path = g_build_filename(place, "bin", "git", NULL);
	g_autofree char *bin = g_path_get_dirname(path);
	g_autofree char *search = g_strdup_printf("%s:%s", bin, g_getenv("PATH"));

	ck_assert_int_eq(g_mkdir(bin, 0700), 0);
	ck_assert(g_file_set_contents(path, text, -1, NULL));
	ck_assert_int_eq(g_chmod(path, 0700), 0);
	ck_assert(g_setenv("PATH", search, TRUE));
}

/* Has the process whose id the script left in @p file ended? */
static bool is_gone(const char *file)
{
	g_autofree char *path = g_build_filename(place, file, NULL);
	g_autofree char *text = NULL;
	g_autofree char *proc = NULL;
	g_autofree char *state = NULL;

	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	proc = g_strdup_printf("/proc/%s/stat", g_strstrip(text));
	/* a zombie that waits for init to look is gone, too */
	return !g_file_get_contents(proc, &state, NULL, NULL) || strstr(state, ") Z ");
}

static void await_gone(const char *file)
{
	int64_t until_ms = clk_mono_ms() + 10000;

	while (!is_gone(file)) {
		ck_assert_int_lt(clk_mono_ms(), until_ms);
		g_usleep(1000);
	}
}

#define HANG                                                                                       \
	"#!/bin/sh\necho $$ >%s/pid\nsleep 1000 &\necho $! >%s/child\n"                            \
	"echo fatal: half a word >&2\nwait\n"

START_TEST(test_deadline_kills_the_group)
{
	g_autofree char *script = g_strdup_printf(HANG, place, place);
	struct repo *repo = open_mirror("main", 500);
	int64_t begun_ms = clk_mono_ms();

	write_script(script);
	fail_fetch(repo, DRIFT_ERROR_TIMEOUT, "raise fetch-timeout");
	ck_assert_int_ge(clk_mono_ms() - begun_ms, 500);
	ck_assert_int_lt(clk_mono_ms() - begun_ms, 20000);
	await_gone("pid");
	await_gone("child");
	repo_free(repo);
}
END_TEST

/* One that does not stop when it is asked to. */
START_TEST(test_deadline_kills_the_stubborn)
{
	g_autofree char *script = g_strdup_printf(
		"#!/bin/sh\ntrap '' TERM\necho $$ >%s/pid\nsleep 1000 &\necho $! >%s/child\n"
		"while :; do wait; sleep 1; done\n",
		place, place);
	struct repo *repo = open_mirror("main", 500);

	write_script(script);
	fail_fetch(repo, DRIFT_ERROR_TIMEOUT, "raise fetch-timeout");
	await_gone("pid");
	await_gone("child");
	repo_free(repo);
}
END_TEST

START_TEST(test_cancel_kills_the_group)
{
	g_autofree char *script = g_strdup_printf(HANG, place, place);
	struct repo *repo = open_mirror("main", 60000);
	int cancel = eventfd(1, EFD_CLOEXEC);
	struct repo_fetch result = {0};
	g_autoptr(GError) error = NULL;

	write_script(script);
	ck_assert(!repo_fetch(repo, "", cancel, &result, &error));
	ck_assert_int_eq(error->code, DRIFT_ERROR_CANCELLED);
	ck_assert_int_eq(close(cancel), 0);
	repo_free(repo);
}
END_TEST

START_TEST(test_no_git)
{
	struct repo *repo = open_mirror("main", 60000);

	ck_assert(g_setenv("PATH", place, TRUE));
	fail_fetch(repo, DRIFT_ERROR_UNAVAILABLE, "install git");
	repo_free(repo);
}
END_TEST

/* What it prints without end is not kept without end. */
START_TEST(test_endless_output)
{
	struct repo *repo = open_mirror("main", 60000);

	write_script("#!/bin/sh\nexec cat /dev/zero\n");
	fail_fetch(repo, DRIFT_ERROR_UNAVAILABLE, "git");
	repo_free(repo);
}
END_TEST

START_TEST(test_endless_complaints)
{
	struct repo *repo = open_mirror("main", 60000);

	write_script("#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x >&2\necho >&2\n"
		     "echo 'fatal: at last' >&2\nexit 128\n");
	fail_fetch(repo, DRIFT_ERROR_UNAVAILABLE, "at last");
	repo_free(repo);
}
END_TEST

Suite *mirror_suite(void)
{
	Suite *suite = suite_create("mirror");
	TCase *tcase = tcase_create("mirror");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, L32_fetch_follows_the_branch);
	tcase_add_test(tcase, test_default_branch_is_followed);
	tcase_add_test(tcase, test_detached_remote_head);
	tcase_add_test(tcase, L32_old_head_stays_while_the_remote_is_away);
	tcase_add_loop_test(tcase, test_refused, 0, G_N_ELEMENTS(refused));
	tcase_add_test(tcase, test_other_url_makes_it_anew);
	tcase_add_loop_test(tcase, test_damage_makes_it_anew, 0, 2 * DAMAGES);
	tcase_add_test(tcase, test_leftovers_of_a_killed_git);
	tcase_add_test(tcase, test_packs_are_repacked);
	tcase_add_test(tcase, L32_unknown_ids_are_asked_of_the_remote);
	tcase_add_test(tcase, test_remote_that_is_away_knows_nothing);
	tcase_add_test(tcase, test_tree_is_no_commit);
	tcase_add_test(tcase, test_deadline_kills_the_group);
	tcase_add_test(tcase, test_deadline_kills_the_stubborn);
	tcase_add_test(tcase, test_cancel_kills_the_group);
	tcase_add_test(tcase, test_no_git);
	tcase_add_test(tcase, test_endless_output);
	tcase_add_test(tcase, test_endless_complaints);
	suite_add_tcase(suite, tcase);
	return suite;
}
