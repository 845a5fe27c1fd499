/* github - repositories with issues, as GitHub's REST API has them (API-FACTS H.2). Under the
 * cloud's lock. */
#ifndef FAKECLOUD_GITHUB_H
#define FAKECLOUD_GITHUB_H

#include "tests/fakecloud/cloud.h"
#include "tests/fakecloud/reply.h"

struct github_repo {
	char *name;           /* "O/R" */
	char *token;          /* the bearer token it wants; others see 401 */
	bool issues_disabled; /* 410 */
	bool read_only;       /* the token may not push: labels are dropped, closing is refused */
	GPtrArray *issues;    /* json_object *, by number: issue N is at N - 1 */
	GPtrArray *comments;  /* json_object *, with "issue_number" */
};

struct github_repo *github_repo_create(const char *name);
void github_repo_free(void *repo);

/** All issues with their comments, for the control API. Caller owns. */
json_object *github_repo_to_json(const struct github_repo *repo);

/** A new issue as @p spec (title, body, labels, state, pull_request …) has it; refused never.
 * Borrowed. */
json_object *github_add_issue(struct github_repo *repo, const char *login, json_object *spec);

/** Errors in GitHub's shape. @p seconds -1: none are named. */
void github_set_error(struct reply *reply, int status, const char *message);
void github_set_rate_limit(struct reply *reply, bool primary, int64_t seconds);

#endif
