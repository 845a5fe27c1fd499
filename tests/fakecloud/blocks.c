/* blocks - see blocks.h */
#include "tests/fakecloud/blocks.h"

#include "tests/fakecloud/jsn.h"

#include <stdarg.h>
#include <string.h>

#define BLOCKS_MAX 50
#define TEXT_MAX_CHARS 3000
#define HEADER_MAX_CHARS 150
#define FIELDS_MAX 10
#define FIELD_MAX_CHARS 2000
#define CONTEXT_ELEMENTS_MAX 10
#define ACTIONS_ELEMENTS_MAX 25
#define BUTTON_MAX_CHARS 75
#define VALUE_MAX_CHARS 2000
#define URL_MAX_CHARS 3000
#define ALT_MAX_CHARS 2000
#define ID_MAX_CHARS 255

/** All blocks together, written as compact JSON: nowhere documented; containers count
 * (slackapi/bolt-js issues 2509, 2867). */
#define TOTAL_MAX_CHARS 13000

/** One check of a message. */
struct checking {
	char *detail;    /* what is wrong first; NULL: nothing yet */
	GHashTable *ids; /* block_id and action_id that were seen; borrowed keys */
};

/** Remember what is wrong; always false. */
static bool G_GNUC_PRINTF(2, 3) wrong(struct checking *checking, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	if (!checking->detail)
		checking->detail = g_strdup_vprintf(format, list);
	va_end(list);
	return false;
}

size_t blocks_chars(const char *text)
{
	size_t units = 0;

	for (const char *at = text; *at; at = g_utf8_find_next_char(at, NULL))
		units += g_utf8_get_char(at) > 0xFFFF ? 2 : 1;
	return units;
}

/** Are all members of @p object among @p names, separated by blanks? Slack refuses others. */
static bool only_members(struct checking *checking, json_object *object, const char *names)
{
	g_auto(GStrv) known = g_strsplit(names, " ", -1);

	json_object_object_foreach(object, name, value)
	{
		if (!g_strv_contains((const char *const *)known, name))
			return wrong(checking, "invalid additional property: %s", name);
		if (!value)
			return wrong(checking, "%s is null", name);
	}
	return true;
}

/** Is member @p name text of 1..max characters? Absent is fine unless @p required. */
static bool text_member(struct checking *checking, json_object *object, const char *name,
			size_t max, bool required)
{
	json_object *value = jsn_at(object, name);
	size_t chars = 0;

	if (!value)
		return required ? wrong(checking, "missing required field: %s", name) : true;
	if (!json_object_is_type(value, json_type_string))
		return wrong(checking, "%s is no string", name);
	chars = blocks_chars(json_object_get_string(value));
	if (chars == 0 || chars > max)
		return wrong(checking, "%s has %zu characters, not 1 to %zu", name, chars, max);
	return true;
}

/** An id no other block or element has. */
static bool id_member(struct checking *checking, json_object *object, const char *name)
{
	const char *id = jsn_text(object, name, NULL);

	if (!id)
		return true;
	if (!text_member(checking, object, name, ID_MAX_CHARS, false))
		return false;
	return g_hash_table_add(checking->ids, (gpointer)(uintptr_t)id) ||
	       wrong(checking, "%s \"%s\" twice", name, id);
}

/** An absolute link to a web page. */
static bool url_member(struct checking *checking, json_object *object, const char *name,
		       bool required)
{
	const char *url = jsn_text(object, name, NULL);

	if (!text_member(checking, object, name, URL_MAX_CHARS, required))
		return false;
	if (url && !g_str_has_prefix(url, "http://") && !g_str_has_prefix(url, "https://"))
		return wrong(checking, "%s is no link", name);
	return true;
}

/** A text object. @p plain: mrkdwn is not allowed. */
static bool text_object(struct checking *checking, json_object *object, size_t max, bool plain)
{
	const char *type = NULL;

	if (!json_object_is_type(object, json_type_object))
		return wrong(checking, "a text object is missing");
	type = jsn_text(object, "type", "");
	if (g_str_equal(type, "plain_text"))
		return only_members(checking, object, "type text emoji") &&
		       text_member(checking, object, "text", max, true);
	if (plain || !g_str_equal(type, "mrkdwn"))
		return wrong(checking, "a text object of type \"%s\"", type);
	return only_members(checking, object, "type text verbatim") &&
	       text_member(checking, object, "text", max, true);
}

static bool image_object(struct checking *checking, json_object *object, const char *members)
{
	return only_members(checking, object, members) &&
	       url_member(checking, object, "image_url", true) &&
	       text_member(checking, object, "alt_text", ALT_MAX_CHARS, true);
}

static bool button(struct checking *checking, json_object *object)
{
	const char *style = jsn_text(object, "style", "primary");

	if (!g_str_equal(style, "primary") && !g_str_equal(style, "danger"))
		return wrong(checking, "style \"%s\"", style);
	return only_members(checking, object,
			    "type text action_id url value style confirm accessibility_label") &&
	       text_object(checking, jsn_at(object, "text"), BUTTON_MAX_CHARS, true) &&
	       url_member(checking, object, "url", false) &&
	       text_member(checking, object, "value", VALUE_MAX_CHARS, false) &&
	       text_member(checking, object, "accessibility_label", BUTTON_MAX_CHARS, false) &&
	       id_member(checking, object, "action_id");
}

/** What may stand beside a section or in a row of actions. */
static bool interactive(struct checking *checking, json_object *object, bool image_too)
{
	static const char *const others[] = {
		"checkboxes",      "datepicker",    "datetimepicker",  "multi_static_select",
		"overflow",        "radio_buttons", "static_select",   "timepicker",
		"workflow_button", "users_select",  "channels_select", NULL,
	};
	const char *type = jsn_text(object, "type", "");

	if (!json_object_is_type(object, json_type_object))
		return wrong(checking, "an element is no object");
	if (g_str_equal(type, "button"))
		return button(checking, object);
	if (image_too && g_str_equal(type, "image"))
		return image_object(checking, object, "type image_url alt_text");
	return g_strv_contains(others, type) || wrong(checking, "an element \"%s\"", type);
}

/** A list of min..max members. */
static bool list_member(struct checking *checking, json_object *block, const char *name, size_t max)
{
	size_t count = jsn_length(jsn_at(block, name));

	return (count >= 1 && count <= max) ||
	       wrong(checking, "%zu %s, not 1 to %zu", count, name, max);
}

/* --- blocks --- */

static bool check_section(struct checking *checking, json_object *block)
{
	json_object *fields = jsn_at(block, "fields"), *text = jsn_at(block, "text");
	json_object *accessory = jsn_at(block, "accessory");

	if (!only_members(checking, block, "type block_id text fields accessory expand"))
		return false;
	if (!fields || text) {
		if (!text_object(checking, text, TEXT_MAX_CHARS, false))
			return false;
	}
	if (fields && !list_member(checking, block, "fields", FIELDS_MAX))
		return false;
	for (size_t i = 0; i < jsn_length(fields); i++) {
		if (!text_object(checking, json_object_array_get_idx(fields, i), FIELD_MAX_CHARS,
				 false))
			return false;
	}
	return !accessory || interactive(checking, accessory, true);
}

static bool check_header(struct checking *checking, json_object *block)
{
	return only_members(checking, block, "type block_id text level") &&
	       text_object(checking, jsn_at(block, "text"), HEADER_MAX_CHARS, true);
}

static bool check_divider(struct checking *checking, json_object *block)
{
	return only_members(checking, block, "type block_id");
}

static bool check_context(struct checking *checking, json_object *block)
{
	json_object *elements = jsn_at(block, "elements");

	if (!only_members(checking, block, "type block_id elements") ||
	    !list_member(checking, block, "elements", CONTEXT_ELEMENTS_MAX))
		return false;
	for (size_t i = 0; i < jsn_length(elements); i++) {
		json_object *element = json_object_array_get_idx(elements, i);

		if (g_str_equal(jsn_text(element, "type", ""), "image")) {
			if (!image_object(checking, element, "type image_url alt_text"))
				return false;
		} else if (!text_object(checking, element, TEXT_MAX_CHARS, false)) {
			return false;
		}
	}
	return true;
}

static bool check_actions(struct checking *checking, json_object *block)
{
	json_object *elements = jsn_at(block, "elements");

	if (!only_members(checking, block, "type block_id elements") ||
	    !list_member(checking, block, "elements", ACTIONS_ELEMENTS_MAX))
		return false;
	for (size_t i = 0; i < jsn_length(elements); i++) {
		if (!interactive(checking, json_object_array_get_idx(elements, i), false))
			return false;
	}
	return true;
}

static bool check_image(struct checking *checking, json_object *block)
{
	return image_object(checking, block, "type block_id image_url alt_text title");
}

static bool check_markdown(struct checking *checking, json_object *block)
{
	return only_members(checking, block, "type block_id text") &&
	       text_member(checking, block, "text", 12000, true);
}

/** Of these only the name is known here. */
static bool check_nothing(struct checking *checking, json_object *block)
{
	(void)checking;
	(void)block;
	return true;
}

static bool check_block(struct checking *checking, json_object *block)
{
	static const struct {
		const char *type;
		bool (*check)(struct checking *checking, json_object *block);
	} types[] = {
		{"section", check_section},   {"header", check_header},
		{"divider", check_divider},   {"context", check_context},
		{"actions", check_actions},   {"image", check_image},
		{"markdown", check_markdown}, {"rich_text", check_nothing},
		{"table", check_nothing},     {"video", check_nothing},
	};
	const char *type = jsn_text(block, "type", "");

	if (!json_object_is_type(block, json_type_object))
		return wrong(checking, "a block is no object");
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		if (g_str_equal(types[i].type, type))
			return id_member(checking, block, "block_id") &&
			       types[i].check(checking, block);
	}
	return wrong(checking, "unsupported block type: %s", type);
}

static bool check_blocks(struct checking *checking, json_object *blocks)
{
	size_t count = jsn_length(blocks);

	if (!json_object_is_type(blocks, json_type_array))
		return wrong(checking, "blocks is no list");
	if (count > BLOCKS_MAX)
		return wrong(checking, "%zu blocks, at most %d", count, BLOCKS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (!check_block(checking, json_object_array_get_idx(blocks, i))) {
			g_autofree char *what = g_steal_pointer(&checking->detail);

			return wrong(checking, "/blocks/%zu: %s", i, what);
		}
	}
	return true;
}

static bool is_text(json_object *message)
{
	json_object *text = jsn_at(message, "text");

	return json_object_is_type(text, json_type_string) && json_object_get_string_len(text) > 0;
}

const char *blocks_problem(json_object *message, char **ret_detail)
{
	json_object *blocks = jsn_at(message, "blocks");
	struct checking checking = {.ids = g_hash_table_new(g_str_hash, g_str_equal)};
	const char *word = NULL;
	size_t chars = 0;

	if (!is_text(message) && (!blocks || jsn_length(blocks) == 0)) {
		(void)wrong(&checking, "neither text nor blocks");
		word = "no_text";
	} else if (blocks && !check_blocks(&checking, blocks)) {
		word = "invalid_blocks";
	} else if (blocks) {
		chars = blocks_chars(json_object_to_json_string_ext(
			blocks, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
		if (chars > TOTAL_MAX_CHARS) {
			(void)wrong(&checking, "%zu characters of blocks, at most %d", chars,
				    TOTAL_MAX_CHARS);
			word = "msg_blocks_too_long";
		}
	}
	g_hash_table_unref(checking.ids);
	*ret_detail = checking.detail;
	return word;
}
