#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/server.h"
#include "api_fixture.h"
#include "clk.h"
#include "drift_error.h"
#include "raw_http.h"

Suite *server_suite(void);

static struct app *app;
static struct server *server;
static struct config *config;
static sem_t woken;
static atomic_bool completes_at_once;

static void complete_all(const char *summary, enum state overall, const char *error)
{
	struct app_requests requests = {0};

	app_take_requests(app, &requests);
	for (guint i = 0; i < requests.waiters->len; i++) {
		struct waiter *waiter = requests.waiters->pdata[i];

		app_waiter_done(app);
		waiter->complete(waiter->data, 813, summary, overall, error);
		g_free(waiter);
	}
	g_ptr_array_unref(requests.waiters);
	g_ptr_array_unref(requests.commands);
}

static void wake(void *data)
{
	(void)data;
	if (atomic_load(&completes_at_once))
		complete_all("{\"at\":\"once\"}", STATE_OK, NULL);
	ck_assert_int_eq(sem_post(&woken), 0);
}

static void start_with(const char *auth, const char *listen, unsigned threads)
{
	struct server_options options = {.listen = listen, .listen_fd = -1, .threads = threads};
	g_autoptr(GError) error = NULL;

	config = fixture_config(NULL, auth);
	server = server_start(&options, app, config, &error);
	ck_assert_msg(server, "%s", error ? error->message : "");
}

static void create_app(void)
{
	ck_assert_int_eq(sem_init(&woken, 0, 0), 0);
	atomic_store(&completes_at_once, false);
	clk_set_fake(FIXTURE_NOW_MONO_MS, FIXTURE_NOW_WALL_MS);
	app = app_create("/nonexistent/driftd.db", wake, NULL);
	app_publish(app, snapshot_create(fixture_world()));
}

static void setup(void)
{
	create_app();
	start_with(NULL, "127.0.0.1:0", 2);
}

static void teardown(void)
{
	app_stop(app, "driftd is stopping");
	if (server)
		server_stop(server);
	server = NULL;
	config_unref(config);
	app_free(app);
	ck_assert_int_eq(sem_destroy(&woken), 0);
}

/* One request on a connection of its own. */
static char *ask(const char *request)
{
	return raw_ask(server_address(server), request);
}

static int dial(void)
{
	return raw_dial(server_address(server));
}

#define REQUEST(METHOD, TARGET, HEADERS)                                                           \
	METHOD " " TARGET " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" HEADERS "\r\n"

static void check_header(const char *answer, const char *name, const char *want)
{
	g_autofree char *value = raw_header(answer, name);

	ck_assert_msg(g_strcmp0(value, want) == 0, "%s: %s, not %s, in\n%.2000s", name, value, want,
		      answer);
}

START_TEST(test_get)
{
	g_autofree char *answer = ask(REQUEST("GET", "/status", ""));
	struct snapshot *snapshot = app_snapshot(app);

	ck_assert_int_eq(raw_status(answer), 200);
	ck_assert_str_eq(raw_body(answer), snapshot->status_json.bytes);
	check_header(answer, "ETag", snapshot->status_json.etag);
	check_header(answer, "Content-Type", "application/json");
	check_header(answer, "Cache-Control", "no-cache");
	check_header(answer, "Vary", "Accept, Accept-Encoding");
	check_header(answer, "X-Content-Type-Options", "nosniff");
	check_header(answer, "Content-Security-Policy",
		     "default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
	check_header(answer, "X-Frame-Options", "DENY");
	check_header(answer, "Referrer-Policy", "no-referrer");
	check_header(answer, "Cross-Origin-Resource-Policy", "same-origin");
	snapshot_unref(snapshot);
}
END_TEST

START_TEST(test_head)
{
	g_autofree char *head = ask(REQUEST("HEAD", "/status", ""));
	g_autofree char *get = ask(REQUEST("GET", "/status", ""));
	g_autofree char *length = raw_header(get, "Content-Length");
	g_autofree char *own = ask(REQUEST("HEAD", "/version", ""));

	ck_assert_int_eq(raw_status(head), 200);
	ck_assert_str_eq(raw_body(head), "");
	check_header(head, "Content-Length", length);
	ck_assert_str_eq(raw_body(own), "");
	ck_assert_int_eq(raw_status(own), 200);
}
END_TEST

START_TEST(test_not_modified)
{
	static const char *const targets[] = {"/status", "/drift", "/version", "/drift/web"};
	g_autofree char *first = NULL;
	g_autofree char *etag = NULL;
	g_autofree char *again = NULL;
	g_autofree char *second = NULL;

	first = g_strdup_printf(REQUEST("GET", "%s", ""), targets[_i]);
	again = ask(first);
	etag = raw_header(again, "ETag");
	ck_assert_ptr_nonnull(etag);
	g_free(first);
	first = g_strdup_printf(REQUEST("GET", "%s", "If-None-Match: \"x\", %s\r\n"), targets[_i],
				etag);
	second = ask(first);
	ck_assert_int_eq(raw_status(second), 304);
	ck_assert_str_eq(raw_body(second), "");
	check_header(second, "ETag", etag);
	check_header(second, "Cache-Control", "no-cache");
	check_header(second, "Vary", "Accept, Accept-Encoding");
}
END_TEST

/* Two requests, one connection. */
START_TEST(test_keep_alive)
{
	int fd = dial();
	g_autofree char *both = NULL;
	const char *second = NULL;

	raw_send(fd, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
	raw_send(fd, REQUEST("GET", "/version?", ""));
	both = raw_read_all(fd);
	ck_assert_int_eq(raw_status(both), 200);
	second = strstr(raw_body(both), "HTTP/1.1 ");
	ck_assert_ptr_nonnull(second);
	ck_assert_ptr_nonnull(strstr(second, "\"name\":\"driftd\""));
}
END_TEST

static const struct {
	const char *request;
	int status;
	const char *expect; /* somewhere in the answer */
} single_cases[] = {
	{REQUEST("GET", "/nothing", ""), 404, "application/problem+json"},
	{REQUEST("PUT", "/status", "Content-Length: 2\r\n") "{}", 405, "Allow: GET, HEAD\r\n"},
	{REQUEST("GET", "/status?x=%zz", ""), 400, "/problems/invalid-request"},
	{REQUEST("GET", "/status?x=%00", ""), 400, "/problems/invalid-request"},
	{REQUEST("GET", "http://localhost/status", ""), 400, "/problems/invalid-request"},
	{REQUEST("GET", "/status%00", ""), 404, "/problems/not-found"},
	{REQUEST("GET", "/drift/%77orker?format=text", ""), 200, "service/worker"},
	{REQUEST("GET", "/drift?owner=m%6C", ""), 200, "service/worker"},
	{REQUEST("GET", "/status", "Host: localhost\r\n"), 400, "/problems/invalid-request"},
	{REQUEST("GET", "/status", "Authorization: a\r\nAuthorization: b\r\n"), 400,
	 "the header Authorization"},
	{"GET /status HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421,
	 "allowed-host"},
	{"GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 200, "ok"},
	{"GET /status HTTP/1.1\r\nConnection: close\r\n\r\n", 400, "/problems/invalid-request"},
	{"GET /status HTTP/1.0\r\n\r\n", 400, "/problems/invalid-request"},
	{"GET /healthz HTTP/1.0\r\n\r\n", 200, "ok"},
	{REQUEST("POST", "/check?wait=0", "Content-Length: 0\r\n"), 202, "Location: /checks/"},
	{REQUEST("POST", "/check?wait=0", ""), 202, "Cache-Control: no-store"},
	{REQUEST("POST", "/check?wait=0",
		 "Content-Type: application/octet-stream\r\nContent-Length: 5\r\n") "hello",
	 202, "Location: /checks/"},
	{REQUEST("POST", "/check?wait=0",
		 "Transfer-Encoding: chunked\r\n") "5\r\nhello\r\n0\r\n\r\n",
	 202, "Location: /checks/"},
	{REQUEST("POST", "/check?wait=0", "Origin: http://evil.example\r\n"), 403,
	 "/problems/forbidden"},
	{REQUEST("GET", "/check?wait=0", ""), 202, "Location"},
	{REQUEST("GET", "/check?wait=0", "X-Forwarded-For: 10.0.0.1\r\n"), 403, "use POST"},
	{REQUEST("GET", "/check?wait=0", "Forwarded: for=10.0.0.1\r\n"), 403, "use POST"},
	{REQUEST("GET", "/status", "Content-Length: 5\r\n") "hello", 200, "generated_at"},
	/* RFC 9112 6.3: two lengths are two requests to somebody */
	{REQUEST("POST", "/check?wait=0", "Content-Length: 5\r\nContent-Length: 5\r\n") "hello",
	 400, "Connection: close\r\n"},
	{REQUEST("POST", "/check?wait=0",
		 "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") "0"
									"\r\n\r\n",
	 400, "Connection: close\r\n"},
	{REQUEST("POST", "/check?wait=0", "Transfer-Encoding: chunked\r\n") "0\r\n\r\n", 202,
	 "Location: /checks/"},
	{REQUEST("GET", "/status", "If-None-Match: *\r\n"), 304, ""},
	{REQUEST("GET", "/drift", "Accept: text/plain\r\n"), 200,
	 "Content-Type: text/plain; charset=utf-8"},
	{REQUEST("GET", "/metrics", ""), 200, "process_resident_memory_bytes"},
};

START_TEST(test_single)
{
	g_autofree char *answer = ask(single_cases[_i].request);

	ck_assert_msg(raw_status(answer) == single_cases[_i].status, "%s\n%.2000s",
		      single_cases[_i].request, answer);
	ck_assert_msg(strstr(answer, single_cases[_i].expect), "%s\n%.2000s",
		      single_cases[_i].request, answer);
}
END_TEST

#define MIB ((size_t)1024 * 1024)

static const struct {
	size_t bytes;
	const char *headers; /* beside Content-Length */
	int status;
} body_cases[] = {
	{MIB - 1, "", 202},
	{MIB, "", 202},
	{MIB + 1, "", 413},
	{8 * MIB, "", 413},
};

START_TEST(test_body_size)
{
	g_autofree char *body = g_strnfill(body_cases[_i].bytes, 'x');
	g_autofree char *request =
		g_strdup_printf(REQUEST("POST", "/check?wait=0", "Content-Length: %zu\r\n%s") "%s",
				body_cases[_i].bytes, body_cases[_i].headers, body);
	g_autofree char *answer = ask(request);

	ck_assert_msg(raw_status(answer) == body_cases[_i].status, "%.2000s", answer);
	if (body_cases[_i].status == 413)
		ck_assert_ptr_nonnull(strstr(answer, "/problems/body-too-large"));
}
END_TEST

START_TEST(test_huge_body_is_refused_unread)
{
	g_autofree char *answer =
		ask(REQUEST("POST", "/check?wait=0", "Content-Length: 9000000\r\n"));

	ck_assert_int_eq(raw_status(answer), 413);
}
END_TEST

START_TEST(test_chunked_body_size)
{
	g_autofree char *body = g_strnfill(2 * MIB, 'x');
	g_autofree char *request = g_strdup_printf(
		REQUEST("POST", "/check?wait=0",
			"Transfer-Encoding: chunked\r\n") "200000\r\n%s\r\n0\r\n\r\n",
		body);
	g_autofree char *answer = ask(request);

	ck_assert_int_eq(raw_status(answer), 413);
}
END_TEST

START_TEST(test_expect_continue)
{
	g_autofree char *small = ask(REQUEST(
		"POST", "/check?wait=0", "Expect: 100-continue\r\nContent-Length: 5\r\n") "hello");
	g_autofree char *large = ask(REQUEST(
		"POST", "/check?wait=0", "Expect: 100-continue\r\nContent-Length: 1048577\r\n"));

	ck_assert(g_str_has_prefix(small, "HTTP/1.1 100 "));
	ck_assert_int_eq(raw_status(raw_body(small)), 202);
	ck_assert_int_eq(raw_status(large), 413); /* without asking for the body */
}
END_TEST

static const struct {
	size_t uri_bytes, header_bytes;
	int status;
	const char *expect;
} frame_cases[] = {
	{8192, 0, 400, "/problems/unknown-parameter"},
	{8193, 0, 414, "/problems/uri-too-long"},
	{12288, 0, 414, "/problems/uri-too-long"},
	{102400, 0, 414, ""}, /* libmicrohttpd's own words */
	{20, 10240, 400, "/problems/unknown-parameter"},
	{20, 15360, 431, "/problems/headers-too-large"},
	{20, 102400, 431, ""},
};

START_TEST(test_frame_size)
{
	g_autofree char *query = g_strnfill(frame_cases[_i].uri_bytes - strlen("/status?x="), 'x');
	g_autofree char *header = g_strnfill(frame_cases[_i].header_bytes, 'h');
	g_autofree char *request =
		g_strdup_printf(REQUEST("GET", "/status?x=%s", "X-Long: %s\r\n"), query, header);
	g_autofree char *answer = ask(request);

	ck_assert_msg(raw_status(answer) == frame_cases[_i].status, "%zu, %zu: %.2000s",
		      frame_cases[_i].uri_bytes, frame_cases[_i].header_bytes, answer);
	ck_assert_msg(strstr(answer, frame_cases[_i].expect), "%.2000s", answer);
}
END_TEST

static void await_wake(void)
{
	struct timespec until = {0};

	ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &until), 0);
	until.tv_sec += RAW_PATIENCE_MS / 1000;
	while (sem_timedwait(&woken, &until) != 0)
		ck_assert_int_eq(errno, EINTR);
}

START_TEST(test_check_waits)
{
	int fds[3] = {dial(), dial(), dial()};
	const char *summary = "{\"overall\":\"drift\"}";
	g_autofree char *strict = NULL;

	raw_send(fds[0], REQUEST("POST", "/check", "Content-Length: 2\r\n") "{}");
	raw_send(fds[1], REQUEST("POST", "/check?wait=5", ""));
	raw_send(fds[2], REQUEST("GET", "/check?strict=1", ""));
	for (int i = 0; i < 3; i++)
		await_wake();
	ck_assert_int_eq(app_waiters(app), 3);
	/* reads go on meanwhile, with a pool of two */
	for (int i = 0; i < 4; i++) {
		g_autofree char *answer = ask(REQUEST("GET", "/status", ""));

		ck_assert_int_eq(raw_status(answer), 200);
	}
	complete_all(summary, STATE_DRIFT, NULL);
	for (int i = 0; i < 2; i++) {
		g_autofree char *answer = raw_read_all(fds[i]);

		ck_assert_int_eq(raw_status(answer), 200);
		ck_assert_str_eq(raw_body(answer), "{\"overall\":\"drift\"}\n");
		check_header(answer, "Cache-Control", "no-store");
	}
	strict = raw_read_all(fds[2]);
	ck_assert_int_eq(raw_status(strict), 409);
	ck_assert_int_eq(app_waiters(app), 0);
}
END_TEST

START_TEST(test_check_deadline)
{
	int fd = dial();
	g_autofree char *answer = NULL;

	raw_send(fd, REQUEST("POST", "/check?wait=1", ""));
	await_wake();
	complete_all(NULL, STATE_NONE, NULL);
	answer = raw_read_all(fd);
	ck_assert_int_eq(raw_status(answer), 202);
	check_header(answer, "Location", "/checks/813");
}
END_TEST

START_TEST(test_check_failed)
{
	int fd = dial();
	g_autofree char *answer = NULL;

	raw_send(fd, REQUEST("POST", "/check", ""));
	await_wake();
	complete_all(NULL, STATE_NONE, "disk full");
	answer = raw_read_all(fd);
	ck_assert_int_eq(raw_status(answer), 503);
	ck_assert_ptr_nonnull(strstr(answer, "disk full"));
	check_header(answer, "Retry-After", "5");
}
END_TEST

/* The answer is there before the request has finished waiting for it. */
START_TEST(test_check_completes_at_once)
{
	atomic_store(&completes_at_once, true);
	for (int i = 0; i < 50; i++) {
		g_autofree char *answer = ask(REQUEST("POST", "/check", ""));

		ck_assert_int_eq(raw_status(answer), 200);
		ck_assert_str_eq(raw_body(answer), "{\"at\":\"once\"}\n");
	}
}
END_TEST

START_TEST(test_client_leaves_while_waiting)
{
	int fd = dial();
	g_autofree char *answer = NULL;

	raw_send(fd, REQUEST("POST", "/check", ""));
	await_wake();
	ck_assert_int_eq(close(fd), 0);
	complete_all("{}", STATE_OK, NULL);
	answer = ask(REQUEST("GET", "/status", ""));
	ck_assert_int_eq(raw_status(answer), 200);
}
END_TEST

static void ignore(void *data, int64_t check_id, const char *summary, enum state overall,
		   const char *error)
{
	(void)data;
	(void)check_id;
	(void)summary;
	(void)overall;
	(void)error;
}

START_TEST(test_too_many_wait)
{
	g_autofree char *answer = NULL;

	for (int i = 0; i < APP_WAITERS_MAX; i++) {
		struct waiter *waiter = g_new0(struct waiter, 1);

		waiter->complete = ignore;
		ck_assert(app_wait_check(app, waiter, NULL));
	}
	answer = ask(REQUEST("POST", "/check", ""));
	ck_assert_int_eq(raw_status(answer), 503);
	ck_assert_ptr_nonnull(strstr(answer, "/problems/busy"));
	check_header(answer, "Retry-After", "5");
}
END_TEST

/* Idle, half-sent and waiting connections: all end when the server stops, those that wait with an
 * answer. */
START_TEST(test_stop)
{
	int waiting = dial(), idle[20], half = dial();
	g_autofree char *answer = NULL;

	raw_send(waiting, REQUEST("POST", "/check", ""));
	raw_send(half, "GET /status HTTP/1.1\r\nHost: local");
	for (size_t i = 0; i < G_N_ELEMENTS(idle); i++)
		idle[i] = dial();
	await_wake();
	app_stop(app, "driftd is stopping");
	server_stop(server);
	server = NULL;
	answer = raw_read_all(waiting);
	ck_assert_int_eq(raw_status(answer), 503);
	ck_assert_ptr_nonnull(strstr(answer, "driftd is stopping"));
	for (size_t i = 0; i < G_N_ELEMENTS(idle); i++)
		g_free(raw_read_all(idle[i]));
	g_free(raw_read_all(half));
}
END_TEST

/* A reader that takes its time gets the whole body it began with, though its snapshot is gone. */
START_TEST(test_slow_reader)
{
	struct snapshot_input *input = fixture_world();
	struct snapshot *snapshot = NULL;
	g_autofree char *answer = NULL;
	g_autofree char *body = NULL;
	char first = 0;
	int fd = dial(), small = 65536;

	for (int i = 0; i < 20000; i++) {
		g_autofree char *name = g_strdup_printf("service-%d", i);

		g_ptr_array_add(input->verdicts,
				fixture_verdict(name, STATE_OK, RELATION_IN_SYNC, PRIORITY_P1));
	}
	snapshot = snapshot_create(input);
	body = g_strdup(snapshot->status_json.bytes);
	app_publish(app, snapshot);
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	raw_send(fd, REQUEST("GET", "/status", ""));
	ck_assert_int_eq(recv(fd, &first, 1, MSG_PEEK), 1); /* it has begun */
	app_publish(app, snapshot_create(fixture_world()));
	answer = raw_read_all(fd);
	ck_assert_str_eq(raw_body(answer), body);
}
END_TEST

START_TEST(test_new_config)
{
	struct config *strict = fixture_config(NULL, "token = s3cret\nprotect = all\n");
	g_autofree char *open = ask(REQUEST("GET", "/status", ""));
	g_autofree char *refused = NULL;
	g_autofree char *allowed = NULL;
	g_autofree char *unchanged = NULL;

	ck_assert_int_eq(raw_status(open), 200);
	server_set_config(server, strict);
	config_unref(strict);
	refused = ask(REQUEST("GET", "/status", "If-None-Match: *\r\n"));
	ck_assert_int_eq(raw_status(refused), 401);
	ck_assert_ptr_nonnull(strstr(refused, "WWW-Authenticate: Bearer"));
	ck_assert_ptr_nonnull(strstr(refused, "WWW-Authenticate: Basic"));
	check_header(refused, "ETag", NULL);
	allowed = ask(REQUEST("GET", "/status", "Authorization: Bearer s3cret\r\n"));
	ck_assert_int_eq(raw_status(allowed), 200);
	check_header(allowed, "Cache-Control", "private, no-cache");
	check_header(allowed, "Vary", "Authorization, Accept, Accept-Encoding");
	ck_assert_str_eq(raw_body(allowed), raw_body(open));
	unchanged = ask(REQUEST("GET", "/status",
				"Authorization: Basic OnMzY3JldA==\r\nIf-None-Match: *\r\n"));
	ck_assert_int_eq(raw_status(unchanged), 304);
	check_header(unchanged, "Vary", "Authorization, Accept, Accept-Encoding");
}
END_TEST

#define CLIENTS 4
#define ROUNDS 25

static void *ask_often(void *data)
{
	(void)data;
	for (int i = 0; i < ROUNDS; i++) {
		g_autofree char *check = ask(REQUEST("POST", "/check", ""));
		g_autofree char *status = ask(REQUEST("GET", "/status", ""));
		g_autofree char *page = ask(REQUEST("GET", "/drift?limit=1", ""));

		if (raw_status(check) != 200 || raw_status(status) != 200 ||
		    raw_status(page) != 200)
			abort();
	}
	return NULL;
}

/* A scheduler that publishes and completes while clients read and wait: for ThreadSanitizer. */
START_TEST(test_threads)
{
	pthread_t clients[CLIENTS];

	for (size_t i = 0; i < CLIENTS; i++)
		ck_assert_int_eq(pthread_create(&clients[i], NULL, ask_often, NULL), 0);
	for (int i = 0; i < CLIENTS * ROUNDS; i++) {
		await_wake();
		app_publish(app, snapshot_create(fixture_world()));
		complete_all("{}", STATE_OK, NULL);
	}
	for (size_t i = 0; i < CLIENTS; i++)
		ck_assert_int_eq(pthread_join(clients[i], NULL), 0);
}
END_TEST

/* Without a running server. */

START_TEST(test_pool_sizes)
{
	static const unsigned sizes[] = {0, 1, 2, 8};
	g_autofree char *answer = NULL;

	start_with(NULL, "127.0.0.1:0", sizes[_i]);
	answer = ask(REQUEST("GET", "/status", ""));
	ck_assert_int_eq(raw_status(answer), 200);
}
END_TEST

START_TEST(test_port_taken)
{
	struct server_options options = {.listen_fd = -1, .threads = 2};
	g_autoptr(GError) error = NULL;

	start_with(NULL, "127.0.0.1:0", 2);
	options.listen = server_address(server);
	ck_assert_ptr_null(server_start(&options, app, config, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_BUSY));
	ck_assert_ptr_nonnull(strstr(error->message, server_address(server)));
	ck_assert_ptr_nonnull(strstr(error->message, "[driftd] listen"));
}
END_TEST

static const struct {
	const char *listen;
	enum drift_error code;
} listen_cases[] = {
	{"", DRIFT_ERROR_INVALID},
	{"127.0.0.1", DRIFT_ERROR_INVALID},
	{"127.0.0.1:x", DRIFT_ERROR_INVALID},
	{":8080", DRIFT_ERROR_INVALID},
	{"203.0.113.7:0", DRIFT_ERROR_IO}, /* not an address of this machine */
	{"nowhere.invalid:0", DRIFT_ERROR_NOT_FOUND},
};

START_TEST(test_listen_errors)
{
	struct server_options options = {
		.listen = listen_cases[_i].listen, .listen_fd = -1, .threads = 2};
	g_autoptr(GError) error = NULL;

	config = fixture_config(NULL, NULL);
	ck_assert_ptr_null(server_start(&options, app, config, &error));
	ck_assert_msg(g_error_matches(error, DRIFT_ERROR, (gint)listen_cases[_i].code), "%s: %s",
		      listen_cases[_i].listen, error->message);
}
END_TEST

START_TEST(test_ipv6)
{
	struct server_options options = {.listen = "[::1]:0", .listen_fd = -1, .threads = 2};
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	g_autofree char *answer = NULL;
	guint64 port = 0;
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int probe = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&to, sizeof(to));

	config = fixture_config(NULL, NULL);
	if (probe != 0) { /* a machine without IPv6 */
		if (fd >= 0)
			ck_assert_int_eq(close(fd), 0);
		return;
	}
	server = server_start(&options, app, config, NULL);
	ck_assert_ptr_nonnull(server);
	ck_assert(g_str_has_prefix(server_address(server), "[::1]:"));
	ck_assert(g_ascii_string_to_unsigned(strrchr(server_address(server), ':') + 1, 10, 1, 65535,
					     &port, NULL));
	to.sin6_port = htons((uint16_t)port);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	raw_send(fd, "GET /check?wait=0 HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n");
	answer = raw_read_all(fd);
	ck_assert_int_eq(raw_status(answer), 202); /* ::1 is loopback */
}
END_TEST

START_TEST(test_socket_handed_in)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct server_options options = {.threads = 2};
	g_autofree char *answer = NULL;

	options.listen_fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(options.listen_fd, (struct sockaddr *)&to, sizeof(to)), 0);
	ck_assert_int_eq(listen(options.listen_fd, 5), 0);
	config = fixture_config(NULL, NULL);
	server = server_start(&options, app, config, NULL);
	ck_assert_ptr_nonnull(server);
	answer = ask(REQUEST("GET", "/status", ""));
	ck_assert_int_eq(raw_status(answer), 200);
}
END_TEST

START_TEST(test_socket_that_does_not_listen)
{
	struct server_options options = {.threads = 2};
	g_autoptr(GError) error = NULL;

	options.listen_fd = socket(AF_INET, SOCK_STREAM, 0);
	config = fixture_config(NULL, NULL);
	ck_assert_ptr_null(server_start(&options, app, config, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID));
}
END_TEST

static TCase *serving(void)
{
	TCase *tcase = tcase_create("serving");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_get);
	tcase_add_test(tcase, test_head);
	tcase_add_loop_test(tcase, test_not_modified, 0, 4);
	tcase_add_test(tcase, test_keep_alive);
	tcase_add_loop_test(tcase, test_single, 0, G_N_ELEMENTS(single_cases));
	tcase_add_loop_test(tcase, test_body_size, 0, G_N_ELEMENTS(body_cases));
	tcase_add_test(tcase, test_huge_body_is_refused_unread);
	tcase_add_test(tcase, test_chunked_body_size);
	tcase_add_test(tcase, test_expect_continue);
	tcase_add_loop_test(tcase, test_frame_size, 0, G_N_ELEMENTS(frame_cases));
	tcase_add_test(tcase, test_slow_reader);
	tcase_add_test(tcase, test_new_config);
	return tcase;
}

static TCase *waiting(void)
{
	TCase *tcase = tcase_create("waiting");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_check_waits);
	tcase_add_test(tcase, test_check_deadline);
	tcase_add_test(tcase, test_check_failed);
	tcase_add_test(tcase, test_check_completes_at_once);
	tcase_add_test(tcase, test_client_leaves_while_waiting);
	tcase_add_test(tcase, test_too_many_wait);
	tcase_add_test(tcase, test_stop);
	tcase_add_test(tcase, test_threads);
	return tcase;
}

static TCase *starting(void)
{
	TCase *tcase = tcase_create("starting");

	tcase_add_checked_fixture(tcase, create_app, teardown);
	tcase_add_loop_test(tcase, test_pool_sizes, 0, 4);
	tcase_add_test(tcase, test_port_taken);
	tcase_add_loop_test(tcase, test_listen_errors, 0, G_N_ELEMENTS(listen_cases));
	tcase_add_test(tcase, test_ipv6);
	tcase_add_test(tcase, test_socket_handed_in);
	tcase_add_test(tcase, test_socket_that_does_not_listen);
	return tcase;
}

Suite *server_suite(void)
{
	Suite *suite = suite_create("server");

	suite_add_tcase(suite, serving());
	suite_add_tcase(suite, waiting());
	suite_add_tcase(suite, starting());
	return suite;
}
