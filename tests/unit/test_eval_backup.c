/* test_eval_backup - is there a backup that could be restored? DESIGN 5 and 8, LESSONS L16. */
#include <check.h>
#include <string.h>

#include "data_world.h"

Suite *eval_backup_suite(void);

static struct backup_folder *folder_at(struct data_world *w, guint index)
{
	return w->seen_backup->folders->pdata[index];
}

static struct backup_table *table_at(struct data_world *w, guint folder)
{
	return folder_at(w, folder)->tables->pdata[0];
}

static void as_is(struct data_world *w)
{
	(void)w;
}

static void none(struct data_world *w)
{
	g_ptr_array_set_size(w->seen_backup->folders, 0);
	w->seen_backup->folders_total = 0;
	w->seen_backup->oldest_wall_ms = 0;
	w->seen_backup->ignored = 3;
}

static void just_young(struct data_world *w)
{
	w->backup.max_age_ms = DATA_NOW_MS - folder_at(w, 0)->at_wall_ms + 1;
}

static void too_old(struct data_world *w)
{
	w->backup.max_age_ms = DATA_NOW_MS - folder_at(w, 0)->at_wall_ms;
}

static void file_missing(struct data_world *w)
{
	g_ptr_array_add(folder_at(w, 0)->missing, g_strdup("captions.json.gz"));
}

static void file_empty(struct data_world *w)
{
	g_ptr_array_add(folder_at(w, 0)->empty, g_strdup("captions.json.gz"));
}

static void being_written(struct data_world *w)
{
	file_missing(w);
	folder_at(w, 0)->at_wall_ms = DATA_NOW_MS - 10 * MS_PER_MINUTE;
}

static void none_complete(struct data_world *w)
{
	file_missing(w);
	g_ptr_array_add(folder_at(w, 1)->missing, g_strdup("captions.json.gz"));
}

static void unreadable(struct data_world *w)
{
	folder_at(w, 0)->metadata_error = g_strdup("not JSON");
	g_ptr_array_set_size(folder_at(w, 0)->tables, 0);
}

static void unread(struct data_world *w)
{
	folder_at(w, 0)->metadata_read = false;
	g_ptr_array_set_size(folder_at(w, 0)->tables, 0);
}

static void unread_and_not_asked_for(struct data_world *w)
{
	unread(w);
	g_clear_pointer(&w->backup.metadata, g_free);
}

static void no_tables(struct data_world *w)
{
	g_ptr_array_set_size(folder_at(w, 0)->tables, 0);
}

static void no_tables_at_all(struct data_world *w)
{
	no_tables(w);
	g_ptr_array_set_size(folder_at(w, 1)->tables, 0);
}

static void no_rows(struct data_world *w)
{
	table_at(w, 0)->rows = 0;
}

static void half(struct data_world *w)
{
	table_at(w, 0)->rows = 45;
}

static void less_than_half(struct data_world *w)
{
	table_at(w, 0)->rows = 44;
}

static void much_more(struct data_world *w)
{
	table_at(w, 0)->rows = 9000;
}

static void table_gone(struct data_world *w)
{
	data_backup_table(folder_at(w, 1), "authors", 5);
}

static void table_new(struct data_world *w)
{
	data_backup_table(folder_at(w, 0), "authors", 5);
}

static void nothing_to_compare(struct data_world *w)
{
	less_than_half(w);
	folder_at(w, 1)->metadata_error = g_strdup("not JSON");
}

static void retained_too_long(struct data_world *w)
{
	w->backup.retention_ms = DATA_NOW_MS - folder_at(w, 1)->at_wall_ms;
}

static void retained(struct data_world *w)
{
	w->backup.retention_ms = DATA_NOW_MS - folder_at(w, 1)->at_wall_ms + 1;
}

static void of_the_future(struct data_world *w)
{
	folder_at(w, 0)->at_wall_ms = DATA_NOW_MS + MS_PER_DAY;
}

static const struct {
	void (*arrange)(struct data_world *w);
	enum state state;
	enum reason_code code;
	guint reasons;
} rows[] = {
	{as_is, STATE_OK, REASON_NONE, 0},
	{none, STATE_DRIFT, REASON_BACKUP_STALE, 1},
	{just_young, STATE_OK, REASON_NONE, 0},
	{too_old, STATE_DRIFT, REASON_BACKUP_STALE, 1},
	{file_missing, STATE_DRIFT, REASON_BACKUP_INCOMPLETE, 2}, /* and stale: 30 h */
	{file_empty, STATE_DRIFT, REASON_BACKUP_INCOMPLETE, 2},
	{being_written, STATE_DRIFT, REASON_BACKUP_STALE, 2},
	{none_complete, STATE_DRIFT, REASON_BACKUP_STALE, 2},
	{unreadable, STATE_DRIFT, REASON_BACKUP_UNREADABLE, 1},
	{unread, STATE_UNKNOWN, REASON_NOT_EVALUATED, 1},
	{unread_and_not_asked_for, STATE_OK, REASON_NONE, 0},
	{no_tables, STATE_DRIFT, REASON_BACKUP_SHRUNK, 1},
	{no_tables_at_all, STATE_DRIFT, REASON_BACKUP_SHRUNK, 1},
	{no_rows, STATE_DRIFT, REASON_BACKUP_SHRUNK, 1},
	{half, STATE_OK, REASON_NONE, 0},
	{less_than_half, STATE_DRIFT, REASON_BACKUP_SHRUNK, 1},
	{much_more, STATE_OK, REASON_NONE, 0},
	{table_gone, STATE_DRIFT, REASON_BACKUP_SHRUNK, 1},
	{table_new, STATE_OK, REASON_NONE, 0},
	{nothing_to_compare, STATE_OK, REASON_NONE, 0},
	{retained_too_long, STATE_PENDING, REASON_RETENTION_EXCEEDED, 1},
	{retained, STATE_OK, REASON_NONE, 0},
	{of_the_future, STATE_UNKNOWN, REASON_BROKEN_CHECK, 1},
};

START_TEST(test_rows)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_BACKUP);
	rows[_i].arrange(&w);
	EXPECT(&w, rows[_i].state, rows[_i].code);
	ck_assert_uint_eq(w.before->reasons->len, rows[_i].reasons);
	data_world_done(&w);
}
END_TEST

START_TEST(test_retention_says_what_to_do)
{
	struct data_world w;
	const char *message;

	data_world_init(&w, TARGET_KIND_BACKUP);
	retained_too_long(&w);
	EXPECT(&w, STATE_PENDING, REASON_RETENTION_EXCEEDED);
	message = data_reason(w.before, REASON_RETENTION_EXCEEDED)->message;
	ck_assert(g_str_has_suffix(message, ": remove it, or see what should have removed it"));
	data_world_done(&w);
}
END_TEST

/* A folder that is just being written, beside a complete one that is young enough. */
START_TEST(test_being_written)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_BACKUP);
	being_written(&w);
	w.backup.max_age_ms = 40 * MS_PER_HOUR;
	EXPECT(&w, STATE_PENDING, REASON_BACKUP_INCOMPLETE);
	ck_assert_int_eq(w.before->next_change_wall_ms, data_time("2026-11-20T11:35"));
	data_look(&w, "2026-11-20T11:35");
	EXPECT(&w, STATE_DRIFT, REASON_BACKUP_INCOMPLETE);
	data_world_done(&w);
}
END_TEST

/* What is restorable are complete folders whose metadata can be understood, newest first; others are counted and never
 * sorted among them. */
START_TEST(L16_what_could_be_restored)
{
	struct data_world w;
	char *const *cells;
	const struct verdict_detail *detail;

	data_world_init(&w, TARGET_KIND_BACKUP);
	w.seen_backup->ignored = 2; /* pre_rollback_… */
	data_folder(&w, "2026-11-18_050000", "2026-11-18T05:00")->metadata_read = false;
	g_ptr_array_add(data_folder(&w, "2026-11-17_050000", "2026-11-17T05:00")->empty,
			g_strdup("captions.json.gz"));
	folder_at(&w, 1)->metadata_error = g_strdup("not JSON");
	EXPECT(&w, STATE_OK, REASON_NONE);
	detail = w.before->detail;
	ck_assert_str_eq(detail->name, "backup");
	ck_assert_str_eq(detail->list_name, "restorable");
	ck_assert_uint_eq(detail->rows->len, 2);
	ck_assert_int_eq(detail->rows_total, 2);
	cells = detail->rows->pdata[0];
	ck_assert_str_eq(cells[0], "2026-11-20_050000");
	ck_assert_str_eq(cells[1], "2026-11-20T05:00:00Z");
	ck_assert_str_eq(cells[2], "4096");
	ck_assert_str_eq(cells[3], "100");
	ck_assert_str_eq(cells[4], "yes");
	cells = detail->rows->pdata[1];
	ck_assert_str_eq(cells[0], "2026-11-18_050000");
	ck_assert_ptr_null(cells[3]);
	ck_assert_str_eq(cells[4], "no"); /* nobody looked into it */
	ck_assert_int_eq(g_array_index(detail->types, enum datum_type, 2), DATUM_TYPE_NUMBER);
	ck_assert_int_eq(g_array_index(detail->types, enum datum_type, 3), DATUM_TYPE_NUMBER);
	ck_assert_int_eq(g_array_index(detail->types, enum datum_type, 4), DATUM_TYPE_BOOLEAN);
	ck_assert_str_eq(data_detail_text(w.before, "latest_complete"), "2026-11-20_050000");
	ck_assert_int_eq(data_detail_number(w.before, "folders"), 4);
	ck_assert_int_eq(data_detail_number(w.before, "ignored"), 2);
	ck_assert_int_eq(detail->aged_wall_ms, data_time("2026-11-20T05:00"));
	data_world_done(&w);
}
END_TEST

static void both_without_rows(struct data_world *w)
{
	no_rows(w);
	table_at(w, 1)->rows = 0;
}

/* Nothing that was just judged bad is offered to those who must restore. */
static const struct {
	void (*arrange)(struct data_world *w);
	guint count;
	const char *first;
} offers[] = {
	{as_is, 2, "2026-11-20_050000"},
	{half, 2, "2026-11-20_050000"},
	{less_than_half, 1, "2026-11-19_050000"},
	{table_gone, 1, "2026-11-19_050000"},
	{no_rows, 1, "2026-11-19_050000"},
	{no_tables, 1, "2026-11-19_050000"},
	{unreadable, 1, "2026-11-19_050000"},
	{file_missing, 1, "2026-11-19_050000"},
	{both_without_rows, 0, NULL},
	{no_tables_at_all, 0, NULL},
};

START_TEST(L16_what_is_judged_bad_is_not_restorable)
{
	struct data_world w;
	struct verdict *verdict;
	const struct verdict_detail *detail;

	data_world_init(&w, TARGET_KIND_BACKUP);
	offers[_i].arrange(&w);
	verdict = data_judge(&w);
	detail = verdict->detail;
	ck_assert_uint_eq(detail->rows->len, offers[_i].count);
	ck_assert_int_eq(detail->rows_total, offers[_i].count);
	if (offers[_i].first)
		ck_assert_str_eq(((char *const *)detail->rows->pdata[0])[0], offers[_i].first);
	verdict_unref(verdict);
	data_world_done(&w);
}
END_TEST

/* The newest is broken: the one before is named, and never taken for the newest. */
START_TEST(L16_the_newest_that_is_broken_is_no_backup)
{
	struct data_world w;
	const struct reason *reason;

	data_world_init(&w, TARGET_KIND_BACKUP);
	file_empty(&w);
	EXPECT(&w, STATE_DRIFT, REASON_BACKUP_INCOMPLETE);
	reason = data_reason(w.before, REASON_BACKUP_INCOMPLETE);
	ck_assert_str_eq(reason->message,
			 "backup 2026-11-20_050000 in gs://acme-backups/ is incomplete: empty "
			 "captions.json.gz; the newest complete one is 2026-11-19_050000");
	ck_assert_str_eq(data_reason_text(reason, "empty"), "captions.json.gz");
	ck_assert_str_eq(data_detail_text(w.before, "newest"), "2026-11-20_050000");
	ck_assert_str_eq(data_detail_text(w.before, "latest_complete"), "2026-11-19_050000");
	data_world_done(&w);
}
END_TEST

START_TEST(test_age_between_looks)
{
	struct data_world w;
	g_autofree char *summary = NULL;
	g_autofree char *stale = NULL;

	data_world_init(&w, TARGET_KIND_BACKUP);
	EXPECT(&w, STATE_OK, REASON_NONE);
	summary = verdict_summary(w.before, DATA_NOW_MS);
	ck_assert_str_eq(summary, "newest 2026-11-20_050000, 6 h old, 2 restorable");
	ck_assert_int_eq(w.before->next_change_wall_ms, data_time("2026-11-21T07:00"));
	data_at(&w, "2026-11-21T07:00");
	EXPECT(&w, STATE_DRIFT, REASON_BACKUP_STALE);
	stale = verdict_summary(w.before, w.input.now_wall_ms);
	ck_assert_str_eq(stale, "stale: newest complete backup 2026-11-20_050000, 26 h old");
	data_world_done(&w);
}
END_TEST

START_TEST(test_fault)
{
	struct data_world w;

	data_world_init(&w, TARGET_KIND_BACKUP);
	EXPECT(&w, STATE_OK, REASON_NONE);
	data_fail(&w, FAULT_TIMEOUT, "list acme-backups: timed out");
	EXPECT(&w, STATE_UNKNOWN, REASON_FETCH_FAILED);
	ck_assert_int_eq(w.before->last_known->state, STATE_OK);
	data_world_done(&w);
}
END_TEST

Suite *eval_backup_suite(void)
{
	Suite *suite = suite_create("eval_backup");
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, test_rows, 0, (int)G_N_ELEMENTS(rows));
	tcase_add_test(tcase, test_retention_says_what_to_do);
	tcase_add_test(tcase, test_being_written);
	tcase_add_test(tcase, L16_what_could_be_restored);
	tcase_add_loop_test(tcase, L16_what_is_judged_bad_is_not_restorable, 0,
			    (int)G_N_ELEMENTS(offers));
	tcase_add_test(tcase, L16_the_newest_that_is_broken_is_no_backup);
	tcase_add_test(tcase, test_age_between_looks);
	tcase_add_test(tcase, test_fault);
	suite_add_tcase(suite, tcase);
	return suite;
}
