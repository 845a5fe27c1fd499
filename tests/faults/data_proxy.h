/* data_proxy - a process between driftd and a server that speaks TCP, which can misbehave. It dies with the process that made it. */
#ifndef TESTS_DATA_PROXY_H
#define TESTS_DATA_PROXY_H

#include "base.h"

#include <sys/types.h>

enum proxy_mode {
	PROXY_MODE_PASS = 0,
	PROXY_MODE_REFUSE,  /* every connection is reset at once */
	PROXY_MODE_SILENT,  /* connections are taken, nothing is ever said */
	PROXY_MODE_GARBAGE, /* bytes that are no protocol, then the end */
	PROXY_MODE_HTML,    /* what a web server would say */
	PROXY_MODE_CUT,     /* the connection ends after some bytes of the server */
	PROXY_MODE_STALL,   /* after some bytes of the server nothing comes any more */
};

struct proxy {
	pid_t pid;
	int port;    /* of 127.0.0.1 */
	int *shared; /* its mode, in memory that both processes see */
};

/** Start one in front of @p port of 127.0.0.1. @p cut_bytes: what CUT and STALL let through. */
struct proxy proxy_start(int port, int64_t cut_bytes);
void proxy_stop(struct proxy *proxy);

/** From now on; connections that are there suffer too. Returns at once: the proxy looks often. */
void proxy_set(const struct proxy *proxy, enum proxy_mode mode);

#endif
