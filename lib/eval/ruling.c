/* ruling - see ruling.h. What a revision comes to; how that is said is in ruling_text.c. */
#include "eval/ruling.h"

#include <string.h>

#include "eval/choice.h"

bool ruling_pin_holds(const struct eval_input *input)
{
	const struct config_pin *pin = &input->service->pin;

	return pin->commit && (pin->until_wall_ms == 0 || input->now_wall_ms < pin->until_wall_ms);
}

bool ruling_pin_ended(const struct eval_input *input)
{
	return input->service->pin.commit && !ruling_pin_holds(input);
}

bool ruling_is_pinned_commit(const struct eval_input *input, const char *sha)
{
	const char *pin = input->service->pin.commit;
	g_autofree char *text = pin ? g_ascii_strdown(pin, -1) : NULL;
	const struct git_resolution *resolution;

	if (!text || !sha)
		return false;
	if (strcmp(text, sha) == 0)
		return true;
	resolution = input->answer ? git_answer_resolution(input->answer, text) : NULL;
	return resolution && resolution->status == GIT_RESOLUTION_FOUND &&
	       strcmp(resolution->sha, sha) == 0;
}

struct git_trouble ruling_git(const struct eval_input *input)
{
	const struct git_answer *answer = input->answer;
	const struct git_head *head = input->head->head;

	if (!head)
		return (struct git_trouble){REASON_FETCH_FAILED,
					    input->head->fetch_error
						    ? input->head->fetch_error
						    : "it has not been fetched yet"};
	if (!answer && input->answer_error)
		return (struct git_trouble){REASON_FETCH_FAILED, input->answer_error};
	if (!answer)
		return (struct git_trouble){REASON_NOT_EVALUATED, "it has not been asked yet"};
	if (answer->error)
		return (struct git_trouble){
			answer->shallow ? REASON_SHALLOW_REPO : REASON_FETCH_FAILED, answer->error};
	if (strcmp(answer->head, head->sha) != 0)
		return (struct git_trouble){REASON_NOT_EVALUATED,
					    "its head has moved since it was asked"};
	return (struct git_trouble){REASON_NONE, NULL};
}

/* DESIGN 6: some conclusions are only drawn against a head fetched after the observation. */
static bool is_head_newer(const struct eval_input *input)
{
	const struct head_state *head = input->head;
	const struct observation *observation = input->observation;

	if (observation->observed_mono_ms > 0 && head->fetched_mono_ms > 0)
		return head->fetched_mono_ms >= observation->observed_mono_ms;
	if (observation->observed_mono_ms > 0)
		return false; /* fetched before this process began */
	return head->fetched_wall_ms >= observation->observed_wall_ms;
}

static void set(struct ruling *ruling, enum relation relation, enum state state,
		enum reason_code code)
{
	ruling->relation = relation;
	ruling->state = state;
	ruling->code = code;
}

static void set_unknown(struct ruling *ruling, enum reason_code code)
{
	set(ruling, RELATION_UNKNOWN, STATE_UNKNOWN, code);
}

/* As set(), but only against a head that is newer than the observation. */
static void set_if_newer(const struct eval_input *input, struct ruling *ruling,
			 enum relation relation, enum state state, enum reason_code code)
{
	if (is_head_newer(input)) {
		set(ruling, relation, state, code);
		return;
	}
	set_unknown(ruling, REASON_FETCH_FAILED);
	ruling->head_too_old = true;
	ruling->instead = code;
}

/* "In sync" under patterns that match nothing says nothing: paths_missing is said once, for the
 * target (L02). */
static void set_good(const struct eval_input *input, struct ruling *ruling, enum relation relation,
		     enum reason_code code)
{
	if (input->answer->missing_paths->len > 0)
		set_unknown(ruling, REASON_NONE);
	else
		set(ruling, relation, STATE_OK, code);
}

/* Pending until grace after since, then drift. */
static void set_late(const struct eval_input *input, struct ruling *ruling, enum relation relation,
		     enum reason_code code)
{
	int64_t end = ruling->since_wall_ms + input->service->grace_ms;
	bool over = input->now_wall_ms >= end;

	set(ruling, relation, over ? STATE_DRIFT : STATE_PENDING, code);
	ruling->change_wall_ms = over ? 0 : end;
}

/* A committer's clock can be ahead of ours, for years: such a time would never pass. From then on
 * the first look at the commit counts. */
static int64_t not_future(const struct eval_input *input, const char *oldest_sha, int64_t wall_ms)
{
	const struct verdict_behind *before = input->before ? input->before->behind : NULL;

	if (wall_ms <= input->now_wall_ms)
		return wall_ms;
	if (before && before->oldest && strcmp(before->oldest->sha, oldest_sha) == 0)
		return MIN(before->since_wall_ms, input->now_wall_ms);
	return input->now_wall_ms;
}

static void rule_behind(const struct eval_input *input, struct ruling *ruling)
{
	const struct git_commit *oldest = ruling->comparison->oldest;
	const struct git_commit *since = oldest ? oldest : &input->head->head->commit;
	int64_t seen = since->first_seen_wall_ms > 0 ? since->first_seen_wall_ms
						     : since->committed_wall_ms;

	ruling->since_wall_ms = not_future(input, since->sha, seen);
	set_late(input, ruling, RELATION_BEHIND, REASON_BEHIND);
}

static void rule_topology(const struct eval_input *input, struct ruling *ruling)
{
	switch (ruling->comparison->topology) {
	case GIT_TOPOLOGY_SAME: /* equal content is dealt with before */
	case GIT_TOPOLOGY_NONE:
		set_unknown(ruling, REASON_NOT_EVALUATED);
		break;
	case GIT_TOPOLOGY_BEHIND:
		rule_behind(input, ruling);
		break;
	case GIT_TOPOLOGY_AHEAD:
		set_if_newer(input, ruling, RELATION_AHEAD, STATE_DRIFT, REASON_AHEAD);
		break;
	case GIT_TOPOLOGY_DIVERGED:
		set_if_newer(input, ruling, RELATION_DIVERGED, STATE_DRIFT, REASON_DIVERGED);
		break;
	case GIT_TOPOLOGY_SHALLOW:
		set_unknown(ruling, REASON_SHALLOW_REPO);
		break;
	case GIT_TOPOLOGY_UNREADABLE:
		set_unknown(ruling, REASON_FETCH_FAILED);
		break;
	}
}

static bool is_content_equal(const struct git_comparison *comparison)
{
	return comparison->topology == GIT_TOPOLOGY_SAME ||
	       (comparison->content_equal && comparison->topology != GIT_TOPOLOGY_NONE &&
		comparison->topology != GIT_TOPOLOGY_UNREADABLE);
}

static void rule_found(const struct eval_input *input, struct ruling *ruling)
{
	ruling->sha = ruling->resolution->sha;
	ruling->comparison = git_answer_comparison(input->answer, ruling->sha);
	if (ruling_pin_holds(input) && ruling_is_pinned_commit(input, ruling->sha))
		set(ruling, RELATION_PINNED, STATE_OK, REASON_NONE);
	else if (!ruling->comparison)
		set_unknown(ruling, REASON_NOT_EVALUATED);
	else if (is_content_equal(ruling->comparison))
		set_good(input, ruling, RELATION_IN_SYNC, REASON_NONE);
	else
		rule_topology(input, ruling);
}

static void rule_commit(const struct eval_input *input, struct ruling *ruling)
{
	if (!ruling->resolution) {
		set_unknown(ruling, REASON_NOT_EVALUATED);
		return;
	}
	switch (ruling->resolution->status) {
	case GIT_RESOLUTION_FOUND:
		rule_found(input, ruling);
		break;
	case GIT_RESOLUTION_ABSENT:
		set_if_newer(input, ruling, RELATION_UNKNOWN, STATE_DRIFT,
			     REASON_COMMIT_NOT_IN_REPO);
		break;
	case GIT_RESOLUTION_NO_COMMIT: /* it may have been pushed, or made, since */
	case GIT_RESOLUTION_NOBODY_TO_ASK:
		set_if_newer(input, ruling, RELATION_UNKNOWN, STATE_UNKNOWN,
			     REASON_COMMIT_UNREADABLE);
		break;
	case GIT_RESOLUTION_AMBIGUOUS:
		set_unknown(ruling, REASON_AMBIGUOUS_COMMIT);
		break;
	case GIT_RESOLUTION_SHALLOW:
		set_unknown(ruling, REASON_SHALLOW_REPO);
		break;
	case GIT_RESOLUTION_UNASKED:
	case GIT_RESOLUTION_UNREADABLE:
		set_unknown(ruling, REASON_FETCH_FAILED);
		break;
	case GIT_RESOLUTION_NONE:
		set_unknown(ruling, REASON_NOT_EVALUATED);
		break;
	}
}

static void rule_by_time(const struct eval_input *input, struct ruling *ruling)
{
	const struct git_commit *change = input->answer->last_change;
	bool shallow = input->head->head->shallow || input->answer->shallow;

	if (ruling->revision->created_wall_ms <= 0) {
		set_unknown(ruling, REASON_COMMIT_UNREADABLE);
	} else if (!change) {
		set_unknown(ruling, shallow ? REASON_SHALLOW_REPO : REASON_COMMIT_UNREADABLE);
	} else if (ruling->revision->created_wall_ms < change->committed_wall_ms) {
		ruling->since_wall_ms = not_future(input, change->sha, change->committed_wall_ms);
		set_late(input, ruling, RELATION_BY_TIME, REASON_BY_TIME);
	} else {
		set_good(input, ruling, RELATION_BY_TIME, REASON_BY_TIME);
	}
}

/* A marker that only failed to be a commit of the repository may be one that was pushed since. */
static void rule_mute(const struct eval_input *input, struct ruling *ruling)
{
	if (ruling->marker && choice_is_absent(ruling->marker, input->answer))
		set_if_newer(input, ruling, RELATION_UNKNOWN, STATE_UNKNOWN,
			     REASON_COMMIT_UNREADABLE);
	else
		set_unknown(ruling, REASON_COMMIT_UNREADABLE);
}

void ruling_make(const struct eval_input *input, const struct revision_obs *revision,
		 struct ruling *ret_ruling)
{
	bool usable = ruling_git(input).code == REASON_NONE;
	const struct git_answer *answer = usable ? input->answer : NULL;
	struct choice choice = choice_make(input->service, revision, answer);

	*ret_ruling = (struct ruling){.revision = revision, .marker = choice.marker};
	set_unknown(ret_ruling, REASON_NONE); /* of trouble with git the target says it once */
	if (!usable)
		return;
	if (choice.marker && choice.marker->commit)
		ret_ruling->resolution = git_answer_resolution(answer, choice.marker->commit);
	switch (choice.outcome) {
	case CHOICE_COMMIT:
		rule_commit(input, ret_ruling);
		break;
	case CHOICE_NO_MARKER:
		rule_by_time(input, ret_ruling);
		break;
	case CHOICE_MUTE:
		rule_mute(input, ret_ruling);
		break;
	case CHOICE_NOT_THERE:
	case CHOICE_NONE:
		set_unknown(ret_ruling, REASON_COMMIT_UNREADABLE);
		break;
	}
}

/* Among relations of one state: what is hardest to explain comes first. */
static int relation_rank(enum relation relation)
{
	switch (relation) {
	case RELATION_UNKNOWN:
		return 7;
	case RELATION_DIVERGED:
		return 6;
	case RELATION_AHEAD:
		return 5;
	case RELATION_BEHIND:
		return 4;
	case RELATION_BY_TIME:
		return 3;
	case RELATION_IN_SYNC:
		return 2;
	case RELATION_PINNED:
		return 1;
	case RELATION_NONE:
		return 0;
	}
	return 0;
}

bool ruling_is_worse(const struct ruling *a, const struct ruling *b)
{
	if (a->state != b->state)
		return a->state > b->state;
	if (a->relation != b->relation)
		return relation_rank(a->relation) > relation_rank(b->relation);
	if (a->relation == RELATION_BEHIND)
		return a->since_wall_ms < b->since_wall_ms;
	return false;
}
