/* tables_sql - see tables_sql.h */
#include "data/tables_sql.h"

#include <string.h>

#include "google/bigquery.h"

/* Room for all of a member's text beside its names and filter. */
#define MEMBER_TEXT_BYTES 160

/* Weights beyond it count as much: a thousand of them still add up inside int64_t. */
#define WEIGHT_MAX ((int64_t)1 << 50)

__extension__ typedef unsigned __int128 wide;

static size_t member_bytes(const struct tables_member *member)
{
	return MEMBER_TEXT_BYTES + strlen(member->table) + strlen(member->column) +
	       (member->filter ? strlen(member->filter) : 0);
}

guint tables_sql_fit(const GPtrArray *members, guint from, guint members_max)
{
	size_t bytes = 0;
	int64_t tables = 0;
	guint fit = 0;

	for (; from + fit < members->len && fit < members_max; fit++) {
		const struct tables_member *member = members->pdata[from + fit];

		bytes += member_bytes(member);
		tables += member->tables;
		if (bytes > BIGQUERY_SQL_MAX_BYTES || tables > TABLES_SQL_TABLES_MAX)
			break;
	}
	return MAX(fit, 1);
}

char *tables_sql_columns(const GPtrArray *members)
{
	GString *sql = g_string_new(NULL);

	for (guint i = 0; i < members->len; i++) {
		const struct tables_member *member = members->pdata[i];

		g_string_append_printf(sql,
				       "%sSELECT %u AS i, UNIX_MICROS(TIMESTAMP(MAX(%s))) AS "
				       "loaded, COUNT(*) AS n FROM %s",
				       i > 0 ? "\nUNION ALL\n" : "", i, member->column,
				       member->table);
		/* on lines of its own: it may end in a comment */
		if (member->filter)
			g_string_append_printf(sql, " WHERE (\n%s\n)", member->filter);
	}
	return g_string_free(sql, FALSE);
}

char *tables_sql_last_partition(enum partition_unit unit, int64_t now_wall_ms)
{
	static const char *const formats[] = {
		[PARTITION_UNIT_NONE] = "%Y%m%d", [PARTITION_UNIT_HOUR] = "%Y%m%d%H",
		[PARTITION_UNIT_DAY] = "%Y%m%d",  [PARTITION_UNIT_MONTH] = "%Y%m",
		[PARTITION_UNIT_YEAR] = "%Y",
	};
	g_autoptr(GDateTime) last =
		g_date_time_new_from_unix_utc((now_wall_ms + MS_PER_DAY) / MS_PER_S);

	return g_date_time_format(last, formats[unit]);
}

/* The tables of one unit: ids of one length compare as text. Nothing when there are none. */
static void add_unit(GString *sql, const GPtrArray *tables, enum partition_unit unit,
		     int64_t now_wall_ms)
{
	g_autofree char *last = tables_sql_last_partition(unit, now_wall_ms);
	bool is_first = true;

	for (guint i = 0; i < tables->len; i++) {
		const struct tables_partitioned *table = tables->pdata[i];

		if (table->unit != unit)
			continue;
		if (is_first && sql->len > 0)
			g_string_append(sql, " OR ");
		g_string_append_printf(sql, "%s%s", is_first ? "(table_name IN (" : ", ",
				       table->name);
		is_first = false;
	}
	if (!is_first)
		g_string_append_printf(sql,
				       ") AND (partition_id <= '%s' OR partition_id = "
				       "'__UNPARTITIONED__'))",
				       last);
}

char *tables_sql_partitions(const char *dataset, const GPtrArray *tables, int64_t now_wall_ms)
{
	GString *condition = g_string_new(NULL);
	char *sql = NULL;

	for (int unit = PARTITION_UNIT_HOUR; unit <= PARTITION_UNIT_YEAR; unit++)
		add_unit(condition, tables, (enum partition_unit)unit, now_wall_ms);
	sql = g_strdup_printf("SELECT table_name, partition_id, total_rows, modified FROM (\n"
			      "SELECT table_name, partition_id, total_rows, "
			      "UNIX_MICROS(last_modified_time) AS modified, "
			      "ROW_NUMBER() OVER (PARTITION BY table_name ORDER BY partition_id "
			      "DESC) AS place\n"
			      "FROM %s.INFORMATION_SCHEMA.PARTITIONS\n"
			      "WHERE %s\n"
			      ") WHERE place <= %d",
			      dataset, condition->str, TABLES_SQL_PARTITIONS_MAX);
	(void)g_string_free(condition, TRUE);
	return sql;
}

int64_t tables_weight(int64_t bytes)
{
	return CLAMP(bytes, 1, WEIGHT_MAX);
}

struct tables_sharing tables_share(int64_t total, int64_t weights)
{
	return (struct tables_sharing){.total = MAX(total, 0), .weights = MAX(weights, 1)};
}

int64_t tables_share_next(struct tables_sharing *sharing, int64_t weight)
{
	int64_t upto = 0; /* what all up to this one have together: no rest is lost */
	int64_t share = 0;

	sharing->so_far = MIN(sharing->so_far + weight, sharing->weights);
	upto = (int64_t)((wide)sharing->total * (wide)sharing->so_far / (wide)sharing->weights);
	share = upto - sharing->given;
	sharing->given = upto;
	return share;
}
