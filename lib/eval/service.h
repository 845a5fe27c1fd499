/* eval_service - the verdict of one service: a pure function of configuration, observation, git's
 * answer, what was known before, and the clock. DESIGN 6 and 8. */
#ifndef DRIFT_EVAL_SERVICE_H
#define DRIFT_EVAL_SERVICE_H

#include "base.h"
#include "eval/verdict.h"
#include "git/answer.h"
#include "source/observation.h"

/** A deployment seen earlier, from the store. */
struct past_deployment {
	char *sha;            /* full id */
	char *digest;         /* NULL when not known */
	char *revision;       /* NULL for source http */
	int64_t seen_wall_ms; /* first seen */
};

/** The state of a repository as evaluation needs it. */
struct head_state {
	const struct git_head *head; /* NULL: there is none yet */
	int64_t fetched_wall_ms;     /* last fetch that worked: when it began; 0: never */
	int64_t seen_wall_ms;        /* when this head was seen first; 0: not known */
	int64_t fetched_mono_ms;     /* 0: before this process */
	const char *fetch_error;     /* of the latest try; NULL: it worked */
	const char *web_url;         /* NULL */
};

/** All a verdict follows from. Everything is borrowed. */
struct eval_input {
	const struct config_service *service;
	const struct observation *observation; /* NULL: never observed */
	const struct git_answer *answer;       /* NULL: git was not, or could not be, asked */
	const char *answer_error; /* why answer is NULL though there was something to ask; NULL */
	const struct head_state *head;
	const GPtrArray *past;        /* struct past_deployment *, newest first; never NULL */
	const struct verdict *before; /* the verdict before this one; NULL: none */
	const char *timezone;
	int64_t now_wall_ms;
	int64_t now_mono_ms;
};

/**
 * The ids git must be asked about for this service, with pairs for image_reused. NULL: nothing to
 * ask (observation failed, or names no commit and by_time is not needed: then the paths are still
 * asked, so NULL only with a failed or no observation, or a paused target). Caller frees.
 */
struct git_question *eval_service_question(const struct config_service *service,
					   const struct observation *observation,
					   const GPtrArray *past);

/** The verdict. Never NULL; one reference. */
struct verdict *eval_service(const struct eval_input *input);

/** True when ahead, diverged, commit_not_in_repo, or an id that is not there, would be concluded
 * from a head fetched before the observation was made: the cycle must fetch again and ask again.
 * eval_service() answers unknown as long as that is so. */
bool eval_service_needs_newer_head(const struct eval_input *input);

#endif
