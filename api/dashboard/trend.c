/* trend - see trend.h */
#include "api/dashboard/trend.h"

#include "api/dashboard/html.h"

/* User units: also pixels, unless the line is narrower. */
#define STEP 11
#define BAR 8
#define HEIGHT 28
/* What is there is seen, however small beside the rest. */
#define BAR_MIN 2

static int64_t largest(const GArray *values)
{
	int64_t max = 0;

	for (guint i = 0; i < values->len; i++)
		max = MAX(max, g_array_index(values, struct trend_value, i).value);
	return max;
}

/* 0 for 0: nothing happened, which is known. */
static int height_of(int64_t value, int64_t max)
{
	if (value <= 0)
		return 0;
	return MAX((int)((double)value / (double)max * HEIGHT), BAR_MIN);
}

static void add_bar(GString *to, guint place, const struct trend_value *value, int64_t max)
{
	int height = height_of(value->value, max);

	html_add(to,
		 "<g><title>%s</title><rect class=\"trend-room\" x=\"%u\" y=\"0\" width=\"%d\" "
		 "height=\"%d\"/>",
		 value->label, place * STEP, STEP, HEIGHT + 2);
	if (height > 0)
		html_add(to,
			 "<rect class=\"trend-bar\" x=\"%u\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
			 place * STEP + 1, HEIGHT - height, BAR, height);
	html_add(to,
		 "<rect class=\"trend-base%s\" x=\"%u\" y=\"%d\" width=\"%d\" height=\"1\"/></g>",
		 value->value < 0 ? " trend-none" : "", place * STEP + 1, HEIGHT + 1, BAR);
}

void trend_add(GString *to, const char *label, const GArray *values)
{
	int64_t max = largest(values);

	html_add(to,
		 "<svg class=\"trend\" viewBox=\"0 0 %u %d\" width=\"%u\" height=\"%d\" "
		 "role=\"img\" "
		 "aria-label=\"%s: ",
		 values->len * STEP, HEIGHT + 2, values->len * STEP, HEIGHT + 2, label);
	for (guint i = 0; i < values->len; i++)
		html_add(to, "%s%s", i > 0 ? "; " : "",
			 g_array_index(values, struct trend_value, i).label);
	g_string_append(to, "\">");
	for (guint i = 0; i < values->len; i++)
		add_bar(to, i, &g_array_index(values, struct trend_value, i), max);
	g_string_append(to, "</svg>");
}
