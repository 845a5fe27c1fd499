/* pg_answer - what libpq received, copied into a pg_result. Private to lib/postgres/. Any thread,
 * one at a time. */
#ifndef DRIFT_POSTGRES_PG_ANSWER_H
#define DRIFT_POSTGRES_PG_ANSWER_H

#include "postgres/pg.h"

#ifdef HAVE_LIBPQ

#include <libpq-fe.h>

struct pg_result *pg_answer_create(void);
/** A GDestroyNotify. */
void pg_answer_free(gpointer data);

/** Names of the columns; once per answer. */
void pg_answer_take_columns(struct pg_result *answer, const PGresult *result);

/** Add a row, made UTF-8. Returns the bytes it takes. */
size_t pg_answer_take_row(struct pg_result *answer, const PGresult *result, int row);

/** The number in "MOVE 17"; 0: there is none. */
int64_t pg_answer_count(const PGresult *result);

#endif

#endif
