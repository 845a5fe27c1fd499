/* test_fakecloud_data - the stand-in BigQuery, Firestore and Storage keep the shapes of API-FACTS C, D and E. */
#include "tests/integration/harness.h"

#include <string.h>

Suite *fakecloud_data_suite(void);

#define PROJECT "/bigquery/v2/projects/acme-prod"
#define DOCUMENTS "/v1/projects/acme-prod/databases/(default)/documents"
#define NAMES "projects/acme-prod/databases/(default)/documents"

static struct world *world;

static void setup(void)
{
	world = world_create();
	cloud_put(world, "options", "{\"auth_required\":false}");
	cloud_table(
		world, "acme-prod.sales.orders",
		"{\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\",\"mode\":\"REQUIRED\"},"
		"{\"name\":\"loaded_at\",\"type\":\"TIMESTAMP\"}],\"rows\":[[1,\"2026-11-20T03:00:"
		"00.5Z\"]],"
		"\"lastModifiedTime\":1795143600123,\"numBytes\":20971521,\"clustering\":[\"id\"],"
		"\"partitioning\":{\"type\":\"DAY\",\"field\":\"loaded_at\"}}");
}

static void teardown(void)
{
	world_free(world);
}

static struct answer *call(const char *method, const char *path, const char *body)
{
	g_autofree char *url = g_strconcat(world->cloud, path, NULL);

	return http_call(method, url, NULL, body);
}

static struct answer *get(const char *path)
{
	return call("GET", path, NULL);
}

/** jobs.query; @p more are further members with a leading comma, or "". */
static struct answer *query(const char *sql, const char *more)
{
	g_autofree char *body =
		g_strdup_printf("{\"query\":\"%s\",\"useLegacySql\":false%s}", sql, more);

	return call("POST", PROJECT "/queries", body);
}

static void expect_error(const struct answer *answer, int status, const char *reason)
{
	ck_assert_msg(answer->status == status, "%d %s", answer->status, answer->body);
	ck_assert_msg(g_str_equal(json_text_at(answer->json, "error.errors.0.reason"), reason),
		      "%s", answer->body);
	ck_assert_int_eq(json_int_at(answer->json, "error.code"), status);
}

/* --- jobs.query --- */

START_TEST(an_answer_has_the_shape_of_a_query_response)
{
	g_autoptr(struct_answer) answer =
		query("SELECT id, loaded_at FROM sales.orders", ",\"labels\":{\"app\":\"driftd\"}");

	ck_assert_msg(answer->status == 200, "%s", answer->body);
	ck_assert_str_eq(json_text_at(answer->json, "kind"), "bigquery#queryResponse");
	ck_assert_str_eq(json_text_at(answer->json, "jobComplete"), "true");
	ck_assert_str_eq(json_text_at(answer->json, "jobReference.projectId"), "acme-prod");
	ck_assert_str_eq(json_text_at(answer->json, "jobReference.location"), "US");
	ck_assert(*json_text_at(answer->json, "jobReference.jobId"));
	/* int64 are texts, an absent page token ends */
	ck_assert(json_object_is_type(json_at(answer->json, "totalRows"), json_type_string));
	ck_assert_str_eq(json_text_at(answer->json, "totalBytesProcessed"), "20971521");
	ck_assert_str_eq(json_text_at(answer->json, "totalBytesBilled"), "22020096");
	ck_assert_str_eq(json_text_at(answer->json, "cacheHit"), "false");
	ck_assert_ptr_null(json_at(answer->json, "pageToken"));
	/* a result's columns are never required; a timestamp is seconds with an exponent unless asked for */
	ck_assert_str_eq(json_text_at(answer->json, "schema.fields.0.mode"), "NULLABLE");
	ck_assert_str_eq(json_text_at(answer->json, "rows.0.f.1.v"), "1.7951436005E9");
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 1);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), 22020096);
	ck_assert_int_eq(cloud_bigquery(world, "unlabelled"), 0);
	ck_assert_int_eq(cloud_bigquery(world, "uncapped"), 1);
	ck_assert_int_eq(cloud_bigquery(world, "writes"), 0);
}
END_TEST

START_TEST(legacy_sql_is_the_default_and_refused)
{
	g_autoptr(struct_answer) silent =
		call("POST", PROJECT "/queries", "{\"query\":\"SELECT 1\"}");
	g_autoptr(struct_answer) asked =
		call("POST", PROJECT "/queries", "{\"query\":\"SELECT 1\",\"useLegacySql\":true}");

	expect_error(silent, 400, "invalidQuery");
	expect_error(asked, 400, "invalidQuery");
	ck_assert_int_eq(cloud_bigquery(world, "legacy"), 2);
}
END_TEST

START_TEST(a_query_above_its_cap_fails_and_costs_nothing)
{
	g_autoptr(struct_answer) below =
		query("SELECT id FROM sales.orders", ",\"maximumBytesBilled\":\"22020095\"");
	g_autoptr(struct_answer) enough = NULL;

	expect_error(below, 400, "bytesBilledLimitExceeded");
	ck_assert_ptr_nonnull(strstr(below->body, "22020096 or higher required"));
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), 0);
	enough = query("SELECT id FROM sales.orders", ",\"maximumBytesBilled\":\"22020096\"");
	ck_assert_int_eq(enough->status, 200);
}
END_TEST

START_TEST(a_small_table_is_billed_ten_mebibytes_and_metadata_too)
{
	g_autoptr(struct_answer) answer = NULL;

	cloud_table(world, "acme-prod.sales.tiny",
		    "{\"schema\":[{\"name\":\"x\",\"type\":\"INTEGER\"}],\"numBytes\":1}");
	answer = query("SELECT (SELECT COUNT(*) FROM sales.tiny), (SELECT COUNT(*) FROM "
		       "sales.INFORMATION_SCHEMA.TABLES), (SELECT MAX(x) FROM sales.tiny)",
		       "");
	ck_assert_str_eq(json_text_at(answer->json, "totalBytesBilled"), "20971520");
}
END_TEST

START_TEST(a_dry_run_costs_nothing_and_has_no_job)
{
	g_autoptr(struct_answer) answer = query("SELECT id FROM sales.orders", ",\"dryRun\":true");

	ck_assert_int_eq(answer->status, 200);
	ck_assert_str_eq(json_text_at(answer->json, "totalBytesProcessed"), "20971521");
	ck_assert_str_eq(json_text_at(answer->json, "schema.fields.0.type"), "INTEGER");
	ck_assert_ptr_null(json_at(answer->json, "jobReference.jobId"));
	ck_assert_ptr_null(json_at(answer->json, "rows"));
	ck_assert_int_eq(cloud_bigquery(world, "dry_runs"), 1);
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 0);
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), 0);
}
END_TEST

START_TEST(a_request_id_runs_once)
{
	g_autoptr(struct_answer) first = query("SELECT 1", ",\"requestId\":\"a-1\"");
	g_autoptr(struct_answer) again = query("SELECT 1", ",\"requestId\":\"a-1\"");
	g_autoptr(struct_answer) other = query("SELECT 1", ",\"requestId\":\"a-2\"");

	ck_assert_str_eq(json_text_at(first->json, "jobReference.jobId"),
			 json_text_at(again->json, "jobReference.jobId"));
	ck_assert_str_ne(json_text_at(first->json, "jobReference.jobId"),
			 json_text_at(other->json, "jobReference.jobId"));
	ck_assert_int_eq(cloud_bigquery(world, "queries"), 2);
	ck_assert_int_eq(cloud_bigquery(world, "repeated"), 1);
}
END_TEST

START_TEST(parameters_are_text_of_their_type)
{
	g_autoptr(struct_answer) answer =
		query("SELECT @n + 1, @d = DATE '2026-11-19'",
		      ",\"parameterMode\":\"NAMED\",\"queryParameters\":[{\"name\":\"n\","
		      "\"parameterType\":{\"type\":"
		      "\"INT64\"},\"parameterValue\":{\"value\":\"41\"}},{\"name\":\"d\","
		      "\"parameterType\":{\"type\":"
		      "\"DATE\"},\"parameterValue\":{\"value\":\"2026-11-19\"}}]");
	g_autoptr(struct_answer) missing = query("SELECT @n", "");

	ck_assert_msg(answer->status == 200, "%s", answer->body);
	ck_assert_str_eq(json_text_at(answer->json, "rows.0.f.0.v"), "42");
	ck_assert_str_eq(json_text_at(answer->json, "rows.0.f.1.v"), "true");
	expect_error(missing, 400, "invalidQuery");
}
END_TEST

/* --- places --- */

START_TEST(a_query_runs_where_its_data_is)
{
	g_autoptr(struct_answer) found = NULL, wrong = NULL, both = NULL;

	cloud_table(
		world, "acme-prod.far.t",
		"{\"location\":\"asia-east1\",\"schema\":[{\"name\":\"x\",\"type\":\"INTEGER\"}]}");
	found = query("SELECT COUNT(*) FROM far.t", "");
	ck_assert_str_eq(json_text_at(found->json, "jobReference.location"), "asia-east1");
	wrong = query("SELECT COUNT(*) FROM far.t", ",\"location\":\"EU\"");
	expect_error(wrong, 404, "notFound");
	ck_assert_ptr_nonnull(strstr(wrong->body, "was not found in location EU"));
	both = query("SELECT COUNT(*) FROM far.t, sales.orders", "");
	expect_error(both, 404, "notFound");
}
END_TEST

static char *results_path(const struct answer *answer, const char *parameters)
{
	return g_strdup_printf(PROJECT "/queries/%s?%s",
			       json_text_at(answer->json, "jobReference.jobId"), parameters);
}

START_TEST(a_job_is_found_by_those_who_know_where_it_is)
{
	g_autoptr(struct_answer) far = NULL, near = query("SELECT 1", "");
	g_autoptr(struct_answer) blind = NULL, seen = NULL, default_place = NULL, wrong = NULL;
	g_autofree char *wrong_path = NULL;
	g_autofree char *blind_path = NULL, *seen_path = NULL, *near_path = results_path(near, "");

	cloud_table(
		world, "acme-prod.far.t",
		"{\"location\":\"asia-east1\",\"schema\":[{\"name\":\"x\",\"type\":\"INTEGER\"}]}");
	far = query("SELECT COUNT(*) FROM far.t", "");
	blind_path = results_path(far, "");
	seen_path = results_path(far, "location=asia-east1");
	blind = get(blind_path);
	expect_error(blind, 404, "notFound");
	seen = get(seen_path);
	ck_assert_int_eq(seen->status, 200);
	ck_assert_str_eq(json_text_at(seen->json, "kind"), "bigquery#getQueryResultsResponse");
	default_place = get(near_path);
	ck_assert_int_eq(default_place->status, 200);
	wrong_path = results_path(far, "location=EU");
	wrong = get(wrong_path);
	expect_error(wrong, 404, "notFound");
}
END_TEST

/* --- pages, slow jobs --- */

#define MANY "SELECT n, TIMESTAMP_SECONDS(n) AS t FROM UNNEST(GENERATE_ARRAY(1, 5)) AS n"

START_TEST(rows_come_in_pages)
{
	g_autoptr(struct_answer) first = query(MANY, ",\"maxResults\":2");
	g_autofree char *more =
		g_strdup_printf("maxResults=2&formatOptions.useInt64Timestamp=true&pageToken=%s",
				json_text_at(first->json, "pageToken"));
	g_autofree char *path = results_path(first, more), *last_path = NULL, *last_more = NULL;
	g_autoptr(struct_answer) second = NULL, last = NULL, wrong = NULL;
	g_autofree char *wrong_path = results_path(first, "pageToken=mine");

	ck_assert_uint_eq(json_object_array_length(json_at(first->json, "rows")), 2);
	ck_assert_str_eq(json_text_at(first->json, "totalRows"), "5");
	second = get(path);
	ck_assert_str_eq(json_text_at(second->json, "rows.0.f.0.v"), "3");
	ck_assert_str_eq(json_text_at(second->json, "rows.0.f.1.v"), "3000000");
	ck_assert_str_eq(json_text_at(second->json, "schema.fields.1.type"), "TIMESTAMP");
	last_more = g_strdup_printf("maxResults=2&pageToken=%s",
				    json_text_at(second->json, "pageToken"));
	last_path = results_path(first, last_more);
	last = get(last_path);
	ck_assert_uint_eq(json_object_array_length(json_at(last->json, "rows")), 1);
	ck_assert_str_eq(json_text_at(last->json, "rows.0.f.1.v"), "5.0E0");
	ck_assert_ptr_null(json_at(last->json, "pageToken"));
	wrong = get(wrong_path);
	expect_error(wrong, 400, "invalid");
	cloud_put(world, "options", "{\"bigquery_page_rows\":1}");
	answer_free(g_steal_pointer(&first));
	first = query(MANY, ",\"maxResults\":4");
	ck_assert_uint_eq(json_object_array_length(json_at(first->json, "rows")), 1);
}
END_TEST

START_TEST(pages_never_end_when_told_so)
{
	g_autoptr(struct_answer) answer = NULL, again = NULL, tables = NULL;
	g_autofree char *path = NULL, *more = NULL;

	cloud_fault(world, "{\"api\":\"bigquery\",\"kind\":\"endless_pages\"}");
	answer = query("SELECT 1", "");
	more = g_strdup_printf("pageToken=%s", json_text_at(answer->json, "pageToken"));
	path = results_path(answer, more);
	again = get(path);
	ck_assert_int_eq(again->status, 200);
	ck_assert(*json_text_at(again->json, "pageToken"));
	ck_assert_uint_eq(json_object_array_length(json_at(again->json, "rows")), 1);
	tables = get(PROJECT "/datasets/sales/tables");
	ck_assert(g_str_has_prefix(json_text_at(tables->json, "nextPageToken"), "endless-"));
}
END_TEST

START_TEST(a_slow_job_is_asked_for_until_it_is_done)
{
	g_autoptr(struct_answer) first = NULL, second = NULL, third = NULL, job = NULL;
	g_autofree char *path = NULL, *job_path = NULL;

	cloud_jobrule(world, "{\"query\":\"slow\",\"polls\":2}");
	first = query("SELECT 'slow'", "");
	ck_assert_str_eq(json_text_at(first->json, "jobComplete"), "false");
	ck_assert_ptr_null(json_at(first->json, "schema"));
	ck_assert_ptr_null(json_at(first->json, "totalRows"));
	ck_assert_int_eq(cloud_bigquery(world, "running"), 1);
	path = results_path(first, "");
	job_path = g_strdup_printf(PROJECT "/jobs/%s",
				   json_text_at(first->json, "jobReference.jobId"));
	job = get(job_path);
	ck_assert_str_eq(json_text_at(job->json, "status.state"), "RUNNING");
	second = get(path);
	ck_assert_str_eq(json_text_at(second->json, "jobComplete"), "false");
	third = get(path);
	ck_assert_str_eq(json_text_at(third->json, "jobComplete"), "true");
	ck_assert_str_eq(json_text_at(third->json, "rows.0.f.0.v"), "slow");
	ck_assert_int_eq(cloud_bigquery(world, "running"), 0);
}
END_TEST

START_TEST(the_server_waits_as_long_as_it_is_asked_to)
{
	g_autoptr(struct_answer) early = NULL, late = NULL;

	cloud_jobrule(world, "{\"query\":\"slow\",\"wait_ms\":150}");
	early = query("SELECT 'slow'", ",\"timeoutMs\":1");
	ck_assert_str_eq(json_text_at(early->json, "jobComplete"), "false");
	late = query("SELECT 'slow'", ",\"timeoutMs\":20000");
	ck_assert_str_eq(json_text_at(late->json, "jobComplete"), "true");
}
END_TEST

START_TEST(a_job_that_never_ends_can_be_cancelled)
{
	g_autoptr(struct_answer) start = NULL, cancel = NULL, job = NULL, results = NULL;
	g_autofree char *path = NULL, *cancel_path = NULL, *job_path = NULL;

	cloud_jobrule(world, "{\"query\":\"for ever\",\"never\":true}");
	start = query("SELECT 'for ever'", ",\"timeoutMs\":1");
	job_path = g_strdup_printf(PROJECT "/jobs/%s",
				   json_text_at(start->json, "jobReference.jobId"));
	cancel_path = g_strconcat(job_path, "/cancel?location=US", NULL);
	path = results_path(start, "timeoutMs=1");
	cancel = call("POST", cancel_path, "");
	ck_assert_str_eq(json_text_at(cancel->json, "kind"), "bigquery#jobCancelResponse");
	job = get(job_path);
	ck_assert_str_eq(json_text_at(job->json, "status.state"), "DONE");
	ck_assert_str_eq(json_text_at(job->json, "status.errorResult.reason"), "stopped");
	results = get(path);
	expect_error(results, 499, "stopped");
	ck_assert_int_eq(cloud_bigquery(world, "cancels"), 1);
	ck_assert_int_eq(cloud_bigquery(world, "running"), 0);
}
END_TEST

START_TEST(a_job_fails_as_often_as_its_rule_says)
{
	g_autoptr(struct_answer) first = NULL, second = NULL;

	cloud_jobrule(world, "{\"query\":\"orders\",\"reason\":\"rateLimitExceeded\",\"status\":"
			     "403,\"count\":1}");
	first = query("SELECT COUNT(*) FROM sales.orders", "");
	expect_error(first, 403, "rateLimitExceeded");
	second = query("SELECT COUNT(*) FROM sales.orders", "");
	ck_assert_int_eq(second->status, 200);
}
END_TEST

START_TEST(a_good_job_may_carry_a_warning)
{
	g_autoptr(struct_answer) answer = NULL;

	cloud_jobrule(world, "{\"warning\":\"Slots ran short\",\"cache_hit\":true}");
	answer = query("SELECT COUNT(*) FROM sales.orders", "");
	ck_assert_int_eq(answer->status, 200);
	ck_assert_str_eq(json_text_at(answer->json, "errors.0.message"), "Slots ran short");
	ck_assert_str_eq(json_text_at(answer->json, "cacheHit"), "true");
	ck_assert_str_eq(json_text_at(answer->json, "totalBytesBilled"), "0");
}
END_TEST

/* --- jobs.insert --- */

static const struct {
	const char *sql, *type;
} statements[] = {
	{"SELECT 1", "SELECT"},
	{"WITH a AS (SELECT 1 AS x) SELECT x FROM a;", "SELECT"},
	{"INSERT INTO sales.orders (id) VALUES (3)", "INSERT"},
	{"UPDATE sales.orders SET id = 1 WHERE TRUE", "UPDATE"},
	{"DELETE FROM sales.orders WHERE TRUE", "DELETE"},
	{"MERGE sales.orders USING x ON FALSE WHEN NOT MATCHED THEN INSERT ROW", "MERGE"},
	{"CREATE OR REPLACE TABLE sales.x (a INT64)", "CREATE_TABLE"},
	{"CREATE TABLE sales.x AS SELECT 1 AS a", "CREATE_TABLE_AS_SELECT"},
	{"CREATE VIEW sales.v AS SELECT 1 AS a", "CREATE_VIEW"},
	{"DROP TABLE sales.orders", "DROP_TABLE"},
	{"TRUNCATE TABLE sales.orders", "TRUNCATE_TABLE"},
	{"ALTER TABLE sales.orders ADD COLUMN x INT64", "ALTER_TABLE"},
	{"CALL sales.p()", "CALL"},
	{"SELECT 1; SELECT 2", "SCRIPT"},
	{"DECLARE x INT64", "SCRIPT"},
};

START_TEST(a_dry_run_tells_what_a_statement_is)
{
	g_autofree char *body =
		g_strdup_printf("{\"configuration\":{\"dryRun\":true,\"query\":{\"query\":\"%s\","
				"\"useLegacySql\":false}}}",
				statements[_i].sql);
	g_autoptr(struct_answer) answer = call("POST", PROJECT "/jobs", body);

	ck_assert_msg(answer->status == 200, "%s: %s", statements[_i].sql, answer->body);
	ck_assert_str_eq(json_text_at(answer->json, "statistics.query.statementType"),
			 statements[_i].type);
	ck_assert_str_eq(json_text_at(answer->json, "status.state"), "DONE");
	ck_assert_int_eq(cloud_bigquery(world, "writes"), 0);
}
END_TEST

START_TEST(a_write_that_runs_is_counted)
{
	g_autoptr(struct_answer) answer = query("DELETE FROM sales.orders WHERE TRUE", "");

	ck_assert_int_eq(answer->status, 200);
	ck_assert_int_eq(cloud_bigquery(world, "writes"), 1);
}
END_TEST

START_TEST(a_dry_run_tells_what_is_read)
{
	g_autoptr(struct_answer) answer =
		call("POST", PROJECT "/jobs",
		     "{\"configuration\":{\"dryRun\":true,\"labels\":{\"app\":\"driftd\"},"
		     "\"query\":{\"query\":\"SELECT id "
		     "FROM sales.orders WHERE id IN (SELECT COUNT(*) FROM "
		     "sales.INFORMATION_SCHEMA.TABLES)\","
		     "\"useLegacySql\":false}},\"jobReference\":{\"projectId\":\"acme-prod\","
		     "\"location\":\"US\"}}");
	g_autoptr(struct_answer) wrong = call("POST", PROJECT "/jobs",
					      "{\"configuration\":{\"dryRun\":true,\"query\":{"
					      "\"query\":\"SELECT foo FROM sales.orders\","
					      "\"useLegacySql\":false}}}");

	ck_assert_msg(answer->status == 200, "%s", answer->body);
	ck_assert_str_eq(json_text_at(answer->json, "statistics.totalBytesProcessed"), "31457281");
	ck_assert_str_eq(json_text_at(answer->json, "statistics.query.referencedTables.0.tableId"),
			 "orders");
	ck_assert_str_eq(json_text_at(answer->json, "statistics.query.referencedTables.1.tableId"),
			 "INFORMATION_SCHEMA.TABLES");
	ck_assert_str_eq(json_text_at(answer->json, "statistics.query.schema.fields.0.name"), "id");
	ck_assert_ptr_null(json_at(answer->json, "jobReference.jobId"));
	expect_error(wrong, 400, "invalidQuery");
	ck_assert_str_eq(json_text_at(wrong->json, "error.errors.0.location"), "q");
}
END_TEST

START_TEST(an_inserted_job_fails_in_its_status)
{
	g_autoptr(struct_answer) answer = call("POST", PROJECT "/jobs",
					       "{\"configuration\":{\"query\":{\"query\":\"SELECT "
					       "foo FROM sales.orders\",\"useLegacySql\":false}}}");

	ck_assert_int_eq(answer->status, 200);
	ck_assert_str_eq(json_text_at(answer->json, "status.state"), "DONE");
	ck_assert_str_eq(json_text_at(answer->json, "status.errorResult.reason"), "invalidQuery");
}
END_TEST

/* --- tables --- */

START_TEST(a_table_has_the_shape_of_v2)
{
	g_autoptr(struct_answer) table = NULL, basic = NULL, masked = NULL;

	cloud_table(world, "acme-prod.sales.live",
		    "{\"schema\":[{\"name\":\"t\",\"type\":\"TIMESTAMP\"}],"
		    "\"requirePartitionFilter\":true,"
		    "\"partitioning\":{\"type\":\"HOUR\"},\"lastModifiedTime\":1795143600123,"
		    "\"streamingBuffer\":{\"estimatedRows\":7,\"oldestEntryTime\":1795143000000}}");
	table = get(PROJECT "/datasets/sales/tables/live");
	ck_assert_str_eq(json_text_at(table->json, "type"), "TABLE");
	ck_assert(json_object_is_type(json_at(table->json, "lastModifiedTime"), json_type_string));
	ck_assert_str_eq(json_text_at(table->json, "lastModifiedTime"), "1795143600123");
	ck_assert_str_eq(json_text_at(table->json, "numRows"), "0");
	ck_assert_str_eq(json_text_at(table->json, "streamingBuffer.oldestEntryTime"),
			 "1795143000000");
	ck_assert_str_eq(json_text_at(table->json, "timePartitioning.type"), "HOUR");
	ck_assert_ptr_null(json_at(table->json, "timePartitioning.field"));
	ck_assert_str_eq(json_text_at(table->json, "requirePartitionFilter"), "true");
	ck_assert_str_eq(json_text_at(table->json, "location"), "US");
	/* pseudo columns are in no schema */
	ck_assert_uint_eq(json_object_array_length(json_at(table->json, "schema.fields")), 1);
	basic = get(PROJECT "/datasets/sales/tables/live?view=BASIC");
	ck_assert_ptr_null(json_at(basic->json, "lastModifiedTime"));
	masked = get(PROJECT "/datasets/sales/tables/live?fields=type,schema(fields(name)),"
			     "streamingBuffer%2FestimatedRows");
	ck_assert_int_eq(json_object_object_length(masked->json), 3);
	ck_assert_str_eq(json_text_at(masked->json, "schema.fields.0.name"), "t");
	ck_assert_ptr_null(json_at(masked->json, "schema.fields.0.type"));
	ck_assert_str_eq(json_text_at(masked->json, "streamingBuffer.estimatedRows"), "7");
	ck_assert_ptr_null(json_at(masked->json, "streamingBuffer.oldestEntryTime"));
	ck_assert_int_eq(cloud_calls(world, "bigquery.tables.get"), 3);
}
END_TEST

START_TEST(a_view_and_an_external_table_count_no_rows)
{
	g_autoptr(struct_answer) view = NULL, external = NULL;

	cloud_table(world, "acme-prod.sales.v", "{\"view\":\"SELECT 1 AS a\"}");
	cloud_table(world, "acme-prod.sales.e", "{\"type\":\"EXTERNAL\"}");
	view = get(PROJECT "/datasets/sales/tables/v");
	ck_assert_str_eq(json_text_at(view->json, "type"), "VIEW");
	ck_assert_str_eq(json_text_at(view->json, "view.query"), "SELECT 1 AS a");
	ck_assert_ptr_null(json_at(view->json, "numRows"));
	external = get(PROJECT "/datasets/sales/tables/e");
	ck_assert_ptr_null(json_at(external->json, "numRows"));
}
END_TEST

START_TEST(what_is_missing_is_404)
{
	g_autoptr(struct_answer) table = get(PROJECT "/datasets/sales/tables/nothing");
	g_autoptr(struct_answer) dataset = get(PROJECT "/datasets/nothing/tables/at_all");
	g_autoptr(struct_answer) list = get(PROJECT "/datasets/nothing/tables");
	g_autoptr(struct_answer) found = get(PROJECT "/datasets/sales?fields=location");

	expect_error(table, 404, "notFound");
	ck_assert_str_eq(json_text_at(table->json, "error.message"),
			 "Not found: Table acme-prod:sales.nothing");
	expect_error(dataset, 404, "notFound");
	ck_assert_str_eq(json_text_at(dataset->json, "error.message"),
			 "Not found: Dataset acme-prod:nothing");
	expect_error(list, 404, "notFound");
	ck_assert_str_eq(json_text_at(found->json, "location"), "US");
	ck_assert_int_eq(json_object_object_length(found->json), 1);
}
END_TEST

START_TEST(a_list_of_tables_tells_little)
{
	g_autoptr(struct_answer) first = NULL, second = NULL;
	g_autofree char *path = NULL;

	cloud_table(world, "acme-prod.sales.b", "{}");
	first = get(PROJECT "/datasets/sales/tables?maxResults=1");
	ck_assert_str_eq(json_text_at(first->json, "tables.0.tableReference.tableId"), "b");
	ck_assert_int_eq(json_int_at(first->json, "totalItems"), 2);
	path = g_strdup_printf(PROJECT "/datasets/sales/tables?maxResults=1&pageToken=%s",
			       json_text_at(first->json, "nextPageToken"));
	second = get(path);
	ck_assert_str_eq(json_text_at(second->json, "tables.0.tableReference.tableId"), "orders");
	ck_assert_str_eq(json_text_at(second->json, "tables.0.clustering.fields.0"), "id");
	ck_assert_ptr_null(json_at(second->json, "tables.0.lastModifiedTime"));
	ck_assert_ptr_null(json_at(second->json, "tables.0.schema"));
	ck_assert_ptr_null(json_at(second->json, "nextPageToken"));
}
END_TEST

START_TEST(many_tables_are_made_at_once)
{
	g_autoptr(struct_answer) answer = NULL;

	answer_free(cloud_control(world, "POST", "bulk", "{\"tables\":1000,\"datasets\":10}"));
	answer = query("SELECT COUNT(*) FROM bench_03.__TABLES__", "");
	ck_assert_str_eq(json_text_at(answer->json, "rows.0.f.0.v"), "100");
	answer_free(g_steal_pointer(&answer));
	answer = query("SELECT loaded_at < CURRENT_TIMESTAMP() FROM bench_03.t_000013", "");
	ck_assert_str_eq(json_text_at(answer->json, "rows.0.f.0.v"), "true");
}
END_TEST

START_TEST(a_spec_that_is_none_is_refused)
{
	g_autofree char *url = g_strconcat(world->cloud, "/_control/bigquery/p/d/t", NULL);
	g_autoptr(struct_answer) type =
		http_call("PUT", url, NULL, "{\"schema\":[{\"name\":\"a\",\"type\":\"WHAT\"}]}");
	g_autoptr(struct_answer) row = http_call(
		"PUT", url, NULL,
		"{\"schema\":[{\"name\":\"a\",\"type\":\"DATE\"}],\"rows\":[[\"soon\"]]}");

	ck_assert_int_eq(type->status, 400);
	ck_assert_int_eq(row->status, 400);
	ck_assert_str_eq(json_text_at(row->json, "problem"), "\"soon\" is no DATE for column a");
}
END_TEST

/* --- Firestore --- */

START_TEST(a_document_is_made_of_values)
{
	g_autoptr(struct_answer) document = NULL;

	cloud_document(
		world, "phase3/2026-11-19",
		"{\"_mode\":\"same_day\",\"n\":42,\"x\":1.5,\"ok\":true,\"none\":null,\"list\":[1],"
		"\"empty\":[],"
		"\"bare\":{},\"a\":{\"status\":\"success\"},\"at\":{\"$timestamp\":\"2026-11-20T03:"
		"00:00Z\"},"
		"\"raw\":{\"$value\":{\"geoPointValue\":{\"latitude\":1,\"longitude\":2}}}}");
	document = get(DOCUMENTS "/phase3/2026-11-19");
	ck_assert_str_eq(json_text_at(document->json, "name"), NAMES "/phase3/2026-11-19");
	ck_assert(*json_text_at(document->json, "updateTime"));
	ck_assert(json_object_is_type(json_at(document->json, "fields.n.integerValue"),
				      json_type_string));
	ck_assert_str_eq(json_text_at(document->json, "fields._mode.stringValue"), "same_day");
	ck_assert_str_eq(json_text_at(document->json, "fields.x.doubleValue"), "1.5");
	ck_assert_str_eq(json_text_at(document->json, "fields.ok.booleanValue"), "true");
	ck_assert(json_object_object_get_ex(json_at(document->json, "fields.none"), "nullValue",
					    NULL));
	ck_assert_str_eq(
		json_text_at(document->json, "fields.list.arrayValue.values.0.integerValue"), "1");
	ck_assert_ptr_null(json_at(document->json, "fields.empty.arrayValue.values"));
	ck_assert_ptr_nonnull(json_at(document->json, "fields.bare.mapValue"));
	ck_assert_ptr_null(json_at(document->json, "fields.bare.mapValue.fields"));
	ck_assert_str_eq(
		json_text_at(document->json, "fields.a.mapValue.fields.status.stringValue"),
		"success");
	ck_assert_str_eq(json_text_at(document->json, "fields.at.timestampValue"),
			 "2026-11-20T03:00:00Z");
	ck_assert_int_eq(json_int_at(document->json, "fields.raw.geoPointValue.longitude"), 2);
}
END_TEST

START_TEST(a_mask_keeps_what_it_names)
{
	g_autoptr(struct_answer) document = NULL;

	cloud_document(world, "c/d", "{\"a\":{\"b\":1,\"c\":2},\"x y\":3,\"z\":4}");
	document = get(DOCUMENTS "/c/d?mask.fieldPaths=a.b&mask.fieldPaths=%60x%20y%60");
	ck_assert_int_eq(json_object_object_length(json_at(document->json, "fields")), 2);
	ck_assert_str_eq(json_text_at(document->json, "fields.a.mapValue.fields.b.integerValue"),
			 "1");
	ck_assert_ptr_null(json_at(document->json, "fields.a.mapValue.fields.c"));
	ck_assert_str_eq(json_text_at(document->json, "fields.x y.integerValue"), "3");
}
END_TEST

START_TEST(batch_get_answers_an_array)
{
	g_autoptr(struct_answer) answer = NULL;
	int found = 0, missing = 0;

	cloud_document(world, "c/d", "{}");
	answer = call("POST", DOCUMENTS ":batchGet",
		      "{\"documents\":[\"" NAMES "/c/d\",\"" NAMES "/c/e\",\"" NAMES "/c/d\"]}");
	ck_assert_msg(answer->status == 200, "%s", answer->body);
	ck_assert_uint_eq(json_object_array_length(answer->json), 2);
	for (size_t i = 0; i < 2; i++) {
		json_object *element = json_object_array_get_idx(answer->json, i);

		found += g_str_equal(json_text_at(element, "found.name"), NAMES "/c/d");
		missing += g_str_equal(json_text_at(element, "missing"), NAMES "/c/e");
		ck_assert(*json_text_at(element, "readTime"));
		ck_assert_ptr_null(json_at(element, "found.fields")); /* empty: left out */
	}
	ck_assert_int_eq(found + missing, 2);
	ck_assert_int_eq(found, 1);
}
END_TEST

START_TEST(errors_of_a_streamed_call_come_in_an_array)
{
	static const char body[] = "{\"documents\":[\"" NAMES "/c/d\"]}";
	g_autoptr(struct_answer) denied = NULL, mode = NULL, plain = NULL, unknown = NULL;

	cloud_fault(world, "{\"api\":\"firestore\",\"kind\":\"denied\",\"count\":1}");
	denied = call("POST", DOCUMENTS ":batchGet", body);
	ck_assert_int_eq(denied->status, 403);
	ck_assert_str_eq(json_text_at(denied->json, "0.error.status"), "PERMISSION_DENIED");
	cloud_put(world, "options", "{\"datastore_mode\":true}");
	mode = call("POST", DOCUMENTS ":batchGet", body);
	ck_assert_int_eq(mode->status, 400);
	ck_assert_str_eq(json_text_at(mode->json, "0.error.status"), "FAILED_PRECONDITION");
	ck_assert_ptr_nonnull(strstr(mode->body, "Datastore Mode"));
	plain = get(DOCUMENTS "/c/d");
	ck_assert_str_eq(json_text_at(plain->json, "error.status"), "FAILED_PRECONDITION");
	cloud_put(world, "options", "{\"datastore_mode\":false}");
	unknown = get("/v1/projects/acme-prod/databases/other/documents/c/d");
	ck_assert_int_eq(unknown->status, 404);
	ck_assert_ptr_nonnull(strstr(unknown->body, "The database other does not exist"));
}
END_TEST

START_TEST(a_document_that_is_missing_is_404)
{
	g_autoptr(struct_answer) answer = get(DOCUMENTS "/c/d");

	ck_assert_int_eq(answer->status, 404);
	ck_assert_str_eq(json_text_at(answer->json, "error.status"), "NOT_FOUND");
}
END_TEST

/* --- Storage --- */

START_TEST(folders_are_prefixes)
{
	g_autoptr(struct_answer) list = NULL, below = NULL, range = NULL;

	cloud_object(world, "backups", "2026-11-19_060000/data.gz", "now-26h", "x");
	cloud_object(world, "backups", "2026-11-20_060000/data.gz", "now-2h", "x");
	cloud_object(world, "backups", "2026-11-20_060000/metadata.json", "now-2h", "{}");
	cloud_object(world, "backups", "readme", NULL, "hello");
	list = get("/storage/v1/b/backups/o?delimiter=%2F");
	ck_assert_uint_eq(json_object_array_length(json_at(list->json, "prefixes")), 2);
	ck_assert_str_eq(json_text_at(list->json, "prefixes.1"), "2026-11-20_060000/");
	ck_assert_str_eq(json_text_at(list->json, "items.0.name"), "readme");
	ck_assert_str_eq(json_text_at(list->json, "items.0.size"), "5");
	ck_assert_str_eq(json_text_at(list->json, "items.0.timeCreated"),
			 "2026-11-19T21:14:03.551Z");
	below = get("/storage/v1/b/backups/o?prefix=2026-11-20_060000%2F&delimiter=%2F"
		    "&fields=items(name%2Csize)%2CnextPageToken");
	ck_assert_uint_eq(json_object_array_length(json_at(below->json, "items")), 2);
	ck_assert_int_eq(json_object_object_length(json_at(below->json, "items.0")), 2);
	ck_assert_ptr_null(json_at(below->json, "prefixes"));
	ck_assert_ptr_null(json_at(below->json, "kind"));
	range = get("/storage/v1/b/backups/o?startOffset=2026-11-20&endOffset=r");
	ck_assert_uint_eq(json_object_array_length(json_at(range->json, "items")), 2);
}
END_TEST

START_TEST(objects_come_in_pages)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *token = g_strdup("");
	int pages = 0;

	cloud_object(world, "b", "1/a", NULL, "x");
	cloud_object(world, "b", "1/b", NULL, "x");
	cloud_object(world, "b", "2/a", NULL, "x");
	cloud_object(world, "b", "3", NULL, "x");
	do {
		g_autofree char *escaped = g_uri_escape_string(token, NULL, FALSE);
		g_autofree char *path =
			g_strdup_printf("/storage/v1/b/b/o?delimiter=%%2F&maxResults=1%s%s",
					*token ? "&pageToken=" : "", escaped);
		g_autoptr(struct_answer) answer = get(path);
		const char *name = json_text_at(answer->json, "prefixes.0");

		ck_assert_int_eq(answer->status, 200);
		name = *name ? name : json_text_at(answer->json, "items.0.name");
		ck_assert_msg(g_hash_table_add(seen, g_strdup(name)), "%s comes twice", name);
		g_free(token);
		token = g_strdup(json_text_at(answer->json, "nextPageToken"));
		pages++;
	} while (*token && pages < 10);
	ck_assert_int_eq(pages, 3);
	ck_assert(g_hash_table_contains(seen, "1/") && g_hash_table_contains(seen, "2/") &&
		  g_hash_table_contains(seen, "3"));
}
END_TEST

START_TEST(a_generation_pins_the_content)
{
	g_autoptr(struct_answer) before = NULL, pinned = NULL, gone = NULL, same = NULL,
				 other = NULL;
	g_autofree char *path = NULL, *same_path = NULL, *other_path = NULL;
	const char *generation = NULL;

	cloud_object(world, "b", "o", NULL, "one");
	before = get("/storage/v1/b/b/o/o");
	generation = json_text_at(before->json, "generation");
	path = g_strdup_printf("/storage/v1/b/b/o/o?alt=media&generation=%s", generation);
	same_path = g_strdup_printf("/storage/v1/b/b/o/o?alt=media&ifGenerationNotMatch=%s",
				    generation);
	other_path =
		g_strdup_printf("/storage/v1/b/b/o/o?alt=media&ifGenerationMatch=1%s", generation);
	pinned = get(path);
	ck_assert_str_eq(pinned->body, "one");
	same = get(same_path);
	ck_assert_int_eq(same->status, 304);
	other = get(other_path);
	ck_assert_int_eq(other->status, 412);
	cloud_object(world, "b", "o", NULL, "two");
	gone = get(path);
	ck_assert_int_eq(gone->status, 404);
}
END_TEST

START_TEST(a_bucket_is_missing_empty_or_closed)
{
	g_autoptr(struct_answer) missing = get("/storage/v1/b/nothing/o"), empty = NULL,
				 closed = NULL;

	expect_error(missing, 404, "notFound");
	ck_assert_str_eq(json_text_at(missing->json, "error.message"),
			 "The specified bucket does not exist.");
	cloud_put(world, "buckets/b", "{}");
	empty = get("/storage/v1/b/b/o");
	ck_assert_int_eq(empty->status, 200);
	ck_assert_ptr_null(json_at(empty->json, "items"));
	cloud_put(world, "buckets/b", "{\"denied\":\"storage.objects.list\"}");
	closed = get("/storage/v1/b/b/o");
	expect_error(closed, 403, "forbidden");
	ck_assert_ptr_nonnull(strstr(closed->body, "storage.objects.list"));
}
END_TEST

/* --- faults --- */

static const struct {
	const char *rule, *path;
	int status; /* 0: no usable answer */
	const char *at, *wanted;
} faults[] = {
	{"\"api\":\"bigquery\",\"kind\":\"denied\"", PROJECT "/datasets/sales/tables/orders", 403,
	 "error.errors.0.reason", "accessDenied"},
	{"\"api\":\"bigquery.tables.get\",\"kind\":\"denied\"",
	 PROJECT "/datasets/sales/tables/orders", 403, "error.message",
	 "Access Denied: Table acme-prod:sales.orders: Permission bigquery.tables.get denied on "
	 "table "
	 "acme-prod:sales.orders (or it may not exist)."},
	{"\"api\":\"bigquery.tables.list\",\"kind\":\"denied\"",
	 PROJECT "/datasets/sales/tables/orders", 200, "type", "TABLE"},
	{"\"api\":\"bigquery\",\"kind\":\"quota\"", PROJECT "/datasets/sales/tables/orders", 403,
	 "error.errors.0.reason", "quotaExceeded"},
	{"\"api\":\"bigquery\",\"kind\":\"rate\"", PROJECT "/datasets/sales/tables/orders", 403,
	 "error.errors.0.reason", "rateLimitExceeded"},
	{"\"api\":\"bigquery\",\"kind\":\"backend\"", PROJECT "/datasets/sales/tables/orders", 503,
	 "error.errors.0.reason", "backendError"},
	{"\"api\":\"bigquery\",\"kind\":\"disabled\"", PROJECT "/datasets/sales/tables/orders", 403,
	 "error.details.0.reason", "SERVICE_DISABLED"},
	{"\"api\":\"bigquery\",\"kind\":\"disabled\"", PROJECT "/datasets/sales/tables/orders", 403,
	 "error.errors.0.reason", "accessNotConfigured"},
	{"\"api\":\"bigquery\",\"kind\":\"reason\",\"reason\":\"billingNotEnabled\",\"status\":403",
	 PROJECT "/datasets/sales/tables/orders", 403, "error.errors.0.reason",
	 "billingNotEnabled"},
	{"\"api\":\"bigquery\",\"kind\":\"reset\"", PROJECT "/datasets/sales/tables/orders", 0,
	 NULL, NULL},
	{"\"api\":\"bigquery\",\"kind\":\"truncate\"", PROJECT "/datasets/sales/tables/orders", 0,
	 NULL, NULL},
	{"\"api\":\"bigquery\",\"kind\":\"wrong_types\"", PROJECT "/datasets/sales/tables/orders",
	 200, "type", "7"},
	{"\"api\":\"storage\",\"kind\":\"backend\"", "/storage/v1/b/b/o", 503,
	 "error.errors.0.reason", "backendError"},
	{"\"api\":\"storage.objects.list\",\"kind\":\"denied\",\"permission\":\"storage.objects."
	 "list\"",
	 "/storage/v1/b/b/o", 403, "error.errors.0.reason", "forbidden"},
	{"\"api\":\"firestore\",\"kind\":\"quota\"", DOCUMENTS "/c/d", 429, "error.status",
	 "RESOURCE_EXHAUSTED"},
	{"\"api\":\"firestore\",\"kind\":\"backend\"", DOCUMENTS "/c/d", 503, "error.status",
	 "UNAVAILABLE"},
	{"\"api\":\"firestore.documents.batchGet\",\"kind\":\"backend\"", DOCUMENTS "/c/d", 404,
	 "error.status", "NOT_FOUND"},
};

START_TEST(faults_speak_as_their_api)
{
	g_autofree char *rule = g_strdup_printf("{%s}", faults[_i].rule);
	g_autoptr(struct_answer) answer = NULL;

	cloud_fault(world, rule);
	answer = get(faults[_i].path);
	ck_assert_msg(answer->status == faults[_i].status, "%s: %d %s", rule, answer->status,
		      answer->body);
	if (faults[_i].at)
		ck_assert_str_eq(json_text_at(answer->json, faults[_i].at), faults[_i].wanted);
}
END_TEST

START_TEST(a_fault_hits_the_queries_it_names)
{
	g_autoptr(struct_answer) hit = NULL, passed = NULL, unknown = NULL;
	g_autofree char *url = g_strconcat(world->cloud, "/_control/faults", NULL);

	cloud_fault(world,
		    "{\"api\":\"bigquery.jobs.query\",\"sends\":\"orders\",\"kind\":\"backend\"}");
	hit = query("SELECT COUNT(*) FROM sales.orders", "");
	expect_error(hit, 503, "backendError");
	passed = query("SELECT 1", "");
	ck_assert_int_eq(passed->status, 200);
	unknown = http_call("POST", url, NULL, "{\"api\":\"bigtable\",\"kind\":\"reset\"}");
	ck_assert_int_eq(unknown->status, 400);
}
END_TEST

START_TEST(all_of_it_wants_a_token)
{
	g_autoptr(struct_answer) table = NULL, list = NULL, document = NULL, batch = NULL;

	cloud_put(world, "options", "{\"auth_required\":true}");
	table = get(PROJECT "/datasets/sales/tables/orders");
	list = get("/storage/v1/b/b/o");
	document = get(DOCUMENTS "/c/d");
	batch = call("POST", DOCUMENTS ":batchGet", "{}");
	ck_assert_int_eq(table->status, 401);
	ck_assert_int_eq(list->status, 401);
	ck_assert_int_eq(document->status, 401);
	ck_assert_int_eq(batch->status, 401);
	ck_assert_str_eq(json_text_at(batch->json, "0.error.status"), "UNAUTHENTICATED");
}
END_TEST

/* --- the other server of the tests --- */

#ifdef HAVE_LIBPQ
START_TEST(a_real_postgresql_runs_dies_and_comes_back)
{
	struct postgres *postgres = postgres_start();
	g_autofree char *before = NULL, *after = NULL, *dsn = NULL;
	g_autofree char *directory = g_strdup(postgres->directory);

	postgres_run(postgres, "postgres",
		     "CREATE TABLE kept (x int); INSERT INTO kept VALUES (7)");
	before = postgres_ask(postgres, "postgres",
			      "SELECT current_setting('server_version_num')::int >= 120000");
	ck_assert_str_eq(before, "t");
	dsn = postgres_dsn(postgres, "postgres", "postgres");
	ck_assert_ptr_nonnull(strstr(dsn, "host=127.0.0.1 port="));
	postgres_kill(postgres);
	ck_assert_int_eq(postgres->server.pid, 0);
	postgres_restart(postgres);
	after = postgres_ask(postgres, "postgres", "SELECT x FROM kept");
	ck_assert_str_eq(after, "7");
	postgres_stop(postgres);
	ck_assert(!g_file_test(directory, G_FILE_TEST_EXISTS));
}
END_TEST
#endif

static TCase *postgres_case(void)
{
	TCase *tcase = tcase_create("postgresql");

	tcase_set_timeout(tcase, 90);
#ifdef HAVE_LIBPQ
	tcase_add_test(tcase, a_real_postgresql_runs_dies_and_comes_back);
#endif
	return tcase;
}

static TCase *bigquery_case(void)
{
	TCase *tcase = tcase_create("bigquery");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, an_answer_has_the_shape_of_a_query_response);
	tcase_add_test(tcase, legacy_sql_is_the_default_and_refused);
	tcase_add_test(tcase, a_query_above_its_cap_fails_and_costs_nothing);
	tcase_add_test(tcase, a_small_table_is_billed_ten_mebibytes_and_metadata_too);
	tcase_add_test(tcase, a_dry_run_costs_nothing_and_has_no_job);
	tcase_add_test(tcase, a_request_id_runs_once);
	tcase_add_test(tcase, parameters_are_text_of_their_type);
	tcase_add_test(tcase, a_query_runs_where_its_data_is);
	tcase_add_test(tcase, a_job_is_found_by_those_who_know_where_it_is);
	tcase_add_test(tcase, rows_come_in_pages);
	tcase_add_test(tcase, pages_never_end_when_told_so);
	tcase_add_test(tcase, a_slow_job_is_asked_for_until_it_is_done);
	tcase_add_test(tcase, the_server_waits_as_long_as_it_is_asked_to);
	tcase_add_test(tcase, a_job_that_never_ends_can_be_cancelled);
	tcase_add_test(tcase, a_job_fails_as_often_as_its_rule_says);
	tcase_add_test(tcase, a_good_job_may_carry_a_warning);
	tcase_add_loop_test(tcase, a_dry_run_tells_what_a_statement_is, 0,
			    G_N_ELEMENTS(statements));
	tcase_add_test(tcase, a_write_that_runs_is_counted);
	tcase_add_test(tcase, a_dry_run_tells_what_is_read);
	tcase_add_test(tcase, an_inserted_job_fails_in_its_status);
	tcase_add_test(tcase, a_table_has_the_shape_of_v2);
	tcase_add_test(tcase, a_view_and_an_external_table_count_no_rows);
	tcase_add_test(tcase, what_is_missing_is_404);
	tcase_add_test(tcase, a_list_of_tables_tells_little);
	tcase_add_test(tcase, many_tables_are_made_at_once);
	tcase_add_test(tcase, a_spec_that_is_none_is_refused);
	return tcase;
}

static TCase *others_case(void)
{
	TCase *tcase = tcase_create("firestore and storage");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_document_is_made_of_values);
	tcase_add_test(tcase, a_mask_keeps_what_it_names);
	tcase_add_test(tcase, batch_get_answers_an_array);
	tcase_add_test(tcase, errors_of_a_streamed_call_come_in_an_array);
	tcase_add_test(tcase, a_document_that_is_missing_is_404);
	tcase_add_test(tcase, folders_are_prefixes);
	tcase_add_test(tcase, objects_come_in_pages);
	tcase_add_test(tcase, a_generation_pins_the_content);
	tcase_add_test(tcase, a_bucket_is_missing_empty_or_closed);
	tcase_add_loop_test(tcase, faults_speak_as_their_api, 0, G_N_ELEMENTS(faults));
	tcase_add_test(tcase, a_fault_hits_the_queries_it_names);
	tcase_add_test(tcase, all_of_it_wants_a_token);
	return tcase;
}

Suite *fakecloud_data_suite(void)
{
	Suite *suite = suite_create("fakecloud_data");

	suite_add_tcase(suite, bigquery_case());
	suite_add_tcase(suite, others_case());
	suite_add_tcase(suite, postgres_case());
	return suite;
}
