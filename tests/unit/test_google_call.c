/* test_google_call - answers of Google's APIs, in all their shapes, as faults; tokens and retries
 * around them. API-FACTS 0. */
#include "google/call.h"

#include "clk.h"
#include "google/errors.h"
#include "tests/unit/web_fixture.h"

#include <check.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

Suite *google_call_suite(void);

#define PATIENCE_MS 20000
#define JSON "Content-Type: application/json; charset=UTF-8\r\n"
#define HTML "Content-Type: text/html; charset=UTF-8\r\n"

static struct web *web;
static struct http_client *client;
static struct config_gcp gcp;
static struct credentials *credentials;

static int answer_status;
static const char *answer_headers;
static const char *answer_body;
static atomic_int good_from; /* the API answers 200 from this call on */
static char *good_token;     /* the only one that is let in; NULL: any */

/* --- the server --- */

static bool handle(const struct web_request *request)
{
	g_autofree char *header = NULL;

	if (strstr(request->path, "/service-accounts/default/token")) {
		g_autofree char *body =
			g_strdup_printf("{\"access_token\":\"a-long-secret-token-%d\","
					"\"expires_in\":3600}",
					web_next(request, 0));

		return web_reply(request, 200, "Metadata-Flavor: Google\r\n", body);
	}
	if (good_token) {
		header = g_strdup_printf("Authorization: Bearer %s\r\n", good_token);
		if (!strstr(request->headers, header))
			return web_reply(request, 401, JSON,
					 "{\"error\":{\"code\":401,\"message\":\"Request had "
					 "invalid authentication credentials.\",\"status\":"
					 "\"UNAUTHENTICATED\"}}");
	}
	if (web_next(request, 1) >= atomic_load(&good_from))
		return web_reply(request, 200, JSON, "{\"services\":[]}");
	return web_reply(request, answer_status, answer_headers, answer_body);
}

static void setup(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *host = NULL;

	g_unsetenv("http_proxy");
	g_unsetenv("GOOGLE_CLOUD_QUOTA_PROJECT");
	web = web_start(handle);
	host = g_strdup_printf("127.0.0.1:%d", web->port);
	g_setenv("GCE_METADATA_HOST", host, TRUE);
	client = http_client_create(8, &error);
	ck_assert_ptr_nonnull(client);
	atomic_store(&good_from, 1000000);
	good_token = NULL;
	answer_headers = JSON;
	gcp = (struct config_gcp){.name = g_strdup("default"),
				  .credentials = CONFIG_CREDENTIALS_METADATA};
	clk_set_fake(1000, 1795147200000);
}

static void teardown(void)
{
	credentials_free(credentials);
	credentials = NULL;
	http_client_free(client);
	web_stop(web);
	clk_clear_fake();
	g_free(gcp.name);
	g_free(gcp.credentials_token);
	g_free(good_token);
}

/* --- a call --- */

struct got {
	int calls;
	char *body;
	struct fault *fault;
};

static void take(void *data, const char *body, size_t length, struct fault *fault)
{
	struct got *got = data;

	ck_assert((body == NULL) == (fault != NULL));
	got->calls++;
	got->body = body ? g_strndup(body, length) : NULL;
	got->fault = fault_ref(fault);
}

static void got_clear(struct got *got)
{
	g_free(got->body);
	fault_unref(got->fault);
	*got = (struct got){0};
}

/* Time goes on while it waits, @p step_ms at a time. */
static void wait_for(const struct got *got, int64_t step_ms)
{
	int64_t end_ms = g_get_monotonic_time() / 1000 + PATIENCE_MS;

	while (got->calls == 0 && g_get_monotonic_time() / 1000 < end_ms) {
		http_client_poll(client, 5, -1);
		clk_set_fake(clk_mono_ms() + step_ms, clk_wall_ms() + step_ms);
	}
	ck_assert_int_eq(got->calls, 1);
}

static void start(struct got *got)
{
	g_autofree char *url =
		g_strconcat(web->origin, "/v2/projects/p/locations/r/services", NULL);
	struct google_call call = {.api = "run",
				   .what = "list services of acme-prod/us-west2",
				   .permission = "run.services.list",
				   .url = url,
				   .timeout_ms = 5000,
				   .deadline_mono_ms = clk_mono_ms() + 100000};

	got_clear(got);
	if (!credentials)
		credentials = credentials_create(client, &gcp);
	google_call_get(client, credentials, &call, take, got);
}

static void call(struct got *got)
{
	start(got);
	wait_for(got, 20);
}

static int api_calls(void)
{
	return web_count(web, "/v2/");
}

START_TEST(an_answer_is_handed_over)
{
	struct got got = {0};

	atomic_store(&good_from, 0);
	g_setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "quota", TRUE);
	call(&got);
	ck_assert_str_eq(got.body, "{\"services\":[]}");
	ck_assert_ptr_nonnull(
		strstr(web->last_headers, "Authorization: Bearer a-long-secret-token-0\r\n"));
	ck_assert_ptr_nonnull(strstr(web->last_headers, "X-Goog-User-Project: quota\r\n"));
	got_clear(&got);
}
END_TEST

START_TEST(without_a_quota_project_there_is_no_header)
{
	struct got got = {0};

	atomic_store(&good_from, 0);
	call(&got);
	ck_assert_ptr_null(strstr(web->last_headers, "X-Goog-User-Project"));
	got_clear(&got);
}
END_TEST

/* --- shapes --- */

#define ERROR_A(code, status, message, details)                                                    \
	"{\"error\":{\"code\":" #code ",\"message\":\"" message "\",\"status\":\"" status          \
	"\",\"details\":[" details "]}}"
#define INFO(reason, more)                                                                         \
	"{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":\"" reason             \
	"\",\"domain\":\"googleapis.com\",\"metadata\":{\"service\":\"run.googleapis.com\"" more   \
	"}}"
#define ERROR_B(code, reason, message)                                                             \
	"{\"error\":{\"code\":" #code ",\"message\":\"" message                                    \
	"\",\"errors\":[{\"domain\":\"global\",\"reason\":\"" reason "\",\"message\":\"" message   \
	"\"}]}}"

static const struct {
	int status;
	const char *headers;
	const char *body;
	enum fault_class class;
	const char *permission; /* NULL: none */
	const char *part;       /* of the message */
	int calls;
} shapes[] = {
	{403, JSON, ERROR_A(403, "PERMISSION_DENIED", "The caller does not have permission", ""),
	 FAULT_DENIED, "run.services.list",
	 "list services of acme-prod/us-west2: HTTP 403 PERMISSION_DENIED: The caller does not "
	 "have permission: grant run.services.list (roles/run.viewer) to the account",
	 1},
	{403, JSON,
	 ERROR_A(403, "PERMISSION_DENIED",
		 "Permission 'run.revisions.get' denied on resource 'projects/x' (or it may not "
		 "exist).",
		 ""),
	 FAULT_DENIED, "run.revisions.get", "grant run.revisions.get (roles/run.viewer)", 1},
	{403, JSON,
	 ERROR_A(403, "PERMISSION_DENIED", "no",
		 INFO("IAM_PERMISSION_DENIED", ",\"permission\":\"storage.objects.get\"")),
	 FAULT_DENIED, "storage.objects.get", "roles/storage.objectViewer", 1},
	{403, JSON,
	 ERROR_A(403, "PERMISSION_DENIED", "no",
		 INFO("IAM_PERMISSION_DENIED", ",\"permission\":\"<b>evil</b>\"")),
	 FAULT_DENIED, "run.services.list", "grant run.services.list", 1},
	{403, JSON,
	 ERROR_B(403, "forbidden",
		 "d@acme.iam.gserviceaccount.com does not have storage.objects.get access to the "
		 "Google Cloud Storage object."),
	 FAULT_DENIED, "storage.objects.get", "grant storage.objects.get", 1},
	{403, HTML, "<html>Forbidden</html>", FAULT_DENIED, "run.services.list",
	 "HTTP 403: grant run.services.list", 1},
	{403, JSON, ERROR_A(403, "PERMISSION_DENIED", "off", INFO("SERVICE_DISABLED", "")),
	 FAULT_DISABLED, NULL, "enable the API", 1},
	{403, JSON, ERROR_A(403, "PERMISSION_DENIED", "off", INFO("BILLING_DISABLED", "")),
	 FAULT_DISABLED, NULL, "billing", 1},
	{403, JSON, ERROR_A(403, "PERMISSION_DENIED", "off", INFO("CONSUMER_INVALID", "")),
	 FAULT_DISABLED, NULL, "project", 1},
	{403, JSON, ERROR_B(403, "accessNotConfigured", "off"), FAULT_DISABLED, NULL, "HTTP 403",
	 1},
	{403, JSON, ERROR_B(403, "rateLimitExceeded", "slow"), FAULT_QUOTA, NULL, "slow", 4},
	{429, JSON, ERROR_A(429, "RESOURCE_EXHAUSTED", "Quota exceeded", ""), FAULT_QUOTA, NULL,
	 "Quota exceeded", 4},
	{429, HTML, "", FAULT_QUOTA, NULL, "HTTP 429", 4},
	{404, JSON, ERROR_A(404, "NOT_FOUND", "Resource 'x' was not found", ""), FAULT_NOT_FOUND,
	 NULL, "was not found", 1},
	{404, JSON, ERROR_B(404, "notFound", "Not Found"), FAULT_NOT_FOUND, NULL, "Not Found", 1},
	{404, HTML, "No such object: models/manifest.json", FAULT_NOT_FOUND, NULL, "No such object",
	 1},
	{404, HTML, "<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>", FAULT_HTTP_4XX, NULL,
	 "check project, region, name and endpoint", 1},
	{404, HTML, "", FAULT_HTTP_4XX, NULL, "HTTP 404", 1},
	{404, JSON, "{\"detail\":\"Not Found\"}", FAULT_HTTP_4XX, NULL, "HTTP 404", 1},
	{404, JSON, "{\"error\":\"Not Found\"}", FAULT_HTTP_4XX, NULL, "HTTP 404 Not Found", 1},
	{400, JSON, ERROR_A(400, "INVALID_ARGUMENT", "Location '-' is bad", ""), FAULT_HTTP_4XX,
	 NULL, "HTTP 400 INVALID_ARGUMENT: Location '-' is bad", 1},
	{409, JSON, ERROR_A(409, "ABORTED", "x", ""), FAULT_HTTP_4XX, NULL, "ABORTED", 1},
	{500, JSON, ERROR_A(500, "INTERNAL", "Internal error", ""), FAULT_HTTP_5XX, NULL,
	 "Internal error", 4},
	{501, JSON, ERROR_A(501, "UNIMPLEMENTED", "x", ""), FAULT_HTTP_5XX, NULL, "UNIMPLEMENTED",
	 1},
	{502, HTML, "<html>Bad Gateway</html>", FAULT_HTTP_5XX, NULL, "HTTP 502: ", 4},
	{503, "", "", FAULT_HTTP_5XX, NULL, "HTTP 503: ", 4},
	{301, "Location: http://localhost:1/\r\n", "", FAULT_REDIRECT, NULL, "HTTP 301", 1},
	{400, JSON, "{\"error\":7}", FAULT_HTTP_4XX, NULL, "HTTP 400", 1},
	{400, JSON, "{\"error\":{\"message\":7,\"status\":[],\"details\":{},\"errors\":[7,null]}}",
	 FAULT_HTTP_4XX, NULL, "HTTP 400", 1},
	{403, JSON, "[{\"error\":{}}]", FAULT_DENIED, "run.services.list", "HTTP 403", 1},
	{403, JSON, "{\"error\":{\"details\":[null,{\"@type\":7},{\"metadata\":7}]}}", FAULT_DENIED,
	 "run.services.list", "HTTP 403", 1},
};

START_TEST(every_shape_has_its_class)
{
	struct got got = {0};

	answer_status = shapes[_i].status;
	answer_headers = shapes[_i].headers;
	answer_body = shapes[_i].body;
	start(&got);
	wait_for(&got, 500);
	ck_assert_ptr_nonnull(got.fault);
	ck_assert_msg(got.fault->class == shapes[_i].class, "%s: %s",
		      fault_class_text(got.fault->class), got.fault->message);
	ck_assert_int_eq(got.fault->status, shapes[_i].status);
	ck_assert_pstr_eq(got.fault->permission, shapes[_i].permission);
	ck_assert_msg(strstr(got.fault->message, shapes[_i].part), "%s", got.fault->message);
	ck_assert(g_str_has_prefix(got.fault->message, "list services of acme-prod/us-west2: "));
	ck_assert_int_eq(api_calls(), shapes[_i].calls);
	got_clear(&got);
}
END_TEST

START_TEST(words_of_others_are_bounded)
{
	g_autofree char *flood = g_strnfill(5000, 'x');
	g_autofree char *body = g_strdup_printf(
		"{\"error\":{\"code\":400,\"message\":\"a\\n\\u001b[31m%s\",\"status\":\"%s\"}}",
		flood, flood);
	struct got got = {0};

	answer_status = 400;
	answer_body = body;
	call(&got);
	ck_assert_uint_lt(strlen(got.fault->message), 600);
	ck_assert_ptr_null(strpbrk(got.fault->message, "\n\x1b"));
	got_clear(&got);
}
END_TEST

START_TEST(a_token_that_comes_back_is_not_shown)
{
	struct got got = {0};

	answer_status = 400;
	answer_body = ERROR_A(400, "INVALID_ARGUMENT", "you sent Bearer a-long-secret-token-0", "");
	call(&got);
	ck_assert_int_eq(got.fault->class, FAULT_HTTP_4XX);
	ck_assert_ptr_null(strstr(got.fault->message, "a-long-secret"));
	got_clear(&got);
}
END_TEST

/* --- posts and judges --- */

static void post(struct got *got, google_call_judge_fn judge)
{
	g_autofree char *url = g_strconcat(web->origin, "/v2/queries", NULL);
	struct google_call call = {.api = "bigquery",
				   .what = "ask",
				   .url = url,
				   .timeout_ms = 10000,
				   .deadline_mono_ms = clk_mono_ms() + 100000,
				   .judge = judge};

	if (!credentials)
		credentials = credentials_create(client, &gcp);
	google_call_post(client, credentials, &call, "{\"query\":\"SELECT 1\"}", take, got);
	wait_for(got, 500);
}

START_TEST(a_body_is_posted)
{
	struct got got = {0};

	atomic_store(&good_from, 0);
	post(&got, NULL);
	ck_assert_str_eq(got.body, "{\"services\":[]}");
	ck_assert_str_eq(web->log->pdata[web->log->len - 1], "POST /v2/queries");
	ck_assert_str_eq(web->last_body, "{\"query\":\"SELECT 1\"}");
	ck_assert_ptr_nonnull(strstr(web->last_headers, "Content-Type: application/json\r\n"));
	ck_assert_ptr_nonnull(strstr(web->last_headers, "Authorization: Bearer "));
	got_clear(&got);
}
END_TEST

START_TEST(a_post_is_retried_whole)
{
	struct got got = {0};

	answer_status = 503;
	answer_body = "";
	atomic_store(&good_from, 2);
	post(&got, NULL);
	ck_assert_ptr_nonnull(got.body);
	ck_assert_int_eq(web_count(web, "/v2/queries"), 3);
	ck_assert_str_eq(web->last_body, "{\"query\":\"SELECT 1\"}");
	got_clear(&got);
}
END_TEST

START_TEST(a_post_with_an_old_token_is_sent_again)
{
	struct got got = {0};

	atomic_store(&good_from, 0);
	good_token = g_strdup("a-long-secret-token-1");
	post(&got, NULL);
	ck_assert_ptr_nonnull(got.body);
	ck_assert_int_eq(web_count(web, "/v2/queries"), 2);
	ck_assert_str_eq(web->last_body, "{\"query\":\"SELECT 1\"}");
	got_clear(&got);
}
END_TEST

static struct fault *judge_my_way(void *data, const struct http_response *response)
{
	struct got *got = data;

	ck_assert_int_eq(got->calls, 0); /* before done */
	return fault_create(FAULT_BROKEN, response->status, NULL, "ask: my way");
}

START_TEST(a_judge_makes_the_fault)
{
	struct got got = {0};

	answer_status = 400;
	answer_body = "{}";
	post(&got, judge_my_way);
	ck_assert_int_eq(got.fault->class, FAULT_BROKEN);
	ck_assert_int_eq(got.fault->status, 400);
	ck_assert_str_eq(got.fault->message, "ask: my way");
	got_clear(&got);
}
END_TEST

static const struct {
	int status;
	const char *reason;
	int calls;
} attempts[] = {
	{403, "rateLimitExceeded", 4}, {403, "quotaExceeded", 1},
	{403, "accessDenied", 1},      {500, "backendError", 4},
	{503, "internalError", 4},     {500, "bytesBilledLimitExceeded", 1},
	{500, "jobBackendError", 1},   {503, "resourcesExceeded", 1},
	{400, "jobInternalError", 1},  {429, "rateLimitExceeded", 4},
};

START_TEST(reasons_decide_about_another_attempt)
{
	struct got got = {0};
	g_autofree char *body = g_strdup_printf(
		"{\"error\":{\"code\":%d,\"message\":\"m\",\"errors\":[{\"reason\":\"%s\"}]}}",
		attempts[_i].status, attempts[_i].reason);

	answer_status = attempts[_i].status;
	answer_body = body;
	post(&got, NULL);
	ck_assert_ptr_nonnull(got.fault);
	ck_assert_int_eq(web_count(web, "/v2/queries"), attempts[_i].calls);
	got_clear(&got);
}
END_TEST

/* --- tokens --- */

START_TEST(a_401_refreshes_once)
{
	struct got got = {0};

	atomic_store(&good_from, 0);
	good_token = g_strdup("a-long-secret-token-1");
	call(&got);
	ck_assert_str_eq(got.body, "{\"services\":[]}");
	ck_assert_int_eq(web_count(web, "/computeMetadata"), 2);
	ck_assert_int_eq(api_calls(), 2);
	got_clear(&got);
}
END_TEST

START_TEST(a_second_401_is_denied)
{
	struct got got = {0};

	good_token = g_strdup("another");
	call(&got);
	ck_assert_int_eq(got.fault->class, FAULT_DENIED);
	ck_assert_int_eq(got.fault->status, 401);
	ck_assert_ptr_nonnull(strstr(got.fault->message, "HTTP 401 UNAUTHENTICATED"));
	ck_assert_int_eq(web_count(web, "/computeMetadata"), 2);
	ck_assert_int_eq(api_calls(), 2);
	got_clear(&got);
}
END_TEST

START_TEST(many_refused_calls_share_one_refresh)
{
	struct got got[8] = {0};

	atomic_store(&good_from, 0);
	good_token = g_strdup("a-long-secret-token-1");
	for (int i = 0; i < 8; i++)
		start(&got[i]);
	for (int i = 0; i < 8; i++) {
		wait_for(&got[i], 1);
		ck_assert_ptr_nonnull(got[i].body);
		got_clear(&got[i]);
	}
	ck_assert_int_eq(web_count(web, "/computeMetadata"), 2);
}
END_TEST

START_TEST(without_a_token_nothing_is_sent)
{
	g_autofree char *nowhere = web_nowhere();
	struct got got = {0};

	g_setenv("GCE_METADATA_HOST", nowhere + strlen("http://"), TRUE);
	start(&got);
	wait_for(&got, 500);
	ck_assert_int_eq(got.fault->class, FAULT_RESET);
	ck_assert(g_str_has_prefix(got.fault->message, "list services of acme-prod/us-west2: "));
	ck_assert_int_eq(api_calls(), 0);
	got_clear(&got);
}
END_TEST

START_TEST(freed_credentials_end_their_calls)
{
	struct got got = {0};

	good_token = g_strdup("another");
	start(&got);
	while (api_calls() == 0)
		http_client_poll(client, 5, -1);
	credentials_free(credentials);
	credentials = NULL;
	wait_for(&got, 1);
	ck_assert_int_eq(got.fault->class, FAULT_CANCELLED);
	got_clear(&got);
}
END_TEST

/* --- retries and transport --- */

START_TEST(what_heals_is_retried)
{
	struct got got = {0};

	answer_status = 503;
	answer_body = "";
	atomic_store(&good_from, 3);
	start(&got);
	wait_for(&got, 500);
	ck_assert_ptr_nonnull(got.body);
	ck_assert_int_eq(api_calls(), 4);
	got_clear(&got);
}
END_TEST

START_TEST(retry_info_is_obeyed)
{
	struct got got = {0};
	int64_t start_ms = clk_mono_ms();

	answer_status = 429;
	answer_body = ERROR_A(429, "RESOURCE_EXHAUSTED", "x",
			      "{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\","
			      "\"retryDelay\":\"6.5s\"}");
	atomic_store(&good_from, 1);
	call(&got);
	ck_assert_ptr_nonnull(got.body);
	ck_assert_int_ge(clk_mono_ms() - start_ms, 6500);
	got_clear(&got);
}
END_TEST

START_TEST(transport_failures_have_their_class)
{
	static const struct {
		enum http_failure failure;
		enum fault_class class;
	} cases[] = {
		{HTTP_FAILURE_RESOLVE, FAULT_RESOLVE},
		{HTTP_FAILURE_CONNECT, FAULT_RESET},
		{HTTP_FAILURE_TLS, FAULT_TLS},
		{HTTP_FAILURE_TIMEOUT, FAULT_TIMEOUT},
		{HTTP_FAILURE_RESET, FAULT_RESET},
		{HTTP_FAILURE_TOO_LARGE, FAULT_TOO_LARGE},
		{HTTP_FAILURE_REDIRECT, FAULT_REDIRECT},
		{HTTP_FAILURE_BAD_ANSWER, FAULT_BAD_ANSWER},
		{HTTP_FAILURE_CANCELLED, FAULT_CANCELLED},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		ck_assert_int_eq(errors_class_of_failure(cases[i].failure), cases[i].class);
}
END_TEST

START_TEST(an_api_that_is_away)
{
	struct got got = {0};
	g_autofree char *nowhere = web_nowhere();
	struct google_call away = {.api = "run",
				   .what = "list",
				   .url = nowhere,
				   .deadline_mono_ms = clk_mono_ms() + 100000};

	gcp.credentials = CONFIG_CREDENTIALS_TOKEN;
	gcp.credentials_token = g_strdup("fixed");
	credentials = credentials_create(client, &gcp);
	google_call_get(client, credentials, &away, take, &got);
	wait_for(&got, 500);
	ck_assert_int_eq(got.fault->class, FAULT_RESET);
	ck_assert(g_str_has_prefix(got.fault->message, "list: GET http://127.0.0.1:"));
	got_clear(&got);
}
END_TEST

Suite *google_call_suite(void)
{
	Suite *suite = suite_create("google_call");
	TCase *tcase = tcase_create("calls");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, an_answer_is_handed_over);
	tcase_add_test(tcase, without_a_quota_project_there_is_no_header);
	tcase_add_loop_test(tcase, every_shape_has_its_class, 0, G_N_ELEMENTS(shapes));
	tcase_add_test(tcase, words_of_others_are_bounded);
	tcase_add_test(tcase, a_token_that_comes_back_is_not_shown);
	tcase_add_test(tcase, a_body_is_posted);
	tcase_add_test(tcase, a_post_is_retried_whole);
	tcase_add_test(tcase, a_post_with_an_old_token_is_sent_again);
	tcase_add_test(tcase, a_judge_makes_the_fault);
	tcase_add_loop_test(tcase, reasons_decide_about_another_attempt, 0, G_N_ELEMENTS(attempts));
	tcase_add_test(tcase, a_401_refreshes_once);
	tcase_add_test(tcase, a_second_401_is_denied);
	tcase_add_test(tcase, many_refused_calls_share_one_refresh);
	tcase_add_test(tcase, without_a_token_nothing_is_sent);
	tcase_add_test(tcase, freed_credentials_end_their_calls);
	tcase_add_test(tcase, what_heals_is_retried);
	tcase_add_test(tcase, retry_info_is_obeyed);
	tcase_add_test(tcase, transport_failures_have_their_class);
	tcase_add_test(tcase, an_api_that_is_away);
	suite_add_tcase(suite, tcase);
	return suite;
}
