/* alerting_rows - see alerting_rows.h */
#include "daemon/alerting_rows.h"

#include "drift_error.h"

#include <string.h>

struct store_incident *rows_incident(const struct incident *incident)
{
	struct store_incident *row = store_incident_create();

	row->id = incident->id;
	row->target = g_strdup(incident->target);
	row->priority = g_strdup(priority_text(incident->priority));
	row->cause = g_strdup(incident_cause_text(incident->cause));
	row->status = g_strdup(incident_status_text(incident->status));
	row->summary = g_strdup(incident->summary);
	row->codes = incident_codes_json(incident);
	row->told = incident_told_json(incident);
	row->opened_wall_ms = incident->opened_wall_ms;
	row->detected_wall_ms = incident->detected_wall_ms;
	row->acknowledged_wall_ms = incident->acknowledged_wall_ms;
	row->acknowledged_by = g_strdup(incident->acknowledged_by);
	row->why = g_strdup(incident->why);
	row->ack_expires_wall_ms = incident->ack_expires_wall_ms;
	row->first_ack_wall_ms = incident->first_ack_wall_ms;
	row->ended_wall_ms = incident->ended_wall_ms;
	row->false_alarm = incident->false_alarm;
	row->reopened = incident->reopened;
	row->version = incident->version;
	row->worse = g_strdup(incident->worse);
	row->held_by = g_strdup(incident->held_by);
	return row;
}

static bool set_words(struct incident *incident, const struct store_incident *row, GError **error)
{
	incident->priority = priority_from_text(row->priority);
	incident->cause = incident_cause_from_text(row->cause);
	incident->status = incident_status_from_text(row->status);
	if (incident->priority != PRIORITY_NONE && incident->cause != INCIDENT_CAUSE_NONE &&
	    incident->status != INCIDENT_STATUS_NONE)
		return incident_set_codes_json(incident, row->codes, error) &&
		       incident_set_told_json(incident, row->told, error);
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
		    "priority \"%s\", cause \"%s\" or status \"%s\" is not known", row->priority,
		    row->cause, row->status);
	return false;
}

struct incident *rows_to_incident(const struct store_incident *row, GError **error)
{
	struct incident *incident = incident_create();

	incident->id = row->id;
	incident->target = g_strdup(row->target);
	incident->summary = g_strdup(row->summary);
	incident->opened_wall_ms = row->opened_wall_ms;
	incident->detected_wall_ms = row->detected_wall_ms;
	incident->acknowledged_wall_ms = row->acknowledged_wall_ms;
	incident->acknowledged_by = g_strdup(row->acknowledged_by);
	incident->why = g_strdup(row->why);
	incident->ack_expires_wall_ms = row->ack_expires_wall_ms;
	incident->first_ack_wall_ms = row->first_ack_wall_ms;
	incident->ended_wall_ms = row->ended_wall_ms;
	incident->false_alarm = row->false_alarm;
	incident->reopened = row->reopened;
	incident->version = row->version;
	incident->worse = g_strdup(row->worse);
	incident->held_by = g_strdup(row->held_by);
	if (set_words(incident, row, error))
		return incident;
	incident_free(incident);
	return NULL;
}

struct store_silence *rows_silence(const struct silence *silence)
{
	struct store_silence *row = store_silence_create();

	row->id = silence->id;
	row->matcher = g_strdup(silence->matcher);
	row->until_wall_ms = silence->until_wall_ms;
	row->who = g_strdup(silence->who);
	row->why = g_strdup(silence->why);
	row->created_wall_ms = silence->created_wall_ms;
	row->ended_wall_ms = silence->ended_wall_ms;
	return row;
}

struct silence *rows_to_silence(const struct store_silence *row)
{
	struct silence *silence = silence_create();

	silence->id = row->id;
	silence->matcher = g_strdup(row->matcher);
	silence->until_wall_ms = row->until_wall_ms;
	silence->who = g_strdup(row->who);
	silence->why = g_strdup(row->why);
	silence->created_wall_ms = row->created_wall_ms;
	silence->ended_wall_ms = row->ended_wall_ms;
	return silence;
}

struct store_notification *rows_notification(const struct outgoing *outgoing, bool with_content)
{
	struct store_notification *row = store_notification_create();
	bool folded = outgoing->state == DELIVERY_STATE_FOLDED;

	row->id = outgoing->id;
	row->channel = g_strdup(outgoing->channel);
	row->kind = g_strdup(notice_kind_text(outgoing->notice->kind));
	row->incidents = notice_incidents_json(outgoing->notice);
	row->content = with_content ? notice_to_json(outgoing->notice) : NULL;
	row->created_wall_ms = outgoing->created_wall_ms;
	/* of a folded one the store says what became of its carrier */
	row->state =
		g_strdup(delivery_state_text(folded ? DELIVERY_STATE_WAITING : outgoing->state));
	row->folded_into = outgoing->folded_into;
	row->attempts_total = outgoing->attempts;
	row->next_wall_ms = outgoing->next_wall_ms;
	row->plain = outgoing->plain;
	return row;
}

struct store_attempt *rows_attempt(const struct delivery_attempt *attempt)
{
	struct store_attempt *row = store_attempt_create();

	row->notification = attempt->outgoing->id;
	row->at_wall_ms = attempt->at_wall_ms;
	row->status = attempt->status;
	row->error = g_strdup(attempt->error);
	return row;
}

struct store_memo *rows_memo(const char *name, int64_t value)
{
	struct store_memo *memo = store_memo_create();

	memo->name = g_strdup(name);
	memo->value = value;
	return memo;
}

struct outgoing *rows_to_outgoing(const struct store_notification *row, GError **error)
{
	struct notice *notice = notice_from_json(row->content ? row->content : "", error);
	struct outgoing *outgoing;

	if (!notice)
		return NULL;
	outgoing = outgoing_create();
	outgoing->id = row->id;
	outgoing->channel = g_strdup(row->channel);
	outgoing->notice = notice;
	outgoing->created_wall_ms = row->created_wall_ms;
	outgoing->attempts = row->attempts_total;
	outgoing->next_wall_ms = row->next_wall_ms;
	outgoing->state = DELIVERY_STATE_WAITING;
	outgoing->plain = row->plain;
	return outgoing;
}
