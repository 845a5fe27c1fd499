/* repo - one watched repository: transport (git command), mirror, history and answers. Blocks; one
 * thread at a time, which is its worker's, or the command line's. DESIGN 6. */
#ifndef DRIFT_GIT_REPO_H
#define DRIFT_GIT_REPO_H

#include <stdatomic.h>

#include "base.h"
#include "git/answer.h"

struct repo;

/** What a repository needs to know of its configuration; a private copy. */
struct repo_options {
	char *name;
	char *url;
	bool is_local; /* read in place, from local_path */
	char *local_path;
	char *branch; /* NULL: the remote's HEAD */
	char *token;  /* secret; NULL: none */
	int64_t fetch_timeout_ms;
	/* to be told where the branch stands, one short exchange; 0: fetch_timeout_ms */
	int64_t look_timeout_ms;
	char *mirror_dir; /* absolute: STATE/mirrors/NAME.git; unused when local */
};

struct config_repo;

/** What @p config says of a repository whose mirror, if any, lies in @p state_dir. Caller frees. */
struct repo_options *repo_options_create(const struct config_repo *config, const char *state_dir,
					 int64_t look_timeout_ms);

/** libgit2's global start and end; main thread, before and after all workers. */
void repo_init_library(void);
void repo_done_library(void);

/** Takes @p options. Opens nothing yet. */
struct repo *repo_create(struct repo_options *options);
void repo_free(struct repo *repo);
void repo_options_free(struct repo_options *options);

/** Reading gives up when @p cancel turns true; answers are errors then. Borrowed; NULL: never. */
void repo_set_cancel(struct repo *repo, const atomic_bool *cancel);

/** Tests only: keep at most so many changes of the history, compute so many commits at a time. */
void repo_set_history_limit(struct repo *repo, guint changes, int32_t chunk_commits);

/** What a fetch did. */
struct repo_fetch {
	struct git_head *head; /* the head after it */
	bool remade;           /* the mirror was damaged or of another URL and was made anew */
	char *remade_why;      /* with remade */
};

/** Free what @p fetch holds. */
void repo_fetch_done(struct repo_fetch *fetch);

/**
 * Bring the branch up to date: git fetch of a mirror, or a look at the local repository.
 *
 * @param cancel  readable when to give up (-1: never); the child's process group is killed then and
 * at the deadline.
 * @param error   DRIFT_ERROR_UNAVAILABLE (remote away, git missing), TIMEOUT, DENIED, NOT_FOUND
 * (branch or repository), UNSUPPORTED (SHA-256), CANCELLED, FULL, IO. The old head stays usable.
 */
MUST_CHECK bool repo_fetch(struct repo *repo, const char *previous_head, int cancel,
			   struct repo_fetch *ret_fetch, GError **error);

/**
 * The head of now without fetching: that of the latest fetch, or after a restart what the mirror
 * holds.
 *
 * @param previous_head  as for repo_fetch().
 * @return caller frees with git_head_free(); NULL: there is none.
 */
struct git_head *repo_head(struct repo *repo, const char *previous_head);

/**
 * Ask the remote for full ids the mirror lacks. Remembered: an id is asked again at a new head and
 * at most every 10 min. Failures show in the resolutions of later answers, so nothing is returned.
 */
void repo_ask_remote(struct repo *repo, const GPtrArray *shas, int cancel);

/** Of the texts of @p questions, the full ids (40 digits) that are not here and may be asked now.
 * Caller unrefs (char *). */
GPtrArray *repo_unknown_ids(struct repo *repo, const GPtrArray *questions);

/**
 * Answer against the current head.
 *
 * @param questions  struct git_question *, borrowed.
 * @param seen       struct git_seen_head *, stored heads of this repository, oldest first;
 * borrowed.
 * @return struct git_answer *, one per question, same order; caller unrefs. Failures are inside the
 * answers.
 */
GPtrArray *repo_answer(struct repo *repo, const GPtrArray *questions, const GPtrArray *seen);

#endif
