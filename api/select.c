/* select - see select.h */
#include "api/select.h"

#include <string.h>

#include "api/cursor.h"
#include "drift_error.h"

bool select_is_not_ok(const struct verdict *verdict)
{
	return verdict->state != STATE_OK && verdict->state != STATE_PAUSED;
}

/* Filters whose text may be missing in the verdict: that is never what was asked for. */
static bool text_allowed(const struct query *query, const char *name, const char *text)
{
	return text ? query_allows(query, name, text) : !query_text(query, name);
}

/* Letters of ASCII are compared as they are read, others by their folded forms: those cost, and only words that
 * have some need them. */
static bool contains(const char *text, const char *word)
{
	g_autofree char *folded_text = NULL;
	g_autofree char *folded_word = NULL;

	if (!text)
		return false;
	if (strcasestr(text, word))
		return true;
	if (g_str_is_ascii(word))
		return false;
	folded_text = g_utf8_casefold(text, -1);
	folded_word = g_utf8_casefold(word, -1);
	return strstr(folded_text, folded_word) != NULL;
}

static bool is_found(const struct verdict *verdict, const char *word)
{
	return !word || contains(verdict->id, word) || contains(verdict->owner, word) ||
	       contains(verdict->description, word) || contains(verdict->repo, word);
}

unsigned select_misses(const struct verdict *verdict, const struct query *query)
{
	unsigned misses = 0;

	if (query->count == 0)
		return 0;
	if (!query_allows(query, "state", state_text(verdict->state)))
		misses |= SELECT_FILTER_STATE;
	if (!query_allows(query, "kind", verdict->kind))
		misses |= SELECT_FILTER_KIND;
	if (!query_allows(query, "priority", priority_text(verdict->priority)))
		misses |= SELECT_FILTER_PRIORITY;
	if (!text_allowed(query, "owner", verdict->owner))
		misses |= SELECT_FILTER_OWNER;
	if (!text_allowed(query, "repo", verdict->repo))
		misses |= SELECT_FILTER_REPO;
	if (!is_found(verdict, query_text(query, "q")))
		misses |= SELECT_FILTER_SEARCH;
	return misses;
}

static bool is_wanted(const struct verdict *verdict, const struct query *query)
{
	bool any_state = query_flag(query, "all") || query_text(query, "state");

	return (any_state || select_is_not_ok(verdict)) && select_misses(verdict, query) == 0;
}

/* Adds what is behind @p after (NULL: all), as long as there is room; counts all. */
static void fill(const struct snapshot *snapshot, const struct query *query,
		 const struct verdict *after, struct select_page *page)
{
	guint limit = (guint)query_number(query, "limit", SNAPSHOT_DRIFT_PAGE); /* 1..1000 */
	bool more = false;

	for (guint i = 0; i < snapshot->input.verdicts->len; i++) {
		const struct verdict *verdict = snapshot->input.verdicts->pdata[i];

		if (!is_wanted(verdict, query))
			continue;
		page->selected++;
		if (after && verdict_compare(&verdict, &after) <= 0)
			continue;
		if (page->items->len < limit)
			g_ptr_array_add(page->items, snapshot->input.verdicts->pdata[i]);
		else
			more = true;
	}
	if (more)
		page->next_cursor = cursor_of_verdict(page->items->pdata[page->items->len - 1]);
}

static bool is_owner(const struct snapshot *snapshot, const char *name)
{
	for (guint i = 0; i < snapshot->input.verdicts->len; i++) {
		const struct verdict *verdict = snapshot->input.verdicts->pdata[i];

		if (g_strcmp0(verdict->owner, name) == 0)
			return true;
	}
	return false;
}

static bool is_repo(const struct snapshot *snapshot, const char *name)
{
	const GPtrArray *repos = snapshot->input.config->repos;

	for (guint i = 0; i < repos->len; i++) {
		const struct config_repo *repo = repos->pdata[i];

		if (strcmp(repo->name, name) == 0)
			return true;
	}
	return false;
}

bool select_check_names(const struct snapshot *snapshot, const struct query *query, GError **error)
{
	for (size_t i = 0; i < query->count; i++) {
		const struct query_pair *pair = &query->pairs[i];

		if (strcmp(pair->name, "owner") == 0 && !is_owner(snapshot, pair->value)) {
			g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
				    "parameter owner: no target has the owner %s: GET /status "
				    "lists all targets with their owners",
				    pair->value);
			return false;
		}
		if (strcmp(pair->name, "repo") == 0 && !is_repo(snapshot, pair->value)) {
			g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
				    "parameter repo: there is no [repo] named %s: GET /status "
				    "lists all repositories",
				    pair->value);
			return false;
		}
	}
	return true;
}

bool select_drift(const struct snapshot *snapshot, const struct query *query,
		  struct select_page *ret_page, GError **error)
{
	const char *cursor = query_text(query, "cursor");
	struct verdict *after = NULL;
	struct select_page page = {0};

	if (!select_check_names(snapshot, query, error))
		return false;
	after = cursor ? cursor_parse_verdict(cursor, error) : NULL;
	if (cursor && !after)
		return false;
	page.items = g_ptr_array_new();
	fill(snapshot, query, after, &page);
	if (after)
		verdict_unref(after);
	*ret_page = page;
	return true;
}

void select_page_done(struct select_page *page)
{
	if (page->items)
		g_ptr_array_unref(page->items);
	g_free(page->next_cursor);
	*page = (struct select_page){0};
}

static const struct verdict *find_target(const struct snapshot *snapshot, const char *text,
					 GError **error)
{
	const struct verdict *verdict = NULL;

	if (!strchr(text, '/'))
		return snapshot_find_name(snapshot, text, error);
	verdict = snapshot_find(snapshot, text);
	if (!verdict)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND, "there is no target %s",
			    text);
	return verdict;
}

/* Ids of all target=… that exist. An unknown name is the caller's mistake, never an empty gate. */
static GHashTable *named_targets(const struct snapshot *snapshot, const struct query *query,
				 GError **error)
{
	g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);

	for (size_t i = 0; i < query->count; i++) {
		const struct verdict *verdict = NULL;
		GError *local = NULL;

		if (strcmp(query->pairs[i].name, "target") != 0)
			continue;
		verdict = find_target(snapshot, query->pairs[i].value, &local);
		if (!verdict) {
			if (local->code == DRIFT_ERROR_NOT_FOUND)
				local->code = DRIFT_ERROR_INVALID; /* a wrong value, not a wrong
								      path */
			g_propagate_prefixed_error(error, local, "parameter target: ");
			return NULL;
		}
		(void)g_hash_table_add(ids, verdict->id); /* twice the same is fine */
	}
	return g_steal_pointer(&ids);
}

GPtrArray *select_gate(const struct snapshot *snapshot, const struct query *query, GError **error)
{
	g_autoptr(GHashTable) ids = named_targets(snapshot, query, error);
	g_autoptr(GPtrArray) selected = g_ptr_array_new();

	if (!ids)
		return NULL;
	for (guint i = 0; i < snapshot->input.verdicts->len; i++) {
		const struct verdict *verdict = snapshot->input.verdicts->pdata[i];

		if ((g_hash_table_size(ids) > 0 && !g_hash_table_contains(ids, verdict->id)) ||
		    !query_allows(query, "kind", verdict->kind) ||
		    !query_allows(query, "priority", priority_text(verdict->priority)))
			continue;
		g_ptr_array_add(selected, snapshot->input.verdicts->pdata[i]);
	}
	if (selected->len == 0) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "no target is selected: a gate over nothing would always be open; see "
			    "GET /status for the targets, and give target, kind or priority of "
			    "some of them");
		return NULL;
	}
	return g_steal_pointer(&selected);
}
