/* run - pages and services; see run.h */
#include "google/run.h"

#include <string.h>

#include "drift_error.h"
#include "google/decode.h"
#include "google/run_decode.h"
#include "text.h"

/* Small enough that a page of services with 32 KiB of variables each (Google's limit) stays far
 * under HTTP_BODY_MAX_BYTES, and that its decoded form is no burden; a project has at most 1,000.
 */
#define PAGE_SIZE 200

#define TOKEN_MAX_BYTES 4096
#define WORD_MAX_BYTES 128
#define DAMAGE_MAX_BYTES 256
#define UNREACHABLE_MAX 100
#define INSTANCES_MAX 1000000

#define MANAGED_BY_LABEL "goog-managed-by"
#define MANAGED_BY_FUNCTIONS "cloudfunctions"
#define FUNCTION_ID_ANNOTATION "cloudfunctions.googleapis.com/function-id"

static void share_free(void *data)
{
	struct run_share *share = data;

	g_free(share->revision);
	g_free(share);
}

static void service_clear(void *data)
{
	struct run_service *service = data;

	g_free(service->name);
	g_free(service->damage);
	g_free(service->uid);
	g_free(service->failure);
	g_free(service->latest_ready);
	g_free(service->latest_created);
	g_ptr_array_unref(service->shares);
	g_clear_pointer(&service->labels, g_hash_table_unref);
	run_template_free(service->template);
}

struct run_service *run_service_ref(struct run_service *service)
{
	return g_rc_box_acquire(service);
}

void run_service_unref(struct run_service *service)
{
	if (service)
		g_rc_box_release_full(service, service_clear);
}

static void unref_service(void *data)
{
	run_service_unref(data);
}

static bool refuse(GError **error, const char *why)
{
	g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, why);
	return false;
}

/* One entry of traffic or trafficStatuses. */
struct traffic_entry {
	bool is_latest;
	char *revision; /* NULL: not said */
	int64_t percent;
};

static bool decode_entry(json_object *array, const char *name, size_t index,
			 struct traffic_entry *ret_entry, GError **error)
{
	struct traffic_entry entry = {0};
	json_object *item = NULL;
	g_autofree char *type = NULL;

	if (!decode_element(array, name, index, &item, error) ||
	    !decode_text(item, "type", WORD_MAX_BYTES, &type, error) ||
	    !decode_int(item, "percent", 0, 100, &entry.percent, error) ||
	    !decode_last_part(item, "revision", &entry.revision, error))
		return false;
	entry.is_latest = g_strcmp0(type, "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST") == 0;
	*ret_entry = entry;
	return true;
}

static struct run_share *find_share(GPtrArray *shares, const char *revision)
{
	for (guint i = 0; i < shares->len; i++) {
		struct run_share *share = shares->pdata[i];

		if (strcmp(share->revision, revision) == 0)
			return share;
	}
	return NULL;
}

/* LATEST carries no revision: the latest ready one is meant. Before there is one nothing serves. */
static bool add_share(struct run_service *service, const struct traffic_entry *entry,
		      GError **error)
{
	const char *revision = entry->revision;
	struct run_share *share = NULL;

	if (entry->percent == 0)
		return true;
	if (!revision && !entry->is_latest)
		return refuse(error, "trafficStatuses has an entry that names no revision");
	if (!revision)
		revision = service->latest_ready;
	if (!revision)
		return true;
	share = find_share(service->shares, revision);
	if (!share) {
		share = g_new0(struct run_share, 1);
		share->revision = g_strdup(revision);
		g_ptr_array_add(service->shares, share);
	}
	share->percent += (int)entry->percent; /* at most 100 times RUN_TRAFFIC_MAX */
	return true;
}

static int compare_shares(gconstpointer a, gconstpointer b)
{
	const struct run_share *const *left = a;
	const struct run_share *const *right = b;

	if ((*left)->percent != (*right)->percent)
		return (*left)->percent > (*right)->percent ? -1 : 1;
	return strcmp((*left)->revision, (*right)->revision);
}

static bool decode_shares(json_object *object, struct run_service *service, GError **error)
{
	json_object *array = NULL;
	size_t count = 0;
	int64_t total = 0;

	if (!decode_array(object, "trafficStatuses", RUN_TRAFFIC_MAX, &array, error))
		return false;
	count = array ? json_object_array_length(array) : 0;
	for (size_t i = 0; i < count; i++) {
		struct traffic_entry entry = {0};
		bool ok = decode_entry(array, "trafficStatuses", i, &entry, error) &&
			  add_share(service, &entry, error);

		total += entry.percent;
		g_free(entry.revision);
		if (!ok)
			return false;
	}
	if (total > 100)
		return refuse(error, "trafficStatuses adds up to more than 100 percent");
	g_ptr_array_sort(service->shares, compare_shares);
	return true;
}

/* No traffic at all in the wish means the latest ready revision gets everything. */
static bool decode_wish(json_object *object, struct run_service *service, GError **error)
{
	json_object *array = NULL;
	size_t count = 0;
	int64_t latest = 0;

	if (!decode_array(object, "traffic", RUN_TRAFFIC_MAX, &array, error))
		return false;
	count = array ? json_object_array_length(array) : 0;
	for (size_t i = 0; i < count; i++) {
		struct traffic_entry entry = {0};

		if (!decode_entry(array, "traffic", i, &entry, error))
			return false;
		latest += entry.is_latest ? entry.percent : 0;
		g_free(entry.revision);
	}
	service->follows_latest = count == 0 || latest == 100;
	return true;
}

/* The terminal condition sums the others up; only without one do they count by themselves. */
static bool decode_state(json_object *object, struct run_service *service, GError **error)
{
	struct run_condition condition = {0};
	json_object *terminal = NULL;

	if (!decode_bool(object, "reconciling", &service->reconciling, error) ||
	    !decode_int(object, "generation", 0, INT64_MAX, &service->generation, error) ||
	    !decode_int(object, "observedGeneration", 0, INT64_MAX, &service->observed_generation,
			error) ||
	    !decode_object(object, "terminalCondition", &terminal, error))
		return false;
	if (terminal ? !run_condition_decode(terminal, &condition, error)
		     : !run_condition_find(object, NULL, &condition, error))
		return false;
	service->failure = condition.failure;
	if (condition.ready == RUN_READY_WAITING ||
	    service->generation != service->observed_generation)
		service->reconciling = true;
	return true;
}

static bool decode_scaling(json_object *object, struct run_service *service, GError **error)
{
	json_object *scaling = NULL;
	g_autofree char *mode = NULL;

	service->manual_instances = -1;
	if (!decode_object(object, "scaling", &scaling, error))
		return false;
	if (!scaling)
		return true;
	if (!decode_int(scaling, "minInstanceCount", 0, INSTANCES_MAX, &service->min_instances,
			error) ||
	    !decode_int(scaling, "maxInstanceCount", 0, INSTANCES_MAX, &service->max_instances,
			error) ||
	    !decode_text(scaling, "scalingMode", WORD_MAX_BYTES, &mode, error))
		return false;
	return g_strcmp0(mode, "MANUAL") != 0 ||
	       decode_int(scaling, "manualInstanceCount", 0, INSTANCES_MAX,
			  &service->manual_instances, error);
}

static bool decode_members(json_object *object, const struct run_wants *wants,
			   struct run_service *service, GError **error)
{
	json_object *template = NULL;

	if (!decode_text(object, "uid", WORD_MAX_BYTES, &service->uid, error) ||
	    !decode_map(object, "labels", wants->labels, &service->labels, error) ||
	    !decode_last_part(object, "latestReadyRevision", &service->latest_ready, error) ||
	    !decode_last_part(object, "latestCreatedRevision", &service->latest_created, error) ||
	    !decode_state(object, service, error) || !decode_scaling(object, service, error) ||
	    !decode_wish(object, service, error) || !decode_shares(object, service, error) ||
	    !decode_object(object, "template", &template, error))
		return false;
	if (!template)
		return refuse(error, "template is missing");
	return run_template_decode(template, wants, &service->template, error);
}

static struct run_service *service_create(const char *name)
{
	struct run_service *service = g_rc_box_new0(struct run_service);

	service->name = g_strdup(name);
	service->shares = g_ptr_array_new_with_free_func(share_free);
	return service;
}

/* Never NULL: what is wrong with the service goes into its damage. */
static struct run_service *decode_service(json_object *object, const char *name,
					  const struct run_wants *wants)
{
	struct run_service *service = service_create(name);
	g_autoptr(GError) error = NULL;

	if (decode_members(object, wants, service, &error))
		return service;
	run_service_unref(service);
	service = service_create(name);
	service->damage = text_to_utf8(error->message, strlen(error->message), DAMAGE_MAX_BYTES);
	return service;
}

/* Labels and annotations of another type are found out by decode_members(). */
static bool read_heading(json_object *object, struct run_heading *ret_heading, char **ret_name)
{
	json_object *labels = json_member_object(object, "labels");
	json_object *annotations = json_member_object(object, "annotations");
	const char *function_id = NULL;

	if (!json_object_is_type(object, json_type_object) ||
	    !decode_last_part(object, "name", ret_name, NULL) || !*ret_name)
		return false;
	function_id =
		annotations ? json_member_text(annotations, FUNCTION_ID_ANNOTATION, NULL) : NULL;
	ret_heading->name = *ret_name;
	ret_heading->function_id = function_id ? decode_tail(function_id) : NULL;
	ret_heading->is_function = labels && strcmp(json_member_text(labels, MANAGED_BY_LABEL, ""),
						    MANAGED_BY_FUNCTIONS) == 0;
	return true;
}

static bool decode_services(json_object *object, const struct run_wants *wants,
			    run_filter_fn filter, void *data, struct run_page *page, GError **error)
{
	json_object *array = NULL;
	size_t count = 0;

	if (!decode_array(object, "services", RUN_PAGE_SERVICES_MAX, &array, error))
		return false;
	count = array ? json_object_array_length(array) : 0;
	for (size_t i = 0; i < count; i++) {
		json_object *item = json_object_array_get_idx(array, i);
		struct run_heading heading = {0};
		g_autofree char *name = NULL;

		if (!read_heading(item, &heading, &name)) {
			g_free(page->incomplete);
			page->incomplete =
				g_strdup("the list has an entry without a readable name");
			continue;
		}
		if (filter(data, &heading))
			g_ptr_array_add(page->services, decode_service(item, name, wants));
	}
	page->count = (int64_t)count;
	return true;
}

static bool decode_unreachable(json_object *object, struct run_page *page, GError **error)
{
	json_object *array = NULL;
	json_object *first = NULL;

	if (!decode_array(object, "unreachable", UNREACHABLE_MAX, &array, error))
		return false;
	if (!array || json_object_array_length(array) == 0)
		return true;
	first = json_object_array_get_idx(array, 0);
	if (!json_object_is_type(first, json_type_string))
		return refuse(error, "unreachable has an element that is no text");
	page->unreachable = g_strdup_printf("Google could not reach %.100s, the list is incomplete",
					    json_object_get_string(first));
	return true;
}

struct run_page *run_page_decode(const char *bytes, size_t length, const struct run_wants *wants,
				 run_filter_fn filter, void *data, GError **error)
{
	json_object *object = json_parse(bytes, length, error);
	struct run_page *page = NULL;
	bool ok = false;

	if (!object)
		return NULL;
	page = g_new0(struct run_page, 1);
	page->services = g_ptr_array_new_with_free_func(unref_service);
	if (!json_object_is_type(object, json_type_object))
		ok = refuse(error, "not a JSON object");
	else
		ok = decode_text(object, "nextPageToken", TOKEN_MAX_BYTES, &page->next_token,
				 error) &&
		     decode_services(object, wants, filter, data, page, error) &&
		     decode_unreachable(object, page, error);
	json_object_put(object);
	if (!ok)
		g_clear_pointer(&page, run_page_free);
	return page;
}

void run_page_free(struct run_page *page)
{
	if (!page)
		return;
	g_ptr_array_unref(page->services);
	g_free(page->next_token);
	g_free(page->incomplete);
	g_free(page->unreachable);
	g_free(page);
}

static void append_part(GString *url, const char *before, const char *part)
{
	g_string_append(url, before);
	g_string_append_uri_escaped(url, part, NULL, FALSE);
}

static GString *services_url(const char *endpoint, const char *project, const char *region)
{
	GString *url = g_string_new(endpoint);

	append_part(url, "/v2/projects/", project);
	append_part(url, "/locations/", region);
	g_string_append(url, "/services");
	return url;
}

char *run_list_url(const char *endpoint, const char *project, const char *region,
		   const char *page_token)
{
	GString *url = services_url(endpoint, project, region);

	g_string_append_printf(url, "?pageSize=%d", PAGE_SIZE);
	if (page_token)
		append_part(url, "&pageToken=", page_token);
	return g_string_free(url, FALSE);
}

char *run_revision_url(const char *endpoint, const char *project, const char *region,
		       const char *service, const char *revision)
{
	GString *url = services_url(endpoint, project, region);

	append_part(url, "/", service);
	append_part(url, "/revisions/", revision);
	return g_string_free(url, FALSE);
}
