/* overview_filters - what narrows the overview: states, search, kinds, priorities, owners, groups; see
 * overview.h. All are links and one plain form: they work without scripts. */
#include "api/dashboard/overview.h"

#include <string.h>

#include "api/dashboard/html.h"

/* Owners that are offered; of more, the largest. */
#define OWNERS_MAX 100

/* An owner, as a filter. */
struct owner {
	const char *name;
	int count;
};

static void open_link(GString *to, const char *class, const char *href, bool is_on)
{
	html_add(to, "<a class=\"%s\" href=\"%s\"", class, href);
	g_string_append(to, is_on ? " aria-current=\"true\">" : ">");
}

/* Is it one of the values that are asked for? */
static bool is_asked(const struct query *query, const char *name, const char *value)
{
	return query_text(query, name) && query_allows(query, name, value);
}

/* Adds the value to the others of its parameter, or takes it away. */
static char *toggle_link(const struct query *query, const char *name, const char *value)
{
	if (is_asked(query, name, value))
		return overview_link(query,
				     &(struct overview_change){.drop = name, .drop_value = value});
	return overview_link(query, &(struct overview_change){.add = name, .value = value});
}

static void add_all_states(GString *to, const struct overview *overview)
{
	g_autofree char *href =
		overview_link(overview->query, &(struct overview_change){.drop = "state"});

	open_link(to, "tile", href, !query_text(overview->query, "state"));
	g_string_append(to, "<span class=\"tile-count\">");
	html_number(to, overview->facets.states_total);
	g_string_append(to, "</span><span class=\"tile-word\">all</span></a></li>\n");
}

static void add_state(GString *to, const struct overview *overview, enum state state)
{
	int64_t count = overview->facets.state[state];
	bool is_on = is_asked(overview->query, "state", state_text(state));
	g_autofree char *href = toggle_link(overview->query, "state", state_text(state));
	g_autofree char *class =
		g_strdup_printf("tile state-%s%s", state_text(state), count == 0 ? " is-zero" : "");

	g_string_append(to, "<li>");
	open_link(to, class, href, is_on);
	g_string_append(to, "<span class=\"tile-count\">");
	html_number(to, count);
	html_add(to,
		 "</span><span class=\"tile-word\"><svg class=\"icon\" aria-hidden=\"true\"><use "
		 "href=\"#i-%s\"/></svg>%s</span></a></li>\n",
		 state_text(state), state_text(state));
}

static void add_states(GString *to, const struct overview *overview)
{
	static const enum state order[] = {STATE_DRIFT, STATE_UNKNOWN, STATE_PENDING, STATE_OK,
					   STATE_PAUSED};

	g_string_append(to, "<nav aria-label=\"Targets by state\"><ul class=\"tiles\">\n<li>");
	add_all_states(to, overview);
	for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
		add_state(to, overview, order[i]);
	g_string_append(to, "</ul></nav>\n");
}

/* What else is asked for goes with what is searched for. */
static void add_search(GString *to, const struct overview *overview)
{
	const struct query *query = overview->query;

	g_string_append(to, "<form class=\"search\" role=\"search\" action=\"/\" method=\"get\">");
	for (size_t i = 0; i < query->count; i++) {
		const struct query_pair *pair = &query->pairs[i];

		if (strcmp(pair->name, "q") == 0 || strcmp(pair->name, "page") == 0 ||
		    strcmp(pair->name, "format") == 0)
			continue;
		html_add(to, "<input type=\"hidden\" name=\"%s\" value=\"", pair->name);
		html_attribute(to, pair->value);
		g_string_append(to, "\">");
	}
	g_string_append(to,
			"<label class=\"visually-hidden\" for=\"q\">Search targets</label>"
			"<svg class=\"icon\" aria-hidden=\"true\"><use href=\"#i-search\"/></svg>"
			"<input type=\"search\" id=\"q\" name=\"q\" placeholder=\"Search name, "
			"owner, repository\" autocomplete=\"off\" spellcheck=\"false\" "
			"maxlength=\"200\" data-live-search value=\"");
	html_attribute(to, query_text(query, "q"));
	g_string_append(to, "\"><noscript><button type=\"submit\">Search</button></noscript>"
			    "</form>\n");
}

static void add_option(GString *to, const struct overview *overview, const char *name,
		       const char *value, int64_t count)
{
	bool is_on = is_asked(overview->query, name, value);
	g_autofree char *href = toggle_link(overview->query, name, value);

	if (count == 0 && !is_on)
		return;
	open_link(to, "chip", href, is_on);
	html_text(to, value);
	g_string_append(to, " <span class=\"muted\">");
	html_number(to, count);
	g_string_append(to, "</span></a>\n");
}

static void add_kinds(GString *to, const struct overview *overview)
{
	g_string_append(to, "<div class=\"options\" role=\"group\" aria-label=\"Kinds\">\n");
	for (int kind = 1; kind < TARGET_KIND_COUNT; kind++)
		add_option(to, overview, "kind", target_kind_text((enum target_kind)kind),
			   overview->facets.kind[kind]);
	g_string_append(to, "</div>\n<div class=\"options\" role=\"group\" "
			    "aria-label=\"Priorities\">\n");
	for (int priority = PRIORITY_P0; priority <= PRIORITY_P2; priority++)
		add_option(to, overview, "priority", priority_text((enum priority)priority),
			   overview->facets.priority[priority]);
	g_string_append(to, "</div>\n");
}

static int compare_owners(gconstpointer a, gconstpointer b)
{
	const struct owner *first = a, *second = b;

	if (first->count != second->count)
		return first->count < second->count ? 1 : -1;
	return strcmp(first->name, second->name);
}

/* struct owner, the largest first. Caller unrefs. */
static GArray *list_owners(const struct overview *overview)
{
	GArray *owners = g_array_new(FALSE, FALSE, sizeof(struct owner));
	GHashTableIter at;
	gpointer name = NULL, count = NULL;

	g_hash_table_iter_init(&at, overview->facets.owner);
	while (g_hash_table_iter_next(&at, &name, &count)) {
		struct owner owner = {name, GPOINTER_TO_INT(count)};

		g_array_append_val(owners, owner);
	}
	g_array_sort(owners, compare_owners);
	return owners;
}

static void add_owners(GString *to, const struct overview *overview)
{
	g_autoptr(GArray) owners = list_owners(overview);

	if (owners->len == 0)
		return;
	g_string_append(to, "<details class=\"owners\" id=\"owners\"><summary>Owners <span "
			    "class=\"muted\">");
	html_number(to, owners->len);
	g_string_append(to, "</span></summary><div class=\"options\">\n");
	for (guint i = 0; i < MIN(owners->len, OWNERS_MAX); i++) {
		const struct owner *owner = &g_array_index(owners, struct owner, i);

		add_option(to, overview, "owner", owner->name, owner->count);
	}
	if (owners->len > OWNERS_MAX)
		g_string_append(to, "<span class=\"muted\">and more: search for them</span>");
	g_string_append(to, "</div></details>\n");
}

void overview_add_groups(GString *to, const struct overview *overview)
{
	static const char *const names[] = {NULL, "kind", "owner", "state"};

	g_string_append(to, "<nav class=\"groups\" aria-label=\"Group by\"><span "
			    "class=\"muted\" aria-hidden=\"true\">Group by</span><div "
			    "class=\"tabs\">\n");
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		struct overview_change change = {
			.drop = "group", .add = names[i] ? "group" : NULL, .value = names[i]};
		g_autofree char *href = overview_link(overview->query, &change);

		html_add(to, "<a href=\"%s\"", href);
		g_string_append(to, g_strcmp0(overview->group, names[i]) == 0
					    ? " aria-current=\"true\">"
					    : ">");
		html_add(to, "%s</a>\n", names[i] ? names[i] : "none");
	}
	g_string_append(to, "</div></nav>\n");
}

static bool is_filter(const struct query_pair *pair)
{
	static const char *const names[] = {"state", "kind", "priority", "owner",
					    "repo",  "q",    NULL};

	return *pair->value && g_strv_contains(names, pair->name);
}

static void add_removable(GString *to, const struct overview *overview,
			  const struct query_pair *pair)
{
	struct overview_change change = {.drop = pair->name, .drop_value = pair->value};
	g_autofree char *href = overview_link(overview->query, &change);

	open_link(to, "chip is-on", href, false);
	html_add(to, "<span class=\"muted\">%s</span>",
		 strcmp(pair->name, "q") == 0 ? "search" : pair->name);
	html_text(to, pair->value);
	g_string_append(to,
			"<svg class=\"icon\" aria-hidden=\"true\"><use href=\"#i-close\"/></svg>"
			"<span class=\"visually-hidden\">remove this filter</span></a>\n");
}

/* What is asked for now; each can be taken away. */
static void add_active(GString *to, const struct overview *overview)
{
	const struct query *query = overview->query;
	int count = 0;

	for (size_t i = 0; i < query->count; i++) {
		if (!is_filter(&query->pairs[i]))
			continue;
		if (count++ == 0)
			g_string_append(to, "<div class=\"options active\" role=\"group\" "
					    "aria-label=\"Filters in use\">\n");
		add_removable(to, overview, &query->pairs[i]);
	}
	if (count == 0)
		return;
	if (overview->group)
		html_add(to, "<a href=\"/?group=%s\">clear all</a>", overview->group);
	else
		g_string_append(to, "<a href=\"/\">clear all</a>");
	g_string_append(to, "</div>\n");
}

void overview_add_filters(GString *to, const struct overview *overview)
{
	add_states(to, overview);
	g_string_append(to, "<div class=\"narrow\">\n");
	add_search(to, overview);
	add_kinds(to, overview);
	add_owners(to, overview);
	g_string_append(to, "</div>\n");
	add_active(to, overview);
}
