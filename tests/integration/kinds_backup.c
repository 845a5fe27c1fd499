/* kinds_backup - backups in Cloud Storage: which folders count, what must be in them (DESIGN 5, LESSONS L16). */
#include "tests/integration/kinds.h"

#include <string.h>

static struct kinds *kinds;

#define ID "backup/captions"

static void setup(void)
{
	kinds = kinds_open();
}

static void teardown(void)
{
	kinds_close(kinds);
}

static void add(const char *more)
{
	kinds_add(kinds,
		  "[backup \"captions\"]\nbucket = acme-backups\nprefix = captions\n"
		  "folder-format = %%Y-%%m-%%d_%%H%%M%%S\nfiles = dump.gz\nfiles = globals.sql\n"
		  "metadata = metadata.json\nmax-age = 24h\n%s",
		  more);
}

/** Name of the folder of so many minutes ago. Caller frees. */
static char *folder(int age_min)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) then = g_date_time_add_minutes(now, -age_min);

	return g_date_time_format(then, "%Y-%m-%d_%H%M%S");
}

static void put(const char *name, const char *file, const char *content)
{
	g_autofree char *path = g_strdup_printf("captions/%s/%s", name, file);

	cloud_object(kinds->world, "acme-backups", path, NULL, content);
}

/** A whole one; @p metadata as it is, NULL: of one table with 100 rows. */
static void put_whole(const char *name, const char *metadata)
{
	put(name, "dump.gz", "dump");
	put(name, "globals.sql", "CREATE ROLE a");
	put(name, "metadata.json",
	    metadata ? metadata : "{\"tables\":[{\"table_name\":\"captions\",\"row_count\":100}]}");
}

static char *text_of(const char *path)
{
	return kinds_text(kinds, ID, path);
}

START_TEST(L16_other_names_are_ignored)
{
	static const char *const others[] = {"pre_rollback_2026-11-19_120000",
					     "pre_rollback_9999-01-01_000000",
					     "2099-02-30_000000",
					     "2099-01-01_000000.bak",
					     "2099-01-01_0000",
					     "x2099-01-01_000000",
					     "2099-1-1_000000",
					     "2099-01-01_250000",
					     "latest",
					     "zzz"};
	g_autofree char *good = folder(60), *newest = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		put_whole(others[i],
			  "{\"tables\":[{\"table_name\":\"captions\",\"row_count\":1}]}");
	cloud_object(kinds->world, "acme-backups", "captions/README", NULL, "x"); /* no folder */
	put_whole(good, NULL);
	add("");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
	newest = text_of("backup.latest_complete");
	ck_assert_str_eq(newest, good);
	ck_assert_int_eq(kinds_number(kinds, ID, "backup.folders"), 1);
	ck_assert_int_eq(kinds_number(kinds, ID, "backup.ignored"), G_N_ELEMENTS(others));
	ck_assert_int_eq(kinds_number(kinds, ID, "backup.restorable_total"), 1);
}
END_TEST

/* Only such folders: that is no backup, and nothing to be restored. */
START_TEST(L16_nothing_but_rollbacks_is_stale)
{
	put_whole("pre_rollback_2026-11-19_120000", NULL);
	add("");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "drift", "backup_stale");
	kinds_expect_said(kinds, ID, "no complete backup is in gs://acme-backups/captions/");
	kinds_expect_said(kinds, ID, "1 other ignored");
	ck_assert_int_eq(kinds_number(kinds, ID, "backup.restorable_total"), 0);
}
END_TEST

START_TEST(L16_files_must_be_there_and_not_empty)
{
	g_autofree char *old = folder(20 * 60), *new = folder(60);

	put_whole(old, NULL);
	put(new, "dump.gz", "");
	put(new, "metadata.json", "{\"tables\":[{\"table_name\":\"captions\",\"row_count\":100}]}");
	add("");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "drift", "backup_incomplete");
	kinds_expect_said(kinds, ID, "missing globals.sql, empty dump.gz");
	kinds_expect_said(kinds, ID, old); /* what could be restored */
	ck_assert_int_eq(kinds_number(kinds, ID, "backup.restorable_total"), 1);
	put(new, "globals.sql", "x");
	world_cycle(kinds->world); /* a bucket is not billed: looked at whenever somebody asks */
	kinds_expect_said(kinds, ID, "incomplete: empty dump.gz");
	put(new, "dump.gz", "dump");
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "ok", NULL);
	ck_assert_int_eq(kinds_number(kinds, ID, "backup.restorable_total"), 2);
}
END_TEST

/* One that is being written is no alarm yet. */
START_TEST(young_folder_may_be_incomplete)
{
	g_autofree char *old = folder(20 * 60), *new = folder(2);

	put_whole(old, NULL);
	put(new, "dump.gz", "dump");
	add("");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "pending", "backup_incomplete");
}
END_TEST

static const struct {
	const char *before; /* metadata of the backup before; NULL: none */
	const char *now;
	const char *state, *code, *said;
} metadata[] = {
	{NULL, "not json", "drift", "backup_unreadable", "metadata.json of backup"},
	{NULL, "{\"tables\":{}}", "drift", "backup_unreadable", "cannot be understood"},
	{NULL, "{\"tables\":[{\"table_name\":\"a\",\"row_count\":\"many\"}]}", "drift",
	 "backup_unreadable", "row_count"},
	{NULL, "{\"tables\":[{\"table_name\":\"a\",\"row_count\":-1}]}", "drift",
	 "backup_unreadable", "row_count"},
	{NULL, "{\"tables\":[{\"table_name\":\"a\",\"row_count\":0}]}", "drift", "backup_shrunk",
	 "a 0 rows"},
	{NULL, "{\"tables\":[{\"table_name\":\"a\",\"row_count\":1}],\"other\":[1]}", "ok", NULL,
	 "restorable"},
	{"{\"tables\":[{\"table_name\":\"a\",\"row_count\":100}]}",
	 "{\"tables\":[{\"table_name\":\"a\",\"row_count\":50}]}", "ok", NULL, "2 restorable"},
	{"{\"tables\":[{\"table_name\":\"a\",\"row_count\":100}]}",
	 "{\"tables\":[{\"table_name\":\"a\",\"row_count\":49}]}", "drift", "backup_shrunk",
	 "a 49 rows after 100"},
	{"{\"tables\":[{\"table_name\":\"a\",\"row_count\":1},{\"table_name\":\"b\",\"row_count\":"
	 "7}]}",
	 "{\"tables\":[{\"table_name\":\"a\",\"row_count\":1}]}", "drift", "backup_shrunk",
	 "b 0 rows after 7"},
	{"{\"tables\":[{\"table_name\":\"a\",\"row_count\":1}]}",
	 "{\"tables\":[{\"table_name\":\"a\",\"row_count\":1},{\"table_name\":\"b\",\"row_count\":"
	 "7}]}",
	 "ok", NULL, "2 restorable"},
};

START_TEST(L16_metadata_is_read_and_held_against_the_one_before)
{
	g_autofree char *old = folder(20 * 60), *new = folder(60);

	if (metadata[_i].before)
		put_whole(old, metadata[_i].before);
	put_whole(new, metadata[_i].now);
	add("");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, metadata[_i].state, metadata[_i].code);
	kinds_expect_said(kinds, ID, metadata[_i].said);
}
END_TEST

/* Neither is the one that cannot be understood in the list, nor is it deleted from what is compared. */
START_TEST(restorable_are_the_whole_ones_newest_first)
{
	g_autofree char *first = folder(23 * 60), *second = folder(12 * 60), *third = folder(60);
	g_autoptr(struct_answer) target = NULL;

	put_whole(first,
		  "{\"tables\":[{\"table_name\":\"a\",\"row_count\":90},{\"table_name\":\"b\","
		  "\"row_count\":5}]}");
	put_whole(second,
		  "{\"tables\":[{\"table_name\":\"a\",\"row_count\":100},{\"table_name\":\"b\","
		  "\"row_count\":11}]}");
	put_whole(third, "<html>");
	add("");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "drift", "backup_unreadable");
	target = world_any_target(kinds->world, ID);
	ck_assert_int_eq(json_int_at(target->json, "backup.restorable_total"), 2);
	ck_assert_str_eq(json_text_at(target->json, "backup.restorable.0.folder"), second);
	ck_assert_str_eq(json_text_at(target->json, "backup.restorable.0.rows"), "111");
	ck_assert_str_eq(json_text_at(target->json, "backup.restorable.1.folder"), first);
	kinds_expect_said(kinds, ID, second);
}
END_TEST

START_TEST(age_and_retention)
{
	g_autofree char *fresh = folder(60), *old = folder(3 * 24 * 60);
	g_autofree char *oldest = folder(40 * 24 * 60), *at = NULL;

	put_whole(old, NULL);
	put_whole(oldest, NULL);
	add("retention = 30d");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "drift", "backup_stale");
	kinds_expect_said(kinds, ID, "max-age = 1d");
	kinds_expect(kinds, ID, "drift", "retention_exceeded");
	put_whole(fresh, NULL);
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "pending", "retention_exceeded");
	kinds_expect_said(kinds, ID, "retention = 30d");
	at = text_of("backup.restorable.2.folder");
	ck_assert_str_eq(at, oldest);
}
END_TEST

/* An incomplete one is no backup: the age is that of the newest complete one. */
START_TEST(L16_incomplete_does_not_make_it_younger)
{
	g_autofree char *old = folder(3 * 24 * 60), *new = folder(60);

	put_whole(old, NULL);
	put(new, "dump.gz", "x");
	add("");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "drift", "backup_stale");
	kinds_expect(kinds, ID, "drift", "backup_incomplete");
	kinds_expect_said(kinds, ID, old);
}
END_TEST

START_TEST(name_of_the_future_is_no_backup)
{
	g_autofree char *future = folder(-2 * 60), *old = folder(60);

	put_whole(old, NULL);
	put_whole(future, NULL);
	add("");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "unknown", "broken_check");
	kinds_expect_said(kinds, ID, future);
}
END_TEST

START_TEST(metadata_is_read_once_per_generation)
{
	g_autofree char *old = folder(20 * 60), *new = folder(60);

	put_whole(old, NULL);
	put_whole(new, NULL);
	add("");
	kinds_add(kinds, "[backup \"twin\"]\nbucket = acme-backups\nprefix = captions\n"
			 "folder-format = %%Y-%%m-%%d_%%H%%M%%S\nfiles = dump.gz\n"
			 "metadata = metadata.json\nmax-age = 24h");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "ok", NULL);
	kinds_expect(kinds, "backup/twin", "ok", NULL);
	cloud_clear_log(kinds->world);
	world_cycle(kinds->world);
	world_cycle(kinds->world);
	ck_assert_int_eq(cloud_calls(kinds->world, "storage.objects.list"), 2);
	ck_assert_int_eq(cloud_calls(kinds->world, "storage.objects.media"), 0);
	put(new, "metadata.json", "{\"tables\":[{\"table_name\":\"captions\",\"row_count\":3}]}");
	world_cycle(kinds->world);
	ck_assert_int_eq(cloud_calls(kinds->world, "storage.objects.media"), 1);
	kinds_expect(kinds, ID, "drift", "backup_shrunk");
	kinds_expect(kinds, "backup/twin", "drift", "backup_shrunk");
}
END_TEST

static const struct {
	const char *rule;
	const char *code, *said;
} faults[] = {
	{"{\"api\":\"storage.objects.list\",\"kind\":\"denied\",\"permission\":"
	 "\"storage.objects.list\"}",
	 "permission_denied", "storage.objects.list"},
	{"{\"api\":\"storage.objects.get\",\"kind\":\"denied\",\"permission\":\"storage.objects."
	 "get\"}",
	 "permission_denied", "storage.objects.get"},
	{"{\"api\":\"storage\",\"kind\":\"html503\"}", "fetch_failed", "503"},
	{"{\"api\":\"storage.objects.list\",\"kind\":\"garbage\"}", "fetch_failed", "captions"},
};

START_TEST(L04_storage_that_fails_is_no_missing_backup)
{
	g_autofree char *fresh = folder(60), *known = NULL;

	put_whole(fresh, NULL);
	add("");
	cloud_fault(kinds->world, faults[_i].rule);
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "unknown", faults[_i].code);
	kinds_expect_said(kinds, ID, faults[_i].said);
	cloud_heal(kinds->world);
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "ok", NULL);
	if (strstr(faults[_i].rule, "objects.get"))
		return; /* metadata is remembered: nobody asks for it again */
	cloud_fault(kinds->world, faults[_i].rule);
	world_cycle(kinds->world);
	kinds_expect(kinds, ID, "unknown", faults[_i].code);
	known = text_of("last_known.state");
	ck_assert_str_eq(known, "ok");
}
END_TEST

START_TEST(bucket_that_is_not_there_is_unknown)
{
	add("");
	config_replace(kinds->config, "bucket = acme-backups", "bucket = acme-bakcups");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "unknown", "");
	kinds_expect_said(kinds, ID, "there is no bucket acme-bakcups");
}
END_TEST

START_TEST(hostile_names_are_shown_escaped)
{
	g_autofree char *fresh = folder(60), *text = NULL;
	g_autoptr(struct_answer) plain = NULL;

	put_whole(fresh, "{\"tables\":[{\"table_name\":\"\\u001b[31m<b>x\\n\\u202e\",\"row_count\":"
			 "0}]}");
	add("");
	kinds_begin(kinds);
	kinds_expect(kinds, ID, "drift", "backup_shrunk");
	plain = world_get(kinds->world, "/drift/" ID "?format=text");
	ck_assert_ptr_null(strchr(plain->body, '\x1b'));
	ck_assert_ptr_null(strstr(plain->body, "\xe2\x80\xae"));
	ck_assert_ptr_nonnull(strstr(plain->body, "<b>x"));
	text = process_log(&kinds->world->driftd);
	ck_assert_ptr_null(strchr(text, '\x1b'));
}
END_TEST

TCase *kinds_backup_case(void)
{
	TCase *tcase = tcase_create("backup");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, L16_other_names_are_ignored);
	tcase_add_test(tcase, L16_nothing_but_rollbacks_is_stale);
	tcase_add_test(tcase, L16_files_must_be_there_and_not_empty);
	tcase_add_test(tcase, young_folder_may_be_incomplete);
	tcase_add_loop_test(tcase, L16_metadata_is_read_and_held_against_the_one_before, 0,
			    (int)G_N_ELEMENTS(metadata));
	tcase_add_test(tcase, restorable_are_the_whole_ones_newest_first);
	tcase_add_test(tcase, age_and_retention);
	tcase_add_test(tcase, L16_incomplete_does_not_make_it_younger);
	tcase_add_test(tcase, name_of_the_future_is_no_backup);
	tcase_add_test(tcase, metadata_is_read_once_per_generation);
	tcase_add_loop_test(tcase, L04_storage_that_fails_is_no_missing_backup, 0,
			    (int)G_N_ELEMENTS(faults));
	tcase_add_test(tcase, bucket_that_is_not_there_is_unknown);
	tcase_add_test(tcase, hostile_names_are_shown_escaped);
	return tcase;
}
