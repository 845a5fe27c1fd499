/* github_text - an incident as GitHub's Markdown. All outside text is in code spans: in them
 * nothing is markup, mention, reference or HTML (GitHub Flavored Markdown Spec 6.3; the filters
 * that make mentions and references leave code alone). */
#include "alert/github_private.h"

#include <assert.h>
#include <string.h>

/* GitHub takes 65,536 characters; bytes are never fewer. */
#define BODY_MAX_BYTES 60000

#define TITLE_MAX_BYTES 200
#define TEXT_MAX_BYTES 1000
#define SUBJECT_MAX_BYTES 300
#define PERSON_MAX_BYTES 100
#define SHA_MAX_BYTES 16
#define COMMAND_MAX_BYTES 4000

/* Of many changes in one message the last ones count; all that an item may hold, so many times, is
 * below BODY_MAX_BYTES. */
#define ITEMS_MAX 3

/* Of backticks in a row: fences would grow with them. */
#define BACKTICKS_MAX 8

static size_t longest_run(const char *text, char c)
{
	size_t longest = 0;
	size_t run = 0;

	for (const char *p = text; *p; p++) {
		run = *p == c ? run + 1 : 0;
		longest = MAX(longest, run);
	}
	return longest;
}

/* A code span: between more backticks than there are in it. Nothing for an empty text. */
static void append_code(GString *to, const char *text, size_t max_bytes)
{
	g_autofree char *line = sink_line(text, max_bytes);
	g_autofree char *fence = g_strnfill(MIN(longest_run(line, '`'), BACKTICKS_MAX) + 1, '`');
	const char *pad = strchr(line, '`') ? " " : "";

	if (longest_run(line, '`') > BACKTICKS_MAX)
		(void)g_strdelimit(line, "`", '\'');
	if (*line)
		g_string_append_printf(to, "%s%s%s%s%s", fence, pad, line, pad, fence);
}

static void append_labelled(GString *to, const char *label, const char *text, size_t max_bytes)
{
	size_t before = to->len;

	g_string_append(to, label);
	append_code(to, text, max_bytes);
	if (to->len == before + strlen(label))
		g_string_truncate(to, before); /* there is no text */
}

/* [`SHA`](<URL>), or the code alone. */
static void append_link(GString *to, const char *url, const char *label, size_t max_bytes)
{
	bool is_link = sink_url_is_safe(url);

	g_string_append(to, is_link ? "[" : "");
	append_code(to, label && *label ? label : "?", max_bytes);
	if (!is_link)
		return;
	g_string_append(to, "](<");
	for (const char *p = url; *p; p++) {
		if (*p == '&') /* entities count in there */
			g_string_append(to, "&amp;");
		else
			g_string_append_c(to, *p);
	}
	g_string_append(to, ">)");
}

static void append_title(GString *to, const struct sink_context *context,
			 const struct notice_item *item)
{
	g_autofree char *word = sink_word(item, context->now_wall_ms);
	g_autofree char *since = sink_since(context, item);

	g_string_append_printf(to, "**%s:** ", word);
	append_code(to, item->target, TITLE_MAX_BYTES);
	if (state_text(item->state))
		g_string_append_printf(to, ", now %s", state_text(item->state));
	if (item->priority != PRIORITY_NONE)
		g_string_append_printf(to, ", %s", priority_text(item->priority));
	append_labelled(to, ", owner ", item->owner, PERSON_MAX_BYTES);
	g_string_append_printf(to, ", %s\n", since);
	append_labelled(to, "\nwhat got worse: ", item->worse, TEXT_MAX_BYTES);
	append_labelled(to, "\n", item->summary, TEXT_MAX_BYTES);
	if (g_strcmp0(item->reason, item->summary) != 0)
		append_labelled(to, "\n\nreason: ", item->reason, TEXT_MAX_BYTES);
	append_labelled(to, "\n\nwhat it is: ", item->description, TEXT_MAX_BYTES);
	append_labelled(to, "\n\nacknowledged by ", item->acknowledged_by, PERSON_MAX_BYTES);
	g_string_append(to, "\n\n");
}

static void append_versions(GString *to, const struct notice_item *item)
{
	if (item->deployed_short) {
		g_string_append(to, "- deployed ");
		append_link(to, item->deployed_url, item->deployed_short, SHA_MAX_BYTES);
		g_string_append_c(to, '\n');
	}
	if (item->head_short) {
		g_string_append(to, "- head ");
		append_link(to, item->head_url, item->head_short, SHA_MAX_BYTES);
		g_string_append_c(to, '\n');
	}
	if (sink_url_is_safe(item->compare_url)) {
		g_string_append(to, "- ");
		append_link(to, item->compare_url, "compare", SHA_MAX_BYTES);
		g_string_append_c(to, '\n');
	}
}

static void append_commits(GString *to, const struct notice_item *item)
{
	guint shown = MIN(item->commits->len, NOTICE_COMMITS_MAX);
	int64_t total = MAX(item->commits_total, (int64_t)shown);

	if (shown == 0)
		return;
	g_string_append_printf(to, "- %" PRId64 " undeployed %s", total,
			       total > 1 ? "commits" : "commit");
	append_labelled(to, " by ", item->authors, TEXT_MAX_BYTES);
	g_string_append(to, ":\n");
	for (guint i = 0; i < shown; i++) {
		const struct notice_commit *commit = item->commits->pdata[i];

		g_string_append(to, "  - ");
		append_link(to, commit->url, commit->short_sha, SHA_MAX_BYTES);
		append_labelled(to, " ", commit->subject, SUBJECT_MAX_BYTES);
		append_labelled(to, " by ", commit->author, PERSON_MAX_BYTES);
		g_string_append_c(to, '\n');
	}
	if (total > (int64_t)shown)
		g_string_append_printf(to, "  - … and %" PRId64 " more\n", total - (int64_t)shown);
}

/* Whole or not at all: half a command is another command. */
static void append_command(GString *to, const struct notice_item *item)
{
	g_autofree char *line = sink_line(item->deploy_command, COMMAND_MAX_BYTES);

	if (item->state == STATE_DRIFT && *line && g_str_equal(line, item->deploy_command))
		g_string_append_printf(to, "\nto mend:\n\n    %s\n", line);
}

static void append_links(GString *to, const struct sink_context *context,
			 const struct notice_item *item)
{
	g_autofree char *page = sink_target_url(context, item->target);
	g_autofree char *ack = sink_ack_url(context, item, false);

	if (!sink_url_is_safe(page))
		return;
	g_string_append(to, "\n");
	append_link(to, page, "dashboard", PERSON_MAX_BYTES);
	if (sink_url_is_safe(ack)) {
		g_string_append(to, " ");
		append_link(to, ack, "acknowledge", PERSON_MAX_BYTES);
	}
	g_string_append(to, "\n");
}

static void append_item(GString *to, const struct sink_context *context,
			const struct notice_item *item)
{
	append_title(to, context, item);
	append_versions(to, item);
	if (item->kind != NOTICE_KIND_CLOSING) {
		append_commits(to, item);
		append_command(to, item);
	}
	append_links(to, context, item);
}

char *github_title(const struct github_plan *plan)
{
	g_autofree char *target = sink_line(plan->target, TITLE_MAX_BYTES);

	return g_strdup_printf("driftd: %s", plan->target ? target : "test message");
}

char *github_body(const struct sink_context *context, const struct notice *notice,
		  const struct github_plan *plan, bool is_issue)
{
	GString *to = g_string_new(NULL);
	g_autofree char *marker = github_marker(plan);
	g_autofree char *told = github_told_marker(context, notice);
	guint from = plan->items->len > ITEMS_MAX ? plan->items->len - ITEMS_MAX : 0;

	if (is_issue)
		g_string_append_printf(to, "%s\n", marker);
	if (told)
		g_string_append_printf(to, "%s\n", told);
	if (to->len > 0)
		g_string_append_c(to, '\n'); /* ends the HTML block */
	if (!plan->target)
		g_string_append(to,
				"This is a test of driftd: incidents become issues like this.\n");
	if (from > 0)
		g_string_append_printf(to, "%u earlier changes are left out here.\n\n", from);
	for (guint i = from; i < plan->items->len; i++)
		append_item(to, context, plan->items->pdata[i]);
	assert(to->len < BODY_MAX_BYTES);
	return g_string_free(to, FALSE);
}
