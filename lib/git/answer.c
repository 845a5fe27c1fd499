/* answer - see answer.h */
#include "git/answer.h"

#include <string.h>

struct git_question *git_question_create(const char *target_id, char *const *paths)
{
	struct git_question *question = g_new0(struct git_question, 1);
	static char *const none[] = {NULL};

	question->target_id = g_strdup(target_id);
	question->paths = g_strdupv((char **)(uintptr_t)(paths ? paths : none));
	question->texts = g_ptr_array_new_with_free_func(g_free);
	question->compare = g_ptr_array_new_with_free_func(g_free);
	question->seen_before = g_ptr_array_new_with_free_func(g_free);
	question->pairs = g_ptr_array_new_with_free_func(g_free);
	return question;
}

static void unref_array(GPtrArray *array)
{
	if (array)
		g_ptr_array_unref(array);
}

void git_question_free(struct git_question *question)
{
	if (!question)
		return;
	g_free(question->target_id);
	g_strfreev(question->paths);
	unref_array(question->texts);
	unref_array(question->compare);
	unref_array(question->seen_before);
	unref_array(question->pairs);
	g_free(question);
}

void git_answer_free(struct git_answer *answer)
{
	if (!answer)
		return;
	g_free(answer->target_id);
	unref_array(answer->resolutions);
	unref_array(answer->comparisons);
	unref_array(answer->missing_paths);
	unref_array(answer->pairs);
	git_commit_free(answer->last_change);
	g_free(answer->error);
	g_free(answer);
}

/* What a struct holds, freed, for the head that lies inside it. */
static void clear_commit(struct git_commit *commit)
{
	g_clear_pointer(&commit->subject, g_free);
	g_clear_pointer(&commit->author, g_free);
}

void git_head_free(struct git_head *head)
{
	if (!head)
		return;
	g_free(head->branch);
	clear_commit(&head->commit);
	g_free(head);
}

struct git_commit *git_commit_copy(const struct git_commit *commit)
{
	struct git_commit *copy;

	if (!commit)
		return NULL;
	copy = g_memdup2(commit, sizeof(*commit));
	copy->subject = g_strdup(commit->subject);
	copy->author = g_strdup(commit->author);
	return copy;
}

void git_commit_free(struct git_commit *commit)
{
	if (!commit)
		return;
	clear_commit(commit);
	g_free(commit);
}

const struct git_resolution *git_answer_resolution(const struct git_answer *answer,
						   const char *text)
{
	for (guint i = 0; answer->resolutions && i < answer->resolutions->len; i++) {
		const struct git_resolution *resolution = g_ptr_array_index(answer->resolutions, i);

		if (strcmp(resolution->text, text) == 0)
			return resolution;
	}
	return NULL;
}

const struct git_comparison *git_answer_comparison(const struct git_answer *answer, const char *sha)
{
	for (guint i = 0; answer->comparisons && i < answer->comparisons->len; i++) {
		const struct git_comparison *comparison = g_ptr_array_index(answer->comparisons, i);

		if (strcmp(comparison->sha, sha) == 0)
			return comparison;
	}
	return NULL;
}
