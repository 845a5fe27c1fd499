/* github_private - for lib/alert/github*.c only: what of a notice concerns which issue, and where
 * one is in telling it. Pure: any thread. */
#ifndef DRIFT_ALERT_GITHUB_PRIVATE_H
#define DRIFT_ALERT_GITHUB_PRIVATE_H

#include "alert/sink_private.h"

/** Issues of one page; pages looked through for an issue. */
#define GITHUB_PAGE_ISSUES 100
#define GITHUB_PAGES_MAX 10

/** Steps for one issue; sink_progress.step is GITHUB_PHASES * number of the target + phase. */
enum github_phase {
	GITHUB_PHASE_LOOK = 0,   /* at the issue that is known */
	GITHUB_PHASE_SEARCH = 1, /* page 1, 2 … */
	GITHUB_PHASE_CREATE = GITHUB_PHASE_SEARCH + GITHUB_PAGES_MAX,
	GITHUB_PHASE_REOPEN,
	GITHUB_PHASE_CHECK, /* is the comment there already? */
	GITHUB_PHASE_COMMENT,
	GITHUB_PHASE_CLOSE,
	GITHUB_PHASES,
};

/** What one target's issue is told. */
struct github_plan {
	const char *target; /* borrowed; NULL: a test */
	GPtrArray *items;   /* struct notice_item *, borrowed, in order */
	bool opens;         /* something is worth an issue of its own */
	bool closes;        /* the last of it is an end */
};

/** Plan of target number @p index; false: there are not so many. End with github_plan_done(). */
bool github_plan_make(struct github_plan *plan, const struct notice *notice, int index);
void github_plan_done(struct github_plan *plan);

/** Number of the target, and the phase, where an unknown issue is searched for. */
int github_index(const struct sink_progress *progress);
int github_phase(const struct sink_context *context, const struct sink_progress *progress);
/** The issue that is known of; 0: none. */
int64_t github_issue(const struct sink_context *context, const struct sink_progress *progress);

/** "<!-- driftd:service/billing -->": in the body of the target's issue. Caller frees. */
char *github_marker(const struct github_plan *plan);
/** "<!-- driftd:told:12:0a1b2c3d4e5f6071 -->": in what tells this notice, whose content is part of
 * it; NULL: the notice has no number. Caller frees. */
char *github_told_marker(const struct sink_context *context, const struct notice *notice);

/** Title and body of a new issue, and of a comment. Caller frees. */
char *github_title(const struct github_plan *plan);
char *github_body(const struct sink_context *context, const struct notice *notice,
		  const struct github_plan *plan, bool is_issue);

#endif
