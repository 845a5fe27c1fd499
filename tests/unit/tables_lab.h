/* tables_lab - a BigQuery of a few tables, which answers exactly the questions of tables_sql.c, and
 * runs of data targets against it. One per test process. */
#ifndef TESTS_TABLES_LAB_H
#define TESTS_TABLES_LAB_H

#include <check.h>

#include "data/run.h"
#include "tests/unit/web_fixture.h"

/** A wait that is only ever used up when something is broken. */
#define TLAB_PATIENCE_MS (20 * MS_PER_S)

/** 2026-11-20T11:00:00Z */
#define TLAB_LOADED_MS ((int64_t)1795172400000)

#define MB ((int64_t)1000 * 1000)

/** A run that ends by itself. */
#define LONG_MS (15 * MS_PER_S)

/** An error as Google says it. */
#define SAYS(code, reason, text)                                                                   \
	"{\"error\":{\"code\":" code ",\"message\":\"" text "\",\"errors\":[{\"message\":\"" text  \
	"\",\"domain\":\"global\",\"reason\":\"" reason "\"}]}}"

/** A table as the lab's BigQuery has it. Texts are constants. */
struct tlab_table {
	const char *dataset;
	const char *name;
	const char *type; /* NULL: "TABLE" */
	const char *more; /* further members of its metadata, with a comma before; NULL: none */
	int get_status;   /* of tables.get; 0: 200 */
	const char *get_answer; /* with get_status */
	bool get_hangs;
	const char *check_reason; /* its dry runs fail so; NULL: they do not */
	/* its queries fail so, and every query that names it; NULL: they do not */
	const char *query_reason;
	const char *reason_text; /* what is said with either */
	const char *statement;   /* of its dry run; NULL: "SELECT" */
	int64_t bytes;           /* that its query reads */
	int64_t loaded_us;       /* -1: NULL */
	int64_t rows;
	const char *answer_row; /* cells instead of those: "\"1\",\"x\""; NULL */
	const char *partitions; /* lines "ID|ROWS|MODIFIED_US" */
};

#define TLAB_TABLES_MAX 64

struct tlab {
	struct web *web;
	struct http_client *client;
	struct pg_pool *postgres;
	struct budget *budget;
	struct data_memory memory;
	struct config *config; /* made by hand */
	struct config_gcp gcp;
	GPtrArray *access;
	struct data_run *run;    /* under way; NULL: none */
	GPtrArray *observations; /* of the last run */
	/* set before a run, read by the server's threads */
	struct tlab_table tables[TLAB_TABLES_MAX];
	size_t table_count;
	guint members_max;        /* larger combinations are too much; 0: none is */
	int query_status;         /* every query fails so; 0: it does not */
	const char *query_answer; /* with query_status; NULL: it hangs */
	pthread_mutex_t lock;     /* of: */
	GPtrArray *queries; /* char *: bodies of queries that were not dry, in order of arrival */
	int64_t billed;     /* by all of them */
};

extern struct tlab *tlab;

void tlab_open(void);
void tlab_close(void);

/** A table of acme.sales with 5 rows, loaded at TLAB_LOADED_MS, 1 MB to read. */
struct tlab_table *tlab_add(const char *name);
/** [table NAME] about acme.sales.NAME, method column, unless it is changed. */
struct config_table *tlab_watch(const char *name, enum table_method method);
/** Something else than what it was. */
void tlab_set(char **member, const char *text);

/** One run of all that is watched, within @p deadline_ms. */
void tlab_run(int64_t deadline_ms);
/** Its halves. */
void tlab_start(int64_t deadline_ms);
void tlab_wait(void);

/** What came of [table NAME]; the test fails when it is not of that kind. */
const struct table_obs *tlab_found(const char *name);
const struct fault *tlab_fault(const char *name);

/** It has a fault of @p class with @p words in its message. */
void tlab_expect_fault(const char *name, enum fault_class class, const char *words);
/** It is as tlab_add() made it. */
void tlab_expect_loaded(const char *name);

/** How many of each since the lab was opened. */
int tlab_gets(void);
int tlab_dry_runs(void);
int tlab_queries(void);
/** SQL of a query by its order of arrival. Borrowed. */
const char *tlab_query(guint index);

/** Tables t0 to t7, method column; all but t@p broken (-1: all) have their verdict. */
#define EIGHT 8
void tlab_watch_eight(void);
void tlab_expect_eight_but(int broken);

#endif
