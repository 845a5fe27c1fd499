/* html - see html.h */
#include "api/dashboard/html.h"

#include <string.h>

#include "text.h"
#include "timefmt.h"

/* Longest text of a page: nothing that is worth more is said anywhere. */
#define TEXT_MAX_BYTES 16384

/* A dash stands where there is nothing. */
#define NOTHING "<span class=\"muted\">\xe2\x80\x93</span>"

void html_add(GString *to, const char *format, ...)
{
	va_list arguments;
	g_autofree char *text = NULL;

	va_start(arguments, format);
	text = g_markup_vprintf_escaped(format, arguments);
	va_end(arguments);
	g_string_append(to, text);
}

/* Valid UTF-8 of bounded length, nothing invisible in it, escaped. Caller frees. */
static char *make_safe(const char *text)
{
	g_autofree char *valid = text_to_utf8(text, strlen(text), TEXT_MAX_BYTES);
	g_autofree char *shown = text_escape_terminal(valid);

	return g_markup_escape_text(shown, -1);
}

void html_text(GString *to, const char *text)
{
	g_autofree char *safe = text ? make_safe(text) : NULL;

	if (safe)
		g_string_append_printf(to, "<bdi>%s</bdi>", safe);
	else
		g_string_append(to, NOTHING);
}

void html_attribute(GString *to, const char *text)
{
	g_autofree char *safe = text ? make_safe(text) : NULL;

	if (safe)
		g_string_append(to, safe);
}

/* "2026-11-20 11:00:03 UTC" */
static void append_instant(GString *to, const char *utc)
{
	g_autofree char *text = g_strdup(utc);

	g_strdelimit(text, "T", ' ');
	g_strdelimit(text, "Z", '\0'); /* ends it */
	g_string_append_printf(to, "%s UTC", text);
}

static void open_time(GString *to, int64_t wall_ms, const char *attributes)
{
	char utc[TIMEFMT_BYTES];

	html_add(to, "<time datetime=\"%s\" title=\"", timefmt_utc(wall_ms, utc));
	append_instant(to, utc);
	g_string_append_printf(to, "\"%s>", attributes);
}

void html_time(GString *to, int64_t wall_ms, int64_t now_wall_ms)
{
	bool ahead = wall_ms > now_wall_ms;
	g_autofree char *age = text_age(ABS(now_wall_ms - wall_ms));

	if (wall_ms <= 0) {
		g_string_append(to, NOTHING);
		return;
	}
	open_time(to, wall_ms, " data-relative");
	if (ABS(now_wall_ms - wall_ms) < MS_PER_S)
		g_string_append(to, "now</time>");
	else
		g_string_append_printf(to, "%s%s%s</time>", ahead ? "in " : "", age,
				       ahead ? "" : " ago");
}

void html_instant(GString *to, int64_t wall_ms)
{
	char utc[TIMEFMT_BYTES];

	if (wall_ms <= 0) {
		g_string_append(to, NOTHING);
		return;
	}
	open_time(to, wall_ms, "");
	append_instant(to, timefmt_utc(wall_ms, utc));
	g_string_append(to, "</time>");
}

static const char *shown_state(enum state state)
{
	return state_text(state == STATE_NONE ? STATE_UNKNOWN : state);
}

void html_state(GString *to, enum state state)
{
	const char *word = shown_state(state);

	html_add(to,
		 "<span class=\"state state-%s\"><svg class=\"icon\" aria-hidden=\"true\">"
		 "<use href=\"#i-%s\"/></svg>%s</span>",
		 word, word, word);
}

void html_state_icon(GString *to, enum state state)
{
	const char *word = shown_state(state);

	html_add(to,
		 "<span class=\"state-icon state-%s\" title=\"%s\"><svg class=\"icon\" "
		 "aria-hidden=\"true\"><use href=\"#i-%s\"/></svg>"
		 "<span class=\"visually-hidden\">%s</span></span>",
		 word, word, word, word);
}

void html_priority(GString *to, enum priority priority)
{
	const char *text = priority == PRIORITY_NONE ? NULL : priority_text(priority);

	if (text)
		html_add(to, "<span class=\"priority priority-%s\">%s</span>", text, text);
}

void html_commit(GString *to, const char *sha, const char *url)
{
	g_autofree char *valid = sha ? text_to_utf8(sha, strlen(sha), TEXT_MAX_BYTES) : NULL;
	g_autofree char *brief =
		valid ? g_utf8_substring(valid, 0, MIN(g_utf8_strlen(valid, -1), GIT_SHORT_DIGITS))
		      : NULL;
	bool is_link = html_is_link(url);

	if (!brief) {
		g_string_append(to, NOTHING);
		return;
	}
	g_string_append(to, is_link ? "<a class=\"mono\" rel=\"noreferrer\" href=\""
				    : "<span class=\"mono\"");
	if (is_link)
		html_attribute(to, url);
	g_string_append(to, is_link ? "\" title=\"" : " title=\"");
	html_attribute(to, valid);
	g_string_append(to, "\">");
	html_attribute(to, brief);
	g_string_append(to, is_link ? "</a>" : "</span>");
}

/* Names are letters, digits and "._-" (DESIGN 1): anything else is no target of ours. */
static bool is_target(const char *id)
{
	const char *slash = strchr(id, '/');
	g_autofree char *kind = slash ? g_strndup(id, (gsize)(slash - id)) : NULL;

	return slash && g_ascii_isalnum(slash[1]) &&
	       strspn(slash + 1, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-") ==
		       strlen(slash + 1) &&
	       target_kind_from_text(kind) != TARGET_KIND_NONE;
}

void html_target(GString *to, const char *id)
{
	if (id && is_target(id))
		html_add(to, "<a class=\"target\" href=\"/drift/%s\">%s</a>", id, id);
	else
		html_text(to, id);
}

void html_command(GString *to, const char *command)
{
	g_string_append(to, "<div class=\"code\"><code>");
	html_attribute(to, command);
	g_string_append(to, "</code><button type=\"button\" class=\"button js-only\" data-copy=\"");
	html_attribute(to, command);
	g_string_append(to,
			"\"><svg class=\"icon\" aria-hidden=\"true\"><use href=\"#i-copy\"/></svg>"
			"<span>copy</span></button></div>");
}

void html_number(GString *to, int64_t number)
{
	char digits[24];
	int length = 0;

	(void)g_snprintf(digits, sizeof(digits), "%" PRIu64, /* INT64_MIN has no positive twin */
			 number < 0 ? (uint64_t)0 - (uint64_t)number : (uint64_t)number);
	length = (int)strlen(digits);
	if (number < 0)
		g_string_append(to, "\xe2\x88\x92"); /* U+2212 */
	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			g_string_append_c(to, ',');
		g_string_append_c(to, digits[i]);
	}
}

void html_count(GString *to, int64_t count, const char *singular, const char *plural)
{
	html_number(to, count);
	html_add(to, " %s", count == 1 ? singular : plural);
}

void html_bytes(GString *to, int64_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes;
	size_t unit = 0;

	/* 1023.95 would be shown as 1024.0 */
	while (value >= (unit == 0 ? 1024.0 : 1023.95) && unit + 1 < G_N_ELEMENTS(units)) {
		value /= 1024;
		unit++;
	}
	if (unit == 0)
		html_number(to, bytes);
	else
		g_string_append_printf(to, "%.1f", value);
	g_string_append_printf(to, " %s", units[unit]);
}

static bool has_scheme(const char *url)
{
	return g_ascii_strncasecmp(url, "http://", 7) == 0 ||
	       g_ascii_strncasecmp(url, "https://", 8) == 0;
}

bool html_is_link(const char *url)
{
	g_autoptr(GUri) uri = NULL;
	const char *host = NULL;

	if (!url || !has_scheme(url) || !g_utf8_validate(url, -1, NULL))
		return false;
	for (const char *at = url; *at; at = g_utf8_find_next_char(at, NULL)) {
		gunichar c = g_utf8_get_char(at);

		if (g_unichar_isspace(c) || g_unichar_iscntrl(c) || c == '\\' ||
		    g_unichar_type(c) == G_UNICODE_FORMAT)
			return false;
	}
	uri = g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL);
	host = uri ? g_uri_get_host(uri) : NULL;
	return host && *host;
}
