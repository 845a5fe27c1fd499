/* store_private - one connection, its statements and the rows they read: what the files of
 * lib/store/ share. Only they include this. */
#ifndef DRIFT_STORE_PRIVATE_H
#define DRIFT_STORE_PRIVATE_H

#include <sqlite3.h>
#include <stdatomic.h>

#include "drift_error.h"
#include "store/store.h"

/** SQLite's default, which the schema leaves alone: for estimates only. */
#define STORE_PAGE_BYTES 4096

/** Queries of schema/queries.sql; db.c has their names. */
enum store_query {
	STORE_QUERY_NONE = 0,
	STORE_INSERT_META,
	STORE_READ_META,
	STORE_READ_LAST_CYCLE,
	STORE_INSERT_TARGET,
	STORE_INSERT_HEAD,
	STORE_WRITE_VERDICT,
	STORE_INSERT_TRANSITION,
	STORE_INSERT_OBSERVATION,
	STORE_INSERT_DEPLOYMENT,
	STORE_INSERT_SAMPLE,
	STORE_CUT_SAMPLES,
	STORE_ADD_USAGE,
	STORE_INSERT_CYCLE,
	STORE_UPDATE_VERDICT_TIMES,
	STORE_UPDATE_HEAD_TIME,
	STORE_DELETE_VERDICT,
	STORE_LOAD_HEADS,
	STORE_LOAD_VERDICTS,
	STORE_LOAD_TRANSITIONS,
	STORE_LOAD_DEPLOYMENTS,
	STORE_LOAD_OBSERVATIONS,
	STORE_LOAD_SAMPLES,
	STORE_LOAD_USAGES,
	STORE_READ_TRANSITIONS,
	STORE_READ_EVENTS,
	STORE_READ_LAST_EVENT,
	STORE_READ_DAYS,
	STORE_READ_DEPLOYMENTS,
	STORE_READ_SAMPLES,
	STORE_READ_USAGES,
	STORE_READ_CYCLE,
	STORE_READ_FIRST_CYCLE,
	STORE_READ_KNOWN,
	STORE_WRITE_INCIDENT,
	STORE_WRITE_SILENCE,
	STORE_WRITE_NOTIFICATION,
	STORE_FOLD_NOTIFICATION,
	STORE_SETTLE_FOLDED,
	STORE_WRITE_CONTENT,
	STORE_INSERT_ATTEMPT,
	STORE_CUT_ATTEMPTS,
	STORE_WRITE_MEMO,
	STORE_INSERT_PUSH,
	STORE_READ_NEXT_IDS,
	STORE_LOAD_INCIDENTS,
	STORE_LOAD_SILENCES,
	STORE_LOAD_WAITING,
	STORE_LOAD_MEMOS,
	STORE_LOAD_PUSHES,
	STORE_LOAD_FAILED,
	STORE_READ_INCIDENTS,
	STORE_READ_INCIDENTS_OF_STATUS,
	STORE_READ_INCIDENTS_OF_STATUSES,
	STORE_READ_INCIDENTS_OF_TARGET,
	STORE_READ_INCIDENT,
	STORE_READ_SILENCES,
	STORE_READ_NOTIFICATIONS,
	STORE_READ_NOTIFICATIONS_OF_STATE,
	STORE_READ_NOTIFICATIONS_OF_CHANNEL,
	STORE_READ_NOTIFICATIONS_OF_INCIDENT,
	STORE_READ_CONTENT,
	STORE_READ_ATTEMPTS,
	STORE_READ_INCIDENT_TIMES,
	STORE_READ_LEADS,
	STORE_PRUNE_HEADS,
	STORE_PRUNE_TRANSITIONS,
	STORE_PRUNE_OBSERVATIONS,
	STORE_PRUNE_DEPLOYMENTS,
	STORE_PRUNE_SAMPLES,
	STORE_PRUNE_USAGES,
	STORE_PRUNE_CYCLES,
	STORE_PRUNE_INCIDENTS,
	STORE_PRUNE_SILENCES,
	STORE_PRUNE_CONTENTS,
	STORE_PRUNE_ATTEMPTS,
	STORE_PRUNE_NOTIFICATIONS,
	STORE_PRUNE_PUSHES,
	STORE_PRUNE_TARGETS,
	STORE_THIN_CANDIDATES,
	STORE_DELETE_SAMPLE,
	STORE_COARSEN_SAMPLE,
	STORE_CHECK_INTEGRITY,
	STORE_QUERY_COUNT,
};

/** A connection. */
struct store_db {
	sqlite3 *db;
	char *path;
	sqlite3_stmt *statements[STORE_QUERY_COUNT]; /* prepared on first use; NULL: not yet */
	int64_t limit_ms;         /* a statement ends after this long; 0: never */
	int64_t deadline_mono_ms; /* of the statement under way; 0: none */
	atomic_bool in_use;       /* a call is under way: one thread at a time */
};

struct store {
	struct store_db db;
	char hash_key[STORE_HASH_KEY_BYTES];
	int64_t next_cycle_id;
	int64_t written_pages;      /* since open, as far as counted */
	int64_t checkpointed_pages; /* written_pages at the last checkpoint */
};

struct store_reader {
	struct store_db db;
};

enum store_bind_kind {
	STORE_BIND_NONE = 0,
	STORE_BIND_INT,
	STORE_BIND_TEXT,     /* cut at STORE_TEXT_MAX_BYTES; NULL is SQL's NULL */
	STORE_BIND_NAME,     /* the same; NULL is the empty text */
	STORE_BIND_JSON,     /* JSON null when NULL or longer than STORE_FACTS_MAX_BYTES */
	STORE_BIND_CONTENT,  /* JSON null when NULL or longer than STORE_CONTENT_MAX_BYTES */
	STORE_BIND_HASH_KEY, /* STORE_HASH_KEY_BYTES bytes */
};

/** A value for a parameter, borrowed until the statement is done. */
struct store_bind {
	enum store_bind_kind kind;
	int64_t number;
	const char *text;
};
#define BIND_INT(value) ((struct store_bind){STORE_BIND_INT, (value), NULL})
#define BIND_TEXT(value) ((struct store_bind){STORE_BIND_TEXT, 0, (value)})
/* NULL when @p value is not @p known. */
#define BIND_INT_IF(known, value) ((known) ? BIND_INT(value) : BIND_TEXT(NULL))
#define BIND_NAME(value) ((struct store_bind){STORE_BIND_NAME, 0, (value)})
#define BIND_JSON(value) ((struct store_bind){STORE_BIND_JSON, 0, (value)})
#define BIND_CONTENT(value) ((struct store_bind){STORE_BIND_CONTENT, 0, (value)})
/* A time that is NULL when it is 0: not so. */
#define BIND_TIME_IF_SET(value) BIND_INT_IF((value) > 0, (value))
/* The parameters ?1 and ?2 of a page. */
#define BIND_PAGE(before_id, limit)                                                                \
	BIND_INT((before_id) > 0 ? (before_id) : INT64_MAX),                                       \
		BIND_INT(CLAMP((limit), 0, STORE_PAGE_MAX_ROWS))

/** How a row becomes a struct, and how that is freed. */
struct store_row_type {
	void *(*decode)(sqlite3_stmt *statement);
	GDestroyNotify free;
};
extern const struct store_row_type store_head_rows;
extern const struct store_row_type store_verdict_rows;
extern const struct store_row_type store_transition_rows;
extern const struct store_row_type store_observation_rows;
extern const struct store_row_type store_deployment_rows;
extern const struct store_row_type store_sample_rows;
extern const struct store_row_type store_usage_rows;
extern const struct store_row_type store_cycle_rows;
extern const struct store_row_type store_incident_rows;
extern const struct store_row_type store_silence_rows;
extern const struct store_row_type store_notification_rows;
extern const struct store_row_type store_attempt_rows;
extern const struct store_row_type store_memo_rows;

/** The text of a column; NULL for SQL's NULL. Caller frees. */
char *store_column_text(sqlite3_stmt *statement, int column);

/** Open; a writer's file is made when it is not there. Errors as store_open() without schema. */
MUST_CHECK bool store_db_open(struct store_db *db, const char *path, bool read_only,
			      GError **error);
/** Also of one that was never, or half, opened. */
void store_db_close(struct store_db *db);

/** Take code and message of the last failure: "VERB database PATH: why; what to do". */
void store_db_set_error(struct store_db *db, const char *verb, GError **error);
/** The same for the result of a call that does not keep it in the connection. */
void store_db_set_error_of(const struct store_db *db, int result, const char *verb, GError **error);
/** What a person does about it, begins with "; ". "" when the message says it all. */
const char *store_db_advice(enum drift_error code);

/** Write what the transaction changed so far down to the file (not for good: no commit). */
MUST_CHECK bool store_db_flush(struct store_db *db, GError **error);

/** Run constant SQL without results. */
MUST_CHECK bool store_db_exec(struct store_db *db, const char *sql, const char *verb,
			      GError **error);

/** The one integer of constant SQL ("PRAGMA user_version"). */
MUST_CHECK bool store_db_read_number(struct store_db *db, const char *sql, int64_t *ret_number,
				     GError **error);

MUST_CHECK bool store_db_begin(struct store_db *db, GError **error);
MUST_CHECK bool store_db_commit(struct store_db *db, GError **error);
/** Undo the transaction under way, if there is one. */
void store_db_rollback(struct store_db *db);

/** Run a query that returns no rows. */
MUST_CHECK bool store_db_run(struct store_db *db, enum store_query query,
			     const struct store_bind *binds, size_t count, GError **error);

/** Run a query and make a struct of each row. Caller unrefs. */
MUST_CHECK GPtrArray *store_db_load(struct store_db *db, enum store_query query,
				    const struct store_bind *binds, size_t count,
				    const struct store_row_type *type, GError **error);

/** Write each of @p rows, until one cannot be written. */
typedef bool (*store_write_row_fn)(struct store_db *db, const void *row, GError **error);
MUST_CHECK bool store_db_write_rows(struct store_db *db, const GPtrArray *rows,
				    store_write_row_fn write_row, GError **error);

/** The name of a target, before a row that goes by its number. */
MUST_CHECK bool store_db_write_target(struct store_db *db, const char *target, GError **error);

/** All rows of @p alerts, in the transaction under way. Nothing when it is empty. */
MUST_CHECK bool store_db_write_alerts(struct store_db *db, const struct store_alerts *alerts,
				      GError **error);

/** Is the file driftd's (or empty), not newer than we are, and sound? Writes nothing. */
MUST_CHECK bool store_check_file(struct store_db *db, int64_t *ret_version, GError **error);

/** Apply all migrations above @p version, each in one transaction. */
MUST_CHECK bool store_migrate(struct store_db *db, int64_t version, GError **error);

#endif
