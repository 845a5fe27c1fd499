/* hook_event - what a hook says about a push, once its signature was found good, and which of our
 * repositories it is about. Nothing of it is believed beyond "the repository changed": the head is
 * fetched. Pure: any thread. API-FACTS H.1, H.3. */
#ifndef DRIFT_HOOK_EVENT_H
#define DRIFT_HOOK_EVENT_H

#include "api/hook_guard.h"
#include "base.h"
#include "config/config.h"

/** Addresses of the repository in one payload. */
#define HOOK_URLS_MAX 6

struct hook_push {
	char *ref;                     /* "refs/heads/main"; owned, never NULL */
	char *full_name;               /* "example/pipeline"; NULL: not said */
	char *urls[HOOK_URLS_MAX + 1]; /* owned, NULL-terminated */
};
void hook_push_done(struct hook_push *push);

/**
 * @param content_type  of GitHub: application/json, or application/x-www-form-urlencoded with
 *                      payload=JSON; of GitLab: application/json.
 * @param bytes         NUL-terminated.
 * @param error         DRIFT_ERROR_UNSUPPORTED (another content type) or DRIFT_ERROR_INVALID (no
 *                      such JSON).
 */
MUST_CHECK bool hook_push_parse(enum hook_sender sender, const char *content_type,
				const char *bytes, size_t length, struct hook_push *ret_push,
				GError **error);

/** The branch of "refs/heads/…", or NULL. Borrowed. */
const char *hook_push_branch(const struct hook_push *push);
bool hook_push_is_tag(const struct hook_push *push);

/** Is one of its addresses @p url, whichever way it is written (https, ssh, git@host:path, with and
 * without .git)? */
bool hook_push_has_url(const struct hook_push *push, const char *url);
/** Does @p url end with its full name? */
bool hook_push_has_name(const struct hook_push *push, const char *url);

#endif
