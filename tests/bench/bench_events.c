/* bench_events - many readers of GET /events: what each costs driftd in memory, how long after a check was
 * asked for the first and the last one hear of a transition, against as many clients that poll /status
 * without pause; and what telling all of them costs against one poll of each that finds nothing new. Usage: bench_events DRIFTD-ADDRESS DRIFTD-PID
 * CLOUD-ADDRESS READERS ROUNDS COMMIT; target t-000000 of the stand-in is at COMMIT, or not. */
#include "base.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Nothing that is waited for takes so long. */
#define PATIENCE_MS 20000
#define MAX_READERS 1536
#define MAX_ROUNDS 100
#define POLLED_ROUNDS 10

#define TRANSITION "event: transition"

struct connection {
	int fd;
	GString *text;   /* since the round began */
	double heard_ms; /* 0: not yet */
};

struct bench {
	const char *driftd, *cloud, *commit;
	int64_t pid;
	struct connection readers[MAX_READERS];
	size_t count;
	int epoll;
};

static double now_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* exists */
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

_Noreturn static void fail(const char *what)
{
	(void)fprintf(stderr, "bench_events: %s\n", what);
	exit(EXIT_FAILURE);
}

static int64_t number_of(const char *text, int64_t max)
{
	gint64 number = 0;

	if (!g_ascii_string_to_signed(text, 10, 1, max, &number, NULL))
		fail("a number is wrong");
	return number;
}

static int dial(const char *address)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const char *port = strrchr(address, ':');
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (!port || fd < 0)
		fail("no socket");
	to.sin_port = htons((uint16_t)number_of(port + 1, 65535));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		fail("cannot connect");
	return fd;
}

static void send_text(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
		fail("cannot send");
}

static char *request_text(const char *method, const char *path, const char *headers,
			  const char *body)
{
	return g_strdup_printf(
		"%s %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: %zu\r\n\r\n%s", method,
		path, headers, strlen(body), body);
}

/* One request on a connection of its own, which is returned. */
static int begin(const char *address, const char *method, const char *path, const char *body)
{
	g_autofree char *request = request_text(
		method, path, "Connection: close\r\nContent-Type: application/json\r\n", body);
	int fd = dial(address);

	send_text(fd, request);
	return fd;
}

/* Its answer. Caller frees. */
static char *finish(int fd)
{
	GString *answer = g_string_new(NULL);
	char buffer[4096];
	ssize_t got;

	while ((got = recv(fd, buffer, sizeof(buffer), 0)) > 0)
		g_string_append_len(answer, buffer, got);
	(void)close(fd); /* all was read */
	if (!g_str_has_prefix(answer->str, "HTTP/1.1 2"))
		fail(answer->str);
	return g_string_free(answer, FALSE);
}

static char *ask(const char *address, const char *method, const char *path, const char *body)
{
	return finish(begin(address, method, path, body));
}

/* --- what driftd uses --- */

/* Field @p name of smaps_rollup, in KiB. */
static int64_t memory_kib(const struct bench *bench, const char *name)
{
	g_autofree char *path = g_strdup_printf("/proc/%" PRId64 "/smaps_rollup", bench->pid);
	g_autofree char *text = NULL;
	const char *at = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL) || !(at = strstr(text, name)))
		fail("cannot read the memory of driftd");
	return (int64_t)g_ascii_strtoull(at + strlen(name), NULL, 10);
}

/* Its processor time, from its own metrics: /proc counts in hundredths of seconds. */
static double cpu_ms(const struct bench *bench)
{
	static const char name[] = "\nprocess_cpu_seconds_total ";
	g_autofree char *metrics = ask(bench->driftd, "GET", "/metrics", "");
	const char *at = strstr(metrics, name);

	if (!at)
		fail("no process_cpu_seconds_total");
	return g_ascii_strtod(at + strlen(name), NULL) * 1e3;
}

/* --- connections --- */

static void watch(struct bench *bench, struct connection *connection)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};

	if (epoll_ctl(bench->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0)
		fail("epoll");
}

static bool hear(struct connection *connection, const char *mark)
{
	char buffer[16384];
	ssize_t got = recv(connection->fd, buffer, sizeof(buffer), 0);

	if (got <= 0)
		fail("driftd has closed a connection");
	g_string_append_len(connection->text, buffer, got);
	if (connection->heard_ms > 0 || !strstr(connection->text->str, mark))
		return false;
	connection->heard_ms = now_ms();
	return true;
}

/* Until all have heard @p mark. */
static void await_all(struct bench *bench, const char *mark)
{
	struct epoll_event events[256];
	size_t heard = 0;

	while (heard < bench->count) {
		int ready = epoll_wait(bench->epoll, events, G_N_ELEMENTS(events), PATIENCE_MS);

		if (ready <= 0)
			fail("some hear nothing");
		for (int i = 0; i < ready; i++)
			heard += hear(events[i].data.ptr, mark) ? 1 : 0;
	}
}

static void forget(struct bench *bench)
{
	for (size_t i = 0; i < bench->count; i++) {
		bench->readers[i].heard_ms = 0;
		g_string_truncate(bench->readers[i].text, 0);
	}
}

/* @p count connections that have asked for @p path; nothing is awaited. */
static void open_all(struct bench *bench, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct connection *connection = &bench->readers[i];

		connection->fd = dial(bench->driftd);
		connection->text = g_string_new(NULL);
		connection->heard_ms = 0;
		watch(bench, connection);
	}
	bench->count = count;
}

static void ask_all(struct bench *bench, const char *request)
{
	forget(bench);
	for (size_t i = 0; i < bench->count; i++)
		send_text(bench->readers[i].fd, request);
}

static void close_all(struct bench *bench)
{
	for (size_t i = 0; i < bench->count; i++) {
		(void)close(bench->readers[i].fd); /* only read */
		g_string_free(bench->readers[i].text, TRUE);
	}
	bench->count = 0;
}

/* --- figures --- */

/* The target moves, and a check that is asked for will see it: one transition. The check's connection. */
static int move(struct bench *bench, int64_t round)
{
	g_autofree char *body = g_strdup_printf(
		"{\"commit\":\"%s\"}",
		round % 2 ? bench->commit : "0123456789012345678901234567890123456789");

	g_free(ask(bench->cloud, "PUT", "/_control/targets/t-000000", body));
	return begin(bench->driftd, "POST", "/check", "");
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* When the first and the last one heard, in each round. */
struct delays {
	double first_ms[MAX_ROUNDS], last_ms[MAX_ROUNDS];
	double checked_ms[MAX_ROUNDS]; /* when the check itself was answered */
	int64_t rounds;
};

static void note_delays(const struct bench *bench, double began_ms, struct delays *delays)
{
	double first = bench->readers[0].heard_ms, last = first;

	for (size_t i = 1; i < bench->count; i++) {
		first = MIN(first, bench->readers[i].heard_ms);
		last = MAX(last, bench->readers[i].heard_ms);
	}
	delays->first_ms[delays->rounds] = first - began_ms;
	delays->last_ms[delays->rounds] = last - began_ms;
}

static double median(double *values, int64_t count)
{
	qsort(values, (size_t)count, sizeof(values[0]), compare);
	return values[count / 2];
}

/* Milliseconds of CPU for a round. */
static double tell_rounds(struct bench *bench, int64_t rounds, struct delays *delays)
{
	double before = cpu_ms(bench);

	for (delays->rounds = 0; delays->rounds < rounds; delays->rounds++) {
		double began_ms = 0;
		int check;

		forget(bench);
		check = move(bench, delays->rounds);
		began_ms = now_ms();
		if (bench->count > 0) {
			await_all(bench, TRANSITION);
			note_delays(bench, began_ms, delays);
		}
		g_free(finish(check));
		delays->checked_ms[delays->rounds] = now_ms() - began_ms;
	}
	return (cpu_ms(bench) - before) / (double)rounds;
}

/* What a client sends that has seen /status. Caller frees. */
static char *poll_request(const struct bench *bench)
{
	g_autofree char *answer = ask(bench->driftd, "GET", "/status", "");
	const char *etag = strstr(answer, "ETag: ");
	g_autofree char *header = NULL;

	if (!etag)
		fail("/status has no ETag");
	etag += strlen("ETag: ");
	header = g_strdup_printf("If-None-Match: %.*s\r\n", (int)strcspn(etag, "\r"), etag);
	return request_text("GET", "/status", header, "");
}

/* Did they all hear that there is nothing new? */
static bool all_unchanged(const struct bench *bench)
{
	for (size_t i = 0; i < bench->count; i++)
		if (!g_str_has_prefix(bench->readers[i].text->str, "HTTP/1.1 304"))
			return false;
	return true;
}

/* The peer: as many ask whether anything is new, and nothing is. */
static double poll_rounds(struct bench *bench, size_t count, int64_t rounds)
{
	g_autofree char *request = poll_request(bench);
	int64_t done = 0;
	double before = 0;

	open_all(bench, count);
	for (int64_t tries = 0; done < rounds && tries < 10 * rounds; tries++) {
		if (done == 0)
			before = cpu_ms(bench);
		ask_all(bench, request);
		await_all(bench, "\r\n\r\n");
		done++;
		if (!all_unchanged(bench)) { /* driftd had not settled yet: begin anew */
			g_free(request);
			request = poll_request(bench);
			done = 0;
		}
	}
	if (done < rounds)
		fail("/status changes all the time");
	before = (cpu_ms(bench) - before) / (double)rounds;
	close_all(bench);
	return before;
}

/* 304: asks again at once. */
static bool hear_poll(struct connection *connection, const char *request)
{
	char buffer[16384];
	ssize_t got = recv(connection->fd, buffer, sizeof(buffer), 0);

	if (got <= 0)
		fail("driftd has closed a connection");
	if (connection->heard_ms > 0)
		return false;
	g_string_append_len(connection->text, buffer, got);
	if (!strstr(connection->text->str, "\r\n\r\n"))
		return false;
	if (g_str_has_prefix(connection->text->str, "HTTP/1.1 304")) {
		g_string_truncate(connection->text, 0);
		send_text(connection->fd, request);
		return false;
	}
	connection->heard_ms = now_ms();
	return true;
}

static void poll_until_new(struct bench *bench, const char *request)
{
	struct epoll_event events[256];
	size_t heard = 0;

	while (heard < bench->count) {
		int ready = epoll_wait(bench->epoll, events, G_N_ELEMENTS(events), PATIENCE_MS);

		if (ready <= 0)
			fail("some hear nothing");
		for (int i = 0; i < ready; i++)
			heard += hear_poll(events[i].data.ptr, request) ? 1 : 0;
	}
}

/* The other peer: as many ask without pause until there is something new. */
static void poll_delays(struct bench *bench, size_t count, int64_t rounds, struct delays *delays)
{
	for (delays->rounds = 0; delays->rounds < rounds; delays->rounds++) {
		g_autofree char *request = poll_request(bench);
		double began_ms = 0;
		int check;

		open_all(bench, count);
		check = move(bench, delays->rounds);
		began_ms = now_ms();
		ask_all(bench, request);
		poll_until_new(bench, request);
		note_delays(bench, began_ms, delays);
		close_all(bench);
		g_free(finish(check));
	}
}

static void raise_file_limit(void)
{
	struct rlimit limit = {0};

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		fail("getrlimit");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		fail("setrlimit");
}

static void show_delays(size_t readers, struct delays *told, struct delays *polled)
{
	double last_ms = median(told->last_ms, told->rounds);
	double polled_ms = median(polled->last_ms, polled->rounds);

	(void)printf(
		"from asking for a check to the transition, medians: first reader %.1f ms, last "
		"of %zu %.1f ms (most of %" PRId64 ": %.1f ms)\n",
		median(told->first_ms, told->rounds), readers, last_ms, told->rounds,
		told->last_ms[told->rounds - 1]);
	(void)printf("as many that poll /status without pause: first %.1f ms, last %.1f ms: ratio "
		     "of the last %.2f\n",
		     median(polled->first_ms, polled->rounds), polled_ms, last_ms / polled_ms);
}

static void measure(struct bench *bench, size_t readers, int64_t rounds)
{
	static struct delays unread, told, polled;
	double alone_ms = 0, told_ms = 0, polled_ms = 0;
	int64_t before = 0, after = 0;

	(void)tell_rounds(bench, 2, &unread); /* warm */
	alone_ms = tell_rounds(bench, rounds, &unread);
	before = memory_kib(bench, "Pss:");
	open_all(bench, readers);
	ask_all(bench, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
	await_all(bench, "event: snapshot");
	told_ms = tell_rounds(bench, rounds, &told) - alone_ms;
	after = memory_kib(bench, "Pss:");
	close_all(bench);
	polled_ms = poll_rounds(bench, readers, rounds);
	poll_delays(bench, readers, MIN(rounds, POLLED_ROUNDS), &polled);
	(void)printf("%zu readers: %.1f MiB more than %.1f MiB without any (%.1f KiB a reader)\n",
		     readers, (double)(after - before) / 1024, (double)before / 1024,
		     (double)(after - before) / (double)readers);
	(void)printf("a check without readers is answered after %.1f ms (median)\n",
		     median(unread.checked_ms, unread.rounds));
	show_delays(readers, &told, &polled);
	(void)printf("CPU: a transition told to all %.1f ms (a check alone takes %.1f ms), as many "
		     "polls of an unchanged /status %.1f ms: ratio %.2f\n",
		     told_ms, alone_ms, polled_ms, told_ms / polled_ms);
}

int main(int argc, char **argv)
{
	static struct bench bench;

	if (argc != 7)
		fail("usage: bench_events DRIFTD-ADDRESS DRIFTD-PID CLOUD-ADDRESS READERS ROUNDS "
		     "COMMIT");
	bench.driftd = argv[1];
	bench.pid = number_of(argv[2], INT32_MAX);
	bench.cloud = argv[3];
	bench.commit = argv[6];
	bench.epoll = epoll_create1(EPOLL_CLOEXEC);
	raise_file_limit();
	measure(&bench, (size_t)number_of(argv[4], MAX_READERS), number_of(argv[5], MAX_ROUNDS));
	return EXIT_SUCCESS;
}
