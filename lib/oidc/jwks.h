/* jwks - fetches and keeps an issuer's keys: by Cache-Control, before they expire, and once more
 * for an unknown key id, at most once a minute. One fetch at a time; what is there stays when a
 * fetch fails, until it expires. Scheduler thread. */
#ifndef DRIFT_OIDC_JWKS_H
#define DRIFT_OIDC_JWKS_H

#include "http/client.h"
#include "oidc/oidc.h"

struct jwks;

/** Answers without a usable max-age are kept this long; longer ones than the maximum are cut.
 * Shorter ones than the minimum are lengthened: keys must outlive the time between two fetches, or
 * a max-age of 0 would leave none. */
#define JWKS_AGE_DEFAULT_MS (MS_PER_HOUR)
#define JWKS_AGE_MAX_MS (MS_PER_DAY)
#define JWKS_AGE_MIN_MS (5 * MS_PER_MINUTE)
/** For unknown key ids, from the start of one fetch (of any cause) to the start of the next. */
#define JWKS_REFETCH_MS (MS_PER_MINUTE)
/** After a failure; doubled with each in a row, up to the maximum. */
#define JWKS_RETRY_MS (10 * MS_PER_S)
#define JWKS_RETRY_MAX_MS (5 * MS_PER_MINUTE)

/** @p fetched is called after every fetch, from http_client_poll(), jwks_run() or jwks_set_url():
 * @p keys (a reference is its own to take) or NULL with @p error (one line, names the host only).
 * After NULL those before are still good, see jwks_keys(). It must not call back into this jwks,
 * but for jwks_keys(). */
typedef void (*jwks_fetched_fn)(void *data, struct oidc_keys *keys, const char *error);

/** @p http must outlive it, or be freed right after it. Nothing is fetched before jwks_set_url().
 */
struct jwks *jwks_create(struct http_client *http, jwks_fetched_fn fetched, void *data);
/** A fetch under way is forgotten: fetched() is not called any more. NULL is fine. */
void jwks_free(struct jwks *jwks);

/**
 * Another @p url forgets the keys (take jwks_keys() over afterwards) and is fetched at the next
 * jwks_run(); the same changes nothing but the timeout. NULL: nothing is fetched, and who waits for
 * a fetch is told that there will be none.
 *
 * @param url         https, or http to loopback; another is never asked, and every fetch fails.
 * @param timeout_ms  of a whole fetch.
 */
void jwks_set_url(struct jwks *jwks, const char *url, int64_t timeout_ms);

/** Somebody brought an unknown key id. True: a fetch is under way, or begins now (then fetched() is
 * called). False: the last one is too young, or there is no URL that may be asked. */
bool jwks_want(struct jwks *jwks);

/** Fetch when it is time. */
void jwks_run(struct jwks *jwks);
/** When jwks_run() has something to do; INT64_MAX: nothing before an answer. */
int64_t jwks_due_mono_ms(const struct jwks *jwks);

/** Borrowed; NULL: none. They may have expired. */
struct oidc_keys *jwks_keys(const struct jwks *jwks);

#endif
