/* git_worker - one thread per repository that fetches and answers, so that the scheduler never
 * blocks. Jobs go in and results come out through a queue; notify() is called from the worker's
 * thread and must only wake the scheduler. */
#ifndef DRIFT_GIT_WORKER_H
#define DRIFT_GIT_WORKER_H

#include "base.h"
#include "git/answer.h"
#include "git/repo.h"

struct git_worker;

/** Work for one repository; taken by the worker. */
struct git_job {
	bool fetch;                        /* bring the branch up to date first */
	char previous_head[GIT_SHA_BYTES]; /* newest stored head, "" when none */
	GPtrArray *questions;              /* struct git_question *; NULL or empty: none */
	GPtrArray *seen;                   /* struct git_seen_head *; may be NULL */
	int64_t tag;                       /* the caller's, comes back in the result */
};

/** What came of a job. */
struct git_result {
	char *repo; /* its name */
	int64_t tag;
	bool fetched;            /* a fetch was asked for and worked */
	int64_t fetched_wall_ms; /* when it began: what was pushed later may be missing; 0 unless
				    fetched */
	int64_t fetched_mono_ms;
	struct git_head
		*head; /* the head after the fetch, or the current one; NULL when there is none */
	char *fetch_error;    /* for people; NULL when fetched or not asked for */
	int fetch_error_code; /* enum drift_error */
	bool remade;
	char *remade_why;
	GPtrArray *answers; /* struct git_answer *, one per question */
};

typedef void (*git_notify_fn)(void *data);

/** Starts the thread. Takes @p options. DRIFT_ERROR_IO when no thread can be had. */
MUST_CHECK struct git_worker *git_worker_start(struct repo_options *options, git_notify_fn notify,
					       void *data, GError **error);

/** Cancels what runs (kills a git child), joins, frees. Undelivered results are dropped. */
void git_worker_stop(struct git_worker *worker);

/** Queue @p job (taken). */
void git_worker_submit(struct git_worker *worker, struct git_job *job);

/** The next finished result, or NULL. Caller frees. */
struct git_result *git_worker_take(struct git_worker *worker);

/** Jobs submitted whose results were not taken. */
size_t git_worker_pending(struct git_worker *worker);

void git_job_free(struct git_job *job);
void git_result_free(struct git_result *result);

#endif
