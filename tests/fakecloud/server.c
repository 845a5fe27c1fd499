/* server - see server.h */
#include "tests/fakecloud/server.h"

#include "clk.h"
#include "tests/fakecloud/faults.h"
#include "tests/fakecloud/handlers.h"
#include "tests/fakecloud/sinks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** Piece of a body that libmicrohttpd asks for at once. */
#define BLOCK_BYTES ((size_t)64 * 1024)

static int connection_fd(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/** Close without the usual farewell: the peer sees ECONNRESET. */
static enum MHD_Result reset_connection(struct MHD_Connection *connection)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(connection_fd(connection), SOL_SOCKET, SO_LINGER, &at_once,
			 sizeof(at_once)); /* without it the peer sees an early end instead */
	return MHD_NO;
}

static enum MHD_Result send_raw(struct MHD_Connection *connection, const struct reply *reply)
{
	(void)send(connection_fd(connection), reply->body->str, reply->body->len,
		   MSG_NOSIGNAL); /* the peer may have gone */
	return MHD_NO;
}

/* --- bodies that are made while they are sent --- */

static ssize_t stream_pending(struct reply_stream *stream, char *buffer, size_t max)
{
	size_t bytes = MIN(max, stream->pending->len - stream->taken);

	memcpy(buffer, stream->pending->str + stream->taken, bytes);
	stream->taken += bytes;
	return (ssize_t)bytes; /* at most BLOCK_BYTES */
}

static ssize_t read_stream(void *data, uint64_t position, char *buffer, size_t max)
{
	struct reply_stream *stream = data;
	ssize_t got = 0;

	(void)position;
	if (stream->left == 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (stream->left > 0)
		max = MIN(max, (size_t)stream->left);
	if (stream->taken < stream->pending->len)
		got = stream_pending(stream, buffer, max);
	else
		got = read(stream->fd, buffer, max);
	if (got <= 0)
		return got == 0 ? MHD_CONTENT_READER_END_OF_STREAM
				: MHD_CONTENT_READER_END_WITH_ERROR;
	if (stream->left > 0)
		stream->left -= got;
	return got;
}

static void free_stream(void *data)
{
	reply_stream_free(data);
}

/** A body that is cut, dripped or filled. */
struct slow_body {
	struct MHD_Connection *connection; /* borrowed */
	char *bytes;                       /* NULL: filler */
	uint64_t cut;                      /* break off here; UINT64_MAX: never */
	int drip_ms;
};

static ssize_t read_slow(void *data, uint64_t position, char *buffer, size_t max)
{
	struct slow_body *body = data;
	size_t bytes = max;

	if (position >= body->cut)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (body->drip_ms > 0) {
		const struct request peer = {.connection = body->connection};

		if (request_wait(&peer, body->drip_ms))
			return MHD_CONTENT_READER_END_WITH_ERROR;
		bytes = 1;
	}
	bytes = (size_t)MIN((uint64_t)bytes, body->cut - position);
	if (body->bytes)
		memcpy(buffer, body->bytes + position, bytes);
	else
		memset(buffer, ' ', bytes);
	return (ssize_t)bytes; /* at most BLOCK_BYTES */
}

static void free_slow(void *data)
{
	struct slow_body *body = data;

	g_free(body->bytes);
	g_free(body);
}

static struct MHD_Response *slow_response(struct MHD_Connection *connection,
					  const struct reply *reply)
{
	struct slow_body *body = g_new0(struct slow_body, 1);
	uint64_t size = reply->filler_bytes > 0 ? (uint64_t)reply->filler_bytes : reply->body->len;

	body->connection = connection;
	body->cut = reply->cut_bytes >= 0 ? (uint64_t)reply->cut_bytes : UINT64_MAX;
	body->drip_ms = reply->drip_ms;
	if (reply->filler_bytes == 0)
		body->bytes = g_memdup2(reply->body->str, reply->body->len + 1);
	return MHD_create_response_from_callback(size, BLOCK_BYTES, read_slow, body, free_slow);
}

static struct MHD_Response *make_response(struct MHD_Connection *connection, struct reply *reply)
{
	if (reply->stream)
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_stream,
							 g_steal_pointer(&reply->stream),
							 free_stream);
	if (reply->cut_bytes >= 0 || reply->drip_ms > 0 || reply->filler_bytes > 0)
		return slow_response(connection, reply);
	return MHD_create_response_from_buffer(reply->body->len, reply->body->str,
					       MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct reply *reply)
{
	struct MHD_Response *response = NULL;
	enum MHD_Result queued = MHD_NO;

	if (reply->reset)
		return reset_connection(connection);
	if (reply->raw)
		return send_raw(connection, reply);
	response = make_response(connection, reply);
	if (reply->content_type)
		(void)MHD_add_response_header(response, "Content-Type", reply->content_type);
	for (guint i = 0; i < reply->headers->len; i++) {
		g_auto(GStrv) pair = g_strsplit(reply->headers->pdata[i], ": ", 2);

		if (pair[0] && pair[1]) /* one that libmicrohttpd refuses is left out */
			(void)MHD_add_response_header(response, pair[0], pair[1]);
	}
	queued = MHD_queue_response(connection, (unsigned)reply->status, response);
	MHD_destroy_response(response);
	return queued;
}

/* --- requests --- */

static void handle(struct cloud *cloud, struct request *request, struct reply *reply)
{
	if (serve_run(cloud, request, reply) || serve_tokens(cloud, request, reply) ||
	    serve_metadata(cloud, request, reply) || serve_storage(cloud, request, reply) ||
	    serve_bigquery(cloud, request, reply) || serve_firestore(cloud, request, reply) ||
	    serve_targets(cloud, request, reply) || serve_git(cloud, request, reply) ||
	    serve_slack(cloud, request, reply) || serve_webhooks(cloud, request, reply) ||
	    serve_github(cloud, request, reply) || serve_oidc(cloud, request, reply))
		return;
	reply_set_text(reply, 404, "text/html; charset=UTF-8",
		       "<!DOCTYPE html><html><title>Error 404 (Not Found)!!1</title></html>");
}

static struct fault_rule *enter(struct cloud *cloud, const struct request *request)
{
	struct fault_rule *rule = NULL;

	(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: not recursive, initialised */
	cloud->in_flight++;
	cloud->max_in_flight = MAX(cloud->max_in_flight, cloud->in_flight);
	cloud_count_path(cloud, request);
	rule = faults_match(cloud, request);
	(void)pthread_mutex_unlock(&cloud->lock);
	return rule;
}

static void leave(struct cloud *cloud, const struct request *request, const struct reply *reply,
		  int64_t arrived_ms)
{
	(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: not recursive, initialised */
	cloud->in_flight--;
	cloud_count_api(cloud, request);
	if (sinks_is_path(request))
		sinks_note_attempt(cloud->sinks, request, reply, arrived_ms);
	(void)pthread_mutex_unlock(&cloud->lock);
}

static void answer(struct cloud *cloud, struct request *request, struct reply *reply)
{
	int64_t arrived_ms = clk_wall_ms();
	struct fault_rule *rule = NULL;

	if (request->too_large) {
		reply_set_text(reply, 413, "text/plain", "too large\n");
		return;
	}
	if (serve_control(cloud, request, reply))
		return;
	rule = enter(cloud, request);
	if (!rule || !faults_before(cloud, rule, request, reply)) {
		handle(cloud, request, reply);
		if (rule)
			faults_after(cloud, rule, request, reply);
	}
	leave(cloud, request, reply, arrived_ms);
	fault_rule_free(rule);
}

static void *keep_uri(void *data, const char *uri, struct MHD_Connection *connection)
{
	(void)data;
	(void)connection;
	return request_create(uri);
}

/* the parameters are libmicrohttpd's */
/* NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_bytes, void **context)
{
	struct request *request = *context;
	struct reply *reply = NULL;
	enum MHD_Result result = MHD_YES;

	(void)url; /* decoded already; "%2F" matters here */
	(void)version;
	if (!request->started) {
		request->started = true;
		request->connection = connection;
		request->method = g_strdup(method);
		return MHD_YES;
	}
	if (*upload_bytes > 0) {
		request_take_body(request, upload, *upload_bytes);
		*upload_bytes = 0;
		return MHD_YES;
	}
	reply = reply_create();
	answer(data, request, reply);
	result = send_reply(connection, reply);
	reply_free(reply);
	return result;
}

static void on_end(void *data, struct MHD_Connection *connection, void **context,
		   enum MHD_RequestTerminationCode code)
{
	(void)data;
	(void)connection;
	(void)code;
	request_free(*context);
	*context = NULL;
}

/** A listening socket on loopback; -1 with errno. */
static int bind_loopback(uint16_t port, uint16_t *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)); /* only a convenience */
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(fd, 1024) != 0 || getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
		int saved_errno = errno;

		(void)close(fd); /* nothing was written */
		errno = saved_errno;
		return -1;
	}
	*ret_port = ntohs(address.sin_port);
	return fd;
}

struct MHD_Daemon *server_listen(struct cloud *cloud, uint16_t port)
{
	uint16_t real_port = 0;
	int fd = bind_loopback(port, &real_port);

	if (fd < 0)
		return NULL;
	cloud->origin = g_strdup_printf("http://127.0.0.1:%u", real_port);
	return MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL, 0,
		NULL, NULL, on_request, cloud, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_URI_LOG_CALLBACK, keep_uri, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_end,
		NULL, MHD_OPTION_CONNECTION_LIMIT, 4000U, MHD_OPTION_END);
}

void server_close(struct MHD_Daemon *daemon, struct cloud *cloud)
{
	atomic_store(&cloud->stopping, true);
	MHD_stop_daemon(daemon);
}
