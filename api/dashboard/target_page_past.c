/* target_page_past - what a target went through: states, figures, deployments, incidents. */
#include "api/dashboard/target_page.h"

#include <string.h>

#include "api/dashboard/chart.h"
#include "api/dashboard/html.h"
#include "api/dashboard/pages.h"

/* Rows that are shown; the API has the others. */
#define SHOWN_MAX 20

const char *const target_page_spans[] = {"24h", "7d", "30d", "90d", NULL};

static void add_span_links(GString *to, const struct target_page *page)
{
	static const char *const words[] = {"24 hours", "7 days", "30 days", "90 days"};

	g_string_append(to, "<nav class=\"tabs\" aria-label=\"Time shown\">");
	for (size_t i = 0; target_page_spans[i]; i++)
		html_add(to, "<a href=\"/drift/%s?span=%s#past\"%s>%s</a>", page->verdict->id,
			 target_page_spans[i],
			 strcmp(target_page_spans[i], page->span) == 0 ? " aria-current=true" : "",
			 words[i]);
	g_string_append(to, "</nav>\n");
}

static void mark_done(gpointer data)
{
	g_free(((struct chart_mark *)data)->text);
}

static GArray *make_marks(const struct target_page *page)
{
	GArray *marks = g_array_new(FALSE, TRUE, sizeof(struct chart_mark));
	int64_t from = page->now_wall_ms - page->span_ms;

	g_array_set_clear_func(marks, mark_done);
	for (guint i = 0; i < page->deployments->len; i++) {
		const struct store_deployment *row = page->deployments->pdata[i];
		struct chart_mark mark = {.at_wall_ms = row->at_wall_ms};

		if (row->at_wall_ms < from)
			continue;
		mark.text = g_strdup_printf("%.8s seen, %d %%", row->sha ? row->sha : "no commit",
					    row->percent);
		g_array_append_val(marks, mark);
	}
	return marks;
}

static void add_timeline(GString *to, const struct target_page *page, const GArray *spans)
{
	const struct chart chart = {
		.id = "timeline",
		.title = "States",
		.zone = page->zone,
		.from_wall_ms = page->now_wall_ms - page->span_ms,
		.to_wall_ms = page->now_wall_ms,
	};
	g_autoptr(GArray) marks = make_marks(page);

	target_page_open(to, "past", "Over time");
	add_span_links(to, page);
	chart_add_timeline(to, &chart, spans, marks);
	if (marks->len > 0)
		g_string_append(to, "<p class=\"muted\">Marks below: deployments seen.</p>\n");
	if (page->past.is_cut)
		g_string_append(to, "<p class=\"muted\">It changed too often for all of it to be "
				    "shown.</p>\n");
	html_add(
		to,
		"<p class=\"muted\">Times of %s. As data: <a href=\"/history/%s\">transitions</a>, "
		"<a href=\"/history/%s/days\">days</a></p>\n",
		page->zone, page->verdict->id, page->verdict->id);
	target_page_close(to);
}

static char *commit_url(const struct target_page *page, const char *sha)
{
	const struct verdict_behind *behind = page->verdict->behind;

	return behind && behind->commit_url_prefix && sha
		       ? g_strconcat(behind->commit_url_prefix, sha, NULL)
		       : NULL;
}

static void add_deployment(GString *to, const struct target_page *page,
			   const struct store_deployment *row, const char *const *titles)
{
	g_autofree char *url = commit_url(page, row->sha);

	g_string_append(to, "<tr>");
	target_page_cell(to, titles[0]);
	html_time(to, row->at_wall_ms, page->now_wall_ms);
	g_string_append(to, "</td>");
	target_page_cell(to, titles[1]);
	html_commit(to, row->sha, url);
	g_string_append(to, "</td>");
	target_page_cell(to, titles[2]);
	html_text(to, row->revision);
	g_string_append(to, "</td>");
	target_page_cell(to, titles[3]);
	html_add(to, "%d %%</td>", row->percent);
	target_page_cell(to, titles[4]);
	html_time(to, row->committed_wall_ms, page->now_wall_ms);
	g_string_append(to, "</td></tr>\n");
}

static void add_deployments(GString *to, const struct target_page *page)
{
	static const char *const titles[] = {
		"Seen", "Commit", "Revision", "#Traffic", "Oldest commit with it", NULL};

	if (page->deployments->len == 0)
		return;
	target_page_open(to, "deployments", "Deployments seen");
	target_page_open_table(to, "Deployments seen, newest first", titles);
	for (guint i = 0; i < page->deployments->len && i < SHOWN_MAX; i++)
		add_deployment(to, page, page->deployments->pdata[i], titles);
	target_page_close_table(to);
	if (page->deployments->len > SHOWN_MAX)
		html_add(to, "<p class=\"muted\"><a href=\"/history/%s\">older ones</a></p>\n",
			 page->verdict->id);
	target_page_close(to);
}

static void add_incident(GString *to, const struct target_page *page,
			 const struct store_incident *row, const char *const *titles)
{
	int64_t end = row->ended_wall_ms > 0 ? row->ended_wall_ms : page->now_wall_ms;
	g_autofree char *lasted = chart_duration(MAX(end - row->opened_wall_ms, 0));

	g_string_append(to, "<tr>");
	target_page_cell(to, titles[0]);
	html_add(to, "<a href=\"/incidents/%" PRId64 "\">%" PRId64 "</a></td>", row->id, row->id);
	target_page_cell(to, titles[1]);
	html_text(to, row->summary);
	g_string_append(to, "</td>");
	target_page_cell(to, titles[2]);
	html_add(to, "%s%s</td>", row->status, row->false_alarm ? ", false alarm" : "");
	target_page_cell(to, titles[3]);
	html_time(to, row->opened_wall_ms, page->now_wall_ms);
	g_string_append(to, "</td>");
	target_page_cell(to, titles[4]);
	html_add(to, "%s%s</td></tr>\n", lasted, row->ended_wall_ms > 0 ? "" : " so far");
}

static void add_incidents(GString *to, const struct target_page *page)
{
	static const char *const titles[] = {"Incident", "What", "Status", "Began", "Lasted", NULL};

	target_page_open(to, "incidents", "Incidents");
	if (page->incidents->len == 0) {
		g_string_append(to, "<p class=\"muted\">None that is remembered.</p>\n");
		target_page_close(to);
		return;
	}
	target_page_open_table(to, "Incidents of this target, newest first", titles);
	for (guint i = 0; i < page->incidents->len && i < SHOWN_MAX; i++)
		add_incident(to, page, page->incidents->pdata[i], titles);
	target_page_close_table(to);
	if (page->incidents->len > SHOWN_MAX)
		html_add(
			to,
			"<p class=\"muted\"><a href=\"/incidents?target=%s\">all of them</a></p>\n",
			page->verdict->id);
	target_page_close(to);
}

void target_page_add_past(GString *to, const struct target_page *page)
{
	g_autoptr(GArray) spans = NULL;

	if (page->history_error) {
		target_page_open(to, "past", "Over time");
		g_string_append(to, "<p>History could not be read just now: ");
		html_text(to, page->history_error);
		g_string_append(to, "</p>\n");
		target_page_close(to);
		return;
	}
	spans = days_spans(&page->past, page->now_wall_ms - page->span_ms, page->now_wall_ms);
	add_timeline(to, page, spans);
	target_page_add_figures(to, page, spans);
	add_deployments(to, page);
	add_incidents(to, page);
}
