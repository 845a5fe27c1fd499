/* web_fixture - see web_fixture.h */
#include "tests/unit/web_fixture.h"

#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX_BYTES (256 * 1024)

struct connection {
	struct web *web;
	int fd;
};

static void lock(struct web *web)
{
	(void)pthread_mutex_lock(&web->lock);
}

static void unlock(struct web *web)
{
	(void)pthread_mutex_unlock(&web->lock);
}

/* Wait for bytes; false: the server stops. */
static bool wait_readable(const struct web *web, int fd)
{
	struct pollfd polled[2] = {{.fd = fd, .events = POLLIN},
				   {.fd = web->stop_fd, .events = POLLIN}};

	while (poll(polled, 2, -1) < 0 && errno == EINTR)
		;
	return polled[1].revents == 0;
}

/* Read more; false at the end. */
static bool read_more(const struct web *web, int fd, GString *bytes)
{
	char chunk[4096];
	ssize_t got = 0;

	if (bytes->len > REQUEST_MAX_BYTES || !wait_readable(web, fd))
		return false;
	got = recv(fd, chunk, sizeof(chunk), 0);
	if (got > 0)
		g_string_append_len(bytes, chunk, got);
	return got > 0;
}

static size_t body_bytes(const char *headers)
{
	const char *at = strcasestr(headers, "\r\nContent-Length:");
	guint64 length = 0;

	if (!at)
		return 0;
	at += strlen("\r\nContent-Length:");
	length = g_ascii_strtoull(at, NULL, 10);
	return (size_t)length;
}

static void request_clear(struct web_request *request)
{
	g_free(request->method);
	g_free(request->path);
	g_free(request->headers);
	g_free(request->body);
}

/* One request from the connection; what comes behind it stays in @p bytes. */
static bool read_request(struct web *web, int fd, GString *bytes, struct web_request *request)
{
	const char *end = NULL;
	size_t head = 0;
	size_t length = 0;
	g_auto(GStrv) words = NULL;

	while (!(end = strstr(bytes->str, "\r\n\r\n")))
		if (!read_more(web, fd, bytes))
			return false;
	head = (size_t)(end - bytes->str) + 4;
	request->headers = g_strndup(bytes->str, head);
	length = body_bytes(request->headers);
	while (bytes->len < head + length)
		if (!read_more(web, fd, bytes))
			return false;
	words = g_strsplit(request->headers, " ", 3);
	request->web = web;
	request->fd = fd;
	request->method = g_strdup(words[0]);
	request->path = g_strdup(words[1] ? words[1] : "");
	request->body = g_strndup(bytes->str + head, length);
	g_string_erase(bytes, 0, (gssize)(head + length));
	return true;
}

static void note_arrival(const struct web_request *request)
{
	struct web *web = request->web;

	lock(web);
	g_ptr_array_add(web->log, g_strdup_printf("%s %s", request->method, request->path));
	g_free(web->last_headers);
	g_free(web->last_body);
	web->last_headers = g_strdup(request->headers);
	web->last_body = g_strdup(request->body);
	web->in_flight++;
	web->max_in_flight = MAX(web->max_in_flight, web->in_flight);
	unlock(web);
}

static void *serve_connection(void *data)
{
	struct connection *connection = data;
	struct web *web = connection->web;
	GString *bytes = g_string_new(NULL);
	bool keep = true;

	while (keep) {
		struct web_request request = {0};

		keep = read_request(web, connection->fd, bytes, &request);
		if (keep) {
			note_arrival(&request);
			keep = web->handler(&request);
			lock(web);
			web->in_flight--;
			unlock(web);
		}
		request_clear(&request);
	}
	(void)g_string_free(bytes, TRUE);
	/* shut down only: the number must stay ours until web_stop() */
	(void)shutdown(connection->fd, SHUT_WR);
	g_free(connection);
	return NULL;
}

static void *serve(void *data)
{
	struct web *web = data;

	while (wait_readable(web, web->listener)) {
		int fd = accept4(web->listener, NULL, NULL, SOCK_CLOEXEC);
		struct connection *connection = NULL;
		pthread_t *thread = NULL;

		if (fd < 0)
			continue;
		connection = g_new0(struct connection, 1);
		thread = g_new0(pthread_t, 1);
		connection->web = web;
		connection->fd = fd;
		lock(web);
		g_ptr_array_add(web->threads, thread);
		g_ptr_array_add(web->descriptors, GINT_TO_POINTER(fd));
		unlock(web);
		ck_assert_int_eq(pthread_create(thread, NULL, serve_connection, connection), 0);
	}
	return NULL;
}

static int listen_on_loopback(int *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 256), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

struct web *web_start(web_handler_fn handler)
{
	struct web *web = g_new0(struct web, 1);

	(void)pthread_mutex_init(&web->lock, NULL);
	web->handler = handler;
	web->log = g_ptr_array_new_with_free_func(g_free);
	web->threads = g_ptr_array_new_with_free_func(g_free);
	web->descriptors = g_ptr_array_new();
	web->stop_fd = eventfd(0, EFD_CLOEXEC);
	ck_assert_int_ge(web->stop_fd, 0);
	web->listener = listen_on_loopback(&web->port);
	web->origin = g_strdup_printf("http://127.0.0.1:%d", web->port);
	ck_assert_int_eq(pthread_create(&web->thread, NULL, serve, web), 0);
	return web;
}

void web_stop(struct web *web)
{
	uint64_t one = 1;

	if (!web)
		return;
	ck_assert_int_eq(write(web->stop_fd, &one, sizeof(one)), sizeof(one));
	(void)pthread_join(web->thread, NULL);
	for (guint i = 0; i < web->descriptors->len; i++) /* ends writes that block */
		(void)shutdown(GPOINTER_TO_INT(g_ptr_array_index(web->descriptors, i)), SHUT_RDWR);
	for (guint i = 0; i < web->threads->len; i++)
		(void)pthread_join(*(pthread_t *)g_ptr_array_index(web->threads, i), NULL);
	for (guint i = 0; i < web->descriptors->len; i++)
		(void)close(GPOINTER_TO_INT(g_ptr_array_index(web->descriptors, i)));
	(void)close(web->listener);
	(void)close(web->stop_fd);
	g_ptr_array_unref(web->log);
	g_ptr_array_unref(web->threads);
	g_ptr_array_unref(web->descriptors);
	(void)pthread_mutex_destroy(&web->lock);
	g_free(web->last_headers);
	g_free(web->last_body);
	g_free(web->origin);
	g_free(web->text);
	g_free(web);
}

int web_count(struct web *web, const char *prefix)
{
	int count = 0;

	lock(web);
	for (guint i = 0; i < web->log->len; i++) {
		const char *path = strchr(g_ptr_array_index(web->log, i), ' ') + 1;

		count += g_str_has_prefix(path, prefix);
	}
	unlock(web);
	return count;
}

void web_send(const struct web_request *request, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		ssize_t sent = send(request->fd, at, length, MSG_NOSIGNAL);

		if (sent <= 0)
			return; /* the client is gone */
		at += sent;
		length -= (size_t)sent;
	}
}

void web_send_text(const struct web_request *request, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	web_send(request, text, strlen(text));
}

bool web_reply(const struct web_request *request, int status, const char *headers, const char *body)
{
	web_send_text(request, "HTTP/1.1 %d X\r\n%sContent-Length: %zu\r\n\r\n%s", status, headers,
		      strlen(body), body);
	return true;
}

bool web_wait(const struct web_request *request, int timeout_ms)
{
	struct pollfd polled = {.fd = request->web->stop_fd, .events = POLLIN};

	return poll(&polled, 1, timeout_ms) != 0;
}

int web_next(const struct web_request *request, int index)
{
	int value = 0;

	lock(request->web);
	value = request->web->numbers[index]++;
	unlock(request->web);
	return value;
}

char *web_form(const struct web_request *request, const char *name)
{
	g_autoptr(GHashTable) form =
		g_uri_parse_params(request->body, -1, "&", G_URI_PARAMS_WWW_FORM, NULL);

	return form ? g_strdup(g_hash_table_lookup(form, name)) : NULL;
}

char *web_nowhere(void)
{
	int port = 0;

	(void)close(listen_on_loopback(&port));
	return g_strdup_printf("http://127.0.0.1:%d", port);
}
