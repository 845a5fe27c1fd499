/* git_ask - short ways to ask a repository, for tests. */
#ifndef DRIFT_TESTS_GIT_ASK_H
#define DRIFT_TESTS_GIT_ASK_H

#include <glib.h>

#include "git/answer.h"
#include "git/repo.h"

/** A repository read in place; @p branch NULL: what is checked out. */
struct repo *git_ask_open_local(const char *path, const char *branch);

/** A mirror of @p url at @p mirror_dir. */
struct repo *git_ask_open_mirror(const char *url, const char *mirror_dir);

/** Fetch; fails the test when that fails. Caller frees the head. */
struct git_head *git_ask_fetch(struct repo *repo, const char *previous);

/** A question about one id under @p paths (separated by spaces, "" for none), also to be
 * compared. */
struct git_question *git_ask_question(const char *paths, const char *id);

/** Ask one question (taken); the answer, which the caller frees. */
struct git_answer *git_ask(struct repo *repo, struct git_question *question, const GPtrArray *seen);

/** The list of stored heads to fill, and a head for it. */
GPtrArray *git_ask_new_seen(void);
void git_ask_add_seen(GPtrArray *seen, const char *sha, int64_t seen_wall_ms);

#endif
