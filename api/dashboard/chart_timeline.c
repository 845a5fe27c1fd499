/* chart_timeline - states over time as bands; see chart.h */
#include "api/dashboard/chart_private.h"

#include <string.h>

#include "json.h"

static const struct chart_area band_area = {
	.left = 0, .right = CHART_WIDTH, .bottom = 42, .height = 42, .is_stretched = true};

#define BAND_HEIGHT 30

/* What is shorter would not be seen. */
#define BAND_MIN 1.5

/* More bands than the figure has room for help nobody; the last of those at one place is the worst. */
#define BANDS_MAX 2000

static const char *word_of(enum state state)
{
	return state == STATE_NONE ? "not known" : state_text(state);
}

/* "drift 2 h 5 min, ok 21 h, not known 55 min" */
static char *summarise(const GArray *spans)
{
	static const enum state order[] = {STATE_DRIFT, STATE_UNKNOWN, STATE_PENDING,
					   STATE_OK,    STATE_PAUSED,  STATE_NONE};
	int64_t ms[STATE_COUNT] = {0};
	GString *to = g_string_new(NULL);

	for (guint i = 0; i < spans->len; i++) {
		const struct days_span *span = &g_array_index(spans, struct days_span, i);

		ms[span->state] += span->to_wall_ms - span->from_wall_ms;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
		g_autofree char *lasted = chart_duration(ms[order[i]]);

		if (ms[order[i]] > 0)
			g_string_append_printf(to, "%s%s %s", to->len > 0 ? ", " : "",
					       word_of(order[i]), lasted);
	}
	return g_string_free(to, FALSE);
}

/* " (behind, setting_changed)"; nothing where there are none. Caller frees. */
static char *codes_text(const char *reasons)
{
	json_object *codes = reasons ? json_parse(reasons, strlen(reasons), NULL) : NULL;
	GString *to = g_string_new(NULL);
	size_t count =
		json_object_is_type(codes, json_type_array) ? json_object_array_length(codes) : 0;

	for (size_t i = 0; i < count; i++) {
		const char *code = json_object_get_string(json_object_array_get_idx(codes, i));

		g_string_append_printf(to, "%s%s", i > 0 ? ", " : " (", code ? code : "?");
	}
	if (count > 0)
		g_string_append_c(to, ')');
	json_object_put(codes);
	return g_string_free(to, FALSE);
}

static void add_band(GString *to, const struct chart *chart, const struct days_span *span)
{
	double x = chart_x(chart, &band_area, span->from_wall_ms);
	double width = chart_x(chart, &band_area, span->to_wall_ms) - x;
	g_autofree char *css =
		g_strconcat("chart-band chart-",
			    span->state == STATE_NONE ? "gap" : state_text(span->state), NULL);
	g_autofree char *period = chart_period(chart->zone, span->from_wall_ms, span->to_wall_ms);
	g_autofree char *lasted = chart_duration(span->to_wall_ms - span->from_wall_ms);
	g_autofree char *codes = codes_text(span->reasons);

	chart_rect(to, css, x, band_area.top, MAX(width, BAND_MIN), BAND_HEIGHT);
	chart_title(to, "%s%s: %s, %s", word_of(span->state), codes, period, lasted);
}

/* The worse of two is drawn later, so that a short one is not covered. */
static void add_bands(GString *to, const struct chart *chart, const GArray *spans)
{
	static const enum state order[] = {STATE_NONE,    STATE_PAUSED,  STATE_OK,
					   STATE_PENDING, STATE_UNKNOWN, STATE_DRIFT};
	int drawn = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
		for (guint at = 0; at < spans->len && drawn < BANDS_MAX; at++) {
			const struct days_span *span = &g_array_index(spans, struct days_span, at);

			if (span->state != order[i])
				continue;
			add_band(to, chart, span);
			drawn++;
		}
}

static void add_mark(GString *to, const struct chart *chart, const struct chart_mark *mark)
{
	g_autofree char *at = chart_instant(chart->zone, mark->at_wall_ms);
	double x = chart_x(chart, &band_area, mark->at_wall_ms);

	chart_rect(to, "chart-mark", x - 1, band_area.top + BAND_HEIGHT + 2, 2, 10);
	chart_title(to, "%s: %s", at, mark->text);
}

void chart_add_timeline(GString *to, const struct chart *chart, const GArray *spans,
			const GArray *marks)
{
	g_autofree char *summary = summarise(spans);

	chart_open(to, chart, &band_area, summary);
	add_bands(to, chart, spans);
	for (guint i = 0; marks && i < marks->len; i++)
		add_mark(to, chart, &g_array_index(marks, struct chart_mark, i));
	chart_add_times(to, chart, &band_area);
	chart_close(to);
}
