/* github_judge - what GitHub answers to the steps of github.c, and which step is next. */
#include "alert/github_private.h"

#include <string.h>

#include "json.h"

/* Everything a judgement needs. Borrowed. */
struct judging {
	const struct sink_context *context;
	const struct notice *notice;
	const struct github_plan *plan;
	struct sink_progress *progress;
};

static enum sink_outcome go_to(const struct judging *judging, int phase)
{
	struct sink_progress *progress = judging->progress;

	progress->step = github_index(progress) * GITHUB_PHASES + phase;
	return SINK_OUTCOME_MORE;
}

/* This issue is done: the next target, if there is one. */
static enum sink_outcome finish(const struct judging *judging)
{
	struct sink_progress *progress = judging->progress;
	int next = github_index(progress) + 1;
	struct github_plan plan;

	if (github_plan_make(&plan, judging->notice, next)) {
		github_plan_done(&plan);
		*progress = (struct sink_progress){.step = next * GITHUB_PHASES};
		return SINK_OUTCOME_MORE;
	}
	if (next > 1)
		progress->issue = 0; /* whose it is the caller cannot know */
	return SINK_OUTCOME_SENT;
}

static enum sink_outcome after_told(const struct judging *judging)
{
	if (judging->plan->closes && !judging->progress->issue_closed)
		return go_to(judging, GITHUB_PHASE_CLOSE);
	return finish(judging);
}

/* A whole line of the body: in code, where outside text is, the marker of another target means
 * nothing. */
static bool has_line(json_object *object, const char *line)
{
	const char *body = json_member_text(object, "body", "");
	size_t length = line ? strlen(line) : 0;

	for (const char *p = line ? strstr(body, line) : NULL; p; p = strstr(p + 1, line)) {
		if ((p == body || p[-1] == '\n') &&
		    (p[length] == '\0' || strchr("\r\n", p[length])))
			return true;
	}
	return false;
}

/* The issue of the target, as GitHub shows it. */
static enum sink_outcome take_issue(const struct judging *judging, json_object *issue)
{
	struct sink_progress *progress = judging->progress;
	g_autofree char *told = github_told_marker(judging->context, judging->notice);

	progress->issue = json_member_int(issue, "number", 0);
	progress->issue_closed = g_str_equal(json_member_text(issue, "state", "open"), "closed");
	if (has_line(issue, told)) /* an earlier attempt opened it */
		return after_told(judging);
	if (progress->issue_closed && !judging->plan->closes)
		return go_to(
			judging,
			GITHUB_PHASE_REOPEN); /* and comment last: the end is what is repeated */
	return go_to(judging, told ? GITHUB_PHASE_CHECK : GITHUB_PHASE_COMMENT);
}

/* Pull requests are issues, too, for this interface. */
static bool is_ours(const struct judging *judging, json_object *issue)
{
	g_autofree char *marker = github_marker(judging->plan);

	return json_member_int(issue, "number", 0) > 0 &&
	       !json_member_object(issue, "pull_request") && has_line(issue, marker);
}

static enum sink_outcome judge_look(const struct judging *judging, json_object *answer)
{
	if (is_ours(judging, answer))
		return take_issue(judging, answer);
	judging->progress->issue = 0; /* of another repository, or rewritten */
	return go_to(judging, GITHUB_PHASE_SEARCH);
}

static enum sink_outcome judge_search(const struct judging *judging, json_object *answer, int phase)
{
	size_t count = json_object_array_length(answer);

	for (size_t i = 0; i < count; i++) {
		json_object *issue = json_object_array_get_idx(answer, i);

		if (is_ours(judging, issue))
			return take_issue(judging, issue);
	}
	if (count >= GITHUB_PAGE_ISSUES && phase + 1 < GITHUB_PHASE_CREATE)
		return go_to(judging, phase + 1);
	if (judging->plan->opens)
		return go_to(judging, GITHUB_PHASE_CREATE);
	return finish(judging); /* an end of what has no issue */
}

static enum sink_outcome judge_check(const struct judging *judging, json_object *answer)
{
	g_autofree char *told = github_told_marker(judging->context, judging->notice);

	for (size_t i = 0; i < json_object_array_length(answer); i++) {
		if (has_line(json_object_array_get_idx(answer, i), told))
			return after_told(judging);
	}
	return go_to(judging, GITHUB_PHASE_COMMENT);
}

/* Writes count by their status alone; reads by what they say. NONE: not such an answer. */
static enum sink_outcome judge_answer(const struct judging *judging, int phase, json_object *answer)
{
	bool is_list = json_object_is_type(answer, json_type_array);

	switch (phase) {
	case GITHUB_PHASE_REOPEN:
		judging->progress->issue_closed = false;
		return go_to(judging, github_issue(judging->context, judging->progress) > 0 &&
						      judging->context->notification > 0
					      ? GITHUB_PHASE_CHECK
					      : GITHUB_PHASE_COMMENT);
	case GITHUB_PHASE_COMMENT:
		return after_told(judging);
	case GITHUB_PHASE_CLOSE:
		judging->progress->issue_closed = true;
		return finish(judging);
	case GITHUB_PHASE_CREATE:
		if (json_member_int(answer, "number", 0) <= 0)
			return SINK_OUTCOME_NONE;
		judging->progress->issue = json_member_int(answer, "number", 0);
		judging->progress->issue_closed = false;
		return after_told(judging);
	case GITHUB_PHASE_LOOK:
		return json_member_int(answer, "number", 0) > 0 ? judge_look(judging, answer)
								: SINK_OUTCOME_NONE;
	case GITHUB_PHASE_CHECK:
		return is_list ? judge_check(judging, answer) : SINK_OUTCOME_NONE;
	default:
		return is_list ? judge_search(judging, answer, phase) : SINK_OUTCOME_NONE;
	}
}

static bool is_rate_limit(const struct sink_answer *answer, const char *said)
{
	g_autofree char *lower = g_ascii_strdown(said, -1);

	return answer->status == 429 ||
	       (answer->status == 403 && (strstr(lower, "rate limit") || strstr(lower, "abuse")));
}

static enum sink_outcome judge_status(const struct sink_answer *answer, const char *said,
				      const char **ret_advice)
{
	*ret_advice = "it is tried again";
	if (is_rate_limit(answer, said)) {
		*ret_advice = "GitHub's rate limit: it is tried again later";
		return SINK_OUTCOME_RETRY;
	}
	switch (answer->status) {
	case 401:
		*ret_advice = "the token is wrong or has expired: put a new one into token";
		return SINK_OUTCOME_DEAD;
	case 403:
	case 451:
		*ret_advice = "the token may not write issues there (permission issues: write), or "
			      "the repository or issue is locked";
		return SINK_OUTCOME_DEAD;
	case 404:
		*ret_advice =
			"no such repository, or the token does not reach it: check repository "
			"and token";
		return SINK_OUTCOME_DEAD;
	case 410:
		*ret_advice = "issues are disabled in the repository: enable them";
		return SINK_OUTCOME_DEAD;
	case 400:
	case 413:
	case 422:
		*ret_advice = "GitHub does not take this as it is";
		return SINK_OUTCOME_REFUSED;
	default:
		break;
	}
	if (answer->status >= 300 && answer->status < 400) {
		*ret_advice = "the repository has moved: put its new name into repository";
		return SINK_OUTCOME_DEAD;
	}
	return SINK_OUTCOME_RETRY;
}

/* What failed begins anew with a look: it may have been done all the same. */
static enum sink_outcome fail(const struct judging *judging, const struct sink_answer *answer,
			      json_object *object, char **ret_error)
{
	const char *said = json_member_text(object, "message", NULL);
	const char *advice = NULL;
	struct sink_answer shown = *answer;
	enum sink_outcome outcome = judge_status(answer, said ? said : "", &advice);

	if (said) {
		shown.body = said;
		shown.body_bytes = strlen(said);
	}
	*ret_error = sink_error(judging->context, &shown, advice);
	(void)go_to(judging, GITHUB_PHASE_LOOK); /* the outcome is another */
	return outcome;
}

static enum sink_outcome judge(const struct judging *judging, const struct sink_answer *answer,
			       json_object *object, char **ret_error)
{
	int phase = github_phase(judging->context, judging->progress);
	int status = answer->status;
	enum sink_outcome outcome = SINK_OUTCOME_NONE;

	if (status >= 200 && status < 300)
		outcome = judge_answer(judging, phase, object);
	else if (phase == GITHUB_PHASE_LOOK && (status == 404 || status == 410 || status == 301)) {
		judging->progress->issue = 0; /* deleted, or moved to another repository */
		outcome = go_to(judging, GITHUB_PHASE_SEARCH);
	}
	if (outcome != SINK_OUTCOME_NONE)
		return outcome;
	return fail(judging, answer, object, ret_error);
}

enum sink_outcome github_judge(const struct sink_context *context, const struct notice *notice,
			       struct sink_progress *progress, const struct sink_answer *answer,
			       char **ret_error)
{
	struct github_plan plan;
	struct judging judging = {context, notice, &plan, progress};
	json_object *object = NULL;
	enum sink_outcome outcome = SINK_OUTCOME_SENT;

	if (!github_plan_make(&plan, notice, github_index(progress)))
		return SINK_OUTCOME_SENT; /* there was nothing to tell, so that nothing was asked */
	if (answer->body_bytes > 0)
		object = json_parse(answer->body, answer->body_bytes, NULL);
	outcome = judge(&judging, answer, object, ret_error);
	json_object_put(object);
	github_plan_done(&plan);
	return outcome;
}
