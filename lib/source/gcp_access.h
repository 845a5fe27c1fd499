/* gcp_access - the credentials of one [gcp] section, kept over a reload as long as what they are
 * made from stays the same. Scheduler thread only. */
#ifndef DRIFT_SOURCE_GCP_ACCESS_H
#define DRIFT_SOURCE_GCP_ACCESS_H

#include "base.h"
#include "config/config.h"
#include "google/credentials.h"

/** Reference counted. */
struct gcp_access {
	struct config_gcp gcp; /* a copy of what credentials are made from; the rest is unset */
	char *file_state; /* identity and times of credentials_file when it was looked at; NULL */
	struct credentials *credentials;
};

/**
 * One per section of @p config, those of @p before that still fit among them.
 *
 * @param before  NULL: none.
 * @return struct gcp_access *, unref'd with the array. Caller unrefs.
 */
GPtrArray *gcp_access_list(struct http_client *client, const struct config *config,
			   const GPtrArray *before);

/** Credentials of the section of that name, borrowed; NULL when there is none. */
struct credentials *gcp_access_find(const GPtrArray *list, const char *name);

#endif
