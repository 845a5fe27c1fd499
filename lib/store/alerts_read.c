/* alerts_read - pages of incidents, silences and messages, and what statistics are made of
 * (readers). */
#include "store/store_private.h"

#include <string.h>

#include "drift_error.h"

GPtrArray *store_read_incidents(struct store_reader *reader,
				const struct store_incident_filter *filter, int64_t before_id,
				int limit, GError **error)
{
	const struct store_bind binds[] = {
		BIND_PAGE(before_id, limit),    BIND_TEXT(filter->statuses[0]),
		BIND_TEXT(filter->statuses[1]), BIND_TEXT(filter->statuses[2]),
		BIND_TEXT(filter->statuses[3]), BIND_TEXT(filter->target),
	};
	enum store_query query = STORE_READ_INCIDENTS;
	size_t count = 2;

	if (filter->target) {
		query = STORE_READ_INCIDENTS_OF_TARGET;
		count = 7;
	} else if (filter->statuses[0] && filter->statuses[1]) {
		query = STORE_READ_INCIDENTS_OF_STATUSES;
		count = 6;
	} else if (filter->statuses[0]) {
		query = STORE_READ_INCIDENTS_OF_STATUS;
		count = 3;
	}
	return store_db_load(&reader->db, query, binds, count, &store_incident_rows, error);
}

struct store_incident *store_read_incident(struct store_reader *reader, int64_t id, GError **error)
{
	const struct store_bind bind = BIND_INT(id);
	g_autoptr(GPtrArray) rows = store_db_load(&reader->db, STORE_READ_INCIDENT, &bind, 1,
						  &store_incident_rows, error);

	if (!rows)
		return NULL;
	if (rows->len == 0) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "there is no incident %" G_GINT64_FORMAT
			    "; it never was, or ended longer ago than retention",
			    id);
		return NULL;
	}
	return g_ptr_array_steal_index(rows, 0);
}

GPtrArray *store_read_silences(struct store_reader *reader, bool all, int64_t now_wall_ms,
			       int64_t before_id, int limit, GError **error)
{
	const struct store_bind binds[] = {
		BIND_PAGE(before_id, limit),
		BIND_INT(all ? 1 : 0),
		BIND_INT(now_wall_ms),
	};

	return store_db_load(&reader->db, STORE_READ_SILENCES, binds, G_N_ELEMENTS(binds),
			     &store_silence_rows, error);
}

static GPtrArray *read_notifications(struct store_db *db, const char *channel, const char *state,
				     const struct store_bind page[2], GError **error)
{
	const struct store_bind of_channel[] = {
		page[0],
		page[1],
		BIND_TEXT(channel),
		BIND_TEXT(state),
	};
	const struct store_bind of_state[] = {
		page[0],
		page[1],
		BIND_TEXT(state),
		BIND_TEXT(channel),
	};
	/* each by the index that has few others on the way: nearly all of a channel's were sent */
	bool is_rare = state && strcmp(state, "sent") != 0;

	if (channel && !is_rare)
		return store_db_load(db, STORE_READ_NOTIFICATIONS_OF_CHANNEL, of_channel, 4,
				     &store_notification_rows, error);
	if (state)
		return store_db_load(db, STORE_READ_NOTIFICATIONS_OF_STATE, of_state, 4,
				     &store_notification_rows, error);
	return store_db_load(db, STORE_READ_NOTIFICATIONS, page, 2, &store_notification_rows,
			     error);
}

static bool add_attempts(struct store_db *db, const GPtrArray *notifications, GError **error)
{
	for (guint i = 0; i < notifications->len; i++) {
		struct store_notification *notification = notifications->pdata[i];
		const struct store_bind bind = BIND_INT(notification->id);

		notification->attempts = store_db_load(db, STORE_READ_ATTEMPTS, &bind, 1,
						       &store_attempt_rows, error);
		if (!notification->attempts)
			return false;
	}
	return true;
}

GPtrArray *store_read_notifications(struct store_reader *reader, const char *channel,
				    const char *state, int64_t before_id, int limit, GError **error)
{
	const struct store_bind page[2] = {BIND_PAGE(before_id, limit)};
	struct store_db *db = &reader->db;
	g_autoptr(GPtrArray) rows = NULL;
	bool ok = false;

	/* messages and attempts of one moment */
	if (!store_db_exec(db, "BEGIN", "begin to read", error))
		return NULL;
	rows = read_notifications(db, channel, state, page, error);
	ok = rows && add_attempts(db, rows, error);
	store_db_rollback(db); /* nothing was changed */
	return ok ? g_steal_pointer(&rows) : NULL;
}

GPtrArray *store_read_notifications_of_incident(struct store_reader *reader, int64_t incident,
						int64_t from_wall_ms, int64_t to_wall_ms, int limit,
						GError **error)
{
	const struct store_bind binds[] = {BIND_PAGE(0, limit), BIND_INT(from_wall_ms),
					   BIND_INT(to_wall_ms), BIND_INT(incident)};
	struct store_db *db = &reader->db;
	g_autoptr(GPtrArray) rows = NULL;
	bool ok = false;

	if (!store_db_exec(db, "BEGIN", "begin to read", error))
		return NULL;
	rows = store_db_load(db, STORE_READ_NOTIFICATIONS_OF_INCIDENT, binds, G_N_ELEMENTS(binds),
			     &store_notification_rows, error);
	ok = rows && add_attempts(db, rows, error);
	store_db_rollback(db); /* nothing was changed */
	return ok ? g_steal_pointer(&rows) : NULL;
}

static void *decode_content(sqlite3_stmt *statement)
{
	return store_column_text(statement, 0);
}

bool store_read_content(struct store_reader *reader, int64_t id, size_t max_bytes,
			char **ret_content, GError **error)
{
	static const struct store_row_type content_rows = {decode_content, g_free};
	const struct store_bind binds[] = {BIND_INT(id), BIND_INT((int64_t)max_bytes)};
	g_autoptr(GPtrArray) rows =
		store_db_load(&reader->db, STORE_READ_CONTENT, binds, 2, &content_rows, error);

	if (!rows)
		return false;
	*ret_content = rows->len > 0 ? g_ptr_array_steal_index(rows, 0) : NULL;
	return true;
}

static void *decode_incident_times(sqlite3_stmt *statement)
{
	struct store_incident_times *times = g_new0(struct store_incident_times, 1);

	times->opened_wall_ms = sqlite3_column_int64(statement, 0);
	times->detected_wall_ms = sqlite3_column_int64(statement, 1);
	times->first_ack_wall_ms = sqlite3_column_int64(statement, 2); /* NULL gives 0 */
	times->ended_wall_ms = sqlite3_column_int64(statement, 3);
	times->false_alarm = sqlite3_column_int(statement, 4) != 0;
	times->blind = sqlite3_column_int(statement, 5) != 0;
	times->withdrawn = sqlite3_column_int(statement, 6) != 0;
	return times;
}

static void *decode_lead(sqlite3_stmt *statement)
{
	struct store_lead *lead = g_new0(struct store_lead, 1);

	lead->at_wall_ms = sqlite3_column_int64(statement, 0);
	lead->committed_wall_ms = sqlite3_column_int64(statement, 1);
	return lead;
}

/* The rows themselves, one behind the other. */
static GArray *read_structs(struct store_db *db, enum store_query query, int64_t since_wall_ms,
			    const struct store_row_type *type, guint struct_bytes, GError **error)
{
	const struct store_bind binds[] = {
		BIND_INT(since_wall_ms),
		BIND_INT(STORE_STATISTICS_MAX),
	};
	g_autoptr(GPtrArray) rows = store_db_load(db, query, binds, 2, type, error);
	GArray *structs = NULL;

	if (!rows)
		return NULL;
	structs = g_array_sized_new(FALSE, FALSE, struct_bytes, rows->len);
	for (guint i = 0; i < rows->len; i++)
		(void)g_array_append_vals(structs, rows->pdata[i], 1);
	return structs;
}

bool store_read_statistics(struct store_reader *reader, int64_t since_wall_ms,
			   GArray **ret_incidents, GArray **ret_deployments, GError **error)
{
	static const struct store_row_type times_rows = {decode_incident_times, g_free};
	static const struct store_row_type lead_rows = {decode_lead, g_free};
	struct store_db *db = &reader->db;
	g_autoptr(GArray) incidents =
		read_structs(db, STORE_READ_INCIDENT_TIMES, since_wall_ms, &times_rows,
			     sizeof(struct store_incident_times), error);
	GArray *deployments = incidents ? read_structs(db, STORE_READ_LEADS, since_wall_ms,
						       &lead_rows, sizeof(struct store_lead), error)
					: NULL;

	if (!deployments)
		return false;
	*ret_incidents = g_steal_pointer(&incidents);
	*ret_deployments = deployments;
	return true;
}
