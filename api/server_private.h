/* server_private - what server.c (start, stop) and server_exchange.c (one request) share. The only
 * files that know libmicrohttpd. */
#ifndef DRIFT_SERVER_PRIVATE_H
#define DRIFT_SERVER_PRIVATE_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base.h"
#include "api/app.h"
#include "api/auth.h"

struct server {
	struct MHD_Daemon *daemon;
	struct app *app;
	char *address; /* in use */
	char *listen;  /* as configured: names in it are allowed as Host */

	pthread_mutex_t lock; /* guards rules and config */
	struct auth_rules *rules;
	struct config *config; /* that the rules are made of */

	_Atomic int64_t kept_bytes; /* of all request bodies that are kept now */

	atomic_int active; /* requests between their first line and the last byte of the answer */
	atomic_bool stopping; /* new requests are refused */
	int idle_fd;          /* eventfd: written when active falls to 0 while stopping */
};

/** Largest request body of a route that takes none: it is read, and not looked at. */
#define API_BODY_MAX_BYTES INT64_C(1048576)

/** Memory for all bodies that are kept at once; hooks, which anybody can send, leave some of it to
 * the others. A hook that finds no room is judged by its signature alone. */
#define API_BODIES_MAX_BYTES (INT64_C(64) * 1024 * 1024)
#define API_BODIES_HOOKS_BYTES (INT64_C(48) * 1024 * 1024)

/** More than a route takes is still read to its end, so that the answer is not lost in a reset
 * connection; beyond so much more the connection is closed. */
#define API_BODY_DISCARD_MAX_BYTES INT64_C(8388608)

/** Longest path and query; longest request line and header fields together. Both are below half of
 * API_CONNECTION_BYTES, from where on libmicrohttpd would answer by itself, less helpfully. */
#define API_URI_MAX_BYTES 8192U
#define API_HEADERS_MAX_BYTES 14336U

/** libmicrohttpd's memory for one connection: request headers and answer headers. */
#define API_CONNECTION_BYTES 32768U

/** libmicrohttpd's callbacks (MHD_AccessHandlerCallback, MHD_OPTION_URI_LOG_CALLBACK,
 * MHD_RequestCompletedCallback). */
enum MHD_Result server_handle(void *data, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload_data,
			      size_t *upload_data_bytes, void **context);
void *server_begin(void *data, const char *uri, struct MHD_Connection *connection);
void server_completed(void *data, struct MHD_Connection *connection, void **context,
		      enum MHD_RequestTerminationCode code);

/** The rules in force and the configuration they are made of. Caller unrefs both. */
struct auth_rules *server_ref_rules(struct server *server, struct config **ret_config);

/** A body as it arrives. Start with {0}: nothing is kept. */
struct upload {
	struct server *server;
	char *bytes; /* NUL-terminated; NULL: none, or not kept */
	size_t length, capacity;
	size_t keep_max_bytes;
	int64_t share_bytes; /* no more is kept of all bodies together */
	bool keeps;
	bool is_crowded_out; /* there was no memory left for it */
};

/** Keep what comes, up to @p keep_max_bytes: a longer body is dropped whole. */
void upload_start(struct upload *upload, struct server *server, int64_t keep_max_bytes,
		  int64_t share_bytes);
void upload_add(struct upload *upload, const char *bytes, size_t length);
/** Forget it and give its memory back. */
void upload_drop(struct upload *upload);

/** What @p reader (taken) tells, sent as it comes; NULL: HEAD was asked. Headers are the caller's to
 * add. Never NULL. */
struct events_reader;
struct MHD_Response *server_stream_create(struct MHD_Connection *connection,
					  struct events_reader *reader);

/** Does nothing, but that who calls it has the epoll_wait() of server_epoll.c linked in. */
void server_epoll_use(void);

/** Queue @p response. */
struct response;
enum MHD_Result server_send(struct MHD_Connection *connection, struct response *response,
			    bool close_after);

#endif
