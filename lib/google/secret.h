/* secret - text that is wiped when it is freed. Pure: any thread. */
#ifndef DRIFT_GOOGLE_SECRET_H
#define DRIFT_GOOGLE_SECRET_H

#include "base.h"

#include <string.h>

/** Wipe and free. NULL is fine. */
static inline void secret_free(char *text)
{
	if (!text)
		return;
	explicit_bzero(text, strlen(text));
	g_free(text);
}

/** Wipe, free and forget. */
static inline void secret_clear(char **text)
{
	secret_free(*text);
	*text = NULL;
}

/** For g_autoptr-like locals: __attribute__((cleanup(secret_clear))) char *. */
#define AUTO_SECRET __attribute__((cleanup(secret_clear)))

#endif
