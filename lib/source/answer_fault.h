/* answer_fault - what an answer of somebody else's HTTP server means when it is not what was hoped
 * for, as a fault. For /version, probes and the like; Google's own errors are google/call's. Pure:
 * any thread. */
#ifndef DRIFT_SOURCE_ANSWER_FAULT_H
#define DRIFT_SOURCE_ANSWER_FAULT_H

#include "base.h"
#include "http/client.h"
#include "source/fault.h"

/** "https://host:port/path": without user, query and fragment, which may hold secrets. Bounded.
 * Caller frees. */
char *answer_fault_address(const char *url);

/**
 * NULL when @p response is a 200. Else why not: one reference, caller unrefs.
 *
 * @param address  from answer_fault_address().
 * @param setting  which setting to look at, for the message: "url", "probe-url".
 */
struct fault *answer_fault_create(const struct http_response *response, const char *address,
				  const char *setting);

#endif
