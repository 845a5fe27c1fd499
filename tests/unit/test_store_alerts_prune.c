/* Tests of lib/store: which incidents, silences, messages and pushes are forgotten, and which are
 * not. */
#include "store/store.h"

#include <check.h>
#include <string.h>

#include "clk.h"
#include "drift_error.h"
#include "tests/unit/store_fixture_alerts.h"

Suite *store_alerts_prune_suite(void);

/* Retention ends here. */
#define LIMIT ((int64_t)1000000)

static void setup(void)
{
	store_fixture_setup();
	clk_set_fake(0, LIMIT); /* pushes are younger than 30 days */
}

static void teardown(void)
{
	clk_clear_fake();
	store_fixture_teardown();
}

/* Steps of at most max_rows until nothing is left; their number. */
static int prune(int64_t before_wall_ms, int max_rows)
{
	g_autoptr(GError) error = NULL;
	bool more = true;
	int steps = 0;

	for (; more; steps++)
		ck_assert_msg(store_prune(fixture.store, before_wall_ms, max_rows, &more, &error),
			      "%s", error ? error->message : "");
	return steps;
}

static int64_t count(const char *table)
{
	g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM %s", table);

	return store_fixture_number(sql);
}

/* An incident that ended at a time (0: it did not), and whether it stays. */
static const struct {
	const char *status;
	int64_t ended;
	bool stays;
} incident_cases[] = {
	{"open", 0, true},          {"acknowledged", 0, true},     {"resolved", LIMIT - 1, false},
	{"resolved", LIMIT, true},  {"resolved", LIMIT + 1, true}, {"withdrawn", LIMIT - 1, false},
	{"withdrawn", LIMIT, true},
};

START_TEST(test_incidents_that_ended_are_forgotten)
{
	struct store_alerts *alerts = store_alerts_create();
	struct store_incident *incident = store_fixture_incident(alerts, 1, "repo/main", 1);

	store_fixture_set(&incident->status, incident_cases[_i].status);
	incident->ended_wall_ms = incident_cases[_i].ended;
	store_fixture_commit_alerts(alerts);
	(void)prune(LIMIT, 100);
	ck_assert_int_eq(count("incidents"), incident_cases[_i].stays ? 1 : 0);
	ck_assert_int_eq(count("targets"), incident_cases[_i].stays ? 1 : 0);
}
END_TEST

static const struct {
	int64_t until, ended;
	bool stays;
} silence_cases[] = {
	{LIMIT - 1, 0, false},     {LIMIT, 0, true},         {LIMIT + 1, 0, true},
	{LIMIT, LIMIT - 1, false}, {LIMIT + 9, LIMIT, true}, {LIMIT - 1, LIMIT + 1, false},
};

START_TEST(test_silences_that_are_past_are_forgotten)
{
	struct store_alerts *alerts = store_alerts_create();
	struct store_silence *silence = store_fixture_silence(alerts, 1, 1);

	silence->until_wall_ms = silence_cases[_i].until;
	silence->ended_wall_ms = silence_cases[_i].ended;
	store_fixture_commit_alerts(alerts);
	(void)prune(LIMIT, 100);
	ck_assert_int_eq(count("silences"), silence_cases[_i].stays ? 1 : 0);
}
END_TEST

/* Messages 1, 2 …: state, age and carrier; which stay, and of which the content stays. */
static const struct {
	const char *name;
	struct {
		const char *state;
		int64_t at, into;
	} rows[4];
	const char *stay, *contents;
} outbox_cases[] = {
	{"waits, however old", {{"waiting", 1, 0}}, "1", "1"},
	{"sent", {{"sent", LIMIT - 1, 0}, {"sent", LIMIT, 0}}, "2", ""},
	{"given up", {{"failed", LIMIT - 1, 0}, {"failed", LIMIT, 0}}, "2", ""},
	{"folded into one that waits", {{"waiting", 1, 2}, {"waiting", 1, 0}}, "12", "2"},
	{"folded into one that was sent", {{"waiting", 1, 2}, {"sent", 1, 0}}, "", ""},
	{"the carrier is older", {{"waiting", LIMIT, 2}, {"sent", 1, 0}}, "12", ""},
	{"the carrier is younger", {{"waiting", 1, 2}, {"sent", LIMIT, 0}}, "2", ""},
	{"carriers that wait and do not",
	 {{"waiting", 1, 2}, {"sent", 1, 0}, {"waiting", 1, 4}, {"waiting", 1, 0}},
	 "34",
	 "4"},
};

/* The ids that @p sql gives, one behind the other. */
static char *ids(const char *table, const char *column)
{
	GString *text = g_string_new("");

	for (int id = 1; id < 10; id++) {
		g_autofree char *sql =
			g_strdup_printf("SELECT count(*) FROM %s WHERE %s = %d", table, column, id);

		if (store_fixture_number(sql) > 0)
			g_string_append_printf(text, "%d", id);
	}
	return g_string_free(text, FALSE);
}

START_TEST(test_outbox_forgets)
{
	struct store_alerts *alerts = store_alerts_create();
	g_autofree char *stay = NULL;
	g_autofree char *contents = NULL;
	g_autofree char *attempts = NULL;

	for (int i = 0; i < 4 && outbox_cases[_i].rows[i].state; i++) {
		struct store_notification *row =
			store_fixture_notification(alerts, i + 1, outbox_cases[_i].rows[i].at);

		store_fixture_set(&row->state, outbox_cases[_i].rows[i].state);
		row->folded_into = outbox_cases[_i].rows[i].into;
		for (int j = 0; j < 3; j++)
			store_fixture_attempt(alerts, i + 1, outbox_cases[_i].rows[i].at);
	}
	store_fixture_commit_alerts(alerts);
	(void)prune(LIMIT, 1000);
	stay = ids("notifications", "id");
	contents = ids("contents", "notification_id");
	attempts = ids("attempts", "notification_id");
	ck_assert_msg(strcmp(stay, outbox_cases[_i].stay) == 0, "%s: %s stay",
		      outbox_cases[_i].name, stay);
	ck_assert_msg(strcmp(contents, outbox_cases[_i].contents) == 0, "%s: contents of %s stay",
		      outbox_cases[_i].name, contents);
	/* of what stays as a carrier only, attempts of that age need not */
	ck_assert_msg(strspn(attempts, stay) == strlen(attempts), "%s: attempts of %s stay",
		      outbox_cases[_i].name, attempts);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
}
END_TEST

START_TEST(test_attempts_of_what_waits_stay)
{
	struct store_alerts *alerts = store_alerts_create();

	store_fixture_notification(alerts, 1, 1);
	store_fixture_attempt(alerts, 1, 2);
	store_fixture_renew(alerts, 2, "waiting", 1); /* nothing but itself */
	store_fixture_commit_alerts(alerts);
	(void)prune(LIMIT, 1000);
	ck_assert_int_eq(count("attempts"), 1);
	ck_assert_int_eq(count("notifications"), 2);
}
END_TEST

START_TEST(test_an_incident_goes_with_its_messages)
{
	struct store_alerts *alerts = store_alerts_create();

	store_fixture_end(store_fixture_incident(alerts, 1, "service/a", 1), 500);
	store_fixture_set(&store_fixture_notification(alerts, 1, 1)->state, "sent");
	store_fixture_set(&store_fixture_notification(alerts, 2, 500)->state, "sent");
	store_fixture_notification(alerts, 3, 500); /* its end is still to be told */
	store_fixture_commit_alerts(alerts);
	(void)prune(LIMIT, 1000);
	ck_assert_int_eq(count("incidents"), 0);
	ck_assert_int_eq(count("notifications"), 1);
	ck_assert_int_eq(count("contents"), 1);
}
END_TEST

START_TEST(test_prune_in_steps)
{
	/* 100 each of incidents, silences, contents, attempts and messages, half of the latter folded,
	 * and a name, and the cycles' */
	struct store_alerts *alerts = store_alerts_create();
	int64_t before = 0;
	bool more = true;

	for (int id = 1; id <= 100; id++) {
		struct store_notification *row = store_fixture_notification(alerts, id, 1);

		store_fixture_end(store_fixture_incident(alerts, id, "service/a", 1), 1);
		store_fixture_silence(alerts, id, 1)->until_wall_ms = 1;
		store_fixture_set(&row->state, "sent");
		row->folded_into = id % 2 == 0 ? id - 1 : 0;
		store_fixture_attempt(alerts, id, 1);
	}
	store_fixture_commit_alerts(alerts);
	while (more) {
		before = count("incidents") + count("silences") + count("contents") +
			 count("attempts") + count("notifications");
		ck_assert(store_prune(fixture.store, LIMIT, 7, &more, NULL));
		ck_assert_int_ge(count("incidents") + count("silences") + count("contents") +
					 count("attempts") + count("notifications"),
				 before - 7);
	}
	ck_assert_int_eq(count("incidents") + count("silences") + count("contents") +
				 count("attempts") + count("notifications") + count("targets"),
			 0);
}
END_TEST

/* --- pushes --- */

/* A push of this age by a clock that says so, retention in days, and whether it stays. */
static const struct {
	int64_t age_ms, retention_ms;
	bool stays;
} push_cases[] = {
	{30 * MS_PER_DAY, 90 * MS_PER_DAY, true}, {30 * MS_PER_DAY + 1, 90 * MS_PER_DAY, false},
	{7 * MS_PER_DAY, 7 * MS_PER_DAY, true},   {7 * MS_PER_DAY + 1, 7 * MS_PER_DAY, false},
	{8 * MS_PER_DAY, 90 * MS_PER_DAY, true},
};

START_TEST(test_pushes_are_forgotten)
{
	const int64_t now = 500 * MS_PER_DAY;
	struct store_alerts *alerts = store_alerts_create();

	clk_set_fake(0, now);
	g_ptr_array_add(alerts->pushes, g_strdup("a"));
	alerts->pushed_wall_ms = now - push_cases[_i].age_ms;
	store_fixture_commit_alerts(alerts);
	(void)prune(now - push_cases[_i].retention_ms, 100);
	ck_assert_int_eq(count("pushes"), push_cases[_i].stays ? 1 : 0);
}
END_TEST

static const int push_counts[] = {STORE_PUSHES_KEPT - 1, STORE_PUSHES_KEPT, STORE_PUSHES_KEPT + 1,
				  STORE_PUSHES_KEPT + 500};

START_TEST(test_pushes_are_counted)
{
	struct store_alerts *alerts = store_alerts_create();
	g_autoptr(GPtrArray) rows = NULL;
	g_autofree char *last = g_strdup_printf("delivery-%d", push_counts[_i] - 1);

	for (int i = 0; i < push_counts[_i]; i++)
		g_ptr_array_add(alerts->pushes, g_strdup_printf("delivery-%d", i));
	alerts->pushed_wall_ms = LIMIT;
	store_fixture_commit_alerts(alerts);
	(void)prune(LIMIT, 100);
	ck_assert_int_eq(count("pushes"), MIN(push_counts[_i], STORE_PUSHES_KEPT));
	rows = store_load_pushes(fixture.store, 1, NULL);
	ck_assert_str_eq(rows->pdata[0], last);
}
END_TEST

/* --- ids --- */

START_TEST(test_ids_are_never_given_out_again)
{
	struct store_alerts *alerts = store_alerts_create();
	int64_t incident = 0, silence = 0, notification = 0;

	store_fixture_end(store_fixture_incident(alerts, 12, "service/a", 1), 1);
	store_fixture_silence(alerts, 7, 1)->until_wall_ms = 1;
	store_fixture_set(&store_fixture_notification(alerts, 40, 1)->state, "sent");
	store_fixture_commit_alerts(alerts);
	(void)prune(LIMIT, 100);
	ck_assert_int_eq(count("incidents") + count("silences") + count("notifications"), 0);
	store_fixture_reopen();
	ck_assert(store_next_ids(fixture.store, &incident, &silence, &notification, NULL));
	ck_assert_int_eq(incident, 13);
	ck_assert_int_eq(silence, 8);
	ck_assert_int_eq(notification, 41);
}
END_TEST

Suite *store_alerts_prune_suite(void)
{
	Suite *suite = suite_create("store_alerts_prune");
	TCase *tc = tcase_create("store_alerts_prune");

	tcase_set_timeout(tc, 60); /* for sanitizers on a busy machine */
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_incidents_that_ended_are_forgotten, 0,
			    G_N_ELEMENTS(incident_cases));
	tcase_add_loop_test(tc, test_silences_that_are_past_are_forgotten, 0,
			    G_N_ELEMENTS(silence_cases));
	tcase_add_loop_test(tc, test_outbox_forgets, 0, G_N_ELEMENTS(outbox_cases));
	tcase_add_test(tc, test_attempts_of_what_waits_stay);
	tcase_add_test(tc, test_an_incident_goes_with_its_messages);
	tcase_add_test(tc, test_prune_in_steps);
	tcase_add_loop_test(tc, test_pushes_are_forgotten, 0, G_N_ELEMENTS(push_cases));
	tcase_add_loop_test(tc, test_pushes_are_counted, 0, G_N_ELEMENTS(push_counts));
	tcase_add_test(tc, test_ids_are_never_given_out_again);
	suite_add_tcase(suite, tc);
	return suite;
}
