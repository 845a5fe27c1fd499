/* ruling - one serving revision held against the head: its relation, and the reason that goes with
 * it. DESIGN 6. Pure: any thread. */
#ifndef DRIFT_EVAL_RULING_H
#define DRIFT_EVAL_RULING_H

#include "base.h"
#include "eval/service.h"
#include "eval/verdict.h"

/** What one revision comes to. Everything is borrowed from the input. */
struct ruling {
	const struct revision_obs *revision;
	const struct marker *marker; /* that names D, or that stands in the way; NULL: none */
	const struct git_resolution *resolution; /* of marker; NULL: none */
	const struct git_comparison *comparison; /* of D; NULL: none */
	const char *sha;                         /* D, full id; NULL: not known */
	enum relation relation;
	enum state state;         /* after grace, before caps */
	enum reason_code code;    /* REASON_NONE: this revision has nothing to say by itself */
	int64_t since_wall_ms;    /* behind, by_time: when the oldest undeployed change was seen */
	int64_t change_wall_ms;   /* when the clock alone changes it; 0: never */
	bool head_too_old;        /* what it came to needs a head fetched after the observation */
	enum reason_code instead; /* with head_too_old: what the old head would say */
};

/** Why git cannot be relied on for this target at all. */
struct git_trouble {
	enum reason_code code; /* REASON_NONE: it can */
	const char *why;       /* for people; NULL */
};

struct git_trouble ruling_git(const struct eval_input *input);

void ruling_make(const struct eval_input *input, const struct revision_obs *revision,
		 struct ruling *ret_ruling);

/** The reason of @p ruling; NULL when its code is NONE. Caller owns. */
struct reason *ruling_reason(const struct eval_input *input, const struct ruling *ruling);

/** Which of two is worse: by state, then by relation. */
bool ruling_is_worse(const struct ruling *a, const struct ruling *b);

/** Is there a pin that has not ended / that has? */
bool ruling_pin_holds(const struct eval_input *input);
bool ruling_pin_ended(const struct eval_input *input);

/** Is @p sha the commit of the configured pin? */
bool ruling_is_pinned_commit(const struct eval_input *input, const char *sha);

/** "revision api-00042 (60 %)", or the target's id for a source without revisions. Caller frees. */
char *ruling_revision_name(const struct eval_input *input, const struct revision_obs *revision);

#endif
