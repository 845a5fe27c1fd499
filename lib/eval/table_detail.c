/* table_detail - what the verdict of a table rests on, and where its method can lie. See table_private.h. */
#include "eval/table_private.h"

#include "timefmt.h"

static const char *caveat_of(const struct table_making *making)
{
	if (making->seen->over_budget && making->table->filter)
		return "daily-bytes is spent, so metadata was asked instead: it also moves when "
		       "schema, labels or description change, and rows, which are of the whole "
		       "table, cannot be told under the filter";
	if (making->seen->over_budget)
		return "daily-bytes is spent, so metadata was asked instead: it also moves when "
		       "schema, labels or description change";
	switch (making->seen->method) {
	case TABLE_METHOD_METADATA:
		return "also moves when schema, labels or description change; streamed rows move "
		       "it late";
	case TABLE_METHOD_COLUMN:
		return "rests on the times that loads write into the column: rows written with "
		       "another time, and rows taken away, do not move it";
	case TABLE_METHOD_PARTITION:
		return "partitions are named in UTC; rows in the streaming buffer are in none of "
		       "them yet";
	case TABLE_METHOD_NONE:
		break;
	}
	return NULL;
}

static void add_partitions(const struct table_making *making, struct verdict_detail *detail)
{
	static const char *const columns[] = {"partition", "rows", "modified_at", NULL};
	const GPtrArray *partitions = making->seen->partitions;

	verdict_detail_list(detail, "partitions", columns);
	verdict_detail_set_type(detail, "rows", DATUM_TYPE_NUMBER);
	detail->rows_total = partitions->len;
	for (guint i = 0; i < partitions->len && i < TABLE_LISTED_PARTITIONS_MAX; i++) {
		const struct partition_obs *partition = partitions->pdata[i];
		g_autofree char *rows = g_strdup_printf("%" PRId64, partition->rows);
		char time[TIMEFMT_BYTES];
		const char *cells[] = {
			partition->id,
			rows,
			partition->modified_wall_ms > 0
				? timefmt_utc(partition->modified_wall_ms, time)
				: NULL,
		};

		verdict_detail_row(detail, cells);
	}
}

/* Why volume says nothing; NULL: it does. */
static const char *volume_note(const struct table_making *making)
{
	if (making->volume.judged)
		return NULL;
	if (!making->due_partition)
		return "not judged: there is no partition to judge";
	return "not judged: fewer than two of the same weekday in the four weeks before have rows";
}

static void add_volume(const struct table_making *making, struct verdict_detail *detail)
{
	if (making->table->volume_pct == 0)
		return;
	verdict_detail_number(detail, "volume_percent", making->table->volume_pct);
	data_add_number(detail, "median_rows", making->volume.median_rows);
	verdict_detail_number(detail, "median_of", making->volume.compared);
	if (volume_note(making))
		verdict_detail_text(detail, "volume_note", volume_note(making));
}

static void add_partition_part(const struct table_making *making, struct verdict_detail *detail)
{
	verdict_detail_text(detail, "newest_partition", making->newest ? making->newest->id : NULL);
	verdict_detail_time(detail, "newest_partition_end_at", making->newest_end_wall_ms);
	verdict_detail_text(detail, "due_partition", making->due_id);
	data_add_number(detail, "due_partition_rows", making->due_rows);
	add_volume(making, detail);
	add_partitions(making, detail);
}

/* What is carried on is not told by another method than usual. next_expected_at is always there (DESIGN 9). */
static void add_met(const struct table_making *making, struct verdict_detail *detail)
{
	data_set_time(detail, "next_expected_at", 0);
	data_add_due(detail, &making->due);
	if (making->due.schedule && making->due.carried) {
		verdict_detail_time(detail, "met_at", making->due.met_wall_ms);
		verdict_detail_time(detail, "met_by", making->due.met_by_wall_ms);
	}
	if (making->due.schedule && making->rows_met_carried)
		verdict_detail_time(detail, "rows_met_at", making->rows_met_wall_ms);
	if (making->found) {
		verdict_detail_text(detail, "found_by_query", making->found);
		verdict_detail_time(detail, "found_by_query_at", making->found_wall_ms);
	}
}

/* A member of the contract (DESIGN 9) is always there. */
static void add_number_or_null(struct verdict_detail *detail, const char *name, int64_t number)
{
	if (number >= 0)
		verdict_detail_number(detail, name, number);
	else
		verdict_detail_text(detail, name, NULL);
}

/* 0: not given. */
static void add_limit(struct verdict_detail *detail, const char *name, int64_t limit_ms)
{
	add_number_or_null(detail, name, limit_ms > 0 ? limit_ms / MS_PER_S : -1);
}

void table_add_detail(struct table_making *making)
{
	const struct table_obs *seen = making->seen;
	struct verdict_detail *detail = verdict_detail_add(making->sink->verdict, "freshness");
	bool by_partition = seen->found && seen->method == TABLE_METHOD_PARTITION;

	verdict_detail_text(detail, "method", table_method_text(seen->method));
	verdict_detail_time(detail, "last_loaded_at", seen->loaded_wall_ms);
	detail->aged_wall_ms = by_partition ? making->newest_end_wall_ms : seen->loaded_wall_ms;
	add_limit(detail, "warn_after_s", making->table->warn_after_ms);
	add_limit(detail, "error_after_s", making->table->error_after_ms);
	add_number_or_null(detail, "rows", by_partition ? making->rows : seen->rows);
	verdict_detail_number(detail, "min_rows", table_min_rows(making->table));
	data_add_cost(detail, seen->cost);
	add_met(making, detail);
	verdict_detail_boolean(detail, "fallback", seen->over_budget);
	verdict_detail_text(detail, "caveat", caveat_of(making));
	if (by_partition)
		add_partition_part(making, detail);
}
