/* bigquery_decode - answers of jobs.query, getQueryResults, jobs.insert and jobs.get as structs;
 * see bigquery_private.h. What is not as documented is DRIFT_ERROR_INVALID, never a default: an
 * answer that lacks its schema or its count would look like no rows. */
#include "google/bigquery_private.h"

#include <string.h>

#include "drift_error.h"
#include "google/decode.h"

#define COLUMN_NAME_MAX_BYTES 1200
#define WORD_MAX_BYTES 128
#define ID_MAX_BYTES 1024
#define TOKEN_MAX_BYTES 8192
#define TEXT_MAX_BYTES 10000
#define ROWS_PER_PAGE_MAX 1000000
#define ERRORS_MAX 10000
#define TABLES_MAX 10000

/** What a row costs beside its text. */
#define ROW_OVERHEAD_BYTES 64

static bool refuse(GError **error, const char *why)
{
	g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, why);
	return false;
}

static json_object *parse_object(const char *bytes, size_t length, GError **error)
{
	json_object *object = json_parse(bytes, length, error);

	if (!object || json_object_is_type(object, json_type_object))
		return object;
	json_object_put(object);
	(void)refuse(error, "not a JSON object"); /* false means NULL here */
	return NULL;
}

/* -1 when it is not there. */
static bool decode_count(json_object *object, const char *name, int64_t *ret_count, GError **error)
{
	json_object *value = NULL;

	if (json_object_object_get_ex(object, name, &value) && value)
		return decode_int(object, name, 0, INT64_MAX, ret_count, error);
	*ret_count = -1;
	return true;
}

/* --- schema --- */

static bool decode_fields(json_object *holder, GPtrArray *columns, guint *count, GError **error);

/* NULL with @p error. */
static struct bigquery_column *decode_column(json_object *field, GError **error)
{
	g_autofree char *name = NULL;
	g_autofree char *type = NULL;
	g_autofree char *mode = NULL;

	if (!decode_text(field, "name", COLUMN_NAME_MAX_BYTES, &name, error) ||
	    !decode_text(field, "type", WORD_MAX_BYTES, &type, error) ||
	    !decode_text(field, "mode", WORD_MAX_BYTES, &mode, error))
		return NULL;
	if (name && type)
		return bigquery_column_create(name, type, g_strcmp0(mode, "REPEATED") == 0);
	(void)refuse(error, "a column without name or type"); /* false means NULL here */
	return NULL;
}

static bool decode_field(json_object *field, GPtrArray *columns, guint *count, GError **error)
{
	struct bigquery_column *column = NULL;

	if (++*count > BIGQUERY_COLUMNS_MAX)
		return refuse(error, "too many columns");
	column = decode_column(field, error);
	if (!column)
		return false;
	g_ptr_array_add(columns, column);
	return strcmp(column->type, "STRUCT") != 0 ||
	       decode_fields(field, column->fields, count, error);
}

/* Recursive as deep as the document, whose depth is bounded (JSON_DEPTH_MAX). */
static bool decode_fields(json_object *holder, GPtrArray *columns, guint *count, GError **error)
{
	json_object *fields = NULL;

	if (!decode_array(holder, "fields", BIGQUERY_COLUMNS_MAX, &fields, error))
		return false;
	if (!fields)
		return refuse(error, "a schema without fields");
	for (size_t i = 0; i < json_object_array_length(fields); i++) {
		json_object *field = NULL;

		if (!decode_element(fields, "fields", i, &field, error) ||
		    !decode_field(field, columns, count, error))
			return false;
	}
	return true;
}

GPtrArray *bigquery_schema_decode(json_object *schema, GError **error)
{
	GPtrArray *columns = g_ptr_array_new_with_free_func(bigquery_column_free_data);
	guint count = 0;

	if (decode_fields(schema, columns, &count, error))
		return columns;
	g_ptr_array_unref(columns);
	return NULL;
}

/* --- a page --- */

static bool decode_reference(json_object *page, struct bigquery_reference *ret_reference,
			     GError **error)
{
	json_object *reference = NULL;
	struct bigquery_reference found = {0};
	bool ok = decode_object(page, "jobReference", &reference, error);

	if (ok && reference)
		ok = decode_text(reference, "projectId", ID_MAX_BYTES, &found.project, error) &&
		     decode_text(reference, "jobId", ID_MAX_BYTES, &found.job, error) &&
		     decode_text(reference, "location", WORD_MAX_BYTES, &found.location, error);
	if (ok && !found.location)
		ok = decode_text(page, "location", WORD_MAX_BYTES, &found.location, error);
	if (ok)
		*ret_reference = found;
	else
		bigquery_reference_clear(&found);
	return ok;
}

static bool decode_errors(json_object *page, struct bigquery_page *ret_page, GError **error)
{
	json_object *errors = NULL;
	json_object *first = NULL;

	if (!decode_array(page, "errors", ERRORS_MAX, &errors, error))
		return false;
	if (!errors || json_object_array_length(errors) == 0)
		return true;
	return decode_element(errors, "errors", 0, &first, error) &&
	       decode_text(first, "reason", WORD_MAX_BYTES, &ret_page->error_reason, error) &&
	       decode_text(first, "message", TEXT_MAX_BYTES, &ret_page->error_text, error);
}

static bool decode_head(json_object *object, struct bigquery_page *page, GError **error)
{
	return decode_bool(object, "jobComplete", &page->complete, error) &&
	       decode_reference(object, &page->reference, error) &&
	       decode_errors(object, page, error) &&
	       decode_count(object, "totalRows", &page->total_rows, error) &&
	       decode_int(object, "totalBytesProcessed", 0, INT64_MAX, &page->bytes_processed,
			  error) &&
	       decode_count(object, "totalBytesBilled", &page->bytes_billed, error) &&
	       decode_bool(object, "cacheHit", &page->cache_hit, error) &&
	       decode_text(object, "pageToken", TOKEN_MAX_BYTES, &page->token, error);
}

static bool decode_schema(json_object *object, struct bigquery_page *page, GError **error)
{
	json_object *schema = NULL;

	if (!decode_object(object, "schema", &schema, error))
		return false;
	if (schema)
		page->columns = bigquery_schema_decode(schema, error);
	return !schema || page->columns;
}

static size_t row_bytes(char *const *cells, guint columns)
{
	size_t bytes = ROW_OVERHEAD_BYTES + columns * sizeof(char *);

	for (guint i = 0; i < columns; i++)
		bytes += cells[i] ? strlen(cells[i]) + 1 : 0;
	return bytes;
}

static bool decode_rows(json_object *object, const GPtrArray *columns, int64_t rows_wanted,
			struct bigquery_page *page, GError **error)
{
	json_object *rows = NULL;

	if (!decode_array(object, "rows", ROWS_PER_PAGE_MAX, &rows, error))
		return false;
	if (!rows)
		return true;
	page->row_count = (int64_t)json_object_array_length(rows); /* bounded above */
	if (page->row_count > 0 && !columns)
		return refuse(error, "rows without a schema");
	for (int64_t i = 0; i < MIN(page->row_count, rows_wanted); i++) {
		char **cells = NULL;

		if (!bigquery_row_decode(columns, json_object_array_get_idx(rows, (size_t)i),
					 &cells, error))
			return false;
		page->kept_bytes += row_bytes(cells, columns->len);
		g_ptr_array_add(page->rows, cells);
	}
	return true;
}

void bigquery_page_clear(struct bigquery_page *page)
{
	guint columns = page->columns ? page->columns->len : 0;

	for (guint i = 0; page->rows && i < page->rows->len; i++)
		bigquery_row_free(page->rows->pdata[i], columns);
	g_clear_pointer(&page->rows, g_ptr_array_unref);
	g_clear_pointer(&page->columns, g_ptr_array_unref);
	bigquery_reference_clear(&page->reference);
	g_clear_pointer(&page->token, g_free);
	g_clear_pointer(&page->error_reason, g_free);
	g_clear_pointer(&page->error_text, g_free);
}

static bool same_columns(const GPtrArray *left, const GPtrArray *right)
{
	bool same = left->len == right->len;

	for (guint i = 0; same && i < left->len; i++) {
		const struct bigquery_column *a = left->pdata[i];
		const struct bigquery_column *b = right->pdata[i];

		same = strcmp(a->name, b->name) == 0 && strcmp(a->type, b->type) == 0 &&
		       a->repeated == b->repeated && same_columns(a->fields, b->fields);
	}
	return same;
}

bool bigquery_page_decode(const char *bytes, size_t length, GPtrArray *columns, int64_t rows_wanted,
			  struct bigquery_page *ret_page, GError **error)
{
	json_object *object = parse_object(bytes, length, error);
	struct bigquery_page page = {.rows = g_ptr_array_new()};
	bool ok =
		object && decode_head(object, &page, error) && decode_schema(object, &page, error);

	if (ok && columns && page.columns && !same_columns(columns, page.columns))
		ok = refuse(error, "the schema changes from page to page");
	if (ok && columns && !page.columns)
		page.columns = g_ptr_array_ref(columns);
	ok = ok && decode_rows(object, page.columns, rows_wanted, &page, error);
	json_object_put(object);
	if (ok)
		*ret_page = page;
	else
		bigquery_page_clear(&page);
	return ok;
}

/* --- a dry run --- */

static bool decode_table(json_object *tables, size_t index, GPtrArray *names, GError **error)
{
	json_object *table = NULL;
	g_autofree char *project = NULL;
	g_autofree char *dataset = NULL;
	g_autofree char *name = NULL;

	if (!decode_element(tables, "referencedTables", index, &table, error) ||
	    !decode_text(table, "projectId", ID_MAX_BYTES, &project, error) ||
	    !decode_text(table, "datasetId", ID_MAX_BYTES, &dataset, error) ||
	    !decode_text(table, "tableId", 4 * (size_t)ID_MAX_BYTES, &name, error))
		return false;
	if (!project || !dataset || !name)
		return refuse(error, "referencedTables has one without a name");
	g_ptr_array_add(names, g_strjoin(".", project, dataset, name, NULL));
	return true;
}

static bool decode_tables(json_object *query, GPtrArray *names, GError **error)
{
	json_object *tables = NULL;

	if (!decode_array(query, "referencedTables", TABLES_MAX, &tables, error))
		return false;
	for (size_t i = 0; tables && i < json_object_array_length(tables); i++)
		if (!decode_table(tables, i, names, error))
			return false;
	return true;
}

static bool decode_statistics(json_object *job, struct bigquery_result *result, GError **error)
{
	json_object *statistics = NULL;
	json_object *query = NULL;
	json_object *schema = NULL;
	int64_t bytes = -1;

	if (!decode_object(job, "statistics", &statistics, error) ||
	    (statistics && !decode_object(statistics, "query", &query, error)))
		return false;
	if (!query)
		return refuse(error, "a dry run without statistics.query");
	if (!decode_text(query, "statementType", WORD_MAX_BYTES, &result->statement_type, error) ||
	    !decode_count(query, "totalBytesProcessed", &bytes, error) ||
	    !decode_tables(query, result->tables, error) ||
	    !decode_object(query, "schema", &schema, error))
		return false;
	if (bytes < 0 && !decode_count(statistics, "totalBytesProcessed", &bytes, error))
		return false;
	if (bytes < 0 && g_strcmp0(result->statement_type, "SELECT") == 0)
		return refuse(error, "a dry run without totalBytesProcessed");
	result->bytes_processed = MAX(bytes, 0);
	if (schema) {
		g_ptr_array_unref(result->columns);
		result->columns = bigquery_schema_decode(schema, error);
	}
	return result->columns != NULL;
}

static bool decode_status(json_object *job, char **ret_reason, char **ret_text, GError **error)
{
	json_object *status = NULL;
	json_object *failure = NULL;

	if (!decode_object(job, "status", &status, error) ||
	    (status && !decode_object(status, "errorResult", &failure, error)))
		return false;
	if (!failure)
		return true;
	if (!decode_text(failure, "reason", WORD_MAX_BYTES, ret_reason, error) ||
	    !decode_text(failure, "message", TEXT_MAX_BYTES, ret_text, error))
		return false;
	if (!*ret_reason)
		*ret_reason = g_strdup("not said");
	return true;
}

static bool decode_job(json_object *job, struct bigquery_result *result, char **ret_reason,
		       char **ret_text, GError **error)
{
	struct bigquery_reference reference = {0};

	if (!decode_status(job, ret_reason, ret_text, error))
		return false;
	if (*ret_reason)
		return true; /* the statistics of a failed job say nothing */
	if (!decode_statistics(job, result, error) || !decode_reference(job, &reference, error))
		return false;
	result->location = g_steal_pointer(&reference.location);
	bigquery_reference_clear(&reference);
	return true;
}

bool bigquery_dry_run_decode(const char *bytes, size_t length, struct bigquery_result *result,
			     char **ret_reason, char **ret_text, GError **error)
{
	json_object *job = parse_object(bytes, length, error);
	g_autofree char *reason = NULL;
	g_autofree char *text = NULL;
	bool ok = job && decode_job(job, result, &reason, &text, error);

	json_object_put(job);
	if (ok) {
		*ret_reason = g_steal_pointer(&reason);
		*ret_text = g_steal_pointer(&text);
	}
	return ok;
}

/* --- what it cost --- */

int64_t bigquery_billed_decode(const char *bytes, size_t length)
{
	json_object *job = parse_object(bytes, length, NULL);
	json_object *statistics = job ? json_member_object(job, "statistics") : NULL;
	json_object *query = statistics ? json_member_object(statistics, "query") : NULL;
	int64_t billed = query ? json_member_int(query, "totalBytesBilled", -1) : -1;

	json_object_put(job);
	return MAX(billed, -1);
}

int64_t bigquery_guess_billed(int64_t bytes_processed, bool cache_hit)
{
	if (cache_hit || bytes_processed <= 0)
		return 0;
	return MAX(bytes_processed, BIGQUERY_BYTES_MIN);
}

/* --- a result --- */

struct bigquery_result *bigquery_result_create(void)
{
	struct bigquery_result *result = g_new0(struct bigquery_result, 1);

	result->columns = g_ptr_array_new_with_free_func(bigquery_column_free_data);
	result->rows = g_ptr_array_new();
	result->tables = g_ptr_array_new_with_free_func(g_free);
	return result;
}

void bigquery_result_free(struct bigquery_result *result)
{
	if (!result)
		return;
	for (guint i = 0; i < result->rows->len; i++)
		bigquery_row_free(result->rows->pdata[i], result->columns->len);
	g_ptr_array_unref(result->rows);
	g_ptr_array_unref(result->tables);
	if (result->columns)
		g_ptr_array_unref(result->columns);
	g_free(result->statement_type);
	g_free(result->location);
	g_free(result);
}
