/* summary_view - see summary_view.h */
#include "api/summary_view.h"

#include <inttypes.h>

#include "text.h"

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

json_object *summary_view_per_day(int64_t count, int64_t span_ms)
{
	int64_t hundredths = (count * 200 * MS_PER_DAY / span_ms + 1) / 2;
	/* whatever the locale */
	g_autofree char *text = g_strdup_printf("%" PRId64 ".%02d", hundredths / 100,
						(int)(hundredths % 100)); /* 0..99 */

	return count > 0 ? json_object_new_double_s((double)hundredths / 100, text) : NULL;
}

static json_object *deployments_json(const struct summary *summary, int64_t span_ms)
{
	json_object *object = json_object_new_object();

	json_add_int(object, "count", summary->deployments);
	json_add(object, "per_day", summary_view_per_day(summary->deployments, span_ms));
	json_add(object, "lead_time", times_json(&summary->lead));
	return object;
}

void summary_view_add(json_object *object, const struct summary *summary, int64_t span_ms)
{
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
	json_add(object, "deployments", deployments_json(summary, span_ms));
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

void summary_view_append(GString *to, const struct summary *summary)
{
	g_string_append_printf(to,
			       "  incidents            %" PRId64 ", %" PRId64 " open, %" PRId64
			       " resolved, %" PRId64 " withdrawn, %" PRId64 " false alarms\n",
			       summary->incidents, summary->open, summary->resolved,
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
