/* test_eval_data_properties - what holds for every verdict about data, over many combinations. */
#include <check.h>
#include <string.h>

#include "data_world.h"
#include "eval/verdict_json.h"

Suite *eval_data_properties_suite(void);

#define ROUNDS 3000
#define HOUR MS_PER_HOUR

static int pick(GRand *random, int count)
{
	return g_rand_int_range(random, 0, count);
}

/* True once in @p n. */
static bool once_in(GRand *random, int n)
{
	return pick(random, n) == 0;
}

/* --- one of everything --- */

static void random_schedule(struct data_world *w, GRand *random)
{
	static const char *const crons[] = {
		"0 6 * * 1-5 America/New_York",
		"0 6 * * *",
		"30 */4 * * *",
		"0 9 * * 1 Asia/Tokyo",
	};

	data_expect(w, crons[pick(random, 4)], NULL, pick(random, 3) * HOUR);
}

static void random_partitions(struct data_world *w, GRand *random)
{
	data_by_partition(w);
	for (int day = 20; day > 0; day--) {
		g_autofree char *id = g_strdup_printf("202611%02d", day);
		g_autofree char *start = g_strdup_printf("2026-11-%02dT00:00", day);

		if (!once_in(random, 4))
			data_partition(w, id, start, pick(random, 60));
	}
	if (once_in(random, 3))
		w->table.volume_pct = 1 + pick(random, 90);
}

static void random_table(struct data_world *w, GRand *random)
{
	struct table_obs *seen = w->seen_table;

	if (once_in(random, 2))
		random_schedule(w, random);
	if (once_in(random, 2))
		w->table.warn_after_ms = (1 + pick(random, 30)) * HOUR;
	if (once_in(random, 2))
		w->table.error_after_ms = w->table.warn_after_ms + (1 + pick(random, 30)) * HOUR;
	if (once_in(random, 3))
		w->table.min_rows = pick(random, 50);
	if (once_in(random, 3))
		w->table.filter = g_strdup("day > x");
	seen->found = !once_in(random, 12);
	seen->not_active = once_in(random, 12);
	seen->over_budget = once_in(random, 8);
	seen->streaming = once_in(random, 8);
	seen->rows = pick(random, 60) - 1;
	seen->loaded_wall_ms = DATA_NOW_MS - (int64_t)pick(random, 100) * HOUR;
	if (once_in(random, 10))
		seen->loaded_wall_ms = once_in(random, 2) ? 0 : DATA_NOW_MS + HOUR;
	if (seen->over_budget || once_in(random, 4))
		seen->method = TABLE_METHOD_METADATA;
	else if (once_in(random, 3))
		random_partitions(w, random);
}

static void random_completion(struct data_world *w, GRand *random)
{
	static const enum state states[] = {STATE_OK, STATE_OK, STATE_PENDING, STATE_UNKNOWN,
					    STATE_DRIFT};
	static const char *const names[] = {"summary", "context"};

	if (once_in(random, 3))
		random_schedule(w, random);
	w->seen_completion->found = !once_in(random, 8);
	w->seen_completion->not_active = once_in(random, 10);
	for (int i = 0; i < 2; i++) {
		struct completion_key *key = w->seen_completion->keys->pdata[i];

		key->present = !once_in(random, 5);
		key->done = !once_in(random, 5);
		if (once_in(random, 2))
			data_evidence(w, names[i], states[pick(random, G_N_ELEMENTS(states))]);
	}
	if (once_in(random, 10))
		g_ptr_array_set_size(w->seen_completion->keys, 0);
}

static void random_inventory(struct data_world *w, GRand *random)
{
	for (int i = pick(random, 4); i > 0; i--)
		data_difference(w, (enum inventory_change)(1 + pick(random, 3)), "table", "a.b");
	w->inventory.report_unexpected = !once_in(random, 3);
	if (once_in(random, 5))
		w->seen_inventory->expected = 0;
}

static void random_assertion(struct data_world *w, GRand *random)
{
	static const char *const values[] = {"0", "1", "2", "0.5", "x", "NaN", "-3"};
	struct config_condition *expect = &w->assertion.expect;

	expect->subject = once_in(random, 2) ? CONDITION_SUBJECT_ROWS : CONDITION_SUBJECT_VALUE;
	expect->operator=(enum condition_operator)(1 + pick(random, 7));
	g_free(expect->text);
	expect->text = g_strdup_printf("value between %d and 2", pick(random, 3));
	w->seen_assertion->not_active = once_in(random, 10);
	w->seen_assertion->rows = pick(random, 4) - 1;
	w->seen_assertion->columns_total = 1 + pick(random, 2);
	w->seen_assertion->value =
		once_in(random, 8) ? NULL : g_strdup(values[pick(random, G_N_ELEMENTS(values))]);
}

static void random_backup(struct data_world *w, GRand *random)
{
	struct backup_obs *seen = w->seen_backup;

	w->backup.max_age_ms = (1 + pick(random, 40)) * HOUR;
	w->backup.retention_ms = once_in(random, 2) ? 0 : (20 + pick(random, 40)) * HOUR;
	for (guint i = 0; i < 2; i++) {
		struct backup_folder *folder = seen->folders->pdata[i];

		if (once_in(random, 5))
			g_ptr_array_add(folder->missing, g_strdup("a"));
		if (once_in(random, 8))
			g_ptr_array_add(folder->empty, g_strdup("b"));
		if (once_in(random, 8))
			folder->metadata_error = g_strdup("no JSON");
		folder->metadata_read = !once_in(random, 8);
		((struct backup_table *)folder->tables->pdata[0])->rows = pick(random, 20);
	}
}

static void init_random(struct data_world *w, GRand *random, enum target_kind kind)
{
	static void (*const arrange[TARGET_KIND_COUNT])(struct data_world * w, GRand * random) = {
		[TARGET_KIND_TABLE] = random_table,
		[TARGET_KIND_COMPLETION] = random_completion,
		[TARGET_KIND_INVENTORY] = random_inventory,
		[TARGET_KIND_ASSERT] = random_assertion,
		[TARGET_KIND_BACKUP] = random_backup,
	};

	data_world_init(w, kind);
	arrange[kind](w, random);
}

/* --- what must be known and good for ok, said without looking at how verdicts are made --- */

static bool partition_may_be_ok(const struct data_world *w)
{
	for (guint i = 0; i < w->seen_table->partitions->len; i++) {
		const struct partition_obs *partition = w->seen_table->partitions->pdata[i];

		if (partition->rows >= MAX(w->table.min_rows, 1))
			return true;
	}
	return false;
}

static bool table_may_be_ok(const struct data_world *w)
{
	const struct table_obs *seen = w->seen_table;
	int64_t age = DATA_NOW_MS - seen->loaded_wall_ms;
	int64_t limit =
		w->table.warn_after_ms > 0 ? w->table.warn_after_ms : w->table.error_after_ms;

	if (seen->not_active)
		return true;
	if (!seen->found)
		return false;
	if (seen->method == TABLE_METHOD_PARTITION)
		return partition_may_be_ok(w);
	if (seen->loaded_wall_ms == 0 || seen->loaded_wall_ms > DATA_NOW_MS)
		return false;
	if (seen->rows == 0 && !seen->streaming)
		return false;
	if (!seen->streaming && !(seen->over_budget && w->table.filter && seen->rows < 0) &&
	    seen->rows < MAX(w->table.min_rows, 1))
		return false;
	return w->table.expected || limit == 0 || age < limit;
}

static bool completion_may_be_ok(const struct data_world *w)
{
	const struct completion_obs *seen = w->seen_completion;

	if (seen->not_active)
		return true;
	if (!seen->found || seen->keys->len == 0)
		return false;
	for (guint i = 0; i < seen->keys->len; i++) {
		const struct completion_key *key = seen->keys->pdata[i];

		if (!key->present || !key->done)
			return false;
	}
	for (size_t i = 0; i < w->input.evidence_count; i++) {
		const struct observation *evidence = w->evidence_observation[i];

		if (evidence->fault || evidence->table->loaded_wall_ms != DATA_NOW_MS - HOUR)
			return false;
	}
	return true;
}

static bool inventory_may_be_ok(const struct data_world *w)
{
	const struct inventory_obs *seen = w->seen_inventory;

	return seen->expected > 0 && seen->missing == 0 && seen->changed == 0 &&
	       (seen->unexpected == 0 || !w->inventory.report_unexpected);
}

static bool assertion_may_be_ok(const struct data_world *w)
{
	const struct assert_obs *seen = w->seen_assertion;

	if (seen->not_active)
		return true;
	if (w->assertion.expect.subject == CONDITION_SUBJECT_ROWS)
		return seen->rows >= 0;
	return seen->rows == 1 && seen->columns_total == 1 && seen->value &&
	       strspn(seen->value, "-.0123456789") == strlen(seen->value);
}

static bool backup_may_be_ok(const struct data_world *w)
{
	const struct backup_folder *newest = w->seen_backup->folders->pdata[0];

	return newest->missing->len == 0 && newest->empty->len == 0 && newest->metadata_read &&
	       !newest->metadata_error &&
	       ((struct backup_table *)newest->tables->pdata[0])->rows > 0 &&
	       DATA_NOW_MS - newest->at_wall_ms < w->backup.max_age_ms;
}

static bool may_be_ok(const struct data_world *w)
{
	switch (w->kind) {
	case TARGET_KIND_TABLE:
		return table_may_be_ok(w);
	case TARGET_KIND_COMPLETION:
		return completion_may_be_ok(w);
	case TARGET_KIND_INVENTORY:
		return inventory_may_be_ok(w);
	case TARGET_KIND_ASSERT:
		return assertion_may_be_ok(w);
	case TARGET_KIND_BACKUP:
		return backup_may_be_ok(w);
	case TARGET_KIND_NONE:
	case TARGET_KIND_SERVICE:
	case TARGET_KIND_COUNT:
		break;
	}
	return false;
}

/* --- properties --- */

static void check_sound(const struct data_world *w, const struct verdict *verdict)
{
	ck_assert(verdict->state >= STATE_OK && verdict->state <= STATE_DRIFT);
	ck_assert(verdict->next_change_wall_ms == 0 ||
		  verdict->next_change_wall_ms > w->input.now_wall_ms);
	ck_assert(verdict->state == STATE_OK || verdict->reasons->len > 0);
	for (guint i = 0; i < verdict->reasons->len; i++) {
		const struct reason *reason = verdict->reasons->pdata[i];

		ck_assert_int_le(reason->state, verdict->state);
		ck_assert(g_utf8_validate(reason->message, -1, NULL));
		ck_assert_uint_gt(strlen(reason->message), 0);
	}
	for (guint i = 0; verdict->detail && i < verdict->detail->data->len; i++) {
		const struct verdict_datum *datum = verdict->detail->data->pdata[i];

		ck_assert_msg(datum->type == DATUM_TYPE_TEXT || datum->number >= 0,
			      "%s is %" PRId64, datum->name, datum->number);
	}
}

START_TEST(L04_data_is_ok_only_when_everything_is_known)
{
	enum target_kind kind = (enum target_kind)_i;
	GRand *random = g_rand_new_with_seed(4711);
	int count[STATE_COUNT] = {0};

	for (int i = 0; i < ROUNDS; i++) {
		struct data_world w;
		struct verdict *verdict;
		g_autofree char *summary = NULL;

		init_random(&w, random, kind);
		verdict = data_judge(&w);
		check_sound(&w, verdict);
		summary = verdict_summary(verdict, w.input.now_wall_ms);
		ck_assert_uint_gt(strlen(summary), 0);
		count[verdict->state]++;
		if (verdict->state == STATE_OK)
			ck_assert_msg(may_be_ok(&w), "round %d: %s", i, summary);
		verdict_unref(verdict);
		data_world_done(&w);
	}
	ck_assert_int_gt(count[STATE_OK], 100); /* or nothing was shown */
	ck_assert_int_gt(count[STATE_DRIFT], 100);
	ck_assert_int_gt(count[STATE_UNKNOWN], 10);
	g_rand_free(random);
}
END_TEST

/* Whatever was before: a look that failed is unknown, and nothing else. */
START_TEST(L18_a_fault_is_never_drift_and_never_ok)
{
	enum target_kind kind = (enum target_kind)_i;
	GRand *random = g_rand_new_with_seed(815);

	for (int i = 0; i < ROUNDS; i++) {
		struct data_world w;
		struct verdict *verdict;

		init_random(&w, random, kind);
		w.before = data_judge(&w);
		w.input.before = w.before;
		data_fail(&w, (enum fault_class)(1 + pick(random, FAULT_OVER_BUDGET)), "it failed");
		w.input.now_wall_ms += (int64_t)pick(random, 200) * HOUR;
		verdict = data_judge(&w);
		check_sound(&w, verdict);
		ck_assert_int_eq(verdict->state, STATE_UNKNOWN);
		ck_assert_uint_eq(verdict->reasons->len, 1);
		ck_assert((verdict->last_known != NULL) == (w.before->state != STATE_UNKNOWN));
		verdict_unref(verdict);
		data_world_done(&w);
	}
	g_rand_free(random);
}
END_TEST

static enum state state_of(struct data_world *w)
{
	struct verdict *verdict = data_judge(w);
	enum state state = verdict->state;

	verdict_unref(verdict);
	return state;
}

/* Another partition is due every day, and may be there already. */
static bool due_changes(const struct data_world *w)
{
	return w->seen_table && w->seen_table->method == TABLE_METHOD_PARTITION;
}

/* As the daemon does it: what came of it is what was before from now on. */
static enum state state_carried(struct data_world *w)
{
	struct verdict *verdict = data_judge(w);

	verdict_unref(w->before);
	w->before = verdict;
	w->input.before = verdict;
	return verdict->state;
}

/* Time alone makes nothing better: judged anew each time, and one after the other. */
START_TEST(test_later_is_never_better)
{
	enum target_kind kind = (enum target_kind)_i;
	GRand *random = g_rand_new_with_seed(99);

	for (int i = 0; i < ROUNDS / 2; i++) {
		enum state (*judge)(struct data_world * w) = i % 2 ? state_of : state_carried;
		struct data_world w;
		enum state last;

		init_random(&w, random, kind);
		last = judge(&w);
		for (int step = 0; step < 8 && !due_changes(&w); step++) {
			enum state state;

			w.input.now_wall_ms += (int64_t)pick(random, 13 * 60) * MS_PER_MINUTE;
			state = judge(&w);
			ck_assert_msg(state >= last, "round %d step %d: %s after %s", i, step,
				      state_text(state), state_text(last));
			last = state;
		}
		data_world_done(&w);
	}
	g_rand_free(random);
}
END_TEST

static bool has_load(const struct data_world *w)
{
	return w->seen_table->loaded_wall_ms > 0 && w->seen_table->loaded_wall_ms <= DATA_NOW_MS;
}

START_TEST(test_an_older_load_is_never_better)
{
	GRand *random = g_rand_new_with_seed(7);
	int worse = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct data_world w;
		enum state last, state;

		init_random(&w, random, TARGET_KIND_TABLE);
		if (has_load(&w)) {
			last = state_of(&w);
			w.seen_table->loaded_wall_ms -= (int64_t)pick(random, 60) * HOUR;
			state = state_of(&w);
			ck_assert_int_ge(state, last);
			worse += state > last;
		}
		data_world_done(&w);
	}
	ck_assert_int_gt(worse, 100);
	g_rand_free(random);
}
END_TEST

START_TEST(test_fewer_rows_are_never_better)
{
	GRand *random = g_rand_new_with_seed(8);
	int worse = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct data_world w;
		enum state last, state;

		init_random(&w, random, TARGET_KIND_TABLE);
		if (w.seen_table->rows > 0) {
			last = state_of(&w);
			w.seen_table->rows = pick(random, (int)w.seen_table->rows);
			state = state_of(&w);
			ck_assert_int_ge(state, last);
			worse += state > last;
		}
		data_world_done(&w);
	}
	ck_assert_int_gt(worse, 50);
	g_rand_free(random);
}
END_TEST

/* Of the partitions that are due, and of those after them: an older week that shrinks lowers what is asked for. */
START_TEST(test_a_partition_with_fewer_rows_is_never_better)
{
	GRand *random = g_rand_new_with_seed(9);
	int worse = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct data_world w;
		enum state last, state;

		data_world_init(&w, TARGET_KIND_TABLE);
		random_schedule(&w, random);
		random_partitions(&w, random);
		w.table.volume_pct = 0;
		last = state_of(&w);
		for (guint j = 0; j < w.seen_table->partitions->len; j++) {
			struct partition_obs *partition = w.seen_table->partitions->pdata[j];

			partition->rows = pick(random, (int)partition->rows + 1);
		}
		state = state_of(&w);
		ck_assert_int_ge(state, last);
		worse += state > last;
		data_world_done(&w);
	}
	ck_assert_int_gt(worse, 20);
	g_rand_free(random);
}
END_TEST

START_TEST(test_a_key_that_is_not_done_is_never_better)
{
	GRand *random = g_rand_new_with_seed(10);
	int worse = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct data_world w;
		enum state last, state;

		init_random(&w, random, TARGET_KIND_COMPLETION);
		if (!w.completion.expected && w.seen_completion->keys->len > 0) {
			last = state_of(&w);
			((struct completion_key *)w.seen_completion->keys->pdata[0])->done = false;
			state = state_of(&w);
			ck_assert_int_ge(state, last);
			worse += state > last;
		}
		data_world_done(&w);
	}
	ck_assert_int_gt(worse, 100);
	g_rand_free(random);
}
END_TEST

/* An unchanged world leaves the same facts: nothing to write. */
START_TEST(test_unchanged_facts)
{
	enum target_kind kind = (enum target_kind)_i;
	GRand *random = g_rand_new_with_seed(11);

	for (int i = 0; i < ROUNDS / 10; i++) {
		struct data_world w;
		g_autofree char *first = NULL;
		g_autofree char *second = NULL;
		struct verdict *again;

		init_random(&w, random, kind);
		w.before = data_judge(&w);
		w.input.before = w.before;
		first = verdict_facts_json(w.before);
		again = data_judge(&w);
		verdict_unref(w.before);
		w.before = again;
		w.input.before = again;
		again = data_judge(&w);
		second = verdict_facts_json(again);
		ck_assert_str_eq(first, second);
		verdict_unref(again);
		data_world_done(&w);
	}
	g_rand_free(random);
}
END_TEST

/* What comes back from the store leads to the same verdict as what never left memory. */
START_TEST(test_a_restart_changes_nothing)
{
	enum target_kind kind = (enum target_kind)_i;
	GRand *random = g_rand_new_with_seed(12);

	for (int i = 0; i < ROUNDS / 10; i++) {
		struct data_world w;
		struct verdict *before, *kept, *restored;
		g_autofree char *facts = NULL;
		g_autoptr(GError) error = NULL;

		init_random(&w, random, kind);
		before = data_judge(&w);
		facts = verdict_facts_json(before);
		restored = verdict_from_facts_json(facts, &error);
		ck_assert_msg(restored != NULL, "%s: %s", error ? error->message : "", facts);
		restored->observed_wall_ms = before->observed_wall_ms;
		w.input.now_wall_ms += (int64_t)pick(random, 80) * HOUR;
		w.input.before = before;
		kept = data_judge(&w);
		w.input.before = restored;
		ck_assert_int_eq(state_of(&w), kept->state);
		w.input.before = NULL;
		verdict_unref(kept);
		verdict_unref(before);
		verdict_unref(restored);
		data_world_done(&w);
	}
	g_rand_free(random);
}
END_TEST

static void unref(gpointer verdict)
{
	verdict_unref(verdict);
}

static void break_it(struct data_world *w)
{
	if (w->kind == TARGET_KIND_TABLE)
		w->seen_table->found = false;
	if (w->kind == TARGET_KIND_COMPLETION)
		w->seen_completion->found = false;
	if (w->kind == TARGET_KIND_INVENTORY)
		data_difference(w, INVENTORY_CHANGE_MISSING, "table", "a.b");
	if (w->kind == TARGET_KIND_ASSERT)
		w->seen_assertion->rows = 1;
	if (w->kind == TARGET_KIND_BACKUP)
		w->backup.max_age_ms = HOUR;
}

START_TEST(L12_the_score_reaches_0_with_data)
{
	g_autoptr(GPtrArray) verdicts = g_ptr_array_new_with_free_func(unref);
	struct tally tally;

	for (int kind = TARGET_KIND_TABLE; kind < TARGET_KIND_COUNT; kind++) {
		struct data_world w;

		data_world_init(&w, (enum target_kind)kind);
		ck_assert_int_eq(state_of(&w), STATE_OK);
		break_it(&w);
		g_ptr_array_add(verdicts, data_judge(&w));
		data_world_done(&w);
	}
	tally = tally_make(verdicts);
	ck_assert_int_eq(tally.count[STATE_DRIFT], 5);
	ck_assert_int_eq(tally.score, 0);
	ck_assert_int_eq(tally.overall, STATE_DRIFT);
}
END_TEST

START_TEST(test_paused_and_never_seen)
{
	enum target_kind kind = (enum target_kind)_i;
	struct data_world w;
	struct config_target *target;

	data_world_init(&w, kind);
	break_it(&w);
	w.input.observation = NULL;
	EXPECT(&w, STATE_UNKNOWN, REASON_NOT_EVALUATED);
	verdict_unref(w.before);
	w.input.before = NULL;
	w.input.observation = w.observation;
	w.before = data_judge(&w);
	w.input.before = w.before;
	ck_assert_int_eq(w.before->state, STATE_DRIFT);
	target = kind == TARGET_KIND_TABLE        ? &w.table.target
		 : kind == TARGET_KIND_COMPLETION ? &w.completion.target
		 : kind == TARGET_KIND_INVENTORY  ? &w.inventory.target
		 : kind == TARGET_KIND_ASSERT     ? &w.assertion.target
						  : &w.backup.target;
	target->paused = true;
	EXPECT(&w, STATE_PAUSED, REASON_NONE);
	ck_assert_ptr_nonnull(w.before->detail);
	data_world_done(&w);
}
END_TEST

Suite *eval_data_properties_suite(void)
{
	Suite *suite = suite_create("eval_data_properties");
	TCase *tcase = tcase_create("all");
	int first = TARGET_KIND_TABLE, end = TARGET_KIND_COUNT;

	tcase_set_timeout(tcase, 120); /* under the sanitizers */
	tcase_add_loop_test(tcase, L04_data_is_ok_only_when_everything_is_known, first, end);
	tcase_add_loop_test(tcase, L18_a_fault_is_never_drift_and_never_ok, first, end);
	tcase_add_loop_test(tcase, test_later_is_never_better, first, end);
	tcase_add_test(tcase, test_an_older_load_is_never_better);
	tcase_add_test(tcase, test_fewer_rows_are_never_better);
	tcase_add_test(tcase, test_a_partition_with_fewer_rows_is_never_better);
	tcase_add_test(tcase, test_a_key_that_is_not_done_is_never_better);
	tcase_add_loop_test(tcase, test_unchanged_facts, first, end);
	tcase_add_loop_test(tcase, test_a_restart_changes_nothing, first, end);
	tcase_add_test(tcase, L12_the_score_reaches_0_with_data);
	tcase_add_loop_test(tcase, test_paused_and_never_seen, first, end);
	suite_add_tcase(suite, tcase);
	return suite;
}
