/* chart_ticks - round values and instants for axes, and both as people write them; see chart.h */
#include "api/dashboard/chart_private.h"

#include <string.h>

#include "api/dashboard/html.h"
#include "schedule.h"
#include "timefmt.h"

/* Parts of an axis of values, and of one of time. */
#define VALUE_STEPS_MAX 4
#define TIME_STEPS_MAX 7

#define QUARTER_MS (15 * MS_PER_MINUTE)

static const int64_t duration_steps[] = {
	MS_PER_S,          5 * MS_PER_S,       15 * MS_PER_S,      30 * MS_PER_S,   MS_PER_MINUTE,
	5 * MS_PER_MINUTE, 15 * MS_PER_MINUTE, 30 * MS_PER_MINUTE, MS_PER_HOUR,     2 * MS_PER_HOUR,
	3 * MS_PER_HOUR,   6 * MS_PER_HOUR,    12 * MS_PER_HOUR,   MS_PER_DAY,      2 * MS_PER_DAY,
	5 * MS_PER_DAY,    10 * MS_PER_DAY,    20 * MS_PER_DAY,    50 * MS_PER_DAY,
};

static int64_t parts(int64_t max, int64_t step)
{
	return max / step + (max % step > 0 ? 1 : 0);
}

/* 1, 2, 5, 10, 20 … or, of bytes, 1, 2, 4, 8 … */
static int64_t next_step(enum chart_unit unit, int64_t step)
{
	int64_t leading = step;

	if (unit == CHART_UNIT_BYTES)
		return step * 2;
	while (leading >= 10)
		leading /= 10;
	return leading == 2 ? step / 2 * 5 : step * 2;
}

static int64_t step_of(enum chart_unit unit, int64_t max)
{
	int64_t step = 1;

	if (unit == CHART_UNIT_DURATION) {
		for (size_t i = 0; i < G_N_ELEMENTS(duration_steps); i++)
			if (parts(max, duration_steps[i]) <= VALUE_STEPS_MAX)
				return duration_steps[i];
		step = 100; /* of days, from here on */
		while (parts(max, step * MS_PER_DAY) > VALUE_STEPS_MAX)
			step = next_step(unit, step);
		return step * MS_PER_DAY;
	}
	while (parts(max, step) > VALUE_STEPS_MAX)
		step = next_step(unit, step);
	return step;
}

/* A part of a scale of units. */
struct scale {
	int64_t of;
	const char *name;
};

static const struct scale counts[] = {
	{1, ""}, {1000, " k"}, {1000000, " M"}, {1000000000, " G"}, {INT64_C(1000000000000), " T"},
};
static const struct scale bytes[] = {
	{1, " B"},
	{INT64_C(1) << 10, " KiB"},
	{INT64_C(1) << 20, " MiB"},
	{INT64_C(1) << 30, " GiB"},
	{INT64_C(1) << 40, " TiB"},
	{INT64_C(1) << 50, " PiB"},
};
static const struct scale durations[] = {
	{MS_PER_S, " s"},
	{MS_PER_MINUTE, " min"},
	{MS_PER_HOUR, " h"},
	{MS_PER_DAY, " d"},
};

/* The largest part not above @p value. */
static const struct scale *scale_of(enum chart_unit unit, int64_t value)
{
	const struct scale *scale = unit == CHART_UNIT_BYTES      ? bytes
				    : unit == CHART_UNIT_DURATION ? durations
								  : counts;
	size_t count = unit == CHART_UNIT_BYTES      ? G_N_ELEMENTS(bytes)
		       : unit == CHART_UNIT_DURATION ? G_N_ELEMENTS(durations)
						     : G_N_ELEMENTS(counts);
	size_t found = 0;

	for (size_t i = 1; i < count; i++)
		if (scale[i].of <= value)
			found = i;
	return &scale[found];
}

void chart_value_ticks(enum chart_unit unit, int64_t max, struct chart_ticks *ret_ticks)
{
	int64_t least = unit == CHART_UNIT_DURATION ? MS_PER_S : 1;
	int64_t bounded = CLAMP(max, least, INT64_MAX / 8); /* room for the next round one */
	int64_t step = step_of(unit, bounded);
	/* of an axis that ends at 24 h the hours are told, not the one day */
	const struct scale *scale =
		scale_of(unit, unit == CHART_UNIT_DURATION ? step : step * parts(bounded, step));

	*ret_ticks = (struct chart_ticks){.count = (int)parts(bounded, step) + 1};
	for (int i = 0; i < ret_ticks->count; i++) {
		char number[G_ASCII_DTOSTR_BUF_SIZE];
		double value = (double)(step * i) / (double)scale->of;

		ret_ticks->tick[i].at = step * i;
		g_snprintf(ret_ticks->tick[i].label, sizeof(ret_ticks->tick[i].label), "%s%s",
			   g_ascii_formatd(number, sizeof(number), "%.4g", value),
			   i > 0 ? scale->name : "");
	}
}

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
				     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static GDateTime *local_time(const char *zone, int64_t wall_ms)
{
	g_autoptr(GTimeZone) found = g_time_zone_new_identifier(zone);
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(wall_ms / MS_PER_S);

	return found && utc ? g_date_time_to_timezone(utc, found) : g_steal_pointer(&utc);
}

static void append_date(GString *to, GDateTime *local)
{
	g_string_append_printf(to, "%d %s", g_date_time_get_day_of_month(local),
			       months[g_date_time_get_month(local) - 1]);
}

static void append_clock(GString *to, GDateTime *local)
{
	g_string_append_printf(to, "%02d:%02d", g_date_time_get_hour(local),
			       g_date_time_get_minute(local));
}

char *chart_instant(const char *zone, int64_t wall_ms)
{
	g_autoptr(GDateTime) local = local_time(zone, wall_ms);
	GString *to = g_string_new(NULL);

	append_date(to, local);
	g_string_append_c(to, ' ');
	append_clock(to, local);
	return g_string_free(to, FALSE);
}

char *chart_period(const char *zone, int64_t from_wall_ms, int64_t to_wall_ms)
{
	g_autoptr(GDateTime) from = local_time(zone, from_wall_ms);
	g_autoptr(GDateTime) end = local_time(zone, to_wall_ms);
	GString *to = g_string_new(NULL);

	append_date(to, from);
	g_string_append_c(to, ' ');
	append_clock(to, from);
	g_string_append(to, " to ");
	if (g_date_time_get_day_of_year(from) != g_date_time_get_day_of_year(end)) {
		append_date(to, end);
		g_string_append_c(to, ' ');
	}
	append_clock(to, end);
	return g_string_free(to, FALSE);
}

static void add_tick(struct chart_ticks *ticks, int64_t at_wall_ms, GDateTime *local, bool is_date)
{
	g_autoptr(GString) label = g_string_new(NULL);

	if (ticks->count >= CHART_TICKS_MAX)
		return;
	if (is_date)
		append_date(label, local);
	else
		append_clock(label, local);
	ticks->tick[ticks->count].at = at_wall_ms;
	g_strlcpy(ticks->tick[ticks->count].label, label->str,
		  sizeof(ticks->tick[ticks->count].label));
	ticks->count++;
}

/* Offsets of zones are whole quarters of an hour (those of today are). */
static void add_hours(const struct chart *span, int hours, struct chart_ticks *ticks)
{
	int64_t first =
		span->from_wall_ms + (QUARTER_MS - span->from_wall_ms % QUARTER_MS) % QUARTER_MS;

	for (int64_t at = first; at <= span->to_wall_ms; at += QUARTER_MS) {
		g_autoptr(GDateTime) local = local_time(span->zone, at);
		int hour = g_date_time_get_hour(local);

		if (g_date_time_get_minute(local) == 0 && hour % hours == 0)
			add_tick(ticks, at, local, hour == 0);
	}
}

/* Midnights, every so many days, counted back from the last one. */
static void add_days(const struct chart *span, int days, struct chart_ticks *ticks)
{
	for (int i = TIME_STEPS_MAX; i >= 0; i--) {
		g_autofree char *before =
			schedule_date(span->to_wall_ms, span->zone, -i * days - 1);
		int64_t at = 0;
		g_autoptr(GDateTime) local = NULL;

		if (!before || !timefmt_end_of_day(before, span->zone, &at, NULL))
			continue;
		local = local_time(span->zone, at);
		if (at >= span->from_wall_ms && at <= span->to_wall_ms)
			add_tick(ticks, at, local, true);
	}
}

void chart_time_ticks(int64_t from_wall_ms, int64_t to_wall_ms, const char *zone,
		      struct chart_ticks *ret_ticks)
{
	static const int hour_steps[] = {1, 2, 3, 4, 6, 12};
	static const int day_steps[] = {1, 2, 5, 7, 14, 30, 60, 120};
	const struct chart span = {
		.zone = zone, .from_wall_ms = from_wall_ms, .to_wall_ms = to_wall_ms};
	int64_t length_ms = to_wall_ms - from_wall_ms;

	*ret_ticks = (struct chart_ticks){0};
	for (size_t i = 0; i < G_N_ELEMENTS(hour_steps); i++)
		if (length_ms / (hour_steps[i] * MS_PER_HOUR) < TIME_STEPS_MAX) {
			add_hours(&span, hour_steps[i], ret_ticks);
			return;
		}
	for (size_t i = 0; i < G_N_ELEMENTS(day_steps); i++)
		if (length_ms / (day_steps[i] * MS_PER_DAY) <= TIME_STEPS_MAX) {
			add_days(&span, day_steps[i], ret_ticks);
			return;
		}
}

char *chart_duration(int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *name, *below;
		int64_t below_ms;
	} units[] = {
		{MS_PER_DAY, "d", "h", MS_PER_HOUR},
		{MS_PER_HOUR, "h", "min", MS_PER_MINUTE},
		{MS_PER_MINUTE, "min", "s", MS_PER_S},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		int64_t rest = ms % units[i].ms / units[i].below_ms;

		if (ms < units[i].ms)
			continue;
		if (rest == 0)
			return g_strdup_printf("%" PRId64 " %s", ms / units[i].ms, units[i].name);
		return g_strdup_printf("%" PRId64 " %s %" PRId64 " %s", ms / units[i].ms,
				       units[i].name, rest, units[i].below);
	}
	return g_strdup_printf("%" PRId64 " s", MAX(ms, 0) / MS_PER_S);
}

char *chart_value(enum chart_unit unit, int64_t value)
{
	GString *to = NULL;

	if (unit == CHART_UNIT_DURATION)
		return chart_duration(value);
	to = g_string_new(NULL);
	if (unit == CHART_UNIT_BYTES)
		html_bytes(to, value);
	else
		html_number(to, value);
	return g_string_free(to, FALSE);
}
