/* hook_guard - who sent this hook? Sees the body piece by piece, before anybody reads it, and tells
 * whose secret it was signed with. Belongs to the thread that serves the request. API-FACTS H.1 and
 * H.3: GitHub signs the raw body (HMAC-SHA-256), GitLab sends the secret itself. */
#ifndef DRIFT_HOOK_GUARD_H
#define DRIFT_HOOK_GUARD_H

#include "base.h"
#include "config/config.h"

enum hook_sender {
	HOOK_SENDER_NONE = 0,
	HOOK_SENDER_GITHUB,
	HOOK_SENDER_GITLAB,
};

struct hook_guard;

/**
 * @param config      its repositories' webhook-secret are tried, each distinct one once; a
 *                    reference is taken.
 * @param credential  X-Hub-Signature-256 or X-Gitlab-Token as sent; NULL: none came. Borrowed for
 *                    the call.
 */
struct hook_guard *hook_guard_create(struct config *config, enum hook_sender sender,
				     const char *credential);
/** NULL is fine. */
void hook_guard_free(struct hook_guard *guard);

/** Can it still be from somebody we know? What cannot need not be kept. */
bool hook_guard_has_hope(const struct hook_guard *guard);

/** The next piece of the raw body. */
void hook_guard_update(struct hook_guard *guard, const void *bytes, size_t length);

/** The body is whole: the secret it was signed with; NULL: none of ours. Borrowed from the
 * configuration. Secrets are compared in constant time. */
const char *hook_guard_secret(struct hook_guard *guard);

/** Has any repository of @p config a secret? */
bool hook_guard_is_configured(const struct config *config);

#endif
