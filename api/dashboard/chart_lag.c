/* chart_lag - how far behind, over time, against its limits; see chart.h */
#include "api/dashboard/chart_private.h"

#include <math.h>

static const struct chart_area lag_area = {
	.left = 64, .right = CHART_WIDTH - 8, .top = 14, .bottom = 186, .height = 210};

/* Narrower gaps are not seen, wider ones are marked. */
#define GAP_MIN 2.0

/* Columns that say, when pointed at, what was there. */
#define COLUMNS 96

/* Room above the higher limit, so that its name has some: a tenth. */
#define LIMIT_ROOM(ms) ((ms) + (ms) / 10)

static const struct chart_piece *piece_at(const GArray *pieces, guint i)
{
	return &g_array_index(pieces, struct chart_piece, i);
}

static int64_t highest(const GArray *pieces)
{
	int64_t value = 0;

	for (guint i = 0; i < pieces->len; i++)
		value = MAX(value, MAX(piece_at(pieces, i)->from_ms, piece_at(pieces, i)->to_ms));
	return value;
}

/* "3 h at the end; highest 26 h; warns from 12 h, fails from 24 h" */
static char *summarise(const GArray *pieces, int64_t warn_ms, int64_t error_ms)
{
	g_autofree char *most = chart_duration(highest(pieces));
	g_autofree char *last =
		pieces->len > 0 ? chart_duration(piece_at(pieces, pieces->len - 1)->to_ms) : NULL;
	g_autofree char *warn = chart_duration(warn_ms);
	g_autofree char *fail = chart_duration(error_ms);
	GString *to = g_string_new(NULL);

	if (last)
		g_string_append_printf(to, "%s at the last look, highest %s", last, most);
	else
		g_string_append(to, "nothing is known of this time");
	if (warn_ms > 0)
		g_string_append_printf(to, "; warns after %s", warn);
	if (error_ms > 0)
		g_string_append_printf(to, "; drift after %s", fail);
	return g_string_free(to, FALSE);
}

static void add_limit(GString *to, const char *name, int64_t limit_ms, int64_t top)
{
	double y = chart_y(&lag_area, limit_ms, top);
	const double from[2] = {lag_area.left, y};
	const double end[2] = {lag_area.right, y};
	g_autofree char *css = g_strconcat("chart-limit chart-limit-", name, NULL);
	g_autofree char *label_css = g_strconcat("chart-label chart-label-", name, NULL);
	g_autofree char *lasted = chart_duration(limit_ms);
	g_autofree char *label = g_strconcat(name, " ", lasted, NULL);

	if (limit_ms <= 0)
		return;
	chart_line_at(to, css, from, end);
	/* at the begin: what is wrong now is at the end */
	chart_text(to, label_css, lag_area.left + 4, y - 4, "start", label);
}

static void add_gap(GString *to, const struct chart *chart, int64_t from_wall_ms,
		    int64_t to_wall_ms)
{
	double x = chart_x(chart, &lag_area, from_wall_ms);
	double width = chart_x(chart, &lag_area, to_wall_ms) - x;
	g_autofree char *period = chart_period(chart->zone, from_wall_ms, to_wall_ms);

	if (width < GAP_MIN)
		return;
	chart_rect(to, "chart-gap", x, lag_area.top, width, lag_area.bottom - lag_area.top);
	chart_title(to, "%s: not known", period);
}

static void add_gaps(GString *to, const struct chart *chart, const GArray *pieces)
{
	int64_t end = chart->from_wall_ms;

	for (guint i = 0; i < pieces->len; i++) {
		add_gap(to, chart, end, piece_at(pieces, i)->from_wall_ms);
		end = MAX(end, piece_at(pieces, i)->to_wall_ms);
	}
	add_gap(to, chart, end, chart->to_wall_ms);
}

/* Half a unit is less than a pixel of most screens: of points that are not farther apart, only where the
 * line comes in, its ends, and where it goes on are drawn, however many there are. */
#define COLUMN_WIDTH 0.5

/* A path, and the column it is in. A path that goes on where the last piece ended is not lifted. */
struct pen {
	GString *path;
	bool is_down;   /* there is a column */
	bool is_lifted; /* the path begins anew with it */
	double x, first, low, high, last;
};

static void put_point(struct pen *pen, double y)
{
	char first[G_ASCII_DTOSTR_BUF_SIZE];
	char second[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(pen->path, "%s%s %s", pen->is_lifted ? "M" : "L",
			       g_ascii_formatd(first, sizeof(first), "%.1f", pen->x),
			       g_ascii_formatd(second, sizeof(second), "%.1f", y));
	pen->is_lifted = false;
}

static void end_column(struct pen *pen)
{
	if (!pen->is_down)
		return;
	put_point(pen, pen->first);
	if (pen->high > MAX(pen->first, pen->last))
		put_point(pen, pen->high);
	if (pen->low < MIN(pen->first, pen->last))
		put_point(pen, pen->low);
	if (fabs(pen->last - pen->first) > 0)
		put_point(pen, pen->last);
	pen->is_down = false;
}

/* What is narrower than a column is a dot. */
static void lift(struct pen *pen)
{
	bool is_dot = pen->is_down && pen->is_lifted && !(pen->high > pen->low);

	end_column(pen);
	if (is_dot)
		g_string_append(pen->path, "h1");
	pen->is_lifted = true;
}

static void draw_to(struct pen *pen, double x, double y)
{
	if (!pen->is_down || x - pen->x >= COLUMN_WIDTH) {
		end_column(pen);
		pen->x = x;
		pen->first = pen->low = pen->high = y;
		pen->is_down = true;
	}
	pen->low = MIN(pen->low, y);
	pen->high = MAX(pen->high, y);
	pen->last = y;
}

static void add_path(GString *to, const struct chart *chart, const GArray *pieces, bool is_at_most,
		     int64_t top)
{
	g_autoptr(GString) path = g_string_new(NULL);
	struct pen pen = {.path = path, .is_lifted = true};
	int64_t end = -1;

	for (guint i = 0; i < pieces->len; i++) {
		const struct chart_piece *piece = piece_at(pieces, i);

		if (piece->is_at_most != is_at_most)
			continue;
		if (piece->from_wall_ms != end)
			lift(&pen);
		draw_to(&pen, chart_x(chart, &lag_area, piece->from_wall_ms),
			chart_y(&lag_area, piece->from_ms, top));
		draw_to(&pen, chart_x(chart, &lag_area, piece->to_wall_ms),
			chart_y(&lag_area, piece->to_ms, top));
		end = piece->to_wall_ms;
	}
	lift(&pen);
	if (path->len > 0)
		g_string_append_printf(to, "<path class=\"chart-line%s\" d=\"%s\"/>",
				       is_at_most ? " chart-at-most" : "", path->str);
}

static int64_t lag_at(const struct chart_piece *piece, int64_t wall_ms)
{
	double part = (double)(wall_ms - piece->from_wall_ms) /
		      (double)MAX(piece->to_wall_ms - piece->from_wall_ms, 1);

	return piece->from_ms + (int64_t)((double)(piece->to_ms - piece->from_ms) * part);
}

/* Highest within a column; -1: nothing is known of it. @p first: where to begin, moved on. */
static int64_t highest_within(const GArray *pieces, int64_t from, int64_t end, guint *first)
{
	int64_t value = -1;

	for (guint i = *first; i < pieces->len; i++) {
		const struct chart_piece *piece = piece_at(pieces, i);

		if (piece->from_wall_ms >= end)
			break;
		if (piece->to_wall_ms <= from) {
			*first = i + 1;
			continue;
		}
		value = MAX(value, lag_at(piece, MAX(from, piece->from_wall_ms)));
		value = MAX(value, lag_at(piece, MIN(end, piece->to_wall_ms)));
	}
	return value;
}

static void add_columns(GString *to, const struct chart *chart, const GArray *pieces)
{
	int64_t length = chart->to_wall_ms - chart->from_wall_ms;
	double width = (lag_area.right - lag_area.left) / COLUMNS;
	guint first = 0;

	for (int i = 0; i < COLUMNS; i++) {
		int64_t from = chart->from_wall_ms + length * i / COLUMNS;
		int64_t end = chart->from_wall_ms + length * (i + 1) / COLUMNS;
		int64_t value = highest_within(pieces, from, end, &first);
		g_autofree char *period = chart_period(chart->zone, from, end);
		g_autofree char *lag = chart_duration(value);

		if (value < 0)
			continue;
		chart_rect(to, "chart-hover", lag_area.left + width * i, lag_area.top, width,
			   lag_area.bottom - lag_area.top);
		chart_title(to, "%s: up to %s old", period, lag);
	}
}

void chart_add_lag(GString *to, const struct chart *chart, const GArray *pieces, int64_t warn_ms,
		   int64_t error_ms)
{
	g_autofree char *summary = summarise(pieces, warn_ms, error_ms);
	int64_t most = MAX(highest(pieces), MAX(LIMIT_ROOM(warn_ms), LIMIT_ROOM(error_ms)));
	struct chart_ticks ticks;
	int64_t top;

	chart_value_ticks(CHART_UNIT_DURATION, most, &ticks);
	top = ticks.tick[ticks.count - 1].at;
	chart_open(to, chart, &lag_area, summary);
	chart_add_values(to, &lag_area, &ticks);
	add_gaps(to, chart, pieces);
	add_path(to, chart, pieces, true, top);
	add_path(to, chart, pieces, false, top);
	add_limit(to, "warn", warn_ms, top);
	add_limit(to, "error", error_ms, top);
	add_columns(to, chart, pieces);
	chart_add_times(to, chart, &lag_area);
	chart_close(to);
}
