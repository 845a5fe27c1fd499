/* sql_text - what can be told of SQL without running it: where a statement ends, and whether quotes
 * and parentheses are closed. Pure: any thread. */
#ifndef DRIFT_CONFIG_SQL_TEXT_H
#define DRIFT_CONFIG_SQL_TEXT_H

#include "base.h"

/** Quotes and comments differ.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical
 * https://www.postgresql.org/docs/15/sql-syntax-lexical.html */
enum sql_dialect {
	SQL_DIALECT_NONE = 0,
	SQL_DIALECT_BIGQUERY,
	SQL_DIALECT_POSTGRESQL,
};

enum sql_form {
	SQL_FORM_NONE = 0,
	SQL_FORM_CONDITION, /* can stand in parentheses behind WHERE */
	SQL_FORM_SELECT,    /* one SELECT, in one line */
	SQL_FORM_STATEMENT, /* one statement */
};

/**
 * Is @p text of @p form, as far as can be seen?
 *
 * @param ret_length  bytes up to the ';' that ends the statement, or up to the end, without white
 * space there.
 * @param error       DRIFT_ERROR_INVALID.
 */
MUST_CHECK bool sql_check(const char *text, enum sql_dialect dialect, enum sql_form form,
			  size_t *ret_length, GError **error);

#endif
