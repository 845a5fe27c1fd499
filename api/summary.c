/* summary - see summary.h */
#include "api/summary.h"

#include <stdlib.h>

#include "store/store.h"

const int64_t summary_bucket_ms[SUMMARY_BUCKETS - 1] = {MS_PER_HOUR, 4 * MS_PER_HOUR, MS_PER_DAY,
							7 * MS_PER_DAY};

static int compare_durations(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

/* A duration that began before it ended; clocks that were set back make it none. */
static void add(GArray *durations, int64_t from_wall_ms, int64_t to_wall_ms)
{
	int64_t ms = MAX(to_wall_ms - from_wall_ms, 0);

	g_array_append_val(durations, ms);
}

static int64_t median_of(const GArray *sorted)
{
	guint half = sorted->len / 2;
	int64_t upper = g_array_index(sorted, int64_t, half);

	if (sorted->len % 2 == 1)
		return upper;
	return g_array_index(sorted, int64_t, half - 1) / 2 + upper / 2; /* within a ms */
}

/* Takes @p durations. */
static struct summary_times times_of(GArray *durations)
{
	struct summary_times times = {.count = durations->len};
	long double sum = 0.0L;

	for (guint i = 0; i < durations->len; i++)
		sum += (long double)g_array_index(durations, int64_t, i);
	if (durations->len > 0) {
		qsort(durations->data, durations->len, sizeof(int64_t), compare_durations);
		times.mean_ms = (int64_t)(sum / (long double)durations->len); /* below their max */
		times.median_ms = median_of(durations);
	}
	g_array_unref(durations);
	return times;
}

static size_t bucket_of(int64_t age_ms)
{
	size_t bucket = 0;

	while (bucket < SUMMARY_BUCKETS - 1 && age_ms >= summary_bucket_ms[bucket])
		bucket++;
	return bucket;
}

/* What the durations of a period are gathered in. */
struct gathered {
	GArray *detect, *acknowledge, *resolve;
};

static void count_incident(const struct store_incident_times *incident, int64_t now_wall_ms,
			   struct summary *summary)
{
	bool over = incident->ended_wall_ms > 0;

	summary->incidents++;
	summary->open += !over;
	summary->acknowledged += incident->first_ack_wall_ms > 0;
	summary->resolved += over && !incident->withdrawn;
	summary->withdrawn += incident->withdrawn;
	summary->blind += incident->blind;
	summary->false_alarms += incident->false_alarm;
	if (!incident->false_alarm && !incident->withdrawn && !incident->blind)
		summary->ages[bucket_of((over ? incident->ended_wall_ms : now_wall_ms) -
					incident->opened_wall_ms)]++;
}

/* A false alarm says nothing of how fast things are seen and mended. */
static void gather(const struct store_incident_times *incident, struct gathered *gathered)
{
	if (incident->false_alarm)
		return;
	add(gathered->detect, incident->opened_wall_ms, incident->detected_wall_ms);
	if (incident->first_ack_wall_ms > 0)
		add(gathered->acknowledge, incident->detected_wall_ms, incident->first_ack_wall_ms);
	if (incident->ended_wall_ms > 0 && !incident->withdrawn)
		add(gathered->resolve, incident->detected_wall_ms, incident->ended_wall_ms);
}

static GArray *new_durations(void)
{
	return g_array_new(FALSE, FALSE, sizeof(int64_t));
}

struct summary summary_make(const GArray *incidents, const GArray *deployments, int days,
			    int64_t now_wall_ms)
{
	return summary_slice(incidents, deployments, now_wall_ms - days * MS_PER_DAY, now_wall_ms,
			     now_wall_ms);
}

struct summary summary_slice(const GArray *incidents, const GArray *deployments,
			     int64_t from_wall_ms, int64_t to_wall_ms, int64_t now_wall_ms)
{
	struct summary summary = {0};
	struct gathered gathered = {new_durations(), new_durations(), new_durations()};
	GArray *lead = new_durations();

	for (guint i = 0; i < incidents->len; i++) {
		const struct store_incident_times *incident =
			&g_array_index(incidents, struct store_incident_times, i);

		if (incident->detected_wall_ms <= from_wall_ms ||
		    incident->detected_wall_ms > to_wall_ms)
			continue;
		count_incident(incident, now_wall_ms, &summary);
		gather(incident, &gathered);
	}
	for (guint i = 0; i < deployments->len; i++) {
		const struct store_lead *deployment =
			&g_array_index(deployments, struct store_lead, i);

		if (deployment->at_wall_ms <= from_wall_ms || deployment->at_wall_ms > to_wall_ms)
			continue;
		summary.deployments++;
		if (deployment->committed_wall_ms > 0)
			add(lead, deployment->committed_wall_ms, deployment->at_wall_ms);
	}
	summary.detect = times_of(gathered.detect);
	summary.acknowledge = times_of(gathered.acknowledge);
	summary.resolve = times_of(gathered.resolve);
	summary.lead = times_of(lead);
	return summary;
}
