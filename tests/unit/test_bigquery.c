/* test_bigquery - queries of BigQuery against a server that behaves, and one that does not. */
#include "google/bigquery.h"

#include "clk.h"
#include "google/credentials.h"
#include "json.h"
#include "tests/unit/bigquery_world.h"

#include <check.h>
#include <string.h>

Suite *bigquery_suite(void);

static struct credentials *credentials;
static struct bigquery_query query;

static void setup(void)
{
	bq_open();
	credentials = credentials_create(bq_client, &bq_gcp);
	query = (struct bigquery_query){.endpoint = bq_web->origin,
					.project = "acme",
					.location = "EU",
					.sql = "SELECT n FROM `acme.sales.orders`",
					.what = "look at acme.sales.orders",
					.max_bytes_billed = 12345678,
					.rows_max = 1000,
					.timeout_ms = 10000,
					.deadline_mono_ms = clk_mono_ms() + 60000};
}

static void teardown(void)
{
	credentials_free(credentials);
	bq_close();
}

/* What came, as far as the tests look at it. */
struct got {
	int calls;
	struct fault *fault;
	GPtrArray *cells; /* first cells; NULL is "(null)" */
	GPtrArray *columns;
	GPtrArray *tables;
	int64_t total_rows, processed, billed;
	bool cache_hit;
	char *type;
	char *location;
};

static void take(void *data, const struct bigquery_result *result, struct fault *fault)
{
	struct got *got = data;

	ck_assert((result == NULL) == (fault != NULL));
	got->calls++;
	got->fault = fault_ref(fault);
	if (!result)
		return;
	got->cells = g_ptr_array_new_with_free_func(g_free);
	got->columns = g_ptr_array_new_with_free_func(g_free);
	got->tables = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < result->rows->len; i++) {
		char **cells = result->rows->pdata[i];

		g_ptr_array_add(got->cells, g_strdup(cells[0] ? cells[0] : "(null)"));
	}
	for (guint i = 0; i < result->columns->len; i++) {
		const struct bigquery_column *column = result->columns->pdata[i];

		g_ptr_array_add(got->columns, g_strconcat(column->name, ":", column->type, NULL));
	}
	for (guint i = 0; i < result->tables->len; i++)
		g_ptr_array_add(got->tables, g_strdup(result->tables->pdata[i]));
	got->total_rows = result->total_rows;
	got->processed = result->bytes_processed;
	got->billed = result->bytes_billed;
	got->cache_hit = result->cache_hit;
	got->type = g_strdup(result->statement_type);
	got->location = g_strdup(result->location);
}

static void got_clear(struct got *got)
{
	fault_unref(got->fault);
	g_clear_pointer(&got->cells, g_ptr_array_unref);
	g_clear_pointer(&got->columns, g_ptr_array_unref);
	g_clear_pointer(&got->tables, g_ptr_array_unref);
	g_free(got->type);
	g_free(got->location);
	*got = (struct got){0};
}

static void run(struct got *got, int64_t step_ms)
{
	struct bigquery_job *job = bigquery_start(bq_client, credentials, &query, take, got);

	ck_assert_ptr_nonnull(job);
	ck_assert_int_eq(got->calls, 0); /* never before it returns */
	bq_wait(&got->calls, step_ms);
}

static void run_well(struct got *got)
{
	run(got, 20);
	ck_assert_msg(!got->fault, "%s", got->fault ? got->fault->message : "");
}

static void want_fault(struct got *got, enum fault_class class, const char *part)
{
	ck_assert_ptr_nonnull(got->fault);
	ck_assert_msg(got->fault->class == class, "%s: %s", fault_class_text(got->fault->class),
		      got->fault->message);
	ck_assert_msg(strstr(got->fault->message, part), "%s", got->fault->message);
	ck_assert_msg(g_str_has_prefix(got->fault->message, "look at acme.sales.orders: "), "%s",
		      got->fault->message);
}

/* Let calls end that nobody waits for. */
static void drain(void)
{
	for (int i = 0; i < 2000 && http_client_pending(bq_client) > 0; i++)
		http_client_poll(bq_client, 5, -1);
}

#define N BQ_FIELD("n", "INTEGER")
#define PAGE(total, rows, token)                                                                   \
	"{\"jobComplete\":true," BQ_JOB_EU ",\"schema\":{\"fields\":[" N "]},\"totalRows\":"       \
	"\"" total "\",\"rows\":[" rows "],\"totalBytesProcessed\":\"2048\","                      \
	"\"totalBytesBilled\":\"10485760\",\"pageToken\":\"" token "\"}"
/* As getQueryResults: without totalBytesBilled. */
#define RESULTS(total, rows, more)                                                                 \
	"{\"jobComplete\":true," BQ_JOB_EU ",\"schema\":{\"fields\":[" N "]},\"totalRows\":"       \
	"\"" total "\",\"rows\":[" rows "],\"totalBytesProcessed\":\"2048\"" more "}"

/* --- what is sent --- */

static json_object *parse(const char *text)
{
	json_object *object = text ? json_parse(text, strlen(text), NULL) : NULL;

	ck_assert_ptr_nonnull(object);
	return object;
}

START_TEST(a_query_says_all_that_must_be_said)
{
	struct got got = {0};
	json_object *body = NULL;

	bq_answer(BQ_QUERY, 200, BQ_ANSWER(N, "1", BQ_ROW("\"7\"")));
	run_well(&got);
	ck_assert(g_str_has_prefix(bq_path(BQ_QUERY, 0), "/bigquery/v2/projects/acme/queries?"));
	body = parse(bq_body(BQ_QUERY, 0));
	ck_assert_str_eq(json_member_text(body, "query", ""), query.sql);
	ck_assert(!json_member_bool(body, "useLegacySql", true));
	ck_assert(json_member_bool(body, "useQueryCache", false));
	ck_assert_str_eq(json_member_text(body, "maximumBytesBilled", ""), "12345678");
	ck_assert_str_eq(json_member_text(body, "location", ""), "EU");
	ck_assert_str_eq(json_member_text(json_member_object(body, "labels"), "app", ""), "driftd");
	ck_assert(json_member_bool(json_member_object(body, "formatOptions"), "useInt64Timestamp",
				   false));
	ck_assert_int_eq(json_member_int(body, "maxResults", 0), 1000);
	ck_assert_int_le(json_member_int(body, "timeoutMs", 0), query.timeout_ms / 2);
	ck_assert_int_gt(json_member_int(body, "timeoutMs", 0), 0);
	ck_assert_int_gt(json_member_int(body, "jobTimeoutMs", 0), 50000);
	ck_assert_int_le(json_member_int(body, "jobTimeoutMs", 0), 60000);
	ck_assert_uint_eq(strlen(json_member_text(body, "requestId", "")), 36);
	json_object_put(body);
	ck_assert_ptr_nonnull(strstr(bq_web->last_headers, "Content-Type: application/json"));
	ck_assert_ptr_nonnull(
		strstr(bq_web->last_headers, "Authorization: Bearer a-long-secret-token-0"));
	got_clear(&got);
}
END_TEST

START_TEST(an_answer_is_handed_over)
{
	struct got got = {0};

	bq_answer(BQ_QUERY, 200, BQ_ANSWER(N, "2", BQ_ROW("\"7\"") "," BQ_ROW("null")));
	run_well(&got);
	ck_assert_int_eq(got.total_rows, 2);
	ck_assert_str_eq(got.columns->pdata[0], "n:INT64");
	ck_assert_str_eq(got.cells->pdata[0], "7");
	ck_assert_str_eq(got.cells->pdata[1], "(null)");
	ck_assert_int_eq(got.processed, 2048);
	ck_assert_int_eq(got.billed, 10485760);
	ck_assert_str_eq(got.location, "EU");
	ck_assert_int_eq(bq_count(BQ_RESULTS) + bq_count(BQ_CANCEL) + bq_count(BQ_JOB), 0);
	got_clear(&got);
}
END_TEST

START_TEST(warnings_of_a_good_query_do_no_harm)
{
	struct got got = {0};

	bq_answer(BQ_QUERY, 200,
		  RESULTS("1", BQ_ROW("\"7\""),
			  ",\"errors\":[{\"reason\":\"invalid\",\"message\":\"a warning\"}]"));
	run_well(&got);
	ck_assert_int_eq(got.total_rows, 1);
	ck_assert_int_eq(got.billed, BIGQUERY_BYTES_MIN); /* not said: the minimum of a table */
	got_clear(&got);
}
END_TEST

START_TEST(an_answer_without_a_job_is_one)
{
	struct got got = {0};

	bq_answer(BQ_QUERY, 200,
		  "{\"jobComplete\":true,\"queryId\":\"q_1\",\"location\":\"US\",\"schema\":{"
		  "\"fields\":[" N "]},\"totalRows\":\"0\",\"cacheHit\":true,"
		  "\"totalBytesProcessed\":\"0\"}");
	run_well(&got);
	ck_assert_int_eq(got.total_rows, 0);
	ck_assert(got.cache_hit);
	ck_assert_int_eq(got.billed, 0);
	ck_assert_str_eq(got.location, "US");
	got_clear(&got);
}
END_TEST

/* --- long jobs --- */

START_TEST(a_long_job_is_polled_where_it_runs)
{
	struct got got = {0};

	query.location = NULL;
	bq_answer(BQ_QUERY, 200, BQ_RUNNING);
	bq_answer(BQ_RESULTS, 200, BQ_RUNNING);
	bq_answer(BQ_RESULTS, 200, RESULTS("1", BQ_ROW("\"7\""), ""));
	bq_answer(BQ_JOB, 200, "{\"statistics\":{\"query\":{\"totalBytesBilled\":\"20971520\"}}}");
	run_well(&got);
	ck_assert_int_eq(bq_count(BQ_QUERY), 1);
	ck_assert_int_eq(bq_count(BQ_RESULTS), 2);
	ck_assert(g_str_has_prefix(bq_path(BQ_RESULTS, 0),
				   "/bigquery/v2/projects/acme/queries/job_1?"));
	for (int i = 0; i < 2; i++) {
		ck_assert_ptr_nonnull(strstr(bq_path(BQ_RESULTS, i), "location=EU"));
		ck_assert_ptr_nonnull(
			strstr(bq_path(BQ_RESULTS, i), "formatOptions.useInt64Timestamp=true"));
		ck_assert_ptr_nonnull(strstr(bq_path(BQ_RESULTS, i), "timeoutMs="));
	}
	ck_assert_str_eq(got.cells->pdata[0], "7");
	/* getQueryResults does not say what was billed: the job does */
	ck_assert_int_eq(bq_count(BQ_JOB), 1);
	ck_assert_ptr_nonnull(strstr(bq_path(BQ_JOB, 0), "/jobs/job_1?location=EU"));
	ck_assert_int_eq(got.billed, 20971520);
	drain();
	ck_assert_int_eq(bq_count(BQ_CANCEL), 0);
	got_clear(&got);
}
END_TEST

START_TEST(what_was_billed_is_guessed_when_nobody_says)
{
	struct got got = {0};

	bq_answer(BQ_QUERY, 200, BQ_RUNNING);
	bq_answer(BQ_RESULTS, 200, RESULTS("1", BQ_ROW("\"7\""), ""));
	bq_answer(BQ_JOB, 404, BQ_ERROR(404, "notFound", "Not found: Job acme:job_1"));
	run_well(&got);
	ck_assert_int_eq(got.billed, BIGQUERY_BYTES_MIN);
	got_clear(&got);
}
END_TEST

START_TEST(a_job_that_never_finishes_is_cancelled)
{
	struct got got = {0};

	bq_answer(BQ_QUERY, 200, BQ_RUNNING);
	bq_answer(BQ_RESULTS, 200, BQ_RUNNING);
	bq_answer(BQ_CANCEL, 200, "{}");
	run(&got, 500);
	want_fault(&got, FAULT_TIMEOUT,
		   "still running at the end of cycle-timeout, and was cancelled");
	drain();
	ck_assert_int_eq(bq_count(BQ_CANCEL), 1);
	ck_assert(g_str_has_prefix(bq_path(BQ_CANCEL, 0),
				   "/bigquery/v2/projects/acme/jobs/job_1/cancel?location=EU"));
	ck_assert_int_lt(bq_count(BQ_RESULTS), 60); /* asked with patience */
	got_clear(&got);
}
END_TEST

START_TEST(a_hanging_server_ends_by_the_deadline)
{
	struct got got = {0};

	bq_answer(BQ_QUERY, 0, NULL);
	query.deadline_mono_ms = clk_mono_ms() + 3000;
	run(&got, 100);
	want_fault(&got, FAULT_TIMEOUT, "");
	ck_assert_int_le(clk_mono_ms(), 1000 + 3000 + 500);
	got_clear(&got);
}
END_TEST

START_TEST(an_abandoned_job_is_cancelled)
{
	struct got got = {0};
	struct bigquery_job *job = bigquery_start(bq_client, credentials, &query, take, &got);

	bq_answer(BQ_QUERY, 200, BQ_RUNNING);
	bq_answer(BQ_RESULTS, 200, BQ_RUNNING);
	bq_answer(BQ_CANCEL, 500, "");
	bq_wait_count(BQ_RESULTS, 1);
	bigquery_job_abandon(job);
	bq_wait_count(BQ_CANCEL, 1);
	drain();
	ck_assert_int_eq(got.calls, 0);
}
END_TEST

START_TEST(a_job_abandoned_before_its_name_is_known_is_cancelled)
{
	struct got got = {0};
	struct bigquery_job *job = bigquery_start(bq_client, credentials, &query, take, &got);

	bq_answer(BQ_QUERY, 200, BQ_RUNNING);
	bq_answer(BQ_CANCEL, 200, "{}");
	while (http_client_pending(bq_client) == 0)
		http_client_poll(bq_client, 0, -1);
	bigquery_job_abandon(job);
	bq_wait_count(BQ_CANCEL, 1);
	ck_assert_int_eq(got.calls, 0);
	ck_assert_int_eq(bq_count(BQ_RESULTS), 0);
}
END_TEST

START_TEST(abandoned_before_it_began_nothing_is_sent)
{
	struct got got = {0};

	bigquery_job_abandon(bigquery_start(bq_client, credentials, &query, take, &got));
	http_client_poll(bq_client, 5, -1);
	ck_assert_uint_eq(http_client_pending(bq_client), 0);
	ck_assert_int_eq(got.calls, 0);
}
END_TEST

/* --- pages --- */

START_TEST(pages_are_read_to_the_end)
{
	struct got got = {0};

	bq_answer(BQ_QUERY, 200, PAGE("3", BQ_ROW("\"1\""), "t1"));
	bq_answer(BQ_RESULTS, 200, PAGE("3", "", "t/2"));
	bq_answer(BQ_RESULTS, 200, PAGE("3", BQ_ROW("\"2\"") "," BQ_ROW("\"3\""), ""));
	run_well(&got);
	ck_assert_uint_eq(got.cells->len, 3);
	ck_assert_str_eq(got.cells->pdata[2], "3");
	ck_assert_ptr_nonnull(strstr(bq_path(BQ_RESULTS, 0), "pageToken=t1"));
	ck_assert_ptr_nonnull(strstr(bq_path(BQ_RESULTS, 1), "pageToken=t%2F2"));
	ck_assert_ptr_nonnull(strstr(bq_path(BQ_RESULTS, 1), "useInt64Timestamp=true"));
	ck_assert_ptr_nonnull(strstr(bq_path(BQ_RESULTS, 1), "location=EU"));
	ck_assert_int_eq(got.billed, 10485760);
	got_clear(&got);
}
END_TEST

START_TEST(rows_beyond_the_bound_are_counted_not_read)
{
	struct got got = {0};

	query.rows_max = 2;
	bq_answer(BQ_QUERY, 200,
		  PAGE("1000", BQ_ROW("\"1\"") "," BQ_ROW("\"2\"") "," BQ_ROW("\"3\""), "t1"));
	run_well(&got);
	ck_assert_uint_eq(got.cells->len, 2);
	ck_assert_int_eq(got.total_rows, 1000);
	ck_assert_int_eq(bq_count(BQ_RESULTS), 0);
	got_clear(&got);
}
END_TEST

START_TEST(pages_that_never_end_are_a_bad_answer)
{
	struct got got = {0};

	for (int i = 0; i <= BIGQUERY_PAGES_MAX; i++) {
		g_autofree char *page =
			g_strdup_printf("{\"jobComplete\":true," BQ_JOB_EU
					",\"schema\":{\"fields\":[" N "]},\"totalRows\":\"5\","
					"\"pageToken\":\"t%d\"}",
					i);

		bq_answer(i == 0 ? BQ_QUERY : BQ_RESULTS, 200, page);
	}
	run(&got, 1);
	want_fault(&got, FAULT_BAD_ANSWER, "its pages never end");
	ck_assert_int_lt(bq_count(BQ_RESULTS), BIGQUERY_PAGES_MAX);
	got_clear(&got);
}
END_TEST

/* --- answers that cannot be believed --- */

static const struct {
	const char *first; /* of jobs.query */
	const char *next;  /* of getQueryResults; NULL: not asked */
	const char *part;
} nonsense[] = {
	{"", NULL, "cannot be read"},
	{"<html>", NULL, "cannot be read"},
	{"[]", NULL, "not a JSON object"},
	{"{}", NULL, "neither complete nor a job"},
	{"{\"jobComplete\":false}", NULL, "neither complete nor a job"},
	{"{\"jobComplete\":\"true\"}", NULL, "jobComplete"},
	{"{\"jobComplete\":true," BQ_JOB_EU "}", NULL, "without a schema"},
	{"{\"jobComplete\":true,\"totalRows\":\"0\"}", NULL, "without a schema"},
	{"{\"jobComplete\":true,\"schema\":{\"fields\":[" N "]}}", NULL, "without totalRows"},
	{"{\"jobComplete\":true,\"schema\":{\"fields\":[" N "]},\"totalRows\":\"-1\"}", NULL,
	 "totalRows is out of range"},
	{"{\"jobComplete\":true,\"schema\":{},\"totalRows\":\"0\"}", NULL, "schema without fields"},
	{"{\"jobComplete\":true,\"schema\":{\"fields\":[{\"name\":\"n\"}]},\"totalRows\":\"0\"}",
	 NULL, "without name or type"},
	{BQ_ANSWER(N, "2", BQ_ROW("\"1\"")), NULL, "fewer rows than totalRows"},
	{BQ_ANSWER(N, "0", BQ_ROW("\"1\"")), NULL, "more rows than totalRows"},
	{BQ_ANSWER(N, "1", BQ_ROW("1")), NULL, "column n of type INT64"},
	{BQ_ANSWER(N, "1", BQ_ROW("\"1.5\"")), NULL, "column n of type INT64"},
	{BQ_ANSWER(N, "1", "{\"f\":[]}"), NULL, "1 cells"},
	{BQ_ANSWER(N, "1", "{\"f\":[{}]}"), NULL, "no {\"v\""},
	{BQ_ANSWER(N, "1", "[]"), NULL, "1 cells"},
	{BQ_ANSWER(N, "1", "{\"f\":[{\"v\":\"1\"},{\"v\":\"2\"}]}"), NULL, "1 cells"},
	{"{\"jobComplete\":true,\"schema\":{\"fields\":[" N
	 "]},\"totalRows\":\"2\",\"rows\":[" BQ_ROW("\"1\"") "],\"pageToken\":\"t\"}",
	 NULL, "no job to read them from"},
	{PAGE("2", BQ_ROW("\"1\""), "t"), PAGE("2", "", "t"), "page tokens repeat"},
	{PAGE("2", BQ_ROW("\"1\""), "t"), PAGE("3", BQ_ROW("\"1\""), ""), "totalRows changes"},
	{PAGE("2", BQ_ROW("\"1\""), "t"), BQ_RUNNING, "incomplete again"},
	{PAGE("2", BQ_ROW("\"1\""), "t"), BQ_ANSWER(BQ_FIELD("m", "INTEGER"), "2", BQ_ROW("\"1\"")),
	 "schema changes"},
	{BQ_RUNNING, "{\"jobComplete\":true}", "without a schema"},
	{BQ_RUNNING, "nonsense", "cannot be read"},
};

START_TEST(nonsense_is_a_bad_answer)
{
	struct got got = {0};

	bq_answer(BQ_QUERY, 200, nonsense[_i].first);
	if (nonsense[_i].next)
		bq_answer(BQ_RESULTS, 200, nonsense[_i].next);
	bq_answer(BQ_CANCEL, 200, "{}");
	run(&got, 20);
	want_fault(&got, FAULT_BAD_ANSWER, nonsense[_i].part);
	got_clear(&got);
}
END_TEST

/* --- errors --- */

static const struct {
	int status;
	const char *body;
	enum fault_class class;
	const char *permission;
	const char *part;
	int calls; /* of jobs.query */
} errors[] = {
	{400, BQ_ERROR(400, "invalidQuery", "Unrecognized name: processed_at at [1:12]"),
	 FAULT_BROKEN, NULL, "no such column (invalidQuery): Unrecognized name: processed_at", 1},
	{400, BQ_ERROR(400, "invalidQuery", "Name x not found inside t at [1:12]"), FAULT_BROKEN,
	 NULL, "no such column", 1},
	{400,
	 BQ_ERROR(400, "invalidQuery",
		  "Cannot query over table 'acme.sales.orders' without a filter over column(s) "
		  "'day' "
		  "that can be used for partition elimination"),
	 FAULT_BROKEN, NULL, "partition filter missing", 1},
	{400, BQ_ERROR(400, "invalidQuery", "Syntax error: Unexpected keyword FROM at [1:8]"),
	 FAULT_BROKEN, NULL, "SQL syntax error", 1},
	{400,
	 BQ_ERROR(400, "invalidQuery",
		  "No matching signature for operator >= for argument types: STRING, DATE"),
	 FAULT_BROKEN, NULL, "wrong type", 1},
	{400, BQ_ERROR(400, "invalid", "Invalid value"), FAULT_BROKEN, NULL,
	 "invalid query (invalid)", 1},
	{400, BQ_ERROR(400, "badRequest", "Bad"), FAULT_BROKEN, NULL, "(badRequest)", 1},
	{404,
	 BQ_ERROR(404, "notFound",
		  "Not found: Table acme:sales.orders was not found in location EU"),
	 FAULT_NOT_FOUND, NULL, "location: a wrong one looks like this (it is EU)", 1},
	{404, BQ_ERROR(404, "notFound", "Not found: Dataset acme:sales"), FAULT_NOT_FOUND, NULL,
	 "no such dataset", 1},
	{404, BQ_ERROR(404, "notFound", "Not found: Project acme"), FAULT_HTTP_4XX, NULL,
	 "check [gcp] project", 1},
	{404, BQ_ERROR(404, "notFound", "Not found: Routine acme:sales.f"), FAULT_BROKEN, NULL,
	 "no such routine", 1},
	{404, "<html>Not Found</html>", FAULT_HTTP_4XX, NULL, "HTTP 404", 1},
	{403,
	 BQ_ERROR(403, "accessDenied",
		  "Access Denied: Project acme: User does not have bigquery.jobs.create permission "
		  "in "
		  "project acme."),
	 FAULT_DENIED, "bigquery.jobs.create", "roles/bigquery.jobUser", 1},
	{403,
	 BQ_ERROR(403, "accessDenied",
		  "Access Denied: Table acme:sales.orders: User does not have permission to query "
		  "table acme:sales.orders, or perhaps it does not exist."),
	 FAULT_DENIED, "bigquery.tables.getData", "roles/bigquery.dataViewer", 1},
	{403,
	 BQ_ERROR(403, "accessDenied",
		  "Access Denied: Table x: Permission bigquery.tables.getData denied on table x"),
	 FAULT_DENIED, "bigquery.tables.getData", "grant bigquery.tables.getData", 1},
	{403, BQ_ERROR(403, "accessDenied", "Access Denied: Project acme: no"), FAULT_DENIED,
	 "bigquery.jobs.create", "bigquery.jobs.create", 1},
	{400, BQ_ERROR(400, "bytesBilledLimitExceeded", "Query exceeded limit for bytes billed: 1"),
	 FAULT_OVER_BUDGET, NULL, "raise max-bytes-billed (it is 12345678 bytes)", 1},
	{500, BQ_ERROR(500, "bytesBilledLimitExceeded", "Query exceeded limit for bytes billed: 1"),
	 FAULT_OVER_BUDGET, NULL, "max-bytes-billed", 1},
	{403, BQ_ERROR(403, "quotaExceeded", "Quota exceeded"), FAULT_QUOTA, NULL, "quota", 1},
	{403, BQ_ERROR(403, "rateLimitExceeded", "Exceeded rate limits"), FAULT_QUOTA, NULL,
	 "too many requests", 4},
	{429, "", FAULT_QUOTA, NULL, "HTTP 429", 4},
	{403, BQ_ERROR(403, "billingNotEnabled", "Billing"), FAULT_DISABLED, NULL, "enable billing",
	 1},
	{403,
	 "{\"error\":{\"code\":403,\"message\":\"BigQuery API has not been used\",\"status\":"
	 "\"PERMISSION_DENIED\",\"errors\":[{\"reason\":\"accessNotConfigured\"}],\"details\":[{"
	 "\"@type\":\"type.googleapis.com/"
	 "google.rpc.ErrorInfo\",\"reason\":\"SERVICE_DISABLED\"}]}}",
	 FAULT_DISABLED, NULL, "enable the API", 1},
	{403, BQ_ERROR(403, "responseTooLarge", "Response too large to return"), FAULT_BROKEN, NULL,
	 "answer too large", 1},
	{400, BQ_ERROR(400, "resourcesExceeded", "Resources exceeded"), FAULT_BROKEN, NULL,
	 "make the query simpler", 1},
	{200,
	 "{\"jobComplete\":true," BQ_JOB_EU ",\"errors\":[{\"reason\":\"invalidQuery\","
	 "\"message\":\"Unrecognized name: x\"}]}",
	 FAULT_BROKEN, NULL, "no such column", 1},
	{400, BQ_ERROR(400, "stopped", "Job execution was cancelled: User requested cancellation"),
	 FAULT_CANCELLED, NULL, "job cancelled", 1},
	{400, BQ_ERROR(400, "stopped", "Job execution was cancelled: Job timed out after 60s"),
	 FAULT_TIMEOUT, NULL, "timed out", 1},
	{400, BQ_ERROR(400, "timeout", "The operation timed out"), FAULT_TIMEOUT, NULL,
	 "job timed out", 1},
	{500, BQ_ERROR(500, "backendError", "Error encountered"), FAULT_HTTP_5XX, NULL,
	 "Google's side", 4},
	{400, BQ_ERROR(400, "jobBackendError", "The job encountered an error"), FAULT_HTTP_5XX,
	 NULL, "Google's side", 3},
	{400, BQ_ERROR(400, "jobRateLimitExceeded", "x"), FAULT_QUOTA, NULL, "too many jobs", 3},
	{503, "", FAULT_HTTP_5XX, NULL, "HTTP 503", 4},
	{401, "{}", FAULT_DENIED, "bigquery.jobs.create", "the access token was refused", 2},
	{400, "{\"error\":{\"errors\":[{\"reason\":7}],\"message\":[]}}", FAULT_HTTP_4XX, NULL,
	 "HTTP 400", 1},
};

START_TEST(L18_every_error_has_its_class)
{
	struct got got = {0};

	bq_answer(BQ_QUERY, errors[_i].status, errors[_i].body);
	run(&got, 500);
	want_fault(&got, errors[_i].class, errors[_i].part);
	ck_assert_pstr_eq(got.fault->permission, errors[_i].permission);
	ck_assert_int_eq(bq_count(BQ_QUERY), errors[_i].calls);
	drain();
	ck_assert_int_eq(bq_count(BQ_CANCEL), 0);
	got_clear(&got);
}
END_TEST

START_TEST(a_job_that_fails_while_it_is_polled_has_its_class)
{
	struct got got = {0};

	bq_answer(BQ_QUERY, 200, BQ_RUNNING);
	bq_answer(BQ_RESULTS, 400, BQ_ERROR(400, "invalidQuery", "Division by zero: 1 / 0"));
	run(&got, 100);
	want_fault(&got, FAULT_BROKEN, "Division by zero");
	drain();
	ck_assert_int_eq(bq_count(BQ_CANCEL), 0); /* it has ended */
	ck_assert_int_eq(bq_count(BQ_QUERY), 1);
	got_clear(&got);
}
END_TEST

START_TEST(a_job_that_is_lost_is_no_missing_table)
{
	struct got got = {0};

	bq_answer(BQ_QUERY, 200, BQ_RUNNING);
	bq_answer(BQ_RESULTS, 404, BQ_ERROR(404, "notFound", "Not found: Job acme:EU.job_1"));
	run(&got, 100);
	want_fault(&got, FAULT_HTTP_4XX, "job lost");
	got_clear(&got);
}
END_TEST

static char *request_id(int index)
{
	json_object *body = parse(bq_body(BQ_QUERY, index));
	char *id = g_strdup(json_member_text(body, "requestId", ""));

	json_object_put(body);
	return id;
}

START_TEST(a_retry_has_the_same_id_and_a_new_job_another)
{
	struct got got = {0};
	g_autofree char *first = NULL;
	g_autofree char *retried = NULL;
	g_autofree char *anew = NULL;

	bq_answer(BQ_QUERY, 503, "");
	bq_answer(BQ_QUERY, 400, BQ_ERROR(400, "jobInternalError", "failed"));
	bq_answer(BQ_QUERY, 200, BQ_ANSWER(N, "1", BQ_ROW("\"7\"")));
	run(&got, 200);
	ck_assert_ptr_null(got.fault);
	first = request_id(0);
	retried = request_id(1);
	anew = request_id(2);
	ck_assert_str_eq(first, retried);
	ck_assert_str_ne(first, anew);
	got_clear(&got);
}
END_TEST

START_TEST(a_job_whose_state_is_lost_is_replaced_and_cancelled)
{
	struct got got = {0};

	bq_answer(BQ_QUERY, 200, BQ_RUNNING);
	bq_answer(BQ_QUERY, 200, BQ_ANSWER(N, "1", BQ_ROW("\"7\"")));
	bq_answer(BQ_RESULTS, 500, BQ_ERROR(500, "internalError", "x"));
	bq_answer(BQ_CANCEL, 200, "{}");
	run(&got, 200);
	ck_assert_ptr_null(got.fault);
	ck_assert_str_eq(got.cells->pdata[0], "7");
	ck_assert_int_eq(bq_count(BQ_QUERY), 2);
	drain();
	ck_assert_int_eq(bq_count(BQ_CANCEL), 1);
	got_clear(&got);
}
END_TEST

START_TEST(a_failing_page_is_not_paid_twice)
{
	struct got got = {0};

	bq_answer(BQ_QUERY, 200, PAGE("2", BQ_ROW("\"1\""), "t"));
	bq_answer(BQ_RESULTS, 500, BQ_ERROR(500, "backendError", "x"));
	run(&got, 500);
	want_fault(&got, FAULT_HTTP_5XX, "Google's side");
	ck_assert_int_eq(bq_count(BQ_QUERY), 1);
	got_clear(&got);
}
END_TEST

START_TEST(sql_that_cannot_be_sent_is_broken)
{
	struct got got = {0};
	g_autofree char *flood = g_strnfill(BIGQUERY_SQL_MAX_BYTES + 1, ' ');

	query.sql = _i == 0 ? flood : "SELECT '\xff'";
	run(&got, 1);
	want_fault(&got, FAULT_BROKEN, _i == 0 ? "1 MB" : "UTF-8");
	ck_assert_int_eq(bq_count(BQ_QUERY), 0);
	got_clear(&got);
}
END_TEST

START_TEST(a_server_that_is_away)
{
	struct got got = {0};
	g_autofree char *nowhere = web_nowhere();

	query.endpoint = nowhere;
	run(&got, 500);
	want_fault(&got, FAULT_RESET, "");
	got_clear(&got);
}
END_TEST

/* --- dry runs --- */

START_TEST(L15_a_dry_run_asks_jobs_insert)
{
	struct got got = {0};
	json_object *body = NULL;
	json_object *configuration = NULL;
	json_object *inner = NULL;

	query.dry_run = true;
	bq_answer(BQ_DRY_RUN, 200, BQ_DRY("SELECT", "2048"));
	run_well(&got);
	ck_assert(g_str_has_prefix(bq_path(BQ_DRY_RUN, 0), "/bigquery/v2/projects/acme/jobs?"));
	body = parse(bq_body(BQ_DRY_RUN, 0));
	configuration = json_member_object(body, "configuration");
	inner = json_member_object(configuration, "query");
	ck_assert(json_member_bool(configuration, "dryRun", false));
	ck_assert_str_eq(json_member_text(json_member_object(configuration, "labels"), "app", ""),
			 "driftd");
	ck_assert_str_eq(json_member_text(inner, "query", ""), query.sql);
	ck_assert(!json_member_bool(inner, "useLegacySql", true));
	ck_assert(!json_member_bool(inner, "useQueryCache", true));
	ck_assert_str_eq(json_member_text(json_member_object(body, "jobReference"), "location", ""),
			 "EU");
	json_object_put(body);
	ck_assert_str_eq(got.type, "SELECT");
	ck_assert_int_eq(got.processed, 2048);
	ck_assert_int_eq(got.billed, 0);
	ck_assert_str_eq(got.columns->pdata[0], "n:INT64");
	ck_assert_str_eq(got.tables->pdata[0], "acme.sales.orders");
	ck_assert_int_eq(bq_count(BQ_QUERY), 0);
	got_clear(&got);
}
END_TEST

static const struct {
	int status;
	const char *body;
	enum fault_class class;
	const char *part;
} dry_faults[] = {
	{400, BQ_ERROR(400, "invalidQuery", "Unrecognized name: x"), FAULT_BROKEN,
	 "no such column"},
	{200,
	 "{\"status\":{\"state\":\"DONE\",\"errorResult\":{\"reason\":\"invalidQuery\",\"message\":"
	 "\"Syntax error: x\"}}}",
	 FAULT_BROKEN, "SQL syntax error"},
	{200, "{\"status\":{\"state\":\"DONE\",\"errorResult\":{\"message\":\"odd\"}}}",
	 FAULT_BAD_ANSWER, "odd"},
	{200, "{}", FAULT_BAD_ANSWER, "without statistics.query"},
	{200, "{\"statistics\":{\"query\":{\"statementType\":\"SELECT\"}}}", FAULT_BAD_ANSWER,
	 "without totalBytesProcessed"},
	{200, "{\"statistics\":{\"query\":{\"statementType\":7}}}", FAULT_BAD_ANSWER,
	 "statementType"},
	{200,
	 "{\"statistics\":{\"query\":{\"totalBytesProcessed\":\"1\",\"referencedTables\":[{}]}}}",
	 FAULT_BAD_ANSWER, "referencedTables"},
};

START_TEST(dry_runs_that_fail)
{
	struct got got = {0};

	query.dry_run = true;
	bq_answer(BQ_DRY_RUN, dry_faults[_i].status, dry_faults[_i].body);
	run(&got, 500);
	want_fault(&got, dry_faults[_i].class, dry_faults[_i].part);
	got_clear(&got);
}
END_TEST

Suite *bigquery_suite(void)
{
	Suite *suite = suite_create("bigquery");
	TCase *tcase = tcase_create("queries");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_query_says_all_that_must_be_said);
	tcase_add_test(tcase, an_answer_is_handed_over);
	tcase_add_test(tcase, warnings_of_a_good_query_do_no_harm);
	tcase_add_test(tcase, an_answer_without_a_job_is_one);
	tcase_add_test(tcase, a_long_job_is_polled_where_it_runs);
	tcase_add_test(tcase, what_was_billed_is_guessed_when_nobody_says);
	tcase_add_test(tcase, a_job_that_never_finishes_is_cancelled);
	tcase_add_test(tcase, a_hanging_server_ends_by_the_deadline);
	tcase_add_test(tcase, an_abandoned_job_is_cancelled);
	tcase_add_test(tcase, a_job_abandoned_before_its_name_is_known_is_cancelled);
	tcase_add_test(tcase, abandoned_before_it_began_nothing_is_sent);
	tcase_add_test(tcase, pages_are_read_to_the_end);
	tcase_add_test(tcase, rows_beyond_the_bound_are_counted_not_read);
	tcase_add_test(tcase, pages_that_never_end_are_a_bad_answer);
	tcase_add_loop_test(tcase, nonsense_is_a_bad_answer, 0, G_N_ELEMENTS(nonsense));
	tcase_add_loop_test(tcase, L18_every_error_has_its_class, 0, G_N_ELEMENTS(errors));
	tcase_add_test(tcase, a_job_that_fails_while_it_is_polled_has_its_class);
	tcase_add_test(tcase, a_job_that_is_lost_is_no_missing_table);
	tcase_add_test(tcase, a_retry_has_the_same_id_and_a_new_job_another);
	tcase_add_test(tcase, a_job_whose_state_is_lost_is_replaced_and_cancelled);
	tcase_add_test(tcase, a_failing_page_is_not_paid_twice);
	tcase_add_loop_test(tcase, sql_that_cannot_be_sent_is_broken, 0, 2);
	tcase_add_test(tcase, a_server_that_is_away);
	tcase_add_test(tcase, L15_a_dry_run_asks_jobs_insert);
	tcase_add_loop_test(tcase, dry_runs_that_fail, 0, G_N_ELEMENTS(dry_faults));
	suite_add_tcase(suite, tcase);
	return suite;
}
