/* folder_format - see folder_format.h */
#include "folder_format.h"

#include <string.h>

#include "drift_error.h"

/* Letters behind '%' and how many digits each stands for. */
static const struct {
	char letter;
	int digits;
} fields[] = {{'Y', 4}, {'m', 2}, {'d', 2}, {'H', 2}, {'M', 2}, {'S', 2}, {'j', 3}, {'s', 10}};

/* Places of the above. */
enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, DAY_OF_YEAR, UNIX, FIELD_COUNT };

_Static_assert(G_N_ELEMENTS(fields) == FIELD_COUNT, "one place for each field");

/* The place of the field called @p letter, or -1. */
static int field_of(char letter)
{
	for (int i = 0; i < FIELD_COUNT; i++)
		if (fields[i].letter == letter)
			return i;
	return -1;
}

#define refuse(error, ...)                                                                         \
	(g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, __VA_ARGS__), false)

/* Which fields there are. */
static bool find_fields(const char *format, bool has[FIELD_COUNT], GError **error)
{
	for (const char *at = format; *at; at++) {
		int field;

		if (*at != '%')
			continue;
		at++;
		if (*at == '%')
			continue;
		field = *at ? field_of(*at) : -1;
		if (field < 0)
			return refuse(error, "behind %% comes one of Y m d H M S j s and %%");
		if (has[field])
			return refuse(error, "%%%c is there twice", *at);
		has[field] = true;
	}
	return true;
}

static bool check_fields(const bool has[FIELD_COUNT], GError **error)
{
	bool has_date = has[MONTH] || has[DAY];
	bool has_others = has[YEAR] || has_date || has[DAY_OF_YEAR] || has[HOUR] || has[MINUTE] ||
			  has[SECOND];

	if (has[UNIX])
		return !has_others || refuse(error, "%%s is the whole time: no other field can be "
						    "beside it");
	if (has[DAY_OF_YEAR] && has_date)
		return refuse(error, "%%j and %%m or %%d say the same twice");
	if (!has[YEAR] || !(has[DAY_OF_YEAR] || (has[MONTH] && has[DAY])))
		return refuse(error, "a day is needed: %%Y, %%m and %%d, or %%Y and %%j, or %%s");
	if ((has[SECOND] && !has[MINUTE]) || (has[MINUTE] && !has[HOUR]))
		return refuse(error, "%%S needs %%M, and %%M needs %%H");
	return true;
}

bool folder_format_check(const char *format, GError **error)
{
	bool has[FIELD_COUNT] = {false};
	size_t length = strlen(format);

	if (length == 0 || length > FOLDER_FORMAT_MAX_BYTES)
		return refuse(error, "a format is 1 to %d bytes long", FOLDER_FORMAT_MAX_BYTES);
	if (!g_utf8_validate(format, -1, NULL))
		return refuse(error, "not UTF-8");
	for (size_t i = 0; i < length; i++)
		if (g_ascii_iscntrl(format[i]))
			return refuse(error, "it holds a control character");
	if (format[0] == '/' || format[length - 1] == '/' || strstr(format, "//"))
		return refuse(error, "'/' can be between fields, one at a time, not at the ends");
	return find_fields(format, has, error) && check_fields(has, error);
}

/* Exactly @p count digits at *name, which moves behind them. */
static bool take_digits(const char **name, const char *end, int count, int64_t *ret_number)
{
	int64_t number = 0;

	if (end - *name < count)
		return false;
	for (int i = 0; i < count; i++, (*name)++) {
		if (!g_ascii_isdigit(**name))
			return false;
		number = number * 10 + (**name - '0');
	}
	*ret_number = number;
	return true;
}

/* The instant of a date and a time that exist. */
static bool to_instant(const int64_t numbers[FIELD_COUNT], int64_t *ret_s)
{
	bool by_day_of_year = numbers[DAY_OF_YEAR] > 0;
	int64_t days;
	GDate date = {0};
	GDateYear year = (GDateYear)numbers[YEAR]; /* four digits */
	GDateMonth month = by_day_of_year ? G_DATE_JANUARY : (GDateMonth)numbers[MONTH];
	GDateDay day = by_day_of_year ? 1 : (GDateDay)numbers[DAY]; /* two digits */

	if (!g_date_valid_dmy(day, month, year) || numbers[HOUR] > 23 || numbers[MINUTE] > 59 ||
	    numbers[SECOND] > 59)
		return false;
	if (by_day_of_year && numbers[DAY_OF_YEAR] > (g_date_is_leap_year(year) ? 366 : 365))
		return false;
	g_date_set_dmy(&date, day, month, year);
	days = (int64_t)g_date_get_julian(&date) - 719163; /* of 1970-01-01 */
	if (by_day_of_year)
		days += numbers[DAY_OF_YEAR] - 1;
	*ret_s = days * 86400 + numbers[HOUR] * 3600 + numbers[MINUTE] * 60 + numbers[SECOND];
	return true;
}

/* Read @p name into @p numbers; a field that is not there stays as it is. */
static bool read_fields(const char *format, const char *name, const char *end,
			int64_t numbers[FIELD_COUNT])
{
	for (const char *at = format; *at; at++) {
		int field = *at == '%' ? field_of(at[1]) : -1;

		if (field >= 0) {
			if (!take_digits(&name, end, fields[field].digits, &numbers[field]))
				return false;
			at++;
			continue;
		}
		if (*at == '%')
			at++; /* %% */
		if (name == end || *name != *at)
			return false;
		name++;
	}
	return name == end;
}

bool folder_format_match(const char *format, const char *name, size_t length, int64_t *ret_wall_ms)
{
	int64_t numbers[FIELD_COUNT] = {[DAY_OF_YEAR] = -1, [UNIX] = -1};
	int64_t s = 0;

	if (!read_fields(format, name, name + length, numbers) || numbers[DAY_OF_YEAR] == 0)
		return false;
	if (numbers[UNIX] >= 0)
		s = numbers[UNIX];
	else if (!to_instant(numbers, &s))
		return false;
	if (s <= 0)
		return false; /* elsewhere 0 is "no time" */
	*ret_wall_ms = s * MS_PER_S;
	return true;
}

size_t folder_format_depth(const char *format)
{
	size_t depth = 0;

	for (const char *at = format; *at; at++)
		depth += *at == '/' ? 1 : 0;
	return depth;
}
