/* silences_page - GET /silences for people: what is not told now, and when it will not be. */
#include "api/dashboard/pages.h"

#include <inttypes.h>

#include "api/dashboard/frame.h"
#include "api/dashboard/html.h"
#include "api/dashboard/parts.h"
#include "api/lists.h"
#include "clk.h"
#include "matcher.h"

static void add_end(GString *to, const struct store_silence *silence)
{
	html_add(to,
		 "<form class=\"js-only\" data-json=\"DELETE /silences/%" PRId64 "\">"
		 "<button class=\"button\">End<span class=\"visually-hidden\"> silence %" PRId64
		 "</span></button><p class=\"form-error\" role=\"alert\"></p></form>",
		 silence->id, silence->id);
}

static void add_row(GString *to, const struct store_silence *silence, int64_t now_wall_ms)
{
	bool is_active = lists_silence_is_active(silence);

	html_add(to, "<tr data-key=\"silence-%" PRId64 "\"><th scope=\"row\">%" PRId64 "</th>",
		 silence->id, silence->id);
	parts_cell(to, "State");
	parts_word(to, is_active ? "active" : "ended");
	parts_cell_end(to);
	parts_cell(to, "Of");
	html_text(to, silence->matcher);
	parts_cell_end(to);
	parts_cell(to, "Until");
	html_time(to, silence->ended_wall_ms > 0 ? silence->ended_wall_ms : silence->until_wall_ms,
		  now_wall_ms);
	parts_cell_end(to);
	parts_cell(to, "By");
	html_text(to, silence->who);
	parts_cell_end(to);
	parts_cell(to, "Why");
	html_text(to, silence->why);
	parts_cell_end(to);
	g_string_append(to, "<td>");
	if (is_active)
		add_end(to, silence);
	g_string_append(to, "</td></tr>\n");
}

static void add_filters(GString *to, const struct request *request)
{
	bool all = query_flag(request->query, "all");

	g_string_append(to,
			"<div class=\"filters\" role=\"group\" aria-label=\"Filter by state\">\n"
			"<a class=\"chip\" href=\"");
	parts_address(to, request, "all", NULL);
	g_string_append(to, all ? "\">in force</a>\n" : "\" aria-current=\"true\">in force</a>\n");
	g_string_append(to, "<a class=\"chip\" href=\"");
	parts_address(to, request, "all", "1");
	g_string_append(to, all ? "\" aria-current=\"true\">also those that are over</a>\n"
				: "\">also those that are over</a>\n");
	g_string_append(to, "</div>\n");
}

static void add_silences(GString *to, const struct request *request, const struct list_page *page,
			 int64_t now_wall_ms)
{
	g_string_append(to, "<section class=\"card\">\n<header><h2>Made by people</h2>\n");
	add_filters(to, request);
	g_string_append(to, "</header>\n");
	if (page->rows->len == 0) {
		g_string_append(to, "<p class=\"empty\">No silences: everything is told.</p>\n"
				    "</section>\n");
		return;
	}
	g_string_append(
		to, "<table class=\"table\">\n<caption class=\"visually-hidden\">Silences, newest "
		    "first</caption>\n<thead><tr><th scope=\"col\">Silence</th>"
		    "<th scope=\"col\">State</th><th scope=\"col\">Of</th>"
		    "<th scope=\"col\">Until</th><th scope=\"col\">By</th>"
		    "<th scope=\"col\">Why</th><th scope=\"col\">"
		    "<span class=\"visually-hidden\">Action</span></th></tr></thead>\n<tbody>\n");
	for (guint i = 0; i < page->rows->len; i++)
		add_row(to, page->rows->pdata[i], now_wall_ms);
	g_string_append(to, "</tbody>\n</table>\n</section>\n");
	parts_pager(to, request, page->cursor);
}

static void add_window(GString *to, const struct snapshot_window *window, int64_t now_wall_ms)
{
	const struct window_state *state = &window->state;
	g_autofree char *matchers = window->matchers ? g_strjoinv(", ", window->matchers) : NULL;

	g_string_append(to, "<tr><th scope=\"row\">");
	html_text(to, window->name);
	g_string_append(to, "</th>");
	parts_cell(to, "State");
	parts_word(to, state->active ? "active" : "upcoming");
	parts_cell_end(to);
	parts_cell(to, "Of");
	html_text(to, matchers);
	parts_cell_end(to);
	parts_cell(to, "Until");
	html_time(to, state->active ? state->until_wall_ms : 0, now_wall_ms);
	parts_cell_end(to);
	parts_cell(to, "Next");
	html_time(to, state->next_wall_ms, now_wall_ms);
	g_string_append(to, " <span class=\"muted\">");
	if (state->next_wall_ms > 0)
		html_instant(to, state->next_wall_ms);
	g_string_append(to, "</span>");
	parts_cell_end(to);
	g_string_append(to, "</tr>\n");
}

static void add_windows(GString *to, const GPtrArray *windows, int64_t now_wall_ms)
{
	g_string_append(to, "<section class=\"card\">\n<h2>Maintenance windows</h2>\n");
	if (!windows || windows->len == 0) {
		g_string_append(to,
				"<p class=\"empty\">None in the configuration.</p>\n</section>\n");
		return;
	}
	g_string_append(to,
			"<table class=\"table\">\n<caption class=\"visually-hidden\">Maintenance "
			"windows</caption>\n<thead><tr><th scope=\"col\">Window</th>"
			"<th scope=\"col\">State</th><th scope=\"col\">Of</th>"
			"<th scope=\"col\">Until</th><th scope=\"col\">Next</th></tr></thead>\n"
			"<tbody>\n");
	for (guint i = 0; i < windows->len; i++)
		add_window(to, windows->pdata[i], now_wall_ms);
	g_string_append(to, "</tbody>\n</table>\n</section>\n");
}

static void add_form(GString *to)
{
	g_string_append(to, "<section class=\"card js-only\">\n<h2>Silence something</h2>\n"
			    "<form class=\"form\" data-json=\"POST /silences\">\n");
	html_add(to,
		 "<label for=\"silence-matcher\">Targets</label>\n"
		 "<input id=\"silence-matcher\" class=\"mono\" name=\"matcher\" required "
		 "maxlength=\"%d\" aria-describedby=\"silence-matcher-help\">\n"
		 "<p class=\"muted\" id=\"silence-matcher-help\">A target "
		 "(<code>service/billing</code>), "
		 "also with <code>*</code> for any text, <code>priority=P1</code>, "
		 "<code>owner=ml</code> or <code>kind=table</code>.</p>\n",
		 MATCHER_TEXT_MAX_BYTES);
	parts_duration(to, "silence");
	parts_who(to, "silence");
	parts_why(to, "silence", "Why", true);
	parts_submit(to, "Silence", true);
	g_string_append(to, "</form>\n</section>\n");
}

bool page_silences(const struct request *request, struct response *response, GError **error)
{
	struct list_page page = {0};
	struct frame frame = {.title = "Silences", .section = "/silences", .status = 200};
	int64_t now_wall_ms = clk_wall_ms();

	if (!lists_read_silences(request, &page, error)) {
		list_page_done(&page);
		return false;
	}
	frame.snapshot = app_snapshot(request->app);
	frame.main = g_string_new("<h1>Silences</h1>\n");
	add_silences(frame.main, request, &page, now_wall_ms);
	add_form(frame.main);
	add_windows(frame.main, lists_windows(frame.snapshot), now_wall_ms);
	frame_respond(request, &frame, response);
	snapshot_unref(frame.snapshot);
	list_page_done(&page);
	return true;
}
