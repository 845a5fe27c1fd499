/* fuzz_http_source - other people's documents: /version answers, probes and manifests. The input is
 * a pointer (up to the first line feed; empty: none) and a body. */
#include <stdint.h>
#include <string.h>

#include "source/http_source.h"
#include "source/manifest.h"
#include "source/markers.h"
#include "source/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_manifest(const char *body, size_t length, const char *pointer)
{
	struct manifest *manifest = manifest_parse(body, length, NULL);
	g_autofree char *value = NULL;

	if (manifest)
		(void)!manifest_value(manifest, pointer, &value, NULL); /* both are fine */
	manifest_free(manifest);
}

static void fuzz_probe(const char *body, size_t length, char *pointer)
{
	char value[] = "x";
	struct config_probe_expect expect = {.pointer = pointer, .value = value};
	struct config_service service = {.probe_expects = &expect, .probe_expect_count = 1};
	struct probe_obs *probes = NULL;

	if (!probe_decode(body, length, &service, &probes, NULL))
		return;
	g_free(probes[0].actual);
	g_free(probes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	const char *line_end = size ? memchr(bytes, '\n', size) : NULL;
	g_autofree char *pointer = NULL;
	g_autofree char *tag = NULL;
	g_autofree char *digest = NULL;
	size_t length = 0;

	if (!line_end)
		return 0;
	pointer = g_strndup(bytes, (size_t)(line_end - bytes));
	length = size - (size_t)(line_end - bytes) - 1;
	revision_obs_free(
		http_source_decode(line_end + 1, length, pointer[0] ? pointer : NULL, NULL));
	fuzz_manifest(line_end + 1, length, pointer);
	fuzz_probe(line_end + 1, length, pointer);
	tag = markers_image_tag(pointer);
	digest = markers_image_digest(pointer);
	return 0;
}
