/* Tests of lib/store on bad days: killed, disk full, damaged, newer, locked, not allowed. A full
 * disk is made with RLIMIT_FSIZE in the test's own process: it needs no rights and no mount, and
 * takes the same way as ENOSPC. */
#include "store/store.h"

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drift_error.h"
#include "store/schema.h"
#include "tests/unit/store_fixture_alerts.h"

Suite *store_faults_suite(void);

/* Somebody with no rights, for tests that run as root. */
#define NOBODY 65534

#define PAGE_BYTES ((off_t)4096)

/* Two new incidents with a message that has been tried once, the end of the incidents of the cycle
 * before, and how far it has come. */
static void add_alerts(struct store_alerts *alerts, int64_t at_wall_ms)
{
	struct store_notification *notification =
		store_fixture_notification(alerts, at_wall_ms, at_wall_ms);
	g_autofree char *delivery = g_strdup_printf("%d", (int)at_wall_ms);

	for (int i = 0; i < 4; i++) {
		int64_t number = 2 * at_wall_ms + i - 2; /* two of before, two of now */
		struct store_incident *incident = store_fixture_incident(
			alerts, number + 1, "service/s1", i < 2 ? at_wall_ms - 1 : at_wall_ms);

		if (i < 2)
			store_fixture_end(incident, at_wall_ms);
	}
	g_free(notification->content);
	notification->content = g_strnfill(20000, '1');
	store_fixture_attempt(alerts, at_wall_ms, at_wall_ms);
	store_fixture_silence(alerts, at_wall_ms, at_wall_ms);
	store_fixture_memo(alerts, "last", at_wall_ms);
	g_ptr_array_add(alerts->pushes, g_steal_pointer(&delivery));
	alerts->pushed_wall_ms = at_wall_ms;
}

/* Five rows in each of four tables, a sum of one more a cycle, two heads and what add_alerts() adds,
 * all of the time of their cycle, some of it larger than a page. */
static struct store_batch *make_batch(int64_t at_wall_ms)
{
	struct store_batch *batch = store_fixture_batch(at_wall_ms);

	for (int i = 0; i < 5; i++) {
		g_autofree char *target = g_strdup_printf("service/s%d", i);
		struct store_observation *row =
			store_fixture_observation(batch, target, at_wall_ms);

		g_free(row->facts);
		row->facts = g_strnfill(20000, '1');
		store_fixture_verdict(batch, target)->observed_wall_ms = at_wall_ms;
		store_fixture_transition(batch, target, at_wall_ms);
		store_fixture_deployment(batch, target, at_wall_ms);
		store_fixture_sample(batch, target, at_wall_ms);
	}
	store_fixture_usage(batch, "service/s0")->queries = 1;
	store_fixture_head(batch, "main", at_wall_ms);
	store_fixture_head(batch, "other", at_wall_ms);
	add_alerts(batch->alerts, at_wall_ms);
	return batch;
}

/* Of each time of the outbox everything is there, and the memo is of the last. */
static void check_whole_alerts(void)
{
	ck_assert_int_eq(
		store_fixture_number(
			"SELECT count(*) FROM notifications AS n WHERE"
			" (SELECT count(*) FROM incidents WHERE detected_wall_ms = "
			"n.created_wall_ms) <> 2"
			" OR (SELECT count(*) FROM incidents WHERE ended_wall_ms = "
			"n.created_wall_ms) <> 2"
			" OR (SELECT length(content) FROM contents WHERE notification_id = n.id) "
			"IS NOT 20000"
			" OR (SELECT count(*) FROM attempts WHERE notification_id = n.id) <> 1"
			" OR (SELECT count(*) FROM silences WHERE id = n.id) <> 1"
			" OR (SELECT count(*) FROM pushes WHERE at_wall_ms = n.created_wall_ms) "
			"<> 1"),
		0);
	ck_assert_int_eq(
		store_fixture_number("SELECT (SELECT count(*) FROM contents) = n AND (SELECT "
				     "count(*) FROM attempts) = n AND (SELECT count(*) FROM "
				     "silences) = n AND (SELECT count(*) FROM pushes) = n FROM "
				     "(SELECT count(*) AS n FROM notifications)"),
		1);
	ck_assert_int_eq(
		store_fixture_number("SELECT coalesce((SELECT value FROM memos), 0) - "
				     "coalesce((SELECT max(created_wall_ms) FROM notifications), "
				     "0)"),
		0);
	ck_assert_int_eq(store_fixture_number("SELECT integrity_check = 'ok' FROM "
					      "pragma_integrity_check"),
			 1);
}

/* Every cycle has all its rows, no row is without its cycle, and the verdicts are of the last. */
static void check_whole_batches(void)
{
	ck_assert_int_eq(
		store_fixture_number("SELECT count(*) FROM cycles AS c WHERE"
				     " (SELECT count(*) FROM transitions WHERE at_wall_ms = "
				     "started_wall_ms) <> 5"
				     " OR (SELECT count(*) FROM observations WHERE at_wall_ms = "
				     "started_wall_ms) <> 5"
				     " OR (SELECT count(*) FROM deployments WHERE at_wall_ms = "
				     "started_wall_ms) <> 5"
				     " OR (SELECT count(*) FROM samples WHERE at_wall_ms = "
				     "started_wall_ms) <> 5"
				     " OR (SELECT count(*) FROM heads WHERE seen_wall_ms = "
				     "started_wall_ms) <> 2"
				     " OR (SELECT count(*) FROM notifications WHERE "
				     "created_wall_ms = started_wall_ms) <> 1"),
		0);
	check_whole_alerts();
	ck_assert_int_eq(store_fixture_number(
				 "SELECT (SELECT count(*) FROM transitions) / 5 = (SELECT count(*) "
				 "FROM cycles) AND (SELECT count(*) FROM heads) / 2 = (SELECT "
				 "count(*) FROM cycles)"),
			 1);
	ck_assert_int_eq(store_fixture_number("SELECT coalesce((SELECT queries FROM usages), 0) - "
					      "(SELECT count(*) FROM cycles)"),
			 0);
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM verdicts WHERE "
					      "observed_wall_ms <> (SELECT max(started_wall_ms) "
					      "FROM cycles)"),
			 0);
	ck_assert_int_eq(store_fixture_number("SELECT integrity_check = 'ok' FROM "
					      "pragma_integrity_check"),
			 1);
}

/* Commits for ever, a byte to the parent after each one. */
static void commit_until_killed(int to_parent) __attribute__((noreturn));
static void commit_alerts_until_killed(int to_parent) __attribute__((noreturn));

/* The same between cycles: what alerts alone change. */
static void commit_alerts_until_killed(int to_parent)
{
	struct store *store = store_open(fixture.path, NULL);
	int64_t incident = 0, silence = 0, at_ms = 0;
	bool ok = store && store_next_ids(store, &incident, &silence, &at_ms, NULL);

	for (; ok; at_ms++) {
		struct store_alerts *alerts = store_alerts_create();

		add_alerts(alerts, at_ms);
		ok = store_commit_alerts(store, alerts, NULL) && write(to_parent, "", 1) == 1;
		store_alerts_free(alerts);
		if (at_ms % 7 == 0)
			store_checkpoint(store);
	}
	_exit(1);
}

static void commit_until_killed(int to_parent)
{
	struct store *store = store_open(fixture.path, NULL);

	for (int64_t at_ms = store ? store_next_cycle_id(store) : 0; store; at_ms++) {
		struct store_batch *batch = make_batch(at_ms);

		if (!store_commit_batch(store, batch, NULL) || write(to_parent, "", 1) != 1)
			break;
		store_batch_free(batch);
		if (at_ms % 7 == 0)
			store_checkpoint(store);
	}
	_exit(1);
}

static pid_t start_committing(void (*commit)(int to_parent), int *ret_from_child)
{
	int ends[2] = {-1, -1};
	pid_t pid = -1;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		commit(ends[1]);
	ck_assert_int_eq(close(ends[1]), 0);
	*ret_from_child = ends[0];
	return pid;
}

/* Kills it behind the given number of commits, wherever it is then; how many it said were done. */
static int64_t kill_after(void (*commit)(int to_parent), int64_t commits)
{
	int from_child = -1;
	pid_t pid = start_committing(commit, &from_child);
	int64_t reported = 0;
	int status = 0;
	char byte = 0;

	while (reported < commits && read(from_child, &byte, 1) == 1)
		reported++;
	ck_assert_int_eq(reported, commits);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	while (read(from_child, &byte, 1) == 1) /* done between the last byte and the end */
		reported++;
	ck_assert_int_eq(close(from_child), 0);
	return reported;
}

START_TEST(test_kill_at_any_moment)
{
	int64_t reported = 0;

	store_close(fixture.store);
	fixture.store = NULL;
	for (int round = 1; round <= 12; round++) {
		reported += kill_after(commit_until_killed, round % 4 + 1);
		store_fixture_reopen();
		ck_assert_int_ge(store_fixture_number("SELECT count(*) FROM cycles"), reported);
		ck_assert_int_le(store_fixture_number("SELECT count(*) FROM cycles"),
				 reported + round);
		check_whole_batches();
		store_close(fixture.store);
		fixture.store = NULL;
	}
}
END_TEST

START_TEST(test_kill_while_alerts_are_written)
{
	int64_t reported = 0;

	store_close(fixture.store);
	fixture.store = NULL;
	for (int round = 1; round <= 12; round++) {
		reported += kill_after(commit_alerts_until_killed, round % 4 + 1);
		store_fixture_reopen();
		ck_assert_int_ge(store_fixture_number("SELECT count(*) FROM notifications"),
				 reported);
		ck_assert_int_le(store_fixture_number("SELECT count(*) FROM notifications"),
				 reported + round);
		check_whole_alerts();
		store_close(fixture.store);
		fixture.store = NULL;
	}
}
END_TEST

START_TEST(test_log_cut_short)
{
	/* the machine went down while the log was written: its end is garbage or missing */
	g_autofree char *wal = g_strconcat(fixture.path, "-wal", NULL);
	struct stat st = {0};
	int64_t cycles = 0;

	store_close(fixture.store);
	fixture.store = NULL;
	(void)kill_after(commit_until_killed, 5);
	ck_assert_int_eq(stat(wal, &st), 0);
	ck_assert_int_gt(st.st_size, 100000);
	ck_assert_int_eq(truncate(wal, st.st_size - 100), 0);
	store_fixture_reopen();
	cycles = store_fixture_number("SELECT count(*) FROM cycles");
	ck_assert_int_ge(cycles, 4);
	check_whole_batches();
	store_fixture_commit(make_batch(1000));
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM cycles"), cycles + 1);
}
END_TEST

static void set_file_limit(rlim_t bytes)
{
	struct rlimit limit = {0};

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes == RLIM_INFINITY ? limit.rlim_max : bytes;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(test_disk_full)
{
	/* _i more kilobytes have room: it ends at various places of a commit */
	g_autoptr(GError) error = NULL;
	struct store_stats stats = {0};
	struct store_batch *batch = NULL;

	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	store_fixture_commit(make_batch(1));
	stats = store_get_stats(fixture.store);
	batch = make_batch(2);
	set_file_limit((rlim_t)(MAX(stats.wal_bytes, stats.file_bytes) + (int64_t)_i * 1024));
	ck_assert(!store_commit_batch(fixture.store, batch, &error));
	ck_assert_msg(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_FULL), "%s", error->message);
	ck_assert_ptr_nonnull(strstr(error->message, fixture.path));
	g_clear_error(&error);
	if (_i == 0) {
		ck_assert(!store_check_writable(fixture.store, &error));
		ck_assert_msg(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_FULL), "%s",
			      error->message);
	}
	check_whole_batches();
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM cycles"), 1);
	ck_assert_int_eq(store_next_cycle_id(fixture.store), 3);
	/* there is room again: the next one works, with the same rows */
	set_file_limit(RLIM_INFINITY);
	store_fixture_commit(batch);
	check_whole_batches();
	store_fixture_reopen();
	check_whole_batches();
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM cycles"), 2);
	ck_assert_int_eq(store_fixture_number("SELECT max(id) FROM cycles"), 3);
}
END_TEST

START_TEST(test_no_room_for_a_database)
{
	g_autoptr(GError) error = NULL;

	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	set_file_limit(1024);
	ck_assert_ptr_null(store_open(fixture.path, &error));
	ck_assert_msg(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_FULL), "%s", error->message);
	set_file_limit(RLIM_INFINITY);
	store_fixture_reopen(); /* what is left of the first try is no obstacle */
	store_fixture_commit(make_batch(1));
}
END_TEST

START_TEST(test_failed_batch_is_undone)
{
	g_autoptr(GError) error = NULL;
	struct store_batch *batch = make_batch(2);

	store_fixture_commit(make_batch(1));
	batch->cycle.id = 1; /* there is one */
	ck_assert(!store_commit_batch(fixture.store, batch, &error));
	ck_assert_ptr_nonnull(error);
	store_batch_free(batch);
	check_whole_batches();
	store_fixture_commit(make_batch(3));
	check_whole_batches();
	ck_assert_int_eq(store_fixture_number("SELECT count(*) FROM cycles"), 2);
}
END_TEST

START_TEST(test_locked)
{
	g_autoptr(GError) error = NULL;
	struct store_batch *batch = make_batch(2);
	sqlite3 *other = NULL;

	store_fixture_commit(make_batch(1));
	ck_assert_int_eq(sqlite3_open(fixture.path, &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	ck_assert(!store_commit_batch(fixture.store, batch, &error));
	ck_assert_msg(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_BUSY), "%s", error->message);
	ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
	store_fixture_commit(batch);
	check_whole_batches();
}
END_TEST

/* Also a schema that is newer by one only: an older driftd on a database of a later one. */
static const int newer_by[] = {1, 999};

START_TEST(test_newer_schema)
{
	int version = schema_migrations[schema_migration_count - 1].version + newer_by[_i];
	g_autofree char *sql = g_strdup_printf("PRAGMA user_version = %d", version);
	g_autofree char *number = g_strdup_printf("number %d,", version);
	g_autoptr(GError) error = NULL;

	store_close(fixture.store);
	fixture.store = NULL;
	store_fixture_exec(sql);
	ck_assert_ptr_null(store_open(fixture.path, &error));
	ck_assert_msg(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_NEWER), "%s", error->message);
	ck_assert_ptr_nonnull(strstr(error->message, fixture.path));
	ck_assert_ptr_nonnull(strstr(error->message, number));
	ck_assert_int_eq(store_fixture_number("PRAGMA user_version"), version);
}
END_TEST

static void overwrite(off_t offset, const char *bytes, size_t length)
{
	int fd = open(fixture.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, bytes, length, offset), (ssize_t)length);
	ck_assert_int_eq(close(fd), 0);
}

static void damage_garbage(void)
{
	g_autofree char *garbage = g_strnfill(100000, 'x');

	overwrite(0, garbage, 100000);
}

static void damage_short_garbage(void)
{
	ck_assert_int_eq(truncate(fixture.path, 0), 0);
	overwrite(0, "hello", 5);
}

static void damage_truncated(void)
{
	struct stat st = {0};

	ck_assert_int_eq(stat(fixture.path, &st), 0);
	ck_assert_int_eq(truncate(fixture.path, st.st_size / 2), 0);
}

static void damage_zeroed_page(void)
{
	static const char zeros[4096];

	overwrite(4 * PAGE_BYTES, zeros, sizeof(zeros));
}

static void damage_zeroed_first_page(void)
{
	static const char zeros[4096];

	overwrite(0, zeros, sizeof(zeros));
}

static void damage_other_program(void)
{
	store_fixture_exec("PRAGMA application_id = 7");
}

static void damage_no_program(void)
{
	ck_assert_int_eq(g_unlink(fixture.path), 0);
	overwrite(0, "", 0);
	store_fixture_exec("CREATE TABLE cookies (x)");
}

static void damage_key_missing(void)
{
	store_fixture_exec("DELETE FROM meta");
}

static void damage_key_short(void)
{
	store_fixture_exec("UPDATE meta SET value = x'00'");
}

static void damage_schema(void)
{
	store_fixture_exec("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE "
			   "TABLE cycles (' WHERE name = 'cycles'");
}

static const struct {
	const char *name;
	void (*damage)(void);
} damages[] = {
	{"garbage", damage_garbage},
	{"short garbage", damage_short_garbage},
	{"truncated", damage_truncated},
	{"zeroed page", damage_zeroed_page},
	{"zeroed first page", damage_zeroed_first_page},
	{"of another program", damage_other_program},
	{"of no program", damage_no_program},
	{"key missing", damage_key_missing},
	{"key short", damage_key_short},
	{"schema", damage_schema},
};

START_TEST(test_damaged)
{
	g_autoptr(GError) error = NULL;

	for (int i = 0; i < 10; i++)
		store_fixture_commit(make_batch(i + 1));
	store_close(fixture.store);
	fixture.store = NULL;
	damages[_i].damage();
	fixture.store = store_open(fixture.path, &error);
	ck_assert_msg(fixture.store == NULL, "%s: opened", damages[_i].name);
	ck_assert_msg(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_CORRUPT), "%s: %s",
		      damages[_i].name, error->message);
	ck_assert_msg(strstr(error->message, fixture.path) && strstr(error->message, "move") &&
			      !strchr(error->message, '\n'),
		      "%s: %s", damages[_i].name, error->message);
	/* what it says helps */
	ck_assert_int_eq(g_unlink(fixture.path), 0);
	store_fixture_reopen();
	store_fixture_commit(make_batch(1));
}
END_TEST

START_TEST(test_refused_file_is_left_alone)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *before = NULL;
	g_autofree char *after = NULL;
	gsize before_length = 0;
	gsize after_length = 0;

	store_close(fixture.store);
	fixture.store = NULL;
	damages[_i].damage();
	ck_assert(g_file_get_contents(fixture.path, &before, &before_length, NULL));
	ck_assert_ptr_null(store_open(fixture.path, &error));
	ck_assert(g_file_get_contents(fixture.path, &after, &after_length, NULL));
	ck_assert_uint_eq(before_length, after_length);
	ck_assert_mem_eq(before, after, before_length);
}
END_TEST

START_TEST(test_damage_in_a_large_database)
{
	/* too large to be checked at the start: found by who meets it, and said alike */
	static const char zeros[4096];
	g_autoptr(GError) error = NULL;
	struct store_batch *batch = store_fixture_batch(1);

	for (int i = 0; i < 20; i++) {
		g_autofree char *target = g_strdup_printf("service/s%d", i);
		struct store_observation *row = store_fixture_observation(batch, target, 1);

		g_free(row->facts);
		row->facts = g_strnfill(STORE_FACTS_MAX_BYTES, '1');
	}
	store_fixture_commit(batch);
	store_close(fixture.store);
	fixture.store = NULL;
	overwrite(3000 * PAGE_BYTES, zeros, sizeof(zeros));
	store_fixture_reopen();
	ck_assert_ptr_null(store_load_observations(fixture.store, &error));
	ck_assert_msg(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_CORRUPT), "%s",
		      error->message);
	ck_assert_ptr_nonnull(strstr(error->message, fixture.path));
	ck_assert_ptr_nonnull(strstr(error->message, "move"));
}
END_TEST

START_TEST(test_killed_before_the_first_write)
{
	overwrite(0, "", 0); /* the file was made, nothing in it */
	store_fixture_reopen();
	store_fixture_commit(make_batch(1));
	check_whole_batches();
}
END_TEST

START_TEST(test_file_is_made_private)
{
	struct stat st = {0};

	store_close(fixture.store);
	fixture.store = NULL;
	ck_assert_int_eq(chmod(fixture.path, 0666), 0);
	store_fixture_reopen();
	ck_assert_int_eq(stat(fixture.path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
}
END_TEST

START_TEST(test_no_folder)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_build_filename(fixture.dir, "none", "driftd.db", NULL);

	ck_assert_ptr_null(store_open(path, &error));
	ck_assert(g_error_matches(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND));
	ck_assert_ptr_nonnull(strstr(error->message, path));
}
END_TEST

/* Root may do everything: as nobody, in a child that tells by its exit status. */
static int open_as_nobody(void)
{
	pid_t pid = fork();
	int status = 0;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		g_autoptr(GError) error = NULL;

		if (geteuid() == 0 && setuid(NOBODY) != 0)
			_exit(101);
		if (store_open(fixture.path, &error))
			_exit(100);
		_exit(strstr(error->message, fixture.path) ? error->code : 102);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(test_folder_not_writable)
{
	ck_assert_int_eq(chmod(fixture.dir, 0555), 0);
	ck_assert_int_eq(open_as_nobody(), DRIFT_ERROR_DENIED);
	ck_assert_int_eq(chmod(fixture.dir, 0755), 0);
}
END_TEST

START_TEST(test_file_not_writable)
{
	store_fixture_reopen();
	store_close(fixture.store);
	fixture.store = NULL;
	/* its owner may read it: SQLite would open it for that, and fail when something is
	 * written */
	ck_assert_int_eq(chmod(fixture.path, 0400), 0);
	ck_assert_int_eq(chmod(fixture.dir, 0777), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(chown(fixture.path, NOBODY, (gid_t)-1), 0);
	ck_assert_int_eq(open_as_nobody(), DRIFT_ERROR_DENIED);
}
END_TEST

Suite *store_faults_suite(void)
{
	Suite *suite = suite_create("store_faults");
	TCase *tc = tcase_create("open");
	TCase *empty = tcase_create("empty");

	tcase_set_timeout(tc, 60); /* for sanitizers on a busy machine */
	tcase_add_checked_fixture(tc, store_fixture_setup, store_fixture_teardown);
	tcase_add_test(tc, test_kill_at_any_moment);
	tcase_add_test(tc, test_kill_while_alerts_are_written);
	tcase_add_test(tc, test_log_cut_short);
	tcase_add_loop_test(tc, test_disk_full, 0, 9);
	tcase_add_test(tc, test_failed_batch_is_undone);
	tcase_add_test(tc, test_locked);
	tcase_add_loop_test(tc, test_newer_schema, 0, G_N_ELEMENTS(newer_by));
	tcase_add_loop_test(tc, test_damaged, 0, G_N_ELEMENTS(damages));
	tcase_add_loop_test(tc, test_refused_file_is_left_alone, 0, G_N_ELEMENTS(damages));
	tcase_add_test(tc, test_damage_in_a_large_database);
	tcase_add_test(tc, test_file_is_made_private);
	tcase_add_checked_fixture(empty, store_fixture_setup_empty, store_fixture_teardown);
	tcase_add_test(empty, test_no_room_for_a_database);
	tcase_add_test(empty, test_killed_before_the_first_write);
	tcase_add_test(empty, test_no_folder);
	tcase_add_test(empty, test_folder_not_writable);
	tcase_add_test(empty, test_file_not_writable);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, empty);
	return suite;
}
