/* gitfault - what git's words on standard error mean, and how that is said. Pure: any thread. */
#ifndef DRIFT_GIT_GITFAULT_H
#define DRIFT_GIT_GITFAULT_H

#include "base.h"
#include "git/gitcmd.h"

/** @p text without @p token (NULL: none), its Base64 form, or credentials inside URLs. Caller
 * frees. */
char *gitfault_redact(const char *text, const char *token);

/** Set @p error from a result that is a failure: what was tried, why it failed, what to do. */
void gitfault_set_error(GError **error, const struct gitcmd *command,
			const struct gitcmd_result *result);

#endif
