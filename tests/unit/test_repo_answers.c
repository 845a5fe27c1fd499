/* What an answer holds beside the relation: when commits were seen, missing paths, subjects, pairs;
 * and the forms a repository can have. */
#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "drift_error.h"
#include "git/repo.h"
#include "tests/unit/git_ask.h"
#include "tests/unit/git_fixture.h"

Suite *repo_answers_suite(void);

static struct git_fixture fixture;
static struct repo *repo;

static void setup(void)
{
	repo_init_library();
	git_fixture_init(&fixture);
	repo = git_ask_open_local(fixture.dir, NULL);
}

static void teardown(void)
{
	repo_free(repo);
	git_fixture_done(&fixture);
	repo_done_library();
}

static void set_head(const char *name)
{
	git_fixture_set_main(&fixture, name);
	git_head_free(git_ask_fetch(repo, ""));
}

static const char *id_of(const char *name)
{
	return git_fixture_id(&fixture, name);
}

static struct git_answer *ask(const char *paths, const char *name, const GPtrArray *seen)
{
	struct git_answer *answer =
		git_ask(repo, git_ask_question(paths, name ? id_of(name) : NULL), seen);

	ck_assert_msg(!answer->error, "%s", answer->error);
	return answer;
}

static const struct git_comparison *only(const struct git_answer *answer)
{
	ck_assert_uint_eq(answer->comparisons->len, 1);
	return g_ptr_array_index(answer->comparisons, 0);
}

static int64_t committed_ms(guint index)
{
	return (GIT_FIXTURE_EPOCH_S + 100 * (int64_t)index) * 1000;
}

/* ---- first seen ---- */

/* a b c d, heads seen: b at 5e12, d at 6e12 */
START_TEST(L20_first_seen_is_when_a_head_with_it_was_seen)
{
	g_autoptr(GPtrArray) seen = git_ask_new_seen();
	const struct git_comparison *comparison;
	struct git_answer *answer;

	git_fixture_add(&fixture, "a x=1\nb:a x=2\nc:b x=3\nd:c x=4\ne:d x=5");
	set_head("e");
	git_ask_add_seen(seen, id_of("b"), INT64_C(5000000000000));
	git_ask_add_seen(seen, id_of("d"), INT64_C(6000000000000));
	git_ask_add_seen(seen, id_of("e"), INT64_C(7000000000000));
	answer = ask("x", "a", seen);
	comparison = only(answer);
	ck_assert_uint_eq(comparison->list->len, 4);
	for (guint i = 0; i < 4; i++) {
		static const int64_t want[] = {INT64_C(7000000000000), INT64_C(6000000000000),
					       INT64_C(6000000000000), 0};
		const struct git_commit *commit = g_ptr_array_index(comparison->list, i);

		ck_assert_int_eq(commit->first_seen_wall_ms, i < 3 ? want[i] : committed_ms(1));
		ck_assert_int_eq(commit->first_seen_is_stored, i < 3);
	}
	ck_assert_int_eq(comparison->oldest->first_seen_wall_ms, committed_ms(1));
	ck_assert(!comparison->oldest->first_seen_is_stored);
	git_answer_free(answer);
}
END_TEST

/* The committer lies about the future: no later than when the head was seen. */
START_TEST(test_first_head_caps_the_committer_time)
{
	g_autoptr(GPtrArray) seen = git_ask_new_seen();
	struct git_answer *answer;

	git_fixture_add(&fixture, "a x=1\nb:a x=2");
	set_head("b");
	git_ask_add_seen(seen, id_of("b"), 1234);
	answer = ask("x", "a", seen);
	ck_assert_int_eq(only(answer)->oldest->first_seen_wall_ms, 1234);
	ck_assert(!only(answer)->oldest->first_seen_is_stored);
	git_answer_free(answer);
}
END_TEST

/* b was seen, then pushed away by c; then d merged b back. b's change was seen with b. */
START_TEST(test_heads_off_the_line_count)
{
	g_autoptr(GPtrArray) seen = git_ask_new_seen();
	struct git_answer *answer;

	git_fixture_add(&fixture, "a x=1\nb:a x=2\nc:a doc=1\nf:b x=3\ng:f doc=2");
	set_head("g");
	git_ask_add_seen(seen, id_of("a"), 1000);
	git_ask_add_seen(seen, id_of("b"), 2000);
	git_ask_add_seen(seen, id_of("c"), 3000);
	git_ask_add_seen(seen, "0123456789012345678901234567890123456789", 3500);
	git_ask_add_seen(seen, id_of("g"), 4000);
	answer = ask("x", "a", seen);
	ck_assert_uint_eq(only(answer)->list->len, 2);
	ck_assert_int_eq(only(answer)->newest->first_seen_wall_ms, 4000);
	ck_assert_int_eq(only(answer)->oldest->first_seen_wall_ms, 2000);
	ck_assert(only(answer)->oldest->first_seen_is_stored);
	git_answer_free(answer);
}
END_TEST

/* A head off the line contains what it descends from: here b, through the branch k. */
START_TEST(test_side_head_contains_what_it_reaches)
{
	g_autoptr(GPtrArray) seen = git_ask_new_seen();
	struct git_answer *answer;

	git_fixture_add(&fixture, "a x=1\nb:a x=2\nk:b y=1\nl:k y=2\nc:b x=3");
	set_head("c");
	git_ask_add_seen(seen, id_of("a"), 1000);
	git_ask_add_seen(seen, id_of("l"), 2000);
	git_ask_add_seen(seen, id_of("c"), 3000);
	answer = ask("x", "a", seen);
	ck_assert_int_eq(only(answer)->oldest->first_seen_wall_ms, 2000);
	ck_assert_int_eq(only(answer)->newest->first_seen_wall_ms, 3000);
	git_answer_free(answer);
}
END_TEST

/* The content came in with a branch that was deployed before its evil merge. */
START_TEST(test_difference_without_commits_has_a_beginning)
{
	struct git_answer *answer;

	git_fixture_add(&fixture, "a x=1\nb:a x=2\nm:a,b\nn:m doc=1");
	set_head("n");
	answer = ask("x", "b", NULL);
	ck_assert_int_eq(only(answer)->topology, GIT_TOPOLOGY_BEHIND);
	ck_assert(!only(answer)->content_equal);
	ck_assert_int_eq(only(answer)->behind_commits, 0);
	ck_assert_int_eq(only(answer)->files, 1);
	ck_assert_ptr_null(only(answer)->newest);
	ck_assert_str_eq(only(answer)->oldest->sha, id_of("m"));
	git_answer_free(answer);
}
END_TEST

/* ---- heads ---- */

START_TEST(test_forced_push_is_said)
{
	struct git_head *head;

	git_fixture_add(&fixture, "a x=1\nb:a x=2\nc:b x=3\nd:a x=4\ne:d,b x=5");
	git_fixture_set_main(&fixture, "b");
	head = git_ask_fetch(repo, id_of("a"));
	ck_assert(!head->forced);
	ck_assert_str_eq(head->sha, id_of("b"));
	ck_assert_str_eq(head->branch, "main");
	ck_assert_str_eq(head->previous, id_of("a"));
	ck_assert_str_eq(head->commit.author, "Ann Author");
	git_head_free(head);
	git_fixture_set_main(&fixture, "d");
	head = git_ask_fetch(repo, id_of("c"));
	ck_assert(head->forced);
	ck_assert_int_eq(head->rewound, 2);
	git_head_free(head);
	git_fixture_set_main(&fixture, "e"); /* b came back as a second parent */
	head = git_ask_fetch(repo, id_of("b"));
	ck_assert(!head->forced);
	git_head_free(head);
	head = git_ask_fetch(repo, "0123456789012345678901234567890123456789");
	ck_assert(head->forced);
	git_head_free(head);
	head = git_ask_fetch(repo, id_of("e"));
	ck_assert(!head->forced);
	git_head_free(head);
}
END_TEST

START_TEST(test_rolled_back)
{
	struct git_question *question;
	struct git_answer *answer;
	static const struct {
		const char *deployed;
		const char *before;
		bool later;
	} rows[] = {{"a", "b", true},  {"b", "a", false}, {"b", "b", false}, {"k", "m", true},
		    {"k", "b", false}, {"k", "l", true},  {"a", "l", true},  {"l", "k", false}};

	git_fixture_add(&fixture, "a x=1\nk:a y=1\nl:k y=2\nb:a x=2\nm:b,k y=1\nn:m x=3");
	set_head("n");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		question = git_ask_question("", id_of(rows[i].deployed));
		g_ptr_array_add(question->seen_before, g_strdup(id_of(rows[i].before)));
		g_ptr_array_add(question->seen_before,
				g_strdup("0123456789012345678901234567890123456789"));
		answer = git_ask(repo, question, NULL);
		ck_assert_msg(only(answer)->later_seen == rows[i].later, "%s then %s",
			      rows[i].before, rows[i].deployed);
		git_answer_free(answer);
	}
}
END_TEST

/* ---- paths ---- */

START_TEST(L02_missing_paths_are_named)
{
	const struct git_missing_path *missing;
	struct git_answer *answer;

	git_fixture_add(&fixture, "a old/x=1 s/y=1\nb:a -old new/x=1");
	set_head("b");
	answer = ask("new old never !nothing s/*", "a", NULL);
	ck_assert_uint_eq(answer->missing_paths->len, 2);
	missing = g_ptr_array_index(answer->missing_paths, 0);
	ck_assert_str_eq(missing->pattern, "old");
	ck_assert(missing->existed_at_deployed);
	ck_assert(missing->deployed_known);
	missing = g_ptr_array_index(answer->missing_paths, 1);
	ck_assert_str_eq(missing->pattern, "never");
	ck_assert(!missing->existed_at_deployed);
	ck_assert(missing->deployed_known);
	git_answer_free(answer);
	answer = ask("old", NULL, NULL);
	missing = g_ptr_array_index(answer->missing_paths, 0);
	ck_assert(!missing->existed_at_deployed);
	ck_assert(!missing->deployed_known);
	git_answer_free(answer);
	answer = ask("", "a", NULL);
	ck_assert_uint_eq(answer->missing_paths->len, 0);
	git_answer_free(answer);
}
END_TEST

/* The tree of the head is followed, not walked anew: what came and went must show. */
START_TEST(L02_missing_paths_follow_the_head)
{
	static const struct {
		const char *head;
		guint missing;
	} rows[] = {{"a", 1}, {"b", 0}, {"c", 1}, {"b", 0}, {"d", 1}, {"e", 0}};

	git_fixture_add(&fixture, "a x=1\nb:a s/y=1\nc:b -s/y\nd:a s=1\ne s/z=1");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct git_answer *answer;

		set_head(rows[i].head);
		answer = ask("s/*", NULL, NULL);
		ck_assert_msg(answer->missing_paths->len == rows[i].missing, "row %zu", i);
		git_answer_free(answer);
	}
}
END_TEST

START_TEST(test_bad_pattern_is_an_error)
{
	struct git_answer *answer;

	git_fixture_add(&fixture, "a x=1");
	set_head("a");
	answer = git_ask(repo, git_ask_question("x [a", id_of("a")), NULL);
	ck_assert_ptr_nonnull(answer->error);
	ck_assert_ptr_nonnull(strstr(answer->error, "[a"));
	git_answer_free(answer);
}
END_TEST

static const struct {
	const char *a, *b;
	const char *paths;
	bool known, differs;
} pairs[] = {
	{"a", "b", "x", true, true},  {"a", "b", "y", true, false}, {"b", "k", "x", true, true},
	{"k", "a", "x", true, false}, {"a", "a", "", true, false},  {"a", NULL, "", false, false},
};

START_TEST(L05_pairs_are_compared)
{
	struct git_question *question = git_ask_question(pairs[_i].paths, NULL);
	struct git_pair *pair = g_new0(struct git_pair, 1);
	struct git_answer *answer;

	git_fixture_add(&fixture, "a x=1 y=1\nb:a x=2\nk:a y=2");
	set_head("b");
	g_strlcpy(pair->a, id_of(pairs[_i].a), sizeof(pair->a));
	g_strlcpy(pair->b,
		  pairs[_i].b ? id_of(pairs[_i].b) : "0123456789012345678901234567890123456789",
		  sizeof(pair->b));
	g_ptr_array_add(question->pairs, pair);
	answer = git_ask(repo, question, NULL);
	ck_assert_uint_eq(answer->pairs->len, 1);
	pair = g_ptr_array_index(answer->pairs, 0);
	ck_assert_int_eq(pair->known, pairs[_i].known);
	ck_assert_int_eq(pair->differs, pairs[_i].differs);
	git_answer_free(answer);
}
END_TEST

static void check_last_change(const char *paths, const char *want)
{
	struct git_question *question = git_ask_question(paths, NULL);
	struct git_answer *answer;

	question->want_last_change = true;
	answer = git_ask(repo, question, NULL);
	ck_assert_msg(!answer->error, "%s", answer->error);
	if (want)
		ck_assert_str_eq(answer->last_change->sha, id_of(want));
	else
		ck_assert_ptr_null(answer->last_change);
	git_answer_free(answer);
}

START_TEST(L20_last_change_is_found)
{
	/* everything kept, or next to nothing: the same answers */
	if (_i == 1)
		repo_set_history_limit(repo, 0, 2);
	git_fixture_add(&fixture,
			"a x=1 y=1\nb:a x=2\nc:b y=2\nd:c z=1\nk:b w=1\nm:d,k w=1\nn:m z=2\n"
			"p:b x=9");
	set_head("d");
	check_last_change("x", "b");
	check_last_change("y", "c");
	check_last_change("", "d");
	check_last_change("w", NULL);
	set_head("n");
	check_last_change("x", "b");
	check_last_change("w", "m");
	check_last_change("z", "n");
	set_head("p"); /* forced, with something new where the others were */
	check_last_change("x", "p");
	check_last_change("z", NULL);
	set_head("b"); /* forced back */
	check_last_change("x", "b");
	check_last_change("y", "a");
	check_last_change("z", NULL);
}
END_TEST

/* ---- commits ---- */

static const struct {
	const char *message;
	const char *merged; /* message of the second parent; NULL: no merge */
	const char *want;
} subjects[] = {
	{"plain subject", NULL, "plain subject"},
	{"two lines\nof one paragraph\n\nbody", NULL, "two lines of one paragraph"},
	{"\n\n  late subject\n", NULL, "late subject"},
	{"", NULL, ""},
	{"Merge branch 'x'", NULL, "Merge branch 'x'"},
	{"Merge branch 'x'", "what x does\n\nmore", "what x does"},
	{"Merge branches 'x' and 'y'", "what x does", "what x does"},
	{"Merge pull request #7 from u/x\n\nThe title\n\nmore", "wip", "The title"},
	{"Merge pull request #7 from u/x", "what x does", "what x does"},
	{"Merge remote-tracking branch 'origin/x'", "what x does", "what x does"},
	{"Merge tag 'v1' of git://x", "release v1", "release v1"},
	{"Merge branch 'x' into 'main'\n\nThe title\n\nSee merge request g/p!7", "wip",
	 "The title"},
	{"Merge the two parsers", "wip", "Merge the two parsers"},
};

static char *commit_tree(const char *message, const char *parent, const char *second)
{
	g_autofree char *tree = git_fixture_run(fixture.dir, "rev-parse", "a^{tree}", NULL);

	if (second)
		return git_fixture_feed(fixture.dir, message, strlen(message), "commit-tree", tree,
					"-p", parent, "-p", second, NULL);
	return git_fixture_feed(fixture.dir, message, strlen(message), "commit-tree", tree, "-p",
				parent, NULL);
}

START_TEST(test_subjects)
{
	g_autofree char *second = NULL;
	g_autofree char *commit = NULL;
	struct git_head *head;

	git_fixture_add(&fixture, "a x=1");
	if (subjects[_i].merged)
		second = commit_tree(subjects[_i].merged, id_of("a"), NULL);
	commit = commit_tree(subjects[_i].message, id_of("a"), second);
	git_fixture_do(fixture.dir, "update-ref", "refs/heads/main", commit, NULL);
	head = git_ask_fetch(repo, "");
	ck_assert_str_eq(head->commit.subject, subjects[_i].want);
	git_head_free(head);
}
END_TEST

START_TEST(test_subject_is_bounded)
{
	g_autofree char *message = g_strnfill(100000, 'm');
	g_autofree char *commit = NULL;
	struct git_head *head;

	git_fixture_add(&fixture, "a x=1");
	commit = commit_tree(message, id_of("a"), NULL);
	git_fixture_do(fixture.dir, "update-ref", "refs/heads/main", commit, NULL);
	head = git_ask_fetch(repo, "");
	ck_assert_uint_le(strlen(head->commit.subject), 200);
	git_head_free(head);
}
END_TEST

/* Several authors, and no more than is asked for. */
START_TEST(test_list_is_bounded)
{
	g_autoptr(GString) stream = g_string_new(NULL);
	g_autofree char *imported = NULL;
	const struct git_comparison *comparison;
	struct git_answer *answer;

	git_fixture_add(&fixture, "a x=0");
	for (int i = 1; i <= 60; i++)
		g_string_append_printf(stream,
				       "commit refs/heads/main\nauthor Author %d <a@x> 1 +0000\n"
				       "committer C <c@x> %d +0000\ndata 1\nm\n%s%sM 644 inline x\n"
				       "data <<E\n%d\nE\n",
				       i % 30, i, i == 1 ? "from " : "",
				       i == 1 ? "refs/heads/a\n" : "", i);
	imported = git_fixture_feed(fixture.dir, stream->str, stream->len, "fast-import", "--quiet",
				    NULL);
	git_head_free(git_ask_fetch(repo, ""));
	answer = ask("x", "a", NULL);
	comparison = only(answer);
	ck_assert_int_eq(comparison->behind_commits, 60);
	ck_assert_uint_eq(comparison->list->len, GIT_LIST_MAX);
	ck_assert_int_eq(comparison->oldest->committed_wall_ms, 1000);
	ck_assert_int_eq(comparison->newest->committed_wall_ms, 60000);
	ck_assert_uint_eq(comparison->authors->len, 20);
	ck_assert_str_eq(g_ptr_array_index(comparison->authors, 0), "Author 0");
	ck_assert_str_eq(g_ptr_array_index(comparison->authors, 1), "Author 29");
	git_answer_free(answer);
}
END_TEST

static const struct {
	const char *header;
	const char *author, *subject; /* as stored */
	const char *want_author, *want_subject;
} encodings[] = {
	{"encoding ISO-8859-1\n", "Jos\xe9", "d\xe9j\xe0 vu", "Jos\xc3\xa9",
	 "d\xc3\xa9j\xc3\xa0 vu"},
	{"", "Jos\xc3\xa9", "d\xc3\xa9j\xc3\xa0", "Jos\xc3\xa9", "d\xc3\xa9j\xc3\xa0"},
	{"", "\xff",
	 "a\xfe"
	 "b",
	 "\xef\xbf\xbd",
	 "a\xef\xbf\xbd"
	 "b"},
	{"encoding ../../x\n", "\xff", "a", "\xef\xbf\xbd", "a"},
};

START_TEST(test_text_is_utf8)
{
	g_autofree char *text = g_strdup_printf(
		"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor %s <j@x> 1 +0000\n"
		"committer J <j@x> 1 +0000\n%s\n%s\n",
		encodings[_i].author, encodings[_i].header, encodings[_i].subject);
	g_autofree char *tree = NULL;
	g_autofree char *id = NULL;
	struct git_head *head;

	tree = git_fixture_feed(fixture.dir, "", 0, "hash-object", "-t", "tree", "-w", "--stdin",
				NULL);
	id = git_fixture_feed(fixture.dir, text, strlen(text), "hash-object", "--literally", "-t",
			      "commit", "-w", "--stdin", NULL);
	git_fixture_do(fixture.dir, "update-ref", "refs/heads/main", id, NULL);
	head = git_ask_fetch(repo, "");
	ck_assert_str_eq(head->commit.author, encodings[_i].want_author);
	ck_assert_str_eq(head->commit.subject, encodings[_i].want_subject);
	git_head_free(head);
}
END_TEST

/* One question, several revisions. */
START_TEST(test_one_comparison_for_each_commit)
{
	struct git_question *question;
	struct git_answer *answer;
	g_autofree char *brief = NULL;

	git_fixture_add(&fixture, "a x=1\nb:a x=2\nc:b x=3");
	set_head("c");
	question = git_ask_question("x", id_of("a"));
	brief = g_strndup(id_of("a"), 12);
	g_ptr_array_add(question->texts, g_strdup(brief));
	g_ptr_array_add(question->compare, g_strdup(brief));
	g_ptr_array_add(question->texts, g_strdup(id_of("b")));
	g_ptr_array_add(question->compare, g_strdup(id_of("b")));
	g_ptr_array_add(question->texts, g_strdup(id_of("c")));
	answer = git_ask(repo, question, NULL);
	ck_assert_uint_eq(answer->resolutions->len, 4);
	ck_assert_uint_eq(answer->comparisons->len, 2);
	ck_assert_int_eq(git_answer_comparison(answer, id_of("a"))->behind_commits, 2);
	ck_assert_int_eq(git_answer_comparison(answer, id_of("b"))->behind_commits, 1);
	ck_assert_ptr_null(git_answer_comparison(answer, id_of("c")));
	ck_assert_str_eq(answer->target_id, "service/x");
	ck_assert_str_eq(answer->head, id_of("c"));
	git_answer_free(answer);
}
END_TEST

Suite *repo_answers_suite(void)
{
	Suite *suite = suite_create("repo_answers");
	TCase *tcase = tcase_create("answers");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, L20_first_seen_is_when_a_head_with_it_was_seen);
	tcase_add_test(tcase, test_first_head_caps_the_committer_time);
	tcase_add_test(tcase, test_heads_off_the_line_count);
	tcase_add_test(tcase, test_side_head_contains_what_it_reaches);
	tcase_add_test(tcase, test_difference_without_commits_has_a_beginning);
	tcase_add_test(tcase, test_forced_push_is_said);
	tcase_add_test(tcase, test_rolled_back);
	tcase_add_test(tcase, L02_missing_paths_are_named);
	tcase_add_test(tcase, L02_missing_paths_follow_the_head);
	tcase_add_test(tcase, test_bad_pattern_is_an_error);
	tcase_add_loop_test(tcase, L05_pairs_are_compared, 0, G_N_ELEMENTS(pairs));
	tcase_add_loop_test(tcase, L20_last_change_is_found, 0, 2);
	tcase_add_loop_test(tcase, test_subjects, 0, G_N_ELEMENTS(subjects));
	tcase_add_test(tcase, test_subject_is_bounded);
	tcase_add_test(tcase, test_list_is_bounded);
	tcase_add_loop_test(tcase, test_text_is_utf8, 0, G_N_ELEMENTS(encodings));
	tcase_add_test(tcase, test_one_comparison_for_each_commit);
	suite_add_tcase(suite, tcase);
	return suite;
}
