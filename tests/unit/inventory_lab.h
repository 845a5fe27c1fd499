/* inventory_lab - one inventory target, looked at for the tests: a configuration made by hand, a
 * client, a pool, a run. */
#ifndef DRIFT_TESTS_INVENTORY_LAB_H
#define DRIFT_TESTS_INVENTORY_LAB_H

#include "config/config.h"
#include "data/run.h"

/** Configuration of one target. Fields may be changed between looks. */
struct inventory_lab {
	struct config config;
	struct config_gcp gcp;
	struct config_inventory
		inventory; /* inventory/x; expect_file in a folder of its own, not written yet */
	char *folder;
	struct budget *budget;
	struct observation *observation; /* of the newest look; freed with the lab */
};

void inventory_lab_init(struct inventory_lab *lab, enum config_data_source source);
void inventory_lab_done(struct inventory_lab *lab);

/** Write the expect-file. */
void inventory_lab_expect(const struct inventory_lab *lab, const char *text);
/** Write it from what is there, as driftd snapshot does; the text is the caller's. NULL: @p
 * error. */
char *inventory_lab_snapshot(struct inventory_lab *lab, GError **error);

/** One look, which may take so long. */
void inventory_lab_look(struct inventory_lab *lab, int64_t within_ms);
/** Look; it must fail with that class, and say @p part. */
void inventory_lab_look_fails(struct inventory_lab *lab, enum fault_class class, const char *part);
/** Look; "-table a.b" "+view c" "~column a.b.c: INT64 -> STRING", a line each, "" when there is
 * none. Caller frees. */
char *inventory_lab_look_differs(struct inventory_lab *lab);

#endif
