/* timefmt - see timefmt.h */
#include "timefmt.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "drift_error.h"

/* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what RFC 3339 can write. */
#define FIRST_S INT64_C(-62135596800)
#define LAST_S INT64_C(253402300799)

#define ZONE_MAX_BYTES 64
#define ZONE_DIRECTORY "/usr/share/zoneinfo"

const char *timefmt_utc(int64_t wall_ms, char buffer[TIMEFMT_BYTES])
{
	int64_t s = wall_ms / MS_PER_S - (wall_ms % MS_PER_S < 0 ? 1 : 0);
	time_t when = (time_t)CLAMP(s, FIRST_S, LAST_S);
	struct tm tm = {0};

	(void)gmtime_r(&when, &tm); /* cannot fail in this range */
	(void)g_snprintf(buffer, TIMEFMT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
			 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return buffer;
}

/* Exactly two or four digits at *text, moved past; -1 when they are not there. */
static int take_digits(const char **text, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		if (!g_ascii_isdigit(**text))
			return -1;
		value = value * 10 + (**text - '0');
		(*text)++;
	}
	return value;
}

static bool take_char(const char **text, const char *one_of)
{
	if (!**text || !strchr(one_of, **text))
		return false;
	(*text)++;
	return true;
}

struct instant {
	int year, month, day, hour, minute, second;
	int fraction_ms;
	int offset_s;
};

static bool take_date(const char **text, struct instant *t)
{
	return (t->year = take_digits(text, 4)) >= 1 && take_char(text, "-") &&
	       (t->month = take_digits(text, 2)) >= 1 && take_char(text, "-") &&
	       (t->day = take_digits(text, 2)) >= 1;
}

static bool take_time(const char **text, struct instant *t)
{
	return (t->hour = take_digits(text, 2)) >= 0 && take_char(text, ":") &&
	       (t->minute = take_digits(text, 2)) >= 0 && take_char(text, ":") &&
	       (t->second = take_digits(text, 2)) >= 0;
}

static bool take_fraction(const char **text, struct instant *t)
{
	int weight = 100;
	int digits = 0;

	if (!take_char(text, "."))
		return true;
	for (; g_ascii_isdigit(**text); (*text)++, digits++, weight /= 10)
		t->fraction_ms += (**text - '0') * weight;
	return digits >= 1 && digits <= 9;
}

static bool take_offset(const char **text, struct instant *t)
{
	int sign = **text == '-' ? -1 : 1;
	int hours = 0;
	int minutes = 0;

	if (take_char(text, "Zz"))
		return true;
	if (!take_char(text, "+-") || (hours = take_digits(text, 2)) < 0 || !take_char(text, ":") ||
	    (minutes = take_digits(text, 2)) < 0 || hours > 23 || minutes > 59)
		return false;
	t->offset_s = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* A leap second is the one after 23:59:59 UTC (RFC 3339 5.7); like POSIX, it counts as the next. */
static bool to_unix(struct instant *t, int64_t *ret_s)
{
	bool leap = t->second == 60;
	g_autoptr(GDateTime) local = NULL;
	int64_t s = 0;

	if (t->hour > 23 || t->minute > 59)
		return false;
	local = g_date_time_new_utc(t->year, t->month, t->day, t->hour, t->minute,
				    leap ? 59.0 : (double)t->second);
	if (!local)
		return false; /* no such day, or second */
	s = g_date_time_to_unix(local) - t->offset_s;
	if (leap && (s % 86400 + 86400) % 86400 != 86399)
		return false;
	*ret_s = s + (leap ? 1 : 0);
	return true;
}

bool timefmt_parse(const char *text, int64_t *ret_wall_ms, GError **error)
{
	const char *p = text;
	struct instant t = {0};
	int64_t s = 0;

	if (!take_date(&p, &t) || !take_char(&p, "Tt") || !take_time(&p, &t) ||
	    !take_fraction(&p, &t) || !take_offset(&p, &t) || *p || !to_unix(&t, &s)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "\"%.40s\" is not a time of RFC 3339 (2026-11-20T11:00:03Z)", text);
		return false;
	}
	*ret_wall_ms = s * MS_PER_S + t.fraction_ms;
	return true;
}

/* Only names that stay below the zone directory: letters, digits and "_+-" in parts. */
static bool is_zone_name(const char *zone)
{
	size_t length = strlen(zone);

	return length > 0 && length <= ZONE_MAX_BYTES && g_ascii_isalpha(zone[0]) &&
	       strspn(zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
		       length;
}

bool timefmt_zone_exists(const char *zone)
{
	const char *directory = g_getenv("TZDIR");
	g_autofree char *path = NULL;
	char magic[4] = {0};
	bool found = false;
	int fd = -1;

	if (!is_zone_name(zone))
		return false;
	if (strcmp(zone, "UTC") == 0)
		return true; /* also where there is no database */
	path = g_build_filename(directory ? directory : ZONE_DIRECTORY, zone, NULL);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	/* the folder also holds lists and lower folders: RFC 8536 3.1 names the magic */
	found = read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
		memcmp(magic, "TZif", sizeof(magic)) == 0;
	(void)close(fd); /* nothing was written */
	return found;
}

/* Days since 0001-01-01 of the date people there see at s. */
static guint32 julian_at(GTimeZone *zone, int64_t s)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(s);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
	GDate date = {0};

	g_date_set_dmy(&date, (GDateDay)g_date_time_get_day_of_month(local),
		       (GDateMonth)g_date_time_get_month(local),
		       (GDateYear)g_date_time_get_year(local));
	return g_date_get_julian(&date);
}

/*
 * First second at which the date there is later than the given one. Searched for, not computed:
 * midnight may not exist (clocks go forward at 24:00) or come twice, and whole days were skipped.
 */
static int64_t first_second_after(GTimeZone *zone, guint32 julian, int64_t utc_midnight_s)
{
	int64_t before = utc_midnight_s - INT64_C(36) * 3600;
	int64_t after = utc_midnight_s + INT64_C(36) * 3600;

	while (after - before > 1) {
		int64_t middle = before + (after - before) / 2;

		if (julian_at(zone, middle) > julian)
			after = middle;
		else
			before = middle;
	}
	return after;
}

bool timefmt_end_of_day(const char *date, const char *zone, int64_t *ret_wall_ms, GError **error)
{
	const char *p = date;
	struct instant t = {0};
	g_autoptr(GTimeZone) tz = NULL;
	g_autoptr(GDateTime) midnight = NULL;
	GDate day = {0};

	/* one day of room at both ends, so that no neighbour falls off the calendar */
	if (!take_date(&p, &t) || *p || t.year < 2 || t.year > 9998 ||
	    !(midnight = g_date_time_new_utc(t.year, t.month, t.day, 0, 0, 0.0))) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "\"%.40s\" is not a date (YYYY-MM-DD)", date);
		return false;
	}
	tz = timefmt_zone_exists(zone) ? g_time_zone_new_identifier(zone) : NULL;
	if (!tz) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "\"%.64s\" is not a time zone of the IANA database (Europe/Berlin)",
			    zone);
		return false;
	}
	g_date_set_dmy(&day, (GDateDay)t.day, (GDateMonth)t.month, (GDateYear)t.year);
	*ret_wall_ms = first_second_after(tz, g_date_get_julian(&day),
					  g_date_time_to_unix(midnight) + 86400) *
		       MS_PER_S;
	return true;
}
