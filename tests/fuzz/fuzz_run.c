/* fuzz_run - answers of Cloud Run, Cloud Functions and Cloud Storage: the first byte says which. What is
 * decoded is also observed, with every revision the same. */
#include <stdint.h>
#include <string.h>

#include "google/functions.h"
#include "google/run.h"
#include "google/storage.h"
#include "source/cloud.h"
#include "source/markers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct config_service service;
static char *commit_from[] = {NULL};

static struct run_wants *make_wants(void)
{
	struct run_wants *wants = run_wants_create(env_hash_create("0123456789abcdef", 16));
	struct config config = {.services = g_ptr_array_new()};

	service.commit_from = commit_from;
	g_ptr_array_add(config.services, &service);
	markers_add_wants(wants, &config);
	g_ptr_array_unref(config.services);
	return wants;
}

static bool want_service(void *data, const struct run_heading *heading)
{
	(void)data;
	return heading->name[0] != 'x';
}

static bool want_function(void *data, const char *region, const char *name)
{
	(void)data;
	return region[0] && name[0];
}

static void unref_revision(void *data)
{
	run_revision_unref(data);
}

static void add_revisions(const struct cloud_facts *facts)
{
	static const char bytes[] = "{\"name\":\"r\",\"conditions\":[{\"type\":\"Ready\","
				    "\"state\":\"CONDITION_FAILED\"}]}";
	struct run_wants *wants = make_wants();
	struct run_revision *revision = run_revision_decode(bytes, strlen(bytes), wants, NULL);
	g_autoptr(GPtrArray) names = cloud_revisions_needed(facts);

	for (guint i = 0; i < names->len; i++)
		g_hash_table_replace(facts->revisions, g_strdup(names->pdata[i]),
				     run_revision_ref(revision));
	run_revision_unref(revision);
	run_wants_free(wants);
}

static void observe(const struct run_service *run, const struct run_wants *wants)
{
	struct cloud_facts facts = {.config = &service, .service = run, .hash = wants->hash};
	struct observation *observation = NULL;
	g_autofree char *text = NULL;

	if (run->damage)
		return;
	facts.revisions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref_revision);
	add_revisions(&facts);
	observation = observation_create("service/s", 1, 1);
	observation->service = cloud_observe(&facts);
	text = observation_facts_json(observation);
	observation_unref(observation);
	g_hash_table_unref(facts.revisions);
}

static void fuzz_services(const char *bytes, size_t size, const struct run_wants *wants)
{
	struct run_page *page = run_page_decode(bytes, size, wants, want_service, NULL, NULL);

	for (guint i = 0; page && i < page->services->len; i++)
		observe(page->services->pdata[i], wants);
	run_page_free(page);
}

static void fuzz_functions(const char *bytes, size_t size, const struct run_wants *wants)
{
	struct functions_page *page =
		functions_page_decode(bytes, size, wants, want_function, NULL, NULL);

	for (guint i = 0; page && i < page->functions->len; i++) {
		const struct function *function = page->functions->pdata[i];

		if (function->own)
			service_obs_free(
				cloud_observe_first_generation(&service, function, wants->hash));
	}
	functions_page_free(page);
}

static void fuzz_list(const char *bytes, size_t size)
{
	g_autofree char *token = NULL;
	bool any = false;

	(void)!storage_list_decode(bytes, size, &any, &token, NULL); /* both are fine */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run_wants *wants = NULL;
	const char *bytes = (const char *)data + 1;

	if (size < 2)
		return 0;
	wants = make_wants();
	switch (data[0] % 4) {
	case 0:
		fuzz_services(bytes, size - 1, wants);
		break;
	case 1:
		fuzz_functions(bytes, size - 1, wants);
		break;
	case 2:
		run_revision_unref(run_revision_decode(bytes, size - 1, wants, NULL));
		break;
	default:
		fuzz_list(bytes, size - 1);
		break;
	}
	run_wants_free(wants);
	return 0;
}
