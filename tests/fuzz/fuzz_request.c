/* fuzz_request - everything that reads what a client writes into a request, before anybody is
 * trusted: query, Host, Origin, Accept, If-None-Match, Authorization, cursors. The first byte picks
 * one. libFuzzer: clang -fsanitize=fuzzer,address,undefined. */
#include <assert.h>
#include <string.h>

#include "api/accept.h"
#include "api/auth.h"
#include "api/cursor.h"
#include "api/host.h"
#include "api/query.h"
#include "api/response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_query(const char *text)
{
	struct query query = {0};

	if (!query_parse(text, &query, NULL))
		return;
	assert(query.count <= QUERY_PAIRS_MAX);
	for (size_t i = 0; i < query.count; i++) {
		assert(g_utf8_validate(query.pairs[i].name, -1, NULL));
		assert(g_utf8_validate(query.pairs[i].value, -1, NULL));
		assert(query_text(&query, query.pairs[i].name));
		(void)query_allows(&query, query.pairs[i].name, query.pairs[i].value);
	}
	query_done(&query);
}

static void fuzz_host(const char *text)
{
	struct host host = {0};
	bool tls = false;

	if (host_parse(text, &host)) {
		assert(host.name[0] && strlen(host.name) < HOST_MAX_BYTES);
		(void)host_is_loopback(&host);
	}
	if (host_parse_origin(text, &host, &tls))
		assert(host.port >= 0 && host.port <= 65535);
}

static void fuzz_etag(const char *text)
{
	if (response_etag_matches(text, "W/\"0123\""))
		assert(strchr(text, '*') || strstr(text, "\"0123\""));
}

static void fuzz_authorization(const char *text)
{
	char *secret = auth_parse(text);

	assert(!secret || strlen(secret) <= strlen(text));
	auth_secret_free(secret);
}

static void fuzz_cursor(const char *text)
{
	struct verdict *keys = cursor_parse_verdict(text, NULL);
	struct cursor_history place = {0};

	if (keys) { /* what was read is what would be written */
		char *again = cursor_of_verdict(keys);
		struct verdict *same = cursor_parse_verdict(again, NULL);

		assert(same && strcmp(same->id, keys->id) == 0);
		verdict_unref(same);
		verdict_unref(keys);
		g_free(again);
	}
	if (cursor_parse_history(text, &place, NULL))
		assert(place.transition >= 1 && place.deployment >= 1);
}

static void fuzz_accept(const char *text)
{
	(void)accept_choose_form(text, true, true);
	(void)accept_choose_coding(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const targets[])(const char *) = {
		fuzz_query, fuzz_host, fuzz_etag, fuzz_authorization, fuzz_cursor, fuzz_accept,
	};
	char *text = NULL;

	if (size == 0)
		return 0;
	text = g_strndup((const char *)data + 1, size - 1);
	targets[data[0] % 6](text);
	g_free(text);
	return 0;
}
