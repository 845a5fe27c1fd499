/* catalogue - reads what exists in BigQuery datasets or a PostgreSQL database: one query per
 * dataset or catalogue, never one per object. What belongs to an extension of PostgreSQL is left
 * out: the extension stands for it. Row counts of PostgreSQL's tables are counted no further than
 * the expectation needs, a hundred tables per query. Scheduler thread only. */
#ifndef DRIFT_DATA_CATALOGUE_H
#define DRIFT_DATA_CATALOGUE_H

#include "data/inventory.h"
#include "data/run.h"

/** @p inventory is taken by the callee; NULL with @p fault (borrowed). */
typedef void (*catalogue_done_fn)(void *data, struct inventory *inventory, struct fault *fault,
				  struct data_cost cost);

/** Read what [inventory NAME] is about. A dataset, schema or table that is not there is merely not
 * in the inventory. @p expected says which rows are to be counted, borrowed until @p done; NULL:
 * all tables', as far as whether there are any. @p done is not called after the run's end. */
void catalogue_read(struct errand *errand, const struct config_inventory *config,
		    const struct inventory *expected, catalogue_done_fn done, void *data);

#endif
