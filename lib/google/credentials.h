/* credentials - Application Default Credentials (API-FACTS A; https://google.aip.dev/auth/4110):
 * access tokens for one [gcp] section, cached, refreshed before expiry, one refresh in flight at a
 * time. Scheduler thread only.
 *
 * Where secrets go: a key file's URLs must be https under googleapis.com, the file's
 * universe_domain or the host of [gcp] token-endpoint, or http to a loopback address (endpoint.h).
 * [gcp] token-endpoint goes before token_uri; STS and impersonation URLs stay those of the file. */
#ifndef DRIFT_CREDENTIALS_H
#define DRIFT_CREDENTIALS_H

#include "base.h"
#include "config/config.h"
#include "http/client.h"
#include "source/fault.h"

struct credentials;

/** @p token is borrowed for the call and secret; NULL with @p fault (borrowed) set. */
typedef void (*credentials_done_fn)(void *data, const char *token, struct fault *fault);

/** A token with less life left is refreshed: Google's libraries use the same margins; the metadata
 * server hands out the same token until shortly before its end. */
#define CREDENTIALS_MARGIN_MS (300 * MS_PER_S)
#define CREDENTIALS_METADATA_MARGIN_MS (225 * MS_PER_S)

/** A refresh that failed is not tried again for callers of the same deadline (one cycle) this long,
 * so that 5,000 targets do not each try. */
#define CREDENTIALS_FAILURE_MEMORY_MS (10 * MS_PER_S)

/** One exchange takes at most this long, and no longer than the caller who caused it waits. */
#define CREDENTIALS_FLOW_MAX_MS (30 * MS_PER_S)

/** While an old token still lives, a refresh holds its callers up for at most this long. */
#define CREDENTIALS_PATIENCE_MS (3 * MS_PER_S)

/** Never fails: what is wrong with files or environment comes out of credentials_get(). @p gcp is
 * borrowed, must outlive. */
struct credentials *credentials_create(struct http_client *client, const struct config_gcp *gcp);

/** Callbacks that still wait run with FAULT_CANCELLED before this returns. Before the client's end.
 * NULL is fine. */
void credentials_free(struct credentials *credentials);

/**
 * An access token with enough life left. The callback runs exactly once, maybe before this returns,
 * and by @p deadline_mono_ms (0: CREDENTIALS_FLOW_MAX_MS from now). Faults: FAULT_CREDENTIALS when
 * there are none or they are refused; FAULT_TIMEOUT, FAULT_RESET, FAULT_HTTP_5XX … when the token
 * endpoint is in trouble; FAULT_CANCELLED.
 */
void credentials_get(struct credentials *credentials, int64_t deadline_mono_ms,
		     credentials_done_fn done, void *data);

/** A server refused @p token with 401: forget it if it is still the cached one, so that the next
 * get refreshes. A token that came by such a refresh is not forgotten for the next 10 s. */
void credentials_reject(struct credentials *credentials, const char *token);

/** Value for X-Goog-User-Project, or NULL. Known after the first credentials_get(). */
const char *credentials_quota_project(const struct credentials *credentials);

#endif
