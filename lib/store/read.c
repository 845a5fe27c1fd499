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
