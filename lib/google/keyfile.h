/* keyfile - the JSON files of Application Default Credentials (API-FACTS A.1), parsed and checked
 * whole. Pure: any thread. */
#ifndef DRIFT_GOOGLE_KEYFILE_H
#define DRIFT_GOOGLE_KEYFILE_H

#include "base.h"

/** Larger files are refused: real ones have 3 kB. */
#define KEYFILE_MAX_BYTES ((size_t)64 * 1024)

/** source_credentials in source_credentials: at most this deep. */
#define KEYFILE_NESTING_MAX 3

/** Lifetime asked for when the file names none, and its bounds (IAM Credentials API). */
#define KEYFILE_LIFETIME_DEFAULT_S 3600
#define KEYFILE_LIFETIME_MIN_S 600
#define KEYFILE_LIFETIME_MAX_S 43200

enum keyfile_type {
	KEYFILE_TYPE_NONE = 0,
	KEYFILE_TYPE_SERVICE_ACCOUNT,
	KEYFILE_TYPE_AUTHORIZED_USER,
	KEYFILE_TYPE_EXTERNAL_ACCOUNT,
	KEYFILE_TYPE_IMPERSONATED,
};

/** Where the subject token of an external account comes from. Exactly one of file and url is
 * set. */
struct keyfile_source {
	char *file;
	char *url;
	GPtrArray *headers; /* char * "Name: value" for url; never NULL */
	char *field;        /* format json: member that holds the token; NULL: the whole text */
};

/** Secrets are wiped when it is freed. What a type does not use is NULL. */
struct keyfile {
	enum keyfile_type type;
	char *universe;      /* universe_domain; never NULL */
	char *quota_project; /* quota_project_id; NULL when not given */

	char *client_email;   /* service_account */
	char *private_key;    /* secret, PEM */
	char *private_key_id; /* NULL when not given */
	char *token_uri; /* service_account, authorized_user; default https://oauth2.UNIVERSE/token
			  */

	char *client_id;     /* authorized_user; external_account: HTTP Basic, NULL: none */
	char *client_secret; /* secret; the same */
	char *refresh_token; /* secret */

	char *audience; /* external_account */
	char *subject_token_type;
	char *token_url;    /* default https://sts.UNIVERSE/v1/token */
	char *user_project; /* workforce_pool_user_project; NULL when not given */
	struct keyfile_source source;

	char *impersonation_url; /* external_account: NULL: none; impersonated: always */
	int lifetime_s;
	GPtrArray *delegates;   /* char *; never NULL */
	struct keyfile *nested; /* impersonated: source_credentials */
};

/**
 * Parse and check a key file. URLs are only taken over: see keyfile_check_urls().
 *
 * @param error  DRIFT_ERROR_INVALID (not JSON, a member missing or of the wrong type, a type nobody
 *               knows), DRIFT_ERROR_TOO_LARGE, DRIFT_ERROR_UNSUPPORTED (a type or source that is
 *               understood and refused). Quotes nothing of the file but names of types.
 * @return caller frees; NULL with error set.
 */
MUST_CHECK struct keyfile *keyfile_parse(const char *bytes, size_t length, GError **error);

/** All URLs of the file, nested ones too, held against endpoint_check(). DRIFT_ERROR_INVALID. */
MUST_CHECK bool keyfile_check_urls(const struct keyfile *keyfile, const char *token_endpoint,
				   GError **error);

void keyfile_free(struct keyfile *keyfile);

#endif
