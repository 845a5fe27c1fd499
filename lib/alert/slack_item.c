/* slack_item - what is told of incidents of one cause, as lines of mrkdwn. See slack_private.h */
#include "alert/slack_private.h"

#include <string.h>

#include "text.h"

/* Parts of lines: together a section has room for all of them in any ordinary case. */
#define SUMMARY_MAX_BYTES 300
#define REASON_MAX_BYTES 450
#define NAMES_MAX_BYTES 1200
#define SHORT_NAMES_MAX_BYTES 240
#define SUBJECT_MAX_BYTES 160
#define PERSON_MAX_BYTES 60
#define SHA_MAX_BYTES 16
#define COMMAND_MAX_BYTES 700

/* Acknowledge links of one group: each incident has its own. */
#define ACK_LINKS_MAX 10

/* " · NAME TEXT", the text escaped; nothing without one. */
static void append_part(GString *to, const char *name, const char *text, size_t max_bytes)
{
	g_autofree char *shown = slack_escape(text, max_bytes);

	if (!*shown)
		return;
	if (to->len > 0)
		g_string_append(to, " · ");
	g_string_append_printf(to, "%s%s", name, shown);
}

static void append_names(GString *to, const struct sink_context *context, const GPtrArray *group,
			 size_t max_bytes)
{
	const struct notice_item *first = group->pdata[0];
	g_autofree char *url = sink_target_url(context, first->target);
	g_autofree char *names = NULL;
	g_autofree char *shown = NULL;

	if (group->len == 1) {
		slack_append_link(to, url, first->target, NAMES_MAX_BYTES);
		return;
	}
	names = sink_names(group, max_bytes);
	shown = slack_escape(names, 2 * max_bytes);
	g_string_append_printf(to, "%s (%u targets)", shown, group->len);
}

/* "*Firing:* service/a · P0 · drift · owner ml" */
static char *title_line(const struct sink_context *context, const struct notice_item *lead,
			const GPtrArray *group)
{
	g_autofree char *word = sink_word(lead, context->now_wall_ms);
	g_autofree char *owners = sink_owners(group);
	GString *to = g_string_new(NULL);

	g_string_append_printf(to, "*%s:* ", word);
	append_names(to, context, group, NAMES_MAX_BYTES);
	append_part(to, "", lead->priority != PRIORITY_NONE ? priority_text(lead->priority) : NULL,
		    SHA_MAX_BYTES);
	append_part(to, "now ", state_text(lead->state), SHA_MAX_BYTES);
	append_part(to, "owner ", owners, SUMMARY_MAX_BYTES);
	return g_string_free(to, FALSE);
}

static void add_text(struct slack_lines *lines, const char *label, const char *text,
		     size_t max_bytes)
{
	g_autofree char *shown = slack_escape(text, max_bytes);

	if (*shown)
		(void)slack_lines_add(lines,
				      g_strconcat(label, shown, NULL)); /* or it is left out */
}

static void append_commit_link(GString *to, const char *label, const char *sha, const char *url)
{
	if (!sha)
		return;
	g_string_append_printf(to, "%s%s", to->len > 0 ? " · " : "", label);
	slack_append_link(to, url, sha, SHA_MAX_BYTES);
}

static void add_versions(struct slack_lines *lines, const struct notice_item *lead,
			 const GPtrArray *group)
{
	GString *to = g_string_new(NULL);

	/* of a group each may run another commit; what should run is the same */
	if (group->len == 1)
		append_commit_link(to, "deployed ", lead->deployed_short, lead->deployed_url);
	append_commit_link(to, "head ", lead->head_short, lead->head_url);
	if (group->len == 1 && sink_url_is_safe(lead->compare_url))
		append_commit_link(to, "", "compare", lead->compare_url);
	if (to->len > 0)
		(void)slack_lines_add(lines, g_strdup(to->str)); /* or it is left out */
	(void)g_string_free(to, TRUE);
}

void slack_add_facts(struct slack_lines *lines, const struct sink_context *context,
		     const GPtrArray *group)
{
	struct notice_item lead = sink_lead(group);

	(void)slack_lines_add(lines, title_line(context, &lead, group)); /* comes first: fits */
	if (lead.kind == NOTICE_KIND_WORSE)
		add_text(lines, "what got worse: ", lead.worse, SUMMARY_MAX_BYTES);
	if (group->len > 1)
		add_text(lines, "one cause: ", lead.cause_text, SUMMARY_MAX_BYTES);
	add_text(lines, "", lead.summary, SUMMARY_MAX_BYTES);
	if (g_strcmp0(lead.reason, lead.summary) != 0)
		add_text(lines, "reason: ", lead.reason, REASON_MAX_BYTES);
	(void)slack_lines_add(lines, sink_since(context, &lead)); /* or it is left out */
	if (group->len == 1) {
		add_text(lines, "acknowledged by ", lead.acknowledged_by, PERSON_MAX_BYTES);
		add_text(lines, "what it is: ", lead.description, SUMMARY_MAX_BYTES);
	}
	add_versions(lines, &lead, group);
}

static char *commit_line(const struct notice_commit *commit)
{
	GString *to = g_string_new("• ");
	g_autofree char *subject = slack_escape(commit->subject, SUBJECT_MAX_BYTES);
	g_autofree char *author = slack_escape(commit->author, PERSON_MAX_BYTES);

	slack_append_link(to, commit->url, commit->short_sha, SHA_MAX_BYTES);
	g_string_append_printf(to, " %s", subject);
	if (*author)
		g_string_append_printf(to, " (%s)", author);
	return g_string_free(to, FALSE);
}

static void add_commits(struct slack_lines *lines, const struct notice_item *lead)
{
	g_autofree char *authors = slack_escape(lead->authors, SUMMARY_MAX_BYTES);
	guint shown = 0;

	if (lead->commits->len == 0)
		return;
	(void)slack_lines_add(lines,
			      g_strdup_printf("%" PRId64 " undeployed %s%s%s:",
					      MAX(lead->commits_total, (int64_t)lead->commits->len),
					      lead->commits_total > 1 ? "commits" : "commit",
					      *authors ? " by " : "", authors));
	for (guint i = 0; i < MIN(lead->commits->len, NOTICE_COMMITS_MAX); i++)
		shown += slack_lines_add(lines, commit_line(lead->commits->pdata[i])) ? 1 : 0;
	if (lead->commits_total > (int64_t)shown)
		(void)slack_lines_add(lines, g_strdup_printf("… and %" PRId64 " more",
							     lead->commits_total - (int64_t)shown));
}

/* Shown whole or not at all: half a command is another command. */
static char *command_line(const char *command)
{
	g_autofree char *line = sink_line(command, COMMAND_MAX_BYTES + 8);
	GString *code = NULL;

	if (!*line)
		return NULL;
	if (strlen(line) > COMMAND_MAX_BYTES || strstr(line, "```") || !g_str_equal(line, command))
		return g_strdup(
			"to mend: the deploy command does not fit in here, see the dashboard");
	code = g_string_new(NULL);
	for (const char *p = line; *p; p++) {
		const char *entity = *p == '&' ? "&amp;" : *p == '<' ? "&lt;" : "&gt;";

		if (strchr("&<>", *p))
			g_string_append(code, entity);
		else
			g_string_append_c(code, *p);
	}
	/* a backtick ends the short form */
	g_string_prepend(code, strchr(line, '`') ? "to mend: ```" : "to mend: `");
	g_string_append(code, strchr(line, '`') ? "```" : "`");
	return g_string_free(code, FALSE);
}

/* Deploying mends drift; it is no answer to "could not tell", nor to what is over. */
static void add_command(struct slack_lines *lines, const struct notice_item *lead)
{
	char *line = NULL;

	if (lead->kind == NOTICE_KIND_CLOSING || lead->state != STATE_DRIFT ||
	    !lead->deploy_command)
		return;
	line = command_line(lead->deploy_command);
	if (line)
		(void)slack_lines_add(lines, line); /* or it is left out */
}

static void append_ack(GString *to, const struct sink_context *context,
		       const struct notice_item *item, const char *label)
{
	g_autofree char *url = sink_ack_url(context, item, true);

	if (!sink_url_is_safe(url))
		return;
	g_string_append(to, to->len > 0 ? " · " : "");
	slack_append_link(to, url, label, NAMES_MAX_BYTES);
}

/* Links in text, no buttons: Slack reports a button's click to the application, which an incoming
 * webhook has none for, and warns the reader. */
static void add_links(struct slack_lines *lines, const struct sink_context *context,
		      const GPtrArray *group)
{
	const struct notice_item *first = group->pdata[0];
	g_autofree char *dashboard = group->len == 1 ? sink_target_url(context, first->target)
				     : context->public_url
					     ? g_strconcat(context->public_url, "/", NULL)
					     : NULL;
	GString *to = g_string_new(NULL);

	if (sink_url_is_safe(dashboard))
		slack_append_link(to, dashboard, "dashboard", SHA_MAX_BYTES);
	for (guint i = 0; i < MIN(group->len, ACK_LINKS_MAX); i++) {
		const struct notice_item *item = group->pdata[i];
		g_autofree char *label =
			g_strdup_printf("acknowledge%s%.100s", group->len > 1 ? " " : "",
					group->len > 1 && item->target ? item->target : "");

		append_ack(to, context, item, label);
	}
	if (to->len > 0)
		(void)slack_lines_add(lines, g_strdup(to->str)); /* or it is left out */
	(void)g_string_free(to, TRUE);
}

void slack_add_work(struct slack_lines *lines, const struct sink_context *context,
		    const GPtrArray *group)
{
	struct notice_item lead = sink_lead(group);

	add_links(lines, context, group);
	if (lead.kind != NOTICE_KIND_CLOSING)
		add_commits(lines, &lead);
	add_command(lines, &lead);
}

char *slack_short_line(const struct sink_context *context, const GPtrArray *group)
{
	struct notice_item lead = sink_lead(group);
	g_autofree char *word = sink_word(&lead, context->now_wall_ms);
	g_autofree char *names = sink_names(group, SHORT_NAMES_MAX_BYTES);
	g_autofree char *shown = slack_escape(names, (size_t)2 * SHORT_NAMES_MAX_BYTES);
	const char *what = group->len > 1 && lead.cause_text ? lead.cause_text : lead.summary;
	g_autofree char *summary =
		slack_escape(lead.kind == NOTICE_KIND_WORSE && lead.worse ? lead.worse : what,
			     SUBJECT_MAX_BYTES);

	return g_strdup_printf("%s: %s%s%s%s%s", word, shown,
			       lead.priority != PRIORITY_NONE ? ", " : "",
			       lead.priority != PRIORITY_NONE ? priority_text(lead.priority) : "",
			       *summary ? ": " : "", summary);
}

char *slack_digest_line(const struct sink_context *context, const struct notice_line *line,
			bool recovered)
{
	GString *to = g_string_new("• ");
	g_autofree char *url = sink_target_url(context, line->target);
	g_autofree char *since = sink_time(context, line->since_wall_ms);
	g_autofree char *age = text_age(context->now_wall_ms - line->since_wall_ms);

	slack_append_link(to, url, line->target, (size_t)2 * SUBJECT_MAX_BYTES);
	append_part(to, "", line->priority != PRIORITY_NONE ? priority_text(line->priority) : NULL,
		    SHA_MAX_BYTES);
	append_part(to, "", recovered ? "recovered" : state_text(line->state), SHA_MAX_BYTES);
	append_part(to, "", line->summary, SUBJECT_MAX_BYTES);
	if (line->since_wall_ms > 0)
		g_string_append_printf(to, " · %s %s, %s", recovered ? "at" : "since", since, age);
	if (recovered && line->since_wall_ms > 0)
		g_string_append(to, " ago");
	return g_string_free(to, FALSE);
}
