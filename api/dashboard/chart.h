/* chart - figures of a page as SVG: a state over time, a lag against its limits, bars of days. Pure: any
 * thread. What is not known is left out and marked, never drawn through. Every part says what it is when
 * pointed at, and the whole in words for who does not see it. Nothing has a style of its own: colours and
 * sizes are those of charts.css, and the figures scale to the width they get. */
#ifndef DRIFT_CHART_H
#define DRIFT_CHART_H

#include "base.h"
#include "api/dashboard/days.h"

/** User units: a figure is this wide. */
#define CHART_WIDTH 640

enum chart_unit {
	CHART_UNIT_NONE = 0,
	CHART_UNIT_COUNT,
	CHART_UNIT_BYTES,    /* of 1,024 */
	CHART_UNIT_DURATION, /* milliseconds */
};

/** Marks of an axis. */
#define CHART_TICKS_MAX 8
struct chart_ticks {
	int count;
	struct {
		int64_t at;
		char label[24];
	} tick[CHART_TICKS_MAX];
};

/** Round values from 0 to the first that is not below @p max, two to five of them. */
void chart_value_ticks(enum chart_unit unit, int64_t max, struct chart_ticks *ret_ticks);

/** Round instants between both by the clocks of @p zone, oldest first: whole hours with the time, or
 * midnights with the date. */
void chart_time_ticks(int64_t from_wall_ms, int64_t to_wall_ms, const char *zone,
		      struct chart_ticks *ret_ticks);

/** "3 h 50 min": the two largest units. Caller frees. */
char *chart_duration(int64_t ms);

/** What all figures have. */
struct chart {
	const char *id;    /* begins those of its parts; [a-z-], unique on the page */
	const char *title; /* plain text of ours */
	const char *zone;  /* IANA, of the axis of time */
	int64_t from_wall_ms, to_wall_ms;
};

/** Something that happened, below the states. */
struct chart_mark {
	int64_t at_wall_ms;
	char *text; /* from outside or not; owned by the array's owner */
};

/** States as bands, from struct days_span; @p marks: struct chart_mark, NULL: none. */
void chart_add_timeline(GString *to, const struct chart *chart, const GArray *spans,
			const GArray *marks);

/** A straight piece of a line: the lag grew from one to the other. */
struct chart_piece {
	int64_t from_wall_ms, to_wall_ms;
	int64_t from_ms, to_ms;
	bool is_at_most; /* it may have been less meanwhile: what was seen then was thinned out */
};

/** Lag over time: @p pieces are struct chart_piece, oldest first, none over another; what is between
 * them is not known. Limits in milliseconds, 0: none. */
void chart_add_lag(GString *to, const struct chart *chart, const GArray *pieces, int64_t warn_ms,
		   int64_t error_ms);

/** A day. */
struct chart_bar {
	char date[11];
	int64_t value; /* -1: not known */
	bool is_kept;  /* nothing new was seen that day: the value of the day before holds */
};

/** Days as bars: struct chart_bar, oldest first. Limits and zone of @p chart are not used. */
void chart_add_bars(GString *to, const struct chart *chart, const GArray *bars,
		    enum chart_unit unit);

#endif
