/* store - see store.h: opening, closing and looking after the writer's connection. */
#include "store/store_private.h"

#include <string.h>
#include <sys/stat.h>

#include "drift_error.h"

/* For this connection. The log is cut to journal_size_limit (16 MiB) when it starts anew: four
 * times what SQLite lets it grow to between checkpoints of its own. */
static const char tuning[] = "PRAGMA synchronous = FULL;"
			     "PRAGMA foreign_keys = ON;"
			     "PRAGMA journal_size_limit = 16777216;"
			     "PRAGMA temp_store = MEMORY;"
			     "PRAGMA trusted_schema = OFF;"
			     "PRAGMA cell_size_check = ON;";

/* A pragma that is not obeyed says nothing: read back what durability rests on. */
static const char count_obeyed[] =
	"SELECT (SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal')"
	" + (SELECT count(*) FROM pragma_foreign_keys WHERE foreign_keys = 1)"
	" + (SELECT count(*) FROM pragma_synchronous WHERE synchronous = 2)";
#define OBEYED_ALL 3

static bool set_up(struct store_db *db, GError **error)
{
	int64_t obeyed = 0;

	if (!store_db_exec(db, "PRAGMA journal_mode = WAL", "set up the log of", error) ||
	    !store_db_read_number(db, count_obeyed, &obeyed, error))
		return false;
	if (obeyed == OBEYED_ALL)
		return true;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_IO,
		    "open database %s: it cannot have a write-ahead log there; put state-dir on a "
		    "local file system",
		    db->path);
	return false;
}

static void *decode_key(sqlite3_stmt *statement)
{
	const void *key = sqlite3_column_blob(statement, 0);

	return g_bytes_new(key, (gsize)sqlite3_column_bytes(statement, 0));
}

static bool load_hash_key(struct store *store, GError **error)
{
	static const struct store_row_type keys = {decode_key, (GDestroyNotify)g_bytes_unref};
	const struct store_bind name = BIND_TEXT("hash_key");
	g_autoptr(GPtrArray) rows =
		store_db_load(&store->db, STORE_READ_META, &name, 1, &keys, error);

	if (!rows)
		return false;
	if (rows->len != 1 || g_bytes_get_size(rows->pdata[0]) != STORE_HASH_KEY_BYTES) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_CORRUPT,
			    "open database %s: its key is missing%s", store->db.path,
			    store_db_advice(DRIFT_ERROR_CORRUPT));
		return false;
	}
	memcpy(store->hash_key, g_bytes_get_data(rows->pdata[0], NULL), STORE_HASH_KEY_BYTES);
	return true;
}

static void *decode_number(sqlite3_stmt *statement)
{
	int64_t *number = g_new(int64_t, 1);

	*number = sqlite3_column_int64(statement, 0);
	return number;
}

static bool load_next_cycle_id(struct store *store, GError **error)
{
	static const struct store_row_type numbers = {decode_number, g_free};
	g_autoptr(GPtrArray) rows =
		store_db_load(&store->db, STORE_READ_LAST_CYCLE, NULL, 0, &numbers, error);

	if (!rows)
		return false;
	store->next_cycle_id = *(const int64_t *)rows->pdata[0] + 1; /* an aggregate: one row */
	return true;
}

struct store *store_open(const char *path, GError **error)
{
	struct store *store = g_new0(struct store, 1);
	int64_t version = 0;

	if (store_db_open(&store->db, path, false, error) &&
	    store_db_exec(&store->db, tuning, "set up", error) &&
	    store_check_file(&store->db, &version, error) && set_up(&store->db, error) &&
	    store_migrate(&store->db, version, error) && load_hash_key(store, error) &&
	    load_next_cycle_id(store, error))
		return store;
	store_db_close(&store->db);
	g_free(store);
	return NULL;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	store_checkpoint(store);
	store_db_close(&store->db);
	g_free(store);
}

const char *store_hash_key(const struct store *store)
{
	return store->hash_key;
}

int64_t store_next_cycle_id(const struct store *store)
{
	return store->next_cycle_id;
}

bool store_check_writable(struct store *store, GError **error)
{
	char nothing[STORE_HASH_KEY_BYTES] = {0};
	const struct store_bind binds[] = {BIND_TEXT("probe"), {STORE_BIND_HASH_KEY, 0, nothing}};
	bool ok = store_db_begin(&store->db, error) &&
		  store_db_run(&store->db, STORE_INSERT_META, binds, G_N_ELEMENTS(binds), error) &&
		  store_db_flush(&store->db, error);

	store_db_rollback(&store->db);
	return ok;
}

/* SQLite counts pages in an int: taken out of it before it can run over. */
static void count_written(struct store *store)
{
	int pages = 0;
	int unused = 0;

	if (sqlite3_db_status(store->db.db, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &unused, 1) ==
	    SQLITE_OK)
		store->written_pages += pages;
}

void store_checkpoint(struct store *store)
{
	count_written(store);
	if (store->written_pages == store->checkpointed_pages)
		return;
	store->checkpointed_pages = store->written_pages;
	/* whatever it cannot do now (a reader is in the way, the disk is full) stays in the log */
	(void)sqlite3_wal_checkpoint_v2(store->db.db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static int64_t size_of(const char *path)
{
	struct stat st = {0};

	return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

struct store_stats store_get_stats(struct store *store)
{
	struct store_stats stats = {0};
	g_autofree char *wal = g_strconcat(store->db.path, "-wal", NULL);

	count_written(store);
	stats.file_bytes = size_of(store->db.path);
	stats.wal_bytes = size_of(wal);
	stats.written_bytes = store->written_pages * STORE_PAGE_BYTES;
	return stats;
}
