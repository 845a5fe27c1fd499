/* setting - see setting.h */
#include "eval/setting.h"

#include <string.h>

#include "dur.h"

static bool same_number(const char *a, const char *b)
{
	gint64 left = 0, right = 0;

	return g_ascii_string_to_signed(a, 10, G_MININT64, G_MAXINT64, &left, NULL) &&
	       g_ascii_string_to_signed(b, 10, G_MININT64, G_MAXINT64, &right, NULL) &&
	       left == right;
}

/* Google writes "300s", people also "5m" or "300". */
static bool read_duration(const char *text, int64_t *ret_ms)
{
	g_autofree char *seconds = NULL;

	if (text[0] && strspn(text, "0123456789") == strlen(text))
		seconds = g_strconcat(text, "s", NULL);
	return dur_parse(seconds ? seconds : text, ret_ms, NULL);
}

static bool same_duration(const char *a, const char *b)
{
	int64_t left = 0, right = 0;

	return read_duration(a, &left) && read_duration(b, &right) && left == right;
}

/* Kubernetes quantities: "512Mi", "0.5Gi", "1G", "1073741824". */
static bool read_quantity(const char *text, double *ret_bytes)
{
	static const struct {
		const char *unit;
		double factor;
	} units[] = {
		{"", 1},
		{"k", 1e3},
		{"M", 1e6},
		{"G", 1e9},
		{"T", 1e12},
		{"Ki", 1024},
		{"Mi", 1024.0 * 1024},
		{"Gi", 1024.0 * 1024 * 1024},
		{"Ti", 1024.0 * 1024 * 1024 * 1024},
	};
	size_t digits = strspn(text, "0123456789.");
	g_autofree char *number = g_strndup(text, digits);
	char *end = NULL;
	double value = g_ascii_strtod(number, &end);

	if (digits == 0 || *end)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		if (strcmp(text + digits, units[i].unit) == 0) {
			*ret_bytes = value * units[i].factor;
			return true;
		}
	}
	return false;
}

static bool same_quantity(const char *a, const char *b)
{
	double left = 0, right = 0;

	return read_quantity(a, &left) && read_quantity(b, &right) && left >= right &&
	       left <= right;
}

static bool means_nothing(const char *name, const char *expected)
{
	if (strcmp(name, "min-instances") == 0)
		return same_number(expected, "0");
	return strcmp(name, "cpu-idle") == 0 && g_ascii_strcasecmp(expected, "false") == 0;
}

bool setting_equal(const char *name, const char *expected, const char *actual)
{
	if (!actual)
		return means_nothing(name, expected);
	if (strcmp(expected, actual) == 0)
		return true;
	if (strcmp(name, "memory") == 0)
		return same_quantity(expected, actual);
	if (strcmp(name, "timeout") == 0)
		return same_duration(expected, actual);
	if (strcmp(name, "cpu-idle") == 0)
		return g_ascii_strcasecmp(expected, actual) == 0;
	if (g_str_has_suffix(name, "-instances") || strcmp(name, "concurrency") == 0)
		return same_number(expected, actual);
	return false;
}
