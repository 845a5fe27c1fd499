/* bq_answer - what the jobs API of BigQuery answers: pages of rows, Job resources. API-FACTS C.1 to
 * C.3. */
#include "tests/fakecloud/bq_rest.h"

#include "tests/fakecloud/jsn.h"

#include <string.h>

static json_object *error_proto(const char *reason, const char *message)
{
	json_object *object = json_object_new_object();

	jsn_add_text(object, "reason", reason);
	if (g_str_equal(reason, "invalidQuery"))
		jsn_add_text(object, "location", "query");
	jsn_add_text(object, "message", message);
	return object;
}

static json_object *schema_json(const GPtrArray *columns)
{
	json_object *schema = json_object_new_object();

	jsn_add(schema, "fields", bq_fields_to_json(columns));
	return schema;
}

static json_object *row_json(const struct bq_job *job, json_object *row, bool int64_timestamps)
{
	json_object *object = json_object_new_object(), *cells = json_object_new_array();

	for (guint i = 0; i < job->columns->len; i++) {
		json_object *cell = json_object_new_object();

		jsn_add(cell, "v",
			bq_value_to_cell(job->columns->pdata[i], json_object_array_get_idx(row, i),
					 int64_timestamps));
		json_object_array_add(cells, cell);
	}
	jsn_add(object, "f", cells);
	return object;
}

static void add_rows(json_object *answer, const struct bq_job *job, const struct bq_page *page)
{
	int64_t total = (int64_t)jsn_length(job->rows),
		end = MIN(page->offset + page->limit, total);
	json_object *rows = json_object_new_array();

	for (int64_t i = page->offset; i < end; i++)
		json_object_array_add(rows,
				      row_json(job, json_object_array_get_idx(job->rows, (size_t)i),
					       page->int64_timestamps));
	if (end > page->offset)
		jsn_add(answer, "rows", rows);
	else
		json_object_put(rows); /* an empty list is left out */
	jsn_add_int64(answer, "totalRows", total);
	if (end < total) {
		g_autofree char *token = g_strdup_printf("BFAKE-%" G_GINT64_FORMAT, end);

		jsn_add_text(answer, "pageToken", token);
	}
}

bool bq_page_parse(const char *token, int64_t *ret_offset)
{
	guint64 offset = 0;

	*ret_offset = 0;
	if (g_str_has_prefix(token, "endless-")) /* of FAULT_KIND_ENDLESS_PAGES */
		return true;
	if (!g_str_has_prefix(token, "BFAKE-") ||
	    !g_ascii_string_to_unsigned(token + strlen("BFAKE-"), 10, 0, G_MAXINT32, &offset, NULL))
		return false;
	*ret_offset = (int64_t)offset; /* at most G_MAXINT32 */
	return true;
}

json_object *bq_answer(const struct bq_job *job, const struct bq_page *page, bool done)
{
	json_object *answer = json_object_new_object(), *errors = NULL;

	jsn_add(answer, "jobReference", bq_job_reference(job, false));
	jsn_add(answer, "jobComplete", json_object_new_boolean(done));
	if (!done)
		return answer;
	if (job->columns) {
		jsn_add(answer, "schema", schema_json(job->columns));
		add_rows(answer, job, page);
	}
	jsn_add_int64(answer, "totalBytesProcessed", job->cache_hit ? 0 : job->processed);
	jsn_add(answer, "cacheHit", json_object_new_boolean(job->cache_hit));
	if (job->warning) {
		errors = json_object_new_array();
		json_object_array_add(errors, error_proto("invalid", job->warning));
		jsn_add(answer, "errors", errors);
	}
	return answer;
}

json_object *bq_dry_answer(const struct bq_job *job)
{
	json_object *answer = json_object_new_object();

	jsn_add_text(answer, "kind", "bigquery#queryResponse");
	if (job->columns)
		jsn_add(answer, "schema", schema_json(job->columns));
	jsn_add(answer, "jobReference", bq_job_reference(job, true));
	jsn_add_int64(answer, "totalBytesProcessed", job->processed);
	jsn_add(answer, "jobComplete", json_object_new_boolean(true));
	jsn_add(answer, "cacheHit", json_object_new_boolean(false));
	jsn_add_text(answer, "statementType", job->statement_type);
	return answer;
}

/* --- Job --- */

static json_object *query_statistics(const struct bq_job *job, bool dry_run)
{
	json_object *query = json_object_new_object();

	jsn_add_text(query, "statementType", job->statement_type);
	jsn_add_int64(query, "totalBytesProcessed", job->processed);
	if (dry_run)
		jsn_add_text(query, "totalBytesProcessedAccuracy", "PRECISE");
	else
		jsn_add_int64(query, "totalBytesBilled", job->billed);
	if (jsn_length(job->referenced) > 0)
		jsn_add_copy(query, "referencedTables", job->referenced);
	if (dry_run && job->columns)
		jsn_add(query, "schema", schema_json(job->columns));
	jsn_add(query, "cacheHit", json_object_new_boolean(job->cache_hit));
	return query;
}

static json_object *statistics(const struct bq_job *job, bool dry_run, bool done)
{
	json_object *object = json_object_new_object();

	jsn_add_int64(object, "creationTime", job->created_ms);
	if (!dry_run)
		jsn_add_int64(object, "startTime", job->created_ms);
	if (done && !dry_run)
		jsn_add_int64(object, "endTime", job->created_ms + 1);
	if (done || dry_run) {
		jsn_add_int64(object, "totalBytesProcessed", job->processed);
		jsn_add(object, "query", query_statistics(job, dry_run));
	}
	return object;
}

static json_object *status(const struct bq_job *job, bool done)
{
	json_object *object = json_object_new_object(), *errors = NULL;

	jsn_add_text(object, "state", done ? "DONE" : "RUNNING");
	if (!done || job->status == 0)
		return object;
	errors = json_object_new_array();
	json_object_array_add(errors, error_proto(job->reason, job->message));
	jsn_add(object, "errorResult", error_proto(job->reason, job->message));
	jsn_add(object, "errors", errors);
	return object;
}

static json_object *configuration(const struct bq_job *job, bool dry_run)
{
	json_object *object = json_object_new_object(), *query = json_object_new_object();

	jsn_add_text(query, "query", job->query);
	jsn_add(query, "useLegacySql", json_object_new_boolean(false));
	jsn_add_text(object, "jobType", "QUERY");
	jsn_add_copy(object, "labels", job->labels);
	if (dry_run)
		jsn_add(object, "dryRun", json_object_new_boolean(true));
	jsn_add(object, "query", query);
	return object;
}

json_object *bq_job_to_json(struct bq_job *job, bool dry_run)
{
	json_object *object = json_object_new_object();
	bool done = dry_run || bq_job_is_done(job, false);

	jsn_add_text(object, "kind", "bigquery#job");
	jsn_add(object, "configuration", configuration(job, dry_run));
	jsn_add(object, "jobReference", bq_job_reference(job, dry_run));
	jsn_add(object, "statistics", statistics(job, dry_run, done));
	jsn_add(object, "status", status(job, done));
	return object;
}
