/* frame - what is the same in the verdicts of all kinds: identity, pause, findings, times, confirmation. Pure: any
 * thread. */
#ifndef DRIFT_EVAL_FRAME_H
#define DRIFT_EVAL_FRAME_H

#include "eval/input.h"

/** Where findings go while a verdict is made. */
struct finding_sink {
	const struct eval_input *input;
	const struct service_obs *seen; /* input->observation->service */
	struct verdict *verdict;        /* reasons and settings are added here */
	int64_t change_wall_ms;         /* earliest moment the clock alone changes something; 0 */
	enum state floor;               /* the target's state is never better than this */
	bool pin_in_force; /* a pin that has not ended, and all that serves is its commit */
};

/** Takes @p reason; NULL is nothing. */
void finding_add(struct finding_sink *sink, struct reason *reason);

/** The clock alone will change the verdict at @p wall_ms. */
void finding_changes_at(struct finding_sink *sink, int64_t wall_ms);

/** The reason of a call that failed: permission_denied, broken_check, over_budget or fetch_failed, unknown in any case. Caller
 * owns. */
struct reason *finding_of_fault(const struct fault *fault, const char *what);

/** Reasons, and the floor, that are @p state_from or worse become @p limit. */
void frame_cap(struct finding_sink *sink, enum state state_from, enum state limit);

/** Begin a verdict with the identity of the target, in sink->verdict.
 * @return false: the target is paused, and *ret_verdict (one reference) is its whole verdict. */
bool frame_begin(struct finding_sink *sink, const struct eval_input *input,
		 struct verdict **ret_verdict);

/** End: observed and expiry times, confirmation, state, since, last known, order of reasons. One reference. */
struct verdict *frame_end(struct finding_sink *sink);

#endif
