/* completions - what a completion document should be, and what it says (DESIGN 5 and 7, LESSONS
 * L19). Pure: any thread. The collector is in data/run.h. */
#ifndef DRIFT_DATA_COMPLETIONS_H
#define DRIFT_DATA_COMPLETIONS_H

#include "base.h"
#include "config/config.h"
#include "google/firestore.h"
#include "source/data_observation.h"

/** Further keys that are kept, and where names and values are cut. */
#define COMPLETIONS_OTHERS_MAX 100
#define COMPLETIONS_TEXT_MAX_BYTES 200

/** Which document answers for @p now_wall_ms: date, due_wall_ms and document of a new observation
 * are filled. Caller frees. */
struct completion_obs *completions_begin(const struct config_completion *config,
					 int64_t now_wall_ms);

/**
 * What the document says.
 *
 * A key is present when the document has a field of its name that is not null. It is done: without
 * done_field when it is present and not the boolean false; else when the map under it has a
 * done_field whose text is one of done_values. Keys that begin with '_' never count, whatever they
 * hold. Without a document the keys are those of every mode, or all where each has one.
 *
 * @param answer       without damage.
 * @param observation  from completions_begin(); filled.
 * @param error        DRIFT_ERROR_INVALID: keys are expected of other modes only than the
 * document's; says which mode was found and
 *                     which are configured. */
MUST_CHECK bool completions_judge(const struct config_completion *config,
				  const struct firestore_answer *answer,
				  struct completion_obs *observation, GError **error);

#endif
