/* bigquery_request - addresses and bodies of requests; see bigquery_private.h
 * https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/query */
#include "google/bigquery_private.h"

#include <string.h>

#define LABEL_APP "driftd"

void bigquery_reference_clear(struct bigquery_reference *reference)
{
	g_clear_pointer(&reference->project, g_free);
	g_clear_pointer(&reference->job, g_free);
	g_clear_pointer(&reference->location, g_free);
}

static GString *project_url(const char *endpoint, const char *project)
{
	GString *url = g_string_new(endpoint);

	g_string_append(url, "/bigquery/v2/projects/");
	g_string_append_uri_escaped(url, project, NULL, FALSE);
	return url;
}

static void add_parameter(GString *url, const char *name, const char *value)
{
	g_string_append_c(url, strchr(url->str, '?') ? '&' : '?');
	g_string_append(url, name);
	g_string_append_c(url, '=');
	g_string_append_uri_escaped(url, value, NULL, FALSE);
}

static void add_number(GString *url, const char *name, int64_t value)
{
	g_autofree char *text = g_strdup_printf("%" PRIi64, value);

	add_parameter(url, name, text);
}

/* ".../projects/P/KIND/JOB" and where it runs: compulsory outside the us and eu multi-regions. */
static GString *job_url(const struct bigquery_query *query,
			const struct bigquery_reference *reference, const char *kind)
{
	const char *project = reference->project ? reference->project : query->project;
	GString *url = project_url(query->endpoint, project);

	g_string_append_printf(url, "/%s/", kind);
	g_string_append_uri_escaped(url, reference->job, NULL, FALSE);
	return url;
}

static char *end_job_url(GString *url, const struct bigquery_query *query,
			 const struct bigquery_reference *reference)
{
	const char *location = reference->location ? reference->location : query->location;

	if (location)
		add_parameter(url, "location", location);
	add_parameter(url, "prettyPrint", "false");
	return g_string_free(url, FALSE);
}

char *bigquery_query_url(const struct bigquery_query *query)
{
	GString *url = project_url(query->endpoint, query->project);

	g_string_append(url, query->dry_run ? "/jobs" : "/queries");
	add_parameter(url, "prettyPrint", "false");
	return g_string_free(url, FALSE);
}

char *bigquery_results_url(const struct bigquery_query *query,
			   const struct bigquery_reference *reference, int64_t wait_ms,
			   const char *page_token)
{
	GString *url = job_url(query, reference, "queries");

	add_number(url, "maxResults", bigquery_page_rows(query));
	add_number(url, "timeoutMs", wait_ms);
	add_parameter(url, "formatOptions.useInt64Timestamp", "true");
	if (page_token)
		add_parameter(url, "pageToken", page_token);
	return end_job_url(url, query, reference);
}

char *bigquery_cancel_url(const struct bigquery_query *query,
			  const struct bigquery_reference *reference)
{
	GString *url = job_url(query, reference, "jobs");

	g_string_append(url, "/cancel");
	return end_job_url(url, query, reference);
}

char *bigquery_job_url(const struct bigquery_query *query,
		       const struct bigquery_reference *reference)
{
	return end_job_url(job_url(query, reference, "jobs"), query, reference);
}

int64_t bigquery_page_rows(const struct bigquery_query *query)
{
	return CLAMP(query->rows_max, 1, BIGQUERY_PAGE_ROWS);
}

/* Google's int64 is text. */
static void add_int64_text(json_object *object, const char *name, int64_t value)
{
	g_autofree char *text = g_strdup_printf("%" PRIi64, value);

	json_add_text(object, name, text);
}

static json_object *labels(void)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "app", LABEL_APP);
	return object;
}

/* jobs.query does not say what kind of statement it is, nor which tables it reads: jobs.insert
 * does. The cache would hide what the query costs without it. */
static json_object *dry_run_body(const struct bigquery_query *query)
{
	json_object *body = json_object_new_object();
	json_object *configuration = json_object_new_object();
	json_object *inner = json_object_new_object();
	json_object *reference = json_object_new_object();

	json_add_text(inner, "query", query->sql);
	json_add_bool(inner, "useLegacySql", false);
	json_add_bool(inner, "useQueryCache", false);
	json_add(configuration, "query", inner);
	json_add_bool(configuration, "dryRun", true);
	json_add(configuration, "labels", labels());
	json_add(body, "configuration", configuration);
	json_add_text(reference, "projectId", query->project);
	if (query->location)
		json_add_text(reference, "location", query->location);
	json_add(body, "jobReference", reference);
	return body;
}

static json_object *query_body(const struct bigquery_query *query, const char *request_id,
			       int64_t wait_ms, int64_t job_timeout_ms)
{
	json_object *body = json_object_new_object();
	json_object *format = json_object_new_object();

	json_add_text(body, "query", query->sql);
	json_add_bool(body, "useLegacySql", false);
	json_add_bool(body, "useQueryCache", true);
	if (query->location)
		json_add_text(body, "location", query->location);
	json_add_int(body, "maxResults", bigquery_page_rows(query));
	json_add_int(body, "timeoutMs", wait_ms);
	add_int64_text(body, "jobTimeoutMs", job_timeout_ms);
	add_int64_text(body, "maximumBytesBilled", query->max_bytes_billed);
	json_add_text(body, "requestId", request_id);
	json_add_bool(format, "useInt64Timestamp", true);
	json_add(body, "formatOptions", format);
	json_add(body, "labels", labels());
	return body;
}

char *bigquery_query_body(const struct bigquery_query *query, const char *request_id,
			  int64_t wait_ms, int64_t job_timeout_ms)
{
	json_object *body = query->dry_run ? dry_run_body(query)
					   : query_body(query, request_id, wait_ms, job_timeout_ms);
	char *text = json_to_text(body, NULL);

	json_object_put(body);
	return text;
}
