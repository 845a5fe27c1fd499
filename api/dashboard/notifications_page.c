/* notifications_page - GET /notifications for people: each message with every attempt. */
#include "api/dashboard/pages.h"

#include "api/dashboard/frame.h"
#include "api/dashboard/html.h"
#include "api/dashboard/parts.h"
#include "api/lists.h"
#include "clk.h"

/* Those that are configured; and that which is asked for, which may be no longer. */
static void add_channels(GString *to, const struct request *request,
			 const struct snapshot *snapshot)
{
	const char *asked = query_text(request->query, "channel");
	bool is_known = !asked;

	g_string_append(
		to, "<div class=\"filters\" role=\"group\" aria-label=\"Filter by channel\">\n");
	parts_chip(to, request, "channel", NULL, "all channels");
	for (guint i = 0; snapshot && i < snapshot->input.channels->len; i++) {
		const struct channel_status *channel = snapshot->input.channels->pdata[i];

		is_known = is_known || g_strcmp0(asked, channel->id) == 0;
		parts_chip(to, request, "channel", channel->id, channel->id);
	}
	if (!is_known)
		parts_chip(to, request, "channel", asked, asked);
	g_string_append(to, "</div>\n");
}

static void add_states(GString *to, const struct request *request)
{
	static const char *const states[] = {"waiting", "sent", "failed"};

	g_string_append(to,
			"<div class=\"filters\" role=\"group\" aria-label=\"Filter by state\">\n");
	parts_chip(to, request, "state", NULL, "all states");
	for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
		parts_chip(to, request, "state", states[i], states[i]);
	g_string_append(to, "</div>\n");
}

static void add_list(GString *to, const struct request *request, const struct snapshot *snapshot,
		     const struct list_page *page)
{
	g_string_append(to, "<section class=\"card\">\n<header><h2>Newest first</h2>\n");
	add_states(to, request);
	add_channels(to, request, snapshot);
	g_string_append(to, "</header>\n");
	if (page->rows->len > 0)
		parts_messages(to, page->rows, 0, clk_wall_ms());
	else
		g_string_append(to, "<p class=\"empty\">No messages.</p>\n");
	g_string_append(to, "</section>\n");
	parts_pager(to, request, page->cursor);
}

bool page_notifications(const struct request *request, struct response *response, GError **error)
{
	struct list_page page = {0};
	struct frame frame = {.title = "Notifications", .section = "/notifications", .status = 200};

	if (!lists_read_notifications(request, &page, error)) {
		list_page_done(&page);
		return false;
	}
	frame.snapshot = app_snapshot(request->app);
	frame.main = g_string_new("<h1>Notifications</h1>\n");
	add_list(frame.main, request, frame.snapshot, &page);
	frame_respond(request, &frame, response);
	snapshot_unref(frame.snapshot);
	list_page_done(&page);
	return true;
}
