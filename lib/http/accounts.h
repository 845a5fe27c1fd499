/* accounts - how many calls each API got, how they ended, what they cost. One thread at a time. */
#ifndef DRIFT_HTTP_ACCOUNTS_H
#define DRIFT_HTTP_ACCOUNTS_H

#include "base.h"

struct accounts {
	GHashTable *lines; /* "api\noutcome" -> struct accounts_line * */
};

void accounts_init(struct accounts *accounts);
void accounts_done(struct accounts *accounts);

/** Add one call. @p api and @p outcome are copied when they are new. */
void accounts_add(struct accounts *accounts, const char *api, const char *outcome, int64_t time_us,
		  int64_t bytes);

/** struct http_account *, sorted by api, then outcome. Caller unrefs. */
GPtrArray *accounts_copy(const struct accounts *accounts);

#endif
