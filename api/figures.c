/* figures - see figures.h */
#include "api/figures.h"

#include "clk.h"
#include "drift_error.h"
#include "dur.h"

/** With fewer parts there is no course to be seen. */
#define PARTS_MIN 7
/** Where no number of whole days fits: hours do. */
#define PARTS_ELSE 12

size_t figures_parts(int64_t period_ms)
{
	for (size_t parts = FIGURES_PARTS_MAX; parts >= PARTS_MIN; parts--)
		if (period_ms % ((int64_t)parts * MS_PER_DAY) == 0)
			return parts;
	return PARTS_ELSE;
}

static struct figures_span make_span(const GArray *incidents, const GArray *deployments,
				     int64_t from_wall_ms, int64_t to_wall_ms, int64_t now_wall_ms)
{
	return (struct figures_span){
		.from_wall_ms = from_wall_ms,
		.to_wall_ms = to_wall_ms,
		.summary = summary_slice(incidents, deployments, from_wall_ms, to_wall_ms,
					 now_wall_ms),
	};
}

struct figures figures_make(const GArray *incidents, const GArray *deployments, int64_t period_ms,
			    int64_t known_since_wall_ms, int64_t now_wall_ms)
{
	int64_t from_wall_ms = now_wall_ms - period_ms;
	struct figures figures = {
		.now_wall_ms = now_wall_ms,
		.period_ms = period_ms,
		.complete = from_wall_ms >= known_since_wall_ms,
		.previous_complete = from_wall_ms - period_ms >= known_since_wall_ms,
		.current =
			make_span(incidents, deployments, from_wall_ms, now_wall_ms, now_wall_ms),
		.previous = make_span(incidents, deployments, from_wall_ms - period_ms,
				      from_wall_ms, now_wall_ms),
		.parts = figures_parts(period_ms),
	};

	for (size_t i = 0; i < figures.parts; i++)
		figures.trend[i] = make_span(
			incidents, deployments,
			from_wall_ms + period_ms * (int64_t)i / (int64_t)figures.parts,
			from_wall_ms + period_ms * (int64_t)(i + 1) / (int64_t)figures.parts,
			now_wall_ms);
	return figures;
}

bool figures_parse_period(const char *text, int64_t *ret_period_ms, GError **error)
{
	g_autoptr(GError) local = NULL;
	int64_t period_ms = FIGURES_PERIOD_DEFAULT_MS;

	if (text && !dur_parse(text, &period_ms, &local)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "parameter period: %s; give 1d to 365d", local->message);
		return false;
	}
	if (period_ms < FIGURES_PERIOD_MIN_MS) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "parameter period: %.40s is not from 1d to 365d", text);
		return false;
	}
	*ret_period_ms = period_ms;
	return true;
}

/* Since when driftd looks, keeps all, and all was read. */
static int64_t known_since(const GArray *incidents, const GArray *deployments,
			   int64_t first_wall_ms, int64_t kept_wall_ms)
{
	int64_t since_wall_ms = MAX(first_wall_ms, kept_wall_ms);

	if (incidents->len >= STORE_STATISTICS_MAX)
		since_wall_ms =
			MAX(since_wall_ms, g_array_index(incidents, struct store_incident_times,
							 incidents->len - 1)
						   .detected_wall_ms);
	if (deployments->len >= STORE_STATISTICS_MAX)
		since_wall_ms = MAX(since_wall_ms, g_array_index(deployments, struct store_lead,
								 deployments->len - 1)
							   .at_wall_ms);
	return since_wall_ms;
}

bool figures_read_rows(const struct request *request, int64_t span_ms,
		       struct figures_rows *ret_rows, GError **error)
{
	struct store_reader *reader = app_reader_take(request->app, error);
	struct figures_rows rows = {.now_wall_ms = clk_wall_ms()};
	int64_t first_wall_ms = 0;
	bool ok = false;

	if (!reader)
		return false;
	ok = store_read_first_cycle(reader, &first_wall_ms, error) &&
	     store_read_statistics(reader, rows.now_wall_ms - span_ms, &rows.incidents,
				   &rows.deployments, error);
	app_reader_give(request->app, reader);
	if (!ok)
		return false;
	rows.known_since_wall_ms =
		known_since(rows.incidents, rows.deployments,
			    first_wall_ms > 0 ? first_wall_ms : rows.now_wall_ms,
			    rows.now_wall_ms - request->config->driftd.retention_ms);
	*ret_rows = rows;
	return true;
}

void figures_rows_done(struct figures_rows *rows)
{
	g_clear_pointer(&rows->incidents, g_array_unref);
	g_clear_pointer(&rows->deployments, g_array_unref);
}

bool figures_read(const struct request *request, int64_t period_ms, struct figures *ret_figures,
		  GError **error)
{
	struct figures_rows rows = {0};

	if (!figures_read_rows(request, 2 * period_ms, &rows, error))
		return false;
	*ret_figures = figures_make(rows.incidents, rows.deployments, period_ms,
				    rows.known_since_wall_ms, rows.now_wall_ms);
	figures_rows_done(&rows);
	return true;
}
