/* GET /events over real connections: who sleeps is woken, who leaves is noticed, who is slow is
 * dropped, and all end when the server stops. */
#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "api/server.h"
#include "api_fixture.h"
#include "clk.h"
#include "events_fixture.h"
#include "raw_http.h"
#include "store_fixture.h"

Suite *server_stream_suite(void);

static struct app *app;
static struct events *events;
static struct server *server;
static struct config *config;

static bool holds; /* the server's thread stays in wake() until it may go on */
static sem_t held, released;

static void no_wake(void *data)
{
	(void)data;
	if (!holds)
		return;
	ck_assert_int_eq(sem_post(&held), 0);
	while (sem_wait(&released) != 0)
		continue;
}

static void start_server(const char *path, unsigned threads)
{
	struct server_options options = {
		.listen = "127.0.0.1:0", .listen_fd = -1, .threads = threads};
	g_autoptr(GError) error = NULL;

	app = app_create(path, no_wake, NULL);
	events = app_events(app);
	config = fixture_config(NULL, NULL);
	server = server_start(&options, app, config, &error);
	ck_assert_msg(server, "%s", error ? error->message : "");
}

static void setup(void)
{
	start_server("/nonexistent/driftd.db", 2);
}

static void setup_one_thread(void)
{
	start_server("/nonexistent/driftd.db", 1);
}

static void stop_server(void)
{
	app_stop(app, "driftd is stopping");
	server_stop(server);
	server = NULL;
}

static void teardown(void)
{
	if (server)
		stop_server();
	config_unref(config);
	app_free(app);
}

static void setup_stored(void)
{
	store_fixture_setup();
	start_server(fixture.path, 2);
}

static void teardown_stored(void)
{
	teardown();
	store_fixture_teardown();
}

/** Somebody who reads: what came so far. */
struct client {
	int fd;
	GString *text;
	bool has_ended;
};

/* HTTP/1.0 has no chunks: what comes is what was said. */
static struct client *client_on(int fd, const char *version, const char *headers)
{
	struct client *client = g_new0(struct client, 1);
	g_autofree char *request = g_strdup_printf(
		"GET /events HTTP/%s\r\nHost: localhost\r\n%s\r\n", version, headers);

	client->text = g_string_new(NULL);
	client->fd = fd;
	raw_send(fd, request);
	return client;
}

static struct client *client_open(const char *version, const char *headers)
{
	return client_on(raw_dial(server_address(server)), version, headers);
}

static void client_close(struct client *client)
{
	ck_assert_int_eq(close(client->fd), 0);
	g_string_free(client->text, TRUE);
	g_free(client);
}

static void client_read(struct client *client)
{
	struct pollfd wanted = {.fd = client->fd, .events = POLLIN};
	char buffer[4096];
	ssize_t got = 0;

	ck_assert_msg(poll(&wanted, 1, RAW_PATIENCE_MS) == 1, "nothing more comes after: %.4000s",
		      client->text->str);
	got = recv(client->fd, buffer, sizeof(buffer), 0);
	if (got > 0)
		g_string_append_len(client->text, buffer, got);
	client->has_ended = got <= 0;
}

/* Until @p text has come. */
static void client_await(struct client *client, const char *text)
{
	while (!strstr(client->text->str, text)) {
		ck_assert_msg(!client->has_ended, "ended without %s: %.4000s", text,
			      client->text->str);
		client_read(client);
	}
}

static void client_await_end(struct client *client)
{
	while (!client->has_ended)
		client_read(client);
}

#define START "retry: 3000\nid: 0\n\n"

static struct client *client_begin(void)
{
	struct client *client = client_open("1.0", "");

	client_await(client, START);
	return client;
}

/* One that has room for little. */
static struct client *client_begin_narrow(void)
{
	struct client *client = client_on(raw_dial_narrow(server_address(server), 4096), "1.0", "");

	client_await(client, START);
	return client;
}

static void beat(void)
{
	static int64_t now = 0;

	now = MAX(now, clk_mono_ms()) + EVENTS_BEAT_MS;
	events_beat(events, now);
}

START_TEST(test_headers)
{
	static const struct {
		const char *name, *want;
	} headers[] = {
		{"Content-Type", "text/event-stream"},
		{"Cache-Control", "no-store"},
		{"X-Accel-Buffering", "no"},
		{"X-Content-Type-Options", "nosniff"},
		{"Transfer-Encoding", "chunked"},
		{"Content-Encoding", NULL},
		{"Content-Length", NULL},
		{"ETag", NULL},
	};
	struct client *client = client_open("1.1", "Accept-Encoding: gzip\r\n");

	client_await(client, "\r\n\r\n");
	ck_assert_int_eq(raw_status(client->text->str), 200);
	for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
		g_autofree char *value = raw_header(client->text->str, headers[i].name);

		ck_assert_msg(g_strcmp0(value, headers[i].want) == 0, "%s: %s", headers[i].name,
			      value);
	}
	client_await(client, START);
	client_close(client);
}
END_TEST

/* The scheduler has not published in time: who comes now is not greeted with what held then. */
START_TEST(L09_greeting_has_not_expired)
{
	struct client *client = NULL;

	app_publish(app, snapshot_create(fixture_world()));
	clk_set_fake(FIXTURE_NOW_MONO_MS + MS_PER_DAY, FIXTURE_NOW_WALL_MS);
	client = client_begin();
	client_await(client, "\"evaluated\":0");
	client_close(client);
}
END_TEST

/* Nobody reads, and the connection goes on, or ends, where the answer does. */
START_TEST(test_head)
{
	static const char two[] = "HEAD /events HTTP/1.1\r\nHost: localhost\r\n\r\n"
				  "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
				  "Connection: close\r\n\r\n";
	g_autofree char *both = raw_ask(server_address(server), two);
	g_autofree char *answer =
		raw_ask(server_address(server),
			"HEAD /events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

	ck_assert_int_eq(raw_status(answer), 200);
	ck_assert_str_eq(raw_body(answer), "");
	ck_assert(*raw_body(both) == '\0' || g_str_has_prefix(raw_body(both), "HTTP/1.1 200 "));
	ck_assert_int_eq(events_get_stats(events).readers, 0);
}
END_TEST

static const char *const bad_ids[] = {"x",    "-1",  "+1", "1.5",
				      "0x10", "1 2", "",   "9223372036854775808"};

START_TEST(test_bad_id)
{
	g_autofree char *request = g_strdup_printf("GET /events HTTP/1.1\r\nHost: localhost\r\n"
						   "Connection: close\r\nLast-Event-ID: %s\r\n\r\n",
						   bad_ids[_i]);
	g_autofree char *answer = raw_ask(server_address(server), request);

	ck_assert_msg(raw_status(answer) == 400, "%s: %.1000s", bad_ids[_i], answer);
	ck_assert_ptr_nonnull(strstr(answer, "Last-Event-ID"));
	ck_assert_int_eq(events_get_stats(events).readers, 0);
}
END_TEST

/* The chunks of HTTP/1.1 put together. */
static char *join_chunks(const char *body)
{
	GString *joined = g_string_new(NULL);

	for (;;) {
		char *end = NULL;
		guint64 length = g_ascii_strtoull(body, &end, 16);

		ck_assert_msg(end != body && g_str_has_prefix(end, "\r\n"), "no chunk: %.100s",
			      body);
		if (length == 0)
			break;
		g_string_append_len(joined, end + 2, (gssize)length);
		body = end + 2 + length + 2;
	}
	return g_string_free(joined, FALSE);
}

/* One by one, each of which finds the connection asleep, and many at once. */
START_TEST(test_chunks)
{
	struct client *client = client_open("1.1", "");
	g_autofree char *all = NULL;
	g_autofree char *rows = events_fixture_text(1, 2000);
	g_autofree char *want = g_strconcat(START, rows, NULL);

	client_await(client, START);
	for (int id = 1; id <= 10; id++) {
		g_autofree char *row = events_fixture_text(id, id);

		events_fixture_add(events, id, id);
		client_await(client, row);
	}
	events_fixture_add(events, 11, 2000);
	events_stop(events);
	client_await(client, "\r\n0\r\n\r\n");
	all = join_chunks(raw_body(client->text->str));
	ck_assert_str_eq(all, want);
	client_close(client);
}
END_TEST

START_TEST(test_http_1_0)
{
	struct client *client = client_begin();
	g_autofree char *rows = events_fixture_text(1, 3);
	g_autofree char *want = g_strconcat(START, rows, NULL);

	events_fixture_add(events, 1, 3);
	client_await(client, "\"id\":3");
	events_stop(events);
	client_await_end(client);
	ck_assert_str_eq(raw_body(client->text->str), want);
	client_close(client);
}
END_TEST

/* A pool of one is no pool. */
START_TEST(test_one_thread)
{
	struct client *clients[20];

	teardown();
	start_server("/nonexistent/driftd.db", 1);
	for (size_t i = 0; i < G_N_ELEMENTS(clients); i++)
		clients[i] = client_begin();
	events_fixture_add(events, 1, 1);
	for (size_t i = 0; i < G_N_ELEMENTS(clients); i++) {
		client_await(clients[i], "\"id\":1");
		client_close(clients[i]);
	}
}
END_TEST

/* Nothing is heard of it while it is suspended: the next beats find out. Others go on. */
START_TEST(test_client_leaves)
{
	struct client *stays = client_begin();

	for (int i = 0; i < 30; i++)
		client_close(client_begin());
	ck_assert_int_ge(events_get_stats(events).readers, 1);
	for (int i = 0; events_get_stats(events).readers > 1; i++) {
		const struct timespec moment = {.tv_nsec = 20000000L};

		ck_assert_int_lt(i, 500);
		beat();
		(void)nanosleep(&moment, NULL); /* sooner is fine */
	}
	events_fixture_add(events, 1, 1);
	client_await(stays, "\"id\":1");
	ck_assert_int_eq(events_get_stats(events).dropped_total, 0);
	client_close(stays);
}
END_TEST

/* Leaving in the very moment of being woken. */
START_TEST(test_clients_leave_as_they_are_woken)
{
	for (int id = 1; id <= 100; id++) {
		struct client *client = client_open("1.0", "");

		if (id % 2 == 0)
			client_await(client, "retry");
		if (id % 3 == 0)
			raw_send(client->fd, "GET /status HTTP/1.1\r\n");
		client_close(client);
		events_fixture_add(events, id, id);
	}
	for (int i = 0; events_get_stats(events).readers > 0; i++) {
		const struct timespec moment = {.tv_nsec = 10000000L};

		ck_assert_int_lt(i, 1000);
		beat();
		(void)nanosleep(&moment, NULL); /* sooner is fine */
	}
}
END_TEST

START_TEST(test_stop)
{
	struct client *clients[200];
	int64_t begun = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(clients); i++)
		clients[i] = client_open(i % 2 ? "1.1" : "1.0", "");
	for (size_t i = 0; i < G_N_ELEMENTS(clients); i++)
		client_await(clients[i], START);
	begun = clk_mono_ms();
	stop_server();
	ck_assert_int_lt(clk_mono_ms() - begun, 1500); /* it did not wait for anybody in vain */
	for (size_t i = 0; i < G_N_ELEMENTS(clients); i++) {
		client_await_end(clients[i]);
		ck_assert_int_eq(g_str_has_suffix(clients[i]->text->str, "\r\n0\r\n\r\n"), i % 2);
		client_close(clients[i]);
	}
	ck_assert_int_eq(events_get_stats(events).readers, 0);
	ck_assert_int_eq(events_get_stats(events).dropped_total, 0);
}
END_TEST

/* One that takes nothing does not keep the server from stopping. */
START_TEST(test_stop_with_a_slow_one)
{
	struct client *client = client_begin_narrow();

	events_fixture_add(events, 1, EVENTS_KEPT_MAX);
	stop_server();
	client_close(client);
}
END_TEST

START_TEST(test_too_many)
{
	g_autoptr(GPtrArray) readers =
		g_ptr_array_new_with_free_func((GDestroyNotify)events_reader_free);
	struct client *client = NULL;
	g_autofree char *answer = NULL;
	g_autofree char *retry = NULL;

	for (int i = 0; i < EVENTS_READERS_MAX - 1; i++)
		g_ptr_array_add(readers, events_reader_create(events, app, -1, NULL));
	client = client_begin(); /* the last there is room for */
	answer = raw_ask(server_address(server),
			 "GET /events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
	ck_assert_int_eq(raw_status(answer), 503);
	ck_assert_ptr_nonnull(strstr(answer, "/problems/busy"));
	retry = raw_header(answer, "Retry-After");
	ck_assert_str_eq(retry, "5");
	client_close(client);
}
END_TEST

/* Who may read is asked again. */
START_TEST(test_new_config)
{
	struct config *strict = fixture_config(NULL, "token = s3cret\nprotect = all\n");
	struct client *client = client_begin();
	g_autofree char *refused = NULL;

	server_set_config(server, strict);
	config_unref(strict);
	client_await_end(client);
	refused = raw_ask(server_address(server),
			  "GET /events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
	ck_assert_int_eq(raw_status(refused), 401);
	client_close(client);
	client = client_open("1.0", "Authorization: Basic OnMzY3JldA==\r\n");
	client_await(client, START);
	client_close(client);
}
END_TEST

static void store_rows(int64_t from, int64_t to)
{
	struct store_batch *batch = store_fixture_batch(EVENTS_FIXTURE_WALL_MS);
	GPtrArray *rows = events_fixture_rows(from, to);

	g_ptr_array_extend_and_steal(batch->transitions, rows);
	store_fixture_commit(batch);
}

/* The id of the last whole event in @p text. */
static int64_t last_id(const char *text)
{
	g_autofree char *whole = g_strndup(text, (gsize)(g_strrstr(text, "\n\n") - text));
	const char *id = g_strrstr(whole, "id: ");
	g_autofree char *digits = g_strndup(id + 4, strspn(id + 4, "0123456789"));
	gint64 number = -1;

	ck_assert(g_ascii_string_to_signed(digits, 10, 0, INT64_MAX, &number, NULL));
	return number;
}

/* One that takes nothing while more is told than is kept is dropped: it holds neither memory nor the
 * others. It comes back, and has missed nothing. */
START_TEST(test_slow_reader)
{
	const int64_t all = (int64_t)2 * EVENTS_KEPT_MAX;
	struct client *slow = client_begin_narrow(), *fast = client_begin();
	g_autofree char *rows = events_fixture_text(1, all);
	g_autofree char *header = NULL;
	g_autofree char *last = NULL;
	g_autofree char *rest = NULL;
	int64_t seen = 0;

	for (int64_t id = 1; id <= all; id += 1024) {
		g_autofree char *newest = events_fixture_text(id + 1024 - 1, id + 1024 - 1);

		store_rows(id, id + 1024 - 1);
		events_fixture_add(events, id, id + 1024 - 1);
		client_await(fast, newest);
	}
	ck_assert(g_str_has_suffix(fast->text->str, rows));
	client_await_end(slow);
	ck_assert_int_eq(events_get_stats(events).dropped_total, 1);
	seen = last_id(slow->text->str);
	ck_assert_int_gt(seen, 0);
	ck_assert_int_lt(seen, all / 2); /* it was not kept for it */
	header = g_strdup_printf("Last-Event-ID: %" PRId64 "\r\n", seen);
	client_close(slow);
	slow = client_open("1.0", header);
	last = events_fixture_text(all, all);
	client_await(slow, last); /* whole */
	rest = events_fixture_text(seen + 1, all);
	ck_assert(g_str_has_suffix(slow->text->str, rest));
	client_close(slow);
	client_close(fast);
}
END_TEST

/* libmicrohttpd takes 128 events at a time: that many requests that are there at once, and no more,
 * are answered at once. */
START_TEST(test_full_batch)
{
	static const char ask[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct client *clients[130] = {0};
	size_t count = 126 + (size_t)_i;
	int64_t begun = 0;
	int fd = raw_dial(server_address(server));

	ck_assert_int_eq(sem_init(&held, 0, 0), 0);
	ck_assert_int_eq(sem_init(&released, 0, 0), 0);
	for (size_t i = 0; i < count; i++) {
		clients[i] = g_new0(struct client, 1);
		clients[i]->text = g_string_new(NULL);
		clients[i]->fd = raw_dial(server_address(server));
		raw_send(clients[i]->fd, ask);
		client_await(clients[i], "\"ok\"}");
		g_string_truncate(clients[i]->text, 0);
	}
	holds = true;
	raw_send(fd, "POST /check?wait=0 HTTP/1.1\r\nHost: localhost\r\n\r\n");
	while (sem_wait(&held) != 0)
		continue;
	for (size_t i = 0; i < count; i++)
		raw_send(clients[i]->fd, ask);
	begun = clk_mono_ms();
	holds = false;
	ck_assert_int_eq(sem_post(&released), 0);
	for (size_t i = 0; i < count; i++) {
		client_await(clients[i], "\"ok\"}");
		client_close(clients[i]);
	}
	ck_assert_int_lt(clk_mono_ms() - begun, 5000);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(sem_destroy(&held), 0);
	ck_assert_int_eq(sem_destroy(&released), 0);
}
END_TEST

#define CLIENTS 4
#define ROUNDS 30

static void *come_and_go(void *data)
{
	(void)data;
	for (int i = 0; i < ROUNDS; i++) {
		struct client *client = client_open(i % 2 ? "1.0" : "1.1", "");

		client_await(client, "retry: 3000");
		client_await(client, "\"to\":\"drift\"");
		client_close(client);
	}
	return NULL;
}

/* A scheduler that tells while clients come, read and leave: for ThreadSanitizer. */
START_TEST(test_threads)
{
	pthread_t clients[CLIENTS];
	int64_t id = 0;

	for (size_t i = 0; i < CLIENTS; i++)
		ck_assert_int_eq(pthread_create(&clients[i], NULL, come_and_go, NULL), 0);
	for (size_t i = 0; i < CLIENTS;) {
		const struct timespec moment = {.tv_nsec = 1000000L};

		id++;
		events_fixture_add(events, id, id);
		events_set_check(events, id, "check", true, 1, 2);
		beat();
		(void)nanosleep(&moment, NULL); /* sooner is fine */
		if (pthread_tryjoin_np(clients[i], NULL) == 0)
			i++;
	}
	stop_server();
	ck_assert_int_eq(events_get_stats(events).readers, 0);
}
END_TEST

static TCase *serving(void)
{
	TCase *tcase = tcase_create("serving");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_headers);
	tcase_add_test(tcase, L09_greeting_has_not_expired);
	tcase_add_test(tcase, test_head);
	tcase_add_loop_test(tcase, test_bad_id, 0, G_N_ELEMENTS(bad_ids));
	tcase_add_test(tcase, test_chunks);
	tcase_add_test(tcase, test_http_1_0);
	tcase_add_test(tcase, test_one_thread);
	tcase_add_test(tcase, test_client_leaves);
	tcase_add_test(tcase, test_clients_leave_as_they_are_woken);
	tcase_add_test(tcase, test_stop);
	tcase_add_test(tcase, test_stop_with_a_slow_one);
	tcase_add_test(tcase, test_too_many);
	tcase_add_test(tcase, test_new_config);
	tcase_add_test(tcase, test_threads);
	return tcase;
}

Suite *server_stream_suite(void)
{
	Suite *suite = suite_create("server_stream");
	TCase *stored = tcase_create("stored");
	TCase *alone = tcase_create("one thread");

	suite_add_tcase(suite, serving());
	tcase_add_checked_fixture(alone, setup_one_thread, teardown);
	tcase_set_timeout(alone, 60);
	tcase_add_loop_test(alone, test_full_batch, 0, 5);
	suite_add_tcase(suite, alone);
	tcase_add_checked_fixture(stored, setup_stored, teardown_stored);
	tcase_set_timeout(stored, 60);
	tcase_add_test(stored, test_slow_reader);
	suite_add_tcase(suite, stored);
	return suite;
}
