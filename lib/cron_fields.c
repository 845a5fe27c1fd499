/* cron_fields - see cron_fields.h */
#include "cron_fields.h"

#include <string.h>

#include "drift_error.h"

/* One of the five: its range, and names for its numbers. */
struct field {
	const char *name;
	int min;
	int max;
	const char *const *names; /* from number min on; NULL: none */
};

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
					  "aug", "sep", "oct", "nov", "dec", NULL};
/* sunday stands at both ends: fri-sun is a range */
static const char *const weekday_names[] = {"sun", "mon", "tue", "wed", "thu",
					    "fri", "sat", "sun", NULL};

static const struct field fields[] = {
	{"minute", 0, 59, NULL},
	{"hour", 0, 23, NULL},
	{"day of month", 1, 31, NULL},
	{"month", 1, 12, month_names},
	{"day of week", 0, 7, weekday_names},
};

#define refuse(error, ...)                                                                         \
	(g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, __VA_ARGS__), false)

/* The number called @p text, from @p from on; -1: none. */
static int find_name(const struct field *field, const char *text, int from)
{
	for (int i = from - field->min; field->names && i <= field->max - field->min; i++)
		if (g_ascii_strcasecmp(field->names[i], text) == 0)
			return field->min + i;
	return -1;
}

/* The number that @p text stands for; not below @p from where a name has two. */
static bool parse_number(const struct field *field, const char *text, int from, int *ret_number,
			 GError **error)
{
	gint64 number = find_name(field, text, from);

	if (number < 0)
		number = find_name(field, text, field->min);
	if (number >= 0) {
		*ret_number = (int)number; /* within the field's range */
		return true;
	}
	if (*text == '\0' || strspn(text, "0123456789") != strlen(text))
		return refuse(error, "%s: \"%.20s\" is no number%s", field->name, text,
			      field->names ? " and no name" : "");
	if (!g_ascii_string_to_signed(text, 10, field->min, field->max, &number, NULL))
		return refuse(error, "%s: %.20s is not from %d to %d", field->name, text,
			      field->min, field->max);
	*ret_number = (int)number; /* within the field's range */
	return true;
}

/* "A" or "A-B". */
static bool parse_range(const struct field *field, const char *text, int *ret_first, int *ret_last,
			GError **error)
{
	const char *dash = strchr(text, '-');
	g_autofree char *first = dash ? g_strndup(text, (size_t)(dash - text)) : g_strdup(text);

	if (!parse_number(field, first, field->min, ret_first, error))
		return false;
	*ret_last = *ret_first;
	if (dash && !parse_number(field, dash + 1, *ret_first, ret_last, error))
		return false;
	if (*ret_last < *ret_first)
		return refuse(error, "%s: %.20s runs backwards; write two ranges with a comma",
			      field->name, text);
	return true;
}

/* "*", "A", "A-B", "*" "/N", "A-B/N". */
static bool parse_item(const struct field *field, const char *text, uint64_t *bits, GError **error)
{
	const char *slash = strchr(text, '/');
	g_autofree char *range = slash ? g_strndup(text, (size_t)(slash - text)) : g_strdup(text);
	int first = field->min;
	int last = field->max;
	gint64 step = 1;

	if (strcmp(range, "*") != 0 && !parse_range(field, range, &first, &last, error))
		return false;
	if (slash && strcmp(range, "*") != 0 && !strchr(range, '-'))
		return refuse(error, "%s: in \"%.20s\" a step follows a range or *: %d-%d/N",
			      field->name, text, first, field->max);
	if (slash && !g_ascii_string_to_signed(slash + 1, 10, 1, field->max, &step, NULL))
		return refuse(error, "%s: the step in \"%.20s\" is not from 1 to %d", field->name,
			      text, field->max);
	for (int number = first; number <= last; number += (int)step)
		*bits |= (uint64_t)1 << number;
	return true;
}

static bool parse_field(const struct field *field, const char *text, uint64_t *ret_bits,
			GError **error)
{
	g_auto(GStrv) items = g_strsplit(text, ",", -1);
	uint64_t bits = 0;

	for (size_t i = 0; items[i]; i++)
		if (!parse_item(field, items[i], &bits, error))
			return false;
	*ret_bits = bits;
	return true;
}

bool cron_fields_parse(char *const *words, struct cron_fields *ret_fields, GError **error)
{
	uint64_t bits[G_N_ELEMENTS(fields)] = {0};

	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		if (!parse_field(&fields[i], words[i], &bits[i], error))
			return false;
	*ret_fields = (struct cron_fields){
		.minutes = bits[0],
		.hours = bits[1],
		.days = bits[2],
		.months = bits[3],
		.weekdays = (bits[4] | bits[4] >> 7) & 0x7f, /* 7 is Sunday, as is 0 */
		.any_day = words[2][0] == '*',
		.any_weekday = words[4][0] == '*',
		.every_real = words[0][0] == '*' || words[1][0] == '*',
	};
	return true;
}
