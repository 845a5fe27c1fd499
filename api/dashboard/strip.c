/* strip - see strip.h. All words in it are our own: nothing needs to be escaped. */
#include "api/dashboard/strip.h"

#include "api/dashboard/html.h"
#include "text.h"

/* Units of the drawing; the style sheet says how large it is shown. */
#define STRIP_HEIGHT 16

static const struct day *day_at(const GArray *days, guint index)
{
	return &g_array_index(days, struct day, index);
}

static const char *word_of(enum state state)
{
	return state == STATE_NONE ? "not known" : state_text(state);
}

/* Nothing happened on it: it says no more than the days beside it that are like it. */
static bool is_quiet(const struct day *day)
{
	return day->transitions == 0 &&
	       (day->worst == STATE_NONE ||
		day->ms[day->worst] >= day->to_wall_ms - day->from_wall_ms);
}

/* The first day behind those that look like the one at @p from. */
static guint end_of_run(const GArray *days, guint from)
{
	guint end = from + 1;

	if (!is_quiet(day_at(days, from)))
		return end;
	while (end < days->len && is_quiet(day_at(days, end)) &&
	       day_at(days, end)->worst == day_at(days, from)->worst)
		end++;
	return end;
}

/* "drift 3 h, ok 21 h", the worst first. */
static void add_shares(GString *to, const struct day *day)
{
	static const enum state order[] = {STATE_DRIFT, STATE_UNKNOWN, STATE_PENDING, STATE_OK,
					   STATE_PAUSED};
	const char *between = ": ";

	for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
		g_autofree char *age = text_age(day->ms[order[i]]);

		if (day->ms[order[i]] <= 0)
			continue;
		g_string_append_printf(to, "%s%s %s", between, state_text(order[i]), age);
		between = ", ";
	}
}

static void add_day_title(GString *to, const struct day *day)
{
	g_string_append(to, day->date);
	add_shares(to, day);
	if (day->transitions > 0) {
		g_string_append(to, "; ");
		html_count(to, day->transitions, "change", "changes");
	}
}

static void add_run_title(GString *to, const GArray *days, guint from, guint end)
{
	if (end - from == 1)
		g_string_append_printf(to, "%s: %s", day_at(days, from)->date,
				       word_of(day_at(days, from)->worst));
	else
		g_string_append_printf(to, "%s to %s: %s", day_at(days, from)->date,
				       day_at(days, end - 1)->date,
				       word_of(day_at(days, from)->worst));
}

/* Bad days are taller: they are not told by colour alone. */
static guint height_of(enum state worst)
{
	switch (worst) {
	case STATE_DRIFT:
	case STATE_UNKNOWN:
		return STRIP_HEIGHT;
	case STATE_PENDING:
		return STRIP_HEIGHT * 3 / 4;
	case STATE_OK:
		return STRIP_HEIGHT / 2;
	case STATE_PAUSED:
	case STATE_NONE:
		break;
	}
	return STRIP_HEIGHT / 4;
}

static void add_run(GString *to, const GArray *days, guint from, guint end)
{
	const struct day *day = day_at(days, from);
	guint height = height_of(day->worst);

	g_string_append_printf(
		to, "<rect class=\"day-%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"><title>",
		day->worst == STATE_NONE ? "none" : state_text(day->worst), from,
		(STRIP_HEIGHT - height) / 2, end - from, height);
	if (is_quiet(day))
		add_run_title(to, days, from, end);
	else
		add_day_title(to, day);
	g_string_append(to, "</title></rect>");
}

/* "90 days: 3 drift, 1 unknown, 80 ok, 6 not known" */
static void add_label(GString *to, const GArray *days)
{
	static const enum state order[] = {STATE_DRIFT, STATE_UNKNOWN, STATE_PENDING,
					   STATE_OK,    STATE_PAUSED,  STATE_NONE};
	int64_t count[STATE_COUNT] = {0};
	const char *between = ": ";

	for (guint i = 0; i < days->len; i++)
		count[day_at(days, i)->worst]++;
	html_count(to, days->len, "day", "days");
	for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
		if (count[order[i]] == 0)
			continue;
		g_string_append_printf(to, "%s%" PRId64 " %s", between, count[order[i]],
				       word_of(order[i]));
		between = ", ";
	}
}

void strip_add(GString *to, const GArray *days)
{
	g_string_append_printf(
		to,
		"<svg class=\"strip\" viewBox=\"0 0 %u %d\" preserveAspectRatio=\"none\" "
		"role=\"img\" aria-label=\"",
		days->len, STRIP_HEIGHT);
	add_label(to, days);
	g_string_append(to, "\">");
	for (guint from = 0; from < days->len;) {
		guint end = end_of_run(days, from);

		add_run(to, days, from, end);
		from = end;
	}
	g_string_append(to, "</svg>");
}
