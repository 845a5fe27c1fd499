/* chart - what all figures have: the frame, axes, and the pieces they are drawn with; see chart.h */
#include "api/dashboard/chart_private.h"

#include "api/dashboard/html.h"

/* Below the axis: where its words hang, whatever their size. */
#define LABEL_DROP 7
#define TICK_LENGTH 4
/* Words at the ends of an axis would stick out. */
#define EDGE 24

void chart_attribute(GString *to, const char *name, double value)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(to, " %s=\"%s\"", name,
			       g_ascii_formatd(number, sizeof(number), "%.1f", value));
}

/* A place from left to right. */
static void add_x(GString *to, const char *name, const struct chart_area *area, double x)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];
	double shown = area->is_stretched ? x * 100 / CHART_WIDTH : x;

	g_string_append_printf(to, " %s=\"%s%s\"", name,
			       g_ascii_formatd(number, sizeof(number), "%.2f", shown),
			       area->is_stretched ? "%" : "");
}

void chart_open(GString *to, const struct chart *chart, const struct chart_area *area,
		const char *summary)
{
	html_add(to,
		 "<figure class=\"chart\"><figcaption>%s</figcaption>"
		 "<svg%s viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-title %s-text\">"
		 "<title id=\"%s-title\">%s</title><desc id=\"%s-text\">%s</desc>",
		 chart->title,
		 area->is_stretched ? " preserveAspectRatio=none class=chart-strip" : "",
		 CHART_WIDTH, (int)area->height, chart->id, chart->id, chart->id, chart->title,
		 chart->id, summary);
}

void chart_close(GString *to)
{
	g_string_append(to, "</svg></figure>\n");
}

double chart_x(const struct chart *chart, const struct chart_area *area, int64_t wall_ms)
{
	int64_t length = MAX(chart->to_wall_ms - chart->from_wall_ms, 1);
	int64_t at = CLAMP(wall_ms, chart->from_wall_ms, chart->to_wall_ms) - chart->from_wall_ms;

	return area->left + (area->right - area->left) * (double)at / (double)length;
}

double chart_y(const struct chart_area *area, int64_t value, int64_t top_value)
{
	double part = (double)CLAMP(value, 0, top_value) / (double)MAX(top_value, 1);

	return area->bottom - (area->bottom - area->top) * part;
}

void chart_rect(GString *to, const char *css, double x, double y, double width, double height)
{
	g_string_append_printf(to, "<rect class=\"%s\"", css);
	chart_attribute(to, "x", x);
	chart_attribute(to, "y", y);
	chart_attribute(to, "width", width);
	chart_attribute(to, "height", height);
}

void chart_title(GString *to, const char *format, ...)
{
	va_list arguments;
	g_autofree char *text = NULL;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_string_append(to, "><title>");
	html_attribute(to, text); /* no <bdi> in a <title> */
	g_string_append(to, "</title></rect>");
}

void chart_line_at(GString *to, const char *css, const double from[2], const double to_point[2])
{
	g_string_append_printf(to, "<line class=\"%s\"", css);
	chart_attribute(to, "x1", from[0]);
	chart_attribute(to, "y1", from[1]);
	chart_attribute(to, "x2", to_point[0]);
	chart_attribute(to, "y2", to_point[1]);
	g_string_append(to, "/>");
}

void chart_text(GString *to, const char *css, double x, double y, const char *anchor,
		const char *text)
{
	g_string_append_printf(to, "<text class=\"%s\" text-anchor=\"%s\"", css, anchor);
	chart_attribute(to, "x", x);
	chart_attribute(to, "y", y);
	html_add(to, ">%s</text>", text);
}

void chart_add_values(GString *to, const struct chart_area *area, const struct chart_ticks *ticks)
{
	int64_t top = ticks->tick[ticks->count - 1].at;

	for (int i = 0; i < ticks->count; i++) {
		double y = chart_y(area, ticks->tick[i].at, top);
		const double from[2] = {area->left, y};
		const double end[2] = {area->right, y};

		chart_line_at(to, i == 0 ? "chart-axis" : "chart-grid", from, end);
		chart_text(to, "chart-label", area->left - 6, y + 4, "end", ticks->tick[i].label);
	}
}

/* A tick, and its word: in user units, or, of a figure that is stretched, in parts of its width. */
static void add_time(GString *to, const struct chart_area *area, double x, const char *label,
		     bool is_minor)
{
	const char *anchor = x < EDGE ? "start" : x > CHART_WIDTH - EDGE ? "end" : "middle";
	double text_x = x < EDGE ? 0 : x > CHART_WIDTH - EDGE ? CHART_WIDTH : x;
	double top = area->is_stretched ? 0 : area->bottom;

	g_string_append(to, "<line class=\"chart-axis\"");
	add_x(to, "x1", area, x);
	add_x(to, "x2", area, x);
	chart_attribute(to, "y1", top);
	chart_attribute(to, "y2", top + TICK_LENGTH);
	/* on a phone every other one has room */
	html_add(to, "/><text class=\"chart-label%s\" text-anchor=\"%s\"",
		 is_minor ? " chart-minor" : "", anchor);
	add_x(to, "x", area, text_x);
	chart_attribute(to, "y", top + LABEL_DROP);
	html_add(to, " dominant-baseline=\"hanging\">%s</text>", label);
}

void chart_add_times(GString *to, const struct chart *chart, const struct chart_area *area)
{
	struct chart_ticks ticks;

	if (area->is_stretched) /* words are not to be stretched: they get a figure of their own */
		g_string_append(to, "</svg><svg class=\"chart-times\" height=\"24\" "
				    "aria-hidden=\"true\">");
	chart_time_ticks(chart->from_wall_ms, chart->to_wall_ms, chart->zone, &ticks);
	for (int i = 0; i < ticks.count; i++)
		add_time(to, area, chart_x(chart, area, ticks.tick[i].at), ticks.tick[i].label,
			 (ticks.count - 1 - i) % 2 == 1);
}
