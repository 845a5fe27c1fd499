/* incident_view - see incident_view.h */
#include "api/incident_view.h"

#include <inttypes.h>
#include <string.h>

#include "alert/incident.h"
#include "text.h"
#include "timefmt.h"

struct incident *incident_view_lists(const struct store_incident *row)
{
	struct incident *incident = incident_create();

	/* of what the store has, whatever else is in it */
	if (row->told && !incident_set_told_json(incident, row->told, NULL))
		g_ptr_array_set_size(incident->told, 0);
	if (row->codes && !incident_set_codes_json(incident, row->codes, NULL))
		g_ptr_array_set_size(incident->codes, 0);
	return incident;
}

/* Which channels were told; and when, last. */
static void add_told(json_object *object, const struct store_incident *row)
{
	struct incident *incident = incident_view_lists(row);
	json_object *channels = json_object_new_array();
	json_object *times = json_object_new_array();

	for (guint i = 0; i < incident->told->len; i++) {
		const struct incident_told *told = incident->told->pdata[i];
		json_object *entry = json_object_new_object();

		json_append(channels, json_object_new_string(told->channel));
		json_add_text(entry, "channel", told->channel);
		json_add_time(entry, "at", told->wall_ms);
		json_append(times, entry);
	}
	json_add(object, "told", channels);
	json_add(object, "told_last", times);
	incident_free(incident);
}

json_object *incident_view_json(const struct store_incident *incident)
{
	json_object *object = json_object_new_object();

	json_add_int(object, "id", incident->id);
	json_add_text(object, "target", incident->target);
	json_add_text(object, "priority", incident->priority);
	json_add_text(object, "cause", incident->cause);
	json_add_text(object, "status", incident->status);
	json_add_text(object, "summary", incident->summary);
	json_add(object, "codes", json_parse_array(incident->codes));
	json_add_time(object, "opened_at", incident->opened_wall_ms);
	json_add_time(object, "detected_at", incident->detected_wall_ms);
	json_add_time(object, "acknowledged_at", incident->acknowledged_wall_ms);
	json_add_text(object, "acknowledged_by", incident->acknowledged_by);
	json_add_text(object, "why", incident->why);
	json_add_time(object, "ack_expires_at", incident->ack_expires_wall_ms);
	json_add_time(object, "resolved_at", incident->ended_wall_ms);
	json_add_bool(object, "false_alarm", incident->false_alarm);
	json_add_int(object, "reopened", incident->reopened);
	json_add_text(object, "worse", incident->worse);
	json_add_text(object, "held_by", incident->held_by);
	json_add_time(object, "first_acknowledged_at", incident->first_ack_wall_ms);
	add_told(object, incident);
	return object;
}

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

char *incident_view_table(const GPtrArray *incidents)
{
	GString *to = g_string_new(NULL);
	char at[TIMEFMT_BYTES];
	int width = (int)strlen("TARGET");

	if (incidents->len == 0) {
		g_string_append(to, "no incidents\n");
		return g_string_free(to, FALSE);
	}
	for (guint i = 0; i < incidents->len; i++) {
		const struct store_incident *incident = incidents->pdata[i];

		width = MAX(width, (int)strlen(incident->target)); /* at most 112 */
	}
	g_string_append_printf(to, "%-6s  %-12s  %-2s  %-5s  %-*s  %-20s  %s\n", "ID", "STATUS",
			       "PR", "CAUSE", width, "TARGET", "OPENED", "SUMMARY");
	for (guint i = 0; i < incidents->len; i++) {
		const struct store_incident *incident = incidents->pdata[i];
		g_autofree char *target = text_escape_terminal(incident->target);
		g_autofree char *summary = text_escape_terminal(incident->summary);

		g_string_append_printf(to, "%-6" PRId64 "  %-12s  %-2s  %-5s  %-*s  %-20s  %s\n",
				       incident->id, incident->status, or_dash(incident->priority),
				       incident->cause, width, target,
				       timefmt_utc(incident->opened_wall_ms, at), summary);
	}
	return g_string_free(to, FALSE);
}

static void append_text(GString *to, const char *label, const char *text)
{
	g_autofree char *shown = text ? text_escape_terminal(text) : NULL;

	if (shown)
		g_string_append_printf(to, "  %s: %s\n", label, shown);
}

static void append_time(GString *to, const char *label, int64_t wall_ms)
{
	char at[TIMEFMT_BYTES];

	if (wall_ms > 0)
		append_text(to, label, timefmt_utc(wall_ms, at));
}

static void append_told(GString *to, const struct store_incident *row)
{
	struct incident *incident = incident_view_lists(row);

	for (guint i = 0; i < incident->told->len; i++)
		append_text(to, "told",
			    ((const struct incident_told *)incident->told->pdata[i])->channel);
	incident_free(incident);
}

char *incident_view_text(const struct store_incident *incident)
{
	GString *to = g_string_new(NULL);
	g_autofree char *target = text_escape_terminal(incident->target);

	g_string_append_printf(to, "incident %" PRId64 "  %s  %s  %s  %s\n", incident->id,
			       incident->status, or_dash(incident->priority), incident->cause,
			       target);
	append_text(to, "summary", incident->summary);
	append_time(to, "opened", incident->opened_wall_ms);
	append_time(to, "detected", incident->detected_wall_ms);
	append_time(to, "acknowledged", incident->acknowledged_wall_ms);
	append_text(to, "by", incident->acknowledged_by);
	append_text(to, "why", incident->why);
	append_time(to, "until", incident->ack_expires_wall_ms);
	append_time(to, "ended", incident->ended_wall_ms);
	append_text(to, "got worse", incident->worse);
	append_text(to, "held by", incident->held_by);
	if (incident->reopened > 0)
		g_string_append_printf(to, "  reopened: %" PRId64 " times\n", incident->reopened);
	if (incident->false_alarm)
		append_text(to, "marked", "a false alarm");
	append_told(to, incident);
	return g_string_free(to, FALSE);
}
