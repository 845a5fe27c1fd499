/* chart_private - what figures are made of; see chart.h. */
#ifndef DRIFT_CHART_PRIVATE_H
#define DRIFT_CHART_PRIVATE_H

#include "api/dashboard/chart.h"

/** Where the figure itself is, in user units. */
struct chart_area {
	double left, right, top, bottom;
	double height; /* of everything */
	/* as wide as there is room, as high as charts.css says: for what has no words in it */
	bool is_stretched;
};

/** <figure>, and what it is in words: @p summary is plain text of ours. */
void chart_open(GString *to, const struct chart *chart, const struct chart_area *area,
		const char *summary);
void chart_close(GString *to);

/** Places in user units, within the area. */
double chart_x(const struct chart *chart, const struct chart_area *area, int64_t wall_ms);
double chart_y(const struct chart_area *area, int64_t value, int64_t top_value);

/** " NAME=\"12.3\"", whatever the locale. */
void chart_attribute(GString *to, const char *name, double value);

/** <rect> without its end, for a <title> to follow: end with chart_title(). */
void chart_rect(GString *to, const char *css, double x, double y, double width, double height);
/** ">", <title> with @p format, and the end of the rect. */
void chart_title(GString *to, const char *format, ...) PRINTF_LIKE(2, 3);

void chart_line_at(GString *to, const char *css, const double from[2], const double to_point[2]);
/** @p anchor: "start", "middle", "end". */
void chart_text(GString *to, const char *css, double x, double y, const char *anchor,
		const char *text);

/** Axes: lines across with their values at the left; times below. */
void chart_add_values(GString *to, const struct chart_area *area, const struct chart_ticks *ticks);
void chart_add_times(GString *to, const struct chart *chart, const struct chart_area *area);

/** Part of the time between two instants of the zone, "20 Nov 10:00 to 11:30". Caller frees. */
char *chart_period(const char *zone, int64_t from_wall_ms, int64_t to_wall_ms);
/** "20 Nov 10:00". Caller frees. */
char *chart_instant(const char *zone, int64_t wall_ms);

/** A value with its unit, for people: "12,345", "1.4 GiB", "3 h 50 min". Caller frees. */
char *chart_value(enum chart_unit unit, int64_t value);

#endif
