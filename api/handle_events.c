/* handle_events - GET /events: what happens, as it happens (server-sent events). */
#include "api/handlers.h"

#include "api/events.h"
#include "drift_error.h"

/* The id of the last transition the other end has heard of; -1: it asks for none. */
static bool parse_last_id(const char *text, int64_t *ret_id, GError **error)
{
	guint64 id = 0;

	if (!text) {
		*ret_id = -1;
		return true;
	}
	if (!g_ascii_string_to_unsigned(text, 10, 0, INT64_MAX, &id, NULL)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "Last-Event-ID: %s: give the id of an event of this stream, or leave "
			    "the header out",
			    text);
		return false;
	}
	*ret_id = (int64_t)id; /* at most INT64_MAX */
	return true;
}

bool handle_events(const struct request *request, struct response *response, GError **error)
{
	int64_t after_id = -1;

	if (!parse_last_id(request->headers.last_event_id, &after_id, error))
		return false;
	if (request->method != REQUEST_METHOD_HEAD) {
		/* one that is late is replaced: nobody is greeted with a state that has expired */
		snapshot_unref(app_snapshot(request->app));
		response->events = events_reader_create(app_events(request->app), request->app,
							after_id, error);
		if (!response->events)
			return false;
	}
	response->status = 200;
	response->content_type = response_events;
	response->no_store = true;
	return true;
}
