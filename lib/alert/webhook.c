/* webhook - the envelope of [webhook]; its members are listed in sink.h. */
#include "alert/sink_private.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "text.h"

#define ENVELOPE_VERSION 1

/* Of one text: more than anything here ever is. */
#define TEXT_MAX_BYTES ((size_t)4 * 1024)

/* Of all items: what is beyond is counted. Leaves room for a digest. */
#define ITEMS_MAX_BYTES ((size_t)24 * 1024 * 1024)

/* Valid UTF-8, or JSON would be none; NULL is null. */
static void add_text(json_object *object, const char *name, const char *text)
{
	g_autofree char *valid = text ? text_to_utf8(text, strlen(text), TEXT_MAX_BYTES) : NULL;

	json_add_text(object, name, valid);
}

static json_object *make_commits(const struct notice_item *item)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < item->commits->len; i++) {
		const struct notice_commit *commit = item->commits->pdata[i];
		json_object *object = json_object_new_object();

		add_text(object, "short_sha", commit->short_sha);
		add_text(object, "subject", commit->subject);
		add_text(object, "author", commit->author);
		add_text(object, "url", commit->url);
		json_append(array, object);
	}
	return array;
}

static const char *priority_or_null(enum priority priority)
{
	return priority != PRIORITY_NONE ? priority_text(priority) : NULL;
}

static void add_links(json_object *object, const struct sink_context *context,
		      const struct notice_item *item)
{
	g_autofree char *url = sink_target_url(context, item->target);
	g_autofree char *ack_url = sink_ack_url(context, item, true);

	add_text(object, "url", url);
	add_text(object, "ack_url", ack_url);
}

static void add_times(json_object *object, const struct sink_context *context,
		      const struct notice_item *item)
{
	int64_t end = item->ended_wall_ms > 0 ? item->ended_wall_ms : context->now_wall_ms;

	json_add_time(object, "opened_at", item->opened_wall_ms);
	json_add_time(object, "ended_at", item->ended_wall_ms);
	if (item->opened_wall_ms > 0)
		json_add_int(object, "open_for_s", MAX(end - item->opened_wall_ms, 0) / MS_PER_S);
	else
		json_add(object, "open_for_s", NULL);
}

static json_object *make_item(const struct sink_context *context, const struct notice_item *item)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "kind", notice_kind_text(item->kind));
	json_add_int(object, "incident", item->incident);
	add_text(object, "target", item->target);
	json_add_text(object, "priority", priority_or_null(item->priority));
	add_text(object, "owner", item->owner);
	add_text(object, "description", item->description);
	json_add_text(object, "cause", incident_cause_text(item->cause));
	json_add_text(object, "status", incident_status_text(item->status));
	json_add_bool(object, "reopened", item->reopened);
	json_add_text(object, "state", state_text(item->state));
	add_text(object, "summary", item->summary);
	add_text(object, "reason", item->reason);
	add_text(object, "worse", item->worse);
	add_text(object, "acknowledged_by", item->acknowledged_by);
	add_times(object, context, item);
	add_text(object, "cause_key", item->cause_key);
	add_text(object, "cause_text", item->cause_text);
	add_text(object, "deployed_short", item->deployed_short);
	add_text(object, "deployed_url", item->deployed_url);
	add_text(object, "head_short", item->head_short);
	add_text(object, "head_url", item->head_url);
	add_text(object, "compare_url", item->compare_url);
	json_add_int(object, "commits_total", item->commits_total);
	json_add(object, "commits", make_commits(item));
	add_text(object, "authors", item->authors);
	add_text(object, "deploy_command", item->deploy_command);
	add_links(object, context, item);
	return object;
}

/* How many did not fit. */
static int64_t add_items(json_object *envelope, const struct sink_context *context,
			 const struct notice *notice)
{
	json_object *array = json_object_new_array();
	size_t bytes = 0;
	guint done = 0;

	for (; done < notice->items->len; done++) {
		json_object *object = make_item(context, notice->items->pdata[done]);
		size_t length = 0;

		(void)json_object_to_json_string_length(
			object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
		bytes += length + 1;
		if (bytes > ITEMS_MAX_BYTES) {
			json_object_put(object);
			break;
		}
		json_append(array, object);
	}
	json_add(envelope, "items", array);
	return (int64_t)(notice->items->len - done);
}

static json_object *make_lines(const struct sink_context *context, const GPtrArray *lines)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < MIN(lines->len, NOTICE_LINES_MAX); i++) {
		const struct notice_line *line = lines->pdata[i];
		json_object *object = json_object_new_object();
		g_autofree char *url = sink_target_url(context, line->target);

		add_text(object, "target", line->target);
		json_add_text(object, "priority", priority_or_null(line->priority));
		json_add_text(object, "state", state_text(line->state));
		add_text(object, "summary", line->summary);
		json_add_time(object, "since", line->since_wall_ms);
		json_add_int(object, "incident", line->incident);
		add_text(object, "url", url);
		json_append(array, object);
	}
	return array;
}

static json_object *make_digest(const struct sink_context *context,
				const struct notice_digest *digest)
{
	static const enum state states[] = {STATE_OK, STATE_PENDING, STATE_UNKNOWN, STATE_DRIFT,
					    STATE_PAUSED};
	json_object *object = json_object_new_object();
	json_object *counts = json_object_new_object();

	for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
		json_add_int(counts, state_text(states[i]), digest->count[states[i]]);
	json_add_text(object, "overall", state_text(digest->overall));
	json_add(object, "score", digest->score < 0 ? NULL : json_object_new_int(digest->score));
	json_add_int(object, "evaluated", digest->evaluated);
	json_add_int(object, "targets_total", digest->targets_total);
	json_add(object, "counts", counts);
	json_add_time(object, "since", digest->since_wall_ms);
	json_add(object, "not_ok", make_lines(context, digest->not_ok));
	json_add_int(object, "not_ok_total", digest->not_ok_total);
	json_add(object, "recovered", make_lines(context, digest->recovered));
	json_add_int(object, "recovered_total", digest->recovered_total);
	return object;
}

char *webhook_encode(const struct sink_context *context, const struct notice *notice)
{
	json_object *envelope = json_object_new_object();
	char *body = NULL;

	json_add_int(envelope, "version", ENVELOPE_VERSION);
	json_add_int(envelope, "id", context->notification);
	json_add_text(envelope, "kind", notice_kind_text(notice->kind));
	json_add_time(envelope, "created_at", notice->created_wall_ms);
	json_add_time(envelope, "sent_at", context->now_wall_ms);
	add_text(envelope, "channel", context->channel->id);
	json_add_int(envelope, "items_left_out", add_items(envelope, context, notice));
	json_add(envelope, "digest", notice->digest ? make_digest(context, notice->digest) : NULL);
	json_add_int(envelope, "folded", notice->folded);
	add_text(envelope, "public_url", context->public_url);
	body = json_to_text(envelope, NULL);
	json_object_put(envelope);
	return body;
}
