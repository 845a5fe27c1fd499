/* overview - the page GET / in its parts: which targets, the filters above them, their rows, and what
 * is beside them. Any thread. */
#ifndef DRIFT_OVERVIEW_H
#define DRIFT_OVERVIEW_H

#include "base.h"
#include "api/request.h"
#include "api/snapshot.h"

/** Targets on a page. */
#define OVERVIEW_PAGE_ROWS 100

/** Targets of one kind, owner or state; or all of them. */
struct overview_group {
	const char *name; /* "service", "ml", "drift"; NULL: of no owner, or not grouped */
	GPtrArray *items; /* const struct verdict *, borrowed, worst first */
	int64_t count[STATE_COUNT];
};

/** How many targets each filter would leave, given the others. */
struct overview_facets {
	int64_t state[STATE_COUNT];
	int64_t states_total;
	int64_t kind[TARGET_KIND_COUNT];
	int64_t priority[PRIORITY_P2 + 1];
	GHashTable *owner; /* name -> GINT_TO_POINTER(count) */
};

struct overview {
	const struct snapshot *snapshot;
	const struct query *query;
	struct app *app;
	int64_t now_wall_ms;
	const char *group; /* "kind", "owner", "state"; NULL: not grouped */
	struct overview_facets facets;
	GPtrArray *groups; /* struct overview_group *, the one with the worst target first */
	int64_t selected;
	int64_t page, pages; /* from 1 on; of no targets one */
};

/** What @p request asks for; borrows from both. End with overview_done(). */
void overview_init(struct overview *overview, const struct request *request,
		   const struct snapshot *snapshot);
void overview_done(struct overview *overview);

/** What a link changes in the query. The page always starts anew, unless it is added. */
struct overview_change {
	const char *drop;        /* parameter that goes; NULL: none */
	const char *drop_value;  /* only this one of its values; NULL: all */
	const char *add, *value; /* NULL: nothing */
};

/** "/?kind=service&page=2", with the filters of @p query. Caller frees. */
char *overview_link(const struct query *query, const struct overview_change *change);

/* overview_filters.c */
void overview_add_filters(GString *to, const struct overview *overview);
void overview_add_groups(GString *to, const struct overview *overview);

/* overview_rows.c */
void overview_add_rows(GString *to, const struct overview *overview);

/* overview_cards.c */
void overview_add_cards(GString *to, const struct overview *overview);

#endif
