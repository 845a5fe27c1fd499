/* handle_badge - GET /badge.svg and /badge/{kind}/{name}.svg. DESIGN 9. */
#include "api/handlers.h"

#include "api/badge.h"
#include "drift_error.h"

static void answer(const struct request *request, const struct badge *badge,
		   struct response *response)
{
	const char *label = query_text(request->query, "label");
	struct badge shown = *badge;

	if (label)
		shown.label = label;
	response_set(response, 200, response_svg, badge_svg(&shown));
	response->cross_origin = true;
}

bool handle_badge(const struct request *request, struct response *response, GError **error)
{
	g_autofree char *id = g_strconcat(request->parts[0], "/", request->parts[1], NULL);
	struct snapshot *snapshot = handle_snapshot(request, error);
	const struct verdict *verdict = NULL;
	g_autofree char *message = NULL;

	if (!snapshot)
		return false;
	verdict = snapshot_find(snapshot, id);
	if (verdict) {
		message = badge_message(verdict);
		answer(request, &(struct badge){verdict->name, message, verdict->state}, response);
	} else {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "there is no target %s: GET /status lists all", id);
	}
	snapshot_unref(snapshot);
	return verdict != NULL;
}

bool handle_badge_overall(const struct request *request, struct response *response, GError **error)
{
	struct snapshot *snapshot = handle_snapshot(request, error);
	g_autofree char *message = NULL;

	if (!snapshot)
		return false;
	message = badge_message_overall(&snapshot->tally);
	answer(request, &(struct badge){"driftd", message, snapshot->tally.overall}, response);
	snapshot_unref(snapshot);
	return true;
}
