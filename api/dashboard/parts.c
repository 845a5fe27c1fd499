/* parts - see parts.h */
#include "api/dashboard/parts.h"

#include <inttypes.h>
#include <string.h>

#include "alert/incident.h"
#include "api/dashboard/html.h"
#include "json.h"

/** Incidents named in one line; more are counted. */
#define LINKS_MAX 20

/* One more parameter; @p separator is '?' before the first. */
static void add_parameter(GString *to, char *separator, const char *name, const char *value)
{
	g_autofree char *escaped = g_uri_escape_string(value, "/", FALSE);

	if (*separator == '&')
		g_string_append(to, "&amp;");
	else
		g_string_append_c(to, *separator);
	g_string_append_printf(to, "%s=%s", name,
			       escaped); /* our own name; nothing left to escape */
	*separator = '&';
}

static bool is_kept(const char *name, const char *changed)
{
	return strcmp(name, changed) != 0 && strcmp(name, "cursor") != 0 &&
	       strcmp(name, "format") != 0;
}

void parts_address(GString *to, const struct request *request, const char *name, const char *value)
{
	char separator = '?';

	html_attribute(to, request->path);
	for (size_t i = 0; i < request->query->count; i++) {
		const struct query_pair *pair = &request->query->pairs[i];

		if (is_kept(pair->name, name))
			add_parameter(to, &separator, pair->name, pair->value);
	}
	if (value)
		add_parameter(to, &separator, name, value);
}

void parts_chip(GString *to, const struct request *request, const char *name, const char *value,
		const char *label)
{
	bool is_on = value ? query_text(request->query, name) &&
				     query_allows(request->query, name, value)
			   : !query_text(request->query, name);

	g_string_append(to, "<a class=\"chip\" href=\"");
	parts_address(to, request, name, value);
	g_string_append(to, is_on ? "\" aria-current=\"true\">" : "\">");
	html_text(to, label);
	g_string_append(to, "</a>\n");
}

void parts_pager(GString *to, const struct request *request, const char *cursor)
{
	bool is_first = !query_text(request->query, "cursor");

	if (is_first && !cursor)
		return;
	g_string_append(to, "<nav class=\"pager\" aria-label=\"Pages\">\n");
	if (!is_first) {
		g_string_append(to, "<a class=\"button\" rel=\"first\" href=\"");
		parts_address(to, request, "cursor", NULL);
		g_string_append(to, "\">Newest</a>\n");
	}
	if (cursor) {
		g_string_append(to, "<a class=\"button\" rel=\"next\" href=\"");
		parts_address(to, request, "cursor", cursor);
		g_string_append(to, "\">Older</a>\n");
	}
	g_string_append(to, "</nav>\n");
}

/* Words of ours, which are class names too. */
static const char *const words[] = {"open",  "acknowledged", "resolved", "withdrawn",
				    "sent",  "failed",       "waiting",  "active",
				    "ended", "past",         "upcoming", NULL};

void parts_word(GString *to, const char *word)
{
	if (g_strv_contains(words, word))
		html_add(to, "<span class=\"word word-%s\">%s</span>", word, word);
	else
		html_text(to, word);
}

void parts_fact(GString *to, const char *term, const char *text)
{
	if (!text)
		return;
	html_add(to, "<div><dt>%s</dt><dd>", term);
	html_text(to, text);
	g_string_append(to, "</dd></div>\n");
}

void parts_fact_time(GString *to, const char *term, int64_t wall_ms, int64_t now_wall_ms)
{
	if (wall_ms <= 0)
		return;
	html_add(to, "<div><dt>%s</dt><dd>", term);
	html_time(to, wall_ms, now_wall_ms);
	g_string_append(to, " <span class=\"muted\">");
	html_instant(to, wall_ms);
	g_string_append(to, "</span></dd></div>\n");
}

void parts_cell(GString *to, const char *label)
{
	html_add(to, "<td data-label=\"%s\"><div>", label);
}

void parts_cell_end(GString *to)
{
	g_string_append(to, "</div></td>");
}

void parts_incident_links(GString *to, const char *ids)
{
	json_object *array = json_parse_array(ids);
	size_t count = json_object_array_length(array);

	for (size_t i = 0; i < count && i < LINKS_MAX; i++) {
		int64_t id = json_object_get_int64(json_object_array_get_idx(array, i));

		if (id > 0)
			html_add(to, "%s<a href=\"/incidents/%" PRId64 "\">%" PRId64 "</a>",
				 i > 0 ? ", " : "", id, id);
	}
	if (count > LINKS_MAX)
		html_add(to, " and %" PRId64 " more", (int64_t)(count - LINKS_MAX));
	if (count == 0)
		html_text(to, NULL);
	json_object_put(array);
}

void parts_who(GString *to, const char *id)
{
	html_add(to,
		 "<label for=\"%s-who\">Your name</label>\n"
		 "<input id=\"%s-who\" name=\"who\" required maxlength=\"%d\" "
		 "autocomplete=\"name\">\n",
		 id, id, INCIDENT_WHO_MAX_BYTES);
}

void parts_why(GString *to, const char *id, const char *label, bool is_required)
{
	html_add(to,
		 "<label for=\"%s-why\">%s</label>\n"
		 "<input id=\"%s-why\" name=\"why\"%s maxlength=\"%d\">\n",
		 id, label, id, is_required ? " required" : "", INCIDENT_WHY_MAX_BYTES);
}

void parts_duration(GString *to, const char *id)
{
	static const struct {
		const char *value, *label;
	} choices[] = {{"1h", "an hour"}, {"4h", "4 hours"}, {"12h", "12 hours"}, {"1d", "a day"},
		       {"3d", "3 days"},  {"7d", "a week"},  {"30d", "30 days"}};

	html_add(to,
		 "<label for=\"%s-for\">For</label>\n"
		 "<select id=\"%s-for\" name=\"for\" data-duration>\n",
		 id, id);
	for (size_t i = 0; i < G_N_ELEMENTS(choices); i++)
		html_add(to, "<option value=\"%s\"%s>%s</option>\n", choices[i].value,
			 i == 1 ? " selected" : "", choices[i].label);
	g_string_append(to, "</select>\n");
}

void parts_submit(GString *to, const char *label, bool is_primary)
{
	html_add(to,
		 "<button class=\"button%s\">%s</button>\n<p class=\"form-error\" "
		 "role=\"alert\"></p>\n",
		 is_primary ? " button-primary" : "", label);
}

static void add_acknowledge(GString *to, const struct store_incident *incident)
{
	g_autofree char *id = g_strdup_printf("ack-%" PRId64, incident->id);

	html_add(to,
		 "<form class=\"form js-only\" data-json=\"POST /incidents/%" PRId64 "/ack\">\n",
		 incident->id);
	g_string_append(to, "<h3>Take it up</h3>\n");
	parts_who(to, id);
	parts_why(to, id, "What you do about it", false);
	parts_submit(to, "Acknowledge", true);
	g_string_append(to, "</form>\n");
}

static void add_silence(GString *to, const struct store_incident *incident)
{
	g_autofree char *id = g_strdup_printf("silence-%" PRId64, incident->id);

	g_string_append(to, "<form class=\"form js-only\" data-json=\"POST /silences\">\n"
			    "<h3>Silence its target</h3>\n"
			    "<input type=\"hidden\" name=\"matcher\" value=\"");
	html_attribute(to, incident->target);
	g_string_append(to, "\">\n");
	parts_duration(to, id);
	parts_who(to, id);
	parts_why(to, id, "Why", true);
	parts_submit(to, "Silence", false);
	g_string_append(to, "</form>\n");
}

/* Without a field it is marked; unmarked by one that is off. */
static void add_false_alarm(GString *to, const struct store_incident *incident)
{
	html_add(to,
		 "<form class=\"form js-only\" data-json=\"POST /incidents/%" PRId64
		 "/false-alarm\">\n<h3>%s</h3>\n",
		 incident->id, incident->false_alarm ? "It was none" : "Nothing was wrong");
	if (incident->false_alarm)
		g_string_append(to, "<input type=\"checkbox\" name=\"false_alarm\" "
				    "data-type=\"flag\" hidden aria-label=\"false alarm\">\n");
	parts_submit(to, incident->false_alarm ? "Not a false alarm" : "Mark as false alarm",
		     false);
	g_string_append(to, "</form>\n");
}

void parts_respond(GString *to, const struct store_incident *incident)
{
	g_string_append(to, "<div class=\"forms\">\n");
	if (incident->ended_wall_ms == 0) {
		add_acknowledge(to, incident);
		add_silence(to, incident);
	}
	add_false_alarm(to, incident);
	g_string_append(to, "</div>\n");
}
