/* Tests of lib/store: the outbox: messages that wait, what they say, and what they were folded into. */
#include "store/store.h"

#include <check.h>
#include <string.h>

#include "drift_error.h"
#include "tests/unit/store_fixture_alerts.h"

Suite *store_outbox_suite(void);

static GPtrArray *must_load_waiting(void)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *rows = store_load_waiting(fixture.store, &error);

	ck_assert_msg(rows != NULL, "%s", error ? error->message : "");
	return rows;
}

START_TEST(test_waiting_comes_back)
{
	struct store_alerts *alerts = store_alerts_create();
	struct store_notification *want = NULL;
	const struct store_notification *got = NULL;
	g_autoptr(GPtrArray) rows = NULL;

	store_fixture_notification(alerts, 9, 1);
	want = store_fixture_notification(alerts, 8, 1000);
	store_fixture_set(&want->channel, "github/ops");
	store_fixture_set(&want->kind, "closing");
	store_fixture_set(&want->incidents, "[4,5]");
	store_fixture_set(&want->content, "{\"items\":[\"ä\"]}");
	want->attempts_total = 3;
	want->next_wall_ms = 2000;
	want->plain = true;
	store_fixture_set(&store_fixture_notification(alerts, 1, 1)->state, "sent");
	store_fixture_set(&store_fixture_notification(alerts, 2, 1)->state, "failed");
	store_fixture_commit_alerts(alerts);
	store_fixture_reopen();
	rows = must_load_waiting();
	ck_assert_uint_eq(rows->len, 2);
	got = rows->pdata[0];
	ck_assert_int_eq(got->id, 8);
	ck_assert_str_eq(got->channel, "github/ops");
	ck_assert_str_eq(got->kind, "closing");
	ck_assert_str_eq(got->incidents, "[4,5]");
	ck_assert_str_eq(got->content, "{\"items\":[\"ä\"]}");
	ck_assert_str_eq(got->state, "waiting");
	ck_assert_int_eq(got->created_wall_ms, 1000);
	ck_assert_int_eq(got->folded_into, 0);
	ck_assert_int_eq(got->attempts_total, 3);
	ck_assert_int_eq(got->next_wall_ms, 2000);
	ck_assert(got->plain);
	ck_assert_ptr_null(got->attempts);
	ck_assert_int_eq(((const struct store_notification *)rows->pdata[1])->id, 9);
}
END_TEST

START_TEST(test_notification_is_replaced_but_for_its_content)
{
	struct store_alerts *alerts = store_alerts_create();
	struct store_notification *row = NULL;
	g_autoptr(GPtrArray) rows = NULL;

	store_fixture_set(&store_fixture_notification(alerts, 1, 1000)->content, "{\"x\":1}");
	row = store_fixture_renew(alerts, 1, "waiting", 0);
	store_fixture_set(&row->channel, "webhook/a");
	store_fixture_set(&row->kind, "worse");
	store_fixture_set(&row->incidents, "[2]");
	row->created_wall_ms = 5;
	row->attempts_total = 1;
	row->next_wall_ms = 7;
	row->plain = true;
	store_fixture_commit_alerts(alerts);
	rows = must_load_waiting();
	row = rows->pdata[0];
	ck_assert_str_eq(row->content, "{\"x\":1}");
	ck_assert_str_eq(row->channel, "webhook/a");
	ck_assert_str_eq(row->kind, "worse");
	ck_assert_str_eq(row->incidents, "[2]");
	ck_assert_int_eq(row->created_wall_ms, 1000);
	ck_assert_int_eq(row->attempts_total, 1);
	ck_assert_int_eq(row->next_wall_ms, 7);
	ck_assert(row->plain);
	/* and a new content replaces it */
	alerts = store_alerts_create();
	store_fixture_set(&store_fixture_notification(alerts, 1, 1)->content, "{\"x\":2}");
	store_fixture_commit_alerts(alerts);
	g_ptr_array_unref(rows);
	rows = must_load_waiting();
	ck_assert_str_eq(((const struct store_notification *)rows->pdata[0])->content, "{\"x\":2}");
}
END_TEST

static const struct {
	size_t length;
	bool kept;
} content_cases[] = {
	{STORE_CONTENT_MAX_BYTES - 1, true},
	{STORE_CONTENT_MAX_BYTES, true},
	{STORE_CONTENT_MAX_BYTES + 1, false},
};

START_TEST(test_content_is_never_cut)
{
	struct store_alerts *alerts = store_alerts_create();
	struct store_notification *row = store_fixture_notification(alerts, 1, 1);
	g_autoptr(GPtrArray) rows = NULL;

	g_free(row->content);
	row->content = g_strnfill(content_cases[_i].length, '1');
	store_fixture_commit_alerts(alerts);
	rows = must_load_waiting();
	row = rows->pdata[0];
	ck_assert_uint_eq(strlen(row->content),
			  content_cases[_i].kept ? content_cases[_i].length : strlen("null"));
}
END_TEST

START_TEST(test_attempt_does_not_rewrite_the_content)
{
	struct store_alerts *alerts = store_alerts_create();
	struct store_notification *row = store_fixture_notification(alerts, 1, 1);
	int64_t written = 0;

	g_free(row->content);
	row->content = g_strnfill(1000000, '1');
	store_fixture_commit_alerts(alerts);
	store_checkpoint(fixture.store);
	written = store_get_stats(fixture.store).written_bytes;
	alerts = store_alerts_create();
	store_fixture_renew(alerts, 1, "waiting", 0)->attempts_total = 1;
	store_fixture_attempt(alerts, 1, 2);
	store_fixture_commit_alerts(alerts);
	ck_assert_int_le(store_get_stats(fixture.store).written_bytes - written, (int64_t)8 * 4096);
}
END_TEST

/* --- folding --- */

/* State and carrier of a notification, as "state/carrier". Caller frees. */
static char *fold_of(int64_t id)
{
	g_autofree char *folded_sql = g_strdup_printf(
		"SELECT folded_into FROM notifications WHERE id = %" G_GINT64_FORMAT, id);
	g_autofree char *state_sql =
		g_strdup_printf("SELECT unicode(state) FROM notifications WHERE id = "
				"%" G_GINT64_FORMAT,
				id);

	return g_strdup_printf("%c/%d", (char)store_fixture_number(state_sql),
			       (int)store_fixture_number(folded_sql));
}

/* A batch of rows (state by its first letter), one behind the other; then what each of 1..4 is. */
static const struct {
	const char *name;
	struct {
		int64_t id, into;
		char state;
	} rows[8];
	const char *want[4];
} fold_cases[] = {
	{"alone", {{1, 0, 'w'}, {2, 0, 's'}}, {"w/0", "s/0"}},
	{"one into another that waits", {{2, 0, 'w'}, {1, 2, 'w'}}, {"w/2", "w/0"}},
	{"into one that was sent", {{2, 0, 's'}, {1, 2, 'w'}}, {"s/2", "s/0"}},
	{"sent later", {{2, 0, 'w'}, {1, 2, 'w'}, {2, 0, 's'}}, {"s/2", "s/0"}},
	{"given up later", {{2, 0, 'w'}, {1, 2, 'w'}, {2, 0, 'f'}}, {"f/2", "f/0"}},
	{"written before its carrier", {{1, 2, 'w'}, {2, 0, 'f'}}, {"f/2", "f/0"}},
	{"carrier folded later",
	 {{2, 0, 'w'}, {1, 2, 'w'}, {3, 0, 'w'}, {2, 3, 'w'}, {3, 0, 's'}},
	 {"s/3", "s/3", "s/0"}},
	{"into one that was folded before",
	 {{3, 0, 's'}, {2, 3, 'w'}, {1, 2, 'w'}},
	 {"s/3", "s/3", "s/0"}},
	{"backwards",
	 {{1, 2, 'w'}, {2, 3, 'w'}, {3, 4, 'w'}, {4, 0, 'f'}},
	 {"f/4", "f/4", "f/4", "f/0"}},
	{"told again with its first carrier",
	 {{3, 0, 'w'}, {2, 0, 'w'}, {1, 2, 'w'}, {2, 3, 'w'}, {1, 2, 'w'}},
	 {"w/3", "w/3", "w/0"}},
	{"others are not touched",
	 {{1, 2, 'w'}, {2, 0, 's'}, {3, 4, 'w'}, {4, 0, 'w'}},
	 {"s/2", "s/0", "w/4", "w/0"}},
};

static const char *state_of(char letter)
{
	return letter == 'w' ? "waiting" : letter == 's' ? "sent" : "failed";
}

START_TEST(test_fold)
{
	struct store_alerts *alerts = store_alerts_create();

	for (size_t i = 0; fold_cases[_i].rows[i].id > 0; i++)
		store_fixture_renew(alerts, fold_cases[_i].rows[i].id,
				    state_of(fold_cases[_i].rows[i].state),
				    fold_cases[_i].rows[i].into);
	store_fixture_commit_alerts(alerts);
	for (int id = 1; id <= 4 && fold_cases[_i].want[id - 1]; id++) {
		g_autofree char *got = fold_of(id);

		ck_assert_msg(strcmp(got, fold_cases[_i].want[id - 1]) == 0,
			      "%s: %d is %s, wanted %s", fold_cases[_i].name, id, got,
			      fold_cases[_i].want[id - 1]);
	}
}
END_TEST

START_TEST(test_folded_wait_no_longer_by_themselves)
{
	struct store_alerts *alerts = store_alerts_create();
	g_autoptr(GPtrArray) rows = NULL;

	for (int id = 1; id <= 4; id++)
		store_fixture_notification(alerts, id, id);
	store_fixture_renew(alerts, 1, "waiting", 3);
	store_fixture_renew(alerts, 2, "waiting", 3);
	store_fixture_commit_alerts(alerts);
	rows = must_load_waiting();
	ck_assert_uint_eq(rows->len, 2);
	ck_assert_int_eq(((const struct store_notification *)rows->pdata[0])->id, 3);
	ck_assert_int_eq(((const struct store_notification *)rows->pdata[1])->id, 4);
}
END_TEST

START_TEST(test_failed_are_counted_per_channel)
{
	struct store_alerts *alerts = store_alerts_create();
	g_autoptr(GHashTable) failed = NULL;

	for (int id = 1; id <= 9; id++)
		store_fixture_renew(alerts, id, id < 3 ? "sent" : "failed", 0);
	store_fixture_set(&((struct store_notification *)alerts->notifications->pdata[8])->channel,
			  "webhook/a");
	store_fixture_renew(alerts, 3, "waiting", 4); /* one of two that failed as one */
	store_fixture_set(&store_fixture_renew(alerts, 20, "waiting", 0)->channel, "webhook/b");
	store_fixture_commit_alerts(alerts);
	failed = store_load_failed(fixture.store, NULL);
	ck_assert_ptr_nonnull(failed);
	ck_assert_uint_eq(g_hash_table_size(failed), 2);
	ck_assert_int_eq(*(const int64_t *)g_hash_table_lookup(failed, "slack/default"), 5);
	ck_assert_int_eq(*(const int64_t *)g_hash_table_lookup(failed, "webhook/a"), 1);
}
END_TEST

Suite *store_outbox_suite(void)
{
	Suite *suite = suite_create("store_outbox");
	TCase *tc = tcase_create("store_outbox");

	tcase_set_timeout(tc, 60); /* for sanitizers on a busy machine */
	tcase_add_checked_fixture(tc, store_fixture_setup, store_fixture_teardown);
	tcase_add_test(tc, test_waiting_comes_back);
	tcase_add_test(tc, test_notification_is_replaced_but_for_its_content);
	tcase_add_loop_test(tc, test_content_is_never_cut, 0, G_N_ELEMENTS(content_cases));
	tcase_add_test(tc, test_attempt_does_not_rewrite_the_content);
	tcase_add_loop_test(tc, test_fold, 0, G_N_ELEMENTS(fold_cases));
	tcase_add_test(tc, test_folded_wait_no_longer_by_themselves);
	tcase_add_test(tc, test_failed_are_counted_per_channel);
	suite_add_tcase(suite, tc);
	return suite;
}
