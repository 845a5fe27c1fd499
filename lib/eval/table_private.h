/* table_private - what the files that judge tables share. Pure: any thread. */
#ifndef DRIFT_EVAL_TABLE_PRIVATE_H
#define DRIFT_EVAL_TABLE_PRIVATE_H

#include "eval/data_private.h"

/** Partitions that a verdict lists. */
#define TABLE_LISTED_PARTITIONS_MAX 8

/** What came of the volume check. */
struct table_volume {
	bool judged;
	int64_t median_rows; /* -1: not known */
	int64_t compared;    /* earlier partitions it is the median of */
};

/** Everything while one table is judged. */
struct table_making {
	struct finding_sink *sink;
	const struct config_table *table;
	const struct table_obs *seen;
	const struct observation *observation;
	struct due due; /* as it is carried on */
	struct due
		held; /* as it counts now: differs where the budget made it look by other means */
	char *name;   /* "project.dataset.table" */
	int64_t base_wall_ms; /* the data is as old as that; 0: there is none, or it cannot be told */
	bool base_is_future; /* what is there is dated ahead of the clock: its age says nothing */
	int64_t rows_met_wall_ms; /* newest instant at which there were rows enough; 0: none */
	bool rows_met_carried;
	char *found; /* codes of what the newest look by query found: "stale, too_few_rows"; NULL: nothing */
	int64_t found_wall_ms; /* the first look that found just these; 0: nothing */
	/* partition method */
	const struct partition_obs *due_partition; /* the one that is judged; NULL: none */
	char *due_id;     /* of the one that is due; NULL: another method */
	int64_t due_rows; /* of the one that is due; -1: it is not there */
	int64_t rows; /* what is served as such: 0 when it is not there; -1: not known, or another method */
	const struct partition_obs *newest; /* newest one with rows, up to now; NULL: none */
	int64_t newest_end_wall_ms;
	struct table_volume volume;
};

/** Rows that there must be. */
int64_t table_min_rows(const struct config_table *table);

/** stale, against the base; late is said elsewhere. */
void table_judge_age(struct table_making *making);

/** late: @p due_wall_ms was owed. @p partition: its id; NULL: another method. */
void table_add_late(struct table_making *making, int64_t due_wall_ms, int64_t drift_wall_ms,
		    const char *partition);

/** empty or too_few_rows. @p partition as above. */
void table_add_few(struct table_making *making, enum state state, int64_t rows,
		   const char *partition);

/** " (by metadata: the budget is spent)" or "". */
const char *table_means(const struct table_making *making);

/** All that the partition method judges. */
void table_judge_partitions(struct table_making *making);

/** The detail "freshness". */
void table_add_detail(struct table_making *making);

/**
 * Judge a table by itself: without confirm, and without the verdict before. A verdict of its own, one reference; its
 * state, reasons and next change mean something.
 */
struct verdict *table_glance(const struct config_table *table,
			     const struct observation *observation, const struct verdict *before,
			     int64_t now_wall_ms);

#endif
