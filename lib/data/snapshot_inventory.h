/* snapshot_inventory - for driftd snapshot: writes the expect-file from what is there. Blocks; any
 * one thread, which makes everything it needs. */
#ifndef DRIFT_DATA_SNAPSHOT_INVENTORY_H
#define DRIFT_DATA_SNAPSHOT_INVENTORY_H

#include "base.h"
#include "config/config.h"

/** The text of the expect-file for @p inventory. Caller frees. DRIFT_ERROR_UNAVAILABLE, DENIED,
 * INVALID …: why it could not be read. */
MUST_CHECK char *snapshot_inventory(struct config *config, const struct config_inventory *inventory,
				    GError **error);

#endif
