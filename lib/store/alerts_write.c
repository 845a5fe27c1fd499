/* alerts_write - incidents, silences and messages: written with the cycle that caused them, or by
 * themselves between two cycles. All or nothing. DESIGN 3.3 and 11. */
#include "store/store_private.h"

static bool write_incident(struct store_db *db, const void *row, GError **error)
{
	const struct store_incident *incident = row;
	const struct store_bind binds[] = {
		BIND_INT(incident->id),
		BIND_NAME(incident->target),
		BIND_NAME(incident->priority),
		BIND_NAME(incident->cause),
		BIND_NAME(incident->status),
		BIND_NAME(incident->summary),
		BIND_JSON(incident->codes),
		BIND_JSON(incident->told),
		BIND_INT(incident->opened_wall_ms),
		BIND_INT(incident->detected_wall_ms),
		BIND_TIME_IF_SET(incident->acknowledged_wall_ms),
		BIND_TEXT(incident->acknowledged_by),
		BIND_TEXT(incident->why),
		BIND_TIME_IF_SET(incident->ack_expires_wall_ms),
		BIND_TIME_IF_SET(incident->ended_wall_ms),
		BIND_INT(incident->false_alarm ? 1 : 0),
		BIND_INT(incident->reopened),
		BIND_INT(incident->version),
		BIND_TEXT(incident->worse),
		BIND_TEXT(incident->held_by),
		BIND_TIME_IF_SET(incident->first_ack_wall_ms),
	};

	return store_db_write_target(db, incident->target, error) &&
	       store_db_run(db, STORE_WRITE_INCIDENT, binds, G_N_ELEMENTS(binds), error);
}

static bool write_silence(struct store_db *db, const void *row, GError **error)
{
	const struct store_silence *silence = row;
	const struct store_bind binds[] = {
		BIND_INT(silence->id),
		BIND_NAME(silence->matcher),
		BIND_INT(silence->until_wall_ms),
		BIND_NAME(silence->who),
		BIND_NAME(silence->why),
		BIND_INT(silence->created_wall_ms),
		BIND_TIME_IF_SET(silence->ended_wall_ms),
	};

	return store_db_run(db, STORE_WRITE_SILENCE, binds, G_N_ELEMENTS(binds), error);
}

/* One that was folded goes with what it is told with; others take along what is told with them. */
static bool write_fold(struct store_db *db, const struct store_notification *notification,
		       GError **error)
{
	const struct store_bind fold[] = {
		BIND_INT(notification->id),
		BIND_INT(notification->folded_into),
	};
	const struct store_bind settle[] = {
		BIND_INT(notification->id),
		BIND_NAME(notification->state),
	};

	if (notification->folded_into > 0)
		return store_db_run(db, STORE_FOLD_NOTIFICATION, fold, G_N_ELEMENTS(fold), error);
	return store_db_run(db, STORE_SETTLE_FOLDED, settle, G_N_ELEMENTS(settle), error);
}

static bool write_content(struct store_db *db, const struct store_notification *notification,
			  GError **error)
{
	const struct store_bind binds[] = {
		BIND_INT(notification->id),
		BIND_CONTENT(notification->content),
	};

	return !notification->content ||
	       store_db_run(db, STORE_WRITE_CONTENT, binds, G_N_ELEMENTS(binds), error);
}

static bool write_notification(struct store_db *db, const void *row, GError **error)
{
	const struct store_notification *notification = row;
	const struct store_bind binds[] = {
		BIND_INT(notification->id),
		BIND_NAME(notification->channel),
		BIND_NAME(notification->kind),
		BIND_JSON(notification->incidents),
		BIND_INT(notification->created_wall_ms),
		BIND_NAME(notification->state),
		BIND_INT_IF(notification->folded_into > 0, notification->folded_into),
		BIND_INT(notification->attempts_total),
		BIND_INT(notification->next_wall_ms),
		BIND_INT(notification->plain ? 1 : 0),
	};

	return store_db_run(db, STORE_WRITE_NOTIFICATION, binds, G_N_ELEMENTS(binds), error) &&
	       write_fold(db, notification, error) && write_content(db, notification, error);
}

static bool write_attempt(struct store_db *db, const void *row, GError **error)
{
	const struct store_attempt *attempt = row;
	const struct store_bind binds[] = {
		BIND_INT(attempt->notification),
		BIND_INT(attempt->at_wall_ms),
		BIND_INT(attempt->status),
		BIND_TEXT(attempt->error),
	};
	const struct store_bind cut[] = {
		BIND_INT(attempt->notification),
		BIND_INT(STORE_ATTEMPTS_KEPT),
	};

	return store_db_run(db, STORE_INSERT_ATTEMPT, binds, G_N_ELEMENTS(binds), error) &&
	       store_db_run(db, STORE_CUT_ATTEMPTS, cut, G_N_ELEMENTS(cut), error);
}

static bool write_memo(struct store_db *db, const void *row, GError **error)
{
	const struct store_memo *memo = row;
	const struct store_bind binds[] = {BIND_NAME(memo->name), BIND_INT(memo->value)};

	return store_db_run(db, STORE_WRITE_MEMO, binds, G_N_ELEMENTS(binds), error);
}

static bool write_pushes(struct store_db *db, const struct store_alerts *alerts, GError **error)
{
	for (guint i = 0; i < alerts->pushes->len; i++) {
		const struct store_bind binds[] = {
			BIND_NAME(alerts->pushes->pdata[i]),
			BIND_INT(alerts->pushed_wall_ms),
		};

		if (!store_db_run(db, STORE_INSERT_PUSH, binds, G_N_ELEMENTS(binds), error))
			return false;
	}
	return true;
}

bool store_db_write_alerts(struct store_db *db, const struct store_alerts *alerts, GError **error)
{
	/* an attempt belongs to a notification */
	return store_db_write_rows(db, alerts->incidents, write_incident, error) &&
	       store_db_write_rows(db, alerts->silences, write_silence, error) &&
	       store_db_write_rows(db, alerts->notifications, write_notification, error) &&
	       store_db_write_rows(db, alerts->attempts, write_attempt, error) &&
	       store_db_write_rows(db, alerts->memos, write_memo, error) &&
	       write_pushes(db, alerts, error);
}

static bool is_empty(const struct store_alerts *alerts)
{
	return alerts->incidents->len == 0 && alerts->silences->len == 0 &&
	       alerts->notifications->len == 0 && alerts->attempts->len == 0 &&
	       alerts->memos->len == 0 && alerts->pushes->len == 0;
}

bool store_commit_alerts(struct store *store, const struct store_alerts *alerts, GError **error)
{
	struct store_db *db = &store->db;

	if (is_empty(alerts))
		return true;
	if (store_db_begin(db, error) && store_db_write_alerts(db, alerts, error) &&
	    store_db_commit(db, error))
		return true;
	store_db_rollback(db);
	return false;
}
