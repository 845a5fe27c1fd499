/* asked - which full ids the remote was asked for, when, and what it said. One thread. DESIGN 6. */
#ifndef DRIFT_GIT_ASKED_H
#define DRIFT_GIT_ASKED_H

#include "base.h"

struct asked;

/** An id the remote lacks is asked for again at a new head, else after this long. */
#define ASKED_AGAIN_MS (10 * MS_PER_MINUTE)

/** Where the remote gave no answer it is asked again after this long. */
#define ASKED_RETRY_MS MS_PER_MINUTE

/** Ids remembered; beyond, all are forgotten. */
#define ASKED_MAX 10000

struct asked *asked_create(void);
void asked_free(struct asked *asked);

/** May @p sha be asked for now, when the head is @p head? */
bool asked_may_ask(const struct asked *asked, const char *sha, const char *head,
		   int64_t now_mono_ms);

/** Note what came of asking: @p why NULL: the remote has none; else it could not be asked. */
void asked_note(struct asked *asked, const char *sha, const char *head, int64_t now_mono_ms,
		const char *why);

/** Was @p sha asked for, and why is it not known whether the remote has it? (NULL: it has none.) */
bool asked_find(const struct asked *asked, const char *sha, const char **ret_why);

#endif
