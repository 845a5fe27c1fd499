/* frame - see frame.h */
#include "eval/frame.h"

#include <assert.h>

void finding_add(struct finding_sink *sink, struct reason *reason)
{
	if (reason)
		g_ptr_array_add(sink->verdict->reasons, reason);
}

void finding_changes_at(struct finding_sink *sink, int64_t wall_ms)
{
	if (wall_ms > sink->input->now_wall_ms &&
	    (sink->change_wall_ms == 0 || wall_ms < sink->change_wall_ms))
		sink->change_wall_ms = wall_ms;
}

static enum reason_code code_of(enum fault_class class)
{
	if (class == FAULT_DENIED || class == FAULT_CREDENTIALS)
		return REASON_PERMISSION_DENIED;
	if (class == FAULT_BROKEN)
		return REASON_BROKEN_CHECK;
	if (class == FAULT_OVER_BUDGET)
		return REASON_OVER_BUDGET;
	return REASON_FETCH_FAILED;
}

struct reason *finding_of_fault(const struct fault *fault, const char *what)
{
	struct reason *reason = reason_create(
		code_of(fault->class), STATE_UNKNOWN, "%s%s%s", what ? what : "", what ? ": " : "",
		fault->message ? fault->message : "no reason was given");

	reason_add_text(reason, "class", fault_class_text(fault->class));
	if (fault->status > 0)
		reason_add_number(reason, "status", fault->status);
	reason_add_text(reason, "permission", fault->permission);
	return reason;
}

static struct verdict *begin_verdict(const struct eval_input *input)
{
	const struct config_target *target = input->target;
	struct verdict *verdict = verdict_create(target->id);

	verdict->kind = g_strdup(target_kind_text(target->kind));
	verdict->name = g_strdup(target->name);
	verdict->priority = target->priority;
	verdict->owner = g_strdup(target->owner);
	verdict->description = g_strdup(target->description);
	verdict->deploy_command = g_strdup(target->deploy_command);
	if (input->service) {
		verdict->repo = g_strdup(input->service->repo->name);
		verdict->relation = RELATION_UNKNOWN;
	}
	return verdict;
}

static int64_t since(const struct eval_input *input, enum state state)
{
	const struct verdict *before = input->before;

	return before && before->state == state && before->since_wall_ms > 0 ? before->since_wall_ms
									     : input->now_wall_ms;
}

static void make_paused(const struct eval_input *input, struct verdict *verdict)
{
	const struct config_target *target = input->target;

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
	int64_t after_ms = input->target->expire_after_ms;

	if (head && head->head) {
		verdict->head_fetched_wall_ms = head->fetched_wall_ms;
		wall_ms = MIN(wall_ms, head->fetched_wall_ms);
		mono_ms = MIN(mono_ms, head->fetched_mono_ms);
	}
	/* 0 says "never observed": a head from nobody knows when is as old as can be */
	verdict->expires_wall_ms = MAX(wall_ms + after_ms, 1);
	verdict->expires_mono_ms = mono_ms > 0 ? mono_ms + after_ms : 0;
}

void frame_cap(struct finding_sink *sink, enum state state_from, enum state limit)
{
	const GPtrArray *reasons = sink->verdict->reasons;

	for (guint i = 0; i < reasons->len; i++) {
		struct reason *reason = reasons->pdata[i];

		if (reason->state >= state_from)
			reason->state = limit;
	}
	if (sink->floor >= state_from)
		sink->floor = limit;
}

static enum state worst_state(const struct finding_sink *sink)
{
	const GPtrArray *reasons = sink->verdict->reasons;
	enum state worst = state_worse(STATE_OK, sink->floor);

	for (guint i = 0; i < reasons->len; i++)
		worst = state_worse(worst, ((const struct reason *)reasons->pdata[i])->state);
	return worst;
}

/* Far enough from the observation that counted last: two looks at one moment are one look. */
static bool counts_again(const struct eval_input *input, const struct verdict *before)
{
	const struct observation *observation = input->observation;
	int64_t apart_ms = input->target->every_ms / 2;

	if (before->confirmed_mono_ms > 0 && observation->observed_mono_ms > 0)
		return observation->observed_mono_ms - before->confirmed_mono_ms >= apart_ms;
	return observation->observed_wall_ms - before->observed_wall_ms >= apart_ms;
}

/* Drift is drift when it has been seen often enough; until then pending. Looks that could not tell
 * count neither way. */
static void confirm(struct finding_sink *sink, enum state worst)
{
	const struct eval_input *input = sink->input;
	const struct verdict *before = input->before;
	struct verdict *verdict = sink->verdict;
	int needed = MAX(input->target->confirm, 1);

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
	} else if (verdict->confirmed_mono_ms == 0) {
		/* counted before a restart: looks that come often must not put off the next count
		 * for ever */
		verdict->confirmed_mono_ms = input->observation->observed_mono_ms;
	}
	verdict->confirmations = MIN(verdict->confirmations, needed);
	if (verdict->confirmations < needed)
		frame_cap(sink, STATE_DRIFT, STATE_PENDING);
}

static void set_observed(struct finding_sink *sink)
{
	const struct eval_input *input = sink->input;
	struct verdict *verdict = sink->verdict;

	if (input->head && input->head->head) {
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

bool frame_begin(struct finding_sink *sink, const struct eval_input *input,
		 struct verdict **ret_verdict)
{
	struct verdict *verdict = begin_verdict(input);

	if (config_target_is_paused(input->target, input->now_wall_ms)) {
		make_paused(input, verdict);
		*ret_verdict = verdict;
		return false;
	}
	*sink = (struct finding_sink){.input = input, .verdict = verdict, .floor = STATE_OK};
	set_observed(sink);
	return true;
}

struct verdict *frame_end(struct finding_sink *sink)
{
	const struct eval_input *input = sink->input;
	struct verdict *verdict = sink->verdict;

	confirm(sink, worst_state(sink));
	verdict->state = worst_state(sink);
	verdict->since_wall_ms = since(input, verdict->state);
	verdict->next_change_wall_ms = sink->change_wall_ms;
	if (verdict->state == STATE_UNKNOWN && input->before)
		verdict->last_known = verdict_to_last_known(input->before);
	verdict_sort_reasons(verdict);
	return verdict;
}
