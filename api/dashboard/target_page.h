/* target_page - the parts of the page of one target; see pages.h. Pure: any thread. */
#ifndef DRIFT_TARGET_PAGE_H
#define DRIFT_TARGET_PAGE_H

#include "base.h"
#include "api/dashboard/days.h"
#include "api/snapshot.h"
#include "config/config.h"

/** What the page is made of. Everything is borrowed. */
struct target_page {
	const struct snapshot *snapshot;
	const struct verdict *verdict;
	const struct config_target *config; /* NULL: it left the configuration meanwhile */
	const char *zone;                   /* IANA, of axes of time */
	int64_t now_wall_ms;
	const char *span; /* "24h", "7d", "30d", "90d" */
	int64_t span_ms;

	/* of the database; NULL: it could not be read, and history_error says why */
	GPtrArray *deployments; /* struct store_deployment *, newest first */
	GPtrArray *samples;     /* struct store_sample *, newest first */
	GPtrArray *incidents;   /* struct store_incident *, newest first */
	GPtrArray *usages;      /* struct store_usage *, newest day first */
	struct days_facts past;
	const char *history_error;
};

/** A card with a heading; @p id is that of the heading, unique on the page. */
void target_page_open(GString *to, const char *id, const char *heading);
void target_page_close(GString *to);
/** A table: <caption> for who does not see it, and titles; a title that begins with "#" is of
 * numbers. @p titles is NULL-terminated. Ends with target_page_close_table(). */
void target_page_open_table(GString *to, const char *caption, const char *const *titles);
void target_page_close_table(GString *to);
/** <td>, labelled for phones with a title as above. */
void target_page_cell(GString *to, const char *title);

/** Name, state, summary, and what holds right now. target_page_head.c */
void target_page_add_head(GString *to, const struct target_page *page);
void target_page_add_reasons(GString *to, const struct target_page *page);
/** On what the verdict rests, and the configuration. target_page_basis.c */
void target_page_add_basis(GString *to, const struct target_page *page);

/** @p json: what the API says of it, in lines. target_page_basis.c */
void target_page_add_json(GString *to, const struct target_page *page, const char *json);

/** Undeployed commits, what serves, evidence, settings. target_page_code.c */
void target_page_add_code(GString *to, const struct target_page *page);

/** What a verdict about data rests on. target_page_data.c */
void target_page_add_data(GString *to, const struct target_page *page);

/** Timeline, figures, deployments, incidents. target_page_past.c */
void target_page_add_past(GString *to, const struct target_page *page);

/** How far the data was behind: struct chart_piece, oldest first, from what was seen (@p samples, struct
 * store_sample *, newest first) where somebody looked (@p spans, struct days_span), up to the last look.
 * Caller unrefs. target_page_figures.c */
GArray *target_page_lag(const GPtrArray *samples, const GArray *spans, int64_t looked_wall_ms,
			int64_t now_wall_ms);
/** Rows of each of @p days at its end, struct chart_bar. Caller unrefs. */
GArray *target_page_rows(const GPtrArray *samples, const GArray *days);
/** Bytes billed on each of @p days (struct day, of UTC), struct chart_bar: what nobody was billed for
 * is 0. Caller unrefs. */
GArray *target_page_bytes(const GPtrArray *usages, const GArray *days);
void target_page_add_figures(GString *to, const struct target_page *page, const GArray *spans);

/** The command that mends what @p reason says; NULL: none is known. Caller frees. target_page_mend.c */
char *target_page_mend(const struct target_page *page, const struct reason *reason);

#endif
