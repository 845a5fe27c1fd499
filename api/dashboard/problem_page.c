/* problem_page - what went wrong, as a page: for browsers, whatever they asked for. Programs get
 * problem+json. */
#include "api/dashboard/pages.h"

#include <string.h>

#include "api/auth.h"
#include "api/dashboard/frame.h"
#include "api/dashboard/html.h"
#include "json.h"

/* The page has the state of everything around it: only for whoever may see that. */
static bool may_see_state(const struct request *request)
{
	struct auth_refusal refusal = {0};

	return auth_allows_host(request->rules, request) &&
	       auth_check(request->rules, request, AUTH_NEED_READ, &refusal) == AUTH_ANSWER_YES;
}

static const char *next_step(int status)
{
	switch (status) {
	case 401:
		return "Load the page again to be asked for the token: it is the password, the "
		       "user name does not matter.";
	case 503:
		return "This page tries again by itself.";
	default:
		return NULL;
	}
}

static void add_allowed(GString *to, json_object *allowed)
{
	size_t count = allowed ? json_object_array_length(allowed) : 0;

	if (count == 0)
		return;
	g_string_append(to, "<p>Possible here:</p><ul>");
	for (size_t i = 0; i < count; i++) {
		const char *value = json_object_get_string(json_object_array_get_idx(allowed, i));

		g_string_append(to, "<li>");
		html_text(to, value);
		g_string_append(to, "</li>");
	}
	g_string_append(to, "</ul>");
}

static GString *problem_main(json_object *problem, int status)
{
	const char *title = json_member_text(problem, "title", "");
	const char *next = next_step(status);
	GString *to = g_string_new("<section class=\"card problem\">");

	html_add(to, "<h1>%s</h1><p>", title);
	html_text(to, json_member_text(problem, "detail", ""));
	g_string_append(to, "</p>");
	add_allowed(to, json_member_array(problem, "allowed"));
	if (next)
		html_add(to, "<p>%s</p>", next);
	html_add(to, "<p class=\"muted\">HTTP %d</p>", status);
	if (status != 401 && status != 403 && status != 421)
		g_string_append(to, "<p><a href=\"/\">To the overview</a></p>");
	g_string_append(to, "</section>");
	return to;
}

void page_problem(const struct request *request, struct response *response)
{
	json_object *problem = json_parse(response->bytes, response->length, NULL);
	struct frame frame = {.status = response->status, .hides_state = !may_see_state(request)};

	if (!problem)
		return; /* it stays as it is */
	frame.title = json_member_text(problem, "title", "");
	frame.snapshot = frame.hides_state ? NULL : app_snapshot(request->app);
	frame.main = problem_main(problem, response->status);
	frame_respond(request, &frame, response);
	snapshot_unref(frame.snapshot);
	json_object_put(problem);
}
