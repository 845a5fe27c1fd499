/* slack_check - see slack_check.h */
#include "tests/unit/slack_check.h"

#include <check.h>
#include <string.h>

#include "tests/unit/sink_fixture.h"

/* --- Slack's limits, asserted of a whole message --- */

static size_t characters(const char *text)
{
	ck_assert_msg(g_utf8_validate(text, -1, NULL), "not UTF-8: %.200s", text);
	return (size_t)g_utf8_strlen(text, -1);
}

static void check_length(json_object *text, size_t max)
{
	size_t length = characters(sink_fixture_text(text, "text"));

	ck_assert_uint_ge(length, 1); /* Slack refuses empty ones */
	ck_assert_uint_le(length, max);
}

static void check_mrkdwn(json_object *text)
{
	const char *type = sink_fixture_text(text, "type");

	if (g_str_equal(type, "mrkdwn"))
		ck_assert_str_eq(sink_fixture_text(text, "verbatim"), "true");
	else
		ck_assert_str_eq(type, "plain_text");
}

/* Of a link "<URL|LABEL>" only what we made ourselves. */
static void check_markup(const char *text)
{
	for (const char *p = strchr(text, '<'); p; p = strchr(p + 1, '<')) {
		const char *bar = strchr(p, '|');
		const char *end = strchr(p, '>');

		ck_assert_msg(g_str_has_prefix(p, "<http://") || g_str_has_prefix(p, "<https://"),
			      "not a link: %.80s", p);
		ck_assert_msg(bar && end && bar < end && !memchr(p + 1, '<', (size_t)(end - p - 1)),
			      "not a whole link: %.80s", p);
		ck_assert_uint_le((size_t)(bar - p), 3000);
		ck_assert_ptr_null(memchr(p, ' ', (size_t)(bar - p)));
	}
	for (const char *p = strchr(text, '&'); p; p = strchr(p + 1, '&'))
		ck_assert_msg(g_str_has_prefix(p, "&amp;") || g_str_has_prefix(p, "&lt;") ||
				      g_str_has_prefix(p, "&gt;"),
			      "a cut entity: %.20s", p);
	for (const char *p = text; *p; p++)
		ck_assert((unsigned char)*p >= 0x20 || *p == '\n');
	ck_assert_ptr_null(strstr(text, "\xe2\x80\xae")); /* U+202E */
}

static void check_block(json_object *block)
{
	const char *type = sink_fixture_text(block, "type");
	json_object *elements = sink_fixture_at(block, "elements");
	json_object *text = sink_fixture_at(block, "text");

	if (g_str_equal(type, "header")) {
		check_length(text, 150);
		ck_assert_str_eq(sink_fixture_text(text, "type"), "plain_text");
	} else if (g_str_equal(type, "section")) {
		check_length(text, 3000);
		check_mrkdwn(text);
		check_markup(sink_fixture_text(text, "text"));
	} else {
		ck_assert_str_eq(type, "context");
		ck_assert_uint_le(json_object_array_length(elements), 10);
		check_length(json_object_array_get_idx(elements, 0), 2000);
	}
}

void slack_check_limits(const char *body)
{
	json_object *message = sink_fixture_parse(body);
	json_object *blocks = sink_fixture_at(message, "blocks");
	const char *text = sink_fixture_text(message, "text");
	size_t count = blocks ? json_object_array_length(blocks) : 0;

	ck_assert_uint_lt(characters(text), 4000);
	ck_assert_uint_ge(characters(text), 1);
	check_markup(text);
	ck_assert_str_eq(sink_fixture_text(message, "unfurl_links"), "false");
	ck_assert_str_eq(sink_fixture_text(message, "unfurl_media"), "false");
	if (blocks) {
		ck_assert_uint_ge(count, 1);
		ck_assert_uint_le(count, 50);
		ck_assert_uint_lt(
			characters(json_object_to_json_string_ext(
				blocks, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)),
			12000);
	}
	for (size_t i = 0; i < count; i++)
		check_block(json_object_array_get_idx(blocks, i));
	json_object_put(message);
}

char *slack_check_shown(const char *body)
{
	json_object *message = sink_fixture_parse(body);
	json_object *blocks = sink_fixture_at(message, "blocks");
	GString *all = g_string_new(NULL);

	for (size_t i = 0; blocks && i < json_object_array_length(blocks); i++) {
		json_object *block = json_object_array_get_idx(blocks, i);

		g_string_append_printf(all, "%s\n", sink_fixture_text(block, "text.text"));
		g_string_append_printf(all, "%s\n", sink_fixture_text(block, "elements.0.text"));
	}
	json_object_put(message);
	return g_string_free(all, FALSE);
}
