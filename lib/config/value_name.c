/* value_name - names of things: addresses, places, zones, sections, variables, path patterns. */
#include "config/value_types.h"

#include "config/config.h"
#include "config/net.h"
#include "git/pathset.h"
#include "text.h"
#include "timefmt.h"

#include <string.h>

bool value_parse_url(const struct value_context *context, const struct setting *setting,
		     const char *text, void *object, GError **error)
{
	(void)context;
	return net_check_url(text, NULL, error) && value_keep_text(setting, text, object);
}

bool value_parse_base_url(const struct value_context *context, const struct setting *setting,
			  const char *text, void *object, GError **error)
{
	g_autofree char *base = g_strdup(text);
	size_t length = strlen(base);

	if (!net_check_url(text, NULL, error))
		return false;
	if (strchr(text, '?'))
		return value_refuse(error, "a ? part is not possible here: paths are added to it");
	while (length > 0 && base[length - 1] == '/')
		base[--length] = '\0';
	return value_parse_text(context, setting, base, object, error);
}

bool value_parse_directory(const struct value_context *context, const struct setting *setting,
			   const char *text, void *object, GError **error)
{
	g_autofree char *full = g_canonicalize_filename(text, context->directory);

	if (*text == '~')
		return value_refuse(error, "~ is not expanded; write the whole path");
	return value_keep_text(setting, full, object);
}

bool value_parse_zone(const struct value_context *context, const struct setting *setting,
		      const char *text, void *object, GError **error)
{
	(void)context;
	if (!timefmt_zone_exists(text))
		return value_refuse(error,
				    "unknown time zone; write a name like Europe/Berlin (the "
				    "tzdata package must be installed)");
	return value_keep_text(setting, text, object);
}

bool value_parse_listen(const struct value_context *context, const struct setting *setting,
			const char *text, void *object, GError **error)
{
	g_autofree char *host = NULL;
	int port;

	(void)context;
	return net_split_listen(text, &host, &port, error) &&
	       value_keep_text(setting, text, object);
}

bool value_parse_host(const struct value_context *context, const struct setting *setting,
		      const char *text, void *object, GError **error)
{
	g_autofree char *host = g_ascii_strdown(text, -1);
	size_t length = strlen(host);

	(void)context;
	if (length > 2 && host[0] == '[' && host[length - 1] == ']') {
		host[length - 1] = '\0';
		memmove(host, host + 1, length - 1);
	}
	if (!net_is_host(host))
		return value_refuse(error, "a host name or address is needed, without scheme, port "
					   "and path");
	value_append(setting, object, host);
	return true;
}

/* Read by the loader before anything else. */
bool value_parse_include(const struct value_context *context, const struct setting *setting,
			 const char *text, void *object, GError **error)
{
	(void)context;
	(void)setting;
	(void)text;
	(void)object;
	(void)error;
	return true;
}

bool value_parse_project(const struct value_context *context, const struct setting *setting,
			 const char *text, void *object, GError **error)
{
	(void)context;
	if (!value_is_project(text))
		return value_refuse(error, "a project id is lower-case letters, digits and '-'");
	return value_keep_text(setting, text, object);
}

bool value_is_project(const char *text)
{
	const char *colon = strrchr(text, ':');
	const char *id = colon ? colon + 1 : text;
	g_autofree char *domain = colon ? g_strndup(text, (size_t)(colon - text)) : NULL;

	if (domain &&
	    (!value_is_of(domain, VALUE_LOWER VALUE_DIGITS "-.", 100) || !g_ascii_isalnum(*domain)))
		return false;
	return value_is_of(id, VALUE_LOWER VALUE_DIGITS "-", 100) && g_ascii_isalnum(*id);
}

static bool check_region(const char *text, GError **error)
{
	if (!value_is_of(text, VALUE_LOWER VALUE_DIGITS "-", 63) || !g_ascii_islower(*text))
		return value_refuse(error, "a region is a name like us-west2");
	return true;
}

bool value_parse_region(const struct value_context *context, const struct setting *setting,
			const char *text, void *object, GError **error)
{
	(void)context;
	return check_region(text, error) && value_keep_text(setting, text, object);
}

bool value_parse_regions(const struct value_context *context, const struct setting *setting,
			 const char *text, void *object, GError **error)
{
	(void)context;
	if (!check_region(text, error))
		return false;
	value_append(setting, object, text);
	return true;
}

bool value_parse_cloud_name(const struct value_context *context, const struct setting *setting,
			    const char *text, void *object, GError **error)
{
	(void)context;
	/* functions may have capitals and '_' */
	if (!value_is_of(text, VALUE_LOWER VALUE_UPPER VALUE_DIGITS "-_", 63) ||
	    !g_ascii_isalpha(*text))
		return value_refuse(error,
				    "a service's name is a letter, then letters, digits, '-' "
				    "and '_', at most 63");
	return value_keep_text(setting, text, object);
}

/* Point the field at the section called @p name. */
static bool refer(GHashTable *sections, const struct setting *setting, const char *name,
		  void *object, GError **error)
{
	void *section = g_hash_table_lookup(sections, name);
	const void **field = value_field(setting, object);
	g_autofree const char **names = NULL;
	const char *near;

	if (section) {
		*field = section;
		return true;
	}
	names = (const char **)(void *)g_hash_table_get_keys_as_array(sections, NULL);
	near = text_nearest(name, names);
	if (near)
		return value_refuse(error, "there is no [%s \"%s\"]; did you mean \"%s\"?",
				    setting->key, name, near);
	return value_refuse(error, "there is no [%s \"%s\"]", setting->key, name);
}

bool value_parse_repo(const struct value_context *context, const struct setting *setting,
		      const char *text, void *object, GError **error)
{
	return refer(context->repos, setting, text, object, error);
}

void value_print_repo(const char *zone, const struct setting *setting, const void *object,
		      GPtrArray *ret_texts)
{
	const struct config_repo *const *field = value_field_const(setting, object);

	(void)zone;
	if (*field)
		g_ptr_array_add(ret_texts, g_strdup((*field)->name));
}

bool value_parse_gcp(const struct value_context *context, const struct setting *setting,
		     const char *text, void *object, GError **error)
{
	return refer(context->gcps, setting, text, object, error);
}

void value_print_gcp(const char *zone, const struct setting *setting, const void *object,
		     GPtrArray *ret_texts)
{
	const struct config_gcp *const *field = value_field_const(setting, object);

	(void)zone;
	if (*field)
		g_ptr_array_add(ret_texts, g_strdup((*field)->name));
}

char *value_nearest_id(GHashTable *ids, const char *id)
{
	const char *slash = strchr(id, '/');
	size_t length = slash ? (size_t)(slash - id) + 1 : 0;
	g_autofree const char **names =
		(const char **)(void *)g_hash_table_get_keys_as_array(ids, NULL);
	size_t count = 0;
	const char *near;

	/* the kind is right, or the name would not be looked for; it would only hide differences */
	for (size_t i = 0; names[i]; i++)
		if (length > 0 && strncmp(names[i], id, length) == 0)
			names[count++] = names[i] + length;
	names[count] = NULL;
	near = text_nearest(id + length, names);
	return near ? g_strdup_printf("%.*s%s", (int)length, id, near) : NULL;
}

bool value_parse_target(const struct value_context *context, const struct setting *setting,
			const char *text, void *object, GError **error)
{
	const struct config_target *target = object; /* only targets have such keys */
	g_autofree char *near = NULL;

	if (!strchr(text, '/'))
		return value_refuse(error, "write KIND/NAME, as in service/NAME, table/NAME or "
					   "repo/NAME");
	if (g_strcmp0(target->id, text) == 0)
		return value_refuse(error, "it cannot depend on itself");
	if (g_hash_table_contains(context->ids, text)) {
		value_append(setting, object, text);
		return true;
	}
	near = value_nearest_id(context->ids, text);
	return value_refuse(error, "there is no such target or repository%s%s%s",
			    near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

bool value_parse_paths(const struct value_context *context, const struct setting *setting,
		       const char *text, void *object, GError **error)
{
	const char *const patterns[] = {text, NULL};
	struct pathset *pathset = pathset_compile(patterns, error);

	(void)context;
	if (!pathset)
		return false;
	pathset_free(pathset);
	value_append(setting, object, text);
	return true;
}

bool value_parse_env_name(const struct value_context *context, const struct setting *setting,
			  const char *text, void *object, GError **error)
{
	(void)context;
	if (!value_is_env_name(text))
		return value_refuse(error, "one name of a variable is needed: letters, digits and "
					   "'_', no digit first; repeat the key for more");
	value_append(setting, object, text);
	return true;
}
