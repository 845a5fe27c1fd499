/* firestore - documents of Cloud Firestore in native mode, REST v1: what is asked and what comes
 * back. API-FACTS D;
 * https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases.documents/batchGet.
 * Pure: any thread. */
#ifndef DRIFT_GOOGLE_FIRESTORE_H
#define DRIFT_GOOGLE_FIRESTORE_H

#include "base.h"
#include "source/fault.h"

/** Documents of one call. */
#define FIRESTORE_BATCH_MAX 100
/** Firestore nests no deeper than 20 (https://cloud.google.com/firestore/quotas), and so much fits
 * into JSON_DEPTH_MAX. */
#define FIRESTORE_DEPTH_MAX 20
/** Longest id of a collection or document, and longest path (the same page). */
#define FIRESTORE_ID_MAX_BYTES 1500
#define FIRESTORE_PATH_MAX_BYTES 6144

/** Permission to read documents, for messages. */
#define FIRESTORE_PERMISSION "datastore.entities.get"

enum firestore_type {
	FIRESTORE_TYPE_NONE = 0,
	FIRESTORE_TYPE_NULL,
	FIRESTORE_TYPE_BOOLEAN,
	FIRESTORE_TYPE_INTEGER,
	FIRESTORE_TYPE_DOUBLE,
	FIRESTORE_TYPE_TIMESTAMP,
	FIRESTORE_TYPE_STRING,
	FIRESTORE_TYPE_BYTES,
	FIRESTORE_TYPE_REFERENCE,
	FIRESTORE_TYPE_GEO_POINT,
	FIRESTORE_TYPE_ARRAY,
	FIRESTORE_TYPE_MAP,
};

/** "null", "boolean", "integer", "double", "timestamp", "string", "bytes", "reference", "geo
 * point", "array", "map". */
const char *firestore_type_text(enum firestore_type type);

struct firestore_value {
	enum firestore_type type;
	/* a scalar as a person writes it (true, 42, 1.5, NaN, success, base64, RFC 3339, a resource
	 * name), a NUL in it U+FFFD; NULL for null, geo points, arrays, maps */
	char *text;
	GPtrArray *items;   /* ARRAY: struct firestore_value *; else NULL */
	GHashTable *fields; /* MAP: char * to struct firestore_value *; else NULL */
};

/** What came of one document. */
struct firestore_answer {
	bool found;         /* false, without damage: certainly not there */
	char *damage;       /* why it cannot be believed, all else is unset then; NULL: it can */
	GHashTable *fields; /* char * to struct firestore_value *; NULL unless found */
	int64_t updated_wall_ms; /* updateTime; 0: not said */
};

struct firestore_batch {
	GHashTable *answers; /* path of a document to struct firestore_answer * */
	/* an error came in the middle of the stream, as JSON: for firestore_stream_fault(); what
	 * was answered before it counts; NULL: none */
	char *error;
};

/** A document's path below the database: COLLECTION/DOCUMENT[/…], parts as Firestore allows them.
 * DRIFT_ERROR_INVALID says what is wrong. */
MUST_CHECK bool firestore_check_path(const char *path, GError **error);

/** Address of documents:batchGet in the database "(default)". Caller frees. */
char *firestore_batch_url(const char *endpoint, const char *project);
/** Its body, which asks for all fields of documents. @p paths: char *, each fine for
 * firestore_check_path(), some maybe twice. Caller frees. */
char *firestore_batch_body(const char *project, const GPtrArray *paths);

/** Decode an answer. What is wrong inside one document concerns that document only;
 * DRIFT_ERROR_INVALID when the answer as a whole cannot be believed. Caller frees. */
MUST_CHECK struct firestore_batch *firestore_batch_decode(const char *bytes, size_t length,
							  GError **error);
/** NULL is fine. */
void firestore_batch_free(struct firestore_batch *batch);

/** firestore_batch.error as a fault. One reference. */
struct fault *firestore_stream_fault(const char *what, const char *error_json);

/** @p fault of a call as it is told: a database in Datastore mode becomes FAULT_DISABLED with what
 * to do, all else stays. One reference, caller unrefs. */
struct fault *firestore_explain_fault(const char *what, struct fault *fault);

#endif
