/* rows - structs of the store: made, freed, and read from the columns of schema/queries.sql. */
#include "store/store_private.h"

struct store_head *store_head_create(void)
{
	return g_new0(struct store_head, 1);
}

void store_head_free(struct store_head *head)
{
	if (!head)
		return;
	g_free(head->repo);
	g_free(head->url);
	g_free(head->branch);
	g_free(head->sha);
	g_free(head->subject);
	g_free(head->author);
	g_free(head);
}

struct store_verdict *store_verdict_create(void)
{
	return g_new0(struct store_verdict, 1);
}

void store_verdict_free(struct store_verdict *verdict)
{
	if (!verdict)
		return;
	g_free(verdict->target);
	g_free(verdict->state);
	g_free(verdict->relation);
	g_free(verdict->facts);
	g_free(verdict);
}

struct store_transition *store_transition_create(void)
{
	return g_new0(struct store_transition, 1);
}

void store_transition_free(struct store_transition *transition)
{
	if (!transition)
		return;
	g_free(transition->target);
	g_free(transition->from);
	g_free(transition->to);
	g_free(transition->relation);
	g_free(transition->reasons);
	g_free(transition);
}

struct store_observation *store_observation_create(void)
{
	return g_new0(struct store_observation, 1);
}

void store_observation_free(struct store_observation *observation)
{
	if (!observation)
		return;
	g_free(observation->target);
	g_free(observation->facts);
	g_free(observation);
}

struct store_deployment *store_deployment_create(void)
{
	return g_new0(struct store_deployment, 1);
}

void store_deployment_free(struct store_deployment *deployment)
{
	if (!deployment)
		return;
	g_free(deployment->target);
	g_free(deployment->sha);
	g_free(deployment->revision);
	g_free(deployment->digest);
	g_free(deployment);
}

struct store_sample *store_sample_create(void)
{
	return g_new0(struct store_sample, 1);
}

void store_sample_free(struct store_sample *sample)
{
	if (!sample)
		return;
	g_free(sample->target);
	g_free(sample);
}

struct store_usage *store_usage_create(void)
{
	return g_new0(struct store_usage, 1);
}

void store_usage_free(struct store_usage *usage)
{
	if (!usage)
		return;
	g_free(usage->day);
	g_free(usage->gcp);
	g_free(usage->target);
	g_free(usage);
}

static void clear_cycle(struct store_cycle *cycle)
{
	g_free(cycle->trigger);
	g_free(cycle->summary);
}

void store_cycle_free(struct store_cycle *cycle)
{
	if (!cycle)
		return;
	clear_cycle(cycle);
	g_free(cycle);
}

struct store_batch *store_batch_create(void)
{
	struct store_batch *batch = g_new0(struct store_batch, 1);

	batch->heads = g_ptr_array_new_with_free_func(store_head_rows.free);
	batch->verdicts = g_ptr_array_new_with_free_func(store_verdict_rows.free);
	batch->transitions = g_ptr_array_new_with_free_func(store_transition_rows.free);
	batch->observations = g_ptr_array_new_with_free_func(store_observation_rows.free);
	batch->deployments = g_ptr_array_new_with_free_func(store_deployment_rows.free);
	batch->samples = g_ptr_array_new_with_free_func(store_sample_rows.free);
	batch->usages = g_ptr_array_new_with_free_func(store_usage_rows.free);
	batch->alerts = store_alerts_create();
	return batch;
}

void store_batch_free(struct store_batch *batch)
{
	if (!batch)
		return;
	clear_cycle(&batch->cycle);
	g_ptr_array_unref(batch->heads);
	g_ptr_array_unref(batch->verdicts);
	g_ptr_array_unref(batch->transitions);
	g_ptr_array_unref(batch->observations);
	g_ptr_array_unref(batch->deployments);
	g_ptr_array_unref(batch->samples);
	g_ptr_array_unref(batch->usages);
	store_alerts_free(batch->alerts);
	g_free(batch);
}

char *store_column_text(sqlite3_stmt *statement, int column)
{
	return g_strdup((const char *)sqlite3_column_text(statement, column));
}

static void *decode_head(sqlite3_stmt *statement)
{
	struct store_head *head = store_head_create();

	head->repo = store_column_text(statement, 0);
	head->url = store_column_text(statement, 1);
	head->branch = store_column_text(statement, 2);
	head->sha = store_column_text(statement, 3);
	head->subject = store_column_text(statement, 4);
	head->author = store_column_text(statement, 5);
	head->committed_wall_ms = sqlite3_column_int64(statement, 6);
	head->seen_wall_ms = sqlite3_column_int64(statement, 7);
	head->fetched_wall_ms = sqlite3_column_int64(statement, 8);
	head->forced = sqlite3_column_int(statement, 9) != 0;
	return head;
}

static void *decode_verdict(sqlite3_stmt *statement)
{
	struct store_verdict *verdict = store_verdict_create();

	verdict->target = store_column_text(statement, 0);
	verdict->state = store_column_text(statement, 1);
	verdict->relation = store_column_text(statement, 2);
	verdict->since_wall_ms = sqlite3_column_int64(statement, 3);
	verdict->observed_wall_ms = sqlite3_column_int64(statement, 4);
	verdict->expires_wall_ms = sqlite3_column_int64(statement, 5);
	verdict->confirmations = sqlite3_column_int(statement, 6);
	verdict->facts = store_column_text(statement, 7);
	return verdict;
}

static void *decode_transition(sqlite3_stmt *statement)
{
	struct store_transition *transition = store_transition_create();

	transition->id = sqlite3_column_int64(statement, 0);
	transition->target = store_column_text(statement, 1);
	transition->at_wall_ms = sqlite3_column_int64(statement, 2);
	transition->from = store_column_text(statement, 3);
	transition->to = store_column_text(statement, 4);
	transition->relation = store_column_text(statement, 5);
	transition->reasons = store_column_text(statement, 6);
	return transition;
}

static void *decode_observation(sqlite3_stmt *statement)
{
	struct store_observation *observation = store_observation_create();

	observation->target = store_column_text(statement, 0);
	observation->at_wall_ms = sqlite3_column_int64(statement, 1);
	observation->facts = store_column_text(statement, 2);
	return observation;
}

static void *decode_deployment(sqlite3_stmt *statement)
{
	struct store_deployment *deployment = store_deployment_create();

	deployment->id = sqlite3_column_int64(statement, 0);
	deployment->target = store_column_text(statement, 1);
	deployment->at_wall_ms = sqlite3_column_int64(statement, 2);
	deployment->sha = store_column_text(statement, 3);
	deployment->revision = store_column_text(statement, 4);
	deployment->percent = sqlite3_column_int(statement, 5);
	deployment->digest = store_column_text(statement, 6);
	deployment->committed_wall_ms = sqlite3_column_int64(statement, 7); /* NULL gives 0 */
	return deployment;
}

static void *decode_sample(sqlite3_stmt *statement)
{
	struct store_sample *sample = store_sample_create();

	sample->id = sqlite3_column_int64(statement, 0);
	sample->target = store_column_text(statement, 1);
	sample->at_wall_ms = sqlite3_column_int64(statement, 2);
	sample->loaded_wall_ms = sqlite3_column_int64(statement, 3); /* NULL gives 0 */
	sample->rows = sqlite3_column_type(statement, 4) == SQLITE_NULL
			       ? -1
			       : sqlite3_column_int64(statement, 4);
	sample->bytes_billed = sqlite3_column_int64(statement, 5);
	return sample;
}

static void *decode_usage(sqlite3_stmt *statement)
{
	struct store_usage *usage = store_usage_create();

	usage->day = store_column_text(statement, 0);
	usage->gcp = store_column_text(statement, 1);
	usage->target = store_column_text(statement, 2);
	usage->queries = sqlite3_column_int64(statement, 3);
	usage->bytes_processed = sqlite3_column_int64(statement, 4);
	usage->bytes_billed = sqlite3_column_int64(statement, 5);
	return usage;
}

static void *decode_cycle(sqlite3_stmt *statement)
{
	struct store_cycle *cycle = g_new0(struct store_cycle, 1);

	cycle->id = sqlite3_column_int64(statement, 0);
	cycle->trigger = store_column_text(statement, 1);
	cycle->started_wall_ms = sqlite3_column_int64(statement, 2);
	cycle->duration_ms = sqlite3_column_int64(statement, 3);
	cycle->summary = store_column_text(statement, 4);
	return cycle;
}

const struct store_row_type store_head_rows = {decode_head, (GDestroyNotify)store_head_free};
const struct store_row_type store_verdict_rows = {decode_verdict,
						  (GDestroyNotify)store_verdict_free};
const struct store_row_type store_transition_rows = {decode_transition,
						     (GDestroyNotify)store_transition_free};
const struct store_row_type store_observation_rows = {decode_observation,
						      (GDestroyNotify)store_observation_free};
const struct store_row_type store_deployment_rows = {decode_deployment,
						     (GDestroyNotify)store_deployment_free};
const struct store_row_type store_sample_rows = {decode_sample, (GDestroyNotify)store_sample_free};
const struct store_row_type store_usage_rows = {decode_usage, (GDestroyNotify)store_usage_free};
const struct store_row_type store_cycle_rows = {decode_cycle, (GDestroyNotify)store_cycle_free};
