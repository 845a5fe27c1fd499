/* tables_lab - what the tests of tables share: a world without a repository, tables with one column that says when a row
 * was loaded, and what the stand-in BigQuery was asked. */
#ifndef TESTS_TABLES_LAB_H
#define TESTS_TABLES_LAB_H

#include "tests/integration/harness.h"

/** What a query that reads a small table is billed. */
#define TEN_MIB ((int64_t)10 * 1024 * 1024)

/** Schema of most tables here. */
#define LOADED_SCHEMA "\"schema\":[{\"name\":\"loaded_at\",\"type\":\"TIMESTAMP\"}]"

/** Lines of a section that asks for that column. */
#define BY_COLUMN "method = column\nloaded-at-field = loaded_at\n"

/** Configuration to start from: as world_base_config(), without the repository, and with time enough for many calls. */
GString *lab_config(struct world *world, const char *driftd_lines);

/** A section; @p lines follow the header. */
void lab_add(GString *config, const char *name, const char *lines);

/** One row, loaded at @p loaded ("now-1h"), which is when it was changed, too. */
void lab_put(const struct world *world, const char *name, const char *loaded);

/** Write the configuration, start, and wait for a whole cycle. */
void lab_begin(struct world *world, const GString *config);

/** Write the configuration, tell driftd, and wait until it has taken it. */
void lab_reload(const struct world *world, const GString *config);

/** POST /check?force=1: billed queries, too. */
void lab_force(const struct world *world);

/** Fails when a query, or a dry run, was not asked as every one must be: standard SQL, labelled, capped, reading only, and
 * over. */
void lab_expect_good_manners(const struct world *world);

/** What one target shows: a number below its detail, -1: it is not there. */
int64_t lab_fresh_number(const struct world *world, const char *id, const char *name);
/** The same of a text; "" when it is not there. Caller frees. */
char *lab_fresh_text(const struct world *world, const char *id, const char *name);

/** Fails unless target @p id says @p part somewhere in its reasons and details. */
void lab_expect_said(const struct world *world, const char *id, const char *part);

/** The value of a line of /metrics that begins with @p line ("driftd_x{target=\"table/a\""); -1: there is none. */
int64_t lab_metric(const struct world *world, const char *line);

/** A clock of driftd's own, and credentials that do not care for it; call before lab_config() is changed. False, and says
 * so, where this machine cannot. */
bool lab_take_clock(struct world *world, GString *config);
/** "2026-11-20T12:00:00Z": from now on it is that late. */
void lab_set_time(const struct world *world, const char *time);

#endif
