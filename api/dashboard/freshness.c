/* freshness - see freshness.h */
#include "api/dashboard/freshness.h"

#include <string.h>

#include "api/dashboard/html.h"
#include "dur.h"
#include "text.h"

/* The drawing, in its own units. */
#define BAR_WIDTH 200
#define BAR_HEIGHT 10

/* What the bar shows; all in ms, 0: not known. */
struct freshness {
	int64_t age_ms; /* -1: not known */
	int64_t warn_ms, error_ms;
	int64_t next_wall_ms;
};

static int64_t number_of(const struct verdict_detail *detail, const char *name,
			 enum datum_type type)
{
	const struct verdict_datum *datum = verdict_detail_find(detail, name);

	return datum && datum->type == type && datum->number > 0 ? datum->number : 0;
}

/* Seconds, as ms; longer ones than are any limit are cut. */
static int64_t limit_of(const struct verdict_detail *detail, const char *name)
{
	return MIN(number_of(detail, name, DATUM_TYPE_NUMBER), DUR_MAX_MS / MS_PER_S) * MS_PER_S;
}

static bool find(const struct verdict_detail *detail, int64_t now_wall_ms,
		 struct freshness *ret_freshness)
{
	bool is_table = detail && strcmp(detail->name, "freshness") == 0;
	bool is_backup = detail && strcmp(detail->name, "backup") == 0;
	int64_t at_wall_ms = 0;

	if (!is_table && !is_backup)
		return false;
	at_wall_ms = is_table ? detail->aged_wall_ms
			      : number_of(detail, "latest_complete_at", DATUM_TYPE_TIME);
	*ret_freshness = (struct freshness){
		.age_ms = at_wall_ms > 0 ? MAX(now_wall_ms - at_wall_ms, 0) : -1,
		.warn_ms = limit_of(detail, "warn_after_s"),
		.error_ms = limit_of(detail, is_table ? "error_after_s" : "max_age_s"),
		.next_wall_ms = number_of(detail, "next_expected_at", DATUM_TYPE_TIME),
	};
	return true;
}

static int64_t scale_of(const struct freshness *freshness)
{
	int64_t most = MAX(freshness->warn_ms, freshness->error_ms);

	return MAX(most + most / 4, MAX(freshness->age_ms, 1));
}

static int64_t place_of(int64_t ms, int64_t scale_ms)
{
	return (int64_t)((double)ms / (double)scale_ms * BAR_WIDTH); /* 0..BAR_WIDTH */
}

static const char *level_of(const struct freshness *freshness)
{
	if (freshness->error_ms > 0 && freshness->age_ms > freshness->error_ms)
		return "error";
	return freshness->warn_ms > 0 && freshness->age_ms > freshness->warn_ms ? "warn" : "ok";
}

static void add_limit(GString *to, const char *name, int64_t limit_ms, int64_t scale_ms)
{
	if (limit_ms > 0)
		html_add(to,
			 "<rect class=\"limit-%s\" x=\"%" PRId64
			 "\" y=\"0\" width=\"2\" height=\"%d\"/>",
			 name, MIN(place_of(limit_ms, scale_ms), BAR_WIDTH - 2), BAR_HEIGHT);
}

/* "26 h old, warning after 12 h, error after 24 h" */
static void add_words(GString *to, const struct freshness *freshness)
{
	g_autofree char *age = text_age(freshness->age_ms);
	g_autofree char *warn = text_age(freshness->warn_ms);
	g_autofree char *error = text_age(freshness->error_ms);

	html_add(to, "%s old", age);
	if (freshness->warn_ms > 0)
		html_add(to, ", warning after %s", warn);
	if (freshness->error_ms > 0)
		html_add(to, ", error after %s", error);
}

static void add_bar(GString *to, const struct freshness *freshness)
{
	int64_t scale_ms = scale_of(freshness);

	html_add(to,
		 "<svg class=\"freshness fresh-%s\" viewBox=\"0 0 %d %d\" "
		 "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"",
		 level_of(freshness), BAR_WIDTH, BAR_HEIGHT);
	add_words(to, freshness);
	g_string_append(to, "\"><title>");
	add_words(to, freshness);
	html_add(to,
		 "</title><rect class=\"fresh-track\" x=\"0\" y=\"3\" width=\"%d\" height=\"4\"/>"
		 "<rect class=\"fresh-age\" x=\"0\" y=\"3\" width=\"%" PRId64 "\" height=\"4\"/>",
		 BAR_WIDTH, MAX(place_of(freshness->age_ms, scale_ms), 1));
	add_limit(to, "warn", freshness->warn_ms, scale_ms);
	add_limit(to, "error", freshness->error_ms, scale_ms);
	g_string_append(to, "</svg> ");
}

void freshness_add(GString *to, const struct verdict *verdict, int64_t now_wall_ms)
{
	struct freshness freshness = {0};
	bool is_limited = false;

	if (!find(verdict->detail, now_wall_ms, &freshness))
		return;
	is_limited = freshness.age_ms >= 0 && (freshness.warn_ms > 0 || freshness.error_ms > 0);
	if (!is_limited && freshness.next_wall_ms == 0)
		return;
	g_string_append(to, "<span class=\"fresh\">");
	if (is_limited)
		add_bar(to, &freshness);
	if (freshness.next_wall_ms > 0) {
		g_string_append(to, "<span class=\"muted\">expected ");
		html_time(to, freshness.next_wall_ms, now_wall_ms);
		g_string_append(to, "</span>");
	}
	g_string_append(to, "</span>\n");
}
