/* replay - runs a fuzz target over files, without the fuzzer: what was found stays found. */
#include "base.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		g_autofree char *bytes = NULL;
		g_autoptr(GError) error = NULL;
		gsize length = 0;

		if (!g_file_get_contents(argv[i], &bytes, &length, &error)) {
			(void)fprintf(stderr, "replay: %s\n", error->message);
			return EXIT_FAILURE;
		}
		(void)LLVMFuzzerTestOneInput((const uint8_t *)(const void *)bytes, length);
	}
	(void)printf("%s: %d inputs\n", argv[0], argc - 1);
	return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
