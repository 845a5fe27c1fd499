/* db - one SQLite connection: opening, statements prepared once, errors mapped. */
#include "store/store_private.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clk.h"
#include "drift_error.h"
#include "store/schema.h"
#include "text.h"

/* Somebody else (a person with sqlite3(1)) may hold the database this long. */
#define BUSY_TIMEOUT_MS 2000

/* Virtual machine instructions between two looks at the clock: well under 1 ms. */
#define PROGRESS_STEPS 1000

static const struct {
	const char *name; /* in schema/queries.sql */
	const char *verb; /* "VERB database PATH" */
} queries[STORE_QUERY_COUNT] = {
	[STORE_INSERT_META] = {"insert_meta", "write a value of its own to"},
	[STORE_READ_META] = {"read_meta", "read a value of its own from"},
	[STORE_READ_LAST_CYCLE] = {"read_last_cycle", "read the last cycle from"},
	[STORE_INSERT_TARGET] = {"insert_target", "write a target to"},
	[STORE_INSERT_HEAD] = {"insert_head", "write a head to"},
	[STORE_WRITE_VERDICT] = {"write_verdict", "write a verdict to"},
	[STORE_INSERT_TRANSITION] = {"insert_transition", "write a transition to"},
	[STORE_INSERT_OBSERVATION] = {"insert_observation", "write an observation to"},
	[STORE_INSERT_DEPLOYMENT] = {"insert_deployment", "write a deployment to"},
	[STORE_INSERT_SAMPLE] = {"insert_sample", "write a sample to"},
	[STORE_CUT_SAMPLES] = {"cut_samples", "delete old samples from"},
	[STORE_ADD_USAGE] = {"add_usage", "write a sum of bytes to"},
	[STORE_INSERT_CYCLE] = {"insert_cycle", "write a cycle to"},
	[STORE_UPDATE_VERDICT_TIMES] = {"update_verdict_times", "write times to"},
	[STORE_UPDATE_HEAD_TIME] = {"update_head_time", "write times to"},
	[STORE_DELETE_VERDICT] = {"delete_verdict", "delete a verdict from"},
	[STORE_LOAD_HEADS] = {"load_heads", "read heads from"},
	[STORE_LOAD_VERDICTS] = {"load_verdicts", "read verdicts from"},
	[STORE_LOAD_TRANSITIONS] = {"load_transitions", "read last transitions from"},
	[STORE_LOAD_DEPLOYMENTS] = {"load_deployments", "read deployments from"},
	[STORE_LOAD_OBSERVATIONS] = {"load_observations", "read observations from"},
	[STORE_LOAD_SAMPLES] = {"load_samples", "read last samples from"},
	[STORE_LOAD_USAGES] = {"load_usages", "read sums of bytes from"},
	[STORE_READ_TRANSITIONS] = {"read_transitions", "read transitions from"},
	[STORE_READ_EVENTS] = {"read_events", "read transitions from"},
	[STORE_READ_LAST_EVENT] = {"read_last_event", "read the last transition from"},
	[STORE_READ_DAYS] = {"read_days", "read transitions from"},
	[STORE_READ_DEPLOYMENTS] = {"read_deployments", "read deployments from"},
	[STORE_READ_SAMPLES] = {"read_samples", "read samples from"},
	[STORE_READ_USAGES] = {"read_usages", "read sums of bytes from"},
	[STORE_READ_CYCLE] = {"read_cycle", "read a cycle from"},
	[STORE_READ_FIRST_CYCLE] = {"read_first_cycle", "read the first cycle of"},
	[STORE_READ_KNOWN] = {"read_known", "read from"},
	[STORE_WRITE_INCIDENT] = {"write_incident", "write an incident to"},
	[STORE_WRITE_SILENCE] = {"write_silence", "write a silence to"},
	[STORE_WRITE_NOTIFICATION] = {"write_notification", "write a notification to"},
	[STORE_FOLD_NOTIFICATION] = {"fold_notification", "fold a notification in"},
	[STORE_SETTLE_FOLDED] = {"settle_folded", "write folded notifications to"},
	[STORE_WRITE_CONTENT] = {"write_content", "write a notification to"},
	[STORE_INSERT_ATTEMPT] = {"insert_attempt", "write an attempt to"},
	[STORE_CUT_ATTEMPTS] = {"cut_attempts", "delete old attempts from"},
	[STORE_WRITE_MEMO] = {"write_memo", "write a memo to"},
	[STORE_INSERT_PUSH] = {"insert_push", "write a push to"},
	[STORE_READ_NEXT_IDS] = {"read_next_ids", "read the last ids from"},
	[STORE_LOAD_INCIDENTS] = {"load_incidents", "read incidents from"},
	[STORE_LOAD_SILENCES] = {"load_silences", "read silences from"},
	[STORE_LOAD_WAITING] = {"load_waiting", "read waiting notifications from"},
	[STORE_LOAD_MEMOS] = {"load_memos", "read memos from"},
	[STORE_LOAD_PUSHES] = {"load_pushes", "read pushes from"},
	[STORE_LOAD_FAILED] = {"load_failed", "count failed notifications in"},
	[STORE_READ_INCIDENTS] = {"read_incidents", "read incidents from"},
	[STORE_READ_INCIDENTS_OF_STATUS] = {"read_incidents_of_status", "read incidents from"},
	[STORE_READ_INCIDENTS_OF_STATUSES] = {"read_incidents_of_statuses", "read incidents from"},
	[STORE_READ_INCIDENTS_OF_TARGET] = {"read_incidents_of_target", "read incidents from"},
	[STORE_READ_INCIDENT] = {"read_incident", "read an incident from"},
	[STORE_READ_SILENCES] = {"read_silences", "read silences from"},
	[STORE_READ_NOTIFICATIONS] = {"read_notifications", "read notifications from"},
	[STORE_READ_NOTIFICATIONS_OF_STATE] = {"read_notifications_of_state",
					       "read notifications from"},
	[STORE_READ_NOTIFICATIONS_OF_CHANNEL] = {"read_notifications_of_channel",
						 "read notifications from"},
	[STORE_READ_NOTIFICATIONS_OF_INCIDENT] = {"read_notifications_of_incident",
						  "read notifications from"},
	[STORE_READ_CONTENT] = {"read_content", "read a notification from"},
	[STORE_READ_ATTEMPTS] = {"read_attempts", "read attempts from"},
	[STORE_READ_INCIDENT_TIMES] = {"read_incident_times", "read times of incidents from"},
	[STORE_READ_LEADS] = {"read_leads", "read times of deployments from"},
	[STORE_PRUNE_HEADS] = {"prune_heads", "delete old heads from"},
	[STORE_PRUNE_TRANSITIONS] = {"prune_transitions", "delete old transitions from"},
	[STORE_PRUNE_OBSERVATIONS] = {"prune_observations", "delete old observations from"},
	[STORE_PRUNE_DEPLOYMENTS] = {"prune_deployments", "delete old deployments from"},
	[STORE_PRUNE_SAMPLES] = {"prune_samples", "delete old samples from"},
	[STORE_PRUNE_USAGES] = {"prune_usages", "delete old sums of bytes from"},
	[STORE_PRUNE_CYCLES] = {"prune_cycles", "delete old cycles from"},
	[STORE_PRUNE_INCIDENTS] = {"prune_incidents", "delete old incidents from"},
	[STORE_PRUNE_SILENCES] = {"prune_silences", "delete old silences from"},
	[STORE_PRUNE_CONTENTS] = {"prune_contents", "delete old notifications from"},
	[STORE_PRUNE_ATTEMPTS] = {"prune_attempts", "delete old attempts from"},
	[STORE_PRUNE_NOTIFICATIONS] = {"prune_notifications", "delete old notifications from"},
	[STORE_PRUNE_PUSHES] = {"prune_pushes", "delete old pushes from"},
	[STORE_PRUNE_TARGETS] = {"prune_targets", "delete old targets from"},
	[STORE_THIN_CANDIDATES] = {"thin_candidates", "read old samples from"},
	[STORE_DELETE_SAMPLE] = {"delete_sample", "delete an old sample from"},
	[STORE_COARSEN_SAMPLE] = {"coarsen_sample", "mark an old sample in"},
	[STORE_CHECK_INTEGRITY] = {"check_integrity", "check"},
};

static void enter(struct store_db *db)
{
	bool was_in_use = atomic_exchange(&db->in_use, true);

	assert(!was_in_use); /* two threads on one connection */
	db->deadline_mono_ms = db->limit_ms > 0 ? clk_mono_ms() + db->limit_ms : 0;
}

static void leave(struct store_db *db)
{
	db->deadline_mono_ms = 0;
	atomic_store(&db->in_use, false);
}

static int is_late(void *data)
{
	const struct store_db *db = data;

	return db->deadline_mono_ms > 0 && clk_mono_ms() >= db->deadline_mono_ms;
}

/* SQLite gives -wal and -shm the mode of the database. It is only ever opened by SQLite: closing
 * another descriptor of it would drop the locks of this process. */
static bool make_private_file(const char *path, GError **error)
{
	struct stat st = {0};
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0) {
		(void)close(fd); /* empty: nothing to lose */
		return true;
	}
	if (errno != EEXIST) {
		drift_error_set_errno(error, errno, "create database", path);
		return false;
	}
	if (stat(path, &st) != 0 || ((st.st_mode & 0077) != 0 && chmod(path, 0600) != 0)) {
		drift_error_set_errno(error, errno, "make private the database", path);
		return false;
	}
	return true;
}

static bool check_writable_file(struct store_db *db, GError **error)
{
	/* SQLite falls back to reading when it may not write */
	if (sqlite3_db_readonly(db->db, "main") == 0)
		return true;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_DENIED, "open database %s: it is read-only%s",
		    db->path, store_db_advice(DRIFT_ERROR_DENIED));
	return false;
}

bool store_db_open(struct store_db *db, const char *path, bool read_only, GError **error)
{
	int mode = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;

	db->path = g_strdup(path);
	if (!read_only && !make_private_file(path, error))
		return false;
	/* also on failure there may be a handle with the message, which store_db_close() closes */
	if (sqlite3_open_v2(path, &db->db, mode | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
	    sqlite3_extended_result_codes(db->db, 1) != SQLITE_OK ||
	    sqlite3_busy_timeout(db->db, BUSY_TIMEOUT_MS) != SQLITE_OK) {
		store_db_set_error(db, "open", error);
		return false;
	}
	sqlite3_progress_handler(db->db, PROGRESS_STEPS, is_late, db);
	return read_only || check_writable_file(db, error);
}

void store_db_close(struct store_db *db)
{
	for (size_t i = 0; i < G_N_ELEMENTS(db->statements); i++) {
		(void)sqlite3_finalize(db->statements[i]); /* repeats an error already taken */
		db->statements[i] = NULL;
	}
	if (sqlite3_close(db->db) != SQLITE_OK)
		assert(0 && "a statement is left open");
	db->db = NULL;
	g_free(db->path);
	db->path = NULL;
}

bool store_db_exec(struct store_db *db, const char *sql, const char *verb, GError **error)
{
	int result = SQLITE_OK;

	enter(db);
	result = sqlite3_exec(db->db, sql, NULL, NULL, NULL);
	leave(db);
	if (result == SQLITE_OK)
		return true;
	store_db_set_error(db, verb, error);
	return false;
}

bool store_db_read_number(struct store_db *db, const char *sql, int64_t *ret_number, GError **error)
{
	sqlite3_stmt *statement = NULL;
	bool ok = false;

	enter(db);
	if (sqlite3_prepare_v2(db->db, sql, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW) {
		*ret_number = sqlite3_column_int64(statement, 0);
		ok = true;
	} else {
		store_db_set_error(db, "read", error);
	}
	(void)sqlite3_finalize(statement); /* repeats the step's error, already taken */
	leave(db);
	return ok;
}

bool store_db_begin(struct store_db *db, GError **error)
{
	assert(sqlite3_get_autocommit(db->db));
	return store_db_exec(db, "BEGIN IMMEDIATE", "begin to write to", error);
}

bool store_db_commit(struct store_db *db, GError **error)
{
	return store_db_exec(db, "COMMIT", "commit to", error);
}

void store_db_rollback(struct store_db *db)
{
	g_autoptr(GError) error = NULL;

	/* some failures have rolled back by themselves */
	if (!sqlite3_get_autocommit(db->db) && !store_db_exec(db, "ROLLBACK", "undo", &error))
		assert(sqlite3_get_autocommit(db->db)); /* failed, and yet it is over */
}

bool store_db_flush(struct store_db *db, GError **error)
{
	int result = SQLITE_OK;

	enter(db);
	result = sqlite3_db_cacheflush(db->db);
	leave(db);
	if (result == SQLITE_OK)
		return true;
	store_db_set_error_of(db, result, "write to",
			      error); /* this call keeps no message of its own */
	return false;
}

/* Longer texts are cut into a copy that SQLite frees. */
static int bind_text(sqlite3_stmt *statement, int index, const char *text)
{
	size_t length = strlen(text);

	if (length <= STORE_TEXT_MAX_BYTES)
		return sqlite3_bind_text(statement, index, text, (int)length, SQLITE_STATIC);
	return sqlite3_bind_text(statement, index, text_to_utf8(text, length, STORE_TEXT_MAX_BYTES),
				 -1, g_free);
}

static int bind_json(sqlite3_stmt *statement, int index, const char *json, size_t max_bytes)
{
	size_t length = json ? strlen(json) : 0;

	if (length == 0 || length > max_bytes)
		return sqlite3_bind_text(statement, index, "null", -1, SQLITE_STATIC);
	return sqlite3_bind_text(statement, index, json, (int)length, SQLITE_STATIC);
}

static int bind_one(sqlite3_stmt *statement, int index, const struct store_bind *bind)
{
	switch (bind->kind) {
	case STORE_BIND_INT:
		return sqlite3_bind_int64(statement, index, bind->number);
	case STORE_BIND_TEXT:
		return bind->text ? bind_text(statement, index, bind->text)
				  : sqlite3_bind_null(statement, index);
	case STORE_BIND_NAME:
		return bind_text(statement, index, bind->text ? bind->text : "");
	case STORE_BIND_JSON:
		return bind_json(statement, index, bind->text, STORE_FACTS_MAX_BYTES);
	case STORE_BIND_CONTENT:
		return bind_json(statement, index, bind->text, STORE_CONTENT_MAX_BYTES);
	case STORE_BIND_HASH_KEY:
		return sqlite3_bind_blob(statement, index, bind->text, STORE_HASH_KEY_BYTES,
					 SQLITE_STATIC);
	case STORE_BIND_NONE:
		break;
	}
	assert(0 && "a value without a kind");
	return SQLITE_MISUSE;
}

/* The statement with its values, ready to step; NULL with error set. */
static sqlite3_stmt *prepare(struct store_db *db, enum store_query query,
			     const struct store_bind *binds, size_t count, GError **error)
{
	sqlite3_stmt **statement = &db->statements[query];

	if (!*statement &&
	    sqlite3_prepare_v3(db->db, schema_query(queries[query].name), -1,
			       SQLITE_PREPARE_PERSISTENT, statement, NULL) != SQLITE_OK) {
		store_db_set_error(db, queries[query].verb, error);
		return NULL;
	}
	assert(sqlite3_bind_parameter_count(*statement) == (int)count);
	for (size_t i = 0; i < count; i++) {
		if (bind_one(*statement, (int)i + 1, &binds[i]) != SQLITE_OK) {
			store_db_set_error(db, queries[query].verb, error);
			return NULL;
		}
	}
	return *statement;
}

/* Values are borrowed: none may stay bound. */
static void finish(struct store_db *db, enum store_query query)
{
	if (db->statements[query]) {
		(void)sqlite3_reset(db->statements[query]); /* repeats an error already taken */
		(void)sqlite3_clear_bindings(db->statements[query]); /* cannot fail */
	}
	leave(db);
}

bool store_db_run(struct store_db *db, enum store_query query, const struct store_bind *binds,
		  size_t count, GError **error)
{
	sqlite3_stmt *statement = NULL;
	bool ok = false;

	enter(db);
	statement = prepare(db, query, binds, count, error);
	if (statement) {
		ok = sqlite3_step(statement) == SQLITE_DONE;
		if (!ok)
			store_db_set_error(db, queries[query].verb, error);
	}
	finish(db, query);
	return ok;
}

GPtrArray *store_db_load(struct store_db *db, enum store_query query,
			 const struct store_bind *binds, size_t count,
			 const struct store_row_type *type, GError **error)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(type->free);
	sqlite3_stmt *statement = NULL;
	int result = SQLITE_ROW;

	enter(db);
	statement = prepare(db, query, binds, count, error);
	while (statement && (result = sqlite3_step(statement)) == SQLITE_ROW)
		g_ptr_array_add(rows, type->decode(statement));
	if (statement && result != SQLITE_DONE)
		store_db_set_error(db, queries[query].verb, error);
	finish(db, query);
	return statement && result == SQLITE_DONE ? g_steal_pointer(&rows) : NULL;
}
