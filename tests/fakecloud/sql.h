/* sql - GoogleSQL as the stand-in understands it: a query is read by the grammar and the types of
 * GoogleSQL and written anew for SQLite, which runs it. What is not in the lists of sql_query.c,
 * sql_expr.c and sql_call.c is refused as an invalidQuery with a message in BigQuery's words, and
 * so is what BigQuery would refuse: unknown columns, types that do not fit, columns neither grouped
 * nor aggregated, a missing partition filter. Under the cloud's lock. */
#ifndef FAKECLOUD_SQL_H
#define FAKECLOUD_SQL_H

#include "tests/fakecloud/bq.h"

struct sql_context {
	const struct bq *bq;
	const char *project;         /* where the query runs */
	const char *default_dataset; /* "D" or "P.D"; NULL: none */
	const char *location;        /* NULL: that of the first dataset */
	json_object *parameters;     /* queryParameters, or NULL */
	int64_t now_us;
};

/** Rows for a table of SQLite. */
struct sql_input {
	char *name;
	const GPtrArray *fields; /* struct bq_field * */
	json_object *rows;       /* array of arrays in normal form; owned */
};

struct sql_plan {
	const char *statement_type; /* "SELECT" */
	char *sqlite;               /* what SQLite runs; NULL: nothing */
	GPtrArray *columns;         /* struct bq_field * */
	GPtrArray *inputs;          /* struct sql_input * */
	GPtrArray *tables;          /* const struct bq_table *, each once */
	GPtrArray *views; /* char *: "P:D.INFORMATION_SCHEMA.TABLES" and the like, each once */
	char *location;   /* NULL: nothing says one */
	int status;       /* 0: good; else of the error: reason and message are set */
	char *reason, *message;
	GPtrArray *texts;  /* char *: live as long as the plan */
	GPtrArray *fields; /* struct bq_field *: likewise */
};

struct sql_plan *sql_plan_create(const struct sql_context *context, const char *text);
void sql_plan_free(struct sql_plan *plan);

/** Bytes that a run reads, and that are billed for it. */
int64_t sql_plan_processed(const struct sql_plan *plan);
int64_t sql_plan_billed(const struct sql_plan *plan);

/** Run it. The rows, an array of arrays in normal form (caller owns); NULL: the plan's error says
 * why. */
json_object *sql_run(struct sql_plan *plan);

#endif
