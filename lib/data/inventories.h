/* inventories - the collector of inventories, and how a snapshot is taken with it: a target whose
 * expect_file is NULL has no expectation, and its inventory is handed over instead of being
 * compared. Scheduler thread only. */
#ifndef DRIFT_DATA_INVENTORIES_H
#define DRIFT_DATA_INVENTORIES_H

#include "data/inventory.h"
#include "data/run.h"

/** A target whose inventory is wanted itself. config.expect_file is NULL: no target of a
 * configuration is so. */
struct inventories_wish {
	struct config_inventory config; /* comes first: errands point to it */
	struct inventory **inventory;   /* where to put it; taken by who wished */
};

#endif
