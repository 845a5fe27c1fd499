/* input - what the verdict of one target follows from. Pure: any thread. */
#ifndef DRIFT_EVAL_INPUT_H
#define DRIFT_EVAL_INPUT_H

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

/** A table that tells about a key of a completion document, as last seen. */
struct eval_evidence {
	const char *key;
	const struct config_table *table;
	const struct observation *observation; /* NULL: none, or too old to count */
	const struct verdict *verdict; /* the table's own, the latest; NULL: none that counts */
	bool paused; /* the table is: it gives no evidence; observation and verdict are NULL */
};

/** All a verdict follows from. Everything is borrowed. */
struct eval_input {
	const struct config_target *target;
	const struct observation *observation; /* NULL: never observed */
	/* of a service only; NULL for the other kinds */
	const struct config_service *service; /* the struct that target is the beginning of */
	const struct git_answer *answer;      /* NULL: git was not, or could not be, asked */
	const char *answer_error; /* why answer is NULL though there was something to ask; NULL */
	const struct head_state *head; /* never NULL for a service */
	const GPtrArray
		*past; /* struct past_deployment *, newest first; never NULL for a service */
	/* of a completion only: one for each of its evidence, in that order */
	const struct eval_evidence *evidence;
	size_t evidence_count;
	/* of every kind */
	const struct verdict *before; /* the verdict before this one; NULL: none */
	const char *timezone;
	int64_t now_wall_ms;
	int64_t now_mono_ms;
};

#endif
