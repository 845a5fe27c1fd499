/* handle_notification - GET /notifications: what was told, what waits, what could not be delivered.
 * DESIGN 9 and 11. */
#include "api/handlers.h"

#include "api/lists.h"
#include "api/notification_view.h"

static json_object *page_json(const struct list_page *page)
{
	json_object *object = json_object_new_object();
	json_object *items = json_object_new_array();

	for (guint i = 0; i < page->rows->len; i++)
		json_append(items, notification_view_json(page->rows->pdata[i]));
	json_add(object, "items", items);
	json_add_text(object, "next_cursor", page->cursor);
	return object;
}

bool handle_notifications(const struct request *request, struct response *response, GError **error)
{
	struct list_page page = {0};
	bool ok = lists_read_notifications(request, &page, error);

	if (ok && request->wants_text) {
		g_autofree char *table = notification_view_table(page.rows);

		response_set(response, 200, response_text, handle_with_more(table, page.cursor));
	} else if (ok) {
		handle_set_json(response, 200, page_json(&page));
	}
	list_page_done(&page);
	return ok;
}
