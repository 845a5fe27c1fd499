/* kinds - see kinds.h */
#include "config/kinds.h"

#include "config/build.h"

#include <assert.h>

#define FREE(function, kind_)                                                                      \
	static void function(void *object)                                                         \
	{                                                                                          \
		config_free_object(SETTING_KIND_##kind_, object);                                  \
	}

FREE(free_repo, REPO)
FREE(free_gcp, GCP)
FREE(free_service, SERVICE)
FREE(free_table, TABLE)
FREE(free_completion, COMPLETION)
FREE(free_inventory, INVENTORY)
FREE(free_assert, ASSERT)
FREE(free_backup, BACKUP)
FREE(free_window, WINDOW)

/* Channels of all kinds are in one list. */
static enum setting_kind kind_of_channel(const struct config_channel *channel)
{
	return SETTING_KIND_SLACK + (channel->kind - CHANNEL_KIND_SLACK);
}

static void free_channel(void *object)
{
	config_free_object(kind_of_channel(object), object);
}

#define STRUCT(section)                                                                            \
	.size = sizeof(struct config_##section), .given = offsetof(struct config_##section, given)
#define LIST(lists, function) .list = offsetof(struct config, lists), .free = (function)
#define CHANNEL(kind_)                                                                             \
	.channel = CHANNEL_KIND_##kind_, STRUCT(channel), LIST(channels, free_channel)

static const struct kind kinds[SETTING_KIND_COUNT] = {
	[SETTING_KIND_DRIFTD] = {STRUCT(driftd)},
	[SETTING_KIND_AUTH] = {STRUCT(auth)},
	[SETTING_KIND_REPO] = {STRUCT(repo), LIST(repos, free_repo)},
	[SETTING_KIND_GCP] = {STRUCT(gcp), LIST(gcps, free_gcp)},
	[SETTING_KIND_SERVICE] = {TARGET_KIND_SERVICE, STRUCT(service),
				  LIST(services, free_service)},
	[SETTING_KIND_TABLE] = {TARGET_KIND_TABLE, STRUCT(table), LIST(tables, free_table)},
	[SETTING_KIND_COMPLETION] = {TARGET_KIND_COMPLETION, STRUCT(completion),
				     LIST(completions, free_completion)},
	[SETTING_KIND_INVENTORY] = {TARGET_KIND_INVENTORY, STRUCT(inventory),
				    LIST(inventories, free_inventory)},
	[SETTING_KIND_ASSERT] = {TARGET_KIND_ASSERT, STRUCT(assert), LIST(asserts, free_assert)},
	[SETTING_KIND_BACKUP] = {TARGET_KIND_BACKUP, STRUCT(backup), LIST(backups, free_backup)},
	[SETTING_KIND_SLACK] = {CHANNEL(SLACK)},
	[SETTING_KIND_WEBHOOK] = {CHANNEL(WEBHOOK)},
	[SETTING_KIND_ALERTMANAGER] = {CHANNEL(ALERTMANAGER)},
	[SETTING_KIND_GITHUB] = {CHANNEL(GITHUB)},
	[SETTING_KIND_WINDOW] = {STRUCT(window), LIST(windows, free_window)},
};

/* The target comes first in the struct of each kind that has one. */
_Static_assert(offsetof(struct config_service, target) == 0 &&
		       offsetof(struct config_table, target) == 0 &&
		       offsetof(struct config_completion, target) == 0 &&
		       offsetof(struct config_inventory, target) == 0 &&
		       offsetof(struct config_assert, target) == 0 &&
		       offsetof(struct config_backup, target) == 0,
	       "a target is where its struct is");

_Static_assert(SETTING_KIND_GITHUB - SETTING_KIND_SLACK == CHANNEL_KIND_GITHUB - CHANNEL_KIND_SLACK,
	       "kinds of channels have one order");

const struct kind *kind_get(enum setting_kind kind)
{
	assert(kind > SETTING_KIND_NONE && kind < SETTING_KIND_COUNT);
	return &kinds[kind];
}

GPtrArray **kind_list(enum setting_kind kind, struct config *config)
{
	size_t offset = kind_get(kind)->list;
	void *list = (char *)config + offset;

	return offset ? list : NULL;
}

bool kind_shares_list(enum setting_kind kind)
{
	return kind_get(kind)->channel > CHANNEL_KIND_SLACK;
}

enum setting_kind kind_of(enum setting_kind kind, const void *object)
{
	return kind_get(kind)->channel != CHANNEL_KIND_NONE ? kind_of_channel(object) : kind;
}

const GPtrArray *kind_objects(enum setting_kind kind, const struct config *config)
{
	const void *list = (const char *)config + kind_get(kind)->list;

	assert(kind_get(kind)->list);
	return *(GPtrArray *const *)list;
}

uint64_t kind_given(enum setting_kind kind, const void *object)
{
	const void *given = (const char *)object + kind_get(kind)->given;

	return *(const uint64_t *)given;
}

void kind_set_given(enum setting_kind kind, void *object, uint64_t given)
{
	void *field = (char *)object + kind_get(kind)->given;

	*(uint64_t *)field = given;
}

const char *kind_name(enum setting_kind kind, const void *object)
{
	if (kind_get(kind)->target != TARGET_KIND_NONE)
		return ((const struct config_target *)object)->name;
	if (kind == SETTING_KIND_REPO)
		return ((const struct config_repo *)object)->name;
	if (kind == SETTING_KIND_GCP)
		return ((const struct config_gcp *)object)->name;
	if (kind_get(kind)->channel != CHANNEL_KIND_NONE)
		return ((const struct config_channel *)object)->name;
	if (kind == SETTING_KIND_WINDOW)
		return ((const struct config_window *)object)->name;
	return NULL;
}
