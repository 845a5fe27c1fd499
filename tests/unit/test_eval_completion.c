/* test_eval_completion - a document held against the tables it speaks of. DESIGN 7, LESSONS L19. */
#include <check.h>
#include <string.h>

#include "data_world.h"

Suite *eval_completion_suite(void);

#define NONE STATE_NONE /* no evidence */

/* Two keys: what the document says, and what the table of each says. */
static const struct {
	bool found;
	bool done[2];
	enum state evidence[2];
	enum state state;
	enum reason_code code;
} outcomes[] = {
	/* complete */
	{true, {true, true}, {NONE, NONE}, STATE_OK, REASON_NONE},
	{true, {true, true}, {STATE_OK, STATE_OK}, STATE_OK, REASON_NONE},
	{true, {true, true}, {STATE_OK, STATE_DRIFT}, STATE_DRIFT, REASON_SILENT_WRITE_FAILURE},
	{true, {true, true}, {NONE, STATE_DRIFT}, STATE_DRIFT, REASON_SILENT_WRITE_FAILURE},
	{true,
	 {true, true},
	 {STATE_UNKNOWN, STATE_DRIFT},
	 STATE_DRIFT,
	 REASON_SILENT_WRITE_FAILURE},
	{true, {true, true}, {STATE_OK, STATE_PENDING}, STATE_PENDING, REASON_SILENT_WRITE_FAILURE},
	{true, {true, true}, {STATE_OK, STATE_UNKNOWN}, STATE_UNKNOWN, REASON_FETCH_FAILED},
	{true, {true, true}, {STATE_PENDING, STATE_UNKNOWN}, STATE_UNKNOWN, REASON_FETCH_FAILED},
	/* incomplete */
	{true, {true, false}, {NONE, NONE}, STATE_DRIFT, REASON_INCOMPLETE},
	{true, {true, false}, {STATE_OK, STATE_OK}, STATE_PENDING, REASON_TRACKING_GAP},
	{true, {false, false}, {STATE_OK, STATE_OK}, STATE_PENDING, REASON_TRACKING_GAP},
	{true, {true, false}, {NONE, STATE_OK}, STATE_PENDING, REASON_TRACKING_GAP},
	{true, {false, false}, {NONE, STATE_OK}, STATE_DRIFT, REASON_INCOMPLETE},
	{true, {true, false}, {STATE_OK, STATE_DRIFT}, STATE_DRIFT, REASON_INCOMPLETE},
	{true, {true, false}, {STATE_OK, STATE_PENDING}, STATE_DRIFT, REASON_INCOMPLETE},
	{true, {true, false}, {STATE_OK, STATE_UNKNOWN}, STATE_UNKNOWN, REASON_FETCH_FAILED},
	{true, {false, false}, {STATE_DRIFT, STATE_UNKNOWN}, STATE_DRIFT, REASON_INCOMPLETE},
	{true, {false, false}, {STATE_OK, STATE_UNKNOWN}, STATE_UNKNOWN, REASON_FETCH_FAILED},
	{true, {true, false}, {STATE_DRIFT, STATE_OK}, STATE_DRIFT, REASON_SILENT_WRITE_FAILURE},
	{true, {true, false}, {STATE_UNKNOWN, STATE_OK}, STATE_UNKNOWN, REASON_FETCH_FAILED},
	/* no document; what its keys hold is nothing then */
	{false, {true, true}, {NONE, NONE}, STATE_DRIFT, REASON_INCOMPLETE},
	{false, {true, true}, {STATE_OK, STATE_OK}, STATE_PENDING, REASON_TRACKING_GAP},
	{false, {true, true}, {STATE_DRIFT, STATE_OK}, STATE_DRIFT, REASON_INCOMPLETE},
	{false, {true, true}, {STATE_UNKNOWN, STATE_OK}, STATE_UNKNOWN, REASON_FETCH_FAILED},
};

static void arrange(struct data_world *w, int row)
{
	static const char *const names[] = {"summary", "context"};

	data_world_init(w, TARGET_KIND_COMPLETION);
	w->seen_completion->found = outcomes[row].found;
	for (int i = 0; i < 2; i++) {
		struct completion_key *key = w->seen_completion->keys->pdata[i];

		key->done = outcomes[row].done[i];
		if (outcomes[row].evidence[i] != NONE)
			data_evidence(w, names[i], outcomes[row].evidence[i]);
	}
}

START_TEST(L19_the_document_is_held_against_the_tables)
{
	struct data_world w;

	arrange(&w, _i);
	EXPECT(&w, outcomes[_i].state, outcomes[_i].code);
	data_world_done(&w);
}
END_TEST

/* 1 of 5 says the document; the tables are fresh: nobody is woken. */
START_TEST(L19_one_of_five_and_all_tables_fresh)
{
	struct data_world w;
	g_autofree char *summary = NULL;
	const struct reason *reason;

	data_world_init(&w, TARGET_KIND_COMPLETION);
	((struct completion_key *)w.seen_completion->keys->pdata[1])->done = false;
	data_evidence(&w, "context", STATE_OK);
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = {"c", "d", "e"};

		data_key(&w, names[i], i == 0, false);
		data_evidence(&w, names[i], STATE_OK);
	}
	EXPECT(&w, STATE_PENDING, REASON_TRACKING_GAP);
	reason = data_reason(w.before, REASON_TRACKING_GAP);
	ck_assert_int_eq(data_reason_number(reason, "done"), 1);
	ck_assert_int_eq(data_reason_number(reason, "expected"), 5);
	ck_assert_str_eq(data_reason_text(reason, "keys"), "context, c, d, e");
	summary = verdict_summary(w.before, DATA_NOW_MS);
	ck_assert_str_eq(summary, "document phase3/2026-11-19 has 1 of 5 done, without context, c, "
				  "d, e, while the tables are fresh: correct what writes the "
				  "document");
	data_world_done(&w);
}
END_TEST

START_TEST(test_evidence_past_warn_is_fresh)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_COMPLETION);
	data_evidence(&w, "summary", STATE_OK);
	w.evidence_table[0].warn_after_ms = 30 * MS_PER_MINUTE;
	EXPECT(&w, STATE_OK, REASON_NONE);
	w.evidence[0].observation = NULL; /* not seen, or too long ago */
	EXPECT(&w, STATE_UNKNOWN, REASON_NOT_EVALUATED);
	ck_assert_int_eq(w.before->last_known->state, STATE_OK);
	data_world_done(&w);
}
END_TEST

/* Several tables for one key: the worst counts. */
START_TEST(test_two_tables_for_a_key)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_COMPLETION);
	data_evidence(&w, "summary", STATE_DRIFT);
	data_evidence(&w, "summary", STATE_OK);
	EXPECT(&w, STATE_DRIFT, REASON_SILENT_WRITE_FAILURE);
	ck_assert_str_eq(
		data_reason_text(data_reason(w.before, REASON_SILENT_WRITE_FAILURE), "table"),
		"table/t0");
	ck_assert_str_eq(data_reason_text(data_reason(w.before, REASON_SILENT_WRITE_FAILURE),
					  "table_reason"),
			 "stale");
	data_world_done(&w);
}
END_TEST

/* What the table's own verdict carries tells for which instant a load was: that of yesterday afternoon came late for
 * yesterday, and is none for today. */
START_TEST(test_evidence_by_what_its_table_has_met)
{
	struct data_world w, table;
	bool done = _i == 1;

	data_world_init(&table, TARGET_KIND_TABLE);
	data_expect(&table, "0 11 * * *", NULL, MS_PER_HOUR);
	data_load(&table, "2026-11-19T13:00", "2026-11-18T10:30");
	EXPECT(&table, STATE_DRIFT, REASON_LATE);
	data_load(&table, "2026-11-19T15:00", "2026-11-19T14:00");
	EXPECT(&table, STATE_OK, REASON_NONE);
	data_load(&table, "2026-11-20T12:30", "2026-11-19T14:00");
	EXPECT(&table, STATE_DRIFT, REASON_LATE);
	data_world_init(&w, TARGET_KIND_COMPLETION);
	data_look(&w, "2026-11-20T12:30");
	((struct completion_key *)w.seen_completion->keys->pdata[0])->done = done;
	w.evidence[0] = (struct eval_evidence){
		.key = "summary",
		.table = &table.table,
		.observation = table.observation,
		.verdict = table.before,
	};
	w.input.evidence_count = 1;
	EXPECT(&w, STATE_DRIFT, done ? REASON_SILENT_WRITE_FAILURE : REASON_INCOMPLETE);
	w.input.evidence_count = 0; /* they are the table's */
	data_world_done(&w);
	data_world_done(&table);
}
END_TEST

/* What an earlier process found of the table of a key, as far as it counts now. */
static const struct {
	enum state state; /* of the table */
	enum reason_code code;
	enum state reason_state;
	int confirmations;
	bool not_active;
	bool done;
	enum state want;
	enum reason_code want_code;
} restored[] = {
	{STATE_OK, REASON_NONE, STATE_NONE, 0, false, true, STATE_OK, REASON_NONE},
	{STATE_OK, REASON_NONE, STATE_NONE, 0, false, false, STATE_PENDING, REASON_TRACKING_GAP},
	{STATE_DRIFT, REASON_STALE, STATE_DRIFT, 1, false, true, STATE_DRIFT,
	 REASON_SILENT_WRITE_FAILURE},
	{STATE_DRIFT, REASON_STALE, STATE_DRIFT, 1, false, false, STATE_DRIFT, REASON_INCOMPLETE},
	/* past warn-after */
	{STATE_PENDING, REASON_STALE, STATE_PENDING, 0, false, false, STATE_PENDING,
	 REASON_TRACKING_GAP},
	/* past error-after, and not confirmed often enough: what is seen counts here */
	{STATE_PENDING, REASON_STALE, STATE_PENDING, 1, false, true, STATE_DRIFT,
	 REASON_SILENT_WRITE_FAILURE},
	{STATE_PENDING, REASON_STALE, STATE_PENDING, 1, false, false, STATE_DRIFT,
	 REASON_INCOMPLETE},
	{STATE_UNKNOWN, REASON_OVER_BUDGET, STATE_UNKNOWN, 0, false, true, STATE_UNKNOWN,
	 REASON_OVER_BUDGET},
	/* nobody owes it anything: fresh; out of season: no evidence */
	{STATE_OK, REASON_NOT_DUE, STATE_OK, 0, false, false, STATE_PENDING, REASON_TRACKING_GAP},
	{STATE_OK, REASON_NOT_DUE, STATE_OK, 0, true, false, STATE_DRIFT, REASON_INCOMPLETE},
	{STATE_OK, REASON_NOT_DUE, STATE_OK, 0, true, true, STATE_OK, REASON_NONE},
	/* a database may hold one that does not say why */
	{STATE_UNKNOWN, REASON_NONE, STATE_NONE, 0, false, true, STATE_UNKNOWN,
	 REASON_NOT_EVALUATED},
	{STATE_PENDING, REASON_NONE, STATE_NONE, 0, false, false, STATE_UNKNOWN,
	 REASON_NOT_EVALUATED},
	{STATE_DRIFT, REASON_NONE, STATE_NONE, 0, false, true, STATE_DRIFT,
	 REASON_SILENT_WRITE_FAILURE},
};

/* Caller frees. A table that is out of season says so itself. */
static struct verdict *make_restored(int row)
{
	struct verdict *verdict = verdict_create("table/t0");
	struct data_world season;

	if (restored[row].not_active) {
		verdict_unref(verdict);
		data_world_init(&season, TARGET_KIND_TABLE);
		season.seen_table->not_active = true;
		verdict = data_judge(&season);
		data_world_done(&season);
		return verdict;
	}
	verdict->state = restored[row].state;
	verdict->confirmations = restored[row].confirmations;
	if (restored[row].code != REASON_NONE)
		g_ptr_array_add(verdict->reasons,
				reason_create(restored[row].code, restored[row].reason_state,
					      "it is as it was"));
	return verdict;
}

START_TEST(test_evidence_of_an_earlier_process)
{
	struct data_world w;
	struct verdict *verdict = make_restored(_i);

	data_world_init(&w, TARGET_KIND_COMPLETION);
	((struct completion_key *)w.seen_completion->keys->pdata[0])->done = restored[_i].done;
	data_evidence(&w, "summary", STATE_OK);
	w.evidence[0].observation = NULL;
	w.evidence[0].verdict = verdict;
	verdict->next_change_wall_ms = DATA_NOW_MS + 7 * MS_PER_MINUTE;
	EXPECT(&w, restored[_i].want, restored[_i].want_code);
	ck_assert_int_eq(w.before->next_change_wall_ms, DATA_NOW_MS + 7 * MS_PER_MINUTE);
	data_world_done(&w);
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_evidence_out_of_season)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_COMPLETION);
	data_evidence(&w, "summary", STATE_OK);
	w.evidence_observation[0]->table->not_active = true;
	EXPECT(&w, STATE_OK, REASON_NONE);
	((struct completion_key *)w.seen_completion->keys->pdata[0])->done = false;
	EXPECT(&w, STATE_DRIFT, REASON_INCOMPLETE);
	data_world_done(&w);
}
END_TEST

/* Due daily at 07:00 in New York (12:00 UTC), with an hour of grace. */
START_TEST(test_due)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_COMPLETION);
	data_expect(&w, "0 7 * * * America/New_York", NULL, MS_PER_HOUR);
	w.seen_completion->found = false;
	data_look(&w, "2026-11-20T12:00");
	EXPECT(&w, STATE_PENDING, REASON_INCOMPLETE);
	ck_assert_int_eq(w.before->next_change_wall_ms, data_time("2026-11-20T13:00"));
	data_look(&w, "2026-11-20T12:59");
	EXPECT(&w, STATE_PENDING, REASON_INCOMPLETE);
	data_look(&w, "2026-11-20T13:00");
	EXPECT(&w, STATE_DRIFT, REASON_INCOMPLETE);
	w.seen_completion->found = true;
	data_look(&w, "2026-11-20T13:30");
	EXPECT(&w, STATE_OK, REASON_NONE);
	ck_assert_int_eq(data_detail_number(w.before, "expected_at"),
			 data_time("2026-11-20T12:00"));
	ck_assert_int_eq(data_detail_number(w.before, "next_expected_at"),
			 data_time("2026-11-21T12:00"));
	data_world_done(&w);
}
END_TEST

/* Inside the grace tables are not asked what is missing; a table beyond its own grace is not yet a failure. */
START_TEST(test_evidence_inside_grace)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_COMPLETION);
	data_expect(&w, "0 11 * * *", NULL, MS_PER_HOUR);
	data_evidence(&w, "summary", STATE_DRIFT);
	EXPECT(&w, STATE_PENDING, REASON_SILENT_WRITE_FAILURE);
	((struct completion_key *)w.seen_completion->keys->pdata[0])->done = false;
	EXPECT(&w, STATE_PENDING, REASON_INCOMPLETE);
	w.evidence_observation[0]->table->loaded_wall_ms = DATA_NOW_MS - MS_PER_HOUR;
	EXPECT(&w, STATE_PENDING, REASON_INCOMPLETE);
	data_world_done(&w);
}
END_TEST

START_TEST(L22_completion_off_season)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_COMPLETION);
	data_expect(&w, "0 6 * * *", NULL, MS_PER_HOUR);
	data_look(&w, "2026-11-20T07:30");
	w.seen_completion->not_active = true;
	EXPECT(&w, STATE_OK, REASON_NOT_DUE);
	w.seen_completion->not_active = false;
	w.seen_completion->found = false;
	data_look(&w, "2026-11-20T23:30"); /* in season again: this morning's was not due */
	EXPECT(&w, STATE_OK, REASON_NOT_DUE);
	data_look(&w, "2026-11-21T07:30");
	EXPECT(&w, STATE_DRIFT, REASON_INCOMPLETE);
	data_world_done(&w);
}
END_TEST

START_TEST(test_nothing_expected_is_not_complete)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_COMPLETION);
	g_ptr_array_set_size(w.seen_completion->keys, 0);
	w.seen_completion->mode = g_strdup("same_day");
	EXPECT(&w, STATE_UNKNOWN, REASON_BROKEN_CHECK);
	data_world_done(&w);
}
END_TEST

START_TEST(test_detail)
{
	struct data_world w;
	char *const *cells;
	g_autofree char *summary = NULL;

	data_world_init(&w, TARGET_KIND_COMPLETION);
	data_evidence(&w, "context", STATE_OK);
	EXPECT(&w, STATE_OK, REASON_NONE);
	ck_assert_str_eq(w.before->detail->name, "completion");
	ck_assert_str_eq(data_detail_text(w.before, "document"), "phase3/2026-11-19");
	ck_assert_str_eq(data_detail_text(w.before, "date"), "2026-11-19");
	ck_assert_int_eq(data_detail_number(w.before, "expected"), 2);
	ck_assert_int_eq(data_detail_number(w.before, "done"), 2);
	ck_assert_str_eq(w.before->detail->list_name, "keys");
	cells = w.before->detail->rows->pdata[1];
	ck_assert_str_eq(cells[0], "context");
	ck_assert_str_eq(cells[3], "success");
	ck_assert_str_eq(cells[4], "table/t0");
	ck_assert_str_eq(cells[5], "fresh");
	cells = w.before->detail->rows->pdata[0];
	ck_assert_ptr_null(cells[4]);
	ck_assert_ptr_null(cells[5]);
	summary = verdict_summary(w.before, DATA_NOW_MS);
	ck_assert_str_eq(summary, "complete, 2 of 2 done, 2026-11-19");
	data_world_done(&w);
}
END_TEST

/* A pause is no missing look: it says so, and decides nothing. */
START_TEST(test_paused_evidence)
{
	struct data_world w;
	char why[] = "season is over";

	data_world_init(&w, TARGET_KIND_COMPLETION);
	data_evidence(&w, "summary", STATE_OK);
	w.evidence[0].paused = true;
	w.evidence[0].observation = NULL;
	EXPECT(&w, STATE_UNKNOWN, REASON_NOT_EVALUATED);
	ck_assert_ptr_nonnull(strstr(data_reason(w.before, REASON_NOT_EVALUATED)->message,
				     " is paused: end that, or take it out of evidence"));
	w.evidence_table[0].target.paused_reason = why;
	w.evidence_table[0].target.paused_until_wall_ms = data_time("2026-12-01T00:00");
	EXPECT(&w, STATE_UNKNOWN, REASON_NOT_EVALUATED);
	ck_assert_ptr_nonnull(strstr(data_reason(w.before, REASON_NOT_EVALUATED)->message,
				     " is paused until 2026-12-01 00:00 UTC (season is over): "));
	ck_assert_int_eq(w.before->next_change_wall_ms, data_time("2026-12-01T00:00"));
	/* another key decides without it */
	data_key(&w, "other", false, false);
	EXPECT(&w, STATE_DRIFT, REASON_INCOMPLETE);
	data_world_done(&w);
}
END_TEST

/* active-when is billed here too. */
START_TEST(test_cost)
{
	struct data_world w;
	char when[] = "SELECT TRUE";

	data_world_init(&w, TARGET_KIND_COMPLETION);
	EXPECT(&w, STATE_OK, REASON_NONE);
	ck_assert_int_eq(data_detail_number(w.before, "bytes_billed"), -7);
	w.completion.active_when = when;
	w.seen_completion->cost.bytes_billed = 10485760;
	EXPECT(&w, STATE_OK, REASON_NONE);
	ck_assert_int_eq(data_detail_number(w.before, "bytes_billed"), 10485760);
	w.seen_completion->not_active = true;
	w.seen_completion->cost.bytes_billed = 20971520;
	EXPECT(&w, STATE_OK, REASON_NOT_DUE);
	ck_assert_int_eq(data_detail_number(w.before, "bytes_billed"), 20971520);
	data_world_done(&w);
}
END_TEST

START_TEST(test_fault)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_COMPLETION);
	EXPECT(&w, STATE_OK, REASON_NONE);
	data_fail(&w, FAULT_DENIED, "read phase3: 403");
	EXPECT(&w, STATE_UNKNOWN, REASON_PERMISSION_DENIED);
	ck_assert_int_eq(w.before->last_known->state, STATE_OK);
	data_world_done(&w);
}
END_TEST

Suite *eval_completion_suite(void)
{
	Suite *suite = suite_create("eval_completion");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, L19_the_document_is_held_against_the_tables, 0,
			    (int)G_N_ELEMENTS(outcomes));
	tcase_add_test(tcase, L19_one_of_five_and_all_tables_fresh);
	tcase_add_test(tcase, test_evidence_past_warn_is_fresh);
	tcase_add_test(tcase, test_two_tables_for_a_key);
	tcase_add_loop_test(tcase, test_evidence_by_what_its_table_has_met, 0, 2);
	tcase_add_loop_test(tcase, test_evidence_of_an_earlier_process, 0,
			    (int)G_N_ELEMENTS(restored));
	tcase_add_test(tcase, test_evidence_out_of_season);
	tcase_add_test(tcase, test_due);
	tcase_add_test(tcase, test_evidence_inside_grace);
	tcase_add_test(tcase, L22_completion_off_season);
	tcase_add_test(tcase, test_nothing_expected_is_not_complete);
	tcase_add_test(tcase, test_detail);
	tcase_add_test(tcase, test_paused_evidence);
	tcase_add_test(tcase, test_cost);
	tcase_add_test(tcase, test_fault);
	suite_add_tcase(suite, tcase);
	return suite;
}
