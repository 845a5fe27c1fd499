/* badge - see badge.h */
#include "api/badge.h"

#include <inttypes.h>
#include <string.h>

#include "api/dashboard/html.h"
#include "text.h"

#define FONT_PX 11
#define PADDING_PX 6 /* on both sides of each text */
#define HEIGHT_PX 20
#define BASELINE_PX 14

/** Advance widths of U+0020 to U+007E in Verdana, in thousandths of the font's size (its hmtx table
 * in units of 1/2048, rounded). */
static const short widths[] = {
	352,  394, 459, 818, 636, 1076, 727, 269, 454, 454, 636, 818, 364, 454, 364, 454,
	636,  636, 636, 636, 636, 636,  636, 636, 636, 636, 454, 454, 818, 818, 818, 545,
	1000, 684, 686, 698, 771, 632,  575, 775, 751, 421, 455, 693, 557, 843, 748, 787,
	603,  787, 695, 684, 616, 732,  684, 989, 685, 615, 685, 454, 454, 454, 818, 636,
	636,  601, 623, 521, 623, 596,  352, 623, 633, 274, 344, 592, 274, 973, 633, 607,
	623,  623, 427, 521, 394, 633,  592, 818, 592, 592, 525, 635, 454, 635, 818,
};

/** Of all others: letters of other scripts are seldom wider; those that fill two cells are squares. */
#define WIDTH_OTHER 700
#define WIDTH_FULL 1000

static int width_of(gunichar c)
{
	if (c >= 0x20 && c - 0x20 < G_N_ELEMENTS(widths))
		return widths[c - 0x20];
	if (g_unichar_iszerowidth(c))
		return 0;
	return g_unichar_iswide(c) ? WIDTH_FULL : WIDTH_OTHER;
}

int badge_text_width_px(const char *text)
{
	int width = 0;

	for (; *text; text = g_utf8_find_next_char(text, NULL))
		width += width_of(g_utf8_get_char(text));
	return (width * FONT_PX + 999) / 1000;
}

/* In one line, of a bounded length, of characters that XML may hold (XML 1.0, 2.2). */
static char *make_fit(const char *text)
{
	g_autofree char *visible = text_escape_terminal(text);
	g_autoptr(GString) to = g_string_new(NULL);
	glong count = g_utf8_strlen(visible, -1);
	glong shown = count <= BADGE_TEXT_MAX_CHARS ? count : BADGE_TEXT_MAX_CHARS - 1;
	const char *from = visible;

	for (glong i = 0; i < shown; i++, from = g_utf8_find_next_char(from, NULL)) {
		gunichar c = g_utf8_get_char(from);

		g_string_append_unichar(to, c == 0xfffe || c == 0xffff ? 0xfffd : c);
	}
	if (shown < count)
		g_string_append(to, "…");
	return g_strdup(to->str);
}

const char *badge_colour(enum state state)
{
	switch (state) {
	case STATE_OK:
		return "#1a7433";
	case STATE_PENDING:
		return "#8a5a00";
	case STATE_DRIFT:
		return "#b3261e";
	case STATE_PAUSED:
		return "#59636e";
	case STATE_NONE:
	case STATE_UNKNOWN:
		break;
	}
	return "#6639ba";
}

/* textLength: as wide as was reckoned, whatever font there is. */
static void add_text(GString *to, const char *text, int x_px, int width_px)
{
	html_add(to,
		 "<text x=\"%d\" y=\"%d\" textLength=\"%d\" "
		 "lengthAdjust=\"spacingAndGlyphs\">%s</text>",
		 x_px, BASELINE_PX, width_px, text);
}

static void add_part(GString *to, int x_px, int width_px, const char *colour)
{
	html_add(to, "<rect x=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>", x_px, width_px,
		 HEIGHT_PX, colour);
}

char *badge_svg(const struct badge *badge)
{
	g_autofree char *label = make_fit(badge->label);
	g_autofree char *message = make_fit(badge->message);
	int label_px = badge_text_width_px(label);
	int message_px = badge_text_width_px(message);
	int left_px = label_px + 2 * PADDING_PX;
	int right_px = message_px + 2 * PADDING_PX;
	GString *to = g_string_sized_new(1024);

	html_add(
		to,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" role=\"img\" "
		"aria-label=\"%s: %s\"><title>%s: %s</title>",
		left_px + right_px, HEIGHT_PX, label, message, label, message);
	html_add(to, "<clipPath id=\"r\"><rect width=\"%d\" height=\"%d\" rx=\"3\"/></clipPath>",
		 left_px + right_px, HEIGHT_PX);
	g_string_append(to, "<g clip-path=\"url(#r)\">");
	add_part(to, 0, left_px, BADGE_LABEL_COLOUR);
	add_part(to, left_px, right_px, badge_colour(badge->state));
	html_add(to,
		 "</g><g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,Geneva,sans-serif\" "
		 "font-size=\"%d\" aria-hidden=\"true\">",
		 FONT_PX);
	add_text(to, label, PADDING_PX, label_px);
	add_text(to, message, left_px + PADDING_PX, message_px);
	g_string_append(to, "</g></svg>\n");
	return g_string_free(to, FALSE);
}

/* Only what is wrong now: what was seen last, or is meant to be so, is no news. */
char *badge_message(const struct verdict *verdict)
{
	const char *word = state_text(verdict->state);
	bool is_wrong = verdict->state == STATE_PENDING || verdict->state == STATE_DRIFT;

	if (!is_wrong)
		return g_strdup(word);
	if (verdict->relation == RELATION_AHEAD || verdict->relation == RELATION_DIVERGED)
		return g_strdup_printf("%s, %s", word, relation_text(verdict->relation));
	if (verdict->behind && verdict->behind->commits > 0)
		return g_strdup_printf("%s, %" PRId64 " behind", word, verdict->behind->commits);
	return g_strdup(word);
}

char *badge_message_overall(const struct tally *tally)
{
	const char *word = state_text(tally->overall);
	int64_t count = tally->count[tally->overall];

	if (tally->overall == STATE_OK || count == 0)
		return g_strdup(word);
	return g_strdup_printf("%" PRId64 " %s", count, word);
}
