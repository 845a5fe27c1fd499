/* What ids in markers stand for. The objects were searched for so that their ids begin alike. */
#include <check.h>
#include <glib.h>
#include <string.h>

#include "git/repo.h"
#include "tests/unit/git_ask.h"
#include "tests/unit/git_fixture.h"

Suite *resolve_suite(void);

#define EMPTY_TREE "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

/* Commit 114301506: all forty digits are decimal. */
#define ALL_DIGITS "3851873147212231374921729297681460918915"

enum kind {
	KIND_NONE = 0,
	KIND_COMMIT,
	KIND_TREE,
	KIND_BLOB,
	KIND_TAG,
};

/* An object of the repository, told from others of its kind by a number. */
struct object {
	enum kind kind;
	int number;
};

static const struct object objects[] = {
	{KIND_COMMIT, 0},         {KIND_COMMIT, 22334}, {KIND_COMMIT, 26855}, {KIND_COMMIT, 51025},
	{KIND_TREE, 793},         {KIND_COMMIT, 58438}, {KIND_BLOB, 2424},    {KIND_COMMIT, 5325},
	{KIND_TAG, 3344},         {KIND_TAG, 7},        {KIND_TREE, 1},       {KIND_COMMIT, 221},
	{KIND_COMMIT, 114301506},
};

struct resolve_case {
	const char *name;
	struct object asked; /* its id is asked for; NONE: text is */
	int digits;          /* so many of it */
	const char *text;
	enum git_resolution_status status;
	int found; /* number of the commit */
};

static const struct resolve_case cases[] = {
	{"full id", {KIND_COMMIT, 0}, 40, NULL, GIT_RESOLUTION_FOUND, 0},
	{"7 digits", {KIND_COMMIT, 0}, 7, NULL, GIT_RESOLUTION_FOUND, 0},
	{"8 digits", {KIND_COMMIT, 0}, 8, NULL, GIT_RESOLUTION_FOUND, 0},
	{"39 digits", {KIND_COMMIT, 0}, 39, NULL, GIT_RESOLUTION_FOUND, 0},
	{"6 digits are too few", {KIND_COMMIT, 0}, 6, NULL, GIT_RESOLUTION_NO_COMMIT, 0},
	{"two commits", {KIND_COMMIT, 22334}, 7, NULL, GIT_RESOLUTION_AMBIGUOUS, 0},
	{"one of the two", {KIND_COMMIT, 22334}, 12, NULL, GIT_RESOLUTION_FOUND, 22334},
	{"the other of the two", {KIND_COMMIT, 26855}, 12, NULL, GIT_RESOLUTION_FOUND, 26855},
	{"a commit and a tree", {KIND_COMMIT, 51025}, 7, NULL, GIT_RESOLUTION_FOUND, 51025},
	{"a commit and a blob", {KIND_COMMIT, 58438}, 7, NULL, GIT_RESOLUTION_FOUND, 58438},
	{"a commit and a tag of another", {KIND_COMMIT, 5325}, 7, NULL, GIT_RESOLUTION_FOUND, 5325},
	{"full id of a tag", {KIND_TAG, 7}, 40, NULL, GIT_RESOLUTION_FOUND, 0},
	{"short id of a tag", {KIND_TAG, 7}, 8, NULL, GIT_RESOLUTION_FOUND, 0},
	{"full id of a tree", {KIND_TREE, 1}, 40, NULL, GIT_RESOLUTION_NO_COMMIT, 0},
	{"short id of a tree", {KIND_TREE, 1}, 10, NULL, GIT_RESOLUTION_NO_COMMIT, 0},
	{"decimal digits, all of them",
	 {KIND_NONE, 0},
	 40,
	 ALL_DIGITS,
	 GIT_RESOLUTION_FOUND,
	 114301506},
	{"decimal digits, seven", {KIND_NONE, 0}, 7, ALL_DIGITS, GIT_RESOLUTION_FOUND, 114301506},
	{"decimal digits, twelve", {KIND_COMMIT, 221}, 12, NULL, GIT_RESOLUTION_FOUND, 221},
	{"full id of nothing",
	 {KIND_NONE, 0},
	 40,
	 "0123456789012345678901234567890123456789",
	 GIT_RESOLUTION_NOBODY_TO_ASK,
	 0},
	{"short id of nothing", {KIND_NONE, 0}, 12, "012345678901", GIT_RESOLUTION_NO_COMMIT, 0},
	{"zeroes",
	 {KIND_NONE, 0},
	 40,
	 "0000000000000000000000000000000000000000",
	 GIT_RESOLUTION_NOBODY_TO_ASK,
	 0},
	{"a branch of hex digits", {KIND_NONE, 0}, 7, "abcdef1", GIT_RESOLUTION_NO_COMMIT, 0},
	{"a name", {KIND_NONE, 0}, 4, "main", GIT_RESOLUTION_NO_COMMIT, 0},
	{"revision syntax", {KIND_NONE, 0}, 7, "main^{}", GIT_RESOLUTION_NO_COMMIT, 0},
	{"unknown", {KIND_NONE, 0}, 7, "unknown", GIT_RESOLUTION_NO_COMMIT, 0},
};

static char *feed(const char *dir, const char *type, const char *bytes, gsize length)
{
	return git_fixture_feed(dir, bytes, length, "hash-object", "--literally", "-t", type, "-w",
				"--stdin", NULL);
}

static char *make_commit(const char *dir, int number)
{
	g_autofree char *text = g_strdup_printf("tree " EMPTY_TREE "\nauthor A <a@x> 1 +0000\n"
						"committer A <a@x> 1 +0000\n\n%d\n",
						number);

	return feed(dir, "commit", text, strlen(text));
}

static char *make_tree(const char *dir, int number)
{
	g_autoptr(GString) tree = g_string_new(NULL);
	static const guint8 blob[] = {0xe6, 0x9d, 0xe2, 0x9b, 0xb2, 0xd1, 0xd6, 0x43, 0x4b, 0x8b,
				      0x29, 0xae, 0x77, 0x5a, 0xd8, 0xc2, 0xe4, 0x8c, 0x53, 0x91};

	g_string_printf(tree, "100644 %d", number);
	g_string_append_len(tree, (const char *)"", 1);
	g_string_append_len(tree, (const char *)blob, sizeof(blob));
	return feed(dir, "tree", tree->str, tree->len);
}

static char *make_tag(const char *dir, int number)
{
	g_autofree char *commit = make_commit(dir, 0);
	g_autofree char *text = g_strdup_printf(
		"object %s\ntype commit\ntag t\ntagger A <a@x> 1 +0000\n\n%d\n", commit, number);

	return feed(dir, "tag", text, strlen(text));
}

static char *make_object(const char *dir, const struct object *object)
{
	g_autofree char *text = g_strdup_printf("%d\n", object->number);

	switch (object->kind) {
	case KIND_COMMIT:
		return make_commit(dir, object->number);
	case KIND_TREE:
		return make_tree(dir, object->number);
	case KIND_TAG:
		return make_tag(dir, object->number);
	case KIND_BLOB:
		return feed(dir, "blob", text, strlen(text));
	case KIND_NONE:
		break;
	}
	return NULL;
}

/* Everything is reachable, so that packing keeps it. */
static void make_repository(struct git_fixture *fixture)
{
	g_autofree char *tree = NULL;
	g_autofree char *blob = NULL;

	git_fixture_init(fixture);
	blob = feed(fixture->dir, "blob", "", 0);
	tree = feed(fixture->dir, "tree", "", 0);
	ck_assert_str_eq(tree, EMPTY_TREE);
	for (size_t i = 0; i < G_N_ELEMENTS(objects); i++) {
		g_autofree char *id = make_object(fixture->dir, &objects[i]);
		g_autofree char *ref = g_strdup_printf("refs/kept/%zu", i);
		git_fixture_do(fixture->dir, "update-ref", ref, id, NULL);
		const char *branch = i == 0 ? "refs/heads/main" : "refs/heads/abcdef1";

		if (i <= 1) {
			git_fixture_do(fixture->dir, "update-ref", branch, id, NULL);
		}
	}
}

static void check_case(const struct resolve_case *row, struct git_fixture *fixture, const char *id,
		       const char *form)
{
	struct repo *repo = git_ask_open_local(fixture->dir, NULL);
	g_autofree char *text = g_strndup(id, (gsize)row->digits);
	g_autofree char *commit = make_commit(fixture->dir, row->found);
	const struct git_resolution *resolution;
	struct git_answer *answer;

	git_head_free(git_ask_fetch(repo, ""));
	answer = git_ask(repo, git_ask_question("", text), NULL);
	ck_assert_msg(!answer->error, "%s", answer->error);
	resolution = git_answer_resolution(answer, text);
	ck_assert_ptr_nonnull(resolution);
	ck_assert_msg(resolution->status == row->status, "%s, %s: status %d: %s", row->name, form,
		      (int)resolution->status, resolution->why ? resolution->why : "");
	if (row->status == GIT_RESOLUTION_FOUND) {
		ck_assert_str_eq(resolution->sha, commit);
		ck_assert_ptr_null(resolution->why);
		ck_assert_uint_eq(answer->comparisons->len, 1);
	} else {
		ck_assert_ptr_nonnull(resolution->why);
		ck_assert_uint_eq(answer->comparisons->len, 0);
	}
	git_answer_free(answer);
	repo_free(repo);
}

START_TEST(L21_ids_are_resolved_among_commits)
{
	const struct resolve_case *row = &cases[_i];
	struct git_fixture fixture;
	g_autofree char *id = NULL;

	make_repository(&fixture);
	id = row->text ? g_strdup(row->text) : make_object(fixture.dir, &row->asked);
	check_case(row, &fixture, id, "loose");
	git_fixture_do(fixture.dir, "repack", "-q", "-a", "-d", NULL);
	check_case(row, &fixture, id, "packed");
	git_fixture_done(&fixture);
}
END_TEST

START_TEST(L21_decimal_id_is_what_it_is)
{
	struct git_fixture fixture;
	g_autofree char *id = NULL;

	git_fixture_init(&fixture);
	id = make_commit(fixture.dir, 114301506);
	ck_assert_str_eq(id, ALL_DIGITS);
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

Suite *resolve_suite(void)
{
	Suite *suite = suite_create("resolve");
	TCase *tcase = tcase_create("ids");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, start_library, stop_library);
	tcase_add_loop_test(tcase, L21_ids_are_resolved_among_commits, 0, G_N_ELEMENTS(cases));
	tcase_add_test(tcase, L21_decimal_id_is_what_it_is);
	suite_add_tcase(suite, tcase);
	return suite;
}
