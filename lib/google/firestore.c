/* firestore - see firestore.h */
#include "google/firestore.h"

#include <string.h>

#include "drift_error.h"
#include "google/decode.h"
#include "google/errors.h"
#include "google/firestore_decode.h"

#define DATABASE "(default)"
#define DOCUMENTS "/documents/"

/** Google says so where a database speaks Datastore's language only. */
#define DATASTORE_WORDS "Datastore Mode"

/** Elements of an answer: a found or missing one for each document, and a few that only carry
 * times. */
#define ELEMENTS_MAX ((size_t)10 * FIRESTORE_BATCH_MAX)

const char *firestore_type_text(enum firestore_type type)
{
	static const char *const texts[] = {
		[FIRESTORE_TYPE_NONE] = "none",           [FIRESTORE_TYPE_NULL] = "null",
		[FIRESTORE_TYPE_BOOLEAN] = "boolean",     [FIRESTORE_TYPE_INTEGER] = "integer",
		[FIRESTORE_TYPE_DOUBLE] = "double",       [FIRESTORE_TYPE_TIMESTAMP] = "timestamp",
		[FIRESTORE_TYPE_STRING] = "string",       [FIRESTORE_TYPE_BYTES] = "bytes",
		[FIRESTORE_TYPE_REFERENCE] = "reference", [FIRESTORE_TYPE_GEO_POINT] = "geo point",
		[FIRESTORE_TYPE_ARRAY] = "array",         [FIRESTORE_TYPE_MAP] = "map",
	};

	return texts[type];
}

/* --- asking --- */

static bool refuse_path(GError **error, const char *path, const char *why)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "\"%.200s\" is no document's path: %s",
		    path, why);
	return false;
}

/* Why @p id is none (https://cloud.google.com/firestore/quotas#collections_documents_and_fields);
 * NULL: it is one. */
static const char *id_problem(const char *id)
{
	size_t length = strlen(id);

	if (length == 0)
		return "a part is empty";
	if (length > FIRESTORE_ID_MAX_BYTES)
		return "a part is longer than 1,500 bytes";
	if (strcmp(id, ".") == 0 || strcmp(id, "..") == 0)
		return "a part is . or ..";
	if (length >= 4 && g_str_has_prefix(id, "__") && g_str_has_suffix(id, "__"))
		return "parts like __this__ are reserved";
	return NULL;
}

bool firestore_check_path(const char *path, GError **error)
{
	g_auto(GStrv) parts = NULL;
	guint count = 0;

	if (strlen(path) > FIRESTORE_PATH_MAX_BYTES)
		return refuse_path(error, path, "it is longer than 6 KiB");
	if (!g_utf8_validate(path, -1, NULL))
		return refuse_path(error, "", "it is not UTF-8 text");
	parts = g_strsplit(path, "/", -1);
	for (; parts[count]; count++) {
		const char *problem = id_problem(parts[count]);

		if (problem)
			return refuse_path(error, path, problem);
	}
	if (count == 0 || count % 2 != 0)
		return refuse_path(error, path, "COLLECTION/DOCUMENT has an even number of parts");
	return true;
}

char *firestore_batch_url(const char *endpoint, const char *project)
{
	GString *url = g_string_new(endpoint);

	g_string_append(url, "/v1/projects/");
	g_string_append_uri_escaped(url, project, NULL, FALSE);
	g_string_append(url, "/databases/" DATABASE "/documents:batchGet");
	return g_string_free(url, FALSE);
}

char *firestore_batch_body(const char *project, const GPtrArray *paths)
{
	json_object *body = json_object_new_object();
	json_object *names = json_object_new_array();
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	char *text = NULL;

	json_add(body, "documents", names);
	for (guint i = 0; i < paths->len; i++) {
		g_autofree char *name = NULL;

		if (!g_hash_table_add(seen, paths->pdata[i]))
			continue;
		name = g_strconcat("projects/", project, "/databases/" DATABASE DOCUMENTS,
				   paths->pdata[i], NULL);
		(void)json_object_array_add(names,
					    json_object_new_string(name)); /* out of memory only */
	}
	text = json_to_text(body, NULL);
	json_object_put(body);
	return text;
}

/* --- answers --- */

static void answer_free(gpointer data)
{
	struct firestore_answer *answer = data;

	g_free(answer->damage);
	g_clear_pointer(&answer->fields, g_hash_table_unref);
	g_free(answer);
}

void firestore_batch_free(struct firestore_batch *batch)
{
	if (!batch)
		return;
	g_hash_table_unref(batch->answers);
	g_free(batch->error);
	g_free(batch);
}

static void damage(struct firestore_answer *answer, const char *why)
{
	g_clear_pointer(&answer->fields, g_hash_table_unref);
	g_free(answer->damage);
	answer->damage = g_strdup(why);
	answer->found = false;
	answer->updated_wall_ms = 0;
}

/* The path of "projects/P/databases/D/documents/PATH". */
static const char *path_of(const char *name)
{
	const char *at = NULL;

	if (!name || !g_str_has_prefix(name, "projects/") || !strstr(name, "/databases/"))
		return NULL;
	at = strstr(name, DOCUMENTS);
	return at && at[strlen(DOCUMENTS)] ? at + strlen(DOCUMENTS) : NULL;
}

/* @p answer is taken. A document told of twice is told the same of: duplicates are merged
 * upstream. */
static void add_answer(struct firestore_batch *batch, const char *path,
		       struct firestore_answer *answer)
{
	struct firestore_answer *before = g_hash_table_lookup(batch->answers, path);

	if (!before) {
		g_hash_table_insert(batch->answers, g_strdup(path), answer);
		return;
	}
	if (before->found != answer->found || before->updated_wall_ms != answer->updated_wall_ms)
		damage(before, "the answer contradicts itself: it tells of the document twice");
	answer_free(answer);
}

static bool refuse_element(GError **error, size_t index, const char *why)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "element %zu %s", index, why);
	return false;
}

static bool take_found(struct firestore_batch *batch, json_object *document, size_t index,
		       GError **error)
{
	const char *path = path_of(json_member_text(document, "name", NULL));
	struct firestore_answer *answer = NULL;
	g_autoptr(GError) problem = NULL;

	if (!path)
		return refuse_element(error, index, "is a document without a name");
	answer = g_new0(struct firestore_answer, 1);
	answer->found = true;
	answer->fields = firestore_decode_fields(document, 1, &problem);
	if (!answer->fields ||
	    !decode_time(document, "updateTime", &answer->updated_wall_ms, &problem))
		damage(answer, problem->message);
	add_answer(batch, path, answer);
	return true;
}

static bool take_missing(struct firestore_batch *batch, const char *name, size_t index,
			 GError **error)
{
	const char *path = path_of(name);

	if (!path)
		return refuse_element(error, index, "misses a document without a name");
	add_answer(batch, path, g_new0(struct firestore_answer, 1));
	return true;
}

/* One element of the stream. Those that hold a time or a transaction only say nothing. */
static bool take_element(struct firestore_batch *batch, json_object *element, size_t index,
			 GError **error)
{
	json_object *found = NULL;
	json_object *stopped = NULL;

	if (!json_object_is_type(element, json_type_object))
		return refuse_element(error, index, "is no object");
	if (!decode_object(element, "found", &found, error) ||
	    !json_check_member(element, "missing", json_type_string, error) ||
	    !decode_object(element, "error", &stopped, error)) {
		g_prefix_error(error, "element %zu: ", index);
		return false;
	}
	if (stopped && !batch->error)
		batch->error = json_to_text(element, NULL);
	if (found && json_object_object_get(element, "missing"))
		return refuse_element(error, index, "says both found and missing");
	if (found)
		return take_found(batch, found, index, error);
	if (json_object_object_get(element, "missing"))
		return take_missing(batch, json_member_text(element, "missing", NULL), index,
				    error);
	return true;
}

static bool take_elements(struct firestore_batch *batch, json_object *array, GError **error)
{
	size_t count = 0;

	if (!json_object_is_type(array, json_type_array)) {
		g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "not a JSON array");
		return false;
	}
	count = json_object_array_length(array);
	if (count > ELEMENTS_MAX) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "%zu elements, more than were asked for", count);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		if (!take_element(batch, json_object_array_get_idx(array, i), i, error))
			return false;
	return true;
}

struct firestore_batch *firestore_batch_decode(const char *bytes, size_t length, GError **error)
{
	json_object *array = json_parse(bytes, length, error);
	struct firestore_batch *batch = NULL;

	if (!array)
		return NULL;
	batch = g_new0(struct firestore_batch, 1);
	batch->answers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, answer_free);
	if (!take_elements(batch, array, error))
		g_clear_pointer(&batch, firestore_batch_free);
	json_object_put(array);
	return batch;
}

/* --- faults --- */

static int status_of(const char *error_json)
{
	json_object *document = json_parse(error_json, strlen(error_json), NULL);
	json_object *error = document ? json_member_object(document, "error") : NULL;
	int64_t code = error ? json_member_int(error, "code", 500) : 500;

	json_object_put(document);
	return code >= 400 && code <= 599 ? (int)code : 500; /* in range */
}

struct fault *firestore_stream_fault(const char *what, const char *error_json)
{
	struct http_response response = {.status = status_of(error_json),
					 .body = error_json,
					 .body_bytes = strlen(error_json),
					 .retry_after_ms = -1};

	return errors_api_fault(what, FIRESTORE_PERMISSION, &response);
}

struct fault *firestore_explain_fault(const char *what, struct fault *fault)
{
	/* the status FAILED_PRECONDITION alone can mean other things: only the words tell */
	if (fault->status != 400 || !strstr(fault->message, DATASTORE_WORDS))
		return fault_ref(fault);
	return fault_create(FAULT_DISABLED, fault->status, NULL,
			    "%s: the database " DATABASE " of that project is in Datastore mode, "
			    "which has no documents to read: completion needs a Firestore database "
			    "in native mode; check project",
			    what);
}
