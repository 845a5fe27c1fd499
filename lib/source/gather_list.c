/* gather_list - the list calls with their pages; see gather.h */
#include "source/gather.h"

#include "source/cloud.h"

/* Paging that never ends is no answer. */
#define PAGES_MAX 200
#define SERVICES_MAX 60000

void listing_free(struct listing *listing)
{
	g_free(listing->project);
	g_free(listing->region);
	g_free(listing->what);
	g_hash_table_unref(listing->wanted);
	g_ptr_array_unref(listing->functions);
	g_hash_table_unref(listing->usual);
	g_hash_table_unref(listing->kept);
	g_clear_pointer(&listing->strangers, g_hash_table_unref);
	g_hash_table_unref(listing->unreachable);
	g_hash_table_unref(listing->tokens);
	fault_unref(listing->fault);
	g_free(listing);
}

static void unref_array(void *data)
{
	g_ptr_array_unref(data);
}

static void unref_run(void *data)
{
	run_service_unref(data);
}

static GHashTable *set_of_text(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static struct listing *listing_create(struct gather *gather, enum listing_kind kind,
				      const struct config_gcp *gcp, const char *project,
				      const char *region)
{
	struct listing *listing = g_new0(struct listing, 1);

	listing->gather = gather;
	listing->kind = kind;
	listing->gcp = gcp;
	listing->project = g_strdup(project);
	listing->region = g_strdup(region);
	listing->what =
		region ? g_strdup_printf("list Cloud Run services of %s/%s", project, region)
		       : g_strdup_printf("list Cloud Functions of %s", project);
	listing->wanted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref_array);
	listing->functions = g_ptr_array_new();
	listing->usual = set_of_text();
	listing->kept = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref_run);
	listing->unreachable = set_of_text();
	listing->tokens = set_of_text();
	return listing;
}

char *gather_listing_key(enum listing_kind kind, const struct config_gcp *gcp, const char *project,
			 const char *region)
{
	return g_strdup_printf("%d\n%s\n%s\n%s", (int)kind, gcp->name, project,
			       region ? region : "");
}

struct listing *gather_listing(struct gather *gather, enum listing_kind kind,
			       const struct config_gcp *gcp, const char *project,
			       const char *region)
{
	g_autofree char *key = gather_listing_key(kind, gcp, project, region);
	struct listing *listing = g_hash_table_lookup(gather->listings, key);

	if (!listing) {
		listing = listing_create(gather, kind, gcp, project, region);
		g_hash_table_insert(gather->listings, g_steal_pointer(&key), listing);
	}
	return listing;
}

static void want(struct listing *listing, const char *name, struct target *target)
{
	GPtrArray *targets = g_hash_table_lookup(listing->wanted, name);

	if (!targets) {
		targets = g_ptr_array_new();
		g_hash_table_insert(listing->wanted, g_strdup(name), targets);
	}
	g_ptr_array_add(targets, target);
	target->waits_for = listing->what;
}

void gather_add_run(struct target *target)
{
	const struct config_service *config = target->config;

	want(gather_listing(target->gather, LISTING_RUN, config->gcp, config->project,
			    config->region),
	     config->service, target);
}

void gather_add_function(struct target *target)
{
	const struct config_service *config = target->config;
	g_autofree char *name = g_strdup_printf("%s/%s", config->region, config->service);
	struct listing *functions = gather_listing(target->gather, LISTING_FUNCTIONS, config->gcp,
						   config->project, NULL);

	target->run_listing = gather_listing(target->gather, LISTING_RUN, config->gcp,
					     config->project, config->region);
	g_ptr_array_add(target->run_listing->functions, target);
	(void)g_hash_table_add(target->run_listing->usual,
			       functions_usual_service(config->service)); /* may be there */
	want(functions, name, target);
}

/* Faults of one list are shared by all who wait for it. */
static void set_fault(struct listing *listing, enum fault_class class, const char *why)
{
	if (!listing->fault)
		listing->fault = fault_create(class, 0, NULL, "%s: %s", listing->what, why);
}

/* A complete list that does not have it: the service is not there. */
static void settle_missing(struct target *target)
{
	struct service_obs *service = service_obs_create();

	service->is_cloud = true;
	target_settle(target, service);
}

static void fail_with(struct target *target, enum fault_class class, const char *what,
		      const char *why)
{
	struct fault *fault = fault_create(class, 0, NULL, "%s: %s", what, why);

	target_fail(target, fault);
	fault_unref(fault);
}

/* Both lists that a function needs have said what they have to say of it. */
static void join_function(struct target *target)
{
	const struct listing *runs = target->run_listing;
	const char *name = target->function ? target->function->run_service : NULL;
	struct run_service *run = name ? g_hash_table_lookup(runs->kept, name) : NULL;

	if (!target->function || !name || target_is_settled(target) || target->run || !runs->ended)
		return;
	if (run) {
		target_observe_run(target, run);
	} else if (runs->fault) {
		target_fail(target, runs->fault);
	} else {
		g_autofree char *why = g_strdup_printf(
			"the function runs on service %s, which is not in the list", name);

		fail_with(target, FAULT_BAD_ANSWER, runs->what, why);
	}
}

static void take_function(struct target *target, struct function *function)
{
	const char *what = target->waits_for;

	if (target_is_settled(target) || target->function)
		return;
	if (function->own)
		target_settle(target, cloud_observe_first_generation(target->config, function,
								     target->gather->wants->hash));
	else if (function->damage)
		fail_with(target, FAULT_BAD_ANSWER, what, function->damage);
	else if (!function->run_service)
		fail_with(target, FAULT_BAD_ANSWER, what,
			  "the function names no Run service yet (serviceConfig.service)");
	if (target_is_settled(target))
		return;
	target->function = function_ref(function);
	target->waits_for = target->run_listing->what;
	join_function(target);
}

static bool want_service(void *data, const struct run_heading *heading)
{
	struct listing *listing = data;

	listing_meet_service(listing, heading);
	if (g_hash_table_contains(listing->wanted, heading->name))
		return true;
	return listing->functions->len > 0 &&
	       (heading->is_function || g_hash_table_contains(listing->usual, heading->name));
}

static void take_service(struct listing *listing, struct run_service *run)
{
	GPtrArray *targets = g_hash_table_lookup(listing->wanted, run->name);

	for (guint i = 0; targets && i < targets->len; i++)
		target_observe_run(targets->pdata[i], run);
	if (listing->functions->len > 0) /* of a name given twice the first counts, as above */
		if (!g_hash_table_contains(listing->kept, run->name))
			g_hash_table_insert(listing->kept, g_strdup(run->name),
					    run_service_ref(run));
}

static bool want_function(void *data, const char *region, const char *name)
{
	struct listing *listing = data;
	g_autofree char *key = g_strdup_printf("%s/%s", region, name);

	listing_meet_function(listing, region, name);
	return g_hash_table_contains(listing->wanted, key);
}

static void take_functions(struct listing *listing, struct functions_page *page)
{
	for (guint i = 0; i < page->functions->len; i++) {
		struct function *function = page->functions->pdata[i];
		g_autofree char *key = g_strdup_printf("%s/%s", function->region, function->name);
		GPtrArray *targets = g_hash_table_lookup(listing->wanted, key);

		for (guint n = 0; targets && n < targets->len; n++)
			take_function(targets->pdata[n], function);
	}
}

/* The list has ended without it. */
static void settle_unfound(const struct listing *listing, struct target *target)
{
	if (target_is_settled(target) || target->run || target->function)
		return;
	if (listing->fault)
		target_fail(target, listing->fault);
	else if (g_hash_table_contains(listing->unreachable, target->config->region))
		fail_with(target, FAULT_HTTP_5XX, listing->what,
			  "Google could not reach this region, the list is incomplete");
	else
		settle_missing(target);
}

static void listing_end(struct listing *listing)
{
	GHashTableIter iter;
	void *value = NULL;

	listing->ended = true;
	g_hash_table_iter_init(&iter, listing->wanted);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		GPtrArray *targets = value;

		for (guint i = 0; i < targets->len; i++)
			settle_unfound(listing, targets->pdata[i]);
	}
	for (guint i = 0; i < listing->functions->len; i++)
		join_function(listing->functions->pdata[i]);
	g_hash_table_remove_all(listing->tokens);
}

static void ask_page(struct listing *listing, const char *token);

/* The page that follows, if there is one and the list is still credible. */
static void ask_next(struct listing *listing, const char *token)
{
	if (token && g_hash_table_contains(listing->tokens, token))
		set_fault(listing, FAULT_BAD_ANSWER,
			  "a page token came twice: the list never ends");
	else if (token && g_hash_table_size(listing->tokens) + 1 >= PAGES_MAX)
		set_fault(listing, FAULT_TOO_LARGE, "more pages than driftd follows");
	else if (listing->count > SERVICES_MAX)
		set_fault(listing, FAULT_TOO_LARGE, "more entries than driftd reads");
	else if (token) {
		(void)g_hash_table_add(listing->tokens, g_strdup(token)); /* was not there */
		ask_page(listing, token);
		return;
	}
	listing_end(listing);
}

static bool read_run_page(struct listing *listing, const char *body, size_t length,
			  char **ret_next_token, GError **error)
{
	struct run_page *page =
		run_page_decode(body, length, listing->gather->wants, want_service, listing, error);

	if (!page)
		return false;
	for (guint i = 0; i < page->services->len; i++)
		take_service(listing, page->services->pdata[i]);
	if (page->incomplete)
		set_fault(listing, FAULT_BAD_ANSWER, page->incomplete);
	if (page->unreachable)
		set_fault(listing, FAULT_HTTP_5XX, page->unreachable);
	listing->count += page->count;
	*ret_next_token = g_steal_pointer(&page->next_token);
	run_page_free(page);
	return true;
}

static bool read_functions_page(struct listing *listing, const char *body, size_t length,
				char **ret_next_token, GError **error)
{
	struct functions_page *page = functions_page_decode(body, length, listing->gather->wants,
							    want_function, listing, error);

	if (!page)
		return false;
	take_functions(listing, page);
	if (page->incomplete)
		set_fault(listing, FAULT_BAD_ANSWER, page->incomplete);
	for (guint i = 0; i < page->unreachable->len; i++)
		(void)g_hash_table_add(listing->unreachable,
				       g_strdup(page->unreachable->pdata[i])); /* may be there */
	listing->count += page->count;
	*ret_next_token = g_steal_pointer(&page->next_token);
	functions_page_free(page);
	return true;
}

static void on_page(void *data, const char *body, size_t length, struct fault *fault)
{
	struct listing *listing = data;
	g_autoptr(GError) error = NULL;
	g_autofree char *token = NULL;

	if (fault) {
		if (!listing->fault)
			listing->fault = fault_ref(fault);
		listing_end(listing);
		return;
	}
	if (listing->kind == LISTING_RUN
		    ? read_run_page(listing, body, length, &token, &error)
		    : read_functions_page(listing, body, length, &token, &error)) {
		ask_next(listing, token);
		return;
	}
	set_fault(listing, FAULT_BAD_ANSWER, error->message);
	listing_end(listing);
}

static void ask_page(struct listing *listing, const char *token)
{
	bool is_run = listing->kind == LISTING_RUN;
	g_autofree char *url = is_run ? run_list_url(listing->gcp->run_endpoint, listing->project,
						     listing->region, token)
				      : functions_list_url(listing->gcp->functions_endpoint,
							   listing->project, token);
	struct google_call call =
		gather_call_of(listing->gather, is_run ? "run" : "functions", listing->what,
			       is_run ? "run.services.list" : "cloudfunctions.functions.list", url);

	gather_call(listing->gather, listing->credentials, &call, on_page, listing);
}

void gather_start_lists(struct gather *gather)
{
	GHashTableIter iter;
	void *value = NULL;

	g_hash_table_iter_init(&iter, gather->listings);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct listing *listing = value;

		listing->credentials = gather_credentials(gather, listing->gcp, &listing->fault);
		if (listing->credentials)
			ask_page(listing, NULL);
		else
			listing_end(listing);
	}
}
