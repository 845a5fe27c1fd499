/* target_page_head - what a target is, how it is, and why. */
#include "api/dashboard/target_page.h"

#include <string.h>

#include "api/dashboard/html.h"

void target_page_open(GString *to, const char *id, const char *heading)
{
	html_add(to, "<section class=\"card\" aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2>\n", id,
		 id, heading);
}

void target_page_close(GString *to)
{
	g_string_append(to, "</section>\n");
}

static bool is_number(const char *title)
{
	return title[0] == '#';
}

void target_page_open_table(GString *to, const char *caption, const char *const *titles)
{
	html_add(
		to,
		"<table class=\"table\"><caption class=\"visually-hidden\">%s</caption><thead><tr>",
		caption);
	for (size_t i = 0; titles[i]; i++)
		html_add(to, "<th scope=\"col\"%s>%s</th>",
			 is_number(titles[i]) ? " class=num" : "",
			 titles[i] + (is_number(titles[i]) ? 1 : 0));
	g_string_append(to, "</tr></thead><tbody>\n");
}

void target_page_close_table(GString *to)
{
	g_string_append(to, "</tbody></table>\n");
}

void target_page_cell(GString *to, const char *title)
{
	html_add(to, "<td data-label=\"%s\"%s>", title + (is_number(title) ? 1 : 0),
		 is_number(title) ? " class=num" : "");
}

static void add_crumbs(GString *to, const struct verdict *verdict)
{
	html_add(to,
		 "<nav class=\"crumbs\" aria-label=\"Where this is\"><a href=\"/\">All targets</a> "
		 "<span aria-hidden=\"true\">/</span> <a href=\"/?kind=%s\">%s</a></nav>\n",
		 verdict->kind, verdict->kind);
}

static void add_chips(GString *to, const struct verdict *verdict)
{
	html_priority(to, verdict->priority);
	if (verdict->relation != RELATION_NONE)
		html_add(to, " <span class=\"chip\">%s</span>", relation_text(verdict->relation));
	if (verdict->owner) {
		g_autofree char *value = g_uri_escape_string(verdict->owner, NULL, FALSE);

		html_add(to, " <a class=\"chip\" href=\"/?owner=%s\">owner ", value);
		html_text(to, verdict->owner);
		g_string_append(to, "</a>");
	}
}

static void add_fact(GString *to, const char *term, int64_t wall_ms, int64_t now_wall_ms)
{
	html_add(to, "<div><dt>%s</dt><dd>", term);
	html_time(to, wall_ms, now_wall_ms);
	g_string_append(to, "</dd></div>");
}

static void add_times(GString *to, const struct target_page *page)
{
	const struct verdict *verdict = page->verdict;
	int64_t now = page->now_wall_ms;

	g_string_append(to, "<dl class=\"facts\">");
	add_fact(to, "In this state since", verdict->since_wall_ms, now);
	add_fact(to, "Last looked at", verdict->observed_wall_ms, now);
	add_fact(to, "Verdict expires", verdict->expires_wall_ms, now);
	add_fact(to, "Looked at next", snapshot_next_look(page->snapshot, verdict), now);
	g_string_append(to, "</dl>\n");
}

/* What the clock alone will do to it. */
static void add_change(GString *to, const struct target_page *page)
{
	const struct verdict *verdict = page->verdict;

	if (verdict->next_change_wall_ms <= page->now_wall_ms)
		return;
	g_string_append(to, "<p class=\"muted\">If nothing else happens, time alone changes this ");
	html_time(to, verdict->next_change_wall_ms, page->now_wall_ms);
	g_string_append(to, ".</p>\n");
}

static void add_incident(GString *to, const struct target_page *page)
{
	const struct incident *incident = snapshot_find_incident(page->snapshot, page->verdict->id);

	if (!incident)
		return;
	html_add(to,
		 "<p class=\"target-incident\"><svg class=\"icon\" aria-hidden=\"true\"><use "
		 "href=\"#i-incident\"/></svg> <a href=\"/incidents/%" PRId64 "\">Incident %" PRId64
		 "</a> (%s) since ",
		 incident->id, incident->id, incident_status_text(incident->status));
	html_time(to, incident->opened_wall_ms, page->now_wall_ms);
	if (incident->acknowledged_by) {
		g_string_append(to, ", taken up by ");
		html_text(to, incident->acknowledged_by);
	}
	if (incident->held_by) {
		g_string_append(to, "; nobody is told: ");
		html_text(to, incident->held_by);
	}
	g_string_append(to, "</p>\n");
}

static void add_notes(GString *to, const struct verdict *verdict)
{
	if (verdict->description) {
		g_string_append(to, "<p class=\"bounded\">");
		html_text(to, verdict->description);
		g_string_append(to, "</p>\n");
	}
	if (verdict->pin_note) {
		g_string_append(to, "<p class=\"target-note\">Pin: ");
		html_text(to, verdict->pin_note);
		g_string_append(to, "</p>\n");
	}
	if (verdict->state == STATE_PAUSED)
		g_string_append(to, "<p class=\"target-note\">While it is paused nobody looks at "
				    "it, and nobody is told.</p>\n");
}

static void add_last_known(GString *to, const struct target_page *page)
{
	const struct verdict_last_known *last = page->verdict->last_known;

	if (!last)
		return;
	g_string_append(to, "<p class=\"target-note\">Last known: ");
	html_state(to, last->state);
	g_string_append_c(to, ' ');
	html_text(to, last->summary);
	g_string_append(to, ", as of ");
	html_time(to, last->observed_wall_ms, page->now_wall_ms);
	g_string_append(to, ". What is shown below is of that time.</p>\n");
}

void target_page_add_head(GString *to, const struct target_page *page)
{
	const struct verdict *verdict = page->verdict;
	g_autofree char *summary = verdict_summary(verdict, page->now_wall_ms);

	add_crumbs(to, verdict);
	html_add(to, "<header class=\"card target-head state-%s\"><h1>",
		 state_text(verdict->state));
	html_state(to, verdict->state);
	html_add(to, " <span class=\"target-kind\">%s/</span><bdi>%s</bdi></h1>\n", verdict->kind,
		 verdict->name);
	g_string_append(to, "<p class=\"target-summary\">");
	html_text(to, summary);
	g_string_append(to, " ");
	add_chips(to, verdict);
	g_string_append(to, "</p>\n");
	add_notes(to, verdict);
	add_last_known(to, page);
	add_incident(to, page);
	add_times(to, page);
	add_change(to, page);
	g_string_append(to, "</header>\n");
}

/* Where the command is not what simply mends it. */
static void add_mend_words(GString *to, enum reason_code code)
{
	const char *words = NULL;

	if (code == REASON_OBJECT_MISSING || code == REASON_OBJECT_UNEXPECTED ||
	    code == REASON_OBJECT_CHANGED)
		words = "If what is there is right, this makes it what is expected:";
	else if (code == REASON_PATHS_MISSING)
		words = "What each pattern matches:";
	else if (code == REASON_ENV_MISSING)
		words = "With the value that it should have:";
	if (words)
		html_add(to, "<p class=\"muted\">%s</p>", words);
}

static void add_reason(GString *to, const struct target_page *page, const struct reason *reason,
		       GHashTable *told)
{
	g_autofree char *command = target_page_mend(page, reason);

	g_string_append(to, "<li class=\"target-reason\"><p>");
	html_state_icon(to, reason->state);
	g_string_append_c(to, ' ');
	html_text(to, reason->message);
	html_add(to, " <code class=\"muted\">%s</code></p>", reason_code_text(reason->code));
	/* what mends several is shown in full once */
	if (command && g_hash_table_contains(told, command)) {
		g_string_append(to, "<p class=\"muted\">As above: <code>");
		html_text(to, command);
		g_string_append(to, "</code></p>");
	} else if (command) {
		add_mend_words(to, reason->code);
		html_command(to, command);
		g_hash_table_add(told, g_steal_pointer(&command));
	}
	g_string_append(to, "</li>\n");
}

void target_page_add_reasons(GString *to, const struct target_page *page)
{
	const struct verdict *verdict = page->verdict;
	g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	if (verdict->reasons->len == 0)
		return;
	target_page_open(to, "reasons", "Why");
	g_string_append(to, "<ul class=\"target-reasons\">\n");
	for (guint i = 0; i < verdict->reasons->len; i++)
		add_reason(to, page, verdict->reasons->pdata[i], told);
	g_string_append(to, "</ul>\n");
	target_page_close(to);
}
