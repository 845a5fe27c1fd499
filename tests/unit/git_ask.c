/* git_ask - see git_ask.h */
#include "tests/unit/git_ask.h"

#include <check.h>
#include <string.h>

static struct repo_options *new_options(const char *branch)
{
	struct repo_options *options = g_new0(struct repo_options, 1);

	options->name = g_strdup("test");
	options->branch = g_strdup(branch);
	options->fetch_timeout_ms = 60000;
	return options;
}

struct repo *git_ask_open_local(const char *path, const char *branch)
{
	struct repo_options *options = new_options(branch);

	options->is_local = true;
	options->url = g_strdup(path);
	options->local_path = g_strdup(path);
	return repo_create(options);
}

struct repo *git_ask_open_mirror(const char *url, const char *mirror_dir)
{
	struct repo_options *options = new_options("main");

	options->url = g_strdup(url);
	options->mirror_dir = g_strdup(mirror_dir);
	return repo_create(options);
}

struct git_head *git_ask_fetch(struct repo *repo, const char *previous)
{
	struct repo_fetch fetch = {0};
	g_autoptr(GError) error = NULL;
	struct git_head *head;

	ck_assert_msg(repo_fetch(repo, previous, -1, &fetch, &error), "%s",
		      error ? error->message : "");
	head = fetch.head;
	g_free(fetch.remade_why);
	return head;
}

struct git_question *git_ask_question(const char *paths, const char *id)
{
	g_auto(GStrv) patterns = paths[0] ? g_strsplit(paths, " ", -1) : g_new0(char *, 1);
	struct git_question *question = git_question_create("service/x", patterns);

	if (id) {
		g_ptr_array_add(question->texts, g_strdup(id));
		g_ptr_array_add(question->compare, g_strdup(id));
	}
	return question;
}

struct git_answer *git_ask(struct repo *repo, struct git_question *question, const GPtrArray *seen)
{
	g_autoptr(GPtrArray) questions = g_ptr_array_new();
	g_autoptr(GPtrArray) answers = NULL;

	g_ptr_array_add(questions, question);
	answers = repo_answer(repo, questions, seen);
	git_question_free(question);
	ck_assert_uint_eq(answers->len, 1);
	return g_ptr_array_steal_index(answers, 0);
}

GPtrArray *git_ask_new_seen(void)
{
	return g_ptr_array_new_with_free_func(g_free);
}

void git_ask_add_seen(GPtrArray *seen, const char *sha, int64_t seen_wall_ms)
{
	struct git_seen_head *head = g_new0(struct git_seen_head, 1);

	ck_assert_uint_eq(g_strlcpy(head->sha, sha, sizeof(head->sha)), GIT_SHA_BYTES - 1);
	head->seen_wall_ms = seen_wall_ms;
	g_ptr_array_add(seen, head);
}
