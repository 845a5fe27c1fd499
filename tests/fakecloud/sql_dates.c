/* sql_dates - dates, times and casts for SQLite. A value of DATE, DATETIME or TIMESTAMP is reckoned
 * with as microseconds since 1970 of its own wall clock. See sql_functions.h. */
#include "tests/fakecloud/sql_functions.h"

#include "tests/fakecloud/bq.h"

#include <string.h>

static void give_text(sqlite3_context *context, char *taken)
{
	sqlite3_result_text(context, taken, -1, g_free);
}

static void fail(sqlite3_context *context, const char *format, const char *what)
{
	g_autofree char *message = g_strdup_printf("%s%s", format, what);

	sqlite3_result_error(context, message, -1);
}

/** Of a value of @p type; false when it is NULL or none. */
static bool to_us(const char *type, sqlite3_value *value, int64_t *ret_us)
{
	if (sqlite3_value_type(value) == SQLITE_NULL)
		return false;
	if (g_str_equal(type, "TIMESTAMP")) {
		*ret_us = sqlite3_value_int64(value);
		return true;
	}
	return bq_time_parse(sql_argument_text(value), 0, ret_us);
}

static void give_us(sqlite3_context *context, const char *type, int64_t us)
{
	if (g_str_equal(type, "TIMESTAMP"))
		sqlite3_result_int64(context, us);
	else if (g_str_equal(type, "DATE"))
		give_text(context, bq_date_text(bq_floor_div(us, BQ_US_PER_DAY)));
	else
		give_text(context, bq_datetime_text(us, 'T'));
}

/** Wall clock of a zone at a point in time. */
static bool in_zone(sqlite3_context *context, int64_t us, const char *zone, int64_t *ret_local_us)
{
	int64_t offset_us = 0;

	if (!bq_zone_offset(zone, us, false, &offset_us)) {
		fail(context, "Invalid time zone: ", zone);
		return false;
	}
	*ret_local_us = us + offset_us;
	return true;
}

/* --- points in time --- */

static void now(sqlite3_context *context, int count, sqlite3_value **values)
{
	const int64_t *now_us = sqlite3_user_data(context);

	(void)count;
	(void)values;
	sqlite3_result_int64(context, *now_us);
}

static void local_text(sqlite3_context *context, sqlite3_value **values, const char *type)
{
	int64_t local_us = 0;

	if (sql_any_null(2, values) || !in_zone(context, sqlite3_value_int64(values[0]),
						sql_argument_text(values[1]), &local_us))
		return;
	give_us(context, type, local_us);
}

static void date(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	local_text(context, values, "DATE");
}

static void datetime(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	local_text(context, values, "DATETIME");
}

/** TIMESTAMP(text or date or datetime, zone) */
static void timestamp(sqlite3_context *context, int count, sqlite3_value **values)
{
	int64_t us = 0, offset_us = 0;
	const char *text = sql_argument_text(values[0]), *zone = sql_argument_text(values[1]);

	if (sql_any_null(count, values))
		return;
	if (!bq_time_parse(text, 0, &us))
		fail(context, "Invalid timestamp: ", text);
	else if (!bq_zone_offset(zone, us, true, &offset_us))
		fail(context, "Invalid time zone: ", zone);
	else
		sqlite3_result_int64(context, us - offset_us);
}

/* --- reckoning --- */

static int64_t unit_us(const char *unit)
{
	static const struct {
		const char *unit;
		int64_t us;
	} table[] = {{"MICROSECOND", 1},           {"MILLISECOND", 1000},
		     {"SECOND", BQ_US_PER_S},      {"MINUTE", 60 * BQ_US_PER_S},
		     {"HOUR", 3600 * BQ_US_PER_S}, {"DAY", BQ_US_PER_DAY},
		     {"WEEK", 7 * BQ_US_PER_DAY}};

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if (g_str_equal(table[i].unit, unit))
			return table[i].us;
	}
	return 0; /* months and more have no length */
}

static int unit_months(const char *unit)
{
	return g_str_equal(unit, "YEAR") ? 12 : g_str_equal(unit, "QUARTER") ? 3 : 1;
}

static int64_t add_months(int64_t us, int64_t months)
{
	int64_t days = bq_floor_div(us, BQ_US_PER_DAY), clock_us = us - days * BQ_US_PER_DAY;
	g_autoptr(GDateTime) then = g_date_time_new_from_unix_utc(days * 86400);
	g_autoptr(GDateTime) moved = then ? g_date_time_add_months(then, (gint)months) : NULL;

	return moved ? g_date_time_to_unix(moved) * BQ_US_PER_S + clock_us : us;
}

/** (type, value, count, unit) */
static void shift(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *type = sql_argument_text(values[0]), *unit = sql_argument_text(values[3]);
	int64_t us = 0, number = sqlite3_value_int64(values[2]);

	if (sql_any_null(count, values) || !to_us(type, values[1], &us))
		return;
	us = unit_us(unit) > 0 ? us + number * unit_us(unit)
			       : add_months(us, number * unit_months(unit));
	give_us(context, type, us);
}

static int64_t month_number(int64_t us)
{
	g_autoptr(GDateTime) then = g_date_time_new_from_unix_utc(bq_floor_div(us, BQ_US_PER_S));

	return then ? (int64_t)g_date_time_get_year(then) * 12 + g_date_time_get_month(then) - 1
		    : 0;
}

/** Days since a Sunday. */
static int64_t weekday(int64_t days)
{
	int64_t shifted = days + 4; /* 1970-01-01 was a Thursday */

	return shifted - bq_floor_div(shifted, 7) * 7;
}

/** (type, a, b, unit): boundaries between them; of a TIMESTAMP whole units */
static void diff(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *type = sql_argument_text(values[0]), *unit = sql_argument_text(values[3]);
	int64_t a = 0, b = 0, length = unit_us(unit);

	(void)count;
	if (!to_us(type, values[1], &a) || !to_us(type, values[2], &b))
		return;
	if (length == 0)
		sqlite3_result_int64(context,
				     bq_floor_div(month_number(a), unit_months(unit)) -
					     bq_floor_div(month_number(b), unit_months(unit)));
	else if (g_str_equal(type, "TIMESTAMP"))
		sqlite3_result_int64(context, (a - b) / length);
	else if (g_str_equal(unit, "WEEK"))
		sqlite3_result_int64(context,
				     bq_floor_div(bq_floor_div(a, BQ_US_PER_DAY) + 4, 7) -
					     bq_floor_div(bq_floor_div(b, BQ_US_PER_DAY) + 4, 7));
	else
		sqlite3_result_int64(context, bq_floor_div(a, length) - bq_floor_div(b, length));
}

static int64_t trunc_us(int64_t us, const char *unit)
{
	int64_t days = bq_floor_div(us, BQ_US_PER_DAY), month = 0, length = unit_us(unit);

	if (g_str_equal(unit, "WEEK"))
		return (days - weekday(days)) * BQ_US_PER_DAY;
	if (g_str_equal(unit, "ISOWEEK"))
		return (days - weekday(days - 1)) * BQ_US_PER_DAY;
	if (length > 0)
		return bq_floor_div(us, length) * length;
	month = month_number(us);
	month -= month % unit_months(unit);
	return bq_days(month / 12, month % 12 + 1, 1) * BQ_US_PER_DAY;
}

/** (type, value, unit) */
static void truncate_time(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *type = sql_argument_text(values[0]);
	int64_t us = 0;

	(void)count;
	if (to_us(type, values[1], &us))
		give_us(context, type, trunc_us(us, sql_argument_text(values[2])));
}

static int64_t date_part(GDateTime *then, const char *part, int64_t us)
{
	if (g_str_equal(part, "YEAR"))
		return g_date_time_get_year(then);
	if (g_str_equal(part, "QUARTER"))
		return (g_date_time_get_month(then) + 2) / 3;
	if (g_str_equal(part, "MONTH"))
		return g_date_time_get_month(then);
	if (g_str_equal(part, "DAY"))
		return g_date_time_get_day_of_month(then);
	if (g_str_equal(part, "DAYOFYEAR"))
		return g_date_time_get_day_of_year(then);
	if (g_str_equal(part, "DAYOFWEEK"))
		return weekday(bq_floor_div(us, BQ_US_PER_DAY)) + 1;
	if (g_str_equal(part, "ISOWEEK"))
		return g_date_time_get_week_of_year(then);
	if (g_str_equal(part, "ISOYEAR"))
		return g_date_time_get_week_numbering_year(then);
	if (g_str_equal(part, "WEEK"))
		return (g_date_time_get_day_of_year(then) + 6 -
			weekday(bq_floor_div(us, BQ_US_PER_DAY))) /
		       7;
	if (g_str_equal(part, "HOUR"))
		return g_date_time_get_hour(then);
	if (g_str_equal(part, "MINUTE"))
		return g_date_time_get_minute(then);
	return g_date_time_get_second(then);
}

/** (part, type, value, zone) */
static void extract(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *part = sql_argument_text(values[0]), *type = sql_argument_text(values[1]);
	g_autoptr(GDateTime) then = NULL;
	int64_t us = 0;

	(void)count;
	if (!to_us(type, values[2], &us))
		return;
	if (g_str_equal(type, "TIMESTAMP") &&
	    !in_zone(context, us, sql_argument_text(values[3]), &us))
		return;
	then = g_date_time_new_from_unix_utc(bq_floor_div(us, BQ_US_PER_S));
	if (!then)
		return;
	if (g_str_equal(part, "DATE"))
		give_us(context, "DATE", us);
	else
		sqlite3_result_int64(context, date_part(then, part, us));
}

/* --- texts --- */

/** (format, us, zone); the elements are those of strftime */
static void format_time(sqlite3_context *context, int count, sqlite3_value **values)
{
	g_autoptr(GDateTime) then = NULL;
	int64_t local_us = 0;
	char *text = NULL;

	if (sql_any_null(count, values) || !in_zone(context, sqlite3_value_int64(values[1]),
						    sql_argument_text(values[2]), &local_us))
		return;
	then = g_date_time_new_from_unix_utc(bq_floor_div(local_us, BQ_US_PER_S));
	text = then ? g_date_time_format(then, sql_argument_text(values[0])) : NULL;
	if (text)
		give_text(context, text);
	else
		fail(context, "Invalid format: ", sql_argument_text(values[0]));
}

/** (format, text): "%Y%m%d" and "%Y-%m-%d" */
static void parse_date(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *format = sql_argument_text(values[0]), *text = sql_argument_text(values[1]);
	g_autofree char *spread = NULL;
	int64_t days = 0;

	if (sql_any_null(count, values))
		return;
	if (g_str_equal(format, "%Y%m%d") && strlen(text) == 8)
		spread = g_strdup_printf("%.4s-%.2s-%.2s", text, text + 4, text + 6);
	else if (g_str_equal(format, "%Y-%m-%d") || g_str_equal(format, "%F"))
		spread = g_strdup(text);
	if (spread && bq_date_parse(spread, 0, &days))
		give_text(context, bq_date_text(days));
	else
		fail(context, "Failed to parse input string ", text);
}

/* --- CAST --- */

/** From text. False: it is none of that type. */
static bool cast_text(sqlite3_context *context, const char *text, const char *to)
{
	int64_t number = 0;
	gint64 integer = 0;
	char *end = NULL;

	if (g_str_equal(to, "INT64")) {
		if (!g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &integer, NULL))
			return false;
		sqlite3_result_int64(context, integer);
		return true;
	}
	if (g_str_equal(to, "FLOAT64") || g_str_has_suffix(to, "NUMERIC")) {
		sqlite3_result_double(context, g_ascii_strtod(text, &end));
		return *text && !*end;
	}
	if (g_str_equal(to, "BOOL")) {
		sqlite3_result_int(context, g_ascii_strcasecmp(text, "true") == 0);
		return g_ascii_strcasecmp(text, "true") == 0 ||
		       g_ascii_strcasecmp(text, "false") == 0;
	}
	if (g_str_equal(to, "DATE") || g_str_equal(to, "DATETIME") ||
	    g_str_equal(to, "TIMESTAMP")) {
		if (!g_ascii_isdigit(*text) || !bq_time_parse(text, 0, &number))
			return false;
		give_us(context, to, number);
		return true;
	}
	sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
	return true;
}

static char *time_text(int64_t us)
{
	g_autofree char *text = bq_datetime_text(us, ' ');

	return g_strconcat(text, "+00", NULL);
}

static void cast_to_text(sqlite3_context *context, sqlite3_value *value, const char *from)
{
	if (g_str_equal(from, "TIMESTAMP"))
		give_text(context, time_text(sqlite3_value_int64(value)));
	else if (g_str_equal(from, "BOOL"))
		sqlite3_result_text(context, sqlite3_value_int(value) ? "true" : "false", -1,
				    SQLITE_STATIC);
	else if (g_str_equal(from, "DATETIME"))
		give_text(context, g_strdelimit(g_strdup(sql_argument_text(value)), "T", ' '));
	else
		sqlite3_result_text(context, sql_argument_text(value), -1, SQLITE_TRANSIENT);
}

/** (value, from, to, safe) */
static void cast(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *from = sql_argument_text(values[1]), *to = sql_argument_text(values[2]);
	int64_t us = 0;

	(void)count;
	if (sqlite3_value_type(values[0]) == SQLITE_NULL)
		return;
	if (g_str_equal(from, "STRING")) {
		if (cast_text(context, sql_argument_text(values[0]), to))
			return;
		if (sqlite3_value_int(values[3])) {
			sqlite3_result_null(context);
			return;
		}
		if (g_str_equal(to, "INT64"))
			fail(context, "Bad int64 value: ", sql_argument_text(values[0]));
		else
			fail(context, "Could not cast literal: ", sql_argument_text(values[0]));
	} else if (g_str_equal(to, "STRING")) {
		cast_to_text(context, values[0], from);
	} else if (g_str_equal(from, "DATE") || g_str_equal(from, "DATETIME") ||
		   g_str_equal(from, "TIMESTAMP")) {
		if (to_us(from, values[0], &us))
			give_us(context, to, us);
	} else if (g_str_equal(to, "INT64")) {
		double value = sqlite3_value_double(values[0]);

		sqlite3_result_int64(context, (int64_t)(value < 0 ? value - 0.5 : value + 0.5));
	} else {
		sqlite3_result_value(context, values[0]);
	}
}

bool sql_dates_register(sqlite3 *db)
{
	static const struct {
		const char *name;
		int arguments;
		void (*call)(sqlite3_context *, int, sqlite3_value **);
	} table[] = {
		{"bq_date", 2, date},
		{"bq_datetime", 2, datetime},
		{"bq_timestamp", 2, timestamp},
		{"bq_shift", 4, shift},
		{"bq_diff", 4, diff},
		{"bq_trunc", 3, truncate_time},
		{"bq_extract", 4, extract},
		{"bq_format", 3, format_time},
		{"bq_parse_date", 2, parse_date},
		{"bq_cast", 4, cast},
	};
	int64_t *now_us = g_new(int64_t, 1);
	bool ok = true;

	*now_us = bq_now_us();
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
		ok &= sqlite3_create_function(db, table[i].name, table[i].arguments, SQLITE_UTF8,
					      NULL, table[i].call, NULL, NULL) == SQLITE_OK;
	/* one now for the whole query */
	return sqlite3_create_function_v2(db, "bq_now", 0, SQLITE_UTF8, now_us, now, NULL, NULL,
					  g_free) == SQLITE_OK &&
	       ok;
}
