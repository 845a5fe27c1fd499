/* summary - one line that says what a verdict comes to; see verdict_summary() in verdict.h. */
#include "eval/summary_data.h"

#include <inttypes.h>
#include <string.h>

#include "text.h"

static const char *plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

static char *behind_text(const struct verdict *verdict, int64_t now_wall_ms)
{
	const struct verdict_behind *behind = verdict->behind;
	g_autofree char *age = text_age(now_wall_ms - behind->since_wall_ms);

	if (behind->commits == 0)
		return g_strdup_printf("behind for %s, %" PRId64 " file%s differ", age,
				       behind->files, plural(behind->files));
	return g_strdup_printf("%" PRId64 " commit%s behind, oldest %s%s", behind->commits,
			       plural(behind->commits), age,
			       behind->rolled_back ? ", rolled back" : "");
}

static char *ahead_text(const struct verdict *verdict)
{
	int64_t ahead = MAX(verdict->ahead_commits, 0);

	return g_strdup_printf("%" PRId64 " commit%s ahead of %.*s", ahead, plural(ahead),
			       GIT_SHORT_DIGITS, verdict->head ? verdict->head->sha : "the head");
}

static char *diverged_text(const struct verdict *verdict)
{
	return g_strdup_printf("diverged: %" PRId64 " behind, %" PRId64 " ahead",
			       verdict->behind ? verdict->behind->commits : 0,
			       MAX(verdict->ahead_commits, 0));
}

/* Trouble with git says in its message what could not be looked up. */
static bool is_of_git(const struct reason *reason)
{
	for (guint i = 0; i < reason->data->len; i++) {
		const struct reason_datum *datum = reason->data->pdata[i];

		if (strcmp(datum->name, "class") == 0)
			return g_strcmp0(datum->text, "git") == 0 ||
			       g_strcmp0(datum->text, "head_too_old") == 0;
	}
	return false;
}

static const char *by_time_text(const struct reason *reason)
{
	return reason->state == STATE_OK ? "newer than its last change, by time only (no commit "
					   "marker)"
					 : "older than its last change, by time only (no commit "
					   "marker)";
}

static char *reason_text(const struct verdict *verdict, const struct reason *reason,
			 int64_t now_wall_ms)
{
	char *of_data = summary_data_reason(verdict, reason, now_wall_ms);

	if (of_data)
		return of_data;
	if (reason->code == REASON_BEHIND && verdict->behind)
		return behind_text(verdict, now_wall_ms);
	if (reason->code == REASON_AHEAD)
		return ahead_text(verdict);
	if (reason->code == REASON_DIVERGED)
		return diverged_text(verdict);
	if (reason->code == REASON_BY_TIME)
		return g_strdup(by_time_text(reason));
	if ((reason->code == REASON_FETCH_FAILED || reason->code == REASON_PERMISSION_DENIED) &&
	    !is_of_git(reason))
		return g_strdup_printf("could not be read: %s", reason->message);
	return g_strdup(reason->message);
}

static char *ok_text(const struct verdict *verdict, int64_t now_wall_ms)
{
	if (verdict->pin_note)
		return g_strdup(verdict->pin_note);
	if (summary_data_is_kind(verdict))
		return summary_data_ok(verdict, now_wall_ms);
	if (verdict->reasons->len > 0)
		return reason_text(verdict, verdict->reasons->pdata[0], now_wall_ms);
	if (!verdict->head)
		return g_strdup("in sync");
	return g_strdup_printf("in sync with %.*s", GIT_SHORT_DIGITS, verdict->head->sha);
}

static guint count_bad(const struct verdict *verdict)
{
	guint bad = 0;

	for (guint i = 0; i < verdict->reasons->len; i++)
		bad += ((const struct reason *)verdict->reasons->pdata[i])->state != STATE_OK;
	return bad;
}

static char *bad_text(const struct verdict *verdict, int64_t now_wall_ms)
{
	guint bad = count_bad(verdict);
	g_autofree char *first = NULL;
	g_autofree char *bounded = NULL;

	if (verdict->reasons->len == 0)
		return g_strdup(verdict->state == STATE_UNKNOWN ? "not evaluated yet"
								: state_text(verdict->state));
	first = reason_text(verdict, verdict->reasons->pdata[0], now_wall_ms);
	bounded = text_to_utf8(first, strlen(first), VERDICT_SUMMARY_MAX_BYTES - 32);
	if (bad <= 1)
		return g_steal_pointer(&bounded);
	return g_strdup_printf("%s (and %u more)", bounded, bad - 1);
}

static char *paused_text(const struct verdict *verdict)
{
	if (!verdict->paused_reason)
		return g_strdup("paused");
	return g_strdup_printf("paused: %s", verdict->paused_reason);
}

char *verdict_summary(const struct verdict *verdict, int64_t now_wall_ms)
{
	g_autofree char *text = NULL;

	if (verdict->state == STATE_PAUSED)
		text = paused_text(verdict);
	else if (verdict->state == STATE_OK)
		text = ok_text(verdict, now_wall_ms);
	else
		text = bad_text(verdict, now_wall_ms);
	return text_to_utf8(text, strlen(text), VERDICT_SUMMARY_MAX_BYTES);
}
