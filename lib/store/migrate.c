/* migrate - whose file it is, whether it is sound, and bringing its schema up to date. */
#include "store/store_private.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <string.h>

#include "drift_error.h"
#include "store/schema.h"

/* As 001_initial.sql sets it. */
#define APPLICATION_ID 0x64726674

/* Checking reads every page, and cannot be stopped between two of them: some 10 ms for this many
 * bytes. Starting must stay quick, so in a larger database damage is found by the statement that
 * meets it. */
#define CHECK_MAX_BYTES (16 * 1024 * 1024)

/* One row per finding; "ok" is the only one of a sound file. */
static void *decode_finding(sqlite3_stmt *statement)
{
	char *finding = g_strdup((const char *)sqlite3_column_text(statement, 0));

	return finding ? g_strdelimit(finding, "\n", ' ') : NULL; /* messages are one line */
}

static const struct store_row_type findings = {decode_finding, g_free};

static bool refuse(struct store_db *db, enum drift_error code, const char *why, GError **error)
{
	g_set_error(error, DRIFT_ERROR, (gint)code, "open database %s: %s%s", db->path, why,
		    store_db_advice(code));
	return false;
}

static bool check_sound(struct store_db *db, GError **error)
{
	g_autoptr(GPtrArray) rows = NULL;
	int64_t pages = 0;

	if (!store_db_read_number(db, "PRAGMA page_count", &pages, error))
		return false;
	if (pages > CHECK_MAX_BYTES / STORE_PAGE_BYTES)
		return true;
	rows = store_db_load(db, STORE_CHECK_INTEGRITY, NULL, 0, &findings, error);
	if (!rows)
		return false;
	if (rows->len == 1 && g_strcmp0(rows->pdata[0], "ok") == 0)
		return true;
	return refuse(db, DRIFT_ERROR_CORRUPT, rows->len > 0 ? rows->pdata[0] : "it is damaged",
		      error);
}

/* Checked before anything is written to it. */
static bool check_identity(struct store_db *db, int64_t *ret_version, GError **error)
{
	int64_t version = 0;
	int64_t application = 0;
	int64_t tables = 0;
	int64_t newest = schema_migrations[schema_migration_count - 1].version;

	if (!store_db_read_number(db, "PRAGMA user_version", &version, error) ||
	    !store_db_read_number(db, "PRAGMA application_id", &application, error) ||
	    !store_db_read_number(db, "SELECT count(*) FROM sqlite_schema", &tables, error))
		return false;
	if (application != APPLICATION_ID && (application != 0 || version != 0 || tables != 0))
		return refuse(db, DRIFT_ERROR_CORRUPT,
			      "it belongs to another program, or is damaged", error);
	if (version > newest) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NEWER,
			    "open database %s: its schema is number %" G_GINT64_FORMAT
			    ", this driftd knows up to %" G_GINT64_FORMAT
			    "; start the newer driftd that wrote it, or move the file away and "
			    "start again: heads and history start anew",
			    db->path, version, newest);
		return false;
	}
	*ret_version = version;
	return true;
}

static bool make_hash_key(struct store_db *db, GError **error)
{
	char key[STORE_HASH_KEY_BYTES];
	const struct store_bind binds[] = {BIND_TEXT("hash_key"), {STORE_BIND_HASH_KEY, 0, key}};

	if (RAND_bytes((unsigned char *)key, sizeof(key)) == 1)
		return store_db_run(db, STORE_INSERT_META, binds, G_N_ELEMENTS(binds), error);
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_IO, "make the key of database %s: %s", db->path,
		    ERR_reason_error_string(ERR_get_error()));
	return false;
}

static bool apply(struct store_db *db, const struct schema_migration *migration, GError **error)
{
	char set_version[64];

	/* a pragma takes no parameters; the number is one of this build */
	(void)g_snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %d",
			 migration->version);
	if (store_db_begin(db, error) &&
	    store_db_exec(db, migration->sql, "bring up to date the", error) &&
	    (migration->version != 1 || make_hash_key(db, error)) &&
	    store_db_exec(db, set_version, "bring up to date the", error) &&
	    store_db_commit(db, error))
		return true;
	store_db_rollback(db);
	g_prefix_error(error, "%s: ", migration->name);
	return false;
}

bool store_check_file(struct store_db *db, int64_t *ret_version, GError **error)
{
	int64_t version = 0;

	if (!check_identity(db, &version, error) || !check_sound(db, error))
		return false;
	*ret_version = version;
	return true;
}

bool store_migrate(struct store_db *db, int64_t version, GError **error)
{
	for (size_t i = 0; i < schema_migration_count; i++)
		if (schema_migrations[i].version > version &&
		    !apply(db, &schema_migrations[i], error))
			return false;
	return true;
}
