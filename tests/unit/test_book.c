/* test_book - who is told what, and when: scripts and what came of them (book_world.h). */
#include <check.h>
#include <string.h>

#include "book_world.h"

Suite *book_suite(void);

static const struct book_row rows[] = {
	/* the life of an incident */
	{"fine", "a ok;!;b pending;!", "- | -"},
	{"fires, once", "a drift;!;+ 5m;!;+ 5m;!", "slack/x:F(a) | - | -"},
	{"closes", "a drift;!;a ok;+ 5m;!;!", "slack/x:F(a) | slack/x:C(a) | -"},
	{"pending and unknown do not end it", "a drift;!;a pending;!;a unknown;!;a drift;!;a ok;!",
	 "slack/x:F(a) | - | - | - | slack/x:C(a)"},
	{"unknown for hours within drift", "a drift;!;a blind 3h;+ 3h;!;a drift;!;status 1",
	 "slack/x:F(a) | - | - | open drift P1"},
	{"blind below, at and above unknown-after", "a blind 899s;!;a blind 900s;!;a blind 901s;!",
	 "- | slack/x:F(a) | -"},
	{"blind, drift, blind", "a blind;!;status 1;a drift;!;a blind;!;a drift;!;status 1",
	 "slack/x:F(a) | open blind P1 | slack/x:W(a) | - | - | open drift P1"},
	{"codes of blindness come and go",
	 "a blind;!;a unknown permission_denied;!;a unknown fetch_failed expired;!",
	 "slack/x:F(a) | - | -"},
	{"nobody looked yet", "a unseen;!;restart;!", "- | -"},
	{"not looked at again keeps it open", "a drift;!;restart;a unseen;!;a drift;!",
	 "slack/x:F(a) | - | -"},
	{"a code that was not there before is worse, known ones are not",
	 "a drift behind;!;a drift behind env_missing;!;a drift behind;!;a drift env_missing;!",
	 "slack/x:F(a) | slack/x:W(a) | - | -"},
	{"a pending reason beside it is not worse",
	 "a drift behind;!;a pending deploying behind;!;a drift behind;!", "slack/x:F(a) | - | -"},
	{"paused is withdrawn, and drift behind it is new",
	 "a drift;!;a paused;!;status 1;a drift;!;status 2",
	 "slack/x:F(a) | slack/x:C(a) | withdrawn drift P1 | slack/x:F(a) | open drift P1"},
	{"removed is withdrawn", "a drift;b ok;!;a gone;!;status 1",
	 "slack/x:F(a) | slack/x:C(a) | withdrawn drift P1"},
	{"removed, before the next look", "a drift;b ok;!;a gone;+ 5h;due;?;!",
	 "slack/x:F(a) | never | - | slack/x:C(a)"},
	{"the clock alone opens and closes nothing", "a drift;?;!;a ok;?;!",
	 "- | slack/x:F(a) | - | slack/x:C(a)"},
	{"a repository has its own", "@ blind;a ok;!;status 1;@ ok;!",
	 "slack/x:F(main) | open blind P1 | slack/x:C(main)"},
	{"a repository below unknown-after", "@ blind 14m;!;@ blind 15m;!", "- | slack/x:F(main)"},
	/* reopening */
	{"reopened within", "a drift;!;a ok;!;a drift;+ 599s;!;status 1;status 2",
	 "slack/x:F(a) | slack/x:C(a) | slack/x:F*(a) | open drift P1 | none"},
	{"at reopen-within it is a new one", "a drift;!;a ok;!;a drift;+ 600s;!;status 2",
	 "slack/x:F(a) | slack/x:C(a) | slack/x:F(a) | open drift P1"},
	{"reopened and closed again is told each time",
	 "a drift;!;a ok;!;+ 1m;a drift;!;+ 1m;a ok;!;+ 1m;a drift;!",
	 "slack/x:F(a) | slack/x:C(a) | slack/x:F*(a) | slack/x:C(a) | slack/x:F*(a)"},
	{"reopened after a restart", "a drift;!;a ok;!;restart;a drift;+ 1m;!",
	 "slack/x:F(a) | slack/x:C(a) | slack/x:F*(a)"},
	{"reopening clears the acknowledgement",
	 "a drift;!;ack 1 bo;a ok;!;+ 1m;a drift;!;status 1",
	 "slack/x:F(a) | slack/x:C(a) | slack/x:F*(a) | open drift P1"},
	{"reopened as blindness, then drift", "a drift;!;a ok;!;+ 1m;a blind;!;a drift;!",
	 "slack/x:F(a) | slack/x:C(a) | slack/x:F*(a) | slack/x:W(a)"},
	{"nobody was told of the first life: held, then reopened unheld",
	 "silence service/* 5m;a drift;!;a ok;!;+ 6m;a drift;!;status 2",
	 "- | - | slack/x:F(a) | none"},
	{"the second life held, and over before anybody knew",
	 "a drift;!;a ok;!;silence service/* 1h;a drift;+ 1m;!;a ok;!",
	 "slack/x:F(a) | slack/x:C(a) | - | -"},
	{"the second life held, then told",
	 "a drift;!;a ok;!;silence service/* 5m;a drift;!;+ 6m;!",
	 "slack/x:F(a) | slack/x:C(a) | - | slack/x:F*(a)"},
	/* reminders */
	{"reminder below, at and above remind-every", "a drift;!;+ 14399s;?;+ 1s;?;+ 1s;?;+ 4h;?",
	 "slack/x:F(a) | - | slack/x:R(a) | - | slack/x:R(a)"},
	{"one reminder after a long stop", "a drift;!;+ 9d;restart;!;!;+ 1h;!",
	 "slack/x:F(a) | slack/x:R(a) | - | -"},
	{"getting worse puts the reminder off",
	 "a drift;!;+ 3h;a drift behind stale;!;+ 2h;!;+ 2h;!",
	 "slack/x:F(a) | slack/x:W(a) | - | slack/x:R(a)"},
	{"acknowledged ones are not reminded of", "a drift;!;ack 1 bo 7d;+ 9h;!;due",
	 "slack/x:F(a) | - | 572400"},
	{"the clock is set back a little: the reminder is late by that much",
	 "a drift;!;- 2h;!;+ 4h;!;+ 2h;!", "slack/x:F(a) | - | - | slack/x:R(a)"},
	{"the clock is set back by a year: one reminder, then as usual",
	 "a drift;!;- 365d;!;!;+ 4h;!", "slack/x:F(a) | slack/x:R(a) | - | slack/x:R(a)"},
	{"an issue says by itself that it is open", "channel github/g;a drift;!;+ 9h;!;due",
	 "github/g:F(a) | - | never"},
	{"alertmanager is told again anyhow", "channel alertmanager/m;a drift;!;+ 9h;!;due",
	 "alertmanager/m:F(a) | - | never"},
	{"each channel has its own interval",
	 "channel slack/x;channel slack/y;remind slack/y 1h;a drift;!;+ 1h;?;+ 3h;?",
	 "slack/x:F(a) slack/y:F(a) | slack/y:R(a) | slack/x:R(a) slack/y:R(a)"},
	/* acknowledgement */
	{"acknowledged, and closed", "a drift;!;ack 1 bo;status 1;a ok;!",
	 "slack/x:F(a) | acknowledged drift P1 | slack/x:C(a)"},
	{"acknowledged, and worse", "a drift;!;ack 1 bo;a drift behind empty;!;status 1",
	 "slack/x:F(a) | slack/x:W(a) | acknowledged drift P1"},
	{"its end: below, at", "a drift;!;ack 1 bo 24h;due;+ 86399s;?;status 1;+ 1s;?;status 1;?",
	 "slack/x:F(a) | 86400 | - | acknowledged drift P1 | slack/x:W(a) | open drift P1 | -"},
	{"renewed", "a drift;!;ack 1 bo 24h;+ 20h;ack 1 ann 24h;+ 5h;!;+ 19h;!",
	 "slack/x:F(a) | - | slack/x:W(a)"},
	{"its end while held",
	 "a drift;!;ack 1 bo 1h;silence service/a 2h;+ 61m;!;status 1;+ 60m;!",
	 "slack/x:F(a) | - | open drift P1 | slack/x:W(a)"},
	{"its end, over a restart", "a drift;!;ack 1 bo 1h;restart;+ 1h;!",
	 "slack/x:F(a) | slack/x:W(a)"},
	{"the clock is set back by a year: it ends", "a drift;!;ack 1 bo 1h;- 365d;!",
	 "slack/x:F(a) | slack/x:W(a)"},
	{"the clock was set back before it: it lasts as long as ever",
	 "a drift;!;- 365d;ack 1 bo 1h;!;status 1;+ 59m;!;+ 1m;!",
	 "slack/x:F(a) | - | acknowledged drift P1 | - | slack/x:W(a)"},
	{"its end and something new at once: one message",
	 "a drift;!;ack 1 bo 1h;+ 2h;a drift behind stale;!;status 1;version 1",
	 "slack/x:F(a) | slack/x:W(a) | open drift P1 | v2"},
	/* priority */
	{"escalation by count: below, at, above",
	 "escalate a 10 0s;a drift;commits a 9 1h;!;commits a 10 1h;!;commits a 11 1h;!;status 1;"
	 "commits a 12 1h;!",
	 "slack/x:F(a) | - | slack/x:W(a) | open drift P0 | -"},
	{"escalation by age: below, at, above",
	 "escalate a 0 24h;a drift;commits a 1 86399s;!;+ 1s;!;+ 1s;!;status 1",
	 "slack/x:F(a) | - | slack/x:W(a) | open drift P0"},
	{"from P2 to P1, by both no further",
	 "target a P2;escalate a 1 1h;a drift;commits a 9 9h;!;status 1;!",
	 "slack/x:F(a) | open drift P1 | -"},
	{"P0 stays", "target a P0;escalate a 1 1h;a drift;commits a 9 9h;!;status 1",
	 "slack/x:F(a) | open drift P0"},
	{"it never falls", "escalate a 1 0s;a drift;commits a 9 1h;!;commits a 1 1h;!;status 1",
	 "slack/x:F(a) | - | open drift P0"},
	{"never while it is pending", "escalate a 1 0s;a drift;!;a pending;commits a 9 1h;!",
	 "slack/x:F(a) | -"},
	{"raised by a reload is worse, lowered is nothing",
	 "target a P1;a drift;!;target a P0;!;target a P2;!;status 1",
	 "slack/x:F(a) | slack/x:W(a) | - | open drift P0"},
	/* one message per channel and cycle */
	{"worst first", "target a P2;target b P0;target c P1;a drift;b blind;c drift;!",
	 "slack/x:F(c),F(a),F(b)"},
	{"kinds together", "a drift;!;a ok;b drift;!", "slack/x:F(a) | slack/x:F(b),C(a)"},
	{"github: one per target", "channel github/g;a drift;b drift;!;a ok;b ok;!",
	 "github/g:F(a) github/g:F(b) | github/g:C(a) github/g:C(b)"},
	/* lost rounds */
	{"a round that was not committed is made again", "a drift;lose;!;!;a ok;lose;!;!",
	 "slack/x:F(a) | slack/x:C(a)"},
	{"a quiet cycle writes nothing", "a drift;b blind;!;written;+ 1m;!;written;+ 50m;!;written",
	 "slack/x:F(a),F(b) | 2 | - | 0 | - | 0"},
	{"commands", "a drift;!;silence service/zz 1h;unsilence 1;ack 1 bo;+ 1h;!",
	 "slack/x:F(a) | -"},
};

START_TEST(test_rows)
{
	book_row_check(&rows[_i]);
}
END_TEST

static struct book_world *world_after(const char *script)
{
	struct book_world *world = book_world_create();

	book_world_run(world, script);
	return world;
}

/* A summary tells ages: it is as of the last time something else changed. */
START_TEST(test_summary_is_news_only_when_facts_change)
{
	struct book_world *world = world_after("a drift;commits a 3 1h;!;+ 3h;!;written");

	ck_assert_str_eq(world->said->str, "slack/x:F(a) | - | 0");
	ck_assert_str_eq(book_world_incident(world, "service/a")->summary,
			 "3 commits behind, oldest 1 h");
	book_world_run(world, "commits a 4 5h;!;written");
	ck_assert_str_eq(world->said->str, "slack/x:F(a) | - | 0 | - | 1");
	ck_assert_str_eq(book_world_incident(world, "service/a")->summary,
			 "4 commits behind, oldest 5 h");
	book_world_free(world);
}
END_TEST

/* The same words as last time are news again when it is another time. */
START_TEST(test_new_incident_says_what_the_last_one_said)
{
	struct book_world *world = world_after("a drift;!;a ok;!;+ 1h;a drift;!");
	const struct incident *incident = book_world_incident(world, "service/a");

	ck_assert_int_eq(incident->id, 2);
	ck_assert_str_eq(incident->summary, "behind of service/a");
	ck_assert_uint_eq(incident->codes->len, 1);
	book_world_free(world);
}
END_TEST

START_TEST(test_times_of_an_incident)
{
	struct book_world *world = world_after("a drift;commits a 3 2h;+ 1m;!;+ 1h;ack 1 bo");
	const struct incident *incident = book_world_incident(world, "service/a");

	ck_assert_int_eq(incident->opened_wall_ms, BOOK_WORLD_NOW_MS - 2 * MS_PER_HOUR);
	ck_assert_int_eq(incident->detected_wall_ms, BOOK_WORLD_NOW_MS + MS_PER_MINUTE);
	ck_assert_int_eq(incident->acknowledged_wall_ms, BOOK_WORLD_NOW_MS + 61 * MS_PER_MINUTE);
	ck_assert_str_eq(incident->acknowledged_by, "bo");
	book_world_run(world, "+ 1h;a ok;!");
	incident = book_world_incident(world, "service/a");
	ck_assert_int_eq(incident->ended_wall_ms, BOOK_WORLD_NOW_MS + 121 * MS_PER_MINUTE);
	ck_assert_str_eq(incident->acknowledged_by, "bo");
	book_world_free(world);
}
END_TEST

START_TEST(test_blindness_began_with_the_first_failed_look)
{
	struct book_world *world = world_after("a blind 20m;!;@ blind 30m;!");

	ck_assert_int_eq(book_world_incident(world, "service/a")->opened_wall_ms,
			 BOOK_WORLD_NOW_MS - 20 * MS_PER_MINUTE);
	ck_assert_int_eq(book_world_incident(world, "repo/main")->opened_wall_ms,
			 BOOK_WORLD_NOW_MS - 30 * MS_PER_MINUTE);
	ck_assert_str_eq(book_world_incident(world, "repo/main")->summary,
			 "fetch of main failed: timeout");
	book_world_free(world);
}
END_TEST

/* Nothing ends before it was there, whatever the clock says. */
START_TEST(test_end_with_a_clock_set_back)
{
	struct book_world *world = world_after("a drift;!;- 1h;a ok;!");
	const struct incident *incident = book_world_incident(world, "service/a");

	ck_assert_int_eq(incident->ended_wall_ms, incident->detected_wall_ms);
	ck_assert_str_eq(world->said->str, "slack/x:F(a) | slack/x:C(a)");
	book_world_free(world);
}
END_TEST

START_TEST(test_worse_says_what)
{
	struct book_world *world = world_after("escalate a 1 0s;a drift behind;!;a drift behind "
					       "env_missing;commits a 2 1h;!");

	ck_assert_str_eq(book_world_incident(world, "service/a")->worse,
			 "also env_missing; P0 now: more than 1 undeployed commit");
	book_world_run(world, "ack 1 bo 24h;+ 24h;!");
	ck_assert_str_eq(book_world_incident(world, "service/a")->worse,
			 "acknowledged by bo 1 d ago, still there");
	ck_assert_ptr_null(book_world_incident(world, "service/a")->acknowledged_by);
	book_world_free(world);
}
END_TEST

START_TEST(test_open_incidents_and_find)
{
	struct book_world *world = world_after("c drift;a drift;b drift;!;a ok;!");
	g_autoptr(GPtrArray) open = book_open_incidents(world->book);

	ck_assert_uint_eq(open->len, 2);
	ck_assert_str_eq(((const struct incident *)open->pdata[0])->target, "service/c");
	ck_assert_str_eq(((const struct incident *)open->pdata[1])->target, "service/b");
	ck_assert_ptr_null(book_find_open(world->book, "service/a"));
	ck_assert_ptr_eq(book_find_open(world->book, "service/b"), open->pdata[1]);
	book_world_free(world);
}
END_TEST

/* Alertmanager tells one alert from another by its labels, the owner's among them. */
START_TEST(test_live_items)
{
	struct book_world *world = world_after("channel alertmanager/m;target a P0 ml;a drift;"
					       "b drift;silence service/b 1h;!;!");
	g_autoptr(GPtrArray) live = book_live_items(world->book, "alertmanager/m");
	g_autoptr(GPtrArray) other = book_live_items(world->book, "slack/x");
	const struct notice_item *item;

	ck_assert_uint_eq(live->len, 1);
	item = live->pdata[0];
	ck_assert_str_eq(item->target, "service/a");
	ck_assert_str_eq(item->owner, "ml");
	ck_assert_int_eq(item->priority, PRIORITY_P0);
	ck_assert_int_eq(item->state, STATE_DRIFT);
	ck_assert_ptr_nonnull(item->reason); /* with all that is known of it */
	ck_assert_uint_eq(other->len, 0);
	/* what its owner is, only a look tells */
	book_world_run(world, "restart");
	g_ptr_array_unref(live);
	live = book_live_items(world->book, "alertmanager/m");
	ck_assert_uint_eq(live->len, 0);
	book_world_run(world, "?");
	g_ptr_array_unref(live);
	live = book_live_items(world->book, "alertmanager/m");
	ck_assert_uint_eq(live->len, 1);
	book_world_run(world, "a ok;!");
	g_ptr_array_unref(live);
	live = book_live_items(world->book, "alertmanager/m");
	ck_assert_uint_eq(live->len, 0);
	book_world_free(world);
}
END_TEST

/* L10: what was planned and could not be written is planned again; what was written is never
 * planned twice. */
START_TEST(L10_nothing_is_lost_with_a_round)
{
	static const struct book_row row = {
		"lost rounds",
		"a drift;lose;!;lose;!;!;!;a drift behind stale;lose;!;!;a ok;lose;!;!;!",
		"slack/x:F(a) | - | slack/x:W(a) | slack/x:C(a) | -"};

	book_row_check(&row);
}
END_TEST

/* L24: what could not be told is no finding of the target's: it is its own cause, after its own time. */
START_TEST(L24_not_told_is_not_drift)
{
	static const struct book_row row = {"blind", "a unknown;!;a blind 15m;!;status 1",
					    "- | slack/x:F(a) | open blind P1"};

	book_row_check(&row);
}
END_TEST

/* L25: pending, a rollout say, is told to nobody, and raises nothing. */
START_TEST(L25_a_rollout_is_no_incident)
{
	static const struct book_row row = {
		"rollout",
		"escalate a 1 1s;a pending deploying behind;commits a 9 9h;!;a ok;!;status 1",
		"- | - | none"};

	book_row_check(&row);
}
END_TEST

/* L26: one message when it begins, when it gets worse, when it is over; a reminder now and then. */
START_TEST(L26_one_message_per_change)
{
	static const struct book_row row = {
		"a day",
		"a drift;b drift;c drift;!;+ 5m;!;+ 5m;!;a drift behind stale;+ 5m;!;+ 5m;!;+ "
		"220m;!;"
		"+ 15m;!;b ok;+ 5m;!;+ 5m;!",
		"slack/x:F(a),F(b),F(c) | - | - | slack/x:W(a) | - | slack/x:R(b),R(c) | "
		"slack/x:R(a) | slack/x:C(b) | -"};

	book_row_check(&row);
}
END_TEST

/* L31: configured priority, commits under the paths, age of the oldest: nothing else makes a severity. */
START_TEST(L31_severity_in_one_place)
{
	static const struct book_row severity_rows[] = {
		{"configured", "target a P2;a drift;!;status 1", "slack/x:F(a) | open drift P2"},
		{"many reasons", "target a P2;a drift stale empty late;!;status 1",
		 "slack/x:F(a) | open drift P2"},
		{"commits", "target a P2;escalate a 3 0s;a drift;commits a 4 1m;!;status 1",
		 "slack/x:F(a) | open drift P1"},
		{"age", "target a P2;escalate a 0 1d;a drift;commits a 1 2d;!;status 1",
		 "slack/x:F(a) | open drift P1"},
		{"routes use it",
		 "channel slack/p1 P1;channel slack/p0 P0;escalate a 3 0s;a drift;!;commits a 4 "
		 "1m;!;a ok;!",
		 "slack/p1:F(a) | slack/p0:F(a) | slack/p1:C(a) slack/p0:C(a)"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(severity_rows); i++)
		book_row_check(&severity_rows[i]);
}
END_TEST

Suite *book_suite(void)
{
	Suite *suite = suite_create("book");
	TCase *tcase = tcase_create("rounds");

	tcase_add_loop_test(tcase, test_rows, 0, G_N_ELEMENTS(rows));
	tcase_add_test(tcase, test_summary_is_news_only_when_facts_change);
	tcase_add_test(tcase, test_new_incident_says_what_the_last_one_said);
	tcase_add_test(tcase, test_times_of_an_incident);
	tcase_add_test(tcase, test_blindness_began_with_the_first_failed_look);
	tcase_add_test(tcase, test_end_with_a_clock_set_back);
	tcase_add_test(tcase, test_worse_says_what);
	tcase_add_test(tcase, test_open_incidents_and_find);
	tcase_add_test(tcase, test_live_items);
	tcase_add_test(tcase, L10_nothing_is_lost_with_a_round);
	tcase_add_test(tcase, L24_not_told_is_not_drift);
	tcase_add_test(tcase, L25_a_rollout_is_no_incident);
	tcase_add_test(tcase, L26_one_message_per_change);
	tcase_add_test(tcase, L31_severity_in_one_place);
	suite_add_tcase(suite, tcase);
	return suite;
}
