/* gitenv - environment of the git command: nothing of the user's or the system's git, the token
 * only for its own host. Pure but for reading this process's environment. Any thread. */
#ifndef DRIFT_GIT_GITENV_H
#define DRIFT_GIT_GITENV_H

#include "base.h"

/**
 * Environment for connecting to @p url (NULL: nowhere) with @p token (NULL: none).
 *
 * @param error  INVALID: the address cannot be read; DENIED: the token would travel unencrypted.
 * @return NULL-terminated; caller frees with gitenv_free(), because it may hold the token.
 */
MUST_CHECK char **gitenv_create(const char *url, const char *token, GError **error);
void gitenv_free(char **environment);

#endif
