/* git_judge - the content rule of DESIGN 6 replayed with git commands only, as the judge of
 * ours. */
#ifndef DRIFT_TESTS_GIT_JUDGE_H
#define DRIFT_TESTS_GIT_JUDGE_H

#include <glib.h>

#include "git/answer.h"

/** What git says. */
struct git_verdict {
	enum git_topology topology;
	bool content_equal;
	GPtrArray *undeployed; /* char *, full ids, newest first */
	gint64 ahead;
	gint64 files;
};

/** Ask git in @p dir about @p deployed and @p head under the pathspecs (NULL-terminated; none:
 * all). */
void git_judge(const char *dir, const char *deployed, const char *head, char *const *pathspecs,
	       struct git_verdict *ret);
void git_verdict_done(struct git_verdict *verdict);

/** Pathspecs for patterns whose order does not matter. Caller frees. */
char **git_judge_pathspecs(const char *patterns);

/** Fail the test unless @p comparison says what git says. */
void git_judge_check(const struct git_verdict *verdict, const struct git_comparison *comparison,
		     const char *about);

#endif
