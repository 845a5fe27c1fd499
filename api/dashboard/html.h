/* html - the pieces that pages are made of. Whatever comes from outside goes through html_text() or a
 * %s of html_add(), and is escaped there. Pure: any thread. Class names are those of dashboard.css. */
#ifndef DRIFT_HTML_H
#define DRIFT_HTML_H

#include "base.h"
#include "eval/verdict.h"

/** Markup as it is in @p format; every %s is escaped (g_markup_vprintf_escaped). For our own words and
 * ids; text from outside is html_text()'s. */
void html_add(GString *to, const char *format, ...) PRINTF_LIKE(2, 3);

/** Text from outside: control characters and those that turn the direction of writing are made
 * visible, then it is escaped, and kept apart from what is around it (<bdi>). NULL: a dash. */
void html_text(GString *to, const char *text);

/** The same for the value of an attribute, without the quotes around it and without <bdi>. */
void html_attribute(GString *to, const char *text);

/** <time>: how long ago (or until then, "in 4 min") as text, the instant in UTC on hover; scripts keep it
 * right. 0: a dash. */
void html_time(GString *to, int64_t wall_ms, int64_t now_wall_ms);

/** The instant itself, "2026-11-20 11:00:03 UTC", in a <time>. 0: a dash. */
void html_instant(GString *to, int64_t wall_ms);

/** A state as colour, icon and word. */
void html_state(GString *to, enum state state);
/** Icon alone, with the word for screen readers. */
void html_state_icon(GString *to, enum state state);

/** "P0", as a chip. */
void html_priority(GString *to, enum priority priority);

/** Short commit id; a link where @p url is an http(s) address. @p sha NULL: a dash. */
void html_commit(GString *to, const char *sha, const char *url);

/** A link to the page of a target ("service/x"), or, where there is none ("repo/x"), its name. */
void html_target(GString *to, const char *id);

/** Text in <code> with a button that copies it (scripts only). */
void html_command(GString *to, const char *command);

/** "1 commit", "4 commits". */
void html_count(GString *to, int64_t count, const char *singular, const char *plural);

/** "1.4 GiB". */
void html_bytes(GString *to, int64_t bytes);

/** Thousands apart: "12,345". */
void html_number(GString *to, int64_t number);

/** Is it an absolute http or https address without white space or control characters? What is none
 * never becomes a link. */
bool html_is_link(const char *url);

#endif
