/* test_eval_table - verdicts about tables: existence, rows, freshness. DESIGN 7. */
#include <check.h>
#include <string.h>

#include "data_world.h"

Suite *eval_table_suite(void);

#define HOUR MS_PER_HOUR

/* --- without a schedule --- */

static void as_is(struct data_world *w)
{
	(void)w;
}

static void missing(struct data_world *w)
{
	w->seen_table->found = false;
}

static void empty(struct data_world *w)
{
	w->seen_table->rows = 0;
	w->seen_table->loaded_wall_ms = 0;
}

static void min_rows_met(struct data_world *w)
{
	w->table.min_rows = 1204;
}

static void min_rows_not_met(struct data_world *w)
{
	w->table.min_rows = 1205;
}

static void rows_not_told(struct data_world *w)
{
	w->seen_table->rows = -1;
}

static void only_streamed(struct data_world *w)
{
	w->seen_table->method = TABLE_METHOD_METADATA;
	w->seen_table->rows = 0;
	w->seen_table->streaming = true;
}

static void streamed_too_few(struct data_world *w)
{
	only_streamed(w);
	w->table.min_rows = 2;
}

static void all_null(struct data_world *w)
{
	w->seen_table->loaded_wall_ms = 0;
}

static void from_the_future(struct data_world *w)
{
	w->seen_table->loaded_wall_ms = DATA_NOW_MS + 10 * MS_PER_MINUTE;
	w->table.error_after_ms = HOUR;
}

static void a_little_ahead(struct data_world *w)
{
	w->seen_table->loaded_wall_ms = DATA_NOW_MS + 4 * MS_PER_MINUTE;
	w->table.error_after_ms = HOUR;
}

static void limits(struct data_world *w, int64_t age_ms)
{
	w->table.warn_after_ms = 12 * HOUR;
	w->table.error_after_ms = 24 * HOUR;
	w->seen_table->loaded_wall_ms = DATA_NOW_MS - age_ms;
}

static void just_fresh(struct data_world *w)
{
	limits(w, 12 * HOUR - 1);
}

static void past_warn(struct data_world *w)
{
	limits(w, 12 * HOUR);
}

static void before_error(struct data_world *w)
{
	limits(w, 24 * HOUR - 1);
}

static void past_error(struct data_world *w)
{
	limits(w, 24 * HOUR);
}

static void not_active(struct data_world *w)
{
	w->seen_table->not_active = true;
	w->seen_table->found = false;
}

static const struct {
	void (*arrange)(struct data_world *w);
	enum state state;
	enum reason_code code;
} rows[] = {
	{as_is, STATE_OK, REASON_NONE},
	{missing, STATE_DRIFT, REASON_TABLE_MISSING},
	{empty, STATE_DRIFT, REASON_EMPTY},
	{min_rows_met, STATE_OK, REASON_NONE},
	{min_rows_not_met, STATE_DRIFT, REASON_TOO_FEW_ROWS},
	{rows_not_told, STATE_UNKNOWN, REASON_BROKEN_CHECK},
	{only_streamed, STATE_OK, REASON_NONE},
	{streamed_too_few, STATE_UNKNOWN, REASON_BROKEN_CHECK},
	{all_null, STATE_UNKNOWN, REASON_BROKEN_CHECK},
	{from_the_future, STATE_UNKNOWN, REASON_BROKEN_CHECK},
	{a_little_ahead, STATE_OK, REASON_NONE},
	{just_fresh, STATE_OK, REASON_NONE},
	{past_warn, STATE_PENDING, REASON_STALE},
	{before_error, STATE_PENDING, REASON_STALE},
	{past_error, STATE_DRIFT, REASON_STALE},
	{not_active, STATE_OK, REASON_NOT_DUE},
};

START_TEST(test_rows)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_TABLE);
	rows[_i].arrange(&w);
	EXPECT(&w, rows[_i].state, rows[_i].code);
	ck_assert_uint_le(w.before->reasons->len, 1);
	data_world_done(&w);
}
END_TEST

START_TEST(L13_existence_rows_and_freshness_are_asked_apart)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_TABLE);
	limits(&w, 25 * HOUR);
	w.table.min_rows = 2000;
	EXPECT(&w, STATE_DRIFT, REASON_STALE);
	EXPECT(&w, STATE_DRIFT, REASON_TOO_FEW_ROWS);
	ck_assert_uint_eq(w.before->reasons->len, 2);
	w.seen_table->rows = 0;
	EXPECT(&w, STATE_DRIFT, REASON_EMPTY);
	EXPECT(&w, STATE_DRIFT, REASON_STALE);
	missing(&w);
	EXPECT(&w, STATE_DRIFT, REASON_TABLE_MISSING);
	ck_assert_uint_eq(w.before->reasons->len, 1);
	data_world_done(&w);
}
END_TEST

static const struct {
	enum fault_class class;
	enum reason_code code;
} faults[] = {
	{FAULT_BROKEN, REASON_BROKEN_CHECK},           {FAULT_DENIED, REASON_PERMISSION_DENIED},
	{FAULT_CREDENTIALS, REASON_PERMISSION_DENIED}, {FAULT_QUOTA, REASON_FETCH_FAILED},
	{FAULT_NOT_FOUND, REASON_FETCH_FAILED},        {FAULT_TIMEOUT, REASON_FETCH_FAILED},
	{FAULT_OVER_BUDGET, REASON_OVER_BUDGET},       {FAULT_HTTP_5XX, REASON_FETCH_FAILED},
	{FAULT_BAD_ANSWER, REASON_FETCH_FAILED},       {FAULT_CANCELLED, REASON_FETCH_FAILED},
};

/* L15 too: a check that cannot run looks like nothing but itself. */
START_TEST(L18_a_query_that_failed_is_not_stale)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_TABLE);
	limits(&w, HOUR);
	EXPECT(&w, STATE_OK, REASON_NONE);
	data_fail(&w, faults[_i].class, "query nba.orders: Unrecognized name: processed_on");
	EXPECT(&w, STATE_UNKNOWN, faults[_i].code);
	ck_assert_uint_eq(w.before->reasons->len, 1);
	ck_assert_str_eq(data_reason_text(data_reason(w.before, faults[_i].code), "class"),
			 fault_class_text(faults[_i].class));
	ck_assert_int_eq(w.before->last_known->state, STATE_OK);
	ck_assert_ptr_nonnull(w.before->detail); /* as last seen */
	data_at(&w, "2026-11-25T11:30");         /* far beyond error-after */
	EXPECT(&w, STATE_UNKNOWN, faults[_i].code);
	data_world_done(&w);
}
END_TEST

START_TEST(L15_a_check_that_cannot_run_is_broken)
{
	struct data_world w;
	g_autofree char *summary = NULL;

	data_world_init(&w, TARGET_KIND_TABLE);
	data_fail(&w, FAULT_BROKEN, "Unrecognized name: processed_on");
	EXPECT(&w, STATE_UNKNOWN, REASON_BROKEN_CHECK);
	summary = verdict_summary(w.before, DATA_NOW_MS);
	ck_assert_str_eq(summary, "check cannot run: Unrecognized name: processed_on");
	data_world_done(&w);
}
END_TEST

/* The clock alone: pending at warn-after, drift at error-after, told beforehand. */
START_TEST(test_age_between_looks)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_TABLE);
	limits(&w, 11 * HOUR); /* loaded at 00:30 */
	EXPECT(&w, STATE_OK, REASON_NONE);
	ck_assert_int_eq(w.before->next_change_wall_ms, data_time("2026-11-20T12:30"));
	data_at(&w, "2026-11-20T12:30");
	EXPECT(&w, STATE_PENDING, REASON_STALE);
	ck_assert_int_eq(w.before->next_change_wall_ms, data_time("2026-11-21T00:30"));
	data_at(&w, "2026-11-21T00:29");
	EXPECT(&w, STATE_PENDING, REASON_STALE);
	data_at(&w, "2026-11-21T00:30");
	EXPECT(&w, STATE_DRIFT, REASON_STALE);
	data_world_done(&w);
}
END_TEST

/* What was owed may have come since the look: drift waits for the next one, but not for long. */
START_TEST(test_drift_is_seen)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_TABLE);
	limits(&w, 24 * HOUR - 10 * MS_PER_MINUTE); /* error-after at 11:40 */
	EXPECT(&w, STATE_PENDING, REASON_STALE);
	data_at(&w, "2026-11-20T11:40");
	EXPECT(&w, STATE_PENDING, REASON_STALE);
	ck_assert_int_eq(w.before->next_change_wall_ms, data_time("2026-11-20T12:00"));
	data_at(&w, "2026-11-20T11:59");
	EXPECT(&w, STATE_PENDING, REASON_STALE);
	data_at(&w, "2026-11-20T12:00");
	EXPECT(&w, STATE_DRIFT, REASON_STALE);
	data_look(&w, "2026-11-20T11:41");
	EXPECT(&w, STATE_DRIFT, REASON_STALE);
	data_world_done(&w);
}
END_TEST

START_TEST(test_confirm)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_TABLE);
	limits(&w, 25 * HOUR);
	w.table.target.confirm = 2;
	EXPECT(&w, STATE_PENDING, REASON_STALE);
	EXPECT(&w, STATE_PENDING, REASON_STALE); /* the same look does not count twice */
	data_look(&w, "2026-11-20T12:00");
	EXPECT(&w, STATE_DRIFT, REASON_STALE);
	data_world_done(&w);
}
END_TEST

START_TEST(test_fallback)
{
	struct data_world w;
	g_autofree char *summary = NULL;

	data_world_init(&w, TARGET_KIND_TABLE);
	limits(&w, HOUR);
	w.table.filter = g_strdup("day >= CURRENT_DATE() - 1");
	w.table.min_rows = 1000; /* under the filter: metadata cannot tell */
	w.seen_table->method = TABLE_METHOD_METADATA;
	w.seen_table->over_budget = true;
	EXPECT(&w, STATE_OK, REASON_NONE);
	summary = verdict_summary(w.before, DATA_NOW_MS);
	ck_assert_ptr_nonnull(strstr(summary, "budget"));
	ck_assert_ptr_nonnull(strstr(data_detail_text(w.before, "caveat"), "daily-bytes is spent"));
	ck_assert_int_eq(data_detail_number(w.before, "fallback"), 1);
	w.seen_table->rows = 0;
	EXPECT(&w, STATE_DRIFT, REASON_EMPTY);
	w.seen_table->rows = 999; /* of all of it: a filter makes fewer */
	EXPECT(&w, STATE_DRIFT, REASON_TOO_FEW_ROWS);
	w.seen_table->streaming = true; /* which may have the rest */
	EXPECT(&w, STATE_OK, REASON_NONE);
	w.seen_table->rows = 0;
	EXPECT(&w, STATE_OK, REASON_NONE);
	w.seen_table->streaming = false;
	w.seen_table->rows = -1;
	EXPECT(&w, STATE_OK, REASON_NONE);
	w.seen_table->rows = 5000;
	limits(&w, 25 * HOUR);
	EXPECT(&w, STATE_DRIFT, REASON_STALE);
	ck_assert_ptr_nonnull(
		strstr(data_reason(w.before, REASON_STALE)->message, "budget of bytes is spent"));
	g_clear_pointer(&w.table.filter, g_free);
	w.seen_table->rows = 999;
	limits(&w, HOUR);
	EXPECT(&w, STATE_DRIFT, REASON_TOO_FEW_ROWS);
	data_world_done(&w);
}
END_TEST

/* The next look is by metadata: loaded just now, a million rows. */
static void fall_back(struct data_world *w, const char *text)
{
	data_load(w, text, text);
	w->seen_table->method = TABLE_METHOD_METADATA;
	w->seen_table->over_budget = true;
	w->seen_table->rows = 1000000;
}

static void ask_again(struct data_world *w, const char *text)
{
	data_load(w, text, text);
	w->seen_table->method = TABLE_METHOD_COLUMN;
	w->seen_table->over_budget = false;
	w->seen_table->rows = 1204;
}

static void expected_and_not_come(struct data_world *w)
{
	data_expect(w, "0 11 * * *", NULL, 0);
	w->seen_table->loaded_wall_ms = DATA_NOW_MS - 40 * HOUR;
}

static void in_its_grace(struct data_world *w)
{
	data_expect(w, "0 11 * * *", NULL, HOUR);
	w->seen_table->loaded_wall_ms = DATA_NOW_MS - 40 * HOUR;
}

static void filtered_and_few(struct data_world *w)
{
	min_rows_not_met(w);
	w->table.filter = g_strdup("day >= CURRENT_DATE() - 1");
}

static void to_be_confirmed(struct data_world *w)
{
	past_error(w);
	w->table.target.confirm = 2;
}

/* What the query found, metadata does not clear: whatever it was. */
static const struct {
	void (*arrange)(struct data_world *w);
	const char *found;
} findings[] = {
	{filtered_and_few, "too_few_rows"},
	{min_rows_not_met, "too_few_rows"},
	{empty, "empty"},
	{past_warn, "stale"},
	{past_error, "stale"},
	{all_null, "broken_check"},
	{from_the_future, "broken_check"},
	{expected_and_not_come, "late"},
	{in_its_grace, "late"},
	{to_be_confirmed, "stale"},
};

static void check_kept(struct data_world *w, const char *found)
{
	const struct reason *reason;

	EXPECT(w, STATE_UNKNOWN, REASON_OVER_BUDGET);
	reason = data_reason(w->before, REASON_OVER_BUDGET);
	ck_assert_str_eq(data_reason_text(reason, "found_by_query"), found);
	ck_assert_str_eq(data_reason_text(reason, "found_by_query_at"), "2026-11-20T11:30:00Z");
	ck_assert_ptr_nonnull(strstr(reason->message, found));
	ck_assert_ptr_nonnull(strstr(reason->message, "since 2026-11-20T11:30:00Z"));
	if (strcmp(found, "broken_check") != 0) /* which was unknown itself */
		ck_assert_int_ne(w->before->last_known->state, STATE_OK);
}

START_TEST(L15_a_spent_budget_clears_nothing)
{
	struct data_world w;
	enum state state;

	data_world_init(&w, TARGET_KIND_TABLE);
	findings[_i].arrange(&w);
	w.before = data_judge(&w);
	w.input.before = w.before;
	state = w.before->state;
	ck_assert_int_ne(state, STATE_OK);
	fall_back(&w, "2026-11-20T12:00");
	check_kept(&w, findings[_i].found);
	EXPECT(&w, STATE_UNKNOWN, REASON_OVER_BUDGET); /* the same look once more */
	fall_back(&w, "2026-11-20T12:30");
	check_kept(&w, findings[_i].found);
	w.seen_table->not_active = true; /* asked for little, and not about rows */
	EXPECT(&w, STATE_OK, REASON_NOT_DUE);
	w.seen_table->not_active = false;
	fall_back(&w, "2026-11-20T13:00");
	EXPECT(&w, STATE_UNKNOWN, REASON_OVER_BUDGET);
	w.table.min_rows = 0;
	ask_again(&w, "2026-11-20T13:30");
	EXPECT(&w, STATE_OK, REASON_NONE);
	fall_back(&w, "2026-11-20T14:00"); /* and now there is nothing to clear */
	EXPECT(&w, STATE_OK, REASON_NONE);
	data_world_done(&w);
}
END_TEST

/* A look that failed in between, and what metadata itself finds. */
START_TEST(test_fallback_after_a_fault)
{
	struct data_world w;
	struct table_obs *seen;

	data_world_init(&w, TARGET_KIND_TABLE);
	past_error(&w);
	filtered_and_few(&w);
	EXPECT(&w, STATE_DRIFT, REASON_TOO_FEW_ROWS);
	ck_assert_str_eq(data_detail_text(w.before, "found_by_query"), "stale, too_few_rows");
	data_fail(&w, FAULT_TIMEOUT, "it timed out");
	EXPECT(&w, STATE_UNKNOWN, REASON_FETCH_FAILED);
	seen = table_obs_create();
	seen->found = true;
	fault_unref(w.observation->fault);
	w.observation->fault = NULL;
	w.observation->table = w.seen_table = seen;
	fall_back(&w, "2026-11-20T12:00");
	EXPECT(&w, STATE_UNKNOWN, REASON_OVER_BUDGET);
	ck_assert_int_eq(w.before->last_known->state, STATE_DRIFT);
	seen->rows = 7; /* of all of it */
	EXPECT(&w, STATE_DRIFT, REASON_TOO_FEW_ROWS);
	EXPECT(&w, STATE_DRIFT, REASON_OVER_BUDGET); /* which says that the rest is not known */
	seen->found = false;
	EXPECT(&w, STATE_DRIFT, REASON_TABLE_MISSING);
	seen->found = true;
	fall_back(&w, "2026-11-20T12:30");
	EXPECT(&w, STATE_UNKNOWN, REASON_OVER_BUDGET);
	data_world_done(&w);
}
END_TEST

/* Since when it was found moves with what was found, not with each look: an unchanged world has unchanged facts. A table that
 * is not there says nothing about its rows. */
START_TEST(test_found_since)
{
	struct data_world w;
	const int64_t first = DATA_NOW_MS;

	data_world_init(&w, TARGET_KIND_TABLE);
	min_rows_not_met(&w);
	EXPECT(&w, STATE_DRIFT, REASON_TOO_FEW_ROWS);
	data_look(&w, "2026-11-20T12:00");
	EXPECT(&w, STATE_DRIFT, REASON_TOO_FEW_ROWS);
	ck_assert_int_eq(data_detail_number(w.before, "found_by_query_at"), first);
	w.seen_table->found = false;
	data_look(&w, "2026-11-20T12:30");
	EXPECT(&w, STATE_DRIFT, REASON_TABLE_MISSING);
	ck_assert_str_eq(data_detail_text(w.before, "found_by_query"), "too_few_rows");
	ck_assert_int_eq(data_detail_number(w.before, "found_by_query_at"), first);
	w.seen_table->found = true;
	past_error(&w);
	data_look(&w, "2026-11-20T13:00");
	EXPECT(&w, STATE_DRIFT, REASON_STALE);
	ck_assert_str_eq(data_detail_text(w.before, "found_by_query"), "stale, too_few_rows");
	ck_assert_int_eq(data_detail_number(w.before, "found_by_query_at"),
			 data_time("2026-11-20T13:00"));
	data_world_done(&w);
}
END_TEST

/* The question whether it is due was billed, and nothing else was asked. */
START_TEST(test_not_active_was_billed)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_TABLE);
	not_active(&w);
	EXPECT(&w, STATE_OK, REASON_NOT_DUE);
	ck_assert_int_eq(data_detail_number(w.before, "bytes_processed"), 500);
	ck_assert_int_eq(data_detail_number(w.before, "bytes_billed"), 10485760);
	w.seen_table->cost.bytes_billed = 20971520;
	EXPECT(&w, STATE_OK, REASON_NOT_DUE);
	ck_assert_int_eq(data_detail_number(w.before, "bytes_billed"), 20971520);
	data_world_done(&w);
}
END_TEST

START_TEST(test_detail)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_TABLE);
	limits(&w, HOUR);
	EXPECT(&w, STATE_OK, REASON_NONE);
	ck_assert_str_eq(w.before->detail->name, "freshness");
	ck_assert_str_eq(data_detail_text(w.before, "method"), "column");
	ck_assert_int_eq(data_detail_number(w.before, "last_loaded_at"), DATA_NOW_MS - HOUR);
	ck_assert_int_eq(w.before->detail->aged_wall_ms, DATA_NOW_MS - HOUR);
	ck_assert_int_eq(data_detail_number(w.before, "warn_after_s"), 43200);
	ck_assert_int_eq(data_detail_number(w.before, "error_after_s"), 86400);
	ck_assert_int_eq(data_detail_number(w.before, "rows"), 1204);
	ck_assert_int_eq(data_detail_number(w.before, "bytes_processed"), 500);
	ck_assert_int_eq(data_detail_number(w.before, "bytes_billed"), 10485760);
	ck_assert_ptr_nonnull(data_detail_text(w.before, "caveat"));
	ck_assert_int_eq(data_detail_number(w.before, "met_at"), -7);
	ck_assert_ptr_null(w.before->detail->list_name);
	w.seen_table->rows = -1;
	EXPECT(&w, STATE_UNKNOWN, REASON_BROKEN_CHECK);
	ck_assert_int_eq(data_detail_number(w.before, "rows"), -7);           /* never -1 */
	ck_assert_ptr_nonnull(verdict_detail_find(w.before->detail, "rows")); /* but null */
	ck_assert_int_eq(data_detail_number(w.before, "next_expected_at"), 0);
	data_world_done(&w);
}
END_TEST

/* An unchanged world has unchanged facts, whatever the clock says. */
START_TEST(test_words_do_not_age)
{
	struct data_world w;
	g_autofree char *message = NULL;

	data_world_init(&w, TARGET_KIND_TABLE);
	limits(&w, 25 * HOUR);
	EXPECT(&w, STATE_DRIFT, REASON_STALE);
	message = g_strdup(data_reason(w.before, REASON_STALE)->message);
	data_look(&w, "2026-11-20T17:00");
	EXPECT(&w, STATE_DRIFT, REASON_STALE);
	ck_assert_str_eq(data_reason(w.before, REASON_STALE)->message, message);
	data_world_done(&w);
}
END_TEST

/* --- summaries --- */

static void expect_summary(struct data_world *w, const char *wanted)
{
	struct verdict *verdict = data_judge(w);
	g_autofree char *summary = verdict_summary(verdict, w->input.now_wall_ms);

	ck_assert_str_eq(summary, wanted);
	verdict_unref(verdict);
}

START_TEST(test_summaries)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_TABLE);
	expect_summary(&w, "fresh, last load 1 h ago, 1204 rows");
	limits(&w, 26 * HOUR);
	expect_summary(&w, "stale: last load 26 h ago");
	min_rows_not_met(&w);
	expect_summary(&w, "too few rows: 1204 of at least 1205 (and 1 more)");
	limits(&w, HOUR);
	w.seen_table->rows = 0;
	expect_summary(&w, "empty: no rows of at least 1205");
	missing(&w);
	expect_summary(&w, "missing: acme.nba.orders does not exist: create it, or correct table = "
			   "nba.orders");
	not_active(&w);
	expect_summary(&w, "not due: active-when is false");
	data_world_done(&w);
}
END_TEST

Suite *eval_table_suite(void)
{
	Suite *suite = suite_create("eval_table");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, test_rows, 0, (int)G_N_ELEMENTS(rows));
	tcase_add_test(tcase, L13_existence_rows_and_freshness_are_asked_apart);
	tcase_add_loop_test(tcase, L18_a_query_that_failed_is_not_stale, 0,
			    (int)G_N_ELEMENTS(faults));
	tcase_add_test(tcase, L15_a_check_that_cannot_run_is_broken);
	tcase_add_test(tcase, test_age_between_looks);
	tcase_add_test(tcase, test_drift_is_seen);
	tcase_add_test(tcase, test_confirm);
	tcase_add_test(tcase, test_fallback);
	tcase_add_loop_test(tcase, L15_a_spent_budget_clears_nothing, 0,
			    (int)G_N_ELEMENTS(findings));
	tcase_add_test(tcase, test_fallback_after_a_fault);
	tcase_add_test(tcase, test_found_since);
	tcase_add_test(tcase, test_not_active_was_billed);
	tcase_add_test(tcase, test_detail);
	tcase_add_test(tcase, test_words_do_not_age);
	tcase_add_test(tcase, test_summaries);
	suite_add_tcase(suite, tcase);
	return suite;
}
