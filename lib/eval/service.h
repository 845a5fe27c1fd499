/* eval_service - the verdict of one service: a pure function of configuration, observation, git's
 * answer, what was known before, and the clock. DESIGN 6 and 8. */
#ifndef DRIFT_EVAL_SERVICE_H
#define DRIFT_EVAL_SERVICE_H

#include "base.h"
#include "eval/input.h"

/**
 * The ids git must be asked about for this service, with pairs for image_reused. NULL: nothing to
 * ask (observation failed, or names no commit and by_time is not needed: then the paths are still
 * asked, so NULL only with a failed or no observation, or a paused target). Caller frees.
 */
struct git_question *eval_service_question(const struct config_service *service,
					   const struct observation *observation,
					   const GPtrArray *past);

/** The verdict. Never NULL; one reference. */
struct verdict *eval_service(const struct eval_input *input);

/** True when ahead, diverged, commit_not_in_repo, or an id that is not there, would be concluded
 * from a head fetched before the observation was made: the cycle must fetch again and ask again.
 * eval_service() answers unknown as long as that is so. */
bool eval_service_needs_newer_head(const struct eval_input *input);

#endif
