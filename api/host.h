/* host - the host part of Host, Origin and of configured URLs, taken apart and compared. Pure: any
 * thread. RFC 9110 7.2, RFC 6454. */
#ifndef DRIFT_HOST_H
#define DRIFT_HOST_H

#include "base.h"

/** Longest host name that is looked at: DNS allows 253 bytes, an address with a zone less. */
#define HOST_MAX_BYTES 256

/** A host and a port. */
struct host {
	char name[HOST_MAX_BYTES]; /* lower case, without brackets and the dot at the end */
	int port;                  /* -1: none given */
	bool is_address;           /* an IPv4 or IPv6 address, not a name */
};

/** Take "example.com:8080", "127.0.0.1", "[::1]:80" apart. False when it is none of these. */
MUST_CHECK bool host_parse(const char *text, struct host *ret_host);

/** Take "https://example.com" apart, as Origin writes it or with a path behind it; the port is the
 * scheme's when none is given. False for "null" and other schemes than http and https. */
MUST_CHECK bool host_parse_origin(const char *text, struct host *ret_host, bool *ret_tls);

/** localhost, 127.0.0.0/8, ::1. */
bool host_is_loopback(const struct host *host);

#endif
