/* test_completions_run - completion documents are read, many with one call, and what may go wrong
 * with it. DESIGN 3, 7. */
#include "google/firestore.h"
#include "tests/unit/docs_lab.h"

#include <stdatomic.h>
#include <string.h>

Suite *completions_run_suite(void);

#define TRUE_VALUE "{\"booleanValue\":true}"

#define BATCH "/v1/projects/acme/databases/(default)/documents:batchGet"

static struct config_completion *configs[400];
static size_t config_count;

static int answer_status;           /* of Firestore; 200: by the documents */
static const char *answer_body;     /* NULL: every document is told of as below */
static const char *refuse_with;     /* status 400 while this is among the documents; NULL: never */
static bool too_large_unless_alone; /* more than one document: more bytes than are read */
static const char *season;          /* BigQuery's cell: "true"; NULL: 403 */
static const char *hangs; /* beginning of the paths that are never answered, where any are */
static atomic_int most_documents; /* of one call */

#define DOCUMENT "\"fields\":{\"a\":" TRUE_VALUE "},\"updateTime\":\"2026-11-20T10:00:00Z\""

/* Documents whose names begin with "gone" are missing, "mute" is not told of. */
static void tell_of(GString *body, const char *name)
{
	const char *path = strstr(name, "/documents/") + strlen("/documents/");

	if (g_str_has_prefix(path, "mute"))
		return;
	g_string_append(body, body->len > 1 ? "," : "");
	if (g_str_has_prefix(path, "gone"))
		g_string_append_printf(body, "{\"missing\":\"%s\"}", name);
	else if (g_str_has_prefix(path, "hurt"))
		g_string_append_printf(body, "{\"found\":{\"name\":\"%s\",\"fields\":{\"a\":{}}}}",
				       name);
	else
		g_string_append_printf(body, "{\"found\":{\"name\":\"%s\"," DOCUMENT "}}", name);
}

static bool tell_of_all(const struct web_request *request)
{
	g_auto(GStrv) words = g_strsplit(request->body, "\"", -1);
	GString *body = g_string_new("[");
	int documents = 0;

	for (guint i = 0; words[i]; i++) {
		if (!g_str_has_prefix(words[i], "projects/"))
			continue;
		documents++;
		tell_of(body, words[i]);
	}
	if (documents > atomic_load(&most_documents))
		atomic_store(&most_documents, documents);
	g_string_append_c(body, ']');
	if (too_large_unless_alone && documents > 1)
		web_send_text(request, "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n");
	else
		web_reply(request, 200, DOCS_LAB_JSON, body->str);
	(void)g_string_free(body, TRUE);
	return !(too_large_unless_alone && documents > 1);
}

#define DRY_RUN                                                                                    \
	"{\"jobReference\":{\"projectId\":\"acme\",\"location\":\"US\"},\"status\":{\"state\":"    \
	"\"DONE\"},"                                                                               \
	"\"statistics\":{\"totalBytesProcessed\":\"5\",\"query\":{\"totalBytesProcessed\":\"5\","  \
	"\"statementType\":\"SELECT\",\"schema\":{\"fields\":[{\"name\":\"f0_\",\"type\":"         \
	"\"BOOLEAN\"}]}}}}"
#define ANSWER                                                                                     \
	"{\"jobComplete\":true,\"jobReference\":{\"projectId\":\"acme\",\"jobId\":\"j\","          \
	"\"location\":"                                                                            \
	"\"US\"},\"schema\":{\"fields\":[{\"name\":\"f0_\",\"type\":\"BOOLEAN\"}]},\"rows\":[{"    \
	"\"f\":[{"                                                                                 \
	"\"v\":\"%s\"}]}],\"totalRows\":\"1\",\"totalBytesProcessed\":\"5\",\"totalBytesBilled\":" \
	"\"10485760\"}"

static bool answer_season(const struct web_request *request)
{
	g_autofree char *answer = g_strdup_printf(ANSWER, season ? season : "");

	if (season)
		return web_reply(request, 200, DOCS_LAB_JSON,
				 strstr(request->path, "/acme/jobs") ? DRY_RUN : answer);
	return web_reply(request, 403, DOCS_LAB_JSON,
			 "{\"error\":{\"code\":403,\"message\":\"no\",\"errors\":[{\"reason\":"
			 "\"accessDenied\",\"message\":\"no\"}]}}");
}

static bool handle(const struct web_request *request)
{
	if (g_str_has_prefix(request->path, "/bigquery/"))
		return answer_season(request);
	if (refuse_with && strstr(request->body, refuse_with))
		return web_reply(request, 400, DOCS_LAB_JSON,
				 "{\"error\":{\"code\":400,\"message\":\"name\",\"status\":"
				 "\"INVALID_ARGUMENT\"}}");
	if (answer_status != 200 || answer_body)
		return web_reply(request, answer_status, DOCS_LAB_JSON, answer_body);
	return tell_of_all(request);
}

static bool hang(const struct web_request *request)
{
	return g_str_has_prefix(request->path, hangs) ? !web_wait(request, -1) : handle(request);
}

static void reset(void)
{
	answer_status = 200;
	answer_body = NULL;
	refuse_with = NULL;
	too_large_unless_alone = false;
	season = "true";
	hangs = "/";
	config_count = 0;
	atomic_store(&most_documents, 0);
}

static void setup(void)
{
	reset();
	docs_lab_open(handle);
}

static void setup_hanging(void)
{
	reset();
	docs_lab_open(hang);
}

static void teardown(void)
{
	while (config_count > 0)
		docs_lab_completion_free(configs[--config_count]);
	docs_lab_close();
}

static struct config_completion *add(const char *document)
{
	g_autofree char *name = g_strdup_printf("c%zu", config_count);
	struct config_completion *config = docs_lab_completion(name, "a", NULL, NULL);

	docs_lab_set(&config->document, document);
	configs[config_count++] = config;
	return config;
}

static void look(void)
{
	const struct config_target *targets[G_N_ELEMENTS(configs)];

	for (size_t i = 0; i < config_count; i++)
		targets[i] = &configs[i]->target;
	docs_lab_look(targets, config_count);
}

static const struct completion_obs *seen_at(size_t index)
{
	const struct observation *seen = docs_lab_seen(index);

	ck_assert_msg(!seen->fault, "%s", seen->fault ? seen->fault->message : "");
	ck_assert_ptr_nonnull(seen->completion);
	return seen->completion;
}

static void assert_rendered(size_t index, const char *want)
{
	g_autofree char *got = docs_lab_completion_text(seen_at(index));

	ck_assert_str_eq(got, want);
}

START_TEST(one_call_reads_all_documents_of_a_project)
{
	add("phase3/{date}");
	add("phase4/{date}");
	add("phase3/{date}");
	add("gone/{date}");
	look();
	ck_assert_int_eq(web_count(docs_lab.web, ""), 1);
	ck_assert_int_eq(web_count(docs_lab.web, BATCH), 1);
	ck_assert_ptr_nonnull(strstr(docs_lab.web->last_headers,
				     "Authorization: Bearer a-long-secret-token\r\n"));
	ck_assert_ptr_nonnull(
		strstr(docs_lab.web->last_body,
		       "\"projects/acme/databases/(default)/documents/phase3/2026-11-20\""));
	for (size_t i = 0; i < 3; i++) {
		assert_rendered(i, "a+");
		ck_assert(seen_at(i)->found);
		ck_assert_int_eq(seen_at(i)->updated_wall_ms, INT64_C(1795168800000));
		ck_assert_int_eq(seen_at(i)->cost.queries, 0);
	}
	ck_assert_str_eq(seen_at(1)->document, "phase4/2026-11-20");
	ck_assert(!seen_at(3)->found);
	assert_rendered(3, "a-");
}
END_TEST

START_TEST(projects_are_asked_apart)
{
	add("phase3/x");
	docs_lab_set(&add("phase3/x")->project, "other");
	look();
	ck_assert_int_eq(web_count(docs_lab.web, ""), 2);
	ck_assert_int_eq(web_count(docs_lab.web, BATCH), 1);
	ck_assert_int_eq(web_count(docs_lab.web, "/v1/projects/other/"), 1);
	assert_rendered(0, "a+");
	assert_rendered(1, "a+");
}
END_TEST

START_TEST(calls_are_bounded)
{
	for (int i = 0; i < 2 * FIRESTORE_BATCH_MAX + 1; i++) {
		g_autofree char *document = g_strdup_printf("c/%d", i);

		add(document);
	}
	look();
	ck_assert_int_eq(web_count(docs_lab.web, BATCH), 3);
	ck_assert_int_eq(atomic_load(&most_documents), FIRESTORE_BATCH_MAX);
	for (size_t i = 0; i < config_count; i++)
		assert_rendered(i, "a+");
}
END_TEST

START_TEST(L04_a_document_that_is_not_told_of_is_not_missing)
{
	add("mute/x");
	add("phase3/x");
	look();
	docs_lab_fault(0, FAULT_BAD_ANSWER,
		       "read document mute/x of acme: the answer does not tell of it");
	assert_rendered(1, "a+");
}
END_TEST

START_TEST(damage_of_one_document_is_its_own)
{
	add("hurt/x");
	add("phase3/x");
	look();
	docs_lab_fault(0, FAULT_BAD_ANSWER, "read document hurt/x of acme: field a: ");
	assert_rendered(1, "a+");
}
END_TEST

START_TEST(one_refused_document_is_found_among_others)
{
	refuse_with = "bad";
	for (int i = 0; i < 8; i++)
		add(i == 5 ? "bad/x" : "phase3/x");
	look();
	docs_lab_fault(5, FAULT_HTTP_4XX, "read document bad/x of acme: HTTP 400 INVALID_ARGUMENT");
	for (size_t i = 0; i < 8; i++)
		if (i != 5)
			assert_rendered(i, "a+");
	ck_assert_int_eq(web_count(docs_lab.web, BATCH), 7);
}
END_TEST

START_TEST(too_much_for_one_answer_is_asked_in_parts)
{
	too_large_unless_alone = true;
	add("phase3/x");
	add("phase4/x");
	add("phase5/x");
	look();
	for (size_t i = 0; i < 3; i++)
		assert_rendered(i, "a+");
}
END_TEST

START_TEST(a_path_that_is_none_is_not_asked_for)
{
	add("phase3/__x__");
	add("phase3/x");
	look();
	docs_lab_fault(0, FAULT_BROKEN, "reserved");
	assert_rendered(1, "a+");
}
END_TEST

START_TEST(L15_an_unknown_mode_is_a_broken_check)
{
	struct config_completion *config = add("phase3/x");

	docs_lab_set(&config->mode_field, "_mode");
	docs_lab_set(&config->expects[0].mode, "same_day");
	look();
	docs_lab_fault(
		0, FAULT_BROKEN,
		"read document phase3/x of acme: _mode is absent, and keys are expected in mode "
		"same_day only");
}
END_TEST

#define DATASTORE_MODE                                                                             \
	"{\"error\":{\"code\":400,\"message\":\"The Cloud Firestore API is not available for "     \
	"Firestore in Datastore Mode database projects/acme/databases/(default).\",\"status\":"    \
	"\"FAILED_PRECONDITION\"}}"

static const struct {
	int status;
	const char *body;
	enum fault_class class;
	const char *part;
	int calls;
} faults[] = {
	{403,
	 "{\"error\":{\"code\":403,\"message\":\"Missing or insufficient permissions.\",\"status\":"
	 "\"PERMISSION_DENIED\"}}",
	 FAULT_DENIED, "grant datastore.entities.get (roles/datastore.viewer)", 1},
	{403, "<html>", FAULT_DENIED, "datastore.entities.get", 1},
	{404,
	 "{\"error\":{\"code\":404,\"message\":\"The database (default) does not "
	 "exist\",\"status\":"
	 "\"NOT_FOUND\"}}",
	 FAULT_NOT_FOUND, "The database (default) does not exist", 1},
	{404, "<html>", FAULT_HTTP_4XX, "HTTP 404", 1},
	{429, "{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\"}}", FAULT_QUOTA,
	 "HTTP 429", 4},
	{503, "", FAULT_HTTP_5XX, "HTTP 503", 4},
	{400, DATASTORE_MODE, FAULT_DISABLED, "is in Datastore mode", 1},
	/* streamed calls put their error into a list */
	{400, "[" DATASTORE_MODE "]", FAULT_DISABLED, "is in Datastore mode", 1},
	{200, "", FAULT_BAD_ANSWER, "not a JSON document", 1},
	{200, "<html>hello</html>", FAULT_BAD_ANSWER, "not a JSON document", 1},
	{200, "{}", FAULT_BAD_ANSWER, "not a JSON array", 1},
	{200, "[]", FAULT_BAD_ANSWER, "does not tell of it", 1},
	{200, "[{\"found\":7}]", FAULT_BAD_ANSWER, "found is int", 1},
	{200, "[{\"error\":{\"code\":503,\"message\":\"away\",\"status\":\"UNAVAILABLE\"}}]",
	 FAULT_HTTP_5XX, "away", 1},
};

START_TEST(L04_a_failed_look_is_no_answer)
{
	answer_status = faults[_i].status;
	answer_body = faults[_i].body;
	docs_lab.step_ms = faults[_i].calls > 1 ? 20 : 0; /* for the waiting between attempts */
	add("phase3/x");
	add("phase4/x");
	look();
	for (size_t i = 0; i < 2; i++) {
		const struct fault *fault = docs_lab_fault(i, faults[_i].class, faults[_i].part);

		ck_assert(g_str_has_prefix(fault->message, "read document phase"));
		ck_assert_int_eq(fault->permission != NULL, fault->class == FAULT_DENIED);
	}
	ck_assert_int_eq(web_count(docs_lab.web, BATCH), faults[_i].calls);
}
END_TEST

START_TEST(L04_without_credentials_nothing_is_known)
{
	docs_lab_set(&docs_lab.gcp.name, "renamed");
	add("phase3/x");
	look();
	docs_lab_fault(0, FAULT_CREDENTIALS, "renamed");
}
END_TEST

START_TEST(L04_a_hanging_server_is_a_timeout)
{
	docs_lab.step_ms = 100;
	add("phase3/x");
	look();
	docs_lab_fault(0, FAULT_TIMEOUT, "read document phase3/x of acme");
}
END_TEST

/* --- active-when --- */

START_TEST(L22_out_of_season_no_document_is_read)
{
	season = "false";
	add("phase3/x")->active_when = g_strdup("SELECT FALSE");
	add("phase4/x");
	look();
	ck_assert(seen_at(0)->not_active);
	ck_assert_ptr_null(seen_at(0)->document);
	ck_assert(seen_at(0)->cost.bytes_billed > 0);
	assert_rendered(1, "a+");
	ck_assert_ptr_null(strstr(docs_lab.web->last_body, "phase3"));
	ck_assert_int_eq(web_count(docs_lab.web, BATCH), 1);
}
END_TEST

START_TEST(L22_in_season_the_document_is_read)
{
	add("phase3/x")->active_when = g_strdup("SELECT TRUE");
	add("phase4/x")->active_when = g_strdup("SELECT TRUE");
	look();
	assert_rendered(0, "a+");
	assert_rendered(1, "a+");
	ck_assert(!seen_at(0)->not_active);
	ck_assert_int_eq(seen_at(0)->cost.bytes_billed + seen_at(1)->cost.bytes_billed, 10485760);
	ck_assert_int_eq(web_count(docs_lab.web, BATCH), 1);
}
END_TEST

START_TEST(L04_an_unanswered_season_is_no_season)
{
	season = NULL;
	add("phase3/x")->active_when = g_strdup("SELECT TRUE");
	add("phase4/x");
	look();
	docs_lab_fault(0, FAULT_DENIED, "accessDenied");
	assert_rendered(1, "a+");
}
END_TEST

START_TEST(L04_a_slow_season_holds_nobody_up)
{
	hangs = "/bigquery/";
	docs_lab.step_ms = 100;
	add("phase3/x")->active_when = g_strdup("SELECT TRUE");
	add("phase4/x");
	look();
	docs_lab_fault(0, FAULT_TIMEOUT, "active-when");
	assert_rendered(1, "a+");
}
END_TEST

static TCase *add_case(Suite *suite, const char *name, SFun before)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, before, teardown);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	return tc;
}

Suite *completions_run_suite(void)
{
	Suite *suite = suite_create("completions_run");
	TCase *run = add_case(suite, "run", setup);
	TCase *hanging = add_case(suite, "hanging", setup_hanging);

	tcase_add_test(run, one_call_reads_all_documents_of_a_project);
	tcase_add_test(run, projects_are_asked_apart);
	tcase_add_test(run, calls_are_bounded);
	tcase_add_test(run, L04_a_document_that_is_not_told_of_is_not_missing);
	tcase_add_test(run, damage_of_one_document_is_its_own);
	tcase_add_test(run, one_refused_document_is_found_among_others);
	tcase_add_test(run, too_much_for_one_answer_is_asked_in_parts);
	tcase_add_test(run, a_path_that_is_none_is_not_asked_for);
	tcase_add_test(run, L15_an_unknown_mode_is_a_broken_check);
	tcase_add_loop_test(run, L04_a_failed_look_is_no_answer, 0, G_N_ELEMENTS(faults));
	tcase_add_test(run, L04_without_credentials_nothing_is_known);
	tcase_add_test(run, L22_out_of_season_no_document_is_read);
	tcase_add_test(run, L22_in_season_the_document_is_read);
	tcase_add_test(run, L04_an_unanswered_season_is_no_season);
	tcase_add_test(hanging, L04_a_hanging_server_is_a_timeout);
	tcase_add_test(hanging, L04_a_slow_season_holds_nobody_up);
	return suite;
}
