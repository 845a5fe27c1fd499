/* schema - the SQL of schema/, embedded at build (build/gen/schema.c). Only lib/store/ includes
 * this. */
#ifndef DRIFT_SCHEMA_H
#define DRIFT_SCHEMA_H

#include "base.h"

/** schema/NNN_name.sql; applied in order, PRAGMA user_version becomes NNN. */
struct schema_migration {
	int version;
	const char *name;
	const char *sql;
};
extern const struct schema_migration schema_migrations[];
extern const size_t schema_migration_count;

/** The query "-- name: NAME" of schema/queries.sql; asserts that it exists. */
const char *schema_query(const char *name);

#endif
