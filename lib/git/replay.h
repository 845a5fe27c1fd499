/* replay - follows the paths of one set through a row of changes and notes which commits are still
 * undeployed: those that change a path after the last one at which all were as at the start. One
 * thread. */
#ifndef DRIFT_GIT_REPLAY_H
#define DRIFT_GIT_REPLAY_H

#include "base.h"
#include "git/bits.h"
#include "git/treediff.h"

struct replay;

struct replay *replay_create(void);
void replay_free(struct replay *replay);

/**
 * Begin, or go on with what replay_suspend() gave.
 *
 * @param path_count  highest path number there is.
 * @param set         paths that count. Borrowed until the next start.
 * @param differing   struct change: where the start (from) and here (to) differ; those of other
 * paths are left out.
 * @param undeployed  int32_t positions, oldest first; appended to and emptied. Borrowed likewise.
 */
void replay_start(struct replay *replay, uint32_t path_count, const struct bits *set,
		  const GArray *differing, GArray *undeployed);

/** Follow @p count changes, sorted by position. A commit's changes are not split over two calls. */
void replay_follow(struct replay *replay, const struct change *changes, size_t count);

/** How many paths differ from the start now. */
size_t replay_differing(const struct replay *replay);

/** Put what differs now into @p differing (emptied first), to go on later. */
void replay_suspend(const struct replay *replay, GArray *differing);

#endif
