/* gather_http - /version endpoints and probes; see gather.h */
#include "source/gather.h"

#include "source/answer_fault.h"
#include "source/http_source.h"
#include "source/probe.h"

#define ATTEMPTS_MAX 3

static struct http_request *make_request(const char *api, const char *url, const char *accept,
					 size_t max_body_bytes)
{
	struct http_request *request = http_request_create(api, "GET", url);

	g_ptr_array_add(request->headers, g_strdup_printf("Accept: %s", accept));
	request->max_body_bytes = max_body_bytes;
	request->max_attempts = ATTEMPTS_MAX;
	request->follow_redirects = true;
	return request;
}

static void on_version(void *data, const char *body, size_t length, struct fault *fault)
{
	struct target *target = data;
	const char *pointer = target->config->commit_pointer;
	g_autoptr(GError) error = NULL;
	struct revision_obs *revision = NULL;
	struct service_obs *service = NULL;

	if (fault) {
		target_fail(target, fault);
		return;
	}
	revision = http_source_decode(body, length, pointer, &error);
	if (!revision) {
		fault = fault_create(FAULT_BAD_ANSWER, 0, NULL, "%s: %s", target->waits_for,
				     error->message);
		target_fail(target, fault);
		fault_unref(fault);
		return;
	}
	service = service_obs_create();
	service->found = true;
	g_ptr_array_add(service->revisions, revision);
	target_settle(target, service);
}

void gather_start_http(struct target *target)
{
	bool is_document = target->config->commit_pointer != NULL;
	g_autofree char *address = answer_fault_address(target->config->url);

	target->what = g_strdup_printf("GET %s (url)", address);
	target->waits_for = target->what;
	gather_get(
		target->gather,
		make_request("http", target->config->url,
			     is_document ? "application/json" : "text/plain, */*;q=0.5",
			     is_document ? HTTP_SOURCE_JSON_MAX_BYTES : HTTP_SOURCE_TEXT_MAX_BYTES),
		"url", on_version, target);
}

/* "GET ADDRESS (probe-url): WHY" */
static struct fault *probe_fault_create(const struct target *target, enum fault_class class,
					const char *why)
{
	g_autofree char *address = answer_fault_address(target->config->probe_url);

	return fault_create(class, 0, NULL, "GET %s (probe-url): %s", address, why);
}

static void on_probe(void *data, const char *body, size_t length, struct fault *fault)
{
	struct target *target = data;
	g_autoptr(GError) error = NULL;

	if (fault)
		target->probe_fault = fault_ref(fault);
	else if (probe_decode(body, length, target->config, &target->probes, &error))
		target->probe_count = target->config->probe_expect_count;
	else
		target->probe_fault = probe_fault_create(target, FAULT_BAD_ANSWER, error->message);
}

void gather_start_probe(struct target *target)
{
	if (!target->config->probe_url)
		return;
	gather_get(target->gather,
		   make_request("probe", target->config->probe_url, "application/json",
				PROBE_BODY_MAX_BYTES),
		   "probe-url", on_probe, target);
}

void target_finish_probes(struct target *target, struct service_obs *service)
{
	if (!target->config->probe_url)
		return;
	if (!target->probes && !target->probe_fault)
		target->probe_fault =
			probe_fault_create(target, FAULT_TIMEOUT, "no answer within cycle-timeout");
	service->probe_fault = g_steal_pointer(&target->probe_fault);
	if (!target->probes)
		return;
	service->probes = g_steal_pointer(&target->probes);
	service->probe_count = target->probe_count;
	target->probe_count = 0;
}
