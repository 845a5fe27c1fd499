/* Tests of lib/store: incidents and silences, written and loaded again, with messages and without.
 * The outbox is tested in test_store_outbox.c, pages in test_store_alerts_read.c, forgetting in
 * test_store_alerts_prune.c. */
#include "store/store.h"

#include <check.h>
#include <sqlite3.h>
#include <string.h>

#include "drift_error.h"
#include "tests/unit/store_fixture_alerts.h"

Suite *store_alerts_suite(void);

/* Loads; the test fails when that fails. Caller unrefs. */
static GPtrArray *must_load(GPtrArray *(*load)(struct store *store, GError **error))
{
	g_autoptr(GError) error = NULL;
	GPtrArray *rows = load(fixture.store, &error);

	ck_assert_msg(rows != NULL, "%s", error ? error->message : "");
	return rows;
}

static guint count_loaded(GPtrArray *(*load)(struct store *store, GError **error))
{
	g_autoptr(GPtrArray) rows = must_load(load);

	return rows->len;
}

/* --- incidents --- */

static void check_same_incident(const struct store_incident *got, const struct store_incident *want)
{
	ck_assert_int_eq(got->id, want->id);
	ck_assert_str_eq(got->target, want->target);
	ck_assert_str_eq(got->priority, want->priority);
	ck_assert_str_eq(got->cause, want->cause);
	ck_assert_str_eq(got->status, want->status);
	ck_assert_str_eq(got->summary, want->summary);
	ck_assert_str_eq(got->codes, want->codes);
	ck_assert_str_eq(got->told, want->told);
	ck_assert_int_eq(got->opened_wall_ms, want->opened_wall_ms);
	ck_assert_int_eq(got->detected_wall_ms, want->detected_wall_ms);
	ck_assert_int_eq(got->acknowledged_wall_ms, want->acknowledged_wall_ms);
	ck_assert_pstr_eq(got->acknowledged_by, want->acknowledged_by);
	ck_assert_pstr_eq(got->why, want->why);
	ck_assert_int_eq(got->ack_expires_wall_ms, want->ack_expires_wall_ms);
	ck_assert_int_eq(got->first_ack_wall_ms, want->first_ack_wall_ms);
	ck_assert_int_eq(got->ended_wall_ms, want->ended_wall_ms);
	ck_assert_int_eq(got->false_alarm, want->false_alarm);
	ck_assert_int_eq(got->reopened, want->reopened);
	ck_assert_int_eq(got->version, want->version);
	ck_assert_pstr_eq(got->worse, want->worse);
	ck_assert_pstr_eq(got->held_by, want->held_by);
}

/* Everything set, all of it different. */
static void fill_incident(struct store_incident *incident)
{
	store_fixture_set(&incident->priority, "P0");
	store_fixture_set(&incident->cause, "blind");
	store_fixture_set(&incident->status, "acknowledged");
	store_fixture_set(&incident->summary, "nobody knows");
	store_fixture_set(&incident->codes, "[\"a\",\"b\"]");
	store_fixture_set(&incident->told, "[{\"channel\":\"slack/default\"}]");
	incident->opened_wall_ms = 11;
	incident->detected_wall_ms = 12;
	incident->acknowledged_wall_ms = 13;
	store_fixture_set(&incident->acknowledged_by, "bo");
	store_fixture_set(&incident->why, "known");
	incident->ack_expires_wall_ms = 14;
	incident->first_ack_wall_ms = 10;
	incident->ended_wall_ms = 15;
	incident->false_alarm = true;
	incident->reopened = 16;
	incident->version = 17;
	store_fixture_set(&incident->worse, "more commits");
	store_fixture_set(&incident->held_by, "silence 3");
}

START_TEST(test_incident_comes_back)
{
	/* new, changed to something else everywhere, and back to nothing */
	static const bool filled[] = {false, true, false};

	for (size_t i = 0; i < G_N_ELEMENTS(filled); i++) {
		struct store_alerts *alerts = store_alerts_create();
		struct store_incident *want = store_fixture_incident(alerts, 7, "repo/main", 1000);
		g_autoptr(GPtrArray) rows = NULL;

		if (filled[i])
			fill_incident(want);
		ck_assert(store_commit_alerts(fixture.store, alerts, NULL));
		store_fixture_reopen();
		rows = must_load(store_load_incidents);
		ck_assert_uint_eq(rows->len, 1);
		check_same_incident(rows->pdata[0], want);
		store_alerts_free(alerts);
	}
}
END_TEST

START_TEST(test_target_of_an_incident_stays)
{
	struct store_alerts *alerts = store_alerts_create();
	g_autoptr(GPtrArray) rows = NULL;

	store_fixture_incident(alerts, 1, "service/a", 1);
	store_fixture_incident(alerts, 1, "service/b", 1);
	store_fixture_commit_alerts(alerts);
	rows = must_load(store_load_incidents);
	ck_assert_uint_eq(rows->len, 1);
	ck_assert_str_eq(((const struct store_incident *)rows->pdata[0])->target, "service/a");
}
END_TEST

START_TEST(test_open_incidents_and_the_last_that_ended)
{
	/* of service/a three ended and one is open; service/b has ended ones only, the last of them
	 * withdrawn; service/c only an open one. What is over is told by the time it ended. */
	static const int64_t want[] = {3, 4, 6, 7};
	struct store_alerts *alerts = store_alerts_create();
	struct store_incident *incident = NULL;
	g_autoptr(GPtrArray) rows = NULL;

	store_fixture_end(store_fixture_incident(alerts, 1, "service/a", 1), 500);
	store_fixture_end(store_fixture_incident(alerts, 2, "service/a", 2), 900);
	store_fixture_end(store_fixture_incident(alerts, 3, "service/a", 3), 700);
	incident = store_fixture_incident(alerts, 4, "service/a", 4);
	store_fixture_set(&incident->status, "acknowledged");
	store_fixture_end(store_fixture_incident(alerts, 5, "service/b", 5), 500);
	incident = store_fixture_incident(alerts, 6, "service/b", 6);
	store_fixture_end(incident, 600);
	store_fixture_set(&incident->status, "withdrawn");
	store_fixture_incident(alerts, 7, "service/c", 7);
	store_fixture_commit_alerts(alerts);
	rows = must_load(store_load_incidents);
	ck_assert_uint_eq(rows->len, G_N_ELEMENTS(want));
	for (guint i = 0; i < rows->len; i++)
		ck_assert_int_eq(((const struct store_incident *)rows->pdata[i])->id, want[i]);
}
END_TEST

/* Length of codes beside the bound, and what is stored. */
static const struct {
	size_t length;
	bool kept;
} json_cases[] = {
	{STORE_FACTS_MAX_BYTES - 1, true},
	{STORE_FACTS_MAX_BYTES, true},
	{STORE_FACTS_MAX_BYTES + 1, false},
};

START_TEST(test_json_of_alerts_is_bounded)
{
	struct store_alerts *alerts = store_alerts_create();
	struct store_incident *incident = store_fixture_incident(alerts, 1, "service/a", 1);
	struct store_notification *notification = store_fixture_notification(alerts, 1, 1);
	g_autofree char *json = g_strnfill(json_cases[_i].length, '1');
	const char *want = json_cases[_i].kept ? json : "null";
	g_autoptr(GPtrArray) incidents = NULL;
	g_autoptr(GPtrArray) waiting = NULL;

	store_fixture_set(&incident->codes, json);
	store_fixture_set(&incident->told, json);
	store_fixture_set(&notification->incidents, json);
	store_fixture_commit_alerts(alerts);
	incidents = must_load(store_load_incidents);
	incident = incidents->pdata[0];
	ck_assert(strcmp(incident->codes, want) == 0);
	ck_assert(strcmp(incident->told, want) == 0);
	waiting = must_load(store_load_waiting);
	notification = waiting->pdata[0];
	ck_assert(strcmp(notification->incidents, want) == 0);
}
END_TEST

START_TEST(test_texts_of_alerts_are_bounded)
{
	static const size_t lengths[] = {STORE_TEXT_MAX_BYTES - 1, STORE_TEXT_MAX_BYTES,
					 STORE_TEXT_MAX_BYTES + 1};
	g_autofree char *text = g_strnfill(lengths[_i], 'x');
	size_t want = MIN(lengths[_i], (size_t)STORE_TEXT_MAX_BYTES);
	struct store_alerts *alerts = store_alerts_create();
	struct store_incident *incident = store_fixture_incident(alerts, 1, text, 1);
	g_autoptr(GPtrArray) rows = NULL;

	store_fixture_set(&incident->summary, text);
	store_fixture_set(&incident->why, text);
	store_fixture_set(&store_fixture_silence(alerts, 1, 1)->why, text);
	store_fixture_set(&store_fixture_notification(alerts, 1, 1)->channel, text);
	store_fixture_set(&store_fixture_attempt(alerts, 1, 1)->error, text);
	store_fixture_memo(alerts, text, 1);
	g_ptr_array_add(alerts->pushes, g_strdup(text));
	store_fixture_commit_alerts(alerts);
	rows = must_load(store_load_incidents);
	incident = rows->pdata[0];
	ck_assert_uint_eq(strlen(incident->target), want);
	ck_assert_uint_eq(strlen(incident->summary), want);
	ck_assert_uint_eq(strlen(incident->why), want);
	ck_assert_int_eq(
		store_fixture_number("SELECT max(m) - min(m) FROM (SELECT length(cast(why AS "
				     "BLOB)) AS m FROM silences UNION ALL SELECT length(cast("
				     "channel AS BLOB)) FROM notifications UNION ALL SELECT "
				     "length(cast(error AS BLOB)) FROM attempts UNION ALL SELECT "
				     "length(cast(name AS BLOB)) FROM memos UNION ALL SELECT "
				     "length(cast(delivery AS BLOB)) FROM pushes)"),
		0);
	ck_assert_int_eq(store_fixture_number("SELECT length(cast(name AS BLOB)) FROM memos"),
			 (int64_t)want);
}
END_TEST

START_TEST(test_rows_without_texts)
{
	/* nothing but ids: all that may be empty is */
	struct store_alerts *alerts = store_alerts_create();
	struct store_incident *incident = store_incident_create();
	struct store_silence *silence = store_silence_create();
	struct store_notification *notification = store_notification_create();
	g_autoptr(GPtrArray) rows = NULL;

	incident->id = 1;
	silence->id = 1;
	notification->id = 1;
	g_ptr_array_add(alerts->incidents, incident);
	g_ptr_array_add(alerts->silences, silence);
	g_ptr_array_add(alerts->notifications, notification);
	g_ptr_array_add(alerts->memos, store_memo_create());
	g_ptr_array_add(alerts->pushes, NULL);
	store_fixture_commit_alerts(alerts);
	rows = must_load(store_load_incidents);
	incident = rows->pdata[0];
	ck_assert_str_eq(incident->target, "");
	ck_assert_str_eq(incident->codes, "null");
	ck_assert_ptr_null(incident->why);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM contents"), 0);
}
END_TEST

/* --- silences, memos, pushes --- */

START_TEST(test_silence_comes_back)
{
	struct store_alerts *alerts = store_alerts_create();
	struct store_silence *silence = NULL;
	g_autoptr(GPtrArray) rows = NULL;

	store_fixture_silence(alerts, 1, 1)->until_wall_ms = 100; /* over just now */
	store_fixture_silence(alerts, 3, 1);
	silence = store_fixture_silence(alerts, 2, 1);
	silence->until_wall_ms = 101;
	store_fixture_silence(alerts, 4, 1)->ended_wall_ms = 200; /* the clock went back since */
	store_fixture_commit_alerts(alerts);
	store_fixture_reopen();
	rows = store_load_silences(fixture.store, 100, NULL);
	ck_assert_ptr_nonnull(rows);
	ck_assert_uint_eq(rows->len, 2);
	silence = rows->pdata[0];
	ck_assert_int_eq(silence->id, 2);
	ck_assert_str_eq(silence->matcher, "priority=P1");
	ck_assert_int_eq(silence->until_wall_ms, 101);
	ck_assert_str_eq(silence->who, "ann");
	ck_assert_str_eq(silence->why, "a rollout");
	ck_assert_int_eq(silence->created_wall_ms, 1);
	ck_assert_int_eq(silence->ended_wall_ms, 0);
	ck_assert_int_eq(((const struct store_silence *)rows->pdata[1])->id, 3);
}
END_TEST

START_TEST(test_silence_is_replaced)
{
	struct store_alerts *alerts = store_alerts_create();
	struct store_silence *silence = NULL;
	g_autoptr(GPtrArray) rows = NULL;

	store_fixture_silence(alerts, 1, 1);
	silence = store_fixture_silence(alerts, 1, 50);
	store_fixture_set(&silence->matcher, "owner=ml");
	store_fixture_set(&silence->who, "bo");
	store_fixture_set(&silence->why, "because");
	store_fixture_commit_alerts(alerts);
	rows = store_load_silences(fixture.store, 2, NULL);
	ck_assert_uint_eq(rows->len, 1);
	silence = rows->pdata[0];
	ck_assert_str_eq(silence->matcher, "owner=ml");
	ck_assert_str_eq(silence->who, "bo");
	ck_assert_str_eq(silence->why, "because");
	ck_assert_int_eq(silence->created_wall_ms, 50);
	ck_assert_int_eq(silence->until_wall_ms, 50 + MS_PER_HOUR);
	alerts = store_alerts_create();
	store_fixture_silence(alerts, 1, 50)->ended_wall_ms = 60;
	store_fixture_commit_alerts(alerts);
	g_ptr_array_unref(rows);
	rows = store_load_silences(fixture.store, 2, NULL);
	ck_assert_uint_eq(rows->len, 0);
}
END_TEST

START_TEST(test_memos_and_pushes)
{
	struct store_alerts *alerts = store_alerts_create();
	g_autoptr(GPtrArray) memos = NULL;
	g_autoptr(GPtrArray) pushes = NULL;

	store_fixture_memo(alerts, "issue github/ops service/a", 812);
	store_fixture_memo(alerts, "digest slack/default", 5);
	store_fixture_memo(alerts, "digest slack/default", -6);
	for (int i = 0; i < 5; i++)
		g_ptr_array_add(alerts->pushes, g_strdup_printf("delivery-%d", 5 - i));
	g_ptr_array_add(alerts->pushes, g_strdup("delivery-3")); /* told twice */
	alerts->pushed_wall_ms = 77;
	store_fixture_commit_alerts(alerts);
	store_fixture_reopen();
	memos = must_load(store_load_memos);
	ck_assert_uint_eq(memos->len, 2);
	ck_assert_str_eq(((const struct store_memo *)memos->pdata[0])->name,
			 "digest slack/default");
	ck_assert_int_eq(((const struct store_memo *)memos->pdata[0])->value, -6);
	ck_assert_int_eq(((const struct store_memo *)memos->pdata[1])->value, 812);
	pushes = store_load_pushes(fixture.store, 3, NULL);
	ck_assert_uint_eq(pushes->len, 3);
	ck_assert_str_eq(pushes->pdata[0], "delivery-3");
	ck_assert_str_eq(pushes->pdata[2], "delivery-1");
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM pushes WHERE at_wall_ms = 77"),
			 5);
}
END_TEST

/* --- ids --- */

static void check_next_ids(int64_t incident, int64_t silence, int64_t notification)
{
	g_autoptr(GError) error = NULL;
	int64_t got[3] = {0};

	ck_assert(store_next_ids(fixture.store, &got[0], &got[1], &got[2], &error));
	ck_assert_int_eq(got[0], incident);
	ck_assert_int_eq(got[1], silence);
	ck_assert_int_eq(got[2], notification);
}

START_TEST(test_ids_are_given_out_once)
{
	struct store_alerts *alerts = store_alerts_create();

	check_next_ids(1, 1, 1);
	store_fixture_incident(alerts, 12, "service/a", 1);
	store_fixture_incident(alerts, 3, "service/a", 1);
	store_fixture_silence(alerts, 7, 1);
	store_fixture_notification(alerts, 40, 1);
	store_fixture_commit_alerts(alerts);
	check_next_ids(13, 8, 41);
	store_fixture_exec("DELETE FROM incidents; DELETE FROM silences; DELETE FROM contents;"
			   "DELETE FROM notifications;");
	store_fixture_reopen();
	check_next_ids(13, 8, 41);
}
END_TEST

/* --- all or nothing --- */

static void spoil_attempt(struct store_alerts *alerts)
{
	store_fixture_attempt(alerts, 999, 1); /* of no notification */
}

static void spoil_fold(struct store_alerts *alerts)
{
	store_fixture_renew(alerts, 2, "waiting", 999); /* found out when it is committed */
}

static void spoil_self(struct store_alerts *alerts)
{
	store_fixture_renew(alerts, 2, "waiting", 2);
}

static void spoil_circle(struct store_alerts *alerts)
{
	store_fixture_renew(alerts, 2, "waiting", 3);
	store_fixture_renew(alerts, 3, "waiting", 2);
}

static void spoil_table(struct store_alerts *alerts)
{
	g_ptr_array_add(alerts->pushes, g_strdup("no"));
	store_fixture_exec("CREATE TRIGGER no BEFORE INSERT ON pushes WHEN new.delivery = 'no' "
			   "BEGIN SELECT RAISE(ABORT, 'no'); END");
}

static const struct {
	const char *name;
	void (*spoil)(struct store_alerts *alerts);
} spoilers[] = {
	{"an attempt of nothing", spoil_attempt}, {"folded into nothing", spoil_fold},
	{"folded into itself", spoil_self},       {"folded in a circle", spoil_circle},
	{"the very last row", spoil_table},
};

static int64_t count_all(void)
{
	return store_fixture_number(
		"SELECT (SELECT count(*) FROM incidents) + (SELECT count(*) FROM silences)"
		" + (SELECT count(*) FROM notifications) + (SELECT count(*) FROM contents)"
		" + (SELECT count(*) FROM attempts) + (SELECT count(*) FROM memos)"
		" + (SELECT count(*) FROM pushes) + (SELECT count(*) FROM targets)"
		" + (SELECT count(*) FROM cycles)");
}

/* One of everything. */
static void add_one_of_each(struct store_alerts *alerts, int64_t id)
{
	g_autofree char *name = g_strdup_printf("memo %d", (int)id);

	store_fixture_incident(alerts, id, "service/a", id);
	store_fixture_silence(alerts, id, id);
	store_fixture_notification(alerts, id, id);
	store_fixture_attempt(alerts, id, id);
	store_fixture_memo(alerts, name, id);
	g_ptr_array_add(alerts->pushes, g_strdup(name));
}

START_TEST(test_all_or_nothing)
{
	g_autoptr(GError) error = NULL;
	struct store_batch *batch = store_fixture_batch(1);
	struct store_alerts *alerts = store_alerts_create();

	add_one_of_each(batch->alerts, 1);
	spoilers[_i].spoil(batch->alerts);
	ck_assert_msg(!store_commit_batch(fixture.store, batch, &error), "%s", spoilers[_i].name);
	ck_assert_ptr_nonnull(strstr(error->message, fixture.path));
	g_clear_error(&error);
	ck_assert_int_eq(count_all(), 0);
	ck_assert(!store_commit_alerts(fixture.store, batch->alerts, &error));
	ck_assert_ptr_nonnull(error);
	ck_assert_int_eq(count_all(), 0);
	check_next_ids(1, 1, 1);
	store_batch_free(batch);
	/* and the next one is as good as ever */
	add_one_of_each(alerts, 1);
	store_fixture_commit_alerts(alerts);
	batch = store_fixture_batch(2);
	add_one_of_each(batch->alerts, 2);
	store_fixture_commit(batch);
	ck_assert_int_eq(count_all(), 2 * 7 + 2); /* and a target and a cycle */
}
END_TEST

/* --- what it costs --- */

START_TEST(test_nothing_to_write_writes_nothing)
{
	struct store_alerts *alerts = store_alerts_create();
	sqlite3 *other = NULL;
	int64_t written = 0;

	store_fixture_commit(store_fixture_batch(1));
	written = store_get_stats(fixture.store).written_bytes;
	/* not even the right to write is asked for */
	ck_assert_int_eq(sqlite3_open(fixture.path, &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	store_fixture_commit_alerts(alerts);
	ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
	ck_assert_int_eq(store_get_stats(fixture.store).written_bytes, written);
	store_alerts_free(NULL);
}
END_TEST

START_TEST(test_many_incidents_cost_a_cycle_nothing)
{
	struct store_batch *batch = store_fixture_batch(1);
	int64_t written = 0;

	for (int i = 1; i <= 10000; i++) {
		g_autofree char *target = g_strdup_printf("service/s%d", i);

		store_fixture_incident(batch->alerts, i, target, 1);
	}
	store_fixture_notification(batch->alerts, 1, 1);
	store_fixture_commit(batch);
	ck_assert_uint_eq(count_loaded(store_load_incidents), 10000);
	store_fixture_commit(store_fixture_batch(2)); /* the page of cycles exists now */
	written = store_get_stats(fixture.store).written_bytes;
	store_fixture_commit(store_fixture_batch(3));
	ck_assert_int_eq(store_get_stats(fixture.store).written_bytes - written, 4096);
	/* one of them changes: its row, and where its indexes have it */
	batch = store_fixture_batch(4);
	store_fixture_end(store_fixture_incident(batch->alerts, 5000, "service/s5000", 1), 4);
	written = store_get_stats(fixture.store).written_bytes;
	store_fixture_commit(batch);
	ck_assert_int_le(store_get_stats(fixture.store).written_bytes - written,
			 (int64_t)16 * 4096);
}
END_TEST

static const char *const bounded_queries[] = {
	"insert_deployment",
	"write_incident",
	"write_silence",
	"write_notification",
	"fold_notification",
	"settle_folded",
	"write_content",
	"insert_attempt",
	"cut_attempts",
	"write_memo",
	"insert_push",
	"load_incidents",
	"load_waiting",
	"load_failed",
	"read_incident",
	"read_incidents",
	"read_incidents_of_status",
	"read_incidents_of_statuses",
	"read_incidents_of_target",
	"read_silences",
	"read_notifications",
	"read_notifications_of_state",
	"read_notifications_of_channel",
	"read_attempts",
	"prune_attempts",
	"prune_incidents",
	"prune_notifications",
	"prune_targets",
	"read_incidents_of_status",
	"read_incidents_of_target",
	"read_notifications",
	"read_notifications_of_state",
	"read_notifications_of_channel",
};

START_TEST(test_queries_go_by_an_index)
{
	store_fixture_check_plan(bounded_queries[_i]);
}
END_TEST

Suite *store_alerts_suite(void)
{
	Suite *suite = suite_create("store_alerts");
	TCase *tc = tcase_create("store_alerts");

	tcase_set_timeout(tc, 60); /* for sanitizers on a busy machine */
	tcase_add_checked_fixture(tc, store_fixture_setup, store_fixture_teardown);
	tcase_add_test(tc, test_incident_comes_back);
	tcase_add_test(tc, test_target_of_an_incident_stays);
	tcase_add_test(tc, test_open_incidents_and_the_last_that_ended);
	tcase_add_loop_test(tc, test_json_of_alerts_is_bounded, 0, G_N_ELEMENTS(json_cases));
	tcase_add_loop_test(tc, test_texts_of_alerts_are_bounded, 0, 3);
	tcase_add_test(tc, test_rows_without_texts);
	tcase_add_test(tc, test_silence_comes_back);
	tcase_add_test(tc, test_silence_is_replaced);
	tcase_add_test(tc, test_memos_and_pushes);
	tcase_add_test(tc, test_ids_are_given_out_once);
	tcase_add_loop_test(tc, test_all_or_nothing, 0, G_N_ELEMENTS(spoilers));
	tcase_add_test(tc, test_nothing_to_write_writes_nothing);
	tcase_add_test(tc, test_many_incidents_cost_a_cycle_nothing);
	tcase_add_loop_test(tc, test_queries_go_by_an_index, 0, G_N_ELEMENTS(bounded_queries));
	suite_add_tcase(suite, tc);
	return suite;
}
