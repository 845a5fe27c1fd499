/* handle_summary - GET /incidents/summary: 7, 30 and 90 days in figures; GET /summary: one period,
 * beside the one before it. DESIGN 11. */
#include "api/handlers.h"

#include "api/figures.h"
#include "api/summary_view.h"
#include "clk.h"
#include "dur.h"
#include "timefmt.h"

static const int periods[] = {7, 30, 90};
#define PERIOD_COUNT G_N_ELEMENTS(periods)
#define LONGEST_DAYS 90

/* Figures of all periods, at one moment. */
struct recent {
	int64_t now_wall_ms;
	int64_t known_since_wall_ms;
	struct summary of[PERIOD_COUNT];
};

static bool read_recent(const struct request *request, struct recent *recent, GError **error)
{
	struct figures_rows rows = {0};

	if (!figures_read_rows(request, LONGEST_DAYS * MS_PER_DAY, &rows, error))
		return false;
	recent->now_wall_ms = rows.now_wall_ms;
	recent->known_since_wall_ms = rows.known_since_wall_ms;
	for (size_t i = 0; i < PERIOD_COUNT; i++)
		recent->of[i] = summary_make(rows.incidents, rows.deployments, periods[i],
					     rows.now_wall_ms);
	figures_rows_done(&rows);
	return true;
}

/* Is all of the period known? */
static bool is_complete(const struct recent *recent, int days)
{
	return recent->now_wall_ms - days * MS_PER_DAY >= recent->known_since_wall_ms;
}

static json_object *recent_period_json(const struct recent *recent, size_t i)
{
	json_object *object = json_object_new_object();

	json_add_int(object, "days", periods[i]);
	json_add_time(object, "since", recent->now_wall_ms - periods[i] * MS_PER_DAY);
	json_add_bool(object, "complete", is_complete(recent, periods[i]));
	summary_view_add(object, &recent->of[i], periods[i] * MS_PER_DAY);
	return object;
}

static json_object *recent_json(const struct recent *recent)
{
	json_object *object = json_object_new_object();
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < PERIOD_COUNT; i++)
		json_append(array, recent_period_json(recent, i));
	json_add_time(object, "generated_at", recent->now_wall_ms);
	json_add_bool(object, "complete", is_complete(recent, LONGEST_DAYS));
	json_add(object, "periods", array);
	return object;
}

static void append_figures(GString *to, const struct summary *summary, bool complete)
{
	summary_view_append(to, summary);
	if (!complete)
		g_string_append(to, "  not all of this is known: driftd did not look yet, it is "
				    "older than retention, or too much\n");
}

bool handle_incidents_summary(const struct request *request, struct response *response,
			      GError **error)
{
	struct recent recent = {0};
	GString *to = NULL;

	if (!read_recent(request, &recent, error))
		return false;
	if (!request->wants_text) {
		handle_set_json(response, 200, recent_json(&recent));
		return true;
	}
	to = g_string_new(NULL);
	for (size_t i = 0; i < PERIOD_COUNT; i++) {
		g_string_append_printf(to, "%d DAYS\n", periods[i]);
		append_figures(to, &recent.of[i], is_complete(&recent, periods[i]));
	}
	response_set(response, 200, response_text, g_string_free(to, FALSE));
	return true;
}

static json_object *span_json(const struct figures_span *span)
{
	int64_t span_ms = span->to_wall_ms - span->from_wall_ms;
	json_object *object = json_object_new_object();

	json_add_time(object, "from", span->from_wall_ms);
	json_add_time(object, "to", span->to_wall_ms);
	summary_view_add(object, &span->summary, span_ms);
	json_add(object, "deployments_per_day",
		 summary_view_per_day(span->summary.deployments, span_ms));
	return object;
}

static json_object *figures_json(const struct figures *figures)
{
	json_object *object = json_object_new_object();
	json_object *trend = json_object_new_array();

	for (size_t i = 0; i < figures->parts; i++)
		json_append(trend, span_json(&figures->trend[i]));
	json_add_time(object, "generated_at", figures->now_wall_ms);
	json_add_int(object, "period_s", figures->period_ms / MS_PER_S);
	json_add_time(object, "from", figures->current.from_wall_ms);
	json_add_time(object, "to", figures->current.to_wall_ms);
	json_add_bool(object, "complete", figures->complete);
	json_add_bool(object, "previous_complete", figures->previous_complete);
	json_add(object, "current", span_json(&figures->current));
	json_add(object, "previous", span_json(&figures->previous));
	json_add(object, "trend", trend);
	return object;
}

static void append_span(GString *to, const char *title, const struct figures_span *span,
			bool complete)
{
	char from[TIMEFMT_BYTES], until[TIMEFMT_BYTES];

	g_string_append_printf(to, "%s  (%s to %s)\n", title, timefmt_utc(span->from_wall_ms, from),
			       timefmt_utc(span->to_wall_ms, until));
	append_figures(to, &span->summary, complete);
}

static char *figures_text(const struct figures *figures)
{
	g_autofree char *period = dur_format(figures->period_ms);
	g_autofree char *current = g_strdup_printf("THE LAST %s", period);
	g_autofree char *previous = g_strdup_printf("THE %s BEFORE", period);
	GString *to = g_string_new(NULL);

	append_span(to, current, &figures->current, figures->complete);
	append_span(to, previous, &figures->previous, figures->previous_complete);
	return g_string_free(to, FALSE);
}

bool handle_summary(const struct request *request, struct response *response, GError **error)
{
	struct figures figures;
	int64_t period_ms = 0;

	if (!figures_parse_period(query_text(request->query, "period"), &period_ms, error) ||
	    !figures_read(request, period_ms, &figures, error))
		return false;
	if (request->wants_text)
		response_set(response, 200, response_text, figures_text(&figures));
	else
		handle_set_json(response, 200, figures_json(&figures));
	return true;
}
