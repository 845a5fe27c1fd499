/* answer - questions about a repository and their answers, as plain data that passes between the
 * scheduler and a git worker. A question is the worker's alone from submission on, an answer the
 * scheduler's alone from delivery on. DESIGN 6. */
#ifndef DRIFT_GIT_ANSWER_H
#define DRIFT_GIT_ANSWER_H

#include "base.h"

/** Room for 40 hex digits and a NUL. SHA-256 repositories are refused. */
#define GIT_SHA_BYTES 41

/** Commits listed of one behind, newest kept count only; DESIGN 6. */
#define GIT_LIST_MAX 50

/** One commit as people see it. All text is UTF-8 and bounded. */
struct git_commit {
	char sha[GIT_SHA_BYTES];
	char *subject; /* of what it merged, when a merge's own says nothing ("Merge branch …",
			  "Merge pull request …") */
	char *author;  /* name */
	int64_t committed_wall_ms;  /* committer time */
	int64_t first_seen_wall_ms; /* DESIGN 6; 0 where not computed */
	bool first_seen_is_stored;  /* basis "seen": from a stored head; false: "committed", the
				       committer time */
};

/** The newest commit of the watched branch. */
struct git_head {
	char sha[GIT_SHA_BYTES];
	char *branch; /* resolved name, never NULL */
	struct git_commit commit;
	bool forced;                  /* the head before it is no ancestor: a forced push */
	char previous[GIT_SHA_BYTES]; /* head before it, "" when none was given */
	int64_t rewound; /* with forced: first-parent commits of the old head that the new one lacks
			  */
	bool shallow;    /* the repository is a shallow clone */
};

/** A head seen earlier, from the store: tells when commits arrived. */
struct git_seen_head {
	char sha[GIT_SHA_BYTES];
	int64_t seen_wall_ms;
};

enum git_resolution_status {
	GIT_RESOLUTION_NONE = 0,
	GIT_RESOLUTION_FOUND,
	GIT_RESOLUTION_NO_COMMIT,     /* short id: no commit has this prefix here */
	GIT_RESOLUTION_AMBIGUOUS,     /* several commits have it */
	GIT_RESOLUTION_ABSENT,        /* full id: the remote was asked and has none */
	GIT_RESOLUTION_NOBODY_TO_ASK, /* full id: not here, and a local repository has no remote */
	GIT_RESOLUTION_UNASKED, /* full id: not here, the remote could not be asked; why says why */
	GIT_RESOLUTION_SHALLOW, /* not here, and history here is cut */
	GIT_RESOLUTION_UNREADABLE, /* the repository could not be read; why says why */
};

/** What an id in a marker stands for. */
struct git_resolution {
	char *text; /* as asked: 7..40 lower-case hex digits */
	enum git_resolution_status status;
	char sha[GIT_SHA_BYTES]; /* FOUND only; annotated tags are peeled */
	char *why;               /* for people; NULL when FOUND */
};

enum git_topology {
	GIT_TOPOLOGY_NONE = 0,
	GIT_TOPOLOGY_SAME,   /* D is H */
	GIT_TOPOLOGY_BEHIND, /* D is an ancestor of H */
	GIT_TOPOLOGY_AHEAD,  /* H is an ancestor of D */
	GIT_TOPOLOGY_DIVERGED,
	GIT_TOPOLOGY_SHALLOW,    /* history is cut before the answer */
	GIT_TOPOLOGY_UNREADABLE, /* reading failed; why says why */
};

/** One deployed commit D against the head H, under the question's patterns. */
struct git_comparison {
	char sha[GIT_SHA_BYTES]; /* D */
	enum git_topology topology;
	bool content_equal;     /* no path under P differs between the trees of D and H */
	int64_t behind_commits; /* undeployed commits (DESIGN 6), all of them */
	int64_t ahead_commits;  /* the same rule, from H to D */
	int64_t files;          /* paths under P that differ between D and H */
	GPtrArray *list; /* struct git_commit *, undeployed, newest first, at most GIT_LIST_MAX;
			    oldest and newest beside it */
	struct git_commit
		*oldest; /* of the undeployed; NULL when there is none. first_seen is computed */
	struct git_commit *newest;
	GPtrArray *authors; /* char *, distinct, of the undeployed, most recent first, at most 20 */
	bool later_seen; /* a commit of question.seen_before is a descendant of D under first-parent
			    or ancestry: rolled back */
	struct git_commit commit; /* D itself */
	char *why;                /* with SHALLOW or UNREADABLE */
};

/** A positive pattern that matches nothing at H. */
struct git_missing_path {
	char *pattern;
	bool existed_at_deployed; /* it matches something at D: removed or renamed since */
	bool deployed_known;      /* D could be looked at; false: nothing is known about before */
};

/** Two commits whose content under P is to be compared (image_reused). */
struct git_pair {
	char a[GIT_SHA_BYTES], b[GIT_SHA_BYTES];
	bool known;   /* answer: both are here */
	bool differs; /* answer: a path under P differs */
};

/** What one target wants to know. */
struct git_question {
	char *target_id;
	char **paths;       /* NULL-terminated */
	GPtrArray *texts;   /* char *, distinct ids to resolve (markers, pin), each 7..40 lower-case
			       hex digits */
	GPtrArray *compare; /* char *, those of texts to compare with H when they resolve */
	GPtrArray
		*seen_before;  /* char *, full ids seen running earlier, newest first, at most 50 */
	GPtrArray *pairs;      /* struct git_pair *, may be empty */
	bool want_last_change; /* by_time: the last commit under P is wanted */
};

/** The answer to one question. */
struct git_answer {
	char *target_id;
	char head[GIT_SHA_BYTES];       /* the H it was answered against */
	GPtrArray *resolutions;         /* struct git_resolution *, one per text, same order */
	GPtrArray *comparisons;         /* struct git_comparison *, one per distinct sha */
	GPtrArray *missing_paths;       /* struct git_missing_path *; empty: every positive pattern
					   matches at H */
	GPtrArray *pairs;               /* struct git_pair *, answered */
	struct git_commit *last_change; /* want_last_change: newest first-parent commit that changes
					   a path under P; NULL: none, or shallow */
	char *error;                    /* the whole question failed: why; NULL: it did not */
	bool shallow;                   /* with error: because history is cut */
};

struct git_question *git_question_create(const char *target_id, char *const *paths);
void git_question_free(struct git_question *question);
void git_answer_free(struct git_answer *answer);
void git_head_free(struct git_head *head);
struct git_commit *git_commit_copy(const struct git_commit *commit);
void git_commit_free(struct git_commit *commit);

/** Lookups in an answer. NULL when it is not there. */
const struct git_resolution *git_answer_resolution(const struct git_answer *answer,
						   const char *text);
const struct git_comparison *git_answer_comparison(const struct git_answer *answer,
						   const char *sha);

/** The first 8 digits: how ids are shown. */
#define GIT_SHORT_DIGITS 8

#endif
