/* figures - a period in figures, beside the one before it and its own course: what GET /summary and
 * the page of incidents show. DESIGN 11. */
#ifndef DRIFT_FIGURES_H
#define DRIFT_FIGURES_H

#include "base.h"
#include "api/request.h"
#include "api/summary.h"

/** Shortest period that can be asked for; the longest is DUR_MAX_MS, a year. */
#define FIGURES_PERIOD_MIN_MS MS_PER_DAY
#define FIGURES_PERIOD_DEFAULT_MS (30 * MS_PER_DAY)

/** Parts of the trend at most: a quarter in weeks. */
#define FIGURES_PARTS_MAX 13

/** What happened after @p from, and not after @p to. */
struct figures_span {
	int64_t from_wall_ms, to_wall_ms;
	struct summary summary;
};

struct figures {
	int64_t now_wall_ms, period_ms;
	/* all of it was kept and read; else what is older than retention, or too much, is not in it */
	bool complete, previous_complete;
	struct figures_span current, previous; /* the one ends now, the other where that begins */
	struct figures_span trend[FIGURES_PARTS_MAX]; /* of the current one, oldest first */
	size_t parts;
};

/** Into how many equal parts a period is cut: whole days where that gives enough of them. Pure. */
size_t figures_parts(int64_t period_ms);

/**
 * Pure.
 *
 * @param incidents            struct store_incident_times.
 * @param deployments          struct store_lead.
 * @param known_since_wall_ms  what happened before may be missing in them.
 */
struct figures figures_make(const GArray *incidents, const GArray *deployments, int64_t period_ms,
			    int64_t known_since_wall_ms, int64_t now_wall_ms);

/** "30d" as a period; NULL: the default. DRIFT_ERROR_INVALID. Pure. */
MUST_CHECK bool figures_parse_period(const char *text, int64_t *ret_period_ms, GError **error);

/** What figures are made of. Free with figures_rows_done(). */
struct figures_rows {
	GArray *incidents;   /* struct store_incident_times */
	GArray *deployments; /* struct store_lead */
	int64_t now_wall_ms;
	int64_t known_since_wall_ms; /* driftd looked since then, kept all of it, and read all */
};

/** What happened in the last @p span_ms. Errors as app_reader_take(). Any thread. */
MUST_CHECK bool figures_read_rows(const struct request *request, int64_t span_ms,
				  struct figures_rows *ret_rows, GError **error);
void figures_rows_done(struct figures_rows *rows);

/** Of the database, now. Errors as app_reader_take(). Any thread. */
MUST_CHECK bool figures_read(const struct request *request, int64_t period_ms,
			     struct figures *ret_figures, GError **error);

#endif
