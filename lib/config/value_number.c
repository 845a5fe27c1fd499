/* value_number - sizes, counts of rows, percentages and days. */
#include "config/value_types.h"

#include "dur.h"

#include <string.h>

bool value_parse_size(const struct value_context *context, const struct setting *setting,
		      const char *text, void *object, GError **error)
{
	int64_t *field = value_field(setting, object);
	int64_t bytes = 0;

	(void)context;
	if (!dur_parse_size(text, &bytes, NULL))
		return value_refuse(error,
				    "not a size up to 1 PiB; write a number and nothing "
				    "(bytes), kB, MB, GB or TB (powers of 1000), or KiB, MiB, "
				    "GiB or TiB (of 1024): 500MB, 1GiB");
	if (bytes < setting->min)
		return value_refuse(error, "out of range: at least 1 byte");
	*field = bytes;
	return true;
}

/* The largest unit without a fraction. */
void value_print_size(const char *zone, const struct setting *setting, const void *object,
		      GPtrArray *ret_texts)
{
	static const struct {
		const char *name;
		int64_t bytes;
	} units[] = {{"TB", INT64_C(1000000000000)},
		     {"TiB", INT64_C(1) << 40},
		     {"GB", INT64_C(1000000000)},
		     {"GiB", INT64_C(1) << 30},
		     {"MB", INT64_C(1000000)},
		     {"MiB", INT64_C(1) << 20},
		     {"kB", INT64_C(1000)},
		     {"KiB", INT64_C(1) << 10},
		     {"", INT64_C(1)}};
	const int64_t *field = value_field_const(setting, object);

	(void)zone;
	for (size_t i = 0; *field > 0 && i < G_N_ELEMENTS(units); i++) {
		if (*field % units[i].bytes != 0)
			continue;
		g_ptr_array_add(ret_texts, g_strdup_printf("%" G_GINT64_FORMAT "%s",
							   *field / units[i].bytes, units[i].name));
		return;
	}
}

bool value_parse_rows(const struct value_context *context, const struct setting *setting,
		      const char *text, void *object, GError **error)
{
	int64_t *field = value_field(setting, object);

	(void)context;
	return value_parse_number(setting, text, field, error);
}

void value_print_rows(const char *zone, const struct setting *setting, const void *object,
		      GPtrArray *ret_texts)
{
	const int64_t *field = value_field_const(setting, object);

	(void)zone;
	if (*field >= setting->min)
		g_ptr_array_add(ret_texts, g_strdup_printf("%" G_GINT64_FORMAT, *field));
}

/* A number of the setting's range with @p unit behind it. */
static bool parse_with_unit(const struct setting *setting, const char *text, char unit,
			    int *ret_number)
{
	size_t length = strlen(text);
	g_autofree char *digits =
		length > 1 && text[length - 1] == unit ? g_strndup(text, length - 1) : NULL;
	gint64 number = 0;

	if (!digits ||
	    !g_ascii_string_to_signed(digits, 10, setting->min, setting->max, &number, NULL))
		return false;
	*ret_number = (int)number; /* within the setting's range, which fits */
	return true;
}

bool value_parse_percent(const struct value_context *context, const struct setting *setting,
			 const char *text, void *object, GError **error)
{
	(void)context;
	if (!parse_with_unit(setting, text, '%', value_field(setting, object)))
		return value_refuse(error,
				    "a percentage from %" G_GINT64_FORMAT "%% to %" G_GINT64_FORMAT
				    "%% is needed",
				    setting->min, setting->max);
	return true;
}

void value_print_percent(const char *zone, const struct setting *setting, const void *object,
			 GPtrArray *ret_texts)
{
	const int *field = value_field_const(setting, object);

	(void)zone;
	if (*field >= setting->min)
		g_ptr_array_add(ret_texts, g_strdup_printf("%d%%", *field));
}

bool value_parse_day_offset(const struct value_context *context, const struct setting *setting,
			    const char *text, void *object, GError **error)
{
	const char *digits = *text == '+' && g_ascii_isdigit(text[1]) ? text + 1 : text;

	(void)context;
	if (!parse_with_unit(setting, digits, 'd', value_field(setting, object)))
		return value_refuse(error,
				    "a number of days from %" G_GINT64_FORMAT
				    "d to %" G_GINT64_FORMAT "d is needed: -1d is the day before",
				    setting->min, setting->max);
	return true;
}

void value_print_day_offset(const char *zone, const struct setting *setting, const void *object,
			    GPtrArray *ret_texts)
{
	const int *field = value_field_const(setting, object);

	(void)zone;
	g_ptr_array_add(ret_texts, g_strdup_printf("%dd", *field));
}
