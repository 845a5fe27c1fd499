/* server_stream - an answer that goes on as things happen: libmicrohttpd asks for bytes when the
 * other end has taken those before, and a connection without any is suspended until there are some.
 * Any thread of the pool. */
#include "api/server_private.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "api/events.h"
#include "api/response.h"

/** Bytes the kernel keeps for one that does not read: it would let them grow to megabytes. Twice as
 * much is what it makes of it (socket(7), SO_SNDBUF). */
#define STREAM_KERNEL_BYTES 32768

/** How long the other end may leave what was sent unacknowledged: a machine that was switched off
 * says no goodbye (tcp(7), TCP_USER_TIMEOUT). */
#define STREAM_GONE_MS 60000U

/** Of a client of HTTP/1.0, which cannot be sent chunks: those of others are as large as what is
 * left of the memory of their connection. */
#define STREAM_BLOCK_BYTES 1024

/** Of one response, which has just one connection. */
struct stream {
	struct events_reader *reader;
	struct MHD_Connection *connection;
};

static void suspend(void *connection)
{
	MHD_suspend_connection(connection);
}

/* Not touched any more after it: the pool's thread may close and free it at once. */
static void resume(void *connection)
{
	MHD_resume_connection(connection);
}

/* MHD_ContentReaderCallback: may suspend, and then returns 0. A suspended connection is not looked
 * at, so that it cannot end before it is resumed. */
static ssize_t read_stream(void *data, uint64_t position, char *buffer, size_t size)
{
	struct stream *stream = data;
	ssize_t count = events_reader_take(stream->reader, buffer, size, suspend, resume,
					   stream->connection);

	(void)position; /* there is no going back */
	return count >= 0 ? count : MHD_CONTENT_READER_END_OF_STREAM;
}

static void free_stream(void *data)
{
	struct stream *stream = data;

	events_reader_free(stream->reader);
	g_free(stream);
}

/* Refused on sockets that know neither, which then go on as they are. */
static void tune_socket(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	const int kept = STREAM_KERNEL_BYTES;
	const unsigned gone_ms = STREAM_GONE_MS;

	if (!info)
		return;
	(void)setsockopt(info->connect_fd, SOL_SOCKET, SO_SNDBUF, &kept, sizeof(kept));
	(void)setsockopt(info->connect_fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &gone_ms,
			 sizeof(gone_ms));
}

struct MHD_Response *server_stream_create(struct MHD_Connection *connection,
					  struct events_reader *reader)
{
	struct stream *stream = g_new0(struct stream, 1);
	struct MHD_Response *made = NULL;

	stream->reader = reader;
	stream->connection = connection;
	made = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, read_stream,
						 stream, free_stream);
	if (!made)
		g_error("out of memory");
	/* else libmicrohttpd sends the end of chunks that were never begun (0.9.75) */
	if (!reader && MHD_set_response_options(made, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT,
						MHD_RO_END) != MHD_YES)
		g_error("libmicrohttpd does not know HTTP/1.0");
	tune_socket(connection);
	return made;
}
