/* web_fixture - a small HTTP server inside a test, on loopback and a port of the kernel's choice.
 * It writes bytes, not responses, so that it can be as wrong as a test needs it. */
#ifndef TESTS_WEB_FIXTURE_H
#define TESTS_WEB_FIXTURE_H

#include "base.h"

#include <pthread.h>

struct web;

/** One request as it came. */
struct web_request {
	struct web *web;
	int fd; /* of its connection */
	char *method;
	char *path;    /* with query */
	char *headers; /* all lines */
	char *body;    /* NUL-terminated */
};

/** Answers @p request on its connection, on a thread of that connection. False: close it. */
typedef bool (*web_handler_fn)(const struct web_request *request);

struct web {
	char *origin; /* "http://127.0.0.1:PORT" */
	int port;
	web_handler_fn handler;
	int listener;
	int stop_fd; /* readable once the server stops */
	pthread_t thread;
	pthread_mutex_t lock;   /* of all below */
	GPtrArray *log;         /* char * "METHOD PATH" in order of arrival */
	GPtrArray *threads;     /* pthread_t * */
	GPtrArray *descriptors; /* of connections, GINT_TO_POINTER */
	char *last_headers;     /* of the newest request */
	char *last_body;
	int in_flight;
	int max_in_flight;
	int numbers[8]; /* the handler's own */
	char *text;     /* the handler's own, freed by web_stop() */
};

/** Start; the test fails when it cannot. */
struct web *web_start(web_handler_fn handler);

/** Ends all connections, joins all threads, frees. */
void web_stop(struct web *web);

/** How many requests came whose path begins with @p prefix. */
int web_count(struct web *web, const char *prefix);

/** The lower-level answers. */
void web_send(const struct web_request *request, const void *bytes, size_t length);
void web_send_text(const struct web_request *request, const char *format, ...) PRINTF_LIKE(2, 3);

/** A whole answer; @p headers is "" or lines that end with CRLF. Always true: keep the connection.
 */
bool web_reply(const struct web_request *request, int status, const char *headers,
	       const char *body);

/** Wait until the server stops or @p timeout_ms have passed (-1: for ever). True: it stops. */
bool web_wait(const struct web_request *request, int timeout_ms);

/** Take the next value of a counter of the handler's own, beginning with 0. */
int web_next(const struct web_request *request, int index);

/** Form field of the body, decoded, or NULL. Caller frees. */
char *web_form(const struct web_request *request, const char *name);

/** An address where nobody listens: "http://127.0.0.1:PORT". Caller frees. */
char *web_nowhere(void);

#endif
