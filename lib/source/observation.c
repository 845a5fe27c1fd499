/* observation - see observation.h */
#include "source/observation.h"

#include <stdatomic.h>
#include <string.h>

#include "text.h"

#define HIT_MIN_DIGITS 7
#define HIT_MAX_DIGITS 40
#define DIRTY_SUFFIX "-dirty"

/* The visible part comes first, so that a pointer to one is a pointer to the other. */
struct counted {
	struct observation observation;
	atomic_int references;
};

static void marker_free(void *data)
{
	struct marker *marker = data;

	g_free(marker->source);
	g_free(marker->value);
	g_free(marker->commit);
	g_free(marker);
}

void revision_obs_free(struct revision_obs *revision)
{
	if (!revision)
		return;
	g_free(revision->name);
	g_free(revision->image);
	g_free(revision->digest);
	g_ptr_array_unref(revision->markers);
	g_free(revision);
}

static void free_revision(void *data)
{
	revision_obs_free(data);
}

static void free_checks(struct service_obs *service)
{
	for (size_t i = 0; i < service->env_check_count; i++)
		g_free(service->env_checks[i].name);
	for (size_t i = 0; i < service->expect_from_count; i++) {
		fault_unref(service->expects_from[i].fault);
		g_free(service->expects_from[i].wanted);
		g_free(service->expects_from[i].object_checked);
	}
	for (size_t i = 0; i < service->probe_count; i++)
		g_free(service->probes[i].actual);
	fault_unref(service->probe_fault);
	g_free(service->env_checks);
	g_free(service->expects_from);
	g_free(service->probes);
}

void service_obs_free(struct service_obs *service)
{
	if (!service)
		return;
	free_checks(service);
	g_free(service->latest_created);
	g_free(service->latest_ready);
	g_free(service->rollout_error);
	g_ptr_array_unref(service->revisions);
	g_ptr_array_unref(service->settings);
	g_ptr_array_unref(service->env_names);
	g_free(service);
}

struct service_obs *service_obs_create(void)
{
	struct service_obs *service = g_new0(struct service_obs, 1);

	service->revisions = g_ptr_array_new_with_free_func(free_revision);
	service->settings = g_ptr_array_new_with_free_func(g_free);
	service->env_names = g_ptr_array_new_with_free_func(g_free);
	return service;
}

struct revision_obs *revision_obs_create(const char *name, int percent)
{
	struct revision_obs *revision = g_new0(struct revision_obs, 1);

	revision->name = g_strdup(name);
	revision->percent = percent;
	revision->markers = g_ptr_array_new_with_free_func(marker_free);
	return revision;
}

/* There are tens of settings and variables in thousands of observations that live long: name and
 * value share one block where they can. */
void service_obs_add_setting(struct service_obs *service, const char *name, const char *value)
{
	size_t value_bytes = strlen(value) + 1;
	struct setting_obs *setting = g_malloc(sizeof(*setting) + value_bytes);

	setting->name = name;
	setting->value = (char *)(setting + 1);
	memcpy(setting->value, value, value_bytes);
	g_ptr_array_add(service->settings, setting);
}

/* The hash stands behind the NUL of the name. */
void service_obs_add_env(struct service_obs *service, const char *name, const char *hash)
{
	size_t name_bytes = strlen(name) + 1;
	size_t hash_bytes = strlen(hash) + 1;
	char *block = g_malloc(name_bytes + hash_bytes);

	memcpy(block, name, name_bytes);
	memcpy(block + name_bytes, hash, hash_bytes);
	g_ptr_array_add(service->env_names, block);
}

const char *service_obs_env_hash(const struct service_obs *service, const char *name)
{
	for (guint i = 0; i < service->env_names->len; i++) {
		const char *block = service->env_names->pdata[i];

		if (strcmp(block, name) == 0)
			return block + strlen(block) + 1;
	}
	return NULL;
}

struct observation *observation_create(const char *target_id, int64_t wall_ms, int64_t mono_ms)
{
	struct counted *counted = g_new0(struct counted, 1);

	counted->observation.target_id = g_strdup(target_id);
	counted->observation.observed_wall_ms = wall_ms;
	counted->observation.observed_mono_ms = mono_ms;
	atomic_init(&counted->references, 1);
	return &counted->observation;
}

struct observation *observation_ref(struct observation *observation)
{
	struct counted *counted = (struct counted *)observation;

	(void)atomic_fetch_add(&counted->references, 1); /* the count before is of no use */
	return observation;
}

void observation_unref(struct observation *observation)
{
	struct counted *counted = (struct counted *)observation;

	if (!observation || atomic_fetch_sub(&counted->references, 1) != 1)
		return;
	g_free(observation->target_id);
	fault_unref(observation->fault);
	service_obs_free(observation->service);
	table_obs_free(observation->table);
	completion_obs_free(observation->completion);
	inventory_obs_free(observation->inventory);
	assert_obs_free(observation->assertion);
	backup_obs_free(observation->backup);
	g_free(counted);
}

void unwatched_free(struct unwatched *unwatched)
{
	if (!unwatched)
		return;
	g_free(unwatched->kind);
	g_free(unwatched->project);
	g_free(unwatched->region);
	g_free(unwatched->service);
	g_free(unwatched);
}

/* The whole text is an id: 7 to 40 hex digits. */
static bool is_id(const char *text, size_t length)
{
	if (length < HIT_MIN_DIGITS || length > HIT_MAX_DIGITS)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isxdigit(text[i]))
			return false;
	return true;
}

/* Length of what is behind the last '.', '_' or '-' of the text. */
static size_t tail_length(const char *text, size_t length)
{
	size_t tail = 0;

	while (tail < length && !strchr("._-", text[length - 1 - tail]))
		tail++;
	return tail;
}

static void find_hit(struct marker *marker, const char *value, bool is_image_tag)
{
	size_t length = strlen(value);
	bool dirty = g_str_has_suffix(value, DIRTY_SUFFIX);
	size_t tail = 0;

	if (dirty)
		length -= strlen(DIRTY_SUFFIX);
	tail = is_image_tag ? tail_length(value, length) : length;
	if (is_id(value, length))
		tail = length;
	if (!is_id(value + length - tail, tail))
		return;
	marker->commit = g_ascii_strdown(value + length - tail, (gssize)tail);
	marker->dirty = dirty;
}

struct marker *marker_create(const char *source, const char *value, bool is_image_tag)
{
	struct marker *marker = g_new0(struct marker, 1);

	marker->source = g_strdup(source);
	marker->value = text_to_utf8(value, strlen(value), MARKER_VALUE_MAX_BYTES);
	marker->soft = is_image_tag;
	find_hit(marker, value, is_image_tag);
	return marker;
}
