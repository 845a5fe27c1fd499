/* notification_view - see notification_view.h */
#include "api/notification_view.h"

#include <inttypes.h>
#include <string.h>

#include "text.h"
#include "timefmt.h"

struct notice *notification_view_notice(const struct store_notification *row)
{
	return row->content ? notice_from_json(row->content, NULL) : NULL;
}

bool notification_view_waits(const struct store_notification *row)
{
	return strcmp(row->state, "waiting") == 0;
}

static json_object *attempt_json(const struct store_attempt *attempt)
{
	json_object *object = json_object_new_object();

	json_add_time(object, "at", attempt->at_wall_ms);
	json_add(object, "status",
		 attempt->status > 0 ? json_object_new_int64(attempt->status) : NULL);
	json_add_text(object, "error", attempt->error);
	return object;
}

static json_object *item_json(const struct notice_item *item)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "kind", notice_kind_text(item->kind));
	json_add_int(object, "incident", item->incident);
	json_add_text(object, "target", item->target);
	json_add_text(object, "state", state_text(item->state));
	json_add_text(object, "summary", item->summary);
	json_add_text(object, "reason", item->reason);
	return object;
}

static json_object *says_json(const struct store_notification *row)
{
	struct notice *notice = notification_view_notice(row);
	g_autofree char *text = notice ? notice_text(notice) : NULL;
	json_object *object = NULL;
	json_object *items = NULL;

	if (!notice)
		return NULL;
	object = json_object_new_object();
	items = json_object_new_array();
	for (guint i = 0; i < notice->items->len && i < NOTIFICATION_ITEMS_MAX; i++)
		json_append(items, item_json(notice->items->pdata[i]));
	json_add_text(object, "text", text);
	json_add_int(object, "items_total", notice->items->len);
	json_add(object, "items", items);
	notice_free(notice);
	return object;
}

json_object *notification_view_json(const struct store_notification *row)
{
	json_object *object = json_object_new_object();
	json_object *attempts = json_object_new_array();

	for (guint i = 0; row->attempts && i < row->attempts->len; i++)
		json_append(attempts, attempt_json(row->attempts->pdata[i]));
	json_add_int(object, "id", row->id);
	json_add_text(object, "channel", row->channel);
	json_add_text(object, "kind", row->kind);
	json_add(object, "incidents", json_parse_array(row->incidents));
	json_add_time(object, "created_at", row->created_wall_ms);
	json_add_text(object, "state", row->state);
	json_add(object, "folded_into",
		 row->folded_into > 0 ? json_object_new_int64(row->folded_into) : NULL);
	json_add_time(object, "next_at", notification_view_waits(row) ? row->next_wall_ms : 0);
	json_add_int(object, "attempts_total", row->attempts_total);
	json_add(object, "attempts", attempts);
	json_add(object, "says", says_json(row));
	return object;
}

static void append_row(GString *to, const struct store_notification *row)
{
	const struct store_attempt *last = row->attempts && row->attempts->len > 0
						   ? row->attempts->pdata[row->attempts->len - 1]
						   : NULL;
	g_autofree char *channel = text_escape_terminal(row->channel);
	g_autofree char *error = text_escape_terminal(last && last->error ? last->error : "");
	char at[TIMEFMT_BYTES];

	g_string_append_printf(to, "%-6" PRId64 "  %-20s  %-7s  %-8s  %-24s  %3" PRId64 "  %s\n",
			       row->id, timefmt_utc(row->created_wall_ms, at), row->state,
			       row->kind, channel, row->attempts_total, error);
}

char *notification_view_table(const GPtrArray *rows)
{
	GString *to = g_string_new(NULL);

	if (rows->len == 0)
		g_string_append(to, "no messages\n");
	else
		g_string_append_printf(to, "%-6s  %-20s  %-7s  %-8s  %-24s  %s\n", "ID", "CREATED",
				       "STATE", "KIND", "CHANNEL", "TRIES  LAST ERROR");
	for (guint i = 0; i < rows->len; i++)
		append_row(to, rows->pdata[i]);
	return g_string_free(to, FALSE);
}
