/* sink_secrets - what the other side must not make us say: an answer may repeat the URL it was
 * asked at, parts of it, or our signatures. See sink_private.h */
#include "alert/sink_private.h"

#include <string.h>

/** Shorter secrets are not looked for: they would be found everywhere. */
#define SECRET_MIN_BYTES 6

/** A shorter part of a URL that is letters only is a word ("services", "hooks"), no secret by itself. */
#define WORD_MAX_BYTES 12

/** HMAC-SHA-256 in hex: of bodies and acknowledge links. */
#define DIGEST_DIGITS 64

#define HIDDEN "(secret)"

static void hide(GString *text, const char *secret)
{
	if (secret && strlen(secret) >= SECRET_MIN_BYTES)
		(void)g_string_replace(text, secret, HIDDEN, 0); /* how often does not matter */
}

static bool is_word(const char *part)
{
	size_t length = strlen(part);

	return length < WORD_MAX_BYTES && strspn(part, "abcdefghijklmnopqrstuvwxyz-_.") == length;
}

static void hide_part(GString *text, const char *part)
{
	g_autofree char *plain = g_uri_unescape_string(part, NULL); /* NULL: a broken escape */

	if (is_word(part))
		return;
	hide(text, part);
	hide(text, plain);
}

/* A receiver that says "cannot POST /services/T0/B0/XYZ", or "XYZ is not known", has told the secret. */
static void hide_url(GString *text, const char *url)
{
	const char *host = url ? strstr(url, "://") : NULL;
	const char *path = host ? strchr(host + 3, '/') : NULL;
	g_autofree char *bare = path ? g_strndup(path, strcspn(path, "?#")) : NULL;
	g_auto(GStrv) parts = path ? g_strsplit_set(path, "/?&=#;", -1) : NULL;

	hide(text, url);
	hide(text, path);
	hide(text, bare);
	for (size_t i = 0; parts && parts[i]; i++)
		hide_part(text, parts[i]);
}

static void hide_digests(GString *text)
{
	for (gsize at = 0; at < text->len;) {
		gsize length = strspn(text->str + at, "0123456789abcdefABCDEF");

		if (length >= DIGEST_DIGITS) {
			g_string_erase(text, (gssize)at, (gssize)length); /* is there */
			g_string_insert(text, (gssize)at, HIDDEN);
			length = strlen(HIDDEN);
		}
		at += MAX(length, 1);
	}
}

char *sink_without_secrets(const struct config_channel *channel, const char *text)
{
	GString *clean = g_string_new(text);

	if (channel->kind == CHANNEL_KIND_SLACK || channel->kind == CHANNEL_KIND_WEBHOOK)
		hide_url(clean, channel->url);
	hide(clean, channel->secret);
	hide(clean, channel->token);
	hide_digests(clean);
	return g_string_free(clean, FALSE);
}
