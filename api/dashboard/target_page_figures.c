/* target_page_figures - freshness over time, rows and bytes billed per day, from what the database kept. */
#include "api/dashboard/target_page.h"

#include <string.h>

#include "api/dashboard/chart.h"
#include "api/dashboard/html.h"

/* Days of bars: fewer than that are no figure. */
#define BAR_DAYS_MIN 14

/* --- lag --- */

/* Did anybody look then? */
static bool is_seen(enum state state)
{
	return state == STATE_OK || state == STATE_PENDING || state == STATE_DRIFT;
}

static int64_t lag_of(int64_t loaded_wall_ms, int64_t at_wall_ms)
{
	return MAX(at_wall_ms - loaded_wall_ms, 0);
}

/* A look, and what it found until the next one that found something else. */
struct stretch {
	int64_t from_wall_ms, to_wall_ms;
	int64_t loaded_wall_ms;
	bool is_at_most;
};

/* The part of @p stretch through which somebody looked. @p first: span to begin with, moved on. */
static void add_seen(GArray *pieces, const struct stretch *stretch, const GArray *spans,
		     guint *first)
{
	for (guint i = *first; i < spans->len; i++) {
		const struct days_span *span = &g_array_index(spans, struct days_span, i);
		int64_t from = MAX(stretch->from_wall_ms, span->from_wall_ms);
		int64_t to = MIN(stretch->to_wall_ms, span->to_wall_ms);
		struct chart_piece piece = {
			.from_wall_ms = from,
			.to_wall_ms = to,
			.from_ms = lag_of(stretch->loaded_wall_ms, from),
			.to_ms = lag_of(stretch->loaded_wall_ms, to),
			.is_at_most = stretch->is_at_most,
		};

		if (span->from_wall_ms >= stretch->to_wall_ms)
			return;
		if (span->to_wall_ms <= stretch->from_wall_ms)
			*first = i + 1;
		else if (is_seen(span->state) && from < to)
			g_array_append_val(pieces, piece);
	}
}

/* Of old samples only the last of an hour, later of a day, is kept: what came in the hour of @p next
 * before it is gone. Until when nothing is missing. */
static int64_t end_of_whole(int64_t next_wall_ms, int64_t now_wall_ms)
{
	if (next_wall_ms < now_wall_ms - STORE_SAMPLES_HOURLY_MS)
		return next_wall_ms - next_wall_ms % MS_PER_DAY;
	if (next_wall_ms < now_wall_ms - STORE_SAMPLES_ALL_MS)
		return next_wall_ms - next_wall_ms % MS_PER_HOUR;
	return next_wall_ms;
}

GArray *target_page_lag(const GPtrArray *samples, const GArray *spans, int64_t looked_wall_ms,
			int64_t now_wall_ms)
{
	GArray *pieces = g_array_new(FALSE, TRUE, sizeof(struct chart_piece));
	guint first = 0;

	for (guint i = samples->len; i > 0; i--) {
		const struct store_sample *sample = samples->pdata[i - 1];
		const struct store_sample *next = i > 1 ? samples->pdata[i - 2] : NULL;
		int64_t end = next ? next->at_wall_ms : looked_wall_ms;
		int64_t whole = next ? end_of_whole(end, now_wall_ms) : end;
		struct stretch sure = {sample->at_wall_ms, MAX(whole, sample->at_wall_ms),
				       sample->loaded_wall_ms, false};
		struct stretch rest = {sure.to_wall_ms, end, sample->loaded_wall_ms, true};

		if (sample->loaded_wall_ms <= 0)
			continue; /* it held nothing: no age */
		add_seen(pieces, &sure, spans, &first);
		add_seen(pieces, &rest, spans, &first);
	}
	return pieces;
}

/* --- days --- */

static struct chart_bar bar_of(const struct day *day)
{
	struct chart_bar bar = {.value = -1};

	g_strlcpy(bar.date, day->date, sizeof(bar.date));
	return bar;
}

static bool was_seen(const struct day *day)
{
	return day->ms[STATE_OK] + day->ms[STATE_PENDING] + day->ms[STATE_DRIFT] > 0;
}

/* A look that found what the one before had found left no sample: the rows are those of then, if
 * somebody looked. */
GArray *target_page_rows(const GPtrArray *samples, const GArray *days)
{
	GArray *bars = g_array_new(FALSE, TRUE, sizeof(struct chart_bar));
	guint next = samples->len;
	const struct store_sample *newest = NULL;

	for (guint i = 0; i < days->len; i++) {
		const struct day *day = &g_array_index(days, struct day, i);
		struct chart_bar bar = bar_of(day);

		while (next > 0 &&
		       ((const struct store_sample *)samples->pdata[next - 1])->at_wall_ms <
			       day->to_wall_ms) {
			newest = samples->pdata[next - 1];
			next--;
		}
		bar.is_kept = newest && newest->at_wall_ms < day->from_wall_ms;
		if (newest && (!bar.is_kept || was_seen(day)))
			bar.value = newest->rows;
		g_array_append_val(bars, bar);
	}
	return bars;
}

static int64_t billed_on(const GPtrArray *usages, const char *date)
{
	for (guint i = 0; i < usages->len; i++) {
		const struct store_usage *usage = usages->pdata[i];

		if (strcmp(usage->day, date) == 0)
			return usage->bytes_billed;
	}
	return 0;
}

GArray *target_page_bytes(const GPtrArray *usages, const GArray *days)
{
	GArray *bars = g_array_new(FALSE, TRUE, sizeof(struct chart_bar));

	for (guint i = 0; i < days->len; i++) {
		const struct day *day = &g_array_index(days, struct day, i);
		struct chart_bar bar = bar_of(day);

		bar.value = billed_on(usages, day->date);
		if (bar.value == 0 && day->worst == STATE_NONE)
			bar.value = -1;
		g_array_append_val(bars, bar);
	}
	return bars;
}

/* --- the figures --- */

static int64_t limit_of(const struct target_page *page, const char *name)
{
	const struct verdict_datum *datum = verdict_detail_find(page->verdict->detail, name);

	return datum && datum->type == DATUM_TYPE_NUMBER
		       ? CLAMP(datum->number, 0, INT64_MAX / MS_PER_S) * MS_PER_S
		       : 0;
}

static bool has_at_most(const GArray *pieces)
{
	for (guint i = 0; i < pieces->len; i++)
		if (g_array_index(pieces, struct chart_piece, i).is_at_most)
			return true;
	return false;
}

static void add_lag(GString *to, const struct target_page *page, const GArray *spans)
{
	const struct chart chart = {
		.id = "lag",
		.title = "Age of the data",
		.zone = page->zone,
		.from_wall_ms = page->now_wall_ms - page->span_ms,
		.to_wall_ms = page->now_wall_ms,
	};
	g_autoptr(GArray) pieces = target_page_lag(
		page->samples, spans, page->verdict->observed_wall_ms, page->now_wall_ms);

	chart_add_lag(to, &chart, pieces, limit_of(page, "warn_after_s"),
		      limit_of(page, "error_after_s"));
	if (has_at_most(pieces))
		g_string_append(to,
				"<p class=\"muted\">Dotted: at most so old. Of each hour, after "
				"30 days of each day, only the last load is kept.</p>\n");
}

static GArray *make_days(const struct target_page *page)
{
	int count = MAX((int)(page->span_ms / MS_PER_DAY), BAR_DAYS_MIN); /* 90 at most */
	g_autoptr(GArray) calendar = days_calendar("UTC", count, page->now_wall_ms);

	return days_make(calendar, &page->past);
}

void target_page_add_figures(GString *to, const struct target_page *page, const GArray *spans)
{
	g_autoptr(GArray) days = make_days(page);
	g_autoptr(GArray) rows = target_page_rows(page->samples, days);
	g_autoptr(GArray) bytes = target_page_bytes(page->usages, days);
	const struct chart row_chart = {.id = "rows",
					.title = "Rows, at the end of each day (UTC)"};
	const struct chart byte_chart = {.id = "bytes", .title = "Bytes billed, per day (UTC)"};

	if (page->samples->len == 0 && page->usages->len == 0)
		return;
	target_page_open(to, "figures", "Figures");
	g_string_append(to, "<div class=\"charts\">\n");
	if (page->samples->len > 0) {
		g_string_append(to, "<div>");
		add_lag(to, page, spans);
		g_string_append(to, "</div>\n");
	}
	g_string_append(to, "<div class=\"charts-column\">");
	if (page->samples->len > 0)
		chart_add_bars(to, &row_chart, rows, CHART_UNIT_COUNT);
	if (page->usages->len > 0)
		chart_add_bars(to, &byte_chart, bytes, CHART_UNIT_BYTES);
	g_string_append(to, "</div></div>\n");
	target_page_close(to);
}
