/* alerts_rows - structs of incidents, silences and the outbox: made, freed, and read from the
 * columns of schema/queries.sql. */
#include "store/store_private.h"

struct store_incident *store_incident_create(void)
{
	return g_new0(struct store_incident, 1);
}

void store_incident_free(struct store_incident *incident)
{
	if (!incident)
		return;
	g_free(incident->target);
	g_free(incident->priority);
	g_free(incident->cause);
	g_free(incident->status);
	g_free(incident->summary);
	g_free(incident->codes);
	g_free(incident->told);
	g_free(incident->acknowledged_by);
	g_free(incident->why);
	g_free(incident->worse);
	g_free(incident->held_by);
	g_free(incident);
}

struct store_silence *store_silence_create(void)
{
	return g_new0(struct store_silence, 1);
}

void store_silence_free(struct store_silence *silence)
{
	if (!silence)
		return;
	g_free(silence->matcher);
	g_free(silence->who);
	g_free(silence->why);
	g_free(silence);
}

struct store_notification *store_notification_create(void)
{
	return g_new0(struct store_notification, 1);
}

void store_notification_free(struct store_notification *notification)
{
	if (!notification)
		return;
	g_free(notification->channel);
	g_free(notification->kind);
	g_free(notification->incidents);
	g_free(notification->content);
	g_free(notification->state);
	g_clear_pointer(&notification->attempts, g_ptr_array_unref);
	g_free(notification);
}

struct store_attempt *store_attempt_create(void)
{
	return g_new0(struct store_attempt, 1);
}

void store_attempt_free(struct store_attempt *attempt)
{
	if (!attempt)
		return;
	g_free(attempt->error);
	g_free(attempt);
}

struct store_memo *store_memo_create(void)
{
	return g_new0(struct store_memo, 1);
}

void store_memo_free(struct store_memo *memo)
{
	if (!memo)
		return;
	g_free(memo->name);
	g_free(memo);
}

struct store_alerts *store_alerts_create(void)
{
	struct store_alerts *alerts = g_new0(struct store_alerts, 1);

	alerts->incidents = g_ptr_array_new_with_free_func(store_incident_rows.free);
	alerts->silences = g_ptr_array_new_with_free_func(store_silence_rows.free);
	alerts->notifications = g_ptr_array_new_with_free_func(store_notification_rows.free);
	alerts->attempts = g_ptr_array_new_with_free_func(store_attempt_rows.free);
	alerts->memos = g_ptr_array_new_with_free_func(store_memo_rows.free);
	alerts->pushes = g_ptr_array_new_with_free_func(g_free);
	return alerts;
}

void store_alerts_free(struct store_alerts *alerts)
{
	if (!alerts)
		return;
	g_ptr_array_unref(alerts->incidents);
	g_ptr_array_unref(alerts->silences);
	g_ptr_array_unref(alerts->notifications);
	g_ptr_array_unref(alerts->attempts);
	g_ptr_array_unref(alerts->memos);
	g_ptr_array_unref(alerts->pushes);
	g_free(alerts);
}

/* Times that are NULL read as 0. */
static void *decode_incident(sqlite3_stmt *statement)
{
	struct store_incident *incident = store_incident_create();

	incident->id = sqlite3_column_int64(statement, 0);
	incident->target = store_column_text(statement, 1);
	incident->priority = store_column_text(statement, 2);
	incident->cause = store_column_text(statement, 3);
	incident->status = store_column_text(statement, 4);
	incident->summary = store_column_text(statement, 5);
	incident->codes = store_column_text(statement, 6);
	incident->told = store_column_text(statement, 7);
	incident->opened_wall_ms = sqlite3_column_int64(statement, 8);
	incident->detected_wall_ms = sqlite3_column_int64(statement, 9);
	incident->acknowledged_wall_ms = sqlite3_column_int64(statement, 10);
	incident->acknowledged_by = store_column_text(statement, 11);
	incident->why = store_column_text(statement, 12);
	incident->ack_expires_wall_ms = sqlite3_column_int64(statement, 13);
	incident->ended_wall_ms = sqlite3_column_int64(statement, 14);
	incident->false_alarm = sqlite3_column_int(statement, 15) != 0;
	incident->reopened = sqlite3_column_int64(statement, 16);
	incident->version = sqlite3_column_int64(statement, 17);
	incident->worse = store_column_text(statement, 18);
	incident->held_by = store_column_text(statement, 19);
	incident->first_ack_wall_ms = sqlite3_column_int64(statement, 20);
	return incident;
}

static void *decode_silence(sqlite3_stmt *statement)
{
	struct store_silence *silence = store_silence_create();

	silence->id = sqlite3_column_int64(statement, 0);
	silence->matcher = store_column_text(statement, 1);
	silence->until_wall_ms = sqlite3_column_int64(statement, 2);
	silence->who = store_column_text(statement, 3);
	silence->why = store_column_text(statement, 4);
	silence->created_wall_ms = sqlite3_column_int64(statement, 5);
	silence->ended_wall_ms = sqlite3_column_int64(statement, 6);
	return silence;
}

static void *decode_notification(sqlite3_stmt *statement)
{
	struct store_notification *notification = store_notification_create();

	notification->id = sqlite3_column_int64(statement, 0);
	notification->channel = store_column_text(statement, 1);
	notification->kind = store_column_text(statement, 2);
	notification->incidents = store_column_text(statement, 3);
	notification->created_wall_ms = sqlite3_column_int64(statement, 4);
	notification->state = store_column_text(statement, 5);
	notification->folded_into = sqlite3_column_int64(statement, 6);
	notification->attempts_total = sqlite3_column_int64(statement, 7);
	notification->next_wall_ms = sqlite3_column_int64(statement, 8);
	notification->plain = sqlite3_column_int(statement, 9) != 0;
	notification->content = store_column_text(statement, 10);
	return notification;
}

static void *decode_attempt(sqlite3_stmt *statement)
{
	struct store_attempt *attempt = store_attempt_create();

	attempt->notification = sqlite3_column_int64(statement, 0);
	attempt->at_wall_ms = sqlite3_column_int64(statement, 1);
	attempt->status = sqlite3_column_int64(statement, 2);
	attempt->error = store_column_text(statement, 3);
	return attempt;
}

static void *decode_memo(sqlite3_stmt *statement)
{
	struct store_memo *memo = store_memo_create();

	memo->name = store_column_text(statement, 0);
	memo->value = sqlite3_column_int64(statement, 1);
	return memo;
}

const struct store_row_type store_incident_rows = {decode_incident,
						   (GDestroyNotify)store_incident_free};
const struct store_row_type store_silence_rows = {decode_silence,
						  (GDestroyNotify)store_silence_free};
const struct store_row_type store_notification_rows = {decode_notification,
						       (GDestroyNotify)store_notification_free};
const struct store_row_type store_attempt_rows = {decode_attempt,
						  (GDestroyNotify)store_attempt_free};
const struct store_row_type store_memo_rows = {decode_memo, (GDestroyNotify)store_memo_free};
