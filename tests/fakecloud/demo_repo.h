/* demo_repo - the demo's repository: a bare one that git http-backend serves, and a clone beside it
 * to commit in. Made by real git. */
#ifndef FAKECLOUD_DEMO_REPO_H
#define FAKECLOUD_DEMO_REPO_H

#include "base.h"

/** Ages, in seconds. */
#define DEMO_MINUTE ((int64_t)60)
#define DEMO_HOUR (60 * DEMO_MINUTE)
#define DEMO_DAY (24 * DEMO_HOUR)

/** Its commits, by what the demo calls them. */
enum demo_commit {
	DEMO_COMMIT_NONE = 0,
	DEMO_COMMIT_IMPORT,
	DEMO_COMMIT_RENAME,
	DEMO_COMMIT_CHECKOUT,
	DEMO_COMMIT_PRICING_CACHE,
	DEMO_COMMIT_PAYMENTS_RETRY,
	DEMO_COMMIT_EXPORTER,
	DEMO_COMMIT_PRICING_ROUND,
	DEMO_COMMIT_FRAUD,
	DEMO_COMMIT_PRICING_TARIFF,
	DEMO_COMMIT_INVENTORY,
	DEMO_COMMIT_PAYMENTS_FLOW,
	DEMO_COMMIT_GATEWAY,
	DEMO_COMMIT_NOTIFICATIONS,
	DEMO_COMMIT_WORKER,
	DEMO_COMMIT_SEARCH,
	DEMO_COMMIT_HEAD,    /* touches documents only */
	DEMO_COMMIT_FEATURE, /* on a branch that starts at the head */
	DEMO_COMMIT_HOTFIX,  /* on a branch that left main before DEMO_COMMIT_INVENTORY */
	DEMO_COMMIT_COUNT,
};

/**
 * Make DIRECTORY/git/pipeline.git and DIRECTORY/pipeline.
 *
 * @param now_s     dates are counted back from it.
 * @param ret_shas  room for DEMO_COMMIT_COUNT; each caller frees, by enum demo_commit.
 */
MUST_CHECK bool demo_repo_make(const char *directory, int64_t now_s, char **ret_shas,
			       GError **error);

/** Run a program (NULL-terminated arguments, directly, no shell) and wait for it. */
MUST_CHECK bool demo_run(const char *const *arguments, GError **error);

#endif
