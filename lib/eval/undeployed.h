/* undeployed - what is deployed, and what it lacks or has too much, as verdicts carry it. DESIGN 6. Pure: any
 * thread. */
#ifndef DRIFT_EVAL_UNDEPLOYED_H
#define DRIFT_EVAL_UNDEPLOYED_H

#include "base.h"
#include "eval/ruling.h"

/** Fill behind and ahead_commits of @p verdict from its worst ruling, where its relation has them.
 */
void undeployed_fill(struct verdict *verdict, const struct eval_input *input,
		     const struct ruling *worst);

/** Add one serving revision with its evidence. */
void deployed_add(struct verdict *verdict, const struct eval_input *input,
		  const struct ruling *ruling);

#endif
