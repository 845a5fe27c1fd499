/* incident_page - GET /incidents/{n} for people: its life, who was told, what can be done about it. */
#include "api/dashboard/pages.h"

#include <inttypes.h>

#include "api/dashboard/chart.h"
#include "api/dashboard/frame.h"
#include "api/dashboard/html.h"
#include "api/dashboard/parts.h"
#include "api/handlers.h"
#include "api/incident_view.h"
#include "api/lists.h"
#include "clk.h"

/* All that the page is made of. Borrowed. */
struct shown {
	const struct request *request;
	const struct store_incident *incident;
	const struct incident *lists;
	const struct snapshot *snapshot; /* NULL: none yet */
	int64_t now_wall_ms;
};

static void add_title(GString *to, const struct shown *shown)
{
	html_add(to, "<h1>Incident %" PRId64 "</h1>\n<p class=\"lead\">", shown->incident->id);
	parts_word(to, shown->incident->status);
	g_string_append_c(to, ' ');
	html_priority(to, priority_from_text(shown->incident->priority));
	g_string_append_c(to, ' ');
	html_target(to, shown->incident->target);
	if (shown->incident->false_alarm)
		g_string_append(to, " <span class=\"chip\">false alarm</span>");
	g_string_append(to, "</p>\n");
}

static void add_life(GString *to, const struct shown *shown)
{
	const struct store_incident *incident = shown->incident;
	int64_t now_wall_ms = shown->now_wall_ms;
	bool is_over = incident->ended_wall_ms > 0;
	g_autofree char *lasted = chart_duration(MAX(
		(is_over ? incident->ended_wall_ms : now_wall_ms) - incident->opened_wall_ms, 0));

	parts_fact_time(to, "Wrong since", incident->opened_wall_ms, now_wall_ms);
	parts_fact_time(to, "Detected", incident->detected_wall_ms, now_wall_ms);
	parts_fact_time(to, "First acknowledged", incident->first_ack_wall_ms, now_wall_ms);
	if (incident->acknowledged_wall_ms != incident->first_ack_wall_ms)
		parts_fact_time(to, "Acknowledged", incident->acknowledged_wall_ms, now_wall_ms);
	parts_fact(to, "Taken up by", incident->acknowledged_by);
	parts_fact(to, "What they do", incident->why);
	if (!is_over)
		parts_fact_time(to, "Acknowledged until", incident->ack_expires_wall_ms,
				now_wall_ms);
	parts_fact_time(to, "Ended", incident->ended_wall_ms, now_wall_ms);
	parts_fact(to, is_over ? "Lasted" : "Lasts", lasted);
	if (incident->reopened > 0) {
		g_autofree char *times =
			g_strdup_printf("%" PRId64 "%s", incident->reopened,
					incident->reopened == 1 ? " time" : " times");

		parts_fact(to, "Came back", times);
	}
}

static void add_facts(GString *to, const struct shown *shown)
{
	const struct store_incident *incident = shown->incident;

	g_string_append(to, "<section class=\"card\">\n<h2>Its life</h2>\n<p class=\"lead\">");
	html_text(to, incident->summary);
	g_string_append(to, "</p>\n<dl class=\"facts\">\n");
	parts_fact(to, "Cause", incident->cause);
	add_life(to, shown);
	parts_fact(to, "Got worse", incident->worse);
	parts_fact(to, "Nobody is told now because of", incident->held_by);
	g_string_append(to, "</dl>\n</section>\n");
}

static const struct verdict *verdict_of(const struct shown *shown)
{
	if (!shown->snapshot || shown->incident->ended_wall_ms > 0)
		return NULL;
	return snapshot_find(shown->snapshot, shown->incident->target);
}

/* What is wrong now, as its target says it; and every code there was. */
static void add_reasons(GString *to, const struct shown *shown)
{
	const struct verdict *verdict = verdict_of(shown);
	const GPtrArray *codes = shown->lists->codes;

	g_string_append(to, "<section class=\"card\">\n<h2>Reasons</h2>\n");
	if (verdict && verdict->reasons->len > 0)
		g_string_append(to, "<ul class=\"reasons\">\n");
	for (guint i = 0; verdict && i < verdict->reasons->len; i++) {
		const struct reason *reason = verdict->reasons->pdata[i];

		g_string_append(to, "<li>");
		html_state(to, reason->state);
		g_string_append_c(to, ' ');
		html_text(to, reason->message);
		g_string_append(to, "</li>\n");
	}
	if (verdict && verdict->reasons->len > 0)
		g_string_append(to, "</ul>\n");
	g_string_append(to, "<p class=\"muted\">Seen while it lasted: ");
	for (guint i = 0; i < codes->len; i++) {
		g_string_append(to, i > 0 ? ", <span class=\"mono\">" : "<span class=\"mono\">");
		html_text(to, codes->pdata[i]);
		g_string_append(to, "</span>");
	}
	g_string_append(to, codes->len > 0 ? "</p>\n" : "nothing more</p>\n");
	g_string_append(to, "</section>\n");
}

static void add_told(GString *to, const struct shown *shown)
{
	const GPtrArray *told = shown->lists->told;

	g_string_append(to, "<section class=\"card\">\n<h2>Who was told</h2>\n");
	if (told->len == 0) {
		g_string_append(to, "<p class=\"empty\">Nobody.</p>\n</section>\n");
		return;
	}
	g_string_append(to,
			"<table class=\"table\">\n<caption class=\"visually-hidden\">Channels that "
			"were told</caption>\n<thead><tr><th scope=\"col\">Channel</th>"
			"<th scope=\"col\">Last told</th></tr></thead>\n<tbody>\n");
	for (guint i = 0; i < told->len; i++) {
		const struct incident_told *entry = told->pdata[i];

		g_string_append(to, "<tr><th scope=\"row\">");
		html_text(to, entry->channel);
		g_string_append(to, "</th>");
		parts_cell(to, "Last told");
		html_time(to, entry->wall_ms, shown->now_wall_ms);
		g_string_append(to, " <span class=\"muted\">");
		html_instant(to, entry->wall_ms);
		g_string_append(to, "</span>");
		parts_cell_end(to);
		g_string_append(to, "</tr>\n");
	}
	g_string_append(to, "</tbody>\n</table>\n</section>\n");
}

static void add_messages(GString *to, const struct shown *shown)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = lists_read_messages(shown->request, shown->incident, &error);

	g_string_append(to, "<section class=\"card\">\n<h2>Messages</h2>\n");
	if (!rows) {
		g_string_append(to, "<p class=\"muted\">Not known now: ");
		html_text(to, error->message);
		g_string_append(to, "</p>\n");
	} else if (rows->len == 0) {
		g_string_append(to, "<p class=\"empty\">None, or no longer kept.</p>\n");
	} else {
		parts_messages(to, rows, shown->incident->id, shown->now_wall_ms);
	}
	if (rows && rows->len == LISTS_MESSAGES_MAX)
		html_add(to, "<p class=\"muted note\">the newest %d</p>\n", LISTS_MESSAGES_MAX);
	g_string_append(to, "</section>\n");
}

static void add_forms(GString *to, const struct store_incident *incident)
{
	g_string_append(to, "<section class=\"card js-only\">\n<h2>Answer</h2>\n");
	parts_respond(to, incident);
	g_string_append(to, "</section>\n");
}

bool page_incident(const struct request *request, struct response *response, GError **error)
{
	int64_t id = 0;
	struct store_incident *incident =
		handle_parse_id(request->parts[0], "an incident", &id, error)
			? handle_read_incident(request, id, error)
			: NULL;
	g_autofree char *title = g_strdup_printf("Incident %" PRId64, id);
	struct frame frame = {.title = title, .section = "/incidents", .status = 200};
	struct shown shown = {.request = request, .incident = incident};
	struct incident *lists = NULL;

	if (!incident)
		return false;
	lists = incident_view_lists(incident);
	frame.snapshot = app_snapshot(request->app);
	shown.lists = lists;
	shown.snapshot = frame.snapshot;
	shown.now_wall_ms = clk_wall_ms();
	frame.main = g_string_new(NULL);
	add_title(frame.main, &shown);
	add_facts(frame.main, &shown);
	add_forms(frame.main, incident);
	add_reasons(frame.main, &shown);
	add_told(frame.main, &shown);
	add_messages(frame.main, &shown);
	frame_respond(request, &frame, response);
	snapshot_unref(frame.snapshot);
	incident_free(lists);
	store_incident_free(incident);
	return true;
}
