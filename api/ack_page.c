/* ack_page - see ack_page.h */
#include "api/ack_page.h"

#include <inttypes.h>

#include "alert/incident.h"
#include "text.h"
#include "timefmt.h"

#define STYLE                                                                                      \
	":root{color-scheme:light dark}"                                                           \
	"body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:2em auto;padding:0 1em}"    \
	"dt{font-weight:bold}dd{margin:0 0 .5em}label{display:block;margin:.5em 0}"                \
	"input{font:inherit;width:100%;box-sizing:border-box}button{font:inherit;padding:.3em "    \
	"1em}"

const char ack_page_style[] = STYLE;
const char ack_page_policy[] =
	"default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
	"style-src 'sha256-9xbCxbBYXeyIjZpEx9/TwAvaDANPyW4eIH/nWl1db8Q='";

/* Control characters and those that turn the direction of writing are made visible before. */
static void append_escaped(GString *to, const char *text)
{
	g_autofree char *shown = text_escape_terminal(text);
	g_autofree char *escaped = g_markup_escape_text(shown, -1);

	g_string_append(to, escaped);
}

static void append_item(GString *to, const char *label, const char *text)
{
	if (!text)
		return;
	g_string_append_printf(to, "<dt>%s</dt><dd>", label);
	append_escaped(to, text);
	g_string_append(to, "</dd>\n");
}

static void append_time(GString *to, const char *label, int64_t wall_ms)
{
	char at[TIMEFMT_BYTES];

	if (wall_ms > 0)
		append_item(to, label, timefmt_utc(wall_ms, at));
}

static void append_incident(GString *to, const struct store_incident *incident)
{
	g_string_append(to, "<dl>\n");
	append_item(to, "Target", incident->target);
	append_item(to, "Priority", incident->priority);
	append_item(to, "Status", incident->status);
	append_item(to, "Summary", incident->summary);
	append_time(to, "Since", incident->opened_wall_ms);
	append_time(to, "Acknowledged", incident->acknowledged_wall_ms);
	append_item(to, "By", incident->acknowledged_by);
	append_item(to, "Why", incident->why);
	g_string_append(to, "</dl>\n");
}

static void append_form(GString *to, const struct ack_page *page)
{
	g_string_append(to, "<form method=\"post\"");
	if (page->action) {
		g_string_append(to, " action=\"");
		append_escaped(to, page->action);
		g_string_append_c(to, '"');
	}
	g_string_append_printf(to,
			       ">\n<label>Your name <input name=\"who\" required maxlength=\"%d\" "
			       "autocomplete=\"name\"></label>\n"
			       "<label>Why, or what you do about it <input name=\"why\" "
			       "maxlength=\"%d\"></label>\n",
			       INCIDENT_WHO_MAX_BYTES, INCIDENT_WHY_MAX_BYTES);
	if (page->asks_token)
		g_string_append(to, "<label>Token <input name=\"token\" type=\"password\" required "
				    "autocomplete=\"current-password\"></label>\n");
	g_string_append(to, "<button>Acknowledge</button>\n</form>\n");
}

char *ack_page_html(const struct ack_page *page)
{
	GString *to = g_string_new(
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\">\n"
		"<meta name=\"robots\" content=\"noindex\">\n");

	g_string_append_printf(to,
			       "<title>Incident %" PRId64 "</title>\n<style>%s</style>\n</head>\n"
			       "<body>\n<main>\n<h1>Incident %" PRId64 "</h1>\n",
			       page->id, ack_page_style, page->id);
	if (page->message) {
		g_string_append(to, "<p>");
		append_escaped(to, page->message);
		g_string_append(to, "</p>\n");
	}
	if (page->incident)
		append_incident(to, page->incident);
	if (page->has_form)
		append_form(to, page);
	g_string_append(to, "</main>\n</body>\n</html>\n");
	return g_string_free(to, FALSE);
}
