/* columns - see columns.h */
#include "eval/columns.h"

#include <string.h>

#include "text.h"

#define ELLIPSIS "…"

/* Combining characters take no column, so bytes are bounded too: four per column is the longest
 * UTF-8, as much again is room for accents. */
#define BYTES_PER_COLUMN 8

static size_t char_width(gunichar c)
{
	if (g_unichar_iszerowidth(c))
		return 0;
	return g_unichar_iswide(c) ? 2 : 1;
}

/* g_utf8_next_char() would drop the const. */
static const char *next_char(const char *p)
{
	return p + g_utf8_skip[(unsigned char)*p];
}

size_t columns_width(const char *text)
{
	size_t width = 0;

	for (const char *p = text; *p; p = next_char(p))
		width += char_width(g_utf8_get_char(p));
	return width;
}

/* Where @p text passes @p max columns; its end when it does not. */
static const char *find_cut(const char *text, size_t max)
{
	size_t width = 0;
	const char *p = text;

	for (; *p; p = next_char(p)) {
		width += char_width(g_utf8_get_char(p));
		if (width > max)
			break;
	}
	return p;
}

char *columns_fit(const char *text, size_t max)
{
	size_t max_bytes = max * BYTES_PER_COLUMN;
	g_autofree char *valid = NULL;
	g_autofree char *escaped = NULL;
	const char *end;

	if (!text)
		return g_strdup("-");
	valid = text_to_utf8(text, strnlen(text, max_bytes + 8), max_bytes + 4);
	escaped = text_escape_terminal(valid);
	end = find_cut(escaped, max);
	if (!*end)
		return g_steal_pointer(&escaped);
	end = find_cut(escaped, max - 1);
	return g_strdup_printf("%.*s" ELLIPSIS, (int)(end - escaped), escaped);
}

void columns_append(GString *to, const char *cell, size_t width)
{
	g_string_append(to, cell);
	for (size_t i = columns_width(cell); i < width; i++)
		g_string_append_c(to, ' ');
}
