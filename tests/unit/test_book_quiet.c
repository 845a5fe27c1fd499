/* test_book_quiet - what keeps messages back, where they go, and digests: scripts and what came of
 * them (book_world.h). */
#include <check.h>
#include <string.h>

#include "book_world.h"
#include "drift_error.h"
#include "dur.h"
#include "timefmt.h"

Suite *book_quiet_suite(void);

static const struct book_row hold_rows[] = {
	/* dependencies */
	{"the repository is the cause",
	 "depends a repo/main;@ blind;a blind;!;held 1;@ ok;!;held 1",
	 "slack/x:F(main) | depends-on repo/main | slack/x:F(a),C(main) | free"},
	{"another target is", "depends a service/b;b drift;a drift;!;held 2;held 1;b ok;!",
	 "slack/x:F(b) | free | depends-on service/b | slack/x:F(a),C(b)"},
	{"another target is, opened in the same round behind it",
	 "depends a service/b;a drift;b drift;!;held 1;a ok;!;b ok;!",
	 "slack/x:F(b) | depends-on service/b | - | slack/x:C(b)"},
	{"a cause that is only pending holds nothing", "depends a service/b;b pending;a drift;!",
	 "slack/x:F(a)"},
	{"a chain: each by its own cause",
	 "depends a service/b;depends b repo/main;@ blind;b drift;a drift;!;@ ok;!;b ok;!",
	 "slack/x:F(main) | slack/x:F(b),C(main) | slack/x:F(a),C(b)"},
	{"a circle holds nobody", "depends a service/b;depends b service/a;a drift;b drift;!",
	 "slack/x:F(a),F(b)"},
	{"a circle with a way out is held by that",
	 "depends a service/b;depends b service/a repo/main;@ blind;a drift;b drift;!",
	 "slack/x:F(main)"},
	{"itself", "depends a service/a;a drift;!", "slack/x:F(a)"},
	{"told before: its closing is never held", "depends a service/b;a drift;!;b drift;!;a ok;!",
	 "slack/x:F(a) | slack/x:F(b) | slack/x:C(a)"},
	{"told before: what got worse is told when the hold ends",
	 "depends a service/b;a drift;!;b drift;!;a drift behind stale;!;b ok;!",
	 "slack/x:F(a) | slack/x:F(b) | - | slack/x:W(a),C(b)"},
	{"told before: no reminders", "depends a service/b;a drift;!;b drift;!;+ 5h;!",
	 "slack/x:F(a) | slack/x:F(b) | slack/x:R(b)"},
	{"the cause is gone", "depends a service/b;b drift;a drift;!;b gone;?;!",
	 "slack/x:F(b) | - | slack/x:F(a),C(b)"},
	{"an unchanged hold writes nothing", "depends a repo/main;@ blind;a blind;!;!;written",
	 "slack/x:F(main) | - | 0"},
	/* silences */
	{"silenced, told when it ends", "silence service/a 1h;a drift;!;held 1;due;+ 1h;?;held 1",
	 "- | silence 1 | 3600 | slack/x:F(a) | free"},
	{"a second short of its end", "silence service/a 1h;a drift;!;+ 3599s;?;+ 1s;?",
	 "- | - | slack/x:F(a)"},
	{"opens and closes in silence", "silence service/a 1h;a drift;!;a ok;!;+ 2h;!",
	 "- | - | -"},
	{"ends in the round in which the incident does",
	 "silence service/a 1h;a drift;!;a ok;+ 1h;!;!", "- | - | -"},
	{"ended by hand", "silence service/a 9h;a drift;!;unsilence 1;!", "- | slack/x:F(a)"},
	{"two: the second holds on",
	 "silence service/a 1h;silence priority=P1 2h;a drift;!;+ 61m;!;"
	 "held 1;+ 1h;!",
	 "- | - | silence 2 | slack/x:F(a)"},
	{"by owner and kind",
	 "target a P1 ml;silence owner=ml 1h;silence kind=repo 1h;a drift;b drift;"
	 "@ blind;!",
	 "slack/x:F(b)"},
	{"acknowledged in silence", "silence service/a 1h;a drift;!;ack 1 bo;+ 2h;!;status 1",
	 "- | slack/x:F(a) | acknowledged drift P1"},
	{"blind and drift in silence is one firing",
	 "silence service/a 1h;a blind;!;a drift;!;+ 2h;!", "- | - | slack/x:F(a)"},
	{"the clock is set back: still silent", "silence service/a 1h;a drift;!;- 5h;!", "- | -"},
	/* windows; the script begins on a Friday at 11:00 UTC */
	{"runs", "window w 2h * 0 10 * * *;a drift;!;held 1;due;+ 1h;?;held 1",
	 "- | window w | 3600 | slack/x:F(a) | free"},
	{"does not run yet, runs, is over",
	 "window w 1h * 0 12 * * *;a drift;!;a ok;!;+ 1h;b drift;!;+ 3599s;!;+ 1s;!",
	 "slack/x:F(a) | slack/x:C(a) | - | - | slack/x:F(b)"},
	{"overlaps itself: it never ends",
	 "window w 90m * 0 * * * *;a drift;!;+ 1h;!;+ 45m;!;+ 1h;!", "- | - | - | -"},
	{"others are told", "window w 2h service/a 0 10 * * *;a drift;b drift;!", "slack/x:F(b)"},
	{"in its zone", "window w 1h * 0 6 * * * America/New_York;a drift;!;+ 1h;!",
	 "- | slack/x:F(a)"},
	{"a silence and a window: one text, by order",
	 "window w 2h * 0 10 * * *;silence service/a 90m;a drift;!;held 1;!;written;+ 90m;!",
	 "- | silence 1 | - | 0 | slack/x:F(a)"},
};

START_TEST(test_holds)
{
	book_row_check(&hold_rows[_i]);
}
END_TEST

static const struct book_row route_rows[] = {
	{"by priority", "channel slack/p0 P0;channel slack/p1 P1;target a P0;a drift;b drift;!",
	 "slack/p0:F(a) slack/p1:F(b)"},
	{"any of its routes",
	 "channel slack/s P0 owner=ml kind=repo service/z*;target a P1 ml;a drift;b "
	 "drift;zed drift;@ blind;!",
	 "slack/s:F(a),F(zed),F(main)"},
	{"no routes takes all", "channel slack/s P0;channel webhook/all;a drift;!",
	 "webhook/all:F(a)"},
	{"no route takes it: it ends silently", "channel slack/s P0;a drift;!;a ok;!;status 1",
	 "- | - | resolved drift P1"},
	{"no channel at all", "drop slack/x;a drift;!;a ok;!", "- | -"},
	{"no channel when it ends: the end waits for who was told",
	 "channel slack/x;channel slack/y;a drift;!;drop slack/x;drop slack/y;a ok;!;!",
	 "slack/x:F(a) slack/y:F(a) | slack/x:C(a) slack/y:C(a) | -"},
	{"a renamed channel gets the closing", "a drift;!;channel slack/y;drop slack/x;!;a ok;!",
	 "slack/x:F(a) | - | slack/y:C(a)"},
	{"a renamed channel is reminded, once for all",
	 "a drift;!;channel slack/y;drop slack/x;+ 4h;!;!", "slack/x:F(a) | slack/y:R(a) | -"},
	{"a renamed github opens its issue at the time of a reminder",
	 "channel github/g;a drift;!;channel github/n;drop github/g;!;due;+ 4h;!;"
	 "due;+ 4h;!;a ok;!",
	 "github/g:F(a) | - | 14400 | github/n:F(a) | never | - | github/n:C(a)"},
	{"a renamed alertmanager is told at the time of a reminder",
	 "channel alertmanager/m;a drift;!;channel alertmanager/n;drop alertmanager/m;!;due;+ 4h;!;"
	 "due;+ 9h;!;a ok;!",
	 "alertmanager/m:F(a) | - | 14400 | alertmanager/n:F(a) | never | - | alertmanager/n:C(a)"},
	{"routes that changed: who was told, and who is routed",
	 "channel slack/ml owner=ml;channel slack/ops owner=ops;target a P1 ml;a drift;!;"
	 "target a P1 ops;!;a ok;!",
	 "slack/ml:F(a) | - | slack/ml:C(a) slack/ops:C(a)"},
	{"comes into play by what gets worse: as firing",
	 "channel slack/ml owner=ml;channel slack/ops owner=ops;target a P1 ml;a drift;!;"
	 "target a P1 ops;a drift behind stale;!;!",
	 "slack/ml:F(a) | slack/ops:F(a) | -"},
	{"nobody is routed, who was told is gone: the first",
	 "channel slack/a owner=x;channel slack/b owner=y;target s P1 y;s drift;!;"
	 "channel slack/c owner=z;drop slack/b;s ok;!",
	 "slack/b:F(s) | slack/a:C(s)"},
	{"removed target: to its owner's channel of now",
	 "channel slack/ml owner=ml;target a P1 ml;b ok;a drift;!;channel slack/new owner=ml;drop "
	 "slack/ml;!;a gone;!",
	 "slack/ml:F(a) | - | slack/new:C(a)"},
	{"two channels, one new since: no firing twice",
	 "a drift;!;channel slack/y;!;a drift behind stale;!",
	 "slack/x:F(a) | - | slack/x:W(a) slack/y:F(a)"},
};

START_TEST(test_routes)
{
	book_row_check(&route_rows[_i]);
}
END_TEST

/* New York: EST until 2026-03-08 (02:00 -> 03:00), EDT until 2026-11-01 (02:00 -> 01:00). */
static const struct book_row digest_rows[] = {
	{"first seen, then daily; not when all is well",
	 "digest slack/x 0 6 * * *;a ok;!;due;+ 19h;?;a drift;!;+ 24h;?",
	 "- | 68400 | - | slack/x:F(a) | slack/x:R(a) slack/x:D(1,0)"},
	{"also when all is well",
	 "digest slack/x 0 6 * * *;when-ok slack/x;a ok;!;+ 19h;?;?;+ 24h;?",
	 "- | slack/x:D(0,0) | - | slack/x:D(0,0)"},
	{"a second before, and at",
	 "digest slack/x 0 6 * * *;when-ok slack/x;a ok;!;+ 68399s;?;+ 1s;?",
	 "- | - | slack/x:D(0,0)"},
	{"what recovered since",
	 "digest slack/x 0 6 * * *;a ok;!;a drift;b drift;!;+ 1m;a ok;!;+ 19h;?;+ 24h;?;+ 1m;b "
	 "ok;!;+ 24h;?;"
	 "+ 24h;?",
	 "- | slack/x:F(a),F(b) | slack/x:C(a) | slack/x:R(b) slack/x:D(1,1) | slack/x:R(b) "
	 "slack/x:D(1,0) | slack/x:C(b) | slack/x:D(0,1) | -"},
	{"paused is not recovered", "digest slack/x 0 6 * * *;b ok;a drift;!;a paused;!;+ 19h;?",
	 "slack/x:F(a) | slack/x:C(a) | -"},
	{"several missed make one, over a restart",
	 "digest slack/x 0 6 * * *;when-ok slack/x;a ok;!;+ 5d;restart;!;!",
	 "- | slack/x:D(0,0) | -"},
	{"several missed, the last too long ago",
	 "digest slack/x 0 6 * * *;when-ok slack/x;a ok;!;+ 5d;+ 2h;restart;!;!", "- | - | -"},
	{"missed by six hours", "digest slack/x 0 6 * * *;when-ok slack/x;a ok;!;+ 97h;!;!;+ 18h;!",
	 "- | slack/x:D(0,0) | - | slack/x:D(0,0)"},
	{"missed by more", "digest slack/x 0 6 * * *;when-ok slack/x;a ok;!;+ 97h;+ 1s;!;due",
	 "- | - | 64799"},
	{"several missed, the last just now",
	 "digest slack/x 0 * * * *;when-ok slack/x;a ok;!;+ 5h;!;!", "- | slack/x:D(0,0) | -"},
	{"nothing was evaluated in this process yet",
	 "digest slack/x 0 6 * * *;when-ok slack/x;a ok;?;due;!;due", "- | never | - | 68400"},
	{"nothing was evaluated since the restart",
	 "digest slack/x 0 6 * * *;a ok;!;restart;due;!;due", "- | never | - | 68400"},
	{"pending and unknown are not ok", "digest slack/x 0 6 * * *;a pending;b unknown;!;+ 19h;?",
	 "- | slack/x:D(2,0)"},
	{"nothing could be evaluated", "digest slack/x 0 6 * * *;a unknown;!;+ 19h;?",
	 "- | slack/x:D(1,0)"},
	{"held ones are there: states are never hidden",
	 "digest slack/x 0 6 * * *;silence * 9d;a drift;!;+ 19h;?", "- | slack/x:D(1,0)"},
	{"a repository that is blind is there", "digest slack/x 0 6 * * *;a ok;@ blind;!;+ 19h;?",
	 "slack/x:F(main) | slack/x:R(main) slack/x:D(1,0)"},
	{"alertmanager and github get none",
	 "channel alertmanager/m;channel github/g;digest alertmanager/m 0 6 * * *;digest github/g "
	 "0 6 * "
	 "* *;when-ok github/g;a ok;!;+ 19h;?;due",
	 "- | - | never"},
	{"the clock is set back by a day: it counts from there",
	 "digest slack/x 0 6 * * *;when-ok slack/x;a ok;!;+ 19h;?;- 24h;!;due;+ 24h;?",
	 "- | slack/x:D(0,0) | - | 86400 | slack/x:D(0,0)"},
	{"the clock is set back by a second: none twice",
	 "digest slack/x 0 6 * * *;when-ok slack/x;a ok;!;+ 19h;?;- 1s;!;+ 1s;!",
	 "- | slack/x:D(0,0) | - | -"},
	{"a round that was lost", "digest slack/x 0 6 * * *;when-ok slack/x;a ok;!;+ 19h;lose;?;?",
	 "- | slack/x:D(0,0)"},
};

START_TEST(test_digests)
{
	book_row_check(&digest_rows[_i]);
}
END_TEST

/* L23: 06:00 in New York is 11:00 UTC in winter and 10:00 in summer, on the days of change too. */
static const struct book_row dst_rows[] = {
	{"to summer: Sunday 2026-03-08",
	 "digest slack/x 0 6 * * * America/New_York;when-ok slack/x;at 2026-03-07T11:00:00Z;a ok;!;"
	 "at 2026-03-08T09:59:59Z;?;+ 1s;?;at 2026-03-08T11:00:00Z;?",
	 "- | - | slack/x:D(0,0) | -"},
	{"to winter: Sunday 2026-11-01",
	 "digest slack/x 0 6 * * * America/New_York;when-ok slack/x;at 2026-10-31T10:00:00Z;a ok;!;"
	 "at 2026-11-01T10:00:00Z;?;at 2026-11-01T10:59:59Z;?;+ 1s;?",
	 "- | - | - | slack/x:D(0,0)"},
	{"an hour that comes twice: once",
	 "digest slack/x 30 1 * * * America/New_York;when-ok slack/x;at 2026-11-01T05:00:00Z;a "
	 "ok;!;"
	 "at 2026-11-01T05:30:00Z;?;at 2026-11-01T06:30:00Z;?;at 2026-11-02T06:30:00Z;?",
	 "- | slack/x:D(0,0) | - | slack/x:D(0,0)"},
	{"an hour that is skipped: at its end",
	 "digest slack/x 30 2 * * * America/New_York;when-ok slack/x;at 2026-03-08T06:00:00Z;a "
	 "ok;!;"
	 "at 2026-03-08T06:59:59Z;?;+ 1s;?;at 2026-03-08T07:30:00Z;?",
	 "- | - | slack/x:D(0,0) | -"},
	{"a window over the change to summer lasts as long as it says",
	 "window w 4h * 0 0 * * * America/New_York;at 2026-03-08T05:00:00Z;a drift;!;"
	 "at 2026-03-08T08:59:59Z;!;+ 1s;!",
	 "- | - | slack/x:F(a)"},
	{"a window over the change to winter too",
	 "window w 4h * 0 0 * * * America/New_York;at 2026-11-01T04:00:00Z;a drift;!;"
	 "at 2026-11-01T07:59:59Z;!;+ 1s;!",
	 "- | - | slack/x:F(a)"},
};

START_TEST(L23_digests_and_windows_have_a_zone)
{
	book_row_check(&dst_rows[_i]);
}
END_TEST

/* L22: what is known to be under maintenance is told when that is over, if it is still so. */
START_TEST(L22_no_message_in_a_window)
{
	static const struct book_row row = {
		"window",
		"window night 2h kind=service 0 11 * * *;a drift;b drift;!;+ 1h;!;b ok;!;+ 1h;!",
		"- | - | - | slack/x:F(a)"};

	book_row_check(&row);
}
END_TEST

START_TEST(L26_silence_and_acknowledgement_expire)
{
	static const struct book_row row = {
		"quiet", "a drift;b drift;!;ack 1 bo 24h;silence service/b 24h;+ 23h;!;+ 1h;!",
		"slack/x:F(a),F(b) | - | slack/x:W(a),R(b)"};

	book_row_check(&row);
}
END_TEST

static struct config_window *window_create(const char *cron, int64_t duration_ms)
{
	struct config_window *window = g_new0(struct config_window, 1);

	window->start = schedule_create(cron, "America/New_York", NULL, NULL);
	window->duration_ms = duration_ms;
	return window;
}

static const struct {
	const char *cron;
	int64_t duration_ms;
	const char *now, *since, *until, *next; /* since NULL: not active */
} windows[] = {
	{"0 3 * * *", MS_PER_HOUR, "2026-11-20T07:59:59Z", NULL, NULL, "2026-11-20T08:00:00Z"},
	{"0 3 * * *", MS_PER_HOUR, "2026-11-20T08:00:00Z", "2026-11-20T08:00:00Z",
	 "2026-11-20T09:00:00Z", "2026-11-21T08:00:00Z"},
	{"0 3 * * *", MS_PER_HOUR, "2026-11-20T08:59:59Z", "2026-11-20T08:00:00Z",
	 "2026-11-20T09:00:00Z", "2026-11-21T08:00:00Z"},
	{"0 3 * * *", MS_PER_HOUR, "2026-11-20T09:00:00Z", NULL, NULL, "2026-11-21T08:00:00Z"},
	/* two that overlap: the later one, which ends last */
	{"0 * * * *", 90 * MS_PER_MINUTE, "2026-11-20T08:10:00Z", "2026-11-20T08:00:00Z",
	 "2026-11-20T09:30:00Z", "2026-11-20T09:00:00Z"},
	/* 03:00 is 07:00 UTC from 2026-03-08 on */
	{"0 3 * * *", MS_PER_HOUR, "2026-03-07T08:30:00Z", "2026-03-07T08:00:00Z",
	 "2026-03-07T09:00:00Z", "2026-03-08T07:00:00Z"},
	{"0 3 * * *", MS_PER_HOUR, "2026-10-31T07:30:00Z", "2026-10-31T07:00:00Z",
	 "2026-10-31T08:00:00Z", "2026-11-01T08:00:00Z"},
};

START_TEST(test_window_state)
{
	struct config_window *window = window_create(windows[_i].cron, windows[_i].duration_ms);
	char since[TIMEFMT_BYTES], until[TIMEFMT_BYTES], next[TIMEFMT_BYTES];
	int64_t now_wall_ms = 0;
	struct window_state state;

	ck_assert(timefmt_parse(windows[_i].now, &now_wall_ms, NULL));
	state = window_state_at(window, now_wall_ms);
	ck_assert_int_eq(state.active, windows[_i].since != NULL);
	ck_assert_str_eq(timefmt_utc(state.next_wall_ms, next), windows[_i].next);
	if (state.active) {
		ck_assert_str_eq(timefmt_utc(state.since_wall_ms, since), windows[_i].since);
		ck_assert_str_eq(timefmt_utc(state.until_wall_ms, until), windows[_i].until);
	} else {
		ck_assert_int_eq(state.since_wall_ms, 0);
		ck_assert_int_eq(state.until_wall_ms, 0);
	}
	schedule_free(window->start);
	g_free(window);
}
END_TEST

static struct book *empty_book(void)
{
	struct book_input input = {.next_incident_id = 1, .next_silence_id = 7};

	return book_create(&input);
}

static const struct {
	const char *matcher;
	int64_t after_ms;
	const char *who;
	bool ok;
} silences[] = {
	{"service/a", 1, "ann", true},
	{"service/a", 0, "ann", false},
	{"service/a", -1, "ann", false},
	{"service/a", DUR_MAX_MS, "ann", true},
	{"service/a", DUR_MAX_MS + 1, "ann", false},
	{"priority=P9", 1000, "ann", false},
	{"", 1000, "ann", false},
	{NULL, 1000, "ann", false},
	{"service/a", 1000, " ", false},
	{"service/a", 1000, NULL, false},
};

START_TEST(test_add_silence)
{
	struct book *book = empty_book();
	g_autoptr(GError) error = NULL;
	struct book_round *round = book_add_silence(
		book, silences[_i].matcher, BOOK_WORLD_NOW_MS + silences[_i].after_ms,
		silences[_i].who, NULL, BOOK_WORLD_NOW_MS, &error);

	ck_assert_msg((round != NULL) == silences[_i].ok, "%s", error ? error->message : "taken");
	ck_assert((error != NULL) == !silences[_i].ok);
	if (error)
		ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	if (round) {
		const struct silence *silence = round->silences->pdata[0];

		ck_assert_int_eq(silence->id, 7);
		ck_assert_str_eq(silence->why, "");
		ck_assert_int_eq(silence->created_wall_ms, BOOK_WORLD_NOW_MS);
	}
	book_round_free(round);
	book_free(book);
}
END_TEST

static struct book_round *silence_for(struct book *book, int64_t now_wall_ms, GError **error)
{
	return book_add_silence(book, "service/a", now_wall_ms + 1000, "ann", "x", now_wall_ms,
				error);
}

START_TEST(test_silences_are_bounded)
{
	struct book *book = empty_book();
	g_autoptr(GError) error = NULL;
	struct book_round *round = NULL;

	for (int i = 0; i < BOOK_SILENCES_MAX; i++) {
		round = silence_for(book, BOOK_WORLD_NOW_MS, NULL);
		ck_assert_ptr_nonnull(round);
		book_apply(book, round);
		book_round_free(round);
	}
	round = silence_for(book, BOOK_WORLD_NOW_MS, &error);
	ck_assert_ptr_null(round);
	ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	/* those that are long past count no longer */
	round = silence_for(book, BOOK_WORLD_NOW_MS + 2 * MS_PER_DAY, NULL);
	ck_assert_ptr_nonnull(round);
	book_round_free(round);
	book_free(book);
}
END_TEST

static void check_refused(struct book_round *round, GError *error, enum drift_error code)
{
	ck_assert_ptr_null(round);
	ck_assert_ptr_nonnull(error);
	ck_assert_int_eq(error->code, code);
	g_error_free(error);
}

START_TEST(test_commands_refused)
{
	struct book_world *world = book_world_create();
	GError *error = NULL;
	struct book_round *round;

	book_world_run(world, "a drift;!;a ok;!;b drift;!;silence service/a 1h;+ 2h");
	round = book_acknowledge(world->book, 99, "bo", NULL, 0, 1, &error);
	check_refused(round, g_steal_pointer(&error), DRIFT_ERROR_NOT_FOUND);
	round = book_acknowledge(world->book, 1, "bo", NULL, 0, 1, &error);
	check_refused(round, g_steal_pointer(&error), DRIFT_ERROR_INVALID);
	round = book_acknowledge(world->book, 2, "  ", NULL, 0, 1, &error);
	check_refused(round, g_steal_pointer(&error), DRIFT_ERROR_INVALID);
	round = book_mark_false_alarm(world->book, 99, NULL, true, &error);
	check_refused(round, g_steal_pointer(&error), DRIFT_ERROR_NOT_FOUND);
	round = book_end_silence(world->book, 5, world->now_wall_ms, &error);
	check_refused(round, g_steal_pointer(&error), DRIFT_ERROR_NOT_FOUND);
	round = book_end_silence(world->book, 1, world->now_wall_ms, &error);
	check_refused(round, g_steal_pointer(&error), DRIFT_ERROR_NOT_FOUND);
	book_world_free(world);
}
END_TEST

/* One of long ago comes from the store; it does not replace what is known of its target. */
START_TEST(test_false_alarm)
{
	struct book_world *world = book_world_create();
	struct incident *old = incident_create();
	struct book_round *round;

	book_world_run(world, "a drift;!;a ok;!;+ 1h;a drift;!");
	old->id = 1;
	old->target = g_strdup("service/a");
	old->status = INCIDENT_STATUS_RESOLVED;
	round = book_mark_false_alarm(world->book, 1, old, true, NULL);
	ck_assert_uint_eq(round->incidents->len, 1);
	ck_assert(((const struct incident *)round->incidents->pdata[0])->false_alarm);
	book_apply(world->book, round);
	book_round_free(round);
	ck_assert_int_eq(book_find_open(world->book, "service/a")->id, 2);

	round = book_mark_false_alarm(world->book, 2, NULL, true, NULL);
	book_apply(world->book, round);
	book_round_free(round);
	ck_assert(book_find_open(world->book, "service/a")->false_alarm);
	round = book_mark_false_alarm(world->book, 2, NULL, true, NULL);
	ck_assert(book_round_is_empty(round));
	book_round_free(round);

	/* the last that ended stays the one that is opened again */
	book_world_run(world, "a ok;!");
	round = book_mark_false_alarm(world->book, 1, old, true, NULL);
	book_apply(world->book, round);
	book_round_free(round);
	book_world_run(world, "+ 1m;a drift;!");
	ck_assert_int_eq(book_find_open(world->book, "service/a")->id, 2);
	incident_free(old);
	book_world_free(world);
}
END_TEST

START_TEST(test_digest_lines)
{
	struct book_world *world = book_world_create();
	const struct notice_digest *digest;
	const struct notice_line *line;

	book_world_run(world,
		       "digest slack/x 0 6 * * *;d ok;target b P0;a pending;b drift;c unknown;e "
		       "drift;!;e ok;+ 1h;!;+ 18h;?");
	digest = ((const struct book_message *)world->messages->pdata[1])->notice->digest;
	ck_assert_ptr_nonnull(digest);
	ck_assert_int_eq(digest->count[STATE_OK], 2);
	ck_assert_int_eq(digest->count[STATE_DRIFT], 1);
	ck_assert_int_eq(digest->evaluated, 4);
	ck_assert_int_eq(digest->targets_total, 5);
	ck_assert_int_eq(digest->overall, STATE_DRIFT);
	ck_assert_int_eq(digest->since_wall_ms, BOOK_WORLD_NOW_MS);
	ck_assert_uint_eq(digest->not_ok->len, 3);
	line = digest->not_ok->pdata[0];
	ck_assert_str_eq(line->target, "service/b");
	ck_assert_int_eq(line->priority, PRIORITY_P0);
	ck_assert_int_eq(line->incident, 1);
	ck_assert_str_eq(((const struct notice_line *)digest->not_ok->pdata[1])->target,
			 "service/c");
	ck_assert_str_eq(((const struct notice_line *)digest->not_ok->pdata[2])->target,
			 "service/a");
	line = digest->recovered->pdata[0];
	ck_assert_str_eq(line->target, "service/e");
	ck_assert_int_eq(line->since_wall_ms, BOOK_WORLD_NOW_MS + MS_PER_HOUR);
	book_world_free(world);
}
END_TEST

START_TEST(test_digest_is_bounded)
{
	struct book_world *world = book_world_create();
	const struct notice_digest *digest;

	for (int i = 0; i < NOTICE_LINES_MAX + 1; i++) {
		g_autofree char *step = g_strdup_printf("t%d pending", i);

		book_world_run(world, step);
	}
	book_world_run(world, "digest slack/x 0 6 * * *;!;+ 19h;?");
	digest = ((const struct book_message *)world->messages->pdata[0])->notice->digest;
	ck_assert_uint_eq(digest->not_ok->len, NOTICE_LINES_MAX);
	ck_assert_int_eq(digest->not_ok_total, NOTICE_LINES_MAX + 1);
	book_world_free(world);
}
END_TEST

Suite *book_quiet_suite(void)
{
	Suite *suite = suite_create("book_quiet");
	TCase *tcase = tcase_create("holds");

	tcase_add_loop_test(tcase, test_holds, 0, G_N_ELEMENTS(hold_rows));
	tcase_add_loop_test(tcase, test_routes, 0, G_N_ELEMENTS(route_rows));
	tcase_add_loop_test(tcase, test_digests, 0, G_N_ELEMENTS(digest_rows));
	tcase_add_loop_test(tcase, L23_digests_and_windows_have_a_zone, 0, G_N_ELEMENTS(dst_rows));
	tcase_add_test(tcase, L22_no_message_in_a_window);
	tcase_add_test(tcase, L26_silence_and_acknowledgement_expire);
	tcase_add_loop_test(tcase, test_window_state, 0, G_N_ELEMENTS(windows));
	tcase_add_loop_test(tcase, test_add_silence, 0, G_N_ELEMENTS(silences));
	tcase_add_test(tcase, test_silences_are_bounded);
	tcase_add_test(tcase, test_commands_refused);
	tcase_add_test(tcase, test_false_alarm);
	tcase_add_test(tcase, test_digest_lines);
	tcase_add_test(tcase, test_digest_is_bounded);
	suite_add_tcase(suite, tcase);
	return suite;
}
