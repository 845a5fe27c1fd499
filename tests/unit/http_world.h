/* http_world - a client, a server that misbehaves on request, and what came back: for the tests of
 * lib/http. */
#ifndef TESTS_HTTP_WORLD_H
#define TESTS_HTTP_WORLD_H

#include "http/client.h"
#include "tests/unit/web_fixture.h"

#include <check.h>

/** A test that takes longer than this hangs. */
#define PATIENCE_MS 20000

/** The bound of bodies in the table of faults; "/1000" sends so many bytes, "/huge" one more. */
#define SMALL_MAX_BYTES 1000

/** Both of the test that runs. */
extern struct web *http_web;
extern struct http_client *http_web_client;

/** A copy of an answer. */
struct got {
	int calls;
	enum http_failure failure;
	char *message;
	int status;
	char *body;
	size_t body_bytes;
	char *content_type;
	char *header; /* X-Test */
	int64_t retry_after_ms;
	int attempts;
};

void got_clear(struct got *got);

/** A http_done_fn; @p data is a struct got *. */
void got_take(void *data, const struct http_response *response);

/** GET of @p path at the server. */
struct http_request *request_for(const char *path);

/** Poll until the answer is there. */
void wait_for(const struct got *got);

/** Send and wait. */
void fetch(struct http_request *request, struct got *got);

/** The server's pages: see the source. */
bool http_world_handle(const struct web_request *request);

/** A test case with server and client. */
TCase *http_world_case(Suite *suite, const char *name);

#endif
