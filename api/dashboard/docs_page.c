/* docs_page - GET /docs: the API for people. All routes as a list; scripts put the whole of openapi.json in
 * its place. */
#include "api/dashboard/pages.h"

#include <inttypes.h>

#include "api/dashboard/frame.h"
#include "api/dashboard/html.h"
#include "api/router.h"

static const struct {
	unsigned method;
	const char *name;
} methods[] = {{ROUTE_GET, "GET"}, {ROUTE_POST, "POST"}, {ROUTE_DELETE, "DELETE"}};

static const char *const needs[] = {
	[AUTH_NEED_NONE] = "none",
	[AUTH_NEED_READ] = "to read",
	[AUTH_NEED_WRITE] = "to change",
};

/* What it takes: "1 to 1000", "ok, pending, …". */
static void add_values(GString *to, const struct parameter *parameter)
{
	switch (parameter->type) {
	case PARAMETER_FLAG:
		g_string_append(to, " 1 or 0");
		break;
	case PARAMETER_NUMBER:
		html_add(to, " %" PRId64 " to %" PRId64, parameter->min, parameter->max);
		break;
	case PARAMETER_WORD:
		for (size_t i = 0; parameter->words[i]; i++)
			html_add(to, "%s%s", i ? ", " : " ", parameter->words[i]);
		break;
	case PARAMETER_NONE:
	case PARAMETER_TEXT:
		break;
	}
}

static void add_parameters(GString *to, const struct route *route)
{
	if (route->parameter_count == 0)
		return;
	g_string_append(to, "<ul class=\"members\">");
	for (size_t i = 0; i < route->parameter_count; i++) {
		html_add(to, "<li><code>%s</code><span class=\"muted\">",
			 route->parameters[i].name);
		add_values(to, &route->parameters[i]);
		g_string_append(to, route->parameters[i].repeatable ? " (repeatable)</span></li>"
								    : "</span></li>");
	}
	g_string_append(to, "</ul>");
}

static void add_fields(GString *to, const struct route *route)
{
	if (route->field_count == 0)
		return;
	g_string_append(to, "<p>Body:");
	for (size_t i = 0; i < route->field_count; i++)
		html_add(to, "%s <code>%s</code>%s", i ? "," : "", route->fields[i].name,
			 route->fields[i].required ? " (required)" : "");
	g_string_append(to, "</p>");
}

static void add_methods(GString *to, unsigned taken)
{
	for (size_t i = 0; i < G_N_ELEMENTS(methods); i++)
		if (taken & methods[i].method)
			html_add(to, "<span class=\"chip\">%s</span> ", methods[i].name);
}

/* A link only where opening it does nothing but show it. */
static void add_path(GString *to, const struct route *route)
{
	bool is_shown =
		route->parts == 0 && route->methods == ROUTE_GET && route->need != AUTH_NEED_WRITE;

	html_add(to, is_shown ? "<a class=\"mono\" href=\"%s\">" : "<span class=\"mono\">",
		 route->path);
	html_add(to, "%s", route->path);
	g_string_append(to, is_shown ? "</a>" : "</span>");
}

static void add_route(GString *to, const struct route *route)
{
	g_string_append(to, "<tr><td data-label=\"Method\">");
	add_methods(to, route->methods);
	g_string_append(to, "</td><th scope=\"row\" data-label=\"Path\">");
	add_path(to, route);
	html_add(to, "</th><td data-label=\"Answer\">%s", route->help);
	add_fields(to, route);
	add_parameters(to, route);
	html_add(to, "</td><td data-label=\"Credential\">%s</td></tr>\n", needs[route->need]);
}

static GString *make_main(void)
{
	size_t count = 0;
	const struct route *routes = router_routes(&count);
	GString *to = g_string_new(
		"<h1>API</h1>\n"
		"<p>Every page but this one and the overview is also an answer for programs, at "
		"the "
		"same address: JSON, or with <code>format=text</code> a table for a terminal. "
		"Errors are problem details "
		"(RFC 9457). All of it is described in <a href=\"/openapi.json\">openapi.json</a> "
		"(OpenAPI 3.1); <a href=\"/events\">/events</a> tells what happens as it "
		"happens.</p>\n"
		"<div id=\"api\" data-keep>\n"
		"<table class=\"table\"><caption class=\"visually-hidden\">All routes</caption>"
		"<thead><tr><th scope=\"col\">Method</th><th scope=\"col\">Path</th>"
		"<th scope=\"col\">Answer</th><th scope=\"col\">Credential</th></tr></thead>\n"
		"<tbody>\n");

	for (size_t i = 0; i < count; i++)
		add_route(to, &routes[i]);
	g_string_append(to, "</tbody></table>\n</div>\n");
	return to;
}

bool page_docs(const struct request *request, struct response *response, GError **error)
{
	struct snapshot *snapshot = app_snapshot(request->app); /* NULL is fine: not needed here */
	struct frame frame = {
		.title = "API",
		.section = "/docs",
		.snapshot = snapshot,
		.status = 200,
		.main = make_main(),
	};

	(void)error; /* nothing in it can fail */
	frame_respond(request, &frame, response);
	snapshot_unref(snapshot);
	return true;
}
