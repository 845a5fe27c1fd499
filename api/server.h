/* server - the embedded HTTP server. Only api/server*.c know that it is libmicrohttpd. DESIGN 9.
 * Started and stopped by main. */
#ifndef DRIFT_SERVER_H
#define DRIFT_SERVER_H

#include "base.h"
#include "api/app.h"
#include "config/config.h"

struct server;

struct server_options {
	const char *listen; /* HOST:PORT; ignored with listen_fd */
	int listen_fd;      /* from socket activation; -1: none. Taken. */
	unsigned threads;   /* of the pool */
};

/**
 * Bind, listen and serve. Says DRIFT_ERROR_BUSY with the address when the port is taken.
 *
 * @param config  authentication, allowed hosts; a reference is taken. Replaced by
 * server_set_config().
 */
MUST_CHECK struct server *server_start(const struct server_options *options, struct app *app,
				       struct config *config, GError **error);

/** Use another configuration for requests that arrive from now on. Any thread. The address stays.
 */
void server_set_config(struct server *server, struct config *config);

/** The address in use as "127.0.0.1:8080" (the real port when 0 was asked). Borrowed. */
const char *server_address(const struct server *server);

/** Stop accepting; answers under way are finished. Waiters must have been completed (app_stop).
 * Frees. */
void server_stop(struct server *server);

#endif
