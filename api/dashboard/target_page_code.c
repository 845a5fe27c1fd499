/* target_page_code - what of a service is deployed, and what is not. */
#include "api/dashboard/target_page.h"

#include <string.h>

#include "api/dashboard/html.h"

static const char *const commit_titles[] = {"Commit", "Subject", "Author", "First seen", NULL};
static const char *const deployed_titles[] = {"Revision", "#Traffic", "Commit",
					      "Relation", "Deployed", NULL};
static const char *const evidence_titles[] = {"Revision", "Where", "Value", "Commit", NULL};
static const char *const setting_titles[] = {"Setting", "Expected", "Actual", "", NULL};

/* Of a commit that is in the list of another. Caller frees. */
static char *url_of(const struct verdict *verdict, const char *sha)
{
	const char *prefix = verdict->behind ? verdict->behind->commit_url_prefix : NULL;

	return prefix && sha ? g_strconcat(prefix, sha, NULL) : NULL;
}

static void add_commit(GString *to, const struct target_page *page, const struct git_commit *commit)
{
	g_autofree char *url = url_of(page->verdict, commit->sha);
	int64_t seen = commit->first_seen_wall_ms > 0 ? commit->first_seen_wall_ms
						      : commit->committed_wall_ms;

	g_string_append(to, "<tr>");
	target_page_cell(to, commit_titles[0]);
	html_commit(to, commit->sha, url);
	g_string_append(to, "</td>");
	target_page_cell(to, commit_titles[1]);
	html_text(to, commit->subject);
	g_string_append(to, "</td>");
	target_page_cell(to, commit_titles[2]);
	html_text(to, commit->author);
	g_string_append(to, "</td>");
	target_page_cell(to, commit_titles[3]);
	html_time(to, seen, page->now_wall_ms);
	if (!commit->first_seen_is_stored)
		g_string_append(to, " <span class=\"muted\">(committed)</span>");
	g_string_append(to, "</td></tr>\n");
}

static void add_compare(GString *to, const struct verdict_behind *behind)
{
	if (!html_is_link(behind->compare_url))
		return;
	g_string_append(to, " <a rel=\"noreferrer\" href=\"");
	html_attribute(to, behind->compare_url);
	g_string_append(to, "\">compare</a>");
}

static void add_behind_summary(GString *to, const struct target_page *page)
{
	const struct verdict_behind *behind = page->verdict->behind;

	g_string_append(to, "<p>");
	html_count(to, behind->commits, "commit", "commits");
	g_string_append(to, " that change ");
	html_count(to, behind->files, "file", "files");
	g_string_append(to, " under its paths");
	if (page->verdict->ahead_commits > 0) {
		g_string_append(to, "; it runs ");
		html_count(to, page->verdict->ahead_commits, "commit", "commits");
		g_string_append(to, " that the branch does not have");
	}
	if (behind->since_wall_ms > 0) {
		g_string_append(to, ". Waiting since ");
		html_time(to, behind->since_wall_ms, page->now_wall_ms);
		g_string_append(to, behind->basis_seen ? " (first seen)" : " (committed)");
	}
	g_string_append_c(to, '.');
	if (behind->rolled_back)
		g_string_append(to, " A later commit ran before: it was rolled back.");
	add_compare(to, behind);
	g_string_append(to, "</p>\n");
}

static void add_undeployed(GString *to, const struct target_page *page)
{
	const struct verdict_behind *behind = page->verdict->behind;

	if (!behind || (behind->commits == 0 && behind->list->len == 0))
		return;
	target_page_open(to, "undeployed", "Not deployed");
	add_behind_summary(to, page);
	if (behind->list->len > 0) {
		target_page_open_table(to, "Commits that are not deployed, newest first",
				       commit_titles);
		for (guint i = 0; i < behind->list->len; i++)
			add_commit(to, page, behind->list->pdata[i]);
		target_page_close_table(to);
	}
	if (behind->commits > (int64_t)behind->list->len)
		html_add(to, "<p class=\"muted\">and %" PRId64 " older ones</p>\n",
			 behind->commits - (int64_t)behind->list->len);
	target_page_close(to);
}

static void add_head(GString *to, const struct target_page *page)
{
	const struct git_commit *head = page->verdict->head;
	g_autofree char *url = head ? url_of(page->verdict, head->sha) : NULL;

	if (!head)
		return;
	g_string_append(to, "<p>Head of ");
	html_text(to, page->verdict->repo);
	g_string_append(to, ": ");
	html_commit(to, head->sha, url);
	g_string_append_c(to, ' ');
	html_text(to, head->subject);
	g_string_append(to, " <span class=\"muted\">by ");
	html_text(to, head->author);
	g_string_append(to, "</span></p>\n");
}

static void add_deployed(GString *to, const struct target_page *page,
			 const struct verdict_deployed *deployed)
{
	g_autofree char *url = url_of(page->verdict, deployed->sha);
	const char *relation = relation_text(deployed->relation);

	g_string_append(to, "<tr>");
	target_page_cell(to, deployed_titles[0]);
	html_text(to, deployed->revision);
	g_string_append(to, "</td>");
	target_page_cell(to, deployed_titles[1]);
	html_add(to,
		 "%d %% <svg class=\"share\" viewBox=\"0 0 100 8\" aria-hidden=\"true\"><rect "
		 "class=\"share-all\" width=\"100\" height=\"8\"/><rect class=\"share-part\" "
		 "width=\"%d\" height=\"8\"/></svg></td>",
		 deployed->percent, CLAMP(deployed->percent, 0, 100));
	target_page_cell(to, deployed_titles[2]);
	html_commit(to, deployed->sha, url);
	g_string_append(to, "</td>");
	target_page_cell(to, deployed_titles[3]);
	html_add(to, "%s</td>", relation ? relation : "\xe2\x80\x93");
	target_page_cell(to, deployed_titles[4]);
	html_time(to, deployed->deployed_wall_ms, page->now_wall_ms);
	g_string_append(to, "</td></tr>\n");
}

static void add_evidence_row(GString *to, const struct verdict *verdict, const char *revision,
			     const struct verdict_evidence *evidence)
{
	g_autofree char *url = url_of(verdict, evidence->sha);

	g_string_append(to, "<tr>");
	target_page_cell(to, evidence_titles[0]);
	html_text(to, revision);
	g_string_append(to, "</td>");
	target_page_cell(to, evidence_titles[1]);
	html_text(to, evidence->source);
	g_string_append(to, "</td>");
	target_page_cell(to, evidence_titles[2]);
	g_string_append(to, "<span class=\"mono\">");
	html_text(to, evidence->value);
	g_string_append(to, "</span></td>");
	target_page_cell(to, evidence_titles[3]);
	html_commit(to, evidence->sha, url);
	g_string_append(to, "</td></tr>\n");
}

static guint count_evidence(const struct verdict *verdict)
{
	guint count = 0;

	for (guint i = 0; i < verdict->deployed->len; i++)
		count += ((const struct verdict_deployed *)verdict->deployed->pdata[i])
				 ->evidence->len;
	return count;
}

static void add_digests(GString *to, const struct verdict *verdict)
{
	for (guint i = 0; i < verdict->deployed->len; i++) {
		const struct verdict_deployed *deployed = verdict->deployed->pdata[i];
		const struct verdict_evidence image = {.source = (char[]){"image digest"},
						       .value = deployed->digest};

		if (deployed->digest)
			add_evidence_row(to, verdict, deployed->revision, &image);
	}
}

static void add_evidence(GString *to, const struct verdict *verdict)
{
	if (count_evidence(verdict) == 0)
		return;
	target_page_open(to, "evidence", "Evidence");
	target_page_open_table(to, "Every marker that says which commit a revision was built from",
			       evidence_titles);
	for (guint i = 0; i < verdict->deployed->len; i++) {
		const struct verdict_deployed *deployed = verdict->deployed->pdata[i];

		for (guint j = 0; j < deployed->evidence->len; j++)
			add_evidence_row(to, verdict, deployed->revision,
					 deployed->evidence->pdata[j]);
	}
	add_digests(to, verdict);
	target_page_close_table(to);
	target_page_close(to);
}

static void add_setting(GString *to, const struct verdict_setting *setting)
{
	bool is_variable = g_str_has_prefix(setting->name, "env.") && !setting->expected;

	html_add(to, "<tr%s>", setting->ok ? "" : " class=is-wrong");
	target_page_cell(to, setting_titles[0]);
	html_text(to, setting->name);
	g_string_append(to, "</td>");
	target_page_cell(to, setting_titles[1]);
	if (is_variable)
		g_string_append(to, "<span class=\"muted\">not shown</span>");
	else
		html_text(to, setting->expected);
	g_string_append(to, "</td>");
	target_page_cell(to, setting_titles[2]);
	if (is_variable)
		g_string_append(to, "<span class=\"muted\">not shown</span>");
	else if (setting->actual)
		html_text(to, setting->actual);
	else
		g_string_append(to, "<span class=\"muted\">not set</span>");
	g_string_append(to, "</td><td>");
	html_state_icon(to, setting->ok ? STATE_OK : STATE_DRIFT);
	g_string_append(to, setting->ok ? " as expected" : " differs");
	g_string_append(to, "</td></tr>\n");
}

static void add_settings(GString *to, const struct verdict *verdict)
{
	static const char *const titles[] = {"Setting", "Expected", "Actual", "Verdict", NULL};

	if (verdict->settings->len == 0)
		return;
	target_page_open(to, "settings", "Settings");
	target_page_open_table(to, "Settings, expected and actual", titles);
	for (guint i = 0; i < verdict->settings->len; i++)
		add_setting(to, verdict->settings->pdata[i]);
	target_page_close_table(to);
	target_page_close(to);
}

static void add_serving(GString *to, const struct target_page *page)
{
	const struct verdict *verdict = page->verdict;

	if (verdict->deployed->len == 0 && !verdict->head)
		return;
	target_page_open(to, "deployed", "Deployed");
	add_head(to, page);
	if (verdict->deployed->len > 0) {
		target_page_open_table(to, "Revisions that serve traffic", deployed_titles);
		for (guint i = 0; i < verdict->deployed->len; i++)
			add_deployed(to, page, verdict->deployed->pdata[i]);
		target_page_close_table(to);
	} else {
		g_string_append(to, "<p class=\"empty\">No revision that serves is known.</p>\n");
	}
	target_page_close(to);
}

void target_page_add_code(GString *to, const struct target_page *page)
{
	add_undeployed(to, page);
	add_serving(to, page);
	add_settings(to, page->verdict);
	add_evidence(to, page->verdict);
}
