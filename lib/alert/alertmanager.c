/* alertmanager - alerts of Alertmanager's API v2 (its api/v2/openapi.yaml, postAlerts). What is
 * label and what annotation: see sink.h. */
#include "alert/sink_private.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "timefmt.h"

#define ALERT_NAME "DriftdIncident"
#define TEST_NAME "DriftdTest"

/* A test is over by itself. */
#define TEST_LIFE_MS (5 * MS_PER_MINUTE)

#define LABEL_MAX_BYTES 300
#define TEXT_MAX_BYTES 600
#define COMMAND_MAX_BYTES 2000

/* Of one request; a thousand bytes each at most beyond FULL_MAX, so that all open incidents there
 * can be have room. */
#define ALERTS_MAX_BYTES (SINK_BODY_MAX_BYTES - (size_t)64 * 1024)
#define FULL_MAX 5000

/* Alertmanager refuses empty label values and keeps no empty annotation. */
static void add_text(json_object *object, const char *name, const char *text, size_t max_bytes)
{
	g_autofree char *line = sink_line(text, max_bytes);

	if (*line)
		json_add_text(object, name, line);
}

static void add_time(json_object *object, const char *name, int64_t wall_ms)
{
	char time[TIMEFMT_BYTES];

	json_add_text(object, name, timefmt_utc(wall_ms, time));
}

static json_object *make_labels(const struct notice_item *item)
{
	json_object *labels = json_object_new_object();
	const char *slash = item->target ? strchr(item->target, '/') : NULL;
	g_autofree char *kind =
		slash ? g_strndup(item->target, (gsize)(slash - item->target)) : NULL;

	json_add_text(labels, "alertname", ALERT_NAME);
	add_text(labels, "target", item->target, LABEL_MAX_BYTES);
	add_text(labels, "kind", kind, LABEL_MAX_BYTES);
	add_text(labels, "name", slash ? slash + 1 : item->target, LABEL_MAX_BYTES);
	return labels;
}

/* What to do and where to look. */
static void add_help(json_object *annotations, const struct sink_context *context,
		     const struct notice_item *item)
{
	g_autofree char *ack_url = sink_ack_url(context, item, false);
	g_autofree char *commits = g_strdup_printf("%" PRId64, item->commits_total);
	g_autofree char *since = sink_since(context, item);

	add_text(annotations, "reason", item->reason, TEXT_MAX_BYTES);
	add_text(annotations, "worse", item->worse, TEXT_MAX_BYTES);
	add_text(annotations, "since", since, TEXT_MAX_BYTES);
	add_text(annotations, "deployed", item->deployed_short, LABEL_MAX_BYTES);
	add_text(annotations, "head", item->head_short, LABEL_MAX_BYTES);
	add_text(annotations, "authors", item->authors, TEXT_MAX_BYTES);
	if (item->commits_total > 0)
		add_text(annotations, "undeployed_commits", commits, LABEL_MAX_BYTES);
	add_text(annotations, "deploy_command", item->deploy_command, COMMAND_MAX_BYTES);
	add_text(annotations, "ack_url", ack_url, COMMAND_MAX_BYTES);
}

static json_object *make_annotations(const struct sink_context *context,
				     const struct notice_item *item, bool full)
{
	json_object *annotations = json_object_new_object();
	g_autofree char *incident = g_strdup_printf("%" PRId64, item->incident);

	add_text(annotations, "summary", item->summary, full ? TEXT_MAX_BYTES : LABEL_MAX_BYTES);
	add_text(annotations, "priority",
		 item->priority != PRIORITY_NONE ? priority_text(item->priority) : NULL,
		 LABEL_MAX_BYTES);
	add_text(annotations, "owner", item->owner, LABEL_MAX_BYTES);
	add_text(annotations, "cause", incident_cause_text(item->cause), LABEL_MAX_BYTES);
	add_text(annotations, "state", state_text(item->state), LABEL_MAX_BYTES);
	add_text(annotations, "status", incident_status_text(item->status), LABEL_MAX_BYTES);
	add_text(annotations, "incident", incident, LABEL_MAX_BYTES);
	if (full) {
		add_text(annotations, "description", item->description, TEXT_MAX_BYTES);
		add_help(annotations, context, item);
	}
	return annotations;
}

static json_object *make_alert(const struct sink_context *context, const struct notice_item *item,
			       bool full)
{
	json_object *alert = json_object_new_object();
	int64_t now = context->now_wall_ms;
	int64_t began = item->opened_wall_ms > 0 ? MIN(item->opened_wall_ms, now) : now;
	bool over = item->kind == NOTICE_KIND_CLOSING;
	g_autofree char *url = sink_target_url(context, item->target);

	json_add(alert, "labels", make_labels(item));
	json_add(alert, "annotations", make_annotations(context, item, full));
	add_time(alert, "startsAt", began);
	add_time(alert, "endsAt", over ? now : now + SINK_ALERT_LIFE_MS);
	if (sink_url_is_safe(url))
		json_add_text(alert, "generatorURL", url);
	return alert;
}

static json_object *make_test(const struct sink_context *context)
{
	json_object *alert = json_object_new_object();
	json_object *labels = json_object_new_object();
	json_object *annotations = json_object_new_object();

	json_add_text(labels, "alertname", TEST_NAME);
	add_text(labels, "channel", context->channel->id, LABEL_MAX_BYTES);
	json_add_text(annotations, "summary", "a test of driftd: it ends by itself in 5 minutes");
	json_add(alert, "labels", labels);
	json_add(alert, "annotations", annotations);
	add_time(alert, "startsAt", context->now_wall_ms);
	add_time(alert, "endsAt", context->now_wall_ms + TEST_LIFE_MS);
	return alert;
}

static bool is_alert(const struct notice_item *item)
{
	return item->target &&
	       (item->kind == NOTICE_KIND_FIRING || item->kind == NOTICE_KIND_WORSE ||
		item->kind == NOTICE_KIND_CLOSING);
}

/* Alerts of one request, one for each target. */
struct alerts {
	json_object *array;
	GHashTable *targets; /* borrowed texts */
	size_t bytes;
	bool full;
};

static void add_alert(struct alerts *alerts, const struct sink_context *context,
		      const struct notice_item *item)
{
	json_object *alert = NULL;
	size_t length = 0;

	if (!g_hash_table_add(alerts->targets, item->target))
		return;
	alert = make_alert(context, item, alerts->full);
	(void)json_object_to_json_string_length(
		alert, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
	if (alerts->bytes + length + 1 > ALERTS_MAX_BYTES) {
		json_object_put(alert);
		return;
	}
	alerts->bytes += length + 1;
	json_append(alerts->array, alert);
}

char *alertmanager_encode(const struct sink_context *context, const struct notice *notice)
{
	guint live = context->live ? context->live->len : 0;
	struct alerts alerts = {.array = json_object_new_array(),
				.targets = g_hash_table_new(g_str_hash, g_str_equal),
				.full = notice->items->len + live <= FULL_MAX};
	char *body = NULL;

	/* the last that happened to a target is what it is now; what is told here goes before what
	 * is told again */
	for (guint i = notice->items->len; i > 0; i--) {
		if (is_alert(notice->items->pdata[i - 1]))
			add_alert(&alerts, context, notice->items->pdata[i - 1]);
	}
	for (guint i = 0; i < live; i++) {
		const struct notice_item *item = context->live->pdata[i];

		if (item->target && item->kind != NOTICE_KIND_CLOSING)
			add_alert(&alerts, context, item);
	}
	if (notice->kind == NOTICE_KIND_TEST)
		json_append(alerts.array, make_test(context));
	body = json_to_text(alerts.array, NULL);
	json_object_put(alerts.array);
	g_hash_table_unref(alerts.targets);
	return body;
}
