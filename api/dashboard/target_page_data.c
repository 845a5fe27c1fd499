/* target_page_data - what a verdict about data rests on: its data, and its list. Names of columns and what
 * is in them come from databases: hostile text. */
#include "api/dashboard/target_page.h"

#include <string.h>

#include "api/dashboard/chart.h"
#include "api/dashboard/html.h"

/* Of one value: longer ones are in the JSON. */
#define CELL_MAX_BYTES 2000
/* Texts that fit beside others. */
#define SHORT_BYTES 40

static const struct {
	const char *name, *heading;
} headings[] = {
	{"freshness", "Freshness"}, {"completion", "Completion"}, {"inventory", "Inventory"},
	{"assertion", "Assertion"}, {"backup", "Backup"},
};

static const char *heading_of(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(headings); i++)
		if (strcmp(headings[i].name, name) == 0)
			return headings[i].heading;
	return name;
}

/* "max_age_s" is "Max age". What is long gets a line of its own. */
static void add_term(GString *to, const struct verdict_datum *datum)
{
	g_autofree char *words = g_strdup(datum->name);
	bool is_long = datum->text && strlen(datum->text) > SHORT_BYTES;

	if (g_str_has_suffix(words, "_s"))
		words[strlen(words) - 2] = '\0';
	g_strdelimit(words, "_", ' ');
	words[0] = g_ascii_toupper(words[0]);
	html_add(to, "<div%s><dt>%s</dt><dd>", is_long ? " class=is-wide" : "", words);
}

static void add_number(GString *to, const struct verdict_datum *datum)
{
	g_autofree char *lasted = NULL;

	if (g_str_has_suffix(datum->name, "_s")) {
		lasted = chart_duration(CLAMP(datum->number, 0, INT64_MAX / MS_PER_S) * MS_PER_S);
		html_add(to, "%s", lasted);
	} else if (strstr(datum->name, "bytes")) {
		html_bytes(to, datum->number);
	} else {
		html_number(to, datum->number);
	}
}

static void add_instant(GString *to, int64_t wall_ms, int64_t now_wall_ms)
{
	html_time(to, wall_ms, now_wall_ms);
	if (wall_ms <= 0)
		return;
	g_string_append(to, " <span class=\"muted\">");
	html_instant(to, wall_ms);
	g_string_append(to, "</span>");
}

static void add_datum(GString *to, const struct verdict_datum *datum, int64_t now_wall_ms)
{
	add_term(to, datum);
	switch (datum->type) {
	case DATUM_TYPE_TEXT:
		html_text(to, datum->text);
		break;
	case DATUM_TYPE_NUMBER:
		add_number(to, datum);
		break;
	case DATUM_TYPE_BOOLEAN:
		g_string_append(to, datum->number ? "yes" : "no");
		break;
	case DATUM_TYPE_TIME:
		add_instant(to, datum->number, now_wall_ms);
		break;
	case DATUM_TYPE_NONE:
		break;
	}
	g_string_append(to, "</dd></div>");
}

static void add_data(GString *to, const struct verdict_detail *detail, int64_t now_wall_ms)
{
	g_string_append(to, "<dl class=\"facts\">");
	if (detail->aged_wall_ms > 0) {
		g_autofree char *age = chart_duration(MAX(now_wall_ms - detail->aged_wall_ms, 0));

		html_add(to, "<div><dt>Age</dt><dd class=\"target-age\">%s</dd></div>", age);
	}
	for (guint i = 0; i < detail->data->len; i++)
		add_datum(to, detail->data->pdata[i], now_wall_ms);
	g_string_append(to, "</dl>\n");
}

static enum datum_type type_of(const struct verdict_detail *detail, guint column)
{
	return g_array_index(detail->types, enum datum_type, column);
}

static void add_titles(GString *to, const struct verdict_detail *detail)
{
	html_add(
		to,
		"<table class=\"table\"><caption class=\"visually-hidden\">%s</caption><thead><tr>",
		detail->list_name);
	for (guint i = 0; i < detail->columns->len; i++) {
		html_add(to, "<th scope=\"col\"%s>",
			 type_of(detail, i) == DATUM_TYPE_NUMBER ? " class=num" : "");
		html_text(to, detail->columns->pdata[i]);
		g_string_append(to, "</th>");
	}
	g_string_append(to, "</tr></thead><tbody>\n");
}

static void add_cell(GString *to, const struct verdict_detail *detail, guint column,
		     const char *cell)
{
	g_autofree char *brief = cell && strlen(cell) > CELL_MAX_BYTES
					 ? g_utf8_substring(cell, 0, CELL_MAX_BYTES / 4)
					 : NULL;

	g_string_append(to, "<td data-label=\"");
	html_attribute(to, detail->columns->pdata[column]);
	html_add(to, "\"%s>", type_of(detail, column) == DATUM_TYPE_NUMBER ? " class=num" : "");
	if (cell)
		html_text(to, brief ? brief : cell);
	else
		g_string_append(to, "<span class=\"muted\">null</span>");
	if (brief)
		g_string_append(to, " <span class=\"muted\">(cut)</span>");
	g_string_append(to, "</td>");
}

static void add_rows(GString *to, const struct verdict_detail *detail)
{
	html_add(to, "<div class=\"target-wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">",
		 detail->list_name);
	add_titles(to, detail);
	for (guint i = 0; i < detail->rows->len; i++) {
		char **cells = detail->rows->pdata[i];

		g_string_append(to, "<tr>");
		for (guint j = 0; j < detail->columns->len; j++)
			add_cell(to, detail, j, cells[j]);
		g_string_append(to, "</tr>\n");
	}
	target_page_close_table(to);
	g_string_append(to, "</div>\n");
}

static void add_list(GString *to, const struct verdict_detail *detail)
{
	if (!detail->list_name)
		return;
	html_add(to, "<h3>%s</h3>\n", detail->list_name);
	if (detail->rows->len == 0 || detail->columns->len == 0) {
		g_string_append(to, "<p class=\"muted\">None to show.</p>\n");
		return;
	}
	if (detail->rows_total > (int64_t)detail->rows->len)
		html_add(to, "<p class=\"muted\">The first %u of %" PRId64 ".</p>\n",
			 detail->rows->len, detail->rows_total);
	add_rows(to, detail);
}

void target_page_add_data(GString *to, const struct target_page *page)
{
	const struct verdict *verdict = page->verdict;
	const struct verdict_detail *detail = verdict->detail;
	bool is_old = verdict->state == STATE_UNKNOWN || verdict->state == STATE_PAUSED;

	if (!detail)
		return;
	target_page_open(to, "data", heading_of(detail->name));
	if (is_old && verdict->observed_wall_ms > 0) {
		g_string_append(to, "<p class=\"target-note\">Of the last look, ");
		html_time(to, verdict->observed_wall_ms, page->now_wall_ms);
		g_string_append(to, ".</p>\n");
	}
	add_data(to, detail, page->now_wall_ms);
	add_list(to, detail);
	target_page_close(to);
}
