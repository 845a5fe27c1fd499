#include <check.h>
#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "alert/link.h"
#include "api/body.h"
#include "api/response.h"
#include "api/router.h"
#include "api/server.h"
#include "api/server_private.h"
#include "api_fixture.h"
#include "clk.h"
#include "drift_error.h"
#include "raw_http.h"

Suite *body_suite(void);

/* --- fields, without a server --- */

static const struct body_field fields[] = {
	{.name = "who", .type = BODY_FIELD_TEXT, .required = true, .max_bytes = 5},
	{.name = "until", .type = BODY_FIELD_TIME},
	{.name = "on", .type = BODY_FIELD_FLAG},
};

static const struct {
	const char *body;
	bool is_form, ok;
	const char *unknown;
} field_cases[] = {
	{"{\"who\":\"abcd\"}", false, true, NULL},
	{"{\"who\":\"abcde\"}", false, true, NULL},
	{"{\"who\":\"abcdef\"}", false, false, NULL},
	{"{\"who\":\" abcde \"}", false, true, NULL},
	{"{\"who\":\"\xc3\xa4\xc3\xa4\xc3\xa4\"}", false, false, NULL}, /* bytes are counted */
	{"{\"who\":\"\xc3\"}", false, false, NULL},
	{"{\"who\":\"a\",\"until\":\"2026-11-20T11:00:00Z\"}", false, true, NULL},
	{"{\"who\":\"a\",\"until\":null,\"on\":null}", false, true, NULL},
	{"{\"who\":\"a\",\"until\":\"2026-11-20\"}", false, false, NULL},
	{"{\"who\":\"a\",\"on\":true}", false, true, NULL},
	{"{\"who\":\"a\",\"on\":1}", false, false, NULL},
	{"{\"who\":\"a\",\"no\":1}", false, false, "no"},
	{"{\"who\":[\"a\"]}", false, false, NULL},
	{"{\"who\":{\"a\":1}}", false, false, NULL},
	{"{}", false, false, NULL},
	{"", false, false, NULL},
	{"{\"who\":\"a\"} x", false, false, NULL},
	{"who=abcde", true, true, NULL},
	{"who=abcdef", true, false, NULL},
	{"who=a&until=2026-11-20T11%3A00%3A00Z&on=1", true, true, NULL},
	{"who=a&until=&on=", true, true, NULL},
	{"who=a&on=maybe", true, false, NULL},
	{"who=a&no=1", true, false, "no"},
	{"who=a&who=b", true, false, NULL},
	{"who=%0a", true, false, NULL},
	{"who=%zz", true, false, NULL},
	{"", true, false, NULL},
};

START_TEST(test_fields)
{
	const char *body = field_cases[_i].body;
	struct body_values values = {0};
	g_autofree char *unknown = NULL;
	g_autoptr(GError) error = NULL;
	bool ok = (field_cases[_i].is_form ? body_parse_form : body_parse_json)(
		body, strlen(body), fields, G_N_ELEMENTS(fields), &values, &unknown, &error);

	ck_assert_msg(ok == field_cases[_i].ok, "%s: %s", body, error ? error->message : "taken");
	ck_assert_msg(g_strcmp0(unknown, field_cases[_i].unknown) == 0, "%s: %s", body, unknown);
	if (!ok) {
		ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
		ck_assert_uint_eq(values.count, 0);
	}
	body_values_done(&values);
}
END_TEST

START_TEST(test_values)
{
	static const char body[] =
		"{\"until\":\"2026-11-20T11:00:03Z\",\"who\":\"ann\",\"on\":true}";
	struct body_values values = {0};
	g_autofree char *unknown = NULL;

	ck_assert(body_parse_json(body, strlen(body), fields, G_N_ELEMENTS(fields), &values,
				  &unknown, NULL));
	ck_assert_str_eq(body_text(&values, "who"), "ann");
	ck_assert_int_eq(body_time(&values, "until", 0), FIXTURE_NOW_WALL_MS);
	ck_assert(body_flag(&values, "on", false));
	ck_assert_ptr_null(body_text(&values, "why"));
	ck_assert_int_eq(body_time(&values, "then", 7), 7);
	ck_assert(body_flag(&values, "off", true));
	body_values_done(&values);
}
END_TEST

/* --- the memory of all of them --- */

START_TEST(test_memory_is_bounded)
{
	struct server server = {0};
	struct upload uploads[3] = {{0}};
	g_autofree char *chunk = g_strnfill(40000, 'x');

	for (size_t i = 0; i < 3; i++) {
		upload_start(&uploads[i], &server, 65536, 2 * 65536 + 4096);
		upload_add(&uploads[i], chunk, 40000);
	}
	ck_assert(!uploads[0].is_crowded_out);
	ck_assert(!uploads[1].is_crowded_out);
	ck_assert(uploads[2].is_crowded_out);
	ck_assert_ptr_null(uploads[2].bytes);
	ck_assert_uint_eq(uploads[1].length, 40000);
	ck_assert_int_eq(uploads[1].bytes[40000], '\0');
	ck_assert_int_le(atomic_load(&server.kept_bytes), 2 * 65536);
	upload_add(&uploads[2], chunk, 1); /* it stays out */
	ck_assert_ptr_null(uploads[2].bytes);
	for (size_t i = 0; i < 3; i++)
		upload_drop(&uploads[i]);
	ck_assert_int_eq(atomic_load(&server.kept_bytes), 0);
}
END_TEST

START_TEST(test_longest_kept)
{
	struct server server = {0};
	struct upload upload = {0};

	upload_start(&upload, &server, 10, 65536);
	upload_add(&upload, "123456789", 9);
	ck_assert_str_eq(upload.bytes, "123456789");
	upload_add(&upload, "0", 1);
	ck_assert_str_eq(upload.bytes, "1234567890");
	upload_add(&upload, "1", 1);
	ck_assert_ptr_null(upload.bytes);
	ck_assert(!upload.is_crowded_out);
	ck_assert_int_eq(atomic_load(&server.kept_bytes), 0);
	upload_drop(&upload); /* twice is fine */
}
END_TEST

/* --- through the server --- */

#define SECRET "a webhook secret of many bytes"

static struct app *app;
static struct server *server;
static struct config *config;
static sem_t woken;
static atomic_bool completes;
static atomic_int taken_pushes;

static void complete_all(void)
{
	struct app_requests requests = {0};

	app_take_requests(app, &requests);
	for (guint i = 0; i < requests.commands->len; i++) {
		struct app_command *command = requests.commands->pdata[i];
		g_autoptr(GError) error =
			g_error_new(DRIFT_ERROR, DRIFT_ERROR_INVALID, "told %s", command->who);

		if (command->kind == APP_COMMAND_PUSH)
			(void)atomic_fetch_add(&taken_pushes, 1);
		app_waiter_done(app);
		command->complete(command->data, 0, error);
		app_command_free(command);
	}
	g_ptr_array_unref(requests.commands);
	g_ptr_array_unref(requests.waiters);
}

static void wake(void *data)
{
	(void)data;
	if (atomic_load(&completes))
		complete_all();
	ck_assert_int_eq(sem_post(&woken), 0);
}

static void setup(void)
{
	struct server_options options = {.listen = "127.0.0.1:0", .listen_fd = -1, .threads = 2};
	g_autoptr(GError) error = NULL;

	ck_assert_int_eq(sem_init(&woken, 0, 0), 0);
	atomic_store(&completes, true);
	atomic_store(&taken_pushes, 0);
	clk_set_fake(FIXTURE_NOW_MONO_MS, FIXTURE_NOW_WALL_MS);
	app = app_create("/nonexistent/driftd.db", wake, NULL);
	app_publish(app, snapshot_create(fixture_world()));
	config = fixture_config_text(
		"[driftd]\ncheck-interval = 5m\n[repo \"main\"]\nbranch = main\n"
		"url = https://github.com/example/pipeline.git\nwebhook-secret = " SECRET "\n"
		"[service \"web\"]\nsource = http\nurl = https://web.example.com/version\n");
	server = server_start(&options, app, config, &error);
	ck_assert_msg(server, "%s", error ? error->message : "");
}

static void teardown(void)
{
	app_stop(app, "driftd is stopping");
	if (server)
		server_stop(server);
	config_unref(config);
	app_free(app);
	ck_assert_int_eq(sem_destroy(&woken), 0);
}

static char *ask(const char *request)
{
	return raw_ask(server_address(server), request);
}

static void await_wake(void)
{
	struct timespec until = {0};

	ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &until), 0);
	until.tv_sec += RAW_PATIENCE_MS / 1000;
	while (sem_timedwait(&woken, &until) != 0)
		ck_assert_int_eq(errno, EINTR);
}

#define HEAD(TARGET, HEADERS)                                                                      \
	"POST " TARGET " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" HEADERS

/* A body of so many bytes, which is a good one whatever its length. */
static char *ack_body(size_t bytes)
{
	static const char start[] = "{\"who\":\"ann\"";
	GString *to = g_string_new(start);

	while (to->len < bytes - 1)
		g_string_append_c(to, ' ');
	g_string_append_c(to, '}');
	return g_string_free(to, FALSE);
}

static const struct {
	int64_t bytes;
	bool chunked;
	int status;
} size_cases[] = {
	{20, false, 409},
	{20, true, 409},
	{ROUTE_FIELDS_MAX_BYTES - 1, false, 409},
	{ROUTE_FIELDS_MAX_BYTES, false, 409},
	{ROUTE_FIELDS_MAX_BYTES, true, 409},
	{ROUTE_FIELDS_MAX_BYTES + 1, false, 413},
	{ROUTE_FIELDS_MAX_BYTES + 1, true, 413},
	{INT64_C(2) * 1024 * 1024, false, 413},
};

START_TEST(test_field_body_size)
{
	g_autofree char *body = ack_body((size_t)size_cases[_i].bytes);
	g_autofree char *request =
		size_cases[_i].chunked
			? g_strdup_printf(HEAD("/incidents/5/ack",
					       "Content-Type: application/json\r\n"
					       "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n0"
					       "\r\n\r\n"),
					  strlen(body), body)
			: g_strdup_printf(HEAD("/incidents/5/ack",
					       "Content-Type: application/json\r\n"
					       "Content-Length: %zu\r\n\r\n%s"),
					  strlen(body), body);
	g_autofree char *answer = ask(request);

	ck_assert_msg(raw_status(answer) == size_cases[_i].status, "%.2000s", answer);
	if (size_cases[_i].status == 409) /* it was read whole */
		ck_assert_ptr_nonnull(strstr(answer, "told ann"));
}
END_TEST

START_TEST(test_expect_continue)
{
	g_autofree char *answer = ask(HEAD("/incidents/5/ack",
					   "Content-Type: application/json\r\nExpect: 100-continue"
					   "\r\nContent-Length: 65537\r\n\r\n"));

	ck_assert_int_eq(raw_status(answer), 413); /* without asking for the body */
}
END_TEST

#define PUSH                                                                                       \
	"{\"ref\":\"refs/heads/%s\",\"repository\":{\"full_name\":\"example/pipeline\"},\"x\":\""

static char *hook_body(const char *branch, size_t bytes)
{
	GString *to = g_string_new(NULL);
	g_autofree char *fill = NULL;

	g_string_append_printf(to, PUSH, branch);
	fill = g_strnfill(bytes - to->len - 2, 'x');
	g_string_append(to, fill);
	g_string_append(to, "\"}");
	return g_string_free(to, FALSE);
}

/* @p secret: it is signed with. */
static char *send_hook(const char *branch, size_t bytes, const char *secret, bool chunked)
{
	g_autofree char *body = hook_body(branch, bytes);
	g_autofree char *hex = link_hmac_hex(secret, body, bytes);
	g_autofree char *length =
		chunked ? g_strdup_printf("Transfer-Encoding: chunked\r\n\r\n%zx", bytes)
			: g_strdup_printf("Content-Length: %zu\r\n", bytes);
	g_autofree char *request = g_strdup_printf(
		HEAD("/hooks/github", "Content-Type: application/json\r\nX-GitHub-Event: push\r\n"
				      "X-Hub-Signature-256: sha256=%s\r\n%s\r\n%s%s"),
		hex, length, body, chunked ? "\r\n0\r\n\r\n" : "");

	return ask(request);
}

#define KEPT ((size_t)ROUTE_HOOK_KEPT_BYTES)
#define MOST ((size_t)ROUTE_HOOK_MAX_BYTES)

static const struct {
	const char *branch;
	size_t bytes;
	const char *secret;
	bool chunked;
	int status, pushes;
} hook_cases[] = {
	{"main", 200, SECRET, false, 202, 1},
	{"main", 200, SECRET, true, 202, 1},
	{"other", 200, SECRET, false, 202, 0},
	{"main", 200, "another", false, 401, 0},
	/* as long as it is read, its branch counts; beyond, its signature alone */
	{"other", KEPT - 1, SECRET, false, 202, 0},
	{"other", KEPT, SECRET, false, 202, 0},
	{"other", KEPT + 1, SECRET, false, 202, 1},
	{"other", KEPT + 1, "another", false, 401, 0},
	{"other", MOST - 1, SECRET, false, 202, 1},
	{"other", MOST, SECRET, false, 202, 1},
	{"other", MOST, "another", false, 401, 0},
	{"other", MOST + 1, SECRET, false, 413, 0},
	{"other", MOST + 1, SECRET, true, 413, 0},
};

START_TEST(test_hook_size)
{
	g_autofree char *answer = send_hook(hook_cases[_i].branch, hook_cases[_i].bytes,
					    hook_cases[_i].secret, hook_cases[_i].chunked);

	ck_assert_msg(raw_status(answer) == hook_cases[_i].status, "%.2000s", answer);
	ck_assert_int_eq(atomic_load(&taken_pushes), hook_cases[_i].pushes);
	ck_assert_int_eq(atomic_load(&server->kept_bytes), 0);
}
END_TEST

START_TEST(test_gitlab_hook)
{
	static const char body[] = "{\"ref\":\"refs/heads/main\",\"project\":{"
				   "\"path_with_namespace\":\"example/pipeline\"}}";
	g_autofree char *request = g_strdup_printf(
		HEAD("/hooks/gitlab", "Content-Type: application/json\r\nX-Gitlab-Event: Push Hook"
				      "\r\nX-Gitlab-Token: " SECRET "\r\nX-Gitlab-Event-UUID: 1-2"
				      "\r\nContent-Length: %zu\r\n\r\n%s"),
		strlen(body), body);
	g_autofree char *first = ask(request);
	g_autofree char *second = ask(request);

	ck_assert_msg(raw_status(first) == 202, "%.2000s", first);
	ck_assert_msg(raw_status(second) == 200, "%.2000s", second);
	ck_assert_int_eq(atomic_load(&taken_pushes), 1);
}
END_TEST

START_TEST(test_repeated_hook_header)
{
	g_autofree char *answer =
		ask(HEAD("/hooks/github", "X-Hub-Signature-256: sha256=00\r\n"
					  "X-Hub-Signature-256: sha256=01\r\n\r\n"));

	ck_assert_int_eq(raw_status(answer), 400);
	ck_assert_ptr_nonnull(strstr(answer, "X-Hub-Signature-256"));
}
END_TEST

/* No memory left: fields are refused, hooks are judged by their signature. */
START_TEST(test_crowded)
{
	g_autofree char *fields_answer = NULL;
	g_autofree char *hook_answer = NULL;

	atomic_store(&server->kept_bytes, API_BODIES_MAX_BYTES - 4095);
	fields_answer =
		ask(HEAD("/incidents/5/ack", "Content-Type: application/json\r\n"
					     "Content-Length: 13\r\n\r\n{\"who\":\"ann\"}"));
	hook_answer = send_hook("other", 200, SECRET, false);
	ck_assert_int_eq(raw_status(fields_answer), 503);
	ck_assert_ptr_nonnull(strstr(fields_answer, "memory"));
	ck_assert_int_eq(raw_status(hook_answer), 202);
	ck_assert_int_eq(atomic_load(&taken_pushes), 1);
	ck_assert_int_eq(atomic_load(&server->kept_bytes), API_BODIES_MAX_BYTES - 4095);
	atomic_store(&server->kept_bytes, API_BODIES_MAX_BYTES - 4096);
	g_free(fields_answer);
	fields_answer =
		ask(HEAD("/incidents/5/ack", "Content-Type: application/json\r\n"
					     "Content-Length: 13\r\n\r\n{\"who\":\"ann\"}"));
	ck_assert_int_eq(raw_status(fields_answer), 409);
}
END_TEST

#define SHORT_ACK                                                                                  \
	HEAD("/incidents/5/ack", "Content-Type: application/json\r\nContent-Length: 13\r\n\r\n"    \
				 "{\"who\":\"ann\"}")

/* Whoever sent a command and left meanwhile harms nobody. */
START_TEST(test_client_leaves_while_waiting)
{
	int fd = raw_dial(server_address(server));
	g_autofree char *answer = NULL;

	atomic_store(&completes, false);
	raw_send(fd, SHORT_ACK);
	await_wake();
	ck_assert_int_eq(app_waiters(app), 1);
	ck_assert_int_eq(close(fd), 0);
	complete_all();
	ck_assert_int_eq(app_waiters(app), 0);
	answer = ask("GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
	ck_assert_int_eq(raw_status(answer), 200);
}
END_TEST

START_TEST(test_stop_answers_commands)
{
	int fd = raw_dial(server_address(server));
	g_autofree char *answer = NULL;

	atomic_store(&completes, false);
	raw_send(fd, SHORT_ACK);
	await_wake();
	app_stop(app, "driftd is stopping");
	server_stop(server);
	server = NULL;
	answer = raw_read_all(fd);
	ck_assert_int_eq(raw_status(answer), 503);
	ck_assert_ptr_nonnull(strstr(answer, "driftd is stopping"));
}
END_TEST

START_TEST(test_too_many_commands)
{
	g_autofree char *answer = NULL;

	atomic_store(&completes, false);
	for (int i = 0; i < APP_WAITERS_MAX; i++) {
		struct app_command *command = app_command_create(APP_COMMAND_KEYS);

		ck_assert(app_send_command(app, command, NULL));
	}
	answer = ask(SHORT_ACK);
	ck_assert_int_eq(raw_status(answer), 503);
	ck_assert_ptr_nonnull(strstr(answer, "/problems/busy"));
	/* they wait for nobody: dropped here, since nobody can complete them */
	{
		struct app_requests requests = {0};

		app_take_requests(app, &requests);
		g_ptr_array_set_free_func(requests.commands, (GDestroyNotify)app_command_free);
		g_ptr_array_unref(requests.commands);
		g_ptr_array_unref(requests.waiters);
	}
}
END_TEST

/* --- an OIDC token whose key is not known --- */

/* {"alg":"RS256","kid":"k1"}, {"iss":"https://accounts.google.com"}, and no signature of anything */
#define TOKEN                                                                                      \
	"eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0.eyJpc3MiOiJodHRwczovL2FjY291bnRzLmdvb2dsZS5jb20ifQ."  \
	"c2lnbmF0dXJl"

static void use_oidc(void)
{
	struct config *oidc =
		fixture_config(NULL, "token = s3cret\noidc-audience = https://drift.example.com\n"
				     "oidc-email = a@example.com\n");

	server_set_config(server, oidc);
	config_unref(oidc);
}

static void complete_keys(void)
{
	struct app_requests requests = {0};
	struct app_command *command = NULL;
	g_autoptr(GError) error =
		g_error_new_literal(DRIFT_ERROR, DRIFT_ERROR_UNAVAILABLE, "no answer");

	app_take_requests(app, &requests);
	ck_assert_uint_eq(requests.commands->len, 1);
	command = requests.commands->pdata[0];
	ck_assert_int_eq(command->kind, APP_COMMAND_KEYS);
	ck_assert_int_gt(command->deadline_mono_ms, FIXTURE_NOW_MONO_MS);
	app_waiter_done(app);
	command->complete(command->data, 0, error);
	app_command_free(command);
	g_ptr_array_unref(requests.commands);
	g_ptr_array_unref(requests.waiters);
}

/* It waits for the keys, once, and is refused when they cannot be had: never let in. */
START_TEST(test_keys_are_awaited_once)
{
	int fd = raw_dial(server_address(server));
	g_autofree char *answer = NULL;

	use_oidc();
	atomic_store(&completes, false);
	raw_send(fd, HEAD("/incidents/5/ack", "Content-Type: application/json\r\n"
					      "Authorization: Bearer " TOKEN "\r\n"
					      "Content-Length: 13\r\n\r\n{\"who\":\"ann\"}"));
	await_wake();
	complete_keys();
	answer = raw_read_all(fd);
	ck_assert_msg(raw_status(answer) == 503, "%.2000s", answer);
	ck_assert_int_eq(app_waiters(app), 0);
	ck_assert_int_eq(sem_trywait(&woken), -1); /* nothing else was asked of the scheduler */
}
END_TEST

/* A wait for keys does not keep a stopping driftd. */
START_TEST(test_keys_when_it_stops)
{
	int fd = raw_dial(server_address(server));
	g_autofree char *answer = NULL;

	use_oidc();
	atomic_store(&completes, false);
	raw_send(fd, HEAD("/check", "Authorization: Bearer " TOKEN "\r\n\r\n"));
	await_wake();
	app_stop(app, "driftd is stopping");
	answer = raw_read_all(fd);
	ck_assert_int_eq(raw_status(answer), 503);
}
END_TEST

/* --- headers of every answer --- */

static void check_header(const char *answer, const char *name, const char *want)
{
	g_autofree char *value = raw_header(answer, name);

	ck_assert_msg(g_strcmp0(value, want) == 0, "%s: %s, not %s, in\n%.2000s", name, value, want,
		      answer);
}

static void check_secure(const char *answer, bool is_page, bool changes)
{
	g_autofree char *policy = raw_header(answer, "Content-Security-Policy");
	g_autofree char *caching = raw_header(answer, "Cache-Control");
	g_autofree char *type = raw_header(answer, "Content-Type");

	check_header(answer, "X-Content-Type-Options", "nosniff");
	check_header(answer, "X-Frame-Options", "DENY");
	check_header(answer, "Cross-Origin-Resource-Policy",
		     g_strcmp0(type, response_svg) == 0 ? "cross-origin"
							: "same-origin"); /* badges */
	check_header(answer, "Referrer-Policy", is_page ? "same-origin" : "no-referrer");
	ck_assert_msg(policy && g_str_has_prefix(policy, "default-src 'none'; "), "%s", policy);
	ck_assert_ptr_nonnull(strstr(policy, "frame-ancestors 'none'"));
	ck_assert_ptr_nonnull(strstr(policy, "base-uri 'none'"));
	ck_assert_int_eq(strstr(policy, "form-action 'self'") != NULL, is_page);
	ck_assert_ptr_null(strstr(policy, "unsafe"));
	ck_assert_ptr_nonnull(caching);
	if (changes || g_strcmp0(type, response_problem) == 0)
		ck_assert_str_eq(caching, "no-store");
}

/* A path of that route: each {…} is 1. */
static char *path_of(const struct route *route)
{
	GString *to = g_string_new(NULL);

	for (const char *p = route->path; *p; p++) {
		if (*p != '{') {
			g_string_append_c(to, *p);
			continue;
		}
		g_string_append_c(to, '1');
		p = strchr(p, '}');
	}
	return g_string_free(to, FALSE);
}

static char *ask_head(const char *request)
{
	int fd = raw_dial(server_address(server));

	raw_send(fd, request);
	return raw_read_head(fd);
}

static const char *const methods[] = {"GET", "HEAD", "POST", "DELETE", "PUT", "OPTIONS"};

START_TEST(test_security_headers_on_every_route)
{
	size_t count = 0;
	const struct route *routes = router_routes(&count);
	const char *method = methods[_i];

	for (size_t i = 0; i < count; i++) {
		g_autofree char *path = path_of(&routes[i]);
		g_autofree char *request = g_strdup_printf(
			"%s %s%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", method,
			path,
			strcmp(path, "/check") == 0   ? "?wait=0"
			: strcmp(path, "/ack/1") == 0 ? "?e=1&s=x"
						      : ""); /* a page whatever there is */
		bool endless = strcmp(path, "/events") == 0 && strcmp(method, "GET") == 0;
		g_autofree char *answer = endless ? ask_head(request) : ask(request);
		g_autofree char *type = raw_header(answer, "Content-Type");
		bool is_page = type && g_str_has_prefix(type, "text/html");

		ck_assert_int_eq(is_page, strcmp(routes[i].path, "/ack/{n}") == 0 &&
						  (strcmp(method, "GET") == 0 ||
						   strcmp(method, "HEAD") == 0));
		check_secure(answer, is_page, strcmp(method, "POST") == 0);
	}
}
END_TEST

/* Refusals before any route is looked at. */
static const char *const refused[] = {
	"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
	"GET /status HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
	"GET /status HTTP/1.1\r\nConnection: close\r\n\r\n",
	"GET /status?x=%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
	"GET http://localhost/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
	"POST /check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n",
	("POST /check HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n"
	 "Connection: close\r\n\r\n"),
};

START_TEST(test_security_headers_on_refusals)
{
	g_autofree char *answer = ask(refused[_i]);

	ck_assert_int_ge(raw_status(answer), 400);
	check_secure(answer, false, false);
}
END_TEST

Suite *body_suite(void)
{
	Suite *suite = suite_create("body");
	TCase *alone = tcase_create("fields");
	TCase *served = tcase_create("served");

	tcase_add_loop_test(alone, test_fields, 0, G_N_ELEMENTS(field_cases));
	tcase_add_test(alone, test_values);
	tcase_add_test(alone, test_memory_is_bounded);
	tcase_add_test(alone, test_longest_kept);
	suite_add_tcase(suite, alone);
	tcase_set_timeout(served, 60); /* 25 MiB under a sanitizer take their time */
	tcase_add_checked_fixture(served, setup, teardown);
	tcase_add_loop_test(served, test_field_body_size, 0, G_N_ELEMENTS(size_cases));
	tcase_add_test(served, test_expect_continue);
	tcase_add_loop_test(served, test_hook_size, 0, G_N_ELEMENTS(hook_cases));
	tcase_add_test(served, test_gitlab_hook);
	tcase_add_test(served, test_repeated_hook_header);
	tcase_add_test(served, test_crowded);
	tcase_add_test(served, test_client_leaves_while_waiting);
	tcase_add_test(served, test_stop_answers_commands);
	tcase_add_test(served, test_too_many_commands);
	tcase_add_test(served, test_keys_are_awaited_once);
	tcase_add_test(served, test_keys_when_it_stops);
	tcase_add_loop_test(served, test_security_headers_on_every_route, 0, G_N_ELEMENTS(methods));
	tcase_add_loop_test(served, test_security_headers_on_refusals, 0, G_N_ELEMENTS(refused));
	suite_add_tcase(suite, served);
	return suite;
}
