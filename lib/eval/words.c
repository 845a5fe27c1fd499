/* words - the fixed words of states, relations and reason codes; see verdict.h. */
#include "eval/verdict.h"

#include <string.h>

static const char *const states[STATE_COUNT] = {
	[STATE_NONE] = NULL,         [STATE_OK] = "ok",       [STATE_PENDING] = "pending",
	[STATE_UNKNOWN] = "unknown", [STATE_DRIFT] = "drift", [STATE_PAUSED] = "paused",
};

static const char *const relations[] = {
	[RELATION_NONE] = NULL,           [RELATION_UNKNOWN] = "unknown",
	[RELATION_PINNED] = "pinned",     [RELATION_IN_SYNC] = "in_sync",
	[RELATION_BEHIND] = "behind",     [RELATION_AHEAD] = "ahead",
	[RELATION_DIVERGED] = "diverged", [RELATION_BY_TIME] = "by_time",
};

static const char *const codes[] = {
	[REASON_NONE] = NULL,
	[REASON_BEHIND] = "behind",
	[REASON_AHEAD] = "ahead",
	[REASON_DIVERGED] = "diverged",
	[REASON_BY_TIME] = "by_time",
	[REASON_COMMIT_NOT_IN_REPO] = "commit_not_in_repo",
	[REASON_TRAFFIC_NOT_LATEST] = "traffic_not_latest",
	[REASON_ROLLOUT_FAILED] = "rollout_failed",
	[REASON_SETTING_CHANGED] = "setting_changed",
	[REASON_ENV_MISSING] = "env_missing",
	[REASON_ENV_FORBIDDEN] = "env_forbidden",
	[REASON_VALUE_DIFFERS] = "value_differs",
	[REASON_WRONG_IDENTITY] = "wrong_identity",
	[REASON_DIRTY_BUILD] = "dirty_build",
	[REASON_IMAGE_REUSED] = "image_reused",
	[REASON_SERVICE_MISSING] = "service_missing",
	[REASON_MARKERS_DISAGREE] = "markers_disagree",
	[REASON_DEPLOYING] = "deploying",
	[REASON_PIN_EXPIRED] = "pin_expired",
	[REASON_PATHS_MISSING] = "paths_missing",
	[REASON_FETCH_FAILED] = "fetch_failed",
	[REASON_PERMISSION_DENIED] = "permission_denied",
	[REASON_BROKEN_CHECK] = "broken_check",
	[REASON_NO_TRAFFIC] = "no_traffic",
	[REASON_SHALLOW_REPO] = "shallow_repo",
	[REASON_AMBIGUOUS_COMMIT] = "ambiguous_commit",
	[REASON_COMMIT_UNREADABLE] = "commit_unreadable",
	[REASON_EXPIRED] = "expired",
	[REASON_NOT_EVALUATED] = "not_evaluated",
	[REASON_STALE] = "stale",
	[REASON_LATE] = "late",
	[REASON_EMPTY] = "empty",
	[REASON_TOO_FEW_ROWS] = "too_few_rows",
	[REASON_TABLE_MISSING] = "table_missing",
	[REASON_SILENT_WRITE_FAILURE] = "silent_write_failure",
	[REASON_INCOMPLETE] = "incomplete",
	[REASON_TRACKING_GAP] = "tracking_gap",
	[REASON_OBJECT_MISSING] = "object_missing",
	[REASON_OBJECT_UNEXPECTED] = "object_unexpected",
	[REASON_OBJECT_CHANGED] = "object_changed",
	[REASON_ASSERTION_FAILED] = "assertion_failed",
	[REASON_ASSERTION_WARNING] = "assertion_warning",
	[REASON_BACKUP_STALE] = "backup_stale",
	[REASON_BACKUP_INCOMPLETE] = "backup_incomplete",
	[REASON_BACKUP_UNREADABLE] = "backup_unreadable",
	[REASON_BACKUP_SHRUNK] = "backup_shrunk",
	[REASON_RETENTION_EXCEEDED] = "retention_exceeded",
	[REASON_OVER_BUDGET] = "over_budget",
	[REASON_NOT_DUE] = "not_due",
};

/* Index of word in words; 0, the unset value of every enum here, when it is not there. */
static size_t find_word(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 1; word && i < count; i++) {
		if (words[i] && strcmp(words[i], word) == 0)
			return i;
	}
	return 0;
}

const char *state_text(enum state state)
{
	return (size_t)state < G_N_ELEMENTS(states) ? states[state] : NULL;
}

enum state state_from_text(const char *text)
{
	return (enum state)find_word(states, G_N_ELEMENTS(states), text);
}

const char *relation_text(enum relation relation)
{
	return (size_t)relation < G_N_ELEMENTS(relations) ? relations[relation] : NULL;
}

enum relation relation_from_text(const char *text)
{
	return (enum relation)find_word(relations, G_N_ELEMENTS(relations), text);
}

const char *reason_code_text(enum reason_code code)
{
	return (size_t)code < G_N_ELEMENTS(codes) ? codes[code] : NULL;
}

enum reason_code reason_code_from_text(const char *text)
{
	return (enum reason_code)find_word(codes, G_N_ELEMENTS(codes), text);
}

static int badness(enum state state)
{
	return state == STATE_PAUSED ? 0 : (int)state;
}

enum state state_worse(enum state a, enum state b)
{
	return badness(b) > badness(a) ? b : a;
}
