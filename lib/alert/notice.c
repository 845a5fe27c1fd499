/* notice - see notice.h: making, copying, folding and grouping; its JSON is in notice_json.c and
 * notice_decode.c. */
#include "alert/notice.h"

#include <string.h>

/* Targets that one line names. */
#define TEXT_TARGETS 5

static const char *const kind_words[] = {
	[NOTICE_KIND_NONE] = "none",         [NOTICE_KIND_FIRING] = "firing",
	[NOTICE_KIND_WORSE] = "worse",       [NOTICE_KIND_CLOSING] = "closing",
	[NOTICE_KIND_REMINDER] = "reminder", [NOTICE_KIND_DIGEST] = "digest",
	[NOTICE_KIND_TEST] = "test",
};

const char *notice_kind_text(enum notice_kind kind)
{
	return kind_words[kind];
}

enum notice_kind notice_kind_from_text(const char *text)
{
	for (size_t i = 1; text && i < G_N_ELEMENTS(kind_words); i++) {
		if (strcmp(kind_words[i], text) == 0)
			return (enum notice_kind)i;
	}
	return NOTICE_KIND_NONE;
}

struct notice *notice_create(enum notice_kind kind, int64_t created_wall_ms)
{
	struct notice *notice = g_new0(struct notice, 1);

	notice->kind = kind;
	notice->created_wall_ms = created_wall_ms;
	notice->items = g_ptr_array_new_with_free_func((GDestroyNotify)notice_item_free);
	return notice;
}

struct notice_item *notice_item_create(void)
{
	struct notice_item *item = g_new0(struct notice_item, 1);

	item->references = 1;
	item->commits = g_ptr_array_new_with_free_func((GDestroyNotify)notice_commit_free);
	return item;
}

struct notice_item *notice_item_ref(struct notice_item *item)
{
	item->references++;
	return item;
}

struct notice_commit *notice_commit_create(void)
{
	return g_new0(struct notice_commit, 1);
}

struct notice_line *notice_line_create(void)
{
	return g_new0(struct notice_line, 1);
}

struct notice_digest *notice_digest_create(void)
{
	struct notice_digest *digest = g_new0(struct notice_digest, 1);

	digest->score = -1;
	digest->not_ok = g_ptr_array_new_with_free_func((GDestroyNotify)notice_line_free);
	digest->recovered = g_ptr_array_new_with_free_func((GDestroyNotify)notice_line_free);
	return digest;
}

void notice_free(struct notice *notice)
{
	if (!notice)
		return;
	g_ptr_array_unref(notice->items);
	notice_digest_free(notice->digest);
	g_free(notice);
}

void notice_item_free(struct notice_item *item)
{
	if (!item || --item->references > 0)
		return;
	g_free(item->target);
	g_free(item->owner);
	g_free(item->description);
	g_free(item->summary);
	g_free(item->reason);
	g_free(item->worse);
	g_free(item->acknowledged_by);
	g_free(item->cause_key);
	g_free(item->cause_text);
	g_free(item->deployed_short);
	g_free(item->deployed_url);
	g_free(item->head_short);
	g_free(item->head_url);
	g_free(item->compare_url);
	g_ptr_array_unref(item->commits);
	g_free(item->authors);
	g_free(item->deploy_command);
	g_free(item);
}

void notice_commit_free(struct notice_commit *commit)
{
	if (!commit)
		return;
	g_free(commit->short_sha);
	g_free(commit->subject);
	g_free(commit->author);
	g_free(commit->url);
	g_free(commit);
}

void notice_line_free(struct notice_line *line)
{
	if (!line)
		return;
	g_free(line->target);
	g_free(line->summary);
	g_free(line);
}

void notice_digest_free(struct notice_digest *digest)
{
	if (!digest)
		return;
	g_ptr_array_unref(digest->not_ok);
	g_ptr_array_unref(digest->recovered);
	g_free(digest);
}

void notice_add(struct notice *notice, struct notice_item *item)
{
	if (notice->kind == NOTICE_KIND_NONE || item->kind < notice->kind)
		notice->kind = item->kind;
	g_ptr_array_add(notice->items, item);
}

char *notice_incidents_json(const struct notice *notice)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_int64_hash, g_int64_equal);
	GString *text = g_string_new("[");

	for (guint i = 0; i < notice->items->len; i++) {
		struct notice_item *item = notice->items->pdata[i];

		if (g_hash_table_add(seen, &item->incident))
			g_string_append_printf(text, "%s%" PRId64, text->len > 1 ? "," : "",
					       item->incident);
	}
	g_string_append_c(text, ']');
	return g_string_free(text, FALSE);
}

static void copy_lines(GPtrArray *to, const GPtrArray *from)
{
	for (guint i = 0; i < from->len; i++) {
		const struct notice_line *line = from->pdata[i];
		struct notice_line *copy = notice_line_create();

		*copy = *line;
		copy->target = g_strdup(line->target);
		copy->summary = g_strdup(line->summary);
		g_ptr_array_add(to, copy);
	}
}

static struct notice_digest *copy_digest(const struct notice_digest *digest)
{
	struct notice_digest *copy = notice_digest_create();
	GPtrArray *not_ok = copy->not_ok;
	GPtrArray *recovered = copy->recovered;

	*copy = *digest;
	copy->not_ok = not_ok;
	copy->recovered = recovered;
	copy_lines(not_ok, digest->not_ok);
	copy_lines(recovered, digest->recovered);
	return copy;
}

/* All items, in order. Caller unrefs. */
static GPtrArray *all_items(const GPtrArray *notices)
{
	GPtrArray *items = g_ptr_array_new();

	for (guint i = 0; i < notices->len; i++) {
		const struct notice *notice = notices->pdata[i];

		for (guint j = 0; j < notice->items->len; j++)
			g_ptr_array_add(items, notice->items->pdata[j]);
	}
	return items;
}

/* Only the last item of each incident stays, in its place. */
static void keep_last(GPtrArray *items)
{
	g_autoptr(GHashTable) last = g_hash_table_new(g_int64_hash, g_int64_equal);
	guint kept = 0;

	for (guint i = 0; i < items->len; i++) {
		struct notice_item *item = items->pdata[i];

		(void)g_hash_table_replace(last, &item->incident, item); /* new or not */
	}
	for (guint i = 0; i < items->len; i++) {
		struct notice_item *item = items->pdata[i];

		if (g_hash_table_lookup(last, &item->incident) == item)
			items->pdata[kept++] = item;
	}
	g_ptr_array_set_size(items, (gint)kept); /* not more than it had */
}

static const struct notice_digest *last_digest(const GPtrArray *notices)
{
	for (guint i = notices->len; i > 0; i--) {
		const struct notice *notice = notices->pdata[i - 1];

		if (notice->digest)
			return notice->digest;
	}
	return NULL;
}

static int64_t first_created(const GPtrArray *notices)
{
	return notices->len > 0 ? ((const struct notice *)notices->pdata[0])->created_wall_ms : 0;
}

struct notice *notice_fold(const GPtrArray *notices)
{
	g_autoptr(GPtrArray) items = all_items(notices);
	struct notice *folded = notice_create(NOTICE_KIND_NONE, first_created(notices));
	const struct notice_digest *digest = last_digest(notices);

	for (guint i = 0; i < notices->len; i++) {
		const struct notice *notice = notices->pdata[i];

		folded->folded += MAX(notice->folded, 1);
	}
	if (items->len > NOTICE_ITEMS_MAX)
		keep_last(items);
	for (guint i = 0; i < items->len; i++)
		notice_add(folded, notice_item_ref(items->pdata[i]));
	if (items->len > 0)
		return folded;
	folded->kind = digest ? NOTICE_KIND_DIGEST : NOTICE_KIND_TEST;
	folded->digest = digest ? copy_digest(digest) : NULL;
	return folded;
}

static void append_counts(GString *text, const struct notice *notice)
{
	guint count[NOTICE_KIND_TEST + 1] = {0};
	const char *separator = "";

	for (guint i = 0; i < notice->items->len; i++)
		count[((const struct notice_item *)notice->items->pdata[i])->kind]++;
	for (int kind = NOTICE_KIND_FIRING; kind <= NOTICE_KIND_REMINDER; kind++) {
		if (count[kind] == 0)
			continue;
		g_string_append_printf(text, "%s%u %s", separator, count[kind], kind_words[kind]);
		separator = ", ";
	}
}

static void append_targets(GString *text, const struct notice *notice)
{
	guint shown = MIN(notice->items->len, TEXT_TARGETS);

	for (guint i = 0; i < shown; i++) {
		const struct notice_item *item = notice->items->pdata[i];

		g_string_append_printf(text, "%s %s", i == 0 ? ":" : ",", item->target);
	}
	if (notice->items->len > shown)
		g_string_append_printf(text, " and %u more", notice->items->len - shown);
}

static void append_digest(GString *text, const struct notice_digest *digest)
{
	g_string_append(text, "digest: ");
	if (digest->score >= 0)
		g_string_append_printf(text, "score %d, ", digest->score);
	g_string_append_printf(text, "%" PRId64 " not ok, %" PRId64 " recovered",
			       digest->not_ok_total, digest->recovered_total);
}

char *notice_text(const struct notice *notice)
{
	GString *text = g_string_new(NULL);

	if (notice->items->len > 0) {
		append_counts(text, notice);
		append_targets(text, notice);
	} else if (notice->digest) {
		append_digest(text, notice->digest);
	} else {
		g_string_append(text, notice_kind_text(notice->kind));
	}
	if (notice->folded > 0)
		g_string_append_printf(text, " (of %" PRId64 " messages)", notice->folded);
	return g_string_free(text, FALSE);
}

static void unref_group(gpointer group)
{
	g_ptr_array_unref(group);
}

static GPtrArray *add_group(GPtrArray *groups)
{
	GPtrArray *group = g_ptr_array_new();

	g_ptr_array_add(groups, group);
	return group;
}

GPtrArray *notice_groups(const struct notice *notice)
{
	g_autoptr(GHashTable) by_cause =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *groups = g_ptr_array_new_with_free_func(unref_group);

	for (guint i = 0; i < notice->items->len; i++) {
		struct notice_item *item = notice->items->pdata[i];
		char *key;
		GPtrArray *group;

		if (!item->cause_key) {
			g_ptr_array_add(add_group(groups), item);
			continue;
		}
		key = g_strdup_printf("%d %s", (int)item->kind, item->cause_key);
		group = g_hash_table_lookup(by_cause, key);
		if (!group) {
			group = add_group(groups);
			(void)g_hash_table_insert(by_cause, g_strdup(key), group); /* is new */
		}
		g_free(key);
		g_ptr_array_add(group, item);
	}
	return groups;
}
