/* handle_notification - GET /notifications: what was told, what waits, what could not be delivered.
 * DESIGN 9 and 11. */
#include "api/handlers.h"

#include <inttypes.h>
#include <string.h>

#include "api/cursor.h"
#include "text.h"
#include "timefmt.h"

#define PAGE_DEFAULT 100

static json_object *attempt_json(const struct store_attempt *attempt)
{
	json_object *object = json_object_new_object();

	json_add_time(object, "at", attempt->at_wall_ms);
	json_add(object, "status",
		 attempt->status > 0 ? json_object_new_int64(attempt->status) : NULL);
	json_add_text(object, "error", attempt->error);
	return object;
}

static bool waits(const struct store_notification *row)
{
	return strcmp(row->state, "waiting") == 0;
}

static json_object *notification_json(const struct store_notification *row)
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
	json_add_time(object, "next_at", waits(row) ? row->next_wall_ms : 0);
	json_add_int(object, "attempts_total", row->attempts_total);
	json_add(object, "attempts", attempts);
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

static GPtrArray *read_rows(const struct request *request, guint limit, GError **error)
{
	const char *cursor = query_text(request->query, "cursor");
	struct store_reader *reader = NULL;
	GPtrArray *rows = NULL;
	int64_t before_id = 0;

	if (cursor && !cursor_parse_id(cursor, CURSOR_LIST_NOTIFICATIONS, &before_id, error))
		return NULL;
	reader = app_reader_take(request->app, error);
	if (!reader)
		return NULL;
	rows = store_read_notifications(reader, query_text(request->query, "channel"),
					query_text(request->query, "state"), before_id,
					(int)limit + 1, error);
	app_reader_give(request->app, reader);
	return rows;
}

static char *rows_text(const GPtrArray *rows, const char *cursor)
{
	g_autoptr(GString) to = g_string_new(NULL);

	if (rows->len == 0)
		g_string_append(to, "no messages\n");
	else
		g_string_append_printf(to, "%-6s  %-20s  %-7s  %-8s  %-24s  %s\n", "ID", "CREATED",
				       "STATE", "KIND", "CHANNEL", "TRIES  LAST ERROR");
	for (guint i = 0; i < rows->len; i++)
		append_row(to, rows->pdata[i]);
	return handle_with_more(to->str, cursor);
}

static json_object *rows_json(const GPtrArray *rows, const char *cursor)
{
	json_object *object = json_object_new_object();
	json_object *items = json_object_new_array();

	for (guint i = 0; i < rows->len; i++)
		json_append(items, notification_json(rows->pdata[i]));
	json_add(object, "items", items);
	json_add_text(object, "next_cursor", cursor);
	return object;
}

bool handle_notifications(const struct request *request, struct response *response, GError **error)
{
	guint limit = (guint)query_number(request->query, "limit", PAGE_DEFAULT); /* 1..1000 */
	g_autoptr(GPtrArray) rows = read_rows(request, limit, error);
	g_autofree char *cursor = NULL;

	if (!rows)
		return false;
	if (rows->len > limit) {
		g_ptr_array_set_size(rows, (gint)limit); /* at most 1000 */
		cursor = cursor_of_id(
			CURSOR_LIST_NOTIFICATIONS,
			((const struct store_notification *)rows->pdata[limit - 1])->id);
	}
	if (request->wants_text)
		response_set(response, 200, response_text, rows_text(rows, cursor));
	else
		handle_set_json(response, 200, rows_json(rows, cursor));
	return true;
}
