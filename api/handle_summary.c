/* handle_summary - GET /incidents/summary: 7, 30 and 90 days in figures. DESIGN 11. */
#include "api/handlers.h"

#include <inttypes.h>

#include "api/summary.h"
#include "clk.h"
#include "text.h"

static const int periods[] = {7, 30, 90};
#define PERIOD_COUNT G_N_ELEMENTS(periods)
#define LONGEST_DAYS 90

/* Figures of all periods, at one moment. */
struct figures {
	int64_t now_wall_ms;
	bool complete; /* the database had no more than was read */
	struct summary of[PERIOD_COUNT];
};

static bool read_figures(const struct request *request, struct figures *figures, GError **error)
{
	struct store_reader *reader = app_reader_take(request->app, error);
	g_autoptr(GArray) incidents = NULL;
	g_autoptr(GArray) deployments = NULL;
	bool ok = false;

	if (!reader)
		return false;
	figures->now_wall_ms = clk_wall_ms();
	ok = store_read_statistics(reader, figures->now_wall_ms - LONGEST_DAYS * MS_PER_DAY,
				   &incidents, &deployments, error);
	app_reader_give(request->app, reader);
	if (!ok)
		return false;
	figures->complete =
		incidents->len < STORE_STATISTICS_MAX && deployments->len < STORE_STATISTICS_MAX;
	for (size_t i = 0; i < PERIOD_COUNT; i++)
		figures->of[i] =
			summary_make(incidents, deployments, periods[i], figures->now_wall_ms);
	return true;
}

static json_object *times_json(const struct summary_times *times)
{
	json_object *object = json_object_new_object();
	bool known = times->count > 0;

	json_add_int(object, "count", times->count);
	json_add(object, "mean_s", known ? json_object_new_int64(times->mean_ms / MS_PER_S) : NULL);
	json_add(object, "median_s",
		 known ? json_object_new_int64(times->median_ms / MS_PER_S) : NULL);
	return object;
}

static json_object *ages_json(const struct summary *summary)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < SUMMARY_BUCKETS; i++) {
		json_object *object = json_object_new_object();

		json_add(object, "under_s",
			 i < SUMMARY_BUCKETS - 1
				 ? json_object_new_int64(summary_bucket_ms[i] / MS_PER_S)
				 : NULL);
		json_add_int(object, "count", summary->ages[i]);
		json_append(array, object);
	}
	return array;
}

/* Two digits behind the point, whatever the locale. */
static json_object *per_day_json(int64_t count, int days)
{
	int64_t hundredths = (count * 200 / days + 1) / 2;
	g_autofree char *text = g_strdup_printf("%" PRId64 ".%02d", hundredths / 100,
						(int)(hundredths % 100)); /* 0..99 */

	return json_object_new_double_s((double)hundredths / 100, text);
}

static json_object *deployments_json(const struct summary *summary, int days)
{
	json_object *object = json_object_new_object();

	json_add_int(object, "count", summary->deployments);
	json_add(object, "per_day",
		 summary->deployments > 0 ? per_day_json(summary->deployments, days) : NULL);
	json_add(object, "lead_time", times_json(&summary->lead));
	return object;
}

static json_object *period_json(const struct figures *figures, size_t i)
{
	const struct summary *summary = &figures->of[i];
	json_object *object = json_object_new_object();

	json_add_int(object, "days", periods[i]);
	json_add_time(object, "since", figures->now_wall_ms - periods[i] * MS_PER_DAY);
	json_add_int(object, "incidents", summary->incidents);
	json_add_int(object, "open", summary->open);
	json_add_int(object, "acknowledged", summary->acknowledged);
	json_add_int(object, "resolved", summary->resolved);
	json_add_int(object, "withdrawn", summary->withdrawn);
	json_add_int(object, "blind", summary->blind);
	json_add_int(object, "false_alarms", summary->false_alarms);
	json_add(object, "time_to_detect", times_json(&summary->detect));
	json_add(object, "time_to_acknowledge", times_json(&summary->acknowledge));
	json_add(object, "time_to_resolve", times_json(&summary->resolve));
	json_add(object, "drift_age", ages_json(summary));
	json_add(object, "deployments", deployments_json(summary, periods[i]));
	return object;
}

static json_object *figures_json(const struct figures *figures)
{
	json_object *object = json_object_new_object();
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < PERIOD_COUNT; i++)
		json_append(array, period_json(figures, i));
	json_add_time(object, "generated_at", figures->now_wall_ms);
	json_add_bool(object, "complete", figures->complete);
	json_add(object, "periods", array);
	return object;
}

static void append_times(GString *to, const char *label, const struct summary_times *times)
{
	g_autofree char *mean = text_age(times->mean_ms);
	g_autofree char *median = text_age(times->median_ms);

	if (times->count > 0)
		g_string_append_printf(to, "  %-20s mean %s, median %s, of %" PRId64 "\n", label,
				       mean, median, times->count);
	else
		g_string_append_printf(to, "  %-20s -\n", label);
}

static void append_period(GString *to, const struct summary *summary, int days)
{
	g_string_append_printf(to,
			       "%d DAYS\n  incidents            %" PRId64 ", %" PRId64
			       " open, %" PRId64 " resolved, %" PRId64 " withdrawn, %" PRId64
			       " false alarms\n",
			       days, summary->incidents, summary->open, summary->resolved,
			       summary->withdrawn, summary->false_alarms);
	append_times(to, "time to detect", &summary->detect);
	append_times(to, "time to acknowledge", &summary->acknowledge);
	append_times(to, "time to resolve", &summary->resolve);
	g_string_append_printf(to,
			       "  drift age            under 1 h %" PRId64 ", 4 h %" PRId64
			       ", 1 d %" PRId64 ", 7 d %" PRId64 ", longer %" PRId64 "\n",
			       summary->ages[0], summary->ages[1], summary->ages[2],
			       summary->ages[3], summary->ages[4]);
	g_string_append_printf(to, "  deployments          %" PRId64 "\n", summary->deployments);
	append_times(to, "lead time", &summary->lead);
}

bool handle_incidents_summary(const struct request *request, struct response *response,
			      GError **error)
{
	struct figures figures = {0};
	GString *to = NULL;

	if (!read_figures(request, &figures, error))
		return false;
	if (!request->wants_text) {
		handle_set_json(response, 200, figures_json(&figures));
		return true;
	}
	to = g_string_new(NULL);
	for (size_t i = 0; i < PERIOD_COUNT; i++)
		append_period(to, &figures.of[i], periods[i]);
	if (!figures.complete)
		g_string_append(to, "the oldest are left out: there are too many\n");
	response_set(response, 200, response_text, g_string_free(to, FALSE));
	return true;
}
