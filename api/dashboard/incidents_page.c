/* incidents_page - GET /incidents for people: what was wrong, who took it up, how fast it is mended. */
#include "api/dashboard/pages.h"

#include <inttypes.h>
#include <string.h>

#include "alert/incident.h"
#include "api/dashboard/chart.h"
#include "api/dashboard/frame.h"
#include "api/dashboard/html.h"
#include "api/dashboard/parts.h"
#include "api/dashboard/response_times.h"
#include "api/lists.h"
#include "clk.h"

static void add_taken(GString *to, const struct store_incident *incident, int64_t now_wall_ms)
{
	if (!incident->acknowledged_by) {
		html_text(to, NULL);
		return;
	}
	html_text(to, incident->acknowledged_by);
	g_string_append(to, " <span class=\"muted\">");
	html_time(to, incident->acknowledged_wall_ms, now_wall_ms);
	g_string_append(to, "</span>");
	if (incident->why) {
		g_string_append(to, "<br><span class=\"muted\">");
		html_text(to, incident->why);
		g_string_append(to, "</span>");
	}
}

static void add_what(GString *to, const struct store_incident *incident)
{
	html_text(to, incident->summary);
	if (strcmp(incident->cause, incident_cause_text(INCIDENT_CAUSE_BLIND)) == 0)
		g_string_append(to, " <span class=\"chip\">blind</span>");
	if (incident->false_alarm)
		g_string_append(to, " <span class=\"chip\">false alarm</span>");
	if (incident->held_by) {
		g_string_append(to, "<br><span class=\"muted\">nobody is told: ");
		html_text(to, incident->held_by);
		g_string_append(to, "</span>");
	}
}

/* Open ones can be answered without leaving the list. */
static void add_answer(GString *to, const struct store_incident *incident)
{
	if (incident->ended_wall_ms > 0)
		return;
	html_add(to,
		 "<details class=\"js-only\" id=\"answer-%" PRId64 "\"><summary>Answer"
		 "<span class=\"visually-hidden\"> incident %" PRId64 "</span></summary>\n",
		 incident->id, incident->id);
	parts_respond(to, incident);
	g_string_append(to, "</details>\n");
}

static void add_row(GString *to, const struct store_incident *incident, int64_t now_wall_ms)
{
	bool is_over = incident->ended_wall_ms > 0;
	g_autofree char *lasted = chart_duration(MAX(
		(is_over ? incident->ended_wall_ms : now_wall_ms) - incident->opened_wall_ms, 0));

	html_add(to,
		 "<tr><th scope=\"row\"><a href=\"/incidents/%" PRId64 "\">%" PRId64 "</a></th>",
		 incident->id, incident->id);
	parts_cell(to, "Status");
	parts_word(to, incident->status);
	parts_cell_end(to);
	parts_cell(to, "Target");
	html_priority(to, priority_from_text(incident->priority));
	g_string_append_c(to, ' ');
	html_target(to, incident->target);
	parts_cell_end(to);
	parts_cell(to, "What");
	add_what(to, incident);
	add_answer(to, incident);
	parts_cell_end(to);
	parts_cell(to, "Since");
	html_time(to, incident->opened_wall_ms, now_wall_ms);
	parts_cell_end(to);
	parts_cell(to, is_over ? "Lasted" : "Lasts");
	g_string_append(to, lasted);
	parts_cell_end(to);
	parts_cell(to, "Taken up by");
	add_taken(to, incident, now_wall_ms);
	parts_cell_end(to);
	g_string_append(to, "</tr>\n");
}

static void add_filters(GString *to, const struct request *request)
{
	const char *target = query_text(request->query, "target");

	g_string_append(to,
			"<div class=\"filters\" role=\"group\" aria-label=\"Filter by status\">\n");
	parts_chip(to, request, "status", NULL, "all");
	for (int i = INCIDENT_STATUS_OPEN; i <= INCIDENT_STATUS_WITHDRAWN; i++) {
		const char *status = incident_status_text((enum incident_status)i);

		parts_chip(to, request, "status", status, status);
	}
	if (target) {
		g_autofree char *label = g_strconcat("of ", target, " \xc3\x97", NULL);

		g_string_append(to, "<a class=\"chip\" aria-current=\"true\" href=\"");
		parts_address(to, request, "target", NULL);
		g_string_append(to, "\" title=\"of all targets\">");
		html_text(to, label);
		g_string_append(to, "</a>\n");
	}
	g_string_append(to, "</div>\n");
}

static void add_list(GString *to, const struct request *request, const struct list_page *page,
		     int64_t now_wall_ms)
{
	g_string_append(to, "<section class=\"card\">\n<header><h2>Newest first</h2>\n");
	add_filters(to, request);
	g_string_append(to, "</header>\n");
	if (page->rows->len == 0) {
		g_string_append(to, "<p class=\"empty\">No incidents.</p>\n</section>\n");
		return;
	}
	g_string_append(to, "<table class=\"table incidents\">\n<caption "
			    "class=\"visually-hidden\">Incidents, newest "
			    "first</caption>\n<thead><tr><th scope=\"col\">Incident</th>"
			    "<th scope=\"col\">Status</th><th scope=\"col\">Target</th>"
			    "<th scope=\"col\">What</th><th scope=\"col\">Since</th>"
			    "<th scope=\"col\">Lasted</th><th scope=\"col\">Taken up by</th>"
			    "</tr></thead>\n<tbody>\n");
	for (guint i = 0; i < page->rows->len; i++)
		add_row(to, page->rows->pdata[i], now_wall_ms);
	g_string_append(to, "</tbody>\n</table>\n</section>\n");
	parts_pager(to, request, page->cursor);
}

/* The list is worth more: it is shown also where the figures cannot be read. */
static void add_figures(GString *to, const struct request *request)
{
	g_autoptr(GError) error = NULL;
	struct figures figures;

	g_string_append(
		to, "<section class=\"card\" id=\"figures\">\n<h2>How fast they are mended</h2>\n");
	if (figures_read(request, FIGURES_PERIOD_DEFAULT_MS, &figures, &error)) {
		response_times_add(to, &figures);
	} else {
		g_string_append(to, "<p class=\"muted\">Not known now: ");
		html_text(to, error->message);
		g_string_append(to, "</p>\n");
	}
	g_string_append(to, "</section>\n");
}

bool page_incidents(const struct request *request, struct response *response, GError **error)
{
	struct list_page page = {0};
	struct frame frame = {.title = "Incidents", .section = "/incidents", .status = 200};

	if (!lists_read_incidents(request, &page, error)) {
		list_page_done(&page);
		return false;
	}
	frame.snapshot = app_snapshot(request->app);
	frame.main = g_string_new("<h1>Incidents</h1>\n<p><a href=\"#figures\">How fast they are "
				  "mended</a></p>\n");
	add_list(frame.main, request, &page, clk_wall_ms());
	add_figures(frame.main, request);
	frame_respond(request, &frame, response);
	snapshot_unref(frame.snapshot);
	list_page_done(&page);
	return true;
}
