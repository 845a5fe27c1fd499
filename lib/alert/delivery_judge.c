/* delivery_judge - how long to wait, and what of an answer's words may be shown. Pure. See
 * delivery_private.h */
#include "alert/delivery_private.h"

#include "alert/sink_private.h"
#include "clk.h"
#include "text.h"

#include <string.h>

int64_t delivery_backoff_ms(int tries, uint32_t random)
{
	int64_t span_ms = DELIVERY_BACKOFF_FIRST_MS;

	for (int i = 1; i < tries && span_ms < DELIVERY_BACKOFF_LAST_MS; i++)
		span_ms *= 2;
	span_ms = MIN(span_ms, DELIVERY_BACKOFF_LAST_MS);
	return span_ms / 2 + (int64_t)random % (span_ms / 2 + 1);
}

/* GitHub: until the reset when nothing is left, else a minute (API-FACTS H.2). */
static int64_t github_asked_ms(const struct http_response *response)
{
	const char *left = g_hash_table_lookup(response->headers, "x-ratelimit-remaining");
	const char *reset = g_hash_table_lookup(response->headers, "x-ratelimit-reset");
	gint64 reset_s = 0;

	if (response->status != 403 && response->status != 429)
		return -1;
	if (g_strcmp0(left, "0") != 0 || !reset ||
	    !g_ascii_string_to_signed(reset, 10, 0, INT32_MAX, &reset_s, NULL))
		return DELIVERY_GITHUB_PAUSE_MS;
	return MAX(reset_s * MS_PER_S - clk_wall_ms(), DELIVERY_GITHUB_PAUSE_MS);
}

int64_t delivery_asked_ms(enum channel_kind kind, const struct http_response *response)
{
	int64_t asked_ms = response->retry_after_ms;

	if (asked_ms < 0 && kind == CHANNEL_KIND_GITHUB)
		asked_ms = github_asked_ms(response);
	return MIN(asked_ms, DELIVERY_RETRY_AFTER_MAX_MS);
}

char *delivery_clean_error(const struct config_channel *settings, const char *error)
{
	g_autofree char *text = sink_without_secrets(settings, error);

	for (char *at = text; *at; at++)
		if (g_ascii_iscntrl(*at))
			*at = ' ';
	return text_to_utf8(text, strlen(text), DELIVERY_ERROR_MAX_BYTES);
}
