/* parts_messages - messages, their attempts and what they say: see parts.h */
#include "api/dashboard/parts.h"

#include <inttypes.h>
#include <string.h>

#include "api/dashboard/html.h"
#include "api/notification_view.h"

static void add_attempt(GString *to, const struct store_attempt *attempt, int64_t now_wall_ms)
{
	g_string_append(to, "<li>");
	html_time(to, attempt->at_wall_ms, now_wall_ms);
	if (attempt->status > 0)
		html_add(to, " <span class=\"mono\">%" PRId64 "</span>", attempt->status);
	g_string_append_c(to, ' ');
	if (attempt->error)
		html_text(to, attempt->error);
	else
		g_string_append(to, "sent");
	g_string_append(to, "</li>\n");
}

static void add_attempts(GString *to, const struct store_notification *row, int64_t now_wall_ms)
{
	guint count = row->attempts ? row->attempts->len : 0;

	if (count > 0)
		g_string_append(to, "<ol class=\"attempts\">\n");
	for (guint i = 0; i < count; i++)
		add_attempt(to, row->attempts->pdata[i], now_wall_ms);
	if (count > 0)
		g_string_append(to, "</ol>\n");
	else
		g_string_append(to, "<span class=\"muted\">none yet</span>\n");
	if (row->attempts_total > (int64_t)count)
		html_add(to, "<p class=\"muted\">the newest of %" PRId64 "</p>\n",
			 row->attempts_total);
	if (notification_view_waits(row) && row->folded_into == 0) {
		g_string_append(to, "<p class=\"muted\">next ");
		html_time(to, row->next_wall_ms, now_wall_ms);
		g_string_append(to, "</p>\n");
	}
}

/* One that is what the whole message is says so but once. */
static void add_item(GString *to, const struct notice_item *item, enum notice_kind kind)
{
	g_string_append(to, "<li>");
	if (item->kind != kind)
		html_add(to, "%s: ", notice_kind_text(item->kind));
	html_target(to, item->target);
	g_string_append(to, ": ");
	html_text(to, item->summary);
	if (item->reason && !(item->summary && strstr(item->summary, item->reason))) {
		g_string_append(to, " <span class=\"muted\">");
		html_text(to, item->reason);
		g_string_append(to, "</span>");
	}
	g_string_append(to, "</li>\n");
}

/* Those about one incident, or all as far as there is room: how many there are. */
static guint add_items(GString *to, const struct notice *notice, int64_t about)
{
	guint shown = 0;

	g_string_append(to, "<ul class=\"says\">\n");
	for (guint i = 0; i < notice->items->len && shown < NOTIFICATION_ITEMS_MAX; i++) {
		const struct notice_item *item = notice->items->pdata[i];

		if (about > 0 && item->incident != about)
			continue;
		add_item(to, item, notice->kind);
		shown++;
	}
	g_string_append(to, "</ul>\n");
	return shown;
}

static void add_says(GString *to, const struct store_notification *row, int64_t about)
{
	struct notice *notice = notification_view_notice(row);
	g_autofree char *text = notice ? notice_text(notice) : NULL;
	guint shown = 0;

	if (!notice) {
		g_string_append(to, "<span class=\"muted\">not kept</span>");
		return;
	}
	if (notice->items->len > 0)
		shown = add_items(to, notice, about);
	else
		html_text(to, text);
	if (shown < notice->items->len)
		html_add(to, "<p class=\"muted\">and %u more</p>\n", notice->items->len - shown);
	notice_free(notice);
}

static void add_state(GString *to, const struct store_notification *row)
{
	parts_word(to, row->state);
	if (row->folded_into > 0)
		html_add(to, "<br><span class=\"muted\">as part of %" PRId64 "</span>",
			 row->folded_into);
}

static void add_row(GString *to, const struct store_notification *row, int64_t about,
		    int64_t now_wall_ms)
{
	html_add(to, "<tr id=\"message-%" PRId64 "\"><th scope=\"row\">%" PRId64 "</th>", row->id,
		 row->id);
	parts_cell(to, "Made");
	html_time(to, row->created_wall_ms, now_wall_ms);
	parts_cell_end(to);
	parts_cell(to, "Channel");
	html_text(to, row->channel);
	parts_cell_end(to);
	parts_cell(to, "Kind");
	html_text(to, row->kind);
	parts_cell_end(to);
	parts_cell(to, "State");
	add_state(to, row);
	parts_cell_end(to);
	parts_cell(to, "Attempts");
	add_attempts(to, row, now_wall_ms);
	parts_cell_end(to);
	parts_cell(to, "Incidents");
	parts_incident_links(to, row->incidents);
	parts_cell_end(to);
	parts_cell(to, "Says");
	add_says(to, row, about);
	parts_cell_end(to);
	g_string_append(to, "</tr>\n");
}

void parts_messages(GString *to, const GPtrArray *rows, int64_t about, int64_t now_wall_ms)
{
	g_string_append(
		to,
		"<table class=\"table messages\">\n<caption class=\"visually-hidden\">Messages, "
		"newest first</caption>\n<thead><tr><th scope=\"col\">Message</th>"
		"<th scope=\"col\">Made</th><th scope=\"col\">Channel</th>"
		"<th scope=\"col\">Kind</th><th scope=\"col\">State</th>"
		"<th scope=\"col\">Attempts</th><th scope=\"col\">Incidents</th>"
		"<th scope=\"col\">Says</th></tr></thead>\n<tbody>\n");
	for (guint i = 0; i < rows->len; i++)
		add_row(to, rows->pdata[i], about, now_wall_ms);
	g_string_append(to, "</tbody>\n</table>\n");
}
