/* overview_rows - the table of targets; see overview.h */
#include "api/dashboard/overview.h"

#include <string.h>

#include "api/dashboard/days.h"
#include "api/dashboard/freshness.h"
#include "api/dashboard/html.h"
#include "api/dashboard/strip.h"
#include "api/dashboard/target_page.h"
#include "text.h"

/* Shares of the traffic that are shown of one target. */
#define SHARES_MAX 4

/* Longest names and summaries of a row, in bytes: its page has them whole. */
#define NAME_MAX_BYTES 200

/* Longest command of a row. */
#define COMMAND_MAX_BYTES 500

/* What the rows of a page share. */
struct rows {
	const struct overview *overview;
	struct store_reader *reader; /* NULL: none could be had */
	GArray *calendar;
};

static void add_short(GString *to, const char *text)
{
	g_autofree char *cut = text ? text_to_utf8(text, strlen(text), NAME_MAX_BYTES) : NULL;

	html_text(to, cut);
}

static void add_name(GString *to, const struct verdict *verdict)
{
	g_autofree char *name = g_uri_escape_string(verdict->name, NULL, FALSE);

	g_string_append(to, "<th scope=\"row\" class=\"c-name\"><span class=\"name\">");
	html_priority(to, verdict->priority);
	html_add(to, " <a class=\"target\" href=\"/drift/%s/%s\"><span class=\"kind\">%s/</span>",
		 verdict->kind, name, verdict->kind);
	add_short(to, verdict->name);
	g_string_append(to, "</a></span>");
	if (verdict->owner || verdict->description) {
		g_string_append(to, "<span class=\"about\">");
		if (verdict->owner)
			add_short(to, verdict->owner);
		if (verdict->owner && verdict->description)
			g_string_append(to, " \xc2\xb7 ");
		if (verdict->description)
			add_short(to, verdict->description);
		g_string_append(to, "</span>");
	}
	g_string_append(to, "</th>\n");
}

static void add_commit(GString *to, const struct verdict *verdict, const char *sha)
{
	const char *prefix = verdict->behind ? verdict->behind->commit_url_prefix : NULL;
	g_autofree char *url = prefix && sha ? g_strconcat(prefix, sha, NULL) : NULL;

	html_commit(to, sha, url);
}

static const struct verdict_deployed *first_deployed(const struct verdict *verdict)
{
	return verdict->deployed->len > 0 ? verdict->deployed->pdata[0] : NULL;
}

static void add_commits(GString *to, const struct verdict *verdict)
{
	const struct verdict_deployed *deployed = first_deployed(verdict);
	const char *sha = deployed ? deployed->sha : NULL;
	bool is_head = sha && verdict->head && strcmp(sha, verdict->head->sha) == 0;

	if (!sha && !verdict->head) {
		g_string_append(to, "<td class=\"c-commits is-none\"></td>\n");
		return;
	}
	g_string_append(to, "<td class=\"c-commits\" data-label=\"Deployed\"><span>");
	add_commit(to, verdict, sha);
	if (verdict->deployed->len > 1)
		html_add(to, " <span class=\"muted\">+%u</span>", verdict->deployed->len - 1);
	if (!is_head && verdict->head) {
		g_string_append(to, "<span class=\"muted\"> \xe2\x86\x92 </span>"
				    "<span class=\"visually-hidden\">head </span>");
		add_commit(to, verdict, verdict->head->sha);
	}
	g_string_append(to, "</span></td>\n");
}

/* Who serves how much, where it is more than one. */
static void add_traffic(GString *to, const struct verdict *verdict)
{
	guint count = verdict->deployed->len;

	if (count < 2)
		return;
	g_string_append(to, "<span class=\"traffic\">");
	for (guint i = 0; i < MIN(count, SHARES_MAX); i++) {
		const struct verdict_deployed *deployed = verdict->deployed->pdata[i];

		html_add(to, "%s%d\xc2\xa0%% ", i > 0 ? " \xc2\xb7 " : "traffic ",
			 deployed->percent);
		add_commit(to, verdict, deployed->sha);
	}
	if (count > SHARES_MAX)
		html_add(to, " and %u more", count - SHARES_MAX);
	g_string_append(to, "</span>\n");
}

static void add_incident(GString *to, const struct incident *incident)
{
	if (!incident)
		return;
	html_add(to,
		 "<span class=\"mark\"><a href=\"/incidents/%" PRId64
		 "\"><svg class=\"icon\" aria-hidden=\"true\"><use href=\"#i-%s\"/></svg>incident "
		 "%" PRId64 "</a> ",
		 incident->id, incident->held_by ? "silence" : "incident", incident->id);
	if (incident->status == INCIDENT_STATUS_ACKNOWLEDGED && incident->acknowledged_by) {
		g_string_append(to, "acknowledged by ");
		add_short(to, incident->acknowledged_by);
	} else {
		g_string_append(to, "not acknowledged");
	}
	if (incident->held_by) {
		g_string_append(to, ", told to nobody: ");
		add_short(to, incident->held_by);
	}
	g_string_append(to, "</span>\n");
}

/* Is there more to it than a command, which the target's page says beside it? */
static bool needs_words(const struct reason *reason)
{
	return reason->code == REASON_ENV_MISSING || reason->code == REASON_PATHS_MISSING ||
	       reason->code == REASON_OBJECT_MISSING || reason->code == REASON_OBJECT_UNEXPECTED ||
	       reason->code == REASON_OBJECT_CHANGED;
}

/* The command for the worst that one mends. */
static void add_mend(GString *to, const struct rows *rows, const struct verdict *verdict)
{
	const struct snapshot *snapshot = rows->overview->snapshot;
	const struct target_page page = {
		.snapshot = snapshot,
		.verdict = verdict,
		.config = config_find_target(snapshot->input.config, verdict->id),
	};
	g_autofree char *command = NULL;

	for (guint i = 0; i < verdict->reasons->len && !command; i++)
		if (!needs_words(verdict->reasons->pdata[i]))
			command = target_page_mend(&page, verdict->reasons->pdata[i]);
	if (!command || strlen(command) > COMMAND_MAX_BYTES)
		return;
	html_add(to, "<details class=\"mend\" id=\"mend-%s-", verdict->kind);
	html_attribute(to, verdict->name);
	g_string_append(to, "\"><summary>to mend</summary>");
	html_command(to, command);
	g_string_append(to, "</details>\n");
}

static void add_what(GString *to, const struct rows *rows, const struct verdict *verdict)
{
	int64_t now_wall_ms = rows->overview->now_wall_ms;
	g_autofree char *summary = verdict_summary(verdict, now_wall_ms);

	g_string_append(to, "<td class=\"c-what\"><span class=\"summary\">");
	html_text(to, summary);
	g_string_append(to, "</span>\n");
	freshness_add(to, verdict, now_wall_ms);
	add_traffic(to, verdict);
	add_incident(to, snapshot_find_incident(rows->overview->snapshot, verdict->id));
	add_mend(to, rows, verdict);
	g_string_append(to, "</td>\n");
}

static void add_times(GString *to, const struct rows *rows, const struct verdict *verdict)
{
	const struct overview *overview = rows->overview;
	int64_t next_wall_ms = snapshot_next_look(overview->snapshot, verdict);

	g_string_append(to, "<td class=\"c-since\" data-label=\"Since\"><span>");
	html_time(to, verdict->since_wall_ms, overview->now_wall_ms);
	g_string_append(to, "</span>");
	if (next_wall_ms > 0) {
		g_string_append(to, "<span class=\"next\">next check ");
		html_time(to, next_wall_ms, overview->now_wall_ms);
		g_string_append(to, "</span>");
	}
	g_string_append(to, "</td>\n");
}

/* A row without history is better than none. */
static void add_strip(GString *to, const struct rows *rows, const struct verdict *verdict)
{
	g_autoptr(GArray) days = rows->reader ? days_read(rows->reader, rows->overview->snapshot,
							  verdict->id, rows->calendar, NULL, NULL)
					      : NULL;

	g_string_append(to, "<td class=\"c-strip\" data-label=\"90 days\">");
	if (days)
		strip_add(to, days);
	else
		g_string_append(to, "<span class=\"muted\">history cannot be read now</span>");
	g_string_append(to, "</td>");
}

static void add_row(GString *to, const struct rows *rows, const struct verdict *verdict)
{
	html_add(to, "<tr class=\"row state-%s\"><td class=\"c-state\">",
		 state_text(verdict->state));
	html_state(to, verdict->state);
	g_string_append(to, "</td>\n");
	add_name(to, verdict);
	add_commits(to, verdict);
	add_what(to, rows, verdict);
	add_times(to, rows, verdict);
	add_strip(to, rows, verdict);
	g_string_append(to, "</tr>\n");
}

static void add_group_name(GString *to, const struct overview *overview,
			   const struct overview_group *group, bool is_continued)
{
	static const enum state worst_first[] = {STATE_DRIFT, STATE_UNKNOWN, STATE_PENDING};

	g_string_append(to, "<tr class=\"group\"><th colspan=\"6\" scope=\"rowgroup\">");
	if (group->name)
		add_short(to, group->name);
	else
		html_add(to, "no %s", overview->group);
	g_string_append(to, is_continued ? " <span class=\"muted\">continued</span>" : "");
	g_string_append(to, " <span class=\"muted\">");
	html_count(to, group->items->len, "target", "targets");
	for (size_t i = 0; i < G_N_ELEMENTS(worst_first); i++)
		if (group->count[worst_first[i]] > 0)
			html_add(to, ", %" PRId64 " %s", group->count[worst_first[i]],
				 state_text(worst_first[i]));
	g_string_append(to, "</span></th></tr>\n");
}

/* Rows of @p group from @p first to before @p end, counted within it. */
static void add_group(GString *to, const struct rows *rows, const struct overview_group *group,
		      int64_t first, int64_t end)
{
	g_string_append(to, "<tbody>\n");
	if (rows->overview->group)
		add_group_name(to, rows->overview, group, first > 0);
	for (int64_t i = first; i < end; i++)
		add_row(to, rows, group->items->pdata[i]);
	g_string_append(to, "</tbody>\n");
}

static void add_table(GString *to, const struct rows *rows)
{
	const struct overview *overview = rows->overview;
	int64_t first = (overview->page - 1) * OVERVIEW_PAGE_ROWS, end = first + OVERVIEW_PAGE_ROWS;
	int64_t before = 0; /* targets of the groups that were passed */

	g_string_append(
		to, "<table class=\"table targets\"><caption class=\"visually-hidden\">Targets, "
		    "the worst first</caption>\n<thead><tr><th scope=\"col\">State</th>"
		    "<th scope=\"col\">Target</th><th scope=\"col\">Deployed \xe2\x86\x92 "
		    "head</th><th scope=\"col\">Verdict</th><th scope=\"col\">Since</th>"
		    "<th scope=\"col\">90 days</th></tr></thead>\n");
	for (guint i = 0; i < overview->groups->len; i++) {
		const struct overview_group *group = overview->groups->pdata[i];
		int64_t count = group->items->len;
		int64_t from = MAX(first - before, 0), to_row = MIN(end - before, count);

		if (from < to_row)
			add_group(to, rows, group, from, to_row);
		before += count;
	}
	g_string_append(to, "</table>\n");
}

static void add_page_link(GString *to, const struct overview *overview, int64_t page,
			  const char *rel, const char *text)
{
	char number[24];
	struct overview_change change = {.add = "page", .value = number};
	g_autofree char *href = NULL;

	(void)g_snprintf(number, sizeof(number), "%" PRId64, page);
	if (page == 1)
		change.add = NULL;
	href = overview_link(overview->query, &change);
	if (page < 1 || page > overview->pages)
		html_add(to, "<span class=\"muted\">%s</span>\n", text);
	else
		html_add(to, "<a rel=\"%s\" href=\"%s\">%s</a>\n", rel, href, text);
}

static void add_pager(GString *to, const struct overview *overview)
{
	int64_t first = (overview->page - 1) * OVERVIEW_PAGE_ROWS;

	if (overview->pages == 1)
		return;
	g_string_append(to, "<nav class=\"pager\" aria-label=\"Pages of targets\">\n");
	add_page_link(to, overview, overview->page - 1, "prev", "\xe2\x86\x90 Previous");
	g_string_append(to, "<span>");
	html_number(to, first + 1);
	g_string_append(to, " to ");
	html_number(to, MIN(first + OVERVIEW_PAGE_ROWS, overview->selected));
	g_string_append(to, " of ");
	html_number(to, overview->selected);
	g_string_append(to, ", page ");
	html_number(to, overview->page);
	g_string_append(to, " of ");
	html_number(to, overview->pages);
	g_string_append(to, "</span>\n");
	add_page_link(to, overview, overview->page + 1, "next", "Next \xe2\x86\x92");
	g_string_append(to, "</nav>\n");
}

static void add_nothing(GString *to)
{
	g_string_append(to,
			"<p class=\"empty\">No target passes these filters: nothing is selected, "
			"which says nothing about the others. <a href=\"/\">Show all</a></p>\n");
}

void overview_add_rows(GString *to, const struct overview *overview)
{
	const struct config_driftd *driftd = &overview->snapshot->input.config->driftd;
	struct rows rows = {.overview = overview};

	if (overview->selected == 0) {
		add_nothing(to);
		return;
	}
	rows.reader = app_reader_take(overview->app, NULL); /* without: rows without their days */
	rows.calendar = days_calendar(driftd->timezone, DAYS_DEFAULT, overview->now_wall_ms);
	add_table(to, &rows);
	add_pager(to, overview);
	g_array_unref(rows.calendar);
	if (rows.reader)
		app_reader_give(overview->app, rows.reader);
}
