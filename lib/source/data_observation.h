/* data_observation - what the sources said about tables, completion documents, inventories,
 * assertions and backups. Plain data: built by lib/data/, read by evaluation, never edited
 * afterwards; everything is owned. Pure: any thread. */
#ifndef DRIFT_DATA_OBSERVATION_H
#define DRIFT_DATA_OBSERVATION_H

#include "base.h"
#include "config/config.h"

/** What a look at billed APIs cost, this target's share of it. */
struct data_cost {
	int64_t queries; /* that this target took part in; 0: the look was free */
	int64_t bytes_processed;
	int64_t bytes_billed;
};

/** A part of a partitioned table; ids are times. */
struct partition_obs {
	char *id;              /* "20261119", "2026111905", "202611", "2026" */
	int64_t start_wall_ms; /* what the id stands for, UTC */
	int64_t rows;
	int64_t modified_wall_ms; /* 0: not said */
};

enum partition_unit {
	PARTITION_UNIT_NONE = 0,
	PARTITION_UNIT_HOUR,
	PARTITION_UNIT_DAY,
	PARTITION_UNIT_MONTH,
	PARTITION_UNIT_YEAR,
};

/** Newest partitions kept: four weeks of days for volume, and some. */
#define TABLE_PARTITIONS_MAX 64

struct table_obs {
	bool found;               /* false: certainly not there */
	bool not_active;          /* active-when said false; nothing else was asked then */
	enum table_method method; /* that was used: METADATA also when the budget was spent */
	bool over_budget; /* it would have been another method, but the day's budget is spent */
	char *type;       /* "TABLE", "VIEW" …; NULL: not known */
	/* last load as the method sees it; 0: there is none (no rows, all NULL) */
	int64_t loaded_wall_ms;
	int64_t rows; /* under filter (column), of the table (metadata, partition); -1: not known */
	bool streaming;           /* rows are in the streaming buffer, which rows leaves out */
	enum partition_unit unit; /* partition method */
	/* struct partition_obs *, newest first, with the empty ones that are listed; empty for
	 * other methods */
	GPtrArray *partitions;
	struct data_cost cost;
};

/** One expected key of a completion document. */
struct completion_key {
	char *name;
	bool present;
	bool done;
	char *actual; /* value of the done field as text, bounded; NULL: none */
};

struct completion_obs {
	bool found;      /* the document is there */
	bool not_active; /* nothing else was asked then */
	char *document;  /* path that was read; NULL with not_active */
	char *date;      /* "2026-11-19"; NULL: the path has none */
	/* instant of the schedule that the document belongs to; 0: no schedule */
	int64_t due_wall_ms;
	char *mode; /* value of mode-field; NULL: none */
	/* struct completion_key *: those expected in that mode, in configured order */
	GPtrArray *keys;
	/* char *: keys that nobody expects, sorted, without those that begin with _; bounded */
	GPtrArray *others;
	int64_t updated_wall_ms; /* updateTime; 0: not found */
	struct data_cost cost;
};

enum inventory_change {
	INVENTORY_CHANGE_NONE = 0,
	INVENTORY_CHANGE_MISSING,
	INVENTORY_CHANGE_UNEXPECTED,
	INVENTORY_CHANGE_CHANGED,
};

/** "missing", "unexpected", "changed". */
const char *inventory_change_text(enum inventory_change change);

struct inventory_difference {
	enum inventory_change change;
	char *type;     /* "table", "column" … */
	char *object;   /* "analytics.orders.id" */
	char *expected; /* definition; NULL: unexpected */
	char *actual;   /* NULL: missing */
};

/** Differences kept; all are counted. */
#define INVENTORY_DIFFERENCES_MAX 500

struct inventory_obs {
	int64_t expected, found; /* objects, without the ignored ones */
	int64_t missing, unexpected, changed;
	GPtrArray *differences; /* struct inventory_difference *, in order of object */
	struct data_cost cost;
};

/** Rows of an assertion's answer that are kept, and where cells are cut. */
#define ASSERT_ROWS_MAX 20
#define ASSERT_COLUMNS_MAX 50
#define ASSERT_CELL_MAX_BYTES 200

struct assert_obs {
	bool not_active;
	int64_t rows; /* of the answer; -1: not counted */
	int64_t columns_total;
	char *value;        /* first cell, as text; NULL: SQL NULL, or no row */
	GPtrArray *columns; /* char *; empty with show-rows = false */
	/* char **, one per kept row, as long as columns, NULL for SQL NULL: free each with
	 * assert_obs_free() */
	GPtrArray *cells;
	struct data_cost cost;
};

struct backup_table {
	char *name;
	int64_t rows;
};

/** One folder whose name follows folder-format. */
struct backup_folder {
	char *name; /* without prefix */
	int64_t at_wall_ms;
	GPtrArray *missing; /* char *: expected files that are not there */
	GPtrArray *empty;   /* char *: expected files of size 0 */
	int64_t bytes;      /* of all its objects */
	bool metadata_read; /* metadata is configured, and was read for this folder (the two newest
			       complete ones) */
	char *metadata_error; /* why it could not be understood; NULL: it was */
	/* struct backup_table *, in the document's order; empty unless metadata_read */
	GPtrArray *tables;
};

/** Folders kept, newest first. */
#define BACKUP_FOLDERS_MAX 400

struct backup_obs {
	GPtrArray *folders; /* struct backup_folder *, newest first */
	int64_t folders_total;
	int64_t ignored; /* other folders under prefix, whose names do not follow the format */
	int64_t oldest_wall_ms; /* of all folders; 0: none */
};

struct table_obs *table_obs_create(void);
void table_obs_free(struct table_obs *table);
struct completion_obs *completion_obs_create(void);
void completion_obs_free(struct completion_obs *completion);
struct inventory_obs *inventory_obs_create(void);
void inventory_obs_free(struct inventory_obs *inventory);
struct assert_obs *assert_obs_create(void);
void assert_obs_free(struct assert_obs *assertion);
struct backup_obs *backup_obs_create(void);
void backup_obs_free(struct backup_obs *backup);
struct backup_folder *backup_folder_create(const char *name, int64_t at_wall_ms);
void backup_folder_free(struct backup_folder *folder);

#endif
