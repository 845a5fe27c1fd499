/* sources: collections against a small HTTP server on loopback: paging, revisions, functions,
 * faults that stay with those they concern, expect-from, probes, what nobody watches. */
#include "source/sources.h"

#include <string.h>

#include "clk.h"
#include "tests/unit/sources_lab.h"

Suite *sources_suite(void);

START_TEST(test_pages)
{
	struct lab lab;

	lab_open(&lab, RUN("a") RUN("b") RUN("c"));
	lab_answer(&lab, FIRST_PAGE, 200,
		   "{\"services\":[" SERVICE("a", "aaaaaaa") "],\"nextPageToken\":\"t/1\"}");
	/* an empty page with a token is legal */
	lab_answer(&lab, FIRST_PAGE "&pageToken=t/1", 200, "{\"nextPageToken\":\"t2\"}");
	lab_answer(&lab, FIRST_PAGE "&pageToken=t2", 200, PAGE(SERVICE("b", "bbbbbbb")));
	lab_collect(&lab);
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "a")), "aaaaaaa");
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "b")), "bbbbbbb");
	ck_assert(!lab_find_service(&lab, "c")->found); /* L08: not there, and that is sure */
	ck_assert_int_eq(lab_hits(&lab, FIRST_PAGE), 1);
	ck_assert_int_eq(lab.unknown_hits, 0);
	lab_close(&lab);
}
END_TEST

static const struct {
	unsigned status;
	const char *body; /* of the second page */
	enum fault_class want_class;
	const char *want_message;
} broken_cases[] = {
	{403, "{}", FAULT_DENIED, "list Cloud Run services of acme/r1"},
	{404, NOT_FOUND, FAULT_NOT_FOUND, "list Cloud Run services of acme/r1"},
	{404, "<html>", FAULT_HTTP_4XX, "list Cloud Run services of acme/r1"},
	{400, "{}", FAULT_HTTP_4XX, "list Cloud Run services of acme/r1"},
	{200, "<html>", FAULT_BAD_ANSWER, "JSON"},
	{200, "{\"services\":", FAULT_BAD_ANSWER, "JSON"},
	{200, "{\"services\":{}}", FAULT_BAD_ANSWER, "services is object"},
	{200, "{\"services\":[{\"labels\":{}}]}", FAULT_BAD_ANSWER, "without a readable name"},
	{200, "{\"unreachable\":[\"r1\"]}", FAULT_HTTP_5XX, "could not reach r1"},
	{200, "{\"nextPageToken\":\"t1\"}", FAULT_BAD_ANSWER, "came twice"},
	{200, "{\"nextPageToken\":7}", FAULT_BAD_ANSWER, "nextPageToken is int"},
};

/* What was read stays read; what was not found may be there: unknown, not missing, not fine. */
START_TEST(L04_broken_list_is_not_a_complete_one)
{
	struct lab lab;
	const struct fault *fault = NULL;

	lab_open(&lab, RUN("a") RUN("b") HTTP("version") "commit-pointer = /c\n");
	lab_answer(&lab, "/version", 200, "{\"c\":\"ccccccc\"}");
	lab_answer(&lab, FIRST_PAGE, 200,
		   "{\"services\":[" SERVICE("a", "aaaaaaa") "],\"nextPageToken\":\"t1\"}");
	lab_answer(&lab, FIRST_PAGE "&pageToken=t1", broken_cases[_i].status,
		   broken_cases[_i].body);
	lab_collect(&lab);
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "a")), "aaaaaaa");
	fault = lab_find_fault(&lab, "b");
	ck_assert_int_eq(fault->class, broken_cases[_i].want_class);
	ck_assert_msg(strstr(fault->message, broken_cases[_i].want_message) != NULL, "%s",
		      fault->message);
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "version")), "ccccccc");
	lab_close(&lab);
}
END_TEST

START_TEST(L04_damage_in_one_service_stays_there)
{
	struct lab lab;
	const struct fault *fault = NULL;

	lab_open(&lab, RUN("a") RUN("b"));
	lab_answer(&lab, FIRST_PAGE, 200,
		   PAGE("{" NAMED("a") ",\"template\":7}," SERVICE("b", "bbbbbbb")));
	lab_collect(&lab);
	fault = lab_find_fault(&lab, "a");
	ck_assert_int_eq(fault->class, FAULT_BAD_ANSWER);
	ck_assert_ptr_nonnull(strstr(fault->message, "template is int"));
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "b")), "bbbbbbb");
	lab_close(&lab);
}
END_TEST

START_TEST(test_endless_paging_ends)
{
	struct lab lab;
	g_autofree char *path = g_strdup(FIRST_PAGE);

	lab_open(&lab, RUN("a"));
	for (int i = 0; i < 300; i++) {
		g_autofree char *body = g_strdup_printf("{\"nextPageToken\":\"t%d\"}", i);

		lab_answer(&lab, path, 200, body);
		g_free(path);
		path = g_strdup_printf(FIRST_PAGE "&pageToken=t%d", i);
	}
	lab_collect(&lab);
	ck_assert_int_eq(lab_find_fault(&lab, "a")->class, FAULT_TOO_LARGE);
	ck_assert_int_eq(lab_hits(&lab, FIRST_PAGE "&pageToken=t198"), 1);
	ck_assert_int_eq(lab_hits(&lab, FIRST_PAGE "&pageToken=t199"), 0);
	lab_close(&lab);
}
END_TEST

#define READY_REVISION                                                                             \
	"\"createTime\":\"2026-01-01T00:00:00Z\",\"conditions\":[{\"type\":\"Ready\","             \
	"\"state\":\"CONDITION_SUCCEEDED\"}],\"labels\":{\"commit-sha\":\"0000000\"}"

/* Traffic is pinned to an old revision while labels and template say the new one (L06). */
START_TEST(L06_serving_revision_is_read_once)
{
	struct lab lab;
	const struct revision_obs *revision = NULL;

	lab_open(&lab, RUN("a") RUN("twin") "service = a\n");
	lab_answer(&lab, FIRST_PAGE, 200, PAGE(SPLIT));
	lab_answer(&lab, LIST "/a/revisions/a-0", 200, "{\"name\":\"x/a-0\"," READY_REVISION "}");
	lab_collect(&lab);
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "a")), "0000000");
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "twin")), "0000000");
	revision = lab_find_service(&lab, "a")->revisions->pdata[0];
	ck_assert_int_eq(revision->created_wall_ms, 1767225600000);
	ck_assert_int_eq(lab_hits(&lab, LIST "/a/revisions/a-0"), 1);
	lab_collect(&lab); /* revisions do not change: not asked again */
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "a")), "0000000");
	ck_assert_int_eq(lab_hits(&lab, LIST "/a/revisions/a-0"), 1);
	ck_assert_int_eq(lab_hits(&lab, FIRST_PAGE), 2);
	lab_close(&lab);
}
END_TEST

static const struct {
	unsigned status;
	const char *body;
	enum fault_class want_class;
} revision_cases[] = {
	{404, NOT_FOUND, FAULT_NOT_FOUND},
	{404, "<html>", FAULT_HTTP_4XX},
	{403, "{}", FAULT_DENIED},
	{200, "{}", FAULT_BAD_ANSWER},
	{200, "{\"name\":\"x/other\"," READY_REVISION "}", FAULT_BAD_ANSWER},
	{200, "{\"name\":\"x/a-0\",\"labels\":[]}", FAULT_BAD_ANSWER},
};

START_TEST(L04_unreadable_revision)
{
	struct lab lab;

	lab_open(&lab, RUN("a") RUN("b"));
	lab_answer(&lab, FIRST_PAGE, 200, PAGE(SPLIT "," SERVICE("b", "bbbbbbb")));
	lab_answer(&lab, LIST "/a/revisions/a-0", revision_cases[_i].status,
		   revision_cases[_i].body);
	lab_collect(&lab);
	ck_assert_int_eq(lab_find_fault(&lab, "a")->class, revision_cases[_i].want_class);
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "b")), "bbbbbbb");
	lab_close(&lab);
}
END_TEST

/* A failed rollout whose revision was deleted since: the old one serves, and that can be told. */
START_TEST(test_deleted_latest_revision)
{
	struct lab lab;
	const struct service_obs *service = NULL;

	lab_open(&lab, RUN("a"));
	lab_answer(&lab, FIRST_PAGE, 200,
		   PAGE("{" NAMED("a") ",\"generation\":\"2\",\"observedGeneration\":\"2\","
				       "\"latestReadyRevision\":\"a-0\",\"latestCreatedRevision\":"
				       "\"a-2\"," ALL_TO_LATEST ",\"template\":{}}"));
	lab_answer(&lab, LIST "/a/revisions/a-0", 200, "{\"name\":\"x/a-0\"," READY_REVISION "}");
	lab_answer(&lab, LIST "/a/revisions/a-2", 404, "<html>");
	lab_collect(&lab); /* who knows what that means */
	ck_assert_int_eq(lab_find_fault(&lab, "a")->class, FAULT_HTTP_4XX);
	lab_answer(&lab, LIST "/a/revisions/a-2", 404, NOT_FOUND);
	lab_collect(&lab);
	service = lab_find_service(&lab, "a");
	ck_assert_str_eq(lab_commit_of(service), "0000000");
	ck_assert_str_eq(service->rollout_error, "revision a-2 did not become ready");
	ck_assert_int_eq(service->latest_created_wall_ms, 0);
	lab_close(&lab);
}
END_TEST

/* 20 are followed, 21 are not. */
START_TEST(test_bound_of_serving_revisions)
{
	struct lab lab;
	GString *text = g_string_new("{\"services\":[{" NAMED("a") "," READY(
		"a") ",\"template\":{},\"trafficStatuses\":[");
	int count = 20 + _i;

	lab_open(&lab, RUN("a"));
	for (int i = 0; i < count; i++) {
		/* the latest is among them, so that it needs no read of its own */
		g_autofree char *name = i == 0 ? g_strdup("a-1") : g_strdup_printf("b-%d", i);
		g_autofree char *path = g_strdup_printf(LIST "/a/revisions/%s", name);
		g_autofree char *body =
			g_strdup_printf("{\"name\":\"%s\"," READY_REVISION "}", name);

		g_string_append_printf(text, "%s{\"revision\":\"%s\",\"percent\":1}", i ? "," : "",
				       name);
		lab_answer(&lab, path, 200, body);
	}
	g_string_append(text, "]}]}");
	lab_answer(&lab, FIRST_PAGE, 200, text->str);
	lab_collect(&lab);
	if (count == 20)
		ck_assert_uint_eq(lab_find_service(&lab, "a")->revisions->len, 20);
	else
		ck_assert_int_eq(lab_find_fault(&lab, "a")->class, FAULT_TOO_LARGE);
	g_string_free(text, TRUE);
	lab_close(&lab);
}
END_TEST

#define FUNCTION_OF(region, name, service)                                                         \
	"{\"name\":\"projects/acme/locations/" region "/functions/" name "\",\"environment\":"     \
	"\"GEN_2\",\"state\":\"ACTIVE\",\"labels\":{\"commit-sha\":\"fffffff\"},\"serviceConfig\"" \
	":{\"service\":\"projects/acme/locations/r1/services/" service "\"}}"
#define FUNCTION_SERVICE(name)                                                                     \
	"{" NAMED(name) "," READY(                                                                 \
		name) "," ALL_TO_LATEST                                                            \
		      ",\"template\":{},\"labels\":{\"goog-managed-by\":\"cloudfunctions\"}}"

START_TEST(test_functions)
{
	struct lab lab;

	lab_open(&lab, FUNCTION("My_F") FUNCTION("gone") FUNCTION("lost")
			       FUNCTION("far") "region = r2\n" RUN("a"));
	lab_answer(&lab, FUNCTIONS_PAGE, 200,
		   "{\"functions\":[" FUNCTION_OF("r1", "My_F", "my-f") "," FUNCTION_OF(
			   "r9", "gone",
			   "gone") "," FUNCTION_OF("r1", "lost",
						   "elsewhere") "],\"unreachable\":[\"projects/"
								"acme/locations/r2\"]}");
	lab_answer(&lab, FIRST_PAGE, 200,
		   PAGE(FUNCTION_SERVICE("my-f") "," SERVICE("a", "aaaaaaa")));
	lab_answer(&lab, "/v2/projects/acme/locations/r2/services?pageSize=200", 200, "{}");
	lab_collect(&lab);
	/* its label stands for the revision; one call reads nothing more */
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "My_F")), "fffffff");
	ck_assert(
		!lab_find_service(&lab, "gone")->found); /* the twin in another region is not it */
	ck_assert_int_eq(lab_find_fault(&lab, "lost")->class, FAULT_BAD_ANSWER);
	ck_assert_int_eq(lab_find_fault(&lab, "far")->class, FAULT_HTTP_5XX);
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "a")), "aaaaaaa");
	ck_assert_int_eq(lab.unknown_hits, 0);
	lab_close(&lab);
}
END_TEST

START_TEST(L04_functions_need_both_lists)
{
	struct lab lab;

	lab_open(&lab, FUNCTION("f") RUN("a") HTTP("version"));
	lab_answer(&lab, "/version", 200, "1234567");
	lab_answer(&lab, FUNCTIONS_PAGE, _i ? 200 : 403,
		   "{\"functions\":[" FUNCTION_OF("r1", "f", "f") "]}");
	lab_answer(&lab, FIRST_PAGE, _i ? 403 : 200,
		   PAGE(FUNCTION_SERVICE("f") "," SERVICE("a", "aaaaaaa")));
	lab_collect(&lab);
	ck_assert_int_eq(lab_find_fault(&lab, "f")->class, FAULT_DENIED);
	ck_assert_int_eq(lab_find(&lab, "a")->fault != NULL, _i);
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "version")), "1234567");
	lab_close(&lab);
}
END_TEST

static const struct {
	unsigned status;
	const char *body;
	enum fault_class want_class; /* FAULT_NONE: observed */
} http_cases[] = {
	{200, "{\"commit\":\"abcdef0\"}", FAULT_NONE},
	{200, "{\"commit\":\"unknown\"}", FAULT_NONE},
	{200, "{\"commit\":7}", FAULT_BAD_ANSWER},
	{200, "{}", FAULT_BAD_ANSWER},
	{200, "<html>", FAULT_BAD_ANSWER},
	{204, "", FAULT_BAD_ANSWER},
	{201, "{\"commit\":\"abcdef0\"}", FAULT_BAD_ANSWER},
	{304, "", FAULT_REDIRECT},
	{400, "{\"commit\":\"abcdef0\"}", FAULT_HTTP_4XX},
	{401, "{\"commit\":\"abcdef0\"}", FAULT_DENIED},
	{403, "{\"commit\":\"abcdef0\"}", FAULT_DENIED},
	{404, "{\"commit\":\"abcdef0\"}", FAULT_HTTP_4XX},
	{501, "{\"commit\":\"abcdef0\"}", FAULT_HTTP_5XX},
};

START_TEST(L04_http_source)
{
	struct lab lab;

	lab_open(&lab, HTTP("version") "commit-pointer = /commit\n" HTTP("beside"));
	lab_answer(&lab, "/version", http_cases[_i].status, http_cases[_i].body);
	lab_answer(&lab, "/beside", 200, "1234567\n");
	lab_collect(&lab);
	if (http_cases[_i].want_class == FAULT_NONE)
		ck_assert(lab_find_service(&lab, "version")->found);
	else
		ck_assert_int_eq(lab_find_fault(&lab, "version")->class, http_cases[_i].want_class);
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "beside")), "1234567");
	lab_close(&lab);
}
END_TEST

START_TEST(test_http_source_bounds_and_secrets)
{
	struct lab lab;
	g_autofree char *large = g_strnfill(2 * 1024 * 1024, ' ');

	lab_open(&lab,
		 "[service \"large\"]\nsource = http\nurl = HOST/large\n"
		 "[service \"document\"]\nsource = http\nurl = HOST/large\ncommit-pointer = /c\n"
		 "[service \"key\"]\nsource = http\nurl = HOST/key?token=hush\n");
	lab_answer(&lab, "/large", 200, large);
	lab_answer(&lab, "/key?token=hush", 404, "");
	lab_collect(&lab);
	ck_assert_int_eq(lab_find_fault(&lab, "large")->class, FAULT_TOO_LARGE);
	ck_assert_int_eq(lab_find_fault(&lab, "document")->class, FAULT_TOO_LARGE);
	ck_assert_ptr_null(strstr(lab_find_fault(&lab, "key")->message, "hush"));
	ck_assert_ptr_nonnull(strstr(lab_find_fault(&lab, "key")->message, "/key"));
	lab_close(&lab);
}
END_TEST

static const struct {
	const char *url;
	bool hang;
	enum fault_class want_class;
	const char *want; /* in the message, HOST being the server's address */
} transport_cases[] = {
	{"HOST/hang/a?token=hush", true, FAULT_TIMEOUT, "GET HOST/hang/a (%s): "},
	{"HOST/large/a?token=hush", false, FAULT_TOO_LARGE,
	 "GET HOST/large/a (%s): answer is larger than "},
	{"http://127.0.0.1:1/shut/a?token=hush", false, FAULT_RESET,
	 "GET http://127.0.0.1:1/shut/a (%s): "},
};

static void check_transport(const struct lab *lab, int row, const struct fault *fault,
			    const char *setting)
{
	g_autofree char *host = g_strdup_printf("http://127.0.0.1:%d", lab->port);
	GString *want = g_string_new(transport_cases[row].want);

	(void)g_string_replace(want, "HOST", host, 0); /* how often is known */
	(void)g_string_replace(want, "%s", setting, 0);
	ck_assert_int_eq(fault->class, transport_cases[row].want_class);
	ck_assert_msg(g_str_has_prefix(fault->message, want->str), "%s", fault->message);
	ck_assert_uint_gt(strlen(fault->message), want->len); /* and why */
	ck_assert_ptr_null(strstr(fault->message, "hush"));
	ck_assert_ptr_null(strstr(fault->message + 1, "GET "));
	g_string_free(want, TRUE);
}

/* Which of the paths of a server it was, and no secrets. */
START_TEST(test_transport_faults_name_the_path)
{
	struct lab lab;
	g_autofree char *large = g_strnfill(2 * 1024 * 1024, ' ');
	g_autofree char *text =
		g_strdup_printf("[service \"broken\"]\nsource = http\nurl = %s\n" HTTP(
					"version") "probe-url = %s\nprobe-expect = /a=b\n",
				transport_cases[_i].url, transport_cases[_i].url);

	lab_open(&lab, text);
	lab_answer(&lab, "/version", 200, "1234567");
	lab_answer(&lab, "/large/a?token=hush", 200, large);
	lab_answer(&lab, "/hang/a?token=hush", 200, "")->hang = true;
	lab_start(&lab, transport_cases[_i].hang ? 300 : LAB_PATIENCE_MS);
	lab_wait(&lab);
	check_transport(&lab, _i, lab_find_fault(&lab, "broken"), "url");
	check_transport(&lab, _i, lab_find_service(&lab, "version")->probe_fault, "probe-url");
	lab_close(&lab);
}
END_TEST

static const struct {
	unsigned status;
	const char *body;
	bool want_fault;
	bool want_equal;
} probe_cases[] = {
	{200, "{\"service\":\"version\"}", false, true},
	{200, "{\"service\":\"other\"}", false, false},
	{200, "{}", false, false},
	{200, "<html>", true, false},
	{404, "{\"service\":\"version\"}", true, false},
};

START_TEST(L07_probe)
{
	struct lab lab;
	const struct service_obs *service = NULL;

	lab_open(&lab,
		 HTTP("version") "probe-url = HOST/health\nprobe-expect = /service=version\n");
	lab_answer(&lab, "/version", 200, "1234567");
	lab_answer(&lab, "/health", probe_cases[_i].status, probe_cases[_i].body);
	lab_collect(&lab);
	service = lab_find_service(&lab, "version"); /* a broken probe hides nothing else */
	ck_assert_str_eq(lab_commit_of(service), "1234567");
	ck_assert_int_eq(service->probe_fault != NULL, probe_cases[_i].want_fault);
	if (probe_cases[_i].want_fault)
		ck_assert_ptr_nonnull(strstr(service->probe_fault->message, "/health (probe-url)"));
	ck_assert_uint_eq(service->probe_count, probe_cases[_i].want_fault ? 0 : 1);
	if (!probe_cases[_i].want_fault)
		ck_assert_int_eq(service->probes[0].equal, probe_cases[_i].want_equal);
	lab_close(&lab);
}
END_TEST

#define WITH_ENV(env)                                                                              \
	PAGE("{" NAMED("a") "," READY(                                                             \
		"a") "," ALL_TO_LATEST                                                             \
		     ",\"template\":{\"labels\":{\"commit-sha\":\"aaaaaaa\"},\"containers\":["     \
		     "{\"env\":[" env "]}]}}")
#define PLAIN(value) "{\"name\":\"MODEL_PATH\",\"value\":\"" value "\"}"
#define PRODUCTION                                                                                 \
	"{\"production_model\":\"v2\",\"models\":{\"v2\":{\"gcs_path\":\"gs://models/v2.bin\"}}}"
#define NAMING(value) "{\"production_model\":\"x\",\"models\":{\"x\":{\"gcs_path\":\"" value "\"}}}"
#define OBJECT "/storage/v1/b/models/o/v2.bin"
#define FOLDER "/storage/v1/b/models/o?prefix=v2.bin/&maxResults=1"

static const struct {
	const char *env; /* of the service */
	unsigned manifest_status;
	const char *manifest;
	unsigned object_status; /* 0: not asked for */
	const char *folder;     /* list of the folder of that name; NULL: 403 */
	bool want_fault, want_present, want_equal, want_missing;
} expect_cases[] = {
	{PLAIN("gs://models/v2.bin"), 200, PRODUCTION, 200, "{}", false, true, true, false},
	{PLAIN("gs://models/v1.bin"), 200, PRODUCTION, 200, "{}", false, true, false, false},
	{"", 200, PRODUCTION, 200, "{}", false, false, false, false},
	{PLAIN("gs://models/v2.bin"), 200, PRODUCTION, 404, "{}", false, true, true, true},
	{PLAIN("gs://models/v2.bin"), 200, PRODUCTION, 404, "{\"items\":[{\"name\":\"v2.bin/x\"}]}",
	 false, true, true, false},
	{PLAIN("gs://models/v2.bin"), 200, PRODUCTION, 404, NULL, true, false, false, false},
	{PLAIN("gs://models/v2.bin"), 200, PRODUCTION, 404, "[]", true, false, false, false},
	{PLAIN("gs://models/v2.bin"), 200, PRODUCTION, 403, "{}", true, false, false, false},
	{PLAIN("gs://models/v2.bin"), 403, PRODUCTION, 200, "{}", true, false, false, false},
	{PLAIN("gs://models/v2.bin"), 404, PRODUCTION, 200, "{}", true, false, false, false},
	{PLAIN("gs://models/v2.bin"), 200, "model: v2", 200, "{}", true, false, false, false},
	{PLAIN("gs://models/v2.bin"), 200, "{\"production_model\":\"v3\"}", 200, "{}", true, false,
	 false, false},
	{"{\"name\":\"MODEL_PATH\",\"valueSource\":{\"secretKeyRef\":{\"secret\":\"s\"}}}", 200,
	 PRODUCTION, 200, "{}", true, true, false, false},
	/* a name that no object can have is not taken for one that is there */
	{PLAIN("gs://ab/v2"), 200, NAMING("gs://ab/v2"), 0, "{}", true, false, false, false},
	{PLAIN("gs://Models/v2"), 200, NAMING("gs://Models/v2"), 0, "{}", true, false, false,
	 false},
	{PLAIN("gs://models"), 200, NAMING("gs://models"), 0, "{}", true, false, false, false},
	{PLAIN("gs://models/"), 200, NAMING("gs://models/"), 0, "{}", true, false, false, false},
	{PLAIN("gs://models/.."), 200, NAMING("gs://models/.."), 0, "{}", true, false, false,
	 false},
	/* a value that names no object asks for none */
	{PLAIN("v2"), 200, NAMING("v2"), 0, "{}", false, true, true, false},
};

START_TEST(L29_expect_from)
{
	struct lab lab;
	const struct expect_from_obs *from = NULL;
	g_autofree char *page = g_strdup_printf(WITH_ENV("%s"), expect_cases[_i].env);

	lab_open(&lab, RUN("a") "expect-from = env.MODEL_PATH gs://models/manifest.json#/models/"
				"{/production_model}/gcs_path\n" RUN(
					"b") "service = a\nexpect-from = env.MODEL_PATH "
					     "gs://models/manifest.json#/models/{/"
					     "production_model}/gcs_path\n");
	lab_answer(&lab, FIRST_PAGE, 200, page);
	lab_answer(&lab, MANIFEST, expect_cases[_i].manifest_status, expect_cases[_i].manifest);
	if (expect_cases[_i].object_status)
		lab_answer(&lab, OBJECT, expect_cases[_i].object_status,
			   expect_cases[_i].object_status == 404 ? NOT_FOUND : "{}");
	lab_answer(&lab, FOLDER, expect_cases[_i].folder ? 200 : 403,
		   expect_cases[_i].folder ? expect_cases[_i].folder : "{}");
	lab_collect(&lab);
	ck_assert_str_eq(lab_commit_of(lab_find_service(&lab, "a")), "aaaaaaa");
	ck_assert_uint_eq(lab_find_service(&lab, "a")->expect_from_count, 1);
	from = &lab_find_service(&lab, "a")->expects_from[0];
	ck_assert_msg((from->fault != NULL) == expect_cases[_i].want_fault, "%s",
		      from->fault ? from->fault->message : "no fault");
	ck_assert_int_eq(from->actual_present, expect_cases[_i].want_present);
	ck_assert_int_eq(from->equal, expect_cases[_i].want_equal);
	ck_assert_int_eq(from->object_missing, expect_cases[_i].want_missing);
	if (expect_cases[_i].object_status == 0 && from->fault)
		ck_assert_ptr_nonnull(strstr(from->fault->message, "is no object's name"));
	ck_assert_int_eq(from->wanted != NULL, !expect_cases[_i].want_fault);
	ck_assert_int_eq(lab_hits(&lab, MANIFEST), 1); /* once, for both */
	ck_assert_int_eq(lab.unknown_hits, 0);
	lab_close(&lab);
}
END_TEST

START_TEST(L08_unwatched)
{
	static const char *const want[] = {"cloud-function acme r1 My_F",
					   "cloud-run acme r1 stray"};
	struct lab lab;

	lab_open(&lab, "report-unwatched = true\n" RUN("a") "[service \"paused\"]\n"
							    "source = cloud-run\n"
							    "paused = true\n");
	lab_answer(&lab, FIRST_PAGE, 200,
		   PAGE(SERVICE("a", "aaaaaaa") "," SERVICE("stray", "bbbbbbb") "," SERVICE(
			   "paused",
			   "ccccccc") ",{" NAMED("my-f") ",\"template\":{},\"labels\":{\"goog-"
							 "managed-by\":\"cloudfunctions\"}"
							 ",\"annotations\":{\"cloudfunctions."
							 "googleapis.com/function-id\":"
							 "\"My_F\"}}"));
	lab_collect(&lab);
	ck_assert_uint_eq(lab.collection->unwatched->len, 2);
	for (guint i = 0; i < 2; i++) {
		const struct unwatched *got = lab.collection->unwatched->pdata[i];
		g_autofree char *text =
			g_strjoin(" ", got->kind, got->project, got->region, got->service, NULL);

		ck_assert_str_eq(text, want[i]);
	}
	ck_assert_uint_eq(lab.collection->listed->len, 1);
	/* a list that broke off says nothing of what it lacks */
	lab_answer(&lab, FIRST_PAGE, 200,
		   "{\"services\":[" SERVICE("stray", "bbbbbbb") "],\"nextPageToken\":\"t\"}");
	lab_answer(&lab, FIRST_PAGE "&pageToken=t", 403, "{}");
	lab_collect(&lab);
	ck_assert_uint_eq(lab.collection->unwatched->len, 0);
	ck_assert_uint_eq(lab.collection->listed->len, 0);
	lab_close(&lab);
}
END_TEST

START_TEST(L08_unwatched_functions_are_not_named_twice)
{
	struct lab lab;

	lab_open(&lab, "report-unwatched = true\n" FUNCTION("f"));
	lab_answer(&lab, FUNCTIONS_PAGE, 200,
		   "{\"functions\":[" FUNCTION_OF("r1", "f", "f") "," FUNCTION_OF(
			   "r1", "Old_G", "old-g") "," FUNCTION_OF("r5", "far", "far") "]}");
	lab_answer(&lab, FIRST_PAGE, 200,
		   PAGE(FUNCTION_SERVICE("f") ",{" NAMED(
			   "old-g") ",\"template\":{},\"labels\":{\"goog-managed-by\":"
				    "\"cloudfunctions\"},\"annotations\":{"
				    "\"cloudfunctions.googleapis.com/function-id\":\"Old_G\"}}"));
	lab_collect(&lab);
	ck_assert_uint_eq(lab.collection->unwatched->len, 1);
	ck_assert_str_eq(((struct unwatched *)lab.collection->unwatched->pdata[0])->service,
			 "Old_G");
	ck_assert_uint_eq(lab.collection->listed->len, 1);
	/* without all functions the report does not speak for the region */
	lab_answer(&lab, FUNCTIONS_PAGE, 403, "{}");
	lab_collect(&lab);
	ck_assert_uint_eq(lab.collection->unwatched->len, 0);
	ck_assert_uint_eq(lab.collection->listed->len, 0);
	lab_close(&lab);
}
END_TEST

Suite *sources_suite(void)
{
	Suite *suite = suite_create("sources");
	TCase *tc = tcase_create("sources");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_pages);
	tcase_add_loop_test(tc, L04_broken_list_is_not_a_complete_one, 0,
			    G_N_ELEMENTS(broken_cases));
	tcase_add_test(tc, L04_damage_in_one_service_stays_there);
	tcase_add_test(tc, test_endless_paging_ends);
	tcase_add_test(tc, L06_serving_revision_is_read_once);
	tcase_add_loop_test(tc, L04_unreadable_revision, 0, G_N_ELEMENTS(revision_cases));
	tcase_add_test(tc, test_deleted_latest_revision);
	tcase_add_loop_test(tc, test_bound_of_serving_revisions, 0, 2);
	tcase_add_test(tc, test_functions);
	tcase_add_loop_test(tc, L04_functions_need_both_lists, 0, 2);
	tcase_add_loop_test(tc, L04_http_source, 0, G_N_ELEMENTS(http_cases));
	tcase_add_test(tc, test_http_source_bounds_and_secrets);
	tcase_add_loop_test(tc, test_transport_faults_name_the_path, 0,
			    G_N_ELEMENTS(transport_cases));
	tcase_add_loop_test(tc, L07_probe, 0, G_N_ELEMENTS(probe_cases));
	tcase_add_loop_test(tc, L29_expect_from, 0, G_N_ELEMENTS(expect_cases));
	tcase_add_test(tc, L08_unwatched);
	tcase_add_test(tc, L08_unwatched_functions_are_not_named_twice);
	suite_add_tcase(suite, tc);
	return suite;
}
