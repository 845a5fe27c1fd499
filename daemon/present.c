/* present - a snapshot of what the engine knows now. */
#include "daemon/engine_private.h"

#include "clk.h"
#include "daemon/alerting.h"

static struct repo_status *repo_status_of(const struct repo_state *repo)
{
	struct repo_status *status = g_new0(struct repo_status, 1);
	const struct git_commit *commit = repo->head ? &repo->head->commit : repo->stored_head;

	status->name = g_strdup(repo->config->name);
	status->branch = g_strdup(repo->branch ? repo->branch : repo->config->branch);
	status->head = commit ? git_commit_copy(commit) : NULL;
	status->head_seen_wall_ms = repo->head_seen_wall_ms;
	status->fetched_wall_ms = repo->fetched_wall_ms;
	status->error = g_strdup(repo->fetch_error);
	status->note = g_strdup(repo->note);
	return status;
}

static struct unwatched *unwatched_copy(const struct unwatched *from)
{
	struct unwatched *copy = g_new0(struct unwatched, 1);

	copy->kind = g_strdup(from->kind);
	copy->project = g_strdup(from->project);
	copy->region = g_strdup(from->region);
	copy->service = g_strdup(from->service);
	return copy;
}

/* A target nobody has looked at yet: unknown, and said. */
static struct verdict *verdict_before_first(const struct engine *engine,
					    const struct target_state *target)
{
	struct head_state head = {0};
	struct eval_input input = {
		.target = target->config,
		.service = target->service,
		.head = &head,
		.past = target->past,
		.timezone = engine->config->driftd.timezone,
		.now_wall_ms = clk_wall_ms(),
		.now_mono_ms = clk_mono_ms(),
	};

	return eval_target(&input);
}

static void add_verdicts(const struct engine *engine, GPtrArray *verdicts)
{
	for (guint i = 0; i < engine->targets->len; i++) {
		const struct target_state *target = engine->targets->pdata[i];

		g_ptr_array_add(verdicts, target->verdict ? verdict_ref(target->verdict)
							  : verdict_before_first(engine, target));
	}
}

static bool is_anything_billed(const struct config *config)
{
	for (guint i = 0; i < config->targets->len; i++)
		if (((const struct config_target *)config->targets->pdata[i])->billed)
			return true;
	return false;
}

/* What has been billed today, when something can be. */
static void add_spent(const struct engine *engine, GPtrArray *spent)
{
	bool billed = is_anything_billed(engine->config);

	for (guint i = 0; billed && i < engine->config->gcps->len; i++) {
		const struct config_gcp *gcp = engine->config->gcps->pdata[i];
		struct snapshot_spent *entry = g_new0(struct snapshot_spent, 1);

		entry->gcp = g_strdup(gcp->name);
		entry->bytes =
			budget_spent(sources_budget(engine->sources), gcp->name, clk_wall_ms());
		g_ptr_array_add(spent, entry);
	}
}

/* When the next cycle is due, in wall time, for people. */
static int64_t next_wall_ms(const struct engine *engine)
{
	int64_t next = INT64_MAX;
	int64_t wait;

	for (guint i = 0; i < engine->targets->len; i++)
		next = MIN(next,
			   ((const struct target_state *)engine->targets->pdata[i])->due_mono_ms);
	if (next == INT64_MAX)
		return 0;
	wait = next - clk_mono_ms();
	return clk_wall_ms() + MAX(wait, 0);
}

static void add_windows(const struct config *config, GPtrArray *windows)
{
	for (guint i = 0; i < config->windows->len; i++) {
		const struct config_window *window = config->windows->pdata[i];
		struct snapshot_window *shown = g_new0(struct snapshot_window, 1);
		g_autoptr(GPtrArray) texts = g_ptr_array_new();

		for (size_t m = 0; window->matchers[m]; m++)
			g_ptr_array_add(texts, g_strdup(matcher_text(window->matchers[m])));
		g_ptr_array_add(texts, NULL);
		shown->name = g_strdup(window->name);
		shown->matchers = (char **)g_ptr_array_free(g_steal_pointer(&texts), FALSE);
		shown->state = window_state_at(window, clk_wall_ms());
		g_ptr_array_add(windows, shown);
	}
}

void present_alerts(const struct engine *engine, struct snapshot_input *input)
{
	add_windows(engine->config, input->windows);
	if (!engine->alerting)
		return;
	g_ptr_array_unref(input->incidents);
	input->incidents = alerting_incidents(engine->alerting);
	g_ptr_array_unref(input->channels);
	input->channels = alerting_channels(engine->alerting);
	input->silences_active = alerting_silences(engine->alerting, clk_wall_ms());
}

struct snapshot_input *present_input(struct engine *engine)
{
	struct snapshot_input *input = snapshot_input_create();

	input->config = config_ref(engine->config);
	add_verdicts(engine, input->verdicts);
	for (guint i = 0; i < engine->repos->len; i++)
		g_ptr_array_add(input->repos, repo_status_of(engine->repos->pdata[i]));
	for (guint i = 0; i < engine->unwatched->len; i++)
		g_ptr_array_add(input->unwatched, unwatched_copy(engine->unwatched->pdata[i]));
	add_spent(engine, input->spent);
	input->check = (struct check_status){
		.id = engine->last_check.id,
		.trigger = g_strdup(engine->last_check.trigger),
		.started_wall_ms = engine->last_check.started_wall_ms,
		.duration_ms = engine->last_check.duration_ms,
		.next_wall_ms = next_wall_ms(engine),
	};
	input->config_error = g_strdup(engine->config_error);
	input->store_error = g_strdup(engine->store_error);
	input->first_cycle_done = engine->first_cycle_done;
	input->ready = engine->first_cycle_done && !engine->store_error;
	g_ptr_array_unref(input->accounts);
	input->accounts = http_client_accounts(engine->http);
	input->cycles_total = engine->cycles_total;
	input->cycle_failures_total = engine->cycle_failures_total;
	input->waiters = engine->waiters;
	input->database_bytes = store_get_stats(engine->store).file_bytes;
	input->generated_wall_ms = clk_wall_ms();
	input->generated_mono_ms = clk_mono_ms();
	return input;
}
