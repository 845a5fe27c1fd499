/* thin - fewer samples the older they are. Each row says how far it has been looked at (its grain),
 * so that a call meets only those that came of age since the last one. */
#include "store/store_private.h"

/* Coarser and coarser: samples of grain - 1 that are old enough either go, or become of this
 * grain. */
static const struct {
	int64_t grain;
	int64_t age_ms;  /* from this age on */
	int64_t span_ms; /* only the last one of each such span stays */
} steps[] = {
	{1, STORE_SAMPLES_ALL_MS, MS_PER_HOUR},
	{2, STORE_SAMPLES_HOURLY_MS, MS_PER_DAY},
};

struct candidate {
	int64_t id;
	bool has_next; /* another one of the same span came after it */
};

static void *decode_candidate(sqlite3_stmt *statement)
{
	struct candidate *candidate = g_new0(struct candidate, 1);

	candidate->id = sqlite3_column_int64(statement, 0);
	candidate->has_next = sqlite3_column_int(statement, 1) != 0;
	return candidate;
}

static bool settle(struct store_db *db, const struct candidate *candidate, int64_t grain,
		   GError **error)
{
	const struct store_bind binds[] = {BIND_INT(candidate->id), BIND_INT(grain)};

	if (candidate->has_next)
		return store_db_run(db, STORE_DELETE_SAMPLE, binds, 1, error);
	return store_db_run(db, STORE_COARSEN_SAMPLE, binds, 2, error);
}

static bool thin_one_step(struct store_db *db, size_t step, int64_t now_wall_ms, int64_t *rows_left,
			  GError **error)
{
	static const struct store_row_type candidates = {decode_candidate, g_free};
	const struct store_bind binds[] = {
		BIND_INT(steps[step].grain - 1),
		BIND_INT(now_wall_ms - steps[step].age_ms),
		BIND_INT(steps[step].span_ms),
		BIND_INT(*rows_left),
	};
	g_autoptr(GPtrArray) rows = store_db_load(db, STORE_THIN_CANDIDATES, binds,
						  G_N_ELEMENTS(binds), &candidates, error);

	if (!rows)
		return false;
	for (guint i = 0; i < rows->len; i++)
		if (!settle(db, rows->pdata[i], steps[step].grain, error))
			return false;
	*rows_left -= rows->len;
	return true;
}

bool store_thin_samples(struct store *store, int64_t now_wall_ms, int max_rows, bool *ret_more,
			GError **error)
{
	struct store_db *db = &store->db;
	int64_t rows_left = max_rows;
	bool ok = store_db_begin(db, error);

	for (size_t i = 0; ok && i < G_N_ELEMENTS(steps) && rows_left > 0; i++)
		ok = thin_one_step(db, i, now_wall_ms, &rows_left, error);
	if (ok && store_db_commit(db, error)) {
		*ret_more = rows_left <= 0;
		return true;
	}
	store_db_rollback(db);
	return false;
}
