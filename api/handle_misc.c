/* handle_misc - GET /metrics, /healthz, /readyz, /version, /openapi.json and /. */
#include "api/handlers.h"

#include "api/metrics.h"
#include "api/openapi.h"
#include "drift_error.h"
#include "version.h"

bool handle_metrics(const struct request *request, struct response *response, GError **error)
{
	struct snapshot *snapshot = app_snapshot(request->app);
	g_autofree char *process = metrics_render_process(request->app);

	(void)error; /* nothing in it can fail */
	response_set(response, 200, response_metrics,
		     g_strconcat(process, snapshot ? snapshot->metrics.bytes : "", NULL));
	snapshot_unref(snapshot);
	return true;
}

static void set_word(struct response *response, const char *word)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "status", word);
	handle_set_json(response, 200, object);
}

bool handle_healthz(const struct request *request, struct response *response, GError **error)
{
	(void)request; /* that it was answered is the answer */
	(void)error;
	set_word(response, "ok");
	return true;
}

bool handle_readyz(const struct request *request, struct response *response, GError **error)
{
	struct snapshot *snapshot = app_snapshot(request->app);
	bool ready = snapshot && snapshot->input.ready;

	snapshot_unref(snapshot);
	if (ready)
		set_word(response, "ready");
	else
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_UNAVAILABLE,
			    "not ready: the first check is not done, or the database cannot be "
			    "written; see the log and GET /status");
	return ready;
}

bool handle_version(const struct request *request, struct response *response, GError **error)
{
	json_object *object = json_object_new_object();

	(void)request; /* always the same */
	(void)error;
	json_add_text(object, "name", "driftd");
	json_add_text(object, "version", version_number);
	json_add_text(object, "commit", *version_commit ? version_commit : NULL);
	json_add_bool(object, "dirty", version_dirty);
	handle_set_json(response, 200, object);
	return true;
}

bool handle_openapi(const struct request *request, struct response *response, GError **error)
{
	(void)request; /* always the same */
	(void)error;
	response_set(response, 200, response_json, g_strndup(openapi_json, openapi_json_bytes));
	return true;
}

static const char *methods_text(unsigned methods)
{
	if (methods & ROUTE_GET)
		return methods & ROUTE_POST ? "GET POST" : "GET";
	return methods & ROUTE_POST ? "POST" : "DELETE";
}

char *handle_with_more(const char *text, const char *cursor)
{
	if (!cursor)
		return g_strdup(text);
	return g_strdup_printf("%s\nmore: the same with cursor=%s\n", text, cursor);
}

bool handle_index(const struct request *request, struct response *response, GError **error)
{
	size_t count = 0;
	const struct route *routes = router_routes(&count);
	GString *to = g_string_new("driftd: is what runs what was committed?\n\n");

	(void)request; /* always the same */
	(void)error;
	for (size_t i = 0; i < count; i++)
		g_string_append_printf(to, "%-9s %-27s %s\n", methods_text(routes[i].methods),
				       routes[i].path, routes[i].help);
	g_string_append(to, "\nTables for people: format=text, or Accept: text/plain.\n");
	response_set(response, 200, response_text, g_string_free(to, FALSE));
	return true;
}
