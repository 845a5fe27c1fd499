/* fuzz_credentials - key files and token answers under libFuzzer: whatever comes is refused or read.
 * The first byte picks the parser. */
#include "google/keyfile.h"
#include "google/secret.h"
#include "google/token_answer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_keyfile(const char *bytes, size_t length)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) url_error = NULL;
	struct keyfile *keyfile = keyfile_parse(bytes, length, &error);

	if ((keyfile == NULL) != (error != NULL))
		abort();
	if (keyfile && keyfile_check_urls(keyfile, NULL, &url_error) == (url_error != NULL))
		abort();
	keyfile_free(keyfile);
}

static void fuzz_token(const char *bytes, size_t length, bool is_impersonated)
{
	g_autoptr(GError) error = NULL;
	struct token token = {0};
	bool ok = is_impersonated
			  ? token_answer_parse_impersonated(bytes, length, 1, &token, &error)
			  : token_answer_parse(bytes, length, &token, &error);

	if (ok != (error == NULL) || ok != (token.text != NULL))
		abort();
	if (ok && (token.life_ms <= 0 || token.life_ms > TOKEN_LIFE_MAX_MS))
		abort();
	token_clear(&token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data + 1;

	if (size == 0)
		return 0;
	if (data[0] % 4 == 0)
		fuzz_token(bytes, size - 1, false);
	else if (data[0] % 4 == 1)
		fuzz_token(bytes, size - 1, true);
	else if (data[0] % 4 == 2)
		secret_free(token_answer_subject(bytes, size - 1, data[0] & 4 ? "t" : NULL, NULL));
	else
		fuzz_keyfile(bytes, size - 1);
	return 0;
}
