/* checks - the findings of a service that do not come from its commit alone: traffic, rollout,
 * settings, variables, manifests, identity, builds. DESIGN 8. Pure: any thread. */
#ifndef DRIFT_EVAL_CHECKS_H
#define DRIFT_EVAL_CHECKS_H

#include "base.h"
#include "eval/frame.h"
#include "eval/ruling.h"

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
