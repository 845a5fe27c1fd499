/* notice_json - a notice as the outbox keeps it. Members that say nothing (NULL, 0, false) are left
 * out. */
#include "alert/notice_fields.h"

#include "json.h"

#define ITEM_TEXT(member, needed, extent)                                                          \
	{                                                                                          \
#member, offsetof(struct notice_item, member), needed, NOTICE_EXTENT_##extent      \
	}
#define ITEM_NUMBER(member)                                                                        \
	{                                                                                          \
#member, offsetof(struct notice_item, member)                                      \
	}
#define COMMIT_TEXT(member, needed)                                                                \
	{                                                                                          \
#member, offsetof(struct notice_commit, member), needed, NOTICE_EXTENT_ALWAYS      \
	}
#define DIGEST_NUMBER(member)                                                                      \
	{                                                                                          \
#member, offsetof(struct notice_digest, member)                                    \
	}

const struct notice_text_field notice_item_texts[] = {
	ITEM_TEXT(target, true, ALWAYS),          ITEM_TEXT(owner, false, SHORT),
	ITEM_TEXT(description, false, FULL),      ITEM_TEXT(summary, true, SHORT),
	ITEM_TEXT(reason, false, FULL),           ITEM_TEXT(worse, false, SHORT),
	ITEM_TEXT(acknowledged_by, false, SHORT), ITEM_TEXT(cause_key, false, SHORT),
	ITEM_TEXT(cause_text, false, SHORT),      ITEM_TEXT(deployed_short, false, FULL),
	ITEM_TEXT(deployed_url, false, FULL),     ITEM_TEXT(head_short, false, FULL),
	ITEM_TEXT(head_url, false, FULL),         ITEM_TEXT(compare_url, false, FULL),
	ITEM_TEXT(authors, false, FULL),          ITEM_TEXT(deploy_command, false, FULL),
};
const size_t notice_item_text_count = G_N_ELEMENTS(notice_item_texts);

const struct notice_number_field notice_item_numbers[] = {
	ITEM_NUMBER(incident),
	ITEM_NUMBER(opened_wall_ms),
	ITEM_NUMBER(ended_wall_ms),
	ITEM_NUMBER(commits_total),
};
const size_t notice_item_number_count = G_N_ELEMENTS(notice_item_numbers);

const struct notice_text_field notice_commit_texts[] = {
	COMMIT_TEXT(short_sha, true),
	COMMIT_TEXT(subject, true),
	COMMIT_TEXT(author, true),
	COMMIT_TEXT(url, false),
};
const size_t notice_commit_text_count = G_N_ELEMENTS(notice_commit_texts);

const struct notice_number_field notice_digest_numbers[] = {
	DIGEST_NUMBER(evaluated),    DIGEST_NUMBER(targets_total),   DIGEST_NUMBER(since_wall_ms),
	DIGEST_NUMBER(not_ok_total), DIGEST_NUMBER(recovered_total),
};
const size_t notice_digest_number_count = G_N_ELEMENTS(notice_digest_numbers);

const char *notice_count_name(enum state state)
{
	return state == STATE_NONE ? NULL : state_text(state);
}

static const char *text_at(const void *object, size_t offset)
{
	return *(char *const *)(const void *)((const char *)object + offset);
}

static int64_t number_at(const void *object, size_t offset)
{
	return *(const int64_t *)(const void *)((const char *)object + offset);
}

static void add_number(json_object *object, const char *name, int64_t number)
{
	if (number != 0)
		json_add_int(object, name, number);
}

static void add_word(json_object *object, const char *name, const char *word)
{
	if (word)
		json_add_text(object, name, word);
}

static json_object *commit_to_json(const struct notice_commit *commit)
{
	json_object *object = json_object_new_object();

	for (size_t i = 0; i < notice_commit_text_count; i++)
		add_word(object, notice_commit_texts[i].name,
			 text_at(commit, notice_commit_texts[i].offset));
	return object;
}

static void add_commits(json_object *object, const GPtrArray *commits)
{
	json_object *array;

	if (commits->len == 0)
		return;
	array = json_object_new_array();
	for (guint i = 0; i < commits->len && i < NOTICE_COMMITS_MAX; i++)
		json_append(array, commit_to_json(commits->pdata[i]));
	json_add(object, "commits", array);
}

static json_object *item_to_json(const struct notice_item *item, enum notice_extent extent)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "kind", notice_kind_text(item->kind));
	json_add_text(object, "priority", priority_text(item->priority));
	json_add_text(object, "cause", incident_cause_text(item->cause));
	json_add_text(object, "status", incident_status_text(item->status));
	json_add_text(object, "state", state_text(item->state));
	if (item->reopened)
		json_add_bool(object, "reopened", true);
	for (size_t i = 0; i < notice_item_number_count; i++)
		add_number(object, notice_item_numbers[i].name,
			   number_at(item, notice_item_numbers[i].offset));
	for (size_t i = 0; i < notice_item_text_count; i++) {
		const struct notice_text_field *field = &notice_item_texts[i];

		if (field->extent <= extent)
			add_word(object, field->name, text_at(item, field->offset));
	}
	if (extent == NOTICE_EXTENT_FULL)
		add_commits(object, item->commits);
	return object;
}

static enum notice_extent extent_at(guint index)
{
	if (index < NOTICE_FULL_ITEMS_MAX)
		return NOTICE_EXTENT_FULL;
	return index < NOTICE_SHORT_ITEMS_MAX ? NOTICE_EXTENT_SHORT : NOTICE_EXTENT_ALWAYS;
}

static json_object *lines_to_json(const GPtrArray *lines)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < lines->len && i < NOTICE_LINES_MAX; i++) {
		const struct notice_line *line = lines->pdata[i];
		json_object *object = json_object_new_object();

		json_add_text(object, "target", line->target);
		json_add_text(object, "priority", priority_text(line->priority));
		json_add_text(object, "state", state_text(line->state));
		json_add_text(object, "summary", line->summary);
		add_number(object, "since_wall_ms", line->since_wall_ms);
		add_number(object, "incident", line->incident);
		json_append(array, object);
	}
	return array;
}

static json_object *digest_to_json(const struct notice_digest *digest)
{
	json_object *object = json_object_new_object();
	json_object *counts = json_object_new_object();

	json_add_int(object, "score", digest->score);
	json_add_text(object, "overall", state_text(digest->overall));
	for (int state = STATE_OK; state < STATE_COUNT; state++)
		json_add_int(counts, notice_count_name((enum state)state), digest->count[state]);
	json_add(object, "counts", counts);
	for (size_t i = 0; i < notice_digest_number_count; i++)
		add_number(object, notice_digest_numbers[i].name,
			   number_at(digest, notice_digest_numbers[i].offset));
	json_add(object, "not_ok", lines_to_json(digest->not_ok));
	json_add(object, "recovered", lines_to_json(digest->recovered));
	return object;
}

char *notice_to_json(const struct notice *notice)
{
	json_object *object = json_object_new_object();
	json_object *items = json_object_new_array();
	char *text;

	json_add_text(object, "kind", notice_kind_text(notice->kind));
	add_number(object, "created_wall_ms", notice->created_wall_ms);
	add_number(object, "folded", notice->folded);
	for (guint i = 0; i < notice->items->len; i++)
		json_append(items, item_to_json(notice->items->pdata[i], extent_at(i)));
	json_add(object, "items", items);
	if (notice->digest)
		json_add(object, "digest", digest_to_json(notice->digest));
	text = json_to_text(object, NULL);
	json_object_put(object);
	return text;
}
