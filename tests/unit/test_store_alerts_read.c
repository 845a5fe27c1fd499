/* Tests of lib/store: pages of incidents, silences and messages while they change, and what
 * statistics are made of. */
#include "store/store.h"

#include <check.h>
#include <string.h>

#include "drift_error.h"
#include "tests/unit/store_fixture_alerts.h"

Suite *store_alerts_read_suite(void);

static struct store_reader *must_open_reader(void)
{
	g_autoptr(GError) error = NULL;
	struct store_reader *reader = store_reader_open(fixture.path, &error);

	ck_assert_msg(reader != NULL, "%s", error ? error->message : "");
	return reader;
}

/* --- pages --- */

/* A page of any kind, and the id of any row of it. */
typedef GPtrArray *(*read_page_fn)(struct store_reader *reader, int64_t before_id, int limit,
				   GError **error);

static GPtrArray *read_incidents(struct store_reader *reader, int64_t before_id, int limit,
				 GError **error)
{
	const struct store_incident_filter filter = {0};

	return store_read_incidents(reader, &filter, before_id, limit, error);
}

static GPtrArray *read_open(struct store_reader *reader, int64_t before_id, int limit,
			    GError **error)
{
	const struct store_incident_filter filter = {.statuses = {"open"}};

	return store_read_incidents(reader, &filter, before_id, limit, error);
}

static GPtrArray *read_not_over(struct store_reader *reader, int64_t before_id, int limit,
				GError **error)
{
	const struct store_incident_filter filter = {.statuses = {"open", "acknowledged"}};

	return store_read_incidents(reader, &filter, before_id, limit, error);
}

static GPtrArray *read_of_a(struct store_reader *reader, int64_t before_id, int limit,
			    GError **error)
{
	const struct store_incident_filter filter = {.target = "service/a"};

	return store_read_incidents(reader, &filter, before_id, limit, error);
}

static GPtrArray *read_resolved_of_a(struct store_reader *reader, int64_t before_id, int limit,
				     GError **error)
{
	const struct store_incident_filter filter = {.target = "service/a",
						     .statuses = {"resolved"}};

	return store_read_incidents(reader, &filter, before_id, limit, error);
}

static GPtrArray *read_silences(struct store_reader *reader, int64_t before_id, int limit,
				GError **error)
{
	return store_read_silences(reader, true, 0, before_id, limit, error);
}

static GPtrArray *read_active_silences(struct store_reader *reader, int64_t before_id, int limit,
				       GError **error)
{
	return store_read_silences(reader, false, 100, before_id, limit, error);
}

static GPtrArray *read_notifications(struct store_reader *reader, int64_t before_id, int limit,
				     GError **error)
{
	return store_read_notifications(reader, NULL, NULL, before_id, limit, error);
}

static GPtrArray *read_sent(struct store_reader *reader, int64_t before_id, int limit,
			    GError **error)
{
	return store_read_notifications(reader, NULL, "sent", before_id, limit, error);
}

static GPtrArray *read_of_slack(struct store_reader *reader, int64_t before_id, int limit,
				GError **error)
{
	return store_read_notifications(reader, "slack/default", NULL, before_id, limit, error);
}

static GPtrArray *read_sent_of_slack(struct store_reader *reader, int64_t before_id, int limit,
				     GError **error)
{
	return store_read_notifications(reader, "slack/default", "sent", before_id, limit, error);
}

/* Rows with these ids: of incidents even ones are of service/a, every third is resolved, every fifth
 * acknowledged; silences: every third was taken back, every fifth is over; notifications: even ones
 * for slack/default, every third is sent. */
static void add_rows(int64_t first, int64_t last)
{
	struct store_alerts *alerts = store_alerts_create();

	for (int64_t id = first; id <= last; id++) {
		struct store_incident *incident = store_fixture_incident(
			alerts, id, id % 2 == 0 ? "service/a" : "service/b", id);
		struct store_silence *silence = store_fixture_silence(alerts, id, id);
		struct store_notification *notification =
			store_fixture_notification(alerts, id, id);

		if (id % 3 == 0) {
			store_fixture_end(incident, id);
			silence->ended_wall_ms = 1;
			store_fixture_set(&notification->state, "sent");
		} else if (id % 5 == 0) {
			store_fixture_set(&incident->status, "acknowledged");
			silence->until_wall_ms = 100;
		}
		if (id % 2 != 0)
			store_fixture_set(&notification->channel, "webhook/a");
	}
	store_fixture_commit_alerts(alerts);
}

static bool is_any(int64_t id)
{
	return id > 0;
}

static bool is_even(int64_t id)
{
	return id % 2 == 0;
}

static bool is_third(int64_t id)
{
	return id % 3 == 0;
}

static bool is_even_third(int64_t id)
{
	return id % 6 == 0;
}

static bool is_no_third(int64_t id)
{
	return id % 3 != 0;
}

static bool is_neither_third_nor_fifth(int64_t id)
{
	return id % 3 != 0 && id % 5 != 0;
}

static const struct {
	const char *name;
	read_page_fn read;
	bool (*has)(int64_t id);
} pages[] = {
	{"incidents", read_incidents, is_any},
	{"open incidents", read_open, is_neither_third_nor_fifth},
	{"incidents that are not over", read_not_over, is_no_third},
	{"incidents of a target", read_of_a, is_even},
	{"resolved incidents of a target", read_resolved_of_a, is_even_third},
	{"silences", read_silences, is_any},
	{"active silences", read_active_silences, is_neither_third_nor_fifth},
	{"notifications", read_notifications, is_any},
	{"sent notifications", read_sent, is_third},
	{"notifications of a channel", read_of_slack, is_even},
	{"sent notifications of a channel", read_sent_of_slack, is_even_third},
};

/* The first field of each struct is its id. */
static int64_t id_of(const void *row)
{
	int64_t id = 0;

	memcpy(&id, row, sizeof(id));
	return id;
}

/* Before every page but the first rows come, and ones that were shown change. */
static void change_world(int64_t next, int64_t shown)
{
	struct store_alerts *alerts = store_alerts_create();

	store_fixture_end(store_fixture_incident(alerts, shown, "service/x", 1), 5);
	store_fixture_silence(alerts, shown, 1)->ended_wall_ms = 5;
	store_fixture_renew(alerts, shown, "failed", 0);
	store_fixture_commit_alerts(alerts);
	add_rows(next, next + 2);
}

START_TEST(test_pages_stay_valid_while_rows_change)
{
	static const int limits[] = {1, 7, 60, 61};

	for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
		struct store_reader *reader = must_open_reader();
		int64_t next = 61, cursor = 0, want = 60;

		store_fixture_exec("DELETE FROM contents; DELETE FROM incidents;"
				   "DELETE FROM silences; DELETE FROM notifications");
		add_rows(1, 60);
		for (;;) {
			g_autoptr(GPtrArray) rows = pages[_i].read(reader, cursor, limits[i], NULL);

			ck_assert_msg(rows && (int)rows->len <= limits[i], "%s", pages[_i].name);
			for (guint row = 0; row < rows->len; row++, want--) {
				while (!pages[_i].has(want))
					want--;
				cursor = id_of(rows->pdata[row]);
				ck_assert_msg(cursor == want, "%s: %d instead of %d",
					      pages[_i].name, (int)cursor, (int)want);
			}
			if ((int)rows->len < limits[i])
				break;
			change_world(next, cursor + 1);
			next += 3;
		}
		while (want > 0 && !pages[_i].has(want))
			want--;
		ck_assert_msg(want == 0, "%s: %d is missing", pages[_i].name, (int)want);
		store_reader_close(reader);
	}
}
END_TEST

START_TEST(test_pages_are_bounded)
{
	static const struct {
		int limit;
		guint want;
	} cases[] = {
		{-1, 0},
		{0, 0},
		{1, 1},
		{STORE_PAGE_MAX_ROWS - 1, STORE_PAGE_MAX_ROWS - 1},
		{STORE_PAGE_MAX_ROWS, STORE_PAGE_MAX_ROWS},
		{STORE_PAGE_MAX_ROWS + 1, STORE_PAGE_MAX_ROWS},
		{INT32_MAX, STORE_PAGE_MAX_ROWS},
	};
	static const read_page_fn reads[] = {read_incidents, read_silences, read_notifications};
	struct store_reader *reader = must_open_reader();

	add_rows(1, STORE_PAGE_MAX_ROWS + 1);
	for (size_t i = 0; i < G_N_ELEMENTS(cases) * G_N_ELEMENTS(reads); i++) {
		size_t at = i / G_N_ELEMENTS(reads);
		g_autoptr(GPtrArray) rows =
			reads[i % G_N_ELEMENTS(reads)](reader, 0, cases[at].limit, NULL);

		ck_assert_ptr_nonnull(rows);
		ck_assert_uint_eq(rows->len, cases[at].want);
	}
	store_reader_close(reader);
}
END_TEST

START_TEST(test_each_status_means_itself)
{
	static const char *const words[] = {"open", "acknowledged", "resolved", "withdrawn"};
	struct store_reader *reader = must_open_reader();
	struct store_alerts *alerts = store_alerts_create();

	for (int i = 0; i < 4; i++) {
		struct store_incident *incident =
			store_fixture_incident(alerts, i + 1, "service/a", 1);

		incident->ended_wall_ms = i < 2 ? 0 : 5;
		store_fixture_set(&incident->status, words[i]);
	}
	store_fixture_commit_alerts(alerts);
	for (int i = 0; i < 8; i++) {
		const struct store_incident_filter filter = {
			.statuses = {words[i % 4]},
			.target = i < 4 ? NULL : "service/a",
		};
		g_autoptr(GPtrArray) rows = store_read_incidents(reader, &filter, 0, 9, NULL);

		ck_assert_uint_eq(rows->len, 1);
		ck_assert_int_eq(id_of(rows->pdata[0]), i % 4 + 1);
	}
	store_reader_close(reader);
}
END_TEST

START_TEST(test_one_incident)
{
	g_autoptr(GError) error = NULL;
	struct store_reader *reader = must_open_reader();
	struct store_alerts *alerts = store_alerts_create();
	struct store_incident *got = NULL;

	store_fixture_incident(alerts, 7, "service/a", 1)->acknowledged_wall_ms = 9;
	store_fixture_set(&store_fixture_incident(alerts, 8, "service/b", 1)->held_by, "silence 1");
	store_fixture_commit_alerts(alerts);
	got = store_read_incident(reader, 8, &error);
	ck_assert_ptr_nonnull(got);
	ck_assert_int_eq(got->id, 8);
	ck_assert_str_eq(got->target, "service/b");
	ck_assert_str_eq(got->held_by, "silence 1");
	ck_assert_int_eq(got->acknowledged_wall_ms, 0);
	store_incident_free(got);
	ck_assert_ptr_null(store_read_incident(reader, 9, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND));
	ck_assert_ptr_nonnull(strstr(error->message, "incident 9"));
	store_reader_close(reader);
}
END_TEST

/* --- messages with their attempts --- */

START_TEST(test_attempts_of_a_page)
{
	/* of three messages the first has no attempt, the second two, the third one that worked */
	static const guint want[] = {1, 2, 0};
	struct store_reader *reader = must_open_reader();
	struct store_alerts *alerts = store_alerts_create();
	const struct store_notification *row = NULL;
	const struct store_attempt *attempt = NULL;
	g_autoptr(GPtrArray) rows = NULL;

	for (int id = 1; id <= 3; id++)
		store_fixture_notification(alerts, id, id);
	store_fixture_attempt(alerts, 2, 20);
	store_fixture_attempt(alerts, 3, 30);
	g_clear_pointer(&((struct store_attempt *)alerts->attempts->pdata[1])->error, g_free);
	((struct store_attempt *)alerts->attempts->pdata[1])->status = 200;
	store_fixture_attempt(alerts, 2,
			      10); /* the clock went back: it is the second for all that */
	store_fixture_commit_alerts(alerts);
	rows = read_notifications(reader, 0, 10, NULL);
	ck_assert_uint_eq(rows->len, 3);
	for (guint i = 0; i < 3; i++) {
		row = rows->pdata[i];
		ck_assert_int_eq(row->id, 3 - (int64_t)i);
		ck_assert_ptr_null(row->content);
		ck_assert_uint_eq(row->attempts->len, want[i]);
	}
	row = rows->pdata[0];
	attempt = row->attempts->pdata[0];
	ck_assert_int_eq(attempt->notification, 3);
	ck_assert_int_eq(attempt->status, 200);
	ck_assert_ptr_null(attempt->error);
	row = rows->pdata[1];
	attempt = row->attempts->pdata[0];
	ck_assert_int_eq(attempt->at_wall_ms, 20);
	ck_assert_int_eq(attempt->status, 500);
	ck_assert_str_eq(attempt->error, "hooks.example.com answered 500");
	ck_assert_int_eq(((const struct store_attempt *)row->attempts->pdata[1])->at_wall_ms, 10);
	store_reader_close(reader);
}
END_TEST

START_TEST(test_newest_attempts_are_kept)
{
	static const int counts[] = {STORE_ATTEMPTS_KEPT - 1, STORE_ATTEMPTS_KEPT,
				     STORE_ATTEMPTS_KEPT + 1, 3 * STORE_ATTEMPTS_KEPT};
	int kept = MIN(counts[_i], STORE_ATTEMPTS_KEPT);
	struct store_reader *reader = must_open_reader();
	struct store_alerts *alerts = store_alerts_create();
	const struct store_notification *row = NULL;
	g_autoptr(GPtrArray) rows = NULL;

	store_fixture_notification(alerts, 1, 1);
	store_fixture_notification(alerts, 2, 1);
	store_fixture_attempt(alerts, 1, 777);
	for (int i = 1; i <= counts[_i]; i++)
		store_fixture_attempt(alerts, 2, i);
	store_fixture_commit_alerts(alerts);
	rows = read_notifications(reader, 0, 10, NULL);
	row = rows->pdata[0];
	ck_assert_int_eq((int)row->attempts->len, kept);
	for (int i = 0; i < kept; i++)
		ck_assert_int_eq(
			((const struct store_attempt *)row->attempts->pdata[i])->at_wall_ms,
			counts[_i] - kept + 1 + i);
	row = rows->pdata[1];
	ck_assert_uint_eq(row->attempts->len, 1); /* of another message: as it was */
	store_reader_close(reader);
}
END_TEST

START_TEST(test_folded_are_read_with_their_carrier_s_state)
{
	struct store_reader *reader = must_open_reader();
	struct store_alerts *alerts = store_alerts_create();
	const struct store_notification *row = NULL;
	g_autoptr(GPtrArray) failed = NULL;
	g_autoptr(GPtrArray) waiting = NULL;

	for (int id = 1; id <= 3; id++)
		store_fixture_notification(alerts, id, id);
	store_fixture_renew(alerts, 1, "waiting", 2);
	store_fixture_renew(alerts, 2, "failed", 0);
	store_fixture_commit_alerts(alerts);
	failed = store_read_notifications(reader, NULL, "failed", 0, 10, NULL);
	ck_assert_uint_eq(failed->len, 2);
	row = failed->pdata[1];
	ck_assert_int_eq(row->id, 1);
	ck_assert_str_eq(row->state, "failed");
	ck_assert_int_eq(row->folded_into, 2);
	waiting = store_read_notifications(reader, NULL, "waiting", 0, 10, NULL);
	ck_assert_uint_eq(waiting->len, 1);
	store_reader_close(reader);
}
END_TEST

START_TEST(test_no_page_stays_in_the_way)
{
	/* a reader that kept its transaction would keep the log from ever starting anew */
	struct store_reader *reader = must_open_reader();
	g_autoptr(GError) error = NULL;

	add_rows(1, 9);
	g_ptr_array_unref(read_notifications(reader, 0, 5, NULL));
	ck_assert_int_eq(store_fixture_number("PRAGMA wal_checkpoint(TRUNCATE)"), 0);
	store_fixture_exec("ALTER TABLE attempts RENAME TO hidden");
	ck_assert_ptr_null(read_notifications(reader, 0, 5, &error));
	ck_assert_ptr_nonnull(error);
	ck_assert_int_eq(store_fixture_number("PRAGMA wal_checkpoint(TRUNCATE)"), 0);
	store_fixture_exec("ALTER TABLE hidden RENAME TO attempts");
	g_ptr_array_unref(read_notifications(reader, 0, 5, NULL));
	store_reader_close(reader);
}
END_TEST

/* --- statistics --- */

START_TEST(test_incidents_of_statistics)
{
	struct store_reader *reader = must_open_reader();
	struct store_alerts *alerts = store_alerts_create();
	struct store_incident *incident = NULL;
	const struct store_incident_times *got = NULL;
	g_autoptr(GArray) incidents = NULL;
	g_autoptr(GArray) leads = NULL;

	store_fixture_incident(alerts, 1, "service/a", 99); /* too old */
	store_fixture_incident(alerts, 2, "service/b", 100)->opened_wall_ms = 50;
	incident = store_fixture_incident(alerts, 3, "service/c", 200);
	incident->acknowledged_wall_ms = 333; /* renewed */
	incident->first_ack_wall_ms = 300;
	incident->false_alarm = true;
	store_fixture_end(incident, 400);
	store_fixture_set(&incident->status, "withdrawn");
	store_fixture_set(&store_fixture_incident(alerts, 4, "service/d", 500)->cause, "blind");
	store_fixture_commit_alerts(alerts);
	ck_assert(store_read_statistics(reader, 100, &incidents, &leads, NULL));
	ck_assert_uint_eq(incidents->len, 3);
	ck_assert_uint_eq(leads->len, 0);
	got = &g_array_index(incidents, struct store_incident_times, 0);
	ck_assert_int_eq(got->detected_wall_ms, 500);
	ck_assert(got->blind && !got->withdrawn && !got->false_alarm);
	got = &g_array_index(incidents, struct store_incident_times, 1);
	ck_assert_int_eq(got->opened_wall_ms, 200);
	ck_assert_int_eq(got->first_ack_wall_ms, 300);
	ck_assert_int_eq(got->ended_wall_ms, 400);
	ck_assert(!got->blind && got->withdrawn && got->false_alarm);
	got = &g_array_index(incidents, struct store_incident_times, 2);
	ck_assert_int_eq(got->opened_wall_ms, 50);
	ck_assert_int_eq(got->detected_wall_ms, 100);
	ck_assert_int_eq(got->first_ack_wall_ms + got->ended_wall_ms, 0);
	ck_assert(!got->blind && !got->withdrawn && !got->false_alarm);
	store_reader_close(reader);
}
END_TEST

/* What was seen, in this order, of service/a (and, where it says so, of b), and which deployments
 * began since 10: "at/committed …", newest first. Rows of one time are of one cycle. */
static const struct {
	const char *name;
	struct {
		int64_t at;
		const char *target, *revision, *sha;
		int percent;
		int64_t committed;
	} rows[8];
	const char *want;
} lead_cases[] = {
	{"what ran at first is none", {{20, "a", "r1", "s1", 100, 5}}, ""},
	{"nor are two revisions that ran at first",
	 {{20, "a", "r1", "s1", 50, 5}, {20, "a", "r2", "s2", 50, 6}},
	 ""},
	{"a new one is", {{20, "a", "r1", "s1", 100, 5}, {30, "a", "r2", "s2", 100, 6}}, "30/6 "},
	{"also of the same commit",
	 {{20, "a", "r1", "s1", 100, 5}, {30, "a", "r2", "s1", 100, 5}},
	 "30/5 "},
	{"another share is none",
	 {{20, "a", "r1", "s1", 100, 5}, {30, "a", "r1", "s1", 90, 5}},
	 ""},
	{"nor is it when its commit becomes known",
	 {{20, "a", "r1", "s1", 100, 5}, {30, "a", "r1", "s1full", 100, 5}},
	 ""},
	{"nor is one that comes back",
	 {{20, "a", "r1", "s1", 100, 5},
	  {30, "a", "r2", "s2", 100, 6},
	  {40, "a", "r1", "s1", 100, 5}},
	 "30/6 "},
	{"revisions of one cycle are one, the newest commit counts",
	 {{20, "a", "r1", "s1", 100, 5},
	  {30, "a", "r2", "s2", 90, 7},
	  {30, "a", "r3", "s3", 10, 6}},
	 "30/7 "},
	{"one of two is known",
	 {{20, "a", "r1", "s1", 100, 5},
	  {30, "a", "r2", "s2", 90, 0},
	  {30, "a", "r3", "s3", 10, 6}},
	 "30/6 "},
	{"of two targets they are two",
	 {{20, "a", "r1", "s1", 100, 5},
	  {20, "b", "r1", "s1", 100, 5},
	  {30, "a", "r2", "s2", 100, 6},
	  {30, "b", "r2", "s2", 100, 6}},
	 "30/6 30/6 "},
	{"the first of another target is none",
	 {{20, "a", "r1", "s1", 100, 5}, {30, "b", "r2", "s2", 100, 6}},
	 ""},
	{"a commit nobody knows",
	 {{20, "a", "r1", "s1", 100, 5}, {30, "a", "r2", "s2", 100, 0}},
	 "30/0 "},
	{"without revisions commits count",
	 {{20, "a", NULL, "s1", 100, 5},
	  {30, "a", NULL, "s2", 100, 6},
	  {40, "a", NULL, "s1", 100, 5},
	  {50, "a", NULL, "s3", 100, 7}},
	 "50/7 30/6 "},
	{"before the period",
	 {{2, "a", "r1", "s1", 100, 1},
	  {9, "a", "r2", "s2", 100, 2},
	  {10, "a", "r3", "s3", 100, 3},
	  {11, "a", "r4", "s4", 100, 4}},
	 "11/4 10/3 "},
};

static void add_lead_row(struct store_batch *batch, size_t number, size_t row)
{
	struct store_deployment *deployment = store_fixture_deployment(
		batch, lead_cases[number].rows[row].target, lead_cases[number].rows[row].at);

	store_fixture_set(&deployment->sha, lead_cases[number].rows[row].sha);
	store_fixture_set(&deployment->revision, lead_cases[number].rows[row].revision);
	deployment->percent = lead_cases[number].rows[row].percent;
	deployment->committed_wall_ms = lead_cases[number].rows[row].committed;
}

static char *leads_since(int64_t since_wall_ms)
{
	struct store_reader *reader = must_open_reader();
	g_autoptr(GArray) incidents = NULL;
	g_autoptr(GArray) leads = NULL;
	GString *text = g_string_new("");

	ck_assert(store_read_statistics(reader, since_wall_ms, &incidents, &leads, NULL));
	for (guint i = 0; i < leads->len; i++) {
		const struct store_lead *lead = &g_array_index(leads, struct store_lead, i);

		g_string_append_printf(text, "%d/%d ", (int)lead->at_wall_ms,
				       (int)lead->committed_wall_ms);
	}
	store_reader_close(reader);
	return g_string_free(text, FALSE);
}

START_TEST(test_deployments_of_statistics)
{
	g_autofree char *got = NULL;

	for (size_t i = 0; lead_cases[_i].rows[i].target; i++) {
		struct store_batch *batch = store_fixture_batch(lead_cases[_i].rows[i].at);

		add_lead_row(batch, (size_t)_i, i);
		/* the rest of the same cycle */
		while (i + 1 < G_N_ELEMENTS(lead_cases[_i].rows) &&
		       lead_cases[_i].rows[i + 1].at == lead_cases[_i].rows[i].at)
			add_lead_row(batch, (size_t)_i, ++i);
		store_fixture_commit(batch);
	}
	got = leads_since(10);
	ck_assert_msg(strcmp(got, lead_cases[_i].want) == 0, "%s: \"%s\", wanted \"%s\"",
		      lead_cases[_i].name, got, lead_cases[_i].want);
}
END_TEST

START_TEST(test_deployment_is_compared_with_the_newest)
{
	/* one that comes back behind so many others is a new one: that is as far as one looks */
	static const int others[] = {STORE_DEPLOYMENTS_KEPT - 1, STORE_DEPLOYMENTS_KEPT};
	g_autofree char *got = NULL;

	for (int i = 0; i <= others[_i] + 1; i++) {
		struct store_batch *batch = store_fixture_batch(i);
		g_autofree char *revision = g_strdup_printf("r%d", i <= others[_i] ? i : 0);

		store_fixture_set(&store_fixture_deployment(batch, "service/a", i + 1)->revision,
				  revision);
		store_fixture_commit(batch);
	}
	got = leads_since(others[_i] + 2);
	ck_assert_str_eq(got, _i == 0 ? "" : "18/0 ");
}
END_TEST

START_TEST(test_deployment_stays_one_when_older_ones_go)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *got = NULL;
	bool more = false;

	for (int i = 1; i <= 40; i++) {
		struct store_batch *batch = store_fixture_batch(i);
		g_autofree char *revision = g_strdup_printf("r%d", i);

		store_fixture_verdict(batch, "service/a");
		store_fixture_set(&store_fixture_deployment(batch, "service/a", i)->revision,
				  revision);
		store_fixture_commit(batch);
	}
	ck_assert(store_prune(fixture.store, 38, 1000, &more, &error));
	got = leads_since(38);
	ck_assert_str_eq(got, "40/0 39/0 38/0 ");
}
END_TEST

START_TEST(test_statistics_are_bounded)
{
	/* one row more than they look at: the oldest is left out */
	struct store_reader *reader = must_open_reader();
	g_autoptr(GArray) incidents = NULL;
	g_autoptr(GArray) leads = NULL;

	store_fixture_exec(
		"INSERT INTO targets VALUES (1, 'service/a');"
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100001)"
		" INSERT INTO incidents SELECT i, 1, 'P1', 'drift', 'resolved', '', '[]', '[]', i,"
		" i, NULL, NULL, NULL, NULL, NULL, i, 0, 0, 1, NULL, NULL FROM n;"
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100001)"
		" INSERT INTO deployments (target_id, at_wall_ms, percent, began)"
		" SELECT 1, i, 100, 1 FROM n;");
	ck_assert(store_read_statistics(reader, 0, &incidents, &leads, NULL));
	ck_assert_uint_eq(incidents->len, STORE_STATISTICS_MAX);
	ck_assert_uint_eq(leads->len, STORE_STATISTICS_MAX);
	ck_assert_int_eq(
		g_array_index(incidents, struct store_incident_times, 99999).detected_wall_ms, 2);
	ck_assert_int_eq(g_array_index(leads, struct store_lead, 99999).at_wall_ms, 2);
	store_reader_close(reader);
}
END_TEST

START_TEST(test_statistics_fail_whole)
{
	struct store_reader *reader = must_open_reader();
	g_autoptr(GError) error = NULL;
	GArray *incidents = NULL;
	GArray *leads = NULL;

	store_fixture_exec("ALTER TABLE deployments RENAME TO hidden");
	ck_assert(!store_read_statistics(reader, 0, &incidents, &leads, &error));
	ck_assert_ptr_nonnull(error);
	ck_assert_ptr_null(incidents);
	ck_assert_ptr_null(leads);
	store_reader_close(reader);
}
END_TEST

Suite *store_alerts_read_suite(void)
{
	Suite *suite = suite_create("store_alerts_read");
	TCase *tc = tcase_create("store_alerts_read");

	tcase_set_timeout(tc, 60); /* for sanitizers on a busy machine */
	tcase_add_checked_fixture(tc, store_fixture_setup, store_fixture_teardown);
	tcase_add_loop_test(tc, test_pages_stay_valid_while_rows_change, 0, G_N_ELEMENTS(pages));
	tcase_add_test(tc, test_pages_are_bounded);
	tcase_add_test(tc, test_each_status_means_itself);
	tcase_add_test(tc, test_one_incident);
	tcase_add_test(tc, test_attempts_of_a_page);
	tcase_add_loop_test(tc, test_newest_attempts_are_kept, 0, 4);
	tcase_add_test(tc, test_folded_are_read_with_their_carrier_s_state);
	tcase_add_test(tc, test_no_page_stays_in_the_way);
	tcase_add_test(tc, test_incidents_of_statistics);
	tcase_add_loop_test(tc, test_deployments_of_statistics, 0, G_N_ELEMENTS(lead_cases));
	tcase_add_loop_test(tc, test_deployment_is_compared_with_the_newest, 0, 2);
	tcase_add_test(tc, test_deployment_stays_one_when_older_ones_go);
	tcase_add_test(tc, test_statistics_are_bounded);
	tcase_add_test(tc, test_statistics_fail_whole);
	suite_add_tcase(suite, tc);
	return suite;
}
