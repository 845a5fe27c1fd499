/* text - see text.h */
#include "text.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define ELLIPSIS "\xe2\x80\xa6"    /* U+2026 */

#define UNICODE_MAX 0x10ffff
#define NON_JOINER 0x200c
#define JOINER 0x200d

/* On one letter: no language has as many, and emoji have 9 at most. More marks are drawn over the lines above and below,
 * and no line can be broken among them. */
#define ATTACHED_MAX 12

/* Words longer than this have no near candidate: the table below stays on the stack. */
#define NEAREST_WORD_MAX_BYTES 64

/* Takes back whole characters until text has at most max_bytes. */
static void cut_at_character(GString *text, size_t max_bytes)
{
	size_t end = max_bytes;

	while (end > 0 && ((unsigned char)text->str[end] & 0xc0U) == 0x80U)
		end--;
	g_string_truncate(text, end);
}

char *text_to_utf8(const char *bytes, size_t length, size_t max_bytes)
{
	GString *out = g_string_new(NULL);
	const char *end = NULL;

	/* a character past the limit is enough to know that it must be cut */
	length = MIN(length, max_bytes < SIZE_MAX - 8 ? max_bytes + 8 : SIZE_MAX);
	while (bytes && length > 0 && out->len <= max_bytes) {
		bool valid = g_utf8_validate_len(bytes, length, &end);
		size_t good = (size_t)(end - bytes);

		g_string_append_len(out, bytes, (gssize)good);
		bytes += good;
		length -= good;
		if (valid || out->len > max_bytes)
			continue;
		g_string_append(out, REPLACEMENT);
		bytes++;
		length--;
	}
	if (out->len > max_bytes) {
		cut_at_character(out,
				 max_bytes >= strlen(ELLIPSIS) ? max_bytes - strlen(ELLIPSIS) : 0);
		if (max_bytes >= strlen(ELLIPSIS))
			g_string_append(out, ELLIPSIS);
	}
	return g_string_free(out, FALSE);
}

/* g_utf8_next_char() for const text. */
static const char *next_character(const char *text)
{
	do
		text++;
	while (((unsigned char)*text & 0xc0U) == 0x80U);
	return text;
}

/* What moves its neighbours (UAX 9 table 4), ends lines, or of which nothing is seen, so that two names look like one:
 * separators and all formats but the joiners, with which words of some languages, and emoji, are made. */
static bool is_disturbing(gunichar c)
{
	GUnicodeType type = g_unichar_type(c);

	return type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR ||
	       (type == G_UNICODE_FORMAT && c != JOINER && c != NON_JOINER);
}

bool text_disturbs(gunichar c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || is_disturbing(c);
}

static bool is_leading_jamo(gunichar c)
{
	return c >= 0x1100 && c <= 0x115f;
}

/* Is it drawn onto what is before it, or joined to it? UAX 29 table 2, as far as text can grow by it without end. */
static bool is_attached(gunichar c, gunichar before)
{
	return g_unichar_ismark(c) || c == JOINER || c == NON_JOINER || before == JOINER ||
	       (c >= 0x1160 && c <= 0x11ff) || (is_leading_jamo(c) && is_leading_jamo(before));
}

/* @p attached: so many of these come one after the other here, this one included. */
static void append_visible(GString *out, gunichar c, int attached)
{
	if (c > UNICODE_MAX) /* not valid */
		g_string_append(out, REPLACEMENT);
	else if (c == '\t' || c == '\n')
		g_string_append_c(out, ' ');
	else if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
		g_string_append_printf(out, "\\x%02x", c);
	else if (is_disturbing(c) || attached > ATTACHED_MAX)
		g_string_append_printf(out, "\\u%04x", c);
	else
		g_string_append_unichar(out, c);
}

char *text_escape_terminal(const char *text)
{
	GString *out = g_string_new(NULL);
	gunichar c = 0, before = 0;
	int attached = 0;

	for (const char *p = text, *next = text; *p; p = next) {
		before = c;
		c = g_utf8_get_char_validated(p, -1);
		next = p + (c <= UNICODE_MAX ? g_utf8_skip[(unsigned char)*p] : 1);
		attached = c <= UNICODE_MAX && is_attached(c, before) ? attached + 1 : 0;
		append_visible(out, c, attached);
	}
	return g_string_free(out, FALSE);
}

char *text_to_line(const char *text, size_t max_bytes)
{
	char *line = text ? text_to_utf8(text, strlen(text), max_bytes) : NULL;

	for (char *at = line; line && *at; at++)
		if (g_ascii_iscntrl(*at))
			*at = ' ';
	return line;
}

char *text_age(int64_t age_ms)
{
	if (age_ms < 0)
		age_ms = 0;
	if (age_ms >= MS_PER_DAY)
		return g_strdup_printf("%" G_GINT64_FORMAT " d", age_ms / MS_PER_DAY);
	if (age_ms >= MS_PER_HOUR)
		return g_strdup_printf("%" G_GINT64_FORMAT " h", age_ms / MS_PER_HOUR);
	if (age_ms >= MS_PER_MINUTE)
		return g_strdup_printf("%" G_GINT64_FORMAT " min", age_ms / MS_PER_MINUTE);
	return g_strdup_printf("%" G_GINT64_FORMAT " s", age_ms / MS_PER_S);
}

/* Optimal string alignment: insert, delete, replace and swap of neighbours cost one each; case is
 * free. Both at most NEAREST_WORD_MAX_BYTES long. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t rows[3][NEAREST_WORD_MAX_BYTES + 1] = {{0}};

	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i - 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			bool same = g_ascii_tolower(a[i - 1]) == g_ascii_tolower(b[j - 1]);
			size_t best = MIN(above[j], row[j - 1]) + 1;

			best = MIN(best, above[j - 1] + (same ? 0 : 1));
			if (i > 1 && j > 1 &&
			    g_ascii_tolower(a[i - 1]) == g_ascii_tolower(b[j - 2]) &&
			    g_ascii_tolower(a[i - 2]) == g_ascii_tolower(b[j - 1]))
				best = MIN(best, rows[(i - 2) % 3][j - 2] + 1);
			row[j] = best;
		}
	}
	return rows[a_length % 3][b_length];
}

const char *text_nearest(const char *word, const char *const *candidates)
{
	size_t length = strlen(word);
	const char *best = NULL;
	size_t best_distance = SIZE_MAX;

	if (length > NEAREST_WORD_MAX_BYTES)
		return NULL;
	for (; *candidates; candidates++) {
		size_t other = strlen(*candidates);
		size_t distance = 0;

		if (other > NEAREST_WORD_MAX_BYTES)
			continue;
		distance = edit_distance(word, length, *candidates, other);
		if (distance < best_distance && distance <= MAX(length, other) / 3) {
			best = *candidates;
			best_distance = distance;
		}
	}
	return best;
}

bool text_glob(const char *pattern, const char *text)
{
	const char *star = NULL;  /* behind the last '*' seen */
	const char *retry = NULL; /* where the text goes on when that '*' takes one more */

	/* only the last star is ever retried: length of pattern times length of text at worst */
	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = text;
		} else if (*pattern == '?') {
			pattern++;
			text = next_character(text);
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = retry = next_character(retry);
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool text_equal_secret(const char *given, const char *secret)
{
	unsigned char a[SHA256_DIGEST_LENGTH] = {0};
	unsigned char b[SHA256_DIGEST_LENGTH] = {0};

	if (!given || !secret || !*secret)
		return false;
	if (!SHA256((const unsigned char *)given, strlen(given), a) ||
	    !SHA256((const unsigned char *)secret, strlen(secret), b))
		return false;
	return CRYPTO_memcmp(a, b, sizeof(a)) == 0;
}
