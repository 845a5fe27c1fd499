/* alerts_load - what alerts go on from when driftd starts (writer's connection). */
#include "store/store_private.h"

enum {
	NEXT_INCIDENT,
	NEXT_SILENCE,
	NEXT_NOTIFICATION,
	NEXT_COUNT,
};

static void *decode_next_ids(sqlite3_stmt *statement)
{
	int64_t *ids = g_new0(int64_t, NEXT_COUNT);

	for (int i = 0; i < NEXT_COUNT; i++)
		ids[i] = sqlite3_column_int64(statement, i);
	return ids;
}

bool store_next_ids(struct store *store, int64_t *ret_incident, int64_t *ret_silence,
		    int64_t *ret_notification, GError **error)
{
	static const struct store_row_type next_ids = {decode_next_ids, g_free};
	g_autoptr(GPtrArray) rows =
		store_db_load(&store->db, STORE_READ_NEXT_IDS, NULL, 0, &next_ids, error);
	const int64_t *ids = NULL;

	if (!rows)
		return false;
	ids = rows->pdata[0]; /* nothing but scalars: one row */
	*ret_incident = ids[NEXT_INCIDENT];
	*ret_silence = ids[NEXT_SILENCE];
	*ret_notification = ids[NEXT_NOTIFICATION];
	return true;
}

GPtrArray *store_load_incidents(struct store *store, GError **error)
{
	return store_db_load(&store->db, STORE_LOAD_INCIDENTS, NULL, 0, &store_incident_rows,
			     error);
}

GPtrArray *store_load_silences(struct store *store, int64_t now_wall_ms, GError **error)
{
	const struct store_bind bind = BIND_INT(now_wall_ms);

	return store_db_load(&store->db, STORE_LOAD_SILENCES, &bind, 1, &store_silence_rows, error);
}

GPtrArray *store_load_waiting(struct store *store, GError **error)
{
	return store_db_load(&store->db, STORE_LOAD_WAITING, NULL, 0, &store_notification_rows,
			     error);
}

GPtrArray *store_load_memos(struct store *store, GError **error)
{
	return store_db_load(&store->db, STORE_LOAD_MEMOS, NULL, 0, &store_memo_rows, error);
}

static void *decode_push(sqlite3_stmt *statement)
{
	return store_column_text(statement, 0);
}

GPtrArray *store_load_pushes(struct store *store, int max, GError **error)
{
	static const struct store_row_type pushes = {decode_push, g_free};
	const struct store_bind bind = BIND_INT(MAX(max, 0));

	return store_db_load(&store->db, STORE_LOAD_PUSHES, &bind, 1, &pushes, error);
}

/* A channel and a number are a memo. */
GHashTable *store_load_failed(struct store *store, GError **error)
{
	g_autoptr(GPtrArray) rows =
		store_db_load(&store->db, STORE_LOAD_FAILED, NULL, 0, &store_memo_rows, error);
	GHashTable *failed = NULL;

	if (!rows)
		return NULL;
	failed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	for (guint i = 0; i < rows->len; i++) {
		struct store_memo *row = rows->pdata[i];

		(void)g_hash_table_insert(failed, g_steal_pointer(&row->name), /* each once */
					  g_memdup2(&row->value, sizeof(row->value)));
	}
	return failed;
}
