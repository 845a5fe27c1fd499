/* config - the life of a configuration once it is loaded: references, lookup, and its end, where
 * secrets are overwritten. */
#include "config/config.h"

#include "config/build.h"
#include "config/secret.h"
#include "config/settings.h"
#include "config/value.h"

#include <assert.h>
#include <string.h>

const char *priority_text(enum priority priority)
{
	static const char *const texts[] = {[PRIORITY_NONE] = "",
					    [PRIORITY_P0] = "P0",
					    [PRIORITY_P1] = "P1",
					    [PRIORITY_P2] = "P2"};

	assert(priority >= PRIORITY_NONE && priority <= PRIORITY_P2);
	return texts[priority];
}

const char *config_source_text(enum config_source source)
{
	static const char *const texts[] = {[CONFIG_SOURCE_NONE] = "",
					    [CONFIG_SOURCE_CLOUD_RUN] = "cloud-run",
					    [CONFIG_SOURCE_CLOUD_FUNCTION] = "cloud-function",
					    [CONFIG_SOURCE_HTTP] = "http"};

	assert(source >= CONFIG_SOURCE_NONE && source <= CONFIG_SOURCE_HTTP);
	return texts[source];
}

/* What the table does not know of: names and the like. */
static void clear_rest(enum setting_kind kind, void *object)
{
	if (kind == SETTING_KIND_REPO) {
		struct config_repo *repo = object;

		g_clear_pointer(&repo->name, g_free);
	} else if (kind == SETTING_KIND_GCP) {
		struct config_gcp *gcp = object;

		g_clear_pointer(&gcp->name, g_free);
	} else if (kind == SETTING_KIND_SERVICE) {
		struct config_service *service = object;

		g_clear_pointer(&service->target.id, g_free);
		g_clear_pointer(&service->target.kind, g_free);
		g_clear_pointer(&service->target.name, g_free);
	}
}

void config_clear_object(enum setting_kind kind, void *object)
{
	size_t count;
	const struct setting *settings = settings_of_kind(kind, &count);

	for (size_t i = 0; i < count; i++)
		value_clear(&settings[i], object);
	clear_rest(kind, object);
}

void config_free_object(enum setting_kind kind, void *object)
{
	if (!object)
		return;
	config_clear_object(kind, object);
	g_free(object);
}

static void free_repo(void *object)
{
	config_free_object(SETTING_KIND_REPO, object);
}

static void free_gcp(void *object)
{
	config_free_object(SETTING_KIND_GCP, object);
}

static void free_service(void *object)
{
	config_free_object(SETTING_KIND_SERVICE, object);
}

struct config *config_create(void)
{
	struct config *config = g_new0(struct config, 1);

	config->repos = g_ptr_array_new_with_free_func(free_repo);
	config->gcps = g_ptr_array_new_with_free_func(free_gcp);
	config->services = g_ptr_array_new_with_free_func(free_service);
	config->warnings = g_ptr_array_new_with_free_func(g_free);
	config->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	return config;
}

struct config *config_ref(struct config *config)
{
	(void)__atomic_add_fetch(&config->more_refs, 1, __ATOMIC_RELAXED);
	return config;
}

void config_unref(struct config *config)
{
	/* acquire: whoever frees has seen what the others did with it */
	if (!config || __atomic_fetch_sub(&config->more_refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	g_hash_table_unref(config->by_name);
	g_ptr_array_unref(config->services);
	g_ptr_array_unref(config->gcps);
	g_ptr_array_unref(config->repos);
	g_ptr_array_unref(config->warnings);
	config_clear_object(SETTING_KIND_DRIFTD, &config->driftd);
	config_clear_object(SETTING_KIND_AUTH, &config->auth);
	g_free(config->path);
	g_free(config->directory);
	g_free(config);
}

const struct config_service *config_find_service(const struct config *config, const char *name)
{
	return g_hash_table_lookup(config->by_name, name);
}

char *config_problems_text(const GPtrArray *problems)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < problems->len; i++) {
		const struct config_problem *problem = g_ptr_array_index(problems, i);

		if (problem->line > 0)
			g_string_append_printf(text, "%s:%d: %s\n", problem->file, problem->line,
					       problem->message);
		else
			g_string_append_printf(text, "%s: %s\n", problem->file, problem->message);
	}
	return g_string_free(text, FALSE);
}
