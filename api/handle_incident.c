/* handle_incident - GET /incidents, /incidents/{n}, POST /incidents/{n}/ack and
 * /incidents/{n}/false-alarm. DESIGN 9 and 11. */
#include "api/handlers.h"

#include <inttypes.h>
#include <string.h>

#include "alert/incident.h"
#include "api/cursor.h"
#include "api/incident_view.h"
#include "api/problem.h"
#include "drift_error.h"

#define PAGE_DEFAULT 100

/** How long a command may take before its sender is told that nobody knows: a running cycle does
 * not stand in its way. */
#define COMMAND_WAIT_MS (30 * MS_PER_S)

bool handle_parse_id(const char *text, const char *what, int64_t *ret_id, GError **error)
{
	gint64 id = 0;

	if (g_ascii_isdigit(*text) &&
	    g_ascii_string_to_signed(text, 10, 1, G_MAXINT64, &id, NULL)) {
		*ret_id = id;
		return true;
	}
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND, "%s has a number; \"%s\" is none",
		    what, text);
	return false;
}

void handle_await_command(struct response *response, struct app_command *command)
{
	response->wait = (struct response_wait){
		.wanted = true,
		.wait_ms = COMMAND_WAIT_MS,
		.command = command,
	};
}

void handle_command_error(const GError *error, enum problem invalid, struct response *response)
{
	if (g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_INVALID))
		problem_set(response, invalid, "%s", error->message);
	else if (g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_TIMEOUT))
		problem_set(response, PROBLEM_TIMEOUT,
			    "%s; it may still be done: look before you ask again", error->message);
	else
		problem_set_error(response, error);
}

/* One page of what was asked for. */
struct page {
	GPtrArray *rows;     /* struct store_incident * */
	int64_t next_before; /* 0: nothing follows */
};

/* One more than the limit was asked for: if it came, there is a next page, below the last shown. */
static void cut(struct page *page, guint limit)
{
	if (page->rows->len <= limit)
		return;
	g_ptr_array_set_size(page->rows, (gint)limit); /* at most 1000 */
	page->next_before = ((const struct store_incident *)page->rows->pdata[limit - 1])->id;
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

static bool read_page(const struct request *request, struct page *page, GError **error)
{
	const char *cursor = query_text(request->query, "cursor");
	guint limit = (guint)query_number(request->query, "limit", PAGE_DEFAULT); /* 1..1000 */
	struct store_incident_filter filter = {
		.target = query_text(request->query, "target"),
	};
	struct store_reader *reader = NULL;
	int64_t before_id = 0;
	bool ok = false;

	take_statuses(request->query, &filter);
	if (cursor && !cursor_parse_id(cursor, CURSOR_LIST_INCIDENTS, &before_id, error))
		return false;
	reader = app_reader_take(request->app, error);
	if (!reader)
		return false;
	page->rows = store_read_incidents(reader, &filter, before_id, (int)limit + 1, error);
	ok = page->rows && (page->rows->len > 0 || !filter.target ||
			    check_target(request, reader, filter.target, error));
	app_reader_give(request->app, reader);
	if (ok)
		cut(page, limit);
	return ok;
}

static char *next_cursor(const struct page *page)
{
	return page->next_before > 0 ? cursor_of_id(CURSOR_LIST_INCIDENTS, page->next_before)
				     : NULL;
}

static json_object *page_json(const struct page *page)
{
	g_autofree char *cursor = next_cursor(page);
	json_object *object = json_object_new_object();
	json_object *items = json_object_new_array();

	for (guint i = 0; i < page->rows->len; i++)
		json_append(items, incident_view_json(page->rows->pdata[i]));
	json_add(object, "items", items);
	json_add_text(object, "next_cursor", cursor);
	return object;
}

bool handle_incidents(const struct request *request, struct response *response, GError **error)
{
	struct page page = {0};
	bool ok = read_page(request, &page, error);

	if (ok && request->wants_text) {
		g_autofree char *table = incident_view_table(page.rows);
		g_autofree char *cursor = next_cursor(&page);

		response_set(response, 200, response_text, handle_with_more(table, cursor));
	} else if (ok) {
		handle_set_json(response, 200, page_json(&page));
	}
	if (page.rows)
		g_ptr_array_unref(page.rows);
	return ok;
}

struct store_incident *handle_read_incident(const struct request *request, int64_t id,
					    GError **error)
{
	struct store_reader *reader = app_reader_take(request->app, error);
	struct store_incident *incident = NULL;

	if (!reader)
		return NULL;
	incident = store_read_incident(reader, id, error);
	app_reader_give(request->app, reader);
	return incident;
}

static bool answer_incident(const struct request *request, int64_t id, struct response *response,
			    GError **error)
{
	struct store_incident *incident = handle_read_incident(request, id, error);

	if (!incident)
		return false;
	if (request->wants_text)
		response_set(response, 200, response_text, incident_view_text(incident));
	else
		handle_set_json(response, 200, incident_view_json(incident));
	store_incident_free(incident);
	return true;
}

bool handle_incident(const struct request *request, struct response *response, GError **error)
{
	int64_t id = 0;

	return handle_parse_id(request->parts[0], "an incident", &id, error) &&
	       answer_incident(request, id, response, error);
}

bool handle_incident_ack(const struct request *request, struct response *response, GError **error)
{
	struct app_command *command = NULL;
	int64_t id = 0;

	if (!handle_parse_id(request->parts[0], "an incident", &id, error))
		return false;
	command = app_command_create(APP_COMMAND_ACKNOWLEDGE);
	command->id = id;
	command->who = g_strdup(body_text(&request->values, "who"));
	command->why = g_strdup(body_text(&request->values, "why"));
	handle_await_command(response, command);
	return true;
}

bool handle_incident_false_alarm(const struct request *request, struct response *response,
				 GError **error)
{
	struct app_command *command = NULL;
	int64_t id = 0;

	if (!handle_parse_id(request->parts[0], "an incident", &id, error))
		return false;
	command = app_command_create(APP_COMMAND_FALSE_ALARM);
	command->id = id;
	command->on = body_flag(&request->values, "false_alarm", true);
	handle_await_command(response, command);
	return true;
}

bool handle_incident_changed(const struct request *request, const struct router_outcome *outcome,
			     struct response *response, GError **error)
{
	int64_t id = 0;

	if (outcome->command_error) {
		handle_command_error(outcome->command_error, PROBLEM_CONFLICT, response);
		return true;
	}
	if (!handle_parse_id(request->parts[0], "an incident", &id, error))
		return false;
	if (answer_incident(request, id, response, error))
		return true;
	g_prefix_error(error, "it is done, but cannot be shown: ");
	return false;
}
