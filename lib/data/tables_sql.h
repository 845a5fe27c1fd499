/* tables_sql - the questions to BigQuery about tables: their text, how many go into one, how its
 * price is shared. Pure: any thread. */
#ifndef DRIFT_DATA_TABLES_SQL_H
#define DRIFT_DATA_TABLES_SQL_H

#include "base.h"
#include "source/data_observation.h"

/** Most tables that one query may name (https://cloud.google.com/bigquery/quotas#query_jobs). */
#define TABLES_SQL_TABLES_MAX 1000

/** Partitions asked for per table: those kept, two rows of the streaming buffer, and some. */
#define TABLES_SQL_PARTITIONS_MAX (TABLE_PARTITIONS_MAX + 6)

/** One table of a combined query. Texts are quoted for SQL and borrowed. */
struct tables_member {
	const char *table;  /* "`acme.sales.orders`" */
	const char *column; /* "`loaded_at`" */
	const char *filter; /* a condition; NULL: none */
	int64_t tables;     /* that it names, with those in filter; at least 1 */
};

/** How many of @p members (struct tables_member *), beginning at @p from, go into one query: at
 * least 1, at most @p members_max. */
guint tables_sql_fit(const GPtrArray *members, guint from, guint members_max);

/** One SELECT per member, with UNION ALL between: rows of index, newest value in microseconds or
 * NULL, and number of rows. DATE and DATETIME, which have no zone, are read as UTC. Caller
 * frees. */
char *tables_sql_columns(const GPtrArray *members);

/** A table whose partitions are asked for. */
struct tables_partitioned {
	const char *name; /* "'orders'", quoted as a text; borrowed */
	enum partition_unit unit;
};

/** The newest TABLES_SQL_PARTITIONS_MAX partitions up to now of each table, with the streaming
 * buffer: rows of table_name, partition_id, total_rows, modified (microseconds). No bound below: a
 * table that got nothing for months still shows its last partition. Partitions that lie ahead by
 * more than a day (a calendar, a typing error) say nothing about loads.
 * @p dataset is "`acme.sales`", @p tables struct tables_partitioned *. Caller frees. */
char *tables_sql_partitions(const char *dataset, const GPtrArray *tables, int64_t now_wall_ms);

/** The last partition id of @p unit that is asked for at @p now_wall_ms. Caller frees. */
char *tables_sql_last_partition(enum partition_unit unit, int64_t now_wall_ms);

/** A price on its way to those who share it. */
struct tables_sharing {
	int64_t total;
	int64_t weights; /* of all */
	int64_t so_far;  /* of those who have their share */
	int64_t given;   /* what they have */
};

/** The weight of one whose query reads @p bytes: 1 at least, so that unknown ones share evenly. */
int64_t tables_weight(int64_t bytes);
/** Share @p total (negative: nothing) among at most TABLES_SQL_TABLES_MAX, whose weights add up to
 * @p weights. */
struct tables_sharing tables_share(int64_t total, int64_t weights);
/** The share of the next one. When all have theirs they add up to the total exactly. */
int64_t tables_share_next(struct tables_sharing *sharing, int64_t weight);

#endif
