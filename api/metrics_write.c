/* metrics_write - see metrics_private.h */
#include "api/metrics_private.h"

#include <inttypes.h>

#include "api/metrics.h"

void metrics_append_label(GString *to, const char *value)
{
	for (; *value; value++) {
		if (*value == '\n')
			g_string_append(to, "\\n");
		else if (*value == '\\' || *value == '"')
			g_string_append_printf(to, "\\%c", *value);
		else
			g_string_append_c(to, *value);
	}
}

void metrics_family(GString *to, const char *name, const char *type, const char *help)
{
	g_string_append_printf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metrics_label(GString *to, const char *before, const char *name, const char *value)
{
	g_string_append_printf(to, "%s%s=\"", before, name);
	metrics_append_label(to, value);
	g_string_append_c(to, '"');
}

/* Milliseconds as seconds, exactly, whatever the locale. */
void metrics_seconds(GString *to, int64_t ms)
{
	int64_t rest = ms % MS_PER_S;

	g_string_append_printf(to, "%s%" PRId64, ms < 0 ? "-" : "", ABS(ms / MS_PER_S));
	if (rest != 0)
		g_string_append_printf(to, ".%03d", (int)ABS(rest));
	g_string_append_c(to, '\n');
}

void metrics_number(GString *to, int64_t value)
{
	g_string_append_printf(to, "%" PRId64 "\n", value);
}

void metrics_single(GString *to, const char *name, const char *type, const char *help,
		    int64_t value)
{
	metrics_family(to, name, type, help);
	g_string_append_printf(to, "%s ", name);
	metrics_number(to, value);
}

void metrics_single_ms(GString *to, const char *name, const char *type, const char *help,
		       int64_t ms)
{
	metrics_family(to, name, type, help);
	g_string_append_printf(to, "%s ", name);
	metrics_seconds(to, ms);
}
