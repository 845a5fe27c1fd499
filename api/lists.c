/* lists - see lists.h */
#include "api/lists.h"

#include <string.h>

#include "alert/incident.h"
#include "api/cursor.h"
#include "clk.h"
#include "drift_error.h"

/** Messages about an incident are made while it lasts; its end is told when the cycle it ended in is
 * written, and clocks are set. */
#define MESSAGES_AROUND_MS MS_PER_DAY

void list_page_done(struct list_page *page)
{
	if (page->rows)
		g_ptr_array_unref(page->rows);
	g_free(page->cursor);
	*page = (struct list_page){0};
}

static guint limit_of(const struct request *request)
{
	return (guint)query_number(request->query, "limit", LISTS_PAGE_DEFAULT); /* 1..1000 */
}

/* Where the page begins; and a reader for it. NULL: neither. */
static struct store_reader *begin(const struct request *request, enum cursor_list list,
				  int64_t *ret_before_id, GError **error)
{
	const char *cursor = query_text(request->query, "cursor");

	if (cursor && !cursor_parse_id(cursor, list, ret_before_id, error))
		return NULL;
	return app_reader_take(request->app, error);
}

/* One more than the limit was asked for: if it came, there is a next page, below the last shown.
 * False: the page does not go on. */
static bool cut(const struct request *request, struct list_page *page)
{
	guint limit = limit_of(request);

	if (page->rows->len <= limit)
		return false;
	g_ptr_array_set_size(page->rows, (gint)limit); /* at most 1000 */
	return true;
}

static bool is_repo(const struct snapshot *snapshot, const char *target)
{
	if (!g_str_has_prefix(target, "repo/"))
		return false;
	for (guint i = 0; i < snapshot->input.config->repos->len; i++)
		if (strcmp(((const struct config_repo *)snapshot->input.config->repos->pdata[i])
				   ->name,
			   target + strlen("repo/")) == 0)
			return true;
	return false;
}

/* A misspelt target is the caller's mistake, never "no incidents". */
static bool check_target(const struct request *request, struct store_reader *reader,
			 const char *target, GError **error)
{
	struct snapshot *snapshot = app_snapshot(request->app);
	bool known = snapshot && (snapshot_find(snapshot, target) || is_repo(snapshot, target));

	snapshot_unref(snapshot);
	if (!known && !store_read_known(reader, target, &known, error))
		return false;
	if (!known)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "parameter target: there is no target %s, and there was none: give an "
			    "id of GET /status, or repo/NAME",
			    target);
	return known;
}

/* Those that are named, each once. */
static void take_statuses(const struct query *query, struct store_incident_filter *filter)
{
	size_t count = 0;

	if (!query_text(query, "status"))
		return;
	for (int i = INCIDENT_STATUS_OPEN; i <= INCIDENT_STATUS_WITHDRAWN; i++) {
		const char *text = incident_status_text((enum incident_status)i);

		if (query_allows(query, "status", text))
			filter->statuses[count++] = text;
	}
}

bool lists_read_incidents(const struct request *request, struct list_page *page, GError **error)
{
	struct store_incident_filter filter = {.target = query_text(request->query, "target")};
	struct store_reader *reader = NULL;
	int64_t before_id = 0;
	bool ok = false;

	take_statuses(request->query, &filter);
	reader = begin(request, CURSOR_LIST_INCIDENTS, &before_id, error);
	if (!reader)
		return false;
	page->rows =
		store_read_incidents(reader, &filter, before_id, (int)limit_of(request) + 1, error);
	ok = page->rows && (page->rows->len > 0 || !filter.target ||
			    check_target(request, reader, filter.target, error));
	app_reader_give(request->app, reader);
	if (ok && cut(request, page)) {
		const struct store_incident *last = page->rows->pdata[page->rows->len - 1];

		page->cursor = cursor_of_id(CURSOR_LIST_INCIDENTS, last->id);
	}
	return ok;
}

/* What they say, for the newest as far as the bounds go. */
static bool add_contents(struct store_reader *reader, const GPtrArray *rows, GError **error)
{
	size_t left_bytes = LISTS_CONTENTS_MAX_BYTES;

	for (guint i = 0; i < rows->len; i++) {
		struct store_notification *row = rows->pdata[i];

		if (!store_read_content(reader, row->id, MIN(LISTS_CONTENT_MAX_BYTES, left_bytes),
					&row->content, error))
			return false;
		left_bytes -= row->content ? strlen(row->content) : 0;
	}
	return true;
}

bool lists_read_notifications(const struct request *request, struct list_page *page, GError **error)
{
	const char *channel = query_text(request->query, "channel");
	const char *state = query_text(request->query, "state");
	int64_t before_id = 0;
	struct store_reader *reader = begin(request, CURSOR_LIST_NOTIFICATIONS, &before_id, error);
	bool ok = false;

	if (!reader)
		return false;
	page->rows = store_read_notifications(reader, channel, state, before_id,
					      (int)limit_of(request) + 1, error);
	if (page->rows && cut(request, page)) {
		const struct store_notification *last = page->rows->pdata[page->rows->len - 1];

		page->cursor = cursor_of_id(CURSOR_LIST_NOTIFICATIONS, last->id);
	}
	ok = page->rows && add_contents(reader, page->rows, error);
	app_reader_give(request->app, reader);
	return ok;
}

GPtrArray *lists_read_messages(const struct request *request, const struct store_incident *incident,
			       GError **error)
{
	struct store_reader *reader = app_reader_take(request->app, error);
	int64_t from_wall_ms = MIN(incident->opened_wall_ms, incident->detected_wall_ms);
	int64_t end_wall_ms = incident->ended_wall_ms > 0 ? incident->ended_wall_ms : clk_wall_ms();
	g_autoptr(GPtrArray) rows = NULL;
	bool ok = false;

	if (!reader)
		return NULL;
	rows = store_read_notifications_of_incident(
		reader, incident->id, from_wall_ms - MESSAGES_AROUND_MS,
		end_wall_ms + MESSAGES_AROUND_MS, LISTS_MESSAGES_MAX, error);
	ok = rows && add_contents(reader, rows, error);
	app_reader_give(request->app, reader);
	return ok ? g_steal_pointer(&rows) : NULL;
}

bool lists_read_silences(const struct request *request, struct list_page *page, GError **error)
{
	int64_t before_id = 0;
	struct store_reader *reader = begin(request, CURSOR_LIST_SILENCES, &before_id, error);

	if (!reader)
		return false;
	page->rows = store_read_silences(reader, query_flag(request->query, "all"), clk_wall_ms(),
					 before_id, (int)limit_of(request) + 1, error);
	app_reader_give(request->app, reader);
	if (page->rows && cut(request, page)) {
		const struct store_silence *last = page->rows->pdata[page->rows->len - 1];

		page->cursor = cursor_of_id(CURSOR_LIST_SILENCES, last->id);
	}
	return page->rows != NULL;
}

bool lists_silence_is_active(const struct store_silence *silence)
{
	return silence->ended_wall_ms == 0 && silence->until_wall_ms > clk_wall_ms();
}

const GPtrArray *lists_windows(const struct snapshot *snapshot)
{
	return snapshot ? snapshot->input.windows : NULL;
}
