/* catalogue_private - the SQL that catalogues are read with, and what its answers mean. Shared by
 * the files of the catalogue, and their tests. Scheduler thread only. */
#ifndef DRIFT_DATA_CATALOGUE_PRIVATE_H
#define DRIFT_DATA_CATALOGUE_PRIVATE_H

#include "data/catalogue.h"

/** Views that the query of one dataset names: each is billed for BIGQUERY_BYTES_MIN. */
#define CATALOGUE_BIGQUERY_VIEWS 5

void catalogue_read_bigquery(struct errand *errand, const struct config_inventory *config,
			     catalogue_done_fn done, void *data);
void catalogue_read_postgres(struct errand *errand, const struct config_inventory *config,
			     const struct inventory *expected, catalogue_done_fn done, void *data);

/** The query of one dataset; NULL when a name cannot be one. Caller frees. */
char *catalogue_bigquery_sql(const char *project, const char *dataset);

/** Add what @p result, the answer to it, says. @p name: of the dataset, as configured.
 * DRIFT_ERROR_INVALID (not the columns asked for), TOO_LARGE. */
MUST_CHECK bool catalogue_bigquery_decode(struct inventory *inventory, const char *name,
					  const struct bigquery_result *result, GError **error);

/** The statements of a database, NULL-terminated; @p schemas may be empty. Caller frees. */
char **catalogue_postgres_statements(char *const *schemas);

/** A table whose rows can be counted. */
struct catalogue_table {
	char *name;     /* quoted: for SQL and for the inventory */
	int64_t needed; /* count no further */
};

/** Tables counted by one statement: locks are held until its end. */
#define CATALOGUE_COUNT_TABLES 100

/**
 * Add what @p results, the answers to those statements, say. DRIFT_ERROR_INVALID, TOO_LARGE.
 *
 * @param expected    which rows are wanted; NULL: of all plain tables, whether there are any.
 * @param ret_tables  struct catalogue_table *, whose rows are wanted and can be counted; those that
 * cannot are in the
 *                    inventory as unknown. Caller unrefs. */
MUST_CHECK bool catalogue_postgres_decode(struct inventory *inventory, const GPtrArray *results,
					  const struct inventory *expected, GPtrArray **ret_tables,
					  GError **error);

/** The statement that counts @p count tables. Caller frees. */
char *catalogue_postgres_count(struct catalogue_table *const *tables, size_t count);

/** Add what @p result, the answer to it, says. DRIFT_ERROR_INVALID, TOO_LARGE. */
MUST_CHECK bool catalogue_postgres_take_counts(struct inventory *inventory,
					       struct catalogue_table *const *tables, size_t count,
					       const struct pg_result *result, GError **error);

#endif
