/* response_times - see response_times.h */
#include "api/dashboard/response_times.h"

#include "api/dashboard/chart.h"
#include "api/dashboard/html.h"
#include "api/dashboard/trend.h"
#include "timefmt.h"

/* One line: a figure of a summary. */
struct line {
	const char *label;
	/* the figure; -1: there is none */
	int64_t (*get)(const struct summary *summary);
	bool is_duration;
	bool less_is_better; /* else neither is */
};

static int64_t median_of(const struct summary_times *times)
{
	return times->count > 0 ? times->median_ms : -1;
}

static int64_t get_incidents(const struct summary *summary)
{
	return summary->incidents;
}

static int64_t get_false_alarms(const struct summary *summary)
{
	return summary->false_alarms;
}

static int64_t get_detect(const struct summary *summary)
{
	return median_of(&summary->detect);
}

static int64_t get_acknowledge(const struct summary *summary)
{
	return median_of(&summary->acknowledge);
}

static int64_t get_resolve(const struct summary *summary)
{
	return median_of(&summary->resolve);
}

static int64_t get_deployments(const struct summary *summary)
{
	return summary->deployments;
}

static int64_t get_lead(const struct summary *summary)
{
	return median_of(&summary->lead);
}

static const struct line lines[] = {
	{"Incidents", get_incidents, false, true},
	{"False alarms", get_false_alarms, false, true},
	{"Until detected, median", get_detect, true, true},
	{"Until acknowledged, median", get_acknowledge, true, true},
	{"Until resolved, median", get_resolve, true, true},
	{"Deployments", get_deployments, false, false},
	{"From commit to running, median", get_lead, true, true},
};

/* As text; NULL: there is none. Caller frees. */
static char *value_text(const struct line *line, int64_t value)
{
	if (value < 0)
		return NULL;
	return line->is_duration ? chart_duration(value) : g_strdup_printf("%" PRId64, value);
}

static void add_value(GString *to, const struct line *line, int64_t value, const char *label)
{
	g_autofree char *text = value_text(line, value);

	html_add(to, "<td class=\"num\" data-label=\"%s\">", label);
	if (text)
		g_string_append(to, text);
	else
		html_text(to, NULL);
	g_string_append(to, "</td>");
}

/* By how much, in percent, where both are known and there was something before. */
static void add_change(GString *to, const struct line *line, int64_t now, int64_t before)
{
	const char *class = "muted";
	int64_t percent = 0;

	g_string_append(to, "<td class=\"num\" data-label=\"Change\">");
	if (now < 0 || before <= 0) {
		html_text(to, NULL);
	} else {
		percent = (int64_t)(((double)now - (double)before) / (double)before * 100);
		if (line->less_is_better && percent != 0)
			class = percent < 0 ? "better" : "worse";
		html_add(to, "<span class=\"%s\">%s%" PRId64 " %%</span>", class,
			 percent > 0   ? "+"
			 : percent < 0 ? "\xe2\x88\x92"
				       : "",
			 ABS(percent));
	}
	g_string_append(to, "</td>");
}

static void clear_value(void *value)
{
	g_free(((struct trend_value *)value)->label);
}

static void add_trend(GString *to, const struct line *line, const struct figures *figures)
{
	g_autoptr(GArray) values = g_array_new(FALSE, TRUE, sizeof(struct trend_value));

	g_array_set_clear_func(values, clear_value);
	for (size_t i = 0; i < figures->parts; i++) {
		const struct figures_span *span = &figures->trend[i];
		struct trend_value value = {.value = line->get(&span->summary)};
		g_autofree char *text = value_text(line, value.value);
		char from[TIMEFMT_BYTES], until[TIMEFMT_BYTES];

		/* days are enough */
		value.label =
			g_strdup_printf("%.10s to %.10s: %s", timefmt_utc(span->from_wall_ms, from),
					timefmt_utc(span->to_wall_ms, until), text ? text : "none");
		g_array_append_val(values, value);
	}
	g_string_append(to, "<td data-label=\"Course\">");
	trend_add(to, line->label, values);
	g_string_append(to, "</td>");
}

static void add_line(GString *to, const struct line *line, const struct figures *figures)
{
	int64_t now = line->get(&figures->current.summary);
	int64_t before = line->get(&figures->previous.summary);

	html_add(to, "<tr><th scope=\"row\">%s</th>", line->label);
	add_value(to, line, now, "Now");
	add_value(to, line, before, "Before");
	add_change(to, line, now, figures->previous_complete ? before : -1);
	add_trend(to, line, figures);
	g_string_append(to, "</tr>\n");
}

void response_times_add(GString *to, const struct figures *figures)
{
	int64_t days = figures->period_ms / MS_PER_DAY;

	html_add(to,
		 "<table class=\"table figures\">\n<caption class=\"visually-hidden\">The last "
		 "%" PRId64 " days, and the %" PRId64 " days before</caption>\n<thead><tr>"
		 "<th scope=\"col\">Figure</th><th scope=\"col\" class=\"num\">Last %" PRId64
		 " days</th><th scope=\"col\" class=\"num\">%" PRId64
		 " days before</th><th scope=\"col\" class=\"num\">Change</th>"
		 "<th scope=\"col\">Course</th></tr></thead>\n<tbody>\n",
		 days, days, days, days);
	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
		add_line(to, &lines[i], figures);
	g_string_append(to, "</tbody>\n</table>\n");
	if (!figures->previous_complete)
		html_add(to,
			 "<p class=\"muted note\">Not all of the %s is known: driftd did not "
			 "look yet, retention is shorter, or there was too much.</p>\n",
			 figures->complete ? "time before" : "time");
}
