/* book_cause - what several items have in common: the commit that made them stale, the fault that
 * keeps them from being read. Where it is not certain there is no key, and each stands by
 * itself. */
#include "alert/book_private.h"

#include <string.h>

#include "text.h"

/* A subject line as it is read in one glance. */
#define CAUSE_MAX_BYTES 200

static bool is_of_commits(enum reason_code code)
{
	return code == REASON_BEHIND || code == REASON_DIVERGED || code == REASON_BY_TIME;
}

/* All of its drift is commits that were not deployed: what else is wrong must not go under in a group. */
static bool only_commits(const struct verdict *verdict)
{
	for (guint i = 0; i < verdict->reasons->len; i++) {
		const struct reason *reason = verdict->reasons->pdata[i];

		if (reason->state == STATE_DRIFT && !is_of_commits(reason->code))
			return false;
	}
	return true;
}

static const char *find_datum(const struct reason *reason, const char *name)
{
	for (guint i = 0; i < reason->data->len; i++) {
		const struct reason_datum *datum = reason->data->pdata[i];

		if (strcmp(datum->name, name) == 0)
			return datum->text;
	}
	return NULL;
}

/* Of by_time only the commit's id is known; NULL: none. */
static const char *last_change(const struct verdict *verdict)
{
	for (guint i = 0; i < verdict->reasons->len; i++) {
		const struct reason *reason = verdict->reasons->pdata[i];

		if (reason->code == REASON_BY_TIME)
			return find_datum(reason, "last_change");
	}
	return NULL;
}

/* Takes @p text. */
static char *bounded(char *text)
{
	char *cut = text_to_line(text, CAUSE_MAX_BYTES);

	g_free(text);
	return cut;
}

static void add_commit_cause(struct notice_item *item, const struct verdict *verdict)
{
	const struct git_commit *oldest = verdict->behind ? verdict->behind->oldest : NULL;
	const char *sha = oldest ? oldest->sha : last_change(verdict);

	if (!sha || !*sha || !verdict->repo || !only_commits(verdict))
		return;
	item->cause_key = g_strdup_printf("commit %s %s", verdict->repo, sha);
	if (oldest)
		item->cause_text = bounded(g_strdup_printf("%.*s %s (%s)", GIT_SHORT_DIGITS, sha,
							   oldest->subject ? oldest->subject : "",
							   oldest->author ? oldest->author : ""));
	else
		item->cause_text = bounded(g_strdup_printf("%.*s", GIT_SHORT_DIGITS, sha));
}

/* Whose answer it was; NULL: of the target alone. Caller frees. */
static char *scope_of_fault(const struct book_subject *subject, const char *class)
{
	const struct config_service *service = config_to_service(subject->config);
	const struct config_gcp *gcp = config_target_gcp(subject->config);
	bool is_git = g_strcmp0(class, "git") == 0 || g_strcmp0(class, "head_too_old") == 0;

	if (is_git)
		return subject->verdict->repo
			       ? g_strdup_printf("repository %s", subject->verdict->repo)
			       : NULL;
	if (service && service->project)
		return g_strdup_printf("project %s, %s", service->project,
				       service->region ? service->region : "");
	return gcp ? g_strdup_printf("gcp %s", gcp->name) : NULL;
}

static bool is_shared(enum reason_code code)
{
	return code == REASON_FETCH_FAILED || code == REASON_PERMISSION_DENIED ||
	       code == REASON_OVER_BUDGET;
}

static void add_fault_cause(struct notice_item *item, const struct book_subject *subject,
			    const struct reason *reason)
{
	const char *class = find_datum(reason, "class");
	const char *permission = find_datum(reason, "permission");
	g_autofree char *scope = class ? scope_of_fault(subject, class) : NULL;

	if (!scope)
		return;
	item->cause_text = bounded(
		g_strdup_printf("%s (%s%s%s), %s", reason_code_text(reason->code), class,
				permission ? ": " : "", permission ? permission : "", scope));
	item->cause_key = g_strdup_printf("fault %s", item->cause_text);
}

static void add_expired_cause(struct notice_item *item, const struct reason *reason)
{
	const char *repo = find_datum(reason, "repo");

	if (!repo)
		return;
	item->cause_text =
		bounded(g_strdup_printf("repository %s was last fetched too long ago", repo));
	item->cause_key = g_strdup_printf("expired %s", repo);
}

void book_item_add_cause(struct notice_item *item, const struct book_subject *subject)
{
	const struct verdict *verdict = subject->verdict;
	const struct reason *worst =
		verdict && verdict->reasons->len > 0 ? verdict->reasons->pdata[0] : NULL;

	if (!worst || !subject->config || worst->state != verdict->state)
		return;
	if (verdict->state == STATE_DRIFT)
		add_commit_cause(item, verdict);
	else if (verdict->state == STATE_UNKNOWN && is_shared(worst->code))
		add_fault_cause(item, subject, worst);
	else if (verdict->state == STATE_UNKNOWN && worst->code == REASON_EXPIRED)
		add_expired_cause(item, worst);
}
