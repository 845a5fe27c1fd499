/* adc - where Application Default Credentials are looked for (API-FACTS A), and reading what is
 * found. Reads environment and files. Scheduler thread only. */
#ifndef DRIFT_GOOGLE_ADC_H
#define DRIFT_GOOGLE_ADC_H

#include "base.h"

/** Where the credentials are. */
struct adc_place {
	char *path;  /* a key file; NULL: the metadata server */
	char *tried; /* for messages: the places before, and why it is none of them */
};

/** The first place of the order that has something: environment, gcloud's file, metadata server.
 * Whether the file is readable and right is not looked at. */
void adc_find(struct adc_place *ret_place);
void adc_place_done(struct adc_place *place);

/**
 * Read a regular file of at most @p max_bytes.
 *
 * @param ret_bytes   NUL-terminated secret; caller wipes ret_length bytes and frees.
 * @param error       the code of errno, DRIFT_ERROR_TOO_LARGE, or DRIFT_ERROR_INVALID (no regular
 *                    file). Names the path.
 */
MUST_CHECK bool adc_read_file(const char *path, size_t max_bytes, char **ret_bytes,
			      size_t *ret_length, GError **error);

/** "http://HOST/computeMetadata/v1" from GCE_METADATA_HOST, GCE_METADATA_IP or Google's address.
 * DRIFT_ERROR_INVALID when the variable holds no host. Caller frees. */
MUST_CHECK char *adc_metadata_url(GError **error);

/** $GOOGLE_CLOUD_QUOTA_PROJECT, or NULL. Borrowed from the environment. */
const char *adc_quota_project(void);

#endif
