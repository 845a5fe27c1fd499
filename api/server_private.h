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

	pthread_mutex_t lock; /* guards rules */
	struct auth_rules *rules;

	atomic_int active; /* requests between their first line and the last byte of the answer */
	atomic_bool stopping; /* new requests are refused */
	int idle_fd;          /* eventfd: written when active falls to 0 while stopping */
};

/** Largest request body that is read (and, here, not looked at). */
#define API_BODY_MAX_BYTES INT64_C(1048576)

/** More than that is still read to its end, so that the answer is not lost in a reset connection;
 * beyond this the connection is closed. */
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

/** The rules in force. Caller unrefs. */
struct auth_rules *server_ref_rules(struct server *server);

/** Queue @p response. */
struct response;
enum MHD_Result server_send(struct MHD_Connection *connection, struct response *response,
			    bool close_after);

#endif
