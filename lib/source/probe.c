/* probe - see probe.h */
#include "source/probe.h"

#include <string.h>

#include "json.h"
#include "text.h"

#define ACTUAL_MAX_BYTES 200

static void look_up(json_object *document, const struct config_probe_expect *expect,
		    struct probe_obs *probe)
{
	json_object *value = NULL;
	g_autofree char *text = NULL;

	if (!json_pointer(document, expect->pointer, &value, NULL))
		return;
	text = json_scalar_text(value);
	if (!text)
		return;
	probe->found = true;
	probe->actual = text_to_utf8(text, strlen(text), ACTUAL_MAX_BYTES);
	probe->equal = strcmp(text, expect->value) == 0;
}

bool probe_decode(const char *body, size_t length, const struct config_service *config,
		  struct probe_obs **ret_probes, GError **error)
{
	json_object *document = json_parse(body, length, error);
	struct probe_obs *probes = NULL;

	if (!document)
		return false;
	probes = g_new0(struct probe_obs, config->probe_expect_count);
	for (size_t i = 0; i < config->probe_expect_count; i++)
		look_up(document, &config->probe_expects[i], &probes[i]);
	json_object_put(document);
	*ret_probes = probes;
	return true;
}
