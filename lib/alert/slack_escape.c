/* slack_escape - outside text in mrkdwn. Slack knows no way to quote its formatting characters, so
 * that those become others that look like them. Slack: "Formatting text for app surfaces". */
#include "alert/slack_private.h"

#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6" /* U+2026 */

/* What stands in place of an ASCII character that would be markup. */
static const char *look_alike(gunichar c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '`':
		return "'";
	case '*':
		return "\xe2\x88\x97"; /* U+2217 asterisk operator */
	case '~':
		return "\xe2\x88\xbc"; /* U+223C tilde operator */
	default:
		return NULL;
	}
}

/* Markup only at the edge of a word: table_names and mail@addresses stay as they are, to be copied. */
static const char *look_alike_at_edge(gunichar c, gunichar before, gunichar after)
{
	if (c == '_' && !(g_unichar_isalnum(before) && g_unichar_isalnum(after)))
		return "\xcb\x8d"; /* U+02CD modifier letter low macron */
	if (c == '@' && before != '<' && !g_unichar_isalnum(before))
		return "\xef\xbc\xa0"; /* U+FF20 fullwidth commercial at */
	if (c == '>' && before == 0)
		return "\xe2\x80\xba"; /* U+203A: a line that begins with &gt; is a quotation */
	return NULL;
}

/* The character at p, escaped, appended to @p to. */
static void append_escaped(GString *to, const char *p, gunichar before)
{
	const char *next = g_utf8_find_next_char(p, NULL);
	gunichar c = g_utf8_get_char(p);
	const char *other = look_alike_at_edge(c, before, g_utf8_get_char(next));

	if (!other)
		other = look_alike(c);
	if (other)
		g_string_append(to, other);
	else
		g_string_append_len(to, p, next - p);
}

char *slack_escape(const char *text, size_t max_bytes)
{
	/* no character gets shorter: what is beyond the limit here is so there */
	g_autofree char *line = sink_line(text, MIN(max_bytes, SIZE_MAX / 2) + 8);
	GString *to = g_string_new(NULL);
	size_t fits = 0; /* so much and an ellipsis */
	gunichar before = 0;

	for (const char *p = line; *p; p = g_utf8_find_next_char(p, NULL)) {
		size_t whole = to->len;

		append_escaped(to, p, before);
		before = g_utf8_get_char(p);
		if (to->len + strlen(ELLIPSIS) <= max_bytes)
			fits = to->len;
		if (to->len <= max_bytes)
			continue;
		g_string_truncate(to, MIN(fits, whole));
		if (max_bytes >= strlen(ELLIPSIS))
			g_string_append(to, ELLIPSIS);
		break;
	}
	return g_string_free(to, FALSE);
}

void slack_append_link(GString *to, const char *url, const char *label, size_t label_max_bytes)
{
	g_autofree char *shown = slack_escape(label, label_max_bytes);

	if (!sink_url_is_safe(url) || !*shown) {
		g_string_append(to, shown);
		return;
	}
	g_string_append_c(to, '<');
	for (const char *p = url; *p; p++) {
		if (*p == '&')
			g_string_append(to, "&amp;");
		else
			g_string_append_c(to, *p);
	}
	(void)g_strdelimit(shown, "|", '/'); /* what a bar in a label does is nowhere said */
	g_string_append_printf(to, "|%s>", shown);
}

void slack_lines_init(struct slack_lines *lines, size_t max_bytes)
{
	*lines = (struct slack_lines){.text = g_string_new(NULL), .max_bytes = max_bytes};
}

bool slack_lines_add(struct slack_lines *lines, char *line)
{
	g_autofree char *owned = line;
	size_t needed = strlen(owned) + (lines->text->len > 0 ? 1 : 0);

	if (lines->text->len + needed > lines->max_bytes) {
		lines->left_out++;
		return false;
	}
	if (lines->text->len > 0)
		g_string_append_c(lines->text, '\n');
	g_string_append(lines->text, owned);
	return true;
}

void slack_lines_done(struct slack_lines *lines)
{
	(void)g_string_free(lines->text, TRUE);
	lines->text = NULL;
}
