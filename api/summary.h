/* summary - figures over incidents and deployments of a period: how often, how fast they were seen,
 * taken up and mended. Pure: any thread. DESIGN 11. */
#ifndef DRIFT_SUMMARY_H
#define DRIFT_SUMMARY_H

#include "base.h"

/** Mean and median of durations. */
struct summary_times {
	int64_t count; /* 0: nothing was observed, and there is neither */
	int64_t mean_ms, median_ms;
};

/** Upper bounds of drift ages: 1 h, 4 h, 1 d, 7 d; the last bucket has none. */
#define SUMMARY_BUCKETS 5
extern const int64_t summary_bucket_ms[SUMMARY_BUCKETS - 1];

struct summary {
	int64_t incidents; /* detected in the period */
	int64_t open;      /* of these, not over */
	int64_t acknowledged, resolved, withdrawn, blind, false_alarms;
	/* of all that are no false alarms: from opened to detected, from detected to acknowledged,
	 * from detected to resolved */
	struct summary_times detect, acknowledge, resolve;
	/* how long they lasted, or last so far; neither false alarms nor withdrawn ones */
	int64_t ages[SUMMARY_BUCKETS];
	int64_t deployments;
	struct summary_times lead; /* from commit to running */
};

/**
 * What was detected, and deployed, after @p from_wall_ms and not after @p to_wall_ms. What is not over
 * lasts until now.
 *
 * @param incidents    struct store_incident_times.
 * @param deployments  struct store_lead.
 */
struct summary summary_slice(const GArray *incidents, const GArray *deployments,
			     int64_t from_wall_ms, int64_t to_wall_ms, int64_t now_wall_ms);

/** The same of the last so many @p days. */
struct summary summary_make(const GArray *incidents, const GArray *deployments, int days,
			    int64_t now_wall_ms);

#endif
