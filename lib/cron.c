/* cron - see cron.h. Local time is counted in minutes since 1970-01-01T00:00 of the wall clock, as
 * if it never changed ("nominal"); only at the end a nominal minute becomes an instant. */
#include "cron.h"

#include <string.h>

#include "cron_fields.h"
#include "drift_error.h"
#include "timefmt.h"

#define DAY_S INT64_C(86400)
#define DAY_MINUTES INT64_C(1440)
#define HORIZON_DAYS (CRON_HORIZON_YEARS * INT64_C(366))
#define NONE INT64_MIN

/* 0001-01-01 and 9999-12-31 with room for the horizon: what is outside is no date. */
#define FIRST_S INT64_C(-61000000000)
#define LAST_S INT64_C(253000000000)

struct cron {
	char *text;
	char *zone_name;
	GTimeZone *zone; /* immutable, so shared by threads */
	struct cron_fields fields;
};

struct civil {
	int64_t year;
	int month;
	int day;
};

static int64_t floor_div(int64_t number, int64_t by)
{
	return number / by - (number % by < 0 ? 1 : 0);
}

/* Days since 1970-01-01 in the Gregorian calendar. A year that begins in March has its odd day at
 * the end; 400 of them are 146097 days. */
static int64_t day_of(const struct civil *date)
{
	int64_t year = date->month <= 2 ? date->year - 1 : date->year;
	int64_t era = floor_div(year, 400);
	int64_t year_of_era = year - era * 400;
	int64_t month = (date->month + 9) % 12;
	int64_t day_of_year = (153 * month + 2) / 5 + date->day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

/* The inverse. */
static struct civil civil_of(int64_t day)
{
	int64_t shifted = day + 719468;
	int64_t era = floor_div(shifted, 146097);
	int64_t rest = shifted - era * 146097;
	int64_t year = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
	int64_t day_of_year = rest - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * day_of_year + 2) / 153;
	struct civil date = {.day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
			     .month = (int)(month < 10 ? month + 3 : month - 9)};

	date.year = year + era * 400 + (date.month <= 2 ? 1 : 0);
	return date;
}

/* Which of the stretches between two changes of the clock: they are numbered in order. */
static int interval_at(const struct cron *cron, int64_t s)
{
	return g_time_zone_find_interval(cron->zone, G_TIME_TYPE_UNIVERSAL, s);
}

static int64_t offset_at(const struct cron *cron, int64_t s)
{
	return g_time_zone_get_offset(cron->zone, interval_at(cron, s));
}

/* The first second of @p interval or a later one; it is in (before_s, at_s]. */
static int64_t interval_start(const struct cron *cron, int64_t before_s, int64_t at_s, int interval)
{
	while (at_s - before_s > 1) {
		int64_t middle = before_s + (at_s - before_s) / 2;

		if (interval_at(cron, middle) >= interval)
			at_s = middle;
		else
			before_s = middle;
	}
	return at_s;
}

static bool has(uint64_t bits, int number)
{
	return bits >> number & 1;
}

/* crontab(5): a day that fits either will do when both are restricted. */
static bool fits_day(const struct cron_fields *fields, const struct civil *date, int64_t day)
{
	int weekday = (int)(day + 4 - floor_div(day + 4, 7) * 7); /* 1970-01-01 was a Thursday */
	bool by_day = has(fields->days, date->day);
	bool by_weekday = has(fields->weekdays, weekday);

	if (!fields->any_day && !fields->any_weekday)
		return by_day || by_weekday;
	return by_day && by_weekday;
}

static struct civil next_month(const struct civil *date)
{
	if (date->month == 12)
		return (struct civil){.year = date->year + 1, .month = 1, .day = 1};
	return (struct civil){.year = date->year, .month = date->month + 1, .day = 1};
}

/* The first day from @p day on that fits, or NONE behind @p last. */
static int64_t next_day(const struct cron_fields *fields, int64_t day, int64_t last)
{
	while (day <= last) {
		struct civil date = civil_of(day);
		struct civil next = next_month(&date);

		if (!has(fields->months, date.month))
			day = day_of(&next);
		else if (fits_day(fields, &date, day))
			return day;
		else
			day++;
	}
	return NONE;
}

/* The last day up to @p day that fits, or NONE before @p first. */
static int64_t previous_day(const struct cron_fields *fields, int64_t day, int64_t first)
{
	while (day >= first) {
		struct civil date = civil_of(day);

		if (!has(fields->months, date.month))
			day -= date.day; /* the last one of the month before */
		else if (fits_day(fields, &date, day))
			return day;
		else
			day--;
	}
	return NONE;
}

/* The first minute of a day from @p minute on, or NONE. */
static int64_t next_in_day(const struct cron_fields *fields, int64_t minute)
{
	int from = (int)(minute % 60);

	for (int hour = (int)(minute / 60); hour < 24; hour++, from = 0) {
		uint64_t left = has(fields->hours, hour) ? fields->minutes >> from : 0;

		if (left)
			return hour * 60 + from + __builtin_ctzll(left);
	}
	return NONE;
}

static int64_t previous_in_day(const struct cron_fields *fields, int64_t minute)
{
	int to = (int)(minute % 60);

	for (int hour = (int)(minute / 60); hour >= 0; hour--, to = 59) {
		uint64_t left = has(fields->hours, hour) ? fields->minutes << (63 - to) : 0;

		if (left)
			return hour * 60 + to - __builtin_clzll(left);
	}
	return NONE;
}

/* The first nominal minute from @p minute on, or NONE. */
static int64_t next_nominal(const struct cron *cron, int64_t minute)
{
	int64_t today = floor_div(minute, DAY_MINUTES);
	int64_t day = next_day(&cron->fields, today, today + HORIZON_DAYS);
	int64_t in_day =
		day == today ? next_in_day(&cron->fields, minute - today * DAY_MINUTES) : NONE;

	if (day == today && in_day == NONE)
		day = next_day(&cron->fields, today + 1, today + HORIZON_DAYS);
	if (day == NONE)
		return NONE;
	return day * DAY_MINUTES + (in_day == NONE ? next_in_day(&cron->fields, 0) : in_day);
}

static int64_t previous_nominal(const struct cron *cron, int64_t minute)
{
	int64_t today = floor_div(minute, DAY_MINUTES);
	int64_t day = previous_day(&cron->fields, today, today - HORIZON_DAYS);
	int64_t in_day =
		day == today ? previous_in_day(&cron->fields, minute - today * DAY_MINUTES) : NONE;

	if (day == today && in_day == NONE)
		day = previous_day(&cron->fields, today - 1, today - HORIZON_DAYS);
	if (day == NONE)
		return NONE;
	return day * DAY_MINUTES +
	       (in_day == NONE ? previous_in_day(&cron->fields, DAY_MINUTES - 1) : in_day);
}

/* When the clock jumps over the nominal second @p local_s: the first second with another offset. */
static int64_t end_of_gap(const struct cron *cron, int64_t local_s, int64_t before)
{
	int64_t from = local_s - DAY_S;
	int64_t to = local_s + DAY_S;

	do
		from = interval_start(cron, from, to, interval_at(cron, from) + 1);
	while (from < to && offset_at(cron, from) == before); /* only its name changed */
	return from;
}

/* The instant of a nominal minute; it never gets smaller when the minute gets larger. No zone is a
 * day or more away from UTC, and none changed twice within two days. */
static int64_t instant_of(const struct cron *cron, int64_t minute)
{
	int64_t local_s = minute * 60;
	int64_t before = offset_at(cron, local_s - DAY_S);
	int64_t after = offset_at(cron, local_s + DAY_S);

	if (before == after || offset_at(cron, local_s - before) == before)
		return local_s - before; /* the first of two, where there are two */
	if (offset_at(cron, local_s - after) == after)
		return local_s - after;
	return end_of_gap(cron, local_s, before);
}

static int64_t next_fixed(const struct cron *cron, int64_t after_s)
{
	int64_t minute = floor_div(after_s + offset_at(cron, after_s), 60);

	while ((minute = next_nominal(cron, minute)) != NONE) {
		int64_t at_s = instant_of(cron, minute);

		if (at_s > after_s)
			return at_s;
		minute++;
	}
	return NONE;
}

static int64_t previous_fixed(const struct cron *cron, int64_t until_s)
{
	/* when the clock was just set back, later nominal minutes have been already */
	int64_t offset = MAX(offset_at(cron, until_s), offset_at(cron, until_s - DAY_S));
	int64_t minute = floor_div(until_s + offset, 60);

	while ((minute = previous_nominal(cron, minute)) != NONE) {
		int64_t at_s = instant_of(cron, minute);

		if (at_s <= until_s)
			return at_s;
		minute--;
	}
	return NONE;
}

/* The first real minute from @p from_s on. Nothing fits between here and the next nominal minute
 * that fits, unless the clock is set back within a day from here: then its change comes first. */
static int64_t next_real(const struct cron *cron, int64_t from_s)
{
	for (;;) {
		int interval = interval_at(cron, from_s);
		int64_t offset = g_time_zone_get_offset(cron->zone, interval);
		int64_t minute = next_nominal(cron, -floor_div(-(from_s + offset), 60));
		int64_t at_s = minute == NONE ? NONE : minute * 60 - offset;

		if (at_s == NONE || interval_at(cron, at_s) == interval)
			return at_s;
		if (minute * 60 - DAY_S > from_s + DAY_S &&
		    interval_at(cron, from_s + DAY_S) == interval)
			from_s = minute * 60 - DAY_S;
		else
			from_s = interval_start(cron, from_s, at_s, interval + 1);
	}
}

static int64_t previous_real(const struct cron *cron, int64_t until_s)
{
	for (;;) {
		int interval = interval_at(cron, until_s);
		int64_t offset = g_time_zone_get_offset(cron->zone, interval);
		int64_t minute = previous_nominal(cron, floor_div(until_s + offset, 60));
		int64_t at_s = minute == NONE ? NONE : minute * 60 - offset;

		if (at_s == NONE || interval_at(cron, at_s) == interval)
			return at_s;
		if (minute * 60 + DAY_S < until_s - DAY_S &&
		    interval_at(cron, until_s - DAY_S) == interval)
			until_s = minute * 60 + DAY_S;
		else
			until_s = interval_start(cron, at_s, until_s, interval) - 1;
	}
}

static int64_t second_of(int64_t wall_ms)
{
	return CLAMP(floor_div(wall_ms, MS_PER_S), FIRST_S, LAST_S);
}

int64_t cron_next(const struct cron *cron, int64_t wall_ms)
{
	int64_t s = second_of(wall_ms);
	int64_t at_s = cron->fields.every_real ? next_real(cron, s + 1) : next_fixed(cron, s);

	return at_s == NONE || at_s > LAST_S ? 0 : at_s * MS_PER_S;
}

int64_t cron_previous(const struct cron *cron, int64_t wall_ms)
{
	int64_t s = second_of(wall_ms);
	int64_t at_s = cron->fields.every_real ? previous_real(cron, s) : previous_fixed(cron, s);

	return at_s == NONE || at_s < FIRST_S ? 0 : at_s * MS_PER_S;
}

int64_t cron_day(const struct cron *cron, int64_t wall_ms)
{
	int64_t s = second_of(wall_ms);

	return floor_div(s + offset_at(cron, s), DAY_S);
}

/* Midnight is looked for with the offset of now and with the one it has itself: where they differ,
 * the clock changes in between, and the instants of some hours are gone through one by one. */
int64_t cron_next_day(const struct cron *cron, int64_t wall_ms)
{
	int64_t s = second_of(wall_ms);
	int64_t today = cron_day(cron, wall_ms);
	int64_t midnight_s = (today + 1) * DAY_S - offset_at(cron, s);
	int64_t other_s = (today + 1) * DAY_S - offset_at(cron, midnight_s);
	int64_t at_ms = cron_next(cron, MAX(MIN(midnight_s, other_s) - 1, s) * MS_PER_S);

	while (at_ms != 0 && cron_day(cron, at_ms) <= today)
		at_ms = cron_next(cron, at_ms);
	return at_ms;
}

int64_t cron_previous_day(const struct cron *cron, int64_t wall_ms)
{
	int64_t s = second_of(wall_ms);
	int64_t today = cron_day(cron, wall_ms);
	int64_t before_s = today * DAY_S - offset_at(cron, s) - 1;
	int64_t other_s = today * DAY_S - offset_at(cron, before_s) - 1;
	int64_t at_ms = cron_previous(cron, MIN(MAX(before_s, other_s), s) * MS_PER_S);

	while (at_ms != 0 && cron_day(cron, at_ms) >= today)
		at_ms = cron_previous(cron, at_ms - 1);
	return at_ms;
}

/* What the words that begin with '@' stand for. */
static const struct {
	const char *word;
	const char *fields;
} shorthands[] = {{"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
		  {"@weekly", "0 0 * * 0"},  {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
		  {"@annually", "0 0 1 1 *"}};

#define refuse(error, ...) (g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, __VA_ARGS__), NULL)

/* The words of @p text, a shorthand replaced by what it stands for. Caller frees. */
static GStrv split(const char *text, GError **error)
{
	g_autoptr(GStrvBuilder) words = g_strv_builder_new();
	g_auto(GStrv) parts = NULL;
	const char *fields = text;
	const char *rest = "";

	if (strlen(text) > CRON_TEXT_MAX_BYTES)
		return refuse(error, "longer than %d bytes", CRON_TEXT_MAX_BYTES);
	for (size_t i = 0; *text == '@' && i < G_N_ELEMENTS(shorthands); i++) {
		size_t length = strlen(shorthands[i].word);

		if (strncmp(text, shorthands[i].word, length) == 0 && strchr(" \t", text[length])) {
			fields = shorthands[i].fields;
			rest = text + length;
		}
	}
	if (*fields == '@')
		return refuse(error, "known words are @hourly, @daily, @midnight, @weekly, "
				     "@monthly, @yearly and @annually");
	g_autofree char *whole = g_strconcat(fields, " ", rest, NULL);

	parts = g_strsplit_set(whole, " \t", -1);
	for (size_t i = 0; parts[i]; i++)
		if (*parts[i])
			g_strv_builder_add(words, parts[i]);
	return g_strv_builder_end(words);
}

/* The zone that is written or meant. */
static const char *zone_of(char **words, const char *default_zone, GError **error)
{
	guint count = g_strv_length(words);

	if (count < 5)
		return refuse(error,
			      "five fields are needed: minute, hour, day of month, month, day of "
			      "week, and then a zone if need be: 0 6 * * 1-5 America/New_York");
	if (count > 6)
		return refuse(error, "there is too much: five fields and a zone are all");
	if (count == 6 && !timefmt_zone_exists(words[5]))
		return refuse(error,
			      "unknown time zone \"%.64s\"; write a name like Europe/Berlin (the "
			      "tzdata package must be installed)",
			      words[5]);
	return count == 6 ? words[5] : default_zone;
}

/* Some moment from which leap years are in reach on both sides. */
#define ANY_MS (INT64_C(978307200) * MS_PER_S)

struct cron *cron_parse(const char *text, const char *default_zone, GError **error)
{
	g_auto(GStrv) words = split(text, error);
	const char *zone = words ? zone_of(words, default_zone, error) : NULL;
	g_autoptr(GTimeZone) found = NULL;
	struct cron trial = {0}; /* becomes a real one only when it is right */
	struct cron *cron;

	if (!zone || !cron_fields_parse(words, &trial.fields, error))
		return NULL;
	trial.zone = found = g_time_zone_new_identifier(zone);
	if (!found)
		return refuse(error, "unknown time zone \"%.64s\"", zone);
	if (cron_next(&trial, ANY_MS) == 0)
		return refuse(error, "no day fits day of month and month (and day of week)");
	cron = g_new0(struct cron, 1);
	*cron = trial;
	cron->zone = g_steal_pointer(&found);
	cron->text = g_strdup(text);
	cron->zone_name = g_strdup(zone);
	return cron;
}

void cron_free(struct cron *cron)
{
	if (!cron)
		return;
	g_time_zone_unref(cron->zone);
	g_free(cron->zone_name);
	g_free(cron->text);
	g_free(cron);
}

const char *cron_text(const struct cron *cron)
{
	return cron->text;
}

const char *cron_zone(const struct cron *cron)
{
	return cron->zone_name;
}
