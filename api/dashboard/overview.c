/* overview - GET / as a page; see overview.h */
#include "api/dashboard/overview.h"

#include "api/dashboard/frame.h"
#include "api/dashboard/html.h"
#include "api/dashboard/pages.h"
#include "api/handlers.h"
#include "api/select.h"

/* What is beside the targets, in one line, for where it stands below them. */
static void add_around(GString *to, const struct overview *overview)
{
	const struct snapshot_input *input = &overview->snapshot->input;

	g_string_append(to, "<p class=\"around\"><a href=\"#incidents\">");
	html_count(to, input->incidents->len, "open incident", "open incidents");
	g_string_append(to, "</a> <a href=\"#repositories\">");
	html_count(to, input->repos->len, "repository", "repositories");
	g_string_append(to, "</a> <a href=\"#channels\">");
	html_count(to, input->channels->len, "channel", "channels");
	g_string_append(to, "</a>");
	if (input->unwatched->len > 0) {
		g_string_append(to, " <a href=\"#unwatched\">");
		html_count(to, input->unwatched->len, "unwatched service", "unwatched services");
		g_string_append(to, "</a>");
	}
	if (input->silences_active > 0) {
		g_string_append(to, " <a href=\"/silences\">");
		html_count(to, input->silences_active, "active silence", "active silences");
		g_string_append(to, "</a>");
	}
	g_string_append(to, "</p>\n");
}

/* A name that nobody has is said, never shown as an empty list. */
static void add_mistake(GString *to, const GError *mistake)
{
	g_string_append(to, "<div class=\"banner banner-error\" role=\"alert\"><svg class=\"icon\" "
			    "aria-hidden=\"true\"><use href=\"#i-warn\"/></svg><p>");
	html_text(to, mistake->message);
	g_string_append(to, ". <a href=\"/\">Show all targets</a></p></div>\n");
}

static GString *make_main(const struct overview *overview, const GError *mistake)
{
	GString *to = g_string_sized_new(65536);

	g_string_append(to, "<h1 class=\"visually-hidden\">Overview</h1>\n<div class=\"overview\">"
			    "<div class=\"overview-main\">\n");
	overview_add_filters(to, overview);
	g_string_append(to, "<div class=\"bar-line\">\n");
	add_around(to, overview);
	overview_add_groups(to, overview);
	g_string_append(to, "</div>\n");
	g_string_append(to, "<section class=\"card\" id=\"targets\" aria-label=\"Targets\">\n");
	if (mistake)
		add_mistake(to, mistake);
	else
		overview_add_rows(to, overview);
	g_string_append(to, "</section>\n</div>\n<div class=\"overview-side\">\n");
	overview_add_cards(to, overview);
	g_string_append(to, "</div>\n</div>\n");
	return to;
}

bool page_overview(const struct request *request, struct response *response, GError **error)
{
	struct snapshot *snapshot = handle_snapshot(request, error);
	struct overview overview = {0};
	struct frame frame = {.section = "/", .status = 200};
	g_autoptr(GError) mistake = NULL;

	if (!snapshot)
		return false;
	if (!select_check_names(snapshot, request->query, &mistake))
		frame.status = 400;
	overview_init(&overview, request, snapshot);
	frame.snapshot = snapshot;
	frame.main = make_main(&overview, mistake);
	frame_respond(request, &frame, response);
	overview_done(&overview);
	snapshot_unref(snapshot);
	return true;
}
