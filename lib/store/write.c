/* write - what a cycle leaves behind, in one transaction: all of it or none of it. DESIGN 3.3. */
#include "store/store_private.h"

/* Samples of a target are counted, and at every so many the oldest are cut off: then at most
 * STORE_SAMPLES_MAX are ever there, and who adds one seldom has to look how many there are. */
#define SAMPLES_CUT_EVERY 256
#define SAMPLES_CUT_TO (STORE_SAMPLES_MAX - SAMPLES_CUT_EVERY)

bool store_db_write_target(struct store_db *db, const char *target, GError **error)
{
	const struct store_bind bind = BIND_NAME(target);

	return store_db_run(db, STORE_INSERT_TARGET, &bind, 1, error);
}

static bool write_head(struct store_db *db, const void *row, GError **error)
{
	const struct store_head *head = row;
	const struct store_bind binds[] = {
		BIND_NAME(head->repo),
		BIND_NAME(head->url),
		BIND_NAME(head->branch),
		BIND_NAME(head->sha),
		BIND_NAME(head->subject),
		BIND_NAME(head->author),
		BIND_INT(head->committed_wall_ms),
		BIND_INT(head->seen_wall_ms),
		BIND_INT(head->fetched_wall_ms),
		BIND_INT(head->forced ? 1 : 0),
	};

	return store_db_run(db, STORE_INSERT_HEAD, binds, G_N_ELEMENTS(binds), error);
}

static bool write_verdict(struct store_db *db, const void *row, GError **error)
{
	const struct store_verdict *verdict = row;
	const struct store_bind binds[] = {
		BIND_NAME(verdict->target),          BIND_NAME(verdict->state),
		BIND_TEXT(verdict->relation),        BIND_INT(verdict->since_wall_ms),
		BIND_INT(verdict->observed_wall_ms), BIND_INT(verdict->expires_wall_ms),
		BIND_INT(verdict->confirmations),    BIND_JSON(verdict->facts),
	};

	return store_db_write_target(db, verdict->target, error) &&
	       store_db_run(db, STORE_WRITE_VERDICT, binds, G_N_ELEMENTS(binds), error);
}

static bool write_transition(struct store_db *db, const void *row, GError **error)
{
	const struct store_transition *transition = row;
	const struct store_bind binds[] = {
		BIND_NAME(transition->target),   BIND_INT(transition->at_wall_ms),
		BIND_TEXT(transition->from),     BIND_NAME(transition->to),
		BIND_TEXT(transition->relation), BIND_JSON(transition->reasons),
	};

	return store_db_write_target(db, transition->target, error) &&
	       store_db_run(db, STORE_INSERT_TRANSITION, binds, G_N_ELEMENTS(binds), error);
}

static bool write_observation(struct store_db *db, const void *row, GError **error)
{
	const struct store_observation *observation = row;
	const struct store_bind binds[] = {
		BIND_NAME(observation->target),
		BIND_INT(observation->at_wall_ms),
		BIND_JSON(observation->facts),
	};

	return store_db_write_target(db, observation->target, error) &&
	       store_db_run(db, STORE_INSERT_OBSERVATION, binds, G_N_ELEMENTS(binds), error);
}

static bool write_deployment(struct store_db *db, const void *row, GError **error)
{
	const struct store_deployment *deployment = row;
	const struct store_bind binds[] = {
		BIND_NAME(deployment->target),
		BIND_INT(deployment->at_wall_ms),
		BIND_TEXT(deployment->sha),
		BIND_TEXT(deployment->revision),
		BIND_INT(deployment->percent),
		BIND_TEXT(deployment->digest),
		BIND_TIME_IF_SET(deployment->committed_wall_ms),
		BIND_INT(STORE_DEPLOYMENTS_KEPT),
	};

	return store_db_write_target(db, deployment->target, error) &&
	       store_db_run(db, STORE_INSERT_DEPLOYMENT, binds, G_N_ELEMENTS(binds), error);
}

static void *decode_number(sqlite3_stmt *statement)
{
	return g_memdup2(&(int64_t){sqlite3_column_int64(statement, 0)}, sizeof(int64_t));
}

static bool cut_samples(struct store_db *db, const char *target, GError **error)
{
	const struct store_bind binds[] = {BIND_NAME(target), BIND_INT(SAMPLES_CUT_TO)};

	return store_db_run(db, STORE_CUT_SAMPLES, binds, G_N_ELEMENTS(binds), error);
}

static bool write_sample(struct store_db *db, const void *row, GError **error)
{
	static const struct store_row_type numbers = {decode_number, g_free};
	const struct store_sample *sample = row;
	const struct store_bind binds[] = {
		BIND_NAME(sample->target),
		BIND_INT(sample->at_wall_ms),
		BIND_INT_IF(sample->loaded_wall_ms > 0, sample->loaded_wall_ms),
		BIND_INT_IF(sample->rows >= 0, sample->rows),
		BIND_INT(MAX(sample->bytes_billed, 0)),
	};
	g_autoptr(GPtrArray) number = NULL;

	if (!store_db_write_target(db, sample->target, error))
		return false;
	number =
		store_db_load(db, STORE_INSERT_SAMPLE, binds, G_N_ELEMENTS(binds), &numbers, error);
	if (!number)
		return false;
	/* one row was written: its target is there */
	return *(const int64_t *)number->pdata[0] % SAMPLES_CUT_EVERY != 0 ||
	       cut_samples(db, sample->target, error);
}

static bool write_usage(struct store_db *db, const void *row, GError **error)
{
	const struct store_usage *usage = row;
	const struct store_bind binds[] = {
		BIND_NAME(usage->day),
		BIND_NAME(usage->gcp),
		BIND_NAME(usage->target),
		BIND_INT(MAX(usage->queries, 0)),
		BIND_INT(MAX(usage->bytes_processed, 0)),
		BIND_INT(MAX(usage->bytes_billed, 0)),
	};

	return store_db_write_target(db, usage->target, error) &&
	       store_db_run(db, STORE_ADD_USAGE, binds, G_N_ELEMENTS(binds), error);
}

static bool write_cycle(struct store_db *db, const struct store_cycle *cycle, int64_t id,
			GError **error)
{
	const struct store_bind binds[] = {
		BIND_INT(id),
		BIND_NAME(cycle->trigger),
		BIND_INT(cycle->started_wall_ms),
		BIND_INT(cycle->duration_ms),
		BIND_JSON(cycle->summary),
	};

	return store_db_run(db, STORE_INSERT_CYCLE, binds, G_N_ELEMENTS(binds), error);
}

bool store_db_write_rows(struct store_db *db, const GPtrArray *rows, store_write_row_fn write_row,
			 GError **error)
{
	for (guint i = 0; i < rows->len; i++)
		if (!write_row(db, rows->pdata[i], error))
			return false;
	return true;
}

bool store_commit_batch(struct store *store, const struct store_batch *batch, GError **error)
{
	struct store_db *db = &store->db;
	int64_t id = batch->cycle.id > 0 ? batch->cycle.id : store->next_cycle_id;

	store->next_cycle_id = MAX(store->next_cycle_id, id + 1);
	if (store_db_begin(db, error) && store_db_write_rows(db, batch->heads, write_head, error) &&
	    store_db_write_rows(db, batch->verdicts, write_verdict, error) &&
	    store_db_write_rows(db, batch->transitions, write_transition, error) &&
	    store_db_write_rows(db, batch->observations, write_observation, error) &&
	    store_db_write_rows(db, batch->deployments, write_deployment, error) &&
	    store_db_write_rows(db, batch->samples, write_sample, error) &&
	    store_db_write_rows(db, batch->usages, write_usage, error) &&
	    store_db_write_alerts(db, batch->alerts, error) &&
	    write_cycle(db, &batch->cycle, id, error) && store_db_commit(db, error))
		return true;
	store_db_rollback(db);
	return false;
}

static bool write_verdict_times(struct store_db *db, const void *row, GError **error)
{
	const struct store_verdict *verdict = row;
	const struct store_bind binds[] = {
		BIND_NAME(verdict->target),
		BIND_INT(verdict->observed_wall_ms),
		BIND_INT(verdict->expires_wall_ms),
	};

	return store_db_run(db, STORE_UPDATE_VERDICT_TIMES, binds, G_N_ELEMENTS(binds), error);
}

static bool write_head_time(struct store_db *db, const void *row, GError **error)
{
	const struct store_head *head = row;
	const struct store_bind binds[] = {
		BIND_NAME(head->repo),
		BIND_INT(head->fetched_wall_ms),
		BIND_TEXT(head->url),
	};

	return store_db_run(db, STORE_UPDATE_HEAD_TIME, binds, G_N_ELEMENTS(binds), error);
}

bool store_flush_times(struct store *store, const struct store_times *times, GError **error)
{
	struct store_db *db = &store->db;

	if (times->verdicts->len == 0 && times->heads->len == 0 && times->usages->len == 0)
		return true;
	if (store_db_begin(db, error) &&
	    store_db_write_rows(db, times->verdicts, write_verdict_times, error) &&
	    store_db_write_rows(db, times->heads, write_head_time, error) &&
	    store_db_write_rows(db, times->usages, write_usage, error) &&
	    store_db_commit(db, error))
		return true;
	store_db_rollback(db);
	return false;
}

bool store_remove_verdict(struct store *store, const char *target, GError **error)
{
	const struct store_bind bind = BIND_NAME(target);

	return store_db_run(&store->db, STORE_DELETE_VERDICT, &bind, 1, error);
}
