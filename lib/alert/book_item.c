/* book_item - what a message tells of one incident, from its target's verdict. Texts from outside
 * are made one line and bounded; they are escaped where they are shown. */
#include "alert/book_private.h"

#include <string.h>

#include "text.h"

/* Longest texts of an item: they come from commits and configurations. */
#define LINE_MAX_BYTES 300
#define COMMAND_MAX_BYTES 2000
#define URL_MAX_BYTES 2000
#define AUTHORS_NAMED 2

/* A link that was cut leads nowhere: none is better. */
static char *whole_url(const char *prefix, const char *rest)
{
	if (!prefix || strlen(prefix) + strlen(rest) > URL_MAX_BYTES)
		return NULL;
	return g_strconcat(prefix, rest, NULL);
}

static bool is_hex(const char *sha)
{
	return sha && *sha && sha[strspn(sha, "0123456789abcdef")] == '\0';
}

static char *short_sha(const char *sha)
{
	return is_hex(sha) ? g_strndup(sha, GIT_SHORT_DIGITS) : NULL;
}

static char *commit_url(const char *prefix, const char *sha)
{
	return is_hex(sha) && strlen(sha) == GIT_SHA_BYTES - 1 ? whole_url(prefix, sha) : NULL;
}

static const char *url_prefix(const struct book_subject *subject)
{
	const struct verdict_behind *behind = subject->verdict->behind;

	if (subject->head_url_prefix)
		return subject->head_url_prefix;
	return behind ? behind->commit_url_prefix : NULL;
}

/* What serves most of the traffic; the first of equals. */
static const struct verdict_deployed *main_deployed(const struct verdict *verdict)
{
	const struct verdict_deployed *best = NULL;

	for (guint i = 0; i < verdict->deployed->len; i++) {
		const struct verdict_deployed *deployed = verdict->deployed->pdata[i];

		if (!best || deployed->percent > best->percent)
			best = deployed;
	}
	return best;
}

static void add_commits(struct notice_item *item, const struct book_subject *subject)
{
	const struct verdict_behind *behind = subject->verdict->behind;

	item->commits_total = MAX(behind->commits, 0);
	for (guint i = 0; i < behind->list->len && i < NOTICE_COMMITS_MAX; i++) {
		const struct git_commit *commit = behind->list->pdata[i];
		struct notice_commit *added = notice_commit_create();

		added->short_sha = g_strndup(commit->sha, GIT_SHORT_DIGITS);
		added->subject =
			text_to_line(commit->subject ? commit->subject : "", LINE_MAX_BYTES);
		added->author = text_to_line(commit->author ? commit->author : "", LINE_MAX_BYTES);
		added->url = commit_url(url_prefix(subject), commit->sha);
		g_ptr_array_add(item->commits, added);
	}
}

/* "Ann", "Ann and Bo", "Ann, Bo and 3 more". */
static char *authors_text(const GPtrArray *authors)
{
	g_autoptr(GString) text = NULL;
	guint named = MIN(authors->len, AUTHORS_NAMED);

	if (authors->len == 0)
		return NULL;
	text = g_string_new(NULL);
	for (guint i = 0; i < named; i++) {
		bool is_last = i > 0 && i + 1 == authors->len;

		g_string_append_printf(text, "%s%s",
				       i == 0    ? ""
				       : is_last ? " and "
						 : ", ",
				       (const char *)authors->pdata[i]);
	}
	if (authors->len > named)
		g_string_append_printf(text, " and %u more", authors->len - named);
	return text_to_line(text->str, LINE_MAX_BYTES);
}

static void add_sight(struct notice_item *item, const struct book_subject *subject)
{
	const struct verdict *verdict = subject->verdict;
	const struct verdict_deployed *deployed = main_deployed(verdict);
	const char *prefix = url_prefix(subject);

	if (deployed) {
		item->deployed_short = short_sha(deployed->sha);
		item->deployed_url = commit_url(prefix, deployed->sha);
	}
	if (verdict->head) {
		item->head_short = short_sha(verdict->head->sha);
		item->head_url = commit_url(prefix, verdict->head->sha);
	}
}

static const char *worst_message(const struct verdict *verdict)
{
	const struct reason *reason = verdict->reasons->len > 0 ? verdict->reasons->pdata[0] : NULL;

	return reason && reason->state != STATE_OK ? reason->message : NULL;
}

/* What helps to mend it: of no use when it is over. */
static void add_help(struct notice_item *item, const struct book_subject *subject)
{
	const struct verdict *verdict = subject->verdict;

	item->reason = text_to_line(worst_message(verdict), REASON_MESSAGE_MAX_BYTES);
	item->deploy_command = text_to_line(verdict->deploy_command, COMMAND_MAX_BYTES);
	book_item_add_cause(item, subject);
	if (!verdict->behind)
		return;
	item->compare_url = whole_url(verdict->behind->compare_url, "");
	item->authors = authors_text(verdict->behind->authors);
	add_commits(item, subject);
}

/* An incident goes on while its target is ok for a moment between two rounds: then what it was
 * still tells more. */
static char *summary_of(const struct incident *incident, const struct book_subject *subject,
			int64_t now_wall_ms)
{
	g_autofree char *summary = NULL;
	bool is_over = incident_is_over(incident);

	if (!subject || (!subject->verdict && is_over))
		return text_to_line(incident->summary ? incident->summary : "", LINE_MAX_BYTES);
	if (!is_over && subject->verdict && subject->verdict->state == STATE_OK)
		return text_to_line(incident->summary ? incident->summary : "", LINE_MAX_BYTES);
	summary = book_facts_summary(subject, now_wall_ms);
	return text_to_line(*summary || !incident->summary ? summary : incident->summary,
			    LINE_MAX_BYTES);
}

static enum state state_of(const struct incident *incident, const struct book_subject *subject)
{
	if (incident->status == INCIDENT_STATUS_RESOLVED)
		return STATE_OK;
	if (incident->status == INCIDENT_STATUS_WITHDRAWN)
		return STATE_PAUSED; /* or removed: outside the order too */
	if (subject && subject->verdict && subject->verdict->state != STATE_NONE)
		return subject->verdict->state;
	return incident->cause == INCIDENT_CAUSE_DRIFT ? STATE_DRIFT : STATE_UNKNOWN;
}

struct notice_item *book_item_create(enum notice_kind kind, const struct incident *incident,
				     const struct book_subject *subject, int64_t now_wall_ms)
{
	struct notice_item *item = notice_item_create();

	item->kind = kind;
	item->incident = incident->id;
	item->target = g_strdup(incident->target);
	item->priority = incident->priority;
	item->cause = incident->cause;
	item->status = incident->status;
	item->state = state_of(incident, subject);
	item->summary = summary_of(incident, subject, now_wall_ms);
	item->opened_wall_ms = incident->opened_wall_ms;
	item->ended_wall_ms = incident->ended_wall_ms;
	item->acknowledged_by = text_to_line(incident->acknowledged_by, LINE_MAX_BYTES);
	if (kind == NOTICE_KIND_WORSE)
		item->worse = text_to_line(incident->worse, LINE_MAX_BYTES);
	if (!subject)
		return item;
	item->owner = g_strdup(subject->owner);
	item->description =
		subject->config ? text_to_line(subject->config->description, LINE_MAX_BYTES) : NULL;
	if (!subject->verdict)
		return item;
	add_sight(item, subject);
	if (!incident_is_over(incident))
		add_help(item, subject);
	return item;
}
