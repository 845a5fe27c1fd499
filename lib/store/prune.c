/* prune - forgetting what is older than the retention, a few rows at a time. */
#include "store/store_private.h"

#include "clk.h"

/* How many of the oldest cycles are looked at: see schema/queries.sql. */
#define CYCLES_LOOKED_AT 20000

/* In this order: a name goes when the last row that uses it is gone; messages that were folded go
 * first, and then those that they were folded into. */
static const struct {
	enum store_query query;
	int64_t extra;      /* its third parameter; 0: it takes two */
	int64_t max_age_ms; /* deletes also what is older than this; 0: retention alone decides */
} steps[] = {
	{STORE_PRUNE_TRANSITIONS, 0, 0},
	{STORE_PRUNE_OBSERVATIONS, 0, 0},
	{STORE_PRUNE_DEPLOYMENTS, STORE_DEPLOYMENTS_KEPT, 0},
	{STORE_PRUNE_SAMPLES, 0, 0},
	{STORE_PRUNE_USAGES, 0, 0},
	{STORE_PRUNE_HEADS, 0, 0},
	{STORE_PRUNE_CYCLES, CYCLES_LOOKED_AT, 0},
	{STORE_PRUNE_INCIDENTS, 0, 0},
	{STORE_PRUNE_SILENCES, 0, 0},
	{STORE_PRUNE_CONTENTS, 0, 0},
	{STORE_PRUNE_ATTEMPTS, 0, 0},
	{STORE_PRUNE_NOTIFICATIONS, 0, 0},
	{STORE_PRUNE_NOTIFICATIONS, 0, 0},
	{STORE_PRUNE_PUSHES, STORE_PUSHES_KEPT, STORE_PUSHES_MAX_AGE_MS},
	{STORE_PRUNE_TARGETS, 0, 0},
};

static int64_t limit_of(size_t step, int64_t before_wall_ms)
{
	if (steps[step].max_age_ms == 0)
		return before_wall_ms;
	return MAX(before_wall_ms, clk_wall_ms() - steps[step].max_age_ms);
}

static bool prune_all(struct store_db *db, int64_t before_wall_ms, int64_t *rows_left,
		      GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(steps) && *rows_left > 0; i++) {
		const struct store_bind binds[] = {
			BIND_INT(limit_of(i, before_wall_ms)),
			BIND_INT(*rows_left),
			BIND_INT(steps[i].extra),
		};

		if (!store_db_run(db, steps[i].query, binds, steps[i].extra > 0 ? 3 : 2, error))
			return false;
		*rows_left -= sqlite3_changes64(db->db);
	}
	return true;
}

bool store_prune(struct store *store, int64_t before_wall_ms, int max_rows, bool *ret_more,
		 GError **error)
{
	struct store_db *db = &store->db;
	int64_t rows_left = max_rows;

	if (store_db_begin(db, error) && prune_all(db, before_wall_ms, &rows_left, error) &&
	    store_db_commit(db, error)) {
		*ret_more = rows_left <= 0;
		return true;
	}
	store_db_rollback(db);
	return false;
}
