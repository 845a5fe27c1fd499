/* bq - what the stand-in BigQuery holds: datasets, tables, routines, jobs, rules for jobs,
 * counters. Under the cloud's lock.
 *
 * A table, as the control API takes it (all may be left out; times as in bq_value.h, or
 * milliseconds):
 *   {"type":"TABLE","location":"US","schema":[{"name","type","mode","fields"}],"rows":[{"column":value}|[values…]],
 *    "partitioning":{"type":"DAY","field":"day"},"requirePartitionFilter":true,"clustering":["a"],
 *    "creationTime":…,"lastModifiedTime":…,"numRows":N,"numBytes":N,
 *    "streamingBuffer":{"estimatedRows":N,"oldestEntryTime":…},
 *    "partitions":[{"id":"20261119","rows":N,"bytes":N,"modified":…}],"view":"SELECT
 *    …","labels":{}, "denied":"bigquery.tables.getData","raw":{members of tables.get}}
 * Without partitions a partitioned table has those of its rows. "denied" names a permission that
 * the caller lacks on it. */
#ifndef FAKECLOUD_BQ_H
#define FAKECLOUD_BQ_H

#include "base.h"
#include "tests/fakecloud/bq_value.h"

struct bq_table {
	char *project, *dataset, *name;
	json_object *spec; /* as it came, without rows */
	GPtrArray *fields; /* struct bq_field *; may be shared */
	json_object *rows; /* array of arrays in normal form, as long as fields */
	const char *type;  /* of spec, or "TABLE" */
	const char *view;  /* SQL; NULL: none */
	int64_t created_ms, modified_ms;
	int64_t row_count, bytes;
};

struct bq_dataset {
	char *project, *name, *location;
	GTree *tables;   /* name -> struct bq_table * */
	GTree *routines; /* name -> json_object * */
};

/** What happened since the log was cleared. */
struct bq_counts {
	int64_t queries; /* jobs that ran SQL */
	int64_t dry_runs;
	int64_t writes;     /* statements that were not SELECT, and ran */
	int64_t legacy;     /* asked without useLegacySql=false */
	int64_t unlabelled; /* jobs without the label app=driftd */
	int64_t uncapped;   /* jobs without maximumBytesBilled */
	int64_t repeated;   /* a requestId seen before */
	int64_t cancels;
	int64_t bytes_processed, bytes_billed;
};

struct bq {
	GTree *datasets;    /* "P.D" -> struct bq_dataset * */
	GTree *jobs;        /* "P:ID" -> struct bq_job * (bq_job.h) */
	GPtrArray *rules;   /* struct bq_rule * (bq_job.h) */
	GPtrArray *recent;  /* char *: SQL of the last queries */
	GHashTable *labels; /* "key=value" -> GUINT */
	struct bq_counts counts;
	unsigned next_job, next_rule;
};

struct bq *bq_create(void);
void bq_free(struct bq *bq);
/** Forget everything. */
void bq_reset(struct bq *bq);

/** Or NULL. Borrowed. */
struct bq_dataset *bq_find_dataset(const struct bq *bq, const char *project, const char *name);
struct bq_table *bq_find_table(const struct bq *bq, const char *project, const char *dataset,
			       const char *name);

/** Made when it is not there. @p location NULL: as it is, or US. Borrowed. */
struct bq_dataset *bq_make_dataset(struct bq *bq, const char *project, const char *name,
				   const char *location);

/** Add or replace a table as @p spec (borrowed) describes it. False: @p ret_problem (caller frees)
 * says why not. */
bool bq_put_table(struct bq *bq, const char *const path[3], json_object *spec, char **ret_problem);

/** So many tables with a loaded_at column and one row, for benchmarks: @p body
 * {"tables":N,"datasets":M,"project":P, "loaded":"now-1h","lastModifiedTime":"now-1h","rows":1}.
 * Tables are bench_00.t_000000 and so on. */
void bq_bulk(struct bq *bq, json_object *body);

/** Partitions of a table: [{"id":text or null,"rows":N,"bytes":N,"modified":us}]. Caller owns. */
json_object *bq_table_partitions(const struct bq_table *table);

/** Name of the column by which @p table is partitioned; "" when by ingestion time; NULL when it is
 * not. */
const char *bq_table_partition_field(const struct bq_table *table);

/** A time of a specification: text, or milliseconds. Milliseconds; @p fallback when it is not there
 * or no time. */
int64_t bq_spec_ms(json_object *spec, const char *name, int64_t fallback);

/** Microseconds since 1970 now. */
int64_t bq_now_us(void);

#endif
