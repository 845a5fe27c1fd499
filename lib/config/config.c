/* config - the life of a configuration once it is loaded: references, lookup, and its end, where
 * secrets are overwritten. */
#include "config/config.h"

#include "config/build.h"
#include "config/kinds.h"
#include "config/secret.h"
#include "config/settings.h"
#include "config/value.h"

#include <assert.h>
#include <string.h>

static const char *const kind_texts[TARGET_KIND_COUNT] = {
	[TARGET_KIND_SERVICE] = "service",       [TARGET_KIND_TABLE] = "table",
	[TARGET_KIND_COMPLETION] = "completion", [TARGET_KIND_INVENTORY] = "inventory",
	[TARGET_KIND_ASSERT] = "assert",         [TARGET_KIND_BACKUP] = "backup",
};

const char *target_kind_text(enum target_kind kind)
{
	assert(kind > TARGET_KIND_NONE && kind < TARGET_KIND_COUNT);
	return kind_texts[kind];
}

enum target_kind target_kind_from_text(const char *text)
{
	for (enum target_kind kind = TARGET_KIND_SERVICE; kind < TARGET_KIND_COUNT; kind++)
		if (g_strcmp0(kind_texts[kind], text) == 0)
			return kind;
	return TARGET_KIND_NONE;
}

const char *table_method_text(enum table_method method)
{
	static const char *const texts[] = {[TABLE_METHOD_NONE] = "",
					    [TABLE_METHOD_METADATA] = "metadata",
					    [TABLE_METHOD_COLUMN] = "column",
					    [TABLE_METHOD_PARTITION] = "partition"};

	assert(method >= TABLE_METHOD_NONE && method <= TABLE_METHOD_PARTITION);
	return texts[method];
}

const char *priority_text(enum priority priority)
{
	static const char *const texts[] = {[PRIORITY_NONE] = "",
					    [PRIORITY_P0] = "P0",
					    [PRIORITY_P1] = "P1",
					    [PRIORITY_P2] = "P2"};

	assert(priority >= PRIORITY_NONE && priority <= PRIORITY_P2);
	return texts[priority];
}

enum priority priority_from_text(const char *text)
{
	for (int i = PRIORITY_P0; i <= PRIORITY_P2; i++)
		if (g_strcmp0(text, priority_text((enum priority)i)) == 0)
			return (enum priority)i;
	return PRIORITY_NONE;
}

const char *channel_kind_text(enum channel_kind kind)
{
	static const char *const texts[CHANNEL_KIND_COUNT] = {[CHANNEL_KIND_SLACK] = "slack",
							      [CHANNEL_KIND_WEBHOOK] = "webhook",
							      [CHANNEL_KIND_ALERTMANAGER] =
								      "alertmanager",
							      [CHANNEL_KIND_GITHUB] = "github"};

	assert(kind > CHANNEL_KIND_NONE && kind < CHANNEL_KIND_COUNT);
	return texts[kind];
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

/* What resolve_*() put beside what the table knows of. */
static void clear_resolved(enum setting_kind kind, void *object)
{
	if (kind == SETTING_KIND_TABLE) {
		g_clear_pointer(&((struct config_table *)object)->location, g_free);
	} else if (kind == SETTING_KIND_COMPLETION) {
		struct config_completion *completion = object;

		g_clear_pointer(&completion->date_zone_held, g_time_zone_unref);
	} else if (kind == SETTING_KIND_INVENTORY) {
		g_clear_pointer(&((struct config_inventory *)object)->location, g_free);
	} else if (kind == SETTING_KIND_ASSERT) {
		g_clear_pointer(&((struct config_assert *)object)->location, g_free);
		g_clear_pointer(&((struct config_assert *)object)->sql, g_free);
	}
}

/* What the table does not know of: names and the like. */
static void clear_rest(enum setting_kind kind, void *object)
{
	if (kind == SETTING_KIND_REPO) {
		g_clear_pointer(&((struct config_repo *)object)->name, g_free);
	} else if (kind == SETTING_KIND_GCP) {
		g_clear_pointer(&((struct config_gcp *)object)->name, g_free);
	} else if (kind_get(kind)->channel != CHANNEL_KIND_NONE) {
		g_clear_pointer(&((struct config_channel *)object)->id, g_free);
		g_clear_pointer(&((struct config_channel *)object)->name, g_free);
	} else if (kind == SETTING_KIND_WINDOW) {
		g_clear_pointer(&((struct config_window *)object)->name, g_free);
	} else if (kind_get(kind)->target != TARGET_KIND_NONE) {
		struct config_target *target = object;

		clear_resolved(kind, object);
		g_clear_pointer(&target->id, g_free);
		g_clear_pointer(&target->name, g_free);
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

struct config *config_create(void)
{
	struct config *config = g_new0(struct config, 1);

	for (enum setting_kind kind = SETTING_KIND_DRIFTD; kind < SETTING_KIND_COUNT; kind++) {
		GPtrArray **list = kind_list(kind, config);

		if (list && !*list)
			*list = g_ptr_array_new_with_free_func(kind_get(kind)->free);
	}
	config->targets = g_ptr_array_new();
	config->files = g_ptr_array_new_with_free_func(g_free);
	config->warnings = g_ptr_array_new_with_free_func(g_free);
	config->by_id = g_hash_table_new(g_str_hash, g_str_equal);
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
	g_hash_table_unref(config->by_id);
	g_ptr_array_unref(config->targets);
	for (enum setting_kind kind = SETTING_KIND_DRIFTD; kind < SETTING_KIND_COUNT; kind++) {
		GPtrArray **list = kind_list(kind, config);

		if (list)
			g_clear_pointer(list, g_ptr_array_unref); /* channels share one */
	}
	g_ptr_array_unref(config->files);
	g_ptr_array_unref(config->warnings);
	config_clear_object(SETTING_KIND_DRIFTD, &config->driftd);
	config_clear_object(SETTING_KIND_AUTH, &config->auth);
	g_free(config->path);
	g_free(config->directory);
	g_free(config);
}

const struct config_target *config_find_target(const struct config *config, const char *id)
{
	return g_hash_table_lookup(config->by_id, id);
}

const struct config_channel *config_find_channel(const struct config *config, const char *id)
{
	for (guint i = 0; i < config->channels->len; i++) {
		const struct config_channel *channel = g_ptr_array_index(config->channels, i);

		if (strcmp(channel->id, id) == 0)
			return channel;
	}
	return NULL;
}

/* The target is the first member of each: both have one address. */
#define TO_KIND(function, type, wanted)                                                            \
	const struct type *function(const struct config_target *target)                            \
	{                                                                                          \
		return target->kind == (wanted) ? (const struct type *)(const void *)target        \
						: NULL;                                            \
	}

TO_KIND(config_to_service, config_service, TARGET_KIND_SERVICE)
TO_KIND(config_to_table, config_table, TARGET_KIND_TABLE)
TO_KIND(config_to_completion, config_completion, TARGET_KIND_COMPLETION)
TO_KIND(config_to_inventory, config_inventory, TARGET_KIND_INVENTORY)
TO_KIND(config_to_assert, config_assert, TARGET_KIND_ASSERT)
TO_KIND(config_to_backup, config_backup, TARGET_KIND_BACKUP)

const struct config_gcp *config_target_gcp(const struct config_target *target)
{
	switch (target->kind) {
	case TARGET_KIND_SERVICE:
		return config_to_service(target)->gcp;
	case TARGET_KIND_TABLE:
		return config_to_table(target)->gcp;
	case TARGET_KIND_COMPLETION:
		return config_to_completion(target)->gcp;
	case TARGET_KIND_INVENTORY:
		return config_to_inventory(target)->gcp;
	case TARGET_KIND_ASSERT:
		return config_to_assert(target)->gcp;
	case TARGET_KIND_BACKUP:
		return config_to_backup(target)->gcp;
	case TARGET_KIND_NONE:
	case TARGET_KIND_COUNT:
		break;
	}
	return NULL;
}

bool config_target_is_paused(const struct config_target *target, int64_t now_wall_ms)
{
	return target->paused &&
	       (target->paused_until_wall_ms == 0 || now_wall_ms < target->paused_until_wall_ms);
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
