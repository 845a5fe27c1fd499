/* read - what the store remembers: all of it at start (writer's connection), pages of history later
 * (readers). */
#include "store/store_private.h"

#include <string.h>

#include "drift_error.h"

/* Of one statement (DESIGN 3): a page has at most STORE_PAGE_MAX_ROWS rows. */
#define READER_LIMIT_MS 2000

/* A page is small: 512 KiB of cache hold the upper levels of all trees. */
static const char reader_tuning[] = "PRAGMA query_only = ON;"
				    "PRAGMA temp_store = MEMORY;"
				    "PRAGMA trusted_schema = OFF;"
				    "PRAGMA cell_size_check = ON;"
				    "PRAGMA cache_size = -512;";

GPtrArray *store_load_heads(struct store *store, const char *repo, const char *url, GError **error)
{
	const struct store_bind binds[] = {
		BIND_NAME(repo),
		BIND_NAME(url),
		BIND_INT(STORE_HEADS_MAX),
	};

	return store_db_load(&store->db, STORE_LOAD_HEADS, binds, G_N_ELEMENTS(binds),
			     &store_head_rows, error);
}

GPtrArray *store_load_verdicts(struct store *store, GError **error)
{
	return store_db_load(&store->db, STORE_LOAD_VERDICTS, NULL, 0, &store_verdict_rows, error);
}

GPtrArray *store_load_deployments(struct store *store, int per_target, GError **error)
{
	const struct store_bind bind = BIND_INT(MAX(per_target, 0));

	return store_db_load(&store->db, STORE_LOAD_DEPLOYMENTS, &bind, 1, &store_deployment_rows,
			     error);
}

GPtrArray *store_load_transitions(struct store *store, GError **error)
{
	return store_db_load(&store->db, STORE_LOAD_TRANSITIONS, NULL, 0, &store_transition_rows,
			     error);
}

static GPtrArray *load_events(struct store_db *db, int64_t after_id, int limit, GError **error)
{
	const struct store_bind binds[] = {BIND_INT(after_id), BIND_INT(MAX(limit, 0))};

	return store_db_load(db, STORE_READ_EVENTS, binds, G_N_ELEMENTS(binds),
			     &store_transition_rows, error);
}

GPtrArray *store_load_events(struct store *store, int64_t after_id, int limit, GError **error)
{
	return load_events(&store->db, after_id, limit, error);
}

static void *decode_id(sqlite3_stmt *statement)
{
	return g_memdup2(&(int64_t){sqlite3_column_int64(statement, 0)}, sizeof(int64_t));
}

bool store_load_last_event(struct store *store, int64_t *ret_id, GError **error)
{
	static const struct store_row_type ids = {decode_id, g_free};
	g_autoptr(GPtrArray) rows =
		store_db_load(&store->db, STORE_READ_LAST_EVENT, NULL, 0, &ids, error);

	if (!rows)
		return false;
	*ret_id = *(const int64_t *)rows->pdata[0]; /* one value: one row */
	return true;
}

GPtrArray *store_load_samples(struct store *store, GError **error)
{
	return store_db_load(&store->db, STORE_LOAD_SAMPLES, NULL, 0, &store_sample_rows, error);
}

GPtrArray *store_load_usages(struct store *store, const char *day, GError **error)
{
	const struct store_bind bind = BIND_NAME(day);

	return store_db_load(&store->db, STORE_LOAD_USAGES, &bind, 1, &store_usage_rows, error);
}

GPtrArray *store_load_observations(struct store *store, GError **error)
{
	return store_db_load(&store->db, STORE_LOAD_OBSERVATIONS, NULL, 0, &store_observation_rows,
			     error);
}

struct store_reader *store_reader_open(const char *path, GError **error)
{
	struct store_reader *reader = g_new0(struct store_reader, 1);

	reader->db.limit_ms = READER_LIMIT_MS;
	if (store_db_open(&reader->db, path, true, error) &&
	    store_db_exec(&reader->db, reader_tuning, "set up", error))
		return reader;
	store_reader_close(reader);
	return NULL;
}

void store_reader_close(struct store_reader *reader)
{
	if (!reader)
		return;
	store_db_close(&reader->db);
	g_free(reader);
}

static GPtrArray *read_page(struct store_reader *reader, enum store_query query,
			    const struct store_bind page[3], const struct store_row_type *type,
			    GError **error)
{
	return store_db_load(&reader->db, query, page, 3, type, error);
}

#define PAGE(target, before_id, limit)                                                             \
	{                                                                                          \
		BIND_NAME(target), BIND_INT((before_id) > 0 ? (before_id) : INT64_MAX),            \
			BIND_INT(CLAMP((limit), 0, STORE_PAGE_MAX_ROWS))                           \
	}

GPtrArray *store_read_transitions(struct store_reader *reader, const char *target,
				  int64_t before_id, int limit, GError **error)
{
	const struct store_bind page[3] = PAGE(target, before_id, limit);

	return read_page(reader, STORE_READ_TRANSITIONS, page, &store_transition_rows, error);
}

GPtrArray *store_read_days(struct store_reader *reader, const char *target, int64_t since_wall_ms,
			   int limit, bool *ret_cut, GError **error)
{
	int bounded = CLAMP(limit, 0, STORE_DAYS_MAX_ROWS);
	/* one more: if it comes, there is more */
	const struct store_bind binds[] = {
		BIND_NAME(target),
		BIND_INT(since_wall_ms),
		BIND_INT(bounded + 1),
	};
	GPtrArray *rows = store_db_load(&reader->db, STORE_READ_DAYS, binds, G_N_ELEMENTS(binds),
					&store_transition_rows, error);

	if (!rows)
		return NULL;
	*ret_cut = rows->len > (guint)bounded; /* 0 or more */
	if (*ret_cut)
		g_ptr_array_set_size(rows, bounded);
	return rows;
}

GPtrArray *store_read_deployments(struct store_reader *reader, const char *target,
				  int64_t before_id, int limit, GError **error)
{
	const struct store_bind page[3] = PAGE(target, before_id, limit);

	return read_page(reader, STORE_READ_DEPLOYMENTS, page, &store_deployment_rows, error);
}

GPtrArray *store_read_samples(struct store_reader *reader, const char *target, int64_t before_id,
			      int limit, GError **error)
{
	const struct store_bind page[3] = PAGE(target, before_id, limit);

	return read_page(reader, STORE_READ_SAMPLES, page, &store_sample_rows, error);
}

GPtrArray *store_read_events(struct store_reader *reader, int64_t after_id, int limit,
			     GError **error)
{
	return load_events(&reader->db, after_id, MIN(limit, STORE_PAGE_MAX_ROWS), error);
}

GPtrArray *store_read_usages(struct store_reader *reader, const char *target, const char *since_day,
			     int limit, GError **error)
{
	const struct store_bind binds[] = {
		BIND_NAME(target),
		BIND_NAME(since_day),
		BIND_INT(CLAMP(limit, 0, STORE_PAGE_MAX_ROWS)),
	};

	return store_db_load(&reader->db, STORE_READ_USAGES, binds, G_N_ELEMENTS(binds),
			     &store_usage_rows, error);
}

struct store_cycle *store_read_cycle(struct store_reader *reader, int64_t id, GError **error)
{
	const struct store_bind bind = BIND_INT(id);
	g_autoptr(GPtrArray) rows =
		store_db_load(&reader->db, STORE_READ_CYCLE, &bind, 1, &store_cycle_rows, error);

	if (!rows)
		return NULL;
	if (rows->len == 0) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "there is no check %" G_GINT64_FORMAT
			    "; it was never made, or is older than retention",
			    id);
		return NULL;
	}
	return g_ptr_array_steal_index(rows, 0);
}

bool store_read_first_cycle(struct store_reader *reader, int64_t *ret_started_wall_ms,
			    GError **error)
{
	g_autoptr(GPtrArray) rows = store_db_load(&reader->db, STORE_READ_FIRST_CYCLE, NULL, 0,
						  &store_cycle_rows, error);

	if (!rows)
		return false;
	*ret_started_wall_ms =
		rows->len > 0 ? ((const struct store_cycle *)rows->pdata[0])->started_wall_ms : 0;
	return true;
}

static void *decode_known(sqlite3_stmt *statement)
{
	return GINT_TO_POINTER(sqlite3_column_int(statement, 0));
}

bool store_read_known(struct store_reader *reader, const char *target, bool *ret_known,
		      GError **error)
{
	static const struct store_row_type answers = {decode_known, NULL};
	const struct store_bind bind = BIND_NAME(target);
	g_autoptr(GPtrArray) rows =
		store_db_load(&reader->db, STORE_READ_KNOWN, &bind, 1, &answers, error);

	if (!rows)
		return false;
	*ret_known = rows->len > 0 && GPOINTER_TO_INT(rows->pdata[0]) != 0;
	return true;
}
