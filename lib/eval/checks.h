/* checks - the findings of a service that do not come from its commit alone: traffic, rollout,
 * settings, variables, manifests, identity, builds. DESIGN 8. Pure: any thread. */
#ifndef DRIFT_EVAL_CHECKS_H
#define DRIFT_EVAL_CHECKS_H

#include "base.h"
#include "eval/ruling.h"

/** Where findings go while a verdict is made. */
struct finding_sink {
	const struct eval_input *input;
	const struct service_obs *seen; /* input->observation->service */
	struct verdict *verdict;        /* reasons and settings are added here */
	int64_t change_wall_ms;         /* earliest moment the clock alone changes something; 0 */
	bool pin_in_force; /* a pin that has not ended, and all that serves is its commit */
};

/** Takes @p reason; NULL is nothing. */
void finding_add(struct finding_sink *sink, struct reason *reason);

/** The clock alone will change the verdict at @p wall_ms. */
void finding_changes_at(struct finding_sink *sink, int64_t wall_ms);

/** The reason of a call that failed: permission_denied or fetch_failed, unknown either way. Caller
 * owns. */
struct reason *finding_of_fault(const struct fault *fault, const char *what);

/** traffic_not_latest, rollout_failed, deploying. @return true when deploying caps the rest. */
bool checks_rollout(struct finding_sink *sink);

/** setting_changed, env_missing, env_forbidden, value_differs, wrong_identity. */
void checks_settings(struct finding_sink *sink);
void checks_env(struct finding_sink *sink);
void checks_manifest(struct finding_sink *sink);
void checks_identity(struct finding_sink *sink);

/** dirty_build, image_reused, markers_disagree of one revision. */
void checks_build(struct finding_sink *sink, const struct ruling *ruling);

/** pin_expired, a pin too short to mean one commit, and the note of one in force. */
void checks_pin(struct finding_sink *sink, const struct ruling *rulings, guint count);

#endif
