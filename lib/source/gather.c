/* gather - calls, targets and the account of what is under way; see gather.h */
#include "source/gather.h"

#include <assert.h>

#include "clk.h"
#include "source/answer_fault.h"
#include "source/gcp_access.h"

/* One call under way. */
struct call {
	struct gather *gather;
	gather_done_fn done;
	void *data;
	char *address; /* of a GET of somebody else's server, with setting; NULL: a Google call */
	const char *setting;
};

static struct call *call_create(struct gather *gather, gather_done_fn done, void *data)
{
	struct call *call = g_new0(struct call, 1);

	call->gather = gather;
	call->done = done;
	call->data = data;
	gather->pending++;
	return call;
}

static void gather_release(struct gather *gather);

static void call_end(struct call *call, const char *body, size_t length, struct fault *fault)
{
	struct gather *gather = call->gather;

	if (!gather->ended)
		call->done(call->data, body, length, fault);
	g_free(call->address);
	g_free(call);
	gather_release(gather);
}

static void on_google_call(void *data, const char *body, size_t length, struct fault *fault)
{
	call_end(data, body, length, fault);
}

void gather_call(struct gather *gather, struct credentials *credentials,
		 const struct google_call *call, gather_done_fn done, void *data)
{
	google_call_get(gather->client, credentials, call, on_google_call,
			call_create(gather, done, data));
}

struct google_call gather_call_of(const struct gather *gather, const char *api, const char *what,
				  const char *permission, const char *url)
{
	return (struct google_call){
		.api = api,
		.what = what,
		.permission = permission,
		.url = url,
		.timeout_ms = gather->timeout_ms,
		.deadline_mono_ms = gather->deadline_mono_ms,
	};
}

static void on_response(void *data, const struct http_response *response)
{
	struct call *call = data;
	struct fault *fault = answer_fault_create(response, call->address, call->setting);

	call_end(call, fault ? NULL : response->body, fault ? 0 : response->body_bytes, fault);
	fault_unref(fault);
}

void gather_get(struct gather *gather, struct http_request *request, const char *setting,
		gather_done_fn done, void *data)
{
	struct call *call = call_create(gather, done, data);

	call->address = answer_fault_address(request->url);
	call->setting = setting;
	request->timeout_ms = gather->timeout_ms;
	request->deadline_mono_ms = gather->deadline_mono_ms;
	http_client_send(gather->client, request, on_response, call);
}

struct credentials *gather_credentials(const struct gather *gather, const struct config_gcp *gcp,
				       struct fault **ret_fault)
{
	struct credentials *credentials = gcp ? gcp_access_find(gather->access, gcp->name) : NULL;

	if (!credentials)
		*ret_fault = fault_create(FAULT_CREDENTIALS, 0, NULL,
					  "there is no [gcp] section%s%s to take credentials from",
					  gcp ? " " : "", gcp ? gcp->name : "");
	return credentials;
}

bool target_is_settled(const struct target *target)
{
	return target->fault || target->service;
}

guint gather_settled(const struct gather *gather)
{
	guint settled = 0;

	for (guint i = 0; i < gather->targets->len; i++)
		settled += target_is_settled(gather->targets->pdata[i]) ? 1 : 0;
	return settled;
}

void target_stamp(struct target *target)
{
	if (target->mono_ms != 0)
		return;
	target->mono_ms = clk_mono_ms();
	target->wall_ms = clk_wall_ms();
}

void target_fail(struct target *target, struct fault *fault)
{
	assert(fault);
	if (target_is_settled(target))
		return;
	target->fault = fault_ref(fault);
	target_stamp(target);
}

void target_settle(struct target *target, struct service_obs *service)
{
	if (target_is_settled(target)) {
		service_obs_free(service);
		return;
	}
	target->service = service;
	target_stamp(target);
	/* what it was made from can be large, and there may be tens of thousands of targets */
	g_clear_pointer(&target->run, run_service_unref);
	g_clear_pointer(&target->function, function_unref);
	g_clear_pointer(&target->revisions, g_hash_table_unref);
}

static void target_free(void *data)
{
	struct target *target = data;

	fault_unref(target->fault);
	service_obs_free(target->service);
	g_free(target->what);
	run_service_unref(target->run);
	function_unref(target->function);
	g_clear_pointer(&target->revisions, g_hash_table_unref);
	for (size_t i = 0; i < target->wish_count; i++) {
		fault_unref(target->wishes[i].fault);
		g_free(target->wishes[i].wanted);
	}
	g_free(target->wishes);
	fault_unref(target->probe_fault);
	for (size_t i = 0; i < target->probe_count; i++)
		g_free(target->probes[i].actual);
	g_free(target->probes);
	g_free(target);
}

static void free_listing(void *data)
{
	listing_free(data);
}

static void free_read(void *data)
{
	revision_read_free(data);
}

static void free_manifest(void *data)
{
	manifest_read_free(data);
}

static void free_check(void *data)
{
	object_check_free(data);
}

static GHashTable *table_of(GDestroyNotify free_value)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_value);
}

struct gather *gather_create(struct http_client *client, GPtrArray *access)
{
	struct gather *gather = g_new0(struct gather, 1);

	gather->client = client;
	gather->access = g_ptr_array_ref(access);
	gather->targets = g_ptr_array_new_with_free_func(target_free);
	gather->listings = table_of(free_listing);
	gather->reads = table_of(free_read);
	gather->manifests = table_of(free_manifest);
	gather->checks = table_of(free_check);
	return gather;
}

/* Only when no call is under way: they point in here. */
static void gather_free(struct gather *gather)
{
	assert(gather->pending == 0 && !gather->timer);
	g_ptr_array_unref(gather->targets);
	g_hash_table_unref(gather->listings);
	g_hash_table_unref(gather->reads);
	g_hash_table_unref(gather->manifests);
	g_hash_table_unref(gather->checks);
	g_clear_pointer(&gather->watched, g_hash_table_unref);
	g_ptr_array_unref(gather->access);
	g_free(gather);
}

static void fail_unanswered(struct target *target)
{
	struct fault *fault = NULL;

	if (target_is_settled(target))
		return;
	fault = fault_create(FAULT_TIMEOUT, 0, NULL,
			     "%s: no answer within cycle-timeout; raise it, or look at the network",
			     target->waits_for ? target->waits_for : target->config->target.id);
	target_fail(target, fault);
	fault_unref(fault);
}

static struct observation *make_observation(struct target *target)
{
	struct observation *observation = NULL;

	fail_unanswered(target);
	observation =
		observation_create(target->config->target.id, target->wall_ms, target->mono_ms);
	observation->fault = g_steal_pointer(&target->fault);
	observation->service = g_steal_pointer(&target->service);
	if (observation->service) {
		target_finish_expects(target, observation->service);
		target_finish_probes(target, observation->service);
	}
	return observation;
}

static void unref_observation(void *data)
{
	observation_unref(data);
}

static void free_unwatched(void *data)
{
	unwatched_free(data);
}

static struct collection *make_collection(struct gather *gather)
{
	struct collection *collection = g_new0(struct collection, 1);

	collection->observations = g_ptr_array_new_with_free_func(unref_observation);
	collection->unwatched = g_ptr_array_new_with_free_func(free_unwatched);
	collection->listed = g_ptr_array_new_with_free_func(free_unwatched);
	for (guint i = 0; i < gather->targets->len; i++)
		g_ptr_array_add(collection->observations,
				make_observation(gather->targets->pdata[i]));
	gather_finish_unwatched(gather, collection);
	return collection;
}

/* The callee may start the next gather, and free the sources. */
static void gather_end(struct gather *gather)
{
	struct collection *collection = make_collection(gather);

	gather->ended = true;
	gather->end(gather->end_data, collection);
}

static void on_deadline(void *data)
{
	struct gather *gather = data;

	gather->timer = NULL; /* it has fired */
	gather_end(gather);
	if (gather->pending == 0)
		gather_free(gather);
}

/* The end of one call. */
static void gather_release(struct gather *gather)
{
	gather->pending--;
	if (gather->pending > 0 || gather->starting)
		return;
	if (gather->timer)
		http_timer_stop(g_steal_pointer(&gather->timer));
	if (!gather->ended)
		gather_end(gather);
	gather_free(gather);
}

void gather_abandon(struct gather *gather)
{
	gather->ended = true;
	if (gather->timer)
		http_timer_stop(g_steal_pointer(&gather->timer));
	if (gather->pending == 0)
		gather_free(gather);
}

static void add_target(struct gather *gather, const struct config_service *service)
{
	struct target *target = g_new0(struct target, 1);

	target->gather = gather;
	target->config = service;
	g_ptr_array_add(gather->targets, target);
	gather_add_expects(target);
	gather_start_probe(target);
	switch (service->source) {
	case CONFIG_SOURCE_CLOUD_RUN:
		gather_add_run(target);
		break;
	case CONFIG_SOURCE_CLOUD_FUNCTION:
		gather_add_function(target);
		break;
	case CONFIG_SOURCE_HTTP:
	case CONFIG_SOURCE_NONE:
		gather_start_http(target);
		break;
	}
}

void gather_start(struct gather *gather, const GPtrArray *services)
{
	int64_t end_mono_ms = gather->deadline_mono_ms;

	gather->starting = true;
	for (guint i = 0; i < services->len; i++)
		add_target(gather, services->pdata[i]);
	gather_prepare_unwatched(gather);
	gather_start_lists(gather);
	gather_start_manifests(gather);
	gather->starting = false;
	if (gather->pending == 0) /* nothing to ask, or all failed at once */
		end_mono_ms = clk_mono_ms();
	gather->timer = http_timer_start(gather->client, end_mono_ms, on_deadline, gather);
}
