/* Tests of lib/store: a database of the schema before alerts (number 2), with data, is brought up to
 * date, or left alone. */
#include "store/store.h"

#include <check.h>
#include <sqlite3.h>
#include <string.h>

#include "drift_error.h"
#include "store/schema.h"
#include "tests/unit/store_fixture_alerts.h"

Suite *store_upgrade_suite(void);

/* Deployments 1..9: of service/a the first look (two revisions), a new one, another share, one that
 * comes back, another new one; of service/b (no revisions) the first, a new commit, the first again. */
static const char second_rows[] =
	"INSERT INTO meta (name, value) VALUES ('hash_key', x'"
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');"
	"INSERT INTO targets (id, target) VALUES (4, 'service/a'), (5, 'service/b'), (6, "
	"'table/c');"
	"INSERT INTO heads (repo, url, branch, sha, subject, author, committed_wall_ms,"
	" seen_wall_ms, fetched_wall_ms, forced) VALUES ('main', 'u', 'main', 'abc', 's', 'a', 1,"
	" 2, 3, 0);"
	"INSERT INTO verdicts VALUES (4, 'drift', 'behind', 1, 2, 3, 4, '{\"id\":\"service/a\"}');"
	"INSERT INTO transitions (id, target_id, at_wall_ms, from_state, to_state, relation,"
	" reasons) VALUES (41, 4, 7, 'ok', 'drift', 'behind', '[]');"
	"INSERT INTO observations (id, target_id, at_wall_ms, facts) VALUES (42, 5, 8, '{}');"
	"INSERT INTO deployments (id, target_id, at_wall_ms, sha, revision, percent) VALUES"
	" (1, 4, 10, 's1', 'r1', 50), (2, 4, 10, 's2', 'r2', 50), (3, 4, 20, 's3', 'r3', 100),"
	" (4, 4, 30, 's3', 'r3', 90), (5, 4, 40, 's1', 'r1', 100), (6, 4, 50, 's3', 'r4', 100),"
	" (7, 5, 60, 's1', NULL, 100), (8, 5, 70, 's2', NULL, 100), (9, 5, 80, 's1', NULL, 100);"
	"INSERT INTO samples (id, target_id, at_wall_ms, loaded_wall_ms, rows, bytes_billed, "
	"number)"
	" VALUES (43, 6, 9, 8, 7, 6, 1);"
	"INSERT INTO usages VALUES ('2026-11-20', 'default', 6, 1, 2, 3);"
	"INSERT INTO cycles VALUES (812, 'schedule', 10, 11, '{}');";

START_TEST(test_second_schema_is_brought_up_to_date)
{
	store_fixture_make_old(2, second_rows);
	store_fixture_reopen();
	ck_assert_int_eq(store_fixture_number("PRAGMA user_version"),
			 schema_migrations[schema_migration_count - 1].version);
	ck_assert_int_eq(store_hash_key(fixture.store)[31], 31); /* no new one */
	ck_assert_uint_eq(store_fixture_count(store_load_verdicts(fixture.store, NULL)), 1);
	ck_assert_uint_eq(store_fixture_count(store_load_heads(fixture.store, "main", "u", NULL)),
			  1);
	ck_assert_uint_eq(store_fixture_count(store_load_transitions(fixture.store, NULL)), 1);
	ck_assert_uint_eq(store_fixture_count(store_load_observations(fixture.store, NULL)), 1);
	ck_assert_uint_eq(store_fixture_count(store_load_deployments(fixture.store, 9, NULL)), 9);
	ck_assert_uint_eq(store_fixture_count(store_load_samples(fixture.store, NULL)), 1);
	ck_assert_uint_eq(store_fixture_count(store_load_usages(fixture.store, "2026-11-20", NULL)),
			  1);
	ck_assert_uint_eq(store_fixture_count(store_load_incidents(fixture.store, NULL)), 0);
	ck_assert_uint_eq(store_fixture_count(store_load_waiting(fixture.store, NULL)), 0);
	ck_assert_int_eq(store_next_cycle_id(fixture.store), 813);
	ck_assert_int_eq(store_fixture_number("SELECT integrity_check = 'ok' FROM "
					      "pragma_integrity_check"),
			 1);
}
END_TEST

START_TEST(test_second_schema_goes_on)
{
	struct store_batch *batch = store_fixture_batch(100);
	int64_t incident = 0, silence = 0, notification = 0;

	store_fixture_make_old(2, second_rows);
	store_fixture_reopen();
	ck_assert(store_next_ids(fixture.store, &incident, &silence, &notification, NULL));
	ck_assert_int_eq(incident, 1);
	ck_assert_int_eq(silence, 1);
	ck_assert_int_eq(notification, 1);
	store_fixture_incident(batch->alerts, 1, "service/a", 100);
	store_fixture_notification(batch->alerts, 1, 100);
	store_fixture_deployment(batch, "service/a", 100)->committed_wall_ms = 90;
	store_fixture_commit(batch);
	ck_assert_int_eq(store_fixture_number("SELECT target_id FROM incidents"), 4);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM deployments WHERE "
					      "committed_wall_ms = 90 AND began AND id = 10"),
			 1);
}
END_TEST

START_TEST(test_deployments_of_before_are_told_apart)
{
	static const int began[] = {0, 0, 1, 0, 0, 1, 0, 1, 0};

	store_fixture_make_old(2, second_rows);
	store_fixture_reopen();
	for (size_t i = 0; i < G_N_ELEMENTS(began); i++) {
		g_autofree char *sql = g_strdup_printf(
			"SELECT began FROM deployments WHERE committed_wall_ms IS NULL AND id = "
			"%zu",
			i + 1);

		ck_assert_msg(store_fixture_number(sql) == began[i], "deployment %zu", i + 1);
	}
}
END_TEST

/* What cannot be brought up to date stays what it was, for the driftd that wrote it. */
START_TEST(test_failed_upgrade_is_undone)
{
	g_autoptr(GError) error = NULL;

	store_fixture_make_old(2, second_rows);
	store_fixture_exec("CREATE TABLE pushes (nobody TEXT)"); /* in the way, behind the others */
	ck_assert_ptr_null(store_open(fixture.path, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "003_"));
	ck_assert_ptr_nonnull(strstr(error->message, fixture.path));
	ck_assert_int_eq(store_fixture_number("PRAGMA user_version"), 2);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM sqlite_schema WHERE name LIKE "
					      "'incidents%' OR name LIKE 'notifications%'"),
			 0);
	store_fixture_exec("DROP TABLE pushes");
	store_fixture_reopen();
	ck_assert_uint_eq(store_fixture_count(store_load_verdicts(fixture.store, NULL)), 1);
}
END_TEST

Suite *store_upgrade_suite(void)
{
	Suite *suite = suite_create("store_upgrade");
	TCase *tc = tcase_create("store_upgrade");

	tcase_add_checked_fixture(tc, store_fixture_setup_empty, store_fixture_teardown);
	tcase_add_test(tc, test_second_schema_is_brought_up_to_date);
	tcase_add_test(tc, test_second_schema_goes_on);
	tcase_add_test(tc, test_deployments_of_before_are_told_apart);
	tcase_add_test(tc, test_failed_upgrade_is_undone);
	suite_add_tcase(suite, tc);
	return suite;
}
