/* notice_decode - JSON of the outbox back into a notice. What is unknown is ignored, what is wrong
 * is refused with its name. */
#include "alert/notice_fields.h"

#include <string.h>

#include "drift_error.h"
#include "json.h"

static bool refuse(GError **error, const char *name, const char *what)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "%s %s", name, what);
	return false;
}

static char **text_slot(void *object, size_t offset)
{
	return (char **)(void *)((char *)object + offset);
}

static int64_t *number_slot(void *object, size_t offset)
{
	return (int64_t *)(void *)((char *)object + offset);
}

/* Absent or null: NULL, which is refused where it is needed. */
static bool read_text(json_object *object, const char *name, bool needed, char **ret_text,
		      GError **error)
{
	json_object *value = NULL;
	const char *text = json_member_text(object, name, NULL);

	(void)json_object_object_get_ex(object, name, &value); /* absent stays NULL */
	if (value && !text)
		return refuse(error, name, "is no text");
	if (!text && needed)
		return refuse(error, name, "is missing");
	*ret_text = g_strdup(text);
	return true;
}

/* Absent: 0. */
static bool read_number(json_object *object, const char *name, int64_t *ret_number, GError **error)
{
	if (!json_check_member(object, name, json_type_int, error))
		return false;
	*ret_number = json_member_int(object, name, 0);
	if (*ret_number >= 0 && *ret_number < INT64_MAX / 2)
		return true;
	return refuse(error, name, "is out of range");
}

static bool read_texts(json_object *from, const struct notice_text_field *fields, size_t count,
		       void *to, GError **error)
{
	for (size_t i = 0; i < count; i++) {
		/* what distant items leave out is not missed */
		bool needed = fields[i].needed && fields[i].extent == NOTICE_EXTENT_ALWAYS;

		if (!read_text(from, fields[i].name, needed, text_slot(to, fields[i].offset),
			       error))
			return false;
	}
	return true;
}

static bool read_numbers(json_object *from, const struct notice_number_field *fields, size_t count,
			 void *to, GError **error)
{
	for (size_t i = 0; i < count; i++) {
		if (!read_number(from, fields[i].name, number_slot(to, fields[i].offset), error))
			return false;
	}
	return true;
}

static bool read_priority(json_object *object, enum priority *ret_priority, GError **error)
{
	*ret_priority = priority_from_text(json_member_text(object, "priority", ""));
	return *ret_priority != PRIORITY_NONE || refuse(error, "priority", "is no known word");
}

static bool read_state(json_object *object, const char *name, enum state *ret_state, GError **error)
{
	*ret_state = state_from_text(json_member_text(object, name, NULL));
	return *ret_state != STATE_NONE || refuse(error, name, "is no known word");
}

static bool read_words(json_object *object, struct notice_item *item, GError **error)
{
	item->kind = notice_kind_from_text(json_member_text(object, "kind", NULL));
	if (item->kind < NOTICE_KIND_FIRING || item->kind > NOTICE_KIND_REMINDER)
		return refuse(error, "kind", "is no known word");
	item->cause = incident_cause_from_text(json_member_text(object, "cause", NULL));
	if (item->cause == INCIDENT_CAUSE_NONE)
		return refuse(error, "cause", "is no known word");
	item->status = incident_status_from_text(json_member_text(object, "status", NULL));
	if (item->status == INCIDENT_STATUS_NONE)
		return refuse(error, "status", "is no known word");
	if (!json_check_member(object, "reopened", json_type_boolean, error))
		return false;
	item->reopened = json_member_bool(object, "reopened", false);
	return read_priority(object, &item->priority, error) &&
	       read_state(object, "state", &item->state, error);
}

typedef bool (*read_entry_fn)(json_object *object, GPtrArray *array, GError **error);

/* Objects of an array of at most @p max; absent: none. */
static bool read_array(json_object *from, const char *name, size_t max, read_entry_fn read_entry,
		       GPtrArray *array, GError **error)
{
	json_object *list = json_member_array(from, name);
	size_t count = list ? json_object_array_length(list) : 0;

	if (!json_check_member(from, name, json_type_array, error))
		return false;
	if (count > max)
		return refuse(error, name, "is too long");
	for (size_t i = 0; i < count; i++) {
		json_object *entry = json_object_array_get_idx(list, i);

		if (!json_object_is_type(entry, json_type_object))
			return refuse(error, name, "holds something that is no object");
		if (!read_entry(entry, array, error)) {
			g_prefix_error(error, "%s[%zu]: ", name, i);
			return false;
		}
	}
	return true;
}

static bool read_commit(json_object *object, GPtrArray *commits, GError **error)
{
	struct notice_commit *commit = notice_commit_create();

	g_ptr_array_add(commits, commit);
	return read_texts(object, notice_commit_texts, notice_commit_text_count, commit, error);
}

static bool read_item(json_object *object, GPtrArray *items, GError **error)
{
	struct notice_item *item = notice_item_create();

	g_ptr_array_add(items, item);
	if (!read_words(object, item, error) ||
	    !read_texts(object, notice_item_texts, notice_item_text_count, item, error) ||
	    !read_numbers(object, notice_item_numbers, notice_item_number_count, item, error) ||
	    !read_array(object, "commits", NOTICE_COMMITS_MAX, read_commit, item->commits, error))
		return false;
	if (!item->summary)
		item->summary = g_strdup("");
	if (item->incident <= 0)
		return refuse(error, "incident", "is missing");
	return *item->target || refuse(error, "target", "is empty");
}

static bool read_line(json_object *object, GPtrArray *lines, GError **error)
{
	struct notice_line *line = notice_line_create();

	g_ptr_array_add(lines, line);
	return read_text(object, "target", true, &line->target, error) &&
	       read_text(object, "summary", true, &line->summary, error) &&
	       read_priority(object, &line->priority, error) &&
	       read_state(object, "state", &line->state, error) &&
	       read_number(object, "since_wall_ms", &line->since_wall_ms, error) &&
	       read_number(object, "incident", &line->incident, error);
}

static bool read_counts(json_object *object, struct notice_digest *digest, GError **error)
{
	json_object *counts = json_member_object(object, "counts");

	for (int state = STATE_OK; state < STATE_COUNT; state++) {
		if (!counts || !read_number(counts, notice_count_name((enum state)state),
					    &digest->count[state], error))
			return counts ? false : refuse(error, "counts", "is missing");
	}
	return true;
}

static bool read_score(json_object *object, int *ret_score, GError **error)
{
	int64_t score = json_member_int(object, "score", INT64_MIN);

	if (score < -1 || score > 100)
		return refuse(error, "score", "is missing or out of range");
	*ret_score = (int)score; /* -1..100 */
	return true;
}

static bool read_digest(json_object *object, struct notice_digest *digest, GError **error)
{
	return read_score(object, &digest->score, error) &&
	       read_state(object, "overall", &digest->overall, error) &&
	       read_counts(object, digest, error) &&
	       read_numbers(object, notice_digest_numbers, notice_digest_number_count, digest,
			    error) &&
	       read_array(object, "not_ok", NOTICE_LINES_MAX, read_line, digest->not_ok, error) &&
	       read_array(object, "recovered", NOTICE_LINES_MAX, read_line, digest->recovered,
			  error);
}

static bool read_notice(json_object *object, struct notice *notice, GError **error)
{
	json_object *digest = json_member_object(object, "digest");

	if (!json_object_is_type(object, json_type_object))
		return refuse(error, "notice", "is no object");
	notice->kind = notice_kind_from_text(json_member_text(object, "kind", NULL));
	if (notice->kind == NOTICE_KIND_NONE)
		return refuse(error, "kind", "is no known word");
	if (!read_number(object, "created_wall_ms", &notice->created_wall_ms, error) ||
	    !read_number(object, "folded", &notice->folded, error) ||
	    !read_array(object, "items", NOTICE_READ_ITEMS_MAX, read_item, notice->items, error) ||
	    !json_check_member(object, "digest", json_type_object, error))
		return false;
	if ((notice->kind == NOTICE_KIND_DIGEST) != (digest != NULL))
		return refuse(error, "digest", "is missing, or not expected");
	if ((notice->kind <= NOTICE_KIND_REMINDER) != (notice->items->len > 0))
		return refuse(error, "items", "are missing, or not expected");
	if (!digest)
		return true;
	notice->digest = notice_digest_create();
	return read_digest(digest, notice->digest, error);
}

struct notice *notice_from_json(const char *text, GError **error)
{
	struct notice *notice = notice_create(NOTICE_KIND_NONE, 0);
	json_object *object = NULL;

	if (text && strlen(text) <= NOTICE_READ_MAX_BYTES)
		object = json_parse(text, strlen(text), error);
	else
		(void)refuse(error, "notice", "is missing, or too long");
	if (!object || !read_notice(object, notice, error))
		g_clear_pointer(&notice, notice_free);
	json_object_put(object);
	return notice;
}
