/* active - active-when: is a target in season? Equal questions of one run are asked once. Scheduler
 * thread only. */
#ifndef DRIFT_DATA_ACTIVE_H
#define DRIFT_DATA_ACTIVE_H

#include "data/run.h"

/** @p active means something when @p fault (borrowed) is NULL. FAULT_BROKEN when the answer is not
 * one boolean, or NULL.
 * @p cost is this asker's share: the first asker bears it all. */
typedef void (*active_done_fn)(void *data, bool active, struct fault *fault, struct data_cost cost);

/** Ask BigQuery @p sql for @p errand. @p done is not called after the run's end, nor before this
 * returns, except where an equal question of this run has its answer already. Statements other than
 * SELECT are refused, and what may be billed for more than max-bytes-billed of the target, or
 * CONFIG_MAX_BYTES_BILLED without it. The budget is asked before, and charged after:
 * FAULT_OVER_BUDGET when it is spent. */
void active_ask_bigquery(struct errand *errand, const struct config_gcp *gcp, const char *project,
			 const char *location, const char *sql, active_done_fn done, void *data);
/** The same of PostgreSQL, free of charge. */
void active_ask_postgres(struct errand *errand, const char *dsn, const char *sql,
			 active_done_fn done, void *data);

#endif
