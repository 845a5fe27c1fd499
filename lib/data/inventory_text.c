/* inventory_text - how names and definitions of any kind become one line that can be read back. See
 * inventory_private.h */
#include "data/inventory_private.h"

#include <string.h>

#include "text.h"

/* How the end of a text that was cut looks: " sha256:" and 16 hex digits, after an ellipsis. */
#define ELLIPSIS "\xe2\x80\xa6"
#define HASH_DIGITS 16
#define CUT_BYTES (sizeof(ELLIPSIS " sha256:") - 1 + HASH_DIGITS)

/* Characters that move, hide or part their neighbours where they are shown. */
static bool is_disturbing(gunichar c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void append_code(GString *out, gunichar c)
{
	if (c < 0x100)
		g_string_append_printf(out, "\\x%02x", c);
	else
		g_string_append_printf(out, "\\u%04x", c);
}

/* One character, at; is_first and is_last: of the text. */
static void append_character(GString *out, const char *at, bool is_name, bool is_first)
{
	gunichar c = g_utf8_get_char(at);
	const char *next = at + g_unichar_to_utf8(c, NULL);
	bool ends = *next == '\0';

	if (c == '\\')
		g_string_append(out, "\\\\");
	else if (c == '\n')
		g_string_append(out, "\\n");
	else if (c == '\t')
		g_string_append(out, "\\t");
	else if (c == '\r')
		g_string_append(out, "\\r");
	else if (is_disturbing(c) || (c == ' ' && (is_first || ends)) ||
		 (is_name && c == ':' && (ends || *next == ' ')))
		append_code(out, c);
	else
		g_string_append_len(out, at, next - at);
}

static char *escape_all(const char *text, bool is_name)
{
	GString *out = g_string_new(NULL);

	for (const char *at = text; *at; at += g_unichar_to_utf8(g_utf8_get_char(at), NULL))
		append_character(out, at, is_name, at == text);
	return g_string_free(out, FALSE);
}

/* What is cut is the text itself, so that reading it back and escaping it again gives the same. */
static char *cut(const char *text, bool is_name, size_t max_bytes)
{
	g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
	g_autofree char *whole = NULL;
	GString *out = g_string_new(NULL);
	const char *at = text;

	while (*at) {
		append_character(out, at, is_name, at == text);
		if (out->len > max_bytes - CUT_BYTES)
			break;
		at += g_unichar_to_utf8(g_utf8_get_char(at), NULL);
	}
	(void)g_string_free(out, TRUE); /* gives NULL */
	whole = g_strdup_printf("%.*s" ELLIPSIS " sha256:%.*s", (int)(at - text), text, HASH_DIGITS,
				hash);
	return escape_all(whole, is_name);
}

char *inventory_escape(const char *raw, bool is_name, size_t max_bytes)
{
	g_autofree char *text = text_to_utf8(raw, strlen(raw), SIZE_MAX);
	GString *out = g_string_new(NULL);

	for (const char *at = text; *at && out->len <= max_bytes;
	     at += g_unichar_to_utf8(g_utf8_get_char(at), NULL))
		append_character(out, at, is_name, at == text);
	if (out->len <= max_bytes)
		return g_string_free(out, FALSE);
	(void)g_string_free(out, TRUE); /* gives NULL */
	return cut(text, is_name, max_bytes);
}

/* digits hex digits at text. False: they are none, or no character. */
static bool read_code(const char *text, size_t left, size_t digits, gunichar *ret_code)
{
	gunichar code = 0;

	if (left < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		int digit = g_ascii_xdigit_value(text[i]);

		if (digit < 0)
			return false;
		code = code * 16 + (gunichar)digit; /* 0..15 */
	}
	if (code == 0 || !g_unichar_validate(code))
		return false;
	*ret_code = code;
	return true;
}

/* What a letter after a backslash stands for; 0: nothing. */
static char meaning_of(char letter)
{
	switch (letter) {
	case '\\':
		return '\\';
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	default: /* of a char, not of an enum of ours */
		return '\0';
	}
}

/* The escape after a backslash; how many bytes of it were used, 0: none. */
static size_t unescape_one(GString *out, const char *text, size_t left)
{
	char letter = '\0';
	size_t digits = 2;
	gunichar code = 0;

	if (left > 0)
		letter = *text;
	if (meaning_of(letter)) {
		g_string_append_c(out, meaning_of(letter));
		return 1;
	}
	if (letter == 'u')
		digits = 4;
	if ((letter != 'x' && letter != 'u') || !read_code(text + 1, left - 1, digits, &code))
		return 0;
	g_string_append_unichar(out, code);
	return digits + 1;
}

char *inventory_unescape(const char *text, size_t length)
{
	GString *out = g_string_sized_new(length);

	for (size_t i = 0; i < length; i++) {
		size_t used = 0;

		if (text[i] != '\\') {
			g_string_append_c(out, text[i]);
			continue;
		}
		used = unescape_one(out, text + i + 1, length - i - 1);
		if (used == 0) {
			(void)g_string_free(out, TRUE); /* gives NULL */
			return NULL;
		}
		i += used;
	}
	return g_string_free(out, FALSE);
}
