/* summary_data - see summary_data.h */
#include "eval/summary_data.h"

#include <string.h>

#include "text.h"
#include "timefmt.h"

/* Within this time of now a time of day needs no date. */
#define TODAY_MS (20 * MS_PER_HOUR)

/* Up to here an age is told in hours. */
#define HOURS_SHOWN_MS (3 * MS_PER_DAY)

bool summary_data_is_kind(const struct verdict *verdict)
{
	enum target_kind kind =
		verdict->kind ? target_kind_from_text(verdict->kind) : TARGET_KIND_NONE;

	return kind != TARGET_KIND_NONE && kind != TARGET_KIND_SERVICE;
}

/* --- what a reason and a detail say --- */

static const struct reason_datum *find(const struct reason *reason, const char *name)
{
	for (guint i = 0; i < reason->data->len; i++) {
		const struct reason_datum *datum = reason->data->pdata[i];

		if (strcmp(datum->name, name) == 0)
			return datum;
	}
	return NULL;
}

static const char *text_of(const struct reason *reason, const char *name)
{
	const struct reason_datum *datum = find(reason, name);

	return datum ? datum->text : NULL;
}

static int64_t number_of(const struct reason *reason, const char *name)
{
	const struct reason_datum *datum = find(reason, name);

	return datum && !datum->text ? datum->number : -1;
}

/* 0: not said. */
static int64_t time_of(const struct reason *reason, const char *name)
{
	const char *text = text_of(reason, name);
	int64_t wall_ms = 0;

	return text && timefmt_parse(text, &wall_ms, NULL) ? wall_ms : 0;
}

static const char *detail_text(const struct verdict *verdict, const char *name)
{
	const struct verdict_datum *datum = verdict_detail_find(verdict->detail, name);

	return datum && datum->type == DATUM_TYPE_TEXT ? datum->text : NULL;
}

/* Also of a boolean. -1: not said. */
static int64_t detail_number(const struct verdict *verdict, const char *name)
{
	const struct verdict_datum *datum = verdict_detail_find(verdict->detail, name);

	return datum && (datum->type == DATUM_TYPE_NUMBER || datum->type == DATUM_TYPE_BOOLEAN)
		       ? datum->number
		       : -1;
}

/* 0: not said. */
static int64_t detail_time(const struct verdict *verdict, const char *name)
{
	const struct verdict_datum *datum = verdict_detail_find(verdict->detail, name);

	return datum && datum->type == DATUM_TYPE_TIME ? datum->number : 0;
}

/* As text_age(), but "26 h" rather than "1 d": data is mostly promised once a day. */
static char *age_of(int64_t from_wall_ms, int64_t now_wall_ms)
{
	int64_t age_ms = now_wall_ms - from_wall_ms;

	if (age_ms >= MS_PER_DAY && age_ms < HOURS_SHOWN_MS)
		return g_strdup_printf("%" PRId64 " h", age_ms / MS_PER_HOUR);
	return text_age(age_ms);
}

static const char *plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

/* ", last load 26 h ago"; "" when it is not known. */
static char *last_load(int64_t wall_ms, int64_t now_wall_ms)
{
	g_autofree char *age = age_of(wall_ms, now_wall_ms);

	return wall_ms > 0 ? g_strdup_printf(", last load %s ago", age) : g_strdup("");
}

/* "06:00 America/New_York", further away "Mon 2026-11-23 06:00 America/New_York". */
static char *clock_text(int64_t wall_ms, const char *zone, int64_t now_wall_ms)
{
	bool near = ABS(now_wall_ms - wall_ms) < TODAY_MS;
	g_autoptr(GTimeZone) there = g_time_zone_new_identifier(zone ? zone : "UTC");
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(wall_ms / MS_PER_S);
	g_autoptr(GDateTime) local = utc && there ? g_date_time_to_timezone(utc, there) : NULL;
	g_autofree char *text =
		local ? g_date_time_format(local, near ? "%H:%M" : "%Y-%m-%d %H:%M") : NULL;

	return g_strdup_printf("%s %s", text ? text : "?", zone ? zone : "UTC");
}

/* --- ok --- */

static char *table_ok(const struct verdict *verdict, int64_t now_wall_ms)
{
	int64_t rows = detail_number(verdict, "rows");
	int64_t due_rows = detail_number(verdict, "due_partition_rows");
	const char *partition = detail_text(verdict, "due_partition");
	bool fallback = detail_number(verdict, "fallback") == 1;
	g_autofree char *last = last_load(detail_time(verdict, "last_loaded_at"), now_wall_ms);
	GString *text = g_string_new("fresh");

	g_string_append(text, fallback ? " by metadata (budget spent)" : "");
	g_string_append(text, last);
	if (partition && due_rows >= 0)
		g_string_append_printf(text, ", partition %s has %" PRId64 " row%s", partition,
				       due_rows, plural(due_rows));
	else if (rows >= 0)
		g_string_append_printf(text, ", %" PRId64 " row%s", rows, plural(rows));
	return g_string_free(text, FALSE);
}

static char *completion_ok(const struct verdict *verdict)
{
	const char *date = detail_text(verdict, "date");

	return g_strdup_printf("complete, %" PRId64 " of %" PRId64 " done%s%s",
			       MAX(detail_number(verdict, "done"), 0),
			       MAX(detail_number(verdict, "expected"), 0), date ? ", " : "",
			       date ? date : "");
}

static char *inventory_ok(const struct verdict *verdict)
{
	int64_t expected = MAX(detail_number(verdict, "expected"), 0);

	return g_strdup_printf("as expected, %" PRId64 " object%s", expected, plural(expected));
}

static char *assertion_ok(const struct verdict *verdict)
{
	const char *value = detail_text(verdict, "value");
	const char *expect = detail_text(verdict, "expect");

	return g_strdup_printf("holds: %s%s%s%s", expect ? expect : "", value ? " (value " : "",
			       value ? value : "", value ? ")" : "");
}

static char *backup_ok(const struct verdict *verdict, int64_t now_wall_ms)
{
	const char *name = detail_text(verdict, "latest_complete");
	g_autofree char *age = age_of(detail_time(verdict, "latest_complete_at"), now_wall_ms);
	int64_t restorable = verdict->detail->rows_total;

	return g_strdup_printf("newest %s, %s old, %" PRId64 " restorable", name ? name : "?", age,
			       restorable);
}

/* Not due: with what there was before, when that is known. */
static char *not_due(const struct verdict *verdict, const struct reason *reason,
		     int64_t now_wall_ms)
{
	g_autofree char *last = last_load(detail_time(verdict, "last_loaded_at"), now_wall_ms);

	return g_strconcat(reason->message, last, NULL);
}

char *summary_data_ok(const struct verdict *verdict, int64_t now_wall_ms)
{
	const char *name = verdict->detail ? verdict->detail->name : "";

	if (verdict->reasons->len > 0)
		return not_due(verdict, verdict->reasons->pdata[0], now_wall_ms);
	if (strcmp(name, "freshness") == 0)
		return table_ok(verdict, now_wall_ms);
	if (strcmp(name, "completion") == 0)
		return completion_ok(verdict);
	if (strcmp(name, "inventory") == 0)
		return inventory_ok(verdict);
	if (strcmp(name, "assertion") == 0)
		return assertion_ok(verdict);
	if (strcmp(name, "backup") == 0)
		return backup_ok(verdict, now_wall_ms);
	return g_strdup("ok");
}

/* --- not ok --- */

static char *stale_text(const struct reason *reason, int64_t now_wall_ms)
{
	const char *partition = text_of(reason, "partition");
	g_autofree char *age = NULL;

	if (partition) {
		age = age_of(time_of(reason, "data_until"), now_wall_ms);
		return g_strdup_printf("stale: newest partition %s ended %s ago", partition, age);
	}
	age = age_of(time_of(reason, "last_loaded_at"), now_wall_ms);
	return g_strdup_printf("stale: last load %s ago", age);
}

static char *late_text(const struct reason *reason, int64_t now_wall_ms)
{
	const char *partition = text_of(reason, "partition");
	g_autofree char *due =
		clock_text(time_of(reason, "expected_at"), text_of(reason, "zone"), now_wall_ms);
	g_autofree char *last = last_load(time_of(reason, "last_loaded_at"), now_wall_ms);

	if (partition)
		return g_strdup_printf("late: partition %s, due %s", partition, due);
	return g_strdup_printf("late: due %s%s", due, last);
}

static char *rows_text(const struct reason *reason)
{
	const char *partition = text_of(reason, "partition");
	int64_t rows = number_of(reason, "rows"), median = number_of(reason, "median_rows");
	GString *text = g_string_new("too few rows: ");

	g_string_append_printf(text, "%" PRId64, rows);
	if (median >= 0)
		g_string_append_printf(text, ", median %" PRId64, median);
	else
		g_string_append_printf(text, " of at least %" PRId64,
				       number_of(reason, "min_rows"));
	if (partition)
		g_string_append_printf(text, " in partition %s", partition);
	return g_string_free(text, FALSE);
}

static char *backup_stale_text(const struct reason *reason, int64_t now_wall_ms)
{
	const char *folder = text_of(reason, "folder");
	g_autofree char *age = age_of(time_of(reason, "complete_at"), now_wall_ms);

	if (!folder)
		return g_strdup(reason->message);
	return g_strdup_printf("stale: newest complete backup %s, %s old", folder, age);
}

static char *labelled(const char *label, const struct reason *reason)
{
	return g_strdup_printf("%s: %s", label, reason->message);
}

char *summary_data_reason(const struct verdict *verdict, const struct reason *reason,
			  int64_t now_wall_ms)
{
	bool of_data = summary_data_is_kind(verdict);

	if (reason->code == REASON_STALE)
		return stale_text(reason, now_wall_ms);
	if (reason->code == REASON_LATE)
		return late_text(reason, now_wall_ms);
	if (reason->code == REASON_TOO_FEW_ROWS)
		return rows_text(reason);
	if (reason->code == REASON_EMPTY)
		return g_strdup_printf("empty: no rows of at least %" PRId64,
				       number_of(reason, "min_rows"));
	if (reason->code == REASON_TABLE_MISSING)
		return labelled("missing", reason);
	if (reason->code == REASON_BACKUP_STALE)
		return backup_stale_text(reason, now_wall_ms);
	if (of_data && reason->code == REASON_BROKEN_CHECK)
		return labelled("check cannot run", reason);
	if (of_data && reason->code == REASON_OVER_BUDGET)
		return labelled("over budget", reason);
	return NULL;
}
