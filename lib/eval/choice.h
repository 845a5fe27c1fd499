/* choice - which of a revision's markers says what it was built from. DESIGN 6, "Finding D". Pure:
 * any thread. */
#ifndef DRIFT_EVAL_CHOICE_H
#define DRIFT_EVAL_CHOICE_H

#include "base.h"
#include "config/config.h"
#include "git/answer.h"
#include "source/observation.h"

enum choice_outcome {
	CHOICE_NONE = 0,
	CHOICE_COMMIT,    /* marker names a commit, resolved or not */
	CHOICE_NO_MARKER, /* nothing on the revision speaks of a commit: by_time */
	CHOICE_MUTE,      /* marker is there and says nothing that helps */
	CHOICE_NOT_THERE, /* commit-from is configured, and none of it is on the revision */
};

struct choice {
	enum choice_outcome outcome;
	const struct marker *marker; /* borrowed; NULL with NO_MARKER and NOT_THERE */
};

/** @p answer NULL: as if every id resolved. */
struct choice choice_make(const struct config_service *service, const struct revision_obs *revision,
			  const struct git_answer *answer);

/**
 * Call @p visit for each marker that may turn out to decide, in order.
 *
 * @return true when the last of them certainly decides or stands in the way; false when it may come
 * to by_time.
 */
bool choice_candidates(const struct config_service *service, const struct revision_obs *revision,
		       void (*visit)(void *data, const struct marker *marker), void *data);

/** Is @p marker a hit that certainly resolves to no commit (not: could not be told)? */
bool choice_is_absent(const struct marker *marker, const struct git_answer *answer);

#endif
