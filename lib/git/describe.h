/* describe - commits as people see them: subject, author, time. One thread. */
#ifndef DRIFT_GIT_DESCRIBE_H
#define DRIFT_GIT_DESCRIBE_H

#include <git2.h>

#include "base.h"
#include "git/answer.h"
#include "git/object.h"

struct describe;

/** Longest subject and author shown, in bytes of UTF-8. */
#define DESCRIBE_SUBJECT_MAX_BYTES 200
#define DESCRIBE_AUTHOR_MAX_BYTES 100

/** Descriptions kept; beyond, all are dropped. */
#define DESCRIBE_KEPT_MAX 8192

/** @p objects is borrowed for its life. */
struct describe *describe_create(struct objects *objects);
void describe_free(struct describe *describe);

/**
 * Describe a commit. A merge whose own subject says nothing has that of what it merged: the title
 * in its body for pull and merge requests, else the subject of its second parent.
 *
 * @param error  as objects_read().
 * @return caller frees with git_commit_free(); first_seen is not set. NULL on failure.
 */
MUST_CHECK struct git_commit *describe_commit(struct describe *describe, const git_oid *id,
					      GError **error);

#endif
