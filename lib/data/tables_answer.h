/* tables_answer - what comes back for the SQL of tables_sql, checked strictly: an answer that is
 * not exactly what was asked for is none. Pure: any thread. */
#ifndef DRIFT_DATA_TABLES_ANSWER_H
#define DRIFT_DATA_TABLES_ANSWER_H

#include "base.h"
#include "google/bigquery.h"
#include "source/data_observation.h"

/** What a column query says about one table. */
struct column_answer {
	/* 0: no row has a value; instants before 1970 count as 1 ms after its beginning */
	int64_t loaded_wall_ms;
	int64_t rows;
};

/** Decode the rows of tables_sql_columns() of @p count members: struct column_answer, in their
 * order; caller unrefs. DRIFT_ERROR_INVALID unless each index is there exactly once, with
 * integers. */
MUST_CHECK GArray *tables_answer_columns(const struct bigquery_result *result, guint count,
					 GError **error);

/** The partitions of one table. */
struct partition_sheet {
	enum partition_unit unit; /* as its metadata had it */
	GPtrArray *partitions;    /* struct partition_obs *, newest first when finished */
	bool streaming;
	bool seen;     /* there was a row about it */
	char *problem; /* why its rows cannot be believed; NULL: they can */
};

struct partition_sheet *partition_sheet_create(enum partition_unit unit);
void partition_sheet_free(struct partition_sheet *sheet);

/** Put the rows of tables_sql_partitions() into @p sheets (table name to struct partition_sheet *),
 * sorted and cut at TABLE_PARTITIONS_MAX. What is wrong with one table is in its sheet;
 * DRIFT_ERROR_INVALID when it concerns all. */
MUST_CHECK bool tables_answer_partitions(const struct bigquery_result *result, GHashTable *sheets,
					 GError **error);

/** Instant that partition @p id of a table with partitions of @p unit begins at. False: it is no
 * such id. */
bool tables_partition_start(const char *id, enum partition_unit unit, int64_t *ret_wall_ms);

#endif
