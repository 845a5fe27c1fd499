/* asserts_lab - runs of assertions against a server that plays BigQuery (bigquery_world.h), and
 * PostgreSQL. */
#ifndef TESTS_ASSERTS_LAB_H
#define TESTS_ASSERTS_LAB_H

#include "data/run.h"
#include "tests/unit/bigquery_world.h"

#include <check.h>

#define ASSERTS_LAB_MAX 4

struct asserts_lab {
	struct pg_pool *postgres; /* NULL: nobody asks one */
	struct config config;
	GPtrArray *access;
	struct budget *budget;
	struct data_memory memory;
	int64_t deadline_ms; /* of a run */
	int64_t step_ms;     /* the clock goes on so much at each round */
	/* "assert/a0" …, on BigQuery, rows = 0, until changed; texts are constants */
	struct config_assert asserts[ASSERTS_LAB_MAX];
	struct data_run *run;    /* the one under way; NULL: none */
	GPtrArray *observations; /* of the last run, in their order */
};

extern struct asserts_lab asserts_lab;

void asserts_lab_open(void);
void asserts_lab_close(void);

/** Look at the first @p count of them and wait for the end. */
void asserts_lab_run(guint count);
/** Its halves. */
void asserts_lab_start(guint count);
void asserts_lab_wait(guint count);

/** What came of one; the test fails when it is not of that kind. */
const struct assert_obs *asserts_lab_seen(guint index);
const struct fault *asserts_lab_fault(guint index, enum fault_class class, const char *part);

/** Bytes billed today, all of them. */
int64_t asserts_lab_spent(void);

#endif
