/* store_fixture_alerts - see store_fixture_alerts.h */
#include "tests/unit/store_fixture_alerts.h"

#include <check.h>
#include <sqlite3.h>
#include <string.h>

#include "store/schema.h"

void store_fixture_commit_alerts(struct store_alerts *alerts)
{
	g_autoptr(GError) error = NULL;
	bool ok = store_commit_alerts(fixture.store, alerts, &error);

	ck_assert_msg(ok, "%s", error ? error->message : "");
	store_alerts_free(alerts);
}

void store_fixture_set(char **text, const char *value)
{
	g_free(*text);
	*text = g_strdup(value);
}

struct store_incident *store_fixture_incident(struct store_alerts *alerts, int64_t id,
					      const char *target, int64_t at_wall_ms)
{
	struct store_incident *incident = store_incident_create();

	incident->id = id;
	incident->target = g_strdup(target);
	incident->priority = g_strdup("P1");
	incident->cause = g_strdup("drift");
	incident->status = g_strdup("open");
	incident->summary = g_strdup("4 commits behind");
	incident->codes = g_strdup("[\"behind\"]");
	incident->told = g_strdup("[]");
	incident->opened_wall_ms = at_wall_ms;
	incident->detected_wall_ms = at_wall_ms;
	incident->version = 1;
	g_ptr_array_add(alerts->incidents, incident);
	return incident;
}

void store_fixture_end(struct store_incident *incident, int64_t at_wall_ms)
{
	store_fixture_set(&incident->status, "resolved");
	incident->ended_wall_ms = at_wall_ms;
}

struct store_silence *store_fixture_silence(struct store_alerts *alerts, int64_t id,
					    int64_t at_wall_ms)
{
	struct store_silence *silence = store_silence_create();

	silence->id = id;
	silence->matcher = g_strdup("priority=P1");
	silence->until_wall_ms = at_wall_ms + MS_PER_HOUR;
	silence->who = g_strdup("ann");
	silence->why = g_strdup("a rollout");
	silence->created_wall_ms = at_wall_ms;
	g_ptr_array_add(alerts->silences, silence);
	return silence;
}

struct store_notification *store_fixture_renew(struct store_alerts *alerts, int64_t id,
					       const char *state, int64_t folded_into)
{
	struct store_notification *notification = store_notification_create();

	notification->id = id;
	notification->channel = g_strdup("slack/default");
	notification->kind = g_strdup("firing");
	notification->incidents = g_strdup("[1]");
	notification->state = g_strdup(state);
	notification->folded_into = folded_into;
	g_ptr_array_add(alerts->notifications, notification);
	return notification;
}

struct store_notification *store_fixture_notification(struct store_alerts *alerts, int64_t id,
						      int64_t at_wall_ms)
{
	struct store_notification *notification = store_fixture_renew(alerts, id, "waiting", 0);

	notification->created_wall_ms = at_wall_ms;
	notification->content = g_strdup("{}");
	return notification;
}

struct store_attempt *store_fixture_attempt(struct store_alerts *alerts, int64_t notification,
					    int64_t at_wall_ms)
{
	struct store_attempt *attempt = store_attempt_create();

	attempt->notification = notification;
	attempt->at_wall_ms = at_wall_ms;
	attempt->status = 500;
	attempt->error = g_strdup("hooks.example.com answered 500");
	g_ptr_array_add(alerts->attempts, attempt);
	return attempt;
}

void store_fixture_memo(struct store_alerts *alerts, const char *name, int64_t value)
{
	struct store_memo *memo = store_memo_create();

	memo->name = g_strdup(name);
	memo->value = value;
	g_ptr_array_add(alerts->memos, memo);
}

void store_fixture_check_plan(const char *query)
{
	g_autofree char *sql = g_strconcat("EXPLAIN QUERY PLAN ", schema_query(query), NULL);
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;

	ck_assert_int_eq(sqlite3_open_v2(fixture.path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql,
		      sqlite3_errmsg(db));
	while (sqlite3_step(statement) == SQLITE_ROW) {
		const char *step = (const char *)sqlite3_column_text(statement, 3);

		/* names of targets may be looked at one by one, what a subquery with a limit gave
		 * too, and what is loaded whole may be sorted */
		ck_assert_msg(!g_str_has_prefix(step, "SCAN") || g_str_has_prefix(step, "SCAN t") ||
				      g_str_has_prefix(step, "SCAN (subquery"),
			      "%s: %s", query, step);
		ck_assert_msg(!strstr(step, "TEMP B-TREE") || g_str_has_prefix(query, "load_"),
			      "%s: %s", query, step);
	}
	ck_assert_int_eq(sqlite3_finalize(statement), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}
