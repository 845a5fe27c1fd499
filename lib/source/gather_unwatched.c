/* gather_unwatched - deployed services that no section names (L08); see gather.h.
 *
 * Sections are compared over all kinds and [gcp] sections: gather->watched is a set of
 * "PROJECT\nREGION\nNAME" with the names of services, functions, and the services that functions
 * usually run on. A list's strangers are keyed by kind, region and name. */
#include "source/gather.h"

#include <string.h>

static char *key_of(const char *project, const char *region, const char *name)
{
	return g_strdup_printf("%s\n%s\n%s", project, region, name);
}

static void watch(GHashTable *watched, const struct config_service *service)
{
	g_autofree char *usual = NULL;

	if (!service->project || !service->region || !service->service)
		return;
	(void)g_hash_table_add(watched, key_of(service->project, service->region,
					       service->service)); /* may be there */
	if (service->source != CONFIG_SOURCE_CLOUD_FUNCTION)
		return;
	usual = functions_usual_service(service->service);
	(void)g_hash_table_add(watched, key_of(service->project, service->region, usual));
}

/* A section whose targets are not due now is not asked for them alone; one without any target
 * is. */
static bool is_used(const struct gather *gather, const struct config_gcp *gcp)
{
	bool has_targets = false;

	for (guint i = 0; i < gather->targets->len; i++) {
		const struct target *target = gather->targets->pdata[i];

		if (target->config->gcp && strcmp(target->config->gcp->name, gcp->name) == 0)
			return true;
	}
	for (guint i = 0; i < gather->config->services->len && !has_targets; i++) {
		const struct config_service *service = gather->config->services->pdata[i];

		has_targets = service->gcp && strcmp(service->gcp->name, gcp->name) == 0;
	}
	return !has_targets;
}

static void free_unwatched(void *data)
{
	unwatched_free(data);
}

static GHashTable *strangers_create(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_unwatched);
}

/* Every list of a section that reports is looked through, and every region it names is listed. */
void gather_prepare_unwatched(struct gather *gather)
{
	GHashTableIter iter;
	void *value = NULL;

	gather->watched = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < gather->config->services->len; i++)
		watch(gather->watched, gather->config->services->pdata[i]);
	for (guint i = 0; i < gather->config->gcps->len; i++) {
		const struct config_gcp *gcp = gather->config->gcps->pdata[i];

		if (!gcp->report_unwatched || !gcp->project || !is_used(gather, gcp))
			continue;
		for (char **region = gcp->regions; *region; region++)
			(void)gather_listing(gather, LISTING_RUN, gcp, gcp->project, *region);
	}
	g_hash_table_iter_init(&iter, gather->listings);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct listing *listing = value;

		if (listing->gcp->report_unwatched)
			listing->strangers = strangers_create();
	}
}

static bool is_watched(const struct listing *listing, const char *region, const char *name)
{
	g_autofree char *key = key_of(listing->project, region, name);

	return g_hash_table_contains(listing->gather->watched, key);
}

static void add_stranger(struct listing *listing, enum listing_kind kind, const char *region,
			 const char *name)
{
	struct unwatched *stranger = g_new0(struct unwatched, 1);

	stranger->kind = g_strdup(kind == LISTING_RUN ? "cloud-run" : "cloud-function");
	stranger->project = g_strdup(listing->project);
	stranger->region = g_strdup(region);
	stranger->service = g_strdup(name);
	(void)g_hash_table_replace(listing->strangers, key_of(stranger->kind, region, name),
				   stranger);
}

/* The service of a function is that function: it goes by the function's name. */
void listing_meet_service(struct listing *listing, const struct run_heading *heading)
{
	const char *name =
		heading->is_function && heading->function_id ? heading->function_id : heading->name;

	if (!listing->strangers || is_watched(listing, listing->region, heading->name) ||
	    is_watched(listing, listing->region, name))
		return;
	add_stranger(listing, heading->is_function ? LISTING_FUNCTIONS : LISTING_RUN,
		     listing->region, name);
}

void listing_meet_function(struct listing *listing, const char *region, const char *name)
{
	g_autofree char *usual = functions_usual_service(name);

	if (!listing->strangers || is_watched(listing, region, name) ||
	    is_watched(listing, region, usual))
		return;
	add_stranger(listing, LISTING_FUNCTIONS, region, name);
}

static bool is_complete(const struct listing *listing, const char *region)
{
	return listing->ended && !listing->fault &&
	       !g_hash_table_contains(listing->unreachable, region);
}

static const struct listing *find_listing(const struct listing *beside, enum listing_kind kind,
					  const char *region)
{
	g_autofree char *key = gather_listing_key(kind, beside->gcp, beside->project, region);

	return g_hash_table_lookup(beside->gather->listings, key);
}

/* The report speaks for a region when all was listed that is listed there. */
static bool region_is_complete(const struct listing *listing, const char *region)
{
	const struct listing *runs = find_listing(listing, LISTING_RUN, region);
	const struct listing *functions = find_listing(listing, LISTING_FUNCTIONS, NULL);

	return runs && is_complete(runs, region) && (!functions || is_complete(functions, region));
}

/* The shell that is left is the list's to free. */
static struct unwatched *move(struct unwatched *stranger)
{
	struct unwatched *moved = g_new0(struct unwatched, 1);

	*moved = *stranger;
	*stranger = (struct unwatched){0};
	return moved;
}

static void take_strangers(struct listing *listing, GHashTable *seen, GPtrArray *unwatched)
{
	GHashTableIter iter;
	void *value = NULL;

	g_hash_table_iter_init(&iter, listing->strangers);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct unwatched *stranger = value;
		g_autofree char *key = NULL;

		if (!region_is_complete(listing, stranger->region))
			continue;
		key = g_strdup_printf("%s\n%s\n%s\n%s", stranger->kind, stranger->project,
				      stranger->region, stranger->service);
		if (!g_hash_table_add(seen, g_steal_pointer(&key)))
			continue;
		g_ptr_array_add(unwatched, move(stranger));
	}
}

static void add_listed(const struct listing *listing, GPtrArray *listed)
{
	struct unwatched *scope = NULL;

	if (listing->kind != LISTING_RUN || !region_is_complete(listing, listing->region))
		return;
	scope = g_new0(struct unwatched, 1);
	scope->kind = g_strdup("cloud-run");
	scope->project = g_strdup(listing->project);
	scope->region = g_strdup(listing->region);
	g_ptr_array_add(listed, scope);
}

static int compare_unwatched(gconstpointer a, gconstpointer b)
{
	const struct unwatched *const *left = a;
	const struct unwatched *const *right = b;
	int order = strcmp((*left)->project, (*right)->project);

	if (order == 0)
		order = strcmp((*left)->region, (*right)->region);
	if (order == 0)
		order = g_strcmp0((*left)->service, (*right)->service);
	return order ? order : strcmp((*left)->kind, (*right)->kind);
}

void gather_finish_unwatched(struct gather *gather, struct collection *collection)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GHashTableIter iter;
	void *value = NULL;

	g_hash_table_iter_init(&iter, gather->listings);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct listing *listing = value;

		if (!listing->strangers)
			continue;
		take_strangers(listing, seen, collection->unwatched);
		add_listed(listing, collection->listed);
	}
	g_ptr_array_sort(collection->unwatched, compare_unwatched);
	g_ptr_array_sort(collection->listed, compare_unwatched);
}
