/* handle_incident - GET /incidents, /incidents/{n}, POST /incidents/{n}/ack and
 * /incidents/{n}/false-alarm. DESIGN 9 and 11. */
#include "api/handlers.h"

#include "api/incident_view.h"
#include "api/lists.h"
#include "api/problem.h"
#include "drift_error.h"

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

static json_object *page_json(const struct list_page *page)
{
	json_object *object = json_object_new_object();
	json_object *items = json_object_new_array();

	for (guint i = 0; i < page->rows->len; i++)
		json_append(items, incident_view_json(page->rows->pdata[i]));
	json_add(object, "items", items);
	json_add_text(object, "next_cursor", page->cursor);
	return object;
}

bool handle_incidents(const struct request *request, struct response *response, GError **error)
{
	struct list_page page = {0};
	bool ok = lists_read_incidents(request, &page, error);

	if (ok && request->wants_text) {
		g_autofree char *table = incident_view_table(page.rows);

		response_set(response, 200, response_text, handle_with_more(table, page.cursor));
	} else if (ok) {
		handle_set_json(response, 200, page_json(&page));
	}
	list_page_done(&page);
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
