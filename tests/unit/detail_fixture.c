/* detail_fixture - see detail_fixture.h */
#include "detail_fixture.h"

#define NOW DETAIL_FIXTURE_NOW
#define HOSTILE DETAIL_FIXTURE_HOSTILE

struct verdict *detail_fixture_make(const char *kind, const char *name)
{
	g_autofree char *id = g_strconcat(kind, "/x", NULL);
	struct verdict *verdict = verdict_create(id);

	verdict->kind = g_strdup(kind);
	verdict->name = g_strdup("x");
	verdict->priority = PRIORITY_P1;
	verdict->state = STATE_DRIFT;
	verdict->since_wall_ms = NOW - MS_PER_HOUR;
	g_ptr_array_add(verdict->reasons,
			reason_create(REASON_INCOMPLETE, STATE_DRIFT, "1 of 7 done"));
	if (name)
		(void)verdict_detail_add(verdict, name);
	return verdict;
}

struct verdict *detail_fixture_freshness(void)
{
	static const char *const columns[] = {"id", "rows", "modified_at", NULL};
	static const char *const rows[][3] = {
		{"20261119", "12", "2026-11-20T05:00:00Z"},
		{"20261118", "0", NULL},
	};
	struct verdict *verdict = detail_fixture_make("table", "freshness");
	struct verdict_detail *detail = verdict->detail;

	verdict_detail_text(detail, "method", "partition");
	verdict_detail_time(detail, "last_loaded_at", NOW - 2 * MS_PER_HOUR - 1);
	verdict_detail_number(detail, "warn_after_s", 43200);
	verdict_detail_number(detail, "rows", 12);
	verdict_detail_boolean(detail, "streaming", false);
	verdict_detail_time(detail, "next_expected_at", NOW + MS_PER_HOUR);
	detail->aged_wall_ms = NOW - 2 * MS_PER_HOUR - 1;
	verdict_detail_list(detail, "partitions", columns);
	verdict_detail_set_type(detail, "rows", DATUM_TYPE_NUMBER);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		verdict_detail_row(detail, rows[i]);
	detail->rows_total = 64;
	return verdict;
}

/* Nothing was ever loaded; no list at all. */
struct verdict *detail_fixture_never_loaded(void)
{
	struct verdict *verdict = detail_fixture_make("table", "freshness");

	verdict_detail_time(verdict->detail, "last_loaded_at", 0);
	verdict_detail_text(verdict->detail, "partition", NULL);
	verdict->detail->aged_wall_ms = 0;
	return verdict;
}

struct verdict *detail_fixture_completion(void)
{
	static const char *const columns[] = {"key", "present", "why", NULL};
	static const char *const rows[][3] = {
		{"a", "yes", NULL}, {"b", "no", HOSTILE}, {"c", "no", ""},  {"d", "no", "x"},
		{"e", "no", "x"},   {"f", "no", "x"},     {"g", "no", "x"},
	};
	struct verdict *verdict = detail_fixture_make("completion", "completion");

	verdict_detail_text(verdict->detail, "document", "phase3/2026-11-19");
	verdict_detail_text(verdict->detail, "mode", HOSTILE);
	/* texts that look like something else stay texts where they are stored */
	verdict_detail_text(verdict->detail, "date", "2026-11-19");
	verdict_detail_number(verdict->detail, "largest", INT64_MAX);
	verdict_detail_number(verdict->detail, "smallest", INT64_MIN);
	verdict_detail_boolean(verdict->detail, "found", true);
	verdict_detail_list(verdict->detail, "keys", columns);
	verdict_detail_set_type(verdict->detail, "present", DATUM_TYPE_BOOLEAN);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		verdict_detail_row(verdict->detail, rows[i]);
	return verdict;
}

/* Columns as a database names them: twice the same, none, anything. */
struct verdict *detail_fixture_assertion(void)
{
	static const char *const columns[] = {"n", "n", "", HOSTILE, NULL};
	static const char *const row[] = {"1", NULL, "2026-11-20T11:00:03Z", HOSTILE};
	struct verdict *verdict = detail_fixture_make("assert", "assertion");

	verdict_detail_number(verdict->detail, "rows", 21);
	verdict_detail_text(verdict->detail, "value", "0.5");
	verdict_detail_number(verdict->detail, "bytes_billed", 0);
	verdict_detail_list(verdict->detail, "rows_shown", columns);
	verdict->detail->list_is_table = true;
	for (int i = 0; i < 20; i++)
		verdict_detail_row(verdict->detail, row);
	verdict->detail->rows_total = 21;
	return verdict;
}

/* A list with nothing in it, and one without columns. */
struct verdict *detail_fixture_inventory(void)
{
	static const char *const none[] = {NULL};
	struct verdict *verdict = detail_fixture_make("inventory", "inventory");

	verdict_detail_number(verdict->detail, "missing", 0);
	verdict_detail_list(verdict->detail, "objects", none);
	return verdict;
}

struct verdict *detail_fixture_empty_table(void)
{
	static const char *const columns[] = {"a", "b", NULL};
	struct verdict *verdict = detail_fixture_make("assert", "assertion");

	verdict_detail_list(verdict->detail, "sample", columns);
	verdict->detail->list_is_table = true;
	return verdict;
}

/* Nothing at all but an age without a time it could be counted from. */
struct verdict *detail_fixture_backup(void)
{
	struct verdict *verdict = detail_fixture_make("backup", "backup");

	verdict_detail_text(verdict->detail, "newest", NULL);
	verdict->detail->aged_wall_ms = NOW - MS_PER_DAY;
	return verdict;
}

/* The age is counted from the second of its times, and stands behind it. */
struct verdict *detail_fixture_older_backup(void)
{
	struct verdict *verdict = detail_fixture_make("backup", "backup");

	verdict_detail_time(verdict->detail, "newest_at", NOW - MS_PER_HOUR);
	verdict_detail_time(verdict->detail, "latest_complete_at", NOW - MS_PER_DAY);
	verdict_detail_number(verdict->detail, "folders", 2);
	verdict->detail->aged_wall_ms = NOW - MS_PER_DAY;
	return verdict;
}

/* Nothing but an age. */
struct verdict *detail_fixture_age_only(void)
{
	struct verdict *verdict = detail_fixture_make("backup", "backup");

	verdict->detail->aged_wall_ms = 0;
	return verdict;
}

struct verdict *detail_fixture_service(void)
{
	return detail_fixture_make("service", NULL);
}

struct verdict *(*const detail_fixture_makers[DETAIL_FIXTURES])(void) = {
	detail_fixture_freshness, detail_fixture_never_loaded, detail_fixture_completion,
	detail_fixture_assertion, detail_fixture_inventory,    detail_fixture_older_backup,
	detail_fixture_age_only,  detail_fixture_empty_table,  detail_fixture_backup,
	detail_fixture_service,
};
