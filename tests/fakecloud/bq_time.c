/* bq_time - dates and points in time of BigQuery. See bq_value.h. */
#include "tests/fakecloud/bq_value.h"

#include <string.h>

int64_t bq_floor_div(int64_t value, int64_t divisor)
{
	int64_t quotient = value / divisor;

	return quotient - (value % divisor < 0 ? 1 : 0);
}

/* Howard Hinnant, chrono-compatible low-level date algorithms */
int64_t bq_days(int64_t year, int64_t month, int64_t day)
{
	int64_t y = year - (month <= 2 ? 1 : 0);
	int64_t era = bq_floor_div(y, 400), year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

/** Digits at *at, exactly @p count of them (0: one or more, up to 6). */
static bool take_digits(const char **at, int count, int64_t *ret_value)
{
	const char *start = *at;
	int most = count > 0 ? count : 6;

	*ret_value = 0;
	while (g_ascii_isdigit(**at) && *at - start < most)
		*ret_value = *ret_value * 10 + (*(*at)++ - '0');
	return count > 0 ? *at - start == count : *at > start;
}

static bool take_char(const char **at, char wanted)
{
	if (**at != wanted)
		return false;
	(*at)++;
	return true;
}

static bool take_date(const char **at, int64_t *ret_days)
{
	int64_t year = 0, month = 0, day = 0;

	if (!take_digits(at, 4, &year) || !take_char(at, '-') || !take_digits(at, 2, &month) ||
	    !take_char(at, '-') || !take_digits(at, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 ||
	    day > g_date_get_days_in_month((GDateMonth)month, (GDateYear)year))
		return false;
	*ret_days = bq_days(year, month, day);
	return true;
}

/** "+1", "-2" after "today"; nothing is 0. */
static bool take_step(const char *at, int64_t *ret_step)
{
	gint64 step = 0;

	if (*at == '+')
		at++;
	if (*at && !g_ascii_string_to_signed(at, 10, -100000, 100000, &step, NULL))
		return false;
	*ret_step = step;
	return true;
}

bool bq_date_parse(const char *text, int64_t now_us, int64_t *ret_days)
{
	const char *at = text;
	int64_t step = 0;

	if (g_str_has_prefix(text, "today")) {
		if (!take_step(text + strlen("today"), &step))
			return false;
		*ret_days = bq_floor_div(now_us, BQ_US_PER_DAY) + step;
		return true;
	}
	return take_date(&at, ret_days) && !*at;
}

static bool parse_relative(const char *text, int64_t now_us, int64_t *ret_us)
{
	static const char units[] = "smhd";
	static const int64_t seconds[] = {1, 60, 3600, 86400};
	const char *at = text + strlen("now"), *unit = NULL;
	int64_t sign = *at == '-' ? -1 : 1, number = 0;

	if (!*at) {
		*ret_us = now_us;
		return true;
	}
	at++;
	if (!take_digits(&at, 0, &number) || !*at || at[1])
		return false;
	unit = strchr(units, *at);
	if (!unit)
		return false;
	*ret_us = now_us + sign * number * seconds[unit - units] * BQ_US_PER_S;
	return true;
}

/** ".123456": microseconds; further digits are dropped. */
static int64_t take_fraction(const char **at)
{
	int64_t value = 0;
	int digits = 0;

	if (!take_char(at, '.'))
		return 0;
	for (; g_ascii_isdigit(**at); (*at)++) {
		if (digits++ < 6)
			value = value * 10 + (**at - '0');
	}
	for (; digits < 6; digits++)
		value *= 10;
	return value;
}

static bool take_clock(const char **at, int64_t *ret_us)
{
	int64_t hour = 0, minute = 0, second = 0;

	if (!take_digits(at, 2, &hour) || !take_char(at, ':') || !take_digits(at, 2, &minute))
		return false;
	if (take_char(at, ':') && !take_digits(at, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	*ret_us = ((hour * 60 + minute) * 60 + second) * BQ_US_PER_S + take_fraction(at);
	return true;
}

bool bq_zone_offset(const char *zone, int64_t us, bool is_local, int64_t *ret_offset_us)
{
	g_autoptr(GTimeZone) found = g_time_zone_new_identifier(zone);
	gint interval = 0;

	if (!found)
		return false;
	interval = g_time_zone_find_interval(
		found, is_local ? G_TIME_TYPE_STANDARD : G_TIME_TYPE_UNIVERSAL,
		bq_floor_div(us, BQ_US_PER_S));
	*ret_offset_us =
		interval < 0 ? 0 : (int64_t)g_time_zone_get_offset(found, interval) * BQ_US_PER_S;
	return true;
}

/** What follows the clock: nothing, "Z", "+00", "-05:30", " UTC", " America/New_York". */
static bool take_zone(const char *at, int64_t local_us, int64_t *ret_us)
{
	int64_t hours = 0, minutes = 0, offset_us = 0;
	int64_t sign = *at == '-' ? -1 : 1;

	*ret_us = local_us;
	if (!*at || g_ascii_strcasecmp(at, "z") == 0)
		return true;
	if (*at == '+' || *at == '-') {
		at++;
		if (!take_digits(&at, 2, &hours) ||
		    (take_char(&at, ':') && !take_digits(&at, 2, &minutes)) || *at)
			return false;
		*ret_us = local_us - sign * (hours * 60 + minutes) * 60 * BQ_US_PER_S;
		return true;
	}
	if (*at != ' ' || !bq_zone_offset(at + 1, local_us, true, &offset_us))
		return false;
	*ret_us = local_us - offset_us;
	return true;
}

bool bq_time_parse(const char *text, int64_t now_us, int64_t *ret_us)
{
	const char *at = text;
	int64_t days = 0, clock_us = 0;

	if (g_str_has_prefix(text, "now"))
		return parse_relative(text, now_us, ret_us);
	if (g_str_has_prefix(text, "today")) {
		if (!bq_date_parse(text, now_us, &days))
			return false;
		*ret_us = days * BQ_US_PER_DAY;
		return true;
	}
	if (!take_date(&at, &days))
		return false;
	if ((*at == 'T' || *at == 't' || *at == ' ') && g_ascii_isdigit(at[1])) {
		at++;
		if (!take_clock(&at, &clock_us))
			return false;
	}
	return take_zone(at, days * BQ_US_PER_DAY + clock_us, ret_us);
}

char *bq_date_text(int64_t days)
{
	g_autoptr(GDateTime) then = g_date_time_new_from_unix_utc(days * 86400);

	return then ? g_date_time_format(then, "%Y-%m-%d") : g_strdup("0001-01-01");
}

char *bq_datetime_text(int64_t us, char between)
{
	int64_t seconds = bq_floor_div(us, BQ_US_PER_S), fraction = us - seconds * BQ_US_PER_S;
	g_autoptr(GDateTime) then = g_date_time_new_from_unix_utc(seconds);
	g_autofree char *date =
		then ? g_date_time_format(then, "%Y-%m-%d") : g_strdup("0001-01-01");
	g_autofree char *clock = then ? g_date_time_format(then, "%H:%M:%S") : g_strdup("00:00:00");

	if (fraction == 0)
		return g_strdup_printf("%s%c%s", date, between, clock);
	return g_strdup_printf("%s%c%s.%06" G_GINT64_FORMAT, date, between, clock, fraction);
}
