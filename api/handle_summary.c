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
	bool complete; /* the database had no more than was read */
	struct summary of[PERIOD_COUNT];
};

static bool read_recent(const struct request *request, struct recent *recent, GError **error)
{
	struct store_reader *reader = app_reader_take(request->app, error);
	g_autoptr(GArray) incidents = NULL;
	g_autoptr(GArray) deployments = NULL;
	bool ok = false;

	if (!reader)
		return false;
	recent->now_wall_ms = clk_wall_ms();
	ok = store_read_statistics(reader, recent->now_wall_ms - LONGEST_DAYS * MS_PER_DAY,
				   &incidents, &deployments, error);
	app_reader_give(request->app, reader);
	if (!ok)
		return false;
	recent->complete =
		incidents->len < STORE_STATISTICS_MAX && deployments->len < STORE_STATISTICS_MAX;
	for (size_t i = 0; i < PERIOD_COUNT; i++)
		recent->of[i] =
			summary_make(incidents, deployments, periods[i], recent->now_wall_ms);
	return true;
}

static json_object *recent_period_json(const struct recent *recent, size_t i)
{
	json_object *object = json_object_new_object();

	json_add_int(object, "days", periods[i]);
	json_add_time(object, "since", recent->now_wall_ms - periods[i] * MS_PER_DAY);
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
	json_add_bool(object, "complete", recent->complete);
	json_add(object, "periods", array);
	return object;
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
		summary_view_append(to, &recent.of[i]);
	}
	if (!recent.complete)
		g_string_append(to, "the oldest are left out: there are too many\n");
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
	summary_view_append(to, &span->summary);
	if (!complete)
		g_string_append(to, "  not all of this is known: it is older than retention, or "
				    "too much\n");
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
