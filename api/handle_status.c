/* handle_status - GET /status, /drift, /drift/{kind}/{name} and /drift/{name}. */
#include "api/handlers.h"

#include "api/render.h"
#include "api/select.h"
#include "drift_error.h"

struct snapshot *handle_snapshot(const struct request *request, GError **error)
{
	struct snapshot *snapshot = app_snapshot(request->app);

	if (!snapshot)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_UNAVAILABLE,
			    "nothing has been checked yet: ask again in a moment");
	return snapshot;
}

void handle_set_json(struct response *response, int status, json_object *object)
{
	g_autofree char *text = json_to_text(object, NULL);

	json_object_put(object);
	response_set(response, status, response_json, g_strconcat(text, "\n", NULL));
}

bool handle_status(const struct request *request, struct response *response, GError **error)
{
	struct snapshot *snapshot = handle_snapshot(request, error);

	if (!snapshot)
		return false;
	response_set_body(response, snapshot,
			  request->wants_text ? &snapshot->status_text : &snapshot->status_json);
	return true;
}

/* Nothing but the form is asked: what every dashboard polls. */
static bool is_default(const struct request *request)
{
	return request->query->count == 0 ||
	       (request->query->count == 1 && query_text(request->query, "format"));
}

static bool answer_page(const struct request *request, const struct snapshot *snapshot,
			struct response *response, GError **error)
{
	struct select_page page = {0};
	struct render_page shown = {0};

	if (!select_drift(snapshot, request->query, &page, error))
		return false;
	shown = (struct render_page){page.items, page.selected, page.next_cursor};
	if (request->wants_text)
		response_set(response, 200, response_text, render_drift_text(snapshot, &shown));
	else
		response_set(response, 200, response_json, render_drift_json(snapshot, &shown));
	response->etag = render_drift_etag(snapshot, &shown, request->wants_text);
	select_page_done(&page);
	return true;
}

bool handle_drift(const struct request *request, struct response *response, GError **error)
{
	struct snapshot *snapshot = handle_snapshot(request, error);
	bool ok = false;

	if (!snapshot)
		return false;
	if (is_default(request)) {
		response_set_body(response, snapshot,
				  request->wants_text ? &snapshot->drift_text
						      : &snapshot->drift_json);
		return true;
	}
	ok = answer_page(request, snapshot, response, error);
	snapshot_unref(snapshot);
	return ok;
}

static void answer_target(const struct request *request, const struct snapshot *snapshot,
			  const struct verdict *verdict, struct response *response)
{
	if (request->wants_text)
		response_set(response, 200, response_text, render_target_text(snapshot, verdict));
	else
		response_set(response, 200, response_json, render_target_json(snapshot, verdict));
	response->etag = render_target_etag(snapshot, verdict, request->wants_text);
}

bool handle_target(const struct request *request, struct response *response, GError **error)
{
	g_autofree char *id = g_strconcat(request->parts[0], "/", request->parts[1], NULL);
	struct snapshot *snapshot = handle_snapshot(request, error);
	const struct verdict *verdict = NULL;

	if (!snapshot)
		return false;
	verdict = snapshot_find(snapshot, id);
	if (verdict)
		answer_target(request, snapshot, verdict, response);
	else
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "there is no target %s: GET /status lists all", id);
	snapshot_unref(snapshot);
	return verdict != NULL;
}

bool handle_target_name(const struct request *request, struct response *response, GError **error)
{
	struct snapshot *snapshot = handle_snapshot(request, error);
	const struct verdict *verdict = NULL;

	if (!snapshot)
		return false;
	verdict = snapshot_find_name(snapshot, request->parts[0], error);
	if (verdict)
		answer_target(request, snapshot, verdict, response);
	snapshot_unref(snapshot);
	return verdict != NULL;
}
