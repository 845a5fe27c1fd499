/* upkeep - what the clock brings: cycles that are due, expiries to publish, times to flush, old
 * rows to delete. */
#include "daemon/engine_private.h"

#include "clk.h"
#include "daemon/alerting.h"
#include "daemon/moment.h"
#include "log.h"

static int64_t cycle_due_mono_ms(const struct engine *engine)
{
	/* what is known is told at once after a start, also when nothing is to be looked at */
	int64_t due = engine->first_cycle_done ? INT64_MAX : 0;
	int64_t wall_to_mono = clk_mono_ms() - clk_wall_ms();
	/* what the clock brings need not come more often: whatever is wrong, driftd does not spin */
	int64_t soonest = engine->cycle.started_mono_ms + MS_PER_S;

	for (guint i = 0; i < engine->repos->len; i++) {
		const struct repo_state *repo = engine->repos->pdata[i];

		due = MIN(due, repo->head_moved ? 0 : repo->due_mono_ms);
	}
	for (guint i = 0; i < engine->targets->len; i++) {
		const struct target_state *target = engine->targets->pdata[i];

		due = MIN(due, target->due_mono_ms);
		if (target->verdict && target->verdict->next_change_wall_ms > 0 &&
		    (target->observation || target->verdict->state == STATE_PAUSED))
			due = MIN(due, MAX(target->verdict->next_change_wall_ms + wall_to_mono,
					   soonest));
	}
	return due;
}

/* When the snapshot is too old: something in it expires, or the outbox has moved (which it may do
 * often). */
static int64_t publish_due_mono_ms(const struct engine *engine)
{
	int64_t by_wall = engine->valid_until_wall_ms;
	int64_t pause = CLAMP(ENGINE_NEWS_COST_TIMES * engine->publish_took_ms,
			      ENGINE_NEWS_PAUSE_MS, ENGINE_NEWS_PAUSE_MAX_MS);
	int64_t news = engine->news ? engine->publish_mono_ms + pause : INT64_MAX;

	if (by_wall != INT64_MAX)
		by_wall += clk_mono_ms() - clk_wall_ms();
	return MIN(MIN(engine->valid_until_mono_ms, by_wall), news);
}

/* Between cycles: a reminder, a digest, the end of a silence, blindness that has lasted. Not while
 * the database cannot be written. */
static int64_t round_due_mono_ms(const struct engine *engine)
{
	int64_t by_wall;

	if (!engine->alerting || !engine->first_cycle_done || engine->store_error)
		return INT64_MAX;
	by_wall = alerting_round_due_wall_ms(engine->alerting, clk_wall_ms());
	if (by_wall != INT64_MAX)
		by_wall += clk_mono_ms() - clk_wall_ms();
	return MAX(MIN(by_wall, moment_due_mono_ms(engine, engine->round_mono_ms)),
		   engine->round_mono_ms + ENGINE_ROUND_PAUSE_MS);
}

static void run_round(struct engine *engine)
{
	struct snapshot_input *input = present_input(engine);
	struct moment moment;
	struct tally tally;

	engine->round_mono_ms = clk_mono_ms();
	snapshot_input_settle(input);
	tally = tally_make(input->verdicts);
	moment_init(&moment, engine, input->verdicts, &tally);
	(void)alerting_round(engine->alerting, &moment.book); /* what is not written is due again */
	moment_done(&moment);
	present_alerts(engine, input);
	engine_publish_snapshot(engine, snapshot_create(input));
}

bool engine_is_well(const struct engine *engine)
{
	int64_t limit = engine->cycle.running
				? engine->cycle.deadline_mono_ms + engine_answer_extra_ms(engine)
				: cycle_due_mono_ms(engine);

	return limit == INT64_MAX || clk_mono_ms() < limit + ENGINE_STUCK_MS;
}

int64_t engine_answer_extra_ms(const struct engine *engine)
{
	return MAX(ENGINE_ANSWER_EXTRA_MS, engine->config->driftd.request_timeout_ms);
}

int64_t engine_due_mono_ms(const struct engine *engine)
{
	int64_t upkeep = MIN(engine->flush_mono_ms, engine->prune_mono_ms);
	int64_t publish = publish_due_mono_ms(engine);

	if (engine->alerting)
		publish = MIN(publish, alerting_run_due_mono_ms(engine->alerting));
	if (engine->cycle.running) {
		int64_t late = engine->cycle.deadline_mono_ms;

		if (clk_mono_ms() >= late)
			late += engine_answer_extra_ms(engine);
		return MIN(late, publish);
	}
	return MIN(MIN(cycle_due_mono_ms(engine), publish), MIN(upkeep, round_due_mono_ms(engine)));
}

static const char *due_trigger(const struct engine *engine)
{
	for (guint i = 0; i < engine->repos->len; i++)
		if (((const struct repo_state *)engine->repos->pdata[i])->head_moved)
			return "head";
	return engine->first_cycle_done ? "schedule" : "start";
}

static void flush(struct engine *engine)
{
	g_autoptr(GError) error = NULL;

	engine->flush_mono_ms = clk_mono_ms() + ENGINE_FLUSH_INTERVAL_MS;
	if (engine->first_cycle_done && !record_times(engine, &error))
		log_warn("store.flush_failed", "err=\"%s\"", error->message);
	store_checkpoint(engine->store);
}

/* A wall clock that jumped ahead would make history old at once: then pruning waits a day for somebody to notice. */
static bool clock_jumped(struct engine *engine)
{
	int64_t apart_ms = clk_wall_ms() - clk_mono_ms();
	bool jumped = apart_ms - engine->clocks_apart_ms > MS_PER_DAY;

	engine->clocks_apart_ms = apart_ms;
	if (jumped)
		log_warn("store.prune_postponed",
			 "why=\"the clock jumped ahead by more than a day\"");
	return jumped;
}

static void prune(struct engine *engine)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) thin_error = NULL;
	bool more = false, more_samples = false;
	int64_t before = clk_wall_ms() - engine->config->driftd.retention_ms;

	if (clock_jumped(engine)) {
		engine->prune_mono_ms = clk_mono_ms() + MS_PER_DAY;
		return;
	}
	if (!store_prune(engine->store, before, ENGINE_PRUNE_ROWS, &more, &error))
		log_warn("store.prune_failed", "err=\"%s\"", error->message);
	if (!store_thin_samples(engine->store, clk_wall_ms(), ENGINE_PRUNE_ROWS, &more_samples,
				&thin_error))
		log_warn("store.thin_failed", "err=\"%s\"", thin_error->message);
	more |= more_samples;
	engine->prune_mono_ms = clk_mono_ms() + (more ? MS_PER_S : ENGINE_PRUNE_INTERVAL_MS);
}

void engine_run_upkeep(struct engine *engine)
{
	int64_t now = clk_mono_ms();

	if (engine->prune_mono_ms <= now)
		prune(engine);
	if (engine->flush_mono_ms <= now)
		flush(engine);
}

void engine_run_due(struct engine *engine)
{
	int64_t now = clk_mono_ms();

	if (publish_due_mono_ms(engine) <= now)
		engine_publish(engine);
	if (!engine->cycle.running && round_due_mono_ms(engine) <= now)
		run_round(engine);
	if (!engine->cycle.running && cycle_due_mono_ms(engine) <= now)
		engine_start_cycle(engine, due_trigger(engine),
				   engine->first_cycle_done ? CYCLE_SCOPE_DUE
							    : CYCLE_SCOPE_EVERYTHING);
}
