/* endpoint - which URLs of a key file may be used. The file dictates where secrets are sent, so the
 * places are held against a list. Pure: any thread. API-FACTS A.4. */
#ifndef DRIFT_GOOGLE_ENDPOINT_H
#define DRIFT_GOOGLE_ENDPOINT_H

#include "base.h"

/** Where Google's own hosts are. */
#define ENDPOINT_UNIVERSE_DEFAULT "googleapis.com"

/** Longest URL in a key file. */
#define ENDPOINT_URL_MAX_BYTES 2048

/**
 * Accepted are https URLs (without user, password and fragment) whose host lies in googleapis.com,
 * in @p universe, or is the host of @p token_endpoint; and http URLs whose host is a loopback
 * address (127.0.0.0/8, ::1, localhost), for emulators and tests: what goes there never leaves the
 * machine.
 *
 * @param name            of the member, for the message: "token_uri".
 * @param universe        the file's universe_domain; NULL: none.
 * @param token_endpoint  of the [gcp] section; NULL: none.
 * @param error           DRIFT_ERROR_INVALID; names the host, not the whole URL.
 */
MUST_CHECK bool endpoint_check(const char *name, const char *url, const char *universe,
			       const char *token_endpoint, GError **error);

/** As above, but any host will do as long as it is https, loopback or an address of the cloud's own
 * link (169.254.0.0/16): sources of subject tokens. */
MUST_CHECK bool endpoint_check_source(const char *name, const char *url, GError **error);

/** True for loopback and link-local hosts: never asked through a proxy. */
bool endpoint_is_near(const char *url);

/** The [gcp] token-endpoint as it is used: "/token" is added when it has no path. Caller frees. */
char *endpoint_complete(const char *token_endpoint);

/** A domain name with at least one dot, lower case, no port. */
bool endpoint_is_domain(const char *text);

#endif
