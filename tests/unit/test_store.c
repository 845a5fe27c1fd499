/* Tests of lib/store: what is written comes back, on real files. What goes wrong is tested in
 * test_store_faults.c, pages and readers in test_store_read.c. */
#include "store/store.h"

#include <check.h>
#include <string.h>
#include <sys/stat.h>

#include "drift_error.h"
#include "store/schema.h"
#include "tests/unit/store_fixture_alerts.h"

Suite *store_suite(void);

static mode_t mode_of(const char *suffix)
{
	g_autofree char *path = g_strconcat(fixture.path, suffix, NULL);
	struct stat st = {0};

	ck_assert_msg(stat(path, &st) == 0, "%s is missing", path);
	return st.st_mode & 07777;
}

START_TEST(test_new_database)
{
	ck_assert_uint_eq(mode_of(""), 0600);
	ck_assert_uint_eq(mode_of("-wal"), 0600);
	ck_assert_uint_eq(mode_of("-shm"), 0600);
	ck_assert_int_eq(store_fixture_number("PRAGMA user_version"),
			 schema_migrations[schema_migration_count - 1].version);
	ck_assert_int_eq(store_fixture_number("PRAGMA application_id"), 0x64726674);
	ck_assert_int_eq(store_fixture_number("SELECT journal_mode = 'wal' FROM "
					      "pragma_journal_mode"),
			 1);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM pragma_table_list WHERE schema "
					      "= 'main' AND type = 'table' AND strict = 0 AND name "
					      "NOT LIKE 'sqlite_%'"),
			 0);
	ck_assert_int_eq(
		store_fixture_number("SELECT count(*) FROM pragma_table_list WHERE strict"), 17);
	ck_assert_int_eq(
		store_fixture_number("SELECT count(*) FROM pragma_table_list WHERE strict "
				     "AND name IN ('incidents', 'silences', 'notifications', "
				     "'contents', 'attempts', 'memos', 'pushes')"),
		7);
}
END_TEST

START_TEST(test_hash_key_is_the_database_s_own)
{
	char first[STORE_HASH_KEY_BYTES];
	static const char zeros[STORE_HASH_KEY_BYTES];

	memcpy(first, store_hash_key(fixture.store), sizeof(first));
	ck_assert_mem_ne(first, zeros, sizeof(first));
	store_fixture_reopen();
	ck_assert_mem_eq(store_hash_key(fixture.store), first, sizeof(first));
	store_fixture_teardown();
	store_fixture_setup();
	ck_assert_mem_ne(store_hash_key(fixture.store), first, sizeof(first));
}
END_TEST

START_TEST(test_verdicts_come_back)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = NULL;
	struct store_batch *batch = store_fixture_batch(1);
	struct store_verdict *verdict = store_fixture_verdict(batch, "service/b");
	const struct store_verdict *got = NULL;

	verdict->since_wall_ms = 1;
	verdict->observed_wall_ms = 2;
	verdict->expires_wall_ms = 3;
	verdict->confirmations = 4;
	g_free(verdict->facts);
	verdict->facts = g_strdup("{\"ä\":\"\\u0000\"}");
	verdict = store_fixture_verdict(batch, "service/a");
	g_clear_pointer(&verdict->relation, g_free);
	store_fixture_commit(batch);
	store_fixture_reopen();
	rows = store_load_verdicts(fixture.store, &error);
	ck_assert_ptr_nonnull(rows);
	ck_assert_uint_eq(rows->len, 2);
	got = rows->pdata[0];
	ck_assert_str_eq(got->target, "service/a");
	ck_assert_ptr_null(got->relation);
	got = rows->pdata[1];
	ck_assert_str_eq(got->target, "service/b");
	ck_assert_str_eq(got->state, "ok");
	ck_assert_str_eq(got->relation, "in_sync");
	ck_assert_str_eq(got->facts, "{\"ä\":\"\\u0000\"}");
	ck_assert_int_eq(got->since_wall_ms, 1);
	ck_assert_int_eq(got->observed_wall_ms, 2);
	ck_assert_int_eq(got->expires_wall_ms, 3);
	ck_assert_int_eq(got->confirmations, 4);
}
END_TEST

START_TEST(test_verdict_replaces_the_one_before)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = NULL;
	const struct store_verdict *got = NULL;

	for (int i = 1; i <= 3; i++) {
		struct store_batch *batch = store_fixture_batch(i);
		struct store_verdict *verdict = store_fixture_verdict(batch, "service/a");

		verdict->observed_wall_ms = i;
		verdict->confirmations = i;
		g_free(verdict->state);
		verdict->state = g_strdup(i == 3 ? "drift" : "ok");
		store_fixture_commit(batch);
	}
	rows = store_load_verdicts(fixture.store, &error);
	ck_assert_ptr_nonnull(rows);
	ck_assert_uint_eq(rows->len, 1);
	got = rows->pdata[0];
	ck_assert_str_eq(got->state, "drift");
	ck_assert_int_eq(got->observed_wall_ms, 3);
	ck_assert_int_eq(got->confirmations, 3);
}
END_TEST

START_TEST(test_heads_come_back_oldest_first)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = NULL;
	struct store_batch *batch = store_fixture_batch(1);
	struct store_head *head = NULL;
	const struct store_head *got = NULL;

	/* seen in this order, whatever the clock says: it may have gone back */
	store_fixture_head(batch, "main", 30);
	store_fixture_head(batch, "main", 20);
	head = store_fixture_head(batch, "main", 40);
	head->forced = true;
	store_fixture_head(batch, "other", 50);
	head = store_fixture_head(batch, "main", 60);
	g_free(head->url);
	head->url = g_strdup("https://example.com/b.git");
	store_fixture_commit(batch);
	store_fixture_reopen();
	rows = store_load_heads(fixture.store, "main", "https://example.com/a.git", &error);
	ck_assert_ptr_nonnull(rows);
	ck_assert_uint_eq(rows->len, 3);
	ck_assert_int_eq(((const struct store_head *)rows->pdata[0])->seen_wall_ms, 30);
	ck_assert_int_eq(((const struct store_head *)rows->pdata[1])->seen_wall_ms, 20);
	got = rows->pdata[2];
	ck_assert_str_eq(got->repo, "main");
	ck_assert_str_eq(got->url, "https://example.com/a.git");
	ck_assert_str_eq(got->branch, "main");
	ck_assert_str_eq(got->sha, "0000000000000000000000000000000000000028");
	ck_assert_str_eq(got->subject, "a change");
	ck_assert_str_eq(got->author, "A U Thor");
	ck_assert_int_eq(got->committed_wall_ms, 39);
	ck_assert_int_eq(got->seen_wall_ms, 40);
	ck_assert_int_eq(got->fetched_wall_ms, 40);
	ck_assert(got->forced);
	ck_assert(!((const struct store_head *)rows->pdata[0])->forced);
}
END_TEST

START_TEST(test_newest_observation_of_each_target)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = NULL;
	struct store_batch *batch = store_fixture_batch(1);
	struct store_observation *observation = NULL;

	store_fixture_observation(batch, "service/b", 9);
	store_fixture_observation(batch, "service/a", 1);
	observation = store_fixture_observation(batch, "service/a", 2);
	g_free(observation->facts);
	observation->facts = g_strdup("{\"x\":1}");
	store_fixture_commit(batch);
	rows = store_load_observations(fixture.store, &error);
	ck_assert_ptr_nonnull(rows);
	ck_assert_uint_eq(rows->len, 2);
	observation = rows->pdata[0];
	ck_assert_str_eq(observation->target, "service/a");
	ck_assert_int_eq(observation->at_wall_ms, 2);
	ck_assert_str_eq(observation->facts, "{\"x\":1}");
	ck_assert_str_eq(((const struct store_observation *)rows->pdata[1])->target, "service/b");
}
END_TEST

/* Three of service/a, the newest last, and one of service/b that says little. */
static GPtrArray *load_deployments_of_two(int per_target)
{
	g_autoptr(GError) error = NULL;
	struct store_batch *batch = store_fixture_batch(1);
	struct store_deployment *deployment = NULL;
	GPtrArray *rows = NULL;

	for (int i = 1; i <= 3; i++)
		store_fixture_deployment(batch, "service/a", i);
	((struct store_deployment *)batch->deployments->pdata[2])->committed_wall_ms = 812;
	deployment = store_fixture_deployment(batch, "service/b", 7);
	deployment->percent = 50;
	g_clear_pointer(&deployment->sha, g_free);
	g_clear_pointer(&deployment->revision, g_free);
	g_clear_pointer(&deployment->digest, g_free);
	store_fixture_commit(batch);
	rows = store_load_deployments(fixture.store, per_target, &error);
	ck_assert_msg(rows != NULL, "%s", error ? error->message : "");
	return rows;
}

START_TEST(test_newest_deployments_of_each_target)
{
	/* at most 0..4 of each */
	g_autoptr(GPtrArray) rows = load_deployments_of_two(_i);
	guint of_a = (guint)MIN(_i, 3);

	ck_assert_uint_eq(rows->len, of_a + (guint)MIN(_i, 1));
	for (guint i = 0; i < rows->len; i++) {
		const struct store_deployment *row = rows->pdata[i];

		ck_assert_str_eq(row->target, i < of_a ? "service/a" : "service/b");
		ck_assert_int_eq(row->at_wall_ms, i < of_a ? 3 - (int64_t)i : 7);
	}
}
END_TEST

START_TEST(test_deployments_come_back)
{
	g_autoptr(GPtrArray) rows = load_deployments_of_two(1);
	const struct store_deployment *got = rows->pdata[0];

	ck_assert_str_eq(got->sha, "18f6ecfe00000000000000000000000000000000");
	ck_assert_str_eq(got->revision, "worker-00001-abc");
	ck_assert_str_eq(got->digest, "sha256:00");
	ck_assert_int_eq(got->percent, 100);
	ck_assert_int_eq(got->committed_wall_ms, 812);
	ck_assert_int_gt(got->id, 0);
	got = rows->pdata[1];
	ck_assert_int_eq(got->percent, 50);
	ck_assert_ptr_null(got->sha);
	ck_assert_ptr_null(got->revision);
	ck_assert_ptr_null(got->digest);
	ck_assert_int_eq(got->committed_wall_ms, 0);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM deployments WHERE "
					      "committed_wall_ms IS NULL"),
			 3);
}
END_TEST

/* Sum over all that is not the cycles table; SQLite's own counters of ids included. */
static const char all_but_cycles[] =
	"SELECT (SELECT count(*) FROM heads) + 1000 * (SELECT count(*) FROM verdicts)"
	" + 1000000 * (SELECT count(*) FROM transitions)"
	" + 1000000000 * (SELECT count(*) FROM observations)"
	" + 1000000000000 * (SELECT count(*) FROM deployments)"
	" + 1000000000000000 * (SELECT count(*) FROM targets)"
	" + (SELECT sum(seq) FROM sqlite_sequence) + (SELECT sum(fetched_wall_ms) FROM heads)"
	" + (SELECT sum(observed_wall_ms) FROM verdicts)"
	" + (SELECT sum(at_wall_ms + grain) FROM samples)"
	" + (SELECT sum(queries + bytes_billed) FROM usages)"
	" + (SELECT sum(version) FROM incidents) + (SELECT count(*) FROM silences)"
	" + (SELECT sum(attempts_total) + count(*) FROM notifications)"
	" + (SELECT count(*) FROM contents) + (SELECT sum(number) FROM attempts)"
	" + (SELECT sum(value) FROM memos) + (SELECT count(*) FROM pushes)";

START_TEST(test_unchanged_world_writes_one_row)
{
	struct store_batch *batch = store_fixture_batch(1);
	int64_t others = 0;
	int64_t written = 0;

	for (int i = 0; i < 100; i++) {
		g_autofree char *target = g_strdup_printf("service/s%d", i);

		store_fixture_verdict(batch, target);
		store_fixture_observation(batch, target, 1);
		store_fixture_transition(batch, target, 1);
		store_fixture_deployment(batch, target, 1);
		store_fixture_sample(batch, target, 1);
		store_fixture_usage(batch, target);
		store_fixture_incident(batch->alerts, i + 1, target, 1);
		store_fixture_silence(batch->alerts, i + 1, 1);
		store_fixture_notification(batch->alerts, i + 1, 1);
		store_fixture_attempt(batch->alerts, i + 1, 1);
		store_fixture_memo(batch->alerts, target, 1);
		g_ptr_array_add(batch->alerts->pushes, g_strdup(target));
	}
	store_fixture_head(batch, "main", 1);
	store_fixture_commit(batch);
	store_fixture_commit(store_fixture_batch(2)); /* the page of cycles exists now */
	others = store_fixture_number(all_but_cycles);
	written = store_get_stats(fixture.store).written_bytes;
	store_fixture_commit(store_fixture_batch(3));
	ck_assert_int_eq(store_get_stats(fixture.store).written_bytes - written, 4096);
	ck_assert_int_eq(store_fixture_number(all_but_cycles), others);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM cycles"), 3);
}
END_TEST

START_TEST(test_cycle_ids)
{
	struct store_batch *batch = NULL;

	ck_assert_int_eq(store_next_cycle_id(fixture.store), 1);
	store_fixture_commit(store_fixture_batch(1));
	ck_assert_int_eq(store_next_cycle_id(fixture.store), 2);
	batch = store_fixture_batch(2);
	batch->cycle.id = 7;
	store_fixture_commit(batch);
	ck_assert_int_eq(store_next_cycle_id(fixture.store), 8);
	store_fixture_reopen();
	ck_assert_int_eq(store_next_cycle_id(fixture.store), 8);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM cycles WHERE id IN (1, 7)"), 2);
}
END_TEST

static struct store_times make_times(struct store_verdict *verdict, struct store_head *head)
{
	struct store_times times = {
		.usages = g_ptr_array_new_with_free_func((GDestroyNotify)store_usage_free),
		.verdicts = g_ptr_array_new(),
		.heads = g_ptr_array_new(),
	};

	if (verdict)
		g_ptr_array_add(times.verdicts, verdict);
	if (head)
		g_ptr_array_add(times.heads, head);
	return times;
}

static void flush(struct store_verdict *verdict, struct store_head *head)
{
	g_autoptr(GError) error = NULL;
	struct store_times times = make_times(verdict, head);
	bool ok = store_flush_times(fixture.store, &times, &error);

	ck_assert_msg(ok, "%s", error ? error->message : "");
	g_ptr_array_unref(times.verdicts);
	g_ptr_array_unref(times.heads);
	g_ptr_array_unref(times.usages);
}

START_TEST(test_flush_times)
{
	char id[] = "service/a", other[] = "service/none", repo[] = "main";
	char url[] = "https://example.com/a.git", other_url[] = "https://example.com/b.git";
	struct store_verdict verdict = {
		.target = id, .observed_wall_ms = 50, .expires_wall_ms = 60};
	struct store_verdict nobody = {.target = other, .observed_wall_ms = 50};
	struct store_head head = {.repo = repo, .url = url, .fetched_wall_ms = 70};
	struct store_batch *batch = store_fixture_batch(1);

	store_fixture_verdict(batch, "service/a")->since_wall_ms = 5;
	store_fixture_verdict(batch, "service/b")->observed_wall_ms = 5;
	store_fixture_head(batch, "main", 10);
	store_fixture_head(batch, "main", 20);
	store_fixture_head(batch, "other", 30);
	store_fixture_commit(batch);
	flush(&verdict, &head);
	flush(&nobody, NULL);
	ck_assert_int_eq(
		store_fixture_number("SELECT count(*) FROM verdicts WHERE since_wall_ms = "
				     "5 AND observed_wall_ms = 50 AND expires_wall_ms = 60 "
				     "AND facts = '{}'"),
		1);
	ck_assert_int_eq(
		store_fixture_number("SELECT count(*) FROM verdicts WHERE observed_wall_ms = 5"),
		1);
	ck_assert_int_eq(store_fixture_number("SELECT fetched_wall_ms FROM heads WHERE "
					      "seen_wall_ms = 20"),
			 70);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM heads WHERE fetched_wall_ms = "
					      "70"),
			 1);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM targets"), 2);
	/* the newest head is not of that remote: nothing to confirm */
	head.url = other_url;
	head.fetched_wall_ms = 80;
	flush(NULL, &head);
	ck_assert_int_eq(store_fixture_number("SELECT max(fetched_wall_ms) FROM heads"), 70);
	head.url = NULL;
	flush(NULL, &head);
	ck_assert_int_eq(store_fixture_number("SELECT max(fetched_wall_ms) FROM heads"), 80);
}
END_TEST

START_TEST(test_flush_of_nothing_writes_nothing)
{
	int64_t written = store_get_stats(fixture.store).written_bytes;

	flush(NULL, NULL);
	ck_assert_int_eq(store_get_stats(fixture.store).written_bytes, written);
}
END_TEST

START_TEST(test_remove_verdict_leaves_history)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = NULL;
	struct store_batch *batch = store_fixture_batch(1);

	store_fixture_verdict(batch, "service/a");
	store_fixture_verdict(batch, "service/b");
	store_fixture_transition(batch, "service/a", 1);
	store_fixture_commit(batch);
	ck_assert(store_remove_verdict(fixture.store, "service/a", &error));
	ck_assert(store_remove_verdict(fixture.store, "service/none", &error));
	rows = store_load_verdicts(fixture.store, &error);
	ck_assert_ptr_nonnull(rows);
	ck_assert_uint_eq(rows->len, 1);
	ck_assert_str_eq(((const struct store_verdict *)rows->pdata[0])->target, "service/b");
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM transitions"), 1);
}
END_TEST

/* Length of facts beside the bound, and what is stored. */
static const struct {
	size_t length;
	bool kept;
} facts_cases[] = {
	{STORE_FACTS_MAX_BYTES - 1, true},
	{STORE_FACTS_MAX_BYTES, true},
	{STORE_FACTS_MAX_BYTES + 1, false},
};

START_TEST(test_facts_are_bounded)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = NULL;
	struct store_batch *batch = store_fixture_batch(1);
	struct store_observation *observation = store_fixture_observation(batch, "service/a", 1);
	const struct store_observation *got = NULL;
	g_autofree char *facts = g_strnfill(facts_cases[_i].length, '1');

	g_free(observation->facts);
	observation->facts = g_strdup(facts);
	store_fixture_verdict(batch, "service/b");
	store_fixture_commit(batch); /* one monster does not keep the others out */
	rows = store_load_observations(fixture.store, &error);
	ck_assert_ptr_nonnull(rows);
	ck_assert_uint_eq(rows->len, 1);
	got = rows->pdata[0];
	ck_assert(strcmp(got->facts, facts_cases[_i].kept ? facts : "null") == 0);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM verdicts"), 1);
}
END_TEST

START_TEST(test_texts_are_bounded)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = NULL;
	struct store_batch *batch = store_fixture_batch(1);
	struct store_head *head = store_fixture_head(batch, "main", 1);
	const struct store_head *got = NULL;
	GString *url = g_string_new("https://example.com/");

	while (url->len < 2 * (size_t)STORE_TEXT_MAX_BYTES)
		g_string_append(url, "ä");
	g_free(head->url);
	head->url = g_strdup(url->str);
	g_free(head->subject);
	head->subject = g_strnfill(STORE_TEXT_MAX_BYTES, 's');
	g_clear_pointer(&head->author, g_free);
	store_fixture_commit(batch);
	/* the same text finds it: it is cut alike */
	rows = store_load_heads(fixture.store, "main", url->str, &error);
	ck_assert_ptr_nonnull(rows);
	ck_assert_uint_eq(rows->len, 1);
	got = rows->pdata[0];
	ck_assert_uint_le(strlen(got->url), STORE_TEXT_MAX_BYTES);
	ck_assert_uint_ge(strlen(got->url), STORE_TEXT_MAX_BYTES - 4);
	ck_assert(g_utf8_validate(got->url, -1, NULL));
	ck_assert_uint_eq(strlen(got->subject), STORE_TEXT_MAX_BYTES);
	ck_assert_str_eq(got->author, "");
	g_string_free(url, TRUE);
}
END_TEST

START_TEST(test_sql_in_a_name_is_a_name)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = NULL;
	struct store_batch *batch = store_fixture_batch(1);

	store_fixture_verdict(batch, "service/x'); DROP TABLE heads; --");
	store_fixture_commit(batch);
	rows = store_load_verdicts(fixture.store, &error);
	ck_assert_ptr_nonnull(rows);
	ck_assert_str_eq(((const struct store_verdict *)rows->pdata[0])->target,
			 "service/x'); DROP TABLE heads; --");
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM heads"), 0);
}
END_TEST

START_TEST(test_writable_check_leaves_nothing)
{
	g_autoptr(GError) error = NULL;

	for (int i = 0; i < 3; i++) {
		int64_t written = store_get_stats(fixture.store).written_bytes;

		ck_assert(store_check_writable(fixture.store, &error));
		/* it went as far as the file, or it would not have shown that this works */
		ck_assert_int_gt(store_get_stats(fixture.store).written_bytes, written);
		store_fixture_commit(store_fixture_batch(i));
	}
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM meta"), 1);
	store_fixture_reopen();
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM cycles"), 3);
}
END_TEST

START_TEST(test_checkpoint_moves_the_log)
{
	struct store_stats before = store_get_stats(fixture.store);
	struct store_stats after = {0};

	for (int i = 0; i < 20; i++) {
		struct store_batch *batch = store_fixture_batch(i);
		struct store_observation *observation =
			store_fixture_observation(batch, "service/a", i);

		g_free(observation->facts);
		observation->facts = g_strnfill(10000, '1');
		store_fixture_commit(batch);
	}
	ck_assert_int_gt(store_get_stats(fixture.store).wal_bytes, 200000);
	store_checkpoint(fixture.store);
	store_checkpoint(fixture.store);
	after = store_get_stats(fixture.store);
	ck_assert_int_gt(after.file_bytes, before.file_bytes + 200000);
	ck_assert_int_gt(after.written_bytes, before.written_bytes + 200000);
}
END_TEST

Suite *store_suite(void)
{
	Suite *suite = suite_create("store");
	TCase *tc = tcase_create("store");

	tcase_add_checked_fixture(tc, store_fixture_setup, store_fixture_teardown);
	tcase_add_test(tc, test_new_database);
	tcase_add_test(tc, test_hash_key_is_the_database_s_own);
	tcase_add_test(tc, test_verdicts_come_back);
	tcase_add_test(tc, test_verdict_replaces_the_one_before);
	tcase_add_test(tc, test_heads_come_back_oldest_first);
	tcase_add_test(tc, test_newest_observation_of_each_target);
	tcase_add_loop_test(tc, test_newest_deployments_of_each_target, 0, 5);
	tcase_add_test(tc, test_deployments_come_back);
	tcase_add_test(tc, test_unchanged_world_writes_one_row);
	tcase_add_test(tc, test_cycle_ids);
	tcase_add_test(tc, test_flush_times);
	tcase_add_test(tc, test_flush_of_nothing_writes_nothing);
	tcase_add_test(tc, test_remove_verdict_leaves_history);
	tcase_add_loop_test(tc, test_facts_are_bounded, 0, G_N_ELEMENTS(facts_cases));
	tcase_add_test(tc, test_texts_are_bounded);
	tcase_add_test(tc, test_sql_in_a_name_is_a_name);
	tcase_add_test(tc, test_writable_check_leaves_nothing);
	tcase_add_test(tc, test_checkpoint_moves_the_log);
	suite_add_tcase(suite, tc);
	return suite;
}
