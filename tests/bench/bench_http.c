/* bench_http - http_client against a bare curl_multi loop: the same 2,000 GETs from the same server
 * on loopback, the same number at once, in turns, in one run. Prints requests per second of both
 * and the ratio (at least 0.6 is wanted). */
#include "http/client.h"

#include <curl/curl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REQUESTS 2000
#define PARALLEL 64
#define ROUNDS 7

#define ANSWER "{\"name\":\"svc\",\"commit\":\"9f2c4a1e5b7d8c0a9f2c4a1e5b7d8c0a9f2c4a1e\"}"

static enum MHD_Result answer(void *data, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_bytes, void **state)
{
	struct MHD_Response *response = data;

	(void)url;
	(void)method;
	(void)version;
	(void)upload;
	(void)upload_bytes;
	(void)state;
	return MHD_queue_response(connection, MHD_HTTP_OK, response);
}

static int listen_on_loopback(int *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(fd, 1024) != 0 || getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
		perror("listen on loopback");
		exit(EXIT_FAILURE);
	}
	*ret_port = ntohs(address.sin_port);
	return fd;
}

/* Serves until it is killed. */
_Noreturn static void serve(int fd)
{
	/* libmicrohttpd does not write to it (MHD_RESPMEM_PERSISTENT) */
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(ANSWER), (void *)(uintptr_t)ANSWER, MHD_RESPMEM_PERSISTENT);
	struct MHD_Daemon *server = NULL;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* never left behind; exists since Linux 2.1 */
	if (response && MHD_add_response_header(response, "Content-Type", "application/json"))
		server = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer,
					  response, MHD_OPTION_LISTEN_SOCKET, fd,
					  MHD_OPTION_CONNECTION_LIMIT, 1000U, MHD_OPTION_END);
	if (!server)
		_exit(EXIT_FAILURE);
	for (;;)
		(void)pause(); /* the parent kills it */
}

static double now_s(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* exists */
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const char *what)
{
	(void)fprintf(stderr, "bench_http: %s\n", what);
	exit(EXIT_FAILURE);
}

static char *make_url(int port, int number)
{
	return g_strdup_printf("http://127.0.0.1:%d/service-%d/version", port, number);
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *data)
{
	g_string_append_len(data, bytes, (gssize)(size * count));
	return size * count;
}

struct bare {
	CURLM *multi;
	GString *bodies[PARALLEL];
	CURL *handles[PARALLEL];
	int port;
	int sent;
	int good;
};

static void bare_start(struct bare *bare, CURL *easy, GString *body)
{
	g_autofree char *url = make_url(bare->port, bare->sent++);

	g_string_truncate(body, 0);
	if (curl_easy_setopt(easy, CURLOPT_URL, url) != CURLE_OK ||
	    curl_multi_add_handle(bare->multi, easy) != CURLM_OK)
		fail("bare loop cannot start a request");
}

static void bare_open(struct bare *bare, int port)
{
	bare->port = port;
	bare->multi = curl_multi_init();
	(void)curl_multi_setopt(bare->multi, CURLMOPT_MAXCONNECTS, (long)PARALLEL);
	for (int i = 0; i < PARALLEL; i++) {
		bare->bodies[i] = g_string_new(NULL);
		bare->handles[i] = curl_easy_init();
		if (!bare->handles[i])
			fail("no curl handle");
		(void)curl_easy_setopt(bare->handles[i], CURLOPT_WRITEFUNCTION, take_bytes);
		(void)curl_easy_setopt(bare->handles[i], CURLOPT_WRITEDATA, bare->bodies[i]);
		(void)curl_easy_setopt(bare->handles[i], CURLOPT_PRIVATE, bare->bodies[i]);
		(void)curl_easy_setopt(bare->handles[i], CURLOPT_NOSIGNAL, 1L);
		(void)curl_easy_setopt(bare->handles[i], CURLOPT_TIMEOUT_MS, 30000L);
	}
}

static void bare_close(struct bare *bare)
{
	for (int i = 0; i < PARALLEL; i++) {
		curl_easy_cleanup(bare->handles[i]);
		(void)g_string_free(bare->bodies[i], TRUE);
	}
	(void)curl_multi_cleanup(bare->multi);
}

static void bare_take_ended(struct bare *bare)
{
	CURLMsg *message = NULL;
	int left = 0;

	while ((message = curl_multi_info_read(bare->multi, &left))) {
		CURL *easy = message->easy_handle;
		GString *body = NULL;

		if (message->data.result == CURLE_OK)
			bare->good++;
		(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &body);
		(void)curl_multi_remove_handle(bare->multi, easy);
		if (body->len != strlen(ANSWER))
			fail("bare loop got a wrong answer");
		if (bare->sent < REQUESTS)
			bare_start(bare, easy, body);
	}
}

static double run_bare(struct bare *bare)
{
	double start_s = now_s();
	int running = 1;

	bare->sent = 0;
	bare->good = 0;
	for (int i = 0; i < PARALLEL; i++)
		bare_start(bare, bare->handles[i], bare->bodies[i]);
	while (bare->good < REQUESTS && now_s() < start_s + 60) {
		(void)curl_multi_perform(bare->multi, &running);
		bare_take_ended(bare);
		if (bare->good < REQUESTS)
			(void)curl_multi_poll(bare->multi, NULL, 0, 1000, NULL);
	}
	if (bare->good != REQUESTS)
		fail("bare loop lost requests");
	return now_s() - start_s;
}

static void count_good(void *data, const struct http_response *response)
{
	int *good = data;

	if (response->status != 200 || response->body_bytes != strlen(ANSWER))
		fail(response->message ? response->message : "wrong answer");
	(*good)++;
}

static double run_client(struct http_client *client, int port)
{
	double start_s = now_s();
	int good = 0;

	for (int i = 0; i < REQUESTS; i++) {
		g_autofree char *url = make_url(port, i);
		struct http_request *request = http_request_create("http", "GET", url);

		request->timeout_ms = 30000;
		http_client_send(client, request, count_good, &good);
	}
	while (http_client_pending(client) > 0)
		http_client_poll(client, 1000, -1);
	if (good != REQUESTS)
		fail("http_client lost requests");
	return now_s() - start_s;
}

static void compare(int port)
{
	g_autoptr(GError) error = NULL;
	struct http_client *client = http_client_create(PARALLEL, &error);
	struct bare bare = {0};
	double best_bare_s = 1e9;
	double best_client_s = 1e9;
	double cold_bare_s = 0;
	double cold_client_s = 0;

	if (!client)
		fail(error->message);
	bare_open(&bare, port);
	cold_bare_s = run_bare(&bare);
	cold_client_s = run_client(client, port);
	for (int i = 0; i < ROUNDS; i++) {
		best_bare_s = MIN(best_bare_s, run_bare(&bare));
		best_client_s = MIN(best_client_s, run_client(client, port));
	}
	(void)printf("http_client_cold requests=%d parallel=%d per_s=%.0f bare_per_s=%.0f "
		     "ratio=%.2f\n",
		     REQUESTS, PARALLEL, REQUESTS / cold_client_s, REQUESTS / cold_bare_s,
		     cold_bare_s / cold_client_s);
	(void)printf("http_client_warm requests=%d parallel=%d per_s=%.0f bare_per_s=%.0f "
		     "ratio=%.2f wanted=0.60\n",
		     REQUESTS, PARALLEL, REQUESTS / best_client_s, REQUESTS / best_bare_s,
		     best_bare_s / best_client_s);
	bare_close(&bare);
	http_client_free(client);
}

int main(void)
{
	int port = 0;
	int fd = listen_on_loopback(&port);
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	if (child == 0)
		serve(fd);
	(void)close(fd);
	compare(port);
	(void)kill(child, SIGTERM);
	(void)waitpid(child, NULL, 0);
	return EXIT_SUCCESS;
}
