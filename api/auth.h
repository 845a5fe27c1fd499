/* auth - who gets in: the Host rule, the rule for browsers, credentials. The rules are made once
 * from a configuration and then shared by reference (atomic): any thread. DESIGN 9 "Who gets in".
 */
#ifndef DRIFT_AUTH_H
#define DRIFT_AUTH_H

#include "base.h"
#include "api/app.h"
#include "config/config.h"

struct request;
struct auth_rules;

/** What a route needs. */
enum auth_need {
	AUTH_NEED_NONE = 0, /* always open */
	AUTH_NEED_READ,
	AUTH_NEED_WRITE,
};

enum auth_answer {
	AUTH_ANSWER_NONE = 0,
	AUTH_ANSWER_YES,
	AUTH_ANSWER_CREDENTIAL, /* 401: a valid credential would help */
	AUTH_ANSWER_REFUSED,    /* 403: none would */
	AUTH_ANSWER_IDENTITY,   /* 403: a valid OIDC token of somebody who is not in oidc-email */
	AUTH_ANSWER_KEYS,       /* ask for keys (APP_COMMAND_KEYS), wait, set request->keys_awaited,
				   and check again; never when keys_awaited is set */
	AUTH_ANSWER_UNAVAILABLE, /* 503: an OIDC token came, and there are no keys in force to judge
				    it by: their issuer cannot be reached */
};

/** Longest reason of a refusal, with its NUL. */
#define AUTH_WHY_BYTES 200

/** Why an answer was not YES, to be counted and logged: no part of a credential is in it. */
struct auth_refusal {
	enum app_count count; /* which counter; APP_COUNT_NONE: no credential is at fault (KEYS, and
				 a GET that only a person at this machine may send) */
	char why[AUTH_WHY_BYTES]; /* one line; "" for YES */
};

/** Takes a reference to @p config. @p listen: the HOST:PORT listened on; a name in it is allowed as
 * Host. One reference. */
struct auth_rules *auth_rules_create(struct config *config, const char *listen);
struct auth_rules *auth_rules_ref(struct auth_rules *rules);
void auth_rules_unref(struct auth_rules *rules);

/** May this request's Host be served? A loopback name or address, an allowed host, that of
 * public-url, or the address the connection came to. */
bool auth_allows_host(const struct auth_rules *rules, const struct request *request);

/** May this request change state, as far as browsers tell where it comes from? False with
 * Sec-Fetch-Site other than same-origin or none, or a foreign Origin. */
bool auth_allows_origin(const struct auth_rules *rules, const struct request *request);

/**
 * May this request have what needs @p need? The static token comes as Bearer or as the password of
 * Basic; an OIDC token (when oidc-audience is configured) as Bearer only, and is judged by
 * app_oidc_keys(request->app). Bearer text that equals the static token is that token; else text of
 * three parts is an OIDC token.
 *
 * @param ret_refusal  always written; NULL: not wanted.
 */
enum auth_answer auth_check(const struct auth_rules *rules, const struct request *request,
			    enum auth_need need, struct auth_refusal *ret_refusal);

/** Does @p need take a credential (a token, or OIDC) under these rules? Then answers are private.
 */
bool auth_is_protected(const struct auth_rules *rules, enum auth_need need);

/**
 * The secret in an Authorization header: the token of Bearer, the password of Basic (RFC 6750, RFC
 * 7617).
 *
 * @return newly allocated, caller frees with auth_secret_free(); NULL when it is neither.
 */
char *auth_parse(const char *authorization);

/** Overwrites, then frees. NULL is fine. */
void auth_secret_free(char *secret);

#endif
