/* raw_http - an HTTP client that sends what a test wrote, byte by byte, and hands back what came.
 * For servers on 127.0.0.1. Waits at most RAW_PATIENCE_MS for anything: far more than it takes. */
#ifndef DRIFT_TEST_RAW_HTTP_H
#define DRIFT_TEST_RAW_HTTP_H

#include "base.h"

#define RAW_PATIENCE_MS 10000

/** Connect to @p address ("127.0.0.1:8080"). */
int raw_dial(const char *address);
/** The same with so little room for what comes. Said before the other end sends anything: what is in a
 * window that is made smaller later is dropped, and sent again after longer and longer pauses. */
int raw_dial_narrow(const char *address, int receive_bytes);

/** Send all of it, or as much as the server takes. */
void raw_send(int fd, const char *text);

/** Everything until the server closes; closes too. Caller frees. */
char *raw_read_all(int fd);

/** Up to the empty line behind the header fields, of an answer that does not end; closes. */
char *raw_read_head(int fd);

/** One request on a connection of its own. Caller frees. */
char *raw_ask(const char *address, const char *request);

/** Of an answer. The header's value is NULL when it is absent; caller frees. */
int raw_status(const char *answer);
const char *raw_body(const char *answer);
char *raw_header(const char *answer, const char *name);

#endif
