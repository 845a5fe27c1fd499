/* record - what a cycle found goes into the database in one transaction, and comes back at start.
 */
#include "daemon/engine_private.h"

#include "clk.h"
#include "daemon/alerting.h"
#include "eval/verdict_json.h"
#include "json.h"
#include "log.h"

#include <string.h>

void past_deployment_free(struct past_deployment *past)
{
	g_free(past->sha);
	g_free(past->digest);
	g_free(past->revision);
	g_free(past);
}

/* Sixteen bytes of SHA-256: enough to tell whether stored facts changed, small enough to keep for
 * every target. */
static void digest_of(const char *text, guint8 ret_digest[16])
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	guint8 bytes[32];
	gsize length = sizeof(bytes);

	g_checksum_update(checksum, (const guchar *)text, -1);
	g_checksum_get_digest(checksum, bytes, &length);
	memcpy(ret_digest, bytes, 16);
}

static char *reason_codes(const struct verdict *verdict)
{
	json_object *codes = json_object_new_array();
	char *text;

	for (guint i = 0; i < verdict->reasons->len; i++) {
		const struct reason *reason = verdict->reasons->pdata[i];

		json_object_array_add(codes,
				      json_object_new_string(reason_code_text(reason->code)));
	}
	text = json_to_text(codes, NULL);
	json_object_put(codes);
	return text;
}

static struct store_verdict *times_row(const struct verdict *verdict)
{
	struct store_verdict *row = store_verdict_create();

	row->target = g_strdup(verdict->id);
	row->observed_wall_ms = verdict->observed_wall_ms;
	row->expires_wall_ms = verdict->expires_wall_ms;
	return row;
}

static void add_verdict(struct store_batch *batch, const struct target_state *target, char *facts)
{
	const struct verdict *verdict = target->verdict;
	struct store_verdict *row = times_row(verdict);

	row->state = g_strdup(state_text(verdict->state));
	row->relation = g_strdup(relation_text(verdict->relation));
	row->facts = facts;
	row->since_wall_ms = verdict->since_wall_ms;
	row->confirmations = verdict->confirmations;
	g_ptr_array_add(batch->verdicts, row);
}

/* Between two cycles it was unknown, though neither of them says so. Its state after that. */
static enum state add_expiry(struct store_batch *batch, const struct target_state *target)
{
	struct store_transition *row;

	if (target->expired_wall_ms == 0 || target->stored_state == STATE_NONE ||
	    target->stored_state == STATE_UNKNOWN || target->verdict->state == STATE_UNKNOWN)
		return target->stored_state;
	row = store_transition_create();
	row->target = g_strdup(target->verdict->id);
	row->at_wall_ms = target->expired_wall_ms;
	row->from = g_strdup(state_text(target->stored_state));
	row->to = g_strdup(state_text(STATE_UNKNOWN));
	row->relation = target->service ? g_strdup(relation_text(RELATION_UNKNOWN)) : NULL;
	row->reasons = g_strdup_printf("[\"%s\"]", reason_code_text(REASON_EXPIRED));
	g_ptr_array_add(batch->transitions, row);
	return STATE_UNKNOWN;
}

static void add_transition(struct store_batch *batch, const struct target_state *target)
{
	const struct verdict *verdict = target->verdict;
	enum state from = add_expiry(batch, target);
	struct store_transition *row;

	if (from == verdict->state)
		return;
	row = store_transition_create();
	row->target = g_strdup(verdict->id);
	row->at_wall_ms = verdict->since_wall_ms;
	row->from = from == STATE_NONE ? NULL : g_strdup(state_text(from));
	row->to = g_strdup(state_text(verdict->state));
	row->relation = g_strdup(relation_text(verdict->relation));
	row->reasons = reason_codes(verdict);
	g_ptr_array_add(batch->transitions, row);
}

static bool is_recorded(const struct target_state *target, const struct verdict_deployed *deployed,
			guint newest)
{
	for (guint i = 0; i < target->past->len && i < newest; i++) {
		const struct past_deployment *past = target->past->pdata[i];

		/* an id that could not be resolved, this time or then, is the one that begins so */
		if (past->sha &&
		    (g_str_has_prefix(past->sha, deployed->sha) ||
		     g_str_has_prefix(deployed->sha, past->sha)) &&
		    g_strcmp0(past->revision, deployed->revision) == 0 &&
		    g_strcmp0(past->digest, deployed->digest) == 0)
			return true;
	}
	return false;
}

/* When the oldest commit that came with it was committed: the one that waited longest, where all that was undeployed came; else its own. */
static int64_t oldest_brought(const struct target_state *target,
			      const struct verdict_deployed *deployed)
{
	const struct verdict_behind *before = target->committed ? target->committed->behind : NULL;
	int64_t own = deployed->committed_wall_ms;

	if (deployed->relation != RELATION_IN_SYNC || !before || !before->oldest || own == 0)
		return own;
	return MIN(own, before->oldest->committed_wall_ms);
}

/* Those of the revisions serving now that are not among the newest recorded ones: a return to an
 * old one counts again. */
static void add_deployments(struct store_batch *batch, const struct target_state *target)
{
	const struct verdict *verdict = target->verdict;

	for (guint i = 0; i < verdict->deployed->len; i++) {
		const struct verdict_deployed *deployed = verdict->deployed->pdata[i];
		struct store_deployment *row;

		if (!deployed->sha || is_recorded(target, deployed, verdict->deployed->len))
			continue;
		row = store_deployment_create();
		row->target = g_strdup(verdict->id);
		row->at_wall_ms = verdict->observed_wall_ms;
		row->sha = g_strdup(deployed->sha);
		row->revision = g_strdup(deployed->revision);
		row->percent = deployed->percent;
		row->digest = g_strdup(deployed->digest);
		row->committed_wall_ms = oldest_brought(target, deployed);
		g_ptr_array_add(batch->deployments, row);
	}
}

static void add_observation(struct store_batch *batch, const struct target_state *target,
			    guint8 digest[16])
{
	g_autofree char *facts = observation_facts_json(target->observation);
	struct store_observation *row;

	digest_of(facts, digest);
	if (memcmp(digest, target->stored_observation, 16) == 0)
		return;
	row = store_observation_create();
	row->target = g_strdup(target->config->id);
	row->at_wall_ms = target->observation->observed_wall_ms;
	row->facts = g_steal_pointer(&facts);
	g_ptr_array_add(batch->observations, row);
}

/* Load and rows as they are judged: of a partitioned table those of the partition that is due. */
static void set_sample(struct store_sample *sample, const struct target_state *target)
{
	const struct table_obs *table = target->observation->table;
	const struct verdict_detail *detail = target->verdict ? target->verdict->detail : NULL;
	const struct verdict_datum *rows = verdict_detail_find(detail, "rows");

	sample->loaded_wall_ms = table->loaded_wall_ms;
	sample->rows = table->rows;
	if (table->method != TABLE_METHOD_PARTITION)
		return;
	sample->loaded_wall_ms = detail ? MAX(detail->aged_wall_ms, 0) : 0;
	sample->rows = rows && rows->type == DATUM_TYPE_NUMBER ? rows->number : -1;
}

/* A table's load or rows moved since the newest sample. What stood in for the method says something else. */
static void add_sample(struct store_batch *batch, const struct target_state *target)
{
	const struct observation *observation = target->observation;
	const struct table_obs *table = observation ? observation->table : NULL;
	const struct store_sample *last = target->sample;
	struct store_sample *row;

	if (!table || !table->found || table->not_active || table->over_budget)
		return;
	row = store_sample_create();
	set_sample(row, target);
	if (last && last->loaded_wall_ms == row->loaded_wall_ms && last->rows == row->rows) {
		store_sample_free(row);
		return;
	}
	row->target = g_strdup(target->config->id);
	row->at_wall_ms = observation->observed_wall_ms;
	row->bytes_billed = table->cost.bytes_billed;
	g_ptr_array_add(batch->samples, row);
}

/* What one target adds to a batch, kept until the commit is known to have worked. */
struct pending_digests {
	guint8 facts[16], observation[16];
};

static void add_target(struct store_batch *batch, struct target_state *target,
		       struct pending_digests *pending)
{
	g_autofree char *facts = NULL;

	memcpy(pending->facts, target->stored_facts, 16);
	memcpy(pending->observation, target->stored_observation, 16);
	if (target->observation && target->observation->service)
		add_observation(batch, target, pending->observation);
	add_sample(batch, target);
	if (!target->verdict)
		return;
	add_deployments(batch, target);
	facts = verdict_facts_json(target->verdict);
	digest_of(facts, pending->facts);
	if (memcmp(pending->facts, target->stored_facts, 16) != 0)
		add_verdict(batch, target, g_steal_pointer(&facts));
	add_transition(batch, target);
}

static void remember_deployment(struct engine *engine, const struct store_deployment *row)
{
	struct target_state *target = g_hash_table_lookup(engine->by_id, row->target);
	struct past_deployment *past = g_new0(struct past_deployment, 1);

	past->sha = g_strdup(row->sha);
	past->digest = g_strdup(row->digest);
	past->revision = g_strdup(row->revision);
	past->seen_wall_ms = row->at_wall_ms;
	g_ptr_array_insert(target->past, 0, past);
	if (target->past->len > ENGINE_PAST_MAX)
		g_ptr_array_set_size(target->past, ENGINE_PAST_MAX);
}

static void remember_sample(struct engine *engine, const struct store_sample *row)
{
	struct target_state *target = g_hash_table_lookup(engine->by_id, row->target);
	struct store_sample *sample = store_sample_create();

	sample->loaded_wall_ms = row->loaded_wall_ms;
	sample->rows = row->rows;
	store_sample_free(target->sample);
	target->sample = sample;
}

static void remember_committed(struct engine *engine, const struct store_batch *batch,
			       const struct pending_digests *pending)
{
	for (guint i = 0; i < engine->targets->len; i++) {
		struct target_state *target = engine->targets->pdata[i];

		memcpy(target->stored_facts, pending[i].facts, 16);
		memcpy(target->stored_observation, pending[i].observation, 16);
		if (!target->verdict)
			continue;
		target->stored_state = target->verdict->state;
		target->expired_wall_ms = 0;
		if (target->committed)
			verdict_unref(target->committed);
		target->committed = verdict_ref(target->verdict);
	}
	for (guint i = 0; i < engine->repos->len; i++) {
		struct repo_state *repo = engine->repos->pdata[i];

		repo->committed_fetched_wall_ms =
			repo->fetched_mono_ms > 0 ? repo->fetched_wall_ms : 0;
	}
	for (guint i = 0; i < batch->deployments->len; i++)
		remember_deployment(engine, batch->deployments->pdata[i]);
	for (guint i = 0; i < batch->samples->len; i++)
		remember_sample(engine, batch->samples->pdata[i]);
}

/* What was spent since the last commit; it stays in @p spent until it is known to be written. */
static void add_usages(GPtrArray *usages, const GPtrArray *spent)
{
	for (guint i = 0; i < spent->len; i++) {
		const struct budget_spending *spending = spent->pdata[i];
		struct store_usage *row = store_usage_create();

		row->day = g_strdup(spending->day);
		row->gcp = g_strdup(spending->gcp);
		row->target = g_strdup(spending->target);
		row->queries = spending->cost.queries;
		row->bytes_processed = spending->cost.bytes_processed;
		row->bytes_billed = spending->cost.bytes_billed;
		g_ptr_array_add(usages, row);
	}
}

static void remove_rows(struct engine *engine)
{
	while (engine->removed->len > 0) {
		g_autoptr(GError) error = NULL;
		const char *id = engine->removed->pdata[engine->removed->len - 1];

		/* one that came back keeps its row */
		if (!g_hash_table_contains(engine->by_id, id) &&
		    !store_remove_verdict(engine->store, id, &error)) {
			log_warn("store.remove_failed", "target=%s err=\"%s\"", id, error->message);
			return;
		}
		g_ptr_array_set_size(engine->removed, (gint)engine->removed->len - 1);
	}
}

/* Pushes that were fetched for are not fetched for again. */
static void add_pushes(struct store_alerts *alerts, const struct engine *engine)
{
	alerts->pushed_wall_ms = engine->cycle.started_wall_ms;
	for (guint i = 0; i < engine->cycle.pushes->len; i++) {
		const struct push *push = engine->cycle.pushes->pdata[i];

		if (push->delivery && push_is_served(engine, push))
			g_ptr_array_add(alerts->pushes, g_strdup(push->delivery));
	}
}

bool record_cycle(struct engine *engine, const char *summary, const struct book_moment *moment,
		  GError **error)
{
	struct store_batch *batch = store_batch_create();
	struct alerting_plan *plan =
		moment ? alerting_plan(engine->alerting, moment, batch->alerts) : NULL;
	struct pending_digests *pending = g_new0(struct pending_digests, engine->targets->len);
	g_autoptr(GPtrArray) spent = budget_take(sources_budget(engine->sources));
	bool ok;

	batch->cycle.id = engine->cycle.id;
	batch->cycle.trigger = g_strdup(engine->cycle.trigger);
	batch->cycle.started_wall_ms = engine->cycle.started_wall_ms;
	batch->cycle.duration_ms = engine->last_check.duration_ms;
	batch->cycle.summary = g_strdup(summary);
	for (guint i = 0; i < engine->targets->len; i++)
		add_target(batch, engine->targets->pdata[i], &pending[i]);
	for (guint i = 0; i < engine->new_heads->len; i++)
		g_ptr_array_add(batch->heads, engine->new_heads->pdata[i]);
	add_usages(batch->usages, spent);
	add_pushes(batch->alerts, engine);
	ok = store_commit_batch(engine->store, batch, error);
	if (plan && ok)
		alerting_keep(engine->alerting, plan);
	else if (plan)
		alerting_drop(plan);
	if (!ok) {
		budget_return(sources_budget(engine->sources), spent);
	} else {
		remember_committed(engine, batch, pending);
		remove_rows(engine);
	}
	/* the batch only borrowed them; they wait for the next cycle when this one could not be written */
	while (batch->heads->len > 0)
		(void)g_ptr_array_steal_index(batch->heads, batch->heads->len - 1);
	if (ok)
		g_ptr_array_set_size(engine->new_heads, 0);
	store_batch_free(batch);
	g_free(pending);
	return ok;
}

GPtrArray *record_take_events(struct engine *engine)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *events =
		store_load_events(engine->store, engine->last_event_id, ENGINE_EVENTS_MAX, &error);

	if (!events)
		log_error("store.events_not_read", "err=\"%s\"", error->message);
	else if (events->len > 0)
		engine->last_event_id =
			((const struct store_transition *)events->pdata[events->len - 1])->id;
	return events;
}

bool record_times(struct engine *engine, GError **error)
{
	struct store_times times = {
		.verdicts = g_ptr_array_new(),
		.heads = g_ptr_array_new(),
		.usages = g_ptr_array_new(),
	};
	g_autoptr(GPtrArray) spent = budget_take(sources_budget(engine->sources));
	struct store_batch *owner = store_batch_create(); /* frees the rows */
	bool ok;

	for (guint i = 0; i < engine->targets->len; i++) {
		const struct target_state *target = engine->targets->pdata[i];

		/* the times of what is in the row, not of what could not be written yet */
		if (target->committed && target->committed->observed_wall_ms > 0)
			g_ptr_array_add(owner->verdicts, times_row(target->committed));
	}
	for (guint i = 0; i < engine->repos->len; i++) {
		const struct repo_state *repo = engine->repos->pdata[i];
		struct store_head *row;

		if (repo->committed_fetched_wall_ms == 0)
			continue;
		row = store_head_create();
		row->repo = g_strdup(repo->config->name);
		row->url = g_strdup(repo->config->url);
		row->fetched_wall_ms = repo->committed_fetched_wall_ms;
		g_ptr_array_add(owner->heads, row);
	}
	g_ptr_array_extend(times.verdicts, owner->verdicts, NULL, NULL);
	g_ptr_array_extend(times.heads, owner->heads, NULL, NULL);
	add_usages(owner->usages, spent);
	g_ptr_array_extend(times.usages, owner->usages, NULL, NULL);
	ok = store_flush_times(engine->store, &times, error);
	if (!ok)
		budget_return(sources_budget(engine->sources), spent);
	g_ptr_array_unref(times.usages);
	g_ptr_array_unref(times.verdicts);
	g_ptr_array_unref(times.heads);
	store_batch_free(owner);
	return ok;
}

static struct target_state *find_fresh(const struct engine *engine, const char *id)
{
	struct target_state *target = g_hash_table_lookup(engine->by_id, id);

	return target && target->fresh ? target : NULL;
}

/* Who it is for, and what mends it, is the configuration's to say. */
static void take_identity(struct verdict *verdict, const struct config_target *config)
{
	verdict->priority = config->priority;
	g_free(verdict->owner);
	verdict->owner = g_strdup(config->owner);
	g_free(verdict->description);
	verdict->description = g_strdup(config->description);
	g_free(verdict->deploy_command);
	verdict->deploy_command = g_strdup(config->deploy_command);
}

/* The last verdict of an earlier process. One that rests on another definition is only the last known. */
static void take_verdict(struct engine *engine, struct target_state *target,
			 const struct store_verdict *row)
{
	g_autoptr(GError) bad = NULL;
	struct verdict *verdict = verdict_from_facts_json(row->facts, &bad);

	target->stored_state = state_from_text(row->state);
	if (!verdict) {
		log_warn("store.verdict_unreadable", "target=%s err=\"%s\"", row->target,
			 bad->message);
		return;
	}
	verdict->since_wall_ms = row->since_wall_ms;
	verdict->observed_wall_ms = row->observed_wall_ms;
	verdict->expires_wall_ms = row->expires_wall_ms;
	verdict->confirmations = row->confirmations;
	take_identity(verdict, target->config);
	target->verdict = verdict;
	target->committed = verdict_ref(verdict);
	digest_of(row->facts, target->stored_facts);
	if (g_strcmp0(verdict->definition, target->definition) != 0)
		judge_redefined(engine, target);
}

static bool load_verdicts(struct engine *engine, GError **error)
{
	g_autoptr(GPtrArray) rows = store_load_verdicts(engine->store, error);

	for (guint i = 0; rows && i < rows->len; i++) {
		const struct store_verdict *row = rows->pdata[i];
		struct target_state *target = find_fresh(engine, row->target);

		if (target)
			take_verdict(engine, target, row);
		else if (!g_hash_table_contains(engine->by_id, row->target))
			g_ptr_array_add(engine->removed, g_strdup(row->target));
	}
	return rows != NULL;
}

/* A target that was removed and is back goes on from where its history ended. */
static bool load_transitions(struct engine *engine, GError **error)
{
	g_autoptr(GPtrArray) rows = store_load_transitions(engine->store, error);

	for (guint i = 0; rows && i < rows->len; i++) {
		const struct store_transition *row = rows->pdata[i];
		struct target_state *target = find_fresh(engine, row->target);

		if (target && target->stored_state == STATE_NONE)
			target->stored_state = state_from_text(row->to);
	}
	return rows != NULL;
}

static bool load_deployments(struct engine *engine, GError **error)
{
	g_autoptr(GPtrArray) rows = store_load_deployments(engine->store, ENGINE_PAST_MAX, error);

	/* newest first in the rows, and in front of what is there: so from the end */
	for (guint i = rows ? rows->len : 0; i > 0; i--) {
		const struct store_deployment *row = rows->pdata[i - 1];

		if (find_fresh(engine, row->target))
			remember_deployment(engine, row);
	}
	return rows != NULL;
}

static bool load_observations(struct engine *engine, GError **error)
{
	g_autoptr(GPtrArray) rows = store_load_observations(engine->store, error);

	for (guint i = 0; rows && i < rows->len; i++) {
		const struct store_observation *row = rows->pdata[i];
		struct target_state *target = find_fresh(engine, row->target);

		if (target)
			digest_of(row->facts, target->stored_observation);
	}
	return rows != NULL;
}

static bool load_samples(struct engine *engine, GError **error)
{
	g_autoptr(GPtrArray) rows = store_load_samples(engine->store, error);

	for (guint i = 0; rows && i < rows->len; i++) {
		const struct store_sample *row = rows->pdata[i];

		if (find_fresh(engine, row->target))
			remember_sample(engine, row);
	}
	return rows != NULL;
}

bool record_load_usages(struct engine *engine, GError **error)
{
	g_autoptr(GPtrArray) spent =
		g_ptr_array_new_with_free_func((GDestroyNotify)budget_spending_free);
	g_autofree char *day = schedule_date(clk_wall_ms(), "UTC", 0);
	g_autoptr(GPtrArray) rows = store_load_usages(engine->store, day, error);

	for (guint i = 0; rows && i < rows->len; i++) {
		const struct store_usage *row = rows->pdata[i];
		struct budget_spending *spending = g_new0(struct budget_spending, 1);

		spending->day = g_strdup(row->day);
		spending->gcp = g_strdup(row->gcp);
		spending->target = g_strdup(row->target);
		spending->cost =
			(struct data_cost){row->queries, row->bytes_processed, row->bytes_billed};
		g_ptr_array_add(spent, spending);
	}
	if (rows)
		budget_load(sources_budget(engine->sources), spent);
	return rows != NULL;
}

/* A billed look of the process before counts: a restart is no reason to pay again. */
static void take_due(struct target_state *target)
{
	const struct verdict *verdict = target->verdict;
	int64_t now_wall_ms = clk_wall_ms();
	int64_t wait_ms;

	if (!target->fresh || !target->config->billed || !verdict ||
	    verdict->observed_wall_ms <= 0 || verdict->state == STATE_UNKNOWN ||
	    verdict->state == STATE_PAUSED)
		return;
	wait_ms = verdict->observed_wall_ms + target->config->every_ms - now_wall_ms;
	/* without the observation it cannot be judged again when the clock changes something */
	if (verdict->next_change_wall_ms > 0)
		wait_ms = MIN(wait_ms, verdict->next_change_wall_ms - now_wall_ms);
	if (wait_ms > 0 && verdict->observed_wall_ms <= now_wall_ms)
		target->due_mono_ms = clk_mono_ms() + wait_ms;
}

bool record_load(struct engine *engine, GError **error)
{
	bool fresh = false;
	bool ok;

	for (guint i = 0; i < engine->targets->len && !fresh; i++)
		fresh = ((const struct target_state *)engine->targets->pdata[i])->fresh;
	if (!fresh)
		return true;
	ok = load_verdicts(engine, error) && load_transitions(engine, error) &&
	     load_deployments(engine, error) && load_observations(engine, error) &&
	     load_samples(engine, error);
	for (guint i = 0; i < engine->targets->len; i++) {
		take_due(engine->targets->pdata[i]);
		((struct target_state *)engine->targets->pdata[i])->fresh = false;
	}
	return ok;
}

bool record_is_stored_observation(const struct target_state *target)
{
	g_autofree char *facts = observation_facts_json(target->observation);
	guint8 digest[16];

	digest_of(facts, digest);
	return memcmp(digest, target->stored_observation, sizeof(digest)) == 0;
}

/* The newest row is the head as it was last known. */
static void take_stored_head(struct repo_state *repo, const struct store_head *row)
{
	git_commit_free(repo->stored_head);
	repo->stored_head = g_new0(struct git_commit, 1);
	g_strlcpy(repo->stored_head->sha, row->sha, sizeof(repo->stored_head->sha));
	repo->stored_head->subject = g_strdup(row->subject);
	repo->stored_head->author = g_strdup(row->author);
	repo->stored_head->committed_wall_ms = row->committed_wall_ms;
	g_free(repo->branch);
	repo->branch = g_strdup(row->branch);
	repo->head_seen_wall_ms = row->seen_wall_ms;
	repo->fetched_wall_ms = row->fetched_wall_ms;
}

bool record_load_repo(struct engine *engine, struct repo_state *repo, GError **error)
{
	g_autoptr(GPtrArray) rows =
		store_load_heads(engine->store, repo->config->name, repo->config->url, error);
	const char *branch = repo->config->branch;

	for (guint i = 0; rows && i < rows->len; i++) {
		const struct store_head *row = rows->pdata[i];
		struct git_seen_head *seen;

		if (branch && g_strcmp0(row->branch, branch) != 0)
			continue; /* of a branch that was watched before */
		seen = g_new0(struct git_seen_head, 1);
		g_strlcpy(seen->sha, row->sha, sizeof(seen->sha));
		seen->seen_wall_ms = row->seen_wall_ms;
		g_ptr_array_add(repo->seen, seen);
		take_stored_head(repo, row);
	}
	return rows != NULL;
}
