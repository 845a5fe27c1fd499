/* dur - see dur.h */
#include "dur.h"

#include <string.h>

#include "drift_error.h"

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit durations[] = {
	{"s", MS_PER_S},
	{"m", MS_PER_MINUTE},
	{"h", MS_PER_HOUR},
	{"d", MS_PER_DAY},
};

static const struct unit sizes[] = {
	{"", 1},
	{"B", 1},
	{"kB", 1000},
	{"MB", INT64_C(1000000)},
	{"GB", INT64_C(1000000000)},
	{"TB", INT64_C(1000000000000)},
	{"KiB", INT64_C(1) << 10},
	{"MiB", INT64_C(1) << 20},
	{"GiB", INT64_C(1) << 30},
	{"TiB", INT64_C(1) << 40},
};

/* What a kind of number reads and says when it cannot. */
struct scale {
	const struct unit *units;
	size_t unit_count;
	int64_t max;
	const char *syntax;
	const char *max_text;
};

static const struct unit *find_unit(const struct scale *scale, const char *name)
{
	for (size_t i = 0; i < scale->unit_count; i++)
		if (strcmp(scale->units[i].name, name) == 0)
			return &scale->units[i];
	return NULL;
}

static bool parse(const struct scale *scale, const char *text, int64_t *ret_value, GError **error)
{
	size_t digits = strspn(text, "0123456789");
	const struct unit *unit = find_unit(scale, text + digits);
	g_autofree char *number = g_strndup(text, MIN(digits, 32));
	guint64 value = 0;

	if (digits == 0 || !unit) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "\"%.40s\" is not %s", text,
			    scale->syntax);
		return false;
	}
	/* the bound also catches what 64 bits cannot hold: nothing else can be wrong with digits */
	if (digits > 32 ||
	    !g_ascii_string_to_unsigned(number, 10, 0, (guint64)(scale->max / unit->factor), &value,
					NULL)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE, "\"%.40s\" is more than %s",
			    text, scale->max_text);
		return false;
	}
	*ret_value = (int64_t)value * unit->factor; /* at most max: checked */
	return true;
}

bool dur_parse(const char *text, int64_t *ret_ms, GError **error)
{
	static const struct scale scale = {
		durations, G_N_ELEMENTS(durations), DUR_MAX_MS,
		"a duration (a number and s, m, h or d: 90s, 5m, 24h, 7d)", "365d"};

	return parse(&scale, text, ret_ms, error);
}

bool dur_parse_size(const char *text, int64_t *ret_bytes, GError **error)
{
	static const struct scale scale = {
		sizes, G_N_ELEMENTS(sizes), DUR_SIZE_MAX_BYTES,
		"a size (a number and nothing, B, kB, MB, GB, TB, KiB, MiB, GiB or TiB)",
		"1024TiB"};

	return parse(&scale, text, ret_bytes, error);
}

char *dur_format(int64_t ms)
{
	const struct unit *best = &durations[0];

	for (size_t i = 1; ms > 0 && i < G_N_ELEMENTS(durations); i++)
		if (ms % durations[i].factor == 0)
			best = &durations[i];
	return g_strdup_printf("%" G_GINT64_FORMAT "%s", ms / best->factor, best->name);
}
