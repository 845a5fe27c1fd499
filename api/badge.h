/* badge - a state as a small picture in two parts, as README files show them: SVG 1.1, one line of
 * text, no script, no style, nothing loaded. Pure: any thread. */
#ifndef DRIFT_BADGE_H
#define DRIFT_BADGE_H

#include "base.h"
#include "eval/verdict.h"

/** Most characters of a label, and of a message: as many as a target's name has. What is longer ends
 * with "…". Characters that are made visible count as what they become. */
#define BADGE_TEXT_MAX_CHARS 100

/** What an escaped character (U+202E as "\u202e") and one in UTF-8 come to at most. */
#define BADGE_MAX_BYTES ((size_t)8192)

struct badge {
	const char *label;   /* left: UTF-8, from outside */
	const char *message; /* right: UTF-8, begins with the word of the state */
	enum state state;    /* colour of the right part; the message says it too */
};

/** At most BADGE_MAX_BYTES. Caller frees. */
char *badge_svg(const struct badge *badge);

/** "drift, 4 behind"; "ok". Caller frees. */
char *badge_message(const struct verdict *verdict);

/** "2 drift"; "ok"; "unknown" when nothing was evaluated. Caller frees. */
char *badge_message_overall(const struct tally *tally);

/** Width of @p text in 11 px Verdana, in pixels, rounded up. DejaVu Sans is as wide, within a few
 * hundredths: it was drawn after it. */
int badge_text_width_px(const char *text);

/** "#rrggbb" under white text; every one keeps 4.5 to 1 (WCAG 2.2, 1.4.3). Static. */
const char *badge_colour(enum state state);

/** Likewise, of the left part. */
#define BADGE_LABEL_COLOUR "#3b434d"

#endif
