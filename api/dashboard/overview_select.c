/* overview_select - which targets the overview shows, in which groups; see overview.h */
#include "api/dashboard/overview.h"

#include <string.h>

#include "api/select.h"
#include "clk.h"

static void group_free(gpointer data)
{
	struct overview_group *group = data;

	g_ptr_array_unref(group->items);
	g_free(group);
}

static struct overview_group *group_create(const char *name)
{
	struct overview_group *group = g_new0(struct overview_group, 1);

	group->name = name;
	group->items = g_ptr_array_new();
	return group;
}

/* NULL: it has no owner. */
static const char *name_of(const struct overview *overview, const struct verdict *verdict)
{
	if (strcmp(overview->group, "kind") == 0)
		return verdict->kind;
	if (strcmp(overview->group, "state") == 0)
		return state_text(verdict->state);
	return verdict->owner;
}

/* Verdicts come worst first: so do groups, by the first of each. */
static void add_item(struct overview *overview, GHashTable *by_name, struct verdict *verdict)
{
	const char *name = overview->group ? name_of(overview, verdict) : NULL;
	struct overview_group *group = g_hash_table_lookup(by_name, name ? name : "");

	if (!group) {
		group = group_create(name);
		g_ptr_array_add(overview->groups, group);
		(void)g_hash_table_insert(by_name, name ? g_strdup(name) : g_strdup(""),
					  group); /* was not there */
	}
	g_ptr_array_add(group->items, verdict);
	group->count[verdict->state]++;
	overview->selected++;
}

static void count_owner(GHashTable *owners, const char *owner)
{
	int count = 0;

	if (!owner)
		return;
	count = GPOINTER_TO_INT(g_hash_table_lookup(owners, owner));
	(void)g_hash_table_insert(owners, g_strdup(owner),
				  GINT_TO_POINTER(count + 1)); /* or anew */
}

/* A facet counts what passes all filters but its own. */
static void count_facets(struct overview_facets *facets, const struct verdict *verdict,
			 unsigned misses)
{
	if ((misses & ~(unsigned)SELECT_FILTER_STATE) == 0) {
		facets->state[verdict->state]++;
		facets->states_total++;
	}
	if ((misses & ~(unsigned)SELECT_FILTER_KIND) == 0)
		facets->kind[target_kind_from_text(verdict->kind)]++;
	if ((misses & ~(unsigned)SELECT_FILTER_PRIORITY) == 0)
		facets->priority[verdict->priority]++;
	if ((misses & ~(unsigned)SELECT_FILTER_OWNER) == 0)
		count_owner(facets->owner, verdict->owner);
}

static void find_page(struct overview *overview)
{
	int64_t wanted = query_number(overview->query, "page", 1);

	overview->pages =
		MAX((overview->selected + OVERVIEW_PAGE_ROWS - 1) / OVERVIEW_PAGE_ROWS, 1);
	overview->page = CLAMP(wanted, 1, overview->pages); /* a page that is no more: the last */
}

void overview_init(struct overview *overview, const struct request *request,
		   const struct snapshot *snapshot)
{
	g_autoptr(GHashTable) by_name =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const GPtrArray *verdicts = snapshot->input.verdicts;

	*overview = (struct overview){
		.snapshot = snapshot,
		.query = request->query,
		.app = request->app,
		.now_wall_ms = clk_wall_ms(),
		.group = query_text(request->query, "group"),
		.facets.owner = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
		.groups = g_ptr_array_new_with_free_func(group_free),
	};
	for (guint i = 0; i < verdicts->len; i++) {
		unsigned misses = select_misses(verdicts->pdata[i], request->query);

		count_facets(&overview->facets, verdicts->pdata[i], misses);
		if (misses == 0)
			add_item(overview, by_name, verdicts->pdata[i]);
	}
	find_page(overview);
}

void overview_done(struct overview *overview)
{
	g_hash_table_unref(overview->facets.owner);
	g_ptr_array_unref(overview->groups);
	*overview = (struct overview){0};
}
