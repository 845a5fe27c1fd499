/* judge - from observation and git's answer to a verdict: gathers what evaluation needs, which
 * itself is pure. */
#include "daemon/engine_private.h"

#include "clk.h"
#include "log.h"

#include <assert.h>
#include <string.h>

struct git_question *judge_question(const struct target_state *target)
{
	if (config_target_is_paused(target->config, clk_wall_ms()))
		return NULL;
	return eval_service_question(target->service, target->observation, target->past);
}

static struct head_state head_state_of(const struct repo_state *repo)
{
	if (!repo)
		return (struct head_state){0};
	return (struct head_state){
		.head = repo->head,
		.seen_wall_ms = repo->head_seen_wall_ms,
		.fetched_wall_ms = repo->fetched_wall_ms,
		.fetched_mono_ms = repo->fetched_mono_ms,
		.fetch_error = repo->fetch_error,
		.web_url = repo->config->web_url,
	};
}

static struct eval_input input_of(const struct engine *engine, const struct target_state *target,
				  const struct git_answer *answer, const struct head_state *head)
{
	return (struct eval_input){
		.target = target->config,
		.service = target->service,
		.observation = target->observation,
		.answer = answer,
		.head = head,
		.past = target->past,
		.before = target->verdict,
		.timezone = engine->config->driftd.timezone,
		.now_wall_ms = clk_wall_ms(),
		.now_mono_ms = clk_mono_ms(),
	};
}

bool judge_needs_newer_head(const struct engine *engine, const struct target_state *target,
			    const struct git_answer *answer)
{
	struct head_state head = head_state_of(target->repo);
	struct eval_input input = input_of(engine, target, answer, &head);

	return eval_service_needs_newer_head(&input);
}

static void log_transition(const struct verdict *before, const struct verdict *now)
{
	g_autofree char *summary = NULL;
	g_autofree char *quoted = NULL;

	if (before && before->state == now->state)
		return;
	summary = verdict_summary(now, clk_wall_ms());
	quoted = log_quote(summary);
	log_info("target.state", "target=%s from=%s to=%s summary=%s", now->id,
		 before ? state_text(before->state) : "none", state_text(now->state), quoted);
}

/* Takes @p verdict. */
static void replace_verdict(struct target_state *target, struct verdict *verdict)
{
	log_transition(target->verdict, verdict);
	if (target->verdict)
		verdict_unref(target->verdict);
	target->verdict = verdict;
}

void judge_expired(struct engine *engine)
{
	int64_t wall = clk_wall_ms(), mono = clk_mono_ms();

	for (guint i = 0; i < engine->targets->len; i++) {
		struct target_state *target = engine->targets->pdata[i];
		struct verdict *verdict = target->verdict;

		if (verdict && verdict->state != STATE_UNKNOWN && verdict->state != STATE_PAUSED &&
		    verdict_is_expired(verdict, wall, mono)) {
			verdict = verdict_at(verdict, wall, mono);
			g_free(verdict->definition);
			verdict->definition = g_strdup(target->definition);
			target->expired_wall_ms = verdict->since_wall_ms;
			replace_verdict(target, verdict);
		}
	}
}

void judge_redefined(struct engine *engine, struct target_state *target)
{
	struct head_state head = head_state_of(target->repo);
	struct eval_input input = input_of(engine, target, NULL, &head);
	struct verdict *verdict;

	input.observation = NULL;
	verdict = eval_target(&input);
	/* what was seen and counted answers the old question */
	g_clear_pointer(&verdict->detail, verdict_detail_free);
	verdict->confirmations = 0;
	verdict->confirmed_mono_ms = 0;
	verdict->definition = g_strdup(target->definition);
	replace_verdict(target, verdict);
}

void judge_target(struct engine *engine, struct target_state *target,
		  const struct git_answer *answer, const char *answer_error)
{
	struct head_state head = head_state_of(target->repo);
	struct eval_input input = input_of(engine, target, answer, &head);
	struct verdict *verdict;

	target->judge = false;
	/* a verdict of the last process stands, and expires, until the target is observed again */
	if (!target->observation && target->verdict &&
	    !config_target_is_paused(target->config, input.now_wall_ms))
		return;
	input.answer_error = answer_error;
	verdict = eval_target(&input);
	verdict->definition = g_strdup(target->definition);
	replace_verdict(target, verdict);
}

/* What is known of a table that tells about a completion document. */
static struct eval_evidence evidence_of(const struct engine *engine,
					const struct config_evidence *config)
{
	const struct target_state *target = g_hash_table_lookup(engine->by_id, config->table_id);
	struct eval_evidence evidence = {.key = config->key, .table = config->table};
	int64_t wall_ms = clk_wall_ms();

	assert(target); /* the configuration was checked */
	evidence.paused = config_target_is_paused(target->config, wall_ms);
	if (evidence.paused || !target->verdict || target->verdict->state == STATE_PAUSED ||
	    verdict_is_expired(target->verdict, wall_ms, clk_mono_ms()))
		return evidence;
	evidence.observation = target->observation;
	/* one of an earlier process: until the clock has more to say than it knew */
	if (target->observation || target->verdict->next_change_wall_ms == 0 ||
	    target->verdict->next_change_wall_ms > wall_ms)
		evidence.verdict = target->verdict;
	return evidence;
}

static void judge_completion(struct engine *engine, struct target_state *target)
{
	const struct config_completion *config = config_to_completion(target->config);
	struct eval_input input = input_of(engine, target, NULL, NULL);
	g_autoptr(GArray) evidence = g_array_new(FALSE, TRUE, sizeof(struct eval_evidence));
	struct verdict *verdict;

	target->judge = false;
	if (!config_target_is_paused(target->config, input.now_wall_ms) && target->verdict &&
	    !target->observation)
		return;
	for (size_t i = 0; i < config->evidence_count; i++) {
		struct eval_evidence one = evidence_of(engine, &config->evidence[i]);

		g_array_append_val(evidence, one);
	}
	input.evidence = &g_array_index(evidence, struct eval_evidence, 0);
	input.evidence_count = evidence->len;
	verdict = eval_target(&input);
	verdict->definition = g_strdup(target->definition);
	replace_verdict(target, verdict);
}

void judge_data(struct engine *engine)
{
	/* completions last, and always: they rest on what is found of the tables */
	for (guint i = 0; i < engine->targets->len; i++) {
		struct target_state *target = engine->targets->pdata[i];

		if (!target->service && target->judge &&
		    target->config->kind != TARGET_KIND_COMPLETION)
			judge_target(engine, target, NULL, NULL);
	}
	for (guint i = 0; i < engine->targets->len; i++) {
		struct target_state *target = engine->targets->pdata[i];

		if (target->config->kind == TARGET_KIND_COMPLETION)
			judge_completion(engine, target);
	}
}
