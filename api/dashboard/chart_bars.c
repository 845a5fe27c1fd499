/* chart_bars - days as bars; see chart.h */
#include "api/dashboard/chart_private.h"

static const struct chart_area bar_area = {
	.left = 74, .right = CHART_WIDTH - 8, .top = 10, .bottom = 132, .height = 156};

/* Of the room of a day. */
#define BAR_PART 0.72
#define BAR_MIN 1.0

/* Dates below. */
#define LABELS_MAX 7

static int64_t highest(const GArray *bars)
{
	int64_t value = 0;

	for (guint i = 0; i < bars->len; i++)
		value = MAX(value, g_array_index(bars, struct chart_bar, i).value);
	return value;
}

/* "newest 12,345; highest 20,000 on 2026-11-18; 3 of 30 days not known" */
static char *summarise(const GArray *bars, enum chart_unit unit)
{
	const struct chart_bar *best = NULL, *newest = NULL;
	guint unknown = 0;
	GString *to = g_string_new(NULL);

	for (guint i = 0; i < bars->len; i++) {
		const struct chart_bar *bar = &g_array_index(bars, struct chart_bar, i);

		if (bar->value < 0)
			unknown++;
		if (bar->value >= 0)
			newest = bar;
		if (bar->value >= 0 && (!best || bar->value > best->value))
			best = bar;
	}
	if (best && newest) {
		g_autofree char *last = chart_value(unit, newest->value);
		g_autofree char *most = chart_value(unit, best->value);

		g_string_append_printf(to, "%s on %s; highest %s on %s; ", last, newest->date, most,
				       best->date);
	}
	g_string_append_printf(to, "not known of %u of %u days", unknown, bars->len);
	return g_string_free(to, FALSE);
}

/* Where a bar stands: its whole room. */
static void add_bar(GString *to, const struct chart_bar *bar, enum chart_unit unit, double x,
		    double room, int64_t top)
{
	g_autofree char *value = chart_value(unit, MAX(bar->value, 0));
	double y = chart_y(&bar_area, MAX(bar->value, 0), top);

	if (bar->value > 0) {
		y = MIN(y, bar_area.bottom - BAR_MIN);
		chart_rect(to, bar->is_kept ? "chart-bar chart-kept" : "chart-bar",
			   x + room * (1 - BAR_PART) / 2, y, room * BAR_PART, bar_area.bottom - y);
		g_string_append(to, "/>");
	}
	chart_rect(to, bar->value < 0 ? "chart-gap-day" : "chart-hover", x, bar_area.top, room,
		   bar_area.bottom - bar_area.top);
	if (bar->value < 0)
		chart_title(to, "%s: not known", bar->date);
	else
		chart_title(to, "%s: %s%s", bar->date, value, bar->is_kept ? ", unchanged" : "");
}

static void add_dates(GString *to, const GArray *bars, double room)
{
	guint every = (bars->len + LABELS_MAX - 1) / LABELS_MAX;
	guint shown = 0;

	/* from the last one back: it is always told */
	for (guint i = bars->len; i > 0; i -= MIN(every, i)) {
		const struct chart_bar *bar = &g_array_index(bars, struct chart_bar, i - 1);
		double x = bar_area.left + room * (i - 1 + 0.5);

		/* "11-20": the year is on the page */
		chart_text(to, shown++ % 2 ? "chart-label chart-minor" : "chart-label", x,
			   bar_area.bottom + 16, "middle", bar->date + 5);
	}
}

void chart_add_bars(GString *to, const struct chart *chart, const GArray *bars,
		    enum chart_unit unit)
{
	g_autofree char *summary = summarise(bars, unit);
	double room = (bar_area.right - bar_area.left) / MAX(bars->len, 1);
	struct chart_ticks ticks;
	int64_t top;

	chart_value_ticks(unit, highest(bars), &ticks);
	top = ticks.tick[ticks.count - 1].at;
	chart_open(to, chart, &bar_area, summary);
	chart_add_values(to, &bar_area, &ticks);
	for (guint i = 0; i < bars->len; i++)
		add_bar(to, &g_array_index(bars, struct chart_bar, i), unit,
			bar_area.left + room * i, room, top);
	add_dates(to, bars, room);
	chart_close(to);
}
