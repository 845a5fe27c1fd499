/* test_http_api - who gets in, and how answers travel: Host, Origin, credentials, ETags, problems.
 * DESIGN 9. One world for all: nothing here changes it. */
#include "tests/integration/harness.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

Suite *http_api_suite(void);

static struct world *world;

static void begin(const char *driftd_extra, const char *sections)
{
	g_autofree char *checkout = NULL, *sha = NULL, *old = NULL;
	GString *config = NULL;

	world = world_create();
	checkout = repo_make(world, "app");
	old = repo_commit(checkout, "a.txt", "one", 2 * A_DAY);
	sha = repo_publish(checkout, "a.txt", "two", A_DAY);
	config = world_base_config(world, driftd_extra);
	g_string_append(config, sections);
	config_add_service(config, "behind", "source = cloud-run\npriority = P0\nowner = ml");
	config_add_service(config, "well", "source = cloud-run\nowner = shop");
	config_add_service(config, "paused", "source = cloud-run\npaused = being moved");
	cloud_deploy(world, "behind", old);
	cloud_deploy(world, "well", sha);
	world_configure(world, config->str);
	g_string_free(config, TRUE);
	world_start(world);
}

static void setup(void)
{
	begin("allowed-host = drift.internal\npublic-url = https://drift.example.com", "");
	world_cycle(world);
}

static void teardown(void)
{
	world_free(world);
}

/** One request and the status it must get. */
struct row {
	const char *method, *path;
	const char *header; /* NULL: none */
	const char *body;   /* NULL: none */
	int status;
};

static const struct row rows[] = {
	/* Host: DNS rebinding */
	{"GET", "/status", "Host: evil.example", NULL, 421},
	{"GET", "/status", "Host: evil.example:8080", NULL, 421},
	{"GET", "/status", "Host: localhost", NULL, 200},
	{"GET", "/status", "Host: localhost:9999", NULL, 200},
	{"GET", "/status", "Host: [::1]:1", NULL, 200},
	{"GET", "/status", "Host: 127.0.0.1.evil.example", NULL, 421},
	{"GET", "/status", "Host: drift.internal", NULL, 200},
	{"GET", "/status", "Host: drift.example.com", NULL, 200},
	{"GET", "/healthz", "Host: evil.example", NULL, 200},
	{"GET", "/readyz", "Host: evil.example", NULL, 200},
	{"POST", "/check?wait=0", "Host: evil.example", NULL, 421},
	/* browsers */
	{"POST", "/check?wait=0", "Origin: http://evil.example", NULL, 403},
	{"POST", "/check?wait=0", "Origin: null", NULL, 403},
	{"POST", "/check?wait=0", "Sec-Fetch-Site: cross-site", NULL, 403},
	{"POST", "/check?wait=0", "Sec-Fetch-Site: same-site", NULL, 403},
	{"GET", "/check?wait=0", "Sec-Fetch-Site: cross-site", NULL, 403},
	{"POST", "/check?wait=0", "Sec-Fetch-Site: none", NULL, 202},
	{"POST", "/check?wait=0", "Sec-Fetch-Site: same-origin", NULL, 202},
	{"GET", "/status", "Sec-Fetch-Site: cross-site", NULL, 200},
	/* paths, methods, parameters */
	{"GET", "/nothing", NULL, NULL, 404},
	{"GET", "/drift/service/nobody", NULL, NULL, 404},
	{"GET", "/drift/service/behind/more", NULL, NULL, 404},
	{"GET", "/checks/99999999", NULL, NULL, 404},
	{"GET", "/checks/x", NULL, NULL, 404},
	{"POST", "/status", NULL, NULL, 405},
	{"DELETE", "/drift", NULL, NULL, 405},
	{"GET", "/status?unknown=1", NULL, NULL, 400},
	{"GET", "/drift?state=broken", NULL, NULL, 400},
	{"GET", "/drift?limit=0", NULL, NULL, 400},
	{"GET", "/drift?limit=x", NULL, NULL, 400},
	{"GET", "/drift?cursor=rubbish", NULL, NULL, 400},
	{"GET", "/drift/behind", NULL, NULL, 200},
	{"HEAD", "/status", NULL, NULL, 200},
	{"HEAD", "/drift", NULL, NULL, 200},
	/* gate */
	{"GET", "/gate", NULL, NULL, 409}, /* without a selector: all */
	{"GET", "/gate?target=service/nobody", NULL, NULL, 400},
	{"GET", "/gate?kind=nothing", NULL, NULL, 400},
	{"GET", "/gate?target=service/behind", NULL, NULL, 409},
	{"GET", "/gate?target=service/well", NULL, NULL, 200},
	{"GET", "/gate?target=service/paused", NULL, NULL, 200},
	{"GET", "/gate?kind=service", NULL, NULL, 409},
	{"GET", "/gate?kind=service&priority=P1", NULL, NULL, 200},
	{"GET", "/gate?kind=service&priority=P0", NULL, NULL, 409},
};

START_TEST(a_request_gets_its_status)
{
	const struct row *row = &rows[_i];
	const char *const headers[] = {row->header, NULL};
	g_autoptr(struct_answer) answer =
		world_call(world, row->method, row->path, headers, row->body);

	ck_assert_msg(answer->status == row->status, "%s %s (%s): %d, not %d: %s", row->method,
		      row->path, row->header ? row->header : "", answer->status, row->status,
		      answer->body);
	if (answer->status < 400 || answer->status == 409 || g_str_equal(row->method, "HEAD"))
		return;
	ck_assert_str_eq(answer_header(answer, "content-type"), "application/problem+json");
	ck_assert_int_eq(json_int_at(answer->json, "status"), row->status);
	ck_assert_str_ne(json_text_at(answer->json, "title"), "");
	if (answer->status == 405)
		ck_assert_ptr_nonnull(answer_header(answer, "allow"));
}
END_TEST

START_TEST(an_own_origin_may_post)
{
	g_autofree char *origin = g_strdup_printf("Origin: %s", world->origin);
	const char *const headers[] = {origin, NULL};
	g_autoptr(struct_answer) answer = world_call(world, "POST", "/check?wait=0", headers, NULL);

	ck_assert_int_eq(answer->status, 202);
	ck_assert(g_str_has_prefix(answer_header(answer, "location"), "/checks/"));
}
END_TEST

static const char *const etag_paths[] = {"/status",  "/drift",        "/drift/service/behind",
					 "/version", "/openapi.json", "/gate?target=service/well"};

START_TEST(an_etag_saves_the_body)
{
	g_autoptr(struct_answer) first = world_get(world, etag_paths[_i]);
	const char *etag = answer_header(first, "etag");
	g_autofree char *match = g_strdup_printf("If-None-Match: \"other\", %s", etag);
	const char *const headers[] = {match, NULL};
	g_autoptr(struct_answer) second = NULL, other = NULL;
	static const char *const wrong[] = {"If-None-Match: \"other\"", NULL};

	ck_assert_msg(etag, "%s has no ETag", etag_paths[_i]);
	second = world_call(world, "GET", etag_paths[_i], headers, NULL);
	ck_assert_msg(second->status == 304, "%s: %d", etag_paths[_i], second->status);
	ck_assert_str_eq(second->body, "");
	ck_assert_ptr_nonnull(answer_header(second, "etag"));
	other = world_call(world, "GET", etag_paths[_i], wrong, NULL);
	ck_assert_int_eq(other->status, 200);
}
END_TEST

START_TEST(an_unchanged_world_keeps_its_etag)
{
	g_autoptr(struct_answer) before = world_get(world, "/status"), after = NULL, drift = NULL;
	g_autoptr(struct_answer) drift_before = world_get(world, "/drift");

	world_cycle(world);
	after = world_get(world, "/status");
	drift = world_get(world, "/drift");
	ck_assert_int_gt(json_int_at(after->json, "check.id"),
			 json_int_at(before->json, "check.id"));
	ck_assert_str_eq(answer_header(after, "etag"), answer_header(before, "etag"));
	ck_assert_str_eq(answer_header(drift, "etag"), answer_header(drift_before, "etag"));
}
END_TEST

START_TEST(text_is_for_people)
{
	static const char *const accept[] = {"Accept: text/plain", NULL};
	g_autoptr(struct_answer) by_accept = world_call(world, "GET", "/drift", accept, NULL);
	g_autoptr(struct_answer) by_format = world_get(world, "/drift?format=text");

	ck_assert_ptr_null(by_accept->json);
	ck_assert_str_eq(by_accept->body, by_format->body);
	ck_assert_ptr_nonnull(strstr(by_accept->body, "service/behind"));
	ck_assert_ptr_null(strstr(by_accept->body, "\033"));
	ck_assert(g_str_has_prefix(answer_header(by_accept, "content-type"), "text/plain"));
}
END_TEST

START_TEST(lists_are_filtered_and_paged)
{
	g_autoptr(struct_answer) all = world_get(world, "/drift?all=1");
	g_autoptr(struct_answer) first = world_get(world, "/drift?all=1&limit=1");
	g_autoptr(struct_answer) owner = world_get(world, "/drift?all=1&owner=shop");
	g_autoptr(struct_answer) second = NULL;
	g_autofree char *next = NULL, *escaped = NULL;

	ck_assert_uint_eq(json_object_array_length(json_at(all->json, "items")), 3);
	ck_assert_str_eq(json_text_at(all->json, "items.0.id"), "service/behind");
	ck_assert_uint_eq(json_object_array_length(json_at(first->json, "items")), 1);
	escaped = g_uri_escape_string(json_text_at(first->json, "next_cursor"), NULL, FALSE);
	next = g_strdup_printf("/drift?all=1&limit=1&cursor=%s", escaped);
	second = world_get(world, next);
	ck_assert_str_eq(json_text_at(second->json, "items.0.id"),
			 json_text_at(all->json, "items.1.id"));
	ck_assert_uint_eq(json_object_array_length(json_at(owner->json, "items")), 1);
	ck_assert_str_eq(json_text_at(owner->json, "items.0.id"), "service/well");
}
END_TEST

START_TEST(a_body_above_a_mebibyte_is_refused)
{
	g_autofree char *body = g_strnfill(1024 * 1024 + 1, ' ');
	g_autoptr(struct_answer) answer = world_call(world, "POST", "/check", NULL, body);
	g_autoptr(struct_answer) after = world_get(world, "/status");

	ck_assert_msg(answer->status == 413 || answer->status == 0, "%d", answer->status);
	ck_assert_int_eq(after->status, 200);
}
END_TEST

START_TEST(a_check_can_be_followed_by_its_id)
{
	g_autoptr(struct_answer) summary = world_check(world), again = NULL;
	g_autofree char *path = g_strdup_printf("/checks/%" G_GINT64_FORMAT,
						json_int_at(summary->json, "check.id"));

	again = world_get(world, path); /* answered means over: at once, not soon */
	ck_assert_msg(g_str_equal(json_text_at(again->json, "overall"),
				  json_text_at(summary->json, "overall")),
		      "%s, then %s", summary->body, again->body);
	ck_assert_int_eq(json_int_at(again->json, "check.id"),
			 json_int_at(summary->json, "check.id"));
}
END_TEST

START_TEST(history_tells_what_ran)
{
	g_autoptr(struct_answer) history = world_get(world, "/history/service/behind");

	ck_assert_uint_ge(json_object_array_length(json_at(history->json, "deployments")), 1);
	ck_assert_uint_ge(json_object_array_length(json_at(history->json, "transitions")), 1);
	ck_assert_str_eq(json_text_at(history->json, "transitions.0.to"), "drift");
}
END_TEST

/* promtool is unpacked by `make deps`; where it is not, this says so. */
START_TEST(metrics_pass_promtool)
{
	g_autofree char *file = world_path(world, "metrics");
	g_autofree char *line = NULL;
	const char *tool = program_path("../tools/usr/bin/promtool");
	const char *arguments[] = {"sh", "-c", NULL, NULL};
	g_autoptr(struct_answer) metrics = world_get(world, "/metrics");
	struct run run;

	if (access(tool, X_OK) != 0) {
		(void)printf("skipped: no promtool; run make deps\n");
		return;
	}
	ck_assert(g_file_set_contents(file, metrics->body, -1, NULL));
	line = g_strdup_printf("exec '%s' check metrics < '%s'", tool, file);
	arguments[2] = line;
	run = run_program(arguments, NULL);
	ck_assert_msg(run.status == 0 && *run.output == '\0', "%d: %s", run.status, run.output);
	run_clear(&run);
}
END_TEST

START_TEST(answers_carry_protective_headers)
{
	g_autoptr(struct_answer) answer = world_get(world, "/status");

	ck_assert_str_eq(answer_header(answer, "x-content-type-options"), "nosniff");
	ck_assert(g_str_has_prefix(answer_header(answer, "content-type"), "application/json"));
}
END_TEST

/* --- with credentials --- */

static void setup_auth(void)
{
	begin("", "[auth]\ntoken = open-sesame\nprotect = all\n\n");
}

static const struct {
	const char *path;
	const char *header; /* NULL: none */
	const char *method;
	int status;
} auth_rows[] = {
	{"/status", NULL, "GET", 401},
	{"/status", "Authorization: Bearer open-sesame", "GET", 200},
	{"/status", "Authorization: bearer open-sesame", "GET", 200},
	{"/status", "Authorization: Bearer wrong", "GET", 401},
	{"/status", "Authorization: Bearer open-sesame1", "GET", 401},
	{"/status", "Authorization: Basic YW55OndheTpvcGVuLXNlc2FtZQ==", "GET", 401},
	/* any:open-sesame */
	{"/status", "Authorization: Basic YW55Om9wZW4tc2VzYW1l", "GET", 200},
	{"/status", "Authorization: Basic %%%", "GET", 401},
	{"/check?wait=0", NULL, "POST", 401},
	{"/check?wait=0", "Authorization: Bearer open-sesame", "POST", 202},
	{"/check?wait=0", "Authorization: Bearer open-sesame", "GET", 202},
	{"/metrics", NULL, "GET", 401},
	{"/drift/service/nobody", NULL, "GET", 401},
	{"/healthz", NULL, "GET", 200},
	{"/version", NULL, "GET", 200},
};

START_TEST(a_credential_opens)
{
	const char *const headers[] = {auth_rows[_i].header, NULL};
	g_autoptr(struct_answer) answer =
		world_call(world, auth_rows[_i].method, auth_rows[_i].path, headers, NULL);

	ck_assert_msg(answer->status == auth_rows[_i].status, "%s (%s): %d, not %d",
		      auth_rows[_i].path, auth_rows[_i].header ? auth_rows[_i].header : "none",
		      answer->status, auth_rows[_i].status);
	if (answer->status == 401)
		ck_assert_ptr_nonnull(answer_header(answer, "www-authenticate"));
}
END_TEST

START_TEST(credentials_come_before_etags)
{
	static const char *const right[] = {"Authorization: Bearer open-sesame", NULL};
	g_autoptr(struct_answer) first = world_call(world, "GET", "/status", right, NULL);
	g_autofree char *match = g_strdup_printf("If-None-Match: %s", answer_header(first, "etag"));
	const char *const without[] = {match, NULL};
	g_autoptr(struct_answer) second = world_call(world, "GET", "/status", without, NULL);

	ck_assert_int_eq(second->status, 401);
	ck_assert_ptr_nonnull(strstr(answer_header(first, "cache-control"), "private"));
	ck_assert_ptr_nonnull(strstr(answer_header(first, "vary"), "Authorization"));
}
END_TEST

Suite *http_api_suite(void)
{
	Suite *suite = suite_create("http-api");
	TCase *open = tcase_create("open"), *closed = tcase_create("with credentials");

	tcase_add_unchecked_fixture(open, setup, teardown);
	tcase_set_timeout(open, 60);
	tcase_add_loop_test(open, a_request_gets_its_status, 0, G_N_ELEMENTS(rows));
	tcase_add_test(open, an_own_origin_may_post);
	tcase_add_loop_test(open, an_etag_saves_the_body, 0, G_N_ELEMENTS(etag_paths));
	tcase_add_test(open, an_unchanged_world_keeps_its_etag);
	tcase_add_test(open, text_is_for_people);
	tcase_add_test(open, lists_are_filtered_and_paged);
	tcase_add_test(open, a_body_above_a_mebibyte_is_refused);
	tcase_add_test(open, a_check_can_be_followed_by_its_id);
	tcase_add_test(open, history_tells_what_ran);
	tcase_add_test(open, metrics_pass_promtool);
	tcase_add_test(open, answers_carry_protective_headers);
	suite_add_tcase(suite, open);
	tcase_add_unchecked_fixture(closed, setup_auth, teardown);
	tcase_set_timeout(closed, 60);
	tcase_add_loop_test(closed, a_credential_opens, 0, G_N_ELEMENTS(auth_rows));
	tcase_add_test(closed, credentials_come_before_etags);
	suite_add_tcase(suite, closed);
	return suite;
}
