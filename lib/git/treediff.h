/* treediff - what differs between two trees, found by comparing entries and leaving out equal
 * folders. No blob is looked at: an entry is its mode and id. One thread. */
#ifndef DRIFT_GIT_TREEDIFF_H
#define DRIFT_GIT_TREEDIFF_H

#include <git2.h>

#include "base.h"
#include "git/intern.h"
#include "git/object.h"

/** Most distinct paths one repository's history may have; each costs about 100 bytes. */
#define TREEDIFF_PATHS_MAX 2000000

/** Longest path, and most folders inside each other. */
#define TREEDIFF_PATH_MAX_BYTES 4096
#define TREEDIFF_DEPTH_MAX 200

/** A path whose entry differs. */
struct change {
	uint32_t path; /* number in paths */
	uint32_t from; /* number of the entry in contents; 0: there was none */
	uint32_t to;
	int32_t position; /* of the commit on its line; set by whoever keeps it */
};

/** Where paths and entries get their numbers. */
struct treediff {
	struct objects *objects; /* borrowed */
	struct intern *paths;
	struct intern *contents;
	struct object_marks sorted; /* trees whose entries were found to be in order */
};

void treediff_init(struct treediff *diff, struct objects *objects);
void treediff_done(struct treediff *diff);

/**
 * Append to @p out (struct change) every path that differs, each once, in git's order.
 *
 * @param from, to  trees; NULL: the empty one.
 * @param position  given to every change.
 * @param error     NOT_FOUND, CORRUPT, TOO_LARGE (paths, depth, length), CANCELLED.
 */
MUST_CHECK bool treediff_run(struct treediff *diff, const git_oid *from, const git_oid *to,
			     int32_t position, GArray *out, GError **error);

#endif
