/* secret - env:NAME, file:PATH or the secret itself. What is resolved here is never printed. Blocks
 * as reading a small file does: any thread. DESIGN 5. */
#ifndef DRIFT_CONFIG_SECRET_H
#define DRIFT_CONFIG_SECRET_H

#include "base.h"

/**
 * The secret that @p text stands for. A trailing newline of a file is removed; control characters,
 * what is not UTF-8, and nothing at all are refused.
 *
 * @param directory   where relative paths start, after $CREDENTIALS_DIRECTORY.
 * @param ret_secret  caller wipes with secret_wipe().
 * @param error       any code; the message names the variable or file, never the secret.
 */
MUST_CHECK bool secret_resolve(const char *text, const char *directory, char **ret_secret,
			       GError **error);

/** The file that file:@p path means: in $CREDENTIALS_DIRECTORY when it is there, else under @p
 * directory, or itself when absolute. It need not exist. Caller frees. */
char *secret_find_file(const char *path, const char *directory);

/** Overwrite, free and forget. NULL inside is fine. */
void secret_wipe(char **secret);

#endif
