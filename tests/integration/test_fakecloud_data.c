/* test_fakecloud_data - the stand-in BigQuery keeps the shapes of API-FACTS C. */
#include "tests/integration/harness.h"

#include <string.h>

Suite *fakecloud_data_suite(void);

#define PROJECT "/bigquery/v2/projects/acme-prod"

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
	return cloud_call(world, method, path, body);
}

static struct answer *get(const char *path)
{
	return call("GET", path, NULL);
}

/* --- jobs.query --- */

START_TEST(an_answer_has_the_shape_of_a_query_response)
{
	g_autoptr(struct_answer) answer =
		cloud_query(world, "SELECT id, loaded_at FROM sales.orders",
			    ",\"labels\":{\"app\":\"driftd\"}");

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
	/* a result's columns are never required; a timestamp is seconds with an exponent unless
	 * asked for */
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

	expect_cloud_error(silent, 400, "invalidQuery");
	expect_cloud_error(asked, 400, "invalidQuery");
	ck_assert_int_eq(cloud_bigquery(world, "legacy"), 2);
}
END_TEST

START_TEST(a_query_above_its_cap_fails_and_costs_nothing)
{
	g_autoptr(struct_answer) below = cloud_query(world, "SELECT id FROM sales.orders",
						     ",\"maximumBytesBilled\":\"22020095\"");
	g_autoptr(struct_answer) enough = NULL;

	expect_cloud_error(below, 400, "bytesBilledLimitExceeded");
	ck_assert_ptr_nonnull(strstr(below->body, "22020096 or higher required"));
	ck_assert_int_eq(cloud_bigquery(world, "bytes_billed"), 0);
	enough = cloud_query(world, "SELECT id FROM sales.orders",
			     ",\"maximumBytesBilled\":\"22020096\"");
	ck_assert_int_eq(enough->status, 200);
}
END_TEST

START_TEST(a_small_table_is_billed_ten_mebibytes_and_metadata_too)
{
	g_autoptr(struct_answer) answer = NULL;

	cloud_table(world, "acme-prod.sales.tiny",
		    "{\"schema\":[{\"name\":\"x\",\"type\":\"INTEGER\"}],\"numBytes\":1}");
	answer = cloud_query(world,
			     "SELECT (SELECT COUNT(*) FROM sales.tiny), (SELECT COUNT(*) FROM "
			     "sales.INFORMATION_SCHEMA.TABLES), (SELECT MAX(x) FROM sales.tiny)",
			     "");
	ck_assert_str_eq(json_text_at(answer->json, "totalBytesBilled"), "20971520");
}
END_TEST

START_TEST(a_dry_run_costs_nothing_and_has_no_job)
{
	g_autoptr(struct_answer) answer =
		cloud_query(world, "SELECT id FROM sales.orders", ",\"dryRun\":true");

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
	g_autoptr(struct_answer) first = cloud_query(world, "SELECT 1", ",\"requestId\":\"a-1\"");
	g_autoptr(struct_answer) again = cloud_query(world, "SELECT 1", ",\"requestId\":\"a-1\"");
	g_autoptr(struct_answer) other = cloud_query(world, "SELECT 1", ",\"requestId\":\"a-2\"");

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
		cloud_query(world, "SELECT @n + 1, @d = DATE '2026-11-19'",
			    ",\"parameterMode\":\"NAMED\",\"queryParameters\":[{\"name\":\"n\","
			    "\"parameterType\":{\"type\":"
			    "\"INT64\"},\"parameterValue\":{\"value\":\"41\"}},{\"name\":\"d\","
			    "\"parameterType\":{\"type\":"
			    "\"DATE\"},\"parameterValue\":{\"value\":\"2026-11-19\"}}]");
	g_autoptr(struct_answer) missing = cloud_query(world, "SELECT @n", "");

	ck_assert_msg(answer->status == 200, "%s", answer->body);
	ck_assert_str_eq(json_text_at(answer->json, "rows.0.f.0.v"), "42");
	ck_assert_str_eq(json_text_at(answer->json, "rows.0.f.1.v"), "true");
	expect_cloud_error(missing, 400, "invalidQuery");
}
END_TEST

/* --- places --- */

START_TEST(a_query_runs_where_its_data_is)
{
	g_autoptr(struct_answer) found = NULL, wrong = NULL, both = NULL;

	cloud_table(
		world, "acme-prod.far.t",
		"{\"location\":\"asia-east1\",\"schema\":[{\"name\":\"x\",\"type\":\"INTEGER\"}]}");
	found = cloud_query(world, "SELECT COUNT(*) FROM far.t", "");
	ck_assert_str_eq(json_text_at(found->json, "jobReference.location"), "asia-east1");
	wrong = cloud_query(world, "SELECT COUNT(*) FROM far.t", ",\"location\":\"EU\"");
	expect_cloud_error(wrong, 404, "notFound");
	ck_assert_ptr_nonnull(strstr(wrong->body, "was not found in location EU"));
	both = cloud_query(world, "SELECT COUNT(*) FROM far.t, sales.orders", "");
	expect_cloud_error(both, 404, "notFound");
}
END_TEST

static char *results_path(const struct answer *answer, const char *parameters)
{
	return g_strdup_printf(PROJECT "/queries/%s?%s",
			       json_text_at(answer->json, "jobReference.jobId"), parameters);
}

START_TEST(a_job_is_found_by_those_who_know_where_it_is)
{
	g_autoptr(struct_answer) far = NULL, near = cloud_query(world, "SELECT 1", "");
	g_autoptr(struct_answer) blind = NULL, seen = NULL, default_place = NULL, wrong = NULL;
	g_autofree char *wrong_path = NULL;
	g_autofree char *blind_path = NULL, *seen_path = NULL, *near_path = results_path(near, "");

	cloud_table(
		world, "acme-prod.far.t",
		"{\"location\":\"asia-east1\",\"schema\":[{\"name\":\"x\",\"type\":\"INTEGER\"}]}");
	far = cloud_query(world, "SELECT COUNT(*) FROM far.t", "");
	blind_path = results_path(far, "");
	seen_path = results_path(far, "location=asia-east1");
	blind = get(blind_path);
	expect_cloud_error(blind, 404, "notFound");
	seen = get(seen_path);
	ck_assert_int_eq(seen->status, 200);
	ck_assert_str_eq(json_text_at(seen->json, "kind"), "bigquery#getQueryResultsResponse");
	default_place = get(near_path);
	ck_assert_int_eq(default_place->status, 200);
	wrong_path = results_path(far, "location=EU");
	wrong = get(wrong_path);
	expect_cloud_error(wrong, 404, "notFound");
}
END_TEST

/* --- pages, slow jobs --- */

#define MANY "SELECT n, TIMESTAMP_SECONDS(n) AS t FROM UNNEST(GENERATE_ARRAY(1, 5)) AS n"

START_TEST(rows_come_in_pages)
{
	g_autoptr(struct_answer) first = cloud_query(world, MANY, ",\"maxResults\":2");
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
	expect_cloud_error(wrong, 400, "invalid");
	cloud_put(world, "options", "{\"bigquery_page_rows\":1}");
	answer_free(g_steal_pointer(&first));
	first = cloud_query(world, MANY, ",\"maxResults\":4");
	ck_assert_uint_eq(json_object_array_length(json_at(first->json, "rows")), 1);
}
END_TEST

START_TEST(pages_never_end_when_told_so)
{
	g_autoptr(struct_answer) answer = NULL, again = NULL, tables = NULL;
	g_autofree char *path = NULL, *more = NULL;

	cloud_fault(world, "{\"api\":\"bigquery\",\"kind\":\"endless_pages\"}");
	answer = cloud_query(world, "SELECT 1", "");
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
	first = cloud_query(world, "SELECT 'slow'", "");
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
	early = cloud_query(world, "SELECT 'slow'", ",\"timeoutMs\":1");
	ck_assert_str_eq(json_text_at(early->json, "jobComplete"), "false");
	late = cloud_query(world, "SELECT 'slow'", ",\"timeoutMs\":20000");
	ck_assert_str_eq(json_text_at(late->json, "jobComplete"), "true");
}
END_TEST

START_TEST(a_job_that_never_ends_can_be_cancelled)
{
	g_autoptr(struct_answer) start = NULL, cancel = NULL, job = NULL, results = NULL;
	g_autofree char *path = NULL, *cancel_path = NULL, *job_path = NULL;

	cloud_jobrule(world, "{\"query\":\"for ever\",\"never\":true}");
	start = cloud_query(world, "SELECT 'for ever'", ",\"timeoutMs\":1");
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
	expect_cloud_error(results, 499, "stopped");
	ck_assert_int_eq(cloud_bigquery(world, "cancels"), 1);
	ck_assert_int_eq(cloud_bigquery(world, "running"), 0);
}
END_TEST

START_TEST(a_job_fails_as_often_as_its_rule_says)
{
	g_autoptr(struct_answer) first = NULL, second = NULL;

	cloud_jobrule(world, "{\"query\":\"orders\",\"reason\":\"rateLimitExceeded\",\"status\":"
			     "403,\"count\":1}");
	first = cloud_query(world, "SELECT COUNT(*) FROM sales.orders", "");
	expect_cloud_error(first, 403, "rateLimitExceeded");
	second = cloud_query(world, "SELECT COUNT(*) FROM sales.orders", "");
	ck_assert_int_eq(second->status, 200);
}
END_TEST

START_TEST(a_good_job_may_carry_a_warning)
{
	g_autoptr(struct_answer) answer = NULL;

	cloud_jobrule(world, "{\"warning\":\"Slots ran short\",\"cache_hit\":true}");
	answer = cloud_query(world, "SELECT COUNT(*) FROM sales.orders", "");
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
	g_autoptr(struct_answer) answer =
		cloud_query(world, "DELETE FROM sales.orders WHERE TRUE", "");

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
	expect_cloud_error(wrong, 400, "invalidQuery");
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

	expect_cloud_error(table, 404, "notFound");
	ck_assert_str_eq(json_text_at(table->json, "error.message"),
			 "Not found: Table acme-prod:sales.nothing");
	expect_cloud_error(dataset, 404, "notFound");
	ck_assert_str_eq(json_text_at(dataset->json, "error.message"),
			 "Not found: Dataset acme-prod:nothing");
	expect_cloud_error(list, 404, "notFound");
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
	answer = cloud_query(world, "SELECT COUNT(*) FROM bench_03.__TABLES__", "");
	ck_assert_str_eq(json_text_at(answer->json, "rows.0.f.0.v"), "100");
	answer_free(g_steal_pointer(&answer));
	answer = cloud_query(world, "SELECT loaded_at < CURRENT_TIMESTAMP() FROM bench_03.t_000013",
			     "");
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

Suite *fakecloud_data_suite(void)
{
	Suite *suite = suite_create("fakecloud_data");

	suite_add_tcase(suite, bigquery_case());
	suite_add_tcase(suite, postgres_case());
	return suite;
}
