/* reader - answers questions about one opened repository and one head. What was computed stays over
 * new heads and over reopening. One thread. */
#ifndef DRIFT_GIT_READER_H
#define DRIFT_GIT_READER_H

#include <git2.h>
#include <stdatomic.h>

#include "base.h"
#include "git/answer.h"

struct reader;

struct reader *reader_create(void);
void reader_free(struct reader *reader);

/** Give up reading when @p cancel turns true; borrowed; NULL: never. */
void reader_set_cancel(struct reader *reader, const atomic_bool *cancel);

/** Tests only: see history_set_limit(). */
void reader_set_history_limit(struct reader *reader, guint changes, int32_t chunk_commits);

/**
 * Read from @p repository from now on (taken, its objects not looked at yet); the one before is
 * closed, also when this fails. The head stays.
 * @p error: IO.
 */
MUST_CHECK bool reader_open(struct reader *reader, git_repository *repository, GError **error);

/** The repository that is open, or NULL. Borrowed. */
git_repository *reader_repository(const struct reader *reader);

/** Objects arrived: look at them. */
MUST_CHECK bool reader_refresh(struct reader *reader, GError **error);

/**
 * Make @p id the head.
 *
 * @param seen_wall_ms  when it was seen here first, unless it is the head already.
 * @param error         NOT_FOUND, CORRUPT, TOO_LARGE, CANCELLED: the old head stays.
 */
MUST_CHECK bool reader_set_head(struct reader *reader, const git_oid *id, int64_t seen_wall_ms,
				GError **error);

/** Is there a head, and its full id ("": none). Borrowed. */
bool reader_has_head(const struct reader *reader);
const char *reader_head(const struct reader *reader);

/** Is the repository a shallow clone? */
bool reader_is_shallow(const struct reader *reader);

/**
 * The head as people see it.
 *
 * @param branch    copied.
 * @param previous  the head before it, "" when there is none.
 * @return caller frees with git_head_free(); NULL on failure.
 */
MUST_CHECK struct git_head *reader_describe_head(struct reader *reader, const char *branch,
						 const char *previous, GError **error);

/** Is the object of this full id here? */
bool reader_has(const struct reader *reader, const char *sha);

/** Was something unreadable that had to be there? */
bool reader_is_damaged(const struct reader *reader);

/** As repo_answer(); full ids that are not here have resolution NONE. */
GPtrArray *reader_answer(struct reader *reader, const GPtrArray *questions, const GPtrArray *seen);

#endif
