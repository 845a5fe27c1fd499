/* auth - who gets in: the Host rule, the rule for browsers, credentials. The rules are made once
 * from a configuration and then shared by reference (atomic): any thread. DESIGN 9 "Who gets in".
 */
#ifndef DRIFT_AUTH_H
#define DRIFT_AUTH_H

#include "base.h"
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

/** May this request have what needs @p need? */
enum auth_answer auth_check(const struct auth_rules *rules, const struct request *request,
			    enum auth_need need);

/** Does @p need take a credential under these rules? Then answers are private. */
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
