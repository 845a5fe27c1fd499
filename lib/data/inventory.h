/* inventory - what exists as a list of objects, the expect-file it is written to and read from, and
 * how the two differ. An object is one line "TYPE NAME" or "TYPE NAME: DEFINITION"; types are
 * server, schema, dataset, owner, grant, extension, table, view, materialized_view, external_table,
 * column, partitioning, clustering, rows, routine, function, index, constraint … Lines are sorted
 * by name, in byte order, and what has the same name by type, the thing itself before what is said
 * of it. Lines that begin with '#' are comments. "rows NAME: > 0" is a condition on the row count
 * (= != < <= > >= and a number): a snapshot writes "> 0" for what has rows, and nothing for what is
 * empty. Names are parted by dots (and " to ", of grants) outside of quotes and parentheses. Pure:
 * any thread. */
#ifndef DRIFT_DATA_INVENTORY_H
#define DRIFT_DATA_INVENTORY_H

#include "base.h"
#include "source/data_observation.h"

/** Bounds of an expect-file and of what is listed. */
#define INVENTORY_FILE_MAX_BYTES ((size_t)32 * 1024 * 1024)
#define INVENTORY_OBJECTS_MAX 500000
/** Longer ones are cut, and end in a hash of the whole. */
#define INVENTORY_NAME_MAX_BYTES 1024
#define INVENTORY_DEFINITION_MAX_BYTES 2000

/** A row count that could not be had. */
#define INVENTORY_ROWS_UNKNOWN ((int64_t)-1)

/** A set of objects. */
struct inventory;

struct inventory *inventory_create(void);
void inventory_free(struct inventory *inventory);

/** @p type must be one of those that inventory_knows_type(). @p definition NULL or empty: none.
 * Control characters, newlines and backslashes are written as escapes, "\\n". One that is there
 * already with another definition gets the definitions joined, sorted. DRIFT_ERROR_TOO_LARGE: more
 * than INVENTORY_OBJECTS_MAX. */
MUST_CHECK bool inventory_add(struct inventory *inventory, const char *type, const char *name,
			      const char *definition, GError **error);

bool inventory_knows_type(const char *type);

/** Row count of a table, in actual inventories; INVENTORY_ROWS_UNKNOWN when it could not be had. @p
 * is_least: there may be more, counting ended there. */
MUST_CHECK bool inventory_add_rows(struct inventory *inventory, const char *name, int64_t rows,
				   bool is_least, GError **error);

/** How far the rows of @p name must be counted to judge them by @p expected; 0: nothing is expected
 * of them. */
int64_t inventory_rows_needed(const struct inventory *expected, const char *name);

/** Is there an object of that type and name, as it is or in double quotes (as PostgreSQL writes
 * unusual ones)? */
bool inventory_has_named(const struct inventory *inventory, const char *type, const char *name);

size_t inventory_size(const struct inventory *inventory);

/** Read an expect-file's bytes. DRIFT_ERROR_INVALID ("line N: …"), TOO_LARGE. Caller frees. */
MUST_CHECK struct inventory *inventory_parse(const char *bytes, size_t length, GError **error);

/** The expect-file for @p inventory: a head of comment lines naming @p target_id and how to renew
 * it, then its objects sorted, without those that @p ignores names. Caller frees. */
char *inventory_write(const struct inventory *inventory, const char *target_id,
		      char *const *ignores);

/** Fill counts and differences. An object is ignored, on both sides, when a pattern (globs: * and
 * ?) matches its name or the name of something it is part of (analytics.tmp_1 for column
 * analytics.tmp_1.id). @p report_unexpected false: nothing is unexpected. A table, view or routine
 * that is missing or unexpected stands for its columns and the rest of it. Rows are never
 * unexpected, and count as found where the expectation names them. */
void inventory_compare(const struct inventory *expected, const struct inventory *actual,
		       char *const *ignores, bool report_unexpected, struct inventory_obs *ret_obs);

/** Name of a table that @p expected has a condition on the rows of, and @p actual has, without
 * being able to tell them: then they cannot be compared. NULL: there is none. Borrowed from @p
 * expected. */
const char *inventory_find_uncounted(const struct inventory *expected,
				     const struct inventory *actual, char *const *ignores);

/** For g_autoptr(struct_inventory). */
typedef struct inventory struct_inventory;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(struct_inventory, inventory_free)

#endif
