/* overview_link - addresses of the overview that keep its filters; see overview.h */
#include "api/dashboard/overview.h"

#include <string.h>

static void add_pair(GString *to, const char *name, const char *value)
{
	g_autofree char *escaped = g_uri_escape_string(value, NULL, FALSE);

	g_string_append_printf(to, "%c%s=%s", strchr(to->str, '?') ? '&' : '?', name, escaped);
}

static bool is_kept(const struct query_pair *pair, const struct overview_change *change)
{
	if (*pair->value == '\0' || strcmp(pair->name, "page") == 0 ||
	    strcmp(pair->name, "format") == 0)
		return false;
	return !change->drop || strcmp(pair->name, change->drop) != 0 ||
	       (change->drop_value && strcmp(pair->value, change->drop_value) != 0);
}

char *overview_link(const struct query *query, const struct overview_change *change)
{
	GString *to = g_string_new("/");

	for (size_t i = 0; i < query->count; i++)
		if (is_kept(&query->pairs[i], change))
			add_pair(to, query->pairs[i].name, query->pairs[i].value);
	if (change->add)
		add_pair(to, change->add, change->value);
	return g_string_free(to, FALSE);
}
