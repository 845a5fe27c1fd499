/* store_fixture - see store_fixture.h */
#include "tests/unit/store_fixture.h"

#include <check.h>
#include <glib/gstdio.h>
#include <sqlite3.h>

#include "store/schema.h"

struct store_fixture fixture;

void store_fixture_setup_empty(void)
{
	g_autoptr(GError) error = NULL;

	fixture.dir = g_dir_make_tmp("driftd-store-XXXXXX", &error);
	ck_assert_msg(fixture.dir != NULL, "%s", error ? error->message : "");
	fixture.path = g_build_filename(fixture.dir, "driftd.db", NULL);
}

void store_fixture_setup(void)
{
	store_fixture_setup_empty();
	store_fixture_reopen();
}

void store_fixture_teardown(void)
{
	GDir *dir = g_dir_open(fixture.dir, 0, NULL);
	const char *name = NULL;

	store_close(fixture.store);
	fixture.store = NULL;
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(fixture.dir, name, NULL);

		ck_assert_int_eq(g_remove(path), 0);
	}
	if (dir)
		g_dir_close(dir);
	ck_assert_int_eq(g_rmdir(fixture.dir), 0);
	g_clear_pointer(&fixture.dir, g_free);
	g_clear_pointer(&fixture.path, g_free);
}

void store_fixture_reopen(void)
{
	g_autoptr(GError) error = NULL;

	store_close(fixture.store);
	fixture.store = store_open(fixture.path, &error);
	ck_assert_msg(fixture.store != NULL, "%s", error ? error->message : "");
}

static sqlite3 *open_judge(void)
{
	sqlite3 *db = NULL;

	ck_assert_int_eq(sqlite3_open_v2(fixture.path, &db, SQLITE_OPEN_READWRITE, NULL),
			 SQLITE_OK);
	ck_assert_int_eq(sqlite3_busy_timeout(db, 10000), SQLITE_OK);
	return db;
}

void store_fixture_make_old(int version, const char *sql)
{
	g_autofree char *pragmas =
		g_strdup_printf("PRAGMA journal_mode = WAL; PRAGMA user_version = %d", version);
	sqlite3 *db = NULL;
	char *why = NULL;

	ck_assert_int_eq(sqlite3_open(fixture.path, &db), SQLITE_OK);
	for (int i = 0; i < version; i++) {
		ck_assert_int_eq(schema_migrations[i].version, i + 1);
		ck_assert_msg(sqlite3_exec(db, schema_migrations[i].sql, NULL, NULL, &why) ==
				      SQLITE_OK,
			      "%s", why);
	}
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK, "%s", why);
	ck_assert_int_eq(sqlite3_exec(db, pragmas, NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

guint store_fixture_count(GPtrArray *rows)
{
	guint count = 0;

	ck_assert_ptr_nonnull(rows);
	count = rows->len;
	g_ptr_array_unref(rows);
	return count;
}

int64_t store_fixture_number(const char *sql)
{
	sqlite3 *db = open_judge();
	sqlite3_stmt *statement = NULL;
	int64_t number = 0;

	ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql,
		      sqlite3_errmsg(db));
	ck_assert_msg(sqlite3_step(statement) == SQLITE_ROW, "%s: %s", sql, sqlite3_errmsg(db));
	number = sqlite3_column_int64(statement, 0);
	ck_assert_int_eq(sqlite3_finalize(statement), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	return number;
}

void store_fixture_exec(const char *sql)
{
	sqlite3 *db = open_judge();

	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql,
		      sqlite3_errmsg(db));
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

void store_fixture_commit(struct store_batch *batch)
{
	g_autoptr(GError) error = NULL;
	bool ok = store_commit_batch(fixture.store, batch, &error);

	ck_assert_msg(ok, "%s", error ? error->message : "");
	store_batch_free(batch);
}

struct store_batch *store_fixture_batch(int64_t at_wall_ms)
{
	struct store_batch *batch = store_batch_create();

	batch->cycle.trigger = g_strdup("schedule");
	batch->cycle.started_wall_ms = at_wall_ms;
	batch->cycle.duration_ms = 12;
	batch->cycle.summary = g_strdup("{\"evaluated\":1}");
	return batch;
}

struct store_verdict *store_fixture_verdict(struct store_batch *batch, const char *target)
{
	struct store_verdict *verdict = store_verdict_create();

	verdict->target = g_strdup(target);
	verdict->state = g_strdup("ok");
	verdict->relation = g_strdup("in_sync");
	verdict->facts = g_strdup("{}");
	g_ptr_array_add(batch->verdicts, verdict);
	return verdict;
}

struct store_transition *store_fixture_transition(struct store_batch *batch, const char *target,
						  int64_t at_wall_ms)
{
	struct store_transition *transition = store_transition_create();

	transition->target = g_strdup(target);
	transition->at_wall_ms = at_wall_ms;
	transition->from = g_strdup("ok");
	transition->to = g_strdup("drift");
	transition->relation = g_strdup("behind");
	transition->reasons = g_strdup("[\"behind\"]");
	g_ptr_array_add(batch->transitions, transition);
	return transition;
}

struct store_observation *store_fixture_observation(struct store_batch *batch, const char *target,
						    int64_t at_wall_ms)
{
	struct store_observation *observation = store_observation_create();

	observation->target = g_strdup(target);
	observation->at_wall_ms = at_wall_ms;
	observation->facts = g_strdup("{}");
	g_ptr_array_add(batch->observations, observation);
	return observation;
}

struct store_deployment *store_fixture_deployment(struct store_batch *batch, const char *target,
						  int64_t at_wall_ms)
{
	struct store_deployment *deployment = store_deployment_create();

	deployment->target = g_strdup(target);
	deployment->at_wall_ms = at_wall_ms;
	deployment->sha = g_strdup("18f6ecfe00000000000000000000000000000000");
	deployment->revision = g_strdup("worker-00001-abc");
	deployment->percent = 100;
	deployment->digest = g_strdup("sha256:00");
	g_ptr_array_add(batch->deployments, deployment);
	return deployment;
}

struct store_sample *store_fixture_sample(struct store_batch *batch, const char *target,
					  int64_t at_wall_ms)
{
	struct store_sample *sample = store_sample_create();

	sample->target = g_strdup(target);
	sample->at_wall_ms = at_wall_ms;
	sample->loaded_wall_ms = at_wall_ms - 1;
	sample->rows = 12;
	sample->bytes_billed = 10485760;
	g_ptr_array_add(batch->samples, sample);
	return sample;
}

struct store_usage *store_fixture_usage(struct store_batch *batch, const char *target)
{
	struct store_usage *usage = store_usage_create();

	usage->day = g_strdup("2026-11-20");
	usage->gcp = g_strdup("default");
	usage->target = g_strdup(target);
	g_ptr_array_add(batch->usages, usage);
	return usage;
}

struct store_head *store_fixture_head(struct store_batch *batch, const char *repo,
				      int64_t at_wall_ms)
{
	struct store_head *head = store_head_create();

	head->repo = g_strdup(repo);
	head->url = g_strdup("https://example.com/a.git");
	head->branch = g_strdup("main");
	head->sha = g_strdup_printf("%040" G_GINT64_MODIFIER "x", at_wall_ms);
	head->subject = g_strdup("a change");
	head->author = g_strdup("A U Thor");
	head->committed_wall_ms = at_wall_ms - 1;
	head->seen_wall_ms = at_wall_ms;
	head->fetched_wall_ms = at_wall_ms;
	g_ptr_array_add(batch->heads, head);
	return head;
}
