/* tables - one collection of tables under way, and what is remembered of them between collections.
 * Shared by lib/data/tables*.c only: the others know tables_collect() and tables_memory_free() of
 * data/run.h. Scheduler thread only.
 *
 * The way of a table: is its check still good (tables_memory.c)? If not: tables.get, and for method
 * column a dry run of its query (tables_read.c). Then active-when (tables.c). Then metadata settles
 * from tables.get; column and partition wait at a gate for the others of their dataset
 * (tables_gate.c), and are asked together (tables_columns.c, tables_partitions.c). */
#ifndef DRIFT_DATA_TABLES_H
#define DRIFT_DATA_TABLES_H

#include "base.h"
#include "data/run.h"
#include "data/tables_facts.h"
#include "data/tables_sql.h"

/** A check that went well is good for so long. */
#define TABLES_CHECK_EVERY_MS MS_PER_DAY

/** What is remembered of one table. */
struct table_memo {
	char *digest; /* of all of its configuration that was checked */
	bool checked; /* the check went well, at: */
	int64_t checked_mono_ms;
	bool is_suspect;        /* its query broke: asked alone until that works */
	int64_t estimate_bytes; /* of its query, by the dry run; at least what is billed */
	int64_t tables;         /* that its query names, at least 1 */
	char *type;             /* "TABLE" …; NULL: not known */
	char *location;         /* NULL: not known */
	enum partition_unit unit;
};

struct tables;

struct tables_memory {
	GHashTable *memos; /* target id to struct table_memo * */
	guint members_max; /* members that a combined query works with */
	/* the collection under way, which must know when this is freed; NULL: none */
	struct tables *current;
};

/** What a look at a table is about to learn from tables.get. */
enum look_step {
	LOOK_STEP_NONE = 0,
	LOOK_STEP_CHECK,    /* is the configuration right? */
	LOOK_STEP_METADATA, /* when was it loaded? */
	LOOK_STEP_AGAIN,    /* a query said that it is not there */
};

/** One errand. */
struct look {
	struct tables *tables;
	struct errand *errand;
	const struct config_table *config;
	struct table_memo *memo;               /* of the memory */
	const char *name;                      /* "acme.sales.orders"; of the run */
	char *table_sql;                       /* "`acme.sales.orders`"; NULL: cannot be quoted */
	char *column_sql;                      /* method column; NULL: cannot be quoted */
	char *name_sql;                        /* "'orders'" */
	struct tables_member member;           /* method column */
	struct tables_partitioned partitioned; /* method partition */
	struct gate *gate;                     /* where it is awaited; NULL: no longer */
	enum look_step step;
	struct table_facts
		*facts;        /* of tables.get in this collection; NULL: it was not needed yet */
	struct fault *fault;   /* what the check or the query said; told when in season */
	bool is_missing;       /* tables.get said so */
	bool over_budget;      /* metadata stands in for the query */
	struct data_cost cost; /* of active-when */
};

/** Tables of one dataset that are asked together once all are ready. */
struct gate {
	struct tables *tables;
	GPtrArray *ready; /* struct look * */
	int awaited;      /* that are neither ready nor settled yet */
};

/** A tables.get under way, for all who need it. */
struct reading;

struct tables {
	struct data_run *run;
	struct tables_memory *memory; /* NULL: it is gone, and so is the run's input */
	GPtrArray *looks;             /* struct look * */
	GHashTable *gates;            /* key to struct gate * */
	GHashTable *readings;         /* "GCP\nURL" to struct reading * */
	int awaited;                  /* at all gates */
	struct http_timer *timer;     /* of the gates; NULL: not running */
};

/* tables_memory.c */

struct tables_memory *tables_memory_create(void);
/** Found or made; empty when its configuration is another than before. Borrowed. */
struct table_memo *tables_memory_find(struct tables_memory *memory,
				      const struct config_table *config);
/** Forget tables that @p config does not have, once they are many. */
void tables_memory_sweep(struct tables_memory *memory, const struct config *config);
bool table_memo_is_fresh(const struct table_memo *memo, int64_t now_mono_ms);
/** Its check went well. */
void table_memo_pass(struct table_memo *memo, const struct table_facts *facts, int64_t now_mono_ms);
/** It must be checked again. */
void table_memo_doubt(struct table_memo *memo);

/* tables.c */

/** Settle it; the gate need not wait for it. */
void look_fail(struct look *look, struct fault *fault);
/** The same with a fault of its own. */
void look_fail_with(struct look *look, enum fault_class class, const char *format, ...)
	PRINTF_LIKE(3, 4);
/** @p table is taken; type and cost are added to it. */
void look_settle(struct look *look, struct table_obs *table);
/** tables.get says that it is not there. */
void look_settle_missing(struct look *look);
/** Settle it from what tables.get said. */
void look_settle_metadata(struct look *look);
/** It was checked, with look.fault or look.is_missing when that went wrong. */
void look_go_on(struct look *look);
/** What one look may bill. */
int64_t look_cap_bytes(const struct look *look);
/** What @p looks may bill together. */
int64_t tables_sum_caps(const GPtrArray *looks);
/** Look for the metadata instead: the budget does not allow a query, @p why says why. */
void look_fall_back(struct look *look, const char *why);

/* tables_read.c */

/** Ask tables.get, and go on as @p step wants. */
void look_read(struct look *look, enum look_step step);
void reading_free(struct reading *reading);

/* tables_gate.c */

void look_join_gate(struct look *look);
/** It waits there with what it needs. */
void look_enter_gate(struct look *look);
/** It is settled, and needs no query. */
void look_leave_gate(struct look *look);
/** Everybody is on the way: who is late after a while is not waited for. */
void tables_start_gates(struct tables *tables);
void gate_free(struct gate *gate);

/* tables_columns.c, tables_partitions.c: @p looks are of one gate and location; the array is
 * theirs. */

void tables_ask_columns(struct tables *tables, GPtrArray *looks);
void tables_ask_partitions(struct tables *tables, GPtrArray *looks);

/* tables_cost.c */

/** Bytes held for a query until its end. */
struct tables_held {
	const struct config_gcp *gcp;
	int64_t bytes; /* 0: nothing is held */
	int64_t until_wall_ms;
};

/** Hold them for as long as the run may last. */
struct tables_held tables_hold(struct tables *tables, const struct config_gcp *gcp, int64_t bytes);
void tables_release(struct tables *tables, struct tables_held *held);
/** Charge what @p result cost to @p looks, each its share by the estimate of its query, or (@p
 * is_even) the same. */
void tables_charge(struct tables *tables, const GPtrArray *looks, bool is_even,
		   const struct bigquery_result *result);
/** "look at acme.sales.orders and 11 more": lives as long as the run; also what they wait for from
 * now on. */
const char *tables_name_query(struct tables *tables, const GPtrArray *looks, const char *verb);
/** By priority, which the rest of a budget goes by, then by id: the same question in every
 * cycle. */
void tables_sort(GPtrArray *looks);

#endif
