/* service - see service.h. The steps, in order: what each serving revision comes to (ruling), other
 * findings (checks), the rules that hold them down (deploying, confirm), and what follows. */
#include "eval/service.h"

#include <assert.h>
#include <string.h>

#include "eval/checks.h"
#include "eval/undeployed.h"

/* Everything while one verdict is made. */
struct making {
	const struct eval_input *input;
	struct finding_sink sink;
	struct ruling *rulings; /* one per serving revision; borrowed */
	guint ruling_count;
	const struct ruling *worst; /* of them; NULL: none */
	enum state floor;           /* the target's state is never better; set by the rulings */
};

static struct verdict *begin_verdict(const struct config_service *service)
{
	const struct config_target *target = &service->target;
	struct verdict *verdict = verdict_create(target->id);

	verdict->kind = g_strdup(target->kind);
	verdict->name = g_strdup(target->name);
	verdict->priority = target->priority;
	verdict->owner = g_strdup(target->owner);
	verdict->description = g_strdup(target->description);
	verdict->repo = g_strdup(service->repo->name);
	verdict->deploy_command = g_strdup(target->deploy_command);
	verdict->relation = RELATION_UNKNOWN;
	return verdict;
}

static bool is_paused(const struct eval_input *input)
{
	const struct config_target *target = &input->service->target;

	return target->paused && (target->paused_until_wall_ms == 0 ||
				  input->now_wall_ms < target->paused_until_wall_ms);
}

static int64_t since(const struct eval_input *input, enum state state)
{
	const struct verdict *before = input->before;

	return before && before->state == state && before->since_wall_ms > 0 ? before->since_wall_ms
									     : input->now_wall_ms;
}

static void make_paused(const struct eval_input *input, struct verdict *verdict)
{
	const struct config_target *target = &input->service->target;

	verdict->state = STATE_PAUSED;
	verdict->relation = input->before ? input->before->relation : RELATION_NONE;
	verdict->paused_reason = g_strdup(target->paused_reason);
	verdict->since_wall_ms = since(input, STATE_PAUSED);
	verdict->next_change_wall_ms = target->paused_until_wall_ms;
	if (!input->before)
		return;
	verdict_copy_sight(verdict, input->before);
	verdict->observed_wall_ms = input->before->observed_wall_ms;
	verdict->last_known = verdict_to_last_known(input->before);
}

/* Both the observation and the head must be young enough; DESIGN 3. */
static void set_expiry(const struct eval_input *input, struct verdict *verdict)
{
	const struct observation *observation = input->observation;
	const struct head_state *head = input->head;
	int64_t wall_ms = observation->observed_wall_ms;
	int64_t mono_ms = observation->observed_mono_ms;
	int64_t after_ms = input->service->target.expire_after_ms;

	if (head->head) {
		verdict->head_fetched_wall_ms = head->fetched_wall_ms;
		wall_ms = MIN(wall_ms, head->fetched_wall_ms);
		mono_ms = MIN(mono_ms, head->fetched_mono_ms);
	}
	/* 0 says "never observed": a head from nobody knows when is as old as can be */
	verdict->expires_wall_ms = MAX(wall_ms + after_ms, 1);
	verdict->expires_mono_ms = mono_ms > 0 ? mono_ms + after_ms : 0;
}

static void add_git_trouble(struct making *making)
{
	struct git_trouble trouble = ruling_git(making->input);
	struct reason *reason;

	if (trouble.code == REASON_NONE)
		return;
	reason = reason_create(trouble.code, STATE_UNKNOWN, "repository %s: %s",
			       making->input->service->repo->name, trouble.why);
	reason_add_text(reason, "class", "git");
	reason_add_text(reason, "repo", making->input->service->repo->name);
	finding_add(&making->sink, reason);
}

static void make_rulings(struct making *making)
{
	const GPtrArray *revisions = making->sink.seen->revisions;
	bool pinned = ruling_pin_holds(making->input) && revisions->len > 0;

	making->ruling_count = revisions->len;
	for (guint i = 0; i < revisions->len; i++) {
		struct ruling *ruling = &making->rulings[i];

		ruling_make(making->input, revisions->pdata[i], ruling);
		if (!making->worst || ruling_is_worse(ruling, making->worst))
			making->worst = ruling;
		making->floor = state_worse(making->floor, ruling->state);
		pinned = pinned && ruling->relation == RELATION_PINNED;
		finding_changes_at(&making->sink, ruling->change_wall_ms);
	}
	making->sink.pin_in_force = pinned;
	if (making->worst)
		making->sink.verdict->relation = making->worst->relation;
}

/* Revisions that run the same commit have the same thing to say. */
static bool is_said(const struct making *making, guint index)
{
	const struct ruling *ruling = &making->rulings[index];

	for (guint i = 0; i < index; i++) {
		const struct ruling *earlier = &making->rulings[i];

		if (earlier->code == ruling->code && ruling->marker && earlier->marker &&
		    ruling->marker->commit &&
		    g_strcmp0(earlier->marker->commit, ruling->marker->commit) == 0)
			return true;
	}
	return false;
}

/* The worst ruling's reason comes first: sorting keeps the order among equals. */
static void add_rulings(struct making *making)
{
	guint worst = making->worst ? (guint)(making->worst - making->rulings) : 0;

	if (making->worst)
		finding_add(&making->sink, ruling_reason(making->input, making->worst));
	for (guint i = 0; i < making->ruling_count; i++) {
		const struct ruling *ruling = &making->rulings[i];
		bool same = making->rulings[worst].code == ruling->code &&
			    making->rulings[worst].sha && ruling->sha &&
			    strcmp(making->rulings[worst].sha, ruling->sha) == 0;

		if (i != worst && !same && !is_said(making, i))
			finding_add(&making->sink, ruling_reason(making->input, ruling));
	}
}

static void add_missing_path(struct making *making, const struct git_missing_path *missing)
{
	const char *before = "unknown";
	const char *text = "what it matched before is not known";
	struct reason *reason;

	if (missing->existed_at_deployed) {
		before = "removed_or_renamed";
		text = "it did at the deployed commit: removed or renamed since";
	} else if (missing->deployed_known) {
		before = "never";
		text = "nor does it at the deployed commit: it never did, or is misspelt";
	}
	reason = reason_create(REASON_PATHS_MISSING, STATE_UNKNOWN,
			       "paths = %s matches nothing at %.8s; %s. Correct the pattern",
			       missing->pattern, making->input->head->head->sha, text);
	reason_add_text(reason, "pattern", missing->pattern);
	reason_add_text(reason, "before", before);
	finding_add(&making->sink, reason);
}

static void add_missing_paths(struct making *making)
{
	const struct git_answer *answer = making->input->answer;

	if (ruling_git(making->input).code != REASON_NONE)
		return;
	for (guint i = 0; i < answer->missing_paths->len; i++)
		add_missing_path(making, answer->missing_paths->pdata[i]);
}

static void add_no_traffic(struct making *making)
{
	if (making->sink.seen->revisions->len > 0)
		return;
	finding_add(&making->sink,
		    reason_create(REASON_NO_TRAFFIC, STATE_UNKNOWN,
				  "no revision of %s gets traffic: what would serve cannot be told",
				  making->input->service->target.name));
}

static void check_build_of_each(struct making *making)
{
	for (guint i = 0; i < making->ruling_count; i++)
		checks_build(&making->sink, &making->rulings[i]);
}

/* Nothing is worse than @p limit. */
static void cap(struct making *making, enum state state_from, enum state limit)
{
	const GPtrArray *reasons = making->sink.verdict->reasons;

	for (guint i = 0; i < reasons->len; i++) {
		struct reason *reason = reasons->pdata[i];

		if (reason->state >= state_from)
			reason->state = limit;
	}
	if (making->floor >= state_from)
		making->floor = limit;
}

static void make_found(struct making *making)
{
	bool deploying;

	add_no_traffic(making);
	add_git_trouble(making);
	make_rulings(making);
	add_rulings(making);
	for (guint i = 0; i < making->ruling_count; i++)
		deployed_add(making->sink.verdict, making->input, &making->rulings[i]);
	add_missing_paths(making);
	checks_pin(&making->sink, making->rulings, making->ruling_count);
	check_build_of_each(making);
	deploying = checks_rollout(&making->sink);
	checks_settings(&making->sink);
	checks_env(&making->sink);
	checks_manifest(&making->sink);
	checks_identity(&making->sink);
	if (making->worst)
		undeployed_fill(making->sink.verdict, making->input, making->worst);
	if (deploying)
		cap(making, STATE_UNKNOWN, STATE_PENDING);
}

static void make_missing(struct making *making)
{
	const struct config_service *service = making->input->service;
	struct reason *reason =
		reason_create(REASON_SERVICE_MISSING, STATE_DRIFT, "%s has no %s named %s in %s",
			      service->project ? service->project : "the source",
			      service->source == CONFIG_SOURCE_CLOUD_FUNCTION ? "Cloud Function"
									      : "Cloud Run service",
			      service->service ? service->service : service->target.name,
			      service->region ? service->region : "any region");

	reason_add_text(reason, "project", service->project);
	reason_add_text(reason, "region", service->region);
	reason_add_text(reason, "service", service->service);
	finding_add(&making->sink, reason);
}

static void make_observed(struct making *making)
{
	const struct observation *observation = making->input->observation;

	making->sink.seen = observation ? observation->service : NULL;
	if (!observation)
		finding_add(&making->sink,
			    reason_create(REASON_NOT_EVALUATED, STATE_UNKNOWN,
					  "not observed yet: wait for the next check"));
	else if (observation->fault)
		finding_add(&making->sink, finding_of_fault(observation->fault, NULL));
	else if (!observation->service->found)
		make_missing(making);
	else
		make_found(making);
}

static enum state worst_state(const struct making *making)
{
	const GPtrArray *reasons = making->sink.verdict->reasons;
	enum state worst = state_worse(STATE_OK, making->floor);

	for (guint i = 0; i < reasons->len; i++)
		worst = state_worse(worst, ((const struct reason *)reasons->pdata[i])->state);
	return worst;
}

/* Far enough from the observation that counted last: two looks at one moment are one look. */
static bool counts_again(const struct eval_input *input, const struct verdict *before)
{
	const struct observation *observation = input->observation;
	int64_t apart_ms = input->service->target.every_ms / 2;

	if (before->confirmed_mono_ms > 0 && observation->observed_mono_ms > 0)
		return observation->observed_mono_ms - before->confirmed_mono_ms >= apart_ms;
	return observation->observed_wall_ms - before->observed_wall_ms >= apart_ms;
}

/* Drift is drift when it has been seen often enough; until then pending. Looks that could not tell
 * count neither way. */
static void confirm(struct making *making, enum state worst)
{
	const struct eval_input *input = making->input;
	const struct verdict *before = input->before;
	struct verdict *verdict = making->sink.verdict;
	int needed = MAX(input->service->target.confirm, 1);

	assert(worst != STATE_DRIFT || input->observation); /* it is seen, never guessed */
	if (before && (worst == STATE_DRIFT || worst == STATE_UNKNOWN)) {
		verdict->confirmations = before->confirmations;
		verdict->confirmed_mono_ms = before->confirmed_mono_ms;
	}
	if (worst != STATE_DRIFT)
		return;
	if (before && before->state == STATE_DRIFT)
		verdict->confirmations = needed; /* also when confirm was raised since */
	if (verdict->confirmations < needed &&
	    (verdict->confirmations == 0 || !before || counts_again(input, before))) {
		verdict->confirmations++;
		verdict->confirmed_mono_ms = input->observation->observed_mono_ms;
	}
	verdict->confirmations = MIN(verdict->confirmations, needed);
	if (verdict->confirmations < needed)
		cap(making, STATE_DRIFT, STATE_PENDING);
}

static void set_observed(struct making *making)
{
	const struct eval_input *input = making->input;
	struct verdict *verdict = making->sink.verdict;

	if (input->head->head) {
		verdict->head = git_commit_copy(&input->head->head->commit);
		verdict->head->first_seen_wall_ms = input->head->seen_wall_ms;
	}
	if (!input->observation)
		return;
	if (input->observation->fault) {
		/* nothing was observed: the last time something was still stands (L09) */
		verdict->observed_wall_ms = input->before ? input->before->observed_wall_ms : 0;
		return;
	}
	verdict->observed_wall_ms = input->observation->observed_wall_ms;
	set_expiry(input, verdict);
}

static guint count_revisions(const struct observation *observation)
{
	return observation && observation->service ? observation->service->revisions->len : 0;
}

struct verdict *eval_service(const struct eval_input *input)
{
	g_autoptr(GArray) rulings = g_array_new(FALSE, TRUE, sizeof(struct ruling));
	struct verdict *verdict = begin_verdict(input->service);
	struct making making = {
		.input = input,
		.sink = {.input = input, .verdict = verdict},
		.floor = STATE_OK,
	};

	if (is_paused(input)) {
		make_paused(input, verdict);
		return verdict;
	}
	(void)g_array_set_size(rulings, count_revisions(input->observation)); /* itself */
	making.rulings = &g_array_index(rulings, struct ruling, 0);
	set_observed(&making);
	make_observed(&making);
	confirm(&making, worst_state(&making));
	verdict->state = worst_state(&making);
	verdict->since_wall_ms = since(input, verdict->state);
	verdict->next_change_wall_ms = making.sink.change_wall_ms;
	if (verdict->state == STATE_UNKNOWN && input->before)
		verdict->last_known = verdict_to_last_known(input->before);
	verdict_sort_reasons(verdict);
	return verdict;
}

bool eval_service_needs_newer_head(const struct eval_input *input)
{
	const struct observation *observation = input->observation;

	if (is_paused(input) || !observation || observation->fault || !observation->service->found)
		return false;
	for (guint i = 0; i < observation->service->revisions->len; i++) {
		struct ruling ruling;

		ruling_make(input, observation->service->revisions->pdata[i], &ruling);
		if (ruling.head_too_old)
			return true;
	}
	return false;
}
