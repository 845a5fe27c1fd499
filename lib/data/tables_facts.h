/* tables_facts - what tables.get says, held against the configuration of a table. Pure: any
 * thread. */
#ifndef DRIFT_DATA_TABLES_FACTS_H
#define DRIFT_DATA_TABLES_FACTS_H

#include "base.h"
#include "config/config.h"
#include "google/bigquery.h"
#include "source/data_observation.h"
#include "source/fault.h"

/** What is kept of a table's metadata. */
struct table_facts {
	char *type;     /* "TABLE", "VIEW" … ; NULL: not said */
	char *location; /* NULL: not said */
	/* lastModifiedTime, or the oldest row of the streaming buffer when that is newer; 0: not
	 * said */
	int64_t loaded_wall_ms;
	int64_t rows; /* without the streaming buffer; -1: not said */
	bool streaming;
	enum partition_unit unit; /* NONE: not partitioned by time */
};

/** Caller frees. */
struct table_facts *table_facts_create(const struct bigquery_table *table);
/** NULL is fine. */
void table_facts_free(struct table_facts *facts);

/** Does tables.get tell when the data of a table of this type changed? Not of views and external
 * tables. */
bool table_facts_tell_loads(const char *type_or_null);

/** Why @p config cannot be checked on @p table: FAULT_BROKEN with advice, one reference; NULL: it
 * can, as far as metadata tells. */
struct fault *table_facts_check(const struct config_table *config,
				const struct bigquery_table *table);

/** Does the message of a FAULT_NOT_FOUND say that this very table is not there? Not when the
 * project, the dataset or something else is meant. */
bool table_facts_say_missing(const struct config_table *config, const char *message);

#endif
