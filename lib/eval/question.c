/* question - what git must be asked for a service; see eval_service_question() in service.h. */
#include "eval/service.h"

#include <string.h>

#include "eval/choice.h"

#define FULL_ID_DIGITS 40

/* Commits seen running are asked about up to here; git/answer.h says the same. */
#define SEEN_BEFORE_MAX 50

static void add_distinct(GPtrArray *texts, const char *text)
{
	if (!g_ptr_array_find_with_equal_func(texts, text, g_str_equal, NULL))
		g_ptr_array_add(texts, g_strdup(text));
}

static void add_candidate(void *data, const struct marker *marker)
{
	struct git_question *question = data;

	add_distinct(question->compare, marker->commit);
}

/* The full id a marker's text stands for, as far as that is known before git is asked: from a
 * deployment recorded earlier when it is short. NULL: not known. */
static const char *full_id(const char *text, const GPtrArray *past)
{
	if (strlen(text) == FULL_ID_DIGITS)
		return text;
	for (guint i = 0; i < past->len; i++) {
		const struct past_deployment *deployment = past->pdata[i];

		if (deployment->sha && strlen(deployment->sha) == FULL_ID_DIGITS &&
		    g_str_has_prefix(deployment->sha, text))
			return deployment->sha;
	}
	return NULL;
}

static void add_pair(struct git_question *question, const char *a, const char *b)
{
	struct git_pair *pair;

	for (guint i = 0; i < question->pairs->len; i++) {
		const struct git_pair *known = question->pairs->pdata[i];

		if (strcmp(known->a, a) == 0 && strcmp(known->b, b) == 0)
			return;
	}
	pair = g_new0(struct git_pair, 1);
	g_strlcpy(pair->a, a, sizeof(pair->a));
	g_strlcpy(pair->b, b, sizeof(pair->b));
	g_ptr_array_add(question->pairs, pair);
}

/* image_reused: the same image recorded earlier under another commit. */
static void add_pairs_of(struct git_question *question, const struct revision_obs *revision,
			 const char *text, const GPtrArray *past)
{
	const char *deployed = full_id(text, past);

	for (guint i = 0; deployed && i < past->len; i++) {
		const struct past_deployment *old = past->pdata[i];

		if (old->digest && old->sha && strlen(old->sha) == FULL_ID_DIGITS &&
		    strcmp(old->digest, revision->digest) == 0 && strcmp(old->sha, deployed) != 0)
			add_pair(question, old->sha, deployed);
	}
}

static void add_revision(struct git_question *question, const struct config_service *service,
			 const struct revision_obs *revision, const GPtrArray *past)
{
	for (guint i = 0; i < revision->markers->len; i++) {
		const struct marker *marker = revision->markers->pdata[i];

		if (marker->commit)
			add_distinct(question->texts, marker->commit);
	}
	if (!choice_candidates(service, revision, add_candidate, question))
		question->want_last_change = true;
	for (guint i = 0; revision->digest && i < revision->markers->len; i++) {
		const struct marker *marker = revision->markers->pdata[i];

		if (marker->commit && !marker->service_level)
			add_pairs_of(question, revision, marker->commit, past);
	}
}

/* Does a revision that serves now run it? In a split the newer one is no past. */
static bool is_running(const struct git_question *question, const char *sha)
{
	for (guint i = 0; i < question->compare->len; i++)
		if (g_str_has_prefix(sha, question->compare->pdata[i]))
			return true;
	return false;
}

static void add_seen_before(struct git_question *question, const GPtrArray *past)
{
	for (guint i = 0; i < past->len && question->seen_before->len < SEEN_BEFORE_MAX; i++) {
		const struct past_deployment *deployment = past->pdata[i];

		if (deployment->sha && strlen(deployment->sha) == FULL_ID_DIGITS &&
		    !is_running(question, deployment->sha))
			add_distinct(question->seen_before, deployment->sha);
	}
}

struct git_question *eval_service_question(const struct config_service *service,
					   const struct observation *observation,
					   const GPtrArray *past)
{
	const struct config_target *target = &service->target;
	struct git_question *question;

	/* who observes a target that is paused until some day knows that the day has come */
	if (!observation || observation->fault || !observation->service ||
	    (target->paused && target->paused_until_wall_ms == 0))
		return NULL;
	question = git_question_create(target->id, service->paths);
	for (guint i = 0; i < observation->service->revisions->len; i++)
		add_revision(question, service, observation->service->revisions->pdata[i], past);
	if (service->pin.commit) {
		g_autofree char *pin = g_ascii_strdown(service->pin.commit, -1);

		add_distinct(question->texts, pin);
	}
	add_seen_before(question, past);
	return question;
}
