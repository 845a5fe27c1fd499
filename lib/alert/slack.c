/* slack - a notice as Block Kit, within Slack's limits whatever is in it: as much in detail as has
 * room, then a line each, then a number. */
#include "alert/slack_private.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "version.h"

/* Kept free for what is said at the end: how many were left out, and the context block. */
#define END_BYTES 900
#define END_BLOCKS 3

/* A longer public-url is not worth its room behind "… and 9 more". */
#define SHORT_URL_MAX_BYTES 200

/* With too much for details of everything, details take so much, and lines the rest. */
#define DETAILS_MAX_BYTES 6000

/* More groups than this cannot all be shown in detail: it is not even tried. */
#define DETAILS_MAX_GROUPS 16

/* Blocks while they are made. */
struct page {
	json_object *blocks;
	size_t bytes; /* as JSON */
};

/* Takes @p block when it fits below @p max_bytes. */
static bool page_add(struct page *page, json_object *block, size_t max_bytes, size_t max_blocks)
{
	size_t length = 0;

	(void)json_object_to_json_string_length(
		block, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
	if (json_object_array_length(page->blocks) >= max_blocks ||
	    page->bytes + length + 1 > max_bytes) {
		json_object_put(block);
		return false;
	}
	page->bytes += length + 1;
	json_append(page->blocks, block);
	return true;
}

static json_object *make_text(const char *type, const char *text)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "type", type);
	json_add_text(object, "text", text);
	if (g_str_equal(type, "mrkdwn")) /* no link, channel or mention is made of bare words */
		json_add_bool(object, "verbatim", true);
	else
		json_add_bool(object, "emoji", false);
	return object;
}

static json_object *make_section(const char *text)
{
	json_object *block = json_object_new_object();

	json_add_text(block, "type", "section");
	json_add(block, "text", make_text("mrkdwn", text));
	return block;
}

static json_object *make_header(const char *text)
{
	json_object *block = json_object_new_object();
	g_autofree char *shown = slack_escape(text, SLACK_HEADER_MAX_BYTES);

	json_add_text(block, "type", "header");
	json_add(block, "text", make_text("plain_text", shown));
	return block;
}

static json_object *make_context(const char *text)
{
	json_object *block = json_object_new_object();
	json_object *elements = json_object_new_array();

	json_append(elements, make_text("mrkdwn", text));
	json_add_text(block, "type", "context");
	json_add(block, "elements", elements);
	return block;
}

/* Facts, then what to do; both or none. */
static bool add_details(struct page *page, const struct sink_context *context,
			const GPtrArray *group, size_t max_bytes)
{
	struct page before = *page;
	size_t count = json_object_array_length(page->blocks);
	struct slack_lines facts, work;
	bool added = false;

	slack_lines_init(&facts, SLACK_SECTION_MAX_BYTES);
	slack_lines_init(&work, SLACK_SECTION_MAX_BYTES);
	slack_add_facts(&facts, context, group);
	slack_add_work(&work, context, group);
	added = page_add(page, make_section(facts.text->str), max_bytes,
			 SLACK_BLOCKS_MAX - END_BLOCKS);
	if (added && work.text->len > 0)
		added = page_add(page, make_section(work.text->str), max_bytes,
				 SLACK_BLOCKS_MAX - END_BLOCKS);
	if (!added && json_object_array_length(page->blocks) > count) {
		(void)json_object_array_del_idx(page->blocks, count, 1); /* is there */
		page->bytes = before.bytes;
	}
	slack_lines_done(&facts);
	slack_lines_done(&work);
	return added;
}

/* Lines in as few sections as they need; how many were added. */
static guint add_lines(struct page *page, const GPtrArray *lines)
{
	const size_t max_bytes = SLACK_ALL_BLOCKS_MAX_BYTES - END_BYTES;
	guint done = 0;

	while (done < lines->len) {
		size_t room = max_bytes > page->bytes ? max_bytes - page->bytes : 0;
		struct slack_lines section;
		guint end = done;
		bool added = false;

		/* quotes and the like take two bytes in JSON: half the room is enough at any rate */
		slack_lines_init(&section, MIN(SLACK_SECTION_MAX_BYTES, room / 2));
		while (end < lines->len && slack_lines_add(&section, g_strdup(lines->pdata[end])))
			end++;
		added = end > done && page_add(page, make_section(section.text->str), max_bytes,
					       SLACK_BLOCKS_MAX - END_BLOCKS);
		slack_lines_done(&section);
		if (!added)
			break;
		done = end;
	}
	return done;
}

static void add_left_out(struct page *page, const struct sink_context *context, int64_t count)
{
	GString *text = g_string_new(NULL);
	g_autofree char *url =
		context->public_url ? g_strconcat(context->public_url, "/", NULL) : NULL;

	if (count > 0) {
		g_string_append_printf(text, "… and %" PRId64 " more", count);
		if (url && sink_url_is_safe(url) && strlen(url) <= SHORT_URL_MAX_BYTES) {
			g_string_append(text, ": ");
			slack_append_link(text, url, "dashboard", SLACK_HEADER_MAX_BYTES);
		}
		(void)page_add(page, make_section(text->str), SLACK_ALL_BLOCKS_MAX_BYTES,
			       SLACK_BLOCKS_MAX); /* END_BYTES are kept for it */
	}
	(void)g_string_free(text, TRUE);
}

static guint count_items(const GPtrArray *groups, guint from)
{
	guint count = 0;

	for (guint i = from; i < groups->len; i++)
		count += ((const GPtrArray *)groups->pdata[i])->len;
	return count;
}

/* Details of the first groups; how many. */
static guint add_detailed(struct page *page, const struct sink_context *context,
			  const GPtrArray *groups, size_t max_bytes)
{
	guint done = 0;

	while (done < groups->len && add_details(page, context, groups->pdata[done], max_bytes))
		done++;
	return done;
}

static void page_cut(struct page *page, size_t count, size_t bytes)
{
	size_t length = json_object_array_length(page->blocks);

	if (length > count) /* del_idx refuses an empty range */
		(void)json_object_array_del_idx(page->blocks, count, length - count);
	page->bytes = bytes;
}

static void add_items(struct page *page, const struct sink_context *context,
		      const GPtrArray *groups)
{
	size_t count = json_object_array_length(page->blocks);
	size_t bytes = page->bytes;
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	guint done = 0;

	if (groups->len <= DETAILS_MAX_GROUPS)
		done = add_detailed(page, context, groups, SLACK_ALL_BLOCKS_MAX_BYTES - END_BYTES);
	if (done < groups->len) {
		page_cut(page, count, bytes);
		done = add_detailed(page, context, groups, DETAILS_MAX_BYTES);
	}
	/* no line is so short that more would have room */
	for (guint i = done; i < groups->len && lines->len < SLACK_ALL_BLOCKS_MAX_BYTES / 8; i++) {
		g_autofree char *line = slack_short_line(context, groups->pdata[i]);

		g_ptr_array_add(lines, g_strconcat("• ", line, NULL));
	}
	done += add_lines(page, lines);
	add_left_out(page, context, count_items(groups, done));
}

static void add_list(struct page *page, const struct sink_context *context, const char *title,
		     const GPtrArray *list, int64_t total, bool recovered)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	guint shown = 0;

	if (list->len == 0 && total == 0)
		return;
	g_ptr_array_add(lines, g_strdup(title));
	for (guint i = 0; i < MIN(list->len, NOTICE_LINES_MAX); i++)
		g_ptr_array_add(lines, slack_digest_line(context, list->pdata[i], recovered));
	shown = add_lines(page, lines);
	shown -= shown > 0 ? 1 : 0; /* the title */
	add_left_out(page, context, MAX(total, (int64_t)list->len) - (int64_t)shown);
}

/* What a digest says in any case. */
static char *digest_facts(const struct sink_context *context, const struct notice_digest *digest)
{
	g_autofree char *counts = sink_counts(digest);
	g_autofree char *since = sink_time(context, digest->since_wall_ms);
	bool well = digest->overall == STATE_OK && digest->not_ok_total == 0;

	return g_strdup_printf("%s%s%s%s", well ? "All is well: " : "", counts,
			       digest->since_wall_ms > 0 ? "\nthe digest before was of " : "",
			       digest->since_wall_ms > 0 ? since : "");
}

static void add_digest(struct page *page, const struct sink_context *context,
		       const struct notice_digest *digest)
{
	g_autofree char *facts = digest_facts(context, digest);

	(void)page_add(page, make_section(facts), SLACK_ALL_BLOCKS_MAX_BYTES, SLACK_BLOCKS_MAX);
	add_list(page, context, "*Not ok:*", digest->not_ok, digest->not_ok_total, false);
	add_list(page, context, "*Recovered:*", digest->recovered, digest->recovered_total, true);
}

/* A lone item names itself. */
static char *make_headline(const struct sink_context *context, const struct notice *notice)
{
	const struct notice_item *item = NULL;
	g_autofree char *word = NULL;
	g_autofree char *target = NULL;

	if (notice->items->len != 1)
		return sink_headline(notice);
	item = notice->items->pdata[0];
	word = sink_word(item, context->now_wall_ms);
	target = sink_line(item->target, SLACK_HEADER_MAX_BYTES / 2);
	return g_strdup_printf(
		"%s: %s%s%s", word, target, item->priority != PRIORITY_NONE ? ", " : "",
		item->priority != PRIORITY_NONE ? priority_text(item->priority) : "");
}

static char *test_text(const struct sink_context *context)
{
	g_autofree char *channel = slack_escape(context->channel->id, SLACK_HEADER_MAX_BYTES);

	return g_strdup_printf("This is a test: what is routed to channel %s arrives here.",
			       channel);
}

static char *footer_text(const struct sink_context *context, const struct notice *notice)
{
	GString *text = g_string_new("driftd ");

	g_string_append(text, version_number);
	if (context->notification > 0)
		g_string_append_printf(text, " · message %" PRId64, context->notification);
	if (notice->folded > 1)
		g_string_append_printf(text, " · %" PRId64 " messages in one", notice->folded);
	return g_string_free(text, FALSE);
}

static json_object *make_blocks(const struct sink_context *context, const struct notice *notice,
				const GPtrArray *groups)
{
	struct page page = {.blocks = json_object_new_array(), .bytes = 2};
	g_autofree char *headline = make_headline(context, notice);
	g_autofree char *footer = footer_text(context, notice);
	g_autofree char *test = NULL;

	(void)page_add(&page, make_header(headline), SLACK_ALL_BLOCKS_MAX_BYTES, SLACK_BLOCKS_MAX);
	if (groups->len > 0)
		add_items(&page, context, groups);
	if (notice->digest)
		add_digest(&page, context, notice->digest);
	if (notice->kind == NOTICE_KIND_TEST) {
		test = test_text(context);
		(void)page_add(&page, make_section(test), SLACK_ALL_BLOCKS_MAX_BYTES,
			       SLACK_BLOCKS_MAX);
	}
	/* the first, and there is room at the end */
	(void)page_add(&page, make_context(footer), SLACK_ALL_BLOCKS_MAX_BYTES, SLACK_BLOCKS_MAX);
	return page.blocks;
}

static void add_text_list(struct slack_lines *lines, const struct sink_context *context,
			  const char *title, const GPtrArray *list, int64_t total, bool recovered)
{
	guint shown = 0;
	int64_t left = 0;

	if (list->len == 0 && total == 0)
		return;
	(void)slack_lines_add(lines, g_strdup(title)); /* or nothing below it has room */
	while (shown < MIN(list->len, NOTICE_LINES_MAX) &&
	       slack_lines_add(lines, slack_digest_line(context, list->pdata[shown], recovered)))
		shown++;
	left = MAX(total, (int64_t)list->len) - (int64_t)shown;
	if (left > 0)
		(void)slack_lines_add(lines, g_strdup_printf("… and %" PRId64 " more", left));
}

static void add_text_digest(struct slack_lines *lines, const struct sink_context *context,
			    const struct notice_digest *digest)
{
	(void)slack_lines_add(lines, digest_facts(context, digest)); /* comes first: fits */
	add_text_list(lines, context, "Not ok:", digest->not_ok, digest->not_ok_total, false);
	add_text_list(lines, context, "Recovered:", digest->recovered, digest->recovered_total,
		      true);
}

/* Everything about the only group there is, when it must do without blocks. */
static void add_text_details(struct slack_lines *lines, const struct sink_context *context,
			     const GPtrArray *groups)
{
	for (guint i = 0; i < groups->len; i++) {
		if (lines->text->len > lines->max_bytes / 3)
			return;
		slack_add_facts(lines, context, groups->pdata[i]);
		slack_add_work(lines, context, groups->pdata[i]);
	}
}

static void add_text_items(struct slack_lines *lines, const struct sink_context *context,
			   const GPtrArray *groups)
{
	guint done = 0;

	for (; done < groups->len; done++) {
		if (!slack_lines_add(lines, slack_short_line(context, groups->pdata[done])))
			break;
	}
	if (done < groups->len) {
		lines->max_bytes = SLACK_TEXT_MAX_BYTES; /* room was kept for this */
		(void)slack_lines_add(lines,
				      g_strdup_printf("… and %u more", count_items(groups, done)));
	}
}

/* What notifications and screen readers get, and everybody when Slack does not take the blocks. */
static char *make_plain(const struct sink_context *context, const struct notice *notice,
			const GPtrArray *groups)
{
	struct slack_lines lines;

	slack_lines_init(&lines, SLACK_TEXT_MAX_BYTES - END_BYTES);
	if (groups->len != 1)
		(void)slack_lines_add(&lines, sink_headline(notice)); /* comes first: fits */
	add_text_items(&lines, context, groups);
	if (notice->digest)
		add_text_digest(&lines, context, notice->digest);
	if (notice->kind == NOTICE_KIND_TEST)
		(void)slack_lines_add(&lines, test_text(context)); /* there is nothing else */
	if (context->plain && groups->len > 0)
		add_text_details(&lines, context, groups);
	return g_string_free(lines.text, FALSE);
}

char *slack_encode(const struct sink_context *context, const struct notice *notice)
{
	json_object *message = json_object_new_object();
	g_autoptr(GPtrArray) groups = notice_groups(notice);
	g_autofree char *text = make_plain(context, notice, groups);
	char *body = NULL;

	json_add_text(message, "text", text);
	if (!context->plain)
		json_add(message, "blocks", make_blocks(context, notice, groups));
	json_add_bool(message, "unfurl_links", false);
	json_add_bool(message, "unfurl_media", false);
	body = json_to_text(message, NULL);
	json_object_put(message);
	return body;
}
