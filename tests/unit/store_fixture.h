/* store_fixture - a fresh folder with a fresh database for each test of the store, and a second
 * pair of eyes on it: SQL over a connection of its own. */
#ifndef DRIFT_TEST_STORE_FIXTURE_H
#define DRIFT_TEST_STORE_FIXTURE_H

#include "store/store.h"

struct store_fixture {
	char *dir;
	char *path;
	struct store *store; /* NULL: a test has closed it */
};

/** Checked fixtures: folder and open database; folder only; and the end of both. */
extern struct store_fixture fixture;
void store_fixture_setup(void);
void store_fixture_setup_empty(void);
void store_fixture_teardown(void);

/** Close and open again; fails the test when that fails. */
void store_fixture_reopen(void);

/** A database as it was with the first @p version migrations, with the rows that @p sql inserts; not
 * open. */
void store_fixture_make_old(int version, const char *sql);

/** How many rows were loaded; fails the test when NULL. @p rows: unreffed. */
guint store_fixture_count(GPtrArray *rows);

/** The first column of the first row of @p sql. */
int64_t store_fixture_number(const char *sql);
void store_fixture_exec(const char *sql);

/** Commit @p batch (taken), and say so if it fails. */
void store_fixture_commit(struct store_batch *batch);

/** A batch with nothing but a cycle that started at @p at_wall_ms. */
struct store_batch *store_fixture_batch(int64_t at_wall_ms);

/** Rows for @p batch; facts are "{}". */
struct store_verdict *store_fixture_verdict(struct store_batch *batch, const char *target);
struct store_transition *store_fixture_transition(struct store_batch *batch, const char *target,
						  int64_t at_wall_ms);
struct store_observation *store_fixture_observation(struct store_batch *batch, const char *target,
						    int64_t at_wall_ms);
struct store_deployment *store_fixture_deployment(struct store_batch *batch, const char *target,
						  int64_t at_wall_ms);
struct store_sample *store_fixture_sample(struct store_batch *batch, const char *target,
					  int64_t at_wall_ms);
/** Of 2026-11-20 and the section "default", all numbers 0. */
struct store_usage *store_fixture_usage(struct store_batch *batch, const char *target);
struct store_head *store_fixture_head(struct store_batch *batch, const char *repo,
				      int64_t at_wall_ms);

#endif
